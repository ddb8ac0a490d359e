"""Who has reported and who has not: the board of residents by quarters."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.reports import queries, rules
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Standing, Status
from registry.residents import queries as residents
from registry.residents.models import Resident, ResidentState, StatusChange
from registry.residents.rules import Change, participates_in


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
    entries: Sequence[tuple[Resident | ResidentState, date | None]],
    periods: Iterable[ReportingPeriod],
    quarters: Sequence[tuple[int, int]],
    today: date,
) -> dict[tuple[int, int, int], Cell]:
    """How each entry (with the day it was excluded) stands with each quarter, in one statement.

    ``periods`` are those opened for the quarters. Keys are (entry, year, quarter).
    """
    if not entries:
        return {}
    dues = {(period.territory_id, period.year, period.quarter): period.due_on for period in periods}
    # A report is the company's, under whichever of its entries it was sent; all its entries are read with them.
    versions: dict[tuple[int, str, int, int], list[tuple[int, int, str]]] = {}
    spans: dict[tuple[int, str], set[tuple[date, date | None]]] = {}
    gone = excluded()
    for territory, number, begun, left, annulled, year, quarter, report, version, status in db.session.execute(
        sa.select(
            Resident.territory_id,
            Resident.bin,
            Resident.registered_on,
            gone.c.effective_on,
            Resident.annulled_at,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            Report.id,
            Report.version,
            Report.status,
        )
        .select_from(Resident)
        .join(Report, sa.and_(Report.resident_id == Resident.id, queries.stands()), isouter=True)
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id, isouter=True)
        .join(gone, gone.c.resident_id == Resident.id, isouter=True)
        .where(Resident.bin.in_({entry.bin for entry, _ended in entries}))
        .order_by(Report.id)
    ):
        if annulled is None:
            spans.setdefault((territory, number), set()).add((begun, left))
        if report is not None and annulled is None:
            versions.setdefault((territory, number, year, quarter), []).append((report, version, status))
    found = {}
    for entry, ended_on in entries:
        for year, quarter in quarters:
            first, last = rules.first_day(year, quarter), rules.last_day(year, quarter)
            due = dues.get((entry.territory_id, year, quarter))
            known = versions.get((entry.territory_id, entry.bin, year, quarter), [])
            status = _shown_status([status for _report, _version, status in known])
            # The company reports once, by the newest of its entries that took part in the quarter.
            newer = any(
                begun > entry.registered_on and participates_in(begun, left, first, last)
                for begun, left in spans.get((entry.territory_id, entry.bin), ())
            )
            standing = rules.standing(
                participates_in(entry.registered_on, ended_on, first, last) and not newer,
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
    viewer: Viewer, *, year: int, language: str, territory_id: int | None = None, search: str = ""
) -> sa.Select[ResidentState, date | None]:
    """The entries that took part on at least one day of the year, in alphabetical order, for the board.

    Each with the day it was excluded, if it was.
    """
    statement = residents.list_statement(
        viewer,
        day=date.max,
        language=language,
        territory_id=territory_id,
        search=search,
        registered_to=date(year, 12, 31),
    )
    excluded = ResidentState.excluded_on
    statement = statement.where(sa.or_(excluded.is_(None), excluded > date(year, 1, 1)))
    statement = statement.options(joinedload(ResidentState.territory, innerjoin=True))
    return statement.with_only_columns(ResidentState, excluded.label("excluded_on"), maintain_column_froms=True)


def excluded() -> sa.Subquery:
    """The entries that were excluded (``resident_id``), each with the day (``effective_on``), as SQL."""
    return (
        sa.select(StatusChange.resident_id, StatusChange.effective_on)
        .where(StatusChange.change == Change.EXCLUDED, StatusChange.annulled_at.is_(None))
        .subquery()
    )
