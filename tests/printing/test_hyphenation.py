"""Words too long for their column: broken with a hyphen, at the same places by both engines."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from registry.paper_kinds import kinds
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.participants import Participants
from registry.printing import dimensions, fonts, formats, hyphenation, rendering
from registry.printing.layout import Column, Section, Table, row_of
from registry.printing.table_layout import wrap
from tests.printing import look, registers
from tests.printing.reading import Reading

pytestmark = pytest.mark.thorough

LONG = {
    "kk": "ғылымиөндірістіктехнологияландырылғанкоммерцияландырушылар",
    "ru": "научнопроизводственнотехнологическикоммерциализированная",
}


def cut(word: str, language: str) -> str:
    for place in reversed(hyphenation.points(word, language)):
        word = word[:place] + "-" + word[place:]
    return word


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "kk",
            "де-монст-ра-ция-лық жа-уап-кер-ші-лі-гі оқу-шы-лар объ-ек-ті-ле-рі аль-янс та-уы қа-был-дан-ған-да-ры тау",
        ),
        ("ru", "де-мон-стра-ци-он-ная при-оста-нов-лен тер-ри-то-рий"),
        ("en", "demon-stra-tion"),
    ],
)
def test_words_are_broken_between_syllables(language: str, words: str) -> None:
    for word in words.split():
        assert cut(word.replace("-", ""), language) == word


def test_a_kazakh_word_in_a_russian_paper_keeps_its_syllables() -> None:
    assert cut("Ғылымиөндірістік", "ru") == cut("Ғылымиөндірістік", "kk")


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_only_what_fits_no_line_is_broken_and_never_without_a_hyphen(language: str) -> None:
    size, room = dimensions.PAPER.table.size.points, 60.0
    text = f"«Ұзақ» {LONG[language]} ЖШС, {LONG[language]}"
    found = hyphenation.fit(text, language, room, "regular", size)
    assert found.replace("-", "") == text
    lines = wrap(found, room, "regular", size)
    assert "".join(lines).replace(" ", "") == found.replace(" ", ""), "nothing is broken besides the hyphens"
    for line, following in pairwise(lines):
        assert fonts.width("regular", line, size) <= room
        if line[-1].isalpha():
            assert found.startswith(" ", found.index(line) + len(line)), (line, following)
    assert hyphenation.fit(text, language, 1000, "regular", size) == text


def test_what_is_no_word_gets_no_hyphen() -> None:
    digest = "0123456789abcdef" * 4
    assert hyphenation.fit(digest, "ru", 50, "regular", 8).replace("-", "") == digest
    assert hyphenation.fit("1" * 64, "ru", 50, "regular", 8) == "1" * 64


@pytest.mark.parametrize("language", ["kk", "ru"])
def test_both_engines_break_the_same_words_at_the_same_places(language: str, tmp_path: Path) -> None:
    long = registers.snapshot(130)
    name = s.Text(LONG["kk"], LONG["ru"])
    entries = tuple(replace(entry, who=replace(entry.who, name=name)) for entry in long.body.entries)
    paper = kinds.compose(replace(long, body=Participants(entries)), language)
    content = rendering.stamp(rendering.render(paper), paper, look.IDENTITY)
    read = (re.sub(r"\s", "", cell) for cell in Reading(content).cells)
    cells = [cell for cell in read if LONG[language] in cell.replace("-", "")]
    assert len(cells) == 130
    assert len(set(cells)) == 1, "the texts are the same whoever lays them out"
    assert "-" in cells[0]
    file = tmp_path / "paper.pdf"
    file.write_bytes(content)
    boxes = subprocess.run(["pdftotext", "-bbox", file, "-"], capture_output=True, text=True, check=True).stdout
    pieces = re.findall(r"[^-]+-?", cells[0])
    counts = [len(re.findall(f">{re.escape(piece)}</word>", boxes)) for piece in pieces]
    assert counts == [130] * len(pieces), "each piece is a line of its own"


def test_a_hash_stays_in_its_column_and_a_narrow_heading_has_hyphens() -> None:
    columns = (Column("Хеш", 10, "code"), Column(f"Графа {LONG['ru']}", 20, "label"), Column("Название", 60))
    digest = "0123456789abcdef" * 2
    paper = kinds.compose(registers.snapshot(1), "ru")
    table = Table(columns, (row_of(digest, "да", "слово"),))
    paper = formats.in_print(replace(paper, sections=(Section((table,)),)), "ru")
    (found,) = paper.sections[0].blocks
    assert isinstance(found, Table)
    sizes = dimensions.PAPER.table
    width = found.widths(paper.text_width)[0] * dimensions.MM - 2 * sizes.pad_x.points - sizes.rule.points
    spaced = fonts.width("regular", digest, sizes.size.points) + len(digest) * sizes.code_spacing.points
    assert width >= spaced
    assert "-" in found.columns[1].heading
