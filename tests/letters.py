"""A mail server of our own, on this machine, that keeps the letters it takes."""

from __future__ import annotations

import email
import email.policy
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import cast


class _Session(socketserver.StreamRequestHandler):
    """As much of SMTP (RFC 5321) as one letter takes."""

    def handle(self) -> None:
        server = cast(_Server, self.server)
        self._say("220 here")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(maxsplit=1)[0].upper()
            if verb == "RCPT" and server.refuses:
                self._say("550 no such mailbox")
            elif verb == "DATA":
                self._say("354 go on")
                lines = iter(self.rfile.readline, b".\r\n")
                content = b"".join(line.removeprefix(b".") if line.startswith(b"..") else line for line in lines)
                server.letters.append(
                    cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default))
                )
                self._say("250 kept")
            elif verb == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 yes")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address, daemon_threads = True, True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.letters: list[EmailMessage] = []
        self.refuses = False

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"


@contextmanager
def mail_server() -> Iterator[_Server]:
    """The server while it runs: its ``url``, the ``letters`` it took, and whether it ``refuses`` them."""
    with _Server() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
