"""Each kind of paper in each language, as it leaves the house: text, structure, stamps."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from datetime import timedelta

import page
import pikepdf
import pytest
from flask import Flask

from registry.infra.db import transaction
from registry.paper_kinds import kinds
from registry.paper_kinds.kinds import KINDS
from registry.papers import issuing, queries
from registry.printing import formats, pdf
from registry.residents import services as residents
from registry.territories.queries import by_code, consolidating_body
from registry.territories.services import amend_body, amend_territory
from tests import factories
from tests.factories import bin_number
from tests.papers import world
from tests.people import COMPANY_BIN

pytestmark = pytest.mark.thorough

TYPES = {
    "kk": {
        "extract": "ҮЗІНДІ КӨШІРМЕ", "certificate": "КУӘЛІК", "indicators": "ЕСЕП", "annual": "ЕСЕП",
        "debtors": "ТІЗБЕ", "fees": "КҮНТІЗБЕ", "premises": "ТІЗБЕ", "journal": "ҮЗІНДІ КӨШІРМЕ",
        "comparison": "АНЫҚТАМА", "sample": "ІРІКТЕМЕ",
    },
    "ru": {
        "extract": "ВЫПИСКА", "certificate": "СВИДЕТЕЛЬСТВО", "indicators": "ОТЧЕТ", "annual": "ОТЧЕТ",
        "debtors": "ПЕРЕЧЕНЬ", "fees": "КАЛЕНДАРЬ", "premises": "ПЕРЕЧЕНЬ", "journal": "ВЫПИСКА",
        "comparison": "СПРАВКА", "sample": "ВЫБОРКА",
    },
    "en": {
        "extract": "EXTRACT", "certificate": "CERTIFICATE", "indicators": "REPORT", "annual": "REPORT",
        "debtors": "LIST", "fees": "CALENDAR", "premises": "LIST", "journal": "EXTRACT", "comparison": "STATEMENT",
        "sample": "SAMPLE",
    },
}  # fmt: skip
REGISTER = {"kk": "ТІЗІЛІМ", "ru": "РЕЕСТР", "en": "REGISTER"}
APPROVAL = {"kk": "БЕКІТЕМІН", "ru": "УТВЕРЖДАЮ", "en": "APPROVED BY"}
AS_OF = {
    "kk": "2026 жылғы 30 қыркүйек күнгі жағдай бойынша",
    "ru": "по состоянию на 30 сентября 2026 года",
    "en": "as of 30 September 2026",
}
AS_OF_JOURNAL = {
    "kk": "2026 жылғы 5 қазан күнгі жағдай бойынша",
    "ru": "по состоянию на 5 октября 2026 года",
    "en": "as of 5 October 2026",
}
PAGES = {"kk": "{}-бет, барлығы {}", "ru": "стр. {} из {}", "en": "page {} of {}"}
NUMBER_COLUMN = {"kk": "Р/с №", "ru": "№ п/п", "en": "No."}
NOTES = {"kk": ("Ескертпе:", "Дереккөз:"), "ru": ("Примечание:", "Источник:"), "en": ("Note:", "Source:")}


@pytest.mark.parametrize(("kind", "language"), world.papers(2))
def test_paper(app: Flask, kind: str, language: str) -> None:
    """What every paper must say, and its structure for readers who listen."""
    world.build()
    paper = world.issued(kind, language=language)
    content = queries.get_bytes(paper)
    text = world.text_of(paper)
    words = world.words_of(text)
    assert TYPES[language].get(kind, REGISTER[language]) in words
    assert (AS_OF_JOURNAL if KINDS[kind].of_the_journal else AS_OF)[language] in words
    assert (APPROVAL[language] in words) is (KINDS[kind].needs_approval)
    assert f"{paper.act.chain_sequence}, SHA-256 {paper.act.chain_hash}" in words
    sheets = text.split("\f")[:-1]
    assert len(sheets) == paper.pages
    for number, sheet in enumerate(sheets, start=1):
        foot = world.words_of(sheet)[-200:]
        assert paper.number in foot
        assert formats.grouped_code(paper.code) in foot
        assert PAGES[language].format(number, paper.pages) in foot
    assert f"http://localhost:8000/v/{paper.code}" in world.words_of(sheets[0])
    if kind != "certificate":
        assert KINDS[kind].of_the_journal or NUMBER_COLUMN[language] in words
        assert all(mark in words for mark in NOTES[language])
    assert COMPANY_BIN in words
    assert world.PERSON not in words
    assert "example.com" not in words
    report = page.validate_pdf_bytes(content, profile=page.ValidationProfile.PDF_UA_1)
    assert report.is_compliant, [(failure.rule_id, failure.message) for failure in report.failures]
    with pikepdf.open(io.BytesIO(content)) as document:
        assert str(document.Root.Lang) == language
        assert document.open_metadata()["dc:identifier"] == paper.number
        landscape = [sheet.mediabox[2] > sheet.mediabox[3] for sheet in document.pages]
        assert all(landscape) or not any(landscape)


def test_every_bin_stands_whole_on_one_line(app: Flask) -> None:
    """Long names and a long register: nothing breaks a BIN, and the heading returns on every page."""
    world.build()
    numbers = [bin_number(serial, year=23) for serial in range(1, 61)]
    for serial, number in enumerate(numbers):
        long = "«Ғылыми-өндірістік бірлестік " + "Үлгілік-" * 12 + f"{serial}» ЖШС"
        factories.resident(number, name_kk=long, name_ru=long, address_kk="Қала, " + "өтеұзынкөше" * 9)
    gone = factories.resident(bin_number(70), name_kk="«Кеткен» ЖШС")
    factories.status_change(gone, "excluded", world.DAY)
    paper = world.issued("participants")
    text = world.text_of(paper)
    lines = text.splitlines()
    for number in [*numbers, *(row for row in world.COMPANIES)]:
        assert sum(bool(re.search(rf"(?<!\d){number}(?!\d)", line)) for line in lines) == 1, number
    assert gone.bin not in text
    assert sum("0001013" in line for line in lines) == 0
    assert "0001******07" in text
    sheets = text.split("\f")[:-1]
    assert len(sheets) > 3
    for sheet in sheets[:-1]:
        assert "БСН (ЖСН)" in sheet
        assert re.search(r"^\s*1\s+2\s+3\s+4\s+5\s+6\s+7\s+8\s+9\s+10\s+11\s*$", sheet, re.MULTILINE)
    assert "Барлығы: 64" in text


def test_money_is_exact_and_totals_agree(app: Flask) -> None:
    world.build()
    taxes = world.words_of(world.text_of(world.issued("taxes", language="ru")))
    assert taxes.count("2 345 678,90".replace(" ", "\u00a0")) + taxes.count("2 345 678,90") >= 4
    assert "5 000,00" in taxes
    revenues = world.words_of(world.text_of(world.issued("revenues", language="en")))
    assert "1,234,567.89" in revenues
    assert "1,234,667.89" in revenues
    assert "100.0" in revenues


def test_the_indicator_report_prints_what_counts_and_why(app: Flask) -> None:
    world.build()
    paper = world.issued("indicators", language="ru")
    text = world.words_of(world.text_of(paper))
    assert "Приложение 1" in text
    assert "Приложение 6" in text
    assert "Патенты на изобретения, учтенные в индикаторе 6" in text
    assert "Способ получения изотопа" in text
    assert "из 12" not in text
    [indicator] = [item for item in kinds.load(paper.act.snapshot).body.indicators if item.number == 6]
    assert indicator.actual == 100


def test_missing_requisites_are_blank_lines_and_entered_ones_are_printed(app: Flask) -> None:
    entries = world.build()
    nu = entries[COMPANY_BIN].territory
    assert "None" not in world.text_of(world.issued("participants", territory=nu))
    with transaction():
        values = {
            "company_name_kk": "«Парк» АҚ",
            "company_name_ru": "АО «Парк»",
            "company_bin": bin_number(50),
            "company_head": "Демо Б.Б.",
            "company_head_position_ru": "Председатель правления",
        }
        amend_territory(factories.SYSTEM, nu, values, now=factories.NOW)
    text = world.words_of(world.text_of(world.issued("participants", territory=nu, language="ru")))
    for value in ("АО «Парк»", "«Парк» АҚ", bin_number(50), "Демо Б.Б.", "Председатель правления"):
        assert value in text


def test_papers_say_where_they_are_made_and_who_consolidates(app: Flask) -> None:
    entries = world.build()
    nu = entries[COMPANY_BIN].territory
    blank = world.words_of(world.text_of(world.issued("premises", language="ru")))
    assert "Орган, составляющий сводные документы" in blank
    assert "Место составления: " in blank
    with transaction():
        amend_territory(factories.SYSTEM, nu, {"company_place_ru": "город Астана"}, now=factories.NOW)
        values = {
            "company_name_ru": "АО «Демо-свод»",
            "company_bin": bin_number(60),
            "company_place_ru": "город Курчатов",
            "company_head": "Демо Ә.Ә.",
        }
        amend_body(factories.SYSTEM, consolidating_body(), values, now=factories.NOW)
    own = world.words_of(world.text_of(world.issued("participants", territory=nu, language="ru")))
    assert "Место составления: город Астана" in own
    assert "Демо-свод" not in own
    together = world.words_of(world.text_of(world.issued("participants", language="ru")))
    for value in ("Место составления: город Курчатов", "АО «Демо-свод»", bin_number(60), "Демо Ә.Ә."):
        assert value in together


def test_demo_data_are_marked_on_every_page(app: Flask) -> None:
    assert "ДЕМО" not in world.text_of(world.issued("participants", language="ru"))
    with transaction():
        residents.register_resident(
            factories.SYSTEM,
            territory=by_code("NU"),
            values=factories.resident_values(COMPANY_BIN),
            now=factories.NOW,
            is_demo=True,
        )
    for kind in ("participants", "extract", "certificate"):
        for sheet in world.text_of(world.issued(kind, language="ru")).split("\f")[:-1]:
            assert "ДЕМО-ДАННЫЕ" in sheet


def test_a_paper_of_all_is_marked_where_its_letterhead_is_demo_data(app: Flask) -> None:
    """Also one of a moment at which no company was known yet."""
    before = factories.NOW
    with transaction():
        by_code("NU").is_demo = True
    factories.resident(COMPANY_BIN, now=before + timedelta(days=1))
    paper = world.issued("participants", language="ru", known_at=before)
    assert kinds.load(paper.act.snapshot).entries == 0
    assert "ДЕМО-ДАННЫЕ" in world.text_of(paper)


def test_untrusted_names_are_only_text(app: Flask) -> None:
    name = '<img src="file:///etc/passwd"><script>alert(1)</script> {{ 7*7 }} =1+1 عربي 🧪 ' + "ұ" * 300
    factories.resident(COMPANY_BIN, name_kk=name[:480], name_ru=name[:480])
    text = "".join(world.text_of(world.issued("extract")).split())
    assert "<script>alert(1)</script>{{7*7}}=1+1" in text
    assert "root:" not in text


def test_a_paper_may_load_nothing_from_outside(app: Flask) -> None:
    fetcher = pdf._fetcher()
    for url in (
        "file:///etc/passwd",
        "http://localhost/x",
        "https://example.com/a.png",
        "data:text/plain,x",
        f"file://{pdf.STATIC}/../registry/config.py",
        "ftp://example.com/x",
    ):
        with pytest.raises(ValueError, match="may not load"):
            fetcher.fetch(url)  # type: ignore[attr-defined]
    response = fetcher.fetch((pdf.STATIC / "logo.svg").as_uri())  # type: ignore[attr-defined]
    assert b"<svg" in response.read()


def test_progress_runs_from_nothing_to_all(app: Flask) -> None:
    world.build()
    heard: list[tuple[int, int]] = []
    issuing.issue(
        factories.SYSTEM,
        "participants",
        language="kk",
        now=factories.NOW,
        as_of=world.DAY,
        progress=lambda done, total: heard.append((done, total)),
    )
    assert heard[0] == (0, 4)
    assert heard[-1] == (4, 4)
    assert [done for done, _total in heard] == sorted(done for done, _total in heard)


def test_web_and_commands_stay_light() -> None:
    """The PDF libraries are loaded where something is rendered and not before."""
    code = (
        "import sys, registry.papers.worker, registry.papers.views; "
        "print([name for name in ('weasyprint', 'pikepdf', 'segno') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"
