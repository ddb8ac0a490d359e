"""What a row of each kind does to the registers, found by its key: the acts of the pages (``exchange.md`` 2)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy.exc import DataError, IntegrityError

from registry.contracts import queries as contracts
from registry.contracts import rules as contract_rules
from registry.contracts.services import add_addendum, amend_contract, conclude_contract, correct_addendum
from registry.errors import DomainError, Invalid, NotFound
from registry.exchange import previews
from registry.exchange.rules import Kind, key_column, shown
from registry.exchange.running import CREATED, LOSES, UNCHANGED, UPDATED, Problem, Row, Run, attempt, telling
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.findings import MOST_OF_ONE_KIND, noticing
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_application, canonical_number, canonical_title
from registry.infra.text import sort_key
from registry.journal import queries as journal
from registry.journal.services import Basis
from registry.patents import queries as patents
from registry.patents import rules as patent_rules
from registry.patents.fields import Event
from registry.patents.models import Patent
from registry.patents.services import (
    already_registered,
    amend_patent,
    correct_transfer,
    record_patent,
    record_transfer,
)
from registry.reference import queries as reference
from registry.reports import queries as reports
from registry.reports import report_lines, reporting_periods
from registry.reports import rules as report_rules
from registry.reports import services as report_services
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Line, LinesRefused, Severity
from registry.residents import queries as residents
from registry.residents import rules as resident_rules
from registry.residents.models import Resident
from registry.residents.rules import Change
from registry.residents.services import (
    amend_resident,
    change_status,
    correct_status_change,
    next_surrogate,
    register_resident,
)
from registry.territories.models import Territory
from registry.territories.rules import bin_problem, is_surrogate, surrogate_serial
from registry.territories.services import reserve_number


def _each_row(apply: Callable[[Run, Row], str], check: Callable[[Run, Row], Iterable[Problem]]) -> Callable[..., None]:
    """Apply row after row; of a row whose key cannot be read, at least ``check`` its fields."""

    def run_all(run: Run, rows: Sequence[Row]) -> None:
        for row in rows:
            if _key_is_refused(run, row):
                run.need(row, may_exist=True)
                for column, message in check(run, row):
                    if column is None or column in row.values:
                        run.refuse(row.number, column, message)
                continue
            outcome = None
            before = journal.head().count if run.tells_changes else 0
            with attempt(run, [row.number], keep=not run.is_refused(row)):
                outcome = apply(run, row)
            if outcome is not None and not run.is_refused(row):
                setattr(run.result, outcome, getattr(run.result, outcome) + 1)
                if outcome == UPDATED and run.tells_changes:
                    run.acts.append((row.number, before, journal.head().count))

    return run_all


def _key_is_refused(run: Run, row: Row) -> bool:
    key = set(run.layout.key)
    if run.layout.kind is Kind.PATENTS:
        key |= {"title_no", "application_no"}
        incomplete = any(row.values.get(name) is None for name in run.layout.key)
    else:
        incomplete = any(row.values.get(name) is None for name in key)
    return incomplete or any((row.number, column) in run.refused for column in key)


def _outcome(changed: bool) -> str:
    return UPDATED if changed else UNCHANGED


def _own_day(run: Run, row: Row, *names: str) -> date:
    """The record's own day, on which its codes must hold; today where the row does not say it."""
    return next((day for name in names if (day := row.values.get(name))), local_date(run.now))


def _known_territory(run: Run, row: Row) -> Territory | None:
    return run.territories.get(row.values.get("territory") or "")


def _valid_here(run: Run, row: Row) -> Callable[[str, str, date], bool]:
    """Whether a code holds on a day in the row's territory."""
    territory = _known_territory(run, row)
    return reference.valid_in(territory.id if territory else None)


def _territory(run: Run, row: Row) -> Territory:
    return run.territories[row.values["territory"]]


def _as_recorded(
    run: Run, row: Row, record: object, values: dict[str, Any], canonical: Callable[[str], str], *names: str
) -> None:
    """Leave numbers as they were first recorded where the row spells them another way, with a warning."""
    for name in names:
        typed, recorded = values.get(name), getattr(record, name)
        if typed and recorded and typed != recorded and canonical(typed) == canonical(recorded):
            values[name] = recorded
            run.warn(row.number, name, _kept(recorded))


def _kept(recorded: str) -> object:
    return lazy("the same number is on record as %(number)s, which stays", number=recorded)


# --- residents --------------------------------------------------------------------------------------------------------


def _import_residents(run: Run, rows: Sequence[Row]) -> None:
    # Numbers that stand in the file are taken: a row without one must not be given them.
    for row in rows:
        territory = run.territories.get(row.values.get("territory") or "")
        if territory is None:
            continue
        own = resident_rules.number_series(territory.prefix, row.values.get("register_no") or "")
        if own:
            reserve_number(f"register:{territory.prefix}:{own[0]}", own[1])
        # So are surrogate numbers.
        number = row.values.get("bin")
        if number and is_surrogate(number) and bin_problem(number) is None:
            reserve_number("surrogate", surrogate_serial(number))
    first: dict[tuple[Any, ...], int] = {}
    for row in rows:
        if _lacks_number(run, row):
            key = tuple(row.values.get(name) for name in ("territory", "registered_on"))
            key += (sort_key(row.values.get("name_kk") or ""),)
            earlier = first.setdefault(key, row.number)
            if earlier != row.number:
                run.refuse(row.number, "bin", lazy("the same key stands in row %(row)s; keep one of them", row=earlier))
            _give_surrogate(run, row)
    _each_row(_import_resident, _check_resident)(run, rows)


def _lacks_number(run: Run, row: Row) -> bool:
    """Whether the program gives the row a number in the place of a BIN."""
    named = row.values.get("bin") is not None or (row.number, "bin") in run.refused
    return (
        not named
        and _known_territory(run, row) is not None
        and row.values.get("legal_form") in resident_rules.WITHOUT_BIN
    )


def _give_surrogate(run: Run, row: Row) -> None:
    """Fill the empty ``bin`` of who has none: with the number of the entry the row means, else with the next one."""
    territory, values = _territory(run, row), row.values
    known = residents.surrogate_of(territory.id, values.get("registered_on"), values.get("name_kk"))
    number = known or next_surrogate()
    row.values = {**values, "bin": number}
    if known is None:
        run.warn(row.number, "bin", lazy("there is no BIN; the number %(number)s is given in its place", number=number))


def _import_resident(run: Run, row: Row) -> str:
    territory, values = _territory(run, row), dict(row.values)
    entries = residents.entries_of(territory.id, values["bin"])
    existing = next((entry for entry, _changes in entries if entry.registered_on == values["registered_on"]), None)
    if "experimental_production" in values:
        values["experimental_production"] = bool(values["experimental_production"])
    for column, message in resident_rules.warnings(values, local_date(run.now)):
        run.warn(row.number, column, message)
    run.need(row, existing)
    if existing is not None:
        _as_recorded(run, row, existing, values, canonical_number, "register_no", "decision_no")
        return _outcome(amend_resident(run.actor, existing, values=values, now=run.now))
    running = [
        entry
        for entry, changes in entries
        if resident_rules.active_overlap(
            values["registered_on"], [(entry.registered_on, resident_rules.excluded_on(changes))]
        )
    ]
    follows = bool(running) and _exclusion_follows(run, row, running)
    entered = register_resident(
        run.actor,
        territory=territory,
        values={name: value for name, value in values.items() if name != "territory"},
        now=run.now,
        exclusion_follows=follows,
    )
    run.touched[entered.id] = row.number
    if follows:
        run.warn(
            row.number,
            "registered_on",
            lazy("an older entry of %(bin)s is still active; import its exclusion next", bin=values["bin"]),
        )
    return CREATED


def _exclusion_follows(run: Run, row: Row, running: Sequence[Resident]) -> bool:
    """Whether this is an entry of an exported register, whose exclusions come in the next file.

    Only an export names the register numbers of both entries and holds both rows. An older entry that stood in the
    register before has to be excluded first.
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
        (code, number, entry.registered_on) in numbered
        and (entry.id in run.touched or entry.registered_on > row.values["registered_on"])
        for entry in running
    )


def _check_resident(run: Run, row: Row) -> Iterable[Problem]:
    return resident_rules.problems(row.values, _own_day(run, row, "registered_on"), _valid_here(run, row))


# --- status changes ---------------------------------------------------------------------------------------------------

_CHANGE_VALUES = ("change", "ground", "decision_no", "decision_date")


def _import_changes(run: Run, rows: Sequence[Row]) -> None:
    _each_row(partial(_import_change, _lines(run, rows)), _nothing)(run, rows)


Lines = dict[int, dict[date, resident_rules.StatusRecord]]


def _lines(run: Run, rows: Sequence[Row]) -> Lines:
    """Of each entry the whole line of changes as the file will leave it, where that is in order.

    Dates decide and not arrival: of a suspension and its end before a later one neither could come first.
    """
    entries: dict[int, Resident] = {}
    found: Lines = {}
    for row in rows:
        change = row.values.get("change")
        if _key_is_refused(run, row) or change not in set(Change):
            continue
        try:
            entry = residents.entry_for_change(_territory(run, row), row.values["bin"], row.values["effective_on"])
        except NotFound:
            continue
        if entry.id not in entries:
            entries[entry.id] = entry
            found[entry.id] = {
                item.effective_on: resident_rules.StatusRecord(item.id, item.change, item.effective_on)
                for item in residents.status_changes(entry)
            }
        day = row.values["effective_on"]
        found[entry.id][day] = resident_rules.StatusRecord(0, change, day)
    return {
        key: line
        for key, line in found.items()
        if resident_rules.timeline_problem(entries[key].registered_on, line.values()) is None
    }


def _import_change(lines: Lines, run: Run, row: Row) -> str:
    territory, values = _territory(run, row), row.values
    entry = residents.entry_for_change(territory, values["bin"], values["effective_on"])
    changes = residents.status_changes(entry)
    existing = next((item for item in changes if item.effective_on == values["effective_on"]), None)
    run.need(row, existing)
    if existing is not None:
        wanted = {name: values[name] for name in _CHANGE_VALUES if name in values}
        if wanted.get("change") is None:
            wanted.pop("change", None)
        _as_recorded(run, row, existing, wanted, canonical_number, "decision_no")
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
    line = lines.get(entry.id, {})
    details["line"] = tuple(line.values()) if values["effective_on"] in line else ()
    change_status(run.actor, entry, change=change, effective_on=values["effective_on"], now=run.now, **details)
    return CREATED


def _nothing(run: Run, row: Row) -> Iterable[Problem]:
    return ()


# --- contracts and addenda --------------------------------------------------------------------------------------------


def _import_contract(run: Run, row: Row) -> str:
    territory, values = _territory(run, row), dict(row.values)
    existing = contracts.find_contract(territory.id, values["number"])
    run.need(row, existing)
    number = values.pop("bin", None)
    values.pop("territory")
    signed_on = values.get("signed_on") or (existing.signed_on if existing else None)
    party = None
    if number is not None and (existing is None or existing.resident.bin != number):
        # Without a readable date the company's first entry stands in: the row is refused anyway.
        party = residents.entry_for_paper(territory, number, signed_on or date.min)
    if existing is not None:
        _as_recorded(run, row, existing, values, canonical_number, "number")
        return _outcome(amend_contract(run.actor, existing, values=values, now=run.now, resident=party))
    if party is None:
        run.refuse(row.number, "bin", lazy("this field is required"))
        _raise_if(_check_contract(run, row))
        return CREATED
    conclude_contract(run.actor, resident=party, territory=territory, values=values, now=run.now)
    return CREATED


def _check_contract(run: Run, row: Row) -> Iterable[Problem]:
    return contract_rules.problems(row.values, _own_day(run, row, "signed_on"), _valid_here(run, row))


def _raise_if(problems: Iterable[Problem]) -> None:
    found = list(problems)
    if found:
        raise Invalid(found)


def _import_addendum(run: Run, row: Row) -> str:
    values = dict(row.values)
    contract_number = values.pop("contract_number")
    # Nobody reads more of them, and to look for each in a long file takes minutes.
    name_near = len(run.refused) < MOST_OF_ONE_KIND
    contract = contracts.contract_by_number(_territory(run, row), contract_number, name_near=name_near)
    if contract.number != contract_number:
        run.warn(row.number, "contract_number", _kept(contract.number))
    values.pop("territory")
    existing = contracts.find_addendum(contract.id, values["number"])
    run.need(row, existing)
    if existing is not None:
        _as_recorded(run, row, existing, values, canonical_number, "number")
        return _outcome(correct_addendum(run.actor, existing, values=values, now=run.now))
    add_addendum(run.actor, contract, values=values, now=run.now)
    return CREATED


def _check_addendum(run: Run, row: Row) -> Iterable[Problem]:
    return contract_rules.addendum_problems(row.values, date.min, date.min)


# --- patents ----------------------------------------------------------------------------------------------------------


def _import_patent(run: Run, row: Row) -> str:
    values = dict(row.values)
    existing = patents.find_patent(
        values["office"], values["kind"], values.get("title_no"), values.get("application_no")
    )
    if existing is not None and not patents.exists_for(run.actor, existing):
        raise already_registered(key_column(run.layout, values))
    run.need(row, existing)
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
        values = _without_known_holders(run, row, patent)
        for name, canonical in (("title_no", canonical_title), ("application_no", canonical_application)):
            _as_recorded(run, row, patent, values, partial(canonical, office=patent.office), name)
        outcome = _outcome(amend_patent(run.actor, patent, values=values, now=run.now))
    db.session.flush()
    run.touched[patent.id] = row.number
    for column, message in patent_rules.warnings({name: getattr(patent, name) for name in patent_rules.FIELDS}):
        run.warn(row.number, column, message)
    _look_at_holders(run, row)
    return outcome


def _look_at_holders(run: Run, row: Row) -> None:
    run.participants = run.participants or patents.ParticipantNames(run.actor)
    for message in patents.holder_warnings(run.actor, row.values.get("holders"), run.participants):
        run.warn(row.number, "holders", message)


def _without_known_holders(run: Run, row: Row, patent: Patent) -> dict[str, Any]:
    """The row's values, less holders that are those of registration or of today; others are a transfer of today."""
    values = dict(row.values)
    if not values.get("holders") or patent.registered_on is None:
        return values
    holders = patents.meant_holders(run.actor, patent, patent_rules.canonical_holders(values["holders"]) or "")
    if patent_rules.same_holders(holders, patents.holders_now(patent)):
        del values["holders"]
        return values
    over_time, today = patents.record_of(patent).over_time, local_date(run.now)
    if any(patent_rules.same_holders(holders, text) for text in (over_time.registered, over_time.on(today))):
        del values["holders"]
    elif (values.get("registered_on") or patent.registered_on) < today:
        run.warn(
            row.number,
            "holders",
            lazy(
                "other holders than on record: stored as a transfer of %(day)s; a mistake of the registration is"
                " corrected on the patent's page",
                day=today.isoformat(),
            ),
        )
    return values


def _check_patent(run: Run, row: Row) -> Iterable[Problem]:
    day = _own_day(run, row, "registered_on", "filed_on")
    return patent_rules.problems(patent_rules.normalised(row.values), day, reference.is_valid)


# --- events of patents ------------------------------------------------------------------------------------------------

_OF_OTHER_EVENTS = ("year", "amount", "licensee", "until")


def _import_event(run: Run, row: Row) -> str:
    values, day = row.values, row.values["event_on"]
    _raise_if(_check_event(run, row))
    patent = patents.find_patent(values["office"], values["kind"], values["title_no"], None)
    if patent is None or not patents.exists_for(run.actor, patent):
        raise NotFound(
            lazy("%(number)s of this office and kind is not on record", number=shown(values["title_no"])), "title_no"
        )
    if patent.title_no and patent.title_no != values["title_no"]:
        run.warn(row.number, "title_no", _kept(patent.title_no))
    existing = patents.record_of(patent).over_time.transfer_of(day)
    run.need(row, existing)
    if run.is_refused(row):
        return UNCHANGED
    wanted = {name: values[name] for name in ("holders", "document_no") if name in values}
    if existing is None:
        record_transfer(run.actor, patent, event_on=day, now=run.now, **wanted)
        outcome = CREATED
    else:
        outcome = _outcome(correct_transfer(run.actor, patent, day, values=wanted, now=run.now))
    over_time = patents.record_of(patent).over_time
    transfer = over_time.transfer_of(day)
    if transfer is None or over_time.is_idle(transfer):
        run.warn(row.number, "holders", lazy("the patent belonged to these holders before that day too"))
    _look_at_holders(run, row)
    return outcome


def _check_event(run: Run, row: Row) -> Iterable[Problem]:
    event = row.values.get("event")
    if event is None:
        return
    if event in patent_rules.LATER_EVENTS:
        yield "event", lazy("%(event)s cannot be recorded until a later version; only transferred can", event=event)
        return
    if event != Event.TRANSFERRED:
        yield (
            "event",
            lazy("%(event)s is not an event of a patent; only transferred can be recorded", event=shown(event)),
        )
        return
    for name in _OF_OTHER_EVENTS:
        if row.values.get(name) is not None:
            yield name, lazy("a transfer has no such value; leave the field empty")


# --- report lines -----------------------------------------------------------------------------------------------------

_WHOLE_REPORT = frozenset({"territory", "bin", "year", "quarter"})
"""Columns whose error is that of every line of the report."""


def _import_lines(run: Run, rows: Sequence[Row]) -> None:
    """Put the lines of each report together, in the file's order, and store the reports in the order of quarters."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        run.need(row)
        if any((row.number, name) in run.refused for name in _WHOLE_REPORT):
            _refuse_lines(run, [row], [_line(row)], None)
        else:
            key = tuple(row.values[name] for name in ("territory", "bin", "year", "quarter"))
            groups.setdefault(key, []).append(row)
    keys = sorted(groups, key=lambda key: key[2:])
    places = {(code, year, quarter) for code, _bin, year, quarter in keys}
    was_open = {place for place in places if _period(run, *place) is not None}
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        on_record = _on_record(run, some, was_open)
        found = [_look_at_report(run, groups.pop(key), on_record[key], *key) for key in some]
        if not run.refused:
            # Where something was refused nothing will be kept: the rest is looked at and not written.
            _store_reports(run, [report for report in found if report is not None])


_AT_ONCE = 200
"""How many reports are looked up and written together."""


def _period(run: Run, code: str, year: int, quarter: int) -> ReportingPeriod | None:
    return reporting_periods.find_period(run.territories[code].id, year, quarter)


class _OnRecord(NamedTuple):
    """What the registers hold for a report: the company's entries, and what is on record of the quarter."""

    entries: residents.Entries
    report: report_services.OnRecord


def _on_record(
    run: Run, keys: Sequence[tuple[str, str, int, int]], was_open: Collection[tuple[str, int, int]]
) -> dict[tuple[str, str, int, int], _OnRecord]:
    """What the registers hold for some reports, read together. None of them changes what is on record for another."""
    by_territory: dict[str, set[str]] = {}
    by_quarter: dict[tuple[str, int, int], set[str]] = {}
    for code, number, year, quarter in keys:
        by_territory.setdefault(code, set()).add(number)
        by_quarter.setdefault((code, year, quarter), set()).add(number)
    entries = {
        code: residents.entries_of_companies(run.territories[code].id, numbers)
        for code, numbers in by_territory.items()
    }
    periods = {place: _period(run, *place) for place in by_quarter}
    versions = {
        place: {} if (period := periods[place]) is None else reports.of_companies(period, numbers)
        for place, numbers in by_quarter.items()
    }
    closed = {
        (code, year): reporting_periods.is_closed(run.territories[code].id, year)
        for code, year in {(code, year) for code, year, _quarter in by_quarter}
    }
    found = {}
    for key in keys:
        code, number, year, quarter = key
        place = (code, year, quarter)
        of_quarter = report_services.OnRecord(
            periods[place], closed[code, year], versions[place].get(number, ()), place in was_open
        )
        found[key] = _OnRecord(entries[code].get(number, []), of_quarter)
    return found


class _Ready(NamedTuple):
    """A report that may be stored, and the numbers of its rows."""

    whole: report_services.Whole
    rows: Sequence[int]


def _look_at_report(
    run: Run, rows: Sequence[Row], on_record: _OnRecord, code: str, number: str, year: int, quarter: int
) -> _Ready | None:
    """The report as it is to be stored; None where it is refused or says what is on record already."""
    found = report_rules.period_problems(year, quarter)
    if found:
        for row in rows:
            for column, message in found:
                run.refuse(row.number, column, message)
        _refuse_lines(run, rows, [_line(row) for row in rows], None)
        return None
    first, last = report_rules.first_day(year, quarter), report_rules.last_day(year, quarter)
    numbers = [row.number for row in rows]
    damaged = any(run.is_refused(row) for row in rows)
    lines = [_line(row) for row in rows]
    if damaged:
        # Only what can be told of each line: a sum over lines that cannot all be read would mislead.
        _refuse_lines(run, rows, lines, last)
    versions = on_record.report.versions
    whole = None
    with telling(run, numbers):
        entry = _entry(run, rows[0], on_record.entries, run.territories[code], number, first, last)
        if damaged or _would_lose(run, rows, versions):
            return None
        lines = _inherited(rows, versions, lines)
        try:
            whole = report_services.may_be_stored(
                run.actor,
                resident=entry,
                year=year,
                quarter=quarter,
                lines=lines,
                on_record=on_record.report,
                now=run.now,
            )
        except LinesRefused as error:
            for finding in error.findings:
                for row in rows if finding.position is None else [rows[finding.position - 1]]:
                    run.refuse(row.number, finding.field, finding.message)
            return None
        outcome = UNCHANGED if whole is None else CREATED if whole.version == 1 else UPDATED
        setattr(run.result, outcome, getattr(run.result, outcome) + len(rows))
    if whole is None:
        return None
    for finding in report_rules.evidence_missing(
        lines, report_lines.counts_on(last, entry.territory_id), Severity.WARNING
    ):
        run.warn(rows[(finding.position or 1) - 1].number, finding.field, finding.message)
    if whole.accepted is not None and run.tells_changes:
        run.tell(previews.of_lines(numbers, [line for _number, line in whole.before], lines))
    return _Ready(whole, numbers)


def _store_reports(run: Run, ready: Sequence[_Ready]) -> None:
    """Write reports together; where that fails or has something to tell, one by one, to name the rows it is about."""
    savepoint = db.session.begin_nested()
    try:
        with noticing() as noticed:
            _store(run, ready)
    except (DomainError, IntegrityError, DataError):
        together = False
    except BaseException:
        savepoint.rollback()
        raise
    else:
        together = not noticed
    if together:
        savepoint.commit()
        return
    savepoint.rollback()
    for report in ready:
        with attempt(run, report.rows, keep=True):
            _store(run, [report])


def _store(run: Run, ready: Sequence[_Ready]) -> None:
    report_services.store_all(
        run.actor, [report.whole for report in ready], now=run.now, source="import", basis=Basis("import", run.file)
    )


def _entry(
    run: Run, row: Row, entries: residents.Entries, territory: Territory, number: str, first: date, last: date
) -> Resident:
    """The entry a report belongs to; a quarter without participation is stored under the one begun last."""
    try:
        return residents.entry_for_quarter(territory, number, first, last, entries)
    except NotFound as error:
        if error.field != "quarter":
            raise
    message = lazy("%(bin)s took no part in any day of the quarter: its figures count in no indicator", bin=number)
    run.warn(row.number, "quarter", message)
    return residents.entry_for_paper(territory, number, last, entries)


def _line(row: Row) -> Line:
    values: dict[str, Any] = {name: row.values.get(name) for name in report_rules.LINE_FIELDS}
    values["section"], values["code"] = values["section"] or "", values["code"] or ""
    return Line(**values)


def _refuse_lines(run: Run, rows: Sequence[Row], lines: Sequence[Line], quarter_ends: date | None) -> None:
    """Refuse what each line says by itself."""
    for row, line in zip(rows, lines, strict=True):
        for finding in report_rules.line_problems([line], quarter_ends or local_date(run.now), _valid_here(run, row)):
            if quarter_ends is None and finding.field == "code":
                continue
            run.refuse(row.number, finding.field, finding.message)


def _would_lose(run: Run, rows: Sequence[Row], versions: Sequence[Report]) -> bool:
    """Refuse rows that end before what the report accepted before says in a line of the same code."""
    short = [row for row in rows if row.absent]
    before = report_lines.accepted_lines(versions) if short else []
    for row in short:
        line, absent = _line(row), [name for name in row.absent if name in report_rules.LINE_FIELDS]
        same = [other for other in before if (other.section, other.code) == (line.section, line.code)]
        if line not in same:
            for name in absent:
                if any(getattr(other, name) is not None for other in same):
                    run.refuse(row.number, name, LOSES)
    return any(run.is_refused(row) for row in short)


def _inherited(rows: Sequence[Row], versions: Sequence[Report], lines: Sequence[Line]) -> list[Line]:
    """The lines with what the file's missing columns leave as it is in the report accepted before.

    A line goes with the earlier one that agrees in all columns present, else in all of them but the figures, in the
    order of both.
    """
    present = [name for name in report_rules.LINE_FIELDS if any(name in row.values for row in rows)]
    absent = [name for name in report_rules.LINE_FIELDS if name not in present]
    if not absent or not versions:
        return list(lines)
    before = report_lines.accepted_lines(versions)
    identity = [name for name in present if name not in {"amount", "count", *report_rules.PARTS}]
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


APPLY: dict[Kind, Callable[[Run, Sequence[Row]], None]] = {
    Kind.RESIDENTS: _import_residents,
    Kind.STATUS_CHANGES: _import_changes,
    Kind.CONTRACTS: _each_row(_import_contract, _check_contract),
    Kind.ADDENDA: _each_row(_import_addendum, _check_addendum),
    Kind.PATENTS: _each_row(_import_patent, _check_patent),
    Kind.REPORT_LINES: _import_lines,
    Kind.PATENT_EVENTS: _each_row(_import_event, _check_event),
}
