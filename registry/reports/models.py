"""Quarterly reports of residents: periods, versions, lines."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.db import Base, Hundredths, UtcDateTime
from registry.journal.models import CodePoints
from registry.residents.models import Resident
from registry.territories.models import Territory


class ReportingPeriod(Base):
    """A quarter of a territory once opened, with its three dates: opens, due, locks (``domain.md`` 5.2)."""

    __tablename__ = "reporting_period"
    __table_args__ = (sa.UniqueConstraint("territory_id", "year", "quarter"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id))
    year: Mapped[int]
    quarter: Mapped[int]
    opens_on: Mapped[date]
    due_on: Mapped[date]
    locks_on: Mapped[date]

    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)


class ClosedYear(Base):
    """A year of a territory that was closed: its figures stand, and no correction is taken until it is reopened.

    Closing and reopening are acts of their own (``exchange.md`` 5, rule 18); ``is_closed`` says which came last.
    """

    __tablename__ = "closed_year"
    __table_args__ = (sa.UniqueConstraint("territory_id", "year"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id))
    year: Mapped[int]
    is_closed: Mapped[bool] = mapped_column(default=True)

    territory: Mapped[Territory] = relationship(lazy="joined", innerjoin=True)


class Report(Base):
    """One version of a resident's report of a quarter.

    ``status`` is draft, submitted, returned or accepted. Sending freezes a version (database triggers): it can then be
    decided on and nothing else, and what the resident changes after a return is the next version. Which accepted
    version counts is told apart by the later ones, not stored here. ``none_*`` say that a section is empty on purpose:
    blank is not zero. ``unread`` keeps, in a draft alone, what was typed and could not be read
    (:func:`registry.reports.rules.unread_cells`). ``revision`` grows with every save and goes on from version to
    version (optimistic locking).
    """

    __tablename__ = "report"
    __table_args__ = (
        sa.UniqueConstraint("resident_id", "period_id", "version"),
        sa.Index(
            "uq_report_open",
            "resident_id",
            "period_id",
            unique=True,
            sqlite_where=sa.text("status IN ('draft', 'submitted')"),
            postgresql_where=sa.text("status IN ('draft', 'submitted')"),
        ),
        sa.Index("ix_report_period_id_status", "period_id", "status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resident_id: Mapped[int] = mapped_column(sa.ForeignKey(Resident.id))
    period_id: Mapped[int] = mapped_column(sa.ForeignKey(ReportingPeriod.id))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(20))
    none_revenue: Mapped[bool] = mapped_column(default=False)
    none_tax: Mapped[bool] = mapped_column(default=False)
    none_investment: Mapped[bool] = mapped_column(default=False)
    correction_reason: Mapped[str | None]
    explanation: Mapped[str | None]
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    submitted_by: Mapped[int | None]
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None]
    decision_note: Mapped[str | None]
    source: Mapped[str] = mapped_column(sa.String(20), default="page")
    unread: Mapped[str | None] = mapped_column(sa.Text)
    revision: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)

    resident: Mapped[Resident] = relationship(lazy="joined", innerjoin=True)
    period: Mapped[ReportingPeriod] = relationship(lazy="joined", innerjoin=True)
    lines: Mapped[list[ReportLine]] = relationship(
        order_by="ReportLine.position", cascade="all, delete-orphan", lazy="select"
    )


class ListedReport(Base):
    """The newest version of a report that was sent, with what the list orders and narrows by
    (:mod:`registry.reports.listed`). ``place`` grows from the latest quarter to the first.
    """

    __tablename__ = "listed_report"

    resident_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    period_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    report_id: Mapped[int]
    territory_id: Mapped[int]
    year: Mapped[int]
    quarter: Mapped[int]
    place: Mapped[int]
    status: Mapped[str] = mapped_column(sa.String(20))
    sort: Mapped[str] = mapped_column(CodePoints)

    __table_args__ = (
        sa.Index(
            "ix_listed_report_order",
            "place",
            "sort",
            "report_id",
            "territory_id",
            "status",
            "resident_id",
            "period_id",
        ),
        sa.Index("ix_listed_report_status", "status", "report_id"),
    )


class KeptShare(Base):
    """What a company adds to the kept totals of its territory (:mod:`registry.reports.totals`).

    ``value`` is by how much ``measure`` changes on ``day`` within ``year``, in which it begins at nothing; years that
    are one line have ``year`` 0. For a report that counts it says whether the quarter lies outside participation.
    """

    __tablename__ = "kept_share"
    __table_args__ = (sa.Index("ix_kept_share_report_id", "report_id"),)

    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id), primary_key=True)
    bin: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    measure: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[int]
    report_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Report.id))


class KeptStep(Base):
    """The shares of all companies of a territory together: by how much a measure changes on a day."""

    __tablename__ = "kept_step"

    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id), primary_key=True)
    measure: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)
    value: Mapped[int]


class KeptLines(Base):
    """The accepted lines of a code in a territory and quarter, summed; ``outside`` are those of companies that took no
    part in the quarter.
    """

    __tablename__ = "kept_lines"

    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    quarter: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    section: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    outside: Mapped[bool] = mapped_column(primary_key=True)
    amount: Mapped[int] = mapped_column(Hundredths)
    count: Mapped[int] = mapped_column(sa.BigInteger)
    lines: Mapped[int]


class ReportLine(Base):
    """One figure: ``amount`` in tiyn (revenue, tax, investment) or ``count`` (staff), with its evidence document.

    A tax line may say what it is made of; its amount may then be negative.

    ``line_id`` is the line itself, the same from version to version: what people hang on a line hangs on it. It is
    never given again.
    """

    __tablename__ = "report_line"
    __table_args__ = (
        sa.Index("ix_report_line_section_code", "section", "code"),
        sa.UniqueConstraint("line_id", "report_id"),
    )

    report_id: Mapped[int] = mapped_column(sa.ForeignKey(Report.id), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int]
    section: Mapped[str] = mapped_column(sa.String(20))
    code: Mapped[str] = mapped_column(sa.String(40))
    amount: Mapped[int | None] = mapped_column(Hundredths)
    count: Mapped[int | None]
    country: Mapped[str | None] = mapped_column(sa.String(2))
    ip_title_no: Mapped[str | None]
    document_kind: Mapped[str | None]
    document_no: Mapped[str | None]
    document_date: Mapped[date | None]
    paid: Mapped[int | None] = mapped_column(Hundredths)
    offset_in: Mapped[int | None] = mapped_column(Hundredths)
    offset_out: Mapped[int | None] = mapped_column(Hundredths)
    refunded: Mapped[int | None] = mapped_column(Hundredths)
