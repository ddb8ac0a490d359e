"""A list printed: what is shown and nothing else, in one file that archives and screen readers take."""

from __future__ import annotations

import sys

import pytest

from registry.lists import printed
from registry.printing import list_print
from tests import factories, people
from tests.factories import bin_number
from tests.pages import PageClient
from tests.printing.conformance import faults
from tests.printing.reading import Reading

LISTS = ("residents", "contracts", "patents", "reports", "documents", "users")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_printed_list_has_exactly_what_the_list_shows(client: PageClient, language: str) -> None:
    entries = [factories.resident(bin_number(number)) for number in range(1, 13)]
    client.sign_in("staff")
    client.get_response("shell.switch_language", code=language, expect=302)
    query = f"?search={entries[4].bin}&column=bin&column=registered_on"
    client.get("/residents" + query)
    content = client.get_response("/lists/residents.pdf" + query).data
    assert faults(content) == []
    read = Reading(content)
    _heads, _numbers, row = read.tables[-1]
    assert row[0] == "1"
    assert row[2] == entries[4].bin
    assert len(read.tables[-1][0]) == 5
    assert entries[4].bin in read.cells[:4], "what was asked for stands above the table"
    assert entries[5].bin not in read.cells


@pytest.mark.parametrize("name", LISTS)
def test_lists_with_nothing_in_them_can_be_printed(client: PageClient, name: str) -> None:
    client.sign_in("admin" if name == "users" else "staff")
    assert client.get_response(f"/lists/{name}.pdf").data.startswith(b"%PDF")


def test_marked_rows_are_printed_alone(client: PageClient) -> None:
    entries = [factories.resident(bin_number(number)) for number in range(1, 4)]
    client.sign_in("staff")
    read = Reading(client.get_response(f"/lists/residents.pdf?mark={entries[1].id}").data)
    assert entries[1].bin in read.cells
    assert entries[0].bin not in read.cells


def test_a_print_shows_no_more_than_its_reader_sees(client: PageClient) -> None:
    own, foreign = factories.resident(people.COMPANY_BIN), factories.resident(bin_number(2))
    client.sign_in("resident")
    read = Reading(client.get_response(f"/lists/residents.pdf?mark={own.id}&mark={foreign.id}").data)
    assert own.bin in read.cells
    assert foreign.bin not in read.cells
    client.get("/lists/users.pdf", expect=404)


def test_what_is_no_table_is_not_printed(client: PageClient) -> None:
    client.sign_in("auditor")
    assert "To print (PDF)" not in client.get("/journal").links()
    client.get("/lists/journal.pdf", expect=404)


def test_what_cannot_be_printed_is_said_on_the_list(client: PageClient, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(1, 4):
        factories.resident(bin_number(number))
    client.sign_in("staff")
    with monkeypatch.context() as changed:
        changed.setattr(list_print, "MOST_ROWS", 2)
        assert "A PDF can hold 2 rows" in client.answer("/lists/residents.pdf?sort=-bin").text
    with monkeypatch.context() as changed:
        changed.setattr(printed.PROGRAM, "command", [sys.executable, "-c", "raise SystemExit(1)"])
        assert "could not be printed" in client.answer("/lists/residents.pdf").text
    with monkeypatch.context() as changed:
        changed.setattr(printed.PROGRAM, "seconds", 0.01)
        assert "could not be printed" in client.answer("/lists/residents.pdf").text
