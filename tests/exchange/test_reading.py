"""What stands in files made by other programs and by nobody in his right mind, and how long reading them takes."""

from __future__ import annotations

import io
import sys
import threading
import time
import zipfile
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
import xlsxwriter
from flask import Flask

from registry.errors import ImportRefused
from registry.exchange import files, queries, reading
from registry.exchange.mappings import HeaderRefused
from registry.exchange.reading import Number, shown_as, unescaped
from registry.exchange.rules import LAYOUTS, Kind
from registry.infra import elsewhere
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from tests.exchange.made import BIN, OTHER, csv_file, exported, refused, refused_file, row, take, take_file, xlsx_file
from tests.pages import PageClient

pytestmark = pytest.mark.thorough

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
FORMATS = ("General", "yyyy-mm-dd", "000", "000000000000", "0.00E+00", '"Д-"0', "#,##0.00", "00")


def cell(value: object, *, style: int = 0) -> str:
    """A cell as XML: texts as inline strings, numbers as they are, XML that stands ready as it is."""
    if isinstance(value, str) and value.startswith("<c"):
        return value
    if value is None:
        return "<c/>"
    if isinstance(value, str):
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    return f'<c s="{style}"><v>{value}</v></c>'


def raw(rows: str, *, namespace: str = MAIN, settings: str = "", parts: dict[str, str] | None = None) -> bytes:
    """A packed workbook around the XML of its rows."""
    office = OFFICE if namespace == MAIN else "http://purl.oclc.org/ooxml/officeDocument/relationships"
    codes = [escape(code, {'"': "&quot;"}) for code in FORMATS]
    styles = "".join(f'<numFmt numFmtId="{200 + n}" formatCode="{code}"/>' for n, code in enumerate(codes))
    styles += "<cellXfs>" + "".join(f'<xf numFmtId="{200 + n}"/>' for n in range(len(FORMATS))) + "</cellXfs>"
    content = {
        "[Content_Types].xml": "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>",
        "_rels/.rels": f'<Relationships><Relationship Id="r1" Type="{office}/officeDocument" Target="xl/workbook.xml"/>'
        "</Relationships>",
        "xl/workbook.xml": f'<workbook xmlns="{namespace}" xmlns:r="{office}">{settings}'
        '<sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships><Relationship Id="r1" Type="{office}/worksheet"'
        f' Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/>'
        f'<Relationship Id="r3" Type="{office}/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{namespace}">{styles}</styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{namespace}"><sheetData>{rows}</sheetData></worksheet>',
        **(parts or {}),
    }
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, text in content.items():
            package.writestr(name, text)
    return target.getvalue()


def sheet_rows(*rows: list[object], attributes: str = "") -> str:
    return "".join(f"<row{attributes if n else ''}>{''.join(map(cell, cells))}</row>" for n, cells in enumerate(rows))


def book(*rows: list[object], **options: Any) -> bytes:
    return raw(sheet_rows(*rows), **options)


def residents(**values: object) -> list[list[object]]:
    wanted = row("residents", **values)
    return [list(wanted), list(wanted.values())]


def read_all(content: bytes, columns: tuple[str, ...] = ("a", "b", "c")) -> list[tuple[int, list[Any]]]:
    return list(reading.read(content, columns).rows)


# --- bounds -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [1_048_577, 1_000_000_000, 10**30])
def test_a_cell_in_a_row_no_spreadsheet_has(app: Flask, number: int) -> None:
    far = f'<row r="{number}"><c><v>1</v></c></row>'
    began = time.monotonic()
    ((where, column, message),) = refused_file("residents", raw(sheet_rows(*residents()) + far), name="r.xlsx")
    assert (where, column) == (1, None)
    assert f"row {str(number)[:12]}, which no spreadsheet can have" in message
    assert time.monotonic() - began < 10
    assert exported("residents") == []


def test_a_cell_in_the_last_row_is_a_row_like_others(app: Flask) -> None:
    def far(text: str) -> str:
        return f'<row r="1048576"><c t="inlineStr"><is><t>{text}</t></is></c></row>'

    began = time.monotonic()
    assert take_file("residents", raw(sheet_rows(*residents()) + far(" "))).created == 1
    found = refused_file("residents", raw(sheet_rows(*residents()) + far("NU")))
    assert {item[0] for item in found} == {1_048_576}
    assert time.monotonic() - began < 10


def test_a_part_that_unpacks_to_millions_of_texts(app: Flask) -> None:
    bomb = f'<sst xmlns="{MAIN}">' + "<si><t>0123456789012345678901234567890123456789</t></si>" * 3_000_000 + "</sst>"
    rows = sheet_rows(*residents()) + '<row><c t="s"><v>0</v></c></row>'
    content = raw(rows, parts={"xl/sharedStrings.xml": bomb})
    assert len(content) < 1_000_000
    began = time.monotonic()
    # On a busy machine its time runs out first.
    said = refused_file("residents", content)[0][2]
    assert "too much text" in said or "takes longer" in said
    assert time.monotonic() - began < reading.SECONDS + 10


def test_one_text_shown_in_very_many_cells() -> None:
    many = "<row>" + '<c t="s"><v>0</v></c>' * 100 + "</row>"
    strings = f'<sst xmlns="{MAIN}"><si><t>{"x" * 30_000}</t></si></sst>'
    with pytest.raises(reading.Unreadable, match="too much text"):
        read_all(raw(sheet_rows(["a"] * 100) + many * 200, parts={"xl/sharedStrings.xml": strings}))


def test_what_takes_too_long_or_too_much_is_given_up(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    content = book(*residents())
    program = "import sys, time; sys.stdin.buffer.read(); time.sleep(30)"
    with monkeypatch.context() as changed:
        changed.setattr(files.READER, "seconds", 0.5)
        changed.setattr(files.READER, "command", [sys.executable, "-c", program])
        assert "longer than 0.5 seconds" in refused_file("residents", content)[0][2]
    hungry = "from registry.infra.machine import bound; bound(200_000_000); import sys; sys.stdin.buffer.read()\n"
    hungry += "try:\n  x = bytes(10**9)\nexcept MemoryError:\n  sys.exit(3)"
    with monkeypatch.context() as changed:
        changed.setattr(files.READER, "command", [sys.executable, "-c", hungry])
        assert "too much memory" in refused_file("residents", content)[0][2]
    assert take_file("residents", content).created == 1


def test_an_element_too_large_for_the_memory_allowed(app: Flask) -> None:
    """A row of millions of cells is one piece for the parser: it is given up, and this process goes on."""
    content = raw(sheet_rows(*residents()) + "<row>" + "<c/>" * 12_000_000 + "</row>")
    assert len(content) < 1_000_000
    assert refused_file("residents", content)[0][:2] == (1, None)


def test_nobody_waits_for_a_file_that_is_read(app: Flask) -> None:
    """While a file is read nothing is locked, and inside a transaction none is."""
    with transaction(), pytest.raises(RuntimeError):
        take_file("residents", book(*residents()))
    assert exported("residents") == []


def test_people_sign_in_while_a_bad_file_is_read(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import sys, time; sys.stdin.buffer.read(); time.sleep(60)"
    monkeypatch.setattr(files.READER, "command", [sys.executable, "-c", program])
    monkeypatch.setattr(files.READER, "seconds", 10)
    said: list[str] = []

    def send() -> None:
        with app.app_context():
            said.append(refused_file("residents", book(*residents()))[0][2])
            db.session.remove()

    sender = threading.Thread(target=send)
    sender.start()
    client.sign_in("staff")
    client.get("residents.index")
    take("residents", row("residents"))
    assert sender.is_alive()
    sender.join()
    assert said == ["reading the file takes longer than 10 seconds; divide it"]


def test_few_files_are_read_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    one = elsewhere.Elsewhere(reading.__name__, seconds=reading.SECONDS, at_once=1, patience=0.1)
    monkeypatch.setattr(files, "READER", one)
    with files.read_table("a.xlsx", book(*residents()), LAYOUTS[Kind.RESIDENTS].names) as table:
        assert "other files are being read" in refused_file("residents", book(*residents()))[0][2]
        assert len(list(table.rows)) == 1
    assert take_file("residents", book(*residents())).created == 1


def test_a_sheet_of_too_many_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_SHEET_ROWS", 3)
    with pytest.raises(reading.Unreadable) as refusal:
        read_all(book(["a"], *([n] for n in range(4))))
    assert refusal.value.notes[0].message.endswith("save the file as CSV")


def test_columns_beyond_all_measure() -> None:
    with pytest.raises(reading.Unreadable, match="columns"):
        read_all(("a" + ",b" * 200_000 + "\n").encode())
    table = reading.read(raw(sheet_rows(["a"]) + '<row r="2"><c r="XFD2"><v>1</v></c></row>'), ["a"])
    assert len(list(table.rows)) == 1
    assert [(note.row, note.parts["letter"]) for note in table.misfits] == [(2, "GS")]


# --- spreadsheets -----------------------------------------------------------------------------------------------------

EMPTY_FORMULA = '<c t="str"><f>IF(1=1,"","x")</f><v></v></c>'


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell(app: Flask) -> None:
    names, values = residents(name_en="x", oked="72190")
    values[-2:] = [EMPTY_FORMULA, '<c t="str"><f aca="false">""</f></c>']
    assert take_file("residents", book(names, values, [EMPTY_FORMULA] * 5)).rows == 1
    (stored,) = exported("residents")
    assert (stored["name_en"], stored["oked"]) == ("", "")


@pytest.mark.parametrize("never", ["<c><f>1+1</f></c>", "<c><f>1+1</f><v></v></c>", "<c><f>1+1</f><v/></c>"])
def test_a_formula_never_calculated(app: Flask, never: str) -> None:
    names, values = residents(name_en="x")
    values[-1] = never
    ((_row, column, message),) = refused_file("residents", book(names, values))
    assert (column, "no calculated value" in message) == ("name_en", True)


@pytest.mark.parametrize(
    ("number", "stored"),
    [
        ("133.79999999999998", "133.80"),
        ("0.30000000000000004", "0.30"),
        ("435.00000000000006", "435.00"),
        ("1234567.8900000001", "1234567.89"),
        ("1E3", "1000.00"),
        ("1.5E-1", "0.15"),
    ],
)
def test_a_spreadsheets_number_has_fifteen_digits(app: Flask, number: str, stored: str) -> None:
    take("residents", row("residents"))
    values = row("contracts", amount=None) | {"amount": f"<c><v>{number}</v></c>"}
    assert take_file("contracts", book(list(values), list(values.values()))).created == 1
    assert exported("contracts")[0]["amount"] == stored


@pytest.mark.parametrize("number", ["0.125", "1E-300", "NaN", "1E400", "9" * 5000, "1E999999999"])
def test_numbers_that_are_no_amount(app: Flask, number: str) -> None:
    take("residents", row("residents"))
    values = row("contracts", amount=None) | {"amount": f"<c><v>{number}</v></c>"}
    ((_row, column, message),) = refused_file("contracts", book(list(values), list(values.values())))
    assert column == "amount"
    assert len(message) < 150


def test_a_count_with_noise_is_whole(app: Flask) -> None:
    take("residents", row("residents"))
    values = row("report-lines", section="staff", code="total_staff", amount=None, count=None)
    values["count"] = "<c><v>3.0000000000000004</v></c>"
    assert take_file("report-lines", book(list(values), list(values.values()))).created == 1
    assert exported("report-lines")[0]["count"] == "3"


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("General", 7, None), ("0", 7, None), ("000", 7, "007"), ("000", 123, None), ("000", 1234, None),
        ("0.00E+00", 12000, "1.20E+4"), ("##0.0E+0", 5, "5.00E+0"), ('"Д-"0', 7, "Д-7"), ("00-00", 1234, "12-34"),
        ("#,##0", 12000, None), ("# ##0", 12000, None), ("0%", 1, "1%"), ("\\№0", 5, "№5"), ("0;[Red]-0", 5, None),
        ("[$-419]0", 5, None), ("_-* #,##0_-", 5, None),
        ("General;-General", 7, None), ('General" тг"', 7, "7 тг"), ('General" г."', 5, "5 г."),
        ('0" a;b.c"', 5, "5 a;b.c"),
        ('0.00" г."', 5, None), ("0\\.0", 25, "2.5"), ("000000000000", 40840001231, "040840001231"),
    ],
)  # fmt: skip
def test_what_a_format_makes_of_a_number(code: str, value: int, shown: str | None) -> None:
    assert shown_as(code, Decimal(value)) == shown


@pytest.mark.parametrize("style", [2, 4, 5])
def test_a_number_shown_otherwise_is_no_code(app: Flask, style: int) -> None:
    take("residents", row("residents"))
    values = row("contracts") | {"number": cell(7, style=style), "amount": cell(7, style=style)}
    ((_row, column, message),) = refused_file("contracts", book(list(values), list(values.values())))
    assert (column, "format the column as text" in message) == ("number", True)
    values["number"] = cell(7)
    assert take_file("contracts", book(list(values), list(values.values()))).created == 1
    assert (exported("contracts")[0]["number"], exported("contracts")[0]["amount"]) == ("7", "7.00")


@pytest.mark.parametrize(("column", "value"), [("bin", 40840001231), ("oked", 1110)])
def test_a_code_whose_zero_a_spreadsheet_dropped(app: Flask, column: str, value: int) -> None:
    names, values = residents(**{column: None})
    for typed in (value, str(value)):
        ((_row, name, message),) = refused_file("residents", book([*names, column], [*values, typed]))[:1]
        assert name == column
        assert "a leading 0 may be lost" in message
        assert f"0{value}" in message


def test_signs_that_xml_cannot_hold_come_back(app: Flask) -> None:
    nasty = ["_x0041_", "_x0041_x0042_", "_x005F_x0041_", "_x000D_", "a_x", "__x0041__", "_xZZZZ_", "_xD83D_", "𝒳",
             "<r>x</r>", "<r><t>x</t></r>", "two\nlines", "a\tb"]  # fmt: skip
    take("residents", row("residents"))
    rows = [row("contracts", number=f"N-{number}", subject_ru=text) for number, text in enumerate(nasty)]
    take("contracts", *rows)
    before = queries.export_bytes(SYSTEM, "contracts", "csv")
    result = take_file("contracts", queries.export_bytes(SYSTEM, "contracts", "xlsx"), name="contracts.xlsx")
    assert (result.unchanged, result.updated, result.created) == (len(nasty), 0, 0)
    assert queries.export_bytes(SYSTEM, "contracts", "csv") == before


def test_escaped_signs() -> None:
    assert unescaped("a_x000D_\nb") == "a\r\nb"
    assert unescaped("_x005F_x0041_") == "_x0041_"
    assert unescaped("_xD83D__xDE00_") == "😀"
    assert unescaped("_xD83D_") == "\ufffd"


def test_the_strict_form_is_read_like_the_other(app: Flask) -> None:
    names, values = residents(registered_on=None)
    day = cell(45691, style=1)
    assert take_file("residents", book([*names, "registered_on"], [*values, day], namespace=STRICT)).created == 1
    assert exported("residents")[0]["registered_on"] == "2025-02-03"


@pytest.mark.parametrize(
    ("given", "settings", "stored"),
    [
        (cell(45691, style=1), "", "2025-02-03"),
        (cell(44229, style=1), '<workbookPr date1904="1"/>', "2025-02-03"),
        (cell("45690.99999999999", style=1).replace("inlineStr", "n"), "", None),
        ('<c t="d"><v>2025-02-03</v></c>', "", "2025-02-03"),
        ('<c t="d"><v>2025-02-03T00:00:00Z</v></c>', "", "2025-02-03"),
        ("\u200e2025-02-03\u00a0", "", "2025-02-03"),
        ("03.02.2025", "", "2025-02-03"),
        ("3.2.2025", "", "2025-02-03"),
        ("2025-02-03 00:00:00", "", "2025-02-03"),
        ("3.2.25", "", None),
        ("03/02/2025", "", None),
        ("45691", "", None),
        (45691, "", None),
        ("31.02.2025", "", None),
        ("2025-02-03 10:00:00", "", None),
        (cell(10**9, style=1), "", None),
        (cell(-5, style=1), "", None),
    ],
)
def test_days_in_files(app: Flask, given: object, settings: str, stored: str | None) -> None:
    names, values = residents(registered_on=None)
    content = book([*names, "registered_on"], [*values, given], settings=settings)
    if stored is None:
        assert refused_file("residents", content)[0][:2] == (2, "registered_on")
    else:
        assert take_file("residents", content).created == 1
        assert exported("residents")[0]["registered_on"] == stored


def test_a_day_that_lost_its_format_says_so(app: Flask) -> None:
    names, values = residents(registered_on=45691)
    assert "format the column as a date" in refused_file("residents", book(names, values))[0][2]


@pytest.mark.parametrize("day", ["01.02.0026", "0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_days_out_of_reason(database: Flask, day: str) -> None:
    """A page would not take them back, and terms and fees could not be reckoned from them."""
    take("residents", row("residents"))
    for kind, column in (("residents", "accreditation_until"), ("contracts", "ends_on"), ("patents", "published_on")):
        ((where, name, message),) = refused(kind, row(kind, **{column: day}))
        assert (where, name, "is out of reason; enter a day from 1900 to 2200" in message) == (2, column, True)
    names, values = residents(registered_on=None)
    content = book([*names, "registered_on"], [*values, cell(2_958_465, style=1)])
    assert refused_file("residents", content) == [
        (2, "registered_on", "the year 9999 is out of reason; enter a day from 1900 to 2200")
    ]
    for near in ("1900-01-01", "2200-12-31"):
        take("patents", row("patents", published_on=max(near, "2026-02-03"), filed_on=min(near, "2024-05-06")))


def test_hidden_rows_are_imported_and_named(app: Flask) -> None:
    names, values = residents()
    other = [{BIN: OTHER, "«Үлгі» ЖШС": "«Өзге» ЖШС", "ТОО «Улги»": "ТОО «Иное»"}.get(value, value) for value in values]
    content = raw(sheet_rows(names, values) + sheet_rows(names, other, attributes=' hidden="1"').partition("</row>")[2])
    result = take_file("residents", content)
    assert result.created == 2
    assert [(item.row, str(item.message)) for item in result.warnings] == [
        (3, "hidden rows are imported too: 3; show all rows and look at them")
    ]


def _sheet(rows: str, *, before: str = "", after: str = "") -> bytes:
    part = f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
    return raw("", parts={"xl/worksheets/sheet1.xml": part})


def test_hidden_columns_are_imported_and_named(app: Flask) -> None:
    names, values = residents()
    empty = "".join(f'<col min="{place}" max="{place + 5}" hidden="1"/>' for place in (7, 200, 16000))
    columns = f'<cols><col min="2" max="3"/><col min="4" max="5" hidden="1"/>{empty}</cols>'
    result = take_file("residents", _sheet(sheet_rows(names, values), before=columns))
    assert result.created == 1
    assert [(item.row, str(item.message)) for item in result.warnings] == [
        (1, "hidden columns are imported too: D–E, G–H; show all columns and look at them")
    ]


def test_merged_cells_are_named(app: Flask) -> None:
    """All of them but the first are empty in the file, and an empty cell would clear what is on record."""
    names, values = residents(email="a@example.kz")
    take_file("residents", book(names, values))
    content = _sheet(
        sheet_rows(names, [*values[:-1], "b@example.kz"]),
        after='<autoFilter ref="A1:B2"/><mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="C2"/>'
        '<mergeCell ref="C2:C2"/><mergeCell ref="D2:D4"/><mergeCell ref="H1:H3"/></mergeCells><pageMargins/>',
    )
    assert refused_file("residents", content) == [
        (2, None, "cells D2:D4, H1:H3 are merged; unmerge them and fill each")
    ]
    assert exported("residents")[0]["email"] == "a@example.kz"
    title = _sheet(sheet_rows(names, values), after='<mergeCells><mergeCell ref="J1:L1"/></mergeCells>')
    assert take_file("residents", title).unchanged == 1


def test_very_many_merged_cells_cost_nothing(app: Flask) -> None:
    names, values = residents()
    areas = "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(2, 400_000))
    ((_row, _column, message),) = refused_file(
        "residents", _sheet(sheet_rows(names, values), after=f"<mergeCells>{areas}</mergeCells>")
    )
    assert message.startswith("cells A2:B2, A3:B3")
    assert len(message) < 300


def test_a_hidden_first_sheet_is_named(app: Flask) -> None:
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="Черновик" state="hidden" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    result = take_file("residents", book(*residents(), parts={"xl/workbook.xml": workbook}))
    assert "“Черновик”" in str(result.warnings[0].message)


def test_a_chart_before_the_first_sheet(app: Flask) -> None:
    workbook = (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="Chart" sheetId="2" r:id="r9"/>'
        '<sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>'
    )
    assert take_file("residents", book(*residents(), parts={"xl/workbook.xml": workbook})).created == 1


def test_a_title_above_the_header_is_named(app: Flask) -> None:
    ((where, _column, message),) = refused_file("residents", book(["Реестр участников"], [None], *residents()))
    assert where == 1
    assert "row 1 does not name the columns, row 3 does" in message


def test_names_of_columns_forgive_what_nobody_sees(app: Flask) -> None:
    names, values = residents()
    odd = ["\u00a0" + str(names[0]), f"{names[1]} ", f"\u200b{names[2]}", f"{names[3]}\n", *names[4:]]
    assert take_file("residents", book(odd, values)).created == 1


def test_an_unknown_column_that_is_nearly_known(app: Flask) -> None:
    names, values = residents()
    for odd, meant in (("Name KK", "name_kk"), ("БСН/ЖСН", "bin"), ("OKED", "oked")):
        found = refused_file("residents", book([*names, odd], [*values, "1"]))
        said = next(message for _row, column, message in found if column == odd)
        assert "unknown column" in said
        assert meant in said


def test_a_column_without_a_name_is_told_by_its_letter(app: Flask) -> None:
    names, values = residents()
    assert refused_file("residents", book([None, *names], [0, *values]))[0][2].startswith("column A has no name")
    assert refused_file("residents", f",{','.join(map(str, names))}\n".encode())[0][2].startswith("column A")


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"0" * 504


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "neither CSV nor XLSX"),
        (OLE, "remove the password"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "protected with a password; remove the password"),
        (OLE + "Workbook".encode("utf-16-le"), "old XLS workbook; save it as XLSX"),
        (raw("", parts={"xl/workbook.bin": ""}), "XLSB"),
        (raw("<row><c t='s'><v>5</v></c></row>"), "damaged"),
        (raw("<row><c r='1A'><v>5</v></c></row>"), "damaged"),
        (raw("<row r='x'><c><v>5</v></c></row>"), "damaged"),
        (raw("<row>"), "damaged"),
        (raw("", parts={"xl/_rels/workbook.xml.rels": "<Relationships/>"}), "damaged"),
    ],
)
def test_packages_of_other_kinds(app: Flask, content: bytes, said: str) -> None:
    ((_row, _column, message),) = refused_file("residents", content)
    assert said in message


def test_a_package_whose_parts_are_encrypted(app: Flask) -> None:
    content = bytearray(book(*residents()))
    # The flag of encryption, in the directory and before each part.
    for mark, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        place = content.find(mark)
        while place >= 0:
            content[place + offset] |= 1
            place = content.find(mark, place + 4)
    assert "remove the password" in refused_file("residents", bytes(content))[0][2]


@pytest.mark.parametrize("constant", [False, True])
def test_files_that_xlsxwriter_writes(app: Flask, constant: bool) -> None:
    target = io.BytesIO()
    workbook = xlsxwriter.Workbook(target, {"constant_memory": constant})
    sheet = workbook.add_worksheet()
    day = workbook.add_format({"num_format": "dd.mm.yyyy"})
    values = row("residents", trl=4, registered_on=datetime(2025, 2, 3), name_en="_x0041_\r\n2", head="x")
    sheet.write_row(0, 0, list(values))
    for place, value in enumerate(values.values()):
        if isinstance(value, datetime):
            sheet.write_datetime(1, place, value, day)
        elif value == "x":
            sheet.write_formula(1, place, '="x"', None, "x")
        else:
            sheet.write(1, place, value) if isinstance(value, int) else sheet.write_string(1, place, str(value))
    workbook.close()
    assert take_file("residents", target.getvalue()).created == 1
    (stored,) = exported("residents")
    assert (stored["trl"], stored["registered_on"], stored["head"]) == ("4", "2025-02-03", "x")
    assert stored["name_en"].replace("\r\n", "\n") == "_x0041_\n2"


def test_files_that_openpyxl_writes(app: Flask, recwarn: pytest.WarningsRecorder) -> None:
    values = row("residents", trl=4.0, registered_on=date(2025, 2, 3), experimental_production=True)
    assert take_file("residents", xlsx_file([list(values), list(values.values())])).created == 1
    assert exported("residents")[0]["experimental_production"] == "1"
    assert [str(item.message) for item in recwarn] == []


def test_every_kind_of_cell_crosses_between_the_processes(app: Flask) -> None:
    cells = ["text", 7, cell(7, style=2), cell(45691, style=1), cell(45691.5, style=1), "<c t='b'><v>1</v></c>",
             "<c t='e'><v>#N/A</v></c>", cell(0.5, style=1), "<c><f>1</f></c>", None, "last"]  # fmt: skip
    content = book([f"c{number}" for number in range(len(cells))], cells)
    with files.read_table("a.xlsx", content, []) as table:
        ((number, found),) = list(table.rows)
    assert number == 2
    assert found[:4] == ["text", Number(Decimal(7)), Number(Decimal(7), "007"), datetime(2025, 2, 3)]
    assert found[4] == datetime(2025, 2, 3, 12)
    assert found[5] is True
    assert isinstance(found[6], reading.ErrorCell)
    assert isinstance(found[7], reading.TimeCell)
    assert isinstance(found[8], reading.FormulaWithoutValue)
    assert found[9:] == [None, "last"]


# --- CSV --------------------------------------------------------------------------------------------------------------


def lines(delimiter: str, *rows: list[object]) -> str:
    return "".join(delimiter.join(map(str, cells)) + "\r\n" for cells in rows)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize(
    "encode",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: b"\xef\xbb\xbf" * 2 + text.encode(),
        lambda text: text.encode("utf-16"),
        lambda text: text.encode("utf-16-le"),
        lambda text: text.encode("utf-16-be"),
        lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    ],
)
def test_every_dialect_of_csv(app: Flask, delimiter: str, encode: Any) -> None:
    names, values = residents()
    for number, start in enumerate(("", f"sep={delimiter}\r\n", f"SEP={delimiter}\n")):
        result = take_file("residents", encode(start + lines(delimiter, names, values)))
        assert (result.rows, result.created) == (1, int(number == 0)), start
    # The header is row 1, whatever line stood before it.
    wrong = encode(f"sep={delimiter}\r\n" + lines(delimiter, names, [BIN, *values[1:]]))
    assert {item[0] for item in refused_file("residents", wrong)} == {2}


def test_the_sign_with_which_old_programs_end_a_file(app: Flask) -> None:
    assert take_file("residents", lines(",", *residents()).encode() + b"\x1a").created == 1


def test_a_number_in_the_header_is_named_by_its_digits(app: Flask) -> None:
    names, values = residents()
    ((_row, column, _message),) = refused_file("residents", book([*names, 2026], [*values, "x"]))
    assert column == "2026"


def test_another_sign_in_the_first_line(app: Flask) -> None:
    assert "sep=" in refused_file("residents", b"sep=|\nterritory|bin\n")[0][2]
    ((number, _column, message),) = refused_file("residents", b"sep=;\nterritory,bin\n")
    assert (number, message) == (
        1, "the first line sep= names ;, but the columns are separated by ,; correct the line"
    )  # fmt: skip


def test_text_without_kazakh_letters_says_why(app: Flask) -> None:
    ((where, _column, message),) = refused_file("residents", lines(";", *residents()).encode("cp1251", "replace"))
    assert where == 2
    assert "Windows-1251, which has no Kazakh letters" in message
    assert "save the file as XLSX" in message


def test_a_decimal_comma_where_no_comma_delimits(app: Flask) -> None:
    take("residents", row("residents"))
    for number, amount in enumerate(("1234,5", "1\u00a0234,50", "1\u202f234,5", "1234.5", '"1 234,50"', "1.234,50")):
        values = row("contracts", number=f"N-{number}", amount=amount, area_m2="12,5")
        assert take_file("contracts", lines(";", list(values), list(values.values())).encode()).created == 1
    assert {(item["amount"], item["area_m2"]) for item in exported("contracts")} == {("1234.50", "12.5")}
    for amount in ("1 23,5", "1,234", "1.234"):
        values = row("contracts", number="N-9", amount=amount)
        found = refused_file("contracts", lines(";", list(values), list(values.values())).encode())
        assert found[0][:2] == (2, "amount"), amount
    values = row("contracts", number="N-9", amount='"1234,5"')
    assert refused_file("contracts", lines(",", list(values), list(values.values())).encode())[0][1] == "amount"


@pytest.mark.parametrize("typed", ['"=""040840001231"""', '="040840001231"', "'040840001231"])
def test_digits_kept_from_a_spreadsheet_are_read(app: Flask, typed: str) -> None:
    names, values = residents(bin=typed, oked="'01110", trl='="4"')
    assert take_file("residents", lines(",", names, values).encode()).created == 1
    assert [(item["bin"], item["oked"], item["trl"]) for item in exported("residents")] == [
        ("040840001231", "01110", "4")
    ]


@pytest.mark.parametrize("mark", ["'{}", '="{}"', "\u200b'{}", "''{}", '="\'{}"'])
def test_what_keeps_a_text_from_a_spreadsheet_is_no_part_of_it(database: Flask, mark: str) -> None:
    """Codes and texts alike: what a page would keep is what a file keeps."""
    take("residents", row("residents", register_no="NU-0001", address_ru="15-й мкр", decision_no="5-Ш"))
    marked = {"address_ru": "15-й мкр", "decision_no": "5-Ш"}
    result = take("residents", row("residents", **{name: mark.format(text) for name, text in marked.items()}))
    assert (result.unchanged, result.warnings) == (1, [])
    take("contracts", row("contracts", number=mark.format("NU-7/2026")))
    assert take("contracts", row("contracts", number="NU-7/2026")).unchanged == 1
    assert take("residents", row("residents", address_ru=mark.format(""), register_no=mark.format(""))).updated == 1
    (stored,) = exported("residents")
    assert (stored["register_no"], stored["address_ru"]) == ("NU-0001", "")


def test_an_apostrophe_that_is_closed_is_a_quotation_mark(app: Flask) -> None:
    take("residents", row("residents", name_en="'Ulgi' LLP", head="O'Neill"))
    assert [(item["name_en"], item["head"]) for item in exported("residents")] == [("'Ulgi' LLP", "O'Neill")]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("40840001231", "a leading 0 may be lost"),
        ("40840001231.0", "a leading 0 may be lost"),
        ("2.0014E+11", "the spreadsheet shortened the number"),
        ('"4,08E+10"', "the spreadsheet shortened the number"),
        ("200140007775.0", "saved as a fraction"),
        ("1234", "not twelve digits"),
    ],
)
def test_twelve_digits_lost_to_a_spreadsheet(app: Flask, typed: str, said: str) -> None:
    names, values = residents(bin=typed)
    ((where, column, message),) = refused_file("residents", lines(",", names, values).encode())
    assert (where, column) == (2, "bin")
    assert said in message


def test_whole_numbers_written_as_fractions(app: Flask) -> None:
    take("residents", row("residents"))
    values = row(
        "report-lines", section="staff", code="total_staff", amount="", year="2026.0", quarter="3.0", count="12.0"
    )
    assert take_file("report-lines", lines(",", list(values), list(values.values())).encode()).created == 1
    values["count"] = "12.5"
    assert refused_file("report-lines", lines(",", list(values), list(values.values())).encode())[0][1] == "count"


@pytest.mark.parametrize("typed", ["1,000", "1.000", "5.000", "-1,000", "12,345", '="1,000"', "\u200b1,000"])
def test_whole_numbers_that_can_be_read_in_two_ways(app: Flask, typed: str) -> None:
    """A thousand grouped, or one with decimals: whoever typed it says which."""
    take("residents", row("residents"))
    values = row("report-lines", section="staff", code="research_specialists", amount="", count=typed)
    ((_row, column, message),) = refused_file("report-lines", csv_file([values]))
    digits = typed.strip('="\u200b').replace(",", ".")
    assert (column, f"can be read as {digits.replace('.', '')} or as {digits};" in message) == ("count", True)
    values = row("contracts", notice_days=typed)
    ((_row, column, message),) = refused_file("contracts", book(list(values), list(values.values())))
    assert (column, "can be read as" in message) == ("notice_days", True)


@pytest.mark.parametrize("typed", ["5.0", "5,0", "5.00", "5,00", "5"])
def test_whole_numbers_with_decimals_that_are_nothing(app: Flask, typed: str) -> None:
    take("residents", row("residents"))
    values = row("contracts", notice_days=typed)
    assert take_file("contracts", book(list(values), list(values.values()))).created == 1
    assert exported("contracts")[0]["notice_days"] == "5"


def test_a_quotation_mark_never_closed_over_much_text(app: Flask) -> None:
    names, values = residents()
    content = lines(",", names, ['"' + "x" * 200_000, *values[1:]]).encode()
    assert "closing quotation mark" in refused_file("residents", content)[0][2]


def test_a_long_csv_file_is_read_by_the_other_process(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "READ_HERE", 10)
    assert take_file("residents", lines(";", *residents()).encode("utf-16")).created == 1
    with pytest.raises(ImportRefused, match="Windows-1251"):
        take_file("residents", lines(";", *residents()).encode("cp1251", "replace"))


@pytest.mark.parametrize("title", [["Реестр участников"], ["Реестр участников, с 01.10.2026"], ["Реестр", "на 01.10"]])
def test_a_title_above_a_companys_own_header_is_named(app: Flask, title: list[str]) -> None:
    theirs = ["Территория", "№ п/п", "БИН", "Наименование", "Дата"]
    rows = [title, theirs, ["NU", "1", BIN, "«Ү» ЖШС", "03.02.2025"]]
    for content in (
        xlsx_file(rows),
        "\n".join(map(";".join, rows)).encode(),
        "\n".join(map("\t".join, [[title[0]], [], *rows[1:]])).encode(),
    ):
        ((where, _column, message),) = refused_file("residents", content)
        assert where == 1
        assert "row 1 looks like a title" in message
    for content in (xlsx_file(rows[1:]), "\n".join(map(";".join, rows[1:])).encode()):
        with pytest.raises(HeaderRefused) as refusal:
            take_file("residents", content)
        assert refusal.value.matched.header == theirs


@pytest.mark.parametrize(
    ("start", "delimiter"),
    [('"sep=;"', ";"), ('"sep=;";;;', ";"), ('"SEP=;",,,', ","), ("sep=;;;;", ";"), ('"sep=,"', ","), ("sep=\t", "\t")],
)
def test_the_line_for_spreadsheets_saved_as_a_cell(app: Flask, start: str, delimiter: str) -> None:
    content = csv_file([row("residents")]).decode().replace(",", delimiter)
    assert take_file("residents", f"{start}\r\n{content}".encode()).created == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><table><tr><td>territory</td></tr></table></html>", "a web page or an XML table"),
        ('\ufeff<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'.encode("utf-16"),
         "a web page or an XML table"),
        ("\n<table><td>Реестр</td></table>".encode("cp1251"), "a web page or an XML table"),
        (b"territory|bin|name_kk\nNU|1|x\n", "the columns are separated by |"),
    ],
)  # fmt: skip
def test_files_that_only_look_like_tables_are_named(app: Flask, content: bytes, words: str) -> None:
    ((where, _column, message),) = refused_file("residents", content)
    assert where == 1
    assert words in message
    assert "XLSX" in message


def test_messages_of_numbers_say_how_to_write_them(app: Flask) -> None:
    take_file("residents", csv_file([row("residents")]))
    with_semicolons = csv_file([row("contracts", amount="1?234")]).decode().replace(",", ";").replace("?", ",")
    ((_row, column, message),) = refused_file("contracts", with_semicolons.encode())
    assert (column, message) == (
        "amount", "1,234 can be read as 1234 or as 1,234; write the number in digits alone",
    )  # fmt: skip
    ((_row, _column, message),) = refused_file("contracts", with_semicolons.replace("1,234", "много").encode())
    assert message == "много is not a number such as 1234567,89 or 1234567.89"
    ((_row, _column, message),) = refused_file("report-lines", csv_file([row("report-lines", year="2 026")]))
    assert message == "2 026 is not a whole number; write it in digits alone, such as 1000"
