"""Due dates fall on working days: public holidays, days off in their place, and days the Government moves."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.reference import queries
from registry.reference.models import DictionaryEntry
from registry.reference.services import ALWAYS
from registry.reference.workdays import MOVED, workdays
from registry.reports import reporting_periods, rules
from registry.reports.rules import Dates
from registry.territories import dictionaries
from registry.territories.queries import by_code
from tests.pages import PageClient


def move(
    day: str, work: str, *, valid_from: date = ALWAYS, valid_to: date | None = None, territory: str | None = None
) -> None:
    """What an administrator's file says of a day."""
    row = {"code": day, "work": work, "kk": day, "ru": day, "en": day}
    key = (day, by_code(territory).id if territory else None, valid_from)
    act = {"act_no": None, "act_date": None, "now": datetime(2026, 6, 1, 6, 0, tzinfo=UTC)}
    with transaction():
        dictionaries.keep_code(SYSTEM, MOVED, key, row, valid_to=valid_to, **act)


def proposed(year: int, quarter: int, territory: str = "NU") -> Dates:
    return reporting_periods.proposed_dates(year, quarter, by_code(territory).id)


def due(year: int, quarter: int, territory: str = "NU") -> date:
    return proposed(year, quarter, territory).due_on


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
    assert proposed(year, quarter) == dates


def test_due_dates_respect_moved_days(database: Flask) -> None:
    usual = proposed(2026, 2)
    assert usual.due_on == date(2026, 8, 25)
    move("2026-08-25", "0")
    move("2026-08-29", "1")  # a Saturday
    moved = proposed(2026, 2)
    assert moved.due_on == date(2026, 8, 26)
    assert moved.locks_on == usual.locks_on
    # A day that the library takes for a holiday may be worked.
    move("2026-11-25", "0")
    move("2026-12-16", "1")
    assert due(2026, 3) == date(2026, 11, 26)
    assert date(2026, 12, 16) not in workdays(2026).off


def test_a_corrected_day_takes_effect(database: Flask) -> None:
    move("2026-11-25", "0")
    assert due(2026, 3) == date(2026, 11, 26)
    move("2026-11-25", "1")
    assert due(2026, 3) == date(2026, 11, 25)


def test_a_moved_day_is_withdrawn_by_closing_it(database: Flask) -> None:
    move("2026-11-25", "0", valid_from=date(2026, 1, 1))
    assert due(2026, 3) == date(2026, 11, 26)
    move("2026-11-25", "0", valid_from=date(2026, 1, 1), valid_to=date(2026, 11, 24))
    assert due(2026, 3) == date(2026, 11, 25)


def test_a_day_moved_in_one_territory_is_moved_there_alone(database: Flask) -> None:
    move("2026-11-25", "0", territory="NU")
    assert [due(2026, 3, place) for place in ("NU", "YAFI")] == [date(2026, 11, 26), date(2026, 11, 25)]
    # A territory's own row stands in the place of the general one, whichever came first.
    move("2026-11-25", "0")
    move("2026-11-25", "1", territory="NU")
    assert [due(2026, 3, place) for place in ("NU", "YAFI")] == [date(2026, 11, 25), date(2026, 11, 26)]


def test_a_code_that_is_no_date_moves_nothing(database: Flask) -> None:
    # Such rows stand in registries that took them before they were refused.
    with transaction():
        for code in ("2026-5-8", "2026-W48-3", "20261125", "2026-holiday"):
            names = dict.fromkeys(("name_kk", "name_ru", "name_en"), code)
            row = DictionaryEntry(dictionary=MOVED, code=code, valid_from=ALWAYS, position=0, attributes="0", **names)
            db.session.add(row)
    queries.forget()
    assert due(2026, 3) == date(2026, 11, 25)
    client = PageClient(database)
    client.sign_in("staff")
    client.get("/reports/periods")


def test_the_form_proposes_the_days_of_its_territory(database: Flask) -> None:
    move("2026-08-25", "0", territory="NU")
    client = PageClient(database)
    client.sign_in("staff")
    offered = [
        client.get("reports.open_period", query={"territory": place, "year": 2026, "quarter": 2})
        for place in ("NU", "YAFI")
    ]
    assert [page.fields(page.form("due_on"))["due_on"] for page in offered] == ["26.08.2026", "25.08.2026"]


def test_every_proposed_date_is_a_working_day_in_order(app: Flask) -> None:
    for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1):
        for quarter in rules.QUARTERS:
            dates = proposed(year, quarter)
            assert rules.dates_problems(dates, year, quarter) == []
            known = workdays(dates.due_on.year)
            for day in (dates.due_on, dates.locks_on):
                assert day in known.worked or (day.weekday() < 5 and day not in known.off)
