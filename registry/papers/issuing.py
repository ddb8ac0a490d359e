"""Making papers: collect, snapshot, compose, render, stamp, seal, store and put on record.

Rendering takes seconds and happens outside any transaction, without a number. Number, stamp, stored file, row and
journal entry are one short writing transaction at the end, so that a failed rendering loses no number and a killed
process leaves no half-issued paper. That is why these functions open their transactions themselves, as commands and
jobs do, and are not to be called inside one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Unpack

from flask import current_app

from registry.accounts.models import User
from registry.accounts.queries import names, viewer_for
from registry.config import Settings
from registry.infra import storage
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db, one_look, transaction
from registry.journal import queries as journal
from registry.journal.rules import Action, canonical
from registry.paper_kinds import kinds, snapshots
from registry.paper_kinds.data import data_of
from registry.papers import events, queries, rules
from registry.papers.lease import Run
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.papers.record_of_issue import issue_hash, mark_replaced, prepared_hash, record_act
from registry.papers.requests import About, Order, new_request, order, order_of
from registry.papers.rules import Move
from registry.papers.services import replacements
from registry.printing import rendering
from registry.printing.embedded_data import MadeWith
from registry.printing.layout import Paper, Signed
from registry.signing import keys, offline_token, signature
from registry.territories.models import NumberSeries
from registry.territories.services import next_number

Progress = Callable[[int, int], None]
"""Hears rows done and rows in all while a paper is made."""


def issue(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    now: datetime,
    progress: Progress | None = None,
    **about: Unpack[About],
) -> Document | DocumentRequest:
    """Issue a paper, or give the one already issued for the same request and data.

    Where another person has to approve it, it is prepared: the request then waits for approval. The built-in system
    user does both steps at once, and the journal says so.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(actor, kind, language=language, today=local_date(now), **about)
    if rules.needs_two_people(wanted.needs_approval, actor.user_id):
        return prepare(actor, wanted, now=now, progress=progress)
    return make(actor, wanted, now=now, progress=progress)


def make(
    actor: Viewer, wanted: Order, *, now: datetime, progress: Progress | None = None, run: Run | None = None
) -> Document:
    """The whole way from the registers to a stored paper; ``run`` is that of the request it is made for."""
    draft = _shared(wanted, run) or collect(wanted)
    if draft.document is not None:
        return _already_there(actor, wanted, draft.document, now, run)
    return _print_and_record(actor, wanted, draft, now=now, progress=progress, run=run)


def _already_there(actor: Viewer, wanted: Order, document: Document, now: datetime, run: Run | None) -> Document:
    """The paper asked for was issued before; it may still have to take the place of another."""
    if wanted.replaces is not None or run is not None:
        with transaction():
            if wanted.replaces is not None:
                mark_replaced(actor, wanted, document.act, now)
            if run is not None:
                run.done(document)
    return document


def _print_and_record(
    actor: Viewer,
    wanted: Order,
    draft: Draft,
    *,
    now: datetime,
    progress: Progress | None = None,
    run: Run | None = None,
) -> Document:
    """Lay out what a snapshot says and issue it."""
    printed = lay_out(wanted, draft, progress, _signed(actor, run))
    document = _put_on_record(actor, wanted, draft, printed, now, run)
    (progress or _silent)(printed.rows, printed.rows)
    return document


NOBODY = Signed()


def _signed(actor: Viewer, run: Run | None) -> Signed:
    """Who made the paper, and who approved it when: as the accounts are called now. A company's account makes none."""
    request = db.session.get_one(DocumentRequest, run.request_id) if run is not None else None
    if request is None or request.approved_at is None:
        known = names([actor.user_id])
        return Signed("" if actor.is_company else known.get(actor.user_id or 0, ""))
    known = names([request.requested_by, request.approved_by])
    return Signed(
        known.get(request.requested_by or 0, ""),
        known.get(request.approved_by or 0, ""),
        local_date(request.approved_at),
    )


@dataclass(frozen=True)
class Printed:
    """A paper laid out without a number; how many rows it has, how many of them it states, and the sum it prints."""

    paper: Paper
    body: rendering.Body
    rows: int
    stated: int | None
    total: str | None

    def stamp(
        self, identity: rendering.Identity, made_with: MadeWith | None = None, signing: offline_token.Sign | None = None
    ) -> bytes:
        """The file handed out: with its number, and with the registry's own signature over all of it."""
        content = rendering.stamp(self.body, self.paper, identity, made_with)
        return offline_token.prove(content, identity.token, signing or sign)


def sign(message: bytes) -> bytes:
    return keys.sign(settings().keys_dir, message)


def lay_out(
    wanted: Order, draft: Draft, progress: Progress | None, signed: Signed = NOBODY, *, afresh: bool = False
) -> Printed:
    """Compose and lay out what a snapshot says, naming who made and approved it; ``afresh``: without the cache."""
    snapshot = kinds.load(draft.text)
    rows = snapshot.rows
    report = progress or _silent
    report(0, rows)
    paper = dataclasses.replace(kinds.compose(snapshot, wanted.language), signed=signed)
    # What was read is let go before the long part: nobody waits for a paper being laid out.
    db.session.rollback()
    body = rendering.render(
        paper,
        data=data_of(snapshot),
        cache_dir=None if afresh else settings().cache_dir,
        on_rows=lambda done: report(min(rows - 1, done), rows),
    )
    return Printed(paper, body, rows, kinds.rows(snapshot), kinds.total(snapshot))


def _silent(_done: int, _total: int) -> None:
    """The progress of a paper that nobody waits for."""


@dataclass(frozen=True)
class Draft:
    """A snapshot as text with its hash and the head of the journal it was made at, or the paper that exists already."""

    text: str
    data_hash: str
    chain_sequence: int
    chain_hash: str
    document: Document | None = None


def _shared(wanted: Order, run: Run | None) -> Draft | None:
    """What was frozen for the same paper in another language, which this one is to print too.

    It was asked for together with this one, whatever was recorded in between; or nothing was recorded since but its
    own issue, of which an extract of the journal would otherwise tell in its second language.
    """
    db.session.rollback()
    other = queries.asked_in_another_language(run.request_id) if run is not None else None
    if other is not None and other.snapshot is not None:
        return Draft(other.snapshot, other.data_hash or "", other.chain_sequence or 0, other.chain_hash or "")
    if other is not None and other.document_id is not None:
        act = db.session.get_one(Document, other.document_id).act
        return _draft_of(act, wanted.language)
    if not wanted.kind.of_the_journal:
        return None
    last = queries.act_issued_last(wanted.key, besides=wanted.replaces)
    if last is None or not queries.only_its_issue_since(last):
        return None
    return _draft_of(last, wanted.language)


def _draft_of(act: DocumentAct, language: str) -> Draft:
    document = queries.find_paper(act, language)
    return Draft(act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash, document)


def collect(wanted: Order) -> Draft:
    """Read the registers and the head of their journal at one moment, whoever writes meanwhile."""
    db.session.rollback()
    with one_look():
        head = journal.head()
        sequence, chain_hash = head.count, head.hash
        text = snapshots.dump(kinds.collect(wanted.kind, wanted.asked))
        data_hash = snapshots.data_hash(text)
        act = queries.find_act(wanted.key, data_hash, besides=wanted.replaces)
        if act is None:
            return Draft(text, data_hash, sequence, chain_hash)
        return _draft_of(act, wanted.language)


def _put_on_record(
    actor: Viewer,
    wanted: Order,
    draft: Draft,
    printed: Printed,
    now: datetime,
    run: Run | None = None,
) -> Document:
    """Give the number, stamp, store and record: one short transaction, which also ends the request.

    The stamp for the number that will most likely come is made beforehand; only when another paper of the series was
    issued in between is it made again inside.

    :raises TakenOver: when the request is no longer this run's.
    """
    code = rules.new_code()
    guess = identity_of(wanted, _expected(wanted, draft, now), draft, code, printed)
    stamped = signature.seal(printed.stamp(guess), settings())
    versions = canonical(rendering.versions())
    db.session.rollback()
    with transaction() as session:
        approved = run is not None and run.request().approved_at is not None
        act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
        existing = queries.find_paper(act, wanted.language) if act else None
        if existing is not None:
            if wanted.replaces is not None:
                mark_replaced(actor, wanted, existing.act, now)
            if run is not None:
                run.done(existing)
            return existing
        if act is None:
            act = _new_act(wanted, draft, now)
            session.add(act)
            session.flush()
        identity = identity_of(wanted, Given(act.number, act.issued_on), draft, code, printed)
        if act.chain_hash != draft.chain_hash or identity != guess:
            draft = Draft(draft.text, draft.data_hash, act.chain_sequence, act.chain_hash)
            identity = identity_of(wanted, Given(act.number, act.issued_on), draft, code, printed)
            stamped = signature.seal(printed.stamp(identity), settings())
        document = Document(
            act_id=act.id,
            language=wanted.language,
            number=identity.number,
            code=code,
            sha256=storage.store(settings().documents_dir, stamped),
            size=len(stamped),
            pages=printed.body.pages,
            versions=versions,
            issued_at=now,
            issued_by=actor.user_id,
        )
        session.add(document)
        session.flush()
        about = {"kind": act.kind, "language": document.language}
        if not approved and wanted.needs_approval:
            # Without an approved request nobody but the system user gets here: it prepares and approves in one step.
            for step in (Action.DOCUMENT_PREPARED, Action.DOCUMENT_APPROVED):
                record_act(actor, step, document, about | {"data_hash": act.data_hash}, now)
        about |= {"number": document.number, "sha256": document.sha256, "record": issue_hash(document, act)}
        if approved and run is not None:
            about["request"] = str(run.request_id)
        record_act(actor, Action.DOCUMENT_ISSUED, document, about, now, parent=wanted.resident)
        if wanted.replaces is not None:
            mark_replaced(actor, wanted, act, now)
        if run is not None:
            run.done(document)
        return document


@dataclass(frozen=True)
class Given:
    """What an act gives all its papers."""

    number: str
    issued_on: date


def _expected(wanted: Order, draft: Draft, now: datetime) -> Given:
    """The number the paper will get, if nobody is faster."""
    act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
    if act is not None:
        return Given(act.number, act.issued_on)
    day = local_date(now)
    series = db.session.get(NumberSeries, rules.series(wanted.scope, wanted.kind, day.year))
    return Given(rules.act_number(wanted.scope, wanted.kind, day.year, (series.last if series else 0) + 1), day)


def identity_of(
    wanted: Order, given: Given, draft: Draft, code: str, printed: Printed, signing: offline_token.Sign | None = None
) -> rendering.Identity:
    """What is stamped onto a paper; ``signing`` makes the signature in its token, the present key without it."""
    number = rules.printed_number(given.number, wanted.language)
    claim = offline_token.Claim(
        number,
        given.issued_on,
        wanted.kind.code,
        printed.rows if printed.stated is None else printed.stated,
        printed.total,
        draft.data_hash,
        draft.chain_sequence,
        draft.chain_hash[: offline_token.HEAD * 2],
    )
    return rendering.Identity(
        number=number,
        code=code,
        address=f"{settings().public_url}/v/{code}",
        issued_on=given.issued_on,
        chain_sequence=draft.chain_sequence,
        chain_hash=draft.chain_hash,
        token=offline_token.issue(claim, signing or sign),
    )


def _new_act(wanted: Order, draft: Draft, now: datetime) -> DocumentAct:
    day = local_date(now)
    serial = next_number(rules.series(wanted.scope, wanted.kind, day.year))
    return DocumentAct(
        kind=wanted.kind.code,
        scope=wanted.scope,
        year=day.year,
        serial=serial,
        number=rules.act_number(wanted.scope, wanted.kind, day.year, serial),
        territory_id=wanted.territory.id if wanted.territory else None,
        resident_id=wanted.resident.id if wanted.resident else None,
        request_key=wanted.key,
        as_of=wanted.period.as_of,
        report_year=wanted.period.year,
        report_quarter=wanted.period.quarter,
        since=wanted.period.since,
        sampling=wanted.sampling.text if wanted.sampling else None,
        known_at=wanted.period.known_at,
        copy=wanted.copy,
        without=",".join(wanted.without) or None,
        data_hash=draft.data_hash,
        snapshot=draft.text,
        edition=queries.last_edition(wanted.key, draft.data_hash) + 1,
        chain_sequence=draft.chain_sequence,
        chain_hash=draft.chain_hash,
        issued_on=day,
    )


def prepare(
    actor: Viewer, wanted: Order, *, now: datetime, progress: Progress | None = None, run: Run | None = None
) -> Document | DocumentRequest:
    """Freeze the snapshot, print the draft, and let the request wait for approval; or give the paper there is."""
    draft = _shared(wanted, run) or collect(wanted)
    if draft.document is not None:
        return _already_there(actor, wanted, draft.document, now, run)
    printed = lay_out(wanted, draft, progress, _signed(actor, run))
    stored = storage.store(settings().drafts_dir, rendering.stamp_draft(printed.body, printed.paper))
    with transaction() as session:
        if run is None:
            # A command prepares at once, without a worker that takes the request up.
            request = new_request(actor, wanted, now)
            request.status = rules.after(request.status, Move.TAKE_UP)
        else:
            request = run.request()
        session.add(request)
        request.status, request.prepared_at = rules.after(request.status, Move.PREPARE), now
        request.snapshot, request.data_hash, request.draft = draft.text, draft.data_hash, stored
        request.chain_sequence, request.chain_hash = draft.chain_sequence, draft.chain_hash
        request.rows_done = request.rows_total = printed.rows
        session.flush()
        about = {"kind": request.kind, "language": request.language, "data_hash": draft.data_hash}
        about["record"] = prepared_hash(request)
        record_act(actor, Action.DOCUMENT_PREPARED, request, about, now)
        events.tell_approvers(request, now)
    return request


def issue_approved(run: Run, now: datetime, progress: Progress | None = None) -> Document:
    """Issue the frozen snapshot of an approved request, on behalf of whoever approved it."""
    request = db.session.get_one(DocumentRequest, run.request_id)
    actor = SYSTEM if request.approved_by is None else viewer_for(db.session.get_one(User, request.approved_by))
    wanted = order_of(request)
    draft = Draft(
        request.snapshot or "", request.data_hash or "", request.chain_sequence or 0, request.chain_hash or ""
    )
    act = queries.find_act(wanted.key, draft.data_hash, besides=wanted.replaces)
    if act is not None:
        existing = queries.find_paper(act, wanted.language)
        if existing is not None:
            return _already_there(actor, wanted, existing, now, run)
        draft = Draft(act.snapshot, act.data_hash, act.chain_sequence, act.chain_hash)
    return _print_and_record(actor, wanted, draft, now=now, progress=progress, run=run)


def replace(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> list[Document | DocumentRequest]:
    """Issue an act anew from present data in each of its languages; the new act takes the place of the old one.

    Papers that need approval are prepared only when a person asks; the old act is replaced when one is approved.

    :raises Conflict: when it was revoked or replaced before.
    :raises DomainError: without a reason, or as :func:`order` does.
    """
    made: list[Document | DocumentRequest] = []
    for wanted in replacements(actor, act, reason, now):
        prepares = rules.needs_two_people(wanted.needs_approval, actor.user_id)
        made.append((prepare if prepares else make)(actor, wanted, now=now))
    return made


def settings() -> Settings:
    return current_app.config["SETTINGS"]
