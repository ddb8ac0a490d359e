"""What patents are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.patents.models import Patent, PatentEvent


def _about(patent: Patent) -> About:
    """A patent belongs to no territory; to companies by its holders."""
    return About(
        _("№ %(number)s, %(name)s", number=patent.title_no or patent.application_no, name=name_in(patent)),
        ("patents.show", {"patent_id": patent.id}),
        bins=frozenset(holder.bin for holder in patent.holder_rows if holder.bin),
    )


def _patents(ids: Collection[int]) -> dict[int, About]:
    return {row.id: _about(row) for row in db.session.scalars(sa.select(Patent).where(Patent.id.in_(ids)))}


def _events(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(PatentEvent.id, Patent)
        .join(Patent, PatentEvent.patent_id == Patent.id)
        .where(PatentEvent.id.in_(ids))
    )
    return {key: _about(patent) for key, patent in rows}


SUBJECTS = (
    Subject(Patent.__tablename__, lazy("Patent"), _patents),
    Subject(PatentEvent.__tablename__, lazy("Event of a patent"), _events),
)
