"""The dimensions of papers: lengths, font sizes, ruled lines and colours, in one place for both layout engines.

One engine is WeasyPrint: it reads the style sheet ``templates/papers/paper.css``, where ``var(--table-pad-x)`` stands
for ``PAPER.table.pad_x``. The other is :mod:`registry.printing.table_layout`, which sets long tables directly; it and
the stamps read this module. So a table looks the same whichever engine lays it out. A change here changes what papers
look like: raise ``LOOK`` (:mod:`registry.printing.rendering`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Any, ClassVar

MM = 72 / 25.4
"""Points in a millimetre."""


@dataclass(frozen=True, slots=True)
class Length:
    """A length with its unit: millimetres for positions and distances, points for font sizes and ruled lines."""

    value: float
    unit: ClassVar[str]

    @property
    def points(self) -> float:
        return self.value * (MM if self.unit == "mm" else 1)

    @property
    def mm(self) -> float:
        return self.points / MM

    def __str__(self) -> str:
        """As CSS writes it."""
        return f"{self.value:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Mm(Length):
    unit: ClassVar[str] = "mm"


@dataclass(frozen=True, slots=True)
class Pt(Length):
    unit: ClassVar[str] = "pt"


@dataclass(frozen=True, slots=True)
class Grey:
    """A shade of grey from 0 (black) to 1 (white). Papers use no colours, so that any printer prints them alike."""

    level: float

    def __str__(self) -> str:
        """As CSS writes it."""
        return "#" + f"{round(self.level * 255):02x}" * 3


@dataclass(frozen=True, slots=True)
class Sheet:
    """An A4 sheet, upright, with its margins.

    The first page keeps more room at its foot: the address for checking and the head of the journal stand there.
    """

    width: Length = Mm(210)
    height: Length = Mm(297)
    top: Length = Mm(20)
    right: Length = Mm(10)
    bottom: Length = Mm(20)
    left: Length = Mm(25)
    first_bottom: Length = Mm(28)

    def size(self, *, landscape: bool) -> tuple[float, float]:
        """Width and height in millimetres."""
        return (self.height.mm, self.width.mm) if landscape else (self.width.mm, self.height.mm)

    def text_width(self, *, landscape: bool) -> float:
        """Millimetres between the margins."""
        return self.size(landscape=landscape)[0] - self.left.mm - self.right.mm


@dataclass(frozen=True, slots=True)
class Letters:
    """Body text: font size, line height as a multiple of the font size, and colour."""

    size: Length = Pt(9)
    line: float = 1.3
    ink: Grey = Grey(0)


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of the first page: QR code, requisites of the company beside it, approval, date and number.

    So that long requisites fit, they are set in one of three sizes: the usual one (``name``, ``text``), the small one
    (``small_name``, ``small_text``) or ``least`` (:attr:`registry.printing.layout.Paper.company_size`). The baseline of
    the stamped date and number lies ``registration_base`` below the requisites.
    """

    height: Length = Mm(34)
    qr: Length = Mm(30)
    company_left: Length = Mm(34)
    company: Length = Mm(76)
    company_wide: Length = Mm(120)
    name: Length = Pt(9)
    text: Length = Pt(8)
    label: Length = Pt(7)
    small_name: Length = Pt(7.5)
    small_text: Length = Pt(7)
    least: Length = Pt(5.5)
    registration: Length = Mm(7)
    registration_base: Length = Mm(4.6)


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables: font sizes of cells, headings and the row of column numbers, line heights, paddings and ruled lines.

    Line heights are multiples of the font size. A table with more columns than ``most_columns`` is dense: it is set in
    smaller letters. ``code_spacing`` is the space between the letters of codes.
    """

    size: Length = Pt(8)
    head_size: Length = Pt(7.5)
    dense_size: Length = Pt(7.5)
    dense_head_size: Length = Pt(7)
    number_size: Length = Pt(7)
    line: float = 1.22
    head_line: float = 1.15
    pad_x: Length = Mm(0.9)
    pad_y: Length = Mm(0.6)
    number_pad: Length = Mm(0.1)
    rule: Length = Pt(0.5)
    rule_ink: Grey = Grey(0)
    code_spacing: Length = Pt(0.7)
    most_columns: int = 9

    def is_dense(self, columns: int) -> bool:
        return columns > self.most_columns

    def sizes(self, columns: int) -> tuple[float, float]:
        """The font sizes of cells and of the heading, in points, in a table with this many columns."""
        found = (self.dense_size, self.dense_head_size) if self.is_dense(columns) else (self.size, self.head_size)
        return found[0].points, found[1].points


@dataclass(frozen=True, slots=True)
class Stamps:
    """Sizes of what is stamped onto finished pages.

    A ``base`` is the height above the sheet's lower edge: of a text's baseline, or of a ruled line's lower side.
    """

    registration_size: Length = Pt(9.5)
    check_size: Length = Pt(6.5)
    check_base: Length = Mm(18.2)
    journal_base: Length = Mm(15.2)
    foot_rule_base: Length = Mm(13)
    foot_rule: Length = Mm(0.14)
    foot_size: Length = Pt(7.5)
    foot_base: Length = Mm(9.8)
    demo_size: Length = Pt(8)
    draft_size: Length = Pt(90)
    draft_ink: Grey = Grey(0.86)


@dataclass(frozen=True, slots=True)
class Paper:
    """Everything both engines and the stamps must agree on."""

    sheet: Sheet = Sheet()
    letters: Letters = Letters()
    head: Head = Head()
    table: Tables = Tables()
    stamps: Stamps = Stamps()


PAPER = Paper()


# --- for the style sheet ---

_VARIABLE = re.compile(r"var\(--([a-z-]+)\)")


def variables(paper: Paper) -> dict[str, str]:
    """Each dimension as CSS writes it, by its name in the style sheet: ``{"table-pad-x": "0.9mm"}``."""
    return dict(_variables(paper))


def _variables(paper: Any) -> Iterator[tuple[str, str]]:
    for part in fields(paper):
        for field in fields(getattr(paper, part.name)):
            value = getattr(getattr(paper, part.name), field.name)
            written = f"{value:g}" if isinstance(value, int | float) else str(value)
            yield f"{part.name}-{field.name}".replace("_", "-"), written


def fill_in(css: str) -> str:
    """The style sheet with the value of the dimension in the place of each ``var(--name)``.

    CSS variables themselves would not do: they do not work in the margins of ``@page``.

    :raises KeyError: for a name that is no dimension.
    """
    known = variables(PAPER)
    return _VARIABLE.sub(lambda found: known[found[1]], css)
