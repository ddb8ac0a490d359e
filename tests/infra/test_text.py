"""Texts as they are kept, what looks wrong in them, their order, and search by pieces in any script."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.infra.text import (
    as_seen,
    clean,
    doubts,
    is_found,
    left_out,
    lost_letters,
    search_terms,
    search_text,
    sort_key,
)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  «Қоңыр» ЖШС\u00a0 ", "«Қоңыр» ЖШС"),
        ("Инно\u00adвация", "Инновация"),
        ("\u200bТОО\u2060 \u202e«Улги»\u202c\ufeff", "ТОО «Улги»"),
        ("tag\U000e0067\U000e007f", "tag"),
        ("И\u0306од", "Йод"),
        ("a\r\nb\rc\u2028d\u0085e\nf", "a\nb\nc\nd\ne\nf"),
        ("\u2066\u200b \u00a0", ""),
        ("«А\u0098Б\u0080\u0084\u0086\u009f» ЖШС", "«АБ» ЖШС"),
        ("\u2800А\u2800Б\ufffc", "А Б"),
        ("two  spaces\tinside", "two  spaces\tinside"),
    ],
)
def test_what_nobody_sees_is_not_kept(typed: str, kept: str) -> None:
    assert clean(typed) == kept


@given(st.text())
def test_a_kept_text_is_kept_as_it_is(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept == unicodedata.normalize("NFC", kept)
    assert "\r" not in kept


def test_a_lost_letter_is_told() -> None:
    assert lost_letters("«\ufffdо\ufffdыр» ЖШС") is not None
    assert lost_letters("«Қоңыр» ЖШС") is None


@pytest.mark.parametrize(
    "text",
    [
        "«?о?ыр» ЖШС", "ТОО «????»", "В«ТљРѕТЈС‹СЂВ» Р–РЁРЎ", "ÒÎÎ «Êîíûð»", "ÐšÐ¾Ð½Ñ‹Ñ€", "╨Ъ╨╛╨╜╤Л╤А",
        "«Болаша?» ЖШС", 'ТОО "Болаша?"', "«Болаша? технологиялары» ЖШС",
        *("«Алматы ғылымы» ЖШС".encode().decode(code) for code in ("mac_cyrillic", "mac_roman", "iso8859_5")),
        *("Білім".encode().decode(code) for code in ("mac_cyrillic", "mac_roman")),  # ISO 8859-5 leaves "абаЛбаМ"
        "Əлем ғылымы", "«Бiлiм және ғылым» ЖШС", "«Жаhан» ЖШС", "OOО «Арка» ООO",
    ],
)  # fmt: skip
def test_what_looks_wrong_is_told(text: str) -> None:
    assert list(doubts(clean(text)))


@pytest.mark.parametrize(
    "text",
    [
        "«Әлем ғылымы» ЖШС", "ӨНДІРІС» ЖШС»", "«ӨТІРІС» КЕАҚ", "«РОСС»", "Что это?", "Бұл не?!",
        "Что это? Прибор.", "(Не үшін?)", "Кім? — деді ол",
        "А–Б–В–Г", "2024–2025–2026", "“Арна”–“Арқа”",
        "«Élodie» café",
        "Smart Қала", "IT-парк", "QazТех", "12 °C", "Müller & Söhne", "https://example.kz/?q=1", "№ 5–Ш", "A/B ТОО",
        "TOO «Arka»", "中文 ไทย", "ТОО «Ы-Ы»",
    ],
)  # fmt: skip
def test_what_is_right_is_left_alone(text: str) -> None:
    assert list(doubts(text)) == []


def test_lookalikes_stand_where_the_letter_they_mean_does() -> None:
    names = ["«Əлем» ЖШС", "Бiлiм", "Арман", "Әлем аспабы", "Білік", "Аралас", "Инно\u00adвация", "Инновациялар"]
    assert sorted(names, key=sort_key) == [
        "Аралас", "Арман", "Әлем аспабы", "«Əлем» ЖШС", "Білік", "Бiлiм", "Инно\u00adвация", "Инновациялар",
    ]  # fmt: skip


REGISTER = search_text("«Қазақ ғылымы» ЖШС", "ТОО «Демо Геном-3»", "240340012304", "NU-2026-0008-O", "Бериллий Алиев")


@pytest.mark.parametrize(
    "query",
    [
        "казак гылым", "ғылымы қазақ", "QAZAQ gylym", "kazak", "демо геном тоо", "тоо геном", "Genom", "берилий",
        "Berillij", "berilliy", "Aliev", "Aliyev", "Әлиев", "240340 012 304", "240 340 012 304", "40012", "nu 2026 8",
        "nu 2026 0008", "NU-2026-0008-O", "nu-2026-8", "nu20260008", "NU–2026–0008", "гено", "«ҒЫЛЫМЫ»", "Гeнoм",
        "ге\u00adном", "\u200bгеном\u00a0", "",
    ],
)  # fmt: skip
def test_a_search_finds(query: str) -> None:
    assert is_found(REGISTER, query)


@pytest.mark.parametrize(
    "query",
    [
        "казак темир",
        "nu 2026 9",
        "nu 2025 8",
        "240340 012 305",
        "гном",
        "%",
        "_",
        "«»",
        "—",
        "NU-2026-0080",
        "NU-2026-0008-Q",
    ],
)
def test_a_search_finds_nothing_else(query: str) -> None:
    assert not is_found(REGISTER, query)


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("Жанар", "Zhanar"), ("Жанар", "Janar"), ("Цемент", "Cement"), ("Цемент", "Tsement"), ("Хабаров", "Khabarov"),
        ("Щукин", "Shchukin"), ("Юрьев", "Yuryev"), ("Ёлкин", "Yolkin"), ("Ёлкин", "Елкин"), ("Һәм", "Хам"),
        ("Шығыс", "Shygys"), ("Өңір", "Онир"), ("Aliyev", "Алиев"), ("Genome", "геном"), ("Élodie", "elodie"),
        ("Пётр", "петр"), ("Үлгі", "Улги"), ("Ұлгі", "ulgi"), ("2024/0500.1", "2024/500.1"),
        ("0100-P", "100/P"), ("A-100/P", "100/P"), ("12/0100", "12/100"),
        ("100P", "100/P"),
        ("2024/500.1", "2024/0500.1"), ("№ 15 / 2026", "15/2026"), ("зерттеу " * 20 + "NU-6/9", "nu-6/9"),
        ("15-А/2026", "15–a/2026"), ("15-А/2026", "15a2026"), ("C12N 15/00", "c12n"),
    ],
)  # fmt: skip
def test_scripts_and_spellings_meet(name: str, query: str) -> None:
    assert is_found(search_text(name), query)


@given(st.text(alphabet="абвгғқңһіиыйеёжшщцчюяəaeikxqcywj0129 -", min_size=1, max_size=20))
def test_every_text_is_found_by_itself(text: str) -> None:
    found = search_text(text)
    assert is_found(found, text) or not found


@pytest.mark.parametrize("query", ["S00000000010", "s 0000 0000 010", "БИН S 0000 0000 010", "S000000000"])
def test_a_number_given_for_want_of_a_bin_is_found_by_its_groups(query: str) -> None:
    assert is_found(search_text("«Топ» жобалық тобы", "S00000000010"), query)


def test_a_search_takes_only_its_first_words() -> None:
    text = search_text("алма")
    assert is_found(text, "алма " * 30 + "өрік") and left_out("алма " * 30 + "өрік") is not None
    assert not is_found(text, "алма " * 29 + "өрік") and left_out("алма " * 29 + "өрік") is None
    assert len(search_terms("а,б," * 100)) == 30
    assert left_out("а" * 1001) is not None


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("ТОО «Робот Биотех-0»", "TOO «Робот Биотех–0»", True),
        ("ТОО «Робот Биотех-0»", "тоо Робот Биотех−0.", True),
        ("ТОО «Робот Биотех-0»", "ТОО «Робот Биотех 0»", True),
        ("ТОО «САТЕХ»", "TOO «CATEX»", True),
        ("«Жаһан» ЖШС", "«Жаhан» ЖШС", True),
        ("HOME LLP", "Home llp", True),
        ("ТОО «Робот Биотех-0»", "ТОО «Робот Биотех-1»", False),
        ("«Жаһан» ЖШС", "«Жанан» ЖШС", False),
        ("«Қала» ЖШС", "«Кала» ЖШС", False),
    ],
)
def test_names_are_compared_as_a_reader_sees_them(one: str, other: str, alike: bool) -> None:
    assert (as_seen(one) == as_seen(other)) is alike


@pytest.mark.parametrize("query", ["БИН 230240991202", "бин: 230240991202", "БСН № 230 240 991 202", "ИИН230240991202"])
def test_the_name_of_a_bin_before_it_is_not_searched_for(query: str) -> None:
    assert is_found(search_text("ТОО «Улги»", "230240991202"), query)
    assert not is_found(search_text("ТОО «Улги»", "230240991202"), "БИН Улгі Өндіріс")
