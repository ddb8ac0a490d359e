"""Background work: a request's row in the database is the truth, the queue only says that there is something to do.

A package marks the function that does the work with :func:`job` and calls :func:`enqueue` with the row's id after the
commit. Whatever is lost between commit and enqueue, or by a killed worker, is found again by the package's
:func:`sweep`, which runs when a worker starts and then every few seconds between jobs.

A worker is one process with one thread of work. It may take a bounded amount of memory, and each job a bounded time.
When no job waits it runs what is due of the :mod:`registry.infra.schedule`. Sweeps and warmings are no part of that:
they are about the queue and the worker itself, and each worker does them.
"""

from __future__ import annotations

import gc
import logging
import resource
import signal
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app
from huey import PostgresHuey, SqliteHuey
from huey.api import Huey

from registry.infra import machine, process_locks, schedule
from registry.infra.db import db
from registry.infra.time_limit import TooLong, limited

Job = Callable[[int], None]
Sweep = Callable[[], None]

_jobs: dict[str, Job] = {}
_sweeps: list[Sweep] = []
_warmings: list[Sweep] = []
_log = logging.getLogger(__name__)

POLLING_SECONDS = 0.2
"""A click waits no longer than this before the worker sees it."""

SWEEPING_SECONDS = 3
"""How often lost rows are looked for."""

LOOKING_SECONDS = 5
"""How often a worker that has nothing to do looks what of the schedule is due."""

JOB_SECONDS = 1200
"""How long one job may take."""

MEMORY = 3 << 30
"""Bytes of address space a worker may take: the longest register needs half of it."""

GROWN = 512 << 20
"""A worker that holds more memory than this after a job ends, and a fresh one takes its place."""


def job(function: Job) -> Job:
    """Declare a function that works off one row, given its id, in the background.

    It runs inside an application context and opens its own transactions. It may run twice for one row, and must see
    from the row that there is nothing left to do.
    """
    _jobs[_name(function)] = function
    return function


def sweep(function: Sweep) -> Sweep:
    """Declare a function that enqueues again the rows whose job was lost.

    A worker calls it between jobs: whatever it still seems to have under way itself is lost as well.
    """
    _sweeps.append(function)
    return function


def warming(function: Sweep) -> Sweep:
    """Declare a function that loads what jobs will need, run once by a worker that has nothing to do."""
    _warmings.append(function)
    return function


def enqueue(function: Job, row_id: int) -> None:
    """Ask the worker to run ``function(row_id)``. Call it after the commit, or the worker may not see the row yet.

    A queue out of reach is no fault of whoever asked: the row is committed, and the sweep will find it.
    """
    try:
        queue(current_app).add(_name(function), row_id)
    except Exception:
        _log.warning("the job queue is out of reach; %s %s waits for the sweep", _name(function), row_id, exc_info=True)


def work_off() -> int:
    """Run every job that waits, here and now, and return how many there were."""
    waiting = queue(current_app).huey
    done = 0
    while (task := waiting.dequeue()) is not None:
        waiting.execute(task)
        done += 1
    return done


def nothing_waits() -> bool:
    """Whether the queue is empty: a row that still waits for its job is lost then."""
    return queue(current_app).huey.pending_count() == 0


def run_worker(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; a job under way is finished first.

    Nothing is begun while a restore is unfinished.
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stopping.set())
    machine.bound(MEMORY)
    waiting = queue(app)
    process_locks.own_name(app.config["SETTINGS"].workers_dir)
    sweeping = looking = 0.0
    try:
        while not stopping.is_set():
            if app.config["SETTINGS"].unfinished_file.exists():
                # What stands in the database is being replaced, or half of it was.
                stopping.wait(POLLING_SECONDS)
                continue
            if time.monotonic() >= sweeping:
                _call(app, _sweeps)
                sweeping = time.monotonic() + SWEEPING_SECONDS
            worked = _work_one(waiting)
            if not worked and time.monotonic() >= looking:
                warm_up(app)
                # One piece, then whoever waits for a paper comes first again.
                worked = schedule.run_one(app, limited)
                if not worked:
                    looking = time.monotonic() + LOOKING_SECONDS
            if not worked:
                stopping.wait(POLLING_SECONDS)
            elif _memory() > GROWN:
                return
    finally:
        process_locks.leave(app.config["SETTINGS"].workers_dir)


def warm_up(app: Flask) -> None:
    """Load what jobs need while nobody waits for it, and keep it out of the search for garbage."""
    if gc.get_freeze_count():
        return
    _call(app, _warmings)
    gc.collect()
    gc.freeze()


def _work_one(waiting: Queue) -> bool:
    """Run the job that waits longest; False when there is none or the queue is out of reach."""
    try:
        task = waiting.huey.dequeue()
    except Exception:
        _log.warning("the job queue is out of reach", exc_info=True)
        return False
    if task is None:
        return False
    try:
        with limited(JOB_SECONDS):
            waiting.huey.execute(task)
    except TooLong:
        _log.warning("a job took longer than it may")
    return True


def _memory() -> int:
    """Bytes of memory this process holds now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()


@dataclass(frozen=True)
class Queue:
    """An application's queue, and how to put a job's name and row into it."""

    huey: Huey
    add: Callable[[str, int], object]


def queue(app: Flask) -> Queue:
    """The application's queue: a file in the data folder, or PostgreSQL where ``job_database_url`` names one."""
    if "jobs" not in app.extensions:
        app.extensions["jobs"] = _open(app)
    return app.extensions["jobs"]


def _open(app: Flask) -> Queue:
    settings = app.config["SETTINGS"]
    huey: Huey
    if settings.job_database_url:
        huey = PostgresHuey("tizilim", results=False, dsn=settings.job_database_url, blocking=False)
    else:
        huey = SqliteHuey("tizilim", results=False, filename=str(settings.data_dir / "queue.db"), strict_fifo=True)

    @huey.task(name="row")
    def work(name: str, row_id: int) -> None:
        with app.app_context():
            try:
                _jobs[name](row_id)
            finally:
                db.session.remove()

    return Queue(huey, work)


def _call(app: Flask, functions: list[Sweep]) -> None:
    for function in functions:
        with app.app_context():
            try:
                function()
            except Exception:
                _log.exception("%s failed", _name(function))
            finally:
                db.session.remove()


def _name(function: Job | Sweep) -> str:
    return f"{function.__module__}.{getattr(function, '__qualname__', function)}"
