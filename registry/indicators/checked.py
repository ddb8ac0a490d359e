"""Targets and values entered by hand, held to the acts that set them and to the Concept's own targets."""

from __future__ import annotations

from typing import Any

from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.indicators.services import shipped_targets
from registry.infra.db import Base
from registry.journal.checked import Checked, ToldTable, Values, rows_of, told_of


def _set(model: type[Base]) -> dict[Any, Values]:
    """Rows are only added, each by one act."""
    names = {column.name for column in model.__table__.columns}
    return {
        key: {name: value for name, value in values.items() if name in names}
        | {"effective_on": entry.effective_on, "recorded_at": entry.recorded_at}
        for entry, _action, key, values in told_of(model)
    }


def _targets() -> dict[Any, Values]:
    """Those set by acts, and the Concept's: each has one row that no act tells of."""
    told = _set(IndicatorTarget)
    shipped = {(columns["indicator"], columns["year"]): columns for columns in shipped_targets()}
    for row in sorted(rows_of(IndicatorTarget), key=lambda row: row["id"]):
        place = (row["indicator"], row["year"])
        if row["id"] not in told and place in shipped:
            told[row["id"]] = shipped.pop(place)
    return told | shipped


CHECKED: tuple[Checked, ...] = (
    ToldTable(IndicatorTarget, _targets, by="the journal or the Concept"),
    ToldTable(ExternalValue, lambda: _set(ExternalValue)),
)
"""What of the indicators is held to the journal."""
