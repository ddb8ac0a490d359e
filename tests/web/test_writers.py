"""While somebody writes for long, others are told so in time, and lose nothing of what they typed."""

from __future__ import annotations

import io
import time

import pytest
from flask import Flask

from registry.infra import db
from registry.infra.access import SYSTEM
from registry.residents import queries
from tests.exchange.made import csv_file, row
from tests.factories import somebody_writing
from tests.pages import PageClient
from tests.residents.test_views import FORM

BUSY = {
    "en": "Somebody else is writing to the registry",
    "ru": "Сейчас в реестр записывает кто-то другой",
    "kk": "Қазір тізілімге басқа біреу жазып жатыр",
}


@pytest.fixture
def staff(database: Flask, monkeypatch: pytest.MonkeyPatch) -> PageClient:
    monkeypatch.setattr(db, "PATIENCE_OF_PAGES", 0.3)
    client = PageClient(database)
    client.sign_in("staff")
    return client


@pytest.mark.parametrize("language", BUSY)
def test_a_form_comes_back_with_what_was_typed(database: Flask, staff: PageClient, language: str) -> None:
    staff.get(f"/language/{language}?next=/", expect=302)
    staff.language = language
    with somebody_writing(database):
        began = time.monotonic()
        page = staff.submit(staff.get("/residents/new"), FORM, containing="bin", expect=422)
        assert time.monotonic() - began < 10
        assert BUSY[language] in page
        assert page.fields(page.form("bin"))["name_kk"] == FORM["name_kk"]
        assert queries.records(SYSTEM) == []
    staff.submit(page, containing="bin", follow=True)
    assert [record.bin for record in queries.records(SYSTEM)] == ["260140991076"]


def test_a_file_is_asked_for_again(database: Flask, staff: PageClient) -> None:
    content = csv_file([row("residents")])
    staff.get("/exchange")
    data = {"kind": "residents", "file": (io.BytesIO(content), "r.csv")}
    with somebody_writing(database):
        page = staff.post("/exchange/check", data, follow=True)
        assert page.response.request.path == "/exchange"
        assert BUSY["en"] in page or BUSY["kk"] in page


def test_pages_are_read_and_people_sign_in_meanwhile(database: Flask, staff: PageClient) -> None:
    other = PageClient(database)
    with somebody_writing(database):
        for read in (lambda: other.sign_in("auditor"), lambda: staff.get("/"), lambda: staff.get("/residents")):
            began = time.monotonic()
            read()
            assert time.monotonic() - began < 5
