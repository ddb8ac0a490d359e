"""Letters leave: the worker takes those that are due, one after the other, until each has arrived or ended otherwise.

A letter is taken in one transaction and what became of it is noted in another; between the two it is handed over to the
server, and no transaction can hold these together. A process that dies in between leaves a letter being sent: once its
lease is over it is handed over again, since a letter that is lost is worse than one that comes twice. It bears the same
Message-ID, date and content then, by which mailboxes know it for the same letter.

What is told is looked at again when the letter leaves: who lost the right to know of it meanwhile, or has nothing more
to do, gets none. The text is made then and kept nowhere.
"""

from __future__ import annotations

import logging
import time
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import aliased

from registry.config import Settings
from registry.infra import jobs, mail
from registry.infra.clock import AHEAD, utc_now
from registry.infra.db import db, outside_transactions, transaction
from registry.infra.i18n import gettext as _
from registry.infra.i18n import speaking
from registry.notifications import events
from registry.notifications.events import Open, Written
from registry.notifications.models import Letter, Notification
from registry.notifications.rules import DIGEST, GROUP_NAMES, LEASE, OPEN, Fate, Group, Why, pause_after

_log = logging.getLogger(__name__)

AT_ONCE = 20
"""How many letters are queued at once: whoever waits for a paper waits for no more of them."""

REST = 30.0
"""Seconds in which a worker leaves a server alone that it could not reach."""

_rest_until = [0.0]
"""Until when, by the clock of the process."""


class _Dropped(Exception):
    """A letter is not needed."""

    def __init__(self, why: Why) -> None:
        self.why = why


class _Taken(NamedTuple):
    """A letter that this process took, and the how-manieth try it is."""

    letter_id: int
    attempt: int


@jobs.job
def send_letter(letter_id: int) -> None:
    """Send a letter that is due, in the background."""
    if time.monotonic() >= _rest_until[0]:
        send(letter_id)


@jobs.sweep
def queue_due() -> None:
    """Queue the letters that are due, those with a link first: somebody waits for them."""
    settings: Settings = current_app.config["SETTINGS"]
    if not mail.is_set_up(settings) or time.monotonic() < _rest_until[0]:
        return
    links_first = sa.case((Letter.kind.in_(sorted(events.links())), 0), else_=1)
    due = sa.select(Letter.id).where(*_due()).order_by(links_first, Letter.next_at, Letter.id).limit(AT_ONCE)
    waiting = db.session.scalars(due).all()
    if waiting and jobs.nothing_waits():
        for letter_id in waiting:
            jobs.enqueue(send_letter, letter_id)


def _due() -> list[sa.ColumnElement[bool]]:
    """Letters that wait for a try, and those whose sender was lost; a time far ahead was noted under a wrong clock."""
    now = utc_now()
    return [Letter.fate.in_(OPEN), sa.or_(Letter.next_at <= now, Letter.next_at > now + AHEAD + LEASE)]


def send(letter_id: int) -> None:
    """Hand a letter over to the server, if it is due, and note what became of it."""
    taken = _take(letter_id)
    if taken is None:
        return
    settings: Settings = current_app.config["SETTINGS"]
    letter = db.session.get_one(Letter, letter_id)
    try:
        written = _write(letter)
        message_id, made_at = letter.message_id, letter.made_at
        outside_transactions()  # the server may take its time
        mail.send(
            settings,
            to=written.address,
            subject=written.subject,
            text=written.text,
            message_id=message_id,
            made_at=made_at,
        )
    except _Dropped as dropped:
        _note(taken, Fate.DROPPED, str(dropped.why))
    except mail.NotSent as error:
        if error.of_server:
            _rest_until[0] = time.monotonic() + REST
        with speaking("en"):
            said = str(error)
        _note_failure(taken, said, is_final=error.is_final)
    except Exception:
        _log.exception("letter %s could not be sent", letter_id)
        db.session.rollback()
        _note_failure(taken, "a fault of the program: the log of the server tells more", is_final=False)
    else:
        _note(taken, Fate.SENT, None, address=written.address)


def _take(letter_id: int) -> _Taken | None:
    """Take a letter up: from now on it is nobody else's, until its lease is over."""
    with transaction() as session:
        letter = session.scalar(sa.select(Letter).where(Letter.id == letter_id, *_due()))
        if letter is None:
            return None
        if pause_after(letter.attempts) is None and letter.attempts:
            # Whoever sent it was lost each time.
            letter.fate, letter.ended_at = str(Fate.GIVEN_UP), utc_now()
            _end_link(letter)
            return None
        letter.fate, letter.next_at = str(Fate.SENDING), utc_now() + LEASE
        letter.attempts += 1
        return _Taken(letter_id, letter.attempts)


def _note(taken: _Taken, fate: Fate, said: str | None, *, address: str | None = None) -> None:
    with transaction() as session:
        letter = session.get(Letter, taken.letter_id)
        if letter is None or (letter.fate, letter.attempts) != (Fate.SENDING, taken.attempt):
            return  # somebody else took it for lost meanwhile
        letter.fate, letter.said, letter.ended_at = str(fate), said, utc_now()
        letter.address = address or letter.address
        _end_link(letter)


def _note_failure(taken: _Taken, said: str, *, is_final: bool) -> None:
    pause = pause_after(taken.attempt)
    if is_final or pause is None:
        _note(taken, Fate.REFUSED if is_final else Fate.GIVEN_UP, said)
        return
    with transaction() as session:
        letter = session.get(Letter, taken.letter_id)
        if letter is not None and (letter.fate, letter.attempts) == (Fate.SENDING, taken.attempt):
            letter.fate, letter.said, letter.next_at = str(Fate.WAITING), said, utc_now() + pause


def _end_link(letter: Letter) -> None:
    """A link that did not arrive is in nobody's hands: it works no more."""
    link = events.links().get(letter.kind)
    if link is not None and letter.fate != Fate.SENT:
        link.failed(letter)


# --- what a letter says ---


def _write(letter: Letter) -> Written:
    """The letter as it goes out now.

    :raises _Dropped: when it is not needed any more.
    """
    link = events.links().get(letter.kind)
    if link is not None:
        written = link.write(letter)
        if written is None:
            raise _Dropped(Why.LINK_ENDED)
        return written
    person = events.people([letter.user_id]).get(letter.user_id)
    if person is None:
        raise _Dropped(Why.NO_RIGHT)
    if not person.address:
        raise _Dropped(Why.NO_ADDRESS)
    known = events.still_open(letter.notifications, person.viewer)
    found = [item for item in known.values() if item.event.holds(item.notification, person.viewer)]
    if not found:
        raise _Dropped(Why.NO_RIGHT)
    if letter.kind != DIGEST and _was_sent_there(letter, person.address):
        raise _Dropped(Why.SAME_ADDRESS)
    with speaking(person.language):
        subject = _("Tizilim: your news of the day") if letter.kind == DIGEST else found[0].subject
        text = _digest(found) if letter.kind == DIGEST else f"{found[0].text}\n\n{_address(found[0])}"
        return Written(person.address, subject, f"{text}\n\n{_foot()}")


def _was_sent_there(letter: Letter, address: str) -> bool:
    """Whether another account of the same address was told the same: a company's accounts share the company's."""
    own, other, sent = Notification, aliased(Notification), aliased(Letter)
    same = (
        sa.select(sent.id)
        .join(other, other.letter_id == sent.id)
        .join(
            own,
            sa.and_(
                own.event == other.event,
                own.subject_type == other.subject_type,
                own.subject_id == other.subject_id,
                own.occasion == other.occasion,
            ),
        )
        .where(own.letter_id == letter.id, sent.id != letter.id, sent.fate == Fate.SENT, sent.address == address)
    )
    return db.session.scalar(same.limit(1)) is not None


def _digest(found: list[Open]) -> str:
    """Everything once, by group, in the order in which it happened."""
    parts = []
    for group in Group:
        own = [item for item in found if item.event.group is group]
        if own:
            parts.append(
                "\n\n".join([str(GROUP_NAMES[group]), *(f"– {item.text}\n  {_address(item)}" for item in own)])
            )
    return "\n\n\n".join(parts)


def _address(found: Open) -> str:
    """The address behind which the very thing opens, after signing in."""
    return f"{_public_url()}/notifications/{found.notification.id}"


def _foot() -> str:
    return "-- \n" + _(
        "What comes by mail, and how often, you choose here: %(link)s", link=f"{_public_url()}/notifications/choices"
    )


def _public_url() -> str:
    settings: Settings = current_app.config["SETTINGS"]
    return settings.public_url
