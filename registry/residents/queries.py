"""Reading the participant register."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.errors import DomainError, NotFound
from registry.infra.access import Viewer
from registry.infra.db import db, in_parts
from registry.infra.fields import Recorded, names
from registry.infra.i18n import lazy
from registry.infra.identifiers import BIN_DIGITS, canonical_bin, canonical_number, is_surrogate
from registry.infra.text import Term, matches, search_terms, sort_key
from registry.journal import state
from registry.journal.rules import OPEN
from registry.residents import rules
from registry.residents.fields import RESIDENT
from registry.residents.models import Resident, ResidentState, StatusChange, StatusChangeState
from registry.residents.rules import Status, StatusRecord
from registry.territories.models import Territory
from registry.territories.queries import all_territories, territories_of


@dataclass(frozen=True)
class ResidentRecord(Recorded):
    """An entry as of one date and as known at one moment: what screen, file and paper show alike."""

    declared = frozenset(names(RESIDENT))

    id: int
    territory_id: int
    territory_code: str
    register_no: str
    bin: str
    name_kk: str
    name_ru: str
    registered_on: date
    legal_form: str
    participant_type: str
    name_en: str | None = None
    decision_no: str | None = None
    decision_date: date | None = None
    oked: str | None = None
    krp: str | None = None
    kbe: str | None = None
    kato: str | None = None
    address_kk: str | None = None
    address_ru: str | None = None
    head: str | None = None
    email: str | None = None
    phone: str | None = None
    priority_direction: str | None = None
    trl: int | None = None
    accreditation_no: str | None = None
    accreditation_until: date | None = None
    experimental_production: bool = False
    is_demo: bool = False
    changes: tuple[StatusRecord, ...] = ()
    experimental_since: tuple[tuple[date, bool], ...] = ()
    """From when on the flag ``experimental_production`` had which value, in the order it came to hold."""

    def experimental_on(self, day: date) -> bool:
        """Whether the entry was an experimental production plant on a day (indicator 3, ``exchange.md`` 3)."""
        flags = [flag for since, flag in self.experimental_since if since <= day]
        return flags[-1] if flags else False

    @cached_property
    def excluded_on(self) -> date | None:
        return rules.excluded_on(self.changes)

    def status_on(self, day: date) -> Status:
        return rules.status_on(self.registered_on, self.changes, day)

    def participates_on(self, day: date) -> bool:
        return rules.participates_on(self.registered_on, self.excluded_on, day)

    def participates_in(self, first: date, last: date) -> bool:
        return rules.participates_in(self.registered_on, self.excluded_on, first, last)


def records(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
    bins: Collection[str] | None = None,
) -> list[ResidentRecord]:
    """Every entry, or those of these ids or companies, with the values in force on ``as_of`` (None: as it is now).

    They are ordered by territory, BIN and date.

    Only what was recorded by ``known_at`` is used (``exchange.md`` 3). A resident's viewer gets its own entries.
    """
    known = state.known_by(known_at)
    conditions = [*state.at(ResidentState, as_of=as_of, known=known), *visible(viewer, ResidentState)]
    if territory_id is not None:
        conditions.append(ResidentState.territory_id == territory_id)
    if ids is not None:
        conditions.append(ResidentState.resident_id.in_(ids))
    if bins is not None:
        conditions.append(ResidentState.bin.in_(bins))
    return _records(conditions, as_of, known)


class Participation(NamedTuple):
    """When a company took part in a territory under one entry."""

    bin: str
    territory_id: int
    registered_on: date
    excluded_on: date | None


def bins_ever(ids: Sequence[int]) -> set[str]:
    """The numbers entries have or had before a correction."""
    found: set[str | None] = set()
    for some in in_parts(ids):
        found |= set(
            db.session.scalars(sa.select(ResidentState.bin).where(ResidentState.resident_id.in_(some)).distinct())
        )
    return {number for number in found if number}


def numbers_of(resident: Resident) -> dict[str, int]:
    """The numbers an entry has or had before a correction, each with the sequence of the act that corrected it."""
    known = sa.select(ResidentState.bin, sa.func.max(ResidentState.recorded_to)).where(
        ResidentState.resident_id == resident.id, ResidentState.bin.is_not(None)
    )
    found = {number: until for number, until in db.session.execute(known.group_by(ResidentState.bin)) if number}
    return found | {resident.bin: OPEN}


def participations(
    *, as_of: date | None, known_at: datetime | None = None, bins: Collection[str] | None = None
) -> dict[str, list[Participation]]:
    """When companies, all or some, took part in any territory, by BIN, as it was on ``as_of`` and known at a moment.

    ``as_of`` None takes every act whatever its date.
    """
    query = sa.select(
        ResidentState.bin, ResidentState.territory_id, ResidentState.registered_on, ResidentState.excluded_on
    ).where(*state.at(ResidentState, as_of=as_of, known=state.known_by(known_at)))
    if bins is not None:
        query = query.where(ResidentState.bin.in_(bins))
    found: dict[str, list[Participation]] = {}
    for number, territory_id, begun, ended in db.session.execute(query):
        if number is not None:
            found.setdefault(number, []).append(Participation(number, territory_id, begun, ended))
    return found


def participants(
    viewer: Viewer,
    day: date,
    *,
    territory_id: int | None = None,
    known_at: datetime | None = None,
    search: str = "",
) -> list[ResidentRecord]:
    """The participants on a day and nobody else, with the values in force on it; ``search`` as in the list."""
    known = state.known_by(known_at)
    clocks = state.at(ResidentState, as_of=day, known=known)
    conditions = [
        *clocks,
        *visible(viewer, ResidentState),
        ResidentState.status != Status.EXCLUDED,
        *_matching(search, day, known),
    ]
    if territory_id is not None:
        conditions.append(ResidentState.territory_id == territory_id)
    return _records(conditions, day, known)


def _records(
    conditions: Sequence[sa.ColumnElement[bool]], as_of: date | None, known: int | None
) -> list[ResidentRecord]:
    """The entries whose rows of the state table meet the conditions, with their changes of status by ``as_of``."""
    chosen = sa.select(ResidentState.resident_id).where(*conditions)
    changes: dict[int, list[StatusRecord]] = {}
    of_changes = (
        StatusChangeState.status_change_id,
        *(getattr(StatusChangeState, name) for name in rules.CHANGE_FIELDS),
    )
    in_effect = state.at(StatusChangeState, as_of=as_of, known=known)
    query = sa.select(*of_changes).where(*in_effect, StatusChangeState.resident_id.in_(chosen))
    for key, resident_id, *values in db.session.execute(query.order_by(StatusChangeState.effective_on)):
        changes.setdefault(resident_id, []).append(StatusRecord(key, *values))
    flags: dict[int, list[tuple[date, bool]]] = {}
    known_periods = state.as_known(ResidentState, known)
    flagged = sa.select(ResidentState.resident_id).where(
        *known_periods, ResidentState.resident_id.in_(chosen), ResidentState.experimental_production
    )
    for resident_id, since, flag in db.session.execute(
        sa.select(ResidentState.resident_id, ResidentState.valid_from, ResidentState.experimental_production)
        .where(*known_periods, ResidentState.resident_id.in_(flagged))
        .order_by(ResidentState.valid_from)
    ):
        if as_of is None or since <= as_of:
            flags.setdefault(resident_id, []).append((since, flag))
    codes = {territory.id: territory.code for territory in all_territories()}
    fields = [getattr(ResidentState, name) for name in rules.FIELDS]
    found = [
        ResidentRecord.of(
            {name: getattr(row, name) for name in rules.FIELDS},
            id=row.resident_id,
            territory_code=codes[row.territory_id],
            changes=tuple(changes.get(row.resident_id, ())),
            experimental_since=tuple(flags.get(row.resident_id, ())),
        )
        for row in db.session.execute(sa.select(ResidentState.resident_id, *fields).where(*conditions))
    ]
    return sorted(found, key=lambda record: (record.territory_code, record.bin, record.registered_on, record.id))


def visible(viewer: Viewer, entry: Any = Resident) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the entries it may see: live ones of the table, or rows of the state table."""
    live: list[sa.ColumnElement[bool]] = [Resident.annulled_at.is_(None)] if entry is Resident else []
    return [*live, *_own(viewer, entry)]


def _own(viewer: Viewer, entry: Any = Resident) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the entries that exist for it, annulled ones too."""
    conditions = viewer.within(entry.territory_id)
    if viewer.company_bin is not None:
        conditions.append(entry.bin == viewer.company_bin)
    return conditions


def in_force(day: date) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave of the state table what holds on a day, as it is known now."""
    return state.at(ResidentState, as_of=day)


def words_of_territories(viewer: Viewer) -> set[str]:
    """What the territories in which a viewer sees entries call their members."""
    entries = sa.select(Resident.territory_id).where(*visible(viewer))
    return set(db.session.scalars(sa.select(Territory.participant_word).where(Territory.id.in_(entries))))


def ids_found(terms: Sequence[Term], *, day: date | None = None, known: int | None = None) -> sa.Select:
    """The entries that hold all the words in names, BIN or register number, as a select of ids.

    A company is found by the names it has on ``day`` and by those it had before; None takes every act.
    """
    clocks = state.begun_by(ResidentState, as_of=day, known=known, before_first=True)
    found = matches(ResidentState.search, list(terms))
    # SQLite looks at conditions in turn, and few rows hold the words.
    return sa.select(ResidentState.resident_id).where(found, *clocks).correlate(None)


def _matching(search: str, day: date, known: int | None) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave the rows of the entries a search finds.

    They are found by themselves, so that the narrow index of search texts is read and not the wide rows.
    """
    terms = search_terms(search)
    return [ResidentState.resident_id.in_(ids_found(terms, day=day, known=known))] if terms else []


SORTABLE = ("bin", "register_no", "registered_on")
"""What the list is ordered by on demand, besides the name."""

PARTICIPANTS = "participants"
"""The filter that leaves everybody who takes part, suspended ones too."""


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
    participant_type: str = "",
    registered_from: date | None = None,
    registered_to: date | None = None,
    sort: str = "name",
    descending: bool = False,
) -> sa.Select[ResidentState, str]:
    """The entries with the values in force on ``day`` and their status: in Kazakh alphabetical order by default.

    ``known_at`` drops what was recorded later. ``begun_only`` leaves out the entries yet to begin on the day.
    ``status`` is one, or :data:`PARTICIPANTS`.
    """
    shown = sa.case((ResidentState.valid_from > day, str(Status.UPCOMING)), else_=ResidentState.status)
    known = state.known_by(known_at)
    clocks = state.at(ResidentState, as_of=day, known=known, before_first=not begun_only)
    statement = sa.select(ResidentState, shown.label("status")).where(
        *clocks, *visible(viewer, ResidentState), *_matching(search, day, known)
    )
    if territory_id is not None:
        statement = statement.where(ResidentState.territory_id == territory_id)
    if status == PARTICIPANTS:
        statement = statement.where(shown.in_([Status.ACTIVE, Status.SUSPENDED]))
    elif status:
        statement = statement.where(shown == status)
    if participant_type:
        statement = statement.where(ResidentState.participant_type == participant_type)
    if registered_from:
        statement = statement.where(ResidentState.registered_on >= registered_from)
    if registered_to:
        statement = statement.where(ResidentState.registered_on <= registered_to)
    # The order of the stored key by code point is the Kazakh alphabet.
    by_name = {"kk": ResidentState.sort_kk, "ru": ResidentState.sort_ru, "en": ResidentState.sort_en}[language]
    order = getattr(ResidentState, sort) if sort in SORTABLE else by_name
    return statement.order_by(order.desc() if descending else order.asc(), ResidentState.resident_id)


class Called(NamedTuple):
    """What an entry was called over a period that a search looks into; ``is_over`` where it is called otherwise now."""

    is_over: bool
    name_kk: str | None
    name_ru: str | None
    name_en: str | None
    bin: str | None
    register_no: str


def called(viewer: Viewer, ids: Collection[int], day: date) -> dict[int, list[Called]]:
    """What these entries are called on a day and were called before, the latest first, as far as a viewer sees them."""
    rows = db.session.execute(
        sa.select(
            ResidentState.resident_id,
            ResidentState.valid_to <= day,
            *(getattr(ResidentState, name) for name in Called._fields[1:]),
        )
        .where(
            ResidentState.resident_id.in_(ids),
            *state.begun_by(ResidentState, as_of=day, before_first=True),
            *visible(viewer, ResidentState),
        )
        .order_by(ResidentState.valid_from.desc())
    )
    found: dict[int, list[Called]] = {}
    for key, *values in rows:
        found.setdefault(key, []).append(Called(*values))
    return found


def ids_numbered(number: str) -> list[int]:
    """The entries whose BIN or register number this is, however it is spelled, whoever may see them."""
    bin_ = canonical_bin(number)
    is_bin = is_surrogate(bin_) or (bin_.isdecimal() and len(bin_) == BIN_DIGITS)
    register_no = canonical_number(number)
    if not is_bin and not REGISTER_NO.match(register_no):
        return []  # no index has register numbers: only what looks like one is looked for
    same = Resident.bin == bin_ if is_bin else Resident.register_no == register_no
    return list(db.session.scalars(sa.select(Resident.id).where(same, Resident.annulled_at.is_(None))))


REGISTER_NO = re.compile(r"[A-Z]+-[0-9]{4}-[0-9]")
"""How a register number begins: territory, year, serial number."""


def companies(viewer: Viewer, words: str, *, day: date, language: str, most: int) -> list[sa.Row]:
    """Companies that a search finds, each once, by the latest of its entries: those taking part come first.

    The rows are those of :func:`list_statement`.
    """
    statement = list_statement(viewer, day=day, language=language, search=words)
    is_over = sa.case((ResidentState.status == Status.EXCLUDED, 1), else_=0)
    ordered = statement.order_by(None).order_by(is_over, *statement._order_by_clauses)
    found: dict[str | None, sa.Row] = {}
    # A company has few entries, one or two in a territory.
    for row in db.session.execute(ordered.limit(most * ENTRIES_OF_ONE)):
        found.setdefault(row[0].bin, row)
    return list(found.values())[:most]


ENTRIES_OF_ONE = 4
"""How many entries of one company are looked at among those found."""


def get_resident(resident_id: int, viewer: Viewer) -> Resident:
    """:raises NotFound: when there is no such entry, or it is another company's or in another territory."""
    resident = db.session.scalar(sa.select(Resident).where(Resident.id == resident_id, *_own(viewer)))
    if resident is None:
        raise NotFound(lazy("There is no such participant."))
    return resident


def status_changes(resident: Resident) -> list[StatusChange]:
    """The live changes of an entry's status in date order."""
    return list(
        db.session.scalars(
            sa.select(StatusChange)
            .where(StatusChange.resident_id == resident.id, StatusChange.annulled_at.is_(None))
            .order_by(StatusChange.effective_on, StatusChange.id)
        )
    )


Entries = list[tuple[Resident, list[StatusChange]]]
"""A company's live entries in a territory, oldest first, each with its live changes in date order."""


def of_the_same_name(territory_id: int, bin_: str, *, name_kk: str | None, name_ru: str | None) -> list[Resident]:
    """Entries of other companies of a territory whose name is the same in either language, case and quotes apart."""
    same = [
        column == key
        for column, name in ((Resident.sort_kk, name_kk), (Resident.sort_ru, name_ru))
        if (key := sort_key(name or ""))
    ]
    if not same:
        return []
    return list(
        db.session.scalars(
            sa.select(Resident)
            .where(
                sa.or_(*same),
                Resident.territory_id == territory_id,
                Resident.bin != bin_,
                Resident.annulled_at.is_(None),
            )
            .order_by(Resident.id)
        )
    )


def surrogate_of(territory_id: int, registered_on: date | None, name_kk: str | None) -> str | None:
    """The surrogate number of the entry of that day and name, for a row that names none."""
    return db.session.scalar(
        sa.select(Resident.bin).where(
            Resident.territory_id == territory_id,
            Resident.registered_on == registered_on,
            Resident.sort_kk == sort_key(name_kk or ""),
            Resident.bin.like("S%"),
            Resident.annulled_at.is_(None),
        )
    )


def is_used(territory_id: int, register_no: str, own: Resident | None = None) -> bool:
    """Whether another entry than ``own`` has or ever had a register number of the territory, however it is spelled."""
    wanted = canonical_number(register_no)
    # Whatever is spelled another way, the digits stand in this order.
    digits = "%".join(["", *(sign for sign in wanted if sign.isdigit()), ""])
    found = [
        sa.select(table.register_no).where(
            table.territory_id == territory_id,
            table.register_no.like(digits),
            *([] if own is None else [key != own.id]),
        )
        for table, key in ((Resident, Resident.id), (ResidentState, ResidentState.resident_id))
    ]
    return any(canonical_number(number) == wanted for number in db.session.scalars(sa.union(*found)) if number)


def ids_of_company(resident_id: int) -> sa.Select:
    """The entries of the company that has this one, in its territory, as a select of ids."""
    own = aliased(Resident)
    same = sa.and_(own.territory_id == Resident.territory_id, own.bin == Resident.bin)
    return sa.select(Resident.id).join(own, same).where(own.id == resident_id)


def other_entries(resident: Resident) -> list[Resident]:
    """The other live entries of an entry's company in its territory, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Resident)
            .where(
                Resident.territory_id == resident.territory_id,
                Resident.bin == resident.bin,
                Resident.id != resident.id,
                Resident.annulled_at.is_(None),
            )
            .order_by(Resident.registered_on, Resident.id)
        )
    )


def entries_of(territory_id: int, bin_: str) -> Entries:
    """The entries of a company in a territory."""
    return entries_of_companies(territory_id, [bin_]).get(bin_, [])


def entries_of_companies(territory_id: int, bins: Collection[str]) -> dict[str, Entries]:
    """The entries of companies in a territory by BIN, read together; a company that has none is left out."""
    rows = db.session.scalars(
        sa.select(Resident)
        .where(Resident.territory_id == territory_id, Resident.bin.in_(bins), Resident.annulled_at.is_(None))
        .order_by(Resident.registered_on, Resident.id)
    ).all()
    changes: dict[int, list[StatusChange]] = {row.id: [] for row in rows}
    for change in db.session.scalars(
        sa.select(StatusChange)
        .where(StatusChange.resident_id.in_(changes), StatusChange.annulled_at.is_(None))
        .order_by(StatusChange.effective_on, StatusChange.id)
    ):
        changes[change.resident_id].append(change)
    found: dict[str, Entries] = {}
    for row in rows:
        found.setdefault(row.bin, []).append((row, changes[row.id]))
    return found


def entry_for_change(territory: Territory, bin_: str, day: date) -> Resident:
    """The entry a status change of that day belongs to: the oldest one still running then, else the latest.

    :raises NotFound: when the company has no entry in the territory.
    """
    entries = entries_of(territory.id, bin_)
    if not entries:
        raise NotFound(_unknown_company(territory, bin_), "bin")
    for row, changes in entries:
        if any(change.effective_on == day for change in changes):
            return row
    for row, changes in entries:
        if row.registered_on <= day and rules.participates_on(row.registered_on, rules.excluded_on(changes), day):
            return row
    begun = [row for row, _changes in entries if row.registered_on <= day]
    return begun[-1] if begun else entries[0][0]


def entry_for_paper(territory: Territory, bin_: str, day: date, entries: Entries | None = None) -> Resident:
    """The entry a contract signed that day belongs to: the latest one begun by then, else the first.

    ``entries`` are the company's, where the caller has read them.

    :raises NotFound: when the company has no entry in the territory.
    """
    rows = [row for row, _changes in (entries_of(territory.id, bin_) if entries is None else entries)]
    if not rows:
        raise NotFound(_unknown_company(territory, bin_), "bin")
    begun = [row for row in rows if row.registered_on <= day]
    return begun[-1] if begun else rows[0]


def territory_of(viewer: Viewer, bin_: str) -> Territory:
    """The one territory of a viewer in which a company has entries.

    :raises NotFound: naming ``bin`` when the company is unknown.
    :raises DomainError: naming ``territory`` when it has entries in several.
    """
    found = [row for row in territories_of(viewer) if entries_of(row.id, bin_)]
    if not found:
        raise NotFound(lazy("There is no participant with the BIN %(bin)s.", bin=bin_), "bin")
    if len(found) > 1:
        codes = ", ".join(row.code for row in found)
        raise DomainError(
            lazy("%(bin)s has entries in several territories (%(codes)s): name one.", bin=bin_, codes=codes),
            "territory",
        )
    return found[0]


def entry_for_quarter(
    territory: Territory, bin_: str, first: date, last: date, entries: Entries | None = None
) -> Resident:
    """The entry a report of the quarter belongs to: the latest that took part on at least one of its days.

    ``entries`` are the company's, where the caller has read them.

    :raises NotFound: naming ``bin`` when the company is unknown, ``quarter`` when it took no part.
    """
    if entries is None:
        entries = entries_of(territory.id, bin_)
    if not entries:
        raise NotFound(_unknown_company(territory, bin_), "bin")
    for row, changes in reversed(entries):
        if rules.participates_in(row.registered_on, rules.excluded_on(changes), first, last):
            return row
    raise NotFound(lazy("%(bin)s was not a participant on any day of the quarter", bin=bin_), "quarter")


def _unknown_company(territory: Territory, bin_: str) -> object:
    return lazy("%(bin)s has no entry in the register of %(territory)s", bin=bin_, territory=territory.code)
