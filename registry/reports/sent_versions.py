"""The checks that every version of a report still says what it said when it was sent or accepted, and stands where the
acts on it brought it.
"""

from __future__ import annotations

import json
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
from registry.reports.rules import NONE_FLAGS, Status, values_hash

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
        acts = (
            sa.select(JournalEntry.sequence, JournalEntry.subject_id, JournalEntry.changes)
            .where(JournalEntry.action.in_([Action.REPORT_SUBMITTED, Action.REPORT_ACCEPTED]))
            .order_by(JournalEntry.sequence)
        )
        # Before versions were frozen the entry held the lines themselves.
        told = (
            (sequence, report_id, changes["data_hash"][1])
            for sequence, report_id, changed in db.session.execute(acts)
            if "data_hash" in (changes := json.loads(changed))
        )
        while some := list(islice(told, _AT_ONCE)):
            yield from self._differences_of(some)

    def _differences_of(self, told: Sequence[tuple[int, int, str]]) -> Iterator[str]:
        """``told``: of some acts, each one's sequence, its version's id and the hash recorded."""
        ids = {report_id for _sequence, report_id, _hash in told}
        columns = (*NONE_FLAGS.values(), "explanation", "correction_reason")
        chosen = sa.select(Report.id, *(getattr(Report, name) for name in columns)).where(Report.id.in_(ids))
        rows = {row["id"]: row for row in db.session.execute(chosen).mappings()}
        lines = report_lines.kept_values_of(ids)
        for sequence, report_id, recorded in told:
            row = rows.get(report_id)
            if row is None:
                yield f"{self.name}: entry {sequence}: report {report_id} is missing"
                continue
            none = [section for section, flag in NONE_FLAGS.items() if row[flag]]
            found = values_hash(lines.get(report_id, []), none, row["explanation"], row["correction_reason"])
            if found != recorded:
                yield f"{self.name}: entry {sequence}: report {report_id} does not say what was recorded"


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
