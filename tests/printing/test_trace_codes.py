"""Codes of totals: each leads from the paper back to the lines behind it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from registry.infra.access import SYSTEM
from registry.paper_kinds import kinds
from registry.papers import queries
from registry.papers.models import Document
from registry.printing import formats, trace_codes
from registry.printing.layout import CellKind, Table
from registry.reports.rules import Line
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready as reports

pytestmark = pytest.mark.thorough

LATER = reports.NOW + timedelta(days=1)


def composed(paper: Document):
    return kinds.compose(kinds.load(paper.act.snapshot), paper.language)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("kind", ["participants", "contracts", "patents", "revenues", "taxes", "indicators"])
def test_each_total_has_a_code_of_its_own_that_finds_it(app: Flask, kind: str, language: str) -> None:
    world.build()
    paper = composed(world.issued(kind, language=language))
    printed = [
        code
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Table)
        for row in block.rows
        for cell in row.cells
        if (code := cell.code)
    ]
    totals = sum(
        row.style == "total"
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Table)
        for row in block.rows
    )
    assert len(printed) == len(set(printed)) == totals + (6 if kind == "indicators" else 0)
    for code in printed:
        found = trace_codes.find(paper, f" [{code.lower()}] ")
        assert found is not None, code
        assert found.code == code
    assert trace_codes.find(paper, "99Z") is None


def test_the_lines_behind_a_total_add_up(app: Flask) -> None:
    world.build()
    paper = composed(world.issued("taxes", language="en"))
    total = trace_codes.find(paper, "1A")
    assert total is not None

    width = len(total.columns)
    for column in range(4, width):
        own = total.total.cells[column - width]
        assert sum(formats.number(row.cells[column]) or 0 for row in total.rows) == formats.number(own)
    indicator = trace_codes.find(composed(world.issued("indicators", language="en")), "I1")
    assert indicator is not None
    assert COMPANY_BIN in indicator.bins


@pytest.mark.parametrize(
    ("kind", "code", "expected"),
    [
        ("taxes", "1A", {"101110", "902101"}),
        ("taxes", "2A", {"101110"}),
        ("taxes", "2B", {"902101"}),
        ("taxes", "3A", {"101110"}),
        ("revenues", "1A", {"rnd_works", "other"}),
        ("revenues", "2B", {"rnd_works"}),
        ("indicators", "I3", {"research_specialists"}),
        ("indicators", "I4", {"venture"}),
    ],
)
def test_a_total_of_reports_leads_to_the_accepted_lines(
    database: Flask, kind: str, code: str, expected: set[str]
) -> None:
    entries = world.build()
    paper = world.issued(kind, language="ru")
    found = trace_codes.find(composed(paper), code)
    assert found is not None
    assert found.source is not None
    lines = queries.lines_behind(SYSTEM, paper, found.source)
    assert {line.code for line in lines} == expected
    # A correction accepted later is another version of the report: the paper's own lines stay those behind it.
    reports.stored(entries[COMPANY_BIN], [Line("revenue", "other", amount=1)], now=LATER)
    assert queries.lines_behind(SYSTEM, paper, found.source) == lines


def test_indicator_6_leads_to_its_patents(app: Flask) -> None:
    world.build()
    (counted,) = queries.patents_behind(SYSTEM, world.issued("indicators"))
    assert counted.patent.title_no == "900001"


def test_the_registers_of_money_print_the_lines_behind_their_sums(app: Flask) -> None:
    world.build()
    for kind in ("taxes", "revenues"):
        paper = composed(world.issued(kind, language="en"))
        annex = paper.sections[-1]
        assert annex.annex
        (table,) = (block for block in annex.blocks if isinstance(block, Table))
        lines = [row for row in table.rows if not row.style]
        assert len(lines) == 2
        assert {COMPANY_BIN} == {cell.value for row in lines for cell in row.cells if cell.kind is CellKind.BIN}


def test_an_auditor_types_the_code_from_the_paper(app: Flask, client: PageClient) -> None:
    entries = world.build()
    paper = world.issued("taxes", language="ru")
    assert "is behind" not in client.get(f"/v/{paper.code}")
    client.sign_in("auditor")
    form = client.get(f"/v/{paper.code}")
    assert "What is behind a total?" in form
    page = client.get("documents.total", document_id=paper.id, query={"code": "1a"})
    assert COMPANY_BIN in page
    assert f"/residents/{entries[COMPANY_BIN].id}" in page.html
    assert "Accepted report lines behind it" in page
    assert "Total: KZT 2,350,678.90" in page
    assert "/reports/" in page.html, "each line leads to its report, where it says who accepted it and when"
    form = client.get("documents.total", document_id=world.issued("indicators").id, query={"code": "I6"})
    assert "Patents behind it" in form
    assert "has no total with the code" in client.get("documents.total", document_id=paper.id, query={"code": "7Q"})
    client.sign_out()
    client.sign_in("resident")
    client.get("documents.total", document_id=paper.id, query={"code": "1A"}, expect=404)
    assert queries.total_of(paper, "1A") is not None


def test_a_company_named_above_its_bin_leads_to_its_entry(client: PageClient, app: Flask) -> None:
    """Where name and BIN share a cell, the BIN is the link; numbers stand to the right as on paper."""
    entries = world.build()
    paper = world.issued("revenues")
    client.sign_in("auditor")
    page = client.get("documents.total", document_id=paper.id, code="1A")
    assert f'href="/residents/{entries[COMPANY_BIN].id}">{COMPANY_BIN}</a>' in page.html
    number = "1 234 567,89".replace(" ", "\u00a0")
    assert f'class="number">{number}<' in page.html
