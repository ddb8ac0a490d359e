"""Issuing: numbers without gaps, the same request gives the same paper, and what is issued never changes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import DomainError, NotAllowed, NotFound
from registry.infra import jobs
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import acts
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.paper_kinds import kinds
from registry.papers import issuing, queries, requests, services, worker
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.papers.rules import RequestStatus
from registry.printing import rendering
from registry.printing.embedded_data import MadeWith
from registry.residents import services as residents
from registry.verification import checking
from tests import factories
from tests.factories import NOW, bin_number
from tests.papers import world
from tests.people import COMPANY_BIN

LATER = NOW + timedelta(days=1)


class UnprintableError(Exception):
    """Stands for whatever may go wrong in a rendering."""


def unprintable(*_arguments: object, **_options: object) -> None:
    raise UnprintableError


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of one line each, for tests that are not about their look."""
    import pikepdf

    pdf = pikepdf.new()
    pdf.add_blank_page()
    import io

    out = io.BytesIO()
    pdf.save(out)
    monkeypatch.setattr(rendering, "render", lambda paper, **_options: rendering.Body(out.getvalue(), 1))
    monkeypatch.setattr(
        rendering,
        "stamp",
        lambda body, paper, identity, _programs: body.content + f"% {identity.number} {identity.code}".encode(),
    )
    monkeypatch.setattr(rendering, "stamp_draft", lambda body, paper: body.content + b"% draft")


@pytest.mark.usefixtures("quick")
def test_numbers_run_without_gaps_through_failed_renderings(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    world.build()
    numbers = [world.issued("participants", as_of=date(2026, 3, 1)).number]
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render", unprintable)
        with pytest.raises(UnprintableError):
            world.issued("participants", as_of=date(2026, 3, 2))
    with monkeypatch.context() as patch:
        patch.setattr(acts, "record", unprintable)
        with pytest.raises(UnprintableError):
            world.issued("participants", as_of=date(2026, 3, 2))
    numbers.append(world.issued("participants", as_of=date(2026, 3, 3)).number)
    numbers.append(world.issued("contracts").number)
    assert numbers == ["KZ-PAR-2026-000001-kk", "KZ-PAR-2026-000002-kk", "KZ-CON-2026-000001-kk"]
    assert journal.verify().problem is None


@pytest.mark.usefixtures("quick")
def test_each_scope_kind_and_year_counts_for_itself(app: Flask) -> None:
    entries = world.build()
    nu = entries[COMPANY_BIN].territory
    next_year = NOW.replace(year=2027)
    found = [
        world.issued("participants").number,
        world.issued("participants", territory=nu).number,
        world.issued("extract").number,
        world.issued("participants", as_of=date(2026, 5, 5), territory=nu).number,
        world.issued("participants", as_of=date(2026, 5, 6), now=next_year).number,
    ]
    assert found == [
        "KZ-PAR-2026-000001-kk",
        "NU-PAR-2026-000001-kk",
        "NU-EXT-2026-000001-kk",
        "NU-PAR-2026-000002-kk",
        "KZ-PAR-2027-000001-kk",
    ]


@pytest.mark.usefixtures("quick")
def test_the_same_request_gives_the_same_paper_until_the_data_change(database: Flask) -> None:
    entries = world.build()
    first = world.issued("participants")
    again = world.issued("participants", now=LATER)
    assert (again.id, again.number, again.sha256) == (first.id, first.number, first.sha256)
    with transaction():
        residents.amend_resident(
            factories.SYSTEM,
            entries[COMPANY_BIN],
            values={"address_kk": "Жаңа мекенжай"},
            now=LATER,
            effective_on=date(2026, 6, 1),
        )
    assert world.issued("participants", now=LATER).number == "KZ-PAR-2026-000002-kk"


@pytest.mark.usefixtures("quick")
def test_languages_share_the_number_and_the_snapshot(app: Flask) -> None:
    world.build()
    papers = [world.issued("taxes", language=language, now=NOW) for language in ("kk", "ru", "en")]
    assert [paper.number for paper in papers] == [f"KZ-TAX-2026-000001-{language}" for language in ("kk", "ru", "en")]
    assert len({paper.act_id for paper in papers}) == 1
    assert len({paper.sha256 for paper in papers}) == len({paper.code for paper in papers}) == 3
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DocumentAct)) == 1


@pytest.mark.usefixtures("quick")
def test_two_at_once_get_two_numbers(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """While one paper is laid out another of its series is issued: the stamp prepared for its number is made anew."""
    world.build()
    made = rendering.stamp
    between = iter([lambda: world.issued("participants", as_of=date(2026, 4, 1))])

    def interrupted(
        body: rendering.Body, paper: object, identity: rendering.Identity, programs: MadeWith | None
    ) -> bytes:
        for act in between:
            act()
        return made(body, paper, identity, programs)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "stamp", interrupted)
    late = world.issued("participants", as_of=date(2026, 4, 2))
    assert late.number == "KZ-PAR-2026-000002-kk"
    assert b"KZ-PAR-2026-000002-kk" in queries.get_bytes(late)
    assert sorted(db.session.scalars(sa.select(Document.number))) == ["KZ-PAR-2026-000001-kk", "KZ-PAR-2026-000002-kk"]


@pytest.mark.usefixtures("quick")
def test_the_journal_names_number_and_hash(app: Flask, staff: Viewer) -> None:
    entries = world.build()
    paper = world.issued("extract", actor=staff)
    entry = journal.history(subjects=[("document", paper.id)])[0][0]
    assert entry.action is Action.DOCUMENT_ISSUED
    assert entry.actor_id == staff.user_id == paper.issued_by
    assert entry.changes["number"] == [None, paper.number]
    assert entry.changes["sha256"] == [None, paper.sha256]
    of_resident = journal.history(subjects=[("resident", entries[COMPANY_BIN].id)])[0]
    assert entry.sequence in {row.sequence for row in of_resident}
    assert paper.act.chain_sequence < entry.sequence


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE document_act SET snapshot = '{}'",
        "UPDATE document_act SET number = 'X'",
        "DELETE FROM document_act",
        "UPDATE document SET sha256 = 'x'",
        "UPDATE document SET code = 'x'",
        "UPDATE document SET checks = checks - 1",
        "DELETE FROM document",
    ],
)
def test_the_database_refuses_to_change_what_was_issued(database: Flask, statement: str) -> None:
    world.build()
    world.issued("participants")
    with pytest.raises(sa.exc.IntegrityError), transaction() as session:
        session.execute(sa.text(statement))


# --- who may have what ---


@pytest.mark.usefixtures("quick")
def test_a_resident_gets_its_own_papers_only(app: Flask, resident_viewer: Viewer) -> None:
    world.build()
    assert world.issued("extract", actor=resident_viewer).number == "NU-EXT-2026-000001-kk"
    assert world.issued("certificate", actor=resident_viewer).number == "NU-CER-2026-000001-kk"
    with pytest.raises(NotFound):
        world.issued("extract", actor=resident_viewer, resident=bin_number(1))
    with pytest.raises(NotAllowed):
        world.issued("participants", actor=resident_viewer)


@pytest.mark.usefixtures("quick")
def test_a_resident_sees_its_own_papers_only(app: Flask, resident_viewer: Viewer, staff: Viewer) -> None:
    world.build()
    own, other = world.issued("extract"), world.issued("extract", resident=bin_number(1))
    register = world.issued("participants")
    assert list(db.session.scalars(queries.list_statement(resident_viewer))) == [own]
    assert set(db.session.scalars(queries.list_statement(staff))) == {own, other, register}
    for paper in (other, register):
        with pytest.raises(NotFound):
            queries.get_document(paper.id, resident_viewer)
        with pytest.raises(NotFound):
            queries.by_number(resident_viewer, paper.number)


@pytest.mark.usefixtures("quick")
def test_refusals_name_what_to_correct(app: Flask) -> None:
    entries = world.build()
    factories.resident(COMPANY_BIN, territory="YAFI")
    cases: list[tuple[str, dict, str]] = [
        ("passport", {"resident": None}, "kind"),
        ("participants", {"language": "de"}, "language"),
        ("participants", {"resident": COMPANY_BIN}, "resident"),
        ("extract", {"resident": bin_number(5)}, "resident"),
        ("extract", {"resident": COMPANY_BIN}, "territory"),
        (
            "extract",
            {"resident": COMPANY_BIN, "territory": entries[COMPANY_BIN].territory, "as_of": date(2025, 1, 1)},
            "as_of",
        ),
        ("extract", {"resident": None}, "resident"),
    ]
    for kind, about, field in cases:
        with pytest.raises(DomainError) as refusal:
            issuing.issue(factories.SYSTEM, kind, **({"language": "kk", "now": NOW} | about))
        assert refusal.value.field == field, (kind, about)


@pytest.mark.usefixtures("quick")
def test_a_number_finds_its_paper(app: Flask, staff: Viewer) -> None:
    world.build()
    paper = world.issued("participants")
    assert queries.by_number(staff, paper.number) == paper
    assert queries.by_number(staff, f"№ {paper.act.number}") == paper
    world.issued("participants", language="ru")
    with pytest.raises(DomainError):
        queries.by_number(staff, paper.act.number)
    with pytest.raises(NotFound):
        queries.by_number(staff, "KZ-PAR-2026-000009-kk")


# --- certificates and revocation ---


@pytest.mark.usefixtures("quick")
def test_exclusion_revokes_the_certificate(app: Flask) -> None:
    entries = world.build()
    certificate, extract = world.issued("certificate"), world.issued("extract")
    factories.status_change(entries[COMPANY_BIN], "excluded", date(2026, 10, 5))
    verdict = checking.verify(queries.get_bytes(certificate), date(2026, 10, 4))
    assert (verdict.valid, verdict.status) == (True, "valid")
    verdict = checking.verify(queries.get_bytes(certificate), date(2026, 10, 5))
    assert (verdict.valid, verdict.status, verdict.number) == (False, "revoked", certificate.number)
    assert "5 Oct 2026".replace(" ", "\u00a0") in str(verdict.reason)
    assert checking.verify(queries.get_bytes(extract), date(2026, 10, 5)).valid
    with pytest.raises(DomainError):
        world.issued("certificate", as_of=date(2026, 10, 5))
    with pytest.raises(DomainError):
        world.issued("certificate", as_of=date(2026, 9, 1))


@pytest.mark.usefixtures("quick")
def test_an_annulled_exclusion_restores_the_certificate(app: Flask) -> None:
    entries = world.build()
    certificate = world.issued("certificate")
    change = factories.status_change(entries[COMPANY_BIN], "excluded", date(2026, 10, 5))
    with transaction():
        residents.annul_status_change(factories.SYSTEM, change, reason="Қате", now=LATER)
    assert checking.verify(queries.get_bytes(certificate), date(2026, 10, 6)).valid


def test_a_suspended_participant_keeps_its_certificate(app: Flask, quick: None) -> None:
    entries = world.build()
    certificate = world.issued("certificate")
    factories.status_change(entries[COMPANY_BIN], "suspended", date(2026, 10, 1), ground="breach")
    assert checking.verify(queries.get_bytes(certificate), date(2026, 10, 5)).valid


def test_a_changed_file_is_noticed(app: Flask) -> None:
    world.build()
    content = queries.get_bytes(world.issued("certificate"))
    assert checking.verify(content, world.DAY).valid
    for position in (0, 9, len(content) // 2, len(content) - 1):
        damaged = bytearray(content)
        damaged[position] ^= 1
        verdict = checking.verify(bytes(damaged), world.DAY)
        assert (verdict.valid, verdict.status, verdict.number) == (False, "unknown", None)


# --- in the background ---


def ask(actor: Viewer, **about: object) -> DocumentRequest:
    """Ask for a paper that needs no approval."""
    with transaction():
        return services.request_document(
            actor,
            "extract",
            language="kk",
            now=NOW,
            **({"as_of": world.DAY, "resident": COMPANY_BIN} | about),  # type: ignore[arg-type]
        )


def read_afresh(row: DocumentRequest) -> None:
    """See what the worker wrote in a session of its own."""
    db.session.rollback()
    db.session.refresh(row)


@pytest.mark.usefixtures("quick")
def test_a_request_is_worked_off(app: Flask, staff: Viewer) -> None:
    world.build()
    asked = ask(staff)
    assert asked.status == RequestStatus.QUEUED
    jobs.enqueue(worker.run_request, asked.id)
    assert jobs.work_off() == 1
    read_afresh(asked)
    assert asked.status == RequestStatus.DONE
    assert asked.rows_done == asked.rows_total > 0
    assert db.session.get_one(Document, asked.document_id).issued_by == staff.user_id


@pytest.mark.usefixtures("quick")
def test_the_same_request_under_way_is_reused_and_a_second_run_does_nothing(app: Flask, staff: Viewer) -> None:
    world.build()
    asked = ask(staff)
    assert ask(staff).id == asked.id
    assert ask(staff, as_of=date(2026, 8, 1)).id != asked.id
    worker.run_request(asked.id)
    worker.run_request(asked.id)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 1
    assert ask(staff).id != asked.id


def test_a_failed_request_says_so_and_can_be_tried_again(
    app: Flask, staff: Viewer, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    asked = ask(staff)
    with monkeypatch.context() as patch:
        patch.setattr(rendering, "render", unprintable)
        worker.run_request(asked.id)
    read_afresh(asked)
    assert asked.status == RequestStatus.FAILED
    with transaction():
        services.retry_request(staff, asked, now=LATER)
    worker.run_request(asked.id)
    read_afresh(asked)
    assert asked.status == RequestStatus.DONE
    assert db.session.get_one(Document, asked.document_id).number == "NU-EXT-2026-000001-kk"


@pytest.mark.usefixtures("quick")
def test_a_lost_request_and_one_of_a_killed_worker_are_found_again(app: Flask, staff: Viewer) -> None:
    world.build()
    lost, killed = ask(staff), ask(staff, as_of=date(2026, 8, 1))
    with transaction():
        killed.status, killed.started_at = str(RequestStatus.RUNNING), NOW
        killed.requested_at = worker.utc_now() - timedelta(minutes=10)
    worker.find_lost_requests()
    assert jobs.work_off() == 2
    for row in (lost, killed):
        read_afresh(row)
        assert row.status == RequestStatus.DONE


def test_a_paper_knows_no_more_than_its_journal_head(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy the registers are while a paper is collected, its data are those of the head it names."""
    world.build()
    day = NOW.date()
    wanted = requests.order(SYSTEM, "participants", language="ru", today=day, as_of=day)
    before = journal.head().count
    collect = kinds.collect

    def while_others_write(*values: Any) -> Any:
        def write() -> None:
            with database.app_context():
                factories.resident(bin_number(77), name_ru="Позже начала")
                db.session.remove()

        with ThreadPoolExecutor(1) as pool:
            pool.submit(write).result()
        return collect(*values)

    monkeypatch.setattr(kinds, "collect", while_others_write)
    draft = issuing.collect(wanted)
    assert draft.chain_sequence == before
    assert "Позже начала" not in draft.text
    monkeypatch.undo()
    later = issuing.collect(wanted)
    assert later.chain_sequence > before
    assert "Позже начала" in later.text
