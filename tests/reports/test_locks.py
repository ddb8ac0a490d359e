"""A locked quarter takes nothing more from residents; a closed year takes no correction from anybody (R18)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.errors import Conflict
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import transaction
from registry.infra.findings import noticing
from registry.journal.checked import first_of_each
from registry.reports import report_lines, services
from registry.reports.accepted import accepted_lines
from registry.reports.models import Report
from registry.reports.sent_versions import CHECKED
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from registry.territories.queries import by_code
from tests import people
from tests.exchange import made
from tests.factories import bin_number, resident, status_change
from tests.pages import PageClient
from tests.reports import ready

LAST = datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
"""The last day of the second quarter's calendar."""
AFTER = LAST + timedelta(days=1)
YEAR_OVER = datetime(2027, 3, 10, 6, 0, tzinfo=UTC)


@pytest.fixture
def calendars(request: pytest.FixtureRequest) -> None:
    """The first two quarters with their usual calendars, which are over."""
    request.getfixturevalue("database" if "database" in request.fixturenames else "app")
    for quarter in (1, 2):
        with transaction():
            services.open_period(SYSTEM, territory=by_code("NU"), year=2026, quarter=quarter, now=ready.NOW)


def test_a_resident_starts_saves_and_sends_until_the_last_day(
    database: Flask, calendars: None, resident_viewer: Viewer
) -> None:
    period, entry = ready.period(quarter=2), resident(people.COMPANY_BIN)
    assert period.locks_on == date(2026, 9, 8)
    with pytest.raises(Conflict, match=r"locked on 8\sSep\s2026.*management company") as refused, transaction():
        services.start_report(resident_viewer, resident=entry, period=period, now=AFTER)
    assert refused.value.field == "quarter"
    draft = ready.draft(entry, quarter=2, now=LAST)

    def save(now: datetime) -> Report:
        with transaction():
            return services.save_draft(
                resident_viewer,
                draft,
                lines=ready.LINES,
                none=(),
                explanation=None,
                revision=draft.revision,
                now=now,
            )

    with pytest.raises(Conflict, match="locked on"):
        save(AFTER)
    save(LAST)
    with pytest.raises(Conflict, match="locked on"), transaction():
        services.submit(resident_viewer, draft, revision=draft.revision, now=AFTER)
    with transaction():
        services.submit(resident_viewer, draft, revision=draft.revision, now=LAST)
    # The company decides on what was sent in time, and is told that a return would lead nowhere.
    with noticing() as told, transaction():
        services.return_report(people.viewer("staff"), draft, reason="x", now=AFTER)
    assert any("cannot send this report again" in str(finding) for finding in told)
    with pytest.raises(Conflict, match="locked on"):
        save(AFTER)


def test_what_was_accepted_can_be_corrected_until_the_year_is_closed(
    database: Flask, resident_viewer: Viewer, staff: Viewer
) -> None:
    report = ready.accepted(resident(people.COMPANY_BIN), quarter=2)
    other = (*ready.LINES[:3], ready.Line("staff", "total_staff", count=9), ready.LINES[4])
    correction = ready.correction(report, other)
    with transaction():
        services.submit(resident_viewer, correction, revision=correction.revision, now=ready.NOW)
        services.close_year(staff, territory=by_code("NU"), year=2026, reason="бітті", now=ready.NOW)
    for act in (
        lambda: services.accept(staff, correction, now=ready.NOW),
        lambda: services.start_correction(resident_viewer, report, reason="x", now=ready.NOW),
    ):
        with pytest.raises(Conflict, match="the year 2026 is closed") as refused, transaction():
            act()
        assert refused.value.field == "year"


def test_a_closed_year_keeps_its_figures_from_register_acts(database: Flask, staff: Viewer) -> None:
    entry = resident(people.COMPANY_BIN)
    ready.accepted(entry, quarter=2)
    with transaction():
        services.close_year(staff, territory=by_code("NU"), year=2026, reason="бітті", now=ready.NOW)
    with pytest.raises(Conflict, match="the year 2026 is closed") as refused:
        status_change(entry, "excluded", date(2026, 3, 1))
    assert refused.value.field == "year"
    with transaction():
        services.reopen_year(staff, territory=by_code("NU"), year=2026, reason="қате", now=ready.NOW)
    status_change(entry, "excluded", date(2026, 3, 1))


def close(now: datetime = ready.NOW) -> None:
    with transaction():
        services.close_year(SYSTEM, territory=by_code("NU"), year=2026, reason="бітті", now=now)


def excluded(entry: Resident, day: date) -> StatusChange:
    return status_change(entry, "excluded", day, now=YEAR_OVER)


def re_entered(day: date) -> Resident:
    return resident(people.COMPANY_BIN, registered_on=day, decision_date=day, now=YEAR_OVER)


def annulled(item: StatusChange | Resident) -> None:
    with transaction():
        if isinstance(item, Resident):
            residents.annul_resident(SYSTEM, item, reason="қате", now=YEAR_OVER)
        else:
            residents.annul_status_change(SYSTEM, item, reason="қате", now=YEAR_OVER)


def amended(entry: Resident, **values: Any) -> None:
    with transaction():
        residents.amend_resident(SYSTEM, entry, values=values, now=YEAR_OVER, effective_on=date(2026, 11, 15))


def with_number(entry: Resident, number: str) -> None:
    with transaction():
        residents.correct_bin(SYSTEM, entry, number=number, reason="қате", now=YEAR_OVER)


def stored(entry: Resident, *quarters: int, amount: int = 100_00) -> None:
    for quarter in quarters:
        lines = [replace(line, amount=amount) if line.section == "tax" else line for line in ready.LINES]
        ready.stored(entry, lines, quarter=quarter, now=YEAR_OVER)


Act = Callable[[], object]


def exclusion_within_the_last_quarter() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 1, 2, 3, 4)
    return lambda: excluded(entry, date(2026, 11, 15)), "Q4\u00a02026"


def that_exclusion_annulled() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 1, 2, 3, 4)
    change = excluded(entry, date(2026, 11, 15))
    return lambda: annulled(change), "Q4\u00a02026"


def re_entry_within_the_same_quarter() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 4)
    excluded(entry, date(2026, 11, 15))
    return lambda: re_entered(date(2026, 11, 18)), "Q4\u00a02026"


def experimental_production_after_the_last_report() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 3)
    # No accepted quarter ends on that day or later, so nothing is asked.
    return lambda: amended(entry, experimental_production=True), ""


def number_of_a_company_that_reported_the_same_quarter() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    other = resident(bin_number(2), registered_on=date(2026, 3, 1), decision_date=date(2026, 3, 1))
    stored(entry, 1)
    stored(other, 1, amount=200_00)
    excluded(entry, date(2026, 2, 15))
    return lambda: with_number(entry, bin_number(2)), "Q1\u00a02026"


def re_entry_that_reports_under_the_entry_before() -> tuple[Resident, Resident]:
    entry = resident(people.COMPANY_BIN)
    excluded(entry, date(2025, 12, 1))
    stored(entry, 2, 3)
    return entry, re_entered(date(2026, 5, 4))


def that_re_entry_annulled() -> tuple[Act, str]:
    _first, again = re_entry_that_reports_under_the_entry_before()
    return lambda: annulled(again), "Q2\u00a02026, Q3\u00a02026"


def that_re_entry_excluded() -> tuple[Act, str]:
    _first, again = re_entry_that_reports_under_the_entry_before()
    return lambda: excluded(again, date(2026, 6, 10)), "Q3\u00a02026"


def that_re_entry_begun_later() -> tuple[Act, str]:
    _first, again = re_entry_that_reports_under_the_entry_before()
    return lambda: moved(again, date(2026, 7, 6)), "Q2\u00a02026"


def moved(entry: Resident, day: date) -> None:
    with transaction():
        residents.correct_registration(SYSTEM, entry, registered_on=day, reason="қате", now=YEAR_OVER)


def that_exclusion_dated_earlier() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 1, 2, 3)
    change = excluded(entry, date(2026, 8, 15))
    return lambda: dated(change, date(2026, 6, 30)), "Q3\u00a02026"


def that_exclusion_dated_later() -> tuple[Act, str]:
    entry = resident(people.COMPANY_BIN)
    stored(entry, 1, 2, 3)
    change = excluded(entry, date(2026, 6, 30))
    return lambda: dated(change, date(2026, 8, 15)), "Q3\u00a02026"


def dated(change: StatusChange, day: date) -> None:
    values = {"effective_on": day, "decision_date": None}
    with transaction():
        residents.correct_status_change(SYSTEM, change, values=values, now=YEAR_OVER, reason="қате")


MOVES = (
    that_exclusion_dated_earlier,
    that_exclusion_dated_later,
    exclusion_within_the_last_quarter,
    that_exclusion_annulled,
    re_entry_within_the_same_quarter,
    experimental_production_after_the_last_report,
    number_of_a_company_that_reported_the_same_quarter,
    that_re_entry_annulled,
    that_re_entry_excluded,
    that_re_entry_begun_later,
)


@pytest.mark.parametrize("move", MOVES)
def test_an_act_that_moves_what_counts_asks_and_is_refused_for_a_closed_year(
    database: Flask, move: Callable[[], tuple[Act, str]]
) -> None:
    act, quarters = move()
    before = counted()
    close(now=YEAR_OVER)
    with pytest.raises(Conflict, match="the year 2026 is closed") as refused:
        act()
    assert refused.value.field == "year"
    assert counted() == before
    with transaction():
        services.reopen_year(SYSTEM, territory=by_code("NU"), year=2026, reason="қате", now=YEAR_OVER)
    with noticing() as told:
        act()
    asked = " ".join(str(finding) for finding in told if finding.asks)
    assert (quarters in asked) if quarters else not asked
    assert counted() != before


def counted() -> list[str | None]:
    return [row.as_json()["actual"] for row in indicators.indicators(SYSTEM, year=2026, as_of=date(2026, 12, 31))]


def test_a_closed_year_lets_acts_pass_that_move_nothing_of_it(database: Flask) -> None:
    """A day of registration that leaves the quarter outside, a number that was typed wrong, an entry that begins after
    it, and an exclusion after it.
    """
    entry = resident(people.COMPANY_BIN, registered_on=date(2027, 1, 10), decision_date=date(2027, 1, 9), now=YEAR_OVER)
    other = resident(bin_number(2))
    stored(entry, 4)
    stored(other, 1, 4)
    before = counted()
    close(now=YEAR_OVER)
    with noticing() as told:
        moved(entry, date(2027, 1, 20))
        with_number(other, bin_number(3))
        excluded(other, date(2027, 2, 1))
        resident(bin_number(4), registered_on=date(2026, 5, 4), decision_date=date(2026, 5, 4), now=YEAR_OVER)
    assert not [str(finding) for finding in told if finding.asks]
    assert counted() == before


def test_staff_bring_a_locked_quarter_in_by_a_file_and_are_told(database: Flask, calendars: None) -> None:
    entry = resident(people.COMPANY_BIN)
    for lines in (ready.LINES, ready.LINES[:4]):
        with noticing() as told:
            assert ready.stored(entry, lines, quarter=2) is not None
        assert any("locked on 2026-09-08; stored all the same" in str(finding) for finding in told)


def test_a_report_returned_when_its_quarter_locks_comes_by_a_file(database: Flask, calendars: None) -> None:
    entry = resident(people.COMPANY_BIN)
    returned = ready.returned(entry, quarter=2, now=LAST)
    came = ready.stored(entry, quarter=2, now=AFTER)
    assert came is not None
    assert (returned.status, came.version, came.status) == ("returned", 2, "accepted")
    assert first_of_each(CHECKED) == []
    assert [line.report_id for line in accepted_lines(SYSTEM, section="tax")] == [came.id]
    # Of a correction returned, what was accepted before it is what the file corrects.
    correction = ready.correction(came, [*ready.LINES[:4], replace(ready.LINES[4], amount=7)], now=AFTER)
    with transaction():
        services.submit(people.viewer("resident"), correction, revision=correction.revision, now=AFTER)
        services.return_report(people.viewer("staff"), correction, reason="x", now=AFTER)
    assert ready.stored(entry, quarter=2, now=AFTER) is None
    other = [replace(ready.LINES[0], amount=1), *ready.LINES[1:]]
    again = ready.stored(entry, other, quarter=2, now=AFTER)
    assert again is not None
    assert again.version == 4
    assert [number for number, _line in report_lines.kept_lines(again.id)] == [
        number for number, _line in report_lines.kept_lines(came.id)
    ]


def test_a_draft_of_a_locked_quarter_is_discarded_before_a_file_comes(
    database: Flask, calendars: None, resident_viewer: Viewer
) -> None:
    entry = resident(people.COMPANY_BIN)
    draft = ready.draft(entry, quarter=2, now=LAST)
    with pytest.raises(Conflict, match="let the participant finish it first"):
        ready.stored(entry, quarter=2, now=LAST)
    with pytest.raises(Conflict, match=r"locked on 2026-09-08.*ask the participant to discard it") as refused:
        ready.stored(entry, quarter=2, now=AFTER)
    assert refused.value.field == "quarter"
    with transaction():
        services.discard_draft(resident_viewer, draft)
    assert ready.stored(entry, quarter=2, now=AFTER) is not None


def test_a_file_that_opens_a_quarter_itself_is_told_of_no_lock(database: Flask, calendars: None) -> None:
    resident(people.COMPANY_BIN)
    resident(bin_number(2))
    rows = [
        made.row("report-lines", bin=number, year=year, quarter="2")
        for number in (people.COMPANY_BIN, bin_number(2))
        for year in ("2025", "2026")
    ]
    told = made.take("report-lines", *rows, now=ready.NOW).warnings
    assert [item.row for item in told if "locked on" in str(item.message)] == [3, 5]


def test_the_pages_say_what_to_do(app: Flask, calendars: None, client: PageClient) -> None:
    entry = resident(people.COMPANY_BIN)
    draft = ready.draft(entry, quarter=1, now=datetime(2026, 5, 1, tzinfo=UTC))
    client.sign_in("resident")
    page = client.get("home.index")
    assert "nothing more can be saved or sent here" in page
    assert "and 1 more report waits below" in page
    assert not [form for form in page.all("form") if (form.get("action") or "").endswith("/reports/start")]
    page = client.get("reports.show", report_id=draft.id)
    assert "Hand your figures to the management company" in page
    assert "Fill in" not in page.links()
    client.get("reports.edit", report_id=draft.id, expect=302)
    assert "The quarter was locked on" in client.get("reports.show", report_id=draft.id)
    refused = client.post("reports.edit", {"explanation": "түсінік"}, report_id=draft.id, expect=422)
    assert "nothing more can be saved or sent here" in refused
    assert "түсінік" in refused


def test_a_page_and_a_command_name_the_closed_year(app: Flask, client: PageClient) -> None:
    report = ready.accepted(resident(people.COMPANY_BIN), quarter=2)
    with transaction():
        services.close_year(SYSTEM, territory=by_code("NU"), year=2026, reason="бітті", now=utc_now())
    client.sign_in("resident")
    page = client.get("reports.show", report_id=report.id)
    assert "The year 2026 is closed" in page
    assert "Correct" not in page.links()
    refused = client.post("reports.correct", {"reason": "x"}, report_id=report.id, expect=422)
    assert "the year 2026 is closed" in refused
