"""Dated dictionaries: codes that an act may change are data with a validity, never constants in the code."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import Base


class DictionaryEntry(Base):
    """One code of one dictionary, valid from ``valid_from`` to ``valid_to`` inclusive (None = without end).

    ``counts`` says whether lines with this code count for the dictionary's indicator; ``attributes`` holds what only
    this dictionary has (the budget of a tax code, the changes a ground applies to), separated by ``;``.
    """

    __tablename__ = "dictionary_entry"
    __table_args__ = (sa.UniqueConstraint("dictionary", "code", "valid_from"),)

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
