"""Registers: participants, contracts, intellectual property, revenues, taxes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from registry.infra.i18n import NBSP
from registry.infra.text import sort_key
from registry.paper_kinds import snapshots as s
from registry.paper_kinds import terms
from registry.paper_kinds.composers.writer import DASH, ROMAN, Writer
from registry.paper_kinds.rules import Kind
from registry.printing.layout import Block, Cell, Column, Row, Section, Source, row_of


class Registers(Writer):
    """The bodies of the registers."""

    def sections(self, body: Any) -> list[Section]:
        composers: dict[Kind, Callable[[Any], list[Section]]] = {
            Kind.PARTICIPANTS: self._participants,
            Kind.CONTRACTS: self._contracts,
            Kind.PATENTS: self._patents,
            Kind.REVENUES: self._revenues,
            Kind.TAXES: self._taxes,
        }
        return composers[self.kind](body)

    def _participants(self, body: s.Participants) -> list[Section]:
        self.notes.append(self.say("note.participants"))
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("register_no", 34, "code"),
            self.column("bin", 25, "code"), self.column("name", 50), self.column("type", 44),
            self.column("address", 36), self.column("oked", 14, "code"), self.column("registered_on", 22, "date"),
            self.column("decision", 24, "label"), self.column("status", 25, "label"),
        ]  # fmt: skip
        rows = []
        for number, entry in enumerate(self.sorted_by_name(body.entries, lambda entry: entry.who.name), start=1):
            who = entry.who
            rows.append(
                row_of(
                    number, *self.place(who), who.register_no, self.bin(who), self.text(who.name),
                    self.text(entry.participant_type), self.text(entry.address) or DASH, entry.oked or DASH,
                    self.day(entry.registered_on), self.reference(entry.decision_no, entry.decision_date) or DASH,
                    self.status(entry),
                )
            )  # fmt: skip
        if rows:
            rows.append(self._count_row(len(rows), sum(column is not None for column in columns)))
        return [Section((self.table(columns, rows),))]

    def _contracts(self, body: s.Contracts) -> list[Section]:
        self.notes.append(self.say("note.contracts"))
        found = self.sorted_by_name(body.contracts, lambda contract: contract.who.name)
        sections = [Section((self._contract_table(found),))]
        kinds: dict[str, list[s.Contract]] = {}
        for contract in body.contracts:
            kinds.setdefault(self.text(contract.kind), []).append(contract)
        if len(kinds) > 1:
            columns = [
                self.column("no", 11, "index"), self.column("kind", 110), self.column("count", 20, "number"),
                self.column("area", 30, "number"), self.column("amount", 42, "number"),
            ]  # fmt: skip
            rows = [
                row_of(number, kind, self.whole(len(found)), *self._contract_sums(found))
                for number, (kind, found) in enumerate(
                    sorted(kinds.items(), key=lambda item: sort_key(item[0])), start=1
                )
            ]
            rows.append(
                row_of(
                    self.say("total"),
                    self.whole(len(body.contracts)),
                    *self._contract_sums(body.contracts),
                    style="total",
                    span=2,
                )
            )
            sections.append(Section((self.table(columns, rows),), heading=self.say("part.contracts_by_kind")))
        return sections

    def _contract_table(self, found: Sequence[s.Contract]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("contract_no", 30, "label"),
            self.column("contract_kind", 50), self.column("party", 44), self.column("bin", 25, "code"),
            self.column("term", 23, "date"), self.column("addenda", 28, "label"),
            self.column("area", 18, "number"), self.column("amount", 30, "number"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, *self.place(contract.who), self.dated(contract.number, contract.signed_on),
                self.contract_subject(contract), self.text(contract.who.name), self.bin(contract.who),
                self.term(contract),
                self.below(*(self.reference(item.number, item.signed_on) for item in contract.addenda)),
                self.area(contract.area_m2), self.money(contract.amount),
            )
            for number, contract in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            rows.append(row_of(label, *self._contract_sums(found), style="total", span=width - 2))
        return self.table(columns, rows)

    def _patents(self, body: s.Patents) -> list[Section]:
        self.notes += [self.say("note.inid"), self.say("note.counting", year=body.year)]
        found = self.sorted_by_name(body.patents, lambda patent: patent.name)
        counted = [patent for patent in found if patent.counted]
        return [
            Section((self._patent_table(found, counting=True),)),
            Section(
                (self._patent_table(counted, counting=False),),
                heading=f"{self.say('annex.patents')}, {terms.over(body.year, None, self.language)}",
                annex=self.say("annex", n=1),
            ),
        ]

    def _patent_table(self, found: Sequence[s.Patent], *, counting: bool, caption: str = "") -> Block:
        columns = [
            self.column("no", 11, "index"),
            self.column("title", 27, "label"),
            self.column("ip_kind", 27, "label"),
            self.column("ip_name", 46),
            self.column("ipc", 25, "label"),
            self.column("application", 27, "label"),
            self.column("published", 25, "date"),
            self.column("holders", 50),
            self.column("authors", 30),
            self.column("counted", 24, "centre") if counting else None,
        ]
        rows = []
        for number, patent in enumerate(found, start=1):
            bulletin = self.say("bulletin", number=patent.bulletin) if patent.bulletin else None
            rows.append(
                row_of(
                    number, self.dated(patent.title_no, patent.registered_on),
                    f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name),
                    self.below(*_symbols(patent.ipc)), self.dated(patent.application_no, patent.filed_on),
                    self.below(self.day(patent.published_on), bulletin),
                    self.below(*map(self.holder, patent.holders)),
                    patent.authors or DASH, *((self.say("yes") if patent.counted else DASH,) if counting else ()),
                )
            )  # fmt: skip
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            if counting:
                counted = sum(patent.counted for patent in found)
                rows.append(row_of(label, self.whole(counted), style="total", span=width - 1))
            else:
                rows.append(row_of(label, style="total", span=width))
        return self.table(columns, rows, caption)

    def _accounts(self, body: s.Accounts) -> list[s.Account]:
        return self.sorted_by_name(body.accounts, lambda account: account.who.name)

    def _revenues(self, body: s.Accounts) -> list[Section]:
        self.notes += [self.say("note.accepted"), self.say("note.export")]
        codes = list(body.codes)
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("name_and_bin", 44),
            *(self._category(code) for code in codes),
            self.column("counted_revenue", 25, "number"), self.column("revenue", 25, "number"),
            self.column("export", 25, "number"), self.column("export_share", 18, "number"),
        ]  # fmt: skip
        rows = []
        for number, account in enumerate(self._accounts(body), start=1):
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
            self._lines_annex(body, "annex.revenue_lines"),
        ]

    def _category(self, code: s.Code) -> Column:
        key = f"category.{code.code}"
        known = terms.knows(f"col.{key}")
        return self.column(key, 25, "number") if known else Column(self.text(code.name), 25, "number")

    def _revenue_cells(self, codes: Sequence[s.Code], sums: Iterable[s.Sum]) -> tuple[Cell, ...]:
        sums = list(sums)
        total, exported = sum(item.amount for item in sums), sum(item.exported for item in sums)
        return (
            *(self.money(sum(item.amount for item in sums if item.code == code.code)) for code in codes),
            self.money(sum(item.amount for item in sums if item.counts)),
            self.money(total),
            self.money(exported),
            self.percent(exported, total),
        )

    def by_category(self, codes: Sequence[s.Code], everything: Sequence[s.Sum]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("category", 50), self.column("revenue", 42, "number"),
            self.column("export", 42, "number"), self.column("export_share", 32, "number"),
        ]  # fmt: skip

        def cells(sums: Sequence[s.Sum]) -> tuple[Cell, ...]:
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

    def _taxes(self, body: s.Accounts) -> list[Section]:
        self.notes += [self.say("note.accepted"), self.say("note.taxes")]
        budgets = {code.code: code.budget for code in body.codes}
        everything = [item for account in body.accounts for item in account.sums]

        def cells(sums: Sequence[s.Sum]) -> tuple[Cell, ...]:
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
            self.column("no", 11, "index"), self.territory_column(), self.column("name", 56),
            self.column("bin", 25, "code"), self.column("republican", 31, "number"), self.column("local", 31, "number"),
            self.column("counted_taxes", 31, "number"), self.column("other_payments", 31, "number"),
        ]  # fmt: skip
        rows = []
        for number, account in enumerate(self._accounts(body), start=1):
            who = account.who
            rows.append(row_of(number, *self.place(who), self.text(who.name), self.bin(who), *cells(account.sums)))
        if rows:
            span = 3 + self.shows_territory
            rows.append(row_of(self.say("total"), *cells(everything), style="total", span=span, source=Source("tax")))
        return [
            Section((self.table(columns, rows),), heading=self.say("part.by_resident")),
            Section((self.by_code(body, everything),), heading=self.say("part.by_code")),
            self._lines_annex(body, "annex.tax_lines"),
        ]

    def _lines_annex(self, body: s.Accounts, title: str) -> Section:
        """Every accepted line behind the sums, with the document it rests on: what is counted first."""
        taxes = self.kind is Kind.TAXES
        names = {code.code: self.text(code.name) for code in body.codes}
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("name", 52),
            self.column("bin", 25, "code"), self.column("quarter", 17, "centre"),
            self.column("bcc", 20, "code") if taxes else self.column("category", 46),
            None if taxes else self.column("country", 16, "centre"),
            self.column("document", 48), self.column("paid" if taxes else "amount", 30, "number"),
        ]  # fmt: skip
        width = sum(column is not None for column in columns)
        rows: list[Row] = []
        printed = 0
        for counts in (True, False):
            found = [line for line in body.lines if line.counts is counts]
            if not found:
                continue
            rows.append(
                row_of(self.say("subtotal.counted" if counts else "subtotal.not_counted"), style="group", span=width)
            )
            for number, line in enumerate(self.sorted_by_name(found, lambda line: line.who.name), start=printed + 1):
                rows.append(
                    row_of(
                        number, *self.place(line.who), self.text(line.who.name), self.bin(line.who),
                        ROMAN[line.quarter],
                        *((line.code,) if taxes else (names[line.code], line.country or DASH)),
                        self.evidence(line) or DASH, self.money(line.amount),
                    )
                )  # fmt: skip
            printed += len(found)
            amount = self.money(sum(line.amount for line in found))
            rows.append(
                row_of(
                    self.say("total"),
                    amount,
                    style="total",
                    span=width - 1,
                    source=Source("tax" if taxes else "revenue", counts),
                )
            )
        return Section((self.table(columns, rows),), heading=self.say(title), annex=self.say("annex", n=1))

    def by_code(self, body: s.Accounts, everything: Sequence[s.Sum], caption: str = "") -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("bcc", 18, "code"), self.column("tax", 74),
            self.column("budget", 34), self.column("paid", 38, "number"),
        ]  # fmt: skip
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
                            number, code.code, self.text(code.name), self.say(f"budget.{code.budget or 'none'}"),
                            self.money(sum(sums)),
                        )
                    )  # fmt: skip
            amount = self.money(sum(item.amount for item in part))
            rows.append(row_of(self.say("total"), amount, style="total", span=4, source=Source("tax", counts)))
        return self.table(columns, rows, caption)


def _symbols(ipc: str | None) -> list[str]:
    return [
        part.strip().replace(" ", NBSP).replace(f"{NBSP}(", " (") for part in (ipc or "").split(";") if part.strip()
    ]
