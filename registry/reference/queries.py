"""Reading the dated dictionaries."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from flask import g, has_app_context

from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.forms import Form
from registry.infra.i18n import name_in
from registry.reference.models import DictionaryEntry


def _all(dictionary: str) -> list[DictionaryEntry]:
    """Every entry of a dictionary; read once for each request, command or job."""
    cache: dict[str, list[DictionaryEntry]] = g.setdefault("dictionaries", {}) if has_app_context() else {}
    if not cache:
        rows = db.session.scalars(
            sa.select(DictionaryEntry).order_by(
                DictionaryEntry.dictionary, DictionaryEntry.position, DictionaryEntry.valid_from, DictionaryEntry.id
            )
        ).all()
        for row in rows:
            db.session.expunge(row)
            cache.setdefault(row.dictionary, []).append(row)
    return cache.get(dictionary, [])


def forget() -> None:
    """Read the dictionaries afresh next time: they were changed."""
    g.pop("dictionaries", None)
    g.pop("counting_codes", None)


def _valid(row: DictionaryEntry, on: date) -> bool:
    return row.valid_from <= on and (row.valid_to is None or on <= row.valid_to)


def all_entries(dictionary: str) -> list[DictionaryEntry]:
    """The entries of every time, in the dictionary's order."""
    return list(_all(dictionary))


def entries(dictionary: str, on: date | None = None) -> list[DictionaryEntry]:
    """The entries valid on a day (today by default), in the dictionary's order."""
    day = on or today()
    return [row for row in _all(dictionary) if _valid(row, day)]


def entry(dictionary: str, code: str, on: date | None = None) -> DictionaryEntry | None:
    """The entry of ``code`` valid on a day, else its latest entry of any time (an old code keeps its name)."""
    day = on or today()
    matches = [row for row in _all(dictionary) if row.code == code]
    return next((row for row in matches if _valid(row, day)), matches[-1] if matches else None)


def is_valid(dictionary: str, code: str, on: date) -> bool:
    """Whether ``code`` stands in the dictionary on that day."""
    return any(row.code == code and _valid(row, on) for row in _all(dictionary))


def counting_codes(dictionary: str, on: date) -> frozenset[str]:
    """The codes whose lines count for the dictionary's indicator on that day; kept, since every line asks for them."""
    known: dict[tuple[str, date], frozenset[str]] = g.setdefault("counting_codes", {}) if has_app_context() else {}
    if (dictionary, on) not in known:
        known[dictionary, on] = frozenset(row.code for row in _all(dictionary) if row.counts and _valid(row, on))
    return known[dictionary, on]


def name(dictionary: str, code: str | None, language: str | None = None) -> str:
    """The name of a code in the language; the code itself where the dictionary does not know it."""
    if code is None:
        return ""
    found = entry(dictionary, code)
    return name_in(found, language) if found else code


def choices(dictionary: str, on: date | None = None) -> list[tuple[str, str]]:
    """(code, name) pairs for a select field, in the dictionary's order."""
    return [(row.code, name_in(row)) for row in entries(dictionary, on)]


def offer_codes(form: Form) -> None:
    """Give each choice of a form the codes of its dictionary, and that of the record where it is offered no more."""
    for field in form.declared:
        dictionary = field.dictionary or field.choices
        if dictionary and field.name in form:
            offered = choices(dictionary)
            kept = form[field.name].object_data
            if kept and str(kept) not in dict(offered):
                offered.append((str(kept), name(dictionary, str(kept))))
            form[field.name].choices = [
                (code, field.offered.format(code=code, name=called)) for code, called in offered
            ]
