"""Periodic work: packages declare what is done how often, the worker runs what is due, and notes tell what came of it.

``registry/app.py`` lists every entry. A due time is a moment of the calendar and not so long after the last run, and
the note of an entry says for which due time it was last begun. Whoever runs an entry holds the lock of its file, which
the system frees when the process ends. So each due time is worked off once, however many workers there are and however
often they start; what a stopped machine missed is caught up once; and what failed, or broke off with its process, is
tried again after a pause that grows.

The notes are files in the data folder, about this installation: no part of the registers or of a backup. One of the
future was written under a wrong clock and counts as none. Where none can be written (a full disk) the process that ran
the entry remembers it itself.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import msgspec
from filelock import FileLock, Timeout
from flask import Flask, current_app

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.clock import AHEAD, ALMATY, seems_ahead, utc_now
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, current_language, deferred, lazy, ngettext, speaking
from registry.infra.storage import write_whole
from registry.infra.time_limit import TooLong

_log = logging.getLogger(__name__)

DAY = timedelta(days=1)
PAUSES = (timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""How long after a failure the next try comes; after the last of them it stays so until the next due time."""

_MONDAY = datetime(2024, 1, 1)
"""From which due times are counted, in Asia/Almaty: weekly ones come on Mondays."""

Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Failed(DomainError):
    """The work could not be done; the message says why, in plain words."""


@dataclass(frozen=True)
class When:
    """How often something is due, counted from a time of day in Asia/Almaty."""

    every: timedelta
    at: time = time.min

    def latest(self, now: datetime) -> datetime:
        """The last due time up to ``now``."""
        local = now.astimezone(ALMATY).replace(tzinfo=None)
        passed = (local - datetime.combine(_MONDAY, self.at)) % self.every
        return (local - passed).replace(tzinfo=ALMATY).astimezone(UTC)

    @property
    def said(self) -> object:
        """For people: «every day at 03:00»."""
        if self.every == DAY:
            return lazy("every day at %(time)s", time=f"{self.at:%H:%M}")
        minutes = self.every // timedelta(minutes=1)
        return deferred(lambda: ngettext("every %(num)s minute", "every %(num)s minutes", minutes))


@dataclass(frozen=True)
class Periodic:
    """Something that is done again and again.

    ``when`` tells by the settings when it is due; None where it is switched off. ``run`` returns what was done, in
    words or nothing, and raises :class:`Failed`; it opens its own transactions. ``seconds`` is how long it may take.
    """

    key: str
    name: object
    when: Callable[[Settings], When | None]
    run: Callable[[], object]
    seconds: int = 1200


class Note(msgspec.Struct, frozen=True):
    """What is noted of an entry: its latest run, and how the last one that ended went."""

    due: Moment
    begun_at: Moment
    tries: int
    """How often it was begun for this due time."""
    ended_at: Moment | None = None
    """None while it runs, and after it broke off."""
    good: bool = False
    said: dict[str, str] = {}
    """What came of it, by language."""
    good_at: Moment | None = None
    """When it last went well."""


@dataclass(frozen=True)
class State:
    """An entry as it stands now. ``next_at`` is None where it is switched off."""

    entry: Periodic
    when: When | None
    note: Note | None
    next_at: datetime | None
    is_running: bool = False

    @property
    def broke_off(self) -> bool:
        return self.note is not None and self.note.ended_at is None and not self.is_running

    @property
    def failed(self) -> bool:
        """Whether the latest run has ended, and not well."""
        return self.note is not None and not self.is_running and not self.note.good

    @property
    def said(self) -> str:
        """What came of the latest run, in the language spoken."""
        if self.note is None:
            return ""
        if self.broke_off:
            return str(lazy("It was broken off with its process."))
        return self.note.said.get(current_language(), "")


def by_age(function: Callable[[], object]) -> Callable[[], object]:
    """Declare work that removes what is old: it does nothing while the clock seems to run ahead, by which all is."""

    @functools.wraps(function)
    def run() -> object:
        if seems_ahead():
            return lazy("Nothing was removed: the clock seems to run ahead.")
        return function()

    return run


def next_run(when: When, note: Note | None, now: datetime) -> datetime:
    """When an entry with this note is run next: it is due where that is not later than ``now``."""
    latest = when.latest(now)
    if note is None or note.due < latest:
        return latest
    after = note.due + when.every
    if note.ended_at is not None and note.good:
        return after
    pause = PAUSES[min(note.tries, len(PAUSES)) - 1]
    return min((note.ended_at or note.begun_at) + pause, after)


def run_one(app: Flask, limited: Callable[[float], AbstractContextManager[None]]) -> bool:
    """Run the first entry that is due; False where there is none. ``limited`` bounds the time it may take."""
    for entry in _entries(app):
        with app.app_context():
            try:
                if _run_if_due(entry, limited):
                    return True
            except OSError:
                _log.exception("%s can be neither locked nor run", entry.key)
            finally:
                db.session.remove()
    return False


def states(now: datetime) -> list[State]:
    """Every entry as it stands."""
    return [state(entry.key, now) for entry in _entries(current_app)]


def state(key: str, now: datetime) -> State:
    """One entry as it stands."""
    entry = next(entry for entry in _entries(current_app) if entry.key == key)
    when, note = entry.when(_settings()), None
    every = DAY if when is None else when.every
    note = _read(entry.key, now, every)
    next_at = None if when is None else next_run(when, note, now)
    return State(entry, when, note, next_at, note is not None and note.ended_at is None and _is_held(entry.key))


# --- inside ---

_unwritten: dict[Path, Note] = {}
"""What this process could not write down."""


def _entries(app: Flask) -> Sequence[Periodic]:
    entries: Sequence[Periodic] = app.extensions["schedule"]
    return entries


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


def _file(key: str, ending: str) -> Path:
    return _settings().schedule_dir / f"{key}.{ending}"


def _run_if_due(entry: Periodic, limited: Callable[[float], AbstractContextManager[None]]) -> bool:
    when = entry.when(_settings())
    if when is None or not _is_due(when, entry.key):
        return False
    with _held(entry.key) as mine:
        # Another worker may have run it since the look before.
        if not mine or not _is_due(when, entry.key):
            return False
        now = utc_now()
        before = _read(entry.key, now, when.every)
        due = when.latest(now) if before is None else max(when.latest(now), before.due)
        tries = before.tries + 1 if before is not None and before.due == due else 1
        good_at = None if before is None else before.good_at
        begun = Note(due, now, tries, good_at=good_at)
        _write(entry.key, begun)
        good, said = _outcome(entry, limited)
        now = utc_now()
        _write(
            entry.key,
            msgspec.structs.replace(begun, ended_at=now, good=good, said=said, good_at=now if good else good_at),
        )
    return True


def _is_due(when: When, key: str) -> bool:
    now = utc_now()
    return next_run(when, _read(key, now, when.every), now) <= now


def _outcome(entry: Periodic, limited: Callable[[float], AbstractContextManager[None]]) -> tuple[bool, dict[str, str]]:
    """Run an entry; whether it went well, and what to say of it in each language."""
    good, said = False, None
    try:
        with limited(entry.seconds):
            said = entry.run()
        good = True
    except TooLong:
        said = lazy("It took longer than it may and was stopped.")
    except DomainError as error:
        said = error.message
    except Exception:
        # Its words may hold anything, an address with a password too: they are for the log alone.
        _log.exception("%s failed", entry.key)
        said = lazy("A fault of the program stopped it: the log of the server tells more.")
    words = {}
    for language in LANGUAGES if said is not None else ():
        with speaking(language):
            words[language] = str(said)
    if not good:
        _log.error("%s: %s", entry.key, words["en"])
    return good, words


def _read(key: str, now: datetime, every: timedelta) -> Note | None:
    """What is noted of an entry; None where nothing is that a right clock can have written."""
    path = _file(key, "json")
    try:
        found: Note | None = msgspec.json.decode(path.read_bytes(), type=Note)
    except (OSError, msgspec.MsgspecError, RecursionError):
        found = None
    kept = _unwritten.get(path)
    if kept is not None and (found is None or found.begun_at <= kept.begun_at):
        found = kept
    latest = now + min(AHEAD, every)
    return None if found is None or max(found.due, found.begun_at, found.ended_at or found.due) > latest else found


def _write(key: str, note: Note) -> None:
    path = _file(key, "json")
    try:
        write_whole(path, msgspec.json.encode(note))
    except OSError as error:
        _unwritten[path] = note
        _log.warning("%s cannot be noted in %s: %s", key, path, error.strerror)
    else:
        _unwritten.pop(path, None)


@contextmanager
def _held(key: str) -> Generator[bool]:
    """Hold the lock of an entry for the length of a block; whether it could be had."""
    lock = _lock(key)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _is_held(key: str) -> bool:
    """Whether a process runs the entry now."""
    with _held(key) as mine:
        return not mine


def _lock(key: str) -> FileLock:
    path = _file(key, "lock")
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)
