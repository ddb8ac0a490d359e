"""Which accounts exist for a viewer, for the journal."""

from __future__ import annotations

import sqlalchemy as sa

from registry.accounts.models import User
from registry.accounts.queries import visible
from registry.journal.visibility import Subjects

SUBJECTS = {User.__tablename__: Subjects(lambda viewer: sa.select(User.id).where(*visible(viewer)))}
