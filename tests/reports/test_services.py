"""What is done with reports, on both databases, and what no statement may do to an accepted one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from registry.errors import Conflict, DomainError, Invalid, NotAllowed
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.checked import first_of_each
from registry.journal.rules import Action
from registry.reports import accepted, queries, report_lines, rules, services, totals
from registry.reports.models import Report, ReportLine
from registry.reports.rules import Line, LinesRefused, Move, Status
from registry.reports.sent_versions import CHECKED, SENT
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import factories, people
from tests.reports import ready
from tests.reports.ready import LINES, NOW

CHANGED = (replace(LINES[0], amount=200_000_00), *LINES[1:])


def ours(**values: Any) -> Resident:
    return factories.resident(people.COMPANY_BIN, **values)


def history_of(report: Report) -> list[journal.HistoryEntry]:
    entries, _total = journal.history(subjects=[("report", report.id)])
    return entries[::-1]


# --- periods ---


def test_a_quarter_is_opened_once_with_the_proposed_dates(database: Flask, staff: Viewer) -> None:
    with transaction():
        period = services.open_period(staff, territory=by_code("NU"), year=2026, quarter=3, now=NOW)
    assert (period.opens_on, period.due_on, period.locks_on) == (
        date(2026, 10, 1),
        date(2026, 11, 25),
        date(2026, 12, 9),
    )
    entries, _total = journal.history(subjects=[("reporting_period", period.id)])
    assert [(entry.action, entry.effective_on) for entry in entries] == [(Action.PERIOD_OPENED, date(2026, 10, 1))]
    with pytest.raises(Conflict) as refused, transaction():
        services.open_period(staff, territory=by_code("NU"), year=2026, quarter=3, now=NOW)
    assert refused.value.field == "quarter"
    with transaction():
        services.open_period(staff, territory=by_code("YAFI"), year=2026, quarter=3, now=NOW)


@pytest.mark.parametrize(("year", "quarter", "field"), [(2023, 1, "year"), (2026, 5, "quarter"), (2027, 1, "quarter")])
def test_quarters_that_cannot_be_opened(app: Flask, staff: Viewer, year: int, quarter: int, field: str) -> None:
    with pytest.raises(DomainError) as refused, transaction():
        services.open_period(staff, territory=by_code("NU"), year=year, quarter=quarter, now=NOW)
    assert refused.value.field == field


def test_dates_of_a_period_may_be_set_but_must_be_in_order(app: Flask, staff: Viewer) -> None:
    dates = rules.Dates(date(2026, 10, 5), date(2026, 11, 30), date(2026, 11, 29))
    with pytest.raises(Invalid) as refused, transaction():
        services.open_period(staff, territory=by_code("NU"), year=2026, quarter=3, now=NOW, dates=dates)
    assert refused.value.field == "locks_on"
    with transaction():
        period = services.open_period(
            staff,
            territory=by_code("NU"),
            year=2026,
            quarter=3,
            now=NOW,
            dates=replace(dates, locks_on=date(2026, 12, 1)),
        )
    assert period.due_on == date(2026, 11, 30)


# --- starting and filling in ---


def test_a_report_is_started_by_its_own_company_in_an_open_period(app: Flask, resident_viewer: Viewer) -> None:
    entry, other = ours(), factories.resident(factories.bin_number(2))
    early = ready.period()
    with pytest.raises(Conflict), transaction():
        services.start_report(resident_viewer, resident=entry, period=early, now=NOW.replace(month=9, day=30, hour=0))
    for actor, target in ((resident_viewer, other), (people.viewer("staff"), entry), (people.viewer("admin"), entry)):
        with pytest.raises(NotAllowed), transaction():
            services.start_report(actor, resident=target, period=early, now=NOW)
    with transaction():
        report = services.start_report(resident_viewer, resident=entry, period=early, now=NOW)
    assert (report.version, report.status, report.revision) == (1, Status.DRAFT, 0)
    with pytest.raises(Conflict) as refused, transaction():
        services.start_report(resident_viewer, resident=entry, period=early, now=NOW)
    assert refused.value.field == "quarter"


@pytest.mark.parametrize(
    ("registered_on", "excluded_on", "expected"),
    [
        (date(2026, 9, 30), None, True),
        (date(2026, 10, 1), None, False),
        (date(2026, 1, 10), date(2026, 7, 2), True),
        (date(2026, 1, 10), date(2026, 7, 1), False),
    ],
)
def test_only_participants_of_the_quarter_report(
    app: Flask, resident_viewer: Viewer, registered_on: date, excluded_on: date | None, expected: bool
) -> None:
    entry = ours(registered_on=registered_on)
    if excluded_on:
        factories.status_change(entry, "excluded", excluded_on)
    period = ready.period()
    if expected:
        with transaction():
            assert services.start_report(resident_viewer, resident=entry, period=period, now=NOW).id
    else:
        with pytest.raises(Conflict) as refused, transaction():
            services.start_report(resident_viewer, resident=entry, period=period, now=NOW)
        assert refused.value.field == "quarter"


def test_a_draft_keeps_what_is_not_complete(database: Flask) -> None:
    lines = [Line("revenue", "", amount=5), Line("staff", "total_staff"), Line("tax", "101201", amount=1, country="KZ")]
    report = ready.draft(ours(), lines, none=frozenset({"investment"}))
    assert report_lines.lines_of(report.id) == lines
    assert (report.none_investment, report.none_tax, report.revision) == (True, False, 1)
    assert history_of(report) == []


@pytest.mark.parametrize(
    "line",
    [Line("income", "x", amount=1), Line("tax", "1" * 41, amount=1), Line("tax", "1", country="KAZ"),
     Line("staff", "total_staff", count=2**31)],
)  # fmt: skip
def test_what_cannot_even_be_kept_is_refused_at_its_line(app: Flask, line: Line) -> None:
    report = ready.draft(ours())
    with pytest.raises(LinesRefused) as refused:
        ready.fill(report, [LINES[0], line])
    assert [finding.position for finding in refused.value.findings] == [2]
    assert report_lines.lines_of(report.id) == list(LINES)


def test_a_save_from_an_old_page_is_refused(database: Flask, resident_viewer: Viewer) -> None:
    report = ready.draft(ours())
    opened = report.revision
    ready.fill(report, CHANGED)
    with pytest.raises(Conflict), transaction():
        services.save_draft(
            resident_viewer, report, lines=LINES, none=ready.NONE, explanation=None, revision=opened, now=NOW
        )
    with pytest.raises(Conflict), transaction():
        services.submit(resident_viewer, report, revision=opened, now=NOW)
    assert report_lines.lines_of(report.id) == list(CHANGED)


def test_a_draft_never_sent_can_be_discarded(database: Flask, resident_viewer: Viewer) -> None:
    entry = ours()
    report = ready.draft(entry)
    with transaction():
        services.discard_draft(resident_viewer, report)
    assert queries.versions_of(entry.id, ready.period().id) == []
    back = ready.returned(entry)
    with pytest.raises(Conflict), transaction():
        services.discard_draft(resident_viewer, back)


# --- the workflow ---


@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("status", Status)
def test_services_follow_the_table_of_moves_and_the_journal_tells_of_each(
    database: Flask, status: Status, move: Move
) -> None:
    make: dict[Status, Callable[[Resident], Report]] = {
        Status.DRAFT: ready.draft,
        Status.SUBMITTED: ready.submitted,
        Status.RETURNED: ready.returned,
        Status.ACCEPTED: ready.accepted,
    }
    report = make[status](ours())
    report_id = report.id
    possible = move in rules.WORKFLOW.moves(status)
    sent: list[Report] = []

    def act() -> None:
        with transaction():
            if move is Move.SUBMIT:
                sent.append(services.submit(people.viewer("resident"), report, revision=report.revision, now=NOW))
            elif move is Move.EDIT:
                services.save_draft(
                    people.viewer("resident"),
                    report,
                    lines=(),
                    none=(),
                    explanation=None,
                    revision=report.revision,
                    now=NOW,
                )
            elif move is Move.DISCARD:
                services.discard_draft(people.viewer("resident"), report)
            elif move is Move.CORRECT:
                services.start_correction(people.viewer("resident"), report, reason="Қате", now=NOW)
            elif move is Move.ACCEPT:
                services.accept(people.viewer("staff"), report, now=NOW)
            elif move is Move.TAKE_BACK:
                services.take_back_return(people.viewer("staff"), report, now=NOW)
            else:
                services.return_report(people.viewer("staff"), report, reason="Неге?", now=NOW)

    if not possible:
        with pytest.raises(Conflict):
            act()
        db.session.expire_all()
        assert report.status == status
    else:
        act()
        after = rules.WORKFLOW.step(status, move).after
        # What a returned report is sent again as is the next version.
        left = db.session.get(Report, report_id) if not sent else sent[-1]
        assert (left.status if left is not None else None) == after
    assert first_of_each(CHECKED) == []


def test_only_the_company_decides_and_only_the_resident_sends(app: Flask, staff: Viewer, auditor: Viewer) -> None:
    report = ready.draft(ours())
    for actor in (staff, auditor):
        with pytest.raises(NotAllowed), transaction():
            services.submit(actor, report, revision=report.revision, now=NOW)
        with pytest.raises(NotAllowed), transaction():
            services.save_draft(actor, report, lines=(), none=(), explanation=None, revision=report.revision, now=NOW)
    ready.send(report)
    for actor in (auditor, people.viewer("resident")):
        with pytest.raises(NotAllowed), transaction():
            services.accept(actor, report, now=NOW)
        with pytest.raises(NotAllowed), transaction():
            services.return_report(actor, report, reason="?", now=NOW)
    assert report.status == Status.SUBMITTED


def test_a_report_with_errors_is_not_sent(app: Flask) -> None:
    report = ready.draft(ours(), [replace(LINES[0], amount=None), *LINES[2:]])
    with pytest.raises(LinesRefused) as refused:
        ready.send(report)
    assert [(item.position, item.field) for item in refused.value.findings] == [(1, "amount"), (None, "none_tax")]
    assert report.status == Status.DRAFT


def test_a_return_needs_a_reason_and_keeps_it(database: Flask, staff: Viewer) -> None:
    report = ready.submitted(ours())
    for reason in ("", "   "):
        with pytest.raises(DomainError) as refused, transaction():
            services.return_report(staff, report, reason=reason, now=NOW)
        assert refused.value.field == "reason"
    with transaction():
        services.return_report(staff, report, reason=" Үзінді жоқ ", now=NOW)
    assert (report.status, report.decision_note, report.decided_by) == ("returned", "Үзінді жоқ", staff.user_id)
    following = ready.send(ready.fill(report, CHANGED))
    assert [(item.action, item.reason) for item in history_of(report) + history_of(following)] == [
        (Action.REPORT_SUBMITTED, None),
        (Action.REPORT_RETURNED, "Үзінді жоқ"),
        (Action.REPORT_SUBMITTED, None),
    ]
    sent = report_lines.submissions(following)
    assert [list(item.lines) for item in sent] == [list(LINES), list(CHANGED)]


def test_what_was_sent_stays_and_changes_after_a_return_are_the_next_version(database: Flask) -> None:
    sent = ready.returned(ours())
    following = ready.fill(sent, [LINES[4], *CHANGED[:4], Line("revenue", "other", amount=7)], explanation="Түзетілді")
    assert (sent.version, sent.status, sent.explanation) == (1, Status.RETURNED, None)
    assert report_lines.lines_of(sent.id) == list(LINES)
    assert (following.version, following.status, following.explanation) == (2, Status.DRAFT, "Түзетілді")
    # A line goes on under its identity wherever it stands and whatever its figure; a new one gets a new identity.
    before = [number for number, _line in report_lines.kept_lines(sent.id)]
    after = [number for number, _line in report_lines.kept_lines(following.id)]
    assert after[:5] == [before[4], *before[:4]]
    assert after[5] > max(before)
    again = ready.fill(following, [Line("revenue", "own_products", amount=7), *LINES[1:]])
    assert again is following
    back = ready.fill(again, LINES)
    assert [number for number, _line in report_lines.kept_lines(back.id)] == before
    assert report_lines.line_history(back, "revenue", "rnd_works", people.viewer("resident"))[-1].figure == 150_000_00


def test_a_returned_report_is_not_sent_again_unchanged(database: Flask) -> None:
    sent = ready.returned(ours())
    with pytest.raises(Conflict, match="Nothing has changed"):
        ready.send(sent)
    # Opened and saved as it was, in another order too, it is the same.
    draft = ready.fill(sent, LINES[::-1])
    with pytest.raises(Conflict, match="Nothing has changed"):
        ready.send(draft)
    assert (sent.status, draft.status) == (Status.RETURNED, Status.DRAFT)
    again = ready.send(ready.fill(draft, LINES, explanation="Үзінді бар, қате жоқ"))
    assert (again.status, again.version) == (Status.SUBMITTED, 2)
    assert report_lines.kept_lines(again.id) == report_lines.kept_lines(sent.id)


def test_a_return_is_taken_back_until_the_resident_begins_anew(database: Flask, staff: Viewer) -> None:
    report = ready.returned(ours())
    with transaction():
        services.take_back_return(staff, report, now=NOW, revision=report.revision)
    assert (report.status, report.decision_note) == ("submitted", None)
    assert (report.decided_at, report.decided_by) == (None, None)
    latest = history_of(report)[-1]
    assert latest.action == Action.REPORT_RETURN_TAKEN_BACK
    assert latest.changes["decision_note"] == ["Салық бойынша үзінді жоқ", None]
    # It waits as it was sent: it is decided on, and the resident cannot change it.
    with pytest.raises(Conflict):
        ready.fill(report, CHANGED)
    with transaction():
        services.return_report(staff, report, reason="Тағы да", now=NOW)
    ready.fill(report, CHANGED)
    with pytest.raises(Conflict, match="has begun to put this report right"), transaction():
        services.take_back_return(staff, report, now=NOW)
    assert journal.verify().problem is None


def test_a_returned_report_changes_in_nothing_but_its_status(database: Flask) -> None:
    report = ready.returned(ours())
    for change in ("status = 'accepted'", "status = 'draft'", "explanation = 'x'", "decision_note = 'x'"):
        with pytest.raises(sa.exc.DBAPIError):
            db.session.execute(sa.text(f"UPDATE report SET {change} WHERE id = :id"), {"id": report.id})
        db.session.rollback()
    with pytest.raises(sa.exc.DBAPIError):
        db.session.execute(
            sa.text("UPDATE report SET status = 'submitted', explanation = 'x' WHERE id = :id"), {"id": report.id}
        )
    db.session.rollback()


def test_a_draft_keeps_what_cannot_be_read_and_is_not_sent_with_it(database: Flask, resident_viewer: Viewer) -> None:
    report = ready.draft(ours())
    lines = [replace(LINES[0], amount=None), *LINES[1:]]
    unread = [rules.Unread(1, "amount", "12 млн\x00"), rules.Unread(None, "experimental_production_staff", "көп")]
    with transaction():
        services.save_draft(
            resident_viewer,
            report,
            lines=lines,
            none=(),
            explanation=None,
            revision=report.revision,
            now=NOW,
            unread=unread,
        )
    db.session.expire_all()
    assert rules.unread_cells(report.unread) == unread
    found = report_lines.findings(report, lines, (), NOW.date())
    errors = [(item.position, item.field) for item in found if item.severity is rules.Severity.ERROR]
    assert errors == [(1, "amount"), (None, "experimental_production_staff")]
    with pytest.raises(LinesRefused):
        ready.send(report)
    assert ready.send(ready.fill(report)).unread is None


def test_a_report_has_so_many_lines_at_most_from_page_and_file(database: Flask, resident_viewer: Viewer) -> None:
    most = [*LINES, *(replace(LINES[0], document_no=f"№ {number}") for number in range(rules.MOST_LINES - len(LINES)))]
    more = [*most, replace(LINES[0], document_no="one too many")]
    report = ready.draft(ours())
    with pytest.raises(LinesRefused) as page:
        ready.fill(report, more)
    with pytest.raises(LinesRefused) as file:
        ready.stored(report.resident, more, quarter=2)
    for refused in (page, file):
        (finding,) = refused.value.findings
        assert (finding.position, finding.field) == (rules.MOST_LINES + 1, "code")
        assert f"at most {rules.MOST_LINES} lines, this one has {rules.MOST_LINES + 1}; put the lines" in str(
            finding.message
        )
    assert report_lines.lines_of(ready.fill(report, most).id) == most
    assert ready.stored(report.resident, most, quarter=2) is not None


def test_a_page_opened_before_the_next_version_was_opened_is_refused(app: Flask, resident_viewer: Viewer) -> None:
    sent = ready.returned(ours())
    draft = ready.fill(sent, CHANGED)
    for opened in (sent, draft):
        with pytest.raises(Conflict), transaction():
            services.save_draft(
                resident_viewer, opened, lines=LINES, none=ready.NONE, explanation=None, revision=sent.revision, now=NOW
            )
    with transaction():
        services.discard_draft(resident_viewer, draft)
    assert ready.fill(sent, CHANGED).version == 2


def test_a_second_click_on_accept_changes_nothing(database: Flask, staff: Viewer) -> None:
    report = ready.submitted(ours())
    ready.accept(report)
    before = len(history_of(report))
    with pytest.raises(Conflict), transaction():
        services.accept(staff, report, now=NOW + timedelta(minutes=1))
    assert len(history_of(report)) == before


def test_a_decision_on_an_old_page_is_refused(app: Flask, staff: Viewer) -> None:
    report = ready.submitted(ours())
    seen = report.revision
    with transaction():
        services.return_report(staff, report, reason="?", now=NOW)
    following = ready.send(ready.fill(report, CHANGED))
    for decided in (report, following):
        with pytest.raises(Conflict), transaction():
            services.accept(staff, decided, now=NOW, revision=seen)
    assert (report.status, following.status) == (Status.RETURNED, Status.SUBMITTED)


def test_two_people_accepting_at_once_make_one_acceptance(database: Flask) -> None:
    report_id = ready.submitted(ours()).id
    db.session.commit()
    outcomes: list[str] = []
    gate = threading.Barrier(2)

    def accept() -> None:
        with database.app_context():
            report = db.session.get_one(Report, report_id)
            gate.wait(timeout=20)
            try:
                with transaction():
                    services.accept(people.viewer("staff"), report, now=NOW)
            except Conflict:
                outcomes.append("refused")
            else:
                outcomes.append("accepted")
            db.session.remove()

    threads = [threading.Thread(target=accept) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert sorted(outcomes) == ["accepted", "refused"]
    db.session.expire_all()
    entries, _total = journal.history(subjects=[("report", report_id)], actions=[Action.REPORT_ACCEPTED])
    assert len(entries) == 1


# --- the journal ---


def test_the_journal_holds_fast_what_was_accepted(database: Flask) -> None:
    report = ready.accepted(ours())
    entry = history_of(report)[-1]
    assert (entry.action, entry.effective_on) == (Action.REPORT_ACCEPTED, date(2026, 9, 30))
    assert report.decided_at == entry.recorded_at
    values = {name: new for name, (_old, new) in entry.changes.items()}
    columns = ("resident_id", "period_id", "version", "status", "none_revenue", "none_tax", "none_investment", "source")
    assert {name: values[name] for name in columns} == {name: getattr(report, name) for name in columns}
    assert entry.changes["lines"] == [None, len(LINES)]
    assert entry.changes["data_hash"] == [None, report_lines.content_hash(report, report_lines.kept_lines(report.id))]
    state = journal.state_of(report)
    assert state is not None
    assert state.values["status"] == "accepted"
    assert journal.verify().problem is None


def test_a_returned_and_an_accepted_version_fold_to_their_last_state(app: Flask) -> None:
    report = ready.returned(ours())
    following = ready.send(ready.fill(report, CHANGED), now=NOW + timedelta(days=2))
    ready.accept(following, now=NOW + timedelta(days=3))
    for version, status in ((report, "returned"), (following, "accepted")):
        state = journal.state_of(version, as_of=date(2026, 9, 30))
        assert state is not None
        kept = report_lines.kept_lines(version.id)
        assert (state.values["status"], state.values["lines"]) == (status, len(kept))
        assert state.values["data_hash"] == report_lines.content_hash(version, kept)


def test_a_version_that_says_another_thing_than_was_recorded_is_named(app: Flask) -> None:
    first, second = ready.returned(ours()), ready.accepted(ours(territory="YAFI"))
    assert list(SENT.differences()) == []
    ids = first.id, second.id, second.id
    db.session.commit()
    with db.engine.begin() as connection:
        # Somebody with the database's own tools first takes the triggers away.
        for event in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER refuse_{event}_report_line")
        connection.execute(sa.update(ReportLine).where(ReportLine.report_id == ids[0]).values(code="other"))
        connection.execute(sa.delete(ReportLine).where(ReportLine.report_id == ids[1], ReportLine.position == 1))
    for report_id, found in zip(ids, SENT.differences(), strict=True):
        assert f"report {report_id} does not say" in found


# --- corrections ---


def test_a_correction_leaves_the_accepted_version_in_force_until_it_is_accepted(database: Flask) -> None:
    first = ready.accepted(ours())
    assert first.decided_at is not None
    decided = first.decided_at
    second = ready.correction(first, CHANGED, now=decided + timedelta(days=1))
    assert (second.version, second.correction_reason) == (2, "Қате")
    assert [line.amount for line in accepted.accepted_lines(SYSTEM, section="revenue")] == [150_000_00]
    ready.send(second, now=decided + timedelta(days=1))
    ready.accept(second, now=decided + timedelta(days=2))
    assert [line.amount for line in accepted.accepted_lines(SYSTEM, section="revenue")] == [200_000_00]
    assert report_lines.lines_of(first.id) == list(LINES)
    assert first.status == Status.ACCEPTED
    known_before = accepted.accepted_lines(SYSTEM, section="revenue", known_at=decided + timedelta(hours=1))
    assert [(line.version, line.amount) for line in known_before] == [(1, 150_000_00)]
    assert accepted.accepted_lines(SYSTEM, known_at=decided - timedelta(microseconds=1)) == []
    act = history_of(second)[-1]
    versions = [report_lines.content_hash(row, report_lines.kept_lines(row.id)) for row in (first, second)]
    assert (act.changes["data_hash"], act.reason) == (versions, "Қате")


def test_a_correction_needs_a_reason_and_a_change(database: Flask, resident_viewer: Viewer, staff: Viewer) -> None:
    report = ready.accepted(ours())
    with pytest.raises(DomainError) as refused, transaction():
        services.start_correction(resident_viewer, report, reason=" ", now=NOW)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed), transaction():
        services.start_correction(staff, report, reason="Қате", now=NOW)
    same = ready.correction(report, LINES[::-1])
    with pytest.raises(Conflict):
        ready.send(same)
    with pytest.raises(Conflict), transaction():
        services.start_correction(resident_viewer, report, reason="Қате", now=NOW)
    ready.fill(same, LINES, explanation="Түсіндірме")
    ready.send(same)
    assert same.status == Status.SUBMITTED


def test_only_the_newest_accepted_version_is_corrected(app: Flask, resident_viewer: Viewer) -> None:
    first = ready.accepted(ours())
    second = ready.correction(first, CHANGED)
    ready.send(second)
    ready.accept(second)
    with pytest.raises(Conflict), transaction():
        services.start_correction(resident_viewer, first, reason="Қате", now=NOW)
    with transaction():
        third = services.start_correction(resident_viewer, second, reason="Қате", now=NOW)
    assert (third.version, report_lines.lines_of(third.id)) == (3, list(CHANGED))


# --- imports ---


def test_an_import_opens_the_quarter_and_is_accepted_at_once(database: Flask) -> None:
    report = ready.stored(ours(), year=2025, quarter=4)
    assert report is not None
    assert (report.version, report.status, report.source, report.period.due_on) == (
        1,
        "accepted",
        "import",
        date(2026, 2, 25),
    )
    [entry] = history_of(report)
    assert (entry.action, entry.basis_kind, entry.effective_on) == (
        Action.REPORT_ACCEPTED,
        "import",
        date(2025, 12, 31),
    )


def test_the_same_lines_again_leave_no_trace_and_others_make_a_version(database: Flask) -> None:
    entry = ours()
    first = ready.stored(entry)
    assert first is not None
    count = journal.head().count
    assert ready.stored(entry, LINES[::-1]) is None
    assert journal.head().count == count
    second = ready.stored(entry, CHANGED)
    assert second is not None
    assert second.version == 2
    assert [line.amount for line in accepted.accepted_lines(SYSTEM, section="revenue")] == [200_000_00]


@pytest.mark.parametrize("make", [ready.draft, ready.submitted])
def test_an_open_report_stands_in_an_imports_way(app: Flask, make: Callable[[Resident], Report]) -> None:
    entry = ours()
    make(entry)
    with pytest.raises(Conflict) as refused:
        ready.stored(entry)
    assert refused.value.field == "quarter"


@pytest.mark.parametrize(
    ("year", "quarter", "lines", "field"),
    [
        (2023, 4, LINES, "year"),
        (2036, 1, LINES, "year"),
        (2026, 0, LINES, "quarter"),
        (2026, 3, (replace(LINES[0], amount=-1),), "amount"),
        (2026, 3, (Line("tax", "999999", amount=1),), "code"),
        (2026, 3, (Line("staff", "total_staff", count=1), LINES[2]), "count"),
    ],
)
def test_what_an_import_refuses(app: Flask, year: int, quarter: int, lines: tuple[Line, ...], field: str) -> None:
    entry = ours()
    with pytest.raises(DomainError) as refused:
        ready.stored(entry, lines, year=year, quarter=quarter)
    assert refused.value.field == field
    assert accepted.accepted_reports(SYSTEM) == []


def test_sums_that_the_register_cannot_keep_are_refused_at_their_lines(database: Flask) -> None:
    """The kept totals are 64 bits for amounts and 32 bits for people; what is let in fits, in several companies too."""
    entry, most = ours(), Line("tax", "101201", amount=rules.MOST_AMOUNT)
    absurd = [replace(most, document_no=str(number)) for number in range(100)]
    people_of_two = [Line("staff", "total_staff", count=rules.MOST_PEOPLE, document_no=number) for number in "12"]
    cases: list[tuple[list[Line], list[tuple[int | None, str]]]] = [
        ([*absurd, *LINES[2:4]], [(number, "amount") for number in range(2, 101)]),
        ([LINES[1], replace(LINES[2], count=rules.MOST_PEOPLE + 1), *people_of_two], [(2, "count"), (4, "count")]),
    ]
    for lines, places in cases:
        with pytest.raises(LinesRefused, match="add up to more than") as refused:
            ready.stored(entry, lines)
        assert [(item.position, item.field) for item in refused.value.findings] == places
    draft = ready.draft(entry, [*LINES[:1], *absurd, *LINES[2:]])
    with pytest.raises(LinesRefused, match="add up to more than"):
        ready.send(draft)
    with transaction():
        services.discard_draft(people.viewer("resident"), draft)
    many = [replace(line, count=rules.MOST_PEOPLE) for line in LINES[2:4]]
    for company in (entry, *(factories.resident(factories.bin_number(serial)) for serial in (2, 3))):
        assert ready.stored(company, [most, *many]) is not None
    assert list(totals.KEPT.differences()) == []


def test_an_import_needs_its_permission(app: Flask, auditor: Viewer, resident_viewer: Viewer) -> None:
    entry = ours()
    for actor in (auditor, resident_viewer):
        with pytest.raises(NotAllowed), transaction():
            services.store_accepted(actor, resident=entry, year=2026, quarter=3, lines=LINES, now=NOW)


# --- what the database refuses ---

_ATTACKS = [
    "UPDATE report SET status = 'draft' WHERE id = {id}",
    "UPDATE report SET explanation = 'x' WHERE id = {id}",
    "UPDATE report SET submitted_at = NULL WHERE id = {id}",
    "UPDATE report SET none_tax = NOT none_tax WHERE id = {id}",
    "DELETE FROM report WHERE id = {id}",
    "UPDATE report_line SET amount = 1 WHERE report_id = {id}",
    "UPDATE report_line SET position = position + 100 WHERE report_id = {id}",
    "UPDATE report_line SET report_id = {id}, position = 77 WHERE report_id = {draft}",
    "DELETE FROM report_line WHERE report_id = {id}",
    "INSERT INTO report_line (report_id, position, line_id, section, code, amount) "
    "VALUES ({id}, 99, 99, 'tax', '101201', 1)",
    "UPDATE report SET resident_id = (SELECT resident_id FROM report WHERE id = {draft}) WHERE id = {id}",
]
_SQLITE_ATTACKS = [
    "INSERT OR REPLACE INTO report_line (report_id, position, line_id, section, code, amount) "
    "VALUES ({id}, 1, 1, 'tax', '101201', 1)",
    "INSERT OR REPLACE INTO report (id, resident_id, period_id, version, status, none_revenue, none_tax, "
    "none_investment, source, revision, updated_at) SELECT id, resident_id, period_id, version, 'draft', 0, 0, 0, "
    "'page', 0, updated_at FROM report WHERE id = {id}",
    "INSERT OR REPLACE INTO report (resident_id, period_id, version, status, none_revenue, none_tax, none_investment, "
    "source, revision, updated_at) SELECT resident_id, period_id, version, 'draft', 0, 0, 0, 'page', 0, updated_at "
    "FROM report WHERE id = {id}",
    "UPDATE OR REPLACE report SET id = {id} WHERE id = {draft}",
    "UPDATE OR REPLACE report_line SET report_id = {id} WHERE report_id = {draft}",
]


@pytest.mark.parametrize("make", [ready.submitted, ready.returned, ready.accepted])
def test_no_statement_changes_a_report_once_sent(database: Flask, make: Callable[[Resident], Report]) -> None:
    sent = make(ours())
    draft = ready.draft(ours(territory="YAFI"))
    before = (sent.status, sent.explanation, sent.decided_at)
    ids = {"id": sent.id, "draft": draft.id}
    db.session.commit()
    attacks = list(_ATTACKS)
    if db.engine.dialect.name == "sqlite":
        attacks += _SQLITE_ATTACKS
    else:
        attacks += [
            "TRUNCATE report_line",
            "TRUNCATE report CASCADE",
            "INSERT INTO report_line (report_id, position, line_id, section, code) "
            "VALUES ({id}, 1, 1, 'tax', '101201') "
            "ON CONFLICT (report_id, position) DO UPDATE SET code = '105101'",
        ]
    for attack in attacks:
        with pytest.raises(DBAPIError) as refused, db.engine.connect() as connection:
            connection.exec_driver_sql(attack.format(**ids))
            connection.commit()
        assert "cannot be" in str(refused.value), attack
    db.session.expire_all()
    assert (sent.status, sent.explanation, sent.decided_at) == before
    assert report_lines.lines_of(sent.id) == list(LINES)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ReportLine)) == 2 * len(LINES)
