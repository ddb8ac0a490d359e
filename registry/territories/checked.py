"""Territories and dictionaries, held to what the program ships and the acts since."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from registry.infra.db import db
from registry.journal import queries as journal
from registry.journal.checked import Checked, ToldTable, Values, rows_of, told_of
from registry.journal.rules import Action
from registry.reference.models import DictionaryEntry
from registry.reference.services import shipped_entries
from registry.territories.dictionaries import KEPT
from registry.territories.models import ConsolidatingBody, Territory
from registry.territories.services import OF_BODY, REQUISITES, shipped_territories


def _territories() -> dict[Any, Values]:
    """They were added in the order of the file, so that none can take another's place."""
    acts = journal.last_values(Territory)
    ids = db.session.scalars(sa.select(Territory.id).order_by(Territory.id)).all()
    told: dict[Any, Values] = {}
    for place, columns in enumerate(shipped_territories()):
        key = ids[place] if place < len(ids) else columns["code"]
        told[key] = dict.fromkeys(REQUISITES) | columns | acts.get(key, {})
    return told


def _body() -> dict[Any, Values]:
    """One row, empty until an act fills it."""
    return {1: dict.fromkeys(OF_BODY) | journal.last_values(ConsolidatingBody).get(1, {})}


def _dictionaries() -> dict[tuple[Any, ...], Values]:
    """The shipped rows and those that acts added, as they are now and as they were before each change."""
    ids = {
        (row["dictionary"], row["code"], row["valid_from"]): row["id"]
        for row in rows_of(DictionaryEntry)
        if row["recorded_to"] is None and row["territory_id"] is None
    }
    now: dict[Any, dict[str, Any]] = {}
    for row in shipped_entries():
        place = (row["dictionary"], row["code"], row["valid_from"])
        now[ids.get(place, place)] = dict.fromkeys((*KEPT, "recorded_from", "recorded_to")) | row
    before: list[Values] = []
    for entry, action, key, values in told_of(DictionaryEntry):
        if action == Action.DICTIONARY_CODE_CHANGED and key in now:
            before.append(now[key] | {"recorded_to": entry.recorded_at})
        known = now.get(key, dict.fromkeys((*KEPT, "recorded_to")))
        now[key] = known | dict(values) | {"recorded_from": entry.recorded_at}
    return {tuple(row[name] for name in _KEY): row for row in (*before, *now.values())}


_KEY = ("dictionary", "code", "territory_id", "valid_from", "recorded_from", "recorded_to")


CHECKED: tuple[Checked, ...] = (
    ToldTable(Territory, _territories),
    ToldTable(ConsolidatingBody, _body),
    ToldTable(DictionaryEntry, _dictionaries, key=_KEY, by="the program's own list"),
)
"""What is held to the lists that ship with the program, and to the journal."""
