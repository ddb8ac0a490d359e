"""Papers name codes as they were on their own days, as known at their moment, in the territory concerned."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.exchange import dictionaries
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.rules import Period
from registry.paper_kinds.sampling import Population, Sampling
from registry.reference import queries as reference
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import factories
from tests.contracts import made as contracts
from tests.factories import NOW, bin_number
from tests.paper_kinds.test_kinds import collected
from tests.people import COMPANY_BIN
from tests.reports import ready
from tests.reports.ready import Line

LATER = NOW + timedelta(days=130)
ONCE = NOW + timedelta(days=129)
"""After all was recorded and before anything was changed in the dictionaries."""
THIRD, FOURTH = Period(LATER.date(), 2026, 3), Period(LATER.date(), 2026, 4)
TODAY = Period(LATER.date())
TAX, OWN_TAX = "101110", "101105"


def taken_in(name: str, *rows: str) -> None:
    read = dictionaries.read_dictionary(SYSTEM, name, "\n".join([*rows, ""]).encode(), file="d.csv")
    with transaction():
        dictionaries.import_dictionary(SYSTEM, read, now=LATER)


@pytest.fixture
def entry(database: Flask) -> Resident:
    """A company with taxes and a contract, and what the dictionaries say of its codes since."""
    entry = factories.resident(COMPANY_BIN, registered_on=date(2025, 12, 1), krp="105")
    taxes = tuple(Line("tax", code, amount=5_00, document_kind="statement", document_no="1") for code in (TAX, OWN_TAX))
    for quarter in (3, 4):
        ready.stored(entry, taxes, quarter=quarter, now=ONCE - timedelta(days=1))
    contracts.contract(entry, ends_on=date(2027, 12, 31))
    taken_in(
        "tax_codes",
        "bcc,budget,counts_for_indicator_1,kk,ru,territory,valid_from,valid_to",
        f"{TAX},republican,1,к,старый,,,2026-09-30",
        f"{TAX},local,1,к,новый,,2026-10-01,",
        f"{OWN_TAX},local,1,к,местный,NU,,",
    )
    for name, codes in {"legal_forms": ("llp",), "participant_types": ("innovation_company",)}.items():
        taken_in(name, "code,kk,ru,territory", *(f"{code},к,здешний,NU" for code in codes))
    taken_in(
        "contract_kinds",
        "code,kk,ru,valid_from,valid_to",
        "lease,к,прежний,,2026-09-30",
        "lease,к,теперешний,2026-10-01,",
    )
    taken_in("krp", "code,headcount,size,valid_from,valid_to", "105,0-5,small,,2026-09-30", "105,0-5,large,2026-10-01,")
    return entry


def body(kind: str, period: Period, **about: Any) -> Any:
    return collected(kind, period, **about).body


def test_taxes_go_to_the_budget_of_their_quarter(entry: Resident) -> None:
    def codes(period: Period, territory: str = "NU") -> dict[str, tuple[str, str | None]]:
        found = body("taxes", period, territory=by_code(territory) if territory else None)
        return {code.code: (code.budget, code.name.ru) for code in found.codes}

    assert codes(THIRD) == {TAX: ("republican", "старый"), OWN_TAX: ("local", "местный")}
    assert codes(FOURTH)[TAX] == ("local", "новый")
    assert codes(Period(date(2026, 9, 30), 2026, 3))[TAX] == ("republican", "старый")
    assert codes(THIRD, "")[OWN_TAX][0] == "republican", "the general row, where all territories stand together"
    known_then = codes(Period(LATER.date(), 2026, 3, known_at=ONCE))
    assert {code: budget for code, (budget, _name) in known_then.items()} == {TAX: "republican", OWN_TAX: "republican"}
    assert known_then[TAX][1] == "корпоративный подоходный налог (кроме нефтяного сектора)"


def test_lines_are_named_as_their_quarter_names_them(entry: Resident) -> None:
    year = Period(LATER.date(), 2026)
    for territory in (by_code("NU"), None):
        counted = body("indicators", year, territory=territory).lines
        named = {(line.quarter, line.code): line.name.ru for line in counted if line.indicator == 1}
        drawn = body("sample", year, territory=territory, sampling=Sampling(Population.LINES, 9, "a")).lines
        assert named == {(item.line.quarter, item.line.code): item.line.name.ru for item in drawn}
        assert named == {
            (3, TAX): "старый", (4, TAX): "новый", (3, OWN_TAX): "местный", (4, OWN_TAX): "местный",
        }  # fmt: skip
    then = body("indicators", Period(LATER.date(), 2026, known_at=ONCE), territory=by_code("NU")).lines
    assert {line.name.ru for line in then if line.code == TAX} == {
        "корпоративный подоходный налог (кроме нефтяного сектора)"
    }


def test_entries_and_contracts_are_named_by_the_paper_s_day_and_moment(entry: Resident) -> None:
    other = factories.resident(bin_number(5), territory="YAFI", registered_on=date(2026, 1, 10), now=LATER)

    def forms(period: Period) -> dict[str, tuple[str | None, str | None]]:
        found: tuple[s.Entry, ...] = body("participants", period).entries
        return {item.who.bin: (item.legal_form.ru, item.participant_type.ru) for item in found}

    now = forms(TODAY)
    assert now[entry.bin] == ("здешний", "здешний")
    assert "здешний" not in now[other.bin]
    assert "здешний" not in forms(Period(LATER.date(), known_at=ONCE))[entry.bin]

    def kind(period: Period) -> str | None:
        (found,) = body("contracts", period).contracts
        return found.kind.ru

    assert (kind(Period(date(2026, 9, 30))), kind(TODAY)) == ("прежний", "теперешний")
    assert kind(Period(LATER.date(), known_at=ONCE)) == "договор аренды помещения"
    compared = body("comparison", Period(LATER.date(), since=date(2026, 9, 30)))
    assert compared.changed == (), "another name of a code is no change of an entry"
    sizes = [
        [row.code for row in body("annual", period, territory=by_code("NU")).by_size]
        for period in (Period(date(2026, 9, 30), 2026), Period(LATER.date(), 2026))
    ]
    assert sizes == [["small"], ["large"]]


def test_a_code_keeps_its_name_where_no_row_of_it_holds(entry: Resident) -> None:
    taken_in("investment_sources", "code,counts_for_indicator_4,kk,ru,valid_from,valid_to",
             "grant_x,1,к,первый,2024-01-01,2024-12-31", "grant_x,1,к,второй,2025-06-01,2025-12-31")  # fmt: skip
    taken_in("investment_sources", "code,counts_for_indicator_4,kk,ru,territory", "only_nu,1,к,тут,NU")

    def name(code: str, day: date, **about: Any) -> str | None:
        found = reference.entry("investment_sources", code, day, **about)
        return found and found.name_ru

    assert name("grant_x", date(2024, 5, 1)) == "первый"
    assert name("grant_x", date(2025, 1, 10)) == "первый"
    assert name("grant_x", date(2026, 5, 1)) == name("grant_x", date(2025, 7, 1)) == "второй"
    assert name("grant_x", date(2026, 5, 1), known_at=ONCE) is None
    assert name("only_nu", date(2026, 5, 1)) == name("only_nu", date(2026, 5, 1), territory_id=entry.territory_id)
    assert name("unknown", date(2026, 5, 1)) is None
