"""A paper as plain data in one language: what stands where, without numbers, code or bytes of any format."""

from __future__ import annotations

from dataclasses import dataclass, field

PORTRAIT_TEXT, LANDSCAPE_TEXT = 175, 262
"""Millimetres of a sheet's width between its margins."""


LEAST_FLOW = 0.4
"""How narrow flowing columns may get before all columns give way."""


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
class Row:
    """A row: ``style`` is empty, ``group`` (one heading cell across) or ``total`` (the first cell spans ``span``)."""

    cells: tuple[str, ...]
    style: str = ""
    span: int = 1


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
