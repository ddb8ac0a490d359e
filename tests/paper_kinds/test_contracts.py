"""The register of contracts: what is added up in it, and what an addendum changes."""

from __future__ import annotations

from datetime import date

from flask import Flask

from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import kinds
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period
from registry.printing import formats
from registry.printing.layout import Paper, Table
from tests.contracts import made

DAY = date(2026, 9, 30)


def tables(paper: Paper) -> list[list[list[str]]]:
    return [
        [[formats.text(cell, paper.language) for cell in row.cells] for row in block.rows]
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Table)
    ]


def test_rents_are_in_no_sum(app: Flask) -> None:
    """A rent is due again and again, a price once: adding them gives a sum of nothing."""
    company = made.resident()
    made.contract(company, "А-1", kind="lease", amount=520_000_00)
    made.contract(company, "А-2", kind="land", amount=10_000_00)
    snapshot = kinds.collect(KINDS["contracts"], Asked(Period(DAY)))
    assert kinds.total(snapshot) is None, "there is nothing to add"
    made.contract(company, "А-3", kind="service", amount=6_100_000_00)
    made.contract(company, "А-4", kind="rnd", amount=900_000_00)
    snapshot = kinds.collect(KINDS["contracts"], Asked(Period(DAY)))
    assert kinds.total(snapshot) == "7000000.00"
    paper = kinds.compose(snapshot, "en")
    register, by_kind = tables(paper)
    assert register[-1][-1].startswith("7,000,000.00")
    assert {row[1]: row[-1] for row in by_kind[:-1]} == {
        "lease of premises": "–",
        "contract on use of a land plot": "–",
        "service contract": "6,100,000.00",
        "R&D contract": "900,000.00",
    }
    assert by_kind[-1][-1].startswith("7,000,000.00")
    for language in LANGUAGES:
        assert (
            kinds.KINDS["contracts"].writer(snapshot, language).say("note.rent")
            in kinds.compose(snapshot, language).notes
        )
    annual = kinds.collect(KINDS["annual"], Asked(Period(DAY, 2026)))
    (group,) = [table for table in tables(kinds.compose(annual, "en")) if table[0][1] == "lease of premises"]
    assert [row[-1].split("\xa0")[0] for row in group] == ["–", "–", "6,100,000.00", "900,000.00", "7,000,000.00"]


def test_a_subject_of_an_addendum_stands_beside_the_contract_s(app: Flask) -> None:
    agreed = made.contract(made.resident(), subject_kk="Зертхана", subject_ru="Лаборатория")
    made.addendum(agreed, "1", date(2026, 2, 1), amount=200_000_000)
    made.addendum(agreed, "2", date(2026, 3, 1), subject_kk="Зертхана мен қойма", subject_ru="Лаборатория и склад")
    for kind, about in (("contracts", {}), ("extract", {"resident": agreed.resident})):
        snapshot = kinds.collect(KINDS[kind], Asked(Period(DAY), agreed.territory, **about))
        (contract,) = snapshot.body.contracts
        assert contract.amount == 200_000_000, "term and amount follow the addenda"
        assert contract.subject.ru == "Лаборатория"
        said = "\n".join(cell for table in tables(kinds.compose(snapshot, "ru")) for row in table for cell in row)
        assert "договор аренды помещения: Лаборатория\n" in said
        assert "№\xa01 от\xa001.02.2026\n№\xa02 от\xa001.03.2026: Лаборатория и склад" in said
