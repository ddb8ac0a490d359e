"""The panel on records, the page of files, and a file itself, by page and address."""

from __future__ import annotations

import contextvars
import io
import re
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.attachments.models import Attachment
from registry.attachments.rules import Key
from registry.contracts.models import Contract
from registry.infra.access import Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.reports import services as reports
from registry.residents.models import Resident
from tests import people
from tests.attachments import clamd, made
from tests.attachments.made import attached
from tests.pages import PageClient
from tests.reports import ready


@pytest.fixture
def plain(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Without the token of forms, which the pages' own tests look at."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    return app


def browser(app: Flask, login: str) -> Any:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = f"{people.IDS[login]}:0", True
    db.session.rollback()
    return client


def send(app: Flask, login: str, address: str, *files: tuple[bytes, str], **fields: str) -> Any:
    """Send files as a browser does; the answer as it comes."""
    data = {"files": [(io.BytesIO(content), name) for content, name in files]} | fields
    client = browser(app, login)
    return contextvars.Context().run(client.post, address, data=data, content_type="multipart/form-data")


def get(app: Flask, login: str, address: str) -> Any:
    client = browser(app, login)
    return contextvars.Context().run(client.get, address)


def names() -> list[str | None]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Attachment.file_name).order_by(Attachment.id)))


def test_several_files_are_attached_at_once(plain: Flask, contract: Contract) -> None:
    answer = send(plain, "staff", f"/attachments/contract/{contract.id}", (made.PDF, "a.pdf"), (made.PNG, "б.png"))
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/attachments/contract/{contract.id}"
    assert names() == ["a.pdf", "б.png"]


def test_what_is_fine_is_kept_and_what_is_not_comes_back_with_its_reason(plain: Flask, contract: Contract) -> None:
    answer = send(
        plain,
        "staff",
        f"/attachments/contract/{contract.id}",
        (made.PDF, "a.pdf"),
        (b"MZ", "b.pdf"),
        (made.ZIP, "c.exe"),
    )
    assert answer.status_code == 422
    assert names() == ["a.pdf"]
    for said in ("1 file attached.", "b.pdf: The name ends in “.pdf”", "c.exe: Files whose names end in “.exe”"):
        assert said in answer.text


def test_nothing_chosen_and_too_much_are_told(plain: Flask, contract: Contract) -> None:
    address = f"/attachments/contract/{contract.id}"
    answer = send(plain, "staff", address)
    assert answer.status_code == 422 and "Choose a file." in answer.text
    answer = send(plain, "staff", address, *((made.PDF + b" " * number, f"{number}.pdf") for number in range(21)))
    assert answer.status_code == 422 and "at most 20 files at once" in answer.text
    made.with_settings(plain, attachment_max_mb=1)
    answer = send(plain, "staff", address, (made.CSV + b"1;2\n" * 2_000_000, "a.csv"))
    assert answer.status_code == 413 and "at most 6 MB" in answer.text
    assert names() == []


def test_the_panel_leads_back_to_its_record(plain: Flask, contract: Contract) -> None:
    answer = send(plain, "staff", f"/attachments/contract/{contract.id}", (made.PDF, "a.pdf"), **{"from": "record"})
    assert answer.headers["Location"] == f"/contracts/{contract.id}#attachments"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_records_show_their_files(client: PageClient, contract: Contract, staff: Viewer, language: str) -> None:
    attached(staff, Key("contract", contract.id), name="Шарт.pdf")
    attached(staff, Key("contract", contract.id), made.PNG, "қызметтік.png", staff_only=True)
    client.sign_in("staff")
    with client._client.session_transaction() as session:
        session["language"] = language
    client.language = language
    page = client.get(f"/contracts/{contract.id}")
    assert "Шарт.pdf" in page.text and "қызметтік.png" in page.text
    for path in (f"/residents/{contract.resident_id}", f"/attachments/contract/{contract.id}"):
        client.get(path)
    client.sign_out()
    client.language = "en"
    client.sign_in("resident")
    page = client.get(f"/contracts/{contract.id}")
    assert "Шарт.pdf" in page.text and "қызметтік.png" not in page.text


def test_a_file_is_sent_to_be_saved_and_never_shown(plain: Flask, contract: Contract, staff: Viewer) -> None:
    row = attached(staff, Key("contract", contract.id), name="Шарт № 5.pdf")
    answer = get(plain, "resident", f"/attachments/files/{row.id}")
    assert answer.data == made.PDF
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Length"] == str(len(made.PDF))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%D0%A8%D0%B0%D1%80%D1%82%20%E2%84%96%205.pdf" in disposition


def test_who_may_not_see_a_record_finds_no_file(plain: Flask, contract: Contract, staff: Viewer) -> None:
    own = attached(staff, Key("contract", contract.id), staff_only=True)
    assert get(plain, "auditor", f"/attachments/files/{own.id}").status_code == 200
    assert get(plain, "resident", f"/attachments/files/{own.id}").status_code == 404
    assert get(plain, "staff", "/attachments/files/999").status_code == 404
    assert get(plain, "staff", "/attachments/contract/999").status_code == 404
    assert get(plain, "staff", "/attachments/user_account/1").status_code == 404
    assert plain.test_client().get(f"/attachments/files/{own.id}").status_code == 302
    assert send(plain, "auditor", f"/attachments/contract/{contract.id}", (made.PDF, "a.pdf")).status_code == 403
    assert send(plain, "resident", f"/attachments/contract/{contract.id}", (made.PDF, "a.pdf")).status_code == 403


def test_a_missing_stored_file_is_told(plain: Flask, contract: Contract, staff: Viewer) -> None:
    row = attached(staff, Key("contract", contract.id))
    for path in plain.config["SETTINGS"].attachments_dir.glob("*/*"):
        path.unlink()
    answer = get(plain, "staff", f"/attachments/files/{row.id}")
    assert answer.status_code == 409 and "The stored file is missing" in answer.text


def test_withdrawing_takes_a_reason(plain: Flask, client: PageClient, contract: Contract, staff: Viewer) -> None:
    row = attached(staff, Key("contract", contract.id), name="Шарт.pdf")
    address = f"/attachments/files/{row.id}/withdraw"
    assert send(plain, "staff", address, reason=" ").status_code == 422
    assert send(plain, "staff", address, reason="басқа шарт").status_code == 302
    client.sign_in("staff")
    page = client.get(f"/contracts/{contract.id}")
    assert "1 withdrawn or erased file" in page.text and "басқа шарт" in page.text
    client.sign_out()
    client.sign_in("resident")
    assert "Шарт.pdf" not in client.get(f"/attachments/contract/{contract.id}").text
    assert get(plain, "resident", f"/attachments/files/{row.id}").status_code == 404


def test_an_admin_erases_a_file(plain: Flask, client: PageClient, contract: Contract, staff: Viewer) -> None:
    row = attached(staff, Key("contract", contract.id), name="Иванов.pdf")
    assert send(plain, "staff", f"/attachments/files/{row.id}/erase", reason="x").status_code == 403
    assert send(plain, "admin", f"/attachments/files/{row.id}/erase", reason="сұрау").status_code == 302
    client.sign_in("admin")
    page = client.get(f"/contracts/{contract.id}")
    assert "Иванов" not in page.text and "erased file" in page.text
    assert get(plain, "admin", f"/attachments/files/{row.id}").status_code == 409


def test_an_act_has_a_page_of_files(plain: Flask, client: PageClient, contract: Contract) -> None:
    entries, _total = journal.history(subjects=[("contract", contract.id)])
    address = f"/attachments/acts/{entries[0].sequence}"
    assert send(plain, "staff", address, (made.PDF, "шешім.pdf")).status_code == 302
    client.sign_in("staff")
    for path in (address, f"/contracts/{contract.id}", "/journal"):
        assert "шешім.pdf" in client.get(path).text, path
    assert get(plain, "staff", "/attachments/acts/99999").status_code == 404


def test_a_report_and_its_lines_have_files(
    plain: Flask, client: PageClient, entry: Resident, resident_viewer: Viewer
) -> None:
    draft = ready.draft(entry)
    line = draft.lines[1]
    address = f"/attachments/report/{draft.id}"
    assert send(plain, "resident", address, (made.PDF, "үзінді.pdf"), line=str(line.line_id)).status_code == 302
    assert send(plain, "resident", address, (made.PNG, "жалпы.png")).status_code == 302
    assert send(plain, "resident", address, (made.CSV, "a.csv"), line="999").status_code == 422
    client.sign_in("resident")
    page = client.get(address)
    assert "goes with the report when it is sent" in page.text
    client.sign_out()
    client.sign_in("staff")
    client.get(address, expect=404)
    with transaction():
        reports.submit(resident_viewer, draft, revision=draft.revision, now=made.NOW)
    page = client.get(f"/reports/{draft.id}")
    row = re.search(r'<tr id="line-2">.*?</tr>', page.response.text, re.DOTALL)
    assert row and "үзінді.pdf" in row[0] and "жалпы.png" not in row[0]
    client.get(f"/reports/{draft.id}/return")
    assert send(plain, "resident", address, (made.CSV, "b.csv")).status_code == 409
    assert len(names()) == 2


def test_save_and_attach_keeps_what_was_typed(client: PageClient, entry: Resident) -> None:
    draft = ready.draft(entry)
    client.sign_in("resident")
    page = client.get(f"/reports/{draft.id}/edit")
    typed = {"explanation": "Тапсырыс кешікті", "attach": "1", "save": None, "check": None}
    answer = client.submit(page, typed, containing="explanation", expect=302)
    assert answer.response.headers["Location"] == f"/attachments/report/{draft.id}"
    db.session.expire_all()
    assert draft.explanation == "Тапсырыс кешікті"
    page = client.get(f"/reports/{draft.id}")
    assert f'href="/attachments/report/{draft.id}?line={draft.lines[0].line_id}"' in page.response.text
    page = client.get(f"/attachments/report/{draft.id}?line={draft.lines[0].line_id}")
    assert f'<option selected value="{draft.lines[0].line_id}">' in page.response.text


def test_an_unscanned_file_never_passes(plain: Flask, contract: Contract) -> None:
    address = f"/attachments/contract/{contract.id}"
    with clamd.running() as (scanner, _scanned):
        made.with_settings(plain, clamav_socket=scanner)
        answer = send(plain, "staff", address, (made.CSV + made.EICAR + b"\n", "a.csv"))
        assert answer.status_code == 422 and "Eicar-Test-Signature" in answer.text
    answer = send(plain, "staff", address, (made.PDF, "a.pdf"))
    assert answer.status_code == 422 and "does not answer" in answer.text
    assert names() == []


def test_a_page_gains_one_statement(client: PageClient, contract: Contract, staff: Viewer) -> None:
    """Panel and history read the files of a record and of its acts together, however many there are."""
    from tests.architecture.test_statements import counting

    client.sign_in("staff")
    path = f"/contracts/{contract.id}"
    client.get(path)

    def asked() -> int:
        with counting() as seen:
            client.get(path)
        return sum("attachment" in statement for statement in seen)

    assert asked() == 1
    attached(staff, Key("contract", contract.id))
    attached(staff, Key("contract", contract.id, of_entry=1), made.PNG, "a.png")
    # Besides, the acts of attaching stand in the history, whose records are named.
    assert asked() <= 3
