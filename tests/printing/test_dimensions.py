"""Both engines take the sizes of papers from one place, and a table looks the same whichever of them lays it out."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pikepdf
import pytest

from registry.config import ROOT
from registry.paper_kinds import kinds
from registry.printing import dimensions, formats, pdf, rendering, shaping, table_layout
from registry.printing.dimensions import Grey, Length, Mm
from registry.printing.layout import Cell, CellKind, Column, Paper, Section, Table, row_of
from registry.printing.pagination import Chunk, Part
from tests.printing import registers
from tests.printing.test_looks import Word, pages_of

pytestmark = pytest.mark.thorough

COLUMNS = (
    Column("№", 11, "index"),
    Column("Мекені", 50),
    Column("БСН", 25, "code"),
    Column("Күні", 20, "date"),
    Column("Үлесі, %", 30, "number"),
    Column("Саны", 30, "number"),
)
FURTHER = tuple(Column(f"Баған {number}", 24, "label") for number in range(4))
"""With these a table is dense."""


def table(*, dense: bool) -> Table:
    """Rows of one line and of several, numbers with more and fewer decimals, and a total."""
    numbers = (Cell(1055, CellKind.DECIMAL), Cell(Decimal("10.5"), CellKind.PERCENT), Cell(1234, CellKind.INTEGER))
    further = ("жазба",) * len(FURTHER) if dense else ()
    rows = [
        row_of(
            number + 1,
            f"мекен{number} " + "ғимарат жазба " * (number % 3 * 3),
            f"24014000{number:04}",
            "01.02.2026",
            numbers[number % 3],
            Cell(10**number * 7, CellKind.DECIMAL),
            *further,
        )
        for number in range(6)
    ]
    rows.append(row_of("Барлығы", *numbers[:2], *further, style="total", span=4))
    return Table((*COLUMNS, *(FURTHER if dense else ())), tuple(rows))


def sheet_of(content: Table) -> Paper:
    paper = kinds.compose(registers.snapshot(1), "kk")
    paper = replace(paper, demo=False, landscape=True, sections=(Section((content,)),))
    return formats.in_print(paper, "kk")


def html_of(paper: Paper) -> str:
    """The table of a paper as it goes on at the top of a page."""
    section = paper.sections[0]
    return rendering.html_of(paper, Chunk((Part(section, section.blocks, continued=True),), False, 1))


def set_directly(paper: Paper) -> bytes:
    (content,) = paper.sections[0].blocks
    assert isinstance(content, Table)
    shaper = shaping.Shaper("kk", lambda pages: [pdf.render(page) for page in pages])
    layout = table_layout.TableLayout(content, shaper, landscape=True)
    return layout.write(layout.full_pages(content.rows, to_the_end=True))


def words_of(content: bytes) -> list[Word]:
    (page,) = pages_of(content)
    return sorted(page, key=lambda word: (round(word.bottom), word.left))


def changed(part: str, name: str) -> dimensions.Paper:
    """The dimensions with one of them a little different."""
    group = getattr(dimensions.PAPER, part)
    value = getattr(group, name)
    if isinstance(value, Length):
        value = type(value)(value.value + 0.5)
    elif isinstance(value, Grey):
        value = Grey(value.level + 0.4)
    else:
        value += 0.5
    return replace(dimensions.PAPER, **{part: replace(group, **{name: value})})  # type: ignore[arg-type]


def _shared() -> Iterator[tuple[str, str]]:
    """What both engines draw a table by, but for where pages end."""
    for part in ("sheet", "table"):
        for field in fields(getattr(dimensions.PAPER, part)):
            if field.name not in {"bottom", "first_bottom", "most_columns"}:
                yield part, field.name
    yield "letters", "ink"


@dataclass(frozen=True)
class Drawn:
    """A table as both engines draw it."""

    html: str
    directly: bytes

    @classmethod
    def of(cls, paper: Paper) -> Drawn:
        with pikepdf.open(io.BytesIO(set_directly(paper))) as document:
            page = document.pages[0]
            return cls(html_of(paper), str(page.mediabox).encode() + page.Contents.read_bytes())


@pytest.mark.parametrize(("part", "name"), list(_shared()))
def test_a_change_of_one_dimension_changes_both_engines(part: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dense = name.startswith("dense")
    paper = sheet_of(table(dense=dense))
    before = Drawn.of(paper)
    monkeypatch.setattr(dimensions, "PAPER", changed(part, name))
    after = Drawn.of(paper)
    assert after.html != before.html
    assert after.directly != before.directly


def test_the_lower_margin_ends_pages_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = tuple(row_of(number, "атау", "240140000000", "01.02.2026", "", "") for number in range(60))
    paper = sheet_of(Table(COLUMNS, rows))

    def on_the_first_page(margin: float) -> list[int]:
        sheet = replace(dimensions.PAPER.sheet, bottom=Mm(margin))
        monkeypatch.setattr(dimensions, "PAPER", replace(dimensions.PAPER, sheet=sheet))
        found = (pdf.render(html_of(paper)), set_directly(paper))
        return [sum(word.text == "атау" for word in pages_of(content)[0]) for content in found]

    usual, large = on_the_first_page(20), on_the_first_page(60)
    assert usual[0] == usual[1]
    assert large[0] == large[1] == usual[0] - round(40 * dimensions.MM / (1.22 * 8 + 1.2 * dimensions.MM + 0.5))


@pytest.mark.parametrize("dense", [False, True])
@pytest.mark.parametrize(
    "name", ["", "size", "dense_size", "line", "head_line", "pad_x", "pad_y", "rule", "left", "top"]
)
def test_both_engines_put_every_word_in_the_same_place(dense: bool, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """To a quarter of a point, as the dimensions are and with one of them changed."""
    if name:
        monkeypatch.setattr(dimensions, "PAPER", changed("sheet" if name in {"left", "top"} else "table", name))
    paper = sheet_of(table(dense=dense))
    by_weasyprint, directly = words_of(pdf.render(html_of(paper))), words_of(set_directly(paper))
    assert [word.text for word in directly] == [word.text for word in by_weasyprint]
    for own, theirs in zip(directly, by_weasyprint, strict=True):
        assert own[:4] == pytest.approx(theirs[:4], abs=0.25), own.text


def test_numbers_set_directly_stand_comma_below_comma() -> None:
    """A number with fewer decimals than its neighbours stands to the left by the room of those, and of the comma."""
    words = {word.text: word for word in reversed(words_of(set_directly(sheet_of(table(dense=False)))))}
    digit, comma = 0.572 * 8, 0.268 * 8
    right = words["10,55"].right
    assert words["10,5"].right == pytest.approx(right - digit, abs=0.2)
    assert words["234"].right == pytest.approx(right - 2 * digit - comma, abs=0.2)


def test_the_style_sheet_names_only_what_there_is() -> None:
    """And leaves no length of its own to what has a dimension: registers take all theirs from there."""
    css = (ROOT / "templates" / "papers" / "paper.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\(--([a-z-]+)\)", css))
    known = dimensions.variables(dimensions.PAPER)
    assert used <= set(known)
    assert {name for name in known if name.startswith("table-")} - used == {"table-most-columns"}
    registers_css = "\n".join(
        rule for rule in re.findall(r"[^{}]+\{[^}]*\}", css) if re.search(r"table\.(register|dense)[^+]*\{", rule)
    )
    lengths = re.findall(r"(?:font-size|padding|border|line-height|letter-spacing): *([^;]+);", registers_css)
    assert lengths
    assert all(re.search(r"\d", re.sub(r"var\([^)]*\)", "", length)) is None for length in lengths)


def test_a_name_that_is_no_dimension_is_refused() -> None:
    with pytest.raises(KeyError):
        dimensions.fill_in("p { margin: var(--no-such-thing) }")


def test_sizes_are_in_order() -> None:
    """Dense tables are set smaller, and what is stamped stands within the margins it was left."""
    paper: Any = dimensions.PAPER
    assert paper.table.dense_size.points < paper.table.size.points
    stood = [paper.stamps.foot_base, paper.stamps.foot_rule_base, paper.stamps.journal_base, paper.stamps.check_base]
    assert all(lower.mm < upper.mm for lower, upper in pairwise([*stood, paper.sheet.first_bottom]))
    assert paper.stamps.foot_rule_base.mm < paper.sheet.bottom.mm
    assert paper.head.qr.mm <= paper.head.company_left.mm <= paper.head.height.mm
