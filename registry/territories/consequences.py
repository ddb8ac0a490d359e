"""What acts on any register mean for the dictionaries their codes come from."""

from __future__ import annotations

from collections.abc import Iterator

from registry.infra.findings import Finding, Weight
from registry.infra.i18n import lazy
from registry.journal import presentation
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.reference import queries as reference

_OWN_DAYS = ("registered_on", "signed_on", "filed_on")
"""The record's own day, on which its codes must hold."""


def _nearest_codes(proposed: Proposed) -> Iterator[Finding]:
    """Where a list holds no code at all on the record's own day, its nearest codes are taken, and that is told."""
    subject = proposed.subject
    coded = presentation.dictionaries_of(subject.__tablename__)
    day = next((day for name in _OWN_DAYS if (day := getattr(subject, name, None))), proposed.effective_on)
    for field, (_old, new) in proposed.changes.items():
        if field not in coded or new in (None, ""):
            continue
        if reference.lacks(coded[field], day, territory_id=getattr(subject, "territory_id", None)):
            yield Finding(
                Weight.TELLS,
                lazy(
                    "the dictionary %(name)s holds no code of %(day)s; its nearest codes are taken",
                    name=coded[field],
                    day=day.isoformat(),
                ),
                field,
            )


CONSEQUENCES = (
    Consequence(
        frozenset(
            {
                Action.RESIDENT_REGISTERED,
                Action.RESIDENT_AMENDED,
                Action.STATUS_SUSPENDED,
                Action.STATUS_EXCLUDED,
                Action.CONTRACT_CONCLUDED,
                Action.CONTRACT_AMENDED,
                Action.PATENT_RECORDED,
            }
        ),
        what_follows=_nearest_codes,
    ),
)
