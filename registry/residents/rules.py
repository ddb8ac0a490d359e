"""Rules of the participant register: identifiers, fields, and the life of an entry. Plain Python, no database."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from registry.infra import fields
from registry.infra.fields import Changed, Problem, names
from registry.infra.i18n import lazy
from registry.infra.text import search_text, sort_key
from registry.journal.rules import Action, State
from registry.residents.fields import RESIDENT, STATUS_CHANGE
from registry.territories.rules import bin_problem, is_branch, is_iin, is_surrogate, kato_problem, kbe_problem

FIELDS = ("territory_id", *names(RESIDENT), "is_demo")
"""What the journal keeps of an entry."""

OWN_FIELDS = names(RESIDENT, Changed.CORRECTED)
"""Fields of the act of entry itself: a change is a correction of that act (``exchange.md`` 3)."""

AMENDABLE = names(RESIDENT, Changed.AMENDED)
"""Attributes: a change takes effect on the day it is made, or on the day the act names."""

CONTACTS = frozenset(field.name for field in RESIDENT if field.personal)


class Status(enum.StrEnum):
    """Where an entry stands on a day; derived from its dates, never stored."""

    UPCOMING = "upcoming"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    EXCLUDED = "excluded"


MOVES_PARTICIPATION = frozenset(
    {
        Action.RESIDENT_REGISTERED,
        Action.RESIDENT_AMENDED,
        Action.RESIDENT_BIN_CORRECTED,
        Action.RESIDENT_ANNULLED,
        Action.STATUS_EXCLUDED,
        Action.STATUS_CORRECTED,
        Action.STATUS_ANNULLED,
    }
)
"""The acts by which a company can come to take part on other days, and so other figures of it to count."""


class Change(enum.StrEnum):
    """What can happen to an entry's status."""

    SUSPENDED = "suspended"
    RESUMED = "resumed"
    EXCLUDED = "excluded"


TRANSITIONS: dict[tuple[Status, Change], Status] = {
    (Status.ACTIVE, Change.SUSPENDED): Status.SUSPENDED,
    (Status.SUSPENDED, Change.RESUMED): Status.ACTIVE,
    (Status.ACTIVE, Change.EXCLUDED): Status.EXCLUDED,
    (Status.SUSPENDED, Change.EXCLUDED): Status.EXCLUDED,
}
"""The one table of moves: services, buttons and tests read it (``domain.md`` 2.6)."""

NEEDS_GROUND = frozenset({Change.SUSPENDED, Change.EXCLUDED})


class DatedChange(Protocol):
    @property
    def change(self) -> str: ...
    @property
    def effective_on(self) -> date: ...


@dataclass(frozen=True, slots=True)
class StatusRecord:
    """One change of status as the register knows it."""

    id: int
    change: str
    effective_on: date
    ground: str | None = None
    decision_no: str | None = None
    decision_date: date | None = None


def possible_changes(status: Status) -> tuple[Change, ...]:
    """What may be done with an entry that stands at ``status``."""
    return tuple(change for (before, change) in TRANSITIONS if before is status)


def status_on(registered_on: date, changes: Iterable[DatedChange], day: date) -> Status:
    """The status at the end of ``day``."""
    if registered_on > day:
        return Status.UPCOMING
    status = Status.ACTIVE
    for change in sorted(changes, key=lambda item: item.effective_on):
        if change.effective_on <= day:
            status = TRANSITIONS.get((status, Change(change.change)), status)
    return status


CHANGE_FIELDS = ("resident_id", *names(STATUS_CHANGE))
"""What the journal keeps of a change of status."""

SEARCHED = ("name_kk", "name_ru", "name_en", "bin", "register_no")


def search_columns(values: Mapping[str, Any]) -> dict[str, str]:
    """Keys that stand beside the names: SQLite's LIKE and every database's default order fail Kazakh."""
    return {
        "sort_kk": sort_key(values.get("name_kk") or ""),
        "sort_ru": sort_key(values.get("name_ru") or ""),
        "sort_en": sort_key(values.get("name_en") or values.get("name_ru") or ""),
        "search": search_text(*(values.get(name) for name in SEARCHED), _with_other_check(values.get("register_no"))),
    }


_CHECKS_ALIKE = dict(zip("O0I1", "0O1I", strict=True))


def _with_other_check(register_no: str | None) -> str | None:
    """The number with the check character it is easily taken for: numbers given long ago may end in O, I, 0 or 1."""
    other = _CHECKS_ALIKE.get((register_no or "")[-1:])
    return f"{(register_no or '')[:-1]}{other}" if other else None


def state_on(own: State, parts: Mapping[str, Sequence[Mapping[str, Any]]], day: date) -> dict[str, Any]:
    """A row of the register's state table: the entry's fields on a day, its status then, and what lists need."""
    changes = [StatusRecord(**_without(item, "resident_id")) for item in parts["status_change"]]
    fields: dict[str, Any] = {name: own.values.get(name) for name in FIELDS}
    flags = {name: bool(fields[name]) for name in ("experimental_production", "is_demo")}
    return {
        **fields,
        **flags,
        **search_columns(fields),
        "status": str(status_on(fields["registered_on"], changes, day)),
        "excluded_on": excluded_on(changes),
    }


def change_on(own: State, _parts: Mapping[str, Sequence[Mapping[str, Any]]], _day: date) -> dict[str, Any]:
    """A row of the state table of changes of status."""
    return {name: own.values.get(name) for name in CHANGE_FIELDS}


def _without(values: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def timeline_problem(registered_on: date, changes: Iterable[DatedChange]) -> Problem | None:
    """What breaks the order of an entry's changes, told by their dates and never by their arrival.

    :returns: (``effective_on`` or ``change``, message), or None when the whole line is in order.
    """
    status = Status.ACTIVE
    for item in sorted(changes, key=lambda item: item.effective_on):
        if item.effective_on < registered_on:
            return "effective_on", lazy("the change cannot take effect before the entry in the register")
        after = TRANSITIONS.get((status, Change(item.change)))
        if after is None:
            if status is Status.EXCLUDED and item.change == Change.EXCLUDED:
                return "change", lazy(
                    "the participant is already excluded; a wrong day is corrected on its page, beside the change of"
                    " status"
                )
            if status is Status.EXCLUDED:
                return "change", lazy("nothing can follow an exclusion; a company that returns gets a new entry")
            if item.change == Change.RESUMED:
                return "change", lazy("only a suspended participant can be resumed")
            return "change", lazy("the participant is already suspended on that day")
        status = after
    return None


def excluded_on(changes: Iterable[DatedChange]) -> date | None:
    """The day the entry ended, if it did."""
    return next((item.effective_on for item in changes if item.change == Change.EXCLUDED), None)


def participates_on(registered_on: date, ended_on: date | None, day: date) -> bool:
    """Registered by the day and not excluded by it; suspension does not end participation (``exchange.md`` 3)."""
    return registered_on <= day and (ended_on is None or ended_on > day)


def participates_in(registered_on: date, ended_on: date | None, first: date, last: date) -> bool:
    """Whether the entry took part on at least one day from ``first`` to ``last``."""
    return registered_on <= last and (ended_on is None or ended_on > max(first, registered_on))


def personal_fields(values: Mapping[str, Any]) -> frozenset[str]:
    """Which of an entry's fields are a person's data: contacts always, and all that names a natural person."""
    if values.get("legal_form") in PERSONS:
        return CONTACTS | {"bin", "name_kk", "name_ru", "name_en", "address_kk", "address_ru"}
    return CONTACTS


PERSONS = frozenset({"sole_entrepreneur", "natural_person"})
"""Legal forms whose holder is a person, registered by IIN."""

WITHOUT_BIN = frozenset({"project_group", "foreign"})
"""Legal forms that may have no BIN: the program gives them a surrogate number (``exchange.md`` 5, rule 17)."""


def holder_problem(number: str, legal_form: str | None) -> object | None:
    """Whether this BIN or IIN may stand in the register (``exchange.md`` 2)."""
    problem = bin_problem(number)
    if problem:
        return problem
    if is_branch(number):
        return lazy("%(number)s is a branch; register the head organisation instead", number=number)
    if is_surrogate(number):
        if legal_form not in WITHOUT_BIN:
            return lazy("%(number)s stands for a project group or a foreign company without BIN only", number=number)
        return None
    if is_iin(number) and legal_form not in PERSONS:
        return lazy(
            "%(number)s is a person's IIN; only a sole entrepreneur or a natural person is registered by it",
            number=number,
        )
    if legal_form == "natural_person" and not is_iin(number):
        return lazy("%(number)s is no IIN; a natural person is registered by IIN", number=number)
    return None


def problems(
    values: Mapping[str, Any],
    on: date,
    is_valid: Callable[[str, str, date], bool],
    *,
    check_codes: Collection[str] | None = None,
) -> list[Problem]:
    """Everything the register refuses in an entry's fields, in the order of the fields.

    ``on`` is the day the codes must be valid; ``is_valid(dictionary, code, day)`` asks the dictionaries.
    ``check_codes`` names the coded fields looked up (None: all), so that an amendment does not stumble over an old code
    it keeps.
    """
    found = fields.problems(RESIDENT, values, on, is_valid, check_codes=check_codes)
    number = values.get("bin")
    if number:
        problem = holder_problem(number, values.get("legal_form"))
        if problem:
            found.append(("bin", problem))
    if values.get("oked") and not re.fullmatch(r"[0-9]{5}", values["oked"]):
        found.append(("oked", lazy("%(code)s is not five digits", code=values["oked"])))
    for name, check in (("kbe", kbe_problem), ("kato", kato_problem)):
        problem = check(values[name]) if values.get(name) else None
        if problem:
            found.append((name, problem))
    email = values.get("email")
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email):
        found.append(("email", lazy("%(email)s is not an e-mail address", email=email)))
    trl = values.get("trl")
    if trl is not None and not 1 <= trl <= 9:
        found.append(("trl", lazy("a technology readiness level is a whole number from 1 to 9")))
    decided, registered = values.get("decision_date"), values.get("registered_on")
    if decided and registered and registered < decided:
        found.append(("registered_on", lazy("the entry cannot be earlier than the decision about it")))
    return fields.in_order(RESIDENT, found)


def warnings(values: Mapping[str, Any], on: date) -> list[Problem]:
    """What is allowed but worth a look."""
    until = values.get("accreditation_until")
    if until and until < on:
        return [("accreditation_until", lazy("the accreditation has expired"))]
    return []


_CHECKS = "ABCDEFGHJKMNPQRSTUVWXYZ"
"""Check letters: 23, a prime, and none of those taken for another letter or a digit (I, L, O)."""


def register_number(prefix: str, year: int, serial: int) -> str:
    """A register number: territory, year, serial and a check letter, such as ``YAFI-2026-0001-K``.

    The letter is the sum of the signs' values (A is 10) with the powers of 5 as weights, modulo 23: one wrong digit or
    two neighbours changed over give another letter. Numbers given earlier keep their ISO 7064 character.
    """
    body = f"{prefix}{year}{serial:04d}"
    total = sum(int(sign, 36) * pow(5, place, 23) for place, sign in enumerate(reversed(body), start=1))
    return f"{prefix}-{year}-{serial:04d}-{_CHECKS[total % 23]}"


def number_series(prefix: str, register_no: str) -> tuple[int, int] | None:
    """Year and serial of a number in our own form, so that a number taken from outside is never given again."""
    match = re.fullmatch(rf"{re.escape(prefix)}-([0-9]{{4}})-([0-9]{{4,9}})-[0-9A-Z]", register_no)
    return (int(match[1]), int(match[2])) if match else None


def same_time(one: tuple[date, date | None], other: tuple[date, date | None]) -> bool:
    """Whether two entries, each (registered_on, excluded_on), stand beside each other on any day."""
    (begun, ended), (other_begun, other_ended) = one, other
    return (ended is None or ended > other_begun) and (other_ended is None or other_ended > begun)


def active_overlap(registered_on: date, others: Sequence[tuple[date, date | None]]) -> bool:
    """Whether a new entry from ``registered_on`` on would stand beside another one of the same BIN.

    ``others`` are (registered_on, excluded_on) of the BIN's entries in the territory.
    """
    return any(ended is None or ended > registered_on for _start, ended in others)
