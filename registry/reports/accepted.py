"""Reading accepted figures: the reports, lines and sums that count, as of two dates."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal import state
from registry.reports import rules
from registry.reports.models import KeptShare, Report, ReportingPeriod, ReportLine
from registry.reports.queries import by_code_point, takes_back
from registry.reports.rules import LINE_FIELDS, Status
from registry.residents.models import Resident, ResidentState
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
    explanation: str | None


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
    paid: int | None
    offset_in: int | None
    offset_out: int | None
    refunded: int | None


def _quarter_number(year: int, quarter: int) -> int:
    return 4 * year + quarter


def _accepted(
    viewer: Viewer,
    *,
    territory_id: int | None,
    year: int | None,
    quarter: int | None,
    company: tuple[int, str] | None,
    as_of: date | None,
    known_at: datetime | None,
) -> tuple[sa.FromClause, list[sa.ColumnElement[bool]]]:
    """The join of accepted reports with period, entry and territory, and what narrows it to the versions in force."""
    conditions: list[sa.ColumnElement[bool]] = [Report.status == Status.ACCEPTED]
    known = state.known_by(known_at)
    if known_at is None:
        conditions += [in_force(), Resident.annulled_at.is_(None)]
    else:
        conditions += [
            Report.decided_at <= known_at,
            ~_superseded_by(known_at, known),
            ~takes_back(),
            sa.or_(Resident.annulled_at.is_(None), Resident.annulled_at > known_at),
        ]
    if territory_id is not None:
        conditions.append(ReportingPeriod.territory_id == territory_id)
    if year is not None:
        conditions.append(ReportingPeriod.year == year)
    if quarter is not None:
        conditions.append(ReportingPeriod.quarter == quarter)
    if company is not None:
        conditions += [ResidentState.territory_id == company[0], ResidentState.bin == company[1]]
    if as_of is not None:
        ended = _quarter_number(*rules.last_ended(as_of))
        conditions.append(4 * ReportingPeriod.year + ReportingPeriod.quarter <= ended)
    conditions += viewer.within(ReportingPeriod.territory_id)
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    # Of a day before the entry began its first values are told, as known at the moment like those of any day.
    clocks = state.at(ResidentState, as_of=as_of, known=known, before_first=True)
    source = (
        sa.join(Report, ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .join(Territory, ReportingPeriod.territory_id == Territory.id)
        .join(ResidentState, sa.and_(ResidentState.resident_id == Resident.id, *clocks))
    )
    return source, conditions


def in_force() -> sa.ColumnElement[bool]:
    """Whether a report is the one of its company and quarter that was accepted last, as SQL."""
    return sa.exists().where(KeptShare.report_id == Report.id)


def _superseded_by(moment: datetime, known: int | None) -> sa.ColumnElement[bool]:
    """Whether a later report of the company and quarter, under whichever entry, had been accepted by a moment.

    Whose entries they are is told by the numbers they had as known then, whatever was corrected since.
    """
    later, own, entry = aliased(Report), aliased(ResidentState), aliased(ResidentState)
    return sa.exists().where(
        own.resident_id == Report.resident_id,
        *state.at(own, as_of=None, known=known),
        entry.territory_id == own.territory_id,
        entry.bin == own.bin,
        *state.at(entry, as_of=None, known=known),
        later.resident_id == entry.resident_id,
        later.period_id == Report.period_id,
        later.status == Status.ACCEPTED,
        later.decided_at <= moment,
        sa.or_(
            later.decided_at > Report.decided_at,
            sa.and_(later.decided_at == Report.decided_at, later.id > Report.id),
        ),
    )


_REPORT_COLUMNS = (
    Report.id.label("report_id"),
    Report.resident_id,
    ReportingPeriod.territory_id,
    Territory.code.label("territory_code"),
    *(getattr(ResidentState, name) for name in ("bin", "name_kk", "name_ru", "name_en")),
    ReportingPeriod.year,
    ReportingPeriod.quarter,
    Report.version,
)


_LINE_COLUMNS = (ReportLine.position, *(getattr(ReportLine, name) for name in LINE_FIELDS))


def _key_order() -> tuple[sa.ColumnElement[Any], ...]:
    """The order of the key of ``exchange.md`` 2."""
    return (
        by_code_point(Territory.code),
        by_code_point(ResidentState.bin),
        ReportingPeriod.year.asc(),
        ReportingPeriod.quarter.asc(),
        Report.id.asc(),
    )


def accepted_reports(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    company: tuple[int, str] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[ReportRecord]:
    """The accepted versions in force: the latest by ``known_at``, of quarters ended by ``as_of`` (``exchange.md`` 3).

    Ordered by territory, BIN, year and quarter; a resident's viewer gets its own. ``company`` (territory id and BIN)
    leaves those of one, under whichever of its entries they were sent.
    """
    source, conditions = _accepted(
        viewer,
        territory_id=territory_id,
        year=year,
        quarter=quarter,
        company=company,
        as_of=as_of,
        known_at=known_at,
    )
    statement = (
        sa.select(*_REPORT_COLUMNS, Report.decided_at, Report.source, Report.explanation)
        .select_from(source)
        .where(*conditions)
        .order_by(*_key_order())
    )
    return [ReportRecord(*row) for row in db.session.execute(statement)]


def accepted_lines(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    since_year: int | None = None,
    quarter: int | None = None,
    company: tuple[int, str] | None = None,
    section: str | None = None,
    codes: Collection[str] | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[LineRecord]:
    """The lines of :func:`accepted_reports`, in the same order and, within a report, in the lines' own.

    ``section`` and ``codes`` narrow them, and ``since_year`` leaves those of this year and later ones.
    """
    source, conditions = _accepted(
        viewer,
        territory_id=territory_id,
        year=year,
        quarter=quarter,
        company=company,
        as_of=as_of,
        known_at=known_at,
    )
    if since_year is not None:
        conditions.append(ReportingPeriod.year >= since_year)
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
    return [LineRecord(*row) for row in db.session.execute(statement)]
