"""What acts mean for notes: personal data erased elsewhere is erased from them too."""

from __future__ import annotations

from datetime import datetime

from registry.infra.access import Viewer
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.notes import services


def _erased(actor: Viewer, proposed: Proposed, now: datetime) -> None:
    """What holds one of the erased values is erased as a whole: a text cannot be left half."""
    values, _none = proposed.changes.get("erased", ((), None))
    services.forget(actor, values, reason=proposed.reason or "", now=now)


CONSEQUENCES = (Consequence(frozenset({Action.PERSONAL_DATA_ERASED}), follow=_erased),)
