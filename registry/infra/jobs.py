"""Background work: a request's row in the database is the truth, the queue only says that there is something to do.

A package marks the function that does the work with :func:`job` and calls :func:`enqueue` with the row's id after the
commit. Whatever is lost between commit and enqueue, or by a killed worker, is found again by the package's
:func:`sweep`, which runs when a worker starts and then every minute.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask, current_app
from huey import PostgresHuey, SqliteHuey, crontab
from huey.api import Huey
from huey.consumer import Consumer

from registry.infra.db import db

Job = Callable[[int], None]
Sweep = Callable[[], None]

_jobs: dict[str, Job] = {}
_sweeps: list[Sweep] = []
_log = logging.getLogger(__name__)

POLLING_SECONDS = 0.2
"""A click waits no longer than this before the worker sees it."""


def job(function: Job) -> Job:
    """Declare a function that works off one row, given its id, in the background.

    It runs inside an application context and opens its own transactions. It may run twice for one row, and must see
    from the row that there is nothing left to do.
    """
    _jobs[_name(function)] = function
    return function


def sweep(function: Sweep) -> Sweep:
    """Declare a function that enqueues again the rows whose job was lost."""
    _sweeps.append(function)
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


def run_worker(app: Flask) -> None:
    """Work until SIGTERM or SIGINT; a job under way is finished first."""
    waiting = queue(app)
    _run_sweeps(app)
    Consumer(waiting.huey, workers=1, max_delay=POLLING_SECONDS, graceful_signal="TERM").run()


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

    @huey.periodic_task(crontab(minute="*"), name="sweep")
    def look_for_lost_rows() -> None:
        _run_sweeps(app)

    return Queue(huey, work)


def _run_sweeps(app: Flask) -> None:
    for function in _sweeps:
        with app.app_context():
            try:
                function()
            except Exception:
                _log.exception("the sweep %s failed", _name(function))
            finally:
                db.session.remove()


def _name(function: Job | Sweep) -> str:
    return f"{function.__module__}.{getattr(function, '__qualname__', function)}"
