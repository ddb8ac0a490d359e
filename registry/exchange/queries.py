"""Files out: the registers as rows of the exchange columns, ordered by key (``exchange.md`` 2, Export)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypedDict, Unpack

from registry.contracts import queries as contracts
from registry.contracts.queries import ContractRecord
from registry.errors import DomainError, NotFound
from registry.exchange.files import write_file, xlsx_bytes
from registry.exchange.rules import LAYOUTS, Column, Kind, Layout, Type, cell_text, order_key, shown
from registry.infra.access import Permission, Viewer
from registry.infra.i18n import lazy
from registry.infra.sheets import CSV, XLSX, csv_bytes, reading_bytes
from registry.patents import queries as patents
from registry.patents.fields import Event
from registry.patents.queries import PatentRecord
from registry.reports import accepted
from registry.reports.accepted import LineRecord
from registry.residents import queries as residents
from registry.residents.queries import ResidentRecord
from registry.territories.queries import by_code

FORMATS = (CSV, XLSX)

Values = Mapping[str, Any]


def layout_of(kind: Kind | str) -> Layout:
    """:raises NotFound: for a kind the exchange does not know."""
    try:
        return LAYOUTS[Kind(kind)]
    except ValueError:
        raise NotFound(
            lazy("%(kind)s is not one of %(kinds)s", kind=shown(kind), kinds=", ".join(LAYOUTS)), "kind"
        ) from None


def export_file(
    viewer: Viewer,
    kind: Kind | str,
    path: Path,
    *,
    territory: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
) -> int:
    """Write a register to ``path`` in the format its ending names; returns how many rows it holds.

    ``territory`` is a code. The file appears whole or not at all.

    :raises DomainError: for another ending.
    :raises NotFound: for an unknown kind or territory.
    """
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise DomainError(lazy("%(file)s must end in .csv or .xlsx", file=path.name), "file")
    layout = layout_of(kind)
    rows = export_values(viewer, kind, territory=territory, as_of=as_of, known_at=known_at)
    try:
        write_file(path, file_bytes(layout, rows, ending))
    except OSError as error:
        raise DomainError(
            lazy("%(file)s cannot be written: %(reason)s", file=path.name, reason=error.strerror), "file"
        ) from None
    return len(rows)


class ExportOptions(TypedDict, total=False):
    """What of a register is exported; see :func:`export_values`."""

    territory: str | None
    as_of: date | None
    known_at: datetime | None
    ids: Collection[int] | None


def export_bytes(
    viewer: Viewer,
    kind: Kind | str,
    ending: str,
    *,
    territory: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
) -> bytes:
    """A register as the bytes of a file; ``ending`` is csv or xlsx, ``ids`` limit the records as in :func:`rows_of`."""
    if ending not in FORMATS:
        raise NotFound(lazy("A file is exported as csv or xlsx."), "format")
    rows = export_values(viewer, kind, territory=territory, as_of=as_of, known_at=known_at, ids=ids)
    return file_bytes(layout_of(kind), rows, ending)


def template_bytes(kind: Kind | str) -> bytes:
    """An empty XLSX file of a kind with the columns' labels in the reader's language in row 2."""
    layout = layout_of(kind)
    labels = [str(column.label) for column in layout.columns]
    return xlsx_bytes(layout, [], sheet=str(layout.label), labels=labels)


def export_values(
    viewer: Viewer,
    kind: Kind | str,
    *,
    territory: str | None = None,
    as_of: date | None = None,
    known_at: datetime | None = None,
    ids: Collection[int] | None = None,
) -> list[Values]:
    """The rows of an export as Python values by column, ordered by key, by code point on every database.

    Without ``as_of`` everything ever registered, as it is now; with it what held or had taken effect on that day, as
    known at ``known_at`` (``exchange.md`` 2). A resident's viewer gets its own company's rows. ``ids`` leave only
    these records, whatever their status on ``as_of``: entries of residents, contracts, patents; for report lines their
    reports.

    :raises NotAllowed: without the permission to export.
    :raises NotFound: for an unknown kind or territory.
    """
    viewer.require(Permission.EXPORT_FILES)
    layout = layout_of(kind)
    territory_id = by_code(territory, viewer).id if territory else None
    found = list(_ROWS[layout.kind](viewer, territory_id, as_of, known_at, ids))
    # Sorting is stable, so a report's lines keep their order.
    return sorted(found, key=lambda row: order_key(layout, row))


def list_bytes(viewer: Viewer, kind: Kind | str, *, decimal_comma: bool, **options: Unpack[ExportOptions]) -> bytes:
    """A register as a list for reading: labels above it, nothing in it is taken for a formula; no file for import."""
    layout = layout_of(kind)
    found = export_values(viewer, kind, **options)
    header = [str(column.label) for column in layout.columns]
    rows = ([_readable(column, row.get(column.name)) for column in layout.columns] for row in found)
    return reading_bytes(header, rows, decimal_comma=decimal_comma)


def _readable(column: Column, value: Any) -> Any:
    if value is None or column.type in {Type.DATE, Type.INTEGER}:
        return value
    text = cell_text(column, value)
    return Decimal(text) if column.type in {Type.MONEY, Type.AREA} else text


def file_bytes(layout: Layout, rows: Iterable[Values], ending: str) -> bytes:
    """Rows of Python values by column as the bytes of a CSV or XLSX file."""
    if ending == XLSX:
        return xlsx_bytes(layout, ([row.get(name) for name in layout.names] for row in rows), sheet=str(layout.label))
    return csv_bytes(
        layout.names, ([cell_text(column, row.get(column.name)) for column in layout.columns] for row in rows)
    )


def _columns(layout: Layout, record: object, **known: Any) -> Values:
    return {name: known[name] if name in known else getattr(record, name) for name in layout.names}


def _chosen(records: Sequence[Any], ids: Collection[int] | None) -> Iterator[Any]:
    return (record for record in records if ids is None or record.id in ids)


def _residents(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.RESIDENTS]
    records: Sequence[ResidentRecord] = residents.records(
        viewer, territory_id=territory_id, as_of=as_of, known_at=known_at
    )
    for record in _chosen(records, ids):
        if ids is not None or as_of is None or record.participates_on(as_of):
            yield _columns(layout, record, territory=record.territory_code)


def _status_changes(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.STATUS_CHANGES]
    records = residents.records(viewer, territory_id=territory_id, as_of=as_of, known_at=known_at)
    for record in _chosen(records, ids):
        for change in record.changes:
            yield _columns(layout, change, territory=record.territory_code, bin=record.bin)


def _contracts(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.CONTRACTS]
    records: Sequence[ContractRecord] = contracts.records(
        viewer, territory_id=territory_id, as_of=as_of, known_at=known_at
    )
    for record in _chosen(records, ids):
        if ids is not None or as_of is None or record.in_force_on(as_of):
            yield _columns(layout, record, territory=record.territory_code)


def _addenda(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.ADDENDA]
    # An agreement may take effect before its contract is signed or starts (``exchange.md`` 5, rule 4).
    records = contracts.records(viewer, territory_id=territory_id, as_of=as_of, known_at=known_at, upcoming=True)
    for record in _chosen(records, ids):
        for addendum in record.addenda:
            yield _columns(layout, addendum, territory=record.territory_code, contract_number=record.number)


def _patents(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.PATENTS]
    records: Sequence[PatentRecord] = patents.records(viewer, territory_id=territory_id, as_of=as_of, known_at=known_at)
    for record in _chosen(records, ids):
        if ids is not None or as_of is None or (record.registered_on is not None and record.registered_on <= as_of):
            yield _columns(layout, record, holders=record.registered_holders)


def _patent_events(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    records = patents.records(viewer, territory_id=territory_id, as_of=as_of, known_at=known_at)
    for record in _chosen(records, ids):
        for transfer in record.over_time.transfers:
            yield {
                "office": record.office,
                "kind": record.kind,
                "title_no": record.title_no,
                "event": str(Event.TRANSFERRED),
                "event_on": transfer.event_on,
                "holders": transfer.holders,
                "document_no": transfer.document_no,
            }


def _report_lines(
    viewer: Viewer, territory_id: int | None, as_of: date | None, known_at: datetime | None, ids: Collection[int] | None
) -> Iterator[Values]:
    layout = LAYOUTS[Kind.REPORT_LINES]
    records: Sequence[LineRecord] = accepted.accepted_lines(
        viewer, territory_id=territory_id, as_of=as_of, known_at=known_at
    )
    for record in records:
        if ids is None or record.report_id in ids:
            yield _columns(layout, record, territory=record.territory_code)


_ROWS: dict[Kind, Callable[..., Iterator[Values]]] = {
    Kind.RESIDENTS: _residents,
    Kind.STATUS_CHANGES: _status_changes,
    Kind.CONTRACTS: _contracts,
    Kind.ADDENDA: _addenda,
    Kind.PATENTS: _patents,
    Kind.REPORT_LINES: _report_lines,
    Kind.PATENT_EVENTS: _patent_events,
}
