"""Export of all kinds, import elsewhere, export again: the same bytes (``exchange.md`` 2)."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.demo import filling
from registry.exchange import queries
from registry.exchange.rules import Kind
from registry.indicators.queries import indicators
from registry.indicators.rules import YEARS
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.queries import verify
from tests.conftest import Template
from tests.exchange.made import BIN, all_exports, exported, row, take, take_file
from tests.factories import NOW
from tests.scenes import set_scene

pytestmark = pytest.mark.thorough

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SAMPLE_KINDS = [kind for kind in Kind if (SAMPLE / f"{kind}.csv").exists()]
EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))


def take_sample() -> None:
    set_scene("sample", _take_sample)


def _take_sample() -> None:
    for kind in SAMPLE_KINDS:
        content = (SAMPLE / f"{kind}.csv").read_bytes()
        result = take_file(kind, content)
        assert result.created == result.rows == content.count(b"\n") - 1


def empty(app: Flask, template: Template) -> None:
    """Lay a fresh database under the application that runs."""
    db.session.remove()
    db.engine.dispose()
    template.refresh()


def travel(app: Flask, template: Template, ending: str = "csv") -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Exports before and after a journey through files."""
    before = all_exports()
    files = {kind: queries.export_bytes(SYSTEM, kind, ending) for kind in Kind}
    empty(app, template)
    for kind, content in files.items():
        take_file(kind, content, name=f"{kind}.{ending}")
    assert verify().problem is None
    return before, all_exports()


@pytest.fixture
def template(request: pytest.FixtureRequest, database: Flask) -> Template:
    name = "sqlite_template" if db.engine.dialect.name == "sqlite" else "postgres_template"
    return request.getfixturevalue(name)


def test_the_sample(database: Flask, template: Template) -> None:
    take_sample()
    participants_are_the_expected()
    indicators_are_the_expected()
    before, after = travel(database, template)
    assert before == after


def test_the_sample_as_spreadsheets(app: Flask, sqlite_template: Template) -> None:
    take_sample()
    before, after = travel(app, sqlite_template, "xlsx")
    assert before == after


def test_what_happens_in_years(database: Flask, template: Template) -> None:
    take("residents", row("residents", registered_on="2024-02-05", name_ru='ТОО "Улги", филиал\nвторая строка'))
    take(
        "status-changes",
        row("status-changes", effective_on="2024-04-01", decision_date=""),
        row("status-changes", change="excluded", effective_on="2024-09-01", decision_date=""),
    )
    take("residents", row("residents", registered_on="2025-01-12"), row("residents", bin="251240991137"))
    take("status-changes", row("status-changes", change="excluded", effective_on="2025-03-01", decision_date=""))
    take("residents", row("residents", registered_on="2025-03-01", trl="3"))
    take("residents", row("residents", registered_on="2025-03-01", trl="4", head="Демо А.А."))
    take(
        "contracts",
        row("contracts", terminated_on="2025-06-01", termination_ground="a, b"),
        row("contracts", number="№ 2/Қ"),
        row("contracts", number="=3", amount="0.10", ends_on=""),
    )
    take("addenda", row("addenda"), row("addenda", number="2", effective_on="2026-03-01", amount="5.50", ends_on=""))
    take("addenda", row("addenda", ends_on="2027-11-30"))
    take(
        "patents",
        row("patents", holders="251240991137=33.33%;Outside «Холдер»=66.67%"),
        row("patents", title_no="", application_no="2025/1", registered_on="", kind="utility_model"),
        row("patents", office="EA", title_no="0900", application_no="", representative="Д"),
    )
    take("patents", row("patents", holders=f"Somebody;{BIN}"))
    take(
        "patent-events",
        row("patent-events", holders=f"{BIN}=50%;Outside «Холдер»=50%"),
        row("patent-events", office="EA", title_no="0900", document_no="Д, 1"),
        row("patent-events", office="EA", title_no="0900", event_on="2026-07-01"),
    )
    for amount in ("100.00", "250.05"):
        take(
            "report-lines",
            row("report-lines", amount=amount, country="DE", document_date="2026-03-31"),
            row("report-lines", section="staff", code="total_staff", amount="", count="12"),
        )
    counted = [patents_of(year) for year in YEARS]
    before, after = travel(database, template)
    assert before == after
    assert [patents_of(year) for year in YEARS] == counted
    assert sum(counted) == 1
    assert len(exported("residents")) == 4
    assert len(exported("patent-events")) == 4


def patents_of(year: int) -> int:
    """Indicator 6 of a year in all territories."""
    return int(indicators(SYSTEM, year=year, as_of=date(2035, 12, 31))[5].as_json()["actual"])


def test_the_demo_data(app: Flask, sqlite_template: Template) -> None:
    from registry.accounts.models import User

    with transaction() as session:
        session.execute(sa.delete(User))
        filling.fill(SYSTEM, now=NOW)
    before, after = travel(app, sqlite_template)
    assert before == after


# --- the sample's own answers -----------------------------------------------------------------------------------------


def participants_are_the_expected() -> None:
    for key, territories in EXPECTED.items():
        if not key.startswith("participants/"):
            continue
        found = exported("residents", as_of=date.fromisoformat(key.removeprefix("participants/")))
        for code, bins in territories.items():
            assert [item["bin"] for item in found if item["territory"] == code] == sorted(bins)


def indicators_are_the_expected() -> None:
    from registry.territories.queries import by_code

    for key, wanted in EXPECTED.items():
        year, _slash, code = key.partition("/")
        if not year.isdigit():
            continue
        territory_id = None if code == "-" else by_code(code).id
        values = indicators(SYSTEM, year=int(year), territory_id=territory_id, as_of=date(2026, 9, 30))
        found = {str(item["number"]): item for item in (value.as_json() for value in values)}
        for number in ("1", "3", "4", "5", "6"):
            assert Decimal(str(found[number]["actual"])) == Decimal(wanted[number]), (key, number)
        coverage = found["1"]["coverage"]
        assert [coverage["accepted"], coverage["expected"]] == wanted["coverage"], key
