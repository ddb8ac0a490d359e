"""``registry doctor`` and ``registry keys``: what an installation needs is looked at, and its keys can be replaced."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import flask_migrate
import psycopg
import pytest

from registry.app import create_app
from registry.config import Settings, database_url
from registry.infra import backup, process_locks, schedule
from registry.infra.clock import utc_now
from registry.infra.db import db
from registry.infra.time_limit import limited
from registry.journal import seal
from registry.signing import keys
from tests.commands import Command

pytestmark = pytest.mark.thorough

WARNINGS = ["address", "second factor", "worker", "mail", "backup", "backup folder", "backup key"]
"""What a fresh installation is warned of."""


def warned(errors: list[str]) -> list[str]:
    """What the warnings are about."""
    return [line.removeprefix("warning: ").split(": ")[0] for line in errors if line.startswith("warning: ")]


def modes(folder: Path) -> set[int]:
    return {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.rglob("*")}


def test_a_fresh_installation_is_fine_but_for_warnings(command):
    command("init")
    said = command("doctor")
    assert warned(said.errors) == WARNINGS
    assert len(said.errors) == len(WARNINGS)
    about = [line.split(": ")[0] for line in said.out]
    fine = ["settings", "database", "migrations", "clock", "journal", "keys", "file modes", "space"]
    assert about == [*fine, "attachments", "virus scanner"]


def test_what_is_done_by_schedule_is_told(sqlite_command):
    sqlite_command("init")
    settings = Settings(
        data_dir=sqlite_command.data_dir,
        database_url=f"sqlite:///{sqlite_command.data_dir / 'registry.db'}",
        public_url="http://localhost:8000",
    )
    mask = os.umask(0o077)  # the command's own
    try:
        app = create_app(settings, pages=False)
        while schedule.run_one(app, limited):
            pass
    finally:
        os.umask(mask)
    found = [line for line in sqlite_command("doctor").out if line.startswith("schedule: The journal is checked")]
    assert re.fullmatch(
        r"schedule: The journal is checked: last run [-0-9: ]{16} UTC, done: Whole: 0 entries\."
        r" \(next run \S+ 21:00 UTC\)",
        found[0],
    )
    assert modes(sqlite_command.data_dir) == {0}
    note = settings.schedule_dir / "journal_check.json"
    kept = json.loads(note.read_text())
    note.write_text(json.dumps(kept | {"good": False, "said": {"en": "Damage was found. First place: entry 7."}}))
    (said,) = [line for line in sqlite_command("doctor", status=1).errors if line.startswith("schedule: ")]
    assert "failed: Damage was found. First place: entry 7. (next run" in said


def test_before_init_it_says_what_to_run(command):
    said = command("doctor", status=1).errors
    assert "migrations: the database is not prepared: run registry init" in said
    assert any(line.startswith("keys: ") for line in said)


def test_a_sealed_head_that_is_gone_is_wrong_until_a_restore(command):
    """Neither init nor the next act lays it, or they would hide that the journal was cut."""
    command("init")
    command("users", "add", "boss", "--role", "admin")
    head = command.data_dir / "journal-head.json"
    head.unlink()
    said = f"sealed head: {head} is missing: nobody can tell whether the journal was cut at its end"
    for again in range(2):
        for verb in (["journal", "verify"], ["doctor"]):
            assert any(said in line for line in command(*verb, status=1).errors)
        command("init")
        command("users", "add", f"clerk{again}", "--role", "staff")
    archive = command.data_dir.parent / "backup.tar"
    command("backup", archive, status=1)
    command("backup", archive, "--even-damaged")
    if command.database_url:
        with psycopg.connect(command.database_url, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
    elsewhere = command.elsewhere(command.data_dir.parent / "elsewhere", command.database_url)
    elsewhere("restore", archive)
    elsewhere("journal", "verify")


def test_the_upgrade_of_a_release_that_sealed_no_head_seals_it(command):
    command("init")
    command("users", "add", "boss", "--role", "admin")
    head = command.data_dir / "journal-head.json"
    sealed = head.read_bytes()
    head.unlink()
    settings = Settings(
        data_dir=command.data_dir,
        database_url=database_url(command.database_url or f"sqlite:///{command.data_dir / 'registry.db'}"),
        public_url="http://localhost:8000",
    )
    with create_app(settings, pages=False).app_context():
        flask_migrate.downgrade(revision=seal.BEFORE)
        db.session.remove()
        db.engine.dispose()
    command("init")
    assert head.read_bytes() == sealed
    command("journal", "verify")


def test_a_folder_made_beforehand_is_a_warning_and_init_tightens_what_is_in_it(sqlite_command):
    mask = os.umask(0o022)
    try:
        sqlite_command.data_dir.mkdir(mode=0o755)
        sqlite_command("init")
        sqlite_command("users", "add", "boss", "--role", "admin")
        assert modes(sqlite_command.data_dir) == {0}
        assert (sqlite_command.data_dir / "journal-head.json").exists()
        assert "file modes" in warned(sqlite_command("doctor").errors)
        database = sqlite_command.data_dir / "registry.db"
        database.chmod(0o644)
        (sqlite_command.data_dir / "keys").chmod(0o755)
        said = sqlite_command("doctor", status=1).errors[-1]
        assert said.startswith(f"file modes: {database} can be read by others: run registry init")
        sqlite_command("init")
        assert modes(sqlite_command.data_dir) == {0}
        sqlite_command("doctor")
        sqlite_command("backup", sqlite_command.data_dir.parent / "a.tar")
        assert modes(sqlite_command.data_dir) == {0}
    finally:
        os.umask(mask)


def test_what_is_wrong_is_named(sqlite_command):
    sqlite_command("init")
    sqlite_command("users", "add", "boss", "--role", "admin")
    folder = sqlite_command.data_dir
    with closing(sqlite3.connect(folder / "registry.db")) as database:

        def wrong(statement: str, undo: str) -> list[str]:
            database.execute(statement)
            database.commit()
            said = sqlite_command("doctor", status=1).errors
            database.execute(undo)
            database.commit()
            return [line for line in said if not line.startswith("warning: ")]

        (newest,) = database.execute("SELECT version_num FROM alembic_version").fetchone()
        back = f"UPDATE alembic_version SET version_num = '{newest}'"
        assert wrong("UPDATE alembic_version SET version_num = '0001'", back) == [
            f"migrations: at 0001 instead of {newest}: run registry init"
        ]
        assert wrong("UPDATE alembic_version SET version_num = '9999'", back) == [
            "migrations: at 9999, which a newer version of the program made"
        ]
        database.execute("DROP TRIGGER refuse_update_journal_head")
        (then,) = database.execute("SELECT recorded_at FROM journal_head").fetchone()
        gone, said = wrong(
            "UPDATE journal_head SET recorded_at = '2099-01-01 00:00:00'",
            f"UPDATE journal_head SET recorded_at = '{then}'",
        )
        assert gone.startswith("database: the trigger refuse_update_journal_head of journal_head is missing")
        assert "the journal's last entry bears 2099-01-01 00:00: one is wrong" in said
        database.execute("UPDATE user_account SET role = 'auditor'")
        database.commit()
    # It lays the trigger again.
    sqlite_command("init")
    sqlite_command("journal", "verify", status=1)
    assert sqlite_command("doctor", status=1).errors[-1].endswith("role is 'auditor', the journal says 'admin'")
    for beside in folder.glob("registry.db-*"):
        beside.unlink()
    (folder / "registry.db").write_bytes(b"no database at all" * 300)
    assert "database: file is not a database" in sqlite_command("doctor", status=1).errors


def test_a_missing_seal_and_a_broken_key_are_wrong(sqlite_command):
    sqlite_command("init")
    sealed = Command(sqlite_command.data_dir, environment={"REGISTRY_SEAL_FILE": "/nowhere/seal.p12"})
    assert "settings: /nowhere/seal.p12 is missing: papers cannot be sealed" in sealed("doctor", status=1).errors
    password = sqlite_command.data_dir.parent / "password"
    password.write_text("x")
    sealed.environment = {"REGISTRY_SEAL_FILE": str(password), "REGISTRY_SEAL_PASSWORD_FILE": str(password)}
    (said,) = [line for line in sealed("doctor", status=1).errors if line.startswith("settings: ")]
    assert said.startswith(f"settings: papers cannot be sealed with {password}: The seal's file cannot be opened")
    (public,) = (sqlite_command.data_dir / "keys" / "public").iterdir()
    content = public.read_bytes()
    public.write_bytes(content[:50])
    assert sqlite_command("doctor", status=1).errors[-1].endswith("of the signing key is missing: run registry init")
    sqlite_command("init")
    assert public.read_bytes() == content
    sqlite_command("doctor")
    sqlite_command("keys", "rotate", "signing")
    public.write_bytes(content[:50])
    assert sqlite_command("doctor", status=1).errors[-1].startswith(f"keys: {public} is damaged: put it back")
    public.unlink()
    public.mkdir(mode=0o700)
    assert sqlite_command("doctor", status=1).errors[-1].startswith(f"keys: {public} is damaged: put it back")
    sqlite_command("journal", "verify")
    public.rmdir()
    public.write_bytes(content)
    public.chmod(0o600)
    sqlite_command("doctor")
    (sqlite_command.data_dir / "keys" / "signing.pem").write_text("no key")
    assert sqlite_command("doctor", status=1).errors[-1].startswith("keys: the signing key cannot be used")


def test_a_worker_an_address_and_a_backup_need_no_warning(sqlite_command, tmp_path):
    sqlite_command("init")
    sqlite_command("backup", tmp_path / "a.tar")
    workers = sqlite_command.data_dir / "workers"
    process_locks.own_name(workers)
    try:
        with_tls = Command(sqlite_command.data_dir, environment={"REGISTRY_PUBLIC_URL": "https://tizilim.example.kz"})
        assert warned(with_tls("doctor").errors) == ["second factor", "mail", "backup folder", "backup key"]
    finally:
        process_locks.leave(workers)
    made = utc_now() - timedelta(days=8)
    (sqlite_command.data_dir / backup.NOTE).write_text(json.dumps({"made_at": made.isoformat(), "file": "a.tar"}))
    (said,) = [line for line in sqlite_command("doctor").errors if line.startswith("warning: backup:")]
    assert said.endswith(", 8 days ago: it is late")


def test_a_new_signing_key_leaves_old_papers_as_they_are(sqlite_command, tmp_path):
    sqlite_command("init")
    folder = sqlite_command.data_dir / "keys"
    paper = tmp_path / "paper.pdf"
    words = ["document", "issue", "participants", "--as-of", "2026-09-30", "--lang", "ru", "-o", paper]
    number = sqlite_command(*words).out[0].split()[0]
    before = keys.present(folder)
    assert "registers" not in sqlite_command("keys", "rotate", "signing").out[0]
    now = keys.present(folder)
    assert now != before
    assert set(keys.public_keys(folder)) == {before, now}
    assert modes(folder) == {0}
    sqlite_command("document", "verify", paper)
    sqlite_command("document", "check", number)
    assert sqlite_command("journal", "verify", "--files").out[0].startswith("The journal is whole")
    later = ["document", "issue", "patents", "--as-of", "2026-09-30", "--lang", "ru", "-o", tmp_path / "later.pdf"]
    sqlite_command("document", "check", sqlite_command(*later).out[0].split()[0])
    assert sqlite_command("journal", "verify", "--files").out[0].startswith("The journal is whole")


def test_a_new_session_secret_ends_all_sessions(command):
    command("init")
    command("users", "add", "boss", "--role", "admin")
    command("users", "add", "clerk", "--role", "staff")
    secret = (command.data_dir / "keys" / "session.key").read_text()
    command("keys", "rotate", "session", "--actor", "boss")
    assert (command.data_dir / "keys" / "session.key").read_text() != secret
    assert stat.S_IMODE((command.data_dir / "keys" / "session.key").stat().st_mode) == 0o600
    for which in ("session", "signing"):
        assert command("keys", "rotate", which, "--actor", "clerk", status=1).errors
    command("journal", "verify")


@pytest.mark.parametrize("which", ["both", ""])
def test_an_unknown_key_is_refused(sqlite_command, which):
    sqlite_command("keys", "rotate", which, status=1)
