"""What is kept beside the journal because reading it there would cost too much, and could be derived anew.

Packages declare what they keep; :mod:`registry.app` lists it once, the lowest package first.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flask import current_app

from registry.infra.db import Base, refresh_statistics
from registry.journal.checked import first_of_each
from registry.journal.models import JournalEntry


class Derived(Protocol):
    """Something kept beside the journal that follows from it."""

    @property
    def name(self) -> str: ...

    def follow(self, entry: JournalEntry) -> None:
        """Bring it up to an entry just recorded, at the latest before the transaction is committed."""

    def forget(self, subject: Base) -> None:
        """Forget the personal values just erased from the entries about a record."""

    def is_missing(self) -> bool:
        """Whether nothing is kept although the journal tells of it: a database of a release before it."""

    def rebuild(self) -> int:
        """Derive everything anew; returns how many rows there are then."""

    def differences(self) -> Iterator[str]:
        """Where it says another thing than the journal, in plain words."""


def derived() -> tuple[Derived, ...]:
    """All that is derived from the journal, lowest package first."""
    return current_app.extensions["derived"]


def follow(entry: JournalEntry) -> None:
    """Bring what is derived up to an entry just recorded."""
    for item in derived():
        item.follow(entry)


def forget(subject: Base) -> None:
    """Let nothing that is derived keep the personal values just erased from the entries about a record."""
    for item in derived():
        item.forget(subject)


def rebuild(*, missing_only: bool = False) -> list[tuple[str, int]]:
    """Derive anew all that is derived, or only what is missing; what that was and how many rows there are now."""
    wanted = [item for item in derived() if not missing_only or item.is_missing()]
    found = [(item.name, item.rebuild()) for item in wanted]
    if found:
        refresh_statistics()
    return found


def differences() -> list[str]:
    """The first difference between the journal and each thing derived from it."""
    return first_of_each(derived())
