"""The register of revenues of a period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.paper_kinds.accounts import Accounts, AccountsWriter, Code, Sum, accounts_of
from registry.paper_kinds.kind import REGISTERS, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected
from registry.paper_kinds.words import Words
from registry.printing.layout import Block, Cell, Column, Section, Source, row_of
from registry.reports import rules as report_rules

WORDS: Words = {
    "type.revenues": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.revenues": (
        "Қатысушылар түсімінің тізілімі",
        "Реестр выручки участников",
        "Register of participants’ revenue",
    ),
    "title.revenues.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылар түсімінің тізілімі",
        "Реестр выручки участников наукоемких территорий",
        "Register of revenue of participants of science-intensive territories",
    ),
    "col.category.rnd_works": ("ҒЗТКЖ, теңге", "НИОКР, тенге", "R&D works, KZT"),
    "col.category.sci_tech_services": (
        "Ғылыми-техникалық қызметтер, теңге",
        "Научно-технические услуги, тенге",
        "Scientific and technical services, KZT",
    ),
    "col.category.science_intensive_product": (
        "Ғылымды қажетсінетін өнім, теңге",
        "Наукоемкая продукция, тенге",
        "Science-intensive product, KZT",
    ),
    "col.category.other": ("Өзге түсім, теңге", "Иная выручка, тенге", "Other revenue, KZT"),
    "col.export": ("Оның ішінде экспорт, теңге", "В том числе экспорт, тенге", "Including export, KZT"),
    "col.export_share": ("Экспорт үлесі, %", "Доля экспорта, %", "Export share, %"),
    "part.by_category": ("Түсім санаттары бойынша", "По категориям выручки", "By revenue category"),
    "annex.revenue_lines": (
        "Түсім сомаларын құрайтын қабылданған есептердің жолдары",
        "Строки принятых отчетов, из которых сложены суммы выручки",
        "Lines of accepted reports that add up to the revenues",
    ),
}


def collect(asked: Asked) -> Collected:
    return accounts_of(report_rules.Section.REVENUE, asked.period, asked.territory, with_lines=True)


class RevenuesPaper(AccountsWriter):
    """Writes the register of revenues by company and category, with the report lines behind them."""

    words = WORDS
    section = report_rules.Section.REVENUE

    def sections(self, body: Accounts) -> list[Section]:
        self.notes += [self.say("note.accepted"), self.say("note.export")]
        codes = list(body.codes)
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name_and_bin", 44),
            *(self._category(code) for code in codes),
            self.column("counted_revenue", 25, "number"),
            self.column("revenue", 25, "number"),
            self.column("export", 25, "number"),
            self.column("export_share", 18, "number"),
        ]
        rows = []
        for number, account in enumerate(self.accounts(body), start=1):
            who = account.who
            cells = self._revenue_cells(codes, account.sums)
            rows.append(row_of(number, *self.place(who), self.named(who), *cells))
        everything = [item for account in body.accounts for item in account.sums]
        if rows:
            lead = 2 + self.shows_territory
            cells = self.say("total"), *self._revenue_cells(codes, everything)
            rows.append(row_of(*cells, style="total", span=lead, source=Source("revenue")))
        return [
            Section((self.table(columns, rows),), heading=self.say("part.by_resident")),
            Section((self.by_category(codes, everything),), heading=self.say("part.by_category")),
            self.lines_annex(body, "annex.revenue_lines"),
        ]

    def _category(self, code: Code) -> Column:
        """The column of a category, under a short heading where there is one."""
        key = f"category.{code.code}"
        known = self.knows(f"col.{key}")
        return self.column(key, 25, "number") if known else Column(self.text(code.name), 25, "number")

    def _revenue_cells(self, codes: Sequence[Code], sums: Iterable[Sum]) -> tuple[Cell, ...]:
        sums = list(sums)
        total, exported = sum(item.amount for item in sums), sum(item.exported for item in sums)
        return (
            *(self.money(sum(item.amount for item in sums if item.code == code.code)) for code in codes),
            self.money(sum(item.amount for item in sums if item.counts)),
            self.money(total),
            self.money(exported),
            self.percent(exported, total),
        )

    def by_category(self, codes: Sequence[Code], everything: Sequence[Sum]) -> Block:
        """Revenue and export by category, with totals of all revenue and of the revenue that counts."""
        columns = [
            self.column("no", 11, "index"),
            self.column("category", 50),
            self.column("revenue", 42, "number"),
            self.column("export", 42, "number"),
            self.column("export_share", 32, "number"),
        ]

        def cells(sums: Sequence[Sum]) -> tuple[Cell, ...]:
            total, exported = sum(item.amount for item in sums), sum(item.exported for item in sums)
            return self.money(total), self.money(exported), self.percent(exported, total)

        rows = [
            row_of(number, self.text(code.name), *cells([item for item in everything if item.code == code.code]))
            for number, code in enumerate(codes, start=1)
        ]
        counted = [item for item in everything if item.counts]
        rows.append(row_of(self.say("total"), *cells(everything), style="total", span=2, source=Source("revenue")))
        rows.append(
            row_of(self.say("subtotal.counted"), *cells(counted), style="total", span=2, source=Source("revenue", True))
        )
        return self.table(columns, rows)


def _total(body: Accounts) -> int | None:
    """All revenue in tiyn, whether an indicator counts it or not; None where no company reported any."""
    return sum(item.amount for account in body.accounts for item in account.sums) if body.accounts else None


KIND = PaperKind(
    code="revenues",
    number_code="REV",
    group=REGISTERS,
    asks=Asks.PERIOD,
    needs_approval=True,
    of_money=True,
    sources=("reports",),
    of_a_moment=True,
    states_rows=False,
    reads=frozenset({Reads.PARTICIPATION, Reads.REPORTS}),
    dictionaries=("revenue_categories", "counting_rules"),
    body=Accounts,
    collect=collect,
    writer=RevenuesPaper,
    total=_total,
)
