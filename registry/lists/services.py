"""Keeping saved views. They are no acts: nothing in a register follows from them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from urllib.parse import parse_qsl

import sqlalchemy as sa

from registry.errors import Invalid, NotAllowed
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import search_text, tells_of
from registry.lists.models import SavedView

MOST_VIEWS = 20
"""Views of one list that one account keeps; more would not be found again."""


def save_view(actor: Viewer, *, listing: str, name: str, query: str, is_shared: bool, now: datetime) -> SavedView:
    """Keep a view of a list under a name; an earlier one of the actor's with this name is replaced.

    :raises NotAllowed: for whoever has no account.
    :raises Invalid: naming ``name`` when there are too many.
    """
    if actor.user_id is None:
        raise NotAllowed(lazy("Views are kept for people who sign in."))
    own = sa.select(SavedView).where(SavedView.user_id == actor.user_id, SavedView.listing == listing)
    view = db.session.scalar(own.where(SavedView.name == name))
    if view is None:
        count = db.session.scalar(sa.select(sa.func.count()).select_from(own.subquery())) or 0
        if count >= MOST_VIEWS:
            raise Invalid([("name", lazy("You have %(most)s views of this list; remove one first.", most=MOST_VIEWS))])
        view = SavedView(user_id=actor.user_id, listing=listing, name=name)
        db.session.add(view)
    view.query, view.is_shared, view.saved_at = query, is_shared, now
    db.session.flush()
    return view


def remove_view(actor: Viewer, view: SavedView) -> None:
    """:raises NotAllowed: when it is somebody else's."""
    if view.user_id != actor.user_id:
        raise NotAllowed(lazy("Only whoever saved a view removes it."))
    db.session.delete(view)
    db.session.flush()


def forget(values: Collection[str]) -> None:
    """Remove every view whose name or filters hold one of these values, which were erased, however they are spelled."""
    for view in db.session.scalars(sa.select(SavedView)) if any(values) else ():
        if tells_of(search_text(view.name, *(value for _name, value in parse_qsl(view.query))), values):
            db.session.delete(view)
    db.session.flush()
