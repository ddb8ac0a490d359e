"""Settings, read from the environment; the defaults run on SQLite in ``var/``."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
"""The project's root, where ``templates/``, ``static/`` and ``migrations/`` stand."""


@dataclass(frozen=True)
class Settings:
    """What a deployment may set.

    ``data_dir`` holds the database (by default), stored files, keys and the job queue. ``public_url`` is the address
    printed in QR codes. ``job_database_url`` puts the job queue on PostgreSQL instead of a file in ``data_dir``.
    ``seal_file`` is the PKCS#12 with which papers are sealed, ``seal_password_file`` holds its password, ``tsa_url``
    names a time-stamp authority (RFC 3161). ``mail_url`` is the server letters are sent by, ``mail_from`` their sender,
    ``mail_password_file`` holds the password for the user in ``mail_url``.
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
    testing: bool = False
    extra: dict[str, object] = field(default_factory=dict)

    @classmethod
    def from_environment(cls, environ: dict[str, str] | os._Environ[str] = os.environ) -> Settings:
        """Read the settings of ``exchange.md`` 1; an unset or empty variable means its default."""
        port = int(environ.get("PORT") or 8000)
        data_dir = Path(environ.get("REGISTRY_DATA_DIR") or "var").absolute()
        return cls(
            data_dir=data_dir,
            database_url=database_url(environ.get("DATABASE_URL") or f"sqlite:///{data_dir / 'registry.db'}"),
            public_url=(environ.get("REGISTRY_PUBLIC_URL") or f"http://localhost:{port}").rstrip("/"),
            port=port,
            job_database_url=environ.get("REGISTRY_JOBS_URL") or None,
            trusted_proxies=int(environ.get("REGISTRY_TRUSTED_PROXIES") or 0),
            seal_file=_file(environ.get("REGISTRY_SEAL_FILE")),
            seal_password_file=_file(environ.get("REGISTRY_SEAL_PASSWORD_FILE")),
            tsa_url=environ.get("REGISTRY_TSA_URL") or None,
            mail_url=environ.get("REGISTRY_MAIL_URL") or None,
            mail_from=environ.get("REGISTRY_MAIL_FROM") or None,
            mail_password_file=_file(environ.get("REGISTRY_MAIL_PASSWORD_FILE")),
        )

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
    def workers_dir(self) -> Path:
        """A locked file for each process that makes papers."""
        return self.data_dir / "workers"

    @property
    def secure_cookies(self) -> bool:
        """Cookies travel only over TLS, except on plain localhost."""
        address = urlsplit(self.public_url)
        return not (address.scheme == "http" and address.hostname in {"localhost", "127.0.0.1", "::1"})


def _file(name: str | None) -> Path | None:
    return Path(name).absolute() if name else None


def database_url(url: str) -> str:
    """Name the driver we ship for PostgreSQL, whatever short form the environment used."""
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url
