"""Periodic work: when it is due, that it is run once, what is noted of it, and what clocks and failures do to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.app import SCHEDULE
from registry.infra import schedule
from registry.infra.i18n import LANGUAGES, lazy, speaking
from registry.infra.schedule import DAY, Failed, Note, Periodic, When
from registry.infra.time_limit import TooLong, limited

NIGHTLY = When(DAY, time(3))
"""03:00 in Almaty is 22:00 in UTC."""

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
LAST_NIGHT = datetime(2026, 11, 29, 22, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(schedule, "utc_now", clock)
    return clock


class Work:
    """An entry of the schedule that counts its runs and does what the test says."""

    def __init__(self, when: When | None = NIGHTLY) -> None:
        self.ran = 0
        self.does: Callable[[], object] = lambda: None
        self.entry = Periodic("work", lazy("Forms"), lambda _settings: when, self.run)

    def run(self) -> object:
        self.ran += 1
        return self.does()


@pytest.fixture
def work(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Work:
    work = Work()
    monkeypatch.setitem(app.extensions, "schedule", (work.entry,))
    monkeypatch.setattr(schedule, "_unwritten", {})
    return work


def look(app: Flask) -> bool:
    """What a worker does that has nothing else to do."""
    return schedule.run_one(app, lambda _seconds: nullcontext())


def state(clock: Clock) -> schedule.State:
    return schedule.state("work", clock.now)


@pytest.mark.parametrize(
    ("when", "now", "latest"),
    [
        (NIGHTLY, NOW, LAST_NIGHT),
        (NIGHTLY, LAST_NIGHT, LAST_NIGHT),
        (NIGHTLY, LAST_NIGHT - timedelta(seconds=1), LAST_NIGHT - DAY),
        (When(timedelta(minutes=5)), NOW + timedelta(minutes=7), NOW + timedelta(minutes=5)),
        (When(7 * DAY, time(3)), NOW, LAST_NIGHT),  # 30 November 2026 is a Monday in Almaty
    ],
)
def test_due_times_are_local(when: When, now: datetime, latest: datetime) -> None:
    assert when.latest(now) == latest


def noted(due: datetime, *, tries: int = 1, ended: datetime | None = None, good: bool = False) -> Note:
    return Note(due, due, tries, ended, good)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (None, LAST_NIGHT),
        (noted(LAST_NIGHT - 9 * DAY, ended=NOW - 9 * DAY, good=True), LAST_NIGHT),
        (noted(LAST_NIGHT, ended=NOW, good=True), LAST_NIGHT + DAY),
        (noted(LAST_NIGHT, tries=1, ended=NOW), NOW + timedelta(minutes=5)),
        (noted(LAST_NIGHT, tries=2, ended=NOW), NOW + timedelta(minutes=15)),
        (noted(LAST_NIGHT, tries=4, ended=NOW), NOW + 4 * HOUR),
        (noted(LAST_NIGHT, tries=99, ended=NOW), NOW + 4 * HOUR),
        (noted(LAST_NIGHT, tries=99, ended=NOW + 9 * HOUR), LAST_NIGHT + DAY),
        (noted(LAST_NIGHT, tries=3), LAST_NIGHT + HOUR),  # broke off
    ],
)
def test_the_next_run_follows_from_the_note(note: Note | None, expected: datetime) -> None:
    assert schedule.next_run(NIGHTLY, note, NOW) == expected


def test_each_due_time_is_worked_off_once_and_days_that_were_missed_together(
    app: Flask, work: Work, clock: Clock
) -> None:
    assert look(app)
    assert not look(app)
    assert work.ran == 1
    clock.now = LAST_NIGHT + DAY - timedelta(seconds=1)
    assert not look(app)
    clock.now = LAST_NIGHT + DAY
    assert look(app)
    assert work.ran == 2
    clock.now += 10 * DAY + HOUR
    assert look(app)
    assert not look(app)
    assert work.ran == 3
    assert state(clock).next_at == LAST_NIGHT + 12 * DAY


def test_two_workers_run_it_once(app: Flask, work: Work, clock: Clock) -> None:
    begun, may_end = threading.Event(), threading.Event()

    def last_long() -> None:
        begun.set()
        assert may_end.wait(30)

    work.does = last_long
    first = threading.Thread(target=look, args=(app,))
    first.start()
    assert begun.wait(30)
    # One that looks at the note again, and one that looked before the other had begun.
    assert not look(app)
    assert not schedule._run_if_due(work.entry, lambda _seconds: nullcontext())
    assert state(clock).is_running
    assert not state(clock).failed
    may_end.set()
    first.join()
    assert not look(app)
    assert work.ran == 1
    assert not state(clock).is_running


def test_what_broke_off_with_its_process_is_tried_again_after_a_pause(app: Flask, work: Work, clock: Clock) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    work.does = die
    with pytest.raises(KeyboardInterrupt):
        look(app)
    found = state(clock)
    assert found.broke_off
    assert found.failed
    assert found.said == "It was broken off with its process."
    assert not look(app)
    clock.now += timedelta(minutes=5)
    work.does = lambda: None
    assert look(app)
    assert not state(clock).failed
    assert work.ran == 2


def test_a_failure_is_noted_in_three_languages_and_tried_again(app: Flask, work: Work, clock: Clock) -> None:
    def fail() -> None:
        raise Failed(lazy("A fault of the program stopped it: the log of the server tells more."))

    work.does = fail
    assert look(app)
    words = set()
    for language in LANGUAGES:
        with speaking(language):
            words.add(state(clock).said)
    assert len(words) == 3
    assert state(clock).failed
    for pause, total in ((4, 1), (1, 2), (14, 2), (1, 3)):
        clock.now += timedelta(minutes=pause)
        look(app)
        assert work.ran == total
    work.does = lambda: lazy("Done")
    clock.now += HOUR
    assert look(app)
    assert not state(clock).failed
    assert state(clock).next_at == LAST_NIGHT + DAY


def test_an_unexpected_fault_tells_nothing_but_that_it_was_one(
    app: Flask, work: Work, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ValueError("https://key:secret@bucket")

    work.does = fail
    assert look(app)
    assert state(clock).said == "A fault of the program stopped it: the log of the server tells more."
    assert "secret" not in (app.config["SETTINGS"].schedule_dir / "work.json").read_text()
    assert "work failed" in caplog.text


def test_a_failing_entry_does_not_stop_the_next(app: Flask, work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Work()
    monkeypatch.setitem(
        app.extensions, "schedule", (work.entry, Periodic("other", "", lambda _settings: NIGHTLY, other.run))
    )
    work.does = lambda: 1 // 0
    assert look(app)
    assert look(app)
    assert not look(app)
    assert (work.ran, other.ran) == (1, 1)


def test_what_takes_too_long_is_stopped(app: Flask, work: Work, clock: Clock) -> None:
    def take_long() -> None:
        threading.Event().wait(30)

    work.does = take_long
    assert schedule.run_one(app, lambda _seconds: limited(0.2))
    assert state(clock).said == "It took longer than it may and was stopped."
    with pytest.raises(TooLong), limited(0.1):
        take_long()


@pytest.mark.parametrize("ahead", [2 * DAY, 400 * DAY])
def test_a_note_of_the_future_holds_up_nothing(app: Flask, work: Work, clock: Clock, ahead: timedelta) -> None:
    clock.now += ahead
    assert look(app)
    clock.now = NOW
    assert state(clock).note is None
    assert look(app)
    assert not look(app)
    assert work.ran == 2


def test_a_clock_set_back_a_little_runs_nothing_twice(app: Flask, work: Work, clock: Clock) -> None:
    clock.now = LAST_NIGHT + timedelta(seconds=1)
    assert look(app)
    clock.now = LAST_NIGHT - timedelta(seconds=30)
    assert not look(app)
    clock.now = LAST_NIGHT + timedelta(seconds=30)
    assert not look(app)
    assert work.ran == 1


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"due": "2026-11-29T22:00:00", "begun_at": 1, "tries": 1}'])
def test_a_damaged_note_counts_as_none(app: Flask, work: Work, clock: Clock, content: bytes) -> None:
    assert look(app)
    (app.config["SETTINGS"].schedule_dir / "work.json").write_bytes(content)
    assert state(clock).note is None
    assert look(app)
    assert not look(app)


def test_where_nothing_can_be_noted_it_runs_once_all_the_same(
    app: Flask, work: Work, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(schedule, "write_whole", full)
    assert look(app)
    assert not look(app)
    clock.now += DAY
    assert look(app)
    assert work.ran == 2


def test_what_is_switched_off_is_not_run(app: Flask, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    work = Work(when=None)
    monkeypatch.setitem(app.extensions, "schedule", (work.entry,))
    assert not look(app)
    assert state(clock).next_at is None


def test_nothing_old_is_removed_while_the_clock_seems_to_run_ahead(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done = []
    work = schedule.by_age(lambda: done.append(1))
    monkeypatch.setattr(schedule, "seems_ahead", lambda: True)
    assert "the clock seems to run ahead" in str(work())
    monkeypatch.setattr(schedule, "seems_ahead", lambda: False)
    work()
    assert done == [1]


def test_every_entry_of_the_program_has_a_key_and_words_in_each_language(app: Flask) -> None:
    keys = [entry.key for entry in SCHEDULE]
    assert len(keys) == len(set(keys))
    for entry in SCHEDULE:
        words = set()
        for language in LANGUAGES:
            with speaking(language):
                words.add(str(entry.name))
        assert len(words) == 3, entry.key


def test_the_worker_runs_everything_that_is_due(app: Flask) -> None:
    while schedule.run_one(app, limited):
        pass
    for found in schedule.states(schedule.utc_now()):
        # Backups are switched off in tests, and so is mail.
        is_off = found.entry.key in {"backup", "digest"}
        assert (found.note is None) == (found.when is None) == is_off, found.entry.key
        assert not found.failed, (found.entry.key, found.said)
