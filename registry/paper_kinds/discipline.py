"""Which companies reported when, and which owe a report. It is read from the journal, so that it works for any day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import sqlalchemy as sa

from registry.infra.clock import local_date
from registry.infra.db import db
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.naming import Naming
from registry.reports import reporting_periods, rules
from registry.reports.models import Report, ReportingPeriod
from registry.reports.queries import stands
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.residents.rules import participates_in

Quarter = tuple[int, int]
"""Year and quarter (1 to 4)."""

Company = tuple[int, str]
"""Territory id and BIN. One report is expected of a company, also when it has two entries (``exchange.md`` 3)."""

_WAITING = (Action.REPORT_SUBMITTED, Action.REPORT_RETURN_TAKEN_BACK)
_EVENTS = (*_WAITING, Action.REPORT_RETURNED, Action.REPORT_ACCEPTED)


@dataclass(slots=True)
class _Version:
    """What happened to one version of a report: the day and the act, in the order they were recorded.

    ``imported``: the version comes from a file.
    """

    imported: bool
    events: list[tuple[date, str]]

    def last(self, by: date | None) -> str | None:
        """The last act by the end of a day, or ever; an imported report counts as accepted, whenever it came in."""
        if self.imported:
            return Action.REPORT_ACCEPTED
        return next((act for on, act in reversed(self.events) if by is None or on <= by), None)

    @property
    def sent_on(self) -> date | None:
        """The day it was first sent; None for an imported version, whose day is not known."""
        return next((on for on, act in self.events if act == Action.REPORT_SUBMITTED), None)


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a company's report of one quarter on a day.

    ``resident_id`` is the company's last entry, ``sent_on`` the day a report of the quarter was first sent, if known.
    ``accepted``: a version of the report is accepted. ``waiting``: none is, but one waits for a decision. ``returned``:
    the last act on some version was its return.
    """

    resident_id: int
    company: Company
    year: int
    quarter: int
    due_on: date
    accepted: bool
    waiting: bool
    returned: bool
    sent_on: date | None

    @property
    def open(self) -> bool:
        """Whether the report is neither accepted nor waiting for a decision."""
        return not self.accepted and not self.waiting


def standings(
    entries: Iterable[ResidentRecord],
    day: date,
    *,
    territory_id: int | None,
    year: int | None = None,
    by: date | None = None,
) -> list[Standing]:
    """The state of each company in each quarter that had ended by ``day`` and in which it took part.

    ``year`` limits them to one year. ``by`` leaves out what was sent, returned and accepted after that day; without it,
    everything known now is used.
    """
    entries = list(entries)
    versions = _versions(year, {entry.id: (entry.territory_id, entry.bin) for entry in entries})
    dues = {
        (row.territory_id, row.year, row.quarter): row.due_on
        for row in db.session.execute(
            sa.select(
                ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter, ReportingPeriod.due_on
            )
        )
    }
    by_default = cache(lambda place, of_year, number: reporting_periods.proposed_dates(of_year, number, place).due_on)
    expected: dict[tuple[Company, Quarter], list[int]] = {}
    for entry in entries:
        if territory_id not in (None, entry.territory_id):
            continue
        for quarter in _quarters(entry, day, year):
            expected.setdefault(((entry.territory_id, entry.bin), quarter), []).append(entry.id)
    found = []
    for (company, (of_year, number)), ids in expected.items():
        own = versions.get((company, (of_year, number)), ())
        last = {version.last(by) for version in own}
        accepted = Action.REPORT_ACCEPTED in last
        sent = sorted(on for version in own if (on := version.sent_on) is not None and (by is None or on <= by))
        found.append(
            Standing(
                resident_id=ids[-1],
                company=company,
                year=of_year,
                quarter=number,
                due_on=dues.get((company[0], of_year, number)) or by_default(company[0], of_year, number),
                accepted=accepted,
                waiting=not accepted and not last.isdisjoint(_WAITING),
                returned=Action.REPORT_RETURNED in last,
                sent_on=sent[0] if sent else None,
            )
        )
    return found


def _quarters(entry: ResidentRecord, day: date, year: int | None) -> list[Quarter]:
    """The quarters ended by ``day`` in which an entry took part on at least one day."""
    first = max(entry.registered_on.year, rules.FIRST_YEAR) if year is None else year
    last = min(day.year, rules.LAST_YEAR) if year is None else year
    return [
        (each, quarter)
        for each in range(first, last + 1)
        for quarter in rules.QUARTERS
        if rules.ended_by(each, quarter, day)
        and participates_in(
            entry.registered_on, entry.excluded_on, rules.first_day(each, quarter), rules.last_day(each, quarter)
        )
    ]


def _versions(year: int | None, companies: Mapping[int, Company]) -> dict[tuple[Company, Quarter], list[_Version]]:
    """The versions of all reports by company and quarter, under whichever of its entries they were sent.

    ``companies`` tells whose the entries known to the paper are; of others it is their number now.
    """
    statement = (
        sa.select(
            Report.id,
            Report.resident_id,
            Resident.territory_id,
            Resident.bin,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            Report.source,
            JournalEntry.recorded_at,
            JournalEntry.action,
        )
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .join(
            JournalEntry,
            sa.and_(JournalEntry.subject_type == Report.__tablename__, JournalEntry.subject_id == Report.id),
        )
        .where(JournalEntry.action.in_(_EVENTS), stands())
        .order_by(JournalEntry.sequence)
    )
    if year is not None:
        statement = statement.where(ReportingPeriod.year == year)
    by_report: dict[int, _Version] = {}
    found: dict[tuple[Company, Quarter], list[_Version]] = {}
    for row in db.session.execute(statement):
        version = by_report.get(row.id)
        if version is None:
            version = by_report[row.id] = _Version(row.source != "page", [])
            company = companies.get(row.resident_id, (row.territory_id, row.bin))
            found.setdefault((company, (row.year, row.quarter)), []).append(version)
        version.events.append((local_date(row.recorded_at), row.action))
    return found


def debts(standing: Iterable[Standing], day: date, naming: Naming) -> tuple[s.Debt, ...]:
    """The reports owed on ``day``, by territory, BIN and quarter: due before it, neither accepted nor waiting."""
    owed = [item for item in standing if item.open and item.due_on < day]
    owed.sort(key=lambda item: (item.company, item.year, item.quarter))
    return tuple(
        s.Debt(
            naming.who(item.resident_id), item.year, item.quarter, item.due_on, (day - item.due_on).days, item.returned
        )
        for item in owed
    )


def discipline(standing: Iterable[Standing], day: date) -> tuple[s.Discipline, ...]:
    """How the reports of each quarter came in by ``day``. All of ``standing`` must be of one year."""
    by_quarter: dict[int, list[Standing]] = {}
    for item in standing:
        by_quarter.setdefault(item.quarter, []).append(item)
    found = []
    for quarter, items in sorted(by_quarter.items()):
        accepted = [item for item in items if item.accepted]
        dues = {item.due_on for item in items}
        owed = [item for item in items if item.open and item.due_on < day]
        found.append(
            s.Discipline(
                quarter=quarter,
                due_on=dues.pop() if len(dues) == 1 else None,
                expected=len(items),
                accepted=len(accepted),
                on_time=sum(item.sent_on is not None and item.sent_on <= item.due_on for item in accepted),
                late=sum(item.sent_on is not None and item.sent_on > item.due_on for item in accepted),
                imported=sum(item.sent_on is None for item in accepted),
                waiting=sum(item.waiting for item in items),
                owed=len(owed),
                not_due=sum(item.open for item in items) - len(owed),
            )
        )
    return tuple(found)
