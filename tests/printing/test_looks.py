"""How papers look: what a reader of the print would stumble over, found again by reading the pages."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from decimal import Decimal
from html import unescape
from typing import NamedTuple

import pytest
from flask import Flask

from registry.infra.db import transaction
from registry.paper_kinds import kinds, words
from registry.paper_kinds.sampling import Population, Sampling
from registry.papers import queries
from registry.papers.models import Document
from registry.patents import services as patents
from registry.printing import dimensions, fonts, formats, rendering
from registry.printing.dimensions import MM
from registry.printing.layout import Cell, CellKind, Column, Paper, Requisite, Table, row_of
from tests import factories
from tests.factories import bin_number
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready as reports

pytestmark = pytest.mark.thorough

EXECUTOR = {"kk": "Орындаушы:", "ru": "Исполнитель:", "en": "Prepared by:"}
"""The last line of a paper, under the signatures."""
FOOT = 20 * MM


class Word(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float
    text: str


def pages_of(content: bytes) -> list[list[Word]]:
    """The words of each page above the footer, with their places."""
    result = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True)
    found = []
    for sheet in result.stdout.decode().split("<page ")[1:]:
        height = float(re.search(r'height="([\d.]+)"', sheet)[1])  # type: ignore[index]
        words = [
            Word(*(float(place) for place in places), unescape(text))
            for *places, text in re.findall(
                r'<word xMin="(.+?)" yMin="(.+?)" xMax="(.+?)" yMax="(.+?)">(.*?)</word>', sheet
            )
        ]
        found.append([word for word in words if word.bottom < height - FOOT + 1])
    return found


def text_of(page: list[Word]) -> str:
    return " ".join(" ".join(word.text for word in page).split())


def overlaps(page: list[Word]) -> list[tuple[str, str]]:
    """Words printed one over the other."""
    return [
        (one.text, other.text)
        for number, one in enumerate(page)
        for other in page[number + 1 :]
        if min(one.right, other.right) - max(one.left, other.left) > 0.8
        and min(one.bottom, other.bottom) - max(one.top, other.top) > (one.bottom - one.top) * 0.45
    ]


def crowded() -> None:
    """A register with names, sums and holders that take more room than usual."""
    world.build()
    long = "«Ғылыми-өндірістік және инновациялық технологияларды коммерцияландыру бірлестігі» ЖШС"
    for serial in range(1, 24):
        number = bin_number(serial, year=23)
        factories.resident(number, name_kk=f"{serial} {long}" if serial % 5 == 0 else f"«Үлгі-{serial}» ЖШС")
    holders = ";".join(f"{bin_number(serial, year=23)}=10%" for serial in range(5, 11))
    with transaction():
        patents.record_patent(
            factories.SYSTEM,
            values={
                "office": "KZ",
                "kind": "invention",
                "title_no": "100",
                "filed_on": world.DAY.replace(year=2024),
                "registered_on": world.DAY,
                "name_kk": "Алу тәсілі " * 9,
                "holders": f"{holders};{long * 3}",
                "ipc": "C12N 15/00;A61K 51/00;G21G 4/08;B25J 9/16",
                "authors": "Демо Ә. Қ.; " * 9,
            },
            now=factories.NOW,
        )


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_nothing_is_broken_clipped_or_printed_over(app: Flask, language: str) -> None:
    """Every kind: words of headings stay whole, nothing lies on anything else or beyond the margins."""
    crowded()
    lines = world.issued(
        "sample", language=language, year=2026, sampling=Sampling(Population.LINES, 5, "x"), now=reports.NOW
    )
    kinds_looked_at = [kind for kind, seen in world.papers() if seen == language]
    for document in [*(world.issued(kind, language=language) for kind in kinds_looked_at), lines]:
        kind = document.act.kind
        pages = pages_of(queries.get_bytes(document))
        width = dimensions.PAPER.sheet.size(landscape=_paper(document).landscape)[0]
        for page in pages:
            assert overlaps(page) == [], kind
            assert all(word.left > 24.5 * MM and word.right < (width - 9.5) * MM for word in page), kind
        printed = set(_parts(" ".join(text_of(page) for page in pages)))
        for heading in _headings(_paper(document)):
            assert set(_parts(heading)) <= printed, (kind, heading)


def _paper(document: Document) -> Paper:
    return kinds.compose(kinds.load(document.act.snapshot), document.language)


def _headings(paper: Paper) -> list[str]:
    return [
        column.heading
        for section in paper.sections
        for block in section.blocks
        if isinstance(block, Table)
        for column in block.columns
    ]


def _parts(text: str) -> list[str]:
    """The chunks of a text that no line may end within."""
    return [part for part in re.split(r"[\s\-–/]+", text) if part]


@pytest.mark.parametrize("count", range(16, 34, 3))
def test_signatures_stand_under_what_they_sign(app: Flask, count: int) -> None:
    """However long the register is, its last line and the total are on the page that is signed."""
    world.build()
    for serial in range(1, count):
        factories.resident(bin_number(serial, year=23), name_kk=f"«Үлгі-{serial}» ЖШС")
    pages = pages_of(queries.get_bytes(world.issued("participants")))
    [signed] = [_lines(page) for page in pages if EXECUTOR["kk"] in text_of(page)]
    assert any(line.startswith(f"Барлығы: {count + 3} ") for line in signed)
    assert any(line.startswith(f"{count + 3} NU NU-") for line in signed)


def test_a_tall_first_row_does_not_leave_the_first_page_empty(app: Flask) -> None:
    crowded()
    first, *_others = pages_of(queries.get_bytes(world.issued("patents")))
    assert "тәсілі" in text_of(first)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_sheet_of_indicators_is_one_page(app: Flask, language: str) -> None:
    """Table, footnotes of ``domain.md`` 1.5, coverage and signatures on the first page, whatever the requisites."""
    crowded()
    paper = _paper(world.issued("indicators", language=language, territory=None))
    name = "«Ғылымды қажетсінетін технологиялар мен аспап жасау ұлттық ғылыми-технологиялық паркі» мекемесі"
    requisites = (
        Requisite(paper.company[0].label, name),
        Requisite("", name),
        Requisite(paper.company[-2].label, COMPANY_BIN),
        Requisite(paper.company[-1].label, "010000, Астана қаласы, Есіл ауданы, Қабанбай батыр даңғылы, 53-үй"),
    )
    longer = replace(paper, company=requisites, notes=(*paper.notes, "Ескертпе " * 20))
    assert longer.company_size
    first, second, *_others = pages_of(rendering.render(longer).content)
    words = text_of(first)
    assert EXECUTOR[language] in words
    assert all(f"[I{number}]" in words for number in range(1, 7))
    assert " ".join(paper.data_status.split()) in words
    assert next(section.annex for section in paper.sections if section.annex) in text_of(second)
    assert max(word.bottom for word in first if word.text in {"аспап", "жасау", "53-үй"}) < (20 + 36) * MM


def test_no_heading_ends_a_page(app: Flask) -> None:
    """A heading, a caption or the head of a table has at least a line of its matter below it on its page."""
    crowded()
    for kind in ("annual", "extract", "comparison", "taxes"):
        document = world.issued(kind, language="ru")
        paper = _paper(document)
        alone = {section.heading for section in paper.sections} | {
            block.caption for section in paper.sections for block in section.blocks if isinstance(block, Table)
        }
        for page in pages_of(queries.get_bytes(document)):
            lines = _lines(page)
            assert lines[-1] not in alone, kind
            assert not re.fullmatch(r"1( \d)+", lines[-1]), kind


def _lines(page: list[Word]) -> list[str]:
    lines: dict[int, list[Word]] = {}
    for word in page:
        lines.setdefault(round(word.bottom), []).append(word)
    return [" ".join(word.text for word in sorted(lines[place])) for place in sorted(lines)]


def test_columns_of_numbers_are_as_wide_as_their_longest_number(app: Flask) -> None:
    """A sum of hundreds of billions stands within its cell, here and in the total."""
    world.build()
    snapshot = kinds.load(world.issued("revenues", language="ru").act.snapshot)
    account = snapshot.body.accounts[0]
    huge = replace(account, sums=tuple(replace(item, amount=88_888_888_888_88) for item in account.sums))
    paper = kinds.compose(replace(snapshot, body=replace(snapshot.body, accounts=(huge,) * 9)), "ru")
    bold = fonts.face("bold")
    for section in paper.sections:
        for table in section.blocks:
            assert isinstance(table, Table)
            size, _head = dimensions.PAPER.table.sizes(len(table.columns))
            for row in table.rows:
                for place, cell in row.places:
                    if table.columns[place].style == "number":
                        needed = bold.width(formats.text(cell, "ru"), size) / MM + 1.8
                        assert needed <= table.widths(paper.text_width)[place] + 0.01, cell


def test_numbers_stand_comma_below_comma() -> None:
    """Numbers with fewer decimals than others of their column stand to the left by the room of those, and the comma."""
    numbers = (Cell(1055, CellKind.DECIMAL), Cell(Decimal("10.5"), CellKind.PERCENT), Cell(1234, CellKind.INTEGER))
    rows = tuple(row_of(cell) for cell in (*numbers, Cell("–"), Cell("")))
    table = formats.in_print(Table((Column("Сан", 30, "number"),), rows), "ru")
    assert [row.cells[0].text for row in table.rows] == ["10,55", "10,5", "1\u00a0234", "–", ""]
    indents = [0, pytest.approx(0.572, abs=0.001), pytest.approx(0.27 + 2 * 0.572, abs=0.001), 0, 0]
    assert [row.cells[0].indent for row in table.rows] == indents


def test_tall_rows_are_told_from_usual_ones() -> None:
    assert not row_of("1", "«Үлгі» ЖШС", "C12N 15/00\nA61K 51/00").is_tall([11, 40, 30])
    long = row_of("1", "а" * 700)
    assert long.is_tall([11, 40])
    assert not long.is_tall([11, 160]), "the same words fill less of a page in a wide column"
    assert row_of("1", "\n".join("abcdefghijklmnopqrstuvwxyz")).is_tall([11, 160])


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_what_is_stamped_has_all_its_letters(language: str) -> None:
    """Stamps are set in a part of the font: a letter outside it would print as an empty box."""
    known = {letter for style in ("regular", "bold") for letter in fonts.face(style).glyphs}
    for key in ("draft", "draft.note", "demo", "number", "code", "page", "check", "journal"):
        assert set(words.say(words.SHARED, key, language)) <= known, key
