"""Reading the participant register."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa

from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.fields import Recorded, names
from registry.infra.i18n import lazy
from registry.infra.text import search_pattern, search_text
from registry.journal import queries as journal
from registry.residents import rules
from registry.residents.fields import RESIDENT
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Status
from registry.territories.models import Territory
from registry.territories.queries import all_territories


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One change of status as the register knows it."""

    id: int
    change: str
    effective_on: date
    ground: str | None = None
    decision_no: str | None = None
    decision_date: date | None = None


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
) -> list[ResidentRecord]:
    """Every entry with the values in force on ``as_of`` (None: as it is now), ordered by territory, BIN and date.

    Only what was recorded by ``known_at`` is used (``exchange.md`` 3). A resident's viewer gets its own entries.
    """
    codes = {territory.id: territory.code for territory in all_territories()}
    changes: dict[int, list[StatusRecord]] = {}
    for key, state in journal.states(StatusChange, as_of=as_of, known_at=known_at).items():
        values = dict(state.values)
        changes.setdefault(values.pop("resident_id"), []).append(StatusRecord(id=key, **values))
    found = []
    for key, state in journal.states(Resident, as_of=as_of, known_at=known_at, ids=ids).items():
        values = state.values
        if territory_id is not None and values["territory_id"] != territory_id:
            continue
        if viewer.company_bin is not None and values["bin"] != viewer.company_bin:
            continue
        own = sorted(changes.get(key, ()), key=lambda item: item.effective_on)
        flags = tuple(
            (act.effective_on, act.values["experimental_production"])
            for act in state.acts
            if "experimental_production" in act.values
        )
        found.append(
            ResidentRecord.of(
                values,
                id=key,
                territory_code=codes[values["territory_id"]],
                changes=tuple(own),
                experimental_since=flags,
            )
        )
    return sorted(found, key=lambda record: (record.territory_code, record.bin, record.registered_on, record.id))


def participants(
    viewer: Viewer,
    day: date,
    *,
    territory_id: int | None = None,
    known_at: datetime | None = None,
    search: str = "",
) -> list[ResidentRecord]:
    """The participants on a day and nobody else, with the values in force on it; ``search`` as in the list."""
    found = records(viewer, territory_id=territory_id, as_of=day, known_at=known_at)
    needle = search_pattern(search).strip("%").replace("\\", "") if search.strip() else ""
    return [
        record
        for record in found
        if record.participates_on(day)
        and needle in search_text(record.name_kk, record.name_ru, record.name_en, record.bin, record.register_no)
    ]


def status_expression(day: date) -> sa.ColumnElement[str]:
    """The status on a day as SQL, for filtering and showing lists without a statement per row."""
    last = (
        sa.select(StatusChange.change)
        .where(
            StatusChange.resident_id == Resident.id,
            StatusChange.annulled_at.is_(None),
            StatusChange.effective_on <= day,
        )
        .order_by(StatusChange.effective_on.desc())
        .limit(1)
        .correlate(Resident)
        .scalar_subquery()
    )
    return sa.case(
        (Resident.registered_on > day, str(Status.UPCOMING)),
        (last == rules.Change.SUSPENDED, str(Status.SUSPENDED)),
        (last == rules.Change.EXCLUDED, str(Status.EXCLUDED)),
        else_=str(Status.ACTIVE),
    )


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the live entries it may see."""
    conditions: list[sa.ColumnElement[bool]] = [Resident.annulled_at.is_(None)]
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    return conditions


SORTABLE = {
    "name": None,
    "bin": Resident.bin,
    "register_no": Resident.register_no,
    "registered_on": Resident.registered_on,
}


def list_statement(
    viewer: Viewer,
    *,
    day: date,
    language: str,
    territory_id: int | None = None,
    search: str = "",
    status: str = "",
    participant_type: str = "",
    registered_from: date | None = None,
    registered_to: date | None = None,
    sort: str = "name",
    descending: bool = False,
) -> sa.Select[Resident, str]:
    """The list of entries with their status on ``day``: filtered, in Kazakh alphabetical order by default."""
    shown = status_expression(day)
    statement = sa.select(Resident, shown.label("status")).where(*visible(viewer))
    if territory_id is not None:
        statement = statement.where(Resident.territory_id == territory_id)
    if search.strip():
        statement = statement.where(Resident.search.like(search_pattern(search), escape="\\"))
    if status:
        statement = statement.where(shown == status)
    if participant_type:
        statement = statement.where(Resident.participant_type == participant_type)
    if registered_from:
        statement = statement.where(Resident.registered_on >= registered_from)
    if registered_to:
        statement = statement.where(Resident.registered_on <= registered_to)
    by_name = {"kk": Resident.sort_kk, "ru": Resident.sort_ru, "en": Resident.sort_en}[language]
    # The byte order of the stored key is the Kazakh alphabet on every database, whatever its collation.
    name_order = sa.collate(by_name, "BINARY" if db.engine.dialect.name == "sqlite" else "C")
    key = SORTABLE.get(sort)
    order = name_order if key is None else key
    return statement.order_by(order.desc() if descending else order.asc(), Resident.id)


def get_resident(resident_id: int, viewer: Viewer) -> Resident:
    """:raises NotFound: when there is no such entry or it is another company's."""
    resident = db.session.scalar(sa.select(Resident).where(Resident.id == resident_id))
    if resident is None or (viewer.company_bin is not None and resident.bin != viewer.company_bin):
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


def entries_of(territory_id: int, bin_: str) -> list[tuple[Resident, list[StatusChange]]]:
    """A company's live entries in a territory, oldest first, each with its changes."""
    rows = list(
        db.session.scalars(
            sa.select(Resident)
            .where(Resident.territory_id == territory_id, Resident.bin == bin_, Resident.annulled_at.is_(None))
            .order_by(Resident.registered_on, Resident.id)
        )
    )
    return [(row, status_changes(row)) for row in rows]


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


def entry_for_paper(territory: Territory, bin_: str, day: date) -> Resident:
    """The entry a contract signed that day belongs to: the latest one begun by then, else the first.

    :raises NotFound: when the company has no entry in the territory.
    """
    entries = [row for row, _changes in entries_of(territory.id, bin_)]
    if not entries:
        raise NotFound(_unknown_company(territory, bin_), "bin")
    begun = [row for row in entries if row.registered_on <= day]
    return begun[-1] if begun else entries[0]


def entry_for_quarter(territory: Territory, bin_: str, first: date, last: date) -> Resident:
    """The entry a report of the quarter belongs to: the latest that took part on at least one of its days.

    :raises NotFound: naming ``bin`` when the company is unknown, ``quarter`` when it took no part.
    """
    entries = entries_of(territory.id, bin_)
    if not entries:
        raise NotFound(_unknown_company(territory, bin_), "bin")
    for row, changes in reversed(entries):
        if rules.participates_in(row.registered_on, rules.excluded_on(changes), first, last):
            return row
    raise NotFound(lazy("%(bin)s was not a participant on any day of the quarter", bin=bin_), "quarter")


def _unknown_company(territory: Territory, bin_: str) -> object:
    return lazy("%(bin)s has no entry in the register of %(territory)s", bin=bin_, territory=territory.code)
