"""What the composers of all kinds share: words and values in the paper's language, and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from registry.infra.fields import Type
from registry.infra.i18n import NBSP, format_date, format_decimal, format_hundredths, format_integer, speaking
from registry.infra.numbers import percent_half_up
from registry.infra.text import sort_key
from registry.journal import presentation
from registry.paper_kinds import snapshots as s
from registry.paper_kinds import terms
from registry.paper_kinds.rules import Kind
from registry.printing.layout import Block, Column, Paragraph, Row, Section, Table

DASH = "–"
ROMAN = ("", "I", "II", "III", "IV")


class Writer:
    """Writes one paper: what all kinds share here, the body of a kind in the classes that follow."""

    def __init__(self, snapshot: s.Snapshot, language: str) -> None:
        self.snapshot = snapshot
        self.language = language
        self.kind = Kind(snapshot.kind)
        territory = snapshot.scope.territory
        self.word = territory.word if territory else "all"
        self.notes: list[str] = []

    def sections(self, body: Any) -> list[Section]:
        """The paper's parts in their order; writing them also gathers :attr:`notes`."""
        raise NotImplementedError

    # --- words and values in the paper's language ---

    def say(self, key: str, **values: object) -> str:
        return terms.say(key, self.language, **values)

    def field(self, name: str, subject_type: str = "") -> str:
        """What a field is called: in the papers' own words, else in those of its declaration."""
        if terms.knows(f"field.{name}"):
            return self.say(f"field.{name}")
        with speaking(self.language):
            return presentation.label(name, subject_type)

    def text(self, text: s.Text) -> str:
        return text.speak(self.language)

    def day(self, day: date | None) -> str:
        return format_date(day, self.language)

    def money(self, tiyn: int | None) -> str:
        return DASH if tiyn is None else format_hundredths(tiyn, self.language)

    def whole(self, number: int | None) -> str:
        return DASH if number is None else format_integer(number, self.language)

    def percent(self, part: int, whole: int) -> str:
        return format_decimal(percent_half_up(part, whole), self.language) or DASH

    def reference(self, number: str | None, day: date | None) -> str:
        """A document by number and date, as much of it as is known."""
        if number and day:
            return self.say("document.of", number=number, day=self.day(day))
        return self.say("document.number", number=number) if number else self.day(day)

    def evidence(self, line: s.CountedLine | s.Evidence | s.Line | s.Figure) -> str:
        """An evidence document by kind, number and date: a known kind in words, any other text as it was written."""
        kind = line.document_kind or ""
        word = self.say(f"evidence.{kind}") if terms.knows(f"evidence.{kind}") else kind
        return " ".join(part for part in (word, self.reference(line.document_no, line.document_date)) if part)

    def sorted_by_name(self, items: Iterable, name: Callable[..., s.Text]) -> list:
        """In the alphabetical order of the names printed; who bears the same name, in the snapshot's order."""
        return sorted(items, key=lambda item: sort_key(self.text(name(item))))

    def column(self, key: str, width: float, style: str = "text") -> Column:
        return Column(self.say(f"col.{key}"), width, style)

    def table(self, columns: Sequence[Column | None], rows: Iterable[Row], caption: str = "") -> Block:
        """A table, or the words that there is nothing to show."""
        rows = tuple(rows)
        if not rows:
            return Paragraph(f"{caption}. {self.say('nothing')}" if caption else self.say("nothing"))
        return Table(tuple(_roomy([column for column in columns if column is not None], rows)), rows, caption)

    @property
    def shows_territory(self) -> bool:
        return len(self.snapshot.scope.territories) > 1

    def territory_column(self) -> Column | None:
        return self.column("territory", 20, "code") if self.shows_territory else None

    def place(self, who: s.Who) -> tuple[str, ...]:
        return (who.territory,) if self.shows_territory else ()

    def status(self, entry: s.Entry) -> str:
        if entry.status == "suspended" and entry.status_since:
            return self.say("status.suspended_since", day=self.day(entry.status_since).replace(" ", NBSP))
        return self.say(f"status.{entry.status}")

    def _count_row(self, count: int, width: int) -> Row:
        return Row((self.say("total.count", count=self.whole(count)),), "total", width)

    def contract_subject(self, contract: s.Contract) -> str:
        kind, subject = self.text(contract.kind), self.text(contract.subject)
        lines = [f"{kind}: {subject}" if subject else kind]
        if contract.premises:
            lines.append(self.say("premises", number=contract.premises))
        return "\n".join([*lines, *map(self.fact, contract.further)])

    def fact(self, fact: s.Fact) -> str:
        """A further fact of a record: its label and its value with the unit the label names."""
        number = {Type.MONEY: self.money, Type.AREA: self.money}.get(Type(fact.type), self.whole)
        value = self.text(fact.text) if fact.number is None else number(fact.number)
        return f"{self.text(fact.label)}: {value if fact.day is None else self.day(fact.day)}"

    def dated(self, number: str | None, day: date | None) -> str:
        """A number with its day on the line below."""
        return "\n".join(part for part in (number, self.day(day)) if part) or DASH

    def term(self, contract: s.Contract) -> str:
        """First and last day on two lines."""
        last = self.day(contract.terminated_on or contract.ends_on) or self.say("no_end")
        return f"{self.day(contract.starts_on)}{NBSP}{DASH}\n{last}"

    def _contract_sums(self, found: Iterable[s.Contract]) -> tuple[str, str]:
        found = list(found)
        return (
            self.money(sum(contract.area_m2 or 0 for contract in found) or None),
            self.money(sum(contract.amount or 0 for contract in found)),
        )

    def _holder(self, holder: s.Holder) -> str:
        parts = [self.text(holder.name), holder.bin or ""]
        text = ", ".join(part for part in parts if part)
        if holder.share is not None:
            share = format_hundredths(holder.share, self.language).removesuffix(",00").removesuffix(".00")
            text += f"{NBSP}({share}{'' if self.language == 'en' else NBSP}%)"
        return text

    def named(self, who: s.Who) -> str:
        """A company with its BIN on the line below."""
        return f"{self.text(who.name)}\n{who.bin}"

    def entered(self, who: s.Who) -> str:
        """An entry's number in the register with the company's BIN on the line below."""
        return f"{who.register_no}\n{who.bin}"

    # --- tables several papers print ---

    def premises_table(self, found: Sequence[s.Tenancy], caption: str = "") -> Block:
        """Premises let, each with its tenant and contract."""
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("premises", 26, "label"),
            self.column("tenant", 60), self.column("contract_no", 30, "label"), self.column("ends_on", 22, "date"),
            self.column("area", 22, "number"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), *self.place(item.who), item.premises or DASH, self.named(item.who),
                self.dated(item.number, item.signed_on), self.day(item.ends_on) or self.say("no_end"),
                self.money(item.area_m2),
            ))
            for number, item in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            area = self.money(sum(item.area_m2 or 0 for item in found))
            label = self.say("total.count", count=self.whole(len(rows)))
            rows.append(Row((label, area), "total", sum(column is not None for column in columns) - 1))
        return self.table(columns, rows, caption)

    def debt_table(self, found: Sequence[s.Debt], caption: str = "") -> Block:
        """Reports owed, by company and quarter."""
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("name", 48),
            self.column("bin", 25, "code"), self.column("quarter_owed", 20, "centre"),
            self.column("due_on", 22, "date"), self.column("days_overdue", 19, "number"),
            self.column("debt_state", 27, "label"),
        ]  # fmt: skip
        rows = [
            Row((
                str(number), *self.place(item.who), self.text(item.who.name), item.who.bin,
                f"{item.year}, {ROMAN[item.quarter]}", self.day(item.due_on), self.whole(item.days),
                self.say("debt.returned" if item.returned else "debt.missing"),
            ))
            for number, item in enumerate(self.sorted_by_name(found, lambda item: item.who.name), start=1)
        ]  # fmt: skip
        if rows:
            companies = len({(item.who.territory, item.who.bin) for item in found})
            label = self.say("total.debts", count=self.whole(len(rows)), companies=self.whole(companies))
            rows.append(Row((label,), "total", sum(column is not None for column in columns)))
        return self.table(columns, rows, caption)


_DIGIT, _SPACE, _MARK = 1.62, 0.76, 0.82
"""Millimetres that a digit, a space between thousands and any other sign of a bold number take in a table."""

_DENSE, _SMALLER = 9, 7.5 / 8
"""A table of more columns is set in smaller letters (``paper.css``), and so much smaller."""


def _roomy(columns: list[Column], rows: Sequence[Row]) -> list[Column]:
    """Columns of numbers are as wide as their longest number, since numbers never break."""
    longest = [""] * len(columns)
    for row in rows:
        for number, cell in enumerate(row.cells):
            place = number + (row.span - 1 if number else 0)
            if len(cell) > len(longest[place]):
                longest[place] = cell
    size = _SMALLER if len(columns) > _DENSE else 1
    return [
        replace(column, width=max(column.width, 2.2 + size * _length(text))) if column.style == "number" else column
        for column, text in zip(columns, longest, strict=True)
    ]


def _length(number: str) -> float:
    digits, spaces = sum(map(str.isdigit, number)), number.count(NBSP)
    return digits * _DIGIT + spaces * _SPACE + (len(number) - digits - spaces) * _MARK
