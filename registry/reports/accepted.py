"""Reading accepted figures: the reports, lines and sums that count, as of two dates."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.reports import rules
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.queries import by_code_point
from registry.reports.rules import LINE_FIELDS, Status
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.territories.models import Territory


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """An accepted report as known at one moment; a later accepted version has taken the place of earlier ones."""

    report_id: int
    resident_id: int
    territory_id: int
    territory_code: str
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None
    year: int
    quarter: int
    version: int
    decided_at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class LineRecord:
    """A line of an accepted report: ``amount`` in tiyn or ``count``, whose it is, and where it stands."""

    report_id: int
    resident_id: int
    territory_id: int
    territory_code: str
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None
    year: int
    quarter: int
    version: int
    position: int
    section: str
    code: str
    amount: int | None
    count: int | None
    country: str | None
    ip_title_no: str | None
    document_kind: str | None
    document_no: str | None
    document_date: date | None


def _quarter_number(year: int, quarter: int) -> int:
    return 4 * year + quarter


def _accepted(
    viewer: Viewer,
    *,
    territory_id: int | None,
    year: int | None,
    quarter: int | None,
    resident_id: int | None,
    as_of: date | None,
    known_at: datetime | None,
) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """The join of accepted reports with period, entry and territory, and what narrows it to the versions in force."""
    later = Report.__table__.alias("later")
    conditions: list[sa.ColumnElement[bool]] = [Report.status == Status.ACCEPTED]
    newer = [
        later.c.resident_id == Report.resident_id,
        later.c.period_id == Report.period_id,
        later.c.version > Report.version,
        later.c.status == Status.ACCEPTED,
    ]
    live: sa.ColumnElement[bool] = Resident.annulled_at.is_(None)
    if known_at is not None:
        conditions.append(Report.decided_at <= known_at)
        newer.append(later.c.decided_at <= known_at)
        live = sa.or_(live, Resident.annulled_at > known_at)
    conditions += [~sa.exists(sa.select(1).select_from(later).where(*newer)), live]
    if territory_id is not None:
        conditions.append(ReportingPeriod.territory_id == territory_id)
    if year is not None:
        conditions.append(ReportingPeriod.year == year)
    if quarter is not None:
        conditions.append(ReportingPeriod.quarter == quarter)
    if resident_id is not None:
        conditions.append(Report.resident_id == resident_id)
    if as_of is not None:
        ended = _quarter_number(*rules.last_ended(as_of))
        conditions.append(4 * ReportingPeriod.year + ReportingPeriod.quarter <= ended)
    conditions += viewer.within(ReportingPeriod.territory_id)
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    source = (
        sa.join(Report, ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .join(Territory, ReportingPeriod.territory_id == Territory.id)
    )
    return source, conditions


_REPORT_COLUMNS = (
    Report.id, Report.resident_id, ReportingPeriod.territory_id, Territory.code, Resident.bin, Resident.name_kk,
    Resident.name_ru, Resident.name_en, ReportingPeriod.year, ReportingPeriod.quarter, Report.version,
)  # fmt: skip


_LINE_COLUMNS = (ReportLine.position, *(getattr(ReportLine, name) for name in LINE_FIELDS))


def _key_order() -> tuple[Any, ...]:
    return (by_code_point(Territory.code), by_code_point(Resident.bin), ReportingPeriod.year.asc(),
            ReportingPeriod.quarter.asc(), Report.id.asc())  # type: ignore[return-value]  # fmt: skip


class _Identity(NamedTuple):
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None


def _identities(viewer: Viewer, as_of: date | None, known_at: datetime | None) -> dict[int, _Identity]:
    """BIN and names as they were on a date and as known at a moment; empty where the present ones are asked for."""
    if as_of is None and known_at is None:
        return {}
    return {
        record.id: _Identity(record.bin, record.name_kk, record.name_ru, record.name_en)
        for record in residents.records(viewer, as_of=as_of, known_at=known_at)
    }


def _identified(rows: Iterable[sa.Row], identities: Mapping[int, _Identity]) -> list[tuple]:
    """The rows with BIN and names put in their place, ordered by the key of ``exchange.md`` 2."""
    if not identities:
        return [tuple(row) for row in rows]
    found = []
    for row in rows:
        identity = identities.get(row[1])
        found.append(tuple(row) if identity is None else (*row[:4], *identity, *row[8:]))
    # A BIN that was another one then sorts where it stood then.
    found.sort(key=lambda row: (row[3], row[4], row[8], row[9], row[0]))
    return found


def accepted_reports(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    resident_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[ReportRecord]:
    """The accepted versions in force: the latest by ``known_at``, of quarters ended by ``as_of`` (``exchange.md`` 3).

    Ordered by territory, BIN, year and quarter; a resident's viewer gets its own.
    """
    source, conditions = _accepted(
        viewer, territory_id=territory_id, year=year, quarter=quarter, resident_id=resident_id, as_of=as_of,
        known_at=known_at,
    )  # fmt: skip
    statement = (
        sa.select(*_REPORT_COLUMNS, Report.decided_at, Report.source)
        .select_from(source)
        .where(*conditions)
        .order_by(*_key_order())
    )
    rows = _identified(db.session.execute(statement), _identities(viewer, as_of, known_at))
    return [ReportRecord(*row) for row in rows]


def accepted_lines(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    resident_id: int | None = None,
    section: str | None = None,
    codes: Collection[str] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[LineRecord]:
    """The lines of :func:`accepted_reports`, in the same order and, within a report, in the lines' own.

    ``section`` and ``codes`` narrow them.
    """
    source, conditions = _accepted(
        viewer, territory_id=territory_id, year=year, quarter=quarter, resident_id=resident_id, as_of=as_of,
        known_at=known_at,
    )  # fmt: skip
    if section is not None:
        conditions.append(ReportLine.section == section)
    if codes is not None:
        conditions.append(ReportLine.code.in_(sorted(codes)))
    statement = (
        sa.select(*_REPORT_COLUMNS, *_LINE_COLUMNS)
        .select_from(source.join(ReportLine, ReportLine.report_id == Report.id))
        .where(*conditions)
        .order_by(*_key_order(), ReportLine.position)
    )
    rows = _identified(db.session.execute(statement), _identities(viewer, as_of, known_at))
    return [LineRecord(*row) for row in rows]
