"""Tables as files: CSV with values as they are, XLSX row by row in constant memory (``exchange.md`` 2).

In a spreadsheet every text is written as a string, so that nothing in it is ever taken for a formula or a link. Rows go
through a file of their own on the disk while the book is made: one that is kept in memory as a whole (XlsxWriter's
``in_memory``) is not written in constant memory, whatever else is asked for.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from registry.infra.clock import ALMATY

CSV = "csv"
XLSX = "xlsx"
CONTENT_TYPES = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

_MADE = datetime(2026, 1, 1)
"""Written into every file as its date, so that the same data give the same bytes."""

EXACT = 10**15
"""Numbers from here on are not exact in a spreadsheet's cell and are written as text."""

EARLIEST = date(1900, 3, 1)
"""Before this day a spreadsheet's calendar is wrong; such days are written as text."""


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A CSV file: UTF-8, comma, lines ending in a line feed, and quotation marks only where they are needed.

    The standard writer leaves a lone carriage return unquoted, and a reader would end the row there.
    """
    lines = [",".join(map(_quoted, header)), *(",".join(map(_quoted, row)) for row in rows)]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _quoted(text: str) -> str:
    if any(character in text for character in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def book_bytes(title: str, fill: Callable[[Any], None]) -> bytes:
    """An XLSX file whose sheets ``fill`` adds to the workbook it is given, each row after the one above it."""
    import xlsxwriter

    target = io.BytesIO()
    book = xlsxwriter.Workbook(
        target,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_numbers": False,
            "strings_to_urls": False,
        },
    )
    # The file's bytes depend on its content alone, not on the moment it is made.
    book.set_properties({"created": _MADE, "title": title})
    fill(book)
    book.close()
    return target.getvalue()


Value = str | int | Decimal | date | datetime | None


def table_bytes(title: str, header: Sequence[str], rows: Iterable[Sequence[Value]], ending: str) -> bytes:
    """A plain table as CSV or XLSX; in a spreadsheet numbers and days are real ones."""
    if ending == CSV:
        return csv_bytes(header, ([_text(value) for value in row] for row in rows))

    def fill(book: Any) -> None:
        page = book.add_worksheet()
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter"})
        styles = {
            str: book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            int: book.add_format({"num_format": "#,##0", "valign": "top"}),
            Decimal: book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            date: book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss", "valign": "top"}),
        }
        page.set_column(0, len(header) - 1, 20)
        page.freeze_panes(1, 0)
        for position, name in enumerate(header):
            page.write_string(0, position, name, bold)
        for number, row in enumerate(rows, start=1):
            for position, value in enumerate(row):
                if value is not None:
                    _write(page, number, position, value, styles)

    return book_bytes(title, fill)


def _text(value: Value) -> str:
    if isinstance(value, datetime):
        return value.astimezone(ALMATY).isoformat(timespec="seconds")
    return "" if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _write(page: Any, row: int, position: int, value: Value, styles: dict[Any, Any]) -> None:
    if isinstance(value, datetime):
        page.write_datetime(row, position, value.astimezone(ALMATY).replace(tzinfo=None), styles[datetime])
    elif isinstance(value, date) and value >= EARLIEST:
        page.write_datetime(row, position, datetime(value.year, value.month, value.day), styles[date])
    elif isinstance(value, int | Decimal) and abs(value) < EXACT:
        page.write_number(row, position, value, styles[type(value)])
    else:
        page.write_string(row, position, _text(value), styles[str])
