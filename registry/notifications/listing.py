"""The list of letters, for whoever looks after the installation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any, NamedTuple

from flask import url_for

from registry.infra import listing
from registry.infra.clock import ALMATY, end_of_day
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing
from registry.notifications import events, queries
from registry.notifications.models import Letter
from registry.notifications.rules import DIGEST, FATE_NAMES, OPEN, WHY_NAMES, Fate, Why


class Around(NamedTuple):
    """What the letters shown are about, and to whom they go."""

    told: Mapping[int, str]
    names: Mapping[int, str]


def around(letters: Sequence[Any]) -> Around:
    return Around(
        queries.told_in([letter.id for letter in letters]), events.names([letter.user_id for letter in letters])
    )


def kinds() -> list[tuple[str, str]]:
    """What letters are about."""
    return [
        (DIGEST, _("news of the day")),
        *((link.key, str(link.name)) for link in events.links().values()),
        *((event.key, str(event.name)) for event in events.every()),
    ]


def kind_name(letter: Letter, told: Mapping[int, str]) -> str:
    """What a letter is about, in a few words and without anything of its content."""
    return dict(kinds()).get(told.get(letter.id, letter.kind), letter.kind)


def said(letter: Letter) -> str:
    """The server's last words, or why the letter was not needed."""
    if letter.fate == Fate.DROPPED:
        return str(WHY_NAMES[Why(letter.said or "")]) if letter.said in set(Why) else ""
    return letter.said or ""


def _kind(letter: Letter, near: Around) -> Cell:
    return listing.text(kind_name(letter, near.told), url=url_for("notifications.letter", letter_id=letter.id))


def _fate(letter: Letter, _near: Around) -> Cell:
    chip, name = FATE_NAMES[Fate(letter.fate)]
    return listing.status(chip, str(name))


def _find(asked: Asked) -> Found:
    filters = asked.filters
    since, until = filters.get("since"), filters.get("until")
    statement = queries.letters(
        asked.viewer,
        fate=filters.get("fate"),
        kind=filters.get("kind"),
        since=datetime.combine(since, time.min, ALMATY) if since else None,
        until=end_of_day(until) if until else None,
        search=filters.get("search"),
    )
    return listing.of_statement(statement, Letter.id)


LETTERS = Listing(
    name="letters",
    title=lambda: _("Letters"),
    endpoint="notifications.letters",
    columns=(
        Column(name="kind", label=lazy("Letter"), cell=_kind),
        Column(
            name="to",
            label=lazy("For"),
            cell=lambda letter, near: listing.text(near.names.get(letter.user_id)),
        ),
        Column(
            name="address", label=lazy("E-mail"), cell=lambda letter, _near: listing.text(letter.address), is_wide=True
        ),
        Column(name="made_at", label=lazy("When made"), cell=lambda letter, _near: listing.moment(letter.made_at)),
        Column(name="ended_at", label=lazy("Ended"), cell=lambda letter, _near: listing.moment(letter.ended_at)),
        Column(
            name="next_at",
            label=lazy("Next try"),
            cell=lambda letter, _near: listing.moment(letter.next_at if letter.fate in OPEN else None),
            usual=listing.seldom,
        ),
        Column(
            name="attempts",
            label=lazy("Tries"),
            cell=lambda letter, _near: listing.whole(letter.attempts),
            is_number=True,
        ),
        Column(
            name="said",
            label=lazy("What the server said"),
            cell=lambda letter, _near: listing.text(said(letter)),
            is_wide=True,
        ),
        Column(name="fate", label=lazy("Status"), cell=_fate),
    ),
    filters=(
        Filter(
            name="fate",
            label=lazy("Status"),
            choices=lambda: [(fate.value, str(name)) for fate, (_chip, name) in FATE_NAMES.items()],
        ),
        Filter(name="kind", label=lazy("Letter"), choices=kinds),
        Filter(name="since", label=lazy("Made from"), is_day=True),
        Filter(name="until", label=lazy("Made to"), is_day=True),
    ),
    search=lazy("E-mail"),
    sort="",
    find=_find,
    key=lambda letter: letter.id,
    around=lambda _asked, letters: around(letters),
    nothing=lazy("No letter was made yet. Where a mail server is set up, what happens is mailed to those concerned."),
    unmatched=lazy("No letter matches these filters."),
)
