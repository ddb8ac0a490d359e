"""What a file does to the registers (``exchange.md`` 2), on both databases."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts import queries as contracts
from registry.errors import Conflict
from registry.exchange import taking_back
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.models import JournalEntry
from registry.journal.queries import verify
from registry.territories.models import NumberSeries
from tests.exchange.made import BIN, OTHER, all_exports, exported, refused, row, take, take_file, xlsx_file
from tests.factories import NOW, bin_number

LATER = NOW + timedelta(days=3)


def entries() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) or 0


def one(kind: str, **options: object) -> dict[str, str]:
    (found,) = exported(kind, **options)
    return found


def test_counts_are_rows_and_the_result_is_a_line(database: Flask) -> None:
    result = take("residents", row("residents"), row("residents", bin=OTHER))
    assert str(result) == "residents: 2 rows, 2 created, 0 updated, 0 unchanged"
    result = take(
        "residents", row("residents"), row("residents", bin=OTHER, trl="5"), row("residents", bin=bin_number(3))
    )
    assert str(result) == "residents: 3 rows, 1 created, 1 updated, 1 unchanged"
    assert verify().problem is None


def test_a_dry_run_counts_the_same_and_writes_nothing(database: Flask) -> None:
    take("residents", row("residents"))
    before, acts = all_exports(), entries()
    series = db.session.execute(sa.select(NumberSeries.scope, NumberSeries.last)).all()
    rows = [
        row("residents", trl="5"),
        row("residents", bin=OTHER),
        row("residents", bin=bin_number(3), register_no="NU-2025-0100-X"),
    ]
    tried = take("residents", *rows, dry_run=True)
    assert (all_exports(), entries()) == (before, acts)
    assert db.session.execute(sa.select(NumberSeries.scope, NumberSeries.last)).all() == series
    assert str(take("residents", *rows)) == str(tried) == "residents: 3 rows, 2 created, 1 updated, 0 unchanged"


def test_one_bad_row_keeps_all_out(database: Flask) -> None:
    acts = entries()
    refused("residents", row("residents"), row("residents", bin=OTHER, oked="x"))
    assert exported("residents") == []
    assert entries() == acts


def test_an_identical_row_leaves_no_entry(database: Flask) -> None:
    take("residents", row("residents", trl="5", head="Демо А.А.", decision_no="1", decision_date="2025-02-01"))
    take("contracts", row("contracts", area_m2="10.5"))
    take("addenda", row("addenda"))
    take("status-changes", row("status-changes"))
    take("patents", row("patents", holders=f"{BIN}=60%;Somebody=40%"))
    take("report-lines", row("report-lines"), row("report-lines", code="other", country="KZ"))
    take("patent-events", row("patent-events", holders=f"{OTHER}=60%;Somebody=40%"))
    acts, files = entries(), all_exports()
    for kind, content in files.items():
        result = take_file(kind, content, now=LATER)
        assert (result.created, result.updated) == (0, 0), kind
        assert result.unchanged == result.rows == len(exported(kind))
    assert entries() == acts


def test_empty_and_missing_in_an_update(database: Flask) -> None:
    take("residents", row("residents", trl="5", head="Демо А.А.", phone="+7", experimental_production="1"))
    number = one("residents")["register_no"]
    # Missing columns leave the values, an empty register number keeps the number.
    key = {"territory": "NU", "bin": BIN, "registered_on": "2025-02-03"}
    assert take("residents", {**key, "register_no": "", "trl": "6"}).updated == 1
    after = one("residents")
    assert (after["register_no"], after["trl"], after["head"], after["experimental_production"]) == (
        number,
        "6",
        "Демо А.А.",
        "1",
    )
    # An empty cell in a present column clears, and a required one cannot be cleared.
    assert take("residents", {**key, "head": "", "trl": "", "experimental_production": ""}).updated == 1
    after = one("residents")
    assert (after["head"], after["trl"], after["experimental_production"], after["phone"]) == ("", "", "0", "+7")
    assert [item[:2] for item in refused("residents", {**key, "name_ru": ""})] == [(2, "name_ru")]
    assert take("residents", {**key, "register_no": "NU-OWN-7"}).updated == 1
    assert one("residents")["register_no"] == "NU-OWN-7"


def test_numbers_in_a_file_are_taken_before_others_are_given(database: Flask) -> None:
    take("residents", row("residents"))
    first = one("residents")["register_no"]
    with_number = row("residents", bin=OTHER, registered_on="2025-03-01", register_no=first.replace("-0001-", "-0002-"))
    take("residents", with_number, row("residents", bin=bin_number(3), registered_on="2025-02-01"))
    numbers = {item["bin"]: item["register_no"] for item in exported("residents")}
    assert "-0003-" in numbers[bin_number(3)]
    assert len(set(numbers.values())) == 3


def test_rows_are_applied_in_the_order_of_their_dates(database: Flask) -> None:
    take("residents", row("residents", bin=OTHER, registered_on="2025-05-01"), row("residents"))
    numbers = {item["bin"]: item["register_no"] for item in exported("residents")}
    assert "-0001-" in numbers[BIN]
    changes = [
        row("status-changes", change="excluded", effective_on="2026-06-01", decision_date=""),
        row("status-changes", change="resumed", effective_on="2026-05-01", ground="", decision_date=""),
        row("status-changes", effective_on="2026-04-01"),
    ]
    assert take("status-changes", *changes).created == 3


def test_a_correction_of_a_change_keeps_the_old_one_in_the_journal(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes"))
    result = take("status-changes", row("status-changes", change="excluded", ground="court"), now=LATER)
    assert result.updated == 1
    assert (one("status-changes")["change"], one("status-changes")["ground"]) == ("excluded", "court")
    earlier = one("status-changes", known_at=LATER - timedelta(hours=1))
    assert (earlier["change"], earlier["ground"]) == ("suspended", "breach")
    # It takes effect from its own date, not from the day it was recorded.
    assert exported("residents", as_of=date(2026, 4, 2)) == []


def test_a_correction_of_an_addendum(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts"))
    take("addenda", row("addenda"))
    assert take("addenda", row("addenda", ends_on="2028-12-31", effective_on="2026-02-01"), now=LATER).updated == 1
    assert one("addenda")["effective_on"] == "2026-02-01"
    assert exported("addenda", as_of=date(2026, 1, 20)) == []
    assert len(exported("addenda", as_of=date(2026, 1, 20), known_at=NOW + timedelta(hours=1))) == 1


@pytest.mark.parametrize("signed_on", ["2026-05-01", "2025-03-01"])
def test_an_addendum_in_effect_before_its_contract_is_exported(database: Flask, signed_on: str) -> None:
    """Terms may apply to relations begun earlier (``exchange.md`` 5, rule 4); the contract itself is not in force."""
    take("residents", row("residents"))
    take("contracts", row("contracts", signed_on=signed_on, starts_on=signed_on))
    before = date.fromisoformat(signed_on) - timedelta(days=30)
    take("addenda", row("addenda", signed_on="2026-05-02", effective_on=before.isoformat()))
    assert [len(exported("addenda", as_of=before - timedelta(days=days))) for days in (0, 1)] == [1, 0]
    assert exported("contracts", as_of=before) == []
    assert exported("addenda", as_of=before, known_at=NOW - timedelta(days=1)) == []
    (contract,) = contracts.records(SYSTEM)
    assert [len(exported("addenda", as_of=before, ids=[key])) for key in (contract.id, contract.id + 1)] == [1, 0]


def test_a_termination_is_set_changed_and_cleared(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts"))
    ended = {"terminated_on": "2026-02-01", "termination_ground": "келісім"}
    assert take("contracts", row("contracts", **ended)).updated == 1
    assert exported("contracts", as_of=date(2026, 2, 1)) == []
    assert one("contracts", as_of=date(2026, 1, 31))["terminated_on"] == ""
    assert take("contracts", row("contracts", **{**ended, "terminated_on": "2026-03-01"})).updated == 1
    assert len(exported("contracts", as_of=date(2026, 2, 15))) == 1
    assert take("contracts", row("contracts", terminated_on="", termination_ground="")).updated == 1
    assert one("contracts")["terminated_on"] == ""
    assert len(exported("contracts", as_of=date(2026, 9, 1))) == 1
    assert take("contracts", row("contracts")).unchanged == 1
    assert verify().problem is None


def test_a_contract_may_come_terminated_and_its_resident_excluded(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes", change="excluded"))
    late = {"signed_on": "2026-06-01", "starts_on": "2026-06-01"}
    assert (
        take("contracts", row("contracts", **late), row("contracts", number="NU-2", terminated_on="2026-01-01")).created
        == 2
    )
    assert {item["terminated_on"] for item in exported("contracts")} == {"", "2026-01-01"}


def test_a_contract_passes_to_another_party(database: Flask) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER))
    take("contracts", row("contracts"))
    assert take("contracts", row("contracts", bin=OTHER)).updated == 1
    assert one("contracts")["bin"] == OTHER
    assert take("contracts", row("contracts", bin=None)).unchanged == 1


def test_an_application_becomes_a_patent(database: Flask) -> None:
    take("patents", row("patents", title_no="", registered_on=""))
    assert exported("patents", as_of=date(2026, 9, 1)) == []
    assert take("patents", row("patents"), now=LATER).updated == 1
    assert one("patents")["title_no"] == "900001"
    assert len(exported("patents", as_of=date(2026, 2, 3))) == 1


def test_other_holders_than_on_record_are_a_transfer_of_the_day(database: Flask) -> None:
    take("patents", row("patents"))
    take("patent-events", row("patent-events"))
    for known in (BIN, OTHER):
        assert take("patents", row("patents", holders=known), now=LATER).unchanged == 1
    result = take("patents", row("patents", holders="Somebody"), now=LATER)
    assert (result.updated, [warning.field for warning in result.warnings]) == (1, ["holders"])
    assert one("patents")["holders"] == BIN
    assert [(item["event_on"], item["holders"]) for item in exported("patent-events")] == [
        ("2026-06-01", OTHER),
        ("2026-10-08", "Somebody"),
    ]
    assert take("patents", row("patents", holders="Somebody"), now=LATER).unchanged == 1
    # On the day of registration itself they are those of that day.
    take("patents", row("patents", title_no="100000", application_no="", registered_on="2026-10-08"))
    result = take(
        "patents",
        row("patents", title_no="100000", application_no="", registered_on="2026-10-08", holders=OTHER),
        now=LATER,
    )
    assert (result.updated, result.warnings) == (1, [])
    assert exported("patents")[0]["holders"] == OTHER
    assert verify().problem is None


def test_a_transfer_is_entered_corrected_and_left_alone(database: Flask) -> None:
    take("patents", row("patents"))
    assert take("patent-events", row("patent-events"), row("patent-events", event_on="2026-07-01")).created == 2
    assert take("patent-events", row("patent-events"), now=LATER).unchanged == 1
    assert take("patent-events", row("patent-events", document_no=None, holders="Somebody"), now=LATER).updated == 1
    first, second = exported("patent-events")
    assert (first["holders"], first["document_no"], second["holders"]) == ("Somebody", "77", OTHER)
    assert exported("patent-events", known_at=LATER - timedelta(hours=1))[0]["holders"] == OTHER
    assert len(exported("patent-events", as_of=date(2026, 6, 30))) == 1
    assert exported("patent-events", as_of=date(2026, 5, 31)) == []


def test_a_transfer_that_changes_nothing_is_a_warning(database: Flask) -> None:
    take("patents", row("patents"))
    result = take("patent-events", row("patent-events", holders=BIN))
    assert (result.created, [warning.field for warning in result.warnings]) == (1, ["holders"])
    assert one("patent-events")["holders"] == BIN


def test_lines_of_a_report_stand_anywhere_and_arrive_together(database: Flask) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER))
    lines = [
        row("report-lines", code="other"),
        row("report-lines", bin=OTHER),
        row("report-lines", quarter="2"),
        row("report-lines", section="staff", code="total_staff", amount="", count="9"),
        row("report-lines"),
    ]
    result = take("report-lines", *lines)
    assert (result.rows, result.created) == (5, 5)
    found = [(item["bin"], item["quarter"], item["code"]) for item in exported("report-lines")]
    # Ordered by key, and within a report as the file had them.
    mine = [(BIN, "1", "other"), (BIN, "1", "total_staff"), (BIN, "1", "rnd_works"), (BIN, "2", "rnd_works")]
    assert found == sorted([*mine, (OTHER, "1", "rnd_works")], key=lambda item: item[:2])


def test_other_lines_make_a_correcting_version(database: Flask) -> None:
    take("residents", row("residents"))
    first, second = row("report-lines"), row("report-lines", code="other")
    take("report-lines", first, second)
    assert take("report-lines", second, first, now=LATER).unchanged == 2
    result = take("report-lines", row("report-lines", amount="150.00"), second, now=LATER)
    assert str(result) == "report-lines: 2 rows, 0 created, 2 updated, 0 unchanged"
    assert [item["amount"] for item in exported("report-lines")] == ["150.00", "100.00"]
    known = exported("report-lines", known_at=NOW + timedelta(hours=1))
    assert [item["amount"] for item in known] == ["100.00", "100.00"]
    # A line left out is gone: the file holds the whole report.
    assert take("report-lines", second, now=LATER).updated == 1
    assert [item["code"] for item in exported("report-lines")] == ["other"]


def test_missing_columns_of_a_report_leave_its_evidence(database: Flask) -> None:
    take("residents", row("residents"))
    lines = [row("report-lines", document_no=number, country=country) for number, country in (("1", "KZ"), ("2", "DE"))]
    take("report-lines", *lines)
    bare = [
        row("report-lines", document_no=None, code="rnd_works", amount=amount, country=country)
        for amount, country in (("5.00", "DE"), ("100.00", "KZ"))
    ]
    assert take("report-lines", *bare, now=LATER).updated == 2
    assert [(item["document_no"], item["amount"]) for item in exported("report-lines")] == [
        ("2", "5.00"),
        ("1", "100.00"),
    ]


def test_a_re_entry_needs_the_exclusion_unless_an_exported_register_brings_both(database: Flask) -> None:
    first = row("residents", registered_on="2024-02-05")
    again = row("residents", registered_on="2026-01-12")
    assert [item[:2] for item in refused("residents", again, first)] == [(2, "registered_on")]
    numbered = [{**first, "register_no": "NU-A"}, {**again, "register_no": "NU-B"}]
    assert [item[:2] for item in refused("residents", numbered[0], again)] == [(3, "registered_on")]
    result = take("residents", *numbered)
    assert result.created == 2
    assert [(warning.row, warning.field) for warning in result.warnings] == [(3, "registered_on")]
    take("status-changes", row("status-changes", change="excluded", effective_on="2025-03-01", decision_date=""))
    take("status-changes", row("status-changes", effective_on="2026-03-01", decision_date=""))
    assert [len(exported("residents", as_of=date(year, 6, 1))) for year in (2024, 2025, 2026)] == [1, 0, 1]


def test_a_re_entry_beside_an_entry_on_record_needs_its_exclusion(database: Flask) -> None:
    first = row("residents", registered_on="2024-02-05", register_no="NU-A")
    again = row("residents", registered_on="2026-01-12", register_no="NU-B")
    assert take("residents", first).created == 1
    for rows in ([again], [first, again]):
        (found,) = refused("residents", *rows)
        assert found[1:] == (
            "registered_on",
            "an older entry of this company is still active; exclude it first",
        )
    assert len(exported("residents")) == 1


def test_an_exclusion_that_a_re_entry_rests_on_stays_one(database: Flask) -> None:
    take("residents", row("residents", registered_on="2024-02-05"))
    change = row("status-changes", effective_on="2025-03-01", decision_date="")
    take("status-changes", change)
    take("status-changes", {**change, "change": "excluded"})
    take("residents", row("residents", registered_on="2026-01-12"))
    (found,) = refused("status-changes", change)
    assert found == (
        2,
        "change",
        "The company has a newer entry. Where only the day is wrong, correct the day beside the change of status; else"
        " annul the newer entry first.",
    )
    with pytest.raises(Conflict), transaction():
        taking_back.take_back(SYSTEM, taking_back.imports_of(SYSTEM)[1], reason="Не тот файл", now=NOW)
    assert [item["registered_on"] for item in exported("residents", as_of=date(2026, 6, 1))] == ["2026-01-12"]
    assert take("status-changes", {**change, "change": "excluded", "decision_no": "6-Ш"}).updated == 1


def test_an_older_entry_comes_after_a_newer_one(database: Flask) -> None:
    first = row("residents", registered_on="2020-02-05", register_no="NU-A")
    again = row("residents", registered_on="2023-01-01", register_no="NU-B")
    assert take("residents", again).created == 1
    (found,) = refused("residents", first)
    assert found[:2] == (2, "registered_on")
    assert "an entry of this company from 2023-01-01 is on record" in found[2]
    result = take("residents", first, again)
    assert (result.created, result.unchanged) == (1, 1)
    assert [(warning.row, warning.field) for warning in result.warnings] == [(2, "registered_on")]
    take("status-changes", row("status-changes", change="excluded", effective_on="2022-03-01", decision_date=""))
    assert [len(exported("residents", as_of=date(year, 6, 1))) for year in (2020, 2022, 2023)] == [1, 0, 1]


def test_a_register_number_is_one_however_it_is_spelled_and_never_given_again(database: Flask) -> None:
    entry = row("residents", register_no="NU-2023-0007-A")
    other = row("residents", bin=OTHER)
    take("residents", entry)
    respelled = "NU–2023–0007–А"
    result = take("residents", entry | {"register_no": respelled})
    assert result.unchanged == 1
    assert [(item.row, item.field) for item in result.warnings] == [(2, "register_no")]
    for number in ("NU-2023-0007-A", respelled):
        (found,) = refused("residents", other | {"register_no": number})
        assert found[:2] == (2, "register_no")
    take("residents", entry | {"register_no": "NU-8"})
    (found,) = refused("residents", other | {"register_no": "NU-2023-0007-A"})
    assert found[:2] == (2, "register_no")
    # The entry itself may have it again.
    assert take("residents", entry).updated == 1


def test_a_suspension_and_its_end_come_before_a_later_one(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes", effective_on="2026-06-01", decision_date=""))
    earlier = row("status-changes", effective_on="2025-03-01", decision_date="")
    (found,) = refused("status-changes", earlier)
    assert found[:2] == (2, "change")
    ended = row("status-changes", change="resumed", effective_on="2025-05-01", ground="", decision_date="")
    assert take("status-changes", ended, earlier).created == 2
    assert [item["change"] for item in exported("status-changes")] == ["suspended", "resumed", "suspended"]


def test_a_re_entry_after_exclusion(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes", change="excluded"))
    assert take("residents", row("residents", registered_on="2026-04-01")).created == 1
    # Papers and reports find the entry of their day.
    take("contracts", row("contracts"), row("contracts", number="NU-2", signed_on="2026-05-01", starts_on="2026-05-01"))
    assert (
        take("report-lines", row("report-lines", year="2025", quarter="4"), row("report-lines", quarter="2")).created
        == 2
    )


@pytest.mark.parametrize("kind", ["residents", "contracts"])
def test_what_an_export_as_of_a_day_holds(database: Flask, kind: str) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER, registered_on="2026-03-02"))
    take("contracts", row("contracts", ends_on="2025-12-31"), row("contracts", number="NU-2", starts_on="2025-04-01"))
    take("addenda", row("addenda", signed_on="2025-12-01", effective_on="2025-12-15", ends_on="2026-06-30"))
    if kind == "residents":
        days = {date(2025, 2, 2): 0, date(2025, 2, 3): 1, date(2026, 3, 1): 1, date(2026, 3, 2): 2}
    else:
        days = {
            date(2025, 2, 28): 0,
            date(2025, 3, 31): 1,
            date(2025, 4, 1): 2,
            date(2026, 6, 30): 2,
            date(2026, 7, 1): 1,
        }
    assert {day: len(exported(kind, as_of=day)) for day in days} == days
    # The terms are those concluded; addenda stand apart.
    assert {item["ends_on"] for item in exported("contracts", as_of=date(2026, 6, 1))} == {"2025-12-31", "2026-12-31"}


def test_patents_of_a_territory_are_those_of_who_was_ever_there(database: Flask) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER, territory="YAFI"))
    take(
        "patents",
        row("patents"),
        row("patents", title_no="900002", application_no="", holders=f"{OTHER};Somebody"),
        row("patents", title_no="900003", application_no="", holders="Somebody"),
    )
    assert [item["title_no"] for item in exported("patents", territory="NU")] == ["900001"]
    assert [item["title_no"] for item in exported("patents", territory="YAFI")] == ["900002"]
    assert len(exported("patents")) == 3
    take("patent-events", row("patent-events", title_no="900003"), row("patent-events", holders="Somebody"))
    assert [item["title_no"] for item in exported("patents", territory="NU")] == ["900001"]
    assert [item["title_no"] for item in exported("patents", territory="YAFI")] == ["900002", "900003"]
    assert [item["title_no"] for item in exported("patent-events", territory="YAFI")] == ["900003"]


def test_a_resident_exports_its_own_rows(database: Flask, resident_viewer) -> None:
    own = resident_viewer.company_bin
    take("residents", row("residents"), row("residents", bin=own))
    take("contracts", row("contracts"), row("contracts", number="NU-2", bin=own))
    take("addenda", row("addenda"), row("addenda", contract_number="NU-2"))
    take("patents", row("patents"), row("patents", title_no="900002", application_no="", holders=own))
    take("report-lines", row("report-lines"), row("report-lines", bin=own))
    take("status-changes", row("status-changes"), row("status-changes", bin=own))
    take("patent-events", row("patent-events"), row("patent-events", title_no="900002"))
    for kind in all_exports():
        assert len(exported(kind)) == 2
        assert len(exported(kind, resident_viewer)) == 1, kind
    assert exported("addenda", resident_viewer)[0]["contract_number"] == "NU-2"


def test_order_is_by_code_point(database: Flask) -> None:
    take("residents", row("residents"))
    numbers = ["б-1", "C-1", "a-1", "В-1", "10", "9", "ә-1", "_1"]
    take("contracts", *(row("contracts", number=number) for number in numbers))
    assert [item["number"] for item in exported("contracts")] == sorted(numbers)


def test_a_spreadsheet_and_a_text_file_do_the_same(database: Flask) -> None:
    names = list(row("residents"))
    take_file("residents", xlsx_file([names, [*row("residents").values()]]), name="residents.xlsx")
    assert take("residents", row("residents")).unchanged == 1


def test_a_company_that_left_and_came_back_in_a_quarter_reports_it_once(database: Flask) -> None:
    take("residents", row("residents"))
    lines = [row("report-lines"), row("report-lines", section="tax", code="101201", amount="7.00")]
    assert take("report-lines", *lines).created == 2
    take(
        "status-changes",
        row(
            "status-changes",
            change="excluded",
            ground="own_request",
            effective_on="2026-02-02",
            decision_no="",
            decision_date="",
        ),
    )
    take("residents", row("residents", registered_on="2026-03-02"))
    assert take("report-lines", *lines).unchanged == 2
    assert take("report-lines", *lines[:1]).updated == 1
    assert [line["amount"] for line in exported("report-lines")] == ["100.00"]
    assert actual(1) == "0.00"


def test_quarters_without_participation_are_stored_with_a_warning_and_do_not_count(database: Flask) -> None:
    take("residents", row("residents"))
    tax = {"section": "tax", "code": "101201", "amount": "7.00"}
    inside = row("report-lines", **tax)
    before = row("report-lines", **tax, year="2024", quarter="4")
    assert [(item.row, item.field) for item in take("report-lines", before, inside).warnings] == [(2, "quarter")]
    excluded = row(
        "status-changes",
        change="excluded",
        ground="own_request",
        effective_on="2026-01-01",
        decision_no="",
        decision_date="",
    )
    # The exclusion lies before a quarter already accepted: a page asks, a file warns and names the quarter.
    (warning,) = take("status-changes", excluded).warnings
    assert (warning.row, "Reports already accepted lie after this day" in str(warning)) == (2, True)
    assert take("status-changes", excluded).warnings == []
    assert actual(1) == "0.00"
    result = take("report-lines", before, inside)
    assert (result.unchanged, [item.row for item in result.warnings]) == (2, [2, 3])
    assert len(exported("report-lines")) == 2


def actual(number: int) -> str | None:
    found = indicators.indicators(SYSTEM, year=2026, as_of=date(2026, 12, 31))
    return found[number - 1].as_json()["actual"]
