"""A paper printed again: the same bytes, or in words why they are others."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from registry.papers import queries
from registry.papers.models import Document
from registry.printing import dimensions, pdf, render_pool, rendering
from registry.signing import keys
from registry.verification import checking
from tests.papers import world


def issued() -> Document:
    world.build()
    return world.issued("certificate")


def test_a_paper_made_before_looks_had_versions_is_printed_again(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its data name a template and a hash of the sources of its day, which the present program does not have."""
    before = {**rendering.versions(), "template": "3", "look": "0123456789abcdef"}
    with monkeypatch.context() as then:
        then.setattr(rendering, "versions", lambda: before)
        paper = issued()
    assert '"template":"3"' in paper.versions
    assert checking.compare(paper) is None


def test_another_public_address_or_key_of_the_registry_changes_no_paper(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both belong to the paper: it is printed again as it was issued."""
    paper = issued()
    settings = app.config["SETTINGS"]
    monkeypatch.setitem(app.config, "SETTINGS", replace(settings, public_url="https://tizilim.example.kz"))
    assert checking.compare(paper) is None
    assert "https://tizilim.example.kz/v/" in world.words_of(world.text_of(world.issued("extract")))
    key = settings.keys_dir / keys.SIGNING_KEY
    before = key.read_bytes()
    try:
        key.unlink()
        keys.create(settings.keys_dir)
        assert checking.compare(paper) is None
    finally:
        for path in (settings.keys_dir / keys.PUBLIC_KEYS).glob("*.pem"):
            path.unlink()
        key.unlink()
        key.write_bytes(before)
        keys.create(settings.keys_dir)


def test_a_paper_printed_again_is_not_taken_from_the_cache(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was wrong there when the paper was issued would be wrong again."""
    with monkeypatch.context() as then:
        other = pdf.render("<!doctype html><title>X</title><p>Another paper</p>")
        then.setattr(render_pool.Cache, "get", lambda *_arguments: other)
        paper = issued()
    assert str(checking.compare(paper)) == "The bytes differ from the stored file."


def move_stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have papers drawn another way than they were."""
    stamps = replace(dimensions.PAPER.stamps, foot_base=dimensions.Mm(10))
    monkeypatch.setattr(dimensions, "PAPER", replace(dimensions.PAPER, stamps=stamps))


def test_a_paper_of_another_look_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = issued()
    look = rendering.LOOK
    monkeypatch.setattr(rendering, "LOOK", look + 1)
    move_stamps(monkeypatch)
    said = str(checking.compare(paper))
    assert "The stored file is whole." in said
    assert f"look {look} of papers; the program prints look {look + 1} now" in said
    assert checking.verify(queries.get_bytes(paper), world.DAY).valid


def test_bytes_that_differ_for_no_known_reason_are_told(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = issued()
    move_stamps(monkeypatch)
    assert str(checking.compare(paper)) == "The bytes differ from the stored file."
    programs = {**rendering.versions(), "pango": "0.0"}
    monkeypatch.setattr(rendering, "versions", lambda: programs)
    assert "pango" in str(checking.compare(paper))


def paper_bytes(paper: Document) -> bytes:
    from registry.papers import queries

    return queries.get_bytes(paper)
