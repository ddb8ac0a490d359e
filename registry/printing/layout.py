"""A paper as plain data in one language: what stands where, without numbers, code or bytes of any format."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

PORTRAIT_TEXT, LANDSCAPE_TEXT = 175, 262
"""Millimetres of a sheet's width between its margins."""

HEAD = 34
"""Millimetres of height for the company's requisites beside the QR code."""


LEAST_FLOW = 0.4
"""How narrow flowing columns may get before all columns give way."""

TALL, LETTERS = 10, 20
"""A row of more lines than this, reckoned at so many letters a line, takes a good part of a page by itself."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in millimetres, and how its cells stand.

    ``style``: ``text`` flows, and such columns share whatever width is left; ``label`` flows in a column that keeps its
    width; ``code`` and ``date`` stay on one line; ``number`` and ``index`` stay on one line and are set to the right;
    ``centre`` is centred.
    """

    heading: str
    width: float
    style: str = "text"


@dataclass(frozen=True, slots=True)
class Source:
    """Which accepted report lines a figure adds up: those an ``indicator`` counts, or those of a ``section``.

    ``counts`` narrows a section to the lines that its indicator counts, or to the others.
    """

    section: str = ""
    counts: bool | None = None
    indicator: int | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row: ``style`` is empty, ``group`` (one heading cell across) or ``total`` (the first cell spans ``span``).

    ``source`` names the report lines behind it, where it adds up such lines.
    """

    cells: tuple[str, ...]
    style: str = ""
    span: int = 1
    source: Source | None = None

    @property
    def tall(self) -> bool:
        """Whether it is so high that keeping it together with its neighbour would leave a page half empty."""
        return any(sum(1 + len(line) // LETTERS for line in cell.split("\n")) > TALL for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Table:
    """A table with its heading repeated on every page together with the row of column numbers."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""

    @property
    def width(self) -> float:
        """The width in millimetres at which the table stands comfortably."""
        return sum(column.width for column in self.columns)

    def widths(self, available: float) -> list[float]:
        """The columns' widths on a sheet: what may not break keeps its width, flowing text takes or gives the rest.

        Where that is not enough, columns of labels give too, and where nothing else helps, all columns do.
        """
        for giving in (("text",), ("text", "label", "centre")):
            flowing = sum(column.width for column in self.columns if column.style in giving)
            factor = (available - self.width + flowing) / flowing if flowing else 0
            if factor >= LEAST_FLOW and (factor <= 1 or giving == ("text",)):
                return [column.width * (factor if column.style in giving else 1) for column in self.columns]
        return [column.width * available / self.width for column in self.columns]

    def places(self) -> list[int]:
        """The most decimals a number of each column has."""
        found = [0] * len(self.columns)
        for row in self.rows:
            for number, cell in enumerate(row.cells):
                place = number + (row.span - 1 if number else 0)
                if self.columns[place].style == "number":
                    found[place] = max(found[place], decimals(cell))
        return found


def decimals(number: str) -> int:
    """How many decimals a written number has: groups of thousands are longer than what stands behind a comma."""
    found = re.search(r"\d[.,](\d{1,2})$", number)
    return len(found[1]) if found else 0


def lag(number: str, places: int) -> float:
    """By how many letter sizes a number has to stand to the left, so that its comma is below those of its column.

    A comma is reckoned with 0.27 and a digit with 0.572 of the letter size, as they are in Noto Sans.
    """
    own = decimals(number)
    if own >= places or not number[-1:].isdigit():
        return 0
    return round((places - own) * 0.572 + (0 if own else 0.27), 3)


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs, one under the other."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: str


@dataclass(frozen=True, slots=True)
class Notes:
    """Numbered notes under a table, in small print."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of our own with its caption.

    ``svg`` begins with a title that says in words what the drawing shows, for whoever does not see it.
    """

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Contents:
    """The place of the table of contents: the headings of all sections with their pages."""

    title: str


Block = Table | Facts | Paragraph | Notes | Chart | Contents


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a paper. An annex begins a page and carries its mark at the top right; ``new_page`` begins one too."""

    blocks: tuple[Block, ...]
    heading: str = ""
    annex: str = ""
    new_page: bool = False

    @property
    def bookmark(self) -> str:
        """What the section is called in bookmarks and in the table of contents: an annex with its mark."""
        return f"{self.annex}. {self.heading}" if self.annex else self.heading


@dataclass(frozen=True, slots=True)
class Signature:
    """A line to sign: position, and the name where it is known."""

    position: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Requisite:
    """A line of the heading: an empty ``value`` prints as a blank line."""

    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Approval:
    """The block «БЕКІТЕМІН / УТВЕРЖДАЮ»."""

    position: str
    name: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in one language, ready to be laid out."""

    kind: str
    language: str
    landscape: bool
    document_type: str
    title: str
    place: str
    dated: str
    data_status: str
    company: tuple[Requisite, ...]
    sections: tuple[Section, ...]
    signatures: tuple[Signature, ...]
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    approval: Approval | None = None
    executor_phone: str = ""
    demo: bool = False
    words: dict[str, str] = field(default_factory=dict)

    @property
    def text_width(self) -> float:
        """Millimetres between the margins."""
        return LANDSCAPE_TEXT if self.landscape else PORTRAIT_TEXT

    @property
    def company_size(self) -> str:
        """How the company's requisites are set, so that they fit the height of the heading: usually, small, least."""
        width = 76 if self.approval and not self.landscape else 120
        for size, name, other in (("", 9, 8), ("small", 7.5, 7)):
            height = 3.2
            for number, line in enumerate(self.company):
                points, letter = (other, 0.2) if number and line.label else (name, 0.235)
                length = len(line.value) + (len(line.label) + 2 if number else 0)
                height += (1 + length * letter * points // width) * points * 0.46
            if height <= HEAD:
                return size
        return "least"

    @property
    def has_contents(self) -> bool:
        """Whether it has a table of contents, which names pages."""
        return any(isinstance(block, Contents) for section in self.sections for block in section.blocks)

    def anchor(self, section: Section) -> str:
        """The name of a section's place in the file."""
        return next(f"part-{number}" for number, own in enumerate(self.sections, start=1) if own is section)

    @property
    def heading(self) -> str:
        """The title by which readers and programs know the file."""
        return f"{self.title}. {self.place}, {self.dated}"
