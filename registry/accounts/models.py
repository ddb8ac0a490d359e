"""People who sign in, their invitations, and what is noted of signing in (:mod:`registry.infra.beside`)."""

from __future__ import annotations

import hashlib
import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.infra.beside import BESIDE
from registry.infra.db import Base, UtcDateTime
from registry.territories.models import Territory


class User(Base):
    """An account. It is deactivated, never deleted: the journal refers to it.

    ``login`` is kept in lower case. ``session_epoch`` grows when sessions must end: deactivation, a changed role, a new
    password. ``company_bin`` is set for residents and nobody else; the database refuses a resident's account without it
    (:mod:`registry.journal.guards`). ``territories`` are those the account is limited to; none means all of them.
    """

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(sa.String(120), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), default="")
    role: Mapped[str] = mapped_column(sa.String(20))
    company_bin: Mapped[str | None] = mapped_column(sa.String(12), index=True)
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(2), default="kk")
    active: Mapped[bool] = mapped_column(default=True)
    session_epoch: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_sign_in_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    territories: Mapped[list[Territory]] = relationship(secondary="membership", order_by=Territory.id, lazy="selectin")
    standing_in: Mapped[list[Deputy]] = relationship(
        primaryjoin="and_(Deputy.deputy_id == User.id, Deputy.ended_at.is_(None))",
        order_by="Deputy.id",
        viewonly=True,
    )
    """For whom it was named deputy, whatever the day."""

    @property
    def credential(self) -> str:
        """What the journal keeps of the password: the hash of its hash, which is salted and long, and tells nothing."""
        return fingerprint(self.password_hash)

    @property
    def territory_codes(self) -> str | None:
        """The codes of the territories the account is limited to, in one line; None where it has all of them."""
        return ", ".join(territory.code for territory in self.territories) or None


def fingerprint(password_hash: str | None) -> str:
    """SHA-256 of a stored password hash; empty where there is none."""
    return "" if password_hash is None else hashlib.sha256(password_hash.encode()).hexdigest()


class Membership(Base):
    """An account does its role in this territory. Accounts without a membership do it in all territories."""

    __tablename__ = "membership"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    territory_id: Mapped[int] = mapped_column(sa.ForeignKey(Territory.id), primary_key=True)


class Invitation(Base):
    """A one-time link with which a person sets the password of a new account. Only the token's hash is kept."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ForgottenPassword(Base):
    """Somebody asked for a link because the password is forgotten; the worker answers, and removes the row.

    ``accounts`` are the ids of those that fit what was typed, separated by commas: nothing where none does. Known and
    unknown logins leave the same row, so that the page takes the same time for both.
    """

    __tablename__ = "forgotten_password"

    id: Mapped[int] = mapped_column(primary_key=True)
    accounts: Mapped[str] = mapped_column(sa.Text)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Proposal(Base):
    """An act that needs two people, as one of them proposed it: nothing of it holds until another confirms it.

    ``what`` is the kind (:mod:`registry.accounts.two_people`), ``content`` the JSON of what it will do. ``proposers``
    are the accounts whose work it is, separated by commas: who proposed, and whom a deputy stood for.
    """

    __tablename__ = "proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(sa.String(40))
    content: Mapped[str] = mapped_column(sa.Text)
    status: Mapped[str] = mapped_column(sa.String(20), index=True)
    proposers: Mapped[str] = mapped_column(sa.String(60))
    proposed_by: Mapped[int] = mapped_column(sa.ForeignKey(User.id))
    proposed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(sa.ForeignKey(User.id))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None]

    @property
    def values(self) -> dict[str, Any]:
        """What it will do, as its kind wrote it."""
        return json.loads(self.content)

    @property
    def persons(self) -> frozenset[int]:
        return frozenset(map(int, self.proposers.split(",")))


class Deputy(Base):
    """``deputy_id`` does the role of ``user_id`` from ``from_on`` to ``to_on``, both days included.

    It ends by itself, or at ``ended_at`` where somebody ended it earlier.
    """

    __tablename__ = "deputy"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), index=True)
    deputy_id: Mapped[int] = mapped_column(sa.ForeignKey(User.id), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
    named_by: Mapped[int | None]
    named_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    user: Mapped[User] = relationship(foreign_keys=[user_id])
    deputy: Mapped[User] = relationship(foreign_keys=[deputy_id])

    def holds_on(self, day: date) -> bool:
        return self.ended_at is None and self.from_on <= day <= self.to_on


class SignInFailure(Base):
    """How often sign-in failed lately for a login or an address; ``key`` is a hash, so no address is kept."""

    __tablename__ = "sign_in_failure"
    __table_args__ = {"info": BESIDE}

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SignIn(Base):
    """Somebody signed in to an account, failed to, or signed out; failures with unknown logins name no account.

    What was typed as a login is not kept: it may be a password. ``address`` is that of the network.
    """

    __tablename__ = "sign_in"
    __table_args__ = (
        sa.Index("ix_sign_in_user_id_at", "user_id", "at"),
        sa.Index("ix_sign_in_at", "at"),
        {"info": BESIDE},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    user_id: Mapped[int | None]
    what: Mapped[str] = mapped_column(sa.String(20))
    address: Mapped[str] = mapped_column(sa.String(60))


class EndedSession(Base):
    """A session that was signed out of, by the hash of its secret, until it would have ended by itself."""

    __tablename__ = "ended_session"
    __table_args__ = {"info": BESIDE}

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
