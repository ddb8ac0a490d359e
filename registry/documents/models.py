"""Issued papers, the acts they belong to, and requests for them."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.db import Base, UtcDateTime
from registry.residents.models import Resident
from registry.territories.models import Territory


class DocumentAct(Base):
    """One act of issue: a number, and the frozen snapshot that its papers in kk, ru and en print.

    ``scope`` is a territory's prefix or ``KZ``; ``scope, kind, year, serial`` run without gaps. ``request_key`` names
    kind, scope and dates; together with ``data_hash`` it tells that the same paper was asked for again.
    """

    __tablename__ = "document_act"
    __table_args__ = (
        sa.UniqueConstraint("scope", "kind", "year", "serial"),
        sa.UniqueConstraint("request_key", "data_hash"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    scope: Mapped[str] = mapped_column(sa.String(10))
    year: Mapped[int]
    serial: Mapped[int]
    number: Mapped[str] = mapped_column(sa.String(60), unique=True)
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Territory.id))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Resident.id), index=True)
    request_key: Mapped[str] = mapped_column(sa.String(120))
    as_of: Mapped[date]
    report_year: Mapped[int | None]
    report_quarter: Mapped[int | None]
    data_hash: Mapped[str] = mapped_column(sa.String(64))
    snapshot: Mapped[str] = mapped_column(sa.Text)
    chain_sequence: Mapped[int]
    chain_hash: Mapped[str] = mapped_column(sa.String(64))
    issued_on: Mapped[date]

    territory: Mapped[Territory | None] = relationship(lazy="joined")


class Document(Base):
    """One paper in one language: its stored bytes by SHA-256, its verification code, and its revocation if any."""

    __tablename__ = "document"
    __table_args__ = (sa.UniqueConstraint("act_id", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey(DocumentAct.id))
    language: Mapped[str] = mapped_column(sa.String(2))
    number: Mapped[str] = mapped_column(sa.String(64), unique=True)
    code: Mapped[str] = mapped_column(sa.String(40), unique=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    size: Mapped[int]
    pages: Mapped[int]
    versions: Mapped[str]
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
    issued_by: Mapped[int | None]
    checks: Mapped[int] = mapped_column(default=0)

    act: Mapped[DocumentAct] = relationship(lazy="joined", innerjoin=True)


class DocumentRequest(Base):
    """A paper somebody asked for: the row is the truth about the job's progress and result."""

    __tablename__ = "document_request"
    __table_args__ = (sa.Index("ix_document_request_status", "status"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    language: Mapped[str] = mapped_column(sa.String(2))
    territory_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Territory.id))
    resident_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Resident.id))
    as_of: Mapped[date]
    report_year: Mapped[int | None]
    report_quarter: Mapped[int | None]
    requested_by: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(20), default="queued")
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    error: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Document.id))
