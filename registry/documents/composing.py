"""From a snapshot to a paper in one language: what is written where. Plain data in, plain data out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from registry.documents import snapshots as s
from registry.documents import terms
from registry.documents.layout import (
    PORTRAIT_TEXT,
    Approval,
    Block,
    Column,
    Facts,
    Paper,
    Paragraph,
    Requisite,
    Row,
    Section,
    Signature,
    Table,
)
from registry.documents.rules import NEEDS_APPROVAL, OF_A_PERIOD, OF_ONE_RESIDENT, Kind
from registry.infra.i18n import (
    NBSP,
    format_billions,
    format_date,
    format_decimal,
    format_hundredths,
    format_integer,
    format_quarter,
)
from registry.infra.numbers import percent_half_up
from registry.infra.text import sort_key

WIDE = 8
"""More columns than this need a sheet on its side (``design.md`` 5)."""

MONEY_PAPERS = frozenset({Kind.REVENUES, Kind.TAXES, Kind.INDICATORS})
"""Papers the chief accountant signs too (``domain.md`` 6.1)."""

TIGHT = 35
"""Millimetres by which a table on an upright sheet may squeeze its flowing columns."""

_DASH = "–"
_ROMAN = ("", "I", "II", "III", "IV")


def compose(snapshot: s.Snapshot, language: str) -> Paper:
    """Lay out what the snapshot says as a paper in ``language``."""
    return _Composer(snapshot, language).paper()


class _Composer:
    """Composes one paper: the common requisites here, the body by kind in the methods below."""

    def __init__(self, snapshot: s.Snapshot, language: str) -> None:
        self.snapshot = snapshot
        self.language = language
        self.kind = Kind(snapshot.kind)
        territory = snapshot.scope.territory
        self.word = territory.word if territory else "all"
        self.notes: list[str] = []

    # --- words and values in the paper's language ---

    def say(self, key: str, **values: object) -> str:
        return terms.say(key, self.language, **values)

    def text(self, text: s.Text) -> str:
        return text.speak(self.language)

    def day(self, day: date | None) -> str:
        return format_date(day, self.language)

    def money(self, tiyn: int | None) -> str:
        return _DASH if tiyn is None else format_hundredths(tiyn, self.language)

    def whole(self, number: int | None) -> str:
        return _DASH if number is None else format_integer(number, self.language)

    def percent(self, part: int, whole: int) -> str:
        return format_decimal(percent_half_up(part, whole), self.language) or _DASH

    def reference(self, number: str | None, day: date | None) -> str:
        """A document by number and date, as much of it as is known."""
        if number and day:
            return self.say("document.of", number=number, day=self.day(day))
        return self.say("document.number", number=number) if number else self.day(day)

    def evidence(self, line: s.CountedLine) -> str:
        """The kind of an evidence document: a known code in words, any other text as it was written."""
        kind = line.document_kind or ""
        return self.say(f"evidence.{kind}") if terms.knows(f"evidence.{kind}") else kind

    def sorted_by_name(self, items: Iterable, name: Callable[..., s.Text]) -> list:
        """In the alphabetical order of the names printed; who bears the same name, in the snapshot's order."""
        return sorted(items, key=lambda item: sort_key(self.text(name(item))))

    def column(self, key: str, width: float, style: str = "text") -> Column:
        return Column(self.say(f"col.{key}"), width, style)

    # --- the paper ---

    def paper(self) -> Paper:
        snapshot, scope = self.snapshot, self.snapshot.scope
        sections = self._sections()
        territory = scope.territory
        return Paper(
            kind=self.kind,
            language=self.language,
            landscape=any(_is_wide(block) for part in sections for block in part.blocks),
            document_type=self.say(f"type.{self.kind}"),
            title=self._title(),
            place=self.text(territory.name) if territory else self.say("all_territories"),
            dated=self._dated(),
            data_status=self._data_status(),
            company=self._requisites(),
            sections=tuple(sections),
            signatures=self._signatures(),
            notes=tuple(self._notes()),
            sources=self._sources(),
            approval=self._approval() if self.kind in NEEDS_APPROVAL else None,
            executor_phone=scope.company.phone or "",
            demo=snapshot.demo,
            words={
                key: self.say(key)
                for key in (
                    "approval", "approval.signature", "approval.date", "approval.position", "signature.sign",
                    "signature.name", "seal", "executor", "phone", "notes", "sources", "demo", "col.no",
                )
            },
        )  # fmt: skip

    def _title(self) -> str:
        key = f"title.{self.kind}"
        return self.say(key if terms.knows(key) else f"{key}.{self.word}")

    def _dated(self) -> str:
        as_of = terms.as_of(self.snapshot.as_of, self.language)
        if self.kind not in OF_A_PERIOD or self.snapshot.year is None:
            return as_of
        return f"{terms.over(self.snapshot.year, self.snapshot.quarter, self.language)}, {as_of}"

    def _data_status(self) -> str:
        coverage = self.snapshot.coverage
        if coverage is not None:
            return self.say("coverage", accepted=self.whole(coverage.accepted), expected=self.whole(coverage.expected))
        if self.kind in OF_ONE_RESIDENT:
            return ""
        return self.say("entries", count=self.whole(self.snapshot.rows if _has_rows(self.snapshot) else 0))

    def _requisites(self) -> tuple[Requisite, ...]:
        """Name in kk and ru as they are registered, BIN and address; blank where not yet entered."""
        company = self.snapshot.scope.company
        names = [company.name.kk, company.name.ru]
        if self.language == "ru":
            names.reverse()
        found = [Requisite(self.say("company"), names[0] or "")]
        if names[1]:
            found.append(Requisite("", names[1]))
        found.append(Requisite(self.say("company.bin"), company.bin or ""))
        found.append(Requisite(self.say("company.address"), self.text(company.address)))
        return tuple(found)

    def _approval(self) -> Approval:
        company = self.snapshot.scope.company
        return Approval(self.text(company.head_position), company.head or "")

    def _signatures(self) -> tuple[Signature, ...]:
        company = self.snapshot.scope.company
        if self.kind in OF_ONE_RESIDENT:
            position = self.text(company.head_position) or self.say("signature.head")
            return (Signature(position, company.head or ""),)
        found = [Signature(self.say("signature.officer"))]
        if self.kind in MONEY_PAPERS:
            found.append(Signature(self.say("signature.accountant"), company.accountant or ""))
        return tuple(found)

    def _notes(self) -> list[str]:
        territories = self.snapshot.scope.territories
        notes = list(self.notes)
        if len(territories) > 1 and self.kind is not Kind.INDICATORS:
            names = "; ".join(f"{row.prefix} – {self.text(row.name)}" for row in territories)
            notes.append(self.say("note.territories", list=names))
        if any("*" in who.bin for who in _named(self.snapshot.body)):
            notes.append(self.say("note.masked"))
        if self.language == "en":
            notes.append(self.say("copy_note"))
        if self.snapshot.demo:
            notes.append(self.say("demo.note"))
        return notes

    def _sources(self) -> tuple[str, ...]:
        keys = {
            Kind.PARTICIPANTS: ("register",),
            Kind.CONTRACTS: ("contracts",),
            Kind.PATENTS: ("patents",),
            Kind.REVENUES: ("reports",),
            Kind.TAXES: ("reports",),
            Kind.INDICATORS: ("register", "reports", "patents"),
            Kind.EXTRACT: ("register", "contracts", "patents", "reports"),
            Kind.CERTIFICATE: (),
        }[self.kind]
        return tuple(self.say(f"source.{key}") for key in keys)

    def _sections(self) -> list[Section]:
        composers: dict[Kind, Callable[[Any], list[Section]]] = {
            Kind.PARTICIPANTS: self._participants,
            Kind.CONTRACTS: self._contracts,
            Kind.PATENTS: self._patents,
            Kind.REVENUES: self._revenues,
            Kind.TAXES: self._taxes,
            Kind.INDICATORS: self._indicators,
            Kind.EXTRACT: self._extract,
            Kind.CERTIFICATE: self._certificate,
        }
        return composers[self.kind](self.snapshot.body)

    # --- tables ---

    def table(self, columns: Sequence[Column | None], rows: Iterable[Row], caption: str = "") -> Block:
        """A table, or the words that there is nothing to show."""
        rows = tuple(rows)
        if not rows:
            return Paragraph(f"{caption}. {self.say('nothing')}" if caption else self.say("nothing"))
        return Table(tuple(column for column in columns if column is not None), rows, caption)

    @property
    def shows_territory(self) -> bool:
        return len(self.snapshot.scope.territories) > 1

    def territory_column(self) -> Column | None:
        return self.column("territory", 19, "code") if self.shows_territory else None

    def place(self, who: s.Who) -> tuple[str, ...]:
        return (who.territory,) if self.shows_territory else ()

    def status(self, entry: s.Entry) -> str:
        word = self.say(f"status.{entry.status}")
        if entry.status == "suspended" and entry.status_since:
            return f"{word} ({self.day(entry.status_since)})"
        return word

    # --- participants ---

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
                Row((
                    str(number), *self.place(who), who.register_no, who.bin, self.text(who.name),
                    self.text(entry.participant_type), self.text(entry.address) or _DASH, entry.oked or _DASH,
                    self.day(entry.registered_on), self.reference(entry.decision_no, entry.decision_date) or _DASH,
                    self.status(entry),
                ))
            )  # fmt: skip
        if rows:
            rows.append(self._count_row(len(rows), sum(column is not None for column in columns)))
        return [Section((self.table(columns, rows),))]

    def _count_row(self, count: int, width: int) -> Row:
        return Row((self.say("total.count", count=self.whole(count)),), "total", width)

    # --- contracts ---

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
                Row((str(number), kind, self.whole(len(found)), *self._contract_sums(found)))
                for number, (kind, found) in enumerate(
                    sorted(kinds.items(), key=lambda item: sort_key(item[0])), start=1
                )
            ]
            rows.append(
                Row(
                    (self.say("total"), self.whole(len(body.contracts)), *self._contract_sums(body.contracts)),
                    "total",
                    2,
                )
            )
            sections.append(Section((self.table(columns, rows),), heading=self.say("part.contracts_by_kind")))
        return sections

    def _contract_sums(self, found: Iterable[s.Contract]) -> tuple[str, str]:
        found = list(found)
        return (
            self.money(sum(contract.area_m2 or 0 for contract in found) or None),
            self.money(sum(contract.amount or 0 for contract in found)),
        )

    def contract_subject(self, contract: s.Contract) -> str:
        kind, subject = self.text(contract.kind), self.text(contract.subject)
        text = f"{kind}: {subject}" if subject else kind
        return f"{text}\n{self.say('premises', number=contract.premises)}" if contract.premises else text

    def dated(self, number: str | None, day: date | None) -> str:
        """A number with its day on the line below."""
        return "\n".join(part for part in (number, self.day(day)) if part) or _DASH

    def term(self, contract: s.Contract) -> str:
        """First and last day on two lines."""
        last = self.day(contract.terminated_on or contract.ends_on) or self.say("no_end")
        return f"{self.day(contract.starts_on)}{NBSP}{_DASH}\n{last}"

    def _contract_table(self, found: Sequence[s.Contract]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("contract_no", 30, "label"),
            self.column("contract_kind", 50), self.column("party", 44), self.column("bin", 25, "code"),
            self.column("term", 23, "date"), self.column("addenda", 28, "label"),
            self.column("area", 18, "number"), self.column("amount", 30, "number"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), *self.place(contract.who), self.dated(contract.number, contract.signed_on),
                self.contract_subject(contract), self.text(contract.who.name), contract.who.bin, self.term(contract),
                "\n".join(self.reference(item.number, item.signed_on) for item in contract.addenda) or _DASH,
                self.money(contract.area_m2), self.money(contract.amount),
            ))
            for number, contract in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            rows.append(Row((label, *self._contract_sums(found)), "total", width - 2))
        return self.table(columns, rows)

    # --- patents ---

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
            published = "\n".join(
                part
                for part in (
                    self.day(patent.published_on),
                    self.say("bulletin", number=patent.bulletin) if patent.bulletin else "",
                )
                if part
            )
            rows.append(
                Row((
                    str(number), self.dated(patent.title_no, patent.registered_on),
                    f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name),
                    "\n".join(_symbols(patent.ipc)) or _DASH, self.dated(patent.application_no, patent.filed_on),
                    published or _DASH, "\n".join(self._holder(holder) for holder in patent.holders),
                    patent.authors or _DASH, *((self.say("yes") if patent.counted else _DASH,) if counting else ()),
                ))
            )  # fmt: skip
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            if counting:
                counted = sum(patent.counted for patent in found)
                rows.append(Row((label, self.whole(counted)), "total", width - 1))
            else:
                rows.append(Row((label,), "total", width))
        return self.table(columns, rows, caption)

    def _holder(self, holder: s.Holder) -> str:
        parts = [self.text(holder.name), holder.bin or ""]
        text = ", ".join(part for part in parts if part)
        if holder.share is not None:
            share = format_hundredths(holder.share, self.language).removesuffix(",00").removesuffix(".00")
            text += f" ({share}{'' if self.language == 'en' else NBSP}%)"
        return text

    # --- revenues and taxes ---

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
            rows.append(Row((str(number), *self.place(who), f"{self.text(who.name)}\n{who.bin}", *cells)))
        everything = [item for account in body.accounts for item in account.sums]
        if rows:
            lead = 2 + self.shows_territory
            rows.append(Row((self.say("total"), *self._revenue_cells(codes, everything)), "total", lead))
        return [
            Section((self.table(columns, rows),), heading=self.say("part.by_resident")),
            Section((self._by_category(codes, everything),), heading=self.say("part.by_category")),
        ]

    def _category(self, code: s.Code) -> Column:
        key = f"category.{code.code}"
        known = terms.knows(f"col.{key}")
        return self.column(key, 25, "number") if known else Column(self.text(code.name), 25, "number")

    def _revenue_cells(self, codes: Sequence[s.Code], sums: Iterable[s.Sum]) -> tuple[str, ...]:
        sums = list(sums)
        total, exported = sum(item.amount for item in sums), sum(item.exported for item in sums)
        return (
            *(self.money(sum(item.amount for item in sums if item.code == code.code)) for code in codes),
            self.money(sum(item.amount for item in sums if item.counts)),
            self.money(total),
            self.money(exported),
            self.percent(exported, total),
        )

    def _by_category(self, codes: Sequence[s.Code], everything: Sequence[s.Sum]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("category", 110), self.column("revenue", 42, "number"),
            self.column("export", 42, "number"), self.column("export_share", 32, "number"),
        ]  # fmt: skip

        def cells(sums: Sequence[s.Sum]) -> tuple[str, ...]:
            total, exported = sum(item.amount for item in sums), sum(item.exported for item in sums)
            return self.money(total), self.money(exported), self.percent(exported, total)

        rows = [
            Row((str(number), self.text(code.name), *cells([item for item in everything if item.code == code.code])))
            for number, code in enumerate(codes, start=1)
        ]
        counted = [item for item in everything if item.counts]
        rows.append(Row((self.say("total"), *cells(everything)), "total", 2))
        rows.append(Row((self.say("subtotal.counted"), *cells(counted)), "total", 2))
        return self.table(columns, rows)

    def _taxes(self, body: s.Accounts) -> list[Section]:
        self.notes += [self.say("note.accepted"), self.say("note.taxes")]
        budgets = {code.code: code.budget for code in body.codes}
        everything = [item for account in body.accounts for item in account.sums]

        def cells(sums: Sequence[s.Sum]) -> tuple[str, ...]:
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
            rows.append(Row((str(number), *self.place(who), self.text(who.name), who.bin, *cells(account.sums))))
        if rows:
            rows.append(Row((self.say("total"), *cells(everything)), "total", 3 + self.shows_territory))
        return [
            Section((self.table(columns, rows),), heading=self.say("part.by_resident")),
            Section((self._by_code(body, everything),), heading=self.say("part.by_code")),
        ]

    def _by_code(self, body: s.Accounts, everything: Sequence[s.Sum]) -> Block:
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
            rows.append(Row((self.say("subtotal.counted" if counts else "subtotal.not_counted"),), "group", 5))
            for code in body.codes:
                sums = [item.amount for item in part if item.code == code.code]
                if sums:
                    number += 1
                    rows.append(
                        Row((
                            str(number), code.code, self.text(code.name), self.say(f"budget.{code.budget or 'none'}"),
                            self.money(sum(sums)),
                        ))
                    )  # fmt: skip
            rows.append(Row((self.say("total"), self.money(sum(item.amount for item in part))), "total", 4))
        return self.table(columns, rows)

    # --- indicators ---

    def _value(self, unit: str, value: int | None) -> str:
        if value is None:
            return _DASH
        if unit == "KZT":
            return _number_of(format_billions(value, self.language), self.language)
        return self.whole(value // 100)

    def _indicators(self, body: s.Indicators) -> list[Section]:
        territory = self.snapshot.scope.territory
        source = ""
        if body.external_source:
            source = self.say("source.edition", source=body.external_source, edition=body.external_edition or _DASH)
        self.notes += [
            self.say("note.own_plan" if territory else "note.national"),
            self.say("note.indicator_2", source=source),
            self.say("note.indicator_3"), self.say("note.indicator_5"), self.say("note.indicator_6"),
            self.say("note.rounding"), self.say("note.accepted"),
        ]  # fmt: skip
        columns = [
            self.column("no", 11, "centre"), self.column("indicator", 64), self.column("unit", 19, "centre"),
            self.column("target", 19, "number"), self.column("actual", 19, "number"),
            self.column("percent", 22, "number"), self.column("coverage", 26, "centre"),
        ]  # fmt: skip
        rows = [
            Row((
                str(item.number), self.text(item.title), self.say(f"unit.{item.unit}"),
                self._value(item.unit, item.target), self._value(item.unit, item.actual),
                format_decimal(item.percent, self.language) or _DASH,
                f"{item.coverage.accepted}{NBSP}/{NBSP}{item.coverage.expected}" if item.coverage else _DASH,
            ))
            for item in body.indicators
        ]  # fmt: skip
        annexes: list[tuple[str, tuple[Block, ...]]] = []
        if body.parts:
            annexes.append((self.say("annex.territories"), (self._by_territory(body),)))
        for number in (1, 3, 4, 5):
            lines = [line for line in body.lines if line.indicator == number]
            annexes.append((self.say("annex.lines", n=number), self._line_table(number, lines)))
        annexes.append((self.say("annex.patents"), (self._counted_patents(body.patents),)))
        return [
            Section((self.table(columns, rows),)),
            *(
                Section(blocks, heading=heading, annex=self.say("annex", n=number))
                for number, (heading, blocks) in enumerate(annexes, start=1)
            ),
        ]

    def _by_territory(self, body: s.Indicators) -> Block:
        columns = [
            self.column("indicator_no", 24, "centre"), self.column("unit", 24, "centre"),
            *(Column(self.text(part.territory.name), 44, "number") for part in body.parts),
            Column(self.say("total"), 30, "number"),
        ]  # fmt: skip
        rows = []
        for position, item in enumerate(body.indicators):
            if item.number == 2:
                continue
            rows.append(
                Row((
                    str(item.number), self.say(f"unit.{item.unit}"),
                    *(self._value(item.unit, part.indicators[position].actual) for part in body.parts),
                    self._value(item.unit, item.actual),
                ))
            )  # fmt: skip
        return self.table(columns, rows)

    def _line_table(self, indicator: int, lines: Sequence[s.CountedLine]) -> tuple[Block, ...]:
        """The counted lines by company. Names of codes are long: they stand once above the table, by number or BCC."""
        persons = indicator == 3
        names = {line.code: self.text(line.name) for line in lines}
        marks = {
            code: code if indicator == 1 else str(number)
            for number, code in enumerate(sorted(names, key=lambda code: sort_key(names[code])), start=1)
        }
        columns = [
            self.column("no", 11, "index"), self.column("name", 44), self.column("bin", 25, "code"),
            self.column("quarter", 17, "centre"),
            None if persons else self.column("bcc" if indicator == 1 else "line", 20, "centre"),
            None if persons else self.column("document", 44),
            self.column("persons", 24, "number") if persons else self.column("amount", 28, "number"),
        ]  # fmt: skip
        rows = []
        for number, line in enumerate(self.sorted_by_name(lines, lambda line: line.who.name), start=1):
            document = " ".join(
                part for part in (self.evidence(line), self.reference(line.document_no, line.document_date)) if part
            )
            rows.append(
                Row((
                    str(number), self.text(line.who.name), line.who.bin, _ROMAN[line.quarter],
                    *(() if persons else (marks[line.code], document or _DASH)),
                    self.whole(line.value) if persons else self.money(line.value),
                ))
            )  # fmt: skip
        if rows:
            total = sum(line.value for line in lines)
            span = sum(column is not None for column in columns) - 1
            rows.append(Row((self.say("total"), self.whole(total) if persons else self.money(total)), "total", span))
        table = self.table(columns, rows)
        if persons or not rows:
            return (table,)
        legend = "; ".join(f"{mark}{NBSP}{_DASH} {names[code]}" for code, mark in sorted(marks.items(), key=_by_mark))
        return (Paragraph(f"{self.say('col.bcc' if indicator == 1 else 'col.line')}: {legend}."), table)

    def _counted_patents(self, found: Sequence[s.Patent]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("title_no", 26), self.column("ip_name", 58),
            self.column("ip_registered_on", 24, "date"), self.column("holders", 57),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), patent.title_no or _DASH, self.text(patent.name), self.day(patent.registered_on),
                "\n".join(self._holder(holder) for holder in patent.holders),
            ))
            for number, patent in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            rows.append(self._count_row(len(rows), len(columns)))
        return self.table(columns, rows)

    # --- papers of one entry ---

    def _entry_facts(self, entry: s.Entry, *, full: bool) -> Facts:
        who = entry.who
        rows: list[tuple[str, str]] = [
            (self.say("col.name"), self.text(who.name)),
            (self.say("col.bin"), who.bin),
            (self.say("label.legal_form"), self.text(entry.legal_form)),
            (self.say("col.type"), self.text(entry.participant_type)),
            (self.say("col.address"), self.text(entry.address)),
            (self.say("territory"), self.text(self.snapshot.scope.territories[0].name)),
            (self.say("col.register_no"), who.register_no),
            (self.say("col.registered_on"), self.day(entry.registered_on)),
            (self.say("col.decision"), self.reference(entry.decision_no, entry.decision_date)),
        ]
        if full:
            rows += [
                (self.say("col.status"), self.status(entry)),
                (self.say("label.head"), entry.head or ""),
                (self.say("label.oked"), entry.oked or ""),
                (self.say("label.krp"), entry.krp or ""),
                (self.say("label.kbe"), entry.kbe or ""),
                (self.say("label.kato"), entry.kato or ""),
                (self.say("label.direction"), self.text(entry.priority_direction)),
                (self.say("label.trl"), str(entry.trl) if entry.trl else ""),
                (self.say("label.accreditation"), entry.accreditation_no or ""),
                (self.say("label.accreditation_until"), self.day(entry.accreditation_until)),
                (self.say("label.experimental"), self.say("yes" if entry.experimental_production else "no")),
            ]
        company = self.snapshot.scope.company
        kept_by = ", ".join(
            part for part in (self.text(company.rules), self.reference(company.rules_no, company.rules_date)) if part
        )
        if kept_by:
            rows.append((self.say("label.rules"), kept_by))
        return Facts(tuple((label, value or _DASH) for label, value in rows))

    def _extract(self, body: s.Extract) -> list[Section]:
        self.notes.append(self.say("note.accepted"))
        if body.patents:
            self.notes.append(self.say("note.inid"))
        changes = [
            Row((
                str(number), self.say(f"change.{change.change}"), self.day(change.effective_on),
                self.text(change.ground) or _DASH, self.reference(change.decision_no, change.decision_date) or _DASH,
            ))
            for number, change in enumerate(body.entry.changes, start=1)
        ]  # fmt: skip
        change_columns = [
            self.column("no", 11, "index"), self.column("change", 55), self.column("effective_on", 28, "date"),
            self.column("ground", 46), self.column("decision", 36),
        ]  # fmt: skip
        return [
            Section((self._entry_facts(body.entry, full=True),), heading=self.say("part.entry")),
            Section((self.table(change_columns, changes),), heading=self.say("part.changes")),
            Section((self._contracts_of_one(body.contracts),), heading=self.say("part.contracts")),
            Section((self._patents_of_one(body.patents),), heading=self.say("part.patents")),
            Section((self._figures(body.figures),), heading=self.say("part.figures")),
        ]

    def _contracts_of_one(self, found: Sequence[s.Contract]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("contract_no", 38), self.column("contract_kind", 60),
            self.column("term", 25, "date"), self.column("amount", 34, "number"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), self.dated(item.number, item.signed_on), self.contract_subject(item), self.term(item),
                self.money(item.amount),
            ))
            for number, item in enumerate(found, start=1)
        ]  # fmt: skip
        return self.table(columns, rows)

    def _patents_of_one(self, found: Sequence[s.Patent]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("title_no", 26), self.column("ip_kind", 40),
            self.column("ip_name", 54), self.column("filed_on", 23, "date"),
            self.column("ip_registered_on", 23, "date"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), patent.title_no or patent.application_no or _DASH,
                f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name), self.day(patent.filed_on),
                self.day(patent.registered_on) or _DASH,
            ))
            for number, patent in enumerate(found, start=1)
        ]  # fmt: skip
        return self.table(columns, rows)

    def _figures(self, found: Sequence[s.Figures]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("period", 34), self.column("revenue", 27, "number"),
            self.column("counted_revenue", 27, "number"), self.column("counted_taxes", 27, "number"),
            self.column("investment", 27, "number"), self.column("specialists", 27, "number"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), format_quarter(item.year, item.quarter, self.language), self.money(item.revenue),
                self.money(item.revenue_counted), self.money(item.taxes_counted), self.money(item.investment_counted),
                self.whole(item.research_specialists),
            ))
            for number, item in enumerate(found, start=1)
        ]  # fmt: skip
        return self.table(columns, rows)

    def _certificate(self, body: s.Certificate) -> list[Section]:
        facts = self._entry_facts(body.entry, full=False)
        role = (self.say("certificate.role"), self.say(f"certificate.status.{self.word}"))
        return [
            Section((
                Paragraph(self.say("certificate.text")),
                Facts((facts.rows[0], role, *facts.rows[1:])),
                Paragraph(self.say("certificate.end")),
            ))
        ]  # fmt: skip


def _is_wide(block: Block) -> bool:
    return isinstance(block, Table) and (len(block.columns) > WIDE or block.width > PORTRAIT_TEXT + TIGHT)


def _by_mark(item: tuple[str, str]) -> tuple[int, str]:
    return len(item[1]), item[1]


def _symbols(ipc: str | None) -> list[str]:
    return [
        part.strip().replace(" ", NBSP).replace(f"{NBSP}(", " (") for part in (ipc or "").split(";") if part.strip()
    ]


def _number_of(billions: str, language: str) -> str:
    """The bare number of a sum in bn tenge: the unit stands in its own column."""
    if language == "en":
        return billions.removeprefix(f"KZT{NBSP}").removesuffix(f"{NBSP}billion")
    return billions.split(f"{NBSP}млрд")[0]


def _has_rows(snapshot: s.Snapshot) -> bool:
    body = snapshot.body
    return any(getattr(body, name, ()) for name in ("entries", "contracts", "patents", "accounts", "indicators"))


def _named(body: s.Body) -> Iterable[s.Who]:
    for name in ("entries", "contracts", "accounts", "lines"):
        for item in getattr(body, name, ()):
            yield item.who
    if isinstance(body, s.Extract | s.Certificate):
        yield body.entry.who
