"""What acts mean for the deputies of accounts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from registry.accounts import queries, rules, services
from registry.accounts.models import Deputy, User
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.territories.models import Territory


def _left_behind(proposed: Proposed) -> list[Deputy]:
    """The deputies of an account that gets more rights than it had when they were named."""
    user, changes = proposed.subject, proposed.changes
    assert isinstance(user, User)  # noqa: S101 - the act is one of accounts
    if not {"role", "territory_codes"} & changes.keys():
        return []
    after = queries.place_of(user)
    before = rules.Place(
        changes["role"][0] if "role" in changes else after.role,
        _territories(changes["territory_codes"][0]) if "territory_codes" in changes else after.territory_ids,
    )
    return queries.deputies_of(user, proposed.effective_on) if rules.has_grown(before, after) else []


def _territories(codes: str | None) -> frozenset[int] | None:
    """The ids of territories from their codes in one line; None for all of them."""
    if codes is None:
        return None
    return frozenset(db.session.scalars(sa.select(Territory.id).where(Territory.code.in_(codes.split(", ")))))


def _deputies_end(proposed: Proposed) -> Iterator[Finding]:
    found = _left_behind(proposed)
    if found:
        yield Finding(
            Weight.ASKS,
            lazy(
                "The account gets rights that nobody gave to its deputies: their time ends now (%(names)s). Name them"
                " anew if they are to have them.",
                names=", ".join(row.deputy.name or row.deputy.login for row in found),
            ),
        )


def _end_deputies(actor: Viewer, proposed: Proposed, now: datetime) -> None:
    for deputy in _left_behind(proposed):
        services.put_end(actor, deputy, now)


CONSEQUENCES = (Consequence(frozenset({Action.USER_CHANGED}), what_follows=_deputies_end, follow=_end_deputies),)
