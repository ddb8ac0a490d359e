"""A clock that runs ahead, while the program runs or before it was started."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from registry.accounts import services, signing_in
from registry.accounts.rules import SIGN_IN_MEMORY, What
from registry.errors import Conflict, NotFound
from registry.infra import backup, clock, unsent
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.journal import queries as journal
from registry.journal import services as recording
from registry.journal.models import JournalHead
from tests import people
from tests.pages import PageClient

YEARS = timedelta(days=3650)


def set_clock(monkeypatch: pytest.MonkeyPatch, ahead: timedelta) -> datetime:
    """Let the machine's clock be so far ahead."""
    moment = datetime.now(UTC) + ahead
    monkeypatch.setattr(clock, "wall", lambda: moment - datetime(1970, 1, 1, tzinfo=UTC))
    return moment


def test_nothing_is_recorded_after_a_jump(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = journal.head().count
    moment = set_clock(monkeypatch, YEARS)
    with pytest.raises(Conflict, match="jumped ahead by 87600 hours"), transaction():
        services.add_user(SYSTEM, login="late", role="staff", now=moment)
    assert journal.head().count == before
    monkeypatch.undo()
    with transaction():
        services.add_user(SYSTEM, login="late", role="staff", now=clock.utc_now())
    assert journal.head().recorded_at < clock.utc_now() + timedelta(minutes=1)


def test_a_clock_set_back_is_taken_for_right(monkeypatch: pytest.MonkeyPatch) -> None:
    steady = clock.Steady()
    for hours, found in ((0, 0), (-480, 0), (-400, 0), (0, 480), (-480, 0), (-300, 180)):
        set_clock(monkeypatch, timedelta(hours=hours))
        assert round(steady.jump() / timedelta(hours=1)) == found


def test_a_journal_of_the_future_locks_nobody_out(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ahead = datetime.now(UTC) + YEARS
    with transaction():
        for_years, token = services.invite(SYSTEM, login="guest", role="auditor", now=ahead)
    monkeypatch.setattr(recording, "_said", set())
    client.sign_in("staff")
    assert "a clock ran ahead" in client.get("home.index")
    with transaction():
        services.add_user(SYSTEM, login="next", role="staff", now=clock.utc_now())
    assert "a clock ran ahead" in caplog.text
    assert for_years.login == "guest"
    client.get(f"/invitations/{token}", expect=404)


def test_a_journal_that_rests_for_years_makes_suspicious(app: Flask) -> None:
    head = JournalHead(id=1, count=5, hash="0", recorded_at=clock.utc_now() - timedelta(days=400))
    assert "more than a year before" in str(journal.clock_doubt(head))
    assert journal.clock_doubt(JournalHead(id=1, count=0, hash="0", recorded_at=head.recorded_at)) is None
    head.recorded_at = clock.utc_now() - timedelta(days=300)
    assert journal.clock_doubt(head) is None


def test_links_expire(app: Flask) -> None:
    with transaction():
        _user, token = services.invite(SYSTEM, login="guest", role="auditor", now=clock.utc_now())
    from registry.accounts import queries

    queries.open_invitation(token, clock.utc_now())
    with pytest.raises(NotFound):
        queries.open_invitation(token, clock.utc_now() + timedelta(days=8))


def counts_signing_in() -> tuple[bool, int, int]:
    """What is known of a session that was signed out of, of an account's sign-ins and of the guesses of an address."""
    counter = signing_in.Counter("guesses", free=0)
    waits = signing_in.wait_for(counter, now=clock.utc_now()) > timedelta()
    return signing_in.is_ended("signed out"), len(signing_in.history(people.IDS["staff"])), waits


@pytest.mark.parametrize("jumps", [True, False], ids=["while the program runs", "before it began"])
def test_a_clock_ahead_removes_nothing(database: Flask, monkeypatch: pytest.MonkeyPatch, jumps: bool) -> None:
    now = clock.utc_now()
    with transaction():
        services.add_user(SYSTEM, login="before", role="staff", now=now)
    signing_in.end_session("signed out", now + timedelta(days=1))
    signing_in.note(people.IDS["staff"], What.SIGNED_IN, "192.0.2.1", now=now)
    signing_in.count_guess(signing_in.Counter("guesses", free=0), now=now)
    typed = unsent._folder() / "typed"
    typed.parent.mkdir(exist_ok=True)
    typed.write_text("{}")
    before = counts_signing_in()
    assert before == (True, 1, True)
    if jumps:
        set_clock(monkeypatch, YEARS)
    for module in (journal, signing_in):
        monkeypatch.setattr(module, "utc_now", lambda: now + YEARS)
    monkeypatch.setattr(unsent, "time", _TimeAhead)
    signing_in.forget_old()
    unsent.remove_old()
    signing_in.end_session("another", now + YEARS)
    signing_in.begin([signing_in.Counter("another", free=0)], now=now + YEARS)
    monkeypatch.undo()
    assert counts_signing_in() == before
    assert typed.exists()


class _TimeAhead:
    @staticmethod
    def time() -> float:
        return time.time() + YEARS.total_seconds()


def test_what_is_old_is_forgotten_by_a_right_clock(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.utc_now()
    signing_in.end_session("signed out", now + timedelta(days=1))
    signing_in.note(people.IDS["staff"], What.SIGNED_IN, "192.0.2.1", now=now)
    # A clock that is ahead by less than can be noticed brings no session back.
    monkeypatch.setattr(signing_in, "utc_now", lambda: now + clock.IDLE)
    signing_in.forget_old()
    assert counts_signing_in()[:2] == (True, 1)
    monkeypatch.setattr(signing_in, "utc_now", lambda: now + SIGN_IN_MEMORY + timedelta(days=2))
    signing_in.forget_old()
    assert counts_signing_in()[:2] == (False, 0)


@pytest.mark.parametrize("offset", ["+00:00", ""])
def test_a_note_of_the_future_counts_as_none(app: Flask, offset: str) -> None:
    ahead = f"{clock.utc_now() + YEARS:%Y-%m-%dT%H:%M:%S}{offset}"
    noted = {"checked_at": ahead, "entries": 0, "head": "0", "problem": None}
    journal.check_file().write_text(json.dumps(noted))
    assert journal.last_check() is None
    recording.check_in_time()
    found = journal.last_check()
    assert found is not None
    assert found.checked_at <= clock.utc_now()
    settings = app.config["SETTINGS"]
    (settings.data_dir / backup.NOTE).write_text(json.dumps({"made_at": ahead, "file": "x"}))
    assert backup.last(settings) is None
    backup.note(settings, settings.data_dir / "x", clock.utc_now())
    assert backup.last(settings) is not None
