"""Processes that lay out chunks, with limited memory and time, and a cache of limited size for what they make."""

from __future__ import annotations

import hashlib
import os
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from registry.config import ROOT

SECONDS = 600
"""How many seconds may pass until the next chunk is done."""

CACHE_BYTES = 256 << 20
"""How many bytes the cache holds; what has not been used for longest is removed first."""


class LayoutError(Exception):
    """A chunk could not be laid out."""


class OutOfMemory(LayoutError):
    """A chunk needs more memory than its process may take."""


class OutOfTime(LayoutError):
    """A chunk takes longer than it may."""


class _Ended(Exception):
    """A rendering process ended by itself or was killed."""


def spread(sources: Mapping[int, str], *, processes: int) -> Iterator[tuple[int, bytes]]:
    """Lay out chunks (HTML by key) in processes of their own and yield each key with its PDF as it is done.

    The processes end with this generator, and by themselves when this process is gone. A process that was killed is
    replaced once.

    :raises OutOfMemory: when a chunk needs too much memory, or its process ends twice.
    :raises OutOfTime: when no chunk is done for :data:`SECONDS`.
    :raises LayoutError: when a chunk cannot be laid out for another reason.
    """
    waiting: queue.SimpleQueue[tuple[int, str]] = queue.SimpleQueue()
    for item in sources.items():
        waiting.put(item)
    done: queue.SimpleQueue[tuple[int, bytes] | Exception] = queue.SimpleQueue()
    workers = [_Worker() for _number in range(min(processes, len(sources)))]

    def work(number: int) -> None:
        try:
            while True:
                try:
                    key, source = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    content = workers[number].lay_out(source)
                except _Ended:
                    if closing.is_set():
                        return
                    workers[number].close()
                    workers[number] = _Worker()
                    content = workers[number].lay_out(source)
                done.put((key, content))
        except _Ended:
            done.put(OutOfMemory("a rendering process ended twice: its memory may not have sufficed"))
        except Exception as error:
            done.put(error)

    closing = threading.Event()
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(workers))]
    try:
        for thread in threads:
            thread.start()
        for _piece in sources:
            try:
                result = done.get(timeout=SECONDS)
            except queue.Empty:
                raise OutOfTime("a chunk of a paper takes too long") from None
            if isinstance(result, LayoutError):
                raise result
            if isinstance(result, Exception):
                raise LayoutError(str(result)) from result
            yield result
    finally:
        closing.set()
        for worker in workers:
            worker.close()


class _Worker:
    """One process that lays out chunks, started here and ended by :meth:`close`."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "registry.printing.render_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
        )

    def lay_out(self, source: str) -> bytes:
        """The PDF of one chunk.

        :raises LayoutError: when it cannot be laid out.
        :raises _Ended: when the process has ended.
        """
        given, taken = self.process.stdin, self.process.stdout
        if given is None or taken is None:
            raise LayoutError("the process has no pipes")
        content = source.encode()
        try:
            given.write(len(content).to_bytes(8, "big") + content)
            given.flush()
            head = taken.read(9)
            size = int.from_bytes(head[1:], "big")
            answer = taken.read(size)
        except (OSError, ValueError):
            raise _Ended from None
        if len(head) < 9 or len(answer) < size:
            raise _Ended
        if head[0] == 2:
            raise OutOfMemory("a chunk needs more memory than it may take")
        if head[0]:
            raise LayoutError(answer.decode())
        return answer

    def close(self) -> None:
        """End the process, also in the middle of its work."""
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()


def _bound(key: str, content: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\n" + content).digest()


class Cache:
    """Files by key, each behind a SHA-256 over its key and bytes: one damaged or under another key is made again."""

    def __init__(self, folder: Path, *, limit: int = CACHE_BYTES) -> None:
        self.folder = folder
        self.limit = limit

    def _path(self, key: str) -> Path:
        return self.folder / key[:2] / key

    def get(self, key: str) -> bytes | None:
        """What was put under the key, or None if it is gone or damaged."""
        path = self._path(key)
        try:
            stored = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        content = stored[32:]
        return content if _bound(key, content) == stored[:32] else None

    def put(self, key: str, content: bytes) -> None:
        """Keep ``content`` under the key. Where the folder cannot be written, nothing is kept and no error raised."""
        path = self._path(key)
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, temporary = tempfile.mkstemp(prefix=".new-", dir=path.parent)
            with os.fdopen(handle, "wb") as file:
                file.write(_bound(key, content) + content)
            Path(temporary).rename(path)
        except OSError:
            return

    def trim(self) -> None:
        """Remove what has not been used for longest until the cache is within its limit."""
        files = []
        for path in self.folder.glob("*/*"):
            try:
                status = path.stat()
            except OSError:
                continue
            files.append((status.st_mtime_ns, status.st_size, path))
        total = sum(size for _used, size, _path in files)
        for _used, size, path in sorted(files):
            if total <= self.limit:
                return
            path.unlink(missing_ok=True)
            total -= size
