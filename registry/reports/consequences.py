"""What acts on the register mean for reports."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from registry.infra.db import db
from registry.infra.findings import Finding, Weight
from registry.infra.i18n import format_quarter, lazy
from registry.journal.acts import Consequence, Proposed
from registry.journal.rules import Action
from registry.reports import rules
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Status
from registry.residents.models import Resident, StatusChange


def _quarters(resident_id: int, *statuses: Status) -> list[tuple[int, int]]:
    """The quarters of which an entry has a report, of these statuses where any is given."""
    statement = (
        sa.select(ReportingPeriod.year, ReportingPeriod.quarter)
        .join(Report, Report.period_id == ReportingPeriod.id)
        .where(Report.resident_id == resident_id)
        .distinct()
        .order_by(ReportingPeriod.year, ReportingPeriod.quarter)
    )
    if statuses:
        statement = statement.where(Report.status.in_(statuses))
    return [(row.year, row.quarter) for row in db.session.execute(statement)]


def _in_words(quarters: list[tuple[int, int]]) -> str:
    return ", ".join(format_quarter(*quarter) for quarter in quarters)


def _entry_annulled(proposed: Proposed) -> Iterator[Finding]:
    """An entry that has reported is not annulled."""
    assert isinstance(proposed.subject, Resident)  # noqa: S101 - the act is one of entries
    found = _quarters(proposed.subject.id)
    if found:
        yield Finding(
            Weight.FORBIDS,
            lazy(
                "Reports rest on this entry (%(quarters)s). Exclude the participant instead.",
                quarters=_in_words(found),
            ),
        )


def _excluded(proposed: Proposed) -> Iterator[Finding]:
    """Accepted quarters that begin on the day of exclusion or later count no more."""
    assert isinstance(proposed.subject, StatusChange)  # noqa: S101 - the act is a change of status
    found = [
        quarter
        for quarter in _quarters(proposed.subject.resident_id, Status.ACCEPTED)
        if rules.first_day(*quarter) >= proposed.effective_on
    ]
    if found:
        yield Finding(
            Weight.ASKS,
            lazy(
                "Reports already accepted lie after this day: %(quarters)s. The company then took no part in these"
                " quarters.",
                quarters=_in_words(found),
            ),
        )


CONSEQUENCES = (
    Consequence(frozenset({Action.RESIDENT_ANNULLED}), what_follows=_entry_annulled),
    Consequence(frozenset({Action.STATUS_EXCLUDED}), what_follows=_excluded),
)
