"""Loading the dictionaries that ship with the program."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.infra.db import db
from registry.reference.models import DictionaryEntry

_log = logging.getLogger(__name__)

DATA = Path(__file__).resolve().parent / "data"

DICTIONARIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "contract_kinds": ("code", "", ()),
    "counted_offices": ("code", "counts_for_indicator_6", ()),
    "counting_rules": ("code", "applies", ()),
    "expected_results": ("code", "", ()),
    "investment_sources": ("code", "counts_for_indicator_4", ()),
    "ip_kinds": ("code", "counts_for_indicator_6", ()),
    "krp": ("code", "", ("size",)),
    "legal_forms": ("code", "", ()),
    "moved_days": ("code", "", ("work",)),
    "participant_types": ("code", "", ()),
    "priority_directions": ("code", "", ()),
    "revenue_categories": ("code", "counts_for_indicator_5", ()),
    "status_grounds": ("code", "", ("applies_to",)),
    "tax_codes": ("bcc", "counts_for_indicator_1", ("budget",)),
    "trl": ("code", "", ()),
}
"""Each dictionary's code column, the column that says whether a code counts, and its own attributes."""

ALWAYS = date(1900, 1, 1)
"""``valid_from`` of a code whose act names no first day."""


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """The rows of ``registry/reference/data/<name>.csv``."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


ADDED = ("territory", "valid_from", "valid_to", "act_no", "act_date")
"""Columns every dictionary's file has, at its end where its own are others."""

NAMES = {"kk": "name_kk", "ru": "name_ru", "en": "name_en"}
LONGEST_CODE = 40


@cache
def columns(name: str) -> tuple[str, ...]:
    """The columns of a dictionary's file: those it ships with, and :data:`ADDED`."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        own = next(csv.reader(file))
    return (*own, *(column for column in ADDED if column not in own))


def entry_values(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """What an entry keeps of the columns of a file's row, its dates and territory apart."""
    code_column, counts_column, attributes = DICTIONARIES[name]
    kept = {code_column, counts_column, *NAMES, *ADDED}
    label = row.get("headcount") or ""
    return {
        "counts": row.get(counts_column) == "1",
        "attributes": ";".join(row.get(column) or "" for column in attributes),
        "extra": json.dumps(
            {column: row.get(column) or "" for column in columns(name) if column not in kept}, ensure_ascii=False
        ),
        **{field: row.get(column) or label for column, field in NAMES.items()},
    }


def row_of(name: str, entry: DictionaryEntry, territory: str) -> dict[str, str]:
    """An entry as a row of its dictionary's file, ``territory`` being the code of its own."""
    code_column, counts_column, _attributes = DICTIONARIES[name]
    known: dict[str, str] = json.loads(entry.extra or "{}")
    known |= {code_column: entry.code, counts_column: str(int(entry.counts)), "territory": territory}
    known |= {column: getattr(entry, field) for column, field in NAMES.items()}
    known["valid_from"] = "" if entry.valid_from == ALWAYS else entry.valid_from.isoformat()
    for column in ("valid_to", "act_date"):
        day = getattr(entry, column)
        known[column] = day.isoformat() if day else ""
    known["act_no"] = entry.act_no or ""
    return {column: known.get(column, "") for column in columns(name)}


def shipped_entries() -> Iterator[dict[str, Any]]:
    """The columns of every code that ships with the program, dictionary by dictionary in its order."""
    for dictionary, (code_column, _counts, _attributes) in DICTIONARIES.items():
        for position, row in enumerate(read_rows(dictionary)):
            yield {
                "dictionary": dictionary,
                "code": row[code_column],
                "valid_from": date.fromisoformat(row["valid_from"]) if row.get("valid_from") else ALWAYS,
                "valid_to": date.fromisoformat(row["valid_to"]) if row.get("valid_to") else None,
                "position": position,
                **entry_values(dictionary, row),
            }


def _follow(present: DictionaryEntry, row: Mapping[str, Any]) -> None:
    """Let a row that no act ever changed say what the program ships now; what it said otherwise is told."""
    for name, value in row.items():
        before = getattr(present, name)
        if before == value:
            continue
        setattr(present, name, value)
        if before is not None and name not in ("position", "extra"):
            code = f"{row['dictionary']}, code {row['code']}"
            _log.warning("dictionary %s: %s was %s, the program's list says %s", code, name, before, value)


def load_dictionaries() -> int:
    """Add the codes that are missing; what acts changed since stays. Returns how many were added."""
    session = db.session()
    known = {
        (row.dictionary, row.code, row.valid_from): row
        for row in session.scalars(
            sa.select(DictionaryEntry).where(
                DictionaryEntry.recorded_to.is_(None), DictionaryEntry.territory_id.is_(None)
            )
        )
    }
    wanted = []
    for row in shipped_entries():
        present = known.get((row["dictionary"], row["code"], row["valid_from"]))
        if present is None:
            wanted.append(row)
        elif present.recorded_from is None:
            _follow(present, row)
    session.add_all(DictionaryEntry(**row) for row in wanted)
    session.flush()
    return len(wanted)
