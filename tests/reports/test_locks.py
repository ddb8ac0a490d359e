"""A locked quarter takes nothing more from residents; a closed year takes no correction from anybody (R18)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask

from registry.errors import Conflict
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import transaction
from registry.infra.findings import noticing
from registry.reports import services
from registry.reports.models import Report
from registry.territories.queries import by_code
from tests import people
from tests.exchange import made
from tests.factories import bin_number, resident, status_change
from tests.pages import PageClient
from tests.reports import ready

LAST = datetime(2026, 9, 8, 6, 0, tzinfo=UTC)
"""The last day of the second quarter's calendar."""
AFTER = LAST + timedelta(days=1)


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


def test_staff_bring_a_locked_quarter_in_by_a_file_and_are_told(database: Flask, calendars: None) -> None:
    entry = resident(people.COMPANY_BIN)
    for lines in (ready.LINES, ready.LINES[:4]):
        with noticing() as told:
            assert ready.stored(entry, lines, quarter=2) is not None
        assert any("locked on 2026-09-08; stored all the same" in str(finding) for finding in told)


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
    assert page.text.count("nothing more can be saved or sent here") == 2
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
