"""What companies are told of their reports."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

import sqlalchemy as sa

from registry.infra.access import Permission, Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import format_date, format_quarter, lazy
from registry.infra.i18n import gettext as _
from registry.notifications.events import Event, Page, Values
from registry.notifications.models import Notification
from registry.notifications.rules import Group
from registry.reports import work_lists
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Status
from registry.reports.work_lists import Duty
from registry.residents import queries as residents
from registry.residents.models import Resident

REPORT, PERIOD = Report.__tablename__, ReportingPeriod.__tablename__


def values_of(period: ReportingPeriod) -> dict[str, object]:
    """What the words need of a quarter."""
    return {"year": period.year, "quarter": period.quarter, "due_on": period.due_on.isoformat()}


def _quarter(values: Values) -> str:
    return format_quarter(values["year"], values["quarter"])


def _due_on(values: Values) -> str:
    return format_date(date.fromisoformat(values["due_on"]))


def _owed_to(ids: Collection[int], viewer: Viewer) -> Collection[int]:
    """The periods of territories in which the viewer's company has an entry."""
    own = sa.select(Resident.territory_id).where(*residents.visible(viewer))
    found = sa.select(ReportingPeriod.id).where(ReportingPeriod.id.in_(ids), ReportingPeriod.territory_id.in_(own))
    return set(db.session.scalars(found)) if viewer.is_company else ()


def _duty(notification: Notification, viewer: Viewer) -> Duty | None:
    """What the company still has to do for the quarter it is reminded of."""
    duties = work_lists.my_duty(viewer, today())
    return next((duty for duty in duties if duty.period.id == notification.subject_id), None)


def _page_of_duty(notification: Notification, viewer: Viewer) -> Page:
    """The report itself where it was begun, else the place of the list where it is."""
    duty = _duty(notification, viewer)
    if duty is not None and duty.report is not None:
        return "reports.edit", {"report_id": duty.report.id}
    if duty is not None:
        return "reports.index", {"_anchor": f"duty-{duty.resident.id}-{duty.period.id}"}
    sent = db.session.scalar(
        sa.select(sa.func.max(Report.id))
        .join(Resident, Report.resident_id == Resident.id)
        .where(Resident.bin == viewer.company_bin, Report.period_id == notification.subject_id)
    )
    return ("reports.show", {"report_id": sent}) if sent else ("reports.index", {})


def _is_returned(notification: Notification, _viewer: Viewer) -> bool:
    status = db.session.scalar(sa.select(Report.status).where(Report.id == notification.subject_id))
    return status == Status.RETURNED


DUE = Event(
    key="report_due",
    name=lazy("report due"),
    group=Group.REPORTS,
    needs=Permission.FILL_REPORTS,
    subject=lambda values: _(
        "Tizilim: the report for %(quarter)s is due on %(day)s", quarter=_quarter(values), day=_due_on(values)
    ),
    text=lambda values: _(
        "The report for %(quarter)s is due on %(day)s and has not been sent yet.",
        quarter=_quarter(values),
        day=_due_on(values),
    ),
    opened=_owed_to,
    page=_page_of_duty,
    holds=lambda notification, viewer: _duty(notification, viewer) is not None,
)

LATE = Event(
    key="report_late",
    name=lazy("report late"),
    group=Group.REPORTS,
    needs=Permission.FILL_REPORTS,
    subject=lambda values: _("Tizilim: the report for %(quarter)s is late", quarter=_quarter(values)),
    text=lambda values: _(
        "The report for %(quarter)s was due on %(day)s and has not been sent. Send it as soon as you can.",
        quarter=_quarter(values),
        day=_due_on(values),
    ),
    opened=_owed_to,
    page=_page_of_duty,
    holds=lambda notification, viewer: _duty(notification, viewer) is not None,
)

RETURNED = Event(
    key="report_returned",
    name=lazy("report returned"),
    group=Group.REPORTS,
    needs=Permission.FILL_REPORTS,
    subject=lambda values: _("Tizilim: the report for %(quarter)s was returned", quarter=_quarter(values)),
    text=lambda values: _(
        "The report for %(quarter)s was returned to you. Open it to read what to put right, and send it again.",
        quarter=_quarter(values),
    ),
    holds=_is_returned,
)

ACCEPTED = Event(
    key="report_accepted",
    name=lazy("report accepted"),
    group=Group.REPORTS,
    needs=Permission.FILL_REPORTS,
    subject=lambda values: _("Tizilim: the report for %(quarter)s is accepted", quarter=_quarter(values)),
    text=lambda values: _(
        "The report for %(quarter)s is accepted. There is nothing more to do.", quarter=_quarter(values)
    ),
)

EVENTS = (DUE, LATE, RETURNED, ACCEPTED)
