"""What is noted beside the registers: small facts that must wait for no writer.

Failed guesses, sign-ins, ended sessions and how often a paper was looked up change nothing that is recorded, and
whoever signs in or checks a paper must not stand behind an import. A table declared with ``info=BESIDE`` is written by
:func:`noting` in a transaction of its own, which takes no lock but of its rows: on PostgreSQL in the registry's
database, on SQLite, where one writer holds all of a file, in a file of its own. What cannot be noted (a full disk) is
no reason to let nobody in: :func:`noting` raises :class:`NotNoted`, and the caller goes on with what it knows. A file
on SQLite that is damaged is set aside and begun anew: without one nothing would slow down who guesses passwords.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from filelock import FileLock
from flask import current_app
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, OperationalError

from registry.infra.clock import utc_now
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
        _set_aside_damaged(path)
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


def damage(path: Path) -> str | None:
    """What is wrong with the file at ``path``, in SQLite's words; None where it is whole, busy or not there."""
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=PATIENCE)) as file:
            (said,) = file.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError:
        return None
    except sqlite3.DatabaseError as error:
        return str(error)
    return None if said == "ok" else " ".join(str(said).split())


def set_aside(path: Path) -> list[Path]:
    """The damaged files that were set aside, the oldest first."""
    return sorted(path.parent.glob(f"{path.name}.damaged-*"))


def _set_aside_damaged(path: Path) -> None:
    """Give a damaged file another name, with what belongs to it; another process may be the first."""
    if damage(path) is None:
        return
    with FileLock(path.with_name(f"{path.name}.lock"), mode=0o600):
        problem = damage(path)
        if problem is None:
            return
        aside = f"{path.name}.damaged-{utc_now():%Y%m%dT%H%M%S}"
        for suffix in ("-wal", "-shm", ""):
            part = path.with_name(path.name + suffix)
            if part.exists():
                part.rename(path.with_name(aside + suffix))
    _log.error(
        "%s was damaged (%s): it was set aside as %s and is begun anew, without the guesses and ended sessions in it",
        path, problem, aside,
    )  # fmt: skip


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


def _connected(**options: Any) -> sa.Connection:
    """A connection that answers, to a file begun anew where what stood there is damaged."""
    try:
        connection = engine().connect()
        if db.engine.dialect.name == "sqlite":
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
            connection.rollback()
    except DatabaseError as error:
        if not _is_damage(error):
            raise
        _forget()
        connection = engine().connect()
    return connection.execution_options(**options)


def _forget() -> None:
    """Let the file be looked at again, and set aside where it is damaged, when it is needed next."""
    found = current_app.extensions.pop("beside", None)
    if found is not None:
        found.dispose()


def _is_damage(error: DatabaseError) -> bool:
    return getattr(error.orig, "sqlite_errorname", "").startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


@contextmanager
def noting() -> Generator[sa.Connection]:
    """A short transaction of its own that writes notes.

    :raises NotNoted: when it cannot be written.
    """
    try:
        with _connected(writing=True) as connection, connection.begin():
            yield connection
    except DatabaseError as error:
        if _is_damage(error):
            _forget()
        elif not isinstance(error, OperationalError):
            raise
        raise NotNoted from error


@contextmanager
def noted() -> Generator[sa.Connection]:
    """Reading notes, also from a disk on which nothing can be written any more.

    :raises OperationalError: when what was noted cannot be known.
    """
    try:
        connection = _connected()
    except OperationalError:
        connection = _as_they_stand().connect()
    try:
        with connection:
            yield connection
    except DatabaseError as error:
        if _is_damage(error):
            _forget()
        raise


def table_of(model: type[Base]) -> sa.Table:
    """The table of a model."""
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101 — what a model without inheritance has
    return table


def upsert(table: sa.Table, **values: Any) -> postgresql.Insert | sqlite.Insert:
    """An INSERT into ``table`` that both databases can be told to turn into an UPDATE where the key stands already."""
    kind = sqlite if db.engine.dialect.name == "sqlite" else postgresql
    return kind.insert(table).values(**values)
