"""Files in: CSV and XLSX through the same rules and acts as the pages, all rows or none (``exchange.md`` 2)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from registry.errors import ImportRefused, NotFound, RowError
from registry.exchange import mappings, previews
from registry.exchange.applying import APPLY
from registry.exchange.files import LARGEST_FILE, read_table, told
from registry.exchange.mappings import HeaderRefused, labels_of
from registry.exchange.queries import layout_of
from registry.exchange.reading import ABSENT, Table, column_letter
from registry.exchange.returned import without_findings
from registry.exchange.rules import (
    CellError,
    Column,
    Kind,
    Layout,
    Type,
    date_order,
    is_label_row,
    parse_cell,
    plain_code,
    row_keys,
    shown,
)
from registry.exchange.running import FileRead, ImportResult, Row, Run, Values
from registry.exchange.taking_back import put_on_record
from registry.infra.access import Permission, Viewer
from registry.infra.db import db, refresh_statistics
from registry.infra.i18n import lazy
from registry.infra.text import clean, doubts
from registry.journal import queries as journal
from registry.reference import queries as reference
from registry.territories.queries import territories_of
from registry.territories.rules import bin_problem

MANY = 1000
"""Rows written from which on the database looks anew at what its tables hold."""


def read_file(actor: Viewer, kind: Kind | str, path: Path) -> FileRead:
    """Read a file; see :func:`read_bytes`.

    :raises NotFound: when the file cannot be read.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_FILE else b" " * (LARGEST_FILE + 1)
    except OSError as error:
        raise NotFound(lazy("%(file)s cannot be read: %(reason)s", file=path.name, reason=error.strerror)) from None
    return read_bytes(actor, kind, content, name=clean(path.name))


def read_bytes(actor: Viewer, kind: Kind | str, content: bytes, *, name: str) -> FileRead:
    """Turn a CSV or XLSX file into rows of Python values, noting every cell that cannot be read.

    What the rows say by themselves is looked at too. All of it runs outside any transaction: a file may take long, and
    nobody else could write meanwhile.

    :raises ImportRefused: when the file as a whole or its header is at fault.
    :raises NotAllowed: when the actor may not import.
    """
    actor.require(Permission.IMPORT_FILES)
    layout = layout_of(kind)
    with read_table(name, content, layout.names) as read:
        table = without_findings(read)
        found = _header_problems(layout, name, table.header)
        if not found:
            return _looked_over(_values(FileRead(layout, name), table))
        matched = mappings.find(actor, layout, table)
        if matched.kept:
            table, unread = matched.applied(layout, table), matched.unread
            found = _header_problems(layout, name, table.header)
            if not found:
                message = lazy("the columns were matched as kept before; not read: %(names)s", names=unread or "–")
                warnings = [RowError(name, 1, None, message)]
                if matched.filled_in:
                    told_filled = lazy(
                        "values kept before, filled in in all rows: %(values)s", values=matched.filled_in
                    )
                    warnings.append(RowError(name, 1, None, told_filled))
                return _looked_over(_values(FileRead(layout, name, warnings=warnings, matched=matched), table))
        for _row in table.rows:
            # What is wrong with the file as a whole is said before what is wrong with its header.
            pass
        if table.misfits:
            raise ImportRefused([RowError(name, note.row, None, told(note)) for note in table.misfits])
        raise HeaderRefused(found, matched)


def header_of(actor: Viewer, kind: Kind | str, content: bytes, *, name: str) -> list[str]:
    """The names a file's header has.

    :raises ImportRefused: when the file cannot be read.
    """
    actor.require(Permission.IMPORT_FILES)
    with read_table(name, content, layout_of(kind).names) as table:
        return without_findings(table).header


def import_rows(
    actor: Viewer, read: FileRead, *, now: datetime, dry_run: bool = False, changes: bool = False
) -> ImportResult:
    """Import a file that was read: all its rows, applied in the order of their dates, or none.

    A row whose key is new is entered, another one amended or corrected, an identical one left alone. A dry run does
    the same and takes it back, and tells what would change in existing records; with ``changes`` an import tells what
    changed. Runs inside the caller's ``transaction()``.

    :raises ImportRefused: with every error of every row, in the order of the rows.
    :raises NotAllowed: when the actor may not import.
    """
    actor.require(Permission.IMPORT_FILES)
    layout = read.layout
    result = ImportResult(layout.kind, dry_run=dry_run, warnings=list(read.warnings))
    territories = {row.code: row for row in territories_of(actor)}
    run = Run(actor, layout, read.file, now, territories, result, rows=read.rows, tells_changes=dry_run or changes)
    for error in read.refused:
        run.refuse(error.row, error.field, error.message)
    before = journal.head().count
    everything = db.session.begin_nested()
    try:
        _check_territories(run)
        APPLY[layout.kind](run, read.rows)
        db.session.flush()
        if run.refused:
            raise ImportRefused(_in_order(layout, run.refused.values()), _in_order(layout, result.warnings))
    except BaseException:
        everything.rollback()
        raise
    run.tell(previews.of_acts(actor, layout, run.acts))
    if dry_run:
        everything.rollback()
    else:
        everything.commit()
        if result.created + result.updated >= MANY:
            refresh_statistics()
    result.rows = len(run.rows)
    if not dry_run:
        put_on_record(actor, read, result, before, now)
    result.warnings = _in_order(layout, result.warnings)
    return result


def _in_order(layout: Layout, found: Iterable[RowError]) -> list[RowError]:
    """Findings in the order of rows and columns."""
    places = {name: place for place, name in enumerate(layout.names)}
    return sorted(found, key=lambda finding: (finding.row, places.get(finding.field or "", -1)))


# --- reading ----------------------------------------------------------------------------------------------------------


def _values(read: FileRead, table: Table) -> FileRead:
    layout, rows = read.layout, table.rows
    first = next(rows, None)
    if first is not None and not (first[0] == 2 and is_label_row(table.header, first[1], labels_of(layout))):
        rows = chain([first], rows)
    cells = [_Cells(layout.column(name), table.decimal_comma) for name in table.header]
    places: dict[tuple[str, ...], dict[str, int]] = {}
    for number, row in rows:
        values: list[Any] = []
        damaged = False
        absent: tuple[str, ...] = ()
        for column, cell in zip(cells, row, strict=True):
            if cell is ABSENT:
                absent += (column.name,)
                continue
            try:
                values.append(column.parse(cell))
            except CellError as error:
                values.append(None)
                damaged = True
                read.refused.append(RowError(read.file, number, column.name, error.message))
            else:
                if column.name == "bin" and isinstance(cell, str) and _is_respelled(clean(cell), values[-1]):
                    told_bin = lazy("%(typed)s is read as %(bin)s", typed=shown(cell), bin=values[-1])
                    read.warnings.append(RowError(read.file, number, "bin", told_bin))
                if not column.lines and isinstance(values[-1], str) and "\n" in values[-1]:
                    broken = lazy(
                        "the text has a line break (⏎): %(text)s; write it on one line",
                        text=shown(values[-1].replace("\n", " ⏎ ")),
                    )
                    read.warnings.append(RowError(read.file, number, column.name, broken))
        if absent not in places:
            places[absent] = {
                name: place for place, name in enumerate(name for name in table.header if name not in absent)
            }
        if absent:
            ended = lazy("the row ends before column %(column)s; what follows is read as empty", column=absent[0])
            read.warnings.append(RowError(read.file, number, None, ended))
        read.rows.append(Row(number, Values(places[absent], tuple(values)), damaged, absent))
    read.warnings += [RowError(read.file, note.row, None, told(note)) for note in table.warnings]
    read.refused += [RowError(read.file, note.row, None, told(note)) for note in table.misfits]
    return read


def _is_respelled(typed: str, number: str | None) -> bool:
    """Whether a right BIN was typed in another way; a wrong one is refused, which says it."""
    return bool(number) and number != typed and bin_problem(number or "") is None


class _Cells:
    """The cells of a column, read; those that say the same share one value, as most cells of a long file do."""

    MOST_SHARED = 10_000

    def __init__(self, column: Column, decimal_comma: bool) -> None:
        self.name, self.lines = column.name, column.lines
        self._column = column
        self._decimal_comma = decimal_comma
        names = column.dictionaries
        self._codes = None if names is None else {row.code for name in names for row in reference.current(name)}
        self._known: dict[str, Any] = {}

    def parse(self, cell: object) -> Any:
        """:raises CellError: when the column cannot hold it."""
        if type(cell) is not str:  # nor one that stands for an error or a time
            return parse_cell(self._column, cell)
        if cell in self._known:
            return self._known[cell]
        value = parse_cell(self._column, cell, decimal_comma=self._decimal_comma)
        if self._codes is not None and isinstance(value, str):
            value = plain_code(value, self._codes)
        if len(self._known) < self.MOST_SHARED:
            self._known[cell] = value
        return value


def _header_problems(layout: Layout, file: str, header: Sequence[str]) -> list[RowError]:
    known = layout.names
    found: list[RowError] = []
    for place, name in enumerate(header):
        if not name:
            letter = column_letter(place)
            message: object = lazy("column %(letter)s has no name; name it or delete the column", letter=letter)
            found.append(RowError(file, 1, None, message))
    for name, count in Counter(filter(None, header)).items():
        if name not in known:
            message = _unknown(layout, name)
        elif count > 1:
            message = lazy("the column stands %(count)s times; keep one of them", count=count)
        else:
            continue
        found.append(RowError(file, 1, shown(name) or None, message))
    for name in layout.key:
        if name not in header:
            found.append(RowError(file, 1, name, lazy("the column is missing; it is part of the key")))
    if layout.kind is Kind.PATENTS and not {"title_no", "application_no"} & set(header):
        found.append(RowError(file, 1, "title_no", lazy("the column is missing; it is part of the key")))
    return found


def _looked_over(read: FileRead) -> FileRead:
    """The file with what its rows say by themselves, in the order in which they are applied."""
    _look_at_texts(read)
    _look_at_keys(read)
    if read.layout.kind is not Kind.REPORT_LINES:  # which are put together by reports
        # Sorting is stable: rows of one date keep the file's order.
        read.rows.sort(key=lambda row: date_order(read.layout, row.values))
    return read


def _look_at_texts(read: FileRead) -> None:
    """Warn of texts in which letters look lost, or Latin ones stand among Cyrillic."""
    columns = [column.name for column in read.layout.columns if column.type is Type.TEXT or column.name == "holders"]
    known: dict[str, list[object]] = {}
    for row in read.rows:
        for name in columns:
            text = row.values.get(name)
            if text and text not in known:
                if len(known) >= _Cells.MOST_SHARED:
                    known.clear()
                known[text] = list(doubts(text))
            for message in known[text] if text else ():
                read.warnings.append(RowError(read.file, row.number, name, message))


def _unknown(layout: Layout, name: str) -> object:
    """What is wrong with a column no file of this kind has: perhaps it is only written in another way."""
    plain = re.sub(r"[\s_-]+", "_", name.casefold())
    meant = next((column for column in layout.names if column == plain), None)
    if meant is None:
        meant = next((column for column, texts in labels_of(layout).items() if name in texts), None)
    if meant is not None:
        return lazy("unknown column; write its name as %(name)s", name=meant)
    return lazy("unknown column; the columns are %(columns)s", columns=", ".join(layout.names))


def _check_territories(run: Run) -> None:
    """Refuse unknown territories."""
    for row in run.rows:
        code = row.values.get("territory")
        if code is not None and code not in run.territories:
            message = lazy(
                "there is no territory %(code)s; the codes are %(codes)s",
                code=shown(code),
                codes=", ".join(run.territories),
            )
            run.refuse(row.number, "territory", message)


def _look_at_keys(read: FileRead) -> None:
    """Refuse failing numbers, and the same key twice in the file."""
    seen: dict[tuple[Any, ...], Row] = {}
    problems: dict[str, object] = {}
    for row in read.rows:
        number = row.values.get("bin")
        if number is not None and number not in problems:
            problems[number] = bin_problem(number)
        if number is not None and problems[number]:
            read.refused.append(RowError(read.file, row.number, "bin", problems[number]))
        if row.damaged and read.layout.kind is Kind.REPORT_LINES:
            continue
        for column, key in row_keys(read.layout, row.values).items():
            first = seen.setdefault(key, row)
            if first is not row:
                read.refused.append(RowError(read.file, row.number, column, _same_key(column, first, row)))


def _same_key(column: str, first: Row, row: Row) -> object:
    spelled = first.values.get(column)
    if spelled != row.values.get(column):
        return lazy(
            "row %(row)s has the same number, written %(number)s; keep one of them",
            row=first.number,
            number=shown(spelled),
        )
    return lazy("the same key stands in row %(row)s; keep one of them", row=first.number)
