"""Secrets of one installation, in the data folder with mode 0600: the session secret and the Ed25519 signing key."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from registry.infra.storage import sync_folder, write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SESSION_SECRET = "session.key"  # noqa: S105
SIGNING_KEY = "signing.pem"
PUBLIC_KEYS = "public"

_SHORTEST = 32
"""Signs that a session secret has at least; what is shorter was not written to its end."""


def create(keys_dir: Path) -> None:
    """Make what is missing; existing keys are never touched. Public keys stay published in ``public/`` for ever.

    A session secret cut short is none, and the public key that belongs to the signing key is written anew where its
    file says something else.
    """
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Another process may be the first.
    with suppress(FileExistsError):
        if _session_secret(keys_dir) is None:
            _write(keys_dir / SESSION_SECRET, _new_secret(), replace=(keys_dir / SESSION_SECRET).exists())
    with suppress(FileExistsError):
        if not (keys_dir / SIGNING_KEY).exists():
            _write(keys_dir / SIGNING_KEY, _pem(_new_key()), replace=False)
    _publish(keys_dir, _private(keys_dir))


def rotate_session(keys_dir: Path) -> None:
    """Put a new session secret in the place of the old one: cookies signed with that are worth nothing any more."""
    keys_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    _write(keys_dir / SESSION_SECRET, _new_secret())


def rotate_signing(keys_dir: Path) -> str:
    """Put a new signing key in the place of the old one, whose public key stays published; the new one's name.

    What was signed before keeps its signature. The old private key is gone.
    """
    create(keys_dir)
    key = _new_key()
    name = _publish(keys_dir, key)
    _write(keys_dir / SIGNING_KEY, _pem(key))
    return name


def present(keys_dir: Path) -> str:
    """The name of the key that signs now.

    :raises OSError: where there is none.
    :raises ValueError: where the file holds no key.
    """
    return _name(_private(keys_dir))


def problem(keys_dir: Path) -> str | None:
    """Why nothing can be signed with the keys in a folder, in plain words."""
    try:
        name = present(keys_dir)
    except FileNotFoundError:
        return f"the signing key {SIGNING_KEY} is missing"
    except (OSError, ValueError, TypeError) as error:
        return f"the signing key cannot be used: {' '.join(str(error).split())}"
    if name not in public_keys(keys_dir):
        return f"the public key {name} of the signing key is missing: run registry init"
    return None


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
    if name not in public_keys(keys_dir):
        public.parent.mkdir(exist_ok=True, mode=0o700)
        _write(
            public,
            key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo),
        )
    return name


def _write(path: Path, content: bytes, *, replace: bool = True) -> None:
    """What is signed with a key counts on its file from now on."""
    write_whole(path, content, replace=replace)
    sync_folder(path.parent)


def session_secret(keys_dir: Path) -> str:
    """The secret that signs sessions, made on first use so that the web never runs with a known one."""
    found = _session_secret(keys_dir)
    if found is None:
        create(keys_dir)
        found = _session_secret(keys_dir)
    assert found is not None  # noqa: S101 — just made
    return found


def _session_secret(keys_dir: Path) -> str | None:
    path = keys_dir / SESSION_SECRET
    found = path.read_text() if path.exists() else ""
    return found if len(found) >= _SHORTEST else None


def public_keys(keys_dir: Path) -> dict[str, str]:
    """Every public key this installation ever signed with: first 16 hex digits of the raw key to PEM text.

    A damaged file (:func:`damaged`) is none of them, and hinders no check by the others.
    """
    return {name: text for name, (text, _raw) in _published(keys_dir).items()}


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
    return {name: raw for name, (_text, raw) in _published(keys_dir).items()}


def damaged(keys_dir: Path) -> list[Path]:
    """The files of published keys that do not hold the key they are named after."""
    known = _published(keys_dir)
    return [path for path in _public_files(keys_dir) if path.stem not in known]


def _public_files(keys_dir: Path) -> list[Path]:
    return sorted((keys_dir / PUBLIC_KEYS).glob("*.pem"))


def _published(keys_dir: Path) -> dict[str, tuple[str, bytes]]:
    """The published keys by name, as PEM text and as 32 bytes."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    found = {}
    for path in _public_files(keys_dir):
        # What stands in a damaged file, or in its place, may be anything.
        with suppress(OSError, ValueError, UnsupportedAlgorithm):
            content = path.read_bytes()
            raw = serialization.load_pem_public_key(content).public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw
            )
            if raw.hex()[:16] == path.stem:
                found[path.stem] = (content.decode("ascii"), raw)
    return found
