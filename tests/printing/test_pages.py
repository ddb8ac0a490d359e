"""Where pages end: no page stays half empty before what would have fitted on it."""

from __future__ import annotations

import io
import re
import subprocess
from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pikepdf
import pytest

from registry.paper_kinds import kinds
from registry.paper_kinds.snapshots import Snapshot
from registry.printing import formats, pagination, rendering
from registry.printing.layout import Cell, CellKind, Column, Section, Table, row_of
from tests.printing import look

pytestmark = pytest.mark.thorough


def printed(snapshot: Snapshot, language: str) -> bytes:
    paper = kinds.compose(snapshot, language)
    return rendering.stamp(rendering.render(paper), paper, look.IDENTITY)


def pages(snapshot: Snapshot, language: str) -> list[str]:
    content = printed(snapshot, language)
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
    first, *rest = pages(dict(look.stored())[name], language)
    for text in texts:
        assert text in first.replace("\xa0", " "), text
    words = {"ru": ("Примечание", "Ответственный работник"), "kk": ("Ескертпе", "Жауапты қызметкер")}[language]
    signed = next(page for page in rest if words[1] in page)
    assert words[0] in signed, "notes stand above signatures that begin a page"


def with_documents(snapshot: Snapshot, companies: int, days: int, more: int = 0) -> Snapshot:
    """An annual report whose companies rest their taxes on so many documents of one quarter, each on some more."""
    item = snapshot.body.evidence[0]
    evidence = tuple(
        replace(
            item,
            who=replace(item.who, bin=f"{250240990000 + number}"),
            document_no=str(place),
            document_date=date(2026, 1, 1) + timedelta(place),
        )
        for number in range(companies)
        for place in range(days + more * number)
    )
    return replace(snapshot, body=replace(snapshot.body, evidence=evidence))


def test_rows_of_twenty_lines_are_kept_whole() -> None:
    """No amount stands on a page without its name."""
    found = pages(with_documents(dict(look.stored())["annual"], 40, 20, more=1), "ru")
    annex = found[next(number for number, page in enumerate(found) if "Приложение 2\n" in page and number > 1) :]
    written = [formats.text(Cell(234567890 * (20 + number), CellKind.MONEY), "ru") for number in range(40)]
    names, amounts = {}, {}
    for number, page in enumerate(annex):
        lines = page.replace("\u00a0", " ").splitlines()
        for company, amount in enumerate(written):
            names |= {company: number} if f"{250240990000 + company}" in lines else {}
            amounts |= {company: number} if amount.replace("\u00a0", " ") in lines else {}
    assert len(names) == 40
    assert names == amounts


def test_letters_of_an_annex_have_one_size() -> None:
    content = printed(with_documents(dict(look.stored())["annual"], 3, 3), "ru")
    boxes = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=content, capture_output=True, check=True).stdout
    heights = defaultdict(set)
    for top, bottom, word in re.findall(r'yMin="([\d.]+)" xMax="[\d.]+" yMax="([\d.]+)">([^<]+)<', boxes.decode()):
        heights[word].add(round(float(bottom) - float(top), 1))
    number, name, document = (heights[word] for word in ("036,70", "250240990002", "квартал:"))
    assert number == name == document, heights


def test_a_passport_is_not_parted() -> None:
    snapshot = dict(look.stored())["annual"]
    snapshot = replace(snapshot, body=replace(snapshot.body, passports=snapshot.body.passports[:1] * 9))
    found = [
        (page.count("Вид территории"), page.count("Количество участников на эту дату"))
        for page in pages(snapshot, "ru")[1:]
    ]
    assert sum(begun for begun, _ended in found) == 9
    assert all(begun == ended for begun, ended in found), found


@pytest.mark.parametrize(("rows", "apart"), [(12, True), (13, False)])
def test_notes_leave_a_short_table_where_it_stands(rows: int, apart: bool) -> None:
    """And take the last rows of a long one along; without notes nobody signs a page without rows."""
    paper = kinds.compose(dict(look.stored())["taxes"], "ru")
    table = Table((Column("№", 11, "index"),), tuple(row_of(number) for number in range(rows)))
    part = pagination.Part(Section((table,)), (table,), ending=True)
    assert part.ends_apart(paper) is apart
    assert not part.ends_apart(replace(paper, notes=(), sources=""))
