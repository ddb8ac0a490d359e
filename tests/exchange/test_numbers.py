"""A number in another spelling finds the record it names; two spellings in one file are refused (rule 1)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts.models import CONTRACT_NUMBERS, Contract
from registry.errors import ImportRefused
from registry.exchange.rules import plain_code
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.text import clean
from registry.journal import derived
from registry.journal.keys import shared_numbers
from registry.patents.models import NUMBERS, Patent
from tests.exchange.made import BIN, exported, refused, row, take

CONTRACT = ("15-А/2026", "15–А/2026", "15-A/2026", "15‑А/2026", "№ 15-А/2026", "15-а/2026", "15 -А/2026",
            "15\u00a0-А/2026", "15\u200b-А/2026", "15-А\u0098/2026", "15\u2800-А/2026", "15-А/2026\ufffc",
            "15−А/2026", "１５-А/2026")  # fmt: skip
PATENT = (
    ("36500", "2024/0500.1"), ("036500", "2024/0500.1"), ("KZ 36500", "2024/500.1"), ("№36500", "KZ2024/0500.1"),
    ("36500 B", "2024/0500.1"), ("36500-B", "2024/0500.1"), ("KZ B 36500", "2024/0500.1"),
    ("36500.0", "2024/0500,1"), ("KZ B1 36500", "2024/0500.1"), ("36500/B", "2024/0500.1"), ("36500.B", "2024/0500.1"),
    ("３６５００", "2024/0500.1"),
)  # fmt: skip


def warned(result: object) -> list[tuple[int, str | None]]:
    return [(item.row, item.field) for item in result.warnings]  # type: ignore[attr-defined]


def test_one_contract_in_any_spelling(database: Flask) -> None:
    take("residents", row("residents"))
    assert take("contracts", row("contracts", number=CONTRACT[0])).warnings == []
    for number in CONTRACT[1:]:
        result = take("contracts", row("contracts", number=number))
        assert (result.unchanged, result.created, result.updated) == (1, 0, 0), number
        if clean(number) != "15-А/2026":  # without the signs nobody sees it is the same
            assert warned(result) == [(2, "number")]
            assert "15-А/2026" in str(result.warnings[0])
    assert [item["number"] for item in exported("contracts")] == ["15-А/2026"]
    result = take("contracts", row("contracts", number="15−а/2026", amount="5.00"))
    assert result.updated == 1
    assert [(item["number"], item["amount"]) for item in exported("contracts")] == [("15-А/2026", "5.00")]


def test_spellings_of_one_contract_in_one_file(database: Flask) -> None:
    take("residents", row("residents"))
    found = refused("contracts", *(row("contracts", number=number) for number in CONTRACT))
    assert [item[:2] for item in found] == [(line, "number") for line in range(3, 2 + len(CONTRACT))]
    assert all("row 2" in message for _row, _column, message in found)
    assert exported("contracts") == []


def test_a_composed_and_a_decomposed_letter(database: Flask) -> None:
    take("residents", row("residents"))
    found = refused("contracts", row("contracts", number="12-Й"), row("contracts", number="12-И\u0306"))
    assert [item[:2] for item in found] == [(3, "number")]
    take("contracts", row("contracts", number="12-И\u0306"))
    assert [item["number"] for item in exported("contracts")] == ["12-Й"]


def test_addenda_by_any_spelling(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А/2026"))
    result = take("addenda", row("addenda", contract_number="15−A/2026", number="1-К"))
    assert (result.created, warned(result)) == (1, [(2, "contract_number")])
    result = take("addenda", row("addenda", contract_number="15-А/2026", number="№ 1–k"))
    assert (result.unchanged, warned(result)) == (1, [(2, "number")])
    again = [row("addenda", contract_number=number, number="2") for number in ("15-А/2026", "15–А/2026")]
    assert [item[:2] for item in refused("addenda", *again)] == [(3, "number")]


def test_decision_numbers_stay_as_first_typed(database: Flask) -> None:
    take("residents", row("residents", decision_no="5-Ш", decision_date="2025-01-01"))
    result = take("residents", row("residents", decision_no="№ 5–ш", decision_date="2025-01-01"))
    assert (result.unchanged, warned(result)) == (1, [(2, "decision_no")])
    take("status-changes", row("status-changes", decision_no="7-А"))
    result = take("status-changes", row("status-changes", decision_no="7-a"))
    assert (result.unchanged, warned(result)) == (1, [(2, "decision_no")])
    assert exported("status-changes")[0]["decision_no"] == "7-А"
    assert take("status-changes", row("status-changes", decision_no="8-А")).updated == 1


@pytest.mark.parametrize("number", ["№ 230240991203", "230240991203.", "БИН (230240991203)", "230240991202/1"])
def test_a_wrong_bin_in_another_spelling_is_told_once(app: Flask, number: str) -> None:
    ((line, column, message),) = refused("residents", row("residents", bin=number))
    assert (line, column) == (2, "bin")
    assert "fails the check digit" in message or "is not twelve digits" in message
    with pytest.raises(ImportRefused) as error:
        take("residents", row("residents", bin=number))
    assert not error.value.warnings


@pytest.mark.parametrize(
    "number",
    [
        "230 240 991 202",
        "230/240/991/202",
        "№ 230240991202",
        "230240991202.",
        "БИН (230240991202)",
        "БИН 230240991202",
        "\u200b230240991202",
        "\u202a230240991202\u202c",
    ],
)
def test_one_company_in_any_spelling(database: Flask, number: str) -> None:
    take("residents", row("residents", bin="230240991202"))
    result = take("residents", row("residents", bin=number))
    assert result.unchanged == 1
    assert [item["bin"] for item in exported("residents")] == ["230240991202"]
    again = [row("residents", bin=spelled) for spelled in ("230240991202", number)]
    assert [item[0] for item in refused("residents", *again)] == [3]


def test_one_patent_in_any_spelling(database: Flask) -> None:
    take("residents", row("residents"))
    rows = [row("patents", title_no=title, application_no=application) for title, application in PATENT]
    found = refused("patents", *rows)
    assert {item[:2] for item in found} == {
        (line, name) for line in range(3, 14) for name in ("title_no", "application_no")
    }
    assert all("row 2" in message for _row, _column, message in found)
    assert exported("patents") == []
    take("patents", rows[0])
    for values in rows[1:]:
        result = take("patents", values)
        assert (result.unchanged, result.created) == (1, 0)
        assert result.warnings
    assert [(item["title_no"], item["application_no"]) for item in exported("patents")] == [PATENT[0]]


def test_a_grant_finds_its_application_in_any_spelling(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents", title_no="", application_no="2024/0600.1", registered_on=""))
    assert take("patents", row("patents", title_no="36601", application_no="2024/600.1")).updated == 1
    assert [(item["title_no"], item["application_no"]) for item in exported("patents")] == [("36601", "2024/0600.1")]
    found = refused("patents", row("patents", title_no="36602", application_no="KZ 2024/600.1"))
    assert [(line, name) for line, name, _message in found] == [(2, "application_no")]
    assert "36601" in found[0][2]


def test_events_find_their_patent_in_any_spelling(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents"))
    result = take("patent-events", row("patent-events", title_no="KZ 0900001 B"))
    assert result.created == 1
    assert (2, "title_no") in warned(result)
    again = [row("patent-events", title_no=number) for number in ("900001", "№ 900001")]
    assert [item[0] for item in refused("patent-events", *again)] == [3]


def test_numbers_shared_before_they_were_compared(database: Flask) -> None:
    """Records of an earlier release keep their numbers, each by its own spelling, and no third one joins them."""
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А"), row("contracts", number="16-А"))
    take("patents", row("patents"), row("patents", title_no="36777", application_no="2024/0777.1"))
    with transaction() as session:
        # As the release before wrote them.
        session.execute(
            sa.update(Contract.__table__).where(Contract.number == "16-А").values(number="15–A", number_key=None)
        )
        session.execute(sa.update(Contract.__table__).values(number_key=None))
        session.execute(
            sa.update(Patent.__table__).where(Patent.title_no == "36777").values(application_no="2024/9001.1")
        )
        session.execute(sa.update(Patent.__table__).values(title_key=None, application_key=None))
    for numbers in (CONTRACT_NUMBERS, NUMBERS):
        assert numbers.is_missing()
        with transaction():
            numbers.rebuild()
        assert not numbers.is_missing()
        assert len(list(numbers.twins())) == 1
    assert list(CONTRACT_NUMBERS.differences()) == []
    contracts, patents = shared_numbers()
    assert (str(contracts.kind), str(patents.kind)) == ("Contract", "Patent")
    assert [about.title.partition(",")[0] for _key, about in contracts.records] == ["№ 15-А", "№ 15–A"]
    assert len(patents.records) == 2
    marks = db.session.execute(sa.select(Contract.number, Contract.twin).order_by(Contract.id)).all()
    assert [(number, twin > 0) for number, twin in marks] == [("15-А", False), ("15–A", True)]
    result = take("contracts", row("contracts", number="15–A", amount="7.00"))
    assert (result.updated, result.warnings) == (1, [])
    result = take("contracts", row("contracts", number="15-a", amount="8.00"))
    assert (result.updated, warned(result)) == (1, [(2, "number")])
    assert take("patents", row("patents", title_no="36777", application_no="2024/9001.1", name_kk="Жаңа")).updated == 1
    assert [item.name for item in derived.derived() if item.name.startswith("numbers")] == [
        "numbers of contract", "numbers of addendum", "numbers of patent",
    ]  # fmt: skip


def test_numbers_kept_by_the_rules_of_an_earlier_release(database: Flask) -> None:
    """``registry init`` compares the numbers anew."""
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А"), row("contracts", number="16-А"))
    with transaction() as session:
        session.execute(
            sa.update(Contract.__table__).where(Contract.number == "16-А").values(number="'15-А", number_key="'15-A")
        )
    assert CONTRACT_NUMBERS.is_missing()
    with transaction():
        assert [name for name, _rows in derived.rebuild(missing_only=True)] == ["numbers of contract"]
    assert not CONTRACT_NUMBERS.is_missing()
    (contracts,) = shared_numbers()
    assert [about.title.partition(",")[0] for _key, about in contracts.records] == ["№ 15-А", "№ '15-А"]


def test_patents_kept_as_two_by_an_earlier_release_come_to_share_their_number(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents", title_no="36999", application_no="1"))
    take("patents", row("patents", title_no="37000", application_no="2"))
    with transaction() as session:
        session.execute(
            sa.update(Patent.__table__)
            .where(Patent.title_no == "37000")
            .values(title_no="36999.0", title_key="36999.0")
        )
    assert NUMBERS.is_missing()
    with transaction():
        assert [name for name, _rows in derived.rebuild(missing_only=True)] == ["numbers of patent"]
    (patents,) = shared_numbers()
    assert len(patents.records) == 2
    assert take("patents", row("patents", title_no="36999", application_no="1")).unchanged == 1
    assert list(db.session.scalars(sa.select(Patent.title_key))) == ["36999", "36999"]


@pytest.mark.parametrize(
    ("number", "near"),
    [("15-В/2026", True), ("15-А/226", True), ("15-А/20266", True), ("15_А/2026", True), ("15%", False)],
)
def test_a_number_that_is_nearly_right_is_named(database: Flask, number: str, near: bool) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А/2026"), row("contracts", number="15_Б"))
    [(line, name, message)] = refused("addenda", row("addenda", contract_number=number))
    assert (line, name) == (2, "contract_number")
    assert ("there is 15-А/2026" in message) is near


def test_only_the_first_unknown_numbers_of_a_file_are_looked_for(app: Flask) -> None:
    """Each costs a look through all contracts: a long file of them must not take minutes."""
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А/2026"))
    rows = [row("addenda", contract_number="15-В/2026", number=str(number)) for number in range(30)]
    messages = [message for _row, _column, message in refused("addenda", *rows)]
    assert ["there is 15-А/2026" in message for message in messages] == [True] * 20 + [False] * 10


def test_a_stranger_to_the_record_keeps_its_own_number(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts", number="012"), row("contracts", number="12"), row("contracts", number="О-1"))
    assert take("contracts", row("contracts", number="0-1")).created == 1
    assert len(exported("contracts", SYSTEM)) == 4
    assert exported("residents")[0]["bin"] == BIN


def test_a_code_of_digits_is_read_however_it_is_written_unless_it_is_known_so() -> None:
    codes = ("160.0", "101 111", "101\u00a0111,00", "1.5", "1.0", "llp", "5.0.1")
    assert [plain_code(text, {"1.0"}) for text in codes] == ["160", "101111", "101111", "1.5", "1.0", "llp", "5.0.1"]


def test_one_line_with_its_title_written_in_two_ways_is_a_line_twice(app: Flask) -> None:
    take("residents", row("residents"))
    one, two = (row("report-lines", ip_title_no=number) for number in ("36801", "KZ 036801 B"))
    assert refused("report-lines", one, two) == [(3, "code", "the same key stands in row 2; keep one of them")]
    assert take("report-lines", one, two | {"ip_title_no": "36802"}).created == 2
