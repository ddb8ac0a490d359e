"""What became of the data of issued papers: the later acts that changed what a paper shows of its day.

An act changes a paper where it was recorded after the paper's data was read, takes effect by the paper's day, and
speaks of what the paper shows: each kind declares what it reads (:class:`registry.paper_kinds.kind.Reads`). A
correction that moves an act past the paper's day changes it too: until then the act took effect by that day. The paper
stays valid: it says what was known then. Its public page names the acts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.contracts.models import Addendum, Contract
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.access import Viewer
from registry.infra.clock import ALMATY
from registry.infra.db import db
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.paper_kinds.entries import DETAILS
from registry.paper_kinds.kind import PaperKind, Reads
from registry.paper_kinds.kinds import KINDS
from registry.papers.models import Document, DocumentAct, DocumentEvent
from registry.patents.models import Patent, PatentEvent, PatentHolderState
from registry.reference.models import DictionaryEntry
from registry.reports import rules as report_rules
from registry.reports.models import Report, ReportingPeriod
from registry.residents.models import Resident, ResidentState, StatusChange
from registry.residents.queries import ids_of_company
from registry.residents.rules import FIELDS, Change

MOST_NAMED = 20
"""Acts that a page names; there may be more."""

NAMES = frozenset({"register_no", "bin", "name_kk", "name_ru", "name_en"})
"""Fields of an entry by which papers name a company."""

ANNULLED = "annulled"
"""What the journal says of a record that was entered in error."""

DAYS_OF_ENTRY = frozenset({"bin", "registered_on", ANNULLED})
"""Fields of an entry that decide on which days a company took part."""

EXPERIMENTAL = frozenset({"experimental_production"})

OF_PREMISES = frozenset({"premises", "area_m2"})
"""Fields of a contract by which it stands among those about premises."""

STATUS_ALONE = frozenset({Action.STATUS_SUSPENDED, Action.STATUS_RESUMED})
"""Changes of status that do not end participation."""


_UNPRINTED = frozenset({"email", "phone"})


def printed(kind: PaperKind) -> frozenset[str]:
    """The fields of entries that a kind of paper prints; addresses for letters and calls are on none."""
    return frozenset({*FIELDS, ANNULLED}) - _UNPRINTED - (frozenset() if Reads.DETAILS in kind.reads else DETAILS)


class LaterAct(NamedTuple):
    """An act of the journal that changed the data of a paper."""

    sequence: int
    action: str


def later_acts(act: DocumentAct, *, most: int = MOST_NAMED) -> list[LaterAct]:
    """The acts that changed the data of a paper since it was made, the earliest first; at most ``most`` of them."""
    return _later([act], most).get(act.id, [])


TOGETHER = 25
"""Papers that one statement asks about."""


def _later(acts: Sequence[DocumentAct], most: int) -> dict[int, list[LaterAct]]:
    """The same of many papers by the ids of their issue; those that nothing changed are left out."""
    found: dict[int, list[LaterAct]] = {}
    for first in range(0, len(acts), TOGETHER):
        asked = [statement for act in acts[first : first + TOGETHER] for statement in _asked(act, most)]
        rows = db.session.execute(sa.union_all(*asked).order_by("act_id", "sequence")).all() if asked else []
        for act_id, sequence, action in rows:
            named = found.setdefault(act_id, [])
            if len(named) < most:
                named.append(LaterAct(sequence, action))
    return found


def _asked(act: DocumentAct, most: int) -> Iterable[sa.Select]:
    """The statements that find the acts; none where none can change the paper.

    Corrections that move an act past the paper's day have a statement of their own: what they corrected is looked up
    for them and for no other entry.
    """
    spoken = _spoken_of(act)
    if not spoken:
        return
    entries = sa.select(
        sa.literal(act.id).label("act_id"),
        *(getattr(JournalEntry, name) for name in ("sequence", "action", "subject_type", "subject_id", "corrects")),
    ).where(JournalEntry.sequence > act.chain_sequence, sa.or_(*spoken))
    reached = entries.where(JournalEntry.effective_on <= act.as_of).subquery()
    # OFFSET keeps PostgreSQL from looking up what every entry corrected before it has chosen the corrections.
    corrections = entries.where(JournalEntry.effective_on > act.as_of, JournalEntry.corrects.is_not(None))
    moved = corrections.offset(0).subquery()
    for found, which in ((reached, sa.true()), (moved, _day_before(moved) <= act.as_of)):
        columns = (found.c.act_id, found.c.sequence, found.c.action)
        first = sa.select(*columns).where(which).order_by(found.c.sequence).limit(most)
        yield sa.select(first.subquery())


def _day_before(corrections: sa.Subquery) -> sa.ScalarSelect[date]:
    """The day that the act an entry corrects had until then.

    A correction is about the same record as the act it corrects, by which the index finds what was said of it before.
    """
    told, entry = aliased(JournalEntry), corrections.c
    return (
        sa.select(told.effective_on)
        .where(
            told.subject_type == entry.subject_type,
            told.subject_id == entry.subject_id,
            told.sequence < entry.sequence,
            sa.or_(told.sequence == entry.corrects, told.corrects == entry.corrects),
        )
        .order_by(told.sequence.desc())
        .limit(1)
        .correlate(corrections)
        .scalar_subquery()
    )


Ids = sa.Select[Any] | None
"""Ids of records as a statement; None for all there are."""


class _Shown(NamedTuple):
    """Which records of each register a paper tells of."""

    act: DocumentAct
    kind: PaperKind
    entries: Ids
    contracts: Ids

    @property
    def companies(self) -> Ids:
        """The entries of the paper's companies: what counts of one entry's figures depends on all of its company."""
        return self.entries if self.act.resident_id is None else ids_of_company(self.act.resident_id)

    @property
    def patents(self) -> Ids:
        """The patents that these companies hold or held, under whichever number."""
        if self.entries is None:
            return None
        numbers = sa.select(ResidentState.bin).where(ResidentState.resident_id.in_(self.entries))
        return sa.select(PatentHolderState.patent_id).where(PatentHolderState.bin.in_(numbers))

    @property
    def holders(self) -> sa.Select[Any]:
        """The entries of all holders of these patents, in whichever territory: all of them are named."""
        numbers = sa.select(PatentHolderState.bin).where(PatentHolderState.bin.is_not(None))
        if self.patents is not None:
            numbers = numbers.where(PatentHolderState.patent_id.in_(self.patents))
        return sa.select(ResidentState.resident_id).where(ResidentState.bin.in_(numbers))

    @property
    def parties(self) -> sa.Select[Any]:
        found = sa.select(Contract.resident_id)
        return found if self.contracts is None else found.where(Contract.id.in_(self.contracts))

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(sorted(self.kind.years(self.act.report_year or self.act.as_of.year)))

    @property
    def reporters(self) -> sa.Select[Any]:
        """The entries that reported on the time the paper tells of."""
        found = sa.select(Report.resident_id)
        if self.act.report_year is None:
            return found
        found = found.join(ReportingPeriod, Report.period_id == ReportingPeriod.id)
        if self.act.report_quarter is not None:
            found = found.where(ReportingPeriod.quarter == self.act.report_quarter)
        return found.where(ReportingPeriod.year.in_(self.years))

    def in_time(self) -> Iterable[sa.ColumnElement[bool]]:
        """Reports take effect on the last day of their quarter: those of the paper's years or quarter."""
        if self.act.report_year is None:
            return
        first = report_rules.first_day(self.years[0], self.act.report_quarter or 1)
        last = report_rules.last_day(self.years[-1], self.act.report_quarter or 4)
        yield JournalEntry.effective_on.between(first, last)


def _spoken_of(act: DocumentAct) -> list[sa.ColumnElement[bool]]:
    """Conditions over the journal's entries that leave those about what a paper shows."""
    kind = KINDS[act.kind]
    entries = contracts = None
    if act.resident_id is not None:
        entries = sa.select(Resident.id).where(Resident.id == act.resident_id)
        contracts = sa.select(Contract.id).where(Contract.resident_id == act.resident_id)
    elif act.territory_id is not None:
        entries = sa.select(Resident.id).where(Resident.territory_id == act.territory_id)
        contracts = sa.select(Contract.id).where(Contract.territory_id == act.territory_id)
    shown = _Shown(act, kind, entries, contracts)
    found = [condition for part in _PARTS if part in kind.reads for condition in _PARTS[part](shown)]
    if kind.dictionaries:
        rows = sa.select(DictionaryEntry.id).where(DictionaryEntry.dictionary.in_(kind.dictionaries))
        if act.territory_id is not None:
            rows = rows.where(sa.or_(DictionaryEntry.territory_id.is_(None),
                                     DictionaryEntry.territory_id == act.territory_id))  # fmt: skip
        found.append(_about(DictionaryEntry, rows))
    return found


Conditions = Iterable[sa.ColumnElement[bool]]


def _entries(shown: _Shown) -> Conditions:
    yield sa.and_(_about(Resident, shown.entries), _says(printed(shown.kind)))
    yield _belonging(StatusChange, shown.entries)


def _participation(shown: _Shown) -> Conditions:
    yield sa.and_(_about(Resident, shown.companies), _says(DAYS_OF_ENTRY))
    yield _excluded(shown.companies)


def _contracts(shown: _Shown) -> Conditions:
    yield _about(Contract, shown.contracts)
    yield _belonging(Addendum, shown.contracts)
    yield sa.and_(_about(Resident, shown.parties), _says(NAMES))


def _premises(shown: _Shown) -> Conditions:
    let = sa.select(Contract.id).where(sa.or_(Contract.premises.is_not(None), Contract.area_m2.is_not(None)))
    if shown.contracts is not None:
        let = let.where(Contract.id.in_(shown.contracts))
    yield _about(Contract, let)
    yield sa.and_(_about(Contract, shown.contracts), _says(OF_PREMISES))
    yield _belonging(Addendum, let)
    yield sa.and_(_about(Resident, let.with_only_columns(Contract.resident_id)), _says(NAMES))


def _patents(shown: _Shown) -> Conditions:
    yield _about(Patent, shown.patents)
    yield _belonging(PatentEvent, shown.patents)
    yield sa.and_(_about(Resident, shown.holders), _says(NAMES | DAYS_OF_ENTRY))


def _counted_patents(shown: _Shown) -> Conditions:
    yield _excluded(shown.holders)


def _reports(shown: _Shown) -> Conditions:
    accepted = JournalEntry.action == Action.REPORT_ACCEPTED
    yield sa.and_(_belonging(Report, shown.companies), accepted, *shown.in_time())
    reporters = _about(Resident, shown.reporters)
    if shown.companies is not None:
        reporters = sa.and_(reporters, _about(Resident, shown.companies))
    yield sa.and_(reporters, _says(NAMES))


def _reporting(shown: _Shown) -> Conditions:
    """What was sent and decided by the end of the paper's day, and what came by file, which counts whenever it came."""
    by_file = sa.select(Report.id).where(Report.source != "page")
    ended = datetime.combine(shown.act.as_of + timedelta(days=1), time(), ALMATY)
    known = sa.or_(JournalEntry.recorded_at < ended, JournalEntry.subject_id.in_(by_file))
    yield sa.and_(_belonging(Report, shown.companies), known, *shown.in_time())
    periods = sa.select(ReportingPeriod.id)
    if shown.act.territory_id is not None:
        periods = periods.where(ReportingPeriod.territory_id == shown.act.territory_id)
    if shown.act.report_year is not None:
        periods = periods.where(ReportingPeriod.year.in_(shown.years))
    yield _about(ReportingPeriod, periods)
    yield sa.and_(_about(Resident, shown.entries), _says(NAMES))


def _indicators(shown: _Shown) -> Conditions:
    """Targets and the rank entered by hand, of the years the paper tells of, and experimental plants.

    A paper of one territory has its own plan. One of all territories has the national targets, and of its own year each
    territory's plan as well.
    """
    act, year = shown.act, shown.act.report_year or shown.act.as_of.year
    targets = sa.and_(
        IndicatorTarget.territory_id.is_not_distinct_from(act.territory_id), IndicatorTarget.year.in_(shown.years)
    )
    if act.territory_id is None:
        targets = sa.or_(targets, IndicatorTarget.year == year)
    yield _about(IndicatorTarget, sa.select(IndicatorTarget.id).where(targets))
    yield _about(ExternalValue, sa.select(ExternalValue.id).where(ExternalValue.year.in_(shown.years)))
    yield sa.and_(_about(Resident, shown.entries), _says(EXPERIMENTAL))


_PARTS = {
    Reads.ENTRIES: _entries,
    Reads.PARTICIPATION: _participation,
    Reads.CONTRACTS: _contracts,
    Reads.PREMISES: _premises,
    Reads.PATENTS: _patents,
    Reads.COUNTED_PATENTS: _counted_patents,
    Reads.REPORTS: _reports,
    Reads.REPORTING: _reporting,
    Reads.INDICATORS: _indicators,
}


def _about(model: type[Any], ids: Ids) -> sa.ColumnElement[bool]:
    own = JournalEntry.subject_type == model.__tablename__
    return own if ids is None else sa.and_(own, JournalEntry.subject_id.in_(ids))


def _belonging(model: type[Any], parents: Ids) -> sa.ColumnElement[bool]:
    own = JournalEntry.subject_type == model.__tablename__
    return own if parents is None else sa.and_(own, JournalEntry.parent_id.in_(parents))


def _says(fields: Iterable[str]) -> sa.ColumnElement[bool]:
    """Entries that change one of these fields: quotation marks within a value are written with a backslash."""
    return sa.or_(*(JournalEntry.changes.contains(f'"{field}":', autoescape=True) for field in sorted(fields)))


def _excluded(entries: Ids) -> sa.ColumnElement[bool]:
    """Exclusions and what becomes of them; a suspension does not end participation."""
    exclusions = sa.select(StatusChange.id).where(StatusChange.change == Change.EXCLUDED)
    of_one = sa.or_(JournalEntry.subject_id.in_(exclusions), _says({"change"}))
    moves = sa.and_(of_one, _says({"change", "effective_on", ANNULLED}))
    return sa.and_(_belonging(StatusChange, entries), JournalEntry.action.notin_(sorted(STATUS_ALONE)), moves)


def changed_papers(viewer: Viewer, *, most: int = 200) -> list[tuple[Document, list[LaterAct]]]:
    """The papers in force whose data later acts changed, the latest issued first, each with these acts.

    Looks at the ``most`` papers issued last, by a statement for every :data:`TOGETHER` of them.
    """
    acts: Sequence[DocumentAct] = db.session.scalars(
        sa.select(DocumentAct)
        .where(
            ~sa.exists().where(DocumentEvent.act_id == DocumentAct.id),
            *viewer.within(DocumentAct.territory_id),
        )
        .order_by(DocumentAct.id.desc())
        .limit(most)
    ).all()
    changed = _later(acts, MOST_NAMED)
    papers = db.session.scalars(
        sa.select(Document).where(Document.act_id.in_(changed)).order_by(Document.act_id.desc(), Document.id)
    )
    return [(paper, changed[paper.act_id]) for paper in papers]
