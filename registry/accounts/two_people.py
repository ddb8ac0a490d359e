"""Acts that need two people: one proposes, another confirms, and until then nothing of it holds.

Who the other person may be is decided here for every such act: proposals, papers that one prepares and another
approves, and reports whose company's account somebody could have used. Nobody confirms his own work, nor work he did or
had done through a deputy, and for a while (:data:`registry.accounts.rules.LINK_BINDS`) nobody confirms through an
account whose link the other one made. Where nobody else may, the act waits and the page says whom to add.

A package says in its ``by_two.py`` which of its acts are proposed; the list is put together once, at start
(:mod:`registry.app`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.accounts import queries
from registry.accounts.models import Proposal, User
from registry.accounts.rules import PROPOSALS, ProposalMove, ProposalStatus
from registry.errors import Conflict, NotAllowed, NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy
from registry.infra.workflow import reason_for
from registry.journal import acts
from registry.journal.models import JournalEntry
from registry.journal.rules import Action, canonical

NAMED = 10
"""How many of those who may decide instead are named."""


# --- who else may ---


class Territories(NamedTuple):
    """Where an act is done: in all of these territories, or, with ``None`` among them, in all together."""

    ids: tuple[int | None, ...] = (None,)

    def seen_by(self, viewer: Viewer) -> bool:
        return all(viewer.sees_territory(key) for key in self.ids)


def others(
    permission: Permission,
    where: Territories,
    own: Collection[int],
    *,
    bound: Callable[[Viewer], object] | None = None,
) -> list[str]:
    """The names of the people who may decide on work of the persons ``own``; ``bound`` says who may not for a while."""
    return [
        user.name or user.login
        for user, viewer in queries.people_who_may(permission)
        if not viewer.persons & set(own) and where.seen_by(viewer) and (bound is None or not bound(viewer))
    ]


def who_may(names: Sequence[str], whom_to_add: object) -> object:
    """Who may decide instead; where nobody may, whom to add."""
    return lazy("These people may: %(names)s.", names=", ".join(names[:NAMED])) if names else whom_to_add


# --- proposals ---


class Row(NamedTuple):
    """One line of what a proposal changes, in words."""

    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Kind:
    """One act that is proposed.

    ``permission`` is needed to propose and to decide, in all of ``where(values)``. ``title`` and ``rows`` say what the
    proposal does; ``carry_out`` does it, for whoever confirms. ``whom_to_add`` is said where nobody else may.
    """

    code: str
    name: object
    permission: Permission
    where: Callable[[Mapping[str, Any]], Territories]
    title: Callable[[Mapping[str, Any]], str]
    rows: Callable[[Mapping[str, Any]], list[Row]]
    carry_out: Callable[[Viewer, Proposal, datetime], None]
    whom_to_add: object


_kinds: dict[str, Kind] = {}


def install(kinds: Sequence[Kind]) -> None:
    """Take over the kinds of proposals of every package."""
    _kinds.clear()
    _kinds.update({kind.code: kind for kind in kinds})


def kind_of(proposal: Proposal) -> Kind:
    return _kinds[proposal.what]


def is_visible(viewer: Viewer, proposal: Proposal) -> bool:
    """Whoever may decide on it where it holds, and whoever reads the journal there."""
    kind = kind_of(proposal)
    may = viewer.may(kind.permission) or viewer.may(Permission.VIEW_JOURNAL)
    return may and kind.where(proposal.values).seen_by(viewer)


def proposals(viewer: Viewer, *, what: str | None = None, waiting: bool = False) -> list[Proposal]:
    """The proposals that exist for a viewer, the newest first."""
    statement = sa.select(Proposal).order_by(Proposal.id.desc())
    if what is not None:
        statement = statement.where(Proposal.what == what)
    if waiting:
        statement = statement.where(Proposal.status == ProposalStatus.WAITING)
    return [row for row in db.session.scalars(statement) if is_visible(viewer, row)]


def get_proposal(proposal_id: int, viewer: Viewer) -> Proposal:
    """:raises NotFound: when there is no such proposal, or it does not exist for the viewer."""
    found = db.session.get(Proposal, proposal_id)
    if found is None or not is_visible(viewer, found):
        raise NotFound(lazy("There is no such proposal."))
    return found


def accounts_named(rows: Collection[Proposal]) -> list[User]:
    """The accounts that titles name, read together: while they are held, none is asked for by itself."""
    return queries.by_ids({row.values.get(name) for row in rows for name in ("user_id", "deputy_id")})


def to_decide(viewer: Viewer) -> list[Proposal]:
    """What others proposed and this viewer may decide on."""
    return [row for row in proposals(viewer, waiting=True) if ProposalMove.CONFIRM in moves(row, viewer)]


def moves(proposal: Proposal, viewer: Viewer) -> frozenset[str]:
    """What the viewer may do with a proposal: withdraw his own, decide on those of others."""
    if not viewer.may(kind_of(proposal).permission):
        return frozenset()
    possible = PROPOSALS.moves(proposal.status)
    if viewer.persons & proposal.persons:
        return possible & {ProposalMove.WITHDRAW}
    return possible - {ProposalMove.WITHDRAW}


def who_decides(proposal: Proposal, now: datetime) -> object:
    """Who may decide on a proposal, or whom to add."""
    kind, linked = kind_of(proposal), queries.linked(proposal.persons, now)
    found = others(
        kind.permission,
        kind.where(proposal.values),
        proposal.persons,
        bound=lambda viewer: viewer.persons & linked.keys(),
    )
    return who_may(found, kind.whom_to_add)


def propose(actor: Viewer, what: str, values: Mapping[str, Any], *, now: datetime) -> Proposal:
    """Put an act on record that another person has to confirm.

    :raises NotAllowed: for a role without the right, and for an account limited to other territories.
    """
    kind = _kinds[what]
    _need(actor, kind, values)
    if actor.user_id is None:
        raise ValueError("the built-in system user acts at once")
    proposal = Proposal(
        what=what,
        content=canonical(values),
        status=str(ProposalStatus.WAITING),
        proposers=",".join(map(str, sorted(actor.persons))),
        proposed_by=actor.user_id,
        proposed_at=now,
    )
    entry = acts.create(
        actor,
        Action.PROPOSAL_MADE,
        proposal,
        ("what", "content", "status", "proposers"),
        now=now,
        effective_on=local_date(now),
    )
    proposal.proposed_at = entry.recorded_at
    return proposal


def confirm(actor: Viewer, proposal: Proposal, *, now: datetime) -> None:
    """Confirm what another proposed, and do it, in one transaction.

    :raises NotAllowed: for a role without the right.
    :raises Conflict: for the own proposal or that of somebody whose link is the own, saying who may or whom to add; for
        one that was decided on; and where it no longer fits what stands.
    """
    _need(actor, kind_of(proposal), proposal.values)
    _need_another(actor, proposal, now)
    _decide(actor, proposal, ProposalMove.CONFIRM, None, now)
    kind_of(proposal).carry_out(actor, proposal, now)


def refuse(actor: Viewer, proposal: Proposal, *, reason: str, now: datetime) -> None:
    """Decide that what another proposed is not done.

    :raises DomainError: without a reason.
    """
    _need(actor, kind_of(proposal), proposal.values)
    _need_another(actor, proposal, now)
    _decide(actor, proposal, ProposalMove.REFUSE, reason, now)


def withdraw(actor: Viewer, proposal: Proposal, *, reason: str | None = None, now: datetime) -> None:
    """Take back one's own proposal.

    :raises NotAllowed: for that of another.
    """
    _need(actor, kind_of(proposal), proposal.values)
    if not actor.persons & proposal.persons:
        raise NotAllowed(lazy("Another person proposed this: confirm or refuse it."))
    _decide(actor, proposal, ProposalMove.WITHDRAW, reason, now)


def _need(actor: Viewer, kind: Kind, values: Mapping[str, Any]) -> None:
    actor.require(kind.permission)
    for key in kind.where(values).ids:
        actor.require_territory(key)


def _need_another(actor: Viewer, proposal: Proposal, now: datetime) -> None:
    PROPOSALS.step(proposal.status, ProposalMove.CONFIRM)
    if actor.persons & proposal.persons:
        raise Conflict(
            lazy("You proposed this yourself: another person confirms it. %(who)s", who=str(who_decides(proposal, now)))
        )
    until = queries.linked_until(actor.persons, proposal.persons, now)
    if until is not None:
        raise Conflict(
            lazy(
                "By sign-in links or passwords one person could use both your account and that of whoever proposed"
                " this: until %(day)s somebody else confirms it. %(who)s",
                day=format_date(local_date(until)),
                who=str(who_decides(proposal, now)),
            )
        )


def _decide(actor: Viewer, proposal: Proposal, move: ProposalMove, reason: str | None, now: datetime) -> None:
    step = PROPOSALS.step(proposal.status, move)
    said = reason_for(step, reason)

    def columns(entry: JournalEntry) -> Mapping[str, Any]:
        return {"decided_by": actor.user_id, "decided_at": entry.recorded_at, "reason": said}

    acts.move(
        actor,
        step,
        proposal,
        {"status": (proposal.status, str(step.after))},
        columns=columns,
        now=now,
        effective_on=local_date(now),
        reason=said,
    )
