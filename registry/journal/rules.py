"""What acts there are, how an entry is hashed, and how acts fold into a state. Plain Python, no database."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Protocol

ALGORITHM = 1
"""Version of the hash: SHA-256 over the canonical JSON list of :data:`HASHED_COLUMNS`."""

GENESIS = "0" * 64
"""``prev_hash`` of the first entry."""

HASHED_COLUMNS = (
    "sequence", "recorded_at", "actor_id", "action", "subject_type", "subject_id", "parent_type", "parent_id",
    "effective_on", "ground", "basis_kind", "basis_no", "basis_date", "reason", "changes", "corrects", "annuls",
    "algorithm", "prev_hash",
)  # fmt: skip


class Action(enum.StrEnum):
    """The closed list of acts, in the past tense; shown through the catalogues, stored as it stands here."""

    RESIDENT_REGISTERED = "resident_registered"
    RESIDENT_AMENDED = "resident_amended"
    RESIDENT_BIN_CORRECTED = "resident_bin_corrected"
    RESIDENT_ANNULLED = "resident_annulled"
    STATUS_SUSPENDED = "status_suspended"
    STATUS_RESUMED = "status_resumed"
    STATUS_EXCLUDED = "status_excluded"
    STATUS_CORRECTED = "status_corrected"
    STATUS_ANNULLED = "status_annulled"
    CONTRACT_CONCLUDED = "contract_concluded"
    CONTRACT_AMENDED = "contract_amended"
    CONTRACT_TERMINATED = "contract_terminated"
    CONTRACT_TERMINATION_ANNULLED = "contract_termination_annulled"
    CONTRACT_ANNULLED = "contract_annulled"
    ADDENDUM_CONCLUDED = "addendum_concluded"
    ADDENDUM_CORRECTED = "addendum_corrected"
    ADDENDUM_ANNULLED = "addendum_annulled"
    PATENT_RECORDED = "patent_recorded"
    PATENT_GRANTED = "patent_granted"
    PATENT_AMENDED = "patent_amended"
    PATENT_ANNULLED = "patent_annulled"
    PATENT_EVENT_RECORDED = "patent_event_recorded"
    PATENT_EVENT_CORRECTED = "patent_event_corrected"
    PATENT_EVENT_ANNULLED = "patent_event_annulled"
    PERIOD_OPENED = "period_opened"
    REPORT_SUBMITTED = "report_submitted"
    REPORT_RETURNED = "report_returned"
    REPORT_RETURN_TAKEN_BACK = "report_return_taken_back"
    REPORT_ACCEPTED = "report_accepted"
    TARGET_SET = "target_set"
    EXTERNAL_VALUE_SET = "external_value_set"
    TERRITORY_AMENDED = "territory_amended"
    CONSOLIDATING_BODY_AMENDED = "consolidating_body_amended"
    DICTIONARY_CODE_ADDED = "dictionary_code_added"
    DICTIONARY_CODE_CHANGED = "dictionary_code_changed"
    YEAR_CLOSED = "year_closed"
    YEAR_REOPENED = "year_reopened"
    DOCUMENT_PREPARED = "document_prepared"
    DOCUMENT_APPROVED = "document_approved"
    DOCUMENT_DECLINED = "document_declined"
    DOCUMENT_ISSUED = "document_issued"
    DOCUMENT_REPLACED = "document_replaced"
    DOCUMENT_REVOKED = "document_revoked"
    NOTE_SHOWN = "note_shown"
    NOTE_CORRECTED = "note_corrected"
    NOTE_WITHDRAWN = "note_withdrawn"
    USER_ADDED = "user_added"
    USER_INVITED = "user_invited"
    USER_CHANGED = "user_changed"
    USER_DEACTIVATED = "user_deactivated"
    USER_REACTIVATED = "user_reactivated"
    PASSWORD_SET = "password_set"  # noqa: S105
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_CONFIRMED = "proposal_confirmed"
    PROPOSAL_REFUSED = "proposal_refused"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    DEPUTY_NAMED = "deputy_named"
    DEPUTY_ENDED = "deputy_ended"
    ATTACHMENT_ADDED = "attachment_added"
    ATTACHMENT_WITHDRAWN = "attachment_withdrawn"
    PERSONAL_DATA_ERASED = "personal_data_erased"


class EntryLike(Protocol):
    sequence: int
    effective_on: date
    corrects: int | None
    annuls: int | None


class Telling(NamedTuple):
    """An entry that an act rests on: its place in the journal, its action and the fields it names."""

    sequence: int
    action: str
    fields: frozenset[str]


@dataclass(slots=True)
class Act:
    """An act as it stands after later entries corrected it: the fields it sets, from ``effective_on`` on.

    ``told``: of the act's own entry and of each that corrects it, what it is and which fields it named together.
    """

    sequence: int
    action: str
    effective_on: date
    values: dict[str, Any]
    told: list[Telling] = field(default_factory=list)


@dataclass(slots=True)
class State:
    """What the acts on one subject add up to: field values, and which act set each."""

    subject_id: int
    parent_id: int | None
    values: dict[str, Any] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: the same text for the same value, on every machine."""
    return _CANONICAL.encode(value)


def encode(value: object) -> object:
    """How a field value stands in JSON: dates and moments in ISO form, the rest as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=encode)


def entry_text(columns: Mapping[str, object]) -> str:
    """What is hashed of an entry: every column but the hash itself, as one line of JSON (``algorithm`` 1)."""
    return canonical([columns[name] for name in HASHED_COLUMNS])


def entry_hash(columns: Mapping[str, object]) -> str:
    """SHA-256 over every column of an entry."""
    return hashlib.sha256(entry_text(columns).encode()).hexdigest()


def commitment(salt: str, value: str) -> str:
    """What the entry holds of a personal value: SHA-256 over salt and JSON value."""
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


Entries = Iterable[tuple[EntryLike, str, int, int | None, dict[str, Any]]]
"""Entries in sequence order, each with action, subject, parent and new values."""


@dataclass(slots=True)
class Known:
    """The acts on one subject as they stand at a moment of the second clock: corrected, without the annulled ones."""

    subject_id: int
    parent_id: int | None
    created_by: int
    acts: dict[int, Act] = field(default_factory=dict)

    @property
    def creator(self) -> Act | None:
        """The act that brought the subject into being; None where it is annulled."""
        return self.acts.get(self.created_by)

    def state(self, as_of: date | None) -> State | None:
        """What the acts effective by ``as_of`` (all, when None) add up to, or None before the creating act."""
        creator = self.creator
        if creator is None or (as_of is not None and creator.effective_on > as_of):
            return None
        # The creating act comes first whatever its date: nothing can be true of a record before it exists.
        ordered = sorted(self.acts.values(), key=lambda act: (act is not creator, act.effective_on, act.sequence))
        state = State(self.subject_id, self.parent_id)
        for act in ordered:
            if as_of is None or act.effective_on <= as_of:
                state.values.update(act.values)
                state.acts.append(act)
        return state


def known_acts(entries: Entries) -> dict[int, Known]:
    """The second clock: a correction replaces fields and date of the act it names, an annulment removes its act."""
    found: dict[int, Known] = {}
    for entry, action, subject, parent, values in entries:
        known = found.get(subject)
        if entry.annuls is None and entry.corrects is None:
            if known is None:
                known = found[subject] = Known(subject, parent, entry.sequence)
            told = [Telling(entry.sequence, action, frozenset(values))]
            known.acts[entry.sequence] = Act(entry.sequence, action, entry.effective_on, values, told)
        elif known is None:
            continue
        elif entry.annuls is not None:
            known.acts.pop(entry.annuls, None)
        elif entry.corrects in known.acts:
            act = known.acts[entry.corrects]
            act.effective_on = entry.effective_on
            act.values = act.values | values
            act.told.append(Telling(entry.sequence, action, frozenset(values)))
    return found


def fold(entries: Entries, as_of: date | None = None) -> dict[int, State]:
    """Fold entries into each subject's state.

    First the second clock (:func:`known_acts`). Then the first: acts effective by ``as_of`` (all, when None) apply in
    the order of their dates, and of their sequence within a day. A subject whose creating act is annulled or not yet
    effective has no state (``exchange.md`` 3).
    """
    states = {subject: known.state(as_of) for subject, known in known_acts(entries).items()}
    return {subject: state for subject, state in states.items() if state is not None}


def as_recorded(entries: Entries) -> dict[int, dict[str, Any]]:
    """What the acts on each subject add up to in the order they were recorded in, whatever days they name.

    For records of which an act holds from the moment it is made: a day that a wrong clock gave it does not put it after
    those that followed.
    """
    return {
        subject: {name: value for act in known.acts.values() for name, value in act.values.items()}
        for subject, known in known_acts(entries).items()
        if known.creator is not None
    }


OPEN_DAY = date.max
"""``valid_to`` of a period without an end."""

LAST_DAY = OPEN_DAY - timedelta(days=1)
"""The last day a register can be read for; an act dated later counts from it on."""

OPEN = 2**63 - 1
"""``recorded_to`` of a period that is still known so: later than any sequence."""

Values = Mapping[str, Any]

ValuesOn = Callable[[State, Mapping[str, list[dict[str, Any]]], date], dict[str, Any]]
"""What a state table says of a day, by the record's state and its parts' values of that day (:func:`timeline`)."""


@dataclass(frozen=True, slots=True)
class Period:
    """What held of a record from ``valid_from`` to the day before ``valid_to``; ``first`` marks its earliest period."""

    valid_from: date
    valid_to: date
    first: bool
    values: dict[str, Any]


def timeline(
    own: Known | None,
    parts: Mapping[str, Sequence[Known]],
    values_on: ValuesOn,
    turns: Callable[[Values], Iterable[date | None]],
) -> list[Period]:
    """The periods of a record, one after another without a gap, by the acts known on it and on its parts.

    ``values_on`` gives the values of a day from the record's state and its parts' values of that day (a part's with
    its ``id``); ``turns`` the days on which such values change by themselves, without an act. No acts, no periods.
    """
    if own is None or own.creator is None:
        return []

    def on(day: date) -> dict[str, Any]:
        as_of = None if day >= LAST_DAY else day
        state = own.state(as_of)
        assert state is not None  # noqa: S101 - no day before the first is asked for
        of_parts = {
            kind: [
                {"id": known.subject_id, **found.values}
                for known in knowns
                if (found := known.state(as_of)) is not None
            ]
            for kind, knowns in parts.items()
        }
        return values_on(state, of_parts, day)

    first = min(own.creator.effective_on, LAST_DAY)
    acts = (
        act for known in (own, *(each for knowns in parts.values() for each in knowns)) for act in known.acts.values()
    )
    days = {first} | {min(act.effective_on, LAST_DAY) for act in acts if act.effective_on > first}
    values = {day: on(day) for day in days}
    for turn in {turn for found in values.values() for turn in turns(found)}:
        if turn is not None and first < turn <= LAST_DAY and turn not in values:
            values[turn] = on(turn)
    changing: list[date] = []
    for day in sorted(values):
        if not changing or values[day] != values[changing[-1]]:
            changing.append(day)
    ends = [*changing[1:], OPEN_DAY]
    return [Period(day, end, day == first, values[day]) for day, end in zip(changing, ends, strict=True)]
