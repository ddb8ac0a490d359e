"""What acts mean for the participant register itself."""

from __future__ import annotations

from collections.abc import Iterator

from registry.infra.findings import Finding, Weight
from registry.infra.i18n import format_date, lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.residents import queries
from registry.residents.models import Resident


def _entry_annulled(proposed: Proposed) -> Iterator[Finding]:
    """An entry whose status was changed is not annulled: the changes are annulled first."""
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    found = queries.status_changes(proposed.subject)
    if found:
        yield Finding(
            Weight.FORBIDS,
            lazy(
                "Changes of status rest on this entry (%(days)s). Annul them first.",
                days=", ".join(format_date(row.effective_on) for row in found),
            ),
        )


CONSEQUENCES = (Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled),)
