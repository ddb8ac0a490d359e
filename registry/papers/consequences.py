"""What acts on the register mean for papers already issued."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import sqlalchemy as sa

from registry.contracts import acts as of_contracts
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.paper_kinds.kinds import KINDS
from registry.papers import beforehand
from registry.papers.models import DocumentAct, DocumentEvent
from registry.papers.record_of_issue import end_act
from registry.patents import acts as of_patents
from registry.residents import acts as of_residents
from registry.residents.models import Resident, StatusChange

_OF_PARTICIPANTS = tuple(kind.code for kind in KINDS.values() if kind.needs_participation)
"""Kinds of papers that end with the participation of their holder."""


def _standing(resident_id: int, *kinds: str) -> list[DocumentAct]:
    """The papers about an entry that were neither revoked nor replaced, of these kinds where any is given."""
    statement = (
        sa.select(DocumentAct)
        .where(
            DocumentAct.resident_id == resident_id,
            ~sa.exists().where(DocumentEvent.act_id == DocumentAct.id),
        )
        .order_by(DocumentAct.id)
    )
    if kinds:
        statement = statement.where(DocumentAct.kind.in_(kinds))
    return list(db.session.scalars(statement))


def _numbers(found: list[DocumentAct]) -> str:
    return ", ".join(f"№ {act.number}" for act in found)


def _entry_annulled(proposed: Proposed) -> Iterator[Finding]:
    """Papers about an entry recorded in error are revoked with it."""
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    found = _standing(proposed.subject.id)
    if found:
        yield Finding(
            Weight.ASKS, lazy("Papers about this entry are revoked with it: %(numbers)s.", numbers=_numbers(found))
        )


def _revoke_with_entry(actor: Viewer, proposed: Proposed, now: datetime) -> None:
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    for act in _standing(proposed.subject.id):
        end_act(actor, act, "revoked", reason=proposed.reason or "", now=now, replaced_by=None)


def _excluded(proposed: Proposed) -> Iterator[Finding]:
    """A certificate ends with the participation of its holder."""
    assert isinstance(proposed.subject, StatusChange)  # noqa: S101 - the act is a change of status
    found = _standing(proposed.subject.resident_id, *_OF_PARTICIPANTS)
    if found:
        yield Finding(
            Weight.TELLS, lazy("Certificates end on the day of exclusion: %(numbers)s.", numbers=_numbers(found))
        )


MOST_NAMED = 10


def _papers_reached(proposed: Proposed) -> Iterator[Finding]:
    """Papers of that day or a later one show what was known before: they stay valid and name the act."""
    numbers = beforehand.papers_changed(proposed)
    if numbers:
        named = ", ".join(f"№ {number}" for number in numbers[:MOST_NAMED])
        yield Finding(
            Weight.ASKS,
            lazy(
                "Papers already issued (%(count)s) show that time as it was known: %(numbers)s. They stay valid, and"
                " whoever checks them reads of this act.",
                count=len(numbers),
                numbers=named + (", …" if len(numbers) > MOST_NAMED else ""),
            ),
        )


_CHANGE_PAPERS = frozenset(
    {
        *of_residents.ACTS,
        *of_contracts.ACTS,
        *of_patents.ACTS,
        Action.DICTIONARY_CODE_ADDED,
        Action.DICTIONARY_CODE_CHANGED,
        Action.TARGET_SET,
        Action.EXTERNAL_VALUE_SET,
    }
)
"""The acts on the registers, dictionaries and targets; that reports come in is what papers state the coverage for."""


CONSEQUENCES = (
    Consequence(_CHANGE_PAPERS, what_follows=_papers_reached),
    Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled, follow=_revoke_with_entry),
    Consequence(frozenset({Action.STATUS_EXCLUDED}), what_follows=_excluded),
)
