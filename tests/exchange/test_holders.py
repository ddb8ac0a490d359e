"""Holders in files: by their BIN in any spelling, by name with a warning where it is a participant's (rule 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import Invalid, RowError
from registry.exchange import taking_back
from registry.exchange.returned import returned_bytes
from registry.exchange.running import ImportResult
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.clock import local_date
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.journal.rules import Action
from registry.journal.services import record, replay
from registry.patents import queries
from registry.patents import rules as patent_rules
from registry.patents.models import Patent
from registry.patents.services import record_transfer
from registry.territories.queries import by_code
from tests.exchange.made import BIN, OTHER, exported, refused, row, take, take_file
from tests.factories import NOW
from tests.people import viewer

JUNE = datetime(2026, 6, 1, 6, 0, tzinfo=UTC)

SPACED = f"{BIN[:3]} {BIN[3:6]} {BIN[6:9]} {BIN[9:]}"
DOTTED = f"{BIN[:3]}.{BIN[3:6]}.{BIN[6:9]}.{BIN[9:]}"


def patents(*holders: str) -> list[dict[str, object]]:
    return [
        row("patents", title_no=str(36701 + number), application_no=f"2024/07{number:02d}.1", holders=text)
        for number, text in enumerate(holders)
    ]


def counted() -> int:
    return len(indicators.counted_patents(SYSTEM, year=2026, as_of=local_date(NOW)))


@pytest.mark.parametrize(
    "spelled",
    [
        SPACED,
        f"БИН {BIN}",
        f"\u200b{BIN}",
        f"ТОО «Улги» (БИН {BIN})",
        f"{BIN} ТОО «Улги»",
        DOTTED,
        f"ТОО «Улги» (БИН {DOTTED})",
        f"{BIN[:3]} - {BIN[3:6]} - {BIN[6:9]} - {BIN[9:]}",
        f"{BIN[:4]}/{BIN[4:8]}/{BIN[8:]}",
        f"№ {BIN}.",
    ],
)
def test_a_number_in_any_spelling_is_the_company(database: Flask, spelled: str) -> None:
    take("residents", row("residents"))
    result = take("patents", *patents(spelled))
    assert [item["holders"] for item in exported("patents")] == [BIN]
    kept = "\u200b" not in spelled
    assert [(item.row, item.field) for item in result.warnings if BIN in str(item)] == [(2, "holders")] * kept
    assert take("patents", *patents(BIN)).unchanged == 1
    assert counted() == 1, "the patent is a participant's"


@pytest.mark.parametrize(
    "name",
    [
        "ТОО «Улги»",
        "ТОО Улги",
        "«ҮЛГІ» ЖШС",
        "тоо  «Улги»",
        "\u200bТОО «Улги» ",
        "TOO «Улги»",
        "ТОО «Улги».",
        "ТОО „Улги“",
        "ТОО «Улги», ТОО «Третье»",
        "АО «НИИ» и ТОО «Улги»",
    ],
)
def test_a_participants_name_is_an_outsider_and_a_warning_with_its_number(database: Flask, name: str) -> None:
    take("residents", row("residents"))
    result = take("patents", *patents(name))
    assert [(item.row, item.field) for item in result.warnings if BIN in str(item)] == [(2, "holders")]
    assert [item.field for item in take("patents", *patents("ТОО «Другое»")).warnings] == ["holders"]


@pytest.mark.parametrize(("one", "other"), [("Биотех-0", "Биотех–0"), ("Биотех-0", "Биотех−0"), ("САТЕХ", "CATEX")])
def test_a_name_that_only_looks_the_same_is_told_too(database: Flask, one: str, other: str) -> None:
    take("residents", row("residents", name_ru=f"ТОО «{one}»"))
    (found,) = take("patents", *patents(f"ТОО «{other}»")).warnings
    assert f"ТОО «{other}» is the name of the participant {BIN}" in str(found)


def test_a_participant_whose_name_stands_beside_another_bin_is_named(database: Flask) -> None:
    take("residents", row("residents"))
    found = take("patents", *patents(f"ТОО «Улги», {OTHER}")).warnings
    assert [(item.row, item.field) for item in found] == [(2, "holders"), (2, "holders")]
    assert "the words beside the number are not kept" in str(found[0])
    assert f"ТОО «Улги» is the name of the participant {BIN} and stands in one part with others" in str(found[1])


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
        (f"{BIN[:11]}O", f"{BIN[:11]}O has letters among its digits"),
        (f"{BIN} 60%", f"{BIN}=60%"),
        (f"{DOTTED[:-1]}{(int(BIN[11]) + 1) % 10}", "check digit"),
        (f"{DOTTED}, {OTHER}", "several BINs"),
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


def granted_before_its_amendment() -> ImportResult:
    """Applied for by one, amended to another on 1 June, then granted from before, by a file without holders."""
    application = row("patents", title_no="", registered_on="")
    take("patents", application)
    take("patents", application | {"holders": OTHER}, now=JUNE)
    return take("patents", row("patents", holders=None), now=JUNE + timedelta(days=4))


def test_a_grant_before_a_change_of_holders_says_that_this_is_a_transfer(database: Flask) -> None:
    found = [item for item in granted_before_its_amendment().warnings if "2026-06-01" in str(item)]
    assert [(item.row, item.field) for item in found] == [(2, "holders")]
    assert events() == [("2026-06-01", OTHER)]
    # It keeps its day, and the registration its holders, whatever day this is corrected to.
    assert take("patents", row("patents", holders=None, registered_on="2026-01-20"), now=NOW).warnings == []
    assert events() == [("2026-06-01", OTHER)]
    assert [item["holders"] for item in exported("patents")] == [BIN]


def events() -> list[tuple[str, str]]:
    return [(item["event_on"], item["holders"]) for item in exported("patent-events")]


def november(day: int) -> datetime:
    return datetime(2026, 11, day, 6, 0, tzinfo=UTC)


def test_a_corrected_day_of_registration_takes_the_holders_of_its_row_along(database: Flask) -> None:
    take("residents", row("residents", registered_on="2025-02-10"))
    application = row("patents", title_no="", registered_on="")
    take("patents", application, now=november(21))
    take("patents", application | {"holders": "Beta Ltd"}, now=november(22))
    for day, registered_on in ((23, "2026-11-23"), (24, "2026-11-20")):
        granted = row("patents", registered_on=registered_on, holders="Beta Ltd")
        result = take("patents", granted, now=november(day))
        assert [item for item in result.warnings if item.field == "holders"] == []
        assert events() == []
        assert [item["holders"] for item in exported("patents")] == ["Beta Ltd"]
        assert indicators.counted_patents(SYSTEM, year=2026, as_of=date(2026, 12, 31)) == []
        assert take("patents", granted, now=november(day)).unchanged == 1
    with transaction():
        taking_back.take_back(SYSTEM, taking_back.imports_of(SYSTEM)[0], reason="Не тот файл", now=november(25))
    assert [(item["registered_on"], item["holders"]) for item in exported("patents")] == [("2026-11-23", "Beta Ltd")]
    assert events() == []
    assert list(derived.differences()) == []


def test_a_transfer_brings_back_no_holders_of_the_application(database: Flask) -> None:
    application = row("patents", title_no="", registered_on="", holders="Alpha Ltd")
    take("patents", application, now=november(21))
    take("patents", application | {"holders": "Beta Ltd"}, now=november(22))
    take("patents", row("patents", registered_on="2026-03-01", holders="Beta Ltd"), now=november(23))
    assert events() == []
    transfer = row("patent-events", event_on="2026-03-03", holders="Gamma Ltd", document_no="")
    assert take("patent-events", transfer, now=november(23)).created == 1
    assert events() == [("2026-03-03", "Gamma Ltd")]
    (patent,) = queries.records(SYSTEM)
    assert (patent.registered_holders, patent.holders) == ("Beta Ltd", "Gamma Ltd")
    assert list(derived.differences()) == []


def test_the_correction_of_an_amendment_that_was_a_transfer_is_taken_back(database: Flask) -> None:
    """So holders of a patent were changed before transfers were acts of their own."""
    take("patents", row("patents"))
    patent = db.session.scalars(sa.select(Patent)).one()
    with transaction():
        changes = {"holders": (BIN, OTHER)}
        record(SYSTEM, Action.PATENT_AMENDED, patent, changes, now=JUNE, effective_on=date(2026, 6, 1))
        replay(patent)
    assert events() == [("2026-06-01", OTHER)]
    before = exported("patent-events")
    assert take("patent-events", row("patent-events", holders=f"{OTHER}=50%;{BIN}=50%", document_no=None)).updated == 1
    assert exported("patent-events") != before
    with transaction():
        taking_back.take_back(SYSTEM, taking_back.imports_of(SYSTEM)[0], reason="Не тот файл", now=NOW)
    assert exported("patent-events") == before


def test_a_patent_without_the_number_of_its_title_is_not_transferred(database: Flask) -> None:
    untitled = row("patents", title_no="")
    take("patents", untitled)
    (found,) = refused("patents", untitled | {"holders": OTHER})
    assert found[:2] == (2, "title_no")
    (patent,) = queries.records(SYSTEM)
    with pytest.raises(Invalid) as error, transaction():
        record_transfer(
            SYSTEM, db.session.get_one(Patent, patent.id), event_on=date(2026, 6, 1), holders=OTHER, now=NOW
        )
    assert [name for name, _message in error.value.problems] == ["title_no"]


def test_transfers_recorded_before_without_it_are_exported(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    take("patents", row("patents", title_no=""), row("patents", application_no="2024/9002.1"))
    take("patent-events", row("patent-events"))
    (untitled,) = [record for record in queries.records(SYSTEM) if not record.title_no]
    monkeypatch.setattr(patent_rules, "transfer_problems", lambda *_values: [])
    with transaction():
        record_transfer(
            SYSTEM, db.session.get_one(Patent, untitled.id), event_on=date(2026, 6, 1), holders=OTHER, now=NOW
        )
    assert [event["title_no"] for event in exported("patent-events")] == ["", "900001"]


def test_shares_with_a_decimal_comma_where_the_delimiter_is_none(app: Flask) -> None:
    take("residents", row("residents"))
    values = row("patents", holders=f"{BIN} = 50,5% ; ТОО «А, 5»=9,25 %;Б, В=40,25%")
    content = ("\t".join(values) + "\n" + "\t".join(map(str, values.values())) + "\n").encode()
    returned = returned_bytes("patents", content, "csv", errors=[RowError("", 2, "ipc", "x")])
    assert f"{BIN} = 50.5% ; ТОО «А, 5»=9.25 %;Б, В=40.25%" in returned.decode()
    assert take_file("patents", content).created == 1
    assert exported("patents")[0]["holders"] == f"{BIN}=50.5%;ТОО «А, 5»=9.25%;Б, В=40.25%"
    assert [item[1] for item in refused("patents", values)] == ["holders"]
