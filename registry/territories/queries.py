"""Reading territories."""

from __future__ import annotations

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.territories.models import ConsolidatingBody, Territory


def all_territories() -> list[Territory]:
    """Every territory in the Concept's order."""
    return list(db.session.scalars(sa.select(Territory).order_by(Territory.id)))


def territories_of(viewer: Viewer) -> list[Territory]:
    """The territories that exist for a viewer, in the Concept's order."""
    return list(db.session.scalars(sa.select(Territory).where(*viewer.within(Territory.id)).order_by(Territory.id)))


def consolidating_body(viewer: Viewer = SYSTEM) -> ConsolidatingBody:
    """Who makes papers of all territories together.

    :raises NotAllowed: for a viewer that has not all territories.
    """
    viewer.require_territory(None)
    return db.session.get_one(ConsolidatingBody, 1)


def by_code(code: str, viewer: Viewer = SYSTEM) -> Territory:
    """:raises NotFound: when no territory has this code, or it does not exist for the viewer."""
    territory = db.session.scalar(sa.select(Territory).where(Territory.code == code, *viewer.within(Territory.id)))
    if territory is None:
        raise NotFound(lazy("There is no territory with the code %(code)s.", code=code), "territory")
    return territory


def get(territory_id: int) -> Territory:
    """:raises NotFound: when there is no such territory."""
    territory = db.session.get(Territory, territory_id)
    if territory is None:
        raise NotFound(lazy("There is no such territory."), "territory")
    return territory
