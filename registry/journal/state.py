"""State tables: what the journal tells of a register by both clocks, as rows that plain SQL filters, joins and sums.

A row says what held of one record from ``valid_from`` to the day before ``valid_to``, as it was known from the entry
``recorded_from`` on until the entry ``recorded_to``. Each act derives its subject anew: rows that changed are closed
and new ones inserted, by :func:`derived.follow` and by nothing else. A register declares a :class:`StateTable` beside
its models; :mod:`registry.app` lists all that is derived.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import defer

from registry.infra import paging
from registry.infra.db import Base, db
from registry.infra.paging import Page, paginate
from registry.journal import queries
from registry.journal.checked import difference
from registry.journal.models import JournalEntry
from registry.journal.rules import LAST_DAY, OPEN, Known, Period, Values, ValuesOn, known_acts, timeline


def known_by(moment: datetime | None) -> int | None:
    """The second clock's argument for :func:`at`: the last sequence recorded by a moment; None = what is known now."""
    return None if moment is None else queries.last_recorded(moment)


def as_known(table: Any, known: int | None) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the periods known by the entry ``known`` (:func:`known_by`)."""
    if known is None:
        # The literal lets both databases choose the partial indexes.
        return [table.recorded_to == sa.literal_column(str(OPEN))]
    return [table.recorded_from <= known, table.recorded_to > known]


def at(
    table: Any, *, as_of: date | None, known: int | None = None, before_first: bool = False
) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave of each record the one row that holds on ``as_of``, as known by the entry ``known``.

    ``as_of`` None takes every act whatever its date; ``known`` None what is known now. With ``before_first`` a record
    that begins only after ``as_of`` is there with the values of its first period.
    """
    ongoing = table.valid_to > _day(as_of)
    return [*begun_by(table, as_of=as_of, known=known, before_first=before_first), ongoing]


def begun_by(
    table: Any, *, as_of: date | None, known: int | None = None, before_first: bool = False
) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave of each record the row that holds on ``as_of`` and those before, as :func:`at` takes it."""
    begun = table.valid_from <= _day(as_of)
    return [*as_known(table, known), sa.or_(begun, table.first) if before_first else begun]


def _day(as_of: date | None) -> date:
    return LAST_DAY if as_of is None else min(as_of, LAST_DAY)


_UNREAD = ("search", "sort_kk", "sort_ru", "sort_en")


def page(statement: sa.Select[*tuple[Any, ...]], number: int) -> Page[Any]:
    """The page ``number`` of a list whose first column is a state table's row.

    The order is found over keys alone, since the rows are wide; then those of the page are read.
    """
    table, columns = _parts(statement)
    count = len(sa.inspect(table).primary_key)

    def load(found: Sequence[Any]) -> Sequence[Any]:
        keys = [tuple(row[:count]) for row in found]
        rows = db.session.scalars(_rows_of(table, keys)).all()
        whole = {sa.inspect(row).identity: row for row in rows}
        shown = [(whole[key], *row[count:]) for key, row in zip(keys, found, strict=True)]
        return shown if columns else [row for (row,) in shown]

    return paginate(statement.with_only_columns(*sa.inspect(table).primary_key, *columns), number, load=load)


def first_of(statement: sa.Select[*tuple[Any, ...]], size: int) -> Page[Any]:
    """The first rows of the same (:func:`registry.infra.paging.first_of`), what is worked out beside a row for them."""
    table, columns = _parts(statement)

    def load(found: Sequence[Any]) -> Sequence[Any]:
        keys = [tuple(row) for row in found]
        whole = {sa.inspect(row[0]).identity: row for row in db.session.execute(_rows_of(table, keys, *columns))}
        return [whole[key] if columns else whole[key][0] for key in keys]

    return paging.first_of(statement.with_only_columns(*sa.inspect(table).primary_key), size, load=load)


def _parts(statement: sa.Select[*tuple[Any, ...]]) -> tuple[Any, list[Any]]:
    """The state table that a list's statement selects, and what it selects besides."""
    table, *columns = statement.column_descriptions
    return table["entity"], [item["expr"] for item in columns]


def _rows_of(table: Any, keys: Sequence[tuple[Any, ...]], *columns: Any) -> sa.Select[*tuple[Any, ...]]:
    """The rows with these keys, with further columns."""
    # What a list is searched and ordered by is asked of the database, not read.
    unread = [defer(getattr(table, name)) for name in _UNREAD if hasattr(table, name)]
    parts = [table.__table__.c[column.name] for column in sa.inspect(table).primary_key]
    # A record has a row for each of its periods, again after each correction: of these one is shown. SQLite finds the
    # records by their own column only.
    chosen = (parts[0].in_([key[0] for key in keys]), sa.tuple_(*parts).in_(keys))
    return sa.select(table, *columns).where(*chosen).options(*unread)


class _Row(NamedTuple):
    """A row of a state table: a period and since when, until when it is known so."""

    period: Period
    recorded_from: int
    recorded_to: int = OPEN


_Entry = tuple[Any, str, int, int | None, dict[str, Any]]


def _no_turns(_values: Values) -> Iterable[date | None]:
    return ()


@dataclass(frozen=True)
class StateTable:
    """The state table of one register.

    :param table: the model of its rows; its key column is named after the subject, ``contract_id``.
    :param subject: the record's own table, ``parts`` the tables of what belongs to it and changes its values.
    :param values_on: the values of a day from the states of the record and its parts on it (:func:`rules.timeline`).
    :param turns: the days on which values change by themselves.
    """

    table: type[Base]
    subject: type[Base]
    values_on: ValuesOn
    turns: Callable[[Values], Iterable[date | None]] = _no_turns
    parts: tuple[type[Base], ...] = ()

    @property
    def name(self) -> str:
        return self.table.__tablename__

    @property
    def _rows(self) -> sa.Table:
        return cast(sa.Table, self.table.__table__)

    @property
    def _key(self) -> sa.Column[Any]:
        return self._rows.c[f"{self.subject.__tablename__}_id"]

    def follow(self, entry: JournalEntry) -> None:
        subject_id = self._owner(entry)
        if subject_id is None:
            return
        # Of acts recorded together, each row says from which of them on it was known.
        told = list(self._entries(subject_id, JournalEntry.sequence <= entry.sequence))
        wanted = {period.valid_from: period for period in self._timeline(subject_id, told)}
        known = self._stored(self._key == subject_id, self._rows.c.recorded_to == OPEN).get(subject_id, [])
        closed = [row.period.valid_from for row in known if wanted.get(row.period.valid_from) != row.period]
        kept = {row.period.valid_from for row in known} - set(closed)
        if closed:
            db.session.execute(
                sa.update(self._rows)
                .where(self._key == subject_id, self._rows.c.recorded_to == OPEN, self._rows.c.valid_from.in_(closed))
                .values(recorded_to=entry.sequence)
            )
        self._insert(subject_id, [_Row(period, entry.sequence) for day, period in wanted.items() if day not in kept])

    def forget(self, subject: Base) -> None:
        if not isinstance(subject, self.subject):
            return
        # Over the whole history, so that no closed row keeps them; rows that told of nothing else fall away.
        subject_id: int = subject.id  # ty: ignore[missing-attribute]
        db.session.execute(sa.delete(self._rows).where(self._key == subject_id))
        self._insert(subject_id, self._history(subject_id, list(self._entries(subject_id))))

    def is_missing(self) -> bool:
        kept, told = sa.exists().select_from(self.table), self._about()
        return not db.session.scalar(sa.select(kept)) and bool(db.session.scalar(sa.select(sa.exists().where(told))))

    def rebuild(self) -> int:
        db.session.execute(sa.delete(self._rows))
        return sum(self._insert(key, self._history(key, entries)) for key, entries in self._by_subject().items())

    def differences(self) -> Iterator[str]:
        stored = self._stored()
        told = {key: self._history(key, entries) for key, entries in self._by_subject().items()}
        for key in sorted(stored.keys() | told.keys()):
            kept = {(row.period.valid_from, row.recorded_from): row for row in stored.get(key, ())}
            wanted = {(row.period.valid_from, row.recorded_from): row for row in told.get(key, ())}
            for place in sorted(kept.keys() | wanted.keys()):
                problem = _difference(kept.get(place), wanted.get(place))
                if problem:
                    who = f"{self.subject.__tablename__} {key} from {place[0]} by entry {place[1]}"
                    yield f"{self.name}: {who}: {problem}"

    def _owner(self, entry: Any) -> int | None:
        """The record an entry is about, itself or by one of its parts."""
        if entry.subject_type == self.subject.__tablename__:
            return entry.subject_id
        if entry.subject_type in {part.__tablename__ for part in self.parts}:
            return entry.parent_id
        return None

    def _about(self, subject_id: int | None = None) -> sa.ColumnElement[bool]:
        """The condition on entries about the records, or about one of them."""
        own = JournalEntry.subject_type == self.subject.__tablename__
        of_parts = JournalEntry.subject_type.in_([part.__tablename__ for part in self.parts])
        if subject_id is not None:
            own = sa.and_(own, JournalEntry.subject_id == subject_id)
            parent = (JournalEntry.parent_type == self.subject.__tablename__, JournalEntry.parent_id == subject_id)
            of_parts = sa.and_(of_parts, *parent)
        return sa.or_(own, of_parts) if self.parts else own

    def _entries(self, subject_id: int | None = None, *conditions: sa.ColumnElement[bool]) -> Iterator[_Entry]:
        return queries.told([self._about(subject_id), *conditions], (self.subject, *self.parts))

    def _by_subject(self) -> dict[int, list[_Entry]]:
        found: dict[int, list[_Entry]] = {}
        for item in self._entries():
            found.setdefault(self._owner(item[0]) or 0, []).append(item)
        return found

    def _timeline(self, subject_id: int, entries: list[_Entry]) -> list[Period]:
        """The periods of a record by these entries about it and its parts."""
        known: dict[str, dict[int, Known]] = {}
        for model in (self.subject, *self.parts):
            kind = model.__tablename__
            known[kind] = known_acts(item for item in entries if item[0].subject_type == kind)
        own = known.pop(self.subject.__tablename__).get(subject_id)
        parts = {kind: list(subjects.values()) for kind, subjects in known.items()}
        return timeline(own, parts, self.values_on, self.turns)

    def _history(self, subject_id: int, entries: list[_Entry]) -> list[_Row]:
        """Every row of a record, closed ones too: what each entry in its turn made known."""
        rows: list[_Row] = []
        known: dict[date, _Row] = {}
        for count, item in enumerate(entries, start=1):
            sequence = item[0].sequence
            wanted = {period.valid_from: period for period in self._timeline(subject_id, entries[:count])}
            for day, row in list(known.items()):
                if wanted.get(day) != row.period:
                    rows.append(row._replace(recorded_to=sequence))
                    del known[day]
            known |= {day: _Row(period, sequence) for day, period in wanted.items() if day not in known}
        return rows + list(known.values())

    def _stored(self, *conditions: sa.ColumnElement[bool]) -> dict[int, list[_Row]]:
        clocks = ("valid_from", "valid_to", "first", "recorded_from", "recorded_to")
        names = [column.name for column in self._rows.c if column.name not in {*clocks, self._key.name}]
        found: dict[int, list[_Row]] = {}
        for row in db.session.execute(sa.select(self._rows).where(*conditions)).mappings().all():
            period = Period(row["valid_from"], row["valid_to"], row["first"], {name: row[name] for name in names})
            found.setdefault(row[self._key.name], []).append(_Row(period, row["recorded_from"], row["recorded_to"]))
        return found

    def _insert(self, subject_id: int, rows: Iterable[_Row]) -> int:
        values = [
            {
                self._key.name: subject_id,
                "valid_from": row.period.valid_from,
                "valid_to": row.period.valid_to,
                "first": row.period.first,
                "recorded_from": row.recorded_from,
                "recorded_to": row.recorded_to,
                **row.period.values,
            }
            for row in rows
        ]
        if values:
            db.session.execute(sa.insert(self._rows), values)
        return len(values)


@dataclass(frozen=True)
class ItemTable:
    """The items of a list that each row of a state table names, as rows of their own with the same clocks.

    :param items: the columns of a row's items, from the row's values.
    """

    table: type[Base]
    of: StateTable
    items: Callable[[Values], Iterable[Mapping[str, Any]]]

    @property
    def name(self) -> str:
        return self.table.__tablename__

    def follow(self, entry: JournalEntry) -> None:
        subject_id = self.of._owner(entry)
        if subject_id is not None:
            self._lay(subject_id)

    def forget(self, subject: Base) -> None:
        if isinstance(subject, self.of.subject):
            self._lay(subject.id)  # ty: ignore[missing-attribute]

    def is_missing(self) -> bool:
        kept = sa.exists().select_from(self.table)
        return not db.session.scalar(sa.select(kept)) and (self.of.is_missing() or bool(self._wanted()))

    def rebuild(self) -> int:
        db.session.execute(sa.delete(self.table))
        return self._insert(self._wanted())

    def differences(self) -> Iterator[str]:
        names = [column.name for column in self.table.__table__.columns]
        kept = {tuple(row) for row in db.session.execute(sa.select(self.table.__table__))}
        wanted = {tuple(row.get(name) for name in names) for row in self._wanted()}
        for row in sorted(kept ^ wanted, key=str):
            told = "the row is missing" if row in wanted else "the journal tells of no such row"
            yield f"{self.name}: {dict(zip(names, row, strict=True))}: {told}"

    def _lay(self, subject_id: int) -> None:
        key = self.of._key.name
        db.session.execute(sa.delete(self.table).where(getattr(self.table, key) == subject_id))
        self._insert(self._wanted(self.of._key == subject_id))

    def _wanted(self, *conditions: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
        clocks = (self.of._key.name, "valid_from", "valid_to", "recorded_from", "recorded_to", "first")
        rows = db.session.execute(sa.select(self.of.table.__table__).where(*conditions)).mappings().all()
        return [{**{name: row[name] for name in clocks}, **item} for row in rows for item in self.items(row)]

    def _insert(self, rows: list[dict[str, Any]]) -> int:
        if rows:
            db.session.execute(sa.insert(self.table), rows)
        return len(rows)


def _nothing(_row: Values) -> Values:
    return {}


@dataclass(frozen=True)
class CurrentTable:
    """The table a register is written in: it shows what all acts on each record add up to.

    Services keep it, since rules decide on it; this holds it to the journal. ``fields`` are what the journal tells,
    ``computed`` gives the columns that follow from others of the row. An annulled record keeps its last values.
    """

    model: type[Base]
    fields: tuple[str, ...]
    computed: Callable[[Values], Values] = _nothing

    @property
    def name(self) -> str:
        return self.model.__tablename__

    def follow(self, entry: JournalEntry) -> None:
        """The service that recorded the entry has set the columns."""

    def forget(self, subject: Base) -> None:
        """The service that erased them has emptied the columns."""

    def is_missing(self) -> bool:
        return False

    def rebuild(self) -> int:
        told, rows = self._told(), self._rows()
        for key, values in sorted(told.items()):
            if self._problem(rows.get(key), values) is None:
                continue
            row: Any = db.session.get(self.model, key)
            row = cast(Any, row or self.model(id=key))
            db.session.add(row)
            for name, value in {**values, **self.computed(values)}.items():
                setattr(row, name, value)
        db.session.flush()
        return len(told.keys() | rows.keys())

    def differences(self) -> Iterator[str]:
        told, rows = self._told(), self._rows()
        for key in sorted(told.keys() | rows.keys()):
            problem = self._problem(rows.get(key), told.get(key))
            if problem:
                yield f"{self.name} {key}: {problem}"

    def _problem(self, row: Values | None, told: Values | None) -> str | None:
        if row and told and row["annulled_at"] is not None and told["annulled_at"] is None:
            return "the row is marked as annulled, the journal tells of no annulment"
        problem = difference(row, told)
        if problem or row is None:
            return problem
        return difference(row, self.computed(row), "the row itself")

    def _told(self) -> dict[int, Values]:
        """What each row says by the journal: the values of its fields, and when it was annulled."""
        states, annulled = queries.last_states(self.model)
        absent = {name: self._absent(name) for name in self.fields}
        return {
            key: {name: state.values.get(name, value) for name, value in absent.items()}
            | {"annulled_at": annulled.get(key)}
            for key, state in states.items()
        }

    def _rows(self) -> dict[int, Values]:
        return {row["id"]: row for row in db.session.execute(sa.select(self.model.__table__)).mappings().all()}

    def _absent(self, name: str) -> object:
        """The value of a field no act names."""
        return False if isinstance(self.model.__table__.c[name].type, sa.Boolean) else None


def _difference(kept: _Row | None, wanted: _Row | None) -> str | None:
    if kept is None or wanted is None:
        return "the row is missing" if kept is None else "the journal tells of no such row"
    if kept == wanted:
        return None
    for name, (there, told) in {
        "valid_to": (kept.period.valid_to, wanted.period.valid_to),
        "first": (kept.period.first, wanted.period.first),
        "recorded_to": (kept.recorded_to, wanted.recorded_to),
        **{name: (value, wanted.period.values[name]) for name, value in kept.period.values.items()},
    }.items():
        if there != told:
            return f"{name} is {there!r}, the journal says {told!r}"
    return None
