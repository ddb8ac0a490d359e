"""The definitions of ``exchange.md`` 3, each as a case, on both databases."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from registry.errors import NotAllowed
from registry.indicators import queries
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.rules import Action
from registry.journal.services import record
from registry.patents import services as patents
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reports import services as reports
from registry.residents import services as residents
from registry.residents.queries import participants
from registry.territories.queries import by_code
from tests import factories
from tests.exchange.made import take_path
from tests.factories import NOW, bin_number
from tests.indicators.made import UNCOUNTED_TAX, investment, patent, report, revenue, staff, tax

SAMPLE = Path(__file__).parent.parent / "data" / "sample"
DAY = date(2026, 9, 30)


def values(year=2026, territory=None, as_of=DAY, known_at=None):
    territory_id = by_code(territory).id if territory else None
    found = queries.indicators(SYSTEM, year=year, territory_id=territory_id, as_of=as_of, known_at=known_at)
    assert [value.number for value in found] == [1, 2, 3, 4, 5, 6]
    return {value.number: value for value in found}


def actual(number, **arguments):
    return values(**arguments)[number].as_json()["actual"]


def test_nothing_is_zero_and_national_targets_stand_beside_the_total_only(database):
    everything = values()
    assert [value.as_json()["actual"] for value in everything.values()] == ["0.00", None, "0", "0.00", "0.00", "0"]
    assert [value.as_json()["target"] for value in everything.values()] == [
        "2350000000.00",
        "30",
        "900",
        "650000000.00",
        "4000000000.00",
        "10",
    ]
    assert everything[1].percent == "0.0"
    assert everything[2].percent is None
    assert everything[1].coverage == (0, 0)
    assert everything[2].coverage is everything[6].coverage is None
    assert all(value.target is value.percent is None for value in values(territory="NU").values())


def test_only_counting_codes_of_accepted_lines_are_summed(database):
    entry = factories.resident()
    report(
        entry,
        2026,
        1,
        tax(100),
        tax(50, "101201"),
        tax(7, UNCOUNTED_TAX),
        revenue(1000),
        revenue(9, "other"),
        investment(500),
        investment(3, "budget"),
        staff(10),
        staff(20, "total_staff"),
    )
    report(entry, 2026, 2, tax(1))
    assert [actual(number) for number in (1, 3, 4, 5)] == ["1.51", "10", "5.00", "10.00"]
    assert actual(1, territory="NU") == "1.51"
    assert actual(1, territory="YAFI") == "0.00"
    assert actual(1, year=2025) == "0.00"


def test_whether_a_code_counts_is_asked_for_the_last_day_of_the_lines_quarter(database):
    entry = factories.resident()
    report(entry, 2026, 1, tax(100, "104101"))
    report(entry, 2026, 2, tax(1000, "104101"))
    with transaction():
        old = db.session.scalar(sa.select(DictionaryEntry).where(DictionaryEntry.code == "104101"))
        copied = ("dictionary", "code", "position", "attributes", "name_kk", "name_ru", "name_en")
        fields = {name: getattr(old, name) for name in copied}
        old.valid_to = date(2026, 6, 29)
        db.session.add(DictionaryEntry(**fields, valid_from=date(2026, 6, 30), counts=False))
    reference.forget()
    assert actual(1) == "1.00"


def test_only_quarters_ended_by_the_day_count(database):
    entry = factories.resident()
    report(entry, 2026, 2, tax(100), staff(5))
    report(entry, 2026, 3, tax(1000), staff(6))
    assert (actual(1), actual(3)) == ("11.00", "6")
    assert (actual(1, as_of=date(2026, 9, 29)), actual(3, as_of=date(2026, 9, 29))) == ("1.00", "5")
    assert (actual(1, as_of=date(2026, 6, 29)), actual(3, as_of=date(2026, 6, 29))) == ("0.00", "0")


def test_a_correction_is_told_apart_by_the_second_clock_only(database):
    entry = factories.resident(now=datetime(2026, 5, 1, tzinfo=UTC))
    report(entry, 2026, 1, tax(100), staff(5), now=datetime(2026, 5, 1, tzinfo=UTC))
    report(entry, 2026, 1, tax(300), now=datetime(2026, 7, 1, tzinfo=UTC))
    assert (actual(1), actual(3)) == ("3.00", "0")
    before = datetime(2026, 6, 1, tzinfo=UTC)
    assert (actual(1, known_at=before), actual(3, known_at=before)) == ("1.00", "5")
    assert actual(1, known_at=datetime(2026, 4, 1, tzinfo=UTC)) == "0.00"
    assert values(known_at=datetime(2026, 4, 1, tzinfo=UTC))[1].coverage == (0, 0)


def test_indicator_3_takes_the_latest_quarter_that_states_it(database):
    entry = factories.resident()
    report(entry, 2026, 1, staff(5), staff(2, country="DE"))
    report(entry, 2026, 2, tax(1), staff(30, "total_staff"))
    assert actual(3) == "7"
    report(entry, 2026, 3, staff(0))
    assert actual(3) == "0"


def test_indicator_3_does_not_look_into_another_year(database):
    entry = factories.resident()
    report(entry, 2025, 4, staff(5))
    assert actual(3) == "0"
    assert actual(3, year=2025) == "5"


def test_suspension_does_not_end_participation(database):
    entry = factories.resident()
    report(entry, 2026, 1, staff(5))
    factories.status_change(entry, "suspended", date(2026, 5, 1))
    assert actual(3) == "5"
    assert values()[3].coverage == (1, 3)


@pytest.mark.parametrize(("excluded_on", "expected"), [(date(2026, 9, 30), "0"), (date(2026, 10, 1), "5")])
def test_exclusion_on_the_day_itself_ends_participation(database, excluded_on, expected):
    entry = factories.resident()
    report(entry, 2026, 1, tax(100), staff(5))
    factories.status_change(entry, "excluded", excluded_on)
    assert actual(3) == expected
    assert actual(1) == "1.00"


def test_a_company_that_comes_back_is_a_new_entry(database):
    number = bin_number(1)
    old = factories.resident(number)
    report(old, 2026, 1, staff(5))
    factories.status_change(old, "excluded", date(2026, 5, 10))
    assert actual(3) == "0"
    new = factories.resident(number, registered_on=date(2026, 6, 10))
    # Its specialists are those of the company's latest report, under whichever entry it was sent.
    assert actual(3) == "5"
    report(new, 2026, 2, staff(3))
    assert actual(3) == "3"
    # One company, one report a quarter, although both entries took part in the second.
    assert values()[3].coverage == (2, 3)


def test_experimental_production_is_asked_for_the_last_day(database):
    january = datetime(2026, 1, 20, tzinfo=UTC)
    entry = factories.resident(now=datetime(2025, 2, 1, tzinfo=UTC))
    report(entry, 2025, 4, staff(4), now=january)
    with transaction():
        residents.amend_resident(
            SYSTEM, entry, values={"experimental_production": True}, now=january, effective_on=date(2026, 1, 15)
        )
    report(entry, 2026, 2, staff(5))
    assert actual(3, year=2025) == "4"
    assert actual(3) == "0"
    assert actual(3, known_at=datetime(2026, 1, 19, tzinfo=UTC)) == "0"
    assert actual(3, year=2025, as_of=date(2026, 1, 14)) == "4"
    with transaction():
        residents.amend_resident(
            SYSTEM, entry, values={"experimental_production": False}, now=NOW, effective_on=date(2026, 9, 30)
        )
    assert actual(3) == "5"
    assert actual(3, as_of=date(2026, 9, 29)) == "0"


def test_coverage_counts_resident_quarters_with_one_day_of_participation(database):
    entry = factories.resident(registered_on=date(2026, 3, 31), decision_date=None)
    factories.status_change(entry, "excluded", date(2026, 4, 2))
    factories.resident(bin_number(2), registered_on=date(2026, 1, 1), decision_date=None)
    gone = factories.resident(bin_number(3), registered_on=date(2025, 1, 1), decision_date=None)
    factories.status_change(gone, "excluded", date(2026, 4, 1))
    report(entry, 2026, 1, tax(1))
    assert values()[1].coverage == (1, 2 + 3 + 1)
    assert values(as_of=date(2026, 6, 30))[1].coverage == (1, 2 + 2 + 1)
    assert values(as_of=date(2026, 6, 29))[1].coverage == (1, 1 + 1 + 1)
    assert values(year=2025)[5].coverage == (0, 4)
    assert values(territory="YAFI")[5].coverage == (0, 0)


def test_a_report_not_accepted_counts_for_nothing(database):
    entry = factories.resident()
    with transaction():
        period = reports.open_period(SYSTEM, territory=by_code("NU"), year=2026, quarter=2, now=NOW)
        in_time = datetime(2026, 8, 1, tzinfo=UTC)
        draft = reports.start_report(SYSTEM, resident=entry, period=period, now=in_time)
        reports.save_draft(
            SYSTEM, draft, lines=[tax(100)], none=set(), explanation=None, revision=draft.revision, now=in_time
        )
    assert actual(1) == "0.00"
    assert values()[1].coverage == (0, 3)


def test_a_patent_of_two_holders_counts_once_and_in_each_territory(database):
    one, two = bin_number(1), bin_number(2)
    factories.resident(one, territory="NU")
    factories.resident(two, territory="YAFI")
    patent("30001", f"{one}=50%;{two}=50%")
    assert [actual(6), actual(6, territory="NU"), actual(6, territory="YAFI")] == ["1", "1", "1"]
    assert actual(6, territory="KURCHATOV") == "0"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "1"),
        ({"kind": "utility_model"}, "0"),
        ({"office": "EA"}, "0"),
        ({"registered_on": date(2026, 1, 1)}, "1"),
        ({"registered_on": date(2025, 12, 31)}, "0"),
        ({"registered_on": date(2026, 9, 30)}, "1"),
        ({"registered_on": date(2026, 10, 1)}, "0"),
        ({"registered_on": None, "title_no": None, "application_no": "2026/0001.1"}, "0"),
        ({"holders": "Бөтен ұйым"}, "0"),
        ({"holders": bin_number(9)}, "0"),
    ],
)
def test_which_patents_count(app, fields, expected):
    factories.resident(bin_number(1))
    patent(**{"title_no": "30001", "holders": bin_number(1), **fields})
    assert actual(6) == expected


@pytest.mark.parametrize(
    ("change", "effective_on", "expected"),
    [
        ("suspended", date(2026, 2, 1), "1"),
        ("excluded", date(2026, 3, 2), "0"),
        ("excluded", date(2026, 3, 3), "0"),
        ("excluded", date(2026, 3, 4), "1"),
    ],
)
def test_the_holder_must_take_part_on_the_day_of_registration(database, change, effective_on, expected):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, change, effective_on)
    patent("30001", bin_number(1))
    assert actual(6) == expected


def test_the_holder_must_be_registered_by_then(database):
    factories.resident(bin_number(1), registered_on=date(2026, 3, 4))
    factories.resident(bin_number(2), registered_on=date(2026, 3, 3))
    patent("30001", bin_number(1))
    patent("30002", bin_number(2))
    assert actual(6) == "1"
    assert actual(6, known_at=datetime(2026, 1, 1, tzinfo=UTC)) == "0"


def test_years_and_territories_in_bulk_say_the_same_as_one_by_one(database):
    fill()
    codes = {by_code(code).id: code for code in ("NU", "YAFI", "KURCHATOV")}
    table = queries.by_territory(SYSTEM, year=2026, as_of=DAY)
    assert next(iter(table)) is None and set(table) == {None, *codes}
    for territory_id, found in table.items():
        assert found == list(values(territory=codes.get(territory_id)).values())
    course = queries.by_year(SYSTEM, territory_id=by_code("NU").id, as_of=DAY)
    assert list(course) == list(range(2025, 2036))
    for year in (2025, 2026, 2027):
        assert course[year] == list(values(year=year, territory="NU").values())


def test_lines_behind_a_value_add_up_to_it(database):
    fill()
    for territory in (None, "NU", "YAFI"):
        territory_id = by_code(territory).id if territory else None
        for year in (2025, 2026):
            found = values(year=year, territory=territory)
            for number in (1, 3, 4, 5):
                lines = queries.counted_lines(SYSTEM, number=number, year=year, territory_id=territory_id, as_of=DAY)
                assert sum(map(queries.figure, lines)) == found[number].actual
                assert lines == sorted(
                    lines, key=lambda line: (line.territory_code, line.bin, line.year, line.quarter, line.position)
                )
            counted = queries.counted_patents(SYSTEM, year=year, territory_id=territory_id, as_of=DAY)
            assert 100 * len(counted) == found[6].actual
            assert all(item.because_of for item in counted)
    assert found[1].actual and found[3].actual


def fill():
    for serial, territory in enumerate(("NU", "YAFI", "NU"), start=1):
        number = bin_number(serial)
        entry = factories.resident(number, territory=territory)
        for year, quarter in ((2025, 4), (2026, 1), (2026, 2)):
            report(
                entry,
                year,
                quarter,
                tax(1000 * serial + quarter),
                tax(3, UNCOUNTED_TAX),
                revenue(70 * year),
                investment(5 * serial),
                staff(serial + quarter),
            )
        patent(f"3000{serial}", f"{number};{bin_number(1)}" if serial > 1 else number)
    factories.status_change(entry, "excluded", date(2026, 8, 1))


def test_statements_do_not_grow_with_rows_years_or_territories(app):
    factories.resident(bin_number(9), territory="KURCHATOV")
    few = statements(lambda: queries.indicators(SYSTEM, year=2026, as_of=DAY))
    fill()
    assert statements(lambda: queries.indicators(SYSTEM, year=2026, as_of=DAY)) == few
    assert statements(lambda: queries.by_year(SYSTEM, as_of=DAY)) == few
    assert statements(lambda: queries.by_territory(SYSTEM, year=2026, as_of=DAY)) <= few + 1
    assert few <= 16


def statements(act):
    seen = []

    def note(_connection, _cursor, statement, *_rest):
        seen.append(statement)

    db.session.rollback()
    event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(seen)


def test_the_sums_over_all_are_public_and_the_rest_for_those_who_may(app, resident_viewer, auditor):
    assert queries.indicators(resident_viewer, year=2026) == queries.indicators(auditor, year=2026)
    with pytest.raises(NotAllowed):
        queries.indicators(resident_viewer, year=2026, territory_id=by_code("NU").id)
    with pytest.raises(NotAllowed):
        queries.by_territory(resident_viewer, year=2026)
    with pytest.raises(NotAllowed):
        queries.counted_lines(resident_viewer, number=1, year=2026)
    with pytest.raises(NotAllowed):
        queries.counted_patents(resident_viewer, year=2026)
    assert len(queries.indicators(auditor, year=2026)) == 6


def test_the_sample_gives_the_expected_values(database):
    for kind in ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines"):
        take_path(kind, SAMPLE / f"{kind}.csv", now=datetime(2026, 11, 20, tzinfo=UTC))
    expected = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))
    checked = 0
    for key, wanted in expected.items():
        first, second = key.split("/")
        if first == "participants":
            for code, bins in wanted.items():
                day = date.fromisoformat(second)
                found = participants(SYSTEM, day, territory_id=by_code(code).id)
                assert [record.bin for record in found] == bins, key
            continue
        found = values(year=int(first), territory=None if second == "-" else second)
        assert {number: found[int(number)].as_json()["actual"] for number in "13456"} == {
            number: wanted[number] for number in "13456"
        }, key
        assert [found[number].coverage for number in (1, 3, 4, 5)] == [tuple(wanted["coverage"])] * 4, key
        checked += 1
    assert checked == 8


@pytest.mark.parametrize(("first", "then", "expected"), [(0, 1, "0"), (1, 0, "1")])
def test_a_patent_sold_later_stays_where_it_was_counted(database, first, then, expected):
    """The holders of the day of registration count, whether a transfer or an old amendment of the record came later."""
    number = bin_number(1)
    factories.resident(number)
    holders = ["Outside Holder Ltd", number]
    sold = patent("36901", holders[first])
    assert actual(6) == expected
    with transaction():
        patents.record_transfer(SYSTEM, sold, event_on=date(2026, 4, 1), holders=holders[then], now=NOW)
    assert actual(6) == expected
    amended = patent("36902", holders[first])
    with transaction():
        record(
            SYSTEM,
            Action.PATENT_AMENDED,
            amended,
            {"holders": (holders[first], holders[then])},
            now=NOW,
            effective_on=date(2026, 4, 1),
        )
    assert actual(6) == actual(6, as_of=date(2026, 3, 31)) == str(2 * int(expected))
    counted = queries.counted_patents(SYSTEM, year=2026, as_of=DAY)
    assert [item.patent.registered_holders for item in counted] == [holders[first]] * (2 * int(expected))


def test_the_dictionary_of_the_day_of_registration_says_whether_a_kind_counts(database):
    number = bin_number(1)
    factories.resident(number)
    patent("36901", number)
    with transaction():
        old = db.session.scalar(sa.select(DictionaryEntry).where(DictionaryEntry.code == "invention"))
        copied = ("dictionary", "code", "position", "attributes", "name_kk", "name_ru", "name_en")
        fields = {name: getattr(old, name) for name in copied}
        old.valid_to = date(2026, 6, 30)
        db.session.add(DictionaryEntry(**fields, valid_from=date(2026, 7, 1), counts=False))
    reference.forget()
    assert actual(6) == "1"
