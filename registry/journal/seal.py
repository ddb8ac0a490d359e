"""The head of the journal, kept outside the database under the registry's signature.

Whoever can write to the database can cut the journal at its end, set ``journal_head`` to what is left and take away all
that told of the rest. Therefore each transaction that recorded an act leaves the head it reached in a file of the data
folder, signed with the key there. A later journal holds the entry that the file names; one that was cut does not. The
file is never replaced while the journal contradicts it, so that a cut journal that grows on does not cover the cut. It
is laid with the first act, by a restore, and by the upgrade from a release that knew none; where it is missing later no
act lays it, since a cut could be behind that.

A transaction that ends with the machine may leave the head of the one before. Who can write to the data folder and read
its keys can also forge this file: then only heads kept elsewhere tell, in papers handed out and in backups.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa
from flask import current_app

from registry.infra.db import after_commit, before_commit, db
from registry.infra.storage import write_whole
from registry.journal.models import JournalEntry, JournalHead
from registry.signing import keys

_log = logging.getLogger(__name__)

NAME = "journal-head.json"

BEFORE = "0018"
"""The newest version of the database that a release which sealed no head may have left."""


@dataclass(frozen=True)
class Head:
    """The last entry at a moment: its sequence and hash."""

    sequence: int
    hash: str

    @property
    def message(self) -> bytes:
        """What is signed."""
        return f"Tizilim head 1\n{self.sequence} {self.hash}\n".encode()


class _Sealed(msgspec.Struct):
    """What the file says."""

    sequence: int
    hash: str
    signature: str


class SealError(ValueError):
    """The file is there and cannot be read, or none of the registry's keys signed it."""


def note(before: int) -> None:
    """Seal the head that the running transaction reaches, once it is committed.

    ``before`` is how many entries there were. After the first act a head that is missing is told of and not laid.
    """
    before_commit(_settle if before == 0 or path().exists() else _tell)


def _tell() -> None:
    """Log what is wrong once the transaction is committed: its first act may have had the head laid."""
    after_commit(_log_problem)


def _log_problem() -> None:
    said = problem()
    if said is not None:
        _log.error("%s", said)


def _settle() -> None:
    head = _head()
    if head is None or not _may_replace(head):
        return
    after_commit(lambda: _write(head))


def lay_first() -> None:
    """Seal the journal of a registry whose releases sealed none so far."""
    head = _head()
    if head is not None and head.sequence and not path().exists():
        _write(head)


def renew() -> None:
    """Seal the journal as it is, whatever was sealed before: after a backup was put in the place of everything."""
    path().unlink(missing_ok=True)
    head = _head()
    if head is not None and head.sequence:
        _write(head)


def _head() -> Head | None:
    row = db.session.execute(sa.select(JournalHead.count, JournalHead.hash)).first()
    return None if row is None else Head(row.count, row.hash)


def _may_replace(head: Head) -> bool:
    try:
        sealed = read()
    except SealError as error:
        _log.error("%s", error)
        return False
    if sealed is None:
        return True
    if _contradiction(sealed) is not None:
        _log.error("%s", _contradiction(sealed))
        return False
    return sealed.sequence < head.sequence


def _write(head: Head) -> None:
    """Never in the way of the act, which is committed already."""
    kept = current_app.config["SETTINGS"].keys_dir
    try:
        content = {"sequence": head.sequence, "hash": head.hash, "signature": keys.sign(kept, head.message).hex()}
        write_whole(path(), json.dumps(content).encode("ascii"))
    except (OSError, ValueError, TypeError) as error:
        # The disk, or a signing key that is damaged.
        _log.error("the journal's head cannot be sealed in %s: %s", path(), getattr(error, "strerror", None) or error)


def path() -> Path:
    """The file of this installation: about what is here now, so that no backup carries it."""
    folder: Path = current_app.config["SETTINGS"].data_dir
    return folder / NAME


def read() -> Head | None:
    """The sealed head; None where there is none.

    :raises SealError: when the file says nothing, or nobody we know signed it.
    """
    try:
        found = msgspec.json.decode(path().read_bytes(), type=_Sealed)
        head = Head(found.sequence, found.hash)
        signature = bytes.fromhex(found.signature)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, msgspec.MsgspecError, RecursionError):
        raise SealError(f"{path()} cannot be read") from None
    if keys.signer(current_app.config["SETTINGS"].keys_dir, head.message, signature) is None:
        raise SealError(f"{path()} bears no signature of this registry")
    return head


def problem() -> str | None:
    """How the journal contradicts the sealed head, or that this cannot be told, in plain words."""
    try:
        sealed = read()
    except SealError as error:
        return f"{error}{_UNKNOWN}"
    if sealed is not None:
        return _contradiction(sealed)
    head = _head()
    return f"{path()} is missing{_UNKNOWN}" if head is not None and head.sequence else None


_UNKNOWN = (
    ": nobody can tell whether the journal was cut at its end. Put the file back, or restore the last backup; where"
    " somebody has compared the journal with that, registry backup --even-damaged and registry restore seal it anew"
)


def _contradiction(sealed: Head) -> str | None:
    return missing(sealed.sequence, sealed.hash, "the head sealed in the data folder")


def missing(sequence: int, beginning: str, source: str) -> str | None:
    """What is wrong where ``source`` names an entry (by the beginning of its hash) that the journal does not have."""
    if sequence == 0:
        return None
    found = db.session.scalar(sa.select(JournalEntry.hash).where(JournalEntry.sequence == sequence))
    if found is None:
        return f"{source} names entry {sequence}, which the journal no longer has: it was cut at its end"
    if not found.startswith(beginning):
        return f"{source} names entry {sequence} with the hash {beginning[:32]}…, the journal says {found[:32]}…"
    return None
