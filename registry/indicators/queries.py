"""Reading the indicators: values, what lies behind them, and their course over years and territories.

Everything rests on accepted reports, the registers' records and dated dictionaries, read in bulk: the number of
statements depends neither on the rows nor on how many years and territories are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

import sqlalchemy as sa

from registry.indicators import counted, rules
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.indicators.rules import INDICATORS, YEARS, IndicatorValue
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.numbers import canonical_hundredths
from registry.patents import queries as patents
from registry.patents.queries import PatentRecord
from registry.reports import accepted, totals
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.reports.models import Report
from registry.reports.rules import RESEARCH, Section
from registry.reports.totals import Totals
from registry.residents import queries as residents
from registry.residents.queries import ResidentRecord
from registry.territories.queries import all_territories, territories_of

EXTERNAL, PATENTS = 2, 6
"""The indicator entered by hand."""


def indicators(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[IndicatorValue]:
    """The six indicators of a year, of one territory or of all, in the order of their numbers (``exchange.md`` 3).

    ``as_of`` defaults to today in Asia/Almaty; only what was recorded by ``known_at`` is used.

    Those of all territories are public to every account (``exchange.md`` 5, rule 13).

    :raises NotAllowed: for a viewer without ``VIEW_INDICATORS`` who asks for a territory.
    :raises NotFound: for a territory that does not exist for the viewer.
    """
    if territory_id is not None:
        viewer.require_in(territory_id, Permission.VIEW_INDICATORS)
    material = _read([year], as_of, known_at)
    return material.values(year, territory_id)


def by_territory(
    viewer: Viewer, *, year: int, as_of: date | None = None, known_at: datetime | None = None
) -> dict[int | None, list[IndicatorValue]]:
    """The indicators of a year for all territories together (key None) and for each that exists for the viewer."""
    viewer.require(Permission.VIEW_INDICATORS)
    material = _read([year], as_of, known_at)
    return {scope: material.values(year, scope) for scope in (None, *(row.id for row in territories_of(viewer)))}


class YearSoFar(NamedTuple):
    """An indicator of a year, and what its quarters ended so far add up to, one after the other.

    Only sums of report lines have ``quarters``.
    """

    value: IndicatorValue
    quarters: tuple[int, ...]


def year_so_far(viewer: Viewer, *, year: int, territory_id: int | None = None) -> list[YearSoFar]:
    """:func:`indicators` of a year with its course by quarters, read together."""
    if territory_id is not None:
        viewer.require_in(territory_id, Permission.VIEW_INDICATORS)
    material = _read([year], None, None)
    ended = [quarter for quarter in report_rules.QUARTERS if report_rules.ended_by(year, quarter, material.as_of)]
    return [
        YearSoFar(value, material.course(value.number, year, territory_id, ended))
        for value in material.values(year, territory_id)
    ]


class Overview(NamedTuple):
    """A year by territory and one scope's course over the years, read together."""

    by_territory: dict[int | None, list[IndicatorValue]]
    by_year: dict[int, list[IndicatorValue]]


def overview(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> Overview:
    """:func:`by_territory` of a year of the Concept and :func:`by_year` of one scope."""
    if territory_id is not None:
        viewer.require_territory(territory_id)
    viewer.require(Permission.VIEW_INDICATORS)
    material = _read(YEARS, as_of, known_at)
    scopes = (None, *(row.id for row in territories_of(viewer)))
    return Overview(
        {scope: material.values(year, scope) for scope in scopes},
        {each: material.values(each, territory_id) for each in YEARS},
    )


def by_year(
    viewer: Viewer,
    *,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> dict[int, list[IndicatorValue]]:
    """The indicators of every year of the Concept, 2025 to 2035."""
    viewer.require(Permission.VIEW_INDICATORS)
    if territory_id is not None:
        viewer.require_territory(territory_id)
    material = _read(YEARS, as_of, known_at)
    return {year: material.values(year, territory_id) for year in YEARS}


def figures() -> dict[tuple[int, int, int], int]:
    """What the registers now make of the indicators, by number, year and territory, in hundredths of the unit.

    Those of every year that has figures, whether the Concept names it or not; not the one entered by hand.
    """
    reported = range(report_rules.FIRST_YEAR, report_rules.LAST_YEAR + 1)
    material = _read(reported, date.max, None)
    years = {*reported, *(year for year, _territory in material.patents)}
    return {
        (number, year, territory.id): material.actual(number, year, territory.id) or 0
        for number in INDICATORS
        if number != EXTERNAL
        for year in sorted(years)
        for territory in all_territories()
    }


# --- what lies behind a value ----------------------------------------------------------------------------------------


def counted_lines(
    viewer: Viewer,
    *,
    number: int,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[LineRecord]:
    """The accepted lines that add up to indicator 1, 3, 4 or 5, ordered by territory, BIN, quarter and position.

    :raises KeyError: for an indicator that is not made of lines.
    """
    viewer.require(Permission.VIEW_INDICATORS)
    day = as_of or today()
    section = INDICATORS[number].section
    if section is None:
        raise KeyError(number)
    found = accepted.accepted_lines(
        viewer,
        territory_id=territory_id,
        year=year,
        section=section,
        codes=[RESEARCH] if section is Section.STAFF else None,
        as_of=day,
        known_at=known_at,
    )
    if section is not Section.STAFF:
        return list(filter(totals.line_counts(viewer, as_of=day, known_at=known_at), found))
    counted = totals.counted_reports(viewer, year=year, as_of=day, known_at=known_at)
    found = [line for line in found if line.report_id in counted]
    companies = _counted_for_staff(residents.records(viewer, as_of=day, known_at=known_at), year, day)
    latest: dict[tuple[int, str], int] = {}
    for line in found:
        company = (line.territory_id, line.bin)
        latest[company] = max(latest.get(company, 0), line.quarter)
    return [
        line
        for line in found
        if (company := (line.territory_id, line.bin)) in companies and line.quarter == latest[company]
    ]


def figure(line: LineRecord) -> int:
    """What a line adds to its indicator, in hundredths of the unit."""
    return (line.amount or 0) if line.section != Section.STAFF else 100 * (line.count or 0)


@dataclass(frozen=True)
class CountedPatent:
    """A patent that counts for indicator 6, and why: the holders' entries that took part on the day of registration."""

    patent: PatentRecord
    because_of: tuple[ResidentRecord, ...]


def counted_patents(
    viewer: Viewer,
    *,
    year: int,
    territory_id: int | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> list[CountedPatent]:
    """The patents that make up indicator 6, ordered by date of registration and number."""
    viewer.require(Permission.VIEW_INDICATORS)
    day = as_of or today()
    entries = _Entries(residents.records(viewer, as_of=day, known_at=known_at))
    found = patents.records(viewer, as_of=day, known_at=known_at)
    proofs = patents.proofs(known_at)
    counted = [
        CountedPatent(patent, entries.participants_holding(patent, territory_id))
        for patent in found
        if _counts(patent, year, day, entries, territory_id, known_at, proofs.get(patent.id))
    ]
    return sorted(counted, key=lambda item: (item.patent.registered_on, item.patent.number, item.patent.id))


@dataclass(frozen=True)
class DoubledReport:
    """Two accepted reports of one company and quarter, of which the later counts (``exchange.md`` 5, rule 2).

    ``changes`` say by how much each sum of lines is smaller for it, in hundredths of the unit.
    """

    superseded: Report
    counted: Report
    changes: dict[int, int]

    def __str__(self) -> str:
        entry, period = self.superseded.resident, self.superseded.period
        changes = ", ".join(
            f"indicator {number} {canonical_hundredths(change)}" for number, change in sorted(self.changes.items())
        )
        return (
            f"{entry.territory.code} {entry.bin}, quarter {period.quarter} of {period.year}: report {self.counted.id}"
            f" counts, report {self.superseded.id} is superseded; {changes or 'no indicator changes'}"
        )


def doubled_reports() -> list[DoubledReport]:
    """The reports an earlier release counted twice."""
    found = []
    for superseded, later in totals.doubled():
        changes: dict[int, int] = {}
        for number, indicator in INDICATORS.items():
            section = indicator.section
            if section is None or section is Section.STAFF:
                continue
            period = superseded.period
            codes = totals.counting_codes(section, period.year, period.quarter, period.territory_id)
            lines = [line for line in superseded.lines if line.section == section and line.code in codes]
            if lines:
                changes[number] = -sum(line.amount or 0 for line in lines)
        found.append(DoubledReport(superseded, later, changes))
    return found


# --- targets and hand-entered values ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Target:
    """The target in force of one indicator and year; ``value`` in hundredths of the unit, None = withdrawn."""

    value: int | None
    act_no: str | None
    act_date: date | None


def targets(
    *, as_of: date | None = None, known_at: datetime | None = None
) -> dict[tuple[int, int, int | None], Target]:
    """The latest revision of every target by (indicator, year, territory; None = national).

    A revision holds from its effective date; of two from one day the later recorded one.
    """
    day = as_of or today()
    rows = sa.select(
        IndicatorTarget.indicator,
        IndicatorTarget.year,
        IndicatorTarget.territory_id,
        IndicatorTarget.value,
        IndicatorTarget.act_no,
        IndicatorTarget.act_date,
    ).where(IndicatorTarget.effective_on <= day)
    if known_at is not None:
        rows = rows.where(IndicatorTarget.recorded_at <= known_at)
    rows = rows.order_by(IndicatorTarget.effective_on, IndicatorTarget.recorded_at, IndicatorTarget.id)
    return {
        (row.indicator, row.year, row.territory_id): Target(row.value, row.act_no, row.act_date)
        for row in db.session.execute(rows)
    }


@dataclass(frozen=True, slots=True)
class External:
    """A value entered by hand, in hundredths of the unit, with where it comes from."""

    value: int
    source: str
    edition: str
    effective_on: date


def external_values(*, as_of: date | None = None, known_at: datetime | None = None) -> dict[int, External]:
    """The latest value of indicator 2 by year."""
    day = as_of or today()
    rows = sa.select(ExternalValue).where(ExternalValue.indicator == EXTERNAL, ExternalValue.effective_on <= day)
    if known_at is not None:
        rows = rows.where(ExternalValue.recorded_at <= known_at)
    rows = rows.order_by(ExternalValue.effective_on, ExternalValue.recorded_at, ExternalValue.id)
    return {
        row.year: External(row.value, row.source, row.edition, row.effective_on) for row in db.session.scalars(rows)
    }


# --- the definitions -------------------------------------------------------------------------------------------------


class _Entries:
    """The register's entries, found by BIN."""

    def __init__(self, records: Iterable[ResidentRecord]) -> None:
        self._by_bin: dict[str, list[ResidentRecord]] = {}
        for record in records:
            self._by_bin.setdefault(record.bin, []).append(record)

    def participating(self, bin_: str, day: date, territory_id: int | None) -> list[ResidentRecord]:
        return [
            entry
            for entry in self._by_bin.get(bin_, ())
            if territory_id in (None, entry.territory_id) and entry.participates_on(day)
        ]

    def participants_holding(self, patent: PatentRecord, territory_id: int | None) -> tuple[ResidentRecord, ...]:
        day = patent.registered_on
        bins = [holder.bin for holder in patent.registered_holders_list if holder.bin]
        return tuple(entry for bin_ in bins if day for entry in self.participating(bin_, day, territory_id))


def _counted_for_staff(entries: Iterable[ResidentRecord], year: int, as_of: date) -> set[tuple[int, str]]:
    """The companies, by territory and BIN, whose research specialists count for indicator 3."""
    day = rules.reference_day(year, as_of)
    return {
        (entry.territory_id, entry.bin)
        for entry in entries
        if entry.participates_on(day) and not entry.experimental_on(day)
    }


def _counts(
    patent: PatentRecord,
    year: int,
    as_of: date,
    entries: _Entries,
    territory_id: int | None,
    known_at: datetime | None,
    proof: str | None,
) -> bool:
    """Whether a patent counts for a territory, or for one of those whose participants hold it."""
    held_in = {entry.territory_id for entry in entries.participants_holding(patent, territory_id)}
    return any(
        patents.why_not_counted(
            patent,
            year=year,
            as_of=as_of,
            is_participant_on=lambda bin_, day, place=place: bool(entries.participating(bin_, day, place)),
            territory_id=place,
            known_at=known_at,
            proof=proof,
        )
        is None
        for place in held_in
    )


@dataclass(frozen=True)
class _Material:
    """All that indicators are made of, read once for every year and territory asked for."""

    as_of: date
    totals: Totals
    sums: dict[tuple[int, int, int], int]
    patents: Mapping[tuple[int, int | None], int]
    targets: dict[tuple[int, int, int | None], Target]
    external: dict[int, External]
    by_quarter: dict[tuple[int, int, int, int], int]

    def course(self, number: int, year: int, territory_id: int | None, quarters: Iterable[int]) -> tuple[int, ...]:
        """What the lines of these quarters add up to, each with those before it; nothing for other indicators."""
        if INDICATORS[number].section in {None, Section.STAFF}:
            return ()
        found, total = [], 0
        for quarter in quarters:
            total += sum(
                value
                for (known, of_year, of_quarter, territory), value in self.by_quarter.items()
                if (known, of_year, of_quarter) == (number, year, quarter) and territory_id in (None, territory)
            )
            found.append(total)
        return tuple(found)

    def values(self, year: int, territory_id: int | None) -> list[IndicatorValue]:
        found = []
        for number in INDICATORS:
            target = self.targets.get((number, year, territory_id))
            external = self.external.get(year) if number == EXTERNAL else None
            found.append(
                rules.value_of(
                    number,
                    year=year,
                    territory_id=territory_id,
                    actual=self.actual(number, year, territory_id),
                    target=target.value if target else None,
                    coverage=self._coverage(year, territory_id),
                    source=external.source if external else None,
                    edition=external.edition if external else None,
                )
            )
        return found

    def actual(self, number: int, year: int, territory_id: int | None) -> int | None:
        if number == EXTERNAL:
            external = self.external.get(year)
            return external.value if external else None
        if number == 3:
            found = self.totals.research(year)
            return 100 * sum(people for key, people in found.items() if territory_id in (None, key))
        if number == 6:
            return 100 * self.patents.get((year, territory_id), 0)
        return sum(
            value
            for (known, of_year, territory), value in self.sums.items()
            if (known, of_year) == (number, year) and territory_id in (None, territory)
        )

    def _coverage(self, year: int, territory_id: int | None) -> tuple[int, int]:
        parts = [part for key, part in self.totals.coverage(year).items() if territory_id in (None, key)]
        return sum(part.accepted for part in parts), sum(part.expected for part in parts)


def _read(years: Iterable[int], as_of: date | None, known_at: datetime | None) -> _Material:
    """Read for the registry itself: the sums over all territories are public, and callers leave the others out."""
    day = as_of or today()
    kept = totals.totals(SYSTEM, list(years), as_of=day, known_at=known_at)
    counting = lru_cache(maxsize=None)(totals.counting_codes)
    numbers = {indicator.section: number for number, indicator in INDICATORS.items() if indicator.section}
    sums: dict[tuple[int, int, int], int] = {}
    by_quarter: dict[tuple[int, int, int, int], int] = {}
    for total in kept.codes:
        section = Section(total.section)
        if section is not Section.STAFF and total.code in counting(
            section, total.year, total.quarter, total.territory_id, known_at
        ):
            key = (numbers[section], total.year, total.territory_id)
            sums[key] = sums.get(key, 0) + total.amount
            place = (numbers[section], total.year, total.quarter, total.territory_id)
            by_quarter[place] = by_quarter.get(place, 0) + total.amount
    return _Material(
        as_of=day,
        totals=kept,
        sums=sums,
        patents=counted.by_year(day, known_at),
        targets=targets(as_of=day, known_at=known_at),
        external=external_values(as_of=day, known_at=known_at),
        by_quarter=by_quarter,
    )
