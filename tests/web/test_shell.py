"""What stands around every page: headers, errors, languages, territory, navigation."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event

from registry.accounts.models import User
from registry.app import create_app
from registry.config import Settings
from registry.errors import Conflict
from registry.infra.access import public
from registry.infra.db import db
from registry.infra.i18n import lazy, speaking
from registry.web import pages
from tests import people
from tests.pages import PageClient, element_text


def test_headers_of_every_answer(client: PageClient) -> None:
    for path, status in (("/sign-in", 200), ("/", 302), ("/nowhere", 404), ("/static/css/theme.css", 200)):
        headers = client.get_response(path, expect=status).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe-inline" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"


def test_pages_are_not_kept_and_files_are(client: PageClient) -> None:
    assert "no-cache" in client.get_response("/sign-in").headers["Cache-Control"]
    assert "max-age=31536000" in client.get_response("/static/css/theme.css?v=1").headers["Cache-Control"]


def test_the_session_cookie_is_out_of_reach(client: PageClient) -> None:
    cookie = client.get_response("/sign-in").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize(
    ("public_url", "secure"),
    [("http://localhost:8000", False), ("https://registry.example.kz", True), ("http://10.0.0.5", True)],
)
def test_cookies_are_secure_but_on_plain_localhost(tmp_path: Path, public_url: str, secure: bool) -> None:
    settings = Settings(tmp_path, f"sqlite:///{tmp_path / 'registry.db'}", public_url, testing=True)
    app = create_app(settings)
    assert app.config["SESSION_COOKIE_SECURE"] is secure
    assert app.config["SESSION_COOKIE_NAME"].startswith("__Host-") is secure


def test_a_page_is_light(client: PageClient) -> None:
    """Under 150 KB over the wire on first load, fonts apart (``design.md`` 7)."""
    client.sign_in("staff")
    page = client.get("home.index")
    files = [e.get("href") or "" for e in page.all("link")] + [e.get("src") or "" for e in page.all("script")]
    files += ["/static/icons.svg", "/static/logo.svg"]
    compressed = {"Accept-Encoding": "br, gzip"}
    total = len(page.html.encode())
    for path in files:
        response = client._open("GET", path, {}, headers=compressed, buffered=True)
        assert response.status_code == 200
        total += len(response.get_data())
    assert total < 150_000


def test_a_form_without_token_is_refused(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.post("/sign-out", token=False, expect=400)
    assert "open too long or was not sent from this site" in page
    client.get("home.index")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(("path", "code"), [("/nowhere", 404), ("/sign-out", 405), ("/users", 403)])
def test_error_pages_in_every_language(client: PageClient, language: str, path: str, code: int) -> None:
    client.sign_in("auditor")
    client.get_response(f"/language/{language}", expect=302)
    client.language = language
    page = client.get(path, expect=code)
    assert len(page.all("h1")) == 1
    if code == 405:
        assert page.response.headers["Allow"]


def test_error_pages_are_for_the_signed_out_too(client: PageClient) -> None:
    client.get_response("/language/en", expect=302)
    assert client.get("/nowhere", expect=404).heading == "There is no such page"


def test_too_large_a_request_is_refused_with_advice(client: PageClient) -> None:
    client.get_response("/language/en", expect=302)
    page = client.post("/sign-in", {"login": "x" * (pages.MAX_UPLOAD + 1)}, expect=413)
    assert "at most 16 MB" in page


def test_a_fault_of_ours_says_so_without_details(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @public
    def broken() -> str:
        raise RuntimeError("the secret cause")

    monkeypatch.setitem(app.view_functions, "home.index", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = client.get("/", expect=500)
    assert "secret" not in page.html


def test_a_refusal_nobody_caught_is_a_page(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    @public
    def refusing() -> str:
        raise Conflict(lazy("The contract has ended."))

    monkeypatch.setitem(app.view_functions, "home.index", refusing)
    assert "The contract has ended." in client.get("/", expect=409)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("ru-RU,ru;q=0.9,en;q=0.8", "ru"), ("en", "en"), ("kk", "kk"), ("de-DE", "kk"), ("", "kk")],
)
def test_a_stranger_is_spoken_to_in_the_browsers_language(client: PageClient, accepted: str, language: str) -> None:
    response = client._open("GET", "/sign-in", {}, headers={"Accept-Language": accepted})
    assert f'<html lang="{language}">' in response.get_data(as_text=True)
    assert response.headers["Content-Language"] == language


def test_the_language_switch_stays_on_the_page(client: PageClient) -> None:
    client.sign_in("admin")
    page = client.get("/users", query={"q": "res", "role": "resident"})
    target = page.links()["ҚазҚазақша"]
    response = client.get_response(target, expect=302)
    assert response.headers["Location"] == "/users?q=res&role=resident"
    assert client.get(response.headers["Location"]).language == "kk"
    client.get_response("/language/de", expect=404)


def test_the_switches_lead_to_no_other_site(client: PageClient) -> None:
    for path in ("/language/ru?next=https://example.com", "/territory/all?next=//example.com"):
        assert client.get_response(path, expect=302).headers["Location"] == "/"


def test_the_account_speaks_its_own_language(client: PageClient) -> None:
    account = db.session.get_one(User, people.IDS["staff"])
    account.language = "ru"
    db.session.commit()
    assert client.get(client.sign_in("staff")).language == "ru"


def test_the_territory_switch_is_kept(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("/users", query={"territory": "NU", "page": "2", "q": "a"})
    chosen = [element_text(e) for e in page.all("span", class_="menu-value")]
    assert chosen[0] != "All territories"
    targets = [e.get("href") for e in page.all("a") if "/territory/YAFI" in (e.get("href") or "")]
    assert targets == ["/territory/YAFI?next=/users?q%3Da"]
    client.get_response(targets[0] or "", expect=302)
    switched = [element_text(e) for e in client.get("home.index").all("span", class_="menu-value")]
    assert switched[0] not in {"All territories", chosen[0]}
    client.get_response("/territory/all", expect=302)
    assert element_text(client.get("home.index").all("span", class_="menu-value")[0]) == "All territories"


def test_a_resident_has_no_territory_switch(client: PageClient) -> None:
    client.sign_in("resident")
    page = client.get("home.index", query={"territory": "NU"})
    assert not [e for e in page.all("a") if "/territory/" in (e.get("href") or "")]


@pytest.mark.parametrize(
    ("role", "there", "missing"),
    [
        ("admin", {"Home", "Participants", "Users"}, set()),
        ("staff", {"Home", "Participants", "Users"}, set()),
        ("auditor", {"Home", "Participants"}, {"Users"}),
        ("resident", {"Home", "My company"}, {"Users", "Participants", "Journal"}),
    ],
)
def test_navigation_shows_what_the_role_may_open(
    client: PageClient, role: str, there: set[str], missing: set[str]
) -> None:
    page = client.get(client.sign_in(role))
    shown = {element_text(a) for nav in page.all("nav", class_="site-navigation") for a in nav.iter("a")}
    assert there <= shown
    assert not missing & shown


def test_the_shell_costs_one_statement(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        client.get("exchange.index")  # a page that asks for no account and no territory of its own
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert sum("FROM user_account" in s for s in seen) == 1
    assert not [s for s in seen if s.startswith("SELECT territory.")]  # they come with the account


def test_a_filter_on_a_constant_speaks_every_readers_language(app: Flask) -> None:
    template = app.jinja_env.from_string('{{ "kato" | field_label }}')
    said = set()
    for language in ("kk", "ru", "en"):
        with speaking(language):
            said.add(template.render())
    assert len(said) == 3, said
