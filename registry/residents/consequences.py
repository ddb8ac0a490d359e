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


def _same_name(proposed: Proposed) -> Iterator[Finding]:
    """A company with the name of another one of the territory is entered only on purpose."""
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    if not {"name_kk", "name_ru"} & proposed.changes.keys():
        return
    names = {
        name: proposed.changes.get(name, (None, getattr(proposed.subject, name)))[1] for name in ("name_kk", "name_ru")
    }
    found = queries.of_the_same_name(proposed.subject.territory_id, proposed.subject.bin, **names)
    if found:
        yield Finding(
            Weight.ASKS,
            lazy(
                "Another company of this name stands in the register: %(numbers)s. Check that they are two.",
                numbers=", ".join(f"{row.register_no} ({row.bin})" for row in found),
            ),
            "name_kk",
        )


CONSEQUENCES = (
    Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled),
    Consequence(frozenset({Action.RESIDENT_REGISTERED, Action.RESIDENT_AMENDED}), what_follows=_same_name),
)
