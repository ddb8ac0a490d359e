"""Reading the patent register."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import search_pattern
from registry.journal import queries as journal
from registry.patents import rules
from registry.patents.models import Patent, PatentEvent, PatentHolder
from registry.patents.rules import Event, Holder, HoldersOverTime, NotCounted, Status, Transfer
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident


@dataclass(frozen=True)
class PatentRecord:
    """A patent as of one date and as known at one moment: what screen, file and paper show alike.

    ``holders`` are those of the as-of date, ``registered_holders`` those of the day of registration (of an application:
    the same).
    """

    id: int
    office: str
    kind: str
    filed_on: date
    holders: str
    over_time: HoldersOverTime
    title_no: str | None = None
    application_no: str | None = None
    registered_on: date | None = None
    published_on: date | None = None
    bulletin: str | None = None
    ipc: str | None = None
    name_kk: str | None = None
    name_ru: str | None = None
    name_en: str | None = None
    authors: str | None = None
    effect_from: date | None = None
    priority_no: str | None = None
    priority_date: date | None = None
    priority_country: str | None = None
    representative: str | None = None

    @cached_property
    def holders_list(self) -> tuple[Holder, ...]:
        return rules.parse_holders(self.holders)

    @property
    def registered_holders(self) -> str:
        return self.over_time.registered

    @cached_property
    def registered_holders_list(self) -> tuple[Holder, ...]:
        return rules.parse_holders(self.registered_holders)

    @property
    def number(self) -> str:
        """The number it goes by: of the title, else of the application."""
        return self.title_no or self.application_no or ""

    @property
    def expires_on(self) -> date | None:
        return rules.expires_on(self)

    def status_on(self, day: date) -> Status:
        return rules.status_on(self, day)

    def held_by(self, bin_: str) -> bool:
        """Whether the company holds the patent on the as-of date."""
        return any(holder.bin == bin_ for holder in self.holders_list)


def records(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
) -> list[PatentRecord]:
    """Every patent and application with the values in force on ``as_of`` (None: as it is now), in the order of keys.

    Only what was recorded by ``known_at`` is used (``exchange.md`` 3). ``territory_id`` leaves those with a holder,
    past or present, that was ever a resident there; a resident's viewer gets those its company holds or held.
    """
    members = None if territory_id is None else _members(territory_id, known_at)
    transfers = _transfers(as_of=as_of, known_at=known_at, ids=ids)
    found = []
    for key, state in journal.states(Patent, as_of=as_of, known_at=known_at, ids=ids).items():
        over_time = rules.holders_over_time(state.values.get("registered_on"), state.acts, transfers.get(key, ()))
        values: dict[str, Any] = {**state.values, "holders": over_time.latest}
        record = PatentRecord(id=key, over_time=over_time, **values)
        if viewer.company_bin is not None and viewer.company_bin not in over_time.bins():
            continue
        if members is not None and not over_time.bins() & members:
            continue
        found.append(record)
    return sorted(found, key=lambda record: (record.office, record.kind, record.number, record.id))


def _transfers(
    *, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> dict[int, list[Transfer]]:
    """The transfers of patents that took effect by ``as_of``, by patent."""
    events = None
    if ids is not None:
        events = db.session.scalars(sa.select(PatentEvent.id).where(PatentEvent.patent_id.in_(ids))).all()
    found: dict[int, list[Transfer]] = {}
    for key, state in journal.states(PatentEvent, as_of=as_of, known_at=known_at, ids=events).items():
        values = state.values
        transfer = Transfer(
            values["event_on"], values["holders"] or "", state.acts[0].sequence, values.get("document_no"), event_id=key
        )
        found.setdefault(values["patent_id"], []).append(transfer)
    return found


def record_of(patent: Patent) -> PatentRecord:
    """A live patent as it is now, with its holders over time."""
    (record,) = records(SYSTEM, ids=[patent.id])
    return record


def holders_now(patent: Patent) -> str:
    """The holders of today, after every transfer, as the register writes them."""
    return rules.print_holders(Holder(row.bin, row.name, row.share) for row in patent.holder_rows)


def first_transfer_on(patent: Patent) -> date | None:
    """The day of the earliest event that gives a patent other holders."""
    return db.session.scalar(
        sa.select(sa.func.min(PatentEvent.event_on)).where(
            PatentEvent.patent_id == patent.id,
            PatentEvent.event == Event.TRANSFERRED,
            PatentEvent.annulled_at.is_(None),
        )
    )


def transfer_of(patent: Patent, event_on: date) -> Transfer:
    """What changed the holders of a live patent from exactly this day on.

    :raises NotFound: when nothing did.
    """
    transfer = record_of(patent).over_time.transfer_of(event_on)
    if transfer is None:
        raise NotFound(lazy("The holders of this patent do not change on that day."))
    return transfer


def _members(territory_id: int, known_at: datetime | None) -> frozenset[str]:
    """The BINs that ever stood in a territory's register, whoever asks."""
    entries = residents.records(SYSTEM, territory_id=territory_id, known_at=known_at)
    return frozenset(entry.bin for entry in entries)


def participation(bins: Iterable[str], *, territory_id: int | None = None) -> Callable[[str, date], bool]:
    """Answers whether one of these companies was a participant on a day, by the registers as they are now."""
    ids = db.session.scalars(sa.select(Resident.id).where(Resident.bin.in_(set(bins)))).all()
    entries = residents.records(SYSTEM, territory_id=territory_id, ids=ids) if ids else []

    def is_participant_on(bin_: str, day: date) -> bool:
        return any(entry.bin == bin_ and entry.participates_on(day) for entry in entries)

    return is_participant_on


def why_not_counted(
    patent: PatentRecord, *, year: int, as_of: date, is_participant_on: Callable[[str, date], bool]
) -> NotCounted | None:
    """Why the patent does not count for indicator 6 of ``year``, or None: it counts.

    The holders and the dictionary of the day of registration decide, whatever came later. ``is_participant_on(bin,
    day)`` answers for one territory or for all.
    """
    return rules.why_not_counted(
        office=patent.office, kind=patent.kind, registered_on=patent.registered_on,
        holders=patent.registered_holders_list, year=year, as_of=as_of,
        counting_kinds=lambda day: reference.counting_codes("ip_kinds", day), is_participant_on=is_participant_on,
    )  # fmt: skip


def status_expression(day: date) -> sa.ColumnElement[str]:
    """The status on a day as SQL, for filtering and showing lists without a statement per row."""
    unpublished = sa.and_(
        Patent.kind.not_in(rules.UNPUBLISHED_KINDS),
        sa.or_(Patent.published_on.is_(None), Patent.published_on > day),
    )
    expired = [
        sa.and_(
            Patent.office == office, Patent.kind == kind, Patent.filed_on < rules.expired_if_filed_before(day, term)
        )
        for (office, kind), term in rules.TERMS.items()
    ]
    return sa.case(
        (Patent.annulled_at.is_not(None), str(Status.ANNULLED)),
        (sa.or_(Patent.registered_on.is_(None), Patent.registered_on > day), str(Status.FILED)),
        (sa.or_(*expired), str(Status.EXPIRED)),
        (unpublished, str(Status.GRANTED)),
        else_=str(Status.IN_FORCE),
    )


def _held_by(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.exists().where(PatentHolder.patent_id == Patent.id, *conditions).correlate(Patent)


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the live patents it may see."""
    conditions: list[sa.ColumnElement[bool]] = [Patent.annulled_at.is_(None)]
    if viewer.company_bin is not None:
        conditions.append(Patent.id.in_([record.id for record in records(viewer)]))
    return conditions


SORTABLE = {
    "name": None,
    "title_no": Patent.title_no,
    "filed_on": Patent.filed_on,
    "registered_on": Patent.registered_on,
}


def list_statement(
    viewer: Viewer,
    *,
    day: date,
    language: str,
    territory_id: int | None = None,
    search: str = "",
    status: str = "",
    kind: str = "",
    office: str = "",
    year: int | None = None,
    holder_bin: str | None = None,
    sort: str = "registered_on",
    descending: bool = True,
) -> sa.Select[Patent, str]:
    """The list of patents with their status on ``day``: filtered, the latest registered first by default.

    ``search`` looks into names, numbers, IPC symbols, holders, and the names of holders that are in a register.
    ``year`` is the year of registration.
    """
    shown = status_expression(day)
    statement = sa.select(Patent, shown.label("status")).where(*visible(viewer))
    if territory_id is not None:
        members = sa.select(Resident.bin).where(Resident.territory_id == territory_id, Resident.annulled_at.is_(None))
        statement = statement.where(_held_by(PatentHolder.bin.in_(members)))
    if search.strip():
        pattern = search_pattern(search)
        named = sa.select(Resident.bin).where(Resident.search.like(pattern, escape="\\"), *residents.visible(viewer))
        statement = statement.where(
            sa.or_(Patent.search.like(pattern, escape="\\"), _held_by(PatentHolder.bin.in_(named)))
        )
    if status:
        statement = statement.where(shown == status)
    if kind:
        statement = statement.where(Patent.kind == kind)
    if office:
        statement = statement.where(Patent.office == office)
    if year is not None:
        statement = statement.where(Patent.registered_on.between(date(year, 1, 1), date(year, 12, 31)))
    if holder_bin is not None:
        statement = statement.where(_held_by(PatentHolder.bin == holder_bin))
    by_name = {"kk": Patent.sort_kk, "ru": Patent.sort_ru, "en": Patent.sort_en}[language]
    # The byte order of the stored key is the Kazakh alphabet on every database, whatever its collation.
    name_order = sa.collate(by_name, "BINARY" if db.engine.dialect.name == "sqlite" else "C")
    key = SORTABLE.get(sort)
    order = name_order if key is None else key
    # Databases disagree where rows without a value stand; here they always come last, applications after titles.
    empty_last = [] if key is None else [key.is_(None)]
    return statement.order_by(*empty_last, order.desc() if descending else order.asc(), Patent.id)


def get_patent(patent_id: int, viewer: Viewer) -> Patent:
    """:raises NotFound: when there is no such patent or the reader's company neither holds nor held it."""
    patent = db.session.get(Patent, patent_id)
    own = viewer.company_bin is None or (
        patent is not None
        and (any(row.bin == viewer.company_bin for row in patent.holder_rows) or records(viewer, ids=[patent.id]))
    )
    if patent is None or not own:
        raise NotFound(lazy("There is no such patent."))
    return patent


def of_resident(viewer: Viewer, bin_: str) -> list[Patent]:
    """The live patents and applications a company holds, the latest filed first."""
    statement = (
        sa.select(Patent)
        .where(*visible(viewer), _held_by(PatentHolder.bin == bin_))
        .order_by(Patent.filed_on.desc(), Patent.id)
    )
    return list(db.session.scalars(statement))


def find_patent(office: str, kind: str, title_no: str | None, application_no: str | None) -> Patent | None:
    """The live patent a row of a file speaks of (the key of ``exchange.md`` 2), or None: it is new.

    A row with a ``title_no`` means the patent of that number, else the application with its ``application_no``, which
    it grants. A row without one means the application of that number, else the patent granted upon it.
    """
    live = sa.select(Patent).where(Patent.office == office, Patent.kind == kind, Patent.annulled_at.is_(None))
    found = None
    if title_no:
        found = db.session.scalar(live.where(Patent.title_no == title_no))
    if found is None and application_no:
        same = live.where(Patent.application_no == application_no)
        found = db.session.scalar(same.where(Patent.title_no.is_(None)).order_by(Patent.id).limit(1))
        if found is None and not title_no:
            found = db.session.scalar(same.order_by(Patent.id).limit(1))
    return found


def registered_holders(viewer: Viewer, bins: Iterable[str]) -> dict[str, Resident]:
    """The latest entry of each of these companies that stands in a register and that the viewer may open."""
    statement = (
        sa.select(Resident)
        .where(*residents.visible(viewer), Resident.bin.in_(set(bins)))
        .order_by(Resident.registered_on, Resident.id)
    )
    return {row.bin: row for row in db.session.scalars(statement)}


@dataclass(frozen=True, slots=True)
class FeeDue:
    """A maintenance payment that falls due soon."""

    patent: Patent
    due_on: date


def fees_due_within(viewer: Viewer, days: int, *, day: date, territory_id: int | None = None) -> list[FeeDue]:
    """Patents whose next maintenance payment falls due from ``day`` to ``days`` later, the nearest first."""
    statement = sa.select(Patent).where(*visible(viewer), Patent.published_on.is_not(None)).order_by(Patent.id)
    if territory_id is not None:
        members = sa.select(Resident.bin).where(Resident.territory_id == territory_id, Resident.annulled_at.is_(None))
        statement = statement.where(_held_by(PatentHolder.bin.in_(members)))
    until = day + timedelta(days=days)
    due = [
        FeeDue(patent, due_on)
        for patent in db.session.scalars(statement)
        if (due_on := rules.next_fee_on(patent, day)) is not None and due_on <= until
    ]
    return sorted(due, key=lambda fee: (fee.due_on, fee.patent.id))


def offices_and_years(viewer: Viewer) -> tuple[list[str], list[int]]:
    """Whose patents the viewer may see: their offices, and their years of registration, the latest first."""
    statement = sa.select(Patent.office, sa.extract("year", Patent.registered_on)).where(*visible(viewer)).distinct()
    rows = db.session.execute(statement).all()
    return sorted({office for office, _year in rows}), sorted({int(y) for _office, y in rows if y}, reverse=True)
