"""The report on target indicators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from registry.infra.i18n import NBSP
from registry.infra.text import sort_key
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.composers.writer import DASH, ROMAN, Writer
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


class Indicators(Writer):
    """The sheet of indicators with the annexes of what was counted."""

    def sections(self, body: Any) -> list[Section]:
        return self._indicators(body)

    def value(self, unit: str, value: int | None) -> Cell:
        """The value of an indicator in its unit, kept in hundredths."""
        if value is None:
            return Cell(DASH)
        if unit == "KZT":
            return Cell(value, CellKind.MONEY, BILLIONS)
        return self.whole(value // 100, unit)

    def indicator_notes(self, body: s.Indicators) -> tuple[str, ...]:
        """How each indicator is counted, and where the Concept's wordings differ (``domain.md`` 1.5)."""
        territory = self.snapshot.scope.territory
        source = ""
        if body.external_source:
            source = self.say("source.edition", source=body.external_source, edition=body.external_edition or DASH)
        return (
            self.say("note.own_plan" if territory else "note.national"),
            self.say("note.indicator_2", source=source),
            self.say("note.indicator_3"), self.say("note.indicator_5"), self.say("note.indicator_6"),
            self.say("note.rounding"), self.say("note.accepted"),
        )  # fmt: skip

    def indicator_table(self, body: s.Indicators) -> Block:
        columns = [
            self.column("no", 11, "centre"), self.column("indicator", 64), self.column("unit", 19, "centre"),
            self.column("target", 19, "number"), self.column("actual", 19, "number"),
            self.column("percent", 22, "number"), self.column("coverage", 26, "centre"),
        ]  # fmt: skip
        rows = [
            row_of(
                item.number, self.text(item.title), self.say(f"unit.{item.unit}"),
                self.value(item.unit, item.target), self.value(item.unit, item.actual),
                self.per_cent(item.percent),
                f"{item.coverage.accepted}{NBSP}/{NBSP}{item.coverage.expected}" if item.coverage else DASH,
                source=Source(indicator=item.number),
            )
            for item in body.indicators
        ]  # fmt: skip
        return self.table(columns, rows)

    def _indicators(self, body: s.Indicators) -> list[Section]:
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

    def by_territory(self, body: s.Indicators, caption: str = "") -> Block:
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
                row_of(
                    item.number, self.say(f"unit.{item.unit}"),
                    *(self.value(item.unit, part.indicators[position].actual) for part in body.parts),
                    self.value(item.unit, item.actual),
                )
            )  # fmt: skip
        return self.table(columns, rows, caption)

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
            document = self.evidence(line)
            rows.append(
                row_of(
                    number, self.text(line.who.name), self.bin(line.who), ROMAN[line.quarter],
                    *(() if persons else (marks[line.code], document or DASH)),
                    self.whole(line.value, PERSONS) if persons else self.money(line.value),
                )
            )  # fmt: skip
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
        columns = [
            self.column("no", 11, "index"), self.column("title_no", 26), self.column("ip_name", 58),
            self.column("ip_registered_on", 24, "date"), self.column("holders", 57),
        ]  # fmt: skip
        rows = [
            row_of(
                number, patent.title_no or DASH, self.text(patent.name), self.day(patent.registered_on),
                self.below(*map(self.holder, patent.holders)),
            )
            for number, patent in enumerate(found, start=1)
        ]  # fmt: skip
        if rows:
            rows.append(replace(self._count_row(len(rows), len(columns)), source=Source(indicator=6)))
        return self.table(columns, rows, caption)


def _by_mark(item: tuple[str, str]) -> tuple[int, str]:
    return len(item[1]), item[1]
