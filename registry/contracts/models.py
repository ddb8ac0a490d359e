"""Contracts with residents and their addenda."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.infra.text import search_text
from registry.residents.models import Resident
from registry.territories.models import Territory


class Contract(Base):
    """A contract as concluded. ``amount`` and ``deposit`` are in tiyn, ``area_m2`` in hundredths of a square metre.

    Terms as of a date follow the addenda effective by it; ``ends_on`` here is the day agreed first (None = no end).
    ``ends_on`` is the last day of the contract, inclusive; ``terminated_on`` the first day it is no longer in force.
    """

    __tablename__ = "contract"
    __table_args__ = (
        sa.Index("uq_contract_number", "territory_id", "number", unique=True,
                 sqlite_where=sa.text("annulled_at IS NULL"), postgresql_where=sa.text("annulled_at IS NULL")),
        sa.Index("ix_contract_resident_id", "resident_id"),
    )  # fmt: skip

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
    search: Mapped[str] = mapped_column(default="")

    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)
    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)

    @validates("number", "subject_kk", "subject_ru", "premises")
    def _keep_search_column(self, field: str, value: str | None) -> str | None:
        values = {name: getattr(self, name) for name in ("number", "subject_kk", "subject_ru", "premises")}
        values[field] = value
        self.search = search_text(*values.values())
        return value


class Addendum(Base):
    """A supplementary agreement with its own number and effective date; a None term is unchanged by it."""

    __tablename__ = "addendum"
    __table_args__ = (
        sa.Index("uq_addendum_number", "contract_id", "number", unique=True,
                 sqlite_where=sa.text("annulled_at IS NULL"), postgresql_where=sa.text("annulled_at IS NULL")),
    )  # fmt: skip

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

    contract: Mapped[Contract] = relationship()
