"""What reporting periods and reports are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import format_quarter, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.journal.subjects import About, Subject
from registry.reference import queries as reference
from registry.reports import rules
from registry.reports.models import ClosedYear, Report, ReportingPeriod
from registry.reports.rules import Section
from registry.residents.models import Resident
from registry.residents.subjects import about_entry
from registry.territories.models import Territory


def _periods(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(ReportingPeriod, Territory)
        .join(Territory, ReportingPeriod.territory_id == Territory.id)
        .where(ReportingPeriod.id.in_(ids))
    )
    return {
        period.id: About(
            f"{format_quarter(period.year, period.quarter)}, {name_in(territory)}",
            ("reports.periods", {}),
            territory.id,
        )
        for period, territory in rows
    }


def _reports(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(Report.id, Resident, ReportingPeriod.year, ReportingPeriod.quarter)
        .join(Resident, Report.resident_id == Resident.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .where(Report.id.in_(ids))
    )
    return {
        key: about_entry(
            resident,
            f"{name_in(resident)}, {format_quarter(year, quarter)}",
            ("reports.show", {"report_id": key}),
        )
        for key, resident, year, quarter in rows
    }


def _years(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(ClosedYear).where(ClosedYear.id.in_(ids)))
    return {
        row.id: About(f"{row.year}, {name_in(row.territory)}", ("reports.periods", {}), row.territory_id)
        for row in rows
    }


SUBJECTS = (
    Subject(
        ClosedYear.__tablename__,
        lazy("Year"),
        _years,
        lambda viewer: sa.select(ClosedYear.id).where(*viewer.within(ClosedYear.territory_id)),
    ),
    Subject(
        ReportingPeriod.__tablename__,
        lazy("Reporting period"),
        _periods,
        lambda viewer: sa.select(ReportingPeriod.id).where(*viewer.within(ReportingPeriod.territory_id)),
    ),
    Subject(
        Report.__tablename__,
        lazy("Report"),
        _reports,
        lambda viewer: (
            sa.select(Report.id)
            .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
            .where(*viewer.within(ReportingPeriod.territory_id))
        ),
    ),
)


def section_name(section: str) -> str:
    """What a section is called."""
    names = {
        Section.REVENUE: _("Revenue"),
        Section.TAX: _("Taxes"),
        Section.STAFF: _("Staff"),
        Section.INVESTMENT: _("Investment"),
    }
    return names[Section(section)]


def code_name(section: str, code: str) -> str:
    """The name of a line's code; a tax code with its digits."""
    if section == Section.STAFF:
        names = {
            rules.RESEARCH: _("Research specialists"),
            rules.EXPERIMENTAL: _("Experimental-production staff"),
            rules.TOTAL: _("Staff in total"),
            "with_degree": _("Of them with a degree"),
            "under_40": _("Of them under 40"),
            "women": _("Of them women"),
            "engineers": _("Of them engineers and designers"),
            "foreign": _("Of them foreigners"),
        }
        return names.get(code, code)
    name = reference.name(rules.DICTIONARIES[Section(section)], code)
    return f"{code} – {name}" if section == Section.TAX and name != code else name
