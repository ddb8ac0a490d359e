"""The extract from the register: all that is known about one entry on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from registry.contracts import queries as contracts
from registry.infra.access import SYSTEM
from registry.infra.i18n import format_quarter
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.contracts import contract_of
from registry.paper_kinds.entries import EntryWriter, entry_of, own_record
from registry.paper_kinds.kind import ONE_PARTICIPANT, REPORTED_CODES, Asked, PaperKind, Reads, Whose
from registry.paper_kinds.naming import Collected, Naming
from registry.paper_kinds.patents import patent_of
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH
from registry.patents import queries as patents
from registry.printing.layout import Block, Section, row_of
from registry.reports import accepted, totals
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.reports.rules import RESEARCH
from registry.residents import queries as residents

WORDS: Words = {
    "type.extract": ("ҮЗІНДІ КӨШІРМЕ", "ВЫПИСКА", "EXTRACT"),
    "title.extract": (
        "Қатысушылар тізілімінен үзінді көшірме",
        "Выписка из реестра участников",
        "Extract from the register of participants",
    ),
    "col.change": ("Өзгеріс", "Изменение", "Change"),
    "col.effective_on": ("Күшіне енген күні", "Дата вступления в силу", "Effective date"),
    "col.specialists": (
        "Ғылыми-зерттеуші мамандар, адам",
        "Специалисты-исследователи, человек",
        "Research specialists, persons",
    ),
    "change.suspended": ("мәртебені тоқтата тұру", "приостановление статуса", "suspension of status"),
    "change.resumed": ("мәртебені қалпына келтіру", "возобновление статуса", "resumption of status"),
    "change.excluded": ("тізілімнен шығару", "исключение из реестра", "exclusion from the register"),
    "part.entry": ("Тізілім жазбасы", "Запись реестра", "Entry of the register"),
    "part.changes": ("Мәртебенің өзгерістері", "История статуса", "History of the status"),
    "part.contracts": ("Шарттар", "Договоры", "Contracts"),
    "part.patents": ("Зияткерлік меншік", "Интеллектуальная собственность", "Intellectual property"),
    "part.figures": (
        "Қабылданған есептердің көрсеткіштері",
        "Показатели принятых отчетов",
        "Figures of accepted reports",
    ),
}


@dataclass(frozen=True, slots=True)
class Figures:
    """The sums of the accepted report lines of a company in one quarter; money is in tiyn.

    The ``_counted`` sums are of lines that count: for indicator 1 (taxes), 4 (investment) and 5 (revenue).
    ``research_specialists`` is None where the report states no such line.
    """

    year: int
    quarter: int
    revenue: int
    revenue_counted: int
    taxes_counted: int
    research_specialists: int | None
    investment_counted: int


@dataclass(frozen=True, slots=True)
class Extract:
    """An entry with its contracts, its company's patents and the sums of its company's accepted reports."""

    entry: s.Entry
    contracts: tuple[s.Contract, ...]
    patents: tuple[s.Patent, ...]
    figures: tuple[Figures, ...]


def collect(asked: Asked) -> Collected:
    """All that is known about an entry on the paper's day.

    :raises NotFound: when the company has no entry on that day.
    """
    record = own_record(asked)
    day, known_at = asked.period.as_of, asked.period.known_at
    own_contracts = contracts.records(SYSTEM, resident_id=record.id, as_of=day, known_at=known_at)
    held = patents.records(
        SYSTEM.limited_to(record.territory_id),
        as_of=day,
        known_at=known_at,
        ids=patents.ever_held_by([record.bin]),
    )
    own_patents = [row for row in held if row.held_by(record.bin)]
    named = {record.bin}.union(*(row.over_time.bins() | {*row.foreign.values()} for row in own_patents))
    companies = residents.records(SYSTEM, as_of=day, known_at=known_at, bins=named)
    naming = Naming(asked.period, companies, territory_id=record.territory_id)
    company = (record.territory_id, record.bin)
    lines = accepted.accepted_lines(SYSTEM, company=company, as_of=day, known_at=known_at)
    body = Extract(
        entry=entry_of(record, naming, asked.period, full=True),
        contracts=tuple(contract_of(row, naming, asked.period) for row in own_contracts),
        patents=tuple(patent_of(row, naming, frozenset()) for row in own_patents),
        figures=_figures(
            lines,
            totals.line_counts(SYSTEM, as_of=day, known_at=known_at, company=company),
        ),
    )
    return body, None, record.is_demo


def _figures(lines: Iterable[LineRecord], line_counts: Callable[[LineRecord], bool]) -> tuple[Figures, ...]:
    """The accepted lines of a company, added up by quarter; ``line_counts`` tells which count for an indicator."""
    quarters: dict[tuple[int, int], list[LineRecord]] = {}
    for line in lines:
        quarters.setdefault((line.year, line.quarter), []).append(line)
    found = []
    for (year, quarter), own in sorted(quarters.items()):

        def counted(section: report_rules.Section, own: list[LineRecord] = own) -> int:
            return sum(line.amount or 0 for line in own if line.section == section and line_counts(line))

        staff = [line.count for line in own if line.section == report_rules.Section.STAFF and line.code == RESEARCH]
        found.append(
            Figures(
                year=year,
                quarter=quarter,
                revenue=sum(line.amount or 0 for line in own if line.section == report_rules.Section.REVENUE),
                revenue_counted=counted(report_rules.Section.REVENUE),
                taxes_counted=counted(report_rules.Section.TAX),
                research_specialists=sum(count or 0 for count in staff) if staff else None,
                investment_counted=counted(report_rules.Section.INVESTMENT),
            )
        )
    return tuple(found)


class ExtractPaper(EntryWriter):
    """Writes the extract: an entry with its history, contracts, patents and accepted figures."""

    words = WORDS

    def sections(self, body: Extract) -> list[Section]:
        self.notes.append(self.say("note.accepted"))
        if body.patents:
            self.notes.append(self.say("note.inid"))
        changes = [
            row_of(
                number,
                self.say(f"change.{change.change}"),
                self.day(change.effective_on),
                self.text(change.ground) or DASH,
                self.reference(change.decision_no, change.decision_date) or DASH,
            )
            for number, change in enumerate(body.entry.changes, start=1)
        ]
        change_columns = [
            self.column("no", 11, "index"),
            self.column("change", 55),
            self.column("effective_on", 28, "date"),
            self.column("ground", 46),
            self.column("decision", 36),
        ]
        return [
            Section((self.facts(self.entry_facts(body.entry, full=True)),), heading=self.say("part.entry")),
            Section((self.table(change_columns, changes),), heading=self.say("part.changes")),
            Section((self._contracts_of_one(body.contracts),), heading=self.say("part.contracts")),
            Section((self._patents_of_one(body.patents),), heading=self.say("part.patents")),
            Section((self._figures(body.figures),), heading=self.say("part.figures")),
        ]

    def _contracts_of_one(self, found: Sequence[s.Contract]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("contract_no", 38),
            self.column("contract_kind", 60),
            self.column("term", 25, "date"),
            self.column("amount", 34, "number"),
        ]
        rows = [
            row_of(
                number,
                self.dated(item.number, item.signed_on),
                self.below(
                    self.contract_subject(item),
                    *([self.say("col.addenda") + ":", self.addenda(item)] if item.addenda else []),
                ),
                self.term(item),
                self.money(item.amount),
            )
            for number, item in enumerate(found, start=1)
        ]
        return self.table(columns, rows)

    def _patents_of_one(self, found: Sequence[s.Patent]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("title_no", 26),
            self.column("ip_kind", 40),
            self.column("ip_name", 54),
            self.column("filed_on", 23, "date"),
            self.column("ip_registered_on", 23, "date"),
        ]
        rows = [
            row_of(
                number,
                patent.title_no or patent.application_no or DASH,
                f"{self.text(patent.kind)}, {patent.office}",
                self.text(patent.name),
                self.day(patent.filed_on),
                self.day(patent.registered_on, DASH),
            )
            for number, patent in enumerate(found, start=1)
        ]
        return self.table(columns, rows)

    def _figures(self, found: Sequence[Figures]) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("period", 34),
            self.column("revenue", 27, "number"),
            self.column("counted_revenue", 27, "number"),
            self.column("counted_taxes", 27, "number"),
            self.column("investment", 27, "number"),
            self.column("specialists", 27, "number"),
        ]
        rows = [
            row_of(
                number,
                format_quarter(item.year, item.quarter, self.language),
                self.money(item.revenue),
                self.money(item.revenue_counted),
                self.money(item.taxes_counted),
                self.money(item.investment_counted),
                self.whole(item.research_specialists),
            )
            for number, item in enumerate(found, start=1)
        ]
        return self.table(columns, rows)


KIND = PaperKind(
    code="extract",
    number_code="EXT",
    group=ONE_PARTICIPANT,
    whose=Whose.RESIDENT,
    sources=("register", "contracts", "patents", "reports"),
    of_a_moment=True,
    states_rows=False,
    reads=frozenset({Reads.ENTRIES, Reads.DETAILS, Reads.PARTICIPATION, Reads.CONTRACTS, Reads.PATENTS, Reads.REPORTS}),
    dictionaries=(
        "legal_forms",
        "participant_types",
        "status_grounds",
        "priority_directions",
        "contract_kinds",
        "ip_kinds",
        *REPORTED_CODES,
        "counting_rules",
    ),
    body=Extract,
    collect=collect,
    writer=ExtractPaper,
)
