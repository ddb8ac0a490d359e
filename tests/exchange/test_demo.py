"""Demo data: plausible, complete, and marked as such."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts.models import User
from registry.accounts.queries import by_login
from registry.accounts.services import password_matches
from registry.contracts.queries import ending_within
from registry.demo import filling
from registry.errors import Conflict, NotAllowed
from registry.indicators.queries import indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.queries import verify
from registry.patents.queries import fees_due_within
from registry.patents.rules import parse_holders
from registry.reports.models import Report, ReportingPeriod
from registry.residents.models import Resident
from registry.territories.models import Territory
from registry.territories.rules import bin_problem, iban_problem
from tests.exchange.made import all_exports, exported, row, take
from tests.scenes import set_scene

pytestmark = pytest.mark.thorough

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def fill(now: datetime = NOW) -> None:
    with transaction() as session:
        session.execute(sa.delete(User))
        filling.fill(SYSTEM, now=now)


def test_what_the_demo_holds(app: Flask) -> None:
    set_scene("demo", fill)
    residents = exported("residents")
    assert len({item["bin"] for item in residents}) >= 45
    assert len(Counter(item["territory"] for item in residents)) == 3
    assert all(bin_problem(item["bin"]) is None for item in residents)
    assert all(
        "Демо" in item["name_kk"] + item["name_ru"] or "Үлгі" in item["name_kk"] or "Demo" in item["name_kk"]
        for item in residents
    )
    assert all(item["email"].endswith("@example.com") and "000-00-" in item["phone"] for item in residents)
    companies = {item["bin"] for item in residents} - {"000101399107"}
    assert all(number[6:8] == "99" for number in companies)
    assert set(db.session.scalars(sa.select(Resident.is_demo))) == {True}
    assert {item["change"] for item in exported("status-changes")} == {"suspended", "resumed", "excluded"}
    assert max(Counter(item["bin"] for item in residents).values()) == 2, "one company has come back"
    assert {item["kind"] for item in exported("contracts")} == {
        "participation",
        "lease",
        "land",
        "service",
        "rnd",
        "equipment",
        "other",
    }
    assert any(item["terminated_on"] for item in exported("contracts"))
    assert len(exported("addenda")) > 10
    assert ending_within(SYSTEM, days=90, today=NOW.date()).count >= 5
    patents = exported("patents")
    assert len({item["kind"] for item in patents}) == 7
    assert {item["office"] for item in patents} == {"KZ", "EA"}
    assert any(not item["title_no"] for item in patents)
    assert any(len(parse_holders(item["holders"])) > 1 for item in patents)
    assert fees_due_within(SYSTEM, 90, day=NOW.date()).count
    assert set(db.session.scalars(sa.select(Report.status))) == {"draft", "submitted", "returned", "accepted"}
    assert db.session.scalar(sa.select(sa.func.max(Report.version))) == 2
    periods = set(db.session.execute(sa.select(ReportingPeriod.year, ReportingPeriod.quarter)))
    assert len(periods) == 8
    assert verify().problem is None
    figures_are_of_the_targets_size()
    requisites_are_marked()
    one_account_for_each_role()


def figures_are_of_the_targets_size() -> None:
    of_the_base = [value.as_json() for value in indicators(SYSTEM, year=2025, as_of=date(2026, 9, 30))]
    shares = {item["number"]: float(item["actual"]) / float(item["base"]) for item in of_the_base if item["actual"]}
    # Of the country's rank the demo says nothing.
    assert sorted(shares) == [1, 3, 4, 5, 6]
    assert all(0.4 <= share <= 1.4 for share in shares.values()), of_the_base
    plans = indicators(SYSTEM, year=2026, territory_id=1, as_of=date(2026, 9, 30))
    assert plans[0].as_json()["target"] is not None


def requisites_are_marked() -> None:
    for territory in db.session.scalars(sa.select(Territory)):
        assert territory.is_demo
        assert "Демо" in territory.company_name_kk
        assert iban_problem(territory.company_iban) is None
        assert bin_problem(territory.company_bin) is None


def one_account_for_each_role() -> None:
    for account in filling.ACCOUNTS:
        user = by_login(account.login)
        assert user is not None
        assert password_matches(user, account.password)
        assert user.role == account.role
        assert user.company_bin == (filling.RESIDENT_BIN if account.role == "resident" else None)


def test_the_same_moment_gives_the_same_data(app: Flask, sqlite_template) -> None:
    set_scene("demo", fill)
    first = all_exports()
    db.session.remove()
    db.engine.dispose()
    sqlite_template.refresh()
    fill()
    assert all_exports() == first


@pytest.mark.parametrize("day", [date(2025, 2, 2), date(2028, 2, 29)])
def test_any_day_will_do(app: Flask, day: date) -> None:
    fill(datetime(day.year, day.month, day.day, 3, tzinfo=UTC))
    assert len(exported("residents")) >= 45
    assert verify().problem is None


def test_it_fills_only_an_empty_registry(app: Flask, staff) -> None:
    with pytest.raises(NotAllowed), transaction():
        filling.fill(staff, now=NOW)
    take("residents", row("residents"))
    with pytest.raises(Conflict), transaction():
        filling.fill(SYSTEM, now=NOW)
    assert len(exported("residents")) == 1


def test_one_paper_of_each_kind_is_asked_for() -> None:
    papers = filling.documents_to_issue(NOW.date() + timedelta(days=400))
    assert {paper.kind for paper in papers} == {
        "participants",
        "contracts",
        "patents",
        "revenues",
        "taxes",
        "indicators",
        "extract",
        "certificate",
    }
    assert {(paper.year, paper.quarter) for paper in papers if paper.kind == "taxes"} == {(2026, 4)}
