"""A link mailed to an address on record: nobody but its owner sees it, so that it binds nobody.

On record is, for a company, the e-mail in its entry in the register, and for everybody else a login that is an e-mail
address. An address that the sender put on record himself lately is none: he could have put his own.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Collection
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from flask import current_app

from registry.accounts import queries, rules, services
from registry.accounts.models import User
from registry.errors import Conflict, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import local_date, utc_now
from registry.infra.db import db
from registry.infra.i18n import format_date, format_moment, lazy, speaking
from registry.infra.i18n import gettext as _
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.notifications import services as notifications
from registry.notifications.events import LinkLetter, Person, Written
from registry.notifications.models import Letter
from registry.signing import keys


class Put(NamedTuple):
    """Who did something by which an address is on record, and when."""

    by: int | None
    at: datetime


class OnRecord(NamedTuple):
    """An address, and all by which it is the account's: who wrote it, and who gave entry or account their number."""

    address: str
    put: tuple[Put, ...]


_registers: list[Callable[[str, Viewer], OnRecord | None]] = []
_numbers: list[Callable[[str], list[str]]] = []


def install(of_company: Callable[[str, Viewer], OnRecord | None], with_address: Callable[[str], list[str]]) -> None:
    """Take over how the register, which stands above, knows a company's address, and the companies of an address."""
    _registers[:] = [of_company]
    _numbers[:] = [with_address]


def accounts_of(typed: str) -> list[int]:
    """The accounts that somebody may mean who typed a login or an e-mail address.

    Each of the statements is asked whatever was typed, so that it takes the same time.
    """
    login = rules.plain_login(typed)
    numbers = [number for with_address in _numbers for number in with_address(login)]
    named = sa.select(User.id).where(sa.or_(User.login == login, User.company_bin.in_(numbers)))
    return list(db.session.scalars(named.order_by(User.id)))


def address_of(user: User, viewer: Viewer) -> OnRecord | None:
    """Where a viewer may have a link for an account mailed to."""
    about = sa.select(JournalEntry).where(
        JournalEntry.subject_type == User.__tablename__, JournalEntry.subject_id == user.id
    )
    if user.company_bin:
        found = next((found for of_company in _registers if (found := of_company(user.company_bin, viewer))), None)
        given = about.where(
            JournalEntry.action == Action.USER_CHANGED, JournalEntry.changes.contains('"company_bin"')
        ).order_by(JournalEntry.sequence.desc())
        last = db.session.scalars(given.limit(1)).first()
        return found._replace(put=(*found.put, Put(last.actor_id, last.recorded_at))) if found and last else found
    if not rules.is_address(user.login):
        return None
    added = db.session.scalars(about.where(JournalEntry.action == Action.USER_ADDED)).first()
    return OnRecord(user.login, (Put(added.actor_id, added.recorded_at) if added else Put(None, user.created_at),))


INVITATION, NEW_LINK, FORGOTTEN = "invitation", "new_link", "forgotten_password"
"""The kinds of letters with a link."""


def token_of(letter: Letter) -> str:
    """The token of the link in a letter: what it is made of is kept in two places, and it itself in none.

    So a letter that has to be handed over again is the same letter. Whoever has only the database cannot make it.
    """
    secret = keys.session_secret(current_app.config["SETTINGS"].keys_dir)
    made = hmac.digest(secret.encode(), f"link {letter.message_id}".encode(), "sha256")
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def mail_link(actor: Viewer, user: User, *, now: datetime) -> Letter:
    """Make a link, and the letter by which it is mailed: nobody but whoever gets it sees it.

    :raises Conflict: where no address is on record, or the actor, or who may be no other person, put it there within
        the last thirty days.
    """
    services.require_care_of(actor, user)
    found = address_of(user, actor)
    if found is None:
        raise Conflict(
            lazy(
                "No address is on record. A company's address is the e-mail in its entry in the register, anybody"
                " else's is a login that is an e-mail address. Make a link and hand it over."
            )
        )
    for put in found.put:
        _need_another(actor, put, now)
    kind = INVITATION if user.password_hash is None else NEW_LINK
    letter = notifications.new_letter(kind, user.id, address=found.address, now=now)
    services.renew_link(actor, user, now=now, mailed=True, token=token_of(letter))
    return letter


def mail_forgotten(user: User, *, now: datetime) -> Letter | None:
    """Make the link somebody asked for who forgot the password, and its letter; None where none may be mailed.

    It goes to the address on record, and only where whoever put it there, or gave the account or the entry its number,
    did so long enough ago to be bound by it no more: he could have put his own and ask in the owner's name.
    """
    found = address_of(user, SYSTEM)
    if found is None or not user.active or user.password_hash is None:
        return None
    if any(put.by not in (None, user.id) and put.at + rules.LINK_BINDS > now for put in found.put):
        return None
    letter = notifications.new_letter(FORGOTTEN, user.id, address=found.address, now=now)
    services.make_forgotten_link(user, token_of(letter), now=now)
    return letter


def people(ids: Collection[int]) -> dict[int, Person]:
    """Those of these accounts that are in use, for what they are told: rights as they are now, and where letters go.

    A letter without a link goes to a login that is an address, else to the company's: it gives nobody a way in.
    """
    found = {}
    for user in queries.by_ids(ids):
        if not user.active or user.password_hash is None:
            continue
        address = user.login if rules.is_address(user.login) else None
        if address is None and (on_record := address_of(user, SYSTEM)) is not None:
            address = on_record.address
        found[user.id] = Person(queries.viewer_for(user), user.language, address)
    return found


def _need_another(actor: Viewer, put: Put, now: datetime) -> None:
    """:raises Conflict: for whoever put an address on record lately, or may be no other person than he."""
    until, persons = put.at + rules.LINK_BINDS, queries.persons_on(put.by, put.at)
    if until <= now:
        return
    if persons & actor.persons:
        raise Conflict(
            lazy(
                "You put this address on record yourself: until %(day)s somebody else mails a link to it.",
                day=format_date(local_date(until)),
            )
        )
    linked = queries.linked_until(actor.persons, persons, now)
    if linked is not None:
        raise Conflict(
            lazy(
                "By sign-in links or passwords one person could use your account and that of whoever put this address"
                " on record: until %(day)s somebody else mails a link to it.",
                day=format_date(local_date(min(until, linked))),
            )
        )


def _write(letter: Letter) -> Written | None:
    """A letter with its link, in the account's language; it names nobody and no figures.

    None where the link works no more, or its address is no longer the account's.
    """
    token, now = token_of(letter), utc_now()
    try:
        invitation, user = queries.open_invitation(token, now)
    except NotFound:
        return None
    found = address_of(user, SYSTEM)
    if found is None or found.address != letter.address:
        return None
    link = f"{current_app.config['SETTINGS'].public_url}/invitations/{token}"
    with speaking(user.language):
        if letter.kind == FORGOTTEN:
            subject = _("Tizilim: a new password")
            text = _(
                "Somebody asked for a new password for your account in Tizilim. With this link you set one. It works"
                " once, until %(moment)s:\n\n"
                "%(link)s\n\n"
                "If it was not you, do nothing: your password stays as it is.",
                moment=format_moment(invitation.expires_at),
                link=link,
            )
        else:
            subject = _("Tizilim: your link to set a password")
            text = _(
                "With this link you set a password for your account in Tizilim. It works once, until %(day)s:\n\n"
                "%(link)s\n\n"
                "If you do not expect it, do not open it and tell the management company.",
                day=format_date(local_date(invitation.expires_at)),
                link=link,
            )
    return Written(found.address, subject, text)


def _failed(letter: Letter) -> None:
    services.close_link(token_of(letter), now=utc_now())


LINKS = (
    LinkLetter(key=INVITATION, name=lazy("invitation"), write=_write, failed=_failed),
    LinkLetter(key=NEW_LINK, name=lazy("new link to an account"), write=_write, failed=_failed),
    LinkLetter(key=FORGOTTEN, name=lazy("forgotten password"), write=_write, failed=_failed),
)
"""The letters with a link to an account."""
