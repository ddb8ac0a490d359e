"""What territories are called, and where they are kept."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.reference.models import DictionaryEntry
from registry.territories.models import ConsolidatingBody, Territory
from registry.territories.queries import all_territories


def _territories(ids: Collection[int]) -> dict[int, About]:
    return {
        row.id: About(name_in(row), ("territories.amend", {"code": row.code}), row.id)
        for row in all_territories()
        if row.id in ids
    }


def _codes(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(DictionaryEntry).where(DictionaryEntry.id.in_(ids)))
    return {
        row.id: About(
            f"{row.dictionary}: {row.code}", ("territories.dictionary", {"name": row.dictionary}), row.territory_id
        )
        for row in rows
    }


def _bodies(ids: Collection[int]) -> dict[int, About]:
    return {id_: About(str(lazy("Consolidating body")), ("territories.amend_body", {}), None) for id_ in ids}


SUBJECTS = (
    Subject(
        Territory.__tablename__,
        lazy("Territory"),
        _territories,
        lambda viewer: sa.select(Territory.id).where(*viewer.within(Territory.id)),
    ),
    Subject(
        ConsolidatingBody.__tablename__,
        lazy("Consolidating body"),
        _bodies,
        lambda viewer: sa.select(ConsolidatingBody.id).where(sa.true() if viewer.has_all_territories else sa.false()),
    ),
    Subject(
        DictionaryEntry.__tablename__,
        lazy("Code of a dictionary"),
        _codes,
        lambda viewer: sa.select(DictionaryEntry.id).where(
            sa.or_(DictionaryEntry.territory_id.is_(None), *viewer.within(DictionaryEntry.territory_id))
            if not viewer.has_all_territories
            else sa.true()
        ),
    ),
)
