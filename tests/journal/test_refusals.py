"""What the database refuses on the journal, whoever asks and however (``architecture.md`` 4)."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from registry.infra.db import db
from registry.journal import queries
from tests import factories
from tests.commands import Command
from tests.journal.test_verification import write_acts

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
ENTRY = (
    "sequence, recorded_at, actor_id, action, subject_type, subject_id, parent_type, parent_id, effective_on, ground,"
    " basis_kind, basis_no, basis_date, reason, changes, corrects, annuls, algorithm, prev_hash, hash"
)
ANYWHERE = [
    "UPDATE journal_entry SET reason = 'x' WHERE sequence = 2",
    "UPDATE journal_entry SET reason = reason WHERE sequence = 2",
    "DELETE FROM journal_entry WHERE sequence = 2",
    "DELETE FROM journal_entry",
    f"INSERT INTO journal_entry ({ENTRY}) SELECT sequence + 100, {ENTRY.removeprefix('sequence, ')}"
    " FROM journal_entry WHERE sequence = 2",
    "UPDATE journal_personal SET value = 'x' WHERE sequence = 2",
    "UPDATE journal_personal SET sequence = 99 WHERE sequence = 2",
    "UPDATE journal_personal SET salt = 'x', value = NULL WHERE sequence = 2",
    "DELETE FROM journal_personal WHERE sequence = 2",
    "UPDATE journal_head SET count = count - 1",
    "UPDATE journal_head SET count = count + 2",
    "UPDATE journal_head SET hash = 'x'",
    "DELETE FROM journal_head",
    "INSERT INTO journal_head (id, count, hash, recorded_at) SELECT 2, count, hash, recorded_at FROM journal_head",
]
ON_SQLITE = [
    f"REPLACE INTO journal_entry ({ENTRY}) SELECT {ENTRY} FROM journal_entry WHERE sequence = 2",
    f"INSERT OR REPLACE INTO journal_entry ({ENTRY}) SELECT {ENTRY.replace('reason', chr(39) + 'x' + chr(39))}"
    " FROM journal_entry WHERE sequence = 2",
    # A new sequence with the hash of an old entry: uniqueness of the hash would make the old one vanish.
    f"INSERT OR REPLACE INTO journal_entry ({ENTRY})"
    f" SELECT (SELECT MAX(sequence) + 1 FROM journal_entry), {ENTRY.removeprefix('sequence, ')}"
    " FROM journal_entry WHERE sequence = 2",
    "UPDATE OR REPLACE journal_entry SET sequence = 1 WHERE sequence = 2",
    "INSERT OR REPLACE INTO journal_personal SELECT sequence, field, 'x', 'x' FROM journal_personal LIMIT 1",
    "UPDATE OR REPLACE journal_personal SET sequence = 1 WHERE sequence = 2",
    "INSERT OR REPLACE INTO journal_head SELECT * FROM journal_head",
    f"INSERT INTO journal_entry ({ENTRY}) SELECT {ENTRY} FROM journal_entry WHERE sequence = 2"
    " ON CONFLICT (sequence) DO UPDATE SET reason = 'x'",
]
ON_POSTGRESQL = [
    "TRUNCATE journal_entry",
    "TRUNCATE journal_personal",
    "TRUNCATE journal_head CASCADE",
    f"INSERT INTO journal_entry ({ENTRY}) SELECT {ENTRY} FROM journal_entry WHERE sequence = 2"
    " ON CONFLICT (sequence) DO UPDATE SET reason = 'x'",
]


def snapshot() -> list[tuple[object, ...]]:
    tables = ("journal_entry", "journal_personal", "journal_head")
    return [tuple(row) for table in tables for row in db.session.execute(sa.text(f"SELECT * FROM {table} ORDER BY 1"))]


def refuse(statement: str) -> None:
    write_acts()
    before = snapshot()
    with pytest.raises(sa.exc.DBAPIError):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert snapshot() == before
    assert queries.verify().problem is None


@pytest.mark.parametrize("statement", ANYWHERE)
def test_refused_on_both_databases(database, statement):
    refuse(statement)


@pytest.mark.parametrize("statement", ON_SQLITE)
def test_refused_on_sqlite(app, statement):
    refuse(statement)


@pytest.mark.parametrize("statement", ON_POSTGRESQL)
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_refused_on_postgresql(database, statement):
    refuse(statement)


CLOCKS = "valid_from, valid_to, recorded_from, recorded_to, first"
OF_STATE = [
    # The same record, day and moment once more; with the same key, and with another.
    "INSERT INTO status_change_state SELECT * FROM status_change_state",
    f"INSERT INTO status_change_state (status_change_id, resident_id, change, effective_on, {CLOCKS})"
    " SELECT status_change_id, resident_id, change, effective_on, '2026-05-05', valid_to, recorded_from + 1,"
    " recorded_to, first FROM status_change_state",
    f"INSERT INTO status_change_state (status_change_id, resident_id, change, effective_on, {CLOCKS})"
    " SELECT 99, resident_id, change, effective_on, valid_to, valid_from, recorded_from, recorded_to, first"
    " FROM status_change_state",
    "UPDATE status_change_state SET valid_from = '2020-01-01'",
    "UPDATE status_change_state SET recorded_to = recorded_from",
    "UPDATE status_change_state SET recorded_to = recorded_to - 1, recorded_from = 1",
]


def refuse_in_state(statement: str) -> None:
    factories.status_change(factories.resident(), "suspended", date(2026, 3, 1))
    told = "SELECT * FROM status_change_state"
    before = [tuple(row) for row in db.session.execute(sa.text(told))]
    assert len(before) == 1
    with pytest.raises(sa.exc.DBAPIError):
        db.session.execute(sa.text(statement))
    db.session.rollback()
    assert [tuple(row) for row in db.session.execute(sa.text(told))] == before


@pytest.mark.parametrize("statement", OF_STATE)
def test_a_state_table_says_one_thing_of_a_day_and_a_moment(database, statement):
    refuse_in_state(statement)


@pytest.mark.parametrize("statement", ["REPLACE INTO status_change_state SELECT * FROM status_change_state"])
def test_a_row_of_a_state_table_is_not_replaced(app, statement):
    refuse_in_state(statement)


def test_without_extensions_triggers_refuse_overlaps_and_init_says_so(postgres_database, tmp_path, monkeypatch, capsys):
    """An account that may not make extensions: the database is another's, and only its schema is open to it."""
    role = f"tizilim_plain_{os.getpid()}"
    with psycopg.connect(postgres_database, autocommit=True) as connection:
        connection.execute(f'CREATE ROLE "{role}" LOGIN'.encode())
        connection.execute(f'GRANT ALL ON SCHEMA public TO "{role}"'.encode())
    url = make_url(postgres_database).set(username=role).render_as_string(hide_password=False)
    try:
        command = Command(tmp_path / "data", url)
        assert command("init").errors == [
            "warning: the extension btree_gist cannot be made here; triggers refuse overlapping rows instead",
            "warning: the extension pg_trgm cannot be made here; searches read every row of the registers",
        ]
        command("import", "residents", SAMPLE / "residents.csv")
        with (
            psycopg.connect(postgres_database, autocommit=True) as connection,
            pytest.raises(psycopg.errors.IntegrityError, match="one thing of a record"),
        ):
            connection.execute("INSERT INTO resident_state SELECT * FROM resident_state WHERE resident_id = 1")
    finally:
        with psycopg.connect(postgres_database, autocommit=True) as connection:
            connection.execute(f'DROP OWNED BY "{role}"'.encode())
            connection.execute(f'DROP ROLE "{role}"'.encode())
