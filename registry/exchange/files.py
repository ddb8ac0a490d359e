"""CSV and XLSX as bytes: read strictly, within limits, and written without interpretation (``exchange.md`` 2)."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import openpyxl

from registry.errors import ImportRefused, RowError
from registry.exchange.rules import Column, ErrorCell, FormulaWithoutValue, Layout, Type, cell_text
from registry.infra.i18n import lazy
from registry.infra.sheets import EARLIEST, EXACT, book_bytes

LARGEST_FILE = 16 * 1024 * 1024
LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000
"""Limits of an uploaded file: its size, its size when unpacked, and the number of parts it packs."""

MOST_COLUMNS = 200
MOST_ROWS = 250_000


@dataclass(frozen=True)
class Table:
    """A file being read: the header, and every row that is not empty with its number (the header is row 1).

    Rows are read one by one as they are asked for; at the first row that cannot be read, or after the last one where
    rows and header do not fit, :class:`ImportRefused` is raised.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[object]]]


def read_table(name: str, content: bytes) -> Table:
    """Read a CSV or XLSX file; which of them it is, its content says.

    :raises ImportRefused: for a file that is too large, of another type, damaged, or whose rows and header do not fit.
    """
    if len(content) > LARGEST_FILE:
        raise _refused(name, 1, lazy("the file is larger than %(limit)s MB; divide it", limit=LARGEST_FILE // 2**20))
    if content.startswith(b"PK\x03\x04"):
        numbered = _read_xlsx(name, content)
    elif content.startswith((b"\xd0\xcf\x11\xe0", b"%PDF", b"PK")):
        raise _refused(name, 1, lazy("the file is neither CSV nor XLSX; save it as one of them"))
    else:
        numbered = _read_csv(name, content)
    header_row = next(numbered, None)
    if header_row is None:
        raise _refused(name, 1, lazy("the file is empty; its first row must name the columns"))
    number, cells = header_row
    if number != 1:
        raise _refused(name, 1, lazy("the first row is empty; it must name the columns"))
    header = [_header_name(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    return Table(header, _rows(name, len(header), numbered))


def _rows(name: str, width: int, numbered: Iterable[tuple[int, list[object]]]) -> Iterator[tuple[int, list[object]]]:
    """The rows that are not empty, as wide as the header.

    :raises ImportRefused: after the last row, naming those with more cells than the header has columns.
    """
    errors: list[RowError] = []
    for count, (number, cells) in enumerate(_not_empty(numbered)):
        if count > MOST_ROWS:
            raise _refused(name, number, lazy("the file has more than %(limit)s rows; divide it", limit=MOST_ROWS))
        if any(_filled(cell) for cell in cells[width:]):
            errors.append(RowError(name, number, None, lazy("the row has more cells than the header has columns")))
        elif not errors:
            yield number, cells[:width] + [None] * (width - len(cells))
    if errors:
        raise ImportRefused(errors)


def _not_empty(numbered: Iterable[tuple[int, list[object]]]) -> Iterator[tuple[int, list[object]]]:
    return (item for item in numbered if any(_filled(cell) for cell in item[1]))


def _refused(name: str, row: int, message: object) -> ImportRefused:
    return ImportRefused([RowError(name, row, None, message)])


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _header_name(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _read_csv(name: str, content: bytes) -> Iterator[tuple[int, list[object]]]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refused(name, 1, lazy("the text is not UTF-8; save the file as CSV UTF-8"))
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _refused(name, row, lazy("the text is not UTF-8; save the file as CSV UTF-8")) from None
    if b"\x00" in content:
        row = content[: content.index(b"\x00")].count(b"\n") + 1
        raise _refused(name, row, lazy("the text has a NUL character; the file is damaged or not CSV"))
    # Decoded once more, piece by piece: the whole text would take two or four bytes a character while rows are read.
    text = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    reader = csv.reader(text, strict=True)
    number, width = 0, 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise _refused(
                name, number, lazy("the quotation marks do not pair; write a quotation mark inside a cell twice")
            ) from None
        if number == 1:
            width = len(cells)
        elif cells and len(cells) < width:
            raise _refused(
                name,
                number,
                lazy(
                    "the row has %(cells)s cells, the header has %(columns)s columns", cells=len(cells), columns=width
                ),
            )
        if cells:
            yield number, cast(list[object], cells)


def _read_xlsx(name: str, content: bytes) -> Iterator[tuple[int, list[object]]]:
    damaged = _refused(name, 1, lazy("the file is damaged or not a spreadsheet; save it as XLSX again"))
    try:
        has_formulas = _inspect_package(name, content)
        values = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        formulas = openpyxl.load_workbook(io.BytesIO(content), read_only=True) if has_formulas else None
    except ImportRefused:
        raise
    except Exception:
        # openpyxl answers a damaged file with whatever its parsers happen to raise.
        raise damaged from None
    if not values.worksheets:
        raise damaged
    sheet = values.worksheets[0]
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=MOST_COLUMNS)
    shadow: Iterator[Any] | None = None
    if formulas is not None:
        formulas.worksheets[0].reset_dimensions()
        shadow = formulas.worksheets[0].iter_rows(max_col=MOST_COLUMNS)
    number = 0
    try:
        for row in rows:
            number += 1
            cells = [_spreadsheet_cell(cell) for cell in row]
            if shadow is not None:
                for position, cell in enumerate(next(shadow)):
                    if cell.data_type == "f" and position < len(cells) and cells[position] is None:
                        cells[position] = FormulaWithoutValue()
            while cells and cells[-1] is None:
                cells.pop()
            if cells:
                yield number, cells
    except Exception:
        raise damaged from None
    finally:
        values.close()
        if formulas is not None:
            formulas.close()


def _inspect_package(name: str, content: bytes) -> bool:
    """Refuse a package that unpacks too large or holds XML entities; say whether a sheet has formulas."""
    has_formulas = False
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        parts = package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            raise _refused(
                name, 1, lazy("the file unpacks to more than %(limit)s MB; divide it", limit=LARGEST_UNPACKED // 2**20)
            )
        if "[Content_Types].xml" not in package.namelist() or "xl/workbook.xml" not in package.namelist():
            raise _refused(name, 1, lazy("the file is neither CSV nor XLSX; save it as one of them"))
        for part in parts:
            if not part.filename.endswith((".xml", ".rels")):
                continue
            is_sheet = part.filename.startswith("xl/worksheets/")
            with package.open(part) as file:
                tail = b""
                while chunk := file.read(1 << 20):
                    piece = tail + chunk
                    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
                        raise _refused(name, 1, lazy("the file is neither CSV nor XLSX; save it as one of them"))
                    if is_sheet and not has_formulas:
                        has_formulas = re.search(rb"<(?:\w+:)?f[\s/>]", piece) is not None
                    tail = chunk[-16:]
    return has_formulas


def _spreadsheet_cell(cell: Any) -> object:
    value = cell.value
    if isinstance(value, str):
        if cell.data_type == "e":
            return ErrorCell(value)
        return value or None
    return value


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
