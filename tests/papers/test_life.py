"""The life of papers: drafts, approval by another person, replacement, revocation, and what everybody is told."""

from __future__ import annotations

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.papers import issuing, queries, services, worker
from registry.papers.models import Document, DocumentAct, DocumentEvent, DocumentRequest
from registry.papers.rules import RequestStatus
from registry.printing import rendering
from registry.residents import services as residents
from registry.residents.models import Resident
from registry.verification import checking
from tests import factories
from tests.factories import NOW
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN

pytestmark = pytest.mark.thorough

LATER = NOW + timedelta(days=1)
REASON = "Қате жіберілген"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of one line each: their look is tested elsewhere."""
    world.print_quickly(monkeypatch)


def actions() -> list[Action]:
    """What happened to papers, in order."""
    rows = db.session.execute(
        sa.text("SELECT action FROM journal_entry WHERE action LIKE 'document%' ORDER BY sequence")
    )
    return [Action(row[0]) for row in rows]


def prepared(actor: Viewer, kind: str = "participants", language: str = "kk", **about: object) -> DocumentRequest:
    """A paper that waits for approval."""
    made = issuing.issue(actor, kind, language=language, now=NOW, **({"as_of": world.DAY} | about))  # type: ignore[arg-type]
    assert isinstance(made, DocumentRequest)
    return made


def change_something() -> None:
    """Make the data of later papers other than those issued so far."""
    row = db.session.scalars(sa.select(Resident).where(Resident.bin == COMPANY_BIN)).one()
    with transaction():
        residents.amend_resident(SYSTEM, row, values={"address_kk": "Жаңа мекенжай"}, now=LATER, effective_on=world.DAY)


# --- prepared by one person, approved by another ---


def test_a_person_prepares_and_another_approves(database: Flask, auditor: Viewer, staff: Viewer) -> None:
    world.build()
    request = prepared(auditor)
    assert request.status == RequestStatus.PREPARED
    assert queries.get_draft(request).endswith(b"kk draft")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0
    assert [row.id for row in queries.awaiting_approval(staff)] == [request.id]
    assert queries.awaiting_approval(auditor) == []

    change_something()
    paper = worker.approve_and_issue(staff, request, now=LATER)
    assert paper.number == "KZ-PAR-2026-000001-kk"
    assert paper.issued_by == staff.user_id
    assert "Жаңа мекенжай" not in paper.act.snapshot, "what was approved is what was prepared"
    assert actions() == [Action.DOCUMENT_PREPARED, Action.DOCUMENT_APPROVED, Action.DOCUMENT_ISSUED]
    entries = journal.history(subjects=[("document_request", request.id)])[0]
    assert {entry.action: entry.actor_id for entry in entries} == {
        Action.DOCUMENT_PREPARED: auditor.user_id,
        Action.DOCUMENT_APPROVED: staff.user_id,
    }
    request = db.session.get_one(DocumentRequest, request.id)
    assert (request.status, request.document_id, request.snapshot) == (RequestStatus.DONE, paper.id, None)
    assert queries.request_of(paper) == request
    with pytest.raises(NotFound):
        queries.get_draft(request)
    assert journal.verify().problem is None


def test_nobody_approves_what_it_prepared(app: Flask, staff: Viewer, admin: Viewer, auditor: Viewer) -> None:
    world.build()
    request = prepared(staff)
    for actor in (staff, auditor):
        with pytest.raises(NotAllowed), transaction():
            services.approve(actor, request, now=NOW)
    with transaction():
        services.approve(admin, request, now=NOW)
    with pytest.raises(Conflict), transaction():
        services.approve(admin, request, now=NOW)


def test_a_person_does_not_issue_alone_what_needs_two(app: Flask, admin: Viewer) -> None:
    world.build()
    waiting = issuing.issue(admin, "indicators", language="kk", now=NOW)
    assert isinstance(waiting, DocumentRequest) and waiting.status == RequestStatus.PREPARED
    assert issuing.issue(admin, "extract", language="kk", now=NOW, resident=COMPANY_BIN).issued_by == admin.user_id


def test_the_system_user_does_both_steps_and_the_journal_says_so(app: Flask) -> None:
    world.build()
    world.issued("participants"), world.issued("extract")
    assert actions() == [
        Action.DOCUMENT_PREPARED,
        Action.DOCUMENT_APPROVED,
        Action.DOCUMENT_ISSUED,
        Action.DOCUMENT_ISSUED,
    ]


def test_what_was_issued_already_needs_no_second_approval(app: Flask, auditor: Viewer) -> None:
    world.build()
    paper = world.issued("participants")
    assert issuing.issue(auditor, "participants", language="kk", now=LATER, as_of=world.DAY) == paper


def test_two_drafts_of_the_same_data_get_one_number(app: Flask, auditor: Viewer, staff: Viewer, admin: Viewer) -> None:
    world.build()
    first, second, russian = prepared(auditor), prepared(staff), prepared(auditor, language="ru")
    papers = [worker.approve_and_issue(admin, request, now=LATER) for request in (first, second, russian)]
    assert [paper.number for paper in papers] == [
        "KZ-PAR-2026-000001-kk",
        "KZ-PAR-2026-000001-kk",
        "KZ-PAR-2026-000001-ru",
    ]
    drafts = issuing.settings().drafts_dir
    assert not [path for path in drafts.rglob("*") if path.is_file()]


def test_a_draft_is_declined_or_withdrawn(app: Flask, auditor: Viewer, staff: Viewer) -> None:
    world.build()
    first, second = prepared(auditor), prepared(auditor, kind="contracts")
    with pytest.raises(DomainError), transaction():
        services.decline(staff, first, reason=" ", now=NOW)
    with transaction():
        services.decline(staff, first, reason=REASON, now=NOW)
        services.decline(auditor, second, reason=REASON, now=NOW)
    assert (first.status, first.error, first.draft) == (RequestStatus.DECLINED, REASON, None)
    with pytest.raises(Conflict), transaction():
        services.approve(staff, first, now=NOW)
    other = prepared(staff)
    with pytest.raises(NotAllowed), transaction():
        services.decline(auditor, other, reason=REASON, now=NOW)
    assert world.issued("participants").number == "KZ-PAR-2026-000001-kk"


def test_an_approval_survives_a_failed_printing(
    app: Flask, auditor: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    request = prepared(auditor)
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "stamp", None)
        with pytest.raises(DomainError):
            worker.approve_and_issue(staff, request, now=NOW)
    request = db.session.get_one(DocumentRequest, request.id)
    assert request.status == RequestStatus.FAILED
    with transaction():
        services.retry_request(staff, request, now=LATER)
    worker.run_request(request.id)
    db.session.expire_all()
    assert db.session.get_one(DocumentRequest, request.id).document_id == 1
    assert actions() == [Action.DOCUMENT_PREPARED, Action.DOCUMENT_APPROVED, Action.DOCUMENT_ISSUED]


# --- revoked and replaced ---


def revoke(paper: Document, actor: Viewer = SYSTEM) -> None:
    with transaction():
        services.revoke(actor, paper.act, reason=REASON, now=LATER)


def test_a_revoked_paper_says_why(database: Flask, staff: Viewer, auditor: Viewer) -> None:
    world.build()
    papers = [world.issued("participants", language=language) for language in ("kk", "ru")]
    with pytest.raises(NotAllowed):
        revoke(papers[0], auditor)
    revoke(papers[0], staff)
    for paper in papers:
        verdict = checking.verify(queries.get_bytes(paper), LATER.date())
        assert (verdict.valid, verdict.status) == (False, "revoked")
        assert REASON in str(verdict.reason)
        assert checking.verify(queries.get_bytes(paper), NOW.date()).valid, "the day before it still held"
    entry = journal.history(subjects=[("document_act", papers[0].act_id)])[0][0]
    assert (entry.action, entry.actor_id, entry.reason) == (Action.DOCUMENT_REVOKED, staff.user_id, REASON)
    with pytest.raises(Conflict):
        revoke(papers[1], staff)
    with pytest.raises(DomainError), transaction():
        services.revoke(staff, papers[0].act, reason="", now=LATER)


def test_after_a_revocation_the_same_request_gives_a_new_paper(database: Flask) -> None:
    world.build()
    first = world.issued("participants")
    revoke(first)
    second = world.issued("participants", now=LATER)
    assert (second.number, second.act.edition) == ("KZ-PAR-2026-000002-kk", 2)
    assert second.act.data_hash == first.act.data_hash
    assert world.issued("participants", now=LATER) == second


@pytest.mark.parametrize("changed", [True, False])
def test_a_replaced_paper_names_its_successor(database: Flask, changed: bool) -> None:
    world.build()
    old = [world.issued("participants", language=language) for language in ("kk", "ru")]
    if changed:
        change_something()
    new = issuing.replace(SYSTEM, old[0].act, reason=REASON, now=LATER)
    assert [paper.number for paper in new if isinstance(paper, Document)] == [
        "KZ-PAR-2026-000002-kk",
        "KZ-PAR-2026-000002-ru",
    ]
    for paper in old:
        held = queries.validity(paper, LATER.date())
        assert (held.state, held.replaced_by, held.note) == ("replaced", "KZ-PAR-2026-000002", REASON)
        assert "KZ-PAR-2026-000002" in str(checking.why_revoked(held))
    assert queries.validity(new[0], LATER.date()).is_valid  # type: ignore[arg-type]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DocumentEvent)) == 1
    assert actions().count(Action.DOCUMENT_REPLACED) == 1
    with pytest.raises(Conflict):
        issuing.replace(SYSTEM, old[0].act, reason=REASON, now=LATER)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DocumentAct)) == 2


def test_a_paper_issued_meanwhile_takes_the_place(app: Flask) -> None:
    world.build()
    old = world.issued("participants")
    change_something()
    newer = world.issued("participants", now=LATER)
    assert issuing.replace(SYSTEM, old.act, reason=REASON, now=LATER) == [newer]
    assert queries.validity(old, LATER.date()).replaced_by == newer.act.number


def test_a_person_replaces_once_another_approves(app: Flask, staff: Viewer, admin: Viewer) -> None:
    world.build()
    old = world.issued("participants")
    (request,) = issuing.replace(staff, old.act, reason=REASON, now=LATER)
    assert isinstance(request, DocumentRequest)
    assert queries.validity(old, LATER.date()).is_valid
    new = worker.approve_and_issue(admin, request, now=LATER)
    assert queries.validity(old, LATER.date()).replaced_by == new.act.number == "KZ-PAR-2026-000002"


def test_numbers_of_acts_and_papers_name_the_act(app: Flask, staff: Viewer, resident_viewer: Viewer) -> None:
    world.build()
    paper = world.issued("participants")
    assert queries.act_by_number(staff, paper.number) == paper.act
    assert queries.act_by_number(staff, f" № {paper.act.number}") == paper.act
    for viewer, number in ((staff, "KZ-PAR-2026-000009"), (resident_viewer, paper.number)):
        with pytest.raises(NotFound):
            queries.act_by_number(viewer, number)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document_event SET reason = 'x'",
        "DELETE FROM document_event",
        "INSERT INTO document_event (id, act_id, kind, effective_on, reason, recorded_at)"
        " VALUES (9, 1, 'revoked', '2026-01-01', 'x', '2026-01-01 00:00:00')",
        "INSERT INTO document_event (id, act_id, kind, effective_on, reason, recorded_at)"
        " VALUES (9, 2, 'replaced', '2026-01-01', 'x', '2026-01-01 00:00:00')",
    ],
)
def test_the_database_keeps_the_end_of_a_paper(database: Flask, statement: str) -> None:
    world.build()
    revoke(world.issued("participants"))
    world.issued("contracts")
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.text(statement))


# --- pages ---


def test_everybody_reads_that_a_paper_was_revoked_or_replaced(client: PageClient, app: Flask) -> None:
    world.build()
    paper, other = world.issued("participants"), world.issued("contracts")
    client.get_response("shell.switch_language", code="en", expect=302)
    client.sign_in("staff")
    page = client.get("documents.revoke", document_id=paper.id)
    client.submit(page, {"reason": ""}, expect=422)
    client.submit(page, {"reason": REASON})
    client.submit(client.get("documents.replace", document_id=other.id), {"reason": REASON}, follow=True)
    assert worker.jobs.work_off() == 1
    client.sign_out()
    client.get_response("shell.switch_language", code="en", expect=302)
    assert "is valid" in client.get(f"/v/{other.code}")
    client.sign_in("admin")
    index = client.get("documents.index")
    client.submit(index, action=f"/documents/requests/{1}/approve")
    assert worker.jobs.work_off() == 1
    client.sign_out()
    client.get_response("shell.switch_language", code="en", expect=302)
    for code, word in ((paper.code, "was revoked on"), (other.code, "was replaced by № KZ-CON-2026-000002")):
        page = client.get(f"/v/{code}")
        assert word in page
        assert REASON in page
        assert not re.search(r"\d{4}-\d{2}-\d{2}\. ", page.html)
        assert "is valid" not in page
        assert "Staff" not in page.html


def test_an_auditor_revokes_nothing(client: PageClient, app: Flask) -> None:
    world.build()
    paper = world.issued("participants")
    client.sign_in("auditor")
    assert "/revoke" not in client.get("documents.show", document_id=paper.id).html
    client.get_response("documents.revoke", document_id=paper.id, expect=403)


def test_guessing_codes_is_slowed(client: PageClient, app: Flask) -> None:
    world.build()
    paper = world.issued("certificate")
    for number in range(services.FREE_GUESSES):
        client.get(f"/v/{number:028d}", expect=404)
    refused = client.get_response(f"/v/{paper.code}", expect=429)
    assert 0 < int(refused.headers["Retry-After"]) <= 4
    assert client.get_response(f"/check?code={paper.code}", expect=429)
    db.session.expire_all()
    assert queries.checks(db.session.get_one(Document, paper.id)) == 0


def test_a_known_code_is_no_guess(client: PageClient, app: Flask) -> None:
    world.build()
    paper = world.issued("certificate")
    for _number in range(services.FREE_GUESSES + 2):
        client.get(f"/v/{paper.code}")
    db.session.expire_all()
    assert queries.checks(db.session.get_one(Document, paper.id)) == services.FREE_GUESSES + 2


def test_guesses_are_forgotten(app: Flask) -> None:
    for _number in range(services.FREE_GUESSES):
        assert services.look_up("X", "203.0.113.7", now=NOW) == (None, timedelta())
    assert services.look_up("X", "203.0.113.7", now=NOW)[1] > timedelta()
    assert services.look_up("X", "203.0.113.8", now=NOW) == (None, timedelta())
    assert services.look_up("X", "203.0.113.7", now=NOW + timedelta(hours=2)) == (None, timedelta())


def test_exclusion_and_revocation_do_not_hide_each_other(app: Flask) -> None:
    entries = world.build()
    certificate = world.issued("certificate")
    factories.status_change(entries[COMPANY_BIN], "excluded", LATER.date())
    assert queries.validity(certificate, LATER.date()).reason == "excluded"
    revoke(certificate)
    assert queries.validity(certificate, LATER.date()).reason == "revoked"


def test_as_many_papers_as_there_are_may_be_asked_about(database: Flask) -> None:
    """More than the 65 535 parameters a statement may have on PostgreSQL; the last is the only one there is."""
    world.build()
    paper = world.issued("certificate", as_of=world.TODAY)
    act = paper.act
    many = [
        SimpleNamespace(id=-n, act_id=-n, act=SimpleNamespace(kind=act.kind, resident_id=-n)) for n in range(70_000)
    ]
    factories.status_change(db.session.get_one(Resident, act.resident_id), "excluded", world.TODAY)
    held = queries.validities([*many, paper], world.TODAY)  # ty: ignore[invalid-argument-type]
    assert len(held) == 70_001
    assert [key for key, validity in held.items() if not validity.is_valid] == [paper.id]


def test_the_journal_leads_from_an_ended_act_to_its_first_paper(app: Flask, client: PageClient) -> None:
    world.build()
    first, _second = (world.issued("premises", language=language) for language in ("kk", "ru"))
    with transaction():
        services.revoke(SYSTEM, first.act, reason=REASON, now=LATER)
    client.sign_in("auditor")
    links = client.get("journal.index", query={"action": "document_revoked"}).links()
    assert links[f"№ {first.act.number}"] == f"/documents/{first.id}"
