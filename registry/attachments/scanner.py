"""ClamAV's scanner: a file is sent to it in parts, by its own protocol (INSTREAM), before it is kept."""

from __future__ import annotations

import socket
from typing import IO

from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.infra.storage import PART

_PATIENCE = 60
"""Seconds that the scanner has for each answer."""


class Infected(DomainError):
    """The scanner found something in a file; the message names it."""


class NoAnswer(DomainError):
    """The scanner does not answer, so that nothing can be taken."""


def scan(address: str, file: IO[bytes]) -> None:
    """Have a file looked at, from its beginning.

    :param address: a path, or HOST:PORT.
    :raises Infected: when something was found.
    :raises NoAnswer: when the scanner is out of reach, refuses the file, or says something else.
    """
    file.seek(0)
    try:
        with _connected(address) as scanner:
            scanner.sendall(b"zINSTREAM\0")
            while part := file.read(PART):
                scanner.sendall(len(part).to_bytes(4, "big") + part)
            scanner.sendall(bytes(4))
            said = _answer(scanner)
    except OSError:
        # It also hangs up in the middle of a file that is larger than its own limit.
        raise _no_answer() from None
    if said == "stream: OK":
        return
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        raise Infected(
            lazy(
                "The virus scanner found %(what)s in the file. It was not taken.",
                what=said.removeprefix("stream: ").removesuffix(" FOUND"),
            )
        )
    raise _no_answer()


def greet(address: str) -> None:
    """:raises NoAnswer: when the scanner is out of reach."""
    try:
        with _connected(address) as scanner:
            scanner.sendall(b"zPING\0")
            if _answer(scanner) == "PONG":
                return
    except OSError:
        pass
    raise _no_answer()


def _connected(address: str) -> socket.socket:
    if not address.startswith("/"):
        host, _colon, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), timeout=_PATIENCE)
    found = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        found.settimeout(_PATIENCE)
        found.connect(address)
    except BaseException:
        found.close()
        raise
    return found


def _answer(scanner: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < PART:
        part = scanner.recv(4096)
        if not part:
            break
        said += part
    return said.rstrip(b"\0").decode(errors="replace").strip()


def _no_answer() -> NoAnswer:
    return NoAnswer(
        lazy(
            "The virus scanner does not answer, and no file is taken without it. Try again in a few minutes; if it"
            " fails again, tell the administrator."
        )
    )
