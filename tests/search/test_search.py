"""One search over all registers: what is found, by what, by whom, and where it leads."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import services as accounts
from registry.app import FINDERS
from registry.infra import paging
from registry.infra.access import SYSTEM
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.residents import services as residents
from registry.residents.models import Resident
from tests import factories, people
from tests.contracts import made
from tests.factories import NOW, bin_number
from tests.pages import Page, PageClient, element_text
from tests.papers import world as papers
from tests.patents.conftest import recorded
from tests.reports import ready


@pytest.fixture
def arka(app: Flask) -> Resident:
    """A company of NU with a contract, a patent and a report."""
    company = made.resident(registered_on=date(2025, 1, 10))
    made.contract(company, "NU-2026/017")
    recorded()
    ready.submitted(company)
    return company


def found(page: Page) -> dict[str, list[str]]:
    """The titles found by the heading of their register."""
    groups = {}
    for section in page.all("section", class_="hits"):
        links = [link for item in section.iter("li") for link in item.iter("a")]
        groups[element_text(next(section.iter("h2")))] = [element_text(link) for link in links]
    return groups


def renamed(company: Resident, **names: str) -> None:
    with transaction():
        residents.amend_resident(SYSTEM, company, values=names, effective_on=date(2026, 3, 1), now=NOW)


@pytest.mark.parametrize(
    "words", ["арка", "АРҚА", "arka", "рка", "250240991048", "250 240 991 048", "БИН 2502 4099 1048"]
)
def test_a_company_is_found_by_any_piece_in_any_script(client: PageClient, arka: Resident, words: str) -> None:
    client.sign_in("staff")
    page = client.get(f"/search?q={words}&all=1")
    groups = found(page)
    assert groups["Participants"] == ["ТОО «Арка»"]
    assert groups["Contracts"] == ["NU-2026/017"]
    assert groups["Patents"] == ["Способ получения изотопа"]
    assert groups["Reports"] == ["Q3 2026"]


def test_each_register_says_how_many_and_leads_to_all_of_them(client: PageClient, arka: Resident) -> None:
    for number in range(1, 8):
        made.contract(arka, f"Ш-{number}")
    client.sign_in("staff")
    page = client.get("/search?q=арка")
    assert len(found(page)["Contracts"]) == 5
    address = page.links()["All 8 in the list"]
    assert len(client.get(address).all("input", name="mark")) == 8


def test_what_is_found_says_by_what(client: PageClient, arka: Resident) -> None:
    renamed(arka, name_kk="«Жаңа» ЖШС", name_ru="ТОО «Новая»")
    client.sign_in("staff")
    page = client.get("/search?q=арка")
    assert found(page)["Participants"] == ["ТОО «Новая»"]
    reasons = [element_text(each) for each in page.all("div", class_="hit-why")]
    assert "Formerly: ТОО «Арка»" in reasons or "Formerly: «Арқа» ЖШС" in reasons
    page = client.get("/search?q=лаборатория")
    assert "Subject in Russian: Лаборатория" in page
    # What the title shows needs no reason.
    assert not client.get("/search?q=новая").all("div", class_="hit-why")[:1] or "Formerly" not in client.get(
        "/search?q=новая"
    )


@pytest.mark.parametrize(
    ("words", "register", "title"),
    [
        ("NU-2026/017", "Contracts", "NU-2026/017"),
        ("2026 17", "Contracts", "NU-2026/017"),
        ("nu 2026 17", "Contracts", "NU-2026/017"),
        ("KZ 36123", "Patents", "Способ получения изотопа"),
        ("2024/0123.1", "Patents", "Способ получения изотопа"),
        ("изотоп", "Patents", "Способ получения изотопа"),
        ("арка 3 кв. 2026", "Reports", "Q3 2026"),
        ("III тоқсан 2026", "Reports", "Q3 2026"),
        ("2026-3", "Reports", "Q3 2026"),
    ],
)
def test_numbers_in_pieces_and_quarters(
    client: PageClient, arka: Resident, words: str, register: str, title: str
) -> None:
    client.sign_in("staff")
    assert title in found(client.get("/search", query={"q": words, "all": "1"}))[register]


@pytest.mark.parametrize("words", ["арка 2 кв. 2026", "2025-3", "арка IV 2026"])
def test_another_quarter_is_not_found(client: PageClient, arka: Resident, words: str) -> None:
    client.sign_in("staff")
    assert "Reports" not in found(client.get("/search", query={"q": words}))


def test_a_paper_is_found_with_and_without_separators(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    papers.print_quickly(monkeypatch)
    factories.resident(people.COMPANY_BIN)
    document = papers.issued("extract")
    client.sign_in("staff")
    plain = document.number.replace("-", "").lower()
    for words in (document.number, plain, document.number.replace("-", " "), "ext 2026 1", document.number[:-3]):
        groups = found(client.get("/search", query={"q": words, "all": "1"}))
        assert groups.get("Documents") == [document.number], words
    assert "Documents" not in found(client.get("/search?q=ext 2026 2"))


def test_the_one_record_of_a_number_opens_at_once(client: PageClient, arka: Resident) -> None:
    client.sign_in("staff")
    place = f"/residents/{arka.id}"
    assert client.get_response("/search?q=250240991048", expect=302).headers["Location"] == place
    assert client.get_response(f"/search?q={arka.register_no.lower()}", expect=302).headers["Location"] == place
    # Cyrillic letters that look the same.
    assert "/contracts/" in client.get_response("/search?q=NU-2026/017", expect=302).headers["Location"]
    # A short number may be a piece of another one; a piece is no number; a company with two entries is a question.
    assert client.get_response("/search?q=36123").status_code == 200
    assert client.get_response("/search?q=25024099104").status_code == 200
    factories.resident(people.COMPANY_BIN, territory="YAFI")
    assert found(client.get("/search?q=250240991048"))["Participants"] == ["ТОО «Арка»", "ТОО «Үлгі-1048»"]


def test_the_record_of_a_number_stands_first(client: PageClient, arka: Resident) -> None:
    for number in range(1, 9):
        made.contract(arka, f"7/{number}", signed_on=date(2026, 2, 1), starts_on=date(2026, 2, 1))
    made.contract(arka, "7")
    client.sign_in("staff")
    contracts = found(client.get("/search?q=7"))["Contracts"]
    assert contracts[0] == "7"
    assert len(contracts) == 5


def test_accounts_are_found_by_those_who_look_after_them(client: PageClient, arka: Resident) -> None:
    client.sign_in("admin")
    assert found(client.get("/search?q=audit"))["Users"] == ["Auditor"]
    client.sign_out()
    client.sign_in("staff")
    assert "Users" not in found(client.get("/search?q=audit"))
    client.sign_out()
    client.sign_in("auditor")
    assert "Users" not in found(client.get("/search?q=resid"))


def test_a_resident_finds_only_its_own(client: PageClient, arka: Resident) -> None:
    other = made.resident(bin_number(3), name_kk="«Арқан» ЖШС", name_ru="ТОО «Аркан»")
    made.contract(other, "NU-2026/018")
    client.sign_in("resident")
    groups = found(client.get("/search?q=арка"))
    assert groups["My company"] == ["ТОО «Арка»"]
    assert groups["Contracts"] == ["NU-2026/017"]
    assert found(client.get("/search?q=аркан")) == {}
    assert "Аркан" not in client.get_response("/search/hits?q=арка").get_data(as_text=True)
    assert "Аркан" not in client.get_response("/search/pick/company?q=арка").get_data(as_text=True)


def test_another_territory_is_neither_found_nor_offered(client: PageClient, arka: Resident) -> None:
    foreign = factories.resident(bin_number(5), territory="KURCHATOV", name_kk="«Арқа-К»", name_ru="«Арка-К»")
    made.contract(foreign, "K-2026/001")
    with transaction():
        accounts.add_user(
            SYSTEM, login="nu", role="staff", name="NU", password=people.PASSWORD, company_bin=None,
            territories=[arka.territory], now=utc_now(),
        )  # fmt: skip
    client.sign_in("nu")
    for address in ("/search?q=арка", "/search/hits?q=арка", "/search/pick/company?q=арка", "/search?q=K-2026/001"):
        text = client.get_response(address).get_data(as_text=True)
        assert "Арка-К" not in text
        assert "K-2026/001</a>" not in text


def test_the_chosen_territory_is_said_and_can_be_left(client: PageClient, arka: Resident) -> None:
    factories.resident(bin_number(5), territory="KURCHATOV", name_kk="«Арқа-К»", name_ru="«Арка-К»")
    client.sign_in("staff")
    page = client.get("/search?q=арка&territory=KURCHATOV")
    assert found(page)["Participants"] == ["«Арка-К»"]
    assert "territory=KURCHATOV" in page.links()["All 1 in the list"]
    everywhere = page.links()["Search all territories"]
    assert len(found(client.get(everywhere))["Participants"]) == 2


@pytest.mark.parametrize("words", ["%", "_", "'\"<>&", "…", "zqxw" * 2000, "\u200b", "№ ", "<script>", "- - -"])
def test_odd_signs_and_long_texts_answer_cleanly(client: PageClient, arka: Resident, words: str) -> None:
    client.sign_in("admin")
    for address in ("/search", "/search/hits", "/search/pick/company"):
        answer = client._open("GET", address, {}, query_string={"q": words})
        assert answer.status_code == 200, (address, words)
    page = client.get("/search", query={"q": words})
    assert found(page) == {}
    if len(words) > 1000:
        assert "Only the first 30 words and 1000 characters were searched for" in page


def test_signs_that_cannot_be_kept_are_refused(client: PageClient) -> None:
    client.sign_in("staff")
    assert client._open("GET", "/search?q=a%00b", {}).status_code == 422


def test_what_is_found_is_counted_as_far_as_anybody_looks(
    client: PageClient, arka: Resident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNTED", 3)
    monkeypatch.setattr("registry.infra.finder.COUNTED", 3)
    for number in range(1, 8):
        made.contract(arka, f"Ш-{number}")
    client.sign_in("staff")
    assert "All 3+ in the list" in client.get("/search?q=арка")


def test_hits_while_typing_have_nothing_the_page_has_not(client: PageClient, arka: Resident) -> None:
    client.sign_in("staff")
    answer = client.get_response("/search/hits?q=арка").get_data(as_text=True)
    page = client.get("/search?q=арка")
    assert answer.count('role="option"') == 5
    for titles in found(page).values():
        for title in titles:
            assert title.replace("Q3 ", "Q3\xa0") in answer
    assert 'role="option"' not in client.get_response("/search/hits?q=а").get_data(as_text=True)


def test_statements_do_not_grow_with_what_is_found(database: Flask) -> None:
    def statements(client: PageClient) -> int:
        count = 0

        def one_more(*_about: object) -> None:
            nonlocal count
            count += 1

        sa.event.listen(db.engine, "before_cursor_execute", one_more)
        try:
            client.get_response("/search?q=арка&all=1")
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", one_more)
        return count

    client = PageClient(database)
    company = made.resident()
    made.contract(company)
    ready.submitted(company)
    client.sign_in("staff")
    statements(client)
    before = statements(client)
    for number in range(1, 9):
        other = made.resident(bin_number(number), name_kk=f"«Арқа-{number}» ЖШС", name_ru=f"ТОО «Арка-{number}»")
        made.contract(other, f"А-{number}")
    assert statements(client) == before


def test_every_list_of_registers_is_searched(app: Flask) -> None:
    assert [finder.listing.name for finder in FINDERS] == [
        "residents", "contracts", "patents", "reports", "documents", "users",
    ]  # fmt: skip


def test_the_keys_have_a_page(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("/shortcuts")
    assert "To the contracts" in page
    assert page.heading == "Keys"
