"""What a paper says of itself under the registry's own signature, so that it can be checked without a network.

The token is a claim (number, date, kind, rows, total, hash of the data, head of the journal) and its Ed25519 signature.
It is written in decimal digits: a QR code holds those in its numeric mode in a third of a bit less than bytes need, and
they may follow ``#`` in an address, which the spaces and percent signs of Base45 may not.

The file itself carries one comment line in front of its last ``startxref``: ``%Tizilim``, the token, and a signature
over all bytes of the file with that signature's own digits as zeros. A seal is added behind.

======  =====================================================================================
bytes   ``01``, the claim, the signature of 64 bytes over ``Tizilim paper 1`` LF and the claim
claim   CBOR array: version 1, number, days since 1 January 1970, kind, rows, total (text or
        null), SHA-256 of the data, entry of the journal, first 16 bytes of its hash
line    ``%Tizilim`` space token space signature in 128 hexadecimal digits LF
signed  ``Tizilim file 1`` LF and the SHA-256 of the file with zeros for those 128 digits
======  =====================================================================================

No database, no clock; ``sign`` and ``signer`` come from :mod:`registry.signing.keys`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import cbor2

VERSION = 1
SIGNATURE = 64
"""Bytes of an Ed25519 signature."""
HEAD = 16
"""Bytes of the journal's head that a token holds: enough that none other can be found to fit."""

_EPOCH = date(1970, 1, 1)
_CLAIM, _FILE = b"Tizilim paper 1\n", b"Tizilim file 1\n"
_LINE = re.compile(rb"\n%Tizilim (\d+) ([0-9a-f]{128})\n")

Sign = Callable[[bytes], bytes]
"""Signs a message."""
Signer = Callable[[bytes, bytes], str | None]
"""The name of the key that made a signature over a message, or None."""


class TokenError(ValueError):
    """A text is not a token, or nobody we know signed it."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the registry says of a paper; ``chain_head`` is the beginning of the hash of the journal's entry, in hex."""

    number: str
    issued_on: date
    kind: str
    rows: int
    total: str | None
    data_hash: str
    chain_sequence: int
    chain_head: str


def issue(claim: Claim, sign: Sign) -> str:
    """The token of a claim."""
    content = _encode(claim)
    signed = b"\x01" + content + sign(_CLAIM + content)
    return str(int.from_bytes(signed))


def read(text: str, signer: Signer) -> Claim:
    """The claim of a token.

    :raises TokenError: when it is none, or was not signed by a key of this registry.
    """
    if not re.fullmatch(r"[1-9][0-9]{200,999}", text):
        raise TokenError("not a token")
    number = int(text)
    signed = number.to_bytes((number.bit_length() + 7) // 8)
    content, signature = signed[1:-SIGNATURE], signed[-SIGNATURE:]
    if signed[0] != 1 or signer(_CLAIM + content, signature) is None:
        raise TokenError("not signed by this registry")
    return _decode(content)


def prove(content: bytes, token: str, sign: Sign) -> bytes:
    """The file with its token and its signature inside."""
    at = content.rfind(b"startxref")
    at = len(content) if at < 0 else at
    before, after = content[:at], content[at:]
    head = (b"" if before.endswith(b"\n") else b"\n") + b"%Tizilim " + token.encode() + b" "
    blank = before + head + b"0" * 2 * SIGNATURE + b"\n" + after
    signature = sign(_FILE + hashlib.sha256(blank).digest()).hex().encode()
    return before + head + signature + b"\n" + after


def repeating(content: bytes, signer: Signer, sign: Sign) -> Sign:
    """Signs like ``sign``, but gives a signature that a file holds where it fits and a known key made it.

    So a paper is printed again the same after the registry has taken another key.
    """
    found = _LINE.search(content)
    held: list[bytes] = []
    if found is not None:
        token = int(found[1])
        held = [token.to_bytes((token.bit_length() + 7) // 8)[-SIGNATURE:], bytes.fromhex(found[2].decode())]

    def repeat(message: bytes) -> bytes:
        return next((own for own in held if signer(message, own) is not None), None) or sign(message)

    return repeat


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file proves: its claim, and how many bytes stand behind what the registry signed (a seal, or a change)."""

    claim: Claim
    added: int


def check_file(content: bytes, signer: Signer) -> Proof:
    """What a file says of itself without asking the registry.

    :raises TokenError: when it carries no signature of this registry, or was changed.
    """
    found = _LINE.search(content)
    if found is None:
        raise TokenError("the file carries no signature of a registry")
    end = content.find(b"%%EOF", found.end())
    end = len(content) if end < 0 else end + len(b"%%EOF")
    end += 1 if content[end : end + 1] == b"\n" else 0
    signature = bytes.fromhex(found[2].decode())
    blank = content[: found.start(2)] + b"0" * 2 * SIGNATURE + content[found.end(2) : end]
    if signer(_FILE + hashlib.sha256(blank).digest(), signature) is None:
        raise TokenError("the file was changed, or another registry signed it")
    return Proof(read(found[1].decode(), signer), len(content) - end)


def _encode(claim: Claim) -> bytes:
    parts = [
        VERSION,
        claim.number,
        (claim.issued_on - _EPOCH).days,
        claim.kind,
        claim.rows,
        claim.total,
        bytes.fromhex(claim.data_hash),
        claim.chain_sequence,
        bytes.fromhex(claim.chain_head),
    ]
    return cbor2.dumps(parts, canonical=True)


def _decode(content: bytes) -> Claim:
    try:
        version, number, days, kind, rows, amount, data, sequence, head = cbor2.loads(content)
    except (cbor2.CBORDecodeError, TypeError, ValueError) as error:
        raise TokenError("not a claim") from error
    if version != VERSION:
        raise TokenError("a token of another version")
    return Claim(number, _EPOCH + timedelta(days=days), kind, rows, amount, data.hex(), sequence, head.hex())
