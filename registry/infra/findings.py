"""What would follow from an act, told to whoever is about to make it."""

from __future__ import annotations

import enum
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


class Weight(enum.StrEnum):
    """Whether a finding only tells, asks to be confirmed, or forbids the act."""

    TELLS = "tells"
    ASKS = "asks"
    FORBIDS = "forbids"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would follow, naming the records it concerns in plain words; ``field`` is the one it rests on."""

    weight: Weight
    message: object
    field: str | None = None

    def __str__(self) -> str:
        return str(self.message)

    @property
    def asks(self) -> bool:
        return self.weight is Weight.ASKS

    @property
    def forbids(self) -> bool:
        return self.weight is Weight.FORBIDS


_noticed: ContextVar[list[Finding] | None] = ContextVar("noticed", default=None)


def notice(findings: list[Finding]) -> None:
    """Note what follows from an act being made, for whoever made it."""
    noticed = _noticed.get()
    if noticed is not None:
        noticed += findings


@contextmanager
def noticing() -> Generator[list[Finding]]:
    """What follows from the acts made meanwhile: commands and files warn of it, pages ask and tell."""
    found: list[Finding] = []
    token = _noticed.set(found)
    try:
        yield found
    finally:
        _noticed.reset(token)
