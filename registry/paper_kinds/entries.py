"""What papers about entries in the register share."""

from __future__ import annotations

from dataclasses import replace

from registry.errors import NotFound
from registry.infra.access import SYSTEM
from registry.infra.i18n import lazy
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.naming import Naming
from registry.paper_kinds.rules import Period
from registry.paper_kinds.writer import Writer
from registry.printing.layout import Cell, CellKind
from registry.residents import queries as residents
from registry.residents.queries import ResidentRecord

DETAILS = frozenset({
    "krp", "kbe", "kato", "head", "priority_direction", "trl", "accreditation_no", "accreditation_until",
    "experimental_production",
})  # fmt: skip
"""Fields of an entry that only some papers print (``full`` of :func:`entry_of`)."""


def entry_of(record: ResidentRecord, naming: Naming, period: Period, *, full: bool) -> s.Entry:
    """An entry on the paper's day; ``full`` adds fields that registers do not print, and the changes of status."""
    changes = tuple(
        s.Change(
            change.change,
            change.effective_on,
            naming.term("status_grounds", change.ground, territory_id=record.territory_id),
            change.decision_no,
            change.decision_date,
        )
        for change in record.changes
        if change.effective_on <= period.as_of
    )
    entry = s.Entry(
        who=naming.who(record.id),
        legal_form=naming.term("legal_forms", record.legal_form, territory_id=record.territory_id),
        participant_type=naming.term("participant_types", record.participant_type, territory_id=record.territory_id),
        registered_on=record.registered_on,
        decision_no=record.decision_no,
        decision_date=record.decision_date,
        status=str(record.status_on(period.as_of)),
        status_since=changes[-1].effective_on if changes else None,
        oked=record.oked,
        address=s.Text(record.address_kk, record.address_ru),
    )
    if not full:
        return entry
    return replace(
        entry,
        krp=record.krp,
        kbe=record.kbe,
        kato=record.kato,
        head=record.head,
        priority_direction=naming.term(
            "priority_directions", record.priority_direction, territory_id=record.territory_id
        ),
        trl=record.trl,
        accreditation_no=record.accreditation_no,
        accreditation_until=record.accreditation_until,
        experimental_production=record.experimental_production,
        changes=changes,
    )


def own_record(asked: Asked) -> ResidentRecord:
    """The entry that a paper about one resident is about.

    :raises NotFound: when it is not in the register on the paper's day.
    """
    ids = [asked.resident.id] if asked.resident else []
    found = residents.records(SYSTEM, as_of=asked.period.as_of, known_at=asked.period.known_at, ids=ids)
    if not found:
        raise NotFound(lazy("This company has no entry in the register on that day."), "as_of")
    return found[0]


class EntryWriter(Writer):
    """Writes papers about one entry."""

    def entry_facts(self, entry: s.Entry, *, full: bool) -> list[tuple[str, Cell | str]]:
        """Labels and values of an entry; ``full`` adds those that a certificate leaves out."""
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
