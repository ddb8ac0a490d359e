"""What happens to accounts, on both databases where SQL is at work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from flask import Flask

from registry.accounts import queries, services
from registry.accounts.models import Invitation, User
from registry.accounts.rules import INVITATION_LIFE
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal.models import JournalEntry
from registry.journal.queries import verify
from tests import people

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
PASSWORD = "Жаңа-құпиясөз-77"
BIN = people.COMPANY_BIN


def account(role: str) -> User:
    user = queries.by_login(role)
    assert user is not None
    return user


def actions() -> list[str]:
    return list(db.session.scalars(sa.select(JournalEntry.action).order_by(JournalEntry.sequence)))


def invited(actor: Viewer, login: str = "new@example.kz", role: str = "resident") -> tuple[User, str]:
    with transaction():
        return services.invite(
            actor, login=login, role=role, company_bin=BIN if role == "resident" else None, name="Асель", now=NOW
        )


def test_a_command_adds_a_user_with_a_password(database: Flask) -> None:
    with transaction():
        user = services.add_user(SYSTEM, login="Aigul", role="staff", password=PASSWORD, name="Айгүл", now=NOW)
    assert user.login == "aigul"
    assert user.password_hash is not None
    assert user.password_hash.startswith("$argon2id$")
    assert services.password_matches(user, PASSWORD)
    assert actions() == ["user_added"]
    entry = db.session.get(JournalEntry, 1)
    assert entry is not None
    assert "Айгүл" not in entry.changes
    assert "aigul" not in entry.changes
    assert '"role":[null,"staff"]' in entry.changes
    assert PASSWORD not in entry.changes
    assert verify().problem is None


def test_a_login_is_taken_whatever_its_case(app: Flask, admin: Viewer) -> None:
    with pytest.raises(Conflict) as refused, transaction():
        services.add_user(admin, login="STAFF", role="auditor", now=NOW)
    assert refused.value.field == "login"


def test_staff_invite_residents_only(app: Flask, staff: Viewer) -> None:
    user, _token = invited(staff)
    assert user.role == "resident"
    with pytest.raises(NotAllowed), transaction():
        services.invite(staff, login="boss", role="admin", now=NOW)
    with pytest.raises(NotAllowed), transaction():
        services.renew_link(staff, account("admin"), now=NOW)


@pytest.mark.parametrize("role", ["auditor", "resident"])
def test_others_invite_nobody(app: Flask, role: str) -> None:
    with pytest.raises(NotAllowed), transaction():
        services.invite(people.viewer(role), login="friend", role="resident", company_bin=BIN, now=NOW)


def test_staff_manage_no_roles_and_close_no_accounts(app: Flask, staff: Viewer) -> None:
    for act in (
        lambda: services.change_role(staff, account("resident"), role="auditor", now=NOW),
        lambda: services.deactivate(staff, account("resident"), now=NOW),
        lambda: services.reactivate(staff, account("resident"), now=NOW),
    ):
        with pytest.raises(NotAllowed), transaction():
            act()


def test_an_invitation_sets_the_password_once(database: Flask, admin: Viewer) -> None:
    user, token = invited(admin)
    assert not services.password_matches(user, PASSWORD)
    with transaction():
        services.accept_invitation(token, name="Асель Н.", password=PASSWORD, language="ru", now=NOW)
    user = account("new@example.kz")
    assert (user.name, user.language) == ("Асель Н.", "ru")
    assert services.password_matches(user, PASSWORD)
    assert actions() == ["user_added", "user_invited", "user_changed", "password_set"]
    with pytest.raises(NotFound), transaction():
        services.accept_invitation(token, name="Thief", password=PASSWORD, now=NOW)


def test_the_token_itself_is_not_kept(app: Flask, admin: Viewer) -> None:
    _user, token = invited(admin)
    stored = db.session.scalars(sa.select(Invitation.token_hash)).all()
    assert token not in stored
    assert queries.token_hash(token) in stored


def test_a_link_grows_old(app: Flask, admin: Viewer) -> None:
    _user, token = invited(admin)
    queries.open_invitation(token, NOW + INVITATION_LIFE - timedelta(seconds=1))
    with pytest.raises(NotFound):
        queries.open_invitation(token, NOW + INVITATION_LIFE)


def test_a_new_link_replaces_the_old_one(app: Flask, admin: Viewer) -> None:
    user, old = invited(admin)
    with transaction():
        new = services.renew_link(admin, user, now=NOW + timedelta(hours=1))
    later = NOW + timedelta(hours=2)
    with pytest.raises(NotFound):
        queries.open_invitation(old, later)
    assert queries.open_invitation(new, later)[1].id == user.id


def test_a_link_of_a_closed_account_is_dead(app: Flask, admin: Viewer) -> None:
    user, token = invited(admin)
    with transaction():
        services.deactivate(admin, user, now=NOW)
    with pytest.raises(NotFound):
        queries.open_invitation(token, NOW)
    with pytest.raises(Conflict), transaction():
        services.renew_link(admin, user, now=NOW)


def test_sessions_end_with_a_new_password_role_or_deactivation(app: Flask, admin: Viewer) -> None:
    resident = people.viewer("resident")
    with transaction():
        services.change_password(resident, old_password=people.PASSWORD, password=PASSWORD, now=NOW)
    assert account("resident").session_epoch == 1
    with transaction():
        services.change_role(admin, account("resident"), role="auditor", now=NOW)
    assert account("resident").session_epoch == 2
    assert account("resident").company_bin is None
    with transaction():
        services.deactivate(admin, account("resident"), now=NOW)
    assert account("resident").session_epoch == 3
    assert queries.session_user(people.IDS["resident"], 3) is None
    with transaction():
        services.reactivate(admin, account("resident"), now=NOW)
    assert queries.session_user(people.IDS["resident"], 3) is not None
    assert actions() == ["password_set", "user_changed", "user_deactivated", "user_reactivated"]


def test_the_same_role_again_is_no_act(app: Flask, admin: Viewer) -> None:
    with transaction():
        services.change_role(admin, account("staff"), role="staff", now=NOW)
    assert account("staff").session_epoch == 0
    assert actions() == []


def test_a_password_change_needs_the_old_one(app: Flask, staff: Viewer) -> None:
    with pytest.raises(DomainError) as refused, transaction():
        services.change_password(staff, old_password="wrong", password=PASSWORD, now=NOW)
    assert refused.value.field == "old_password"
    with pytest.raises(DomainError) as refused, transaction():
        services.change_password(staff, old_password=people.PASSWORD, password="short", now=NOW)
    assert refused.value.field == "password"
    assert services.password_matches(account("staff"), people.PASSWORD)


def test_the_last_administrator_stays(database: Flask, admin: Viewer) -> None:
    for actor in (admin, SYSTEM):
        with pytest.raises(Conflict), transaction():
            services.deactivate(actor, account("admin"), now=NOW)
        with pytest.raises(Conflict), transaction():
            services.change_role(actor, account("admin"), role="staff", now=NOW)
    other, token = invited(SYSTEM, "second", "admin")
    with pytest.raises(Conflict), transaction():
        services.deactivate(admin, account("admin"), now=NOW)
    with transaction():
        services.accept_invitation(token, name="Second", password=PASSWORD, now=NOW)
    with transaction():
        services.deactivate(queries.viewer_for(other), account("admin"), now=NOW)
    assert not account("admin").active


def test_an_account_is_closed_and_opened_once(app: Flask, admin: Viewer) -> None:
    with pytest.raises(Conflict), transaction():
        services.reactivate(admin, account("staff"), now=NOW)
    with transaction():
        services.deactivate(admin, account("staff"), now=NOW)
    with pytest.raises(Conflict), transaction():
        services.deactivate(admin, account("staff"), now=NOW)


OURS = PasswordHasher()
"""What hashes passwords outside tests (:mod:`tests.conftest`)."""


def test_an_unknown_login_takes_as_long_as_a_known_one(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each check verifies exactly one hash of the same cost, so that time tells nothing."""
    verified: list[str] = []

    class Counting:
        def verify(self, known: str, password: str) -> bool:
            verified.append(known)
            return True

        hash = staticmethod(OURS.hash)

    monkeypatch.setattr(services, "_hasher", Counting())
    services._nobodys_hash.cache_clear()
    closed = User(login="closed", active=False, password_hash="irrelevant")
    waiting = User(login="waiting", active=True, password_hash=None)
    for nobody in (None, closed, waiting):
        assert not services.password_matches(nobody, PASSWORD)
    assert len(verified) == 3
    assert all(known.startswith("$argon2id$v=19$m=65536,t=3,p=4$") for known in verified)


def test_a_weak_hash_is_renewed(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "_hasher", OURS)
    before = account("staff").password_hash
    with transaction():
        assert services.hash_anew(account("staff"), people.PASSWORD, now=NOW)
        assert not services.hash_anew(account("staff"), people.PASSWORD, now=NOW)
    after = account("staff").password_hash
    assert before is not None
    assert after is not None
    assert before != after
    assert after.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert services.password_matches(account("staff"), people.PASSWORD)


def test_a_decomposed_password_is_the_same_password(app: Flask) -> None:
    with transaction():
        user = services.add_user(SYSTEM, login="yo", role="staff", password="ещё-й-слова", now=NOW)
    assert services.password_matches(user, "еще\u0308-и\u0306-слова")


def test_names_for_histories(app: Flask, admin: Viewer) -> None:
    with transaction():
        nameless, _token = services.invite(admin, login="nameless", role="auditor", now=NOW)
    assert queries.names({people.IDS["staff"], nameless.id, None}) == {
        people.IDS["staff"]: "Staff",
        nameless.id: "nameless",
    }
    assert queries.names([None]) == {}


def test_the_actor_of_a_command(app: Flask, admin: Viewer) -> None:
    assert queries.viewer_by_login(" Resident") == people.viewer("resident")
    with pytest.raises(NotFound):
        queries.viewer_by_login("nobody")
    with transaction():
        services.deactivate(admin, account("staff"), now=NOW)
    with pytest.raises(NotAllowed):
        queries.viewer_by_login("staff")


def test_staff_look_after_residents_only(app: Flask, staff: Viewer, admin: Viewer, auditor: Viewer) -> None:
    assert [user.login for user in queries.users(staff)] == ["resident"]
    assert {user.login for user in queries.users(admin)} == {"admin", "staff", "resident", "auditor"}
    with pytest.raises(NotFound):
        queries.get_user(people.IDS["admin"], staff)
    with pytest.raises(NotAllowed):
        queries.users(auditor)


def test_users_are_found_by_name_in_any_case(app: Flask, admin: Viewer) -> None:
    invited(admin)
    assert [user.login for user in queries.users(admin, search="АСЕЛЬ")] == ["new@example.kz"]
    assert [user.login for user in queries.users(admin, search=BIN, role="resident")] == ["new@example.kz", "resident"]
