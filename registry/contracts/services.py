"""What is done to contracts and their addenda."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from registry.contracts import queries, rules
from registry.contracts.models import Addendum, Contract
from registry.errors import Conflict, DomainError, Invalid
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import acts, keys
from registry.journal.acts import live
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis, differences
from registry.reference import queries as reference
from registry.residents.models import Resident
from registry.territories.models import Territory

_CONCLUDED = tuple(name for name in rules.FIELDS if name not in rules.TERMINATION_FIELDS)


def conclude_contract(
    actor: Viewer,
    *,
    resident: Resident,
    territory: Territory,
    values: Mapping[str, Any],
    now: datetime,
) -> Contract:
    """Enter a contract with a resident of the territory, suspended and excluded residents included.

    ``values`` are the exchange columns as Python values; with ``terminated_on`` the termination is recorded too.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a number the territory already has, or an annulled entry of the resident.
    """
    actor.require_in(territory.id, Permission.KEEP_REGISTERS)
    live(resident, lazy("This entry has been annulled and cannot be changed."), "bin")
    if resident.territory_id != territory.id:
        raise DomainError(lazy("the participant belongs to another territory"), "bin")
    found = rules.problems(values, values.get("signed_on") or local_date(now), reference.valid_in(territory.id))
    if found:
        raise Invalid(found)
    _need_free_number(territory.id, values["number"])
    acts.tell(rules.warnings(values["signed_on"], values["starts_on"], "starts_on"))
    contract = Contract(territory_id=territory.id, resident_id=resident.id)
    for name in _CONCLUDED:
        if name in values:
            setattr(contract, name, values[name])
    acts.create(
        actor,
        Action.CONTRACT_CONCLUDED,
        contract,
        _CONCLUDED,
        now=now,
        effective_on=rules.begun_on(contract.signed_on, contract.starts_on),
        parent=resident,
        basis=Basis("contract", contract.number, contract.signed_on),
    )
    db.session.refresh(contract)
    if values.get("terminated_on"):
        _terminate(actor, contract, values["terminated_on"], values.get("termination_ground"), now, NO_BASIS)
    return contract


def amend_contract(
    actor: Viewer,
    contract: Contract,
    *,
    values: Mapping[str, Any],
    now: datetime,
    effective_on: date | None = None,
    basis: Basis = NO_BASIS,
    resident: Resident | None = None,
    mistake: str | None = None,
) -> bool:
    """Change fields of a contract from ``effective_on`` (today by default) on; False when nothing differs.

    With ``mistake``, the reason, the values recorded were never right: the acts that set them are corrected, each from
    its own day on, and ``effective_on`` means nothing.

    Number and signing date are corrected instead, from the day of signing on; a date or ground of termination that is
    new, other or cleared records, corrects or annuls the termination (``exchange.md`` 3). ``resident`` names another
    party. What the parties agreed anew is an addendum, not an amendment.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a number the territory already has.
    :raises DomainError: for a date before the signing or after today.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    values = dict(values)
    if resident is not None:
        if resident.territory_id != contract.territory_id:
            raise DomainError(lazy("the participant belongs to another territory"), "bin")
        values["resident_id"] = resident.id
    if "terminated_on" in values and values["terminated_on"] is None:
        values.setdefault("termination_ground", None)
    current = {name: getattr(contract, name) for name in rules.FIELDS}
    reason = None if mistake is None else acts.need_reason(mistake)
    if reason is None:
        early = lazy("the change cannot take effect before the contract is signed or starts")
        begun = rules.begun_on(contract.signed_on, contract.starts_on)
        day = acts.day_of_change(begun, effective_on, now, early=early)
        before = acts.values_on(contract, day)
    else:
        day, before = contract.signed_on, current
    changes = differences(before, {name: values[name] for name in rules.AMENDABLE if name in values})
    corrections = differences(current, {name: values[name] for name in rules.OWN_FIELDS if name in values})
    terminating = differences(current, {name: values[name] for name in rules.TERMINATION_FIELDS if name in values})
    if not changes and not corrections and not terminating:
        return False
    after = current | values
    is_valid = reference.valid_in(contract.territory_id)
    found = rules.problems(
        after,
        after["signed_on"],
        lambda dictionary, code, on: is_valid(dictionary, code, on) or is_valid(dictionary, code, day),
        check_kind="kind" in changes,
    )
    if not found:
        found = rules.addenda_conflicts(after["signed_on"], after["starts_on"], queries.addenda_of(contract))
    if found:
        raise Invalid(found)
    if "number" in corrections:
        _need_free_number(contract.territory_id, after["number"], contract)
    details: dict[str, Any] = {
        "now": now,
        "parent": resident or contract.resident,
        "basis": basis,
        "reason": reason,
    }
    begun = rules.begun_on(after["signed_on"], after["starts_on"])
    if "starts_on" in changes and begun != rules.begun_on(contract.signed_on, contract.starts_on):
        # Another start moves the day of the concluding act itself.
        corrections["starts_on"] = (contract.starts_on, changes.pop("starts_on")[1])
    if {"signed_on", "starts_on"} & {*corrections, *changes}:
        acts.tell(rules.warnings(after["signed_on"], after["starts_on"], "starts_on"))
    if corrections:
        acts.correct(actor, Action.CONTRACT_AMENDED, contract, corrections, effective_on=begun, **details)
    if changes and reason is not None:
        acts.correct_each(actor, Action.CONTRACT_AMENDED, contract, changes, **details)
    elif changes:
        acts.amend(actor, Action.CONTRACT_AMENDED, contract, changes, effective_on=max(day, begun), **details)
    if "resident_id" in changes:
        db.session.refresh(contract)
    if terminating:
        terminated_on, ground = after["terminated_on"], after["termination_ground"]
        if current["terminated_on"] is None:
            _terminate(actor, contract, terminated_on, ground, now, basis)
        elif terminated_on is None:
            _annul_termination(actor, contract, None, now, basis)
        else:
            _correct_termination(actor, contract, terminating, now, None, basis)
    return True


def terminate_contract(
    actor: Viewer,
    contract: Contract,
    *,
    terminated_on: date,
    ground: str,
    now: datetime,
    basis: Basis = NO_BASIS,
) -> None:
    """Terminate a contract: from ``terminated_on`` on it is no longer in force.

    :raises Invalid: for a missing ground or a date before the signing.
    :raises Conflict: for a contract already terminated.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    if contract.terminated_on is not None:
        raise Conflict(lazy("this contract is already terminated; correct its termination instead"), "terminated_on")
    _check_termination(contract, terminated_on, ground)
    _terminate(actor, contract, terminated_on, ground.strip(), now, basis)


def correct_termination(
    actor: Viewer,
    contract: Contract,
    *,
    terminated_on: date,
    ground: str,
    now: datetime,
    reason: str | None = None,
) -> bool:
    """Correct date and ground of a recorded termination, from its (new) date on; False when nothing differs.

    :raises Invalid: as :func:`terminate_contract`.
    :raises Conflict: for a contract that is not terminated.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    _need_termination(contract)
    _check_termination(contract, terminated_on, ground)
    wanted = {"terminated_on": terminated_on, "termination_ground": ground.strip()}
    changes = differences({name: getattr(contract, name) for name in wanted}, wanted)
    if not changes:
        return False
    _correct_termination(actor, contract, changes, now, reason, NO_BASIS)
    return True


def annul_termination(actor: Viewer, contract: Contract, *, reason: str, now: datetime) -> None:
    """Annul a termination recorded in error: the contract is as if never terminated.

    :raises DomainError: for an empty reason.
    :raises Conflict: for a contract that is not terminated.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    acts.need_reason(reason)
    _need_termination(contract)
    _annul_termination(actor, contract, reason, now, NO_BASIS)


def annul_contract(actor: Viewer, contract: Contract, *, reason: str, now: datetime) -> None:
    """Annul a contract recorded in error.

    :raises DomainError: for an empty reason.
    :raises Conflict: while addenda rest on the contract.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    acts.annul(actor, Action.CONTRACT_ANNULLED, contract, reason=reason, now=now, parent=contract.resident)


def join_contract(actor: Viewer, contract: Contract, kept: Contract, *, reason: str, now: datetime) -> None:
    """Say that ``contract`` is ``kept`` recorded a second time: it is annulled, what belongs to it passes to ``kept``.

    Supplementary agreements pass whose number ``kept`` has not, and a termination where ``kept`` has none.

    :raises DomainError: for an empty reason, contracts that share no number, or those of two participants.
    :raises Invalid: for what cannot stand with ``kept``, as :func:`add_addendum`.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    _live(kept)
    reason = acts.need_reason(reason)
    keys.need_same(contract, kept)
    if contract.resident.bin != kept.resident.bin:
        raise DomainError(
            lazy("the two contracts are with different participants; correct the number of one"), "same_as"
        )
    for addendum in queries.addenda_of(contract):
        values = {name: getattr(addendum, name) for name in rules.ADDENDUM_VALUES}
        annul_addendum(actor, addendum, reason=reason, now=now)
        if queries.find_addendum(kept.id, addendum.number) is None:
            add_addendum(actor, kept, values=values, now=now)
    ended_on, ground = contract.terminated_on, contract.termination_ground
    acts.annul(
        actor,
        Action.CONTRACT_ANNULLED,
        contract,
        reason=reason,
        now=now,
        parent=contract.resident,
        same_as=(kept.id, kept.number),
    )
    if ended_on is not None and kept.terminated_on is None:
        if ended_on < kept.signed_on:
            raise Invalid([_terminated_too_early()])
        # A file may have terminated it without a ground.
        _terminate(actor, kept, ended_on, ground, now, NO_BASIS)
    keys.release(kept)


def add_addendum(actor: Viewer, contract: Contract, *, values: Mapping[str, Any], now: datetime) -> Addendum:
    """Add an addendum: the terms it states hold from its effective date on, the others stay.

    ``values`` are the exchange columns as Python values.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a number the contract already has, or an annulled contract.
    """
    actor.require_in(contract.territory_id, Permission.KEEP_REGISTERS)
    _live(contract)
    found = rules.addendum_problems(values, contract.signed_on, contract.starts_on)
    if found:
        raise Invalid(found)
    _need_free_addendum_number(contract.id, values["number"])
    acts.tell(rules.warnings(values["signed_on"], values["effective_on"], "effective_on"))
    addendum = Addendum(contract_id=contract.id)
    for name in rules.ADDENDUM_VALUES:
        if name in values:
            setattr(addendum, name, values[name])
    acts.create(
        actor,
        Action.ADDENDUM_CONCLUDED,
        addendum,
        rules.ADDENDUM_FIELDS,
        now=now,
        effective_on=addendum.effective_on,
        parent=contract,
        basis=Basis("addendum", addendum.number, addendum.signed_on),
    )
    return addendum


def correct_addendum(
    actor: Viewer, addendum: Addendum, *, values: Mapping[str, Any], now: datetime, reason: str | None = None
) -> bool:
    """Correct the fields of a recorded addendum, from its (new) effective date on; False when nothing differs.

    :raises Invalid: as :func:`add_addendum`.
    :raises Conflict: for a number another addendum has, or an annulled addendum or contract.
    """
    actor.require_in(addendum.contract.territory_id, Permission.KEEP_REGISTERS)
    contract = addendum.contract
    _live(contract)
    _live_addendum(addendum)
    current = {name: getattr(addendum, name) for name in rules.ADDENDUM_VALUES}
    changes = differences(current, {name: values[name] for name in rules.ADDENDUM_VALUES if name in values})
    if not changes:
        return False
    after = current | dict(values)
    found = rules.addendum_problems(after, contract.signed_on, contract.starts_on)
    if found:
        raise Invalid(found)
    if "number" in changes:
        _need_free_addendum_number(contract.id, after["number"], addendum)
    if {"signed_on", "effective_on"} & changes.keys():
        acts.tell(rules.warnings(after["signed_on"], after["effective_on"], "effective_on"))
    acts.correct(
        actor,
        Action.ADDENDUM_CORRECTED,
        addendum,
        changes,
        now=now,
        effective_on=after["effective_on"],
        parent=contract,
        basis=Basis("addendum", after["number"], after["signed_on"]),
        reason=reason,
    )
    return True


def annul_addendum(actor: Viewer, addendum: Addendum, *, reason: str, now: datetime) -> None:
    """Annul an addendum recorded in error: the terms are as if it had never been.

    :raises DomainError: for an empty reason.
    :raises Conflict: for an addendum already annulled.
    """
    actor.require_in(addendum.contract.territory_id, Permission.KEEP_REGISTERS)
    _live(addendum.contract)
    _live_addendum(addendum)
    acts.annul(actor, Action.ADDENDUM_ANNULLED, addendum, reason=reason, now=now, parent=addendum.contract)


def _terminate(
    actor: Viewer, contract: Contract, terminated_on: date, ground: str | None, now: datetime, basis: Basis
) -> None:
    changes = differences(
        {name: getattr(contract, name) for name in rules.TERMINATION_FIELDS},
        {"terminated_on": terminated_on, "termination_ground": ground},
    )
    acts.amend(
        actor,
        Action.CONTRACT_TERMINATED,
        contract,
        changes,
        now=now,
        effective_on=terminated_on,
        parent=contract.resident,
        ground=ground,
        basis=basis,
    )


def _correct_termination(
    actor: Viewer,
    contract: Contract,
    changes: Mapping[str, tuple[Any, Any]],
    now: datetime,
    reason: str | None,
    basis: Basis,
) -> None:
    after = {name: getattr(contract, name) for name in rules.TERMINATION_FIELDS}
    after |= {name: new for name, (_old, new) in changes.items()}
    acts.correct(
        actor,
        Action.CONTRACT_AMENDED,
        contract,
        changes,
        now=now,
        effective_on=after["terminated_on"],
        of="terminated_on",
        parent=contract.resident,
        ground=after["termination_ground"],
        basis=basis,
        reason=reason,
    )


def _annul_termination(actor: Viewer, contract: Contract, reason: str | None, now: datetime, basis: Basis) -> None:
    assert contract.terminated_on is not None  # noqa: S101 - both callers have looked
    acts.annul_act(
        actor,
        Action.CONTRACT_TERMINATION_ANNULLED,
        contract,
        rules.TERMINATION_FIELDS,
        now=now,
        effective_on=contract.terminated_on,
        parent=contract.resident,
        basis=basis,
        reason=reason,
    )


def _check_termination(contract: Contract, terminated_on: date, ground: str) -> None:
    found: list[rules.Problem] = []
    if terminated_on < contract.signed_on:
        found.append(_terminated_too_early())
    if not ground or not ground.strip():
        found.append(("termination_ground", lazy("this field is required")))
    if found:
        raise Invalid(found)


def _terminated_too_early() -> rules.Problem:
    return "terminated_on", lazy("the contract cannot be terminated before it is signed")


def _need_termination(contract: Contract) -> None:
    if contract.terminated_on is None:
        raise Conflict(lazy("This contract is not terminated."))


def _need_free_number(territory_id: int, number: str, own: Contract | None = None) -> None:
    """A number stands once, however it is spelled; a contract may spell its ``own`` another way."""
    taken = queries.find_contract(territory_id, number)
    if taken is not None and taken is not own:
        raise Conflict(lazy("the territory already has a contract %(number)s", number=taken.number), "number")


def _need_free_addendum_number(contract_id: int, number: str, own: Addendum | None = None) -> None:
    taken = queries.find_addendum(contract_id, number)
    if taken is not None and taken is not own:
        raise Conflict(
            lazy("the contract already has a supplementary agreement %(number)s", number=taken.number), "number"
        )


def _live(contract: Contract) -> None:
    live(contract, lazy("This contract has been annulled and cannot be changed."))


def _live_addendum(addendum: Addendum) -> None:
    live(addendum, lazy("This supplementary agreement has been annulled and cannot be changed."))
