"""Keeping the dictionaries: their rows are acts with both clocks, used codes are closed and never deleted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import Any

import sqlalchemy as sa

from registry.errors import Invalid
from registry.infra.access import Permission, Viewer
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_number
from registry.journal import acts
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import Basis, differences
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reference.rules import OFFICES
from registry.reference.services import (
    ALWAYS,
    DICTIONARIES,
    LONGEST_CODE,
    NAMES,
    columns,
    entry_values,
    read_rows,
)
from registry.reference.workdays import MOVED

KEPT = (
    "dictionary", "code", "territory_id", "valid_from", "valid_to", "act_no", "act_date", "counts", "attributes",
    "extra", "name_kk", "name_ru", "name_en",
)  # fmt: skip
"""What the journal keeps of a code."""

_CHANGEABLE = KEPT[4:]

Key = tuple[str, int | None, date]
"""Code, territory and first day."""


def require_keeper(actor: Viewer) -> None:
    """:raises NotAllowed: for whoever may not keep dictionaries; they belong to all territories together."""
    actor.require_in(None, Permission.KEEP_SETTINGS)


def find(name: str, key: Key) -> DictionaryEntry | None:
    """The row of a code as it is now."""
    code, territory_id, valid_from = key
    return db.session.scalar(
        sa.select(DictionaryEntry).where(
            DictionaryEntry.dictionary == name,
            DictionaryEntry.code == code,
            DictionaryEntry.territory_id.is_(None)
            if territory_id is None
            else DictionaryEntry.territory_id == territory_id,
            DictionaryEntry.valid_from == valid_from,
            DictionaryEntry.recorded_to.is_(None),
        )
    )


def keep_code(
    actor: Viewer,
    name: str,
    key: Key,
    row: Mapping[str, Any],
    *,
    valid_to: date | None,
    act_no: str | None,
    act_date: date | None,
    now: datetime,
) -> bool | None:
    """Enter a code, or change its row of this territory and first day; True for a new one, None when nothing differs.

    ``row`` are the columns of the dictionary's file as texts. What the row said before stays known as of its time.

    :raises Invalid: naming every column the rules refuse.
    """
    require_keeper(actor)
    found = problems(name, key, row, valid_to)
    entry = find(name, key)
    code, territory_id, valid_from = key
    # A code that stands can still be closed, whatever it is.
    if entry is None and code and (problem := _code_problem(name, code)):
        found.insert(0, (DICTIONARIES[name][0], problem))
    if found:
        raise Invalid(found)
    values = entry_values(name, row) | {"valid_to": valid_to, "act_no": act_no, "act_date": act_date}
    basis = Basis("decision", act_no, act_date)
    if entry is None:
        _create(actor, DictionaryEntry(dictionary=name, code=code, territory_id=territory_id, valid_from=valid_from,
                                       position=_last_position(name) + 1, **values), now, basis)  # fmt: skip
        return True
    changes = differences({field: getattr(entry, field) for field in _CHANGEABLE}, values)
    if not changes:
        return None
    before = {field: getattr(entry, field) for field in (*KEPT, "position", "recorded_from")}

    def change(made: JournalEntry) -> None:
        for field, (_old, new) in changes.items():
            setattr(entry, field, new)
        entry.recorded_from = made.recorded_at
        db.session.add(DictionaryEntry(**before, recorded_to=made.recorded_at))
        reference.forget()

    acts.act(
        actor,
        Action.DICTIONARY_CODE_CHANGED,
        entry,
        changes,
        now=now,
        effective_on=valid_from,
        then=change,
        basis=basis,
    )
    return False


def _create(actor: Viewer, entry: DictionaryEntry, now: datetime, basis: Basis) -> None:
    made = acts.create(
        actor, Action.DICTIONARY_CODE_ADDED, entry, KEPT, now=now, effective_on=entry.valid_from, basis=basis
    )
    entry.recorded_from = made.recorded_at
    db.session.flush()
    reference.forget()


def _last_position(name: str) -> int:
    return (
        db.session.scalar(sa.select(sa.func.max(DictionaryEntry.position)).where(DictionaryEntry.dictionary == name))
        or 0
    )


def problems(name: str, key: Key, row: Mapping[str, Any], valid_to: date | None) -> list[tuple[str | None, object]]:
    """What is refused of a row by itself, naming the columns of the dictionary's file."""
    code_column, counts_column, _attributes = DICTIONARIES[name]
    code, _territory, valid_from = key
    found: list[tuple[str | None, object]] = []
    if not code:
        found.append((code_column, lazy("this field is required")))
    elif len(code) > LONGEST_CODE:
        found.append((code_column, lazy("%(code)s is not a valid code", code=code)))
    elif name == "tax_codes" and not (len(code) == 6 and code.isascii() and code.isdecimal()):
        found.append((code_column, lazy("a budget classification code has six digits")))
    found += [
        (column, lazy("this field is required"))
        for column in NAMES
        if column in columns(name) and column != "en" and not row.get(column)
    ]
    if counts_column and row.get(counts_column) not in ("0", "1"):
        found.append((counts_column, lazy("enter 1 (counts) or 0 (does not count)")))
    if name == MOVED and row.get("work") not in ("0", "1"):
        found.append(("work", lazy("enter 1 (a working day) or 0 (a day off)")))
    if valid_to is not None and valid_to < valid_from:
        found.append(("valid_to", lazy("the last day cannot be before the first")))
    return found


def _code_problem(name: str, code: str) -> object | None:
    """Why nothing can be entered under a code: nobody would find it, or it looks like another one."""
    # Digits have one spelling, and files of them are long.
    standing = set() if code.isascii() and code.isdecimal() else {entry.code for entry in reference.current(name)}
    if code not in standing:
        same = canonical_number(code)
        for other in sorted(standing):
            if canonical_number(other) == same:
                return lazy("the code %(code)s is on record already, spelled otherwise; write it so", code=other)
    if not code.isprintable():
        return lazy("%(code)s is not a valid code", code=" ".join(code.split()))
    if name == "counted_offices" and code not in OFFICES:
        return lazy("%(code)s is not a code of a patent office such as KZ, EA or WO", code=code)
    if name == "counting_rules" and code not in (known := [row["code"] for row in read_rows(name)]):
        return lazy("%(name)s is not one of %(names)s", name=code, names=", ".join(known))
    if name == MOVED and not _is_day(code):
        return lazy("%(value)s is not a date; write it as 2026-12-31", value=code)
    return None


def _is_day(code: str) -> bool:
    try:
        return date.fromisoformat(code).isoformat() == code
    except ValueError:
        return False


def overlaps(name: str) -> list[tuple[Key, Key]]:
    """Rows of one code and territory of which both would hold on some day: the earlier and the later."""
    db.session.flush()
    reference.forget()
    rows: dict[tuple[str, int | None], list[DictionaryEntry]] = {}
    for entry in reference.current(name):
        rows.setdefault((entry.code, entry.territory_id), []).append(entry)
    found = []
    for own in rows.values():
        own.sort(key=lambda entry: entry.valid_from)
        found += [
            (key_of(earlier), key_of(later))
            for earlier, later in pairwise(own)
            if earlier.valid_to is None or earlier.valid_to >= later.valid_from
        ]
    return found


def key_of(entry: DictionaryEntry) -> Key:
    return entry.code, entry.territory_id, entry.valid_from


__all__ = ["ALWAYS", "Key", "find", "keep_code", "key_of", "overlaps", "problems", "require_keeper"]
