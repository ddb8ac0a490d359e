"""The journal's pages."""

import csv
import io
from datetime import date

import openpyxl
import pytest

from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.journal.queries import head
from registry.residents import services as residents
from tests import factories
from tests.factories import bin_number


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_journal_reads_in_every_language(client, language):
    entry = factories.resident(bin_number(1))
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    client.sign_in("auditor")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    page = client.get("/journal")
    assert len(page.all("li", class_="history-entry")) == 2
    client.get("/journal/verification")


def test_filters_by_act_and_by_the_time_of_recording(client):
    factories.resident(bin_number(1))
    factories.status_change(factories.resident(bin_number(2)), "suspended", date(2026, 3, 1))
    client.sign_in("auditor")
    assert len(client.get("/journal?action=resident_registered").all("li", class_="history-entry")) == 2
    assert len(client.get("/journal?until=04.10.2026").all("li", class_="history-entry")) == 0
    assert len(client.get("/journal?since=05.10.2026&until=05.10.2026").all("li", class_="history-entry")) == 3
    assert len(client.get("/journal?action=nonsense&since=x").all("li", class_="history-entry")) == 3


def test_residents_do_not_read_the_journal(client):
    client.sign_in("resident")
    client.get("/journal", expect=403)
    client.get("/journal/verification", expect=403)


def test_the_acts_shown_are_exported(app, client):
    """As XLSX and CSV with their filters, and one click from the paper of the same acts."""
    entry = factories.resident(name_ru='=HYPERLINK("http://x")')
    with transaction():
        residents.amend_resident(SYSTEM, entry, values={"decision_no": "7-Ш"}, now=factories.NOW)
    client.sign_in("auditor")
    links = client.get("journal.index", query={"since": "01.10.2026", "until": "05.10.2026"}).links()
    rows = list(csv.DictReader(io.StringIO(client.get_response(links["CSV"]).text, newline="")))
    assert [int(row["sequence"]) for row in rows] == list(range(1, head().count + 1))
    assert rows[-1]["hash"] == head().hash
    assert "7-Ш" in rows[-1]["changes"]
    page = openpyxl.load_workbook(io.BytesIO(client.get_response(links["XLSX"]).data)).worksheets[0]
    assert page.max_row == len(rows) + 1
    assert not [cell for row in page.iter_rows() for cell in row if cell.data_type == "f"]
    shown = openpyxl.load_workbook(io.BytesIO(client.get_response(links["Table for reading (XLSX)"]).data)).worksheets[
        0
    ]
    assert [row[0].value for row in shown.iter_rows(min_row=2)] == list(range(head().count, 0, -1))
    paper = client.get(next(href for name, href in links.items() if name.startswith("PDF")))
    fields = paper.fields(paper.form("language"))
    assert (fields["since"], fields["as_of"]) == ("01.10.2026", "05.10.2026")

    query = {"since": "01.10.2026", "until": "05.10.2026", "only": "corrections"}
    links = client.get("journal.index", query=query).links()
    rows = list(csv.DictReader(io.StringIO(client.get_response(links["CSV"]).text, newline="")))
    assert [row["corrects"] for row in rows] == ["1"]
    assert "kind=corrections" in next(href for name, href in links.items() if name.startswith("PDF"))
    empty = {"since": "01.10.2025", "until": "05.10.2025"}
    assert "CSV" not in client.get("journal.index", query=empty).links()
    client.sign_out()
    client.sign_in("resident")
    client.get_response("journal.entries_file", ending="csv", expect=403)


def test_no_file_is_made_for_a_day_that_cannot_be_read(app, client):
    client.sign_in("auditor")
    away = client.get_response("/journal/entries.csv?since=31.06.2026", expect=302)
    assert "“Recorded from”: enter a date such as" in client.get(away.location)
    client.get_response("/journal/entries.csv?since=30.06.2026")
