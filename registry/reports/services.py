"""What is done with reporting periods and reports."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from registry.errors import Conflict, DomainError, Invalid, NotAllowed
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis, record, record_creation
from registry.reference import queries as reference
from registry.reports import queries, report_lines, reporting_periods, rules
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.rules import LINE_FIELDS, NONE_FLAGS, Dates, Line, LinesRefused, Move, Severity, Status
from registry.residents.models import Resident
from registry.residents.queries import entry_for_quarter, status_changes
from registry.residents.rules import excluded_on, participates_in
from registry.territories.models import Territory

_PERIOD_FIELDS = ("territory_id", "year", "quarter", "opens_on", "due_on", "locks_on")
_REPORT_FIELDS = (
    "resident_id", "period_id", "version", "status", *NONE_FLAGS.values(), "correction_reason", "explanation", "source",
)  # fmt: skip
"""What the journal keeps of a report, besides its lines."""


def open_period(
    actor: Viewer, *, territory: Territory, year: int, quarter: int, now: datetime, dates: Dates | None = None
) -> ReportingPeriod:
    """Open a quarter of a territory for reports, with the proposed dates unless others are given.

    :raises Invalid: naming year, quarter or the date out of order.
    :raises Conflict: for a quarter opened before.
    """
    actor.require(Permission.OPEN_PERIODS)
    found = rules.period_problems(year, quarter)
    if found:
        raise Invalid(found)
    if rules.first_day(year, quarter) > local_date(now):
        raise DomainError(lazy("this quarter has not begun yet"), "quarter")
    if reporting_periods.find_period(territory.id, year, quarter) is not None:
        raise Conflict(lazy("this quarter has already been opened"), "quarter")
    return _open(actor, territory, year, quarter, dates or rules.proposed_dates(year, quarter), now, NO_BASIS)


def _open(
    actor: Viewer, territory: Territory, year: int, quarter: int, dates: Dates, now: datetime, basis: Basis
) -> ReportingPeriod:
    found = rules.dates_problems(dates, year, quarter)
    if found:
        raise Invalid(found)
    period = ReportingPeriod(
        territory_id=territory.id, year=year, quarter=quarter, opens_on=dates.opens_on, due_on=dates.due_on,
        locks_on=dates.locks_on,
    )  # fmt: skip
    db.session.add(period)
    record_creation(
        actor, Action.PERIOD_OPENED, period, _PERIOD_FIELDS, now=now, effective_on=dates.opens_on, parent=territory,
        basis=basis,
    )  # fmt: skip
    return period


def start_report(actor: Viewer, *, resident: Resident, period: ReportingPeriod, now: datetime) -> Report:
    """Begin the first version of a resident's report of a quarter, as an empty draft.

    :raises Conflict: before the period opens, for a quarter without participation, or when a report exists.
    """
    _need_own(actor, resident)
    _live(resident)
    if resident.territory_id != period.territory_id:
        raise DomainError(lazy("the period belongs to another territory"), "quarter")
    if local_date(now) < period.opens_on:
        raise Conflict(lazy("This period has not opened yet."), "quarter")
    _need_participation(resident, period.year, period.quarter)
    if queries.versions_of(resident.id, period.id):
        raise Conflict(lazy("A report of this quarter has already been started."), "quarter")
    first, last = rules.first_day(period.year, period.quarter), rules.last_day(period.year, period.quarter)
    if entry_for_quarter(resident.territory, resident.bin, first, last).id != resident.id:
        # A report's key is the company and the quarter (``exchange.md`` 2): it is sent once, by the entry that goes on.
        raise Conflict(lazy("The company's newer entry reports for this quarter."), "quarter")
    return _draft(resident, period, 1, now)


def _draft(resident: Resident, period: ReportingPeriod, version: int, now: datetime, **values: Any) -> Report:
    report = Report(
        resident_id=resident.id, period_id=period.id, version=version, status=str(Status.DRAFT), revision=0,
        updated_at=now, **values,
    )  # fmt: skip
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
) -> None:
    """Keep what the resident has typed so far; nothing need be complete yet.

    ``none`` holds the sections marked as empty on purpose; ``revision`` is that of the page the figures came from.

    :raises Conflict: when somebody has saved in between, or the report can no longer be changed.
    :raises LinesRefused: for what the register could not even keep.
    """
    _need_own(actor, report.resident)
    _live(report.resident)
    if report.status not in rules.EDITABLE:
        rules.next_status(report.status, Move.SUBMIT)
    _same_revision(report, revision)
    found = [
        rules.Finding(position, line.section, field, message)
        for position, line in enumerate(lines, start=1)
        for field, message in _unkeepable(line)
    ]
    if found:
        raise LinesRefused(found)
    _put_lines(report, lines)
    for section, flag in NONE_FLAGS.items():
        setattr(report, flag, section in none)
    report.explanation = (explanation or "").strip() or None
    report.revision += 1
    report.updated_at = now
    db.session.flush()
    db.session.expire(report, ["lines"])


def _unkeepable(line: Line) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if line.section not in set(rules.Section):
        found.append(
            ("section", lazy("%(section)s is not one of revenue, tax, investment, staff", section=line.section))
        )
    if len(line.code) > 40:
        found.append(("code", lazy("%(code)s is not a valid code", code=line.code)))
    if line.count is not None and abs(line.count) > rules.MAX_COUNT:
        found.append(("count", lazy("this number is too large")))
    if line.country and len(line.country) != 2:
        found.append(("country", lazy("%(code)s is not a country code of two capital letters", code=line.country)))
    return found


def discard_draft(actor: Viewer, report: Report) -> None:
    """Throw away a version that was never sent; nobody else has seen it, so the journal does not know it either.

    :raises Conflict: for a version that was sent.
    """
    _need_own(actor, report.resident)
    if report.status != Status.DRAFT:
        raise Conflict(lazy("Only a draft that was never sent can be discarded."))
    db.session.delete(report)
    db.session.flush()


def submit(actor: Viewer, report: Report, *, revision: int, now: datetime) -> None:
    """Send a report to the company for its decision.

    :raises LinesRefused: naming what the rules refuse and at which line.
    :raises Conflict: when it was changed or sent in between, or a correction changes nothing.
    """
    _need_own(actor, report.resident)
    _live(report.resident)
    after = rules.next_status(report.status, Move.SUBMIT)
    _same_revision(report, revision)
    lines = report_lines.lines_of(report.id)
    none = none_sections(report)
    refused = [
        finding
        for finding in report_lines.findings(report, lines, none, local_date(now))
        if finding.severity is Severity.ERROR
    ]
    if refused:
        raise LinesRefused(refused)
    accepted = _accepted_before(report)
    if accepted is not None and _same_content(accepted, report, lines):
        raise Conflict(lazy("This correction changes nothing. Change a figure, or discard the correction."))
    # What the last sending of this version said, or what the version it corrects says.
    sent = report_lines.submissions(report)
    before = None
    if sent:
        before = journal_lines(sent[-1].lines)
    elif accepted:
        before = journal_lines(report_lines.lines_of(accepted.id))
    previous = str(report.status)
    report.status = str(after)
    report.submitted_by = actor.user_id
    report.decided_at = report.decided_by = None
    report.revision += 1
    report.updated_at = now
    changes: dict[str, tuple[Any, Any]] = {"status": (previous, str(after))}
    if not sent:
        changes |= {
            name: (None, getattr(report, name))
            for name in _REPORT_FIELDS
            if name != "status" and getattr(report, name) is not None
        }
    else:
        changes |= {name: (None, getattr(report, name)) for name in (*NONE_FLAGS.values(), "explanation")}
    kept = journal_lines(lines)
    if not sent or kept != before:
        changes["lines"] = (before, kept)
    entry = record(
        actor, Action.REPORT_SUBMITTED, report, changes, now=now, effective_on=_effective(report),
        parent=report.resident,
    )  # fmt: skip
    report.submitted_at = entry.recorded_at
    db.session.flush()


def accept(actor: Viewer, report: Report, *, now: datetime, revision: int | None = None) -> None:
    """Accept a sent report: its figures count from the quarter's last day on and can never be changed.

    ``revision`` is that of the page the decision was made on.

    :raises Conflict: when it does not wait for a decision, or was changed since it was read.
    """
    actor.require(Permission.REVIEW_REPORTS)
    _live(report.resident)
    after = rules.next_status(report.status, Move.ACCEPT)
    _same_revision(report, revision)
    _settle(actor, report, after, report_lines.lines_of(report.id), _accepted_before(report), now, NO_BASIS)


def return_report(actor: Viewer, report: Report, *, reason: str, now: datetime, revision: int | None = None) -> None:
    """Send a report back to the resident, saying what to put right.

    :raises DomainError: without a reason.
    :raises Conflict: when it does not wait for a decision, or was changed since it was read.
    """
    actor.require(Permission.REVIEW_REPORTS)
    _live(report.resident)
    after = rules.next_status(report.status, Move.RETURN)
    _same_revision(report, revision)
    reason = _need_reason(reason)
    changes = {"status": (str(report.status), str(after)), "decision_note": (report.decision_note, reason)}
    report.status = str(after)
    report.decision_note = reason
    report.decided_by = actor.user_id
    report.revision += 1
    report.updated_at = now
    entry = record(
        actor, Action.REPORT_RETURNED, report, changes, now=now, effective_on=_effective(report),
        parent=report.resident, reason=reason,
    )  # fmt: skip
    report.decided_at = entry.recorded_at
    db.session.flush()


def start_correction(actor: Viewer, report: Report, *, reason: str, now: datetime) -> Report:
    """Begin the next version of an accepted report, copied from it; the accepted one stays in force meanwhile.

    :raises DomainError: without a reason.
    :raises Conflict: for a report that is not accepted, was superseded, or has an open version.
    """
    _need_own(actor, report.resident)
    _live(report.resident)
    if report.status != Status.ACCEPTED:
        raise Conflict(lazy("Only an accepted report needs a correction; this one can still be changed itself."))
    reason = _need_reason(reason)
    newest_id, version, status = queries.versions_of(report.resident_id, report.period_id)[-1]
    if status != Status.ACCEPTED:
        raise Conflict(lazy("A correction of this report is already under way."))
    if newest_id != report.id:
        raise Conflict(lazy("This version has been superseded. Correct the newest one."))
    copied = {name: getattr(report, name) for name in (*NONE_FLAGS.values(), "explanation")}
    correction = _draft(report.resident, report.period, version + 1, now, correction_reason=reason, **copied)
    _put_lines(correction, report_lines.lines_of(report.id))
    return correction


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

    A quarter not yet opened is opened by it; other lines than those accepted make a correcting version
    (``exchange.md`` 2). Version 1 of the result is a report created, a later one a report updated.

    :raises Invalid: naming year or quarter.
    :raises LinesRefused: naming what the rules refuse and at which line.
    :raises Conflict: (``quarter``) while the resident's draft, sent or returned version of the quarter is open.
    """
    actor.require(Permission.IMPORT_FILES)
    _live(resident)
    found = rules.period_problems(year, quarter)
    if found:
        raise Invalid(found)
    _need_participation(resident, year, quarter)
    refused = rules.line_problems(lines, rules.last_day(year, quarter), local_date(now), reference.is_valid)
    if refused:
        raise LinesRefused(refused)
    basis = basis or Basis(source)
    period = reporting_periods.find_period(resident.territory_id, year, quarter)
    if period is None:
        dates = rules.proposed_dates(year, quarter)
        period = _open(actor, resident.territory, year, quarter, dates, now, basis)
    known = queries.versions_of(resident.id, period.id)
    if any(status != Status.ACCEPTED for _id, _version, status in known):
        raise Conflict(
            lazy("an open report of this quarter stands in the way; decide on it or let the resident finish it first"),
            "quarter",
        )
    accepted = db.session.get(Report, known[-1][0]) if known else None
    old_lines = report_lines.lines_of(accepted.id) if accepted else None
    if old_lines is not None and rules.same_lines(old_lines, lines):
        return None
    report = _draft(resident, period, len(known) + 1, now, source=source)
    _put_lines(report, lines)
    _settle(actor, report, Status.ACCEPTED, lines, accepted, now, basis, old_lines)
    return report


def _settle(
    actor: Viewer,
    report: Report,
    after: Status,
    lines: Sequence[Line],
    accepted: Report | None,
    now: datetime,
    basis: Basis,
    old_lines: Sequence[Line] | None = None,
) -> None:
    """Record the acceptance, then set the status: from that moment the database refuses every change."""
    if accepted is not None and old_lines is None:
        old_lines = report_lines.lines_of(accepted.id)
    new = {name: getattr(report, name) for name in _REPORT_FIELDS} | {"status": str(after)}
    # The entry holds everything, so that the journal alone tells what was accepted.
    changes: dict[str, tuple[Any, Any]] = {
        name: (getattr(accepted, name) if accepted else None, value) for name, value in new.items() if value is not None
    }
    changes["lines"] = (journal_lines(old_lines) if old_lines is not None else None, journal_lines(lines))
    entry = record(
        actor, Action.REPORT_ACCEPTED, report, changes, now=now, effective_on=_effective(report),
        parent=report.resident, basis=basis, reason=report.correction_reason,
    )  # fmt: skip
    report.status = str(after)
    report.decided_at = entry.recorded_at
    report.decided_by = actor.user_id
    report.decision_note = None
    report.revision += 1
    report.updated_at = now
    db.session.flush()


def journal_lines(lines: Sequence[Line]) -> list[dict[str, object]]:
    """Lines as the journal keeps them: in their order, each with the columns that are set."""
    return [
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name in LINE_FIELDS
            if (value := getattr(line, name)) is not None
        }
        for line in lines
    ]


def none_sections(report: Report) -> frozenset[str]:
    """The sections marked as empty on purpose."""
    return frozenset(section for section, flag in NONE_FLAGS.items() if getattr(report, flag))


def _put_lines(report: Report, lines: Sequence[Line]) -> None:
    db.session.flush()
    db.session.execute(sa.delete(ReportLine).where(ReportLine.report_id == report.id))
    rows: list[Mapping[str, Any]] = [
        {"report_id": report.id, "position": position, **{name: getattr(line, name) for name in LINE_FIELDS}}
        for position, line in enumerate(lines, start=1)
    ]
    if rows:
        db.session.execute(sa.insert(ReportLine), rows)
    db.session.expire(report, ["lines"])


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


def _same_content(accepted: Report, report: Report, lines: Sequence[Line]) -> bool:
    columns = (*NONE_FLAGS.values(), "explanation")
    return all(getattr(accepted, name) == getattr(report, name) for name in columns) and rules.same_lines(
        report_lines.lines_of(accepted.id), lines
    )


def _effective(report: Report) -> date:
    """An act on a report takes effect on the last day of its quarter (``exchange.md`` 3)."""
    return rules.last_day(report.period.year, report.period.quarter)


def _need_own(actor: Viewer, resident: Resident) -> None:
    """Figures are the resident's: nobody fills them in for the company (a file import is an act of its own)."""
    actor.require(Permission.FILL_REPORTS)
    if actor.company_bin is not None and resident.bin != actor.company_bin:
        raise NotAllowed(lazy("Your role does not permit this."))


def _need_participation(resident: Resident, year: int, quarter: int) -> None:
    ended_on = excluded_on(status_changes(resident))
    first, last = rules.first_day(year, quarter), rules.last_day(year, quarter)
    if not participates_in(resident.registered_on, ended_on, first, last):
        raise Conflict(lazy("%(bin)s was not a participant on any day of the quarter", bin=resident.bin), "quarter")


def _same_revision(report: Report, revision: int | None) -> None:
    if revision is not None and report.revision != revision:
        raise Conflict(
            lazy(
                "Somebody has changed this report since you opened it. Compare with what is stored now, then try again."
            )
        )


def _live(resident: Resident) -> None:
    if resident.annulled_at is not None:
        raise Conflict(lazy("This entry has been annulled and cannot be changed."))


def _need_reason(reason: str | None) -> str:
    if not reason or not reason.strip():
        raise DomainError(lazy("this field is required"), "reason")
    return reason.strip()
