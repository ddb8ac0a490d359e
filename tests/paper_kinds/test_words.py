"""The words of papers: complete in three languages, with the right grammar of dates."""

from __future__ import annotations

from datetime import date

import pytest

from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import words
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.words import Words

EMPTY_ON_PURPOSE = {"copy_note"}


def every_word() -> Words:
    return words.SHARED | {key: texts for kind in KINDS.values() for key, texts in kind.writer.words.items()}


def test_every_phrase_exists_in_every_language() -> None:
    for key, texts in every_word().items():
        assert len(texts) == len(LANGUAGES), key
        if key not in EMPTY_ON_PURPOSE:
            assert all(texts), key


def test_no_kind_says_otherwise_what_is_shared() -> None:
    own = [key for kind in KINDS.values() for key in kind.writer.words]
    assert len(own) == len(set(own))
    assert not set(own) & set(words.SHARED)


def test_translations_have_the_same_variables() -> None:
    for key, texts in every_word().items():
        if key in EMPTY_ON_PURPOSE:
            continue
        variables = [{part.split("}")[0] for part in text.split("{")[1:]} for text in texts]
        assert variables[0] == variables[1] == variables[2], key


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("kk", "2026 жылғы 30 қыркүйектегі жағдай бойынша"),
        ("ru", "по состоянию на 30 сентября 2026 года"),
        ("en", "as of 30 September 2026"),
    ],
)
def test_as_of(language: str, expected: str) -> None:
    assert words.as_of(date(2026, 9, 30), language).replace("\u00a0", " ") == expected


def test_every_kazakh_month_takes_its_own_suffix() -> None:
    months = [words.as_of(date(2026, month, 1), "kk").split()[3] for month in range(1, 13)]
    assert all(month.endswith(("дағы", "тағы", "дегі", "тегі", "ғы", "гі")) for month in months)
    assert len(set(months)) == 12


@pytest.mark.parametrize(
    ("quarter", "language", "expected"),
    [
        (None, "kk", "2026 жыл үшін"),
        (3, "kk", "2026 жылғы III тоқсан үшін"),
        (None, "ru", "за 2026 год"),
        (1, "ru", "за I квартал 2026 года"),
        (2, "en", "for Q2 2026"),
    ],
)
def test_periods(quarter: int | None, language: str, expected: str) -> None:
    assert words.over(2026, quarter, language).replace("\u00a0", " ") == expected
