from datetime import date

import pytest

from registry.indicators import rules
from registry.indicators.rules import INDICATORS, Unit


def test_the_six_indicators_have_units_directions_and_official_titles():
    assert [item.unit for item in INDICATORS.values()] == ["KZT", "rank", "persons", "KZT", "KZT", "patents"]
    assert [number for number, item in INDICATORS.items() if item.lower_is_better] == [2]
    assert [number for number, item in INDICATORS.items() if not item.has_coverage] == [2, 6]
    for item in INDICATORS.values():
        assert item.name_kk and item.name_ru and item.name_en and len({item.name_kk, item.name_ru, item.name_en}) == 3
    assert "GII" in INDICATORS[2].name_ru


@pytest.mark.parametrize(
    ("number", "actual", "target", "expected"),
    [
        (1, 241_234_567_890, 235_000_000_000, "102.7"),
        (1, 0, 235_000_000_000, "0.0"),
        (1, 12345, 100_000, "12.3"),
        (1, 1235, 10_000, "12.4"),  # 12.35 goes up
        (1, 12349, 100_000, "12.3"),
        (6, 100, 300, "33.3"),
        (6, 200, 300, "66.7"),
        (3, 86_500, 90_000, "96.1"),
        (2, 3100, 3000, "96.8"),  # worse than planned: target / actual
        (2, 3000, 3100, "103.3"),
        (2, None, 3000, None),
        (1, 100, None, None),
        (1, 100, 0, None),
    ],
)
def test_percentage_is_rounded_half_up_and_indicator_2_is_turned_round(number, actual, target, expected):
    assert rules.percent(number, actual, target) == expected


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (Unit.KZT, 241_234_567_890, "2412345678.90"),
        (Unit.KZT, 0, "0.00"),
        (Unit.KZT, 7, "0.07"),
        (Unit.PERSONS, 86_500, "865"),
        (Unit.PATENTS, 0, "0"),
        (Unit.RANK, 3100, "31"),
        (Unit.RANK, None, None),
    ],
)
def test_canonical_text(unit, value, text):
    assert rules.canonical(unit, value) == text


def test_json_has_the_keys_of_the_contract_in_order():
    value = rules.value_of(1, year=2026, actual=241_234_567_890, target=235_000_000_000, coverage=(40, 48))
    assert list(value.as_json().items()) == [
        ("number", 1),
        ("unit", "KZT"),
        ("actual", "2412345678.90"),
        ("target", "2350000000.00"),
        ("base", None),
        ("percent", "102.7"),
        ("coverage", {"accepted": 40, "expected": 48}),
    ]
    rank = rules.value_of(2, year=2026, actual=None, target=3000, coverage=(40, 48))
    assert list(rank.as_json().values()) == [2, "rank", None, "30", None, None, None]


@pytest.mark.parametrize(("number", "set_to", "base"), [(1, 230_000_000_000, "2300000000.00"), (2, 3100, "31")])
def test_2025_is_the_base_and_no_plan(number, set_to, base):
    found = rules.value_of(number, year=2025, actual=set_to, target=set_to)
    assert {name: found.as_json()[name] for name in ("target", "base", "percent")} == {
        "target": None,
        "base": base,
        "percent": None,
    }


@pytest.mark.parametrize(
    ("year", "as_of", "day"),
    [
        (2025, date(2026, 9, 30), date(2025, 12, 31)),
        (2026, date(2026, 9, 30), date(2026, 9, 30)),
        (2027, date(2026, 9, 30), date(2026, 9, 30)),
    ],
)
def test_the_day_indicator_3_looks_at(year, as_of, day):
    assert rules.reference_day(year, as_of) == day


@pytest.mark.parametrize(
    ("number", "value", "ok"),
    [
        (1, 1, True), (1, 0, False), (1, -100, False), (1, 10**17, False), (1, None, True), (2, 100, True),
        (2, 20_000, True), (2, 20_100, False), (2, 0, False), (2, 150, False), (3, 90_000, True), (3, 90_050, False),
        (6, 1050, False),
    ],
)  # fmt: skip
def test_what_a_target_may_be(number, value, ok):
    assert (rules.target_problem(number, value) is None) is ok


@pytest.mark.parametrize(
    ("year", "coverage", "shown"),
    [(2025, (1, 5), True), (2025, (0, 5), False), (2027, (0, 0), False), (2027, None, False), (2026, None, True)],
)
def test_a_chart_leaves_years_without_data_empty(year, coverage, shown):
    number = 1 if coverage else 6
    value = rules.value_of(number, year=year, actual=100, target=100, coverage=coverage)
    assert rules.has_data(value, date(2026, 9, 30)) is shown
