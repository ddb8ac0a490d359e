"""Accounts, their territories and links, held to the acts on them.

Not told are the counter that ends sessions and the last sign-in, which change without an act. Passwords set and links
made before the journal kept a hash of them are not compared.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from registry.accounts import rules
from registry.accounts.models import Deputy, Invitation, Membership, Proposal, User, fingerprint
from registry.accounts.services import FIELDS
from registry.infra.db import db
from registry.journal import queries as journal
from registry.journal.checked import Checked, ToldTable, Values, difference, moment, rows_of, told_of
from registry.journal.rules import Action
from registry.territories.models import Territory

_COLUMNS = tuple(name for name in FIELDS if name != "territory_codes")


class _Accounts:
    """The accounts themselves."""

    name = User.__tablename__

    def differences(self) -> Iterator[str]:
        added = {key: entry for entry, action, key, _values in told_of(User) if action == Action.USER_ADDED}
        told, rows = journal.last_values(User), {row["id"]: row for row in rows_of(User)}
        for key in sorted(told.keys() | rows.keys()):
            row, values = rows.get(key), told.get(key)
            wanted: Values | None = None
            if values is not None:
                wanted = {name: values.get(name) for name in _COLUMNS} | {"active": values.get("active", True)}
                if row is not None:
                    wanted |= {"created_at": moment(row["created_at"], added[key])}
            problem = difference(row, wanted)
            told_password = values.get("credential") if values else None
            if problem is None and row and told_password not in (None, fingerprint(row["password_hash"])):
                problem = "password_hash is not of the password that was set"
            if problem:
                yield f"{self.name} {key}: {problem}"


def _memberships() -> dict[tuple[int, int], Values]:
    ids = {code: key for key, code in db.session.execute(sa.select(Territory.id, Territory.code))}
    return {
        (user_id, ids.get(code, 0)): {}
        for user_id, values in journal.last_values(User).items()
        for code in (values.get("territory_codes") or "").split(", ")
        if code
    }


class _Invitations:
    """One link for each act of inviting, made then and open for no longer than links are."""

    name = Invitation.__tablename__

    def differences(self) -> Iterator[str]:
        made: dict[int, list[Any]] = {}
        for entry, action, user_id, values in told_of(User):
            if action == Action.USER_INVITED:
                made.setdefault(user_id, []).append((entry, values))
        for row in sorted(rows_of(Invitation), key=lambda row: row["id"]):
            told = made.get(row["user_id"], [])
            if not told:
                yield f"{self.name} {row['id']}: the journal tells of no such link for account {row['user_id']}"
                continue
            entry, values = told.pop(0)
            problem = difference(row, {"created_at": moment(row["created_at"], entry)})
            if problem:
                yield f"{self.name} {row['id']}: {problem}"
            if row["expires_at"] > row["created_at"] + rules.INVITATION_LIFE:
                yield f"{self.name} {row['id']}: it is open for longer than links are"
            if values.get("link", row["token_hash"]) != row["token_hash"]:
                yield f"{self.name} {row['id']}: the journal tells of another link"
        for user_id, left in made.items():
            if left:
                yield f"{self.name}: the link of entry {left[0][0].sequence} for account {user_id} is missing"


def _proposals() -> Mapping[Any, Values]:
    """As they were proposed, and what was decided on them, by whom and when."""
    told: dict[Any, dict[str, Any]] = {}
    borne = {row["id"]: row["proposed_at"] for row in rows_of(Proposal)}
    for entry, action, key, values in told_of(Proposal):
        if action == Action.PROPOSAL_MADE:
            told[key] = dict(values) | {
                "proposed_by": entry.actor_id,
                "proposed_at": moment(borne.get(key), entry),
                "decided_by": None,
                "decided_at": None,
                "reason": None,
            }
        elif key in told:
            told[key] |= dict(values) | {"decided_by": entry.actor_id, "reason": entry.reason}
            told[key]["decided_at"] = entry.recorded_at
    return told


def _deputies() -> Mapping[Any, Values]:
    """As they were named, by whom and when, and when somebody ended their time."""
    told: dict[Any, dict[str, Any]] = {}
    for entry, action, key, values in told_of(Deputy):
        if action == Action.DEPUTY_NAMED:
            told[key] = dict(values) | {
                "named_by": entry.actor_id,
                "named_at": entry.recorded_at,
                "ended_at": None,
            }
        elif key in told:
            told[key]["ended_at"] = entry.recorded_at
    return told


CHECKED: tuple[Checked, ...] = (
    ToldTable(Deputy, _deputies),
    ToldTable(Proposal, _proposals),
    _Accounts(),
    ToldTable(Membership, _memberships, key=("user_id", "territory_id")),
    _Invitations(),
)
"""What of the accounts is held to the journal."""
