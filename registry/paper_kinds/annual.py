"""The annual report of a management company: thirteen parts and two annexes (``domain.md`` 5.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.indicators import queries as indicators
from registry.indicators.rules import INDICATORS, has_data
from registry.infra.access import SYSTEM
from registry.infra.charts import actual_against_target
from registry.infra.i18n import format_quarter, lazy
from registry.journal import queries as journal
from registry.paper_kinds import discipline, words
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.accounts import Accounts, accounts_of
from registry.paper_kinds.debtors import DebtorsPaper
from registry.paper_kinds.entries import entry_of
from registry.paper_kinds.indicators import Indicators, IndicatorsPaper
from registry.paper_kinds.indicators import collect as collect_indicators
from registry.paper_kinds.kind import REPORTS, Asked, Asks, PaperKind
from registry.paper_kinds.naming import Collected, Naming, id_of, reader_of, term, territory_of
from registry.paper_kinds.patents import patent_of
from registry.paper_kinds.premises import PremisesPaper, tenancies
from registry.paper_kinds.revenues import RevenuesPaper
from registry.paper_kinds.rules import Period
from registry.paper_kinds.taxes import TaxesPaper
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, ROMAN
from registry.patents import queries as patents
from registry.printing.layout import (
    Block,
    Cell,
    Chart,
    Column,
    Contents,
    Facts,
    Notes,
    Paragraph,
    Row,
    Section,
    Source,
    row_of,
)
from registry.reference import queries as reference
from registry.reports import accepted
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.reports.rules import QUARTERS, STAFF_CODES
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.residents.rules import Change
from registry.territories.models import Territory
from registry.territories.queries import all_territories

WORDS: Words = {
    "type.annual": ("ЕСЕП", "ОТЧЕТ", "REPORT"),
    "title.annual.resident": (
        "Басқарушы компанияның жылдық есебі",
        "Годовой отчет управляющей компании",
        "Annual report of the management company",
    ),
    "title.annual.participant": (
        "Басқарушы компанияның жылдық есебі",
        "Годовой отчет управляющей компании",
        "Annual report of the management company",
    ),
    "title.annual.all": (
        "Басқарушы компаниялардың жиынтық жылдық есебі",
        "Сводный годовой отчет управляющих компаний",
        "Consolidated annual report of the management companies",
    ),
    "contents": ("Мазмұны", "Содержание", "Contents"),
    "annual.about": ("Есеп туралы жалпы мәліметтер", "Общие сведения об отчете", "About this report"),
    "annual.passports": ("Аумақтардың паспорттары", "Паспорта территорий", "Passports of the territories"),
    "annual.passport": ("Аумақтың паспорты", "Паспорт территории", "Passport of the territory"),
    "annual.indicators": (
        "Нысаналы индикаторлардың орындалуы",
        "Исполнение целевых индикаторов",
        "Achievement of the target indicators",
    ),
    "annual.movement": ("Тізілімнің қозғалысы", "Движение реестра", "Movement of the register"),
    "annual.taxes": (
        "Бюджеттік сыныптама кодтары мен бюджет деңгейлері бойынша салықтық түсімдер",
        "Налоговые поступления по кодам бюджетной классификации и уровням бюджета",
        "Tax receipts by budget classification code and level of budget",
    ),
    "annual.revenues": (
        "Санаттар бойынша түсім және экспорт үлесі",
        "Выручка по категориям и доля экспорта",
        "Revenue by category and export share",
    ),
    "annual.patents": ("Зияткерлік меншік", "Интеллектуальная собственность", "Intellectual property"),
    "annual.staff": (
        "Санаттар бойынша қызметкерлердің тізімдік саны",
        "Списочная численность работников по категориям",
        "Headcount by category",
    ),
    "annual.investment": ("Көздері бойынша инвестициялар", "Инвестиции по источникам", "Investment by source"),
    "annual.projects": (
        "Ғылымның басым бағыттары және технологиялық әзірлік деңгейі",
        "Приоритетные направления науки и уровень готовности технологий",
        "Priority directions of science and technology readiness",
    ),
    "annual.contracts": ("Шарттар мен үй-жайлар", "Договоры и помещения", "Contracts and premises"),
    "annual.discipline": (
        "Есептілікті ұсыну тәртібі",
        "Дисциплина представления отчетности",
        "Discipline of reporting",
    ),
    "annual.plan": (
        "Іс-қимыл жоспары іс-шараларының орындалуы",
        "Исполнение мероприятий плана действий",
        "Events of the action plan",
    ),
    "annual.annex.register": (
        "Қатысушылар тізілімі",
        "Реестр участников",
        "Register of participants",
    ),
    "annual.annex.evidence": (
        "Салықтық түсімдер туралы деректерді растайтын құжаттар",
        "Документы, подтверждающие данные о налоговых поступлениях",
        "Documents behind the data on tax receipts",
    ),
    "annual.closed_on": (
        "Тізілім деректерінің күні",
        "Дата данных реестра",
        "Date of the register data",
    ),
    "annual.participants": (
        "Осы күнгі қатысушылар саны",
        "Количество участников на эту дату",
        "Participants on that day",
    ),
    "annual.kind": ("Аумақтың түрі", "Вид территории", "Kind of territory"),
    "kind.park": ("ғылыми-технологиялық парк", "научно-технологический парк", "science and technology park"),
    "kind.city": ("ғылым қалашығы", "наукоград", "science city"),
    "annual.status_act": (
        "Мәртебе беру туралы акт",
        "Акт о присвоении статуса",
        "Act granting the status",
    ),
    "annual.area": ("Аумақтың алаңы", "Площадь территории", "Area of the territory"),
    "annual.strategy": ("Даму стратегиясы", "Стратегия развития", "Development strategy"),
    "annual.absent": (
        "тізілімде жүргізілмейді",
        "в реестре не ведется",
        "not kept in the register",
    ),
    "annual.no_plan": (
        "Іс-қимыл жоспарының іс-шаралары туралы деректер тізілімде жүргізілмейді, сондықтан бұл бөлімде көрсеткіштер "
        "жоқ. Іс-шаралардың орындалуы туралы мәліметтерді басқарушы компания жеке ұсынады.",
        "Данные о мероприятиях плана действий в реестре не ведутся, поэтому показателей в этой части нет. Сведения об "
        "исполнении мероприятий управляющая компания представляет отдельно.",
        "The register keeps no data on events of the action plan, so this part has no figures. The management company "
        "reports on the events separately.",
    ),
    "annual.chart": ("{n}-индикатор", "Индикатор {n}", "Indicator {n}"),
    "annual.no_data": ("деректер жоқ", "нет данных", "no data"),
    "annual.by_type": ("Қатысушы түрлері бойынша", "По типам участников", "By type of participant"),
    "annual.by_size": ("Кәсіпорын мөлшері бойынша", "По размерности предприятия", "By enterprise size"),
    "annual.entered": (
        "Есепті кезеңде тізілімге енгізілгендер",
        "Включены в реестр за отчетный период",
        "Entered in the register in the reporting period",
    ),
    "annual.excluded": (
        "Есепті кезеңде тізілімнен шығарылғандар",
        "Исключены из реестра за отчетный период",
        "Excluded from the register in the reporting period",
    ),
    "annual.by_budget": ("Бюджет деңгейлері бойынша", "По уровням бюджета", "By level of budget"),
    "annual.by_code": (
        "Бюджеттік сыныптама кодтары бойынша",
        "По кодам бюджетной классификации",
        "By budget classification code",
    ),
    "annual.all_patents": (
        "Зияткерлік меншік объектілерінің толық тізбесі",
        "Полный перечень объектов интеллектуальной собственности",
        "Full list of intellectual property",
    ),
    "annual.premises": (
        "Шарт бойынша берілген үй-жайлар",
        "Помещения, переданные по договорам",
        "Premises let by contract",
    ),
    "annual.debts": (
        "Есептілікті ұсынбаған қатысушылар",
        "Участники, не представившие отчетность",
        "Participants with overdue reports",
    ),
    "col.indicator_no_year": ("Жыл", "Год", "Year"),
    "col.size": ("Кәсіпорын мөлшері", "Размерность предприятия", "Enterprise size"),
    "size.small": ("шағын", "малое", "small"),
    "size.medium": ("орта", "среднее", "medium"),
    "size.large": ("ірі", "крупное", "large"),
    "size.unknown": ("көрсетілмеген", "не указана", "not stated"),
    "col.opening": ("{day} күнгі саны", "На {day}", "On {day}"),
    "col.closing": ("{day} күнгі саны", "На {day}", "On {day}"),
    "col.entered": ("Енгізілгені", "Включено", "Entered"),
    "col.excluded": ("Шығарылғаны", "Исключено", "Excluded"),
    "col.share": ("Үлесі, %", "Доля, %", "Share, %"),
    "col.staff": ("Қызметкерлердің санаты, адам", "Категория работников, человек", "Category of staff, persons"),
    "col.investment_source": ("Инвестициялар көзі", "Источник инвестиций", "Source of investment"),
    "col.investment_amount": ("Сомасы, теңге", "Сумма, тенге", "Amount, KZT"),
    "subtotal": ("Топ бойынша барлығы", "Итого по группе", "Group total"),
    "col.direction": ("Ғылымның басым бағыты", "Приоритетное направление науки", "Priority direction of science"),
    "col.trl_at_entry": ("TRL, енгізілген кезде", "УГТ при включении", "TRL at entry"),
    "col.in_force": ("Қолданыста", "Действует", "In force"),
    "col.concluded": ("Жыл ішінде жасалды", "Заключено за год", "Concluded in the year"),
    "col.terminated": ("Жыл ішінде бұзылды", "Расторгнуто за год", "Terminated in the year"),
    "col.discipline": ("Есептер", "Отчеты", "Reports"),
    "discipline.expected": ("күтіледі", "ожидается", "expected"),
    "discipline.accepted": ("қабылданды", "принято", "accepted"),
    "discipline.on_time": (
        "оның ішінде мерзімінде тапсырылды",
        "в том числе сдано в срок",
        "including sent in time",
    ),
    "discipline.late": (
        "оның ішінде мерзімінен кеш тапсырылды",
        "в том числе сдано с опозданием",
        "including sent late",
    ),
    "discipline.imported": (
        "оның ішінде файлмен енгізілді (тапсырылған күні белгісіз)",
        "в том числе внесено файлом (дата сдачи неизвестна)",
        "including brought in by a file (day of sending unknown)",
    ),
    "discipline.waiting": ("тапсырылды, қаралуда", "сдано, на рассмотрении", "sent, under review"),
    "discipline.owed": ("мерзімі өтті, тапсырылмады", "срок истек, не сдано", "overdue, not sent"),
    "discipline.not_due": ("мерзімі келген жоқ", "срок не наступил", "not yet due"),
    "col.lines": ("Жолдар саны", "Число строк", "Lines"),
    "col.quarter_of": ("{n} тоқсан", "{n} квартал", "Q{n}"),
    "note.staff": (
        "Тоқсандағы қабылданған есептердің қосындысы. 3-индикаторға әр қатысушының жылдағы соңғы тоқсаны ғана кіреді, "
        "сондықтан сандар сәйкес келмеуі мүмкін.",
        "Суммы по принятым отчетам квартала. В индикатор 3 входит только последний квартал каждого участника в году, "
        "поэтому числа могут не совпадать.",
        "Sums of the accepted reports of the quarter. Indicator 3 takes each participant’s latest quarter of the year "
        "only, so the numbers may differ.",
    ),
    "note.projects": (
        "Тізілімде жобалар жеке жүргізілмейді: қатысушының басым бағыты және технологиялық әзірлік деңгейі (TRL) "
        "тізілімге енгізілген кезде және тізілім күні бойынша көрсетілген.",
        "Проекты в реестре отдельно не ведутся: показаны приоритетное направление и уровень готовности технологии "
        "(УГТ) участника при включении в реестр и на дату реестра.",
        "The register keeps no projects apart: shown are each participant’s priority direction and technology "
        "readiness level (TRL) at entry and on the day of the register.",
    ),
    "note.dues": ("Тапсыру мерзімдері: {list}.", "Сроки сдачи: {list}.", "Due dates: {list}."),
    "note.movement": (
        "Түрі мен мөлшері тізілім күніндегі деректер бойынша көрсетілген.",
        "Тип и размерность показаны по данным на дату реестра.",
        "Type and size are those on the day of the register.",
    ),
}


@dataclass(frozen=True, slots=True)
class Passport:
    """What is known of a territory itself; its company is in the scope of a paper about that territory alone."""

    territory: s.Territory
    kato: str
    status_act_no: str | None
    status_act_date: date | None
    company: s.Text
    rules: s.Text
    rules_no: str | None
    rules_date: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """An indicator's actual values and targets by year, in hundredths of the unit: what its chart shows."""

    number: int
    unit: str
    years: tuple[int, ...]
    actual: tuple[int | None, ...]
    target: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """How many entries of one group there were at the opening, entered, were excluded, and are at the closing.

    ``code`` is a type of participant with its ``name``, or a size: small, medium, large or unknown.
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
    """Persons of one category by quarter, as all accepted reports together state them; None where none does."""

    code: str
    quarters: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document on which accepted tax lines of a company rest: how many lines, and their sum."""

    who: s.Who
    quarter: int
    document_kind: str | None
    document_no: str | None
    document_date: date | None
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class Project:
    """A participant's priority direction with its technology readiness at entry and on the closing day."""

    who: s.Who
    direction: s.Text
    trl_at_entry: int | None
    trl: int | None


@dataclass(frozen=True, slots=True)
class ContractGroup:
    """Contracts of one kind: in force on the closing day, concluded and terminated within the year."""

    kind: s.Text
    in_force: int
    concluded: int
    terminated: int
    area: int
    amount: int


@dataclass(frozen=True, slots=True)
class Annual:
    """The year of a territory; ``opened_on`` is the day before the year, ``closed_on`` its last day or the paper's."""

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


SIZES = ("small", "medium", "large")
"""Sizes of enterprises by KRP code (``domain.md`` 3.3)."""


def collect(asked: Asked) -> Collected:
    """A year of one territory or of all; of a year still running, what it holds by the paper's day."""
    year, territory_id = asked.period.reporting_year, id_of(asked.territory)
    opened_on, closed_on = date(year - 1, 12, 31), min(asked.period.as_of, date(year, 12, 31))
    naming = Naming(asked.period)
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
        evidence=_evidence(asked.period, territory_id, naming),
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
    )


def _courses(period: Period, territory_id: int | None) -> tuple[Course, ...]:
    by_year = indicators.by_year(SYSTEM, territory_id=territory_id, as_of=period.as_of)
    years = tuple(year for year in by_year if year <= max(period.reporting_year, min(by_year)) + 4)
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
            found.append(Movement(group, s.NOTHING, opening[group], entered[group], excluded[group], closing))
    return tuple(found)


def _types() -> list[str]:
    return [row.code for row in reference.entries("participant_types")]


def _size(entry: ResidentRecord) -> str:
    """The size an entry's KRP code stands for; ``unknown`` where it has none."""
    found = reference.entry("krp", entry.krp) if entry.krp else None
    return next((size for size in SIZES if found and size in found.attributes.split(";")), "unknown")


def _departures(
    entries: Iterable[ResidentRecord], opened_on: date, closed_on: date, naming: Naming
) -> tuple[Departure, ...]:
    return tuple(
        Departure(
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
    return tuple(Headcount(code, tuple(counts.get((code, quarter)) for quarter in QUARTERS)) for code in STAFF_CODES)


def _projects(closing: Iterable[ResidentRecord], naming: Naming, closed_on: date) -> tuple[Project, ...]:
    """Participants that state a direction or a readiness; the readiness at entry is that of the entry's first act."""
    found = [entry for entry in closing if entry.priority_direction or entry.trl]
    states = journal.states(Resident, as_of=closed_on, ids=[entry.id for entry in found]) if found else {}
    return tuple(
        Project(
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
        group = ContractGroup(
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


def _evidence(period: Period, territory_id: int | None, naming: Naming) -> tuple[Evidence, ...]:
    """What the counted tax lines rest on, one row for each document of a company and quarter."""
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


_BILLION = 100_000_000_000
"""Tiyn in a billion tenge."""


class AnnualPaper(TaxesPaper, RevenuesPaper, IndicatorsPaper, PremisesPaper, DebtorsPaper):
    """The body of the annual report."""

    words = WORDS

    def sections(self, body: Any) -> list[Section]:
        parts: list[tuple[str, Sequence[Block]]] = [
            ("about", (self._about(body), Contents(self.say("contents")))),
            ("passport", [self._passport(row) for row in body.passports]),
            ("indicators", self._achieved(body)),
            ("movement", self._movement(body)),
            ("taxes", self._tax_parts(body)),
            ("revenues", self._revenue_parts(body)),
            ("patents", self._patent_parts(body)),
            ("staff", self._staff(body)),
            ("investment", self._investment(body)),
            ("projects", self._projects(body)),
            ("contracts", self._contract_parts(body)),
            ("discipline", self._discipline(body)),
            ("plan", (Paragraph(self.say("annual.no_plan")),)),
        ]
        if len(body.passports) > 1:
            parts[1] = ("passports", parts[1][1])
        found = [
            Section(tuple(blocks), heading=f"{number}. {self.say(f'annual.{key}')}", new_page=number == 2)
            for number, (key, blocks) in enumerate(parts, start=1)
        ]
        annexes = (("annual.annex.register", self._register(body)), ("annual.annex.evidence", self._evidence(body)))
        return found + [
            Section((block,), heading=self.say(key), annex=self.say("annex", n=number))
            for number, (key, block) in enumerate(annexes, start=1)
        ]

    def quarter(self, number: int) -> str:
        """A quarter as the heading of a column."""
        return self.say("col.quarter_of", n=number if self.language == "en" else ROMAN[number])

    def counts(self, values: Sequence[int]) -> tuple[Cell, ...]:
        return tuple(self.whole(value) for value in values)

    def _about(self, body: Annual) -> Facts:
        scope, coverage = self.snapshot.scope, self.snapshot.coverage
        territory = scope.territory
        rows = [
            *([(self.say("company"), self.text(scope.company.name))] if territory else []),
            (self.say("territory"), self.text(territory.name) if territory else self.say("all_territories")),
            (self.say("col.period"), words.year(self.snapshot.reporting_year, self.language)),
            (self.say("annual.closed_on"), self.day(body.closed_on)),
            (self.say("annual.participants"), self.whole(len(body.entries))),
            (
                self.say("col.coverage"),
                self._part(coverage.accepted, coverage.expected) if coverage else "",
            ),
        ]
        return self.facts(rows)

    def _passport(self, row: Passport) -> Facts:
        absent = self.say("annual.absent")
        rules = ", ".join(part for part in (self.text(row.rules), self.reference(row.rules_no, row.rules_date)) if part)
        return self.facts([
            (self.say("territory"), self.text(row.territory.name)),
            (self.say("annual.kind"), self.say(f"kind.{row.territory.kind}")),
            (self.say("company"), self.text(row.company)),
            (self.say("annual.status_act"), self.reference(row.status_act_no, row.status_act_date)),
            (self.say("label.kato"), row.kato),
            (self.say("label.rules"), rules),
            (self.say("annual.area"), absent),
            (self.say("annual.strategy"), absent),
        ])  # fmt: skip

    def _part(self, some: int, whole: int) -> str:
        return f"{self.written(self.whole(some))} / {self.written(self.whole(whole))}"

    def _achieved(self, body: Annual) -> list[Block]:
        found = [self.indicator_table(body.indicators), Notes(self.indicator_notes(body.indicators))]
        if body.indicators.parts:
            found.append(self.by_territory(body.indicators, caption=self.say("annex.territories")))
        titles = {item.number: self.text(item.title) for item in body.indicators.indicators}
        for course in body.courses:
            found += self._course(course, titles.get(course.number, ""))
        return found

    def _course(self, course: Course, title: str) -> list[Block]:
        """The chart of an indicator by year, and its numbers beneath."""
        unit, divisor = self.say(f"unit.{course.unit}"), _BILLION if course.unit == "KZT" else 100
        caption = f"{self.say('annual.chart', n=course.number)}. {title}, {unit}"
        if all(value is None for value in (*course.actual, *course.target)):
            return [Paragraph(f"{caption}: {self.say('annual.no_data')}.")]

        def listed(values: Sequence[int | None]) -> str:
            known = [
                f"{year} {DASH} {self.written(self.value(course.unit, value))}"
                for year, value in zip(course.years, values, strict=True)
                if value is not None
            ]
            return "; ".join(known) or self.say("annual.no_data")

        svg = actual_against_target(
            course.years,
            tuple(None if value is None else value / divisor for value in course.actual),
            tuple(None if value is None else value / divisor for value in course.target),
            actual_label=self.say("col.actual"),
            target_label=self.say("col.target"),
            unit=unit,
            language=self.language,
        )
        alternative = (
            f"{caption}. {self.say('col.actual')}: {listed(course.actual)}. "
            f"{self.say('col.target')}: {listed(course.target)}."
        )
        columns = [
            Column(self.say("col.indicator_no_year"), 35, "label"),
            *(Column(str(year), 140 / len(course.years), "number") for year in course.years),
        ]
        rows = [
            row_of(self.say(f"col.{key}"), *(self.value(course.unit, value) for value in values))
            for key, values in (("target", course.target), ("actual", course.actual))
        ]
        return [Chart(_described(svg, alternative), caption), self.table(columns, rows)]

    def _movement(self, body: Annual) -> list[Block]:
        entered = [
            row_of(
                number, *self.place(entry.who), self.entered(entry.who), self.text(entry.who.name),
                self.day(entry.registered_on), self.reference(entry.decision_no, entry.decision_date) or DASH,
            )
            for number, entry in enumerate(self.sorted_by_name(body.entered, lambda entry: entry.who.name), start=1)
        ]  # fmt: skip
        excluded = [
            row_of(
                number, *self.place(item.who), self.entered(item.who), self.text(item.who.name),
                self.day(item.change.effective_on), self.text(item.change.ground) or DASH,
                self.reference(item.change.decision_no, item.change.decision_date) or DASH,
            )
            for number, item in enumerate(self.sorted_by_name(body.excluded, lambda item: item.who.name), start=1)
        ]  # fmt: skip
        who = [
            self.column("no", 11, "index"), self.territory_column(), self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50),
        ]  # fmt: skip
        return [
            self._movement_table(body, body.by_type, "col.type", self.say("annual.by_type")),
            self._movement_table(body, body.by_size, "col.size", self.say("annual.by_size")),
            self.table(
                [*who, self.column("registered_on", 24, "date"), self.column("decision", 30)],
                self.counted(entered, len([column for column in who if column]) + 2),
                self.say("annual.entered"),
            ),
            self.table(
                [
                    *who, self.column("excluded_on", 22, "date"), self.column("ground", 34),
                    self.column("decision", 30),
                ],
                self.counted(excluded, len([column for column in who if column]) + 3),
                self.say("annual.excluded"),
            ),
            Notes((self.say("note.movement"),)),
        ]  # fmt: skip

    def _movement_table(self, body: Annual, found: Sequence[Movement], key: str, caption: str) -> Block:
        columns = [
            self.column("no", 11, "index"), Column(self.say(key), 60),
            Column(self.say("col.opening", day=self.day(body.opened_on)), 26, "number"),
            self.column("entered", 26, "number"), self.column("excluded", 26, "number"),
            Column(self.say("col.closing", day=self.day(body.closed_on)), 26, "number"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, self.text(row.name) or self.say(f"size.{row.code}"),
                *self.counts((row.opening, row.entered, row.excluded, row.closing)),
            )
            for number, row in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            sums = [sum(getattr(row, name) for row in found) for name in ("opening", "entered", "excluded", "closing")]
            rows.append(row_of(self.say("total"), *self.counts(sums), style="total", span=2))
        return self.table(columns, rows, caption)

    def _tax_parts(self, body: Annual) -> list[Block]:
        budgets = {code.code: code.budget for code in body.taxes.codes}
        counted = [item for account in body.taxes.accounts for item in account.sums if item.counts]
        columns = [
            self.column("no", 11, "index"), self.column("budget", 60), self.column("paid", 52, "number"),
            self.column("share", 52, "number"),
        ]  # fmt: skip
        total = sum(item.amount for item in counted)
        rows = []
        for number, budget in enumerate(("republican", "local"), start=1):
            amount = sum(item.amount for item in counted if budgets[item.code] == budget)
            rows.append(row_of(number, self.say(f"budget.{budget}"), self.money(amount), self.percent(amount, total)))
        rows.append(
            row_of(
                self.say("total"),
                self.money(total),
                self.percent(total, total),
                style="total",
                span=2,
                source=Source("tax", True),
            )
        )
        everything = [item for account in body.taxes.accounts for item in account.sums]
        return [
            self.table(columns, rows, self.say("annual.by_budget")),
            self.by_code(body.taxes, everything, caption=self.say("annual.by_code")),
            Notes((self.say("note.taxes"),)),
        ]

    def _revenue_parts(self, body: Annual) -> list[Block]:
        everything = [item for account in body.revenues.accounts for item in account.sums]
        return [self.by_category(body.revenues.codes, everything), Notes((self.say("note.export"),))]

    def _patent_parts(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"), self.column("title", 28, "label"), self.column("ip_kind", 26, "label"),
            self.column("ip_name", 37), self.column("filed_on", 22, "date"), self.column("holders", 37),
            self.column("counted", 21, "centre"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, self.dated(patent.title_no, patent.registered_on),
                f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name), self.day(patent.filed_on),
                self.below(*map(self.holder, patent.holders)),
                self.say("yes") if patent.counted else DASH,
            )
            for number, patent in enumerate(self.sorted_by_name(body.patents, lambda patent: patent.name), start=1)
        ]  # fmt: skip
        if rows:
            label = self.say("total.count", count=self.whole(len(rows)))
            counted = self.whole(sum(patent.counted for patent in body.patents))
            rows.append(row_of(label, counted, style="total", span=len(columns) - 1))
        year = self.snapshot.reporting_year
        return [
            self.counted_patents(body.indicators.patents, caption=self.say("annex.patents")),
            self.table(columns, rows, self.say("annual.all_patents")),
            Notes((self.say("note.inid"), self.say("note.counting", year=year))),
        ]

    def _staff(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"), self.column("staff", 64),
            *(Column(self.quarter(quarter), 25, "number") for quarter in (1, 2, 3, 4)),
        ]  # fmt: skip
        rows = [
            row_of(number, self.say(f"staff.{row.code}"), *(self.whole(count) for count in row.quarters))
            for number, row in enumerate(body.staff, start=1)
        ]
        return [self.table(columns, rows), Notes((self.say("note.staff"),))]

    def _investment(self, body: Annual) -> list[Block]:
        everything = [item for account in body.investment.accounts for item in account.sums]
        columns = [
            self.column("no", 11, "index"), self.column("investment_source", 80),
            self.column("investment_amount", 46, "number"), self.column("share", 38, "number"),
        ]  # fmt: skip
        whole = sum(item.amount for item in everything)
        names = {code.code: self.text(code.name) for code in body.investment.codes}
        rows: list[Row] = []
        number = 0
        for counts in (True, False):
            part = [item for item in everything if item.counts is counts]
            if not part:
                continue
            rows.append(
                row_of(self.say("subtotal.counted" if counts else "subtotal.not_counted"), style="group", span=4)
            )
            for code, name in names.items():
                sums = [item.amount for item in part if item.code == code]
                if sums:
                    number += 1
                    rows.append(row_of(number, name, self.money(sum(sums)), self.percent(sum(sums), whole)))
            amount = sum(item.amount for item in part)
            cells = self.say("subtotal"), self.money(amount), self.percent(amount, whole)
            rows.append(row_of(*cells, style="total", span=2, source=Source("investment", counts)))
        if rows:
            cells = self.say("total"), self.money(whole), self.percent(whole, whole)
            rows.append(row_of(*cells, style="total", span=2, source=Source("investment")))
        return [self.table(columns, rows)]

    def _projects(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("name", 44),
            self.column("bin", 25, "code"), self.column("direction", 52), self.column("trl_at_entry", 24, "centre"),
            self.column("trl", 24, "centre"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, *self.place(item.who), self.text(item.who.name), self.bin(item.who),
                self.text(item.direction) or DASH, item.trl_at_entry or DASH, item.trl or DASH,
            )
            for number, item in enumerate(self.sorted_by_name(body.projects, lambda item: item.who.name), start=1)
        ]  # fmt: skip
        width = sum(column is not None for column in columns)
        return [self.table(columns, self.counted(rows, width)), Notes((self.say("note.projects"),))]

    def _contract_parts(self, body: Annual) -> list[Block]:
        columns = [
            self.column("no", 11, "index"), self.column("kind", 48), self.column("in_force", 22, "number"),
            self.column("concluded", 22, "number"), self.column("terminated", 22, "number"),
            self.column("area", 22, "number"), self.column("amount", 32, "number"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, self.text(row.kind), *self.counts((row.in_force, row.concluded, row.terminated)),
                self.area(row.area or None), self.money(row.amount),
            )
            for number, row in enumerate(body.contracts, start=1)
        ]  # fmt: skip
        if rows:
            found = body.contracts
            totals = self.counts([
                sum(row.in_force for row in found), sum(row.concluded for row in found),
                sum(row.terminated for row in found),
            ])  # fmt: skip
            area, amount = sum(row.area for row in found), sum(row.amount for row in found)
            rows.append(
                row_of(self.say("total"), *totals, self.area(area or None), self.money(amount), style="total", span=2)
            )
        return [
            self.table(columns, rows, self.say("part.contracts_by_kind")),
            self.premises_table(body.premises, self.say("annual.premises")),
        ]

    def _discipline(self, body: Annual) -> list[Block]:
        measures = ("expected", "accepted", "on_time", "late", "imported", "waiting", "owed", "not_due")
        columns = [
            self.column("no", 11, "index"), self.column("discipline", 64),
            *(Column(self.quarter(row.quarter), 20, "number") for row in body.discipline),
            Column(self.say("total"), 20, "number"),
        ]  # fmt: skip
        rows = []
        for number, measure in enumerate(measures, start=1):
            values = [getattr(row, measure) for row in body.discipline]
            rows.append(row_of(number, self.say(f"discipline.{measure}"), *self.counts([*values, sum(values)])))
        year = self.snapshot.reporting_year
        dues = "; ".join(
            f"{format_quarter(year, row.quarter, self.language)} {DASH} {self.written(self.day(row.due_on))}"
            for row in body.discipline
            if row.due_on
        )
        found: list[Block] = [self.table(columns, rows if body.discipline else [])]
        if dues:
            found.append(Notes((self.say("note.dues", list=dues),)))
        return [*found, self.debt_table(body.debts, self.say("annual.debts"))]

    def _register(self, body: Annual) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("register_no_and_bin", 34, "code"),
            self.column("name", 46), self.column("type", 40), self.column("registered_on", 22, "date"),
            self.column("status", 25, "label"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, *self.place(entry.who), self.entered(entry.who), self.text(entry.who.name),
                self.text(entry.participant_type), self.day(entry.registered_on), self.status(entry),
            )
            for number, entry in enumerate(self.sorted_by_name(body.entries, lambda entry: entry.who.name), start=1)
        ]  # fmt: skip
        return self.table(columns, self.counted(rows, sum(column is not None for column in columns)))

    def _evidence(self, body: Annual) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("name_and_bin", 50),
            self.column("quarter", 17, "centre"), self.column("document", 50), self.column("lines", 18, "number"),
            self.column("amount", 30, "number"),
        ]  # fmt: skip
        rows = []
        for number, item in enumerate(self.sorted_by_name(body.evidence, lambda item: item.who.name), start=1):
            rows.append(
                row_of(
                    number, *self.place(item.who), self.named(item.who), ROMAN[item.quarter],
                    self.evidence(item) or DASH, self.whole(item.lines), self.money(item.amount),
                )
            )  # fmt: skip
        if rows:
            lines, amount = sum(item.lines for item in body.evidence), sum(item.amount for item in body.evidence)
            span = sum(column is not None for column in columns) - 2
            rows.append(row_of(self.say("total"), self.whole(lines), self.money(amount), style="total", span=span))
        return self.table(columns, rows)


def _described(svg: bytes, words: str) -> str:
    """The drawing alone, without what only a file of its own needs, with ``words`` as its title."""
    text = svg.decode()
    head, rest = text[text.index("<svg") :].split(">", 1)
    return f"{head}><title>{escape(words)}</title>{rest.strip()}"


KIND = PaperKind(
    code="annual",
    number_code="ANN",
    name=lazy("Annual report of the management company"),
    group=REPORTS,
    asks=Asks.YEAR,
    needs_approval=True,
    of_money=True,
    sources=("register", "contracts", "patents", "reports"),
    body=Annual,
    collect=collect,
    writer=AnnualPaper,
)
