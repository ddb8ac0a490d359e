"""Which patents exist for a viewer, for the journal, and what their entries may say of holders elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.journal.visibility import Subjects
from registry.patents.models import Patent
from registry.patents.queries import existing, shown_holders


def _cover_holders(viewer: Viewer, entries: Sequence[dict[str, list[Any]]]) -> None:
    """Holders of other territories stand by name, as on the patent's page."""
    for changes in entries:
        if "holders" in changes:
            changes["holders"] = [text and shown_holders(viewer, text) for text in changes["holders"]]


SUBJECTS = {
    Patent.__tablename__: Subjects(lambda viewer: sa.select(Patent.id).where(*existing(viewer)), _cover_holders),
}
