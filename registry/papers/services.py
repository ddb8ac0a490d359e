"""What people do with papers: ask for them, approve, decline, revoke and replace them, look them up."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple, Unpack

import sqlalchemy as sa
from flask import current_app

from registry.accounts import queries as accounts
from registry.accounts import signing_in, two_people
from registry.accounts.rules import failure_key
from registry.errors import Conflict, NotAllowed
from registry.infra import beside, storage
from registry.infra.access import Permission, Viewer
from registry.infra.beside import NotNoted
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, format_date, lazy
from registry.infra.workflow import Step, need_reason, reason_for
from registry.journal.rules import Action
from registry.paper_kinds.rules import Period
from registry.paper_kinds.sampling import Sampling
from registry.papers import queries, rules
from registry.papers.events import makers
from registry.papers.models import Document, DocumentAct, DocumentRequest, PaperCheck
from registry.papers.record_of_issue import check_not_ended, end_act, record_act
from registry.papers.requests import About, Order, new_request, order
from registry.papers.rules import EVIDENCE, WORKFLOW, Move, RequestStatus
from registry.residents.models import Resident
from registry.territories.models import Territory
from registry.verification import evidence_pack

FREE_GUESSES = 20
"""Unknown verification codes one address may try before it has to wait; a whole office may sit behind it."""


def request_document(
    actor: Viewer,
    kind: str,
    *,
    language: str,
    now: datetime,
    **about: Unpack[About],
) -> DocumentRequest:
    """Ask for a paper; the worker makes it after the commit, when the caller enqueues :func:`working.run_request`.

    The same request of the same person that is still under way is returned instead of a second one.

    :raises DomainError: as :func:`order` does.
    """
    wanted = order(actor, kind, language=language, today=local_date(now), **about)
    return _once(new_request(actor, wanted, now))


def request_pack(
    actor: Viewer, *, year: int, quarter: int | None, territory: Territory | None, now: datetime
) -> DocumentRequest:
    """Ask for the evidence pack of a period; the worker makes it like a paper.

    One made of the same data, and still kept, is given again.

    :raises NotAllowed: when the actor's role may not have registers.
    """
    pack = evidence_pack.wanted(actor, year, quarter, territory)
    request = DocumentRequest(
        kind=EVIDENCE,
        language=LANGUAGES[0],
        territory_id=pack.territory_id,
        as_of=pack.last,
        report_year=year,
        report_quarter=quarter,
        requested_by=actor.user_id,
        requested_at=now,
        status=str(RequestStatus.QUEUED),
    )
    return queries.same_pack(request) or _once(request)


def _once(request: DocumentRequest) -> DocumentRequest:
    """Put a request on record, unless the same person has asked for the same already."""
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
    step = _take(actor, request, Move.TRY_AGAIN)
    request.status, request.error, request.finished_at = str(step.after), None, None
    request.rows_done, request.attempts, request.requested_at = 0, 0, now


def approve(actor: Viewer, request: DocumentRequest, *, now: datetime) -> None:
    """Approve a prepared paper; :func:`working.run_request` then gives it its number, after the commit.

    What is issued is the frozen snapshot, whatever the registers have become meanwhile.

    :raises NotAllowed: for a role without the right, and for the person who prepared it.
    :raises Conflict: when it is not waiting for approval, and for whoever may not be another person than who prepared
        it, saying who may or whom to add.
    """
    step = _take(actor, request, Move.APPROVE)
    if makers(request) & actor.persons:
        raise NotAllowed(
            lazy(
                "You prepared this paper yourself: another person approves it. %(who)s",
                who=str(who_approves(request, now)),
            )
        )
    until = accounts.linked_until(actor.persons, makers(request), now)
    if until is not None:
        raise Conflict(why_another_approves(request, until, now))
    request.status, request.approved_by, request.approved_at = str(step.after), actor.user_id, now
    request.attempts = 0
    about = {"kind": request.kind, "language": request.language, "data_hash": request.data_hash or ""}
    record_act(actor, Action.DOCUMENT_APPROVED, request, about, now)


class Open(NamedTuple):
    """What somebody may do with a request, and until when he may not approve it, which another person does."""

    moves: frozenset[str]
    bound_until: datetime | None = None


def open_to(viewer: Viewer, requests: Sequence[DocumentRequest], now: datetime) -> dict[int, Open]:
    """What a viewer may do with each of these requests, by their ids."""
    waiting = [row for row in requests if row.status == RequestStatus.PREPARED]
    persons = accounts.persons_at([(row.requested_by, row.requested_at) for row in waiting])
    makers = {row.id: found for row, found in zip(waiting, persons, strict=True)}
    linked = accounts.linked(viewer.persons, now) if waiting else {}
    opened: dict[int, Open] = {}
    for row in requests:
        own = makers.get(row.id, frozenset())
        moves = rules.moves(row.status, viewer, row.requested_by, own)
        until = max((linked[key] for key in own if key in linked), default=None)
        bound = Move.APPROVE in moves and until is not None
        opened[row.id] = Open(moves - {Move.APPROVE}, until) if bound else Open(moves)
    return opened


def why_another_approves(request: DocumentRequest, until: datetime, now: datetime) -> object:
    """Why somebody does not approve a paper although another account prepared it, and who does, or whom to add."""
    return lazy(
        "By sign-in links or passwords one person could use both your account and that of whoever prepared this"
        " paper: until %(day)s somebody else approves it. %(who)s",
        day=format_date(local_date(until)),
        who=str(who_approves(request, now)),
    )


def who_approves(request: DocumentRequest, now: datetime) -> object:
    """Who may approve a prepared paper: anybody with the right who is another person than its maker; or whom to add."""
    own = makers(request)
    linked = accounts.linked(own, now)
    others = two_people.others(
        Permission.APPROVE_DOCUMENTS,
        two_people.Territories((request.territory_id,)),
        own,
        bound=lambda viewer: viewer.persons & linked.keys(),
    )
    return two_people.who_may(
        others,
        lazy(
            "Nobody else may approve it: an administrator has to add another member of the staff who works in this"
            " territory, or in all of them for a paper of all."
        ),
    )


def decline(actor: Viewer, request: DocumentRequest, *, reason: str, now: datetime) -> None:
    """Decide that a prepared paper is not issued; whoever prepared it may withdraw it in the same way.

    :raises Conflict: when it is not waiting for approval.
    :raises DomainError: without a reason.
    """
    step = _take(actor, request, Move.WITHDRAW if request.requested_by == actor.user_id else Move.DECLINE)
    said = reason_for(step, reason)
    request.status, request.error, request.finished_at = str(step.after), said, now
    record_act(actor, Action.DOCUMENT_DECLINED, request, {"kind": request.kind}, now, reason=said)
    forget_draft(request)


def _take(actor: Viewer, request: DocumentRequest, move: Move) -> Step:
    """The step that a move is for this request, for whoever may make it."""
    WORKFLOW.need(actor, request.territory_id, move)
    return WORKFLOW.step(request.status, move)


def forget_draft(request: DocumentRequest) -> None:
    """Drop what was kept for the decision."""
    draft, request.snapshot, request.draft = request.draft, None, None
    db.session.flush()
    drop_draft(draft)


def drop_draft(draft: str | None) -> None:
    """Remove the file of a draft, when no other request has the same one."""
    if draft and not db.session.scalar(sa.select(DocumentRequest.id).where(DocumentRequest.draft == draft).limit(1)):
        storage.path_of(current_app.config["SETTINGS"].drafts_dir, draft).unlink(missing_ok=True)


def revoke(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> None:
    """Declare an issued paper void from today on, in all its languages. Everybody who checks it reads the reason.

    :raises Conflict: when it was revoked or replaced before.
    :raises DomainError: without a reason.
    """
    actor.require_in(act.territory_id, Permission.APPROVE_DOCUMENTS)
    reason = need_reason(reason)
    check_not_ended(act)
    end_act(actor, act, "revoked", reason=reason, now=now, replaced_by=None)


def request_replacement(actor: Viewer, act: DocumentAct, *, reason: str, now: datetime) -> list[DocumentRequest]:
    """The same as :func:`replace` for the worker: one request for each language of the act."""
    requests = []
    for wanted in replacements(actor, act, reason, now):
        request = new_request(actor, wanted, now)
        requests.append(queries.same_request(request) or request)
    db.session.add_all(requests)
    db.session.flush()
    return requests


def replacements(actor: Viewer, act: DocumentAct, reason: str, now: datetime) -> list[Order]:
    """The act's own request once more, for each language it was printed in."""
    actor.require_in(act.territory_id, Permission.APPROVE_DOCUMENTS)
    reason = need_reason(reason)
    check_not_ended(act)
    period = Period(act.as_of, act.report_year, act.report_quarter, act.since, act.known_at)
    resident = db.session.get(Resident, act.resident_id) if act.resident_id else None
    orders = []
    for paper in queries.languages_of(act):
        checked = order(
            actor,
            act.kind,
            language=paper.language,
            today=local_date(now),
            territory=act.territory,
            resident=resident,
            as_of=act.as_of,
            sampling=Sampling.read(act.sampling) if act.sampling else None,
            known_at=act.known_at,
            copy=act.copy,
            without=rules.codes(act.without),
        )
        orders.append(replace(checked, period=period, replaces=act.id, reason=reason))
    return orders


def look_up(code: str, address: str, *, now: datetime, count: bool = True) -> tuple[Document | None, timedelta]:
    """The paper behind a verification code, and how long this address has to wait when it guessed too often.

    While it waits no code is looked up. A known code counts as one check of its paper, an unknown one as a guess.
    """
    counter = signing_in.Counter(failure_key("code", address), FREE_GUESSES)
    wait = signing_in.wait_for(counter, now=now)
    if wait:
        return None, wait
    document = queries.by_code(code)
    if document is None:
        signing_in.count_guess(counter, now=now)
    elif count:
        with suppress(NotNoted), beside.noting() as connection:
            checks = beside.table_of(PaperCheck)
            more = beside.upsert(checks, document_id=document.id, count=1)
            connection.execute(
                more.on_conflict_do_update(index_elements=["document_id"], set_={"count": checks.c.count + 1})
            )
    return document, wait


def look_up_number(number: str, address: str, *, now: datetime) -> tuple[list[Document], timedelta]:
    """The papers with a printed number, or of an act with this number, and how long this address has to wait.

    Numbers run one after the other, so that an unknown one counts as a guess like an unknown code.
    """
    counter = signing_in.Counter(failure_key("code", address), FREE_GUESSES)
    wait = signing_in.wait_for(counter, now=now)
    if wait:
        return [], wait
    found = queries.papers_numbered(number)
    if not found:
        signing_in.count_guess(counter, now=now)
    return found, wait
