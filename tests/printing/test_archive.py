"""Papers as files: both standards at once, one structure, data inside, the same bytes again, in one chunk or many."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import page
import pikepdf
import pytest
from flask import Flask

from registry.infra.db import transaction
from registry.journal.rules import canonical
from registry.paper_kinds import kinds, snapshots, words
from registry.paper_kinds.data import data_of
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.participants import Participants
from registry.papers import queries
from registry.printing import fonts, pagination, pdf, render_pool, rendering, shaping, table_layout
from registry.printing.layout import Column, Facts, Table, row_of
from registry.territories.services import amend_territory
from registry.verification import checking
from tests import factories
from tests.factories import bin_number
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.printing import conformance, registers
from tests.printing.reading import Reading

pytestmark = pytest.mark.thorough

STANDARDS = (page.ValidationProfile.PDF_A_3A, page.ValidationProfile.PDF_UA_1)
IDENTITY = rendering.Identity(
    "KZ-PAR-2026-000001-kk", "A" * 28, "http://localhost:8000/v/" + "A" * 28, date(2026, 10, 5), 7, "ab" * 32
)


def check(content: bytes) -> None:
    assert conformance.faults(content) == []
    for profile in STANDARDS:
        report = page.validate_pdf_bytes(content, profile=profile)
        assert report.is_compliant, (profile, [(failure.rule_id, failure.message) for failure in report.failures])


def elements(document: pikepdf.Pdf) -> Iterator[Any]:
    """Every structure element, parents before children; each names its parent."""

    def walk(element: Any) -> Iterator[Any]:
        yield element
        kids = element.get("/K", ())
        for kid in kids if isinstance(kids, pikepdf.Array) else ():
            if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
                assert kid.P.objgen == element.objgen
                yield from walk(kid)

    assert len(document.Root.StructTreeRoot.K) == 1
    yield from walk(document.Root.StructTreeRoot.K[0])


def attached(content: bytes) -> dict[str, bytes]:
    with pikepdf.open(io.BytesIO(content)) as document:
        names = list(document.Root.Names.EmbeddedFiles.Names)
        assert [str(name) for name in names[::2]] == sorted(str(name) for name in names[::2])
        assert len(document.Root.AF) == len(names) // 2
        found = {}
        for specification in names[1::2]:
            assert specification.AFRelationship == pikepdf.Name.Data
            file = specification.EF.F
            assert int(file.Params.Size) == len(file.read_bytes())
            assert str(file.Params.ModDate) == str(file.Params.CreationDate)
            found[str(specification.UF)] = file.read_bytes()
        return found


@pytest.mark.parametrize(("kind", "language"), world.papers())
def test_every_paper_is_archival_and_accessible(app: Flask, kind: str, language: str) -> None:
    world.build()
    paper = world.issued(kind, language=language)
    content = queries.get_bytes(paper)
    check(content)
    composed = kinds.compose(kinds.load(paper.act.snapshot), language)
    with pikepdf.open(io.BytesIO(content)) as document:
        root = document.Root
        assert str(root.Lang) == language
        assert str(document.docinfo["/Title"]) == composed.heading
        assert root.OutputIntents[0].S == pikepdf.Name.GTS_PDFA1
        assert "/Filter" not in root.Metadata
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert metadata["dc:title"] == composed.heading
        found = list(elements(document))
        tags = Counter(str(element.S)[1:] for element in found)
        blocks = [block for section in composed.sections for block in section.blocks]
        assert tags["H1"] == 1
        assert tags["Table"] == sum(isinstance(block, Table | Facts) for block in blocks)
        assert tags["THead"] == sum(isinstance(block, Table) for block in blocks)
        assert all(element.A.Scope in ("/Column", "/Row") for element in found if element.S == pikepdf.Name.TH)
        figures = [element for element in found if pikepdf.Name.Figure == element.S]
        assert f"/v/{paper.code}" in str(figures[0].Alt)
        assert all(str(figure.Alt).strip() for figure in figures)
        assert str(root.Outlines.First.Title) == composed.title
        # Everything marked is either in the structure or an artifact.
        for number, sheet in enumerate(document.pages):
            parents = parents_of(document, sheet)
            for mark in marks(sheet):
                assert parents[mark] is not None, (number, mark)


def parents_of(document: pikepdf.Pdf, sheet: Any) -> list[Any]:
    numbers = list(document.Root.StructTreeRoot.ParentTree.Nums)
    return list(dict(zip(map(int, numbers[::2]), numbers[1::2], strict=True))[int(sheet.obj.StructParents)])


def marks(sheet: Any) -> list[int]:
    return [
        int(operands[1].MCID)
        for operands, operator in pikepdf.parse_content_stream(sheet)
        if str(operator) == "BDC" and isinstance(operands[1], pikepdf.Dictionary) and "/MCID" in operands[1]
    ]


def test_a_shared_mark_of_demo_data_has_all_its_letters(app: Flask) -> None:
    """The English mark of demo data holds a sign that is in no other stamp."""
    world.build()
    snapshot = replace(kinds.load(world.issued("certificate", language="en").act.snapshot), demo=True)
    paper = kinds.compose(snapshot, "en")
    content = rendering.stamp(rendering.render(paper, data=data_of(snapshot)), paper, IDENTITY)
    check(content)
    assert words.say(words.SHARED, "demo", "en") in "".join(page_text(content))


def test_links_of_the_contents_are_described_by_their_words(app: Flask) -> None:
    world.build()
    paper = world.issued("annual", language="en", year=2026)
    composed = kinds.compose(kinds.load(paper.act.snapshot), "en")
    headings = {section.bookmark for section in composed.sections}
    with pikepdf.open(io.BytesIO(queries.get_bytes(paper))) as document:
        links = [str(link.Contents) for sheet in document.pages for link in sheet.obj.get("/Annots", ())]
        assert links
        assert set(links) <= headings
        found = list(elements(document))
        assert sum(pikepdf.Name.Reference == element.S for element in found) == len(links)
        # Nothing on a page is drawn as thousands of small figures.
        assert max(len(content_of(sheet)) for sheet in document.pages) < 300_000


def content_of(sheet: Any) -> bytes:
    parts = sheet.obj.Contents
    return b"".join(part.read_bytes() for part in (parts if isinstance(parts, pikepdf.Array) else [parts]))


# --- names of any letters ---

NAMES = {
    "<b>&amp; <script>alert(1)</script>": "<b>&amp; <script>alert(1)</script>",
    '=HYPERLINK("http://example.kz")': '=HYPERLINK("http://example.kz")',
    "Ә" * 300: "Ә" * 300,
    "شركة العلوم": "شركة العلوم",
    'חברה בע"מ': 'חברה בע"מ',
    "🚀 Ракета 🧬 ген": "🚀 Ракета [U+1F9EC] ген",
    "👨\u200d🔬 ❤\ufe0f": "👨🔬 ❤",
    "漢字会社": "漢字会社",
    "한국": "[U+D55C][U+AD6D]",
    "ℵ ∮ ⊛ ☭ 𝔸 ⸘": "ℵ ∮ ⊛ ☭ 𝔸 ⸘",
    "Z\u0335 first": "Z\u0335 first",
    "Zal\u0301\u0302\u0303\u0304\u0305\u0306go": "Zal\u0301\u0302\u0303\u0304[U+0305][U+0306]go",
    "a\x07b\x00c\x9dd": "a[U+0007]b[U+0000]c[U+009D]d",
    "abc\u202eсбО\u202c": "abc[U+202E]сбО[U+202C]",
    "ab\u00adcd\u200b\ufeff": "ab[U+00AD]cd[U+200B]",
    "\ue000\uf8ff\ufffd\ufffe\U0010ffff": "[U+E000][U+F8FF][U+FFFD][U+FFFE][U+10FFFF]",
    "میخواهم नमस्ते ไทย ქართული Հայ": "میخواهم नमस्ते ไทย ქართული Հայ",
}
"""Names as they may come, and as they are printed: what no font has, and what would mislead unseen, as its number."""


def named(names: list[str], rows: int) -> snapshots.Snapshot:
    """A register whose companies bear the names in turn."""
    data = registers.snapshot(rows)
    entries = tuple(
        replace(entry, who=replace(entry.who, name=snapshots.Text(names[number % len(names)])))
        for number, entry in enumerate(data.body.entries)  # type: ignore[union-attr]
    )
    return replace(data, body=Participants(entries))


def only_letters(text: str) -> str:
    """Without spaces and line breaks, and without the marks pdftotext puts around words from right to left."""
    return re.sub(r"[\s\u202a-\u202e\u2060]", "", text)


@pytest.mark.parametrize("rows", [len(NAMES), 130])
def test_names_of_any_letters_are_printed_and_read(rows: int) -> None:
    """ISO 19005-3, 6.2.11.8: no sign without a glyph; and programs read the same as people."""
    data = named(list(NAMES), rows)
    paper = kinds.compose(data, "kk")
    content = rendering.stamp(rendering.render(paper, data=data_of(data)), paper, IDENTITY)
    check(content)
    result = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True)
    text = only_letters(result.stdout.decode())
    for word in " ".join(NAMES.values()).split():  # words from right to left stand in the order they are seen
        assert only_letters(word) in text, word
    # The data keep the name as it is.
    stored = json.loads(attached(content)["paper.json"])["snapshot"]["body"]["entries"]
    assert [entry["who"]["name"]["kk"] for entry in stored][: len(NAMES)] == list(NAMES)
    again = rendering.stamp(rendering.render(paper, data=data_of(data)), paper, IDENTITY)
    assert again == content


def test_a_sign_without_a_glyph_does_not_slow_a_register_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its number is set directly, like any other text."""
    data = named(["«Ген 🧬» ЖШС", "«Абс\u202eолют» ЖШС"], 160)
    paper = kinds.compose(data, "kk")
    directly = []
    theirs = table_layout.TableLayout.write
    monkeypatch.setattr(
        table_layout.TableLayout, "write", lambda own, pages: directly.append(len(pages)) or theirs(own, pages)
    )
    content = rendering.stamp(rendering.render(paper, data=data_of(data)), paper, IDENTITY)
    assert sum(directly) >= 3
    check(content)
    assert only_letters("".join(page_text(content))).count("[U+1F9EC]") == 80


@pytest.mark.parametrize(("name", "printed"), NAMES.items())
def test_what_is_printed_for_a_name(name: str, printed: str) -> None:
    assert fonts.printable(name) == printed
    assert fonts.printable(printed) == printed


def test_a_stamp_shows_a_sign_it_has_not_as_its_number() -> None:
    face = fonts.face("regular")
    assert face.encode("a🧬") == face.encode("a[U+1F9EC]")
    assert b"0000" not in [face.encode(letter) for letter in "·№Ә"]
    assert face.width("🧬", 10) == face.width("[U+1F9EC]", 10)


# --- data inside ---


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_data_are_inside(app: Flask, kind: str) -> None:
    world.build()
    paper = world.issued(kind, language="ru")
    files = attached(queries.get_bytes(paper))
    about = json.loads(files["paper.json"])
    assert about["number"] == paper.number
    assert about["journal"] == {"sequence": paper.act.chain_sequence, "hash": paper.act.chain_hash}
    assert about["as_of"] == paper.act.as_of.isoformat()
    assert about["data_hash"] == paper.act.data_hash
    assert about["known_at"]
    assert about["rules"]["snapshot"] == snapshots.VERSION
    snapshot = kinds.load(paper.act.snapshot)
    if snapshot.coverage:
        assert about["coverage"] == {"accepted": snapshot.coverage.accepted, "expected": snapshot.coverage.expected}
    assert [name for name in files if name.endswith(".csv")]
    everything = b"\n".join(files.values()).decode()
    assert world.PERSON not in everything
    assert "@" not in everything
    # Whoever has the file can compute the hash that the journal holds.
    assert snapshots.data_hash(canonical(about["snapshot"])) == paper.act.data_hash
    printed = [cell for table in about["printed"] for row in table["rows"] for cell in row]
    text = world.words_of(world.text_of(paper)).replace("\u00a0", " ").replace(" ", "")
    for number in printed:
        if number.replace(".", "").isdigit() and "." in number:
            assert number.replace(".", ",") in text or number in text, number


def test_csv_has_the_columns_and_values_of_exchange(app: Flask) -> None:
    world.build()
    files = attached(queries.get_bytes(world.issued("participants")))
    rows = list(csv.DictReader(io.StringIO(files["residents.csv"].decode())))
    assert [row["bin"] for row in rows if "*" not in row["bin"]] == sorted(world.COMPANIES) or len(rows) == 4
    assert {
        "territory",
        "register_no",
        "bin",
        "name_kk",
        "name_ru",
        "name_en",
        "registered_on",
        "decision_no",
        "decision_date",
        "oked",
        "address_kk",
        "address_ru",
    } <= rows[0].keys()
    assert {row["registered_on"] for row in rows} == {"2026-01-10", "2026-02-01"}
    assert "email" not in rows[0]
    files = attached(queries.get_bytes(world.issued("taxes")))
    lines = list(csv.DictReader(io.StringIO(files["report-lines-by-code.csv"].decode())))
    assert {(row["bin"], row["code"], row["amount"]) for row in lines} == {
        (COMPANY_BIN, "101110", "2345678.90"),
        (COMPANY_BIN, "902101", "5000.00"),
    }


# --- the same bytes ---


def test_the_stored_snapshot_gives_the_same_bytes_again(app: Flask) -> None:
    world.build()
    for kind in KINDS:
        paper = world.issued(kind)
        assert checking.compare(paper) is None, kind


LAY_OUT = """
import hashlib, sys
from datetime import date
from registry.paper_kinds import kinds, snapshots
from registry.paper_kinds.data import data_of
from registry.printing import rendering
snapshot = kinds.load(sys.stdin.read())
paper = kinds.compose(snapshot, "kk")
identity = rendering.Identity("N-1", "CODE", "http://localhost/v/CODE", date(2026, 1, 2), 1, "ab")
print(hashlib.sha256(rendering.stamp(rendering.render(paper, data=data_of(snapshot)), paper, identity)).hexdigest())
"""


def test_zone_locale_and_hash_seed_do_not_matter(app: Flask) -> None:
    world.build()
    text = world.issued("indicators").act.snapshot
    found = set()
    for environment in (
        {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"},
        {"TZ": "Asia/Almaty", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
    ):
        result = subprocess.run(
            [sys.executable, "-c", LAY_OUT],
            input=text,
            text=True,
            capture_output=True,
            check=True,
            encoding="utf-8",
            env={"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"} | environment,
        )
        found.add(result.stdout)
    assert len(found) == 1


# --- chunks ---


@pytest.fixture
def long_register(app: Flask, monkeypatch: pytest.MonkeyPatch) -> snapshots.Snapshot:
    """A register of 64 rows, cut into chunks of 20."""
    world.build()
    for serial in range(1, 61):
        factories.resident(bin_number(serial, year=23))
    monkeypatch.setattr(pagination, "ROWS", 20)
    return kinds.load(world.issued("participants").act.snapshot)


def test_a_long_table_is_cut_and_stays_one(long_register: snapshots.Snapshot, tmp_path: Path) -> None:
    paper = kinds.compose(long_register, "kk")
    chunks = pagination.split(paper)
    assert [chunk.rows for chunk in chunks] == [20, 20, 25]
    assert [chunk.continued for chunk in chunks] == [False, True, True]
    heard: list[int] = []
    body = rendering.render(paper, data=data_of(long_register), cache_dir=tmp_path, on_rows=heard.append)
    assert heard[0] == 0
    assert heard[-1] == 65
    assert heard == sorted(heard)
    content = rendering.stamp(body, paper, IDENTITY)
    check(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        found = list(elements(document))
        tags = Counter(str(element.S)[1:] for element in found)
        assert (tags["Table"], tags["THead"], tags["H1"], tags["Document"]) == (1, 1, 1, 1)
        assert tags["TR"] == 2 + 65
        assert [str(document.Root.Outlines.First.Title)] == [paper.title]
        assert body.pages == len(document.pages)
        assert [int(sheet.obj.StructParents) for sheet in document.pages] == list(range(body.pages))
    text = "".join(page_text(content))
    for entry in long_register.body.entries:  # type: ignore[union-attr]
        assert text.count(entry.who.bin) == 1
    for sheet in page_text(content)[: len(chunks)]:
        assert "БСН (ЖСН)" in sheet


def page_text(content: bytes) -> list[str]:
    result = subprocess.run(["pdftotext", "-layout", "-", "-"], input=content, capture_output=True, check=True)
    return result.stdout.decode().split("\f")[:-1]


def test_cache_and_processes_do_not_change_a_byte(
    long_register: snapshots.Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paper = kinds.compose(long_register, "kk")
    cold = rendering.render(paper, data=data_of(long_register), cache_dir=tmp_path).content
    with monkeypatch.context() as patch:
        patch.setattr(pdf, "render", forbidden)
        assert rendering.render(paper, data=data_of(long_register), cache_dir=tmp_path).content == cold
    # A damaged chunk is made again.
    chunk, other = [path for path in tmp_path.rglob("*") if path.is_file()][:2]
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"x")
    assert rendering.render(paper, data=data_of(long_register), cache_dir=tmp_path).content == cold
    # So is one that stands in the place of another.
    chunk.write_bytes(other.read_bytes())
    assert rendering.render(paper, data=data_of(long_register), cache_dir=tmp_path).content == cold


def forbidden(*_arguments: object) -> bytes:
    raise AssertionError("nothing was to be laid out")


def test_one_changed_row_lays_out_one_piece(
    long_register: snapshots.Snapshot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendering.render(kinds.compose(long_register, "kk"), cache_dir=tmp_path)
    entries = long_register.body.entries  # type: ignore[union-attr]
    changed = replace(entries[30], oked="72190")
    body = Participants((*entries[:30], changed, *entries[31:]))
    laid_out = []
    theirs = pdf.render
    monkeypatch.setattr(pdf, "render", lambda html: laid_out.append(html) or theirs(html))
    rendering.render(kinds.compose(replace(long_register, body=body), "kk"), cache_dir=tmp_path)
    assert len(laid_out) == 1
    assert "72190" in laid_out[0]


# --- pages set directly ---


def test_a_long_register_fills_its_pages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages set directly and pages laid out by WeasyPrint are one table and say the same."""
    data = registers.snapshot(160)
    paper = kinds.compose(data, "kk")
    heard: list[int] = []
    body = rendering.render(paper, data=data_of(data), cache_dir=tmp_path, on_rows=heard.append)
    assert heard == sorted(heard)
    assert heard[-1] == 161
    content = rendering.stamp(body, paper, IDENTITY)
    check(content)
    with pikepdf.open(io.BytesIO(content)) as document:
        tags = Counter(str(element.S)[1:] for element in elements(document))
        assert (tags["Table"], tags["THead"], tags["TR"]) == (1, 1, 2 + 161)
        for sheet in document.pages:
            assert all(parents_of(document, sheet)[mark] is not None for mark in marks(sheet))
    assert rendering.render(paper, data=data_of(data)).content == body.content
    sheets = page_text(content)
    rows = [sum(sheet.count(entry.who.bin) for entry in data.body.entries) for sheet in sheets]  # type: ignore[union-attr]
    assert sum(rows) == 160
    assert min(rows[1:-2]) >= max(rows) - 2  # no page ends early
    for sheet in sheets[:-1]:
        assert "БСН (ЖСН)" in sheet
    monkeypatch.setattr(table_layout, "can_set", lambda _table: False)
    other = rendering.stamp(rendering.render(paper, data=data_of(data)), paper, IDENTITY)
    assert Counter("".join(said(content))) == Counter("".join(said(other)))


def said(content: bytes) -> list[str]:
    """The words of the tables, without headings and feet, which return on each page."""
    words = subprocess.run(["pdftotext", "-raw", "-", "-"], input=content, capture_output=True, check=True).stdout
    text = words.decode()
    return re.findall(r"NU-2026-\d{4}-7|24014\d{7}|№ \d+-Ш|қолданыста", text)


def layout_of(table: Table) -> table_layout.TableLayout:
    shaper = shaping.Shaper("kk", lambda pages: [pdf.render(page) for page in pages])
    return table_layout.TableLayout(table, shaper, landscape=False)


SHAPED = ["شركة", "🚀 зертхана", "e\u0301", 'חברה בע"מ', "漢字"]


@pytest.mark.parametrize("name", SHAPED if world.COMPLETE else SHAPED[:2])
def test_letters_that_need_shaping_cost_their_own_cell_only(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """One name in a long register: its cell is laid out by WeasyPrint, and all pages are set as without it."""
    data = registers.snapshot(400)
    first, *others = data.body.entries  # type: ignore[union-attr]
    odd = replace(first, who=replace(first.who, name=snapshots.Text(f"Я {name}")))
    pages: list[str] = []
    theirs = pdf.render
    monkeypatch.setattr(pdf, "render", lambda html, **options: pages.append(html) or theirs(html, **options))
    one = kinds.compose(replace(data, body=Participants((odd, *others))), "kk")
    content = rendering.stamp(rendering.render(one), one, IDENTITY)
    check(content)
    assert [html.count("<p style=") for html in pages if "<title>cells</title>" in html] == [1]
    assert sum(html.count("<tr") for html in pages) < 200
    # A program reads words from right to left in the order in which they are seen.
    wanted = sorted(only_letters(f"Я {name}"))
    assert any(sorted(only_letters(cell)) == wanted for cell in Reading(content).cells)


def test_a_shaped_cell_stands_as_its_neighbours_do() -> None:
    """Lines of shaped text are as far apart as others, and a row is as high as its longest cell."""
    columns = (Column("Атауы", 40), Column("Мекенжайы", 40))
    table = Table(columns, (row_of("漢字 " * 30, "a"), row_of("b " * 60, "漢"), row_of("a", "b")))
    layout = layout_of(table)
    layout.prepare(table.rows)
    heights = [layout.break_row(row).height for row in table.rows]
    line = heights[2] - 2 * layout.pad_y - layout.rule
    for height in heights[:2]:
        lines = (height - 2 * layout.pad_y - layout.rule) / line
        assert lines == pytest.approx(round(lines))
        assert lines > 2


@pytest.mark.parametrize(
    ("text", "room", "expected"),
    [
        ("", 100, ("",)),
        ("бір екі үш", 1000, ("бір екі үш",)),
        ("бір екі үш", 33, ("бір екі", "үш")),
        ("ғылыми-өндірістік", 50, ("ғылыми-", "өндірістік")),
        ("2025-01-10", 20, ("2025", "-01-1", "0")),
        ("бір\nекі", 1000, ("бір", "екі")),
        ("1\u00a0234\u00a0567,89", 60, ("1\u00a0234\u00a0567,89",)),
        ("ұзынсөзұзынсөз", 30, ("ұзынсө", "зұзын", "сөз")),
    ],
)
def test_lines_are_broken_where_they_may(text: str, room: float, expected: tuple[str, ...]) -> None:
    found = table_layout.wrap(text, room, "regular", 8)
    assert "".join(found).replace(" ", "") == text.replace(" ", "").replace("\n", "")
    assert len(found) == len(expected)
    if " " in text or "-ө" in text:
        assert found == expected


def test_a_row_taller_than_a_page_is_not_set() -> None:
    table = Table(
        (Column("Атауы", 175),),
        (
            row_of(
                "a",
            ),
            row_of(
                "b\n" * 200,
            ),
            row_of(
                "c",
            ),
        ),
    )
    assert layout_of(table).full_pages(table.rows) == []


@pytest.mark.parametrize("count", range(100, 160))
def test_rows_that_fill_pages_are_set_on_them_to_the_last(count: int) -> None:
    """Also where a page ends early, since its last row stays with the total on the next one."""
    rows = [*(row_of(f"{number}", "a" * (number % 7)) for number in range(count)), row_of("all", "", style="total")]
    table = Table((Column("№", 20), Column("Атауы", 155)), tuple(rows))
    layout = layout_of(table)
    pages = layout.full_pages(rows)
    whole = sum(len(page) for page in pages)
    assert whole < len(rows)
    assert layout.full_pages(rows[:whole], to_the_end=True) == pages


def test_headings_and_totals_are_not_parted_from_their_rows() -> None:
    rows = [row_of(str(number)) for number in range(pagination.ROWS * 2)]
    rows[pagination.ROWS - 1] = row_of("heading", style="group")
    rows[pagination.ROWS * 2 - 1 :] = [
        row_of(
            "last",
        ),
        row_of("all", style="total"),
    ]
    slices = pagination._slices(Table((Column("x", 10),), tuple(rows), "caption"))
    assert [row for part in slices for row in part.rows] == rows  # type: ignore[union-attr]
    assert all(part.rows[-1].style != "group" and part.rows[0].style != "total" for part in slices)  # type: ignore[union-attr]
    assert [part.caption for part in slices] == ["caption", *[""] * (len(slices) - 1)]  # type: ignore[union-attr]


def test_a_stream_may_end_with_any_byte() -> None:
    """A carriage return before the end of a stream must not be read as part of the end of line after it."""
    import zlib

    data = next(line for line in (b"%% %d" % number for number in range(10_000)) if zlib.compress(line)[-1] == 13)
    with pikepdf.new() as document:
        document.add_blank_page()
        for name in ("A", "B"):
            document.Root["/" + name] = document.make_indirect(pikepdf.Stream(document, data))
        content = pdf._with_plain_ends(pdf._written(document))
    assert content.count(b"\r\r\nendstream") == 2
    with pikepdf.open(io.BytesIO(content)) as document:
        assert document.check_pdf_syntax() == []
        assert document.Root.A.read_bytes() == document.Root.B.read_bytes() == data


@pytest.mark.parametrize("program", ["/bin/false", "/bin/cat"])
def test_a_process_that_fails_is_an_error_and_no_paper(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(render_pool, "SECONDS", 2)
    monkeypatch.setattr(sys, "executable", program)
    with pytest.raises(render_pool.LayoutError):
        list(render_pool.spread({1: "<p>one", 2: "<p>two"}, processes=2))


def test_the_second_name_of_a_company_is_in_its_own_language(app: Flask) -> None:
    entries = world.build()
    nu = entries[COMPANY_BIN].territory
    with transaction():
        amend_territory(
            factories.SYSTEM, nu, {"company_name_kk": "«Парк» АҚ", "company_name_ru": "АО «Парк»"}, now=factories.NOW
        )
    for language, expected in (("kk", ["ru"]), ("ru", ["kk"]), ("en", ["kk", "ru"])):
        content = queries.get_bytes(world.issued("participants", territory=nu, language=language))
        with pikepdf.open(io.BytesIO(content)) as document:
            assert [str(element.Lang) for element in elements(document) if "/Lang" in element] == expected


def test_the_cache_is_bounded(tmp_path: Path) -> None:
    import os

    cache = render_pool.Cache(tmp_path, limit=3000)
    for number in range(5):
        cache.put(f"{number:064x}", b"x" * 968)
        os.utime(tmp_path / "00" / f"{number:064x}", ns=(number, number))
    cache.trim()
    kept = [number for number in range(5) if cache.get(f"{number:064x}")]
    assert kept == [2, 3, 4]


def test_a_draft_has_a_watermark_and_no_number(app: Flask) -> None:
    world.build()
    snapshot = kinds.load(world.issued("participants").act.snapshot)
    paper = kinds.compose(snapshot, "ru")
    content = rendering.stamp_draft(rendering.render(paper, data=data_of(snapshot)), paper)
    check(content)
    text = "".join(page_text(content))
    assert "ПРОЕКТ" in text
    assert "KZ-PAR" not in text
    with pikepdf.open(io.BytesIO(content)) as document:
        assert "/AF" not in document.Root
