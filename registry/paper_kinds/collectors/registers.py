"""Collecting the registers, the indicators, and the papers of one entry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from registry.contracts import queries as contracts
from registry.contracts.fields import CONTRACT
from registry.contracts.queries import ContractRecord
from registry.errors import NotFound
from registry.indicators import queries as indicators
from registry.indicators.rules import IndicatorValue
from registry.infra.access import SYSTEM
from registry.infra.i18n import lazy
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.collectors.naming import Collected, Naming, facts, id_of, reader_of, term, territory_of
from registry.paper_kinds.rules import Period, quarter_end
from registry.patents import queries as patents
from registry.patents.queries import PatentRecord
from registry.reference import queries as reference
from registry.reports import accepted, totals
from registry.reports.accepted import LineRecord
from registry.reports.rules import DICTIONARIES, RESEARCH, Section
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.territories.models import Territory
from registry.territories.queries import all_territories

# --- participants ---


def entry_of(record: ResidentRecord, naming: Naming, period: Period, *, full: bool) -> s.Entry:
    """``full`` adds what only papers about this one entry print."""
    changes = tuple(
        s.Change(
            change.change, change.effective_on, term("status_grounds", change.ground), change.decision_no,
            change.decision_date,
        )
        for change in record.changes
        if change.effective_on <= period.as_of
    )  # fmt: skip
    entry = s.Entry(
        who=naming.who(record.id),
        legal_form=term("legal_forms", record.legal_form),
        participant_type=term("participant_types", record.participant_type),
        registered_on=record.registered_on,
        decision_no=record.decision_no,
        decision_date=record.decision_date,
        status=str(record.status_on(period.as_of)),
        status_since=changes[-1].effective_on if changes else None,
        oked=record.oked,
        address=s.Text(record.address_kk, record.address_ru),
    )
    if not full:
        return entry
    return replace(
        entry,
        krp=record.krp,
        kbe=record.kbe,
        kato=record.kato,
        head=record.head,
        priority_direction=term("priority_directions", record.priority_direction),
        trl=record.trl,
        accreditation_no=record.accreditation_no,
        accreditation_until=record.accreditation_until,
        experimental_production=record.experimental_production,
        changes=changes,
    )


def collect_participants(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    found = residents.participants(SYSTEM, period.as_of, territory_id=id_of(territory))
    naming = Naming(period, found)
    return s.Participants(tuple(entry_of(record, naming, period, full=False) for record in found)), None, naming.demo


# --- contracts ---


def contract_of(record: ContractRecord, naming: Naming, period: Period) -> s.Contract:
    terms = record.terms_on(period.as_of)
    ended = record.terminated_on is not None and record.terminated_on <= period.as_of
    return s.Contract(
        who=naming.who(record.resident_id),
        number=record.number,
        kind=term("contract_kinds", record.kind),
        signed_on=record.signed_on,
        starts_on=record.starts_on,
        ends_on=terms.ends_on,
        amount=terms.amount,
        subject=s.Text(terms.subject_kk, terms.subject_ru),
        premises=record.premises,
        area_m2=record.area_m2,
        terminated_on=record.terminated_on if ended else None,
        addenda=tuple(
            s.Addition(row.number, row.signed_on, row.effective_on)
            for row in record.addenda
            if row.effective_on <= period.as_of
        ),
        further=facts(CONTRACT, record),
    )


def collect_contracts(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    naming = Naming(period)
    found = [
        contract_of(record, naming, period)
        for record in contracts.records(SYSTEM, territory_id=id_of(territory), as_of=period.as_of)
        if record.in_force_on(period.as_of)
    ]
    return s.Contracts(tuple(found)), None, naming.demo


# --- patents ---


def patent_of(
    record: PatentRecord, naming: Naming, counted: frozenset[int], *, as_registered: bool = False
) -> s.Patent:
    """A patent with its holders of the paper's day, or as indicator 6 counts it: with those of its registration."""
    return s.Patent(
        office=record.office,
        kind=term("ip_kinds", record.kind),
        title_no=record.title_no,
        application_no=record.application_no,
        filed_on=record.filed_on,
        registered_on=record.registered_on,
        published_on=record.published_on,
        bulletin=record.bulletin,
        ipc=record.ipc,
        name=s.Text(record.name_kk, record.name_ru, record.name_en),
        holders=tuple(
            naming.holder(row.bin, row.name, row.share, foreign=record.foreign.get(row.name or ""))
            for row in (record.registered_holders_list if as_registered else record.holders_list)
        ),
        authors=record.authors,
        counted=record.id in counted,
    )


def _counted_patents(year: int, period: Period, territory: Territory | None) -> frozenset[int]:
    found = indicators.counted_patents(
        reader_of(territory), year=year, territory_id=id_of(territory), as_of=period.as_of
    )
    return frozenset(item.patent.id for item in found)


def collect_patents(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    naming = Naming(period)
    year = period.as_of.year
    counted = _counted_patents(year, period, territory)
    found = [
        patent_of(record, naming, counted)
        for record in patents.records(reader_of(territory), territory_id=id_of(territory), as_of=period.as_of)
        if record.registered_on is not None and record.registered_on <= period.as_of
    ]
    return s.Patents(year, tuple(found)), None, naming.demo


# --- revenues and taxes ---


def accounts_of(
    section: Section, period: Period, territory: Territory | None, *, with_lines: bool = False
) -> Collected:
    """The accepted lines of a section added up by company and code; ``with_lines`` lists them too."""
    naming = Naming(period)
    lines: list[s.Line] = []
    dictionary = DICTIONARIES[section]
    sums: dict[int, dict[tuple[str, bool], list[int]]] = {}
    for line in accepted.accepted_lines(
        SYSTEM, territory_id=id_of(territory), year=period.reporting_year, quarter=period.quarter, section=section,
        as_of=period.as_of,
    ):  # fmt: skip
        counts = line.code in reference.counting_codes(dictionary, quarter_end(line.year, line.quarter))
        pair = sums.setdefault(line.resident_id, {}).setdefault((line.code, counts), [0, 0])
        pair[0] += line.amount or 0
        if line.country not in (None, "KZ"):
            pair[1] += line.amount or 0
        if with_lines:
            lines.append(
                s.Line(
                    naming.who(line.resident_id), line.quarter, line.code, counts, line.amount or 0, line.country,
                    line.ip_title_no, line.document_kind, line.document_no, line.document_date,
                )
            )  # fmt: skip
    used = {code for found in sums.values() for code, _counts in found}
    day = min(period.as_of, quarter_end(period.reporting_year, period.quarter or 4))
    known = [row.code for row in reference.entries(dictionary, day)]
    # Every category is a column of the revenue register; of the many tax codes only those paid are shown.
    shown = known if section is not Section.TAX else [code for code in known if code in used]
    codes = [*shown, *sorted(used - set(shown))]
    accounts = tuple(
        s.Account(
            naming.who(resident_id),
            tuple(
                s.Sum(code, counts, amount, exported)
                for (code, counts), (amount, exported) in sorted(found.items(), key=lambda item: item[0])
            ),
        )
        for resident_id, found in sums.items()
    )
    return (
        s.Accounts(tuple(_code(dictionary, code) for code in codes), accounts, tuple(lines)),
        coverage_of(period, territory),
        naming.demo,
    )


def _code(dictionary: str, code: str) -> s.Code:
    found = reference.entry(dictionary, code)
    return s.Code(code, term(dictionary, code), found.attributes if found and dictionary == "tax_codes" else "")


def coverage_of(period: Period, territory: Territory | None) -> s.Coverage:
    """Reports accepted of those expected; for one quarter, what it adds to the quarters before it."""
    accepted, expected = totals.coverage(
        SYSTEM, year=period.reporting_year, territory_id=id_of(territory), as_of=period.as_of
    )
    if period.quarter is not None and period.quarter > 1:
        before = quarter_end(period.reporting_year, period.quarter) - timedelta(days=92)
        earlier = totals.coverage(
            SYSTEM, year=period.reporting_year, territory_id=id_of(territory), as_of=min(before, period.as_of)
        )
        accepted, expected = accepted - earlier.accepted, expected - earlier.expected
    return s.Coverage(accepted, expected)


def collect_revenues(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    return accounts_of(Section.REVENUE, period, territory, with_lines=True)


def collect_taxes(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    return accounts_of(Section.TAX, period, territory, with_lines=True)


# --- indicators ---


def indicator_of(value: IndicatorValue) -> s.Indicator:
    item = value.indicator
    return s.Indicator(
        number=value.number,
        unit=str(value.unit),
        title=s.Text(item.name_kk, item.name_ru, item.name_en),
        actual=value.actual,
        target=value.target,
        percent=value.percent,
        coverage=s.Coverage(*value.coverage) if value.coverage else None,
    )


_BY_LINES = (1, 3, 4, 5)
"""Indicators that are sums of accepted lines."""


def collect_indicators(period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    naming = Naming(period)
    year, territory_id = period.reporting_year, id_of(territory)
    values = indicators.by_territory(SYSTEM, year=year, as_of=period.as_of)
    own = values[territory_id]
    parts = ()
    if territory is None:
        parts = tuple(
            s.Part(territory_of(row), tuple(indicator_of(value) for value in values[row.id]))
            for row in all_territories()
        )
    lines = [
        counted_line(number, line, naming)
        for number in _BY_LINES
        for line in indicators.counted_lines(
            SYSTEM, number=number, year=year, territory_id=territory_id, as_of=period.as_of
        )
    ]
    found = indicators.counted_patents(reader_of(territory), year=year, territory_id=territory_id, as_of=period.as_of)
    counted = [item.patent for item in found]
    ids = frozenset(patent.id for patent in counted)
    external = next((value for value in own if value.number == indicators.EXTERNAL), None)
    body = s.Indicators(
        indicators=tuple(indicator_of(value) for value in own),
        parts=parts,
        lines=tuple(lines),
        patents=tuple(patent_of(patent, naming, ids, as_registered=True) for patent in counted),
        external_source=external.source if external else None,
        external_edition=external.edition if external else None,
    )
    coverage = next((value.coverage for value in own if value.coverage), None)
    return body, s.Coverage(*coverage) if coverage else s.Coverage(0, 0), naming.demo


def counted_line(indicator: int, line: LineRecord, naming: Naming) -> s.CountedLine:
    section = Section(line.section)
    return s.CountedLine(
        indicator=indicator,
        who=naming.who(line.resident_id),
        quarter=line.quarter,
        code=line.code,
        name=s.NOTHING if section is Section.STAFF else term(DICTIONARIES[section], line.code),
        value=(line.count if section is Section.STAFF else line.amount) or 0,
        document_kind=line.document_kind,
        document_no=line.document_no,
        document_date=line.document_date,
    )


# --- papers of one entry ---


def _own_record(period: Period, resident: Resident | None) -> ResidentRecord:
    found = residents.records(SYSTEM, as_of=period.as_of, ids=[resident.id] if resident else [])
    if not found:
        raise NotFound(lazy("This company has no entry in the register on that day."), "as_of")
    return found[0]


def collect_extract(period: Period, territory: Territory | None, resident: Resident | None) -> Collected:
    record = _own_record(period, resident)
    naming = Naming(period)
    own_contracts = contracts.records(SYSTEM, resident_id=record.id, as_of=period.as_of)
    own_patents = [
        row
        for row in patents.records(SYSTEM.limited_to(record.territory_id), as_of=period.as_of)
        if row.held_by(record.bin)
    ]
    lines = accepted.accepted_lines(SYSTEM, resident_id=record.id, as_of=period.as_of)
    body = s.Extract(
        entry=entry_of(record, naming, period, full=True),
        contracts=tuple(contract_of(row, naming, period) for row in own_contracts),
        patents=tuple(patent_of(row, naming, frozenset()) for row in own_patents),
        figures=_figures(lines),
    )
    return body, None, record.is_demo


def _figures(lines: Iterable[LineRecord]) -> tuple[s.Figures, ...]:
    """An entry's accepted lines, added up by quarter."""
    quarters: dict[tuple[int, int], list[LineRecord]] = {}
    for line in lines:
        quarters.setdefault((line.year, line.quarter), []).append(line)
    found = []
    for (year, quarter), own in sorted(quarters.items()):
        day = quarter_end(year, quarter)
        counting = {section: reference.counting_codes(dictionary, day) for section, dictionary in DICTIONARIES.items()}

        def counted(section: Section, own: list[LineRecord] = own, counting: dict = counting) -> int:
            return sum(line.amount or 0 for line in own if line.section == section and line.code in counting[section])

        staff = [line.count for line in own if line.section == Section.STAFF and line.code == RESEARCH]
        found.append(
            s.Figures(
                year=year,
                quarter=quarter,
                revenue=sum(line.amount or 0 for line in own if line.section == Section.REVENUE),
                revenue_counted=counted(Section.REVENUE),
                taxes_counted=counted(Section.TAX),
                research_specialists=sum(count or 0 for count in staff) if staff else None,
                investment_counted=counted(Section.INVESTMENT),
            )
        )
    return tuple(found)


def collect_certificate(period: Period, territory: Territory | None, resident: Resident | None) -> Collected:
    record = _own_record(period, resident)
    naming = Naming(period, [record])
    return s.Certificate(replace(entry_of(record, naming, period, full=False), changes=())), None, record.is_demo
