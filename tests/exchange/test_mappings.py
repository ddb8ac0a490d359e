"""A company's own spreadsheet: its columns are matched with ours once, and the next file like it is read so."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from registry.exchange import mappings
from registry.exchange.mappings import HeaderRefused
from registry.exchange.models import ColumnMapping
from registry.exchange.rules import Kind
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.territories.queries import by_code
from tests import people
from tests.exchange.made import BIN, OTHER, exported, refused_file, take_file, xlsx_file
from tests.exchange.test_views import send
from tests.factories import NOW
from tests.pages import Page, PageClient

pytestmark = pytest.mark.thorough

THEIRS = ["№", "БИН", "Name in Kazakh", "Аты", "Наименование", "Дата включения"]
COLUMNS = {"bin": 1, "name_kk": 3, "name_ru": 4, "registered_on": 5}
CONSTANTS = {"territory": "NU", "legal_form": "llp", "participant_type": "production"}


def their_file(*bins: str) -> bytes:
    rows = [[n, number, "", f"«Ү{n}» ЖШС", f"ТОО «У{n}»", "03.02.2025"] for n, number in enumerate(bins, start=1)]
    return xlsx_file([THEIRS, *rows])


def kept() -> None:
    with transaction():
        mappings.keep(SYSTEM, Kind.RESIDENTS, THEIRS, COLUMNS, CONSTANTS, now=NOW)


def test_a_kept_mapping_reads_files_with_its_header(database: Flask) -> None:
    assert len(refused_file("residents", their_file(BIN))) > len(THEIRS)
    kept()
    result = take_file("residents", their_file(BIN))
    assert result.created == 1
    assert [str(item.message) for item in result.warnings] == [
        "the columns were matched as kept before; not read: №, Name in Kazakh",
        "values kept before, filled in in all rows: territory=NU, legal_form=llp, participant_type=production",
    ]
    (stored,) = exported("residents")
    assert (stored["territory"], stored["bin"], stored["name_ru"], stored["registered_on"]) == (
        "NU", BIN, "ТОО «У1»", "2025-02-03",
    )  # fmt: skip
    assert take_file("residents", their_file(BIN, OTHER)).created == 1


def test_a_mapping_is_known_in_its_makers_territories_only(database: Flask) -> None:
    def limited(*codes: str) -> Viewer:
        return replace(people.viewer("staff"), territory_ids=frozenset(by_code(code, SYSTEM).id for code in codes))

    own, other = limited("NU"), limited("KURCHATOV")
    with transaction():
        mappings.keep(own, Kind.RESIDENTS, THEIRS, COLUMNS, CONSTANTS | {"email": "nu@example.kz"}, now=NOW)
    for stranger in (other, limited("NU", "KURCHATOV"), SYSTEM):
        with pytest.raises(HeaderRefused) as refused:
            take_file("residents", their_file(BIN), actor=stranger)
        matched = refused.value.matched
        assert (matched.kept, matched.constants) == (False, {})
        assert matched.columns.get("name_kk") != COLUMNS["name_kk"]
    # Another one of the same territories knows it, and what others keep does not take its place.
    with transaction():
        mappings.keep(other, Kind.RESIDENTS, THEIRS, COLUMNS, {"territory": "KURCHATOV"}, now=NOW)
    colleague = replace(own, user_id=None)
    assert take_file("residents", their_file(BIN), actor=colleague).created == 1
    (stored,) = exported("residents")
    assert (stored["territory"], stored["email"]) == ("NU", "nu@example.kz")


def test_errors_keep_the_rows_of_the_file(app: Flask) -> None:
    kept()
    assert [item[:2] for item in refused_file("residents", their_file(BIN, OTHER[:11]))] == [(3, "bin")]


def test_another_header_or_kind_is_another_mapping(app: Flask) -> None:
    kept()
    assert refused_file("residents", xlsx_file([[*THEIRS, "more"], [1] * 7]))
    assert refused_file("contracts", their_file(BIN))


def test_a_mapping_without_the_key_is_refused(app: Flask) -> None:
    with transaction():
        mappings.keep(SYSTEM, Kind.RESIDENTS, THEIRS, {"name_kk": 3}, CONSTANTS, now=NOW)
    assert {item[1] for item in refused_file("residents", their_file(BIN))} == {"bin", "registered_on"}


def test_a_file_with_our_header_needs_no_mapping(app: Flask) -> None:
    names = ["territory", "bin", "name_kk", "name_ru", "legal_form", "participant_type", "registered_on"]
    with transaction():
        mappings.keep(SYSTEM, Kind.RESIDENTS, names, {"bin": 0}, {}, now=NOW)
    cells = ["NU", BIN, "а", "б", "llp", "production", "2025-02-03"]
    assert take_file("residents", xlsx_file([names, cells])).created == 1


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_columns_are_matched_on_the_page_once(app: Flask, client: PageClient, language: str) -> None:
    client.language = None
    client.sign_in("staff")
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    page = send(client, "residents", their_file(BIN), "свой.xlsx", expect=422)
    fields = page.fields(page.form("column-bin"))
    assert (fields["column-bin"], fields["column-name_ru"]) == ("", "")
    data = {f"column-{name}": str(place) for name, place in COLUMNS.items()}
    data |= {f"value-{name}": text for name, text in CONSTANTS.items()}
    # What is missing is asked for again, with what was chosen.
    page = client.submit(page, data | {"column-bin": ""}, containing="column-bin", expect=422)
    assert page.fields(page.form("column-bin"))["column-name_ru"] == "4"
    page = client.submit(page, data, containing="column-bin", expect=200)
    client.submit(page, containing="upload", action="/exchange/import", follow=True, expect=200)
    assert len(exported("residents")) == 1
    assert db.session.query(ColumnMapping).count() == 1
    page = send(client, "residents", their_file(BIN, OTHER), "свой.xlsx")
    assert page.fields(page.form("column-bin"))["column-bin"] == "1"
    odd = {"kind": "residents", "name": "x", "upload": "f" * 64, "column-bin": "99"}
    client.post("/exchange/columns", odd, expect=302)
    client.post("/exchange/columns", odd | {"upload": "../x"}, expect=400)


@pytest.mark.parametrize("fault", ["expired session", "lapsed token", "language"])
def test_what_was_chosen_for_the_columns_comes_back(client: PageClient, fault: str) -> None:
    """The page that answers a file cannot be opened by its own address."""
    client.sign_in("staff")
    page = send(client, "residents", their_file(BIN), "свой файл.xlsx", expect=422)
    form = page.form("column-bin")
    fields = page.fields(form) | {"column-bin": "1", "value-territory": "NU"}
    target, origin = form.get("action") or "", {"Referer": "http://localhost/exchange/check"}
    if fault == "language":
        buttons = [button.get("formaction") or "" for button in page.all("button", form="main-form")]
        target = next(address for address in buttons if address.startswith("/language/ru"))
    elif fault == "expired session":
        with client._client.session_transaction() as session:
            session.clear()
    else:
        fields["csrf_token"] = "old"
    answer = client._open("POST", target, {}, data=fields, headers=origin)
    if fault == "expired session":
        wall = client.get(answer.headers["Location"])
        answer = client.submit(wall, {"login": "staff", "password": people.PASSWORD}, containing="password").response
    if answer.status_code == 302:
        answer = client._open("GET", answer.headers["Location"], {})
    again = Page(answer)
    assert again.fields(again.form("column-bin")) | {"csrf_token": ""} == fields | {"csrf_token": ""}
    client._open("GET", "/language/en", {})
    # Nobody is sent to an address that only takes a file.
    answer = client._open("POST", "/sign-out", {}, data={"csrf_token": "old"}, headers=origin)
    assert answer.status_code == 400


def test_a_button_pressed_too_late_leads_to_the_file(client: PageClient) -> None:
    client.sign_in("staff")
    names = ["territory", "bin", "name_kk", "name_ru", "legal_form", "participant_type", "registered_on"]
    cells = ["NU", BIN, "а", "б", "llp", "production", "2025-02-03"]
    page = send(client, "residents", xlsx_file([names, cells]))
    again = client.submit(page, {"csrf_token": "old"}, action="/exchange/import", containing="upload", expect=422)
    assert "Nothing was done: the page was open too long." in again
    client.submit(again, action="/exchange/import", containing="upload", follow=True, expect=200)
    assert len(exported("residents")) == 1
    assert "Choose it once more" in Page(client.answer("/exchange/columns"))


def test_columns_called_as_ours_are_proposed(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", xlsx_file([["Territory", "БСН/ЖСН", "Nonsense"], ["NU", BIN, "x"]]), expect=422)
    fields = page.fields(page.form("column-bin"))
    assert (fields["column-territory"], fields["column-bin"]) == ("0", "1")
