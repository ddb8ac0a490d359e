"""The texts of cells: the one place where a value of a paper becomes words and digits of its language.

All other code works with values: totals, trace codes, spreadsheets and the data inside a paper read the value of a
cell, never the text that is printed of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from registry.infra.i18n import NBSP, format_date, format_decimal, format_hundredths, format_integer
from registry.printing import dimensions, fonts, hyphenation
from registry.printing.layout import BILLIONS, Cell, CellKind, Chart, Column, Paper, Row, Table

_COMMA, _DIGIT = 0.27, 0.572
"""Widths of a comma and of a digit of Noto Sans, as fractions of the font size."""

_BILLION = Decimal(100_000_000_000)
"""Tiyn in a billion tenge."""


def text(cell: Cell, language: str) -> str:
    """What a cell is printed as in ``language``, with its trace code in brackets behind it."""
    written = _written(cell, language)
    return f"{written}{NBSP}[{cell.code}]" if cell.code else written


def _written(cell: Cell, language: str) -> str:
    value, kind = cell.value, cell.kind
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return "\n".join(text(line, language) for line in value)
    if isinstance(value, date):
        return format_date(value, language)
    if kind is CellKind.ORDINAL:
        return str(value)
    if kind is CellKind.INTEGER:
        return format_integer(int(value), language)
    if kind is CellKind.DECIMAL or (kind is CellKind.MONEY and cell.unit != BILLIONS):
        return format_hundredths(int(value), language)
    if kind is CellKind.MONEY:
        return format_hundredths(int(_billions(int(value)).scaleb(2)), language)
    return format_decimal(Decimal(value), language)


def grouped_code(code: str) -> str:
    """A verification code as people read it: in groups of four letters."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def number(cell: Cell) -> Decimal | None:
    """The number a cell prints, as precise as it is printed; None for a cell of anything else."""
    value, kind = cell.value, cell.kind
    if isinstance(value, str | tuple | date):
        return None
    if kind is CellKind.MONEY and cell.unit == BILLIONS:
        return _billions(int(value))
    if kind in (CellKind.MONEY, CellKind.DECIMAL):
        return Decimal(value).scaleb(-2)
    return Decimal(value)


def _billions(tiyn: int) -> Decimal:
    """Rounded half up, away from zero, to hundredths of a billion tenge."""
    return (tiyn / _BILLION).quantize(Decimal("0.01"), ROUND_HALF_UP)


def decimals(cell: Cell) -> int:
    """How many decimals a cell prints; 0 for a cell of anything but a number."""
    found = number(cell)
    return max(0, -int(found.as_tuple().exponent)) if found is not None else 0


def machine(cell: Cell, language: str) -> str:
    """A cell for programs: a number with a decimal point and without spaces, anything else as it is printed."""
    found = number(cell)
    return text(cell, language) if found is None or cell.code else str(found)


# --- room for numbers ---

_BOLD_DIGIT, _BOLD_SPACE, _BOLD_SIGN = 0.574, 0.27, 0.291
"""Widths of a digit or minus, a space between thousands and any other sign in bold, as fractions of the font size."""

_SPARE = 0.3
"""Spare millimetres a column gets besides its widest number or word, its paddings and one ruled line."""


def with_room(columns: list[Column], rows: tuple[Row, ...], language: str) -> tuple[Column, ...]:
    """The columns, with those of numbers made wide enough for their widest number, since numbers never break."""
    widest = [0.0] * len(columns)
    for row in rows:
        for place, cell in row.places:
            if columns[place].style == "number" and not (row.style and place == 0):
                widest[place] = max(widest[place], _room(text(cell, language)))
    sizes = dimensions.PAPER.table
    letters = sizes.sizes(len(columns))[0] / dimensions.MM
    around = 2 * sizes.pad_x.mm + sizes.rule.mm + _SPARE
    return tuple(
        replace(column, width=max(column.width, around + letters * room)) if column.style == "number" else column
        for column, room in zip(columns, widest, strict=True)
    )


def _room(written: str) -> float:
    digits = sum(letter.isdigit() or letter == "−" for letter in written)
    spaces = written.count(NBSP)
    return digits * _BOLD_DIGIT + spaces * _BOLD_SPACE + (len(written) - digits - spaces) * _BOLD_SIGN


# --- a whole paper in print ---

_NUMBER_SIGN = re.compile(r"(№|\bNo\.) (?=\S*\d)")
"""The space between the sign and a number behind it, as people type it."""


def _set(text: str) -> str:
    """A text as it is set: printable, and with no line break between № and its number."""
    return fonts.printable(_NUMBER_SIGN.sub(rf"\1{NBSP}", text))


def in_print(part: Any, language: str) -> Any:
    """A paper, or a part of one, with every cell turned into the text that is printed of it.

    All texts are made printable (:func:`registry.printing.fonts.printable`), with no break between № and its number,
    and columns get to know how wide their longest word is. In a whole paper, words wider than their columns also get
    hyphens.
    """
    if isinstance(part, Paper):
        return _hyphenated(_fields_in_print(part, language))
    if isinstance(part, str):
        return _set(part)
    if isinstance(part, Cell):
        return Cell(_set(text(part, language)))
    if isinstance(part, tuple):
        return tuple(in_print(item, language) for item in part)
    if isinstance(part, Table):
        rows = _rows_in_print(part, language)
        columns = in_print(part.columns, language)
        caption = _set(part.caption)
        return replace(part, rows=rows, columns=_for_whole_words(columns, rows), caption=caption)
    if not is_dataclass(part) or isinstance(part, Chart):
        return part
    return _fields_in_print(part, language)


def _fields_in_print(part: Any, language: str) -> Any:
    return replace(part, **{field.name: in_print(getattr(part, field.name), language) for field in fields(part)})


def _rows_in_print(table: Table, language: str) -> tuple[Row, ...]:
    places = _places(table)
    return tuple(
        replace(
            row,
            cells=tuple(
                Cell(_set(text(cell, language)), indent=_indent(cell, places[place])) for place, cell in row.places
            ),
        )
        for row in table.rows
    )


MOST_FOR_A_WORD = 42
"""How wide, in millimetres, a column becomes at most for its longest word; a longer word is broken."""

MOST_ON_ONE_LINE = 120
"""How wide, in millimetres, a column becomes at most for what stays on one line: a number or a hash."""

_BROKEN = frozenset({"text", "label", "centre"})
"""Styles of columns whose cells are broken into lines."""


def _hyphenated(paper: Paper) -> Paper:
    """A paper in print with hyphens in the words that are wider than their columns."""
    sections = tuple(
        replace(
            section,
            blocks=tuple(
                _hyphenated_table(block, paper) if isinstance(block, Table) else block for block in section.blocks
            ),
        )
        for section in paper.sections
    )
    return replace(paper, sections=sections)


def _hyphenated_table(table: Table, paper: Paper) -> Table:
    sizes = dimensions.PAPER.table
    size, head_size = sizes.sizes(max(paper.most_columns, len(table.columns)))
    widths = table.widths(paper.text_width)
    around = 2 * sizes.pad_x.points + sizes.rule.points
    room = [width * dimensions.MM - around for width in widths]
    narrow = {
        place
        for place, (column, width) in enumerate(zip(table.columns, widths, strict=True))
        if column.style in _BROKEN and (width < column.least or column.least >= MOST_FOR_A_WORD)
    }
    if not narrow:
        return table

    def broken(text: str, place: int, style: str, letters: float) -> str:
        if not fonts.all_printable(set(text)):
            return text
        return hyphenation.fit(text, paper.language, room[place], style, letters)

    columns = tuple(
        replace(column, heading=broken(column.heading, place, "bold", head_size)) if place in narrow else column
        for place, column in enumerate(table.columns)
    )
    rows = tuple(
        replace(
            row,
            cells=tuple(
                replace(cell, value=broken(cell.text, place, "bold" if row.style else "regular", size))
                if place in narrow and not (row.style and place == 0)
                else cell
                for place, cell in row.places
            ),
        )
        for row in table.rows
    )
    return replace(table, columns=columns, rows=rows)


def _for_whole_words(columns: tuple[Column, ...], rows: Sequence[Row]) -> tuple[Column, ...]:
    """The columns with the least width at which no word of theirs breaks and no code leaves its line."""
    sizes = dimensions.PAPER.table
    size, head_size = sizes.sizes(len(columns))
    longest = [
        max((fonts.width("bold", part.strip(), head_size) for part in fonts.parts(column.heading)), default=0)
        if fonts.all_printable(set(column.heading))
        else 0
        for column in columns
    ]
    for row in rows:
        for place, cell in row.places:
            style = columns[place].style
            if (
                (row.style and place == 0)
                or (style not in _BROKEN and style != "code")
                or not fonts.all_printable(set(cell.text))
            ):
                continue
            spacing = sizes.code_spacing.points if style == "code" and "\n" not in cell.text else 0
            for line in cell.text.split("\n"):
                for part in [line] if style == "code" else fonts.parts(line):
                    word = part.strip()
                    if len(word) * _WIDEST * size > longest[place]:
                        longest[place] = max(longest[place], fonts.width("regular", word, size) + len(word) * spacing)
    around = 2 * sizes.pad_x.mm + sizes.rule.mm + _SPARE

    def most(column: Column) -> float:
        return MOST_FOR_A_WORD if column.style in _BROKEN else MOST_ON_ONE_LINE

    return tuple(
        replace(column, least=round(min(around + needed / dimensions.MM, most(column)), 2))
        if column.style in _BROKEN | {"code"}
        else column
        for column, needed in zip(columns, longest, strict=True)
    )


_WIDEST = 1.1
"""No letter is wider than this multiple of the font size.

By it, words that cannot be the longest are told without being measured, which takes time.
"""


def _places(table: Table) -> list[int]:
    """The most decimals a number of each column has; 0 for columns of anything else."""
    found = [0] * len(table.columns)
    for row in table.rows:
        for place, cell in row.places:
            if table.columns[place].style == "number":
                found[place] = max(found[place], decimals(cell))
    return found


def _indent(cell: Cell, places: int) -> float:
    """How far left a number stands in its column, in multiples of the font size, so that decimal separators align.

    ``places`` is the most decimals that a number of the column has.
    """
    if not places or number(cell) is None:
        return 0
    missing = places - decimals(cell)
    return round(missing * _DIGIT + (0 if decimals(cell) or not missing else _COMMA), 3)
