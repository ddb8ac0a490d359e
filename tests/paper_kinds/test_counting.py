"""Papers count the lines that the indicators count: by quarter, territory, participation and what was known."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from registry.exchange import dictionaries
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.paper_kinds import discipline
from registry.paper_kinds.accounts import Accounts, coverage_of
from registry.paper_kinds.debtors import Debtors
from registry.paper_kinds.extract import Extract, Figures
from registry.paper_kinds.naming import Naming
from registry.paper_kinds.rules import Period
from registry.residents import queries
from registry.residents import services as residents
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import factories
from tests.factories import NOW
from tests.paper_kinds.test_kinds import collected
from tests.people import COMPANY_BIN
from tests.reports import ready
from tests.reports.ready import Line

LATER = NOW + timedelta(days=60)
ONCE = NOW + timedelta(days=59)
"""After the reports were accepted and before anything was changed in the dictionaries."""
DAY = date(2026, 12, 31)
TAXES = (Line("tax", "104101", amount=5_00, document_kind="statement", document_no="1"),)


def switch_off(territory: str = "") -> None:
    """Taxes of this code count no longer."""
    text = f"bcc,budget,counts_for_indicator_1,kk,ru,territory\n104101,local,0,к,р,{territory}\n"
    read = dictionaries.read_dictionary(SYSTEM, "tax_codes", text.encode(), file="d.csv")
    with transaction():
        dictionaries.import_dictionary(SYSTEM, read, now=LATER)


def counted_in_register(period: Period) -> int:
    body = collected("taxes", period, territory=by_code("NU")).body
    assert isinstance(body, Accounts)
    return sum(item.amount for account in body.accounts for item in account.sums if item.counts)


def figures(entry: Resident, period: Period) -> list[Figures]:
    body = collected("extract", period, resident=entry).body
    assert isinstance(body, Extract)
    return list(body.figures)


def test_the_coverage_of_a_quarter_is_its_own(app: Flask) -> None:
    """Of four ended quarters one company owes one report each and has had those of the first and second accepted."""
    entry = factories.resident(COMPANY_BIN, registered_on=date(2025, 12, 1))
    for quarter in (1, 2):
        ready.stored(entry, TAXES, quarter=quarter)
    found = [coverage_of(Period(DAY, 2026, quarter), by_code("NU")) for quarter in (1, 2, 3, 4)]
    assert [(one.accepted, one.expected) for one in found] == [(1, 1), (1, 1), (0, 1), (0, 1)]
    year = coverage_of(Period(DAY, 2026), by_code("NU"))
    assert (year.accepted, year.expected) == (2, 4)


def test_a_paper_of_a_moment_counts_by_the_dictionary_known_then(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2025, 12, 1))
    ready.stored(entry, TAXES)
    switch_off()
    now, then = Period(DAY, 2026), Period(DAY, 2026, known_at=ONCE)
    assert (counted_in_register(now), counted_in_register(then)) == (0, 5_00)
    assert [one.taxes_counted for one in (*figures(entry, now), *figures(entry, then))] == [0, 5_00]


def test_an_extract_counts_by_the_territorys_own_rows(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2025, 12, 1))
    ready.stored(entry, TAXES)
    switch_off("NU")
    assert [one.taxes_counted for one in figures(entry, Period(DAY, 2026))] == [0]
    assert counted_in_register(Period(DAY, 2026)) == 0


def test_an_extract_does_not_count_a_quarter_outside_participation(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2026, 8, 1))
    ready.stored(entry, TAXES, quarter=2)
    ready.stored(entry, TAXES, quarter=3)
    found = figures(entry, Period(DAY, 2026))
    assert [(one.quarter, one.taxes_counted) for one in found] == [(2, 0), (3, 5_00)]
    assert counted_in_register(Period(DAY, 2026)) == 5_00


@pytest.mark.parametrize("by", [None, DAY])
def test_a_company_owes_nothing_that_was_accepted_under_an_earlier_entry(database: Flask, by: date | None) -> None:
    """A report belongs to the company: it left in the first quarter, came back in the second, and had reported."""
    first = factories.resident(COMPANY_BIN, registered_on=date(2025, 12, 1))
    for quarter in (1, 2, 3):
        ready.stored(first, TAXES, quarter=quarter)
    factories.status_change(first, "excluded", date(2026, 3, 15))
    second = factories.resident(COMPANY_BIN, registered_on=date(2026, 4, 1))
    entries = queries.records(SYSTEM, as_of=DAY)
    found = discipline.standings(entries, DAY, territory_id=by_code("NU").id, year=2026, by=by)
    assert [(one.quarter, one.accepted, one.resident_id) for one in found] == [
        (1, True, first.id),
        (2, True, second.id),
        (3, True, second.id),
        (4, False, second.id),
    ]
    paper = collected("debtors", Period(date(2027, 3, 1)), territory=by_code("NU")).body
    assert isinstance(paper, Debtors)
    assert [(one.year, one.quarter) for one in paper.debts] == [(2025, 4), (2026, 4)]
    for entry in (first, second):
        told = figures(entry, Period(DAY, 2026))
        assert [(one.quarter, one.taxes_counted) for one in told] == [(1, 5_00), (2, 5_00), (3, 5_00)]


def test_an_entry_that_begins_later_is_named_as_it_was_known(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2026, 8, 1), name_kk="«Бұрынғы» ЖШС")
    with transaction():
        residents.amend_resident(
            SYSTEM, entry, values={"name_kk": "«Жаңа» ЖШС"}, now=LATER, effective_on=date(2026, 9, 1)
        )
    before = date(2026, 7, 1)
    assert Naming(Period(before)).record(entry.id).name_kk == "«Жаңа» ЖШС"
    assert Naming(Period(before, known_at=ONCE)).record(entry.id).name_kk == "«Бұрынғы» ЖШС"
