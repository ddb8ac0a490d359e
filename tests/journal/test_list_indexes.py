"""Lists are found in narrow indexes: the pages, what is counted and what is searched, not the wide rows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts import queries as contracts
from registry.contracts.models import ContractState
from registry.infra.access import SYSTEM
from registry.infra.db import db
from registry.infra.text import matches_term, search_terms
from registry.journal import state, trigrams
from registry.patents import queries as patents
from registry.patents.models import PatentState
from registry.residents import queries as residents
from registry.residents.models import ResidentState

DAY: dict[str, Any] = {"day": date(2026, 11, 1), "language": "ru"}


def _plan(statement: sa.Select, without: Collection[str] = ("seqscan", "bitmapscan")) -> str:
    """How the database would read a statement, in its own words; PostgreSQL's tables of tests are tiny."""
    connection = db.session.connection()
    shown = str(statement.compile(connection, compile_kwargs={"literal_binds": True}))
    if connection.dialect.name == "sqlite":
        # An offset without a limit is the one thing that is not written out.
        shown = shown.replace("LIMIT ?", "LIMIT -1")
        return "\n".join(row[3] for row in db.session.execute(sa.text(f"EXPLAIN QUERY PLAN {shown}")))
    for way in without:
        db.session.execute(sa.text(f"SET LOCAL enable_{way} = off"))
    return "\n".join(row[0] for row in db.session.execute(sa.text(f"EXPLAIN {shown}")))


def _count(statement: sa.Select) -> sa.Select:
    return sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (residents.list_statement(SYSTEM, **DAY, status="active"), "ix_resident_state_sort_"),
        (contracts.list_statement(SYSTEM, **DAY, kind="lease"), "ix_contract_state_signed_on"),
        (patents.list_statement(SYSTEM, **DAY, kind="invention"), "ix_patent_state_registered_on"),
    ],
)
def test_what_a_filter_leaves_is_counted_in_an_index(app: Flask, statement: sa.Select, index: str) -> None:
    assert f"USING COVERING INDEX {index}" in _plan(_count(statement))


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (residents.list_statement(SYSTEM, **DAY), "ix_resident_state_sort_ru"),
        (contracts.list_statement(SYSTEM, **DAY), "ix_contract_state_signed_on"),
        (patents.list_statement(SYSTEM, **DAY), "ix_patent_state_registered_"),
    ],
)
def test_a_page_is_read_in_the_order_of_an_index(database: Flask, statement: sa.Select, index: str) -> None:
    # Whether PostgreSQL finds it cheaper to sort a few rows depends on what it has counted of them.
    plan = _plan(statement.limit(50), without=("seqscan", "bitmapscan", "sort"))
    assert index in plan
    assert "ORDER BY" not in plan
    assert "Sort" not in plan


def test_only_a_search_looks_through_search_texts(app: Flask) -> None:
    plan = _plan(contracts.list_statement(SYSTEM, **DAY, search="100/P"))
    assert "COVERING INDEX ix_contract_state_search (valid_to>?)" in plan
    # Of companies the former names too, whose days are over.
    assert "SCAN resident_state USING COVERING INDEX ix_resident_state_search" in plan
    assert "COVERING INDEX ix_patent_state_search (valid_to>?)" in _plan(
        patents.list_statement(SYSTEM, **DAY, search="900100")
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("table", [ResidentState, ContractState, PatentState])
def test_what_a_search_asks_of_a_text_is_found_by_its_trigrams(database: Flask, table: Any) -> None:
    index = trigrams.name_of(table.__tablename__)
    # In a table of no rows all indexes are one to the planner: what it may take is left alone.
    narrow = sa.text("SELECT indexname FROM pg_indexes WHERE tablename = :table AND indexname LIKE 'ix%'")
    for name in db.session.scalars(narrow, {"table": table.__tablename__}).all():
        if name != index:
            db.session.execute(sa.text(f"DROP INDEX {name}"))
    (term,) = search_terms("Изотоп")
    asked = (*state.at(table, as_of=DAY["day"], before_first=True), matches_term(table.search, term))
    plan = _plan(sa.select(table.valid_from).where(*asked), without=("seqscan", "indexscan"))
    db.session.rollback()
    assert f"Bitmap Index Scan on {index}" in plan
