"""The course of a record across registers: the acts on it and on what belongs to it, by the day they took effect.

Which acts belong to it each package says by its :class:`Chapter`; the list is put together once, at start
(:mod:`registry.app`). What a reader may see of them is decided as in the journal (:mod:`registry.journal.subjects`).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import current_app

from registry.infra.access import Viewer
from registry.journal import queries
from registry.journal.models import JournalEntry
from registry.journal.queries import HistoryEntry


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """One kind of acts in the course of the records of a table (``of``).

    ``name`` stands in the address of the page. ``acts`` are conditions over :class:`JournalEntry`, each of which leaves
    some of those of a record, as far as the viewer may see them; each is looked up by an index of its own.
    """

    of: str
    name: str
    label: object
    acts: Callable[[Viewer, Any], Sequence[sa.ColumnElement[bool]]]


def chapters(record: Any) -> list[Chapter]:
    """The kinds of acts that there can be in the course of a record."""
    declared: Sequence[Chapter] = current_app.extensions["chapters"]
    return [chapter for chapter in declared if chapter.of == record.__tablename__]


def belonging(record: Any, *kinds: str) -> sa.ColumnElement[bool]:
    """The acts on records of these tables that were put on record as belonging to the record."""
    return sa.and_(
        JournalEntry.parent_type == record.__tablename__,
        JournalEntry.parent_id == record.id,
        JournalEntry.subject_type.in_(kinds),
    )


def on(kind: str, ids: sa.Select[Any] | Sequence[int]) -> sa.ColumnElement[bool]:
    """The acts on the records of a table with these ids."""
    return sa.and_(JournalEntry.subject_type == kind, JournalEntry.subject_id.in_(ids))


def statement(viewer: Viewer, record: Any, chapter: str = "") -> sa.Select[int]:
    """The acts in the course of a record, of one chapter or of all, as a select of sequences."""
    wanted = [part for each in chapters(record) if chapter in {"", each.name} for part in each.acts(viewer, record)]
    acts = sa.union(*(sa.select(JournalEntry.sequence).where(part) for part in wanted))
    return sa.select(acts.subquery().c.sequence)


def course(
    viewer: Viewer, record: Any, *, chapter: str = "", limit: int = 50, offset: int = 0
) -> tuple[list[HistoryEntry], int]:
    """A record's course, the latest day of effect first, and how many acts there are in all."""
    latest_first = JournalEntry.effective_on.desc(), JournalEntry.sequence.desc()
    own = sa.select(JournalEntry).where(JournalEntry.sequence.in_(statement(viewer, record, chapter)))
    return queries.read(own.order_by(*latest_first), viewer, limit=limit, offset=offset)
