"""Exports, figures, pages and papers of one registry are what they were.

Only what people and programs meet from outside is looked at, so that any change inside may be compared. What is kept
stands in ``state/``; ``python -m tests.golden.update`` writes it anew, and the difference shows what a change did.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from argon2 import PasswordHasher

from registry.accounts import services as accounts
from tests.golden import addresses, papers, reading
from tests.golden.kept import COMPLETE, compare, drop_others, relative
from tests.golden.world import KINDS, ROLES, SAMPLE, SAMPLE_KNOWN, TODAY, Registry, at, build, with_papers
from tests.pages import PageClient

pytestmark = pytest.mark.thorough(together=True)

TERRITORIES = ("YAFI", "NU", "KURCHATOV")
LANGUAGES = papers.LANGUAGES

EXPORTS = (
    *(("--as-of", day) for day in ("2025-12-31", "2026-09-30", "2026-11-30")),
    *(("--known-at", moment) for moment in (SAMPLE_KNOWN, "2026-11-20T12:00:00+05:00")),
    *(("--territory", code) for code in TERRITORIES),
    ("--territory", "NU", "--as-of", "2026-06-30", "--known-at", "2026-11-18"),
    ("--actor", "resident"),
)

PAPERS = [
    (kind, language) for kind, usual in papers.USUAL.items() for language in LANGUAGES if COMPLETE or language == usual
]


@pytest.fixture(scope="module", autouse=True)
def passwords_as_outside_tests() -> Iterator[None]:
    """The acts about passwords, whose hashes depend on how they are made, stand in what is kept."""
    with mock.patch.object(accounts, "_hasher", PasswordHasher()):
        yield


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The installation without papers. It is only read: whatever writes works on a copy."""
    return build(tmp_path_factory.mktemp("golden") / "registers")


@pytest.fixture(scope="module")
def whole(registers: Registry) -> Registry:
    """The installation with papers; only read, too."""
    return with_papers(registers, registers.folder.with_name("whole"))


# --- exports and figures ---


@pytest.mark.parametrize("kind", KINDS)
def test_exports(registers: Registry, tmp_path: Path, kind: str) -> None:
    def exported(name: str, *about: str) -> bytes:
        with at(TODAY):
            registers.command("export", kind, *about, "-o", tmp_path / name)
        return (tmp_path / name).read_bytes()

    plain = exported("plain.csv").decode()
    rows = plain.splitlines()
    others = []
    for about in EXPORTS:
        found = exported("other.csv", *about).decode().splitlines()
        others += [f"== {' '.join(about)}: {len(found)} lines", *relative(found, rows)]
    book = exported("plain.xlsx")
    lines = reading.workbook_rows(book)
    workbook = [*reading.workbook_kinds(book), *lines[0], *relative(reading.csv_text(lines[1:]).splitlines(), rows)]
    compare(
        {
            f"exports/{kind}.csv": plain,
            f"exports/{kind}-others.txt": _text(others),
            f"exports/{kind}-xlsx.txt": _text(workbook),
        }
    )


def test_indicators(registers: Registry) -> None:
    lines = []
    with at(TODAY):
        for year in (2025, 2026, 2027):
            for territory in (None, *TERRITORIES):
                for clocks in (("--as-of", "2026-09-30"), (), ("--known-at", SAMPLE_KNOWN)):
                    about = ["--year", year, *(["--territory", territory] if territory else []), *clocks]
                    told = json.loads(registers.command("indicators", *about, "--json").out[0])
                    found = told.pop("indicators")
                    lines += [f"== {' '.join(map(str, about))}", json.dumps(told), *map(json.dumps, found)]
        lines += ["== as a table", *registers.command("indicators", "--year", 2026).out]
    compare({"indicators.txt": _text(lines)})


def test_what_was_known_of_the_sample_is_what_the_sample_says(registers: Registry, tmp_path: Path) -> None:
    """Later acts, of whatever effective date, change nothing that was known before them."""
    known = ("--known-at", SAMPLE_KNOWN)
    with at(TODAY):
        for about, expected in json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8")).items():
            first, second = about.split("/")
            if first == "participants":
                registers.command("export", "residents", "--as-of", second, *known, "-o", tmp_path / "found.csv")
                found: Any = _participants(tmp_path / "found.csv")
            else:
                territory = () if second == "-" else ("--territory", second)
                clocks = ("--as-of", "2026-09-30", *known)
                told = registers.command("indicators", "--year", first, *territory, *clocks, "--json").out[0]
                values = {str(item["number"]): item for item in json.loads(told)["indicators"]}
                found = {number: values[number]["actual"] for number in expected if number != "coverage"}
                found["coverage"] = list(values["1"]["coverage"].values())
            assert found == expected, about


def _participants(file: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in reading.csv_rows(file.read_bytes().decode())[1:]:
        found.setdefault(row[0], []).append(row[2])
    return {code: sorted(bins) for code, bins in found.items()}


# --- pages ---


@pytest.mark.parametrize("language", LANGUAGES if COMPLETE else LANGUAGES[1:2])
def test_pages(whole: Registry, tmp_path: Path, language: str) -> None:
    """What each role reads; pages of roles that see as much as staff are kept as places in the staff's."""
    seen = whole.copy(tmp_path / "seen")
    texts: dict[str, str] = {}
    of_staff: dict[str, list[str]] = {}
    with seen.opened() as browser, at(TODAY):
        for role in ROLES:
            lines = []
            for address, found in _read(browser(role), language, addresses.PAGES, seen.ids):
                if role == "staff":
                    of_staff[address] = found
                elif role != "resident":
                    found = list(relative(found, of_staff[address]))
                lines += [f"== {address}", *found]
            texts[f"pages/{role}-{language}.txt"] = _text(lines)
        public = [
            line
            for address, found in _read(browser(None), language, addresses.PUBLIC, seen.ids)
            for line in (f"== {address}", *found)
        ]
        texts[f"pages/public-{language}.txt"] = _text(public)
    compare(texts)


def _read(client: PageClient, language: str, wanted: list[str], ids: dict[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """What the addresses answer; first what stands around every page."""
    client.answer(f"/language/{language}")
    yield "around every page", reading.page_lines(client.answer("/").data, "//header | //nav")
    for address in wanted:
        answer = client.answer(address.format_map(ids))
        status = [] if answer.status_code == 200 else [f"status {answer.status_code}"]
        yield address, [*status, *reading.page_lines(answer.data)]


@pytest.mark.parametrize("role", ["staff", "resident"])
def test_files(whole: Registry, tmp_path: Path, role: str) -> None:
    seen = whole.copy(tmp_path / "seen")
    lines = []
    with seen.opened() as browser, at(TODAY):
        client = browser(role)
        client.answer("/language/ru")
        for address in addresses.FILES:
            answer = client.answer(address.format_map(seen.ids))
            lines.append(f"== {address}")
            if answer.status_code != 200:
                lines.append(f"status {answer.status_code}")
                continue
            lines.append(f"{answer.mimetype} {answer.headers.get('Content-Disposition', '')}")
            lines += reading.file_lines(answer)
    compare({f"files/{role}.txt": _text(lines)})


# --- papers ---


@pytest.mark.parametrize(("kind", "language"), PAPERS)
def test_papers(registers: Registry, tmp_path: Path, kind: str, language: str) -> None:
    """Each is the first paper of a registry, so that it does not hang on what was printed before."""
    registry, file = registers.copy(tmp_path / "registry"), tmp_path / "paper.pdf"
    with at(TODAY, chance=f"{kind} {language}"):
        answer = registry.command("document", "issue", kind, *papers.ASKED[kind], "--lang", language, "-o", file).out[0]
        content = file.read_bytes()
        with registry.opened() as browser:
            client = browser(None)
            client.answer(f"/language/{language}")
            checked = client.answer(f"/v/{papers.code_of(content)}")
    lines = [answer.split()[0], *papers.pages(content), "--- data", *papers.data(content), "--- check"]
    compare(
        {
            f"papers/{kind}-{language}.txt": _text([*lines, *reading.page_lines(checked.data)]),
            f"looks/{kind}-{language}.txt": _text(papers.looks(content)),
        }
    )


def test_evidence(whole: Registry, tmp_path: Path) -> None:
    lines = []
    for about in (("--year", "2026"), ("--year", "2026", "--quarter", "3", "--territory", "NU")):
        with at(TODAY):
            printed = whole.command("evidence", *about, "-o", tmp_path / "pack.zip").out
        lines += [f"== {' '.join(about)}", *printed, *papers.packed((tmp_path / "pack.zip").read_bytes())]
    compare({"evidence.txt": _text(lines)})


def test_journal(whole: Registry) -> None:
    with at(TODAY):
        assert whole.command("journal", "verify").out[0].startswith("The journal is whole")


def test_nothing_else_is_kept() -> None:
    names = ["indicators.txt", "evidence.txt", "files/staff.txt", "files/resident.txt"]
    names += [f"exports/{kind}{ending}" for kind in KINDS for ending in (".csv", "-others.txt", "-xlsx.txt")]
    names += [f"pages/{role}-{language}.txt" for role in (*ROLES, "public") for language in LANGUAGES]
    names += [
        f"{part}/{kind}-{lang}.txt" for part in ("papers", "looks") for kind in papers.ASKED for lang in LANGUAGES
    ]
    drop_others(names)


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
