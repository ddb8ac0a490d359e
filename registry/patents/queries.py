"""Reading the patent register."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import today
from registry.infra.db import db, in_parts
from registry.infra.fields import Recorded, names
from registry.infra.i18n import lazy
from registry.infra.paging import counts
from registry.infra.text import Term, as_seen, asks_for_number, holds_term, matches_term, search_terms
from registry.journal import queries as journal
from registry.journal import state
from registry.patents import rules
from registry.patents.fields import PATENT, Event
from registry.patents.models import (
    Patent,
    PatentEvent,
    PatentEventState,
    PatentHolder,
    PatentHolderState,
    PatentState,
)
from registry.patents.rules import Holder, HoldersOverTime, NotCounted, Status, Transfer
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident, ResidentState


@dataclass(frozen=True)
class PatentRecord(Recorded):
    """A patent as of one date and as known at one moment: what screen, file and paper show alike.

    ``holders`` are those of the as-of date, ``registered_holders`` those of the day of registration (of an application:
    the same).
    """

    declared = frozenset(names(PATENT))

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
    foreign: Mapping[str, str] = field(default_factory=dict)
    """The BINs of the holders that stand by name only, being of territories that do not exist for the viewer."""

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
    past or present, that was ever a resident there; a resident's viewer gets those its company holds or held. Who is
    limited to some territories gets those of :func:`visible`, with the other holders' names for their BINs.
    """
    known = state.known_by(known_at)
    some: list[sa.ColumnElement[bool]] = [] if ids is None else [PatentState.patent_id.in_(ids)]
    conditions = [*state.at(PatentState, as_of=as_of, known=known), *visible(viewer, as_of, known, ids), *some]
    if territory_id is not None:
        conditions.append(_ever_held(_members(SYSTEM.limited_to(territory_id), known), as_of, known))
    transfers = _transfers(some or conditions, as_of, known)
    fields = [getattr(PatentState, name) for name in rules.FIELDS]
    query = sa.select(PatentState.patent_id, PatentState.registered_holders, *fields).where(*conditions)
    found = [
        PatentRecord.of(
            {name: getattr(row, name) for name in rules.FIELDS},
            id=row.patent_id,
            over_time=HoldersOverTime(row.registered_holders, tuple(transfers.get(row.patent_id, ()))),
        )
        for row in db.session.execute(query)
    ]
    if not viewer.has_all_territories:
        found = _with_names(viewer, found)
    return sorted(found, key=lambda record: (record.office, record.kind, record.number, record.id))


class Registration(NamedTuple):
    """What indicator 6 asks of a registered patent: ``holders`` are those of the day of registration."""

    patent_id: int
    office: str
    kind: str
    registered_on: date
    holders: str
    bulletin: str | None


def registrations(
    *, as_of: date | None, known_at: datetime | None = None, ids: Collection[int] | None = None
) -> list[Registration]:
    """Registered patents, every one or some, by their records of ``as_of`` (None: with every act whatever its date).

    Only what was recorded by ``known_at`` is used.
    """
    query = sa.select(
        PatentState.patent_id,
        PatentState.office,
        PatentState.kind,
        PatentState.registered_on,
        PatentState.registered_holders,
        PatentState.bulletin,
    ).where(*state.at(PatentState, as_of=as_of, known=state.known_by(known_at)))
    if ids is not None:
        query = query.where(PatentState.patent_id.in_(ids))
    return [
        Registration(key, office, kind, day, holders, bulletin)
        for key, office, kind, day, holders, bulletin in db.session.execute(query)
        if day is not None
    ]


def proofs(known_at: datetime | None = None, ids: Collection[int] | None = None) -> dict[int, str | None]:
    """The bulletin that proves the grant of each registered patent, by every act on record whatever its date."""
    return {row.patent_id: row.bulletin for row in registrations(as_of=None, known_at=known_at, ids=ids)}


def ever_held_by(bins: Collection[str]) -> set[int]:
    """The patents that name one of these companies among their holders of any time, as known at any moment."""
    found: set[int] = set()
    for some in in_parts(sorted(bins)):
        found |= set(
            db.session.scalars(sa.select(PatentHolderState.patent_id).where(PatentHolderState.bin.in_(some)).distinct())
        )
    return found


def _transfers(
    conditions: list[sa.ColumnElement[bool]], as_of: date | None, known: int | None
) -> dict[int, list[Transfer]]:
    """What gave the patents that meet the conditions other holders by ``as_of``, in the order of the days."""
    chosen = sa.select(PatentState.patent_id).where(*conditions)
    found: dict[int, dict[date, Transfer]] = {}
    amended = sa.select(
        PatentState.patent_id, PatentState.valid_from, PatentState.holders, PatentState.amended_by
    ).where(*state.as_known(PatentState, known), PatentState.amended_by.is_not(None), PatentState.patent_id.in_(chosen))
    seen = set()
    for key, day, holders, sequence in db.session.execute(amended.order_by(PatentState.valid_from)):
        if (key, sequence) not in seen and (as_of is None or day <= as_of):
            found.setdefault(key, {})[day] = Transfer(day, holders, sequence=sequence)
        seen.add((key, sequence))
    events = sa.select(PatentEventState).where(
        *state.at(PatentEventState, as_of=as_of, known=known),
        PatentEventState.event == Event.TRANSFERRED,
        PatentEventState.patent_id.in_(chosen),
    )
    for event in db.session.scalars(events):
        transfer = Transfer(event.event_on, event.holders or "", event.document_no, event.patent_event_id)
        found.setdefault(event.patent_id, {})[event.event_on] = transfer
    return {key: [transfer for _day, transfer in sorted(days.items())] for key, days in found.items()}


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


def event_of(transfer: Transfer) -> PatentEvent | None:
    """The event that a transfer was recorded as; None where a change of the patent itself named other holders."""
    return None if transfer.event_id is None else db.session.get_one(PatentEvent, transfer.event_id)


def _members(viewer: Viewer, known: int | None) -> sa.Select[str | None]:
    """The BINs that ever stood in the registers of a viewer's territories."""
    return sa.select(ResidentState.bin).where(
        *state.at(ResidentState, as_of=None, known=known), *viewer.within(ResidentState.territory_id)
    )


# --- holders of other territories: by name, without BIN (``exchange.md`` 5, rule 13) ----------------------------------


class HolderEntry(NamedTuple):
    """What a page shows of a holder that is in a register: of the entry only this, since lists show many."""

    id: int
    territory_id: int
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None


def _entries(*conditions: sa.ColumnElement[bool]) -> dict[str, HolderEntry]:
    """The latest entry of each company among those that meet the conditions, by BIN."""
    columns = [getattr(Resident, name) for name in HolderEntry._fields]
    rows = db.session.execute(sa.select(*columns).where(*conditions).order_by(Resident.registered_on, Resident.id))
    return {entry.bin: entry for entry in map(HolderEntry._make, rows)}


def foreign_holders(viewer: Viewer, bins: Iterable[str]) -> dict[str, HolderEntry]:
    """The latest entry of those of these companies that are residents, but of no territory the viewer has."""
    wanted = set(bins)
    if viewer.has_all_territories or not wanted:
        return {}
    own = sa.select(Resident.bin).where(Resident.annulled_at.is_(None), *viewer.within(Resident.territory_id))
    return _entries(Resident.bin.in_(wanted), Resident.annulled_at.is_(None), Resident.bin.not_in(own))


def shown_holders(viewer: Viewer, text: str) -> str:
    """A list of holders as the viewer may read it: those of other territories by name."""
    holders = rules.parse_holders(text)
    entries = foreign_holders(viewer, (holder.bin for holder in holders if holder.bin))
    return rules.print_holders(_named(holders, entries)) if entries else text


def meant_holders(viewer: Viewer, patent: Patent, text: str) -> str:
    """The opposite of :func:`shown_holders`: names of a patent's holders of other territories mean their BINs.

    A text that cannot be read stays as it is; what is wrong with it is the rules' business.
    """
    if viewer.has_all_territories:
        return text
    entries = foreign_holders(viewer, record_of(patent).over_time.bins())
    if not entries:
        return text
    try:
        holders = rules.typed_holders(text)
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
    entries = foreign_holders(viewer, {bin_ for record in records for bin_ in record.over_time.bins()})

    def shown(text: str) -> str:
        return rules.print_holders(_named(rules.parse_holders(text), entries))

    found = []
    for record in records:
        hidden = {_as_holder(entries[bin_].name_ru): bin_ for bin_ in record.over_time.bins() & entries.keys()}
        if hidden:
            over_time = record.over_time.written(shown)
            record = replace(record, holders=shown(record.holders), over_time=over_time, foreign=hidden)
        found.append(record)
    return found


def _named(holders: Iterable[Holder], entries: Mapping[str, HolderEntry]) -> list[Holder]:
    return [
        Holder(None, _as_holder(entry.name_ru), holder.share) if (entry := entries.get(holder.bin or "")) else holder
        for holder in holders
    ]


def _as_holder(name: str) -> str:
    """A company's name as it stands in a list of holders, where some signs have a meaning of their own."""
    return name.replace(";", ",").replace("=", "-").strip()


class ParticipantNames:
    """The BINs of the participants a viewer may see, by their names as a reader sees them."""

    def __init__(self, viewer: Viewer) -> None:
        self._viewer = viewer

    def bins(self, name: str) -> list[str]:
        """Who bears the name, the first registered first."""
        return [*self._known.get(as_seen(name), ())]

    @cached_property
    def _known(self) -> dict[str, dict[str, None]]:
        found: dict[str, dict[str, None]] = {}
        rows = db.session.execute(
            sa.select(ResidentState.bin, ResidentState.name_kk, ResidentState.name_ru, ResidentState.name_en)
            .where(*state.at(ResidentState, as_of=None), *residents.visible(self._viewer, ResidentState))
            .order_by(ResidentState.registered_on, ResidentState.resident_id)
        )
        for bin_, *borne in rows:
            for name in borne:
                if bin_ and name:
                    found.setdefault(as_seen(name), {})[bin_] = None
        found.pop("", None)
        return found


def holder_warnings(viewer: Viewer, text: str | None, participants: ParticipantNames | None = None) -> list[object]:
    """What is worth a look in a list of holders as typed: more than a BIN, or the name of a participant without it.

    ``participants`` serves all the rows of a file.
    """
    participants = participants or ParticipantNames(viewer)
    found: list[object] = []
    for typed, number in rules.read_otherwise(text):
        more = rules.has_words_beside(typed)
        found.append(
            lazy("%(typed)s is read as %(bin)s; the words beside the number are not kept", typed=typed, bin=number)
            if more
            else lazy("%(typed)s is read as %(bin)s", typed=typed, bin=number)
        )
    for name, own, is_whole in rules.names_in(text):
        bins = participants.bins(name)
        if not bins or own in bins:
            continue
        values = {"name": name, "bin": ", ".join(bins)}
        found.append(
            lazy(
                "%(name)s is the name of the participant %(bin)s; write the BIN, else it does not count as holder",
                **values,
            )
            if is_whole
            else lazy(
                "%(name)s is the name of the participant %(bin)s and stands in one part with others; name each holder"
                " by itself, this one by the BIN, else it does not count as holder",
                **values,
            )
        )
    return found


def participation(bins: Iterable[str], *, territory_id: int | None = None) -> Callable[[str, date], bool]:
    """Answers whether one of these companies was a participant on a day, by the registers as they are now."""
    ids = db.session.scalars(sa.select(Resident.id).where(Resident.bin.in_(set(bins)))).all()
    entries = residents.records(SYSTEM, territory_id=territory_id, ids=ids) if ids else []

    def is_participant_on(bin_: str, day: date) -> bool:
        return any(entry.bin == bin_ and entry.participates_on(day) for entry in entries)

    return is_participant_on


COUNTING = ("ip_kinds", "counted_offices", "counting_rules")
"""The dictionaries that decide which patents count for indicator 6."""


@dataclass(frozen=True, slots=True)
class _Counting:
    """What the dictionaries of a territory, as known at a moment, say of patents that count."""

    territory_id: int | None
    known_at: datetime | None

    def kinds(self, day: date) -> frozenset[str]:
        return self._codes("ip_kinds", day)

    def offices(self, day: date) -> frozenset[str]:
        return self._codes("counted_offices", day)

    def needs_proof(self, day: date) -> bool:
        return reference.applies(reference.PROOF_NEEDED, day, territory_id=self.territory_id, known_at=self.known_at)

    def _codes(self, dictionary: str, day: date) -> frozenset[str]:
        return reference.counting_codes(dictionary, day, territory_id=self.territory_id, known_at=self.known_at)


def counting_in(territory_id: int | None, known_at: datetime | None = None) -> rules.Counting:
    """What decides in a territory, or everywhere, which patents count."""
    return _Counting(territory_id, known_at)


def why_not_counted(
    patent: PatentRecord,
    *,
    year: int,
    as_of: date,
    is_participant_on: Callable[[str, date], bool],
    territory_id: int | None = None,
    known_at: datetime | None = None,
    proof: str | None = None,
) -> NotCounted | None:
    """Why the patent does not count for indicator 6 of ``year``, or None: it counts.

    The holders and the dictionary of the day of registration decide, whatever came later. ``is_participant_on(bin,
    day)`` answers for one territory or for all. ``proof`` is the bulletin where a later act brought it.
    """
    return rules.why_not_counted(
        office=patent.office,
        kind=patent.kind,
        registered_on=patent.registered_on,
        holders=patent.registered_holders_list,
        year=year,
        as_of=as_of,
        bulletin=proof or patent.bulletin,
        counting=counting_in(territory_id, known_at),
        is_participant_on=is_participant_on,
    )


def _held_by(bin_: str) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the rows of the state table by which a company is one of the holders."""
    own = PatentHolderState.bin == bin_
    of_row = sa.exists().where(
        PatentHolderState.patent_id == PatentState.patent_id,
        PatentHolderState.valid_from == PatentState.valid_from,
        PatentHolderState.recorded_from == PatentState.recorded_from,
        own,
    )
    # Its patents of any time first, by the index of holders: the others are not looked through.
    return [PatentState.patent_id.in_(sa.select(PatentHolderState.patent_id).where(own)), of_row]


def _ever_held(
    bins: sa.Select[str | None] | list[str],
    as_of: date | None,
    known: int | None,
    patent_id: Any = PatentState.patent_id,
    *,
    among: Collection[int] | None = None,
) -> sa.ColumnElement[bool]:
    """Whether one of these companies held the patent on any day until ``as_of``, or is its first holder after it.

    ``among`` are the only patents that are asked about: then no others are looked through.
    """
    begun = [] if as_of is None else [sa.or_(PatentHolderState.valid_from <= as_of, PatentHolderState.first)]
    some = [] if among is None else [PatentHolderState.patent_id.in_(among)]
    return patent_id.in_(
        sa.select(PatentHolderState.patent_id).where(
            PatentHolderState.bin.in_(bins), *state.as_known(PatentHolderState, known), *begun, *some
        )
    )


def visible(
    viewer: Viewer, as_of: date | None, known: int | None = None, among: Collection[int] | None = None
) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the rows of the state table it may see; ``among``, of these patents only.

    A company sees the patents it holds or held. In a territory they are those of which a holder is or was a resident
    there, or none is one anywhere.
    """
    conditions = []
    if viewer.company_bin is not None:
        conditions.append(_ever_held([viewer.company_bin], as_of, known, among=among))
    if not viewer.has_all_territories:
        own, anywhere = (_ever_held(_members(each, known), as_of, known, among=among) for each in (viewer, SYSTEM))
        conditions.append(sa.or_(own, ~anywhere))
    return conditions


def existing(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the patents that exist for a viewer as in :func:`visible`, annulled ones too."""
    conditions = []
    if viewer.company_bin is not None:
        conditions.append(holds_or_held([viewer.company_bin]))
    if not viewer.has_all_territories:
        own, anywhere = (holds_or_held(_members(each, None)) for each in (viewer, SYSTEM))
        conditions.append(sa.or_(own, ~anywhere))
    return conditions


def holds_or_held(bins: sa.Select[str | None] | list[str]) -> sa.ColumnElement[bool]:
    """Whether one of these companies holds a patent or held it on any day, annulled ones too."""
    # An annulled patent has its last holders, and no row of the state table that is still known.
    last = sa.select(PatentHolder.patent_id).where(PatentHolder.bin.in_(bins))
    ever = sa.select(PatentHolderState.patent_id).where(
        PatentHolderState.bin.in_(bins), *state.as_known(PatentHolderState, None)
    )
    # One list for both, each read by its index of companies.
    return Patent.id.in_(sa.union_all(last, ever))


def _held_by_number(viewer: Viewer, term: Term) -> sa.ColumnElement[bool]:
    """Whether a holder's BIN holds one word of a search; one that is not shown to the viewer is not found either."""
    found = holds_term(sa.literal(" ") + PatentHolderState.bin + sa.literal(" "), term)
    if viewer.has_all_territories:
        return found
    foreign = PatentHolderState.bin.in_(_members(SYSTEM, None)) & PatentHolderState.bin.not_in(_members(viewer, None))
    return sa.and_(found, ~foreign)


SORTABLE = ("title_no", "filed_on", "registered_on")
"""What the list is ordered by on demand, besides the name."""


def list_statement(
    viewer: Viewer,
    *,
    day: date,
    language: str,
    known_at: datetime | None = None,
    begun_only: bool = False,
    territory_id: int | None = None,
    search: str = "",
    status: str = "",
    kind: str = "",
    office: str = "",
    year: int | None = None,
    holder_bin: str | None = None,
    sort: str = "registered_on",
    descending: bool = True,
) -> sa.Select[PatentState, str]:
    """The patents with the values in force on ``day`` and their status: the latest registered first by default.

    ``known_at`` drops what was recorded later, ``begun_only`` leaves out what came after the day. ``search``
    looks into names, numbers, IPC symbols, holders, and the names of holders that are in a register. ``year`` is the
    year of registration.
    """
    shown = sa.case((PatentState.valid_from > day, str(Status.FILED)), else_=PatentState.status)
    known = state.known_by(known_at)
    clocks = state.at(PatentState, as_of=day, known=known, before_first=not begun_only)
    statement = sa.select(PatentState, shown.label("status")).where(*clocks, *visible(viewer, day, known))
    if not viewer.sees_only(territory_id):
        statement = statement.where(_ever_held(_members(SYSTEM.limited_to(territory_id), known), day, known))
    for term in search_terms(rules.searched(search)):
        # A word may stand in the patent, another in a holder's name.
        named = sa.select(ResidentState.bin).where(
            *state.begun_by(ResidentState, as_of=day, known=known, before_first=True),
            *residents.visible(viewer, ResidentState),
            matches_term(ResidentState.search, term),
        )
        # Found by themselves, so that the narrow indexes are read and not the wide rows.
        own = sa.select(PatentState.patent_id).where(matches_term(PatentState.search, term), *clocks).correlate(None)
        holding = state.at(PatentHolderState, as_of=day, known=known, before_first=True)
        held = sa.select(PatentHolderState.patent_id).where(*holding)
        found = [own, held.where(PatentHolderState.bin.in_(named))]
        if asks_for_number(term):
            found.append(held.where(_held_by_number(viewer, term)))
        statement = statement.where(PatentState.patent_id.in_(sa.union(*found)))
    if status:
        statement = statement.where(shown == status)
    if kind:
        statement = statement.where(PatentState.kind == kind)
    if office:
        statement = statement.where(PatentState.office == office)
    if year is not None:
        statement = statement.where(PatentState.registered_on.between(date(year, 1, 1), date(year, 12, 31)))
    if holder_bin is not None:
        statement = statement.where(*_held_by(holder_bin))
    # The order of the stored key by code point is the Kazakh alphabet.
    by_name = {"kk": PatentState.sort_kk, "ru": PatentState.sort_ru, "en": PatentState.sort_en}[language]
    order = getattr(PatentState, sort) if sort in SORTABLE else by_name
    # Databases disagree where rows without a value stand; here they always come last, applications after titles.
    directed = order.desc() if descending else order.asc()
    return statement.order_by(directed.nulls_last(), PatentState.patent_id)


def ids_numbered(number: str) -> list[int]:
    """The live patents and applications of this number, however it is spelled, whoever may see them."""
    title, application = rules.keys_of(number)
    same = sa.or_(Patent.title_key == title, Patent.application_key == application)
    return list(db.session.scalars(sa.select(Patent.id).where(same, Patent.annulled_at.is_(None))))


def get_patent(patent_id: int, viewer: Viewer) -> Patent:
    """:raises NotFound: when there is no such patent, or it does not exist for the viewer."""
    patent = db.session.scalar(sa.select(Patent).where(Patent.id == patent_id, *existing(viewer)))
    if patent is None:
        raise NotFound(lazy("There is no such patent."))
    return patent


def exists_for(viewer: Viewer, patent: Patent) -> bool:
    """Whether a patent exists for a viewer."""
    return db.session.scalar(sa.select(Patent.id).where(Patent.id == patent.id, *existing(viewer))) is not None


def of_resident(viewer: Viewer, bin_: str) -> list[PatentState]:
    """The patents and applications a company holds today, the latest filed first."""
    return [row.PatentState for row in db.session.execute(of_holder(viewer, bin_))]


def of_holder(viewer: Viewer, bin_: str) -> sa.Select[PatentState, str]:
    """The same as a statement."""
    return list_statement(viewer, day=today(), language="kk", holder_bin=bin_, sort="filed_on")


def find_patent(office: str, kind: str, title_no: str | None, application_no: str | None) -> Patent | None:
    """The live patent a row of a file speaks of (the key of ``exchange.md`` 2), or None: it is new.

    A row with a ``title_no`` means the patent of that number, however it is spelled, else the application with its
    ``application_no``, which it grants. A row without one means the application of that number, else the patent granted
    upon it.
    """
    found = None
    if title_no:
        found = next(iter(of_number("title_no", office, kind, title_no)), None)
    if found is None and application_no:
        same = of_number("application_no", office, kind, application_no)
        found = next((patent for patent in same if patent.title_no is None), None)
        if found is None and not title_no:
            found = next(iter(same), None)
    return found


def of_number(name: str, office: str, kind: str, number: str) -> list[Patent]:
    """The live patents of a title (``title_no``) or application (``application_no``), however it is spelled.

    Of several that came to share one, the one spelled so stands first, then the first recorded.
    """
    column, key = getattr(Patent, name), f"{name.removesuffix('_no')}_key"
    wanted = rules.number_keys({"office": office, name: number})[key]
    order = (sa.case((column == number, 0), else_=1), Patent.id)
    same = (Patent.office == office, Patent.kind == kind, getattr(Patent, key) == wanted, Patent.annulled_at.is_(None))
    return list(db.session.scalars(sa.select(Patent).where(*same).order_by(*order)))


def registered_holders(viewer: Viewer, bins: Iterable[str]) -> dict[str, HolderEntry]:
    """The latest entry of each of these companies that stands in a register and that the viewer may open."""
    return _entries(*residents.visible(viewer), Resident.bin.in_(set(bins)))


def holder_entries(
    viewer: Viewer, patents: Iterable[Patent | PatentState], bins: Iterable[str] = ()
) -> dict[str, HolderEntry]:
    """The entries behind the holders of these patents, and behind further numbers."""
    wanted = {row.bin for patent in patents for row in patent.holder_rows if row.bin} | set(bins)
    return foreign_holders(viewer, wanted) | registered_holders(viewer, wanted) if wanted else {}


@dataclass(frozen=True, slots=True)
class FeeDue:
    """A maintenance payment that falls due soon."""

    patent: PatentState
    due_on: date


def fee_due(row: sa.Row[PatentState, int]) -> FeeDue:
    """A row of :func:`fees_statement`."""
    return FeeDue(row.PatentState, date(row.due // 10000, row.due // 100 % 100, row.due % 100))


def fees_statement(
    viewer: Viewer, days: int, *, day: date, territory_id: int | None = None, holder_bin: str | None = None
) -> sa.Select[PatentState, int]:
    """Patents whose next maintenance payment falls ``due`` from ``day`` to ``days`` later, the nearest first.

    ``holder_bin`` leaves those that a company holds today.

    The same as :func:`rules.next_fee_on`, as SQL: of ``days`` less than a year at most one anniversary is among them.
    """
    until = day + timedelta(days=days)
    yearly: list[tuple[sa.ColumnElement[bool], sa.ColumnElement[int]]] = []
    for year in range(day.year, until.year + 1):
        first, last = max(day, date(year, 1, 1)), min(until, date(year, 12, 31))
        # Of 29 February the anniversary is the 28th where the year has no 29th.
        paid: Any = (
            PatentState.fee_day
            if isleap(year)
            else sa.case((PatentState.fee_day == 229, 228), else_=PatentState.fee_day)
        )
        yearly.append((paid.between(_number(first) % 10000, _number(last) % 10000), 10000 * year + paid))
    anniversary = sa.case(*yearly)
    first_payment = sa.case((PatentState.first_fee_on.between(day, until), _as_number(PatentState.first_fee_on)))
    # The first payment covers the anniversaries that fall before or on it.
    covered = sa.func.coalesce(PatentState.first_fee_on, PatentState.published_on)
    over = sa.func.coalesce(_as_number(PatentState.expires_on), _number(date.max))
    anniversary = sa.case((sa.and_(anniversary > _as_number(covered), anniversary < over), anniversary))
    first_payment = sa.case((first_payment < over, first_payment))
    due = sa.case((sa.or_(anniversary.is_(None), first_payment < anniversary), first_payment), else_=anniversary)
    falls_due = sa.or_(anniversary.is_not(None), first_payment.is_not(None))
    statement = sa.select(PatentState, due.label("due")).where(
        *state.at(PatentState, as_of=day), *visible(viewer, day), PatentState.fee_day.is_not(None), falls_due
    )
    if not viewer.sees_only(territory_id):
        statement = statement.where(_ever_held(_members(SYSTEM.limited_to(territory_id), None), day, None))
    if holder_bin is not None:
        statement = statement.where(*_held_by(holder_bin))
    return statement.order_by(due, PatentState.patent_id)


def _number(day: date) -> int:
    return 10000 * day.year + 100 * day.month + day.day


def _as_number(column: Any) -> sa.ColumnElement[int]:
    """A date as a whole number whose order is that of the days: 20261031."""
    year, month, day = (sa.cast(sa.extract(part, column), sa.Integer) for part in ("year", "month", "day"))
    return 10000 * year + 100 * month + day


@dataclass(frozen=True, slots=True)
class FeesDue:
    """How many payments fall due soon, and the first of them."""

    count: int
    first: tuple[FeeDue, ...]


def fees_due_within(
    viewer: Viewer, days: int, *, day: date, territory_id: int | None = None, limit: int = 5
) -> FeesDue:
    """The maintenance payments of :func:`fees_statement`, counted, and the nearest of them."""
    statement = fees_statement(viewer, days, day=day, territory_id=territory_id)
    rows = db.session.execute(statement.limit(limit)).all()
    count = len(rows) if len(rows) < limit else counts([statement])[0]
    return FeesDue(count, tuple(map(fee_due, rows)))


def offices_and_years(viewer: Viewer) -> tuple[Sequence[str], Sequence[int]]:
    """Whose patents the viewer may see: their offices, and their years of registration, the latest first."""
    return _offices_and_years(viewer, journal.head().hash)


@lru_cache(maxsize=64)
def _offices_and_years(viewer: Viewer, _head: str) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Kept while nothing is recorded: each page of the list asks, and would look through all patents."""
    statement = (
        sa.select(PatentState.office, sa.extract("year", PatentState.registered_on))
        .where(*state.at(PatentState, as_of=None), *visible(viewer, None))
        .distinct()
    )
    rows = db.session.execute(statement).all()
    years = sorted({int(year) for _office, year in rows if year}, reverse=True)
    return tuple(sorted({office for office, _year in rows})), tuple(years)
