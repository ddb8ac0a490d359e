"""Reading the patent register."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db
from registry.infra.fields import Recorded, names
from registry.infra.i18n import lazy
from registry.infra.text import search_pattern
from registry.journal import queries as journal
from registry.patents import rules
from registry.patents.fields import PATENT
from registry.patents.models import Patent, PatentHolder
from registry.patents.rules import Holder, NotCounted, Status
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident


@dataclass(frozen=True)
class PatentRecord(Recorded):
    """A patent as of one date and as known at one moment: what screen, file and paper show alike."""

    declared = frozenset(names(PATENT))

    id: int
    office: str
    kind: str
    filed_on: date
    holders: str
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
    foreign: Mapping[str, str] = field(default_factory=dict)
    """The BINs of the holders that ``holders`` names only, being of territories that do not exist for the viewer."""

    @cached_property
    def holders_list(self) -> tuple[Holder, ...]:
        return rules.parse_holders(self.holders)

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

    Only what was recorded by ``known_at`` is used (``exchange.md`` 3). ``territory_id`` leaves those with a holder
    that was ever a resident there; a resident's viewer gets those its company holds. Who is limited to some territories
    gets those of :func:`visible`, with the other holders' names for their BINs.
    """
    members = None if territory_id is None else _members(SYSTEM.limited_to(territory_id), known_at)
    own, others = None, frozenset[str]()
    if not viewer.has_all_territories:
        own = _members(replace(SYSTEM, territory_ids=viewer.territory_ids), known_at)
        others = _members(SYSTEM, known_at) - own
    found = []
    for key, state in journal.states(Patent, as_of=as_of, known_at=known_at, ids=ids).items():
        # Holders that name a person may have been erased from the journal; the record stays, without them.
        values: dict[str, Any] = {**state.values, "holders": state.values["holders"] or ""}
        record = PatentRecord.of(values, id=key)
        if viewer.company_bin is not None and not record.held_by(viewer.company_bin):
            continue
        if members is not None and not any(holder.bin in members for holder in record.holders_list):
            continue
        bins = {holder.bin for holder in record.holders_list}
        if own is not None and not bins & own and bins & others:
            continue
        found.append(record)
    if others:
        found = _with_names(viewer, found)
    return sorted(found, key=lambda record: (record.office, record.kind, record.number, record.id))


def _members(viewer: Viewer, known_at: datetime | None) -> frozenset[str]:
    """The BINs that ever stood in the registers of a viewer's territories."""
    return frozenset(entry.bin for entry in residents.records(viewer, known_at=known_at))


# --- holders of other territories: by name, without BIN (``exchange.md`` 5, rule 13) ----------------------------------


def foreign_holders(viewer: Viewer, bins: Iterable[str]) -> dict[str, Resident]:
    """The latest entry of those of these companies that are residents, but of no territory the viewer has."""
    wanted = set(bins)
    if viewer.has_all_territories or not wanted:
        return {}
    own = sa.select(Resident.bin).where(Resident.annulled_at.is_(None), *viewer.within(Resident.territory_id))
    statement = (
        sa.select(Resident)
        .where(Resident.bin.in_(wanted), Resident.annulled_at.is_(None), Resident.bin.not_in(own))
        .order_by(Resident.registered_on, Resident.id)
    )
    return {row.bin: row for row in db.session.scalars(statement)}


def shown_holders(viewer: Viewer, text: str) -> str:
    """A list of holders as the viewer may read it: those of other territories by name."""
    holders = rules.parse_holders(text)
    entries = foreign_holders(viewer, (holder.bin for holder in holders if holder.bin))
    return rules.print_holders(_named(holders, entries)) if entries else text


def meant_holders(viewer: Viewer, patent: Patent, text: str) -> str:
    """The opposite of :func:`shown_holders`: names of a patent's holders of other territories mean their BINs.

    A text that cannot be read stays as it is; what is wrong with it is the rules' business.
    """
    entries = foreign_holders(viewer, (row.bin for row in patent.holder_rows if row.bin))
    if not entries:
        return text
    try:
        holders = rules.parse_holders(text)
    except ValueError:
        return text
    known = {
        _as_holder(name).casefold(): bin_
        for bin_, entry in entries.items()
        for name in (entry.name_kk, entry.name_ru, entry.name_en)
        if name
    }
    return rules.print_holders(
        Holder(found, None, holder.share) if (found := known.get((holder.name or "").casefold())) else holder
        for holder in holders
    )


def _with_names(viewer: Viewer, records: list[PatentRecord]) -> list[PatentRecord]:
    entries = foreign_holders(
        viewer, {holder.bin for record in records for holder in record.holders_list if holder.bin}
    )
    found = []
    for record in records:
        hidden = {_as_holder(entries[row.bin].name_ru): row.bin for row in record.holders_list if row.bin in entries}
        if hidden:
            holders = rules.print_holders(_named(record.holders_list, entries))
            record = replace(record, holders=holders, foreign=hidden)
        found.append(record)
    return found


def _named(holders: Iterable[Holder], entries: Mapping[str, Resident]) -> list[Holder]:
    return [
        Holder(None, _as_holder(entry.name_ru), holder.share) if (entry := entries.get(holder.bin or "")) else holder
        for holder in holders
    ]


def _as_holder(name: str) -> str:
    """A company's name as it stands in a list of holders, where some signs have a meaning of their own."""
    return name.replace(";", ",").replace("=", "-").strip()


def participation(bins: Iterable[str], *, territory_id: int | None = None) -> Callable[[str, date], bool]:
    """Answers whether one of these companies was a participant on a day, by the registers as they are now."""
    ids = db.session.scalars(sa.select(Resident.id).where(Resident.bin.in_(set(bins)))).all()
    entries = residents.records(SYSTEM, territory_id=territory_id, ids=ids) if ids else []

    def is_participant_on(bin_: str, day: date) -> bool:
        return any(entry.bin == bin_ and entry.participates_on(day) for entry in entries)

    return is_participant_on


def why_not_counted(patent: Patent, *, year: int, as_of: date) -> NotCounted | None:
    """Why the patent does not count for indicator 6 of ``year`` over all territories, or None: it counts."""
    holders = rules.parse_holders(patent.holders)
    return rules.why_not_counted(
        office=patent.office, kind=patent.kind, registered_on=patent.registered_on, holders=holders, year=year,
        as_of=as_of, counting_kinds=reference.counting_codes("ip_kinds", as_of),
        is_participant_on=participation(holder.bin for holder in holders if holder.bin),
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
    return [Patent.annulled_at.is_(None), *existing(viewer)]


def existing(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the patents that exist for a viewer, annulled ones too.

    In a territory they are those of which a holder is or was a resident there, or none is one anywhere.
    """
    conditions: list[sa.ColumnElement[bool]] = []
    if viewer.company_bin is not None:
        conditions.append(_held_by(PatentHolder.bin == viewer.company_bin))
    if not viewer.has_all_territories:
        conditions.append(
            sa.or_(_held_by(PatentHolder.bin.in_(_bins(viewer))), ~_held_by(PatentHolder.bin.in_(_bins(SYSTEM))))
        )
    return conditions


def _bins(viewer: Viewer) -> sa.Select[str]:
    """The BINs in the registers of a viewer's territories."""
    return sa.select(Resident.bin).where(Resident.annulled_at.is_(None), *viewer.within(Resident.territory_id))


def _found(viewer: Viewer, pattern: str) -> sa.ColumnElement[bool]:
    """Whether a patent's own words hold the pattern; a BIN that is not shown to the viewer is not found either."""
    found = Patent.search.like(pattern, escape="\\")
    if viewer.has_all_territories:
        return found
    hidden = _held_by(
        PatentHolder.bin.like(pattern, escape="\\"),
        PatentHolder.bin.in_(_bins(SYSTEM)),
        PatentHolder.bin.not_in(_bins(viewer)),
    )
    numbers = (column.like(pattern, escape="\\") for column in (Patent.title_no, Patent.application_no))
    return sa.and_(found, sa.or_(~hidden, *numbers))


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
    if not viewer.sees_only(territory_id):
        statement = statement.where(_held_by(PatentHolder.bin.in_(_bins(SYSTEM.limited_to(territory_id)))))
    if search.strip():
        pattern = search_pattern(search)
        named = sa.select(Resident.bin).where(Resident.search.like(pattern, escape="\\"), *residents.visible(viewer))
        statement = statement.where(sa.or_(_found(viewer, pattern), _held_by(PatentHolder.bin.in_(named))))
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
    """:raises NotFound: when there is no such patent, or it does not exist for the viewer."""
    patent = db.session.scalar(sa.select(Patent).where(Patent.id == patent_id, *existing(viewer)))
    if patent is None:
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


def exists_for(viewer: Viewer, patent: Patent) -> bool:
    """Whether a patent exists for a viewer."""
    return db.session.scalar(sa.select(Patent.id).where(Patent.id == patent.id, *existing(viewer))) is not None


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
    if not viewer.sees_only(territory_id):
        statement = statement.where(_held_by(PatentHolder.bin.in_(_bins(SYSTEM.limited_to(territory_id)))))
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
