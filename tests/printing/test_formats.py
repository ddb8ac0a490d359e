"""Texts of cells: one value, written as each language writes it, and as programs do."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from registry.infra.i18n import LANGUAGES
from registry.printing import formats
from registry.printing.layout import BILLIONS, SQUARE_METRES, TENGE, Cell, CellKind, Column, Table, row_of

NAME = Cell("«Үлгі» ЖШС")
DAY = Cell(date(2026, 3, 5), CellKind.DATE)


@pytest.mark.parametrize(
    ("cell", "kk", "en", "machine"),
    [
        (Cell(234567890, CellKind.MONEY, TENGE), "2 345 678,90", "2,345,678.90", "2345678.90"),
        (Cell(-5, CellKind.MONEY, TENGE), "−0,05", "−0.05", "-0.05"),
        (Cell(234567890123, CellKind.MONEY, BILLIONS), "2,35", "2.35", "2.35"),
        (Cell(500000000, CellKind.MONEY, BILLIONS), "0,01", "0.01", "0.01"),
        (Cell(-500000000, CellKind.MONEY, BILLIONS), "−0,01", "−0.01", "-0.01"),
        (Cell(499999999, CellKind.MONEY, BILLIONS), "0,00", "0.00", "0.00"),
        (Cell(4550, CellKind.DECIMAL, SQUARE_METRES), "45,50", "45.50", "45.50"),
        (Cell(1234, CellKind.INTEGER), "1 234", "1,234", "1234"),
        (Cell(1234, CellKind.ORDINAL), "1234", "1234", "1234"),
        (Cell(Decimal("100.0"), CellKind.PERCENT), "100,0", "100.0", "100.0"),
        (Cell("250240991048", CellKind.BIN), "250240991048", "250240991048", "250240991048"),
        (Cell("1,234"), "1,234", "1,234", "1,234"),
        (Cell("–"), "–", "–", "–"),
        (DAY, "05.03.2026", "5 Mar 2026", None),
        (Cell((NAME, DAY), CellKind.LINES), "«Үлгі» ЖШС\n05.03.2026", "«Үлгі» ЖШС\n5 Mar 2026", None),
        (Cell("Барлығы", code="2A"), "Барлығы [2A]", "Барлығы [2A]", None),
    ],
)
def test_a_value_is_written_as_its_language_writes_it(cell: Cell, kk: str, en: str, machine: str | None) -> None:
    assert formats.text(cell, "kk").replace("\u00a0", " ") == kk
    assert formats.text(cell, "ru").replace("\u00a0", " ") == kk
    assert formats.text(cell, "en").replace("\u00a0", " ") == en
    assert formats.machine(cell, "en") == (machine if machine is not None else formats.text(cell, "en"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_stays_on_the_line_of_its_sign(language: str) -> None:
    """In whatever is set, by either engine; the data keep the text as it was typed."""
    typed = Cell("Устройство № 10 и № А-7, No. 12; № охранного документа")
    expected = "Устройство №\u00a010 и №\u00a0А-7, No.\u00a012; № охранного документа"
    table = formats.in_print(Table((Column(typed.text, 40),), (row_of(typed.text),), typed.text), language)
    assert [table.caption, table.columns[0].heading, table.rows[0].cells[0].text] == [expected] * 3
    assert formats.in_print(typed.text, language) == formats.in_print(typed, language).text == expected
    assert formats.machine(typed, language) == formats.text(typed, language) == typed.text


def test_a_number_is_as_precise_as_it_is_printed() -> None:
    assert formats.number(Cell(234567890123, CellKind.MONEY, BILLIONS)) == Decimal("2.35")
    assert formats.number(Cell(4550, CellKind.DECIMAL)) == Decimal("45.50")
    assert formats.number(NAME) is formats.number(DAY) is None
    assert formats.decimals(Cell(4550, CellKind.DECIMAL)) == 2
    assert formats.decimals(Cell(7, CellKind.INTEGER)) == formats.decimals(NAME) == 0
