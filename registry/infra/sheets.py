"""Tables as files: CSV with values as they are, XLSX row by row in constant memory (``exchange.md`` 2).

In a spreadsheet every text is written as a string, so that nothing in it is ever taken for a formula or a link. Rows go
through a file of their own on the disk while the book is made: one that is kept in memory as a whole (XlsxWriter's
``in_memory``) is not written in constant memory, whatever else is asked for.
"""

from __future__ import annotations

import io
import re
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


READING = "reading"
"""A list for people, not for import: CSV as spreadsheet programs open it in the reader's language."""

_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def reading_bytes(header: Sequence[str], rows: Iterable[Sequence[Value]], *, decimal_comma: bool) -> bytes:
    """A CSV list for reading: with a byte order mark, and nothing in it is taken for a formula or loses its digits.

    With ``decimal_comma`` semicolons separate the columns, as spreadsheet programs expect where a comma stands before
    the decimals. Days are written day first; texts that begin with a sign of formulas, and digits that a spreadsheet
    would shorten, stand after an apostrophe.
    """
    delimiter = ";" if decimal_comma else ","

    def written(value: Value) -> str:
        if isinstance(value, Decimal):
            return str(value).replace(".", "," if decimal_comma else ".")
        if isinstance(value, date) and not isinstance(value, datetime):
            return f"{value:%d.%m.%Y}"
        text = _text(value)
        risky = text.startswith(_FORMULA_SIGNS) or text.lstrip().startswith(_FORMULA_SIGNS) or _is_long_or_padded(text)
        return "'" + text if risky and isinstance(value, str) else text

    lines = [delimiter.join(_quoted(written(value), delimiter) for value in row) for row in (header, *rows)]
    return ("\ufeff" + "\r\n".join(lines) + "\r\n").encode("utf-8")


def _is_long_or_padded(text: str) -> bool:
    return text.isdecimal() and (len(text) > 11 or (len(text) > 1 and text.startswith("0")))


def _quoted(text: str, delimiter: str = ",") -> str:
    if any(character in text for character in (delimiter, '"', "\r", "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


_TAKEN_FOR_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_UNHOLDABLE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_TAKEN_FOR_MARKUP = "<r>"


def escaped(text: str) -> str:
    """A text as a spreadsheet's cell holds it: ``_xHHHH_`` for signs that XML cannot hold or readers would alter.

    XlsxWriter takes a text in ``<r>…</r>`` for markup of its own.
    """
    text = _TAKEN_FOR_ESCAPED.sub("_x005F_", text)
    text = _UNHOLDABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", text)
    return "_x003C_" + text[1:] if text.startswith(_TAKEN_FOR_MARKUP) else text


LONGEST_CELL = 32_767
"""Characters that a spreadsheet's cell holds; XlsxWriter leaves out a longer text without a word."""


def held(text: str) -> str:
    """A text as far as a cell holds it, cut where it is longer."""
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def book_bytes(title: str, fill: Callable[[Any], None]) -> bytes:
    """An XLSX file whose sheets ``fill`` adds to the workbook it is given, each row after the one above it."""
    import xlsxwriter
    from xlsxwriter.worksheet import Worksheet

    class Sheet(Worksheet):
        """A sheet whose texts come back as they were; the library itself misses some, as a test would say."""

        @staticmethod
        def _escape_control_characters(data: Any) -> Any:
            return escaped(data) if isinstance(data, str) else data

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
    book.worksheet_class = Sheet  # ty: ignore[invalid-assignment]
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


def reading_book(
    title: str,
    columns: Sequence[tuple[str, bool]],
    rows: Iterable[Sequence[Value]],
    *,
    about_title: str,
    about: Callable[[], Sequence[tuple[str, str]]],
) -> bytes:
    """A workbook for people: a sheet of rows under ``columns`` (label, whether wide) that filters by itself.

    A second sheet says what the rows are; ``about`` is asked when they are written. Days stand day first.
    """

    def fill(book: Any) -> None:
        page = book.add_worksheet(_sheet_name(title))
        bold = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bottom": 1, "bg_color": "#e9eff2"}
        )
        styles = {
            str: book.add_format({"num_format": "@", "valign": "top"}),
            int: book.add_format({"num_format": "#,##0", "valign": "top"}),
            Decimal: book.add_format({"num_format": "#,##0.00", "valign": "top"}),
            date: book.add_format({"num_format": "dd.mm.yyyy", "valign": "top", "align": "left"}),
            datetime: book.add_format({"num_format": "dd.mm.yyyy hh:mm", "valign": "top", "align": "left"}),
        }
        for position, (label, is_wide) in enumerate(columns):
            page.set_column(position, position, 48 if is_wide else max(14, min(28, len(label) + 4)))
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        for position, (label, _is_wide) in enumerate(columns):
            page.write_string(0, position, label, bold)
        last = 0
        for last, row in enumerate(rows, start=1):
            for position, value in enumerate(row):
                if value is not None and value != "":
                    _write(page, last, position, value, styles)
        page.autofilter(0, 0, last, len(columns) - 1)
        words = book.add_worksheet(_sheet_name(about_title))
        words.set_column(0, 0, 32)
        words.set_column(1, 1, 80)
        for number, (label, value) in enumerate(about()):
            words.write_string(number, 0, label, bold)
            words.write_string(number, 1, held(value), styles[str])

    return book_bytes(title, fill)


_NOT_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")


def _sheet_name(title: str) -> str:
    """A title as a sheet may be called."""
    return _NOT_IN_SHEET_NAMES.sub(" ", title)[:31].strip(" '")


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
        page.write_string(row, position, held(_text(value)), styles[str])
