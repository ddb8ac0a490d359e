"""The data of the annual report: a year of the registers, collected part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from msgspec import UNSET, UnsetType

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.indicators import queries as indicators
from registry.indicators.rules import INDICATORS, YEARS, has_data
from registry.infra.access import SYSTEM
from registry.journal import queries as journal
from registry.paper_kinds import discipline
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.accounts import Accounts, accounts_of
from registry.paper_kinds.contracts import RENTS
from registry.paper_kinds.entries import entry_of
from registry.paper_kinds.indicators import Indicators
from registry.paper_kinds.indicators import collect as collect_indicators
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.naming import Collected, Naming, id_of, reader_of, territory_of
from registry.paper_kinds.patents import patent_of
from registry.paper_kinds.premises import tenancies
from registry.paper_kinds.rules import Period
from registry.patents import queries as patents
from registry.reports import accepted
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.reports.rules import OF_RESEARCH, QUARTERS, STAFF_CODES
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.residents.rules import Change
from registry.territories.models import Territory
from registry.territories.queries import all_territories


@dataclass(frozen=True, slots=True)
class Passport:
    """What is known about a territory itself and its management company.

    The company is repeated here, since the scope of a paper about all territories names none of theirs.
    """

    territory: s.Territory
    kato: str
    status_act_no: str | None
    status_act_date: date | None
    company: s.Text
    rules: s.Text
    rules_no: str | None
    rules_date: date | None
    bin: str | UnsetType = UNSET
    """Older snapshots lack this field and those below. Each is written to a snapshot only when it has a value."""
    address: s.Text | UnsetType = UNSET
    head: str | UnsetType = UNSET
    head_position: s.Text | UnsetType = UNSET


@dataclass(frozen=True, slots=True)
class Course:
    """What the chart of an indicator shows: its actual values and targets by year.

    They are in hundredths of the unit (money: in tiyn); None where there is no value.
    """

    number: int
    unit: str
    years: tuple[int, ...]
    actual: tuple[int | None, ...]
    target: tuple[int | None, ...]
    base: int | UnsetType = UNSET
    """The value of the base year, the first of ``years``, which has no target."""


@dataclass(frozen=True, slots=True)
class Movement:
    """How many entries a group had on the opening day, gained and lost within the year, and had on the closing day.

    ``code`` is a type of participant, with its ``name``, or the size of an enterprise, without one: ``small``,
    ``medium``, ``large`` or ``unknown``.
    """

    code: str
    name: s.Text
    opening: int
    entered: int
    excluded: int
    closing: int


@dataclass(frozen=True, slots=True)
class Departure:
    """An entry excluded within the year."""

    who: s.Who
    change: s.Change


@dataclass(frozen=True, slots=True)
class Headcount:
    """How many persons of one category the accepted reports of each quarter state together; None where none does."""

    code: str
    quarters: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """An evidence document of a company's tax lines that count: how many lines rest on it, and their sum in tiyn."""

    who: s.Who
    quarter: int
    document_kind: str | None
    document_no: str | None
    document_date: date | None
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class Project:
    """A participant's priority direction, with its technology readiness level (TRL) at entry and on the closing day."""

    who: s.Who
    direction: s.Text
    trl_at_entry: int | None
    trl: int | None


@dataclass(frozen=True, slots=True)
class ContractGroup:
    """Contracts of one kind: in force on the closing day, concluded and terminated within the year.

    ``area`` (hundredths of a square metre) and ``amount`` (tiyn) are sums over those in force.
    """

    kind: s.Text
    in_force: int
    concluded: int
    terminated: int
    area: int
    amount: int
    rent: bool | UnsetType = UNSET
    """Whether the amounts are rents, which are not added up. Older snapshots lack this field and print the sum."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The explanation that a company gave in its accepted report of a quarter."""

    who: s.Who
    quarter: int
    text: str


@dataclass(frozen=True, slots=True)
class Annual:
    """A year of a territory, or of all territories.

    ``opened_on`` is the day before the year, ``closed_on`` its last day, or the paper's day if that is earlier.
    """

    opened_on: date
    closed_on: date
    passports: tuple[Passport, ...]
    indicators: Indicators
    courses: tuple[Course, ...]
    by_type: tuple[Movement, ...]
    by_size: tuple[Movement, ...]
    entered: tuple[s.Entry, ...]
    excluded: tuple[Departure, ...]
    taxes: Accounts
    revenues: Accounts
    patents: tuple[s.Patent, ...]
    staff: tuple[Headcount, ...]
    investment: Accounts
    projects: tuple[Project, ...]
    contracts: tuple[ContractGroup, ...]
    premises: tuple[s.Tenancy, ...]
    discipline: tuple[s.Discipline, ...]
    debts: tuple[s.Debt, ...]
    entries: tuple[s.Entry, ...]
    evidence: tuple[Evidence, ...]
    explanations: tuple[Explanation, ...] | UnsetType = UNSET
    """Older snapshots lack this field. It is written to a snapshot only when there are explanations."""


EVIDENCE = "evidence"
"""The code of the annex of documents behind taxes. Its data are not collected for a paper without that annex."""

SIZES = ("small", "medium", "large")
"""Sizes of enterprises by KRP code (``domain.md`` 3.3)."""


def collect(asked: Asked) -> Collected:
    """Collect the year of one territory or of all; of a year that is not over, what holds on the paper's day."""
    year, territory_id = asked.period.reporting_year, id_of(asked.territory)
    opened_on, closed_on = date(year - 1, 12, 31), asked.period.until
    naming = Naming(asked.period, territory_id=territory_id)
    entries = residents.records(SYSTEM, territory_id=territory_id, as_of=closed_on)
    closing = [entry for entry in entries if entry.participates_on(closed_on)]
    closing_period = Period(closed_on, year)
    target, coverage, demo = collect_indicators(asked)
    standing = discipline.standings(entries, asked.period.as_of, territory_id=territory_id, year=year)
    counted = frozenset(
        item.patent.id
        for item in indicators.counted_patents(
            reader_of(asked.territory), year=year, territory_id=territory_id, as_of=asked.period.as_of
        )
    )
    body = Annual(
        opened_on=opened_on,
        closed_on=closed_on,
        passports=tuple(_passport(row) for row in ([asked.territory] if asked.territory else all_territories())),
        indicators=replace(target, lines=()),
        courses=_courses(asked.period, territory_id),
        by_type=tuple(
            replace(row, name=naming.term("participant_types", row.code))
            for row in _movement(
                entries, opened_on, closed_on, naming.codes("participant_types"), lambda entry: entry.participant_type
            )
        ),
        by_size=_movement(entries, opened_on, closed_on, SIZES, lambda entry: _size(entry, naming)),
        entered=tuple(
            entry_of(entry, naming, closing_period, full=False)
            for entry in entries
            if opened_on < entry.registered_on <= closed_on
        ),
        excluded=_departures(entries, opened_on, closed_on, naming),
        taxes=_accounts(report_rules.Section.TAX, asked.period, asked.territory),
        revenues=_accounts(report_rules.Section.REVENUE, asked.period, asked.territory),
        patents=tuple(
            patent_of(patent, naming, counted)
            for patent in patents.records(reader_of(asked.territory), territory_id=territory_id, as_of=closed_on)
            if patent.registered_on is not None and patent.registered_on <= closed_on
        ),
        staff=_staff(asked.period, territory_id),
        investment=_accounts(report_rules.Section.INVESTMENT, asked.period, asked.territory),
        projects=_projects(closing, naming, closed_on),
        **_contracts(territory_id, opened_on, closed_on, naming),
        discipline=discipline.discipline(standing, asked.period.as_of),
        debts=discipline.debts(standing, asked.period.as_of, naming),
        entries=tuple(entry_of(entry, naming, closing_period, full=False) for entry in closing),
        evidence=() if EVIDENCE in asked.without else _evidence(asked.period, territory_id, naming),
        explanations=_explanations(asked.period, territory_id, naming) or UNSET,
    )
    return body, coverage, demo or naming.demo


def _passport(row: Territory) -> Passport:
    return Passport(
        territory=territory_of(row),
        kato=row.kato,
        status_act_no=row.status_act_no,
        status_act_date=row.status_act_date,
        company=s.Text(row.company_name_kk, row.company_name_ru, row.company_name_en),
        rules=s.Text(row.rules_title_kk, row.rules_title_ru),
        rules_no=row.rules_no,
        rules_date=row.rules_date,
        bin=row.company_bin or UNSET,
        address=_text(row.company_address_kk, row.company_address_ru),
        head=row.company_head or UNSET,
        head_position=_text(row.company_head_position_kk, row.company_head_position_ru),
    )


def _text(kk: str | None, ru: str | None) -> s.Text | UnsetType:
    return s.Text(kk, ru) if kk or ru else UNSET


def charted_years(year: int) -> tuple[int, ...]:
    """The years whose course the report of a year shows: from the Concept's first on, four years ahead."""
    return tuple(known for known in YEARS if known <= max(year, YEARS[0]) + 4)


def _courses(period: Period, territory_id: int | None) -> tuple[Course, ...]:
    by_year = indicators.by_year(SYSTEM, territory_id=territory_id, as_of=period.as_of)
    years = charted_years(period.reporting_year)
    found = []
    for number, item in INDICATORS.items():
        values = [by_year[year][number - 1] for year in years]
        found.append(
            Course(
                number=number,
                unit=str(item.unit),
                years=years,
                actual=tuple(value.actual if has_data(value, period.as_of) else None for value in values),
                target=tuple(value.target for value in values),
                base=next((value.base for value in values if value.base is not None), UNSET),
            )
        )
    return tuple(found)


def _movement(
    entries: Iterable[ResidentRecord],
    opened_on: date,
    closed_on: date,
    groups: Iterable[str],
    group_of: Callable[[ResidentRecord], str],
) -> tuple[Movement, ...]:
    """The movement of each group that had any entry or change.

    An entry is in the group of the closing day throughout, so that the numbers of each group add up.
    """
    opening: Counter[str] = Counter()
    entered: Counter[str] = Counter()
    excluded: Counter[str] = Counter()
    for entry in entries:
        group, gone = group_of(entry), entry.excluded_on
        opening[group] += entry.participates_on(opened_on)
        entered[group] += opened_on < entry.registered_on <= closed_on
        excluded[group] += gone is not None and opened_on < gone <= closed_on
    known = list(groups)
    found = []
    for group in [*known, *sorted(set(opening) - set(known))]:
        closing = opening[group] + entered[group] - excluded[group]
        if opening[group] or entered[group] or excluded[group]:
            found.append(Movement(group, s.NOTHING, opening[group], entered[group], excluded[group], closing))
    return tuple(found)


def _size(entry: ResidentRecord, naming: Naming) -> str:
    """The enterprise size that an entry's KRP code stands for, one of :data:`SIZES`, else ``unknown``."""
    found = naming.code("krp", entry.krp, territory_id=entry.territory_id) if entry.krp else None
    return next((size for size in SIZES if found and size in found.attributes.split(";")), "unknown")


def _departures(
    entries: Iterable[ResidentRecord], opened_on: date, closed_on: date, naming: Naming
) -> tuple[Departure, ...]:
    return tuple(
        Departure(
            naming.who(entry.id),
            s.Change(
                change.change,
                change.effective_on,
                naming.term("status_grounds", change.ground, territory_id=entry.territory_id),
                change.decision_no,
                change.decision_date,
            ),
        )
        for entry in entries
        for change in entry.changes
        if change.change == Change.EXCLUDED and opened_on < change.effective_on <= closed_on
    )


def _accounts(section: report_rules.Section, period: Period, territory: Territory | None) -> Accounts:
    return accounts_of(section, period, territory)[0]


def _staff(period: Period, territory_id: int | None) -> tuple[Headcount, ...]:
    counts: dict[tuple[str, int], int] = {}
    for line in accepted.accepted_lines(
        SYSTEM,
        territory_id=territory_id,
        year=period.reporting_year,
        section=report_rules.Section.STAFF,
        as_of=period.as_of,
    ):
        key = line.code, line.quarter
        counts[key] = counts.get(key, 0) + (line.count or 0)
    told = {code for code, _quarter in counts}
    return tuple(
        Headcount(code, tuple(counts.get((code, quarter)) for quarter in QUARTERS))
        for code in STAFF_CODES
        if code in told or code not in OF_RESEARCH
    )


def _projects(closing: Iterable[ResidentRecord], naming: Naming, closed_on: date) -> tuple[Project, ...]:
    """Participants that state a direction or a TRL; the TRL at entry is that in the first act of the entry."""
    found = [entry for entry in closing if entry.priority_direction or entry.trl]
    states = journal.states(Resident, as_of=closed_on, ids=[entry.id for entry in found]) if found else {}
    return tuple(
        Project(
            naming.who(entry.id),
            naming.term("priority_directions", entry.priority_direction, territory_id=entry.territory_id),
            states[entry.id].acts[0].values.get("trl"),
            entry.trl,
        )
        for entry in found
    )


def _contracts(territory_id: int | None, opened_on: date, closed_on: date, naming: Naming) -> dict[str, tuple]:
    found = contracts.records(SYSTEM, territory_id=territory_id, as_of=closed_on)
    in_force = [record for record in found if record.in_force_on(closed_on)]
    kinds = naming.codes("contract_kinds")
    kinds += sorted({record.kind for record in found} - set(kinds))

    def concluded(record: ContractRecord) -> bool:
        return opened_on < record.signed_on <= closed_on

    def terminated(record: ContractRecord) -> bool:
        return record.terminated_on is not None and opened_on < record.terminated_on <= closed_on

    groups = []
    for kind in kinds:
        own = [record for record in found if record.kind == kind]
        current = [record for record in in_force if record.kind == kind]
        group = ContractGroup(
            kind=naming.term("contract_kinds", kind),
            in_force=len(current),
            concluded=sum(map(concluded, own)),
            terminated=sum(map(terminated, own)),
            area=sum(record.area_m2 or 0 for record in current),
            amount=0 if kind in RENTS else sum(record.terms_on(closed_on).amount or 0 for record in current),
            rent=kind in RENTS or UNSET,
        )
        if group.in_force or group.concluded or group.terminated:
            groups.append(group)
    return {"contracts": tuple(groups), "premises": tenancies(in_force, naming, closed_on)}


def _evidence(period: Period, territory_id: int | None, naming: Naming) -> tuple[Evidence, ...]:
    """The documents of the tax lines that count, one for each company, quarter and document."""
    groups: dict[tuple, list[LineRecord]] = {}
    for line in indicators.counted_lines(
        SYSTEM, number=1, year=period.reporting_year, territory_id=territory_id, as_of=period.as_of
    ):
        key = line.resident_id, line.quarter, line.document_kind, line.document_no, line.document_date
        groups.setdefault(key, []).append(line)
    return tuple(
        Evidence(
            naming.who(key[0]), key[1], key[2], key[3], key[4], len(lines), sum(line.amount or 0 for line in lines)
        )
        for key, lines in groups.items()
    )


def _explanations(period: Period, territory_id: int | None, naming: Naming) -> tuple[Explanation, ...]:
    """The explanations that companies gave in the accepted reports of the year."""
    return tuple(
        Explanation(naming.who(report.resident_id), report.quarter, report.explanation)
        for report in accepted.accepted_reports(
            SYSTEM, territory_id=territory_id, year=period.reporting_year, as_of=period.as_of
        )
        if report.explanation
    )
