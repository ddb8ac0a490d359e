"""The report on target indicators: the table of indicators, with annexes that list what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from msgspec import UNSET, UnsetType

from registry.indicators import queries as indicators
from registry.indicators.rules import IndicatorValue
from registry.infra.access import SYSTEM
from registry.infra.i18n import NBSP
from registry.infra.text import sort_key
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import ALL_COUNTING, REPORTS, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of, reader_of, territory_of
from registry.paper_kinds.patents import by_title, patent_of
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, ROMAN, Writer
from registry.printing.layout import (
    BILLIONS,
    PERSONS,
    Block,
    Cell,
    CellKind,
    Column,
    Paragraph,
    Section,
    Source,
    row_of,
)
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.territories.queries import all_territories

WORDS: Words = {
    "type.indicators": ("ЕСЕП", "ОТЧЕТ", "REPORT"),
    "title.indicators": (
        "Нысаналы индикаторлардың орындалуы туралы есеп",
        "Отчет об исполнении целевых индикаторов",
        "Report on the achievement of target indicators",
    ),
    "col.indicator": ("Нысаналы индикатор", "Целевой индикатор", "Target indicator"),
    "col.indicator_no": ("Индикатор №", "№ индикатора", "Indicator No."),
    "col.unit": ("Өлшем бірлігі", "Единица измерения", "Unit"),
    "col.percent": ("Орындалу пайызы", "Процент исполнения", "Achievement, %"),
    "col.persons": ("Саны, адам", "Численность, человек", "Persons"),
    "unit.KZT": ("млрд теңге", "млрд тенге", "bn tenge"),
    "unit.rank": ("орын", "место", "rank"),
    "unit.persons": ("адам", "человек", "persons"),
    "unit.patents": ("бірлік", "единиц", "units"),
    "annex.lines": (
        "{n}-индикаторға есептелген жолдар",
        "Строки отчетов, учтенные в индикаторе {n}",
        "Lines counted for indicator {n}",
    ),
    "note.national": (
        "Жоспар – Тұжырымдаманың барлық аумақтар үшін бірлесіп белгіленген нысаналы индикаторы.",
        "План – целевой индикатор Концепции, установленный для всех территорий вместе.",
        "The plan is the Concept’s target indicator, set for all territories together.",
    ),
    "note.own_plan": (
        "Жоспар – аумақ үшін жеке бекітілген мән; бекітілмесе, сызықша қойылады.",
        "План – значение, утвержденное отдельно для территории; если не утверждено, ставится прочерк.",
        "The plan is the value approved for the territory; a dash stands where there is none.",
    ),
    "note.indicator_2": (
        "2-индикатор – анықтама үшін: GII рейтингінің «бизнес қаржыландыратын ҒЗТКЖ-ға ішкі шығындар» қосымша "
        "көрсеткіші; орын төмендеген сайын нәтиже жақсы, пайыз – жоспардың нақты мәнге қатынасы.{source}",
        "Индикатор 2 – справочно: субпоказатель рейтинга GII «внутренние затраты на НИОКР, финансируемые бизнесом»; "
        "чем меньше место, тем лучше, процент – отношение плана к факту.{source}",
        "Indicator 2 is given for information: the GII sub-indicator “GERD financed by business”; a lower rank is "
        "better, the percentage is plan divided by actual.{source}",
    ),
    "note.indicator_3": (
        "3-индикатор эксперименталды өндірістік зауыттарсыз есептелген; іс-қимыл жоспарындағы тұжырым өзгеше.",
        "Индикатор 3 рассчитан без экспериментально-производственных заводов; формулировка плана действий иная.",
        "Indicator 3 leaves out experimental production plants; the action plan words it differently.",
    ),
    "note.indicator_5": (
        "5-индикатордың ресми атауында «үлесі» деп жазылған, өлшем бірлігі – млрд теңге: көлем ретінде есептелген.",
        "В официальном названии индикатора 5 стоит слово «доля», единица измерения – млрд тенге: рассчитан объем.",
        "The official title of indicator 5 says “share”, its unit is bn tenge: the volume is counted.",
    ),
    "note.indicator_6": (
        "6-индикатор: жыл ішінде ҚР-да тіркелген өнертабысқа патенттер; шетелдік және PCT бойынша өтінімдер "
        "есептелмейді.",
        "Индикатор 6: патенты РК на изобретения, зарегистрированные в течение года; зарубежные патенты и заявки PCT "
        "не учитываются.",
        "Indicator 6: Kazakhstan patents for inventions registered within the year; foreign grants and PCT "
        "applications do not count.",
    ),
    "note.rounding": (
        "Теңге дәл сақталады және қосылады; млрд теңгеге дейін қосындылағаннан кейін дөңгелектеледі.",
        "Суммы хранятся и складываются в тенге точно; до млрд тенге округляется готовая сумма.",
        "Tenge are kept and added exactly; only the finished sum is rounded to bn tenge.",
    ),
}


@dataclass(frozen=True, slots=True)
class Indicator:
    """The line of one indicator.

    ``actual`` and ``target`` are in hundredths of the unit (money: in tiyn), None where there is no value. ``percent``
    is the achievement of the target with one decimal.
    """

    number: int
    unit: str
    title: s.Text
    actual: int | None
    target: int | None
    percent: str | None
    coverage: s.Coverage | None
    base: int | UnsetType = UNSET
    """The value of the base year, which has this in the place of a target."""


@dataclass(frozen=True, slots=True)
class Part:
    """The indicators of one territory, in a paper that covers all territories."""

    territory: s.Territory
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class CountedLine:
    """An accepted report line that an indicator counts; ``value`` is in tiyn, or in persons for indicator 3."""

    indicator: int
    who: s.Who
    quarter: int
    code: str
    name: s.Text
    value: int
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class Indicators:
    """The indicators, and the lines and patents they count; ``external_source`` is that of indicator 2."""

    indicators: tuple[Indicator, ...]
    parts: tuple[Part, ...]
    lines: tuple[CountedLine, ...]
    patents: tuple[s.Patent, ...]
    external_source: str | None = None
    external_edition: str | None = None


_BY_LINES = (1, 3, 4, 5)
"""Indicators that are sums of accepted report lines."""


def collect(asked: Asked) -> Collected:
    year, territory_id = asked.period.reporting_year, id_of(asked.territory)
    naming = Naming(asked.period, territory_id=territory_id)
    values = indicators.by_territory(SYSTEM, year=year, as_of=asked.period.as_of, known_at=asked.period.known_at)
    own = values[territory_id]
    parts = ()
    if asked.territory is None:
        parts = tuple(
            Part(territory_of(row), tuple(indicator_of(value) for value in values[row.id])) for row in all_territories()
        )
    lines = [
        counted_line(number, line, naming)
        for number in _BY_LINES
        for line in indicators.counted_lines(
            SYSTEM,
            number=number,
            year=year,
            territory_id=territory_id,
            as_of=asked.period.as_of,
            known_at=asked.period.known_at,
        )
    ]
    found = indicators.counted_patents(
        reader_of(asked.territory),
        year=year,
        territory_id=territory_id,
        as_of=asked.period.as_of,
        known_at=asked.period.known_at,
    )
    counted = [item.patent for item in found]
    ids = frozenset(patent.id for patent in counted)
    external = next((value for value in own if value.number == indicators.EXTERNAL), None)
    body = Indicators(
        indicators=tuple(indicator_of(value) for value in own),
        parts=parts,
        lines=tuple(lines),
        patents=tuple(patent_of(patent, naming, ids, as_registered=True) for patent in counted),
        external_source=external.source if external else None,
        external_edition=external.edition if external else None,
    )
    coverage = next((value.coverage for value in own if value.coverage), None)
    return body, s.Coverage(*coverage) if coverage else s.Coverage(0, 0), naming.demo


def indicator_of(value: IndicatorValue) -> Indicator:
    item = value.indicator
    return Indicator(
        number=value.number,
        unit=str(value.unit),
        title=s.Text(item.name_kk, item.name_ru, item.name_en),
        actual=value.actual,
        target=value.target,
        percent=value.percent,
        coverage=s.Coverage(*value.coverage) if value.coverage else None,
        base=UNSET if value.base is None else value.base,
    )


def counted_line(indicator: int, line: LineRecord, naming: Naming) -> CountedLine:
    section = report_rules.Section(line.section)
    return CountedLine(
        indicator=indicator,
        who=naming.who(line.resident_id),
        quarter=line.quarter,
        code=line.code,
        name=naming.line(line),
        value=(line.count if section is report_rules.Section.STAFF else line.amount) or 0,
        document_kind=line.document_kind,
        document_no=line.document_no,
        document_date=line.document_date,
    )


class IndicatorsPaper(Writer):
    """Writes the table of indicators, and the annexes that list what was counted."""

    words = WORDS

    def sections(self, body: Indicators) -> list[Section]:
        self.notes += self.indicator_notes(body)
        annexes: list[tuple[str, tuple[Block, ...]]] = []
        if body.parts:
            annexes.append((self.say("annex.territories"), (self.by_territory(body),)))
        for number in (1, 3, 4, 5):
            lines = [line for line in body.lines if line.indicator == number]
            annexes.append((self.say("annex.lines", n=number), self._line_table(number, lines)))
        annexes.append((self.say("annex.patents"), (self.counted_patents(body.patents),)))
        return [
            Section((self.indicator_table(body),)),
            *(
                Section(blocks, heading=heading, annex=self.say("annex", n=number))
                for number, (heading, blocks) in enumerate(annexes, start=1)
            ),
        ]

    def value(self, unit: str, value: int | None) -> Cell:
        """The value of an indicator, given in hundredths of its unit; money (``KZT``) is printed in billions."""
        if value is None:
            return Cell(DASH)
        if unit == "KZT":
            return Cell(value, CellKind.MONEY, BILLIONS)
        return self.whole(value // 100, unit)

    def base(self, unit: str, value: int) -> str:
        """The value of the base year, marked as the base."""
        return f"{self.say('base')} {self.written(self.value(unit, value))}"

    def indicator_notes(self, body: Indicators) -> tuple[str, ...]:
        """Notes on how each indicator is counted, and where the wordings of the Concept differ (``domain.md`` 1.5)."""
        territory = self.snapshot.scope.territory
        source = ""
        if body.external_source:
            source = self.say("source.edition", source=body.external_source, edition=body.external_edition or DASH)
        return (
            self.say("note.own_plan" if territory else "note.national"),
            self.say("note.indicator_2", source=source),
            self.say("note.indicator_3"),
            self.say("note.indicator_5"),
            self.say("note.indicator_6"),
            self.say("note.rounding"),
            self.say("note.accepted"),
        )

    def indicator_table(self, body: Indicators) -> Block:
        """The indicators, one row each, with target, actual value, achievement and coverage."""
        columns = [
            self.column("no", 11, "centre"),
            self.column("indicator", 68),
            self.column("unit", 19, "centre"),
            self.column("target", 17, "number"),
            self.column("actual", 17, "number"),
            self.column("percent", 22, "number"),
            self.column("coverage", 26, "centre"),
        ]
        rows = [
            row_of(
                item.number,
                self.text(item.title),
                self.say(f"unit.{item.unit}"),
                self.base(item.unit, item.base) if isinstance(item.base, int) else self.value(item.unit, item.target),
                self.value(item.unit, item.actual),
                self.per_cent(item.percent),
                f"{item.coverage.accepted}{NBSP}/{NBSP}{item.coverage.expected}" if item.coverage else DASH,
                source=Source(indicator=item.number),
            )
            for item in body.indicators
        ]
        return self.table(columns, rows)

    def by_territory(self, body: Indicators, caption: str = "") -> Block:
        """The actual values by territory and in all; indicator 2, a national rank, has none by territory."""
        columns = [
            self.column("indicator_no", 24, "centre"),
            self.column("unit", 24, "centre"),
            *(Column(self.text(part.territory.name), 44, "number") for part in body.parts),
            Column(self.say("total"), 30, "number"),
        ]
        rows = []
        for position, item in enumerate(body.indicators):
            if item.number == 2:
                continue
            rows.append(
                row_of(
                    item.number,
                    self.say(f"unit.{item.unit}"),
                    *(self.value(item.unit, part.indicators[position].actual) for part in body.parts),
                    self.value(item.unit, item.actual),
                )
            )
        return self.table(columns, rows, caption)

    def _line_table(self, indicator: int, lines: Sequence[CountedLine]) -> tuple[Block, ...]:
        """The counted lines by company.

        The long names of codes stand once, above the table; its rows refer to them by budget classification code (for
        indicator 1) or by a number.
        """
        persons = indicator == 3
        names = {line.code: self.text(line.name) for line in lines}
        marks = {
            code: code if indicator == 1 else str(number)
            for number, code in enumerate(sorted(names, key=lambda code: sort_key(names[code])), start=1)
        }
        columns = [
            self.column("no", 11, "index"),
            self.column("name", 44),
            self.column("bin", 25, "code"),
            self.column("quarter", 17, "centre"),
            None if persons else self.column("bcc" if indicator == 1 else "line", 20, "centre"),
            None if persons else self.column("document", 44),
            self.column("persons", 24, "number") if persons else self.column("amount", 28, "number"),
        ]
        rows = []
        for number, line in enumerate(self.sorted_by_name(lines, lambda line: line.who.name), start=1):
            document = self.evidence(line)
            rows.append(
                row_of(
                    number,
                    self.text(line.who.name),
                    self.bin(line.who),
                    ROMAN[line.quarter],
                    *(() if persons else (marks[line.code], document or DASH)),
                    self.whole(line.value, PERSONS) if persons else self.money(line.value),
                )
            )
        if rows:
            total = sum(line.value for line in lines)
            span = sum(column is not None for column in columns) - 1
            printed = self.whole(total, PERSONS) if persons else self.money(total)
            rows.append(
                row_of(self.say("total"), printed, style="total", span=span, source=Source(indicator=indicator))
            )
        table = self.table(columns, rows)
        if persons or not rows:
            return (table,)
        legend = "; ".join(f"{mark}{NBSP}{DASH} {names[code]}" for code, mark in sorted(marks.items(), key=_by_mark))
        return (Paragraph(f"{self.say('col.bcc' if indicator == 1 else 'col.line')}: {legend}."), table)

    def counted_patents(self, found: Sequence[s.Patent], caption: str = "") -> Block:
        """The patents that indicator 6 counts, by number."""
        columns = [
            self.column("no", 11, "index"),
            self.column("title_no", 26),
            self.column("ip_name", 58),
            self.column("ip_registered_on", 24, "date"),
            self.column("holders", 57),
        ]
        rows = [
            row_of(
                number,
                patent.title_no or DASH,
                self.text(patent.name),
                self.day(patent.registered_on),
                self.below(*map(self.holder, patent.holders)),
            )
            for number, patent in enumerate(sorted(found, key=by_title), start=1)
        ]
        if rows:
            rows.append(replace(self.count_row(len(rows), len(columns)), source=Source(indicator=6)))
        return self.table(columns, rows, caption)


def _by_mark(item: tuple[str, str]) -> tuple[int, str]:
    """The order of the legend: 9 before 10."""
    return len(item[1]), item[1]


KIND = PaperKind(
    code="indicators",
    number_code="IND",
    group=REPORTS,
    asks=Asks.PERIOD,
    needs_approval=True,
    of_money=True,
    names_territories=False,
    sources=("register", "reports", "patents"),
    of_a_moment=True,
    states_rows=False,
    reads=frozenset({Reads.PARTICIPATION, Reads.PATENTS, Reads.COUNTED_PATENTS, Reads.REPORTS, Reads.INDICATORS}),
    dictionaries=ALL_COUNTING,
    body=Indicators,
    collect=collect,
    writer=IndicatorsPaper,
)
