"""Rules of the quarterly reports, in tables."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from babel import Locale

from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.errors import Conflict
from registry.infra.access import Viewer
from registry.infra.i18n import LANGUAGES, country_code, country_name, format_quarter
from registry.reference.rules import COUNTRIES
from registry.reports import rules
from registry.reports.rules import Dates, Line, Move, Severity, Standing, Status
from tests.reports.ready import LINES

ENDS = date(2026, 9, 30)


@pytest.mark.parametrize(
    ("year", "quarter", "first", "last"),
    [
        (2026, 1, date(2026, 1, 1), date(2026, 3, 31)),
        (2024, 1, date(2024, 1, 1), date(2024, 3, 31)),
        (2026, 2, date(2026, 4, 1), date(2026, 6, 30)),
        (2026, 3, date(2026, 7, 1), date(2026, 9, 30)),
        (2035, 4, date(2035, 10, 1), date(2035, 12, 31)),
        (9999, 4, date(9999, 10, 1), date(9999, 12, 31)),
    ],
)
def test_a_quarter_has_a_first_and_a_last_day(year: int, quarter: int, first: date, last: date) -> None:
    assert (rules.first_day(year, quarter), rules.last_day(year, quarter)) == (first, last)
    assert rules.quarter_of(first) == rules.quarter_of(last) == (year, quarter)
    assert rules.preceding(*rules.following(year, quarter)) == (year, quarter)


@pytest.mark.parametrize(
    ("day", "ended"),
    [
        (date(2026, 9, 29), (2026, 2)),
        (date(2026, 9, 30), (2026, 3)),
        (date(2026, 10, 1), (2026, 3)),
        (date(2026, 1, 1), (2025, 4)),
        (date(2026, 12, 31), (2026, 4)),
    ],
)
def test_a_quarter_has_ended_on_its_last_day(day: date, ended: tuple[int, int]) -> None:
    assert rules.last_ended(day) == ended
    assert rules.ended_by(*ended, day)
    assert not rules.ended_by(*rules.following(*ended), day)


HOLIDAYS = {date(2026, 11, 25), date(2026, 11, 30)}


@pytest.mark.parametrize(
    ("year", "quarter", "holidays", "dates"),
    [
        (2026, 1, (), Dates(date(2026, 4, 1), date(2026, 5, 25), date(2026, 6, 8))),
        (2026, 2, (), Dates(date(2026, 7, 1), date(2026, 8, 25), date(2026, 9, 8))),
        (2026, 3, (), Dates(date(2026, 10, 1), date(2026, 11, 25), date(2026, 12, 9))),
        # 25 February 2027 is a Thursday, 5 March a Friday.
        (2026, 4, (), Dates(date(2027, 1, 1), date(2027, 2, 25), date(2027, 3, 5))),
        # 25 May 2025 and 5 March 2028 are Sundays.
        (2025, 1, (), Dates(date(2025, 4, 1), date(2025, 5, 26), date(2025, 6, 9))),
        (2026, 3, HOLIDAYS, Dates(date(2026, 10, 1), date(2026, 11, 26), date(2026, 12, 11))),
        (2027, 4, (), Dates(date(2028, 1, 1), date(2028, 2, 25), date(2028, 3, 6))),
    ],
)  # fmt: skip
def test_the_proposed_calendar_keeps_to_working_days(
    year: int, quarter: int, holidays: set[date], dates: Dates
) -> None:
    assert rules.proposed_dates(year, quarter, holidays) == dates
    assert rules.dates_problems(dates, year, quarter) == []


def test_dates_of_a_period_stand_in_order() -> None:
    dates = Dates(date(2026, 7, 1), date(2026, 9, 29), date(2026, 9, 1))
    assert [field for field, _m in rules.dates_problems(dates, 2026, 3)] == ["opens_on", "due_on", "locks_on"]


@pytest.mark.parametrize(
    ("year", "quarter", "fields"),
    [(2024, 1, []), (2035, 4, []), (2023, 4, ["year"]), (2036, 1, ["year"]), (2026, 0, ["quarter"]),
     (2026, 5, ["quarter"]), (1999, 9, ["year", "quarter"])],
)  # fmt: skip
def test_years_and_quarters_that_can_be_reported(year: int, quarter: int, fields: list[str]) -> None:
    assert [field for field, _message in rules.period_problems(year, quarter)] == fields


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("move", Move)
def test_only_moves_of_the_table_are_possible(status: Status, move: Move) -> None:
    allowed = {
        (Status.DRAFT, Move.EDIT): Status.DRAFT,
        (Status.RETURNED, Move.EDIT): Status.RETURNED,
        (Status.DRAFT, Move.SUBMIT): Status.SUBMITTED,
        (Status.RETURNED, Move.TAKE_BACK): Status.SUBMITTED,
        (Status.DRAFT, Move.DISCARD): None,
        (Status.SUBMITTED, Move.ACCEPT): Status.ACCEPTED,
        (Status.SUBMITTED, Move.RETURN): Status.RETURNED,
        (Status.ACCEPTED, Move.CORRECT): Status.ACCEPTED,
    }
    assert (move in rules.WORKFLOW.moves(status)) == ((status, move) in allowed)
    if (status, move) in allowed:
        assert rules.WORKFLOW.step(status, move).after == allowed[status, move]
    else:
        with pytest.raises(Conflict):
            rules.WORKFLOW.step(status, move)


@pytest.mark.parametrize(
    ("role", "moves"),
    [
        ("resident", {Move.EDIT, Move.SUBMIT, Move.DISCARD, Move.CORRECT}),
        ("staff", {Move.ACCEPT, Move.RETURN, Move.TAKE_BACK}),
        ("auditor", set()),
    ],
)
def test_each_role_has_its_moves(role: str, moves: set[Move]) -> None:
    viewer = Viewer(1, role, role, ROLE_PERMISSIONS[Role(role)])
    assert {move for status in Status for move in rules.WORKFLOW.moves(status, viewer)} == moves


def test_the_resident_changes_figures_only_of_drafts_and_returned_reports() -> None:
    assert {Status.DRAFT, Status.RETURNED} == rules.EDITABLE


@pytest.mark.parametrize(
    ("expected", "status", "ended", "today", "standing"),
    [
        (True, None, True, date(2026, 11, 25), Standing.EXPECTED),
        (True, None, False, date(2026, 8, 1), Standing.NOT_EXPECTED),
        (True, None, True, date(2026, 11, 26), Standing.LATE),
        (False, None, True, date(2026, 12, 26), Standing.NOT_EXPECTED),
        (True, "draft", True, date(2026, 11, 25), Standing.DRAFT),
        (True, "draft", True, date(2026, 11, 26), Standing.LATE),
        (True, "returned", True, date(2026, 11, 25), Standing.RETURNED),
        (True, "returned", True, date(2026, 11, 26), Standing.RETURNED),
        (False, "draft", True, date(2026, 11, 26), Standing.DRAFT),
        (True, "submitted", True, date(2026, 12, 26), Standing.SUBMITTED),
        (True, "accepted", True, date(2026, 12, 26), Standing.ACCEPTED),
        (False, "accepted", True, date(2026, 12, 26), Standing.ACCEPTED),
    ],
)
def test_a_quarter_is_late_after_its_due_day(
    expected: bool, status: str | None, ended: bool, today: date, standing: Standing
) -> None:
    assert rules.standing(expected, status, ended, date(2026, 11, 25), today) is standing
    if standing is Standing.LATE:
        # A quarter that was never opened is nobody's delay.
        assert rules.standing(expected, status, ended, None, today) is not Standing.LATE


CODES = {
    ("revenue_categories", "rnd_works"): (date(1900, 1, 1), date(2026, 11, 20)),
    ("tax_codes", "101201"): (date(1900, 1, 1), date(2026, 9, 30)),
    ("tax_codes", "105101"): (date(2026, 10, 1), date(2099, 1, 1)),
    ("investment_sources", "private_foreign"): (ENDS, ENDS),
    ("investment_sources", "venture"): (date(2026, 10, 1), date(2099, 1, 1)),
}


def is_valid(dictionary: str, code: str, day: date) -> bool:
    first, last = CODES.get((dictionary, code), (date.max, date.min))
    return first <= day <= last


def problems(*lines: Line) -> list[tuple[int | None, str]]:
    return [(found.position, found.field) for found in rules.line_problems(lines, ENDS, is_valid)]


REVENUE = Line("revenue", "rnd_works", amount=1)
TAX = Line("tax", "101201", amount=1)


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (REVENUE, None),
        (TAX, None),
        (Line("investment", "private_foreign", amount=0), None),
        (Line("staff", "total_staff", count=0), None),
        (replace(REVENUE, section="income"), "section"),
        (replace(REVENUE, code=""), "code"),
        (replace(REVENUE, code="other_works"), "code"),
        (replace(TAX, code="rnd_works"), "code"),
        # Valid on the day of import, but not on the quarter's last day.
        (replace(TAX, code="105101"), "code"),
        (Line("investment", "venture", amount=0), "code"),
        (Line("staff", "scientists", count=1), "code"),
        (replace(REVENUE, amount=None), "amount"),
        (replace(REVENUE, amount=-1), "amount"),
        (replace(REVENUE, count=1), "count"),
        (Line("staff", "total_staff"), "count"),
        (Line("staff", "total_staff", count=-1), "count"),
        (Line("staff", "total_staff", count=2**31), "count"),
        (Line("staff", "total_staff", count=1, amount=1), "amount"),
        (replace(REVENUE, country="DE"), None),
        (replace(REVENUE, country="XX"), "country"),
        (replace(REVENUE, country="de"), "country"),
        (replace(REVENUE, country="DEU"), "country"),
        (replace(REVENUE, country="EU"), "country"),
    ],
)
def test_what_a_line_may_hold(line: Line, field: str | None) -> None:
    assert problems(line) == ([(1, field)] if field else [])


def test_a_line_may_not_repeat_another_but_for_its_figure() -> None:
    assert problems(TAX, replace(TAX, amount=2)) == [(2, "code")]
    assert problems(TAX, replace(TAX, document_no="2"), REVENUE, replace(REVENUE, country="DE")) == []


def test_research_specialists_are_not_more_than_the_staff() -> None:
    total, research = Line("staff", "total_staff", count=4), Line("staff", "research_specialists", count=4)
    assert problems(total, research) == []
    assert problems(total, replace(research, count=5)) == [(2, "count")]
    assert problems(total, research, replace(research, count=1, document_no="2")) == [(2, "count")]
    # Without a total there is nothing to compare with.
    assert problems(replace(research, count=5)) == []


def test_country_codes_are_those_of_iso_3166() -> None:
    assert len(rules.COUNTRIES) == 249
    named = Locale("en").territories
    assert all(code in named for code in rules.COUNTRIES)
    assert {"KZ", "DE", "CN", "UZ", "XK"} - rules.COUNTRIES == {"XK"}


@pytest.mark.parametrize(
    ("lines", "none", "found"),
    [
        (LINES, (), []),
        (LINES[:1] + LINES[2:], (), [(None, "none_tax")]),
        (LINES[:1] + LINES[2:], ("tax",), []),
        (LINES, ("tax",), [(None, "none_tax")]),
        (LINES[2:4], ("revenue", "tax", "investment"), []),
        (LINES[:3] + LINES[4:], (), [(None, "total_staff")]),
        ((), (), [(None, "none_revenue"), (None, "none_tax"), (None, "none_investment"), (None, "total_staff")]),
        ((*LINES, Line("staff", "experimental_production_staff", count=3)), (), []),
        ((*LINES, Line("staff", "experimental_production_staff", count=4)), (), [(4, "count")]),
    ],
)  # fmt: skip
def test_blank_is_not_zero(lines: tuple[Line, ...], none: tuple[str, ...], found: list[tuple[int | None, str]]) -> None:
    result = rules.report_problems(lines, none)
    assert [(item.position, item.field) for item in result] == found
    assert all(item.severity is Severity.ERROR for item in result)


def counts(section: str, code: str) -> bool:
    return code not in {"other", "902101"}


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (LINES[0], None),
        (replace(LINES[0], document_kind=None, document_no=None), None),
        (Line("revenue", "other", amount=1), "document_no"),
        (Line("tax", "101201", amount=1), "document_no"),
        (Line("tax", "101201", amount=1, ip_title_no="38001"), "document_no"),
        (Line("tax", "902101", amount=1, document_no="1"), "code"),
        (Line("investment", "budget", amount=1), None),
        (Line("staff", "total_staff", count=1), None),
        (Line("tax", "101201", amount=1, document_no="1", country="KZ"), "country"),
    ],
)
def test_warnings_stand_at_the_line(line: Line, field: str | None) -> None:
    found = rules.warnings([line], counts)
    assert [(item.position, item.field) for item in found] == ([(1, field)] if field else [])
    assert all(item.severity is Severity.WARNING for item in found)


def test_counted_revenue_needs_a_title_or_a_document() -> None:
    product = Line("revenue", "science_intensive_product", amount=1)
    other = Line("revenue", "other", amount=1)
    lines = [replace(product, ip_title_no="38001"), other, product, replace(product, document_no="1")]
    for severity in Severity:
        found = rules.evidence_missing(lines, counts, severity)
        assert [(item.position, item.field, item.severity) for item in found] == [(3, "document_no", severity)]


PAID = Line("tax", "101201", amount=70, paid=100, offset_in=20, offset_out=10, refunded=40)


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (PAID, []),
        (replace(PAID, amount=-10, refunded=120), []),
        (replace(PAID, amount=0, refunded=110), []),
        (replace(PAID, amount=-10), ["amount"]),
        (replace(PAID, amount=71), ["amount"]),
        (replace(PAID, refunded=None), ["refunded"]),
        (replace(PAID, paid=None, offset_in=None), ["paid", "offset_in"]),
        (replace(PAID, refunded=-40, amount=150), ["refunded"]),
        (Line("tax", "101201", amount=-1), ["amount"]),
        (replace(PAID, section="revenue", code="rnd_works"), ["paid"]),
        (Line("staff", "total_staff", count=1, refunded=0), ["refunded"]),
        (Line("investment", "venture", amount=-1), ["amount"]),
    ],
)
def test_what_a_tax_line_is_made_of(line: Line, columns: list[str]) -> None:
    found = rules.line_problems([line], ENDS, lambda *_code: True)
    assert [item.field for item in found] == columns


def test_parts_of_the_specialists_are_at_most_all_of_them() -> None:
    def staff(code: str, count: int) -> Line:
        return Line("staff", code, count=count)

    research = [staff("total_staff", 9), staff("research_specialists", 5)]
    for code in rules.OF_RESEARCH:
        assert rules.line_problems([*research, staff(code, 5)], ENDS, lambda *_code: True) == []
        (found,) = rules.line_problems([*research, staff(code, 6)], ENDS, lambda *_code: True)
        assert (found.position, found.field) == (3, "count")
        (found,) = rules.line_problems([research[0], staff(code, 1)], ENDS, lambda *_code: True)
        assert (found.position, found.field) == (2, "count")


@pytest.mark.parametrize(
    ("before", "after", "much"),
    [
        (100, 150, False),
        (100, 151, True),
        (100, 50, False),
        (100, 49, True),
        (0, 10, False),
        (None, 10, False),
        (10, 0, True),
    ],
)
def test_a_change_of_more_than_half_is_shown(before: int | None, after: int, much: bool) -> None:
    assert rules.changed_much(before, after) is much
    line = Line("tax", "101201", amount=after, document_no="1")
    previous = {} if before is None else {("tax", "101201"): before}
    assert [item.field for item in rules.warnings([line], counts, previous)] == (["amount"] if much else [])


def test_lines_are_compared_as_a_whole_and_by_code() -> None:
    assert rules.same_lines(LINES, LINES[::-1])
    assert not rules.same_lines(LINES, LINES[:-1])
    assert not rules.same_lines([TAX], [TAX, TAX])
    changed = (replace(LINES[0], amount=1), *LINES[2:], REVENUE)
    assert [(item.section, item.code, item.old, item.new) for item in rules.compare(LINES, changed)] == [
        ("revenue", "rnd_works", 150_000_00, 2),
        ("tax", "101201", 20_000_50, None),
    ]
    taxes = {"101201"}
    lines = [*LINES, Line("tax", "902101", amount=7)]
    totals = {"revenue": 150_000_00, "tax": 20_000_50, "staff": 8, "investment": 1_000_00}
    assert rules.section_totals(LINES, taxes.__contains__) == totals
    assert rules.section_totals(lines, taxes.__contains__) == totals
    assert rules.section_totals(lines[-1:], taxes.__contains__) == {"tax": 0}
    assert (rules.no_taxes(LINES, taxes.__contains__), rules.no_taxes(lines, taxes.__contains__)) == (None, 7)


def test_a_quarter_is_named_in_each_language() -> None:
    assert format_quarter(2026, 3, "en").replace("\xa0", " ") == "Q3 2026"


# --- what is asked before a report is sent ---


def test_a_blank_code_and_a_tenfold_figure_are_asked_about() -> None:
    before = {
        ("revenue", "rnd_works"): 100_00,
        ("revenue", "other"): 7_00,
        ("tax", "101201"): 50_00,
        ("tax", "103101"): 0,
        ("staff", "total_staff"): 3,
        ("investment", "private_foreign"): 9_00,
    }
    lines = [
        Line("revenue", "rnd_works", amount=600_00),
        Line("revenue", "rnd_works", amount=400_00),
        Line("tax", "101201", amount=5_00),
        Line("staff", "total_staff", count=29),
        Line("revenue", "new_products", amount=1_000_000_00),
    ]
    asked = [(item.code, item.oddity, item.before, item.now) for item in rules.questions(lines, {"investment"}, before)]
    assert asked == [
        ("rnd_works", rules.Oddity.TENFOLD, 100_00, 1000_00),
        ("other", rules.Oddity.BLANK, 7_00, None),
        ("101201", rules.Oddity.TENFOLD, 50_00, 5_00),
    ]
    calm = [
        Line("revenue", "rnd_works", amount=999_99),
        Line("revenue", "other", amount=0),
        Line("tax", "101201", amount=5_01),
        Line("staff", "total_staff", count=3),
        Line("investment", "private_foreign", amount=9_00),
    ]
    assert rules.questions(calm, (), before) == []
    assert rules.questions(calm, (), {}) == []


def test_unread_cells_are_kept_as_they_were_typed() -> None:
    cells = [rules.Unread(1, "amount", "12 млн\x00\U0001f600"), rules.Unread(None, "total_staff", "көп")]
    kept = rules.keep_unread(cells)
    assert kept is not None and "\x00" not in kept
    assert rules.unread_cells(kept) == cells
    assert rules.keep_unread(()) is None
    assert rules.unread_cells(None) == []


def test_dates_of_evidence_out_of_reason_are_told_with_the_remedy() -> None:
    lines = [
        Line("tax", "101201", amount=1, document_date=day)
        for day in (date(2099, 1, 1), date(2026, 11, 21), date(2026, 11, 20), date(2023, 7, 1), date(2023, 6, 30))
    ]
    found = rules.document_dates([*lines, Line("tax", "103101", amount=1)], date(2026, 7, 1), date(2026, 11, 20))
    assert [(item.position, item.field, item.severity) for item in found] == [
        (1, "document_date", rules.Severity.ERROR),
        (2, "document_date", rules.Severity.ERROR),
        (5, "document_date", rules.Severity.WARNING),
    ]
    assert "enter the date that stands on it" in str(found[0].message)
    assert "check the year" in str(found[2].message)


def test_every_country_of_iso_3166_may_be_named() -> None:
    names = {code for code in Locale.parse("en").territories if len(code) == 2 and code.isalpha()}
    # Not countries: unions, zones and codes reserved for tests.
    assert names - COUNTRIES <= {
        "AC",
        "CP",
        "CQ",
        "DG",
        "EA",
        "EU",
        "EZ",
        "IC",
        "QO",
        "TA",
        "UN",
        "XA",
        "XB",
        "XK",
        "ZZ",
    }
    assert len(COUNTRIES) == 249
    for code in COUNTRIES:
        for language in LANGUAGES:
            assert country_code(country_name(code, language)) == code
    assert country_code("Атлантида") is None
