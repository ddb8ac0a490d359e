"""Files in: CSV and XLSX through the same rules and acts as the pages, all rows or none (``exchange.md`` 2)."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from registry.contracts import queries as contracts
from registry.contracts import rules as contract_rules
from registry.contracts.services import add_addendum, amend_contract, conclude_contract, correct_addendum
from registry.errors import DomainError, ImportRefused, Invalid, NotFound, RowError
from registry.exchange.files import LARGEST_FILE, read_table
from registry.exchange.rules import (
    LAYOUTS,
    CellError,
    Kind,
    Layout,
    date_order,
    is_label_row,
    key_column,
    missing,
    parse_cell,
    row_key,
    shown,
)
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, lazy, speaking
from registry.journal.services import Basis
from registry.patents import queries as patents
from registry.patents import rules as patent_rules
from registry.patents.services import amend_patent, record_patent
from registry.reference import queries as reference
from registry.reports import queries as reports
from registry.reports import rules as report_rules
from registry.reports.rules import Line, LinesRefused
from registry.reports.services import store_accepted
from registry.residents import queries as residents
from registry.residents import rules as resident_rules
from registry.residents.models import Resident
from registry.residents.rules import Change
from registry.residents.services import amend_resident, change_status, correct_status_change, register_resident
from registry.territories.models import Territory
from registry.territories.queries import all_territories
from registry.territories.rules import bin_problem
from registry.territories.services import reserve_number

Problem = tuple[str | None, object]

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass
class ImportResult:
    """What an import did, in rows for every kind; ``warnings`` are allowed but worth a look."""

    kind: Kind
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    dry_run: bool = False
    warnings: list[RowError] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.rows} rows, {self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        )


@dataclass
class Row:
    """A row of the file: its number and its values by column; ``damaged`` when a cell could not be read."""

    number: int
    values: dict[str, Any]
    damaged: bool = False


@dataclass
class Run:
    """One import under way: what it knows, and what it has found wrong so far."""

    actor: Viewer
    layout: Layout
    file: str
    now: datetime
    territories: dict[str, Territory]
    result: ImportResult
    rows: list[Row] = field(default_factory=list)
    refused: dict[tuple[int, str | None], RowError] = field(default_factory=dict)
    touched: dict[int, int] = field(default_factory=dict)
    """Patents by id and the row that speaks of them: two keys may mean one patent."""

    def refuse(self, row: int, column: str | None, message: object) -> None:
        """Note an error, once for a cell. A field that is no column of the file is the whole row's."""
        column = column if column in self.layout.names else None
        self.refused.setdefault((row, column), RowError(self.file, row, column, message))

    def refuse_all(self, row: int, error: DomainError) -> None:
        for column, message in _problems(error):
            self.refuse(row, column, message)

    def warn(self, row: int, column: str | None, message: object) -> None:
        self.result.warnings.append(RowError(self.file, row, column, message))

    def is_refused(self, row: Row) -> bool:
        return any(number == row.number for number, _column in self.refused)


def import_file(actor: Viewer, kind: Kind | str, path: Path, *, now: datetime, dry_run: bool = False) -> ImportResult:
    """Import a file; see :func:`import_bytes`.

    :raises NotFound: when the file cannot be read.
    """
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= LARGEST_FILE else b" " * (LARGEST_FILE + 1)
    except OSError as error:
        raise NotFound(lazy("%(file)s cannot be read: %(reason)s", file=path.name, reason=error.strerror)) from None
    return import_bytes(actor, kind, content, name=path.name, now=now, dry_run=dry_run)


def import_bytes(
    actor: Viewer, kind: Kind | str, content: bytes, *, name: str, now: datetime, dry_run: bool = False
) -> ImportResult:
    """Import a CSV or XLSX file: all its rows, applied in the order of their dates, or none.

    A row whose key is new is entered, another one amended or corrected, an identical one left alone. A dry run does
    the same and takes it back. Runs inside the caller's ``transaction()``.

    :raises ImportRefused: with every error of every row, in the order of the rows.
    :raises NotAllowed: when the actor may not import.
    """
    actor.require(Permission.IMPORT_FILES)
    try:
        layout = LAYOUTS[Kind(kind)]
    except ValueError:
        raise NotFound(
            lazy("%(kind)s is not one of %(kinds)s", kind=shown(kind), kinds=", ".join(LAYOUTS)), "kind"
        ) from None
    result = ImportResult(layout.kind, dry_run=dry_run)
    run = Run(actor, layout, name, now, {row.code: row for row in all_territories()}, result)
    _read(run, content)
    everything = db.session.begin_nested()
    try:
        _check_keys(run)
        # Sorting is stable: rows of one date keep the file's order.
        ordered = sorted(run.rows, key=lambda row: date_order(layout, row.values))
        _APPLY[layout.kind](run, ordered)
        db.session.flush()
        if run.refused:
            raise ImportRefused(sorted(run.refused.values(), key=lambda error: (error.row, _place(layout, error))))
    except BaseException:
        everything.rollback()
        raise
    if dry_run:
        everything.rollback()
    else:
        everything.commit()
    result.rows = len(run.rows)
    result.warnings.sort(key=lambda warning: (warning.row, _place(layout, warning)))
    return result


def _place(layout: Layout, error: RowError) -> int:
    return layout.names.index(error.field) if error.field in layout.names else -1


def _problems(error: DomainError) -> Sequence[Problem]:
    return error.problems if isinstance(error, Invalid) else [(error.field, error.message)]


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(run: Run, content: bytes) -> None:
    """Turn the file into rows of Python values, noting every cell that cannot be read.

    :raises ImportRefused: when the file as a whole or its header is at fault.
    """
    table = read_table(run.file, content)
    _check_header(run, table.header)
    rows = table.rows
    if rows and rows[0][0] == 2 and is_label_row(table.header, rows[0][1], _labels(run.layout)):
        rows = rows[1:]
    columns = [run.layout.column(name) for name in table.header]
    for number, cells in rows:
        row = Row(number, {})
        for column, cell in zip(columns, cells, strict=True):
            try:
                row.values[column.name] = parse_cell(column, cell)
            except CellError as error:
                row.values[column.name] = None
                row.damaged = True
                run.refuse(number, column.name, error.message)
        run.rows.append(row)


def _check_header(run: Run, header: Sequence[str]) -> None:
    known = run.layout.names
    found: list[RowError] = []
    for name, count in Counter(header).items():
        if not name:
            message: object = lazy("a column in the middle of the header has no name")
        elif name not in known and ";" in name:
            message = lazy("the columns must be separated by commas; save the file as CSV with commas")
        elif name not in known:
            message = lazy("unknown column; the columns are %(columns)s", columns=", ".join(known))
        elif count > 1:
            message = lazy("the column stands %(count)s times; keep one of them", count=count)
        else:
            continue
        found.append(RowError(run.file, 1, shown(name) or None, message))
    for name in run.layout.key:
        if name not in header:
            found.append(RowError(run.file, 1, name, lazy("the column is missing; it is part of the key")))
    if run.layout.kind is Kind.PATENTS and not {"title_no", "application_no"} & set(header):
        found.append(RowError(run.file, 1, "title_no", lazy("the column is missing; it is part of the key")))
    if found:
        raise ImportRefused(found)


def _labels(layout: Layout) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {name: set() for name in layout.names}
    for language in LANGUAGES:
        with speaking(language):
            for column in layout.columns:
                found[column.name].add(str(column.label))
    return {name: frozenset(labels) for name, labels in found.items()}


def _check_keys(run: Run) -> None:
    """Refuse unknown territories, failing numbers, and the same key twice in the file."""
    seen: dict[tuple[Any, ...], int] = {}
    for row in run.rows:
        code, number = row.values.get("territory"), row.values.get("bin")
        if code is not None and code not in run.territories:
            run.refuse(
                row.number,
                "territory",
                lazy("there is no territory %(code)s; the codes are %(codes)s", code=shown(code),
                     codes=", ".join(run.territories)),
            )  # fmt: skip
        problem = bin_problem(number) if number is not None else None
        if problem:
            run.refuse(row.number, "bin", problem)
        key = row_key(run.layout, row.values)
        if key is None or (row.damaged and run.layout.kind is Kind.REPORT_LINES):
            continue
        if key in seen:
            run.refuse(
                row.number,
                key_column(run.layout, row.values),
                lazy("the same key stands in row %(row)s; keep one of them", row=seen[key]),
            )
        else:
            seen[key] = row.number


# --- applying ---------------------------------------------------------------------------------------------------------


@contextmanager
def _attempt(run: Run, numbers: Iterable[int], *, keep: bool) -> Iterator[None]:
    """Apply inside a savepoint: what fails, or must not be kept, leaves no trace for the rows after it."""
    savepoint = db.session.begin_nested()
    try:
        yield
        db.session.flush()
    except DomainError as error:
        savepoint.rollback()
        for number in numbers:
            run.refuse_all(number, error)
    except (IntegrityError, DataError) as error:
        savepoint.rollback()
        for number in numbers:
            run.refuse(number, None, lazy("the database refuses this row: %(reason)s", reason=shown(error.orig)))
    except BaseException:
        savepoint.rollback()
        raise
    else:
        if keep:
            savepoint.commit()
        else:
            savepoint.rollback()


def _each_row(apply: Callable[[Run, Row], str], check: Callable[[Run, Row], Iterable[Problem]]) -> Callable[..., None]:
    """Apply row after row; of a row whose key cannot be read, at least ``check`` its fields."""

    def run_all(run: Run, rows: Sequence[Row]) -> None:
        for row in rows:
            if _key_is_refused(run, row):
                for name in missing(run.layout, row.values, is_new=True):
                    run.refuse(row.number, name, lazy("this field is required"))
                for column, message in check(run, row):
                    run.refuse(row.number, column, message)
                continue
            outcome = None
            with _attempt(run, [row.number], keep=not run.is_refused(row)):
                outcome = apply(run, row)
            if outcome is not None and not run.is_refused(row):
                setattr(run.result, outcome, getattr(run.result, outcome) + 1)

    return run_all


def _key_is_refused(run: Run, row: Row) -> bool:
    key = set(run.layout.key)
    if run.layout.kind is Kind.PATENTS:
        key |= {"title_no", "application_no"}
        incomplete = any(row.values.get(name) is None for name in run.layout.key)
    else:
        incomplete = any(row.values.get(name) is None for name in key)
    return incomplete or any(number == row.number and column in key for number, column in run.refused)


def _need(run: Run, row: Row, *, is_new: bool) -> None:
    absent = missing(run.layout, row.values, is_new=is_new)
    if absent:
        for name in absent:
            run.refuse(row.number, name, lazy("this field is required"))


def _outcome(changed: bool) -> str:
    return UPDATED if changed else UNCHANGED


def _territory(run: Run, row: Row) -> Territory:
    return run.territories[row.values["territory"]]


# --- residents --------------------------------------------------------------------------------------------------------


def _import_residents(run: Run, rows: Sequence[Row]) -> None:
    # Numbers that stand in the file are taken: a row without one must not be given them.
    for row in rows:
        territory = run.territories.get(row.values.get("territory") or "")
        own = territory and resident_rules.number_series(territory.prefix, row.values.get("register_no") or "")
        if territory and own:
            reserve_number(f"register:{territory.prefix}:{own[0]}", own[1])
    _each_row(_import_resident, _check_resident)(run, rows)


def _import_resident(run: Run, row: Row) -> str:
    territory, values = _territory(run, row), dict(row.values)
    entries = residents.entries_of(territory.id, values["bin"])
    existing = next((entry for entry, _changes in entries if entry.registered_on == values["registered_on"]), None)
    if "experimental_production" in values:
        values["experimental_production"] = bool(values["experimental_production"])
    for column, message in resident_rules.warnings(values, local_date(run.now)):
        run.warn(row.number, column, message)
    _need(run, row, is_new=existing is None)
    if existing is not None:
        amendable = {name: value for name, value in values.items() if name in resident_rules.AMENDABLE}
        return _outcome(amend_resident(run.actor, existing, values=amendable, now=run.now))
    running = [
        entry
        for entry, changes in entries
        if resident_rules.active_overlap(
            values["registered_on"], [(entry.registered_on, resident_rules.excluded_on(changes))]
        )
    ]
    follows = bool(running) and _exclusion_follows(run, row, running)
    register_resident(
        run.actor,
        territory=territory,
        values={name: value for name, value in values.items() if name != "territory"},
        now=run.now,
        exclusion_follows=follows,
    )
    if follows:
        run.warn(
            row.number,
            "registered_on",
            lazy("an older entry of %(bin)s is still active; import its exclusion next", bin=values["bin"]),
        )
    return CREATED


def _exclusion_follows(run: Run, row: Row, running: Sequence[Resident]) -> bool:
    """Whether this is a re-entry of an exported register, whose exclusions come in the next file.

    Only an export names the register numbers of both entries and holds both rows.
    """
    if not row.values.get("register_no"):
        return False
    numbered = {
        (other.values.get("territory"), other.values.get("bin"), other.values.get("registered_on"))
        for other in run.rows
        if other.values.get("register_no")
    }
    code, number = row.values["territory"], row.values["bin"]
    return all(
        (code, number, entry.registered_on) in numbered and entry.registered_on < row.values["registered_on"]
        for entry in running
    )


def _check_resident(run: Run, row: Row) -> Iterable[Problem]:
    return resident_rules.problems(row.values, local_date(run.now), reference.is_valid)


# --- status changes ---------------------------------------------------------------------------------------------------

_CHANGE_VALUES = ("change", "ground", "decision_no", "decision_date")


def _import_change(run: Run, row: Row) -> str:
    territory, values = _territory(run, row), row.values
    entry = residents.entry_for_change(territory, values["bin"], values["effective_on"])
    changes = residents.status_changes(entry)
    existing = next((item for item in changes if item.effective_on == values["effective_on"]), None)
    _need(run, row, is_new=existing is None)
    if existing is not None:
        wanted = {name: values[name] for name in _CHANGE_VALUES if name in values}
        if wanted.get("change") is None:
            wanted.pop("change", None)
        return _outcome(correct_status_change(run.actor, existing, values=wanted, now=run.now))
    if values.get("change") is None:
        return CREATED
    try:
        change = Change(values["change"])
    except ValueError:
        raise DomainError(
            lazy("%(change)s is not one of suspended, resumed, excluded", change=shown(values["change"])), "change"
        ) from None
    details = {name: values.get(name) for name in _CHANGE_VALUES if name != "change"}
    change_status(
        run.actor, entry, change=change, effective_on=values["effective_on"], now=run.now, **details
    )  # fmt: skip
    return CREATED


def _nothing(run: Run, row: Row) -> Iterable[Problem]:
    return ()


# --- contracts and addenda --------------------------------------------------------------------------------------------


def _import_contract(run: Run, row: Row) -> str:
    territory, values = _territory(run, row), dict(row.values)
    existing = contracts.find_contract(territory.id, values["number"])
    _need(run, row, is_new=existing is None)
    number = values.pop("bin", None)
    values.pop("territory")
    signed_on = values.get("signed_on") or (existing.signed_on if existing else None)
    party = None
    if number is not None and (existing is None or existing.resident.bin != number):
        # Without a readable date the company's first entry stands in: the row is refused anyway.
        party = residents.entry_for_paper(territory, number, signed_on or date.min)
    if existing is not None:
        return _outcome(amend_contract(run.actor, existing, values=values, now=run.now, resident=party))
    if party is None:
        run.refuse(row.number, "bin", lazy("this field is required"))
        _raise_if(_check_contract(run, row))
        return CREATED
    conclude_contract(run.actor, resident=party, territory=territory, values=values, now=run.now)
    return CREATED


def _check_contract(run: Run, row: Row) -> Iterable[Problem]:
    return contract_rules.problems(row.values, local_date(run.now), reference.is_valid)


def _raise_if(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Invalid(found)


def _import_addendum(run: Run, row: Row) -> str:
    values = dict(row.values)
    contract = contracts.contract_by_number(_territory(run, row), values.pop("contract_number"))
    values.pop("territory")
    existing = contracts.find_addendum(contract.id, values["number"])
    _need(run, row, is_new=existing is None)
    if existing is not None:
        return _outcome(correct_addendum(run.actor, existing, values=values, now=run.now))
    add_addendum(run.actor, contract, values=values, now=run.now)
    return CREATED


def _check_addendum(run: Run, row: Row) -> Iterable[Problem]:
    return contract_rules.addendum_problems(row.values, date.min, date.min)


# --- patents ----------------------------------------------------------------------------------------------------------


def _import_patent(run: Run, row: Row) -> str:
    values = row.values
    existing = patents.find_patent(
        values["office"], values["kind"], values.get("title_no"), values.get("application_no")
    )
    _need(run, row, is_new=existing is None)
    if existing is None:
        patent = record_patent(run.actor, values=values, now=run.now)
        outcome = CREATED
    else:
        patent = existing
        if patent.id in run.touched:
            raise DomainError(
                lazy("row %(row)s speaks of the same patent; keep one of them", row=run.touched[patent.id]),
                key_column(run.layout, values),
            )
        outcome = _outcome(amend_patent(run.actor, patent, values=values, now=run.now))
    db.session.flush()
    run.touched[patent.id] = row.number
    for column, message in patent_rules.warnings({name: getattr(patent, name) for name in patent_rules.FIELDS}):
        run.warn(row.number, column, message)
    return outcome


def _check_patent(run: Run, row: Row) -> Iterable[Problem]:
    return patent_rules.problems(patent_rules.normalised(row.values), local_date(run.now), reference.is_valid)


# --- report lines -----------------------------------------------------------------------------------------------------

_WHOLE_REPORT = frozenset({"territory", "bin", "year", "quarter"})
"""Columns whose error is that of every line of the report."""


def _import_lines(run: Run, rows: Sequence[Row]) -> None:
    """Put the lines of each report together, in the file's order, and store the reports in the order of quarters."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in sorted(rows, key=lambda row: row.number):
        for name in missing(run.layout, row.values, is_new=True):
            run.refuse(row.number, name, lazy("this field is required"))
        if any((row.number, name) in run.refused for name in _WHOLE_REPORT):
            _refuse_lines(run, [row], [_line(row)], None)
        else:
            key = tuple(row.values[name] for name in ("territory", "bin", "year", "quarter"))
            groups.setdefault(key, []).append(row)
    for key in sorted(groups, key=lambda key: key[2:]):
        _import_report(run, groups[key], *key)


def _import_report(run: Run, rows: Sequence[Row], code: str, number: str, year: int, quarter: int) -> None:
    found = report_rules.period_problems(year, quarter)
    if found:
        for row in rows:
            for column, message in found:
                run.refuse(row.number, column, message)
        _refuse_lines(run, rows, [_line(row) for row in rows], None)
        return
    first, last = report_rules.first_day(year, quarter), report_rules.last_day(year, quarter)
    numbers = [row.number for row in rows]
    damaged = any(run.is_refused(row) for row in rows)
    lines = [_line(row) for row in rows]
    if damaged:
        # Only what can be told of each line: a sum over lines that cannot all be read would mislead.
        _refuse_lines(run, rows, lines, last)
    report = None
    stored = False
    with _attempt(run, numbers, keep=not damaged):
        entry = residents.entry_for_quarter(run.territories[code], number, first, last)
        if damaged:
            return
        lines = _inherited(run, rows, entry, year, quarter, lines)
        try:
            report = store_accepted(
                run.actor, resident=entry, year=year, quarter=quarter, lines=lines, now=run.now, source="import",
                basis=Basis("import", run.file),
            )  # fmt: skip
        except LinesRefused as error:
            for finding in error.findings:
                for row in rows if finding.position is None else [rows[finding.position - 1]]:
                    run.refuse(row.number, finding.field, finding.message)
        else:
            stored = True
    if stored:
        outcome = UNCHANGED if report is None else CREATED if report.version == 1 else UPDATED
        setattr(run.result, outcome, getattr(run.result, outcome) + len(rows))


def _line(row: Row) -> Line:
    values = {name: row.values.get(name) for name in report_rules.LINE_FIELDS}
    return Line(**{**values, "section": values["section"] or "", "code": values["code"] or ""})


def _refuse_lines(run: Run, rows: Sequence[Row], lines: Sequence[Line], quarter_ends: date | None) -> None:
    """Refuse what each line says by itself."""
    today = local_date(run.now)
    for row, line in zip(rows, lines, strict=True):
        for finding in report_rules.line_problems([line], quarter_ends or today, today, reference.is_valid):
            if quarter_ends is None and finding.field == "code" and line.section == report_rules.Section.TAX:
                continue
            run.refuse(row.number, finding.field, finding.message)


def _inherited(
    run: Run, rows: Sequence[Row], entry: Resident, year: int, quarter: int, lines: Sequence[Line]
) -> list[Line]:
    """The lines with what the file's missing columns leave as it is in the report accepted before.

    A line goes with the earlier one that agrees in all columns present, else in all of them but the figures, in the
    order of both.
    """
    present = [name for name in report_rules.LINE_FIELDS if name in rows[0].values]
    absent = [name for name in report_rules.LINE_FIELDS if name not in present]
    if not absent:
        return list(lines)
    accepted = reports.accepted_lines(run.actor, resident_id=entry.id, year=year, quarter=quarter)
    before = [Line(**{name: getattr(line, name) for name in report_rules.LINE_FIELDS}) for line in accepted]
    identity = [name for name in present if name not in {"amount", "count"}]
    matched: dict[int, Line] = {}
    for names in (present, identity):
        waiting: dict[tuple[Any, ...], deque[Line]] = {}
        taken = {id(line) for line in matched.values()}
        for line in before:
            if id(line) not in taken:
                waiting.setdefault(tuple(getattr(line, name) for name in names), deque()).append(line)
        for position, line in enumerate(lines):
            found = waiting.get(tuple(getattr(line, name) for name in names))
            if position not in matched and found:
                matched[position] = found.popleft()
    full = []
    for position, line in enumerate(lines):
        source = matched.get(position)
        values = {name: getattr(line, name) for name in present}
        full.append(Line(**values, **{name: getattr(source, name) if source else None for name in absent}))
    return full


_APPLY: dict[Kind, Callable[[Run, Sequence[Row]], None]] = {
    Kind.RESIDENTS: _import_residents,
    Kind.STATUS_CHANGES: _each_row(_import_change, _nothing),
    Kind.CONTRACTS: _each_row(_import_contract, _check_contract),
    Kind.ADDENDA: _each_row(_import_addendum, _check_addendum),
    Kind.PATENTS: _each_row(_import_patent, _check_patent),
    Kind.REPORT_LINES: _import_lines,
}
