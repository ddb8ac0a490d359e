"""Loading the dictionaries that ship with the program."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from registry.infra.db import db
from registry.reference.models import DictionaryEntry

DATA = Path(__file__).resolve().parent / "data"

DICTIONARIES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "contract_kinds": ("code", "", ()),
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


def load_dictionaries() -> int:
    """Add the codes that are missing; what an administrator changed since stays. Returns how many were added."""
    session = db.session()
    known = set(
        session.execute(sa.select(DictionaryEntry.dictionary, DictionaryEntry.code, DictionaryEntry.valid_from))
    )
    added = 0
    for dictionary, (code_column, counts_column, attributes) in DICTIONARIES.items():
        for position, row in enumerate(read_rows(dictionary)):
            valid_from = date.fromisoformat(row["valid_from"]) if row.get("valid_from") else ALWAYS
            if (dictionary, row[code_column], valid_from) in known:
                continue
            label = row["headcount"] if dictionary == "krp" else ""
            session.add(
                DictionaryEntry(
                    dictionary=dictionary,
                    code=row[code_column],
                    valid_from=valid_from,
                    valid_to=date.fromisoformat(row["valid_to"]) if row.get("valid_to") else None,
                    position=position,
                    counts=row.get(counts_column) == "1",
                    attributes=";".join(row[name] for name in attributes),
                    name_kk=row.get("kk") or label,
                    name_ru=row.get("ru") or label,
                    name_en=row.get("en") or label,
                )
            )
            added += 1
    session.flush()
    return added
