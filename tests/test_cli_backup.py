"""``registry backup`` and ``registry restore``: everything an installation cannot do without, there and back."""

from __future__ import annotations

import errno
import io
import json
import os
import stat
import tarfile
from pathlib import Path

import psycopg
import pytest

from registry.config import Settings
from registry.infra import storage


def keep(command) -> Path:
    """Fill an installation: two users in the journal, two stored files; return a backup of it."""
    command("init")
    command("users", "add", "boss", "--role", "admin")
    command("users", "add", "clerk", "--role", "staff")
    for content in (b"one", b"two" * 100_000):
        storage.store(command.data_dir / "documents", content)
    archive = command.data_dir.parent / "backup.tar.gz"
    command("backup", archive)
    return archive


@pytest.fixture
def empty(command):
    """A second installation of the same database kind; on PostgreSQL its database is the first's, cleared."""
    return command.elsewhere(command.data_dir.parent / "elsewhere", command.database_url)


def clear_database(command) -> None:
    if command.database_url:
        with psycopg.connect(command.database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")


def files(folder: Path) -> dict[str, bytes]:
    found = (path for part in ("documents", "keys") for path in sorted((folder / part).rglob("*")))
    return {str(path.relative_to(folder)): path.read_bytes() for path in found if path.is_file()}


def test_there_and_back(command, empty):
    archive = keep(command)
    verified = command("journal", "verify").out
    clear_database(command)
    empty("restore", archive)
    assert empty("journal", "verify").out == verified
    assert files(empty.data_dir) == files(command.data_dir)
    assert len(files(empty.data_dir)) == 5
    for path in (empty.data_dir / "keys").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600)
    empty("users", "add", "third", "--role", "auditor", "--actor", "boss")
    empty("journal", "verify")


def test_restoring_over_a_fresh_init(command, empty):
    archive = keep(command)
    clear_database(command)
    empty("init")
    empty("restore", archive)
    empty("journal", "verify")
    assert files(empty.data_dir) == files(command.data_dir)
    empty("init")


def test_a_registry_that_holds_something_is_left_alone(command):
    archive = keep(command)
    before = files(command.data_dir)
    assert "not empty" in command("restore", archive, status=1).errors[0]
    assert files(command.data_dir) == before
    command("journal", "verify")


def test_the_archive_is_its_owners_only(sqlite_command):
    archive = keep(sqlite_command)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert [path.name for path in archive.parent.iterdir() if path.name.startswith(".")] == []
    assert not list(sqlite_command.data_dir.glob(".backup-*"))


def test_forms_that_wait_to_be_sent_are_left_out(sqlite_command):
    sqlite_command("init")
    unsent = Settings(sqlite_command.data_dir, "", "").unsent_dir
    unsent.mkdir()
    (unsent / "0a").write_text("typed")
    archive = keep(sqlite_command)
    assert (unsent / "0a").exists()
    with tarfile.open(archive) as packed:
        names = packed.getnames()
        assert not [name for name in names if unsent.name in name or name.endswith("0a")]
    assert any("documents" in name for name in names)


def test_another_kind_of_database_is_refused(sqlite_command, postgres_database):
    archive = keep(sqlite_command)
    other = sqlite_command.elsewhere(sqlite_command.data_dir.parent / "elsewhere", postgres_database)
    assert "sqlite" in other("restore", archive, status=1).errors[0]
    assert files(other.data_dir) == {}


def rewrite(archive: Path, change) -> None:
    """Write the archive again with ``change`` applied to the (name, bytes) pairs of its members."""
    with tarfile.open(archive) as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in change(members):
            information = tarfile.TarInfo(name)
            information.size = len(content)
            tar.addfile(information, io.BytesIO(content))


def damage(name_part: str):
    return lambda members: [(n, c[:-1] + bytes([c[-1] ^ 1]) if name_part in n else c) for n, c in members]


def without(name_part: str):
    return lambda members: [(n, c) for n, c in members if name_part not in n]


def also(name: str):
    """With one more file, named in the manifest too."""

    def change(members):
        manifest = json.loads(members[0][1])
        manifest["files"][name] = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"
        return [("manifest.json", json.dumps(manifest).encode()), *members[1:], (name, b"foo")]

    return change


@pytest.mark.parametrize(
    "change",
    [
        damage("documents"),
        damage("database"),
        damage("signing"),
        without("documents"),
        without("manifest"),
        without("database"),
        lambda members: [*members, ("keys/more.pem", b"x")],
        also("../outside"),
        also("/tmp/outside"),
        also("registry.db"),
        also("keys/../../outside"),
        lambda members: [("manifest.json", b"[]"), *members[1:]],
        lambda members: [("manifest.json", b'{"format": 9}'), *members[1:]],
        lambda members: [],
    ],
)
def test_a_damaged_archive_changes_nothing(sqlite_command, change):
    archive = keep(sqlite_command)
    rewrite(archive, change)
    other = sqlite_command.elsewhere(sqlite_command.data_dir.parent / "elsewhere")
    assert len(other("restore", archive, status=1).errors) == 1
    assert files(other.data_dir) == {}
    assert not (archive.parent / "outside").exists()
    assert not list(other.data_dir.glob(".restore-*"))


def test_a_file_that_is_no_archive_is_refused(sqlite_command, tmp_path):
    (tmp_path / "a.tar").write_bytes(os.urandom(2000))
    sqlite_command("restore", tmp_path / "a.tar", status=1)
    sqlite_command("restore", tmp_path / "missing.tar", status=1)


def test_a_place_that_cannot_be_written_is_an_error(sqlite_command):
    sqlite_command("init")
    assert "nowhere" in sqlite_command("backup", "/nowhere/at/all.tar", status=1).errors[0]


def test_a_missing_postgresql_tool_is_named(command, monkeypatch):
    if not command.database_url:
        pytest.skip("SQLite's own backup needs no tool")
    command("init")
    monkeypatch.setenv("PATH", "")
    errors = command("backup", command.data_dir / "a.tar", status=1).errors
    assert errors == ["pg_dump is not installed: install Debian's package postgresql-client"]


def test_a_full_disk_of_the_registry_hinders_no_backup_elsewhere(sqlite_command, monkeypatch, tmp_path):
    """Nothing is written into the data folder on the way."""
    from registry.infra import backup

    sqlite_command("init")
    sqlite_command("users", "add", "boss", "--role", "admin")
    data, other = sqlite_command.data_dir, tmp_path / "other"
    other.mkdir()
    make = backup.tempfile.TemporaryDirectory

    def on_full_disk(**options):
        if Path(options["dir"]).is_relative_to(data):
            raise OSError(errno.ENOSPC, "No space left on device")
        return make(**options)

    monkeypatch.setattr(backup.tempfile, "TemporaryDirectory", on_full_disk)
    settings = Settings(data, f"sqlite:///{data / 'registry.db'}", "http://localhost:8000")
    before = sorted(path.name for path in data.iterdir())
    assert backup.save(settings, other / "a.tar") > 0
    assert sorted(path.name for path in data.iterdir()) == before
    with pytest.raises(backup.BackupError, match=r"a\.tar cannot be written: No space left on device"):
        backup.save(settings, data / "a.tar")


def test_sign_ins_come_back_with_a_backup(sqlite_command, tmp_path):
    from datetime import UTC, datetime

    from registry.accounts import signing_in
    from registry.accounts.rules import What
    from registry.app import create_app

    def noted(command, do):
        settings = Settings(command.data_dir, f"sqlite:///{command.data_dir / 'registry.db'}", "http://localhost:8000")
        app = create_app(settings, pages=False)
        with app.app_context():
            return do()

    moment = datetime(2026, 11, 1, tzinfo=UTC)
    sqlite_command("init")
    sqlite_command("users", "add", "boss", "--role", "admin")
    noted(sqlite_command, lambda: signing_in.note(1, What.FAILED, "192.0.2.1", now=moment))
    archive = tmp_path / "a.tar"
    sqlite_command("backup", archive)
    empty = sqlite_command.elsewhere(tmp_path / "elsewhere", sqlite_command.database_url)
    empty("restore", archive)
    (row,) = noted(empty, lambda: signing_in.history(1))
    assert (row.at, row.what, row.address) == (moment, "failed", "192.0.2.1")
