"""The check that every version of a report still says what it said when it was sent or accepted."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from registry.infra.db import Base, db
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.reports import report_lines
from registry.reports.models import Report


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
        for act in acts:
            told = act.changes.get("data_hash", (None, None))[1]
            # Before versions were frozen the entry held the lines themselves.
            if told is None:
                continue
            report = db.session.scalar(sa.select(Report).where(Report.id == act.subject_id))
            if report is None:
                yield f"{self.name}: entry {act.sequence}: report {act.subject_id} is missing"
            elif report_lines.content_hash(report, report_lines.kept_lines(report.id)) != told:
                yield f"{self.name}: entry {act.sequence}: report {report.id} does not say what was recorded"


SENT = SentVersions()
