"""One canonical form for each number, however it was typed (``exchange.md`` 5, rule 1)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.infra.identifiers import (
    bins_in,
    canonical_application,
    canonical_bin,
    canonical_number,
    canonical_title,
    mistyped_bin,
    with_bins_together,
    words_beside_bin,
)

Canonical = Callable[[str], str]

title = partial(canonical_title, office="KZ")
application = partial(canonical_application, office="KZ")

SAME: list[tuple[Canonical, str, list[str]]] = [
    (
        canonical_bin,
        "230240991202",
        [
            "230240991202", "230 240 991 202", "230\u00a0240\u202f991\u2009202", "БИН 230240991202", "бин:230240991202",
            "БСН № 230240991202", "BIN 230240991202", "ЖСН 230240991202", "ИИН 230240991202", "БИН/ИИН 230240991202",
            "\u200b230240991202", "\u202a230240991202\u202c", "2302\u00ad4099\u20601202", "230-240-991-202",
            "\ufeff230240991202", "２３０２４０９９１２０２", "230240991202\U000e0041",
            "230.240.991.202", "230 - 240 - 991 - 202", "2302/4099/1202", "230’240’991’202", "230_240_991_202",
            "№ 230240991202", "230240991202.", "(230240991202)", "БИН (230240991202)", "БИН: 230240991202;",
            "«230240991202»", "’230240991202", "`230240991202", '"230240991202"', "230240.991-202",
        ],
    ),
    (
        canonical_number,
        "15-A/2026",
        [
            "15-А/2026", "15–А/2026", "15-A/2026", "15‑А/2026", "15−А/2026", "15—А/2026", "№ 15-А/2026", "15-а/2026",
            "15 -А/2026", "15\u00a0-А/2026", "15\u200b-А/2026", "15-А/2026№", "  15-А / 2026\t", "15\u2010a/2026",
            "１５-А/2026", "15-А／2026", "15－Ａ/2026", "15-А/٢٠٢٦",
        ],
    ),
    (canonical_number, "12-Й", ["12-Й", "12-И\u0306", "12-й", "№12\u2212й"]),
    (canonical_number, "BEKMHOPCTYXI", ["ВЕКМНОРСТУХІ", "BEKMHOPCTYXI", "векмнорстухі", "bekmhopctyxi"]),
    (
        title,
        "36500",
        [
            "36500", "036500", "KZ 36500", "№36500", "36500 B", "36500B1", "36500 U", "36500 (B)", "kz36500a4",
            "КZ № 0036500 В", "36\u00a0500", "36500\u200b", "36500-B", "36500 – В1",
            "KZ B 36500", "KZ-B-36500", "U 36500",
            "36500.0", "36500,00", "KZ B1 36500", "B1 036500", "KZ-B1-36500", "кz в1 № 36500", "36500/B", "36500.B1",
            "３６５００", "ＫＺ ３６５００", "KZ/36500",
        ],
    ),
    (partial(canonical_title, office="EA"), "45123", ["045123", "EA 045123", "ЕА045123 B1", "EA045123B1"]),
    (
        application,
        "2024/500.1",
        ["2024/0500.1", "2024/500.1", "KZ2024/0500.1", "KZ 2024/500.1", "№ 2024 / 0500.1", "kz 2024/00500.1",
         "2024/0500,1", "２０２４/0500.1"],
    ),
    (
        partial(canonical_application, office="EA"),
        "202490014",
        ["EA 202490014", "202490014", "ea202490014", "202490014.0"],
    ),
    (partial(canonical_application, office="WO"), "PCT/KZ2024/12", ["PCT/KZ2024/000012", "РСТ/KZ2024/12"]),
]  # fmt: skip
"""Hard cases by kind of number: the canonical form and spellings of it."""

MARKED: list[tuple[Canonical, str, list[str]]] = [
    (canonical_number, "NU-7/2026", ["'NU-7/2026", '="NU-7/2026"', "№'NU-7/2026", "''NU-7/2026", '="\'NU-7/2026"']),
    (title, "36500", ["'36500", '="036500"', "'KZ 36500 B"]),
]
"""What spreadsheets put around a text."""

DIFFERENT: list[tuple[Canonical, str, str]] = [
    (canonical_number, "15-А/2026", "15-Б/2026"),
    (canonical_number, "15-А/2026", "15А/2026"),
    (canonical_number, "15/2026", "1/52026"),
    (canonical_number, "012", "12"),
    (canonical_number, "О-1", "0-1"),
    (canonical_number, "12-И", "12-Й"),
    (canonical_number, "№", "№№"),
    (title, "36500", "365000"),
    (title, "36500.0", "365000"),
    (title, "KZ B1 36500", "136500"),
    (title, "36500.1", "36500"),
    (partial(canonical_title, office="US"), "D 36500", "36500"),
    (title, "36500", "EA 36500"),
    (application, "2024/500.1", "2024/500.2"),
    (application, "2024/500.1", "2024/5001"),
    (canonical_bin, "230240991202", "230240991203"),
    (canonical_bin, "23024099120", "23024099120.0"),
]


@pytest.mark.parametrize(("canonical", "expected", "spellings"), SAME + MARKED)
def test_spellings_of_one_number_have_one_form(canonical: Canonical, expected: str, spellings: list[str]) -> None:
    assert {spelling: canonical(spelling) for spelling in spellings} == dict.fromkeys(spellings, expected)


@pytest.mark.parametrize(("canonical", "one", "other"), DIFFERENT)
def test_different_numbers_stay_apart(canonical: Canonical, one: str, other: str) -> None:
    assert canonical(one) != canonical(other)


INVISIBLE = st.sampled_from(
    ["", "", "", "\u00ad", "\u200b", "\u200d", "\u2060", "\ufeff", "\u202e", "\u2066", "\U000e0061"]
)
SPACES = st.sampled_from(["", "", "", " ", "\u00a0", "\u202f", "\t"])
ALIKE = {
    **{latin: latin + cyrillic for latin, cyrillic in zip("ABEKMHOPCTYXI", "АВЕКМНОРСТУХІ", strict=True)},
    "-": "-–—‑‐−",
}


@st.composite
def respelled(draw: st.DrawFn, number: str, *, fold: bool = True) -> str:
    """A number as somebody else might type it."""
    parts = []
    for sign in number:
        form = draw(st.sampled_from(ALIKE.get(sign.upper(), sign))) if fold else sign
        parts += [draw(SPACES), draw(INVISIBLE), draw(st.sampled_from([form, form.lower()])) if fold else form]
    text = "".join([*parts, draw(INVISIBLE), draw(SPACES)])
    return unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), text)


NUMBERS = st.from_regex(r"[0-9A-ZА-ЯӘҒҚҢӨҰҮҺІ]{1,6}([-/.][0-9A-ZА-ЯӘҒҚҢӨҰҮҺІ]{1,6}){0,3}", fullmatch=True)


@given(st.data(), NUMBERS)
def test_any_respelling_of_a_document_number_is_the_same(data: st.DataObject, number: str) -> None:
    prefix = data.draw(st.sampled_from(["", "№", "№ "]))
    assert canonical_number(prefix + data.draw(respelled(number))) == canonical_number(number)


@given(st.data(), st.integers(1, 999_999))
def test_any_respelling_of_a_title_is_the_same(data: st.DataObject, number: int) -> None:
    spelled = data.draw(st.sampled_from(["{}", "0{}", "KZ{}", "KZ-{}", "№{}", "{}B", "{}B1", "KZ{}U"])).format(number)
    assert title(data.draw(respelled(spelled))) == str(number)


@given(st.data(), st.integers(1, 9999), st.integers(1, 3))
def test_any_respelling_of_an_application_is_the_same(data: st.DataObject, number: int, kind: int) -> None:
    spelled = data.draw(
        st.sampled_from([f"2024/{number}.{kind}", f"2024/{number:04d}.{kind}", f"KZ2024/{number}.{kind}"])
    )
    assert application(data.draw(respelled(spelled))) == f"2024/{number}.{kind}"


@given(st.data(), st.from_regex(r"[0-9]{12}", fullmatch=True))
def test_any_respelling_of_a_bin_is_the_same(data: st.DataObject, number: str) -> None:
    prefix = data.draw(st.sampled_from(["", "БИН ", "БСН: ", "bin№", "ИИН-", "жсн "]))
    spelled = prefix + data.draw(respelled(number, fold=False))
    assert canonical_bin(spelled) == number


@given(st.sampled_from([canonical_number, title, application, canonical_bin]), st.text())
def test_a_canonical_form_is_its_own(canonical: Canonical, text: str) -> None:
    # Of anything a form is made, and the form of a document number does not change again.
    assert isinstance(canonical(text), str)
    assert canonical_number(canonical_number(text)) == canonical_number(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("ТОО «Робот Биотех-0» (БИН 230240991202)", ["230240991202"]),
        ("230240991202, 220450994960", ["230240991202", "220450994960"]),
        ("230 240 991 202 220 450 994 960", ["230240991202", "220450994960"]),
        ("2302409912021", []),
        ("23024099120", []),
        ("ТОО «Арка»", []),
    ],
)
def test_bins_are_found_in_a_text(text: str, numbers: list[str]) -> None:
    assert bins_in(text) == numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("230.240.991.202", ["230240991202"]),
        ("230.240-991/202", ["230240991202"]),
        ("ТОО «Робот Биотех-0» (БИН 230.240.991.202)", ["230240991202"]),
        ("ТОО «Робот Биотех-0», 2302/4099/1202", ["230240991202"]),
        ("230.240.991.202, 220.450.994.960", ["230240991202", "220450994960"]),
        ("230 240 991 202 220 450 994 960", ["230240991202", "220450994960"]),
        ("заявка 2024/0999.1", []),
        ("патент от 15.03.2026 № 36999", []),
        ("договор 15.03.2026/1234", []),
        ("01.01.2024-31.12.2024", []),
        ("ТОО «Завод 12.34.56»", []),
        ("+7 (727) 250-50-50", []),
        ("1.230.240.991.202", []),
    ],
)
def test_bins_in_groups_are_written_together(text: str, numbers: list[str]) -> None:
    assert bins_in(with_bins_together(text)) == numbers
    assert numbers or with_bins_together(text) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("23024099120O", "23024099120O"), ("23О24О991202", "23О24О991202"), ("БИН 2З0240991202", "2З0240991202"),
        ("ТОО «Улги» (БИН 23024099I202)", "23024099I202"), ("230240991202", None), ("ТОО «ЗОВ»", None),
        ("SB1234567890123", None), ("OOO BOSS 1234", None),
    ],
)  # fmt: skip
def test_letters_among_the_digits_of_a_bin_are_found(text: str, found: str | None) -> None:
    assert mistyped_bin(text) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("БИН/ИИН № 230240991202", ""), ("(230.240.991.202)", ""), ("230240991202 60%", "60%"),
        ("ТОО «Улги» (БИН 230 240 991 202)", "ТОО «Улги»"), ("230240991202, ТОО Улги", "ТОО Улги"),
    ],
)  # fmt: skip
def test_what_stands_beside_a_bin(text: str, words: str) -> None:
    assert words_beside_bin(text) == words
