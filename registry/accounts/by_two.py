"""What of the accounts takes two people: one administrator does not make another one alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import sqlalchemy as sa

from registry.accounts import queries, rules, services
from registry.accounts.models import User
from registry.accounts.permissions import Role
from registry.accounts.rules import ROLE_NAMES
from registry.accounts.two_people import Kind, Row, Territories
from registry.infra.access import Permission
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.territories.models import Territory


def _user(values: Mapping[str, Any]) -> User:
    return db.session.get_one(User, values["user_id"])


def _title(values: Mapping[str, Any]) -> str:
    user = _user(values)
    return _("Administrator: %(name)s", name=user.name or user.login)


def _where(values: Mapping[str, Any]) -> Territories:
    """The territories of the account, or, where it has them all, all together."""
    return Territories(tuple(values["territories"]) or (None,))


def _places(territories: list[Territory]) -> str:
    return ", ".join(map(name_in, territories)) or _("All territories")


def _rows(values: Mapping[str, Any]) -> list[Row]:
    user = _user(values)
    wanted = db.session.scalars(
        sa.select(Territory).where(Territory.id.in_(values["territories"])).order_by(Territory.id)
    )
    state = _("yes") if user.active else _("no")
    wider = rules.Place(str(Role.ADMIN), frozenset(values["territories"]) or None)
    grows = rules.has_grown(queries.place_of(user), wider)
    deputies = ", ".join(
        row.deputy.name or row.deputy.login for row in (queries.deputies_of(user, today()) if grows else ())
    )
    return [
        Row(_("Login"), user.login, user.login),
        Row(_("Role"), str(ROLE_NAMES[Role(user.role)]), str(ROLE_NAMES[Role.ADMIN])),
        Row(_("Territories"), _places(user.territories), _places(list(wanted))),
        Row(_("Active"), state, _("yes")),
        *([Row(_("Deputies"), deputies, "—")] if deputies else []),
    ]


def _deputy_title(values: Mapping[str, Any]) -> str:
    user, deputy = _user(values), db.session.get_one(User, values["deputy_id"])
    return _("Deputy of %(name)s: %(deputy)s", name=user.name or user.login, deputy=deputy.name or deputy.login)


def _deputy_rows(values: Mapping[str, Any]) -> list[Row]:
    user, deputy = _user(values), db.session.get_one(User, values["deputy_id"])
    from_on, to_on = (format_date(date.fromisoformat(values[name])) for name in ("from_on", "to_on"))
    return [
        Row(_("Login"), deputy.login, deputy.login),
        Row(_("Role"), str(ROLE_NAMES[Role(deputy.role)]), str(ROLE_NAMES[Role(user.role)])),
        Row(_("Territories"), _places(deputy.territories), _places(user.territories)),
        Row(_("From"), "—", from_on),
        Row(_("To, that day included"), "—", to_on),
    ]


KINDS = (
    Kind(
        services.ADMINISTRATOR,
        lazy("Administrator"),
        Permission.MANAGE_USERS,
        _where,
        _title,
        _rows,
        services.make_administrator,
        services.WHOM_TO_ADD,
    ),
    Kind(
        services.DEPUTY,
        lazy("Deputy of an administrator"),
        Permission.MANAGE_USERS,
        _where,
        _deputy_title,
        _deputy_rows,
        services.put_proposed_deputy,
        services.WHOM_TO_ADD,
    ),
)
"""Proposals about accounts."""
