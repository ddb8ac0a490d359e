"""Whoever could have sent a report as the company does not decide on it; somebody else always can, or can be added."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.accounts import queries as accounts
from registry.accounts import services as account_services
from registry.accounts.models import User
from registry.errors import Conflict
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import OPEN
from registry.reports import services
from registry.reports.models import Report
from registry.residents.services import correct_bin
from tests import people
from tests.factories import bin_number, resident
from tests.pages import PageClient
from tests.reports import ready

DAYS = timedelta(days=1)


@pytest.fixture
def sent(database: Flask) -> Report:
    return ready.submitted(resident(people.COMPANY_BIN))


def owner() -> User:
    return db.session.get_one(User, people.IDS["resident"])


def link(maker: Viewer, now: datetime) -> str:
    with transaction():
        return account_services.renew_link(maker, owner(), now=now)


def accept(actor: Viewer, report: Report, now: datetime) -> None:
    with transaction():
        services.accept(actor, report, now=now)


def test_the_maker_of_a_link_decides_nothing_for_thirty_days(sent: Report, staff: Viewer, admin: Viewer) -> None:
    made = ready.NOW + DAYS
    link(staff, made)
    (entry, *_others), _total = journal.history(limit=1)
    assert entry.changes["for_account_in_use"][1] is True
    with pytest.raises(Conflict, match=r"until .* somebody else decides.*Admin"):
        accept(staff, sent, made + 29 * DAYS)
    with pytest.raises(Conflict, match="somebody else decides"), transaction():
        services.return_report(staff, sent, reason="x", now=made + DAYS)
    assert accounts.company_links({"000000000000": OPEN}, made + DAYS) == []
    links = accounts.company_links({people.COMPANY_BIN: OPEN}, made + DAYS)
    assert accounts.bound_until(staff.persons, links) == made + 30 * DAYS
    assert accounts.bound_until(admin.persons, links) is None
    accept(admin, sent, made + DAYS)
    assert sent.status == "accepted"


def test_after_thirty_days_it_is_over(sent: Report, staff: Viewer) -> None:
    link(staff, ready.NOW)
    accept(staff, sent, ready.NOW + 31 * DAYS)


def test_where_nobody_else_may_decide_it_says_whom_to_add(sent: Report, staff: Viewer, admin: Viewer) -> None:
    for maker in (staff, admin):
        link(maker, ready.NOW)
    with pytest.raises(Conflict, match="An administrator has to add another member of the staff for NU"):
        accept(staff, sent, ready.NOW + DAYS)
    with transaction():
        added = account_services.add_user(SYSTEM, login="second", role="staff", password=people.PASSWORD, now=ready.NOW)
    with pytest.raises(Conflict, match="second"):
        accept(staff, sent, ready.NOW + DAYS)
    accept(accounts.viewer_for(added), sent, ready.NOW + DAYS)


def test_the_system_binds_nobody(sent: Report, staff: Viewer) -> None:
    link(SYSTEM, ready.NOW)
    accept(staff, sent, ready.NOW + DAYS)


def test_a_first_invitation_binds_like_any_link(sent: Report, staff: Viewer, admin: Viewer) -> None:
    """Nobody else would notice who took a company's first account into use."""
    with transaction():
        owner().password_hash = None
        account_services.renew_link(staff, owner(), now=ready.NOW)
    (entry, *_others), _total = journal.history(limit=1)
    assert "for_account_in_use" not in entry.changes
    with pytest.raises(Conflict, match="somebody else decides"):
        accept(staff, sent, ready.NOW + DAYS)
    accept(admin, sent, ready.NOW + DAYS)


def test_a_further_account_of_the_company_binds_as_well(sent: Report, staff: Viewer) -> None:
    with transaction():
        account_services.invite(staff, login="puppet", role="resident", company_bin=people.COMPANY_BIN, now=ready.NOW)
    with pytest.raises(Conflict, match="somebody else decides"):
        accept(staff, sent, ready.NOW + DAYS)


def test_whoever_sets_the_password_of_an_account_is_bound_like_by_a_link(sent: Report, staff: Viewer) -> None:
    details: Any = {"role": "resident", "company_bin": people.COMPANY_BIN, "password": people.PASSWORD}
    with transaction():
        account_services.add_user(SYSTEM, login="server", now=ready.NOW, **details)
    links = accounts.company_links({people.COMPANY_BIN: OPEN}, ready.NOW + DAYS)
    assert accounts.bound_until(staff.persons, links) is None
    with transaction():
        account_services.add_user(staff, login="puppet", now=ready.NOW, **details)
    with pytest.raises(Conflict, match=r"or set its password: until .* somebody else decides"):
        accept(staff, sent, ready.NOW + 29 * DAYS)
    accept(staff, sent, ready.NOW + 31 * DAYS)


def corrected(report: Report, number: str, now: datetime, actor: Viewer = SYSTEM) -> None:
    with transaction():
        correct_bin(actor, report.resident, number=number, reason="қате", now=now)


def given(company_bin: str | None, now: datetime) -> None:
    """Give the company's account to another company, or take it from all of them."""
    role = "resident" if company_bin else "auditor"
    with transaction():
        account_services.change_role(SYSTEM, owner(), role=role, company_bin=company_bin, now=now)


def test_a_corrected_number_frees_nobody(sent: Report, staff: Viewer, admin: Viewer) -> None:
    link(staff, ready.NOW)
    corrected(sent, bin_number(2), ready.NOW + DAYS, staff)
    corrected(sent, bin_number(3), ready.NOW + 2 * DAYS, staff)
    for now in (ready.NOW + 3 * DAYS, ready.NOW + 29 * DAYS):
        with pytest.raises(Conflict, match=r"somebody else decides on its reports\. These people may: Admin"):
            accept(staff, sent, now)
    accept(admin, sent, ready.NOW + 3 * DAYS)


@pytest.mark.parametrize("company_bin", [bin_number(2), None])
def test_an_account_given_to_another_company_frees_nobody(
    sent: Report, staff: Viewer, admin: Viewer, company_bin: str | None
) -> None:
    link(staff, ready.NOW)
    given(company_bin, ready.NOW + DAYS)
    with pytest.raises(Conflict, match="somebody else decides"):
        accept(staff, sent, ready.NOW + 2 * DAYS)
    accept(admin, sent, ready.NOW + 2 * DAYS)


def test_both_at_once_free_nobody(sent: Report, staff: Viewer) -> None:
    link(staff, ready.NOW)
    given(bin_number(2), ready.NOW + DAYS)
    corrected(sent, bin_number(3), ready.NOW + DAYS)
    with pytest.raises(Conflict, match="somebody else decides"):
        accept(staff, sent, ready.NOW + 2 * DAYS)
    accept(staff, sent, ready.NOW + 31 * DAYS)


def test_an_account_given_to_the_company_afterwards_binds(sent: Report, staff: Viewer) -> None:
    given(bin_number(2), ready.NOW)
    link(staff, ready.NOW + DAYS)
    assert services.whose_eyes(staff, sent, ready.NOW + DAYS) is None
    given(people.COMPANY_BIN, ready.NOW + 2 * DAYS)
    with pytest.raises(Conflict, match="somebody else decides"):
        accept(staff, sent, ready.NOW + 2 * DAYS)


def test_what_number_and_account_had_before_the_link_binds_nobody(sent: Report, staff: Viewer) -> None:
    corrected(sent, bin_number(2), ready.NOW)
    link(staff, ready.NOW + DAYS)
    accept(staff, sent, ready.NOW + 2 * DAYS)
    other = ready.submitted(resident(people.COMPANY_BIN))
    given(bin_number(3), ready.NOW)
    given(bin_number(4), ready.NOW + 2 * DAYS)
    link(staff, ready.NOW + 40 * DAYS)
    accept(staff, other, ready.NOW + 41 * DAYS)


def test_a_link_made_through_an_account_of_ones_own_binds(sent: Report, staff: Viewer, admin: Viewer) -> None:
    with transaction():
        puppet, _token = account_services.invite(admin, login="second", role="staff", now=ready.NOW)
    link(accounts.viewer_for(puppet), ready.NOW + DAYS)
    with pytest.raises(Conflict, match=r"could use both your account and one of this company's.*people may: Staff\."):
        accept(admin, sent, ready.NOW + 29 * DAYS)
    with pytest.raises(Conflict, match="You made a sign-in link to an account of this company"):
        accept(accounts.viewer_for(puppet), sent, ready.NOW + 2 * DAYS)
    with transaction():
        account_services.deactivate(SYSTEM, db.session.get_one(User, staff.user_id), now=ready.NOW)
    with pytest.raises(
        Conflict, match="Nobody else may: an administrator has to add another member of the staff for NU"
    ):
        accept(admin, sent, ready.NOW + 2 * DAYS)
    accept(admin, sent, ready.NOW + 30 * DAYS)


def test_the_owner_is_told_and_the_maker_reads_why_not(app: Flask, client: PageClient) -> None:
    report = ready.submitted(resident(people.COMPANY_BIN))
    with transaction():
        account_services.renew_link(people.viewer("staff"), owner(), now=utc_now())
    person = PageClient(app)
    assert "Staff made a new sign-in link for your account" in person.get(person.sign_in("resident"))
    assert "Staff made a new sign-in link for your account" in person.get("accounts.profile")
    client.sign_in("staff")
    page = client.get("reports.show", report_id=report.id)
    assert "These people may: Admin." in page, "before anybody tries"
    address = f"/reports/{report.id}/accept"
    assert not page.all("form", action=address), "nothing offers what is refused"
    assert client.get_response(address, expect=302).location.endswith(f"/reports/{report.id}")
    refused = client.post(address, {"revision": str(report.revision)}, expect=422)
    assert "somebody else decides on its reports. These people may: Admin." in refused


def test_a_report_nobody_else_may_decide_on_waits_and_its_page_says_whom_to_add(app: Flask, client: PageClient) -> None:
    report = ready.submitted(resident(people.COMPANY_BIN))
    with transaction():
        for maker in ("staff", "admin"):
            account_services.renew_link(people.viewer(maker), owner(), now=utc_now())
    client.sign_in("staff")
    page = client.get("reports.show", report_id=report.id)
    assert "nobody else may. An administrator has to add another member of the staff for NU" in page
    client.post(f"/reports/{report.id}/accept", {"revision": str(report.revision)}, expect=422)
    db.session.refresh(report)
    assert report.status == "submitted"
