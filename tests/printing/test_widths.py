"""How wide columns are: no word breaks where there is room, and one paper has one size of letters."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.paper_kinds import kinds
from registry.printing import dimensions, fonts, formats, pagination, rendering, table_layout
from registry.printing.dimensions import MM
from registry.printing.layout import Cell, CellKind, Column, Paper, Section, Table, row_of
from registry.printing.shaping import Shaper
from tests.printing import look, registers

LONG = "Демонстрационная"


def sheet(*tables: Table, landscape: bool = True) -> Paper:
    paper = kinds.compose(registers.snapshot(1), "ru")
    sections = tuple(Section((table,)) for table in tables)
    return formats.in_print(replace(paper, demo=False, landscape=landscape, sections=sections), "ru")


def first(paper: Paper) -> Table:
    (table,) = paper.sections[0].blocks
    assert isinstance(table, Table)
    return table


def test_a_column_is_as_wide_as_its_longest_word() -> None:
    columns = (Column("№", 11, "index"), Column("Адрес", 12), Column("Название", 160), Column("Статус", 12, "label"))
    table = first(sheet(Table(columns, (row_of(1, f"ул. {LONG}, 51", "слово " * 40, "приостановлен"),))))
    widths = table.widths(262)
    size = dimensions.PAPER.table.size.points
    around = 2 * dimensions.PAPER.table.pad_x.mm + dimensions.PAPER.table.rule.mm
    for place, word in ((1, f"{LONG},"), (3, "приостановлен")):
        assert widths[place] >= fonts.width("regular", word, size) / MM + around
    assert sum(widths) == pytest.approx(262)
    assert widths[2] > 150, "what has room gives it"


def test_what_stands_on_one_line_has_the_room_for_it() -> None:
    digest = "0123456789abcdef" * 2
    table = first(sheet(Table((Column("Хеш", 10, "code"), Column("Название", 50)), (row_of(digest, "слово"),))))
    assert table.widths(262)[0] > fonts.width("regular", digest, dimensions.PAPER.table.size.points) / MM - 30
    narrow = Table(tuple(Column(LONG * 3, 30) for _column in range(9)), (row_of(*[LONG * 3] * 9),))
    assert sum(first(sheet(narrow)).widths(175)) == pytest.approx(175), "words break where there is no room for them"


@pytest.mark.parametrize("name", sorted(dict(look.stored())))
def test_no_word_of_a_paper_breaks_in_kazakh_or_russian(name: str) -> None:
    """But in columns that would leave the others nothing."""
    snapshot = dict(look.stored())[name]
    for language in ("kk", "ru"):
        paper = formats.in_print(kinds.compose(snapshot, language), language)
        for section in paper.sections:
            for table in section.blocks:
                if not isinstance(table, Table):
                    continue
                widths = table.widths(paper.text_width)
                assert sum(widths) <= paper.text_width + 0.01
                for column, width in zip(table.columns, widths, strict=True):
                    assert width >= column.least - 0.01, (name, language, column.heading)


def test_all_tables_of_a_paper_are_set_in_one_size() -> None:
    wide = Table(tuple(Column(f"Графа {number}", 20) for number in range(11)), (row_of(*["слово"] * 11),))
    narrow = Table((Column("Графа", 50), Column("Другая", 50)), (row_of("слово", "слово"),))
    assert sheet(narrow, wide).most_columns == 11
    sizes = dimensions.PAPER.table
    for paper, dense in ((sheet(narrow, wide), True), (sheet(narrow), False)):
        html = "".join(rendering.html_of(paper, chunk) for chunk in pagination.split(paper))
        assert html.count('class="register dense') == len(paper.sections) * dense
        layout = table_layout.TableLayout(
            first(paper), Shaper("ru", lambda _sheets: []), landscape=True, most_columns=paper.most_columns
        )
        assert (layout.size == sizes.dense_size.points) is dense


def test_a_minus_has_room_in_a_column_of_numbers() -> None:
    """It is as wide as a digit, and drawn from another font than Noto Sans."""
    rows = (row_of(1, Cell(-12345678901, CellKind.MONEY)),)
    _number, column = formats.with_room([Column("№", 11, "index"), Column("Отклонение", 5, "number")], rows, "ru")
    table = dimensions.PAPER.table
    written = formats.text(rows[0].cells[1], "ru").replace("−", "0")
    needed = fonts.width("bold", written, table.sizes(2)[0]) / MM
    assert column.width >= needed + 2 * table.pad_x.mm + table.rule.mm
