"""A deputy does somebody's role on the days named, and is never a second person beside him."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import queries, services, two_people
from registry.accounts.models import Deputy, User
from registry.accounts.rules import Place, both_places, deputy_problem, has_grown
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.indicators import services as targets
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import today, utc_now
from registry.infra.db import db, transaction
from registry.infra.findings import noticing
from registry.journal import queries as journal
from registry.journal.services import check
from registry.papers import issuing
from registry.papers import services as papers
from registry.papers.models import DocumentRequest
from registry.reports import services as reports
from registry.territories.queries import by_code
from tests import people
from tests.factories import resident
from tests.pages import PageClient
from tests.papers import world
from tests.reports import ready

NOW = utc_now()
TODAY = today()
DAY = timedelta(days=1)


def user(viewer: Viewer) -> User:
    return db.session.get_one(User, viewer.user_id)


def added(login: str, role: str, *codes: str) -> User:
    with transaction():
        return services.add_user(
            SYSTEM,
            login=login,
            role=role,
            password=people.PASSWORD,
            territories=[by_code(code) for code in codes],
            now=NOW,
        )


def named(
    own: User,
    deputy: User,
    *,
    actor: Viewer = SYSTEM,
    from_on: date = TODAY,
    to_on: date = TODAY + 7 * DAY,
    now: datetime = NOW,
) -> Deputy:
    with transaction():
        return services.name_deputy(actor, own, deputy, from_on=from_on, to_on=to_on, now=now)


def test_a_deputy_does_the_role_on_these_days_only(database: Flask, admin: Viewer, staff: Viewer) -> None:
    assert not staff.may(Permission.MANAGE_USERS)
    row = named(user(admin), user(staff), from_on=TODAY + DAY)
    for day, holds in ((0, False), (1, True), (7, True), (8, False)):
        viewer = queries.viewer_for(user(staff), TODAY + day * DAY)
        assert viewer.may(Permission.MANAGE_USERS) is holds
        assert (viewer.role, viewer.persons) == (
            ("admin", {staff.user_id, admin.user_id}) if holds else ("staff", {staff.user_id})
        )
    with transaction():
        services.end_deputy(admin, row, now=NOW)
    assert queries.viewer_for(user(staff), TODAY + DAY) == staff
    with pytest.raises(Conflict, match="ended already"), transaction():
        services.end_deputy(admin, row, now=NOW)
    assert check(NOW).is_whole


def test_a_colleague_of_another_territory_works_in_both(database: Flask) -> None:
    here, there = added("here", "staff", "NU"), added("there", "staff", "YAFI")
    named(here, there)
    assert queries.viewer_for(there).territory_ids == {by_code("NU").id, by_code("YAFI").id}
    assert queries.viewer_for(here).territory_ids == {by_code("NU").id}
    with transaction():
        services.deactivate(SYSTEM, here, now=NOW)
    assert queries.viewer_for(there).territory_ids == {by_code("YAFI").id}


NU, YAFI = frozenset({1}), frozenset({2})


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        (Place("staff", NU), Place("staff", YAFI), Place("staff", NU | YAFI)),
        (Place("staff", NU), Place("staff", None), Place("staff", None)),
        (Place("staff", NU), Place("admin", NU), Place("admin", NU)),
        (Place("admin", None), Place("staff", None), Place("admin", None)),
        (Place("auditor", NU), Place("auditor", None), Place("auditor", None)),
        (Place("staff", NU), Place("admin", YAFI), "same territories"),
        (Place("staff", NU), Place("admin", None), "same territories"),
        (Place("admin", NU), Place("staff", NU | YAFI), "same territories"),
        (Place("auditor", None), Place("staff", None), "Auditors stand in"),
        (Place("admin", None), Place("auditor", None), "Auditors stand in"),
        (Place("staff", None), Place("resident", None), "invite another person"),
        (Place("resident", None), Place("resident", None), "invite another person"),
    ],
)
def test_whose_place_somebody_can_take(app: Flask, own: Place, other: Place, expected: Place | str) -> None:
    problem = deputy_problem(own, other)
    if isinstance(expected, str):
        assert expected in str(problem)
    else:
        assert problem is None
        assert both_places(own, other) == expected


def test_a_changed_role_ends_what_no_longer_fits(database: Flask, admin: Viewer, staff: Viewer) -> None:
    named(user(admin), user(staff))
    with transaction():
        services.change_role(SYSTEM, user(staff), role="staff", territories=[by_code("NU")], now=NOW)
    viewer = queries.viewer_for(user(staff))
    assert (viewer.role, viewer.territory_ids) == ("staff", {by_code("NU").id})


def test_days_and_people_are_looked_at(database: Flask, admin: Viewer, staff: Viewer) -> None:
    one, other, third = user(staff), added("second", "staff"), added("third", "staff")
    for field, days in (
        ("from_on", {"from_on": TODAY - DAY}),
        ("to_on", {"from_on": TODAY + DAY, "to_on": TODAY}),
        ("to_on", {"to_on": TODAY + 367 * DAY}),
    ):
        with pytest.raises(DomainError) as refused:
            named(one, other, **days)
        assert refused.value.field == field
    with pytest.raises(DomainError, match="themselves"):
        named(one, one)
    with transaction():
        waiting, _token = services.invite(SYSTEM, login="invited", role="staff", now=NOW)
    with pytest.raises(DomainError, match="in use"):
        named(one, waiting)
    named(one, other)
    for pair in ((one, third), (third, other)):
        with pytest.raises(Conflict, match="some of these days"):
            named(*pair, from_on=TODAY + 7 * DAY, to_on=TODAY + 8 * DAY)
    named(one, third, from_on=TODAY + 8 * DAY, to_on=TODAY + 9 * DAY)


def test_who_names_and_ends_a_deputy(database: Flask, admin: Viewer, staff: Viewer, auditor: Viewer) -> None:
    other = added("second", "staff")
    with pytest.raises(NotAllowed):
        named(other, user(staff), actor=staff)
    with pytest.raises(DomainError, match="offered"):
        named(user(staff), user(auditor), actor=staff)
    named(user(staff), other, actor=staff)
    row = named(other, user(staff), actor=admin)
    with pytest.raises(NotFound):
        queries.get_deputy(row.id, auditor)
    with pytest.raises(NotAllowed), transaction():
        services.end_deputy(auditor, row, now=NOW)
    with transaction():
        services.end_deputy(queries.viewer_for(other), row, now=NOW)


def test_nobody_knows_of_people_elsewhere(database: Flask) -> None:
    here = added("here", "staff", "NU")
    added("there", "staff", "YAFI")
    added("both", "staff", "YAFI", "NU")
    assert {other.login for other in queries.possible_deputies(here)} == {"both", "staff"}


def test_an_administrators_deputy_takes_two_people(database: Flask, admin: Viewer, staff: Viewer) -> None:
    with pytest.raises(NotAllowed, match="Nobody makes an administrator alone"):
        named(user(admin), user(staff), actor=admin)
    days = {"from_on": TODAY, "to_on": TODAY + 3 * DAY}
    with transaction():
        proposal = services.propose_deputy(admin, user(admin), user(staff), **days, now=NOW)
    assert queries.viewer_for(user(staff)).role == "staff"
    with pytest.raises(Conflict, match="registry users add LOGIN --role admin"), transaction():
        two_people.confirm(admin, proposal, now=NOW)
    root = queries.viewer_for(added("root", "admin"))
    with transaction():
        two_people.confirm(root, proposal, now=NOW)
    assert queries.viewer_for(user(staff)).role == "admin"
    # Another administrator of the same territories gets nothing he had not.
    named(user(admin), added("third", "admin"), actor=admin, from_on=TODAY + 4 * DAY)
    assert check(NOW).is_whole


def test_neither_confirms_what_the_other_did(database: Flask, admin: Viewer, staff: Viewer) -> None:
    values = {"values": {(6, 2027): 14_00}, "act_no": "1", "act_date": date(2026, 1, 12), "now": NOW}
    named(user(admin), user(staff))
    deputy = queries.viewer_for(user(staff))
    for proposer, confirmer in ((admin, deputy), (deputy, admin)):
        with transaction():
            proposal = targets.propose_targets(proposer, **values)
        assert proposal is not None
        assert "confirm" not in two_people.moves(proposal, confirmer)
        with pytest.raises(Conflict, match="another person confirms it"), transaction():
            two_people.confirm(confirmer, proposal, now=NOW)
    assert "administrator has to add another member of the staff" in str(two_people.who_decides(proposal, NOW))
    third = queries.viewer_for(added("third", "staff"))
    with transaction():
        two_people.confirm(third, proposal, now=NOW)


def test_neither_approves_a_paper_of_the_other(
    database: Flask, admin: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    named(user(admin), user(staff))
    deputy = queries.viewer_for(user(staff))
    for preparer, approver, language in ((admin, deputy, "ru"), (deputy, admin, "kk")):
        prepared = issuing.issue(preparer, "participants", language=language, now=utc_now(), territory=by_code("NU"))
        assert isinstance(prepared, DocumentRequest)
        with pytest.raises(NotAllowed, match="another person approves it"), transaction():
            papers.approve(approver, prepared, now=NOW)


def test_a_link_binds_whose_deputy_made_it(database: Flask, admin: Viewer, staff: Viewer) -> None:
    report = ready.submitted(resident(people.COMPANY_BIN))
    named(user(admin), user(staff))
    with transaction():
        services.renew_link(
            queries.viewer_for(user(staff)), db.session.get_one(User, people.IDS["resident"]), now=utc_now()
        )
    for viewer in (admin, queries.viewer_for(user(staff))):
        with pytest.raises(Conflict, match="You made a sign-in link to an account of this company"), transaction():
            reports.accept(viewer, report, now=utc_now() + DAY)


def test_a_deputy_does_not_become_an_administrator_with_whom_he_stands_in_for(
    database: Flask, admin: Viewer, staff: Viewer
) -> None:
    """One person named him; what two people give to somebody is not his."""
    boss, other = added("boss", "staff"), user(staff)
    running = named(boss, other, actor=admin)
    ahead = named(boss, added("third", "staff"), actor=admin, from_on=TODAY + 9 * DAY, to_on=TODAY + 300 * DAY)
    with transaction():
        proposal = services.propose_administrator(admin, boss, now=NOW)
    rows = two_people.kind_of(proposal).rows(proposal.values)
    assert rows[-1] == two_people.Row("Deputies", "Staff, third", "—")
    root = queries.viewer_for(added("root", "admin"))
    with noticing() as noticed, transaction():
        two_people.confirm(root, proposal, now=NOW)
    assert "their time ends now (Staff, third)" in str(noticed[0])
    assert boss.role == "admin"
    for day in (TODAY, TODAY + 10 * DAY):
        for deputy in (other, ahead.deputy):
            viewer = queries.viewer_for(deputy, day)
            assert (viewer.role, viewer.may(Permission.MANAGE_USERS), viewer.stands_for) == (
                "staff",
                False,
                frozenset(),
            )
    told, _total = journal.history(actions=["deputy_ended"])
    assert {(entry.subject_id, entry.actor_id) for entry in told} == {
        (running.id, root.user_id),
        (ahead.id, root.user_id),
    }
    assert check(NOW).is_whole


def test_a_deputy_does_not_get_wider_territories_either(database: Flask, admin: Viewer) -> None:
    here, there = added("here", "staff", "NU"), added("there", "staff", "NU")
    first = named(here, there, actor=admin)
    for territories, holds in (([by_code("NU")], True), ([by_code("NU"), by_code("YAFI")], False)):
        with transaction():
            services.change_role(admin, here, role="staff", territories=territories, now=NOW)
        assert (first.ended_at is None) is holds
    assert queries.viewer_for(there).territory_ids == {by_code("NU").id}
    again = named(here, there, actor=admin)
    assert queries.viewer_for(there).territory_ids == {by_code("NU").id, by_code("YAFI").id}
    with transaction():
        services.change_role(admin, here, role="staff", territories=[by_code("YAFI")], now=NOW)
    assert again.ended_at is None, "an account that has less than before takes nothing from anybody"
    with transaction():
        services.change_role(admin, here, role="staff", territories=(), now=NOW)
    assert again.ended_at is not None
    assert check(NOW).is_whole


@pytest.mark.parametrize(
    ("before", "after", "grown"),
    [
        (Place("staff", NU), Place("staff", NU), False),
        (Place("staff", NU), Place("admin", NU), True),
        (Place("admin", NU), Place("staff", NU), False),
        (Place("staff", NU), Place("staff", NU | YAFI), True),
        (Place("staff", NU | YAFI), Place("staff", NU), False),
        (Place("staff", NU), Place("staff", YAFI), True),
        (Place("staff", NU), Place("staff", None), True),
        (Place("staff", None), Place("staff", NU), False),
        (Place("admin", None), Place("staff", NU), False),
        (Place("auditor", None), Place("staff", None), True),
    ],
)
def test_what_an_account_gets_that_it_had_not(before: Place, after: Place, grown: bool) -> None:
    assert has_grown(before, after) is grown


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_asks_before_deputies_end(app: Flask, client: PageClient, language: str) -> None:
    here = added("here", "staff", "NU")
    row = named(here, added("there", "staff", "NU"))
    client.sign_in("admin")
    client.get(f"/language/{language}", expect=302)
    typed = {"role": "staff", "territory": ["NU", "YAFI"]}
    page = client.get("accounts.change_role", user_id=here.id)
    asked = client.submit(page, typed, containing="role", expect=422)
    assert "(there)" in asked
    db.session.refresh(row)
    assert row.ended_at is None
    client.submit(asked, {**typed, "confirmed": "y"}, containing="role", follow=True)
    db.session.expire_all()
    assert row.ended_at is not None
    assert {territory.code for territory in here.territories} == {"NU", "YAFI"}


def test_a_proposal_says_whose_time_ends_and_asks(app: Flask, client: PageClient) -> None:
    boss = added("boss", "staff")
    row = named(boss, user(people.viewer("staff")))
    with transaction():
        proposal = services.propose_administrator(people.viewer("admin"), boss, now=NOW)
    added("root", "admin")
    client.sign_in("root")
    client.get("/language/en", expect=302)
    assert "DeputiesStaff—" in client.get("accounts.proposal", proposal_id=proposal.id)
    asked = client.post("accounts.confirm_proposal", proposal_id=proposal.id, expect=422)
    assert "their time ends now (Staff)" in asked
    client.submit(asked, {"confirmed": "y"}, containing="confirmed", follow=True)
    db.session.expire_all()
    assert (boss.role, row.ended_at is None) == ("admin", False)


def test_the_command_names_one(sqlite_command: Any) -> None:
    sqlite_command("init")
    for login in ("boss", "clerk"):
        sqlite_command(
            "users", "add", login, "--role", "admin" if login == "boss" else "staff", "--password-stdin",
            typed=people.PASSWORD + "\n",
        )  # fmt: skip
    days = ("--from", TODAY.isoformat(), "--to", (TODAY + DAY).isoformat())
    refused = sqlite_command("users", "deputy", "boss", "clerk", *days, "--actor", "clerk", status=1)
    assert "does not permit" in refused.errors[0]
    said = sqlite_command("users", "deputy", "boss", "clerk", *days)
    assert said.out == [f"clerk: stands in for boss from {TODAY} to {TODAY + DAY}"]
    refused = sqlite_command("users", "deputy", "boss", "nobody", *days, status=1)
    assert "no user with the login nobody" in refused.errors[0]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_pages(app: Flask, client: PageClient, language: str) -> None:
    other = added("second", "staff")
    client.sign_in("staff")
    client.get(f"/language/{language}", expect=302)
    page = client.get("accounts.name_own_deputy")
    typed = {"deputy": str(other.id), "from_on": f"{TODAY:%d.%m.%Y}", "to_on": f"{TODAY + DAY:%d.%m.%Y}"}
    refused = client.submit(page, typed | {"to_on": "01.01.2026"}, containing="deputy", expect=422)
    assert refused.language == language
    page = client.submit(client.get("accounts.name_own_deputy"), typed, containing="deputy", follow=True)
    row = db.session.scalars(sa.select(Deputy)).one()
    assert f"/deputies/{row.id}/end" in page.links().values()
    assert "second" in page
    client.sign_out()
    person = PageClient(app)
    person.sign_in("second")
    assert "Staff" in person.get("accounts.profile")
    person.submit(person.get("accounts.end_deputy", deputy_id=row.id), follow=True)
    db.session.expire_all()
    assert row.ended_at is not None


def test_a_company_has_none_and_an_administrator_names_others(app: Flask, client: PageClient) -> None:
    client.sign_in("resident")
    client.get("accounts.name_own_deputy", expect=403)
    client.sign_out()
    client.sign_in("admin")
    page = client.get("accounts.name_deputy", user_id=people.IDS["auditor"])
    assert "Nobody can stand in" in page
    page = client.get("accounts.name_deputy", user_id=people.IDS["admin"])
    typed = {"deputy": str(people.IDS["staff"]), "from_on": f"{TODAY}", "to_on": f"{TODAY}"}
    page = client.submit(page, typed, containing="deputy", follow=True)
    assert "another administrator confirms it" in page
    assert "registry users add LOGIN --role admin" in page
