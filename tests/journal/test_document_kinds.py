"""Kinds of evidence have one word each in files, and one name in each language on pages and papers."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.infra.i18n import LANGUAGES, speaking
from registry.journal.presentation import DOCUMENT_KINDS, document_kind_code, value
from registry.paper_kinds.words import SHARED


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_is_read_by_its_name_in_any_language(app: Flask, language: str) -> None:
    for code in DOCUMENT_KINDS:
        with speaking(language):
            name = value("document_kind", code)
        assert document_kind_code(name) == code
        assert document_kind_code(name.upper()) == code
        assert value("document_kind", name) == value("document_kind", code)
    assert document_kind_code("Счет на оплату") == "Счет на оплату"
    assert value("document_kind", "Счет на оплату") == "Счет на оплату"


@pytest.mark.parametrize(("number", "language"), list(enumerate(LANGUAGES)))
def test_pages_name_a_kind_as_papers_do(app: Flask, number: int, language: str) -> None:
    named = {code: words for code in DOCUMENT_KINDS if (words := SHARED.get(f"evidence.{code}"))}
    assert len(named) >= 8
    with speaking(language):
        assert {code: value("document_kind", code) for code in named} == {
            code: words[number] for code, words in named.items()
        }
