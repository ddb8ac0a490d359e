"""The data of an issued paper on its page: the files inside the PDF, and its tables as a spreadsheet."""

from __future__ import annotations

import dataclasses
import io
import json
from typing import Any

import openpyxl
import pytest
from flask import Flask

from registry.infra import storage
from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import kinds
from registry.papers import queries
from registry.papers.models import Document
from registry.printing import pdf
from tests.factories import bin_number
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN


@pytest.fixture
def entries(app: Flask) -> dict[str, Any]:
    return world.build()


def links(client: PageClient, paper: Document) -> list[str]:
    """Where the page of a paper leads for its data."""
    page = client.get("documents.show", document_id=paper.id)
    return [href for href in page.links().values() if "/data/" in href or href.endswith(".xlsx")]


def test_the_files_inside_are_handed_out_as_they_are(client: PageClient, entries: dict[str, Any]) -> None:
    paper = world.issued("contracts")
    client.sign_in("auditor")
    inside = {file.name: file for file in pdf.attached(queries.get_bytes(paper))}
    assert {"paper.json", "contracts.csv"} <= set(inside)
    found = links(client, paper)
    assert len(found) == len(inside) + 1
    for href in found:
        response = client.get_response(href)
        name = href.rpartition("/")[2]
        assert paper.number in response.headers["Content-Disposition"]
        if name in inside:
            assert response.data == inside[name].content
            assert response.mimetype == inside[name].media_type
    client.get("documents.data", document_id=paper.id, name="nothing.csv", expect=404)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_spreadsheet_has_the_numbers_that_are_printed(
    client: PageClient, entries: dict[str, Any], language: str
) -> None:
    """Cell by cell against the tables inside the stored PDF, which are those on its sheets."""
    paper = world.issued("taxes", language=language)
    client.sign_in("auditor")
    response = client.get_response("documents.tables", document_id=paper.id)
    book = openpyxl.load_workbook(io.BytesIO(response.data))
    inside = json.loads(queries.data_file(paper, "paper.json").content)
    printed = [table for table in inside["printed"] if table["columns"]]
    assert len(printed) == len(book.worksheets) - 1
    money = 0
    for table, page in zip(printed, book.worksheets[1:], strict=True):
        assert [cell.value for cell in page[2]] == table["columns"]
        for row, cells in zip(table["rows"], page.iter_rows(min_row=3), strict=True):
            shown = [cell.value for cell in cells if cell.value is not None]
            for text, value in zip(filter(None, row), shown, strict=True):
                if isinstance(value, int | float):
                    assert float(text) == value
                    money += value == 2_345_678.9
                elif isinstance(value, str):
                    assert text == value
    assert money


def test_tables_that_would_be_printed_in_another_way_are_not_given_for_the_paper_s(
    client: PageClient, entries: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = world.issued("participants")
    client.sign_in("auditor")
    compose = kinds.compose

    def other(*about: Any) -> Any:
        made = compose(*about)
        return dataclasses.replace(made, sections=made.sections * 2)

    monkeypatch.setattr(kinds, "compose", other)
    client.get("documents.tables", document_id=paper.id, expect=409)
    assert client.get_response("documents.data", document_id=paper.id, name="paper.json").data


def test_a_resident_has_the_data_of_its_own_papers_only(client: PageClient, entries: dict[str, Any]) -> None:
    own, other = world.issued("extract"), world.issued("extract", resident=bin_number(1))
    register = world.issued("participants")
    client.sign_in("resident")
    for href in links(client, own):
        assert client.get_response(href).data
    assert COMPANY_BIN in client.get_response("documents.data", document_id=own.id, name="residents.csv").text
    for paper in (other, register):
        client.get("documents.tables", document_id=paper.id, expect=404)
        client.get("documents.data", document_id=paper.id, name="paper.json", expect=404)


def test_the_record_stands_when_the_stored_file_is_damaged(
    client: PageClient, entries: dict[str, Any], app: Flask
) -> None:
    paper = world.issued("certificate")
    path = storage.path_of(app.config["SETTINGS"].documents_dir, paper.sha256)
    path.write_bytes(path.read_bytes()[:-1])
    client.sign_in("auditor")
    assert links(client, paper) == []
