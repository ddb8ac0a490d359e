"""When the database is gone or the disk is full a page says so in the reader's language, and needs neither itself."""

from __future__ import annotations

import errno
import sqlite3
from pathlib import Path

import pytest
from flask import Flask

from registry.app import create_app
from registry.config import Settings, database_url
from registry.infra.access import public
from registry.infra.db import db
from tests.pages import Page, PageClient

HEADINGS = {
    "en": "The registry is out of reach for the moment",
    "ru": "Реестр временно недоступен",
    "kk": "Тізілім уақытша қолжетімсіз",
}
NOWHERE = {
    "sqlite": "sqlite:////nowhere/registry.db",
    "postgresql": "postgresql://postgres@127.0.0.1:1/registry?connect_timeout=2",
}


@pytest.fixture(params=NOWHERE)
def lost(request: pytest.FixtureRequest, tmp_path: Path) -> Flask:
    """The application with a database that does not answer."""
    settings = Settings(tmp_path, database_url(NOWHERE[request.param]), "http://localhost:8000", testing=True)
    app = create_app(settings)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app


@pytest.mark.parametrize("path", ["/", "/residents", "/check?code=AAAA", "/v/AAAA", "/nowhere"])
def test_every_page_of_a_reader_known_before_answers_503(lost: Flask, path: str) -> None:
    for language, heading in HEADINGS.items():
        client = lost.test_client()
        with client.session_transaction() as session:
            session["_user_id"], session["language"] = "1:0", language
        answer = client.get(path)
        page = Page(answer)
        page.check(language)
        assert (answer.status_code, page.heading) == (503, heading)
        assert answer.headers["Retry-After"] == "30"
        assert "Operational" not in page.html


def test_signing_in_without_a_database(lost: Flask) -> None:
    lost.config["WTF_CSRF_ENABLED"] = False
    client = lost.test_client()
    assert client.get("/sign-in").status_code == 200
    assert client.post("/sign-in", data={"login": "a@b.kz", "password": "x"}).status_code == 503


@pytest.mark.parametrize("fault", ["sqlite", "file"])
def test_a_full_disk_is_named(app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    @public
    def full() -> str:
        if fault == "file":
            raise OSError(errno.ENOSPC, "No space left on device")
        db.session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        db.session.connection().exec_driver_sql("CREATE TABLE more (content)")
        db.session.connection().exec_driver_sql("INSERT INTO more VALUES (randomblob(10000000))")
        return ""

    monkeypatch.setitem(app.view_functions, "home.index", full)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    page = client.get("/", expect=507)
    assert page.heading == "The disk of the registry is full"
    assert "sqlite" not in page.html.lower()


def test_a_locked_database_is_no_full_disk(app: Flask) -> None:
    from registry.infra.db import is_disk_full, is_out_of_reach

    assert not is_disk_full(sqlite3.OperationalError("database is locked"))
    assert not is_out_of_reach(ValueError())
    assert not is_out_of_reach(None)
