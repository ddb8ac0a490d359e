"""Pages of accounts, read as a person reads them."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.accounts import queries, services
from registry.accounts.models import User
from registry.accounts.rules import FREE_FAILURES
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from tests import people
from tests.pages import Page, PageClient

PASSWORD = "Жаңа-құпиясөз-77"


@pytest.mark.parametrize("role", ["admin", "staff", "resident", "auditor"])
def test_each_role_signs_in_and_out(client: PageClient, role: str) -> None:
    page = client.get(client.sign_in(role))
    assert page.response.request.path == "/"
    client.submit(page, action="/sign-out")
    response = client.get_response("/", expect=302)
    assert response.headers["Location"] == "/sign-in"


def attempt(client: PageClient, login: str, password: str, expect: int = 422) -> Page:
    page = client.get("accounts.sign_in")
    return client.submit(page, {"login": login, "password": password}, containing="password", expect=expect)


def test_a_wrong_password_and_an_unknown_login_read_alike(client: PageClient) -> None:
    wrong, unknown = attempt(client, "staff", "wrong"), attempt(client, "nobody", "wrong")
    assert "Login or password is wrong" in wrong
    assert wrong.text == unknown.text
    assert wrong.fields()["login"] == "staff"
    assert wrong.fields()["password"] == ""


def test_a_deactivated_account_reads_like_an_unknown_one(client: PageClient, admin: Viewer) -> None:
    with transaction():
        services.deactivate(admin, queries.get_user(people.IDS["staff"], admin), now=utc_now())
    assert "Login or password is wrong" in attempt(client, "staff", people.PASSWORD)


@pytest.mark.parametrize("login", ["staff", "nobody"])
def test_after_many_failures_even_the_right_password_waits(client: PageClient, login: str) -> None:
    for _number in range(FREE_FAILURES + 4):
        attempt(client, login, "wrong")
    assert "Too many attempts failed. Try again in 1 minute." in attempt(client, login, people.PASSWORD)


def test_signing_in_leads_back_to_the_page_asked_for(client: PageClient) -> None:
    response = client.get_response("/users?q=resident", expect=302)
    page = client.get(response.headers["Location"])
    page = client.submit(page, {"login": "staff", "password": people.PASSWORD}, containing="password", follow=True)
    assert page.response.request.full_path == "/users?q=resident"


@pytest.mark.parametrize("target", ["https://example.com/", "//example.com", "/\\example.com"])
def test_signing_in_leads_to_no_other_site(client: PageClient, target: str) -> None:
    page = client.get("accounts.sign_in", next=target)
    response = client.submit(page, {"login": "staff", "password": people.PASSWORD}, containing="password").response
    assert response.headers["Location"] == "/"


def test_a_new_session_begins_at_sign_in(client: PageClient) -> None:
    """What an attacker planted into the session before is gone; only the language chosen stays."""
    client.get_response("/language/ru", expect=302)
    with client._client.session_transaction() as session:
        session["territory"] = "YAFI"
        before = session.get("csrf_token")
    client.get(client.sign_in("staff"))
    with client._client.session_transaction() as session:
        assert session["language"] == "ru"
        assert "territory" not in session
        assert session["csrf_token"] != before


def test_an_invited_resident_sets_a_password_and_is_signed_in(client: PageClient, app: Flask) -> None:
    client.sign_in("staff")
    page = client.get("accounts.invite", company_bin=people.COMPANY_BIN)
    page = client.submit(page, {"login": "asel@example.kz", "name": "Әсел", "language": "en"}, follow=True)
    link = page.all("input", id="invitation-link")[0].get("value") or ""
    assert link.startswith("http://localhost:8000/invitations/")
    assert not client.get(page.response.request.path).all("input", id="invitation-link")  # shown once

    person = PageClient(app)
    page = person.get(link.removeprefix("http://localhost:8000"))
    assert "asel@example.kz" in page
    assert page.fields()["name"] == "Әсел"
    page = person.submit(page, {"password": PASSWORD, "password_again": "other"}, expect=422)
    assert "The two passwords differ" in page
    page = person.submit(page, {"password": "short", "password_again": "short"}, expect=422)
    assert "at least 10 characters" in page
    page = person.submit(page, {"password": PASSWORD, "password_again": PASSWORD}, follow=True)
    assert page.response.request.path == "/"
    assert "Welcome" in page
    person.sign_out()
    assert "used or is too old" in person.get(link.removeprefix("http://localhost:8000"), expect=404)
    assert person.sign_in("asel@example.kz", PASSWORD) == "/"


def test_staff_are_offered_no_role_but_the_residents(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("accounts.invite")
    roles = [option.get("value") for option in page.all("select", name="role")[0].iter("option")]
    assert roles == ["resident"]
    sent = {"login": "boss", "role": "admin", "name": "", "language": "en"}
    assert "Choose one of the values offered" in client.submit(page, sent, expect=422)


def test_staff_do_not_see_the_accounts_of_colleagues(client: PageClient) -> None:
    client.sign_in("staff")
    client.get("accounts.show", user_id=people.IDS["admin"], expect=404)
    client.get("accounts.show", user_id=people.IDS["resident"])


def test_a_refused_invitation_keeps_what_was_typed(client: PageClient) -> None:
    client.sign_in("admin")
    page = client.get("accounts.invite")
    page = client.submit(page, {"login": "staff", "role": "resident", "name": "Имя", "company_bin": "12"}, expect=422)
    assert "Nothing in the register fits" in page
    assert page.fields()["name"] == "Имя"
    assert "#company_bin" in page.links().values()
    page = client.submit(page, {"company_bin": people.COMPANY_BIN}, expect=422)
    assert "The login staff is taken" in page


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("250 240 991 048", "250240991048"),
        ("БИН 250240991048", "250240991048"),
        ("250240991048.", "250240991048"),
        ("s 0000 0000 010", "S00000000010"),
    ],
)
def test_the_company_of_an_account_is_named_by_any_spelling_of_its_number(
    client: PageClient, typed: str, number: str
) -> None:
    client.sign_in("admin")
    page = client.get("accounts.invite")
    client.submit(page, {"login": "asel", "role": "resident", "company_bin": typed}, follow=True)
    user = queries.user_by_login("asel")
    assert user.company_bin == number
    page = client.get("accounts.change_role", user_id=user.id)
    client.submit(page, {"company_bin": "БИН 250240991048"}, containing="company_bin", follow=True)
    assert queries.user_by_login("asel").company_bin == "250240991048"


def test_a_profile_changes_name_and_language(client: PageClient) -> None:
    client.sign_in("auditor")
    page = client.get("accounts.profile")
    page = client.submit(page, {"name": "  Марат  ", "language": "kk"}, follow=True)
    assert page.language == "kk"
    assert page.fields()["name"] == "Марат"
    assert "Марат" in page.text


def test_a_new_password_ends_the_other_sessions(client: PageClient, app: Flask) -> None:
    other = PageClient(app)
    client.sign_in("staff")
    other.sign_in("staff")
    page = client.get("accounts.change_password")
    wrong = {"old_password": "wrong", "password": PASSWORD, "password_again": PASSWORD}
    assert "not your present password" in client.submit(page, wrong, expect=422)
    page = client.submit(page, wrong | {"old_password": people.PASSWORD}, follow=True)
    assert "Your password is changed" in page
    other.get_response("/", expect=302)
    client.get("home.index")


def test_a_changed_role_ends_sessions(client: PageClient, app: Flask) -> None:
    person = PageClient(app)
    person.sign_in("staff")
    client.sign_in("admin")
    page = client.get("accounts.change_role", user_id=people.IDS["staff"])
    page = client.submit(page, {"role": "auditor"}, follow=True)
    assert "The role is changed" in page
    person.get_response("/", expect=302)
    person.sign_in("staff")
    person.get("accounts.index", expect=403)


def test_deactivation_ends_sessions_and_can_be_undone(client: PageClient, app: Flask) -> None:
    person = PageClient(app)
    person.sign_in("staff")
    client.sign_in("admin")
    page = client.get("accounts.show", user_id=people.IDS["staff"])
    page = client.submit(page, action="/deactivate", follow=True)
    assert "deactivated" in page
    person.get_response("/", expect=302)
    page = client.submit(page, action="/reactivate", follow=True)
    assert "The account is active again" in page
    person.get_response("/", expect=302)
    assert person.sign_in("staff") == "/"


def test_the_journal_links_to_the_accounts_a_reader_may_open(database: Flask) -> None:
    client, users = PageClient(database), {role: people.IDS[role] for role in ("admin", "staff", "resident")}
    with transaction():
        for key in users.values():
            services.renew_link(SYSTEM, db.session.get_one(User, key), now=utc_now())
    for reader, opened in (("admin", set(users)), ("staff", {"resident"}), ("auditor", set())):
        client.sign_in(reader)
        links = {link for link in client.get("/journal").links().values() if link.startswith("/users/")}
        assert links == {f"/users/{users[role]}" for role in opened}
        client.sign_out()


def test_the_last_administrator_reads_why_not(client: PageClient) -> None:
    client.sign_in("admin")
    page = client.get("accounts.show", user_id=people.IDS["admin"])
    assert "last administrator" in client.submit(page, action="/deactivate", expect=422)
    page = client.get("accounts.change_role", user_id=people.IDS["admin"])
    assert "last administrator" in client.submit(page, {"role": "staff"}, expect=422)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    "path", ["/users", "/users/invite", "/users/3", "/users/3/role", "/profile", "/profile/password"]
)
def test_every_page_in_every_language(client: PageClient, language: str, path: str) -> None:
    client.sign_in("admin")
    client.get_response(f"/language/{language}", expect=302)
    client.language = language
    assert client.get(path).title.endswith("Tizilim")
