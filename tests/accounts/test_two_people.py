"""What takes two people: one proposes, another confirms, and until then nothing of it holds."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from registry.accounts import queries, services, two_people
from registry.accounts.models import Proposal, User
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.indicators import queries as indicators
from registry.indicators import services as targets
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.services import check
from registry.papers import issuing
from registry.papers import services as papers
from registry.papers.models import DocumentRequest
from registry.territories.queries import by_code
from tests import people
from tests.architecture.test_statements import counting
from tests.pages import PageClient
from tests.papers import world

NOW = utc_now()
DAYS = timedelta(days=1)


def proposed(actor: Viewer, value: int | None = 14_00, **changes: object) -> Proposal:
    details = {"act_no": "99", "act_date": date(2026, 1, 12), "now": NOW, "values": {(6, 2027): value}} | changes
    with transaction():
        made = targets.propose_targets(actor, **details)
    assert made is not None
    return made


def confirm(actor: Viewer, proposal: Proposal, now=NOW) -> None:
    with transaction():
        two_people.confirm(actor, proposal, now=now)


def target(year: int = 2027) -> int | None:
    return indicators.targets()[6, year, None].value


def added(login: str, role: str, *codes: str, actor: Viewer = SYSTEM) -> Viewer:
    with transaction():
        user = services.add_user(
            actor,
            login=login,
            role=role,
            password=people.PASSWORD,
            territories=[by_code(code) for code in codes],
            now=NOW,
        )
    return queries.viewer_for(user)


def test_the_old_target_holds_until_another_person_confirms(database: Flask, admin: Viewer, staff: Viewer) -> None:
    before = target()
    proposal = proposed(staff)
    assert target() == before
    with pytest.raises(Conflict, match=r"You proposed this yourself.*These people may: Admin"):
        confirm(staff, proposal)
    confirm(admin, proposal)
    assert target() == 14_00
    told, _total = journal.history()
    assert [(entry.action, entry.actor_id) for entry in told] == [
        ("target_set", admin.user_id),
        ("proposal_confirmed", admin.user_id),
        ("proposal_made", staff.user_id),
    ]
    assert told[0].effective_on == date(2026, 1, 12)
    assert told[0].recorded_at >= NOW
    with pytest.raises(Conflict, match="decided on already"):
        confirm(admin, proposal)
    assert check(NOW).is_whole


def test_nobody_sets_a_national_target_alone(database: Flask, admin: Viewer, staff: Viewer, auditor: Viewer) -> None:
    details = {"indicator": 6, "year": 2027, "value": 100, "act_no": "1", "act_date": date(2026, 1, 1), "now": NOW}
    for actor in (admin, staff):
        with pytest.raises(NotAllowed, match="Nobody sets national targets alone"), transaction():
            targets.set_target(actor, territory=None, **details)
    local = added("nu-staff", "staff", "NU")
    with pytest.raises(NotAllowed, match="not limited to some"):
        proposed(local)
    proposal = proposed(staff)
    with pytest.raises(NotFound):
        two_people.get_proposal(proposal.id, local)
    with pytest.raises(NotAllowed):
        confirm(local, proposal)
    with pytest.raises(NotAllowed):
        confirm(auditor, proposal)


def test_it_is_refused_with_a_reason_or_withdrawn(database: Flask, admin: Viewer, staff: Viewer) -> None:
    before, first = target(), proposed(staff)
    with pytest.raises(DomainError) as refused, transaction():
        two_people.refuse(admin, first, reason=" ", now=NOW)
    assert refused.value.field == "reason"
    with pytest.raises(NotAllowed, match="Another person proposed this"), transaction():
        two_people.withdraw(admin, first, now=NOW)
    with transaction():
        two_people.refuse(admin, first, reason="Акт жоқ", now=NOW)
    second = proposed(staff)
    with transaction():
        two_people.withdraw(staff, second, now=NOW)
    assert [(row.status, row.reason) for row in (first, second)] == [("refused", "Акт жоқ"), ("withdrawn", None)]
    assert target() == before
    assert check(NOW).is_whole


def test_where_one_person_may_it_waits_and_says_whom_to_add(database: Flask, admin: Viewer, staff: Viewer) -> None:
    with transaction():
        services.deactivate(SYSTEM, db.session.get_one(User, staff.user_id), now=NOW)
    proposal = proposed(admin)
    added("nu-staff", "staff", "NU")
    with pytest.raises(Conflict, match="has to add another member of the staff whose account is not limited"):
        confirm(admin, proposal)
    confirm(added("second", "staff"), proposal)
    assert target() == 14_00


def test_a_person_whose_link_the_proposer_made_is_no_second_one(database: Flask, admin: Viewer, staff: Viewer) -> None:
    with transaction():
        services.renew_link(admin, db.session.get_one(User, staff.user_id), now=NOW)
    other = added("second", "staff")
    for proposer, confirmer in ((admin, staff), (staff, admin)):
        proposal = proposed(proposer)
        with pytest.raises(
            Conflict, match=r"sign-in link for the account of the other: until .*These people may: second"
        ):
            confirm(confirmer, proposal, NOW + 29 * DAYS)
        with transaction():
            two_people.withdraw(proposer, proposal, now=NOW)
    proposal = proposed(admin)
    confirm(staff, proposal, NOW + 31 * DAYS)
    confirm(other, proposed(admin, 15_00))


def test_a_proposal_that_no_longer_fits_is_not_carried_out(database: Flask, admin: Viewer, staff: Viewer) -> None:
    first, second = proposed(staff), proposed(staff, 16_00)
    confirm(admin, first)
    with pytest.raises(Conflict, match="set anew since"):
        confirm(admin, second)
    assert (target(), second.status) == (14_00, "waiting")


def test_an_administrator_is_not_made_alone(database: Flask, admin: Viewer, staff: Viewer) -> None:
    person = db.session.get_one(User, staff.user_id)
    with pytest.raises(NotAllowed, match="Nobody makes an administrator alone"), transaction():
        services.invite(admin, login="second", role="admin", now=NOW)
    with pytest.raises(NotAllowed, match="Nobody makes an administrator alone"), transaction():
        services.change_role(admin, person, role="admin", now=NOW)
    with transaction():
        first = services.propose_administrator(admin, person, now=NOW)
    with pytest.raises(Conflict, match="registry users add LOGIN --role admin"):
        confirm(admin, first)
    with pytest.raises(Conflict, match="already"), transaction():
        services.propose_administrator(admin, person, now=NOW)
    confirm(added("root", "admin"), first)
    assert (person.role, person.session_epoch) == ("admin", 1)
    with transaction():
        services.deactivate(admin, person, now=NOW)
    with pytest.raises(NotAllowed, match="Nobody makes an administrator alone"), transaction():
        services.reactivate(admin, person, now=NOW)
    assert check(NOW).is_whole


def test_an_invited_administrator_waits_without_rights(database: Flask, admin: Viewer) -> None:
    with transaction():
        proposal = services.propose_invitation(admin, login="second", name="Екінші", now=NOW)
    user = db.session.scalars(sa.select(User).where(User.login == "second")).one()
    assert (user.active, user.password_hash) == (False, None)
    with pytest.raises(Conflict, match="deactivated"), transaction():
        services.renew_link(admin, user, now=NOW)
    assert "Екінші" not in proposal.content
    confirm(added("root", "admin"), proposal)
    assert user.active
    with transaction():
        assert services.renew_link(admin, user, now=NOW)
    assert check(NOW).is_whole


def test_an_administrator_of_a_territory_is_not_widened_alone(database: Flask, admin: Viewer) -> None:
    local = db.session.get_one(User, added("nu-admin", "admin", "NU").user_id)
    with pytest.raises(NotAllowed), transaction():
        services.change_role(admin, local, role="admin", territories=(), now=NOW)
    with transaction():
        wider = services.propose_administrator(admin, local, territories=(), now=NOW)
    confirm(added("root", "admin"), wider)
    assert local.territory_codes is None
    with transaction():
        services.change_role(admin, local, role="admin", territories=[by_code("NU")], now=NOW)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proposal SET content = '{}'",
        "UPDATE proposal SET proposers = '9'",
        "UPDATE proposal SET status = 'waiting' WHERE status = 'refused'",
        "DELETE FROM proposal",
    ],
)
def test_the_database_keeps_what_was_proposed(database: Flask, admin: Viewer, staff: Viewer, statement: str) -> None:
    first = proposed(staff)
    with transaction():
        two_people.refuse(admin, first, reason="Акт жоқ", now=NOW)
    proposed(staff)
    with pytest.raises(IntegrityError), transaction() as session:
        session.execute(sa.text(statement))


def test_the_command_on_the_server_adds_one(sqlite_command: Any) -> None:
    sqlite_command("init")
    sqlite_command("users", "add", "boss", "--role", "admin")
    refused = sqlite_command("users", "add", "third", "--role", "admin", "--actor", "boss", status=1)
    assert "Nobody makes an administrator alone" in refused.errors[0]


def test_a_paper_names_who_else_may_approve_it(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    prepared = issuing.issue(staff, "participants", language="ru", now=NOW, territory=by_code("NU"))
    assert isinstance(prepared, DocumentRequest)
    with pytest.raises(NotAllowed, match=r"prepared this paper yourself.*These people may: Admin"), transaction():
        papers.approve(staff, prepared, now=NOW)
    with transaction():
        services.change_role(SYSTEM, db.session.get_one(User, staff.user_id), role="admin", now=NOW)
        services.deactivate(SYSTEM, db.session.get_one(User, admin.user_id), now=NOW)
    assert "has to add another member of the staff" in str(papers.who_approves(prepared))


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pages(app: Flask, client: PageClient, language: str) -> None:
    client.sign_in("staff")
    client.get(f"/language/{language}", expect=302)
    page = client.get("indicators.plan", query={"territory": ""})
    values = {"target_6_2027": "14", "act_no": "99", "act_date": "12.01.2026"}
    before = target()
    page = client.submit(page, values, containing="act_no", follow=True)
    assert page.language == language
    proposal = db.session.scalars(sa.select(Proposal)).one()
    shown = client.get("indicators.index")
    assert f"/proposals/{proposal.id}" in shown.links().values()
    refused = client.post("accounts.confirm_proposal", proposal_id=proposal.id, expect=422)
    assert "Admin" in refused
    client.sign_out()
    client.sign_in("auditor")
    assert "Staff" in client.get("accounts.proposals")
    assert "14" in client.get("accounts.proposal", proposal_id=proposal.id)
    client.post("accounts.confirm_proposal", proposal_id=proposal.id, expect=403)
    client.sign_out()
    client.sign_in("admin")
    assert "/proposals" in client.get("home.index").links().values()
    client.post("accounts.refuse_proposal", proposal_id=proposal.id, expect=422)
    page = client.get("accounts.confirm_proposal", proposal_id=proposal.id)
    assert target() == before
    client.submit(page, follow=True)
    db.session.expire_all()
    assert target() == 14_00


def test_an_administrator_is_proposed_on_the_pages(app: Flask, client: PageClient) -> None:
    client.sign_in("admin")
    page = client.get("accounts.invite")
    assert "registry users add LOGIN --role admin" in page
    page = client.submit(page, {"login": "second", "role": "admin"}, containing="login", follow=True)
    assert "another administrator confirms it" in page
    assert "registry users add LOGIN --role admin" in page
    page = client.get("accounts.change_role", user_id=people.IDS["staff"])
    page = client.submit(page, {"role": "admin"}, containing="role", follow=True)
    assert "staff of the management company" in page
    assert db.session.scalar(sa.select(User.role).where(User.login == "staff")) == "staff"


def test_a_longer_list_of_proposals_takes_no_more_statements(app: Flask, client: PageClient, admin: Viewer) -> None:
    def propose(*logins: str) -> int:
        with transaction():
            for login in logins:
                services.propose_invitation(admin, login=login, now=NOW)
        client.get("accounts.proposals")
        with counting() as seen:
            client.get("accounts.proposals")
        return len(seen)

    client.sign_in("auditor")
    assert propose("first") == propose("second", "third", "fourth")
