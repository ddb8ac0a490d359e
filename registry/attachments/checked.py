"""Attachments held to the journal: their rows to what their acts told, their stored bytes to the SHA-256 in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from registry.attachments import kept
from registry.attachments.models import Attachment
from registry.errors import DomainError
from registry.infra import storage
from registry.journal.checked import Checked, ToldTable, Values, moment, rows_of, told_of
from registry.journal.rules import Action

_WITHDRAWN = ("withdrawn_at", "withdrawn_by", "withdrawn_why")


def _told() -> Mapping[int, Values]:
    rows = {row["id"]: row for row in rows_of(Attachment)}
    optional = dict.fromkeys(("line_id", "of_entry", "territory_id", *_WITHDRAWN))
    found: dict[int, Values] = {}
    for entry, action, key, values in told_of(Attachment):
        row = rows.get(key, {})
        if action == Action.ATTACHMENT_ADDED:
            of_entry = {"recorded_in": entry.sequence, "added_by": entry.actor_id}
            found[key] = optional | dict(values) | of_entry | {"added_at": moment(row.get("added_at"), entry)}
        elif action == Action.ATTACHMENT_WITHDRAWN:
            withdrawn = (moment(row.get("withdrawn_at"), entry), entry.actor_id, entry.reason)
            found[key] = dict(found.get(key, {})) | dict(zip(_WITHDRAWN, withdrawn, strict=True))
    return found


def _is_draft(row: Values) -> bool:
    """Whether a file belongs to a draft, which is not on record."""
    return row["recorded_in"] is None


class StoredAttachments:
    """The bytes of every attachment that was not erased. In a bucket their presence and size: reading takes long."""

    name = "stored attachments"

    def differences(self) -> Iterator[str]:
        wanted = _wanted()
        if not wanted:
            return
        try:
            store = kept.store()
            if isinstance(store, storage.FolderStore):
                yield from _damaged(self.name, store, wanted)
                return
            sizes = store.sizes()
        except DomainError as error:
            yield f"{self.name}: {error}"
            return
        for sha256, (key, size) in wanted.items():
            if sha256 not in sizes:
                yield f"{self.name}: attachment {key}: the stored file {sha256} is missing"
            elif sizes[sha256] != size:
                yield f"{self.name}: attachment {key}: the stored file {sha256} has {sizes[sha256]} bytes, not {size}"


class AttachmentsReadThrough:
    """The same in a bucket, every byte."""

    name = "attachments in the bucket"

    def differences(self) -> Iterator[str]:
        wanted = _wanted()
        try:
            if wanted and not isinstance(store := kept.store(), storage.FolderStore):
                yield from _damaged(self.name, store, wanted)
        except DomainError as error:
            yield f"{self.name}: {error}"


def _wanted() -> dict[str, tuple[int, int]]:
    """Of every hash that must be stored the first attachment that has it, and its size."""
    found: dict[str, tuple[int, int]] = {}
    for row in rows_of(Attachment):
        if row["file_name"] is not None:
            found.setdefault(row["sha256"], (row["id"], row["size"]))
    return found


def _damaged(name: str, store: storage.Store, wanted: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for sha256, (key, _size) in wanted.items():
        problem = storage.difference(store, sha256)
        if problem:
            yield f"{name}: attachment {key}: {problem}"


CHECKED: tuple[Checked, ...] = (ToldTable(Attachment, _told, untold=_is_draft), StoredAttachments())
"""What of attachments is held to the journal."""

FILES: tuple[Checked, ...] = (AttachmentsReadThrough(),)
"""What is looked at besides when all stored files are asked for."""
