"""The audit sample: how it was drawn, what was drawn, and an empty column for what the auditor finds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from registry.errors import DomainError
from registry.infra.access import SYSTEM
from registry.infra.i18n import lazy
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.accounts import coverage_of
from registry.paper_kinds.entries import entry_of
from registry.paper_kinds.kind import CONTROL, REPORTED_CODES, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.sampling import Population, Sampling, draw, fingerprint
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, ROMAN, Writer
from registry.printing.layout import PERSONS, Block, Cell, Paragraph, Section, row_of
from registry.reports import accepted
from registry.reports import rules as report_rules
from registry.reports.accepted import LineRecord
from registry.residents import queries as residents
from registry.territories.models import Territory

WORDS: Words = {
    "type.sample": ("ІРІКТЕМЕ", "ВЫБОРКА", "SAMPLE"),
    "title.sample": ("Аудиторлық іріктеме", "Аудиторская выборка", "Audit sample"),
    "part.method": ("Іріктеу тәсілі", "Способ отбора", "How it was drawn"),
    "part.drawn": ("Іріктелгендер", "Отобрано", "Drawn"),
    "sample.population": ("Бас жиынтық", "Генеральная совокупность", "Population"),
    "sample.of.residents": ("осы күнгі қатысушылар", "участники на дату документа", "participants on the day"),
    "sample.of.lines": (
        "кезеңнің қабылданған есептерінің жолдары",
        "строки принятых отчетов за период",
        "lines of accepted reports of the period",
    ),
    "sample.count": ("Бас жиынтықтың көлемі", "Объем совокупности", "Size of the population"),
    "sample.hash": (
        "Бас жиынтық кілттерінің хеші, SHA-256",
        "Хеш ключей совокупности, SHA-256",
        "Hash of the population's keys, SHA-256",
    ),
    "sample.size": ("Іріктеме көлемі", "Объем выборки", "Size of the sample"),
    "sample.seed": ("Бастапқы мән", "Начальное значение", "Seed"),
    "sample.method": (
        "Бас жиынтықтың әр бірлігінің кілті бар. Оның реті – үш бөліктен тұратын мәтіннің SHA-256 хеші: бастапқы мән, "
        "жол ауыстыру белгісі (LF), кілт; мәтін UTF-8 кодында. Хештері ең кіші бірліктер іріктеліп, хештерінің өсу "
        "ретімен берілген. Бастапқы мән мен бас жиынтық бірдей болса, тізбе де бірдей болады; іріктеме үлкейтілсе, "
        "оның басы өзгермейді.",
        "Каждая единица совокупности имеет ключ. Ее ранг – хеш SHA-256 текста из трех частей: начальное значение, "
        "перевод строки (LF), ключ; текст в кодировке UTF-8. Отобраны единицы с наименьшими хешами, они приведены в "
        "порядке возрастания хешей. При том же начальном значении и той же совокупности список будет тем же; при "
        "увеличении выборки ее начало не меняется.",
        "Each item of the population has a key. Its rank is the SHA-256 of a text of three parts: the seed, a line "
        "feed (LF), the key; the text is encoded as UTF-8. The items with the lowest hashes are drawn and listed in "
        "ascending order of their hashes. With the same seed and population the list is the same; a larger sample "
        "begins with the smaller one.",
    ),
    "sample.key.residents": (
        "Кілт: аумақтың белгісі мен тізілімдегі нөмір, нүктелі үтірмен.",
        "Ключ: обозначение территории и номер в реестре через точку с запятой.",
        "Key: mark of the territory and number in the register, with a semicolon.",
    ),
    "sample.key.lines": (
        "Кілт: аумақтың белгісі, тізілімдегі нөмір, жыл, тоқсан, есептің нұсқасы, есептегі жолдың нөмірі, нүктелі "
        "үтірмен.",
        "Ключ: обозначение территории, номер в реестре, год, квартал, версия отчета, номер строки в отчете через точку "
        "с запятой.",
        "Key: mark of the territory, number in the register, year, quarter, version of the report, number of the line "
        "in the report, with semicolons.",
    ),
    "col.rank": ("Хештің басы", "Начало хеша", "Beginning of the hash"),
    "col.key": ("Кілт", "Ключ", "Key"),
    "col.figure": ("Көрсеткіш", "Показатель", "Figure"),
    "col.value": ("Мәні (теңге немесе адам)", "Значение (тенге или человек)", "Value (KZT or persons)"),
    "col.checked": ("Тексеру нәтижесі", "Результат проверки", "Result of the check"),
    "section.revenue": ("түсім", "выручка", "revenue"),
    "section.tax": ("салық", "налог", "tax"),
    "section.staff": ("қызметкерлер", "персонал", "staff"),
    "section.investment": ("инвестиция", "инвестиции", "investment"),
}


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of an accepted report, of any section: with an ``amount`` in tiyn, or a ``count`` of persons."""

    who: s.Who
    quarter: int
    section: str
    code: str
    name: s.Text
    amount: int | None
    count: int | None
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class DrawnEntry:
    """An entry in the register that was drawn, with its rank and key (:mod:`registry.paper_kinds.sampling`)."""

    rank: str
    key: str
    entry: s.Entry


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A report line that was drawn, with its rank and key (:mod:`registry.paper_kinds.sampling`)."""

    rank: str
    key: str
    line: Figure


@dataclass(frozen=True, slots=True)
class Sample:
    """An audit sample of ``residents`` or ``lines`` (``of``); ``population`` is how many there were to draw from.

    ``size`` is how many were asked for; ``population_hash`` is the fingerprint of the keys of the population.
    """

    of: str
    size: int
    seed: str
    population: int
    population_hash: str
    entries: tuple[DrawnEntry, ...]
    lines: tuple[DrawnLine, ...]


def collect(asked: Asked) -> Collected:
    """Draw from the participants on the day, or from the accepted report lines of the period.

    :raises DomainError: when it was not said how the sample is drawn.
    """
    period, territory, sampling = asked.period, asked.territory, asked.sampling
    if sampling is None:
        raise DomainError(lazy("A sample is drawn from participants or from lines."), "of")
    if sampling.of is Population.LINES:
        return _lines(period, territory, sampling)
    found = residents.participants(SYSTEM, period.as_of, territory_id=id_of(territory), known_at=period.known_at)
    naming = Naming(period, found)
    keys = {record.id: _entry_key(naming.who(record.id)) for record in found}
    drawn = tuple(
        DrawnEntry(rank, keys[record.id], entry_of(record, naming, period, full=False))
        for rank, record in draw(found, lambda record: keys[record.id], sampling)
    )
    return _sample(sampling, list(keys.values()), drawn, ()), None, naming.demo


def _lines(period: Period, territory: Territory | None, asked: Sampling) -> Collected:
    naming = Naming(period)
    found = accepted.accepted_lines(
        SYSTEM,
        territory_id=id_of(territory),
        year=period.reporting_year,
        quarter=period.quarter,
        as_of=period.as_of,
        known_at=period.known_at,
    )

    def key(line: LineRecord) -> str:
        who = _entry_key(naming.who(line.resident_id))
        return f"{who};{line.year};{line.quarter};{line.version};{line.position}"

    drawn = tuple(DrawnLine(rank, key(line), _drawn(line, naming)) for rank, line in draw(found, key, asked))
    body = _sample(asked, [key(line) for line in found], (), drawn)
    return body, coverage_of(period, territory), naming.demo


def _entry_key(who: s.Who) -> str:
    return f"{who.territory};{who.register_no}"


def _sample(asked: Sampling, keys: list[str], entries: tuple[DrawnEntry, ...], lines: tuple[DrawnLine, ...]) -> Sample:
    return Sample(
        of=str(asked.of),
        size=asked.size,
        seed=asked.seed,
        population=len(keys),
        population_hash=fingerprint(keys),
        entries=entries,
        lines=lines,
    )


def _drawn(line: LineRecord, naming: Naming) -> Figure:
    section = report_rules.Section(line.section)
    return Figure(
        who=naming.who(line.resident_id),
        quarter=line.quarter,
        section=str(section),
        code=line.code,
        name=naming.line(line),
        amount=line.amount,
        count=line.count,
        document_kind=line.document_kind,
        document_no=line.document_no,
        document_date=line.document_date,
    )


_SHOWN = 16
"""How many digits of a rank are printed: enough to tell it from all other ranks of the population."""


class SamplePaper(Writer):
    """Writes the audit sample."""

    words = WORDS

    def sections(self, body: Sample) -> list[Section]:
        about = self.facts(
            (
                (self.say("sample.population"), self.say(f"sample.of.{body.of}")),
                (self.say("sample.count"), self.whole(body.population)),
                (self.say("sample.hash"), body.population_hash),
                (self.say("sample.size"), self.whole(body.size)),
                (self.say("sample.seed"), body.seed),
            )
        )
        method = f"{self.say('sample.method')} {self.say(f'sample.key.{body.of}')}"
        listed = self._entries(body) if body.of == Population.RESIDENTS else self._lines(body)
        return [
            Section((about, Paragraph(method)), heading=self.say("part.method")),
            Section((listed,), heading=self.say("part.drawn")),
        ]

    def _entries(self, body: Sample) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("rank", 30, "code"),
            self.column("key", 40, "label"),
            self.column("bin", 25, "code"),
            self.column("name", 54),
            self.column("type", 36),
            self.column("registered_on", 22, "date"),
            self.column("status", 25, "label"),
            self.column("checked", 30),
        ]
        rows = [
            row_of(
                number,
                item.rank[:_SHOWN],
                item.key,
                self.bin(item.entry.who),
                self.text(item.entry.who.name),
                self.text(item.entry.participant_type),
                self.day(item.entry.registered_on),
                self.status(item.entry),
                "",
            )
            for number, item in enumerate(body.entries, start=1)
        ]
        return self.table(columns, self.counted(rows, len(columns)))

    def _lines(self, body: Sample) -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("rank", 30, "code"),
            self.column("key", 48, "label"),
            self.column("bin", 25, "code"),
            self.column("name", 36),
            self.column("quarter", 16, "centre"),
            self.column("figure", 44),
            self.column("document", 38),
            self.column("value", 30, "number"),
            self.column("checked", 28),
        ]
        rows = [
            row_of(
                number,
                item.rank[:_SHOWN],
                item.key,
                self.bin(item.line.who),
                self.text(item.line.who.name),
                ROMAN[item.line.quarter],
                self._figure(item.line),
                self.evidence(item.line) or DASH,
                self._value(item.line),
                "",
            )
            for number, item in enumerate(body.lines, start=1)
        ]
        return self.table(columns, self.counted(rows, len(columns)))

    def _figure(self, line: Figure) -> str:
        name = self.text(line.name) or self.say(f"staff.{line.code}")
        return f"{self.say(f'section.{line.section}')}: {name}"

    def _value(self, line: Figure) -> Cell:
        return self.whole(line.count, PERSONS) if line.amount is None else self.money(line.amount)


KIND = PaperKind(
    code="sample",
    number_code="SMP",
    group=CONTROL,
    asks=Asks.PERIOD,
    draws=True,
    sources=("register", "reports"),
    of_a_moment=True,
    reads=frozenset({Reads.ENTRIES, Reads.PARTICIPATION, Reads.REPORTS}),
    dictionaries=("legal_forms", "participant_types", *REPORTED_CODES),
    body=Sample,
    collect=collect,
    writer=SamplePaper,
)
