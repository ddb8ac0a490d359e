"""Working lists: debtors in reporting, patent fees, premises, extracts of the journal, two dates compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from registry.paper_kinds import snapshots as s
from registry.paper_kinds import terms
from registry.paper_kinds.composers.writer import DASH, Writer
from registry.paper_kinds.rules import Kind
from registry.printing.layout import Block, Cell, Row, Section, row_of

_NAMED = 5
"""How many changed fields an entry of the journal names; of more, the number is told."""

_DATES = frozenset({"registered_on", "decision_date", "accreditation_until"})


class Lists(Writer):
    """The bodies of working lists."""

    def sections(self, body: Any) -> list[Section]:
        composers: dict[Kind, Callable[[Any], list[Section]]] = {
            Kind.DEBTORS: self._debtors,
            Kind.FEES: self._fees,
            Kind.PREMISES: self._premises,
            Kind.JOURNAL: self._journal,
            Kind.CORRECTIONS: self._corrections,
            Kind.COMPARISON: self._comparison,
        }
        return composers[self.kind](body)

    def counted(self, rows: list[Row], columns: Sequence[object]) -> list[Row]:
        """The rows with one more that says how many they are."""
        return [*rows, self._count_row(len(rows), sum(column is not None for column in columns))] if rows else rows

    def _debtors(self, body: s.Debtors) -> list[Section]:
        self.notes += [self.say("note.debtors"), self.say("note.debtors_imported")]
        return [Section((self.debt_table(body.debts),))]

    def _premises(self, body: s.Premises) -> list[Section]:
        self.notes.append(self.say("note.premises"))
        return [Section((self.premises_table(body.premises),))]

    # --- patent fees ---

    def _fees(self, body: s.Fees) -> list[Section]:
        self.notes += [self.say("note.fees"), self.say("note.fees_after")]
        columns = [
            self.column("no", 11, "index"), self.column("pay_by", 24, "date"), self.column("title_no", 28, "label"),
            self.column("ip_kind", 36, "label"), self.column("ip_name", 50), self.column("holders", 50),
            self.column("filed_on", 24, "date"), self.column("year_of_protection", 22, "centre"),
            self.column("expires_on", 24, "date"),
        ]  # fmt: skip
        rows: list[Row] = []
        month: tuple[int, int] | None = None
        for number, fee in enumerate(body.fees, start=1):
            if (fee.due_on.year, fee.due_on.month) != month:
                month = fee.due_on.year, fee.due_on.month
                rows.append(row_of(terms.month(*month, self.language), style="group", span=len(columns)))
            patent = fee.patent
            rows.append(
                row_of(
                    number, self.day(fee.due_on), patent.title_no or DASH,
                    f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name),
                    self.below(*map(self.holder, patent.holders)), self.day(patent.filed_on),
                    fee.year, self.day(fee.expires_on, DASH),
                )
            )  # fmt: skip
        if rows:
            rows.append(self._count_row(len(body.fees), len(columns)))
        return [Section((self.table(columns, rows),))]

    # --- the journal ---

    def _journal(self, body: s.Journal) -> list[Section]:
        self.notes += [self.say("note.journal"), self.say("note.journal_hash")]
        facts = self.facts((
            (self.say("journal.first"), self.day(body.first)),
            (self.say("journal.last"), self.day(body.last)),
            (self.say("journal.before"), " ".join(_groups(body.before))),
            (self.say("journal.after"), " ".join(_groups(body.acts[-1].hash)) if body.acts else ""),
        ))  # fmt: skip
        return [Section((facts,), heading=self.say("part.chain")), self._acts(body)]

    def _corrections(self, body: s.Journal) -> list[Section]:
        self.notes += [self.say("note.corrections"), self.say("note.journal"), self.say("note.journal_hash")]
        facts = self.facts((
            (self.say("journal.first"), self.day(body.first)),
            (self.say("journal.last"), self.day(body.last)),
        ))  # fmt: skip
        return [Section((facts,)), self._acts(body)]

    def _acts(self, body: s.Journal) -> Section:
        columns = [
            self.column("sequence", 15, "index"), self.column("recorded", 22, "date"), self.column("act", 38),
            self.column("about", 46), self.column("effective", 22, "date"), self.column("basis", 34),
            self.column("account", 24, "centre"), self.column("hash", 56, "code"),
        ]  # fmt: skip
        rows = [
            row_of(
                act.sequence, self.below(self.day(act.recorded_on), act.time), self._act(act), self._about(act),
                self.day(act.effective_on), self._basis(act),
                self.say("journal.program") if act.actor is None else act.actor, self.below(*_groups(act.hash)),
            )
            for act in body.acts
        ]  # fmt: skip
        return Section((self.table(columns, self.counted(rows, columns)),), heading=self.say("part.acts"))

    def _act(self, act: s.Act) -> Cell:
        """What was done; of changes, to which fields."""
        lines = [self.say(f"act.{act.action}") if terms.knows(f"act.{act.action}") else act.action]
        if act.corrects is not None:
            lines.append(self.say("journal.corrects", number=act.corrects))
        if act.annuls is not None:
            lines.append(self.say("journal.annuls", number=act.annuls))
        lines += [self.say(f"journal.{reason}") for reason in act.why]
        if act.corrects is not None or act.action.endswith(("_amended", "_corrected", "_changed")):
            named = [self.field(name, act.subject) for name in act.fields]
            more = [self.say("journal.more", n=len(named) - _NAMED)] if len(named) > _NAMED else []
            lines.append("; ".join(named[:_NAMED] + more))
        return self.below(*lines)

    def _about(self, act: s.Act) -> Cell:
        kind = self.say(f"subject.{act.subject}") if terms.knows(f"subject.{act.subject}") else act.subject
        number = act.number or str(act.subject_id)
        if act.who is not None and act.subject == "resident":
            number = act.who.register_no
        lines = [f"{kind} {number if act.subject == 'territory' else self.say('document.number', number=number)}"]
        if act.who is not None:
            lines.append(f"{self.text(act.who.name)}, {act.who.bin}")
        return self.below(*lines)

    def _basis(self, act: s.Act) -> Cell:
        basis = self.say(f"basis.{act.basis}") if terms.knows(f"basis.{act.basis}") else act.basis
        document = " ".join(part for part in (basis, self.reference(act.basis_no, act.basis_date)) if part)
        return self.below(document, act.reason)

    # --- two dates ---

    def _comparison(self, body: s.Comparison) -> list[Section]:
        self.notes += [self.say("note.comparison")]
        days = self.say("comparison.days", since=self.day(body.since), day=self.day(self.snapshot.as_of))
        movement = self.facts((
            (self.say("comparison.before", day=self.day(body.since)), self.whole(body.before)),
            (self.say("comparison.added"), self.whole(len(body.added))),
            (self.say("comparison.removed"), self.whole(len(body.removed))),
            (self.say("comparison.changed"), self.whole(len({item.who for item in body.changed}))),
            (self.say("comparison.after", day=self.day(self.snapshot.as_of)), self.whole(body.after)),
        ))  # fmt: skip
        return [
            Section((movement,), heading=days),
            Section((self._entries(body.added),), heading=self.say("comparison.added")),
            Section((self._removed(body.removed),), heading=self.say("comparison.removed")),
            Section((self._changed(body.changed),), heading=self.say("comparison.changed")),
        ]

    def _entries(self, found: Sequence[s.Entry]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50), self.column("type", 42), self.column("registered_on", 22, "date"),
        ]  # fmt: skip
        rows = [
            row_of(
                number, *self.place(entry.who), self.entered(entry.who), self.text(entry.who.name),
                self.text(entry.participant_type), self.day(entry.registered_on),
            )
            for number, entry in enumerate(self.sorted_by_name(found, lambda entry: entry.who.name), start=1)
        ]  # fmt: skip
        return self.table(columns, self.counted(rows, columns))

    def _removed(self, found: Sequence[s.Entry]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("register_no_and_bin", 34, "code"),
            self.column("name", 50), self.column("excluded_on", 22, "date"), self.column("ground", 42),
        ]  # fmt: skip
        rows = []
        for number, entry in enumerate(self.sorted_by_name(found, lambda entry: entry.who.name), start=1):
            last = entry.changes[-1] if entry.changes else None
            rows.append(
                row_of(
                    number, *self.place(entry.who), self.entered(entry.who), self.text(entry.who.name),
                    self.day(last.effective_on) if last else DASH,
                    (self.text(last.ground) if last else "") or DASH,
                )
            )  # fmt: skip
        return self.table(columns, self.counted(rows, columns))

    def _changed(self, found: Sequence[s.Difference]) -> Block:
        columns = [
            self.column("no", 11, "index"), self.territory_column(), self.column("bin", 25, "code"),
            self.column("name", 36), self.column("field", 32), self.column("before", 36), self.column("after", 36),
        ]  # fmt: skip
        rows = [
            row_of(
                number, *self.place(item.who), self.bin(item.who), self.text(item.who.name),
                self.field(item.field), self._side(item.field, item.before),
                self._side(item.field, item.after),
            )
            for number, item in enumerate(self.sorted_by_name(found, lambda item: item.who.name), start=1)
        ]  # fmt: skip
        return self.table(columns, self.counted(rows, columns))

    def _side(self, field: str, value: s.Text) -> Cell | str:
        if value == s.NOTHING:
            return DASH
        if field in _DATES:
            return self.day(date.fromisoformat(value.kk or ""))
        if field == "status":
            return self.say(f"status.{value.kk}")
        if field == "experimental_production":
            return self.say(value.kk or "no")
        return self.text(value)


def _groups(digest: str) -> list[str]:
    """A hash in pieces of thirty-two digits, so that it fits its column."""
    return [digest[start : start + 32] for start in range(0, len(digest), 32)]
