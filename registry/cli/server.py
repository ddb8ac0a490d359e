"""Commands that keep running: the web server and the worker, and the supervision of the latter."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from registry.cli.group import (
    CommandError,
    log_for_people,
    make_app,
    registry,
    require_prepared,
    require_restored,
    settings_of_environment,
)
from registry.config import Settings
from registry.infra import machine

if TYPE_CHECKING:
    from flask import Flask
    from waitress.server import BaseWSGIServer, MultiSocketServer

WEB_THREADS = 8
PROCESS_MEMORY = 300 << 20
"""Bytes that one of them is reckoned to take: 130 MB when it has started, more after long lists."""
OTHERS_MEMORY = 3 << 29
"""Bytes that are left to the worker, which needs them for the longest register, and to the database."""
MOST_CONNECTIONS = 4000
"""Connections one web process keeps open; nearly all of them wait for the next click and cost only their place."""
IDLE_SECONDS = 60
"""After how long a connection on which nothing happens is closed."""
STOPPING_SECONDS = 60
"""How long a stopping server waits for the paper its worker is printing."""
SHORT_LIFE = 3
"""A worker that ends sooner, in seconds, is started again so much later."""


@registry.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H")
@click.option("--port", type=click.IntRange(1, 65535), metavar="P", help="The default is $PORT, else 8000.")
@click.option(
    "--processes",
    type=click.IntRange(1, 64),
    metavar="N",
    help=f"Web processes. The default is one for each core, at most {machine.MOST_PROCESSES} and as the memory allows.",
)
def serve(host: str, port: int | None, processes: int | None) -> None:
    """Run the web server and the background worker on one machine."""
    if port is not None:
        os.environ["PORT"] = str(port)
    settings = settings_of_environment()
    app = _web_app(settings)
    listening = _listen(host, settings.port)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    server = _web_server(app, listening)
    kept = [_Kept("worker")]
    try:
        numbers = [str(each.fileno()) for each in listening]
        for _each in range((processes or usual_processes()) - 1):
            kept.append(_Kept("web", *numbers, passed=[each.fileno() for each in listening]))
        click.echo(f"Tizilim runs at {settings.public_url} (stop it with Ctrl+C)")
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        for each in kept:
            each.stop()
        for each in kept:
            each.wait()


def usual_processes() -> int:
    """How many web processes answer where nobody says: by cores and memory, whatever the database."""
    room = (machine.whole() - OTHERS_MEMORY) // PROCESS_MEMORY
    return max(1, min(machine.cores(), room))


@registry.command(hidden=True)
@click.argument("sockets", type=int, nargs=-1, required=True)
@click.option("--until-input-ends", is_flag=True)
def web(sockets: Sequence[int], until_input_ends: bool) -> None:
    """Answer requests on sockets another process listens on: one more web process of ``serve``."""
    app = _web_app(settings_of_environment())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    if until_input_ends:
        threading.Thread(target=_stop_when_input_ends, daemon=True).start()
    server = _web_server(app, [socket.socket(fileno=number) for number in sockets])
    try:
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()


def _web_app(settings: Settings) -> Flask:
    """The program with its pages, its database known to be prepared."""
    from registry.app import create_app
    from registry.infra import beside

    require_restored(settings)
    app = create_app(settings)
    require_prepared(app)
    log_for_people()
    with app.app_context():
        beside.open_early()
    return app


def _listen(host: str, port: int) -> list[socket.socket]:
    """Listen on every address of ``host``.

    :raises CommandError: when that cannot be.
    """
    listening: list[socket.socket] = []
    try:
        for family, kind, protocol, _name, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM):
            each = socket.socket(family, kind, protocol)
            listening.append(each)
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                each.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            each.bind(address)
            each.listen(1024)
            each.setblocking(False)
    except OSError as error:
        for each in listening:
            each.close()
        raise CommandError(f"cannot listen on {host}, port {port}: {error.strerror}") from None
    return listening


def _web_server(app: Flask, listening: Sequence[socket.socket]) -> BaseWSGIServer | MultiSocketServer:
    """What answers on the sockets with :data:`WEB_THREADS` threads. A connection that waits takes none of them."""
    import waitress

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 256
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return waitress.create_server(
        app,
        sockets=list(listening),
        threads=WEB_THREADS,
        ident=None,
        connection_limit=MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MOST_CONNECTIONS, soft - 256),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=10,
        asyncore_use_poll=True,
    )


@registry.command()
@click.option("--until-input-ends", is_flag=True, hidden=True, help="Stop when standard input closes.")
def worker(until_input_ends: bool) -> None:
    """Run a background worker alone."""
    app = make_app()
    require_prepared(app)
    log_for_people()
    if not until_input_ends:
        _keep_working()
        return
    import registry.papers.worker  # noqa: F401 — its jobs and sweeps
    from registry.infra import jobs

    threading.Thread(target=_stop_when_input_ends, daemon=True).start()
    jobs.run_worker(app)


def _keep_working() -> None:
    """Keep a worker at work until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    worker = _Kept("worker")
    try:
        while True:
            signal.pause()
    except SystemExit:
        pass
    finally:
        worker.stop()
        worker.wait()


class _Kept:
    """A command of ours (``worker``, ``web``) as a process of its own, started again when it ends by itself.

    A worker ends by itself when it has grown too large or a job has not heard that its time is up, and others may kill
    it.

    It holds the other end of a pipe and stops when that closes, so none outlives a server that was killed.
    """

    def __init__(self, command: str, *arguments: str, passed: Sequence[int] = ()) -> None:
        self._command, self._passed = (command, *arguments), tuple(passed)
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Let the worker finish the paper it prints, the web process what it answers, then end it."""
        self._stopping.set()
        self._process.terminate()

    def wait(self) -> None:
        """Wait until the process has ended; one that takes too long is killed."""
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 — our own command
            [sys.executable, "-m", "registry", *self._command, "--until-input-ends"],
            stdin=subprocess.PIPE,
            pass_fds=self._passed,
            start_new_session=True,  # Ctrl+C reaches the server, which tells the worker
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process.wait()
            if self._stopping.is_set():
                return
            if self._process.returncode:
                logging.getLogger("registry").error(
                    "the %s process ended with status %s", self._command[0], self._process.returncode
                )
            self._stopping.wait(0.2 if time.monotonic() - began > SHORT_LIFE else SHORT_LIFE)
            if not self._stopping.is_set():
                self._process = self._start()


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _stop_when_input_ends() -> None:
    # Past sys.stdin, whose lock a thread still waiting would hold when the interpreter ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
