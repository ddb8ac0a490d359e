"""Issuing papers: collect, snapshot, compose, render, stamp, store.

Rendering takes seconds and happens outside any transaction, without a number. Number, stamp, stored file, row and
journal entry are one short writing transaction at the end, so that a failed rendering loses no number and a killed
process leaves no half-issued paper. That is why :func:`issue` and the job open their transactions themselves, as
commands and jobs do; the other services leave it to the caller.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from registry.accounts.models import User
from registry.accounts.queries import viewer_for
from registry.config import Settings
from registry.documents import collecting, composing, queries, rendering, rules, snapshots
from registry.documents.layout import Paper
from registry.documents.models import Document, DocumentAct, DocumentRequest
from registry.documents.rules import OF_ONE_RESIDENT, Kind, Period, RequestStatus, Validity
from registry.errors import Conflict, DomainError, NotFound
from registry.infra import jobs, storage
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import local_date, utc_now
from registry.infra.db import db, transaction
from registry.infra.i18n import LANGUAGES, lazy
from registry.journal import queries as journal
from registry.journal.rules import Action, canonical
from registry.journal.services import record
from registry.residents.models import Resident
from registry.residents.queries import records as resident_records
from registry.territories.models import NumberSeries, Territory
from registry.territories.services import next_number

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Hears rows done and rows in all while a paper is made."""

ROWS_PER_PAGE = 22
"""Rows a page of a register holds on average: what progress is reckoned by."""

WAITING_TOO_LONG = timedelta(minutes=1)
"""A queued request older than this was lost between commit and queue."""

RUNNING_TOO_LONG = timedelta(minutes=5)
"""A running request without a sign of life for so long belongs to a killed worker."""

GIVEN_UP = timedelta(hours=1)
"""A request that could not be finished in this time is marked as failed."""


@dataclass(frozen=True)
class Order:
    """A paper somebody may have: what, about whom, for when, in which language."""

    kind: Kind
    language: str
    period: Period
    territory: Territory | None
    resident: Resident | None

    @property
    def scope(self) -> str:
        return self.territory.prefix if self.territory else rules.ALL_TERRITORIES

    @property
    def key(self) -> str:
        return rules.request_key(self.kind, self.scope, self.resident.id if self.resident else None, self.period)


def order(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    today: date,
    territory: Territory | None = None,
    resident: Resident | str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    quarter: int | None = None,
) -> Order:
    """Check what was asked for. ``resident`` is an entry or a BIN; then the territory follows from it.

    :raises NotAllowed: when the actor's role may not have this kind.
    :raises NotFound: for an unknown company, or one that is not the actor's own.
    :raises DomainError: for a kind, language or dates that do not exist or fit, and for a certificate of a company that
        is not a participant.
    """
    try:
        wanted = Kind(kind)
    except ValueError:
        raise DomainError(
            lazy("There is no paper called %(kind)s; there are %(kinds)s.", kind=kind, kinds=", ".join(Kind)), "kind"
        ) from None
    if language not in LANGUAGES:
        raise DomainError(lazy("A paper is printed in kk, ru or en."), "language")
    if wanted not in OF_ONE_RESIDENT or not actor.may(Permission.ISSUE_OWN_PAPERS):
        actor.require(Permission.ISSUE_REGISTERS)
    period = rules.period_of(wanted, as_of=as_of, year=year, quarter=quarter, today=today)
    if wanted not in OF_ONE_RESIDENT:
        if resident is not None:
            raise DomainError(lazy("This paper is about a whole register: name no company."), "resident")
        return Order(wanted, language, period, territory, None)
    if resident is None:
        raise DomainError(lazy("Name the company this paper is about."), "resident")
    if isinstance(resident, str):
        resident = queries.entry_for(actor, resident, period.as_of, territory)
    elif actor.company_bin is not None and resident.bin != actor.company_bin:
        raise NotFound(lazy("There is no such participant."), "resident")
    if resident.annulled_at is not None:
        raise NotFound(lazy("This entry was annulled; no paper can be issued about it."), "resident")
    _check_entry(wanted, resident, period, today)
    return Order(wanted, language, period, resident.territory, resident)


def _check_entry(kind: Kind, resident: Resident, period: Period, today: date) -> None:
    """An extract needs an entry that had begun, a certificate a participant, on the day and today."""
    found = resident_records(SYSTEM, as_of=period.as_of, ids=[resident.id])
    if not found:
        raise DomainError(
            lazy("%(bin)s had not yet been entered in the register on that day.", bin=resident.bin), "as_of"
        )
    if kind is not Kind.CERTIFICATE:
        return
    if not found[0].participates_on(period.as_of):
        raise DomainError(
            lazy("%(bin)s is not a participant on that day: a certificate cannot be issued.", bin=resident.bin),
            "resident",
        )
    now = resident_records(SYSTEM, ids=[resident.id])[0]
    if now.excluded_on is not None and now.excluded_on <= today:
        raise DomainError(
            lazy("%(bin)s was excluded from the register: a certificate cannot be issued.", bin=resident.bin),
            "resident",
        )


# --- making a paper ---


def issue(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    now: datetime,
    territory: Territory | None = None,
    resident: Resident | str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    quarter: int | None = None,
    progress: Progress | None = None,
) -> Document:
    """Issue a paper here and now, or return the one already issued for the same request and data.

    Without ``territory`` it covers all of them. Not to be called inside a transaction: it opens its own.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(
        actor, kind, language=language, today=local_date(now), territory=territory, resident=resident, as_of=as_of,
        year=year, quarter=quarter,
    )  # fmt: skip
    return make(actor, wanted, now=now, progress=progress)


def make(actor: Viewer, wanted: Order, *, now: datetime, progress: Progress | None = None) -> Document:
    """The whole way from the registers to a stored paper."""
    draft = _collect(wanted)
    if draft.document is not None:
        return draft.document
    snapshot = snapshots.load(draft.text)
    rows = snapshot.rows
    report = progress or _silent
    report(0, rows)
    paper = composing.compose(snapshot, wanted.language)
    # What was read is let go before the long part: nobody waits for a paper being laid out.
    db.session.rollback()
    body = rendering.render(
        paper,
        data_hash=draft.data_hash,
        as_of=snapshot.as_of,
        on_page=lambda page: report(min(rows - 1, (page - 1) * ROWS_PER_PAGE), rows),
    )
    document = _put_on_record(actor, wanted, draft, paper, body, now)
    report(rows, rows)
    return document


def _silent(_done: int, _total: int) -> None:
    """Nobody wants to know."""


@dataclass(frozen=True)
class _Draft:
    """A snapshot as text with its hash and the head of the journal it was made at, or the paper that exists already."""

    text: str
    data_hash: str
    chain_sequence: int
    chain_hash: str
    document: Document | None = None


def _collect(wanted: Order) -> _Draft:
    """Read the registers at one moment: if somebody wrote meanwhile, read again."""
    for _attempt in range(5):
        db.session.rollback()
        before = journal.head()
        sequence, chain_hash = before.count, before.hash
        snapshot = collecting.collect(wanted.kind, wanted.period, territory=wanted.territory, resident=wanted.resident)
        db.session.expire_all()
        if journal.head().hash == chain_hash:
            break
    text = snapshots.dump(snapshot)
    data_hash = snapshots.data_hash(text)
    act = queries.find_act(wanted.key, data_hash)
    if act is None:
        return _Draft(text, data_hash, sequence, chain_hash)
    return _Draft(
        act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash, queries.find_paper(act, wanted.language)
    )


def _put_on_record(
    actor: Viewer, wanted: Order, draft: _Draft, paper: Paper, body: rendering.Body, now: datetime
) -> Document:
    """Give the number, stamp, store and record: one short transaction.

    The stamp for the number that will most likely come is made beforehand; only when another paper of the series was
    issued in between is it made again inside.
    """
    code = rules.new_code()
    guess = _identity(wanted, _expected(wanted, draft, now), draft, code, now)
    stamped = rendering.stamp(body, paper, guess)
    versions = canonical(rendering.versions())
    db.session.rollback()
    with transaction() as session:
        act = queries.find_act(wanted.key, draft.data_hash)
        existing = queries.find_paper(act, wanted.language) if act else None
        if existing is not None:
            return existing
        if act is None:
            act = _new_act(wanted, draft, now)
            session.add(act)
            session.flush()
        identity = _identity(wanted, _Given(act.number, act.issued_on), draft, code, now)
        if act.chain_hash != draft.chain_hash or identity != guess:
            draft = _Draft(draft.text, draft.data_hash, act.chain_sequence, act.chain_hash)
            identity = _identity(wanted, _Given(act.number, act.issued_on), draft, code, now)
            stamped = rendering.stamp(body, paper, identity)
        document = Document(
            act_id=act.id, language=wanted.language, number=identity.number, code=code,
            sha256=storage.store(_settings().documents_dir, stamped), size=len(stamped), pages=body.pages,
            versions=versions, issued_at=now, issued_by=actor.user_id,
        )  # fmt: skip
        session.add(document)
        session.flush()
        fields = {"number": document.number, "kind": act.kind, "language": document.language, "sha256": document.sha256}
        record(
            actor, Action.DOCUMENT_ISSUED, document, {name: (None, value) for name, value in fields.items()}, now=now,
            effective_on=local_date(now), parent=wanted.resident,
        )  # fmt: skip
        return document


@dataclass(frozen=True)
class _Given:
    """What an act gives all its papers."""

    number: str
    issued_on: date


def _expected(wanted: Order, draft: _Draft, now: datetime) -> _Given:
    """The number the paper will get, if nobody is faster."""
    act = queries.find_act(wanted.key, draft.data_hash)
    if act is not None:
        return _Given(act.number, act.issued_on)
    day = local_date(now)
    series = db.session.get(NumberSeries, rules.series(wanted.scope, wanted.kind, day.year))
    return _Given(rules.act_number(wanted.scope, wanted.kind, day.year, (series.last if series else 0) + 1), day)


def _identity(wanted: Order, given: _Given, draft: _Draft, code: str, now: datetime) -> rendering.Identity:
    return rendering.Identity(
        number=rules.printed_number(given.number, wanted.language),
        code=code,
        address=f"{_settings().public_url}/v/{code}",
        issued_on=given.issued_on,
        chain_sequence=draft.chain_sequence,
        chain_hash=draft.chain_hash,
    )


def _new_act(wanted: Order, draft: _Draft, now: datetime) -> DocumentAct:
    day = local_date(now)
    serial = next_number(rules.series(wanted.scope, wanted.kind, day.year))
    return DocumentAct(
        kind=str(wanted.kind), scope=wanted.scope, year=day.year, serial=serial,
        number=rules.act_number(wanted.scope, wanted.kind, day.year, serial),
        territory_id=wanted.territory.id if wanted.territory else None,
        resident_id=wanted.resident.id if wanted.resident else None,
        request_key=wanted.key, as_of=wanted.period.as_of, report_year=wanted.period.year,
        report_quarter=wanted.period.quarter, data_hash=draft.data_hash, snapshot=draft.text,
        chain_sequence=draft.chain_sequence, chain_hash=draft.chain_hash, issued_on=day,
    )  # fmt: skip


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


# --- in the background ---


def request_document(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    now: datetime,
    territory: Territory | None = None,
    resident: Resident | str | None = None,
    as_of: date | None = None,
    year: int | None = None,
    quarter: int | None = None,
) -> DocumentRequest:
    """Ask for a paper; the worker makes it after the commit, when the caller enqueues :func:`run_request`.

    The same request of the same person that is still under way is returned instead of a second one.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(
        actor, kind, language=language, today=local_date(now), territory=territory, resident=resident, as_of=as_of,
        year=year, quarter=quarter,
    )  # fmt: skip
    request = DocumentRequest(
        kind=str(wanted.kind), language=language, territory_id=wanted.territory.id if wanted.territory else None,
        resident_id=wanted.resident.id if wanted.resident else None, as_of=wanted.period.as_of,
        report_year=wanted.period.year, report_quarter=wanted.period.quarter, requested_by=actor.user_id,
        requested_at=now, status=str(RequestStatus.QUEUED),
    )  # fmt: skip
    same = queries.same_request(request)
    if same is not None:
        return same
    db.session.add(request)
    db.session.flush()
    return request


def retry_request(actor: Viewer, request: DocumentRequest, *, now: datetime) -> None:
    """Put a failed request back into the queue.

    :raises Conflict: when it has not failed.
    """
    if not actor.may(Permission.ISSUE_OWN_PAPERS):
        actor.require(Permission.ISSUE_REGISTERS)
    if request.status != RequestStatus.FAILED:
        raise Conflict(lazy("This request has not failed; wait for its paper."))
    request.status, request.error, request.finished_at = str(RequestStatus.QUEUED), None, None
    request.rows_done, request.requested_at = 0, now


@jobs.job
def run_request(request_id: int) -> None:
    """Make the paper a request asks for. A second run of the same request finds nothing left to do."""
    with transaction() as session:
        request = session.get(DocumentRequest, request_id)
        if request is None or request.status != RequestStatus.QUEUED:
            return
        request.status, request.started_at, request.error = str(RequestStatus.RUNNING), utc_now(), None
    try:
        actor, wanted = _order_of(request_id)
        document = make(actor, wanted, now=utc_now(), progress=_Reporter(request_id))
    except DomainError as error:
        _finish(request_id, RequestStatus.FAILED, error=str(error))
    except Exception:
        _log.exception("the paper of request %s could not be made", request_id)
        _finish(request_id, RequestStatus.FAILED, error="")
    else:
        _finish(request_id, RequestStatus.DONE, document_id=document.id)


def _order_of(request_id: int) -> tuple[Viewer, Order]:
    """Who asked and for what, checked again: an account may have lost its right meanwhile."""
    request = db.session.get_one(DocumentRequest, request_id)
    actor = SYSTEM
    if request.requested_by is not None:
        user = db.session.get_one(User, request.requested_by)
        if not user.active:
            raise DomainError(lazy("The account that asked for this paper is deactivated."))
        actor = viewer_for(user)
    kind = Kind(request.kind)
    resident = db.session.get(Resident, request.resident_id) if request.resident_id else None
    territory = db.session.get(Territory, request.territory_id) if request.territory_id else None
    checked = order(
        actor, kind, language=request.language, today=local_date(utc_now()), territory=territory, resident=resident,
        as_of=request.as_of,
    )  # fmt: skip
    period = Period(request.as_of, request.report_year, request.report_quarter)
    return actor, Order(checked.kind, checked.language, period, checked.territory, checked.resident)


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
            if request.status == RequestStatus.RUNNING and request.requested_at < now - GIVEN_UP:
                request.status, request.finished_at, request.error = str(RequestStatus.FAILED), now, ""
            else:
                request.status = str(RequestStatus.QUEUED)
                again.append(request.id)
    for request_id in again:
        jobs.enqueue(run_request, request_id)


def count_check(document: Document) -> None:
    """Note that somebody looked whether the paper is genuine."""
    db.session.execute(sa.update(Document).where(Document.id == document.id).values(checks=Document.checks + 1))


# --- verification ---


@dataclass(frozen=True)
class Verdict:
    """Whether bytes are an issued paper, unchanged and still valid; ``reason`` says in words why not."""

    valid: bool
    number: str | None
    status: str
    reason: object
    document: Document | None = None


def verify(data: bytes, today: date) -> Verdict:
    """Compare a file with the issued papers.

    ``status`` is ``valid``, ``revoked`` or ``unknown``.
    """
    document = queries.by_hash(hashlib.sha256(data).hexdigest())
    if document is None:
        return Verdict(
            False, None, "unknown", lazy("This file is not a paper issued here, or it was changed after its issue.")
        )
    held = queries.validity(document, today)
    if not held.is_valid:
        return Verdict(False, document.number, str(held.state), why_revoked(held), document)
    return Verdict(True, document.number, str(held.state), lazy("This is the issued paper, unchanged."), document)


def why_revoked(held: Validity) -> object:
    """The reason of a revocation in words; nothing for a paper that holds."""
    if held.reason == "annulled":
        return lazy("The paper is revoked: the entry it is about was annulled as recorded in error.")
    if held.reason == "excluded":
        return lazy(
            "The certificate is revoked: its holder was excluded from the register on %(day)s.",
            day=held.since.isoformat() if held.since else "",
        )
    return ""
