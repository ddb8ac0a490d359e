"""Numbers, codes and validity of issued papers."""

from __future__ import annotations

from datetime import date

import pytest

from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period
from registry.papers import rules

TODAY = date(2026, 11, 22)


def test_numbers() -> None:
    number = rules.act_number("YAFI", KINDS["participants"], 2026, 7)
    assert number == "YAFI-PAR-2026-000007"
    assert rules.printed_number(number, "kk") == "YAFI-PAR-2026-000007-kk"
    assert len({kind.number_code for kind in KINDS.values()}) == len(KINDS)


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
    held = rules.validity(KINDS[kind], excluded_on=excluded_on, annulled_on=annulled_on, day=TODAY)
    assert held.is_valid is valid
    assert bool(held.reason) is not valid


def test_the_request_key_tells_papers_apart() -> None:
    day = Period(TODAY)
    keys = {
        rules.request_key(KINDS["extract"], "NU", 1, day),
        rules.request_key(KINDS["extract"], "NU", 2, day),
        rules.request_key(KINDS["certificate"], "NU", 1, day),
        rules.request_key(KINDS["taxes"], "KZ", None, Period(TODAY, 2026)),
        rules.request_key(KINDS["taxes"], "KZ", None, Period(TODAY, 2026, 3)),
    }
    assert len(keys) == 5
    assert all(len(key) <= 120 for key in keys)
