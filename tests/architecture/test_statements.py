"""No page's number of SQL statements grows with the rows it shows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from registry.infra.clock import today
from registry.infra.db import db
from tests.exchange.made import take_file
from tests.pages import PageClient

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"
KINDS = ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines")
FEW = 4
PATHS = (
    "/", "/residents", "/residents?date=30.06.2026", "/residents/1", "/residents/1/history", "/residents/1/contracts",
    "/residents/1/patents", "/residents/1/reports", "/residents/1/documents", "/contracts", "/contracts?ends=90",
    "/contracts/1", "/patents", "/patents/fees", "/patents/1", "/reports", "/reports/board?year=2026", "/reports/1",
    "/reports/periods", "/indicators?year=2026", "/indicators/1/lines?year=2026", "/indicators/6/lines?year=2026",
    "/documents", "/journal", "/users", "/settings", "/exchange",
)  # fmt: skip


@contextmanager
def counting() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA", "SAVEPOINT")):
            seen.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def load(companies: set[str] | None) -> None:
    """Import the sample, or the part of it that is about some companies."""
    numbers: set[str] = set()
    for kind in KINDS:
        rows = list(csv.DictReader((SAMPLE / f"{kind}.csv").open(encoding="utf-8")))
        if companies is not None:
            if kind == "addenda":
                rows = [row for row in rows if row["contract_number"] in numbers]
            elif kind == "patents":
                rows = [row for row in rows if companies & set(row["holders"].split(";"))]
            else:
                rows = [row for row in rows if row["bin"] in companies]
        if kind == "contracts":
            numbers = {row["number"] for row in rows}
        if not rows:
            continue
        text = io.StringIO()
        writer = csv.DictWriter(text, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
        take_file(kind, text.getvalue().encode())


def counts(client: PageClient) -> dict[str, int]:
    found = {}
    for path in PATHS:
        client.get(path)
        with counting() as seen:
            client.get(path)
        found[path] = len(seen)
    return found


@pytest.fixture
def some_companies() -> set[str]:
    with (SAMPLE / "residents.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    with (SAMPLE / "report-lines.csv").open(encoding="utf-8") as file:
        reporting = {row["bin"] for row in csv.DictReader(file)}
    with (SAMPLE / "patents.csv").open(encoding="utf-8") as file:
        holding = {bin_ for row in csv.DictReader(file) for bin_ in row["holders"].split(";")}
    return {row["bin"] for row in rows if row["bin"] in reporting & holding and row["territory"] == "YAFI"} | {
        row["bin"] for row in rows[:FEW]
    }


def ending_soon() -> set[str]:
    """A company with a contract that ends soon, so that the lists of such contracts show somebody before and after."""
    with (SAMPLE / "addenda.csv").open(encoding="utf-8") as file:
        changed = {row["contract_number"] for row in csv.DictReader(file)}
    days = (today().isoformat(), (today() + timedelta(days=90)).isoformat())
    with (SAMPLE / "contracts.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["number"] not in changed]
    return {row["bin"] for row in [row for row in rows if days[0] <= row["ends_on"] <= days[1]][:1]}


@pytest.mark.thorough
def test_statements_do_not_grow_with_rows(client: PageClient, some_companies: set[str]) -> None:
    load(set(sorted(some_companies)[:FEW]) | ending_soon())
    client.sign_in("admin")
    few = counts(client)
    load(None)
    many = counts(client)
    # A list that fills its page is counted by a statement of its own; what is asked for each row would be many.
    grown = {path: (few[path], many[path]) for path in PATHS if many[path] > few[path] + 1}
    assert not grown
    assert many["/residents"] <= 6, many
    assert max(many.values()) <= 30, many
