"""A list as it is shown on a page, printed: columns, rows and what was asked for, without number, approval and force.

    python -m registry.printing.list_print

reads a :class:`Print` as JSON from its input and writes the PDF to its output. Laying out takes seconds and much
memory, so that pages have it done by this program (:mod:`registry.infra.elsewhere`).
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from typing import Literal

import msgspec

from registry.infra import machine
from registry.printing import rendering
from registry.printing.layout import Cell, Column, Facts, Paper, Section, Table, row_of

MOST_ROWS = 2000
"""Rows of a list that can be printed; more are read in a spreadsheet, or in the register's paper."""

SECONDS = 60
MEMORY = 2 << 30
"""Bounds of the program: seconds of the clock, and bytes of address space."""

_PORTRAIT = 6
"""More columns than these stand on a sheet lying on its side."""

_LETTER = 1.75
"""Millimetres that a letter of a table takes on average."""

_NARROWEST, _WIDEST, _LONGEST = 12.0, 52.0, 400
"""Bounds of a column's width in millimetres, and how many rows are looked at to find it."""

Style = Literal["text", "code", "number", "date"]


class PrintColumn(msgspec.Struct, array_like=True):
    """A column's heading, and how its cells are set (:class:`registry.printing.layout.Column`)."""

    heading: str
    style: Style


class Print(msgspec.Struct):
    """A list to be printed, in one language, every text as it is to be read.

    ``about`` tells what was asked for, as label and value. ``words`` are the phrases around it by their keys: those of
    :data:`WORDS`.
    """

    language: str
    title: str
    place: str
    dated: str
    data_status: str
    about: list[tuple[str, str]]
    columns: list[PrintColumn]
    rows: list[list[str]]
    demo: bool
    words: dict[str, str]


WORDS = ("document_type", "copy", "draft.note", "page", "demo", "number_heading")
"""Keys of the phrases that a print needs."""


def pdf_of(asked: Print) -> bytes:
    """The PDF of a list: tagged, for archives, and marked on every page as what it is.

    :raises LayoutError: when it cannot be laid out.
    """
    rows = tuple(row_of(number, *row) for number, row in enumerate(asked.rows, start=1))
    columns = (Column(asked.words["number_heading"], 11, "index"), *_columns(asked))
    about = (Facts(tuple((label, Cell(value)) for label, value in asked.about)),) if asked.about else ()
    paper = Paper(
        kind="list",
        language=asked.language,
        landscape=len(columns) > _PORTRAIT,
        document_type=asked.words["document_type"],
        title=asked.title,
        place=asked.place,
        dated=asked.dated,
        data_status=asked.data_status,
        company=(),
        has_head=False,
        sections=(Section((*about, Table(columns, rows))),),
        signatures=(),
        demo=asked.demo,
        copy=True,
        words=asked.words,
    )
    return rendering.stamp_copy(rendering.render(paper), paper)


def _columns(asked: Print) -> Sequence[Column]:
    """The columns, as wide as their texts ask for within bounds; what is longer than the widest flows."""

    def column(place: int, declared: PrintColumn) -> Column:
        longest = max((len(row[place]) for row in asked.rows[:_LONGEST]), default=0)
        width = min(max(longest * _LETTER + 4, _NARROWEST), _WIDEST)
        style: str = declared.style
        if style == "code" and width == _WIDEST:
            style = "text"
        elif style == "text" and width < _WIDEST / 2:
            style = "label"
        return Column(declared.heading, width, style)

    return [column(place, declared) for place, declared in enumerate(asked.columns)]


def main() -> None:
    """Print the list on standard input, within bounds that nothing in it can lift."""
    machine.bound(MEMORY)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 5, SECONDS + 5))
    target = sys.stdout.buffer
    target.write(pdf_of(msgspec.json.decode(sys.stdin.buffer.read(), type=Print)))
    target.flush()


if __name__ == "__main__":
    main()
