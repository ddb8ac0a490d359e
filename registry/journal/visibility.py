"""Whose journal entries exist for an account limited to some territories (``exchange.md`` 5, rule 13).

An entry belongs to where its subject belongs. Each package says which of its records exist for a viewer, and the
program puts these answers together when it starts; entries about a table nobody answers for exist for nobody limited.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.journal.models import JournalEntry


@dataclass(frozen=True)
class Subjects:
    """What one kind of record has to say about its entries.

    ``existing`` selects the ids of the records that exist for a viewer. ``cover`` takes out of entries (lists of the
    fields' old and new values) what the viewer may not read although the record exists for it.
    """

    existing: Callable[[Viewer], sa.Select[Any]]
    cover: Callable[[Viewer, Sequence[dict[str, list[Any]]]], None] | None = None


_subjects: dict[str, Subjects] = {}


def set_subjects(*known: Mapping[str, Subjects]) -> None:
    """Put together what the packages say, by the name of the table."""
    _subjects.clear()
    for part in known:
        _subjects.update(part)


def known_tables() -> frozenset[str]:
    """The tables somebody answers for."""
    return frozenset(_subjects)


def within(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the entries that exist for a viewer."""
    if viewer.has_all_territories:
        return []
    parts = (
        sa.and_(JournalEntry.subject_type == table, JournalEntry.subject_id.in_(subjects.existing(viewer)))
        for table, subjects in _subjects.items()
    )
    return [sa.or_(sa.false(), *parts)]


def cover(viewer: Viewer, entries: Sequence[tuple[str, dict[str, list[Any]]]]) -> None:
    """Take out of entries, given as table and changes, what the viewer may not read."""
    if viewer.has_all_territories:
        return
    for table, subjects in _subjects.items():
        if subjects.cover is not None:
            subjects.cover(viewer, [changes for kind, changes in entries if kind == table])
