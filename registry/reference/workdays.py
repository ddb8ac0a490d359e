"""Days without work in Kazakhstan: public holidays by the ``holidays`` library, and the days the Government moves.

The library knows holidays and the days off they leave on weekdays; the feast of sacrifice is reckoned where it is not
announced yet. What the Government moves in a year stands in the dictionary ``moved_days``: its code is the day, its
attribute is ``1`` for a day that is worked and ``0`` for one that is not. A row holds where it is valid on the day
itself: one closed before it moves nothing any more, and a code that is no date never did.
"""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import NamedTuple

import holidays

from registry.reference import queries

MOVED = "moved_days"


class Workdays(NamedTuple):
    """Weekdays without work, and Saturdays and Sundays that are worked."""

    off: frozenset[date]
    worked: frozenset[date]

    def is_worked(self, day: date) -> bool:
        """Whether people work on a day of these years."""
        return day in self.worked or (day.weekday() < 5 and day not in self.off)


def workdays(*years: int, territory_id: int | None = None) -> Workdays:
    """The exceptions from the working week in some years, in a territory (None: everywhere)."""
    days = {day for row in queries.current(MOVED) if (day := _day(row.code)) and day.year in years}
    rows = {day: queries.holding(MOVED, str(day), day, territory_id=territory_id) for day in days}
    moved = {day: row.attributes == "1" for day, row in rows.items() if row is not None}
    off = {day for year in years for day in _holidays(year).off}
    worked = {day for year in years for day in _holidays(year).worked}
    now_worked = {day for day, works in moved.items() if works}
    now_off = {day for day, works in moved.items() if not works}
    return Workdays(frozenset(off - now_worked | now_off), frozenset(worked - now_off | now_worked))


def days_left(day: date, until: date, *, territory_id: int | None = None) -> int:
    """How many working days there are after ``day``, ``until`` included, in a territory."""
    known = workdays(*range(day.year, until.year + 1), territory_id=territory_id)
    return sum(known.is_worked(date.fromordinal(each)) for each in range(day.toordinal() + 1, until.toordinal() + 1))


def _day(code: str) -> date | None:
    """The day a code names, written as dates are; None for any other text."""
    try:
        day = date.fromisoformat(code)
    except ValueError:
        return None
    return day if day.isoformat() == code else None


@cache
def _holidays(year: int) -> Workdays:
    known = holidays.country_holidays("KZ", years=year)
    return Workdays(frozenset(known), frozenset(day for day in known.weekend_workdays if day.year == year))
