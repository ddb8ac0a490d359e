"""Backups that the installation makes by itself: one a day, read through after it is written, the old ones removed.

Where they go the settings say: a folder, a bucket, or both. What was made is noted with its name and place, and only
what is noted is ever removed: others may use the place too. A damaged registry is not saved, and an archive that is
not whole is not kept, so that whatever is noted is a good one.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import secrets
import shutil
from collections.abc import Callable, Collection, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Protocol

import msgspec
import sqlalchemy as sa
from flask import current_app

from registry.config import Keep, Settings
from registry.infra import backup, bucket, schedule
from registry.infra.clock import AHEAD, local_date, utc_now
from registry.infra.db import db
from registry.infra.i18n import deferred, format_moment, gettext, lazy, ngettext
from registry.infra.schedule import DAY, Failed, Moment, Periodic, When
from registry.infra.storage import sync_folder, write_whole
from registry.installation import archives
from registry.journal.models import JournalEntry

_log = logging.getLogger(__name__)

KEY = "backup"

LATE = timedelta(hours=26)
"""A last good backup older than this is late: the next one was due a day after it, and has had two hours."""

LONGEST = 6 * 60 * 60
"""Seconds that one may take, its way into a bucket included."""


class Archive(msgspec.Struct, frozen=True):
    """An archive that was made and found whole. ``place`` is its folder, or the address of its bucket."""

    name: str
    place: str
    made_at: Moment
    size: int
    sha256: str

    @property
    def megabytes(self) -> Decimal:
        return max(Decimal("0.1"), (Decimal(self.size) / 10**6).quantize(Decimal("0.1")))


def when(settings: Settings) -> When | None:
    """When backups are made; None where they are switched off."""
    is_on = settings.backup_dir is not None or settings.backup_s3_url is not None
    return When(DAY, settings.backup_at) if is_on else None


def make() -> object:
    """Make a backup, read it through, put it where it belongs, and remove those that are not to be kept.

    :raises Failed: saying why there is none, or why it is not everywhere where it belongs.
    """
    settings: Settings = current_app.config["SETTINGS"]
    noted = _noted(settings)
    _note(settings, noted)
    removed = 0
    with _room(settings, noted.mark) as room:
        _need_space(settings)
        made_at = utc_now()
        path = room / f"tizilim-{noted.mark}-{made_at:%Y%m%dT%H%M%SZ}.tar.gz"
        files = _save_whole(settings, path)
        archive = Archive(path.name, "", made_at, path.stat().st_size, _sha256(path))
        if settings.backup_dir is not None:
            path = _move(path, settings.backup_dir)
            removed += _added(settings, archive, _Folder(settings.backup_dir))
        try:
            store = bucket.bucket_of(settings)
            if store is not None:
                store.put(path, archive.sha256)
                removed += _added(settings, archive, store)
        except bucket.BucketError as error:
            if settings.backup_dir is None:
                raise Failed(error.message) from None
            raise Failed(
                lazy(
                    "A good backup stands in %(folder)s, but was not copied. %(reason)s",
                    folder=settings.backup_dir,
                    reason=error.message,
                )
            ) from None
    return deferred(lambda: _told(files, removed))


PERIODIC = (Periodic(KEY, lazy("A backup is made and checked"), when, make, LONGEST),)
"""What is done for the installation from time to time."""


def outdated(made: Collection[Archive], keep: Keep, now: datetime) -> list[Archive]:
    """Those of one place that are not to be kept: neither the newest of a late day, week nor month.

    What counts is their order and not their age, so that a clock that runs ahead makes none of them old, and the newest
    is always kept. Those of the future, made under such a clock, are passed over until their day has come.
    """
    newest_first = sorted((each for each in made if each.made_at <= now + AHEAD), key=lambda each: each.made_at)[::-1]
    kept = set()
    for count, period in zip(keep, _PERIODS, strict=True):
        of_period: dict[object, str] = {}
        for each in newest_first:
            of_period.setdefault(period(each), each.name)
        kept |= set([*of_period.values()][:count])
    return [each for each in newest_first if each.name not in kept]


_PERIODS: tuple[Callable[[Archive], object], ...] = (
    lambda each: local_date(each.made_at),
    lambda each: local_date(each.made_at).isocalendar()[:2],
    lambda each: (local_date(each.made_at).year, local_date(each.made_at).month),
)
"""Day, week and month of an archive."""


@dataclass(frozen=True)
class Standing:
    """How the backups stand at a moment. ``last_good`` may be one made by hand."""

    state: schedule.State
    last_good: datetime | None
    now: datetime

    @property
    def is_on(self) -> bool:
        return self.state.when is not None

    @property
    def is_late(self) -> bool:
        """Whether one is on record, and the next one overdue."""
        return self.is_on and self.last_good is not None and self.now - self.last_good > LATE

    @property
    def days(self) -> int:
        """How old the last good one is."""
        return 0 if self.last_good is None else max(0, (self.now - self.last_good) // DAY)


def standing(now: datetime) -> Standing:
    return Standing(schedule.state(KEY, now), backup.last(current_app.config["SETTINGS"]), now)


def alarm(now: datetime) -> list[str]:
    """What an administrator has to know at once; nothing where all is well, or backups are switched off."""
    found = standing(now)
    has_none = found.is_on and found.last_good is None and _recorded_by(now - LATE)
    said = [gettext("The last backup failed. %(reason)s", reason=found.state.said)] if found.state.failed else []
    if found.last_good is None and (said or has_none):
        said.append(gettext("There is no good backup yet."))
    elif found.is_late:
        said.append(
            ngettext(
                "The last good backup is %(num)s day old.", "The last good backup is %(num)s days old.", found.days
            )
        )
    elif said:
        said.append(gettext("The last good backup is from %(moment)s.", moment=format_moment(found.last_good)))
    return said


def made_here(settings: Settings) -> list[Archive]:
    """What is kept, the newest first."""
    return sorted(_noted(settings).archives, key=lambda each: (each.made_at, each.place), reverse=True)


def is_on_one_disk(settings: Settings) -> bool:
    """Whether the registry and all its backups go with one disk."""
    folder = settings.backup_dir
    if folder is None or settings.backup_s3_url is not None:
        return False
    if folder == settings.own_backup_dir:
        return True
    with suppress(OSError):
        return folder.stat().st_dev == settings.data_dir.stat().st_dev
    return False


# --- inside ---


class _Noted(msgspec.Struct, frozen=True):
    """What is noted of them. The mark stands in their names, so that installations may share a place."""

    mark: str
    archives: tuple[Archive, ...] = ()


class _Place(Protocol):
    """Where archives stand."""

    @property
    def address(self) -> str: ...

    def names(self) -> set[str]: ...

    def remove(self, name: str) -> None: ...


@dataclass(frozen=True)
class _Folder:
    folder: Path

    @property
    def address(self) -> str:
        return str(self.folder)

    def names(self) -> set[str]:
        return {path.name for path in self.folder.iterdir()}

    def remove(self, name: str) -> None:
        (self.folder / name).unlink(missing_ok=True)


def _noted(settings: Settings) -> _Noted:
    try:
        return msgspec.json.decode(settings.backups_file.read_bytes(), type=_Noted)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return _Noted(secrets.token_hex(4))


def _note(settings: Settings, noted: _Noted) -> None:
    """Where that cannot be, nothing is lost but the right to remove the archive one day."""
    try:
        write_whole(settings.backups_file, msgspec.json.encode(noted))
    except OSError as error:
        _log.warning("the backups cannot be noted in %s: %s", settings.backups_file, error.strerror)


@contextmanager
def _room(settings: Settings, mark: str) -> Generator[Path]:
    """A folder to work in on the disk of the archives; what a killed process left in it goes.

    :raises Failed: when there is none to be had.
    """
    folder = settings.backup_dir or settings.data_dir
    room = folder / f".tizilim-{mark}"
    try:
        if folder == settings.own_backup_dir:
            folder.mkdir(exist_ok=True, mode=0o700)
        # Any other is not made: where its disk is not mounted the archives would fill the one below.
        if not folder.is_dir():
            raise Failed(lazy("The folder %(folder)s does not exist.", folder=folder))
        shutil.rmtree(room, ignore_errors=True)
        room.mkdir(mode=0o700)
    except OSError as error:
        raise _unwritable(folder, error) from None
    try:
        yield room
    finally:
        shutil.rmtree(room, ignore_errors=True)


def _need_space(settings: Settings) -> None:
    """A backup must not take the space that the registry works in.

    Beside the archive lies a copy of the database while it is written, and all is unpacked in the data folder while it
    is read through.

    :raises Failed: when a disk has no room for that.
    """
    size = backup.size(settings)
    wanted: dict[int, int] = {}
    for folder, part in ((settings.backup_dir or settings.data_dir, 2 * size), (settings.data_dir, size)):
        disk = folder.stat().st_dev
        wanted[disk] = wanted.get(disk, backup.RESERVE) + part
        if shutil.disk_usage(folder).free < wanted[disk]:
            raise _no_room(folder)


def _unwritable(folder: Path, error: OSError) -> Failed:
    if error.errno in backup.FULL:
        return _no_room(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return Failed(lazy("The folder %(folder)s may not be written to.", folder=folder))
    return Failed(lazy("The folder %(folder)s cannot be written to: %(reason)s.", folder=folder, reason=error.strerror))


def _no_room(folder: Path) -> Failed:
    return Failed(lazy("There is no room left in %(folder)s.", folder=folder))


def _save_whole(settings: Settings, path: Path) -> int:
    """Write an archive of the whole registry and read it through; how many files it holds.

    :raises Failed: when the registry is damaged, or the archive cannot be written, or is not whole.
    """
    for place in archives.damage(settings):
        raise Failed(lazy("The registry is damaged and was not saved. First place: %(place)s.", place=place))
    try:
        files = backup.save(settings, path)
    except backup.NoRoom:
        raise _no_room(settings.backup_dir or settings.data_dir) from None
    except backup.BackupError as error:
        raise Failed(lazy("No backup could be made: %(reason)s.", reason=error)) from None
    try:
        archives.check(settings, path, current_app.extensions["opening"])
    except backup.NoRoom:
        raise _no_room(settings.data_dir) from None
    except backup.BackupError as error:
        raise Failed(
            lazy("The archive that was written is not whole and was not kept: %(reason)s.", reason=error)
        ) from None
    return files


def _move(path: Path, folder: Path) -> Path:
    """Give a finished archive its place.

    :raises Failed: when that cannot be.
    """
    try:
        moved = path.rename(folder / path.name)
    except OSError as error:
        raise _unwritable(folder, error) from None
    with suppress(OSError):
        # Not every file system of others can do that.
        sync_folder(folder)
    return moved


def _added(settings: Settings, archive: Archive, place: _Place) -> int:
    """Note an archive that stands in its place now, and remove those there that are not to be kept; how many."""
    noted = _noted(settings)
    made = (*noted.archives, msgspec.structs.replace(archive, place=place.address))
    noted = msgspec.structs.replace(noted, archives=made)
    _note(settings, noted)
    backup.note(settings, Path(archive.name), archive.made_at)
    gone = set()
    try:
        standing_there = place.names()
        here = [each for each in made if each.place == place.address]
        gone = {each.name for each in here if each.name not in standing_there}
        removed = outdated([each for each in here if each.name not in gone], settings.backup_keep, utc_now())
        for each in removed:
            place.remove(each.name)
            gone.add(each.name)
    except (OSError, bucket.BucketError) as error:
        # The new one is good all the same, and the next one tries again.
        _log.warning("old backups cannot be removed from %s: %s", place.address, error)
        removed = []
    left = tuple(each for each in made if each.place != place.address or each.name not in gone)
    if left != made:
        _note(settings, msgspec.structs.replace(noted, archives=left))
    return len(removed)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _told(files: int, removed: int) -> str:
    said = ngettext("%(num)s file saved and checked.", "%(num)s files saved and checked.", files)
    if removed:
        said += " " + ngettext("%(num)s old archive removed.", "%(num)s old archives removed.", removed)
    return said


def _recorded_by(moment: datetime) -> bool:
    """Whether anything was recorded here by a moment: a fresh installation has nothing to be late with."""
    return bool(db.session.scalar(sa.select(sa.exists().where(JournalEntry.recorded_at <= moment))))
