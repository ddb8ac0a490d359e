"""The version of the look: what is printed of a stored snapshot changes with ``LOOK`` and never without it."""

from __future__ import annotations

import json

from registry.paper_kinds import kinds, snapshots
from registry.printing import rendering
from tests.printing import look

HOW = "raise LOOK in registry/printing/rendering.py, then run python -m tests.printing.look"


def test_papers_look_as_their_version_says() -> None:
    """By every stroke with the fonts and programs the fingerprints were taken with, by every word with any others."""
    kept, found = json.loads(look.KEPT.read_text(encoding="utf-8")), look.fingerprints()
    assert found["look"] == kept["look"], (
        "the fingerprints are those of another look: run python -m tests.printing.look"
    )
    assert found["written"] == kept["written"], HOW
    assert {name: one["read"] for name, one in found["drawn"].items()} == {
        name: one["read"] for name, one in kept["drawn"].items()
    }, HOW
    if found["programs"] == kept["programs"]:
        assert found["drawn"] == kept["drawn"], HOW


def test_stored_snapshots_are_read_and_written_the_same() -> None:
    """Snapshots of issued papers stay readable, and their hashes those the journal holds."""
    for path in look.STORED.glob("*.json"):
        text = path.read_text(encoding="utf-8").removesuffix("\n")
        assert snapshots.dump(kinds.load(text)) == text, path.name


def test_a_comment_changes_nothing_a_paper_keeps() -> None:
    """Versions name the look, programs and fonts; nothing of them is made from our sources."""
    assert rendering.versions()["look"] == str(rendering.LOOK)
    assert set(rendering.versions()) == {
        "look",
        "weasyprint",
        "pydyf",
        "pyphen",
        "pikepdf",
        "fonttools",
        "segno",
        "babel",
        "pango",
        "fonts",
        "Noto Sans regular",
        "Noto Sans bold",
    }
