"""Accounts limited to territories: who makes them, who looks after them, what the database refuses."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import queries, services
from registry.accounts.models import User
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal.models import JournalEntry
from registry.territories.queries import by_code, territories_of
from tests import people
from tests.commands import Command
from tests.pages import PageClient

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
PASSWORD = "Жаңа-құпиясөз-77"


def added(login: str, role: str = "staff", *codes: str, actor: Viewer = SYSTEM) -> User:
    with transaction():
        return services.add_user(
            actor,
            login=login,
            role=role,
            password=PASSWORD,
            company_bin=people.COMPANY_BIN if role == "resident" else None,
            territories=[by_code(code) for code in codes],
            language="en",
            now=NOW,
        )


def logins(found: Sequence[User]) -> set[str]:
    return {user.login for user in found}


def test_without_a_territory_an_account_has_all(database: Flask) -> None:
    viewer = queries.viewer_for(added("boss", "admin"))
    assert viewer.has_all_territories
    assert [row.code for row in territories_of(viewer)] == ["YAFI", "NU", "KURCHATOV"]


def test_an_account_has_the_territories_it_was_given(database: Flask) -> None:
    user = added("aigul", "staff", "KURCHATOV", "NU")
    viewer = queries.viewer_for(user)
    assert [row.code for row in territories_of(viewer)] == ["NU", "KURCHATOV"]
    assert viewer.sees_territory(by_code("NU").id)
    assert not viewer.sees_territory(by_code("YAFI").id)
    assert not viewer.sees_territory(None)
    with pytest.raises(NotFound):
        by_code("YAFI", viewer)
    changes = db.session.scalar(sa.select(JournalEntry.changes))
    assert '"territory_codes":[null,"NU, KURCHATOV"]' in (changes or "")


def test_who_is_limited_makes_accounts_of_own_territories_only(app: Flask) -> None:
    admin = queries.viewer_for(added("nu-admin", "admin", "NU"))
    assert added("nu-staff", "staff", "NU", actor=admin).territory_codes == "NU"
    with pytest.raises(NotFound) as refused:
        added("other", "staff", "NU", "YAFI", actor=admin)
    assert refused.value.field == "territory"
    with pytest.raises(DomainError) as refused:
        added("other", "staff", actor=admin)
    assert refused.value.field == "territory"


def test_who_is_limited_looks_after_accounts_within_own_territories_only(database: Flask) -> None:
    admin = queries.viewer_for(added("nu-admin", "admin", "NU"))
    added("nu-staff", "staff", "NU")
    foreign = [added("yafi-staff", "staff", "YAFI"), added("both", "auditor", "NU", "YAFI"), added("all", "staff")]
    assert logins(queries.users(admin)) == {"nu-admin", "nu-staff"}
    for user in foreign:
        with pytest.raises(NotFound):
            queries.get_user(user.id, admin)
        for act in (services.deactivate, services.renew_link, services.reactivate):
            with pytest.raises(NotFound), transaction():
                act(admin, user, now=NOW)
        with pytest.raises(NotFound), transaction():
            services.change_role(admin, user, role="auditor", now=NOW)
    assert logins(queries.users(people.viewer("admin"))) > {"yafi-staff", "both", "all", "nu-staff"}


def test_other_territories_end_the_sessions_and_are_recorded(database: Flask, admin: Viewer) -> None:
    user = added("aigul", "staff", "NU")
    with transaction():
        services.change_role(admin, user, role="staff", territories=[by_code("YAFI")], now=NOW)
    assert user.territory_codes == "YAFI"
    assert user.session_epoch == 1
    with transaction():
        services.change_role(admin, user, role="auditor", now=NOW)
    assert (user.role, user.territory_codes) == ("auditor", "YAFI")
    with transaction():
        services.change_role(admin, user, role="auditor", territories=[], now=NOW)
    assert queries.viewer_for(user).has_all_territories
    with transaction():
        services.change_role(admin, user, role="auditor", territories=[], now=NOW)
    assert user.session_epoch == 3
    last = db.session.scalar(sa.select(JournalEntry.changes).order_by(JournalEntry.sequence.desc()))
    assert '"territory_codes":["YAFI",null]' in (last or "")


def test_the_last_administrator_of_all_territories_stays_so(app: Flask, admin: Viewer) -> None:
    added("nu-admin", "admin", "NU")
    own = queries.get_user(people.IDS["admin"], admin)
    for change in ({"role": "auditor"}, {"role": "admin", "territories": [by_code("NU")]}):
        with pytest.raises(Conflict), transaction():
            services.change_role(admin, own, now=NOW, **change)


@pytest.mark.parametrize(
    "values",
    [
        {"role": "resident", "company_bin": None},
        {"role": "resident", "company_bin": ""},
        {"role": "staff", "company_bin": people.COMPANY_BIN},
    ],
)
def test_the_database_refuses_a_resident_without_company(database: Flask, values: dict[str, str | None]) -> None:
    for statement in (
        sa.update(User).where(User.login == "auditor").values(**values),
        sa.insert(User).values(
            login="new", name="", language="kk", active=True, session_epoch=0, created_at=NOW, **values
        ),
    ):
        with pytest.raises(sa.exc.IntegrityError), transaction():
            db.session.execute(statement)


def test_a_resident_without_company_would_see_nothing(app: Flask) -> None:
    viewer = queries.viewer_for(User(id=99, login="x", role="resident", language="kk", territories=[]))
    assert viewer.is_company


def test_the_command_limits_an_account(sqlite_command: Command) -> None:
    command = sqlite_command
    command("init")
    command("users", "add", "nu", "--role", "admin", "--territory", "NU", "--password-stdin", typed=PASSWORD)
    refused = command("users", "add", "other", "--role", "staff", "--territory", "YAFI", "--actor", "nu", status=1)
    assert refused.errors == ["There is no territory with the code YAFI."]
    refused = command("users", "add", "other", "--role", "staff", "--territory", "ZZ", status=1)
    assert refused.errors == ["There is no territory with the code ZZ."]
    refused = command("users", "add", "other", "--role", "staff", "--actor", "nu", status=1)
    assert refused.errors == ["Choose at least one of your territories."]
    command("users", "add", "both", "--role", "staff", "--territory", "NU", "--territory", "YAFI")


def test_pages_show_and_set_territories(client: PageClient, app: Flask) -> None:
    client.sign_in("admin")
    page = client.get("accounts.invite")
    assert page.fields()["territory"] == "all"
    page = client.submit(
        page,
        {"login": "aigul", "role": "staff", "territory": ["NU", "YAFI"]},
        containing="login",
        follow=True,
    )
    user = queries.by_login("aigul")
    assert user is not None
    assert user.territory_codes == "YAFI, NU"
    assert "Nazarbayev University" in page
    page = client.get("accounts.change_role", user_id=user.id)
    assert page.fields()["territory"] == ["YAFI", "NU"]
    refused = client.submit(page, {"territory": ["all", "NU"]}, containing="role", expect=422)
    assert "either all territories or some" in refused
    client.submit(page, {"territory": ["all"]}, containing="role", follow=True)
    db.session.expire_all()
    assert user.territory_codes is None


def test_a_form_that_says_nothing_of_territories_leaves_them(client: PageClient, app: Flask) -> None:
    user = added("aigul", "staff", "NU")
    client.sign_in("admin")
    page = client.get("accounts.change_role", user_id=user.id)
    client.submit(page, {"role": "auditor", "territory": None}, containing="role", follow=True)
    db.session.expire_all()
    assert (user.role, user.territory_codes) == ("auditor", "NU")


def test_an_account_of_one_territory_gets_no_switch(client: PageClient, app: Flask) -> None:
    added("nu", "staff", "NU")
    added("two", "staff", "NU", "YAFI")
    assert "All territories" not in client.sign_in("nu", PASSWORD)
    assert "Nazarbayev University" in client.get("accounts.profile")
    client.get_response("/sign-out", expect=405)
    two = PageClient(app)
    page = two.get(two.sign_in("two", PASSWORD))
    assert "/territory/NU" in page.html
    assert "/territory/KURCHATOV" not in page.html


def test_who_may_not_manage_users_changes_no_territory(app: Flask, staff: Viewer) -> None:
    user = added("company", "resident", "NU")
    with pytest.raises(NotAllowed), transaction():
        services.change_role(staff, user, role="resident", company_bin=people.COMPANY_BIN, territories=[], now=NOW)
