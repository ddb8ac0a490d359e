"""The holders of today, held to what the register tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from registry.infra.db import db
from registry.journal import state
from registry.journal.checked import Checked, ToldTable, Values
from registry.patents import rules
from registry.patents.models import Patent, PatentHolder, PatentState


def _holders() -> dict[tuple[int, int], Values]:
    rows = db.session.execute(
        sa.select(PatentState.patent_id, PatentState.holders).where(*state.at(PatentState, as_of=None))
    ).mappings()
    return {(row["patent_id"], item["position"]): item for row in rows for item in rules.holder_rows(row)}


def _of_an_annulled_patent(row: Mapping[str, Any]) -> bool:
    """Its rows stay as they were, and nobody reads them."""
    patent = sa.select(Patent.annulled_at).where(Patent.id == row["patent_id"])
    return db.session.scalar(patent) is not None


CHECKED: tuple[Checked, ...] = (
    ToldTable(PatentHolder, _holders, key=("patent_id", "position"), untold=_of_an_annulled_patent),
)
"""What of the register is held to the journal, and cannot be derived anew."""
