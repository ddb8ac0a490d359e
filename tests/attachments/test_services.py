"""Files come on record with their SHA-256, stay when they are withdrawn, and are held to the journal."""

from __future__ import annotations

import hashlib
import io
import os
import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DatabaseError

from registry.accounts import services as accounts
from registry.accounts.queries import viewer_for
from registry.attachments import kept, queries, rules, scanner, services
from registry.attachments.models import Attachment
from registry.attachments.rules import Key
from registry.contracts.models import Contract
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.infra.storage import FolderStore, path_of
from registry.journal import queries as journal
from registry.journal import services as journal_services
from registry.journal.models import JournalEntry, JournalPersonal
from registry.reports import services as reports
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests.attachments import clamd, made
from tests.attachments.made import NOW, PDF, attached
from tests.contracts import made as contracts
from tests.factories import bin_number
from tests.reports import ready


def key_of(row: object, **more: int) -> Key:
    return Key(row.__tablename__, row.id, **more)  # type: ignore[attr-defined]


def differences() -> list[str]:
    db.session.rollback()
    return list(journal_services.check(NOW).found)


def stored(row: Attachment) -> Path:
    return path_of(kept.store().folder, row.sha256)  # type: ignore[attr-defined]


def test_a_file_is_stored_and_its_hash_is_in_the_act(contract: Contract, staff: Viewer) -> None:
    row = attached(staff, key_of(contract), name="../Шарт.PDF")
    assert (row.file_name, row.kind, row.size, row.added_by) == ("Шарт.pdf", "pdf", len(PDF), staff.user_id)
    assert b"".join(kept.store().parts(row.sha256)) == PDF
    assert stored(row).stat().st_mode & 0o777 == 0o600
    entries, _total = journal.history(subjects=[("contract", contract.id)], limit=1)
    assert entries[0].action == "attachment_added"
    assert entries[0].changes["sha256"] == [None, hashlib.sha256(PDF).hexdigest()]
    assert entries[0].changes["file_name"] == [None, "Шарт.pdf"]
    assert row.recorded_in == entries[0].sequence
    assert differences() == []


def test_who_may_not_attaches_nothing(contract: Contract, auditor: Viewer, resident_viewer: Viewer) -> None:
    for viewer in (auditor, resident_viewer):
        with pytest.raises(NotAllowed):
            attached(viewer, key_of(contract))
    foreign = contracts.contract(contracts.resident(bin_number(3)), "Б-1")
    with pytest.raises(NotFound):
        attached(resident_viewer, key_of(foreign))
    with transaction():
        away = accounts.add_user(SYSTEM, login="yafi", role="staff", territories=[by_code("KURCHATOV")], now=NOW)
    with pytest.raises(NotFound):
        attached(viewer_for(away), key_of(contract))
    assert queries.used(contract.resident.territory_id) == 0


def test_limits_of_file_record_and_territory(
    app: Flask, contract: Contract, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    made.with_settings(app, attachment_max_mb=1, attachment_quota_mb=2)
    with pytest.raises(DomainError, match="larger than 1 MB"):
        attached(staff, key_of(contract), made.CSV + b"1;2\n" * 300_000, "a.csv")
    for number in range(2):
        attached(staff, key_of(contract), made.CSV + b"%d;2\n" % number + b"1;2\n" * 240_000, "a.csv")
    with pytest.raises(Conflict, match="taken up their room of 2 MB"):
        attached(staff, key_of(contract), made.CSV + b"1;2\n" * 240_000, "a.csv")
    attached(staff, key_of(contract))
    with pytest.raises(Conflict, match="attached here already"):
        attached(staff, key_of(contract), name="other.pdf")
    monkeypatch.setattr(services, "MOST_OF_A_RECORD", 3)
    with pytest.raises(Conflict, match="holds 3 files already"):
        attached(staff, key_of(contract), made.PNG, "a.png")


def test_nothing_is_left_half_written(app: Flask, contract: Contract, staff: Viewer) -> None:
    folder = app.config["SETTINGS"].attachments_dir
    with pytest.raises(DomainError):
        attached(staff, key_of(contract), b"MZ", "a.pdf")
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    with pytest.raises(RuntimeError), services.received(io.BytesIO(PDF), "a.pdf") as file, transaction():
        services.attach(staff, key_of(contract), file, now=NOW)
        raise RuntimeError
    assert db.session.scalars(sa.select(Attachment)).all() == []
    assert len(kept.store().sizes()) == 1, "its bytes wait for the sweep"
    kept.sweep()
    assert len(kept.store().sizes()) == 1, "it may be on its way"
    _make_old(folder)
    kept.sweep()
    assert kept.store().sizes() == {}


def _make_old(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (time.time() - 2 * 86400,) * 2)


def test_a_withdrawn_file_stays_as_evidence(
    app: Flask, contract: Contract, staff: Viewer, resident_viewer: Viewer
) -> None:
    row = attached(staff, key_of(contract))
    assert queries.get(row.id, resident_viewer).id == row.id
    with pytest.raises(NotAllowed), transaction():
        services.withdraw(resident_viewer, row, reason="x", now=NOW)
    with pytest.raises(DomainError), transaction():
        services.withdraw(staff, row, reason=" ", now=NOW)
    with transaction():
        services.withdraw(staff, row, reason="басқа шарттың файлы", now=NOW)
    assert queries.get(row.id, staff).withdrawn_why == "басқа шарттың файлы"
    with pytest.raises(NotFound):
        queries.get(row.id, resident_viewer)
    with pytest.raises(Conflict), transaction():
        services.withdraw(staff, row, reason="x", now=NOW)
    _make_old(app.config["SETTINGS"].attachments_dir)
    kept.sweep()
    assert b"".join(kept.store().parts(row.sha256)) == PDF
    assert differences() == []
    again = attached(staff, key_of(contract))
    assert again.id != row.id, "the same file may be attached anew"


def test_erasure_reaches_name_and_bytes(contract: Contract, staff: Viewer, admin: Viewer) -> None:
    row = attached(staff, key_of(contract), name="Иванов.pdf")
    twin = attached(staff, Key("resident", contract.resident_id), name="Иванов-2.pdf")
    path = stored(row)
    with pytest.raises(NotAllowed), transaction():
        services.erase(staff, row, reason="сұрау", now=NOW)
    with transaction():
        assert services.erase(admin, row, reason="сұрау", now=NOW) == 1
    assert row.is_erased and path.exists(), "another record has the same bytes"
    with transaction():
        assert services.erase(admin, twin, reason="сұрау", now=NOW) == 0
    assert not path.exists()
    assert differences() == []
    texts = [
        *db.session.scalars(sa.select(JournalEntry.changes)),
        *db.session.scalars(sa.select(JournalPersonal.value)),
    ]
    assert not [text for text in texts if text and "Иванов" in text]
    with pytest.raises(Conflict), transaction():
        services.erase(admin, row, reason="x", now=NOW)


def test_nobody_attaches_bytes_while_they_are_erased(
    contract: Contract, staff: Viewer, admin: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, taken = attached(staff, key_of(contract)), []
    discard = FolderStore.discard

    def watched(store: FolderStore, sha256: str) -> None:
        taken.append(db.session().info.get("writing"))
        discard(store, sha256)

    monkeypatch.setattr(FolderStore, "discard", watched)
    with transaction():
        services.erase(admin, row, reason="сұрау", now=NOW)
    assert taken == [True]
    assert not stored(row).exists()


def test_staff_only_files_are_not_the_companys(
    contract: Contract, staff: Viewer, auditor: Viewer, resident_viewer: Viewer
) -> None:
    row = attached(staff, key_of(contract), name="қызметтік.pdf", staff_only=True)
    assert queries.get(row.id, auditor).id == row.id
    with pytest.raises(NotFound):
        queries.get(row.id, resident_viewer)
    assert queries.files(resident_viewer, "contract", [contract.id]) == []
    entries, _total = journal.history(subjects=[("contract", contract.id), ("resident", contract.resident_id)])
    assert "attachment_added" not in {entry.action for entry in entries}, "companies read these histories"
    assert differences() == []


def test_an_act_has_files(contract: Contract, staff: Viewer, resident_viewer: Viewer, auditor: Viewer) -> None:
    entries, _total = journal.history(subjects=[("contract", contract.id)])
    key = queries.key_of_act(entries[0].sequence, staff)
    row = attached(staff, key)
    assert queries.get(row.id, resident_viewer).of_entry == entries[0].sequence
    with pytest.raises(NotAllowed):
        attached(auditor, key, made.PNG, "a.png")
    with pytest.raises(NotFound):
        queries.key_of_act(row.recorded_in or 0, staff)


def test_a_damaged_missing_or_altered_file_is_named(contract: Contract, staff: Viewer) -> None:
    row = attached(staff, key_of(contract))
    path = stored(row)
    path.write_bytes(PDF.replace(b"9", b"8"))
    assert [f"attachment {row.id}: the stored file {row.sha256} is damaged" in text for text in differences()] == [True]
    path.unlink()
    assert [f"attachment {row.id}: the stored file {row.sha256} is missing" in text for text in differences()] == [True]


def test_the_database_refuses_to_change_a_file_on_record(database: Flask, staff: Viewer) -> None:
    row = attached(staff, key_of(contracts.contract(contracts.resident())))
    for text in (
        "UPDATE attachment SET sha256 = 'x'",
        "UPDATE attachment SET file_name = 'other.pdf'",
        "UPDATE attachment SET recorded_in = NULL",
        "DELETE FROM attachment",
    ):
        with pytest.raises(DatabaseError), transaction() as session:
            session.execute(sa.text(text))
    with transaction():
        services.withdraw(staff, row, reason="қате", now=NOW)
    with pytest.raises(DatabaseError), transaction() as session:
        session.execute(sa.text("UPDATE attachment SET withdrawn_at = NULL"))


# --- reports ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(entry: Resident):
    return ready.draft(entry)


def test_files_of_a_draft_come_on_record_with_the_report(draft, staff: Viewer, resident_viewer: Viewer) -> None:
    line = draft.lines[1]
    whole = attached(resident_viewer, key_of(draft))
    behind = attached(resident_viewer, key_of(draft, line_id=line.line_id), made.CSV, "үзінді.csv")
    assert (whole.recorded_in, behind.recorded_in) == (None, None)
    with pytest.raises(NotFound):
        queries.get(whole.id, staff)
    with pytest.raises(NotFound):
        attached(staff, key_of(draft))
    with pytest.raises(Conflict, match="no such line"):
        attached(resident_viewer, key_of(draft, line_id=999))
    with transaction():
        services.withdraw(resident_viewer, whole, reason="", now=NOW)
    assert [row.id for row in db.session.scalars(sa.select(Attachment))] == [behind.id]
    with transaction():
        sent = reports.submit(resident_viewer, draft, revision=draft.revision, now=NOW)
    assert behind.recorded_in is not None
    assert queries.get(behind.id, staff).line_id == line.line_id
    assert differences() == []
    with pytest.raises(Conflict, match="was sent"):
        attached(resident_viewer, key_of(sent), made.PNG, "a.png")
    with pytest.raises(NotAllowed), transaction():
        services.withdraw(resident_viewer, behind, reason="x", now=NOW)
    assert attached(staff, key_of(sent), made.PNG, "a.png", staff_only=True).recorded_in is not None


def test_files_stay_with_their_line_from_version_to_version(draft, staff: Viewer, resident_viewer: Viewer) -> None:
    line_id = draft.lines[0].line_id
    first = attached(resident_viewer, key_of(draft, line_id=line_id))
    with transaction():
        reports.submit(resident_viewer, draft, revision=draft.revision, now=NOW)
        reports.return_report(staff, draft, reason="үзінді жоқ", now=NOW)
    with pytest.raises(Conflict, match="Save the report first"):
        attached(resident_viewer, key_of(draft), made.PNG, "a.png")
    following = ready.fill(draft, [*ready.LINES[:-1]])
    assert following.id != draft.id
    shown = queries.open_records(resident_viewer, key_of(following))
    assert shown == [draft.id, following.id]
    assert [file.id for file in queries.files(resident_viewer, "report", shown)] == [first.id]
    more = attached(resident_viewer, key_of(following, line_id=line_id), made.PNG, "a.png")
    with pytest.raises(NotFound):
        queries.get(more.id, staff)
    assert queries.open_records(staff, key_of(draft)) == [draft.id]


def test_a_discarded_draft_leaves_no_file(app: Flask, draft, resident_viewer: Viewer) -> None:
    attached(resident_viewer, key_of(draft))
    with transaction():
        reports.discard_draft(resident_viewer, draft)
    assert db.session.scalars(sa.select(Attachment)).all() == []
    _make_old(app.config["SETTINGS"].attachments_dir)
    kept.sweep()
    assert kept.store().sizes() == {}


# --- the scanner ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("on_port", [True, False])
def test_files_are_scanned_before_they_are_kept(
    app: Flask, contract: Contract, staff: Viewer, tmp_path: Path, on_port: bool
) -> None:
    with clamd.running(None if on_port else tmp_path / "clamd") as (address, scanned):
        made.with_settings(app, clamav_socket=address)
        scanner.greet(address)
        attached(staff, key_of(contract))
        assert scanned == [PDF]
        with pytest.raises(scanner.Infected, match="Eicar-Test-Signature"):
            attached(staff, key_of(contract), made.CSV + made.EICAR + b"\n", "вирус.csv")
        assert len(kept.store().sizes()) == 1
    with pytest.raises(scanner.NoAnswer):
        attached(staff, key_of(contract), made.PNG, "a.png")
    with pytest.raises(scanner.NoAnswer):
        scanner.greet(address)
    assert len(db.session.scalars(sa.select(Attachment)).all()) == 1


def test_a_file_that_the_scanner_refuses_is_not_taken(app: Flask, contract: Contract, staff: Viewer) -> None:
    with clamd.running(largest=10) as (address, _scanned):
        made.with_settings(app, clamav_socket=address)
        with pytest.raises(scanner.NoAnswer):
            attached(staff, key_of(contract), made.CSV + b"1;2\n" * 100_000, "a.csv")
    assert kept.store().sizes() == {}


def test_room_is_nearly_full_from_ninety_per_cent() -> None:
    assert not rules.is_nearly_full(8_999_999, 10)
    assert rules.is_nearly_full(9_000_000, 10)
