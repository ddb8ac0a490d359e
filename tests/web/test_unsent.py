"""Forms lose nothing: what was typed comes back after an expired session, a lapsed token, a switch of language."""

from __future__ import annotations

import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.infra import unsent
from tests import people
from tests.pages import Page, PageClient
from tests.test_access import methods
from tests.test_territories import World, foreign_addresses, world  # noqa: F401 — a fixture

MARK = "ТЕРІЛГЕН-777"
NEW = "/contracts/new"


def typed(page: Page) -> dict[str, str | list[str]]:
    """The form's values, every visible text of it marked."""
    values = page.fields(page.form("filled_by"))
    for name in texts(page):
        values[name] = MARK
    return values


def texts(page: Page) -> list[str]:
    inputs = [e for e in page.form("filled_by").iter() if e.tag in {"input", "textarea"}]
    return [e.get("name", "") for e in inputs if e.get("type", "text") in {"text", "search"} or e.tag == "textarea"]


def not_back(page: Page, names: list[str]) -> list[str]:
    values = page.fields(page.form("filled_by"))
    return [name for name in names if values.get(name) != MARK]


def waiting(app: Flask) -> list[Path]:
    folder: Path = app.config["SETTINGS"].unsent_dir
    return list(folder.iterdir()) if folder.exists() else []


def form_pages(app: Flask, client: PageClient, role: Role, known: dict[str, object]) -> list[Page]:
    """Every page open to the role that has a form with text to type."""
    found = []
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" not in methods(rule) or not ROLE_PERMISSIONS[role] & getattr(
            view, "required_permissions", frozenset()
        ):
            continue
        response = client._open("GET", foreign_addresses(app, rule, known)[0], {})
        if response.status_code == 200 and response.mimetype == "text/html" and b'name="filled_by"' in response.data:
            page = Page(response)
            if texts(page):
                found.append(page)
    return found


@pytest.mark.parametrize("role", [Role.ADMIN, Role.STAFF])
def test_every_form_comes_back(app: Flask, client: PageClient, world: World, role: Role) -> None:  # noqa: F811
    client.sign_in(role.value)
    pages, problems = form_pages(app, client, role, world.foreign), []
    assert len(pages) > 15
    for page in pages:
        path, names, values = page.response.request.full_path.rstrip("?"), texts(page), typed(page)
        target = page.form("filled_by").get("action") or path
        origin = {"Referer": f"http://localhost{path}"}
        here = page.form("filled_by")
        assert here.get("id") == "main-form"
        lapsed = client._open("POST", target, {}, data=values | {"csrf_token": "old"}, headers=origin)
        if lapsed.status_code == 303:
            lapsed = client._open("GET", lapsed.headers["Location"], {})
        problems += [f"lapsed {path}: {name}" for name in not_back(Page(lapsed), names)]
        switched = client.post(f"/language/ru?next={path}", values | {"csrf_token": client._token})
        again = client.get(switched.response.headers["Location"])
        problems += [f"language {path}: {name}" for name in not_back(again, names)]
        with client._client.session_transaction() as session:
            session.clear()
        wall = client._open("POST", target, {}, data=values, headers=origin)
        assert wall.headers["Location"].startswith("/sign-in?next="), path
        page = client.get(wall.headers["Location"])
        back = client.submit(page, {"login": role.value, "password": people.PASSWORD}, containing="password")
        again = client.get(back.response.headers["Location"])
        problems += [f"expired {path}: {name}" for name in not_back(again, names)]
    assert problems == [], "\n".join(problems)


def sent_at_the_wall(client: PageClient, login: str = "staff", **headers: str) -> str:
    """Fill a form, let the session end, send it; where the person is sent to."""
    client.sign_in(login)
    values = typed(client.get(NEW))
    with client._client.session_transaction() as session:
        session.clear()
    return client._open("POST", NEW, {}, data=values, headers=headers).headers["Location"]


def sign_in_at(client: PageClient, place: str, login: str) -> Page:
    page = client.get(place)
    done = client.submit(page, {"login": login, "password": people.PASSWORD}, containing="password")
    return client.get(urlsplit(done.response.headers["Location"]).path)


def test_another_account_sees_nothing_of_it(client: PageClient) -> None:
    place = sent_at_the_wall(client)
    assert MARK not in sign_in_at(client, place, "admin").html


def test_another_browser_sees_nothing_of_it(app: Flask, client: PageClient) -> None:
    sent_at_the_wall(client)
    client.sign_out()
    client.sign_in("staff")
    assert MARK not in client.get(NEW).html
    assert len(waiting(app)) == 1


def test_what_came_back_is_removed_and_announced(app: Flask, client: PageClient) -> None:
    place = sent_at_the_wall(client)
    (file,) = waiting(app)
    assert file.stat().st_mode & 0o777 == 0o600
    page = sign_in_at(client, place, "staff")
    assert "What you typed is here again" in page
    assert waiting(app) == []
    assert MARK not in client.get(NEW).html


def test_another_site_plants_nothing(app: Flask, client: PageClient) -> None:
    sent_at_the_wall(client, Origin="https://evil.example")
    assert waiting(app) == []


def test_passwords_are_not_kept(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    values = client.get("/profile/password").fields() | {"old_password": MARK, "password": MARK}
    client._open("POST", "/language/ru?next=/profile/password", {}, data=values)
    assert all(MARK not in file.read_text() for file in waiting(app))


def test_what_waits_too_long_is_removed(app: Flask, client: PageClient) -> None:
    sent_at_the_wall(client)
    (file,) = waiting(app)
    unsent.remove_old()
    assert file.exists()
    os.utime(file, (time.time() - unsent.LIFE - 1,) * 2)
    unsent.remove_old()
    assert waiting(app) == []


def test_a_form_too_large_is_not_kept(app: Flask, client: PageClient) -> None:
    client.sign_out()
    client._open("POST", NEW, {}, data={"subject_ru": "x" * (unsent.LARGEST + 1)})
    assert waiting(app) == []
