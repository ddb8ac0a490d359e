"""The records that acts are about: what each is called, whose it is, and where its page stands.

Every package says it of its own tables in ``subjects.py``; the list is put together once, at start
(:mod:`registry.app`). Histories, the journal's pages and whatever else speaks of a record by (table, id) use this and
nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, in_parts
from registry.journal.models import JournalEntry

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


@dataclass(frozen=True, slots=True)
class Subject:
    """A type of record: its table, what it is called, and how any number of its records are described at once.

    ``existing`` selects the ids of the records, annulled ones too, that exist in a viewer's territories
    (``exchange.md`` 5, rule 13); an act belongs to where its record belongs. ``cover`` takes out of acts (lists of old
    and new values by field) what the viewer may not read although the record exists for it. ``opened`` selects those
    whose page the viewer may open, where it is not open to everybody for whom they exist.
    """

    kind: str
    label: object
    describe: Callable[[Collection[int]], Mapping[int, About]]
    existing: Callable[[Viewer], sa.Select[Any]]
    cover: Callable[[Viewer, Sequence[dict[str, list[Any]]]], None] | None = None
    opened: Callable[[Viewer], sa.Select[Any]] | None = None


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


def within(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the acts that exist in a viewer's territories; of unknown tables none does."""
    if viewer.has_all_territories:
        return []
    parts = (
        sa.and_(JournalEntry.subject_type == kind, JournalEntry.subject_id.in_(subject.existing(viewer)))
        for kind, subject in _subjects.items()
    )
    return [sa.or_(sa.false(), *parts)]


def existing(viewer: Viewer, besides: str) -> dict[str, sa.Select[Any]]:
    """For each table what selects the ids of its records that exist in a viewer's territories.

    ``besides`` is the table of those that exist where the record exists that they belong to.
    """
    return {kind: subject.existing(viewer) for kind, subject in _subjects.items() if kind != besides}


def cover(viewer: Viewer, entries: Sequence[tuple[str, dict[str, list[Any]]]]) -> None:
    """Take out of acts, given as table and changes, what the viewer may not read."""
    if viewer.has_all_territories:
        return
    for subject in _subjects.values():
        if subject.cover is not None:
            subject.cover(viewer, [changes for kind, changes in entries if kind == subject.kind])


def about(keys: Iterable[Key], viewer: Viewer = SYSTEM) -> dict[Key, About]:
    """Descriptions of the records of any types that exist for a viewer, without pages that are not open to it.

    Each type takes one statement or two for every part of its records (:func:`registry.infra.db.in_parts`).
    """
    wanted: dict[str, set[int]] = {}
    for kind, key in keys:
        wanted.setdefault(kind, set()).add(key)
    return {
        (kind, key): found
        for kind, ids in wanted.items()
        if kind in _subjects
        for some in in_parts(sorted(ids))
        for key, found in _described(_subjects[kind], _existing(_subjects[kind], some, viewer), viewer)
        if viewer.company_bin is None or viewer.company_bin in found.bins
    }


def _described(subject: Subject, ids: Collection[int], viewer: Viewer) -> Iterator[tuple[int, About]]:
    found = subject.describe(ids)
    opened = found.keys() if subject.opened is None else _among(subject.opened(viewer), ids)
    for key, each in found.items():
        yield key, each if key in opened else replace(each, page=None)


def _existing(subject: Subject, ids: Collection[int], viewer: Viewer) -> Collection[int]:
    return ids if viewer.has_all_territories else _among(subject.existing(viewer), ids)


def _among(statement: sa.Select[Any], ids: Collection[int]) -> set[int]:
    """Those of the ids that a statement selects."""
    (key,) = statement.selected_columns
    return set(db.session.scalars(statement.where(key.in_(ids))))
