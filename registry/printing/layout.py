"""A paper as plain data in one language: what stands where, without numbers, code or bytes of any format.

Cells keep their values: what a cell is written as is decided last, in :mod:`registry.printing.formats`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from registry.printing import dimensions

_LETTER, _BOLD = 0.567, 0.666
"""How wide a letter is on average, in its own size; a bold capital is wider."""

LEAST_FLOW = 0.4
"""How narrow flowing columns may get before all columns give way."""

TALL, LETTER = 25, 1.65
"""A row of more lines than this, reckoned at so many millimetres a letter, takes a good part of a page by itself."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in millimetres, and how its cells stand.

    ``least`` is the width its longest word needs, known when the texts are made.

    ``style``: ``text`` flows, and such columns share whatever width is left; ``label`` flows in a column that keeps its
    width; ``code`` and ``date`` stay on one line; ``number`` and ``index`` stay on one line and are set to the right;
    ``centre`` is centred.
    """

    heading: str
    width: float
    style: str = "text"
    least: float = 0


@dataclass(frozen=True, slots=True)
class Source:
    """Which accepted report lines a figure adds up: those an ``indicator`` counts, or those of a ``section``.

    ``counts`` narrows a section to the lines that its indicator counts, or to the others.
    """

    section: str = ""
    counts: bool | None = None
    indicator: int | None = None


class CellKind(enum.StrEnum):
    """What the value of a cell is: it decides how the cell is written, aligned and given to programs."""

    TEXT = "text"
    BIN = "bin"
    """The number of a company or person, masked where it is a person's: digits that are no number."""
    DATE = "date"
    ORDINAL = "ordinal"
    """A number that counts nothing: of a row, an entry, an account, a level. Its digits are not grouped."""
    INTEGER = "integer"
    MONEY = "money"
    """Tiyn; ``unit`` says in what they are printed."""
    DECIMAL = "decimal"
    """Whole hundredths of the unit."""
    PERCENT = "percent"
    """A decimal number of per cent; the sign stands in the column's heading."""
    LINES = "lines"
    """Cells one below the other."""


TENGE, BILLIONS, SQUARE_METRES, PERSONS = "KZT", "bn KZT", "m2", "persons"
"""Units of cells. Money is kept in tiyn whatever its unit, and rounded to billions only when it is written."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value with its kind and unit; ``code`` is the trace code by which a total is found, printed in brackets.

    ``indent`` is known when the text was made: by how many letter sizes a number stands to the left, so that its comma
    is below those of its column.
    """

    value: str | int | Decimal | date | tuple[Cell, ...]
    kind: CellKind = CellKind.TEXT
    unit: str = ""
    code: str = ""
    indent: float = 0

    @property
    def lines(self) -> tuple[Cell, ...]:
        """The cells that stand one below the other in it; of most cells, the cell alone."""
        return self.value if isinstance(self.value, tuple) else (self,)

    @property
    def text(self) -> str:
        """The text of a cell in print, where all cells are texts (:func:`registry.printing.formats.in_print`)."""
        if not isinstance(self.value, str):
            raise TypeError("the text of this cell is not made yet")
        return self.value


@dataclass(frozen=True, slots=True)
class Row:
    """A row: ``style`` is empty, ``group`` (one heading cell across) or ``total`` (the first cell spans ``span``).

    ``source`` names the report lines behind it, where it adds up such lines.
    """

    cells: tuple[Cell, ...]
    style: str = ""
    span: int = 1
    source: Source | None = None

    @property
    def places(self) -> Iterator[tuple[int, Cell]]:
        """Each cell with the number of the column it begins in."""
        for number, cell in enumerate(self.cells):
            yield number + (self.span - 1 if number else 0), cell

    def is_tall(self, widths: Sequence[float]) -> bool:
        """Whether in columns of these widths it is so high that keeping it whole would leave a page half empty."""
        return any(
            sum(1 + int(len(line) * LETTER / widths[place]) for line in cell.text.split("\n")) > TALL
            for place, cell in self.places
        )


def row_of(*values: Cell | str | int, style: str = "", span: int = 1, source: Source | None = None) -> Row:
    """A row of these values: texts are cells of text, whole numbers ordinals."""
    return Row(tuple(map(_cell, values)), style, span, source)


def _cell(value: Cell | str | int) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell(value) if isinstance(value, str) else Cell(value, CellKind.ORDINAL)


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

        No column gets narrower than its longest word. Where that leaves too little, columns of labels give too, then
        words may break, and where nothing else helps, all columns give.
        """
        for whole_words in (True, False):
            for giving in (("text",), ("text", "label", "centre")):
                found = self._shared(available, giving, whole_words=whole_words)
                if found is not None:
                    return found
        return [column.width * available / self.width for column in self.columns]

    def _shared(self, available: float, giving: tuple[str, ...], *, whole_words: bool) -> list[float] | None:
        """The widths when columns of these styles share what the others leave; None where that is too little."""
        least = [column.least if whole_words else 0 for column in self.columns]
        widths = [max(column.width, own) for column, own in zip(self.columns, least, strict=True)]
        flowing = {place for place, column in enumerate(self.columns) if column.style in giving}
        while flowing:
            room = available - sum(width for place, width in enumerate(widths) if place not in flowing)
            factor = room / sum(self.columns[place].width for place in flowing)
            if factor < LEAST_FLOW or (factor > 1 and giving != ("text",)):
                return None
            narrow = {place for place in flowing if self.columns[place].width * factor < least[place]}
            if not narrow:
                return [
                    self.columns[place].width * factor if place in flowing else width
                    for place, width in enumerate(widths)
                ]
            for place in narrow:
                widths[place] = least[place]
            flowing -= narrow
        return None


@dataclass(frozen=True, slots=True)
class Facts:
    """Label and value pairs, one under the other."""

    rows: tuple[tuple[str, Cell], ...]


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
class Signed:
    """Who made a paper and who approved it and when, as far as the registry knows: nobody for its own papers."""

    executor: str = ""
    approver: str = ""
    approved_on: date | None = None


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
    made_at: str = ""
    """The place of issue; empty prints as a blank line."""
    executor_phone: str = ""
    signed: Signed = Signed()
    demo: bool = False
    copy: bool = False
    """For information: without approval and signatures, and marked so on every page."""
    words: dict[str, str] = field(default_factory=dict)

    @property
    def text_width(self) -> float:
        """Millimetres between the margins."""
        return dimensions.PAPER.sheet.text_width(landscape=self.landscape)

    @property
    def most_columns(self) -> int:
        """How many columns its widest table has: all its tables are set in the letters of that one."""
        blocks = (block for section in self.sections for block in section.blocks)
        return max((len(block.columns) for block in blocks if isinstance(block, Table)), default=0)

    @property
    def company_size(self) -> str:
        """How the company's requisites are set, so that they fit the height of the heading: usually, small, least."""
        head, line_height = dimensions.PAPER.head, dimensions.PAPER.letters.line
        room = (head.company if self.approval and not self.landscape else head.company_wide).mm
        for size, name, other in (("", head.name, head.text), ("small", head.small_name, head.small_text)):
            height = head.label.mm * line_height
            for number, line in enumerate(self.company):
                # The name is set in bold; the rest is lighter and takes less room.
                letters, wide = (other, _LETTER) if number and line.label else (name, _BOLD)
                length = len(line.value) + (len(line.label) + 2 if number else 0)
                height += (1 + length * wide * letters.mm // room) * letters.mm * line_height
            if height <= head.height.mm:
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
