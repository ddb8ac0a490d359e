"""Work done by a program of its own, within bounds of time, so that no request holds up others.

The program reads what it needs from its standard input, writes what it made to its standard output, and bounds its own
memory (:func:`registry.infra.machine.bound`). Few run at the same time.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import IO

from registry.config import ROOT
from registry.infra.db import outside_transactions

DAMAGED = 1
"""How a program ends that raised an error: Python's own status."""


class Busy(Exception):
    """As many programs of the kind as may are at work, and none ended in time."""


class TookTooLong(Exception):
    """The program took longer than it may and was ended."""


class Failed(Exception):
    """The program ended without doing its work; ``status`` is what it ended with."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Elsewhere:
    """A kind of work that other processes do: the module of its program, how long it may take, how many at once.

    ``patience`` is how many seconds a request waits for its turn.
    """

    def __init__(self, module: str, *, seconds: float, at_once: int, patience: float) -> None:
        self.command: Sequence[str] = [sys.executable, "-m", module]
        self.seconds = seconds
        self.patience = patience
        self._turns = threading.BoundedSemaphore(at_once)

    @contextmanager
    def done(self, request: bytes) -> Generator[IO[bytes]]:
        """What the program makes of a request, as a file at its beginning; the turn is kept until it is read.

        Nobody may hold a transaction open meanwhile.

        :raises Busy: when no turn comes in time.
        :raises TookTooLong: when the program's time is over.
        :raises Failed: when the program ends without doing its work.
        """
        outside_transactions()
        if not self._turns.acquire(timeout=self.patience):
            raise Busy
        try:
            with tempfile.TemporaryFile() as output:
                try:
                    status = subprocess.run(  # noqa: S603 - our own words
                        self.command,
                        input=request,
                        stdout=output,
                        stderr=subprocess.DEVNULL,
                        cwd=ROOT,
                        timeout=self.seconds,
                    ).returncode
                except subprocess.TimeoutExpired:
                    raise TookTooLong from None
                if status != 0:
                    raise Failed(status)
                output.seek(0)
                yield output
        finally:
            self._turns.release()
