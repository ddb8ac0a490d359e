"""What people can be told of: packages declare their events in ``events.py``, and ``app.py`` lists them all.

An event says its words in the reader's language, who may know of it, and where its link leads. No amount, no BIN or
IIN, and no name of a file stands in its words: they travel by mail.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from registry.infra.access import Permission, Viewer
from registry.journal import subjects
from registry.notifications.models import Letter, Notification
from registry.notifications.rules import Group

Values = Mapping[str, Any]
"""What the words of an event need, as it was kept."""

Page = tuple[str, Mapping[str, Any]]
"""An endpoint and its values."""


def _always(_notification: Notification, _viewer: Viewer) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that people are told.

    ``subject`` is the head of a letter, ``text`` one or two plain sentences; both are asked in the reader's language.
    It is told only to whoever holds ``needs`` and may read the record it is about; ``opened`` says of which records, by
    id, a viewer is told where that is another question than whether it may read them. ``page`` finds where the link
    leads now, the record's own page by default. ``holds`` says, when a letter leaves, whether it is still so.
    """

    key: str
    name: object
    group: Group
    needs: Permission
    subject: Callable[[Values], str]
    text: Callable[[Values], str]
    opened: Callable[[Collection[int], Viewer], Collection[int]] | None = None
    page: Callable[[Notification, Viewer], Page | None] | None = None
    holds: Callable[[Notification, Viewer], bool] = _always


class Written(NamedTuple):
    """A letter as it goes out."""

    address: str
    subject: str
    text: str


@dataclass(frozen=True, kw_only=True)
class LinkLetter:
    """A kind of letter with a one-time link in it, which is written when it is sent and kept nowhere.

    ``write`` gives None where the link has ended meanwhile; ``failed`` is called in the transaction that notes that the
    letter will not arrive.
    """

    key: str
    name: object
    write: Callable[[Letter], Written | None]
    failed: Callable[[Letter], None]


class Person(NamedTuple):
    """Somebody who is told: what the account may do now, and the address letters go to."""

    viewer: Viewer
    language: str
    address: str | None


People = Callable[[Collection[int]], Mapping[int, Person]]
"""Those of these accounts that are in use now."""

Names = Callable[[Collection[int | None]], Mapping[int, str]]

_events: dict[str, Event] = {}
_links: dict[str, LinkLetter] = {}
_accounts: list[tuple[People, Names]] = []


def install(events: Sequence[Event], links: Sequence[LinkLetter], people: People, names: Names) -> None:
    """Take over what every package tells, and how the accounts, which stand above, are known."""
    _events.clear()
    _events.update({event.key: event for event in events})
    _links.clear()
    _links.update({link.key: link for link in links})
    _accounts[:] = [(people, names)]


def event_of(notification: Notification) -> Event | None:
    """The event of a notification; None where an older version told it."""
    return _events.get(notification.event)


def every() -> Iterable[Event]:
    """All events, in the order they are listed in."""
    return _events.values()


def links() -> Mapping[str, LinkLetter]:
    """The kinds of letters with a link."""
    return _links


def people(ids: Collection[int]) -> Mapping[int, Person]:
    return _accounts[0][0](ids)


def names(ids: Collection[int | None]) -> Mapping[int, str]:
    return _accounts[0][1](ids)


def groups_of(viewer: Viewer) -> list[Group]:
    """The groups of events that somebody with the viewer's rights may be told of."""
    found = {event.group for event in every() if viewer.may(event.needs)}
    return [group for group in Group if group in found]


class Open(NamedTuple):
    """A notification that is still its reader's to know, with its event and the page of its record."""

    notification: Notification
    event: Event
    page: Page | None

    @property
    def values(self) -> Values:
        return json.loads(self.notification.details)

    @property
    def subject(self) -> str:
        return self.event.subject(self.values)

    @property
    def text(self) -> str:
        return self.event.text(self.values)


def still_open(notifications: Sequence[Notification], viewer: Viewer) -> dict[int, Open]:
    """Those that the viewer may know of by the rights it has now, by id; each type of record is asked once."""
    keys = {(row.subject_type, row.subject_id) for row in notifications if row.subject_type}
    known = subjects.about(keys, viewer)
    opened = {
        event.key: event.opened({row.subject_id for row in notifications if row.event == event.key}, viewer)
        for event in every()
        if event.opened is not None and any(row.event == event.key for row in notifications)
    }
    found = {}
    for row in notifications:
        event = event_of(row)
        if event is None or not viewer.may(event.needs):
            continue
        about = known.get((row.subject_type, row.subject_id))
        if event.key in opened:
            is_open = row.subject_id in opened[event.key]
        elif row.subject_type:
            is_open = about is not None
        else:
            is_open = viewer.has_all_territories
        if not is_open:
            continue
        found[row.id] = Open(row, event, about.page if about else None)
    return found


def page_of(found: Open, viewer: Viewer) -> Page | None:
    """Where a notification leads now."""
    return found.page if found.event.page is None else found.event.page(found.notification, viewer)
