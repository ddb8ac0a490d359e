"""Backups the installation makes by itself: whole, checked, rotated, in a folder and in a bucket, missed when late."""

from __future__ import annotations

import errno
import stat
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.app import create_app
from registry.config import Keep, Settings
from registry.infra import backup, bucket, schedule
from registry.infra.clock import utc_now
from registry.infra.db import transaction
from registry.infra.i18n import LANGUAGES, speaking
from registry.infra.schedule import DAY, Failed, When
from registry.infra.time_limit import limited
from registry.installation import backups
from registry.installation.backups import Archive, outdated
from registry.journal import guards
from registry.journal.models import JournalHead
from tests import factories
from tests.commands import Command
from tests.installation import store
from tests.pages import PageClient

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


def settings_of(app: Flask) -> Settings:
    settings: Settings = app.config["SETTINGS"]
    return settings


def change(app: Flask, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings_of(app), **settings))


@pytest.fixture
def saving(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The application, which checks archives as itself: the accounts of tests stand there without acts."""

    def opening(settings: Settings) -> Flask:
        opened = create_app(settings, pages=False)
        opened.extensions["checked"] = app.extensions["checked"]
        return opened

    monkeypatch.setitem(app.extensions, "opening", opening)
    return app


@pytest.fixture
def folder(saving: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where backups go."""
    folder = tmp_path / "archives"
    folder.mkdir()
    change(saving, monkeypatch, backup_dir=folder)
    return folder


def kept(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def said(error: pytest.ExceptionInfo[Failed]) -> str:
    return str(error.value)


def test_a_backup_is_written_checked_and_noted(app: Flask, folder: Path) -> None:
    factories.resident()
    assert str(backups.make()) == "4 files saved and checked."
    (archive,) = kept(folder)
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    with tarfile.open(archive) as tar:
        assert "database.sqlite3" in tar.getnames()
    (noted,) = backups.made_here(settings_of(app))
    assert (noted.name, noted.place, noted.size) == (archive.name, str(folder), archive.stat().st_size)
    assert backup.last(settings_of(app)) == noted.made_at
    assert not backups.standing(utc_now()).is_late


def test_a_damaged_registry_is_not_saved_over_good_ones(app: Flask, folder: Path) -> None:
    factories.resident()
    backups.make()
    good = kept(folder)
    with transaction() as session:
        for refusal in guards.REFUSALS:
            if refusal.table == JournalHead.__tablename__:
                session.execute(sa.text(f"DROP TRIGGER {refusal.name}"))
        session.get_one(JournalHead, 1).count += 1
    for _try in range(2):
        with pytest.raises(Failed, match="The registry is damaged and was not saved"):
            backups.make()
        assert kept(folder) == good


def test_an_archive_that_is_not_whole_is_not_kept(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = backup.save

    def save_half(settings: Settings, archive: Path, **options: Any) -> int:
        count = real(settings, archive, **options)
        archive.write_bytes(archive.read_bytes()[:-2000])
        return count

    backups.make()
    good = kept(folder)
    monkeypatch.setattr(backup, "save", save_half)
    with pytest.raises(Failed, match="is not whole and was not kept"):
        backups.make()
    assert kept(folder) == good


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "There is no room left in"),
        (errno.EACCES, "may not be written to"),
        (errno.EIO, "cannot be written to: "),
    ],
)
def test_what_a_folder_refuses_is_told(
    app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    def refuse(self: Path, *_arguments: Any, **_options: Any) -> None:
        raise OSError(number, "refused")

    monkeypatch.setattr(Path, "mkdir", refuse)
    with pytest.raises(Failed) as error:
        backups.make()
    assert expected in said(error)


def test_a_full_disk_is_told(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any, **_options: Any) -> int:
        raise backup.NoRoom("no space")

    monkeypatch.setattr(backup, "save", full)
    with pytest.raises(Failed) as error:
        backups.make()
    words = set()
    for language in LANGUAGES:
        with speaking(language):
            words.add(said(error))
    assert len(words) == 3
    assert f"There is no room left in {folder}." in words
    assert kept(folder) == []


def test_a_backup_leaves_the_registry_room_to_work(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    size = backup.size(settings_of(app))
    assert size > (settings_of(app).data_dir / "registry.db").stat().st_size
    for free, is_enough in ((backup.RESERVE + 3 * size - 1, False), (backup.RESERVE + 3 * size, True)):
        usage = SimpleNamespace(free=free)
        monkeypatch.setattr(backups.shutil, "disk_usage", lambda _folder, usage=usage: usage)
        if is_enough:
            backups.make()
        else:
            with pytest.raises(Failed, match="There is no room left in"):
                backups.make()
        assert len(kept(folder)) == is_enough


def test_a_folder_that_is_not_there_is_not_made(saving: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    change(saving, monkeypatch, backup_dir=tmp_path / "not mounted")
    with pytest.raises(Failed, match="does not exist"):
        backups.make()
    own = settings_of(saving).own_backup_dir
    change(saving, monkeypatch, backup_dir=own)
    backups.make()
    assert len(kept(own)) == 1


def test_what_a_killed_one_left_goes(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_arguments: Any, **_options: Any) -> int:
        raise KeyboardInterrupt

    backups.make()
    mark = kept(folder)[0].name.split("-")[1]
    left = folder / f".tizilim-{mark}"
    left.mkdir()
    (left / "half").write_bytes(b"half")
    others = folder / ".tizilim-0000"
    others.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(backup, "save", die)
        with pytest.raises(KeyboardInterrupt):
            backups.make()
    assert not left.exists()
    assert others.exists()


# --- rotation ---


def made(*days: datetime) -> list[Archive]:
    return [Archive(f"{day:%Y%m%dT%H%M}", "here", day, 1, "0") for day in days]


def names(found: list[Archive]) -> list[str]:
    return sorted(each.name for each in found)


def test_rotation_keeps_days_weeks_and_months() -> None:
    """A backup each night for 400 nights, rotated each time, leaves the last of 7 days, 4 weeks and 12 months."""
    left: list[Archive] = []
    night = NOW - timedelta(days=400)
    while night <= NOW:
        left += made(night)
        gone = outdated(left, Keep(7, 4, 12), night)
        assert left[-1] not in gone
        left = [each for each in left if each not in gone]
        night += DAY
    days = [f"202611{day:02}T1200" for day in range(24, 31)]
    weeks = ["20261115T1200", "20261122T1200", "20261129T1200", "20261130T1200"]
    months = [
        "20251231T1200", "20260131T1200", "20260228T1200", "20260331T1200", "20260430T1200", "20260531T1200",
        "20260630T1200", "20260731T1200", "20260831T1200", "20260930T1200", "20261031T1200", "20261130T1200",
    ]  # fmt: skip
    assert names(left) == sorted({*days, *weeks, *months})


def test_of_one_day_the_newest_is_kept() -> None:
    found = outdated(made(NOW, NOW + timedelta(hours=1), NOW + timedelta(hours=2)), Keep(7, 4, 12), NOW + DAY)
    assert names(found) == names(made(NOW, NOW + timedelta(hours=1)))


@pytest.mark.parametrize("keep", [Keep(1, 0, 0), Keep(7, 4, 12)])
def test_the_only_one_is_never_removed(keep: Keep) -> None:
    for age in (timedelta(), 3000 * DAY):
        assert outdated(made(NOW - age), keep, NOW) == []


def test_a_clock_that_ran_ahead_makes_none_old() -> None:
    nightly = made(*(NOW - number * DAY for number in range(7)))
    ahead = NOW + 400 * DAY
    # While it runs ahead a new one takes the place of one, as any night's does.
    assert names(outdated([*nightly, *made(ahead)], Keep(7, 0, 0), ahead)) == names(nightly[-1:])
    # Once it is right again, what it made counts for nothing and stays.
    wrong = made(*(ahead + number * DAY for number in range(7)))
    assert outdated([*nightly, *wrong], Keep(7, 0, 0), NOW) == []


def test_only_what_it_wrote_is_removed(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(app, monkeypatch, backup_keep=Keep(1, 0, 0))
    backups.make()
    (first,) = kept(folder)
    others = [folder / "tizilim-00000000-20200101T000000Z.tar.gz", folder / "notes.txt"]
    for other in others:
        other.write_bytes(b"somebody's")
    monkeypatch.setattr(backups, "utc_now", lambda: utc_now() + DAY)
    assert str(backups.make()) == "4 files saved and checked. 1 old archive removed."
    assert not first.exists()
    assert all(other.exists() for other in others)
    (noted,) = backups.made_here(settings_of(app))
    assert (folder / noted.name).exists()


def test_one_that_somebody_took_away_is_forgotten(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups.make()
    kept(folder)[0].unlink()
    monkeypatch.setattr(backups, "utc_now", lambda: utc_now() + DAY)
    backups.make()
    assert [each.name for each in backups.made_here(settings_of(app))] == [path.name for path in kept(folder)]


def test_where_the_notes_are_lost_nothing_is_removed(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(app, monkeypatch, backup_keep=Keep(1, 0, 0))
    backups.make()
    settings_of(app).backups_file.write_bytes(b"{")
    monkeypatch.setattr(backups, "utc_now", lambda: utc_now() + DAY)
    backups.make()
    assert len(kept(folder)) == 2


# --- the bucket ---


@pytest.fixture(scope="module")
def s3() -> Iterator[store.Store]:
    with store.running() as found:
        yield found


SECRET = "a secret nobody reads"


@pytest.fixture
def emptied(saving: Flask, s3: store.Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> store.Store:
    """The store with an empty bucket, which the settings name."""
    for name in s3.names():
        s3.client.delete_object(Bucket=s3.bucket, Key=name)
    secret = tmp_path / "secret"
    secret.write_text(f"{SECRET}\n")
    change(
        saving,
        monkeypatch,
        backup_s3_url=f"http://writer@{s3.host}/{s3.bucket}/tizilim",
        backup_s3_secret_file=secret,
    )
    return s3


def test_a_backup_is_copied_into_a_bucket_and_rotated_there(
    app: Flask, folder: Path, emptied: store.Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(app, monkeypatch, backup_keep=Keep(1, 0, 0))
    emptied.client.put_object(Bucket=emptied.bucket, Key="tizilim/others", Body=b"somebody's")
    backups.make()
    (archive,) = kept(folder)
    assert emptied.names() == {"tizilim/others", f"tizilim/{archive.name}"}
    found = emptied.client.get_object(Bucket=emptied.bucket, Key=f"tizilim/{archive.name}")["Body"].read()
    assert found == archive.read_bytes()
    places = {each.place for each in backups.made_here(settings_of(app))}
    assert places == {str(folder), f"http://{emptied.host}/{emptied.bucket}/tizilim"}
    monkeypatch.setattr(backups, "utc_now", lambda: utc_now() + DAY)
    assert str(backups.make()) == "4 files saved and checked. 2 old archives removed."
    (later,) = kept(folder)
    assert emptied.names() == {"tizilim/others", f"tizilim/{later.name}"}


def test_a_bucket_alone_will_do(app: Flask, emptied: store.Store) -> None:
    backups.make()
    (name,) = emptied.names()
    assert name.startswith("tizilim/tizilim-")
    assert not list(settings_of(app).data_dir.glob(".tizilim-*"))
    assert backup.last(settings_of(app)) is not None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://writer@{host}/nowhere", "The store {host} refuses: NoSuchBucket."),
        ("http://writer@127.0.0.1:9/backups", "The store 127.0.0.1:9 does not answer: EndpointConnectionError."),
    ],
)
def test_a_bucket_that_refuses_leaves_the_one_in_the_folder_good(
    app: Flask, folder: Path, emptied: store.Store, monkeypatch: pytest.MonkeyPatch, url: str, expected: str
) -> None:
    change(app, monkeypatch, backup_s3_url=url.format(host=emptied.host))
    with pytest.raises(Failed) as error:
        backups.make()
    assert said(error) == f"A good backup stands in {folder}, but was not copied. {expected.format(host=emptied.host)}"
    assert SECRET not in said(error)
    assert "writer" not in said(error)
    assert len(kept(folder)) == 1
    assert backup.last(settings_of(app)) is not None
    change(app, monkeypatch, backup_dir=None)
    with pytest.raises(Failed) as error:
        backups.make()
    assert said(error) == expected.format(host=emptied.host)


def test_what_a_bucket_changes_on_the_way_is_found(
    app: Flask, emptied: store.Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"content")
    found = bucket.bucket_of(settings_of(app))
    assert found is not None
    with pytest.raises(bucket.BucketError, match="gave back other bytes"):
        found.put(file, "0" * 64)
    assert SECRET not in repr(found)
    assert "writer" not in repr(found)


def test_a_secret_that_cannot_be_read_is_told(
    app: Flask, emptied: store.Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    change(app, monkeypatch, backup_s3_secret_file=tmp_path / "none")
    with pytest.raises(Failed, match="The file with the secret of the bucket cannot be read"):
        backups.make()


# --- when, and how late ---


def test_it_is_part_of_the_schedule(app: Flask, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(app, monkeypatch, backup_at=time(4, 30))
    assert backups.when(settings_of(app)) == When(DAY, time(4, 30))
    while schedule.run_one(app, limited):
        pass
    assert len(kept(folder)) == 1
    found = schedule.state(backups.KEY, utc_now())
    assert not found.failed
    assert found.said == "4 files saved and checked."
    change(app, monkeypatch, backup_dir=None)
    assert backups.when(settings_of(app)) is None
    assert backups.alarm(utc_now() + 30 * DAY) == []


def test_a_fresh_installation_is_not_late(app: Flask, folder: Path) -> None:
    assert backups.alarm(utc_now()) == []
    factories.resident(now=utc_now())
    assert backups.alarm(utc_now()) == []
    assert backups.alarm(utc_now() + timedelta(hours=27)) == ["There is no good backup yet."]


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(hours=25), []),
        (timedelta(hours=27), ["The last good backup is 1 day old."]),
        (timedelta(days=9, hours=1), ["The last good backup is 9 days old."]),
    ],
)
def test_a_late_one_is_missed(app: Flask, folder: Path, age: timedelta, expected: list[str]) -> None:
    backup.note(settings_of(app), folder / "a.tar", NOW)
    assert backups.alarm(NOW + age) == expected


def fail_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_arguments: Any, **_options: Any) -> int:
        raise backup.NoRoom("no space")

    with monkeypatch.context() as patch:
        patch.setattr(backup, "save", full)
        while schedule.run_one(app, limited):
            pass


@pytest.mark.parametrize("role", ["admin", "staff", "auditor"])
def test_only_the_home_of_administrators_tells(
    app: Flask, client: PageClient, folder: Path, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    fail_once(app, monkeypatch)
    client.sign_in(role)
    expected = f"The last backup failed. There is no room left in {folder}. There is no good backup yet."
    assert (expected in client.get("home.index")) == (role == "admin")


def test_home_and_page_tell_a_failure_in_each_language(
    app: Flask, client: PageClient, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.note(settings_of(app), folder / "a.tar", utc_now() - timedelta(days=3))
    fail_once(app, monkeypatch)
    client.sign_in("admin")
    told = set()
    for language in LANGUAGES:
        client.get_response("shell.switch_language", code=language, expect=302)
        client.language = language
        with speaking(language):
            alarm = " ".join(backups.alarm(utc_now()))
        told.add(alarm)
        assert alarm in client.get("home.index")
        assert alarm in client.get("installation.schedule")
    assert len(told) == 3
    assert any("3 days old" in alarm for alarm in told)


def test_the_page_lists_what_is_kept(app: Flask, client: PageClient, folder: Path) -> None:
    client.sign_in("admin")
    assert "None was made here yet." in client.get("installation.schedule")
    backups.make()
    page = client.get("installation.schedule")
    assert kept(folder)[0].name in page
    assert str(folder) in page
    assert ("stand on the same disk" in page) == backups.is_on_one_disk(settings_of(app))


def test_the_page_says_where_they_are_switched_off(app: Flask, client: PageClient) -> None:
    client.sign_in("admin")
    assert "Backups are switched off in the settings of the server." in client.get("installation.schedule")


# --- on the server ---


def warned(command: Command, about: str, **status: int) -> list[str]:
    return [line for line in command("doctor", **status).errors if line.startswith(f"warning: {about}: ")]


def test_the_doctor_tells_where_they_go_and_when_one_is_late(sqlite_command: Command, s3: store.Store) -> None:
    data_dir = sqlite_command.data_dir
    sqlite_command("init")
    (said,) = warned(sqlite_command, "backup")
    assert said == "warning: backup: none was made yet: the worker makes one every day at 03:00, Asia/Almaty"
    (said,) = warned(sqlite_command, "backup folder")
    assert said.startswith(f"warning: backup folder: {data_dir / 'backups'} is on the disk of the registry")
    settings = Settings(data_dir, f"sqlite:///{data_dir / 'registry.db'}", "http://localhost:8000")
    backup.note(settings, Path("a.tar"), utc_now() - timedelta(days=2, hours=1))
    (said,) = warned(sqlite_command, "backup")
    assert said.endswith(", 2 days ago: it is late")
    backup.note(settings, Path("a.tar"), utc_now() - timedelta(hours=25))
    assert warned(sqlite_command, "backup") == []
    secret = data_dir / "secret"
    secret.write_text(SECRET)
    secret.chmod(0o600)
    sqlite_command.environment = {
        "REGISTRY_BACKUP_S3_URL": f"http://writer@{s3.host}/{s3.bucket}",
        "REGISTRY_BACKUP_S3_SECRET_FILE": str(secret),
    }
    (said,) = warned(sqlite_command, "bucket")
    assert said == f"warning: bucket: http://{s3.host}/{s3.bucket} without TLS: keys travel in the open"
    assert warned(sqlite_command, "backup folder") == []
    sqlite_command.environment["REGISTRY_BACKUP_S3_URL"] = f"http://writer@{s3.host}/nowhere"
    assert f"bucket: The store {s3.host} refuses: NoSuchBucket." in sqlite_command("doctor", status=1).errors
    sqlite_command.environment = {"REGISTRY_BACKUP_FOLDER": "/not mounted"}
    assert "backup folder: /not mounted does not exist" in sqlite_command("doctor", status=1).errors
    sqlite_command.environment = {"REGISTRY_BACKUP_FOLDER": "off"}
    (said,) = warned(sqlite_command, "backup")
    assert said.startswith("warning: backup: none are made by themselves: set REGISTRY_BACKUP_FOLDER")


def test_on_postgresql_too(postgres_template: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for app in postgres_template.fresh():
        change(app, monkeypatch, backup_dir=tmp_path)
        assert str(backups.make()) == "4 files saved and checked."
        with tarfile.open(kept(tmp_path)[0]) as tar:
            assert "database.pgdump" in tar.getnames()
