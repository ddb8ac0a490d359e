"""The register's calendar day is Kazakhstan's; moments are kept in UTC."""

from __future__ import annotations

import time as machine
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ALMATY = ZoneInfo("Asia/Almaty")


def utc_now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


FIRST_YEAR, LAST_YEAR = 1900, 2200
"""Years of which a register can speak; a day beyond them is a slip of the hand."""


def within_reason(day: date) -> bool:
    """Whether a day, of whatever is typed or read from a file, is one that can be meant."""
    return FIRST_YEAR <= day.year <= LAST_YEAR


def out_of_reason(day: date) -> str:
    """What a command says of another one."""
    return f"the year {day.year:04} is out of reason; enter a day from {FIRST_YEAR} to {LAST_YEAR}"


JUMP = timedelta(days=7)
"""By how much a clock may move while the program runs: it is set right, or a virtual machine was paused for days."""

AHEAD = timedelta(days=1)
"""A moment on record that is later than now by more than this was written under a wrong clock."""

IDLE = timedelta(days=366)
"""Nothing recorded for longer than this is likelier a clock that runs ahead."""


def wall() -> timedelta:
    """The machine's own clock, since 1970."""
    return timedelta(seconds=machine.time())


class Steady:
    """How far the clock is from where a clock that nobody touches would be, since the program began."""

    def __init__(self) -> None:
        self._began = wall() - self._running()

    @staticmethod
    def _running() -> timedelta:
        """Time since the machine was started, sleep included."""
        return timedelta(seconds=machine.clock_gettime(machine.CLOCK_BOOTTIME))

    def jump(self) -> timedelta:
        """How far ahead the clock is; a clock that was set back is taken for right from then on."""
        found = wall() - self._running() - self._began
        if found < -JUMP:
            self._began += found
            return timedelta()
        return found if found > JUMP else timedelta()


_steady = Steady()


def jumped() -> timedelta:
    """How far the clock of this machine ran ahead while the program was running; nothing where it did not."""
    return _steady.jump()


_suspicions: tuple[Callable[[], bool], ...] = ()


def install(suspicions: Sequence[Callable[[], bool]]) -> None:
    """What packages know of that speaks for a clock that runs ahead."""
    global _suspicions
    _suspicions = tuple(suspicions)


def seems_ahead() -> bool:
    """Whether the clock ran ahead, or likely did before the program began.

    By such a clock everything is long past: nothing is removed, forgotten or given up then for being old.
    """
    return bool(jumped()) or any(suspects() for suspects in _suspicions)


def is_credible(moment: datetime) -> bool:
    """Whether a moment may have been noted by a right clock; one of the future, or without its offset, was not."""
    return moment.tzinfo is not None and moment <= utc_now() + AHEAD


def local_date(moment: datetime) -> date:
    """The calendar day in Asia/Almaty at ``moment``."""
    return moment.astimezone(ALMATY).date()


def today() -> date:
    """Today's calendar day in Asia/Almaty."""
    return local_date(utc_now())


def end_of_day(day: date) -> datetime:
    """The last microsecond of ``day`` in Asia/Almaty (``exchange.md`` 3, the second clock)."""
    return datetime.combine(day + timedelta(days=1), time.min, ALMATY) - timedelta(microseconds=1)


def parse_moment(text: str) -> datetime:
    """Read the second clock's argument: a date (the end of that day in Asia/Almaty) or a date-time with offset.

    :raises ValueError: when it is neither, or its year is out of reason.
    """
    try:
        moment = date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("write a date as 2026-09-30, or a date-time as 2026-09-30T12:00:00+05:00") from None
    if not within_reason(moment):
        raise ValueError(out_of_reason(moment))
    if not isinstance(moment, datetime):
        return end_of_day(moment)
    if moment.tzinfo is None:
        raise ValueError("a date-time needs an offset, such as 2026-09-30T12:00:00+05:00")
    return moment.astimezone(UTC)
