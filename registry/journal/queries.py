"""Reading the journal: states as of any two dates, histories, and verification."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, TypedDict, Unpack

import msgspec
import sqlalchemy as sa
from flask import current_app

from registry.infra import clock
from registry.infra.access import Viewer
from registry.infra.clock import utc_now
from registry.infra.db import Base, db, in_parts
from registry.infra.i18n import lazy
from registry.infra.paging import counts
from registry.journal import subjects as records
from registry.journal.models import JournalEntry, JournalHead, JournalPersonal
from registry.journal.rules import (
    ALGORITHM,
    GENESIS,
    HASHED_COLUMNS,
    Act,
    Action,
    State,
    as_recorded,
    commitment,
    entry_hash,
    fold,
)


@lru_cache
def date_fields(model: type[Base]) -> frozenset[str]:
    """The names of the columns of ``model`` that hold dates, which the journal keeps as texts."""
    return frozenset(column.key for column in sa.inspect(model).columns if isinstance(column.type, sa.Date))


def _personal_values(condition: Any) -> dict[tuple[int, str], Any]:
    rows = db.session.execute(
        sa.select(JournalPersonal.sequence, JournalPersonal.field, JournalPersonal.value).where(condition)
    )
    return {(sequence, name): None if value is None else json.loads(value) for sequence, name, value in rows}


def states(
    model: type[Base],
    *,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
) -> dict[int, State]:
    """The state of every record of ``model`` as of a date, as known at a moment (``exchange.md`` 3).

    ``as_of`` None takes every act whatever its date. ``ids`` limits the records. Values are Python values; erased
    personal values are None.
    """
    conditions = [JournalEntry.subject_type == model.__tablename__]
    if known_at is not None:
        conditions.append(JournalEntry.recorded_at <= known_at)
    if ids is None:
        return fold(told(conditions, [model]), as_of)
    found: dict[int, State] = {}
    for some in in_parts(sorted(ids)):
        found |= fold(told([*conditions, JournalEntry.subject_id.in_(some)], [model]), as_of)
    return found


def last_values(model: type[Base]) -> dict[int, dict[str, Any]]:
    """The present values of every record of ``model`` whose acts hold from the moment they are made."""
    return as_recorded(told([JournalEntry.subject_type == model.__tablename__], [model]))


def last_states(model: type[Base]) -> tuple[dict[int, State], dict[int, datetime]]:
    """What all acts on each record of ``model`` add up to, annulled records too, and when these were annulled."""
    creators: dict[int, int] = {}
    left: list[Any] = []
    annulled: dict[int, datetime] = {}
    for item in told([JournalEntry.subject_type == model.__tablename__], [model]):
        entry, _action, subject, _parent, _values = item
        if entry.annuls is not None and entry.annuls == creators.get(subject):
            annulled[subject] = entry.recorded_at
            continue
        creators.setdefault(subject, entry.sequence)
        left.append(item)
    return fold(left), annulled


def told(
    conditions: Collection[sa.ColumnElement[bool]], models: Collection[type[Base]]
) -> Iterator[tuple[Any, str, int, int | None, dict[str, Any]]]:
    """What the entries about records of ``models`` tell, in sequence order, as :func:`rules.fold` takes it.

    Values are Python values; erased personal values are None. An act of erasure itself tells nothing of a record.
    """
    dates = {model.__tablename__: date_fields(model) for model in models}
    wanted = (*conditions, JournalEntry.action != Action.PERSONAL_DATA_ERASED)
    columns = (
        JournalEntry.sequence, JournalEntry.action, JournalEntry.subject_type, JournalEntry.subject_id,
        JournalEntry.parent_id, JournalEntry.effective_on, JournalEntry.changes, JournalEntry.corrects,
        JournalEntry.annuls, JournalEntry.recorded_at, JournalEntry.actor_id, JournalEntry.reason,
    )  # fmt: skip
    rows = db.session.execute(sa.select(*columns).where(*wanted).order_by(JournalEntry.sequence)).all()
    personal = _personal_values(JournalPersonal.sequence.in_(sa.select(JournalEntry.sequence).where(*wanted)))
    for row in rows:
        values: dict[str, Any] = {}
        for name, change in json.loads(row.changes).items():
            if isinstance(change, dict):
                pair = personal.get((row.sequence, name))
                new = pair[1] if pair else None
            else:
                new = change[1]
            if new is not None and name in dates[row.subject_type]:
                new = date.fromisoformat(new)
            values[name] = new
        yield row, row.action, row.subject_id, row.parent_id, values


def state_of(row: Base, *, as_of: date | None = None, known_at: datetime | None = None) -> State | None:
    """The state of one record, or None where it is annulled or not yet in effect."""
    return states(type(row), as_of=as_of, known_at=known_at, ids=[row.id]).get(row.id)  # ty: ignore[missing-attribute]


def creating_act(row: Base) -> Act:
    """The act that brought a record into being, as it stands after corrections.

    :raises LookupError: for a record that is annulled.
    """
    state = state_of(row)
    if state is None:
        raise LookupError(row)
    return state.acts[0]


def act_that_set(row: Base, name: str) -> int:
    """Sequence of the act that gave field ``name`` its present value.

    :raises LookupError: when no act set it.
    """
    state = state_of(row)
    for act in reversed(state.acts if state else []):
        if name in act.values:
            return act.sequence
    raise LookupError(name)


def is_exception() -> sa.ColumnElement[bool]:
    """What an auditor asks to see apart from the ordinary course (``design.md`` 10, task 9), as SQL.

    Corrections and annulments of acts, reports accepted in the place of an accepted one (by the resident's correction
    or by a file) or with an explanation, erasures, and papers replaced, revoked or not approved. ``changes`` is
    canonical JSON, in which a quotation mark inside a text stands behind a backslash, so that no text looks like a
    field.
    """
    accepted = JournalEntry.action == Action.REPORT_ACCEPTED
    changes = JournalEntry.changes
    corrected = sa.and_(changes.contains('"version":['), ~changes.contains('"version":[null,'))
    explained = changes.contains('"explanation":[')
    return sa.or_(
        JournalEntry.corrects.is_not(None),
        JournalEntry.annuls.is_not(None),
        JournalEntry.action.in_(
            [
                Action.PERSONAL_DATA_ERASED,
                Action.DOCUMENT_REPLACED,
                Action.DOCUMENT_REVOKED,
                Action.DOCUMENT_DECLINED,
            ]
        ),
        sa.and_(accepted, sa.or_(corrected, explained)),
    )


@dataclass(frozen=True)
class HistoryEntry:
    """An entry as people read it: the changes with personal values put back (None where erased)."""

    sequence: int
    recorded_at: datetime
    actor_id: int | None
    action: Action
    subject_type: str
    subject_id: int
    effective_on: date
    ground: str | None
    basis_kind: str | None
    basis_no: str | None
    basis_date: date | None
    reason: str | None
    changes: dict[str, list[Any]]
    erased: frozenset[str]
    corrects: int | None
    annuls: int | None
    hash: str


def last_sequence(row: Base) -> int:
    """The sequence of the last entry about a record; 0 where there is none."""
    return db.session.scalar(sa.select(sa.func.max(JournalEntry.sequence)).where(*_about(row))) or 0


def entries_about(row: Base, *, viewer: Viewer | None = None, after: int = 0) -> list[HistoryEntry]:
    """The entries about a record itself that follow entry ``after``, the oldest first, as ``viewer`` may read them."""
    rows = db.session.scalars(
        sa.select(JournalEntry).where(*_about(row), JournalEntry.sequence > after).order_by(JournalEntry.sequence)
    ).all()
    personal = _personal_values(JournalPersonal.sequence.in_([entry.sequence for entry in rows]))
    return _readable(rows, personal, viewer)


def _about(row: Base) -> list[sa.ColumnElement[bool]]:
    return [
        JournalEntry.subject_type == row.__tablename__,
        JournalEntry.subject_id == row.id,  # ty: ignore[missing-attribute]
    ]


class Filters(TypedDict, total=False):
    """Which entries are wanted: those that meet all of it.

    ``subjects`` are (table name, id): entries about them or about what belongs to them. ``corrections_only`` leaves
    corrections and exceptions (:func:`is_exception`), ``after`` those that follow an entry. ``viewer`` leaves what
    exists for it; without, everything.
    """

    viewer: Viewer | None
    subjects: Collection[tuple[str, int]] | None
    actions: Collection[str] | None
    actor_id: int | None
    since: datetime | None
    until: datetime | None
    corrections_only: bool
    after: int


def history(*, limit: int = 50, offset: int = 0, **filters: Unpack[Filters]) -> tuple[list[HistoryEntry], int]:
    """Entries, newest first, and how many there are in all."""
    found = sa.select(JournalEntry).where(*_conditions(**filters)).order_by(JournalEntry.sequence.desc())
    return read(found, filters.get("viewer"), limit=limit, offset=offset)


def read(
    found: sa.Select[JournalEntry], viewer: Viewer | None, *, limit: int, offset: int = 0
) -> tuple[list[HistoryEntry], int]:
    """Some of the entries that a statement finds, as ``viewer`` may read them, and how many it finds in all."""
    rows = db.session.scalars(found.limit(limit).offset(offset)).all() if limit else []
    # Where the rows end before the limit they say themselves how many there are.
    is_end = len(rows) < limit and (rows or not offset)
    total = offset + len(rows) if is_end else counts([found])[0]
    sequences = [row.sequence for row in rows]
    personal = _personal_values(JournalPersonal.sequence.in_(sequences)) if rows else {}
    return _readable(rows, personal, viewer), total


def _conditions(
    *,
    viewer: Viewer | None = None,
    subjects: Collection[tuple[str, int]] | None = None,
    actions: Collection[str] | None = None,
    actor_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    corrections_only: bool = False,
    after: int = 0,
) -> list[sa.ColumnElement[bool]]:
    conditions = [] if viewer is None else records.within(viewer)
    if subjects is not None:
        conditions.append(
            sa.or_(
                *(sa.and_(JournalEntry.subject_type == kind, JournalEntry.subject_id == key) for kind, key in subjects),
                *(sa.and_(JournalEntry.parent_type == kind, JournalEntry.parent_id == key) for kind, key in subjects),
                sa.false(),
            )
        )
    if actions:
        conditions.append(JournalEntry.action.in_(actions))
    if actor_id is not None:
        conditions.append(JournalEntry.actor_id == actor_id)
    if since is not None:
        conditions.append(JournalEntry.recorded_at >= since)
    if until is not None:
        conditions.append(JournalEntry.recorded_at <= until)
    if corrections_only:
        conditions.append(is_exception())
    if after:
        conditions.append(JournalEntry.sequence > after)
    return conditions


_AT_ONCE = 1000


def all_entries(*, newest_first: bool = False, **filters: Unpack[Filters]) -> Iterator[HistoryEntry]:
    """Every entry that meets the filters, the oldest first unless told otherwise, never more than a page in memory."""
    conditions, last = _conditions(**filters), None
    column = JournalEntry.sequence
    while True:
        further = [] if last is None else [column < last if newest_first else column > last]
        # Plain rows: the session would keep every entry it made an object of.
        rows = db.session.execute(
            sa.select(*JournalEntry.__table__.columns)
            .where(*conditions, *further)
            .order_by(column.desc() if newest_first else column)
            .limit(_AT_ONCE)
        ).all()
        personal = _personal_values(JournalPersonal.sequence.in_([row.sequence for row in rows]))
        yield from _readable(rows, personal, filters.get("viewer"))
        if len(rows) < _AT_ONCE:
            return
        last = rows[-1].sequence


def _readable(rows: Sequence[Any], personal: dict[tuple[int, str], Any], viewer: Viewer | None) -> list[HistoryEntry]:
    entries = [_with_values(row, personal) for row in rows]
    if viewer is not None:
        records.cover(viewer, [(entry.subject_type, entry.changes) for entry in entries])
    return entries


def _with_values(row: Any, personal: dict[tuple[int, str], Any]) -> HistoryEntry:
    changes, erased = {}, set()
    for name, change in json.loads(row.changes).items():
        if isinstance(change, dict):
            pair = personal.get((row.sequence, name))
            if pair is None:
                erased.add(name)
            changes[name] = pair or [None, None]
        else:
            changes[name] = change
    copied = ("sequence", "recorded_at", "actor_id", "subject_type", "subject_id", "effective_on", "ground",
              "basis_kind", "basis_no", "basis_date", "reason", "corrects", "annuls", "hash")  # fmt: skip
    return HistoryEntry(
        action=Action(row.action),
        changes=changes,
        erased=frozenset(erased),
        **{name: getattr(row, name) for name in copied},
    )


def clock_doubt(head: JournalHead) -> object | None:
    """Why the clock of this machine, now or at the last act, is likely wrong; None where nothing speaks for it."""
    now = utc_now()
    if head.count and head.recorded_at > now + clock.AHEAD:
        return lazy(
            "The journal's last act was recorded at %(last)s, which is later than now (%(now)s): a clock ran ahead."
            " Until then every act is recorded with that moment. Check the clock; restore a backup made before, or go"
            " on.",
            last=f"{head.recorded_at:%Y-%m-%d %H:%M} UTC",
            now=f"{now:%Y-%m-%d %H:%M} UTC",
        )
    if _rests(head):
        return lazy(
            "The journal's last act was recorded at %(last)s, more than a year before now (%(now)s). Check the clock:"
            " if it runs ahead, every later act will carry its time.",
            last=f"{head.recorded_at:%Y-%m-%d %H:%M} UTC",
            now=f"{now:%Y-%m-%d %H:%M} UTC",
        )
    return None


def _rests(head: JournalHead) -> bool:
    return bool(head.count) and head.recorded_at < utc_now() - clock.IDLE


def rests_for_years() -> bool:
    """Whether nothing was recorded for so long that a clock that runs ahead is likelier."""
    return _rests(head())


def head() -> JournalHead:
    """Count and hash of the last entry."""
    return db.session.execute(sa.select(JournalHead)).scalar_one()


def recorded_at(sequence: int) -> datetime | None:
    """When an entry was recorded; None where there is none with this number."""
    return db.session.scalar(sa.select(JournalEntry.recorded_at).where(JournalEntry.sequence == sequence))


@dataclass(frozen=True)
class Verification:
    """The result of a check of the whole journal; ``problem`` is None when nothing was found.

    ``differences`` tell where what is derived from a whole journal says another thing, ``unlike`` where what stands
    beside it and cannot be derived anew does, and ``damage`` what is wrong with the database that keeps it all.
    """

    entries: int
    head: str
    problem: str | None
    differences: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()

    @property
    def found(self) -> list[str]:
        """Everything found, in plain words."""
        damage = [] if self.problem is None else [f"the journal is damaged: {self.problem}"]
        damage += [f"the database is damaged: {place}" for place in self.damage]
        return damage + [f"not what the journal tells: {place}" for place in (*self.differences, *self.unlike)]

    @property
    def is_whole(self) -> bool:
        """Whether nothing was found."""
        return not self.found


def entries(first: int, last: int) -> Iterator[Mapping[str, Any]]:
    """The hashed columns and the hash of entries by sequence, both ends included, a thousand at a time."""
    columns = [getattr(JournalEntry, name) for name in (*HASHED_COLUMNS, "hash")]
    query = sa.select(*columns).order_by(JournalEntry.sequence)
    for start in range(first, last + 1, 1000):
        page = query.where(JournalEntry.sequence.between(start, min(last, start + 999)))
        yield from db.session.execute(page).mappings()


def existing(viewer: Viewer, first: int, last: int) -> Iterator[tuple[int, str, str]]:
    """Sequence, table and changes (JSON) of the entries that exist for a viewer, both ends included."""
    columns = (JournalEntry.sequence, JournalEntry.subject_type, JournalEntry.changes)
    conditions = records.within(viewer)
    statement = sa.select(*columns).where(JournalEntry.sequence.between(first, last), *conditions)
    for row in db.session.execute(statement.order_by(JournalEntry.sequence)):
        yield row.sequence, row.subject_type, row.changes


def last_recorded(moment: datetime) -> int:
    """Sequence of the last entry recorded by a moment; 0 when there is none."""
    latest = (JournalEntry.recorded_at.desc(), JournalEntry.sequence.desc())
    query = sa.select(JournalEntry.sequence).where(JournalEntry.recorded_at <= moment).order_by(*latest).limit(1)
    return db.session.scalar(query) or 0


def recorded_besides(viewer: Viewer, sequence: int, own: Mapping[str, sa.Select[int]]) -> bool:
    """Whether entries after ``sequence`` that exist for a viewer are about anything but ``own``.

    ``own`` are the ids of subjects by their tables.
    """
    about = [
        sa.and_(JournalEntry.subject_type == table, JournalEntry.subject_id.in_(ids)) for table, ids in own.items()
    ]
    others = sa.exists().where(JournalEntry.sequence > sequence, ~sa.or_(*about), *records.within(viewer))
    return bool(db.session.scalar(sa.select(others)))


def first_recorded(since: datetime) -> int | None:
    """Sequence of the first entry recorded at ``since`` or later."""
    return db.session.scalar(sa.select(sa.func.min(JournalEntry.sequence)).where(JournalEntry.recorded_at >= since))


def _entries_in_order(page_size: int = 1000) -> Iterator[Mapping[str, Any] | None]:
    """Every entry's columns by sequence; None, and no more, where a value is not even of its column's kind.

    SQLite stores any text in a date's column: read one by one then, the entries before the bad one are still given.
    """
    columns = [getattr(JournalEntry, name) for name in (*HASHED_COLUMNS, "hash")]
    page = query = sa.select(*columns).order_by(JournalEntry.sequence)
    while True:
        try:
            rows = db.session.execute(page.limit(page_size)).mappings().all()
        except (TypeError, ValueError):
            if page_size == 1:
                yield None
                return
            page_size = 1
            continue
        yield from rows
        if len(rows) < page_size:
            return
        page = query.where(JournalEntry.sequence > rows[-1]["sequence"])


@dataclass(frozen=True)
class LastCheck:
    """The latest check of the whole journal on this installation."""

    checked_at: Annotated[datetime, msgspec.Meta(tz=True)]
    entries: int
    head: str
    problem: str | None


def last_check() -> LastCheck | None:
    """When the journal was last checked and what was found; None when it never was.

    A note of the future was written under a wrong clock and counts as none: it would hold up every later check.
    """
    try:
        last = msgspec.json.decode(check_file().read_bytes(), type=LastCheck)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    return last if clock.is_credible(last.checked_at) else None


def check_file() -> Path:
    """Where the latest check is noted: about this installation, no part of the registers or their backup."""
    folder: Path = current_app.config["SETTINGS"].data_dir
    return folder / "journal-check.json"


def verify() -> Verification:
    """Check every entry: order, links, hashes, personal values against their commitments, and the tail.

    An emptied personal row is in order only when an entry ``personal data erased`` names it. Where the database shows
    a reader what others write meanwhile, a problem found while the journal grew is looked at again.
    """
    for _attempt in range(3):
        before = _head()
        found = _verify_once()
        if found.problem is None or _head() == before:
            break
    return found


def _head() -> tuple[int, str] | None:
    row = db.session.execute(sa.select(JournalHead.count, JournalHead.hash)).first()
    return None if row is None else (row.count, row.hash)


def _verify_once() -> Verification:
    count, previous = 0, GENESIS
    expected_personal: dict[tuple[int, str], str] = {}
    erased: set[tuple[int, str]] = set()

    def bad(problem: str) -> Verification:
        return Verification(count, previous, problem)

    for row in _entries_in_order():
        if row is None:
            return bad(f"entry {count + 1}: its content cannot be read")
        sequence = row["sequence"]
        if sequence != count + 1:
            return bad(f"entry {count + 1} is missing")
        if row["algorithm"] != ALGORITHM:
            return bad(f"entry {sequence}: unknown algorithm {row['algorithm']}")
        if row["prev_hash"] != previous:
            return bad(f"entry {sequence}: does not follow entry {count}")
        try:
            matches = entry_hash(row) == row["hash"]
        except TypeError:
            matches = False
        if not matches:
            return bad(f"entry {sequence}: its content does not match its hash")
        changes = json.loads(row["changes"])
        for name, change in changes.items():
            if isinstance(change, dict):
                expected_personal[sequence, name] = change["commitment"]
        if row["action"] == Action.PERSONAL_DATA_ERASED:
            erased.update((number, name) for number, name in changes["erased"][1])
        count, previous = sequence, row["hash"]
    last = _head()
    if last is None:
        return bad("the journal's head is missing")
    if (db.session.scalar(sa.select(sa.func.count()).select_from(JournalHead)) or 0) > 1:
        return bad("the journal has more than one head")
    if last != (count, previous):
        return bad(f"entry {last[0]}: the head names it as the last one, but entry {count} is")
    stored = db.session.execute(
        sa.select(
            JournalPersonal.sequence, JournalPersonal.field, JournalPersonal.salt, JournalPersonal.value
        ).order_by(JournalPersonal.sequence)
    ).all()
    for sequence, name, salt, value in stored:
        wanted = expected_personal.pop((sequence, name), None)
        if wanted is None:
            return bad(f"entry {sequence}: a personal value of {name} belongs to no commitment")
        if salt is None or value is None:
            if (sequence, name) not in erased:
                return bad(f"entry {sequence}: the personal value of {name} is gone without an act of erasure")
        elif commitment(salt, value) != wanted:
            return bad(f"entry {sequence}: the personal value of {name} does not match its commitment")
    for sequence, name in expected_personal:
        return bad(f"entry {sequence}: the personal value of {name} is missing")
    return Verification(count, previous, None)
