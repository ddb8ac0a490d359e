"""The worker dies at any moment, or a job takes too much: no number is lost or doubled, and the next job is done."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask, current_app

from registry.infra import clock, jobs, machine, process_locks, storage
from registry.infra.access import Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.paper_kinds import kinds
from registry.papers import issuing, lease, leftovers, queries, services, worker
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.papers.rules import RequestStatus
from registry.printing import rendering
from tests.papers import world
from tests.papers.test_issue import LATER, ask, quick, read_afresh  # noqa: F401 - a fixture among them

pytestmark = [pytest.mark.thorough, pytest.mark.usefixtures("quick")]


@pytest.fixture(autouse=True)
def acts_of_any_age(monkeypatch: pytest.MonkeyPatch) -> None:
    """These tests record their acts at a fixed moment; that it lies further back each day says nothing of the clock."""
    monkeypatch.setattr(clock, "IDLE", timedelta(days=36_500))


def in_another_process(work: Callable[[], object]) -> int:
    """Do ``work`` in a copy of this process and say which signal ended it, 0 for none."""
    db.session.remove()
    db.engine.dispose()
    if "jobs" in current_app.extensions:
        # No connection to a database is carried into another process.
        current_app.extensions.pop("jobs").huey.storage.close()
    child = os.fork()
    if not child:
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    status = os.waitpid(child, 0)[1]
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0
    return os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0


def die(*_arguments: object, **_options: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after(function: Callable[..., object]) -> Callable[..., object]:
    def wrapped(*arguments: object, **options: object) -> None:
        function(*arguments, **options)
        die()

    return wrapped


def die_half_written(folder: Path, content: bytes) -> None:
    """As a process killed while it writes a file leaves it."""
    path = storage.path_of(folder, "ab" * 32)
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / ".new-half").write_bytes(content[: len(content) // 2])
    die()


@contextmanager
def dying_after_commit():
    with transaction() as session:
        yield session
    die()


POINTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {
    "before it is taken up": lambda patch: patch.setattr(worker, "_begin", die),
    "taken up": lambda patch: patch.setattr(worker, "_begin", die_after(worker._begin)),
    "collecting": lambda patch: patch.setattr(kinds, "collect", die_after(kinds.collect)),
    "composing": lambda patch: patch.setattr(kinds, "compose", die_after(kinds.compose)),
    "laying out": lambda patch: patch.setattr(rendering, "render", die),
    "stamping": lambda patch: patch.setattr(rendering, "stamp", die_after(rendering.stamp)),
    "numbered": lambda patch: patch.setattr(issuing, "_new_act", die_after(issuing._new_act)),
    "writing": lambda patch: patch.setattr(storage, "store", die_half_written),
    "written": lambda patch: patch.setattr(storage, "store", die_after(storage.store)),
    "recorded": lambda patch: patch.setattr(lease.Run, "done", die_after(lease.Run.done)),
    "committed": lambda patch: patch.setattr(issuing, "transaction", dying_after_commit),
    "done": lambda patch: patch.setattr(worker, "drop_draft", die),
}
"""Where the worker dies."""


def numbers() -> list[str]:
    return sorted(db.session.scalars(sa.select(DocumentAct.number)))


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_any_step_costs_no_number(
    database: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    world.build()
    asked_id = ask(staff).id
    jobs.enqueue(worker.run_request, asked_id)
    with monkeypatch.context() as patch:
        POINTS[point](patch)
        assert in_another_process(jobs.work_off) == signal.SIGKILL
    monkeypatch.setattr(worker, "WAITING_TOO_LONG", -timedelta(days=1000))
    worker.find_lost_requests()
    jobs.work_off()
    db.session.rollback()
    asked = db.session.get_one(DocumentRequest, asked_id)
    assert asked.status == RequestStatus.DONE
    paper = db.session.scalars(sa.select(Document)).one()
    assert asked.document_id == paper.id
    assert numbers() == ["NU-EXT-2026-000001"]
    assert len(queries.get_bytes(paper)) == paper.size
    assert journal.verify().problem is None
    monkeypatch.setattr(leftovers, "LEFT_ALONE", -timedelta(days=1))
    leftovers.remove_leftovers()
    assert not list(issuing.settings().documents_dir.glob("*/.*"))


@pytest.mark.parametrize("point", ["laying out", "recorded", "committed", "done"])
def test_an_approved_paper_survives_as_well(
    app: Flask, auditor: Viewer, staff: Viewer, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    world.build()
    request = issuing.issue(auditor, "participants", language="kk", now=LATER, as_of=world.DAY)
    assert isinstance(request, DocumentRequest)
    request_id = request.id
    with transaction():
        services.approve(staff, request, now=LATER)
    with monkeypatch.context() as patch:
        POINTS[point](patch)
        assert in_another_process(lambda: worker.run_request(request_id)) == signal.SIGKILL
    worker.find_lost_requests()
    jobs.work_off()
    db.session.rollback()
    request = db.session.get_one(DocumentRequest, request_id)
    assert (request.status, request.draft, request.snapshot) == (RequestStatus.DONE, None, None)
    assert numbers() == ["KZ-PAR-2026-000001"]
    monkeypatch.setattr(leftovers, "LEFT_ALONE", -timedelta(days=1))
    leftovers.remove_leftovers()
    assert not [path for path in issuing.settings().drafts_dir.rglob("*") if path.is_file()]


def test_a_paper_that_kills_its_worker_again_and_again_fails(
    app: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    asked_id = ask(staff).id
    monkeypatch.setattr(rendering, "render", die)
    for _attempt in range(worker.ATTEMPTS):
        assert in_another_process(lambda: worker.run_request(asked_id)) == signal.SIGKILL
        worker.find_lost_requests()
    asked = db.session.get_one(DocumentRequest, asked_id)
    assert asked.status == RequestStatus.FAILED
    assert asked.error
    assert numbers() == []
    with transaction():
        services.retry_request(staff, asked, now=LATER)
    assert asked.attempts == 0


def test_a_request_of_a_clock_that_ran_ahead_is_found(database: Flask, staff: Viewer) -> None:
    world.build()
    asked = ask(staff)
    with transaction():
        asked.requested_at = worker.utc_now() + timedelta(days=3650)
    worker.find_lost_requests()
    assert jobs.work_off() == 1
    read_afresh(asked)
    assert asked.status == RequestStatus.DONE


def test_a_living_worker_keeps_its_request_however_silent(
    app: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    asked = ask(staff)
    folder = issuing.settings().workers_dir
    ready, go_on = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        os.close(go_on[1])
        os.write(ready[1], process_locks.own_name(folder).encode())
        os.read(go_on[0], 1)
        os._exit(0)
    os.close(go_on[0])
    name = os.read(ready[0], 100).decode()
    with transaction():
        asked.status, asked.worker, asked.started_at = str(RequestStatus.RUNNING), name, worker.utc_now()
    worker.find_lost_requests()
    read_afresh(asked)
    assert asked.status == RequestStatus.RUNNING
    with transaction():
        asked.started_at = worker.utc_now() - worker.RUNNING_TOO_LONG * 2
    with monkeypatch.context() as patch:
        patch.setattr(worker, "seems_ahead", lambda: True)
        worker.find_lost_requests()
    read_afresh(asked)
    assert asked.status == RequestStatus.RUNNING, "by a clock that runs ahead everything takes for years"
    worker.find_lost_requests()
    read_afresh(asked)
    assert asked.status == RequestStatus.FAILED, "longer than any job may take"
    with transaction():
        asked.status = str(RequestStatus.RUNNING)
    os.close(go_on[1])
    os.waitpid(child, 0)
    worker.find_lost_requests()
    read_afresh(asked)
    assert asked.status == RequestStatus.QUEUED


def test_a_run_taken_for_dead_gives_no_number(database: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch) -> None:
    """The request is taken away while its paper is laid out, and made by another process."""
    world.build()
    asked = ask(staff)
    lay_out = rendering.render

    def overtaken(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(rendering, "render", lay_out)
        worker.find_lost_requests()  # what is under way here counts as lost between jobs
        assert jobs.work_off() == 1
        return lay_out(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(rendering, "render", overtaken)
    worker.run_request(asked.id)
    read_afresh(asked)
    assert (asked.status, asked.attempts) == (RequestStatus.DONE, 2)
    assert numbers() == ["NU-EXT-2026-000001"]
    assert len(list(issuing.settings().documents_dir.glob("*/*"))) == 1


def work_one() -> None:
    assert jobs._work_one(jobs.queue(current_app))


def test_a_job_that_takes_too_long_fails_and_the_next_is_done(
    app: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    slow, next_one = ask(staff), ask(staff, as_of=world.DAY - timedelta(days=1))
    for row in (slow, next_one):
        jobs.enqueue(worker.run_request, row.id)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "JOB_SECONDS", 0.5)
        patch.setattr(rendering, "render", lambda *_arguments, **_options: time.sleep(20))
        began = time.monotonic()
        work_one()
    assert time.monotonic() - began < 10
    work_one()
    for row in (slow, next_one):
        read_afresh(row)
    assert slow.status == RequestStatus.FAILED
    assert "longer" in (slow.error or "")
    assert next_one.status == RequestStatus.DONE
    assert numbers() == ["NU-EXT-2026-000001"]


def test_a_job_that_takes_too_much_memory_fails_and_the_next_is_done(
    app: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.build()
    greedy_id, next_id = ask(staff).id, ask(staff, as_of=world.DAY - timedelta(days=1)).id
    lay_out = rendering.render

    def greedy(*arguments: object, **options: object) -> object:
        monkeypatch.setattr(rendering, "render", lay_out)
        return bytearray(8 << 30)

    def work() -> None:
        machine.bound(4 << 30)
        worker.run_request(greedy_id)
        worker.run_request(next_id)

    monkeypatch.setattr(rendering, "render", greedy)
    assert in_another_process(work) == 0
    found = db.session.get_one(DocumentRequest, greedy_id)
    assert found.status == RequestStatus.FAILED
    assert "memory" in (found.error or "")
    assert db.session.get_one(DocumentRequest, next_id).status == RequestStatus.DONE


@pytest.mark.parametrize(("language", "said"), [("kk", "уақыт"), ("ru", "времени"), ("en", "longer")])
def test_a_failure_is_told_in_the_language_of_whoever_asked(
    app: Flask, staff: Viewer, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    def late(*_arguments: object, **_options: object) -> None:
        raise jobs.TooLong

    world.build()
    asked = ask(staff)
    with transaction() as session:
        session.get_one(worker.User, staff.user_id).language = language
    monkeypatch.setattr(rendering, "render", late)
    worker.run_request(asked.id)
    read_afresh(asked)
    assert said in (asked.error or "")


def test_what_killed_processes_left_is_removed_and_nothing_else(app: Flask) -> None:
    known = issuing.settings()
    kept = storage.store(known.documents_dir, b"a paper")
    storage.store(known.drafts_dir, b"a draft nobody decides on")
    half = storage.path_of(known.documents_dir, kept).parent / ".new-half"
    half.write_bytes(b"hal")
    leftovers.remove_leftovers()
    assert half.exists(), "it may be somebody's work"
    long_ago = time.time() - 3600
    for path in (half, *known.drafts_dir.glob("*/*"), storage.path_of(known.documents_dir, kept)):
        os.utime(path, (long_ago, long_ago))
    leftovers.remove_leftovers()
    assert not half.exists()
    assert not list(known.drafts_dir.glob("*/*"))
    assert storage.read(known.documents_dir, kept) == b"a paper"
