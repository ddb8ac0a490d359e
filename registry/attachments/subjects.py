"""What attachments are called, and where they are shown: with the records that they belong to."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import sqlalchemy as sa

from registry.attachments import queries
from registry.attachments.holders import RECORDS
from registry.attachments.models import Attachment
from registry.attachments.rules import Key
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.journal.subjects import About, Subject, about


def page_of(key: Key) -> tuple[str, dict[str, Any]] | None:
    """The page of the files of a record or an act."""
    if key.of_entry is not None:
        return "attachments.of_act", {"sequence": key.of_entry}
    if key.subject_type in RECORDS:
        return "attachments.of_record", {"kind": key.subject_type, "record_id": key.subject_id}
    return None


def _attachments(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Attachment).where(Attachment.id.in_(ids))).all()
    records = about({(row.subject_type, row.subject_id) for row in rows})
    found = {}
    for row in rows:
        record = records.get((row.subject_type, row.subject_id))
        name = row.file_name or _("erased file")
        found[row.id] = About(
            f"{name} · {record.title}" if record else name,
            page_of(row.key),
            row.territory_id,
            frozenset() if row.staff_only or record is None else record.bins,
        )
    return found


SUBJECTS = (Subject(Attachment.__tablename__, lazy("File"), _attachments, queries.existing),)
