"""Files made for tests: rows with sensible defaults, imported and exported as a program would do it."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from registry.errors import ImportRefused
from registry.exchange import queries, services
from registry.exchange.rules import LAYOUTS, Kind
from registry.exchange.services import ImportResult
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import transaction
from tests.factories import NOW, bin_number

BIN = bin_number(1)
OTHER = bin_number(2)

DEFAULTS: dict[str, dict[str, object]] = {
    "residents": {
        "territory": "NU", "register_no": "", "bin": BIN, "name_kk": "«Үлгі» ЖШС", "name_ru": "ТОО «Улги»",
        "legal_form": "llp", "participant_type": "production", "registered_on": "2025-02-03",
    },
    "status-changes": {
        "territory": "NU", "bin": BIN, "change": "suspended", "effective_on": "2026-04-01", "ground": "breach",
        "decision_no": "5-Ш", "decision_date": "2026-03-30",
    },
    "contracts": {
        "territory": "NU", "bin": BIN, "kind": "lease", "number": "NU-1", "signed_on": "2025-03-01",
        "starts_on": "2025-03-01", "ends_on": "2026-12-31", "amount": "1000.00",
    },
    "addenda": {
        "territory": "NU", "contract_number": "NU-1", "number": "1", "signed_on": "2026-01-10",
        "effective_on": "2026-01-15", "ends_on": "2027-12-31", "amount": "",
    },
    "patents": {
        "office": "KZ", "kind": "invention", "title_no": "900001", "application_no": "2024/9001.1",
        "filed_on": "2024-05-06", "registered_on": "2026-02-03", "ipc": "A61K 51/00", "name_kk": "Тәсіл",
        "name_ru": "Способ", "holders": BIN,
    },
    "report-lines": {
        "territory": "NU", "bin": BIN, "year": "2026", "quarter": "1", "section": "revenue", "code": "rnd_works",
        "amount": "100.00", "count": "", "document_no": "Д-1",
    },
    "patent-events": {
        "office": "KZ", "kind": "invention", "title_no": "900001", "event": "transferred", "event_on": "2026-06-01",
        "holders": OTHER, "document_no": "77",
    },
}  # fmt: skip


def row(kind: str, /, **values: object) -> dict[str, object]:
    """A valid row with these values instead of the defaults; None leaves the column out."""
    merged = {**DEFAULTS[kind], **values}
    return {name: value for name, value in merged.items() if value is not None}


def csv_file(rows: Sequence[Mapping[str, object]], *, bom: bool = False) -> bytes:
    target = io.StringIO()
    names = list(dict.fromkeys(name for values in rows for name in values))
    writer = csv.DictWriter(target, names, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return (b"\xef\xbb\xbf" if bom else b"") + target.getvalue().encode()


def xlsx_file(rows: Sequence[Sequence[object]], *, title: str = "x") -> bytes:
    """A spreadsheet with these cells, the first row being the header."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for cells in rows:
        sheet.append(list(cells))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def take_file(
    kind: str, content: bytes, *, actor: Viewer = SYSTEM, name: str | None = None, **options: Any
) -> ImportResult:
    read = services.read_bytes(actor, kind, content, name=name or f"{kind}.csv")
    with transaction():
        return services.import_rows(actor, read, **{"now": NOW, **options})


def take_path(kind: str, path: Path, *, now: datetime = NOW) -> ImportResult:
    read = services.read_file(SYSTEM, kind, path)
    with transaction():
        return services.import_rows(SYSTEM, read, now=now)


def take(kind: str, *rows: Mapping[str, object], **options: Any) -> ImportResult:
    """Import rows as a CSV file."""
    return take_file(kind, csv_file(rows), **options)


def refused(kind: str, *rows: Mapping[str, object], **options: Any) -> list[tuple[int, str | None, str]]:
    """What is refused in a file of these rows, as (row, column, message)."""
    return refused_file(kind, csv_file(rows), **options)


def refused_file(kind: str, content: bytes, **options: Any) -> list[tuple[int, str | None, str]]:
    try:
        take_file(kind, content, **options)
    except ImportRefused as error:
        return [(item.row, item.field, str(item.message)) for item in error.errors]
    raise AssertionError("the file was taken in")


def exported(kind: str, viewer: Viewer = SYSTEM, **options: Any) -> list[dict[str, str]]:
    """A CSV export, read back."""
    content = queries.export_bytes(viewer, kind, "csv", **options)
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def all_exports(**options: Any) -> dict[str, bytes]:
    return {str(kind): queries.export_bytes(SYSTEM, kind, "csv", **options) for kind in Kind}


def header(kind: str) -> tuple[str, ...]:
    return LAYOUTS[Kind(kind)].names
