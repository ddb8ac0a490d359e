"""Intellectual property: titles of protection, applications, and their holders."""

from __future__ import annotations

from datetime import date, datetime
from functools import cached_property

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.journal.keys import KeyColumns
from registry.journal.models import CodePoints, PeriodColumns, index_of_known, index_of_search, key_column, only_on
from registry.journal.state import CurrentTable, ItemTable, StateTable
from registry.patents import rules


class Patent(Base):
    """An IP object by its INID fields (``domain.md`` 3.8): (11) title_no, (21) application_no, (22) filed_on,
    (24) effect_from, (31)-(33) priority, (45) published_on and bulletin, (51) ipc, (54) name, (72) authors,
    (73) holders, (74) representative.

    ``ipc`` holds symbols separated by ``;``, the first is the main one. A row without ``registered_on`` is an
    application. Columns show the values in force today; earlier values stand in the journal. ``holders`` are those of
    the day of registration (of an application: of today); ``holder_rows`` are today's, after every transfer. Numbers
    are as first typed, the ``…_key`` columns their canonical forms (:mod:`registry.journal.keys`).
    """

    __tablename__ = "patent"
    __table_args__ = (
        sa.Index(
            "uq_patent_title_no",
            "office",
            "kind",
            "title_key",
            "twin",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL AND title_no IS NOT NULL"),
            postgresql_where=sa.text("annulled_at IS NULL AND title_no IS NOT NULL"),
        ),
        sa.Index(
            "uq_patent_application_no",
            "office",
            "kind",
            "application_key",
            "twin",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL AND application_no IS NOT NULL"),
            postgresql_where=sa.text("annulled_at IS NULL AND application_no IS NOT NULL"),
        ),
        sa.Index("ix_patent_registered_on", "registered_on"),
    )

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
    title_key: Mapped[str | None]
    application_key: Mapped[str | None]
    twin: Mapped[int] = mapped_column(default=0, server_default="0")
    sort_kk: Mapped[str] = mapped_column(default="")
    sort_ru: Mapped[str] = mapped_column(default="")
    sort_en: Mapped[str] = mapped_column(default="")
    search: Mapped[str] = mapped_column(default="")

    holder_rows: Mapped[list[PatentHolder]] = relationship(
        order_by="PatentHolder.position", cascade="all, delete-orphan", lazy="selectin"
    )

    @validates(*rules.SEARCHED, "office")
    def _keep_search_columns(self, field: str, value: str | None) -> str | None:
        values = {name: getattr(self, name) for name in (*rules.SEARCHED, "office")} | {field: value}
        for name, key in (rules.search_columns(values) | rules.number_keys(values)).items():
            setattr(self, name, key)
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
        sa.Index(
            "uq_patent_event_day",
            "patent_id",
            "event",
            "event_on",
            unique=True,
            sqlite_where=sa.text("annulled_at IS NULL"),
            postgresql_where=sa.text("annulled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    patent_id: Mapped[int] = mapped_column(sa.ForeignKey(Patent.id))
    event: Mapped[str] = mapped_column(sa.String(20))
    event_on: Mapped[date]
    holders: Mapped[str | None]
    document_no: Mapped[str | None] = mapped_column(sa.String(120))
    annulled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PatentState(PeriodColumns, Base):
    """What held of a patent over a period, as it was known (:mod:`registry.journal.state`).

    ``holders`` and ``status`` are those of every day of the period, ``registered_holders`` those of the day of
    registration. ``amended_by`` is the act on the record itself that brought the holders, where it was no event.
    ``fee_day`` (month and day, 1031) is when maintenance is paid every year, ``first_fee_on`` the payment before.
    """

    __tablename__ = "patent_state"
    __table_args__ = (index_of_search("patent_state", "patent_id"),)

    patent_id: Mapped[int] = key_column()
    office: Mapped[str] = mapped_column(sa.String(2))
    kind: Mapped[str] = mapped_column(sa.String(40))
    title_no: Mapped[str | None] = mapped_column(CodePoints)
    application_no: Mapped[str | None] = mapped_column(CodePoints)
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
    registered_holders: Mapped[str]
    amended_by: Mapped[int | None] = mapped_column(sa.BigInteger)
    status: Mapped[str] = mapped_column(sa.String(20))
    expires_on: Mapped[date | None]
    first_fee_on: Mapped[date | None]
    fee_day: Mapped[int | None]
    sort_kk: Mapped[str] = mapped_column(CodePoints)
    sort_ru: Mapped[str] = mapped_column(CodePoints)
    sort_en: Mapped[str] = mapped_column(CodePoints)
    search: Mapped[str]

    @cached_property
    def holder_rows(self) -> tuple[rules.Holder, ...]:
        """The holders of the row's days, parsed once: rows are not rewritten, and erasure ends with its own request."""
        return rules.parse_holders(self.holders)

    @property
    def id(self) -> int:
        """The patent's own id: a row of the list reads like the patent."""
        return self.patent_id


_LISTED = (PatentState.patent_id, PatentState.valid_to, PatentState.valid_from, PatentState.first,
           PatentState.office, PatentState.kind, PatentState.status, PatentState.recorded_to)  # fmt: skip
_LATEST = PatentState.registered_on.desc()

# The list has applications last. SQLite's indexes have missing values there and take no other word about it.
only_on("sqlite", index_of_known("ix_patent_state_registered_on", _LATEST, *_LISTED))
only_on("postgresql", index_of_known("ix_patent_state_registered_last", _LATEST.nulls_last(), *_LISTED))


class PatentHolderState(PeriodColumns, Base):
    """The holders a row of ``patent_state`` names, with its clocks: a company's patents are found by an index."""

    __tablename__ = "patent_holder_state"
    __table_args__ = (sa.Index("ix_patent_holder_state_bin", "bin", "patent_id"),)

    patent_id: Mapped[int] = key_column()
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bin: Mapped[str | None] = mapped_column(sa.String(12))
    name: Mapped[str | None]
    share: Mapped[int | None] = mapped_column(Hundredths)


class PatentEventState(PeriodColumns, Base):
    """An event of a patent over the days it is in effect, as it was known."""

    __tablename__ = "patent_event_state"
    __table_args__ = (sa.Index("ix_patent_event_state_patent_id", "patent_id"),)

    patent_event_id: Mapped[int] = key_column()
    patent_id: Mapped[int]
    event: Mapped[str] = mapped_column(sa.String(20))
    event_on: Mapped[date]
    holders: Mapped[str | None]
    document_no: Mapped[str | None] = mapped_column(sa.String(120))


_PATENTS = StateTable(PatentState, Patent, rules.state_on, turns=rules.turning_days, parts=(PatentEvent,))

NUMBERS = KeyColumns(Patent, rules.number_keys, ("office", "kind"))

DERIVED = (
    CurrentTable(Patent, rules.FIELDS, rules.search_columns),
    CurrentTable(PatentEvent, rules.EVENT_FIELDS),
    NUMBERS,
    _PATENTS,
    ItemTable(PatentHolderState, _PATENTS, rules.holder_rows),
    StateTable(PatentEventState, PatentEvent, rules.event_on),
)
"""What of the register follows from the journal, and how."""
