"""Which entries and changes of status exist for a viewer, for the journal: annulled ones too."""

from __future__ import annotations

import sqlalchemy as sa

from registry.journal.visibility import Subjects
from registry.residents.models import Resident, StatusChange

SUBJECTS = {
    Resident.__tablename__: Subjects(
        lambda viewer: sa.select(Resident.id).where(*viewer.within(Resident.territory_id))
    ),
    StatusChange.__tablename__: Subjects(
        lambda viewer: (
            sa.select(StatusChange.id)
            .join(Resident, StatusChange.resident_id == Resident.id)
            .where(*viewer.within(Resident.territory_id))
        )
    ),
}
