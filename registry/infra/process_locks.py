"""Which of the registry's processes are alive: each holds the lock of a file of its own, and a dead one holds none.

The system frees a lock the moment its process ends, however it ends, and keeps it through the longest silence; so a
lock says sooner and more surely than any sign of life with a clock whether somebody is still at work. The files stand
in the data folder, which machines that share a registry share too.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from filelock import FileLock, Timeout

_own: dict[tuple[int, Path], FileLock] = {}
"""By process and folder: the lock that is held."""


def own_name(folder: Path) -> str:
    """The name of this process, which from the first call on is known to be alive until it ends."""
    key = (os.getpid(), folder)
    if key not in _own:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = _lock(folder / secrets.token_hex(16))
        lock.acquire()
        _own[key] = lock
    return _name(_own[key])


def is_gone(folder: Path, name: str) -> bool:
    """Whether the process with this name has ended; its file is removed then."""
    own = _own.get((os.getpid(), folder))
    if own is not None and name == _name(own):
        return False
    path = folder / name
    if not path.exists():
        return True
    try:
        with _lock(path).acquire(blocking=False):
            path.unlink(missing_ok=True)
    except Timeout:
        return False
    return True


def forget_gone(folder: Path) -> None:
    """Remove the files of all processes that have ended."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            is_gone(folder, path.name)


def leave(folder: Path) -> None:
    """This process works no more in ``folder``."""
    lock = _own.pop((os.getpid(), folder), None)
    if lock is not None:
        Path(lock.lock_file).unlink(missing_ok=True)
        lock.release()


def _lock(path: Path) -> FileLock:
    """The system's lock of a file, held for the whole process; on a file system without locks it is an error."""
    return FileLock(path, mode=0o600, thread_local=False, fallback_to_soft=False)


def _name(lock: FileLock) -> str:
    return Path(lock.lock_file).name
