"""Saved views: filters, columns and order, never rows; own, or shared within a role and its territories."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import queries as accounts
from registry.accounts import services as account_services
from registry.errors import Invalid, NotAllowed
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.lists import queries, services
from registry.lists.models import SavedView
from registry.territories.queries import by_code
from tests import factories, people
from tests.factories import NOW, bin_number
from tests.pages import PageClient


def account(login: str, role: str, *codes: str, company_bin: str | None = None) -> Viewer:
    with transaction():
        user = account_services.add_user(
            SYSTEM, login=login, role=role, name=login, password=people.PASSWORD, language="en", now=NOW,
            company_bin=company_bin, territories=[by_code(code) for code in codes],
        )  # fmt: skip
    return accounts.viewer_for(user)


def keep(actor: Viewer, name: str = "Mine", *, shared: bool = False, query: str = "status=active") -> SavedView:
    with transaction():
        return services.save_view(actor, listing="residents", name=name, query=query, is_shared=shared, now=NOW)


def offered(viewer: Viewer) -> set[str]:
    return {view.name for view in queries.views(viewer, "residents")}


def test_a_view_is_saved_opened_and_removed(client: PageClient) -> None:
    for number in range(1, 12):
        factories.resident(bin_number(number))
    client.sign_in("staff")
    page = client.get("/residents?sort=-bin&status=active&column=bin&page=1&foreign=1")
    form = client.get(page.links()["Save this view"])
    shown = client.submit(form, {"name": "Active, by BIN"}, follow=True)
    assert "The view is saved" in shown
    (view,) = db.session.scalars(sa.select(SavedView)).all()
    # What no list asks for is not kept, and no rows are.
    assert view.query == "status=active&sort=-bin&column=bin"
    link = client.get("/residents").links()["Active, by BIN"]
    opened = client.get(link)
    current = [element.get("href") for element in opened.all("a", aria_current="page")]
    assert link in current
    # Under the same name it is replaced.
    again = client.get("/lists/residents/save?status=excluded")
    client.submit(again, {"name": "Active, by BIN"}, follow=True)
    assert [row.query for row in db.session.scalars(sa.select(SavedView))] == ["status=excluded"]
    page = client.get("/residents?status=excluded")
    assert "The view is removed" in client.submit(page, action="/remove", follow=True)
    assert db.session.scalars(sa.select(SavedView)).all() == []


def test_a_view_is_offered_within_the_role_and_the_territories_of_whoever_shares_it(app: Flask) -> None:
    sharer = account("nu-one", "staff", "NU")
    keep(sharer, "shared", shared=True)
    keep(sharer, "own")
    assert offered(sharer) == {"shared", "own"}
    assert offered(account("nu-two", "staff", "NU", "YAFI")) == {"shared"}
    assert offered(account("all", "staff")) == {"shared"}
    assert offered(account("elsewhere", "staff", "KURCHATOV")) == set()
    assert offered(account("nu-auditor", "auditor", "NU")) == set()
    everywhere = account("everywhere", "staff")
    keep(everywhere, "of all", shared=True)
    assert offered(account("kurchatov", "staff", "KURCHATOV")) == {"of all"}


def test_companies_share_views_with_themselves_only(app: Flask) -> None:
    keep(account("one", "resident", company_bin=bin_number(1)), "ours", shared=True)
    assert offered(account("one-more", "resident", company_bin=bin_number(1))) == {"ours"}
    assert offered(account("rival", "resident", company_bin=bin_number(2))) == set()


def test_a_shared_view_shows_its_opener_what_is_his(client: PageClient) -> None:
    own = factories.resident(bin_number(1), territory="NU")
    foreign = factories.resident(bin_number(2), territory="KURCHATOV")
    sharer = account("everywhere", "staff")
    keep(sharer, "shared", shared=True, query="status=active&sort=-bin")
    account("nu-two", "staff", "NU")
    client.sign_in("nu-two")
    page = client.get(client.get("/residents").links()["shared"])
    assert own.register_no in page
    assert foreign.register_no not in page
    view = db.session.scalars(sa.select(SavedView)).one()
    client.post(f"/lists/views/{view.id}/remove", expect=404)


def test_a_list_that_is_not_open_has_no_views(client: PageClient) -> None:
    client.sign_in("staff")
    client.get("/lists/nothing/save", expect=404)


def test_views_have_an_owner_and_a_bound(app: Flask) -> None:
    with pytest.raises(NotAllowed):
        keep(SYSTEM)
    owner = account("many", "staff")
    for number in range(services.MOST_VIEWS):
        keep(owner, f"view {number}")
    keep(owner, "view 0", query="status=excluded")
    with pytest.raises(Invalid):
        keep(owner, "one more")


def test_erased_values_leave_saved_views(app: Flask) -> None:
    owner = account("keeper", "staff")
    keep(owner, "Ахметов", query="search=x")
    keep(owner, "by search", query="search=+7+701+000-11-22")
    keep(owner, "kept", query="search=NU")
    with transaction():
        services.forget(["Ахметов", "7 701 000-11-22", ""])
    assert offered(owner) == {"kept"}


def test_erasing_a_short_name_leaves_views_that_only_hold_its_letters(app: Flask) -> None:
    owner = account("keeper", "staff")
    keep(owner, "если", query="search=келісім")
    keep(owner, "Ли", query="search=x")
    with transaction():
        services.forget(["Ли"])
    assert offered(owner) == {"если"}
