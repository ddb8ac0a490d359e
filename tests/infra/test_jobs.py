"""Jobs run in the background from a queue; what the queue loses, a sweep finds."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.infra import jobs
from registry.infra.db import db

ran: list[tuple[int, bool]] = []


@jobs.job
def count_territories(row_id: int) -> None:
    total = db.session.scalar(sa.text("SELECT COUNT(*) FROM territory"))
    ran.append((row_id, total == 3))


@jobs.job
def fail(row_id: int) -> None:
    raise ValueError(row_id)


@pytest.fixture(params=["file", "postgresql"])
def queueing(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """The application with its queue in a file, then on PostgreSQL."""
    ran.clear()
    if request.param == "postgresql":
        address = request.getfixturevalue("postgres_database")
        settings = app.config["SETTINGS"]
        monkeypatch.setitem(app.config, "SETTINGS", replace(settings, job_database_url=address))
    yield app
    app.extensions.pop("jobs", None)


def test_jobs_run_in_order_inside_an_application_context(queueing):
    for number in (1, 2, 3):
        jobs.enqueue(count_territories, number)
    assert ran == []
    assert jobs.work_off() == 3
    assert ran == [(1, True), (2, True), (3, True)]
    assert jobs.work_off() == 0


def test_a_failing_job_does_not_stop_the_next(queueing):
    jobs.enqueue(fail, 1)
    jobs.enqueue(count_territories, 2)
    assert jobs.work_off() == 2
    assert ran == [(2, True)]


def test_a_queue_out_of_reach_is_no_fault_of_the_page(app, monkeypatch, caplog):
    def broken(_app: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(jobs, "queue", broken)
    jobs.enqueue(count_territories, 1)
    assert "waits for the sweep" in caplog.text


def test_every_sweep_runs_even_when_one_fails(app, monkeypatch):
    swept = []
    monkeypatch.setattr(jobs, "_sweeps", [])

    @jobs.sweep
    def broken() -> None:
        raise ValueError

    @jobs.sweep
    def lost_rows() -> None:
        swept.append(db.session.scalar(sa.text("SELECT COUNT(*) FROM territory")))

    jobs._call(app, jobs._sweeps)
    assert swept == [3]


def test_the_worker_sweeps_at_once_and_stops_when_told(app):
    settings = app.config["SETTINGS"]
    script = (
        "from registry.app import create_app\n"
        "from registry.infra import jobs\n"
        "jobs.sweep(lambda: print('swept', flush=True))\n"
        "jobs.run_worker(create_app(pages=False))\n"
        "print('done', flush=True)\n"
    )
    environment = {"REGISTRY_DATA_DIR": str(settings.data_dir), "PATH": ""}
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "swept\n"
    time.sleep(0.5)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=20)[0].endswith("done\n")
    assert process.returncode == 0


def test_nothing_is_worked_off_while_a_restore_is_unfinished(queueing, monkeypatch):
    """A worker that runs already waits for its end."""
    import threading

    mark = queueing.config["SETTINGS"].unfinished_file
    handlers = {}
    monkeypatch.setattr(jobs.signal, "signal", lambda number, handler: handlers.setdefault(number, handler))
    monkeypatch.setattr(jobs.machine, "bound", lambda _bytes: None)
    monkeypatch.setattr(jobs, "_sweeps", [])
    monkeypatch.setitem(queueing.extensions, "schedule", ())
    monkeypatch.setattr(jobs, "_warmings", [])
    monkeypatch.setattr(jobs, "limited", contextlib.nullcontext)
    jobs.enqueue(count_territories, 1)
    # The worker opens it for itself.
    queueing.extensions.pop("jobs")
    mark.touch()
    worker = threading.Thread(target=jobs.run_worker, args=(queueing,))
    worker.start()
    try:
        time.sleep(5 * jobs.POLLING_SECONDS)
        assert ran == []
        mark.unlink()
        deadline = time.monotonic() + 60
        while not ran and time.monotonic() < deadline:
            time.sleep(0.05)
        assert ran == [(1, True)]
    finally:
        mark.unlink(missing_ok=True)
        handlers[signal.SIGTERM](signal.SIGTERM, None)
        worker.join()
