"""``registry serve``: one command, web and worker, started and stopped together (``exchange.md`` 1)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from registry.cli.server import usual_processes
from registry.infra import machine

pytestmark = pytest.mark.thorough


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def children(pid: int) -> list[int]:
    lists = (path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children"))
    return [int(text) for found in lists for text in found]


def running(pid: int, command: str) -> list[int]:
    """The server's processes that run this command."""
    return sorted(child for child in children(pid) if command in arguments(child))


def arguments(pid: int) -> list[str]:
    """The words of a process's command; none once it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except FileNotFoundError:
        return []


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def server(sqlite_command) -> Iterator[subprocess.Popen[str]]:
    sqlite_command("init")
    port = free_port()
    environment = {**os.environ, "REGISTRY_DATA_DIR": str(sqlite_command.data_dir), "DATABASE_URL": ""}
    environment.pop("PORT", None)
    environment.pop("REGISTRY_PUBLIC_URL", None)
    process = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve", "--port", str(port), "--processes", "2"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert f"http://localhost:{port}" in line, (line, process.stderr and process.stderr.read())
    process.port = port  # type: ignore[attr-defined]
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def answers(server) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}/sign-in", timeout=10) as response:
        return response.status == 200 and b"<h1" in response.read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_and_stops_with_its_worker(server, number):
    assert answers(server)
    (worker,) = running(server.pid, "worker")
    server.send_signal(number)
    _out, errors = server.communicate(timeout=30)
    assert server.returncode == 0, errors
    assert "Error" not in errors
    assert "Traceback" not in errors
    assert not is_alive(worker)


def test_a_killed_worker_is_started_again(server):
    (worker,) = running(server.pid, "worker")
    os.kill(worker, signal.SIGKILL)
    wait_for(lambda: running(server.pid, "worker") not in ([], [worker]))
    assert answers(server)


def test_no_worker_outlives_a_killed_server(server):
    (worker,) = running(server.pid, "worker")
    server.kill()
    wait_for(lambda: not is_alive(worker))


def test_a_port_in_use_is_an_error(sqlite_command):
    sqlite_command("init")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        errors = sqlite_command("serve", "--port", taken.getsockname()[1], status=1).errors
    assert len(errors) == 1
    assert "cannot listen" in errors[0]


def test_a_killed_web_process_is_started_again_and_none_outlives_the_server(server):
    (web,) = running(server.pid, "web")
    os.kill(web, signal.SIGKILL)
    wait_for(lambda: running(server.pid, "web") not in ([], [web]))
    assert answers(server)
    (web,) = running(server.pid, "web")
    server.kill()
    wait_for(lambda: not is_alive(web))


@pytest.mark.parametrize(
    ("cores", "gigabytes", "expected"),
    [(1, 64, 1), (2, 64, 2), (3, 4, 3), (64, 64, 4), (64, 0.5, 1), (64, 2, 1), (64, 2.2, 2), (64, 2.5, 3)],
)
def test_there_are_as_many_processes_as_cores_and_memory_allow(monkeypatch, cores, gigabytes, expected):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(cores)))
    monkeypatch.setattr(machine, "whole", lambda: int(gigabytes * (1 << 30)))
    assert usual_processes() == expected


def test_both_processes_answer(server):
    """Each request comes over a connection of its own; who took it, the processes' own times tell."""
    (web,) = running(server.pid, "web")

    def spent(pid: int) -> int:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])

    wait_for(lambda: spent(web) > 50, 60)
    time.sleep(2)
    before = spent(server.pid), spent(web)
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _each: answers(server), range(200)))
    grown = spent(server.pid) - before[0], spent(web) - before[1]
    assert min(grown) * 5 > max(grown), grown


def test_idle_connections_cost_nothing(server):
    """Six hundred that never say a word, and as many that began to."""
    idle = []
    try:
        for number in range(1200):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=10)
            idle.append(connection)
            if number % 2:
                connection.sendall(b"GET /sign-in HTTP/1.1\r\n")
        began = time.monotonic()
        assert answers(server)
        assert time.monotonic() - began < 5
    finally:
        for connection in idle:
            connection.close()
    assert answers(server)
