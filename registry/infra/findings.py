"""What would follow from an act, told to whoever is about to make it."""

from __future__ import annotations

import enum
import hashlib
import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar

from flask_babel.speaklater import LazyString

from registry.errors import RowError


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

    @property
    def digest(self) -> str:
        """A short hash of what is said, by which a form that is sent names the findings it showed."""
        return hashlib.sha256(str(self).encode()).hexdigest()[:16]


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


MOST_OF_ONE_KIND = 20


Found = TypeVar("Found", Finding, RowError)


def first_of_each(found: Sequence[Found]) -> tuple[list[Found], list[tuple[int, Found]]]:
    """The first findings of each kind (same message, same column), and how many more there are like the last of it."""
    counts: dict[tuple[str | None, str], int] = {}
    shown: list[Found] = []
    more: dict[tuple[str | None, str], Found] = {}
    for finding in found:
        kind = (finding.field, text_of(finding.message))
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] <= MOST_OF_ONE_KIND:
            shown.append(finding)
        else:
            more[kind] = finding
    return shown, [(counts[kind] - MOST_OF_ONE_KIND, last) for kind, last in more.items()]


def few(found: Sequence[RowError], remedy: str) -> list[str]:
    """The same as lines for a command; ``remedy`` says where all of them can be seen."""
    shown, more = first_of_each(found)
    lines = [str(finding) for finding in shown]
    for count, last in more:
        place = f"{last.file}, column {last.field}" if last.field else last.file
        lines.append(f"{place}: {count} more like “{last.message}” (row {last.row}); {remedy}")
    return lines


def few_of_acts(found: Sequence[Finding]) -> list[str]:
    """What follows from acts as lines for a command: the first of each kind, the others counted."""
    shown, more = first_of_each(found)
    return [*map(str, shown), *(f"{count} more like “{last.message}”" for count, last in more)]


def text_of(message: object) -> str:
    """A message without what it names: two findings that share it are of one kind."""
    if isinstance(message, Finding):
        return text_of(message.message)
    parts = getattr(message, "_args", ()) if isinstance(message, LazyString) else ()
    return parts[0] if parts and isinstance(parts[0], str) else re.sub(r"\d+", "0", str(message))
