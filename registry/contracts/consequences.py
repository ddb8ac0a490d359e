"""What acts mean for contracts."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from registry.contracts import queries
from registry.contracts.models import Contract
from registry.infra.db import db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.residents.models import Resident


def _contract_annulled(proposed: Proposed) -> Iterator[Finding]:
    """A contract on which supplementary agreements rest is not annulled."""
    assert isinstance(proposed.subject, Contract)  # noqa: S101 - the act is one of contracts
    found = queries.addenda_of(proposed.subject)
    if found:
        yield Finding(
            Weight.FORBIDS,
            lazy(
                "Supplementary agreements rest on this contract (%(numbers)s). Annul them first, or terminate the"
                " contract instead.",
                numbers=", ".join(f"№ {row.number}" for row in found),
            ),
        )


def _entry_annulled(proposed: Proposed) -> Iterator[Finding]:
    """An entry with which contracts are concluded is not annulled."""
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    numbers = db.session.scalars(
        sa.select(Contract.number)
        .where(Contract.resident_id == proposed.subject.id, Contract.annulled_at.is_(None))
        .order_by(Contract.signed_on, Contract.id)
    ).all()
    if numbers:
        yield Finding(
            Weight.FORBIDS,
            lazy(
                "Contracts rest on this entry (%(numbers)s). Annul them first, or exclude the participant instead.",
                numbers=", ".join(f"№ {number}" for number in numbers),
            ),
        )


CONSEQUENCES = (
    Consequence(frozenset({Action.CONTRACT_ANNULLED}), what_follows=_contract_annulled),
    Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled),
)
