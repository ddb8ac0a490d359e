"""Notes on records, and their texts as they were from version to version."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.db import Base, UtcDateTime
from registry.residents.models import Resident
from registry.territories.models import Territory


class Note(Base):
    """What somebody noted on a record, named by its table and id.

    ``is_shown`` says that the companies whose record it is read it too; it stays as it was first chosen, so that no
    earlier text comes to be read by others. ``by_company`` are those a company's account wrote. ``resident_id`` is the
    entry whose page lists the note with those on its contracts, reports and papers. ``territory_id`` is where the note
    exists, None everywhere its record does. Nothing is deleted: a note is withdrawn, with a reason.
    """

    __tablename__ = "note"
    __table_args__ = (
        sa.Index("ix_note_subject", "subject_type", "subject_id"),
        sa.Index("ix_note_resident_id", "resident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Resident.id))
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Territory.id))
    is_shown: Mapped[bool]
    by_company: Mapped[bool]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_by: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(sa.Text)

    versions: Mapped[list[NoteVersion]] = relationship(order_by="NoteVersion.version", lazy="selectin")

    @property
    def now(self) -> NoteVersion:
        """The version that stands."""
        return self.versions[-1]

    @property
    def first(self) -> NoteVersion:
        """The version the note was written with."""
        return self.versions[0]


class NoteVersion(Base):
    """A note's text as somebody wrote it; None once it was erased for the personal data in it."""

    __tablename__ = "note_version"

    note_id: Mapped[int] = mapped_column(sa.ForeignKey(Note.id), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    text: Mapped[str | None] = mapped_column(sa.Text)
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    written_by: Mapped[int | None]
