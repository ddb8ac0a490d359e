"""A link mailed to the address on record is seen by nobody else, and binds nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.accounts import mailing, queries, rules, services
from registry.accounts.models import User
from registry.errors import Conflict, NotAllowed, NotFound
from registry.infra import jobs, mail
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import OPEN
from registry.notifications import outbox
from registry.reports import services as reports
from registry.residents.services import amend_resident, correct_bin
from tests import people
from tests.factories import bin_number, resident
from tests.letters import mail_server
from tests.pages import PageClient
from tests.reports import ready

NOW = utc_now()
DAY = timedelta(days=1)
LATER = NOW + 31 * DAY


@pytest.fixture
def letters(app: Flask) -> Iterator[Any]:
    """A mail server that the program knows."""
    settings = app.config["SETTINGS"]
    with mail_server() as server:
        app.config["SETTINGS"] = replace(settings, mail_url=server.url, mail_from="tizilim@example.kz")
        yield server
    app.config["SETTINGS"] = settings


def leave() -> None:
    """What the worker does within seconds."""
    outbox.queue_due()
    assert jobs.work_off()


def owner() -> User:
    return db.session.get_one(User, people.IDS["resident"])


def company(email: str | None = "firm@example.kz", *, writer: Viewer = SYSTEM, **values: Any) -> Any:
    entry = resident(people.COMPANY_BIN, **values)
    if email is not None:
        with transaction():
            amend_resident(writer, entry, values={"email": email}, now=NOW)
    return entry


def bound(viewer: Viewer, now: datetime) -> datetime | None:
    return queries.bound_until(viewer.persons, queries.company_links({people.COMPANY_BIN: OPEN}, now))


def test_a_mailed_link_binds_nobody(database: Flask, staff: Viewer, admin: Viewer) -> None:
    report = ready.submitted(company())
    with transaction():
        letter = mailing.mail_link(staff, owner(), now=NOW)
    assert letter.address == "firm@example.kz"
    (entry, *_others), _total = journal.history(limit=1)
    assert (entry.changes["mailed"][1], entry.changes["for_account_in_use"][1]) == (True, True)
    assert bound(staff, NOW + DAY) is None
    # Its owner is told all the same.
    assert [link.by for link in queries.links_made(owner().id, NOW + DAY)] == ["Staff"]
    with transaction():
        reports.accept(staff, report, now=NOW + DAY)
    with transaction():
        services.renew_link(staff, owner(), now=NOW + DAY)
    assert bound(staff, NOW + 2 * DAY) is not None


def test_an_address_put_on_record_by_the_sender_lately_is_none(database: Flask, staff: Viewer, admin: Viewer) -> None:
    entry = company("mine@example.kz", writer=staff)
    with pytest.raises(Conflict, match="You put this address on record yourself"), transaction():
        mailing.mail_link(staff, owner(), now=NOW + DAY)
    with transaction():
        assert mailing.mail_link(admin, owner(), now=NOW + DAY).address == "mine@example.kz"
    with transaction():
        assert mailing.mail_link(staff, owner(), now=LATER).address == "mine@example.kz"
    with transaction():
        amend_resident(staff, entry, values={"email": None}, now=LATER)
    with pytest.raises(Conflict, match="No address is on record"), transaction():
        mailing.mail_link(admin, owner(), now=LATER)


def test_neither_is_one_put_there_through_an_account_of_ones_own(database: Flask, admin: Viewer) -> None:
    with transaction():
        puppet, _token = services.invite(admin, login="second", role="staff", now=NOW)
    company("mine@example.kz", writer=queries.viewer_for(puppet))
    with (
        pytest.raises(Conflict, match="one person could use your account and that of whoever put this"),
        transaction(),
    ):
        mailing.mail_link(admin, owner(), now=NOW + 29 * DAY)
    with transaction():
        assert mailing.mail_link(admin, owner(), now=LATER).address == "mine@example.kz"


def test_neither_is_one_that_the_sender_made_the_companys_by_a_number(
    database: Flask, staff: Viewer, admin: Viewer
) -> None:
    """His own address stood in another entry for years; he gave the entry, or the account, the other number."""
    entry = resident(bin_number(4), email="mine@example.kz")
    with transaction():
        correct_bin(staff, entry, number=people.COMPANY_BIN, reason="қате", now=LATER)
    with pytest.raises(Conflict, match="You put this address on record yourself"), transaction():
        mailing.mail_link(staff, owner(), now=LATER + DAY)
    other = resident(bin_number(5), email="another@example.kz")
    with transaction():
        services.change_role(admin, owner(), role="resident", company_bin=other.bin, now=LATER)
    with pytest.raises(Conflict, match="You put this address on record yourself"), transaction():
        mailing.mail_link(admin, owner(), now=LATER + DAY)
    with transaction():
        assert mailing.mail_link(staff, owner(), now=LATER + DAY).address == "another@example.kz"
        assert mailing.mail_link(admin, owner(), now=LATER + 31 * DAY).address == "another@example.kz"


def test_of_other_accounts_the_login_is_the_address(database: Flask, admin: Viewer) -> None:
    with transaction():
        person, _token = services.invite(admin, login="demo.person@example.kz", role="staff", now=NOW)
    with pytest.raises(Conflict, match="You put this address on record yourself"), transaction():
        mailing.mail_link(admin, person, now=NOW + DAY)
    with transaction():
        assert mailing.mail_link(admin, person, now=LATER).address == "demo.person@example.kz"
    with pytest.raises(Conflict, match="No address is on record"), transaction():
        mailing.mail_link(SYSTEM, db.session.get_one(User, people.IDS["staff"]), now=NOW)


def test_an_address_of_another_territory_is_not_told(database: Flask) -> None:
    company("elsewhere@example.kz", territory="YAFI")
    here = [resident(bin_number(4)).territory]
    with transaction():
        local = services.add_user(SYSTEM, login="nu", role="staff", territories=here, now=NOW)
    assert mailing.address_of(owner(), queries.viewer_for(local)) is None
    assert mailing.address_of(owner(), SYSTEM) is not None


def test_nobody_mails_links_for_accounts_elsewhere(database: Flask, staff: Viewer) -> None:
    here, there = (
        [resident(bin_number(number), territory=code).territory] for number, code in ((4, "NU"), (5, "YAFI"))
    )
    with transaction():
        local = services.add_user(SYSTEM, login="nu", role="admin", territories=here, now=NOW)
        other = services.add_user(SYSTEM, login="demo.person@example.kz", role="staff", territories=there, now=NOW)
    for actor, kind in ((queries.viewer_for(local), NotFound), (staff, NotAllowed)):
        with pytest.raises(kind), transaction():
            mailing.mail_link(actor, other, now=NOW)
    with pytest.raises(NotFound, match="no user with the login"):
        queries.user_by_login(other.login, queries.viewer_for(local))


@pytest.mark.parametrize(("language", "subject"), [("kk", "құпиясөз"), ("ru", "пароля"), ("en", "password")])
def test_the_page_mails_it_and_shows_nothing(
    app: Flask, client: PageClient, letters: Any, language: str, subject: str
) -> None:
    company()
    owner().language = language
    db.session.commit()
    client.sign_in("staff")
    page = client.get("accounts.show", user_id=owner().id)
    assert "firm@example.kz" in page
    page = client.submit(client.get("accounts.mail_link", user_id=owner().id), follow=True)
    assert "The link is on its way to firm@example.kz" in page
    leave()
    assert "sent" in client.get("accounts.show", user_id=owner().id)
    (letter,) = letters.letters
    assert (letter["To"], letter["From"]) == ("firm@example.kz", "tizilim@example.kz")
    assert subject in letter["Subject"]
    text = letter.get_content()
    token = re.search(r"http://localhost:8000/invitations/(\S+)", text).group(1)  # ty: ignore[unresolved-attribute]
    assert token not in page.text
    assert "Staff" not in text
    assert people.COMPANY_BIN not in text
    PageClient(app).get(f"/invitations/{token}")


def test_a_first_invitation_can_be_mailed(app: Flask, client: PageClient, letters: Any) -> None:
    company()
    client.sign_in("staff")
    typed = {"login": "firm", "role": "resident", "company_bin": people.COMPANY_BIN, "mail": "y"}
    page = client.submit(client.get("accounts.invite"), typed, containing="login", follow=True)
    assert "The link is on its way to firm@example.kz" in page
    leave()
    assert len(letters.letters) == 1
    assert bound(people.viewer("staff"), utc_now()) is None


def test_a_letter_that_does_not_leave_leaves_no_link(app: Flask, client: PageClient, letters: Any) -> None:
    company()
    letters.refuses = True
    client.sign_in("staff")
    client.submit(client.get("accounts.mail_link", user_id=owner().id), follow=True)
    assert queries.pending_until(owner(), utc_now()) is not None
    leave()
    page = client.get("accounts.show", user_id=owner().id)
    assert "refused The letter could not be sent: 550 no such mailbox" in page
    assert letters.letters == []
    assert queries.pending_until(owner(), utc_now()) is None


UNREADABLE = ["a@[x.kz", "a@x.kz]", "(a@x.kz", "a@x).kz", '"a@x.kz', "a:b@x.kz", "a\\b@x.kz", "a,b@x.kz", "a@x.k,z"]


@pytest.mark.parametrize("address", UNREADABLE)
def test_an_address_no_letter_goes_to_is_none_on_record(app: Flask, address: str) -> None:
    with transaction():
        person = services.add_user(SYSTEM, login=address, role="staff", now=NOW)
    company(address)
    for user in (person, owner()):
        assert mailing.address_of(user, SYSTEM) is None
    assert rules.is_address("first.last+tag@mail.example.kz")
    assert rules.is_address("o'neil_7@пошта.қаз")


@pytest.mark.parametrize("address", ["a@[x.kz", '"', "a@", "a\nb@x.kz", "aé@["])
def test_a_letter_that_cannot_be_addressed_is_not_sent(app: Flask, letters: Any, address: str) -> None:
    settings = app.config["SETTINGS"]
    for sender, to in ((settings.mail_from, address), (address, "firm@example.kz")):
        with pytest.raises(mail.NotSent, match="could not be sent"):
            mail.send(replace(settings, mail_from=sender), to=to, subject="x", text="x")
    assert letters.letters == []


def test_an_address_that_turns_out_to_be_none_leaves_no_link(
    app: Flask, client: PageClient, letters: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    company("a@[x.kz")
    monkeypatch.setattr("registry.residents.addresses.is_address", lambda _text: True)
    client.sign_in("staff")
    client.submit(client.get("accounts.mail_link", user_id=owner().id), follow=True)
    leave()
    page = client.get("accounts.show", user_id=owner().id)
    assert "a@[x.kz is not an address letters go to" in page
    assert queries.pending_until(owner(), utc_now()) is None


def test_without_a_server_nothing_is_offered(app: Flask, client: PageClient) -> None:
    company()
    client.sign_in("staff")
    assert "Mail a new link" not in client.get("accounts.show", user_id=owner().id)
    client.get("accounts.mail_link", user_id=owner().id, expect=404)
    assert "for 30 days you then decide on no report" in client.get("accounts.invite")


def test_a_password_travels_over_tls_only(app: Flask, tmp_path: Any) -> None:
    (tmp_path / "password").write_text("secret")
    with mail_server() as server, pytest.raises(mail.NotSent, match="no TLS"):
        settings = replace(
            app.config["SETTINGS"],
            mail_url=server.url.replace("://", "://user@"),
            mail_from="tizilim@example.kz",
            mail_password_file=tmp_path / "password",
        )
        mail.greet(settings)


def test_the_command_mails_one(sqlite_command: Any) -> None:
    sqlite_command("init")
    sqlite_command("users", "add", "demo.person@example.kz", "--role", "staff")
    printed = sqlite_command("users", "link", "demo.person@example.kz")
    assert re.fullmatch(r"http://localhost:8000/invitations/\S+", printed.out[0])
    refused = sqlite_command("users", "link", "demo.person@example.kz", "--mail", status=1)
    assert "REGISTRY_MAIL_URL" in refused.errors[0]
    with mail_server() as server:
        sqlite_command.environment |= {"REGISTRY_MAIL_URL": server.url, "REGISTRY_MAIL_FROM": "tizilim@example.kz"}
        said = sqlite_command("users", "link", "demo.person@example.kz", "--mail")
        assert said.out == ["demo.person@example.kz: link mailed to demo.person@example.kz"]
        assert "mail: sent by tizilim@example.kz" in sqlite_command("doctor").out
        assert len(server.letters) == 1
    gone = sqlite_command("users", "link", "demo.person@example.kz", "--mail", status=1)
    assert "could not be sent" in gone.errors[0]
    assert any("mail: " in line for line in sqlite_command("doctor", status=1).errors)
