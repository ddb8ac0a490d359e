"""Migrations run up, down and up again on both databases, end at the models, and lay every trigger anew."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from registry.app import create_app
from registry.config import ROOT, Settings, database_url
from registry.infra.db import Base, db, stands_here
from registry.journal import guards

pytestmark = pytest.mark.thorough

_config = Config()
_config.set_main_option("script_location", str(ROOT / "migrations"))
SCRIPTS = ScriptDirectory.from_config(_config)


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty database without tables."""
    url = f"sqlite:///{tmp_path / 'registry.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_database")
    app = create_app(
        Settings(data_dir=tmp_path, database_url=database_url(url), public_url="http://localhost:8000", testing=True),
        pages=False,
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def tables() -> set[str]:
    return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def triggers() -> Counter[tuple[str, str]]:
    """(table, trigger) of every trigger there is."""
    query = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT relname, tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
        " WHERE NOT tgisinternal",
    }[db.engine.dialect.name]
    with db.engine.connect() as connection:
        return Counter((table, name) for table, name in connection.exec_driver_sql(query))


def expected_triggers() -> Counter[tuple[str, str]]:
    expected = [(refusal.table, refusal.name) for refusal in guards.REFUSALS]
    if db.engine.dialect.name == "postgresql":
        # A constraint stands in the place of these.
        expected = [(refusal.table, refusal.name) for refusal in guards.REFUSALS if not refusal.constraint]
        expected += [(table, f"refuse_truncate_{table}") for table in guards.TRUNCATE_REFUSED]
    return Counter(expected)


def test_up_down_and_up_again(bare):
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    assert triggers() == expected_triggers()
    flask_migrate.downgrade(revision="base")
    assert tables() == set()
    flask_migrate.upgrade()
    assert tables() == set(Base.metadata.tables)
    assert triggers() == expected_triggers()


def test_each_step_can_be_taken_back(bare):
    flask_migrate.upgrade()
    for revision in SCRIPTS.walk_revisions():
        flask_migrate.downgrade(revision=revision.down_revision or "base")
        flask_migrate.upgrade(revision=revision.revision)
        flask_migrate.downgrade(revision=revision.down_revision or "base")


def test_the_migrated_database_is_the_models(bare):
    flask_migrate.upgrade()
    with db.engine.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True, "include_object": stands_here}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []
    flask_migrate.check()  # ends the process where it finds a difference


def test_a_rebuilt_table_gets_its_triggers_back(bare):
    """A batch migration on SQLite rebuilds the table without its triggers; the next migration run lays them again."""
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        name = guards.REFUSALS[0].name
        on_table = f" ON {guards.REFUSALS[0].table}" if db.engine.dialect.name == "postgresql" else ""
        connection.exec_driver_sql(f"DROP TRIGGER {name}{on_table}")
    assert triggers() != expected_triggers()
    flask_migrate.upgrade()
    assert triggers() == expected_triggers()


def test_migrations_are_numbered_one_after_another():
    names = sorted(path.name for path in (ROOT / "migrations" / "versions").glob("*.py"))
    assert [name[:4] for name in names] == [f"{number:04d}" for number in range(1, len(names) + 1)]
    assert all(re.fullmatch(r"\d{4}_[a-z0-9_]+\.py", name) for name in names)
    assert len(SCRIPTS.get_heads()) == 1


def test_no_trigger_has_a_name_postgresql_would_cut():
    assert [refusal.name for refusal in guards.REFUSALS if len(refusal.name) > 63] == []
    assert len({refusal.name for refusal in guards.REFUSALS}) == len(guards.REFUSALS)


def test_columns_matched_before_stay_with_accounts_of_all_territories(bare):
    flask_migrate.upgrade(revision="0022")
    with db.engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO column_mapping (kind, header_hash, columns, constants, kept_at)"
            " VALUES ('residents', 'a', '{}', '{}', '2026-01-01 00:00:00')"
        )
    flask_migrate.upgrade()
    with db.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT kind, header_hash, scope FROM column_mapping").all() == [
            ("residents", "a", "")
        ]
        # The same header is matched anew in every set of territories.
        connection.exec_driver_sql(
            "INSERT INTO column_mapping (kind, header_hash, scope, columns, constants, kept_at)"
            " VALUES ('residents', 'a', '1', '{}', '{}', '2026-01-01 00:00:00')"
        )
    flask_migrate.downgrade(revision="0022")
    with db.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT header_hash FROM column_mapping").all() == [("a",)]
