"""Reading accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts import rules
from registry.accounts.models import Invitation, Membership, User
from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.accounts.rules import invitable_roles, plain_login
from registry.errors import NotAllowed, NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.clock import AHEAD
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.text import is_found, search_text
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import Action


def password_is_told(user: User) -> bool:
    """Whether the journal holds the hash of the account's stored password hash: not of one set by an older version."""
    state = journal.state_of(user)
    return state is not None and "credential" in state.values


def viewer_for(user: User) -> Viewer:
    """The reader and actor behind an account.

    A resident's account without a BIN, which nobody can make, would belong to no company: it sees nothing.
    """
    role = Role(user.role)
    return Viewer(
        user_id=user.id,
        login=user.login,
        role=role.value,
        permissions=ROLE_PERMISSIONS[role],
        company_bin=(user.company_bin or "") if role is Role.RESIDENT else None,
        language=user.language,
        territory_ids=frozenset(territory.id for territory in user.territories) or None,
    )


def by_login(login: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.login == plain_login(login)))


def viewer_by_login(login: str) -> Viewer:
    """The actor a command was told to act for (``exchange.md`` 1, ``--actor``).

    :raises NotFound: when nobody has this login.
    :raises NotAllowed: when the account is deactivated.
    """
    user = by_login(login)
    if user is None:
        raise NotFound(lazy("There is no user with the login %(login)s.", login=login), "login")
    if not user.active:
        raise NotAllowed(lazy("The account %(login)s is deactivated.", login=login))
    return viewer_for(user)


def session_user(user_id: int, epoch: int) -> User | None:
    """The account a session belongs to, while the session has not been ended (``User.session_epoch``)."""
    # Every page asks: the territories come with it, in one statement.
    found = (
        sa.select(User)
        .where(User.id == user_id, User.session_epoch == epoch, User.active.is_(True))
        .options(joinedload(User.territories))
    )
    return db.session.scalars(found).unique().one_or_none()


def names(ids: Collection[int | None]) -> dict[int, str]:
    """The name people know each account by, for histories; the login where no name was given."""
    wanted = {user_id for user_id in ids if user_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name, User.login).where(User.id.in_(wanted)).order_by(User.id))
    return {user_id: name or login for user_id, name, login in rows}


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the accounts it may know of: those limited to territories it has itself."""
    if viewer.has_all_territories:
        return []
    own = sa.exists().where(Membership.user_id == User.id, *viewer.within(Membership.territory_id))
    foreign = sa.exists().where(Membership.user_id == User.id, ~sa.and_(*viewer.within(Membership.territory_id)))
    return [own.correlate(User), ~foreign.correlate(User)]


def users(viewer: Viewer, *, search: str | None = None, role: str | None = None) -> list[User]:
    """The accounts ``viewer`` may look after (an administrator all, staff those of residents), active ones first.

    ``search`` looks into login, name and BIN, here and not in SQL, since no search text is kept and accounts are few.
    """
    viewer.require(Permission.INVITE_USERS)
    query = sa.select(User).where(*_in_care_of(viewer))
    if role:
        query = query.where(User.role == role)
    found = db.session.scalars(query.order_by(User.active.desc(), User.role, User.login)).all()
    return [user for user in found if is_found(search_text(user.login, user.name, user.company_bin), search or "")]


def get_user(user_id: int, viewer: Viewer) -> User:
    """:raises NotFound: when there is no such account, or it is not the viewer's to look after."""
    viewer.require(Permission.INVITE_USERS)
    user = db.session.scalar(sa.select(User).where(User.id == user_id, *_in_care_of(viewer)))
    if user is None:
        raise NotFound(lazy("There is no such user."))
    return user


def _in_care_of(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    return [User.role.in_(sorted(invitable_roles(viewer.role))), *visible(viewer)]


def open_invitation(token: str, now: datetime) -> tuple[Invitation, User]:
    """The invitation a link leads to, while it can be used.

    :raises NotFound: when the link is unknown, used, replaced by a newer one or too old.
    """
    row = db.session.execute(
        sa.select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(Invitation.token_hash == token_hash(token))
    ).first()
    if row is None or row[0].used_at is not None or not _is_open(row[0], now) or not row[1].active:
        raise NotFound(lazy("This link has been used or is too old. Ask the person who sent it for a new one."))
    return row[0], row[1]


def _is_open(invitation: Invitation, now: datetime) -> bool:
    """Whether a link is neither too old nor made under a clock that ran ahead: such a one would work for years."""
    return invitation.created_at < now + AHEAD and now < invitation.expires_at


def pending_until(user: User, now: datetime) -> datetime | None:
    """Until when the latest link given to ``user`` works; None when there is none to use."""
    return db.session.scalar(
        sa.select(sa.func.max(Invitation.expires_at)).where(
            Invitation.user_id == user.id, Invitation.used_at.is_(None), Invitation.expires_at > now
        )
    )


def token_hash(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- links to accounts in use: whoever made one could have acted as the company ---

IN_USE = "for_account_in_use"
"""What the journal says of a link to an account in use."""


class LinkMade(NamedTuple):
    """A link somebody else made to an account in use."""

    at: datetime
    by: str


def is_in_use(user: User) -> bool:
    """Whether somebody signs in to this account, or to another of the same company."""
    if user.password_hash is not None:
        return True
    if not user.company_bin:
        return False
    others = sa.select(User.id).where(
        User.company_bin == user.company_bin, User.id != user.id, User.password_hash.is_not(None), User.active.is_(True)
    )
    return db.session.scalar(others.limit(1)) is not None


def _links(since: datetime) -> sa.Select[JournalEntry]:
    return sa.select(JournalEntry).where(
        JournalEntry.action == Action.USER_INVITED,
        JournalEntry.recorded_at > since,
        JournalEntry.changes.contains(f'"{IN_USE}"'),
    )


def links_made(user_id: int, now: datetime) -> list[LinkMade]:
    """The links others made to an account in use lately, newest first: for its owner."""
    found = _links(now - rules.LINK_BINDS).where(
        JournalEntry.subject_type == User.__tablename__, JournalEntry.subject_id == user_id
    )
    rows = [row for row in db.session.scalars(found.order_by(JournalEntry.sequence.desc())) if row.actor_id != user_id]
    known = names([row.actor_id for row in rows])
    return [LinkMade(row.recorded_at, known.get(row.actor_id or 0, "system")) for row in rows]


def bound_until(persons: Collection[int], company_bin: str, now: datetime) -> datetime | None:
    """Until when people decide on no report of a company, one of them having made a link to one of its accounts."""
    if not persons:
        return None
    made = _links(now - rules.LINK_BINDS).join(User, User.id == JournalEntry.subject_id)
    last = db.session.scalar(
        made.with_only_columns(sa.func.max(JournalEntry.recorded_at)).where(
            JournalEntry.subject_type == User.__tablename__,
            JournalEntry.actor_id.in_(persons),
            User.company_bin == company_bin,
        )
    )
    return last + rules.LINK_BINDS if last is not None else None


def linked_until(ours: Collection[int], theirs: Collection[int], now: datetime) -> datetime | None:
    """Until when two sides are not taken for two people, one having made a link to an account of the other."""

    def made(by: Collection[int], to: Collection[int]) -> sa.ColumnElement[bool]:
        return sa.and_(JournalEntry.actor_id.in_(by), JournalEntry.subject_id.in_(to))

    last = db.session.scalar(
        sa.select(sa.func.max(JournalEntry.recorded_at)).where(
            JournalEntry.action == Action.USER_INVITED,
            JournalEntry.subject_type == User.__tablename__,
            JournalEntry.recorded_at > now - rules.LINK_BINDS,
            sa.or_(made(ours, theirs), made(theirs, ours)),
        )
    )
    return last + rules.LINK_BINDS if last is not None else None


def people_who_may(permission: Permission) -> list[User]:
    """The active accounts that can be signed in to and hold a permission, staff first."""
    roles = [role for role, permissions in ROLE_PERMISSIONS.items() if permission in permissions]
    return list(
        db.session.scalars(
            sa.select(User)
            .where(User.active.is_(True), User.password_hash.is_not(None), User.role.in_(roles))
            .order_by(User.role.desc(), User.id)
        )
    )
