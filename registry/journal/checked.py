"""What stands in tables and files beside the journal, held to what the journal tells of it.

Unlike what is derived (:mod:`registry.journal.derived`) it cannot be made anew: a difference is looked into by people.
Packages declare what they hold to the journal; :mod:`registry.app` lists it once, the lowest package first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

import sqlalchemy as sa
from flask import current_app

from registry.infra.db import Base, db
from registry.journal import queries, seal
from registry.journal.models import JournalEntry, JournalHead

Values = Mapping[str, Any]


class Checked(Protocol):
    """Something that is compared with the journal, or with what the program ships."""

    @property
    def name(self) -> str: ...

    def differences(self) -> Iterator[str]:
        """Where it says another thing, in plain words that name the place."""


UNREADABLE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError)
"""What reading a value that is not of its column's kind may end in: SQLite stores any text in a date's column."""


def differences(*, files: bool = False) -> list[str]:
    """The first difference of each kind; with ``files`` of all stored files too."""
    return first_of_each(declared(files=files))


def declared(*, files: bool = False) -> tuple[Checked, ...]:
    """All that is held to the journal; with ``files`` all stored files too."""
    items = current_app.extensions["checked"]
    return (*items, *current_app.extensions["checked_files"]) if files else items


def first_of_each(items: Iterable[Checked]) -> list[str]:
    """The first difference that each of ``items`` has to tell of."""
    return [found for item in items if (found := _first(item)) is not None]


def _first(item: Checked) -> str | None:
    try:
        return next(item.differences(), None)
    except UNREADABLE as error:
        return f"{item.name}: a value is not of its column's kind ({' '.join(str(error).split())})"
    except OSError as error:
        return f"{item.name}: {error.filename}: {error.strerror}"


def difference(row: Values | None, told: Values | None, by: str = "the journal") -> str | None:
    """What tells a row from what is told of it; columns that are not told are not compared."""
    if row is None:
        return "the row is missing"
    if told is None:
        return f"{by} tells of no such record"
    for name, value in told.items():
        if row[name] != value:
            return f"{name} is {shown(row[name])}, {by} says {shown(value)}"
    return None


def shown(value: object) -> str:
    """A value of a column as a difference tells it."""
    return value.isoformat() if isinstance(value, date) else repr(value)


def _must_be_told(_row: Values) -> bool:
    return False


@dataclass(frozen=True)
class ToldTable:
    """A table whose rows are told of elsewhere.

    :param told: by key, the values of the columns that are told.
    :param key: the columns that name a row; one of them alone is not put into a tuple.
    :param untold: whether a row may stand there although nothing tells of it.
    :param by: who tells, in words.
    """

    model: type[Base]
    told: Callable[[], Mapping[Any, Values]]
    key: tuple[str, ...] = ("id",)
    untold: Callable[[Values], bool] = _must_be_told
    by: str = "the journal"

    @property
    def name(self) -> str:
        return self.model.__tablename__

    def differences(self) -> Iterator[str]:
        told, rows = self.told(), {self._key(row): row for row in rows_of(self.model)}
        for key in sorted(told.keys() | rows.keys(), key=str):
            row = rows.get(key)
            if key not in told and row is not None and self.untold(row):
                continue
            problem = difference(row, told.get(key), self.by)
            if problem:
                yield f"{self.name} {key}: {problem}"

    def _key(self, row: Values) -> Any:
        return row[self.key[0]] if len(self.key) == 1 else tuple(row[name] for name in self.key)


def rows_of(model: type[Base]) -> Iterator[Values]:
    """The rows of a table as they stand, past the session."""
    keys = sa.inspect(model).primary_key
    yield from db.session.execute(sa.select(model.__table__).order_by(*keys)).mappings().all()


def told_of(*models: type[Base]) -> Iterator[tuple[Any, str, int, Values]]:
    """The entries about records of ``models``, the oldest first: entry, action, record and what it told."""
    kinds = [model.__tablename__ for model in models]
    for entry, action, subject, _parent, values in queries.told([JournalEntry.subject_type.in_(kinds)], models):
        yield entry, action, subject, values


def moment(found: datetime | None, entry: Any) -> datetime | None:
    """The time a row of ``entry`` has to bear, which bears ``found``.

    It is the entry's own. Rows written while the clock ran behind the journal may bear the clock's, which is earlier.
    """
    if found is not None and found < entry.recorded_at:
        before = queries.recorded_at(entry.sequence - 1)
        if before == entry.recorded_at:
            return found
    return entry.recorded_at


class _Head:
    """The row that names the last entry; its count and hash are compared with the chain itself."""

    name = JournalHead.__tablename__

    def differences(self) -> Iterator[str]:
        for row in rows_of(JournalHead):
            if row["id"] != 1:
                yield f"{self.name}: id is {row['id']!r} instead of 1"
            last = db.session.scalar(sa.select(JournalEntry.recorded_at).where(JournalEntry.sequence == row["count"]))
            if last is not None and row["recorded_at"] != last:
                yield f"{self.name}: recorded_at is {row['recorded_at']}, the last entry says {last}"


class _SealedHead:
    """The head kept beside the database under the registry's signature: a journal cut at its end lacks it."""

    name = "sealed head"

    def differences(self) -> Iterator[str]:
        problem = seal.problem()
        if problem:
            yield f"{self.name}: {problem}"


class _Database:
    """What a database can say of itself: pages, indexes and references. PostgreSQL refuses wrong references itself."""

    name = "database"

    def differences(self) -> Iterator[str]:
        if db.engine.dialect.name != "sqlite":
            return
        for (said,) in db.session.execute(sa.text("PRAGMA integrity_check(1)")):
            if said != "ok":
                yield f"{self.name}: {said}"
        for table, row, parent, _number in db.session.execute(sa.text("PRAGMA foreign_key_check")):
            yield f"{self.name}: row {row} of {table} belongs to a row of {parent} that is missing"


CHECKED: tuple[Checked, ...] = (_Database(), _Head(), _SealedHead())
"""What the journal itself is held to, besides its chain."""
