"""What an import changes in records that exist: row, field, old and new value, shown before it is done."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from registry.exchange.rules import LAYOUTS, Kind, Layout
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.journal import queries as journal
from registry.journal.presentation import HIDDEN, label, value
from registry.journal.rules import Action
from registry.patents import queries as patents
from registry.patents.models import Patent, PatentEvent
from registry.reports import rules as report_rules
from registry.reports.rules import Line
from registry.residents.models import Resident

MOST = 5000
"""Changes that are kept to be shown; the rest is counted."""

NOTHING = "—"


@dataclass(frozen=True, slots=True)
class Changed:
    """One field of an existing record: its row in the file, what it is called, both values in the words of pages."""

    row: int
    field: str
    old: str
    new: str
    cleared: bool
    """Whether a value goes and none comes in its place."""

    def __str__(self) -> str:
        mark = " (cleared)" if self.cleared else ""
        return f"row {self.row}, {self.field}: {self.old} → {self.new}{mark}"


def of_acts(viewer: Viewer, layout: Layout, acts: Sequence[tuple[int, int, int]]) -> Iterator[Changed]:
    """What the journal's entries of the rows changed, field by field in the order of the columns.

    ``acts``: row, last entry before its acts and last entry of them, in the order of the journal.
    """
    starts = [first for _row, first, _last in acts]
    if not acts:
        return
    places = {name: place for place, name in enumerate(layout.names)}
    for entry in journal.all_entries(viewer=viewer, after=starts[0]):
        row, _first, last = acts[bisect_right(starts, entry.sequence - 1) - 1]
        if entry.sequence > last:
            continue
        changes = dict(entry.changes)
        if "resident_id" in changes:
            # A file names the company that a contract is handed to by its BIN.
            changes["bin"] = [_bin(key) for key in changes.pop("resident_id")]
        if entry.action is Action.PATENT_EVENT_RECORDED:
            changes["holders"] = [_holders_before(viewer, entry.subject_id), changes["holders"][1]]
        for name, (old, new) in sorted(changes.items(), key=lambda item: places.get(item[0], len(places))):
            if name not in HIDDEN and old != new:
                texts = (value(name, side, entry.subject_type) for side in (old, new))
                yield Changed(row, label(name, entry.subject_type), *texts, cleared=new is None or new == "")


def _bin(key: int | None) -> str | None:
    return None if key is None else db.session.get_one(Resident, key).bin


def _holders_before(viewer: Viewer, key: int) -> str:
    """Who held a patent until the transfer with this key, as the viewer may read it."""
    event = db.session.get_one(PatentEvent, key)
    over_time = patents.record_of(db.session.get_one(Patent, event.patent_id)).over_time
    return patents.shown_holders(viewer, over_time.on(event.event_on - timedelta(days=1)))


def of_code(row: int, code: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Changed]:
    """What becomes of a row of a dictionary, by the columns of its file."""
    for column, new in after.items():
        if new != before[column]:
            yield Changed(row, f"{code}, {column}", before[column] or NOTHING, new or NOTHING, cleared=not new)


def of_lines(rows: Sequence[int], before: Sequence[Line], after: Sequence[Line]) -> Iterator[Changed]:
    """What becomes of a report's lines. ``rows``: where the lines of the file stand; what goes is told at the first."""
    gone = list(before)
    come: list[tuple[int, Line]] = []
    for row, line in zip(rows, after, strict=True):
        if line in gone:
            gone.remove(line)
        else:
            come.append((row, line))
    for row, line in come:
        old = next((other for other in gone if (other.section, other.code) == (line.section, line.code)), None)
        if old is not None:
            gone.remove(old)
        yield from _line_changes(row, old, line)
    for old in gone:
        yield from _line_changes(rows[0], old, None)


_LABELS = {column.name: column.label for column in LAYOUTS[Kind.REPORT_LINES].columns}


def _line_changes(row: int, old: Line | None, new: Line | None) -> Iterator[Changed]:
    line = new or old
    if line is None:
        return
    for name in report_rules.LINE_FIELDS:
        sides = [None if side is None else getattr(side, name) for side in (old, new)]
        if name not in {"section", "code"} and sides[0] != sides[1]:
            texts = (value(name, side) if side is not None else NOTHING for side in sides)
            heading = f"{line.section} {line.code}, {_LABELS[name]}"
            yield Changed(row, heading, *texts, cleared=sides[1] is None or sides[1] == "")
