"""Home pages that one web process and two answer in a second, over 200 idle connections: two are to do 1.7 times more.

    python tests/benchmarks/bench_processes.py [SECONDS]

Needs two idle cores, of which the clients of this script take a part; on a busy machine as root under ``nice -n -19``.
Exit status 1 where two processes do less than 1.7 times more.
"""

from __future__ import annotations

import http.client
import multiprocessing
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import urlencode

CLIENTS = 8
PASSWORD = "тау-өзен-шамшырақ"
LEAST = 1.7


def ask(port: int, seconds: float, cookie: str) -> int:
    """How many home pages of the staff one client reads in so long, each over a connection of its own."""
    count, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        connection.request("GET", "/", headers={"Cookie": cookie})
        answer = connection.getresponse()
        assert (answer.status, len(answer.read()) > 5000) == (200, True)
        connection.close()
        count += 1
    return count


def spent(pid: int) -> float:
    """Seconds of processor a process has taken."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def web_processes(pid: int) -> list[int]:
    """The server's own process and those that share its work."""
    lists = [path.read_text().split() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    children = [int(text) for found in lists for text in found]
    return [pid, *(child for child in children if "\0web\0" in Path(f"/proc/{child}/cmdline").read_text())]


def sign_in(port: int) -> str:
    """The cookie of a session of the staff."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/sign-in")
    answer = connection.getresponse()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', answer.read().decode())
    assert token is not None
    cookie = (answer.getheader("Set-Cookie") or "").partition(";")[0]
    content = urlencode({"csrf_token": token.group(1), "login": "bench", "password": PASSWORD})
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", "/sign-in", content, headers)
    answer = connection.getresponse()
    assert answer.status == 302
    given = [value for name, value in answer.getheaders() if name == "Set-Cookie" and value.startswith("session=")]
    return given[-1].partition(";")[0]


def rate(environment: dict[str, str], processes: int, seconds: float) -> float:
    """Pages a second of a server with so many web processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "registry", "serve", "--port", str(port), "--processes", str(processes)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        server.stdout.readline()
        cookie = sign_in(port)
        idle = [socket.create_connection(("127.0.0.1", port)) for _each in range(200)]
        with multiprocessing.Pool(CLIENTS) as pool:
            while len(web_processes(server.pid)) < processes or min(map(spent, web_processes(server.pid))) < 2:
                pool.starmap(ask, [(port, 1.0, cookie)] * CLIENTS)
            found = sum(pool.starmap(ask, [(port, seconds, cookie)] * CLIENTS)) / seconds
        for connection in idle:
            connection.close()
        return found
    finally:
        server.terminate()
        server.wait()


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    with tempfile.TemporaryDirectory() as folder:
        root = str(Path(__file__).resolve().parents[2])
        environment = os.environ | {
            "REGISTRY_DATA_DIR": folder,
            "DATABASE_URL": "",
            "PYTHONPATH": root + os.pathsep + os.environ.get("PYTHONPATH", ""),
        }
        environment.pop("REGISTRY_PUBLIC_URL", None)
        subprocess.run(
            [sys.executable, "-m", "registry", "init"], env=environment, check=True, stdout=subprocess.DEVNULL
        )
        add = [sys.executable, "-m", "registry", "users", "add", "bench", "--role", "staff", "--password-stdin"]
        subprocess.run(add, env=environment, check=True, stdout=subprocess.DEVNULL, input=PASSWORD, text=True)
        one, two = (
            statistics.median(rate(environment, processes, seconds) for _each in range(3)) for processes in (1, 2)
        )
    print(f"one process {one:.0f} pages a second, two {two:.0f}: {two / one:.2f} times")
    if two < LEAST * one:
        raise SystemExit(f"two processes do less than {LEAST} times what one does")


if __name__ == "__main__":
    main()
