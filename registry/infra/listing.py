"""What a list is, said once by the package whose records it shows: columns, filters, order, rows.

A package declares its lists in ``listing.py`` as :class:`Listing`; :mod:`registry.app` installs them all. From the
declaration come the page (``templates/lists/list.html``), what its address may ask for
(:mod:`registry.infra.list_page`), saved views and the files of exactly what is shown (:mod:`registry.lists`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import current_app

from registry.infra.access import Viewer
from registry.infra.clock import end_of_day, local_date
from registry.infra.db import db
from registry.infra.i18n import format_date, format_integer, format_moment
from registry.infra.paging import PAGE_SIZE, Page, first_of, page_of, paginate
from registry.infra.sheets import Value

AT_ONCE = 500
"""Rows of a file that are read and looked up together."""


class Cell(NamedTuple):
    """What stands in a row under a column: ``value`` in a file, ``text`` on the page.

    ``full`` is what the text is short for; ``url`` where it leads; ``chip`` and ``picture`` make it a status with an
    icon; ``said`` is added for those who only hear the page; ``note`` stands behind it in soft ink.
    """

    value: Value
    text: str
    full: str | None = None
    url: str | None = None
    chip: str | None = None
    picture: str | None = None
    said: str | None = None
    note: str | None = None


def text(value: str | None, full: str | None = None, **more: Any) -> Cell:
    """A cell with a text; a file has the whole of it."""
    return Cell(full or value or "", value or "", full, **more)


def day(value: date | None, **more: Any) -> Cell:
    return Cell(value, format_date(value), **more)


def moment(value: datetime | None) -> Cell:
    return Cell(value, format_moment(value))


def day_of(value: datetime | None) -> Cell:
    """A moment where its day says enough; the time is there in full."""
    return Cell(value, format_date(local_date(value)) if value else "", format_moment(value))


def whole(value: int | None) -> Cell:
    return Cell(value, "" if value is None else format_integer(value))


def status(chip: str, word: str, picture: str | None = None) -> Cell:
    """A status: its word with the chip's icon."""
    return Cell(word, word, chip=chip, picture=picture)


def always() -> bool:
    """``usual`` of a column that is shown unless others are chosen."""
    return True


def seldom() -> bool:
    """``usual`` of a column that is shown only where it is chosen."""
    return False


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a list. ``cell`` makes one from a row and from what the rows need together.

    ``name`` stands in the address, where the list can be ordered by it if it ``sorts``. A ``usual`` column is shown
    unless the reader chooses others; ``is_wide`` takes the room that is left and is cut where it is longer. ``full`` is
    what the label is short for.
    """

    name: str
    label: object
    cell: Callable[[Any, Any], Cell]
    sorts: bool = False
    usual: Callable[[], bool] = always
    is_number: bool = False
    is_wide: bool = False
    full: object = None


Choices = Sequence[tuple[Any, object]]


def as_typed(typed: str) -> Any:
    return typed


@dataclass(frozen=True, kw_only=True)
class Filter:
    """A question a list can be narrowed by: one of ``choices``, a day (``is_day``), or words to look for.

    ``name`` stands in the address and ``to`` is the query's own name for it. ``read`` makes of what was typed what the
    query takes, and raises ValueError for what cannot be read. ``folded`` filters stand behind "More filters".
    ``blank`` is what no choice is called. The choices of an ``is_open`` one are what there is now: another value can be
    asked for, and finds nothing.
    """

    name: str
    label: object
    to: str = ""
    choices: Callable[[], Choices] | None = None
    is_day: bool = False
    read: Callable[[str], Any] = as_typed
    folded: bool = False
    blank: object = None
    is_open: bool = False

    @property
    def argument(self) -> str:
        return self.to or self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What an address answers to a filter: as ``typed``, as the ``value`` read of it, and ``said`` in words.

    ``value`` is None where nothing is asked for, and where what was typed cannot be read, as ``problem`` says then.
    """

    question: Filter
    typed: str
    value: Any = None
    said: str = ""
    problem: str | None = None
    choices: Choices = ()

    @property
    def name(self) -> str:
        return self.question.name

    @property
    def label(self) -> str:
        return str(self.question.label)

    @property
    def applies(self) -> bool:
        return self.value is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of a list is asked for, read from an address: the reader, filters, order, both clocks, columns, marks.

    ``filters`` are the arguments of the list's query, those asked for only. ``day`` is the day whose values are shown,
    today unless ``as_of`` names another; ``known_at`` drops what was recorded later. ``marks`` are the records marked,
    None where all are meant.
    """

    viewer: Viewer
    language: str
    territory_id: int | None
    answers: tuple[Answer, ...]
    filters: Mapping[str, Any]
    sort: str
    descending: bool
    day: date
    as_of: date | None = None
    known_at: datetime | None = None
    columns: tuple[str, ...] = ()
    marks: frozenset[int] | None = None

    @property
    def narrows(self) -> bool:
        """Whether anything but the whole list as it is now is asked for."""
        return any(answer.applies for answer in self.answers) or self.marks is not None

    @property
    def has_clocks(self) -> bool:
        return self.as_of is not None or self.known_at is not None

    @property
    def known_on(self) -> date | None:
        """The day by whose end it was known, where a whole day is asked for: papers know no other moments."""
        if self.known_at is None or self.known_at != end_of_day(local_date(self.known_at)):
            return None
        return local_date(self.known_at)

    @property
    def can_be_printed(self) -> bool:
        """Whether a paper can tell both clocks as they are asked for."""
        return not self.problems and (self.known_at is None or self.known_on is not None)

    @property
    def problems(self) -> list[str]:
        """What cannot be read of the address: a page says it, and no file is made."""
        return [answer.problem for answer in self.answers if answer.problem]


@dataclass(frozen=True, slots=True)
class Found:
    """The rows a list asks for: a page of them, the first few, every one (or the marked ones), and their keys."""

    page: Callable[[int], Page[Any]]
    first: Callable[[int], Page[Any]]
    every: Callable[[Collection[int] | None], Iterable[Any]]
    keys: Callable[[Collection[int] | None], set[int]]


def only(
    statement: sa.Select[*tuple[Any, ...]], key: sa.SQLColumnExpression[Any], ids: Collection[int] | None
) -> sa.Select[*tuple[Any, ...]]:
    """A statement that leaves the rows with these keys; None leaves all."""
    return statement if ids is None else statement.where(key.in_(ids))


def of_statement(
    statement: sa.Select[*tuple[Any, ...]],
    key: sa.SQLColumnExpression[Any],
    *,
    load: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Found:
    """Rows that a statement finds, marked by the column ``key``; ``load`` makes of some of them what is shown."""
    is_single = len(statement.column_descriptions) == 1

    def every(ids: Collection[int] | None) -> Iterator[Any]:
        # Rows by the hundred, so that a whole list is never in memory.
        found = db.session.execute(only(statement, key, ids).execution_options(yield_per=AT_ONCE))
        for some in (found.scalars() if is_single else found).partitions(AT_ONCE):
            yield from some if load is None else load(some)

    def of_keys(rows: Sequence[Any]) -> Sequence[Any]:
        return list(db.session.scalars(only(statement, key, [row[0] for row in rows])))

    # Rows that are read by a loader are narrow themselves.
    narrow = statement.with_only_columns(key) if load is None else statement
    return Found(
        page=lambda number: paginate(statement, number, load=load),
        first=lambda size: first_of(narrow, size, load=load or of_keys),
        every=every,
        keys=lambda ids: set(db.session.scalars(only(statement, key, ids).with_only_columns(key).order_by(None))),
    )


def of_keys(keys: Sequence[int], load: Callable[[Sequence[int]], Sequence[Any]]) -> Found:
    """Rows whose keys are in memory, in their order; ``load`` reads those of some keys."""

    def page(number: int, size: int = PAGE_SIZE) -> Page[Any]:
        found = page_of(keys, number, size=size)
        return replace(found, items=load(found.items))

    def every(ids: Collection[int] | None) -> Iterator[Any]:
        wanted = [key for key in keys if ids is None or key in ids]
        for place in range(0, len(wanted), AT_ONCE):
            yield from load(wanted[place : place + AT_ONCE])

    return Found(
        page, lambda size: page(1, size), every, lambda ids: {key for key in keys if ids is None or key in ids}
    )


def _asked_itself(asked: Asked, _rows: Sequence[Any]) -> Any:
    return asked


@dataclass(frozen=True, kw_only=True)
class Listing:
    """A list of records.

    ``endpoint`` is its page, whose permission is the list's own. The first column names the row and leads to it, the
    last one tells its status: both are always shown and never scrolled out of view. ``around`` reads what the cells of
    some rows need together (what is asked for, by default), ``key`` gives a row's number for marking it. ``sort`` is
    the usual order, with a minus where it descends. ``search`` says what is looked through for the words of the
    parameter ``search_name``.

    ``nothing`` tells what belongs here where there is nothing yet, ``unmatched`` that no row meets the filters.
    ``has_clocks``: the list can be read as of a day and as known by one. ``exchange`` is its kind of exchange file. One
    that is no table on the page (``is_table``) is drawn by its own template; its columns are those of its files.
    """

    name: str
    title: Callable[[], object]
    endpoint: str
    columns: tuple[Column, ...]
    find: Callable[[Asked], Found]
    key: Callable[[Any], int]
    nothing: object
    unmatched: object
    sort: str
    filters: tuple[Filter, ...] = ()
    search: object = None
    search_name: str = "search"
    has_clocks: bool = False
    around: Callable[[Asked, Sequence[Any]], Any] = _asked_itself
    exchange: str | None = None
    is_table: bool = True

    @property
    def head(self) -> Column:
        return self.columns[0]

    @property
    def status(self) -> Column:
        return self.columns[-1]

    @property
    def choosable(self) -> tuple[Column, ...]:
        """The columns that a reader may show or hide."""
        return self.columns[1:-1]

    def usual(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.choosable if column.usual())

    def shown(self, names: Collection[str]) -> tuple[Column, ...]:
        """The columns of these names in the list's own order, between the first and the last."""
        return (self.head, *(column for column in self.choosable if column.name in names), self.status)


def listings() -> Mapping[str, Listing]:
    """Every list by its name, as :mod:`registry.app` names them."""
    return current_app.extensions["lists"]
