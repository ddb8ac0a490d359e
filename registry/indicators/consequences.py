"""What acts on the registers mean for the patents that count: those of a closed year stay as they were counted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from registry.errors import Conflict
from registry.indicators import counted
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal.acts import Consequence, Proposed
from registry.patents import acts as of_patents
from registry.patents import queries as patents
from registry.patents.models import Patent, PatentEvent
from registry.reports import reporting_periods, rules
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import MOVES_PARTICIPATION


def _patents_of(proposed: Proposed) -> Collection[int]:
    """The patents whose count an act could move."""
    subject = proposed.subject
    if isinstance(subject, Patent):
        return [subject.id]
    if isinstance(subject, PatentEvent):
        return [subject.patent_id]
    assert isinstance(subject, Resident | StatusChange)  # noqa: S101 - the acts below are of these
    entry = subject if isinstance(subject, Resident) else db.session.get_one(Resident, subject.resident_id)
    return patents.ever_held_by(residents.bins_ever([entry.id]))


def _keep_closed_years(_actor: Viewer, proposed: Proposed, _now: datetime) -> None:
    """Refuse an act that moves indicator 6 of a closed year (``exchange.md`` 5, rule 18).

    It is asked once the act is on record, since only then the registers tell what counts; the refusal takes it back.

    :raises Conflict: naming the year.
    """
    closed = reporting_periods.closed_years()
    if not closed:
        return
    for _patent, territory_id, day in sorted(counted.moved(_patents_of(proposed))):
        if (territory_id, day.year) in closed:
            raise Conflict(rules.closed_problem(day.year), "year")


CONSEQUENCES = (
    Consequence(
        frozenset(of_patents.ACTS) | MOVES_PARTICIPATION,
        follow=_keep_closed_years,
    ),
)
"""What acts mean for indicators."""
