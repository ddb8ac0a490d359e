"""The same files in a folder and in a bucket of a real store; backups, packs and the doctor know them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from registry.app import create_app
from registry.attachments import checked, kept, services
from registry.attachments.rules import Key
from registry.config import Settings
from registry.contracts.models import Contract
from registry.errors import DomainError
from registry.infra import storage
from registry.infra.access import SYSTEM, Viewer
from registry.infra.bucket import BucketError
from registry.infra.db import db, transaction
from registry.infra.storage import StorageError
from registry.journal import services as journal
from registry.reports import services as reports
from registry.residents.models import Resident
from registry.verification import evidence_pack
from tests import factories
from tests.attachments import clamd, made
from tests.attachments.made import NOW, PDF, attached
from tests.commands import Command
from tests.installation import store as s3
from tests.reports import ready


@pytest.fixture(scope="module")
def bucket() -> Iterator[s3.Store]:
    with s3.running() as running:
        yield running


def use(app: Flask, tmp_path: Path, running: s3.Store, host: str | None = None) -> None:
    secret = tmp_path / "secret"
    secret.write_text("test\n")
    url = f"http://test@{host or running.host}/{running.bucket}/files"
    made.with_settings(app, attachment_s3_url=url, attachment_s3_secret_file=secret)


def differences(*, files: bool = False) -> list[str]:
    db.session.rollback()
    return list(journal.check(NOW, files=files).found)


def test_a_bucket_keeps_files_like_a_folder(
    app: Flask, bucket: s3.Store, tmp_path: Path, contract: Contract, staff: Viewer, admin: Viewer
) -> None:
    use(app, tmp_path, bucket)
    row = attached(staff, Key("contract", contract.id))
    assert f"files/{row.sha256}" in bucket.names()
    assert [path for path in app.config["SETTINGS"].attachments_dir.rglob("*") if path.is_file()] == []
    assert b"".join(kept.store().parts(row.sha256)) == PDF
    assert kept.store().sizes() == {row.sha256: len(PDF)}
    assert differences(files=True) == []

    bucket.client.put_object(Bucket=bucket.bucket, Key=f"files/{row.sha256}", Body=PDF.replace(b"9", b"8"))
    assert differences() == [], "presence and size are those of before"
    (said,) = differences(files=True)
    assert f"attachment {row.id}: the stored file {row.sha256} is damaged" in said
    bucket.client.put_object(Bucket=bucket.bucket, Key=f"files/{row.sha256}", Body=b"x")
    (said,) = differences()
    assert f"has 1 bytes, not {len(PDF)}" in said
    bucket.client.delete_object(Bucket=bucket.bucket, Key=f"files/{row.sha256}")
    (said,) = differences()
    assert f"attachment {row.id}: the stored file {row.sha256} is missing" in said
    with pytest.raises(StorageError, match="is missing"):
        kept.store().parts(row.sha256)

    with transaction():
        services.withdraw(staff, row, reason="жоқ", now=NOW)
    again = attached(staff, Key("contract", contract.id))
    with transaction():
        services.erase(admin, again, reason="сұрау", now=NOW)
    assert f"files/{row.sha256}" in bucket.names(), "the withdrawn one has the same bytes"
    with transaction():
        services.erase(admin, row, reason="сұрау", now=NOW)
    assert bucket.names() == set()
    assert differences(files=True) == []


def test_what_belongs_to_nothing_is_swept_from_a_bucket(
    app: Flask, bucket: s3.Store, tmp_path: Path, contract: Contract, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(app, tmp_path, bucket)
    row = attached(staff, Key("contract", contract.id))
    bucket.client.put_object(Bucket=bucket.bucket, Key=f"files/{'0' * 64}", Body=b"x")
    bucket.client.put_object(Bucket=bucket.bucket, Key="files/readme", Body=b"x")
    kept.sweep()
    assert len(bucket.names()) == 3, "it may be on its way"
    monkeypatch.setattr(kept, "LEFT_ALONE", -kept.LEFT_ALONE)
    kept.sweep()
    assert bucket.names() == {f"files/{row.sha256}", "files/readme"}, "others may use the place too"
    for name in bucket.names():
        bucket.client.delete_object(Bucket=bucket.bucket, Key=name)


def test_a_store_out_of_reach_takes_nothing_and_is_told(
    app: Flask, bucket: s3.Store, tmp_path: Path, contract: Contract, staff: Viewer
) -> None:
    use(app, tmp_path, bucket, host="127.0.0.1:1")
    with pytest.raises(BucketError, match="does not answer"):
        attached(staff, Key("contract", contract.id))
    made.with_settings(app, attachment_s3_secret_file=tmp_path / "none")
    with pytest.raises(DomainError, match="cannot be read"):
        kept.store()
    assert differences() == []
    assert list(checked.StoredAttachments().differences()) == []


def test_a_folder_finds_what_was_changed(tmp_path: Path) -> None:
    folder = storage.FolderStore(tmp_path)
    with storage.unfinished(tmp_path) as file:
        file.write(b"x")
        file.flush()
        folder.keep(Path(file.name), "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
    (sha256,) = folder.sizes()
    assert storage.difference(folder, sha256) is None
    storage.path_of(tmp_path, sha256).write_bytes(b"y")
    assert "is damaged" in str(storage.difference(folder, sha256))
    # Kept anew, the bytes are whole again.
    with storage.unfinished(tmp_path) as file:
        file.write(b"x")
        file.flush()
        folder.keep(Path(file.name), sha256)
    assert storage.difference(folder, sha256) is None
    assert list(tmp_path.glob("*/.*")) == []


def test_evidence_packs_hold_the_files_of_reports(
    app: Flask, entry: Resident, staff: Viewer, resident_viewer: Viewer
) -> None:
    draft = ready.draft(entry)
    line = draft.lines[1]
    row = attached(resident_viewer, Key("report", draft.id, line_id=line.line_id), name="үзінді.pdf")
    wanted = evidence_pack.Wanted(2026, 3)
    assert not [path for path, _sha256 in evidence_pack.collect(wanted).attached], "a draft is the company's own"
    with transaction():
        reports.submit(resident_viewer, draft, revision=draft.revision, now=NOW)
    target = io.BytesIO()
    evidence_pack.write(evidence_pack.collect(wanted), target)
    with zipfile.ZipFile(target) as pack:
        root = wanted.name
        assert pack.read(f"{root}/files/{row.id}.pdf") == PDF
        table = pack.read(f"{root}/data/attachments.csv").decode("utf-8-sig").splitlines()
        manifest = json.loads(pack.read(f"{root}/manifest.json"))
    assert table[1].split(",")[:9] == [
        str(row.id), f"files/{row.id}.pdf", entry.bin, "2026", "3", "1", str(line.line_id), line.section, line.code,
    ]  # fmt: skip
    assert row.sha256 in table[1]
    assert manifest["files"][f"files/{row.id}.pdf"] == {"sha256": row.sha256, "size": len(PDF)}
    again = io.BytesIO()
    evidence_pack.write(evidence_pack.collect(wanted), again)
    assert again.getvalue() == target.getvalue(), "the same head gives the same bytes"
    other = io.BytesIO()
    evidence_pack.write(evidence_pack.collect(evidence_pack.Wanted(2026, 2)), other)
    assert b"/files/" not in other.getvalue()
    storage.path_of(app.config["SETTINGS"].attachments_dir, row.sha256).write_bytes(b"x")
    with pytest.raises(StorageError, match="damaged"):
        evidence_pack.write(evidence_pack.collect(wanted), io.BytesIO())


@pytest.fixture
def with_a_file(sqlite_command: Command) -> Path:
    """An installation with one attachment; where its bytes are."""
    sqlite_command("init")
    app = create_app(Settings.from_environment({"REGISTRY_DATA_DIR": str(sqlite_command.data_dir)}), pages=False)
    with app.app_context():
        row = attached(SYSTEM, Key("resident", factories.resident(factories.bin_number(1)).id))
        path = storage.path_of(sqlite_command.data_dir / "attachments", row.sha256)
        db.session.remove()
        db.engine.dispose()
    return path


def test_a_backup_holds_the_folder_and_a_restore_puts_it_back(
    sqlite_command: Command, with_a_file: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "backup.tar"
    assert not [line for line in sqlite_command("backup", archive).errors if "bucket" in line]
    sqlite_command("backup", "--check", archive)
    other = sqlite_command.elsewhere(tmp_path / "other")
    other("init")
    other("restore", archive)
    path = tmp_path / "other" / with_a_file.relative_to(sqlite_command.data_dir)
    assert path.read_bytes() == PDF
    assert path.stat().st_mode & 0o777 == 0o600
    other("journal", "verify", "--files")
    path.unlink()
    assert "stored attachments: attachment 1: the stored file" in "\n".join(other("journal", "verify", status=1).errors)
    other("backup", tmp_path / "refused.tar", status=1)


def test_a_backup_says_that_it_holds_no_bucket(
    sqlite_command: Command, with_a_file: Path, bucket: s3.Store, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_text("test")
    sqlite_command.environment |= {
        "REGISTRY_ATTACHMENT_S3_URL": f"http://test@{bucket.host}/{bucket.bucket}/moved",
        "REGISTRY_ATTACHMENT_S3_SECRET_FILE": str(secret),
    }
    key = f"moved/{with_a_file.name}"
    assert "is missing" in "\n".join(sqlite_command("journal", "verify", status=1).errors)
    # As operations.md says how to move from the folder into a bucket.
    bucket.client.put_object(Bucket=bucket.bucket, Key=key, Body=with_a_file.read_bytes())
    with_a_file.unlink()
    sqlite_command("journal", "verify", "--files")
    said = sqlite_command("backup", tmp_path / "backup.tar").errors
    assert [line for line in said if "are not in the archive" in line]
    doctor = sqlite_command("doctor")
    assert [line for line in doctor.errors if line.startswith("warning: attachments:") and "without TLS" in line]
    bucket.client.delete_object(Bucket=bucket.bucket, Key=key)


def test_the_doctor_looks_at_room_and_scanner(sqlite_command: Command, with_a_file: Path, tmp_path: Path) -> None:
    said = sqlite_command("doctor")
    assert f"attachments: {with_a_file.parent.parent}" in said.out
    assert not [line for line in said.errors if "attachments" in line]
    app = create_app(Settings.from_environment({"REGISTRY_DATA_DIR": str(sqlite_command.data_dir)}), pages=False)
    with app.app_context():
        found = made.CSV + b"1;2\n" * 230_000
        attached(SYSTEM, Key("resident", 1), found, "a.csv")
        db.session.remove()
        db.engine.dispose()
    sqlite_command.environment["REGISTRY_ATTACHMENT_QUOTA_MB"] = "1"
    assert [line for line in sqlite_command("doctor").errors if "attachments: those of NU take 0 of 1 MB" in line]
    sqlite_command.environment["REGISTRY_CLAMAV_SOCKET"] = str(tmp_path / "none")
    assert "virus scanner: no answer" in "\n".join(sqlite_command("doctor", status=1).errors)
    with clamd.running(tmp_path / "clamd") as (address, _scanned):
        sqlite_command.environment["REGISTRY_CLAMAV_SOCKET"] = address
        assert f"virus scanner: answers at {address}" in sqlite_command("doctor").out
