"""Pages of long lists."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts.models import User
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
