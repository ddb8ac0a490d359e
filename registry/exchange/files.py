"""CSV and XLSX as bytes: read strictly, within limits, and written without interpretation (``exchange.md`` 2)."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from registry.errors import ImportRefused, RowError
from registry.exchange import reading
from registry.exchange.reading import Note, Table, Unreadable
from registry.exchange.rules import Column, Layout, Type, cell_text
from registry.infra import elsewhere
from registry.infra.db import outside_transactions
from registry.infra.i18n import lazy
from registry.infra.sheets import EARLIEST, EXACT, book_bytes

LARGEST_FILE = 16 * 1024 * 1024
"""How many bytes a file may have."""

READ_HERE = 1024 * 1024
"""A CSV file up to this size takes little time and memory whatever is in it, and is read in this process."""

READER = elsewhere.Elsewhere(reading.__name__, seconds=reading.SECONDS, at_once=2, patience=5)
"""The program that reads files, for which no file is too bad."""


@contextmanager
def read_table(name: str, content: bytes, columns: Sequence[str]) -> Generator[Table]:
    """Read a CSV or XLSX file; which of them it is, its content says. ``columns`` are the names its header may hold.

    Everything but short CSV files is read by another process within bounds of time and memory, so that no file can
    hold up others; nobody may hold a transaction open meanwhile.

    :raises ImportRefused: for a file that is too large, of another type, damaged, or whose rows and header do not fit.
    """
    outside_transactions()
    if len(content) > LARGEST_FILE:
        raise _refused(name, lazy("the file is larger than %(limit)s MB; divide it", limit=LARGEST_FILE // 2**20))
    try:
        if len(content) <= READ_HERE and not content.startswith(b"PK"):
            yield reading.read(content, columns)
        else:
            with _read_elsewhere(name, content, columns) as table:
                yield table
    except Unreadable as error:
        raise ImportRefused([RowError(name, note.row, None, told(note)) for note in error.notes]) from None


def told(note: Note) -> object:
    """What a note says, in the reader's language."""
    return lazy(note.message, **note.parts) if note.parts else lazy(note.message)


@contextmanager
def _read_elsewhere(name: str, content: bytes, columns: Sequence[str]) -> Generator[Table]:
    request = msgspec.json.encode(reading.Request(list(columns)))
    try:
        with READER.done(request + b"\n" + content) as output:
            yield reading.heard(output)
    except elsewhere.Busy:
        raise _refused(name, lazy("other files are being read; try again in a minute")) from None
    except elsewhere.TookTooLong:
        raise _refused(
            name, lazy("reading the file takes longer than %(limit)s seconds; divide it", limit=READER.seconds)
        ) from None
    except elsewhere.Failed as failure:
        if failure.status == elsewhere.DAMAGED:
            raise _refused(name, lazy("the file is damaged or not a spreadsheet; save it as XLSX again")) from None
        raise _refused(name, lazy("the file takes too much memory to read; divide it or save it as CSV")) from None


def _refused(name: str, message: object) -> ImportRefused:
    return ImportRefused([RowError(name, 1, None, message)])


def xlsx_bytes(
    layout: Layout, rows: Iterable[Sequence[Any]], *, sheet: str, labels: Sequence[str] | None = None
) -> bytes:
    """An XLSX file: the header, under it the ``labels`` if given, then ``rows`` of Python values.

    Texts are written as strings whatever they look like; dates and numbers are real ones.
    """

    def fill(book: Any) -> None:
        _fill(book, layout, rows, labels)

    return book_bytes(sheet, fill)


def _fill(book: Any, layout: Layout, rows: Iterable[Sequence[Any]], labels: Sequence[str] | None) -> None:
    page = book.add_worksheet(layout.kind.value)
    formats = {
        Type.DATE: book.add_format({"num_format": "yyyy-mm-dd"}),
        Type.MONEY: book.add_format({"num_format": "#,##0.00"}),
        Type.AREA: book.add_format({"num_format": "0.00"}),
        Type.CODE: book.add_format({"num_format": "@"}),
    }
    formats[Type.NUMBER_TEXT] = formats[Type.TEXT] = formats[Type.CODE]
    bold = book.add_format({"bold": True})
    grey = book.add_format({"italic": True, "font_color": "#595959", "text_wrap": True, "valign": "top"})
    for position, column in enumerate(layout.columns):
        page.set_column(position, position, 26 if column.type is Type.TEXT else 15, formats.get(column.type))
    page.freeze_panes(2 if labels else 1, 0)
    for position, column in enumerate(layout.columns):
        page.write_string(0, position, column.name, bold)
    first = 1
    if labels:
        for position, label in enumerate(labels):
            page.write_string(1, position, label, grey)
        first = 2
    for number, row in enumerate(rows, start=first):
        for position, (column, value) in enumerate(zip(layout.columns, row, strict=True)):
            if value is not None:
                _write_cell(page, number, position, column, value, formats)


def _write_cell(page: Any, row: int, position: int, column: Column, value: Any, formats: dict[Type, Any]) -> None:
    style = formats.get(column.type)
    if column.type is Type.DATE and value >= EARLIEST:
        page.write_datetime(row, position, value, style)
    elif column.type in {Type.MONEY, Type.AREA} and abs(value) < EXACT:
        page.write_number(row, position, value / 100, style)
    elif column.type in {Type.INTEGER, Type.FLAG}:
        page.write_number(row, position, int(value), style)
    else:
        page.write_string(row, position, cell_text(column, value), style)


def write_file(path: Path, content: bytes) -> None:
    """Write ``content`` under a temporary name first, so that nobody reads half a file."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
