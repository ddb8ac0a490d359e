"""What stands in a CSV or XLSX file, cell by cell (``exchange.md`` 2; 5, rules 10 and 11), whatever its columns mean.

Files come from outside: whatever they claim to hold, reading ends within :data:`SECONDS` and :data:`MEMORY`, since all
but short CSV files are read in a process of its own (:mod:`registry.exchange.files`), which this module is the program
of: ``python -m registry.exchange.reading`` takes a :class:`Request` and a file, and gives the table line by line.
"""

from __future__ import annotations

import csv
import io
import os
import re
import resource
import sys
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Context, Decimal
from itertools import chain, islice, pairwise, takewhile
from typing import IO, Any

import msgspec

from registry.infra.machine import bound
from registry.infra.unseen import is_seen

SECONDS = 20
"""How long a file may be read."""

MEMORY = 500_000_000
"""How many bytes the reading process may take."""

NO_MEMORY = 3
"""How the process ends when that does not suffice."""

LARGEST_UNPACKED = 200 * 1024 * 1024
MOST_PARTS = 2000
"""Limits of a packed file: its size when unpacked, and the number of parts it packs."""

MOST_COLUMNS = 200
MOST_ROWS = 250_000
MOST_SHEET_ROWS = 50_000
"""Rows that hold something: of a CSV file and of a spreadsheet."""

LAST_SHEET_ROW = 1_048_576
LONGEST_CELL = 131_072
MOST_STRINGS = 2_000_000
MOST_TEXT = 50_000_000
"""Limits within a spreadsheet: the last row there can be, how many texts it may share, characters in all cells."""

DELIMITERS = (",", ";", "\t")
_SIGNS = {",": ",", ";": ";", "\t": "TAB"}
"""How a message shows them."""

_TITLE_ROWS = 10
"""How far down the header is looked for when the first row names no column."""


def N_(text: str) -> str:  # noqa: N802 - the name by which texts for the catalogues are collected
    """A text that is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Note:
    """An error or a warning: its row (the header is row 1), its message in English and what the message names."""

    row: int
    message: str
    parts: dict[str, Any] = field(default_factory=dict)


class Unreadable(Exception):
    """The file as a whole cannot be read, or rows and header do not fit."""

    def __init__(self, *notes: Note) -> None:
        super().__init__(notes[0].message)
        self.notes = notes


def _refused(row: int, message: str, /, **parts: Any) -> Unreadable:
    return Unreadable(Note(row, message, parts))


# --- cells ------------------------------------------------------------------------------------------------------------


class FormulaWithoutValue:
    """Stands in a spreadsheet's cell whose formula was never calculated."""


class ErrorCell(str):
    """A spreadsheet's error value, such as ``#N/A``."""

    __slots__ = ()


class TimeCell(str):
    """A time of day or a duration in a spreadsheet's cell."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A spreadsheet's number, rounded to the fifteen digits it can hold.

    ``shown`` is what its format makes of it where that is not its digits: leading zeros, an exponent, other signs.
    """

    value: Decimal
    shown: str | None = None


class Absent:
    """Stands where a row of a CSV file ended before the column.

    Spreadsheet programs leave out the delimiters after the last cell that is filled; but a row that was cut looks the
    same, so that whoever takes it in must lose nothing by it.
    """

    def __bool__(self) -> bool:
        return False


ABSENT = Absent()

Cell = str | bool | date | datetime | Number | ErrorCell | TimeCell | FormulaWithoutValue | Absent | None
"""What a cell may hold; in a CSV file texts only. None where it is empty."""


def filled(cell: object) -> bool:
    """Whether a cell holds more than spaces and signs that nobody sees."""
    return cell is not None and cell is not ABSENT and (not isinstance(cell, str) or is_seen(cell))


def column_letter(position: int) -> str:
    """What a spreadsheet calls the column at a position, the first being 0: A, B … Z, AA."""
    letters = ""
    position += 1
    while position:
        position, rest = divmod(position - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


# --- tables -----------------------------------------------------------------------------------------------------------


@dataclass
class Table:
    """A file being read: the header, and every row that is not empty with its number (the header is row 1).

    Rows are read one by one as they are asked for; at the first row that cannot be read an error is raised.
    ``warnings``, and ``misfits``, which are errors of rows that do not fit the header, are whole when all rows are
    read. ``decimal_comma``: a comma may stand before the decimals.
    """

    header: list[str]
    rows: Iterator[tuple[int, list[Any]]]
    decimal_comma: bool = False
    warnings: list[Note] = field(default_factory=list)
    misfits: list[Note] = field(default_factory=list)


def read(content: bytes, columns: Sequence[str]) -> Table:
    """Read a CSV or XLSX file; which of them it is, its content says. ``columns`` are the names a header may hold.

    :raises Unreadable: for a file of another type, damaged, or beyond the limits.
    """
    warnings: list[Note] = []
    misfits: list[Note] = []
    known = frozenset(columns)
    decimal_comma, most, missing = False, MOST_ROWS, ABSENT
    if content.startswith(b"PK\x03\x04"):
        # Of a sheet empty cells are not kept at all.
        numbered, most, missing = _read_xlsx(content, warnings), MOST_SHEET_ROWS, None
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise _refused(1, _of_old_package(content))
    elif content.startswith((b"%PDF", b"PK")):
        raise _refused(1, N_("the file is neither CSV nor XLSX; save it as one of them"))
    elif content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        raise _refused(1, N_("the file is a web page or an XML table, not a CSV or XLSX file; save it as XLSX"))
    else:
        numbered, decimal_comma = _read_csv(content, known, misfits)
    first = next(numbered, None)
    if first is None:
        raise _refused(1, N_("the file is empty; its first row must name the columns"))
    number, cells = first
    if number != 1:
        raise _refused(1, N_("the first row is empty; it must name the columns"))
    header = [header_name(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    if len(header) > MOST_COLUMNS:
        raise _refused(
            1, N_("the file has more than %(limit)s columns; keep those of the template"), limit=MOST_COLUMNS
        )
    if not known.intersection(header):
        numbered = _not_under_a_title(known, sum(map(bool, header)), numbered)
    return Table(header, _rows(len(header), numbered, most, missing, misfits), decimal_comma, warnings, misfits)


def _not_under_a_title(
    known: frozenset[str], named: int, numbered: Iterator[tuple[int, list[Any]]]
) -> Iterator[tuple[int, list[Any]]]:
    """The rows, if the header does not stand among the first of them. In row 1 as many cells as ``named`` are filled.

    :raises Unreadable: naming the row that looks like the header.
    """
    first = list(islice(numbered, _TITLE_ROWS))
    for number, cells in first:
        if len(known.intersection(map(header_name, cells))) > 1:
            raise _refused(
                1,
                N_("row 1 does not name the columns, row %(row)s does; delete the rows above it (a title or a note)"),
                row=number,
            )
    for number, cells in first:
        names = [cell for cell in cells if filled(cell)]
        # A header of other names: many texts below one or a few.
        if len(names) >= max(2, 2 * named) and all(isinstance(cell, str) for cell in names):
            raise _refused(
                1,
                N_("row 1 looks like a title, row %(row)s like the header; delete the rows above it"),
                row=number,
            )
    return chain(first, numbered)


def _rows(
    width: int, numbered: Iterable[tuple[int, list[Any]]], most: int, missing: Absent | None, misfits: list[Note]
) -> Iterator[tuple[int, list[Any]]]:
    """The rows that are not empty, as wide as the header: cells beyond it are left out and noted among ``misfits``."""
    count = 0
    for number, cells in numbered:
        if not any(map(filled, cells)):
            continue
        count += 1
        if count > most:
            raise _too_many(number, most)
        beyond = next((place for place in range(width, len(cells)) if filled(cells[place])), None)
        if beyond is not None:
            message = N_("the row has more cells than the header has columns, see column %(letter)s; empty or name it")
            misfits.append(Note(number, message, {"letter": column_letter(beyond)}))
        yield number, cells[:width] + [missing] * (width - len(cells))


def _too_many(number: int, most: int) -> Unreadable:
    if most == MOST_SHEET_ROWS:
        return _refused(number, N_("the sheet has more than %(limit)s rows; save the file as CSV"), limit=most)
    return _refused(number, N_("the file has more than %(limit)s rows; divide it"), limit=most)


def header_name(cell: object) -> str:
    """A column's name without what nobody sees: spaces around it, line breaks, invisible signs."""
    text = "" if cell is None else f"{cell.value:f}" if isinstance(cell, Number) else str(cell)
    return " ".join("".join(sign for sign in text if sign.isspace() or not _is_hidden(sign)).split())


def _is_hidden(sign: str) -> bool:
    return unicodedata.category(sign) in {"Cc", "Cf"} or sign == "\ufffc" or "\ufe00" <= sign <= "\ufe0f"


def _of_old_package(content: bytes) -> str:
    """What is wrong with a file in the old container of Microsoft's programs, whose entries are named in UTF-16."""
    if "EncryptedPackage".encode("utf-16-le") in content:
        return N_("the workbook is protected with a password; remove the password and save it as XLSX")
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in content:
        return N_("the file is an old XLS workbook; save it as XLSX")
    return N_(
        "the file is neither CSV nor XLSX: it is protected with a password or of an old kind; remove the password and"
        " save it as XLSX"
    )


# --- CSV --------------------------------------------------------------------------------------------------------------

_SEP = re.compile(r"(?:sep=(.)|\"sep=(.)\")([,;\t]*)\r?\n?", re.IGNORECASE)
"""The line for spreadsheet programs. One that saved it as a cell put it in quotes and filled the row."""


def _read_csv(
    content: bytes, known: frozenset[str], misfits: list[Note]
) -> tuple[Iterator[tuple[int, list[Any]]], bool]:
    """The rows of a CSV file, and whether a comma may stand before its decimals."""
    text = _csv_text(content)
    first = text.readline()
    found = _SEP.fullmatch(first)
    if found:
        # The line is for the spreadsheet program, which shows no row for it.
        delimiter, start = found[3][:1] or found[1] or found[2], text.tell()
        if delimiter not in DELIMITERS:
            raise _refused(1, N_("the first line sep= names another sign than comma, semicolon or tab; save as XLSX"))
        header = text.readline()
        other = _delimiter([header], known)
        if _named(header, other, known) > _named(header, delimiter, known):
            raise _refused(
                1,
                N_("the first line sep= names %(named)s, but the columns are separated by %(found)s; correct the line"),
                named=_SIGNS[delimiter],
                found=_SIGNS[other],
            )
    else:
        delimiter, start = _delimiter([first, *islice(iter(text.readline, ""), _TITLE_ROWS)], known), 0
    text.seek(start)
    is_whole = content.rstrip(b"\x00" + _END_OF_FILE).endswith((b"\n", b"\r"))
    return _csv_rows(text, delimiter, is_whole, misfits), delimiter != ","


_END_OF_FILE = b"\x1a"
"""What old programs write after the last row."""


def _csv_text(content: bytes) -> IO[str]:
    """The file's text, whatever Unicode it is written in, without byte order marks; some programs write two."""
    while content.startswith(b"\xef\xbb\xbf"):
        content = content[3:]
    return _decoded_text(content.removesuffix(_END_OF_FILE))


def _decoded_text(content: bytes) -> IO[str]:
    """UTF-8 is decoded piece by piece as rows are read: the whole text would take two or four bytes a character."""
    encoding = "utf-8"
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif content[1:2] == b"\x00" and content[:1] != b"\x00":
        encoding = "utf-16-le"
    elif content[:1] == b"\x00" and content[1:2] not in {b"", b"\x00"}:
        encoding = "utf-16-be"
    if encoding != "utf-8":
        try:
            text = content.decode(encoding).lstrip("\ufeff")
        except UnicodeDecodeError:
            raise _refused(1, N_("the text is damaged: it is not wholly UTF-16; save the file as XLSX")) from None
        if "\x00" in text:
            raise _refused(text[: text.index("\x00")].count("\n") + 1, _NUL)
        return io.StringIO(text, newline="")
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        if b"\x00" in content:
            raise _refused(1, N_("the file is neither CSV nor XLSX; save it as one of them")) from None
        row = content[: error.start].count(b"\n") + 1
        raise _refused(
            row,
            N_(
                "the text is not UTF-8 and seems to be Windows-1251, which has no Kazakh letters (they would be lost);"
                " save the file as XLSX"
            ),
        ) from None
    if b"\x00" in content:
        raise _refused(content[: content.index(b"\x00")].count(b"\n") + 1, _NUL)
    return io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")


_NUL = N_("the text has a NUL character; the file is damaged or not CSV")


def _delimiter(lines: Sequence[str], known: frozenset[str]) -> str:
    """What separates the columns: the sign that gives most known names in the first line.

    Where there are none, the one that gives most columns in two lines that follow each other: a title has none.

    :raises Unreadable: where the names are separated by another sign.
    """

    def named(delimiter: str) -> int:
        return _named(lines[0], delimiter, known)

    best = max(DELIMITERS, key=named)
    if named("|") > named(best):
        raise _refused(
            1, N_("the columns are separated by |; save the file with commas, semicolons or tabs, or as XLSX")
        )
    if named(best):
        return best
    for pair in pairwise(lines):
        columns = {sign: min(len(_cells(line, sign)) for line in pair) for sign in DELIMITERS}
        if max(columns.values()) > 1:
            return max(DELIMITERS, key=columns.__getitem__)
    return max(DELIMITERS, key=lambda sign: len(_cells(lines[0], sign)))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _named(line: str, delimiter: str, known: frozenset[str]) -> int:
    """How many known names stand in a line so divided."""
    return len(known.intersection(map(header_name, _cells(line, delimiter))))


def _csv_rows(text: IO[str], delimiter: str, is_whole: bool, misfits: list[Note]) -> Iterator[tuple[int, list[Any]]]:
    """The rows as they are, some shorter than the header. ``is_whole``: the last one has its line break."""
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    number, width, columns = 0, 0, 0
    is_short = False
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            if is_short and not is_whole:
                message = N_(
                    "the file ends within this row, which has fewer cells than the header has columns; save the file"
                    " anew, or complete the row and its line break"
                )
                misfits.append(Note(number - 1, message))
            return
        except csv.Error as error:
            if "field limit" in str(error):
                raise _refused(
                    number,
                    N_("a cell is longer than %(limit)s characters, or its closing quotation mark is missing"),
                    limit=LONGEST_CELL,
                ) from None
            raise _refused(
                number, N_("the quotation marks do not pair; write a quotation mark inside a cell twice")
            ) from None
        if number == 1:
            width = len(cells)
            columns = max((place for place, cell in enumerate(cells, start=1) if filled(cell)), default=0)
        is_short = len(cells) < columns and any(map(filled, cells))
        place = next((place for place, cell in enumerate(cells) if _swallowed(cell, place, width, delimiter)), None)
        if place is not None:
            raise _refused(
                number,
                N_(
                    "column %(letter)s holds parts of two rows: the quotation mark before them is not closed; remove it"
                    " or write it twice"
                ),
                letter=column_letter(place),
            )
        if cells:
            yield number, cells


def _swallowed(cell: str, place: int, width: int, delimiter: str) -> bool:
    """Whether a cell holds row ends: a quotation mark too many joins rows up to the next one in the same column.

    Its lines then have as many delimiters as the rest of a row, whole rows, and the beginning of one. In prose a space
    follows them.
    """
    if "\n" not in cell or width < 3 or f"{delimiter} " in cell:
        return False
    first, *middle, last = (line.count(delimiter) for line in cell.split("\n"))
    return (first, last) == (width - 1 - place, place) and all(count == width - 1 for count in middle)


# --- XLSX -------------------------------------------------------------------------------------------------------------

_DAMAGED = N_("the file is damaged or not a spreadsheet; save it as XLSX again")


def _read_xlsx(content: bytes, warnings: list[Note]) -> Iterator[tuple[int, list[Any]]]:
    """The rows of the first sheet that have cells; rows and columns between them cost nothing.

    The parsers of a damaged file raise whatever happens to go wrong.
    """
    try:
        yield from _Workbook(content, warnings).rows()
    except (Unreadable, MemoryError):
        raise
    except Exception:
        raise _refused(1, _DAMAGED) from None


_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
_EXACT = Context(prec=15)
_AREA = re.compile(r"([A-Z]{1,3}([0-9]{1,7})):([A-Z]{1,3}([0-9]{1,7}))")
_AFTER_MERGED = ("phoneticPr", "conditionalFormatting", "dataValidations", "hyperlinks", "pageMargins", "pageSetup")
"""What follows a sheet's merged cells, of which nothing is read."""

_MOST_NAMED = 20
"""How many rows or cells one message names."""

_RELATION = re.compile(r".*/relationships/(officeDocument|worksheet|styles|sharedStrings)")


def unescaped(text: str) -> str:
    """Text as it was before ``_xHHHH_`` stood for signs that XML cannot hold."""
    if "_x" not in text:
        return text
    text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
    if any("\ud800" <= sign <= "\udfff" for sign in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


class _Workbook:
    """A packed workbook, in the transitional or the strict form: their parts differ in namespaces alone."""

    def __init__(self, content: bytes, warnings: list[Note]) -> None:
        self._warnings = warnings
        self._package = zipfile.ZipFile(io.BytesIO(content))
        parts = self._package.infolist()
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
            limit = LARGEST_UNPACKED // 2**20
            raise _refused(1, N_("the file unpacks to more than %(limit)s MB; divide it"), limit=limit)
        if any(part.flag_bits & 1 for part in parts):
            raise _refused(1, N_("the workbook is protected with a password; remove the password and save it as XLSX"))
        names = {part.filename for part in parts}
        if "xl/workbook.bin" in names:
            raise _refused(1, N_("the file is a binary XLSB workbook; save it as XLSX"))
        if "[Content_Types].xml" not in names:
            raise _refused(1, N_("the file is neither CSV nor XLSX; save it as one of them"))
        self._names = names
        self._workbook = self._target("", "officeDocument") or "xl/workbook.xml"
        if self._workbook not in names:
            raise _refused(1, N_("the file is neither CSV nor XLSX; save it as one of them"))
        self._strings: list[str] | None = None
        self._formats: list[str] = []
        self._dates: list[bool] = []
        self._shown = 0

    def _relations(self, part: str) -> Iterator[tuple[str, str, str]]:
        """What a part points at: id, kind, name."""
        folder, _slash, name = part.rpartition("/")
        path = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        if path not in self._names:
            return
        for item in self._elements(path, "Relationship"):
            kind = _RELATION.fullmatch(item.get("Type", ""))
            if kind:
                target = item.get("Target", "")
                joined = target[1:] if target.startswith("/") else f"{folder}/{target}" if folder else target
                yield item.get("Id", ""), kind[1], os.path.normpath(joined)

    def _target(self, part: str, wanted: str) -> str | None:
        return next((name for _id, kind, name in self._relations(part) if kind == wanted), None)

    def _elements(self, part: str, *tags: str) -> Iterator[Any]:
        """The elements of a part with these names, each forgotten once the next is asked for.

        :raises Unreadable: for a part that declares a document type: no program writes one, and it may hold entities.
        """
        from lxml import etree  # ty: ignore[missing-module-member]

        with self._package.open(part) as stream:
            found = etree.iterparse(
                stream, tag=[f"{{*}}{tag}" for tag in tags], resolve_entities=False, no_network=True,
                remove_comments=True, remove_pis=True, huge_tree=False,
            )  # fmt: skip
            first = True
            for _event, element in found:
                if first and element.getroottree().docinfo.internalDTD is not None:
                    raise _refused(1, N_("the file is neither CSV nor XLSX; save it as one of them"))
                first = False
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]

    def rows(self) -> Iterator[tuple[int, list[Any]]]:
        relations = {key: (kind, name) for key, kind, name in self._relations(self._workbook)}
        sheet, epoch_1904 = None, False
        for element in self._elements(self._workbook, "workbookPr", "sheet"):
            if _local(element) == "workbookPr":
                epoch_1904 = element.get("date1904") in {"1", "true"}
                continue
            key = next((value for name, value in element.items() if name.endswith("}id")), "")
            kind, name = relations.get(key, ("", ""))
            if kind == "worksheet" and name in self._names:
                sheet = name
                if element.get("state") in {"hidden", "veryHidden"}:
                    message = N_("the first sheet, “%(name)s”, is hidden; it is the one that was read")
                    self._warnings.append(Note(1, message, {"name": element.get("name", "")[:40]}))
                break
        if sheet is None:
            raise _refused(1, _DAMAGED)
        kinds = {kind: name for kind, name in relations.values() if name in self._names}
        self._read_formats(kinds.get("styles"))
        self._strings_part = kinds.get("sharedStrings")
        number = 0
        hidden: list[int] = []
        hidden_columns: set[int] = set()
        found_columns: set[int] = set()
        merged: list[tuple[int, str]] = []
        for row in self._elements(sheet, "col", "row", "mergeCell", "mergeCells", *_AFTER_MERGED):
            part = _local(row)
            if part == "col":
                if row.get("hidden") in {"1", "true"}:
                    # What stands far to the right is beyond the header anyway.
                    hidden_columns |= set(range(int(row.get("min")) - 1, min(int(row.get("max")), MOST_COLUMNS)))
                continue
            if part == "mergeCell":
                area = _AREA.fullmatch(row.get("ref", ""))
                # All cells but the first are empty in the file; those of the header alone are no harm.
                if area and area[1] != area[3] and int(area[4]) > 1 and len(merged) <= _MOST_NAMED:
                    merged.append((int(area[2]), area[0]))
                continue
            if part != "row":
                break
            number = int(row.get("r") or number + 1)
            if not 1 <= number <= LAST_SHEET_ROW:
                raise _refused(
                    1,
                    N_("the sheet has a row %(row)s, which no spreadsheet can have; save it as XLSX again"),
                    row=str(number)[:12],
                )
            cells = self._cells(row, epoch_1904)
            if cells:
                if row.get("hidden") in {"1", "true"} and any(map(filled, cells)):
                    hidden.append(number)
                if hidden_columns:
                    found_columns |= {place for place in hidden_columns if place < len(cells) and filled(cells[place])}
                yield number, cells
        if merged:
            message = N_("cells %(cells)s are merged; unmerge them and fill each")
            raise _refused(merged[0][0], message, cells=_listed([cells for _row, cells in merged]))
        if hidden:
            message = N_("hidden rows are imported too: %(rows)s; show all rows and look at them")
            self._warnings.append(Note(hidden[0], message, {"rows": _ranges(hidden)}))
        if found_columns:
            message = N_("hidden columns are imported too: %(columns)s; show all columns and look at them")
            columns = _ranges(sorted(found_columns), column_letter)
            self._warnings.append(Note(1, message, {"columns": columns}))

    def _cells(self, row: Any, epoch_1904: bool) -> list[Any]:
        cells: list[Any] = []
        place = -1
        prefix = row.tag[:-3]
        for element in row.iterchildren(prefix + "c"):
            reference = element.get("r")
            place = _position(reference) if reference else place + 1
            value = self._value(element, prefix, epoch_1904)
            if value is None or (isinstance(value, str) and not value):
                continue
            if isinstance(value, str):
                self._shown += len(value)
                if self._shown > MOST_TEXT:
                    raise _refused(1, N_("the sheet holds too much text; divide the file"))
            # What stands far to the right is beyond the header anyway.
            place_kept = min(place, MOST_COLUMNS)
            if place_kept >= len(cells):
                cells += [None] * (place_kept - len(cells) + 1)
            cells[place_kept] = value
        return cells

    def _value(self, element: Any, prefix: str, epoch_1904: bool) -> Cell:
        kind = element.get("t", "n")
        text, formula, inline = None, False, None
        for child in element:
            name = child.tag
            if name == prefix + "v":
                text = child.text
            elif name == prefix + "f":
                formula = True
            elif name == prefix + "is":
                inline = child
        if kind == "s":
            return self._string(text)
        if kind == "inlineStr":
            return None if inline is None else unescaped(_text_of(inline))
        if kind == "str":
            return unescaped(text) if text else None
        if not text:
            return FormulaWithoutValue() if formula else None
        if kind == "e":
            return ErrorCell(text)
        if kind == "b":
            return text.strip() in {"1", "true"}
        if kind == "d":
            return _iso(text)
        return self._number(text, int(element.get("s") or 0), epoch_1904)

    def _number(self, text: str, style: int, epoch_1904: bool) -> Cell:
        try:
            value = _EXACT.create_decimal(text.strip())
        except ArithmeticError:
            return ErrorCell(text[:40])
        if not value.is_finite() or abs(value.adjusted()) > 300:
            return ErrorCell(text[:40])
        if style < len(self._dates) and self._dates[style]:
            return _serial(value, self._formats[style], epoch_1904)
        code = self._formats[style] if style < len(self._formats) else "General"
        return Number(value, shown_as(code, value))

    def _string(self, text: str | None) -> str | None:
        if text is None:
            return None
        if self._strings is None:
            self._strings = []
            total = 0
            if self._strings_part is not None:
                for element in self._elements(self._strings_part, "si"):
                    string = unescaped(_text_of(element))
                    total += len(string)
                    if len(self._strings) >= MOST_STRINGS or total > MOST_TEXT:
                        raise _refused(1, N_("the sheet holds too much text; divide the file"))
                    self._strings.append(string)
        place = int(text)
        if place < 0:
            raise IndexError(place)
        return self._strings[place]

    def _read_formats(self, part: str | None) -> None:
        from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format

        if part is None:
            return
        own: dict[int, str] = {}
        for element in self._elements(part, "numFmt", "cellXfs"):
            if _local(element) == "numFmt":
                own[int(element.get("numFmtId", 0))] = element.get("formatCode", "")
                continue
            for style in element:
                number = int(style.get("numFmtId") or 0)
                self._formats.append(own.get(number) or BUILTIN_FORMATS.get(number, "General"))
        dates = {code: bool(is_date_format(code)) for code in set(self._formats)}
        self._dates = [dates[code] for code in self._formats]


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2]


def _text_of(element: Any) -> str:
    """The text of a string: its runs, without the reading aids of East Asian texts."""
    pieces: list[str] = []
    for child in element:
        name = _local(child)
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces += [part.text or "" for part in child if _local(part) == "t"]
    return "".join(pieces)


_places: dict[str, int] = {}


def _position(reference: str) -> int:
    """The position of a cell's column, the first being 0."""
    letters = reference.rstrip("0123456789")
    if letters not in _places:
        if not re.fullmatch("[A-Z]{1,3}", letters):
            raise ValueError(reference)
        place = 0
        for letter in letters:
            place = place * 26 + ord(letter) - 64
        _places[letters] = place - 1
    return _places[letters]


def _ranges(numbers: Sequence[int], name: Callable[[int], str] = str) -> str:
    """Row numbers in words: ``3, 5–8``; of many the first. With ``name`` so are others."""
    found: list[list[int]] = []
    for number in numbers:
        if found and number == found[-1][1] + 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return _listed([name(first) if first == last else f"{name(first)}–{name(last)}" for first, last in found])


def _listed(texts: Sequence[str]) -> str:
    return ", ".join(texts[:_MOST_NAMED]) + (", …" if len(texts) > _MOST_NAMED else "")


def _iso(text: str) -> Cell:
    from openpyxl.utils.datetime import from_ISO8601

    found: object = from_ISO8601(text.removesuffix("Z"))
    return found if isinstance(found, date) else TimeCell(found)


def _serial(value: Decimal, code: str, epoch_1904: bool) -> Cell:
    from openpyxl.styles.numbers import is_timedelta_format
    from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

    if value < 0:
        return ErrorCell(f"{value:f}"[:40])
    epoch = CALENDAR_MAC_1904 if epoch_1904 else CALENDAR_WINDOWS_1900
    try:
        found: object = from_excel(float(value), epoch, timedelta=is_timedelta_format(code))
    except (OverflowError, ValueError):
        return ErrorCell(f"{value:f}"[:40])
    return found if isinstance(found, date) else TimeCell(found)


_ASIDE = re.compile(r"\[[^\]]*\]|_.|\*.")
_SIGN = re.compile(r'"([^"]*)"|\\(.)|(.)', re.DOTALL)


def _before(sign: str, signs: Sequence[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """The signs of a number format before the first one that stands for itself, not for a text in quotes."""
    return list(takewhile(lambda each: each[2] != sign, signs))


def shown_as(code: str, value: Decimal) -> str | None:
    """What a number format makes of a whole number, where that is not its digits (grouped or not); else None."""
    if code in {"General", "@", "0", "#,##0", "0.00", "#,##0.00"} or value != value.to_integral_value():
        return None
    signs = _before(";", _SIGN.findall(_ASIDE.sub("", code).replace("General", "0")))
    if re.search(r"[Ee][+-]", "".join(sign or " " for _quoted, _escaped, sign in signs)):
        return f"{value:.2E}"
    digits = list(str(abs(int(value))))
    made: list[str] = []
    other = False
    for quoted, escaped, sign in reversed(_before(".", signs)):
        if sign in {"0", "#", "?"}:
            if digits:
                made.append(digits.pop())
            elif sign == "0":
                made.append("0")
                other = True
        elif sign not in {",", ""}:
            made.append(sign)
            other = other or not sign.isspace()
        else:
            made.append(quoted or escaped)
            other = other or bool((quoted or escaped).strip())
    return "".join([*digits, *reversed(made)]) if other else None


# --- between the processes --------------------------------------------------------------------------------------------


class Request(msgspec.Struct):
    """What the reading process is told before it is given the file."""

    columns: list[str]


def encoded(cell: Cell) -> Any:
    """A cell as JSON holds it: texts, truth values and nothing as they are, all else as [kind, text …]."""
    if cell is None or isinstance(cell, bool):
        return cell
    if isinstance(cell, Absent):
        return ["a"]
    if isinstance(cell, ErrorCell):
        return ["e", str(cell)]
    if isinstance(cell, TimeCell):
        return ["t", str(cell)]
    if isinstance(cell, str):
        return cell
    if isinstance(cell, Number):
        return ["n", str(cell.value), cell.shown]
    if isinstance(cell, datetime):
        return ["dt", cell.isoformat()]
    if isinstance(cell, date):
        return ["d", cell.isoformat()]
    return ["f"]


_DECODED: dict[str, Callable[..., Cell]] = {
    "a": lambda: ABSENT,
    "e": ErrorCell,
    "t": TimeCell,
    "n": lambda value, shown: Number(Decimal(value), shown),
    "dt": datetime.fromisoformat,
    "d": date.fromisoformat,
    "f": FormulaWithoutValue,
}


def decoded(cell: Any) -> Cell:
    return _DECODED[cell[0]](*cell[1:]) if isinstance(cell, list) else cell


def _notes(notes: Iterable[Note]) -> list[Any]:
    return [[note.row, note.message, note.parts] for note in notes]


def tell(content: bytes, request: Request, write: Callable[[Any], None]) -> None:
    """Read a file and write what is in it: the header, the rows, and at last the warnings or what is wrong."""
    try:
        table = read(content, request.columns)
        write({"header": table.header, "decimal_comma": table.decimal_comma})
        for number, cells in table.rows:
            write([number, [encoded(cell) for cell in cells]])
        write({"warnings": _notes(table.warnings), "misfits": _notes(table.misfits)})
    except Unreadable as error:
        write({"errors": _notes(error.notes)})


def heard(lines: Iterable[bytes]) -> Table:
    """The table another process tells of.

    :raises Unreadable: as :func:`read`, and here too while rows are asked for.
    :raises EOFError: when the process ended before it had told all.
    """
    decoder = msgspec.json.Decoder()
    told = (decoder.decode(line) for line in lines)

    def finish(item: dict[str, Any]) -> None:
        if "errors" in item:
            raise Unreadable(*(Note(*note) for note in item["errors"]))
        table.warnings += [Note(*note) for note in item["warnings"]]
        table.misfits += [Note(*note) for note in item["misfits"]]

    def rows() -> Iterator[tuple[int, list[Any]]]:
        for item in told:
            if isinstance(item, dict):
                finish(item)
                return
            yield item[0], [decoded(cell) for cell in item[1]]
        raise EOFError

    first = next(told, None)
    if first is None:
        raise EOFError
    table = Table(first.get("header", []), rows(), first.get("decimal_comma", False))
    if "header" not in first:
        finish(first)
    return table


def main() -> None:
    """Read what stands on standard input, within bounds that nothing in a file can lift."""
    bound(MEMORY)
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 5, SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MEMORY, MEMORY))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    encoder = msgspec.json.Encoder()
    request = msgspec.json.decode(source.readline(), type=Request)

    def write(item: Any) -> None:
        target.write(encoder.encode(item) + b"\n")

    try:
        tell(source.read(), request, write)
    except MemoryError:
        sys.exit(NO_MEMORY)
    target.flush()


if __name__ == "__main__":
    main()
