"""Texts of files: kept composed and without what nobody sees, refused or warned of where letters are lost (rule 9)."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from registry.infra.access import SYSTEM
from registry.infra.db import db
from registry.residents import queries
from tests.exchange.made import (
    BIN,
    OTHER,
    csv_file,
    exported,
    refused,
    refused_file,
    row,
    take,
    take_file,
    xlsx_file,
)
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
    assert (result.unchanged, [item.field for item in result.warnings]) == (1, ["address_ru"])


def test_a_text_with_lost_letters_is_refused(database: Flask) -> None:
    ((line, column, message),) = refused("residents", row("residents", name_kk="«\ufffdо\ufffdыр» ЖШС"))
    assert (line, column) == (2, "name_kk")
    assert "type them again" in message
    assert exported("residents") == []


@pytest.mark.parametrize(
    "name",
    [
        "«?о?ыр» ЖШС",
        "«Болаша?» ЖШС",
        "¬Ђ–Р–ї–Љ–∞—В—Л¬ї",
        "В«ТљРѕТЈС‹СЂВ» Р–РЁРЎ",
        "«Əлем ғылымы» ЖШС",
        "«Бiлiм және ғылым» ЖШС",
        "«Жаhан» ЖШС",
    ],
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


def test_a_line_break_in_a_text_of_one_line_is_stored_with_a_warning(database: Flask) -> None:
    values = row("residents", name_kk="«Үлгі»\n ЖШС")
    for content in (csv_file([values]), xlsx_file([list(values), list(values.values())])):
        (warning,) = take_file("residents", content).warnings
        assert (warning.row, warning.field) == (2, "name_kk")
        assert "«Үлгі» ⏎ ЖШС; write it on one line" in str(warning)
    assert exported("residents")[0]["name_kk"] == "«Үлгі»\n ЖШС"
    take("residents", *exported("residents"))
    subject = row("contracts", number="NU-1", subject_ru="a\nb")
    assert take("contracts", subject).warnings == []
    assert [item.field for item in take("contracts", row("contracts", number="NU\n-2")).warnings] == ["number"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_row_swallowed_by_a_quotation_mark_is_refused(app: Flask, delimiter: str) -> None:
    names = ("territory", "register_no", "bin", "name_kk", "name_ru", "legal_form", "participant_type", "registered_on")
    rows = [["NU", "", number, '{}Екі ЖШС{}', "ТОО «Екі»", "llp", "production", "2025-02-03"]
            for number in (BIN, OTHER, bin_number(3))]  # fmt: skip
    rows[0][3], rows[1][3], rows[2][3] = '"Бір ЖШС', "Екі ЖШС", 'Үш ЖШС"'
    for chosen in ([rows[0], rows[2]], rows):
        lines = "\n".join(delimiter.join(cells) for cells in (names, *chosen))
        ((line, column, message),) = refused_file("residents", lines.encode())
        assert (line, column) == (2, None)
        assert "column D" in message and "quotation mark" in message
    take("residents", row("residents", name_kk="a\nb, c, d, e"))
    take("residents", *exported("residents"))
