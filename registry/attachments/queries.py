"""Reading attachments."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from registry.accounts.models import User
from registry.attachments import holders
from registry.attachments.models import Attachment
from registry.attachments.rules import Key
from registry.errors import NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import subjects
from registry.journal.models import JournalEntry


@dataclass(frozen=True, slots=True)
class File:
    """An attachment as a page shows it, with the name of whoever attached it."""

    id: int
    key: Key
    name: str | None
    kind: str
    size: int
    sha256: str
    staff_only: bool
    by: str | None
    added_at: datetime
    is_recorded: bool
    withdrawn_at: datetime | None
    withdrawn_why: str | None

    @property
    def is_offered(self) -> bool:
        """Whether it is neither withdrawn nor erased."""
        return self.withdrawn_at is None and self.name is not None


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer what it may see of the files of records that it sees.

    A company sees neither what is for staff only nor what was withdrawn or erased.
    """
    if not viewer.is_company:
        return []
    return [Attachment.staff_only.is_(False), Attachment.withdrawn_at.is_(None), Attachment.file_name.is_not(None)]


def files(viewer: Viewer, kind: str, ids: Collection[int], entries: Collection[int] = ()) -> list[File]:
    """The files of records of one table that the viewer may open, and those of acts, in the order they were attached.

    One statement.
    """
    of_records = sa.and_(Attachment.subject_type == kind, Attachment.subject_id.in_(ids))
    statement = (
        sa.select(Attachment, User.name, User.login)
        .outerjoin(User, User.id == Attachment.added_by)
        .where(sa.or_(of_records, Attachment.of_entry.in_(entries)) if entries else of_records, *visible(viewer))
        .order_by(Attachment.id)
    )
    return [_file(row, name or login) for row, name, login in db.session.execute(statement)]


def _file(row: Attachment, by: str | None) -> File:
    return File(
        row.id,
        row.key,
        row.file_name,
        row.kind,
        row.size,
        row.sha256,
        row.staff_only,
        by,
        row.added_at,
        row.recorded_in is not None,
        row.withdrawn_at,
        row.withdrawn_why,
    )


def existing(viewer: Viewer) -> sa.Select:
    """The ids of the attachments whose records exist in a viewer's territories."""
    own = sa.and_(sa.true(), *viewer.within(Attachment.territory_id))
    of_all = [
        sa.and_(Attachment.subject_type == kind, Attachment.subject_id.in_(ids))
        for kind, ids in subjects.existing(viewer, Attachment.__tablename__).items()
    ]
    of_no_territory = sa.and_(Attachment.territory_id.is_(None), sa.or_(sa.false(), *of_all))
    return sa.select(Attachment.id).where(sa.or_(own, of_no_territory))


def open_records(viewer: Viewer, key: Key) -> list[int]:
    """The records whose files are shown where ``key`` is: of an act its record.

    :raises NotFound: for what the viewer may not open.
    """
    kind, record_id = key.subject_type, key.subject_id
    is_open = bool(subjects.about([(kind, record_id)], viewer))
    if viewer.is_company:
        is_open = is_open and kind in holders.OF_COMPANIES
    found = holders.of(kind).shown(viewer, record_id) if is_open else []
    if not found and not (is_open and key.of_entry and viewer.may(Permission.VIEW_JOURNAL)):
        raise NotFound(lazy("There is no such record."))
    return found


def key_of_act(sequence: int, viewer: Viewer) -> Key:
    """The key of the files of an act.

    :raises NotFound: for an act on what the viewer may not open, and one that is about a file itself.
    """
    row = db.session.execute(
        sa.select(JournalEntry.subject_type, JournalEntry.subject_id).where(JournalEntry.sequence == sequence)
    ).first()
    if row is None or row.subject_type == Attachment.__tablename__:
        raise NotFound(lazy("There is no such act."))
    key = Key(row.subject_type, row.subject_id, of_entry=sequence)
    open_records(viewer, key)
    return key


def get(attachment_id: int, viewer: Viewer) -> Attachment:
    """:raises NotFound: when there is no such file, or its record, or the file itself, is not the viewer's to see."""
    row = db.session.scalar(sa.select(Attachment).where(Attachment.id == attachment_id, *visible(viewer)))
    if row is None:
        raise NotFound(lazy("There is no such file."))
    try:
        open_records(viewer, row.key)
    except NotFound:
        raise NotFound(lazy("There is no such file.")) from None
    return row


def count(key: Key) -> int:
    """Files of a record, withdrawn ones too."""
    return (
        db.session.scalar(
            sa.select(sa.func.count()).where(
                Attachment.subject_type == key.subject_type, Attachment.subject_id == key.subject_id
            )
        )
        or 0
    )


def used(territory_id: int | None) -> int:
    """Bytes of the files of a territory, withdrawn ones too; None asks for those of all territories together."""
    own = Attachment.territory_id.is_(None) if territory_id is None else Attachment.territory_id == territory_id
    found = db.session.scalar(sa.select(sa.func.sum(Attachment.size)).where(own, Attachment.file_name.is_not(None)))
    return int(found or 0)


def used_by_territory() -> Iterator[tuple[int | None, int]]:
    """The same of every territory that has files."""
    statement = sa.select(Attachment.territory_id, sa.func.sum(Attachment.size))
    kept = statement.where(Attachment.file_name.is_not(None)).group_by(Attachment.territory_id)
    for territory_id, size in db.session.execute(kept):
        yield territory_id, int(size)


def of_reports() -> list[Attachment]:
    """The files on record of all reports, without erased ones, in the order they were attached."""
    return list(
        db.session.scalars(
            sa.select(Attachment)
            .where(
                Attachment.subject_type == "report",
                Attachment.recorded_in.is_not(None),
                Attachment.file_name.is_not(None),
            )
            .order_by(Attachment.id)
        )
    )
