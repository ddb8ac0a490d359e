"""Collecting working lists: debtors in reporting, patent fees, premises, journal extracts, two dates compared."""

from __future__ import annotations

import json
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from registry.contracts import queries as contracts
from registry.infra.access import SYSTEM
from registry.infra.clock import ALMATY
from registry.infra.db import db
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import GENESIS, Action
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.collectors import discipline
from registry.paper_kinds.collectors.annual import tenancies
from registry.paper_kinds.collectors.naming import Collected, Naming, id_of, reader_of, term
from registry.paper_kinds.collectors.registers import entry_of, patent_of
from registry.paper_kinds.rules import Period
from registry.patents import queries as patents
from registry.patents import rules as patent_rules
from registry.patents.queries import PatentRecord
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.territories.models import Territory
from registry.territories.rules import mask_iin


def collect_debtors(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """Who on that day owed a report that was due before it, as far as it was sent or not by then."""
    naming, day = Naming(period), period.as_of
    standing = discipline.standings(naming.records.values(), day, territory_id=id_of(territory), by=day)
    return s.Debtors(discipline.debts(standing, day, naming)), None, naming.demo


def collect_fees(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """The maintenance payments of the period, of titles as they are known on the paper's day."""
    naming = Naming(period)
    fees = [
        s.Fee(
            due_on=due_on,
            year=_year_of_protection(record, due_on),
            expires_on=record.expires_on,
            patent=patent_of(record, naming, frozenset()),
        )
        for record in patents.records(reader_of(territory), territory_id=id_of(territory), as_of=period.as_of)
        for due_on in _fees_between(record, period.first, period.last)
    ]
    fees.sort(key=lambda fee: (fee.due_on, fee.patent.office, fee.patent.title_no or ""))
    return s.Fees(period.first, period.last, tuple(fees)), None, naming.demo


def _fees_between(record: PatentRecord, first: date, last: date) -> list[date]:
    found: list[date] = []
    day = first
    while (due_on := patent_rules.next_fee_on(record, day)) is not None and due_on <= last:
        found.append(due_on)
        day = due_on + timedelta(days=1)
    return found


def _year_of_protection(record: PatentRecord, due_on: date) -> int:
    """The year of protection, counted from filing, that has begun when the payment is due."""
    years = due_on.year - record.filed_on.year
    return years + (patent_rules.anniversary(record.filed_on, years) <= due_on)


def collect_premises(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """The premises let by contracts in force on the day."""
    naming = Naming(period)
    in_force = [
        record
        for record in contracts.records(SYSTEM, territory_id=id_of(territory), as_of=period.as_of)
        if record.in_force_on(period.as_of)
    ]
    return s.Premises(tenancies(in_force, naming, period.as_of)), None, naming.demo


# --- the journal ---


def collect_journal(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """The entries recorded in the period; of one territory, those about its entries and what belongs to them.

    Values are left out, so that nothing personal gets onto paper: the hashes prove them.
    """
    return _entries(period, territory)


def collect_corrections(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """Of the entries recorded in the period the corrections and exceptions (``design.md`` 10, task 9)."""
    return _entries(period, territory, journal.is_exception())


def _entries(period: Period, territory: Territory | None, *wanted: sa.ColumnElement[bool]) -> Collected:
    naming = Naming(period, residents.records(SYSTEM))
    last = min(period.last, period.as_of)
    conditions = [
        JournalEntry.recorded_at >= _midnight(period.first),
        JournalEntry.recorded_at < _midnight(last + timedelta(days=1)),
        *wanted,
    ]
    if territory is not None:
        own = sa.select(Resident.id).where(Resident.territory_id == territory.id)
        conditions.append(
            sa.or_(
                sa.and_(JournalEntry.subject_type == "resident", JournalEntry.subject_id.in_(own)),
                sa.and_(JournalEntry.parent_type == "resident", JournalEntry.parent_id.in_(own)),
                sa.and_(JournalEntry.subject_type == "territory", JournalEntry.subject_id == territory.id),
                sa.and_(JournalEntry.parent_type == "territory", JournalEntry.parent_id == territory.id),
            )
        )
    columns = (
        JournalEntry.sequence, JournalEntry.recorded_at, JournalEntry.actor_id, JournalEntry.action,
        JournalEntry.subject_type, JournalEntry.subject_id, JournalEntry.parent_type, JournalEntry.parent_id,
        JournalEntry.effective_on, JournalEntry.basis_kind, JournalEntry.basis_no, JournalEntry.basis_date,
        JournalEntry.reason, JournalEntry.changes, JournalEntry.corrects, JournalEntry.annuls, JournalEntry.hash,
        JournalEntry.prev_hash,
    )  # fmt: skip
    rows = db.session.execute(sa.select(*columns).where(*conditions).order_by(JournalEntry.sequence)).all()
    body = s.Journal(
        first=period.first,
        last=last,
        before=rows[0].prev_hash if rows else GENESIS,
        acts=tuple(_act(row, naming) for row in rows),
    )
    return body, None, naming.demo


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ALMATY)


_NUMBERS = ("number", "title_no", "application_no", "register_no")
"""Fields by which a record is known, the first that an entry sets."""


def _act(row: Any, naming: Naming) -> s.Act:
    changes = json.loads(row.changes)
    plain = {name: change[1] for name, change in changes.items() if isinstance(change, list)}
    about = next(
        (
            key
            for kind, key in ((row.subject_type, row.subject_id), (row.parent_type, row.parent_id))
            if kind == "resident" and key in naming.records
        ),
        None,
    )
    moment = row.recorded_at.astimezone(ALMATY)
    number = next((str(plain[name]) for name in _NUMBERS if plain.get(name)), "")
    if row.subject_type == "territory":
        number = naming.territory(row.subject_id)
    return s.Act(
        sequence=row.sequence,
        recorded_on=moment.date(),
        time=f"{moment:%H:%M:%S}",
        action=row.action,
        subject=row.subject_type,
        subject_id=row.subject_id,
        number=number,
        who=naming.who(about) if about is not None else None,
        effective_on=row.effective_on,
        basis=row.basis_kind or "",
        basis_no=row.basis_no or "",
        basis_date=row.basis_date,
        reason=row.reason or "",
        corrects=row.corrects,
        annuls=row.annuls,
        actor=row.actor_id,
        fields=tuple(sorted(changes)),
        hash=row.hash,
        why=_why(row.action, plain, changes),
    )


def _why(action: str, plain: dict[str, Any], changes: dict[str, Any]) -> tuple[str, ...]:
    """Why an accepted report is an exception."""
    if action != Action.REPORT_ACCEPTED:
        return ()
    old_version = changes.get("version", [None])[0]
    return ("version",) * (old_version is not None) + ("explained",) * bool(plain.get("explanation"))


# --- two dates ---

_COMPARED = (
    "register_no", "bin", "name_kk", "name_ru", "name_en", "legal_form", "participant_type", "registered_on",
    "decision_no", "decision_date", "status", "oked", "krp", "kbe", "kato", "address_kk", "address_ru", "head",
    "priority_direction", "trl", "accreditation_no", "accreditation_until", "experimental_production",
)  # fmt: skip
"""Fields of an entry that are compared, in the order they are printed; contacts are nobody's business on paper."""

_DICTIONARIES = {
    "legal_form": "legal_forms",
    "participant_type": "participant_types",
    "priority_direction": "priority_directions",
}


def collect_comparison(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """The participants on the earlier day against those on the paper's."""
    earlier = Period(period.first)
    old_naming, naming = Naming(earlier), Naming(period)
    before = {row.id: row for row in _participants(old_naming, earlier.as_of, territory)}
    after = {row.id: row for row in _participants(naming, period.as_of, territory)}
    body = s.Comparison(
        since=earlier.as_of,
        before=len(before),
        after=len(after),
        added=tuple(entry_of(row, naming, period, full=False) for key, row in after.items() if key not in before),
        removed=tuple(
            # With the status of the paper's day: the reason why the entry is no longer there.
            entry_of(naming.records.get(key, row), naming, period, full=True)
            for key, row in before.items()
            if key not in after
        ),
        changed=tuple(
            s.Difference(naming.who(key), field, old, new)
            for key, row in after.items()
            if key in before
            for field in _COMPARED
            if (old := _value(before[key], field, earlier.as_of)) != (new := _value(row, field, period.as_of))
        ),
    )
    return body, None, naming.demo or old_naming.demo


def _participants(naming: Naming, day: date, territory: Territory | None) -> list[ResidentRecord]:
    return [
        record
        for record in naming.records.values()
        if record.participates_on(day) and id_of(territory) in (None, record.territory_id)
    ]


def _value(record: ResidentRecord, field: str, day: date) -> s.Text:
    value = record.status_on(day) if field == "status" else getattr(record, field)
    if field in _DICTIONARIES:
        return term(_DICTIONARIES[field], value)
    if value is None or value == "":
        return s.NOTHING
    if isinstance(value, bool):
        return s.Text("yes" if value else "no")
    return s.Text(mask_iin(value) if field == "bin" else str(value))
