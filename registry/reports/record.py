"""What reports put on the page of a participant: a tab, and what is late, sent back, or waits."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import url_for

from registry.infra.access import Permission, Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import format_date, format_moment, format_quarter, lazy
from registry.infra.i18n import gettext as _
from registry.infra.record import Attention, Concern, Part, Tab
from registry.journal.timeline import Chapter, belonging
from registry.notes.rules import Notable
from registry.reports import queries, reporting_periods, work_lists
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Status
from registry.residents.models import Resident

SHOWN = 3


def listed(viewer: Viewer, resident: Resident) -> sa.Select:
    """The reports that the tab of a participant lists."""
    return queries.list_statement(viewer, resident_id=resident.id)


def _late(viewer: Viewer, resident: Resident) -> sa.Select | None:
    if resident.annulled_at is not None:
        return None
    return work_lists.late_of(viewer, resident, today=today())


def _tell_late(_viewer: Viewer, resident: Resident, found: sa.Select) -> Iterator[Concern]:
    rows = db.session.execute(found.limit(SHOWN)).all()
    for late in work_lists.late_reports(rows):
        yield Concern(
            _("Report for %(quarter)s not sent", quarter=format_quarter(late.year, late.quarter)),
            _("was due on %(day)s", day=format_date(late.due_on)),
            url_for("reports.of_resident", resident_id=resident.id),
        )


def _returned(viewer: Viewer, resident: Resident) -> sa.Select:
    return queries.list_statement(viewer, resident_id=resident.id, status=Status.RETURNED)


def _tell_returned(_viewer: Viewer, _resident: Resident, found: sa.Select) -> Iterator[Concern]:
    for report in queries.reports_of(db.session.execute(found.limit(SHOWN)).all()):
        yield Concern(
            _("Report for %(quarter)s sent back", quarter=_quarter(report)),
            f"{format_moment(report.decided_at)}: {report.decision_note or ''}",
            url_for("reports.show", report_id=report.id),
            _("Open"),
        )


def _waiting(viewer: Viewer, resident: Resident) -> sa.Select:
    return queries.list_statement(viewer, resident_id=resident.id, status=Status.SUBMITTED)


def _tell_waiting(viewer: Viewer, _resident: Resident, found: sa.Select) -> Iterator[Concern]:
    for report in queries.reports_of(db.session.execute(found.limit(SHOWN)).all()):
        yield Concern(
            _("Report for %(quarter)s waits for a decision", quarter=_quarter(report)),
            _("sent on %(moment)s", moment=format_moment(report.submitted_at)),
            url_for("reports.show", report_id=report.id),
            _("Review") if viewer.may(Permission.REVIEW_REPORTS) else _("Open"),
        )


def _drafts(viewer: Viewer, resident: Resident) -> sa.Select | None:
    """A company's own drafts; nobody else knows of one."""
    if not viewer.is_company:
        return None
    return queries.list_statement(viewer, resident_id=resident.id, status=Status.DRAFT)


def _tell_drafts(_viewer: Viewer, _resident: Resident, found: sa.Select) -> Iterator[Concern]:
    for report in queries.reports_of(db.session.execute(found.limit(SHOWN)).all()):
        yield Concern(
            _("Report for %(quarter)s is a draft", quarter=_quarter(report)),
            _("due on %(day)s", day=format_date(report.period.due_on)),
            url_for("reports.edit", report_id=report.id),
            _("Fill in"),
        )


def _quarter(report: Report) -> str:
    return format_quarter(report.period.year, report.period.quarter)


_TAB = "reports.of_resident"

PARTS: tuple[Part, ...] = (
    Tab(
        of=Resident.__tablename__,
        endpoint=_TAB,
        argument="resident_id",
        label=lazy("Reports"),
        place=40,
        rows=listed,
    ),
    Attention(of=Resident.__tablename__, tab=_TAB, rows=_late, tell=_tell_late),
    Attention(of=Resident.__tablename__, tab=_TAB, rows=_returned, tell=_tell_returned),
    Attention(of=Resident.__tablename__, tab=_TAB, rows=_waiting, tell=_tell_waiting),
    Attention(of=Resident.__tablename__, tab=_TAB, rows=_drafts, tell=_tell_drafts),
)

CHAPTERS = (
    Chapter(
        of=Resident.__tablename__,
        name="reports",
        label=lazy("Reports"),
        acts=lambda _viewer, resident: (belonging(resident, Report.__tablename__),),
    ),
)

NOTABLE = (
    Notable(kind=Report.__tablename__, get=queries.get_report, entry=lambda report, _viewer: report.resident),
    Notable(
        kind=ReportingPeriod.__tablename__,
        get=reporting_periods.get_period,
        territory_id=lambda period: period.territory_id,
        has_companies=False,
    ),
)
