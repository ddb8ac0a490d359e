"""Long lists in pages of fifty.

Usage: ``page = paginate(query, page_number())`` in a view, ``{{ pager(page) }}`` in its template. Two SQL statements
at most, whatever the number of rows; one more where ``load`` reads the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.sql import operators

from registry.infra.db import db
from registry.infra.numbers import whole_number

Item = TypeVar("Item")

PAGE_SIZE = 50

LAST_PAGE = 10**8
"""A page asked for beyond it is the first: no list is so long, and databases count no further."""


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: its items, its number (from 1), and how many items there are in all."""

    items: Sequence[Item]
    number: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        """How many pages there are: an empty list has one, empty."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The number of the first item shown, counted over the whole list; 0 when there is none."""
        return (self.number - 1) * self.size + 1 if self.items else 0

    @property
    def last(self) -> int:
        return (self.number - 1) * self.size + len(self.items)

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages

    def neighbours(self) -> list[int | None]:
        """The page numbers worth a link: the first, the last and those around this one; None marks a gap."""
        wanted = sorted({1, self.pages, *range(max(1, self.number - 2), min(self.pages, self.number + 2) + 1)})
        shown: list[int | None] = []
        for number in wanted:
            if shown and shown[-1] is not None and number - shown[-1] == 2:
                shown.append(number - 1)
            elif shown and shown[-1] is not None and number - shown[-1] > 2:
                shown.append(None)
            shown.append(number)
        return shown


def first_of(
    select: sa.Select[*tuple[Any, ...]], size: int, *, load: Callable[[Sequence[Any]], Sequence[Any]]
) -> Page[Any]:
    """The first ``size`` items of what ``select`` finds, and how many there are, counted as far as :data:`COUNTED`.

    For searches, whose conditions cost more than their rows: ``select`` finds keys, which are counted as they are read,
    in one statement; ``load`` reads the items. What is found beyond the bound is told by a total of one more.
    """
    rows = db.session.execute(select.limit(COUNTED + 1)).all()
    return Page(load(rows[:size]) if rows else [], 1, len(rows), size)


COUNTED = 200
"""How far what a search finds is counted: nobody looks through more, who can add a word."""


def page_number(text: str | None) -> int:
    """The page asked for in a query string; the first for anything that is not a number from 1 up."""
    return max(1, whole_number(text, LAST_PAGE) or 1)


def paginate(
    select: sa.Select[*tuple[Any, ...]],
    number: int,
    *,
    size: int = PAGE_SIZE,
    load: Callable[[Sequence[Any]], Sequence[Any]] | None = None,
) -> Page[Any]:
    """The page ``number`` of what ``select`` finds (which must have a deterministic order).

    Items are scalars when one thing is selected, rows otherwise; ``load`` makes of the rows of the page what is shown,
    so that ``select`` may read an index alone. A number past the end gives the last page.
    """
    single = len(select.column_descriptions) == 1

    def read(ordered: sa.Select[*tuple[Any, ...]], first: int, count: int) -> Sequence[Any]:
        rows = db.session.execute(ordered.limit(count).offset(first))
        return rows.scalars().unique().all() if single else rows.all()

    def shown(found: Sequence[Any]) -> Sequence[Any]:
        return found if load is None else load(found)

    if number == 1:
        found = read(select, 0, size)
        if 0 < len(found) < size:
            # A list of one page says itself how long it is: what is rare is looked for once.
            return Page(shown(found), 1, len(found), size)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(select.order_by(None).subquery())) or 0
    if number > 1:
        number = _within(number, total, size)
        first, last = (number - 1) * size, min(number * size, total)
        if first < total - last:
            found = read(select, first, size)
        else:
            # Nearer to the end: databases walk past all rows before a page, so they begin at the other end.
            found = read(_backwards(select), total - last, last - first)[::-1]
    return Page(shown(found), number, total, size)


def counts(statements: Iterable[sa.Select]) -> list[int]:
    """How many rows each of several statements finds, counted in one. They are plain: neither grouped nor limited."""
    counted = [
        # What a row would show is left out, so that nothing is worked out to be thrown away.
        statement.order_by(None).with_only_columns(sa.func.count(), maintain_column_froms=True).scalar_subquery()
        for statement in statements
    ]
    return list(db.session.execute(sa.select(*counted)).one()) if counted else []


def _backwards(select: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """The same rows in the opposite order."""
    return select.order_by(None).order_by(*map(_opposite, select._order_by_clauses))


def _opposite(key: Any) -> sa.ColumnElement[Any]:
    """A key of an order turned round, missing values too."""
    if isinstance(key, sa.UnaryExpression):
        if key.modifier is operators.desc_op:
            return key.element.asc()
        if key.modifier is operators.asc_op:
            return key.element.desc()
        if key.modifier is operators.nulls_last_op:
            return _opposite(key.element).nulls_first()
        if key.modifier is operators.nulls_first_op:
            return _opposite(key.element).nulls_last()
    return key.desc()


def page_of(items: Sequence[Item], number: int, *, size: int = PAGE_SIZE) -> Page[Item]:
    """The page ``number`` of a list that is already in memory."""
    number = _within(number, len(items), size)
    return Page(items[(number - 1) * size : number * size], number, len(items), size)


def _within(number: int, total: int, size: int) -> int:
    return min(max(1, number), max(1, -(-total // size)))
