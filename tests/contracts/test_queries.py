"""Reading contracts: whose they are, lists in SQL against the rules in Python, and how many statements it takes."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from registry.contracts import queries, rules, services
from registry.errors import NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.residents import queries as residents
from registry.residents.services import amend_resident
from registry.territories.queries import by_code
from tests.contracts import made
from tests.factories import NOW, bin_number

TODAY = date(2026, 10, 5)


@contextmanager
def statements() -> Generator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, text: str, *_rest: object) -> None:
        if not text.startswith(("BEGIN", "PRAGMA")):
            seen.append(text)

    event.listen(db.engine, "before_cursor_execute", note)
    yield seen
    event.remove(db.engine, "before_cursor_execute", note)


def numbers(viewer: Viewer = SYSTEM, **filters: Any) -> list[str]:
    statement = queries.list_statement(viewer, day=TODAY, language="kk", **filters)
    return [row.ContractState.number for row in db.session.execute(statement)]


def several() -> None:
    """Contracts of every status, with addenda of every effect."""
    own, other = (
        made.resident(),
        made.resident(bin_number(1), territory="YAFI", name_kk="«Ұлытау» АҚ", name_ru="АО «Улытау»"),
    )
    made.contract(own, "open", ends_on=None)
    made.contract(own, "soon", ends_on=TODAY + timedelta(days=30))
    made.contract(own, "today", ends_on=TODAY)
    made.contract(own, "over", ends_on=TODAY - timedelta(days=1))
    made.contract(own, "coming", starts_on=TODAY + timedelta(days=1), kind="rnd")
    made.contract(own, "ended", terminated_on=TODAY)
    made.contract(own, "ending", ends_on=None, terminated_on=TODAY + timedelta(days=10))
    longer = made.contract(other, "longer", ends_on=TODAY - timedelta(days=9), amount=7)
    made.addendum(longer, "9", TODAY, ends_on=TODAY + timedelta(days=400), amount=9)
    made.addendum(longer, "10", TODAY, ends_on=TODAY + timedelta(days=500))
    shorter = made.contract(other, "shorter", ends_on=None)
    made.addendum(shorter, "1", TODAY - timedelta(days=1), ends_on=TODAY + timedelta(days=31))
    prolonged = made.contract(other, "prolonged", ends_on=TODAY + timedelta(days=20))
    made.addendum(prolonged, "1", TODAY + timedelta(days=20), ends_on=TODAY + timedelta(days=300))
    undone = made.addendum(prolonged, "2", TODAY + timedelta(days=21), ends_on=TODAY + timedelta(days=22))
    with transaction():
        services.annul_addendum(SYSTEM, undone, reason="қате", now=NOW)


def test_a_company_reads_its_own_contracts_only(database: Flask, resident_viewer: Viewer) -> None:
    own, other = made.resident(), made.resident(bin_number(1))
    mine, theirs = made.contract(own, "mine"), made.contract(other, "theirs")
    foreign = made.addendum(theirs)
    assert [record.number for record in queries.records(resident_viewer)] == ["mine"]
    assert numbers(resident_viewer) == ["mine"]
    assert queries.get_contract(mine.id, resident_viewer) is mine
    for act in (
        lambda: queries.get_contract(theirs.id, resident_viewer),
        lambda: queries.get_addendum(foreign.id, resident_viewer),
        lambda: queries.get_contract(10_000, SYSTEM),
        lambda: queries.get_addendum(10_000, SYSTEM),
    ):
        with pytest.raises(NotFound):
            act()
    assert queries.get_addendum(foreign.id, SYSTEM) is foreign


def test_records_stand_in_the_order_of_their_keys(database: Flask) -> None:
    own, other = made.resident(), made.resident(bin_number(1), territory="YAFI")
    for number in ("ә", "c", "B", "a/10", "a/9"):
        made.contract(own, number)
    made.contract(other, "0")
    found = [record.key for record in queries.records(SYSTEM)]
    assert found == [("NU", "B"), ("NU", "a/10"), ("NU", "a/9"), ("NU", "c"), ("NU", "ә"), ("YAFI", "0")]
    assert [record.number for record in queries.records(SYSTEM, territory_id=by_code("YAFI").id)] == ["0"]
    assert len(queries.records(SYSTEM, resident_id=own.id)) == 5


def test_a_record_names_the_resident_as_of_the_day(database: Flask) -> None:
    resident = made.resident(registered_on=date(2026, 3, 1))
    made.contract(resident)
    with transaction():
        amend_resident(SYSTEM, resident, values={"name_ru": "ТОО «Жаңа»"}, now=NOW)
    assert queries.records(SYSTEM, as_of=TODAY)[0].name_ru == "ТОО «Жаңа»"
    assert queries.records(SYSTEM, as_of=TODAY - timedelta(days=1))[0].name_ru == "ТОО «Арка»"
    assert queries.records(SYSTEM, as_of=date(2026, 2, 1))[0].bin == made.COMPANY_BIN, "signed before the entry began"


def test_lists_in_sql_agree_with_the_rules(database: Flask) -> None:
    several()
    records = {record.number: record for record in queries.records(SYSTEM)}
    for shift in (-300, -1, 0, 1, 20, 21, 30, 31, 32, 301, 499, 501):
        day = TODAY + timedelta(days=shift)
        rows = db.session.execute(queries.list_statement(SYSTEM, day=day, language="ru")).all()
        assert len(rows) == len(records)
        for row in rows:
            record = records[row.ContractState.number]
            terms = record.terms_on(day)
            assert (row.ContractState.number, row.status) == (record.number, record.status_on(day))
            assert (row.ContractState.term_ends_on, row.ContractState.term_amount) == (terms.ends_on, terms.amount), (
                record.number
            )
        for days in rules.ENDING_DAYS:
            statement = queries.list_statement(SYSTEM, day=day, language="ru", ends_within=days)
            expected = {
                number
                for number, record in records.items()
                if record.in_force_on(day) and not record.in_force_on(day + timedelta(days=days + 1))
            }
            assert {row.ContractState.number for row in db.session.execute(statement)} == expected


def test_the_list_by_both_clocks(database: Flask) -> None:
    several()
    records = {record.number: record for record in queries.records(SYSTEM)}

    def listed(day: date, **asked: Any) -> set[str]:
        statement = queries.list_statement(SYSTEM, day=day, language="ru", **asked)
        return {row.ContractState.number for row in db.session.execute(statement)}

    day = max(record.signed_on for record in records.values()) - timedelta(days=1)
    signed = {number for number, record in records.items() if record.signed_on <= day}
    assert signed < set(records)
    assert listed(day, begun_only=True) == signed
    assert listed(day) == set(records)
    before = NOW - timedelta(days=1)
    for filters in ({}, {"search": "soon"}, {"ends_within": 30}, {"sort": "resident"}):
        assert listed(TODAY, known_at=before, **filters) == set()
        assert listed(TODAY, known_at=NOW, **filters) == listed(TODAY, **filters) != set()


def test_contracts_that_end_soon(database: Flask, resident_viewer: Viewer) -> None:
    several()
    assert set(numbers(ends_within=30)) == {"soon", "today", "ending"}
    assert set(numbers(ends_within=60)) == {"soon", "today", "ending", "shorter"}
    found = queries.ending_within(SYSTEM, days=60, today=TODAY, limit=3)
    assert found.count == 4
    assert [(contract.number, contract.term_ends_on) for contract in found.first] == [
        ("today", TODAY),
        ("soon", TODAY + timedelta(days=30)),
        ("shorter", TODAY + timedelta(days=31)),
    ]
    assert queries.ending_within(resident_viewer, days=60, today=TODAY).count == 3
    assert queries.ending_within(SYSTEM, days=60, today=TODAY, territory_id=by_code("YAFI").id).count == 1


def test_filters_search_and_order(database: Flask) -> None:
    several()
    assert set(numbers(status="terminated")) == {"ended"}
    assert set(numbers(status="upcoming")) == {"coming"}
    assert set(numbers(status="expired")) == {"over"}
    assert numbers(kind="rnd") == ["coming"]
    assert set(numbers(search="ұлытау")) == {"longer", "shorter", "prolonged"}
    assert set(numbers(search=bin_number(1))) == {"longer", "shorter", "prolonged"}
    assert numbers(search="PROL") == ["prolonged"]
    assert len(numbers(search="зертхана")) == 10
    assert numbers(search="%") == []
    assert numbers(sort="number", descending=False) == sorted(numbers())
    assert numbers(sort="ends_on", descending=False)[-2:] == ["open", "ending"], "no end comes last"
    assert numbers(sort="amount", descending=False)[0] == "longer"
    assert set(numbers(sort="resident", descending=True)[:3]) == {"longer", "shorter", "prolonged"}


def test_a_list_takes_few_statements_however_long(app: Flask) -> None:
    several()
    db.session.expire_all()
    db.session.expunge_all()
    with statements() as seen:
        rows = db.session.execute(queries.list_statement(SYSTEM, day=TODAY, language="kk")).all()
        shown = [(row.ContractState.resident.name_kk, row.status) for row in rows]
    assert len(shown) == 10
    assert len(seen) == 2, "the list, and the parties it names"
    counts = []
    party = queries.records(SYSTEM)[0].resident_id
    for number in ("x-1", "x-2"):
        with statements() as seen:
            assert queries.records(SYSTEM, as_of=TODAY)
        counts.append(len(seen))
        made.addendum(made.contract(residents.get_resident(party, SYSTEM), number))
    assert counts[0] == counts[1]


def test_finding_by_number(database: Flask) -> None:
    resident = made.resident()
    contract = made.contract(resident)
    addendum = made.addendum(contract)
    assert queries.contract_by_number(resident.territory, "Ш-1") is contract
    assert queries.find_addendum(contract.id, "1") is addendum
    assert queries.find_addendum(contract.id, "2") is None
    with pytest.raises(NotFound) as caught:
        queries.contract_by_number(by_code("YAFI"), "Ш-1")
    assert caught.value.field == "contract_number"
