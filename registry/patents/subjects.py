"""What patents are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.patents.models import Patent


def _patents(ids: Collection[int]) -> dict[int, About]:
    """A patent belongs to no territory; to companies by its holders."""
    rows = db.session.scalars(sa.select(Patent).where(Patent.id.in_(ids)))
    return {
        row.id: About(
            _("№ %(number)s, %(name)s", number=row.title_no or row.application_no, name=name_in(row)),
            ("patents.show", {"patent_id": row.id}),
            bins=frozenset(holder.bin for holder in row.holder_rows if holder.bin),
        )
        for row in rows
    }


SUBJECTS = (Subject(Patent.__tablename__, lazy("Patent"), _patents),)
