"""The records that acts are about: what each is called, whose it is, and where its page stands.

Every package says it of its own tables in ``subjects.py``; the list is put together once, at start
(:mod:`registry.app`). Histories, the journal's pages and whatever else speaks of a record by (table, id) use this and
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from registry.infra.access import Viewer

Key = tuple[str, int]
"""Table and id of a record, as the journal names it."""


@dataclass(frozen=True, slots=True)
class About:
    """One record: its title in the language spoken, the page it is shown on, its territory and companies.

    ``page`` is an endpoint with its arguments, None where a record has no page. ``territory_id`` is None for what
    belongs to all territories. ``bins`` are the companies whose own record it is; a resident's account sees it only
    where its own is among them.
    """

    title: str
    page: tuple[str, Mapping[str, Any]] | None = None
    territory_id: int | None = None
    bins: frozenset[str] = field(default_factory=frozenset)

    def is_visible_to(self, viewer: Viewer) -> bool:
        """Whether the record exists for this viewer."""
        if viewer.company_bin is not None:
            return viewer.company_bin in self.bins
        return viewer.sees_territory(self.territory_id)


@dataclass(frozen=True, slots=True)
class Subject:
    """A type of record: its table, what it is called, and how any number of its records are described at once."""

    kind: str
    label: object
    describe: Callable[[Collection[int]], Mapping[int, About]]


_subjects: dict[str, Subject] = {}


def install(subjects: Sequence[Subject]) -> None:
    """Take over the types of records of every package."""
    _subjects.clear()
    _subjects.update({subject.kind: subject for subject in subjects})


def kinds() -> list[str]:
    """The tables acts may be about."""
    return list(_subjects)


def label(kind: str) -> str:
    """What a type of record is called."""
    return str(_subjects[kind].label) if kind in _subjects else kind


def about(keys: Iterable[Key]) -> dict[Key, About]:
    """Descriptions of records of any types, with one statement or two for each type."""
    wanted: dict[str, set[int]] = {}
    for kind, key in keys:
        wanted.setdefault(kind, set()).add(key)
    return {
        (kind, key): found
        for kind, ids in wanted.items()
        if kind in _subjects
        for key, found in _subjects[kind].describe(ids).items()
    }
