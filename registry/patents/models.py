"""Intellectual property: titles of protection, applications, and their holders."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.infra.text import search_text, sort_key


class Patent(Base):
    """An IP object by its INID fields (``domain.md`` 3.8): (11) title_no, (21) application_no, (22) filed_on,
    (24) effect_from, (31)-(33) priority, (45) published_on and bulletin, (51) ipc, (54) name, (72) authors,
    (73) holders, (74) representative.

    ``ipc`` holds symbols separated by ``;``, the first is the main one. A row without ``registered_on`` is an
    application. Columns show the values in force today; earlier values stand in the journal. ``holders`` are those of
    the day of registration (of an application: of today); ``holder_rows`` are today's, after every transfer.
    """

    __tablename__ = "patent"
    __table_args__ = (
        sa.Index("uq_patent_title_no", "office", "kind", "title_no", unique=True,
                 sqlite_where=sa.text("annulled_at IS NULL AND title_no IS NOT NULL"),
                 postgresql_where=sa.text("annulled_at IS NULL AND title_no IS NOT NULL")),
        sa.Index("ix_patent_registered_on", "registered_on"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    office: Mapped[str] = mapped_column(sa.String(2))
    kind: Mapped[str] = mapped_column(sa.String(40))
    title_no: Mapped[str | None] = mapped_column(sa.String(60))
    application_no: Mapped[str | None] = mapped_column(sa.String(60))
    filed_on: Mapped[date]
    registered_on: Mapped[date | None]
    published_on: Mapped[date | None]
    bulletin: Mapped[str | None]
    ipc: Mapped[str | None]
    name_kk: Mapped[str | None]
    name_ru: Mapped[str | None]
    name_en: Mapped[str | None]
    holders: Mapped[str]
    authors: Mapped[str | None]
    effect_from: Mapped[date | None]
    priority_no: Mapped[str | None]
    priority_date: Mapped[date | None]
    priority_country: Mapped[str | None] = mapped_column(sa.String(2))
    representative: Mapped[str | None]
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sort_kk: Mapped[str] = mapped_column(default="")
    sort_ru: Mapped[str] = mapped_column(default="")
    sort_en: Mapped[str] = mapped_column(default="")
    search: Mapped[str] = mapped_column(default="")

    holder_rows: Mapped[list[PatentHolder]] = relationship(
        order_by="PatentHolder.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @validates("name_kk", "name_ru", "name_en", "title_no", "application_no", "ipc", "holders")
    def _keep_search_columns(self, field: str, value: str | None) -> str | None:
        names = ("name_kk", "name_ru", "name_en", "title_no", "application_no", "ipc", "holders")
        values = {name: getattr(self, name) for name in names}
        values[field] = value
        any_name = values["name_ru"] or values["name_kk"] or ""
        self.sort_kk = sort_key(values["name_kk"] or any_name)
        self.sort_ru = sort_key(any_name)
        self.sort_en = sort_key(values["name_en"] or any_name)
        self.search = search_text(*values.values())
        return value


class PatentHolder(Base):
    """One holder: a company by BIN, or an outsider by name; ``share`` in hundredths of a per cent, None = not stated.

    The rows are the holders of today, by the record and its events, so that a company's patents are found by an index.
    """

    __tablename__ = "patent_holder"

    patent_id: Mapped[int] = mapped_column(sa.ForeignKey(Patent.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    bin: Mapped[str | None] = mapped_column(sa.String(12), index=True)
    name: Mapped[str | None]
    share: Mapped[int | None] = mapped_column(Hundredths)


class PatentEvent(Base):
    """A dated event of a registered patent; ``transferred``: the complete list of holders from ``event_on`` on."""

    __tablename__ = "patent_event"
    __table_args__ = (
        sa.Index("uq_patent_event_day", "patent_id", "event", "event_on", unique=True,
                 sqlite_where=sa.text("annulled_at IS NULL"), postgresql_where=sa.text("annulled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    patent_id: Mapped[int] = mapped_column(sa.ForeignKey(Patent.id))
    event: Mapped[str] = mapped_column(sa.String(20))
    event_on: Mapped[date]
    holders: Mapped[str | None]
    document_no: Mapped[str | None] = mapped_column(sa.String(120))
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
