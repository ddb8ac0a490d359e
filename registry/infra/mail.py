"""Sending a letter: one at a time, by the server named in the settings, at once or not at all.

``REGISTRY_MAIL_URL`` is ``smtp://host:587`` (with STARTTLS where the server offers it) or ``smtps://host:465``, with
``user@`` before the host where the server wants a password, which then travels over TLS only.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import unquote, urlsplit

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.i18n import lazy

PATIENCE = 10.0
"""Seconds to wait for the server: somebody sits before the page."""
_PORTS = {"smtp": 587, "smtps": 465}


class NotSent(DomainError):
    """The letter did not leave; the reason is for whoever runs the server."""


def is_set_up(settings: Settings) -> bool:
    return bool(settings.mail_url and settings.mail_from)


def send(settings: Settings, *, to: str, subject: str, text: str) -> None:
    """Send a plain letter.

    :raises NotSent: when an address is none, and when the server cannot be reached or does not take the letter.
    """
    letter = EmailMessage()
    for name, address in (("From", str(settings.mail_from)), ("To", to)):
        _address(letter, name, address)
    letter["Subject"] = subject
    letter["Date"], letter["Message-ID"] = formatdate(localtime=False), make_msgid(domain="tizilim.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    with _server(settings) as server:
        server.send_message(letter)


def _address(letter: EmailMessage, name: str, address: str) -> None:
    try:
        letter[name] = address
        letter.as_bytes()
    except _UNREADABLE as error:
        raise NotSent(
            lazy("The letter could not be sent: %(address)s is not an address letters go to.", address=address)
        ) from error


_UNREADABLE = (MessageError, ValueError, TypeError, LookupError, AttributeError, NameError)
"""What Python's reader of addresses may end in where one is none."""


def greet(settings: Settings) -> None:
    """Ask the server whether it is there and knows us.

    :raises NotSent: when it is not.
    """
    with _server(settings) as server:
        server.noop()


@contextmanager
def _server(settings: Settings) -> Generator[smtplib.SMTP]:
    address = urlsplit(settings.mail_url or "")
    host, port = address.hostname or "", address.port or _PORTS.get(address.scheme, 0)
    tls = ssl.create_default_context()
    try:
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=PATIENCE)
        with server:
            server.ehlo()
            if address.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            if address.username:
                _sign_in(server, unquote(address.username), settings)
            yield server
    except (OSError, smtplib.SMTPException, ValueError) as error:
        reason = str(error) or type(error).__name__
        raise NotSent(lazy("The letter could not be sent: %(reason)s", reason=reason)) from error


def _sign_in(server: smtplib.SMTP, user: str, settings: Settings) -> None:
    if not isinstance(server.sock, ssl.SSLSocket):
        raise smtplib.SMTPNotSupportedError("the server offers no TLS, and a password is not sent without it")
    file = settings.mail_password_file
    server.login(user, file.read_text(encoding="utf-8").strip() if file else "")
