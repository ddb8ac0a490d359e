"""The tables of a paper as a spreadsheet, with the same numbers, for readers who want to calculate with them.

One sheet for each table, made row by row in constant memory. Every text is written as a string, so that nothing in it
is ever taken for a formula or a link; numbers and dates are real ones, as precise as the paper prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from registry.infra.i18n import NBSP
from registry.infra.sheets import EARLIEST, book_bytes
from registry.printing import formats
from registry.printing.layout import Cell, Facts, Notes, Paper, Paragraph, Table

_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
"""Characters that are not allowed in the name of a sheet."""
_EXACT = 15
"""How many digits a number cell keeps exactly; a longer number is written as text."""


def paper_xlsx(paper: Paper) -> bytes:
    """What a composed paper prints, as an XLSX file: a sheet about the paper, then one for each table."""

    def fill(book: Any) -> None:
        styles = {
            "text": book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"}),
            "head": book.add_format({"bold": True, "text_wrap": True, "valign": "vcenter", "border": 1}),
            "bold": book.add_format({"bold": True}),
            "date": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"}),
            0: book.add_format({"num_format": "#,##0", "valign": "top"}),
            1: book.add_format({"num_format": "#,##0.0", "valign": "top"}),
            2: book.add_format({"num_format": "#,##0.00", "valign": "top"}),
        }
        _about(book.add_worksheet(_sheet_name(paper.words["xlsx.about"], 0)), paper, styles)
        for number, (title, table) in enumerate(_tables(paper), start=1):
            _write(book.add_worksheet(_sheet_name(title, number)), title, table, paper.language, styles)

    return book_bytes(paper.heading, fill)


def _tables(paper: Paper) -> Iterator[tuple[str, Table]]:
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield block.caption or section.bookmark or paper.title, block


def _sheet_name(title: str, number: int) -> str:
    """A valid name of a sheet: at most 31 letters, and unique because it begins with the number."""
    name = f"{number}. {title}" if number else title
    return " ".join(_FORBIDDEN.sub(" ", name).replace(NBSP, " ").split())[:31].strip()


def _about(page: Any, paper: Paper, styles: dict[Any, Any]) -> None:
    page.set_column(0, 0, 60)
    page.set_column(1, 1, 60)
    lines: list[tuple[str, ...]] = [(paper.title,), (paper.place,), (paper.dated,), (paper.data_status,)]
    lines += [(paper.words["demo"],)] if paper.demo else []
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Facts):
                lines += [("",), (section.heading,)]
                lines += [(label, formats.text(value, paper.language)) for label, value in block.rows]
            elif isinstance(block, Paragraph):
                lines.append((block.text,))
            elif isinstance(block, Notes):
                lines += [(note,) for note in block.items]
    lines += [("",), *((note,) for note in paper.notes), *((source,) for source in paper.sources)]
    for row, cells in enumerate(lines):
        for column, text in enumerate(cells):
            page.write_string(row, column, text, styles["bold"] if row == 0 else styles["text"])


def _write(page: Any, title: str, table: Table, language: str, styles: dict[Any, Any]) -> None:
    for position, column in enumerate(table.columns):
        page.set_column(position, position, max(8, column.width / 2))
    page.freeze_panes(2, 0)
    page.write_string(0, 0, title, styles["bold"])
    for position, column in enumerate(table.columns):
        page.write_string(1, position, column.heading, styles["head"])
    for number, row in enumerate(table.rows, start=2):
        for place, cell in row.places:
            _write_cell(page, number, place, cell, language, styles)


def _write_cell(page: Any, row: int, column: int, cell: Cell, language: str, styles: dict[Any, Any]) -> None:
    """Write numbers and days as such, and anything else as the text that is printed."""
    number, day = formats.number(cell), cell.value
    if number is not None and not cell.code and len(number.as_tuple().digits) <= _EXACT:
        page.write_number(row, column, float(number), styles[formats.decimals(cell)])
    elif isinstance(day, date) and not cell.code and day >= EARLIEST:
        page.write_datetime(row, column, datetime(day.year, day.month, day.day), styles["date"])
    else:
        page.write_string(row, column, formats.text(cell, language), styles["text"])
