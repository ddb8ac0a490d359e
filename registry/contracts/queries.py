"""Reading contracts and addenda."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.contracts import rules
from registry.contracts.fields import CONTRACT
from registry.contracts.models import Addendum, AddendumState, Contract, ContractState
from registry.contracts.rules import AddendumRecord, Status, Terms
from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.fields import Recorded, names
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_number
from registry.infra.paging import counts
from registry.infra.text import matches_term, search_terms
from registry.journal import state
from registry.residents import queries as residents
from registry.residents.models import Resident, ResidentState
from registry.territories.models import Territory
from registry.territories.queries import all_territories


@dataclass(frozen=True)
class ContractRecord(Recorded):
    """A contract as of one date and as known at one moment, with the terms as concluded and its addenda apart.

    ``amount`` is in tiyn, ``area_m2`` in hundredths of a square metre; ``bin`` and the names are the resident's.
    """

    declared = frozenset(names(CONTRACT))

    id: int
    territory_id: int
    territory_code: str
    resident_id: int
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None
    kind: str
    number: str
    signed_on: date
    starts_on: date
    ends_on: date | None = None
    amount: int | None = None
    subject_kk: str | None = None
    subject_ru: str | None = None
    premises: str | None = None
    area_m2: int | None = None
    terminated_on: date | None = None
    termination_ground: str | None = None
    addenda: tuple[AddendumRecord, ...] = ()

    @cached_property
    def key(self) -> tuple[str, str]:
        return self.territory_code, self.number

    def terms_on(self, day: date) -> Terms:
        return rules.terms_on(self, self.addenda, day)

    def last_end_on(self, day: date) -> date | None:
        return rules.last_end_on(self, self.addenda, day)

    def in_force_on(self, day: date) -> bool:
        return rules.in_force_on(self, self.addenda, day)

    def status_on(self, day: date) -> Status:
        return rules.status_on(self, self.addenda, day)

    def days_left(self, day: date) -> int | None:
        return rules.days_left(self, self.addenda, day)


def records(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    resident_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
    upcoming: bool = False,
) -> list[ContractRecord]:
    """Every contract signed by ``as_of`` (None: every one, as it is now), ordered by territory and number.

    Each has the addenda effective by ``as_of``, in order of effect, and the resident's names of that day. Only what was
    recorded by ``known_at`` is used (``exchange.md`` 3). A resident's viewer gets the contracts of its own entries.
    ``ids`` limits the contracts; with ``upcoming`` those signed later are there too, with their first values. Ask
    :meth:`ContractRecord.in_force_on` for those in force.
    """
    known = state.known_by(known_at)
    clocks = state.at(ContractState, as_of=as_of, known=known, before_first=upcoming)
    conditions = [*clocks, *visible(viewer, ContractState, ResidentState)]
    if territory_id is not None:
        conditions.append(ContractState.territory_id == territory_id)
    if resident_id is not None:
        conditions.append(ContractState.resident_id == resident_id)
    if ids is not None:
        conditions.append(ContractState.contract_id.in_(ids))
    party = _party(as_of, known)
    chosen = sa.select(ContractState.contract_id).join(*party).where(*conditions)
    in_effect = state.at(AddendumState, as_of=as_of, known=known)
    of_addenda = (AddendumState.addendum_id, *(getattr(AddendumState, name) for name in rules.ADDENDUM_FIELDS))
    addenda: dict[int, list[AddendumRecord]] = {}
    for row in db.session.execute(sa.select(*of_addenda).where(*in_effect, AddendumState.contract_id.in_(chosen))):
        values = dict(row._mapping)
        key = values.pop("addendum_id")
        addenda.setdefault(values.pop("contract_id"), []).append(AddendumRecord.of(values, id=key))
    codes = {territory.id: territory.code for territory in all_territories()}
    names = ("bin", "name_kk", "name_ru", "name_en")
    fields = [getattr(ContractState, name) for name in rules.FIELDS]
    fields += [getattr(ResidentState, name) for name in names]
    found = [
        ContractRecord.of(
            {name: getattr(row, name) for name in (*rules.FIELDS, *names)},
            id=row.contract_id,
            territory_code=codes[row.territory_id],
            addenda=tuple(rules.in_order(addenda.get(row.contract_id, ()))),
        )
        for row in db.session.execute(sa.select(ContractState.contract_id, *fields).join(*party).where(*conditions))
    ]
    return sorted(found, key=lambda record: (*record.key, record.id))


def _party(as_of: date | None, known: int | None) -> tuple[type[ResidentState], sa.ColumnElement[bool]]:
    """What to join for the contract's party by the same two clocks.

    A contract may be signed before the resident's entry begins: then the entry's own first values name it.
    """
    party = state.at(ResidentState, as_of=as_of, known=known, before_first=True)
    return ResidentState, sa.and_(ResidentState.resident_id == ContractState.resident_id, *party)


def _ending(day: date, days: int, *, known: int | None = None, of_few: bool = False) -> sa.ColumnElement[bool]:
    """In force on ``day`` and no longer on the day after ``days`` days, addenda taking effect till then included.

    ``known`` drops what was recorded later (:func:`state.known_by`). ``of_few`` says that it is shown of a page of
    contracts and leaves out none.
    """
    after, later = day + timedelta(days=days + 1), aliased(ContractState)
    still = (
        *state.at(later, as_of=after, known=known),
        later.contract_id == ContractState.contract_id,
        later.status == _IN_FORCE,
    )
    other = sa.select(later.contract_id).where(*still)
    return sa.and_(
        # The literal lets both databases choose the index of contracts in force.
        ContractState.status == sa.literal_column(f"'{_IN_FORCE}'"),
        ContractState.valid_from <= day,
        ContractState.valid_to <= after,
        # With an offset PostgreSQL looks for each contract's own, instead of first reading all that are in force then.
        ~sa.exists(other.offset(0) if of_few else other),
    )


_IN_FORCE = str(Status.IN_FORCE)


def visible(viewer: Viewer, contract: Any = Contract, party: Any = Resident) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the contracts it may see, on a statement that joins the party.

    Of the table only live ones; of the state table whatever its clocks leave.
    """
    conditions = viewer.within(contract.territory_id)
    if contract is Contract:
        conditions.append(Contract.annulled_at.is_(None))
    if viewer.company_bin is not None:
        conditions.append(party.bin == viewer.company_bin)
    return conditions


def list_statement(
    viewer: Viewer,
    *,
    day: date,
    language: str,
    known_at: datetime | None = None,
    begun_only: bool = False,
    territory_id: int | None = None,
    resident_id: int | None = None,
    search: str = "",
    kind: str = "",
    status: str = "",
    ends_within: int | None = None,
    sort: str = "signed_on",
    descending: bool = True,
) -> sa.Select[ContractState, str, bool]:
    """The list of contracts with the values in force on ``day``, each with its ``status`` then.

    ``ends_soon`` tells those in force that end within the longest of :data:`rules.ENDING_DAYS`. The newest come first
    by default. ``known_at`` drops what was recorded later, ``begun_only`` leaves out what was not signed by the day.

    ``search`` looks into number, subject, premises and the resident's names, BIN and register number.
    ``ends_within`` leaves the contracts in force on ``day`` that end in that many days or fewer.
    """
    shown = sa.case((ContractState.valid_from > day, str(Status.UPCOMING)), else_=ContractState.status)
    known = state.known_by(known_at)
    clocks = state.at(ContractState, as_of=day, known=known, before_first=not begun_only)
    ends_soon = _ending(day, max(rules.ENDING_DAYS), known=known, of_few=True)
    statement = sa.select(ContractState, shown.label("status"), ends_soon.label("ends_soon")).where(
        *clocks, *visible(viewer, ContractState, ResidentState)
    )
    if viewer.company_bin is not None or sort == "resident":
        # Only then: a list of all contracts is read, counted and paged without looking up each one's party.
        statement = statement.join(*_party(day, known))
    if territory_id is not None:
        statement = statement.where(ContractState.territory_id == territory_id)
    if resident_id is not None:
        statement = statement.where(ContractState.resident_id == resident_id)
    for term in search_terms(search):
        # A word may stand in the contract, another in its party's name.
        party = residents.ids_found([term], day=day, known=known)
        # Found by themselves, so that the narrow indexes are read and not the wide rows; SQLite looks at conditions in
        # turn, and few rows hold the word.
        own = sa.select(ContractState.contract_id).where(matches_term(ContractState.search, term), *clocks)
        # Today's party stands in the table itself, whose index holds nothing besides.
        of_party = (
            sa.select(Contract.id).where(Contract.resident_id.in_(party))
            if known is None and not begun_only
            else sa.select(ContractState.contract_id).where(*clocks, ContractState.resident_id.in_(party))
        )
        found = sa.union_all(own.correlate(None), of_party.correlate(None))
        statement = statement.where(ContractState.contract_id.in_(found))
    if kind:
        statement = statement.where(ContractState.kind == kind)
    if status:
        statement = statement.where(shown == status)
    if ends_within is not None:
        statement = statement.where(_ending(day, ends_within, known=known))
    by_name = {"kk": ResidentState.sort_kk, "ru": ResidentState.sort_ru, "en": ResidentState.sort_en}[language]
    keys: dict[str, sa.SQLColumnExpression[Any]] = {name: getattr(ContractState, name) for name in names(CONTRACT)} | {
        "number": ContractState.number,
        "resident": by_name,
        "ends_on": ContractState.term_ends_on,
        "amount": ContractState.term_amount,
    }
    key = keys.get(sort, ContractState.signed_on)
    order = [key.desc() if descending else key.asc(), ContractState.contract_id]
    if sort in {"ends_on", "amount"}:
        # Databases differ about the place of missing values: here they always come last.
        order.insert(0, key.is_(None))
    return statement.order_by(*order)


@dataclass(frozen=True, slots=True)
class EndingContracts:
    """How many contracts end soon, and the first of them."""

    count: int
    first: tuple[ContractState, ...]


def ending_within(
    viewer: Viewer, *, days: int, today: date, territory_id: int | None = None, limit: int = 5
) -> EndingContracts:
    """The contracts in force today that end in ``days`` days or fewer, the soonest first."""
    statement = list_statement(
        viewer, day=today, language="kk", territory_id=territory_id, ends_within=days, sort="ends_on", descending=False
    )
    rows = db.session.execute(statement.limit(limit)).all()
    count = len(rows) if len(rows) < limit else counts([statement])[0]
    return EndingContracts(count, tuple(row.ContractState for row in rows))


def get_contract(contract_id: int, viewer: Viewer) -> Contract:
    """:raises NotFound: when there is no such contract, or it is another company's or in another territory."""
    contract = db.session.get(Contract, contract_id)
    if (
        contract is None
        or not viewer.sees_territory(contract.territory_id)
        or (viewer.company_bin is not None and contract.resident.bin != viewer.company_bin)
    ):
        raise NotFound(lazy("There is no such contract."))
    return contract


def get_addendum(addendum_id: int, viewer: Viewer) -> Addendum:
    """:raises NotFound: when there is no such addendum or its contract is another company's."""
    addendum = db.session.get(Addendum, addendum_id)
    if addendum is None:
        raise NotFound(lazy("There is no such supplementary agreement."))
    get_contract(addendum.contract_id, viewer)
    return addendum


def addenda_of(contract: Contract) -> list[Addendum]:
    """The live addenda of a contract in order of effect."""
    rows = db.session.scalars(
        sa.select(Addendum)
        .where(Addendum.contract_id == contract.id, Addendum.annulled_at.is_(None))
        .order_by(Addendum.effective_on, Addendum.id)
    )
    return rules.in_order(rows)


def ids_numbered(number: str) -> list[int]:
    """The live contracts of this number, however it is spelled, whoever may see them."""
    return list(
        db.session.scalars(
            sa.select(Contract.id).where(
                # Each territory by itself, as the index of numbers begins with it.
                Contract.territory_id.in_(sa.select(Territory.id)),
                Contract.number_key == canonical_number(number),
                Contract.annulled_at.is_(None),
            )
        )
    )


def find_contract(territory_id: int, number: str) -> Contract | None:
    """The live contract of that number in a territory, however it is spelled, if there is one."""
    same = (Contract.territory_id == territory_id, Contract.number_key == canonical_number(number))
    return _first(Contract, number, *same)


def contract_by_number(territory: Territory, number: str, *, name_near: bool = True) -> Contract:
    """The live contract of a number; where there is none, ``name_near`` looks through the others for the one meant.

    :raises NotFound: naming ``contract_number`` when the territory has no live contract of that number.
    """
    contract = find_contract(territory.id, number)
    if contract is not None:
        return contract
    near = _near_number(territory.id, number) if name_near else None
    message = (
        lazy("%(territory)s has no contract %(number)s", territory=territory.code, number=number)
        if near is None
        else lazy(
            "%(territory)s has no contract %(number)s; there is %(near)s",
            territory=territory.code,
            number=number,
            near=near,
        )
    )
    raise NotFound(message, "contract_number")


def _near_number(territory_id: int, number: str) -> str | None:
    """A live contract's number that differs in one sign: another sign, one more, or one less."""
    key = canonical_number(number)
    signs = [sign.replace("/", "//").replace("%", "/%").replace("_", "/_") for sign in key]
    before = ["".join(signs[:place]) for place in range(len(signs) + 1)]
    after = ["".join(signs[place:]) for place in range(len(signs) + 1)]
    patterns = {f"{before[place]}_{after[place]}" for place in range(len(signs) + 1)}
    patterns |= {f"{before[place]}{one}{after[place + 1]}" for place in range(len(signs)) for one in ("_", "")}
    return db.session.scalar(
        sa.select(Contract.number)
        .where(Contract.territory_id == territory_id, Contract.annulled_at.is_(None))
        .where(sa.or_(*(Contract.number_key.like(pattern, escape="/") for pattern in sorted(patterns))))
        .order_by(Contract.id)
        .limit(1)
    )


def find_addendum(contract_id: int, number: str) -> Addendum | None:
    """The live addendum of that number to a contract, however it is spelled, if there is one."""
    return _first(
        Addendum, number, Addendum.contract_id == contract_id, Addendum.number_key == canonical_number(number)
    )


AnyNumbered = TypeVar("AnyNumbered", Contract, Addendum)


def _first(model: type[AnyNumbered], number: str, *same: sa.ColumnElement[bool]) -> AnyNumbered | None:
    """The live record of a number; of several that came to share one, the one spelled so, else the first recorded."""
    order = (sa.case((model.number == number, 0), else_=1), model.id)
    return db.session.scalar(sa.select(model).where(*same, model.annulled_at.is_(None)).order_by(*order).limit(1))


def history_subjects(resident_id: int) -> list[tuple[str, int]]:
    """The resident's contracts, annulled ones too, as the journal names them: a history then holds their addenda."""
    ids = db.session.scalars(sa.select(Contract.id).where(Contract.resident_id == resident_id).order_by(Contract.id))
    return [(Contract.__tablename__, key) for key in ids]


PARTICIPATION = "participation"
"""The kind of contract on which the status of a participant rests (``domain.md`` 9)."""

NO_PARTICIPATION = lazy("There is no contract on carrying out activities in force on which the status rests.")


def without_participation(resident_id: int, day: date) -> sa.Select[int]:
    """The entry, where it takes part on a day and no contract of participation is in force (``domain.md`` 9)."""
    return sa.select(ResidentState.resident_id).where(
        ResidentState.resident_id == resident_id,
        *residents.in_force(day),
        ResidentState.status != residents.Status.EXCLUDED,
        ~_participation(resident_id, day),
    )


def _participation(resident_id: int, day: date) -> sa.Exists:
    return sa.exists().where(
        ContractState.resident_id == resident_id,
        ContractState.kind == PARTICIPATION,
        ContractState.status == str(Status.IN_FORCE),
        *state.at(ContractState, as_of=day),
    )


def has_participation(resident_id: int, day: date) -> bool:
    """Whether a contract of participation of an entry is in force on a day."""
    return bool(db.session.scalar(sa.select(_participation(resident_id, day))))
