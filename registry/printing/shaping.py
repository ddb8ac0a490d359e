"""Cells whose letters need shaping: laid out by WeasyPrint, drawn where the table layout wants them.

Arabic and Hebrew, Chinese, emoji and combining marks are not set letter after letter as plain ones are. Each cell that
holds any of them is laid out as a paragraph of its column's width; its lines are taken out of the PDF, with their
fonts, and put into the page that is set directly. So one Arabic name costs its own cell and nothing else.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from html import escape
from typing import Any

from registry.printing import dimensions

PX = 0.75
"""Points in a pixel of CSS, in which WeasyPrint draws."""

SLICE = 400
"""Cells laid out together."""

_STYLE = (
    "@page{size:420mm 297mm;margin:0}body,p{margin:0;padding:0}"
    "p{font-family:'Noto Sans';line-height:var(--table-line);break-inside:avoid;hyphens:manual}"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A cell as it is to be laid out: width, size and the space between letters in points; one that does not wrap
    keeps its own lines."""

    text: str
    width: float
    size: float
    bold: bool = False
    align: str = "left"
    wraps: bool = True
    spacing: float = 0

    @property
    def html(self) -> str:
        style = f"width:{self.width:.3f}pt;font-size:{self.size}pt;text-align:{self.align};"
        style += f"white-space:{'pre-line;overflow-wrap:anywhere' if self.wraps else 'pre'};"
        style += "font-weight:bold;" if self.bold else ""
        style += f"letter-spacing:{self.spacing}pt;" if self.spacing else ""
        return f'<p style="{style}">{escape(self.text)}</p>'


@dataclass(frozen=True, slots=True)
class Line:
    """A shaped line: its left end in points from that of its cell, and how its glyphs are drawn."""

    left: float
    glyphs: bytes

    def draw(self, x: float, y: float) -> bytes:
        """The line with the cell's left end at ``x`` and its letters standing on ``y``."""
        return b"%.2f 0 0 %.2f %.2f %.2f Tm\n%s\n" % (PX, PX, x + self.left, y, self.glyphs)


@dataclass(frozen=True, slots=True)
class Shaped:
    """The lines of a cell, and the number of the sheet that has their fonts."""

    lines: tuple[Line, ...]
    sheet: int


class Shaper:
    """Shapes cells and remembers them; ``lay_out`` makes PDFs of HTML pages."""

    def __init__(self, language: str, lay_out: Callable[[Sequence[str]], Sequence[bytes]]) -> None:
        self.language = language
        self._lay_out = lay_out
        self._sheets: list[bytes] = []
        self._known: dict[Paragraph, Shaped] = {}

    def __getitem__(self, wanted: Paragraph) -> Shaped:
        return self._known[wanted]

    def prepare(self, wanted: Iterable[Paragraph]) -> None:
        """Shape these cells, all that are not known yet at once."""
        new = [cell for cell in dict.fromkeys(wanted) if cell not in self._known]
        slices = [new[start : start + SLICE] for start in range(0, len(new), SLICE)]
        for cells, content in zip(slices, self._lay_out([self._page(cells) for cells in slices]), strict=True):
            number = len(self._sheets)
            self._sheets.append(content)
            self._known |= {
                cell: Shaped(lines, number) for cell, lines in zip(cells, _lines(content, number), strict=True)
            }

    def _page(self, cells: Sequence[Paragraph]) -> str:
        paragraphs = "".join(cell.html for cell in cells)
        return (
            f'<!DOCTYPE html><html lang="{self.language}"><head><meta charset="utf-8"><title>cells</title>'
            f"<style>{dimensions.fill_in(_STYLE)}</style></head><body>{paragraphs}</body></html>"
        )

    def fonts(self, out: Any, sheets: Iterable[int], opened: ExitStack) -> dict[str, Any]:
        """The fonts of sheets, copied into ``out``, by the names the lines call them; ``opened`` until it is saved."""
        import pikepdf

        found = {}
        for number in sorted(sheets):
            sheet = opened.enter_context(pikepdf.open(io.BytesIO(self._sheets[number])))
            for page in sheet.pages:
                for name, font in page.obj.Resources.Font.items():
                    found.setdefault(_name(number, name), font)
        return {name: out.copy_foreign(font) for name, font in found.items()}


def _name(sheet: int, font: str) -> str:
    return f"/Shaped{sheet}{font.removeprefix('/')}"


def _lines(content: bytes, number: int) -> list[tuple[Line, ...]]:
    """The lines of each paragraph of a sheet, in their order."""
    import pikepdf

    with pikepdf.open(io.BytesIO(content)) as sheet:
        drawn = {page.obj.objgen: _drawn(page, number) for page in sheet.pages}
        found = []
        for element in sheet.Root.StructTreeRoot.K[0].K:
            lines: list[Line] = []
            for kid in element.K:
                if isinstance(kid, pikepdf.Dictionary):
                    lines += drawn[kid.Pg.objgen][int(kid.MCID)]
                else:
                    lines += drawn[element.Pg.objgen][int(kid)]
            found.append(tuple(lines))
        return found


def _drawn(page: Any, number: int) -> dict[int, list[Line]]:
    """What is drawn on a page, by the number of the marked content it belongs to."""
    import pikepdf

    found: dict[int, list[Line]] = {}
    mark, left = -1, 0.0
    glyphs: list[Any] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "BDC":
            mark = int(operands[1].MCID)
        elif name == "BT":
            glyphs = []
        elif name == "Tm":
            left = float(operands[4]) * PX
        elif name == "ET":
            found.setdefault(mark, []).append(Line(left, pikepdf.unparse_content_stream(glyphs)))
        elif name == "Tf":
            glyphs.append(([pikepdf.Name(_name(number, str(operands[0]))), operands[1]], operator))
        elif name in ("TJ", "Tj", "Ts", "Tc", "Tw", "Tz"):
            glyphs.append((operands, operator))
    return found
