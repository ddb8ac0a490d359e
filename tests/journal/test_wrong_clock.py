"""A clock that ran ahead and was put right: what was done afterwards holds, and the check of the journal says so."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import queries
from registry.accounts import services as accounts
from registry.accounts.models import User
from registry.app import CHECKED
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.services import check
from registry.reports import reporting_periods
from registry.reports import services as reports
from registry.territories.models import ConsolidatingBody
from registry.territories.queries import by_code
from registry.territories.services import amend_body, amend_territory
from tests.factories import NOW

AHEAD = NOW + timedelta(days=1)
"""What the machine took for now until somebody set its clock right."""
RIGHT = NOW + timedelta(minutes=5)
FIRST, SECOND, THIRD = (f"a long enough password {number}" for number in (7, 8, 9))


@pytest.fixture
def clerk(database: Flask, monkeypatch: pytest.MonkeyPatch) -> User:
    """An account made by an act, in a registry whose accounts are held to the journal."""
    monkeypatch.setitem(database.extensions, "checked", CHECKED)
    with transaction() as session:
        session.execute(sa.delete(User))
        return accounts.add_user(SYSTEM, login="clerk", role="staff", password=FIRST, name="Демо А.", now=NOW)


def test_the_last_password_is_the_one_that_was_set(clerk: User) -> None:
    for old, new, now in ((FIRST, SECOND, AHEAD), (SECOND, THIRD, RIGHT)):
        with transaction():
            accounts.change_password(queries.viewer_for(clerk), old_password=old, password=new, now=now)
    assert check(RIGHT).found == []


def test_so_are_role_territories_name_and_state(clerk: User) -> None:
    with transaction():
        accounts.change_role(SYSTEM, clerk, role="auditor", territories=[by_code("NU")], now=AHEAD)
        accounts.amend_profile(queries.viewer_for(clerk), name="Демо Б.", language="ru", now=AHEAD)
        accounts.deactivate(SYSTEM, clerk, now=AHEAD)
    assert check(RIGHT).found == []
    with transaction():
        accounts.reactivate(SYSTEM, clerk, now=RIGHT)
        accounts.change_role(SYSTEM, clerk, role="staff", territories=[by_code("YAFI")], now=RIGHT)
        accounts.amend_profile(queries.viewer_for(clerk), name="Демо В.", language="kk", now=RIGHT)
    assert check(RIGHT).found == []


def test_so_are_requisites_and_closed_years(clerk: User) -> None:
    park, body = by_code("NU"), db.session.get_one(ConsolidatingBody, 1)
    for head, now in (("Демо Б.", NOW), ("Демо В.", AHEAD), ("Демо Г.", RIGHT)):
        with transaction():
            amend_territory(SYSTEM, park, {"company_head": head}, now=now)
            amend_body(SYSTEM, body, {"company_head": head}, now=now)
            turn = reports.reopen_year if now is AHEAD else reports.close_year
            turn(SYSTEM, territory=park, year=2025, reason="тексеру", now=now)
    closed = reporting_periods.closed_year(park.id, 2025)
    assert closed is not None
    assert closed.is_closed
    assert (park.company_head, body.company_head) == ("Демо Г.", "Демо Г.")
    assert check(RIGHT).found == []
