"""What territories are called, and where they are kept."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.territories.models import Territory
from registry.territories.queries import all_territories


def _territories(ids: Collection[int]) -> dict[int, About]:
    return {
        row.id: About(name_in(row), ("territories.amend", {"code": row.code}), row.id)
        for row in all_territories()
        if row.id in ids
    }


SUBJECTS = (
    Subject(
        Territory.__tablename__,
        lazy("Territory"),
        _territories,
        lambda viewer: sa.select(Territory.id).where(*viewer.within(Territory.id)),
    ),
)
