"""Commands that keep running: the web server and the worker, and the supervision of the latter."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time

import click

from registry.cli.group import (
    CommandError,
    log_for_people,
    make_app,
    registry,
    require_prepared,
    settings_of_environment,
)

WEB_THREADS = 8
STOPPING_SECONDS = 60
"""How long a stopping server waits for the paper its worker is printing."""
SHORT_LIFE = 3
"""A worker that ends sooner, in seconds, is started again so much later."""


@registry.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H")
@click.option("--port", type=click.IntRange(1, 65535), metavar="P", help="The default is $PORT, else 8000.")
def serve(host: str, port: int | None) -> None:
    """Run the web server and the background worker on one machine."""
    import waitress

    from registry.app import create_app

    if port is not None:
        os.environ["PORT"] = str(port)
    settings = settings_of_environment()
    app = create_app(settings)
    require_prepared(app)
    log_for_people()
    try:
        server = waitress.create_server(app, host=host, port=settings.port, threads=WEB_THREADS, ident=None)
    except OSError as error:
        raise CommandError(f"cannot listen on {host}, port {settings.port}: {error.strerror}") from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    worker = _Worker()
    try:
        click.echo(f"Tizilim runs at {settings.public_url} (stop it with Ctrl+C)")
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        worker.stop()


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
    import registry.infra.unsent
    import registry.papers.worker  # noqa: F401 — their jobs and sweeps
    from registry.infra import jobs

    threading.Thread(target=_stop_when_input_ends, daemon=True).start()
    jobs.run_worker(app)


def _keep_working() -> None:
    """Keep a worker at work until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    worker = _Worker()
    try:
        while True:
            signal.pause()
    except SystemExit:
        pass
    finally:
        worker.stop()


class _Worker:
    """The background worker as a process of its own, started again when it ends by itself.

    It ends by itself when it has grown too large or a job has not heard that its time is up, and others may kill it.

    It holds the other end of a pipe and stops when that closes, so no worker outlives a server that was killed.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Let the worker finish the paper it prints, then end it."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "registry", "worker", "--until-input-ends"],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C reaches the server, which tells the worker
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process.wait()
            if self._stopping.is_set():
                return
            if self._process.returncode:
                logging.getLogger("registry").error("the worker ended with status %s", self._process.returncode)
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
