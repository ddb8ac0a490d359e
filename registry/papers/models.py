"""Issued papers, the acts they belong to, what became of them, and requests for papers."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.beside import BESIDE
from registry.infra.db import Base, UtcDateTime
from registry.residents.models import Resident
from registry.territories.models import Territory


class DocumentAct(Base):
    """One act of issue: a number, and the frozen snapshot that its papers in kk, ru and en print.

    ``scope`` is a territory's prefix or ``KZ``; ``scope, kind, year, serial`` run without gaps. ``request_key`` names
    kind, scope, dates and how a sample was drawn; together with ``data_hash`` it tells that the same paper was asked
    for again. ``known_at`` is the moment by which its data were recorded, where one was asked for; a ``copy`` is for
    information, and nobody approved it; ``without`` names the annexes left out, by code. ``edition`` counts the acts of
    the same request and data: the next one is issued after the one before was revoked or replaced.
    """

    __tablename__ = "document_act"
    __table_args__ = (
        sa.UniqueConstraint("scope", "kind", "year", "serial"),
        sa.UniqueConstraint("request_key", "data_hash", "edition"),
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
    since: Mapped[date | None]
    sampling: Mapped[str | None] = mapped_column(sa.String(80))
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    copy: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    without: Mapped[str | None] = mapped_column(sa.String(80))
    data_hash: Mapped[str] = mapped_column(sa.String(64))
    edition: Mapped[int] = mapped_column(default=1)
    snapshot: Mapped[str] = mapped_column(sa.Text, deferred=True)
    chain_sequence: Mapped[int]
    chain_hash: Mapped[str] = mapped_column(sa.String(64))
    issued_on: Mapped[date]

    territory: Mapped[Territory | None] = relationship(lazy="joined")


class Document(Base):
    """One paper in one language: its stored bytes by SHA-256, and its verification code."""

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


class DocumentEvent(Base):
    """The end of an act of issue, in all its languages: revoked, or replaced by another act. Rows are only added.

    The certificate of an excluded participant has no row here: its end follows from the register.
    """

    __tablename__ = "document_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    act_id: Mapped[int] = mapped_column(sa.ForeignKey(DocumentAct.id), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    effective_on: Mapped[date]
    reason: Mapped[str]
    recorded_by: Mapped[int | None]
    replaced_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey(DocumentAct.id))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    replaced_by: Mapped[DocumentAct | None] = relationship(foreign_keys=[replaced_by_id], lazy="joined")


class DocumentRequest(Base):
    """A paper somebody asked for: the row is the truth about the job's progress and result.

    A paper that needs approval is ``prepared`` first: ``snapshot`` is frozen with its hash and the journal's head, and
    ``draft`` is the SHA-256 of the watermarked print. Somebody else approves it, and only then it gets its number.
    ``replaces_id`` is the act this paper is to replace, for ``reason``; ``error`` says why it failed or was declined.
    ``worker`` names the process that makes it (``infra/presence.py``), ``attempts`` counts how often one began.

    An evidence pack is asked for in the same way (``kind`` evidence): ``draft`` is the SHA-256 of the ZIP made, which
    is kept for a few days, and no paper comes of it.
    """

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
    since: Mapped[date | None]
    sampling: Mapped[str | None] = mapped_column(sa.String(80))
    known_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    copy: Mapped[bool] = mapped_column(default=False, server_default=sa.false())
    without: Mapped[str | None] = mapped_column(sa.String(80))
    requested_by: Mapped[int | None]
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(sa.String(20), default="queued")
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_total: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    worker: Mapped[str | None] = mapped_column(sa.String(32))
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    document_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Document.id))
    replaces_id: Mapped[int | None] = mapped_column(sa.ForeignKey(DocumentAct.id))
    reason: Mapped[str | None]
    snapshot: Mapped[str | None] = mapped_column(sa.Text, deferred=True)
    data_hash: Mapped[str | None] = mapped_column(sa.String(64))
    chain_sequence: Mapped[int | None]
    chain_hash: Mapped[str | None] = mapped_column(sa.String(64))
    draft: Mapped[str | None] = mapped_column(sa.String(64))
    prepared_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    approved_by: Mapped[int | None]
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    replaces: Mapped[DocumentAct | None] = relationship()


class PaperCheck(Base):
    """How often a paper was looked up since lookups are counted here and no longer in ``document.checks``."""

    __tablename__ = "paper_check"
    __table_args__ = {"info": BESIDE}

    document_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
