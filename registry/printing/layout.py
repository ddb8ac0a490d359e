"""A paper as plain data in one language: what stands where.

It has no number, verification code or page numbers yet (they are stamped), and is in no file format. Cells keep their
values: how a cell is written is decided last, in :mod:`registry.printing.formats`.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from registry.printing import dimensions

_LETTER, _BOLD = 0.567, 0.666
"""Average width of a letter, and of a capital in bold, as fractions of the font size."""

LEAST_FLOW = 0.4
"""Flowing columns may shrink to this fraction of their widths; beyond it other columns have to shrink too."""

TALL, LETTER = 25, 1.65
"""A row of more than ``TALL`` lines, estimated at ``LETTER`` millimetres a letter, may break across pages."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its width in millimetres, and how its cells are set.

    ``least`` is the width in millimetres that its longest word needs. It is 0 until the texts are made
    (:func:`registry.printing.formats.in_print`).

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

    ``counts`` narrows a section to the lines that its indicator counts (True) or does not count (False).
    """

    section: str = ""
    counts: bool | None = None
    indicator: int | None = None


class CellKind(enum.StrEnum):
    """What the value of a cell is: it decides how the cell is written, aligned and given to programs."""

    TEXT = "text"
    BIN = "bin"
    """The BIN of a company, or the masked IIN of a person: digits that are no number to calculate with."""
    DATE = "date"
    ORDINAL = "ordinal"
    """A number that counts nothing: of a row, an entry, an account, a level. Its digits are not grouped."""
    INTEGER = "integer"
    MONEY = "money"
    """An amount in tiyn; ``unit`` says whether it is printed in tenge or in billions of tenge."""
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

    ``indent`` is how far a number stands to the left, in multiples of the font size, so that the decimal
    separators of its column align. It is set together with the text (:func:`registry.printing.formats.in_print`).
    """

    value: str | int | Decimal | date | tuple[Cell, ...]
    kind: CellKind = CellKind.TEXT
    unit: str = ""
    code: str = ""
    indent: float = 0

    @property
    def lines(self) -> tuple[Cell, ...]:
        """The cells that stand one below the other in this one; for any kind but ``LINES``, the cell itself alone."""
        return self.value if isinstance(self.value, tuple) else (self,)

    @property
    def text(self) -> str:
        """The text of a cell whose text is made (:func:`registry.printing.formats.in_print`).

        :raises TypeError: when it is not made yet.
        """
        if not isinstance(self.value, str):
            raise TypeError("the text of this cell is not made yet")
        return self.value


@dataclass(frozen=True, slots=True)
class Row:
    """A row: ``style`` is empty, ``group`` (one heading cell across) or ``total`` (the first cell spans ``span``).

    ``source`` names the report lines that the row adds up, if it adds up any.
    """

    cells: tuple[Cell, ...]
    style: str = ""
    span: int = 1
    source: Source | None = None

    @property
    def places(self) -> Iterator[tuple[int, Cell]]:
        """Each cell with the index (from 0) of the column it begins in."""
        for number, cell in enumerate(self.cells):
            yield number + (self.span - 1 if number else 0), cell

    def is_tall(self, widths: Sequence[float]) -> bool:
        """Whether the row, in columns of these widths (millimetres), is so high that it may break across pages.

        Kept whole, it could leave the page before it half empty.
        """
        return any(
            sum(1 + int(len(line) * LETTER / widths[place]) for line in cell.text.split("\n")) > TALL
            for place, cell in self.places
        )


def row_of(*values: Cell | str | int, style: str = "", span: int = 1, source: Source | None = None) -> Row:
    """A row of these values; a text becomes a cell of kind ``TEXT``, a whole number one of kind ``ORDINAL``."""
    return Row(tuple(map(_cell, values)), style, span, source)


def _cell(value: Cell | str | int) -> Cell:
    if isinstance(value, Cell):
        return value
    return Cell(value) if isinstance(value, str) else Cell(value, CellKind.ORDINAL)


@dataclass(frozen=True, slots=True)
class Table:
    """A table; its heading and the row of column numbers are repeated on every page."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    caption: str = ""

    @property
    def width(self) -> float:
        """The width in millimetres at which the table stands comfortably."""
        return sum(column.width for column in self.columns)

    def widths(self, available: float) -> list[float]:
        """The widths of the columns, in millimetres, in a table that is ``available`` millimetres wide.

        Columns of flowing text share what the other columns leave, and none gets narrower than its longest word. Where
        that is too little, columns of labels and centred columns shrink too; then words may be broken; and where
        nothing else helps, all columns shrink.
        """
        for whole_words in (True, False):
            for giving in (("text",), ("text", "label", "centre")):
                found = self._shared(available, giving, whole_words=whole_words)
                if found is not None:
                    return found
        return [column.width * available / self.width for column in self.columns]

    def _shared(self, available: float, giving: tuple[str, ...], *, whole_words: bool) -> list[float] | None:
        """The widths when columns of the styles ``giving`` share what the others leave; None if that is too little."""
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
    """A drawing with its caption.

    ``svg`` begins with a title that says in words what the drawing shows, for readers who do not see it.
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
    """A part of a paper. An annex begins on a new page with ``annex``, its mark, at the top right.

    With ``new_page`` a section that is no annex begins on a new page too.
    """

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
    """A line to sign on: the position of the person who signs, and the name where it is known."""

    position: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Requisite:
    """A line of the heading: an empty ``value`` prints as a blank line."""

    label: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Signed:
    """Who made a paper, who approved it and when; what is empty is not known or has not happened."""

    executor: str = ""
    approver: str = ""
    approved_on: date | None = None


@dataclass(frozen=True, slots=True)
class Approval:
    """The block «БЕКІТЕМІН / УТВЕРЖДАЮ»: the position and name of the person who approves."""

    position: str
    name: str


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper in one language, ready to be laid out.

    ``place`` is the name of the territory, or of all territories, and ``dated`` the day or period shown, in words.
    ``data_status`` says what the data rest on, such as how many reports were accepted. ``company`` are the requisites
    in the heading. ``words`` are the phrases printed around the parts, by key.
    """

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
    """The place of issue; where it is empty, a blank line is printed."""
    executor_phone: str = ""
    signed: Signed = Signed()
    demo: bool = False
    copy: bool = False
    """Whether it is a copy for information: without approval and signatures, and marked as a copy on every page."""
    has_head: bool = True
    """Whether the requisites of the company and the place of issue stand above the title."""
    words: dict[str, str] = field(default_factory=dict)

    @property
    def text_width(self) -> float:
        """Millimetres between the margins."""
        return dimensions.PAPER.sheet.text_width(landscape=self.landscape)

    @property
    def most_columns(self) -> int:
        """How many columns its widest table has: the font size of all its tables depends on it."""
        blocks = (block for section in self.sections for block in section.blocks)
        return max((len(block.columns) for block in blocks if isinstance(block, Table)), default=0)

    @property
    def company_size(self) -> str:
        """The size in which the company's requisites fit the heading: empty (the usual one), ``small`` or ``least``."""
        head, line_height = dimensions.PAPER.head, dimensions.PAPER.letters.line
        room = (head.company if self.approval and not self.landscape else head.company_wide).mm
        for size, name, other in (("", head.name, head.text), ("small", head.small_name, head.small_text)):
            height = head.label.mm * line_height
            for number, line in enumerate(self.company):
                # Names (the first line, and lines without a label) are in bold and take more room than the rest.
                letters, wide = (other, _LETTER) if number and line.label else (name, _BOLD)
                length = len(line.value) + (len(line.label) + 2 if number else 0)
                height += (1 + length * wide * letters.mm // room) * letters.mm * line_height
            if height <= head.height.mm:
                return size
        return "least"

    @property
    def has_contents(self) -> bool:
        """Whether it has a table of contents, which can be filled in only when the pages are known."""
        return any(isinstance(block, Contents) for section in self.sections for block in section.blocks)

    def anchor(self, section: Section) -> str:
        """The name under which links inside the file find a section."""
        return next(f"part-{number}" for number, own in enumerate(self.sections, start=1) if own is section)

    @property
    def heading(self) -> str:
        """The title by which readers and programs know the file."""
        return f"{self.title}. {self.place}, {self.dated}"
