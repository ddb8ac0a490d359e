"""How long a piece of the worker's work may take."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Generator
from contextlib import contextmanager

GRACE_SECONDS = 60
"""Work that does not hear that its time is up is ended with its process so much later."""


class TooLong(BaseException):
    """Raised inside work whose time is up. No ``except Exception`` of a library takes it for something else."""


@contextmanager
def limited(seconds: float) -> Generator[None]:
    """Raise :class:`TooLong` inside when the time is up; where that is not heard, end the process."""

    def late(_number: int, _frame: object) -> None:
        raise TooLong

    watchdog = threading.Timer(seconds + GRACE_SECONDS, os._exit, [70])
    watchdog.daemon = True
    before = signal.signal(signal.SIGALRM, late)
    watchdog.start()
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        watchdog.cancel()
        signal.signal(signal.SIGALRM, before)
