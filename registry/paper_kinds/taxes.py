"""The register of tax receipts of a period."""

from __future__ import annotations

from collections.abc import Sequence

from registry.paper_kinds.accounts import Accounts, AccountsWriter, Sum, accounts_of
from registry.paper_kinds.kind import REGISTERS, Asked, Asks, PaperKind, Reads
from registry.paper_kinds.naming import Collected
from registry.paper_kinds.words import Words
from registry.printing.layout import Block, Cell, Row, Section, Source, row_of
from registry.reports import rules as report_rules

WORDS: Words = {
    "type.taxes": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.taxes": (
        "Қатысушылардан түскен салықтық түсімдер тізілімі",
        "Реестр налоговых поступлений от участников",
        "Register of tax receipts from participants",
    ),
    "title.taxes.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылардан түскен салықтық түсімдер тізілімі",
        "Реестр налоговых поступлений от участников наукоемких территорий",
        "Register of tax receipts from participants of science-intensive territories",
    ),
    "col.other_payments": (
        "Индикаторға кірмейтін төлемдер, теңге",
        "Платежи, не входящие в индикатор, тенге",
        "Payments not counted, KZT",
    ),
    "budget.republican": ("республикалық (РБ)", "республиканский (РБ)", "republican"),
    "budget.local": ("жергілікті (ЖБ)", "местный (МБ)", "local"),
    "budget.none": ("–", "–", "–"),
    "part.by_code": (
        "Бюджеттік сыныптама кодтары мен бюджеттер бойынша",
        "По кодам бюджетной классификации и бюджетам",
        "By budget classification code and budget",
    ),
    "annex.tax_lines": (
        "Төлем сомаларын құрайтын қабылданған есептердің жолдары",
        "Строки принятых отчетов, из которых сложены суммы платежей",
        "Lines of accepted reports that add up to the payments",
    ),
}


def collect(asked: Asked) -> Collected:
    return accounts_of(report_rules.Section.TAX, asked.period, asked.territory, with_lines=True)


class TaxesPaper(AccountsWriter):
    """Writes the register of payments by company and by code, with the report lines behind them."""

    words = WORDS
    section = report_rules.Section.TAX

    def sections(self, body: Accounts) -> list[Section]:
        self.notes += [self.say("note.accepted"), self.say("note.taxes")]
        budgets = {code.code: code.budget for code in body.codes}
        everything = [item for account in body.accounts for item in account.sums]

        def cells(sums: Sequence[Sum]) -> tuple[Cell, ...]:
            counted = [item for item in sums if item.counts]
            return (
                *(
                    self.money(sum(item.amount for item in counted if budgets[item.code] == budget))
                    for budget in ("republican", "local")
                ),
                self.money(sum(item.amount for item in counted)),
                self.money(sum(item.amount for item in sums if not item.counts)),
            )

        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("name", 56),
            self.column("bin", 25, "code"),
            self.column("republican", 31, "number"),
            self.column("local", 31, "number"),
            self.column("counted_taxes", 31, "number"),
            self.column("other_payments", 31, "number"),
        ]
        rows = []
        for number, account in enumerate(self.accounts(body), start=1):
            who = account.who
            rows.append(row_of(number, *self.place(who), self.text(who.name), self.bin(who), *cells(account.sums)))
        if rows:
            span = 3 + self.shows_territory
            rows.append(row_of(self.say("total"), *cells(everything), style="total", span=span, source=Source("tax")))
        return [
            Section((self.table(columns, rows),), heading=self.say("part.by_resident")),
            Section((self.by_code(body, everything),), heading=self.say("part.by_code")),
            self.lines_annex(body, "annex.tax_lines"),
        ]

    def by_code(self, body: Accounts, everything: Sequence[Sum], caption: str = "") -> Block:
        """Payments by budget classification code: first those that count for the indicator, then the others."""
        columns = [
            self.column("no", 11, "index"),
            self.column("bcc", 18, "code"),
            self.column("tax", 74),
            self.column("budget", 34),
            self.column("paid", 38, "number"),
        ]
        rows: list[Row] = []
        number = 0
        for counts in (True, False):
            part = [item for item in everything if item.counts is counts]
            if not part:
                continue
            rows.append(
                row_of(self.say("subtotal.counted" if counts else "subtotal.not_counted"), style="group", span=5)
            )
            for code in body.codes:
                sums = [item.amount for item in part if item.code == code.code]
                if sums:
                    number += 1
                    rows.append(
                        row_of(
                            number,
                            code.code,
                            self.text(code.name),
                            self.say(f"budget.{code.budget or 'none'}"),
                            self.money(sum(sums)),
                        )
                    )
            amount = self.money(sum(item.amount for item in part))
            rows.append(row_of(self.say("total"), amount, style="total", span=4, source=Source("tax", counts)))
        return self.table(columns, rows, caption)


def _total(body: Accounts) -> int | None:
    """The payments that count, in tiyn, as the total row of the first table states them; None if nobody reported."""
    return (
        sum(item.amount for account in body.accounts for item in account.sums if item.counts) if body.accounts else None
    )


KIND = PaperKind(
    code="taxes",
    number_code="TAX",
    group=REGISTERS,
    asks=Asks.PERIOD,
    needs_approval=True,
    of_money=True,
    sources=("reports",),
    of_a_moment=True,
    states_rows=False,
    reads=frozenset({Reads.PARTICIPATION, Reads.REPORTS}),
    dictionaries=("tax_codes", "counting_rules"),
    body=Accounts,
    collect=collect,
    writer=TaxesPaper,
    total=_total,
)
