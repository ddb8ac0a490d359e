"""Secrets of one installation, in the data folder with mode 0600: the session secret and the Ed25519 signing key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

SESSION_SECRET = "session.key"  # noqa: S105
SIGNING_KEY = "signing.pem"
PUBLIC_KEYS = "public"


def create(keys_dir: Path) -> None:
    """Make what is missing; existing keys are never touched. Public keys stay published in ``public/`` for ever."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (keys_dir / SESSION_SECRET).exists():
        _write_private(keys_dir / SESSION_SECRET, secrets.token_hex(32).encode())
    if not (keys_dir / SIGNING_KEY).exists():
        key = Ed25519PrivateKey.generate()
        _write_private(
            keys_dir / SIGNING_KEY,
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            ),
        )
    private = serialization.load_pem_private_key((keys_dir / SIGNING_KEY).read_bytes(), password=None)
    raw = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    public = keys_dir / PUBLIC_KEYS / f"{raw.hex()[:16]}.pem"
    if not public.exists():
        public.parent.mkdir(exist_ok=True, mode=0o700)
        public.write_bytes(
            private.public_key().public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
        )


def session_secret(keys_dir: Path) -> str:
    """The secret that signs sessions, made on first use so that the web never runs with a known one."""
    path = keys_dir / SESSION_SECRET
    if not path.exists():
        create(keys_dir)
    return path.read_text()


def public_keys(keys_dir: Path) -> dict[str, str]:
    """Every public key this installation ever signed with: first 16 hex digits of the raw key to PEM text."""
    folder = keys_dir / PUBLIC_KEYS
    return {path.stem: path.read_text() for path in sorted(folder.glob("*.pem"))} if folder.exists() else {}


def _write_private(path: Path, content: bytes) -> None:
    """Create the file with mode 0600 from its first moment; never overwrite one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
