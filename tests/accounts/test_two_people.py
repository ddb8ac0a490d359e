"""What takes two people: one proposes, another confirms, and until then nothing of it holds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
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
from registry.infra.clock import today, utc_now
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
PASSWORD = people.PASSWORD


def account(viewer: Viewer) -> User:
    return db.session.get_one(User, viewer.user_id)


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
            Conflict,
            match=r"one person could use both .*: until .*These people may: second",
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
    assert "has to add another member of the staff" in str(papers.who_approves(prepared, NOW))


def test_a_paper_is_not_approved_through_an_account_of_ones_own(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    with transaction():
        puppet, token = services.invite(admin, login="second@example.kz", role="staff", now=NOW)
    with transaction():
        services.accept_invitation(token, name="Екінші", password=PASSWORD, now=NOW)
    second = queries.viewer_for(puppet)
    for maker, approver, language in ((second, admin, "ru"), (admin, second, "kk")):
        waiting = issuing.issue(maker, "participants", language=language, now=NOW, territory=by_code("NU"))
        assert isinstance(waiting, DocumentRequest)
        for now, viewer, open_ in ((NOW, approver, False), (NOW, staff, True), (NOW + 31 * DAYS, approver, True)):
            assert ("approve" in papers.open_to(viewer, [waiting], now)[waiting.id].moves) is open_
        assert "decline" in papers.open_to(approver, [waiting], NOW)[waiting.id].moves
        assert str(papers.who_approves(waiting, NOW)) == "These people may: Staff."
        with (
            pytest.raises(
                Conflict,
                match=r"one person could use both .* until .* approves it\. .*may: Staff\.",
            ),
            transaction(),
        ):
            papers.approve(approver, waiting, now=NOW + 29 * DAYS)
        with transaction():
            papers.approve(staff if approver is admin else approver, waiting, now=NOW + 31 * DAYS)
        assert waiting.status == "queued"


def test_two_accounts_opened_by_one_person_are_not_two_people(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever opened the links of two accounts, or of one that opened the link of the other, could be both."""
    world.print_quickly(monkeypatch)
    world.build()

    def opened(maker: Viewer, login: str, role: str, now: datetime) -> Viewer:
        with transaction():
            user, token = services.invite(maker, login=login, role=role, now=now)
        with transaction():
            services.accept_invitation(token, name=login, password=PASSWORD, now=now)
        return queries.viewer_for(user)

    first = opened(admin, "first@example.kz", "staff", NOW)
    second = opened(admin, "second@example.kz", "staff", NOW + 2 * DAYS)
    with transaction():
        services.change_role(SYSTEM, account(second), role="admin", now=NOW + 2 * DAYS)
    third = opened(queries.viewer_for(account(second)), "third@example.kz", "staff", NOW + 3 * DAYS)
    waiting = issuing.issue(first, "participants", language="ru", now=NOW, territory=by_code("NU"))
    assert isinstance(waiting, DocumentRequest)
    soon = NOW + 4 * DAYS
    for viewer in (admin, second, third):
        with pytest.raises(Conflict, match=r"one person could use both"), transaction():
            papers.approve(viewer, waiting, now=soon)
    assert queries.linked_until([first.user_id], [third.user_id], soon) == NOW + 30 * DAYS
    assert queries.linked_until([second.user_id], [third.user_id], soon) == NOW + 33 * DAYS
    assert queries.linked_until([first.user_id], [second.user_id, staff.user_id], NOW + 31 * DAYS) is None
    with transaction():
        papers.approve(staff, waiting, now=soon)


def test_an_account_whose_password_one_set_is_no_second_person(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    puppet, other = added("puppet", "staff", actor=admin), added("other", "staff")
    waiting = issuing.issue(admin, "participants", language="ru", now=NOW, territory=by_code("NU"))
    assert isinstance(waiting, DocumentRequest)
    with pytest.raises(Conflict, match=r"somebody else approves it|one person could use both"), transaction():
        papers.approve(puppet, waiting, now=NOW + DAYS)
    with transaction():
        papers.approve(other, waiting, now=NOW + DAYS)


def test_neither_is_one_of_somebody_whose_deputy_made_the_link(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    root, other = added("root", "admin"), added("other", "staff")
    with transaction():
        services.name_deputy(SYSTEM, account(admin), account(root), from_on=today(), to_on=today(), now=NOW)
        services.renew_link(queries.viewer_for(account(root)), account(other), now=NOW)
    waiting = issuing.issue(other, "participants", language="ru", now=NOW, territory=by_code("NU"))
    assert isinstance(waiting, DocumentRequest)
    for approver in (admin, root):
        with (
            pytest.raises(Conflict, match=r"one person could use both your account"),
            transaction(),
        ):
            papers.approve(approver, waiting, now=NOW + DAYS)
    with transaction():
        papers.approve(staff, waiting, now=NOW + DAYS)


def test_the_page_of_papers_says_why_another_approves(
    app: Flask, client: PageClient, admin: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    second = added("second", "staff")
    with transaction():
        services.renew_link(admin, account(second), now=utc_now())
    waiting = issuing.issue(second, "participants", language="ru", now=utc_now(), territory=by_code("NU"))
    assert isinstance(waiting, DocumentRequest)
    client.sign_in("admin")
    for page in (client.get("documents.index"), client.get("documents.progress", request_id=waiting.id)):
        assert "somebody else approves it. These people may: Staff." in page
        assert f"/documents/requests/{waiting.id}/approve" not in page.html
        assert f"/documents/requests/{waiting.id}/decline" in page.links().values()
    refused = client.post("documents.approve", request_id=waiting.id, expect=422)
    assert "somebody else approves it. These people may: Staff." in refused
    client.sign_out()
    client.sign_in("staff")
    assert f"/documents/requests/{waiting.id}/approve" in client.get("documents.index").html


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
