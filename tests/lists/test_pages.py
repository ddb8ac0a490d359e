"""A list as people use it: filters, columns, order, both clocks, what it says where there is nothing."""

from __future__ import annotations

import io
from datetime import date, timedelta

import openpyxl
import pytest
from flask import Flask

from registry.infra.access import SYSTEM
from registry.infra.clock import today
from registry.infra.db import transaction
from registry.residents import services as residents
from registry.residents.models import Resident
from registry.residents.rules import Change
from tests import factories, people
from tests.factories import NOW, bin_number
from tests.pages import Page, PageClient, element_text
from tests.reports import ready


def several(count: int = 12) -> list[Resident]:
    return [factories.resident(bin_number(number)) for number in range(1, count + 1)]


def exclude(entry: Resident, day: date) -> None:
    with transaction():
        residents.change_status(
            SYSTEM, entry, change=Change.EXCLUDED, effective_on=day, ground="agreement", decision_no="1",
            decision_date=day, now=NOW,
        )  # fmt: skip


def heads(page: Page) -> list[str]:
    return [element_text(head) for head in page.all("th", scope="col")]


def rows(page: Page) -> int:
    return len(page.all("input", name="mark"))


def book(client: PageClient, address: str) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(client.get_response(address).data))


def table(client: PageClient, address: str) -> list[tuple]:
    return list(book(client, address).worksheets[0].iter_rows(values_only=True))


def test_over_a_few_rows_there_are_no_filters(client: PageClient) -> None:
    several(9)
    client.sign_in("staff")
    assert not client.get("/residents").all("form", role="search")
    several_more = factories.resident(bin_number(10))
    page = client.get("/residents")
    assert page.all("form", role="search")
    assert several_more.register_no in page
    # What applies can always be changed and taken away.
    narrowed = client.get("/residents?status=suspended")
    assert narrowed.all("form", role="search")
    assert rows(narrowed) == 0
    assert "No entry matches these filters." in narrowed


def test_an_empty_list_says_what_belongs_here_and_offers_the_first_action(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("/residents")
    assert "The register is empty." in page
    assert page.links()["Enter a participant in the register"] == "/residents/new"


def test_each_filter_that_applies_is_named_and_can_be_taken_away(client: PageClient) -> None:
    entries = several()
    exclude(entries[0], date(2026, 3, 1))
    client.sign_in("staff")
    page = client.get("/residents?status=excluded&type=innovation_company&from=01.01.2020&sort=-bin")
    assert rows(page) == 1
    applied = next(item for item in page.all("ul") if item.get("class") == "applied")
    said = [element_text(link) for link in applied.iter("a")]
    assert said[0] == "Take this filter away: Status: excluded"
    assert said[1:3] == [
        "Take this filter away: Type of participant: innovation company",
        "Take this filter away: Registered from: 1 Jan 2020",
    ]
    without = next(link.get("href", "") for link in applied.iter("a"))
    assert "status=" not in without
    assert "type=innovation_company" in without
    assert rows(client.get(without)) == len(entries)


def test_columns_are_chosen_and_kept_by_filters(client: PageClient) -> None:
    several()
    client.sign_in("auditor")
    assert heads(client.get("/residents"))[0] == "Name▲"
    page = client.get("/residents?column=legal_form&column=bin&column=nonsense&status=active")
    assert heads(page) == ["Name▲", "BIN / IIN", "Legal form", "Status"]
    search = next(form for form in page.all("form", role="search"))
    assert page.fields(search)["column"] == ["legal_form", "bin"]
    columns = next(form for form in page.all("form") if form.get("class") == "pop" and "column" in page.fields(form))
    assert page.fields(columns)["status"] == "active"


def test_a_long_name_is_there_in_full_and_short_names_say_theirs(client: PageClient) -> None:
    several(1)
    client.sign_in("staff")
    page = client.get("/residents")
    titles = {element_text(cell): cell.get("title") for cell in page.all("td") if cell.get("title")}
    assert titles["innovation"] == "innovation company"
    assert titles["STP NU"] == "Science and Technology Park of Nazarbayev University"


def test_the_list_as_of_a_day_and_as_known_by_one(client: PageClient) -> None:
    entry, other = several(2)
    exclude(entry, date(2026, 3, 1))
    client.sign_in("auditor")
    assert rows(client.get("/residents?date=28.02.2026&status=participants")) == 2
    assert rows(client.get("/residents?date=01.03.2026&status=participants")) == 1
    assert rows(client.get("/residents?date=01.03.2026")) == 2
    before = (NOW - timedelta(days=1)).strftime("%d.%m.%Y")
    assert rows(client.get(f"/residents?known={before}")) == 0
    # What had not begun by the day is not there; the list of today has it.
    earlier = (entry.registered_on - timedelta(days=1)).strftime("%d.%m.%Y")
    assert rows(client.get(f"/residents?date={earlier}")) == 0
    shown = client.get("/residents?date=28.02.2026")
    assert f"/residents/{other.id}?date=28.02.2026" in shown.links().values()


def test_a_file_has_exactly_what_the_list_shows(client: PageClient) -> None:
    entries = several()
    exclude(entries[3], date(2026, 3, 1))
    client.sign_in("staff")
    query = "?status=excluded&column=registered_on&column=participant_type&sort=-bin"
    address = client.get("/residents" + query).links()["Table for reading (XLSX)"]
    first, *others = table(client, address)
    assert first == ("Name", "Type of participant", "Registered", "Status")
    (row,) = others
    assert row[1] == "innovation company"
    assert row[2].date() == entries[3].registered_on
    assert row[3] == "excluded"
    sheets = book(client, address).worksheets
    assert sheets[0].auto_filter.ref == "A1:D2"
    assert ("Status", "excluded") in list(sheets[1].iter_rows(values_only=True))
    # The exchange file of the same list has the same records.
    exchange = client.get_response(client.get("/residents" + query).links()["CSV"]).get_data(as_text=True)
    assert entries[3].bin in exchange
    assert entries[4].bin not in exchange
    # As of the day before, it was among the participants.
    day_before = client.get("/residents?date=28.02.2026&status=active").links()
    assert len(table(client, day_before["Table for reading (XLSX)"])) == 1 + len(entries)
    assert entries[3].bin in client.get_response(day_before["CSV"]).get_data(as_text=True)


def test_marked_rows_are_exported_alone(client: PageClient) -> None:
    entries = several()
    client.sign_in("staff")
    page = client.get("/residents?status=active")
    form = next(form for form in page.all("form") if form.get("action") == "/lists/residents.xlsx")
    assert page.fields(form)["status"] == "active"
    found = table(client, f"/lists/residents.xlsx?status=active&mark={entries[1].id}&mark={entries[5].id}")
    assert {row[1] for row in found[1:]} == {entries[1].bin, entries[5].bin}


def test_a_file_shows_no_more_than_its_reader_sees(client: PageClient) -> None:
    own, foreign = factories.resident(people.COMPANY_BIN), factories.resident(bin_number(2))
    client.sign_in("resident")
    found = table(client, f"/lists/residents.xlsx?mark={own.id}&mark={foreign.id}")
    assert [row[1] for row in found[1:]] == [own.bin]
    client.get("/lists/nothing.xlsx", expect=404)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_list_in_every_language(client: PageClient, language: str) -> None:
    several()
    client.sign_in("staff")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    day = today().strftime("%d.%m.%Y")
    assert rows(client.get(f"/residents?date={day}&known={day}&search=NU&sort=-registered_on")) == 12


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("status=gone", "“Status”: choose one of the values offered."),
        ("to=31.02.2026", "“Registered to”: enter a date such as 31.12.2026."),
        ("known=yesterday", "“As known by the end of”: enter a date such as 31.12.2026."),
    ],
)
def test_what_cannot_be_read_is_said_and_no_file_is_made_for_it(client: PageClient, query: str, said: str) -> None:
    several()
    client.sign_in("staff")
    page = client.get(f"/residents?{query}")
    assert said in page
    assert rows(page) == 12
    (wrong,) = [field for kind in ("input", "select") for field in page.all(kind, aria_invalid="true")]
    assert wrong.get("aria-describedby") == "list-problems"
    for address in (f"/lists/residents.xlsx?{query}", f"/exchange/export?kind=residents&format=csv&{query}"):
        assert query in client.get_response(address, expect=302).location


def test_what_no_list_has_is_passed_over(client: PageClient) -> None:
    several()
    client.sign_in("staff")
    page = client.get("/residents?sort=-nothing&column=nothing&mark=x&page=y&nothing=z")
    assert rows(page) == 12
    assert heads(page)[0] == "Name▲"
    client.get_response("/lists/residents.xlsx?sort=nothing&column=nothing&mark=x")


def test_late_reports_are_rows_without_a_report(
    client: PageClient, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = factories.resident(bin_number(1))
    ready.period()
    monkeypatch.setattr("registry.infra.list_page.today", lambda: date(2026, 11, 26))
    client.sign_in("staff")
    page = client.get("/reports?status=late")
    assert heads(page) == ["Quarter", "Name", "BIN / IIN", "Territory", "Due", "Days overdue", "Status"]
    (mark,) = page.all("input", name="mark")
    found = table(client, f"/lists/reports.xlsx?status=late&mark={mark.get('value')}")
    assert [row[1:3] for row in found[1:]] == [(entry.name_ru, entry.bin)]
    assert len(table(client, "/lists/reports.xlsx?status=late&mark=1")) == 1
    lines = client.get_response("/exchange/export?kind=report-lines&format=csv&status=late").get_data(as_text=True)
    assert lines.count("\n") == 1


def test_marked_reports_are_exported_with_their_lines(client: PageClient, app: Flask) -> None:
    accepted = [ready.stored(factories.resident(bin_number(number))) for number in (1, 2)]
    client.sign_in("staff")
    marked = f"mark={accepted[0].id}"
    lines = client.get_response(f"/exchange/export?kind=report-lines&format=csv&{marked}").get_data(as_text=True)
    assert accepted[0].resident.bin in lines
    assert accepted[1].resident.bin not in lines
    assert [row[2] for row in table(client, f"/lists/reports.xlsx?{marked}")[1:]] == [accepted[0].resident.bin]


def test_a_list_that_is_not_open_gives_no_file(client: PageClient) -> None:
    client.sign_in("auditor")
    client.get("/lists/users.xlsx", expect=404)
    client.get("/lists/users/save", expect=404)
    client.sign_out()
    client.sign_in("staff")
    found = table(client, "/lists/users.xlsx?role=resident&column=login")
    assert found[0] == ("Full name", "Login", "State")
    assert {row[1] for row in found[1:]} == {"resident"}


ODD = (
    "page=99999999999999999999", "sort=-", "sort=--name&column=&column=bin&column=bin", "mark=99999999999999999999",
    "known=2026-10-05T12:00:00%2B05:00", "date=01.01.0001&known=01.01.9999", "year=999999999999&quarter=-1",
    "type=%27&status=%00&office=%F0%9F%92%BE&kind=x&only=y&role=z&language=xx&ends=1e9",
    "search=%25_%5C&q=%25&number=%25",
    "territory=nowhere&since=32.13.2026&until=x",
)  # fmt: skip


@pytest.mark.thorough
def test_no_list_breaks_by_its_address(client: PageClient, app: Flask) -> None:
    several(2)
    client.sign_in("admin")
    for listing in app.extensions["lists"].values():
        path = app.url_map.bind("localhost").build(listing.endpoint)
        for query in ODD:
            for address in (f"{path}?{query}", f"/lists/{listing.name}.csv?{query}"):
                answer = client._open("GET", address, {})
                assert answer.status_code < 500, address
        for column in listing.columns:
            assert rows(client.get(f"{path}?sort=-{column.name}&column={column.name}")) >= 0
