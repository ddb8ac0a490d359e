"""Reading periods, reports and accepted figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from registry.errors import NotFound
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.reports import rules
from registry.reports.models import Report, ReportingPeriod, ReportLine
from registry.reports.rules import LINE_FIELDS, RESEARCH, Line, Section, Standing, Status
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.queries import ResidentRecord
from registry.residents.rules import Change, participates_in
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


@dataclass(frozen=True, slots=True)
class LineTotal:
    """The sum of a code's accepted lines in a territory and quarter; ``lines`` is how many there are."""

    territory_id: int
    territory_code: str
    year: int
    quarter: int
    code: str
    amount: int
    count: int
    lines: int


class Coverage(NamedTuple):
    """How many resident-quarters have an accepted report, of how many that should."""

    accepted: int
    expected: int


# --- accepted figures -------------------------------------------------------------------------------------------------


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


def _by_code_point(column: Any) -> sa.ColumnElement[str]:
    return sa.collate(column, "BINARY" if db.engine.dialect.name == "sqlite" else "C")


def _key_order() -> tuple[Any, ...]:
    return (_by_code_point(Territory.code), _by_code_point(Resident.bin), ReportingPeriod.year.asc(),
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


def line_totals(
    viewer: Viewer,
    section: str,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[LineTotal]:
    """Sums of a section's accepted lines by territory, quarter and code, in one statement.

    Whether a code counts depends on the quarter (dated dictionaries), so quarters stand apart.
    """
    source, conditions = _accepted(
        viewer, territory_id=territory_id, year=year, quarter=None, resident_id=None, as_of=as_of, known_at=known_at
    )
    keys = (
        ReportingPeriod.territory_id,
        Territory.code,
        ReportingPeriod.year,
        ReportingPeriod.quarter,
        ReportLine.code,
    )
    statement = (
        sa.select(*keys, sa.func.sum(ReportLine.amount), sa.func.sum(ReportLine.count), sa.func.count())
        .select_from(source.join(ReportLine, ReportLine.report_id == Report.id))
        .where(*conditions, ReportLine.section == section)
        .group_by(*keys)
        .order_by(ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter, ReportLine.code)
    )
    return [LineTotal(*row[:5], int(row[5] or 0), int(row[6] or 0), row[7]) for row in db.session.execute(statement)]


def latest_staff(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[LineRecord]:
    """The research specialists of each entry's latest accepted quarter of the year that has such a line.

    Whose specialists count for indicator 3 is the indicator's business (``exchange.md`` 3).
    """
    found = accepted_lines(
        viewer, year=year, territory_id=territory_id, section=Section.STAFF, codes=[RESEARCH], as_of=as_of,
        known_at=known_at,
    )  # fmt: skip
    latest: dict[int, int] = {}
    for line in found:
        latest[line.resident_id] = max(latest.get(line.resident_id, 0), line.quarter)
    return [line for line in found if line.quarter == latest[line.resident_id]]


# --- completeness -----------------------------------------------------------------------------------------------------


def coverage(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    entries: Sequence[ResidentRecord] | None = None,
) -> Coverage:
    """Accepted and expected resident-quarters of a year (``exchange.md`` 3); see :func:`coverage_by_territory`."""
    found = coverage_by_territory(viewer, year=year, as_of=as_of, known_at=known_at, entries=entries)
    if territory_id is not None:
        return found.get(territory_id, Coverage(0, 0))
    return Coverage(sum(part.accepted for part in found.values()), sum(part.expected for part in found.values()))


def coverage_by_territory(
    viewer: Viewer,
    *,
    year: int,
    as_of: date | None = None,
    known_at: datetime | None = None,
    entries: Sequence[ResidentRecord] | None = None,
    accepted: Iterable[AcceptedQuarter] | None = None,
) -> dict[int, Coverage]:
    """Coverage of each territory that expects a report of the year.

    A company's quarter is expected when it took part on at least one day of it and the quarter has ended by
    ``as_of``; two entries of one company in a territory expect one report. ``entries`` are the register's records of
    the same two dates and ``accepted`` the :func:`accepted_quarters`, when the caller has them already.
    """
    if entries is None:
        entries = residents.records(viewer, as_of=as_of, known_at=known_at)
    if accepted is None:
        accepted = accepted_quarters(viewer, year=year, as_of=as_of, known_at=known_at)
    quarters = [
        (quarter, rules.first_day(year, quarter), rules.last_day(year, quarter))
        for quarter in rules.QUARTERS
        if as_of is None or rules.ended_by(year, quarter, as_of)
    ]
    expected: dict[int, set[tuple[str, int]]] = {}
    for entry in entries:
        ended_on = entry.excluded_on
        for quarter, first, last in quarters:
            if participates_in(entry.registered_on, ended_on, first, last):
                expected.setdefault(entry.territory_id, set()).add((entry.bin, quarter))
    bins = {entry.id: entry.bin for entry in entries}
    reported: dict[int, set[tuple[str, int]]] = {}
    for item in accepted:
        if item.year == year:
            key = (bins.get(item.resident_id, item.bin), item.quarter)
            reported.setdefault(item.territory_id, set()).add(key)
    return {
        territory: Coverage(len(wanted & reported.get(territory, set())), len(wanted))
        for territory, wanted in sorted(expected.items())
    }


@dataclass(frozen=True, slots=True)
class AcceptedQuarter:
    """A company's quarter with an accepted report; ``research`` are the specialists it states, None where none."""

    resident_id: int
    territory_id: int
    bin: str
    year: int
    quarter: int
    research: int | None


def accepted_quarters(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    year: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[AcceptedQuarter]:
    """The quarters of :func:`accepted_reports`, of every year unless one is named, in one statement.

    ``bin`` is the entry's present one.
    """
    source, conditions = _accepted(
        viewer, territory_id=territory_id, year=year, quarter=None, resident_id=None, as_of=as_of, known_at=known_at
    )
    # Summed apart: joined line by line, SQLite would walk through every report's lines for each report.
    research = (
        sa.select(ReportLine.report_id, sa.func.sum(ReportLine.count).label("people"))
        .where(ReportLine.section == Section.STAFF, ReportLine.code == RESEARCH)
        .group_by(ReportLine.report_id)
        .subquery()
    )
    statement = (
        sa.select(
            Report.resident_id,
            ReportingPeriod.territory_id,
            Resident.bin,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            research.c.people,
        )
        .select_from(source.outerjoin(research, research.c.report_id == Report.id))
        .where(*conditions)
        .order_by(Report.resident_id, ReportingPeriod.year, ReportingPeriod.quarter)
    )
    return [AcceptedQuarter(*row[:5], None if row[5] is None else int(row[5])) for row in db.session.execute(statement)]


@dataclass(frozen=True, slots=True)
class Cell:
    """A resident's quarter on the board; ``report_id`` is its newest version, if there is one."""

    standing: Standing
    report_id: int | None = None
    version: int | None = None
    correcting: bool = False


def exclusions(ids: Collection[int]) -> dict[int, date]:
    """The day each of these entries was excluded, for those that were."""
    rows = db.session.execute(
        sa.select(StatusChange.resident_id, StatusChange.effective_on).where(
            StatusChange.resident_id.in_(ids),
            StatusChange.change == Change.EXCLUDED,
            StatusChange.annulled_at.is_(None),
        )
    )
    return {row.resident_id: row.effective_on for row in rows}


def standings(
    viewer: Viewer,
    entries: Sequence[tuple[Resident, date | None]],
    quarters: Sequence[tuple[int, int]],
    today: date,
) -> dict[tuple[int, int, int], Cell]:
    """How each entry (with the day it was excluded) stands with each quarter, in two statements.

    Keys are (entry, year, quarter).
    """
    ids = [entry.id for entry, _ended in entries]
    if not ids:
        return {}
    years = {year for year, _quarter in quarters}
    dues = {
        (territory, year, quarter): due
        for territory, year, quarter, due in db.session.execute(
            sa.select(
                ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter, ReportingPeriod.due_on
            ).where(ReportingPeriod.year.in_(years))
        )
    }
    versions: dict[tuple[int, int, int], list[tuple[int, int, str]]] = {}
    for resident, year, quarter, report, version, status in db.session.execute(
        sa.select(
            Report.resident_id, ReportingPeriod.year, ReportingPeriod.quarter, Report.id, Report.version, Report.status
        )
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
        .where(Report.resident_id.in_(ids), ReportingPeriod.year.in_(years))
        .order_by(Report.version, Report.id)
    ):
        versions.setdefault((resident, year, quarter), []).append((report, version, status))
    found = {}
    for entry, ended_on in entries:
        for year, quarter in quarters:
            first, last = rules.first_day(year, quarter), rules.last_day(year, quarter)
            due = dues.get((entry.territory_id, year, quarter)) or rules.proposed_dates(year, quarter).due_on
            known = versions.get((entry.id, year, quarter), [])
            status = _shown_status([status for _report, _version, status in known])
            standing = rules.standing(
                participates_in(entry.registered_on, ended_on, first, last),
                status,
                rules.ended_by(year, quarter, today),
                due,
                today,
            )
            visible = [item for item in known if item[2] != Status.DRAFT or viewer.company_bin is not None]
            found[entry.id, year, quarter] = Cell(
                standing,
                visible[-1][0] if visible else None,
                known[-1][1] if known else None,
                correcting=len(known) > 1 and known[-1][2] != Status.ACCEPTED,
            )
    return found


def _shown_status(statuses: Sequence[str]) -> str | None:
    """The newest version's status, except that an accepted report stays accepted until its correction is sent."""
    if not statuses:
        return None
    if statuses[-1] in (Status.DRAFT, Status.RETURNED) and len(statuses) > 1:
        return statuses[-2]
    return statuses[-1]


def board_statement(
    viewer: Viewer, *, year: int, language: str, today: date, territory_id: int | None = None, search: str = ""
) -> sa.Select[Resident, date]:
    """The entries that took part on at least one day of the year, in alphabetical order, for the board.

    Each with the day it was excluded, if it was.
    """
    excluded = _excluded_on()
    statement = residents.list_statement(
        viewer, day=today, language=language, territory_id=territory_id, search=search, registered_to=date(year, 12, 31)
    ).where(sa.or_(excluded.is_(None), excluded > date(year, 1, 1)))
    return statement.with_only_columns(Resident, excluded.label("excluded_on"), maintain_column_froms=True)


def _excluded_on() -> sa.ScalarSelect[date]:
    return (
        sa.select(StatusChange.effective_on)
        .where(
            StatusChange.resident_id == Resident.id,
            StatusChange.change == Change.EXCLUDED,
            StatusChange.annulled_at.is_(None),
        )
        .limit(1)
        .correlate(Resident)
        .scalar_subquery()
    )


# --- periods and reports ----------------------------------------------------------------------------------------------


def periods(territory_id: int | None = None) -> list[ReportingPeriod]:
    """Every period opened, the latest first."""
    statement = sa.select(ReportingPeriod)
    if territory_id is not None:
        statement = statement.where(ReportingPeriod.territory_id == territory_id)
    order = (ReportingPeriod.year.desc(), ReportingPeriod.quarter.desc(), ReportingPeriod.territory_id)
    return list(db.session.scalars(statement.order_by(*order)))


def get_period(period_id: int) -> ReportingPeriod:
    """:raises NotFound: when there is no such period."""
    period = db.session.get(ReportingPeriod, period_id)
    if period is None:
        raise NotFound(lazy("There is no such reporting period."))
    return period


def find_period(territory_id: int, year: int, quarter: int) -> ReportingPeriod | None:
    """A territory's quarter, if it was opened."""
    return db.session.scalar(
        sa.select(ReportingPeriod).where(
            ReportingPeriod.territory_id == territory_id,
            ReportingPeriod.year == year,
            ReportingPeriod.quarter == quarter,
        )
    )


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions (over report joined with entry) that leave a viewer what it may see.

    A draft is the resident's own until it is sent.
    """
    conditions: list[sa.ColumnElement[bool]] = [Resident.annulled_at.is_(None)]
    if viewer.company_bin is not None:
        conditions.append(Resident.bin == viewer.company_bin)
    else:
        conditions.append(Report.status != Status.DRAFT)
    return conditions


def get_report(report_id: int, viewer: Viewer) -> Report:
    """:raises NotFound: when there is no such report, it is another company's, or a draft of the resident's."""
    report = db.session.scalar(
        sa.select(Report)
        .join(Resident, Report.resident_id == Resident.id)
        .where(Report.id == report_id, *visible(viewer))
        .options(selectinload(Report.lines))
    )
    if report is None:
        raise NotFound(lazy("There is no such report."))
    return report


def list_statement(
    viewer: Viewer,
    *,
    today: date,
    territory_id: int | None = None,
    year: int | None = None,
    quarter: int | None = None,
    status: str = "",
    search: str = "",
    resident_id: int | None = None,
) -> sa.Select[Report]:
    """The newest version of each report, the latest quarter first; ``status`` may also be ``late``.

    ``late`` are returned reports whose due day has passed (a quarter without any report is on the board).
    """
    later = Report.__table__.alias("later")
    seen = [
        later.c.resident_id == Report.resident_id,
        later.c.period_id == Report.period_id,
        later.c.version > Report.version,
    ]
    if viewer.company_bin is None:
        seen.append(later.c.status != Status.DRAFT)
    newest = ~sa.exists(sa.select(1).select_from(later).where(*seen))
    statement = (
        sa.select(Report)
        .join(Resident, Report.resident_id == Resident.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .where(*visible(viewer), newest)
    )
    if territory_id is not None:
        statement = statement.where(ReportingPeriod.territory_id == territory_id)
    if year is not None:
        statement = statement.where(ReportingPeriod.year == year)
    if quarter is not None:
        statement = statement.where(ReportingPeriod.quarter == quarter)
    if status == Standing.LATE:
        statement = statement.where(Report.status.in_(sorted(rules.EDITABLE)), ReportingPeriod.due_on < today)
    elif status:
        statement = statement.where(Report.status == status)
    if search.strip():
        statement = statement.where(Resident.search.like(residents.search_pattern(search), escape="\\"))
    if resident_id is not None:
        statement = statement.where(Report.resident_id == resident_id)
    return statement.order_by(
        ReportingPeriod.year.desc(), ReportingPeriod.quarter.desc(), _by_code_point(Resident.sort_kk), Report.id
    )


def version_ids(statement: sa.Select[Report]) -> set[int]:
    """Every version of the reports a list shows: what an export of accepted lines is limited to."""
    shown = statement.with_only_columns(Report.resident_id, Report.period_id, maintain_column_froms=True)
    pairs = shown.order_by(None).subquery()
    same = sa.and_(pairs.c.resident_id == Report.resident_id, pairs.c.period_id == Report.period_id)
    return set(db.session.scalars(sa.select(Report.id).join(pairs, same)))


def versions(report: Report, viewer: Viewer) -> list[Report]:
    """Every version of the same report the viewer may see, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Report)
            .join(Resident, Report.resident_id == Resident.id)
            .where(Report.resident_id == report.resident_id, Report.period_id == report.period_id, *visible(viewer))
            .options(selectinload(Report.lines))
            .order_by(Report.version)
        )
    )


def versions_of(resident_id: int, period_id: int) -> list[tuple[int, int, str]]:
    """(id, version, status) of every version, oldest first, for the services."""
    rows = db.session.execute(
        sa.select(Report.id, Report.version, Report.status)
        .where(Report.resident_id == resident_id, Report.period_id == period_id)
        .order_by(Report.version)
    )
    return [tuple(row) for row in rows]


def lines_of(report_id: int) -> list[Line]:
    """The lines of a report in their order."""
    columns = [getattr(ReportLine, name) for name in LINE_FIELDS]
    rows = db.session.execute(
        sa.select(*columns).where(ReportLine.report_id == report_id).order_by(ReportLine.position)
    )
    return [Line(*row) for row in rows]


def as_lines(report: Report) -> list[Line]:
    """The lines of a report already read, in their order."""
    return [Line(**{name: getattr(row, name) for name in LINE_FIELDS}) for row in report.lines]


def previous_lines(resident: Resident, year: int, quarter: int) -> list[Line] | None:
    """The company's accepted lines of the quarter before, in the same territory; None when there is no such report."""
    before = rules.preceding(year, quarter)
    later = Report.__table__.alias("later")
    newer = sa.exists(
        sa.select(1)
        .select_from(later)
        .where(
            later.c.resident_id == Report.resident_id,
            later.c.period_id == Report.period_id,
            later.c.version > Report.version,
            later.c.status == Status.ACCEPTED,
        )
    )
    report_id = db.session.scalar(
        sa.select(Report.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .join(Resident, Report.resident_id == Resident.id)
        .where(
            Resident.bin == resident.bin,
            Resident.annulled_at.is_(None),
            ReportingPeriod.territory_id == resident.territory_id,
            ReportingPeriod.year == before[0],
            ReportingPeriod.quarter == before[1],
            Report.status == Status.ACCEPTED,
            ~newer,
        )
        .order_by(Report.id.desc())
        .limit(1)
    )
    return None if report_id is None else lines_of(report_id)


@dataclass(frozen=True, slots=True)
class Submission:
    """What was sent at one time, as the journal keeps it."""

    sequence: int
    recorded_at: datetime
    lines: tuple[Line, ...]


def submissions(report: Report) -> list[Submission]:
    """What was sent for this version, oldest first."""
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, report.id)], actions=[Action.REPORT_SUBMITTED], limit=1000
    )
    found: list[Submission] = []
    for entry in reversed(entries):
        if "lines" in entry.changes:
            lines = tuple(line_from_journal(values) for values in entry.changes["lines"][1])
        else:
            lines = found[-1].lines if found else ()
        found.append(Submission(entry.sequence, entry.recorded_at, lines))
    return found


@dataclass(frozen=True)
class LineEvent:
    """What became of the figures under one code by one act on a report; ``changed`` tells them from those before."""

    entry: journal.HistoryEntry
    version: int
    report_id: int
    lines: tuple[Line, ...]
    changed: bool

    @property
    def figure(self) -> int | None:
        """The sum of the figures; None where there is none."""
        found = [line.figure for line in self.lines if line.figure is not None]
        return sum(found) if found else None


def line_history(report: Report, section: str, code: str, viewer: Viewer) -> list[LineEvent]:
    """The figures under a code through every sending, return and acceptance of a report and its corrections.

    Oldest first. All of it stands in the journal, where nothing is lost when a draft is changed (``design.md`` 10,
    task 4).
    """
    numbers = {row.id: row.version for row in versions(report, viewer)}
    entries, _total = journal.history(
        subjects=[(Report.__tablename__, key) for key in numbers],
        actions=[Action.REPORT_SUBMITTED, Action.REPORT_RETURNED, Action.REPORT_ACCEPTED],
        limit=1000,
    )
    found: list[LineEvent] = []
    standing: tuple[Line, ...] = ()
    for entry in reversed(entries):
        before = standing
        if "lines" in entry.changes:
            sent = map(line_from_journal, entry.changes["lines"][1])
            standing = tuple(line for line in sent if (line.section, line.code) == (section, code))
        found.append(LineEvent(entry, numbers[entry.subject_id], entry.subject_id, standing, standing != before))
    return found


def line_from_journal(values: Mapping[str, Any]) -> Line:
    """A line as the journal keeps it (:func:`registry.reports.services.journal_lines`), turned back."""
    fields = dict(values)
    if fields.get("document_date"):
        fields["document_date"] = date.fromisoformat(str(fields["document_date"]))
    return Line(**fields)


def findings(report: Report, lines: Sequence[Line], none: Collection[str], today: date) -> list[rules.Finding]:
    """Everything the rules have to say about a report, by line."""
    period = report.period
    ends = rules.last_day(period.year, period.quarter)
    found = rules.line_problems(lines, ends, today, reference.is_valid)
    found += rules.report_problems(lines, none)
    before = previous_lines(report.resident, period.year, period.quarter)
    found += rules.warnings(lines, counts_on(ends), None if before is None else rules.totals(before))
    return sorted(found, key=lambda finding: (finding.position is None, finding.position or 0))


def counts_on(day: date) -> Callable[[str, str], bool]:
    """Whether a (section, code) counts for its indicator on a day."""
    counting = {
        str(section): reference.counting_codes(dictionary, day) for section, dictionary in rules.DICTIONARIES.items()
    }
    return lambda section, code: code in counting.get(section, frozenset())


# --- home pages -------------------------------------------------------------------------------------------------------


def to_review(viewer: Viewer, *, territory_id: int | None = None) -> sa.Select[Report]:
    """Reports that wait for the company's decision, the oldest first."""
    return _waiting(viewer, Status.SUBMITTED, territory_id).order_by(Report.submitted_at, Report.id)


def hanging(viewer: Viewer, *, territory_id: int | None = None) -> sa.Select[Report]:
    """Returned reports that have not come back, the oldest first."""
    return _waiting(viewer, Status.RETURNED, territory_id).order_by(Report.decided_at, Report.id)


def _waiting(viewer: Viewer, status: Status, territory_id: int | None) -> sa.Select[Report]:
    statement = (
        sa.select(Report)
        .join(Resident, Report.resident_id == Resident.id)
        .join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        .where(Report.status == status, *visible(viewer))
    )
    if territory_id is not None:
        statement = statement.where(ReportingPeriod.territory_id == territory_id)
    return statement


def next_to_review(viewer: Viewer, after: Report | None = None) -> int | None:
    """The report to decide on next, the oldest of all that wait; of the same territory first."""
    if after is not None:
        same = db.session.scalar(
            to_review(viewer, territory_id=after.resident.territory_id).with_only_columns(Report.id).limit(1)
        )
        if same is not None:
            return same
    return db.session.scalar(to_review(viewer).with_only_columns(Report.id).limit(1))


def count(statement: sa.Select[Report]) -> int:
    """How many reports a statement of this module finds."""
    inner = statement.with_only_columns(Report.id, maintain_column_froms=True).order_by(None).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(inner)) or 0


@dataclass(frozen=True, slots=True)
class LateReport:
    """A quarter whose due day has passed without a report the company could decide on."""

    resident_id: int
    territory_id: int
    bin: str
    name_kk: str
    name_ru: str
    name_en: str | None
    year: int
    quarter: int
    due_on: date
    status: str | None


def late(viewer: Viewer, *, today: date, territory_id: int | None = None) -> list[LateReport]:
    """Quarters opened, due and neither sent nor accepted, the longest overdue first, in one statement."""
    excluded = _excluded_on()
    sent = sa.exists(
        sa.select(1).where(
            Report.resident_id == Resident.id,
            Report.period_id == ReportingPeriod.id,
            Report.status.in_([Status.SUBMITTED, Status.ACCEPTED]),
        )
    )
    begun = (
        sa.select(Report.status)
        .where(Report.resident_id == Resident.id, Report.period_id == ReportingPeriod.id)
        .order_by(Report.version.desc())
        .limit(1)
        .scalar_subquery()
    )
    statement = (
        sa.select(
            Resident.id, Resident.territory_id, Resident.bin, Resident.name_kk, Resident.name_ru, Resident.name_en,
            ReportingPeriod.year, ReportingPeriod.quarter, ReportingPeriod.due_on, begun, Resident.registered_on,
            excluded,
        )
        .join(ReportingPeriod, ReportingPeriod.territory_id == Resident.territory_id)
        .where(*residents.visible(viewer), ReportingPeriod.due_on < today, ~sent)
        .order_by(ReportingPeriod.due_on, _by_code_point(Resident.sort_kk), Resident.id)
    )  # fmt: skip
    if territory_id is not None:
        statement = statement.where(Resident.territory_id == territory_id)
    found = []
    for row in db.session.execute(statement):
        values: tuple[Any, ...] = tuple(row)
        late_report, registered_on, ended_on = LateReport(*values[:-2]), values[-2], values[-1]
        quarter = late_report.year, late_report.quarter
        if participates_in(registered_on, ended_on, rules.first_day(*quarter), rules.last_day(*quarter)):
            found.append(late_report)
    return found


@dataclass(frozen=True, slots=True)
class Duty:
    """A report the resident has to fill in or has sent, with its three dates."""

    resident: Resident
    period: ReportingPeriod
    report: Report | None
    standing: Standing

    @property
    def is_open(self) -> bool:
        """Whether the resident still has to act."""
        return self.report is None or self.report.status in rules.EDITABLE


def my_duty(viewer: Viewer, today: date) -> list[Duty]:
    """The resident's open duties, the earliest due first: quarters to report on, drafts, returned reports, corrections.

    The reason of a return is the report's ``decision_note``.
    """
    if viewer.company_bin is None:
        return []
    entries = list(db.session.scalars(sa.select(Resident).where(*residents.visible(viewer)).order_by(Resident.id)))
    if not entries:
        return []
    ids = [entry.id for entry in entries]
    ended = exclusions(ids)
    open_periods = db.session.scalars(
        sa.select(ReportingPeriod)
        .where(
            ReportingPeriod.territory_id.in_({entry.territory_id for entry in entries}),
            ReportingPeriod.opens_on <= today,
        )
        .order_by(ReportingPeriod.due_on, ReportingPeriod.id)
    ).all()
    newest: dict[tuple[int, int], Report] = {}
    for report in db.session.scalars(
        sa.select(Report).where(Report.resident_id.in_(ids)).order_by(Report.version, Report.id)
    ):
        newest[report.resident_id, report.period_id] = report
    found = []
    for period in open_periods:
        first, last = rules.first_day(period.year, period.quarter), rules.last_day(period.year, period.quarter)
        for entry in entries:
            report = newest.get((entry.id, period.id))
            if entry.territory_id != period.territory_id:
                continue
            if report is None and not participates_in(entry.registered_on, ended.get(entry.id), first, last):
                continue
            standing = rules.standing(True, report.status if report else None, last <= today, period.due_on, today)
            duty = Duty(entry, period, report, standing)
            if duty.is_open:
                found.append(duty)
    return found
