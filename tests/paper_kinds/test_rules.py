"""Kinds, dates, numbers, codes and validity of papers."""

from __future__ import annotations

from datetime import date

import pytest

from registry.errors import DomainError
from registry.paper_kinds import rules
from registry.paper_kinds.rules import Kind, Period

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("kind", "asked", "expected"),
    [
        (Kind.PARTICIPANTS, {}, Period(TODAY)),
        (Kind.PARTICIPANTS, {"as_of": date(2025, 3, 1)}, Period(date(2025, 3, 1))),
        (Kind.PARTICIPANTS, {"as_of": date(2027, 3, 1)}, Period(date(2027, 3, 1))),
        (Kind.CONTRACTS, {"year": 2025}, Period(date(2025, 12, 31))),
        (Kind.CONTRACTS, {"year": 2025, "quarter": 1}, Period(date(2025, 3, 31))),
        (Kind.CONTRACTS, {"year": 2026}, Period(TODAY)),
        (Kind.TAXES, {}, Period(TODAY, 2026)),
        (Kind.TAXES, {"as_of": date(2026, 9, 30)}, Period(date(2026, 9, 30), 2026)),
        (Kind.TAXES, {"year": 2025}, Period(TODAY, 2025)),
        (Kind.TAXES, {"year": 2026, "quarter": 2}, Period(date(2026, 6, 30), 2026, 2)),
        (Kind.INDICATORS, {"year": 2026, "quarter": 4}, Period(TODAY, 2026, 4)),
    ],
)
def test_dates_of_a_paper(kind: Kind, asked: dict, expected: Period) -> None:
    given = {"as_of": None, "year": None, "quarter": None} | asked
    assert rules.period_of(kind, **given, today=TODAY) == expected


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
    given = {"as_of": None, "year": None, "quarter": None} | asked
    with pytest.raises(DomainError) as refusal:
        rules.period_of(Kind.TAXES, **given, today=TODAY)
    assert refusal.value.field == field


def test_numbers() -> None:
    number = rules.act_number("YAFI", Kind.PARTICIPANTS, 2026, 7)
    assert number == "YAFI-PAR-2026-000007"
    assert rules.printed_number(number, "kk") == "YAFI-PAR-2026-000007-kk"
    assert len(set(rules.NUMBER_CODES.values())) == len(Kind)


def test_each_kind_has_a_code_and_a_name() -> None:
    assert set(rules.NUMBER_CODES) == set(Kind) == set(rules.KIND_NAMES)


def test_codes_are_long_and_different() -> None:
    codes = {rules.new_code() for _time in range(200)}
    assert len(codes) == 200
    assert all(len(code) >= 26 and code.isalnum() for code in codes)


def test_a_code_may_be_typed_carelessly() -> None:
    assert rules.clean_code(" abcd-efgh 2345 ") == "ABCDEFGH2345"


EARLIER, LATER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("kind", "excluded_on", "annulled_on", "valid"),
    [
        ("certificate", None, None, True),
        ("certificate", TODAY, None, False),
        ("certificate", EARLIER, None, False),
        ("certificate", LATER, None, True),
        ("certificate", None, EARLIER, False),
        ("extract", EARLIER, None, True),
        ("extract", None, EARLIER, False),
        ("participants", EARLIER, EARLIER, True),
    ],
)
def test_when_a_paper_holds(kind: str, excluded_on: date | None, annulled_on: date | None, valid: bool) -> None:
    held = rules.validity(kind, excluded_on=excluded_on, annulled_on=annulled_on, day=TODAY)
    assert held.is_valid is valid
    assert bool(held.reason) is not valid


def test_the_request_key_tells_papers_apart() -> None:
    day = Period(TODAY)
    keys = {
        rules.request_key(Kind.EXTRACT, "NU", 1, day),
        rules.request_key(Kind.EXTRACT, "NU", 2, day),
        rules.request_key(Kind.CERTIFICATE, "NU", 1, day),
        rules.request_key(Kind.TAXES, "KZ", None, Period(TODAY, 2026)),
        rules.request_key(Kind.TAXES, "KZ", None, Period(TODAY, 2026, 3)),
    }
    assert len(keys) == 5
    assert all(len(key) <= 120 for key in keys)
