"""Contracts with residents and their addenda."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, validates

from registry.contracts import rules
from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.infra.text import search_text
from registry.journal.keys import KeyColumns
from registry.journal.models import STILL_KNOWN, CodePoints, PeriodColumns, index_of_known, index_of_search, key_column
from registry.journal.state import CurrentTable, StateTable
from registry.residents.models import Resident
from registry.territories.models import Territory


class Contract(Base):
    """A contract as concluded. ``amount`` and ``deposit`` are in tiyn, ``area_m2`` in hundredths of a square metre.

    Terms as of a date follow the addenda effective by it; ``ends_on`` here is the day agreed first (None = no end).
    ``number`` is as first typed, ``number_key`` its canonical form (:mod:`registry.journal.keys`).
    ``ends_on`` is the last day of the contract, inclusive; ``terminated_on`` the first day it is no longer in force.
    """

    __tablename__ = "contract"
    __table_args__ = (
        sa.Index(
            "uq_contract_number",
            "territory_id",
            "number_key",
            "twin",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL"),
            postgresql_where=sa.text("annulled_at IS NULL"),
        ),
        sa.Index("ix_contract_resident_id", "resident_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id))
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey(Resident.id))
    kind: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[str] = mapped_column(sa.String(80))
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(Hundredths)
    subject_kk: Mapped[str | None]
    subject_ru: Mapped[str | None]
    premises: Mapped[str | None]
    area_m2: Mapped[int | None] = mapped_column(Hundredths)
    terminated_on: Mapped[date | None]
    termination_ground: Mapped[str | None]
    deposit: Mapped[int | None] = mapped_column(Hundredths)
    notice_days: Mapped[int | None]
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    number_key: Mapped[str | None]
    twin: Mapped[int] = mapped_column(default=0, server_default="0")
    search: Mapped[str] = mapped_column(default="")

    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    @validates(*rules.SEARCHED)
    def _keep_search_column(self, field: str, value: str | None) -> str | None:
        values = {name: getattr(self, name) for name in rules.SEARCHED}
        values[field] = value
        self.search = search_text(*values.values())
        self.number_key = rules.number_keys(values)["number_key"]
        return value


class Addendum(Base):
    """A supplementary agreement with its own number and effective date; a None term is unchanged by it."""

    __tablename__ = "addendum"
    __table_args__ = (
        sa.Index(
            "uq_addendum_number",
            "contract_id",
            "number_key",
            "twin",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL"),
            postgresql_where=sa.text("annulled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contract_id: Mapped[int] = mapped_column(sa.ForeignKey(Contract.id))
    number: Mapped[str] = mapped_column(sa.String(80))
    signed_on: Mapped[date]
    effective_on: Mapped[date]
    ends_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(Hundredths)
    subject_kk: Mapped[str | None]
    subject_ru: Mapped[str | None]
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    number_key: Mapped[str | None]
    twin: Mapped[int] = mapped_column(default=0, server_default="0")

    contract: Mapped[Contract] = relationship()

    @validates("number")
    def _keep_number_key(self, field: str, value: str) -> str:
        self.number_key = rules.number_keys({field: value})["number_key"]
        return value


_IN_FORCE_NOW = f"{STILL_KNOWN} AND status = '{rules.Status.IN_FORCE}'"


class ContractState(PeriodColumns, Base):
    """What held of a contract over a period, as it was known (:mod:`registry.journal.state`).

    Fields stand as concluded; ``status`` and the ``term_…`` columns are those of every day of the period, addenda
    applied. The party's names stand in its own register: a reader joins ``resident_state`` on the same two clocks.
    """

    __tablename__ = "contract_state"
    __table_args__ = (
        sa.Index(
            "ix_contract_state_in_force",
            "valid_to",
            "valid_from",
            sqlite_where=sa.text(_IN_FORCE_NOW),
            postgresql_where=sa.text(_IN_FORCE_NOW),
        ),
        sa.Index("ix_contract_state_resident_id", "resident_id"),
        index_of_search("contract_state", "contract_id"),
    )

    contract_id: Mapped[int] = key_column()
    territory_id: Mapped[int]
    resident_id: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(40))
    number: Mapped[str] = mapped_column(CodePoints)
    signed_on: Mapped[date]
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(Hundredths)
    subject_kk: Mapped[str | None]
    subject_ru: Mapped[str | None]
    premises: Mapped[str | None]
    area_m2: Mapped[int | None] = mapped_column(Hundredths)
    terminated_on: Mapped[date | None]
    termination_ground: Mapped[str | None]
    deposit: Mapped[int | None] = mapped_column(Hundredths)
    notice_days: Mapped[int | None]
    status: Mapped[str] = mapped_column(sa.String(20))
    term_ends_on: Mapped[date | None]
    term_amount: Mapped[int | None] = mapped_column(Hundredths)
    term_subject_kk: Mapped[str | None]
    term_subject_ru: Mapped[str | None]
    search: Mapped[str]

    resident: Mapped[Resident] = relationship(
        primaryjoin=lambda: foreign(ContractState.resident_id) == Resident.id, viewonly=True, lazy="selectin"
    )

    @property
    def id(self) -> int:
        """The contract's own id: a row of the list reads like the contract."""
        return self.contract_id

    def on_the_day(self, name: str) -> Any:
        """A field's value on each day of the period: a term with the addenda applied, another as concluded."""
        term = f"term_{name}"
        return getattr(self, term if hasattr(ContractState, term) else name)


index_of_known(
    "ix_contract_state_signed_on",
    ContractState.signed_on.desc(),
    ContractState.contract_id,
    ContractState.valid_to,
    ContractState.valid_from,
    ContractState.first,
    ContractState.kind,
    ContractState.status,
    ContractState.territory_id,
    ContractState.recorded_to,
)


class AddendumState(PeriodColumns, Base):
    """An addendum over the days it is in effect, as it was known."""

    __tablename__ = "addendum_state"
    __table_args__ = (sa.Index("ix_addendum_state_contract_id", "contract_id"),)

    addendum_id: Mapped[int] = key_column()
    contract_id: Mapped[int]
    number: Mapped[str] = mapped_column(CodePoints)
    signed_on: Mapped[date]
    effective_on: Mapped[date]
    ends_on: Mapped[date | None]
    amount: Mapped[int | None] = mapped_column(Hundredths)
    subject_kk: Mapped[str | None]
    subject_ru: Mapped[str | None]


CONTRACT_NUMBERS = KeyColumns(Contract, rules.number_keys, ("territory_id",))
ADDENDUM_NUMBERS = KeyColumns(Addendum, rules.number_keys, ("contract_id",))

DERIVED = (
    CurrentTable(Contract, rules.FIELDS, rules.search_columns),
    CurrentTable(Addendum, rules.ADDENDUM_FIELDS),
    CONTRACT_NUMBERS,
    ADDENDUM_NUMBERS,
    StateTable(ContractState, Contract, rules.state_on, turns=rules.turning_days, parts=(Addendum,)),
    StateTable(AddendumState, Addendum, rules.addendum_on),
)
"""What of the register follows from the journal, and how."""
