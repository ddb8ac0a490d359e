"""The register of participants on a day."""

from __future__ import annotations

from dataclasses import dataclass

from registry.infra.access import SYSTEM
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.entries import entry_of
from registry.paper_kinds.kind import REGISTERS, Asked, PaperKind, Reads
from registry.paper_kinds.naming import Collected, Naming, id_of
from registry.paper_kinds.words import Words
from registry.paper_kinds.writer import DASH, Writer
from registry.printing.layout import Section, row_of
from registry.residents import queries as residents

WORDS: Words = {
    "type.participants": ("ТІЗІЛІМ", "РЕЕСТР", "REGISTER"),
    "title.participants": ("Қатысушылар тізілімі", "Реестр участников", "Register of participants"),
    "title.participants.all": (
        "Ғылымды шоғырландыру аумақтарына қатысушылар тізілімі",
        "Реестр участников наукоемких территорий",
        "Register of participants of science-intensive territories",
    ),
    "note.participants": (
        "Тізілімде көрсетілген күнгі қатысушылар ғана бар; мәртебені тоқтата тұру қатысуды тоқтатпайды.",
        "В реестр включены только участники на указанную дату; приостановление статуса не прекращает участия.",
        "Only those who are participants on the day are listed; suspension of status does not end participation.",
    ),
}


@dataclass(frozen=True, slots=True)
class Participants:
    """The entries of all participants on the paper's day."""

    entries: tuple[s.Entry, ...]


def collect(asked: Asked) -> Collected:
    found = residents.participants(
        SYSTEM, asked.period.as_of, territory_id=id_of(asked.territory), known_at=asked.period.known_at
    )
    naming = Naming(asked.period, found)
    return (
        Participants(tuple(entry_of(record, naming, asked.period, full=False) for record in found)),
        None,
        naming.demo,
    )


class ParticipantsPaper(Writer):
    """Writes the register of participants."""

    words = WORDS

    def sections(self, body: Participants) -> list[Section]:
        self.notes.append(self.say("note.participants"))
        columns = [
            self.column("no", 11, "index"),
            self.territory_column(),
            self.column("register_no", 29, "code"),
            self.column("bin", 25, "code"),
            self.column("name", 50),
            self.column("type", 44),
            self.column("address", 36),
            self.column("oked", 14, "code"),
            self.column("registered_on", 22, "date"),
            self.column("decision", 24, "label"),
            self.column("status", 25, "label"),
        ]
        rows = []
        for number, entry in enumerate(self.sorted_by_name(body.entries, lambda entry: entry.who.name), start=1):
            who = entry.who
            rows.append(
                row_of(
                    number,
                    *self.place(who),
                    who.register_no,
                    self.bin(who),
                    self.text(who.name),
                    self.text(entry.participant_type),
                    self.text(entry.address) or DASH,
                    entry.oked or DASH,
                    self.day(entry.registered_on),
                    self.reference(entry.decision_no, entry.decision_date) or DASH,
                    self.status(entry),
                )
            )
        if rows:
            rows.append(self.count_row(len(rows), sum(column is not None for column in columns)))
        return [Section((self.table(columns, rows),))]


KIND = PaperKind(
    code="participants",
    number_code="PAR",
    group=REGISTERS,
    needs_approval=True,
    sources=("register",),
    of_a_moment=True,
    reads=frozenset({Reads.ENTRIES}),
    dictionaries=("legal_forms", "participant_types"),
    body=Participants,
    collect=collect,
    writer=ParticipantsPaper,
)
