"""Targets and hand-entered values: rows are only added, the latest revision holds."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.territories.models import Territory


class IndicatorTarget(Base):
    """A target of one indicator for one year: national (``territory_id`` None) or a territory's own plan.

    ``value`` is in hundredths of the indicator's unit (tiyn for money). A revision is a new row with its approving act.
    """

    __tablename__ = "indicator_target"
    __table_args__ = (sa.Index("ix_indicator_target_indicator_year", "indicator", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Territory.id))
    indicator: Mapped[int]
    year: Mapped[int]
    value: Mapped[int | None] = mapped_column(Hundredths)
    act_no: Mapped[str | None]
    act_date: Mapped[date | None]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PatentCount(Base):
    """A patent that counts for indicator 6, and a territory for which it does (:mod:`registry.indicators.counted`)."""

    __tablename__ = "patent_count"
    __table_args__ = (sa.Index("ix_patent_count_read", "registered_on", "territory_id", "patent_id"),)

    patent_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    territory_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    registered_on: Mapped[date]


class ExternalValue(Base):
    """A value entered by hand (indicator 2) with source and edition; ``value`` in hundredths of the unit."""

    __tablename__ = "external_value"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator: Mapped[int]
    year: Mapped[int]
    value: Mapped[int] = mapped_column(Hundredths)
    source: Mapped[str]
    edition: Mapped[str]
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
