"""The newest version of each report that was sent, kept in the order of the list, so that every page costs the same.

What stands in the list follows from the acts on reports, and its order from the names of their companies; it is brought
up to the acts of a transaction at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from registry.infra.access import SYSTEM
from registry.infra.db import Base, before_commit, db, in_parts
from registry.journal.models import JournalEntry
from registry.reports.models import ListedReport, Report
from registry.reports.queries import as_listed
from registry.reports.rules import Status
from registry.residents.models import Resident


class Listed:
    """The table behind the list of reports."""

    name = "listed reports"

    def follow(self, entry: JournalEntry) -> None:
        if entry.subject_type == Resident.__tablename__:
            self._note(entry.subject_id)
        elif entry.subject_type == Report.__tablename__:
            self._note(entry.parent_id)

    def _note(self, resident_id: int | None) -> None:
        db.session().info.setdefault("listed_reports", set()).add(resident_id)
        before_commit(self.settle)

    def settle(self) -> None:
        """List the reports of every entry anew that something was recorded about since the last time."""
        changed = sorted(db.session().info.pop("listed_reports", set()))
        for some in in_parts(changed):
            db.session.execute(sa.delete(ListedReport).where(ListedReport.resident_id.in_(some)))
            _fill(some)

    def forget(self, subject: Base) -> None:
        """Nothing personal that can be erased is kept."""

    def is_missing(self) -> bool:
        sent = sa.exists(sa.select(1).select_from(Report).where(Report.status != Status.DRAFT))
        listed = sa.exists(sa.select(1).select_from(ListedReport))
        return bool(db.session.scalar(sa.select(sent))) and not db.session.scalar(sa.select(listed))

    def rebuild(self) -> int:
        db.session.execute(sa.delete(ListedReport))
        _fill(None)
        return db.session.scalar(sa.select(sa.func.count()).select_from(ListedReport)) or 0

    def differences(self) -> Iterator[str]:
        kept = {row.report_id: tuple(row) for row in db.session.execute(sa.select(*ListedReport.__table__.columns))}
        told = {row.report_id: tuple(row) for row in db.session.execute(_newest(None))}
        for key in sorted(kept.keys() | told.keys()):
            if kept.get(key) != told.get(key):
                yield f"{self.name}: report {key} stands there as {kept.get(key)}, the reports say {told.get(key)}"


def _newest(resident_ids: Sequence[int] | None) -> sa.Select:
    """The rows of the table, by its columns: of every entry, or of some."""
    statement = as_listed(SYSTEM)
    return statement if resident_ids is None else statement.where(Report.resident_id.in_(resident_ids))


def _fill(resident_ids: Sequence[int] | None) -> None:
    columns = [column.name for column in ListedReport.__table__.columns]
    db.session.execute(sa.insert(ListedReport).from_select(columns, _newest(resident_ids)))


LISTED = Listed()
