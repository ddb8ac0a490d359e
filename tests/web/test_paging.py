"""Pages of long lists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts.models import User
from registry.infra.db import db
from registry.infra.paging import Page, page_number, page_of, paginate


@pytest.mark.parametrize(
    ("text", "number"),
    [("3", 3), ("1", 1), ("0", 1), ("-1", 1), (None, 1), ("", 1), ("x", 1), ("9" * 30, 1), ("²", 1)],
)
def test_page_numbers(text: str | None, number: int) -> None:
    assert page_number(text) == number


def test_a_page_of_a_query(app: Flask) -> None:
    page = paginate(sa.select(User).order_by(User.id), 2, size=3)
    assert [user.login for user in page.items] == ["auditor"]
    assert (page.first, page.last, page.total, page.pages) == (4, 4, 4, 2)
    assert (page.has_previous, page.has_next) == (True, False)


def test_a_page_of_rows(app: Flask) -> None:
    page = paginate(sa.select(User.id, User.login).order_by(User.id), 1, size=2)
    assert [tuple(row) for row in page.items] == [(1, "admin"), (2, "staff")]


def test_past_the_end_is_the_last_page(app: Flask) -> None:
    assert paginate(sa.select(User).order_by(User.id), 99, size=3).number == 2
    assert page_of([], 5) == Page([], 1, 0)
    assert page_of(list(range(120)), 3).items == list(range(100, 120))


_VALUES = sa.values(sa.column("id", sa.Integer), sa.column("day", sa.Integer), name="listed")


@pytest.mark.parametrize(
    "order",
    [
        lambda row: (row.day.desc().nulls_last(), row.id),
        lambda row: (row.day.asc().nulls_first(), row.id.desc()),
        lambda row: (row.day.is_(None), row.day, row.id.asc()),
    ],
)
def test_pages_near_the_end_are_those_of_the_whole_order(database: Flask, order: Callable[..., Any]) -> None:
    listed = _VALUES.data([(key, None if key % 5 == 0 else key % 3) for key in range(1, 24)]).cte()
    statement = sa.select(listed.c.id).order_by(*order(listed.c))
    whole = db.session.scalars(statement).all()
    pages = [paginate(statement, number, size=4) for number in range(1, 7)]
    assert [list(page.items) for page in pages] == [list(whole[at : at + 4]) for at in range(0, 24, 4)]
    assert {page.total for page in pages} == {23}


@pytest.mark.parametrize(
    ("number", "total", "shown"),
    [
        (1, 40, [1]),
        (1, 400, [1, 2, 3, None, 8]),
        (5, 500, [1, 2, 3, 4, 5, 6, 7, None, 10]),
        (6, 600, [1, None, 4, 5, 6, 7, 8, None, 12]),
        (3, 150, [1, 2, 3]),
    ],
)
def test_neighbours(number: int, total: int, shown: list[int | None]) -> None:
    assert Page([0], number, total).neighbours() == shown
