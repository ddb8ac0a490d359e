"""Settings, read from the environment; the defaults run on SQLite in ``var/``."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time
from email.utils import parseaddr
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

ROOT = Path(__file__).resolve().parent.parent
"""The project's root, where ``templates/``, ``static/`` and ``migrations/`` stand."""

LAST_PORT = 65535

OFF = "off"
"""What switches the making of backups in a folder off."""

OWN_BACKUPS = "backups"
"""The folder for them in the data folder, where no other is named."""


class Keep(NamedTuple):
    """How many backups are kept: the newest of each of the latest so many days, weeks and months."""

    days: int = 7
    weeks: int = 4
    months: int = 12


KEEP = Keep()

REMIND_DAYS = (10, 5, 1)
"""How many working days before a report is due a company is reminded of it."""


@dataclass(frozen=True)
class Settings:
    """What a deployment may set.

    ``data_dir`` holds the database (by default), stored files, keys and the job queue. ``public_url`` is the address
    printed in QR codes. ``job_database_url`` puts the job queue on PostgreSQL instead of a file in ``data_dir``.
    ``seal_file`` is the PKCS#12 with which papers are sealed, ``seal_password_file`` holds its password, ``tsa_url``
    names a time-stamp authority (RFC 3161). ``mail_url`` is the server letters are sent by, ``mail_from`` their sender,
    ``mail_password_file`` holds the password for the user in ``mail_url``. What people want to be told once a day is
    sent at ``digest_at`` (Asia/Almaty); of a report they are reminded ``remind_days`` working days before it is due,
    and when it was not sent in time. Backups are made each day at ``backup_at``
    (Asia/Almaty) where ``backup_dir`` names a folder or ``backup_s3_url`` a bucket, with the key that may write there;
    ``backup_s3_secret_file`` holds the secret of that key. Attachments have at most ``attachment_max_mb`` each and
    ``attachment_quota_mb`` in a territory (megabytes of a million bytes); they are kept in ``data_dir``, or in the
    bucket that ``attachment_s3_url`` names. ``clamav_socket`` is where ClamAV's scanner listens: a path, or HOST:PORT.
    """

    data_dir: Path
    database_url: str
    public_url: str
    port: int = 8000
    job_database_url: str | None = None
    trusted_proxies: int = 0
    seal_file: Path | None = None
    seal_password_file: Path | None = None
    tsa_url: str | None = None
    mail_url: str | None = None
    mail_from: str | None = None
    mail_password_file: Path | None = None
    digest_at: time = time(8)
    remind_days: tuple[int, ...] = REMIND_DAYS
    backup_dir: Path | None = None
    backup_at: time = time(3)
    backup_keep: Keep = KEEP
    backup_s3_url: str | None = None
    backup_s3_secret_file: Path | None = None
    backup_s3_region: str = "us-east-1"
    attachment_max_mb: int = 20
    attachment_quota_mb: int = 10_000
    attachment_s3_url: str | None = None
    attachment_s3_secret_file: Path | None = None
    attachment_s3_region: str = "us-east-1"
    clamav_socket: str | None = None
    testing: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environ: dict[str, str] | os._Environ[str] = os.environ) -> Settings:
        """Read the settings of ``exchange.md`` 1; an unset or empty variable means its default.

        :raises ValueError: naming, one a line, every variable that says what it cannot, and what it may say.
        """
        read = _Reader(environ)
        port = read("PORT", _port) or 8000
        data_dir = Path(environ.get("REGISTRY_DATA_DIR") or "var").absolute()
        settings = cls(
            data_dir=data_dir,
            database_url=read("DATABASE_URL", _database) or f"sqlite:///{data_dir / 'registry.db'}",
            public_url=(read("REGISTRY_PUBLIC_URL", _page_address) or f"http://localhost:{port}").rstrip("/"),
            port=port,
            job_database_url=read("REGISTRY_JOBS_URL", _jobs_database),
            trusted_proxies=read("REGISTRY_TRUSTED_PROXIES", _proxies) or 0,
            seal_file=read("REGISTRY_SEAL_FILE", _file),
            seal_password_file=read("REGISTRY_SEAL_PASSWORD_FILE", _file),
            tsa_url=read("REGISTRY_TSA_URL", _web_address),
            mail_url=read("REGISTRY_MAIL_URL", _mail_server),
            mail_from=read("REGISTRY_MAIL_FROM", _sender),
            mail_password_file=read("REGISTRY_MAIL_PASSWORD_FILE", _file),
            digest_at=read("REGISTRY_DIGEST_AT", _time_of_day) or time(8),
            remind_days=read("REGISTRY_REMIND_DAYS", _remind_days) or REMIND_DAYS,
            backup_dir=_folder_unless_off(environ.get("REGISTRY_BACKUP_FOLDER") or str(data_dir / OWN_BACKUPS)),
            backup_at=read("REGISTRY_BACKUP_AT", _time_of_day) or time(3),
            backup_keep=read("REGISTRY_BACKUP_KEEP", _keep) or KEEP,
            backup_s3_url=read("REGISTRY_BACKUP_S3_URL", _bucket),
            backup_s3_secret_file=read("REGISTRY_BACKUP_S3_SECRET_FILE", _file),
            backup_s3_region=environ.get("REGISTRY_BACKUP_S3_REGION") or "us-east-1",
            attachment_max_mb=read("REGISTRY_ATTACHMENT_MAX_MB", _megabytes) or 20,
            attachment_quota_mb=read("REGISTRY_ATTACHMENT_QUOTA_MB", _megabytes) or 10_000,
            attachment_s3_url=read("REGISTRY_ATTACHMENT_S3_URL", _bucket_of_attachments),
            attachment_s3_secret_file=read("REGISTRY_ATTACHMENT_S3_SECRET_FILE", _file),
            attachment_s3_region=environ.get("REGISTRY_ATTACHMENT_S3_REGION") or "us-east-1",
            clamav_socket=read("REGISTRY_CLAMAV_SOCKET", _scanner),
        )
        if settings.backup_s3_url and settings.backup_s3_secret_file is None:
            read.problems.append("REGISTRY_BACKUP_S3_SECRET_FILE: it is needed with REGISTRY_BACKUP_S3_URL")
        if settings.attachment_s3_url and settings.attachment_s3_secret_file is None:
            read.problems.append("REGISTRY_ATTACHMENT_S3_SECRET_FILE: it is needed with REGISTRY_ATTACHMENT_S3_URL")
        if read.problems:
            raise ValueError("\n".join(read.problems))
        return settings

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def keys_dir(self) -> Path:
        return self.data_dir / "keys"

    @property
    def documents_dir(self) -> Path:
        return self.data_dir / "documents"

    @property
    def attachments_dir(self) -> Path:
        """Attachments, and those that are on their way into a bucket."""
        return self.data_dir / "attachments"

    @property
    def drafts_dir(self) -> Path:
        """Prints that wait for approval: not part of what is kept, and left out of backups."""
        return self.data_dir / "drafts"

    @property
    def cache_dir(self) -> Path:
        """Pieces of papers laid out before; may be emptied at any time."""
        return self.data_dir / "cache"

    @property
    def beside_file(self) -> Path:
        """On SQLite, what is noted beside the registers: sign-ins, failed guesses, ended sessions."""
        return self.data_dir / "beside.db"

    @property
    def unfinished_file(self) -> Path:
        """Stands there while a restore is under way, and after one that stopped: nothing may be used then."""
        return self.data_dir / "restore-unfinished"

    @property
    def unsent_dir(self) -> Path:
        """Forms that were filled in and could not be sent, for hours only; left out of backups."""
        return self.data_dir / "unsent"

    @property
    def own_backup_dir(self) -> Path:
        """Where backups go by default: on the disk of the registry, which saves from slips and no failed disk."""
        return self.data_dir / OWN_BACKUPS

    @property
    def backups_file(self) -> Path:
        """Which backups the installation has made by itself and where; left out of backups."""
        return self.data_dir / "backups.json"

    @property
    def schedule_dir(self) -> Path:
        """What came of periodic work on this installation; left out of backups."""
        return self.data_dir / "schedule"

    @property
    def workers_dir(self) -> Path:
        """A locked file for each process that makes papers."""
        return self.data_dir / "workers"

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel only over TLS, except on plain localhost."""
        address = urlsplit(self.public_url)
        return not (address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1", "::1"})


Value = TypeVar("Value")


class _Reader:
    """Reads variables one by one and keeps what is wrong with them. Addresses may hold passwords and are not shown."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.problems: list[str] = []

    def __call__(self, name: str, parse: Callable[[str], Value]) -> Value | None:
        text = self._environ.get(name)
        if not text:
            return None
        try:
            return parse(text)
        except ValueError as error:
            self.problems.append(f"{name}: {error}")
            return None


def _file(name: str) -> Path:
    return Path(name).absolute()


def _folder_unless_off(name: str) -> Path | None:
    return None if name.strip().lower() == OFF else _file(name)


def _time_of_day(text: str) -> time:
    if not re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", text.strip(), re.ASCII):
        raise ValueError(f"{text!r} is not a time of day; write it as 03:00")
    return time.fromisoformat(text.strip())


def _keep(text: str) -> Keep:
    parts = text.replace(",", " ").split()
    if len(parts) != 3 or not all(re.fullmatch(r"[0-9]{1,4}", part, re.ASCII) for part in parts) or not int(parts[0]):
        raise ValueError(f"{text!r} is no number of days (at least 1), weeks and months; write such as 7,4,12")
    return Keep(*map(int, parts))


def _remind_days(text: str) -> tuple[int, ...]:
    parts = text.replace(",", " ").split()
    if not all(re.fullmatch(r"[0-9]{1,2}", part, re.ASCII) and 1 <= int(part) <= 60 for part in parts):
        raise ValueError(f"{text!r} is no list of working days from 1 to 60; write such as 10,5,1")
    return tuple(sorted({int(part) for part in parts}, reverse=True))


def _bucket(text: str, secret_setting: str = "REGISTRY_BACKUP_S3_SECRET_FILE") -> str:  # noqa: S107
    parts = _parts(text, ("http", "https"))
    wanted = "it names no bucket; write https://KEY@HOST/BUCKET or https://KEY@HOST/BUCKET/FOLDER"
    if parts is None or not parts.username or parts.query or parts.fragment or not parts.path.strip("/"):
        raise ValueError(wanted)
    if parts.password is not None:
        raise ValueError(f"KEY stands alone, its other half in the file of {secret_setting}; {wanted}")
    return text


def _bucket_of_attachments(text: str) -> str:
    return _bucket(text, "REGISTRY_ATTACHMENT_S3_SECRET_FILE")


def _megabytes(text: str) -> int:
    return _whole_number(text, 1, 100_000_000)


def _scanner(text: str) -> str:
    """The socket of a scanner: a path that begins at the root, or a host and a port."""
    if text.startswith("/") and not re.search(r"[\x00-\x1f]", text):
        return text
    host, _colon, port = text.rpartition(":")
    if host and not re.search(r"[\s/\x00-\x1f]", host) and _is_port(port):
        return text
    raise ValueError(f"{text!r} is no socket; write /run/clamav/clamd.ctl or HOST:3310")


def _port(text: str) -> int:
    return _whole_number(text, 1, LAST_PORT)


def _proxies(text: str) -> int:
    return _whole_number(text, 0, 100)


def _whole_number(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text.strip(), re.ASCII) or not least <= int(text) <= most:
        raise ValueError(f"{text!r} is not a whole number from {least} to {most}")
    return int(text)


def _parts(address: str, schemes: Collection[str]) -> SplitResult | None:
    """The parts of an address that begins with one of ``schemes`` and names a host; None where it is none."""
    try:
        parts = urlsplit(address)
        if parts.scheme in schemes and parts.hostname and parts.port != 0 and not re.search(r"[\s\x00-\x1f]", address):
            return parts
    except ValueError:
        # A port that is none, or a bracket that is not closed.
        pass
    return None


def _web_address(text: str) -> str:
    if _parts(text, ("http", "https")) is None:
        raise ValueError("it is no address; write one such as https://tsa.example.kz/")
    return text


def _page_address(text: str) -> str:
    parts = _parts(text, ("http", "https"))
    if parts is None or parts.query or parts.fragment:
        raise ValueError(f"{text!r} is not an address of pages; write one such as https://registry.example.kz")
    return text


def _mail_server(text: str) -> str:
    parts = _parts(text, ("smtp", "smtps"))
    if parts is None or parts.path.strip("/"):
        raise ValueError(
            "it names no mail server; write smtp://HOST:587 or smtps://HOST:465, USER@ before HOST where it wants one"
        )
    return text


def _sender(text: str) -> str:
    if "@" not in parseaddr(text)[1]:
        raise ValueError(f"{text!r} is not the address of a sender; write one such as registry@example.kz")
    return text


def _database(text: str) -> str:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    address = database_url(text)
    with suppress(ArgumentError, ValueError):
        url = make_url(address)
        if url.drivername in {"sqlite", "postgresql+psycopg"} and (url.port is None or 0 < url.port <= LAST_PORT):
            return address
    raise ValueError(
        "it names no SQLite or PostgreSQL database; write sqlite:////PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME"
    )


def _jobs_database(text: str) -> str:
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        ports = str(conninfo_to_dict(text).get("port") or "")
    except ProgrammingError:
        ports = text
    if not all(_is_port(port) for port in ports.split(",") if port):
        raise ValueError("it names no PostgreSQL database; write postgresql://USER:PASSWORD@HOST:PORT/NAME")
    return text


def _is_port(text: str) -> bool:
    with suppress(ValueError):
        return bool(_port(text))
    return False


def database_url(url: str) -> str:
    """Name the driver we ship for PostgreSQL, whatever short form the environment used."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
