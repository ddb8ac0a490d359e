"""Workflows: what may be done with a record that goes through stages, by whom, and where it leads.

A package describes its workflow as one table of :class:`Step`. Services ask it before they act, pages draw their
buttons from it, and tests walk it; nobody else compares a status to decide what may be done.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from registry.errors import Conflict, DomainError
from registry.infra.access import Permission, Viewer
from registry.infra.i18n import lazy
from registry.infra.text import clean


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A move from one status to another.

    ``after`` is None where the record ceases to be. Whoever holds one of ``permissions`` may take it; with none it is
    the program's own step. ``act`` is the act of the journal it is, if it is one.
    """

    before: str
    move: str
    after: str | None
    permissions: frozenset[Permission] = frozenset()
    needs_reason: bool = False
    act: str | None = None


class Workflow:
    """The steps of one kind of record. ``refusal(status, move)`` says why a move is not possible from a status."""

    def __init__(self, steps: Sequence[Step], refusal: Callable[[str, str], object]) -> None:
        self.steps = tuple(steps)
        self._refusal = refusal
        self._by_key = {(step.before, step.move): step for step in self.steps}
        if len(self._by_key) != len(self.steps):
            raise ValueError("a move is described twice for one status")

    def step(self, status: str, move: str) -> Step:
        """The step that ``move`` is from ``status``.

        :raises Conflict: when the move is not possible from there.
        """
        found = self._by_key.get((status, move))
        if found is None:
            raise Conflict(self.refusal(status, move))
        return found

    def refusal(self, status: str, move: str) -> object:
        """Why a move is not possible from a status."""
        return self._refusal(status, move)

    def need(self, actor: Viewer, territory_id: int | None, move: str) -> None:
        """Refuse whoever may not make this move, in this territory, from any status.

        :raises NotAllowed: for a role without any of the permissions of the move.
        :raises NotFound: for a territory that does not exist for the actor.
        """
        permissions = sorted(self.permissions(move))
        if not any(actor.may(permission) for permission in permissions):
            actor.require(permissions[0])
        actor.require_territory(territory_id)

    def moves(self, status: str, viewer: Viewer | None = None) -> frozenset[str]:
        """What may be done with a record of this status, by this viewer where one is given."""
        return frozenset(
            step.move
            for step in self.steps
            if step.before == status and (viewer is None or any(viewer.may(item) for item in step.permissions))
        )

    def permissions(self, move: str) -> frozenset[Permission]:
        """Whoever holds one of these may make this move, wherever it is possible."""
        return frozenset().union(*(step.permissions for step in self.steps if step.move == move))

    def sources(self, move: str) -> frozenset[str]:
        """The statuses from which a move is possible."""
        return frozenset(step.before for step in self.steps if step.move == move)


def steps(
    before: enum.StrEnum | Collection[enum.StrEnum],
    move: enum.StrEnum,
    after: enum.StrEnum | None,
    *permissions: Permission,
    needs_reason: bool = False,
    act: enum.StrEnum | None = None,
) -> list[Step]:
    """Rows of a table: the same move from one status or from several."""
    sources = [before] if isinstance(before, enum.StrEnum) else list(before)
    return [
        Step(
            before=source,
            move=move,
            after=after,
            permissions=frozenset(permissions),
            needs_reason=needs_reason,
            act=act,
        )
        for source in sources
    ]


def need_reason(reason: str | None) -> str:
    """A reason as it is kept.

    :raises DomainError: naming ``reason``, where none is given.
    """
    said = clean(reason or "")
    if not said:
        raise DomainError(lazy("this field is required"), "reason")
    return said


def reason_for(step: Step, reason: str | None) -> str | None:
    """The reason given for a step; one that needs none may have none.

    :raises DomainError: as :func:`need_reason`.
    """
    return need_reason(reason) if step.needs_reason else clean(reason or "") or None
