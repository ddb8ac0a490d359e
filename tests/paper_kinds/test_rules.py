"""The dates a paper is about, from what was asked for."""

from __future__ import annotations

from datetime import date

import pytest

from registry.errors import DomainError
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("kind", "asked", "expected"),
    [
        ("participants", {}, Period(TODAY)),
        ("participants", {"as_of": date(2025, 3, 1)}, Period(date(2025, 3, 1))),
        ("participants", {"as_of": date(2027, 3, 1)}, Period(date(2027, 3, 1))),
        ("contracts", {"year": 2025}, Period(date(2025, 12, 31))),
        ("contracts", {"year": 2025, "quarter": 1}, Period(date(2025, 3, 31))),
        ("contracts", {"year": 2026}, Period(TODAY)),
        ("taxes", {}, Period(TODAY, 2026)),
        ("taxes", {"as_of": date(2026, 9, 30)}, Period(date(2026, 9, 30), 2026)),
        ("taxes", {"year": 2025}, Period(TODAY, 2025)),
        ("taxes", {"year": 2026, "quarter": 2}, Period(date(2026, 6, 30), 2026, 2)),
        ("indicators", {"year": 2026, "quarter": 4}, Period(TODAY, 2026, 4)),
    ],
)
def test_dates_of_a_paper(kind: str, asked: dict, expected: Period) -> None:
    assert KINDS[kind].period(**asked, today=TODAY) == expected


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"as_of": TODAY, "year": 2026}, "as_of"),
        ({"quarter": 1}, "year"),
        ({"year": 2026, "quarter": 5}, "quarter"),
        ({"year": 2023}, "year"),
        ({"year": 2036}, "year"),
    ],
)
def test_dates_that_do_not_fit(asked: dict, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        KINDS["taxes"].period(**asked, today=TODAY)
    assert refusal.value.field == field


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("day", [date.min, date(1899, 12, 31), date(2201, 1, 1), date.max])
def test_days_at_the_ends_of_the_calendar_are_refused(kind: str, day: date) -> None:
    with pytest.raises(DomainError) as refusal:
        KINDS[kind].period(as_of=day, today=TODAY)
    assert refusal.value.field == "as_of"
    assert str(refusal.value) == "The year must be from 1900 to 2200."
    with pytest.raises(DomainError) as refusal:
        KINDS[kind].period(since=day, today=TODAY)
    assert refusal.value.field == "since"
