"""What acts there are, how an entry is hashed, and how acts fold into a state. Plain Python, no database."""

from __future__ import annotations

import enum
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Protocol

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
    REPORT_ACCEPTED = "report_accepted"
    TARGET_SET = "target_set"
    EXTERNAL_VALUE_SET = "external_value_set"
    TERRITORY_AMENDED = "territory_amended"
    DOCUMENT_PREPARED = "document_prepared"
    DOCUMENT_APPROVED = "document_approved"
    DOCUMENT_DECLINED = "document_declined"
    DOCUMENT_ISSUED = "document_issued"
    DOCUMENT_REPLACED = "document_replaced"
    DOCUMENT_REVOKED = "document_revoked"
    USER_ADDED = "user_added"
    USER_INVITED = "user_invited"
    USER_CHANGED = "user_changed"
    USER_DEACTIVATED = "user_deactivated"
    USER_REACTIVATED = "user_reactivated"
    PASSWORD_SET = "password_set"  # noqa: S105
    PERSONAL_DATA_ERASED = "personal_data_erased"


class EntryLike(Protocol):
    sequence: int
    effective_on: date
    corrects: int | None
    annuls: int | None


@dataclass(slots=True)
class Act:
    """An act as it stands after later entries corrected it: the fields it sets, from ``effective_on`` on."""

    sequence: int
    action: str
    effective_on: date
    values: dict[str, Any]


@dataclass(slots=True)
class State:
    """What the acts on one subject add up to: field values, and which act set each."""

    subject_id: int
    parent_id: int | None
    values: dict[str, Any] = field(default_factory=dict)
    acts: list[Act] = field(default_factory=list)


def canonical(value: object) -> str:
    """JSON with sorted keys and no spaces: the same text for the same value, on every machine."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=encode)


def encode(value: object) -> object:
    """How a field value stands in JSON: dates and moments in ISO form, the rest as it is."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


def entry_text(columns: Mapping[str, object]) -> str:
    """What is hashed of an entry: every column but the hash itself, as one line of JSON (``algorithm`` 1)."""
    return canonical([columns[name] for name in HASHED_COLUMNS])


def entry_hash(columns: Mapping[str, object]) -> str:
    """SHA-256 over every column of an entry."""
    return hashlib.sha256(entry_text(columns).encode()).hexdigest()


def commitment(salt: str, value: str) -> str:
    """What the entry holds of a personal value: SHA-256 over salt and JSON value."""
    return hashlib.sha256(f"{salt}:{value}".encode()).hexdigest()


def fold(
    entries: Iterable[tuple[EntryLike, str, int, int | None, dict[str, Any]]], as_of: date | None = None
) -> dict[int, State]:
    """Fold entries (in sequence order; with action, subject, parent and new values) into each subject's state.

    First the second clock: a correction replaces fields and date of the act it names, an annulment removes its act.
    Then the first: acts effective by ``as_of`` (all, when None) apply in the order of their dates, and of their
    sequence within a day. A subject whose creating act is annulled or not yet effective has no state
    (``exchange.md`` 3).
    """
    by_subject: dict[int, dict[int, Act]] = {}
    creators: dict[int, int] = {}
    parents: dict[int, int | None] = {}
    for entry, action, subject, parent, values in entries:
        acts = by_subject.setdefault(subject, {})
        if entry.annuls is not None:
            acts.pop(entry.annuls, None)
        elif entry.corrects is not None:
            act = acts.get(entry.corrects)
            if act is not None:
                act.effective_on = entry.effective_on
                act.values = act.values | values
        else:
            acts[entry.sequence] = Act(entry.sequence, action, entry.effective_on, values)
            creators.setdefault(subject, entry.sequence)
            parents.setdefault(subject, parent)
    states: dict[int, State] = {}
    for subject, acts in by_subject.items():
        creator = acts.get(creators.get(subject, -1))
        if creator is None or (as_of is not None and creator.effective_on > as_of):
            continue
        ordered = list(acts.values())
        if len(ordered) > 1:
            # The creating act comes first whatever its date: nothing can be true of a record before it exists.
            ordered.sort(key=lambda act: (act is not creator, act.effective_on, act.sequence))
        state = State(subject, parents[subject])
        for act in ordered:
            if as_of is None or act.effective_on <= as_of:
                state.values.update(act.values)
                state.acts.append(act)
        states[subject] = state
    return states
