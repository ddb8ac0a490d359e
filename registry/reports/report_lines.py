"""Reading the lines of one report: as they stand, as they were sent, and what the rules say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.reports import rules
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.queries import versions
from registry.reports.rules import LINE_FIELDS, Line, Status
from registry.residents.models import Resident


def lines_of(report_id: int) -> list[Line]:
    """The lines of a report in their order."""
    columns = [getattr(ReportLine, name) for name in LINE_FIELDS]
    rows = db.session.execute(
        sa.select(*columns).where(ReportLine.report_id == report_id).order_by(ReportLine.position)
    )
    return [Line(*row) for row in rows]


def as_lines(report: Report) -> list[Line]:
    """The lines of a report already read, in their order."""
    return [Line(**{name: getattr(row, name) for name in LINE_FIELDS}) for row in report.lines]


def previous_lines(resident: Resident, year: int, quarter: int) -> list[Line] | None:
    """The company's accepted lines of the quarter before, in the same territory; None when there is no such report."""
    before = rules.preceding(year, quarter)
    later = Report.__table__.alias("later")
    newer = sa.exists(
        sa.select(1)
        .select_from(later)
        .where(
            later.c.resident_id == Report.resident_id,
            later.c.period_id == Report.period_id,
            later.c.version > Report.version,
            later.c.status == Status.ACCEPTED,
        )
    )
    report_id = db.session.scalar(
        sa.select(Report.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .where(
            Resident.bin == resident.bin,
            Resident.annulled_at.is_(None),
            ReportingPeriod.territory_id == resident.territory_id,
            ReportingPeriod.year == before[0],
            ReportingPeriod.quarter == before[1],
            Report.status == Status.ACCEPTED,
            ~newer,
        )
        .order_by(Report.id.desc())
        .limit(1)
    )
    return None if report_id is None else lines_of(report_id)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent at one time, as the journal keeps it."""

    sequence: int
    recorded_at: datetime
    lines: tuple[Line, ...]


def submissions(report: Report) -> list[Submission]:
    """What was sent for this version, oldest first."""
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, report.id)], actions=[Action.REPORT_SUBMITTED], limit=1000
    )
    found: list[Submission] = []
    for entry in reversed(entries):
        if "lines" in entry.changes:
            lines = tuple(line_from_journal(values) for values in entry.changes["lines"][1])
        else:
            lines = found[-1].lines if found else ()
        found.append(Submission(entry.sequence, entry.recorded_at, lines))
    return found


@dataclass(frozen=True)
class LineEvent:
    """What became of the figures under one code by one act on a report; ``changed`` tells them from those before."""

    entry: journal.HistoryEntry
    version: int
    report_id: int
    lines: tuple[Line, ...]
    changed: bool

    @property
    def figure(self) -> int | None:
        """The sum of the figures; None where there is none."""
        found = [line.figure for line in self.lines if line.figure is not None]
        return sum(found) if found else None


def line_history(report: Report, section: str, code: str, viewer: Viewer) -> list[LineEvent]:
    """The figures under a code through every sending, return and acceptance of a report and its corrections.

    Oldest first. All of it stands in the journal, where nothing is lost when a draft is changed (``features.md`` 5.3,
    task 4).
    """
    numbers = {row.id: row.version for row in versions(report, viewer)}
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, key) for key in numbers],
        actions=[Action.REPORT_SUBMITTED, Action.REPORT_RETURNED, Action.REPORT_ACCEPTED],
        limit=1000,
    )
    found: list[LineEvent] = []
    standing: tuple[Line, ...] = ()
    for entry in reversed(entries):
        before = standing
        if "lines" in entry.changes:
            sent = map(line_from_journal, entry.changes["lines"][1])
            standing = tuple(line for line in sent if (line.section, line.code) == (section, code))
        found.append(LineEvent(entry, numbers[entry.subject_id], entry.subject_id, standing, standing != before))
    return found


def line_from_journal(values: Mapping[str, Any]) -> Line:
    """A line as the journal keeps it (:func:`registry.reports.services.journal_lines`), turned back."""
    fields = dict(values)
    if fields.get("document_date"):
        fields["document_date"] = date.fromisoformat(str(fields["document_date"]))
    return Line(**fields)


def findings(report: Report, lines: Sequence[Line], none: Collection[str], today: date) -> list[rules.Finding]:
    """Everything the rules have to say about a report, by line."""
    period = report.period
    ends = rules.last_day(period.year, period.quarter)
    found = rules.line_problems(lines, ends, today, reference.is_valid)
    found += rules.report_problems(lines, none)
    before = previous_lines(report.resident, period.year, period.quarter)
    found += rules.warnings(lines, counts_on(ends), None if before is None else rules.totals(before))
    return sorted(found, key=lambda finding: (finding.position is None, finding.position or 0))


def counts_on(day: date) -> Callable[[str, str], bool]:
    """Whether a (section, code) counts for its indicator on a day."""
    counting = {
        str(section): reference.counting_codes(dictionary, day) for section, dictionary in rules.DICTIONARIES.items()
    }
    return lambda section, code: code in counting.get(section, frozenset())
