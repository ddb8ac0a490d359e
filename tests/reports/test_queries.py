"""Reading reports: accepted figures by two clocks, coverage, queues and duties."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.errors import NotFound
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.reports import accepted, completeness, queries, report_lines, reporting_periods, totals, work_lists
from registry.reports.rules import LINE_FIELDS, Line, Standing
from registry.residents import services as residents
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import factories, people
from tests.reports import ready
from tests.reports.ready import LINES, NOW

DAY = date(2026, 11, 20)


def ours(**values: Any) -> Resident:
    return factories.resident(people.COMPANY_BIN, **values)


def other(serial: int = 2, **values: Any) -> Resident:
    return factories.resident(factories.bin_number(serial), **values)


def test_accepted_lines_are_those_of_the_latest_version_in_the_order_of_the_key(database: Flask) -> None:
    ours_nu, theirs_nu, ours_yafi = ours(), other(), ours(territory="YAFI")
    for entry in (ours_yafi, theirs_nu, ours_nu):
        ready.stored(entry, quarter=3)
        ready.stored(entry, quarter=2)
    ready.stored(ours_nu, LINES[::-1][:3], quarter=2)
    found = accepted.accepted_lines(SYSTEM)
    keys = [(line.territory_code, line.bin, line.year, line.quarter, line.position) for line in found]
    assert keys == sorted(keys)
    assert len(found) == 5 * len(LINES) + 3
    changed = [line for line in found if (line.resident_id, line.quarter) == (ours_nu.id, 2)]
    assert [(line.version, line.section) for line in changed] == [(2, "investment"), (2, "staff"), (2, "staff")]
    first = next(line for line in found if line.resident_id == ours_yafi.id)
    assert Line(*(getattr(first, name) for name in LINE_FIELDS)) == LINES[0]
    assert (first.name_kk, first.name_ru) == (ours_yafi.name_kk, ours_yafi.name_ru)


def test_accepted_lines_are_narrowed(database: Flask, resident_viewer: Viewer) -> None:
    mine, theirs = ours(), other(territory="YAFI")
    for entry in (mine, theirs):
        for year, quarter in ((2025, 4), (2026, 3)):
            ready.stored(entry, year=year, quarter=quarter)
    size = len(LINES)
    assert len(accepted.accepted_lines(SYSTEM)) == 4 * size
    assert len(accepted.accepted_lines(resident_viewer)) == 2 * size
    assert len(accepted.accepted_lines(SYSTEM, year=2025)) == 2 * size
    assert len(accepted.accepted_lines(SYSTEM, quarter=3, territory_id=by_code("YAFI").id)) == size
    assert len(accepted.accepted_lines(SYSTEM, company=(mine.territory_id, mine.bin))) == 2 * size
    assert len(accepted.accepted_lines(SYSTEM, section="staff")) == 8
    assert len(accepted.accepted_lines(SYSTEM, section="staff", codes=["total_staff"])) == 4
    assert [(report.year, report.quarter) for report in accepted.accepted_reports(resident_viewer)] == [
        (2025, 4),
        (2026, 3),
    ]


def test_quarters_count_from_their_last_day_on(database: Flask) -> None:
    entry = ours()
    ready.stored(entry, year=2025, quarter=4)
    ready.stored(entry, quarter=3)
    for day, expected in (
        (date(2025, 12, 30), []),
        (date(2025, 12, 31), [(2025, 4)]),
        (date(2026, 9, 29), [(2025, 4)]),
        (date(2026, 9, 30), [(2025, 4), (2026, 3)]),
    ):
        found = accepted.accepted_reports(SYSTEM, as_of=day)
        assert [(report.year, report.quarter) for report in found] == expected


def test_drafts_and_reports_under_review_do_not_count(database: Flask) -> None:
    ready.submitted(ours())
    ready.returned(ours(territory="YAFI"))
    ready.draft(ours(territory="KURCHATOV"))
    assert accepted.accepted_lines(SYSTEM) == []


def test_names_and_numbers_are_those_of_the_day_and_of_the_knowledge(database: Flask) -> None:
    entry = ours()
    ready.stored(entry)
    stored = accepted.accepted_reports(SYSTEM)[0].decided_at
    with transaction():
        residents.amend_resident(
            SYSTEM, entry, values={"name_kk": "«Жаңа» ЖШС"}, effective_on=date(2026, 10, 1), now=NOW
        )
    number = factories.bin_number(9)
    with transaction():
        residents.correct_bin(SYSTEM, entry, number=number, reason="Қате", now=stored + timedelta(days=1))
    report = accepted.accepted_reports(SYSTEM)[0]
    assert (report.name_kk, report.bin) == ("«Жаңа» ЖШС", number)
    report = accepted.accepted_reports(SYSTEM, as_of=date(2026, 9, 30))[0]
    assert (report.name_kk, report.bin) == ("«Үлгі-1048» ЖШС", number)
    report = accepted.accepted_reports(SYSTEM, known_at=stored + timedelta(hours=1))[0]
    assert report.bin == people.COMPANY_BIN


def test_a_day_before_the_entry_tells_its_first_names_as_known_at_the_moment(database: Flask) -> None:
    entry = ours(registered_on=date(2026, 10, 1))
    ready.stored(entry)
    stored = accepted.accepted_reports(SYSTEM)[0].decided_at
    for day, name in ((date(2026, 10, 20), "«Кейінгі» ЖШС"), (date(2026, 10, 5), "«Жаңа» ЖШС")):
        with transaction():
            residents.amend_resident(
                SYSTEM, entry, values={"name_kk": name}, effective_on=day, now=stored + timedelta(days=1)
            )
    number = factories.bin_number(9)
    with transaction():
        residents.correct_bin(SYSTEM, entry, number=number, reason="Қате", now=stored + timedelta(days=1))
    before, after = date(2026, 9, 30), stored + timedelta(days=2)
    for known_at, known_number in ((stored, people.COMPANY_BIN), (after, number), (None, number)):
        [report] = accepted.accepted_reports(SYSTEM, as_of=before, known_at=known_at)
        assert (report.name_kk, report.bin) == ("«Үлгі-1048» ЖШС", known_number)


def test_two_companies_joined_by_a_corrected_number_have_two_reports_until_it_was_known(database: Flask) -> None:
    first, second = ours(), other(registered_on=date(2026, 3, 1), decision_date=date(2026, 3, 1))
    for entry, amount in ((first, 100_00), (second, 200_00)):
        ready.stored(entry, [LINES[0], replace(LINES[1], amount=amount), *LINES[2:4]], quarter=1)
    factories.status_change(first, "excluded", date(2026, 2, 15))
    before = accepted.accepted_reports(SYSTEM)[-1].decided_at + timedelta(hours=1)
    with transaction():
        residents.correct_bin(SYSTEM, first, number=second.bin, reason="Қате", now=before + timedelta(hours=1))

    def counted(known_at: datetime | None) -> tuple[str | None, list[int]]:
        actual = indicators.indicators(SYSTEM, year=2026, as_of=DAY, known_at=known_at)[0].as_json()["actual"]
        lines = indicators.counted_lines(SYSTEM, number=1, year=2026, as_of=DAY, known_at=known_at)
        return actual, sorted(line.amount or 0 for line in lines)

    assert counted(before) == ("300.00", [100_00, 200_00])
    assert counted(None) == ("200.00", [200_00])
    assert counted(before + timedelta(days=1)) == ("200.00", [200_00])


def test_coverage_counts_resident_quarters(database: Flask, resident_viewer: Viewer) -> None:
    entry = ours(registered_on=date(2026, 2, 1))
    left = other(registered_on=date(2026, 1, 10))
    factories.status_change(left, "excluded", date(2026, 4, 1))
    again = other(registered_on=date(2026, 6, 30))
    third = other(3, territory="YAFI", registered_on=date(2026, 10, 1))
    ready.stored(entry, quarter=1)
    ready.stored(entry, quarter=2)
    ready.stored(left, quarter=1)
    ready.stored(again, quarter=3)
    ready.stored(third, quarter=4)
    cases = [
        (date(2026, 3, 30), (0, 0)),
        (date(2026, 3, 31), (2, 2)),
        # The second entry took part on the last day of the second quarter and has not reported it.
        (date(2026, 6, 30), (3, 4)),
        (date(2026, 9, 30), (4, 6)),
        (date(2026, 12, 31), (5, 9)),
    ]
    for day, expected in cases:
        assert totals.coverage(SYSTEM, year=2026, as_of=day) == expected
    assert totals.coverage(SYSTEM, year=2026, territory_id=by_code("YAFI").id, as_of=date(2026, 12, 31)) == (1, 1)
    assert totals.coverage(SYSTEM, year=2026, territory_id=by_code("KURCHATOV").id, as_of=DAY) == (0, 0)
    assert totals.coverage(resident_viewer, year=2026, as_of=date(2026, 9, 30)) == (2, 3)


def test_two_entries_of_a_company_in_one_quarter_expect_one_report(database: Flask) -> None:
    left = ours(registered_on=date(2026, 1, 10))
    factories.status_change(left, "excluded", date(2026, 5, 1))
    ours(registered_on=date(2026, 5, 2))
    day = date(2026, 6, 30)
    assert totals.coverage(SYSTEM, year=2026, as_of=day) == (0, 2)
    ready.stored(left, quarter=2)
    assert totals.coverage(SYSTEM, year=2026, as_of=day) == (1, 2)


def test_coverage_knows_only_what_was_recorded(database: Flask) -> None:
    entry = ours()
    report = ready.stored(entry)
    assert report is not None
    assert report.decided_at is not None
    day = date(2026, 9, 30)
    assert totals.coverage(SYSTEM, year=2026, as_of=day, known_at=report.decided_at) == (1, 3)
    earlier = report.decided_at - timedelta(microseconds=1)
    assert totals.coverage(SYSTEM, year=2026, as_of=day, known_at=earlier).accepted == 0


def test_the_board_shows_the_standing_of_each_quarter(app: Flask, staff: Viewer, resident_viewer: Viewer) -> None:
    entry = ours(registered_on=date(2026, 4, 1))
    accepted = ready.accepted(entry, quarter=2)
    draft = ready.draft(entry)
    quarters = [(2026, quarter) for quarter in (1, 2, 3, 4)]
    cells = completeness.standings(staff, [(entry, None)], reporting_periods.periods(staff), quarters, DAY)
    assert [cells[entry.id, *item].standing for item in quarters] == [
        Standing.NOT_EXPECTED,
        Standing.ACCEPTED,
        Standing.DRAFT,
        Standing.NOT_EXPECTED,
    ]
    # The company sees that there is a draft, not what is in it.
    assert [cells[entry.id, *item].report_id for item in quarters] == [None, accepted.id, None, None]
    assert (
        completeness.standings(
            resident_viewer, [(entry, None)], reporting_periods.periods(resident_viewer), quarters, DAY
        )[entry.id, 2026, 3].report_id
        == draft.id
    )
    late = completeness.standings(
        staff, [(entry, None)], reporting_periods.periods(staff), quarters, date(2026, 11, 26)
    )
    assert late[entry.id, 2026, 3].standing is Standing.LATE
    ready.correction(accepted, LINES[:4])
    cell = completeness.standings(staff, [(entry, None)], reporting_periods.periods(staff), quarters, DAY)[
        entry.id, 2026, 2
    ]
    assert (cell.standing, cell.correcting) == (Standing.ACCEPTED, True)


def test_the_board_holds_the_participants_of_the_year(app: Flask, staff: Viewer) -> None:
    stays = ours()
    left = other(2)
    factories.status_change(left, "excluded", date(2026, 1, 1))
    leaves = other(3)
    factories.status_change(leaves, "excluded", date(2026, 1, 2))
    other(4, registered_on=date(2027, 1, 1))

    def shown(year: int, **filters: Any) -> set[int]:
        statement = completeness.board_statement(staff, year=year, language="kk", **filters)
        return {row.ResidentState.id for row in db.session.execute(statement)}

    assert shown(2026) == {stays.id, leaves.id}
    assert shown(2025) == {stays.id, left.id, leaves.id}
    assert shown(2026, search="1048") == {stays.id}


def test_queues_of_the_staff(app: Flask, staff: Viewer) -> None:
    old = ready.submitted(ours(), now=NOW)
    new = ready.submitted(ours(territory="YAFI"), now=NOW + timedelta(hours=1))
    back = ready.returned(ours(territory="KURCHATOV"))
    waiting = [report.id for report in db.session.scalars(work_lists.to_review(staff))]
    assert waiting == [old.id, new.id]
    assert work_lists.count(work_lists.to_review(staff)) == 2
    assert work_lists.count(work_lists.to_review(staff, territory_id=new.resident.territory_id)) == 1
    assert [report.id for report in db.session.scalars(work_lists.hanging(staff))] == [back.id]
    assert work_lists.next_to_review(staff) == old.id
    assert work_lists.next_to_review(staff, new) == new.id
    ready.accept(new, now=NOW + timedelta(hours=2))
    assert work_lists.next_to_review(staff, new) == old.id
    ready.accept(old, now=NOW + timedelta(hours=2))
    assert work_lists.next_to_review(staff, old) is None


def test_late_reports_are_those_due_and_not_sent(database: Flask, staff: Viewer) -> None:
    sent, idle = ours(), other(2)
    started = ours(territory="YAFI")
    newcomer = other(3, registered_on=date(2026, 10, 1))
    gone = other(4)
    factories.status_change(gone, "excluded", date(2026, 7, 1))
    ready.submitted(sent)
    ready.draft(started)
    assert work_lists.late(staff, today=date(2026, 11, 25)) == (0, [])
    count, found = work_lists.late(staff, today=date(2026, 11, 26))
    assert count == 2
    assert {(item.resident_id, item.year, item.quarter) for item in found} == {
        (idle.id, 2026, 3),
        (started.id, 2026, 3),
    }
    assert newcomer.id not in {item.resident_id for item in found}
    assert work_lists.late(staff, today=date(2026, 11, 26), territory_id=started.territory_id).count == 1
    first = work_lists.late(staff, today=date(2026, 11, 26), limit=1)
    assert (first.count, first.first) == (2, found[:1])


def test_home_list_and_board_tell_the_same_late_reports(database: Flask, staff: Viewer, auditor: Viewer) -> None:
    """Lateness is measured by the first sending; corrections and returns are no delay; a company is counted once."""
    entry, idle = ours(), other(2)
    came_back = other(5)
    factories.status_change(came_back, "excluded", date(2026, 8, 1))
    again = other(5, registered_on=date(2026, 9, 1))
    briefly = other(6)
    factories.status_change(briefly, "excluded", date(2026, 8, 1))
    factories.status_change(
        other(6, registered_on=date(2026, 9, 1)), "excluded", date(2026, 9, 1)
    )  # took no part under this entry
    ready.returned(entry)  # sent in time, returned, never sent again
    in_correction = ready.accepted(ours(territory="YAFI"))
    ready.correction(in_correction, LINES[:4])
    begun = ours(territory="KURCHATOV")
    ready.draft(begun)
    ready.period(quarter=2)
    day = date(2026, 12, 15)
    quarters = [(2026, quarter) for quarter in (1, 2, 3, 4)]
    for viewer in (staff, auditor):
        statement = completeness.board_statement(viewer, year=2026, language="kk")
        rows = [tuple(row) for row in db.session.execute(statement)]
        opened = reporting_periods.periods(viewer)
        cells = completeness.standings(viewer, rows, opened, quarters, day)
        board = sorted(key for key, cell in cells.items() if cell.standing is Standing.LATE)
        listed = sorted(
            (item.resident_id, item.year, item.quarter)
            for item in work_lists.late_reports(db.session.execute(work_lists.late_statement(viewer, today=day)).all())
        )
        home = work_lists.late(viewer, today=day, limit=100)
        assert board == listed == sorted((item.resident_id, item.year, item.quarter) for item in home.first)
        assert home.count == len(listed) == work_lists.count_late(viewer, opened, today=day)
    assert set(listed) == {
        *((idle.id, 2026, quarter) for quarter in (2, 3)),
        *((entry.id, 2026, quarter) for quarter in (2,)),
        (came_back.id, 2026, 2),
        (again.id, 2026, 3),
        *((briefly.id, 2026, quarter) for quarter in (2, 3)),
        (begun.id, 2026, 3),
    }
    assert work_lists.count_late(staff, reporting_periods.periods(staff, quarter=3), today=day) == 4
    assert work_lists.count_late(staff, opened, today=day, search=idle.bin) == 2
    own = people.viewer("resident")
    mine = [key for key in listed if key[0] in {entry.id, in_correction.resident_id, begun.id}]
    assert work_lists.count_late(own, opened, today=day) == len(mine) > 0, "a company counts its own"
    assert not list(db.session.execute(queries.list_statement(staff, status=Standing.LATE)))


def test_the_residents_duty(app: Flask, resident_viewer: Viewer, staff: Viewer) -> None:
    entry = ours()
    other(2)
    assert work_lists.my_duty(resident_viewer, DAY) == []
    ready.period()
    [duty] = work_lists.my_duty(resident_viewer, DAY)
    assert (duty.resident.id, duty.report, duty.standing, duty.period.due_on) == (
        entry.id,
        None,
        Standing.EXPECTED,
        date(2026, 11, 25),
    )
    assert work_lists.my_duty(resident_viewer, date(2026, 9, 30)) == []
    assert work_lists.my_duty(staff, DAY) == []
    report = ready.returned(entry)
    [duty] = work_lists.my_duty(resident_viewer, DAY)
    assert duty.returned is duty.report is report
    assert (duty.standing, report.decision_note) == (Standing.RETURNED, "Салық бойынша үзінді жоқ")
    assert work_lists.my_duty(resident_viewer, date(2026, 11, 26))[0].standing is Standing.RETURNED
    draft = ready.fill(report, LINES[:3])
    [duty] = work_lists.my_duty(resident_viewer, DAY)
    assert (duty.report, duty.returned, duty.standing) == (draft, report, Standing.RETURNED)
    ready.fill(draft, explanation="Үзінді қосылды")
    ready.send(draft)
    assert work_lists.my_duty(resident_viewer, DAY) == []


def test_a_correction_of_what_was_accepted_is_not_late(database: Flask, resident_viewer: Viewer) -> None:
    report = ready.accepted(ours())
    after = date(2026, 12, 15)
    correction = ready.correction(report, LINES[:4])
    [duty] = work_lists.my_duty(resident_viewer, after)
    assert (duty.report, duty.standing) == (correction, Standing.DRAFT)


def test_a_company_that_left_and_returned_in_a_quarter_has_one_duty(database: Flask, resident_viewer: Viewer) -> None:
    first = ours()
    factories.status_change(first, "excluded", date(2026, 8, 10))
    second = ours(registered_on=date(2026, 9, 1))
    ready.period()
    assert [duty.resident for duty in work_lists.my_duty(resident_viewer, DAY)] == [second]
    # One excluded on its own first day took no part: the one before it reports.
    factories.status_change(second, "excluded", date(2026, 9, 1))
    assert [duty.resident for duty in work_lists.my_duty(resident_viewer, DAY)] == [first]
    ready.draft(first)
    assert [duty.resident for duty in work_lists.my_duty(resident_viewer, DAY)] == [first]


def test_reports_of_strangers_and_drafts_are_not_found(app: Flask, resident_viewer: Viewer, staff: Viewer) -> None:
    draft = ready.draft(ours())
    theirs = ready.stored(other(2))
    assert theirs is not None
    assert queries.get_report(draft.id, resident_viewer).id == draft.id
    for report_id, viewer in ((theirs.id, resident_viewer), (draft.id, staff), (9999, staff)):
        with pytest.raises(NotFound):
            queries.get_report(report_id, viewer)
    assert list(db.session.scalars(queries.list_statement(staff))) == [theirs.id]


def test_the_quarter_before_is_the_companys_in_the_same_territory(app: Flask) -> None:
    entry = ours()
    ready.stored(entry, year=2025, quarter=4)
    ready.stored(entry, LINES[:4], year=2025, quarter=4)
    assert report_lines.previous_lines(entry, 2026, 1) == list(LINES[:4])
    assert report_lines.previous_lines(entry, 2026, 2) is None
    assert report_lines.previous_lines(ours(territory="YAFI"), 2026, 1) is None


def test_an_export_of_a_filtered_list_holds_its_reports(app: Flask, staff: Viewer) -> None:
    entry = ours()
    first = ready.stored(entry)
    second = ready.stored(entry, LINES[:4])
    ready.stored(entry, quarter=2)
    assert first is not None
    assert second is not None
    found = queries.version_ids(queries.list_statement(staff, quarter=3))
    assert found == {first.id, second.id}
