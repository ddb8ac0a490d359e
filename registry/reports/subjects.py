"""Which periods and reports exist for a viewer, for the journal."""

from __future__ import annotations

import sqlalchemy as sa

from registry.journal.visibility import Subjects
from registry.reports.models import Report, ReportingPeriod

SUBJECTS = {
    ReportingPeriod.__tablename__: Subjects(
        lambda viewer: sa.select(ReportingPeriod.id).where(*viewer.within(ReportingPeriod.territory_id))
    ),
    Report.__tablename__: Subjects(
        lambda viewer: (
            sa.select(Report.id)
            .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
            .where(*viewer.within(ReportingPeriod.territory_id))
        )
    ),
}
