"""Which of the registry's processes are alive: each holds the lock of a file of its own, and a dead one holds none.

The system frees a lock the moment its process ends, however it ends, and keeps it through the longest silence; so a
lock says sooner and more surely than any sign of life with a clock whether somebody is still at work. The files stand
in the data folder, which machines that share a registry share too.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from contextlib import suppress
from pathlib import Path

_own: dict[tuple[int, Path], tuple[str, int]] = {}
"""By process and folder: the name and the open file that holds the lock."""


def own_name(folder: Path) -> str:
    """The name of this process, which from the first call on is known to be alive until it ends."""
    key = (os.getpid(), folder)
    if key not in _own:
        _own[key] = _hold(folder)
    return _own[key][0]


def _hold(folder: Path) -> tuple[str, int]:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    while True:
        name = secrets.token_hex(16)
        path = folder / name
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(handle, fcntl.LOCK_EX)
        # Whoever clears up may have met the file before it was locked.
        with suppress(FileNotFoundError):
            if path.stat().st_ino == os.fstat(handle).st_ino:
                return name, handle
        os.close(handle)


def is_gone(folder: Path, name: str) -> bool:
    """Whether the process with this name has ended; its file is removed then."""
    if name == _own.get((os.getpid(), folder), ("",))[0]:
        return False
    path = folder / name
    try:
        handle = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    else:
        path.unlink(missing_ok=True)
        return True
    finally:
        os.close(handle)


def forget_gone(folder: Path) -> None:
    """Remove the files of all processes that have ended."""
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            is_gone(folder, path.name)


def leave(folder: Path) -> None:
    """This process works no more in ``folder``."""
    held = _own.pop((os.getpid(), folder), None)
    if held is not None:
        (folder / held[0]).unlink(missing_ok=True)
        os.close(held[1])
