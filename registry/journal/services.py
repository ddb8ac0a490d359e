"""Writing to the journal. Every act on a register passes through :func:`record`, in the act's own transaction."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from registry.errors import Conflict, DomainError
from registry.infra import jobs
from registry.infra.access import Viewer
from registry.infra.clock import jumped, utc_now
from registry.infra.db import Base, db, held
from registry.infra.i18n import lazy
from registry.infra.text import unprintable
from registry.journal import checked, derived, queries, seal
from registry.journal.models import JournalEntry, JournalHead, JournalPersonal
from registry.journal.queries import Verification
from registry.journal.rules import ALGORITHM, GENESIS, Action, canonical, commitment, entry_hash

_log = logging.getLogger(__name__)

CHECKED_EVERY = timedelta(days=1)

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


def record(
    actor: Viewer,
    action: Action,
    subject: Base,
    changes: Mapping[str, tuple[Any, Any]],
    *,
    now: datetime,
    effective_on: date,
    parent: Base | None = None,
    basis: Basis = NO_BASIS,
    ground: str | None = None,
    reason: str | None = None,
    corrects: int | None = None,
    annuls: int | None = None,
    personal: Collection[str] = (),
) -> JournalEntry:
    """Append one entry to the chain.

    ``changes`` maps field to (old, new); fields named in ``personal`` are stored as salted commitments. ``parent`` is
    the record the subject belongs to. ``recorded_at`` never runs backwards, even if the machine's clock does.
    """
    session = db.session()
    if not session.info.get("writing"):
        raise RuntimeError("an act is recorded inside transaction() only")
    _refuse_unprintable({name: new for name, (_old, new) in changes.items()})
    _refuse_unprintable({"reason": reason, "basis_kind": basis.kind, "basis_number": basis.number, "ground": ground})
    if subject.id is None:  # ty: ignore[missing-attribute]
        session.flush()
    head = held(JournalHead, 1)
    if head is None:
        raise RuntimeError("the journal has no head; run registry init")
    _mind_the_clock(head)
    stored: dict[str, Any] = {}
    hidden: dict[str, tuple[str, str]] = {}
    for name, (old, new) in changes.items():
        if name in personal:
            salt, value = secrets.token_hex(16), canonical([old, new])
            hidden[name] = (salt, value)
            stored[name] = {"commitment": commitment(salt, value)}
        else:
            stored[name] = [old, new]
    columns: dict[str, Any] = {
        "sequence": head.count + 1,
        "recorded_at": max(now, head.recorded_at),
        "actor_id": actor.user_id,
        "action": str(action),
        "subject_type": subject.__tablename__,
        "subject_id": subject.id,  # ty: ignore[missing-attribute]
        "parent_type": None if parent is None else parent.__tablename__,
        "parent_id": None if parent is None else parent.id,  # ty: ignore[missing-attribute]
        "effective_on": effective_on,
        "ground": ground,
        "basis_kind": basis.kind,
        "basis_no": basis.number,
        "basis_date": basis.date,
        "reason": reason,
        "changes": canonical(stored),
        "corrects": corrects,
        "annuls": annuls,
        "algorithm": ALGORITHM,
        "prev_hash": head.hash,
    }
    entry = JournalEntry(**columns, hash=entry_hash(columns))
    session.add(entry)
    for name, (salt, value) in hidden.items():
        session.add(JournalPersonal(sequence=entry.sequence, field=name, salt=salt, value=value))
    head.count, head.hash, head.recorded_at = entry.sequence, entry.hash, entry.recorded_at
    session.flush()
    derived.follow(entry)
    seal.note()
    return entry


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

    ``files`` looks at every stored file besides those that papers name.
    """
    for _attempt in range(3):
        result = queries.verify()
        if result.problem is None:
            result = replace(
                result, differences=tuple(derived.differences()), unlike=tuple(checked.differences(files=files))
            )
        # What others wrote between two looks is no difference; where something was, it is looked at again.
        if result.is_whole or result.problem or queries.head().count == result.entries:
            break
    noted = {
        "checked_at": now.isoformat(),
        "entries": result.entries,
        "head": result.head,
        "problem": next(iter(result.found), None),
    }
    path = queries.check_file()
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        temporary.write_text(json.dumps(noted), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        # What was found is told all the same.
        _log.warning("the check cannot be noted in %s: %s", path, error.strerror)
    return result


@jobs.sweep
def check_daily() -> None:
    """The worker checks the journal once a day, so that damage is noticed although nobody asks."""
    now, last = utc_now(), queries.last_check()
    if last is None or now - last.checked_at >= CHECKED_EVERY:
        for found in check(now).found:
            _log.error("%s", found)


__all__ = ["Basis", "check", "differences", "erase_personal", "record", "replay", "start"]
