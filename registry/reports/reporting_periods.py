"""Reading the quarters opened for reports."""

from __future__ import annotations

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.reference.workdays import workdays
from registry.reports import rules
from registry.reports.models import ClosedYear, ReportingPeriod
from registry.reports.rules import Dates


def proposed_dates(year: int, quarter: int, territory_id: int) -> Dates:
    """The default calendar of a territory's quarter, on working days by the holidays and moved days known now."""
    of_year, _quarter = rules.following(year, quarter)
    return rules.proposed_dates(year, quarter, *workdays(of_year, territory_id=territory_id))


def periods(
    viewer: Viewer, territory_id: int | None = None, *, year: int | None = None, quarter: int | None = None
) -> list[ReportingPeriod]:
    """The periods opened, all or of one territory, year or quarter, the latest first."""
    narrowed = {"territory_id": territory_id, "year": year, "quarter": quarter}
    statement = sa.select(ReportingPeriod).where(*viewer.within(ReportingPeriod.territory_id))
    statement = statement.filter_by(**{name: value for name, value in narrowed.items() if value is not None})
    order = (ReportingPeriod.year.desc(), ReportingPeriod.quarter.desc(), ReportingPeriod.territory_id)
    return list(db.session.scalars(statement.order_by(*order)))


def get_period(period_id: int, viewer: Viewer) -> ReportingPeriod:
    """:raises NotFound: when there is no such period, or it is of a territory that does not exist for the viewer."""
    period = db.session.get(ReportingPeriod, period_id)
    if period is None or not viewer.sees_territory(period.territory_id):
        raise NotFound(lazy("There is no such reporting period."))
    return period


def find_period(territory_id: int, year: int, quarter: int) -> ReportingPeriod | None:
    """A territory's quarter, if it was opened."""
    return db.session.scalar(
        sa.select(ReportingPeriod).where(
            ReportingPeriod.territory_id == territory_id,
            ReportingPeriod.year == year,
            ReportingPeriod.quarter == quarter,
        )
    )


def closed_year(territory_id: int, year: int) -> ClosedYear | None:
    """What was decided about a year of a territory: closed, or closed once and reopened since."""
    return db.session.scalar(
        sa.select(ClosedYear).where(ClosedYear.territory_id == territory_id, ClosedYear.year == year)
    )


def closed_years() -> set[tuple[int, int]]:
    """The closed years of every territory, as (territory id, year)."""
    rows = db.session.execute(sa.select(ClosedYear.territory_id, ClosedYear.year).where(ClosedYear.is_closed.is_(True)))
    return {tuple(row) for row in rows}


def is_closed(territory_id: int, year: int) -> bool:
    """Whether a year of a territory is closed."""
    found = closed_year(territory_id, year)
    return found is not None and found.is_closed
