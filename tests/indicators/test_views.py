import csv
import io
import re
from datetime import date
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from flask import Flask

from registry.indicators import queries
from registry.infra.access import SYSTEM
from registry.infra.i18n import LANGUAGES
from registry.territories.queries import by_code
from tests import factories
from tests.factories import bin_number
from tests.indicators.made import UNCOUNTED_TAX, investment, patent, report, revenue, staff, tax
from tests.pages import PageClient, element_text

DAY = "30.09.2026"
AS_OF = date(2026, 9, 30)


@pytest.fixture
def filled(app: Flask) -> Flask:
    for serial, territory in enumerate(("NU", "YAFI"), start=1):
        entry = factories.resident(bin_number(serial), territory=territory)
        for quarter in (1, 2):
            report(
                entry,
                2026,
                quarter,
                tax(235_000_000_00 * quarter),
                tax(9, UNCOUNTED_TAX),
                revenue(1_000_000_000_00),
                investment(325_000_000_01),
                staff(8 * serial + quarter),
            )
    patent("30001", f"{bin_number(1)};{bin_number(2)}")
    return app


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_in_three_languages(filled, client: PageClient, language):
    client.sign_in("staff")
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    page = client.get("indicators.index", query={"as_of": DAY, "year": "2026"})
    assert getattr(queries.INDICATORS[2], f"name_{language}") in page
    assert len([image for image in page.all("img") if "chart" in (image.get("class") or "")]) == 6
    for image in page.all("img", class_="chart"):
        assert len(image.get("alt")) > 60
    for number in (1, 3, 4, 5, 6):
        assert element_text(client.get("indicators.lines", number=number, query={"as_of": DAY}).all("h1")[0])
    client.get("indicators.plan")
    client.get("indicators.plan", query={"territory": "NU"})
    client.get("indicators.external")


def test_actual_target_percent_and_coverage_stand_on_one_line(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index", query={"as_of": DAY, "year": "2026"})
    rows = [element_text(row) for row in page.all("tr")]
    first = next(row for row in rows if row.startswith("1 Tax receipts"))
    assert "KZT 2.35 billion" in first.replace("\u00a0", " ")
    assert "KZT 1.41 billion" in first.replace("\u00a0", " ")
    assert "60.0%" in first
    assert "4 of 6 reports" in first
    assert "not entered" in next(row for row in rows if row.startswith("2 "))


def test_each_number_opens_the_lines_that_add_up_to_it(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index", query={"as_of": DAY, "year": "2026"})
    addresses = {e.get("href") for e in page.all("a") if "/lines?" in e.get("href", "")}
    assert len(addresses) == 5 * 4
    for address in sorted(addresses):
        number = int(re.search(r"/(\d)/lines", address)[1])
        territory = parse_qs(urlsplit(address).query).get("territory", [None])[0]
        found = queries.indicators(
            SYSTEM, year=2026, territory_id=by_code(territory).id if territory else None, as_of=AS_OF
        )[number - 1]
        behind = client.get(address)
        assert not [cell for cell in behind.all("td") if re.search(r"\b[a-z]+_[a-z]+\b", element_text(cell))]
        assert element_text(behind.all("strong")[0]) == "Total: " + (
            f"KZT {found.actual / 100:,.2f}" if found.unit == "KZT" else str(found.actual // 100)
        )
        rows = list(csv.DictReader(io.StringIO(client.get_response(address.replace("/lines?", "/lines.csv?")).text)))
        if number == 6:
            assert 100 * len(rows) == found.actual
        elif number == 3:
            assert 100 * sum(int(row["count"]) for row in rows) == found.actual
        else:
            assert sum(int(row["amount"].replace(".", "")) for row in rows) == found.actual


def test_the_values_are_exported_as_the_page_shows_them(filled, client: PageClient):
    client.sign_in("auditor")
    for query, rows in (({}, 24), ({"territory": "NU"}, 6)):
        page = client.get("indicators.index", query={"as_of": DAY, "year": "2026"} | query)
        links = page.links()
        paper = parse_qs(urlsplit(links["PDF"]).query)
        assert paper["kind"] == ["indicators"]
        assert paper["as_of"] == [AS_OF.isoformat()]
        form = client.get(links["PDF"])
        assert form.fields(form.form("language"))["as_of"] == AS_OF.strftime("%d.%m.%Y")
        text = list(csv.DictReader(io.StringIO(client.get_response(links["CSV"]).text)))
        assert len(text) == rows
        book = openpyxl.load_workbook(io.BytesIO(client.get_response(links["XLSX"]).data))
        header, *cells = [[cell.value for cell in row] for row in book.worksheets[0].iter_rows()]
        assert header == list(text[0])
        for row, values in zip(text, cells, strict=True):
            found = queries.indicators(
                SYSTEM,
                year=2026,
                as_of=AS_OF,
                territory_id=by_code(row["territory"]).id if row["territory"] else None,
            )[int(row["number"]) - 1].as_json()
            assert (row["actual"], row["target"]) == (found["actual"] or "", found["target"] or "")
            assert row["accepted"] == (str(found["coverage"]["accepted"]) if found["coverage"] else "")
            shown = dict(zip(header, values, strict=True))
            assert shown["actual"] == (float(found["actual"]) if found["actual"] else None)
            assert shown["percent"] == (float(found["percent"]) if found["percent"] else None)


def test_the_lines_are_exported_as_a_spreadsheet(filled, client: PageClient):
    client.sign_in("auditor")
    links = client.get("indicators.lines", number=1, query={"as_of": DAY, "year": "2026", "territory": ""}).links()
    page = openpyxl.load_workbook(io.BytesIO(client.get_response(links["XLSX"]).data)).worksheets[0]
    header, *rows = [[cell.value for cell in row] for row in page.iter_rows()]
    total = sum(row[header.index("amount")] for row in rows)
    assert round(total * 100) == queries.indicators(SYSTEM, year=2026, as_of=AS_OF)[0].actual
    assert all(isinstance(row[header.index("bin")], str) for row in rows)


def test_territory_year_and_both_clocks_are_in_the_address(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index", query={"as_of": "31.03.2026", "year": "2026", "territory": "NU"})
    assert "Nazarbayev University" in page
    assert "1 of 1 report" in page
    page = client.get("indicators.index", query={"as_of": DAY, "known": "01.01.2026", "year": "2026", "territory": ""})
    assert "0 of 0 reports" in page
    assert "Enter a date such as" in client.get("indicators.index", query={"as_of": "yesterday"})
    assert client.get("indicators.index", query={"year": "1999", "territory": "MOON", "page": "x"}).heading


@pytest.mark.parametrize("query", ["as_of=31.06.2026", "known=garbage"])
def test_no_file_is_made_for_a_filter_that_cannot_be_read(filled, client: PageClient, query: str):
    client.sign_in("auditor")
    for path in ("values.csv", "values.xlsx", "1/lines.csv", "6/lines.xlsx", "1/chart.svg"):
        away = client.get_response(f"/indicators/{path}?territory=NU&year=2026&{query}", expect=302)
        assert query in away.location
        page = client.get(away.location)
        assert "nter a date such as" in page


def test_the_paper_is_that_of_the_moment_shown(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index", query={"year": "2026", "known": "01.03.2026"})
    link = page.links()["PDF"]
    assert "known_at=2026-03-01" in link
    assert client.get(link).fields(client.get(link).form("known_at"))["known_at"] == "01.03.2026"
    # A paper is asked for by days: of a moment inside one there is none.
    page = client.get("indicators.index", query={"year": "2026", "known": "2026-03-01T10:00:00+05:00"})
    assert "PDF" not in page.links()


def test_the_chart_is_the_same_picture_for_the_same_figures(filled, client: PageClient):
    client.sign_in("auditor")
    first = client.get_response("/indicators/1/chart.svg?territory=&as_of=2026-09-30")
    assert first.mimetype == "image/svg+xml"
    assert first.data == client.get_response("/indicators/1/chart.svg?territory=&as_of=2026-09-30").data
    assert first.data != client.get_response("/indicators/1/chart.svg?territory=NU&as_of=2026-09-30").data
    assert "unsafe-inline" in first.headers["Content-Security-Policy"]
    client.get_response("/indicators/7/chart.svg", expect=404)
    client.get_response("/indicators/2/lines", expect=404)


def test_a_territory_is_given_a_plan(filled, client: PageClient):
    client.sign_in("staff")
    page = client.get("indicators.plan", query={"territory": "NU"})
    assert not [element for element in page.all("input") if (element.get("name") or "").startswith("target_2_")]
    assert len([e for e in page.all("input") if (e.get("name") or "").startswith("target_")]) == 5 * 11
    page = client.submit(
        page, {"target_1_2026": "1 000 000 000,50", "target_6_2026": "3"}, expect=422, containing="act_no"
    )
    assert "Fill in this field." in page
    form = page.fields(page.form(containing="act_no"))
    assert form["target_1_2026"] == "1\u00a0000\u00a0000\u00a0000,50"
    page = client.submit(page, {"act_no": "12", "act_date": "01.02.2026"}, containing="act_no", follow=True)
    assert "2 targets set." in page
    page = client.get("indicators.index", query={"territory": "NU", "year": "2026", "as_of": DAY})
    assert "KZT 1.00 billion" in page.text.replace("\u00a0", " ")
    assert "70.5%" in page
    page = client.get("indicators.plan", query={"territory": "NU"})
    page = client.submit(page, {"act_no": "12", "act_date": "01.02.2026"}, containing="act_no", follow=True)
    assert "Nothing was changed." in page
    page = client.get("indicators.plan", query={"territory": "NU"})
    values = {"target_3_2026": "0", "act_no": "13", "act_date": "01.03.2026"}
    page = client.submit(page, values, containing="act_no", expect=422)
    assert "a target is greater than zero" in page
    # An earlier act changes nothing of today, and the page says so.
    values = {"target_6_2026": "2", "target_6_2027": "4", "act_no": "11", "act_date": "05.01.2026"}
    page = client.get("indicators.plan", query={"territory": "NU"})
    page = client.submit(page, values, containing="act_no", follow=True)
    assert "An act of 1 Feb 2026, which is later, sets these too" in page
    assert "only until that day: Indicator 6, 2026." in page


def test_indicator_2_is_entered_by_hand(filled, client: PageClient):
    client.sign_in("staff")
    page = client.get("indicators.external", query={"year": "2026"})
    page = client.submit(page, {"value": "250", "source": "WIPO"}, containing="edition", expect=422)
    assert "Fill in this field." in page
    page = client.submit(page, {"edition": "GII 2026"}, containing="edition", expect=422)
    assert "a rank is a whole number from 1 to 200" in page
    page = client.submit(page, {"value": "29", "effective_on": "01.10.2026"}, containing="edition", follow=True)
    assert "Indicator 2 for 2026 entered." in page
    assert "Source: WIPO, edition GII 2026" in page
    assert "103.4%" in page
    page = client.get("indicators.external")
    assert "GII 2026" in page
    values = {"year": "2026", "value": "30", "source": "WIPO", "edition": "draft", "effective_on": "01.09.2026"}
    page = client.submit(page, values, containing="edition", follow=True)
    assert "A value published on 1 Oct 2026, which is later, stands for 2026" in page


def test_who_may_do_what(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index")
    assert "Set targets" not in page
    client.get("indicators.plan", expect=403)
    client.get("indicators.external", expect=403)
    client.sign_out()
    client.sign_in("resident")
    for endpoint, values in (
        ("indicators.index", {}),
        ("indicators.lines", {"number": 1}),
        ("indicators.lines_file", {"number": 1, "ending": "csv"}),
        ("indicators.values_file", {"ending": "xlsx"}),
        ("indicators.chart", {"number": 1}),
        ("indicators.plan", {}),
        ("indicators.external", {}),
    ):
        client.get_response(endpoint, expect=403, **values)


def test_a_page_stays_small(filled, client: PageClient):
    client.sign_in("auditor")
    page = client.get("indicators.index", query={"as_of": DAY})
    assert len(page.html.encode()) < 150_000
