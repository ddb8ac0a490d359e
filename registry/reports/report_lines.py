"""Reading the lines of one report: as they stand, as they were sent, and what the rules say of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.reports import rules
from registry.reports.accepted import in_force
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.queries import sent_for, versions
from registry.reports.rules import LINE_FIELDS, NONE_FLAGS, KeptLine, Line
from registry.residents.models import Resident

LONGEST_SHOWN = 60
"""Characters shown of a cell that cannot be read."""


def lines_of(report_id: int) -> list[Line]:
    """The lines of a report in their order."""
    columns = [getattr(ReportLine, name) for name in LINE_FIELDS]
    rows = db.session.execute(
        sa.select(*columns).where(ReportLine.report_id == report_id).order_by(ReportLine.position)
    )
    return [Line(*row) for row in rows]


def kept_lines(report_id: int) -> list[KeptLine]:
    """The lines of a version in their order, each with its identity."""
    return kept_lines_of([report_id]).get(report_id, [])


def kept_lines_of(report_ids: Collection[int]) -> dict[int, list[KeptLine]]:
    """The same of as many versions as one statement may ask for, by their ids; those without lines are left out."""
    found: dict[int, list[KeptLine]] = {}
    for report_id, number, *values in _kept_rows(report_ids):
        found.setdefault(report_id, []).append((number, Line(*values)))
    return found


def kept_values_of(report_ids: Collection[int]) -> dict[int, list[tuple[int, dict[str, object]]]]:
    """The same as the columns that are set, which is all that a hash needs (:func:`rules.line_values`)."""
    found: dict[int, list[tuple[int, dict[str, object]]]] = {}
    for report_id, number, *values in _kept_rows(report_ids):
        told = {name: value for name, value in zip(LINE_FIELDS, values, strict=True) if value is not None}
        found.setdefault(report_id, []).append((number, told))
    return found


def _kept_rows(report_ids: Collection[int]) -> Iterable[Any]:
    rows = ReportLine.__table__.c
    return db.session.execute(
        sa.select(rows.report_id, rows.line_id, *(rows[name] for name in LINE_FIELDS))
        .where(rows.report_id.in_(report_ids))
        .order_by(rows.report_id, rows.position)
    )


def known_lines(report: Report) -> list[KeptLine]:
    """The lines of a draft, then those of the version before that the draft has no more: either may come back."""
    own, before = kept_lines(report.id), version_before(report)
    present = {number for number, _line in own}
    return own + [item for item in (kept_lines(before.id) if before else ()) if item[0] not in present]


def version_before(report: Report) -> Report | None:
    """The version this one was opened from; None for the first."""
    return db.session.scalar(
        sa.select(Report).where(
            Report.resident_id == report.resident_id,
            Report.period_id == report.period_id,
            Report.version == report.version - 1,
        )
    )


def none_sections(report: Report) -> frozenset[str]:
    """The sections marked as empty on purpose."""
    return frozenset(section for section, flag in NONE_FLAGS.items() if getattr(report, flag))


def content_hash(report: Report, lines: Sequence[KeptLine]) -> str:
    """The hash of all that a version says, with these lines."""
    return rules.content_hash(lines, none_sections(report), report.explanation, report.correction_reason)


def as_lines(report: Report) -> list[Line]:
    """The lines of a report already read, in their order."""
    return [Line(**{name: getattr(row, name) for name in LINE_FIELDS}) for row in report.lines]


def previous_lines(resident: Resident, year: int, quarter: int) -> list[Line] | None:
    """The company's accepted lines of the quarter before, in the same territory; None when there is no such report."""
    before = rules.preceding(year, quarter)
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
            in_force(),
        )
        .order_by(Report.id.desc())
        .limit(1)
    )
    return None if report_id is None else lines_of(report_id)


def accepted_lines(versions: Sequence[Report]) -> list[Line]:
    """The lines of the last accepted one of some versions in their order; none where none was accepted."""
    accepted = [report for report in versions if report.status == rules.Status.ACCEPTED]
    return lines_of(accepted[-1].id) if accepted else []


def accepted_before(report: Report) -> Report | None:
    """The version of the company and quarter, under whichever entry, whose place an accepted one took."""
    entry = aliased(Resident)
    own = db.session.get_one(Resident, report.resident_id)
    return db.session.scalar(
        sa.select(Report)
        .join(entry, entry.id == Report.resident_id)
        .where(
            entry.territory_id == own.territory_id,
            entry.bin == own.bin,
            Report.period_id == report.period_id,
            Report.status == rules.Status.ACCEPTED,
            sa.or_(
                Report.decided_at < report.decided_at,
                sa.and_(Report.decided_at == report.decided_at, Report.id < report.id),
            ),
        )
        .order_by(Report.decided_at.desc(), Report.id.desc())
        .limit(1)
    )


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent at one time."""

    sequence: int
    recorded_at: datetime
    lines: tuple[Line, ...]


def submissions(report: Report) -> list[Submission]:
    """What was sent up to this version since one was last accepted, oldest first."""
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, key) for key in sent_for(report)],
        actions=[Action.REPORT_SUBMITTED],
        limit=1000,
    )
    found: list[Submission] = []
    for entry in reversed(entries):
        lines = _told(entry, found[-1].lines if found else ())
        found.append(Submission(entry.sequence, entry.recorded_at, lines))
    return found


def _told(entry: journal.HistoryEntry, before: tuple[Line, ...]) -> tuple[Line, ...]:
    """The lines an act on a report speaks of: those of the version, which sending froze.

    Before versions were frozen, several sendings of one version told their lines in the journal, where they changed.
    """
    new = entry.changes.get("lines", (None, None))[1]
    if new is None:
        return before
    if isinstance(new, list):
        return tuple(line_from_journal(values) for values in new)
    return tuple(lines_of(entry.subject_id))


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

    Oldest first. Nothing of it is lost when a draft is changed, since every version sent stays (``design.md`` 10,
    task 4).
    """
    numbers = {row.id: row.version for row in versions(report, viewer)}
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, key) for key in numbers],
        actions=[
            Action.REPORT_SUBMITTED,
            Action.REPORT_RETURNED,
            Action.REPORT_RETURN_TAKEN_BACK,
            Action.REPORT_ACCEPTED,
        ],
        limit=1000,
    )
    found: list[LineEvent] = []
    standing: tuple[Line, ...] = ()
    for entry in reversed(entries):
        before = standing
        standing = tuple(line for line in _told(entry, before) if (line.section, line.code) == (section, code))
        found.append(LineEvent(entry, numbers[entry.subject_id], entry.subject_id, standing, standing != before))
    return found


def line_from_journal(values: Mapping[str, Any]) -> Line:
    """A line as the journal kept it before versions were frozen, turned back."""
    fields = dict(values)
    if fields.get("document_date"):
        fields["document_date"] = date.fromisoformat(str(fields["document_date"]))
    return Line(**fields)


def questions(report: Report) -> list[rules.Question]:
    """What of a version's figures must be confirmed before it is sent, against the quarter before."""
    before = previous_lines(report.resident, report.period.year, report.period.quarter)
    if before is None:
        return []
    return rules.questions(lines_of(report.id), none_sections(report), rules.totals(before))


def findings(report: Report, lines: Sequence[Line], none: Collection[str], today: date) -> list[rules.Finding]:
    """Everything the rules have to say about a report, by line."""
    period = report.period
    ends = rules.last_day(period.year, period.quarter)
    territory_id = period.territory_id
    found = rules.line_problems(lines, ends, reference.valid_in(territory_id))
    found += rules.document_dates(lines, rules.first_day(period.year, period.quarter), today)
    found += rules.report_problems(lines, none)
    before = previous_lines(report.resident, period.year, period.quarter)
    counts = counts_on(ends, territory_id)
    found += rules.evidence_missing(lines, counts, rules.Severity.ERROR)
    found += rules.warnings(lines, counts, None if before is None else rules.totals(before))
    unread = rules.unread_cells(report.unread)
    marked = {(cell.position, cell.field) for cell in unread}
    found = [finding for finding in found if (finding.position, finding.field) not in marked]
    found += [_unreadable(cell, lines) for cell in unread]
    return sorted(found, key=lambda finding: (finding.position is None, finding.position or 0))


def _unreadable(cell: rules.Unread, lines: Sequence[Line]) -> rules.Finding:
    """What is said of a cell that was kept as it was typed."""
    section: str | None = rules.Section.STAFF if cell.field in rules.STAFF_CODES else None
    if cell.position is not None and cell.position <= len(lines):
        section = lines[cell.position - 1].section
    shown = cell.text if len(cell.text) <= LONGEST_SHOWN else cell.text[:LONGEST_SHOWN] + "…"
    return rules.Finding(
        cell.position, section, cell.field, lazy("“%(text)s” cannot be read here; enter it anew", text=shown)
    )


def nearest_codes(lines: Iterable[Line], day: date, territory_id: int) -> list[tuple[str | None, object]]:
    """What to tell of dictionaries without any code on the quarter's last day: their nearest codes are taken."""
    used = {line.section for line in lines}
    return [
        (
            "code",
            lazy(
                "the dictionary %(name)s holds no code of %(day)s; its nearest codes are taken",
                name=dictionary,
                day=day.isoformat(),
            ),
        )
        for section, dictionary in rules.DICTIONARIES.items()
        if section in used and reference.lacks(dictionary, day, territory_id=territory_id)
    ]


def counts_on(day: date, territory_id: int | None = None) -> Callable[[str, str], bool]:
    """Whether a (section, code) counts for its indicator on a day."""
    counting = {
        str(section): reference.counting_codes(dictionary, day, territory_id=territory_id)
        for section, dictionary in rules.DICTIONARIES.items()
    }
    return lambda section, code: code in counting.get(section, frozenset())
