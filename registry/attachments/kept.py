"""Where the bytes of attachments are kept: in the data folder, or in the bucket that the settings name."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from registry.attachments.models import Attachment
from registry.config import Settings
from registry.infra import storage
from registry.infra.bucket import bucket_of_attachments
from registry.infra.clock import utc_now
from registry.infra.db import Busy, db, transaction
from registry.infra.i18n import deferred, lazy, ngettext
from registry.infra.schedule import DAY, Periodic, When, by_age
from registry.infra.storage import FolderStore, Store

LEFT_ALONE = timedelta(days=1)
"""Files younger than this may be on their way: their rows are not written yet."""


def store() -> Store:
    """The store of this installation.

    :raises BucketError: when the file with the secret of its bucket cannot be read.
    """
    settings: Settings = current_app.config["SETTINGS"]
    known = current_app.extensions.get("attachments")
    if known is None or known[0] is not settings:
        known = settings, bucket_of_attachments(settings) or FolderStore(settings.attachments_dir)
        current_app.extensions["attachments"] = known
    return known[1]


def wanted() -> set[str]:
    """The hashes of the files that are to be kept: all but the erased ones, withdrawn ones too."""
    return set(db.session.scalars(sa.select(Attachment.sha256).where(Attachment.file_name.is_not(None)).distinct()))


def discard_needless(sha256: str) -> None:
    """Remove the bytes of a file that was erased, unless others have the same bytes.

    A transaction keeps others from attaching them meanwhile; where there is none to be had, :func:`sweep` removes them.
    """
    others = sa.select(Attachment.id).where(Attachment.sha256 == sha256, Attachment.file_name.is_not(None)).limit(1)
    with suppress(Busy), transaction() as session:
        if session.scalar(others) is None:
            store().discard(sha256)


@by_age
def sweep() -> object:
    """Remove what belongs to no attachment: of uploads that failed, of drafts discarded, of files erased.

    A transaction keeps others from attaching the same bytes meanwhile.
    """
    settings: Settings = current_app.config["SETTINGS"]
    before = (utc_now() - LEFT_ALONE).timestamp()
    storage.remove_unfinished(settings.attachments_dir, before)
    kept, removed = store(), 0
    if kept.kept_before(before) - wanted():
        with transaction():
            for sha256 in kept.kept_before(before) - wanted():
                kept.discard(sha256)
                removed += 1
    return deferred(lambda: ngettext("Removed: %(num)s file.", "Removed: %(num)s files.", removed))


PERIODIC = (
    Periodic(
        "attachments",
        lazy("Files that belong to no record are removed"),
        lambda _settings: When(DAY),
        sweep,
    ),
)
"""What is done to the store from time to time."""
