"""Reading saved views."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from registry.accounts.models import Membership, User
from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.lists.models import SavedView


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view as it is offered above a list: opening it asks the same of the list, by the opener's rights."""

    id: int
    name: str
    query: str
    is_own: bool


def visible(viewer: Viewer) -> sa.ColumnElement[bool]:
    """The condition that leaves a viewer its own views and those shared with it.

    Shared are those of active accounts of the same role (of the same company, where that is a resident's) that have a
    territory in common with the viewer.
    """
    if viewer.user_id is None:
        return sa.false()
    members = sa.exists().where(Membership.user_id == SavedView.user_id)
    common = sa.true()
    if viewer.territory_ids is not None:
        common = sa.or_(~members, members.where(*viewer.within(Membership.territory_id)))
    alike = sa.exists().where(
        User.id == SavedView.user_id,
        User.role == viewer.role,
        User.active.is_(True),
        User.company_bin.is_(None) if viewer.company_bin is None else User.company_bin == viewer.company_bin,
    )
    return sa.or_(SavedView.user_id == viewer.user_id, sa.and_(SavedView.is_shared, alike, common))


def views(viewer: Viewer, listing: str) -> list[ViewLink]:
    """The views of a list that a viewer is offered, its own first."""
    found = db.session.scalars(sa.select(SavedView).where(SavedView.listing == listing, visible(viewer))).all()
    own_first = sorted(found, key=lambda view: (view.user_id != viewer.user_id, view.name.casefold(), view.id))
    return [ViewLink(view.id, view.name, view.query, view.user_id == viewer.user_id) for view in own_first]


def get_own(view_id: int, viewer: Viewer) -> SavedView:
    """:raises NotFound: when there is no such view, or it is somebody else's."""
    view = db.session.get(SavedView, view_id)
    if view is None or view.user_id != viewer.user_id:
        raise NotFound(lazy("There is no such saved view."))
    return view
