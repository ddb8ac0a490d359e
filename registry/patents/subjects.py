"""What patents are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.patents.models import Patent, PatentEvent
from registry.patents.queries import existing, shown_holders


def _about(patent: Patent) -> About:
    """A patent belongs to companies by its holders, and where these are residents."""
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


def _cover_holders(viewer: Viewer, entries: Sequence[dict[str, list[Any]]]) -> None:
    """Holders of other territories stand by name, as on the patent's page."""
    for changes in entries:
        if "holders" in changes:
            changes["holders"] = [text and shown_holders(viewer, text) for text in changes["holders"]]


SUBJECTS = (
    Subject(
        Patent.__tablename__,
        lazy("Patent"),
        _patents,
        lambda viewer: sa.select(Patent.id).where(*existing(viewer)),
        _cover_holders,
    ),
    Subject(
        PatentEvent.__tablename__,
        lazy("Event of a patent"),
        _events,
        lambda viewer: (
            sa.select(PatentEvent.id).join(Patent, PatentEvent.patent_id == Patent.id).where(*existing(viewer))
        ),
        _cover_holders,
    ),
)
