"""Reading and writing the bytes of CSV and XLSX files."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import openpyxl
import pytest
from flask import Flask

from registry.errors import ImportRefused, RowError
from registry.exchange import files, queries, reading
from registry.exchange.files import read_table, write_file
from registry.exchange.returned import returned_bytes
from registry.exchange.rules import LAYOUTS, Kind
from registry.infra.access import SYSTEM
from registry.infra.i18n import speaking
from registry.infra.sheets import csv_bytes
from tests.exchange import made
from tests.exchange.made import BIN, csv_file, exported, refused_file, row, take, take_file, xlsx_file
from tests.factories import bin_number
from tests.sampling import in_turn

pytestmark = pytest.mark.thorough

HEADER = "territory,bin,name_kk,name_ru,legal_form,participant_type,registered_on"
GOOD = f"NU,{BIN},Үлгі,Улги,llp,production,2025-02-03"


@pytest.mark.parametrize(
    ("content", "row_number", "said"),
    [
        (b"", 1, "empty"),
        (b"\n\n", 1, "empty"),
        (f"\n{HEADER}\n{GOOD}\n".encode(), 1, "first row is empty"),
        (f"{HEADER}\n{GOOD}\n".encode("utf-16")[:-1], 1, "UTF-16"),
        (f"{HEADER}\n{GOOD}\n".encode("cp1251", "replace"), 2, "UTF-8"),
        (f"{HEADER}\n{GOOD}\nNU,\x00{GOOD}\n".encode(), 3, "NUL"),
        (f'{HEADER}\n{GOOD}\nNU,"{BIN}\n'.encode(), 3, "quotation"),
        (f'{HEADER}\n{GOOD}\nNU,"{BIN}"x,a,b,c,d,e\n'.encode(), 3, "quotation"),
        (f"{HEADER}\n{GOOD},more\n".encode(), 2, "more cells"),
        (f"{HEADER}\n{GOOD}\n\nNU,{BIN}\n".encode(), 4, "ends before this column"),
        (b"%PDF-1.7", 1, "neither CSV nor XLSX"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", 1, "neither CSV nor XLSX"),
        (b"PK\x03\x04 nothing more", 1, "damaged"),
        (b"a" * (files.LARGEST_FILE + 1), 1, "larger than 16 MB"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_read(app: Flask, content: bytes, row_number: int, said: str) -> None:
    ((number, _column, message), *_more) = refused_file("residents", content)
    assert number == row_number
    assert said in message


@pytest.mark.parametrize(
    ("header", "column", "said"),
    [
        (HEADER + ",colour", "colour", "unknown column"),
        (HEADER + ",bin", "bin", "2 times"),
        (HEADER.replace("bin,", ""), "bin", "missing"),
        (HEADER.replace("bin", "BIN"), "BIN", "unknown column; write its name as bin"),
        (HEADER.replace("bin,", ",bin,"), None, "column B has no name"),
    ],
)
def test_a_header_at_fault(app: Flask, header: str, column: str | None, said: str) -> None:
    found = refused_file("residents", f"{header}\n".encode())
    assert all(number == 1 for number, _column, _message in found)
    assert any(name == column and said in message for _row, name, message in found)


def test_byte_order_mark_blank_lines_and_empty_rows_do_not_matter(app: Flask) -> None:
    blank = "," * HEADER.count(",")
    unseen = "\u200b" + blank
    content = f"\ufeff{HEADER}\n\n{blank}\n{GOOD},\u2060,\ufeff \n{blank}\n{unseen}\n\n".encode()
    result = take_file("residents", content)
    assert str(result) == "residents: 1 rows, 1 created, 0 updated, 0 unchanged"


def test_delimiters_that_a_spreadsheet_left_out_at_the_end_of_a_row(app: Flask) -> None:
    """A short row is read where it may be one of them, and clears nothing, since it may be one that was cut."""
    wide = f"{HEADER},oked,email,,"
    one, two = GOOD, GOOD.replace(BIN, bin_number(2)).replace("Үлгі,Улги", "Өзге,Иное")
    full = f"{one},72190,a@example.kz"
    result = take_file("residents", f"{wide}\n{full}\n,,\n{two}\n".encode())
    assert (result.created, [(item.row, str(item.message)) for item in result.warnings]) == (
        2, [(4, "the row ends before column oked; what follows is read as empty")]
    )  # fmt: skip
    assert take_file("residents", f"{wide}\n{two}\n".encode()).unchanged == 1
    cut = f"{wide}\n{one}\n{two},x\nNU,{bin_number(3)},Үлгі\n{two},72190,b@example.kz,c,d,e\n".encode()
    found = refused_file("residents", cut)
    assert [item[:2] for item in found] == [
        (2, "oked"), (2, "email"), (3, "oked"), (4, "registered_on"), (5, None), (5, "registered_on"),
    ]  # fmt: skip
    assert "whose value on record would go" in found[0][2]
    # The last row of a file without its line break may be half of one.
    ((number, column, message),) = refused_file("residents", f"{wide}\n{two.replace('Улги', 'Ул')}".encode())
    assert (number, column) == (2, None)
    assert "the file ends within this row" in message
    content = returned_bytes("residents", cut, "csv", errors=[RowError("", 4, "registered_on", "x")])
    assert content.decode().splitlines()[1] == f"NU,{bin_number(3)},Үлгі,,,,,,,4,registered_on: x,"


def test_a_short_line_of_a_report_clears_nothing(app: Flask) -> None:
    head = "territory,bin,year,quarter,section,code,amount,count,document_no"
    line = f"NU,{BIN},2026,1,revenue,rnd_works,100.00"
    take("residents", row("residents"))
    assert take_file("report-lines", f"{head}\n{line}\n".encode()).created == 1
    assert take_file("report-lines", f"{head}\n{line}\n".encode()).unchanged == 1
    assert take_file("report-lines", f"{head}\n{line},,Д-1\n".encode()).updated == 1
    found = refused_file("report-lines", f"{head}\n{line}\n".encode())
    assert [item[:2] for item in found] == [(2, "document_no")]


def test_a_row_number_counts_blank_rows_and_cells_with_line_breaks(app: Flask) -> None:
    bad = GOOD.replace(BIN, bin_number(2)).replace("llp", "none")
    broken = GOOD.replace("Улги", '"Ул\nги"')
    content = f"{HEADER}\n\n{broken}\n{bad}\n".encode()
    assert [item[:2] for item in refused_file("residents", content)] == [(4, "legal_form")]


def test_values_stay_as_they_are_but_for_what_nobody_sees(app: Flask) -> None:
    nasty = ["=1+1", "+7 700", "-5", "@SUM(A1)", "'quoted'", 'a "b" c', "x,y;z", "two\nlines", "a\rb", "100%", "  in  ",
             "\t=1", "%(name)s", "_x0041_", "<b>&amp;"]  # fmt: skip
    rows = [row("residents", bin=bin_number(number), name_ru=text) for number, text in enumerate(nasty, start=1)]
    take("residents", *rows)
    nasty = [text.replace("\r", "\n").strip() for text in nasty]
    assert [item["name_ru"] for item in exported("residents")] == nasty
    workbook = openpyxl.load_workbook(io.BytesIO(queries.export_bytes(SYSTEM, "residents", "xlsx")))
    column = LAYOUTS[Kind.RESIDENTS].names.index("name_ru")
    cells = [cells[column] for cells in workbook.worksheets[0].iter_rows(min_row=2)]
    assert all(cell.data_type == "s" for cell in cells)
    assert [cell.value for cell in cells][:8] == nasty[:8]


def test_csv_is_written_for_every_reader() -> None:
    assert csv_bytes(["a", "b"], [["1", ""], ["x,y", 'q"q'], ["l\nm", "c\rr"]]) == (
        b'a,b\n1,\n"x,y","q""q"\n"l\nm","c\rr"\n'
    )


def test_a_file_appears_whole_or_not_at_all(app: Flask, tmp_path) -> None:
    target = tmp_path / "residents.csv"
    write_file(target, b"old")
    with pytest.raises(TypeError):
        write_file(target, "not bytes")  # type: ignore[arg-type]
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


# --- spreadsheets -----------------------------------------------------------------------------------------------------


def test_real_numbers_and_dates_are_the_same_as_texts(app: Flask) -> None:
    take("residents", row("residents"))
    names = ("territory", "bin", "kind", "number", "signed_on", "starts_on", "ends_on", "amount", "area_m2", "premises")
    typed = ("NU", BIN, "lease", 15, date(2025, 3, 1), datetime(2025, 3, 1), "2026-03-01", 1234567.89, 124.5, 101.0)
    result = take_file("contracts", xlsx_file([names, typed]), name="contracts.xlsx")
    assert result.created == 1
    texts = ("NU", BIN, "lease", "15", "2025-03-01", "2025-03-01", "2026-03-01", "1234567.89", "124.50", "101")
    assert take_file("contracts", xlsx_file([names, texts])).unchanged == 1
    (stored,) = exported("contracts")
    assert (stored["amount"], stored["area_m2"], stored["number"], stored["premises"]) == (
        "1234567.89",
        "124.5",
        "15",
        "101",
    )


@pytest.mark.parametrize(
    ("column", "cell", "said"),
    [
        ("bin", int(BIN), "format the column as text"),
        ("amount", 10.005, "more than two decimals"),
        ("amount", True, "truth value"),
        ("amount", date(2025, 1, 1), "format the column as text"),
        ("premises", 12.5, "format the column as text"),
        ("premises", date(2025, 1, 1), "format the column as text"),
        ("number", 10**16, "format the column as text"),
        ("signed_on", 45000, "not a date"),
        ("signed_on", datetime(2025, 3, 1, 12, 30), "time of day"),
        ("subject_ru", "=1+1", "no calculated value"),
    ],
)
def test_cells_a_spreadsheet_may_not_hold(app: Flask, column: str, cell: object, said: str) -> None:
    take("residents", row("residents"))
    values = {**row("contracts"), column: cell}
    found = refused_file("contracts", xlsx_file([list(values), list(values.values())]), name="contracts.xlsx")
    assert [(number, name) for number, name, _message in found] == [(2, column)]
    assert said in found[0][2]


def test_a_number_among_holders_has_lost_its_text(app: Flask) -> None:
    values = {**row("patents"), "holders": int(BIN)}
    found = refused_file("patents", xlsx_file([list(values), list(values.values())]))
    assert [item[:2] for item in found] == [(2, "holders")]


def test_an_error_value_and_a_cell_beyond_the_header(app: Flask) -> None:
    names = list(row("residents"))
    found = refused_file("residents", xlsx_file([names, ["#N/A", *list(row("residents").values())[1:]]]))
    assert found[0][:2] == (2, "territory")
    found = refused_file("residents", xlsx_file([names, [*row("residents").values(), "more"]]))
    assert found[0][:2] == (2, None)


@pytest.mark.parametrize(("kind", "language"), in_turn(Kind))
def test_the_templates_labels_are_no_row(app: Flask, kind: Kind, language: str) -> None:
    with speaking(language):
        content = queries.template_bytes(kind)
    with read_table("template.xlsx", content, LAYOUTS[kind].names) as table:
        assert tuple(table.header) == LAYOUTS[kind].names
        assert len(list(table.rows)) == 1
    assert take_file(kind, content).rows == 0


def test_a_template_filled_in(app: Flask) -> None:
    with speaking("kk"):
        book = openpyxl.load_workbook(io.BytesIO(queries.template_bytes("residents")))
    sheet = book.worksheets[0]
    names = [cell.value for cell in sheet[1]]
    values = row("residents")
    sheet.append([values.get(name) for name in names])
    target = io.BytesIO()
    book.save(target)
    assert take_file("residents", target.getvalue()).created == 1
    # A row 2 that is not all labels is a row.
    sheet["A2"] = "NU"
    book.save(target := io.BytesIO())
    assert {item[0] for item in refused_file("residents", target.getvalue())} == {2}


def test_only_the_first_sheet_is_read(app: Flask) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_file([list(row("residents")), list(row("residents").values())])))
    book.create_sheet("other").append(["anything"])
    target = io.BytesIO()
    book.save(target)
    assert take_file("residents", target.getvalue()).created == 1


def test_limits_of_what_a_file_unpacks_to(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    content = xlsx_file([list(row("residents")), list(row("residents").values())])
    for limit, value in (("LARGEST_UNPACKED", 1000), ("MOST_PARTS", 3)):
        with monkeypatch.context() as changed:
            changed.setattr(reading, limit, value)
            with pytest.raises(reading.Unreadable, match="unpacks"):
                list(reading.read(content, ["bin"]).rows)


def test_a_file_of_too_many_rows(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MOST_ROWS", 5)
    content = csv_file([row("residents", bin=bin_number(number)) for number in range(1, 10)])
    assert "more than 5 rows" in refused_file("residents", content)[0][2]


def _repacked(content: bytes, part: str, change) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as packed:
        for item in source.infolist():
            data = source.read(item)
            packed.writestr(item.filename, change(data) if item.filename == part else data)
    return target.getvalue()


def test_a_package_with_entities_or_of_another_kind(app: Flask) -> None:
    content = xlsx_file([list(row("residents")), list(row("residents").values())])
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    found = refused_file("residents", _repacked(content, "xl/worksheets/sheet1.xml", lambda data: bomb + data))
    assert "neither CSV nor XLSX" in found[0][2]
    broken = _repacked(content, "xl/worksheets/sheet1.xml", lambda data: data[: len(data) // 2])
    assert "damaged" in refused_file("residents", broken)[0][2]
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("content.xml", "<x/>")
    assert "neither CSV nor XLSX" in refused_file("residents", target.getvalue())[0][2]


def test_an_xlsx_export_holds_real_dates_and_numbers(app: Flask) -> None:
    take("residents", row("residents", trl="4"))
    take("contracts", row("contracts", amount="1234567.80", area_m2="33.30"))
    book = openpyxl.load_workbook(io.BytesIO(queries.export_bytes(SYSTEM, "contracts", "xlsx")))
    values = dict(zip(*(list(cells) for cells in book.worksheets[0].iter_rows(values_only=True)), strict=True))
    assert values["amount"] == 1234567.8
    assert values["area_m2"] == 33.3
    assert values["signed_on"] == datetime(2025, 3, 1)
    assert values["bin"] == BIN
    assert values["subject_kk"] is None


def test_the_ending_says_the_format(app: Flask, tmp_path) -> None:
    from registry.errors import DomainError, NotFound

    take("residents", row("residents"))
    assert queries.export_file(SYSTEM, "residents", tmp_path / "r.CSV") == 1
    assert (tmp_path / "r.CSV").read_bytes().startswith(b"territory,")
    queries.export_file(SYSTEM, "residents", tmp_path / "r.xlsx")
    assert (tmp_path / "r.xlsx").read_bytes().startswith(b"PK")
    with pytest.raises(DomainError):
        queries.export_file(SYSTEM, "residents", tmp_path / "r.ods")
    with pytest.raises(NotFound):
        queries.export_file(SYSTEM, "people", tmp_path / "r.csv")
    with pytest.raises(NotFound):
        queries.export_file(SYSTEM, "residents", tmp_path / "r.csv", territory="X")
    with pytest.raises(DomainError):
        queries.export_file(SYSTEM, "residents", tmp_path / "nowhere" / "r.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.CSV", "r.xlsx"]


def test_an_unknown_kind_or_a_missing_file(app: Flask, tmp_path) -> None:
    from registry.errors import NotFound

    with pytest.raises(NotFound):
        take_file("people", csv_file([row("residents")]))
    with pytest.raises(NotFound):
        made.take_path("residents", tmp_path / "none.csv")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(files.LARGEST_FILE + 1)
    with pytest.raises(ImportRefused, match="16 MB"):
        made.take_path("residents", large)
    assert made.exported("residents") == []
