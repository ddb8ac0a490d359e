"""The audit sample: how it was drawn, what was drawn, and room for what the auditor finds."""

from __future__ import annotations

from registry.paper_kinds import snapshots as s
from registry.paper_kinds.composers.writer import DASH, ROMAN, Writer
from registry.paper_kinds.sampling import Population
from registry.printing.layout import PERSONS, Block, Cell, Paragraph, Row, Section, row_of

_SHOWN = 16
"""Digits of a rank that are printed: enough to tell it from any other of the population."""


class Samples(Writer):
    """The body of a sample."""

    def sections(self, body: s.Sample) -> list[Section]:
        about = self.facts((
            (self.say("sample.population"), self.say(f"sample.of.{body.of}")),
            (self.say("sample.count"), self.whole(body.population)),
            (self.say("sample.hash"), body.population_hash),
            (self.say("sample.size"), self.whole(body.size)),
            (self.say("sample.seed"), body.seed),
        ))  # fmt: skip
        method = f"{self.say('sample.method')} {self.say(f'sample.key.{body.of}')}"
        listed = self._entries(body) if body.of == Population.RESIDENTS else self._lines(body)
        return [
            Section((about, Paragraph(method)), heading=self.say("part.method")),
            Section((listed,), heading=self.say("part.drawn")),
        ]

    def _entries(self, body: s.Sample) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("rank", 30, "code"), self.column("key", 40, "label"),
            self.column("bin", 25, "code"), self.column("name", 54), self.column("type", 36),
            self.column("registered_on", 22, "date"), self.column("status", 25, "label"), self.column("checked", 30),
        ]  # fmt: skip
        rows = [
            row_of(
                number, item.rank[:_SHOWN], item.key, self.bin(item.entry.who), self.text(item.entry.who.name),
                self.text(item.entry.participant_type), self.day(item.entry.registered_on), self.status(item.entry),
                "",
            )
            for number, item in enumerate(body.entries, start=1)
        ]  # fmt: skip
        return self.table(columns, self._counted(rows, len(columns)))

    def _lines(self, body: s.Sample) -> Block:
        columns = [
            self.column("no", 11, "index"), self.column("rank", 30, "code"), self.column("key", 48, "label"),
            self.column("bin", 25, "code"), self.column("name", 36), self.column("quarter", 16, "centre"),
            self.column("figure", 44), self.column("document", 38), self.column("value", 30, "number"),
            self.column("checked", 28),
        ]  # fmt: skip
        rows = [
            row_of(
                number, item.rank[:_SHOWN], item.key, self.bin(item.line.who), self.text(item.line.who.name),
                ROMAN[item.line.quarter], self._figure(item.line), self.evidence(item.line) or DASH,
                self._value(item.line), "",
            )
            for number, item in enumerate(body.lines, start=1)
        ]  # fmt: skip
        return self.table(columns, self._counted(rows, len(columns)))

    def _figure(self, line: s.Figure) -> str:
        name = self.text(line.name) or self.say(f"staff.{line.code}")
        return f"{self.say(f'section.{line.section}')}: {name}"

    def _value(self, line: s.Figure) -> Cell:
        return self.whole(line.count, PERSONS) if line.amount is None else self.money(line.amount)

    def _counted(self, rows: list[Row], width: int) -> list[Row]:
        return [*rows, self._count_row(len(rows), width)] if rows else rows
