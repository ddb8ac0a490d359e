"""What papers put on the page of a participant: a tab with the extracts and certificates about it."""

from __future__ import annotations

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.record import Part, Tab
from registry.journal.timeline import Chapter, belonging
from registry.notes.rules import Notable
from registry.papers import queries
from registry.papers.models import Document, DocumentAct, DocumentRequest
from registry.residents.models import Resident


def listed(viewer: Viewer, resident: Resident) -> sa.Select:
    """The papers that the tab of a participant lists."""
    return queries.list_statement(viewer, resident_id=resident.id)


def _entry(document: Document, _viewer: Viewer) -> Resident | None:
    key = document.act.resident_id
    return None if key is None else db.session.get(Resident, key)


PARTS: tuple[Part, ...] = (
    Tab(
        of=Resident.__tablename__,
        endpoint="documents.of_resident",
        argument="resident_id",
        label=lazy("Documents"),
        place=50,
        rows=listed,
    ),
)

CHAPTERS = (
    Chapter(
        of=Resident.__tablename__,
        name="papers",
        label=lazy("Documents"),
        acts=lambda _viewer, resident: (
            belonging(resident, *(table.__tablename__ for table in (Document, DocumentAct, DocumentRequest))),
        ),
    ),
)

NOTABLE = (
    Notable(
        kind=Document.__tablename__,
        get=queries.get_document,
        entry=_entry,
        territory_id=lambda document: document.act.territory_id,
    ),
)
