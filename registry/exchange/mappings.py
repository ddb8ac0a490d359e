"""A company's own spreadsheet: how its columns are matched with ours, kept for the next file with the same header."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import chain, islice
from typing import Any

from registry.errors import ImportRefused, RowError
from registry.exchange.models import ColumnMapping
from registry.exchange.reading import ABSENT, Table
from registry.exchange.rules import Kind, Layout, shown
from registry.infra.access import Permission, Viewer
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, speaking

SAMPLES = 3
"""How many rows of the file are shown beside the columns to be matched."""


@dataclass
class Matched:
    """A header that is not ours, what stands under it, and how it is matched: as kept, else as its names suggest."""

    header: list[str]
    samples: list[list[str]] = field(default_factory=list)
    columns: dict[str, int] = field(default_factory=dict)
    constants: dict[str, str] = field(default_factory=dict)
    kept: bool = False

    @property
    def unread(self) -> str:
        """The names of the file's columns that nothing of ours is taken from."""
        taken = set(self.columns.values())
        return ", ".join(shown(name) for place, name in enumerate(self.header) if name and place not in taken)

    @property
    def filled_in(self) -> str:
        """The columns of ours that have one text for all rows, with these texts."""
        return ", ".join(f"{name}={shown(text)}" for name, text in self.constants.items() if name not in self.columns)

    def applied(self, layout: Layout, table: Table) -> Table:
        """The table under our names: the matched columns, then those with one text for all rows."""
        columns = {name: place for name, place in self.columns.items() if place < len(table.header)}
        constants = {name: text for name, text in self.constants.items() if name not in columns}
        names = [name for name in layout.names if name in columns or name in constants]

        def rows() -> Iterator[tuple[int, list[Any]]]:
            for number, cells in table.rows:
                yield number, [cells[columns[name]] if name in columns else constants[name] for name in names]

        return replace(table, header=names, rows=rows())


class HeaderRefused(ImportRefused):
    """The header is not ours; ``matched`` says what can be matched."""

    def __init__(self, errors: Sequence[RowError], matched: Matched) -> None:
        super().__init__(errors)
        self.matched = matched


def find(actor: Viewer, layout: Layout, table: Table) -> Matched:
    """How a table's columns are matched with ours, as kept by accounts of the actor's territories.

    Some rows are read; the table gives them again.
    """
    first = list(islice(table.rows, SAMPLES))
    table.rows = chain(first, table.rows)
    samples = [
        ["" if cell is None or cell is ABSENT else shown(getattr(cell, "value", cell)) for cell in cells]
        for _row, cells in first
    ]
    matched = Matched(table.header, samples)
    kept = db.session.get(ColumnMapping, (str(layout.kind), _hash(table.header), _scope(actor)))
    if kept is not None:
        matched.columns, matched.constants = json.loads(kept.columns), json.loads(kept.constants)
        matched.kept = True
        return matched
    labels = labels_of(layout)
    for name in layout.names:
        known = {_plain(name), *map(_plain, labels[name])}
        place = next((place for place, theirs in enumerate(table.header) if _plain(theirs) in known), None)
        if place is not None:
            matched.columns[name] = place
    return matched


def keep(
    actor: Viewer,
    kind: Kind,
    header: Sequence[str],
    columns: Mapping[str, int],
    constants: Mapping[str, str],
    *,
    now: datetime,
) -> None:
    """Keep how a header is matched, in the place of what accounts of the same territories kept for it.

    Runs inside ``transaction()``.
    """
    actor.require(Permission.IMPORT_FILES)
    db.session.merge(
        ColumnMapping(
            kind=str(kind),
            header_hash=_hash(header),
            scope=_scope(actor),
            columns=json.dumps(dict(columns)),
            constants=json.dumps(dict(constants), ensure_ascii=False),
            kept_by=actor.user_id,
            kept_at=now,
        )
    )


def _plain(name: str) -> str:
    """A column's name by its letters and digits alone."""
    return "".join(sign for sign in name.casefold() if sign.isalnum())


def _scope(actor: Viewer) -> str:
    """The territories of an account: a constant kept for the companies of one tells the others of them."""
    return "" if actor.territory_ids is None else ",".join(map(str, sorted(actor.territory_ids)))


def _hash(header: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(list(header), ensure_ascii=False).encode()).hexdigest()


def labels_of(layout: Layout) -> dict[str, frozenset[str]]:
    """What each column is called for people, in every language."""
    found: dict[str, set[str]] = {name: set() for name in layout.names}
    for language in LANGUAGES:
        with speaking(language):
            for column in layout.columns:
                found[column.name].add(str(column.label))
    return {name: frozenset(labels) for name, labels in found.items()}
