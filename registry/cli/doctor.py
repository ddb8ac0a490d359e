"""``registry doctor``: whether this installation can do its work, one line for each thing that it needs."""

from __future__ import annotations

import shutil
import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.group import RESTORE_AGAIN, CommandError, registry, settings_of_environment
from registry.cli.installation import owned
from registry.config import Settings
from registry.infra.clock import utc_now

if TYPE_CHECKING:
    from flask import Flask


class Level(Enum):
    """How a finding is told: on standard output, as a warning, or as what is wrong."""

    FINE = ""
    WARNING = "warning: "
    WRONG = "wrong: "


@dataclass(frozen=True)
class Finding:
    """What was found of one thing, in one line."""

    about: str
    said: str
    level: Level = Level.FINE


CLOCK = timedelta(minutes=5)
"""By how much the clocks of machines that write to one journal may differ."""
LITTLE_SPACE, NO_SPACE = 500 << 20, 50 << 20
"""Free bytes in the data folder that are worth a warning, and with which no paper can be stored."""


@registry.command()
def doctor() -> None:
    """Look at settings, database, keys, modes, space, worker, schedule, clock, mail and backups; name what is wrong.

    Exit status 1 only for what is wrong; what works but could be better is a warning.
    """
    from registry.app import create_app

    settings = settings_of_environment()
    wrong = []
    for finding in _examine(settings, create_app(settings, pages=False)):
        if finding.level is Level.WRONG:
            wrong.append(f"{finding.about}: {finding.said}")
        else:
            click.echo(f"{finding.level.value}{finding.about}: {finding.said}", err=finding.level is Level.WARNING)
    if wrong:
        raise CommandError("\n".join(wrong))


def _examine(settings: Settings, app: Flask) -> Iterator[Finding]:
    yield from _settings(settings)
    with app.app_context():
        try:
            database = list(_database(settings))
        finally:
            _close()
        yield from database
        if not any(finding.level is Level.WRONG for finding in database):
            try:
                yield from _schema()
            finally:
                _close()
        if not any(finding.level is Level.WRONG for finding in database):
            try:
                yield from _clock()
                yield from _sealed_head()
            finally:
                _close()
        yield from _last_check()
        yield from _schedule()
    if settings.is_sqlite:
        yield from _beside(settings)
    for look in (_keys, _modes, _space, _worker, _mail):
        yield look(settings)
    with app.app_context():
        yield from _backups(settings)
        try:
            yield from _attachments(settings)
        finally:
            _close()
    yield _backup_key(settings)


def _close() -> None:
    from registry.infra.db import db

    db.session.remove()
    db.engine.dispose()


def _settings(settings: Settings) -> Iterator[Finding]:
    missing = [path for path in (settings.seal_file, settings.seal_password_file) if path and not path.is_file()]
    unusable = None if missing else _unusable_seal(settings)
    if missing:
        yield Finding("settings", f"{missing[0]} is missing: papers cannot be sealed", Level.WRONG)
    elif unusable:
        yield Finding("settings", f"papers cannot be sealed with {settings.seal_file}: {unusable}", Level.WRONG)
    else:
        yield Finding("settings", f"data folder {settings.data_dir}")
    if settings.public_url.startswith("https://"):
        yield Finding("address", settings.public_url)
    else:
        said = f"{settings.public_url} has no TLS: set REGISTRY_PUBLIC_URL to the https address that people use"
        yield Finding("address", said, Level.WARNING)
    if settings.unfinished_file.exists():
        yield Finding("restore", RESTORE_AGAIN, Level.WRONG)
    yield Finding("second factor", "signing in asks for a password alone", Level.WARNING)


def _unusable_seal(settings: Settings) -> str | None:
    """Why papers could not be sealed; None where they can be, or are not to be."""
    if settings.seal_file is None:
        return None
    from registry.errors import DomainError
    from registry.signing import signature

    try:
        signature.signer_of(settings)
    except DomainError as error:
        return str(error)
    return None


def _database(settings: Settings) -> Iterator[Finding]:
    import sqlalchemy as sa
    from alembic.runtime.migration import MigrationContext
    from sqlalchemy.exc import DatabaseError

    from registry.infra.db import db
    from registry.installation import archives

    known = archives.versions()
    try:
        with db.engine.connect() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
            said = "PostgreSQL"
            if settings.is_sqlite:
                said = "SQLite"
                (answer,) = connection.execute(sa.text("PRAGMA quick_check(1)")).one()
                if answer != "ok":
                    yield Finding("database", f"it is damaged: {answer}", Level.WRONG)
                    return
            elif int((connection.dialect.server_version_info or (0,))[0]) < 15:
                yield Finding("database", "PostgreSQL 15 or later is needed", Level.WRONG)
                return
    except DatabaseError as error:
        yield Finding("database", " ".join(str(error.orig).split()), Level.WRONG)
        return
    yield Finding("database", said)
    if found == known[-1]:
        yield Finding("migrations", f"at {found}, the newest")
    elif found in known:
        yield Finding("migrations", f"at {found} instead of {known[-1]}: run registry init", Level.WRONG)
    elif found is None:
        yield Finding("migrations", "the database is not prepared: run registry init", Level.WRONG)
    else:
        yield Finding("migrations", f"at {found}, which a newer version of the program made", Level.WRONG)


def _schema() -> Iterator[Finding]:
    """What of the database is not as the program made it: guards that are gone, first of all."""
    from registry.infra.db import db
    from registry.journal import schema

    with db.engine.connect() as connection:
        for unlike in schema.differences(connection):
            yield Finding("database", unlike.said, Level.WRONG)


def _beside(settings: Settings) -> Iterator[Finding]:
    from registry.infra import beside

    if problem := beside.damage(settings.beside_file):
        said = f"{settings.beside_file} is damaged ({problem}): the next sign-in sets it aside and begins it anew"
        yield Finding("sign-ins", said, Level.WRONG)
    for path in beside.set_aside(settings.beside_file):
        if not path.name.endswith(("-wal", "-shm")):
            said = f"{path} was damaged and set aside: remove it once somebody has looked into it"
            yield Finding("sign-ins", said, Level.WARNING)


def _clock() -> Iterator[Finding]:
    from registry.journal.queries import head

    last, now = head().recorded_at, utc_now()
    if last > now + CLOCK:
        said = (
            f"it says {now:%Y-%m-%d %H:%M} UTC, and the journal's last entry bears {last:%Y-%m-%d %H:%M}: one is wrong"
        )
        yield Finding("clock", said, Level.WRONG)
    else:
        yield Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC, not behind the journal")


def _sealed_head() -> Iterator[Finding]:
    from registry.journal import seal

    if said := seal.problem():
        yield Finding("sealed head", said, Level.WRONG)


def _last_check() -> Iterator[Finding]:
    from registry.journal.queries import last_check

    last = last_check()
    if last is None:
        yield Finding("journal", "not checked here yet (registry journal verify, and the worker once a day)")
    elif last.problem:
        yield Finding(
            "journal", f"the check of {last.checked_at:%Y-%m-%d %H:%M} UTC found: {last.problem}", Level.WRONG
        )
    else:
        yield Finding("journal", f"whole when it was checked on {last.checked_at:%Y-%m-%d %H:%M} UTC")


def _schedule() -> Iterator[Finding]:
    """One line for each piece of periodic work that was ever run here."""
    from registry.infra import schedule

    for state in schedule.states(utc_now()):
        if state.note is None:
            continue
        last = f"{state.entry.name}: last run {state.note.begun_at:%Y-%m-%d %H:%M} UTC"
        after = "switched off" if state.next_at is None else f"next run {state.next_at:%Y-%m-%d %H:%M} UTC"
        if state.is_running:
            yield Finding("schedule", f"{last}, under way")
        elif state.failed:
            yield Finding("schedule", f"{last}, failed: {state.said} ({after})", Level.WRONG)
        else:
            yield Finding("schedule", f"{last}, done{f': {state.said}' if state.said else ''} ({after})")


def _keys(settings: Settings) -> Finding:
    from registry.signing import keys

    if problem := keys.problem(settings.keys_dir):
        return Finding("keys", problem, Level.WRONG)
    if damaged := keys.damaged(settings.keys_dir):
        said = f"{damaged[0]} is damaged: put it back from a backup, or no paper signed with it can be checked"
        return Finding("keys", said, Level.WRONG)
    return Finding("keys", f"signing with {keys.present(settings.keys_dir)}")


def _modes(settings: Settings) -> Finding:
    wide = [path for path in owned(settings) if _is_open(path)]
    if wide:
        said = f"{wide[0]} can be read by others: run registry init"
        return Finding("file modes", said if len(wide) == 1 else f"{said} ({len(wide)} such files)", Level.WRONG)
    if _is_open(settings.data_dir):
        said = f"{settings.data_dir} can be entered by others: chmod 700 {settings.data_dir}"
        return Finding("file modes", said, Level.WARNING)
    return Finding("file modes", "only the owner reads the data folder")


def _is_open(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
    return False


def _space(settings: Settings) -> Finding:
    free = shutil.disk_usage(settings.data_dir).free
    said = f"{free // (1 << 20)} MB free in {settings.data_dir}"
    level = Level.WRONG if free < NO_SPACE else Level.WARNING if free < LITTLE_SPACE else Level.FINE
    return Finding("space", said, level)


def _worker(settings: Settings) -> Finding:
    from registry.infra import process_locks

    names = [path.name for path in settings.workers_dir.glob("*")] if settings.workers_dir.exists() else []
    alive = [name for name in names if not process_locks.is_gone(settings.workers_dir, name)]
    if not alive:
        return Finding("worker", "none is running: start registry serve or registry worker", Level.WARNING)
    return Finding("worker", f"{len(alive)} running")


def _mail(settings: Settings) -> Finding:
    from registry.infra import mail

    if not mail.is_set_up(settings):
        return Finding("mail", "not set up: links to set a password are handed over by people", Level.WARNING)
    try:
        mail.greet(settings)
    except mail.NotSent as error:
        return Finding("mail", str(error), Level.WRONG)
    return Finding("mail", f"sent by {settings.mail_from}")


def _backups(settings: Settings) -> Iterator[Finding]:
    """Where they go, the age of the last good one, and what speaks against their place."""
    from registry.infra import bucket
    from registry.installation import backups

    found = backups.standing(utc_now())
    last = None if found.last_good is None else f"the last one was made on {found.last_good:%Y-%m-%d %H:%M} UTC"
    if found.state.when is None:
        said = "none are made by themselves: set REGISTRY_BACKUP_FOLDER or REGISTRY_BACKUP_S3_URL"
        yield Finding("backup", f"{said}; {last or 'none was made yet: registry backup FILE'}", Level.WARNING)
    elif last is None:
        said = f"none was made yet: the worker makes one {found.state.when.said}, Asia/Almaty"
        yield Finding("backup", said, Level.WARNING)
    elif found.is_late:
        yield Finding("backup", f"{last}, {found.days} days ago: it is late", Level.WARNING)
    else:
        yield Finding("backup", last)
    if settings.backup_dir not in (None, settings.own_backup_dir) and not settings.backup_dir.is_dir():
        yield Finding("backup folder", f"{settings.backup_dir} does not exist", Level.WRONG)
    elif backups.is_on_one_disk(settings):
        said = (
            f"{settings.backup_dir} is on the disk of the registry and goes with it:"
            " set REGISTRY_BACKUP_FOLDER to one elsewhere, or REGISTRY_BACKUP_S3_URL"
        )
        yield Finding("backup folder", said, Level.WARNING)
    try:
        store = bucket.bucket_of(settings)
        if store is not None:
            store.names()
            without_tls = "" if store.endpoint.startswith("https://") else " without TLS: keys travel in the open"
            yield Finding("bucket", store.address + without_tls, Level.WARNING if without_tls else Level.FINE)
    except bucket.BucketError as error:
        yield Finding("bucket", str(error), Level.WRONG)


def _attachments(settings: Settings) -> Iterator[Finding]:
    """Where attachments are kept, how much room is left for them, and whether they are scanned."""
    from sqlalchemy.exc import DatabaseError

    from registry.attachments import kept, queries, rules, scanner
    from registry.errors import DomainError
    from registry.territories.models import Territory

    try:
        store = kept.store()
        store.holds("0" * 64)
        said = store.address
        if settings.attachment_s3_url is not None:
            said += " (a bucket: backups do not hold what is in it, it needs copies of its own)"
            without_tls = settings.attachment_s3_url.startswith("http://")
            level = Level.WARNING if without_tls else Level.FINE
            yield Finding("attachments", said + (" without TLS" if without_tls else ""), level)
        else:
            yield Finding("attachments", said)
    except DomainError as error:
        yield Finding("attachments", str(error), Level.WRONG)
    try:
        from registry.infra.db import db

        for territory_id, size in queries.used_by_territory():
            if rules.is_nearly_full(size, settings.attachment_quota_mb):
                territory = None if territory_id is None else db.session.get(Territory, territory_id)
                whose = "of all territories together" if territory is None else f"of {territory.code}"
                used = size // rules.MEGABYTE
                yield Finding(
                    "attachments",
                    f"those {whose} take {used} of {settings.attachment_quota_mb} MB:"
                    " raise REGISTRY_ATTACHMENT_QUOTA_MB before nothing more can be attached",
                    Level.WARNING,
                )
    except DatabaseError:
        # What is wrong with the database has been said.
        pass
    if settings.clamav_socket is None:
        yield Finding("virus scanner", "none: set REGISTRY_CLAMAV_SOCKET to have attachments scanned")
        return
    try:
        scanner.greet(settings.clamav_socket)
        yield Finding("virus scanner", f"answers at {settings.clamav_socket}")
    except scanner.NoAnswer:
        said = f"no answer at {settings.clamav_socket}: nothing can be attached"
        yield Finding("virus scanner", said, Level.WRONG)


def _backup_key(_settings_: Settings) -> Finding:
    return Finding("backup key", "none: archives are not encrypted, keep them as secret as the keys", Level.WARNING)
