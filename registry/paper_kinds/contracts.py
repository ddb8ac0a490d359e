"""The register of contracts in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from registry.contracts import queries as contracts
from registry.contracts.fields import CONTRACT
from registry.contracts.queries import ContractRecord
from registry.infra.access import SYSTEM
from registry.infra.text import sort_key
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import REGISTERS, Asked, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, facts, id_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import Writer
from registry.printing.layout import Block, Cell, Section, row_of

WORDS: Words = {
    "type.contracts": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.contracts": (
        "Қатысушылармен жасалған шарттар тізілімі",
        "Реестр договоров с участниками",
        "Register of contracts with participants",
    ),
    "title.contracts.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылармен жасалған шарттар тізілімі",
        "Реестр договоров с участниками наукоемких территорий",
        "Register of contracts with participants of science-intensive territories",
    ),
    "col.party": ("Екінші тарап", "Вторая сторона", "Other party"),
    "col.count": ("Саны", "Количество", "Number"),
    "note.contracts": (
        "Көрсетілген күні қолданыстағы шарттар; мерзім мен сома сол күнге күшіне енген қосымша келісімдер ескеріле "
        "отырып, шарттың мәні жасалған күнгідей көрсетілген.",
        "Договоры, действующие на указанную дату; срок и сумма указаны с учетом дополнительных соглашений, "
        "вступивших в силу к этой дате, предмет – как при заключении.",
        "Contracts in force on the day; term and amount follow the supplementary agreements effective by it, the "
        "subject is the one concluded.",
    ),
}


RENTS = frozenset({"lease", "land"})
"""Kinds of contract whose amount is a rent. It is due for each period of use, so that adding up rents means nothing."""


@dataclass(frozen=True, slots=True)
class Contracts:
    """The contracts in force on the paper's day."""

    contracts: tuple[s.Contract, ...]


def collect(asked: Asked) -> Collected:
    naming = Naming(asked.period)
    found = [
        contract_of(record, naming, asked.period)
        for record in contracts.records(
            SYSTEM,
            territory_id=id_of(asked.territory),
            as_of=asked.period.as_of,
            known_at=asked.period.known_at,
        )
        if record.in_force_on(asked.period.as_of)
    ]
    return Contracts(tuple(found)), None, naming.demo


def contract_of(record: ContractRecord, naming: Naming, period: Period) -> s.Contract:
    """A contract with its term, amount and supplementary agreements as they are on the paper's day."""
    terms = record.terms_on(period.as_of)
    ended = record.terminated_on is not None and record.terminated_on <= period.as_of
    return s.Contract(
        who=naming.who(record.resident_id),
        number=record.number,
        kind=naming.term("contract_kinds", record.kind, territory_id=record.territory_id),
        signed_on=record.signed_on,
        starts_on=record.starts_on,
        ends_on=terms.ends_on,
        amount=terms.amount,
        subject=s.Text(record.subject_kk, record.subject_ru),
        premises=record.premises,
        area_m2=record.area_m2,
        terminated_on=record.terminated_on if ended else None,
        addenda=tuple(
            s.Addition(
                row.number,
                row.signed_on,
                row.effective_on,
                s.Text(row.subject_kk, row.subject_ru) if row.subject_kk or row.subject_ru else s.UNSET,
            )
            for row in record.addenda
            if row.effective_on <= period.as_of
        ),
        further=facts(CONTRACT, record, naming) or s.UNSET,
        rent=record.kind in RENTS or s.UNSET,
    )


class ContractsPaper(Writer):
    """Writes the register of contracts, and a table of their numbers and sums by kind."""

    words = WORDS

    def sections(self, body: Contracts) -> list[Section]:
        self.notes.append(self.say("note.contracts"))
        if any(contract.rent is True for contract in body.contracts):
            self.notes.append(self.say("note.rent"))
        found = self.sorted_by_name(body.contracts, lambda contract: contract.who.name)
        sections = [Section((self._contract_table(found),))]
        kinds: dict[str, list[s.Contract]] = {}
        for contract in body.contracts:
            kinds.setdefault(self.text(contract.kind), []).append(contract)
        if len(kinds) > 1:
            columns = [
                self.column("no", 11, "index"),
                self.column("kind", 110),
                self.column("count", 20, "number"),
                self.column("area", 30, "number"),
                self.column("amount", 42, "number"),
            ]
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
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("contract_no", 25, "label"),
            self.column("contract_kind", 62),
            self.column("party", 40),
            self.column("bin", 25, "code"),
            self.column("term", 23, "date"),
            self.column("addenda", 24, "label"),
            self.column("area", 16, "number"),
            self.column("amount", 24, "number"),
        ]
        rows = [
            row_of(
                number,
                *self.place(contract.who),
                self.dated(contract.number, contract.signed_on),
                self.contract_subject(contract),
                self.text(contract.who.name),
                self.bin(contract.who),
                self.term(contract),
                self.addenda(contract),
                self.area(contract.area_m2),
                self.money(contract.amount),
            )
            for number, contract in enumerate(found, start=1)
        ]
        if rows:
            width = sum(column is not None for column in columns)
            label = self.say("total.count", count=self.whole(len(rows)))
            rows.append(row_of(label, *self._contract_sums(found), style="total", span=width - 2))
        return self.table(columns, rows)

    def _contract_sums(self, found: Iterable[s.Contract]) -> tuple[Cell, Cell]:
        found = list(found)
        return (
            self.area(sum(contract.area_m2 or 0 for contract in found) or None),
            self.money(_sum(found)),
        )


def _sum(found: Sequence[s.Contract]) -> int | None:
    """The sum of the amounts in tiyn; None where all of them are rents, which are not added up."""
    return sum(contract.sum for contract in found) if any(contract.rent is not True for contract in found) else None


def _total(body: Contracts) -> int | None:
    return _sum(body.contracts)


KIND = PaperKind(
    code="contracts",
    number_code="CON",
    group=REGISTERS,
    needs_approval=True,
    sources=("contracts",),
    of_a_moment=True,
    reads=frozenset({Reads.CONTRACTS}),
    dictionaries=("contract_kinds",),
    body=Contracts,
    collect=collect,
    writer=ContractsPaper,
    total=_total,
)
