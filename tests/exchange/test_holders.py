"""Holders in files: by their BIN in any spelling, by name with a warning where it is a participant's (rule 8)."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.clock import local_date
from registry.territories.queries import by_code
from tests.exchange.made import BIN, OTHER, exported, refused, row, take
from tests.factories import NOW
from tests.people import viewer

SPACED = f"{BIN[:3]} {BIN[3:6]} {BIN[6:9]} {BIN[9:]}"


def patents(*holders: str) -> list[dict[str, object]]:
    return [
        row("patents", title_no=str(36701 + number), application_no=f"2024/07{number:02d}.1", holders=text)
        for number, text in enumerate(holders)
    ]


def counted() -> int:
    return len(indicators.counted_patents(SYSTEM, year=2026, as_of=local_date(NOW)))


@pytest.mark.parametrize(
    "spelled", [SPACED, f"БИН {BIN}", f"\u200b{BIN}", f"ТОО «Улги» (БИН {BIN})", f"{BIN} ТОО «Улги»"]
)
def test_a_number_in_any_spelling_is_the_company(database: Flask, spelled: str) -> None:
    take("residents", row("residents"))
    result = take("patents", *patents(spelled))
    assert [item["holders"] for item in exported("patents")] == [BIN]
    kept = "\u200b" not in spelled
    assert [(item.row, item.field) for item in result.warnings if BIN in str(item)] == [(2, "holders")] * kept
    assert take("patents", *patents(BIN)).unchanged == 1
    assert counted() == 1, "the patent is a participant's"


@pytest.mark.parametrize("name", ["ТОО «Улги»", "ТОО Улги", "«ҮЛГІ» ЖШС", "тоо  «Улги»", "\u200bТОО «Улги» "])
def test_a_participants_name_is_an_outsider_and_a_warning_with_its_number(database: Flask, name: str) -> None:
    take("residents", row("residents"))
    result = take("patents", *patents(name))
    assert [(item.row, item.field) for item in result.warnings if BIN in str(item)] == [(2, "holders")]
    assert [item.field for item in take("patents", *patents("ТОО «Другое»")).warnings] == ["holders"]


def test_names_of_other_territories_are_not_told(database: Flask) -> None:
    take("residents", row("residents", territory="YAFI"))
    take("residents", row("residents", bin=OTHER, name_kk="«Басқа» ЖШС", name_ru="ТОО «Другое»"))
    limited = viewer("staff").limited_to(by_code("NU").id)
    result = take("patents", *patents(f"{OTHER};ТОО «Улги»"), actor=limited)
    assert not [item for item in result.warnings if BIN in str(item)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (f"{BIN}, {OTHER}", "several BINs"),
        (f"{BIN} {OTHER}", "several BINs"),
        (BIN[:11], "twelve digits"),
        ("2.3024E+11", "the spreadsheet shortened the number"),
        ("4,08E+10=100%", "the spreadsheet shortened the number"),
        ("40840001231.0", "a leading 0 may be lost"),
        # Without the point these would be the twelve digits of another company.
        ("22024000106.0", "a leading 0 may be lost"),
        (f"БИН {BIN[:11]}{(int(BIN[11]) + 1) % 10}", "check digit"),
        (f"{BIN}=50%;{BIN} =50%", "named twice"),
    ],
)
def test_what_cannot_be_one_holder_is_refused(database: Flask, text: str, message: str) -> None:
    take("residents", row("residents"))
    (found,) = refused("patents", *patents(text))
    assert found[:2] == (2, "holders")
    assert message in found[2]
    assert exported("patents") == []


def test_a_transfer_reads_holders_the_same_way(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents", holders=OTHER))
    result = take("patent-events", row("patent-events", holders=f"БИН {SPACED}=50%;ТОО «Улги»"))
    assert [item["holders"] for item in exported("patent-events")] == [f"{BIN}=50%;ТОО «Улги»"]
    assert [item.field for item in result.warnings] == ["holders", "holders"]
