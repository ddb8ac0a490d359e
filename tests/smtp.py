"""A real SMTP server (aiosmtpd) on this machine, whose answers a test can set."""

from __future__ import annotations

import asyncio
import email
import email.policy
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session


class Mailbox:
    """What the server took, and how it answers: the next of ``answers`` to a letter, then «250 kept».

    ``recipients`` are the answers to addresses. It waits for ``delay`` seconds before it answers a letter, and calls
    ``at_data`` when it has read one whole and has not answered yet.
    """

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.answers: list[str] = []
        self.recipients: dict[str, str] = {}
        self.delay = 0.0
        self.at_data: Callable[[], None] | None = None
        self.was_secure: list[bool] = []
        self.users: list[str] = []
        self.url = ""

    async def handle_RCPT(  # noqa: N802 — the library's name
        self, _server: Any, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if address in self.recipients:
            return self.recipients[address]
        envelope.rcpt_tos.append(address)
        return "250 yes"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 kept"
        content = cast(bytes, envelope.content)
        if answer.startswith("250"):
            self.raw.append(content)
            self.letters.append(cast(EmailMessage, email.message_from_bytes(content, policy=email.policy.default)))
            self.was_secure.append(session.ssl is not None)
        if self.at_data is not None:
            self.at_data()
        await asyncio.sleep(self.delay)
        return answer

    def let_in(self, _server: Any, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        if data.password == b"right":
            self.users.append(data.login.decode())
            return AuthResult(success=True)
        return AuthResult(success=False, handled=False)


class _Controller(Controller):
    """A server at any free port, which is known once it listens."""

    def _trigger_server(self) -> None:
        assert self.server is not None
        self.port = self.server.sockets[0].getsockname()[1]  # ty: ignore[unresolved-attribute]
        super()._trigger_server()


@contextmanager
def server(certificate: ssl.SSLContext | None = None, *, with_password: bool = False) -> Iterator[Mailbox]:
    """The server while it runs."""
    mailbox = Mailbox()
    controller = _Controller(
        mailbox,
        hostname="127.0.0.1",
        port=0,
        tls_context=certificate,
        require_starttls=certificate is not None,
        authenticator=mailbox.let_in if with_password else None,
        auth_required=with_password,
    )
    controller.start()
    mailbox.url = f"smtp://127.0.0.1:{controller.port}"
    try:
        yield mailbox
    finally:
        controller.stop()
