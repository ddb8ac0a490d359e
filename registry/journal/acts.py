"""The acts of every register: create, amend, correct, annul, with what follows from each.

A package says in its ``acts.py`` what its acts are called, and calls the functions here from its services. What an act
means for packages above (papers of a company that is excluded) they register as :class:`Consequence`; the list is put
together once, at start, in the order of the layers (:mod:`registry.app`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from registry.errors import Conflict, DomainError
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import local_date
from registry.infra.db import Base, db
from registry.infra.findings import Finding, Weight, notice
from registry.infra.i18n import lazy
from registry.infra.workflow import Step, need_reason
from registry.journal import queries, subjects
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis, Told, record, record_all, replay

# --- what follows ---


@dataclass(frozen=True, slots=True)
class Proposed:
    """An act about to be made. ``changes`` maps fields to (old, new); ``reason`` is known once it is made."""

    action: Action
    subject: Base
    effective_on: date
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Consequence:
    """What acts mean for a package: findings beforehand, and what it does in the act's own transaction."""

    actions: frozenset[Action]
    what_follows: Callable[[Proposed], Iterable[Finding]] | None = None
    follow: Callable[[Viewer, Proposed, datetime], None] | None = None


_consequences: tuple[Consequence, ...] = ()


def install(consequences: Sequence[Consequence]) -> None:
    """Take over the consequences of every package, lowest first."""
    global _consequences
    _consequences = tuple(consequences)


def what_follows(proposed: Proposed) -> list[Finding]:
    """Everything the packages have to say about an act."""
    return [
        finding
        for consequence in _consequences
        if proposed.action in consequence.actions and consequence.what_follows is not None
        for finding in consequence.what_follows(proposed)
    ]


def check(proposed: Proposed) -> list[Finding]:
    """What follows from an act that nothing forbids.

    :raises Conflict: naming the records that stand against it.
    """
    findings = what_follows(proposed)
    forbidding = [finding for finding in findings if finding.forbids]
    if forbidding:
        fields = {finding.field for finding in forbidding}
        raise Conflict("\n".join(map(str, forbidding)), fields.pop() if len(fields) == 1 else None)
    notice(findings)
    return findings


def tell(problems: Iterable[tuple[str | None, object]]) -> None:
    """Warn of what is allowed but worth a look, each at its field: commands and files print it, pages show it."""
    notice([Finding(Weight.TELLS, message, field) for field, message in problems])


def follow(actor: Viewer, proposed: Proposed, now: datetime) -> None:
    """Let every package do what follows, in the act's transaction."""
    for consequence in _consequences:
        if proposed.action in consequence.actions and consequence.follow is not None:
            consequence.follow(actor, proposed, now)


# --- the acts ---


def act(
    actor: Viewer,
    action: Action,
    subject: Base,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    now: datetime,
    effective_on: date,
    then: Callable[[JournalEntry], None] | None = None,
    **details: Any,
) -> JournalEntry:
    """Make one act: ask whether anything forbids it, put it on record, and let every package do what follows.

    ``then`` sets the record's own columns once the act is on record; ``details`` are those of ``record``.

    :raises Conflict: naming the records that stand against it.
    """
    proposed = Proposed(action, subject, effective_on, changes, details.get("reason"))
    check(proposed)
    return _put_on_record(actor, proposed, changes, now, then, details)


@dataclass(frozen=True, slots=True)
class Moved:
    """A record that takes a step of its workflow together with others."""

    subject: Any
    changes: Mapping[str, tuple[Any, Any]]
    effective_on: date
    parent: Base | None = None
    reason: str | None = None


def move_all(
    actor: Viewer,
    step: Step,
    moved: Sequence[Moved],
    *,
    columns: Callable[[JournalEntry], Mapping[str, Any]],
    now: datetime,
    basis: Basis = NO_BASIS,
) -> None:
    """Let records take a step that is an act, each as :func:`move` does and in this order, written together.

    :raises Conflict: naming the records that stand against one of the acts.
    """
    action = Action(step.act)
    proposed = [Proposed(action, each.subject, each.effective_on, each.changes, each.reason) for each in moved]
    for each in proposed:
        check(each)
    told = [
        Told(
            action,
            each.subject,
            each.changes,
            each.effective_on,
            parent=each.parent,
            basis=basis,
            reason=each.reason,
        )
        for each in moved
    ]
    for each, entry in zip(moved, record_all(actor, told, now=now), strict=True):
        _take(each.subject, step, columns(entry))
    db.session.flush()
    for each in proposed:
        follow(actor, each, now)


def _take(subject: Any, step: Step, columns: Mapping[str, Any]) -> None:
    """Give a record the status that a step leads to, and what else becomes of it, at the same moment."""
    for name, value in {"status": str(step.after), **columns}.items():
        setattr(subject, name, value)


def _put_on_record(
    actor: Viewer,
    proposed: Proposed,
    changes: Mapping[str, tuple[Any, Any]],
    now: datetime,
    then: Callable[[JournalEntry], None] | None,
    details: Mapping[str, Any],
) -> JournalEntry:
    entry = record(
        actor, proposed.action, proposed.subject, changes, now=now, effective_on=proposed.effective_on, **details
    )
    if then is not None:
        then(entry)
        db.session.flush()
    follow(actor, proposed, now)
    return entry


def create(
    actor: Viewer,
    action: Action,
    subject: Base,
    fields: Collection[str],
    *,
    now: datetime,
    effective_on: date,
    **details: Any,
) -> JournalEntry:
    """Bring a record into being, with all of ``fields`` that are set. ``details`` are those of ``record``."""
    proposed = Proposed(action, subject, effective_on, {name: (None, getattr(subject, name)) for name in fields})
    check(proposed)
    db.session.add(subject)
    db.session.flush()
    values = {name: getattr(subject, name) for name in fields}
    changes = {name: (None, new) for name, new in values.items() if new is not None}
    return _put_on_record(actor, proposed, changes, now, None, details)


def amend(actor: Viewer, action: Action, subject: Base, changes: Mapping[str, tuple[Any, Any]], **details: Any) -> None:
    """Give fields other values from ``effective_on`` on; the columns follow. ``details`` are those of :func:`act`."""
    act(actor, action, subject, changes, then=lambda _entry: replay(subject), **details)


def move(
    actor: Viewer,
    step: Step,
    subject: Any,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    columns: Callable[[JournalEntry], Mapping[str, Any]],
    **details: Any,
) -> JournalEntry:
    """Take a step of a workflow that is an act: it is recorded with its changes, then the record has its new status.

    ``columns`` says what else becomes of the record, which is set at the same moment: from then on a record may be
    closed to changes. ``details`` are those of :func:`act`.
    """

    return act(
        actor,
        Action(step.act),
        subject,
        changes,
        then=lambda entry: _take(subject, step, columns(entry)),
        **details,
    )


def correct(
    actor: Viewer,
    action: Action,
    subject: Base,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    now: datetime,
    effective_on: date,
    of: str | None = None,
    **details: Any,
) -> None:
    """Correct fields of an act itself, from its (new) date on: of the act that set ``of``, else of the creating one."""
    corrects = queries.creating_act(subject).sequence if of is None else queries.act_that_set(subject, of)
    amend(actor, action, subject, changes, now=now, effective_on=effective_on, corrects=corrects, **details)


def correct_each(
    actor: Viewer, action: Action, subject: Base, changes: Mapping[str, tuple[Any, Any]], **details: Any
) -> None:
    """Correct fields of a record, each in the act that gave it its present value, from that act's own day on.

    A field that no act set is corrected in the creating act. ``details`` are those of :func:`act`.
    """
    state = queries.state_of(subject)
    made = state.acts if state else []
    parts: dict[tuple[int, date], dict[str, tuple[Any, Any]]] = {}
    for name, change in changes.items():
        setter = next((act for act in reversed(made) if name in act.values), made[0])
        parts.setdefault((setter.sequence, setter.effective_on), {})[name] = change
    for (sequence, day), part in parts.items():
        amend(actor, action, subject, part, corrects=sequence, effective_on=day, **details)


def annul(
    actor: Viewer,
    action: Action,
    subject: Base,
    *,
    reason: str,
    now: datetime,
    parent: Base | None = None,
    same_as: tuple[int, str | None] | None = None,
) -> None:
    """Declare the whole record made in error: its creating act is annulled, the row stays, marked.

    The annulment takes effect from the act's own date and is told apart only by the second clock. ``same_as`` names
    the record that stays, by id and number, where one was recorded twice.

    :raises DomainError: for an empty reason.
    :raises Conflict: while other records rest on this one.
    """
    reason = need_reason(reason)
    creator = queries.creating_act(subject)
    changes: dict[str, tuple[Any, Any]] = {"annulled": (False, True)}
    if same_as is not None:
        changes |= {"record": (None, same_as[0]), "same_as": (None, same_as[1])}

    def mark(entry: JournalEntry) -> None:
        subject.annulled_at = entry.recorded_at  # ty: ignore[missing-attribute]

    act(
        actor,
        action,
        subject,
        changes,
        now=now,
        effective_on=creator.effective_on,
        then=mark,
        parent=parent,
        reason=reason,
        annuls=creator.sequence,
    )


def annul_act(
    actor: Viewer, action: Action, subject: Base, fields: Collection[str], *, now: datetime, **details: Any
) -> None:
    """Annul the act that set ``fields`` (a termination): they become what the remaining acts make them."""
    present = {name: getattr(subject, name) for name in fields}
    changes = {name: (value, None) for name, value in present.items() if value is not None}

    def take_back(_entry: JournalEntry) -> None:
        # No remaining act may name these fields, and replaying would then leave them as they are.
        state = queries.state_of(subject)
        for name in fields:
            setattr(subject, name, state.values.get(name) if state else None)

    annulled = queries.act_that_set(subject, next(iter(fields)))
    act(actor, action, subject, changes, now=now, then=take_back, annuls=annulled, **details)


# --- what every act asks first ---


def live(subject: Any, message: object, field: str | None = None) -> None:
    """:raises Conflict: with ``message``, for a record that has been annulled."""
    if subject.annulled_at is not None:
        raise Conflict(message, field)


def day_of_change(begun: date, wanted: date | None, now: datetime, *, early: object) -> date:
    """The day from which a change holds: today unless another day is named, never before the record began.

    :raises DomainError: naming ``effective_on``: with ``early`` for a day before ``begun``, and for a day after today.
    """
    latest = max(local_date(now), begun)
    day = wanted or latest
    if day < begun:
        raise DomainError(early, "effective_on")
    if day > latest:
        raise DomainError(lazy("the change cannot take effect after today"), "effective_on")
    return day


def values_on(subject: Base, day: date) -> dict[str, Any]:
    """The values of a record's fields on a day."""
    state = queries.state_of(subject, as_of=day)
    return state.values if state else {}


# --- forms of existing records ---


@dataclass(frozen=True, slots=True)
class Opened:
    """A record a form was opened on; its version is the sequence of the last entry about it or what belongs to it."""

    subject: Base
    viewer: Viewer = SYSTEM
    """Who reads the values."""

    def version(self) -> int:
        return queries.last_sequence(self.subject)

    def before(self, version: int) -> dict[str, Any]:
        """The fields changed after ``version``, each with the value it had then."""
        found: dict[str, Any] = {}
        for entry in queries.entries_about(self.subject, viewer=self.viewer, after=version):
            for name, (old, _new) in entry.changes.items():
                found.setdefault(name, old)
        dates = queries.date_fields(type(self.subject))
        return {
            name: date.fromisoformat(old) if name in dates and old is not None else old for name, old in found.items()
        }

    def present(self, name: str) -> Any:
        shown = {name: [getattr(self.subject, name, None)]}
        subjects.cover(self.viewer, [(self.subject.__tablename__, shown)])
        return shown[name][0]
