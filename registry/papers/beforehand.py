"""Which issued papers an act about to be made would change, so that whoever makes it can be told.

It answers for one act what :mod:`registry.papers.aftermath` answers for one paper, by the same declarations of what
each kind reads. Files bring thousands of acts: the papers are read once for all of them, and the registers are asked
only where a paper of the act's day turns on them.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from functools import cached_property, singledispatch
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import g

from registry.contracts.models import Addendum, Contract
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.db import Base, db
from registry.journal.acts import Proposed
from registry.journal.rules import Action
from registry.paper_kinds.kind import PaperKind, Reads
from registry.paper_kinds.kinds import KINDS
from registry.papers.aftermath import (
    ANNULLED,
    DAYS_OF_ENTRY,
    EXPERIMENTAL,
    NAMES,
    OF_PREMISES,
    STATUS_ALONE,
    printed,
)
from registry.papers.models import DocumentAct, DocumentEvent
from registry.patents.models import Patent, PatentEvent, PatentHolderState
from registry.patents.rules import parse_holders
from registry.reference.models import DictionaryEntry
from registry.reports.models import Report, ReportingPeriod
from registry.residents.models import Resident, ResidentState, StatusChange
from registry.residents.rules import Change


class _Paper(NamedTuple):
    """What tells whether an act changes a paper that is in force."""

    number: str
    kind: PaperKind
    territory_id: int | None
    resident_id: int | None
    as_of: date
    report_year: int | None
    report_quarter: int | None

    @property
    def reads(self) -> frozenset[Reads]:
        return self.kind.reads

    def tells_of(self, territory_id: int, *entries: int | None) -> bool:
        """Whether it covers a territory, and one of these entries where it is about one."""
        return self.territory_id in (None, territory_id) and (self.resident_id is None or self.resident_id in entries)


def _paper(act: DocumentAct) -> _Paper:
    about = (act.territory_id, act.resident_id, act.as_of, act.report_year, act.report_quarter)
    return _Paper(act.number, KINDS[act.kind], *about)


def forget() -> None:
    """Read the papers afresh next time."""
    g.pop("papers_in_force", None)


def _in_force(since: date) -> list[_Paper]:
    """The papers in force that show this day or a later one, the latest issued first.

    They are kept for the length of a transaction, as far back as an act of it reached.
    """
    kept: tuple[date, list[_Paper]] | None = g.get("papers_in_force")
    if kept is None or kept[0] > since:
        acts = db.session.scalars(
            sa.select(DocumentAct)
            .where(DocumentAct.as_of >= since, ~sa.exists().where(DocumentEvent.act_id == DocumentAct.id))
            .order_by(DocumentAct.id.desc())
        )
        kept = g.papers_in_force = since, [_paper(act) for act in acts]
    return [paper for paper in kept[1] if paper.as_of >= since]


_DAYS = ("registered_on", "terminated_on", "effective_on", "signed_on", "starts_on", "filed_on", "event_on")
"""Fields that are the day of an act itself: who corrects one of them moves the act."""


def papers_changed(proposed: Proposed) -> list[str]:
    """The numbers of the papers in force whose data an act would change, the latest issued first."""
    moved_from = [old for name in _DAYS if (old := proposed.changes.get(name, (None, None))[0]) is not None]
    papers = _in_force(min([proposed.effective_on, *moved_from]))
    if not papers:
        return []
    changes = _changes(proposed.subject, proposed)
    return [paper.number for paper in papers if changes(paper)]


Changes = Callable[[_Paper], bool]


@singledispatch
def _changes(_subject: Base, _proposed: Proposed) -> Changes:
    """Tells whether an act on a record changes a paper that shows the day of the act."""
    raise NotImplementedError


def _fields(proposed: Proposed) -> frozenset[str]:
    """The fields that an act sets, or would set: who asks before an annulment names none."""
    is_end = proposed.action in (Action.RESIDENT_ANNULLED, Action.STATUS_ANNULLED)
    return frozenset({
        *(name for name, (old, new) in proposed.changes.items() if old != new), *([ANNULLED] if is_end else [])
    })  # fmt: skip


class _Company:
    """What the registers say of the company of an entry, asked for when a paper turns on it."""

    def __init__(self, entry: Resident, *numbers: str | None) -> None:
        self.entry = entry
        self._numbers = {entry.bin, *numbers}

    @cached_property
    def bins(self) -> set[str | None]:
        """The numbers it has, had before a correction, or is about to get."""
        known = sa.select(ResidentState.bin).where(ResidentState.resident_id == self.entry.id).distinct()
        return {*self._numbers, *(db.session.scalars(known) if self.entry.id is not None else ())}

    @cached_property
    def entries(self) -> list[int]:
        """Its entries in the register of the territory."""
        wanted = sa.select(ResidentState.resident_id).where(ResidentState.bin.in_(self.bins))
        return list(
            db.session.scalars(
                sa.select(Resident.id).where(Resident.territory_id == self.entry.territory_id, Resident.id.in_(wanted))
            )
        )

    @cached_property
    def holders(self) -> _Holders:
        """Those who hold patents with it."""
        held = sa.select(PatentHolderState.patent_id).where(PatentHolderState.bin.in_(self.bins))
        return _Holders(
            set(db.session.scalars(sa.select(PatentHolderState.bin).where(PatentHolderState.patent_id.in_(held))))
        )

    @cached_property
    def contracts(self) -> bool:
        return self._any(Contract.resident_id == self.entry.id)

    @cached_property
    def premises(self) -> bool:
        names_them = sa.or_(Contract.premises.is_not(None), Contract.area_m2.is_not(None))
        return self._any(Contract.resident_id == self.entry.id, names_them)

    @staticmethod
    def _any(*conditions: sa.ColumnElement[bool]) -> bool:
        return bool(db.session.scalar(sa.select(sa.exists().where(*conditions))))

    @cached_property
    def reported(self) -> set[tuple[int, int]]:
        """The quarters on which the entry has reported."""
        statement = (
            sa.select(ReportingPeriod.year, ReportingPeriod.quarter)
            .join(Report, Report.period_id == ReportingPeriod.id)
            .where(Report.resident_id == self.entry.id)
            .distinct()
        )
        return {(row.year, row.quarter) for row in db.session.execute(statement)}

    def reported_on(self, paper: _Paper) -> bool:
        """Whether the entry has reported on a time that the paper tells of."""
        if paper.report_year is None:
            return bool(self.reported)
        years = paper.kind.years(paper.report_year)
        return any(year in years and paper.report_quarter in (None, quarter) for year, quarter in self.reported)


class _Holders:
    """Who holds patents, by number."""

    def __init__(self, bins: Collection[str | None]) -> None:
        self.bins = bins

    @cached_property
    def _entries(self) -> set[tuple[int, int]]:
        """Their entries: territory and id."""
        wanted = sa.select(ResidentState.resident_id).where(ResidentState.bin.in_([bin_ for bin_ in self.bins if bin_]))
        found = db.session.execute(sa.select(Resident.territory_id, Resident.id).where(Resident.id.in_(wanted)))
        return {(territory_id, entry) for territory_id, entry in found}

    def stand_in(self, paper: _Paper) -> bool:
        """Whether the paper tells of their patents."""
        if paper.territory_id is None:
            return bool(self.bins)
        return any(paper.tells_of(*found) for found in self._entries)


@_changes.register
def _entry_changes(entry: Resident, proposed: Proposed) -> Changes:
    fields = _fields(proposed)
    company = _Company(entry, *proposed.changes.get("bin", ()))
    named, moved = bool(fields & NAMES), bool(fields & DAYS_OF_ENTRY)

    def changes(paper: _Paper) -> bool:
        reads = paper.reads
        if proposed.action == Action.RESIDENT_ANNULLED and paper.resident_id == entry.id:
            return False  # it is revoked with its entry
        if paper.tells_of(entry.territory_id, entry.id) and (
            (Reads.ENTRIES in reads and fields & printed(paper.kind))
            or (Reads.PARTICIPATION in reads and moved)
            or (Reads.REPORTING in reads and named)
            or (Reads.INDICATORS in reads and fields & EXPERIMENTAL)
            or (Reads.CONTRACTS in reads and named and company.contracts)
            or (Reads.PREMISES in reads and named and company.premises)
            or (Reads.REPORTS in reads and named and company.reported_on(paper))
        ):
            return True
        if Reads.PATENTS in reads and (named or moved) and company.holders.stand_in(paper):
            return True
        return _counts_for_its_company(paper, company) and moved

    return changes


def _counts_for_its_company(paper: _Paper, company: _Company) -> bool:
    """Whether a paper about one entry counts by the days on which its company took part under any entry."""
    own = company.entry.territory_id == paper.territory_id
    return Reads.PARTICIPATION in paper.reads and own and paper.resident_id in company.entries


@_changes.register
def _status_changes(item: StatusChange, proposed: Proposed) -> Changes:
    company = _Company(db.session.get_one(Resident, item.resident_id))
    entry, fields = company.entry, _fields(proposed)
    kinds = {item.change, *proposed.changes.get("change", ())}
    touched = proposed.action == Action.STATUS_EXCLUDED or fields & {"change", "effective_on", ANNULLED}
    moved = proposed.action not in STATUS_ALONE and Change.EXCLUDED in kinds and touched

    def changes(paper: _Paper) -> bool:
        reads, own = paper.reads, paper.tells_of(entry.territory_id, entry.id)
        return bool(
            (Reads.ENTRIES in reads and own)
            or (moved and Reads.PARTICIPATION in reads and own)
            or (moved and Reads.COUNTED_PATENTS in reads and company.holders.stand_in(paper))
            or (moved and _counts_for_its_company(paper, company))
        )

    return changes


@_changes.register
def _contract_changes(contract: Contract, proposed: Proposed) -> Changes:
    of_premises = _names_premises(contract) or bool(_fields(proposed) & OF_PREMISES)
    return lambda paper: _tells_of_contract(paper, contract, of_premises=of_premises)


@_changes.register
def _addendum_changes(addendum: Addendum, _proposed: Proposed) -> Changes:
    contract = db.session.get_one(Contract, addendum.contract_id)
    return lambda paper: _tells_of_contract(paper, contract, of_premises=_names_premises(contract))


def _names_premises(contract: Contract) -> bool:
    return contract.premises is not None or contract.area_m2 is not None


def _tells_of_contract(paper: _Paper, contract: Contract, *, of_premises: bool) -> bool:
    return paper.tells_of(contract.territory_id, contract.resident_id) and (
        Reads.CONTRACTS in paper.reads or (Reads.PREMISES in paper.reads and of_premises)
    )


@_changes.register
def _patent_changes(patent: Patent, proposed: Proposed) -> Changes:
    return _of_holders(patent.id, patent.holders, *proposed.changes.get("holders", ()))


@_changes.register
def _transfer_changes(event: PatentEvent, proposed: Proposed) -> Changes:
    return _of_holders(event.patent_id, event.holders, *proposed.changes.get("holders", ()))


def _of_holders(patent_id: int | None, *named: str | None) -> Changes:
    """Of a patent, for whoever holds it, held it or is about to."""
    bins = {holder.bin for text in named for holder in _parsed(text)}
    if patent_id is not None:
        known = sa.select(PatentHolderState.bin).where(PatentHolderState.patent_id == patent_id).distinct()
        bins |= set(db.session.scalars(known))
    holders = _Holders({*bins, None})
    return lambda paper: Reads.PATENTS in paper.reads and holders.stand_in(paper)


def _parsed(text: str | None) -> tuple[Any, ...]:
    try:
        return parse_holders(text)
    except ValueError:
        return ()


@_changes.register
def _code_changes(code: DictionaryEntry, _proposed: Proposed) -> Changes:
    return lambda paper: (
        code.dictionary in paper.kind.dictionaries
        and (code.territory_id is None or paper.territory_id in (None, code.territory_id))
    )


@_changes.register
def _target_changes(target: IndicatorTarget, _proposed: Proposed) -> Changes:
    """A national target stands in papers of all territories, a territory's plan in its own and in theirs of its year.

    The same as what :mod:`registry.papers.aftermath` finds.
    """

    def changes(paper: _Paper) -> bool:
        if Reads.INDICATORS not in paper.reads:
            return False
        if target.territory_id == paper.territory_id and target.year in _years(paper):
            return True
        return paper.territory_id is None and target.year == (paper.report_year or paper.as_of.year)

    return changes


@_changes.register
def _rank_changes(rank: ExternalValue, _proposed: Proposed) -> Changes:
    return lambda paper: Reads.INDICATORS in paper.reads and rank.year in _years(paper)


def _years(paper: _Paper) -> Collection[int]:
    return paper.kind.years(paper.report_year or paper.as_of.year)
