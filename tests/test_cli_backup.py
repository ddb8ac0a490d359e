"""``registry backup`` and ``registry restore``: everything an installation cannot do without, there and back."""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from registry.config import Settings
from registry.infra import backup, storage
from tests.commands import Command

pytestmark = pytest.mark.thorough


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


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> bytes:
    """The backup of such an installation, made once."""
    return keep(Command(tmp_path_factory.mktemp("kept") / "data")).read_bytes()


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


SECRET = "keys/session.key"


def came_back(restored, saved) -> bool:
    """Whether the same files stand there, but for the session secret: a restore makes a new one."""
    found, kept = files(restored.data_dir), files(saved.data_dir)
    assert len(found.pop(SECRET)) == len(kept[SECRET])
    return found == {name: content for name, content in kept.items() if name != SECRET}


def test_there_and_back(command, empty):
    archive = keep(command)
    verified = command("journal", "verify").out
    clear_database(command)
    empty("restore", archive)
    assert empty("journal", "verify").out == verified
    assert came_back(empty, command)
    assert files(empty.data_dir)[SECRET] != files(command.data_dir)[SECRET]
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
    assert came_back(empty, command)
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
        also("keys/.hidden"),
        also("documents/note.txt"),
        also("documents/2c/26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
        also("documents//2c/2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
        # Called by another hash than its bytes have.
        also("documents/3c/3c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"),
        lambda members: [("manifest.json", b"[]"), *members[1:]],
        lambda members: [("manifest.json", b'{"format": 9}'), *members[1:]],
        lambda members: [],
        lambda members: [("manifest.json", b"{"), *members[1:]],
        lambda members: [("manifest.json", b'{"format": 1, "database": "oracle", "files": {}}'), *members[1:]],
        lambda members: [("manifest.json", b'{"format": 1, "database": "sqlite", "files": {}}')],
        lambda members: [("manifest.json", b'{"format": 1, "database": "sqlite", "files": 7}'), *members[1:]],
    ],
)
def test_a_damaged_archive_changes_nothing(kept, tmp_path, change):
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(kept)
    rewrite(archive, change)
    other = Command(tmp_path / "elsewhere")
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


def replace_database(content: bytes):
    """With another database, as a backup of a damaged one would be: the manifest fits."""

    def change(members):
        manifest = json.loads(members[0][1])
        name = next(name for name, _content in members if name.startswith("database."))
        manifest["files"][name] = hashlib.sha256(content).hexdigest()
        others = [(n, content if n == name else c) for n, c in members[1:]]
        return [("manifest.json", json.dumps(manifest).encode()), *others]

    return change


def foreign_database(tmp_path: Path, *statements: str) -> bytes:
    with closing(sqlite3.connect(tmp_path / "foreign.db")) as database:
        for statement in ("CREATE TABLE alembic_version (version_num TEXT)", *statements):
            database.execute(statement)
        database.commit()
    return (tmp_path / "foreign.db").read_bytes()


def test_a_damaged_database_in_a_whole_archive_changes_nothing(sqlite_command, tmp_path):
    archive = keep(sqlite_command)
    other = sqlite_command.elsewhere(tmp_path / "elsewhere")
    newer = foreign_database(tmp_path, "INSERT INTO alembic_version VALUES ('9999')")
    for content, said in (
        (b"SQLite format 3\0" + os.urandom(5000), "its database is damaged"),
        (b"", "another version of the program (its database is at '')"),
        (os.urandom(20), "its database is damaged"),
        (newer, "another version of the program (its database is at '9999')"),
    ):
        rewrite(archive, replace_database(content))
        for words in (["restore", archive], ["backup", "--check", archive]):
            (error,) = other(*words, status=1).errors
            assert said in error
        assert files(other.data_dir) == {}
        assert not list(other.data_dir.glob(".*"))


def test_a_damaged_dump_changes_nothing(postgres_database, tmp_path):
    command = Command(tmp_path / "data", postgres_database)
    archive = keep(command)
    rewrite(archive, replace_database(b"PGDMP" + os.urandom(3000)))
    clear_database(command)
    other = command.elsewhere(tmp_path / "elsewhere", postgres_database)
    assert "its database is damaged: pg_restore" in other("restore", archive, status=1).errors[0]
    assert "its database is damaged: pg_restore" in other("backup", "--check", archive, status=1).errors[0]
    assert files(other.data_dir) == {}


@pytest.mark.parametrize("suffix", ["tar", "tar.gz"])
def test_bytes_of_an_archive_damaged_or_cut_off(sqlite_command, tmp_path, suffix):
    """Wherever the damage falls, it is said in one line, and nothing is left half-written."""
    archive = tmp_path / f"whole.{suffix}"
    keep(sqlite_command)
    sqlite_command("backup", archive)
    assert sqlite_command("backup", "--check", archive).out == [f"{archive} is whole: 6 files, a sqlite database"]
    whole = archive.read_bytes()
    other = sqlite_command.elsewhere(tmp_path / "elsewhere")
    drawn = random.Random(f"tizilim {suffix}")
    for number in range(12):
        place = drawn.randrange(len(whole) // 2)
        damaged = whole[:place] + (b"" if number % 2 else bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        archive.write_bytes(damaged)
        result = other("backup", "--check", archive, status=1)
        assert len(result.errors) == 1
        result = other("restore", archive, status=1)
        assert len(result.errors) == 1
        assert files(other.data_dir) == {}
        assert not list(other.data_dir.glob(".*"))


def test_a_failure_in_the_middle_puts_everything_back(sqlite_command, tmp_path, monkeypatch):
    archive = keep(sqlite_command)
    other = sqlite_command.elsewhere(tmp_path / "elsewhere")
    other("init")
    before = files(other.data_dir)

    def full(*_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_load_sqlite", full)
    assert "No space left" in other("restore", archive, status=1).errors[0]
    assert files(other.data_dir) == before
    assert other("journal", "verify").out[0].startswith("The journal is whole: 0 entries")


def test_a_damaged_registry_is_not_saved(command, tmp_path):
    keep(command)
    archive = tmp_path / "later.tar"
    stored = next(path for path in sorted((command.data_dir / "documents").rglob("*")) if path.is_file())
    content = stored.read_bytes()
    stored.write_bytes(b"x")
    assert command("backup", archive, status=1).errors == [f"the stored file {stored} is damaged"]
    assert not archive.exists()
    stored.write_bytes(content)
    with open_database(command) as execute:
        execute("UPDATE user_account SET role = 'admin' WHERE login = 'clerk'")
    said = command("backup", archive, status=1).errors
    assert said[0] == "not what the journal tells: user_account 2: role is 'admin', the journal says 'staff'"
    assert said[-1].startswith("nothing was saved: the registry is damaged")
    assert not archive.exists()
    assert any("role is 'admin'" in line for line in command("backup", "--even-damaged", archive).errors)
    assert archive.exists()


def test_a_damaged_file_of_the_database_is_not_saved(sqlite_command, tmp_path):
    keep(sqlite_command)
    path = sqlite_command.data_dir / "registry.db"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.seek(len(path.read_bytes()) // 4096 // 2 * 4096)
        file.write(os.urandom(4096 * 20))
    assert sqlite_command("backup", tmp_path / "later.tar", status=1).errors
    assert not (tmp_path / "later.tar").exists()
    assert sqlite_command("journal", "verify", status=1).errors


def test_sessions_and_links_end_with_a_restore(command, empty):
    archive = keep(command)
    soon = f"{datetime.now(UTC) + timedelta(minutes=10):%Y-%m-%d %H:%M:%S}"
    still_open = f"SELECT count(*) FROM invitation WHERE expires_at > '{soon}'"
    with open_database(command) as execute:
        before = execute("SELECT id, session_epoch FROM user_account ORDER BY id").fetchall()
        assert execute(still_open).fetchone() == (2,)
    clear_database(command)
    said = empty("restore", archive).errors
    assert said == ["warning: accounts are as they were when the archive was made: look who may still sign in"]
    with open_database(empty) as execute:
        after = execute("SELECT id, session_epoch FROM user_account ORDER BY id").fetchall()
        assert execute(still_open).fetchone() == (0,)
    assert [epoch - old for (_id, old), (_same, epoch) in zip(before, after, strict=True)] == [1_000_000] * 2
    empty("journal", "verify")


def stops(*_arguments: object, **_options: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    "step",
    [
        "registry.infra.backup._protect",
        "flask_migrate.upgrade",
        "registry.accounts.services.end_everything",
        "registry.journal.seal.renew",
    ],
)
def test_a_restore_that_stops_is_begun_again_and_nothing_old_is_open_meanwhile(command, empty, monkeypatch, step):
    archive = keep(command)
    secret = files(command.data_dir)[SECRET]
    with open_database(command) as execute:
        before = execute("SELECT id, session_epoch FROM user_account ORDER BY id").fetchall()
    verified = command("journal", "verify").out
    clear_database(command)
    with monkeypatch.context() as patched:
        patched.setattr(step, stops)
        assert empty("restore", archive, status=1).errors[-1] == "stopped"
    assert secret not in files(empty.data_dir).values()
    assert not list(empty.data_dir.glob(".restore-*"))
    if holds_accounts(empty):
        said = ["a restore stopped before it was finished: run registry restore FILE again"]
        for words in (["init"], ["users", "link", "boss"], ["serve"], ["worker"], ["backup", archive]):
            assert empty(*words, status=1).errors == said
        assert f"restore: {said[0]}" in empty("doctor", status=1).errors
    if command.database_url and step.endswith("end_everything"):
        # As though the tables were those of a newer program than the archive's.
        with open_database(empty) as execute:
            execute("ALTER TABLE proposal ADD newer bigint REFERENCES user_account")
    empty("restore", archive)
    assert empty("journal", "verify").out == verified
    assert came_back(empty, command)
    with open_database(empty) as execute:
        after = execute("SELECT id, session_epoch FROM user_account ORDER BY id").fetchall()
    assert [epoch - old for (_id, old), (_same, epoch) in zip(before, after, strict=True)] == [1_000_000] * 2
    assert sorted(path.name for path in empty.data_dir.iterdir() if "restore" in path.name) == []
    empty("users", "add", "third", "--role", "auditor")


def holds_accounts(command) -> bool:
    """Whether the database has anything of the archive already."""
    if not command.database_url and not (command.data_dir / "registry.db").exists():
        return False
    with open_database(command) as execute:
        tables = "pg_tables WHERE tablename" if command.database_url else "sqlite_master WHERE name"
        if not execute(f"SELECT 1 FROM {tables} = 'user_account'").fetchone():
            return False
        return execute("SELECT count(*) FROM user_account").fetchone() != (0,)


def test_a_restore_that_is_killed_is_begun_again(command, empty):
    """At the worst moment: the folders are in place, the database is not."""
    archive = keep(command)
    clear_database(command)
    dies = "import os, sys; from registry import cli; from registry.infra import backup\n"
    dies += "backup._load_sqlite = backup._load_postgresql = lambda *_, **__: os._exit(9)\n"
    dies += "cli.run(sys.argv[1:])"
    environment = os.environ | {"REGISTRY_DATA_DIR": str(empty.data_dir), "DATABASE_URL": empty.database_url}
    done = subprocess.run([sys.executable, "-c", dies, "restore", str(archive)], env=environment, check=False)
    assert done.returncode == 9
    assert files(empty.data_dir)[SECRET] != files(command.data_dir)[SECRET]
    assert list(empty.data_dir.glob(".restore-*"))
    assert "stopped before it was finished" in empty("init", status=1).errors[0]
    empty("restore", archive)
    assert came_back(empty, command)
    assert sorted(path.name for path in empty.data_dir.iterdir() if "restore" in path.name) == []
    empty("journal", "verify")


def test_pages_wait_for_the_end_of_a_restore(app, client):
    client.sign_in("staff")
    mark = app.config["SETTINGS"].unfinished_file
    mark.touch()
    try:
        for endpoint in ("home.index", "accounts.sign_in"):
            answer = client.get_response(endpoint, expect=503)
            assert answer.headers["Retry-After"]
    finally:
        mark.unlink()
    client.get("home.index")


@contextmanager
def open_database(command) -> Iterator:
    """Statements past the program, on either database."""
    if command.database_url:
        with psycopg.connect(command.database_url) as connection:
            yield connection.execute
    else:
        with closing(sqlite3.connect(command.data_dir / "registry.db")) as connection:
            yield connection.execute
            connection.commit()


@pytest.mark.parametrize(
    "content", [b"[" * 200_000, b"[]", b'{"format": 1, "database": [], "files": {}}', b'{"format": {}}', b"\xff\xfe"]
)
def test_a_damaged_manifest_is_named(kept, tmp_path, content):
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(kept)
    rewrite(archive, lambda members: [("manifest.json", content), *members[1:]])
    other = Command(tmp_path / "elsewhere")
    for words in (["restore", archive], ["backup", "--check", archive]):
        (error,) = other(*words, status=1).errors
        assert error.startswith(f"{archive}: its manifest.json is damaged (")


def test_a_manifest_that_is_too_long_is_not_read(kept, tmp_path, monkeypatch):
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(kept)
    monkeypatch.setattr(backup, "MANIFEST_BYTES", 100)
    monkeypatch.setattr(backup.msgspec.json, "decode", None)
    other = Command(tmp_path / "elsewhere")
    (error,) = other("backup", "--check", archive, status=1).errors
    assert error.startswith(f"{archive}: its manifest.json is damaged (it has ")


def with_header(kept: bytes, archive: Path, headers: dict[str, str], name: str = "documents/sparse") -> None:
    """The archive with one more member, named in the manifest, behind headers of its own."""
    archive.write_bytes(kept)
    with tarfile.open(archive) as tar:
        members = [(member.name, tar.extractfile(member).read()) for member in tar]  # type: ignore[union-attr]
    manifest = json.loads(members[0][1])
    manifest["files"][name] = "0" * 64
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for member, content in [("manifest.json", json.dumps(manifest).encode()), *members[1:], (name, b"1\n0\n0\n")]:
            information = tarfile.TarInfo(member)
            information.size = len(content)
            information.pax_headers = headers if member == name else {}
            tar.addfile(information, io.BytesIO(content))


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (
            {"GNU.sparse.size": str(1 << 50), "GNU.sparse.numblocks": "1", "GNU.sparse.map": "0,1"},
            "documents/sparse does not belong there",
        ),
        (
            {
                "GNU.sparse.major": "1",
                "GNU.sparse.minor": "0",
                "GNU.sparse.name": "documents/sparse",
                "GNU.sparse.realsize": str(1 << 50),
            },
            "documents/sparse does not belong there",
        ),
        ({"comment": "x" * (2 << 20)}, "a header of 20"),
    ],
)
def test_no_member_of_an_archive_takes_more_room_than_it_brings(kept, tmp_path, headers, said):
    archive = tmp_path / "backup.tar.gz"
    with_header(kept, archive, headers)
    other = Command(tmp_path / "elsewhere")
    for words in (["restore", archive], ["backup", "--check", archive]):
        (error,) = other(*words, status=1).errors
        assert said in error
    assert not list(other.data_dir.glob(".*"))


def test_unpacking_leaves_room_for_the_program(kept, tmp_path, monkeypatch):
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(kept)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(backup.shutil, "disk_usage", lambda _path: usage._replace(free=backup.RESERVE + 1000))
    (error,) = Command(tmp_path / "elsewhere")("backup", "--check", archive, status=1).errors
    assert error.startswith(f"no space is left to unpack {archive}: ")


def test_what_a_killed_check_left_is_removed_by_the_next(sqlite_command):
    archive, data = keep(sqlite_command), sqlite_command.data_dir
    for name in ("left", "busy"):
        (data / f".check-{name}" / "documents").mkdir(parents=True)
    with backup._locked(data / ".check-busy"):
        sqlite_command("backup", "--check", archive)
    assert [path.name for path in data.glob(".check-*")] == [".check-busy"]


def without(*names: str):
    """The archive of an installation that lacked some files: the manifest fits."""

    def change(members):
        manifest = json.loads(members[0][1])
        gone = [name for name in manifest["files"] if name.startswith(names)]
        assert gone
        for name in gone:
            del manifest["files"][name]
        others = [(name, content) for name, content in members[1:] if name not in gone]
        return [("manifest.json", json.dumps(manifest).encode()), *others]

    return change


@pytest.mark.parametrize("names", ["keys/signing.pem", "keys/"])
def test_an_archive_without_the_signing_key_is_refused(kept, tmp_path, names):
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(kept)
    rewrite(archive, without(names))
    other = Command(tmp_path / "elsewhere")
    for words in (["restore", archive], ["backup", "--check", archive]):
        assert other(*words, status=1).errors == [f"{archive}: the signing key signing.pem is missing"]
    assert files(other.data_dir) == {}


def test_a_registry_without_a_usable_signing_key_is_not_saved(sqlite_command, tmp_path):
    keep(sqlite_command)
    key, archive = sqlite_command.data_dir / "keys" / "signing.pem", tmp_path / "later.tar"
    content = key.read_bytes()
    key.write_bytes(b"x")
    assert sqlite_command("backup", archive, status=1).errors[0].startswith("keys: the signing key cannot be used")
    key.unlink()
    assert sqlite_command("backup", archive, status=1).errors[0] == "keys: the signing key signing.pem is missing"
    assert not archive.exists()
    key.write_bytes(content)
    sqlite_command("backup", archive)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DROP TABLE user_account", "the table user_account is missing"),
        ("DROP TABLE kept_share", "the table kept_share is missing"),
        ("UPDATE alembic_version SET version_num = '0010'", "its database cannot be brought up to date"),
    ],
)
def test_a_check_finds_what_a_restore_would_stumble_over(sqlite_command, tmp_path, statement, said):
    archive = keep(sqlite_command)
    with tarfile.open(archive) as tar:
        (tmp_path / "changed.db").write_bytes(tar.extractfile("database.sqlite3").read())
    with closing(sqlite3.connect(tmp_path / "changed.db")) as database:
        database.execute(statement)
        database.commit()
    rewrite(archive, replace_database((tmp_path / "changed.db").read_bytes()))
    other = sqlite_command.elsewhere(tmp_path / "elsewhere")
    for words in (["restore", archive], ["backup", "--check", archive]):
        (error,) = other(*words, status=1).errors
        assert error.startswith(f"{archive}: ")
        assert said in error
    assert files(other.data_dir) == {}
    assert not list(other.data_dir.glob(".*"))


@pytest.fixture(scope="module")
def with_paper(tmp_path_factory) -> bytes:
    """The backup of an installation that issued a paper."""
    command = Command(tmp_path_factory.mktemp("with_paper") / "data")
    command("init")
    pdf, archive = command.data_dir.parent / "a.pdf", command.data_dir.parent / "backup.tar.gz"
    command("document", "issue", "participants", "--territory", "NU", "--lang", "kk", "-o", pdf)
    command("backup", archive)
    return archive.read_bytes()


@pytest.mark.parametrize(
    ("statement", "without_papers", "said"),
    [
        (None, True, "stored papers: paper NU-PAR-"),
        ("DELETE FROM number_series", False, "not what the journal tells: number_series"),
        ("UPDATE territory SET is_demo = 1", False, "not what the journal tells: territory"),
    ],
)
def test_a_check_compares_the_archive_with_its_journal(with_paper, tmp_path, statement, without_papers, said):
    """Its manifest was brought into line with what was changed."""
    archive = tmp_path / "backup.tar.gz"
    archive.write_bytes(with_paper)
    other = Command(tmp_path / "elsewhere")
    other("backup", "--check", archive)
    if without_papers:
        rewrite(archive, without("documents/"))
    if statement is not None:
        with tarfile.open(archive) as tar:
            (tmp_path / "changed.db").write_bytes(tar.extractfile("database.sqlite3").read())  # type: ignore[union-attr]
        with closing(sqlite3.connect(tmp_path / "changed.db")) as database:
            database.execute(statement)
            database.commit()
        rewrite(archive, replace_database((tmp_path / "changed.db").read_bytes()))
    errors = other("backup", "--check", archive, status=1).errors
    assert all(line.startswith(f"{archive}: ") for line in errors)
    assert any(said in line for line in errors)
    assert not list(other.data_dir.glob(".*"))
    restored = other("restore", archive).errors
    assert any(said in line for line in restored)


def test_a_database_that_says_another_version_is_not_saved(command, tmp_path):
    command("init")
    with open_database(command) as execute:
        execute("UPDATE alembic_version SET version_num = '0020'")
    assert command("backup", tmp_path / "a.tar", status=1).errors[0].startswith("the database is at 0020 instead of")
    assert not (tmp_path / "a.tar").exists()


def test_damaged_notes_beside_the_registers_are_named_and_begun_anew(sqlite_command, tmp_path):
    keep(sqlite_command)
    notes, archive = sqlite_command.data_dir / "beside.db", tmp_path / "later.tar"
    for part in sqlite_command.data_dir.glob("beside.db*"):
        part.unlink()
    notes.write_bytes(b"garbage" * 1000)
    (error,) = sqlite_command("backup", archive, status=1).errors
    assert error.startswith(f"{notes} is damaged (file is not a database)")
    assert any(line.startswith(f"sign-ins: {notes} is damaged") for line in sqlite_command("doctor", status=1).errors)
    sqlite_command("backup", "--even-damaged", archive)
    sqlite_command("backup", "--check", archive)


def test_a_restored_database_is_the_one_the_program_made(command, empty):
    """PostgreSQL tells some definitions otherwise once they came back from a dump."""
    archive = keep(command)
    clear_database(command)
    empty("restore", archive)
    assert empty("journal", "verify").out[0].startswith("The journal is whole")
    empty("doctor")
    again = archive.with_name("again.tar")
    empty("backup", again)


def test_a_sealed_head_nested_too_deep_is_damage(sqlite_command):
    keep(sqlite_command)
    (sqlite_command.data_dir / "journal-head.json").write_text("[" * 100_000)
    (error, *_more) = sqlite_command("journal", "verify", status=1).errors
    assert "journal-head.json cannot be read: nobody can tell whether" in error
