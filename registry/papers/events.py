"""What people are told of papers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa

from registry.accounts import queries as accounts
from registry.infra.access import Permission, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy
from registry.infra.i18n import gettext as _
from registry.notifications import services as notifications
from registry.notifications.events import Event, Values
from registry.notifications.models import Notification
from registry.notifications.rules import Group
from registry.papers import rules
from registry.papers.models import DocumentRequest
from registry.papers.rules import RequestStatus


def makers(request: DocumentRequest) -> frozenset[int]:
    """Whose work a prepared paper is: whoever asked for it, and whose deputy that was."""
    return accounts.persons_on(request.requested_by, request.requested_at)


def _waits(notification: Notification, viewer: Viewer) -> bool:
    """Whether the paper still waits, and this viewer may approve it."""
    request = db.session.scalar(sa.select(DocumentRequest).where(DocumentRequest.id == notification.subject_id))
    return request is not None and request.status == RequestStatus.PREPARED and _may(request, viewer, utc_now())


def _may(request: DocumentRequest, viewer: Viewer, now: datetime) -> bool:
    own = makers(request)
    is_another = not own & viewer.persons and accounts.linked_until(viewer.persons, own, now) is None
    return is_another and viewer.may(Permission.APPROVE_DOCUMENTS) and viewer.sees_territory(request.territory_id)


def _paper(values: Values) -> dict[str, str]:
    return {"paper": str(rules.name_of(values["kind"])), "day": format_date(date.fromisoformat(values["as_of"]))}


AWAITING = Event(
    key="paper_waiting",
    name=lazy("paper waiting for approval"),
    group=Group.PAPERS,
    needs=Permission.APPROVE_DOCUMENTS,
    subject=lambda _values: _("Tizilim: a paper waits for approval"),
    text=lambda values: _("A paper waits for somebody to approve it: %(paper)s, %(day)s.", **_paper(values)),
    holds=_waits,
)

EVENTS = (AWAITING,)


def tell_approvers(request: DocumentRequest, now: datetime) -> None:
    """Tell those who may approve a paper just prepared that it waits: nobody whose own work it is."""
    people = accounts.people_who_may(Permission.APPROVE_DOCUMENTS)
    notifications.tell(
        AWAITING,
        [user.id for user, viewer in people if _may(request, viewer, now)],
        about=(DocumentRequest.__tablename__, request.id),
        values={"kind": request.kind, "as_of": request.as_of.isoformat()},
        now=now,
    )
