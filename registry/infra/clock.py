"""The register's calendar day is Kazakhstan's; moments are kept in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

ALMATY = ZoneInfo("Asia/Almaty")


def utc_now() -> datetime:
    """This moment in UTC."""
    return datetime.now(UTC)


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

    :raises ValueError: when it is neither, or beyond the calendar.
    """
    try:
        if len(text) == 10:
            return end_of_day(date.fromisoformat(text))
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("a date-time needs an offset, such as 2026-09-30T12:00:00+05:00")
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(str(error)) from None
