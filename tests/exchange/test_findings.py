"""Errors, warnings and changes of an import: the first of each kind, all of them in a file, and before it is done."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from flask import Flask
from openpyxl import Workbook

from registry.errors import RowError
from registry.exchange import services
from registry.exchange.returned import returned_bytes
from registry.infra.findings import few, first_of_each
from registry.infra.i18n import lazy, speaking
from registry.infra.sheets import reading_bytes
from tests.exchange.made import BIN, OTHER, csv_file, exported, refused, refused_file, row, take, take_file, xlsx_file
from tests.exchange.test_views import send
from tests.factories import bin_number
from tests.pages import PageClient


def finding(number: int, field: str | None, message: object) -> RowError:
    return RowError("f.csv", number, field, message)


def test_the_first_of_each_kind_stand_and_the_rest_is_counted() -> None:
    late = [finding(n, "bin", lazy("%(value)s is not a whole number", value=n)) for n in range(2, 102)]
    other = [finding(n, "oked", lazy("%(value)s is not a whole number", value=n)) for n in range(2, 4)]
    plain = [finding(n, None, f"the database says {n}") for n in range(2, 24)]
    shown, more = first_of_each([*late, *other, *plain])
    assert len(shown) == 20 + 2 + 20
    assert [(count, last.row) for count, last in more] == [(80, 101), (2, 23)]
    lines = few([*late, *other, *plain], "--errors FILE lists all")
    assert len(lines) == 44
    assert lines[0] == "f.csv, row 2, column bin: 2 is not a whole number"
    assert lines[42].startswith("f.csv, column bin: 80 more like “101 is not a whole number” (row 101); --errors FILE")


def test_refused_rows_come_back_with_their_reasons(sqlite_command, tmp_path) -> None:
    good = [
        row("residents", bin=bin_number(n), name_kk=f"«Ү{n}» ЖШС", name_ru=f"=1+{n}", accreditation_until="2020-01-01")
        for n in range(1, 31)
    ]
    bad = [row("residents", bin=str(n), oked="1", trl=" 5") for n in range(100, 130)]
    sqlite_command("init")
    (tmp_path / "residents.csv").write_bytes(csv_file([*good, *bad]))
    target = tmp_path / "errors.csv"
    found = sqlite_command("import", "residents", tmp_path / "residents.csv", "--errors", target, status=1)
    # Errors come first; the warnings of the rows that are in order follow.
    assert [line.startswith("warning: ") for line in found.errors] == [False] * 42 + [True] * 21
    assert sum("10 more like" in line for line in found.errors) == 3
    rows = list(csv.DictReader(io.StringIO(target.read_text(), newline="")))
    assert [int(item["row"]) for item in rows] == list(range(2, 62))
    assert rows[0]["warnings"].startswith("accreditation_until: ")
    assert (rows[0]["errors"], rows[0]["name_ru"]) == ("", "=1+1")
    assert (rows[30]["bin"], rows[30]["trl"]) == ("100", " 5")
    assert rows[30]["errors"].splitlines()[0] == "bin: 100 is not twelve digits"
    assert rows[30]["errors"].splitlines()[1].startswith("oked: ")
    # Corrected, the file can be imported as it is.
    (tmp_path / "residents.csv").write_bytes(csv_file(rows[:30]))
    done = sqlite_command("import", "residents", tmp_path / "residents.csv", "--errors", tmp_path / "errors.xlsx")
    assert len(done.errors) == 21
    assert all(line.startswith("warning: ") for line in done.errors)
    assert openpyxl.load_workbook(tmp_path / "errors.xlsx").worksheets[0].max_row == 31


def test_rows_given_back_are_mended_and_taken_in_again(app: Flask) -> None:
    take("residents", row("residents"))
    names = "territory;bin;kind;number;signed_on;starts_on;ends_on;amount;area_m2"
    line = f"NU;{BIN};lease;7;2025-03-01;01.03.2025;%s;1 234,50;12,5"
    content = f"{names}\n{line % '2025-02-01'}\n".encode()
    found = [finding(1, None, "look"), finding(2, "ends_on", "too early")]
    returned = returned_bytes("contracts", content, "csv", errors=found)
    assert returned.decode().splitlines()[2] == (
        f"NU,{BIN},lease,7,2025-03-01,2025-03-01,2025-02-01,1234.50,12.5,2,ends_on: too early,"
    )
    again = returned_bytes("contracts", returned, "csv", errors=[finding(3, "ends_on", "too early")])
    assert again.decode().splitlines()[0].count("errors") == 1
    result = take_file("contracts", returned.replace(b"2025-02-01", b"2026-02-01"))
    assert (result.rows, result.created, result.warnings) == (1, 1, [])
    assert exported("contracts")[0]["amount"] == "1234.50"


def test_findings_of_a_file_that_cannot_be_read_come_back_too(app: Flask) -> None:
    content = returned_bytes("residents", b"%PDF", "csv", errors=[finding(1, None, "not a table")])
    assert content == b"row,errors,warnings\n1,not a table,\n"


def test_figures_come_back_as_digits_and_codes_as_they_are_shown(app: Flask) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["number", "amount"])
    sheet.append([7, 5000])
    sheet["A2"].number_format, sheet["B2"].number_format = "000", '#,##0" тг"'
    target = io.BytesIO()
    book.save(target)
    content = returned_bytes("contracts", target.getvalue(), "csv", errors=[finding(2, "number", "x")])
    assert content.splitlines()[1].startswith(b"007,5000,2,")


def test_a_place_for_errors_that_cannot_be(sqlite_command, tmp_path) -> None:
    sqlite_command("init")
    (tmp_path / "residents.csv").write_bytes(csv_file([row("residents")]))
    for target in (tmp_path / "errors.txt", tmp_path / "nowhere" / "errors.csv"):
        found = sqlite_command("import", "residents", tmp_path / "residents.csv", "--errors", target, status=1)
        assert len(found.errors) == 1


def test_a_row_whose_key_is_wrong_may_be_an_update(app: Flask) -> None:
    """What an update may leave out is not missed; what is wrong by itself is told all the same."""
    some = {"territory": "NU", "bin": BIN[:11], "registered_on": "2025-02-03", "oked": "1", "name_ru": ""}
    assert [item[:2] for item in refused("residents", some)] == [(2, "bin"), (2, "name_ru"), (2, "oked")]
    assert [item[1] for item in refused("contracts", {"territory": "XX", "number": "1", "bin": BIN})] == ["territory"]


def test_a_figure_that_is_too_large_is_called_so(app: Flask) -> None:
    take("residents", row("residents"))
    grouped = row("contracts", amount="1 000 000 000 000 000,5")
    for content in (
        csv_file([row("contracts", amount="9999999999999999")]),
        f"{';'.join(grouped)}\n{';'.join(map(str, grouped.values()))}\n".encode(),
        xlsx_file([list(row("contracts")), list(row("contracts", amount=1e15).values())]),
    ):
        ((_row, column, message),) = refused_file("contracts", content)
        assert column == "amount"
        assert message.endswith("is too large; a number has at most 15 digits before the decimals")


@pytest.fixture()
def filled(database: Flask) -> None:
    take("residents", row("residents", email="a@example.kz", trl="4"), row("residents", bin=OTHER))
    take("contracts", row("contracts"))
    take("report-lines", row("report-lines"), row("report-lines", code="other", document_no="Д-2"))


def changes(kind: str, *rows: dict[str, object]) -> list[tuple[int, str, str, str, bool]]:
    before = exported(kind)
    result = take(kind, *rows, dry_run=True)
    assert exported(kind) == before
    assert result.changed == len(result.changes)
    return [(item.row, item.field, item.old, item.new, item.cleared) for item in result.changes]


def test_what_would_change_is_told_before_it_is_done(filled) -> None:
    assert changes(
        "residents",
        row("residents", bin=bin_number(7)),
        row("residents", bin=OTHER),
        row("residents", email="", trl="6", oked="72190"),
    ) == [
        (4, "Economic activity code (OKED)", "—", "72190", False),
        (4, "E-mail", "a@example.kz", "—", True),
        (4, "Technology readiness level (TRL)", "4", "6", False),
    ]
    found = changes("contracts", row("contracts", amount="2000.50", ends_on=""))
    assert [(where, cleared) for where, _field, _old, _new, cleared in found] == [(2, True), (2, False)]
    assert "1,000.00" in found[1][2]
    assert changes("residents", row("residents", bin=OTHER)) == []
    # A dash is a text like any other.
    assert changes("residents", row("residents", email="a@example.kz", trl="4", phone="—")) == [
        (2, "Telephone", "—", "—", False)
    ]


def test_a_contract_handed_to_another_company_is_told_by_both_bins(filled) -> None:
    assert changes("contracts", row("contracts", bin=OTHER)) == [(2, "BIN / IIN", BIN, OTHER, False)]


def test_a_transfer_by_a_row_of_patents_tells_who_held_it_before(filled) -> None:
    take("patents", row("patents"))
    take("patent-events", row("patent-events", holders=f"{BIN}=50%;{OTHER}=50%"))
    found = changes("patents", row("patents", holders=OTHER))
    assert (2, "Patent holders", f"{BIN}=50%;{OTHER}=50%", OTHER, False) in found


def test_what_becomes_of_a_reports_lines_is_told(filled) -> None:
    found = changes(
        "report-lines",
        row("report-lines", amount="150.00"),
        row("report-lines", section="staff", code="total_staff", amount="", count="3", document_no=""),
    )
    assert [(where, field.partition(",")[0], new == "—") for where, field, _old, new, _cleared in found] == [
        (2, "revenue rnd_works", False),
        (3, "staff total_staff", False),
        (2, "revenue other", True),
        (2, "revenue other", True),
    ]


def test_the_command_lists_what_would_change(sqlite_command, tmp_path) -> None:
    sqlite_command("init")
    path = tmp_path / "residents.csv"
    path.write_bytes(csv_file([row("residents", email="a@example.kz")]))
    sqlite_command("import", "residents", path)
    path.write_bytes(csv_file([row("residents", email="")]))
    printed = sqlite_command("import", "residents", path, "--dry-run", "--changes").out
    assert printed == [
        "residents: 1 rows, 0 created, 1 updated, 0 unchanged",
        "row 2, E-mail: a@example.kz → — (cleared)",
    ]
    assert sqlite_command("import", "residents", path, "--changes").out == printed
    assert sqlite_command("import", "residents", path, "--changes").out == [
        "residents: 1 rows, 0 created, 0 updated, 1 unchanged"
    ]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_shows_changes_and_gives_rows_back(app: Flask, client: PageClient, language: str) -> None:
    take("residents", row("residents", email="a@example.kz", trl="4"))
    client.language = None
    client.sign_in("staff")
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    page = send(client, "residents", csv_file([row("residents", email="", trl="5", accreditation_until="2020-01-01")]))
    cells = [["".join(cell.itertext()) for cell in line.iter("td")] for line in page.all("tr")]
    cleared = next(line for line in cells if "a@example.kz" in line)
    assert cleared[3] not in {"", "—"}
    assert any(line[2:] == ["4", "5"] for line in cells)
    (address,) = [link for link in page.links().values() if "/returned/" in link]
    sheet = openpyxl.load_workbook(io.BytesIO(client.get_response(address).get_data())).worksheets[0]
    assert sheet.max_row == 2
    short = row("residents", bin=BIN[:11], name_ru="Наи?менование")
    page = send(client, "residents", csv_file([short]), expect=422)
    (_warnings,) = [table for table in page.all("table") if "Наи?менование" in "".join(table.itertext())]
    (address,) = [link for link in page.links().values() if "/returned/" in link]
    rows = list(openpyxl.load_workbook(io.BytesIO(client.get_response(address).get_data())).worksheets[0].values)
    assert rows[1][rows[0].index("bin")] == BIN[:11]
    client.sign_out()
    client.language = None
    client.sign_in("admin")
    client.get_response(address, expect=404)
    client.get_response("/exchange/returned/..%2f..%2fregistry.db.xlsx", expect=404)


def test_a_list_for_reading(app: Flask, client: PageClient) -> None:
    take("residents", row("residents", name_ru="=cmd|' /C calc'!A0", phone="+7 700", address_ru=" @x", head='a "b"; c'))
    take("contracts", row("contracts", amount="1234.50"))
    client.sign_in("auditor")
    text = client.get_response("/exchange/export?kind=residents&format=reading").get_data()
    assert text.startswith(b"\xef\xbb\xbf")
    ((*_names,), cells) = csv.reader(io.StringIO(text.decode("utf-8-sig"), newline=""), delimiter=",")
    assert not any(cell.lstrip().startswith(("=", "+", "-", "@")) for cell in cells)
    assert {"'" + BIN, "'=cmd|' /C calc'!A0", "'+7 700", "'@x", 'a "b"; c', "03.02.2025"} <= set(cells)
    with speaking("ru"):
        from registry.exchange.queries import list_bytes
        from registry.infra.access import SYSTEM

        lines = list_bytes(SYSTEM, "contracts", decimal_comma=True).decode("utf-8-sig").splitlines()
    assert ";1234,50;" in lines[1]
    assert "Номер" in lines[0]


def test_texts_for_reading() -> None:
    content = reading_bytes(["a"], [["-5"], ["\t=1"], ["＝1"], ["007"], ["7"], ["x;y"]], decimal_comma=True)
    assert content.decode("utf-8-sig").split("\r\n") == ["a", "'-5", "'\t=1", "'＝1", "'007", "7", '"x;y"', ""]


def test_an_import_is_read_and_applied_apart(app: Flask) -> None:
    """What was read can be tried and then imported; the second does what the first told."""
    from registry.infra.access import SYSTEM
    from registry.infra.db import transaction
    from tests.factories import NOW

    read = services.read_bytes(SYSTEM, "residents", csv_file([row("residents")]), name="r.csv")
    with transaction():
        assert services.import_rows(SYSTEM, read, now=NOW, dry_run=True).created == 1
    with transaction():
        assert services.import_rows(SYSTEM, read, now=NOW).created == 1
    assert take_file("residents", csv_file([row("residents")])).unchanged == 1


def test_a_text_longer_than_a_cell_is_cut_and_not_left_out() -> None:
    from registry.infra.sheets import table_bytes

    content = table_bytes("t", ["a"], [["x" * 40_000]], "xlsx")
    rows = list(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values)
    assert (len(rows[1][0]), rows[1][0][-1]) == (32_767, "…")
