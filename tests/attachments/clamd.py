"""A small scanner that speaks ClamAV's protocol, on a socket of its own, and knows one virus: EICAR's test file."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.attachments import made


class _Session(socketserver.StreamRequestHandler):
    """One command and its answer, both ended by NUL (the "z" commands of clamd's manual)."""

    def handle(self) -> None:
        command = b""
        while not command.endswith(b"\0"):
            command += self.rfile.read(1)
        if command == b"zPING\0":
            self.wfile.write(b"PONG\0")
            return
        assert command == b"zINSTREAM\0", command
        content = b""
        while length := int.from_bytes(self.rfile.read(4), "big"):
            content += self.rfile.read(length)
            if len(content) > self.server.largest:  # type: ignore[attr-defined]
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.server.scanned.append(content)  # type: ignore[attr-defined]
        found = made.EICAR in content
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0" if found else b"stream: OK\0")


class _Server(socketserver.ThreadingUnixStreamServer):
    scanned: list[bytes]
    largest: int
    daemon_threads = True


class _TcpServer(socketserver.ThreadingTCPServer):
    scanned: list[bytes]
    largest: int
    daemon_threads = True


@contextmanager
def running(path: Path | None = None, *, largest: int = 25 << 20) -> Iterator[tuple[str, list[bytes]]]:
    """A scanner at a path, or on a port; its address, and what it has scanned."""
    server = _TcpServer(("127.0.0.1", 0), _Session) if path is None else _Server(str(path), _Session)
    server.scanned, server.largest = [], largest
    address = str(path) if path else f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield address, server.scanned
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
