"""The database: one session, one commit point, exact money, UTC time, and immutability enforced by triggers."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import has_request_context
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError  # noqa: A004
from sqlalchemy.orm import DeclarativeBase, Session

from registry.errors import DomainError
from registry.infra.i18n import lazy

WRITE_LOCK = 7_141_953
"""Key of the advisory lock that lets one writing transaction at a time onto PostgreSQL, as SQLite does by itself."""

PATIENCE = 600
"""Seconds that a command or the worker waits for its turn to write; the largest import takes a part of it."""

PATIENCE_OF_PAGES = 10
"""The same for a page, whose reader waits, and whose thread others wait for."""

BUSY_TIMEOUT = 60_000
"""Milliseconds that anything else on SQLite waits for a lock."""


class Base(DeclarativeBase):
    """Parent of every table."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"autoflush": True})


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite keeps no time zone, so it is put back on reading; naive values are refused."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return value.astimezone(UTC) if dialect.name != "sqlite" else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Hundredths(sa.types.TypeDecorator[int]):
    """A number with two decimals as whole hundredths in a 64-bit integer: tiyn for money, dm² for areas."""

    impl = sa.BigInteger
    cache_ok = True


ONLY_ON = "only_on"
"""Key in an index's ``info``: the one dialect on whose databases it is laid."""


BESIDE_MODELS = "_trigrams"
"""How indexes end that need an extension of PostgreSQL and so are no part of the models."""


def stands_here(item: Any, _name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """For Alembic's comparison of models and database: leave out indexes of the other dialect, and those beside it."""
    if kind != "index":
        return True
    return item.info.get(ONLY_ON) in (None, db.engine.dialect.name) and not item.name.endswith(BESIDE_MODELS)


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: Any) -> None:
    """SQLite: foreign keys, write-ahead log, patience; transactions begin where we say, not where the driver does."""
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "foreign_keys = ON",
            "journal_mode = WAL",
            "synchronous = FULL",
            f"busy_timeout = {BUSY_TIMEOUT}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: sa.Connection) -> None:
    if connection.dialect.name == "sqlite":
        options = connection.get_execution_options()
        patience: float | None = options.get("patience")
        if patience is not None:
            connection.exec_driver_sql(f"PRAGMA busy_timeout = {int(patience * 1000)}")
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")
        finally:
            if patience is not None:
                connection.exec_driver_sql(f"PRAGMA busy_timeout = {BUSY_TIMEOUT}")


NO_VALUES: dict[str, Any] = {"hide_parameters": True}
"""Options of every engine: an error that is logged does not name what was to be written."""


@event.listens_for(Engine, "handle_error")
def _name_no_values(context: sa.engine.ExceptionContext) -> None:
    """Leave out of an error what PostgreSQL says in detail: the row it refused, with the values in it."""
    refused, wrapped = context.original_exception, context.sqlalchemy_exception
    primary = getattr(getattr(refused, "diag", None), "message_primary", None)
    if not primary:
        return
    said = str(refused)
    refused.args = (primary, *refused.args[1:])
    if wrapped is not None:
        wrapped.args = tuple(text.replace(said, primary) if isinstance(text, str) else text for text in wrapped.args)


_forgetting: tuple[Callable[[], None], ...] = ()


def install(forgetting: Sequence[Callable[[], None]]) -> None:
    """How packages forget what they keep of the database for the length of a request, a command or a job."""
    global _forgetting
    _forgetting = tuple(forgetting)


def _forget() -> None:
    for forget in _forgetting:
        forget()


@contextmanager
def one_look() -> Generator[None]:
    """Read everything inside at one moment, whoever writes meanwhile; nothing may have been read before.

    SQLite's transactions are that already; PostgreSQL takes a snapshot for each statement unless told otherwise.
    """
    _forget()
    if db.engine.dialect.name == "postgresql":
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        yield
    finally:
        db.session.rollback()


class Busy(DomainError):
    """Another writer is at work, and this one was not to wait, or not any longer."""

    def __init__(self) -> None:
        super().__init__(
            lazy(
                "Somebody else is writing to the registry, for instance a large file is being imported. Nothing"
                " you sent was recorded; send it again in a minute."
            )
        )


def _patience() -> float:
    return PATIENCE_OF_PAGES if has_request_context() else PATIENCE


def _wait_for_turn(connection: sa.Connection, patience: float) -> None:
    """Take the lock of writers on PostgreSQL.

    :raises Busy: when it is not free in time.
    """
    key = {"key": WRITE_LOCK}
    if connection.scalar(sa.text("SELECT pg_try_advisory_xact_lock(:key)"), key):
        return
    if not patience:
        raise Busy
    try:
        connection.execute(sa.text(f"SET LOCAL lock_timeout = {int(patience * 1000)}"))
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), key)
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == "55P03":  # lock_not_available
            raise Busy from error
        raise
    connection.execute(sa.text("SET LOCAL lock_timeout TO DEFAULT"))


@contextmanager
def transaction(*, at_once: bool = False) -> Generator[Session]:
    """The only commit point: everything inside is written, or nothing.

    Writers take turns (SQLite's write lock, an advisory lock on PostgreSQL), and what was read before is read afresh
    inside, so a rule never decides on what another writer has just changed.

    :raises Busy: when another writer is at work for longer than this one waits (:data:`PATIENCE`), or at all where it
        is to be done ``at_once`` or not at all.
    :raises RuntimeError: when something was changed before the transaction began, or transactions are nested.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("transactions do not nest")
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("changes were made outside transaction()")
    session.commit()
    patience = 0 if at_once else _patience()
    try:
        connection = session.connection(execution_options={"writing": True, "patience": patience})
    except OperationalError as error:
        session.rollback()
        if at_once or getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
            raise Busy from error
        raise
    session.info["writing"] = True
    try:
        if connection.dialect.name == "postgresql":
            _wait_for_turn(connection, patience)
        _forget()
        yield session
        for work in session.info.pop("before_commit", ()):
            work()
        done = session.info.pop("after_commit", ())
        session.commit()
    except BaseException:
        session.rollback()
        _forget()
        raise
    finally:
        session.info.pop("writing", None)
        session.info.pop("before_commit", None)
        session.info.pop("after_commit", None)
        session.info.pop("held", None)
    for work in done:
        work()


Row = TypeVar("Row", bound=Base)


def held(model: type[Row], key: object) -> Row | None:
    """The row of a key, read once in the running transaction: for what each of many acts counts on.

    The session itself forgets a row as soon as nobody uses it. Writers take turns, so nobody changes it meanwhile.
    """
    session = db.session()
    row = session.get(model, key)
    if row is not None and session.info.get("writing"):
        session.info.setdefault("held", set()).add(row)
    return row


def outside_transactions() -> None:
    """Give the connection back before something that takes long and needs no database.

    :raises RuntimeError: inside :func:`transaction`, where everybody else who writes would wait.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("others wait for this transaction to end")
    session.rollback()


def refresh_statistics() -> None:
    """Let PostgreSQL's planner know what its tables hold, inside the transaction that wrote much of it.

    Until its own autovacuum comes, which may be off, it plans as for empty tables: a page took seconds. SQLite plans by
    the schema alone.
    """
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ANALYZE"))


def is_disk_full(error: BaseException | None) -> bool:
    """Whether something could not be written because the disk is full."""
    cause = getattr(error, "orig", error)
    if isinstance(cause, OSError):
        return cause.errno in {errno.ENOSPC, errno.EDQUOT}
    code = getattr(cause, "sqlite_errorcode", None)
    return code == sqlite3.SQLITE_FULL or getattr(cause, "sqlstate", None) == "53100"


def is_out_of_reach(error: BaseException | None) -> bool:
    """Whether the database did not answer: it is down, refuses connections, is locked, or has none free."""
    return isinstance(error, OperationalError | InterfaceError | TimeoutError)


Item = TypeVar("Item")

AT_ONCE = 500
"""Keys that one statement asks for: databases bound the number of parameters."""


def in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    """Keys in parts that one statement may ask for."""
    for first in range(0, len(items), AT_ONCE):
        yield items[first : first + AT_ONCE]


def before_commit(work: Callable[[], None]) -> None:
    """Have ``work`` done once, at the end of the running transaction: for what many acts change together."""
    waiting: list[Callable[[], None]] = db.session().info.setdefault("before_commit", [])
    if work not in waiting:
        waiting.append(work)


def after_commit(work: Callable[[], None]) -> None:
    """Have ``work`` done once the running transaction is committed, and not at all where it fails."""
    db.session().info.setdefault("after_commit", []).append(work)
