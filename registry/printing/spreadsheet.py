"""The tables of a paper as a spreadsheet: the same numbers, for whoever wants to reckon on.

One sheet for each table, made row by row in constant memory. Every text is written as a string, so that nothing in it
is ever taken for a formula or a link; numbers and dates are real ones, as precise as the paper prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from registry.infra.i18n import NBSP, format_date
from registry.infra.sheets import EARLIEST, book_bytes
from registry.paper_kinds import terms
from registry.printing.layout import Facts, Notes, Paper, Paragraph, Row, Table

_NUMBER = re.compile(r"[-−]?\d+(\.\d+)?")
_FORBIDDEN = re.compile(r"[\[\]:*?/\\']")
_EXACT = 15
"""Digits a number cell keeps; a longer number is written as text."""


def paper_xlsx(paper: Paper) -> bytes:
    """What a composed paper prints, as XLSX."""

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
        _about(book.add_worksheet(_sheet_name(terms.say("xlsx.about", paper.language), 0)), paper, styles)
        for number, (title, table) in enumerate(_tables(paper), start=1):
            _write(book.add_worksheet(_sheet_name(title, number)), title, table, paper.language, styles)

    return book_bytes(paper.heading, fill)


def _tables(paper: Paper) -> Iterator[tuple[str, Table]]:
    for section in paper.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield block.caption or section.bookmark or paper.title, block


def _sheet_name(title: str, number: int) -> str:
    """A name a workbook takes: unique by its number, at most 31 letters."""
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
                lines += [("",), (section.heading,), *block.rows]
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
        for position, style, text in _cells(table, row):
            _write_cell(page, number, position, style, text, language, styles)


def _cells(table: Table, row: Row) -> Iterator[tuple[int, str, str]]:
    """Each cell with the column it stands in and that column's style; the first of a total is a label."""
    for index, text in enumerate(row.cells):
        position = index + (row.span - 1 if index else 0)
        label = row.style and not index
        yield (0 if label else position), ("text" if label else table.columns[position].style), text


def _write_cell(page: Any, row: int, column: int, style: str, text: str, language: str, styles: dict[Any, Any]) -> None:
    if style in {"number", "index", "centre"}:
        plain = _plain(text, language)
        if _NUMBER.fullmatch(plain) and len(plain) <= _EXACT:
            decimals = min(2, len(plain.partition(".")[2]))
            page.write_number(row, column, float(plain.replace("−", "-")), styles[decimals])
            return
    if style == "date" and (day := _day(text, language)) is not None and day >= EARLIEST:
        page.write_datetime(row, column, datetime(day.year, day.month, day.day), styles["date"])
        return
    page.write_string(row, column, text, styles["text"])


def _plain(text: str, language: str) -> str:
    """A printed number as programs write it."""
    bare = text.replace(NBSP, "")
    return bare.replace(",", "") if language == "en" else bare.replace(",", ".")


def _day(text: str, language: str) -> date | None:
    """The day a cell prints, if it prints one and nothing else."""
    if language != "en":
        found = re.fullmatch(r"(\d\d)\.(\d\d)\.(\d{4})", text)
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    parts = text.split(NBSP)
    if len(parts) != 3 or not (parts[0].isdigit() and parts[2].isdigit()):
        return None
    for month in range(1, 13):
        day = date(int(parts[2]), month, min(int(parts[0]), 28))
        if format_date(day, "en").split(NBSP)[1] == parts[1]:
            return day.replace(day=int(parts[0]))
    return None
