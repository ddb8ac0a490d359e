"""Texts of files: kept composed and without what nobody sees, refused or warned of where letters are lost (rule 9)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from registry.infra.access import SYSTEM
from registry.infra.db import db
from registry.residents import queries
from tests.exchange.made import exported, refused, row, take
from tests.factories import bin_number

DAY = date(2026, 10, 5)


def found(search: str) -> list[str]:
    statement = queries.list_statement(SYSTEM, day=DAY, language="kk", search=search)
    return [entry.name_kk or "" for entry, _status in db.session.execute(statement)]


def test_what_nobody_sees_is_not_stored(database: Flask) -> None:
    typed = {
        "name_kk": "«Инно\u00adвация» ЖШС\u00a0",
        "name_ru": "\u202aТОО «Йод\u200b»\u202c ",
        "address_ru": "a\r\nb",
    }
    take("residents", row("residents", **typed))
    (kept,) = exported("residents")
    assert [kept[name] for name in typed] == ["«Инновация» ЖШС", "ТОО «Йод»", "a\nb"]
    assert found("инновация") == ["«Инновация» ЖШС"]
    result = take("residents", row("residents", **typed))
    assert (result.unchanged, result.warnings) == (1, [])


def test_a_text_with_lost_letters_is_refused(database: Flask) -> None:
    ((line, column, message),) = refused("residents", row("residents", name_kk="«\ufffdо\ufffdыр» ЖШС"))
    assert (line, column) == (2, "name_kk")
    assert "type them again" in message
    assert exported("residents") == []


@pytest.mark.parametrize(
    "name",
    ["«?о?ыр» ЖШС", "В«ТљРѕТЈС‹СЂВ» Р–РЁРЎ", "«Əлем ғылымы» ЖШС", "«Бiлiм және ғылым» ЖШС", "«Жаhан» ЖШС"],
)
def test_a_text_that_looks_wrong_is_stored_with_a_warning(database: Flask, name: str) -> None:
    result = take("residents", row("residents", name_kk=name))
    assert [(item.row, item.field) for item in result.warnings] == [(2, "name_kk")]
    assert exported("residents")[0]["name_kk"] == name


def test_lookalikes_are_found_and_ordered_as_the_letters_they_mean(database: Flask) -> None:
    names = ["«Əлем ғылымы» ЖШС", "«Бiлiм және ғылым» ЖШС", "«Жаhан» ЖШС", "«Әлем аспабы» ЖШС", "«Білім орталығы» ЖШС",
             "«Арман» ЖШС"]  # fmt: skip
    take(
        "residents",
        *(
            row("residents", bin=bin_number(number), name_kk=name, name_ru="ТОО")
            for number, name in enumerate(names, start=1)
        ),
    )
    assert sorted(found("әлем")) == sorted([names[0], names[3]])
    assert sorted(found("білім")) == sorted([names[1], names[4]])
    assert found("жаһан") == [names[2]]
    assert found("")[:3] == [names[5], names[3], names[0]]
