"""What the home pages of staff and auditors offer (``design.md`` 3)."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.home.views import quarter_of
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import today, utc_now
from registry.infra.db import db, transaction
from registry.infra.schedule import Failed
from registry.journal import guards, services
from registry.journal import queries as journal
from registry.journal.models import JournalHead
from registry.papers import services as papers
from registry.residents import services as residents
from tests import factories
from tests.pages import Page, PageClient, element_text
from tests.papers import world


def waiting(page: Page) -> tuple[str, str]:
    """What the tile of papers to approve counts, and where it leads."""
    tile = next(link for link in page.all("a") if "waiting for your approval" in element_text(link))
    return element_text(next(part for part in tile.iter("span"))), tile.get("href", "")


@pytest.mark.parametrize("role", ["staff", "admin"])
def test_papers_waiting_for_approval_are_counted_and_opened(app: Flask, client: PageClient, role: str) -> None:
    from registry.infra import jobs
    from registry.papers import worker
    from tests import people

    factories.resident()
    with transaction():
        asked = papers.request_document(people.viewer("auditor"), "participants", language="kk", now=utc_now())
    client.sign_in(role)
    assert waiting(client.get("home.index"))[0] == "0"
    jobs.enqueue(worker.run_request, asked.id)
    jobs.work_off()
    count, address = waiting(client.get("home.index"))
    assert count == "1"
    listed = client.get(address.partition("#")[0])
    first = next(section for section in listed.all("section"))
    assert first.get("aria-labelledby") == address.partition("#")[2]
    assert f"/documents/requests/{asked.id}/approve" in listed.html
    client.sign_out()
    client.sign_in("auditor")
    mine = client.get("home.index")
    assert "waiting for approval" in mine
    assert f"/documents/requests/{asked.id}/draft" in mine.html


def test_an_auditor_s_home_tells_the_state_of_the_journal(app: Flask, client: PageClient) -> None:
    factories.resident()
    client.sign_in("auditor")
    assert "not checked yet" in client.get("home.index")
    checked = client.get("journal.verification")
    assert "1 entry checked" in checked
    page = client.get("home.index")
    assert "last checked" in page
    assert "up to entry 1" in page
    assert journal.head().hash[:16] in page


def test_damage_is_told_where_people_look_first(app: Flask, client: PageClient) -> None:
    """Found by the worker's daily check, it stands on the home pages until a check finds the journal whole."""
    factories.resident()
    with transaction() as session:
        for refusal in guards.REFUSALS:
            if refusal.table == JournalHead.__tablename__:
                session.execute(sa.text(f"DROP TRIGGER {refusal.name}"))
        session.get_one(JournalHead, 1).count += 1
    with pytest.raises(Failed, match="Damage was found"):
        services.check_in_time()
    found = journal.last_check()
    assert found is not None
    assert found.problem
    for role in ("staff", "auditor"):
        client.sign_in(role)
        assert "The journal has been damaged" in client.get("home.index")
        client.sign_out()
    with transaction() as session:
        session.get_one(JournalHead, 1).count -= 1
        session.flush()
        guards.install(session.connection())
    assert str(services.check_in_time()) == "Whole: 1 entry."
    assert journal.last_check().problem is None  # type: ignore[union-attr]
    client.sign_in("staff")
    assert "The journal has been damaged" not in client.get("home.index")


def test_corrections_of_the_quarter_are_listed_and_printed(app: Flask, client: PageClient) -> None:
    entry = factories.resident(now=utc_now())
    with transaction():
        residents.amend_resident(SYSTEM, entry, values={"decision_no": "9-Ш"}, now=utc_now())
    client.sign_in("auditor")
    page = client.get("home.index")
    listed = client.get(page.links()["1 recorded"])
    assert len(listed.all("li", class_="history-entry")) == 1
    year, quarter = quarter_of(today())
    link = next(href for href in page.links().values() if "kind=corrections" in href)
    fields = client.get(link).fields()
    assert fields["since"] == date(year, 3 * quarter - 2, 1).strftime("%d.%m.%Y")
    assert fields["as_of"] == today().strftime("%d.%m.%Y")


@pytest.mark.parametrize(
    ("day", "before", "expected"),
    [
        (date(2026, 1, 1), 0, (2026, 1)),
        (date(2026, 1, 1), 1, (2025, 4)),
        (date(2026, 12, 31), 0, (2026, 4)),
        (date(2026, 12, 31), 5, (2025, 3)),
    ],
)
def test_quarters_before_a_day(day: date, before: int, expected: tuple[int, int]) -> None:
    assert quarter_of(day, before=before) == expected


def test_a_paper_is_found_by_its_number_or_its_code(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    paper = world.issued("participants")
    number = paper.number.removesuffix("-kk")
    client.sign_in("auditor")
    home = client.get("home.index")
    form = next(f for f in home.all("form") if f.get("action") == "/check")
    assert [field.get("name") for field in form.iter("input")] == ["code"]
    record = f"/documents/{paper.id}"
    for typed in (paper.number, number, f"№ {paper.number.lower()}", f" {number.lower()}-kk "):
        answer = client.get_response("documents.check", code=typed, expect=302)
        assert answer.headers["Location"] == record, typed
    assert client.get_response("documents.check", code=paper.code, expect=302).headers["Location"] == f"/v/{paper.code}"
    world.issued("participants", language="ru")
    assert client.get_response("documents.check", code=number, expect=302).headers["Location"].startswith("/documents?")
    client.sign_out()
    client.get_response("shell.switch_language", code="en", expect=302)
    # Numbers follow one another and can be guessed: to strangers they say that the paper is valid and no more.
    page = client.get("documents.check", query={"code": paper.number})
    assert "A paper with this number was issued and is valid." in page
    assert paper.code not in page.html.replace(" ", "")
    client.sign_in("resident")
    assert client.get("documents.check", query={"code": paper.number}).text.count("was issued and is valid") == 1
    assert db.session.get_one(type(paper), paper.id).checks == 0


def test_a_role_without_tools_of_audit_sees_none(app: Flask, client: PageClient, staff: Viewer) -> None:
    client.sign_in("resident")
    page = client.get("home.index")
    assert not [href for href in page.links().values() if href.startswith(("/journal", "/documents/new?kind=c"))]
