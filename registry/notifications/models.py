"""What people are told, the letters that tell it, and how they want to be told."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.db import Base, UtcDateTime

ACCOUNT = "user_account.id"
"""The accounts stand above this package; their table is named here and nothing else of them."""


class Letter(Base):
    """A mail: what it is (``kind``), where it stands, and what the server said.

    ``kind`` is a letter with a link, one notification, or the day's notifications together. The text is made when it is
    sent and never kept. ``message_id`` is given once: a letter handed over twice, because whoever sent it died before
    it could note so, is one letter for the mailbox. ``next_at`` is when it is tried next, of one being sent when it is
    taken for lost. ``said`` holds the server's last words, or why it was dropped (:class:`rules.Why`).
    """

    __tablename__ = "letter"
    __table_args__ = (
        sa.Index(
            "ix_letter_open",
            "next_at",
            sqlite_where=sa.text("fate IN ('waiting', 'sending')"),
            postgresql_where=sa.text("fate IN ('waiting', 'sending')"),
        ),
        sa.Index("ix_letter_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(ACCOUNT))
    address: Mapped[str | None] = mapped_column(sa.String(254))
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True)
    fate: Mapped[str] = mapped_column(sa.String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    said: Mapped[str | None] = mapped_column(sa.Text)

    notifications: Mapped[list[Notification]] = relationship(back_populates="letter", order_by="Notification.id")


class Notification(Base):
    """Something one person is told, once: of one event about one record (or about none) and one ``occasion``.

    ``details`` is the JSON of what its words need; the words themselves are made in the reader's language whenever they
    are shown. ``how`` is what the person had chosen when it happened.
    """

    __tablename__ = "notification"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "event", "subject_type", "subject_id", "occasion"),
        sa.Index(
            "ix_notification_unread",
            "user_id",
            "how",
            "letter_id",
            sqlite_where=sa.text("read_at IS NULL"),
            postgresql_where=sa.text("read_at IS NULL"),
        ),
        sa.Index("ix_notification_letter_id", "letter_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(ACCOUNT))
    event: Mapped[str] = mapped_column(sa.String(40))
    subject_type: Mapped[str] = mapped_column(sa.String(40), default="")
    subject_id: Mapped[int] = mapped_column(default=0)
    occasion: Mapped[str] = mapped_column(sa.String(60), default="")
    details: Mapped[str] = mapped_column(sa.Text, default="{}")
    how: Mapped[str] = mapped_column(sa.String(20))
    told_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    letter_id: Mapped[int | None] = mapped_column(sa.ForeignKey(Letter.id))

    letter: Mapped[Letter | None] = relationship(back_populates="notifications")


class MailChoice(Base):
    """How somebody wants to be told of a group of events; without a row by mail at once."""

    __tablename__ = "mail_choice"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey(ACCOUNT), primary_key=True)
    topic: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    how: Mapped[str] = mapped_column(sa.String(20))
