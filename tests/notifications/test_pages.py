"""The pages of notifications, the letters' page, and where links lead."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import services as accounts
from registry.accounts.models import User
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.installation import backups
from registry.installation import events as installation
from registry.notifications import events as declared
from registry.notifications import services
from registry.notifications.models import Letter, Notification
from registry.notifications.rules import Fate
from registry.papers import issuing
from registry.papers.models import DocumentRequest
from registry.reports import events, reminders, work_lists
from registry.reports import services as reports
from registry.territories.queries import by_code
from tests import people
from tests.factories import bin_number, resident
from tests.pages import PageClient
from tests.reports import ready

NOW = utc_now()


def rows(event: str | None = None) -> list[Notification]:
    db.session.rollback()
    found = db.session.scalars(sa.select(Notification).order_by(Notification.id)).all()
    return [row for row in found if event in (None, row.event)]


def returned(staff: Viewer) -> Any:
    report = ready.submitted(resident(people.COMPANY_BIN))
    with transaction():
        reports.return_report(staff, report, reason="қате", now=NOW)
    return report


def test_a_link_opens_the_very_thing_after_signing_in(app: Flask, client: PageClient, staff: Viewer) -> None:
    report = returned(staff)
    (row,) = rows()
    wall = client.get("notifications.show", notification_id=row.id, expect=302)
    target = wall.response.headers["Location"]
    assert target.startswith("/sign-in?next=")
    typed = {"login": "resident", "password": people.PASSWORD}
    answer = client.submit(client.get(target), typed, containing="password")
    back = answer.response.headers["Location"]
    assert client.get(back, expect=302).response.headers["Location"] == f"/reports/{report.id}"
    assert rows()[0].read_at is not None


def test_it_is_nobody_elses(app: Flask, client: PageClient, staff: Viewer) -> None:
    returned(staff)
    (row,) = rows()
    for role in ("admin", "staff", "auditor"):
        client.sign_out()
        client.sign_in(role)
        client.get("notifications.show", notification_id=row.id, expect=404)
        assert "was returned to you" not in client.get("notifications.index")
    assert rows()[0].read_at is None


def test_the_bell_counts_what_is_unread(app: Flask, client: PageClient, staff: Viewer) -> None:
    returned(staff)
    client.sign_in("resident")
    assert "Notifications 1" in client.get("home.index")
    page = client.get("notifications.index")
    assert "The report for Q3 2026 was returned to you." in page
    assert "No letters are sent" in page
    page = client.submit(page, action="/notifications/read", follow=True)
    assert "Everything is marked as read." in page
    assert "Notifications 1" not in page
    assert "was returned to you" in page


def test_what_is_no_longer_open_says_nothing(app: Flask, client: PageClient, staff: Viewer, admin: Viewer) -> None:
    returned(staff)
    other = resident(bin_number(4))
    with transaction():
        user = db.session.get_one(User, people.IDS["resident"])
        accounts.change_role(admin, user, role="resident", company_bin=other.bin, now=NOW)
    client.sign_in("resident")
    page = client.get("notifications.index")
    assert "This is no longer open to you." in page
    assert "Q3" not in page
    client.get("notifications.show", notification_id=rows()[0].id, expect=404)


@pytest.mark.parametrize(
    ("role", "groups"),
    [
        ("resident", {"reports"}),
        ("staff", {"papers"}),
        ("admin", {"papers", "installation"}),
    ],
)
def test_people_choose_what_they_can_be_told(app: Flask, client: PageClient, role: str, groups: set[str]) -> None:
    client.sign_in(role)
    page = client.get("notifications.choices")
    assert page.fields().keys() & {"reports", "papers", "installation"} == groups
    group = sorted(groups)[0]
    client.submit(page, {group: "daily"}, containing=group, follow=True)
    assert client.get("notifications.choices").fields()[group] == "daily"
    client.submit(client.get("notifications.choices"), {group: "never"}, containing=group, expect=422)
    assert client.get("notifications.choices").fields()[group] == "daily"


def test_administrators_see_the_fate_of_letters_and_nothing_of_their_content(
    app: Flask, client: PageClient, staff: Viewer
) -> None:
    with transaction():
        user_id = people.IDS["resident"]
        failed = services.new_letter("told", user_id, address="a@example.kz", now=NOW)
        failed.fate, failed.said = Fate.REFUSED, "550 <script>no</script> such mailbox"
        link = services.new_letter("forgotten_password", user_id, address="b@example.kz", now=NOW)
        link.fate, link.said = Fate.GIVEN_UP, "451 later"
        ids, message_id = (failed.id, link.id), link.message_id
    client.sign_in("admin")
    page = client.get("notifications.letters")
    for text in ("forgotten password", "550 <script>no</script> such mailbox", "refused", "given up", "Resident"):
        assert text in page
    assert "b@example.kz" not in client.get("notifications.letters", fate="refused")
    assert "a@example.kz" not in client.get("notifications.letters", kind="forgotten_password")
    page = client.get("notifications.letter", letter_id=ids[1])
    assert "Send again" not in page
    assert message_id.strip("<>") not in page.html
    page = client.submit(client.get("notifications.letter", letter_id=ids[0]), follow=True)
    assert "The letter is sent again." in page
    assert db.session.get_one(Letter, ids[0], populate_existing=True).fate == Fate.WAITING


def test_nobody_else_sees_letters(app: Flask, client: PageClient) -> None:
    here = [resident(bin_number(4)).territory]
    with transaction():
        accounts.add_user(
            SYSTEM, login="nu", role="admin", territories=here, password=people.PASSWORD, language="en", now=NOW
        )
        letter = services.new_letter("told", people.IDS["resident"], address="a@example.kz", now=NOW).id
    for login in ("nu", "staff", "auditor", "resident"):
        client.sign_out()
        client.sign_in(login)
        for address in ("/settings/letters", "/lists/letters.csv", f"/settings/letters/{letter}"):
            answer = client._open("GET", address, {})
            assert answer.status_code in {403, 404}, (login, address)
            assert "a@example.kz" not in answer.get_data(as_text=True)


# --- what is told, to whom ---


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T02:30:00+00:00").astimezone(UTC)


def remind(day: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setattr(reminders, "seems_ahead", lambda: False)
    known = {row.id for row in rows()}
    reminders.remind(at(day))
    return [f"{row.event} {row.occasion}" for row in rows() if row.id not in known]


def test_companies_are_reminded_by_working_days(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The third quarter is due on Wednesday, 25 November 2026: ten working days before is the 11th."""
    resident(people.COMPANY_BIN)
    resident(bin_number(4))
    period = ready.period(now=at("2026-10-02"))
    assert str(period.due_on) == "2026-11-25"
    told = {
        day: remind(day, monkeypatch)
        for day in ("2026-11-10", "2026-11-11", "2026-11-12", "2026-11-18", "2026-11-24", "2026-11-25", "2026-11-26")
    }
    assert told == {
        "2026-11-10": [],
        "2026-11-11": ["report_due 2026-11-25 10"],
        "2026-11-12": [],
        "2026-11-18": ["report_due 2026-11-25 5"],
        "2026-11-24": ["report_due 2026-11-25 1"],
        "2026-11-25": [],
        "2026-11-26": ["report_late 2026-11-25 late"],
    }
    assert remind("2026-11-26", monkeypatch) == []
    assert remind("2027-03-01", monkeypatch) == [], "nobody is told of long ago"
    assert {row.user_id for row in rows()} == {people.IDS["resident"]}


def test_whoever_has_sent_it_is_not_reminded(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    ready.submitted(resident(people.COMPANY_BIN))
    period = ready.period()
    assert work_lists.owing(period) == set()
    assert remind("2026-11-24", monkeypatch) == []
    assert remind("2026-11-26", monkeypatch) == []


def test_a_reminder_opens_the_report_or_the_way_to_it(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = resident(people.COMPANY_BIN)
    period = ready.period(now=at("2026-10-02"))
    remind("2026-11-24", monkeypatch)
    (row,) = rows()
    client.sign_in("resident")
    opened = client.get("notifications.show", notification_id=row.id, expect=302).response.headers["Location"]
    assert opened == f"/reports#duty-{entry.id}-{period.id}"
    assert client.get(opened.partition("#")[0]).all("h2", id=f"duty-{entry.id}-{period.id}")
    report = ready.draft(entry)
    opened = client.get("notifications.show", notification_id=row.id, expect=302).response.headers["Location"]
    assert opened == f"/reports/{report.id}/edit"


def test_a_prepared_paper_is_told_to_those_who_may_approve_it(database: Flask, staff: Viewer, admin: Viewer) -> None:
    resident(people.COMPANY_BIN)
    with transaction():
        elsewhere = accounts.add_user(
            SYSTEM,
            login="elsewhere",
            role="staff",
            password=people.PASSWORD,
            territories=[by_code("YAFI")],
            now=NOW,
        ).id
    request = issuing.issue(staff, "participants", language="ru", now=NOW, territory=by_code("NU"))
    assert isinstance(request, DocumentRequest)
    (row,) = rows("paper_waiting")
    assert row.user_id == people.IDS["admin"]
    assert elsewhere not in {item.user_id for item in rows()}
    assert row.subject_id == request.id
    event = declared.event_of(row)
    assert event is not None
    assert event.holds(row, admin)
    assert not event.holds(row, staff), "nobody approves what he prepared"


def test_administrators_are_told_of_a_late_backup_once_a_week(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    last = NOW - timedelta(days=3)
    monkeypatch.setattr(installation, "seems_ahead", lambda: False)
    monkeypatch.setattr(backups, "alarm", lambda _now: [])
    installation.watch()
    assert rows() == []
    monkeypatch.setattr(backups, "alarm", lambda _now: ["late"])
    standing = backups.standing(NOW)
    monkeypatch.setattr(backups, "standing", lambda _now: replace(standing, last_good=last))
    installation.watch()
    installation.watch()
    assert [(row.event, row.user_id) for row in rows()] == [("backup_late", people.IDS["admin"])]
    monkeypatch.setattr(installation, "utc_now", lambda: NOW + timedelta(days=7))
    installation.watch()
    assert len(rows()) == 2


def test_taken_back_and_returned_again_is_told_again(app: Flask, staff: Viewer) -> None:
    report = returned(staff)
    with transaction():
        reports.take_back_return(staff, report, now=NOW)
    with transaction():
        reports.return_report(staff, report, reason="тағы", now=NOW)
    assert [row.event for row in rows()] == [events.RETURNED.key] * 2
