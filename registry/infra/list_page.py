"""What the address of a list asks for, and the page that answers it.

A view of a list is two lines::

    shown = list_page.page_of(RESIDENTS)
    return list_page.show(shown, "residents/index.html")
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, Protocol
from urllib.parse import urlencode

from flask import current_app, g, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from registry.infra import listing as declared
from registry.infra.access import Viewer
from registry.infra.clock import parse_moment, today
from registry.infra.forms import parse_typed_date
from registry.infra.i18n import current_language, format_date, lazy
from registry.infra.i18n import gettext as _
from registry.infra.listing import Answer, Asked, Cell, Column, Filter, Listing
from registry.infra.numbers import whole_number
from registry.infra.paging import Page, page_number

AS_OF, KNOWN, SORT, COLUMN, MARK, PAGE = "date", "known", "sort", "column", "mark", "page"
"""Names every list has in its address besides those of its filters."""

FEW_ROWS = 10
"""Over fewer rows a list has no filters: they are seen at once."""

Query = MultiDict[str, str]


# --- what is asked ---


def _moment(text: str) -> datetime:
    """The moment by which something was known: the end of a day, or an exact one.

    :raises ValueError: for what is neither.
    """
    day = parse_typed_date(text)
    return parse_moment(day.isoformat() if day else text)


_CLOCKS = (
    Filter(name=AS_OF, label=lazy("As of"), is_day=True),
    Filter(name=KNOWN, label=lazy("As known by the end of"), is_day=True, read=_moment),
)


def _questions(listing: Listing) -> tuple[Filter, ...]:
    search = (Filter(name=listing.search_name, label=lazy("Search")),) if listing.search else ()
    return (*search, *listing.filters, *(_CLOCKS if listing.has_clocks else ()))


def _answer(question: Filter, typed: str) -> Answer:
    """What was typed at a filter: read, or with the reason why it could not be."""
    typed = typed.strip()
    choices = [(str(value), str(label)) for value, label in question.choices()] if question.choices else []
    if not typed:
        return Answer(question=question, typed="", choices=choices)
    if question.is_day:
        day = parse_typed_date(typed)
        read: Callable[[str], Any] = (lambda _typed: day) if question.read is declared.as_typed else question.read
        problem = _("“%(filter)s”: enter a date such as 31.12.2026.", filter=question.label)
        said = format_date(day) if day else typed
    else:
        read = question.read
        problem = _("“%(filter)s”: choose one of the values offered.", filter=question.label)
        said = dict(choices).get(typed, typed)
    try:
        value = read(typed) if question.is_open or not choices or typed in dict(choices) else None
    except ValueError:
        value = None
    if question.is_open and value is not None and typed not in dict(choices):
        choices.append((typed, typed))
    return Answer(
        question=question,
        typed=typed,
        value=value,
        said=said,
        problem=problem if value is None else None,
        choices=choices,
    )


def asked(listing: Listing, query: Query | None = None) -> Asked:
    """What the address asks of a list; what cannot be read of it is left out, and said (:attr:`Asked.problems`)."""
    args = request.args if query is None else query
    answers = tuple(_answer(question, args.get(question.name, "")) for question in _questions(listing))
    values = {answer.name: answer.value for answer in answers if answer.applies}
    as_of, known_at = (values.get(name) if listing.has_clocks else None for name in (AS_OF, KNOWN))
    names = {*args.getlist(COLUMN)}
    marks = [whole_number(text) for text in args.getlist(MARK)]
    sort = args.get(SORT, "")
    if sort.removeprefix("-") not in {column.name for column in listing.columns if column.sorts}:
        sort = listing.sort
    return Asked(
        viewer=g.viewer,
        language=current_language(),
        territory_id=g.territory_id,
        answers=answers,
        filters={
            answer.question.argument: answer.value
            for answer in answers
            if answer.applies and answer.question not in _CLOCKS
        },
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        day=as_of or today(),
        as_of=as_of,
        known_at=known_at,
        columns=tuple(column.name for column in listing.choosable if column.name in names) or listing.usual(),
        marks=frozenset(key for key in marks if key is not None) if marks else None,
    )


def asked_for(listing: Listing, words: str) -> Asked:
    """The search of a list for some words as the address would ask for it, and nothing besides."""
    return Asked(
        viewer=g.viewer,
        language=current_language(),
        territory_id=g.territory_id,
        answers=(),
        filters={listing.search_name: words},
        sort=listing.sort.removeprefix("-"),
        descending=listing.sort.startswith("-"),
        day=today(),
    )


def said_of(listing: Listing, query: Query) -> list[tuple[str, str]]:
    """What a query says of a list, in one order: its filters, clocks, columns and order, and nothing else."""
    names = [*(question.name for question in _questions(listing)), SORT, COLUMN]
    known = {column.name for column in listing.choosable}
    said = [(name, value) for name in names for value in query.getlist(name) if value.strip()]
    return [(name, value) for name, value in said if name != COLUMN or value in known]


def listing_named(name: str) -> Listing | None:
    """The list of a name that the reader may open."""
    listing = declared.listings().get(name)
    if listing is None:
        return None
    needed = getattr(current_app.view_functions[listing.endpoint], "required_permissions", frozenset())
    return listing if g.viewer.permissions & needed else None


# --- what answers ---


class ViewLink(Protocol):
    """A saved view as it is offered above a list: opening it asks the same of the list, by the opener's rights."""

    id: int
    name: str
    query: str
    is_own: bool


Views = Callable[[Viewer, str], Sequence[ViewLink]]
"""Reads the views of a list that a viewer is offered; :mod:`registry.app` names who does."""


def _views(listing: Listing) -> Sequence[ViewLink]:
    read: Views = current_app.extensions["list_views"]
    return read(g.viewer, listing.name)


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it is shown: its key and its cells under their columns."""

    key: int
    cells: list[tuple[Column, Cell]]


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of a list, as its template needs it."""

    listing: Listing
    asked: Asked
    page: Page[Any]
    columns: Sequence[Column]
    rows: list[Row]
    views: Sequence[ViewLink]

    @property
    def search(self) -> Answer | None:
        return next((item for item in self.asked.answers if item.name == self.listing.search_name), None)

    @property
    def filters(self) -> list[Answer]:
        """The filters that stand in the line, and those folded behind it."""
        return [item for item in self.asked.answers if item.question in self.listing.filters]

    @property
    def clocks(self) -> list[Answer]:
        return [item for item in self.asked.answers if item.question in _CLOCKS]

    @property
    def applied(self) -> list[Answer]:
        return [item for item in self.asked.answers if item.applies]

    @property
    def has_filters(self) -> bool:
        return any(item.typed for item in self.asked.answers) or self.page.total >= FEW_ROWS

    @property
    def is_wide(self) -> bool:
        """Whether more columns are shown than a screen has room for."""
        return len(self.columns) > len(self.listing.usual()) + 2

    @property
    def sort(self) -> str:
        return ("-" if self.asked.descending else "") + self.asked.sort

    @property
    def query(self) -> list[tuple[str, str]]:
        """What the address says of filters, columns, order and clocks, page and marks apart."""
        return said_of(self.listing, request.args)

    def besides(self, *names: str) -> list[tuple[str, str]]:
        """The same without some names: what a form that asks for these carries along."""
        return [(name, value) for name, value in self.query if name not in names]

    def is_here(self, view: ViewLink) -> bool:
        """Whether the page is what a saved view opens."""
        return view.query == urlencode(self.query)


def page_of(listing: Listing) -> ListPage:
    """The page of a list that the address asks for."""
    wanted = asked(listing)
    page = listing.find(wanted).page(page_number(request.args.get(PAGE)))
    return ListPage(
        listing=listing,
        asked=wanted,
        page=page,
        columns=listing.shown(wanted.columns),
        rows=list(_rows(listing, wanted, page.items)) if listing.is_table else [],
        views=_views(listing),
    )


def show(shown: ListPage, template: str, **context: Any) -> str:
    """A list's page."""
    return render_template(template, list=shown, page=shown.page, listing=shown.listing, **context)


def _rows(listing: Listing, wanted: Asked, items: Sequence[Any]) -> Iterator[Row]:
    columns, around = listing.shown(wanted.columns), listing.around(wanted, items)
    for item in items:
        yield Row(listing.key(item), [(column, column.cell(item, around)) for column in columns])


def every_row(listing: Listing, wanted: Asked) -> Iterator[Row]:
    """Every row of a list that is asked for, or the marked ones, in its order."""
    found = iter(listing.find(wanted).every(wanted.marks))
    while some := list(islice(found, declared.AT_ONCE)):
        yield from _rows(listing, wanted, some)


def keys_shown(listing: Listing, wanted: Asked) -> set[int] | None:
    """The keys of the records asked for; None where the whole list as it is now is."""
    return listing.find(wanted).keys(wanted.marks) if wanted.narrows else None


def said_instead(listing: Listing, wanted: Asked) -> Response | None:
    """The way to the list where something of the address could not be read.

    The list says what; a file of everything would pass for what was asked for.
    """
    if not wanted.problems:
        return None
    query = urlencode(list(request.args.items(multi=True)))
    return redirect(f"{url_for(listing.endpoint)}?{query}")
