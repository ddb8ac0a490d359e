"""One archive with everything an installation cannot do without: database, stored files and keys.

The archive is a tar file (compressed when its name ends in ``.gz`` or ``.tgz``) that begins with ``manifest.json``: the
kind of database and the SHA-256 of every member. Stored files are never changed or removed, so those read after the
database's snapshot are all the ones it names.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import lzma
import os
import re
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
import zlib
from collections.abc import Callable, Collection, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import IO, Annotated

import msgspec
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from registry.config import Settings
from registry.infra import beside
from registry.infra.clock import is_credible
from registry.infra.db import NO_VALUES, Base
from registry.infra.storage import sync_folder, write_whole

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = {"sqlite": "database.sqlite3", "postgresql": "database.pgdump"}
FOLDERS = ("documents", "attachments", "keys")
STORED = ("documents/", "attachments/")
"""How the members begin that are called by the hash of their bytes."""
_UNPACKED, _CHECKED = ".restore-", ".check-"
"""How the folders are called in which an archive is unpacked to be restored, or to be read through."""
MANIFEST_BYTES = 64 << 20
"""As long may a manifest be, which is read into memory: that of 400 000 files is shorter."""
_HEADER_BYTES = 1 << 20
"""As long may be what stands before a member, such as a long name."""
RESERVE = 50 << 20
"""Free bytes that unpacking leaves for the program itself."""
NOTE = "last-backup.json"
"""Where the latest backup is noted, in the data folder."""


class BackupError(Exception):
    """The archive cannot be made or taken: the message says why, and nothing was changed."""


class NoRoom(BackupError):
    """The disk is full on which the archive is written or unpacked."""


FULL = {errno.ENOSPC, errno.EDQUOT}
"""What the system says of a disk that is full."""


def save(settings: Settings, archive: Path, *, even_damaged: bool = False) -> int:
    """Write the archive and return how many files it holds. It contains the keys, so only its owner may read it.

    ``even_damaged`` saves a database or a stored file although it is damaged: as evidence.

    :raises BackupError: when there is nothing to save, something is damaged, or a PostgreSQL tool is missing or fails.
    """
    kind = _kind(settings)
    # Where the archive goes: the disk of the registry may be full.
    with _room_beside(archive) as name:
        work = Path(name)
        database = work / DATABASE[kind]
        if kind == "sqlite":
            _save_sqlite(
                settings, database, without_notes=even_damaged and beside.damage(settings.beside_file) is not None
            )
        else:
            _save_postgresql(settings, database)
        if kind == "sqlite" and not even_damaged:
            _need_whole(database, "the database")
        members = {DATABASE[kind]: database}
        for folder in FOLDERS:
            members |= {str(path.relative_to(settings.data_dir)): path for path in _files(settings.data_dir / folder)}
        hashes = {member: _sha256(path) for member, path in sorted(members.items())}
        for member, found in hashes.items():
            # A stored file is called by the hash of its bytes.
            if member.startswith(STORED) and Path(member).name != found and not even_damaged:
                raise BackupError(f"the stored file {settings.data_dir / member} is damaged")
        manifest = work / MANIFEST
        manifest.write_text(json.dumps({"format": FORMAT, "database": kind, "files": hashes}, indent=1))
        if manifest.stat().st_size > MANIFEST_BYTES:
            raise BackupError(f"{len(members)} files are more than one archive can name")
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
        raise _unwritten(archive, error) from None
    except sqlite3.OperationalError as error:
        kind = NoRoom if error.sqlite_errorname == "SQLITE_FULL" else BackupError
        raise kind(f"{archive} cannot be written: {error}") from None


def _unwritten(archive: Path, error: OSError) -> BackupError:
    kind = NoRoom if error.errno in FULL else BackupError
    return kind(f"{archive} cannot be written: {error.strerror}")


def size(settings: Settings) -> int:
    """Bytes of what goes into an archive at most; a database of PostgreSQL, which packs itself, is left out."""
    database = _sqlite_path(settings).stat().st_size if settings.is_sqlite else 0
    return database + sum(path.stat().st_size for folder in FOLDERS for path in _files(settings.data_dir / folder))


def note(settings: Settings, archive: Path, now: datetime) -> None:
    """Remember that a backup was made, where there is room to: the archive itself is what counts."""
    content = json.dumps({"made_at": now.isoformat(), "file": str(archive)})
    with suppress(OSError):
        write_whole(settings.data_dir / NOTE, content.encode())


def last(settings: Settings) -> datetime | None:
    """When the latest backup was made; None when none was, or when a clock that ran ahead noted it."""
    try:
        made = msgspec.json.decode((settings.data_dir / NOTE).read_bytes(), type=_Note).made_at
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    return made if is_credible(made) else None


class _Note(msgspec.Struct):
    """What is noted of a backup."""

    made_at: Annotated[datetime, msgspec.Meta(tz=True)]


@dataclass(frozen=True)
class Contents:
    """What an archive holds: the kind of its database, and how many files."""

    database: str
    files: int


def check(
    settings: Settings,
    archive: Path,
    known: Collection[str],
    *,
    keys_problem: Callable[[Path], str | None],
    finish: Callable[[Settings], object],
    compare: Callable[[Settings], Collection[str]],
) -> Contents:
    """Read an archive through, every byte of every file, and finish its database as a restore does; nothing is changed.

    Then the registry that would be restored is compared with its own journal. A database of PostgreSQL is read through
    only: it can be finished nowhere but in its place. The parameters are those of :func:`load`.

    :param compare: what is wrong in a finished registry, in words.
    :raises BackupError: when a restore would refuse it or tell of something wrong, saying what.
    """
    with _unpacking(settings, _CHECKED) as work:
        manifest = _unpack(archive, work, known, keys_problem)
        if manifest.database == "sqlite":
            _finish_unpacked(settings, archive, work, finish)
            wrong = compare(_unpacked(settings, work))
            if wrong:
                raise BackupError("\n".join(f"{archive}: {place.replace(f'{work}/', '')}" for place in wrong))
        return Contents(manifest.database, len(manifest.files))


@contextmanager
def _unpacking(settings: Settings, prefix: str) -> Generator[Path]:
    """A folder to unpack into, locked meanwhile. What killed processes left of the same name is removed first."""
    for left in settings.data_dir.glob(f"{prefix}*"):
        with suppress(OSError), _locked(left):
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=settings.data_dir) as name, _locked(Path(name)):
        yield Path(name)


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    """Hold the lock of a folder, which the system frees when the process ends.

    :raises OSError: when another process holds it.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _finish_unpacked(settings: Settings, archive: Path, work: Path, finish: Callable[[Settings], object]) -> None:
    """Finish the SQLite database that lies unpacked.

    :raises BackupError: when that cannot be, whatever the reason: what an archive holds may be anything.
    """
    try:
        finish(_unpacked(settings, work))
    except Exception as error:
        reason = getattr(error, "orig", None) or error
        raise BackupError(f"{archive}: its database cannot be brought up to date: {_said(reason)}") from error


def _unpacked(settings: Settings, work: Path) -> Settings:
    """The installation that lies unpacked, on SQLite."""
    return replace(settings, data_dir=work, database_url=f"sqlite:///{work / DATABASE['sqlite']}")


def load(
    settings: Settings,
    archive: Path,
    known: Collection[str],
    *,
    keys_problem: Callable[[Path], str | None],
    end_keys: Callable[[Path], object],
    finish: Callable[[Settings], object],
) -> int:
    """Put the archive's content into an installation that holds nothing yet; return how many files there were.

    Everything is read and compared with the manifest before anything is changed, and files go back where they were when
    the database cannot be taken. The caller has made sure that the database is empty and closed.

    Nothing of the archive is used before it is finished. A SQLite database is finished while it lies unpacked; one of
    PostgreSQL only where it belongs. From the first change on the installation is marked as unfinished
    (:attr:`Settings.unfinished_file`): the program does nothing in it, and this may be called again. The caller takes
    the mark away when it has done its own part (:func:`finished`).

    :param known: the versions of the database that this program can bring up to date.
    :param keys_problem: why nothing can be signed with the keys in a folder; None where it can.
    :param end_keys: makes those keys in a folder anew that must not come back.
    :param finish: brings the database of an installation up to date and ends what must not come back in it.
    :raises BackupError: when the archive is damaged, of a newer program or of another database kind, or stored files
        stand in the way.
    """
    kind = _kind(settings)
    again = settings.unfinished_file.exists()
    if again:
        _clear_up(settings)
    else:
        for folder in (settings.documents_dir, settings.attachments_dir):
            if any(_files(folder)):
                raise BackupError(f"{folder} is not empty: restore into an empty registry only")
    with _unpacking(settings, _UNPACKED) as work:
        manifest = _unpack(archive, work, known, keys_problem)
        if manifest.database != kind:
            raise BackupError(f"{archive} holds a {manifest.database} database, this registry uses {kind}")
        database = work / DATABASE[kind]
        end_keys(work / "keys")
        if kind == "sqlite":
            _finish_unpacked(settings, archive, work, finish)
        write_whole(settings.unfinished_file, work.name.encode())
        can_go_back = not again
        try:
            with _in_the_place_of(settings.data_dir, work):
                _protect(settings.data_dir)
                if kind == "sqlite":
                    _load_sqlite(settings, database)
                else:
                    _load_postgresql(settings, database, again=again)
                    can_go_back = False
                    finish(settings)
        except BaseException:
            if can_go_back:
                finished(settings)
            raise
        sync_folder(settings.data_dir)
    return len(manifest.files)


def finished(settings: Settings) -> None:
    """Take the mark of an unfinished restore away."""
    settings.unfinished_file.unlink(missing_ok=True)
    sync_folder(settings.data_dir)


def _clear_up(settings: Settings) -> None:
    """Remove what a restore that was killed had unpacked."""
    left = settings.unfinished_file.read_text(encoding="utf-8")
    if left.startswith(_UNPACKED) and "/" not in left:
        shutil.rmtree(settings.data_dir / left, ignore_errors=True)


@contextmanager
def _in_the_place_of(data_dir: Path, work: Path) -> Generator[None]:
    """With the unpacked folders in the place of what stands there; all goes back when what follows fails."""
    aside = work / "aside"
    aside.mkdir(mode=0o700)
    undo: list[Callable[[], object]] = []
    try:
        for folder in FOLDERS:
            target = data_dir / folder
            if target.exists():
                target.rename(aside / folder)
                undo.append(partial((aside / folder).rename, target))
            if (work / folder).exists():
                (work / folder).rename(target)
                undo.append(partial(shutil.rmtree, target))
        yield
    except BaseException as error:
        for step in reversed(undo):
            with suppress(OSError):
                step()
        if isinstance(error, OSError | sqlite3.Error):
            raise BackupError(f"the archive cannot be put in place: {error}") from None
        raise


def _kind(settings: Settings) -> str:
    return "sqlite" if settings.is_sqlite else "postgresql"


def _files(folder: Path) -> Iterator[Path]:
    """Every finished file below ``folder``; a name with a leading point is a write under way."""
    for path in sorted(folder.rglob("*")) if folder.exists() else ():
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


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
        raise _unwritten(archive, error) from None
    finally:
        temporary.unlink(missing_ok=True)


_RESTORE = "pg_restore"
"""PostgreSQL's own tool for its dumps, found by the PATH."""

_UNREADABLE = (
    OSError, EOFError, tarfile.TarError, zlib.error, lzma.LZMAError, ValueError, KeyError, AttributeError, TypeError,
    OverflowError,
)  # fmt: skip
"""What reading damaged bytes as an archive may end in."""


class _Manifest(msgspec.Struct):
    """What the archive says of itself."""

    format: int
    database: str
    files: dict[str, str]


class _Member(tarfile.TarInfo):
    """A member of which nothing long is read before anybody asked for it."""

    def _proc_member(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type not in tarfile.REGULAR_TYPES and self.size > _HEADER_BYTES:
            raise tarfile.ReadError(f"a header of {self.size} bytes")
        return super()._proc_member(tar)  # ty: ignore[missing-attribute]


def _unpack(archive: Path, work: Path, known: Collection[str], keys_problem: Callable[[Path], str | None]) -> _Manifest:
    """Unpack what the manifest names, and nothing else, into ``work``; compare every hash, look at keys and database.

    :raises BackupError: saying in plain words what is wrong.
    """
    try:
        with tarfile.open(archive, tarinfo=_Member) as tar:
            manifest = _manifest(archive, tar)
            missing = dict(manifest.files)
            while (member := tar.next()) is not None:
                expected = missing.pop(member.name, None)
                # A sparse member may claim any length; an archive of ours has none.
                is_file = member.isfile() and member.sparse is None
                if expected is None or not is_file or not _is_safe(member.name):
                    raise BackupError(f"{archive}: {member.name} does not belong there")
                if member.size > shutil.disk_usage(work).free - RESERVE:
                    raise NoRoom(f"no space is left to unpack {archive}: {member.name} has {member.size} bytes")
                path = work / member.name
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                with path.open("xb") as file:
                    shutil.copyfileobj(_open(tar, member), file)
                found = _sha256(path)
                # A stored file is called by the hash of its bytes, whatever the manifest says.
                if found != expected or (member.name.startswith(STORED) and path.name != found):
                    raise BackupError(f"{archive}: {member.name} is damaged")
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom(f"no space is left to unpack {archive}") from None
        raise BackupError(f"{archive} cannot be read: {_said(error)}") from None
    except _UNREADABLE as error:
        raise BackupError(f"{archive} cannot be read: {_said(error)}") from None
    if missing:
        raise BackupError(f"{archive}: {min(missing)} is missing")
    database = work / DATABASE[manifest.database]
    if not database.exists():
        raise BackupError(f"{archive}: {database.name} is missing")
    problem = keys_problem(work / "keys")
    if problem:
        raise BackupError(f"{archive}: {problem}")
    if manifest.database == "sqlite":
        _need_whole(database, f"{archive}: its database")
        version = _version_of_file(database)
    else:
        version = _version_of_dump(database, archive)
    if version is not None and version not in known:
        raise BackupError(f"{archive} was made by another version of the program (its database is at {version!r})")
    return manifest


def _manifest(archive: Path, tar: tarfile.TarFile) -> _Manifest:
    first = tar.next()
    if first is None or first.name != MANIFEST or not first.isfile():
        raise BackupError(f"{archive} is not a backup of this program")
    if first.size > MANIFEST_BYTES:
        raise BackupError(f"{archive}: its {MANIFEST} is damaged (it has {first.size} bytes)")
    try:
        manifest = msgspec.json.decode(_open(tar, first).read(), type=_Manifest)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise BackupError(f"{archive}: its {MANIFEST} is damaged ({_said(error)})") from None
    if manifest.format != FORMAT:
        raise BackupError(f"{archive} has the unknown format {manifest.format}")
    if manifest.database not in DATABASE:
        raise BackupError(f"{archive} holds a database of the unknown kind {manifest.database}")
    return manifest


def _said(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _need_whole(database: Path, what: str) -> None:
    """:raises BackupError: when SQLite finds a page or an index damaged."""
    try:
        with closing(sqlite3.connect(database)) as copy:
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        said = str(error)
    if said != "ok":
        raise BackupError(f"{what} is damaged: {' '.join(said.split())}")


def _version_of_file(database: Path) -> str:
    """Which migration the database stands at; empty where it is none of ours."""
    try:
        with closing(sqlite3.connect(database)) as copy:
            found = copy.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error:
        return ""
    return str(found[0]) if found else ""


def _version_of_dump(database: Path, archive: Path) -> str | None:
    """The same of a dump, which is read through by PostgreSQL's own tool; None where that is not installed.

    :raises BackupError: when the tool cannot read it.
    """
    texts = []
    for options in ([f"--file={os.devnull}"], ["--data-only", "--table=alembic_version", "--file=-"]):
        try:
            result = subprocess.run(  # noqa: S603
                [_RESTORE, *options, str(database)],
                capture_output=True,
                text=True,
                check=False,
            )
        except FileNotFoundError:
            return None
        if result.returncode:
            raise BackupError(f"{archive}: its database is damaged: {' '.join(result.stderr.split())}")
        texts.append(result.stdout)
    found = re.search(r"^COPY \S*alembic_version .*\n(\S+)$", texts[-1], re.MULTILINE)
    return found[1] if found else ""


def _open(tar: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    file = tar.extractfile(member)
    if file is None:
        raise BackupError(f"{member.name} is not a file")
    return file


def _is_safe(name: str) -> bool:
    """Whether a member is called as those that :func:`save` writes."""
    path = PurePosixPath(name)
    if str(path) != name or path.is_absolute() or any(part.startswith(".") for part in path.parts):
        return False
    if name.startswith(STORED):
        return _STORED.fullmatch(name) is not None
    return name in DATABASE.values() or (len(path.parts) > 1 and path.parts[0] in FOLDERS)


_STORED = re.compile(r"(?:documents|attachments)/([0-9a-f]{2})/\1[0-9a-f]{62}")


def _protect(data_dir: Path) -> None:
    """Give restored files the modes they are made with."""
    for folder in FOLDERS:
        for path in sorted((data_dir / folder).rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)
        if (data_dir / folder).exists():
            (data_dir / folder).chmod(0o700)


def _sqlite_path(settings: Settings) -> Path:
    name = make_url(settings.database_url).database
    if not name or name == ":memory:":
        raise BackupError("a database in memory cannot be backed up")
    return Path(name)


def _save_sqlite(settings: Settings, target: Path, *, without_notes: bool) -> None:
    path = _sqlite_path(settings)
    if not path.exists():
        raise BackupError(f"there is no database at {path}")
    try:
        with closing(sqlite3.connect(path, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy)
            if not without_notes:
                _take_in_notes(settings, copy)
            # One file without a write-ahead log beside it.
            copy.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError:
        # No room where the archive goes (:func:`_room_beside`).
        raise
    except sqlite3.DatabaseError as error:
        raise BackupError(f"the database {path} cannot be read: {error}") from None


def _take_in_notes(settings: Settings, copy: sqlite3.Connection) -> None:
    """Put what is noted beside the registers into the copy's tables of the same names, where a new registry looks."""
    if not settings.beside_file.exists():
        return
    problem = beside.damage(settings.beside_file)
    if problem:
        raise BackupError(
            f"{settings.beside_file} is damaged ({problem}): the next sign-in sets it aside and begins it anew"
        )
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
    target.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(source)) as copy, closing(sqlite3.connect(target, timeout=60)) as database:
        copy.backup(database)


def _save_postgresql(settings: Settings, target: Path) -> None:
    _run(settings, ["pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}"])


def _load_postgresql(settings: Settings, source: Path, *, again: bool) -> None:
    """Put a dump in the place of the tables that are there.

    :param again: after a restore that stopped the tables may be newer than the dump, which does not know then what
        depends on those that it puts anew.
    """
    if again:
        names = ", ".join(f'"{name}"' for name in ("alembic_version", *Base.metadata.tables))
        with sa.create_engine(settings.database_url, poolclass=sa.NullPool, **NO_VALUES).begin() as connection:
            connection.execute(sa.text(f"DROP TABLE IF EXISTS {names} CASCADE"))
    _run(
        settings,
        [
            _RESTORE,
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
