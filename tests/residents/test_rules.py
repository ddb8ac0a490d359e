"""The life of an entry and what the register refuses, as tables of cases."""

from dataclasses import dataclass
from datetime import date

import pytest

from registry.infra.text import is_found
from registry.residents import rules
from registry.residents.rules import Change, Status


@dataclass
class Dated:
    change: str
    effective_on: date


def day(text):
    return date.fromisoformat(text)


def changes(*items):
    return [Dated(change, day(on)) for on, change in items]


REGISTERED = day("2026-01-10")
SUSPENDED_AND_BACK = changes(("2026-03-01", "suspended"), ("2026-05-01", "resumed"))
EXCLUDED = changes(("2026-03-01", "suspended"), ("2026-06-01", "excluded"))


@pytest.mark.parametrize(
    ("line", "on", "status"),
    [
        ([], "2026-01-09", Status.UPCOMING),
        ([], "2026-01-10", Status.ACTIVE),
        (SUSPENDED_AND_BACK, "2026-02-28", Status.ACTIVE),
        (SUSPENDED_AND_BACK, "2026-03-01", Status.SUSPENDED),
        (SUSPENDED_AND_BACK, "2026-05-01", Status.ACTIVE),
        (EXCLUDED, "2026-05-31", Status.SUSPENDED),
        (EXCLUDED, "2026-06-01", Status.EXCLUDED),
        (list(reversed(EXCLUDED)), "2026-07-01", Status.EXCLUDED),
    ],
)
def test_status_on_a_day(line, on, status):
    assert rules.status_on(REGISTERED, line, day(on)) is status


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ([], None),
        (SUSPENDED_AND_BACK, None),
        (list(reversed(SUSPENDED_AND_BACK)), None),
        (EXCLUDED, None),
        (changes(("2026-01-10", "excluded")), None),
        (changes(("2026-01-09", "suspended")), "effective_on"),
        (changes(("2026-03-01", "resumed")), "change"),
        (changes(("2026-03-01", "suspended"), ("2026-04-01", "suspended")), "change"),
        (changes(("2026-03-01", "excluded"), ("2026-04-01", "suspended")), "change"),
        (changes(("2026-03-01", "excluded"), ("2026-04-01", "excluded")), "change"),
        (changes(("2026-04-01", "suspended"), ("2026-03-01", "excluded")), "change"),
    ],
)
def test_the_line_of_changes_keeps_its_order(line, field):
    problem = rules.timeline_problem(REGISTERED, line)
    assert (problem and problem[0]) == field


def test_a_second_exclusion_says_where_a_wrong_day_is_corrected():
    problem = rules.timeline_problem(REGISTERED, changes(("2026-03-01", "excluded"), ("2026-04-01", "excluded")))
    assert "a wrong day is corrected on its page" in str(problem and problem[1])


@pytest.mark.parametrize(
    ("ended", "on", "expected"),
    [
        (None, "2026-01-09", False),
        (None, "2026-01-10", True),
        ("2026-06-01", "2026-05-31", True),
        ("2026-06-01", "2026-06-01", False),
        ("2026-01-10", "2026-01-10", False),
    ],
)
def test_participant_on_a_day(ended, on, expected):
    assert rules.participates_on(REGISTERED, ended and day(ended), day(on)) is expected


@pytest.mark.parametrize(
    ("ended", "first", "last", "expected"),
    [
        (None, "2025-10-01", "2025-12-31", False),
        (None, "2026-01-01", "2026-03-31", True),
        (None, "2025-10-01", "2026-01-10", True),
        ("2026-04-01", "2026-04-01", "2026-06-30", False),
        ("2026-04-02", "2026-04-01", "2026-06-30", True),
        ("2026-01-10", "2026-01-01", "2026-03-31", False),
    ],
)
def test_participant_in_a_quarter(ended, first, last, expected):
    assert rules.participates_in(REGISTERED, ended and day(ended), day(first), day(last)) is expected


@pytest.mark.parametrize(
    ("others", "start", "expected"),
    [
        ([], "2026-01-01", False),
        ([("2025-01-01", None)], "2026-01-01", True),
        ([("2025-01-01", "2026-01-01")], "2026-01-01", False),
        ([("2025-01-01", "2026-01-02")], "2026-01-01", True),
        ([("2026-05-01", None)], "2026-01-01", True),
    ],
)
def test_a_second_entry_waits_for_the_end_of_the_first(others, start, expected):
    spans = [(day(first), end and day(end)) for first, end in others]
    assert rules.active_overlap(day(start), spans) is expected


GOOD = {
    "bin": "260140991076",
    "name_kk": "«Үлгі» ЖШС",
    "name_ru": "ТОО «Үлгі»",
    "legal_form": "llp",
    "participant_type": "production",
    "registered_on": REGISTERED,
}


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({}, []),
        ({"bin": "260140991077"}, ["bin"]),
        ({"bin": "260341991148"}, ["bin"]),
        ({"bin": "000101399107"}, ["bin"]),
        ({"bin": "000101399107", "legal_form": "sole_entrepreneur"}, []),
        ({"bin": None}, ["bin"]),
        ({"name_kk": None, "name_ru": ""}, ["name_kk", "name_ru"]),
        ({"legal_form": "limited"}, ["legal_form"]),
        ({"oked": "6209"}, ["oked"]),
        ({"oked": "62.09"}, ["oked"]),
        ({"trl": 0}, ["trl"]),
        ({"trl": 10}, ["trl"]),
        ({"trl": 9}, []),
        ({"kbe": "07"}, ["kbe"]),
        ({"kato": "1018"}, ["kato"]),
        ({"email": "nobody"}, ["email"]),
        ({"decision_date": day("2026-01-11")}, ["registered_on"]),
        ({"decision_date": REGISTERED}, []),
        ({"priority_direction": "9"}, ["priority_direction"]),
    ],
)
def test_fields_are_refused_by_name(values, fields):
    valid = {"legal_forms": {"llp", "sole_entrepreneur"}, "participant_types": {"production"}}
    found = rules.problems({**GOOD, **values}, REGISTERED, lambda name, code, on: code in valid.get(name, ()))
    assert [field for field, _message in found] == fields


def test_a_sole_entrepreneurs_number_and_names_are_personal():
    assert "bin" in rules.personal_fields({"legal_form": "sole_entrepreneur"})
    assert rules.personal_fields({"legal_form": "llp"}) == rules.CONTACTS


def test_register_numbers_carry_a_check_letter_and_are_recognised():
    number = rules.register_number("YAFI", 2026, 7)
    assert number.startswith("YAFI-2026-0007-")
    assert rules.number_series("YAFI", number) == (2026, 7)
    assert rules.number_series("YAFI", "17-б") is None
    letters = {rules.register_number("NU", 2026, serial)[-1] for serial in range(1, 2000)}
    assert letters == set("ABCDEFGHJKMNPQRSTUVWXYZ"), "none of those taken for another sign"


def test_a_check_letter_notices_a_wrong_digit_and_two_changed_over():
    def check(serial: int) -> str:
        return rules.register_number("NU", 2026, serial)[-1]

    for serial in range(1000, 2000, 7):
        digits = str(serial)
        for place in range(4):
            for digit in "0123456789".replace(digits[place], ""):
                assert check(int(digits[:place] + digit + digits[place + 1 :])) != check(serial)
        for place in range(3):
            swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
            assert swapped == digits or check(int(swapped)) != check(serial)


@pytest.mark.parametrize(("given", "asked"), [("O", "0"), ("0", "O"), ("I", "1"), ("1", "I"), ("O", "о")])
def test_a_number_given_long_ago_is_found_by_the_sign_its_check_is_taken_for(given, asked):
    found = rules.search_columns({"register_no": f"NU-2026-0009-{given}"})["search"]
    assert is_found(found, f"NU-2026-0009-{asked}")
    assert not is_found(found, "NU-2026-0009-K")


def test_every_status_but_the_last_offers_changes():
    assert rules.possible_changes(Status.ACTIVE) == (Change.SUSPENDED, Change.EXCLUDED)
    assert rules.possible_changes(Status.SUSPENDED) == (Change.RESUMED, Change.EXCLUDED)
    assert rules.possible_changes(Status.EXCLUDED) == ()
    assert rules.possible_changes(Status.UPCOMING) == ()
