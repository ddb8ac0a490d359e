"""Long readings of the database in several parts, each looked at by a process with a look of its own."""

from __future__ import annotations

import gc
import multiprocessing
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any

from registry.infra.db import db, one_look
from registry.infra.machine import cores

Part = Callable[[], Any]

_parts: tuple[Part, ...] = ()


def processes() -> int:
    """How many may look at once. A process with threads stays alone: its copies may wait for what a thread held."""
    return cores() if threading.active_count() == 1 else 1


@contextmanager
def looked_at(parts: Sequence[Part], count: int) -> Generator[list[Future[Any]]]:
    """What each part found, in their order, as it comes, by ``count`` processes; what none waits for is not begun.

    No database transaction may be open. A part sees the database as it stands when its turn comes.
    """
    # A connection that two processes hold answers neither.
    db.session.remove()
    db.engine.dispose()
    pool = ProcessPoolExecutor(count, multiprocessing.get_context("fork"), _take, (tuple(parts),))
    try:
        yield [pool.submit(_look, place) for place in range(len(parts))]
    finally:
        pool.shutdown(cancel_futures=True)


def _take(parts: tuple[Part, ...]) -> None:
    global _parts
    _parts = parts
    # Looking through all that was read for circles takes a fifth of the time of a process that soon ends anyway.
    gc.disable()


def _look(place: int) -> Any:
    with one_look():
        return _parts[place]()
