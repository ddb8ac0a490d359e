"""What code and tests cite stands in ``docs/``: a document that is not in the repository helps nobody."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.config import ROOT

CITED = re.compile(r"`{0,2}([a-z_]+)\.(?:md|kk\.txt)\b`{0,2},?(?:\s+(?:section\s+)?(\d+(?:\.\d+)?))?")
FOLDERS = ("registry", "templates", "static", "migrations", "tests", ".ci", "docs")
READ = {".py", ".html", ".css", ".js", ".md", ".txt", ".toml", ""}


def files() -> Iterator[Path]:
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and path.suffix in READ and "golden" not in path.parts and "data" not in path.parts:
                yield path
    yield from (ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "Makefile")


def sections(document: Path) -> set[str]:
    """Numbers of a document's headings; a list under a numbered heading is cited by the heading's number."""
    return set(re.findall(r"^#+ (\d+(?:\.\d+)?)\.? ", document.read_text(encoding="utf-8"), re.M))


def citations() -> list[tuple[str, str, str | None]]:
    found = []
    for path in files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path == Path(__file__):
            continue
        text = re.sub(r"\s*\n\s*(?:#\s*)?", " ", text)
        found += [(str(path.relative_to(ROOT)), name, number) for name, number in CITED.findall(text)]
    return sorted(set(found))


def test_there_are_citations_to_check() -> None:
    assert len(citations()) > 50


@pytest.mark.parametrize(("place", "name", "number"), citations())
def test_what_is_cited_exists(place: str, name: str, number: str) -> None:
    document = ROOT / "docs" / f"{name}.md"
    assert document.exists(), f"{place} cites {name}.md, which is not in docs/"
    if number:
        assert number in sections(document), f"{place} cites {name}.md {number}, which has no such section"
