"""A forgotten password: the same answer for everybody, a letter to the address on record, a link for an hour."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import forgotten, mailing, queries, rules, services, signing_in
from registry.accounts.models import ForgottenPassword, Invitation, SignIn, User
from registry.infra import beside, jobs
from registry.infra.access import Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal import services as journal_check
from registry.notifications import outbox
from registry.residents.services import amend_resident
from tests import people, smtp
from tests.factories import resident
from tests.pages import PageClient
from tests.smtp import Mailbox

ADDRESS = "firma@example.kz"
LONG_AGO = utc_now() - timedelta(days=40)
ANSWER = "If there is an account that fits, a link to set a new password is on its way"
NEW = "Жаңа-сынақ-құпиясөз-77"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    settings = app.config["SETTINGS"]
    outbox._rest_until[0] = 0.0
    with smtp.server() as server:
        app.config["SETTINGS"] = replace(settings, mail_url=server.url, mail_from="tizilim@example.kz")
        yield server
    app.config["SETTINGS"] = settings


@pytest.fixture
def company(app: Flask) -> Any:
    return resident(people.COMPANY_BIN, email="Firma@Example.kz".lower())


def ask(app: Flask, typed: str) -> Any:
    client = PageClient(app)
    return client.submit(client.get("accounts.forgotten_password"), {"login": typed}, containing="login", follow=True)


def work() -> None:
    """What the worker does within seconds."""
    db.session.rollback()
    forgotten.find_unanswered()
    jobs.work_off()
    db.session.rollback()
    outbox.queue_due()
    jobs.work_off()
    db.session.rollback()


def links(mailbox: Mailbox) -> list[str]:
    found = [re.search(r"/invitations/\S+", letter.get_content()) for letter in mailbox.letters]
    return [match.group() for match in found if match]


@pytest.mark.parametrize("typed", ["resident", " RESIDENT ", ADDRESS, "FIRMA@example.kz"])
def test_a_link_comes_to_the_address_on_record(
    app: Flask, client: PageClient, company: Any, mailbox: Mailbox, typed: str
) -> None:
    client.sign_in("resident")
    assert ANSWER in ask(app, typed)
    work()
    (letter,) = mailbox.letters
    assert letter["To"] == ADDRESS
    (link,) = links(mailbox)
    stranger = PageClient(app)
    page = stranger.get(link)
    assert "Your login is resident" in page
    stranger.submit(page, {"name": "Resident", "password": NEW, "password_again": NEW}, containing="password")
    # All sessions end, the link has worked, and the journal tells.
    assert client.get("home.index", expect=302).response.headers["Location"].startswith("/sign-in")
    PageClient(app).get(link, expect=404)
    PageClient(app).sign_in("resident", NEW)
    entries, _total = journal.history(limit=2)
    assert [entry.action for entry in entries] == ["password_set", "user_invited"]
    assert (entries[1].changes["forgotten"], entries[1].actor_id) == ([None, True], None)
    with beside.noted() as connection:
        noted = connection.execute(sa.select(SignIn.what, SignIn.user_id).order_by(SignIn.id)).all()
    assert ("forgot", people.IDS["resident"]) in [tuple(row) for row in noted]
    assert not [line for line in journal_check.check(utc_now()).found if "invitation" in line]


def test_the_link_binds_nobody_and_its_owner_is_not_warned(app: Flask, company: Any, mailbox: Mailbox) -> None:
    ask(app, "resident")
    work()
    assert queries.links_made(people.IDS["resident"], utc_now()) == []
    assert queries.company_links({people.COMPANY_BIN: 2**40}, utc_now()) == []


@pytest.mark.parametrize("typed", ["nobody", "nobody@example.kz", "staff", "admin"])
def test_no_address_no_letter_and_the_same_answer(app: Flask, company: Any, mailbox: Mailbox, typed: str) -> None:
    known, unknown = ask(app, "resident"), ask(app, typed)
    assert re.sub(r"<input[^>]*csrf[^>]*>", "", known.html) == re.sub(r"<input[^>]*csrf[^>]*>", "", unknown.html)
    rows = db.session.scalars(sa.select(ForgottenPassword.id)).all()
    assert len(rows) == 2, "known and unknown logins leave the same behind"
    work()
    assert [letter["To"] for letter in mailbox.letters] == [ADDRESS]
    assert db.session.scalars(sa.select(ForgottenPassword.id)).all() == []


def test_an_address_that_somebody_put_there_lately_gets_none(
    app: Flask, company: Any, mailbox: Mailbox, staff: Viewer
) -> None:
    with transaction():
        amend_resident(staff, company, values={"email": "mine@example.kz"}, now=utc_now())
    assert ANSWER in ask(app, "resident")
    work()
    assert mailbox.letters == []
    user = db.session.get_one(User, people.IDS["resident"])
    with transaction():
        letter = mailing.mail_forgotten(user, now=utc_now() + rules.LINK_BINDS + timedelta(days=1))
    assert letter is not None


def test_a_newer_link_ends_the_one_before(app: Flask, company: Any, mailbox: Mailbox) -> None:
    ask(app, "resident")
    work()
    user = db.session.get_one(User, people.IDS["resident"])
    with transaction():
        mailing.mail_forgotten(user, now=utc_now())
    work()
    first, second = links(mailbox)
    PageClient(app).get(first, expect=404)
    PageClient(app).get(second)


def test_it_works_for_an_hour_and_ends_with_a_changed_password(app: Flask, company: Any, mailbox: Mailbox) -> None:
    ask(app, "resident")
    work()
    row = db.session.scalars(sa.select(Invitation)).one()
    assert row.expires_at - row.created_at == timedelta(hours=1)
    (link,) = links(mailbox)
    token = link.rpartition("/")[2]
    assert row.token_hash == queries.token_hash(token) != token
    with transaction():
        services.change_password(people.viewer("resident"), old_password=people.PASSWORD, password=NEW, now=utc_now())
    PageClient(app).get(link, expect=404)


def test_a_refused_letter_leaves_no_link(app: Flask, company: Any, mailbox: Mailbox) -> None:
    mailbox.recipients[ADDRESS] = "550 no such mailbox"
    ask(app, "resident")
    work()
    assert queries.pending_until(db.session.get_one(User, people.IDS["resident"]), utc_now()) is None


def test_nobodys_mailbox_is_filled(app: Flask, company: Any, mailbox: Mailbox) -> None:
    for _ in range(rules.FREE_ASKED):
        with transaction():
            forgotten.ask("resident", now=utc_now())
    work()
    assert len(mailbox.letters) == 1


@pytest.mark.parametrize("typed", ["resident", "nobody"])
def test_asking_again_and_again_has_to_wait(app: Flask, company: Any, mailbox: Mailbox, typed: str) -> None:
    for _ in range(rules.FREE_ASKED):
        assert ANSWER in ask(app, typed)
    client = PageClient(app)
    page = client.submit(client.get("accounts.forgotten_password"), {"login": typed}, containing="login", expect=422)
    assert "Too many attempts failed" in page
    # Signing in is not held up by it.
    assert client.sign_in("resident") == "/"
    assert signing_in.wait_for(forgotten.counters_of(typed, "127.0.0.1")[0], now=utc_now())


def test_without_a_mail_server_the_page_says_whom_to_ask(app: Flask, client: PageClient) -> None:
    page = client.get("accounts.sign_in")
    assert page.links()["Forgotten the password?"] == "/forgotten-password"
    page = client.get("accounts.forgotten_password")
    assert "Ask the management company or the administrator" in page
    assert not page.all("input", name="login")


def test_a_closed_or_unopened_account_gets_none(app: Flask, company: Any, mailbox: Mailbox, admin: Viewer) -> None:
    with transaction():
        services.deactivate(admin, db.session.get_one(User, people.IDS["resident"]), now=utc_now())
        services.invite(admin, login="second", role="resident", company_bin=people.COMPANY_BIN, now=LONG_AGO)
    ask(app, ADDRESS)
    work()
    assert mailbox.letters == []
