"""What patents put on the pages of records: their own and that of a participant that holds them."""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from flask import url_for

from registry.infra.access import Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.record import Attention, Concern, Part, Tab
from registry.journal.models import JournalEntry
from registry.journal.timeline import Chapter, on
from registry.notes.rules import Notable
from registry.patents import queries
from registry.patents.models import Patent, PatentEvent, PatentHolderState, PatentState
from registry.residents.models import Resident

FEE_DAYS = 60
"""Fees due within so many days are worth a reminder (``domain.md`` 3.8)."""

SHOWN = 3


def listed(viewer: Viewer, resident: Resident) -> sa.Select:
    """The patents that the tab of a participant lists."""
    return queries.of_holder(viewer, resident.bin)


def _fees(viewer: Viewer, resident: Resident) -> sa.Select | None:
    if resident.annulled_at is not None:
        return None
    return queries.fees_statement(viewer, FEE_DAYS, day=today(), holder_bin=resident.bin)


def _tell_fees(_viewer: Viewer, _resident: Resident, due: sa.Select) -> Iterator[Concern]:
    yield from map(_concern, map(queries.fee_due, db.session.execute(due.limit(SHOWN))))


def _concern(fee: queries.FeeDue) -> Concern:
    days = (fee.due_on - today()).days
    return Concern(
        _("Fee of patent № %(number)s by %(day)s", number=fee.patent.title_no, day=format_date(fee.due_on)),
        ngettext("in %(num)s day", "in %(num)s days", days) if days else _("today"),
        url_for("patents.show", patent_id=fee.patent.id),
        _("Open"),
    )


def _fee_of(viewer: Viewer, patent: Patent) -> sa.Select | None:
    if patent.annulled_at is not None:
        return None
    return queries.fees_statement(viewer, FEE_DAYS, day=today()).where(PatentState.patent_id == patent.id)


def _tell_fee(_viewer: Viewer, _patent: Patent, due: sa.Select) -> Iterator[Concern]:
    for fee in map(queries.fee_due, db.session.execute(due)):
        days = (fee.due_on - today()).days
        yield Concern(
            _("Maintenance fee by %(day)s", day=format_date(fee.due_on)),
            ngettext("in %(num)s day", "in %(num)s days", days) if days else _("today"),
        )


def _acts(viewer: Viewer, resident: Resident) -> tuple[sa.ColumnElement[bool], ...]:
    """Those on patents that the company holds or held, as far as they exist for the viewer."""
    held = sa.select(Patent.id).where(*queries.existing(viewer), queries.holds_or_held([resident.bin]))
    events = sa.select(PatentEvent.id).where(PatentEvent.patent_id.in_(held))
    return on(Patent.__tablename__, held), on(PatentEvent.__tablename__, events)


def _entry(patent: Patent, viewer: Viewer) -> Resident | None:
    """The entry of the first holder that is in a register the viewer may open, else of one before; a company's own."""
    if viewer.company_bin is not None:
        bins = [viewer.company_bin]
    else:
        past = sa.select(PatentHolderState.bin).where(PatentHolderState.patent_id == patent.id)
        bins = [holder.bin for holder in patent.holder_rows if holder.bin]
        bins += [number for number in db.session.scalars(past.order_by(PatentHolderState.valid_from.desc())) if number]
    found = queries.registered_holders(viewer, bins)
    first = next((found[number] for number in bins if number in found), None)
    return None if first is None else db.session.get(Resident, first.id)


def history_of(viewer: Viewer, patent: Patent) -> sa.Select:
    """The acts that the tab of a patent's history lists."""
    about = sa.or_(
        sa.and_(JournalEntry.subject_type == "patent", JournalEntry.subject_id == patent.id),
        sa.and_(JournalEntry.parent_type == "patent", JournalEntry.parent_id == patent.id),
    )
    return sa.select(JournalEntry.sequence).where(about)


PARTS: tuple[Part, ...] = (
    Tab(
        of=Resident.__tablename__,
        endpoint="patents.of_resident",
        argument="resident_id",
        label=lazy("Patents"),
        place=30,
        rows=listed,
    ),
    Attention(of=Resident.__tablename__, tab="patents.of_resident", rows=_fees, tell=_tell_fees),
    Tab(of=Patent.__tablename__, endpoint="patents.show", argument="patent_id", label=lazy("Card"), place=10),
    Tab(
        of=Patent.__tablename__,
        endpoint="patents.history",
        argument="patent_id",
        label=lazy("History"),
        place=90,
        rows=history_of,
    ),
    Attention(of=Patent.__tablename__, tab="patents.show", rows=_fee_of, tell=_tell_fee),
)

CHAPTERS = (Chapter(of=Resident.__tablename__, name="patents", label=lazy("Patents"), acts=_acts),)

NOTABLE = (Notable(kind=Patent.__tablename__, get=queries.get_patent, entry=_entry),)
