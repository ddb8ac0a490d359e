"""Where pages end: no page stays half empty before what would have fitted on it."""

from __future__ import annotations

import io
import subprocess

import pikepdf
import pytest

from registry.paper_kinds import kinds
from registry.printing import rendering
from tests.printing import look


def pages(name: str, language: str) -> list[str]:
    paper = kinds.compose(dict(look.stored())[name], language)
    content = rendering.stamp(rendering.render(paper), paper, look.IDENTITY)
    with pikepdf.open(io.BytesIO(content)) as document:
        count = len(document.pages)
    return [
        subprocess.run(
            ["pdftotext", "-f", str(number), "-l", str(number), "-", "-"],
            input=content,
            capture_output=True,
            check=True,
        ).stdout.decode()
        for number in range(1, count + 1)
    ]


@pytest.mark.parametrize(
    ("name", "language", "texts"),
    [
        ("taxes", "ru", ("По участникам", "По кодам бюджетной классификации", "902101")),
        ("patents", "ru", ("900001", "Итого: 2")),
        ("participants", "kk", ("NU-2026-0001-3", "Барлығы: 4")),
        ("corrections", "kk", ("Журнал жазбалары", "Барлығы: 1")),
    ],
)
def test_a_short_table_stands_on_the_first_page(name: str, language: str, texts: tuple[str, ...]) -> None:
    first, *rest = pages(name, language)
    for text in texts:
        assert text in first.replace("\xa0", " "), text
    words = {"ru": ("Примечание", "Ответственный работник"), "kk": ("Ескертпе", "Жауапты қызметкер")}[language]
    signed = next(page for page in rest if words[1] in page)
    assert words[0] in signed, "notes stand above signatures that begin a page"
