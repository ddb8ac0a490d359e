"""What is derived from the journal: compared with it, derived anew, and taken over from a release without it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from registry.app import create_app
from registry.config import Settings, database_url
from registry.contracts import services as contracts
from registry.infra import backup
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.journal import services as journal
from registry.journal.rules import Action
from registry.residents import queries as residents
from registry.residents.models import Resident, ResidentState
from registry.residents.services import amend_resident, annul_resident, erase_contacts
from tests import factories
from tests.commands import Command
from tests.contracts import made
from tests.factories import NOW, bin_number

pytestmark = pytest.mark.thorough

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
STATE_TABLES = ("resident_state", "status_change_state", "contract_state", "addendum_state")


def some_register() -> None:
    """Entries, changes, contracts and addenda, amended, annulled and erased."""
    first, second = factories.resident(head="Демо А.А.", email="demo@example.kz"), factories.resident(bin_number(2))
    factories.status_change(first, "suspended", date(2026, 3, 1))
    agreed, wrong = made.contract(first), made.contract(second, "Ш-2")
    made.addendum(agreed, amount=5)
    with transaction():
        amend_resident(
            SYSTEM, first, values={"email": "new@example.kz", "trl": 4}, effective_on=date(2026, 2, 1), now=NOW
        )
        contracts.annul_contract(SYSTEM, wrong, reason="entered twice", now=NOW)
    with transaction():
        erase_contacts(SYSTEM, second, reason="on request", now=NOW)


def rows(tables: tuple[str, ...] = STATE_TABLES) -> dict[str, list[tuple]]:
    return {
        table: sorted((tuple(row) for row in db.session.execute(sa.text(f"SELECT * FROM {table}"))), key=str)
        for table in tables
    }


def test_nothing_differs_from_the_journal_and_deriving_anew_changes_nothing(database):
    some_register()
    assert journal.check(NOW).differences == ()
    before = rows()
    assert all(before.values())
    with transaction():
        rebuilt = dict(derived.rebuild())
    assert rows() == before
    assert {table: rebuilt[table] for table in STATE_TABLES} == {table: len(found) for table, found in before.items()}


def test_acts_of_one_record_told_together_are_each_known_from_their_own_entry(database):
    entry = factories.resident(head="Демо А.А.")
    with transaction():
        changes = [{"trl": (None, 4)}, {"trl": (4, 5), "name_en": (None, "Demo")}]
        days = [date(2026, 3, 1), date(2026, 2, 1)]
        acts = [journal.Told(Action.RESIDENT_AMENDED, entry, *told) for told in zip(changes, days, strict=True)]
        first, second = journal.record_all(SYSTEM, acts, now=NOW)
        journal.replay(entry)
    assert journal.check(NOW).found == []
    known_after = sa.select(ResidentState.trl).order_by(ResidentState.valid_from)
    for recorded, values in ((first, [None, 4]), (second, [None, 5, 4])):
        clock = ResidentState.recorded_from <= recorded.sequence, recorded.sequence < ResidentState.recorded_to
        assert list(db.session.scalars(known_after.where(*clock))) == values


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE resident SET name_ru = 'x' WHERE id = 1", "resident 1: name_ru is 'x', the journal says"),
        ("UPDATE resident SET annulled_at = '2026-10-05 06:00:00'", "resident 1: the row is marked as annulled"),
        ("UPDATE status_change SET change = 'excluded'", "status_change 1: change is 'excluded'"),
        ("UPDATE contract SET amount = 7 WHERE id = 1", "contract 1: amount is 7, the journal says 100000000"),
        ("UPDATE contract SET annulled_at = NULL WHERE id = 2", "contract 2: annulled_at is None, the journal says"),
        ("DELETE FROM addendum", "addendum 1: the row is missing"),
        ("DELETE FROM addendum_state", "addendum_state: addendum 1 from"),
        ("DELETE FROM resident_state WHERE recorded_to < 9000000000000000000", "resident_state: resident 1 from"),
    ],
)  # fmt: skip
def test_a_difference_is_named_and_mended(database, statement, told):
    some_register()
    before = rows()
    db.session.execute(sa.text(statement))
    db.session.commit()
    (found,) = journal.check(NOW).differences
    assert found.startswith(told)
    with transaction():
        derived.rebuild()
    assert journal.check(NOW).differences == ()
    assert rows() == before


def test_the_first_difference_of_each_kind_is_named(database):
    some_register()
    db.session.execute(sa.text("UPDATE resident SET name_ru = 'x'"))
    db.session.execute(sa.text("DELETE FROM contract_state"))
    db.session.commit()
    found = journal.check(NOW).differences
    assert [text.split(" ")[0] for text in found] == ["resident", "contract_state:"]


@contextmanager
def opened(command: Command) -> Iterator[None]:
    """The database a command works on."""
    url = command.database_url or f"sqlite:///{command.data_dir / 'registry.db'}"
    settings = Settings(command.data_dir, database_url(url), "http://localhost:8000", testing=True)
    with create_app(settings, pages=False).app_context():
        yield
        db.session.remove()
        db.engine.dispose()


def test_a_database_of_the_release_before_is_taken_over(command):
    """Migrated back to the tables of that release and forth again: what it held is there, by both clocks."""
    command("init")
    for kind in ("residents", "status-changes", "contracts", "addenda"):
        command("import", kind, SAMPLE / f"{kind}.csv")
    with opened(command):
        before = rows()
        assert all(before.values())
        db.session.remove()
        flask_migrate.downgrade(revision="0004")
    said = command("init").out
    assert [line for line in said if line.partition(":")[0] in STATE_TABLES] == [
        f"{table}: {len(before[table])} rows derived from the journal" for table in STATE_TABLES
    ]
    assert said[-1] == "The registry is ready."
    with opened(command):
        assert rows() == before
    assert command("init").out == ["The registry is ready."]
    assert command("journal", "verify").out[0].startswith("The journal is whole: ")


def test_terms_derived_by_the_rules_of_the_release_before_are_derived_anew(command):
    """Which of two supplementary agreements of one day prevails was once told by their numbers as typed."""
    command("init")
    for kind in ("residents", "contracts", "addenda"):
        command("import", kind, SAMPLE / f"{kind}.csv")
    with opened(command):
        before = rows()["contract_state"]
        for statement in (
            "CREATE TEMPORARY TABLE other AS SELECT * FROM contract_state",
            "UPDATE other SET term_amount = term_amount + 1",
            "DELETE FROM contract_state",
            "INSERT INTO contract_state SELECT * FROM other",
            "DROP TABLE other",
        ):
            db.session.execute(sa.text(statement))
        db.session.commit()
        flask_migrate.downgrade(revision="0021")
    assert f"contract_state: {len(before)} rows derived from the journal" in command("init").out
    with opened(command):
        assert rows()["contract_state"] == before
    assert command("journal", "verify").out[0].startswith("The journal is whole: ")


def test_holders_derived_by_the_rules_of_the_release_before_are_derived_anew(command):
    """What an application was amended to was once a transfer, although the grant told other holders of its day."""
    command("init")
    for kind in ("residents", "patents"):
        command("import", kind, SAMPLE / f"{kind}.csv")
    tables = ("patent_state", "patent_holder_state", "patent_holder")
    with opened(command):
        before = rows(tables)
        for table in tables:
            db.session.execute(sa.text(f"UPDATE {table} SET {'name_ru' if table == tables[0] else 'name'} = 'x'"))
        db.session.commit()
        db.session.remove()
        flask_migrate.downgrade(revision="0023")
    said = command("init").out
    assert [line for line in said if line.partition(":")[0] in tables] == [
        f"{table}: {len(before[table])} rows derived from the journal" for table in tables
    ]
    with opened(command):
        assert rows(tables) == before
    assert command("journal", "verify").out[0].startswith("The journal is whole: ")


def test_a_backup_of_the_release_before_is_taken_over(sqlite_command, tmp_path):
    sqlite_command("init")
    sqlite_command("import", "residents", SAMPLE / "residents.csv")
    with opened(sqlite_command):
        before = rows()["resident_state"]
        db.session.remove()
        flask_migrate.downgrade(revision="0004")
    with closing(sqlite3.connect(sqlite_command.data_dir / "registry.db")) as database:
        assert database.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'resident_state'").fetchone() == (0,)
    url = f"sqlite:///{sqlite_command.data_dir / 'registry.db'}"
    backup.save(Settings(sqlite_command.data_dir, url, "http://localhost:8000"), tmp_path / "old.tar")
    other = sqlite_command.elsewhere(tmp_path / "other")
    assert f"resident_state: {len(before)} rows derived from the journal" in other("restore", tmp_path / "old.tar").out
    with opened(other):
        assert rows()["resident_state"] == before


def test_verify_says_what_differs_and_rebuild_mends_it(command):
    command("init")
    command("import", "residents", SAMPLE / "residents.csv")
    with opened(command):
        db.session.execute(sa.text("DELETE FROM resident_state WHERE resident_id = 7"))
        db.session.commit()
    errors = command("journal", "verify", status=1).errors
    assert errors[0].startswith("not what the journal tells: resident_state: resident 7 from ")
    assert errors[0].endswith(": the row is missing")
    # What is derived from the damaged rows may differ with them.
    assert all(error.startswith("not what the journal tells: ") for error in errors[:-1])
    assert errors[-1] == "derive it anew: registry journal rebuild"
    assert "resident: 60 rows derived from the journal" in command("journal", "rebuild").out
    assert command("journal", "verify").out[0].startswith("The journal is whole: ")


def test_erasure_reaches_every_row_and_search(database):
    entry = factories.resident(head="Демо А.А.", email="demo@example.kz", phone="+7 700 000 00 00")
    with transaction():
        amend_resident(SYSTEM, entry, values={"head": "Демо Б.Б."}, effective_on=date(2026, 2, 1), now=NOW)
    with transaction():
        erase_contacts(SYSTEM, entry, reason="on request", now=NOW)
    db.session.expire_all()
    found = db.session.execute(sa.select(ResidentState.head, ResidentState.email, ResidentState.phone)).all()
    assert found
    assert set(found) == {(None, None, None)}
    assert journal.check(NOW).differences == ()
    (then,) = residents.records(SYSTEM, as_of=date(2026, 1, 1), known_at=NOW)
    assert (then.head, then.email) == (None, None)


def test_an_annulled_record_bears_the_time_of_the_entry_that_annuls_it(app):
    entry = factories.resident()
    with transaction():
        annul_resident(SYSTEM, entry, reason="mistake", now=NOW - timedelta(days=400))
    kept = db.session.get(Resident, entry.id)
    assert kept.annulled_at == NOW, "the journal's time never runs backwards"


def test_postgresql_knows_what_was_derived(database) -> None:
    """Where its autovacuum is off, the planner would take derived tables for empty ones."""
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite plans by the schema alone")
    factories.resident()
    with transaction():
        derived.rebuild()
    known = db.session.scalar(sa.text("SELECT reltuples FROM pg_class WHERE relname = 'resident_state'"))
    assert known == db.session.scalar(sa.text("SELECT count(*) FROM resident_state")) > 0
