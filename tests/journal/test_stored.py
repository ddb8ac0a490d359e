"""Values of SQLite in the form they are written in, and each key once: verify names the first that is not."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra.db import db
from registry.journal import guards, services
from registry.residents.models import Resident
from tests import factories
from tests.contracts import made
from tests.factories import NOW
from tests.people import COMPANY_BIN
from tests.reports import ready

RESPELLED = [
    ("resident_state", "valid_from", "'2024-W01-1'"),
    ("resident_state", "valid_from", "'20240101'"),
    ("resident_state", "first", "2"),
    ("resident_state", "first", "'yes'"),
    ("resident", "registered_on", "'2024-W01-1'"),
    ("resident", "registered_on", "'2024-02-30'"),
    ("user_account", "active", "2"),
    ("dictionary_entry", "counts", "2"),
    ("journal_entry", "recorded_at", "replace(recorded_at, ' ', 'T')"),
    ("journal_entry", "recorded_at", "substr(recorded_at, 1, 19)"),
    ("journal_entry", "recorded_at", "recorded_at || 'Z'"),
    ("reporting_period", "due_on", "due_on || ' '"),
    ("resident_state", "name_kk", "CAST(name_kk AS BLOB)"),
    ("resident_state", "recorded_from", "recorded_from + 0.5"),
    ("contract_state", "valid_to", "replace(valid_to, '-', '')"),
]


def past_the_guards(statement: str) -> int:
    """What somebody with the database's own tools does; how many rows it reached."""
    for refusal in guards.REFUSALS:
        db.session.execute(sa.text(f"DROP TRIGGER {refusal.name}"))
    rows = db.session.execute(sa.text(statement)).rowcount  # ty: ignore[unresolved-attribute]
    guards.install(db.session.connection())
    return rows


def entry() -> Resident:
    """A participant since the beginning of 2024."""
    return factories.resident(COMPANY_BIN, registered_on=date(2024, 1, 1), decision_date=date(2023, 12, 20))


@pytest.mark.parametrize(("table", "column", "value"), RESPELLED)
def test_a_value_spelled_otherwise_is_named(app: Flask, table: str, column: str, value: str) -> None:
    resident = entry()
    made.contract(resident)
    ready.draft(resident)
    assert services.check(NOW).found == []
    assert past_the_guards(f'UPDATE {table} SET "{column}" = {value}')
    found = services.check(NOW).found
    assert any(line.startswith(f"the database is damaged: {column} of {table} (") for line in found), found


def test_the_key_and_the_value_are_told(app: Flask) -> None:
    resident = entry()
    assert past_the_guards("UPDATE resident_state SET valid_from = '2024-W01-1' WHERE valid_from = '2024-01-01'") == 1
    assert services.check(NOW).found[0] == (
        f"the database is damaged: valid_from of resident_state (resident_id {resident.id}, valid_from '2024-W01-1',"
        " recorded_from 1) is stored as '2024-W01-1': it is not written so"
    )


DOUBLED = ("resident_state", "kept_share", "listed_report", "user_account", "dictionary_entry", "indicator_target",
           "journal_entry")  # fmt: skip


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", DOUBLED)
def test_a_row_that_stands_twice_is_named(database: Flask, table: str) -> None:
    ready.accepted(factories.resident(COMPANY_BIN))
    for statement in (
        "SET LOCAL session_replication_role = replica",
        f"""DO $$ DECLARE name text; BEGIN
            FOR name IN SELECT conname FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype <> 'f'
            LOOP EXECUTE 'ALTER TABLE {table} DROP CONSTRAINT ' || name || ' CASCADE'; END LOOP;
            FOR name IN SELECT indexname FROM pg_indexes WHERE tablename = '{table}'
            LOOP EXECUTE 'DROP INDEX ' || name; END LOOP; END $$""",
        f"INSERT INTO {table} SELECT * FROM {table} LIMIT 1",
    ):
        db.session.execute(sa.text(statement))
    found = services.check(NOW).found
    assert any(f"{table} has 2 rows of one key (" in line for line in found), found
