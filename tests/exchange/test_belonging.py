"""What belongs to whom and when: terms of earlier relations, quarters of a company, and what does not count."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import Conflict
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.findings import noticing
from registry.journal.models import JournalEntry
from registry.journal.queries import verify
from registry.journal.rules import Action
from registry.reports import services as reports
from registry.residents import services as residents
from registry.residents.queries import entries_of
from registry.territories.queries import by_code
from registry.territories.rules import bin_problem, surrogate
from tests.exchange.made import BIN, OTHER, exported, refused, row, take
from tests.factories import NOW

WARNED = "the terms apply to relations begun before the signing; check that the parties agreed so"


def test_terms_may_apply_to_relations_begun_before_the_signing(database: Flask) -> None:
    take("residents", row("residents"))
    early = {"signed_on": "2026-01-15", "starts_on": "2026-01-01"}
    taken = take("contracts", row("contracts", **early))
    assert [(item.row, item.field, str(item.message)) for item in taken.warnings] == [(2, "starts_on", WARNED)]
    assert [len(exported("contracts", as_of=date(2026, 1, day))) for day in (1, 14)] == [1, 1]
    assert exported("contracts", as_of=date(2025, 12, 31)) == []
    taken = take("addenda", row("addenda", signed_on="2026-03-20", effective_on="2026-03-01"))
    assert [(item.row, item.field, str(item.message)) for item in taken.warnings] == [(2, "effective_on", WARNED)]
    assert [len(exported("addenda", as_of=date(2026, month, 28))) for month in (2, 3)] == [0, 1]
    again = take("contracts", row("contracts", **early))
    assert (again.unchanged, again.warnings) == (1, [])


def test_a_start_moved_before_the_signing_moves_the_contract_with_it(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts", signed_on="2026-01-15", starts_on="2026-01-15"))
    taken = take("contracts", row("contracts", signed_on="2026-01-15", starts_on="2026-01-01"))
    assert (taken.updated, [item.field for item in taken.warnings]) == (1, ["starts_on"])
    assert len(exported("contracts", as_of=date(2026, 1, 2))) == 1


def indicator(number: int, year: int = 2026, **options: object) -> str | None:
    found = indicators.indicators(SYSTEM, year=year, as_of=date(2026, 9, 30), **options)[number - 1]
    return found.as_json()["actual"]


def tax(amount: str, *parts: str, **more: object) -> dict[str, object]:
    columns = dict(zip(("paid", "offset_in", "offset_out", "refunded"), parts, strict=False))
    return row("report-lines", section="tax", code="101110", amount=amount, **columns, **more)


def test_taxes_are_net_of_offsets_and_refunds(database: Flask) -> None:
    take("residents", row("residents"))
    whole = tax("-50.25", "100.00", "20.00", "10.25", "160.00")
    assert take("report-lines", whole).created == 1
    (found,) = exported("report-lines")
    assert [found[name] for name in ("amount", "paid", "offset_in", "offset_out", "refunded")] == [
        "-50.25", "100.00", "20.00", "10.25", "160.00",
    ]  # fmt: skip
    assert indicator(1) == "-50.25"
    assert take("report-lines", whole).unchanged == 1
    assert list(found)[-4:] == ["paid", "offset_in", "offset_out", "refunded"]
    for bad, column in (
        (tax("-50.26"), "amount"),
        (tax("-50.25", quarter="2"), "amount"),
        (tax("-50.24", "100.00", "20.00", "10.25", "160.00"), "amount"),
        (tax("100.00", "100.00", "0", "", "0"), "offset_out"),
        (tax("100.00", "100.00", "-1", "0", "0"), "offset_in"),
        (row("report-lines", amount="-1.00"), "amount"),
        (row("report-lines", paid="100.00", offset_in="0", offset_out="0", refunded="0"), "paid"),
    ):
        assert [item[:2] for item in refused("report-lines", bad)] == [(2, column)]


def test_two_lines_that_differ_in_their_parts_alone_are_one_line_twice(database: Flask) -> None:
    take("residents", row("residents"))
    twice = [tax("100.00", "100.00", "0", "0", "0"), tax("90.00", "100.00", "0", "0", "10.00")]
    assert [item[:2] for item in refused("report-lines", *twice)] == [(3, "code")]


def test_counted_revenue_without_evidence_is_a_warning_in_a_file(database: Flask) -> None:
    take("residents", row("residents"))
    taken = take("report-lines", row("report-lines", document_no=""), row("report-lines", code="other"))
    assert [(item.row, item.field) for item in taken.warnings] == [(2, "document_no")]


def test_who_the_specialists_are(database: Flask) -> None:
    take("residents", row("residents"))
    staff = {"total_staff": "9", "research_specialists": "5", "women": "3", "under_40": "5", "foreign": "0"}

    def lines(**more: str) -> list[dict[str, object]]:
        return [
            row("report-lines", section="staff", code=code, amount="", count=count, document_no="")
            for code, count in (staff | more).items()
        ]

    assert take("report-lines", *lines()).created == 5
    assert [item["code"] for item in exported("report-lines")] == list(staff)
    assert indicator(3) == "5"
    assert [item[:2] for item in refused("report-lines", *lines(engineers="6"))] == [(7, "count")]


def test_a_closed_year_takes_no_correction_until_it_is_reopened(database: Flask) -> None:
    territory = by_code("NU", SYSTEM)
    take("residents", row("residents"))
    take("report-lines", row("report-lines"))
    with transaction():
        reports.close_year(SYSTEM, territory=territory, year=2026, reason="Есеп тапсырылды", now=NOW)
    assert take("report-lines", row("report-lines")).unchanged == 1
    for changed in (row("report-lines", amount="7.00"), row("report-lines", quarter="2")):
        ((number, column, message),) = refused("report-lines", changed)
        assert (number, column) == (2, "year")
        assert "is closed" in message
    assert take("report-lines", row("report-lines", year="2025", quarter="4")).created == 1
    with transaction(), pytest.raises(Conflict):
        reports.close_year(SYSTEM, territory=by_code("NU", SYSTEM), year=2026, reason="x", now=NOW)
    with transaction():
        reports.reopen_year(SYSTEM, territory=by_code("NU", SYSTEM), year=2026, reason="Қате", now=NOW)
    assert take("report-lines", row("report-lines", amount="7.00")).updated == 1
    with transaction(), pytest.raises(Conflict):
        reports.reopen_year(SYSTEM, territory=by_code("NU", SYSTEM), year=2026, reason="x", now=NOW)
    assert verify().problem is None


def test_the_same_name_with_another_number_is_entered_on_purpose_only(database: Flask) -> None:
    take("residents", row("residents"))
    again = row("residents", bin=OTHER, name_kk="«ҮЛГІ»  ЖШС", name_ru="ТОО «Другое»")
    (warning,) = take("residents", again).warnings
    assert (warning.row, warning.field, BIN in str(warning.message)) == (2, "name_kk", True)
    kept = db.session.scalars(
        sa.select(JournalEntry.reason).where(JournalEntry.action == Action.RESIDENT_REGISTERED)
    ).all()
    assert [BIN in (reason or "") for reason in kept] == [False, True]
    assert take("residents", again | {"territory": "YAFI", "name_kk": "«Үлгі» ЖШС"}).warnings == []


def test_who_has_no_number_is_given_one(database: Flask) -> None:
    group = row("residents", bin="", legal_form="project_group", participant_type="project_group")
    foreign = row("residents", bin="", legal_form="foreign", name_kk="Foreign Ltd", name_ru="Foreign Ltd")
    taken = take("residents", group, foreign)
    assert [(item.row, item.field) for item in taken.warnings] == [(2, "bin"), (3, "bin")]
    numbers = [item["bin"] for item in exported("residents")]
    assert [number[:11] for number in numbers] == ["S0000000001", "S0000000002"]
    assert all(bin_problem(number) is None for number in numbers)
    assert bin_problem(numbers[0][:11] + str((int(numbers[0][11]) + 1) % 10)) is not None
    # The same file again means the same companies.
    assert take("residents", group, foreign).unchanged == 2
    line = row("report-lines", bin=numbers[0], section="tax", code="104101", amount="5.00")
    take("report-lines", line)
    take("patents", row("patents", holders=f"{numbers[0]}=50%;Сырттағы"))
    assert (indicator(1), indicator(6)) == ("5.00", "1")
    assert verify().problem is None


def test_surrogate_numbers_from_a_file_are_never_given_again(database: Flask) -> None:
    group = {"legal_form": "project_group", "participant_type": "project_group"}
    take("residents", row("residents", bin=surrogate(7), **group))
    take("residents", row("residents", bin="", name_kk="Басқа топ", name_ru="Другая группа", **group))
    assert [item["bin"] for item in exported("residents")] == [surrogate(7), surrogate(8)]


@pytest.mark.parametrize(
    ("number", "legal_form"),
    [
        ("", "llp"),
        ("", "natural_person"),
        (surrogate(7), "llp"),
        (surrogate(7), "natural_person"),
        (surrogate(7)[:-1] + "x", "foreign"),
        ("000101399107", "project_group"),
        ("000101399107", "foreign"),
        (BIN, "natural_person"),
    ],
)
def test_who_must_have_which_number(database: Flask, number: str, legal_form: str) -> None:
    rows = refused("residents", row("residents", bin=number, legal_form=legal_form))
    assert [item[:2] for item in rows] == [(2, "bin")]


def test_a_natural_person_is_registered_by_iin(database: Flask) -> None:
    assert take("residents", row("residents", bin="000101399107", legal_form="natural_person")).created == 1


def reached(*warnings: object) -> list[bool]:
    return ["reaches quarters already accepted: Q2\u00a02026" in str(item) for item in warnings]


def test_acts_that_reach_accepted_quarters_name_them(database: Flask) -> None:
    take("residents", row("residents"))
    for quarter in ("1", "2"):
        take("report-lines", tax("5.00", quarter=quarter))
    exclusion = row("status-changes", change="excluded", effective_on="2026-04-01")
    take("status-changes", exclusion)
    back = take("status-changes", exclusion | {"change": "suspended"})
    assert reached(*back.warnings) == [True]
    take("status-changes", exclusion)
    again = take("residents", row("residents", registered_on="2026-05-04"))
    assert reached(*again.warnings) == [True]
    assert indicator(1) == "10.00"
    plant = row("residents", registered_on="2026-05-04", experimental_production="1")
    assert take("residents", plant).warnings == []
    with noticing() as noticed, transaction():
        entry = entries_of(by_code("NU", SYSTEM).id, BIN)[-1][0]
        values = {"experimental_production": False}
        residents.amend_resident(SYSTEM, entry, values=values, now=NOW, effective_on=date(2026, 5, 4))
        residents.amend_resident(
            SYSTEM, entry, values={"experimental_production": True}, now=NOW, effective_on=date(2026, 5, 5)
        )
    assert reached(*noticed) == [True]


CHANGES, STAYS = "It changes what counts of their figures", "Their figures count as before"


def exclusion(day: str, **lines: object) -> list[str]:
    """What is said of accepted quarters, one of each with a tax and these besides, when the company is excluded."""
    for quarter in ("1", "2"):
        extra = [row("report-lines", quarter=quarter, **lines)] if lines else []
        take("report-lines", tax("5.00", quarter=quarter), *extra)
    result = take("status-changes", row("status-changes", change="excluded", effective_on=day))
    return [str(item).replace("\u00a0", " ") for item in result.warnings]


@pytest.mark.parametrize(
    ("day", "said"),
    [
        ("2026-03-31", []),
        ("2026-03-30", [f"Q1 2026. {STAYS}"]),
        ("2026-04-02", [f"Q2 2026. {STAYS}"]),
        ("2026-06-30", []),
    ],
)
def test_an_exclusion_within_an_accepted_quarter_changes_nothing_of_it(
    database: Flask, day: str, said: list[str]
) -> None:
    take("residents", row("residents"))
    before = indicator(1)
    found = [text for text in exclusion(day) if "reaches quarters already accepted" in text]
    assert [text.partition("already accepted: ")[2].rstrip(".") for text in found] == said
    assert before == "0.00"
    assert indicator(1) == ("5.00" if day < "2026-04" else "10.00")


@pytest.mark.parametrize(("day", "said"), [("2026-05-02", CHANGES), ("2026-06-30", CHANGES)])
def test_specialists_count_by_the_day_and_an_exclusion_changes_them(database: Flask, day: str, said: str) -> None:
    take("residents", row("residents"))
    staff = {"section": "staff", "code": "research_specialists", "count": "7", "amount": "", "document_no": ""}
    (found,) = exclusion(day, **staff)
    assert f"Q2 2026. {said}" in found
    assert indicator(3) == "0"


def test_an_entry_within_a_quarter_of_which_another_was_a_part_changes_nothing(database: Flask) -> None:
    take("residents", row("residents"))
    exclusion("2026-04-05")
    result = take("residents", row("residents", registered_on="2026-05-04"))
    assert [STAYS in str(item) for item in result.warnings] == [True]
    result = take("status-changes", row("status-changes", change="excluded", effective_on="2026-05-05"))
    assert [STAYS in str(item) for item in result.warnings] == [True]
    assert indicator(1) == "10.00"


def test_a_company_that_leaves_and_returns_in_a_quarter_reports_it_once(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes", change="excluded", effective_on="2026-08-15"))
    lines = [tax("1000.00", quarter="3"), tax("5.00", quarter="3") | {"code": "103101"}]
    take("report-lines", *lines)
    take("residents", row("residents", registered_on="2026-09-01"))
    assert take("report-lines", *lines).unchanged == 2
    assert indicator(1) == "1005.00"
    assert len(exported("report-lines")) == 2
