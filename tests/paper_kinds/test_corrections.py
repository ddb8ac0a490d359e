"""The register of corrections gives the values: old, new, the difference, whose, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Flask

from registry.contracts import services as contract_services
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.paper_kinds import kinds
from registry.paper_kinds.data import tables as data_tables
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period
from registry.printing import formats
from registry.printing.layout import Table
from tests.contracts import made
from tests.factories import NOW
from tests.papers import world
from tests.reports import ready

YEAR = Period(date(2026, 12, 31), 2026)


def values(language: str) -> list[list[str]]:
    """The table of values corrected, as printed."""
    paper = kinds.compose(kinds.collect(KINDS["corrections"], Asked(YEAR)), language)
    (table,) = (block for block in paper.sections[1].blocks if isinstance(block, Table))
    return [[formats.text(cell, language).replace("\xa0", " ") for cell in row.cells] for row in table.rows[:-1]]


def test_a_corrected_report_is_told_sum_by_sum(database: Flask) -> None:
    company = made.resident()
    ready.stored(company, world.LINES)
    changed = [replace(line, amount=2_000_000_00) if line.code == "101110" else line for line in world.LINES]
    changed = [replace(line, count=4) if line.code == "research_specialists" else line for line in changed]
    ready.stored(company, [line for line in changed if line.code != "venture"])
    found = {row[3].split("\n")[0].split(" ")[0]: row[4:7] for row in values("ru")}
    assert found["101110"] == ["2 345 678,90", "2 000 000,00", "−345 678,90"]
    assert found["венчурные"] == ["1 000,00", "–", "−1 000,00"]
    assert found["Специалисты-исследователи"] == ["5", "4", "−1"]
    assert len(found) == 3, "what stayed the same is not listed"
    for kind in ("corrections", "journal"):
        paper = kinds.compose(kinds.collect(KINDS[kind], Asked(YEAR)), "ru")
        table = paper.sections[-1].blocks[0]
        assert isinstance(table, Table)
        told = [formats.text(row.cells[3], "ru").replace("\xa0", " ").split("\n")[0] for row in table.rows[:-1]]
        assert "Отчет, III квартал 2026 года" in told
        assert not any(line.startswith("Отчет №") for line in told)
    row = values("kk")[0]
    assert "«Арқа» ЖШС" in row[2]
    assert "2026 жылғы III тоқсан" in row[3]


def test_a_corrected_contract_and_an_annulled_one_are_told(database: Flask) -> None:
    company = made.resident()
    agreed, wrong = made.contract(company, "Ш-1"), made.contract(company, "Ш-2", amount=5_000_00)
    with transaction():
        contract_services.amend_contract(
            SYSTEM, agreed, values={"signed_on": date(2026, 1, 10), "subject_ru": "Другое"}, now=NOW
        )
        contract_services.annul_contract(SYSTEM, wrong, reason="Дубликат", now=NOW)
    rows = values("ru")
    found = {(row[3].replace("\n", "; "), row[-1]): row[4:7] for row in rows}
    journal = kinds.compose(kinds.collect(KINDS["journal"], Asked(YEAR)), "ru")
    about = [formats.text(row.cells[3], "ru").replace("\xa0", " ") for block in journal.sections[1].blocks
             if isinstance(block, Table) for row in block.rows[:-1]]  # fmt: skip
    assert [line.split("\n")[0] for line in about][-2:] == ["Договор № Ш-1", "Договор № Ш-2"]
    assert found["Дата подписания; Договор № Ш-1", "–"] == ["15.01.2026", "10.01.2026", "−5 дн."]
    assert found["Сумма, тенге; Договор № Ш-2", "Дубликат"] == ["5 000,00", "–", "−5 000,00"]
    assert not any("Другое" in cell for row in rows for cell in row), "texts may name persons"


def test_programs_get_exact_values(app: Flask) -> None:
    company = made.resident()
    ready.stored(company, world.LINES)
    ready.stored(company, world.LINES[:-1])
    snapshot = kinds.collect(KINDS["corrections"], Asked(YEAR))
    (row,) = data_tables(snapshot)["figures"]
    assert (row["before"], row["after"], row["unit"]) == ("1000.00", "", "KZT")
