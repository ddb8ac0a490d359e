"""Canonical numbers beside the numbers as typed: by these records are found, and no two live ones share one.

The columns follow from the numbers, so models set them with the number (``validates``). Records of an earlier release
may turn out to share a number: those recorded later keep it with a mark of their own (``twin``), and no new one joins
them. A person joins them by the act *same as*: all but one are annulled, and what belongs to them passes to that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import sqlalchemy as sa

from registry.errors import DomainError
from registry.infra.db import Base, db
from registry.infra.i18n import lazy
from registry.journal import subjects
from registry.journal.derived import derived
from registry.journal.models import JournalEntry

Keys = Callable[[Mapping[str, Any]], Mapping[str, str | None]]


@dataclass(frozen=True)
class KeyColumns:
    """The canonical numbers of one register.

    :param keys: the key columns from the values of a row.
    :param scope: the columns within which a number stands once.
    """

    model: type[Base]
    keys: Keys
    scope: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"numbers of {self.model.__tablename__}"

    def follow(self, entry: JournalEntry) -> None:
        """The model has set them with the number."""

    def forget(self, subject: Base) -> None:
        """A number is no personal value."""

    def is_missing(self) -> bool:
        """Whether a row has other keys than its numbers give: a release before them, or with other rules, wrote it."""
        return next(self.differences(), None) is not None

    def rebuild(self) -> int:
        found = list(self._rows())
        if not found:
            return 0
        columns = list(found[0][1])
        taken: set[tuple[Any, ...]] = set()
        rows = []
        for row, keys in found:
            own = {(*(row[name] for name in self.scope), name, key) for name, key in keys.items() if key}
            live = row["annulled_at"] is None
            rows.append({"key": row["id"], **keys, "twin": row["id"] if live and taken & own else 0})
            taken |= own if live else set()
        table = cast(sa.Table, self.model.__table__)
        # First none, so that rows do not stand in each other's way while they change.
        db.session.execute(sa.update(table).values(dict.fromkeys(columns)))
        given = {name: sa.bindparam(name) for name in (*columns, "twin")}
        db.session.connection().execute(sa.update(table).where(table.c.id == sa.bindparam("key")).values(given), rows)
        db.session.expire_all()
        return len(rows)

    def differences(self) -> Iterator[str]:
        for row, keys in self._rows():
            for name, key in keys.items():
                if row[name] != key:
                    yield f"{self.model.__tablename__} {row['id']}: {name} is {row[name]!r}, by its number {key!r}"

    def twins(self) -> Iterator[Sequence[int]]:
        """The ids of live records that share a number, together, in the order in which they were recorded."""
        groups: dict[tuple[Any, ...], list[int]] = {}
        for row, keys in self._rows():
            if row["annulled_at"] is None:
                for name, key in keys.items():
                    if key:
                        groups.setdefault((*(row[part] for part in self.scope), name, key), []).append(row["id"])
        yield from dict.fromkeys(tuple(ids) for ids in groups.values() if len(ids) > 1)

    def _rows(self) -> Iterator[tuple[Mapping[str, Any], Mapping[str, str | None]]]:
        table = cast(sa.Table, self.model.__table__)
        for row in db.session.execute(sa.select(table).order_by(table.c.id)).mappings().all():
            yield row, self.keys(row)


def sharing(subject: Base) -> list[Any]:
    """The other live records that share a number with this one, the first recorded first; none for an annulled one."""
    table: Any = type(subject)
    own = cast(Any, subject)
    numbers = next(item for item in derived() if isinstance(item, KeyColumns) and item.model is table)
    columns = [*numbers.keys({column.name: getattr(own, column.name) for column in table.__table__.c})]
    same = [getattr(table, name) == getattr(own, name) for name in columns if getattr(own, name)]
    if own.annulled_at is not None or not same:
        return []
    within = [getattr(table, name) == getattr(own, name) for name in numbers.scope]
    others = (table.annulled_at.is_(None), table.id != own.id)
    return list(db.session.scalars(sa.select(table).where(sa.or_(*same), *within, *others).order_by(table.id)))


def need_same(subject: Base, kept: Base) -> None:
    """:raises DomainError: naming ``same_as``, where two records share no number."""
    if kept not in sharing(subject):
        raise DomainError(lazy("these two records share no number"), "same_as")


def release(kept: Any) -> None:
    """Let the database refuse twins of a record again once no other live one shares its numbers."""
    if kept.twin and not sharing(kept):
        kept.twin = 0


@dataclass(frozen=True, slots=True)
class Shared:
    """Records that came to share a number before numbers were compared, the first recorded first."""

    kind: object
    records: tuple[tuple[int, subjects.About], ...]


def shared_numbers() -> list[Shared]:
    """Every number that stands for several live records."""
    found = []
    for numbers in derived():
        if isinstance(numbers, KeyColumns):
            kind = numbers.model.__tablename__
            for ids in numbers.twins():
                titles = subjects.about((kind, key) for key in ids)
                found.append(Shared(subjects.label(kind), tuple((key, titles[kind, key]) for key in ids)))
    return found
