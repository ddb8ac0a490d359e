"""Reading notifications and letters."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.errors import NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.notifications import events
from registry.notifications.models import Letter, MailChoice, Notification
from registry.notifications.rules import DIGEST, TOLD, How


def unread(user_id: int) -> sa.ScalarSelect[int]:
    """How many notifications an account has not read, as SQL: a part of the statement that every page asks anyway."""
    return (
        sa.select(sa.func.count())
        .select_from(Notification)
        .where(Notification.user_id == user_id, Notification.read_at.is_(None))
        .scalar_subquery()
    )


def own_statement(viewer: Viewer) -> sa.Select[Notification]:
    """What an account was told, the newest first."""
    return (
        sa.select(Notification)
        .where(Notification.user_id == viewer.user_id)
        .options(joinedload(Notification.letter))
        .order_by(Notification.id.desc())
    )


def get_own(notification_id: int, viewer: Viewer) -> events.Open:
    """:raises NotFound: when there is no such notification, it is somebody else's, or what it tells is no more open."""
    row = db.session.get(Notification, notification_id)
    found = events.still_open([row], viewer) if row is not None and row.user_id == viewer.user_id else {}
    if notification_id not in found:
        raise NotFound(lazy("There is no such notification."))
    return found[notification_id]


def choices(user_id: int | None) -> dict[str, str]:
    """How an account wants to be told, by group; what is not named is mailed at once."""
    rows = db.session.scalars(sa.select(MailChoice).where(MailChoice.user_id == user_id))
    return {row.topic: row.how for row in rows}


def choices_of(ids: set[int], group: str) -> dict[int, How]:
    """How these accounts want to be told of a group, as far as they chose."""
    rows = db.session.execute(sa.select(MailChoice.user_id, MailChoice.how).where(MailChoice.topic == group))
    return {user_id: How(how) for user_id, how in rows if user_id in ids}


# --- letters ---


def letters(
    viewer: Viewer,
    *,
    fate: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    search: str | None = None,
) -> sa.Select[Letter]:
    """All letters, the newest first: for whoever looks after the installation.

    :raises NotAllowed: for anybody else.
    """
    viewer.require_in(None, Permission.KEEP_SETTINGS)
    statement = sa.select(Letter)
    if fate:
        statement = statement.where(Letter.fate == fate)
    if kind in (DIGEST, *events.links()):
        statement = statement.where(Letter.kind == kind)
    elif kind:
        told = sa.exists().where(Notification.letter_id == Letter.id, Notification.event == kind)
        statement = statement.where(Letter.kind == TOLD, told)
    if since:
        statement = statement.where(Letter.made_at >= since)
    if until:
        statement = statement.where(Letter.made_at <= until)
    if search and search.strip():
        statement = statement.where(Letter.address.contains(search.strip().lower(), autoescape=True))
    return statement.order_by(Letter.id.desc())


def get_letter(letter_id: int, viewer: Viewer) -> Letter:
    """:raises NotFound: when there is no such letter, or the viewer does not look after the installation."""
    letter = db.session.get(Letter, letter_id) if viewer.looks_after_the_installation else None
    if letter is None:
        raise NotFound(lazy("There is no such letter."))
    return letter


def last_letter(user_id: int) -> Letter | None:
    """The latest letter with a link that was made for an account."""
    statement = sa.select(Letter).where(Letter.user_id == user_id, Letter.kind.in_(sorted(events.links())))
    return db.session.scalars(statement.order_by(Letter.id.desc()).limit(1)).first()


def told_in(letters: list[int]) -> dict[int, str]:
    """The event of each letter that tells one thing."""
    rows = db.session.execute(
        sa.select(Notification.letter_id, Notification.event).where(Notification.letter_id.in_(letters))
    )
    return {letter_id: event for letter_id, event in rows if letter_id is not None}
