"""The one commit point, exact types and time zones, on both databases."""

from __future__ import annotations

import threading
import time
import traceback
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts.models import Invitation, User
from registry.infra import beside
from registry.infra import db as module
from registry.infra.db import Busy, db, transaction
from registry.territories.models import NumberSeries
from registry.territories.services import next_number
from tests.factories import NOW, somebody_writing
from tests.people import IDS


def last(scope: str) -> int | None:
    return db.session.scalar(sa.select(NumberSeries.last).where(NumberSeries.scope == scope))


def test_everything_inside_is_written(database):
    with transaction():
        next_number("a")
        next_number("b")
    db.session.rollback()
    assert (last("a"), last("b")) == (1, 1)


def test_or_nothing(database):
    with pytest.raises(ZeroDivisionError), transaction():
        next_number("a")
        raise ZeroDivisionError
    assert last("a") is None


def test_transactions_do_not_nest(database):
    with pytest.raises(RuntimeError, match="nest"), transaction(), transaction():
        pass
    with transaction():
        next_number("a")
    assert last("a") == 1


def test_changes_made_before_are_refused(database):
    db.session.add(NumberSeries(scope="a", last=1))
    with pytest.raises(RuntimeError, match="outside"), transaction():
        pass
    db.session.rollback()


def test_what_was_read_before_is_read_afresh_inside(database):
    with transaction():
        next_number("a")
    before = db.session.get(NumberSeries, "a")
    with db.engine.connect() as other:
        other.execute(sa.text("UPDATE number_series SET last = 7"))
        other.commit()
    with transaction():
        assert next_number("a") == 8
    assert before.last == 8


def test_moments_keep_their_instant_and_come_back_in_utc(database):
    written = datetime(2026, 10, 5, 11, 30, 15, 123456, tzinfo=timezone(timedelta(hours=5)))
    table = db.metadata.tables["user_account"]
    where = table.c.id == IDS["staff"]
    db.session.execute(sa.update(table).where(where).values(created_at=written))
    read = db.session.scalar(sa.select(table.c.created_at).where(where))
    assert read == written
    assert read.tzinfo == UTC
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        db.session.execute(sa.update(table).where(where).values(created_at=datetime(2026, 1, 1)))
    db.session.rollback()


def test_money_is_exact_to_the_tiyn_at_any_size(database):
    table = db.metadata.tables["external_value"]
    largest = 10**17 - 1
    db.session.execute(
        sa.insert(table).values(
            indicator=2,
            year=2026,
            value=largest,
            source="s",
            edition="e",
            effective_on=datetime(2026, 1, 1).date(),
            recorded_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
    )
    assert db.session.scalar(sa.select(sa.func.sum(table.c.value) - 1)) == largest - 1
    db.session.rollback()


def test_foreign_keys_hold(database):
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.add(Invitation(user_id=99, token_hash="x", created_at=NOW, expires_at=NOW))


def test_a_writer_waits_for_another_so_long_and_no_longer(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", 0.3)
    with somebody_writing(database):
        began = time.monotonic()
        with pytest.raises(Busy, match="Somebody else is writing"), transaction():
            pass
        assert 0.2 < time.monotonic() - began < 10
        # What was not begun leaves nothing behind, and readers read on.
        assert last("a") is None
    with transaction():
        next_number("a")
    assert last("a") == 1


def test_errors_of_the_database_name_no_values(database: Flask) -> None:
    """They go into logs: what was to be written is personal."""
    name, login = "Тайная Фамилия 870101400000", "staff"
    known = {"name": name, "active": True, "session_epoch": 0, "language": "en", "created_at": NOW}
    wrong = (
        {"login": login, "role": "staff"},
        {"login": "x", "role": None},
        {"login": "y", "role": "staff", "id": IDS["staff"]},
    )
    for values in wrong:
        with pytest.raises(sa.exc.IntegrityError) as refused:
            db.session.execute(sa.insert(User).values(known | values))
        db.session.rollback()
        said = "".join(traceback.format_exception(refused.value))
        assert name not in said
        assert f"({login})" not in said
        assert "DETAIL" not in said
        assert str(refused.value.orig) in str(refused.value)
    assert beside.engine().hide_parameters


def test_a_writer_whose_turn_comes_writes(database: Flask) -> None:
    passed: list[int] = []

    def wait() -> None:
        with database.app_context():
            with transaction() as session:
                passed.append(next_number("a"))
                if session.get_bind().dialect.name == "postgresql":
                    assert session.scalar(sa.text("SHOW lock_timeout")) == "0"
            db.session.remove()

    with somebody_writing(database):
        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.5)
        assert passed == []
    waiting.join(20)
    assert passed == [1]
