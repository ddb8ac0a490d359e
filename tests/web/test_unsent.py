"""What was typed and could not be sent: who sees it again, for how long it waits, and how much of it."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from registry.infra import unsent
from tests import people
from tests.pages import Page, PageClient

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


def waiting(app: Flask) -> list[Path]:
    folder: Path = app.config["SETTINGS"].unsent_dir
    return list(folder.iterdir()) if folder.exists() else []


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


def test_a_login_typed_after_a_session_ended_survives_a_switch_of_language(client: PageClient) -> None:
    client.sign_in("staff")
    with client._client.session_transaction() as session:
        session["_user_id"] = session["_user_id"].partition(":")[0] + ":999"
    page = client.get(client.get_response("/contracts", expect=302).headers["Location"])
    values = page.fields(page.form("login")) | {"login": MARK}
    (switch,) = [e for e in page.all("button", form="main-form") if "/language/ru" in (e.get("formaction") or "")]
    answer = client._open("POST", switch.get("formaction") or "", {}, data=values)
    again = Page(client._open("GET", answer.headers["Location"], {}))
    assert again.fields(again.form("login"))["login"] == MARK


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


def test_no_more_than_so_many_forms_wait(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Strangers cannot fill the folder: from some number on only what people known typed is taken."""
    monkeypatch.setattr(unsent, "MOST_OF_NOBODY", 2)
    monkeypatch.setattr(unsent, "MOST", 4)
    for number in range(4):
        client.sign_out()
        client._open("POST", NEW, {}, data={"subject_ru": f"{MARK}-{number}"})
        assert len(waiting(app)) == min(number + 1, 2)
    for number in range(4):
        client.sign_out()
        sent_at_the_wall(client)
        assert len(waiting(app)) == min(number + 3, 4)


def test_sending_again_replaces_what_waits(app: Flask, client: PageClient) -> None:
    for number in range(3):
        client._open("POST", NEW, {}, data={"subject_ru": f"{MARK}-{number}"})
    (file,) = waiting(app)
    assert json.loads(file.read_text())["values"] == [["subject_ru", f"{MARK}-2"]]


def test_what_strangers_typed_waits_a_shorter_time(app: Flask, client: PageClient) -> None:
    """A form that does not say whose it is opens for whoever signs in next in the browser, but not much later."""
    for age, comes_back in ((unsent.LIFE_OF_NOBODYS - 60, True), (unsent.LIFE_OF_NOBODYS + 60, False)):
        client.sign_out()
        place = client._open("POST", NEW, {}, data={"subject_ru": MARK}).headers["Location"]
        (file,) = waiting(app)
        os.utime(file, (time.time() - age,) * 2)
        assert (MARK in sign_in_at(client, place, "staff").html) is comes_back
        assert waiting(app) == []


def test_the_largest_form_that_is_kept(app: Flask, client: PageClient) -> None:
    name = "subject_ru"
    for size, count in ((unsent.LARGEST - len(name), 1), (unsent.LARGEST - len(name) + 1, 0)):
        client.sign_out()
        for file in waiting(app):
            file.unlink()
        client._open("POST", NEW, {}, data={name: "x" * size})
        assert len(waiting(app)) == count


def test_a_button_pressed_on_an_old_page_says_so(app: Flask, client: PageClient) -> None:
    client.sign_in("resident")
    page = "/reports"
    data, origin = {"csrf_token": "old"}, {"Referer": f"http://localhost{page}"}
    answer = client._open("POST", "/reports/start", {}, data=data, headers=origin)
    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "Nothing was done: the page was open too long." in client.get(page)
    assert waiting(app) == []
    foreign = client._open("POST", "/reports/start", {}, data=data, headers={"Origin": "https://evil.example"})
    assert foreign.status_code == 400
