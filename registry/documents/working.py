"""The worker's part: papers asked for are made in the background, and lost requests are found again."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from registry.accounts.models import User
from registry.accounts.queries import viewer_for
from registry.documents import rules
from registry.documents.issuing import issue_approved, make, prepare
from registry.documents.models import Document, DocumentRequest
from registry.documents.orders import Order, order, order_of
from registry.documents.rules import RequestStatus
from registry.documents.services import approve, forget_draft
from registry.errors import DomainError
from registry.infra import jobs
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import local_date, utc_now
from registry.infra.db import db, transaction
from registry.infra.i18n import lazy

_log = logging.getLogger(__name__)

WAITING_TOO_LONG = timedelta(minutes=1)
"""A queued request older than this was lost between commit and queue."""

RUNNING_TOO_LONG = timedelta(minutes=5)
"""A running request without a sign of life for so long belongs to a killed worker."""

GIVEN_UP = timedelta(hours=1)
"""A request that could not be finished in this time is marked as failed."""


@jobs.job
def run_request(request_id: int) -> None:
    """Make the paper a request asks for, or prepare it for approval; once approved, give it its number.

    A second run of the same request finds nothing left to do.
    """
    _run(request_id)


def approve_and_issue(actor: Viewer, request: DocumentRequest, *, now: datetime) -> Document:
    """Approve a prepared paper and give it its number here and now. Not to be called inside a transaction.

    :raises DomainError: as :func:`approve` does, or when the paper could not be made; it is approved all the same.
    """
    request_id = request.id
    with transaction():
        approve(actor, request, now=now)
    _run(request_id, now)
    db.session.expire_all()
    request = db.session.get_one(DocumentRequest, request_id)
    if request.document_id is None:
        raise DomainError(request.error or lazy("The paper could not be made. Its approval stands; try again."))
    return db.session.get_one(Document, request.document_id)


def _run(request_id: int, now: datetime | None = None) -> None:
    with transaction() as session:
        request = session.get(DocumentRequest, request_id)
        if request is None or request.status != RequestStatus.QUEUED:
            return
        request.status, request.started_at, request.error = str(RequestStatus.RUNNING), utc_now(), None
    try:
        made = _work_on(request_id, now or utc_now())
    except DomainError as error:
        _finish(request_id, RequestStatus.FAILED, error=str(error))
    except Exception:
        _log.exception("the paper of request %s could not be made", request_id)
        _finish(request_id, RequestStatus.FAILED, error="")
    else:
        if isinstance(made, Document):
            _finish(request_id, RequestStatus.DONE, document_id=made.id)


def _work_on(request_id: int, now: datetime) -> Document | DocumentRequest:
    report = _Reporter(request_id)
    if db.session.get_one(DocumentRequest, request_id).approved_at is not None:
        return issue_approved(request_id, now, report)
    actor, wanted = _order_of(request_id)
    if rules.needs_two_people(wanted.kind, actor.user_id):
        return prepare(actor, wanted, now=now, progress=report, request_id=request_id)
    return make(actor, wanted, now=now, progress=report)


def _order_of(request_id: int) -> tuple[Viewer, Order]:
    """Who asked and for what, checked again: an account may have lost its right meanwhile."""
    request = db.session.get_one(DocumentRequest, request_id)
    actor = SYSTEM
    if request.requested_by is not None:
        user = db.session.get_one(User, request.requested_by)
        if not user.active:
            raise DomainError(lazy("The account that asked for this paper is deactivated."))
        actor = viewer_for(user)
    wanted = order_of(request)
    order(
        actor, wanted.kind, language=wanted.language, today=local_date(utc_now()), territory=wanted.territory,
        resident=wanted.resident, as_of=wanted.period.as_of, sampling=wanted.sampling,
    )  # fmt: skip
    return actor, wanted


class _Reporter:
    """Writes progress into the request's row, at most once a second."""

    def __init__(self, request_id: int) -> None:
        self.request_id = request_id
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        if done and done < total and time.monotonic() - self.last < 1:
            return
        self.last = time.monotonic()
        with transaction() as session:
            session.execute(
                sa.update(DocumentRequest)
                .where(DocumentRequest.id == self.request_id)
                .values(rows_done=max(0, done), rows_total=total, started_at=utc_now())
            )


def _finish(
    request_id: int, status: RequestStatus, *, error: str | None = None, document_id: int | None = None
) -> None:
    db.session.rollback()
    with transaction() as session:
        request = session.get_one(DocumentRequest, request_id)
        request.status, request.error, request.document_id = str(status), error, document_id
        request.finished_at = utc_now()
        if status is RequestStatus.DONE:
            request.rows_done = request.rows_total
            forget_draft(request)


@jobs.sweep
def find_lost_requests() -> None:
    """Queue again what was lost: requests nobody took up, and those whose worker was killed; give up in the end."""
    now = utc_now()
    lost = sa.select(DocumentRequest.id).where(
        sa.or_(
            sa.and_(
                DocumentRequest.status == RequestStatus.QUEUED, DocumentRequest.requested_at < now - WAITING_TOO_LONG
            ),
            sa.and_(
                DocumentRequest.status == RequestStatus.RUNNING, DocumentRequest.started_at < now - RUNNING_TOO_LONG
            ),
        )
    )
    if not db.session.scalars(lost).all():
        return
    again = []
    with transaction() as session:
        rows = session.scalars(sa.select(DocumentRequest).where(DocumentRequest.id.in_(lost))).all()
        for request in rows:
            began = request.approved_at or request.requested_at
            if request.status == RequestStatus.RUNNING and began < now - GIVEN_UP:
                request.status, request.finished_at, request.error = str(RequestStatus.FAILED), now, ""
            else:
                request.status = str(RequestStatus.QUEUED)
                again.append(request.id)
    for request_id in again:
        jobs.enqueue(run_request, request_id)
