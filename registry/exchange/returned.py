"""The rows of a file that were refused or warned of, given back with the reasons (``exchange.md`` 5, rule 12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from registry.errors import DomainError, ImportRefused, RowError
from registry.exchange.files import read_table, write_file
from registry.exchange.queries import FORMATS, layout_of
from registry.exchange.reading import Absent, Cell, FormulaWithoutValue, Number, Table, filled
from registry.exchange.rules import CellError, Column, Kind, Type, cell_text, parse_cell
from registry.infra.i18n import lazy
from registry.infra.sheets import table_bytes

COLUMNS = ("row", "errors", "warnings")
"""What stands after the file's own columns: the row's number there, and what was found, one finding a line."""


def without_findings(table: Table) -> Table:
    """A table without what stood beside the rows when they were given back: the file is mended and taken in again.

    Rows that say only what was wrong with the file as a whole go with it.
    """
    if tuple(table.header[-len(COLUMNS) :]) != COLUMNS:
        return table
    width = len(table.header) - len(COLUMNS)

    def rows() -> Iterator[tuple[int, list[Any]]]:
        for number, cells in table.rows:
            if any(map(filled, cells[:width])):
                yield number, cells[:width]

    return replace(table, header=table.header[:width], rows=rows())


def ending_of(path: Path) -> str:
    """:raises DomainError: for a name that says no format."""
    ending = path.suffix.lower().removeprefix(".")
    if ending not in FORMATS:
        raise DomainError(lazy("%(file)s must end in .csv or .xlsx", file=path.name), "file")
    return ending


def write_returned(
    path: Path, kind: Kind | str, source: Path, *, errors: Sequence[RowError] = (), warnings: Sequence[RowError] = ()
) -> None:
    """Write the rows of ``source`` that were found fault with to ``path``, as CSV or XLSX by its ending.

    :raises DomainError: for another ending, or where it cannot be written.
    """
    content = returned_bytes(kind, source.read_bytes(), ending_of(path), errors=errors, warnings=warnings)
    try:
        write_file(path, content)
    except OSError as error:
        raise DomainError(
            lazy("%(file)s cannot be written: %(reason)s", file=path.name, reason=error.strerror), "file"
        ) from None


def returned_bytes(
    kind: Kind | str,
    content: bytes,
    ending: str,
    *,
    errors: Sequence[RowError] = (),
    warnings: Sequence[RowError] = (),
) -> bytes:
    """The rows found fault with: the file's own columns and cells, then :data:`COLUMNS`. All findings are in it.

    Figures with a decimal comma get a point, since the file's delimiter may be a comma.
    """
    found: dict[int, tuple[list[str], list[str]]] = {}
    for place, findings in enumerate((errors, warnings)):
        for finding in findings:
            found.setdefault(finding.row, ([], []))[place].append(_told(finding))
    # Where only the first row is at fault, there is no row to give back, and a bad file is not read twice.
    header, cells = _cells_of(kind, content, set(found)) if found.keys() - {1} else ([], {})
    rows = (
        [*cells.get(row, [""] * len(header)), str(row), *("\n".join(told) for told in found[row])]
        for row in sorted(found)
    )
    return table_bytes("errors", [*header, *COLUMNS], rows, ending)


def _told(finding: RowError) -> str:
    return f"{finding.field}: {finding.message}" if finding.field else str(finding.message)


def _cells_of(kind: Kind | str, content: bytes, wanted: set[int]) -> tuple[list[str], dict[int, list[str]]]:
    """The file's header and the wanted rows, as far as it can be read."""
    header: list[str] = []
    cells: dict[int, list[str]] = {}
    layout = layout_of(kind)
    figures = {
        column.name: column for column in layout.columns if column.type not in {Type.TEXT, Type.CODE, Type.NUMBER_TEXT}
    }
    try:
        with read_table("", content, layout.names) as read:
            table = without_findings(read)
            header = table.header
            if table.decimal_comma and "holders" in layout.names:
                # Whose shares have decimals too.
                figures["holders"] = layout.column("holders")
            columns = [figures.get(name) for name in header]
            for number, row in table.rows:
                if number in wanted:
                    cells[number] = list(_texts(row, columns, table.decimal_comma))
    except ImportRefused:
        pass
    return header, cells


def _texts(row: Iterable[Cell], figures: Sequence[Column | None], decimal_comma: bool) -> Iterable[str]:
    """The cells as an import reads them: of a figure its digits, of any other number what its format shows."""
    for cell, figure in zip(row, figures, strict=True):
        if cell is None or isinstance(cell, FormulaWithoutValue | Absent):
            yield ""
        elif isinstance(cell, Number):
            yield f"{cell.value:f}" if figure else cell.shown or f"{cell.value:f}"
        elif isinstance(cell, bool):
            yield str(int(cell))
        elif isinstance(cell, datetime):
            yield cell.date().isoformat() if not any((cell.hour, cell.minute, cell.second)) else cell.isoformat(" ")
        elif isinstance(cell, date):
            yield cell.isoformat()
        elif figure and decimal_comma and type(cell) is str:
            yield _with_point(figure, cell)
        else:
            yield str(cell)


def _with_point(figure: Column, cell: str) -> str:
    """A figure as files hold it whose delimiter is a comma; what cannot be read stays as it is."""
    try:
        return cell_text(figure, parse_cell(figure, cell, decimal_comma=True))
    except CellError:
        return cell
