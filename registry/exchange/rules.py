"""The exchange files' columns, and what a cell means (``exchange.md`` 2). Plain Python, no database."""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Any

from registry.contracts.fields import ADDENDUM, CONTRACT, LONGEST_NUMBER
from registry.exchange.reading import ABSENT, ErrorCell, FormulaWithoutValue, Number, TimeCell
from registry.infra import amounts, fields
from registry.infra.clock import FIRST_YEAR, LAST_YEAR, within_reason
from registry.infra.fields import LONGEST_TEXT, required
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_bin, canonical_number, canonical_title
from registry.infra.numbers import (
    canonical_hundredths,
    parse_hundredths,
    shortest_hundredths,
)
from registry.infra.text import LOST, UNPRINTABLE, clean, lost_letters, unmarked, unprintable
from registry.journal.presentation import FIELDS
from registry.patents.fields import PATENT, PATENT_EVENT
from registry.patents.rules import number_keys as patent_keys
from registry.reports.rules import DICTIONARIES, PARTS
from registry.residents.fields import RESIDENT, STATUS_CHANGE
from registry.territories.rules import lost_digits


class Kind(enum.StrEnum):
    """What a file holds, in the order in which files are imported into an empty registry."""

    RESIDENTS = "residents"
    STATUS_CHANGES = "status-changes"
    CONTRACTS = "contracts"
    ADDENDA = "addenda"
    PATENTS = "patents"
    REPORT_LINES = "report-lines"
    PATENT_EVENTS = "patent-events"


class Type(enum.StrEnum):
    """How a cell is read and written.

    ``CODE`` is a number or code, ``NUMBER_TEXT`` one of which a spreadsheet's number would have lost digits (BIN,
    holders). All texts are read as they are kept (:func:`registry.infra.text.clean`). ``MONEY`` and ``AREA`` are
    hundredths; money is written with two decimals, areas shortest.
    """

    TEXT = "text"
    CODE = "code"
    NUMBER_TEXT = "number_text"
    DATE = "date"
    MONEY = "money"
    AREA = "area"
    INTEGER = "integer"
    FLAG = "flag"


@dataclass(frozen=True)
class Column:
    """One column: its name in the header, its type, its label for people, and how long a text may be.

    A ``signed`` amount may be negative. ``lines``: a text may have several. ``digits``: how many digits a code has,
    where the first may be zeros, which spreadsheets drop. ``dictionaries``: those a code is one of, none where it is of
    digits alone; None for what is no code, but a number as printed.
    """

    name: str
    type: Type
    label: object
    longest: int = LONGEST_TEXT
    signed: bool = False
    lines: bool = False
    dictionaries: tuple[str, ...] | None = None

    @property
    def digits(self) -> int | None:
        return _DIGITS.get(self.name)


_DIGITS = {"bin": 12, "oked": 5}
_OF_DIGITS_ALONE = {"kbe", "kato"}


_TYPES = {
    fields.Type.LINE: Type.TEXT,
    fields.Type.TEXT: Type.TEXT,
    fields.Type.CODE: Type.CODE,
    fields.Type.CHOICE: Type.CODE,
    fields.Type.NUMBER: Type.NUMBER_TEXT,
    fields.Type.DATE: Type.DATE,
    fields.Type.MONEY: Type.MONEY,
    fields.Type.AREA: Type.AREA,
    fields.Type.WHOLE: Type.INTEGER,
    fields.Type.FLAG: Type.FLAG,
}


def columns_of(declared: Iterable[fields.Field]) -> tuple[Column, ...]:
    """The columns of a register's fields, in the order of their declarations."""
    return tuple(
        Column(
            field.name,
            _TYPES[field.type],
            field.label,
            field.longest,
            lines=field.type is fields.Type.TEXT,
            dictionaries=(field.dictionary,) if field.dictionary else () if field.name in _OF_DIGITS_ALONE else None,
        )
        for field in declared
    )


@dataclass(frozen=True)
class Layout:
    """What a file of one kind looks like.

    ``key`` are the columns that must stand in the header; ``required`` may not be empty in a row. ``dates`` name the
    columns by which rows are put in order before they are applied.
    """

    kind: Kind
    label: object
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    required: tuple[str, ...]
    dates: tuple[str, ...]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @cached_property
    def identifying(self) -> tuple[str, ...]:
        """What tells a row's record from others of its kind: of a report line all but its figures."""
        if self.kind is not Kind.REPORT_LINES:
            return self.key
        return tuple(name for name in self.names if name not in {"amount", "count", *PARTS})

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


GREATEST_INTEGER = 2_147_483_647

_TERRITORY = Column("territory", Type.CODE, lazy("Territory"))
_BIN = Column("bin", Type.NUMBER_TEXT, FIELDS["bin"])
_AMOUNT = Column("amount", Type.MONEY, FIELDS["amount"])

LAYOUTS: dict[Kind, Layout] = {
    layout.kind: layout
    for layout in (
        Layout(
            Kind.RESIDENTS,
            lazy("Participants"),
            (_TERRITORY, *columns_of(RESIDENT)),
            key=("territory", "bin", "registered_on"),
            required=("territory", *required(RESIDENT)),
            dates=("registered_on",),
        ),
        Layout(
            Kind.STATUS_CHANGES,
            lazy("Status changes"),
            (_TERRITORY, _BIN, *columns_of(STATUS_CHANGE)),
            key=("territory", "bin", "effective_on"),
            required=("territory", "bin", *required(STATUS_CHANGE)),
            dates=("effective_on",),
        ),
        Layout(
            Kind.CONTRACTS,
            lazy("Contracts"),
            (_TERRITORY, _BIN, *columns_of(CONTRACT)),
            key=("territory", "number"),
            required=("territory", "bin", *required(CONTRACT)),
            dates=("signed_on",),
        ),
        Layout(
            Kind.ADDENDA,
            lazy("Supplementary agreements"),
            (
                _TERRITORY,
                Column("contract_number", Type.CODE, lazy("Contract number"), LONGEST_NUMBER),
                *columns_of(ADDENDUM),
            ),
            key=("territory", "contract_number", "number"),
            required=("territory", "contract_number", *required(ADDENDUM)),
            dates=("effective_on", "signed_on"),
        ),
        Layout(
            Kind.PATENTS,
            lazy("Patents"),
            columns_of(PATENT),
            key=("office", "kind"),
            required=required(PATENT),
            dates=("registered_on", "filed_on"),
        ),
        Layout(
            Kind.REPORT_LINES,
            lazy("Report lines"),
            (
                _TERRITORY,
                _BIN,
                Column("year", Type.INTEGER, FIELDS["year"]),
                Column("quarter", Type.INTEGER, FIELDS["quarter"]),
                Column("section", Type.CODE, lazy("Section")),
                Column("code", Type.CODE, lazy("Code"), dictionaries=tuple(DICTIONARIES.values())),
                replace(_AMOUNT, signed=True),
                Column("count", Type.INTEGER, lazy("Count")),
                Column("country", Type.CODE, lazy("Country"), 2),
                Column("ip_title_no", Type.CODE, lazy("Number of title of protection")),
                Column("document_kind", Type.TEXT, lazy("Document kind")),
                Column("document_no", Type.TEXT, lazy("Document number")),
                Column("document_date", Type.DATE, lazy("Document date")),
                Column("paid", Type.MONEY, lazy("Paid")),
                Column("offset_in", Type.MONEY, lazy("Offset in")),
                Column("offset_out", Type.MONEY, lazy("Offset out")),
                Column("refunded", Type.MONEY, lazy("Refunded")),
            ),
            key=("territory", "bin", "year", "quarter", "section", "code"),
            required=("territory", "bin", "year", "quarter", "section", "code"),
            dates=("year", "quarter"),
        ),
        Layout(
            Kind.PATENT_EVENTS,
            lazy("Events of patents"),
            (
                *(column for column in columns_of(PATENT) if column.name in {"office", "kind", "title_no"}),
                *(column for column in columns_of(PATENT_EVENT) if column.name in {"event", "event_on"}),
                Column("year", Type.INTEGER, FIELDS["year"]),
                _AMOUNT,
                *(column for column in columns_of(PATENT_EVENT) if column.name == "holders"),
                Column("licensee", Type.TEXT, lazy("Licensee")),
                *(column for column in columns_of(PATENT_EVENT) if column.name == "document_no"),
                Column("until", Type.DATE, lazy("Until")),
            ),
            key=("office", "kind", "title_no", "event", "event_on"),
            required=("office", "kind", "title_no", "event", "event_on", "holders"),
            dates=("event_on",),
        ),
    )
}
"""Every kind with its ordered columns; new columns come at the end."""


class CellError(ValueError):
    """A cell does not hold what its column needs; ``message`` says what is wrong and the remedy."""

    def __init__(self, message: object) -> None:
        super().__init__(message)
        self.message = message


_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:[ T]00:00:00)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_SERIAL = re.compile(r"[1-9][0-9]{4}(?:\.0+)?")
"""What a spreadsheet makes of a day whose cell is no longer formatted as one: days since 1900."""
_INTEGER = re.compile(r"(-?[0-9]{1,18})(?:[.,]0+)?")
_GROUP_OR_DECIMALS = re.compile(r"(-?[0-9]{1,15})[.,]([0-9]{3})")
_SHARE_WITH_COMMA = re.compile(r"(=\s*[0-9]{1,3}),([0-9]{1,2}\s*%\s*(?:;|$))")
"""A holder's share with a decimal comma; commas elsewhere belong to names."""
_DECIMAL = re.compile(r"-?[0-9]+\.[0-9]+")
_LARGE = re.compile(rf"-?[0-9]{{{amounts.DIGITS + 1},}}(?:\.[0-9]{{1,2}})?")
_EXACT = 10**15
"""From here on a spreadsheet's number no longer holds every digit."""


def shown(value: object) -> str:
    """A cell as a message quotes it: what can be seen of it, on one line, and not longer than a message can bear."""
    text = " ".join(UNPRINTABLE.sub(LOST, clean(str(value))).split())
    return text if len(text) <= 60 else text[:59] + "…"


def parse_cell(column: Column, cell: object, *, decimal_comma: bool = False) -> Any:
    """The Python value of a cell; None where it is empty.

    A cell is a text, or what a spreadsheet holds: a number, a date, a truth value, an error. With ``decimal_comma`` a
    comma may stand before the decimals of a text and spaces between groups of three digits, as spreadsheet programs
    write CSV where the comma is no delimiter.

    :raises CellError: when the column cannot hold it.
    """
    if cell is None or cell is ABSENT:
        return None
    if isinstance(cell, FormulaWithoutValue):
        raise CellError(lazy("the formula has no calculated value; save the file in a spreadsheet program first"))
    if isinstance(cell, ErrorCell):
        raise CellError(lazy("the cell holds the error %(value)s; correct the formula", value=shown(cell)))
    if isinstance(cell, TimeCell):
        raise CellError(lazy("%(value)s is a date or time; format the column as text", value=shown(cell)))
    if column.type is Type.DATE:
        return _parse_date(cell)
    if isinstance(cell, str):
        return _parse_text(column, cell, decimal_comma)
    if isinstance(cell, bool):
        if column.type is Type.FLAG:
            return cell
        raise CellError(lazy("a truth value stands where a text or number is needed"))
    if isinstance(cell, Number):
        return _parse_number(column, cell)
    raise CellError(lazy("%(value)s is a date or time; format the column as text", value=shown(cell)))


def _parse_date(cell: object) -> date | None:
    day = _read_date(cell)
    if day is not None and not within_reason(day):
        raise CellError(
            lazy(
                "the year %(year)s is out of reason; enter a day from %(first)s to %(last)s",
                year=f"{day.year:04}",
                first=FIRST_YEAR,
                last=LAST_YEAR,
            )
        )
    return day


def _read_date(cell: object) -> date | None:
    if isinstance(cell, datetime):
        if (cell.hour, cell.minute, cell.second, cell.microsecond) != (0, 0, 0, 0):
            raise CellError(lazy("%(value)s has a time of day; enter the date alone", value=shown(cell)))
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = str(cell.value) if isinstance(cell, Number) else unmarked(clean(cell)) if isinstance(cell, str) else None
    if text == "":
        return None
    if text is not None and _SERIAL.fullmatch(text):
        raise CellError(
            lazy("%(value)s is not a date; format the column as a date, or write it as 2026-12-31", value=shown(text))
        )
    found = None if text is None else _DATE.fullmatch(text)
    day_first = None if text is None else _DAY_FIRST.fullmatch(text)
    try:
        if found:
            return date.fromisoformat(found[1])
        if day_first:
            return date(int(day_first[3]), int(day_first[2]), int(day_first[1]))
    except ValueError:
        raise CellError(lazy("there is no such day as %(value)s", value=text)) from None
    quoted = shown(cell.value if isinstance(cell, Number) else cell)
    raise CellError(lazy("%(value)s is not a date; write it as 2026-12-31", value=quoted))


def _parse_text(column: Column, cell: str, decimal_comma: bool = False) -> Any:
    stripped = unmarked(clean(cell))
    if not stripped:
        return None
    if unprintable(stripped):
        raise CellError(lazy("the text has a character that cannot be stored; remove it"))
    if lost := lost_letters(stripped):
        raise CellError(lost)
    if column.type is Type.INTEGER:
        found = _whole(stripped)
        if found is None:
            raise CellError(
                lazy("%(value)s is not a whole number; write it in digits alone, such as 1000", value=shown(cell))
            )
        return _checked_integer(found)
    if column.type is Type.FLAG:
        found = _whole(stripped)
        if found not in {0, 1}:
            raise CellError(lazy("%(value)s is neither 1 (yes) nor 0 (no)", value=shown(cell)))
        return found == 1
    if column.type in {Type.MONEY, Type.AREA}:
        return _parse_hundredths(stripped, column.signed, decimal_comma)
    text = stripped
    if column.digits:
        # Before other signs are dropped: the point of 200140007775.0 would leave thirteen digits.
        _check_digits(column, re.sub(r"\s+", "", text))
    if column.name == "bin":
        text = canonical_bin(text)
    if column.name == "holders" and decimal_comma:
        text = _SHARE_WITH_COMMA.sub(r"\1.\2", text)
    if len(text) > column.longest:
        raise CellError(lazy("the text is longer than %(longest)s characters; shorten it", longest=column.longest))
    return text


_SPELLED_CODE = re.compile(r"([0-9]+(?:\s+[0-9]+)*)(?:[.,]0+)?")


def plain_code(text: str, known: Collection[str]) -> str:
    """A code of digits without the spaces and the decimals that people and spreadsheets add: ``101 111``, ``160.0``.

    What is among the ``known`` codes, or of other signs, stays as it is.
    """
    found = _SPELLED_CODE.fullmatch(text)
    return "".join(found[1].split()) if found and text not in known else text


def _whole(text: str) -> int | None:
    """The whole number a text is; None where it is none.

    :raises CellError: where three digits after a sign may be thousands or decimals.
    """
    if either := _GROUP_OR_DECIMALS.fullmatch(text):
        raise CellError(_two_readings(text, either[1] + either[2], f"{either[1]}.{either[2]}"))
    found = _INTEGER.fullmatch(text)
    return int(found[1]) if found else None


def _two_readings(text: str, grouped: str, decimal: str) -> object:
    return lazy(
        "%(value)s can be read as %(grouped)s or as %(decimal)s; write the number in digits alone",
        value=shown(text),
        grouped=grouped,
        decimal=decimal,
    )


def _check_digits(column: Column, text: str) -> None:
    """:raises CellError: for a number of so many digits that has been through a spreadsheet as a number."""
    if problem := lost_digits(text, column.digits or 0):
        raise CellError(problem)


def _parse_number(column: Column, cell: Number) -> Any:
    value = cell.value
    if -20 <= value.adjusted() <= 20:
        text = format(value, "f")
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    else:
        text = str(value)
    whole = value == value.to_integral_value()
    if column.type in {Type.MONEY, Type.AREA}:
        return _parse_hundredths(text, column.signed)
    if column.type is Type.INTEGER:
        if not whole:
            raise CellError(lazy("%(value)s is not a whole number; write it in digits alone, such as 1000", value=text))
        return _checked_integer(int(value))
    if column.type is Type.FLAG:
        if value not in {0, 1}:
            raise CellError(lazy("%(value)s is neither 1 (yes) nor 0 (no)", value=text))
        return value == 1
    if cell.shown is not None:
        raise CellError(
            lazy(
                "the number %(value)s is shown as %(shown)s; format the column as text and enter what must be stored",
                value=shown(text),
                shown=shown(cell.shown),
            )
        )
    if column.digits:
        _check_digits(column, text)
    if column.type is Type.NUMBER_TEXT or not whole or abs(value) >= _EXACT:
        raise CellError(lazy("the number %(value)s may have lost digits; format the column as text", value=shown(text)))
    return _parse_text(column, text)


def _parse_hundredths(text: str, signed: bool, decimal_comma: bool = False) -> int:
    try:
        value = amounts.read(text, amounts.Unit.TENGE) if decimal_comma else parse_hundredths(text)
    except ValueError as error:
        if isinstance(error, amounts.Refused) and error.why is amounts.Unreadable.AMBIGUOUS:
            raise CellError(_two_readings(text, error.grouped.replace(" ", ""), error.decimal)) from None
        if _LARGE.fullmatch(text) or (isinstance(error, amounts.Refused) and error.why is amounts.Unreadable.LARGE):
            raise CellError(
                lazy(
                    "%(value)s is too large; a number has at most %(digits)s digits before the decimals",
                    value=shown(text),
                    digits=amounts.DIGITS,
                )
            ) from None
        if _DECIMAL.fullmatch(text):
            raise CellError(
                lazy("%(value)s has more than two decimals or too many digits", value=shown(text))
            ) from None
        if decimal_comma:
            raise CellError(
                lazy("%(value)s is not a number such as 1234567,89 or 1234567.89", value=shown(text))
            ) from None
        raise CellError(
            lazy("%(value)s is not a number with a decimal point, such as 1234567.89", value=shown(text))
        ) from None
    if value < 0 and not signed:
        raise CellError(lazy("%(value)s is negative; enter 0 or more", value=shown(text)))
    return value


def _checked_integer(value: int) -> int:
    if abs(value) > GREATEST_INTEGER:
        raise CellError(lazy("%(value)s is too large", value=shown(value)))
    return value


def cell_text(column: Column, value: Any) -> str:
    """A value as it stands in a CSV file: exactly as stored, dates in ISO form, 1 or 0 for yes or no."""
    if value is None:
        return ""
    if column.type is Type.MONEY:
        return canonical_hundredths(value)
    if column.type is Type.AREA:
        return shortest_hundredths(value)
    if column.type is Type.DATE:
        return value.isoformat()
    if column.type is Type.FLAG:
        return "1" if value else "0"
    return str(value)


def row_keys(layout: Layout, values: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    """What tells the row's record from others of its kind, by the column an error names; numbers however spelled.

    Nothing where a part of it is empty. A patent goes by its title of protection and by its application; a report line
    by all but its figures, so that the same line twice is noticed (``exchange.md`` 2).
    """
    if layout.kind is Kind.PATENTS:
        known = {"office": "", **values}
        numbers = {"title_no": "title_key", "application_no": "application_key"}
        parts = (values.get("office"), values.get("kind"))
        keys = patent_keys(known)
        return {name: (*parts, name, keys[key]) for name, key in numbers.items() if keys[key] and None not in parts}
    if any(values.get(name) is None for name in layout.key):
        return {}
    column = key_column(layout, values)
    if layout.kind is Kind.REPORT_LINES:
        title = values.get("ip_title_no")
        # A line names no office; Kazakhstan's titles are those that are written in many ways.
        own = {**values, "ip_title_no": canonical_title(title, "KZ")} if title else values
        return {column: tuple([own.get(name) for name in layout.identifying])}
    if layout.kind is Kind.PATENT_EVENTS:
        return {
            column: (patent_keys(values)["title_key"], *(values[name] for name in layout.key if name != "title_no"))
        }
    return {
        column: tuple(
            canonical_number(values[name]) if name in {"number", "contract_number"} else values[name]
            for name in layout.identifying
        )
    }


def key_column(layout: Layout, values: Mapping[str, Any]) -> str:
    """The column an error about the row's key names."""
    if layout.kind is Kind.PATENTS:
        return "title_no" if values.get("title_no") else "application_no"
    return "code" if layout.kind is Kind.REPORT_LINES else layout.key[-1]


def date_order(layout: Layout, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """By what rows are sorted before they are applied, so that their order in the file does not matter."""
    if layout.kind is Kind.PATENTS:
        return (values.get("registered_on") or values.get("filed_on") or date.max,)
    last = 9999 if layout.kind is Kind.REPORT_LINES else date.max
    return tuple(last if values.get(name) is None else values[name] for name in layout.dates)


def missing(layout: Layout, values: Mapping[str, Any], *, is_new: bool) -> list[str]:
    """The required columns a row leaves empty; in an update only columns that stand in the file count."""
    return [name for name in layout.required if values.get(name) is None and (is_new or name in values)]


def order_key(layout: Layout, values: Mapping[str, Any]) -> tuple[Any, ...]:
    """The place of a row in an export: by its key, by code point (``exchange.md`` 2)."""
    if layout.kind is Kind.PATENTS:
        number = values.get("title_no") or values.get("application_no") or ""
        return (values["office"], values["kind"], number, values.get("title_no") is not None)
    if layout.kind is Kind.REPORT_LINES:
        return tuple(values[name] for name in ("territory", "bin", "year", "quarter"))
    return tuple("" if values[name] is None and name == "title_no" else values[name] for name in layout.key)


def is_label_row(header: Sequence[str], cells: Sequence[object], labels: Mapping[str, frozenset[str]]) -> bool:
    """Whether a row consists of the columns' labels, as templates from the web page carry them in row 2."""
    filled = [(name, cell) for name, cell in zip(header, cells, strict=False) if cell not in (None, ABSENT, "")]
    return bool(filled) and all(
        isinstance(cell, str) and cell.strip() in labels.get(name, frozenset()) for name, cell in filled
    )
