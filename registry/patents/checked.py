"""The holders of today, as rows of their own: held to what the register tells, and laid anew where that changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from registry.infra.db import Base, db
from registry.journal import state
from registry.journal.checked import ToldTable, Values
from registry.journal.models import JournalEntry
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


class _HoldersOfToday(ToldTable):
    """The rows that services lay after each act (:class:`registry.journal.derived.Derived`)."""

    def follow(self, entry: JournalEntry) -> None:
        """The service that recorded the entry lays the rows."""

    def forget(self, subject: Base) -> None:
        """The service that erased them has emptied the rows."""

    def is_missing(self) -> bool:
        """Whether a release before read the journal otherwise."""
        return next(self.differences(), None) is not None

    def rebuild(self) -> int:
        annulled = sa.select(Patent.id).where(Patent.annulled_at.is_not(None))
        db.session.execute(sa.delete(PatentHolder).where(PatentHolder.patent_id.not_in(annulled)))
        rows = [{"patent_id": patent_id, **item} for (patent_id, _position), item in sorted(self.told().items())]
        if rows:
            db.session.execute(sa.insert(PatentHolder), rows)
        db.session.expire_all()
        return len(rows)


HOLDERS = _HoldersOfToday(
    PatentHolder, _holders, key=("patent_id", "position"), untold=_of_an_annulled_patent, by="the register"
)
"""The holders of today."""
