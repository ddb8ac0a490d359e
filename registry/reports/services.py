"""What is done with reporting periods and reports."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

import sqlalchemy as sa

from registry.accounts import queries as accounts
from registry.accounts import two_people
from registry.attachments import services as attachments
from registry.errors import Conflict, DomainError, Invalid, NotAllowed
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.findings import Finding, Weight, notice
from registry.infra.i18n import format_date, lazy
from registry.infra.workflow import Step, reason_for
from registry.journal import acts
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis
from registry.notifications import services as notifications
from registry.notifications.events import Event
from registry.reference import queries as reference
from registry.reports import events, queries, report_lines, reporting_periods, rules
from registry.reports.models import ClosedYear, Report, ReportingPeriod, ReportLine
from registry.reports.report_lines import none_sections
from registry.reports.rules import (
    LINE_FIELDS,
    NONE_FLAGS,
    WORKFLOW,
    Dates,
    KeptLine,
    Line,
    LinesRefused,
    Move,
    Severity,
    Status,
)
from registry.residents.models import Resident
from registry.residents.queries import entry_for_quarter, numbers_of, status_changes
from registry.residents.rules import excluded_on, participates_in
from registry.territories.models import Territory
from registry.territories.services import next_numbers

_PERIOD_FIELDS = ("territory_id", "year", "quarter", "opens_on", "due_on", "locks_on")
_REPORT_FIELDS = (
    "resident_id",
    "period_id",
    "version",
    "status",
    *NONE_FLAGS.values(),
    "correction_reason",
    "explanation",
    "source",
)
"""What the journal keeps of a report, besides its lines."""

_CHANGED = lazy(
    "Somebody has changed this report since you opened it. Compare with what is stored now, then try again."
)


def open_period(
    actor: Viewer, *, territory: Territory, year: int, quarter: int, now: datetime, dates: Dates | None = None
) -> ReportingPeriod:
    """Open a quarter of a territory for reports, with the proposed dates unless others are given.

    :raises Invalid: naming year, quarter or the date out of order.
    :raises Conflict: for a quarter opened before.
    """
    actor.require_in(territory.id, Permission.OPEN_PERIODS)
    found = rules.period_problems(year, quarter)
    if found:
        raise Invalid(found)
    if rules.first_day(year, quarter) > local_date(now):
        raise DomainError(lazy("this quarter has not begun yet"), "quarter")
    if reporting_periods.find_period(territory.id, year, quarter) is not None:
        raise Conflict(lazy("this quarter has already been opened"), "quarter")
    dates = dates or reporting_periods.proposed_dates(year, quarter, territory.id)
    if dates.locks_on < local_date(now):
        message = lazy(
            "The quarter would be locked from the first day: nothing could be saved or sent in it. Choose a later day,"
            " or confirm if its figures come from files."
        )
        notice([Finding(Weight.ASKS, message, "locks_on")])
    return _open(actor, territory, year, quarter, dates, now, NO_BASIS)


def _open(
    actor: Viewer, territory: Territory, year: int, quarter: int, dates: Dates, now: datetime, basis: Basis
) -> ReportingPeriod:
    found = rules.dates_problems(dates, year, quarter)
    if found:
        raise Invalid(found)
    period = ReportingPeriod(
        territory_id=territory.id,
        year=year,
        quarter=quarter,
        opens_on=dates.opens_on,
        due_on=dates.due_on,
        locks_on=dates.locks_on,
    )
    acts.create(
        actor,
        Action.PERIOD_OPENED,
        period,
        _PERIOD_FIELDS,
        now=now,
        effective_on=dates.opens_on,
        parent=territory,
        basis=basis,
    )
    return period


def close_year(actor: Viewer, *, territory: Territory, year: int, reason: str, now: datetime) -> ClosedYear:
    """Close a year of a territory: no report of it is sent, accepted or corrected until it is reopened.

    :raises Invalid: naming year, for one that is not reported on.
    :raises DomainError: without a reason.
    :raises Conflict: for a year that is closed already.
    """
    actor.require_in(territory.id, Permission.OPEN_PERIODS)
    found = rules.period_problems(year, 1)
    if found:
        raise Invalid(found)
    reason = acts.need_reason(reason)
    row = reporting_periods.closed_year(territory.id, year)
    if row is not None and row.is_closed:
        raise Conflict(lazy("the year %(year)s is closed already", year=year), "year")
    if rules.last_day(year, 4) >= local_date(now):
        acts.tell([("year", lazy("the year %(year)s has not ended yet", year=year))])
    details: dict[str, Any] = {
        "now": now,
        "effective_on": local_date(now),
        "parent": territory,
        "reason": reason,
    }
    if row is None:
        row = ClosedYear(territory_id=territory.id, year=year, is_closed=True)
        acts.create(actor, Action.YEAR_CLOSED, row, ("territory_id", "year", "is_closed"), **details)
    else:
        _turn_year(actor, Action.YEAR_CLOSED, row, True, details)
    return row


def reopen_year(actor: Viewer, *, territory: Territory, year: int, reason: str, now: datetime) -> ClosedYear:
    """Take corrections of a closed year again.

    :raises DomainError: without a reason.
    :raises Conflict: for a year that is not closed.
    """
    actor.require_in(territory.id, Permission.OPEN_PERIODS)
    reason = acts.need_reason(reason)
    row = reporting_periods.closed_year(territory.id, year)
    if row is None or not row.is_closed:
        raise Conflict(lazy("the year %(year)s is not closed", year=year), "year")
    details: dict[str, Any] = {
        "now": now,
        "effective_on": local_date(now),
        "parent": territory,
        "reason": reason,
    }
    _turn_year(actor, Action.YEAR_REOPENED, row, False, details)
    return row


def _turn_year(actor: Viewer, action: Action, row: ClosedYear, is_closed: bool, details: dict[str, Any]) -> None:
    def turn(_entry: JournalEntry) -> None:
        row.is_closed = is_closed

    acts.act(actor, action, row, {"is_closed": (row.is_closed, is_closed)}, then=turn, **details)


def _need_open_year(territory_id: int, year: int) -> None:
    """:raises Conflict: naming the year, for one that is closed."""
    if reporting_periods.is_closed(territory_id, year):
        raise Conflict(rules.closed_problem(year), "year")


def _need_unlocked(period: ReportingPeriod, now: datetime, report: Report | None = None) -> None:
    """Refuse what a resident saves or sends in a locked quarter; corrections of what was accepted end with the year.

    :raises Conflict: naming the quarter.
    """
    locked = rules.locked_problem(period.locks_on, local_date(now))
    if locked is not None and (report is None or not queries.corrects_accepted(report)):
        raise Conflict(locked, "quarter")


def _take(actor: Viewer, report: Report, move: Move) -> Step:
    """The step that a move is for this report, for whoever may make it.

    :raises NotAllowed: for a role that may not, and for another company's report.
    :raises Conflict: for an annulled entry or a closed year, and where the move is not possible.
    """
    WORKFLOW.need(actor, report.resident.territory_id, move)
    _need_own_company(actor, report.resident)
    _live(report.resident)
    step = WORKFLOW.step(report.status, move)
    if move in rules.OPEN_YEAR_ONLY:
        _need_open_year(report.period.territory_id, report.period.year)
    return step


def start_report(actor: Viewer, *, resident: Resident, period: ReportingPeriod, now: datetime) -> Report:
    """Begin the first version of a resident's report of a quarter, or the next of one taken back, as an empty draft.

    :raises Conflict: before the period opens, for a quarter without participation, or when a report exists.
    """
    # Figures are the resident's: nobody fills them in for the company (a file import is an act of its own).
    actor.require_in(resident.territory_id, Permission.FILL_REPORTS)
    _need_own_company(actor, resident)
    _live(resident)
    if resident.territory_id != period.territory_id:
        raise DomainError(lazy("the period belongs to another territory"), "quarter")
    _need_open_year(period.territory_id, period.year)
    if local_date(now) < period.opens_on:
        raise Conflict(lazy("This period has not opened yet."), "quarter")
    _need_unlocked(period, now)
    _need_participation(resident, period.year, period.quarter)
    if queries.report_of(resident, period):
        raise Conflict(lazy("A report of this quarter has already been started."), "quarter")
    first, last = rules.first_day(period.year, period.quarter), rules.last_day(period.year, period.quarter)
    if entry_for_quarter(resident.territory, resident.bin, first, last).id != resident.id:
        # A report's key is the company and the quarter (``exchange.md`` 2): it is sent once, by the entry that goes on.
        raise Conflict(lazy("The company's newer entry reports for this quarter."), "quarter")
    taken_back = queries.versions_of(resident.id, period.id)
    return _draft(resident, period, taken_back[-1][1] + 1 if taken_back else 1, now)


def _draft(
    resident: Resident, period: ReportingPeriod, version: int, now: datetime, *, revision: int = 0, **values: Any
) -> Report:
    report = Report(
        resident_id=resident.id,
        period_id=period.id,
        version=version,
        status=str(Status.DRAFT),
        revision=revision,
        updated_at=now,
        **values,
    )
    db.session.add(report)
    db.session.flush()
    return report


def save_draft(
    actor: Viewer,
    report: Report,
    *,
    lines: Sequence[Line],
    none: Collection[str],
    explanation: str | None,
    revision: int,
    now: datetime,
    unread: Sequence[rules.Unread] = (),
) -> Report:
    """Keep what the resident has typed so far, and return the version that holds it; nothing need be complete yet.

    ``none`` holds the sections marked as empty on purpose; ``revision`` is that of the page the figures came from;
    ``unread`` are the cells that could not be read, kept as they were typed: one of them never costs the draft.

    :raises Conflict: when somebody has saved in between, or the report can no longer be changed.
    :raises LinesRefused: for what the register could not even keep.
    """
    _take(actor, report, Move.EDIT)
    _need_unlocked(report.period, now, report)
    report = _workable(report, revision, now)
    found = rules.too_many(lines) or [
        rules.Finding(position, line.section, field, message)
        for position, line in enumerate(lines, start=1)
        for field, message in _unkeepable(line)
    ]
    if found:
        raise LinesRefused(found)
    _put_lines(report, lines, report_lines.known_lines(report))
    for section, flag in NONE_FLAGS.items():
        setattr(report, flag, section in none)
    report.explanation = (explanation or "").strip() or None
    report.unread = rules.keep_unread(unread)
    report.revision += 1
    report.updated_at = now
    db.session.flush()
    return report


def _workable(report: Report, revision: int, now: datetime) -> Report:
    """The version the resident works on: a draft itself, and of a returned one the next version, opened from it.

    What was sent stays as it was sent.
    """
    _same_revision(report, revision)
    if report.status != Status.RETURNED:
        return report
    if queries.versions_of(report.resident_id, report.period_id)[-1][0] != report.id:
        raise Conflict(_CHANGED)
    return _following(report, now, report.correction_reason, revision=report.revision)


def _following(report: Report, now: datetime, correction_reason: str | None, revision: int = 0) -> Report:
    """The next version of a report, copied from it."""
    copied = {name: getattr(report, name) for name in (*NONE_FLAGS.values(), "explanation")}
    following = _draft(
        report.resident,
        report.period,
        report.version + 1,
        now,
        revision=revision,
        correction_reason=correction_reason,
        **copied,
    )
    before = report_lines.kept_lines(report.id)
    _put_lines(following, [line for _number, line in before], before, is_new=True)
    return following


def _unkeepable(line: Line) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if line.section not in set(rules.Section):
        found.append(
            ("section", lazy("%(section)s is not one of revenue, tax, investment, staff", section=line.section))
        )
    if len(line.code) > 40:
        found.append(("code", lazy("%(code)s is not a valid code; choose one from the list", code=line.code)))
    if line.count is not None and abs(line.count) > rules.MAX_COUNT:
        found.append(("count", lazy("this number is too large")))
    if line.country and len(line.country) != 2:
        found.append(
            (
                "country",
                lazy("%(code)s is not a country code; choose a country from the list, such as KZ", code=line.country),
            )
        )
    return found


def discard_draft(actor: Viewer, report: Report, *, revision: int | None = None) -> None:
    """Throw away a version that was never sent; nobody else has seen it, so the journal does not know it either.

    :raises Conflict: for a version that was sent, or saved since the page was opened at ``revision``.
    """
    _take(actor, report, Move.DISCARD)
    _same_revision(report, revision)
    attachments.remove_unrecorded(Report.__tablename__, report.id)
    db.session.delete(report)
    db.session.flush()


def sending(report: Report) -> acts.Proposed:
    """The act of sending a report, before it is made: what is odd in its figures is asked about."""
    return acts.Proposed(Action.REPORT_SUBMITTED, report, _effective(report))


def submit(actor: Viewer, report: Report, *, revision: int, now: datetime, explanation: str | None = None) -> Report:
    """Send a report to the company for its decision, and return the version sent; nobody can change it any more.

    ``explanation`` is why figures jumped tenfold, where the page that sends it asks for that; None leaves the draft's.

    :raises Invalid: naming ``explanation``, which was asked for and not given.
    :raises LinesRefused: naming what the rules refuse and at which line.
    :raises Conflict: when it was changed or sent in between, or a correction changes nothing.
    """
    step = _take(actor, report, Move.SUBMIT)
    _need_unlocked(report.period, now, report)
    _same_revision(report, revision)
    if explanation is not None:
        if not explanation.strip():
            message = lazy("Say here why the figure differs tenfold from the quarter before, then send again.")
            raise Invalid([("explanation", message)])
        report.explanation = explanation.strip()
    kept = report_lines.kept_lines(report.id)
    lines = [line for _number, line in kept]
    none = none_sections(report)
    before = report_lines.version_before(report)
    if before is not None and before.status == Status.RETURNED and _same_content(before, report, lines):
        raise Conflict(rules.UNCHANGED)
    found = report_lines.findings(report, lines, none, local_date(now))
    refused = [finding for finding in found if finding.severity is Severity.ERROR]
    if refused:
        raise LinesRefused(refused)
    accepted = _accepted_before(report)
    if accepted is not None and _same_content(accepted, report, lines):
        raise Conflict(lazy("This correction changes nothing. Change a figure, or discard the correction."))
    changes: dict[str, tuple[Any, Any]] = {"status": (str(report.status), str(step.after))}
    changes |= {
        name: (None, getattr(report, name))
        for name in _REPORT_FIELDS
        if name != "status" and getattr(report, name) is not None
    }
    changes |= _content_changes(before, report, kept)
    _move(
        actor,
        report,
        step,
        changes,
        lambda entry: {"submitted_at": entry.recorded_at, "submitted_by": actor.user_id},
        now,
    )
    attachments.put_on_record(actor, Report.__tablename__, report.id, now)
    return report


def _move(
    actor: Viewer,
    report: Report,
    step: Step,
    changes: Mapping[str, tuple[Any, Any]],
    columns: Callable[[JournalEntry], Mapping[str, Any]],
    now: datetime,
    **details: Any,
) -> None:
    """Take a step that is an act: from that moment the database refuses every change but a decision."""
    acts.move(
        actor,
        step,
        report,
        changes,
        columns=lambda entry: dict(columns(entry)) | {"revision": report.revision + 1, "updated_at": now},
        now=now,
        effective_on=_effective(report),
        parent=report.resident,
        **details,
    )


def _content_changes(
    before: Report | None, report: Report, kept: Sequence[KeptLine]
) -> dict[str, tuple[int | str | None, int | str]]:
    """What the journal keeps of a version's lines: how many there are, and the hash of all the version says.

    The lines themselves stand in the version, which cannot change, so the hash holds them fast.
    """
    lines = None if before is None else report_lines.kept_lines(before.id)
    return {
        "lines": (None if lines is None else len(lines), len(kept)),
        "data_hash": (
            None if before is None or lines is None else report_lines.content_hash(before, lines),
            report_lines.content_hash(report, kept),
        ),
    }


def accept(actor: Viewer, report: Report, *, now: datetime, revision: int | None = None) -> None:
    """Accept a sent report: its figures count from the quarter's last day on and can never be changed.

    ``revision`` is that of the page the decision was made on.

    :raises Conflict: when it does not wait for a decision, or was changed since it was read.
    """
    step = _take(actor, report, Move.ACCEPT)
    _need_other_eyes(actor, report, now)
    _same_revision(report, revision)
    kept = report_lines.kept_lines(report.id)
    _move(
        actor,
        report,
        step,
        _accepted_changes(report, step, kept, _accepted_before(report)),
        lambda entry: _decided(actor, entry),
        now,
        reason=report.correction_reason,
    )
    _tell(events.ACCEPTED, report, now)


def return_report(actor: Viewer, report: Report, *, reason: str, now: datetime, revision: int | None = None) -> None:
    """Send a report back to the resident, saying what to put right.

    :raises DomainError: without a reason.
    :raises Conflict: when it does not wait for a decision, or was changed since it was read.
    """
    step = _take(actor, report, Move.RETURN)
    _need_other_eyes(actor, report, now)
    _same_revision(report, revision)
    said = reason_for(step, reason)
    changes = {"status": (str(report.status), str(step.after)), "decision_note": (report.decision_note, said)}
    _move(
        actor,
        report,
        step,
        changes,
        lambda entry: {"decision_note": said, "decided_at": entry.recorded_at, "decided_by": actor.user_id},
        now,
        reason=said,
    )
    _tell(events.RETURNED, report, now)


def _tell(event: Event, report: Report, now: datetime) -> None:
    """Tell the accounts of a report's company what was decided on it; the reason may hold figures and stays here."""
    number = report.resident.bin
    notifications.tell(
        event,
        accounts.company_accounts([number]).get(number, ()),
        about=(events.REPORT, report.id),
        occasion=str(report.revision),
        values=events.values_of(report.period),
        now=now,
    )


def take_back_return(actor: Viewer, report: Report, *, now: datetime, revision: int | None = None) -> None:
    """Have a returned report wait for a decision again, as it was sent.

    :raises Conflict: for a report that is not returned, was changed since it was read, or whose next version the
        resident has begun.
    """
    step = _take(actor, report, Move.TAKE_BACK)
    _same_revision(report, revision)
    if queries.versions_of(report.resident_id, report.period_id)[-1][0] != report.id:
        raise Conflict(lazy("The participant has begun to put this report right. Wait until it is sent again."))
    changes = {"status": (str(report.status), str(step.after)), "decision_note": (report.decision_note, None)}
    _move(
        actor,
        report,
        step,
        changes,
        lambda _entry: {"decision_note": None, "decided_at": None, "decided_by": None},
        now,
    )


def start_correction(actor: Viewer, report: Report, *, reason: str, now: datetime) -> Report:
    """Begin the next version of an accepted report, copied from it; the accepted one stays in force meanwhile.

    :raises DomainError: without a reason.
    :raises Conflict: for a report that is not accepted, was superseded, or has an open version.
    """
    said = reason_for(_take(actor, report, Move.CORRECT), reason)
    newest_id, _version, status = queries.versions_of(report.resident_id, report.period_id)[-1]
    if status != Status.ACCEPTED:
        raise Conflict(lazy("A correction of this report is already under way."))
    if newest_id != report.id:
        raise Conflict(lazy("This version has been superseded. Correct the newest one."))
    return _following(report, now, said)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """What the registers hold for a company's report of a quarter, when it is to be stored.

    The quarter if it was opened, whether its year is closed, and every version of the report, oldest first. A quarter
    not ``was_open`` before what is stored together is opened by it: its lock bound nobody.
    """

    period: ReportingPeriod | None
    year_is_closed: bool
    versions: Sequence[Report] = ()
    was_open: bool = True


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole report that may be stored as accepted, as a ``version`` of the resident's.

    ``accepted`` is the version it corrects, with the lines ``before``. A quarter without ``period`` is opened by it.
    """

    resident: Resident
    year: int
    quarter: int
    lines: Sequence[Line]
    period: ReportingPeriod | None = None
    accepted: Report | None = None
    before: Sequence[KeptLine] = ()
    version: int = 1


def store_accepted(
    actor: Viewer,
    *,
    resident: Resident,
    year: int,
    quarter: int,
    lines: Sequence[Line],
    now: datetime,
    source: str = "import",
    basis: Basis | None = None,
) -> Report | None:
    """Store a whole report as accepted, with the import as its basis; None when it says what is already accepted.

    A quarter in which the company took no part is stored too; its figures do not count (``exchange.md`` 5, rule 3).
    A quarter not yet opened is opened by it; other lines than those accepted make a correcting version
    (``exchange.md`` 2).

    :raises Invalid: naming year or quarter.
    :raises LinesRefused: naming what the rules refuse and at which line.
    What was returned waits for the resident no longer: a locked quarter takes nothing from it.

    :raises Conflict: (``quarter``) while the resident's draft or sent version of the quarter is open.
    """
    period = reporting_periods.find_period(resident.territory_id, year, quarter)
    is_closed = reporting_periods.is_closed(resident.territory_id, year)
    on_record = OnRecord(period, is_closed, queries.of_company(resident, period) if period else ())
    whole = may_be_stored(
        actor, resident=resident, year=year, quarter=quarter, lines=lines, on_record=on_record, now=now
    )
    if whole is None:
        return None
    (report,) = store_all(actor, [whole], now=now, source=source, basis=basis)
    return report


def may_be_stored(
    actor: Viewer,
    *,
    resident: Resident,
    year: int,
    quarter: int,
    lines: Sequence[Line],
    on_record: OnRecord,
    now: datetime,
) -> Whole | None:
    """The report as :func:`store_all` takes it; None when it says what is already accepted. Writes nothing.

    :raises: what :func:`store_accepted` does.
    """
    actor.require_in(resident.territory_id, Permission.IMPORT_FILES)
    _live(resident)
    found = rules.period_problems(year, quarter)
    if found:
        raise Invalid(found)
    refused = rules.line_problems(lines, rules.last_day(year, quarter), reference.valid_in(resident.territory_id))
    if refused:
        raise LinesRefused(refused)
    acts.tell(report_lines.nearest_codes(lines, rules.last_day(year, quarter), resident.territory_id))
    period, newest = on_record.period, on_record.versions[-1] if on_record.versions else None
    if newest is not None and newest.status in (Status.DRAFT, Status.SUBMITTED):
        raise Conflict(_in_the_way(newest, now), "quarter")
    accepted = next((row for row in reversed(on_record.versions) if row.status == Status.ACCEPTED), None)
    before = report_lines.kept_lines(accepted.id) if accepted else []
    if accepted and rules.same_lines((line for _number, line in before), lines):
        return None
    if on_record.year_is_closed:
        raise Conflict(rules.closed_problem(year), "year")
    if on_record.was_open and period is not None and local_date(now) > period.locks_on:
        locked = lazy("the quarter was locked on %(day)s; stored all the same", day=period.locks_on.isoformat())
        acts.tell([("quarter", locked)])
    if newest is None:
        return Whole(resident, year, quarter, lines, period)
    return Whole(newest.resident, year, quarter, lines, period, accepted, before, newest.version + 1)


def _in_the_way(newest: Report, now: datetime) -> object:
    """Why an open version keeps a report from being stored, and what to do."""
    locked = rules.locked_problem(newest.period.locks_on, local_date(now)) is not None
    if locked and newest.status == Status.DRAFT and not queries.corrects_accepted(newest):
        return lazy(
            "the participant's draft of this quarter stands in the way; the quarter was locked on %(day)s, so the draft"
            " can no longer be sent: ask the participant to discard it",
            day=newest.period.locks_on.isoformat(),
        )
    return lazy("an open report of this quarter stands in the way; decide on it or let the participant finish it first")


def store_all(
    actor: Viewer, wholes: Sequence[Whole], *, now: datetime, source: str = "import", basis: Basis | None = None
) -> list[Report]:
    """Store whole reports of different companies or quarters as accepted, one after the other, written together.

    Version 1 of a result is a report created, a later one a report updated.
    """
    basis = basis or Basis(source)
    opened: dict[tuple[int, int, int], ReportingPeriod] = {}
    stored: list[Report] = []
    waiting: list[tuple[Whole, ReportingPeriod]] = []
    for whole in wholes:
        place = (whole.resident.territory_id, whole.year, whole.quarter)
        period = whole.period or opened.get(place) or reporting_periods.find_period(*place)
        if period is None:
            # The journal tells of it before the report that opens it, and after those stored before.
            stored += _store(actor, waiting, now, source, basis)
            waiting.clear()
            territory = whole.resident.territory
            dates = reporting_periods.proposed_dates(whole.year, whole.quarter, territory.id)
            period = opened[place] = _open(actor, territory, whole.year, whole.quarter, dates, now, basis)
        waiting.append((whole, period))
    return stored + _store(actor, waiting, now, source, basis)


def _store(
    actor: Viewer, wholes: Sequence[tuple[Whole, ReportingPeriod]], now: datetime, source: str, basis: Basis
) -> list[Report]:
    if not wholes:
        return []
    reports = [
        Report(
            resident_id=whole.resident.id,
            period_id=period.id,
            version=whole.version,
            status=str(Status.DRAFT),
            revision=0,
            updated_at=now,
            source=source,
        )
        for whole, period in wholes
    ]
    db.session.add_all(reports)
    db.session.flush()
    kept = [_identified(whole.lines, whole.before) for whole, _period in wholes]
    _insert_lines(zip(reports, kept, strict=True))
    # What comes by a file is sent and accepted in one act.
    step = WORKFLOW.step(Status.SUBMITTED, Move.ACCEPT)
    moved = [
        acts.Moved(
            report,
            _accepted_changes(report, step, own, whole.accepted),
            rules.last_day(whole.year, whole.quarter),
            parent=whole.resident,
        )
        for report, own, (whole, _period) in zip(reports, kept, wholes, strict=True)
    ]
    acts.move_all(
        actor,
        step,
        moved,
        columns=lambda entry: _decided(actor, entry) | {"revision": 1, "updated_at": now},
        now=now,
        basis=basis,
    )
    return reports


def _decided(actor: Viewer, entry: JournalEntry) -> dict[str, Any]:
    """What a version keeps of its acceptance."""
    return {"decided_at": entry.recorded_at, "decided_by": actor.user_id, "decision_note": None}


def _accepted_changes(
    report: Report, step: Step, kept: Sequence[KeptLine], accepted: Report | None
) -> dict[str, tuple[Any, Any]]:
    """All that is new in an acceptance against the version accepted before."""
    new = {name: getattr(report, name) for name in _REPORT_FIELDS} | {"status": str(step.after)}
    changes: dict[str, tuple[Any, Any]] = {
        name: (getattr(accepted, name) if accepted else None, value) for name, value in new.items() if value is not None
    }
    return changes | _content_changes(accepted, report, kept)


def _put_lines(
    report: Report, lines: Sequence[Line], known: Sequence[KeptLine], *, is_new: bool = False
) -> list[KeptLine]:
    """Make these the lines of a draft; those that are among ``known`` keep their identity. A new draft has none yet."""
    kept = _identified(lines, known)
    if not is_new:
        db.session.flush()
        db.session.execute(sa.delete(ReportLine).where(ReportLine.report_id == report.id))
    _insert_lines([(report, kept)])
    db.session.expire(report, ["lines"])
    return kept


def _identified(lines: Sequence[Line], known: Sequence[KeptLine]) -> list[KeptLine]:
    """The lines with their identities: those of ``known`` lines they go on from, else new ones."""
    carried = rules.carried(known, lines)
    new = iter(next_numbers("report_line", carried.count(None))) if None in carried else iter(())
    return [(next(new) if number is None else number, line) for number, line in zip(carried, lines, strict=True)]


def _insert_lines(reports: Iterable[tuple[Report, Sequence[KeptLine]]]) -> None:
    rows: list[Mapping[str, Any]] = [
        {
            "report_id": report.id,
            "position": position,
            "line_id": number,
            **{name: getattr(line, name) for name in LINE_FIELDS},
        }
        for report, kept in reports
        for position, (number, line) in enumerate(kept, start=1)
    ]
    if rows:
        with db.session.no_autoflush:
            db.session.execute(sa.insert(cast(sa.Table, ReportLine.__table__)), rows)


def _accepted_before(report: Report) -> Report | None:
    """The accepted version this one corrects."""
    return db.session.scalar(
        sa.select(Report)
        .where(
            Report.resident_id == report.resident_id,
            Report.period_id == report.period_id,
            Report.version < report.version,
            Report.status == Status.ACCEPTED,
        )
        .order_by(Report.version.desc())
        .limit(1)
    )


def _same_content(before: Report, report: Report, lines: Sequence[Line]) -> bool:
    columns = (*NONE_FLAGS.values(), "explanation")
    return all(getattr(before, name) == getattr(report, name) for name in columns) and rules.same_lines(
        report_lines.lines_of(before.id), lines
    )


def _effective(report: Report) -> date:
    """An act on a report takes effect on the last day of its quarter (``exchange.md`` 3)."""
    return rules.last_day(report.period.year, report.period.quarter)


def _need_own_company(actor: Viewer, resident: Resident) -> None:
    if actor.company_bin is not None and resident.bin != actor.company_bin:
        raise NotAllowed(lazy("Your role does not permit this."))


def _need_participation(resident: Resident, year: int, quarter: int) -> None:
    ended_on = excluded_on(status_changes(resident))
    first, last = rules.first_day(year, quarter), rules.last_day(year, quarter)
    if not participates_in(resident.registered_on, ended_on, first, last):
        raise Conflict(lazy("%(bin)s was not a participant on any day of the quarter", bin=resident.bin), "quarter")


def _need_other_eyes(actor: Viewer, report: Report, now: datetime) -> None:
    """:raises Conflict: for whoever could have sent the report as the company (:func:`whose_eyes`)."""
    problem = whose_eyes(actor, report, now)
    if problem is not None:
        raise Conflict(problem)


def whose_eyes(actor: Viewer, report: Report, now: datetime) -> object | None:
    """Why an actor who could have sent a report as the company does not decide on it, and who does, or whom to add."""
    resident = report.resident
    links = accounts.company_links(numbers_of(resident), now)
    until = accounts.bound_until(actor.persons, links)
    if until is None:
        return None
    others = two_people.others(
        Permission.REVIEW_REPORTS,
        two_people.Territories((resident.territory_id,)),
        actor.persons,
        bound=lambda viewer: accounts.bound_until(viewer.persons, links),
    )
    day = format_date(local_date(until))
    if not any(link.makers & actor.persons for link in links):
        return lazy(
            "By sign-in links or passwords one person could use both your account and one of this company's: until"
            " %(day)s somebody else decides on its reports. %(who)s",
            day=day,
            who=str(two_people.who_may(others, _whom_to_add(resident))),
        )
    if others:
        return lazy(
            "You made a sign-in link to an account of this company, or set its password: until %(day)s somebody else"
            " decides on its reports. These people may: %(names)s.",
            day=day,
            names=", ".join(others[: two_people.NAMED]),
        )
    return lazy(
        "You made a sign-in link to an account of this company, or set its password: until %(day)s somebody else"
        " decides on its reports, and nobody else may. An administrator has to add another member of the staff for"
        " %(territory)s.",
        day=day,
        territory=resident.territory.code,
    )


def _whom_to_add(resident: Resident) -> object:
    return lazy(
        "Nobody else may: an administrator has to add another member of the staff for %(territory)s.",
        territory=resident.territory.code,
    )


def _same_revision(report: Report, revision: int | None) -> None:
    if revision is not None and report.revision != revision:
        raise Conflict(_CHANGED)


def _live(resident: Resident) -> None:
    if resident.annulled_at is not None:
        raise Conflict(lazy("This entry has been annulled and cannot be changed."))
