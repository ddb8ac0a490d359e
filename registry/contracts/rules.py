"""Rules of contracts and addenda: fields, order of dates, terms and status as of a day. Plain Python, no database."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol, TypeVar

from registry.contracts.fields import ADDENDUM, CONTRACT
from registry.infra import fields
from registry.infra.fields import Changed, Problem, Recorded, names
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_number
from registry.infra.text import search_text
from registry.journal.rules import State

FIELDS = ("territory_id", "resident_id", *names(CONTRACT))
"""What the journal keeps of a contract."""

ADDENDUM_FIELDS = ("contract_id", *names(ADDENDUM))
"""What the journal keeps of an addendum."""

OWN_FIELDS = names(CONTRACT, Changed.CORRECTED)
"""Fields of the concluding act itself: a change is a correction of that act (``exchange.md`` 3)."""

TERMINATION_FIELDS = names(CONTRACT, Changed.LATER)
"""Fields of the terminating act."""

AMENDABLE = ("resident_id", *names(CONTRACT, Changed.AMENDED))
"""Attributes: a change takes effect on the day it is made, or on the day the act names."""

ADDENDUM_VALUES = names(ADDENDUM)

ENDING_DAYS = (30, 60, 90)
"""How far ahead lists look for contracts that end (``domain.md`` 9)."""


class Status(enum.StrEnum):
    """Where a contract stands on a day; derived from its dates, never stored."""

    UPCOMING = "upcoming"
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    TERMINATED = "terminated"


class ContractLike(Protocol):
    @property
    def starts_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def subject_kk(self) -> str | None: ...
    @property
    def subject_ru(self) -> str | None: ...
    @property
    def terminated_on(self) -> date | None: ...


class AddendumLike(Protocol):
    @property
    def number(self) -> str: ...
    @property
    def signed_on(self) -> date: ...
    @property
    def effective_on(self) -> date: ...
    @property
    def ends_on(self) -> date | None: ...
    @property
    def amount(self) -> int | None: ...
    @property
    def subject_kk(self) -> str | None: ...
    @property
    def subject_ru(self) -> str | None: ...


AnyAddendum = TypeVar("AnyAddendum", bound=AddendumLike)


@dataclass(frozen=True)
class AddendumRecord(Recorded):
    """An addendum as the register knows it. ``amount`` is in tiyn; None = the addendum does not touch the term."""

    id: int
    number: str
    signed_on: date
    effective_on: date
    ends_on: date | None = None
    amount: int | None = None
    subject_kk: str | None = None
    subject_ru: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says on a day. ``amount`` is in tiyn; ``ends_on`` is the last day, inclusive, None = no end."""

    ends_on: date | None
    amount: int | None
    subject_kk: str | None
    subject_ru: str | None


def in_order(addenda: Iterable[AnyAddendum]) -> list[AnyAddendum]:
    """Addenda from the first to the last by effective date, then signing date, then number ("9" before "10")."""

    def place(item: AnyAddendum) -> tuple[object, ...]:
        number = canonical_number(item.number)
        return item.effective_on, item.signed_on, len(number), number, item.number

    return sorted(addenda, key=place)


def terms_on(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> Terms:
    """The terms on ``day``: each as the latest addendum effective by then states it, else as concluded."""
    found = {name: getattr(contract, name) for name in Terms.__slots__}
    for addendum in in_order(addenda):
        if addendum.effective_on <= day:
            for name in found:
                value = getattr(addendum, name)
                if value is not None:
                    found[name] = value
    return Terms(**found)


def last_end_on(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> date | None:
    """The last day of the contract, inclusive, by the addenda effective by ``day``; None = no end."""
    return terms_on(contract, addenda, day).ends_on


def in_force_on(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> bool:
    """Begun by ``day``, not ended before it, not terminated by it (``exchange.md`` 2, Export)."""
    return status_on(contract, addenda, day) is Status.IN_FORCE


def status_on(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> Status:
    """Where the contract stands on ``day``."""
    return _status(contract, last_end_on(contract, addenda, day), day)


def _status(contract: ContractLike | _Concluded, ends_on: date | None, day: date) -> Status:
    if contract.terminated_on is not None and contract.terminated_on <= day:
        return Status.TERMINATED
    if contract.starts_on > day:
        return Status.UPCOMING
    return Status.EXPIRED if ends_on is not None and ends_on < day else Status.IN_FORCE


SEARCHED = ("number", "subject_kk", "subject_ru", "premises")


def number_keys(values: Mapping[str, Any]) -> dict[str, str | None]:
    """The key column of a contract or addendum: its number in the canonical form."""
    number = values.get("number")
    return {"number_key": canonical_number(number) if number else None}


def search_columns(values: Mapping[str, Any]) -> dict[str, str]:
    """What a search looks into, beside the fields."""
    return {"search": search_text(*(values.get(name) for name in SEARCHED))}


@dataclass(frozen=True, slots=True)
class _Concluded:
    """The fields of a contract that decide about terms and status."""

    starts_on: date
    ends_on: date | None
    amount: int | None
    subject_kk: str | None
    subject_ru: str | None
    terminated_on: date | None


def state_on(own: State, parts: Mapping[str, Sequence[Mapping[str, Any]]], day: date) -> dict[str, Any]:
    """A row of the contracts' state table: fields as concluded, status and terms of a day, and what lists need."""
    addenda = [
        AddendumRecord.of({name: value for name, value in item.items() if name != "contract_id"})
        for item in parts["addendum"]
    ]
    fields: dict[str, Any] = {name: own.values.get(name) for name in FIELDS}
    contract = _Concluded(**{name: fields[name] for name in _Concluded.__slots__})
    terms = terms_on(contract, addenda, day)
    return {
        **fields,
        "status": str(_status(contract, terms.ends_on, day)),
        **{f"term_{name}": getattr(terms, name) for name in Terms.__slots__},
        **search_columns(fields),
    }


def turning_days(values: Mapping[str, Any]) -> list[date | None]:
    """The days on which a contract's status changes by itself: it starts, it has ended, it is terminated."""
    ends_on: date | None = values["term_ends_on"]
    over = None if ends_on is None or ends_on == date.max else ends_on + timedelta(days=1)
    return [values["starts_on"], over, values["terminated_on"]]


def addendum_on(own: State, _parts: Mapping[str, Sequence[Mapping[str, Any]]], _day: date) -> dict[str, Any]:
    """A row of the addenda's state table."""
    return {name: own.values.get(name) for name in ADDENDUM_FIELDS}


def last_day(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> date | None:
    """The last day in force as it is foreseen on ``day``: addenda that take effect in time and a termination count.

    None = no end is foreseen.
    """
    known = list(addenda)
    ends_on = last_end_on(contract, known, day)
    while ends_on is not None and ends_on < date.max:
        later = last_end_on(contract, known, ends_on + timedelta(days=1))
        if later == ends_on:
            break
        ends_on = later
    if contract.terminated_on is None:
        return ends_on
    before = contract.terminated_on - timedelta(days=1)
    return before if ends_on is None else min(before, ends_on)


def days_left(contract: ContractLike, addenda: Iterable[AddendumLike], day: date) -> int | None:
    """Days from ``day`` to the last day in force (0 on that day itself, negative after it); None = no end."""
    last = last_day(contract, addenda, day)
    return None if last is None else (last - day).days


def begun_on(signed_on: date, starts_on: date) -> date:
    """The day from which a contract stands on record: it may apply to relations begun before it was signed."""
    return min(signed_on, starts_on)


def warnings(signed_on: date, holds_from: date, name: str) -> list[Problem]:
    """What is allowed but worth a look: terms of earlier relations (Civil Code art. 386), at the field ``name``."""
    if holds_from >= signed_on:
        return []
    return [(name, lazy("the terms apply to relations begun before the signing; check that the parties agreed so"))]


def problems(
    values: Mapping[str, Any],
    on: date,
    is_valid: Callable[[str, str, date], bool],
    *,
    check_kind: bool = True,
) -> list[Problem]:
    """Everything the register refuses in a contract's fields, in the order of the fields (``exchange.md`` 2).

    ``on`` is the day the kind must be valid; ``is_valid(dictionary, code, day)`` asks the dictionaries. An amendment
    that keeps an old kind does not have it checked.
    """
    found = fields.problems(CONTRACT, values, on, is_valid, check_codes=None if check_kind else ())
    signed, starts, ends = values.get("signed_on"), values.get("starts_on"), values.get("ends_on")
    terminated = values.get("terminated_on")
    if starts and ends and ends < starts:
        found.append(("ends_on", lazy("the contract cannot end before it starts")))
    if signed and terminated and terminated < signed:
        found.append(("terminated_on", lazy("the contract cannot be terminated before it is signed")))
    if values.get("termination_ground") and terminated is None:
        found.append(("terminated_on", lazy("a ground of termination needs the date of termination")))
    return fields.in_order(CONTRACT, found)


def addendum_problems(values: Mapping[str, Any], signed_on: date, starts_on: date) -> list[Problem]:
    """Everything the register refuses in an addendum to a contract signed and starting on these days."""
    found = fields.problems(ADDENDUM, values, starts_on, lambda *_code: True)
    signed, effective, ends = values.get("signed_on"), values.get("effective_on"), values.get("ends_on")
    if signed and signed < signed_on:
        found.append(("signed_on", lazy("a supplementary agreement cannot be signed before its contract")))
    if ends and effective and ends < effective:
        found.append(("ends_on", lazy("the contract cannot end before the supplementary agreement takes effect")))
    elif ends and ends < starts_on:
        found.append(("ends_on", lazy("the contract cannot end before it starts")))
    return fields.in_order(ADDENDUM, found)


def addenda_conflicts(signed_on: date, starts_on: date, addenda: Iterable[AddendumLike]) -> list[Problem]:
    """What new dates of a contract would break in the addenda it already has."""
    known = list(addenda)
    found: list[Problem] = []
    if any(item.signed_on < signed_on for item in known):
        found.append(("signed_on", lazy("a supplementary agreement to this contract is signed earlier")))
    if any(item.ends_on is not None and item.ends_on < starts_on for item in known):
        found.append(("starts_on", lazy("by a supplementary agreement the contract ends earlier")))
    return found
