"""What targets and values entered by hand are called."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa

from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.journal.subjects import About, Subject


def _title(row: IndicatorTarget | ExternalValue) -> str:
    return _("Indicator %(number)s, %(year)s", number=row.indicator, year=row.year)


def _targets(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(IndicatorTarget).where(IndicatorTarget.id.in_(ids)))
    return {row.id: About(_title(row), ("indicators.index", {"year": row.year}), row.territory_id) for row in rows}


def _external_values(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(ExternalValue).where(ExternalValue.id.in_(ids)))
    return {row.id: About(_title(row), ("indicators.external", {})) for row in rows}


SUBJECTS = (
    Subject(
        IndicatorTarget.__tablename__,
        lazy("Target"),
        _targets,
        # What is said of all territories is public.
        lambda viewer: sa.select(IndicatorTarget.id).where(
            sa.or_(IndicatorTarget.territory_id.is_(None), *viewer.within(IndicatorTarget.territory_id))
        ),
    ),
    Subject(
        ExternalValue.__tablename__,
        lazy("External value"),
        _external_values,
        lambda _viewer: sa.select(ExternalValue.id),
    ),
)
