"""Signing in: what others guess holds nobody up, no writer is waited for, and a session ends for good."""

from __future__ import annotations

import resource
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import queries, signing_in
from registry.accounts.models import SignInFailure
from registry.accounts.rules import (
    FREE_FAILURES,
    FREE_FAILURES_OF_ADDRESS,
    FREE_FAILURES_OF_LOGIN,
    SESSION_LONGEST,
    What,
)
from registry.infra import beside
from registry.infra.clock import utc_now
from registry.infra.db import Busy, db, transaction
from tests import people
from tests.factories import NOW, somebody_writing
from tests.pages import PageClient

STAFF = people.IDS["staff"]


def attempt(login: str, address: str, after: int = 0) -> timedelta:
    """An attempt so many seconds after :data:`NOW`, in a browser never seen."""
    return signing_in.begin(signing_in.counters_of(login, address), now=NOW + timedelta(seconds=after))


def test_guesses_from_one_address_are_slowed(database: Flask) -> None:
    for _number in range(FREE_FAILURES):
        assert attempt("Staff ", "192.0.2.1") == timedelta()
    assert attempt("staff", "192.0.2.1") == timedelta(seconds=2)
    assert attempt("staff", "192.0.2.1", 1) == timedelta(seconds=1)
    assert attempt("staff", "192.0.2.1", 2) == timedelta()
    assert attempt("staff", "192.0.2.1", 2) == timedelta(seconds=4)
    assert attempt("auditor", "192.0.2.1") == timedelta()
    assert attempt("staff", "192.0.2.2") == timedelta(), "guesses elsewhere hold nobody up"


def test_guesses_with_many_logins_are_slowed(database: Flask) -> None:
    for number in range(FREE_FAILURES_OF_ADDRESS):
        assert attempt(f"login{number}", "192.0.2.1") == timedelta()
    assert attempt("staff", "192.0.2.1") == timedelta(seconds=2)
    assert attempt("staff", "192.0.2.2") == timedelta()


def test_guesses_from_many_addresses_are_slowed(app: Flask) -> None:
    for number in range(FREE_FAILURES_OF_LOGIN):
        assert attempt("staff", f"198.51.100.{number}") == timedelta()
    assert attempt("staff", "192.0.2.1") == timedelta(seconds=2)
    user = queries.by_login("staff")
    assert user is not None
    home = signing_in.counters_of("staff", "192.0.2.1", at_home=True)
    known = signing_in.counters_of("staff", "192.0.2.1", browser="x")
    assert signing_in.begin(home, now=NOW) == signing_in.begin(known, now=NOW) == timedelta()
    assert not signing_in.is_at_home(user, "192.0.2.1", now=NOW)
    signing_in.succeeded(user, home, "192.0.2.1", now=NOW)
    assert signing_in.is_at_home(user, "192.0.2.1", now=NOW + timedelta(days=89))
    assert not signing_in.is_at_home(user, "192.0.2.1", now=NOW + timedelta(days=91))


def test_success_forgets_the_failures(database: Flask) -> None:
    user, counters = queries.by_login("staff"), signing_in.counters_of("staff", "192.0.2.1")
    assert user is not None
    for _number in range(FREE_FAILURES):
        signing_in.begin(counters, now=NOW)
    signing_in.succeeded(user, counters, "192.0.2.1", now=NOW)
    assert attempt("staff", "192.0.2.1") == timedelta()
    assert signing_in.last_sign_ins([user]) == {user.id: NOW}


def test_an_own_account_buys_no_guesses(database: Flask) -> None:
    """Whoever signs in again and again in a browser known to him guesses no more with other logins."""
    user, passed = queries.by_login("staff"), 0
    assert user is not None
    own = signing_in.counters_of("staff", "192.0.2.1", browser="x")
    for number in range(3 * FREE_FAILURES_OF_ADDRESS):
        if number % 4 == 0:
            for _time in range(4):
                assert signing_in.begin(own, now=NOW) == timedelta()
                signing_in.succeeded(user, own, "192.0.2.1", now=NOW)
        passed += attempt(f"login{number}", "192.0.2.1") == timedelta()
    assert passed == FREE_FAILURES_OF_ADDRESS


@pytest.mark.parametrize("at_home", [True, False])
def test_a_right_password_takes_off_what_its_attempt_added(database: Flask, at_home: bool) -> None:
    user, own = queries.by_login("staff"), signing_in.counters_of("staff", "192.0.2.1", at_home=at_home)
    assert user is not None
    for number in range(FREE_FAILURES_OF_ADDRESS - 1):
        assert attempt(f"login{number}", "192.0.2.1") == timedelta()
    for _time in range(3):
        assert signing_in.begin(own, now=NOW) == timedelta()
        signing_in.succeeded(user, own, "192.0.2.1", now=NOW)
    assert attempt("one", "192.0.2.1") == timedelta()
    assert attempt("another", "192.0.2.1") > timedelta()


@pytest.mark.parametrize("moment", [NOW + timedelta(hours=2), NOW - timedelta(days=3650)])
def test_failures_are_forgotten_in_time_and_after_a_clock_ran_ahead(database: Flask, moment: object) -> None:
    for _number in range(FREE_FAILURES + 3):
        attempt("staff", "192.0.2.1")
    assert signing_in.begin(signing_in.counters_of("staff", "192.0.2.1"), now=moment) == timedelta()  # type: ignore[arg-type]
    with beside.noted() as connection:
        assert connection.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 3


def test_many_at_once_do_not_slip_through(database: Flask) -> None:
    passed: list[timedelta] = []

    def guess() -> None:
        with database.app_context():
            passed.append(attempt("staff", "192.0.2.1"))
            db.session.remove()

    beside.engine()
    threads = [threading.Thread(target=guess) for _number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert passed.count(timedelta()) == FREE_FAILURES


def test_nobody_waits_for_a_writer_to_sign_in_or_check_a_paper(database: Flask) -> None:
    client = PageClient(database)
    with somebody_writing(database):
        began = utc_now()
        page = client.get(client.sign_in("staff"))
        assert page.response.request.path == "/"
        client.get("/check?code=AAAA-BBBB")
        client.get("/v/AAAA", expect=404)
        page = client.get("accounts.profile")
        client.submit(page, action="/sign-out")
        assert utc_now() - began < timedelta(seconds=20)
        with pytest.raises(Busy), transaction(at_once=True):
            pass
    with transaction(at_once=True):
        pass


def test_the_owner_signs_in_while_others_guess(client: PageClient, app: Flask) -> None:
    """In the browser used before, even from the guesser's own address."""
    client.sign_in("staff")
    client.submit(client.get("accounts.profile"), action="/sign-out")
    guesser = PageClient(app)
    for _number in range(FREE_FAILURES + 3):
        page = guesser.get("accounts.sign_in")
        answer = guesser.submit(page, {"login": "staff", "password": "wrong"}, containing="password", expect=422)
    assert "Too many attempts" in answer
    assert client.sign_in("staff") == "/"


def test_a_copied_cookie_ends_with_the_session(database: Flask) -> None:
    client, thief, other = PageClient(database), PageClient(database), PageClient(database)
    client.sign_in("staff")
    other.sign_in("staff")
    with client._client.session_transaction() as session:
        copied = dict(session)
    with thief._client.session_transaction() as session:
        session.update(copied)
    thief.get("home.index")
    client.submit(client.get("accounts.profile"), action="/sign-out")
    assert thief.get_response("/", expect=302).headers["Location"] == "/sign-in"
    other.get("home.index")


@pytest.mark.parametrize("aside", [-SESSION_LONGEST - timedelta(seconds=1), timedelta(days=1)])
def test_a_session_ends_whatever_is_done_in_it(client: PageClient, aside: timedelta) -> None:
    client.sign_in("staff")
    client.get("home.index")
    with client._client.session_transaction() as session:
        session["began"] = int((utc_now() + aside).timestamp())
    client.get_response("/", expect=302)


def test_sign_ins_and_failures_stand_on_the_pages(client: PageClient, app: Flask) -> None:
    for password in ("wrong", people.PASSWORD):
        page = client.get("accounts.sign_in")
        expect = 422 if password == "wrong" else 302
        client.submit(page, {"login": "staff", "password": password}, containing="password", expect=expect)
    client.submit(client.get("accounts.profile"), action="/sign-out")
    assert [row.what for row in signing_in.history(STAFF)] == [What.SIGNED_OUT, What.SIGNED_IN, What.FAILED]
    client.sign_in("staff")
    shown = client.get("accounts.profile")
    for text in ("signed out", "signed in", "wrong password", "127.0.0.1"):
        assert text in shown
    admin = PageClient(app)
    admin.sign_in("admin")
    assert "wrong password" in admin.get("accounts.show", user_id=STAFF)
    assert admin.get("accounts.index").response.status_code == 200


def test_with_a_full_disk_people_sign_in_and_guesses_are_slowed(app: Flask, client: PageClient) -> None:
    page = client.get("accounts.sign_in")

    @sa.event.listens_for(beside.engine(), "before_cursor_execute")
    def full(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if statement.split()[0] in {"INSERT", "UPDATE", "DELETE"}:
            raise sa.exc.OperationalError(statement, None, sqlite3.OperationalError("database or disk is full"))

    client.submit(page, {"login": "staff", "password": people.PASSWORD}, containing="password", follow=True)
    guesser = PageClient(app)
    for _number in range(FREE_FAILURES + 1):
        page = guesser.get("accounts.sign_in")
        answer = guesser.submit(page, {"login": "admin", "password": "wrong"}, containing="password", expect=422)
    assert "Too many attempts" in answer


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process grows, not even by what SQLite keeps beside one that it opens."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("noted_before", [True, False], ids=["with notes", "without"])
def test_pages_are_read_where_the_disk_was_full_before_the_notes_were_opened(
    app: Flask, client: PageClient, noted_before: bool
) -> None:
    client.sign_in("staff")
    gone = PageClient(app)
    gone.sign_in("staff")
    with gone._client.session_transaction() as session:
        signing_in.end_session(session["secret"], utc_now() + SESSION_LONGEST)
    assert gone.get_response("home.index", expect=302).headers["Location"].startswith("/sign-in")
    app.extensions.pop("beside").dispose()
    file: Path = app.config["SETTINGS"].beside_file
    if not noted_before:
        file.unlink()
    assert not list(file.parent.glob("beside.db-*"))
    with full_disk():
        read, ended = client.answer("/"), gone.answer("/")
    assert (read.status_code, read.request.path) == (200, "/")
    assert ended.request.path == ("/sign-in" if noted_before else "/")
    assert "beside" not in app.extensions


def test_processes_that_begin_together_share_one_file(app: Flask) -> None:
    """What a backup brought back is taken over once."""
    with transaction() as session:
        session.execute(sa.insert(SignInFailure).values(key="a", count=3, last_at=NOW))
    engines = []
    for _process in range(2):
        engines.append(beside.engine())
        app.extensions.pop("beside")
    for engine in engines:
        with engine.connect() as connection:
            assert connection.scalar(sa.select(sa.func.count()).select_from(SignInFailure)) == 1
        engine.dispose()


def test_a_note_waits_for_no_disk_and_not_long_for_another(app: Flask) -> None:
    """An import that fills the disk made sign-ins wait for seconds until their note was on it."""
    with beside.noted() as connection:
        found = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("synchronous", "busy_timeout")]
    assert found == [1, 1000 * beside.PATIENCE]  # 1 is NORMAL
