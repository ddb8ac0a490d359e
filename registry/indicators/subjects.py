"""Which targets and values exist for a viewer, for the journal: what is said of all territories is public."""

from __future__ import annotations

import sqlalchemy as sa

from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.journal.visibility import Subjects

SUBJECTS = {
    IndicatorTarget.__tablename__: Subjects(
        lambda viewer: sa.select(IndicatorTarget.id).where(
            sa.or_(IndicatorTarget.territory_id.is_(None), *viewer.within(IndicatorTarget.territory_id))
        )
    ),
    ExternalValue.__tablename__: Subjects(lambda _viewer: sa.select(ExternalValue.id)),
}
