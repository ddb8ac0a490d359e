"""What is noted beside the registers: small facts that must wait for no writer.

Failed guesses, sign-ins, ended sessions and how often a paper was looked up change nothing that is recorded, and
whoever signs in or checks a paper must not stand behind an import. A table declared with ``info=BESIDE`` is written by
:func:`noting` in a transaction of its own, which takes no lock but of its rows: on PostgreSQL in the registry's
database, on SQLite, where one writer holds all of a file, in a file of its own. What cannot be noted (a full disk) is
no reason to let nobody in: :func:`noting` raises :class:`NotNoted`, and the caller goes on with what it knows.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from flask import current_app
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from registry.infra.db import NO_VALUES, Base, db

_log = logging.getLogger(__name__)

BESIDE = {"beside": True}
"""The ``info`` of such a table."""

PATIENCE = 5
"""Seconds that one note waits for another."""


class NotNoted(Exception):
    """Nothing could be written: the disk is full, or the database out of reach."""


def engine() -> sa.Engine:
    """Where such tables are kept: the registry's own database, on SQLite a file beside it."""
    if db.engine.dialect.name != "sqlite":
        return db.engine
    found: sa.Engine | None = current_app.extensions.get("beside")
    if found is None:
        path: Path = current_app.config["SETTINGS"].beside_file
        found = sa.create_engine(f"sqlite:///{path}", connect_args={"check_same_thread": False}, **NO_VALUES)
        event.listen(found, "connect", _wait_for_little)
        tables = [table for table in Base.metadata.tables.values() if table.info.get("beside")]
        with found.connect().execution_options(writing=True) as connection, connection.begin():
            is_new = not sa.inspect(connection).get_table_names()  # asked when it is this process's turn
            Base.metadata.create_all(connection, tables=tables)
            if is_new:
                _take_over(connection, tables)
        path.chmod(0o600)
        current_app.extensions["beside"] = found
    return found


def open_early() -> None:
    """Open the notes while there is room for what SQLite keeps beside a file that is in use."""
    try:
        engine()
    except OperationalError as error:
        _log.error("sign-ins cannot be noted: %s", error.orig)


def _as_they_stand() -> sa.Engine:
    """The notes for reading alone, where their file cannot be opened as :func:`engine` does.

    SQLite needs room beside a file that is in use. Whoever uses it has made that room, or left it there where it was
    killed. A file without it is used by nobody and holds all that was ever noted: it is read as it is. Where there is
    none yet, or an empty one, nothing was noted since the registry's own tables (:func:`_take_over`).
    """
    path: Path = current_app.config["SETTINGS"].beside_file
    if not _size(path):
        return db.engine
    is_used = any(_size(path.with_name(f"{path.name}{ending}")) for ending in ("-wal", "-shm"))
    address = f"file:{quote(str(path))}?mode=ro" + ("" if is_used else "&immutable=1")
    return sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, check_same_thread=False),
        poolclass=sa.NullPool,
        **NO_VALUES,
    )


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _wait_for_little(connection: Any, _record: Any) -> None:
    """Wait for another note for :data:`PATIENCE`, and leave it to the system when a note reaches the disk.

    Waiting for a disk that an import fills takes seconds. A power failure costs the notes of the last moments, a
    process that is killed none.
    """
    connection.execute(f"PRAGMA busy_timeout = {1000 * PATIENCE}")
    connection.execute("PRAGMA synchronous = NORMAL")


def _take_over(connection: sa.Connection, tables: list[sa.Table]) -> None:
    """Begin with what a backup brought back, or what an older version kept, in the registry's own file."""
    with db.engine.connect() as registers:
        present = set(sa.inspect(registers).get_table_names())
        for table in tables:
            rows = registers.execute(sa.select(table)).mappings().all() if table.name in present else ()
            if rows:
                connection.execute(sa.insert(table), [dict(row) for row in rows])


@contextmanager
def noting() -> Generator[sa.Connection]:
    """A short transaction of its own that writes notes.

    :raises NotNoted: when it cannot be written.
    """
    try:
        with engine().connect().execution_options(writing=True) as connection, connection.begin():
            yield connection
    except OperationalError as error:
        raise NotNoted from error


@contextmanager
def noted() -> Generator[sa.Connection]:
    """Reading notes, also from a disk on which nothing can be written any more.

    :raises OperationalError: when what was noted cannot be known.
    """
    try:
        found = engine()
    except OperationalError:
        found = _as_they_stand()
    with found.connect() as connection:
        yield connection


def table_of(model: type[Base]) -> sa.Table:
    """The table of a model."""
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 — what a model without inheritance has
    return table


def upsert(table: sa.Table, **values: Any) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into ``table`` that both databases can be told to turn into an UPDATE where the key stands already."""
    kind = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return kind.insert(table).values(**values)
