"""What notifications are sorted by, how people want them, and how long a letter is tried. Plain Python, no database."""

from __future__ import annotations

import enum
from datetime import timedelta

from registry.infra.i18n import lazy


class Group(enum.StrEnum):
    """What a notification is about: people choose for each group how they want to be told."""

    REPORTS = "reports"
    PAPERS = "papers"
    INSTALLATION = "installation"


GROUP_NAMES = {
    Group.REPORTS: lazy("Reports"),
    Group.PAPERS: lazy("Documents"),
    Group.INSTALLATION: lazy("The installation"),
}


class How(enum.StrEnum):
    """How somebody wants to be told; on the own page everything stands anyway."""

    AT_ONCE = "at_once"
    DAILY = "daily"
    HERE = "here"


HOW_NAMES = {
    How.AT_ONCE: lazy("by mail at once"),
    How.DAILY: lazy("by mail, once a day together"),
    How.HERE: lazy("only here"),
}

DIGEST = "digest"
"""The kind of a letter that tells what gathered in a day."""

TOLD = "told"
"""The kind of a letter that tells one thing at once."""


class Fate(enum.StrEnum):
    """What became of a letter."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    GIVEN_UP = "given_up"
    DROPPED = "dropped"


FATE_NAMES = {
    Fate.WAITING: ("wait", lazy("waiting")),
    Fate.SENDING: ("wait", lazy("being sent")),
    Fate.SENT: ("good", lazy("sent")),
    Fate.REFUSED: ("bad", lazy("refused")),
    Fate.GIVEN_UP: ("bad", lazy("given up")),
    Fate.DROPPED: ("quiet", lazy("not needed")),
}
"""How a letter's fate looks, and what it is called."""

OPEN = (Fate.WAITING, Fate.SENDING)
"""What has not ended."""

FAILED = (Fate.REFUSED, Fate.GIVEN_UP)
"""What can be sent again."""


class Why(enum.StrEnum):
    """Why a letter was dropped."""

    NO_ADDRESS = "no_address"
    NO_RIGHT = "no_right"
    SAME_ADDRESS = "same_address"
    LINK_ENDED = "link_ended"
    RESTORED = "restored"


WHY_NAMES = {
    Why.NO_ADDRESS: lazy("The account has no address letters go to."),
    Why.NO_RIGHT: lazy("There was nothing more to tell: it was settled, or is no longer open to this account."),
    Why.SAME_ADDRESS: lazy("The same was sent to this address for another account."),
    Why.LINK_ENDED: lazy("The link in it works no more."),
    Why.RESTORED: lazy("The registry was restored from a backup: it may have been sent before."),
}

PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)
"""How long after each failure the next try comes: two days in all, as mail servers try among themselves."""

LEASE = timedelta(minutes=25)
"""For how long a letter under way is one process's alone: longer than any job of the worker may take. After that it is
taken for lost with its process and handed over again under the same Message-ID."""

MEMORY = timedelta(days=400)
"""How long notifications and letters are kept."""


def pause_after(attempts: int) -> timedelta | None:
    """How long to wait after so many tries; None when it was tried often enough."""
    return PAUSES[attempts - 1] if attempts <= len(PAUSES) else None
