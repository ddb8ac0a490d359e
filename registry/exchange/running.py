"""An import under way: its rows, what it has found wrong, and how a row is tried."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.exc import DataError, IntegrityError

from registry.errors import DomainError, Invalid, RowError
from registry.exchange.mappings import Matched
from registry.exchange.previews import MOST as MOST_CHANGES
from registry.exchange.previews import Changed
from registry.exchange.rules import Kind, Layout, missing, shown
from registry.infra.access import Viewer
from registry.infra.db import db
from registry.infra.findings import Finding, noticing
from registry.infra.i18n import lazy
from registry.patents.queries import ParticipantNames
from registry.territories.models import Territory

LOSES = lazy(
    "the row ends before this column, whose value on record would go; write all its cells, also the empty ones"
)
"""Why a row is refused that ends before a column of its record which is filled."""

Problem = tuple[str | None, object]

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass
class ImportResult:
    """What an import did, in rows for every kind; ``warnings`` are allowed but worth a look."""

    kind: Kind
    rows: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    dry_run: bool = False
    warnings: list[RowError] = field(default_factory=list)
    changes: list[Changed] = field(default_factory=list)
    """Of a dry run, or where asked for: what changes in existing records, the first; ``changed`` counts all."""
    changed: int = 0

    def __str__(self) -> str:
        return (
            f"{self.kind}: {self.rows} rows, {self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        )


class Values(Mapping[str, Any]):
    """The values of a row by column, with the places of the columns shared by all rows: a long file has many rows."""

    __slots__ = ("_cells", "_places")

    def __init__(self, places: Mapping[str, int], cells: tuple[Any, ...]) -> None:
        self._places = places
        self._cells = cells

    def __getitem__(self, name: str) -> Any:
        return self._cells[self._places[name]]

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)

    def get(self, key: object, default: Any = None, /) -> Any:
        place = self._places.get(key)
        return default if place is None else self._cells[place]


@dataclass(slots=True)
class Row:
    """A row of the file: its number and its values by column; ``damaged`` when a cell could not be read.

    ``absent`` are the columns before which the row ended: they have no values.
    """

    number: int
    values: Mapping[str, Any]
    damaged: bool = False
    absent: tuple[str, ...] = ()


@dataclass
class FileRead:
    """A file that was read and waits to be imported: its rows, the cells that could not be read, and what is odd."""

    layout: Layout
    file: str
    rows: list[Row] = field(default_factory=list)
    refused: list[RowError] = field(default_factory=list)
    warnings: list[RowError] = field(default_factory=list)
    matched: Matched | None = None
    """How the columns of another spreadsheet were matched with ours."""


@dataclass
class Run:
    """One import under way: what it knows, and what it has found wrong so far."""

    actor: Viewer
    layout: Layout
    file: str
    now: datetime
    territories: dict[str, Territory]
    result: ImportResult
    rows: list[Row] = field(default_factory=list)
    refused: dict[tuple[int, str | None], RowError] = field(default_factory=dict)
    refused_rows: set[int] = field(default_factory=set)
    touched: dict[int, int] = field(default_factory=dict)
    """By id: patents and the row that speaks of them (two keys may mean one), entries and the row that brought them."""

    participants: ParticipantNames | None = None
    """Of a file that names holders: whose names they may be."""

    tells_changes: bool = False
    """Whether what changes in existing records is told."""

    acts: list[tuple[int, int, int]] = field(default_factory=list)
    """Where changes are told: rows that change records, with the last entry of the journal before and after."""

    def tell(self, changes: Iterable[Changed]) -> None:
        """Keep what would change, in order, as far as it can be shown."""
        for change in changes:
            self.result.changed += 1
            if len(self.result.changes) < MOST_CHANGES:
                self.result.changes.append(change)

    def refuse(self, row: int, column: str | None, message: object) -> None:
        """Note an error, once for a cell. A field that is no column of the file is the whole row's."""
        column = column if column in self.layout.names else None
        self.refused.setdefault((row, column), RowError(self.file, row, column, message))
        self.refused_rows.add(row)

    def need(self, row: Row, existing: object = None, *, may_exist: bool = False) -> None:
        """Refuse a row for the required columns it leaves empty, and where it ends before what is on record.

        A short row may be one that was cut: of a record that exists it clears nothing. ``may_exist``: the key cannot be
        read, so that columns that an update leaves out are not missed, but for the key's own.
        """
        required = missing(self.layout, row.values, is_new=existing is None and not may_exist)
        for name in dict.fromkeys([*required, *(name for name in self.layout.key if name in row.absent)]):
            message = lazy("this field is required")
            if name in row.absent:
                message = lazy(
                    "the row ends before this column; write all its cells, or join the two parts of a row that a line"
                    " break divides"
                )
            self.refuse(row.number, name, message)
        for name in row.absent if existing is not None else ():
            if not _is_nothing(getattr(existing, name, None)):
                self.refuse(row.number, name, LOSES)

    def refuse_all(self, row: int, error: DomainError) -> None:
        for column, message in _problems(error):
            self.refuse(row, column, message)

    def warn(self, row: int, column: str | None, message: object) -> None:
        self.result.warnings.append(RowError(self.file, row, column, message))

    def is_refused(self, row: Row) -> bool:
        return row.number in self.refused_rows


def _is_nothing(value: object) -> bool:
    return value is None or value == "" or value is False


def _problems(error: DomainError) -> Sequence[Problem]:
    return error.problems if isinstance(error, Invalid) else [(error.field, error.message)]


@contextmanager
def telling(run: Run, numbers: Sequence[int]) -> Generator[None]:
    """Look at something without writing: what is refused is every row's, what is noticed is told at the first."""
    try:
        with noticing() as noticed:
            yield
    except DomainError as error:
        for number in numbers:
            run.refuse_all(number, error)
    else:
        _tell(run, numbers, noticed)


def _tell(run: Run, numbers: Sequence[int], noticed: Iterable[Finding]) -> None:
    for finding in noticed:
        run.warn(numbers[0], finding.field if finding.field in run.layout.names else None, finding)


@contextmanager
def attempt(run: Run, numbers: Sequence[int], *, keep: bool) -> Generator[None]:
    """Apply inside a savepoint: what fails, or must not be kept, leaves no trace for the rows after it.

    What follows from the acts made is warned of at the first of the rows: nobody can be asked.
    """
    savepoint = db.session.begin_nested()
    try:
        with noticing() as noticed:
            yield
            db.session.flush()
        _tell(run, numbers, noticed)
    except DomainError as error:
        savepoint.rollback()
        for number in numbers:
            run.refuse_all(number, error)
    except (IntegrityError, DataError) as error:
        savepoint.rollback()
        for number in numbers:
            run.refuse(number, None, lazy("the database refuses this row: %(reason)s", reason=shown(error.orig)))
    except BaseException:
        savepoint.rollback()
        raise
    else:
        if keep:
            savepoint.commit()
        else:
            savepoint.rollback()
