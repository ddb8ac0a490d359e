"""A clock that runs ahead, while the program runs or before it was started."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from registry.accounts import services
from registry.errors import Conflict, NotFound
from registry.infra import clock
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.journal import queries as journal
from registry.journal import services as recording
from registry.journal.models import JournalHead
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
