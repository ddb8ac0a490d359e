"""Secrets of one installation, in the data folder with mode 0600: the session secret and the Ed25519 signing key."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SESSION_SECRET = "session.key"  # noqa: S105
SIGNING_KEY = "signing.pem"
PUBLIC_KEYS = "public"


def create(keys_dir: Path) -> None:
    """Make what is missing; existing keys are never touched. Public keys stay published in ``public/`` for ever."""
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (keys_dir / SESSION_SECRET).exists():
        _write_private(keys_dir / SESSION_SECRET, _new_secret())
    if not (keys_dir / SIGNING_KEY).exists():
        _write_private(keys_dir / SIGNING_KEY, _pem(_new_key()))
    _publish(keys_dir, _private(keys_dir))


def rotate_session(keys_dir: Path) -> None:
    """Put a new session secret in the place of the old one: cookies signed with that are worth nothing any more."""
    create(keys_dir)
    _replace_private(keys_dir / SESSION_SECRET, _new_secret())


def rotate_signing(keys_dir: Path) -> str:
    """Put a new signing key in the place of the old one, whose public key stays published; the new one's name.

    What was signed before keeps its signature. The old private key is gone.
    """
    create(keys_dir)
    key = _new_key()
    name = _publish(keys_dir, key)
    _replace_private(keys_dir / SIGNING_KEY, _pem(key))
    return name


def present(keys_dir: Path) -> str:
    """The name of the key that signs now.

    :raises OSError: where there is none.
    :raises ValueError: where the file holds no key.
    """
    return _name(_private(keys_dir))


def _new_secret() -> bytes:
    return secrets.token_hex(32).encode()


def _new_key() -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.generate()


def _pem(key: Ed25519PrivateKey) -> bytes:
    from cryptography.hazmat.primitives import serialization

    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _private(keys_dir: Path) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = keys_dir / SIGNING_KEY
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} is not an Ed25519 key")
    return key


def _name(key: Ed25519PrivateKey) -> str:
    """The first 16 hexadecimal digits of the public key."""
    from cryptography.hazmat.primitives import serialization

    raw = key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return raw.hex()[:16]


def _publish(keys_dir: Path, key: Ed25519PrivateKey) -> str:
    from cryptography.hazmat.primitives import serialization

    name = _name(key)
    public = keys_dir / PUBLIC_KEYS / f"{name}.pem"
    if not public.exists():
        public.parent.mkdir(exist_ok=True, mode=0o700)
        public.write_bytes(
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        )
    return name


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


def sign(keys_dir: Path, message: bytes) -> bytes:
    """The registry's own Ed25519 signature, 64 bytes: the same message and key always give the same ones."""
    if not (keys_dir / SIGNING_KEY).exists():
        create(keys_dir)
    return _private(keys_dir).sign(message)


def signer(keys_dir: Path, message: bytes, signature: bytes) -> str | None:
    """The name of the published key, present or past, that signed ``message``; None when none did."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    for name, raw in raw_public_keys(keys_dir).items():
        try:
            Ed25519PublicKey.from_public_bytes(raw).verify(signature, message)
        except InvalidSignature:
            continue
        return name
    return None


def raw_public_keys(keys_dir: Path) -> dict[str, bytes]:
    """The published keys as 32 bytes each, by name."""
    from cryptography.hazmat.primitives import serialization

    return {
        name: serialization.load_pem_public_key(text.encode()).public_bytes(
            serialization.Encoding.Raw, serialization.PublicFormat.Raw
        )
        for name, text in public_keys(keys_dir).items()
    }


def _write_private(path: Path, content: bytes) -> None:
    """Create the file with mode 0600 from its first moment; never overwrite one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def _replace_private(path: Path, content: bytes) -> None:
    """Put new content in the place of the old, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write_private(temporary, content)
    temporary.replace(path)
