"""Trace codes: each total that a paper prints has a code, by which the lines it adds up are found.

A code is the number of the table among the tables with totals, and a letter for the total in it: ``2A`` is the first
total of the second such table. In a table of indicators, the line of indicator 4 has the code ``I4``. Where a total
adds up report lines, its ``source`` says which, so that the accepted lines themselves can be shown. Codes are given to
the cells of the composed paper: so papers of all kinds have them, and the same paper always has the same.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_uppercase

from registry.printing.layout import Block, CellKind, Column, Paper, Row, Section, Source, Table


@dataclass(frozen=True, slots=True)
class TracedTotal:
    """A total with the lines of the paper that it adds up; ``section`` is the heading they stand under."""

    code: str
    section: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    total: Row

    @property
    def source(self) -> Source | None:
        """The report lines that the total adds up, or None if it adds up none."""
        return self.total.source

    @property
    def bins(self) -> set[str]:
        """The BINs of the companies in the lines, as printed."""
        lines = (line for row in self.rows for cell in row.cells for line in cell.lines)
        return {str(line.value) for line in lines if line.kind is CellKind.BIN}


def with_codes(paper: Paper, note: str) -> Paper:
    """The paper with a code at each total; if a table has totals, also with ``note``, which explains the codes."""
    tables = 0
    sections: list[Section] = []
    for section in paper.sections:
        blocks: list[Block] = []
        for block in section.blocks:
            if not isinstance(block, Table):
                blocks.append(block)
            elif any(_is_indicator(row) for row in block.rows):
                blocks.append(dataclasses.replace(block, rows=tuple(_indicator(row) for row in block.rows)))
            elif any(row.style == "total" for row in block.rows):
                tables += 1
                blocks.append(_coded_table(block, tables))
            else:
                blocks.append(block)
        sections.append(dataclasses.replace(section, blocks=tuple(blocks)))
    notes = (*paper.notes, note) if tables else paper.notes
    return dataclasses.replace(paper, sections=tuple(sections), notes=notes)


def clean(code: str) -> str:
    """A code typed from paper in its plain form: in upper case, without spaces and brackets."""
    return re.sub(r"[\s\[\]]", "", code).upper()


def find(paper: Paper, code: str) -> TracedTotal | None:
    """The total with this code in a paper that has codes, with the lines behind it; None if there is none."""
    wanted = clean(code)
    indicator = re.fullmatch(r"I([1-6])", wanted)
    if indicator:
        return _find_indicator(paper, int(indicator[1]))
    return next((found for found in _totals(paper) if found.code == wanted), None)


def _coded_table(table: Table, number: int) -> Table:
    letters = iter(_letters())
    rows = [_mark(row, 0, f"{number}{next(letters)}") if row.style == "total" else row for row in table.rows]
    return dataclasses.replace(table, rows=tuple(rows))


def _indicator(row: Row) -> Row:
    """The line of an indicator with its code at the second cell, the title; the first holds the number."""
    return _mark(row, 1, f"I{row.cells[0].value}")


def _mark(row: Row, place: int, code: str) -> Row:
    """The row with a code at its cell ``place``."""
    cells = list(row.cells)
    cells[place] = dataclasses.replace(cells[place], code=code)
    return dataclasses.replace(row, cells=tuple(cells))


def _is_indicator(row: Row) -> bool:
    return not row.style and row.source is not None and row.source.indicator is not None


def _letters() -> Iterator[str]:
    yield from ascii_uppercase
    for first in ascii_uppercase:
        for second in ascii_uppercase:
            yield first + second


def _totals(paper: Paper) -> Iterator[TracedTotal]:
    """Every total of a paper with codes.

    It adds up the lines since the total before it, or all lines of its table where there are none in between.
    """
    for section in paper.sections:
        for block in section.blocks:
            if not isinstance(block, Table):
                continue
            lines: list[Row] = []
            for row in block.rows:
                code = row.cells[0].code
                if row.style != "total" or not code:
                    lines += [row] if not row.style else []
                    continue
                behind = lines or [line for line in block.rows if not line.style]
                yield TracedTotal(code, section.heading, block.columns, tuple(behind), row)
                lines = []


def _find_indicator(paper: Paper, number: int) -> TracedTotal | None:
    """The line of an indicator with the rows of the table that lists what it counts, if the paper has such a table."""
    source = Source(indicator=number)
    tables = [(section, block) for section in paper.sections for block in section.blocks if isinstance(block, Table)]
    own = [(section, table, row) for section, table in tables for row in table.rows if row.source == source]
    found = next(((section, table, row) for section, table, row in own if not row.style), None)
    if found is None:
        return None
    section, table, line = found
    for listing, behind, total in own:
        if total.style:
            rows = tuple(row for row in behind.rows if not row.style)
            return TracedTotal(f"I{number}", listing.heading, behind.columns, rows, total)
    return TracedTotal(f"I{number}", section.heading, table.columns, (line,), line)
