"""The address a company's links are mailed to: the e-mail in its entry in the register."""

from __future__ import annotations

import sqlalchemy as sa

from registry.accounts.mailing import OnRecord, Put
from registry.accounts.rules import is_address
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.residents.models import Resident
from registry.residents.queries import visible


def with_address(address: str) -> list[str]:
    """The BINs of the companies in whose entries an e-mail address stands, however it is spelled there."""
    return list(
        db.session.scalars(
            sa.select(Resident.bin)
            .where(sa.func.lower(Resident.email) == address.lower(), Resident.annulled_at.is_(None))
            .distinct()
        )
    )


def of_company(bin_: str, viewer: Viewer) -> OnRecord | None:
    """The e-mail of a company's last entry that has one, and who wrote it there, or gave the entry its number, last."""
    entry = db.session.scalars(
        sa.select(Resident)
        .where(Resident.bin == bin_, Resident.annulled_at.is_(None), Resident.email.is_not(None), *visible(viewer))
        .order_by(Resident.registered_on.desc(), Resident.id.desc())
        .limit(1)
    ).first()
    if entry is None or not is_address(entry.email or ""):
        return None
    about = (
        sa.select(JournalEntry)
        .where(JournalEntry.subject_type == Resident.__tablename__, JournalEntry.subject_id == entry.id)
        .order_by(JournalEntry.sequence.desc())
        .limit(1)
    )
    written = db.session.scalars(about.where(JournalEntry.changes.contains('"email"'))).one()
    renamed = db.session.scalars(about.where(JournalEntry.action == Action.RESIDENT_BIN_CORRECTED)).first()
    acts = [written, renamed] if renamed is not None else [written]
    return OnRecord(entry.email or "", tuple(Put(act.actor_id, act.recorded_at) for act in acts))
