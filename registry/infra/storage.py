"""Files written whole or not at all; those kept for ever stand under the SHA-256 of their bytes, never overwritten.

A :class:`Store` keeps them: a folder here (:class:`FolderStore`), or a bucket (:class:`registry.infra.bucket.Bucket`).
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Generator, Iterable, Iterator, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol, TypeVar

_UNFINISHED = ".new-"
"""How the name of a file begins that is being written."""


Result = TypeVar("Result")


class StorageError(Exception):
    """A stored file is missing or cannot be read, or its bytes are no longer those it was stored with."""


PART = 1 << 20
"""Bytes of a file that are read at once."""


class Store(Protocol):
    """Keeps files under the SHA-256 of their bytes. A store that does not answer raises what its place raises
    (``OSError``, :class:`registry.infra.bucket.BucketError`).
    """

    @property
    def address(self) -> str:
        """Where it is, for people."""
        ...

    def keep(self, file: Path, sha256: str) -> None:
        """Keep a copy of a whole file; one that is kept already counts as kept now."""
        ...

    def parts(self, sha256: str) -> Iterator[bytes]:
        """The bytes of a kept file, never all of them at once.

        :raises StorageError: before the first of them, when it is missing.
        """
        ...

    def sizes(self) -> dict[str, int]:
        """Bytes of every kept file, by its hash."""
        ...

    def holds(self, sha256: str) -> bool:
        """Whether a file is kept."""
        ...

    def discard(self, sha256: str) -> None:
        """Remove a kept file; one that is gone already is no error."""
        ...

    def kept_before(self, moment: float) -> set[str]:
        """The hashes of the files that were last kept before that moment (seconds since 1970)."""
        ...


@dataclass(frozen=True)
class FolderStore:
    """Files in a folder on this machine."""

    folder: Path

    @property
    def address(self) -> str:
        return str(self.folder)

    def keep(self, file: Path, sha256: str) -> None:
        path = path_of(self.folder, sha256)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.holds(sha256) and _sha256_of(path) == sha256:
            path.touch()
            return
        handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as copy, file.open("rb") as content:
                shutil.copyfileobj(content, copy, PART)
                copy.flush()
                os.fsync(copy.fileno())
            Path(temporary).replace(path)
        finally:
            Path(temporary).unlink(missing_ok=True)
        sync_folder(path.parent)

    def parts(self, sha256: str) -> Iterator[bytes]:
        try:
            file = path_of(self.folder, sha256).open("rb")
        except FileNotFoundError:
            raise StorageError(f"the stored file {sha256} is missing") from None
        except OSError as error:
            raise StorageError(f"the stored file {sha256} cannot be read: {error.strerror}") from None
        return _parts(file)

    def sizes(self) -> dict[str, int]:
        return {path.name: path.stat().st_size for path in self._files()}

    def holds(self, sha256: str) -> bool:
        return path_of(self.folder, sha256).is_file()

    def discard(self, sha256: str) -> None:
        path_of(self.folder, sha256).unlink(missing_ok=True)

    def kept_before(self, moment: float) -> set[str]:
        return {path.name for path in self._files() if path.stat().st_mtime < moment}

    def _files(self) -> Iterator[Path]:
        return (path for path in self.folder.glob("*/*") if path.is_file() and not path.name.startswith("."))


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while part := file.read(PART):
            yield part


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def difference(store: Store, sha256: str) -> str | None:
    """What is wrong with a kept file, read through; None where its bytes are those it was stored with."""
    found = hashlib.sha256()
    try:
        for part in store.parts(sha256):
            found.update(part)
    except StorageError as error:
        return str(error)
    return None if found.hexdigest() == sha256 else f"the stored file {sha256} is damaged"


@contextmanager
def unfinished(folder: Path) -> Generator[IO[bytes]]:
    """A new file in a store's folder under a temporary name, which is gone when the block ends."""
    begun = folder / "00"
    begun.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(prefix=_UNFINISHED, dir=begun) as file:
        yield file


def path_of(folder: Path, sha256: str) -> Path:
    """Where the file with this hash stands in ``folder``."""
    return folder / sha256[:2] / sha256


def store(folder: Path, content: bytes) -> str:
    """Keep ``content`` and return its SHA-256 in hexadecimal.

    The bytes reach the disk under a temporary name first, so a stopped machine leaves no half-written file behind.

    :raises StorageError: when other bytes stand under this hash already.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(folder, sha256)
    if path.exists():
        read(folder, sha256)
        return sha256
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_whole(path, content)
    sync_folder(path.parent)
    return sha256


def write_whole(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Write a file that only its owner reads, in the place of the one that is there.

    Nobody sees half of it, and a machine that stops leaves the old one or the new one; the new one for certain once its
    folder is synced as well.

    :raises FileExistsError: where there is one already and it is not to be replaced.
    """
    handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if replace:
            Path(temporary).replace(path)
        else:
            path.hardlink_to(temporary)
    finally:
        Path(temporary).unlink(missing_ok=True)


def store_written(folder: Path, write: Callable[[IO[bytes]], Result]) -> tuple[str, Result]:
    """Keep what ``write`` writes, however much it is; its SHA-256, and what ``write`` gave back."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    begun = folder / "00"
    begun.mkdir(exist_ok=True, mode=0o700)
    handle, temporary = tempfile.mkstemp(prefix=_UNFINISHED, dir=begun)
    try:
        with os.fdopen(handle, "w+b") as file:
            result = write(file)
            file.flush()
            os.fsync(file.fileno())
            file.seek(0)
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        path = path_of(folder, sha256)
        path.parent.mkdir(exist_ok=True, mode=0o700)
        Path(temporary).rename(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(path.parent)
    return sha256, result


def read(folder: Path, sha256: str) -> bytes:
    """The bytes stored under this hash.

    :raises StorageError: when the file is missing, unreadable or damaged.
    """
    try:
        content = path_of(folder, sha256).read_bytes()
    except FileNotFoundError:
        raise StorageError(f"the stored file {sha256} is missing") from None
    except OSError as error:
        # A folder stands in its place, a file in its folder's, or the disk is at fault.
        raise StorageError(f"the stored file {sha256} cannot be read: {error.strerror}") from None
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StorageError(f"the stored file {sha256} is damaged")
    return content


def remove_unfinished(folder: Path, before: float) -> None:
    """Remove what was begun to be written before that moment (seconds since 1970) and never finished."""
    _remove(folder.glob(f"*/{_UNFINISHED}*"), before)


def remove_others(folder: Path, wanted: Set[str], before: float) -> None:
    """Remove the files stored before that moment under any other hash than those ``wanted``."""
    _remove((path for path in folder.glob("*/*") if path.name not in wanted), before)


def _remove(paths: Iterable[Path], before: float) -> None:
    for path in paths:
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < before:
                path.unlink()


def sync_folder(folder: Path) -> None:
    """Make a rename inside ``folder`` outlive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
