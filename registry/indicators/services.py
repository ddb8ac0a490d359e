"""Keeping targets and hand-entered values."""

from __future__ import annotations

from datetime import UTC, date, datetime

import sqlalchemy as sa

from registry.indicators.models import IndicatorTarget
from registry.infra.db import db
from registry.infra.numbers import parse_hundredths
from registry.reference.services import read_rows

_BILLION = 1_000_000_000
CONCEPT_ACT_DATE = date(2025, 12, 24)
"""The Government decree that approved the Concept (``domain.md`` 0.1, 1); its number is not known."""


def load_national_targets() -> int:
    """Add the Concept's targets 2025-2035 (section 6) where they are missing. Returns how many were added."""
    known = set(
        db.session.execute(
            sa.select(IndicatorTarget.indicator, IndicatorTarget.year).where(IndicatorTarget.territory_id.is_(None))
        )
    )
    added = 0
    for row in read_rows("indicator_targets"):
        key = (int(row["indicator"]), int(row["year"]))
        if key in known:
            continue
        factor = _BILLION if row["unit"] == "bn KZT" else 1
        db.session.add(
            IndicatorTarget(
                indicator=key[0],
                year=key[1],
                value=parse_hundredths(row["target"]) * factor,
                act_date=CONCEPT_ACT_DATE,
                effective_on=CONCEPT_ACT_DATE,
                recorded_at=datetime(2025, 12, 24, tzinfo=UTC),
            )
        )
        added += 1
    db.session.flush()
    return added
