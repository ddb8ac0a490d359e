"""Fields, order of dates, terms and status of contracts: tables of cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from registry.contracts import rules
from registry.contracts.fields import CONTRACT
from registry.contracts.rules import Status, Terms
from registry.infra.fields import required


@dataclass
class Agreed:
    starts_on: date = date(2026, 2, 1)
    ends_on: date | None = date(2026, 12, 31)
    amount: int | None = 100
    subject_kk: str | None = "Мәні"
    subject_ru: str | None = "Предмет"
    terminated_on: date | None = None


@dataclass
class Extra:
    effective_on: date
    number: str = "1"
    signed_on: date = date(2026, 1, 20)
    ends_on: date | None = None
    amount: int | None = None
    subject_kk: str | None = None
    subject_ru: str | None = None


JUNE, JULY = date(2026, 6, 1), date(2026, 7, 1)
FIELDS: dict[str, Any] = {
    "kind": "lease", "number": "Ш-1", "signed_on": date(2026, 1, 15), "starts_on": date(2026, 2, 1),
    "ends_on": date(2026, 12, 31), "amount": 0, "area_m2": 1,
}  # fmt: skip
EXTRA: dict[str, Any] = {"number": "1", "signed_on": JUNE, "effective_on": JUNE}


def known(dictionary: str, code: str, day: date) -> bool:
    return dictionary == "contract_kinds" and code == "lease"


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({}, []),
        ({"ends_on": None, "amount": None, "area_m2": None}, []),
        ({"starts_on": date(2026, 1, 15)}, []),
        ({"ends_on": date(2026, 2, 1)}, []),
        ({"terminated_on": date(2026, 1, 15)}, []),
        (dict.fromkeys(required(CONTRACT)), ["kind", "number", "signed_on", "starts_on"]),
        ({"number": ""}, ["number"]),
        ({"number": "  "}, ["number"]),
        ({"number": "9" * 81}, ["number"]),
        ({"kind": "rent"}, ["kind"]),
        ({"starts_on": date(2026, 1, 14)}, []),
        ({"ends_on": date(2026, 1, 31)}, ["ends_on"]),
        ({"amount": -1}, ["amount"]),
        ({"area_m2": 0}, ["area_m2"]),
        ({"area_m2": -5}, ["area_m2"]),
        ({"terminated_on": date(2026, 1, 14)}, ["terminated_on"]),
        ({"termination_ground": "келісім"}, ["terminated_on"]),
        ({"termination_ground": "келісім", "terminated_on": date(2026, 3, 1)}, []),
        ({"ends_on": date(2026, 1, 1), "amount": -1}, ["ends_on", "amount"]),
    ],
)  # fmt: skip
def test_what_a_contract_is_refused_for(changed: dict[str, Any], columns: list[str]) -> None:
    found = rules.problems(FIELDS | changed, JUNE, known)
    assert [name for name, _message in found] == columns
    assert all(str(message) for _name, message in found)


def test_an_old_kind_may_be_kept() -> None:
    assert rules.problems(FIELDS | {"kind": "rent"}, JUNE, known, check_kind=False) == []


@pytest.mark.parametrize(
    ("changed", "columns"),
    [
        ({}, []),
        ({"ends_on": JUNE}, []),
        ({"effective_on": JULY}, []),
        ({"number": None, "signed_on": None, "effective_on": None}, ["number", "signed_on", "effective_on"]),
        ({"signed_on": date(2026, 1, 14)}, ["signed_on"]),
        ({"effective_on": date(2026, 5, 31)}, []),
        ({"ends_on": date(2026, 5, 31)}, ["ends_on"]),
        (dict.fromkeys(("signed_on", "effective_on"), date(2026, 1, 15)) | {"ends_on": date(2026, 1, 31)}, ["ends_on"]),
        ({"amount": -1}, ["amount"]),
    ],
)  # fmt: skip
def test_what_an_addendum_is_refused_for(changed: dict[str, Any], columns: list[str]) -> None:
    found = rules.addendum_problems(EXTRA | changed, date(2026, 1, 15), date(2026, 2, 1))
    assert [name for name, _message in found] == columns


@pytest.mark.parametrize(
    ("signed_on", "starts_on", "columns"),
    [
        (date(2026, 6, 1), date(2026, 7, 31), []),
        (date(2026, 6, 2), date(2026, 7, 31), ["signed_on"]),
        (date(2026, 6, 1), date(2026, 8, 1), ["starts_on"]),
    ],
)
def test_new_dates_of_a_contract_respect_its_addenda(signed_on: date, starts_on: date, columns: list[str]) -> None:
    addenda = [Extra(JULY, signed_on=JUNE, ends_on=date(2026, 7, 31)), Extra(JULY, number="2", signed_on=JULY)]
    found = rules.addenda_conflicts(signed_on, starts_on, addenda)
    assert [name for name, _message in found] == columns


@pytest.mark.parametrize(
    ("addenda", "day", "expected"),
    [
        ([], JUNE, Terms(date(2026, 12, 31), 100, "Мәні", "Предмет")),
        ([Extra(JUNE, amount=200)], date(2026, 5, 31), Terms(date(2026, 12, 31), 100, "Мәні", "Предмет")),
        ([Extra(JUNE, amount=200)], JUNE, Terms(date(2026, 12, 31), 200, "Мәні", "Предмет")),
        ([Extra(JUNE, amount=0)], JUNE, Terms(date(2026, 12, 31), 0, "Мәні", "Предмет")),
        ([Extra(JUNE, subject_ru="Иное")], JUNE, Terms(date(2026, 12, 31), 100, "Мәні", "Иное")),
        # What the latest addendum does not state stays as the one before it said.
        (
            [Extra(JULY, number="2", ends_on=date(2027, 12, 31)), Extra(JUNE, amount=200)],
            JULY,
            Terms(date(2027, 12, 31), 200, "Мәні", "Предмет"),
        ),
        # Not the order of arrival and not the number decides, but the day of effect.
        ([Extra(JUNE, number="9", amount=900), Extra(JULY, number="1", amount=100)], JULY,
         Terms(date(2026, 12, 31), 100, "Мәні", "Предмет")),
        # On one day the later signed one prevails, then the higher number.
        ([Extra(JUNE, number="2", amount=2, signed_on=date(2026, 3, 1)), Extra(JUNE, number="3", amount=3)], JUNE,
         Terms(date(2026, 12, 31), 2, "Мәні", "Предмет")),
        ([Extra(JUNE, number="10", amount=10), Extra(JUNE, number="9", amount=9)], JUNE,
         Terms(date(2026, 12, 31), 10, "Мәні", "Предмет")),
        # However the numbers are typed.
        ([Extra(JUNE, number="№ 1", amount=10), Extra(JUNE, number="2", amount=20)], JUNE,
         Terms(date(2026, 12, 31), 20, "Мәні", "Предмет")),
    ],
)  # fmt: skip
def test_terms_follow_the_addenda(addenda: list[Extra], day: date, expected: Terms) -> None:
    assert rules.terms_on(Agreed(), addenda, day) == expected
    assert rules.terms_on(Agreed(), addenda[::-1], day) == expected


LONGER = Extra(date(2026, 12, 1), ends_on=date(2027, 6, 30))
SHORTER = Extra(JUNE, ends_on=JULY)


@pytest.mark.parametrize(
    ("contract", "addenda", "day", "status"),
    [
        (Agreed(), [], date(2026, 1, 31), Status.UPCOMING),
        (Agreed(), [], date(2026, 2, 1), Status.IN_FORCE),
        (Agreed(), [], date(2026, 12, 31), Status.IN_FORCE),
        (Agreed(), [], date(2027, 1, 1), Status.EXPIRED),
        (Agreed(ends_on=None), [], date(2035, 12, 31), Status.IN_FORCE),
        (Agreed(), [LONGER], date(2027, 1, 1), Status.IN_FORCE),
        (Agreed(), [LONGER], date(2027, 6, 30), Status.IN_FORCE),
        (Agreed(), [LONGER], date(2027, 7, 1), Status.EXPIRED),
        (Agreed(), [SHORTER], JULY, Status.IN_FORCE),
        (Agreed(), [SHORTER], date(2026, 7, 2), Status.EXPIRED),
        (Agreed(ends_on=None), [SHORTER], date(2026, 7, 2), Status.EXPIRED),
        # An extension that takes effect only after the end leaves a gap.
        (Agreed(), [Extra(date(2027, 2, 1), ends_on=date(2027, 6, 30))], date(2027, 1, 15), Status.EXPIRED),
        (Agreed(), [Extra(date(2027, 2, 1), ends_on=date(2027, 6, 30))], date(2027, 2, 1), Status.IN_FORCE),
        (Agreed(terminated_on=JUNE), [], date(2026, 5, 31), Status.IN_FORCE),
        (Agreed(terminated_on=JUNE), [], JUNE, Status.TERMINATED),
        (Agreed(terminated_on=JUNE), [LONGER], date(2027, 1, 1), Status.TERMINATED),
        (Agreed(terminated_on=date(2026, 1, 20)), [], date(2026, 1, 20), Status.TERMINATED),
    ],
)
def test_status_on_a_day_is_inclusive(contract: Agreed, addenda: list[Extra], day: date, status: Status) -> None:
    assert rules.status_on(contract, addenda, day) is status
    assert rules.in_force_on(contract, addenda, day) is (status is Status.IN_FORCE)


@pytest.mark.parametrize(
    ("contract", "addenda", "day", "last"),
    [
        (Agreed(), [], JUNE, date(2026, 12, 31)),
        (Agreed(ends_on=None), [], JUNE, None),
        (Agreed(), [LONGER], JUNE, date(2027, 6, 30)),
        (Agreed(), [SHORTER], date(2026, 5, 1), JULY),
        (Agreed(), [Extra(date(2027, 1, 1), ends_on=date(2027, 6, 30))], JUNE, date(2027, 6, 30)),
        (Agreed(), [Extra(date(2027, 1, 2), ends_on=date(2027, 6, 30))], JUNE, date(2026, 12, 31)),
        (Agreed(ends_on=None), [SHORTER], JUNE, JULY),
        (Agreed(ends_on=None, terminated_on=JUNE), [], date(2026, 5, 1), date(2026, 5, 31)),
        (Agreed(terminated_on=date(2027, 5, 1)), [], JUNE, date(2026, 12, 31)),
    ],
)
def test_the_last_day_foreseen(contract: Agreed, addenda: list[Extra], day: date, last: date | None) -> None:
    assert rules.last_day(contract, addenda, day) == last
    left = rules.days_left(contract, addenda, day)
    assert left == (None if last is None else (last - day).days)


def test_the_last_end_goes_by_the_addenda_effective_that_day() -> None:
    assert rules.last_end_on(Agreed(), [LONGER], date(2026, 11, 30)) == date(2026, 12, 31)
    assert rules.last_end_on(Agreed(), [LONGER], date(2026, 12, 1)) == date(2027, 6, 30)
