"""Databases built by migrations and copied for each test, the viewers of each role, and the page-reading client.

A test that asks for ``app`` runs on SQLite; one that asks for ``database`` runs on SQLite and on PostgreSQL (skipped
where no server answers at ``TEST_POSTGRES_URL``). Both give the Flask application with its context pushed, on a fresh
copy of a database that ``registry init`` has prepared and that holds one account per role.
"""

from __future__ import annotations

import itertools
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from sqlalchemy.engine import make_url

from registry.accounts import checked as accounts
from registry.accounts import services as account_services
from registry.app import CHECKED, create_app
from registry.cli import prepare
from registry.config import Settings, database_url
from registry.infra.access import Viewer
from registry.infra.db import db, transaction
from tests import people
from tests.commands import Command
from tests.pages import PageClient
from tests.sampling import SEED, THOROUGH, is_drawn
from tests.scenes import Scenes

account_services._hasher = people.QUICK

# A busy machine is no fault of the program.
settings.register_profile("registry", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("registry")

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1/postgres"


def pytest_report_header() -> str:
    return f"thorough cases: {'all' if THOROUGH else f'a part, TEST_SEED={SEED}'}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the thorough cases that are not drawn this time; files and tests asked for by name run whole."""
    if any(".py" in argument for argument in config.args):
        return
    left_out = [
        item
        for item in items
        if (mark := item.get_closest_marker("thorough"))
        and not is_drawn(item.nodeid.partition("::")[0] if mark.kwargs.get("together") else item.nodeid)
    ]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in set(left_out)]


@dataclass
class Template:
    """A prepared database, and how to lay a fresh copy of it under the one application of this test process."""

    app: Flask
    refresh: Callable[[], None]
    scenes: Scenes | None = None

    def fresh(self) -> Iterator[Flask]:
        data_dir: Path = self.app.config["SETTINGS"].data_dir
        leftovers = ("documents", "attachments", "drafts", "unsent", "queue.db", "queue.db-wal", "queue.db-shm",
                     "journal-check.json", "beside.db", "beside.db-wal", "beside.db-shm",
                     "journal-head.json", "last-backup.json", "schedule", "backups", "backups.json")  # fmt: skip
        for leftover in leftovers:
            path = data_dir / leftover
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.app.extensions.pop("jobs", None)
        self.app.extensions["scenes"] = self.scenes
        beside = self.app.extensions.pop("beside", None)
        if beside is not None:
            beside.dispose()
        with self.app.app_context():
            db.engine.dispose()
            self.refresh()
            yield self.app
            db.session.remove()
            db.engine.dispose()


def _application(data_dir: Path, url: str) -> Flask:
    settings = Settings(
        data_dir=data_dir, database_url=database_url(url), public_url="http://localhost:8000", testing=True
    )
    import importlib.util

    app = create_app(settings, pages=importlib.util.find_spec("registry.web") is not None)
    # The accounts of the template stand there without acts (:mod:`tests.people`); tests/journal/test_every_column.py
    # makes its own.
    app.extensions["checked"] = tuple(item for item in CHECKED if item not in accounts.CHECKED)
    return app


def _fill(app: Flask) -> None:
    prepare(app)
    with app.app_context():
        with transaction():
            people.add_all()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    data_dir = tmp_path_factory.mktemp("sqlite")
    live, kept = data_dir / "registry.db", data_dir / "template.db"
    app = _application(data_dir, f"sqlite:///{live}")
    _fill(app)
    scenes = Scenes(data_dir, live)
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(kept)) as target:
        source.backup(target)

    def refresh() -> None:
        for suffix in ("-wal", "-shm"):
            live.with_name(live.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(kept, live)
        scenes.begin()

    return Template(app, refresh, scenes)


def _order(*statements: str) -> None:
    """Tell the PostgreSQL server to make or drop databases."""
    with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """Address of a PostgreSQL server where databases may be created; the test is skipped when none answers."""
    try:
        psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL server answers at TEST_POSTGRES_URL: {error}")
    return POSTGRES_URL


_SCHEMA = """
    SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
        SELECT 'column ' || attrelid::regclass || ' ' || attname || ' ' || atttypid::text || attnotnull::text AS part
            FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
            WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped
        UNION ALL SELECT 'trigger ' || tgrelid::regclass || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger
        UNION ALL SELECT 'rule ' || conrelid::regclass || ' ' || conname || pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'function ' || proname || md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) AS parts
"""


@dataclass
class Kept:
    """What a prepared PostgreSQL database holds, so that a used one can be made the same again.

    To empty its tables and fill them takes a tenth of the time of a new database. One whose schema a test has changed,
    and each fiftieth, which has gathered rows that only a vacuum removes, is made anew instead.
    """

    schema: str
    rows: dict[str, bytes]
    sequences: dict[str, int]

    @classmethod
    def of(cls, url: str) -> Kept:
        with psycopg.connect(url) as connection:
            tables = [
                row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            ]
            rows = {table: _copied(connection, table) for table in tables}
            numbers = connection.execute("SELECT sequencename, last_value FROM pg_sequences").fetchall()
            return cls(_schema(connection), rows, {name: last for name, last in numbers if last is not None})

    def put_back(self, url: str) -> bool:
        """Make the database at ``url`` as it was; False where it has another schema by now."""
        with psycopg.connect(url) as connection:
            if _schema(connection) != self.schema:
                return False
            connection.execute("SET session_replication_role = replica")
            connection.execute("".join(f'DELETE FROM "{table}";' for table in self.rows).encode())
            for table, content in self.rows.items():
                if content:
                    with connection.cursor().copy(f'COPY "{table}" FROM STDIN'.encode()) as copy:
                        copy.write(content)
            names = connection.execute("SELECT sequencename FROM pg_sequences").fetchall()
            steps = [
                f"SELECT setval('\"{name}\"', {self.sequences.get(name, 1)}, {str(name in self.sequences).lower()});"
                for (name,) in names
            ]
            connection.execute("".join(steps).encode())
        return True


def _schema(connection: psycopg.Connection) -> str:
    row = connection.execute(_SCHEMA.encode()).fetchone()
    return str(row and row[0])


def _copied(connection: psycopg.Connection, table: str) -> bytes:
    with connection.cursor().copy(f'COPY "{table}" TO STDOUT'.encode()) as copy:
        return b"".join(bytes(part) for part in copy)


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    name = f"tizilim_test_{secrets.token_hex(4)}"
    kept = f"{name}_template"
    address = make_url(postgres_server).set(database=name)
    url = address.render_as_string(hide_password=False)
    uses = itertools.count()

    def refresh() -> None:
        if (use := next(uses)) % 50 and known.put_back(url):
            return
        if use:
            _order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        # Nothing of a test has to outlive a failure of the machine.
        _order(f'CREATE DATABASE "{name}" TEMPLATE "{kept}"', f'ALTER DATABASE "{name}" SET synchronous_commit TO off')

    _order(f'CREATE DATABASE "{name}"')
    app = _application(tmp_path_factory.mktemp("postgresql"), url)
    _fill(app)
    known = Kept.of(url)
    _order(f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
    yield Template(app, refresh)
    _order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'DROP DATABASE IF EXISTS "{kept}" WITH (FORCE)')


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database."""
    name = f"tizilim_empty_{secrets.token_hex(4)}"
    _order(f'CREATE DATABASE "{name}"', f'ALTER DATABASE "{name}" SET synchronous_commit TO off')
    yield make_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    _order(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def app(sqlite_template: Template) -> Iterator[Flask]:
    """The application on a fresh SQLite database, its context pushed."""
    yield from sqlite_template.fresh()


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The application on a fresh database of each kind in turn, its context pushed."""
    template: Template = request.getfixturevalue(
        "sqlite_template" if request.param == "sqlite" else "postgres_template"
    )
    yield from template.fresh()


@pytest.fixture
def client(app: Flask) -> PageClient:
    """A browser that reads every page it gets (:class:`tests.pages.PageClient`)."""
    return PageClient(app)


@pytest.fixture
def admin() -> Viewer:
    return people.viewer("admin")


@pytest.fixture
def staff() -> Viewer:
    return people.viewer("staff")


@pytest.fixture
def auditor() -> Viewer:
    return people.viewer("auditor")


@pytest.fixture
def resident_viewer() -> Viewer:
    """The resident's account, limited to the entries of :data:`tests.people.COMPANY_BIN`."""
    return people.viewer("resident")


@pytest.fixture(params=["sqlite", "postgresql"])
def command(request: pytest.FixtureRequest, tmp_path: Path) -> Command:
    """The ``registry`` command on an empty data folder, with an empty database of each kind in turn."""
    url = "" if request.param == "sqlite" else request.getfixturevalue("postgres_database")
    return Command(tmp_path / "data", url)


@pytest.fixture
def sqlite_command(tmp_path: Path) -> Command:
    """The ``registry`` command on an empty data folder, on SQLite only."""
    return Command(tmp_path / "data")
