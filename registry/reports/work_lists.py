"""What waits for whom: reports to decide on, returned and late ones, and a resident's duties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db
from registry.infra.text import search_terms
from registry.reports import reporting_periods, rules, totals
from registry.reports.completeness import excluded, exclusions
from registry.reports.models import ListedReport, Report, ReportingPeriod
from registry.reports.queries import by_code_point, stands
from registry.reports.rules import Standing, Status
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.rules import participates_in
from registry.territories.models import Territory


def to_review(viewer: Viewer, *, territory_id: int | None = None) -> sa.Select[Report]:
    """Reports that wait for the company's decision, the oldest first."""
    return _waiting(viewer, Status.SUBMITTED, territory_id).order_by(Report.submitted_at, Report.id)


def hanging(viewer: Viewer, *, territory_id: int | None = None) -> sa.Select[Report]:
    """Returned reports that have not come back, the oldest first."""
    return _waiting(viewer, Status.RETURNED, territory_id).order_by(Report.decided_at, Report.id)


def _waiting(viewer: Viewer, status: Status, territory_id: int | None) -> sa.Select[Report]:
    """The reports of a status among the newest versions, for those who review them."""
    statement = (
        sa.select(Report)
        .join(ListedReport, ListedReport.report_id == Report.id)
        .where(ListedReport.status == status, *viewer.within(ListedReport.territory_id))
    )
    if territory_id is not None:
        statement = statement.where(ListedReport.territory_id == territory_id)
    return statement


def next_to_review(viewer: Viewer, after: Report | None = None) -> int | None:
    """The report to decide on next, the oldest of all that wait; of the same territory first."""
    if after is not None:
        same = db.session.scalar(
            to_review(viewer, territory_id=after.resident.territory_id).with_only_columns(Report.id).limit(1)
        )
        if same is not None:
            return same
    return db.session.scalar(to_review(viewer).with_only_columns(Report.id).limit(1))


def count(statement: sa.Select[Report]) -> int:
    """How many reports a statement of this module finds."""
    inner = statement.with_only_columns(Report.id, maintain_column_froms=True).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0


@dataclass(frozen=True, slots=True)
class LateReport:
    """A quarter whose due day has passed without a report ever sent."""

    resident_id: int
    territory_id: int
    territory_code: str
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None
    year: int
    quarter: int
    due_on: date

    @property
    def key(self) -> int:
        """What the row is marked by: of a company each quarter once."""
        return self.resident_id * 100_000 + self.year * 10 + self.quarter


class Late(NamedTuple):
    """How many reports are late, and the first of them, the longest overdue first."""

    count: int
    first: list[LateReport]


def late(
    viewer: Viewer,
    *,
    today: date,
    territory_id: int | None = None,
    limit: int = 10,
    periods: Sequence[ReportingPeriod] | None = None,
) -> Late:
    """How many quarters were opened, are due and never reported, one for each company that took part, and the first.

    ``periods`` are those of the territory, or of all, where they have been read already.
    """
    owed = _owed(reporting_periods.periods(viewer, territory_id) if periods is None else periods, today)
    # The first ones stand in the periods due longest ago: the others are not looked through.
    shown: dict[ReportingPeriod, int] = {}
    for period in sorted(owed, key=lambda period: (period.due_on, period.id)):
        if sum(shown.values()) < limit:
            shown[period] = owed[period]
    return Late(sum(owed.values()), late_reports(db.session.execute(_late_in(viewer, shown).limit(limit)).all()))


def _owed(periods: Iterable[ReportingPeriod], today: date) -> dict[ReportingPeriod, int]:
    """How many reports are owed of each period whose due day has passed."""
    due = [period for period in periods if period.due_on < today]
    found = totals.owed(due)
    return {period: found[period.id] for period in due}


def late_statement(
    viewer: Viewer,
    *,
    today: date,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    search: str = "",
) -> sa.Select:
    """The late reports, one for each company and quarter, by its newest entry; a page is read by :func:`late_reports`.

    What the home page counts, the list shows and the board marks is the same.
    """
    periods = reporting_periods.periods(viewer, territory_id, year=year, quarter=quarter)
    statement = _late_in(viewer, _owed(periods, today))
    if search.strip():
        statement = statement.where(Resident.id.in_(residents.ids_found(search_terms(search))))
    return statement


@dataclass(frozen=True, slots=True)
class QuarterSent:
    """How the reporting of a quarter stands: how many newest versions have each status, and how many are owed."""

    year: int
    quarter: int
    due_on: date
    locks_on: date
    accepted: int
    submitted: int
    returned: int
    owed: int

    @property
    def expected(self) -> int:
        return self.accepted + self.submitted + self.returned + self.owed


def latest_quarter(viewer: Viewer, periods: Sequence[ReportingPeriod], today: date) -> QuarterSent | None:
    """How the latest quarter opened for reports stands, over these periods of a viewer's territories."""
    begun = [period for period in periods if period.opens_on <= today]
    if not begun:
        return None
    year, quarter = max((period.year, period.quarter) for period in begun)
    own = [period for period in begun if (period.year, period.quarter) == (year, quarter)]
    counts = dict(
        db.session.execute(
            sa.select(ListedReport.status, sa.func.count())
            .where(
                ListedReport.place == -(4 * year + quarter),
                ListedReport.territory_id.in_([period.territory_id for period in own]),
                *viewer.within(ListedReport.territory_id),
            )
            .group_by(ListedReport.status)
        ).all()
    )
    return QuarterSent(
        year,
        quarter,
        max(period.due_on for period in own),
        max(period.locks_on for period in own),
        counts.get(Status.ACCEPTED, 0),
        counts.get(Status.SUBMITTED, 0),
        counts.get(Status.RETURNED, 0),
        sum(totals.owed(own).values()),
    )


def late_of(viewer: Viewer, resident: Resident, *, today: date) -> sa.Select:
    """The late reports of the company that has an entry, under whichever of its entries in the territory."""
    due = [period for period in reporting_periods.periods(viewer, resident.territory_id) if period.due_on < today]
    return _late_in(viewer, dict.fromkeys(due, 1)).where(
        Resident.territory_id == resident.territory_id, Resident.bin == resident.bin
    )


def _late_in(viewer: Viewer, owed: Mapping[ReportingPeriod, int]) -> sa.Select:
    """The late reports of periods that some are owed of, the longest overdue first.

    Of each company its newest entry of the period, where it took part and no report was ever sent. One condition for
    all periods, so that a database joins instead of trying each entry against each period.
    """
    begins, ends = {0: date.max}, {0: date.min}  # a database asks for one case at least
    for period, number in owed.items():
        if number:
            begins[period.id] = rules.first_day(period.year, period.quarter)
            ends[period.id] = rules.last_day(period.year, period.quarter)
    first, last = (_on_period(days) for days in (begins, ends))
    ended, newer, left = excluded(), aliased(Resident), excluded()
    return (
        sa.select(
            Resident.id,
            Resident.territory_id,
            Territory.code,
            Resident.bin,
            Resident.name_kk,
            Resident.name_ru,
            Resident.name_en,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            ReportingPeriod.due_on,
        )
        .join(Territory, Territory.id == Resident.territory_id)
        .join(ReportingPeriod, ReportingPeriod.territory_id == Resident.territory_id)
        .join(ended, ended.c.resident_id == Resident.id, isouter=True)
        .where(
            *residents.visible(viewer),
            ReportingPeriod.id.in_(ends),
            Resident.registered_on <= last,
            sa.or_(
                ended.c.effective_on.is_(None),
                sa.and_(ended.c.effective_on > first, ended.c.effective_on > Resident.registered_on),
            ),
            ~totals.has_sent(last),
            ~sa.exists().where(
                newer.territory_id == Resident.territory_id,
                newer.bin == Resident.bin,
                newer.annulled_at.is_(None),
                newer.registered_on > Resident.registered_on,
                newer.registered_on <= last,
                # One excluded on its own first day took no part.
                ~sa.exists()
                .where(
                    left.c.resident_id == newer.id,
                    sa.or_(left.c.effective_on <= first, left.c.effective_on <= newer.registered_on),
                )
                .correlate(newer, ReportingPeriod),
            ),
        )
        .order_by(ReportingPeriod.due_on, ReportingPeriod.id, by_code_point(Resident.sort_kk), Resident.id)
    )


def owing(period: ReportingPeriod) -> set[str]:
    """The BINs of the companies that took part in a quarter and have sent no report of it, whether it is due or not."""
    owed = totals.owed([period])
    if not owed[period.id]:
        return set()
    return {row.bin for row in db.session.execute(_late_in(SYSTEM, {period: owed[period.id]}))}


def _on_period(days: Mapping[int, date]) -> sa.ColumnElement[date]:
    """A day of each period, as SQL."""
    return sa.case({key: sa.literal(day, sa.Date) for key, day in days.items()}, value=ReportingPeriod.id)


def count_late(viewer: Viewer, periods: Iterable[ReportingPeriod], *, today: date, search: str = "") -> int:
    """How many late reports there are of periods, as many as :func:`late_statement` finds of them."""
    owed = _owed(periods, today)
    if not search.strip() and not viewer.is_company:
        return sum(owed.values())
    inner = _late_in(viewer, owed).order_by(None)
    if search.strip():
        inner = inner.where(Resident.id.in_(residents.ids_found(search_terms(search))))
    return db.session.scalar(sa.select(sa.func.count()).select_from(inner.subquery())) or 0


def late_reports(rows: Sequence[sa.Row]) -> list[LateReport]:
    """What rows of :func:`late_statement` say."""
    return [LateReport(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class Duty:
    """A report the resident has to fill in or has sent, with its three dates."""

    resident: Resident
    period: ReportingPeriod
    report: Report | None
    standing: Standing
    returned: Report | None = None
    """The version the company returned, while it waits to be put right; its ``decision_note`` says why."""

    @property
    def is_open(self) -> bool:
        """Whether the resident still has to act."""
        return self.report is None or self.report.status in rules.EDITABLE


def my_duty(viewer: Viewer, today: date) -> list[Duty]:
    """The resident's open duties, the earliest due first: quarters to report on, drafts, returns, corrections."""
    if viewer.company_bin is None:
        return []
    entries = list(db.session.scalars(sa.select(Resident).where(*residents.visible(viewer)).order_by(Resident.id)))
    if not entries:
        return []
    ids = [entry.id for entry in entries]
    ended = exclusions(ids)
    open_periods = db.session.scalars(
        sa.select(ReportingPeriod)
        .where(
            ReportingPeriod.territory_id.in_({entry.territory_id for entry in entries}),
            ReportingPeriod.opens_on <= today,
        )
        .order_by(ReportingPeriod.due_on, ReportingPeriod.id)
    ).all()
    known: dict[tuple[int, int], list[Report]] = {}
    for report in db.session.scalars(
        sa.select(Report).where(Report.resident_id.in_(ids), stands()).order_by(Report.version, Report.id)
    ):
        known.setdefault((report.resident_id, report.period_id), []).append(report)
    found = []
    for period in open_periods:
        first, last = rules.first_day(period.year, period.quarter), rules.last_day(period.year, period.quarter)
        own = [entry for entry in entries if entry.territory_id == period.territory_id]
        # The company reports once, under whichever entry it began to, else under its newest one of the quarter.
        begun = any((entry.id, period.id) in known for entry in own)
        taking_part = [entry for entry in own if participates_in(entry.registered_on, ended.get(entry.id), first, last)]
        owing = None if begun else max(taking_part, key=lambda entry: (entry.registered_on, entry.id), default=None)
        was_accepted = any(
            report.status == Status.ACCEPTED for entry in own for report in known.get((entry.id, period.id), ())
        )
        for entry in own:
            versions = known.get((entry.id, period.id), [])
            report = versions[-1] if versions else None
            if report is None and entry is not owing:
                continue
            returned = next((row for row in reversed(versions) if row.status != Status.DRAFT), None)
            if returned is not None and returned.status != Status.RETURNED:
                returned = None
            status = returned.status if returned else report.status if report else None
            # What was accepted was in time, or its lateness is over: a correction of it is owed by nobody.
            standing = rules.standing(not was_accepted, status, last <= today, period.due_on, today)
            duty = Duty(entry, period, report, standing, returned)
            if duty.is_open:
                found.append(duty)
    return found
