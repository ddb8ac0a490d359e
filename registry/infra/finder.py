"""What the search of the header finds of a register.

A package declares one :class:`Finder` beside its list; :mod:`registry.app` names them all. What is looked through is
the list's own search, so that "all of them in the list" opens as many rows as the search counted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from flask import current_app

from registry.infra import list_page
from registry.infra.i18n import format_integer
from registry.infra.listing import Asked, Cell, Listing
from registry.infra.paging import COUNTED
from registry.infra.text import Term, holds, search_terms, search_text

MOST = 5
"""How many records of a register the page of the search shows."""

LONGEST_REASON = 160
"""Characters of a text in which a word was found."""

Texts = Sequence[tuple[object, str | None]]
"""What of a record is looked through and not shown in a hit: what it is called, and the text."""


class Hit(NamedTuple):
    """A record found: its title and page, what tells it from others, its status, and what it was found by.

    ``why`` are the texts that hold a word asked for which the rest does not show, each with what it is called.
    """

    title: str
    url: str
    facts: tuple[str, ...]
    status: Cell
    why: tuple[tuple[str, str], ...] = ()


class Group(NamedTuple):
    """What was found in one register: the first records, how many there are, and the list of all of them.

    ``total`` is counted as :func:`registry.infra.paging.first_of` does. ``exact`` is how many records have what was
    typed as their whole number; they stand first.
    """

    finder: Finder
    hits: list[Hit]
    total: int
    query: str
    exact: int

    @property
    def said(self) -> str:
        """How many there are, as the page says it."""
        return said_count([self])


def said_count(groups: Sequence[Group]) -> str:
    """How many records groups have together; with a plus where one has more than are counted."""
    counted = sum(min(group.total, COUNTED) for group in groups)
    return format_integer(counted) + ("+" if any(group.total > COUNTED for group in groups) else "")


def _nothing_else(_asked: Asked, rows: Sequence[Any]) -> Sequence[Texts]:
    return [()] * len(rows)


def _no_number(_number: str) -> Collection[int]:
    return ()


@dataclass(frozen=True, kw_only=True)
class Finder:
    """How a register is searched from the header.

    The list's columns say what a hit shows: ``title`` and ``facts`` name them, the first column leads to the record and
    the last tells its status. ``numbered`` gives the keys of all records whose whole number was typed, however it is
    spelled; of these only what the list's search finds is shown. ``besides`` reads what else that search looks
    through, for each of some rows.
    """

    listing: Listing
    icon: str
    title: str
    facts: tuple[str, ...]
    numbered: Callable[[str], Collection[int]] = _no_number
    besides: Callable[[Asked, Sequence[Any]], Sequence[Texts]] = _nothing_else

    def find(self, words: str, most: int = MOST) -> Group:
        """The first ``most`` records that a search finds, those with exactly this number before the others."""
        asked = list_page.asked_for(self.listing, words)
        found = self.listing.find(asked)
        page = found.first(most)
        rows = list(page.items)
        # Only a text with a digit is a number; where all that was found is shown, nothing has to be looked for.
        keys = set(self.numbered(words)) if rows and any(sign.isdigit() for sign in words) else set()
        shown = {self.listing.key(row) for row in rows}
        if page.total > len(rows) and keys - shown:
            rows = [*found.every(keys - shown), *rows]
        rows = sorted(rows, key=lambda row: self.listing.key(row) not in keys)[:most]
        exact = sum(self.listing.key(row) in keys for row in rows)
        query = urlencode({self.listing.search_name: words})
        return Group(self, self._hits(asked, rows, search_terms(words)), page.total, query, exact)

    def _hits(self, asked: Asked, rows: Sequence[Any], terms: Sequence[Term]) -> list[Hit]:
        if not rows:
            return []
        around = self.listing.around(asked, rows)
        columns = {column.name: column for column in self.listing.columns}
        shown = [[columns[name].cell(row, around) for name in (self.title, *self.facts)] for row in rows]
        unseen = [_unseen(terms, (cell.full or cell.text for cell in cells)) for cells in shown]
        # What else a row holds is read only where it has to explain something.
        besides = self.besides(asked, rows) if any(unseen) else [()] * len(rows)
        return [
            Hit(
                title.text,
                self.listing.head.cell(row, around).url or "",
                tuple(cell.text for cell in facts if cell.text),
                self.listing.status.cell(row, around),
                _why(missing, texts),
            )
            for row, (title, *facts), missing, texts in zip(rows, shown, unseen, besides, strict=True)
        ]


def _unseen(terms: Iterable[Term], shown: Iterable[str]) -> list[Term]:
    """The words asked for that these texts do not hold."""
    own = search_text(*shown)
    return [term for term in terms if not holds(own, [term])]


def _why(missing: Sequence[Term], besides: Texts) -> tuple[tuple[str, str], ...]:
    """Of the texts of a record that are not shown the first ones that hold the missing words."""
    found = []
    for label, text in besides:
        kept = search_text(text) if missing else ""
        held = [term for term in missing if holds(kept, [term])]
        if text and held:
            found.append((str(label), text if len(text) <= LONGEST_REASON else f"{text[: LONGEST_REASON - 1]}…"))
            missing = [term for term in missing if term not in held]
    return tuple(found)


def finders() -> list[Finder]:
    """The finders of the registers that the reader may open, in the order of :mod:`registry.app`."""
    known: Sequence[Finder] = current_app.extensions["finders"]
    return [finder for finder in known if list_page.listing_named(finder.listing.name)]
