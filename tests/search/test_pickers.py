"""Companies chosen in forms by a piece of their name: looked up when the form is sent, where nothing was offered."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts.models import User
from registry.contracts.models import Contract
from registry.infra import picking
from registry.infra.db import db
from registry.patents import queries as patents
from registry.residents.models import Resident
from tests import factories, people
from tests.contracts import made
from tests.factories import bin_number
from tests.pages import Page, PageClient, element_text

CONTRACT = {"kind": "lease", "number": "Ш-1", "signed_on": "15.01.2026", "starts_on": "15.01.2026"}
PATENT = {
    "kind": "invention", "office": "KZ", "title_no": "36123", "filed_on": "01.03.2024", "registered_on": "01.02.2026",
    "published_on": "15.02.2026", "name_kk": "Тәсіл", "name_ru": "Способ",
}  # fmt: skip


@pytest.fixture
def companies(app: Flask) -> list[Resident]:
    first = made.resident(people.COMPANY_BIN, name_kk="«Арқа» ЖШС", name_ru="ТОО «Арка»")
    second = made.resident(bin_number(2), name_kk="«Арқан» ЖШС", name_ru="ТОО «Аркан»")
    return [first, second]


def offered(page: Page) -> list[str]:
    """What the radio buttons under a field say."""
    return [
        element_text(item) for item in page.all("label", class_="form-check-label") if "choice" in item.get("for", "")
    ]


def parties() -> list[str]:
    return [row.resident.bin for row in db.session.scalars(sa.select(Contract).order_by(Contract.id))]


def test_one_company_that_fits_is_taken(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("staff")
    client.submit(client.get("/contracts/new"), {**CONTRACT, "bin": "arkan"}, containing="number", follow=True)
    assert parties() == [companies[1].bin]


def test_of_several_one_is_chosen_and_nothing_is_lost(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("staff")
    typed = {**CONTRACT, "bin": "арка"}
    page = client.submit(client.get("/contracts/new"), typed, containing="number", expect=422)
    assert "Several fit what you typed. Choose one of them." in page
    assert any("ТОО «Арка»" in each and people.COMPANY_BIN in each for each in offered(page))
    assert len(offered(page)) == 3
    assert page.fields()["number"] == "Ш-1"
    assert page.fields()["bin"][0] == "арка"
    again = client.submit(page, {**CONTRACT, "bin": ["арка", ""]}, containing="number", expect=422)
    assert len(offered(again)) == 3
    client.submit(again, {**CONTRACT, "bin": ["арка", people.COMPANY_BIN]}, containing="number", follow=True)
    assert parties() == [people.COMPANY_BIN]


def test_what_was_chosen_comes_back_with_other_errors(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("staff")
    typed = {**CONTRACT, "number": "", "bin": ["арка", people.COMPANY_BIN]}
    page = client.submit(client.get("/contracts/new"), typed, containing="number", expect=422)
    assert page.fields()["bin"] == people.COMPANY_BIN
    assert offered(page) == []
    typed["bin"] = "arkan"
    page = client.submit(client.get("/contracts/new"), typed, containing="number", expect=422)
    # The label of what was taken, which is read again.
    assert page.fields()["bin"] == f"LLP «Arkan» · {bin_number(2)}" or bin_number(2) in page.fields()["bin"]
    client.submit(page, {**CONTRACT, "bin": page.fields()["bin"]}, containing="number", follow=True)
    assert parties() == [bin_number(2)]


def test_nothing_that_fits_is_said_at_the_field(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("staff")
    page = client.submit(client.get("/contracts/new"), {**CONTRACT, "bin": "жоқ"}, containing="number", expect=422)
    assert "Nothing in the register fits." in page
    assert page.fields()["bin"] == "жоқ"
    page = client.submit(
        client.get("/contracts/new"), {**CONTRACT, "bin": bin_number(9)}, containing="number", expect=422
    )
    assert f"There is no participant with the BIN {bin_number(9)}." in page


def test_a_company_of_several_territories_needs_one_named(client: PageClient, companies: list[Resident]) -> None:
    factories.resident(people.COMPANY_BIN, territory="YAFI")
    client.sign_in("staff")
    typed = {**CONTRACT, "bin": people.COMPANY_BIN}
    page = client.submit(client.get("/contracts/new"), typed, containing="number", expect=422)
    assert "has entries in several territories (NU, YAFI)" in page or "(YAFI, NU)" in page
    client.submit(page, {**typed, "territory": "YAFI"}, containing="number", follow=True)
    assert parties() == [people.COMPANY_BIN]


def test_an_account_and_a_paper_take_a_name_too(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("admin")
    typed = {"login": "new@example.kz", "role": "resident", "company_bin": "аркан"}
    client.submit(client.get("/users/invite"), typed, containing="login", follow=True)
    assert db.session.scalars(sa.select(User.company_bin).where(User.login == "new@example.kz")).one() == bin_number(2)
    page = client.submit(
        client.get("/documents/new?kind=extract"), {"resident": "арка"}, containing="resident", expect=422
    )
    assert len(offered(page)) == 3


def test_a_holder_may_be_outside_the_register_and_is_asked_about(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("staff")
    typed = {**PATENT, "holders-0-holder": "Аркан", "holders-1-holder": "Кто-то иной"}
    page = client.submit(client.get("/patents/new"), typed, containing="title_no", expect=422)
    assert "This is, or resembles, the name of a participant." in page
    assert [each for each in offered(page) if bin_number(2) in each]
    typed["holders-0-holder"] = ["Аркан", bin_number(2)]  # type: ignore[assignment]
    client.submit(page, typed, containing="title_no", follow=True)
    (record,) = patents.records(people.viewer("staff"))
    assert record.holders == f"{bin_number(2)};Кто-то иной"


def test_a_chosen_label_is_read_as_its_number() -> None:
    choice = picking.Choice("250240991048", "ТОО «А · Б»", "NU")
    assert picking.number_in(choice.label) == "250240991048"
    for text in ("250240991048", "А · Б и В", " · 1", ""):
        assert picking.number_in(text) is None


def test_a_form_holds_no_list_of_companies(client: PageClient, companies: list[Resident]) -> None:
    client.sign_in("admin")
    for address in ("/contracts/new", "/patents/new", "/users/invite", "/documents/new?kind=extract"):
        page = client.get(address)
        assert "Арка" not in page.html
        assert [item for item in page.all("input") if item.get("data-pick") == "/search/pick/company"]
    answer = client.get_response("/search/pick/company?q=арка").get_data(as_text=True)
    assert answer.count('role="option"') == 2
    assert client._open("GET", "/search/pick/nothing?q=арка", {}).status_code == 404
