"""Files written whole or not at all; those kept for ever stand under the SHA-256 of their bytes, never overwritten."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable, Set
from contextlib import suppress
from pathlib import Path
from typing import IO, TypeVar

_UNFINISHED = ".new-"
"""How the name of a file begins that is being written."""


Result = TypeVar("Result")


class StorageError(Exception):
    """A stored file is missing or cannot be read, or its bytes are no longer those it was stored with."""


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
