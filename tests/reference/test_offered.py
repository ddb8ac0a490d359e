"""Codes of one territory, or of an earlier day, are offered where a record may have them; the services decide."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from registry.errors import Invalid
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.reference import queries
from registry.reference.services import ALWAYS, DICTIONARIES
from registry.residents import queries as residents
from registry.residents import services
from registry.residents.rules import Change
from registry.territories import dictionaries
from registry.territories.queries import by_code
from tests import factories
from tests.factories import NOW
from tests.pages import Page, PageClient
from tests.residents.test_views import FORM

TYPES = "participant_types"


def put(
    name: str,
    code: str,
    called: str = "Өз аты",
    *,
    territory: str | None = None,
    valid_from: date = ALWAYS,
    valid_to: date | None = None,
    **more: str,
) -> None:
    """What an administrator's file says of a code."""
    key = (code, by_code(territory).id if territory else None, valid_from)
    row = {DICTIONARIES[name][0]: code, "kk": called, "ru": called, "en": called, **more}
    act = {"act_no": None, "act_date": None, "now": NOW - timedelta(days=30)}
    with transaction():
        dictionaries.keep_code(SYSTEM, name, key, row, valid_to=valid_to, **act)


def options(page: Page, name: str) -> dict[str, str]:
    (select,) = [element for element in page.all("select") if element.get("name") == name]
    return {option.get("value", ""): "".join(option.itertext()).strip() for option in select.iter("option")}


@pytest.fixture
def staff(database: Flask) -> PageClient:
    client = PageClient(database)
    client.sign_in("staff")
    return client


def test_a_code_of_one_territory_is_offered_there(database: Flask, staff: PageClient) -> None:
    put(TYPES, "accelerator", "Акселератор", territory="NU")
    page = staff.get("/residents/new")
    assert options(page, "participant_type")["accelerator"] == "Акселератор"
    refused = staff.submit(page, FORM | {"territory": "YAFI", "participant_type": "accelerator"}, expect=422)
    assert "accelerator is not a valid code" in refused
    staff.submit(page, FORM | {"participant_type": "accelerator"}, containing="bin", follow=True)
    (record,) = residents.records(SYSTEM)
    assert "Акселератор" in staff.get("/residents", query={"type": "accelerator"})
    assert "Акселератор" in staff.get(f"/residents/{record.id}")
    elsewhere = factories.resident(factories.bin_number(2), territory="YAFI")
    offered = [options(staff.get(f"/residents/{key}/amend"), "participant_type") for key in (record.id, elsewhere.id)]
    assert ["accelerator" in codes for codes in offered] == [True, False]


def test_a_code_of_the_records_own_day_is_offered(database: Flask, staff: PageClient) -> None:
    own = {"en": "production enterprise"}
    put(TYPES, "production", "Өндіріс", valid_to=date(2026, 6, 30), **own)
    page = staff.get("/residents/new")
    staff.submit(page, FORM | {"registered_on": "01.07.2026"}, containing="bin", expect=422)
    staff.submit(page, FORM | {"registered_on": "01.05.2026"}, containing="bin", follow=True)
    assert [record.participant_type for record in residents.records(SYSTEM)] == ["production"]
    later = factories.resident(factories.bin_number(2), registered_on=date(2026, 7, 1))
    assert "production" not in options(staff.get(f"/residents/{later.id}/amend"), "participant_type")


def test_a_ground_is_that_of_the_territory(database: Flask, staff: PageClient) -> None:
    put("status_grounds", "agreement", territory="NU", applies_to="suspended")
    here, there = factories.resident(), factories.resident(factories.bin_number(2), territory="YAFI")
    offered = [options(staff.get(f"/residents/{entry.id}/status/excluded"), "ground") for entry in (here, there)]
    assert ["agreement" in codes for codes in offered] == [False, True]
    day = date(2026, 3, 1)
    with pytest.raises(Invalid) as refused, transaction():
        services.change_status(SYSTEM, here, change=Change.EXCLUDED, effective_on=day, ground="agreement", now=NOW)
    assert [name for name, _message in refused.value.problems] == ["ground"]


def test_the_page_of_a_dictionary_lists_the_codes_of_territories(database: Flask) -> None:
    client = PageClient(database)
    client.sign_in("admin")
    page = client.get("/settings/dictionaries/participant_types")
    assert "Territory" not in ["".join(cell.itertext()) for cell in page.all("th")]
    put(TYPES, "accelerator", "Акселератор", territory="NU", valid_to=date(2035, 12, 31))
    page = client.get("/settings/dictionaries/participant_types")
    assert "Акселератор" in page
    assert by_code("NU").name_en in ["".join(cell.itertext()) for cell in page.all("td")]
    assert "31 Dec 2035" in page.text.replace("\N{NO-BREAK SPACE}", " ")


def test_a_territorys_own_name_is_taken_there(database: Flask) -> None:
    put(TYPES, "production", "Зауыт", territory="NU")
    place = by_code("NU").id
    assert queries.name(TYPES, "production", "kk", territory_id=place) == "Зауыт"
    assert queries.name(TYPES, "production", "kk") != "Зауыт"


@pytest.mark.parametrize("name", sorted(DICTIONARIES))
def test_what_ships_is_offered_once_in_its_order(app: Flask, name: str) -> None:
    codes = [code for code, _called in queries.offered_codes(name)]
    assert codes[: len(queries.entries(name))] == [row.code for row in queries.entries(name)]
    assert sorted(codes) == sorted({row.code for row in queries.current(name)})
