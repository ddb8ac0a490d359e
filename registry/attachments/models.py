"""Files attached to records, to lines of reports and to acts."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.attachments.rules import Key
from registry.infra.db import Base, UtcDateTime


class Attachment(Base):
    """A file of a record. Its bytes are kept under ``sha256`` (:mod:`registry.attachments.kept`).

    ``line_id`` is the line of a report, ``of_entry`` the journal's entry that it stands behind; mostly neither.
    ``recorded_in`` is the entry that tells of the file; what is attached to a draft has none until the draft is sent.
    ``file_name`` is empty once the file was erased: name and bytes are gone then, the rest stays. A withdrawn file is
    kept. ``territory_id`` says whose room it takes; None stands for that of all territories together.
    """

    __tablename__ = "attachment"
    __table_args__ = (
        sa.Index("ix_attachment_subject", "subject_type", "subject_id"),
        sa.Index("ix_attachment_of_entry", "of_entry"),
        sa.Index("ix_attachment_sha256", "sha256"),
        sa.Index("ix_attachment_room", "territory_id", "size"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    line_id: Mapped[int | None]
    of_entry: Mapped[int | None]
    territory_id: Mapped[int | None]
    file_name: Mapped[str | None] = mapped_column(sa.String(120))
    kind: Mapped[str] = mapped_column(sa.String(10))
    size: Mapped[int] = mapped_column(sa.BigInteger)
    sha256: Mapped[str] = mapped_column(sa.String(64))
    staff_only: Mapped[bool] = mapped_column(default=False)
    added_by: Mapped[int | None]
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_in: Mapped[int | None]
    withdrawn_by: Mapped[int | None]
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    withdrawn_why: Mapped[str | None]

    @property
    def key(self) -> Key:
        """What it is attached to."""
        return Key(self.subject_type, self.subject_id, self.line_id, self.of_entry)

    @property
    def is_erased(self) -> bool:
        return self.file_name is None
