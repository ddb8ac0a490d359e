"""What would follow from an act, told to whoever is about to make it."""

from __future__ import annotations

import enum
from dataclasses import dataclass


class Weight(enum.StrEnum):
    """Whether a finding only tells, asks to be confirmed, or forbids the act."""

    TELLS = "tells"
    ASKS = "asks"
    FORBIDS = "forbids"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would follow, naming the records it concerns in plain words."""

    weight: Weight
    message: object

    def __str__(self) -> str:
        return str(self.message)

    @property
    def asks(self) -> bool:
        return self.weight is Weight.ASKS

    @property
    def forbids(self) -> bool:
        return self.weight is Weight.FORBIDS
