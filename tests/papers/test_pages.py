"""Pages of papers: asking, progress, the list, downloads, and the public checks."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from typing import Any

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra import jobs
from registry.infra.access import SYSTEM
from registry.infra.clock import today
from registry.infra.db import db
from registry.paper_kinds import kinds
from registry.paper_kinds.kinds import KINDS
from registry.papers import issuing, queries, services
from registry.papers.models import Document, DocumentRequest
from tests import factories
from tests.factories import bin_number
from tests.pages import Page, PageClient
from tests.papers import world
from tests.people import COMPANY_BIN


@pytest.fixture
def entries(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A small register; papers are quick to make."""
    world.print_quickly(monkeypatch)
    return world.build()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_staff_prepares_a_register_and_another_person_approves_it(
    client: PageClient, entries: dict[str, Any], language: str
) -> None:
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    client.sign_in("staff")
    kinds = client.get("documents.issue_new")
    assert len([href for href in kinds.links().values() if "kind=" in href]) == len(KINDS)
    form = client.get("documents.issue_new", query={"kind": "participants"})
    progress = client.submit(form, {"as_of": "30.09.2026", "language": ["kk", "ru"]}, follow=True)
    assert progress.response.headers["Refresh"] == "1"
    assert jobs.work_off() == 2
    place = progress.response.request.path
    prepared = client.get(place)
    assert "Refresh" not in prepared.response.headers
    assert "/draft" in prepared.html
    assert "/approve" not in prepared.html
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Document)) == 0
    assert client.get_response("documents.draft", request_id=1).data.endswith(b"draft")
    client.post("documents.approve", request_id=1, expect=403)

    client.sign_out()
    client.get_response("shell.switch_language", code=language, expect=302)
    client.sign_in("admin")
    waiting = client.get("documents.index")
    assert "Staff" in waiting
    for number in (1, 2):
        client.submit(client.get(place), action=f"/documents/requests/{number}/approve")
        assert jobs.work_off() == 1
    ready = client.get(place)
    assert "KZ-PAR-2026-000001-kk" in ready
    assert "KZ-PAR-2026-000001-ru" in ready
    assert "KZ-PAR-2026-000001-kk" in client.get("documents.index")
    record = client.get("documents.show", document_id=1)
    assert db.session.get_one(Document, 1).sha256 in record
    assert "Staff" in record
    assert "Admin" in record
    client.get_response("documents.draft", request_id=1, expect=404)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("contracts", {"territory": "NU", "as_of": "2026-09-30"}),
        ("patents", {"as_of": "30.09.2026"}),
        ("taxes", {"year": "2026", "quarter": "3"}),
        ("revenues", {"year": "2026", "quarter": ""}),
        ("indicators", {"year": "2026", "territory": "NU"}),
        ("annual", {"year": "2026", "territory": "NU"}),
        ("comparison", {"since": "31.03.2026", "as_of": "30.09.2026"}),
        ("journal", {"since": "01.10.2026", "as_of": "31.10.2026"}),
        ("premises", {"as_of": "30.09.2026"}),
        ("extract", {"resident": COMPANY_BIN, "as_of": "30.09.2026"}),
        ("certificate", {"resident": COMPANY_BIN, "as_of": "30.09.2026"}),
    ],
)
def test_each_kind_has_its_form(client: PageClient, entries: dict[str, Any], kind: str, fields: dict) -> None:
    client.sign_in("auditor")
    form = client.get("documents.issue_new", query={"kind": kind})
    progress = client.submit(form, fields | {"language": ["ru"]}, follow=True)
    assert jobs.work_off() == 1
    if KINDS[kind].needs_approval:
        assert "waiting for approval" in client.get(progress.response.request.path)
        return
    answer = client.get_response(progress.response.request.path, expect=302)
    assert re.fullmatch(r"/documents/\d+", answer.headers["Location"])


def test_what_is_wrong_is_said_at_the_field(client: PageClient, entries: dict[str, Any]) -> None:
    client.sign_in("staff")
    form = client.get("documents.issue_new", query={"kind": "extract"})
    page = client.submit(form, {"resident": bin_number(5), "language": []}, expect=422)
    assert "Choose at least one language." in page
    page = client.submit(form, {"resident": bin_number(5)}, expect=422)
    assert "There is no participant with the BIN" in page
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DocumentRequest)) == 0


def test_the_record_of_a_resident_leads_to_its_papers(client: PageClient, entries: dict[str, Any]) -> None:
    client.sign_in("staff")
    entry = entries[COMPANY_BIN]
    tab = client.get("documents.of_resident", resident_id=entry.id)
    form = client.get(tab.links()["Certificate"])
    assert entry.register_no in form
    client.submit(form, {"as_of": "30.09.2026"}, follow=True)
    jobs.work_off()
    assert "NU-CER-2026-000001-en" in client.get("documents.of_resident", resident_id=entry.id)


def test_a_resident_issues_its_own_papers_and_no_others(client: PageClient, entries: dict[str, Any]) -> None:
    client.sign_in("resident")
    own, other = entries[COMPANY_BIN], entries[bin_number(1)]
    kinds = client.get("documents.issue_new")
    assert len([href for href in kinds.links().values() if "kind=" in href]) == 2
    client.get("documents.issue_new", query={"kind": "extract", "resident": other.id}, expect=404)
    client.get("documents.of_resident", resident_id=other.id, expect=404)
    client.submit(client.get("documents.issue_new", query={"kind": "extract"}), {"as_of": "30.09.2026"})
    jobs.work_off()
    assert "NU-EXT-2026-000001-en" in client.get("documents.index")
    form = client.get("documents.issue_new", query={"kind": "extract"})
    client.submit(form, {"entry": str(other.id)}, expect=422)
    assert own.register_no in form
    stranger = world.issued("extract", resident=bin_number(1))
    register = world.issued("participants")
    for paper in (stranger, register):
        client.get("documents.show", document_id=paper.id, expect=404)
        client.get_response("documents.download", document_id=paper.id, expect=404)


def test_a_stranger_s_request_is_not_found(client: PageClient, entries: dict[str, Any], staff: Any) -> None:
    from registry.infra.db import transaction

    with transaction():
        asked = services.request_document(staff, "participants", language="kk", now=factories.NOW)
    client.sign_in("resident")
    client.get("documents.progress", request_id=asked.id, expect=404)


def test_the_list_is_filtered(client: PageClient, entries: dict[str, Any]) -> None:
    world.issued("participants"), world.issued("participants", language="ru"), world.issued("extract")
    client.sign_in("auditor")
    for query, count in (
        ({}, 3),
        ({"kind": "extract"}, 1),
        ({"language": "ru"}, 1),
        ({"year": "2026"}, 3),
        ({"year": "2025"}, 0),
        ({"number": "PAR-2026"}, 2),
        ({"territory": "NU"}, 1),
    ):
        page = client.get("documents.index", query=query)
        assert len(page.all("input", name="mark")) == count, query
        if count:
            links = page.links()
            csv_text = client.get_response(links["Table for reading (CSV)"]).data.decode("utf-8-sig")
            text = list(csv.DictReader(io.StringIO(csv_text)))
            assert len(text) == count
            assert {row["Status"] for row in text} == {"valid"}
            book = openpyxl.load_workbook(io.BytesIO(client.get_response(links["Table for reading (XLSX)"]).data))
            assert [row[0].value for row in book.worksheets[0].iter_rows(min_row=2)] == [row["Number"] for row in text]
    assert "“Year of issue”: choose" in client.get("documents.index", query={"year": "x"})
    old = client.get_response("/documents/list.csv?kind=extract", expect=302).location
    assert old == "/lists/documents.csv?kind=extract"


def test_a_download_is_what_was_stored(client: PageClient, entries: dict[str, Any]) -> None:
    paper = world.issued("participants")
    client.sign_in("staff")
    response = client.get_response("documents.download", document_id=paper.id)
    assert response.data == queries.get_bytes(paper)
    assert response.mimetype == "application/pdf"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{paper.number}.pdf"'
    assert response.headers["ETag"] == f'"{paper.sha256}"'


# --- open to everybody ---


@pytest.fixture
def passer_by(client: PageClient) -> PageClient:
    """Somebody without an account who reads English."""
    client.get_response("shell.switch_language", code="en", expect=302)
    return client


def upload(client: PageClient, page: Page, content: bytes, *, expect: int = 200) -> Page:
    return client.submit(page, {"file": (io.BytesIO(content), "paper.pdf")}, containing="csrf_token", expect=expect)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_public_page_says_what_it_should_and_nothing_personal(
    client: PageClient, entries: dict[str, Any], language: str
) -> None:
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    paper = world.issued("certificate")
    page = client.get(f"/v/{paper.code}")
    for shown in (paper.number, paper.sha256, COMPANY_BIN, "Іргетас", entries[COMPANY_BIN].register_no):
        assert shown in page, shown
    assert {"kk": "30 қыркүйек", "ru": "30 сентября", "en": "30 September"}[language] in page.text
    for secret in ("system", "example.com"):
        assert secret not in page.html
    person = client.get(f"/v/{world.issued('certificate', resident=world.PERSON).code}")
    assert "0001******07" in person
    assert world.PERSON not in person.html
    client.get(f"/v/{paper.code.lower()}")
    db.session.expire_all()
    assert queries.checks(db.session.get_one(Document, paper.id)) == 2


def test_an_unknown_code_gets_no_hint(passer_by: PageClient, entries: dict[str, Any]) -> None:
    paper = world.issued("certificate")
    near = paper.code[:-1] + ("A" if paper.code[-1] != "A" else "B")
    first, second = passer_by.get(f"/v/{near}", expect=404), passer_by.get("/v/x", expect=404)
    assert first.text == second.text
    assert paper.number not in first.html


def test_a_file_is_compared_with_the_paper(passer_by: PageClient, entries: dict[str, Any]) -> None:
    paper, other = world.issued("certificate"), world.issued("extract")
    content = queries.get_bytes(paper)
    page = passer_by.get(f"/v/{paper.code}")
    assert "This is the issued paper, unchanged." in upload(passer_by, page, content)
    assert "it was changed after its issue" in upload(passer_by, page, content + b" ")
    assert "another issued paper" in upload(passer_by, page, queries.get_bytes(other))
    assert "This is not a PDF file. Choose the PDF" in upload(passer_by, page, b"GIF89a", expect=422)
    for pack in (b"PK\x03\x04", b"PK\x03\x04" + b"0" * (10 * 1024 * 1024)):
        assert "tizilim-check.html" in upload(passer_by, page, pack, expect=422)
    assert "larger than 10 MB" in upload(passer_by, page, b"%PDF-" + b"0" * (10 * 1024 * 1024), expect=422)


def test_anybody_may_check_by_code_or_file(passer_by: PageClient, entries: dict[str, Any]) -> None:
    paper = world.issued("certificate")
    address = f"http://localhost:8000/v/{paper.code}"
    for typed in (paper.code, f" {paper.code[:8]} {paper.code[8:].lower()}", address):
        answer = passer_by.get_response(f"/check?code={typed}", expect=302)
        assert answer.headers["Location"] == f"/v/{paper.code}"
    page = passer_by.get("/check", query={"code": "NOTHING"})
    assert "There is no paper with this code." in page
    assert paper.number in upload(passer_by, page, queries.get_bytes(paper))


def test_a_genuine_code_on_another_company_s_certificate_shows_whose_it_is(
    passer_by: PageClient, entries: dict[str, Any]
) -> None:
    """Whoever reads the page compares it with the sheet: a code cut out of another paper gives itself away."""
    own, other = world.issued("certificate"), world.issued("certificate", resident=bin_number(1))
    page = passer_by.get(f"/v/{other.code}")
    assert "Compare with the paper" in page
    assert bin_number(1) in page
    assert "Іргетас" not in page
    assert own.number != other.number


@pytest.mark.parametrize(
    ("kind", "about", "language", "shown"),
    [
        ("taxes", {"year": 2026, "quarter": 3}, "ru", ["2 345 678,90"]),
        ("taxes", {"year": 2026, "quarter": 3}, "en", ["2,345,678.90"]),
        ("participants", {}, "kk", ["30 қыркүйек", "4"]),
        ("comparison", {"since": date(2026, 3, 31)}, "en", ["31 March 2026", "30 September 2026"]),
    ],
)
def test_the_public_page_shows_what_a_register_states(
    client: PageClient, entries: dict[str, Any], kind: str, about: dict, language: str, shown: list[str]
) -> None:
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    said = world.words_of(client.get(f"/v/{world.issued(kind, **about).code}").text)
    for text in shown:
        assert text in said, text
    assert any(word in said for word in ("Количество записей", "Number of entries", "Жазбалар саны")) is (
        kind != "taxes"
    )


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("annual", {"year": 2026}),
        ("contracts", {}),
        ("contracts", {"territory": "NU"}),
        ("participants", {"territory": "NU"}),
        ("taxes", {"year": 2026, "quarter": 3}),
    ],
)
def test_the_public_page_calls_a_paper_and_its_territory_as_the_paper_does(
    client: PageClient, entries: dict[str, Any], kind: str, about: dict, language: str
) -> None:
    if "territory" in about:
        about = {"territory": entries[COMPANY_BIN].territory}
    paper = world.issued(kind, language=language, **about)
    printed = kinds.compose(kinds.load(paper.act.snapshot), language)
    said = world.words_of(client.get(f"/v/{paper.code}").text)
    assert printed.title in said
    assert printed.place in said
    # Without the sheet's code the page says the same in the reader's language.
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    by_number = world.words_of(client.get("/check", query={"code": paper.number}).text)
    assert printed.title in by_number
    assert printed.place in by_number


def test_anybody_may_ask_by_number_and_learns_nothing_of_the_holder(
    passer_by: PageClient, entries: dict[str, Any]
) -> None:
    paper = world.issued("certificate")
    world.issued("certificate", language="ru")
    for typed in (paper.number, f"№ {paper.act.number.lower()}"):
        page = passer_by.get("/check", query={"code": typed})
        assert "A paper with this number was issued and is valid." in page
        assert paper.act.number in page
        for hidden in (COMPANY_BIN, "Іргетас", paper.code, paper.sha256):
            assert hidden not in page.html
    assert "no paper with this number" in passer_by.get("/check", query={"code": "NU-CER-2026-000077"})
    for _guess in range(services.FREE_GUESSES):
        passer_by.answer("/check?code=NU-CER-2026-000077-kk")
    passer_by.get("/check", query={"code": paper.number}, expect=429)


def test_a_resident_may_check_another_s_number_as_everybody(client: PageClient, entries: dict[str, Any]) -> None:
    paper = world.issued("certificate", resident=bin_number(1))
    client.sign_in("resident")
    assert "A paper with this number was issued" in client.get("/check", query={"code": paper.number})


def test_a_revoked_certificate_is_told_to_everybody(passer_by: PageClient, entries: dict[str, Any]) -> None:
    paper = issuing.issue(
        SYSTEM, "certificate", language="kk", now=factories.NOW, resident=COMPANY_BIN, as_of=world.DAY
    )
    assert today() > date(2026, 10, 5)
    factories.status_change(entries[COMPANY_BIN], "excluded", date(2026, 10, 5))
    page = passer_by.get(f"/v/{paper.code}")
    assert "The certificate is revoked" in page
    assert "is valid" not in page
    assert "The certificate is revoked" in upload(passer_by, page, queries.get_bytes(paper))
    passer_by.sign_in("staff")
    assert "The certificate is revoked" in passer_by.get("documents.show", document_id=paper.id)
    assert "revoked" in passer_by.get("documents.index")


def test_public_keys_are_published(passer_by: PageClient, entries: dict[str, Any]) -> None:
    assert "BEGIN PUBLIC KEY" in passer_by.get("/keys")
