"""A damaged file of notes lets people in all the same: it is set aside and begun anew."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from registry.accounts import signing_in
from registry.accounts.rules import What
from registry.infra import beside
from tests.factories import NOW
from tests.pages import PageClient


@pytest.fixture
def notes(app: Flask) -> Path:
    """The file, with a note in it."""
    signing_in.note(1, What.FAILED, "192.0.2.1", now=NOW)
    path: Path = app.config["SETTINGS"].beside_file
    with closing(sqlite3.connect(path)) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for aside in path.parent.glob("beside.db.damaged-*"):
        aside.unlink()
    return path


@pytest.mark.parametrize("running", [True, False])
def test_garbage_is_set_aside_and_people_sign_in(
    app: Flask, client: PageClient, notes: Path, caplog: pytest.LogCaptureFixture, running: bool
) -> None:
    if not running:
        app.extensions.pop("beside").dispose()
    garbage = os.urandom(9000)
    notes.write_bytes(garbage)
    notes.with_name("beside.db-wal").unlink(missing_ok=True)
    client.sign_in("staff")
    client.get("home.index")
    assert client.get_response("documents.check", code="ABCD-EFGH-JKLM").status_code == 200
    (aside,) = [path for path in beside.set_aside(notes) if not path.name.endswith(("-wal", "-shm"))]
    assert aside.read_bytes() == garbage
    assert "was damaged" in caplog.text
    assert beside.damage(notes) is None
    assert [row.what for row in signing_in.history(1)] == []


def test_a_page_damaged_inside_is_found_when_the_file_is_opened(app: Flask, notes: Path) -> None:
    app.extensions.pop("beside").dispose()
    size = notes.stat().st_size
    with notes.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(size - 4096))
    assert beside.damage(notes)
    signing_in.note(1, What.FAILED, "192.0.2.2", now=NOW)
    assert [row.address for row in signing_in.history(1)] == ["192.0.2.2"]


def test_a_whole_file_stays(app: Flask, notes: Path) -> None:
    app.extensions.pop("beside").dispose()
    assert [row.address for row in signing_in.history(1)] == ["192.0.2.1"]
    assert beside.set_aside(notes) == []
