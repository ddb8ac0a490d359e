"""The list of accounts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import g, url_for

from registry.accounts import queries, signing_in
from registry.accounts.models import User
from registry.accounts.permissions import Role
from registry.accounts.rules import ROLE_NAMES, invitable_roles
from registry.infra import listing
from registry.infra.finder import Finder
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing
from registry.territories.rules import short_name

SignIns = Mapping[int, datetime | None]
"""When each of the accounts shown signed in last."""


def role_choices() -> list[tuple[str, str]]:
    """The roles of the accounts that the reader looks after."""
    allowed = invitable_roles(g.viewer.role)
    return [(role.value, str(name)) for role, name in ROLE_NAMES.items() if role in allowed]


def _name(user: User, _last: SignIns) -> Cell:
    return listing.text(user.name or user.login, url=url_for("accounts.show", user_id=user.id))


def _territories(user: User, _last: SignIns) -> Cell:
    if not user.territories:
        return listing.text(_("All territories"))
    short = ", ".join(short_name(territory.code) for territory in user.territories)
    return listing.text(short, ", ".join(name_in(territory) for territory in user.territories))


def _status(user: User, _last: SignIns) -> Cell:
    if not user.active:
        return listing.status("quiet", _("deactivated"))
    return listing.status("good", _("active")) if user.password_hash else listing.status("wait", _("invited"))


def _find(asked: Asked) -> Found:
    filters = asked.filters
    found = queries.user_ids(asked.viewer, search=filters.get("q"), role=filters.get("role"))
    return listing.of_keys(found, queries.users_of)


def _around(_asked: Asked, users: Sequence[Any]) -> SignIns:
    return signing_in.last_sign_ins(users)


USERS = Listing(
    name="users",
    title=lambda: _("Users"),
    endpoint="accounts.index",
    columns=(
        Column(name="name", label=lazy("Full name"), cell=_name, is_wide=True),
        Column(name="login", label=lazy("Login"), cell=lambda user, _last: listing.text(user.login)),
        Column(
            name="role", label=lazy("Role"), cell=lambda user, _last: listing.text(str(ROLE_NAMES[Role(user.role)]))
        ),
        Column(name="bin", label=lazy("BIN or IIN"), cell=lambda user, _last: listing.text(user.company_bin)),
        Column(name="territories", label=lazy("Territories"), cell=_territories),
        Column(
            name="last_sign_in", label=lazy("Last signed in"), cell=lambda user, last: listing.moment(last[user.id])
        ),
        Column(
            name="created_at",
            label=lazy("Added"),
            cell=lambda user, _last: listing.day_of(user.created_at),
            usual=listing.seldom,
        ),
        Column(name="state", label=lazy("State"), cell=_status),
    ),
    filters=(Filter(name="role", label=lazy("Role"), choices=role_choices),),
    search=lazy("Login, name or BIN"),
    search_name="q",
    sort="",
    find=_find,
    key=lambda user: user.id,
    around=_around,
    nothing=lazy("No user fits. Users are the people who sign in: they come by invitation."),
    unmatched=lazy("No user fits. Users are the people who sign in: they come by invitation."),
)


FINDER = Finder(listing=USERS, icon="user", title="name", facts=("login", "role", "bin"))
