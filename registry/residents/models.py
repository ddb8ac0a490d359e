"""Entries of the participant register and the changes of their status."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, validates

from registry.infra.db import Base, UtcDateTime
from registry.journal.models import CodePoints, PeriodColumns, index_of_known, index_of_search, key_column
from registry.journal.state import CurrentTable, StateTable
from registry.residents import rules
from registry.territories.models import Territory


class Resident(Base):
    """One entry of a company (or sole entrepreneur) in a territory's register, from ``registered_on`` to exclusion.

    A company that comes back after exclusion gets a new entry with a new number. Columns show the values in force
    today; earlier values stand in the journal. ``register_no`` is never reused, not even that of an annulled entry.
    """

    __tablename__ = "resident"
    __table_args__ = (
        sa.UniqueConstraint("territory_id", "register_no"),
        sa.Index(
            "uq_resident_entry",
            "territory_id",
            "bin",
            "registered_on",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL"),
            postgresql_where=sa.text("annulled_at IS NULL"),
        ),
        sa.Index("ix_resident_sort_kk", "sort_kk"),
        sa.Index("ix_resident_sort_ru", "sort_ru"),
        sa.Index("ix_resident_bin", "bin"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id))
    register_no: Mapped[str] = mapped_column(sa.String(40))
    bin: Mapped[str] = mapped_column(sa.String(12))
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str | None]
    legal_form: Mapped[str] = mapped_column(sa.String(40))
    participant_type: Mapped[str] = mapped_column(sa.String(40))
    registered_on: Mapped[date]
    decision_no: Mapped[str | None]
    decision_date: Mapped[date | None]
    oked: Mapped[str | None] = mapped_column(sa.String(5))
    krp: Mapped[str | None] = mapped_column(sa.String(3))
    kbe: Mapped[str | None] = mapped_column(sa.String(2))
    kato: Mapped[str | None] = mapped_column(sa.String(9))
    address_kk: Mapped[str | None]
    address_ru: Mapped[str | None]
    head: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    priority_direction: Mapped[str | None] = mapped_column(sa.String(40))
    trl: Mapped[int | None]
    accreditation_no: Mapped[str | None]
    accreditation_until: Mapped[date | None]
    experimental_production: Mapped[bool] = mapped_column(default=False)
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_demo: Mapped[bool] = mapped_column(default=False)
    sort_kk: Mapped[str] = mapped_column(default="")
    sort_ru: Mapped[str] = mapped_column(default="")
    sort_en: Mapped[str] = mapped_column(default="")
    search: Mapped[str] = mapped_column(default="")

    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)

    @validates(*rules.SEARCHED)
    def _keep_search_columns(self, field: str, value: str | None) -> str | None:
        values = {name: getattr(self, name) for name in rules.SEARCHED} | {field: value}
        for name, key in rules.search_columns(values).items():
            setattr(self, name, key)
        return value


class StatusChange(Base):
    """A dated change of an entry's status: ``suspended``, ``resumed`` or ``excluded``, with its decision document."""

    __tablename__ = "status_change"
    __table_args__ = (
        sa.Index(
            "uq_status_change_day",
            "resident_id",
            "effective_on",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL"),
            postgresql_where=sa.text("annulled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey(Resident.id))
    change: Mapped[str] = mapped_column(sa.String(20))
    effective_on: Mapped[date]
    ground: Mapped[str | None] = mapped_column(sa.String(40))
    decision_no: Mapped[str | None]
    decision_date: Mapped[date | None]
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship()


class ResidentState(PeriodColumns, Base):
    """What held of an entry over a period, as it was known (:mod:`registry.journal.state`).

    ``status`` is that of every day of the period, ``excluded_on`` the exclusion effective by then.
    """

    __tablename__ = "resident_state"
    __table_args__ = (
        *(
            index_of_known(
                f"ix_resident_state_{name}",
                name,
                "resident_id",
                "valid_to",
                "valid_from",
                "first",
                "status",
                "participant_type",
                "territory_id",
                "recorded_to",
            )
            for name in ("sort_kk", "sort_ru", "sort_en")
        ),
        index_of_search("resident_state", "resident_id"),
        sa.Index("ix_resident_state_bin", "bin"),
    )

    resident_id: Mapped[int] = key_column()
    territory_id: Mapped[int]
    register_no: Mapped[str] = mapped_column(sa.String(40))
    bin: Mapped[str | None] = mapped_column(sa.String(12))
    name_kk: Mapped[str | None]
    name_ru: Mapped[str | None]
    name_en: Mapped[str | None]
    legal_form: Mapped[str] = mapped_column(sa.String(40))
    participant_type: Mapped[str] = mapped_column(sa.String(40))
    registered_on: Mapped[date]
    decision_no: Mapped[str | None]
    decision_date: Mapped[date | None]
    oked: Mapped[str | None] = mapped_column(sa.String(5))
    krp: Mapped[str | None] = mapped_column(sa.String(3))
    kbe: Mapped[str | None] = mapped_column(sa.String(2))
    kato: Mapped[str | None] = mapped_column(sa.String(9))
    address_kk: Mapped[str | None]
    address_ru: Mapped[str | None]
    head: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    priority_direction: Mapped[str | None] = mapped_column(sa.String(40))
    trl: Mapped[int | None]
    accreditation_no: Mapped[str | None]
    accreditation_until: Mapped[date | None]
    experimental_production: Mapped[bool]
    is_demo: Mapped[bool]
    status: Mapped[str] = mapped_column(sa.String(20))
    excluded_on: Mapped[date | None]
    sort_kk: Mapped[str] = mapped_column(CodePoints)
    sort_ru: Mapped[str] = mapped_column(CodePoints)
    sort_en: Mapped[str] = mapped_column(CodePoints)
    search: Mapped[str]

    territory: Mapped[Territory] = relationship(
        primaryjoin=lambda: foreign(ResidentState.territory_id) == Territory.id,
        viewonly=True,
        lazy="joined",
        innerjoin=True,
    )

    @property
    def id(self) -> int:
        """The entry's own id: a row of the list reads like the entry."""
        return self.resident_id


class StatusChangeState(PeriodColumns, Base):
    """A change of status over the days it is in effect, as it was known."""

    __tablename__ = "status_change_state"
    __table_args__ = (sa.Index("ix_status_change_state_resident_id", "resident_id"),)

    status_change_id: Mapped[int] = key_column()
    resident_id: Mapped[int]
    change: Mapped[str] = mapped_column(sa.String(20))
    effective_on: Mapped[date]
    ground: Mapped[str | None] = mapped_column(sa.String(40))
    decision_no: Mapped[str | None]
    decision_date: Mapped[date | None]


DERIVED = (
    CurrentTable(Resident, rules.FIELDS, rules.search_columns),
    CurrentTable(StatusChange, rules.CHANGE_FIELDS),
    StateTable(ResidentState, Resident, rules.state_on, parts=(StatusChange,)),
    StateTable(StatusChangeState, StatusChange, rules.change_on),
)
"""What of the register follows from the journal, and how."""
