"""Papers about one entry: extract and certificate."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from registry.infra.i18n import format_quarter
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.composers.writer import DASH, Writer
from registry.paper_kinds.rules import Kind
from registry.printing.layout import Block, Cell, CellKind, Paragraph, Section, row_of


class Entries(Writer):
    """The bodies of an extract and of a certificate."""

    def sections(self, body: Any) -> list[Section]:
        composers: dict[Kind, Callable[[Any], list[Section]]] = {
            Kind.EXTRACT: self._extract,
            Kind.CERTIFICATE: self._certificate,
        }
        return composers[self.kind](body)

    def _entry_facts(self, entry: s.Entry, *, full: bool) -> list[tuple[str, Cell | str]]:
        """What an entry is; ``full`` adds what a certificate does not say."""
        who = entry.who
        rows: list[tuple[str, Cell | str]] = [
            (self.say("col.name"), self.text(who.name)),
            (self.say("col.bin"), self.bin(who)),
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
                (self.say("label.trl"), Cell(entry.trl, CellKind.ORDINAL) if entry.trl else ""),
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
        return rows

    def _extract(self, body: s.Extract) -> list[Section]:
        self.notes.append(self.say("note.accepted"))
        if body.patents:
            self.notes.append(self.say("note.inid"))
        changes = [
            row_of(
                number, self.say(f"change.{change.change}"), self.day(change.effective_on),
                self.text(change.ground) or DASH, self.reference(change.decision_no, change.decision_date) or DASH,
            )
            for number, change in enumerate(body.entry.changes, start=1)
        ]  # fmt: skip
        change_columns = [
            self.column("no", 11, "index"), self.column("change", 55), self.column("effective_on", 28, "date"),
            self.column("ground", 46), self.column("decision", 36),
        ]  # fmt: skip
        return [
            Section((self.facts(self._entry_facts(body.entry, full=True)),), heading=self.say("part.entry")),
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
            row_of(
                number, self.dated(item.number, item.signed_on), self.contract_subject(item), self.term(item),
                self.money(item.amount),
            )
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
            row_of(
                number, patent.title_no or patent.application_no or DASH,
                f"{self.text(patent.kind)}, {patent.office}", self.text(patent.name), self.day(patent.filed_on),
                self.day(patent.registered_on, DASH),
            )
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
            row_of(
                number, format_quarter(item.year, item.quarter, self.language), self.money(item.revenue),
                self.money(item.revenue_counted), self.money(item.taxes_counted), self.money(item.investment_counted),
                self.whole(item.research_specialists),
            )
            for number, item in enumerate(found, start=1)
        ]  # fmt: skip
        return self.table(columns, rows)

    def _certificate(self, body: s.Certificate) -> list[Section]:
        name, *facts = self._entry_facts(body.entry, full=False)
        role = (self.say("certificate.role"), self.say(f"certificate.status.{self.word}"))
        return [
            Section((
                Paragraph(self.say("certificate.text")),
                self.facts([name, role, *facts]),
                Paragraph(self.say("certificate.end")),
            ))
        ]  # fmt: skip
