"""Cells whose letters need shaping: WeasyPrint lays them out, and the table layout puts their lines into its pages.

Arabic, Hebrew and Chinese, emoji and combining marks cannot be set one letter after the other as plain letters are.
Each cell that holds any of them is laid out as a paragraph as wide as its column. Its lines are taken out of the
resulting PDF, with their fonts, and put into the page that is set directly. So one Arabic name makes only its own cell
slower.
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
"""Points in a CSS pixel, the unit in which WeasyPrint draws."""

SLICE = 400
"""How many cells are laid out together on one sheet."""

_STYLE = (
    "@page{size:420mm 297mm;margin:0}body,p{margin:0;padding:0}"
    "p{font-family:'Noto Sans';line-height:var(--table-line);break-inside:avoid;hyphens:manual}"
)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A cell to be laid out; ``width``, ``size`` (of the font) and ``spacing`` (between letters) are in points.

    ``align`` is a value of the CSS property ``text-align``. A cell that does not wrap keeps its own lines.
    """

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
    """A shaped line: its distance from the left end of its cell in points, and the operators that draw its glyphs."""

    left: float
    glyphs: bytes

    def draw(self, x: float, y: float) -> bytes:
        """The operators that draw the line in a cell that begins at ``x``, with its baseline at ``y`` (points)."""
        return b"%.2f 0 0 %.2f %.2f %.2f Tm\n%s\n" % (PX, PX, x + self.left, y, self.glyphs)


@dataclass(frozen=True, slots=True)
class Shaped:
    """The lines of a shaped cell, and the number of the sheet that has their fonts."""

    lines: tuple[Line, ...]
    sheet: int


class Shaper:
    """Shapes cells and remembers them.

    ``lay_out`` turns HTML pages into PDFs, in the same order. ``shaper[cell]`` gives the lines of a prepared cell.
    """

    def __init__(self, language: str, lay_out: Callable[[Sequence[str]], Sequence[bytes]]) -> None:
        self.language = language
        self._lay_out = lay_out
        self._sheets: list[bytes] = []
        self._known: dict[Paragraph, Shaped] = {}

    def __getitem__(self, wanted: Paragraph) -> Shaped:
        return self._known[wanted]

    def prepare(self, wanted: Iterable[Paragraph]) -> None:
        """Shape these cells; those not known yet are laid out together."""
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
        """The fonts of these sheets, copied into the PDF ``out``, by the names that the lines use.

        The sheets stay open in ``opened``, since ``out`` reads from them when it is saved.
        """
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
    """The lines of each paragraph of sheet ``number``, in their order."""
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
    """The lines drawn on a page, by the number of the marked content (MCID) they belong to."""
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
