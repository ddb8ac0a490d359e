"""Dictionaries as files: the columns each ships with, then territory, validity, act (``exchange.md`` 5, rule 6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from registry.errors import Conflict, DomainError, ImportRefused, Invalid, NotFound, RowError
from registry.exchange import code_uses, previews
from registry.exchange.files import read_table, told
from registry.exchange.previews import Changed
from registry.exchange.reading import ABSENT, Table
from registry.exchange.rules import CellError, Column, Type, parse_cell, plain_code, shown
from registry.exchange.running import LOSES
from registry.indicators import counted, presentation
from registry.indicators import queries as indicators
from registry.indicators.rules import INDICATORS
from registry.infra.access import Permission, Viewer
from registry.infra.db import db
from registry.infra.findings import MOST_OF_ONE_KIND, Finding, Weight, notice, noticing
from registry.infra.i18n import lazy
from registry.infra.sheets import csv_bytes
from registry.infra.text import doubts
from registry.reference import queries as reference
from registry.reference.services import ADDED, ALWAYS, DICTIONARIES, NAMES, columns, row_of
from registry.reference.workdays import MOVED
from registry.reports import reporting_periods, rules, totals
from registry.territories import dictionaries
from registry.territories.dictionaries import Key
from registry.territories.queries import all_territories

DATES = frozenset({"valid_from", "valid_to", "act_date"})
"""The columns that hold days."""

_YEARS = frozenset({"baseline_year", "target_year"})


def flags_of(name: str) -> set[str]:
    """The columns of a dictionary that say yes or no."""
    return {DICTIONARIES[name][1], "work"} & set(columns(name))


@dataclass
class DictionaryResult:
    """What an import of a dictionary did, in rows."""

    name: str
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    warnings: list[RowError] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    """What becomes of rows that stand, by row and column."""
    moved: list[Finding] = field(default_factory=list)
    """Accepted figures that are others by it, and records whose codes stood for a list not loaded yet."""

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.rows} rows, {self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        )


@dataclass
class DictionaryFile:
    """What a file of a dictionary says, read before anything is written: rows with their keys, and what is wrong."""

    name: str
    file: str
    rows: list[tuple[int, Key, dict[str, Any]]] = field(default_factory=list)
    short: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By row: the columns before which it ended."""
    refused: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)


def need_dictionary(name: str) -> str:
    """:raises NotFound: for a name that is none of the dictionaries."""
    if name not in DICTIONARIES:
        raise NotFound(
            lazy("%(name)s is not one of %(names)s", name=shown(name), names=", ".join(sorted(DICTIONARIES))), "name"
        )
    return name


def export_dictionary(viewer: Viewer, name: str) -> bytes:
    """Every row of a dictionary as it is now, as CSV, by code, territory and first day.

    :raises NotAllowed: without the permission to export or to keep settings.
    :raises NotFound: for a name that is none of the dictionaries.
    """
    if not viewer.may(Permission.KEEP_SETTINGS):
        viewer.require(Permission.EXPORT_FILES)
    need_dictionary(name)
    codes = {row.id: row.code for row in all_territories()}
    rows = [
        (entry.code, codes.get(entry.territory_id or 0, ""), entry)
        for entry in reference.current(name)
        if viewer.sees_territory(entry.territory_id) or entry.territory_id is None
    ]
    rows.sort(key=lambda item: (item[0], item[1], item[2].valid_from))
    names = columns(name)
    return csv_bytes(names, ([row_of(name, entry, code)[column] for column in names] for _code, code, entry in rows))


def import_dictionary(actor: Viewer, read: DictionaryFile, *, now: datetime, dry_run: bool = False) -> DictionaryResult:
    """Take in the rows of a dictionary: all or none. Rows that stand are changed, others added, none deleted.

    A missing column leaves the value as it is; the columns of the key must stand but for ``territory`` and
    ``valid_from``, which are then those of a code for all territories and every day. Runs inside ``transaction()``.

    Accepted figures that move by it are noticed as findings that ask.

    :raises ImportRefused: with every error of every row.
    :raises Conflict: naming the year, where a figure of a closed one would move.
    :raises NotAllowed: for whoever may not keep dictionaries.
    """
    dictionaries.require_keeper(actor)
    name, file, rows, refused = read.name, read.file, read.rows, list(read.refused)
    result = DictionaryResult(name, rows=len(rows))
    everything = db.session.begin_nested()
    try:
        reference.forget()
        before, used = _figures(name), code_uses.held(name)
        places: dict[Key, int] = {}
        # Acts on several codes may have one and the same thing to tell.
        noticed: dict[str, RowError] = {}
        for number, key, values in rows:
            if key in places:
                message = lazy("the same key stands in row %(row)s; keep one of them", row=places[key])
                refused.append(RowError(file, number, DICTIONARIES[name][0], message))
                continue
            places[key] = number
            with noticing() as of_row:
                _keep(actor, read, key, values, result, now, refused, number)
            for finding in of_row:
                noticed.setdefault(str(finding), RowError(file, number, None, finding))
        refused += _lost(read, used, result)
        if refused:
            raise ImportRefused(_by_row(refused), _by_row(read.warnings))
        result.warnings = [*read.warnings, *noticed.values()]
        for earlier, later in dictionaries.overlaps(name):
            message = lazy(
                "the code %(code)s has two rows for one day; that from %(day)s on holds, close the other with valid_to",
                code=earlier[0],
                day=later[2].isoformat(),
            )
            row = places.get(later, places.get(earlier))
            if row is not None:
                result.warnings.append(RowError(file, row, "valid_from", message))
        result.warnings = _by_row(result.warnings)
        result.moved += _moved(before, _figures(name))
    except BaseException:
        everything.rollback()
        reference.forget()
        raise
    if dry_run:
        everything.rollback()
        reference.forget()
    else:
        everything.commit()
    notice(result.moved)
    return result


def _by_row(found: Iterable[RowError]) -> list[RowError]:
    return sorted(found, key=lambda finding: finding.row)


def _lost(read: DictionaryFile, used: Mapping[code_uses.Use, bool], result: DictionaryResult) -> list[RowError]:
    """The rows by which records would have a code that is taken no more on their day.

    A record that took one of the nearest codes, its list not being loaded yet, does not keep the list out: that is
    asked about.
    """
    db.session.flush()
    reference.forget()
    numbers: dict[str, int] = {}
    for number, key, _values in read.rows:
        numbers.setdefault(key[0], number)
    refused = []
    for item in code_uses.lost(read.name, used):
        if not item.was_valid:
            message = lazy(
                "Records took the code %(code)s while the list held none of their days: %(where)s. The list now holds"
                " others of these days: give the records one of them.",
                code=item.code,
                where=item.where,
            )
            result.moved.append(Finding(Weight.ASKS, message))
        elif item.field == "valid_to":
            message = lazy(
                "the code %(code)s is used on days on which it would not be valid: %(where)s; give it a later last day,"
                " or bring the row that follows in the same file",
                code=item.code,
                where=item.where,
            )
            refused.append(RowError(read.file, numbers.get(item.code, 1), item.field, message))
        else:
            message = lazy(
                "the ground %(code)s is used for changes to which it would not apply: %(where)s; close the row and"
                " bring the one that follows",
                code=item.code,
                where=item.where,
            )
            refused.append(RowError(read.file, numbers.get(item.code, 1), item.field, message))
    return refused


Figures = Mapping[tuple[int, int, int], int]
"""What the indicators are, by number, year and territory."""


def _figures(name: str) -> Figures:
    """The figures as they are now, where the dictionary is one that says what counts."""
    _code, counts_column, _attributes = DICTIONARIES[name]
    if not counts_column:
        return {}
    # What is kept of them is else brought up to the acts at the end of the transaction only.
    db.session.flush()
    totals.KEPT.settle()
    counted.COUNTED.settle()
    return indicators.figures()


def _moved(before: Figures, after: Figures) -> list[Finding]:
    """The figures that are others than before; of many the first are named.

    :raises Conflict: naming the year, where one of them belongs to a closed one (``exchange.md`` 5, rule 18).
    """
    names = {row.id: row.code for row in all_territories()}
    closed = reporting_periods.closed_years()
    found: list[object] = []
    refused: list[str] = []
    for number, year, territory_id in sorted(before.keys() | after.keys()):
        old, new = (figures.get((number, year, territory_id), 0) for figures in (before, after))
        if old == new:
            continue
        unit = INDICATORS[number].unit
        message = lazy(
            "Accepted figures move: indicator %(number)s of %(year)s, %(territory)s: %(old)s → %(new)s.",
            number=number,
            year=year,
            territory=names[territory_id],
            old=presentation.exact(unit, old),
            new=presentation.exact(unit, new),
        )
        found.append(message)
        if (territory_id, year) in closed:
            refused.append(f"{message} {rules.closed_problem(year)}")
    if refused:
        raise Conflict("\n".join(refused[:MOST_OF_ONE_KIND]), "year")
    if len(found) > MOST_OF_ONE_KIND:
        more = len(found) - MOST_OF_ONE_KIND
        found[MOST_OF_ONE_KIND:] = [lazy("Further accepted figures that move: %(count)s.", count=more)]
    return [Finding(Weight.ASKS, message) for message in found]


def _keep(
    actor: Viewer,
    read: DictionaryFile,
    key: Key,
    values: dict[str, Any],
    result: DictionaryResult,
    now: datetime,
    refused: list[RowError],
    number: int,
) -> None:
    name, file = read.name, read.file
    entry = dictionaries.find(name, key)
    # What the file does not speak of stays as it is.
    before: dict[str, Any] = dict(row_of(name, entry, "")) if entry else {}
    lost = [column for column in read.short.get(number, ()) if before.get(column)]
    if lost:
        # A short row may be one that was cut: of a row that stands it clears nothing.
        refused += [RowError(file, number, column, LOSES) for column in lost]
        return
    row = before | {column: value for column, value in values.items() if column not in DATES}
    dates = {
        column: values[column] if column in values else getattr(entry, column, None)
        for column in ("valid_to", "act_date")
    }
    try:
        made = dictionaries.keep_code(
            actor,
            name,
            key,
            row,
            valid_to=dates["valid_to"],
            act_no=row.get("act_no") or None,
            act_date=dates["act_date"],
            now=now,
        )
    except DomainError as error:
        for column, message in error.problems if isinstance(error, Invalid) else [(error.field, error.message)]:
            refused.append(RowError(file, number, column if column in columns(name) else None, message))
        return
    if made is None:
        result.unchanged += 1
    elif made:
        result.created += 1
    else:
        result.updated += 1
        kept = dictionaries.find(name, key)
        if kept is not None:
            result.changes += previews.of_code(number, key[0], before, row_of(name, kept, ""))


def one_code(name: str, territory_id: int | None, values: Mapping[str, Any]) -> DictionaryFile:
    """One row of a dictionary as a file of it would bring it: days as days, the rest as texts."""
    row = dict(values)
    code = row.get(DICTIONARIES[name][0]) or ""
    key = (code, territory_id, row.pop("valid_from", None) or ALWAYS)
    return DictionaryFile(name, name, [(2, key, row)])


def read_dictionary(actor: Viewer, name: str, content: bytes, *, file: str) -> DictionaryFile:
    """Read a file of a dictionary, outside any transaction.

    :raises ImportRefused: for a file that cannot be read, or a header that is not the dictionary's.
    :raises NotAllowed: for whoever may not keep dictionaries.
    """
    dictionaries.require_keeper(actor)
    known = columns(need_dictionary(name))
    with read_table(file, content, known) as table:
        return _rows_of(DictionaryFile(name, file), table, known)


def _rows_of(read: DictionaryFile, table: Table, known: Sequence[str]) -> DictionaryFile:
    """The rows of a file with their keys; what cannot be read is added to ``refused``."""
    file, refused, found = read.file, read.refused, read.rows
    code_column = DICTIONARIES[read.name][0]
    for column, count in Counter(table.header).items():
        if column not in known:
            message: object = lazy("unknown column; the columns are %(columns)s", columns=", ".join(known))
        elif count > 1:
            message = lazy("the column stands %(count)s times; keep one of them", count=count)
        else:
            continue
        refused.append(RowError(file, 1, shown(column) or None, message))
    if code_column not in table.header:
        refused.append(RowError(file, 1, code_column, lazy("the column is missing; it is part of the key")))
    if refused:
        raise ImportRefused(refused)
    territories = {row.code: row.id for row in all_territories()}
    standing = {entry.code for entry in reference.current(read.name)}
    for number, cells in table.rows:
        values: dict[str, Any] = {}
        wrong = False
        short = tuple(column for column, cell in zip(table.header, cells, strict=True) if cell is ABSENT)
        if short:
            read.short[number] = short
        for column, cell in zip(table.header, cells, strict=True):
            if cell is ABSENT:
                continue
            try:
                value = _parsed(read.name, column, cell, standing)
            except CellError as error:
                refused.append(RowError(file, number, column, error.message))
                wrong = True
                continue
            values[column] = value if column in DATES else value or ""
            if column in NAMES and value:
                read.warnings += [RowError(file, number, column, message) for message in doubts(value)]
        code = values.get("territory") or None
        if code is not None and code not in territories:
            message = lazy(
                "there is no territory %(code)s; the codes are %(codes)s",
                code=shown(code),
                codes=", ".join(territories),
            )
            refused.append(RowError(file, number, "territory", message))
            wrong = True
        if not wrong:
            first: date = values.pop("valid_from", None) or ALWAYS
            key = (values.get(code_column) or "", territories[code] if code else None, first)
            found.append((number, key, values))
    refused += [RowError(file, note.row, None, told(note)) for note in table.misfits]
    read.warnings += [RowError(file, note.row, None, told(note)) for note in table.warnings]
    return read


def _parsed(name: str, column: str, cell: object, standing: Collection[str]) -> Any:
    """A cell of a dictionary's file, days as days; whole numbers and days however a spreadsheet wrote them.

    :raises CellError: when the column cannot hold it.
    """
    is_code = column == DICTIONARIES[name][0]
    if is_code and name == MOVED and cell not in standing:
        # What is no day is refused where the row is kept: a code that stands can be closed, whatever it is.
        with suppress(CellError):
            day = parse_cell(Column(column, Type.DATE, column), cell)
            return day and day.isoformat()
    value = parse_cell(Column(column, Type.DATE if column in DATES else Type.CODE, column), cell)
    if is_code:
        return value and plain_code(value, standing)
    return plain_code(value, ()) if value and column in flags_of(name) | _YEARS else value


__all__ = ["ADDED", "DictionaryResult", "export_dictionary", "import_dictionary", "need_dictionary", "read_dictionary"]
