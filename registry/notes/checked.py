"""Notes that companies were shown, held to the acts on them. What staff note among themselves is told nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from registry.infra.db import db
from registry.journal.checked import Checked, ToldTable, Values, told_of
from registry.journal.rules import Action
from registry.notes.models import Note, NoteVersion


def _notes() -> Mapping[Any, Values]:
    found: dict[Any, dict[str, Any]] = {}
    for entry, action, key, values in told_of(Note):
        if action == Action.NOTE_SHOWN:
            own = {name: values.get(name) for name in ("subject_type", "subject_id", "territory_id", "by_company")}
            found[key] = own | {
                "resident_id": entry.parent_id,
                "is_shown": True,
                "withdrawn_at": None,
                "withdrawn_by": None,
                "reason": None,
            }
        elif action == Action.NOTE_WITHDRAWN and key in found:
            found[key] |= {
                "withdrawn_at": entry.recorded_at,
                "withdrawn_by": entry.actor_id,
                "reason": entry.reason,
            }
    return found


def _versions() -> Mapping[Any, Values]:
    found: dict[Any, Values] = {}
    last: dict[int, int] = {}
    for entry, action, key, values in told_of(Note):
        if action in {Action.NOTE_SHOWN, Action.NOTE_CORRECTED}:
            last[key] = last.get(key, 0) + 1
            found[key, last[key]] = {
                "text": values.get("text"),
                "written_at": entry.recorded_at,
                "written_by": entry.actor_id,
            }
    return found


def _of_staff(row: Values) -> bool:
    return not row["is_shown"]


def _is_of_staff(row: Values) -> bool:
    return not db.session.scalar(sa.select(Note.is_shown).where(Note.id == row["note_id"]))


CHECKED: tuple[Checked, ...] = (
    ToldTable(Note, _notes, untold=_of_staff),
    ToldTable(NoteVersion, _versions, key=("note_id", "version"), untold=_is_of_staff),
)
"""What of the notes is held to the journal."""
