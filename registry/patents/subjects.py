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
from registry.patents.models import Patent
from registry.patents.queries import existing, shown_holders


def _patents(ids: Collection[int]) -> dict[int, About]:
    """A patent belongs to companies by its holders, and where these are residents."""
    rows = db.session.scalars(sa.select(Patent).where(Patent.id.in_(ids)))
    return {
        row.id: About(
            _("№ %(number)s, %(name)s", number=row.title_no or row.application_no, name=name_in(row)),
            ("patents.show", {"patent_id": row.id}),
            bins=frozenset(holder.bin for holder in row.holder_rows if holder.bin),
        )
        for row in rows
    }


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
)
