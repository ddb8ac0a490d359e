"""A link mailed to an address on record: nobody but its owner sees it, so that it binds nobody.

On record is, for a company, the e-mail in its entry in the register, and for everybody else a login that is an e-mail
address. An address that the sender put on record himself lately is none: he could have put his own.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa

from registry.accounts import queries, rules, services
from registry.accounts.models import User
from registry.errors import Conflict
from registry.infra.access import Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import format_date, lazy, speaking
from registry.infra.i18n import gettext as _
from registry.journal.models import JournalEntry
from registry.journal.rules import Action


class Put(NamedTuple):
    """Who did something by which an address is on record, and when."""

    by: int | None
    at: datetime


class OnRecord(NamedTuple):
    """An address, and all by which it is the account's: who wrote it, and who gave entry or account their number."""

    address: str
    put: tuple[Put, ...]


_registers: list[Callable[[str, Viewer], OnRecord | None]] = []


def install(of_company: Callable[[str, Viewer], OnRecord | None]) -> None:
    """Take over how the register knows a company's address: it stands above the accounts."""
    _registers[:] = [of_company]


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


def mail_link(actor: Viewer, user: User, *, now: datetime) -> tuple[str, str]:
    """Make a link that is mailed; its token and the address, for whoever sends it on and shows neither.

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
    return services.renew_link(actor, user, now=now, mailed=True), found.address


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


def letter(user: User, link: str, *, now: datetime) -> tuple[str, str]:
    """The subject and the text of a letter, in the account's language; it names nobody and no figures."""
    with speaking(user.language):
        subject = _("Tizilim: your link to set a password")
        text = _(
            "With this link you set a password for your account in Tizilim. It works once, until %(day)s:\n\n"
            "%(link)s\n\n"
            "If you do not expect it, do not open it and tell the management company.",
            day=format_date(local_date(now + rules.INVITATION_LIFE)),
            link=link,
        )
        return subject, text
