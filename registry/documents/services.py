"""Issuing papers: collect, snapshot, compose, render, stamp, store; and what becomes of them afterwards.

Rendering takes seconds and happens outside any transaction, without a number. Number, stamp, stored file, row and
journal entry are one short writing transaction at the end, so that a failed rendering loses no number and a killed
process leaves no half-issued paper. That is why :func:`issue` and the job open their transactions themselves, as
commands and jobs do; the other services leave it to the caller.
"""

from __future__ import annotations

import hashlib
import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from flask import current_app

from registry.accounts import services as accounts
from registry.accounts.models import User
from registry.accounts.queries import viewer_for
from registry.config import Settings
from registry.documents import collecting, composing, queries, rendering, rules, sealing, snapshots, token
from registry.documents.layout import Paper
from registry.documents.models import Document, DocumentAct, DocumentEvent, DocumentRequest
from registry.documents.rules import NEEDS_APPROVAL, OF_ONE_RESIDENT, Kind, Period, RequestStatus, Validity
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra import jobs, keys, storage
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import local_date, utc_now
from registry.infra.db import Base, db, transaction
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

WAITING_TOO_LONG = timedelta(minutes=1)
"""A queued request older than this was lost between commit and queue."""

RUNNING_TOO_LONG = timedelta(minutes=5)
"""A running request without a sign of life for so long belongs to a killed worker."""

FREE_GUESSES = 20
"""Unknown verification codes one address may try before it has to wait; a whole office may sit behind it."""

GIVEN_UP = timedelta(hours=1)
"""A request that could not be finished in this time is marked as failed."""


@dataclass(frozen=True)
class Order:
    """A paper somebody may have: what, about whom, for when, in which language.

    ``replaces`` is the id of the act it is to replace, for ``reason``.
    """

    kind: Kind
    language: str
    period: Period
    territory: Territory | None
    resident: Resident | None
    replaces: int | None = None
    reason: str = ""

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
    since: date | None = None,
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
    period = rules.period_of(wanted, as_of=as_of, year=year, quarter=quarter, today=today, since=since)
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
    since: date | None = None,
    progress: Progress | None = None,
) -> Document:
    """Issue a paper here and now, or return the one already issued for the same request and data.

    Without ``territory`` it covers all of them. Not to be called inside a transaction: it opens its own.

    :raises DomainError: as :func:`order` does.
    :raises NotAllowed: when a person asks for a paper that needs approval: :func:`issue_or_prepare` prepares it.
    """
    made = issue_or_prepare(
        actor, kind, language=language, now=now, territory=territory, resident=resident, as_of=as_of, year=year,
        quarter=quarter, since=since, progress=progress, may_prepare=False,
    )  # fmt: skip
    if isinstance(made, DocumentRequest):
        raise TypeError(made)
    return made


def issue_or_prepare(
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
    since: date | None = None,
    progress: Progress | None = None,
    may_prepare: bool = True,
) -> Document | DocumentRequest:
    """Issue a paper, or where another person has to approve it, prepare it: the request then waits for approval.

    The built-in system user does both steps at once, and the journal says so.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(
        actor, kind, language=language, today=local_date(now), territory=territory, resident=resident, as_of=as_of,
        year=year, quarter=quarter, since=since,
    )  # fmt: skip
    if rules.needs_two_people(wanted.kind, actor.user_id):
        if not may_prepare:
            raise NotAllowed(lazy("This paper is prepared by one person and approved by another."))
        return _prepare(actor, wanted, now=now, progress=progress)
    return make(actor, wanted, now=now, progress=progress)


def make(actor: Viewer, wanted: Order, *, now: datetime, progress: Progress | None = None) -> Document:
    """The whole way from the registers to a stored paper."""
    draft = _collect(wanted)
    if draft.document is not None:
        return _already_there(actor, wanted, draft.document, now)
    return _print_and_record(actor, wanted, draft, now=now, progress=progress)


def _already_there(actor: Viewer, wanted: Order, document: Document, now: datetime) -> Document:
    """The paper asked for was issued before; it may still have to take the place of another."""
    if wanted.replaces is not None:
        with transaction():
            _mark_replaced(actor, wanted, document.act, now)
    return document


def _print_and_record(
    actor: Viewer,
    wanted: Order,
    draft: _Draft,
    *,
    now: datetime,
    progress: Progress | None = None,
    request_id: int | None = None,
) -> Document:
    """Lay out what a snapshot says and issue it. ``request_id`` names the request that was approved."""
    printed = _lay_out(wanted, draft, progress)
    document = _put_on_record(actor, wanted, draft, printed, now, request_id)
    (progress or _silent)(printed.rows, printed.rows)
    return document


@dataclass(frozen=True)
class _Printed:
    """A paper laid out without a number; how many rows it has, and the sum it adds up to."""

    paper: Paper
    body: rendering.Body
    rows: int
    total: str | None

    def stamp(self, identity: rendering.Identity) -> bytes:
        """The file handed out: with its number, and with the registry's own signature over all of it."""
        content = rendering.stamp(self.body, self.paper, identity)
        return token.prove(content, identity.token, _sign)


def _sign(message: bytes) -> bytes:
    return keys.sign(_settings().keys_dir, message)


def _lay_out(wanted: Order, draft: _Draft, progress: Progress | None) -> _Printed:
    """Compose and lay out what a snapshot says."""
    snapshot = snapshots.load(draft.text)
    rows = snapshot.rows
    report = progress or _silent
    report(0, rows)
    paper = composing.compose(snapshot, wanted.language)
    # What was read is let go before the long part: nobody waits for a paper being laid out.
    db.session.rollback()
    body = rendering.render(
        paper,
        snapshot=snapshot,
        cache_dir=_settings().cache_dir,
        on_rows=lambda done: report(min(rows - 1, done), rows),
    )
    return _Printed(paper, body, rows, token.total(snapshot))


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
    act = queries.find_act(wanted.key, data_hash, besides=wanted.replaces)
    if act is None:
        return _Draft(text, data_hash, sequence, chain_hash)
    return _Draft(
        act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash, queries.find_paper(act, wanted.language)
    )


def _put_on_record(
    actor: Viewer,
    wanted: Order,
    draft: _Draft,
    printed: _Printed,
    now: datetime,
    request_id: int | None = None,
) -> Document:
    """Give the number, stamp, store and record: one short transaction.

    The stamp for the number that will most likely come is made beforehand; only when another paper of the series was
    issued in between is it made again inside.
    """
    code = rules.new_code()
    guess = _identity(wanted, _expected(wanted, draft, now), draft, code, printed)
    stamped = sealing.seal(printed.stamp(guess), _settings())
    versions = canonical(rendering.versions())
    db.session.rollback()
    with transaction() as session:
        act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
        existing = queries.find_paper(act, wanted.language) if act else None
        if existing is not None:
            if wanted.replaces is not None:
                _mark_replaced(actor, wanted, existing.act, now)
            return existing
        if act is None:
            act = _new_act(wanted, draft, now)
            session.add(act)
            session.flush()
        identity = _identity(wanted, _Given(act.number, act.issued_on), draft, code, printed)
        if act.chain_hash != draft.chain_hash or identity != guess:
            draft = _Draft(draft.text, draft.data_hash, act.chain_sequence, act.chain_hash)
            identity = _identity(wanted, _Given(act.number, act.issued_on), draft, code, printed)
            stamped = sealing.seal(printed.stamp(identity), _settings())
        document = Document(
            act_id=act.id, language=wanted.language, number=identity.number, code=code,
            sha256=storage.store(_settings().documents_dir, stamped), size=len(stamped), pages=printed.body.pages,
            versions=versions, issued_at=now, issued_by=actor.user_id,
        )  # fmt: skip
        session.add(document)
        session.flush()
        about = {"kind": act.kind, "language": document.language}
        if request_id is None and wanted.kind in NEEDS_APPROVAL:
            # Without a request nobody but the system user gets here: it prepares and approves in one step.
            for step in (Action.DOCUMENT_PREPARED, Action.DOCUMENT_APPROVED):
                _record(actor, step, document, about | {"data_hash": act.data_hash}, now)
        about |= {"number": document.number, "sha256": document.sha256}
        if request_id is not None:
            about["request"] = str(request_id)
        _record(actor, Action.DOCUMENT_ISSUED, document, about, now, parent=wanted.resident)
        if wanted.replaces is not None:
            _mark_replaced(actor, wanted, act, now)
        return document


def _record(
    actor: Viewer,
    action: Action,
    subject: Base,
    fields: dict[str, str],
    now: datetime,
    *,
    parent: Resident | None = None,
    reason: str | None = None,
) -> None:
    """One act in a paper's life, on the day it is done."""
    record(
        actor, action, subject, {name: (None, value) for name, value in fields.items()}, now=now,
        effective_on=local_date(now), parent=parent, reason=reason,
    )  # fmt: skip


@dataclass(frozen=True)
class _Given:
    """What an act gives all its papers."""

    number: str
    issued_on: date


def _expected(wanted: Order, draft: _Draft, now: datetime) -> _Given:
    """The number the paper will get, if nobody is faster."""
    act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
    if act is not None:
        return _Given(act.number, act.issued_on)
    day = local_date(now)
    series = db.session.get(NumberSeries, rules.series(wanted.scope, wanted.kind, day.year))
    return _Given(rules.act_number(wanted.scope, wanted.kind, day.year, (series.last if series else 0) + 1), day)


def _identity(wanted: Order, given: _Given, draft: _Draft, code: str, printed: _Printed) -> rendering.Identity:
    number = rules.printed_number(given.number, wanted.language)
    claim = token.Claim(
        number, given.issued_on, str(wanted.kind), printed.rows, printed.total, draft.data_hash, draft.chain_sequence,
        draft.chain_hash[: token.HEAD * 2],
    )  # fmt: skip
    return rendering.Identity(
        number=number,
        code=code,
        address=f"{_settings().public_url}/v/{code}",
        issued_on=given.issued_on,
        chain_sequence=draft.chain_sequence,
        chain_hash=draft.chain_hash,
        token=token.issue(claim, _sign),
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
        report_quarter=wanted.period.quarter, since=wanted.period.since, data_hash=draft.data_hash, snapshot=draft.text,
        edition=queries.last_edition(wanted.key, draft.data_hash) + 1,
        chain_sequence=draft.chain_sequence, chain_hash=draft.chain_hash, issued_on=day,
    )  # fmt: skip


def _settings() -> Settings:
    return current_app.config["SETTINGS"]


# --- prepared by one person, approved by another ---


def _prepare(
    actor: Viewer, wanted: Order, *, now: datetime, progress: Progress | None = None, request_id: int | None = None
) -> Document | DocumentRequest:
    """Freeze the snapshot, print the draft, and let the request wait for approval; or give the paper there is."""
    draft = _collect(wanted)
    if draft.document is not None:
        return _already_there(actor, wanted, draft.document, now)
    printed = _lay_out(wanted, draft, progress)
    stored = storage.store(_settings().drafts_dir, rendering.stamp_draft(printed.body, printed.paper))
    with transaction() as session:
        request = _new_request(actor, wanted, now) if request_id is None else session.get_one(
            DocumentRequest, request_id
        )  # fmt: skip
        session.add(request)
        request.status, request.prepared_at = str(RequestStatus.PREPARED), now
        request.snapshot, request.data_hash, request.draft = draft.text, draft.data_hash, stored
        request.chain_sequence, request.chain_hash = draft.chain_sequence, draft.chain_hash
        request.rows_done = request.rows_total = printed.rows
        session.flush()
        about = {"kind": request.kind, "language": request.language, "data_hash": draft.data_hash}
        _record(actor, Action.DOCUMENT_PREPARED, request, about, now)
    return request


def _new_request(actor: Viewer, wanted: Order, now: datetime) -> DocumentRequest:
    return DocumentRequest(
        kind=str(wanted.kind), language=wanted.language, territory_id=wanted.territory.id if wanted.territory else None,
        resident_id=wanted.resident.id if wanted.resident else None, as_of=wanted.period.as_of,
        report_year=wanted.period.year, report_quarter=wanted.period.quarter, since=wanted.period.since,
        requested_by=actor.user_id,
        requested_at=now, status=str(RequestStatus.QUEUED), replaces_id=wanted.replaces, reason=wanted.reason or None,
    )  # fmt: skip


def approve(actor: Viewer, request: DocumentRequest, *, now: datetime) -> None:
    """Approve a prepared paper; :func:`run_request` then gives it its number, after the commit.

    What is issued is the frozen snapshot, whatever the registers have become meanwhile.

    :raises NotAllowed: for a role without the right, and for the person who prepared it.
    :raises Conflict: when it is not waiting for approval.
    """
    actor.require(Permission.APPROVE_DOCUMENTS)
    _check_waiting(request)
    if request.requested_by == actor.user_id:
        raise NotAllowed(lazy("You prepared this paper yourself: another person approves it."))
    request.status, request.approved_by, request.approved_at = str(RequestStatus.QUEUED), actor.user_id, now
    about = {"kind": request.kind, "language": request.language, "data_hash": request.data_hash or ""}
    _record(actor, Action.DOCUMENT_APPROVED, request, about, now)


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


def decline(actor: Viewer, request: DocumentRequest, *, reason: str, now: datetime) -> None:
    """Decide that a prepared paper is not issued; whoever prepared it may withdraw it in the same way.

    :raises Conflict: when it is not waiting for approval.
    :raises DomainError: without a reason.
    """
    if request.requested_by != actor.user_id:
        actor.require(Permission.APPROVE_DOCUMENTS)
    _check_waiting(request)
    reason = _said(reason)
    request.status, request.error, request.finished_at = str(RequestStatus.DECLINED), reason, now
    _record(actor, Action.DOCUMENT_DECLINED, request, {"kind": request.kind}, now, reason=reason)
    _forget_draft(request)


def _check_waiting(request: DocumentRequest) -> None:
    if request.status != RequestStatus.PREPARED:
        raise Conflict(lazy("This paper is not waiting for approval."))


def _said(reason: str) -> str:
    if not reason.strip():
        raise DomainError(lazy("Say the reason."), "reason")
    return reason.strip()


def _forget_draft(request: DocumentRequest) -> None:
    """Drop what was kept for the decision; the file goes when no other request has the same draft."""
    draft, request.snapshot, request.draft = request.draft, None, None
    db.session.flush()
    if draft and not db.session.scalar(sa.select(DocumentRequest.id).where(DocumentRequest.draft == draft).limit(1)):
        storage.path_of(_settings().drafts_dir, draft).unlink(missing_ok=True)


def _issue_approved(request_id: int, now: datetime) -> Document:
    """Issue the frozen snapshot of an approved request, on behalf of whoever approved it."""
    request = db.session.get_one(DocumentRequest, request_id)
    actor = SYSTEM if request.approved_by is None else viewer_for(db.session.get_one(User, request.approved_by))
    wanted = _wanted(request)
    draft = _Draft(
        request.snapshot or "", request.data_hash or "", request.chain_sequence or 0, request.chain_hash or ""
    )
    act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
    if act is not None:
        existing = queries.find_paper(act, wanted.language)
        if existing is not None:
            return _already_there(actor, wanted, existing, now)
        draft = _Draft(act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash)
    return _print_and_record(actor, wanted, draft, now=now, progress=_Reporter(request_id), request_id=request_id)


def _wanted(request: DocumentRequest) -> Order:
    """What a request asks for, as it was checked when it was made."""
    return Order(
        Kind(request.kind),
        request.language,
        Period(request.as_of, request.report_year, request.report_quarter, request.since),
        db.session.get(Territory, request.territory_id) if request.territory_id else None,
        db.session.get(Resident, request.resident_id) if request.resident_id else None,
        request.replaces_id,
        request.reason or "",
    )


# --- the end of a paper ---


def revoke(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> None:
    """Declare an issued paper void from today on, in all its languages. Everybody who checks it reads the reason.

    :raises Conflict: when it was revoked or replaced before.
    :raises DomainError: without a reason.
    """
    actor.require(Permission.APPROVE_DOCUMENTS)
    reason = _said(reason)
    _check_not_ended(act)
    _end(actor, act, "revoked", reason=reason, now=now, replaced_by=None)


def replace(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> list[Document | DocumentRequest]:
    """Issue an act anew from present data in each of its languages; the new act takes the place of the old one.

    Papers that need approval are prepared only when a person asks; the old act is replaced when one is approved.

    :raises Conflict: when it was revoked or replaced before.
    :raises DomainError: without a reason, or as :func:`order` does.
    """
    made: list[Document | DocumentRequest] = []
    for wanted in _replacements(actor, act, reason, now):
        prepares = rules.needs_two_people(wanted.kind, actor.user_id)
        made.append((_prepare if prepares else make)(actor, wanted, now=now))
    return made


def request_replacement(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> list[DocumentRequest]:
    """The same as :func:`replace` for the worker: one request for each language of the act."""
    requests = []
    for wanted in _replacements(actor, act, reason, now):
        request = _new_request(actor, wanted, now)
        requests.append(queries.same_request(request) or request)
    db.session.add_all(requests)
    db.session.flush()
    return requests


def _replacements(actor: Viewer, act: DocumentAct, reason: str, now: datetime) -> list[Order]:
    """The act's own request once more, for each language it was printed in."""
    actor.require(Permission.APPROVE_DOCUMENTS)
    reason = _said(reason)
    _check_not_ended(act)
    period = Period(act.as_of, act.report_year, act.report_quarter, act.since)
    resident = db.session.get(Resident, act.resident_id) if act.resident_id else None
    orders = []
    for paper in queries.languages_of(act):
        checked = order(
            actor, act.kind, language=paper.language, today=local_date(now), territory=act.territory,
            resident=resident, as_of=act.as_of,
        )  # fmt: skip
        orders.append(
            Order(checked.kind, checked.language, period, checked.territory, checked.resident, act.id, reason)
        )
    return orders


def _check_not_ended(act: DocumentAct) -> None:
    end = queries.end_of(act)
    if end is None:
        return
    if end.replaced_by is not None:
        raise Conflict(lazy("This paper was replaced by № %(number)s already.", number=end.replaced_by.number))
    raise Conflict(lazy("This paper was revoked already."))


def _mark_replaced(actor: Viewer, wanted: Order, successor: DocumentAct, now: datetime) -> None:
    """Put the end of the act that ``wanted`` replaces on record, once for all languages."""
    act = db.session.get_one(DocumentAct, wanted.replaces)
    end = queries.end_of(act)
    if end is not None and end.replaced_by_id == successor.id:
        return
    _check_not_ended(act)
    _end(actor, act, "replaced", reason=wanted.reason, now=now, replaced_by=successor)


def _end(
    actor: Viewer, act: DocumentAct, kind: str, *, reason: str, now: datetime, replaced_by: DocumentAct | None
) -> None:
    db.session.add(
        DocumentEvent(
            act_id=act.id, kind=kind, effective_on=local_date(now), reason=reason, recorded_by=actor.user_id,
            replaced_by_id=replaced_by.id if replaced_by else None, recorded_at=now,
        )
    )  # fmt: skip
    db.session.flush()
    resident = db.session.get(Resident, act.resident_id) if act.resident_id else None
    about = {"number": act.number}
    if replaced_by is not None:
        about["replaced_by"] = replaced_by.number
    action = Action.DOCUMENT_REVOKED if replaced_by is None else Action.DOCUMENT_REPLACED
    _record(actor, action, act, about, now, parent=resident, reason=reason)


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
    since: date | None = None,
) -> DocumentRequest:
    """Ask for a paper; the worker makes it after the commit, when the caller enqueues :func:`run_request`.

    The same request of the same person that is still under way is returned instead of a second one.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(
        actor, kind, language=language, today=local_date(now), territory=territory, resident=resident, as_of=as_of,
        year=year, quarter=quarter, since=since,
    )  # fmt: skip
    request = _new_request(actor, wanted, now)
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
    """Make the paper a request asks for, or prepare it for approval; once approved, give it its number.

    A second run of the same request finds nothing left to do.
    """
    _run(request_id)


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
    if db.session.get_one(DocumentRequest, request_id).approved_at is not None:
        return _issue_approved(request_id, now)
    actor, wanted = _order_of(request_id)
    report = _Reporter(request_id)
    if rules.needs_two_people(wanted.kind, actor.user_id):
        return _prepare(actor, wanted, now=now, progress=report, request_id=request_id)
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
    wanted = _wanted(request)
    order(
        actor, wanted.kind, language=wanted.language, today=local_date(utc_now()), territory=wanted.territory,
        resident=wanted.resident, as_of=wanted.period.as_of,
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
            _forget_draft(request)


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


# --- verification ---


def compare(document: Document) -> object | None:
    """Print a paper again from its snapshot: None when the bytes are those stored, else in words what differs.

    :raises StorageError: when the stored file is missing or damaged.
    """
    stored = queries.get_bytes(document)
    act = document.act
    draft = _Draft(act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash)
    wanted = Order(
        Kind(act.kind),
        document.language,
        Period(act.as_of, act.report_year, act.report_quarter, act.since),
        act.territory,
        None,
    )
    code, given = document.code, _Given(act.number, act.issued_on)
    then, now = json.loads(document.versions), rendering.versions()
    printed = _lay_out(wanted, draft, None)
    if sealing.is_printed(stored, printed.stamp(_identity(wanted, given, draft, code, printed))):
        return None
    changed = [name for name in sorted({*then, *now}) if then.get(name) != now.get(name)]
    if changed:
        programs = "; ".join(f"{name} {then.get(name)} → {now.get(name)}" for name in changed)
        return lazy("The bytes differ, as do the programs: %(programs)s.", programs=programs)
    return lazy("The bytes differ from the stored file.")


def look_up(code: str, address: str, *, now: datetime, count: bool = True) -> tuple[Document | None, timedelta]:
    """The paper behind a verification code, and how long this address has to wait when it guessed too often.

    While it waits no code is looked up. A known code counts as one check of its paper, an unknown one as a guess.
    """
    wait = accounts.guessing_wait("code", address, free=FREE_GUESSES, now=now)
    if wait:
        return None, wait
    document = queries.by_code(code)
    if document is None:
        accounts.count_wrong_guess("code", address, now=now)
    elif count:
        db.session.execute(sa.update(Document).where(Document.id == document.id).values(checks=Document.checks + 1))
    return document, wait


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

    ``status`` is ``valid``, ``replaced``, ``revoked`` or ``unknown``.
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
    """Why a paper does not hold, in words; nothing for one that does."""
    day = held.since.isoformat() if held.since else ""
    if held.reason == "replaced":
        return lazy(
            "The paper was replaced by № %(number)s on %(day)s. Reason: %(reason)s",
            number=held.replaced_by, day=day, reason=held.note,
        )  # fmt: skip
    if held.reason == "revoked":
        return lazy("The paper was revoked on %(day)s. Reason: %(reason)s", day=day, reason=held.note)
    if held.reason == "annulled":
        return lazy("The paper is revoked: the entry it is about was annulled as recorded in error.")
    if held.reason == "excluded":
        return lazy(
            "The certificate is revoked: its holder was excluded from the register on %(day)s.",
            day=day,
        )
    return ""
