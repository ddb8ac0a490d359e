"""The words of the interface: one word for one thing, by the rules of official Kazakh and Russian."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from babel.messages.pofile import read_po

from registry.config import ROOT
from registry.infra.i18n import country_code, country_name
from registry.reference.rules import COUNTRIES


def said(language: str) -> Iterator[tuple[str, str]]:
    """Every text of the program with its translation."""
    with (ROOT / "registry" / "translations" / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        for message in read_po(file, locale=language):
            ids, strings = message.id, message.string
            source = ids if isinstance(ids, str) else ids[0]
            for text in [strings] if isinstance(strings, str) else strings:
                if source:
                    yield source, text


@pytest.mark.parametrize(
    ("language", "never"),
    [
        ("ru", "[Ёё]"),
        ("kk", "[Жж]оба(?!лау)"),  # a draft is қаралама; жобалау is designing
        ("kk", r"[Ее]сеп[^.]*, %\(quarter\)s"),  # 2026 жылғы III тоқсанның есебі
        ("kk", r"жағдай күні: %"),  # … күнгі жағдай бойынша
    ],
)
def test_words_that_are_not_used(language: str, never: str) -> None:
    assert [text for _source, text in said(language) if re.search(never, text)] == []


RESIDENTS_READ = re.compile(
    r"\bthe management company (will|answers|decides|has decided|accepts|opens|should)|to the management company\b",
    re.I,
)


@pytest.mark.parametrize(("language", "name"), [("ru", "правляющ"), ("kk", "асқарушы компания")])
def test_the_management_company_is_named_in_full(language: str, name: str) -> None:
    about = [(source, text) for source, text in said(language) if RESIDENTS_READ.search(source)]
    assert len(about) >= 5
    assert [text for _source, text in about if name not in text] == []


def test_countries_are_called_without_the_letter_yo_and_read_with_it() -> None:
    assert not [code for code in COUNTRIES if "ё" in country_name(code, "ru")]
    assert country_code("Тёркс и Кайкос") == country_code("Теркс и Кайкос") == "TC"
