"""Which entries of the journal came by which file, so that a wrong import can be taken back as one act."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import Base, UtcDateTime


class FileImport(Base):
    """One import: its file, who imported it, and its entries of the journal, which follow each other.

    ``created`` and ``updated`` count rows. An import whose acts were annulled or corrected again says when, by whom and
    why.
    """

    __tablename__ = "file_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    name: Mapped[str] = mapped_column(sa.String(200))
    rows: Mapped[int]
    created: Mapped[int]
    updated: Mapped[int]
    actor_id: Mapped[int | None]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    first_entry: Mapped[int]
    last_entry: Mapped[int]
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    taken_back_by: Mapped[int | None]
    taken_back_reason: Mapped[str | None] = mapped_column(sa.Text)


class ColumnMapping(Base):
    """How the columns of a company's own spreadsheet are matched with those of a kind; kept for the next file like it.

    ``header_hash`` stands for the names its header has. ``scope`` names the territories of whoever kept it and is empty
    for an account not limited to some: only accounts of exactly these territories know of it. ``columns`` is JSON: our
    column to the place of theirs, the first being 0; ``constants`` our column to the text that holds for all rows.
    """

    __tablename__ = "column_mapping"

    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    header_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    scope: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    columns: Mapped[str] = mapped_column(sa.Text)
    constants: Mapped[str] = mapped_column(sa.Text)
    kept_by: Mapped[int | None]
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime)
