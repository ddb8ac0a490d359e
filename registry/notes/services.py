"""Writing notes. What a company is shown is evidence and an act of the journal; what is noted among the staff is not.

The journal holds a shown note's text as a salted commitment: it can be erased, and leaves with no evidence pack.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from registry.errors import Conflict, DomainError, NotAllowed
from registry.infra.access import Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import unprintable
from registry.infra.workflow import need_reason
from registry.journal import services as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.notes import queries, rules
from registry.notes.models import Note, NoteVersion
from registry.residents.models import Resident


def write(actor: Viewer, record: Any, *, text: str, is_shown: bool, now: datetime) -> Note:
    """Note something on a record that the actor may see; a company's note is always shown to both sides.

    :raises NotAllowed: for whoever may write no notes on it.
    :raises DomainError: naming ``text`` or ``is_shown``.
    """
    kind = record.__tablename__
    known = rules.notable(kind)
    if known is None or not rules.may_write(actor, kind):
        raise NotAllowed(lazy("Your role does not permit this."))
    text = _checked(text)
    is_shown = is_shown or actor.is_company
    if is_shown and not known.has_companies:
        raise DomainError(lazy("no company sees this record; keep the note to the staff"), "is_shown")
    entry: Resident | None = known.entry(record, actor)
    note = Note(
        subject_type=kind,
        subject_id=record.id,
        resident_id=entry.id if entry else None,
        territory_id=entry.territory_id if entry else known.territory_id(record),
        is_shown=is_shown,
        by_company=actor.is_company,
    )
    db.session.add(note)
    db.session.flush()
    moment = now
    if is_shown:
        told = {
            "subject_type": (None, kind),
            "subject_id": (None, record.id),
            "territory_id": (None, note.territory_id),
            "by_company": (None, note.by_company),
            "text": (None, text),
        }
        moment = _record(actor, Action.NOTE_SHOWN, note, told, now=now).recorded_at
    _add_version(actor, note, 1, text, moment)
    return note


def correct(actor: Viewer, note: Note, *, text: str, now: datetime) -> bool:
    """Give a note another text; the old one is kept. Whether anything was changed.

    :raises NotAllowed: for another side's note.
    :raises Conflict: for one that was withdrawn.
    :raises DomainError: naming ``text``.
    """
    _need_own(actor, note)
    text, old = _checked(text), note.now
    if text == old.text:
        return False
    moment = now
    if note.is_shown:
        moment = _record(actor, Action.NOTE_CORRECTED, note, {"text": (old.text, text)}, now=now).recorded_at
    _add_version(actor, note, old.version + 1, text, moment)
    return True


def withdraw(actor: Viewer, note: Note, *, reason: str, now: datetime) -> None:
    """Take a note off its record's page; it is kept with the reason.

    :raises NotAllowed: for another side's note.
    :raises Conflict: for one that was withdrawn before.
    :raises DomainError: for an empty reason.
    """
    _need_own(actor, note)
    note.reason = need_reason(reason)
    note.withdrawn_by, note.withdrawn_at = actor.user_id, now
    if note.is_shown:
        entry = _record(actor, Action.NOTE_WITHDRAWN, note, {"withdrawn": (False, True)}, now=now, reason=note.reason)
        note.withdrawn_at = entry.recorded_at
    db.session.flush()


def forget(actor: Viewer, values: Collection[str], *, reason: str, now: datetime) -> int:
    """Erase the texts of the notes that hold one of these values, which are erased elsewhere. Returns how many.

    Notes of territories that the actor has not are left alone.
    """
    found = queries.holding([value for value in values if value], actor)
    for note in found:
        if note.is_shown:
            journal.erase_personal(actor, note, ["text"], reason=reason, now=now, on=local_date(now))
        for version in note.versions:
            version.text = None
    db.session.flush()
    return len(found)


def _record(
    actor: Viewer,
    action: Action,
    note: Note,
    changes: dict[str, Any],
    *,
    now: datetime,
    reason: str | None = None,
) -> JournalEntry:
    return journal.record(
        actor,
        action,
        note,
        changes,
        now=now,
        effective_on=local_date(now),
        parent=None if note.resident_id is None else db.session.get(Resident, note.resident_id),
        personal={"text"},
        reason=reason,
    )


def _add_version(actor: Viewer, note: Note, number: int, text: str, moment: datetime) -> None:
    db.session.add(NoteVersion(note_id=note.id, version=number, text=text, written_at=moment, written_by=actor.user_id))
    db.session.flush()
    db.session.expire(note, ["versions"])


def _need_own(actor: Viewer, note: Note) -> None:
    if not queries.may_change(actor, note):
        raise NotAllowed(lazy("Only the side that wrote a note corrects or withdraws it."))
    if note.withdrawn_at is not None:
        raise Conflict(lazy("This note has been withdrawn."))


def _checked(text: str) -> str:
    text = text.strip()
    if not text:
        raise DomainError(lazy("this field is required"), "text")
    if len(text) > rules.LONGEST:
        problem = lazy("the text is longer than %(longest)s characters; shorten it", longest=rules.LONGEST)
        raise DomainError(problem, "text")
    sign = unprintable(text)
    if sign is not None:
        raise DomainError(lazy("The text has a sign that cannot be stored: %(sign)s.", sign=sign), "text")
    return text
