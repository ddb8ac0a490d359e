"""What papers leave behind and nobody needs any more."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import current_app

from registry.config import Settings
from registry.infra import process_locks, storage
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.infra.i18n import lazy
from registry.infra.schedule import Periodic, When, by_age
from registry.papers import rules
from registry.papers.models import DocumentRequest

PACKS_KEPT = timedelta(days=7)
"""How long a finished evidence pack can be downloaded."""

LEFT_ALONE = timedelta(minutes=5)
"""Unfinished and needless files younger than this may be somebody's work."""


@by_age
def remove_leftovers() -> None:
    """Remove what killed processes left: half-written files, drafts nobody decides on any more, names of the dead.

    Evidence packs go after a week: the same one can be made again.
    """
    old = sa.and_(DocumentRequest.kind == rules.EVIDENCE, DocumentRequest.finished_at < utc_now() - PACKS_KEPT)
    if db.session.scalar(sa.select(DocumentRequest.id).where(old, DocumentRequest.draft.is_not(None)).limit(1)):
        with transaction() as session:
            session.execute(sa.update(DocumentRequest).where(old).values(draft=None))
    before = (utc_now() - LEFT_ALONE).timestamp()
    known: Settings = current_app.config["SETTINGS"]
    for folder in (known.documents_dir, known.drafts_dir, known.cache_dir):
        storage.remove_unfinished(folder, before)
    drafts = db.session.scalars(sa.select(DocumentRequest.draft).where(DocumentRequest.draft.is_not(None)))
    storage.remove_others(known.drafts_dir, {draft for draft in drafts if draft}, before)
    process_locks.forget_gone(known.workers_dir)


PERIODIC = (
    Periodic(
        "leftovers",
        lazy("Unfinished files and evidence packs older than a week are removed"),
        lambda _settings: When(timedelta(minutes=5)),
        remove_leftovers,
    ),
)
"""What is done to them from time to time."""
