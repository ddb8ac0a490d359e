"""Keeping targets and hand-entered values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from registry.accounts import two_people
from registry.accounts.models import Proposal
from registry.errors import Conflict, Invalid, NotAllowed
from registry.indicators import queries, rules
from registry.indicators.models import ExternalValue, IndicatorTarget
from registry.infra.access import Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import format_date, gettext, lazy
from registry.infra.numbers import parse_hundredths
from registry.journal import acts
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import Basis
from registry.reference.services import ALWAYS, read_rows
from registry.territories.models import Territory

_BILLION = 1_000_000_000
CONCEPT_ACT_DATE = date(2025, 12, 24)
"""The Government decree that approved the Concept (``domain.md`` 0.1, 1); its number is not known."""


def shipped_targets() -> Iterator[dict[str, Any]]:
    """The columns of the Concept's targets as they are added."""
    for row in read_rows("indicator_targets"):
        factor = _BILLION if row["unit"] == "bn KZT" else 1
        yield {
            "territory_id": None,
            "indicator": int(row["indicator"]),
            "year": int(row["year"]),
            "value": parse_hundredths(row["target"]) * factor,
            "act_no": None,
            "act_date": CONCEPT_ACT_DATE,
            "effective_on": ALWAYS,
            "recorded_at": datetime(1970, 1, 1, tzinfo=UTC),
        }


def load_national_targets() -> int:
    """Add the Concept's targets 2025-2035 (section 6) where they are missing. Returns how many were added.

    They are reference data and no act of this registry: they stand beside the actuals whatever the two dates asked for.
    """
    known = set(
        db.session.execute(
            sa.select(IndicatorTarget.indicator, IndicatorTarget.year).where(IndicatorTarget.territory_id.is_(None))
        )
    )
    wanted = [columns for columns in shipped_targets() if (columns["indicator"], columns["year"]) not in known]
    db.session.add_all(IndicatorTarget(**columns) for columns in wanted)
    db.session.flush()
    return len(wanted)


def set_target(
    actor: Viewer,
    *,
    territory: Territory | None,
    indicator: int,
    year: int,
    value: int | None,
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> IndicatorTarget | None:
    """Set the target of an indicator for a year: a territory's own plan, or (``territory`` None) a national revision.

    ``value`` is in hundredths of the unit; None withdraws a plan. The target holds from the date of the approving
    act on. Rows are only added. Returns None when this target already stands, by the same act.

    :raises Invalid: naming ``year``, ``value``, ``act_no`` or ``act_date``.
    :raises NotAllowed: for a national target, which nobody sets alone (:func:`propose_targets`).
    """
    actor.require_in(territory.id if territory else None, Permission.KEEP_TARGETS)
    _need_two_people(actor, territory)
    return _set_target(actor, territory, indicator, year, value, act_no, act_date, now)


def _need_two_people(actor: Viewer, territory: Territory | None) -> None:
    if territory is None and actor.user_id is not None:
        raise NotAllowed(lazy("Nobody sets national targets alone: propose the change, another person confirms it."))


def _target_problems(
    indicator: int, year: int, value: int | None, act_no: str | None, act_date: date | None, now: datetime
) -> list[tuple[str | None, object]]:
    found: list[tuple[str | None, object]] = [
        ("year", rules.year_problem(year)),
        ("value", rules.target_problem(indicator, value)),
        ("act_no", None if act_no else lazy("this field is required")),
        ("act_date", _day_problem(act_date, now)),
    ]
    return [(name, problem) for name, problem in found if problem]


def _set_target(
    actor: Viewer,
    territory: Territory | None,
    indicator: int,
    year: int,
    value: int | None,
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> IndicatorTarget | None:
    problems = _target_problems(indicator, year, value, act_no, act_date, now)
    if problems or act_date is None:
        raise Invalid(problems)
    territory_id = territory.id if territory else None
    key = (indicator, year, territory_id)
    standing = queries.targets(as_of=act_date).get(key)
    if standing == queries.Target(value, act_no, act_date) or (standing is None and value is None):
        return None
    row = IndicatorTarget(
        territory_id=territory_id,
        indicator=indicator,
        year=year,
        value=value,
        act_no=act_no,
        act_date=act_date,
        effective_on=act_date,
        recorded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    changes = {name: (None, getattr(row, name)) for name in ("indicator", "year", "territory_id", "act_no", "act_date")}
    changes["value"] = (standing.value if standing else None, value)
    acts.act(
        actor,
        Action.TARGET_SET,
        row,
        changes,
        now=now,
        effective_on=act_date,
        then=lambda entry: _recorded(row, entry),
        parent=territory,
        basis=Basis("decision", act_no, act_date),
    )
    return row


def _recorded(row: IndicatorTarget | ExternalValue, entry: JournalEntry) -> None:
    row.recorded_at = entry.recorded_at


def set_plan(
    actor: Viewer,
    *,
    territory: Territory | None,
    values: Mapping[tuple[int, int], int | None],
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> int:
    """Set several targets, given by (indicator, year), by one act; returns how many were set.

    :raises Invalid: as :func:`set_target`, with ``target_<indicator>_<year>`` for a value that is refused.
    """
    actor.require_in(territory.id if territory else None, Permission.KEEP_TARGETS)
    _need_two_people(actor, territory)
    return _set_all(actor, territory, values, act_no, act_date, now)


def _set_all(
    actor: Viewer,
    territory: Territory | None,
    values: Mapping[tuple[int, int], int | None],
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> int:
    _need_all_sound(values, act_no, act_date, now)
    rows = [
        _set_target(actor, territory, indicator, year, value, act_no, act_date, now)
        for (indicator, year), value in values.items()
    ]
    made = [row for row in rows if row is not None]
    _tell_of_later_acts(territory.id if territory else None, [(row.indicator, row.year) for row in made], act_date)
    return len(made)


def _tell_of_later_acts(territory_id: int | None, cells: Iterable[tuple[int, int]], act_date: date | None) -> None:
    """Warn where an act of a later date sets these targets too: the earlier one is in force only until then."""
    standing = queries.targets()
    later: dict[date, list[str]] = {}
    for indicator, year in cells:
        found = standing.get((indicator, year, territory_id))
        if found and found.act_date and act_date and found.act_date > act_date:
            later.setdefault(found.act_date, []).append(_cell(indicator, year))
    acts.tell(
        (
            "act_date",
            lazy(
                "An act of %(day)s, which is later, sets these too, so that what is set here holds only until that "
                "day: %(cells)s.",
                day=format_date(day),
                cells="; ".join(names),
            ),
        )
        for day, names in sorted(later.items())
    )


def _cell(indicator: int, year: int) -> str:
    return gettext("Indicator %(number)s, %(year)s", number=indicator, year=year)


def _need_all_sound(
    values: Mapping[tuple[int, int], int | None], act_no: str | None, act_date: date | None, now: datetime
) -> None:
    found: dict[tuple[str | None, str], object] = {}
    for (indicator, year), value in values.items():
        for field, message in _target_problems(indicator, year, value, act_no, act_date, now):
            name = field if field in {"act_no", "act_date"} else target_field(indicator, year)
            found.setdefault((name, str(message)), message)
    if found:
        raise Invalid([(name, message) for (name, _text), message in found.items()])


NATIONAL_TARGETS = "national_targets"
"""The proposal to change targets of all territories together."""


def propose_targets(
    actor: Viewer,
    *,
    values: Mapping[tuple[int, int], int | None],
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> Proposal | None:
    """Propose other national targets, given by (indicator, year); until another person confirms them the old ones hold.

    Returns None where nothing would change.

    :raises Invalid: as :func:`set_plan`.
    """
    actor.require_in(None, Permission.KEEP_TARGETS)
    _need_all_sound(values, act_no, act_date, now)
    standing = _standing()
    cells = [cell for cell, value in values.items() if standing.get(cell) != value]
    changed = [[*cell, standing.get(cell), values[cell]] for cell in cells]
    if not changed or act_date is None:
        return None
    _tell_of_later_acts(None, cells, act_date)
    content = {"values": changed, "act_no": act_no, "act_date": act_date.isoformat()}
    return two_people.propose(actor, NATIONAL_TARGETS, content, now=now)


def set_proposed_targets(actor: Viewer, proposal: Proposal, now: datetime) -> None:
    """What is done when another person confirms the proposal.

    :raises Conflict: where a target was set since, so that the proposal no longer says what it changes.
    """
    content, standing = proposal.values, _standing()
    if any(standing.get((indicator, year)) != old for indicator, year, old, _new in content["values"]):
        raise Conflict(lazy("These targets were set anew since this was proposed. Refuse it and propose it anew."))
    values = {(indicator, year): new for indicator, year, _old, new in content["values"]}
    _set_all(actor, None, values, content["act_no"], date.fromisoformat(content["act_date"]), now)


def _standing() -> dict[tuple[int, int], int | None]:
    """The national targets that hold today, by (indicator, year)."""
    return {
        (indicator, year): target.value
        for (indicator, year, territory_id), target in queries.targets().items()
        if territory_id is None
    }


def target_field(indicator: int, year: int) -> str:
    """What a form calls the target of one indicator and year."""
    return f"target_{indicator}_{year}"


def set_external_value(
    actor: Viewer,
    *,
    year: int,
    value: int,
    source: str | None,
    edition: str | None,
    now: datetime,
    effective_on: date | None = None,
) -> ExternalValue | None:
    """Enter the rank of indicator 2 for a year, with its source and the edition it was taken from.

    ``value`` is in hundredths, as everywhere. ``effective_on`` is the day the edition came out, today by default. Rows
    are only added. Returns None when this value already stands.

    :raises Invalid: naming ``year``, ``value``, ``source``, ``edition`` or ``effective_on``.
    """
    actor.require_in(None, Permission.KEEP_TARGETS)
    day = effective_on or local_date(now)
    found: list[tuple[str | None, object]] = [
        ("year", rules.year_problem(year)),
        ("value", rules.target_problem(queries.EXTERNAL, value)),
        ("source", None if source and source.strip() else lazy("this field is required")),
        ("edition", None if edition and edition.strip() else lazy("this field is required")),
        ("effective_on", _day_problem(day, now)),
    ]
    problems = [(name, problem) for name, problem in found if problem]
    if problems or not source or not edition:
        raise Invalid(problems)
    standing = queries.external_values(as_of=day).get(year)
    if standing and (standing.value, standing.source, standing.edition) == (value, source, edition):
        return None
    row = ExternalValue(
        indicator=queries.EXTERNAL,
        year=year,
        value=value,
        source=source,
        edition=edition,
        effective_on=day,
        recorded_at=now,
    )
    db.session.add(row)
    db.session.flush()
    changes = {name: (None, getattr(row, name)) for name in ("indicator", "year", "source", "edition")}
    changes["value"] = (standing.value if standing else None, value)
    acts.act(
        actor,
        Action.EXTERNAL_VALUE_SET,
        row,
        changes,
        now=now,
        effective_on=day,
        then=lambda entry: _recorded(row, entry),
    )
    present = queries.external_values().get(year)
    if present and present.effective_on > day:
        message = lazy(
            "A value published on %(day)s, which is later, stands for %(year)s: this one holds only until that day.",
            day=format_date(present.effective_on),
            year=year,
        )
        acts.tell([("effective_on", message)])
    return row


def _day_problem(day: date | None, now: datetime) -> object | None:
    if day is None:
        return lazy("this field is required")
    if day > local_date(now):
        return lazy("the date cannot be later than today")
    return None
