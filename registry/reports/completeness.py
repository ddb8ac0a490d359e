"""Who has reported and who has not: coverage, and the board of residents by quarters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.reports import rules
from registry.reports.accepted import AcceptedQuarter, accepted_quarters
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Standing, Status
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.queries import ResidentRecord
from registry.residents.rules import Change, participates_in


class Coverage(NamedTuple):
    """How many resident-quarters have an accepted report, of how many that should."""

    accepted: int
    expected: int


def coverage(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    entries: Sequence[ResidentRecord] | None = None,
) -> Coverage:
    """Accepted and expected resident-quarters of a year (``exchange.md`` 3); see :func:`coverage_by_territory`."""
    found = coverage_by_territory(viewer, year=year, as_of=as_of, known_at=known_at, entries=entries)
    if territory_id is not None:
        return found.get(territory_id, Coverage(0, 0))
    return Coverage(sum(part.accepted for part in found.values()), sum(part.expected for part in found.values()))


def coverage_by_territory(
    viewer: Viewer,
    *,
    year: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    entries: Sequence[ResidentRecord] | None = None,
    accepted: Iterable[AcceptedQuarter] | None = None,
) -> dict[int, Coverage]:
    """Coverage of each territory that expects a report of the year.

    A company's quarter is expected when it took part on at least one day of it and the quarter has ended by
    ``as_of``; two entries of one company in a territory expect one report. ``entries`` are the register's records of
    the same two dates and ``accepted`` the :func:`accepted_quarters`, when the caller has them already.
    """
    if entries is None:
        entries = residents.records(viewer, as_of=as_of, known_at=known_at)
    if accepted is None:
        accepted = accepted_quarters(viewer, year=year, as_of=as_of, known_at=known_at)
    quarters = [
        (quarter, rules.first_day(year, quarter), rules.last_day(year, quarter))
        for quarter in rules.QUARTERS
        if as_of is None or rules.ended_by(year, quarter, as_of)
    ]
    expected: dict[int, set[tuple[str, int]]] = {}
    for entry in entries:
        ended_on = entry.excluded_on
        for quarter, first, last in quarters:
            if participates_in(entry.registered_on, ended_on, first, last):
                expected.setdefault(entry.territory_id, set()).add((entry.bin, quarter))
    bins = {entry.id: entry.bin for entry in entries}
    reported: dict[int, set[tuple[str, int]]] = {}
    for item in accepted:
        if item.year == year:
            key = (bins.get(item.resident_id, item.bin), item.quarter)
            reported.setdefault(item.territory_id, set()).add(key)
    return {
        territory: Coverage(len(wanted & reported.get(territory, set())), len(wanted))
        for territory, wanted in sorted(expected.items())
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """A resident's quarter on the board; ``report_id`` is its newest version, if there is one."""

    standing: Standing
    report_id: int | None = None
    version: int | None = None
    correcting: bool = False


def exclusions(ids: Collection[int]) -> dict[int, date]:
    """The day each of these entries was excluded, for those that were."""
    rows = db.session.execute(
        sa.select(StatusChange.resident_id, StatusChange.effective_on).where(
            StatusChange.resident_id.in_(ids),
            StatusChange.change == Change.EXCLUDED,
            StatusChange.annulled_at.is_(None),
        )
    )
    return {row.resident_id: row.effective_on for row in rows}


def standings(
    viewer: Viewer,
    entries: Sequence[tuple[Resident, date | None]],
    quarters: Sequence[tuple[int, int]],
    today: date,
) -> dict[tuple[int, int, int], Cell]:
    """How each entry (with the day it was excluded) stands with each quarter, in two statements.

    Keys are (entry, year, quarter).
    """
    ids = [entry.id for entry, _ended in entries]
    if not ids:
        return {}
    years = {year for year, _quarter in quarters}
    dues = {
        (territory, year, quarter): due
        for territory, year, quarter, due in db.session.execute(
            sa.select(
                ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter, ReportingPeriod.due_on
            ).where(ReportingPeriod.year.in_(years))
        )
    }
    versions: dict[tuple[int, int, int], list[tuple[int, int, str]]] = {}
    for resident, year, quarter, report, version, status in db.session.execute(
        sa.select(
            Report.resident_id, ReportingPeriod.year, ReportingPeriod.quarter, Report.id, Report.version, Report.status
        )
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
        .where(Report.resident_id.in_(ids), ReportingPeriod.year.in_(years))
        .order_by(Report.version, Report.id)
    ):
        versions.setdefault((resident, year, quarter), []).append((report, version, status))
    found = {}
    for entry, ended_on in entries:
        for year, quarter in quarters:
            first, last = rules.first_day(year, quarter), rules.last_day(year, quarter)
            due = dues.get((entry.territory_id, year, quarter)) or rules.proposed_dates(year, quarter).due_on
            known = versions.get((entry.id, year, quarter), [])
            status = _shown_status([status for _report, _version, status in known])
            standing = rules.standing(
                participates_in(entry.registered_on, ended_on, first, last),
                status,
                rules.ended_by(year, quarter, today),
                due,
                today,
            )
            visible = [item for item in known if item[2] != Status.DRAFT or viewer.company_bin is not None]
            found[entry.id, year, quarter] = Cell(
                standing,
                visible[-1][0] if visible else None,
                known[-1][1] if known else None,
                correcting=any(item[2] == Status.ACCEPTED for item in known) and known[-1][2] != Status.ACCEPTED,
            )
    return found


def _shown_status(statuses: Sequence[str]) -> str | None:
    """The status of the newest version sent, or of the first draft.

    An accepted report stays accepted until its correction is sent, and a returned one returned until it comes back.
    """
    sent = [status for status in statuses if status != Status.DRAFT]
    if sent and sent[-1] == Status.RETURNED and Status.ACCEPTED in sent:
        return Status.ACCEPTED
    if sent:
        return sent[-1]
    return statuses[-1] if statuses else None


def board_statement(
    viewer: Viewer, *, year: int, language: str, today: date, territory_id: int | None = None, search: str = ""
) -> sa.Select[Resident, date]:
    """The entries that took part on at least one day of the year, in alphabetical order, for the board.

    Each with the day it was excluded, if it was.
    """
    excluded = exclusion_day()
    statement = residents.list_statement(
        viewer, day=today, language=language, territory_id=territory_id, search=search, registered_to=date(year, 12, 31)
    ).where(sa.or_(excluded.is_(None), excluded > date(year, 1, 1)))
    return statement.with_only_columns(Resident, excluded.label("excluded_on"), maintain_column_froms=True)


def exclusion_day() -> sa.ScalarSelect[date]:
    """The day an entry was excluded, as SQL."""
    return (
        sa.select(StatusChange.effective_on)
        .where(
            StatusChange.resident_id == Resident.id,
            StatusChange.change == Change.EXCLUDED,
            StatusChange.annulled_at.is_(None),
        )
        .limit(1)
        .correlate(Resident)
        .scalar_subquery()
    )
