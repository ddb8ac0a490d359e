"""One archive with everything an installation cannot do without: database, stored files and keys.

The archive is a tar file (compressed when its name ends in ``.gz`` or ``.tgz``) that begins with ``manifest.json``: the
kind of database and the SHA-256 of every member. Stored files are never changed or removed, so those read after the
database's snapshot are all the ones it names.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from sqlalchemy.engine import make_url

from registry.config import Settings
from registry.infra.storage import sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
FOLDERS = ("documents", "keys")


class BackupError(Exception):
    """The archive cannot be made or taken: the message says why, and nothing was changed."""


def save(settings: Settings, archive: Path) -> int:
    """Write the archive and return how many files it holds. It contains the keys, so only its owner may read it.

    :raises BackupError: when there is nothing to save, or a PostgreSQL tool is missing or fails.
    """
    kind = _kind(settings)
    # Where the archive goes: the disk of the registry may be full.
    with _room_beside(archive) as name:
        work = Path(name)
        database = work / DATABASE[kind]
        (_save_sqlite if kind == "sqlite" else _save_postgresql)(settings, database)
        members = {DATABASE[kind]: database}
        for folder in FOLDERS:
            members |= {str(path.relative_to(settings.data_dir)): path for path in _files(settings.data_dir / folder)}
        manifest = work / MANIFEST
        manifest.write_text(
            json.dumps(
                {
                    "format": FORMAT,
                    "database": kind,
                    "files": {member: _sha256(path) for member, path in sorted(members.items())},
                },
                indent=1,
            )
        )
        _write(archive, {MANIFEST: manifest} | dict(sorted(members.items())))
    return len(members)


@contextmanager
def _room_beside(archive: Path) -> Generator[str]:
    """A folder for the time of the work, on the disk the archive is written to.

    :raises BackupError: when there is no room there.
    """
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=archive.parent) as name:
            yield name
    except OSError as error:
        raise BackupError(f"{archive} cannot be written: {error.strerror}") from None
    except sqlite3.OperationalError as error:
        raise BackupError(f"{archive} cannot be written: {error}") from None


def load(settings: Settings, archive: Path) -> int:
    """Put the archive's content into an installation that holds nothing yet; return how many files there were.

    Everything is read and compared with the manifest before anything is changed. The caller has made sure that the
    database is empty and closed, and upgrades it afterwards.

    :raises BackupError: when the archive is damaged or of another database kind, or stored files stand in the way.
    """
    kind = _kind(settings)
    if any(_files(settings.documents_dir)):
        raise BackupError(f"{settings.documents_dir} is not empty: restore into an empty registry only")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=settings.data_dir) as name:
        work = Path(name)
        manifest = _unpack(archive, work)
        if manifest["database"] != kind:
            raise BackupError(f"the archive holds a {manifest['database']} database, this registry uses {kind}")
        (_load_sqlite if kind == "sqlite" else _load_postgresql)(settings, work / DATABASE[kind])
        for folder in FOLDERS:
            target = settings.data_dir / folder
            shutil.rmtree(target, ignore_errors=True)
            if (work / folder).exists():
                (work / folder).rename(target)
        _protect(settings.keys_dir)
        sync_folder(settings.data_dir)
    return len(manifest["files"])


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _files(folder: Path) -> Iterator[Path]:
    """Every finished file below ``folder``; a name with a leading point is a write under way."""
    if folder.exists():
        yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.name.startswith("."))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(archive: Path, members: dict[str, Path]) -> None:
    """Write the tar file under a temporary name, readable by its owner only, then give it its own."""
    temporary = archive.with_name(f".{archive.name}.new")
    try:
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            mode = "w:gz" if archive.name.endswith((".gz", ".tgz")) else "w"
            with tarfile.open(fileobj=file, mode=mode) as tar:  # type: ignore[call-overload]
                for member, path in members.items():
                    tar.add(path, arcname=member, recursive=False)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(archive)
    except OSError as error:
        raise BackupError(f"{archive} cannot be written: {error.strerror}") from None
    finally:
        temporary.unlink(missing_ok=True)


def _unpack(archive: Path, work: Path) -> dict:
    """Unpack what the manifest names, and nothing else, into ``work``; compare every hash."""
    try:
        with tarfile.open(archive) as tar:
            first = tar.next()
            if first is None or first.name != MANIFEST:
                raise BackupError(f"{archive} is not a backup of this program")
            manifest = json.loads(_open(tar, first).read())
            if manifest.get("format") != FORMAT:
                raise BackupError(f"{archive} has the unknown format {manifest.get('format')}")
            missing = dict(manifest["files"])
            while (member := tar.next()) is not None:
                expected = missing.pop(member.name, None)
                if expected is None or not member.isfile() or not _is_safe(member.name):
                    raise BackupError(f"{archive}: {member.name} does not belong there")
                path = work / member.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with path.open("xb") as file:
                    shutil.copyfileobj(_open(tar, member), file)
                if _sha256(path) != expected:
                    raise BackupError(f"{archive}: {member.name} is damaged")
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, AttributeError) as error:
        raise BackupError(f"{archive} cannot be read: {error}") from None
    if missing:
        raise BackupError(f"{archive}: {min(missing)} is missing")
    return manifest


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise BackupError(f"{member.name} is not a file")
    return file


def _is_safe(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    return name in DATABASE.values() or (len(path.parts) > 1 and path.parts[0] in FOLDERS)


def _protect(keys_dir: Path) -> None:
    """Give restored keys the mode they were made with (:mod:`registry.signing.keys`)."""
    if keys_dir.exists():
        keys_dir.chmod(0o700)
        for path in _files(keys_dir):
            path.chmod(0o600)


def _sqlite_path(settings: Settings) -> Path:
    name = make_url(settings.database_url).database
    if not name or name == ":memory:":
        raise BackupError("a database in memory cannot be backed up")
    return Path(name)


def _save_sqlite(settings: Settings, target: Path) -> None:
    path = _sqlite_path(settings)
    if not path.exists():
        raise BackupError(f"there is no database at {path}")
    with closing(sqlite3.connect(path, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        _take_in_notes(settings, copy)
        # One file without a write-ahead log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")


def _take_in_notes(settings: Settings, copy: sqlite3.Connection) -> None:
    """Put what is noted beside the registers into the copy's tables of the same names, where a new registry looks."""
    if not settings.beside_file.exists():
        return
    copy.execute("ATTACH DATABASE ? AS beside", (str(settings.beside_file),))
    known = {row[0] for row in copy.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    for (table,) in copy.execute("SELECT name FROM beside.sqlite_master WHERE type = 'table'").fetchall():
        if table in known:
            columns = ", ".join(f'"{row[1]}"' for row in copy.execute(f'PRAGMA beside.table_info("{table}")'))
            copy.execute(f'DELETE FROM main."{table}"')
            copy.execute(f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM beside."{table}"')
    copy.commit()
    copy.execute("DETACH DATABASE beside")


def _load_sqlite(settings: Settings, source: Path) -> None:
    target = _sqlite_path(settings)
    with closing(sqlite3.connect(source)) as copy:
        if copy.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise BackupError("the archive's database is damaged")
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(target, timeout=60)) as database:
        copy.backup(database)


def _save_postgresql(settings: Settings, target: Path) -> None:
    _run(settings, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def _load_postgresql(settings: Settings, source: Path) -> None:
    _run(
        settings,
        [
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(source),
        ],
    )


def _run(settings: Settings, command: list[str]) -> None:
    """Run a PostgreSQL tool on our database; the password travels in the environment, not on the command line."""
    url = make_url(settings.database_url)
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = os.environ | ({"PGPASSWORD": str(url.password)} if url.password else {})
    try:
        result = subprocess.run(  # noqa: S603
            [*command, f"--dbname={address}"], env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        raise BackupError(f"{command[0]} is not installed: install Debian's package postgresql-client") from None
    if result.returncode:
        raise BackupError(f"{command[0]} failed: {' '.join(result.stderr.split())}")
