"""What entries of the register and changes of their status are called, and where they are shown."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.i18n import lazy, name_in
from registry.journal.subjects import About, Subject
from registry.residents.models import Resident, StatusChange


def about_entry(resident: Resident, title: str | None = None, page: tuple[str, dict[str, int]] | None = None) -> About:
    """Whose an entry is, and what belongs to it; by its name and on its own page unless told another."""
    return About(
        title or name_in(resident),
        page or ("residents.show", {"resident_id": resident.id}),
        resident.territory_id,
        frozenset({resident.bin}),
    )


def _entries(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Resident).where(Resident.id.in_(ids)))
    return {row.id: about_entry(row) for row in rows}


def _changes(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(StatusChange.id, Resident)
        .join(Resident, StatusChange.resident_id == Resident.id)
        .where(StatusChange.id.in_(ids))
    )
    return {key: about_entry(resident) for key, resident in rows}


SUBJECTS = (
    Subject(
        Resident.__tablename__,
        lazy("Entry in the register"),
        _entries,
        lambda viewer: sa.select(Resident.id).where(*viewer.within(Resident.territory_id)),
    ),
    Subject(
        StatusChange.__tablename__,
        lazy("Change of status"),
        _changes,
        lambda viewer: (
            sa.select(StatusChange.id)
            .join(Resident, StatusChange.resident_id == Resident.id)
            .where(*viewer.within(Resident.territory_id))
        ),
    ),
)
