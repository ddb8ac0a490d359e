"""Totals of accepted figures, kept so that the indicators of all years cost the same however many lines there are.

Kept are, by territory: the sums of accepted lines by quarter, section and code, those of quarters in which the company
took no part apart (``exchange.md`` 5, rule 3); and for three measures by how much they change on a day: companies that
owe a report, companies whose report was accepted or sent, and research specialists, whose sum over the days up to any
``as_of`` is the figure of that day. That is enough because whether a company took part in a quarter ended by a day
depends only on acts effective by its end. A moment of the past is folded from the acts known then.

A company is a territory and a BIN, whatever its entries; it has one report a quarter, the latest one accepted.
"""

from __future__ import annotations

import enum
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import Base, before_commit, db, in_parts
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reports import rules
from registry.reports.accepted import LineRecord
from registry.reports.completeness import exclusions
from registry.reports.models import KeptLines, KeptShare, KeptStep, Report, ReportingPeriod, ReportLine
from registry.reports.queries import takes_back
from registry.reports.rules import RESEARCH, Section, Status
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import participates_on


class Measure(enum.StrEnum):
    """What is kept by day."""

    EXPECTED = "expected"
    SENT = "sent"
    ACCEPTED = "accepted"
    RESEARCH = "research"
    COUNTED = "counted"
    """No measure: which report counts."""


Company = tuple[int, str]
"""Territory and BIN."""

Place = tuple[str, int, date]
"""Measure, year and day."""

Shares = dict[Place, tuple[int, int | None]]
"""What a company adds: the change of the measure, or whether the report that counts lies outside participation."""


# --- what a company adds ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Entry:
    """When a company took part under one entry, and from when on it was an experimental production plant or not."""

    registered_on: date
    excluded_on: date | None
    experimental: Sequence[tuple[date, bool]] = ()

    @property
    def quarters(self) -> range:
        """The places (:func:`_place`) of the quarters in which the company took part on at least one day."""
        last = _place(rules.LAST_YEAR, 4)
        if self.excluded_on is not None:
            if self.excluded_on <= self.registered_on:
                return range(0)
            last = min(last, _place(*rules.quarter_of(self.excluded_on - timedelta(days=1))))
        return range(max(_place(*rules.quarter_of(self.registered_on)), 0), last + 1)

    def counts_staff_on(self, day: date) -> bool:
        flags = [flag for since, flag in self.experimental if since <= day]
        return participates_on(self.registered_on, self.excluded_on, day) and not (flags and flags[-1])

    def turns(self) -> Iterator[date]:
        yield self.registered_on
        if self.excluded_on is not None:
            yield self.excluded_on
        for since, _flag in self.experimental:
            yield since


@dataclass(frozen=True, slots=True)
class Sent:
    """A quarter for which a company has sent a report, returned since or not: the accepted one, if any, and the
    specialists it states.
    """

    year: int
    quarter: int
    report_id: int | None = None
    research: int | None = None


@dataclass
class Known:
    """What is known of one company."""

    entries: list[Entry] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    def quarters(self) -> set[int]:
        """The places of the quarters in which it took part under any of its entries."""
        return {place for entry in self.entries for place in entry.quarters}


def _place(year: int, quarter: int) -> int:
    """Where a quarter stands among all that can be reported on, the first of them at 0."""
    return len(rules.QUARTERS) * (year - rules.FIRST_YEAR) + quarter - 1


def shares(known: Known, outside_counts: Callable[[int, int], bool] = lambda _year, _quarter: False) -> Shares:
    """What a company adds to the totals.

    ``outside_counts(year, quarter)`` says whether figures of a quarter in which it took no part count all the same.
    """
    found: Shares = {}
    taken = known.quarters()
    before = False
    for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1):
        for quarter in rules.QUARTERS:
            inside = _place(year, quarter) in taken
            if inside != before:
                found[Measure.EXPECTED, 0, rules.first_day(year, quarter)] = (1 if inside else -1, None)
            before = inside
    research: dict[int, list[Sent]] = defaultdict(list)
    for item in known.sent:
        last, inside = rules.last_day(item.year, item.quarter), _place(item.year, item.quarter) in taken
        if inside:
            found[Measure.SENT, item.year, last] = (1, None)
        if item.report_id is not None:
            counts = inside or outside_counts(item.year, item.quarter)
            found[Measure.COUNTED, item.year, last] = (int(not counts), item.report_id)
            if inside:
                found[Measure.ACCEPTED, item.year, last] = (1, None)
            if counts and item.research is not None:
                research[item.year].append(item)
    for year, stated in research.items():
        found |= _research_shares(year, sorted(stated, key=lambda item: item.quarter), known.entries)
    return found


def _research_shares(year: int, stated: Sequence[Sent], entries: Sequence[Entry]) -> Shares:
    """The specialists of the latest quarter that states them, on each day on which the company counts for them."""
    ends = [rules.last_day(year, item.quarter) for item in stated]
    days = {*ends, *(day for entry in entries for day in entry.turns() if ends[0] < day <= date(year, 12, 31))}
    found: Shares = {}
    before = 0
    for day in sorted(days):
        people = 0
        if any(entry.counts_staff_on(day) for entry in entries):
            people = next(item.research or 0 for item, end in zip(stated[::-1], ends[::-1], strict=True) if end <= day)
        if people != before:
            found[Measure.RESEARCH, year, day] = (people - before, None)
        before = people
    return found


# --- reading ----------------------------------------------------------------------------------------------------------


class Coverage(NamedTuple):
    """How many companies' quarters have an accepted report, of how many that should."""

    accepted: int
    expected: int


@dataclass(frozen=True, slots=True)
class CodeTotal:
    """The sum of a code's accepted lines in a territory and quarter in which their companies took part."""

    territory_id: int
    year: int
    quarter: int
    section: str
    code: str
    amount: int
    count: int
    lines: int

    def __add__(self, other: CodeTotal) -> CodeTotal:
        return replace(
            self, amount=self.amount + other.amount, count=self.count + other.count, lines=self.lines + other.lines
        )


@dataclass(frozen=True)
class Totals:
    """The totals of some years as of a day."""

    as_of: date
    codes: list[CodeTotal]
    steps: Mapping[tuple[str, int], list[tuple[date, int, int]]]
    """(day, territory, change) by measure and year, in the order of the days."""

    def coverage(self, year: int, quarters: Iterable[int] = rules.QUARTERS) -> dict[int, Coverage]:
        """Accepted and expected reports of a year's ended quarters, or of these among them, by territory."""
        found: dict[int, Coverage] = {}
        for quarter in quarters:
            if not rules.ended_by(year, quarter, self.as_of):
                continue
            last = rules.last_day(year, quarter)
            expected = self._sums(Measure.EXPECTED, 0, rules.first_day(year, quarter))
            accepted = self._sums(Measure.ACCEPTED, year, last, since=last)
            for territory, number in expected.items():
                if number:
                    part = found.get(territory, Coverage(0, 0))
                    found[territory] = Coverage(part.accepted + accepted.get(territory, 0), part.expected + number)
        return found

    def research(self, year: int) -> dict[int, int]:
        """Research specialists on the year's last day, or on ``as_of`` if earlier, by territory."""
        return self._sums(Measure.RESEARCH, year, min(date(year, 12, 31), self.as_of))

    def _sums(self, measure: Measure, year: int, by: date, since: date = date.min) -> dict[int, int]:
        found: dict[int, int] = defaultdict(int)
        for day, territory, change in self.steps.get((measure, year), ()):
            if since <= day <= by:
                found[territory] += change
        return found


def totals(viewer: Viewer, years: Collection[int], *, as_of: date, known_at: datetime | None = None) -> Totals:
    """The totals of some years as of a day, as known at a moment; each viewer gets what it may see."""
    if known_at is None and not viewer.is_company:
        return _kept(viewer, years, as_of)
    return _folded(viewer, years, as_of, known_at)


def coverage(
    viewer: Viewer,
    *,
    year: int,
    as_of: date,
    quarter: int | None = None,
    territory_id: int | None = None,
    known_at: datetime | None = None,
) -> Coverage:
    """Accepted and expected reports of a year's quarters, or of one, ended by a day (``exchange.md`` 3)."""
    quarters = rules.QUARTERS if quarter is None else (quarter,)
    found = totals(viewer, [year], as_of=as_of, known_at=known_at).coverage(year, quarters)
    parts = [part for key, part in found.items() if territory_id in (None, key)]
    return Coverage(sum(part.accepted for part in parts), sum(part.expected for part in parts))


def owed(periods: Sequence[ReportingPeriod]) -> dict[int, int]:
    """How many companies took part in each of these quarters and have sent no report of it, by period."""
    if not periods:
        return {}
    steps: dict[tuple[int, str], list[tuple[date, int]]] = defaultdict(list)
    for territory, measure, day, value in db.session.execute(
        sa.select(KeptStep.territory_id, KeptStep.measure, KeptStep.day, KeptStep.value).where(
            KeptStep.measure.in_([Measure.EXPECTED, Measure.SENT]),
            KeptStep.territory_id.in_({period.territory_id for period in periods}),
        )
    ):
        steps[territory, measure].append((day, value))
    found = {}
    for period in periods:
        first, last = rules.first_day(period.year, period.quarter), rules.last_day(period.year, period.quarter)
        expected = sum(value for day, value in steps[period.territory_id, Measure.EXPECTED] if day <= first)
        sent = sum(value for day, value in steps[period.territory_id, Measure.SENT] if day == last)
        found[period.id] = expected - sent
    return found


def has_sent(last: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Whether the company of an entry has sent a report of a period in which it took part, as SQL.

    ``last`` is the last day of the period's quarter.
    """
    return sa.exists().where(
        KeptShare.territory_id == Resident.territory_id,
        KeptShare.bin == Resident.bin,
        KeptShare.measure == Measure.SENT,
        KeptShare.year == ReportingPeriod.year,
        KeptShare.day == last,
    )


def _kept(viewer: Viewer, years: Collection[int], as_of: date) -> Totals:
    steps: dict[tuple[str, int], list[tuple[date, int, int]]] = defaultdict(list)
    for measure, year, day, territory, value in db.session.execute(
        sa.select(KeptStep.measure, KeptStep.year, KeptStep.day, KeptStep.territory_id, KeptStep.value)
        .where(KeptStep.year.in_([0, *years]), *viewer.within(KeptStep.territory_id))
        .order_by(KeptStep.day, KeptStep.territory_id)
    ):
        steps[measure, year].append((day, territory, value))
    rows = db.session.execute(
        sa.select(
            KeptLines.territory_id,
            KeptLines.year,
            KeptLines.quarter,
            KeptLines.section,
            KeptLines.code,
            KeptLines.amount,
            KeptLines.count,
            KeptLines.lines,
        ).where(KeptLines.year.in_(list(years)), ~KeptLines.outside, *viewer.within(KeptLines.territory_id))
    )
    return Totals(as_of, [CodeTotal(*row) for row in rows if rules.ended_by(row[1], row[2], as_of)], steps)


def _folded(viewer: Viewer, years: Collection[int], as_of: date, known_at: datetime | None) -> Totals:
    companies = _told_shares(viewer, known_at)
    steps: dict[tuple[str, int], list[tuple[date, int, int]]] = defaultdict(list)
    counted: list[int] = []
    for (territory, _bin), own in companies.items():
        for (measure, year, day), (value, report_id) in own.items():
            if measure != Measure.COUNTED:
                steps[measure, year].append((day, territory, value))
            elif report_id is not None and not value and year in years and day <= as_of:
                counted.append(report_id)
    sums: dict[tuple[int, int, int, str, str], CodeTotal] = {}
    for _report_id, own in _sums_of(counted):
        key = (own.territory_id, own.year, own.quarter, own.section, own.code)
        sums[key] = own + sums[key] if key in sums else own
    return Totals(as_of, list(sums.values()), steps)


def counting_codes(
    section: Section, year: int, quarter: int, territory_id: int, known_at: datetime | None = None
) -> frozenset[str]:
    """The codes whose lines count in a quarter of a territory: those that count on its last day."""
    day = rules.last_day(year, quarter)
    return reference.counting_codes(rules.DICTIONARIES[section], day, territory_id=territory_id, known_at=known_at)


def line_counts(
    viewer: Viewer, *, as_of: date, known_at: datetime | None = None, company: Company | None = None
) -> Callable[[LineRecord], bool]:
    """Tells of an accepted line of money whether it counts for its indicator.

    Its report has to be one whose figures count (:func:`counted_reports`) and its code one that counts
    (:func:`counting_codes`). ``company``: all lines are of this one.
    """
    counted: dict[int, frozenset[int]] = {}

    def counts(line: LineRecord) -> bool:
        if line.year not in counted:
            counted[line.year] = counted_reports(
                viewer, year=line.year, as_of=as_of, known_at=known_at, company=company
            )
        section = Section(line.section)
        return line.report_id in counted[line.year] and line.code in counting_codes(
            section, line.year, line.quarter, line.territory_id, known_at
        )

    return counts


def counted_reports(
    viewer: Viewer, *, year: int, as_of: date, known_at: datetime | None = None, company: Company | None = None
) -> frozenset[int]:
    """The accepted reports of a year whose figures count: one a company and quarter in which it took part.

    ``company``: those of one only.
    """
    if known_at is None and not viewer.is_company:
        kept = sa.select(KeptShare.report_id).where(
            KeptShare.measure == Measure.COUNTED,
            KeptShare.year == year,
            KeptShare.value == 0,
            KeptShare.day <= as_of,
            *viewer.within(KeptShare.territory_id),
            *((KeptShare.territory_id == company[0], KeptShare.bin == company[1]) if company else ()),
        )
        return frozenset(report_id for report_id in db.session.scalars(kept) if report_id is not None)
    return frozenset(
        report_id
        for own in _told_shares(viewer, known_at, company).values()
        for (measure, of_year, day), (outside, report_id) in own.items()
        if measure == Measure.COUNTED and of_year == year and not outside and day <= as_of and report_id is not None
    )


def doubled() -> list[tuple[Report, Report]]:
    """Accepted reports that do not count because the company has a later one of the quarter under another entry.

    Each with that later one. Only a database of a release that took them for two reports holds such.
    """
    later, entry, counted = aliased(Report), aliased(Resident), aliased(Report)
    newest = ~sa.exists().where(
        later.resident_id == Report.resident_id,
        later.period_id == Report.period_id,
        later.status == Status.ACCEPTED,
        later.version > Report.version,
    )
    # SQLite would look at all reports of the quarter for each of them: few companies have a second entry.
    one, other = aliased(Resident), aliased(Resident)
    same = sa.and_(other.territory_id == one.territory_id, other.bin == one.bin, other.id != one.id)
    entered_again = sa.select(one.id).join(other, same)
    rows = db.session.execute(
        sa.select(Report, counted)
        .join(Resident, Resident.id == Report.resident_id)
        .join(entry, sa.and_(entry.territory_id == Resident.territory_id, entry.bin == Resident.bin))
        .join(counted, sa.and_(counted.resident_id == entry.id, counted.period_id == Report.period_id))
        .join(KeptShare, KeptShare.report_id == counted.id)
        .where(
            Report.status == Status.ACCEPTED,
            Report.resident_id.in_(entered_again),
            Report.id != counted.id,
            newest,
            ~takes_back(),
        )
        .order_by(Report.id)
    )
    return [(row[0], row[1]) for row in rows]


# --- what is known of companies ---------------------------------------------------------------------------------------


def _shares_of(companies: Mapping[Company, Known], known_at: datetime | None) -> dict[Company, Shares]:
    """What companies add, by the dated rule about quarters outside participation as known at a moment."""

    def outside_counts(territory_id: int) -> Callable[[int, int], bool]:
        return lambda year, quarter: figures_count_outside(territory_id, year, quarter, known_at)

    return {company: shares(known, outside_counts(company[0])) for company, known in companies.items()}


def figures_count_outside(territory_id: int, year: int, quarter: int, known_at: datetime | None = None) -> bool:
    """Whether figures of a quarter outside participation count: the dated rule of the quarter's last day."""
    day = rules.last_day(year, quarter)
    return reference.applies(reference.OUTSIDE_COUNTS, day, territory_id=territory_id, known_at=known_at)


def _told_shares(viewer: Viewer, known_at: datetime | None, company: Company | None = None) -> dict[Company, Shares]:
    return _shares_of(_told(viewer, known_at, company), known_at)


def _told(viewer: Viewer, known_at: datetime | None, only: Company | None) -> dict[Company, Known]:
    """Every company, or one only, as the journal told of it at a moment."""
    found: dict[Company, Known] = defaultdict(Known)
    companies: dict[int, Company] = {}
    for record in residents.records(viewer, known_at=known_at, bins=None if only is None else [only[1]]):
        company = (record.territory_id, record.bin)
        if only in (None, company):
            companies[record.id] = company
            found[company].entries.append(Entry(record.registered_on, record.excluded_on, record.experimental_since))
    _add_reports(found, companies, known_at, None if only is None else list(companies))
    return found


def _stored(companies: Collection[Company]) -> dict[Company, Known]:
    """These companies as the registers hold them now."""
    found: dict[Company, Known] = {company: Known() for company in companies}
    rows = [
        row
        for row in db.session.execute(
            sa.select(Resident.id, Resident.territory_id, Resident.bin, Resident.registered_on)
            .where(Resident.bin.in_({number for _territory, number in companies}), Resident.annulled_at.is_(None))
            .order_by(Resident.id)
        )
        if (row.territory_id, row.bin) in found
    ]
    ids = [row.id for row in rows]
    ended, flags = exclusions(ids), _experimental(ids)
    entries: dict[int, Company] = {}
    for row in rows:
        company = entries[row.id] = (row.territory_id, row.bin)
        found[company].entries.append(Entry(row.registered_on, ended.get(row.id), flags.get(row.id, ())))
    _add_reports(found, entries, None, ids)
    return found


def sent_by(territory_id: int, bin_: str) -> list[Sent]:
    """The quarters for which a company has sent a report, under whichever entry, as the registers hold them now."""
    company = (territory_id, bin_)
    return _stored([company])[company].sent


def _experimental(ids: Collection[int]) -> dict[int, list[tuple[date, bool]]]:
    """From when on each entry ever marked as an experimental production plant was one or not."""
    marked = db.session.scalars(
        sa.select(JournalEntry.subject_id)
        .where(
            JournalEntry.subject_type == Resident.__tablename__,
            JournalEntry.subject_id.in_(ids),
            sa.or_(
                *(JournalEntry.changes.contains(f'"experimental_production":[{old},true]') for old in ("null", "false"))
            ),
        )
        .distinct()
    ).all()
    if not marked:
        return {}
    return {
        key: [
            (act.effective_on, act.values["experimental_production"])
            for act in state.acts
            if "experimental_production" in act.values
        ]
        for key, state in journal.states(Resident, ids=marked).items()
    }


def _add_reports(
    found: Mapping[Company, Known],
    companies: Mapping[int, Company],
    known_at: datetime | None,
    ids: Collection[int] | None = None,
) -> None:
    """Add the quarters that companies, by their entries, have sent reports for, as known at a moment."""
    statement = (
        sa.select(
            Report.id,
            Report.resident_id,
            Report.status,
            Report.decided_at,
            ReportingPeriod.year,
            ReportingPeriod.quarter,
            takes_back().label("takes_back"),
        )
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
        .where(Report.status != Status.DRAFT)
        .order_by(Report.decided_at.is_(None), Report.decided_at, Report.id)
    )
    if ids is not None:
        statement = statement.where(Report.resident_id.in_(ids))
    quarters: dict[tuple[Company, int, int], int | None] = {}
    for row in db.session.execute(statement):
        company = companies.get(row.resident_id)
        if company is None:
            continue
        accepted = row.status == Status.ACCEPTED and (known_at is None or row.decided_at <= known_at)
        key = company, row.year, row.quarter
        if row.takes_back:
            # As if none had been sent; what is sent later counts again.
            if accepted:
                quarters.pop(key, None)
            continue
        # Of several accepted ones, whatever the entry, the one accepted last counts.
        quarters[key] = row.id if accepted else quarters.get(key)
    counting = [report_id for report_id in quarters.values() if report_id is not None]
    research = _research(None if ids is None else counting)
    for (company, year, quarter), report_id in quarters.items():
        people = None if report_id is None else research.get(report_id)
        found[company].sent.append(Sent(year, quarter, report_id, people))


def _research(report_ids: Sequence[int] | None) -> dict[int, int]:
    """The research specialists that reports state, all reports or some."""
    stated = (
        sa.select(ReportLine.report_id, sa.func.sum(ReportLine.count))
        .where(ReportLine.section == Section.STAFF, ReportLine.code == RESEARCH)
        .group_by(ReportLine.report_id)
    )
    parts = [stated]
    if report_ids is not None:
        parts = [stated.where(ReportLine.report_id.in_(some)) for some in in_parts(report_ids)]
    return {report_id: int(people or 0) for part in parts for report_id, people in db.session.execute(part)}


def _sums_of(report_ids: Sequence[int]) -> Iterator[tuple[int, CodeTotal]]:
    """The lines of reports summed by report and code."""
    keys = (
        ReportLine.report_id, ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter,
        ReportLine.section, ReportLine.code,
    )  # fmt: skip
    for some in in_parts(report_ids):
        for row in db.session.execute(
            sa.select(*keys, sa.func.sum(ReportLine.amount), sa.func.sum(ReportLine.count), sa.func.count())
            .join(Report, Report.id == ReportLine.report_id)
            .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
            .where(ReportLine.report_id.in_(some))
            .group_by(*keys)
        ):
            yield row[0], CodeTotal(*row[1:6], int(row[6] or 0), int(row[7] or 0), row[8])


# --- keeping ----------------------------------------------------------------------------------------------------------

Figures = dict[tuple[int, int, int, str, str, bool], list[int]]
"""Amount, count and number of lines by territory, year, quarter, section, code and outside."""


class Kept:
    """The kept totals, brought up to the acts of a transaction at its end: once a company, however many acts."""

    name = "kept totals"

    def follow(self, entry: JournalEntry) -> None:
        if entry.subject_type == Resident.__tablename__:
            resident_id = entry.subject_id
        elif entry.subject_type in (StatusChange.__tablename__, Report.__tablename__):
            resident_id = entry.parent_id
        elif entry.subject_type == DictionaryEntry.__tablename__:
            self._follow_dictionary(entry)
            return
        else:
            return
        changed: dict[int | None, set[str]] = db.session().info.setdefault("kept_totals", {})
        earlier = changed.setdefault(resident_id, set())
        if entry.action == Action.RESIDENT_BIN_CORRECTED:
            # What the company added under the number it had before is taken back.
            acts, _total = journal.history(
                subjects=[(Resident.__tablename__, entry.subject_id)],
                actions=[Action.RESIDENT_REGISTERED, Action.RESIDENT_BIN_CORRECTED],
            )
            earlier |= {number for act in acts for number in act.changes.get("bin", ()) if number}
        before_commit(self.settle)

    def _follow_dictionary(self, entry: JournalEntry) -> None:
        """Another rule about quarters outside participation moves whose figures count."""
        row = db.session.get(DictionaryEntry, entry.subject_id)
        if row is not None and row.code == reference.OUTSIDE_COUNTS:
            db.session().info["kept_totals_of_all"] = True
            before_commit(self.settle)

    def settle(self) -> None:
        """Bring the totals up to all that was recorded since the last time."""
        changed: dict[int, set[str]] = db.session().info.pop("kept_totals", {})
        companies: set[Company] = set()
        if db.session().info.pop("kept_totals_of_all", False):
            companies = {tuple(row) for row in db.session.execute(sa.select(Resident.territory_id, Resident.bin))}
        for some in in_parts(sorted(changed)):
            for key, territory, number in db.session.execute(
                sa.select(Resident.id, Resident.territory_id, Resident.bin).where(Resident.id.in_(some))
            ):
                companies |= {(territory, each) for each in {number, *changed[key]}}
        self._renew(companies)

    def forget(self, subject: Base) -> None:
        """Nothing personal that can be erased is kept."""

    def is_missing(self) -> bool:
        entries, kept = sa.exists().select_from(Resident), sa.exists().select_from(KeptShare)
        return bool(db.session.scalar(sa.select(entries))) and not db.session.scalar(sa.select(kept))

    def rebuild(self) -> int:
        for table in (KeptShare, KeptStep, KeptLines):
            db.session.execute(sa.delete(table))
        self._renew({tuple(row) for row in db.session.execute(sa.select(Resident.territory_id, Resident.bin))})
        return sum(
            db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for table in (KeptShare, KeptStep, KeptLines)
        )

    def differences(self) -> Iterator[str]:
        told = {company: own for company, own in _told_shares(SYSTEM, None).items() if own}
        kept = _kept_shares(None)
        for company in sorted(told.keys() | kept.keys()):
            if told.get(company) != kept.get(company):
                yield f"{self.name}: the shares of {company[1]} in territory {company[0]} are not what the journal says"
        # The shares are what the journal says, so what rests on them may be added up from them.
        wanted = {tuple(row[:4]): row[4] for row in db.session.execute(_steps_of_shares())}
        stored = {tuple(row[:4]): row[4] for row in db.session.execute(sa.select(*KeptStep.__table__.columns))}
        for key in sorted(wanted.keys() | stored.keys()):
            if wanted.get(key) != stored.get(key):
                yield f"{self.name}: step {key} is {stored.get(key)}, the journal says {wanted.get(key)}"
        lines = {tuple(row[:6]): [int(value or 0) for value in row[6:]] for row in db.session.execute(_lines_counted())}
        rows = {tuple(row[:6]): list(row[6:]) for row in db.session.execute(sa.select(*KeptLines.__table__.columns))}
        for place in sorted(lines.keys() | rows.keys()):
            if lines.get(place) != rows.get(place):
                yield f"{self.name}: lines {place} are {rows.get(place)}, the accepted reports say {lines.get(place)}"

    def _renew(self, companies: Iterable[Company]) -> None:
        """Replace what these companies add, and move the totals by the difference."""
        steps: dict[Step, int] = defaultdict(int)
        moves: list[tuple[int, int, bool]] = []
        for some in in_parts(sorted(companies)):
            before = _kept_shares(set(some))
            after = _shares_of(_stored(some), None)
            moved = _difference(before, after)
            for place, value in moved.steps.items():
                steps[place] += value
            moves += [(report_id, sign, outside) for (*_year, report_id, outside), sign in moved.reports.items()]
            self._replace_shares(
                {company: after[company] for company in some if before.get(company, {}) != after[company]}
            )
        _move(KeptStep, {key: [value] for key, value in steps.items() if value})
        _move(KeptLines, {key: value for key, value in _figures(moves).items() if any(value)})

    def _replace_shares(self, found: Mapping[Company, Shares]) -> None:
        by_territory: dict[int, list[str]] = defaultdict(list)
        for territory, number in found:
            by_territory[territory].append(number)
        for territory, numbers in by_territory.items():
            db.session.execute(
                sa.delete(KeptShare).where(KeptShare.territory_id == territory, KeptShare.bin.in_(numbers))
            )
        rows = [
            {
                "territory_id": territory,
                "bin": number,
                "measure": str(measure),
                "year": year,
                "day": day,
                "value": value,
                "report_id": report_id,
            }
            for (territory, number), own in found.items()
            for (measure, year, day), (value, report_id) in own.items()
        ]
        if rows:
            db.session.execute(sa.insert(cast(sa.Table, KeptShare.__table__)), rows)


KEPT = Kept()


def _steps_of_shares() -> sa.Select[*tuple[Any, ...]]:
    """The shares of all companies of a territory together, as :class:`KeptStep` has them."""
    keys = (KeptShare.territory_id, KeptShare.measure, KeptShare.year, KeptShare.day)
    value = sa.func.sum(KeptShare.value)
    return sa.select(*keys, value).where(KeptShare.report_id.is_(None)).group_by(*keys).having(value != 0)


def _lines_counted() -> sa.Select[*tuple[Any, ...]]:
    """The lines of the reports that shares name as counting, as :class:`KeptLines` has them."""
    outside = sa.cast(KeptShare.value, sa.Boolean).label("outside")
    keys = (
        ReportingPeriod.territory_id, ReportingPeriod.year, ReportingPeriod.quarter, ReportLine.section,
        ReportLine.code, outside,
    )  # fmt: skip
    return (
        sa.select(*keys, sa.func.sum(ReportLine.amount), sa.func.sum(ReportLine.count), sa.func.count())
        .select_from(KeptShare)
        .join(Report, Report.id == KeptShare.report_id)
        .join(ReportingPeriod, ReportingPeriod.id == Report.period_id)
        .join(ReportLine, ReportLine.report_id == KeptShare.report_id)
        .group_by(*keys)
    )


def _kept_shares(companies: Collection[Company] | None) -> dict[Company, Shares]:
    names = ("territory_id", "bin", "measure", "year", "day", "value", "report_id")
    statement = sa.select(*(KeptShare.__table__.c[name] for name in names))
    if companies is not None:
        statement = statement.where(
            KeptShare.territory_id.in_({territory for territory, _bin in companies}),
            KeptShare.bin.in_({number for _territory, number in companies}),
        )
    found: dict[Company, Shares] = defaultdict(dict)
    rows: Sequence[Any] = db.session.execute(statement).all()
    for territory_id, number, measure, year, day, value, report_id in rows:
        company = (territory_id, number)
        if companies is None or company in companies:
            found[company][measure, year, day] = (value, report_id)
    return dict(found)


Step = tuple[int, str, int, date]
"""Territory, measure, year and day."""


class Difference(NamedTuple):
    """How far shares differ: by place, and which reports count (1) or do so no more (-1), in or outside participation.

    Reports are told by territory, year, id and outside.
    """

    steps: Mapping[Step, int]
    reports: Mapping[tuple[int, int, int, bool], int]


def _difference(before: Mapping[Company, Shares], after: Mapping[Company, Shares]) -> Difference:
    steps: Counter[Step] = Counter()
    reports: Counter[tuple[int, int, int, bool]] = Counter()
    for sign, found in ((-1, before), (1, after)):
        for (territory, _bin), own in found.items():
            for (measure, year, day), (value, report_id) in own.items():
                if report_id is None:
                    steps[territory, measure, year, day] += sign * value
                else:
                    reports[territory, year, report_id, bool(value)] += sign
    return Difference(
        {place: value for place, value in steps.items() if value},
        {place: value for place, value in reports.items() if value},
    )


def moved_years(companies: Collection[Company]) -> set[tuple[int, int]]:
    """The territories and years whose accepted figures of some companies will differ at the end of the transaction.

    They are compared with those of its beginning, all of these companies together: what one of them loses to another
    has not moved.
    """
    moved = _difference(_kept_shares(companies), _shares_of(_stored(companies), None))
    found = {(territory, year) for territory, year, _report, _outside in moved.reports}
    return found | {
        (territory, year)
        for territory, measure, year, _day in moved.steps
        if measure in (Measure.ACCEPTED, Measure.RESEARCH)
    }


def _figures(moves: Iterable[tuple[int, int, bool]]) -> Figures:
    """The lines of reports (id, sign, outside) added up."""
    signs: dict[tuple[int, bool], int] = defaultdict(int)
    for report_id, sign, outside in moves:
        signs[report_id, outside] += sign
    found: Figures = defaultdict(lambda: [0, 0, 0])
    reports = sorted({report_id for (report_id, _outside), sign in signs.items() if sign})
    for report_id, own in _sums_of(reports):
        for outside in (False, True):
            sign = signs.get((report_id, outside), 0)
            if sign:
                total = found[own.territory_id, own.year, own.quarter, own.section, own.code, outside]
                for place, figure in enumerate((own.amount, own.count, own.lines)):
                    total[place] += sign * figure
    return dict(found)


def _move(table: type[KeptStep] | type[KeptLines], changes: Mapping[tuple, Sequence[int]]) -> None:
    """Add to the figures of each key; a key with nothing left has no row."""
    rows: sa.Table = table.__table__  # ty: ignore[invalid-assignment]
    columns = rows.columns
    keys, figures = [column for column in columns if column.primary_key], [c for c in columns if not c.primary_key]
    nothing = figures[-1].name
    for place, values in changes.items():
        same = [column == value for column, value in zip(keys, place, strict=True)]
        moved = {column.name: column + value for column, value in zip(figures, values, strict=True)}
        if not db.session.connection().execute(sa.update(rows).where(*same).values(moved)).rowcount:
            new = [*zip(keys, place, strict=True), *zip(figures, values, strict=True)]
            db.session.execute(sa.insert(rows).values({column.name: value for column, value in new}))
        db.session.execute(sa.delete(rows).where(*same, columns[nothing] == 0))
