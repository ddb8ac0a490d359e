"""Telling people: what happened goes into the outbox in the transaction in which it happened.

If the act is rolled back, nobody is told; if it is committed, everybody is, once. Letters leave later
(:mod:`registry.notifications.outbox`). None of this is an act: nothing in a register follows from it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from registry.config import Settings
from registry.errors import Conflict, NotAllowed
from registry.infra import mail
from registry.infra.access import Permission, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, in_parts, transaction
from registry.infra.i18n import deferred, lazy, ngettext
from registry.infra.schedule import DAY, Periodic, When, by_age
from registry.notifications import events, queries
from registry.notifications.events import Event, Values
from registry.notifications.models import Letter, MailChoice, Notification
from registry.notifications.rules import DIGEST, FAILED, MEMORY, OPEN, TOLD, Fate, Group, How, Why


def tell(
    event: Event,
    to: Collection[int],
    *,
    about: tuple[str, int] | None = None,
    occasion: str = "",
    values: Values | None = None,
    now: datetime,
) -> int:
    """Tell these accounts of an event, each once for one record and ``occasion``; how many were told.

    It is called inside the transaction of the act. ``about`` is the table and id of the record, ``values`` what the
    words need: plain values, none of them an amount or a personal number.
    """
    subject_type, subject_id = about or ("", 0)
    same = sa.select(Notification.user_id).where(
        Notification.event == event.key,
        Notification.subject_type == subject_type,
        Notification.subject_id == subject_id,
        Notification.occasion == occasion,
    )
    wanted = sorted(set(to))
    known = {key for some in in_parts(wanted) for key in db.session.scalars(same.where(Notification.user_id.in_(some)))}
    new = [key for key in wanted if key not in known]
    if not new:
        return 0
    is_mailed = mail.is_set_up(current_app.config["SETTINGS"])
    chosen = queries.choices_of(set(new), event.group)
    for user_id in new:
        how = chosen.get(user_id, How.AT_ONCE) if is_mailed else How.HERE
        row = Notification(
            user_id=user_id,
            event=event.key,
            subject_type=subject_type,
            subject_id=subject_id,
            occasion=occasion,
            details=json.dumps(dict(values or {}), ensure_ascii=False),
            how=str(how),
            told_at=now,
        )
        if how is How.AT_ONCE:
            row.letter = new_letter(TOLD, user_id, now=now)
        db.session.add(row)
    db.session.flush()
    return len(new)


def new_letter(kind: str, user_id: int, *, address: str | None = None, now: datetime) -> Letter:
    """Put a letter into the outbox: its text is made when it is sent."""
    letter = Letter(
        kind=kind,
        user_id=user_id,
        address=address,
        message_id=f"<{secrets.token_hex(16)}@tizilim.invalid>",
        fate=Fate.WAITING,
        attempts=0,
        made_at=now,
        next_at=now,
    )
    db.session.add(letter)
    db.session.flush()
    return letter


def mark_read(viewer: Viewer, notification: Notification, *, now: datetime) -> None:
    """Note that somebody has seen what he was told.

    :raises NotAllowed: when it was told to somebody else.
    """
    if notification.user_id != viewer.user_id:
        raise NotAllowed(lazy("Your role does not permit this."))
    if notification.read_at is None:
        notification.read_at = now


def mark_all_read(viewer: Viewer, *, now: datetime) -> None:
    """Note that somebody has seen everything he was told."""
    unread = sa.update(Notification).where(Notification.user_id == viewer.user_id, Notification.read_at.is_(None))
    db.session.execute(unread.values(read_at=now))


def choose(viewer: Viewer, wanted: Mapping[Group, How]) -> None:
    """Keep how somebody wants to be told of what happens from now on.

    :raises NotAllowed: for whoever has no account.
    """
    if viewer.user_id is None:
        raise NotAllowed(lazy("Your role does not permit this."))
    for group, how in wanted.items():
        db.session.merge(MailChoice(user_id=viewer.user_id, topic=str(group), how=str(how)))
    db.session.flush()


def send_again(actor: Viewer, letter: Letter, *, now: datetime) -> None:
    """Have a letter that was refused or given up tried anew.

    :raises NotAllowed: for whoever does not look after the installation.
    :raises Conflict: for one that did not fail, or whose link ended with it.
    """
    actor.require_in(None, Permission.KEEP_SETTINGS)
    if letter.fate not in FAILED:
        raise Conflict(lazy("Only a letter that was refused or given up is sent again."))
    if letter.kind in events.links():
        raise Conflict(lazy("The link in this letter works no more. Make a new link on the page of the account."))
    letter.fate, letter.attempts, letter.next_at, letter.ended_at = str(Fate.WAITING), 0, now, None


def drop_unsent(*, now: datetime) -> None:
    """Send nothing that waits: of letters out of an archive nobody knows whether they were sent before."""
    waiting = sa.update(Letter).where(Letter.fate.in_(OPEN))
    db.session.execute(waiting.values(fate=str(Fate.DROPPED), said=str(Why.RESTORED), ended_at=now))
    gathered = sa.update(Notification).where(Notification.letter_id.is_(None), Notification.how == How.DAILY)
    db.session.execute(gathered.values(how=str(How.HERE)))


# --- by schedule ---


def gather() -> object:
    """Put what people want together into one letter for each of them; what was read meanwhile is left out."""
    now, count = utc_now(), 0
    gathered = (Notification.how == How.DAILY, Notification.letter_id.is_(None), Notification.read_at.is_(None))
    with transaction() as session:
        for user_id in session.scalars(sa.select(Notification.user_id).where(*gathered).distinct()).all():
            letter = new_letter(DIGEST, user_id, now=now)
            own = sa.update(Notification).where(Notification.user_id == user_id, *gathered)
            session.execute(own.values(letter_id=letter.id))
            count += 1
    return deferred(lambda: ngettext("%(num)s letter was made.", "%(num)s letters were made.", count))


@by_age
def forget_old() -> None:
    """Forget what was told and sent long ago, read or not."""
    before = utc_now() - MEMORY
    with transaction() as session:
        session.execute(sa.delete(Notification).where(Notification.told_at < before))
        kept = sa.exists().where(Notification.letter_id == Letter.id)
        session.execute(sa.delete(Letter).where(Letter.made_at < before, Letter.fate.not_in(OPEN), ~kept))


def _when_gathered(settings: Settings) -> When | None:
    return When(DAY, settings.digest_at) if mail.is_set_up(settings) else None


PERIODIC = (
    Periodic("digest", lazy("What gathered in a day is put into one letter each"), _when_gathered, gather),
    Periodic(
        "old_letters", lazy("Notifications and letters of long ago are forgotten"), lambda _s: When(DAY), forget_old
    ),
)
"""What is done about letters from time to time."""
