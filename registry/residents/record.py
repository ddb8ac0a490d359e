"""What stands on the page of a participant beside its fields: first and last tab, what of the entry needs attention."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import sqlalchemy as sa
from flask import url_for

from registry.infra.access import Viewer
from registry.infra.clock import today
from registry.infra.i18n import format_date, lazy
from registry.infra.i18n import gettext as _
from registry.infra.record import Attention, Concern, Part, Tab
from registry.journal import timeline
from registry.journal.timeline import Chapter, belonging, on
from registry.residents import queries
from registry.residents.models import Resident, ResidentState, StatusChange
from registry.residents.rules import Status

ACCREDITATION_DAYS = 60
"""An accreditation that ends within so many days needs attention."""


def _participating(resident: Resident) -> sa.Select | None:
    """The entry as it stands today, where it takes part."""
    if resident.annulled_at is not None:
        return None
    day = today()
    return sa.select(ResidentState.resident_id).where(
        ResidentState.resident_id == resident.id,
        *queries.in_force(day),
        ResidentState.status != Status.EXCLUDED,
    )


def _suspended(_viewer: Viewer, resident: Resident) -> sa.Select | None:
    found = _participating(resident)
    return None if found is None else found.where(ResidentState.status == Status.SUSPENDED)


def _tell_suspended(_viewer: Viewer, resident: Resident, _rows: sa.Select) -> Iterator[Concern]:
    changes = [row for row in queries.status_changes(resident) if row.effective_on <= today()]
    since = format_date(changes[-1].effective_on) if changes else ""
    yield Concern(
        _("The status is suspended"),
        _("since %(day)s; the company goes on reporting", day=since),
        url_for("residents.show", resident_id=resident.id, _anchor="card-status"),
    )


def _accreditation(_viewer: Viewer, resident: Resident) -> sa.Select | None:
    until, last = resident.accreditation_until, today() + timedelta(days=ACCREDITATION_DAYS)
    return None if until is None or until > last else _participating(resident)


def _tell_accreditation(_viewer: Viewer, resident: Resident, _rows: sa.Select) -> Iterator[Concern]:
    until = resident.accreditation_until
    if until is None:
        return
    number = resident.accreditation_no
    note = _("certificate %(number)s", number=number) if number else ""
    if until < today():
        yield Concern(_("The accreditation ended on %(day)s", day=format_date(until)), note)
    else:
        yield Concern(_("The accreditation ends on %(day)s", day=format_date(until)), note)


PARTS: tuple[Part, ...] = (
    Tab(of=Resident.__tablename__, endpoint="residents.show", argument="resident_id", label=lazy("Card"), place=10),
    Tab(
        of=Resident.__tablename__,
        endpoint="residents.history",
        argument="resident_id",
        label=lazy("History"),
        place=90,
        rows=timeline.statement,
    ),
    Attention(of=Resident.__tablename__, tab="residents.show", rows=_suspended, tell=_tell_suspended),
    Attention(of=Resident.__tablename__, tab="residents.show", rows=_accreditation, tell=_tell_accreditation),
)

CHAPTERS = (
    Chapter(
        of=Resident.__tablename__,
        name="entry",
        label=lazy("Entry and status"),
        acts=lambda _viewer, resident: (
            on(Resident.__tablename__, [resident.id]),
            belonging(resident, StatusChange.__tablename__),
        ),
    ),
)
