"""The calendar of patent maintenance fees of a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from registry.paper_kinds import snapshots as s
from registry.paper_kinds import words
from registry.paper_kinds.kind import CONTROL, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of, reader_of
from registry.paper_kinds.patents import patent_of
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, Writer
from registry.patents import queries as patents
from registry.patents import rules as patent_rules
from registry.patents.queries import PatentRecord
from registry.printing.layout import Row, Section, row_of

WORDS: Words = {
    "type.fees": ("КҮНТІЗБЕ", "КАЛЕНДАРЬ", "CALENDAR"),
    "title.fees": (
        "Патенттерді күшінде ұстау төлемдерінің күнтізбесі",
        "Календарь платежей за поддержание патентов в силе",
        "Calendar of patent maintenance payments",
    ),
    "col.pay_by": ("Төлеу мерзімі", "Срок уплаты", "Payment due"),
    "col.year_of_protection": ("Қорғау жылы", "Год охраны", "Year of protection"),
    "col.expires_on": ("Мерзімнің ең соңғы күні", "Предельный срок действия", "Latest end of term"),
    "note.fees": (
        "Төлем күні – өтінім берілген күннің жыл сайынғы қайталануы; патенттің берілгені жарияланғаннан кейінгі екі ай "
        "ішінде төленетін алғашқы төлем оған дейінгі жылдарды қамтиды. Тарифтер тізілімде жүргізілмейді.",
        "Дата платежа – годовщина подачи заявки; первый платеж, вносимый в течение двух месяцев после публикации о "
        "выдаче, покрывает предшествующие годы. Тарифы в реестре не ведутся.",
        "A payment falls due on the anniversary of filing; the first one, due within two months of the publication of "
        "the grant, covers the years before it. The register keeps no tariffs.",
    ),
    "note.fees_after": (
        "Төленген-төленбегені тізілімде белгіленбейді: күнтізбе келесі төлем мерзімдерін ғана көрсетеді.",
        "Отметки об оплате в реестре не ведутся: календарь показывает только сроки платежей.",
        "The register does not record payments: the calendar shows due dates only.",
    ),
}


@dataclass(frozen=True, slots=True)
class Fee:
    """A maintenance payment of a patent that is due on ``due_on``.

    ``year`` is the year of protection, counted from filing; ``expires_on`` the latest day on which the title can end.
    """

    due_on: date
    year: int
    expires_on: date | None
    patent: s.Patent


@dataclass(frozen=True, slots=True)
class Fees:
    """The payments due from ``first`` to ``last``."""

    first: date
    last: date
    fees: tuple[Fee, ...]


def collect(asked: Asked) -> Collected:
    """The maintenance payments due in the period, of patents as they are known on the paper's day."""
    naming = Naming(asked.period, territory_id=id_of(asked.territory))
    fees = [
        Fee(
            due_on=due_on,
            year=_year_of_protection(record, due_on),
            expires_on=record.expires_on,
            patent=patent_of(record, naming, frozenset()),
        )
        for record in patents.records(
            reader_of(asked.territory), territory_id=id_of(asked.territory), as_of=asked.period.as_of
        )
        for due_on in _fees_between(record, asked.period.first, asked.period.last)
    ]
    fees.sort(key=lambda fee: (fee.due_on, fee.patent.office, fee.patent.title_no or ""))
    return Fees(asked.period.first, asked.period.last, tuple(fees)), None, naming.demo


def _fees_between(record: PatentRecord, first: date, last: date) -> list[date]:
    found: list[date] = []
    day = first
    while (due_on := patent_rules.next_fee_on(record, day)) is not None and due_on <= last:
        found.append(due_on)
        day = due_on + timedelta(days=1)
    return found


def _year_of_protection(record: PatentRecord, due_on: date) -> int:
    """The year of protection, counted from filing, that begins on or has begun before the day a payment is due."""
    years = due_on.year - record.filed_on.year
    return years + (patent_rules.anniversary(record.filed_on, years) <= due_on)


class FeesPaper(Writer):
    """Writes the calendar of payments by month."""

    words = WORDS

    def sections(self, body: Fees) -> list[Section]:
        self.notes += [self.say("note.fees"), self.say("note.fees_after")]
        columns = [
            self.column("no", 11, "index"),
            self.column("pay_by", 24, "date"),
            self.column("title_no", 28, "label"),
            self.column("ip_kind", 36, "label"),
            self.column("ip_name", 50),
            self.column("holders", 50),
            self.column("filed_on", 24, "date"),
            self.column("year_of_protection", 22, "centre"),
            self.column("expires_on", 24, "date"),
        ]
        rows: list[Row] = []
        month: tuple[int, int] | None = None
        for number, fee in enumerate(body.fees, start=1):
            if (fee.due_on.year, fee.due_on.month) != month:
                month = fee.due_on.year, fee.due_on.month
                rows.append(row_of(words.month(*month, self.language), style="group", span=len(columns)))
            patent = fee.patent
            rows.append(
                row_of(
                    number,
                    self.day(fee.due_on),
                    patent.title_no or DASH,
                    f"{self.text(patent.kind)}, {patent.office}",
                    self.text(patent.name),
                    self.below(*map(self.holder, patent.holders)),
                    self.day(patent.filed_on),
                    fee.year,
                    self.day(fee.expires_on, DASH),
                )
            )
        if rows:
            rows.append(self.count_row(len(body.fees), len(columns)))
        return [Section((self.table(columns, rows),))]


KIND = PaperKind(
    code="fees",
    number_code="FEE",
    group=CONTROL,
    asks=Asks.PERIOD,
    sources=("patents",),
    reads=frozenset({Reads.PATENTS}),
    dictionaries=("ip_kinds",),
    body=Fees,
    collect=collect,
    writer=FeesPaper,
)
