"""Premises let by the contracts in force on a day."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.infra.access import SYSTEM
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.contracts import contract_of
from registry.paper_kinds.kind import REGISTERS, Asked, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.rules import Period
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, Writer
from registry.printing.layout import Block, Section, row_of

WORDS: Words = {
    "col.tenant": (
        "Пайдаланушы, БСН (ЖСН)",
        "Пользователь, БИН (ИИН)",
        "User of the premises, BIN (IIN)",
    ),
    "col.ends_on": ("Мерзімнің соңы", "Окончание срока", "End of term"),
    "type.premises": ("ТІЗБЕ", "ПЕРЕЧЕНЬ", "LIST"),
    "title.premises": (
        "Үй-жайлар және олардың пайдаланылуы",
        "Помещения и их занятость",
        "Premises and their occupancy",
    ),
    "note.premises": (
        "Көрсетілген күні қолданыстағы, үй-жайы немесе алаңы көрсетілген шарттар. Бос үй-жайлар тізілімде "
        "жүргізілмейді.",
        "Договоры, действующие на указанную дату, в которых названы помещение или площадь. Свободные помещения в "
        "реестре не ведутся.",
        "Contracts in force on the day that name premises or an area. The register keeps no vacant premises.",
    ),
}


@dataclass(frozen=True, slots=True)
class Premises:
    """The premises let on the paper's day."""

    premises: tuple[s.Tenancy, ...]


def collect(asked: Asked) -> Collected:
    """The premises let by contracts in force on the day."""
    naming = Naming(asked.period)
    in_force = [
        record
        for record in contracts.records(
            SYSTEM,
            territory_id=id_of(asked.territory),
            as_of=asked.period.as_of,
            known_at=asked.period.known_at,
        )
        if record.in_force_on(asked.period.as_of)
    ]
    return Premises(tenancies(in_force, naming, asked.period.as_of)), None, naming.demo


def tenancies(in_force: Iterable[ContractRecord], naming: Naming, day: date) -> tuple[s.Tenancy, ...]:
    """The premises let by those of the contracts that name premises or an area, by territory, premises and number."""
    found = [
        s.Tenancy(
            premises=item.premises,
            who=item.who,
            kind=item.kind,
            number=item.number,
            signed_on=item.signed_on,
            ends_on=item.ends_on,
            area_m2=item.area_m2,
        )
        for item in (contract_of(record, naming, Period(day)) for record in in_force)
        if item.premises or item.area_m2
    ]
    return tuple(sorted(found, key=lambda item: (item.who.territory, item.premises or "", item.number)))


class PremisesPaper(Writer):
    """Writes the list of premises with their tenants."""

    words = WORDS

    def sections(self, body: Premises) -> list[Section]:
        self.notes.append(self.say("note.premises"))
        return [Section((self.premises_table(body.premises),))]

    def premises_table(self, found: Sequence[s.Tenancy], caption: str = "") -> Block:
        """Premises let, each with its tenant and contract."""
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("premises", 26, "label"),
            self.column("tenant", 60),
            self.column("contract_no", 30, "label"),
            self.column("ends_on", 22, "date"),
            self.column("area", 22, "number"),
        ]
        rows = [
            row_of(
                number,
                *self.place(item.who),
                item.premises or DASH,
                self.named(item.who),
                self.dated(item.number, item.signed_on),
                self.day(item.ends_on, self.say("no_end")),
                self.area(item.area_m2),
            )
            for number, item in enumerate(found, start=1)
        ]
        if rows:
            area = self.area(sum(item.area_m2 or 0 for item in found))
            label = self.say("total.count", count=self.whole(len(rows)))
            rows.append(row_of(label, area, style="total", span=sum(column is not None for column in columns) - 1))
        return self.table(columns, rows, caption)


KIND = PaperKind(
    code="premises",
    number_code="PRM",
    group=REGISTERS,
    sources=("contracts",),
    of_a_moment=True,
    reads=frozenset({Reads.PREMISES}),
    dictionaries=("contract_kinds",),
    body=Premises,
    collect=collect,
    writer=PremisesPaper,
)
