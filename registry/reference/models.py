"""Dated dictionaries: codes that an act may change are data with a validity, never constants in the code."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import Base, UtcDateTime

_NOW = "recorded_to IS NULL"


class DictionaryEntry(Base):
    """One code of one dictionary, valid from ``valid_from`` to ``valid_to`` inclusive (None = without end).

    A row with a territory holds there, in the place of the general one. ``counts`` says whether lines with this code
    count for the dictionary's indicator; ``attributes`` holds what only this dictionary has (the budget of a tax code,
    the changes a ground applies to), separated by ``;``, and ``extra`` every further column of its file as JSON.

    Both clocks: the row as it is now has no ``recorded_to``; what it said before stands in rows of their own, known
    from ``recorded_from`` (None: as the program shipped it) until ``recorded_to``.
    """

    __tablename__ = "dictionary_entry"
    __table_args__ = (
        sa.Index(
            "uq_dictionary_entry_everywhere",
            "dictionary",
            "code",
            "valid_from",
            unique=True,
            sqlite_where=sa.text(f"{_NOW} AND territory_id IS NULL"),
            postgresql_where=sa.text(f"{_NOW} AND territory_id IS NULL"),
        ),
        sa.Index(
            "uq_dictionary_entry_territory",
            "dictionary",
            "code",
            "territory_id",
            "valid_from",
            unique=True,
            sqlite_where=sa.text(f"{_NOW} AND territory_id IS NOT NULL"),
            postgresql_where=sa.text(f"{_NOW} AND territory_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    dictionary: Mapped[str] = mapped_column(sa.String(40))
    code: Mapped[str] = mapped_column(sa.String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    position: Mapped[int]
    counts: Mapped[bool] = mapped_column(default=False)
    attributes: Mapped[str] = mapped_column(sa.String(200), default="")
    name_kk: Mapped[str]
    name_ru: Mapped[str]
    name_en: Mapped[str]
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey("territory.id"))
    act_no: Mapped[str | None]
    act_date: Mapped[date | None]
    extra: Mapped[str | None]
    recorded_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_to: Mapped[datetime | None] = mapped_column(UtcDateTime)
