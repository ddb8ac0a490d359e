"""The address a company's links are mailed to: the e-mail in its entry in the register."""

from __future__ import annotations

import sqlalchemy as sa

from registry.accounts.mailing import OnRecord
from registry.accounts.rules import is_address
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal.models import JournalEntry
from registry.residents.models import Resident
from registry.residents.queries import visible


def of_company(bin_: str, viewer: Viewer) -> OnRecord | None:
    """The e-mail of a company's last entry that has one, and who wrote it there last."""
    entry = db.session.scalars(
        sa.select(Resident)
        .where(Resident.bin == bin_, Resident.annulled_at.is_(None), Resident.email.is_not(None), *visible(viewer))
        .order_by(Resident.registered_on.desc(), Resident.id.desc())
        .limit(1)
    ).first()
    if entry is None or not is_address(entry.email or ""):
        return None
    written = db.session.scalars(
        sa.select(JournalEntry)
        .where(
            JournalEntry.subject_type == Resident.__tablename__,
            JournalEntry.subject_id == entry.id,
            JournalEntry.changes.contains('"email"'),
        )
        .order_by(JournalEntry.sequence.desc())
        .limit(1)
    ).one()
    return OnRecord(entry.email or "", written.actor_id, written.recorded_at)
