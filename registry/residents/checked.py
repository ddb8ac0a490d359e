"""The mark of territories that hold demo data, held to their entries."""

from __future__ import annotations

import sqlalchemy as sa

from registry.infra.db import db
from registry.journal.checked import Checked, ToldTable, Values
from registry.residents.models import Resident
from registry.territories.models import Territory


def _marks() -> dict[int, Values]:
    with_demo = set(db.session.scalars(sa.select(Resident.territory_id).where(Resident.is_demo)))
    return {key: {"is_demo": key in with_demo} for key in db.session.scalars(sa.select(Territory.id))}


CHECKED: tuple[Checked, ...] = (ToldTable(Territory, _marks, by="its register"),)
"""What is held to the register, and cannot be derived anew."""
