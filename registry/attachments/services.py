"""What is done with attachments. Bytes are received and looked at first, outside any transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from flask import current_app

from registry.attachments import content, holders, kept, queries, scanner
from registry.attachments.models import Attachment
from registry.attachments.rules import MEGABYTE, MOST_OF_A_RECORD, Key, Kind, clean_name
from registry.config import Settings
from registry.errors import Conflict, DomainError, NotAllowed
from registry.infra import storage
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import Base, after_commit, db, outside_transactions
from registry.infra.i18n import lazy
from registry.infra.workflow import need_reason
from registry.journal import acts, subjects
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import erase_personal

_TOLD = (
    "file_name", "kind", "size", "sha256", "staff_only", "subject_type", "subject_id", "line_id", "of_entry",
    "territory_id",
)  # fmt: skip
_PERSONAL = ("file_name",)
"""A name may tell of a person; it can be erased with the file."""


@dataclass(frozen=True)
class Received:
    """A file that was looked at and is taken: ``path`` holds its bytes until it is attached."""

    path: Path
    name: str
    kind: Kind
    size: int
    sha256: str


@contextmanager
def received(stream: IO[bytes], name: str) -> Generator[Received]:
    """Take a file in, never all of it in memory: its size, name and content are looked at, and the scanner asked.

    :raises DomainError: saying why it is not taken.
    """
    settings: Settings = current_app.config["SETTINGS"]
    outside_transactions()
    with storage.unfinished(settings.attachments_dir) as file:
        digest, size = hashlib.sha256(), 0
        while part := stream.read(storage.PART):
            size += len(part)
            if size > settings.attachment_max_mb * MEGABYTE:
                raise DomainError(lazy("The file is larger than %(most)s MB.", most=settings.attachment_max_mb))
            digest.update(part)
            file.write(part)
        file.flush()
        clean = clean_name(name)
        kind = content.kind_of(file, clean)
        if settings.clamav_socket is not None:
            scanner.scan(settings.clamav_socket, file)
        found = Received(Path(file.name), clean, kind, size, digest.hexdigest())
        kept.store().keep(found.path, found.sha256)
        yield found


def need_may_attach(actor: Viewer, key: Key) -> None:
    """:raises NotFound: for a record that is not the actor's to open.
    :raises NotAllowed: for a role that attaches nothing to it.
    :raises Conflict: for a record that takes no file as it stands, and a line that it has not.
    """
    queries.open_records(actor, key)
    if key.of_entry is not None:
        actor.require(Permission.KEEP_REGISTERS)
        return
    holder = holders.of(key.subject_type)
    refusal = holder.refusal(actor, key.subject_id)
    if refusal is not None:
        raise NotAllowed(refusal) if refusal is holders.NOT_BY_ROLE else Conflict(refusal)
    if key.line_id is not None and key.line_id not in dict(holder.lines(key.subject_id)):
        raise Conflict(lazy("The report has no such line. Save it, then attach the file anew."), "line")


def attach(actor: Viewer, key: Key, file: Received, *, now: datetime, staff_only: bool = False) -> Attachment:
    """Attach a file that was received. Of a draft it comes on record when the draft is sent.

    :raises NotFound: see :func:`need_may_attach`.
    :raises Conflict: where it is attached there already, and where there is no room.
    """
    need_may_attach(actor, key)
    about = subjects.about([(key.subject_type, key.subject_id)])[key.subject_type, key.subject_id]
    _need_room(key, about.territory_id, file)
    if not kept.store().holds(file.sha256):
        raise Conflict(lazy("The file was removed meanwhile. Send it again."))
    row = Attachment(
        subject_type=key.subject_type,
        subject_id=key.subject_id,
        line_id=key.line_id,
        of_entry=key.of_entry,
        territory_id=about.territory_id,
        file_name=file.name,
        kind=str(file.kind),
        size=file.size,
        sha256=file.sha256,
        staff_only=staff_only and not actor.is_company,
        added_by=actor.user_id,
        added_at=now,
    )
    db.session.add(row)
    db.session.flush()
    if key.of_entry is not None or not holders.of(key.subject_type).is_draft(key.subject_id):
        _put_on_record(actor, [row], now)
    return row


def _need_room(key: Key, territory_id: int | None, file: Received) -> None:
    same = sa.select(Attachment.id).where(
        Attachment.subject_type == key.subject_type,
        Attachment.subject_id == key.subject_id,
        Attachment.line_id.is_not_distinct_from(key.line_id),
        Attachment.of_entry.is_not_distinct_from(key.of_entry),
        Attachment.sha256 == file.sha256,
        Attachment.withdrawn_at.is_(None),
        Attachment.file_name.is_not(None),
    )
    if db.session.scalar(same.limit(1)) is not None:
        raise Conflict(lazy("This file is attached here already."))
    if queries.count(key) >= MOST_OF_A_RECORD:
        raise Conflict(
            lazy("The record holds %(most)s files already. Put files into one archive.", most=MOST_OF_A_RECORD)
        )
    settings: Settings = current_app.config["SETTINGS"]
    if queries.used(territory_id) + file.size > settings.attachment_quota_mb * MEGABYTE:
        raise Conflict(
            lazy(
                "The files of the territory have taken up their room of %(most)s MB. Tell the administrator.",
                most=settings.attachment_quota_mb,
            )
        )


def _put_on_record(actor: Viewer, rows: list[Attachment], now: datetime) -> None:
    for row in rows:
        entry = acts.act(
            actor,
            Action.ATTACHMENT_ADDED,
            row,
            {name: (None, getattr(row, name)) for name in _TOLD if getattr(row, name) is not None},
            now=now,
            effective_on=local_date(now),
            parent=_parent(row),
            personal=_PERSONAL,
        )
        row.recorded_in, row.added_by, row.added_at = entry.sequence, entry.actor_id, entry.recorded_at
    db.session.flush()


def _parent(row: Attachment) -> Any:
    """The record in whose history the act stands; companies read histories, so that of staff's own files has none."""
    if row.staff_only:
        return None
    kind, record_id = row.subject_type, row.subject_id
    if row.of_entry is not None:
        entry = db.session.get_one(JournalEntry, row.of_entry)
        if entry.parent_type is not None and entry.parent_id is not None:
            kind, record_id = entry.parent_type, entry.parent_id
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.class_.__tablename__ == kind)
    return db.session.get(model, record_id)


def put_on_record(actor: Viewer, kind: str, record_id: int, now: datetime) -> None:
    """Record the files of a draft that was sent."""
    rows = db.session.scalars(_unrecorded(kind, record_id).order_by(Attachment.id)).all()
    _put_on_record(actor, list(rows), now)


def remove_unrecorded(kind: str, record_id: int) -> None:
    """Remove the files of a draft that is discarded."""
    for row in db.session.scalars(_unrecorded(kind, record_id)):
        _remove(row)


def _unrecorded(kind: str, record_id: int) -> sa.Select[Attachment]:
    return sa.select(Attachment).where(
        Attachment.subject_type == kind, Attachment.subject_id == record_id, Attachment.recorded_in.is_(None)
    )


def _remove(row: Attachment) -> None:
    db.session.delete(row)
    db.session.flush()


def need_may_withdraw(actor: Viewer, row: Attachment) -> None:
    """:raises NotFound: for a file that is not the actor's to see.
    :raises NotAllowed: for a role that withdraws nothing, and for a company once its report was sent.
    :raises Conflict: for a file that is withdrawn or erased, or a record that changes no more.
    """
    if row.recorded_in is not None:
        actor.require(Permission.KEEP_REGISTERS)
        queries.open_records(actor, row.key)
    else:
        need_may_attach(actor, Key(row.subject_type, row.subject_id))
    if row.withdrawn_at is not None or row.is_erased:
        raise Conflict(lazy("The file was withdrawn already."))


def withdraw(actor: Viewer, row: Attachment, *, reason: str, now: datetime) -> None:
    """Mark a file as withdrawn; of a draft, which nobody else has seen, it is removed, without a reason.

    :raises DomainError: without a reason.
    :raises Conflict: see :func:`need_may_withdraw`.
    """
    need_may_withdraw(actor, row)
    if row.recorded_in is None:
        _remove(row)
        return
    said = need_reason(reason)
    entry = acts.act(
        actor,
        Action.ATTACHMENT_WITHDRAWN,
        row,
        {"withdrawn": (False, True), "sha256": (row.sha256, row.sha256)},
        now=now,
        effective_on=local_date(now),
        parent=_parent(row),
        reason=said,
    )
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = entry.recorded_at, entry.actor_id, said
    db.session.flush()


def erase(actor: Viewer, row: Attachment, *, reason: str, now: datetime) -> int:
    """Erase name and bytes of a file on demand; its act, size and hash stay. How many others have the same bytes.

    Bytes that others have stay for them.

    :raises NotAllowed: for whoever may not erase personal data.
    :raises DomainError: without a reason.
    :raises Conflict: for a file that is erased already, or was not recorded.
    """
    actor.require(Permission.ERASE_PERSONAL_DATA)
    queries.open_records(actor, row.key)
    said = need_reason(reason)
    if row.is_erased or row.recorded_in is None:
        raise Conflict(lazy("The file was erased already."))
    erase_personal(actor, row, _PERSONAL, reason=said, now=now, on=local_date(now))
    row.file_name = None
    db.session.flush()
    sha256 = row.sha256
    after_commit(lambda: kept.discard_needless(sha256))
    others = sa.select(sa.func.count()).where(Attachment.sha256 == sha256, Attachment.file_name.is_not(None))
    return db.session.scalar(others) or 0
