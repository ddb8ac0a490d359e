"""Territories of the Concept and the companies that manage them."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import Base


class Requisites:
    """Who signs for a territory, or for all of them together; what is not yet entered is None and prints blank."""

    company_name_kk: Mapped[str | None]
    company_name_ru: Mapped[str | None]
    company_name_en: Mapped[str | None]
    company_bin: Mapped[str | None] = mapped_column(sa.String(12))
    company_address_kk: Mapped[str | None]
    company_address_ru: Mapped[str | None]
    company_place_kk: Mapped[str | None]
    company_place_ru: Mapped[str | None]
    company_place_en: Mapped[str | None]
    company_head: Mapped[str | None]
    company_head_position_kk: Mapped[str | None]
    company_head_position_ru: Mapped[str | None]
    company_accountant: Mapped[str | None]
    company_phone: Mapped[str | None]


class Territory(Requisites, Base):
    """A science-and-technology park or a science city, with its management company's requisites.

    ``participant_word`` is what its members are called: ``resident`` or ``participant`` (``domain.md`` 0.1, 4).
    Requisites not yet entered are None and print as blank lines.
    """

    __tablename__ = "territory"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    prefix: Mapped[str] = mapped_column(sa.String(10), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    participant_word: Mapped[str] = mapped_column(sa.String(20))
    kato: Mapped[str] = mapped_column(sa.String(9))
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    company_iban: Mapped[str | None] = mapped_column(sa.String(20))
    company_kbe: Mapped[str | None] = mapped_column(sa.String(2))
    status_act_no: Mapped[str | None]
    status_act_date: Mapped[date | None]
    rules_title_kk: Mapped[str | None]
    rules_title_ru: Mapped[str | None]
    rules_no: Mapped[str | None]
    rules_date: Mapped[date | None]
    is_demo: Mapped[bool] = mapped_column(default=False)


class ConsolidatingBody(Requisites, Base):
    """Who makes papers of all territories together: one row, whose fields are called as those of a territory.

    The Concept names nobody; requisites not yet entered are None and print as blank lines.
    """

    __tablename__ = "consolidating_body"

    id: Mapped[int] = mapped_column(primary_key=True)


class NumberSeries(Base):
    """The last number given in a series (a territory's register numbers of a year, a kind of paper): never reused."""

    __tablename__ = "number_series"

    scope: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    last: Mapped[int]
