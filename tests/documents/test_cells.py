"""Codes of totals: each leads from the paper back to the lines behind it."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from registry.documents import cells, composing, queries, snapshots
from registry.documents.layout import Table
from registry.documents.models import Document
from registry.documents.rules import Kind
from tests.documents import world
from tests.pages import PageClient
from tests.people import COMPANY_BIN


def composed(paper: Document):
    return composing.compose(snapshots.load(paper.act.snapshot), paper.language)


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
        for code in re.findall(r"\[(\w+)\]", " ".join(row.cells[:2]))
    ]
    totals = sum(
        row.style == "total"
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Table)
        for row in block.rows
    )
    assert len(printed) == len(set(printed)) == totals + (6 if kind == Kind.INDICATORS else 0)
    for code in printed:
        found = cells.find(paper, f" [{code.lower()}] ")
        assert found is not None, code
        assert found.code == code
    assert cells.find(paper, "99Z") is None


def test_the_lines_behind_a_total_add_up(app: Flask) -> None:
    world.build()
    paper = composed(world.issued("taxes", language="en"))
    total = cells.find(paper, "1A")
    assert total is not None

    def number(text: str) -> float:
        return float(text.replace(",", ""))

    width = len(total.columns)
    for column in range(4, width):
        own = total.total.cells[column - width]
        assert sum(number(row.cells[column]) for row in total.rows) == pytest.approx(number(own))
    indicator = cells.find(composed(world.issued("indicators", language="en")), "I1")
    assert indicator is not None
    assert any(COMPANY_BIN in row.cells for row in indicator.rows)


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
    assert "has no total with the code" in client.get("documents.total", document_id=paper.id, query={"code": "7Q"})
    client.sign_out()
    client.sign_in("resident")
    client.get("documents.total", document_id=paper.id, query={"code": "1A"}, expect=404)
    assert queries.total_of(paper, "1A") is not None
