"""Collecting what a paper says from the registers: the first step of its making.

Everything is read through the same queries as screens and exports, inside one reading transaction, and frozen into a
:class:`~registry.documents.snapshots.Snapshot`. Nothing here knows a language or a layout.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.documents import snapshots as s
from registry.documents.rules import ALL_TERRITORIES, Kind, Period
from registry.infra.access import Viewer
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.residents.queries import ResidentRecord
from registry.territories.models import Territory
from registry.territories.queries import all_territories
from registry.territories.rules import mask_iin


def collect(viewer: Viewer, kind: Kind, period: Period, *, territory: Territory | None, resident: Resident | None) -> s.Snapshot:
    """What a paper of ``kind`` says now about ``period``; ``resident`` for the papers of one entry.

    ``viewer`` must see what it asks for; the caller has checked it.
    """
    body, coverage, demo = _COLLECTORS[kind](viewer, period, territory, resident)
    return s.Snapshot(
        version=s.VERSION,
        kind=str(kind),
        scope=scope_of(territory),
        as_of=period.as_of,
        year=period.year,
        quarter=period.quarter,
        demo=demo or bool(territory and territory.is_demo),
        coverage=coverage,
        body=body,
    )


Collected = tuple[s.Body, s.Coverage | None, bool]


def scope_of(territory: Territory | None) -> s.Scope:
    """The territory with its company's requisites, or all territories."""
    if territory is None:
        return s.Scope(ALL_TERRITORIES, tuple(_territory(row) for row in all_territories()))
    return s.Scope(
        territory.prefix,
        (_territory(territory),),
        s.Company(
            name=s.Text(territory.company_name_kk, territory.company_name_ru, territory.company_name_en),
            bin=territory.company_bin,
            address=s.Text(territory.company_address_kk, territory.company_address_ru),
            head=territory.company_head,
            head_position=s.Text(territory.company_head_position_kk, territory.company_head_position_ru),
            accountant=territory.company_accountant,
            phone=territory.company_phone,
            rules=s.Text(territory.rules_title_kk, territory.rules_title_ru),
            rules_no=territory.rules_no,
            rules_date=territory.rules_date,
        ),
    )


def _territory(row: Territory) -> s.Territory:
    return s.Territory(row.prefix, row.kind, row.participant_word, s.Text(row.name_kk, row.name_ru, row.name_en))


def term(dictionary: str, code: str | None) -> s.Text:
    """A code's names; the code itself where the dictionary does not know it."""
    if code is None:
        return s.NOTHING
    found = reference.entry(dictionary, code)
    return s.Text(found.name_kk, found.name_ru, found.name_en) if found else s.Text(code, code, code)


class _Naming:
    """Names companies as registers do: by the entry's number, BIN and names in force on the paper's day."""

    def __init__(self, records: Iterable[ResidentRecord]) -> None:
        self.prefixes = {row.id: row.prefix for row in all_territories()}
        self.records = {record.id: record for record in records}
        self.by_bin = {record.bin: record for record in self.records.values()}

    def who(self, resident_id: int) -> s.Who:
        record = self.records[resident_id]
        return s.Who(self.prefixes[record.territory_id], record.register_no, mask_iin(record.bin), names(record))


def names(record: ResidentRecord) -> s.Text:
    return s.Text(record.name_kk, record.name_ru, record.name_en)


def _entry(record: ResidentRecord, naming: _Naming, period: Period, *, full: bool) -> s.Entry:
    """``full`` adds what only papers about this one entry print."""
    changes = tuple(
        s.Change(
            change.change, change.effective_on, term("status_grounds", change.ground), change.decision_no,
            change.decision_date,
        )
        for change in record.changes
        if change.effective_on <= period.as_of
    )  # fmt: skip
    entry = s.Entry(
        who=naming.who(record.id),
        legal_form=term("legal_forms", record.legal_form),
        participant_type=term("participant_types", record.participant_type),
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
        priority_direction=term("priority_directions", record.priority_direction),
        trl=record.trl,
        accreditation_no=record.accreditation_no,
        accreditation_until=record.accreditation_until,
        experimental_production=record.experimental_production,
        changes=changes,
    )


def _participants(viewer: Viewer, period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    found = residents.participants(viewer, period.as_of, territory_id=territory.id if territory else None)
    naming = _Naming(found)
    entries = tuple(_entry(record, naming, period, full=False) for record in found)
    return s.Participants(entries), None, any(record.is_demo for record in found)


def _contract(record: ContractRecord, naming: _Naming, period: Period) -> s.Contract:
    terms = record.terms_on(period.as_of)
    return s.Contract(
        who=naming.who(record.resident_id),
        number=record.number,
        kind=term("contract_kinds", record.kind),
        signed_on=record.signed_on,
        starts_on=record.starts_on,
        ends_on=terms.ends_on,
        amount=terms.amount,
        subject=s.Text(terms.subject_kk, terms.subject_ru),
        premises=record.premises,
        area_m2=record.area_m2,
        terminated_on=record.terminated_on,
        addenda=tuple(
            s.Addition(row.number, row.signed_on, row.effective_on)
            for row in record.addenda
            if row.effective_on <= period.as_of
        ),
    )


def _contracts(viewer: Viewer, period: Period, territory: Territory | None, _resident: Resident | None) -> Collected:
    everybody = residents.records(viewer, as_of=None if territory is None else None)
    found = [
        record
        for record in contracts.records(viewer, territory_id=territory.id if territory else None, as_of=period.as_of)
        if record.in_force_on(period.as_of)
    ]
    naming = _Naming(everybody)
    demo = any(naming.records[record.resident_id].is_demo for record in found)
    return s.Contracts(tuple(_contract(record, naming, period) for record in found)), None, demo


_COLLECTORS: dict[Kind, Callable[[Viewer, Period, Territory | None, Resident | None], Collected]] = {
    Kind.PARTICIPANTS: _participants,
    Kind.CONTRACTS: _contracts,
}
