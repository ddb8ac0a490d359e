"""What is done to the patent register."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from registry.errors import Conflict, DomainError, Invalid, NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal import acts, keys
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.journal.services import NO_BASIS, Basis, differences
from registry.patents import queries, rules
from registry.patents.fields import Event
from registry.patents.models import Patent, PatentEvent, PatentHolder
from registry.patents.rules import Transfer
from registry.reference import queries as reference


def record_patent(actor: Viewer, *, values: Mapping[str, Any], now: datetime) -> Patent:
    """Record a patent from ``registered_on`` on, or an application (without that date) from ``filed_on`` on.

    ``values`` are the exchange columns, and the further INID fields of the form, as Python values.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a number already recorded for the office and kind.
    """
    actor.require(Permission.KEEP_REGISTERS)
    clean = rules.normalised(values)
    own_day = clean.get("registered_on") or clean.get("filed_on") or local_date(now)
    found = rules.problems(clean, own_day, reference.is_valid)
    if found:
        raise Invalid(found)
    _check_numbers(actor, clean)
    patent = Patent()
    for name in rules.FIELDS:
        setattr(patent, name, clean.get(name))
    _lay_holders(patent, patent.holders)
    acts.create(
        actor,
        Action.PATENT_RECORDED,
        patent,
        rules.FIELDS,
        now=now,
        effective_on=patent.registered_on or patent.filed_on,
        personal=rules.personal_fields(patent.holders),
    )
    _check_holders(actor, patent)
    return patent


def grant_patent(
    actor: Viewer, patent: Patent, *, values: Mapping[str, Any], now: datetime, basis: Basis = NO_BASIS
) -> None:
    """Turn an application into a patent from ``values["registered_on"]`` on, with all that ``values`` say of it.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a title number already recorded, or a patent that is registered already.
    """
    _keeper(actor, patent)
    _live(patent)
    if patent.registered_on is not None:
        raise Conflict(lazy("This patent is registered already. Amend it instead."), "registered_on")
    if not values.get("registered_on"):
        raise Invalid([("registered_on", lazy("this field is required"))])
    amend_patent(actor, patent, values=values, now=now, basis=basis)


def amend_patent(
    actor: Viewer,
    patent: Patent,
    *,
    values: Mapping[str, Any],
    now: datetime,
    effective_on: date | None = None,
    basis: Basis = NO_BASIS,
    mistake: str | None = None,
) -> bool:
    """Change fields of a patent from ``effective_on`` (today by default) on; False when nothing differs.

    A first ``registered_on`` is the grant, and what comes with it takes effect that day. Another ``registered_on``
    corrects the act that set it (of an application: ``filed_on``), from the new date on (``exchange.md`` 3). A patent
    keeps its title: values without ``title_no`` speak of its application and leave the grant as it is.

    ``holders`` that come with the grant are those of the day of registration, whoever the application was amended to
    since; without them they are those of the application on that day, and its later amendments become transfers. A
    corrected day takes the holders of the registration along.

    Other ``holders`` of a registered patent correct those of its registration where the change takes effect that day;
    later they are a transfer. The holders of today are no change, whatever the day.

    With ``mistake``, the reason, the values recorded were never right: the acts that set them are corrected, each from
    its own day on, and ``effective_on`` means nothing. Holders are then those of the last transfer, else of the record.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: for a number already recorded for the office and kind.
    :raises DomainError: for a date before the patent's own or after today.
    """
    _keeper(actor, patent)
    _live(patent)
    if values.get("holders"):
        values = {**values, "holders": queries.meant_holders(actor, patent, values["holders"])}
    wanted = {name: value for name, value in rules.normalised(values).items() if name in rules.AMENDABLE}
    if patent.title_no and "title_no" in wanted and not wanted["title_no"]:
        for name in rules.GRANT_FIELDS:
            if not wanted.get(name):
                wanted.pop(name, None)
    before: dict[str, Any] = {name: getattr(patent, name) for name in rules.FIELDS}
    before["holders"] = queries.holders_now(patent)
    after = {**before, **wanted}
    begun = after["registered_on"] or after["filed_on"] or local_date(now)
    over_time = queries.record_of(patent).over_time
    reason = None if mistake is None else acts.need_reason(mistake)
    if reason is not None:
        effective_on = None
    elif effective_on is not None:
        early = lazy("the change cannot take effect before the patent itself")
        effective_on = acts.day_of_change(begun, effective_on, now, early=early)
    # Holders of a registered patent are no field like the others: who held it on that day, and who came later.
    holders, from_day = before["holders"], effective_on or max(local_date(now), begun)
    if reason is not None:
        from_day = over_time.transfers[-1].event_on if over_time.transfers else begun
    if patent.registered_on and after["registered_on"]:
        holders = wanted.pop("holders", holders)
    holders_change = not rules.same_holders(holders, before["holders"]) and not rules.same_holders(
        holders, over_time.on(from_day)
    )
    on_the_day = acts.values_on(patent, effective_on) if effective_on else before
    if not holders_change and not differences(before, wanted) and not differences(on_the_day, wanted):
        return False
    found = rules.problems(after, local_date(now), reference.is_valid, check_kind=False)
    first_transfer = queries.first_transfer_on(patent)
    if first_transfer and (after["registered_on"] is None or after["registered_on"] >= first_transfer):
        found.append(
            (
                "registered_on",
                lazy("the patent was transferred on %(day)s; correct that first", day=first_transfer.isoformat()),
            )
        )
    if found:
        raise Invalid(found)
    _check_numbers(actor, after, patent)
    details: dict[str, Any] = {
        "now": now,
        "basis": basis,
        "reason": reason,
        "personal": rules.personal_fields(before["holders"], after["holders"], over_time.registered),
    }
    left = _record_own_date(actor, patent, wanted, after, **details)
    if after["registered_on"]:
        wanted.pop("holders", None)
    if reason is not None:
        mistaken = differences({name: getattr(patent, name) for name in wanted}, wanted)
        acts.correct_each(actor, Action.PATENT_AMENDED, patent, mistaken, **details)
    elif effective_on is None:
        settled = {name: value for name, value in after.items() if name != "holders" or after["registered_on"] is None}
        _settle(actor, patent, settled, **details)
    else:
        changes = differences(acts.values_on(patent, effective_on), wanted)
        if changes:
            acts.amend(actor, Action.PATENT_AMENDED, patent, changes, effective_on=effective_on, **details)
    if holders_change:
        _change_holders(actor, patent, holders, from_day, registered_on=begun, now=now, basis=basis, reason=reason)
    _record_amendments_as_transfers(actor, patent, left, told=over_time.transfers, now=now)
    _follow_holders(actor, patent)
    return True


def record_transfer(
    actor: Viewer,
    patent: Patent,
    *,
    event_on: date,
    holders: str,
    now: datetime,
    document_no: str | None = None,
    basis: Basis = NO_BASIS,
) -> PatentEvent:
    """Record that from ``event_on`` on the patent belongs to ``holders``, the complete list with shares.

    :raises Invalid: naming every field the rules refuse.
    :raises Conflict: where the holders change on that day already.
    """
    _keeper(actor, patent)
    _live(patent)
    holders = queries.meant_holders(actor, patent, holders)
    found = rules.transfer_problems(patent, event_on, holders)
    if found:
        raise Invalid(found)
    over_time = queries.record_of(patent).over_time
    if over_time.transfer_of(event_on):
        raise Conflict(lazy("the holders change on that day already; correct that transfer"), "event_on")
    event = PatentEvent(
        patent_id=patent.id,
        event=str(Event.TRANSFERRED),
        event_on=event_on,
        holders=rules.canonical_holders(holders),
        document_no=document_no or None,
    )
    acts.create(
        actor,
        Action.PATENT_EVENT_RECORDED,
        event,
        rules.EVENT_FIELDS,
        now=now,
        effective_on=event_on,
        parent=patent,
        basis=basis,
        personal=rules.personal_fields(over_time.latest, event.holders),
    )
    _follow_holders(actor, patent)
    return event


def correct_transfer(
    actor: Viewer,
    patent: Patent,
    event_on: date,
    *,
    values: Mapping[str, Any],
    now: datetime,
    reason: str | None = None,
    basis: Basis = NO_BASIS,
) -> bool:
    """Correct holders or document of the transfer of a day, from that day on; False when nothing differs.

    :raises Invalid: naming every field the rules refuse.
    :raises NotFound: where nothing changed the holders on that day.
    :raises Conflict: for a document of an amendment, which has none.
    """
    _keeper(actor, patent)
    _live(patent)
    transfer = queries.transfer_of(patent, event_on)
    wanted = {name: values[name] or None for name in ("holders", "document_no") if name in values}
    if "holders" in wanted:
        meant = queries.meant_holders(actor, patent, wanted["holders"] or "")
        found = rules.transfer_problems(patent, event_on, meant)
        if found:
            raise Invalid(found)
        wanted["holders"] = rules.canonical_holders(meant)
    changes = differences({"holders": transfer.holders, "document_no": transfer.document_no}, wanted)
    if not changes:
        return False
    details: dict[str, Any] = {
        "now": now,
        "effective_on": event_on,
        "reason": reason,
        "basis": basis,
        "personal": rules.personal_fields(transfer.holders, wanted.get("holders")),
    }
    if transfer.event_id is not None:
        event = db.session.get_one(PatentEvent, transfer.event_id)
        acts.correct(actor, Action.PATENT_EVENT_CORRECTED, event, changes, parent=patent, **details)
    elif "document_no" in changes:
        raise Conflict(
            lazy("this is an amendment of the record and has no document; annul it and record a transfer"),
            "document_no",
        )
    else:
        acts.amend(actor, Action.PATENT_EVENT_CORRECTED, patent, changes, corrects=transfer.sequence, **details)
    _follow_holders(actor, patent)
    return True


def annul_transfer(actor: Viewer, patent: Patent, event_on: date, *, reason: str, now: datetime) -> None:
    """Annul the transfer of a day that was recorded in error.

    :raises DomainError: for an empty reason.
    :raises NotFound: where nothing changed the holders on that day.
    :raises Conflict: for an amendment of the record that changed other fields too.
    """
    _keeper(actor, patent)
    _live(patent)
    acts.need_reason(reason)
    transfer = queries.transfer_of(patent, event_on)
    if transfer.event_id is not None:
        event = db.session.get_one(PatentEvent, transfer.event_id)
        acts.annul(actor, Action.PATENT_EVENT_ANNULLED, event, reason=reason, now=now, parent=patent)
    else:
        _annul_amendment(actor, patent, transfer, reason=reason.strip(), now=now)
    _follow_holders(actor, patent)


def _annul_amendment(actor: Viewer, patent: Patent, transfer: Transfer, *, reason: str, now: datetime) -> None:
    """Annul an amendment of the record that changed its holders and nothing else."""
    state = journal.state_of(patent)
    assert state is not None  # noqa: S101 - a live row has its creating act
    act = next(act for act in state.acts if act.sequence == transfer.sequence)
    if set(act.values) != {"holders"}:
        raise Conflict(lazy("This amendment changed other fields of the record too. Correct its holders instead."))
    acts.amend(
        actor,
        Action.PATENT_EVENT_ANNULLED,
        patent,
        {},
        now=now,
        effective_on=act.effective_on,
        reason=reason,
        annuls=act.sequence,
    )


def _change_holders(
    actor: Viewer,
    patent: Patent,
    holders: str,
    day: date,
    *,
    registered_on: date,
    now: datetime,
    basis: Basis,
    reason: str | None,
) -> None:
    """Let a registered patent belong to ``holders`` from ``day`` on: correct its registration, or record a transfer."""
    over_time = queries.record_of(patent).over_time
    if day > registered_on:
        if over_time.transfer_of(day):
            correct_transfer(actor, patent, day, values={"holders": holders}, now=now, basis=basis, reason=reason)
        else:
            record_transfer(actor, patent, event_on=day, holders=holders, now=now, basis=basis)
        return
    acts.correct(
        actor,
        Action.PATENT_AMENDED,
        patent,
        {"holders": (over_time.registered, holders)},
        now=now,
        effective_on=registered_on,
        of="registered_on",
        basis=basis,
        reason=reason,
        personal=rules.personal_fields(over_time.registered, holders),
    )


def annul_patent(actor: Viewer, patent: Patent, *, reason: str, now: datetime) -> None:
    """Annul a patent recorded in error; its numbers may be recorded anew.

    :raises DomainError: for an empty reason.
    """
    _keeper(actor, patent)
    _live(patent)
    acts.annul(actor, Action.PATENT_ANNULLED, patent, reason=reason, now=now)


def join_patent(actor: Viewer, patent: Patent, kept: Patent, *, reason: str, now: datetime) -> None:
    """Say that ``patent`` is ``kept`` recorded a second time: it is annulled, its transfers pass to ``kept``.

    A transfer stays behind where the holders of ``kept`` change on its day already.

    :raises DomainError: for an empty reason, records that share no number, or a title joined to its application.
    :raises Invalid: for a transfer that cannot stand with ``kept``.
    """
    for record in (patent, kept):
        _keeper(actor, record)
        _live(record)
    reason = acts.need_reason(reason)
    keys.need_same(patent, kept)
    if patent.registered_on and not kept.registered_on:
        raise DomainError(lazy("the other one is only the application; keep the title of protection"), "same_as")
    passing, there = (queries.record_of(record).over_time for record in (patent, kept))
    number = kept.title_no or kept.application_no
    acts.annul(actor, Action.PATENT_ANNULLED, patent, reason=reason, now=now, same_as=(kept.id, number))
    for transfer in passing.transfers:
        if not there.transfer_of(transfer.event_on):
            record_transfer(
                actor,
                kept,
                event_on=transfer.event_on,
                holders=transfer.holders,
                document_no=transfer.document_no,
                now=now,
            )
    keys.release(kept)


def _record_own_date(
    actor: Viewer, patent: Patent, wanted: Mapping[str, Any], after: Mapping[str, Any], **details: Any
) -> list[Transfer]:
    """Record the grant, or corrections of the dates of the acts that brought the application or the patent about.

    A day of registration is always told with the holders of it, even where they are those on record: acts of other
    days cannot come between them then, whatever day the registration is moved to. What that leaves of the amendments
    of the application is to be recorded as transfers, and returned.
    """
    state = journal.state_of(patent)
    assert state is not None  # noqa: S101 - a live row has its creating act
    creator = state.acts[0]
    grant = next((act for act in state.acts if "registered_on" in act.values), None)
    old, new = patent.registered_on, after["registered_on"]
    if grant is not creator and patent.filed_on != after["filed_on"]:
        acts.correct(
            actor,
            Action.PATENT_AMENDED,
            patent,
            {"filed_on": (patent.filed_on, after["filed_on"])},
            effective_on=after["filed_on"],
            **details,
        )
    if old == new:
        return []
    known = rules.registered_anew(new, state.acts) if new and not old else queries.record_of(patent).over_time
    given = wanted.get("holders") if old is None else None
    on_the_day = known.on(new) if new else ""
    own = {"holders": (on_the_day, given or on_the_day)} if new else {}
    details["personal"] = details["personal"] | rules.personal_fields(on_the_day, given)
    if grant is None:
        changes = {name: change for name, change in differences(state.values, wanted).items() if name != "filed_on"}
        acts.amend(actor, Action.PATENT_GRANTED, patent, changes | own, effective_on=new, **details)
    else:
        since = new or (after["filed_on"] if grant is creator else grant.effective_on)
        changes = {"registered_on": (old, new), **own}
        acts.correct(actor, Action.PATENT_AMENDED, patent, changes, effective_on=since, of="registered_on", **details)
    if given or new is None:
        return []
    kept = queries.record_of(patent).over_time
    return [
        transfer
        for transfer in known.transfers
        if transfer.event_id is None and transfer.event_on > new and not kept.transfer_of(transfer.event_on)
    ]


def _record_amendments_as_transfers(
    actor: Viewer, patent: Patent, found: Collection[Transfer], *, told: Collection[Transfer], now: datetime
) -> None:
    """Record changes of an application's holders as the transfers they are, the patent being registered before them.

    Warns of each but those in ``told``, which were transfers already.

    :raises Invalid: where there are such, and no number of the title by which to name them.
    """
    for transfer in found:
        record_transfer(actor, patent, event_on=transfer.event_on, holders=transfer.holders, now=now)
    acts.tell(
        (
            "holders",
            lazy(
                "the holders were changed on %(day)s, after the registration: that is kept as a transfer of this day; a"
                " mistake is annulled on the patent's page",
                day=transfer.event_on.isoformat(),
            ),
        )
        for transfer in found
        if transfer not in told
    )


def _settle(actor: Viewer, patent: Patent, after: Mapping[str, Any], *, now: datetime, **details: Any) -> None:
    """Amend whatever the acts so far do not bring to ``after``: from today on, or from the last act on the fields."""
    state = journal.state_of(patent)
    assert state is not None  # noqa: S101 - a live row has its creating act
    changes = differences(state.values, after)
    if changes:
        # An act dated ahead would override an amendment of today, so the amendment waits for it.
        dates = [act.effective_on for act in state.acts[1:] if act.values.keys() & changes.keys()]
        effective = max([local_date(now), state.acts[0].effective_on, *dates])
        acts.amend(actor, Action.PATENT_AMENDED, patent, changes, now=now, effective_on=effective, **details)


def _keeper(actor: Viewer, patent: Patent) -> None:
    """Refuse whoever may not keep the register, or for whom the patent does not exist."""
    actor.require(Permission.KEEP_REGISTERS)
    if not queries.exists_for(actor, patent):
        raise NotFound(lazy("There is no such patent."))


def _check_holders(actor: Viewer, patent: Patent) -> None:
    """Nobody records what is of other territories only."""
    if not queries.exists_for(actor, patent):
        raise DomainError(lazy("none of the holders is a participant of your territories"), "holders")


def _check_numbers(actor: Viewer, values: Mapping[str, Any], patent: Patent | None = None) -> None:
    """A title stands once for an office and kind, an application too, however their numbers are spelled.

    Of a patent that does not exist for the actor nothing is said but that the number is taken.
    """
    for name in ("title_no", "application_no"):
        number = values.get(name)
        if not number:
            continue
        same = queries.of_number(name, values["office"], values["kind"], number)
        taken = next((other for other in same if other is not patent), None)
        if taken is None or (patent is not None and patent in same and getattr(patent, name) == number):
            # A record that came to share a number before numbers were compared keeps it.
            continue
        if not queries.exists_for(actor, taken):
            raise already_registered("title_no" if values.get("title_no") else "application_no")
        recorded = getattr(taken, name)
        if name == "application_no" and values.get("title_no"):
            message = (
                lazy("the application %(number)s is already recorded; grant it instead", number=recorded)
                if taken.title_no is None
                else lazy(
                    "upon the application %(number)s the title %(title)s is already recorded",
                    number=recorded,
                    title=taken.title_no,
                )
            )
        else:
            message = lazy("%(number)s of this office and kind is already recorded", number=recorded)
        raise Conflict(message, name)


def already_registered(field: str) -> Conflict:
    """The refusal of a key that something invisible to the actor has."""
    return Conflict(lazy("already registered"), field)


def _follow_holders(actor: Viewer, patent: Patent) -> None:
    """Lay the holders of today anew after an act, and refuse what leaves the actor's territories."""
    _lay_holders(patent, queries.record_of(patent).holders)
    db.session.flush()
    _check_holders(actor, patent)


def _lay_holders(patent: Patent, text: str) -> None:
    """Make the holder rows these: the holders of today."""
    wanted = rules.parse_holders(text)
    if [(row.bin, row.name, row.share) for row in patent.holder_rows] == [
        (holder.bin, holder.name, holder.share) for holder in wanted
    ]:
        return
    patent.holder_rows = [
        PatentHolder(position=position, bin=holder.bin, name=holder.name, share=holder.share)
        for position, holder in enumerate(wanted, start=1)
    ]


def _live(patent: Patent) -> None:
    acts.live(patent, lazy("This patent has been annulled and cannot be changed."))
