"""Due dates fall on working days: public holidays, days off in their place, and days the Government moves."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from registry.infra.db import db, transaction
from registry.reference import queries
from registry.reference.models import DictionaryEntry
from registry.reference.workdays import MOVED, workdays
from registry.reports import reporting_periods, rules
from registry.reports.rules import Dates


def move(day: str, *, work: bool) -> None:
    with transaction():
        db.session.add(
            DictionaryEntry(
                dictionary=MOVED,
                code=day,
                valid_from=date(2026, 1, 1),
                valid_to=None,
                position=0,
                counts=False,
                attributes=str(int(work)),
                name_kk=day,
                name_ru=day,
                name_en=day,
            )
        )
    queries.forget()


def test_holidays_and_the_days_off_in_their_place(app: Flask) -> None:
    known = workdays(2025, 2026)
    # A holiday on a Sunday leaves a day off on the Monday after it.
    assert {date(2026, 3, 9), date(2026, 5, 7), date(2026, 5, 11), date(2026, 10, 26), date(2026, 12, 16)} <= known.off
    assert date(2026, 5, 8) not in known.off
    # Of 2025 the library knows a Sunday worked for the Friday before.
    assert (date(2025, 1, 3) in known.off, date(2025, 1, 5) in known.worked) == (True, True)


@pytest.mark.parametrize(
    ("year", "quarter", "dates"),
    [
        # The feast of sacrifice, on 27 May 2026, is no day to decide on.
        (2026, 1, Dates(date(2026, 4, 1), date(2026, 5, 25), date(2026, 6, 9))),
        (2026, 3, Dates(date(2026, 10, 1), date(2026, 11, 25), date(2026, 12, 9))),
        # 8 March 2027 is a Monday; the quarter is decided on the Friday before.
        (2026, 4, Dates(date(2027, 1, 1), date(2027, 2, 25), date(2027, 3, 5))),
    ],
)
def test_due_dates_respect_holidays(app: Flask, year: int, quarter: int, dates: Dates) -> None:
    assert reporting_periods.proposed_dates(year, quarter) == dates


def test_due_dates_respect_moved_days(database: Flask) -> None:
    usual = reporting_periods.proposed_dates(2026, 2)
    assert usual.due_on == date(2026, 8, 25)
    move("2026-08-25", work=False)
    move("2026-08-29", work=True)  # a Saturday
    moved = reporting_periods.proposed_dates(2026, 2)
    assert moved.due_on == date(2026, 8, 26)
    assert moved.locks_on == usual.locks_on
    # A day that the library takes for a holiday may be worked.
    move("2026-11-25", work=False)
    move("2026-12-16", work=True)
    assert reporting_periods.proposed_dates(2026, 3).due_on == date(2026, 11, 26)
    assert date(2026, 12, 16) not in workdays(2026).off


def test_every_proposed_date_is_a_working_day_in_order(app: Flask) -> None:
    for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1):
        for quarter in rules.QUARTERS:
            dates = reporting_periods.proposed_dates(year, quarter)
            assert rules.dates_problems(dates, year, quarter) == []
            known = workdays(dates.due_on.year)
            for day in (dates.due_on, dates.locks_on):
                assert day in known.worked or (day.weekday() < 5 and day not in known.off)
