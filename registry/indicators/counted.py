"""The patents that count for indicator 6, kept so that the page of all years costs the same however many there are.

Kept is a row for each patent and territory whose participants held it on the day of its registration. Whether a patent
counts on a day depends only on acts effective by its registration, so that the rows up to any ``as_of`` are those of
that day. A moment of the past is folded from the acts known then.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

import sqlalchemy as sa

from registry.indicators.models import PatentCount
from registry.infra.db import Base, before_commit, db, in_parts
from registry.journal.models import JournalEntry
from registry.patents import queries as patents
from registry.patents import rules as patent_rules
from registry.patents.models import Patent, PatentEvent
from registry.reference.models import DictionaryEntry
from registry.residents import queries as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import participates_on

Counted = tuple[int, int, date]
"""Patent, territory and day of registration."""


def by_year(day: date, known_at: datetime | None = None) -> Mapping[tuple[int, int | None], int]:
    """How many patents registered by a day count, by year, for all territories together (None) and for each."""
    if known_at is None:
        rows: Collection[Counted] = [
            tuple(row)
            for row in db.session.execute(
                sa.select(PatentCount.patent_id, PatentCount.territory_id, PatentCount.registered_on).where(
                    PatentCount.registered_on <= day
                )
            )
        ]
    else:
        rows = {row for row in _folded(as_of=day, known_at=known_at) if row[2] <= day}
    # A patent counts once however many territories its holders take part in.
    years = {patent_id: registered_on.year for patent_id, _territory, registered_on in rows}
    found: Counter[tuple[int, int | None]] = Counter((year, None) for year in years.values())
    found.update((registered_on.year, territory) for _patent, territory, registered_on in rows)
    return found


def _folded(
    *, as_of: date | None = None, known_at: datetime | None = None, ids: Collection[int] | None = None
) -> set[Counted]:
    """The rows as the state tables tell them: of every patent, or of some."""
    registered = patents.registrations(as_of=as_of, known_at=known_at, ids=ids)
    proofs = {row.patent_id: row.bulletin for row in registered}
    if as_of is not None:
        proofs = patents.proofs(known_at, ids)
    holders = {row.patent_id: patent_rules.parse_holders(row.holders) for row in registered}
    bins = None if ids is None else {holder.bin for own in holders.values() for holder in own if holder.bin}
    taking_part = residents.participations(as_of=as_of, known_at=known_at, bins=bins)
    found: set[Counted] = set()
    for row in registered:
        entries = [
            entry
            for holder in holders[row.patent_id]
            for entry in taking_part.get(holder.bin or "", ())
            if participates_on(entry.registered_on, entry.excluded_on, row.registered_on)
        ]
        for territory in {entry.territory_id for entry in entries}:
            numbers = {entry.bin for entry in entries if entry.territory_id == territory}
            reason = patent_rules.why_not_counted(
                office=row.office,
                kind=row.kind,
                registered_on=row.registered_on,
                holders=holders[row.patent_id],
                bulletin=proofs.get(row.patent_id),
                year=row.registered_on.year,
                as_of=row.registered_on,
                counting=patents.counting_in(territory, known_at),
                is_participant_on=lambda number, _day, numbers=numbers: number in numbers,
            )
            if reason is None:
                found.add((row.patent_id, territory, row.registered_on))
    return found


def moved(ids: Collection[int]) -> set[Counted]:
    """How the rows of some patents will differ at the end of the transaction from those kept at its beginning."""
    columns = (PatentCount.patent_id, PatentCount.territory_id, PatentCount.registered_on)
    found: set[Counted] = set()
    for some in in_parts(sorted(ids)):
        kept = db.session.execute(sa.select(*columns).where(PatentCount.patent_id.in_(some)))
        found |= {tuple(row) for row in kept} ^ _folded(ids=some)
    return found


class CountedPatents:
    """The kept rows, brought up to the acts of a transaction at its end."""

    name = "patents of indicator 6"

    def follow(self, entry: JournalEntry) -> None:
        info = db.session().info
        if entry.subject_type == Patent.__tablename__:
            info.setdefault("counted_patents", set()).add(entry.subject_id)
        elif entry.subject_type == PatentEvent.__tablename__:
            info.setdefault("counted_patents", set()).add(entry.parent_id)
        elif entry.subject_type in (Resident.__tablename__, StatusChange.__tablename__):
            own = entry.subject_type == Resident.__tablename__
            info.setdefault("counted_entries", set()).add(entry.subject_id if own else entry.parent_id)
        elif entry.subject_type == DictionaryEntry.__tablename__:
            row = db.session.get(DictionaryEntry, entry.subject_id)
            if row is None or row.dictionary not in patents.COUNTING:
                return
            info["counted_all_patents"] = True
        else:
            return
        before_commit(self.settle)

    def settle(self) -> None:
        """Bring the rows up to all that was recorded since the last time."""
        info = db.session().info
        if info.pop("counted_all_patents", False):
            self.rebuild()
            info.pop("counted_patents", None)
            info.pop("counted_entries", None)
            return
        changed: set[int] = info.pop("counted_patents", set())
        entries: set[int] = info.pop("counted_entries", set())
        changed |= patents.ever_held_by(residents.bins_ever(sorted(entries)))
        for some in in_parts(sorted(changed)):
            db.session.execute(sa.delete(PatentCount).where(PatentCount.patent_id.in_(some)))
            _store(_folded(ids=some))

    def forget(self, subject: Base) -> None:
        """Nothing personal that can be erased is kept."""

    def is_missing(self) -> bool:
        """Whether the rows are not those of the registers and of the dictionary of kinds as it is now."""
        return next(self.differences(), None) is not None

    def rebuild(self) -> int:
        db.session.execute(sa.delete(PatentCount))
        found = _folded()
        _store(found)
        return len(found)

    def differences(self) -> Iterator[str]:
        columns = (PatentCount.patent_id, PatentCount.territory_id, PatentCount.registered_on)
        kept: set[Counted] = {tuple(row) for row in db.session.execute(sa.select(*columns))}
        for patent_id, territory, _day in sorted(kept ^ _folded()):
            yield f"{self.name}: patent {patent_id} in territory {territory} is not kept as the journal tells it"


def _store(rows: Collection[Counted]) -> None:
    if rows:
        names = ("patent_id", "territory_id", "registered_on")
        db.session.execute(sa.insert(PatentCount), [dict(zip(names, row, strict=True)) for row in sorted(rows)])


COUNTED = CountedPatents()
