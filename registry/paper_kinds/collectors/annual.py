"""Collecting the annual report of a management company: its parts by ``domain.md`` 5.4."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.indicators import queries as indicators
from registry.indicators.rules import INDICATORS, has_data
from registry.infra.access import SYSTEM
from registry.journal import queries as journal
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.collectors import discipline
from registry.paper_kinds.collectors.naming import Collected, Naming, id_of, reader_of, term, territory_of
from registry.paper_kinds.collectors.registers import (
    accounts_of,
    collect_indicators,
    contract_of,
    entry_of,
    patent_of,
)
from registry.paper_kinds.rules import Period
from registry.patents import queries as patents
from registry.reference import queries as reference
from registry.reports import accepted
from registry.reports.accepted import LineRecord
from registry.reports.rules import QUARTERS, STAFF_CODES, Section
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.residents.rules import Change
from registry.territories.models import Territory
from registry.territories.queries import all_territories

SIZES = ("small", "medium", "large")
"""Sizes of enterprises by KRP code (``domain.md`` 3.3)."""


def collect(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    """A year of one territory or of all; of a year still running, what it holds by the paper's day."""
    year, territory_id = period.reporting_year, id_of(territory)
    opened_on, closed_on = date(year - 1, 12, 31), min(period.as_of, date(year, 12, 31))
    naming = Naming(period)
    entries = residents.records(SYSTEM, territory_id=territory_id, as_of=closed_on)
    closing = [entry for entry in entries if entry.participates_on(closed_on)]
    closing_period = Period(closed_on, year)
    target, coverage, demo = collect_indicators(period, territory, None)
    assert isinstance(target, s.Indicators)  # noqa: S101 - what this collector makes
    standing = discipline.standings(entries, period.as_of, territory_id=territory_id, year=year)
    counted = frozenset(
        item.patent.id
        for item in indicators.counted_patents(
            reader_of(territory), year=year, territory_id=territory_id, as_of=period.as_of
        )
    )
    body = s.Annual(
        opened_on=opened_on,
        closed_on=closed_on,
        passports=tuple(_passport(row) for row in ([territory] if territory else all_territories())),
        indicators=replace(target, lines=()),
        courses=_courses(period, territory_id),
        by_type=tuple(
            replace(row, name=term("participant_types", row.code))
            for row in _movement(entries, opened_on, closed_on, _types(), lambda entry: entry.participant_type)
        ),
        by_size=_movement(entries, opened_on, closed_on, SIZES, _size),
        entered=tuple(
            entry_of(entry, naming, closing_period, full=False)
            for entry in entries
            if opened_on < entry.registered_on <= closed_on
        ),
        excluded=_departures(entries, opened_on, closed_on, naming),
        taxes=_accounts(Section.TAX, period, territory),
        revenues=_accounts(Section.REVENUE, period, territory),
        patents=tuple(
            patent_of(patent, naming, counted)
            for patent in patents.records(reader_of(territory), territory_id=territory_id, as_of=closed_on)
            if patent.registered_on is not None and patent.registered_on <= closed_on
        ),
        staff=_staff(period, territory_id),
        investment=_accounts(Section.INVESTMENT, period, territory),
        projects=_projects(closing, naming, closed_on),
        **_contracts(territory_id, opened_on, closed_on, naming),
        discipline=discipline.discipline(standing, period.as_of),
        debts=discipline.debts(standing, period.as_of, naming),
        entries=tuple(entry_of(entry, naming, closing_period, full=False) for entry in closing),
        evidence=_evidence(period, territory_id, naming),
    )
    return body, coverage, demo or naming.demo


def _passport(row: Territory) -> s.Passport:
    return s.Passport(
        territory=territory_of(row),
        kato=row.kato,
        status_act_no=row.status_act_no,
        status_act_date=row.status_act_date,
        company=s.Text(row.company_name_kk, row.company_name_ru, row.company_name_en),
        rules=s.Text(row.rules_title_kk, row.rules_title_ru),
        rules_no=row.rules_no,
        rules_date=row.rules_date,
    )


def _courses(period: Period, territory_id: int | None) -> tuple[s.Course, ...]:
    by_year = indicators.by_year(SYSTEM, territory_id=territory_id, as_of=period.as_of)
    years = tuple(year for year in by_year if year <= max(period.reporting_year, min(by_year)) + 4)
    found = []
    for number, item in INDICATORS.items():
        values = [by_year[year][number - 1] for year in years]
        found.append(
            s.Course(
                number=number,
                unit=str(item.unit),
                years=years,
                actual=tuple(value.actual if has_data(value, period.as_of) else None for value in values),
                target=tuple(value.target for value in values),
            )
        )
    return tuple(found)


def _movement(
    entries: Iterable[ResidentRecord],
    opened_on: date,
    closed_on: date,
    groups: Iterable[str],
    group_of: Callable[[ResidentRecord], str],
) -> tuple[s.Movement, ...]:
    """By group as it is on the closing day, so that opening, entered and excluded add up to closing in each."""
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
            found.append(s.Movement(group, s.NOTHING, opening[group], entered[group], excluded[group], closing))
    return tuple(found)


def _types() -> list[str]:
    return [row.code for row in reference.entries("participant_types")]


def _size(entry: ResidentRecord) -> str:
    """The size an entry's KRP code stands for; ``unknown`` where it has none."""
    found = reference.entry("krp", entry.krp) if entry.krp else None
    return next((size for size in SIZES if found and size in found.attributes.split(";")), "unknown")


def _departures(
    entries: Iterable[ResidentRecord], opened_on: date, closed_on: date, naming: Naming
) -> tuple[s.Departure, ...]:
    return tuple(
        s.Departure(
            naming.who(entry.id),
            s.Change(
                change.change, change.effective_on, term("status_grounds", change.ground), change.decision_no,
                change.decision_date,
            ),
        )
        for entry in entries
        for change in entry.changes
        if change.change == Change.EXCLUDED and opened_on < change.effective_on <= closed_on
    )  # fmt: skip


def _accounts(section: Section, period: Period, territory: Territory | None) -> s.Accounts:
    body = accounts_of(section, period, territory)[0]
    assert isinstance(body, s.Accounts)  # noqa: S101 - what this collector makes
    return body


def _staff(period: Period, territory_id: int | None) -> tuple[s.Headcount, ...]:
    counts: dict[tuple[str, int], int] = {}
    for line in accepted.accepted_lines(
        SYSTEM, territory_id=territory_id, year=period.reporting_year, section=Section.STAFF, as_of=period.as_of
    ):
        key = line.code, line.quarter
        counts[key] = counts.get(key, 0) + (line.count or 0)
    return tuple(s.Headcount(code, tuple(counts.get((code, quarter)) for quarter in QUARTERS)) for code in STAFF_CODES)


def _projects(closing: Iterable[ResidentRecord], naming: Naming, closed_on: date) -> tuple[s.Project, ...]:
    """Participants that state a direction or a readiness; the readiness at entry is that of the entry's first act."""
    found = [entry for entry in closing if entry.priority_direction or entry.trl]
    states = journal.states(Resident, as_of=closed_on, ids=[entry.id for entry in found]) if found else {}
    return tuple(
        s.Project(
            naming.who(entry.id),
            term("priority_directions", entry.priority_direction),
            states[entry.id].acts[0].values.get("trl"),
            entry.trl,
        )
        for entry in found
    )


def _contracts(territory_id: int | None, opened_on: date, closed_on: date, naming: Naming) -> dict[str, tuple]:
    found = contracts.records(SYSTEM, territory_id=territory_id, as_of=closed_on)
    in_force = [record for record in found if record.in_force_on(closed_on)]
    kinds = [row.code for row in reference.entries("contract_kinds")]
    kinds += sorted({record.kind for record in found} - set(kinds))

    def concluded(record: ContractRecord) -> bool:
        return opened_on < record.signed_on <= closed_on

    def terminated(record: ContractRecord) -> bool:
        return record.terminated_on is not None and opened_on < record.terminated_on <= closed_on

    groups = []
    for kind in kinds:
        own = [record for record in found if record.kind == kind]
        current = [record for record in in_force if record.kind == kind]
        group = s.ContractGroup(
            kind=term("contract_kinds", kind),
            in_force=len(current),
            concluded=sum(map(concluded, own)),
            terminated=sum(map(terminated, own)),
            area=sum(record.area_m2 or 0 for record in current),
            amount=sum(record.terms_on(closed_on).amount or 0 for record in current),
        )
        if group.in_force or group.concluded or group.terminated:
            groups.append(group)
    return {"contracts": tuple(groups), "premises": tenancies(in_force, naming, closed_on)}


def tenancies(in_force: Iterable[ContractRecord], naming: Naming, day: date) -> tuple[s.Tenancy, ...]:
    """The premises let by these contracts: those that name premises or an area, by premises and number."""
    found = [
        s.Tenancy(
            premises=item.premises,
            who=item.who,
            kind=item.kind,
            number=item.number,
            signed_on=item.signed_on,
            ends_on=item.ends_on,
            area_m2=item.area_m2,
        )
        for item in (contract_of(record, naming, Period(day)) for record in in_force)
        if item.premises or item.area_m2
    ]
    return tuple(sorted(found, key=lambda item: (item.who.territory, item.premises or "", item.number)))


def _evidence(period: Period, territory_id: int | None, naming: Naming) -> tuple[s.Evidence, ...]:
    """What the counted tax lines rest on, one row for each document of a company and quarter."""
    groups: dict[tuple, list[LineRecord]] = {}
    for line in indicators.counted_lines(
        SYSTEM, number=1, year=period.reporting_year, territory_id=territory_id, as_of=period.as_of
    ):
        key = line.resident_id, line.quarter, line.document_kind, line.document_no, line.document_date
        groups.setdefault(key, []).append(line)
    return tuple(
        s.Evidence(
            naming.who(key[0]), key[1], key[2], key[3], key[4], len(lines), sum(line.amount or 0 for line in lines)
        )
        for key, lines in groups.items()
    )
