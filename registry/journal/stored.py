"""Rows as a database keeps them: each key once, and on SQLite each value in the one form its column is written in.

SQLite stores what it is given. A date spelled ``2024-W01-1`` reads as the day it means, while SQL compares its signs;
2 reads as true, and is not 1. PostgreSQL spells values by itself, but keeps a key twice where its constraint is gone,
and whoever puts rows into a mapping by their keys sees one of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.infra.db import Base, db
from registry.journal import schema
from registry.journal.checked import first_of_each

SHOWN = 5
"""As many differences of the schema are told: where one trigger is gone, all may be."""

_MOMENT = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9] [0-9][0-9]:[0-9][0-9]:[0-9][0-9]." + 6 * "[0-9]"


@dataclass(frozen=True)
class Damage:
    """What is wrong with the database itself, in plain words, and whether all else can be looked at in spite of it."""

    said: tuple[str, ...]
    rest_can_be_read: bool


def damage() -> Damage:
    """Hold the schema to the one the migrations leave, then each row to its key and each value to its form."""
    unlike = schema.differences(db.session.connection())
    said = [each.said for each in unlike[:SHOWN]]
    if len(unlike) > SHOWN:
        said.append(f"{len(unlike) - SHOWN} more indexes, triggers and the like are missing or altered")
    if any(each.hinders_reading for each in unlike):
        said.append("registry init brings a database of an earlier release up to date; else restore a backup")
        return Damage(tuple(said), rest_can_be_read=False)
    doubled = first_of_each([Doubled()])
    return Damage((*said, *doubled, *first_of_each([Forms()])), rest_can_be_read=not doubled)


class Forms:
    """On SQLite, values that are not spelled as the program writes them."""

    name = "forms of values"

    def differences(self) -> Iterator[str]:
        if db.engine.dialect.name != "sqlite":
            return
        for table in _tables():
            row = db.session.execute(_misspelled(table)).first()
            if row is not None:
                yield f"{row.column} of {table.name} ({row.key}) is stored as {row.value}: it is not written so"


class Doubled:
    """Rows that bear the key of another."""

    name = "keys of rows"

    def differences(self) -> Iterator[str]:
        for table in _tables():
            keys = list(table.primary_key.columns)
            query = sa.select(*keys, sa.func.count().label("rows_of_key")).group_by(*keys)
            row = db.session.execute(query.having(sa.func.count() > 1).limit(1)).first()
            if row is not None:
                key = ", ".join(f"{column.name} {value}" for column, value in zip(keys, row, strict=False))
                yield f"{table.name} has {row.rows_of_key} rows of one key ({key})"


def _tables() -> list[sa.Table]:
    """The registers' own: what is noted beside them is no record, and on SQLite stands in a file of its own."""
    return [table for table in Base.metadata.sorted_tables if not table.info.get("beside")]


def _misspelled(table: sa.Table) -> sa.Select[*tuple[Any, ...]]:
    """The first row with such a value: its key, the column and the value as SQL writes it. One pass over the table."""
    wrong = {column.name: sa.text(_wrong(column)) for column in table.columns}
    names = [column.name for column in table.primary_key.columns]
    key = " || ', ' || ".join(f"'{name} ' || quote(\"{name}\")" for name in names)
    return (
        sa.select(
            sa.literal_column(key).label("key"),
            sa.case(*((test, sa.literal_column(f"'{name}'")) for name, test in wrong.items())).label("column"),
            sa.case(*((test, sa.literal_column(f'quote("{name}")')) for name, test in wrong.items())).label("value"),
        )
        .select_from(table)
        .where(sa.or_(*wrong.values()))
        .limit(1)
    )


def _wrong(column: sa.Column[Any]) -> str:
    """The condition, in SQLite's words, under which a value of ``column`` is not in its form."""
    value = f'"{column.name}"'
    kind = getattr(column.type, "impl", column.type)
    if isinstance(kind, sa.DateTime):
        day = f"datetime(substr({value}, 1, 19), '+0 days') IS substr({value}, 1, 19)"
        fits = f"typeof({value}) = 'text' AND {value} GLOB '{_MOMENT}' AND {day}"
    elif isinstance(kind, sa.Date):
        fits = f"typeof({value}) = 'text' AND date({value}, '+0 days') IS {value}"
    elif isinstance(kind, sa.Boolean):
        fits = f"typeof({value}) = 'integer' AND {value} IN (0, 1)"
    else:
        fits = f"typeof({value}) = '{'integer' if isinstance(kind, sa.Integer) else 'text'}'"
    return f"({value} IS NOT NULL AND NOT ({fits}))"
