"""Which papers and requests exist for a viewer, for the journal."""

from __future__ import annotations

import sqlalchemy as sa

from registry.journal.visibility import Subjects
from registry.papers.models import Document, DocumentAct, DocumentRequest

SUBJECTS = {
    DocumentAct.__tablename__: Subjects(
        lambda viewer: sa.select(DocumentAct.id).where(*viewer.within(DocumentAct.territory_id))
    ),
    Document.__tablename__: Subjects(
        lambda viewer: (
            sa.select(Document.id)
            .join(DocumentAct, Document.act_id == DocumentAct.id)
            .where(*viewer.within(DocumentAct.territory_id))
        )
    ),
    DocumentRequest.__tablename__: Subjects(
        lambda viewer: sa.select(DocumentRequest.id).where(*viewer.within(DocumentRequest.territory_id))
    ),
}
