"""Databases built by migrations and copied for each test, the viewers of each role, and the page-reading client.

A test that asks for ``app`` runs on SQLite; one that asks for ``database`` runs on SQLite and on PostgreSQL (skipped
where no server answers at ``TEST_POSTGRES_URL``). Both give the Flask application with its context pushed, on a fresh
copy of a database that ``registry init`` has prepared and that holds one account per role.
"""

from __future__ import annotations

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
from sqlalchemy.engine import make_url

from registry.app import create_app
from registry.cli import prepare
from registry.config import Settings, database_url
from registry.infra.access import Viewer
from registry.infra.db import db, transaction
from tests import people
from tests.commands import Command
from tests.pages import PageClient

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1/postgres"


@dataclass
class Template:
    """A prepared database, and how to lay a fresh copy of it under the one application of this test process."""

    app: Flask
    refresh: Callable[[], None]

    def fresh(self) -> Iterator[Flask]:
        data_dir: Path = self.app.config["SETTINGS"].data_dir
        leftovers = ("documents", "drafts", "unsent", "queue.db", "queue.db-wal", "queue.db-shm", "journal-check.json")
        for leftover in leftovers:
            path = data_dir / leftover
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        self.app.extensions.pop("jobs", None)
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

    return create_app(settings, pages=importlib.util.find_spec("registry.web") is not None)


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
    with closing(sqlite3.connect(live)) as source, closing(sqlite3.connect(kept)) as target:
        source.backup(target)

    def refresh() -> None:
        for suffix in ("-wal", "-shm"):
            live.with_name(live.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(kept, live)

    return Template(app, refresh)


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


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    name = f"tizilim_test_{secrets.token_hex(4)}"
    kept = f"{name}_template"
    url = make_url(postgres_server).set(database=name).render_as_string(hide_password=False)

    def refresh() -> None:
        _order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}" TEMPLATE "{kept}"')

    _order(f'CREATE DATABASE "{name}"')
    app = _application(tmp_path_factory.mktemp("postgresql"), url)
    _fill(app)
    _order(f'ALTER DATABASE "{name}" RENAME TO "{kept}"')
    yield Template(app, refresh)
    _order(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'DROP DATABASE IF EXISTS "{kept}" WITH (FORCE)')


@pytest.fixture
def postgres_database(postgres_server: str) -> Iterator[str]:
    """Address of an empty PostgreSQL database."""
    name = f"tizilim_empty_{secrets.token_hex(4)}"
    _order(f'CREATE DATABASE "{name}"')
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
