"""Reading the dated dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa
from flask import g, has_app_context

from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.forms import Form
from registry.infra.i18n import name_in
from registry.reference.models import DictionaryEntry
from registry.reference.rules import SHORT_NAMES


def _all(dictionary: str) -> list[DictionaryEntry]:
    """Every entry of a dictionary; read once for each request, command or job.

    What comes back are rows of the table, which have the entry's attributes and cannot be changed: made anew for every
    request, mapped objects would take four times as long.
    """
    cache: dict[str, list[DictionaryEntry]] = g.setdefault("dictionaries", {}) if has_app_context() else {}
    if not cache:
        table = DictionaryEntry.__table__.c
        rows = db.session.execute(
            sa.select(*table).order_by(table.dictionary, table.position, table.valid_from, table.id)
        )
        for row in cast("Iterable[DictionaryEntry]", rows):
            cache.setdefault(row.dictionary, []).append(row)
    return cache.get(dictionary, [])


def forget() -> None:
    """Read the dictionaries afresh next time: they were changed."""
    g.pop("dictionaries", None)
    g.pop("dictionary_days", None)
    g.pop("dictionary_codes", None)
    g.pop("counting_codes", None)


def _valid(row: DictionaryEntry, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)


def _known(row: DictionaryEntry, known_at: datetime | None) -> bool:
    """Whether a row says what was known at a moment; None: now."""
    if known_at is None:
        return row.recorded_to is None
    return (row.recorded_from is None or row.recorded_from <= known_at) and (
        row.recorded_to is None or known_at < row.recorded_to
    )


def _here(dictionary: str, territory_id: int | None, known_at: datetime | None) -> list[DictionaryEntry]:
    """The rows that hold in a territory (None: everywhere), of whatever day."""
    return [
        row
        for row in _all(dictionary)
        if (row.territory_id is None or row.territory_id == territory_id) and _known(row, known_at)
    ]


def _nearest(rows: Sequence[DictionaryEntry], on: date) -> list[DictionaryEntry]:
    """The rows whose validity lies nearest to a day on which none holds."""
    distances = [
        (row.valid_from - on if row.valid_from > on else on - (row.valid_to or row.valid_from)) for row in rows
    ]
    return [row for row, distance in zip(rows, distances, strict=True) if distance == min(distances)]


def entries(
    dictionary: str, on: date | None = None, *, territory_id: int | None = None, known_at: datetime | None = None
) -> list[DictionaryEntry]:
    """The entries that hold on a day (today by default), in the dictionary's order.

    A territory's own row takes the place of the general one, and of two for one day the later begun holds. On a day on
    which no code at all is valid the nearest ones hold (``exchange.md`` 5, rule 6).
    """
    day = on or today()
    kept: dict[tuple[Any, ...], list[DictionaryEntry]] = (
        g.setdefault("dictionary_days", {}) if has_app_context() else {}
    )
    key = (dictionary, day, territory_id, known_at)
    if key not in kept:
        kept[key] = _holding(dictionary, day, territory_id, known_at)
    return kept[key]


def _holding(dictionary: str, day: date, territory_id: int | None, known_at: datetime | None) -> list[DictionaryEntry]:
    rows = _here(dictionary, territory_id, known_at)
    found = [row for row in rows if _valid(row, day)] or _nearest(rows, day)
    best: dict[str, DictionaryEntry] = {}
    for row in sorted(found, key=lambda row: (row.territory_id is not None, row.valid_from)):
        best[row.code] = row
    return [row for row in found if best[row.code] is row]


def lacks(dictionary: str, on: date, *, territory_id: int | None = None) -> bool:
    """Whether no code at all is valid on a day, so that the nearest ones hold."""
    rows = _here(dictionary, territory_id, None)
    return bool(rows) and not any(_valid(row, on) for row in rows)


def holding(dictionary: str, code: str, on: date, *, territory_id: int | None = None) -> DictionaryEntry | None:
    """The row of a code that is valid on that very day, a territory's own before the general one."""
    rows = [row for row in _here(dictionary, territory_id, None) if row.code == code and _valid(row, on)]
    return max(rows, key=lambda row: (row.territory_id is not None, row.valid_from), default=None)


def current(dictionary: str) -> list[DictionaryEntry]:
    """Every row as it stands now, of whatever day and territory."""
    return [row for row in _all(dictionary) if row.recorded_to is None]


def entry(
    dictionary: str,
    code: str,
    on: date | None = None,
    *,
    territory_id: int | None = None,
    known_at: datetime | None = None,
) -> DictionaryEntry | None:
    """The entry of ``code`` that holds on a day (:func:`entries`); else the nearest: an old code keeps its name.

    Without ``territory_id`` a territory's own row is taken only where there is no general one.
    """
    day = on or today()
    kept: dict[tuple[Any, ...], DictionaryEntry | None] = (
        g.setdefault("dictionary_codes", {}) if has_app_context() else {}
    )
    key = (dictionary, code, day, territory_id, known_at)
    if key not in kept:
        holding = entries(dictionary, day, territory_id=territory_id, known_at=known_at)
        found = [row for row in holding if row.code == code]
        kept[key] = found[0] if found else _nearest_of(dictionary, code, day, territory_id, known_at)
    return kept[key]


def _nearest_of(
    dictionary: str, code: str, day: date, territory_id: int | None, known_at: datetime | None
) -> DictionaryEntry | None:
    """The row of a code whose validity lies nearest to a day, of those that hold in a territory if there is any."""
    known = [row for row in _all(dictionary) if row.code == code and _known(row, known_at)]
    rows = [row for row in known if row.territory_id in (None, territory_id)] or known
    best = [row for row in rows if _valid(row, day)] or _nearest(rows, day)
    return max(best, key=lambda row: (row.territory_id is not None, row.valid_from), default=None)


def is_valid(dictionary: str, code: str, on: date, *, territory_id: int | None = None) -> bool:
    """Whether ``code`` holds on that day (:func:`entries`)."""
    return any(row.code == code for row in entries(dictionary, on, territory_id=territory_id))


def valid_in(territory_id: int | None) -> Callable[[str, str, date], bool]:
    """:func:`is_valid` for one territory."""
    return lambda dictionary, code, on: is_valid(dictionary, code, on, territory_id=territory_id)


def counting_codes(
    dictionary: str, on: date, *, territory_id: int | None = None, known_at: datetime | None = None
) -> frozenset[str]:
    """The codes whose lines count for the dictionary's indicator on that day; kept, since every line asks for them.

    ``territory_id`` is that of the line; ``known_at`` takes the dictionary as it was known then.
    """
    known: dict[tuple[Any, ...], frozenset[str]] = g.setdefault("counting_codes", {}) if has_app_context() else {}
    key = (dictionary, on, territory_id, known_at)
    if key not in known:
        rows = entries(dictionary, on, territory_id=territory_id, known_at=known_at)
        known[key] = frozenset(row.code for row in rows if row.counts)
    return known[key]


OUTSIDE_COUNTS = "quarters_outside_participation"
PROOF_NEEDED = "proof_of_grant_required"


def applies(rule: str, on: date, *, territory_id: int | None = None, known_at: datetime | None = None) -> bool:
    """Whether a switch of the dictionary ``counting_rules`` is on that day."""
    return rule in counting_codes("counting_rules", on, territory_id=territory_id, known_at=known_at)


def name(dictionary: str, code: str | None, language: str | None = None, *, territory_id: int | None = None) -> str:
    """The name of a code in the language; the code itself where the dictionary does not know it."""
    if code is None:
        return ""
    found = entry(dictionary, code, territory_id=territory_id)
    return name_in(found, language) if found else code


def short_name(dictionary: str, code: str | None, *, territory_id: int | None = None) -> str:
    """The name of a code where there is little room; the whole name where the dictionary has another than was agreed.

    What somebody named anew is called as he named it.
    """
    agreed = SHORT_NAMES.get((dictionary, code or ""))
    if code is None or agreed is None:
        return name(dictionary, code, territory_id=territory_id)
    found = entry(dictionary, code, territory_id=territory_id)
    if found is None or found.recorded_from is not None or found.territory_id is not None:
        return name(dictionary, code, territory_id=territory_id)
    return str(agreed)


def choices(dictionary: str, on: date | None = None, *, territory_id: int | None = None) -> list[tuple[str, str]]:
    """(code, name) pairs for a select field, in the dictionary's order."""
    return [(row.code, name_in(row)) for row in entries(dictionary, on, territory_id=territory_id)]


def offered(
    dictionary: str, *, territory_ids: Collection[int] = (), since: date | None = None
) -> list[DictionaryEntry]:
    """The rows that hold on a day from ``since`` on (None: on any day), everywhere or in one of some territories.

    For a form whose record's own day is not known yet; what holds on it the service says. Those of today stand first.
    """
    turns = {row.valid_from for row in current(dictionary)} | {
        row.valid_to + timedelta(days=1) for row in current(dictionary) if row.valid_to and row.valid_to < date.max
    }
    days = [today(), *sorted(day for day in turns if since is None or day > since), *([since] if since else [])]
    places: Collection[int | None] = territory_ids or (None,)
    return list(
        dict.fromkeys(row for day in days for place in places for row in entries(dictionary, day, territory_id=place))
    )


def offered_codes(
    dictionary: str,
    *,
    territory_ids: Collection[int] = (),
    since: date | None = None,
    attribute: str | None = None,
) -> list[tuple[str, str]]:
    """(code, name) pairs of :func:`offered`; with ``attribute`` of the rows that have it."""
    found: dict[str, str] = {}
    for row in offered(dictionary, territory_ids=territory_ids, since=since):
        if attribute is None or attribute in row.attributes.split(";"):
            found.setdefault(row.code, name_in(row))
    return list(found.items())


def offer_codes(form: Form, *, territory_ids: Collection[int] = (), since: date | None = None) -> None:
    """Give each choice of a form the codes of its dictionary that :func:`offered` names, and that of the record."""
    for field in form.declared:
        dictionary = field.dictionary or field.choices
        if dictionary and field.name in form:
            codes = offered_codes(dictionary, territory_ids=territory_ids, since=since)
            kept = form[field.name].object_data
            if kept and str(kept) not in dict(codes):
                codes.append((str(kept), name(dictionary, str(kept))))
            form[field.name].choices = [(code, field.offered.format(code=code, name=called)) for code, called in codes]
