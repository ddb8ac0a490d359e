"""The words of papers: complete in three languages, with the right grammar of dates."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from registry.infra import members
from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import composing, words
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.kind import PaperKind
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.words import Words
from registry.verification import offline_page

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
        ("kk", "2026 жылғы 30 қыркүйек күнгі жағдай бойынша"),
        ("ru", "по состоянию на 30 сентября 2026 года"),
        ("en", "as of 30 September 2026"),
    ],
)
def test_as_of(language: str, expected: str) -> None:
    assert words.as_of(date(2026, 9, 30), language).replace("\u00a0", " ") == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_parts_of_a_day_stay_on_one_line(language: str) -> None:
    assert [part for part in words.as_of(date(2026, 9, 30), language).split(" ") if "30" in part or "2026" in part] in (
        ["30\u00a0сентября\u00a02026\u00a0года"],
        ["30\u00a0September\u00a02026"],
        ["2026\u00a0жылғы", "30\u00a0қыркүйек"],
    )


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_paper_of_a_park_calls_its_members_residents_all_the_way_through(language: str) -> None:
    """Whatever the writer says; of all territories, and of a science city, the general word stays."""
    stem = {"kk": "атысушы", "ru": "частник", "en": "articipant"}[language]
    for kind in KINDS.values():
        for prefix, word in (("NU", "resident"), ("KRC", "participant"), ("KZ", "")):
            writer = kind.writer(about(kind, prefix, word), language)
            for key, texts in writer.vocabulary.items():
                named = stem in texts[words._POSITIONS[language]]
                assert (stem in writer.say(key)) is (named and word != "resident"), (kind.code, key)


@pytest.mark.parametrize(
    ("kind", "word", "expected"),
    [
        ("debtors", "resident", "Резиденты, не представившие отчетность"),
        ("debtors", "participant", "Участники, не представившие отчетность"),
        ("comparison", "resident", "Сравнение реестра резидентов на две даты"),
        ("participants", "resident", "Реестр резидентов"),
        ("participants", "participant", "Реестр участников"),
        ("participants", "", "Реестр участников наукоемких территорий"),
        ("debtors", "", "Участники, не представившие отчетность"),
        ("certificate", "resident", "Свидетельство о включении в реестр в качестве резидента"),
    ],
)
def test_titles_have_the_word_of_the_territory(kind: str, word: str, expected: str) -> None:
    snapshot = about(KINDS[kind], "NU" if word else "KZ", word)
    assert composing._Composer(KINDS[kind], snapshot, "ru")._title() == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kind_is_called_as_its_papers_are_titled(app: Flask, language: str) -> None:
    """In lists, on the public page and on the offline page; by the word of the territory where there is one."""
    page = offline_page.page({}).decode()
    for code, kind in KINDS.items():
        for word in ("resident", "participant"):
            title = composing._Composer(kind, about(kind, "NU", word), language)._title()
            with app.test_request_context(headers={"Accept-Language": language}):
                members.call_members(lambda word=word: word)
                assert str(kind.name) == title
        assert json.dumps(title, ensure_ascii=False) in page, (code, title)


def about(kind: PaperKind, prefix: str, word: str) -> s.Snapshot:
    """A snapshot of one territory, or without a word of all, and without a body."""
    found = [s.Territory(code, "park", word, s.NOTHING) for code in ([prefix] if word else ["NU", "KRC"])]
    scope = s.Scope(prefix, tuple(found), s.Company())
    return s.Snapshot(s.VERSION, kind.code, scope, date(2026, 9, 30), None, None, False, None, None)


def test_an_english_head_names_the_company_in_english() -> None:
    """Its Kazakh name stands below; papers in the other languages have the two official names."""
    empty = about(KINDS["debtors"], "NU", "resident")
    company = s.Company(s.Text("«Үлгі» ЖШС", "ТОО «Үлгі»", "Ulgi LLP"))
    snapshot = replace(empty, scope=replace(empty.scope, company=company))
    found = {
        language: [line.value for line in composing._Composer(KINDS["debtors"], snapshot, language)._requisites()[:2]]
        for language in LANGUAGES
    }
    assert found == {
        "kk": ["«Үлгі» ЖШС", "ТОО «Үлгі»"],
        "ru": ["ТОО «Үлгі»", "«Үлгі» ЖШС"],
        "en": ["Ulgi LLP", "«Үлгі» ЖШС"],
    }


def test_countries_are_called_by_name() -> None:
    kind = KINDS["revenues"]
    told = [kind.writer(about(kind, "NU", "resident"), language).country("UZ") for language in LANGUAGES]  # ty: ignore[unresolved-attribute]
    assert told == ["Өзбекстан", "Узбекистан", "Uzbekistan"]
