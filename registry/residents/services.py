"""What is done to the participant register."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from registry.errors import Conflict, DomainError, Invalid
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.fields import names, not_a_code
from registry.infra.i18n import lazy
from registry.journal import acts
from registry.journal.acts import live, need_reason
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis, differences, erase_personal
from registry.lists import services as saved_views
from registry.reference import queries as reference
from registry.residents import queries, rules
from registry.residents.acts import STATUS_ACTIONS
from registry.residents.fields import STATUS_CHANGE
from registry.residents.models import Resident, ResidentState, StatusChange
from registry.residents.rules import Change
from registry.territories.models import Territory
from registry.territories.rules import is_surrogate, surrogate, surrogate_serial
from registry.territories.services import next_number, reserve_number


def register_resident(
    actor: Viewer,
    *,
    territory: Territory,
    values: Mapping[str, Any],
    now: datetime,
    exclusion_follows: bool = False,
    is_demo: bool = False,
) -> Resident:
    """Enter a company in a territory's register from ``values["registered_on"]`` on.

    ``values`` are the exchange columns as Python values; without ``register_no`` the next number is given.
    ``exclusion_follows`` lets an imported register bring two entries before the first one's exclusion arrives.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for an entry that exists, a number already used, or an older entry still running.
    """
    actor.require_in(territory.id, Permission.KEEP_REGISTERS)
    if not values.get("bin") and values.get("legal_form") in rules.WITHOUT_BIN:
        filled: dict[str, Any] = dict(values)
        filled["bin"] = next_surrogate()
        values = filled
    day = values.get("registered_on") or local_date(now)
    found = rules.problems(values, day, reference.valid_in(territory.id))
    if found:
        raise Invalid(found)
    registered_on: date = values["registered_on"]
    entries = queries.entries_of(territory.id, values["bin"])
    spans = [(row.registered_on, rules.excluded_on(changes)) for row, changes in entries]
    if any(start == registered_on for start, _end in spans):
        raise Conflict(lazy("this company already has an entry of that date"), "registered_on")
    if not exclusion_follows and rules.active_overlap(registered_on, spans):
        if rules.active_overlap(registered_on, [span for span in spans if span[0] < registered_on]):
            raise Conflict(lazy("an older entry of this company is still active; exclude it first"), "registered_on")
        message = lazy(
            "an entry of this company from %(day)s is on record; an earlier one comes by a file that holds both with"
            " their register numbers",
            day=min(start for start, _end in spans if start > registered_on).isoformat(),
        )
        raise Conflict(message, "registered_on")
    if is_surrogate(values["bin"]):
        reserve_number(_SURROGATES, surrogate_serial(values["bin"]))
    resident = Resident(territory_id=territory.id, is_demo=is_demo)
    resident.register_no = _take_number(territory, registered_on.year, values.get("register_no"))
    for name in rules.FIELDS:
        if name in values and name != "register_no":
            setattr(resident, name, values[name])
    resident.experimental_production = bool(values.get("experimental_production"))
    acts.create(
        actor,
        Action.RESIDENT_REGISTERED,
        resident,
        rules.FIELDS,
        now=now,
        effective_on=registered_on,
        basis=Basis("decision", resident.decision_no, resident.decision_date),
        personal=rules.personal_fields(values),
        reason=_although_the_same_name(resident),
    )
    return resident


def _although_the_same_name(resident: Resident) -> str | None:
    """The decision kept in the journal: that a company was entered although another one has its name."""
    found = queries.of_the_same_name(
        resident.territory_id, resident.bin, name_kk=resident.name_kk, name_ru=resident.name_ru
    )
    if not found:
        return None
    numbers = ", ".join(f"{row.register_no} ({row.bin})" for row in found)
    return str(lazy("Entered as another company than %(numbers)s, which has the same name.", numbers=numbers))


_SURROGATES = "surrogate"
"""The series of numbers given to who has neither BIN nor IIN."""


def next_surrogate() -> str:
    """The next surrogate number; numbers that came with files are never given again."""
    return surrogate(next_number(_SURROGATES))


def amend_resident(
    actor: Viewer,
    resident: Resident,
    *,
    values: Mapping[str, Any],
    now: datetime,
    effective_on: date | None = None,
    basis: Basis = NO_BASIS,
    mistake: str | None = None,
) -> bool:
    """Change fields of an entry from ``effective_on`` (today by default) on; False when nothing differs.

    With ``mistake``, the reason, the values recorded were never right: the acts that set them are corrected, each from
    its own day on, and ``effective_on`` means nothing.

    Number and decision of the entry are corrected instead, from the day of the entry on (``exchange.md`` 3). An empty
    ``register_no`` keeps the number.

    :raises Invalid: naming every field the rules refuse.
    :raises DomainError: for a date before the entry or after today.
    """
    actor.require_in(resident.territory_id, Permission.KEEP_REGISTERS)
    _live(resident)
    reason = None if mistake is None else need_reason(mistake)
    if reason is None:
        day = acts.day_of_change(
            resident.registered_on,
            effective_on,
            now,
            early=lazy("the change cannot take effect before the entry in the register"),
        )
        before = acts.values_on(resident, day)
    else:
        day, before = resident.registered_on, {name: getattr(resident, name) for name in rules.AMENDABLE}
    changes = differences(before, {name: values[name] for name in rules.AMENDABLE if name in values})
    own = {name: values[name] for name in rules.OWN_FIELDS if name in values}
    if not own.get("register_no"):
        own.pop("register_no", None)
    corrections = differences({name: getattr(resident, name) for name in own}, own)
    if not changes and not corrections:
        return False
    after = {
        **{name: getattr(resident, name) for name in rules.FIELDS},
        **values,
        "bin": resident.bin,
        "registered_on": resident.registered_on,
        "register_no": resident.register_no,
    }
    found = rules.problems(after, resident.registered_on, _valid_on(resident, day), check_codes=set(changes))
    if found:
        raise Invalid(found)
    if "register_no" in corrections:
        _take_number(resident.territory, resident.registered_on.year, corrections["register_no"][1], own=resident)
    personal = rules.personal_fields({"legal_form": after["legal_form"]}) | rules.personal_fields(before)
    details: dict[str, Any] = {"now": now, "basis": basis, "personal": personal, "reason": reason}
    if corrections:
        acts.correct(
            actor, Action.RESIDENT_AMENDED, resident, corrections, effective_on=resident.registered_on, **details
        )
    if changes and reason is not None:
        acts.correct_each(actor, Action.RESIDENT_AMENDED, resident, changes, **details)
    elif changes:
        acts.amend(actor, Action.RESIDENT_AMENDED, resident, changes, effective_on=day, **details)
    return True


def _valid_on(resident: Resident, day: date) -> Callable[[str, str, date], bool]:
    """Whether a code holds on the day of the entry, or on the day from which it is to hold."""
    is_valid = reference.valid_in(resident.territory_id)
    return lambda dictionary, code, on: is_valid(dictionary, code, on) or is_valid(dictionary, code, day)


def _stands_beside_another(resident: Resident, registered_on: date, excluded_on: date | None) -> bool:
    """Whether the entry, lasting from one day to the other, would share a day with another one of its company."""
    return any(
        rules.same_time((registered_on, excluded_on), (row.registered_on, rules.excluded_on(changes)))
        for row, changes in queries.entries_of(resident.territory_id, resident.bin)
        if row.id != resident.id
    )


def correct_registration(actor: Viewer, resident: Resident, *, registered_on: date, reason: str, now: datetime) -> None:
    """Correct the day of the entry in the register, recorded in error.

    :raises DomainError: for the day it already has, or an empty reason.
    :raises Invalid: for a day before the decision, or after a change of status.
    :raises Conflict: where the company has another entry of the same time.
    """
    actor.require_in(resident.territory_id, Permission.KEEP_REGISTERS)
    _live(resident)
    said = need_reason(reason)
    if registered_on == resident.registered_on:
        raise DomainError(lazy("this is the day the entry already has"), "registered_on")
    line = queries.status_changes(resident)
    if resident.decision_date and registered_on < resident.decision_date:
        raise DomainError(lazy("the entry cannot be earlier than the decision about it"), "registered_on")
    problem = rules.timeline_problem(registered_on, line)
    if problem:
        raise DomainError(problem[1], "registered_on")
    if _stands_beside_another(resident, registered_on, rules.excluded_on(line)):
        raise Conflict(lazy("the company has another entry of the same time"), "registered_on")
    acts.correct(
        actor,
        Action.RESIDENT_AMENDED,
        resident,
        {"registered_on": (resident.registered_on, registered_on)},
        now=now,
        effective_on=registered_on,
        reason=said,
    )


def correct_bin(actor: Viewer, resident: Resident, *, number: str, reason: str, now: datetime) -> None:
    """Correct a BIN recorded in error, from the day of the entry on.

    :raises DomainError: for a number the register refuses, one already entered that day, or an empty reason.
    """
    actor.require_in(resident.territory_id, Permission.KEEP_REGISTERS)
    _live(resident)
    need_reason(reason)
    problem = rules.holder_problem(number, resident.legal_form)
    if problem:
        raise DomainError(problem, "bin")
    if number == resident.bin:
        raise DomainError(lazy("this is the number the entry already has"), "bin")
    spans = [
        (row.registered_on, rules.excluded_on(changes))
        for row, changes in queries.entries_of(resident.territory_id, number)
    ]
    ended = rules.excluded_on(queries.status_changes(resident))
    if any((ended is None or ended > start) and (end is None or end > resident.registered_on) for start, end in spans):
        raise Conflict(lazy("the company with this number has an entry of the same time"), "bin")
    values = {"legal_form": resident.legal_form}
    acts.correct(
        actor,
        Action.RESIDENT_BIN_CORRECTED,
        resident,
        {"bin": (resident.bin, number)},
        now=now,
        effective_on=resident.registered_on,
        reason=reason,
        personal=rules.personal_fields(values),
    )


def change_status(
    actor: Viewer,
    resident: Resident,
    *,
    change: Change,
    effective_on: date,
    now: datetime,
    ground: str | None = None,
    decision_no: str | None = None,
    decision_date: date | None = None,
    line: Sequence[rules.DatedChange] = (),
) -> StatusChange:
    """Suspend, resume or exclude a participant from ``effective_on`` on.

    ``line`` is the whole line of changes as a file will leave it, this one among them, where several come together.

    :raises Invalid: naming what is missing or out of order; the whole line of changes must stay in order by date.
    """
    actor.require_in(resident.territory_id, Permission.KEEP_REGISTERS)
    _live(resident)
    item = StatusChange(
        resident_id=resident.id,
        change=str(change),
        effective_on=effective_on,
        ground=ground,
        decision_no=decision_no,
        decision_date=decision_date,
    )
    _need_free_day(resident, effective_on)
    _check_change(resident, item, line or [*queries.status_changes(resident), item])
    for other, _changes in queries.entries_of(resident.territory_id, resident.bin):
        if resident.registered_on < other.registered_on < effective_on:
            raise Conflict(_NEWER_HAD_BEGUN, "effective_on")
    acts.create(
        actor,
        STATUS_ACTIONS[change],
        item,
        rules.CHANGE_FIELDS,
        now=now,
        effective_on=effective_on,
        parent=resident,
        ground=ground,
        basis=Basis("decision", decision_no, decision_date),
    )
    return item


def _need_free_day(resident: Resident, day: date) -> None:
    """:raises Conflict: where any entry of the company has a change of status of that day; the day is its key."""
    for _entry, changes in queries.entries_of(resident.territory_id, resident.bin):
        if any(change.effective_on == day for change in changes):
            raise Conflict(lazy("a change of status of that day is already recorded"), "effective_on")


_CORRECTABLE = names(STATUS_CHANGE)
"""All fields of a change of status can be corrected."""

_NEWER_HAD_BEGUN = lazy("the company's newer entry had already begun on that day")


def correct_status_change(
    actor: Viewer, item: StatusChange, *, values: Mapping[str, Any], now: datetime, reason: str | None = None
) -> bool:
    """Correct the fields of a recorded change, from its (new) date on; False when nothing differs.

    Another day needs a reason. It must keep the order of the entry's changes, and an exclusion its place before the
    company's newer entry.

    :raises Invalid: as :func:`change_status`.
    :raises Conflict: for a change or an entry that has been annulled, and for a day that is taken or too late.
    """
    actor.require_in(item.resident.territory_id, Permission.KEEP_REGISTERS)
    resident = item.resident
    _live(resident)
    live(item, lazy("this change has already been annulled"))
    wanted = {name: values[name] for name in _CORRECTABLE if name in values}
    changes = differences({name: getattr(item, name) for name in wanted}, wanted)
    if not changes:
        return False
    if "effective_on" in changes:
        reason = need_reason(reason or "")
        _need_free_day(resident, changes["effective_on"][1])
    proposed = StatusChange(**{name: getattr(item, name) for name in _CORRECTABLE})
    for name, (_old, new) in changes.items():
        setattr(proposed, name, new)
    others = [other for other in queries.status_changes(resident) if other.id != item.id]
    problem = rules.timeline_problem(resident.registered_on, [*others, proposed])
    if problem and problem[0] == "change" and "change" not in changes:
        raise DomainError(
            lazy("the day must lie after the change of status before this one and before the one after it"),
            "effective_on",
        )
    _check_change(resident, proposed, [*others, proposed])
    if item.change == Change.EXCLUDED and proposed.change != Change.EXCLUDED:
        _need_no_newer(resident, others)
    elif "effective_on" in changes and _stands_beside_another(
        resident, resident.registered_on, rules.excluded_on([*others, proposed])
    ):
        raise Conflict(_NEWER_HAD_BEGUN, "effective_on")
    acts.correct(
        actor,
        Action.STATUS_CORRECTED,
        item,
        changes,
        now=now,
        effective_on=proposed.effective_on,
        parent=resident,
        ground=proposed.ground,
        basis=Basis("decision", proposed.decision_no, proposed.decision_date),
        reason=reason,
    )
    return True


def annul_status_change(actor: Viewer, item: StatusChange, *, reason: str, now: datetime) -> None:
    """Annul a change of status recorded in error; what remains must still be in order.

    :raises DomainError: for an empty reason or a remaining line out of order.
    """
    actor.require_in(item.resident.territory_id, Permission.KEEP_REGISTERS)
    _live(item.resident)
    need_reason(reason)
    live(item, lazy("this change has already been annulled"))
    resident = item.resident
    others = [other for other in queries.status_changes(resident) if other.id != item.id]
    problem = rules.timeline_problem(resident.registered_on, others)
    if problem:
        raise Conflict(
            lazy("Later changes of status rest on this one. Annul them first, the latest before the others."), "change"
        )
    _need_no_newer(resident, others)
    acts.annul(actor, Action.STATUS_ANNULLED, item, reason=reason, now=now, parent=resident)


def _need_no_newer(resident: Resident, line: list[StatusChange]) -> None:
    """:raises Conflict: where the entry, with these changes of status, would stand beside another of its company."""
    if _stands_beside_another(resident, resident.registered_on, rules.excluded_on(line)):
        raise Conflict(
            lazy(
                "The company has a newer entry. Where only the day is wrong, correct the day beside the change of"
                " status; else annul the newer entry first."
            ),
            "change",
        )


def annul_resident(actor: Viewer, resident: Resident, *, reason: str, now: datetime) -> None:
    """Annul an entry recorded in error. Its number is not given again.

    :raises DomainError: for an empty reason.
    :raises Conflict: while contracts, reports, papers or changes of status rest on the entry.
    """
    actor.require_in(resident.territory_id, Permission.KEEP_REGISTERS)
    _live(resident)
    acts.annul(actor, Action.RESIDENT_ANNULLED, resident, reason=reason, now=now)


def erase_contacts(actor: Viewer, resident: Resident, *, reason: str, now: datetime) -> int:
    """Erase the entry's personal contact values, past and present; the journal still verifies.

    Returns how many stored values were emptied (``architecture.md`` 4; law № 94-V, ``domain.md`` 6.5).
    """
    actor.require_in(resident.territory_id, Permission.ERASE_PERSONAL_DATA)
    need_reason(reason)
    told = [getattr(ResidentState, name) for name in sorted(rules.CONTACTS)]
    rows = db.session.execute(sa.select(*told).where(ResidentState.resident_id == resident.id)).all()
    values = sorted({value for row in rows for value in row if value})
    saved_views.forget(values)
    erased = erase_personal(actor, resident, sorted(rules.CONTACTS), reason=reason, now=now, on=local_date(now))
    acts.follow(
        actor,
        acts.Proposed(
            Action.PERSONAL_DATA_ERASED, resident, local_date(now), {"erased": (values, None)}, reason=reason
        ),
        now,
    )
    for name in rules.CONTACTS:
        setattr(resident, name, None)
    db.session.flush()
    return erased


def _check_change(resident: Resident, item: StatusChange, line: Sequence[rules.DatedChange]) -> None:
    day = item.effective_on
    found: list[rules.Problem] = []
    try:
        change = Change(item.change)
    except ValueError:
        raise DomainError(
            lazy("%(change)s is not one of suspended, resumed, excluded", change=item.change), "change"
        ) from None
    if change in rules.NEEDS_GROUND:
        if not item.ground:
            found.append(("ground", lazy("this field is required")))
        else:
            entry = reference.entry("status_grounds", item.ground, day, territory_id=resident.territory_id)
            valid = reference.valid_in(resident.territory_id)("status_grounds", item.ground, day)
            if not valid or entry is None:
                found.append(("ground", not_a_code(item.ground, "status_grounds")))
            elif str(change) not in entry.attributes.split(";"):
                found.append(("ground", lazy("%(code)s is not a ground for this change", code=item.ground)))
    elif item.ground:
        found.append(("ground", lazy("a resumption has no ground; leave the field empty")))
    if item.decision_date and item.effective_on < item.decision_date:
        found.append(("effective_on", lazy("the change cannot take effect before the decision about it")))
    problem = rules.timeline_problem(resident.registered_on, line)
    if problem:
        found.append(problem)
    if found:
        raise Invalid(found)


def _take_number(territory: Territory, year: int, wanted: str | None, *, own: Resident | None = None) -> str:
    """The number asked for, if it was never used here by another entry, else the next of the year's series."""
    if wanted:
        if queries.is_used(territory.id, wanted, own):
            raise Conflict(lazy("the register number %(number)s has already been used", number=wanted), "register_no")
        series = rules.number_series(territory.prefix, wanted)
        if series:
            reserve_number(f"register:{territory.prefix}:{series[0]}", series[1])
        return wanted
    while True:
        number = rules.register_number(territory.prefix, year, next_number(f"register:{territory.prefix}:{year}"))
        if not queries.is_used(territory.id, number):
            return number


def _live(resident: Resident) -> None:
    live(resident, lazy("This entry has been annulled and cannot be changed."))
