"""What the database refuses on the journal, whoever asks and however (``architecture.md`` 4)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from registry.infra.db import db
from registry.journal import queries
from tests.journal.test_verification import write_acts

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
