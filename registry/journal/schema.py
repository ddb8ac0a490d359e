"""Tables, columns, indexes, constraints and triggers of the database, held to those the migrations leave.

Whoever takes a trigger away can change what it guarded, and whoever lays another one can change what is written. What a
fresh database has is kept in ``schema-sqlite.tsv`` and ``schema-postgresql.tsv`` (tests/journal/test_schema.py writes
them); the refusals are those of :mod:`registry.journal.guards`. Tables of others in the same database are not ours; on
SQLite their triggers are, where these mention a table of ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa

from registry.infra.db import Base
from registry.journal import guards, trigrams

Thing = tuple[str, str, str]
"""Kind, table and name of something a schema has."""


class Unlike(NamedTuple):
    """Something that is not as the migrations leave it, and whether rows cannot be read because of it."""

    said: str
    hinders_reading: bool


def kept_in(dialect: str) -> Path:
    """The file that names what a fresh database of a kind has besides the refusals."""
    return Path(__file__).with_name(f"schema-{dialect}.tsv")


def found(connection: sa.Connection) -> dict[Thing, str]:
    """All that stands in our tables, and how it is defined."""
    names = sorted({"alembic_version", *Base.metadata.tables})
    items = _of_sqlite(connection, names) if connection.dialect.name == "sqlite" else _of_postgresql(connection, names)
    return {thing: " ".join(str(said).split()) for thing, said in items}


def expected(connection: sa.Connection, there: Mapping[Thing, str]) -> dict[Thing, str]:
    """The same of a fresh database. A refusal by trigger or by constraint will do where ``there`` has one of them.

    Indexes that need an extension may be missing: where it cannot be made, ``registry init`` has said so.
    """
    dialect = connection.dialect.name
    lines = kept_in(dialect).read_text(encoding="utf-8").splitlines()
    kept = {(kind, table, name): said for kind, table, name, said in (line.split("\t") for line in lines)}
    for table in trigrams.SEARCHED:
        if (index := ("index", table, trigrams.name_of(table))) not in there:
            kept.pop(index, None)
    return kept | {thing: " ".join(said.split()) for thing, said in guards.laid(dialect, there.keys()).items()}


def differences(connection: sa.Connection) -> list[Unlike]:
    """Where the database is not the one that the migrations leave."""
    there = found(connection)
    if not there:
        # Nothing was prepared yet, which whoever reads a table is told.
        return []
    wanted = expected(connection, there)
    said = [] if connection.dialect.name == "sqlite" else [Unlike(each, False) for each in _of_sessions(connection)]
    unlike = sorted(thing for thing in there.keys() | wanted.keys() if there.get(thing) != wanted.get(thing))
    tables = {table for kind, table, _name in unlike if kind == "table"}
    return said + [
        Unlike(_told(thing, there, wanted), thing[0] == "table" or (thing[0] == "column" and thing not in there))
        for thing in sorted(unlike, key=lambda thing: thing[0] != "table")
        # Of a table that is missing, or is none, nothing else is told.
        if thing[0] == "table" or thing[1] not in tables
    ]


def _told(thing: Thing, there: Mapping[Thing, str], wanted: Mapping[Thing, str]) -> str:
    kind, table, name = thing
    what = f"the {kind} {name}" if kind == "table" else f"the {kind} {name} of {table}"
    if thing not in wanted:
        return f"{what} does not belong there"
    is_so = "is missing" if thing not in there else "is not as the program made it"
    return f"{what} {is_so}{' (registry init lays it anew)' if kind == 'trigger' else ''}"


def _of_sqlite(connection: sa.Connection, names: list[str]) -> Iterator[tuple[Thing, str]]:
    inspector = sa.inspect(connection)
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master").all()
    texts = {(row.type, row.name): row.sql or "" for row in rows if row.tbl_name in names}
    # A trigger names its table as it was typed; that of another table may write to ours.
    ours = re.compile(rf"\b(?:{'|'.join(names)})\b", re.IGNORECASE)
    for kind, name, table, sql in rows:
        if kind in ("table", "view") and table in names:
            yield ("table", table, table), kind
        elif kind == "trigger" and ours.search(sql):
            yield ("trigger", table, name), sql
    for table in names:
        if ("table", table) not in texts:
            continue
        for row in connection.exec_driver_sql(f'PRAGMA table_xinfo("{table}")'):
            filled = " NOT NULL" if row.notnull else ""
            said = f"{row.type}{filled} default {row.dflt_value} key {row.pk} hidden {row.hidden}"
            yield ("column", table, row.name), said
        for row in connection.exec_driver_sql(f'PRAGMA index_list("{table}")').all():
            parts = connection.exec_driver_sql(f'PRAGMA index_xinfo("{row.name}")').all()
            columns = ", ".join(f"{part.name}{' DESC' if part.desc else ''} {part.coll}" for part in parts if part.key)
            where = re.split(r"\sWHERE\s", texts.get(("index", row.name), ""), maxsplit=1)[1:]
            # SQLite numbers the indexes of keys and unique constraints as they come.
            name = row.name if row.origin == "c" else f"{row.origin} ({columns})"
            yield ("index", table, name), f"{'UNIQUE ' if row.unique else ''}({columns}) {' '.join(where)}"
        references: dict[int, list[sa.Row]] = {}
        for row in connection.exec_driver_sql(f'PRAGMA foreign_key_list("{table}")'):
            references.setdefault(row.id, []).append(row)
        for rows_of_key in references.values():
            columns = ", ".join(f"{row[3]}" for row in rows_of_key)
            others = ", ".join(f"{row[4]}" for row in rows_of_key)
            first = rows_of_key[0]
            said = f"REFERENCES {first.table} ({others}) {first.on_update} {first.on_delete}"
            yield ("reference", table, f"({columns})"), said
        for check in inspector.get_check_constraints(table):
            yield ("constraint", table, str(check["name"])), str(check["sqltext"])


_POSTGRESQL = {
    "table": """
        SELECT relname, relname, concat_ws(' ', relkind, relpersistence, relrowsecurity, relforcerowsecurity,
            EXISTS (SELECT 1 FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent)))
        FROM pg_class AS c WHERE c.oid = ANY(:ours)""",
    "column": """
        SELECT relname, attname, concat_ws(' ', format_type(atttypid, atttypmod),
            CASE WHEN attnotnull THEN 'NOT NULL' END, attidentity, attgenerated, pg_get_expr(adbin, adrelid))
        FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
            LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE c.oid = ANY(:ours) AND attnum > 0 AND NOT attisdropped""",
    "constraint": """
        SELECT relname, conname, pg_get_constraintdef(k.oid, true)
        FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = conrelid
        WHERE c.oid = ANY(:ours) AND contype IN ('c', 'f', 'p', 'u', 'x')""",
    "index": """
        SELECT c.relname, i.relname, CASE WHEN indisvalid THEN '' ELSE 'invalid ' END || pg_get_indexdef(i.oid, 0, true)
        FROM pg_index JOIN pg_class AS c ON c.oid = indrelid JOIN pg_class AS i ON i.oid = indexrelid
        WHERE c.oid = ANY(:ours)
            AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = i.oid AND contype <> 'f')""",
    "trigger": """
        SELECT relname, tgname, concat_ws(' ', pg_get_triggerdef(t.oid, true), tgenabled, md5(prosrc))
        FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid JOIN pg_proc AS p ON p.oid = tgfoid
        WHERE c.oid = ANY(:ours) AND NOT tgisinternal""",
    "check of references": """
        SELECT relname, 'disabled', string_agg(tgname, ' ' ORDER BY tgname)
        FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid
        WHERE c.oid = ANY(:ours) AND tgisinternal AND tgenabled <> 'O' GROUP BY relname""",
    "rule": """
        SELECT relname, rulename, ev_enabled::text FROM pg_rewrite JOIN pg_class AS c ON c.oid = ev_class
        WHERE c.oid = ANY(:ours) AND rulename <> '_RETURN'""",
}


def _of_postgresql(connection: sa.Connection, names: list[str]) -> Iterator[tuple[Thing, str]]:
    query = sa.text(
        "SELECT oid FROM pg_class WHERE relnamespace = current_schema()::regnamespace AND relname = ANY(:n)"
    )
    ours = connection.scalars(query, {"n": names}).all()
    for kind, statement in _POSTGRESQL.items():
        for table, name, said in connection.execute(sa.text(statement), {"ours": ours}):
            yield (kind, table, name), said if kind == "trigger" else _as_typed(said)


_SWITCHED_OFF = """
    SELECT concat_ws(' of ', 'the role ' || rolname, 'the database ' || datname)
    FROM pg_db_role_setting LEFT JOIN pg_database AS d ON d.oid = setdatabase LEFT JOIN pg_roles AS r ON r.oid = setrole
    WHERE lower(setconfig::text) LIKE '%session_replication_role=replica%'
        AND (setdatabase = 0 OR datname = current_database())
    UNION ALL SELECT 'this session' FROM pg_settings
    WHERE name = 'session_replication_role' AND reset_val = 'replica'
        AND source NOT IN ('database', 'user', 'database user')
"""
"""For whom PostgreSQL lets no trigger of ours fire: in sessions that begin now, or in this one from its beginning."""


def _of_sessions(connection: sa.Connection) -> Iterator[str]:
    for whose in connection.scalars(sa.text(_SWITCHED_OFF)):
        yield f"session_replication_role of {whose} is replica: no trigger fires; reset it and restart the program"


def _as_typed(said: str) -> str:
    """A definition without what PostgreSQL adds when it tells it: a restored dump tells it otherwise."""
    return re.sub(r"::(?:character varying|text|bpchar|regclass)(?:\[\])?|[()]", " ", said)
