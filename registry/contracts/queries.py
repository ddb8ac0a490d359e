"""Reading contracts and addenda."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from registry.contracts import rules
from registry.contracts.models import Addendum, Contract
from registry.contracts.rules import Status, Terms
from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.fields import Recorded
from registry.infra.i18n import lazy
from registry.infra.text import search_pattern
from registry.journal import queries as journal
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.territories.models import Territory
from registry.territories.queries import all_territories


@dataclass(frozen=True)
class AddendumRecord(Recorded):
    """An addendum as the register knows it. ``amount`` is in tiyn; None = the addendum does not touch the term."""

    id: int
    number: str
    signed_on: date
    effective_on: date
    ends_on: date | None = None
    amount: int | None = None
    subject_kk: str | None = None
    subject_ru: str | None = None


@dataclass(frozen=True)
class ContractRecord(Recorded):
    """A contract as of one date and as known at one moment, with the terms as concluded and its addenda apart.

    ``amount`` is in tiyn, ``area_m2`` in hundredths of a square metre; ``bin`` and the names are the resident's.
    """

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
) -> list[ContractRecord]:
    """Every contract signed by ``as_of`` (None: every one, as it is now), ordered by territory and number.

    Each has the addenda effective by ``as_of``, in order of effect, and the resident's names of that day. Only what was
    recorded by ``known_at`` is used (``exchange.md`` 3). A resident's viewer gets the contracts of its own entries.
    ``ids`` limits the contracts. Ask :meth:`ContractRecord.in_force_on` for those in force.
    """
    codes = {territory.id: territory.code for territory in all_territories()}
    parties = {row.id: row for row in residents.records(viewer, as_of=as_of, known_at=known_at)}
    states = journal.states(Contract, as_of=as_of, known_at=known_at, ids=ids)
    unknown = {state.values["resident_id"] for state in states.values()} - parties.keys()
    if as_of is not None and unknown:
        # A contract may be signed before the resident's entry begins: then the entry's own first values name it.
        parties |= {row.id: row for row in residents.records(viewer, known_at=known_at, ids=unknown)}
    addenda: dict[int, list[AddendumRecord]] = {}
    for key, state in journal.states(Addendum, as_of=as_of, known_at=known_at).items():
        values = dict(state.values)
        addenda.setdefault(values.pop("contract_id"), []).append(AddendumRecord.of(values, id=key))
    found = []
    for key, state in states.items():
        values = state.values
        party = parties.get(values["resident_id"])
        if party is None:
            continue
        if territory_id is not None and values["territory_id"] != territory_id:
            continue
        if resident_id is not None and values["resident_id"] != resident_id:
            continue
        found.append(
            ContractRecord.of(
                values,
                id=key,
                territory_code=codes[values["territory_id"]],
                bin=party.bin,
                name_kk=party.name_kk,
                name_ru=party.name_ru,
                name_en=party.name_en,
                addenda=tuple(rules.in_order(addenda.get(key, ()))),
            )
        )
    return sorted(found, key=lambda record: (*record.key, record.id))


def _by_code_point(column: InstrumentedAttribute[str]) -> sa.ColumnElement[str]:
    """The column in the order of code points on every database, whatever its collation."""
    return sa.collate(column, "BINARY" if db.engine.dialect.name == "sqlite" else "C")


def _term_expression(name: str, day: date) -> sa.ColumnElement[Any]:
    """A term on ``day`` as SQL: as the latest addendum that states it, else as concluded (:func:`rules.terms_on`)."""
    stated = getattr(Addendum, name)
    latest = (
        sa.select(stated)
        .where(
            Addendum.contract_id == Contract.id,
            Addendum.annulled_at.is_(None),
            Addendum.effective_on <= day,
            stated.is_not(None),
        )
        .order_by(
            Addendum.effective_on.desc(),
            Addendum.signed_on.desc(),
            sa.func.length(Addendum.number).desc(),
            _by_code_point(Addendum.number).desc(),
        )
        .limit(1)
        .correlate(Contract)
        .scalar_subquery()
    )
    return sa.func.coalesce(latest, getattr(Contract, name), type_=stated.type)


def status_expression(day: date) -> sa.ColumnElement[str]:
    """The status on a day as SQL, for filtering and showing lists without a statement per row."""
    return sa.case(
        (Contract.terminated_on <= day, str(Status.TERMINATED)),
        (Contract.starts_on > day, str(Status.UPCOMING)),
        (_term_expression("ends_on", day) < day, str(Status.EXPIRED)),
        else_=str(Status.IN_FORCE),
    )


def _ending(day: date, days: int) -> sa.ColumnElement[bool]:
    """In force on ``day`` and no longer on the day after ``days`` days, addenda taking effect till then included."""
    return sa.and_(
        status_expression(day) == str(Status.IN_FORCE),
        status_expression(day + timedelta(days=days + 1)) != str(Status.IN_FORCE),
    )


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the live contracts it may see, on a statement that joins the resident."""
    conditions: list[sa.ColumnElement[bool]] = [Contract.annulled_at.is_(None)]
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    return conditions


SORTABLE = ("number", "resident", "kind", "signed_on", "starts_on", "ends_on", "amount")


def list_statement(
    viewer: Viewer,
    *,
    day: date,
    language: str,
    territory_id: int | None = None,
    resident_id: int | None = None,
    search: str = "",
    kind: str = "",
    status: str = "",
    ends_within: int | None = None,
    sort: str = "signed_on",
    descending: bool = True,
) -> sa.Select[Contract, str, date | None, int | None, bool]:
    """The list of contracts, each with ``status``, last day ``ends_on`` and ``amount`` (tiyn) on ``day``.

    ``ends_soon`` tells those in force that end within the longest of :data:`rules.ENDING_DAYS`. The newest come first
    by default.

    ``search`` looks into number, subject, premises and the resident's names, BIN and register number.
    ``ends_within`` leaves the contracts in force on ``day`` that end in that many days or fewer.
    """
    shown = status_expression(day)
    ends_on = _term_expression("ends_on", day)
    amount = _term_expression("amount", day)
    statement = (
        sa.select(
            Contract,
            shown.label("status"),
            ends_on.label("ends_on"),
            amount.label("amount"),
            _ending(day, max(rules.ENDING_DAYS)).label("ends_soon"),
        )
        .join(Resident, Contract.resident_id == Resident.id)
        .options(contains_eager(Contract.resident))
        .where(*visible(viewer))
    )
    if territory_id is not None:
        statement = statement.where(Contract.territory_id == territory_id)
    if resident_id is not None:
        statement = statement.where(Contract.resident_id == resident_id)
    if search.strip():
        pattern = search_pattern(search)
        statement = statement.where(
            sa.or_(Contract.search.like(pattern, escape="\\"), Resident.search.like(pattern, escape="\\"))
        )
    if kind:
        statement = statement.where(Contract.kind == kind)
    if status:
        statement = statement.where(shown == status)
    if ends_within is not None:
        statement = statement.where(_ending(day, ends_within))
    by_name = {"kk": Resident.sort_kk, "ru": Resident.sort_ru, "en": Resident.sort_en}[language]
    keys: dict[str, sa.SQLColumnExpression[Any]] = {
        "number": _by_code_point(Contract.number),
        "resident": _by_code_point(by_name),
        "kind": Contract.kind,
        "starts_on": Contract.starts_on,
        "ends_on": ends_on,
        "amount": amount,
    }
    order = keys.get(sort, Contract.signed_on)
    # Databases differ about the place of missing values: here they always come last.
    return statement.order_by(order.is_(None), order.desc() if descending else order.asc(), Contract.id)


@dataclass(frozen=True, slots=True)
class EndingContracts:
    """How many contracts end soon, and the first of them with their last days."""

    count: int
    first: tuple[tuple[Contract, date | None], ...]


def ending_within(
    viewer: Viewer, *, days: int, today: date, territory_id: int | None = None, limit: int = 5
) -> EndingContracts:
    """The contracts in force today that end in ``days`` days or fewer, the soonest first."""
    statement = list_statement(
        viewer, day=today, language="kk", territory_id=territory_id, ends_within=days, sort="ends_on", descending=False
    )
    counted = sa.select(sa.func.count()).select_from(statement.with_only_columns(Contract.id).order_by(None).subquery())
    rows = db.session.execute(statement.limit(limit)).all()
    return EndingContracts(db.session.scalar(counted) or 0, tuple((row.Contract, row.ends_on) for row in rows))


def get_contract(contract_id: int, viewer: Viewer) -> Contract:
    """:raises NotFound: when there is no such contract or it is another company's."""
    contract = db.session.get(Contract, contract_id)
    if contract is None or (viewer.company_bin is not None and contract.resident.bin != viewer.company_bin):
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


def find_contract(territory_id: int, number: str) -> Contract | None:
    """The live contract of that number in a territory, if there is one."""
    return db.session.scalar(
        sa.select(Contract).where(
            Contract.territory_id == territory_id, Contract.number == number, Contract.annulled_at.is_(None)
        )
    )


def contract_by_number(territory: Territory, number: str) -> Contract:
    """:raises NotFound: naming ``contract_number`` when the territory has no live contract of that number."""
    contract = find_contract(territory.id, number)
    if contract is None:
        raise NotFound(
            lazy("%(territory)s has no contract %(number)s", territory=territory.code, number=number), "contract_number"
        )
    return contract


def find_addendum(contract_id: int, number: str) -> Addendum | None:
    """The live addendum of that number to a contract, if there is one."""
    return db.session.scalar(
        sa.select(Addendum).where(
            Addendum.contract_id == contract_id, Addendum.number == number, Addendum.annulled_at.is_(None)
        )
    )


def history_subjects(resident_id: int) -> list[tuple[str, int]]:
    """The resident's contracts, annulled ones too, as the journal names them: a history then holds their addenda."""
    ids = db.session.scalars(sa.select(Contract.id).where(Contract.resident_id == resident_id).order_by(Contract.id))
    return [(Contract.__tablename__, key) for key in ids]
