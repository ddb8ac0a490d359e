"""Writing to the journal. Every act on a register passes through :func:`record`, in the act's own transaction."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from functools import partial
from itertools import chain
from typing import Any, cast

import sqlalchemy as sa

from registry.errors import Conflict, DomainError
from registry.infra import side_by_side
from registry.infra.access import Viewer
from registry.infra.clock import jumped, utc_now
from registry.infra.db import Base, db, held, one_look
from registry.infra.i18n import deferred, lazy, ngettext
from registry.infra.schedule import DAY, Failed, Periodic, When
from registry.infra.storage import write_whole
from registry.infra.text import unprintable
from registry.journal import checked, derived, queries, seal, stored
from registry.journal.models import JournalEntry, JournalHead, JournalPersonal
from registry.journal.queries import Verification
from registry.journal.rules import ALGORITHM, GENESIS, Action, canonical, commitment, entry_hash

_log = logging.getLogger(__name__)

CHECKED_AT = time(2)
"""When the worker checks the journal, in Asia/Almaty: before the day's backup is made."""

Day = date
"""The type ``date``, where a field of that name hides it."""


@dataclass(frozen=True)
class Basis:
    """The document an act rests on: its kind (free text or a code), number and date."""

    kind: str | None = None
    number: str | None = None
    date: Day | None = None


NO_BASIS = Basis()


def start() -> None:
    """Lay the head of an empty journal, once. Nothing was recorded yet, so its time is before every act's."""
    if db.session.get(JournalHead, 1) is None:
        db.session.add(JournalHead(id=1, count=0, hash=GENESIS, recorded_at=datetime(1970, 1, 1, tzinfo=UTC)))
        db.session.flush()


@dataclass(frozen=True, slots=True)
class Told:
    """What one entry tells: the act, the record it is about, and {field: (old, new)} of what it changed.

    Fields named in ``personal`` are stored as salted commitments. ``parent`` is the record the subject belongs to.
    """

    action: Action
    subject: Base
    changes: Mapping[str, tuple[Any, Any]]
    effective_on: Day
    parent: Base | None = None
    basis: Basis = NO_BASIS
    ground: str | None = None
    reason: str | None = None
    corrects: int | None = None
    annuls: int | None = None
    personal: Collection[str] = ()


def record(
    actor: Viewer,
    action: Action,
    subject: Base,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    now: datetime,
    effective_on: date,
    **details: Any,
) -> JournalEntry:
    """Append one entry to the chain; ``details`` are the other fields of :class:`Told`."""
    (entry,) = record_all(actor, [Told(action, subject, changes, effective_on, **details)], now=now)
    return entry


def record_all(actor: Viewer, acts: Sequence[Told], *, now: datetime) -> list[JournalEntry]:
    """Append entries to the chain, one after the other, written together.

    ``recorded_at`` never runs backwards, even if the machine's clock does.
    """
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("an act is recorded inside transaction() only")
    if not acts:
        return []
    for told in acts:
        _refuse_unprintable({name: new for name, (_old, new) in told.changes.items()})
        basis = {"basis_kind": told.basis.kind, "basis_number": told.basis.number}
        _refuse_unprintable({"reason": told.reason, **basis, "ground": told.ground})
    session.flush()
    head = held(JournalHead, 1)
    if head is None:
        raise RuntimeError("the journal has no head; run registry init")
    _mind_the_clock(head)
    before, previous, recorded_at = head.count, head.hash, max(now, head.recorded_at)
    sequence = before
    entries: list[JournalEntry] = []
    personal: list[JournalPersonal] = []
    for told in acts:
        sequence += 1
        changes, hidden = _stored(told, sequence)
        columns = {
            "sequence": sequence,
            "recorded_at": recorded_at,
            "actor_id": actor.user_id,
            "action": str(told.action),
            "subject_type": told.subject.__tablename__,
            "subject_id": told.subject.id,  # ty: ignore[missing-attribute]
            "parent_type": None if told.parent is None else told.parent.__tablename__,
            "parent_id": None if told.parent is None else told.parent.id,  # ty: ignore[missing-attribute]
            "effective_on": told.effective_on,
            "ground": told.ground,
            "basis_kind": told.basis.kind,
            "basis_no": told.basis.number,
            "basis_date": told.basis.date,
            "reason": told.reason,
            "changes": canonical(changes),
            "corrects": told.corrects,
            "annuls": told.annuls,
            "algorithm": ALGORITHM,
            "prev_hash": previous,
        }
        previous = entry_hash(columns)
        entries.append(JournalEntry(**columns, hash=previous))
        personal += hidden
    session.add_all([*entries, *personal])
    session.flush()
    _move_head(head, entries)
    for entry in entries:
        derived.follow(entry)
    seal.note(before)
    return entries


def _stored(told: Told, sequence: int) -> tuple[dict[str, Any], list[JournalPersonal]]:
    """The changes as the entry holds them, and what it holds as commitments only."""
    stored: dict[str, Any] = {}
    hidden: list[JournalPersonal] = []
    for name, (old, new) in told.changes.items():
        if name in told.personal:
            salt, value = secrets.token_hex(16), canonical([old, new])
            hidden.append(JournalPersonal(sequence=sequence, field=name, salt=salt, value=value))
            stored[name] = {"commitment": commitment(salt, value)}
        else:
            stored[name] = [old, new]
    return stored, hidden


def _move_head(head: JournalHead, entries: Sequence[JournalEntry]) -> None:
    """Let the head name the last entry. It counts them one by one, or the database refuses it."""
    *before, last = entries
    if before:
        table = cast(sa.Table, JournalHead.__table__)
        steps = [{"count": entry.sequence, "hash": entry.hash, "recorded_at": entry.recorded_at} for entry in before]
        db.session.execute(sa.update(table).where(table.c.id == head.id).values(_STEP), steps)
    head.count, head.hash, head.recorded_at = last.sequence, last.hash, last.recorded_at
    db.session.flush()


_STEP = {name: sa.bindparam(name) for name in ("count", "hash", "recorded_at")}


def _mind_the_clock(head: JournalHead) -> None:
    """Record nothing under a clock that jumped ahead, whose time every later act would carry; warn of one in doubt.

    :raises Conflict: where the clock jumped while the program was running.
    """
    ahead = jumped()
    if ahead:
        raise Conflict(
            lazy(
                "The clock of this machine jumped ahead by %(hours)s hours while the program was running. Nothing was"
                " recorded. Set the clock right; if it is right now and was wrong before, start the program anew.",
                hours=round(ahead.total_seconds() / 3600),
            )
        )
    doubt = queries.clock_doubt(head)
    if doubt is not None and str(doubt) not in _said:
        _said.add(str(doubt))
        _log.warning("%s", doubt)


_said: set[str] = set()
"""Warnings of the clock this process has given: each once."""


def _refuse_unprintable(texts: Mapping[str, Any]) -> None:
    """Whatever way an act came, no text of it holds a sign that databases, files or papers cannot keep.

    :raises DomainError: naming the field and the sign.
    """
    for name, text in texts.items():
        sign = unprintable(text) if isinstance(text, str) else None
        if sign is not None:
            raise DomainError(lazy("The text has a sign that cannot be stored: %(sign)s.", sign=sign), name)


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields of ``after`` whose value is another than in ``before``, as {field: (old, new)}."""
    return {name: (before.get(name), new) for name, new in after.items() if before.get(name) != new}


def replay(subject: Base) -> None:
    """Set the columns of ``subject`` to what its acts add up to, so that table and journal cannot disagree."""
    found = queries.state_of(subject)
    if found is None:
        return
    touched = {name for act in found.acts for name in act.values}
    for name in touched:
        if getattr(subject, name) != found.values[name]:
            setattr(subject, name, found.values[name])
    db.session.flush()


def erase_personal(
    actor: Viewer, subject: Base, fields: Collection[str], *, reason: str, now: datetime, on: date
) -> int:
    """Empty the personal values of ``fields`` in every entry about ``subject``; the chain still verifies.

    What is derived forgets them too. Returns how many values were emptied. The record's own columns are emptied by the
    caller's package.
    """
    rows = db.session.scalars(
        sa.select(JournalPersonal)
        .join(JournalEntry, JournalEntry.sequence == JournalPersonal.sequence)
        .where(
            JournalEntry.subject_type == subject.__tablename__,
            JournalEntry.subject_id == subject.id,  # ty: ignore[missing-attribute]
            JournalPersonal.field.in_(fields),
            JournalPersonal.value.is_not(None),
        )
        .order_by(JournalPersonal.sequence, JournalPersonal.field)
    ).all()
    if not rows:
        return 0
    named = [[row.sequence, row.field] for row in rows]
    record(
        actor, Action.PERSONAL_DATA_ERASED, subject, {"erased": (None, named)}, now=now, effective_on=on, reason=reason
    )
    for row in rows:
        row.salt = row.value = None
    db.session.flush()
    derived.forget(subject)
    return len(rows)


def check(now: datetime, *, files: bool = False) -> Verification:
    """Check the whole journal, what is derived from it and what is held to it, and note when that was and the result.

    Before all that the database is looked at, since what its rows say counts on it. ``files`` looks at every stored
    file besides those that papers name.
    """
    return _noted(now, _looked_at(files))


def check_anew(now: datetime, processes: int, *, files: bool = False) -> Verification:
    """The same where no transaction is open; by several ``processes`` side by side where there are more than one."""
    if processes > 1:
        # Where the system ended one of them, for instance for want of memory, this one goes on alone.
        with suppress(BrokenProcessPool):
            return _noted(now, _looked_at_side_by_side(processes, files))
    with one_look():
        return check(now, files=files)


def _noted(now: datetime, result: Verification) -> Verification:
    noted = {
        "checked_at": now.isoformat(),
        "entries": result.entries,
        "head": result.head,
        "problem": next(iter(result.found), None),
    }
    path = queries.check_file()
    try:
        write_whole(path, json.dumps(noted).encode())
    except OSError as error:
        # What was found is told all the same.
        _log.warning("the check cannot be noted in %s: %s", path, error.strerror)
    return result


def _looked_at(files: bool) -> Verification:
    damage = stored.damage()
    for _attempt in range(3):
        if not damage.rest_can_be_read:
            return Verification(0, GENESIS, None, damage=damage.said)
        result = replace(queries.verify(), damage=damage.said)
        if result.problem is None:
            result = replace(
                result, differences=tuple(derived.differences()), unlike=tuple(checked.differences(files=files))
            )
        # What others wrote between two looks is no difference; where something was, it is looked at again.
        if not (result.differences or result.unlike) or result.problem or queries.head().count == result.entries:
            break
    return result


def _looked_at_side_by_side(processes: int, files: bool) -> Verification:
    """The same by several processes. Each part sees the database at one moment: what others write is no difference."""
    items, others = derived.derived(), checked.declared(files=files)
    # The database's own check and the highest packages take longest and come first, so that none waits for a long one.
    parts: list[side_by_side.Part] = [stored.damage, queries.verify]
    parts += [partial(checked.first_of_each, [item]) for item in (*others, *reversed(items))]
    with side_by_side.looked_at(parts, processes) as looks:
        damage: stored.Damage = looks[0].result()
        if not damage.rest_can_be_read:
            return Verification(0, GENESIS, None, damage=damage.said)
        result: Verification = replace(looks[1].result(), damage=damage.said)
        if result.problem is not None:
            return result
        found = [look.result() for look in looks[2:]]
        of_others, of_derived = found[: len(others)], reversed(found[len(others) :])
        return replace(result, differences=tuple(chain(*of_derived)), unlike=tuple(chain(*of_others)))


def check_in_time() -> object:
    """The worker checks the journal once a day, so that damage is noticed although nobody asks.

    :raises Failed: naming the first place that is damaged.
    """
    result = check(utc_now())
    for found in result.found:
        _log.error("%s", found)
    if result.found:
        raise Failed(lazy("Damage was found. First place: %(place)s.", place=result.found[0]))
    entries = result.entries
    return deferred(lambda: ngettext("Whole: %(num)s entry.", "Whole: %(num)s entries.", entries))


PERIODIC = (
    Periodic(
        "journal_check",
        lazy("The journal is checked"),
        lambda _settings: When(DAY, CHECKED_AT),
        check_in_time,
    ),
)
"""What is done to the journal from time to time."""


__all__ = [
    "Basis",
    "Told",
    "check",
    "check_anew",
    "differences",
    "erase_personal",
    "record",
    "record_all",
    "replay",
    "start",
]
