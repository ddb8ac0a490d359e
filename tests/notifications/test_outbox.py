"""Letters against a real SMTP server: delivered once, refused, put off, slow, lost with their worker, over TLS."""

from __future__ import annotations

import os
import signal
import ssl
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask

from registry.accounts import services as accounts
from registry.accounts.models import User
from registry.infra import jobs, mail
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.notifications import outbox, services
from registry.notifications.models import Letter, Notification
from registry.notifications.rules import DIGEST, LEASE, PAUSES, Fate, Group, How
from registry.reports import events
from registry.reports import services as reports
from tests import people, smtp
from tests.factories import resident
from tests.papers.test_worker import in_another_process
from tests.reports import ready
from tests.smtp import Mailbox

NOW = utc_now()
ADDRESS = "firma@example.kz"


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    yield from set_up(app)


def set_up(app: Flask, **changes: Any) -> Iterator[Mailbox]:
    """A server that the program knows, and left alone for no while."""
    settings = app.config["SETTINGS"]
    outbox._rest_until[0] = 0.0
    with smtp.server(**changes) as server:
        app.config["SETTINGS"] = replace(settings, mail_url=server.url, mail_from="Tizilim <tizilim@example.kz>")
        yield server
    app.config["SETTINGS"] = settings
    outbox._rest_until[0] = 0.0


def company() -> Any:
    return resident(people.COMPANY_BIN, email=ADDRESS)


def tell(event: Any = events.ACCEPTED, occasion: str = "1", *, now: datetime = NOW) -> int:
    """Something happens to a report of the company."""
    report = db.session.scalar(sa.select(events.Report.id))
    with transaction():
        return services.tell(
            event,
            [people.IDS["resident"]],
            about=(events.REPORT, report),
            occasion=occasion,
            values={"year": 2026, "quarter": 3, "due_on": "2026-11-25"},
            now=now,
        )


def leave() -> None:
    """What the worker does within seconds."""
    outbox._rest_until[0] = 0.0
    outbox.queue_due()
    jobs.work_off()


def let_pass(time: timedelta) -> None:
    """Let time go by for every letter that has not ended."""
    for letter in letters():
        with transaction():
            letter.next_at -= time


def letters() -> list[Letter]:
    db.session.rollback()  # what another process wrote is seen from the next transaction on
    return list(db.session.scalars(sa.select(Letter).order_by(Letter.id).execution_options(populate_existing=True)))


@pytest.fixture
def report(app: Flask) -> Any:
    """A report of the company that waits for a decision."""
    return ready.submitted(company())


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("kk", "Tizilim: 2026 жылғы III тоқсан есебі қайтарылды", "Нені түзету керегін ашып оқып, қайта жіберіңіз."),
        ("ru", "Tizilim: отчет за III квартал 2026 года возвращен", "прочитайте, что исправить"),
        ("en", "Tizilim: the report for Q3 2026 was returned", "read what to put right"),
    ],
)
def test_a_returned_report_is_told_once_in_the_accounts_language(
    app: Flask, report: Any, mailbox: Mailbox, staff: Viewer, language: str, subject: str, text: str
) -> None:
    with transaction():
        db.session.get_one(User, people.IDS["resident"]).language = language
        reports.return_report(staff, report, reason="150 000,00 ₸ емес, «Құпия» ЖШС", now=NOW)
    leave()
    leave()
    (letter,) = mailbox.letters
    assert str(letter["Subject"]).replace("\u00a0", " ") == subject
    said = letter.get_content().replace("\r\n", "\n")
    assert text in said
    # The reason may hold figures: it stays behind the link.
    assert "150" not in said
    assert people.COMPANY_BIN not in said
    row = db.session.scalars(sa.select(Notification)).one()
    assert f"http://localhost:8000/notifications/{row.id}\n" in said
    assert (letter["To"], letter["Auto-Submitted"]) == (ADDRESS, "auto-generated")
    assert [(item.fate, item.attempts, item.address) for item in letters()] == [(Fate.SENT, 1, ADDRESS)]
    assert letter["Message-ID"] == letters()[0].message_id


def test_what_is_rolled_back_is_told_to_nobody(app: Flask, report: Any, mailbox: Mailbox, staff: Viewer) -> None:
    with pytest.raises(RuntimeError, match="too late"), transaction():
        reports.accept(staff, report, now=NOW)
        raise RuntimeError("too late")
    leave()
    assert (letters(), mailbox.letters) == ([], [])
    assert db.session.scalars(sa.select(Notification)).all() == []


def test_once_for_each_event_and_recipient(app: Flask, report: Any, mailbox: Mailbox) -> None:
    assert [tell(), tell(), tell(occasion="2")] == [1, 0, 1]
    leave()
    assert len(mailbox.letters) == 2


def test_an_answer_of_4xx_puts_it_off(app: Flask, report: Any, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 4.7.1 greylisted, try later"]
    tell()
    leave()
    (letter,) = letters()
    assert (letter.fate, letter.attempts) == (Fate.WAITING, 1)
    assert "451 4.7.1 greylisted, try later" in (letter.said or "")
    assert timedelta(0) < letter.next_at - utc_now() <= PAUSES[0]
    leave()
    assert mailbox.letters == []
    let_pass(PAUSES[0])
    leave()
    assert (len(mailbox.letters), letters()[0].fate, letters()[0].attempts) == (1, Fate.SENT, 2)


def test_it_is_given_up_in_the_end(app: Flask, report: Any, mailbox: Mailbox) -> None:
    mailbox.answers = ["451 never"] * 20
    tell()
    for pause in (*PAUSES, PAUSES[-1]):
        leave()
        let_pass(pause)
    leave()
    (letter,) = letters()
    assert (letter.fate, letter.attempts) == (Fate.GIVEN_UP, len(PAUSES) + 1)
    assert len(mailbox.answers) == 20 - len(PAUSES) - 1


@pytest.mark.parametrize("where", ["address", "letter"])
def test_an_answer_of_5xx_ends_it(app: Flask, report: Any, mailbox: Mailbox, admin: Viewer, where: str) -> None:
    if where == "address":
        mailbox.recipients[ADDRESS] = "550 5.1.1 no such mailbox"
    else:
        mailbox.answers = ["554 5.7.1 we take no news"]
    tell()
    leave()
    let_pass(timedelta(days=1))
    leave()
    (letter,) = letters()
    assert (letter.fate, letter.attempts) == (Fate.REFUSED, 1)
    assert ("550 5.1.1" if where == "address" else "554 5.7.1") in (letter.said or "")
    mailbox.recipients, mailbox.answers = {}, []
    with transaction():
        services.send_again(admin, letter, now=utc_now())
    leave()
    assert (len(mailbox.letters), letters()[0].fate) == (1, Fate.SENT)


def test_a_server_that_does_not_answer_is_left_for_a_while(
    app: Flask, report: Any, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mail, "PATIENCE", 0.3)
    mailbox.delay = 1.0
    tell()
    tell(occasion="2")
    outbox.queue_due()
    jobs.work_off()
    # The second one did not have to wait for the same.
    assert [(item.fate, item.attempts) for item in letters()] == [(Fate.WAITING, 1), (Fate.WAITING, 0)]
    assert "timed out" in (letters()[0].said or "")
    mailbox.delay = 0.0
    leave()
    assert letters()[1].fate == Fate.SENT
    let_pass(PAUSES[0])
    leave()
    first, second = letters()
    assert (first.fate, second.fate) == (Fate.SENT, Fate.SENT)
    # The server had kept what it was too slow to confirm: it is known as the same letter.
    assert [letter["Message-ID"] for letter in mailbox.letters].count(first.message_id) == 2
    assert len({raw for raw in mailbox.raw if first.message_id.encode() in raw}) == 1


def test_a_server_that_is_away_is_tried_again(app: Flask, report: Any, mailbox: Mailbox) -> None:
    settings = app.config["SETTINGS"]
    app.config["SETTINGS"] = replace(settings, mail_url="smtp://127.0.0.1:9")
    tell()
    leave()
    assert (letters()[0].fate, "refused" in (letters()[0].said or "")) == (Fate.WAITING, True)
    app.config["SETTINGS"] = settings
    let_pass(PAUSES[0])
    leave()
    assert letters()[0].fate == Fate.SENT


def test_a_worker_killed_before_it_could_note_loses_nothing(app: Flask, report: Any, mailbox: Mailbox) -> None:
    """The server has the letter whole, and the worker dies before it hears so."""
    tell()
    reader, writer = os.pipe()

    def kill() -> None:
        mailbox.at_data = None
        os.kill(int(os.read(reader, 20)), signal.SIGKILL)

    def work() -> None:
        os.write(writer, str(os.getpid()).encode())
        outbox.send(1)

    mailbox.at_data = kill
    assert in_another_process(work) == signal.SIGKILL
    assert len(mailbox.letters) == 1
    (letter,) = letters()
    assert (letter.fate, letter.attempts) == (Fate.SENDING, 1)
    leave()
    assert len(mailbox.letters) == 1, "it is that worker's until its lease is over"
    let_pass(LEASE)
    leave()
    (letter,) = letters()
    assert (letter.fate, letter.attempts) == (Fate.SENT, 2)
    # Byte for byte the same, and under one Message-ID: a mailbox shows it once.
    assert len(mailbox.raw) == 2
    assert len(set(mailbox.raw)) == 1


def test_a_worker_killed_before_it_handed_over_loses_nothing(app: Flask, report: Any, mailbox: Mailbox) -> None:
    tell()

    def work() -> None:
        mail.send = lambda *_values, **_options: os.kill(os.getpid(), signal.SIGKILL)
        outbox.send(1)

    assert in_another_process(work) == signal.SIGKILL
    assert mailbox.letters == []
    let_pass(LEASE)
    leave()
    assert (len(mailbox.letters), letters()[0].fate) == (1, Fate.SENT)


def test_who_lost_the_right_meanwhile_gets_nothing(app: Flask, report: Any, mailbox: Mailbox, admin: Viewer) -> None:
    tell()
    with transaction():
        accounts.deactivate(admin, db.session.get_one(User, people.IDS["resident"]), now=utc_now())
    leave()
    assert (letters()[0].fate, mailbox.letters) == (Fate.DROPPED, [])


def test_an_account_of_another_company_by_now_gets_nothing(
    app: Flask, report: Any, mailbox: Mailbox, admin: Viewer
) -> None:
    tell()
    other = resident(None, email="other@example.kz")
    with transaction():
        user = db.session.get_one(User, people.IDS["resident"])
        accounts.change_role(admin, user, role="resident", company_bin=other.bin, now=utc_now())
    leave()
    assert (letters()[0].fate, letters()[0].said, mailbox.letters) == (Fate.DROPPED, "no_right", [])


def test_two_accounts_of_one_address_get_one_letter(
    app: Flask, report: Any, mailbox: Mailbox, staff: Viewer, admin: Viewer
) -> None:
    with transaction():
        accounts.add_user(
            SYSTEM, login="second", role="resident", company_bin=people.COMPANY_BIN, password=people.PASSWORD, now=NOW
        )
    with transaction():
        reports.accept(staff, report, now=NOW)
    leave()
    assert len(db.session.scalars(sa.select(Notification)).all()) == 2
    assert sorted(item.fate for item in letters()) == [Fate.DROPPED, Fate.SENT]
    assert len(mailbox.letters) == 1


def test_the_letter_of_the_day_tells_everything_once(app: Flask, report: Any, mailbox: Mailbox) -> None:
    viewer = people.viewer("resident")
    with transaction():
        services.choose(viewer, {Group.REPORTS: How.DAILY})
    services.gather()
    assert letters() == [], "nothing of nothing"
    tell()
    tell(events.LATE, occasion="late")
    tell(occasion="3")
    row = db.session.scalars(sa.select(Notification).where(Notification.occasion == "3")).one()
    with transaction():
        services.mark_read(viewer, row, now=NOW)
    leave()
    assert mailbox.letters == []
    services.gather()
    services.gather()
    leave()
    (letter,) = mailbox.letters
    text = letter.get_content()
    assert letter["Subject"] == "Tizilim: your news of the day"
    # What was read is left out, and what no longer holds: no such duty is on record.
    assert text.count("/notifications/") == 2  # the one thing, and the page of choices
    assert text.replace("\r\n", "\n").startswith("Reports\n\n– The report for Q3")
    assert [item.kind for item in letters()] == [DIGEST]


def test_only_here_means_no_letter(app: Flask, report: Any, mailbox: Mailbox) -> None:
    with transaction():
        services.choose(people.viewer("resident"), {Group.REPORTS: How.HERE})
    tell()
    services.gather()
    leave()
    assert (letters(), mailbox.letters) == ([], [])
    assert len(db.session.scalars(sa.select(Notification)).all()) == 1


def test_without_a_server_nothing_gathers(app: Flask, report: Any) -> None:
    assert tell() == 1
    assert letters() == []


HOSTILE = "a\r\nBcc: everybody@example.kz\r\n\r\nbody"


def test_no_text_adds_a_header(app: Flask, mailbox: Mailbox) -> None:
    settings = app.config["SETTINGS"]
    mail.send(settings, to=ADDRESS, subject=f"Тақырып {HOSTILE}", text=f"Мәтін\n.\n{HOSTILE}")
    (letter,) = mailbox.letters
    assert letter["Bcc"] is None
    assert letter["Subject"] == "Тақырып a Bcc: everybody@example.kz body"
    assert "Мәтін\n.\na" in letter.get_content().replace("\r\n", "\n")
    for to in (f"x@example.kz{HOSTILE}", "x@example.kz\nRcpt: y@example.kz"):
        with pytest.raises(mail.NotSent):
            mail.send(settings, to=to, subject="x", text="x")
    assert len(mailbox.letters) == 1


@pytest.fixture
def certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A certificate for this machine that this machine trusts."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    form, none = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(pem, form, none))
    (tmp_path / "certificate.pem").write_bytes(made.public_bytes(pem))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    return context


@pytest.mark.parametrize(("password", "fate"), [("right", Fate.SENT), ("wrong", Fate.WAITING)])
def test_over_starttls_with_a_password(
    app: Flask, report: Any, certificate: ssl.SSLContext, tmp_path: Path, password: str, fate: Fate
) -> None:
    (tmp_path / "password").write_text(password)
    for mailbox in set_up(app, certificate=certificate, with_password=True):
        app.config["SETTINGS"] = replace(
            app.config["SETTINGS"],
            mail_url=mailbox.url.replace("://", "://tizilim@"),
            mail_password_file=tmp_path / "password",
        )
        tell()
        leave()
        # A wrong password is no fault of the letter: it waits until somebody has put it right.
        assert [item.fate for item in letters()] == [fate]
        assert mailbox.was_secure == ([True] if fate is Fate.SENT else [])
        assert mailbox.users == (["tizilim"] if fate is Fate.SENT else [])


def test_a_server_nobody_vouches_for_gets_no_letter(
    app: Flask, report: Any, certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    for mailbox in set_up(app, certificate=certificate):
        tell()
        leave()
        assert mailbox.letters == []
        assert "CERTIFICATE_VERIFY_FAILED" in (letters()[0].said or "")


def test_a_reminder_leaves_as_long_as_the_report_is_owed(
    app: Flask, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = company()
    period = ready.period()
    with transaction():
        for occasion in ("10", "5"):
            services.tell(
                events.DUE,
                [people.IDS["resident"]],
                about=(events.PERIOD, period.id),
                occasion=occasion,
                values=events.values_of(period),
                now=NOW,
            )
    outbox.send(1)
    assert len(mailbox.letters) == 1
    ready.submitted(entry)
    outbox.send(2)
    assert [item.fate for item in letters()] == [Fate.SENT, Fate.DROPPED]
