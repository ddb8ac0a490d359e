"""What became of the data of issued papers: the later acts that changed what a paper shows of its day.

An act changes a paper where it was recorded after the paper's data was read, takes effect by the paper's day, and
speaks of what the paper shows. A correction that moves an act past the paper's day changes it too: until then the act
took effect by that day. The paper stays valid: it says what was known then. Its public page names the acts.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.contracts.models import Addendum, Contract
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.paper_kinds.annual_data import charted_years
from registry.paper_kinds.kinds import KINDS
from registry.papers.models import Document, DocumentAct, DocumentEvent
from registry.patents.models import Patent, PatentEvent, PatentHolderState
from registry.reference.models import DictionaryEntry
from registry.reports import rules as report_rules
from registry.reports.models import Report
from registry.residents.models import Resident, StatusChange
from registry.residents.queries import ids_of_company

MOST_NAMED = 20
"""Acts that a page names; there may be more."""

_NO_DATA = frozenset({Action.REPORT_SUBMITTED, Action.REPORT_RETURNED, Action.PERSONAL_DATA_ERASED})
"""Acts that change nothing a paper shows."""

_DICTIONARIES = {
    "taxes": ("tax_codes", "counting_rules"),
    "revenues": ("revenue_categories", "counting_rules"),
    "patents": ("ip_kinds", "counted_offices", "counting_rules"),
}
_ALL_COUNTING = ("tax_codes", "revenue_categories", "investment_sources", "ip_kinds", "counted_offices",
                 "counting_rules")  # fmt: skip
_TARGETS: dict[str, Callable[[int], Collection[int]]] = {"indicators": lambda year: (year,), "annual": charted_years}
"""The kinds that set actuals beside targets, and of which years, by the year they are about."""

_UNPRINTED = frozenset({"email", "phone"})


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
        for act_id, sequence, action, changes in rows:
            named = found.get(act_id, [])
            if len(named) < most and not set(json.loads(changes)) <= _UNPRINTED:
                found[act_id] = [*named, LaterAct(sequence, action)]
    return found


def _asked(act: DocumentAct, most: int) -> Iterable[sa.Select]:
    """The statements that find the acts, and some more for those that change nothing printed; none where none can.

    Corrections that move an act past the paper's day have a statement of their own: what they corrected is looked up
    for them and for no other entry.
    """
    spoken = _spoken_of(act)
    if not spoken:
        return
    entries = sa.select(
        sa.literal(act.id).label("act_id"),
        *(getattr(JournalEntry, name) for name in ("sequence", "action", "changes")),
        *(getattr(JournalEntry, name) for name in ("subject_type", "subject_id", "corrects")),
    ).where(JournalEntry.sequence > act.chain_sequence, JournalEntry.action.notin_(sorted(_NO_DATA)), sa.or_(*spoken))
    reached = entries.where(JournalEntry.effective_on <= act.as_of).subquery()
    # OFFSET keeps PostgreSQL from looking up what every entry corrected before it has chosen the corrections.
    corrections = entries.where(JournalEntry.effective_on > act.as_of, JournalEntry.corrects.is_not(None))
    moved = corrections.offset(0).subquery()
    for found, which in ((reached, sa.true()), (moved, _day_before(moved) <= act.as_of)):
        columns = (found.c.act_id, found.c.sequence, found.c.action, found.c.changes)
        first = sa.select(*columns).where(which).order_by(found.c.sequence).limit(4 * most)
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


def _spoken_of(act: DocumentAct) -> list[sa.ColumnElement[bool]]:
    """Conditions over the journal's entries that leave those about what a paper shows."""
    kind = KINDS[act.kind]
    sources = kind.sources or (("register",) if kind.of_one_resident else ())
    entries = of_company = sa.select(Resident.id)
    contracts = sa.select(Contract.id)
    if act.resident_id is not None:
        entries = entries.where(Resident.id == act.resident_id)
        # Reports are the company's, and its participation under any entry tells which of them count.
        of_company = ids_of_company(act.resident_id)
        contracts = contracts.where(Contract.resident_id == act.resident_id)
    elif act.territory_id is not None:
        entries = of_company = entries.where(Resident.territory_id == act.territory_id)
        contracts = contracts.where(Contract.territory_id == act.territory_id)
    found: list[sa.ColumnElement[bool]] = []
    if "register" in sources:
        found.append(_about(Resident, entries))
    if {"register", "reports"} & set(sources):
        found.append(_belonging(StatusChange, of_company if "reports" in sources else entries))
    if "contracts" in sources:
        found += [_about(Contract, contracts), _belonging(Addendum, contracts)]
    if "patents" in sources:
        numbers = sa.select(Resident.bin).where(Resident.id.in_(entries))
        held = sa.select(PatentHolderState.patent_id).where(PatentHolderState.bin.in_(numbers))
        everything = act.resident_id is None and act.territory_id is None
        found.append(_about(Patent, None if everything else held))
        found.append(_belonging(PatentEvent, None if everything else held))
    if "reports" in sources:
        found.append(sa.and_(_belonging(Report, of_company), *_quarters(act)))
    names = _ALL_COUNTING if {"reports", "patents"} <= set(sources) else _DICTIONARIES.get(act.kind, ())
    if names:
        codes = sa.select(DictionaryEntry.id).where(DictionaryEntry.dictionary.in_(names))
        found.append(_about(DictionaryEntry, codes))
    if act.kind in _TARGETS:
        found += _targets(act)
    return found


def _targets(act: DocumentAct) -> Iterable[sa.ColumnElement[bool]]:
    """Targets and the rank entered by hand, of the years the paper tells of.

    A paper of one territory has its own plan. One of all territories has the national targets, and of its own year each
    territory's plan as well.
    """
    year = act.report_year or act.as_of.year
    years = _TARGETS[act.kind](year)
    shown = sa.and_(
        IndicatorTarget.territory_id.is_not_distinct_from(act.territory_id), IndicatorTarget.year.in_(years)
    )
    if act.territory_id is None:
        shown = sa.or_(shown, IndicatorTarget.year == year)
    yield _about(IndicatorTarget, sa.select(IndicatorTarget.id).where(shown))
    yield _about(ExternalValue, sa.select(ExternalValue.id).where(ExternalValue.year.in_(years)))


def _about(model: type[Any], ids: sa.Select[Any] | None) -> sa.ColumnElement[bool]:
    own = JournalEntry.subject_type == model.__tablename__
    return own if ids is None else sa.and_(own, JournalEntry.subject_id.in_(ids))


def _belonging(model: type[Any], parents: sa.Select[Any] | None) -> sa.ColumnElement[bool]:
    own = JournalEntry.subject_type == model.__tablename__
    return own if parents is None else sa.and_(own, JournalEntry.parent_id.in_(parents))


def _quarters(act: DocumentAct) -> Iterable[sa.ColumnElement[bool]]:
    """Reports take effect on the last day of their quarter: those of the paper's year or quarter."""
    if act.report_year is None:
        return
    first = report_rules.first_day(act.report_year, act.report_quarter or 1)
    last = report_rules.last_day(act.report_year, act.report_quarter or 4)
    yield JournalEntry.effective_on.between(first, last)


_SHOWN_BY = {
    StatusChange.__tablename__: {"register", "reports"},
    Resident.__tablename__: {"register"},
    Contract.__tablename__: {"contracts"},
    Addendum.__tablename__: {"contracts"},
}
"""Which sources of papers tell of a record."""


def papers_showing(subject_type: str, entry: Resident, day: date) -> list[str]:
    """The numbers of the papers in force that show what an act on a record of this entry changes from a day on."""
    kinds = [
        kind.code
        for kind in KINDS.values()
        if _SHOWN_BY[subject_type] & set(kind.sources or (("register",) if kind.of_one_resident else ()))
    ]
    by_company = [code for code in kinds if "reports" in _SHOWN_BY[subject_type] & set(KINDS[code].sources)]
    statement = (
        sa.select(DocumentAct.number)
        .where(
            DocumentAct.kind.in_(kinds),
            DocumentAct.as_of >= day,
            sa.or_(DocumentAct.territory_id.is_(None), DocumentAct.territory_id == entry.territory_id),
            sa.or_(
                DocumentAct.resident_id.is_(None),
                DocumentAct.resident_id == entry.id,
                sa.and_(DocumentAct.kind.in_(by_company), DocumentAct.resident_id.in_(ids_of_company(entry.id))),
            ),
            ~sa.exists().where(DocumentEvent.act_id == DocumentAct.id),
        )
        .order_by(DocumentAct.id.desc())
    )
    return list(db.session.scalars(statement))


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
