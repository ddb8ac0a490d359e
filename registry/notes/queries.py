"""Reading notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import search_text, tells_of
from registry.notes import rules
from registry.notes.models import Note, NoteVersion
from registry.residents.models import Resident

SHOWN_BESIDE = 3
"""Notes that stand beside a card, the newest; the others on the page of the notes."""


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the notes a viewer may read on a record that it may see."""
    conditions: list[sa.ColumnElement[bool]] = [] if rules.reads_all(viewer) else [Note.is_shown.is_(True)]
    if not viewer.has_all_territories and not viewer.is_company:
        conditions.append(sa.or_(Note.territory_id.is_(None), *viewer.within(Note.territory_id)))
    return conditions


def _on(record: Any) -> sa.ColumnElement[bool]:
    return sa.and_(Note.subject_type == record.__tablename__, Note.subject_id == record.id)


def on_record(viewer: Viewer, record: Any, *, withdrawn: bool = False) -> sa.Select[Note]:
    """The notes on a record that stand, or those withdrawn, the newest first."""
    return _newest(viewer, _on(record), withdrawn)


def of_entry(viewer: Viewer, resident: Resident, *, withdrawn: bool = False) -> sa.Select[Note]:
    """The notes on an entry and on what belongs to it, the newest first."""
    return _newest(viewer, Note.resident_id == resident.id, withdrawn)


def _newest(viewer: Viewer, about: sa.ColumnElement[bool], withdrawn: bool) -> sa.Select[Note]:
    state = Note.withdrawn_at.is_not(None) if withdrawn else Note.withdrawn_at.is_(None)
    return sa.select(Note).where(about, state, *visible(viewer)).order_by(Note.id.desc())


def some(statement: sa.Select[Note], limit: int = SHOWN_BESIDE) -> Sequence[Note]:
    """The first notes of a statement of this module."""
    return db.session.scalars(statement.limit(limit)).all()


def get_note(note_id: int, viewer: Viewer) -> Note:
    """:raises NotFound: when there is no such note, or it or its record is not for this viewer to see."""
    note = db.session.scalar(sa.select(Note).where(Note.id == note_id, *visible(viewer)))
    known = None if note is None else rules.notable(note.subject_type)
    if note is None or known is None:
        raise NotFound(lazy("There is no such note."))
    known.get(note.subject_id, viewer)
    return note


def may_change(viewer: Viewer, note: Note) -> bool:
    """Whether a viewer corrects and withdraws a note (:func:`registry.notes.rules.may_change`)."""
    entry = db.session.get(Resident, note.resident_id) if note.by_company and note.resident_id else None
    return rules.may_change(viewer, by_company=note.by_company, company_bin=entry.bin if entry else None)


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """The note a form was opened on (:class:`registry.infra.act_page.Opened`); its version is that of its text."""

    note: Note

    def version(self) -> int:
        return self.note.now.version

    def before(self, version: int) -> dict[str, str | None]:
        """Its text as it was in a version, where another one stands now."""
        known = {row.version: row.text for row in self.note.versions}
        return {"text": known[version]} if version in known and version != self.version() else {}

    def present(self, name: str) -> str | None:
        """Its text, the one field there is."""
        return getattr(self.note.now, name)


def holding(values: Sequence[str], viewer: Viewer) -> list[Note]:
    """Every note of a viewer's territories a version of which holds one of these values, however they are spelled."""
    rows = db.session.execute(
        sa.select(NoteVersion.note_id, NoteVersion.text)
        .join(Note, Note.id == NoteVersion.note_id)
        .where(NoteVersion.text.is_not(None), *viewer.within(Note.territory_id))
    )
    found = {key for key, text in rows if tells_of(search_text(text), values)}
    return list(db.session.scalars(sa.select(Note).where(Note.id.in_(found)).order_by(Note.id)))
