"""Which territories exist for a viewer, for the journal."""

from __future__ import annotations

import sqlalchemy as sa

from registry.journal.visibility import Subjects
from registry.territories.models import Territory

SUBJECTS = {
    Territory.__tablename__: Subjects(lambda viewer: sa.select(Territory.id).where(*viewer.within(Territory.id))),
}
