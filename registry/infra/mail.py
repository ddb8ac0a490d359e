"""Sending a letter: one at a time, by the server named in the settings, at once or not at all.

``REGISTRY_MAIL_URL`` is ``smtp://host:587`` (with STARTTLS where the server offers it) or ``smtps://host:465``, with
``user@`` before the host where the server wants a password, which then travels over TLS only.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Generator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email.errors import MessageError
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote, urlsplit

from registry.config import Settings
from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.infra.text import clean

PATIENCE = 30.0
"""Seconds to wait for each answer of the server."""
PATIENCE_OF_PEOPLE = 10.0
"""The same where somebody sits before it."""
_LONGEST_SAID = 500
_LONGEST_SUBJECT = 200
_PORTS = {"smtp": 587, "smtps": 465}


class NotSent(DomainError):
    """The letter did not leave; the reason is for whoever runs the server.

    ``is_final`` says that it never will: its address is none, or the server refused this very letter for good.
    ``of_server`` says that no other letter would leave now either: the server is away, or does not take us.
    """

    is_final = False
    of_server = False


class Refused(NotSent):
    """The server refused this letter for good (an answer from 500 on), or its address is none."""

    is_final = True


class OutOfReach(NotSent):
    """The server did not answer, or not as one that takes letters from us."""

    of_server = True


def is_set_up(settings: Settings) -> bool:
    return bool(settings.mail_url and settings.mail_from)


def send(
    settings: Settings,
    *,
    to: str,
    subject: str,
    text: str,
    message_id: str | None = None,
    made_at: datetime | None = None,
) -> None:
    """Send a plain letter. One that is sent again bears the ``message_id`` and the time it had before.

    :raises Refused: when an address is none, or the server takes this letter neither now nor later.
    :raises OutOfReach: when the server cannot be reached, or does not let us in.
    :raises NotSent: when it does not take the letter now.
    """
    letter = EmailMessage()
    for name, address in (("From", str(settings.mail_from)), ("To", to)):
        _address(letter, name, address)
    # A line break would begin another header; what people typed may stand in a subject.
    letter["Subject"] = " ".join(subject.split())[:_LONGEST_SUBJECT]
    letter["Date"] = format_datetime(made_at or datetime.now(UTC))
    letter["Message-ID"] = message_id or make_msgid(domain="tizilim.invalid")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    with _server(settings, PATIENCE) as server:
        try:
            server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            raise _refusal(code, words) from error
        except smtplib.SMTPSenderRefused as error:
            # It is our own address that is not taken: no other letter would be.
            raise OutOfReach(_could_not(_said(error.smtp_code, error.smtp_error))) from error
        except smtplib.SMTPResponseException as error:
            raise _refusal(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            raise Refused(_could_not(str(error))) from error


def _refusal(code: int, words: bytes | str) -> NotSent:
    kind = Refused if code >= 500 else OutOfReach if code == 421 else NotSent
    return kind(_could_not(_said(code, words)))


def _said(code: int, words: bytes | str) -> str:
    """What the server said, in one line."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(clean(text).split())}"[:_LONGEST_SAID]


def _could_not(reason: str) -> object:
    return lazy("The letter could not be sent: %(reason)s", reason=reason)


def _address(letter: EmailMessage, name: str, address: str) -> None:
    try:
        letter[name] = address
        letter.as_bytes()
    except _UNREADABLE as error:
        raise Refused(
            lazy("The letter could not be sent: %(address)s is not an address letters go to.", address=address)
        ) from error


_UNREADABLE = (MessageError, ValueError, TypeError, LookupError, AttributeError, NameError)
"""What Python's reader of addresses may end in where one is none."""


def greet(settings: Settings) -> None:
    """Ask the server whether it is there and knows us.

    :raises NotSent: when it is not.
    """
    with _server(settings, PATIENCE_OF_PEOPLE) as server:
        server.noop()


@contextmanager
def _server(settings: Settings, patience: float) -> Generator[smtplib.SMTP]:
    address = urlsplit(settings.mail_url or "")
    host, port = address.hostname or "", address.port or _PORTS.get(address.scheme, 0)
    tls = ssl.create_default_context()
    try:
        if address.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=patience, context=tls)
        else:
            server = smtplib.SMTP(host, port, timeout=patience)
        with _leaving(server):
            server.ehlo()
            if address.scheme != "smtps" and server.has_extn("starttls"):
                server.starttls(context=tls)
                server.ehlo()
            if address.username:
                _sign_in(server, unquote(address.username), settings)
            yield server
    except (OSError, smtplib.SMTPException, ValueError) as error:
        if isinstance(error, smtplib.SMTPResponseException):
            reason = _said(error.smtp_code, error.smtp_error)
        else:
            reason = " ".join(str(error).split())[:_LONGEST_SAID] or type(error).__name__
        raise OutOfReach(_could_not(reason)) from error


@contextmanager
def _leaving(server: smtplib.SMTP) -> Generator[None]:
    """Say good-bye at the end; a letter that was taken is sent whatever the server answers to that."""
    try:
        yield
        with suppress(OSError, smtplib.SMTPException):
            server.quit()
    finally:
        server.close()


def _sign_in(server: smtplib.SMTP, user: str, settings: Settings) -> None:
    if not isinstance(server.sock, ssl.SSLSocket):
        raise smtplib.SMTPNotSupportedError("the server offers no TLS, and a password is not sent without it")
    file = settings.mail_password_file
    server.login(user, file.read_text(encoding="utf-8").strip() if file else "")
