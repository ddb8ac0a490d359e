"""The worker's part: papers asked for are made in the background, and lost requests are found again."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

import sqlalchemy as sa

from registry.accounts.models import User
from registry.accounts.queries import viewer_for
from registry.errors import DomainError
from registry.infra import jobs, process_locks
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import AHEAD, local_date, seems_ahead, utc_now
from registry.infra.db import db, transaction
from registry.infra.i18n import lazy, speaking
from registry.papers import rules
from registry.papers.issuing import issue_approved, make, prepare, settings
from registry.papers.lease import Run, TakenOver
from registry.papers.models import Document, DocumentRequest
from registry.papers.requests import Order, order, order_of
from registry.papers.rules import Move, RequestStatus
from registry.papers.services import approve, drop_draft
from registry.printing import pdf, render_pool
from registry.verification import evidence_pack

_log = logging.getLogger(__name__)

WAITING_TOO_LONG = timedelta(seconds=3)
"""A queued request older than this that the queue does not know was lost between commit and queue."""

RUNNING_TOO_LONG = timedelta(hours=1)
"""A request that a living process still has after this time is given up: longer than any job may take."""

ATTEMPTS = 3
"""How often the making of a paper is begun when the process dies over it."""


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
    run = _begin(request_id)
    if run is None:
        return
    try:
        _work_on(run, now or utc_now())
        drop_draft(run.draft)
    except TakenOver:
        _log.warning("request %s is in other hands: its paper is not issued here", request_id)
    except DomainError as error:
        _fail(run, error)
    except (jobs.TooLong, render_pool.OutOfTime):
        _fail(run, lazy("This paper takes longer to make than is allowed. Ask for one territory or a shorter period."))
    except (MemoryError, render_pool.OutOfMemory):
        _fail(run, lazy("This paper takes more memory than is allowed. Ask for one territory or a shorter period."))
    except Exception:
        _log.exception("the paper of request %s could not be made", request_id)
        run.failed("")


def _begin(request_id: int) -> Run | None:
    """Take a request up; None when there is nothing left to do for it."""
    worker = process_locks.own_name(settings().workers_dir)
    with transaction() as session:
        request = session.get(DocumentRequest, request_id)
        if request is None or request.status != RequestStatus.QUEUED:
            return None
        request.status = rules.after(request.status, Move.TAKE_UP)
        request.started_at, request.error = utc_now(), None
        request.worker, request.attempts = worker, request.attempts + 1
        return Run(request_id, worker, request.attempts, request.draft)


def _fail(run: Run, error: object) -> None:
    """Say why a paper could not be made, in the language of whoever asked for it."""
    db.session.rollback()
    with speaking(_language_of(db.session.get_one(DocumentRequest, run.request_id))):
        run.failed(str(error))


def _language_of(request: DocumentRequest) -> str:
    user = db.session.get(User, request.requested_by) if request.requested_by is not None else None
    return user.language if user is not None else request.language


def _work_on(run: Run, now: datetime) -> None:
    report = _Reporter(run)
    request = db.session.get_one(DocumentRequest, run.request_id)
    if request.approved_at is not None:
        issue_approved(run, now, report)
        return
    actor = _actor_of(request)
    if request.kind == rules.EVIDENCE:
        actor.require_in(request.territory_id, Permission.ISSUE_REGISTERS)
        evidence_pack.make(run, report)
        return
    wanted = _order_of(request, actor)
    begin = prepare if rules.needs_two_people(wanted.needs_approval, actor.user_id) else make
    begin(actor, wanted, now=now, progress=report, run=run)


def _actor_of(request: DocumentRequest) -> Viewer:
    """Who asked: an account may have been deactivated meanwhile."""
    if request.requested_by is None:
        return SYSTEM
    user = db.session.get_one(User, request.requested_by)
    if not user.active:
        raise DomainError(lazy("The account that asked for this paper is deactivated."))
    return viewer_for(user)


def _order_of(request: DocumentRequest, actor: Viewer) -> Order:
    """What was asked for, checked again: an account may have lost its right meanwhile."""
    wanted = order_of(request)
    order(
        actor,
        wanted.kind.code,
        language=wanted.language,
        today=local_date(utc_now()),
        territory=wanted.territory,
        resident=wanted.resident,
        as_of=wanted.period.as_of,
        sampling=wanted.sampling,
        known_at=wanted.period.known_at,
        copy=wanted.copy,
        without=wanted.without,
    )
    return wanted


class _Reporter:
    """Writes progress into the request's row, at most once a second; its end is written with the paper."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.last = 0.0

    def __call__(self, done: int, total: int) -> None:
        if done and (done >= total or time.monotonic() - self.last < 1):
            return
        self.last = time.monotonic()
        self.run.report(done, total)


@jobs.sweep
def find_lost_requests() -> None:
    """Queue again what was lost: requests nobody took up, and those whose process died; give up in the end."""
    now, own = utc_now(), process_locks.own_name(settings().workers_dir)
    running = db.session.execute(
        sa.select(DocumentRequest.id, DocumentRequest.worker, DocumentRequest.started_at).where(
            DocumentRequest.status == RequestStatus.RUNNING
        )
    ).all()
    # Between jobs whatever seems to be under way here was lost by a job that could not say so.
    dead = {
        row.id
        for row in running
        if row.worker in (None, own) or process_locks.is_gone(settings().workers_dir, row.worker)
    }
    endless = {row.id for row in running if row.started_at < now - RUNNING_TOO_LONG} - dead
    if endless and seems_ahead():
        endless = set()  # by such a clock everything runs for years
    asked = DocumentRequest.requested_at
    waiting = sa.select(DocumentRequest.id).where(
        DocumentRequest.status == RequestStatus.QUEUED,
        # Those asked for under a clock that ran ahead wait no longer than others.
        sa.or_(asked < now - WAITING_TOO_LONG, asked > now + AHEAD),
    )
    again = list(db.session.scalars(waiting)) if jobs.nothing_waits() else []
    if dead or endless:
        again += _take_away({row.id: row.worker for row in running if row.id in dead | endless}, endless, now)
    for request_id in again:
        jobs.enqueue(run_request, request_id)


def _take_away(workers: dict[int, str | None], endless: set[int], now: datetime) -> list[int]:
    """Take requests from dead processes, by the name of each, and give those that may be begun again."""
    again = []
    with transaction() as session:
        for request_id, worker in workers.items():
            request = session.get_one(DocumentRequest, request_id)
            if (request.status, request.worker) != (RequestStatus.RUNNING, worker):
                continue
            if request_id not in endless and request.attempts < ATTEMPTS:
                request.status = rules.after(request.status, Move.LOSE)
                again.append(request_id)
                continue
            with speaking(_language_of(request)):
                request.status, request.finished_at = rules.after(request.status, Move.FAIL), now
                request.error = str(
                    lazy("The making of this paper was broken off again and again. Tell the administrator.")
                )
    return again


@jobs.warming
def load_the_renderer() -> None:
    """Lay out a page once, so that the first paper does not wait for the libraries."""
    pdf.render("<p>1</p>")
