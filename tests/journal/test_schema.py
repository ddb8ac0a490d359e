"""The database's tables, columns, indexes, constraints and triggers are those the program made, or verify names them.

``TEST_SCHEMA=update`` writes what a fresh database has into ``registry/journal/schema-*.tsv``: after a migration.
"""

from __future__ import annotations

import os

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra.db import db
from registry.journal import guards, schema, services, trigrams
from tests.factories import NOW

UPDATE = os.environ.get("TEST_SCHEMA") == "update"


def of_refusals() -> set[tuple[str, str]]:
    names = {(refusal.table, refusal.name) for refusal in guards.REFUSALS}
    return names | {(table, f"refuse_truncate_{table}") for table in guards.TRUNCATE_REFUSED}


def test_a_fresh_database_is_the_one_that_is_kept(database: Flask) -> None:
    connection = db.session.connection()
    there = schema.found(connection)
    kept = ["\t".join((*thing, said)) + "\n" for thing, said in sorted(there.items()) if thing[1:] not in of_refusals()]
    path = schema.kept_in(connection.dialect.name)
    if UPDATE:
        path.write_text("".join(kept), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == "".join(kept), "write it anew with TEST_SCHEMA=update"
    assert schema.differences(connection) == []


def said() -> list[str]:
    return services.check(NOW).found


def change(*statements: str) -> None:
    for statement in statements:
        db.session.execute(sa.text(statement))


ANYWHERE = [
    ("DROP TABLE column_mapping", "the table column_mapping is missing"),
    ("ALTER TABLE report DROP COLUMN unread", "the column unread of report is missing"),
    ("ALTER TABLE resident ADD COLUMN more TEXT", "the column more of resident does not belong there"),
    ("DROP INDEX ix_resident_state_sort_kk", "the index ix_resident_state_sort_kk of resident_state is missing"),
    ("DROP INDEX uq_report_open", "the index uq_report_open of report is missing"),
    (
        "ALTER TABLE file_import RENAME TO other; CREATE VIEW file_import AS SELECT * FROM other",
        "the table file_import is not as the program made it",
    ),
]
TRIGGER = "the trigger refuse_update_journal_entry of journal_entry"
ON_SQLITE = [
    ("DROP TRIGGER refuse_update_journal_entry", f"{TRIGGER} is missing (registry init lays it anew)"),
    (
        "DROP TRIGGER refuse_update_journal_entry;"
        " CREATE TRIGGER refuse_update_journal_entry BEFORE UPDATE ON journal_entry WHEN 0 BEGIN SELECT 1; END",
        f"{TRIGGER} is not as the program made it",
    ),
    (
        "CREATE TRIGGER more AFTER INSERT ON report_line BEGIN UPDATE report_line SET amount = 1; END",
        "the trigger more of report_line does not belong there",
    ),
    (
        "CREATE TRIGGER more AFTER INSERT ON RESIDENT BEGIN UPDATE resident SET head = 'x'; END",
        "the trigger more of RESIDENT does not belong there",
    ),
    (
        # Named as the indexes are that only some databases have.
        "CREATE TRIGGER ix_patent_state_trigrams BEFORE INSERT ON closed_year BEGIN SELECT RAISE(IGNORE); END",
        "the trigger ix_patent_state_trigrams of closed_year does not belong there",
    ),
    (
        "CREATE UNIQUE INDEX ix_patent_state_trigrams ON patent_state (search)",
        "the index ix_patent_state_trigrams of patent_state does not belong there",
    ),
]
OF_STATE = "refuse_insert_resident_state"
ON_POSTGRESQL = [
    ("DROP TRIGGER refuse_update_journal_entry ON journal_entry", f"{TRIGGER} is missing"),
    ("ALTER TABLE journal_entry DISABLE TRIGGER USER", f"{TRIGGER} is not as the program made it"),
    (
        "ALTER TABLE journal_entry ENABLE REPLICA TRIGGER refuse_update_journal_entry",
        f"{TRIGGER} is not as the program",
    ),
    ("ALTER TABLE contract DISABLE TRIGGER ALL", "the check of references disabled of contract does not belong there"),
    (
        "CREATE OR REPLACE FUNCTION refuse_update_journal_entry() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$",
        f"{TRIGGER} is not as the program made it",
    ),
    (
        f"ALTER TABLE resident_state DROP CONSTRAINT {OF_STATE}",
        f"the constraint {OF_STATE} of resident_state is missing",
    ),
    (
        "ALTER TABLE contract DROP CONSTRAINT fk_contract_resident_id_resident",
        "the constraint fk_contract_resident_id_resident of contract is missing",
    ),
    ("CREATE RULE more AS ON INSERT TO report_line DO INSTEAD NOTHING", "the rule more of report_line does not belong"),
    (
        "CREATE RULE more_trigrams AS ON INSERT TO closed_year DO INSTEAD NOTHING",
        "the rule more_trigrams of closed_year does not belong",
    ),
    ("ALTER TABLE resident ADD COLUMN more_trigrams TEXT", "the column more_trigrams of resident does not belong"),
    (
        "CREATE INDEX more_trigrams ON patent_state USING gin (search gin_trgm_ops)",
        "the index more_trigrams of patent_state does not belong",
    ),
    (
        "DROP INDEX ix_patent_state_trigrams; CREATE UNIQUE INDEX ix_patent_state_trigrams ON patent_state (valid_to)",
        "the index ix_patent_state_trigrams of patent_state is not as the program made it",
    ),
    ("ALTER TABLE resident ENABLE ROW LEVEL SECURITY", "the table resident is not as the program made it"),
    ("ALTER TABLE resident ADD CONSTRAINT more CHECK (id < 7)", "the constraint more of resident does not belong"),
]


@pytest.mark.parametrize(("statements", "problem"), ANYWHERE)
def test_what_is_missing_or_more_is_named(database: Flask, statements: str, problem: str) -> None:
    change(*statements.split(";"))
    assert any(problem in line for line in said()), said()


@pytest.mark.parametrize(("statement", "problem"), ON_SQLITE)
def test_an_altered_guard_is_named_on_sqlite(app: Flask, statement: str, problem: str) -> None:
    change(*statement.split("; ", 1) if statement.startswith("DROP") else (statement,))
    (line,) = said()
    assert line.startswith(f"the database is damaged: {problem}")
    guards.install(db.session.connection())
    assert said() == ([] if TRIGGER in problem else [line])


def test_a_trigger_of_another_table_is_named_where_it_mentions_ours(app: Flask) -> None:
    change("CREATE TABLE theirs (a, residents)")
    change("CREATE TRIGGER harmless AFTER INSERT ON theirs BEGIN UPDATE theirs SET residents = 1; END")
    assert said() == []
    change('CREATE TRIGGER more AFTER INSERT ON theirs BEGIN DELETE FROM "Resident"; END')
    assert said() == ["the database is damaged: the trigger more of theirs does not belong there"]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize(("statement", "problem"), ON_POSTGRESQL)
def test_an_altered_guard_is_named_on_postgresql(database: Flask, statement: str, problem: str) -> None:
    change(statement)
    assert any(problem in line for line in said()), said()
    guards.install(db.session.connection())
    assert (said() == []) == (TRIGGER in problem or OF_STATE in problem)


def test_many_differences_are_counted(app: Flask) -> None:
    for refusal in guards.REFUSALS:
        change(f"DROP TRIGGER {refusal.name}")
    lines = said()
    assert len(lines) == 6
    left = len(guards.REFUSALS) - 5
    assert lines[-1] == f"the database is damaged: {left} more indexes, triggers and the like are missing or altered"


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_triggers_that_are_switched_off_for_all_sessions_are_named(database: Flask) -> None:
    name = db.session.scalar(sa.text("SELECT current_database()"))
    change(f'ALTER DATABASE "{name}" SET session_replication_role = replica')
    problem = f"session_replication_role of the database {name} is replica: no trigger fires"
    assert [problem in line for line in said()] == [True]
    change(f'ALTER DATABASE "{name}" RESET session_replication_role')
    assert said() == []
    change(f'ALTER ROLE CURRENT_USER IN DATABASE "{name}" SET session_replication_role = replica')
    assert [f"of the database {name} is replica" in line for line in said()] == [True]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_indexes_that_need_an_extension_may_be_missing(database: Flask) -> None:
    change(*(f"DROP INDEX {trigrams.name_of(table)}" for table in trigrams.SEARCHED))
    assert said() == []


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_trigger_does_where_its_constraint_cannot_be_made(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    for refusal in guards.REFUSALS:
        if refusal.constraint:
            change(f"ALTER TABLE {refusal.table} DROP CONSTRAINT {refusal.name}")
    monkeypatch.setattr(guards, "_can_exclude", lambda _connection: False)
    guards.install(db.session.connection())
    assert said() == []
    change(f"DROP TRIGGER {OF_STATE} ON resident_state")
    (line,) = said()
    assert line.startswith(f"the database is damaged: the constraint {OF_STATE} of resident_state is missing")
