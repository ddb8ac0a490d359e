"""What notes are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import subjects
from registry.journal.subjects import About, Subject
from registry.notes.models import Note


def _notes(ids: Collection[int]) -> dict[int, About]:
    """A note is called by its record, belongs to whom that belongs to, and is shown on the page of its notes."""
    rows = db.session.scalars(sa.select(Note).where(Note.id.in_(ids))).all()
    records = subjects.about((row.subject_type, row.subject_id) for row in rows)
    return {
        row.id: replace(
            found,
            page=("notes.on_record", {"kind": row.subject_type, "record_id": row.subject_id}),
            territory_id=row.territory_id,
        )
        for row in rows
        if (found := records.get((row.subject_type, row.subject_id))) is not None
    }


SUBJECTS = (
    Subject(
        Note.__tablename__,
        lazy("Note"),
        _notes,
        lambda viewer: sa.select(Note.id).where(*viewer.within(Note.territory_id)),
    ),
)
