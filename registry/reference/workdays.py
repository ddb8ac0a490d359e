"""Days without work in Kazakhstan: public holidays by the ``holidays`` library, and the days the Government moves.

The library knows holidays and the days off they leave on weekdays; the feast of sacrifice is reckoned where it is not
announced yet. What the Government moves in a year stands in the dictionary ``moved_days``: its code is the day, its
attribute is ``1`` for a day that is worked and ``0`` for one that is not.
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


def workdays(*years: int) -> Workdays:
    """The exceptions from the working week in some years."""
    moved = {
        date.fromisoformat(row.code): row.attributes == "1"
        for row in queries.all_entries(MOVED)
        if row.code.startswith(tuple(f"{year}-" for year in years))
    }
    off = {day for year in years for day in _holidays(year).off}
    worked = {day for year in years for day in _holidays(year).worked}
    now_worked = {day for day, works in moved.items() if works}
    now_off = {day for day, works in moved.items() if not works}
    return Workdays(frozenset(off - now_worked | now_off), frozenset(worked - now_off | now_worked))


@cache
def _holidays(year: int) -> Workdays:
    known = holidays.country_holidays("KZ", years=year)
    return Workdays(frozenset(known), frozenset(day for day in known.weekend_workdays if day.year == year))
