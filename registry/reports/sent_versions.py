"""The checks that every version of a report still says what it said when it was sent or accepted, and stands where the
acts on it brought it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from registry.infra.db import Base, db
from registry.journal import queries as journal
from registry.journal.checked import Checked, ToldTable, Values, told_of
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.reports import report_lines
from registry.reports.models import ClosedYear, Report, ReportingPeriod, ReportLine
from registry.reports.rules import NONE_FLAGS, Status

_AT_ONCE = 200
"""How many versions are looked up together."""


class SentVersions:
    """What was sent stands in the versions themselves, so nothing is derived; the journal holds their hashes."""

    name = "versions of reports"

    def follow(self, entry: JournalEntry) -> None:
        """A version is written before its act."""

    def forget(self, subject: Base) -> None:
        """A report holds nothing personal."""

    def is_missing(self) -> bool:
        return False

    def rebuild(self) -> int:
        return 0

    def differences(self) -> Iterator[str]:
        acts = journal.all_entries(actions=[Action.REPORT_SUBMITTED, Action.REPORT_ACCEPTED])
        while some := list(islice(acts, _AT_ONCE)):
            yield from self._differences_of(some)

    def _differences_of(self, acts: Sequence[journal.HistoryEntry]) -> Iterator[str]:
        ids = {act.subject_id for act in acts}
        reports = {report.id: report for report in db.session.scalars(sa.select(Report).where(Report.id.in_(ids)))}
        lines = report_lines.kept_lines_of(ids)
        for act in acts:
            told = act.changes.get("data_hash", (None, None))[1]
            # Before versions were frozen the entry held the lines themselves.
            if told is None:
                continue
            report = reports.get(act.subject_id)
            if report is None:
                yield f"{self.name}: entry {act.sequence}: report {act.subject_id} is missing"
            elif report_lines.content_hash(report, lines.get(report.id, [])) != told:
                yield f"{self.name}: entry {act.sequence}: report {report.id} does not say what was recorded"


SENT = SentVersions()

_TOLD = ("resident_id", "period_id", "version", "status", *NONE_FLAGS.values(), "correction_reason", "explanation",
         "source")  # fmt: skip


def _reports() -> Mapping[int, Values]:
    """What the acts on each version sent add up to."""
    told: dict[int, dict[str, Any]] = {}
    for entry, action, key, values in told_of(Report):
        row = told.setdefault(key, dict.fromkeys(_TOLD) | dict.fromkeys(NONE_FLAGS.values(), False) | _NOT_DECIDED)
        row |= {name: value for name, value in values.items() if name in _TOLD}
        if action == Action.REPORT_SUBMITTED:
            row |= {"submitted_at": entry.recorded_at, "submitted_by": entry.actor_id}
        elif action == Action.REPORT_RETURN_TAKEN_BACK:
            row |= {"decided_at": None, "decided_by": None, "decision_note": None}
        else:
            note = entry.reason if action == Action.REPORT_RETURNED else None
            row |= {"decided_at": entry.recorded_at, "decided_by": entry.actor_id, "decision_note": note}
    return told


_NOT_DECIDED = dict.fromkeys(("submitted_at", "submitted_by", "decided_at", "decided_by", "decision_note"))


def _never_sent(row: Values) -> bool:
    return row["status"] == Status.DRAFT


def _periods() -> dict[int, Values]:
    return {key: state.values for key, state in journal.states(ReportingPeriod).items()}


def _closed_years() -> Mapping[int, Values]:
    return journal.last_values(ClosedYear)


class _Positions:
    """Lines are numbered without gaps: their order alone is in the hash of a version."""

    name = "lines of versions of reports"

    def differences(self) -> Iterator[str]:
        places = (sa.func.count(), sa.func.min(ReportLine.position), sa.func.max(ReportLine.position))
        for key, count, first, last in db.session.execute(
            sa.select(ReportLine.report_id, *places).group_by(ReportLine.report_id).order_by(ReportLine.report_id)
        ):
            if (first, last) != (1, count):
                yield f"{self.name}: report {key}: its lines are not numbered from 1 to {count}"


CHECKED: tuple[Checked, ...] = (
    _Positions(),
    ToldTable(ClosedYear, _closed_years),
    ToldTable(ReportingPeriod, _periods),
    ToldTable(Report, _reports, untold=_never_sent),
)
"""What of the reports is held to the journal, and cannot be derived anew."""
