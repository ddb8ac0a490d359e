"""Pages of import and export, read by the client in every language."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import openpyxl
import pytest
from flask import Flask

from registry.exchange import queries
from registry.exchange.rules import Kind
from registry.infra.access import SYSTEM
from tests.exchange.made import BIN, OTHER, csv_file, exported, row, take, xlsx_file
from tests.factories import bin_number
from tests.pages import Page, PageClient
from tests.people import COMPANY_BIN


def send(client: PageClient, kind: str, content: bytes, name: str = "file.csv", expect: int = 200) -> Page:
    page = client.get("exchange.index")
    form = page.form("file")
    return client.post(form.get("action"), {"kind": kind, "file": (io.BytesIO(content), name)}, expect=expect)


def read(client: PageClient, address: str) -> list[dict[str, str]]:
    response = client.get_response(address)
    assert response.headers["Content-Disposition"].startswith("attachment; filename=")
    return list(csv.DictReader(io.StringIO(response.get_data().decode(), newline="")))


def speak(client: PageClient, login: str, language: str) -> None:
    """Sign in and switch to a language."""
    client.language = None
    client.sign_in(login)
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_in_each_language(client: PageClient, language: str) -> None:
    for login in ("staff", "auditor", "resident"):
        speak(client, login, language)
        page = client.get("exchange.index")
        assert bool(page.all("input", type="file")) == (login == "staff")
        client.sign_out()


def test_a_file_is_checked_and_then_imported(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", csv_file([row("residents"), row("residents", bin=OTHER)]), "үлгі.csv")
    assert "residents" not in page.title
    assert exported("residents") == []
    done = client.submit(page, containing="upload", follow=True, expect=200)
    assert "2 rows imported" in done.text
    assert len(exported("residents")) == 2
    # What was imported is kept no longer.
    assert not list((app.config["SETTINGS"].data_dir / "uploads").rglob(str(page.fields()["upload"])))


def test_a_spreadsheet_too(app: Flask, client: PageClient) -> None:
    client.sign_in("admin")
    names = list(row("residents"))
    page = send(client, "residents", xlsx_file([names, list(row("residents").values())]), "residents.xlsx")
    client.submit(page, containing="upload")
    assert len(exported("residents")) == 1


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_errors_are_a_table(client: PageClient, language: str) -> None:
    speak(client, "staff", language)
    page = send(client, "residents", csv_file([row("residents", oked="1"), row("residents", bin=BIN[:11])]), expect=422)
    cells = [["".join(cell.itertext()) for cell in line.iter("td")] for line in page.all("tr")]
    assert [line[:2] for line in cells if line] == [["2", "oked"], ["3", "bin"]]
    assert not [form for form in page.all("form") if any(e.get("name") == "upload" for e in form.iter())]
    assert exported("residents") == []


def test_many_errors_are_cut(client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", csv_file([row("residents", bin=str(number)) for number in range(600)]), expect=422)
    assert len(page.all("tr")) == 1 + 20
    assert "600 errors" in page.text
    assert "580 more like “599 is not twelve digits”" in page.text


def test_warnings_are_shown_before_the_import(client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", csv_file([row("residents", accreditation_until="2020-01-01")]))
    assert "accreditation_until" in page.text
    assert page.form("upload") is not None


def test_a_form_without_file_or_kind(client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("exchange.index")
    page = client.post(page.form("file").get("action"), {"kind": ""}, expect=422)
    assert page.all("div", class_="error-summary")


def test_a_file_no_longer_kept(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", csv_file([row("residents")]))
    for path in (app.config["SETTINGS"].data_dir / "uploads").rglob("?" * 64):
        path.unlink()
    page = client.submit(page, containing="upload", follow=True, expect=200)
    assert "no longer kept" in page.text
    client.post("/exchange/import", {"kind": "residents", "name": "x", "upload": "../../registry.db"}, expect=400)
    assert exported("residents") == []


def test_one_persons_upload_is_not_anothers(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    sent = send(client, "residents", csv_file([row("residents")])).fields()
    client.sign_out()
    client.sign_in("admin")
    client.get("exchange.index")
    values = {name: sent[name] for name in ("kind", "name", "upload")}
    client.post("/exchange/import", values, expect=302)
    assert exported("residents") == []


def test_who_may_not_import(client: PageClient) -> None:
    for login in ("auditor", "resident"):
        client.sign_in(login)
        client.get("exchange.index")
        client.post("/exchange/check", {"kind": "residents"}, expect=403)
        client.post("/exchange/import", {}, expect=403)
        client.get("exchange.template", kind="residents", expect=403)
        client.sign_out()


def test_a_template_speaks_the_readers_language(client: PageClient) -> None:
    speak(client, "staff", "ru")
    response = client.get_response("exchange.template", kind="report-lines")
    book = openpyxl.load_workbook(io.BytesIO(response.get_data()))
    cells = list(book.worksheets[0].iter_rows(values_only=True))
    assert cells[0][:3] == ("territory", "bin", "year")
    assert len(cells) == 2
    client.get("/exchange/templates/people.xlsx", expect=404)


def test_an_export_from_the_form(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER, territory="YAFI", registered_on="2026-03-02"))
    client.sign_in("auditor")
    everything = read(client, "/exchange/export?kind=residents&format=csv&territory=")
    assert everything == exported("residents")
    assert len(read(client, "/exchange/export?kind=residents&format=csv&territory=NU")) == 1
    assert len(read(client, "/exchange/export?kind=residents&format=csv&territory=&as_of=01.03.2026")) == 1
    assert len(read(client, "/exchange/export?kind=residents&format=csv&as_of=2026-03-02")) == 2
    assert read(client, "/exchange/export?kind=residents&format=csv&known_at=2020-01-01") == []
    assert client.get_response("/exchange/export?kind=residents&format=xlsx").get_data()[:2] == b"PK"


@pytest.mark.parametrize(
    "query",
    [
        "",
        "?kind=people&format=csv",
        "?kind=residents&format=csv&as_of=soon",
        "?kind=residents&format=csv&known_at=soon",
        "?kind=residents&format=ods",
    ],
)
def test_an_export_that_cannot_be(client: PageClient, query: str) -> None:
    client.sign_in("staff")
    page = client.get(f"/exchange/export{query}", expect=422)
    assert page.response.mimetype == "text/html"
    assert page.all("div", class_="error-summary")


def test_no_file_is_made_for_a_filter_that_cannot_be_read(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"))
    client.sign_in("auditor")
    away = client.get_response("/exchange/export?kind=residents&format=csv&from=31.06.2026&_anchor=x", expect=302)
    page = client.get(away.location)
    assert "“Registered from”: enter a date such as 31.12.2026." in page
    assert page.all("input", id="filter-from")[0].get("value") == "31.06.2026"
    assert len(read(client, "/exchange/export?kind=residents&format=csv&from=01.01.2020")) == 1


def test_a_lists_links_export_what_it_shows(app: Flask, client: PageClient) -> None:
    take("residents", row("residents", name_ru="ТОО «Альфа»"), row("residents", bin=OTHER, name_ru="ТОО «Бета»"))
    take("status-changes", row("status-changes"))
    take("contracts", row("contracts"), row("contracts", number="NU-2", kind="land", bin=OTHER))
    take("patents", row("patents"), row("patents", title_no="900002", application_no="", kind="utility_model"))
    take("report-lines", row("report-lines"), row("report-lines", quarter="2"), row("report-lines", bin=OTHER))
    client.sign_in("staff")
    cases = {
        "/residents?search=альфа": 1, "/residents?status=suspended": 1, "/residents?status=excluded": None,
        "/residents": 2, "/contracts?type=land": 1, "/contracts": 2, "/patents?type=utility_model": 1,
        "/patents?office=EA": None, "/reports?quarter=2": 1, "/reports?search=Бета": 1, "/reports": 3,
    }  # fmt: skip
    for address, count in cases.items():
        links = [link for text, link in client.get(address).links().items() if text == "CSV"]
        if count is None:
            assert not links, address
            continue
        assert len(read(client, links[0])) == count, address


def test_a_resident_gets_its_own_rows(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"), row("residents", bin=COMPANY_BIN))
    client.sign_in("resident")
    assert [item["bin"] for item in read(client, "/exchange/export?kind=residents&format=csv")] == [COMPANY_BIN]
    assert [item["bin"] for item in read(client, "/exchange/export?kind=residents&format=csv&territory=YAFI")] == [
        COMPANY_BIN
    ]


def test_pages_and_command_give_the_same_bytes(app: Flask, client: PageClient, tmp_path: Path) -> None:
    take("residents", *(row("residents", bin=bin_number(number)) for number in range(1, 4)))
    client.sign_in("staff")
    for kind in Kind:
        queries.export_file(SYSTEM, kind, tmp_path / f"{kind}.csv")
        page = client.get(f"/exchange/export?kind={kind}&format=csv")
        assert page.response.get_data() == (tmp_path / f"{kind}.csv").read_bytes()


def test_the_register_as_of_a_day_is_exported_as_it_is_shown(client: PageClient) -> None:
    """Its search and its second clock hold for its files too."""
    take("residents", row("residents"), row("residents", bin=OTHER, name_kk="«Басқа» ЖШС", name_ru="ТОО «Другое»"))
    client.sign_in("auditor")
    links = client.get("residents.index", query={"date": "31.12.2026", "search": "другое"}).links()
    assert [found["bin"] for found in read(client, links["CSV"])] == [OTHER]
    page = openpyxl.load_workbook(io.BytesIO(client.get_response(links["XLSX"]).data)).worksheets[0]
    assert page.max_row == 2
    assert "as_of=2026-12-31" in links["PDF"]
    assert len(read(client, client.get("residents.index", query={"date": "31.12.2026"}).links()["CSV"])) == 2
    early = "/exchange/export?kind=residents&format=csv&as_of=2026-12-31&known_at=01.01.2026"
    assert read(client, early) == []


def test_the_papers_of_reports_are_one_click_from_their_list(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"))
    take("report-lines", row("report-lines"))
    client.sign_in("auditor")
    line = row("report-lines")
    links = client.get("reports.index", query={"year": line["year"], "quarter": line["quarter"]}).links()
    papers = [href for name, href in links.items() if name.startswith("PDF")]
    assert len(papers) == 2
    for href in papers:
        form = client.get(href)
        assert (form.fields()["year"], form.fields()["quarter"]) == (line["year"], line["quarter"])
    board = [href for name, href in client.get("reports.board").links().items() if name.startswith("PDF")]
    assert ["kind=debtors" in href for href in board] == [True]


def test_pages_show_no_sign_that_is_not_seen(app: Flask, client: PageClient) -> None:
    """Of files: their names, headers and cells, and what messages quote; of filters: what was typed."""
    hidden = "\u202e\u200b\u0098\ufffc\U000e0041"
    client.sign_in("staff")
    pages = [
        send(client, "residents", csv_file([row("residents")]), name=f"f{hidden}x.csv"),
        send(client, "residents", csv_file([row("residents", registered_on=f"в{hidden}чера")]), expect=422),
        send(client, "residents", csv_file([{f"Б{hidden}ИН": f"2{hidden}3", "Имя": f"\x01{hidden}ә"}]), expect=422),
    ]
    client.submit(pages[0], containing="upload", action="/exchange/import")
    pages += [client.get("exchange.index"), client.get("/residents", query={"search": f"ү{hidden}л", "from": hidden})]
    for page in pages:
        assert [sign for sign in page.html if sign in hidden or sign == "\x01"] == []
    assert "fx.csv" in pages[0]
    assert "вчера is not a date" in pages[1]
    assert "БИН" in pages[2]
    assert "fx.csv" in pages[3]
    assert pages[4].all("input", name="search")[0].get("value") == "үл"
