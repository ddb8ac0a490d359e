"""Reading reports and their versions."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, selectinload

from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import search_terms
from registry.reports import rules
from registry.reports.models import ListedReport, Report, ReportingPeriod, ReportLine
from registry.reports.rules import Status
from registry.residents import queries as residents
from registry.residents.models import Resident


def by_code_point(column: Any) -> sa.ColumnElement[str]:
    return sa.collate(column, "BINARY" if db.engine.dialect.name == "sqlite" else "C")


def takes_back(report: Any = Report) -> sa.ColumnElement[bool]:
    """Whether a version takes the report back, as SQL: accepted without a line.

    Every report has lines. Only the taking back of the import that brought the first one leaves a version without.
    """
    line = aliased(ReportLine)
    return sa.and_(report.status == Status.ACCEPTED, ~sa.exists().where(line.report_id == report.id).correlate(report))


def stands() -> sa.ColumnElement[bool]:
    """Condition that leaves the versions that were not taken back by themselves or a later one."""
    later = aliased(Report)
    return ~sa.exists().where(
        later.resident_id == Report.resident_id,
        later.period_id == Report.period_id,
        later.version >= Report.version,
        takes_back(later),
    )


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions (over report joined with entry) that leave a viewer what it may see.

    A draft is the resident's own until it is sent.
    """
    conditions: list[sa.ColumnElement[bool]] = [Resident.annulled_at.is_(None), *viewer.within(Resident.territory_id)]
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    else:
        conditions.append(Report.status != Status.DRAFT)
    return conditions


def get_report(report_id: int, viewer: Viewer) -> Report:
    """:raises NotFound: when there is no such report, it is another company's, or a draft of the resident's."""
    report = db.session.scalar(
        sa.select(Report)
        .join(Resident, Report.resident_id == Resident.id)
        .where(Report.id == report_id, *visible(viewer))
        .options(selectinload(Report.lines))
    )
    if report is None:
        raise NotFound(lazy("There is no such report."))
    return report


def newest(viewer: Viewer) -> sa.ColumnElement[bool]:
    """Condition that leaves the newest version the viewer may see of each report."""
    later = Report.__table__.alias("later")
    seen = [
        later.c.resident_id == Report.resident_id,
        later.c.period_id == Report.period_id,
        later.c.version > Report.version,
    ]
    if viewer.company_bin is None:
        seen.append(later.c.status != Status.DRAFT)
    return ~sa.exists(sa.select(1).select_from(later).where(*seen))


PLACE = -(4 * ReportingPeriod.year + ReportingPeriod.quarter)
"""Where a quarter stands among others, the latest first."""


def list_statement(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    status: str = "",
    search: str = "",
    resident_id: int | None = None,
) -> sa.Select:
    """``report_id``, ``resident_id`` and ``period_id`` of each report, by its newest version, the latest quarter first.

    Of a late one there is no report: :func:`registry.reports.work_lists.late_statement` finds these.
    :func:`reports_of` reads a page of them. ``resident_id`` leaves those of the company that has this entry, under
    whichever of its entries they were sent.
    """
    listed = ListedReport.__table__.c if viewer.company_bin is None else as_listed(viewer).subquery().c
    statement = sa.select(listed.report_id, listed.resident_id, listed.period_id).where(
        *viewer.within(listed.territory_id)
    )
    if territory_id is not None:
        statement = statement.where(listed.territory_id == territory_id)
    if year is not None:
        statement = statement.where(listed.year == year)
    if quarter is not None:
        statement = statement.where(listed.quarter == quarter)
    if status:
        statement = statement.where(listed.status == status)
    if search.strip():
        statement = statement.where(_found(listed, search))
    if resident_id is not None:
        statement = statement.where(listed.resident_id.in_(residents.ids_of_company(resident_id)))
    return statement.order_by(listed.place, by_code_point(listed.sort), listed.report_id)


def _found(listed: Any, search: str) -> sa.ColumnElement[bool]:
    """The condition that a report is a company's of these words, or its report on the quarter among them."""
    found = listed.resident_id.in_(residents.ids_found(search_terms(search)))
    asked = rules.period_in(search)
    if asked is None:
        return found
    # "2026" may be a piece of a register number as well: both are looked for.
    of_period = [
        column == part for column, part in ((listed.year, asked.year), (listed.quarter, asked.quarter)) if part
    ]
    if asked.rest:
        of_period.append(listed.resident_id.in_(residents.ids_found(search_terms(asked.rest))))
    return sa.or_(found, sa.and_(*of_period))


def as_listed(viewer: Viewer) -> sa.Select:
    """The newest versions a viewer may see, by the columns of :class:`ListedReport`; of a report taken back none.

    A company's are its own, those it has begun and not sent yet too.
    """
    return (
        sa.select(
            Report.resident_id,
            Report.period_id,
            Report.id.label("report_id"),
            ReportingPeriod.territory_id,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            PLACE.label("place"),
            Report.status,
            Resident.sort_kk.label("sort"),
        )
        .join(Resident, Report.resident_id == Resident.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .where(*visible(viewer), newest(viewer), stands())
    )


def reports_of(rows: Sequence[sa.Row]) -> list[Report]:
    """The reports that rows of :func:`list_statement` name, in their order."""
    ids = [row.report_id for row in rows]
    if not ids:
        return []
    found = {report.id: report for report in db.session.scalars(sa.select(Report).where(Report.id.in_(ids)))}
    return [found[key] for key in ids]


def version_ids(statement: sa.Select) -> set[int]:
    """Every version of the reports a list shows: what an export of accepted lines is limited to."""
    pairs = statement.order_by(None).subquery()
    same = sa.and_(pairs.c.resident_id == Report.resident_id, pairs.c.period_id == Report.period_id)
    return set(db.session.scalars(sa.select(Report.id).join(pairs, same)))


def versions(report: Report, viewer: Viewer) -> list[Report]:
    """Every version of the same report the viewer may see, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Report)
            .join(Resident, Report.resident_id == Resident.id)
            .where(Report.resident_id == report.resident_id, Report.period_id == report.period_id, *visible(viewer))
            .options(selectinload(Report.lines))
            .order_by(Report.version)
        )
    )


def version_to_fill(report: Report, viewer: Viewer) -> Report:
    """The version the resident goes on with: the one opened after this one was returned, else this one."""
    if report.status != Status.RETURNED:
        return report
    return versions(report, viewer)[-1]


def sent_for(report: Report) -> list[int]:
    """The versions that led to this one since one was last accepted, oldest first: those returned, and this one."""
    found: list[int] = []
    for key, version, status in versions_of(report.resident_id, report.period_id):
        if version <= report.version:
            found.append(key)
        if version < report.version and status == Status.ACCEPTED:
            found.clear()
    return found


def of_company(resident: Resident, period: ReportingPeriod) -> list[Report]:
    """Every version of a company's report of a quarter, under whichever of its entries, oldest first.

    The report belongs to the company: one that left and came back in the quarter reports once (``exchange.md`` 5).
    """
    return of_companies(period, [resident.bin]).get(resident.bin, [])


def report_of(resident: Resident, period: ReportingPeriod) -> Report | None:
    """The newest version of a company's report of a quarter, if there is one that was not taken back."""
    return db.session.scalar(
        sa.select(Report)
        .join(Resident, Report.resident_id == Resident.id)
        .where(
            Resident.territory_id == period.territory_id,
            Resident.bin == resident.bin,
            Resident.annulled_at.is_(None),
            Report.period_id == period.id,
            stands(),
        )
        .order_by(Report.id.desc())
        .limit(1)
    )


def of_companies(period: ReportingPeriod, bins: Collection[str]) -> dict[str, list[Report]]:
    """The same of companies by BIN, read together; a company that has no report is left out."""
    found: dict[str, list[Report]] = {}
    for number, report in db.session.execute(
        sa.select(Resident.bin, Report)
        .join(Resident, Report.resident_id == Resident.id)
        .where(
            Resident.territory_id == period.territory_id,
            Resident.bin.in_(bins),
            Resident.annulled_at.is_(None),
            Report.period_id == period.id,
        )
        .order_by(Report.id)
    ):
        found.setdefault(number, []).append(report)
    return found


def versions_of(resident_id: int, period_id: int) -> list[tuple[int, int, str]]:
    """(id, version, status) of every version, oldest first, for the services."""
    rows = db.session.execute(
        sa.select(Report.id, Report.version, Report.status)
        .where(Report.resident_id == resident_id, Report.period_id == period_id)
        .order_by(Report.version)
    )
    return [tuple(row) for row in rows]


def corrects_accepted(report: Report) -> bool:
    """Whether a version follows one that was accepted, which counts until this one is."""
    found = sa.select(Report.id).where(
        Report.resident_id == report.resident_id,
        Report.period_id == report.period_id,
        Report.version < report.version,
        Report.status == Status.ACCEPTED,
        stands(),
    )
    return db.session.scalar(found.limit(1)) is not None
