"""Files as real programs write them: LibreOffice, pandas, openpyxl and XlsxWriter.

LibreOffice is tried where it is installed; ``make check-all`` installs it.
"""

from __future__ import annotations

import io
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pandas
import pytest
import xlsxwriter
from flask import Flask

from registry.errors import ImportRefused
from registry.exchange import queries
from registry.infra.access import SYSTEM
from tests.exchange.made import exported, row, take, take_file

pytestmark = pytest.mark.thorough

ZERO = "040840001231"
"""A BIN whose first digit a spreadsheet drops where it takes it for a number."""

KINDS = ("residents", "contracts", "patents", "report-lines")

SOFFICE = shutil.which("soffice")
needs_libreoffice = pytest.mark.skipif(SOFFICE is None, reason="LibreOffice is not installed (make programs)")


@pytest.fixture
def registers(app: Flask) -> None:
    """Rows with what programs like to change: zeros, long numbers, days, sums, line breaks, letters."""
    take("residents", row("residents", bin=ZERO, name_kk="«Әғқң ЖШС»", name_ru="ТОО «1\n2»"))
    take("contracts", row("contracts", bin=ZERO, number="007", amount="100.10", subject_ru="1.10"))
    take("contracts", row("contracts", bin=ZERO, number="12E3", amount="12345678901234.56", ends_on=""))
    take("patents", row("patents", holders=ZERO, title_no="036500", name_ru="1.10"))
    take("report-lines", *(row("report-lines", bin=ZERO, amount=amount, document_no=f"0{amount}")
                           for amount in ("0.30", "1000000000.00", "7.00")))  # fmt: skip


@pytest.fixture
def signs(registers: None) -> None:
    """Texts that look like a formula, and like a sign as spreadsheets keep it: pandas and openpyxl alter them."""
    take("residents", row("residents", bin=ZERO, name_kk="«Әғқң ЖШС» _x0041_", name_ru="ТОО «1\n2»"))
    take("contracts", row("contracts", bin=ZERO, number="007", amount="100.10", subject_ru="=1+1"))


def spreadsheet(kind: str) -> bytes:
    return queries.export_bytes(SYSTEM, kind, "xlsx")


def unchanged(kind: str, content: bytes, name: str) -> None:
    """The file says of every row what the register says."""
    rows = len(exported(kind))
    result = take_file(kind, content, name=name)
    assert rows
    assert (result.rows, result.created, result.updated) == (rows, 0, 0)


# --- openpyxl -----------------------------------------------------------------------------------------------------


def by_openpyxl(content: bytes) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def by_openpyxl_row_by_row(content: bytes) -> bytes:
    """Written without looking back, as programs write long files: texts stand in the cells themselves."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("x")
    for cells in openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values:
        sheet.append(cells)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


# --- XlsxWriter ---------------------------------------------------------------------------------------------------


def by_xlsxwriter(content: bytes) -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "dd.mm.yyyy"})
        for number, cells in enumerate(openpyxl.load_workbook(io.BytesIO(content)).worksheets[0].values):
            for place, value in enumerate(cells):
                if isinstance(value, datetime | date):
                    sheet.write_datetime(number, place, value, day)
                elif value is not None:
                    sheet.write(number, place, value)
    return target.getvalue()


# --- pandas -------------------------------------------------------------------------------------------------------


def by_pandas(content: bytes, engine: str = "openpyxl", **options: object) -> bytes:
    """Read as texts and written, as a script does that adds a column or a row."""
    frame = pandas.read_excel(io.BytesIO(content), dtype=str)
    target = io.BytesIO()
    frame.to_excel(target, engine=engine, **({"index": False} | options))
    return target.getvalue()


def by_pandas_as_csv(content: bytes) -> bytes:
    frame = pandas.read_excel(io.BytesIO(content), dtype=str)
    return frame.to_csv(index=False).encode()


WRITERS: dict[str, Callable[[bytes], bytes]] = {
    "openpyxl": by_openpyxl,
    "openpyxl, row by row": by_openpyxl_row_by_row,
    "XlsxWriter": by_xlsxwriter,
    "pandas by openpyxl": by_pandas,
    "pandas by XlsxWriter": lambda content: by_pandas(content, "xlsxwriter"),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("writer", WRITERS)
def test_what_a_program_writes_again_says_the_same(registers: None, kind: str, writer: str) -> None:
    unchanged(kind, WRITERS[writer](spreadsheet(kind)), f"{kind}.xlsx")


def test_a_formula_that_nothing_calculated_is_refused(signs: None) -> None:
    """pandas and openpyxl write a text that begins with = as a formula without a result: no cell is emptied by it."""
    with pytest.raises(ImportRefused) as refused:
        take_file("contracts", by_pandas(spreadsheet("contracts")), name="contracts.xlsx")
    assert [(item.row, item.field) for item in refused.value.errors] == [(2, "subject_ru")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_csv_of_pandas_says_the_same(registers: None, kind: str) -> None:
    unchanged(kind, by_pandas_as_csv(spreadsheet(kind)), f"{kind}.csv")


def test_the_index_of_pandas_is_a_column_without_a_name(registers: None) -> None:
    with pytest.raises(ImportRefused) as refused:
        take_file("contracts", by_pandas(spreadsheet("contracts"), index=True), name="contracts.xlsx")
    [found] = refused.value.errors
    assert "column A" in str(found.message)


def test_numbers_and_days_of_pandas_are_read(registers: None) -> None:
    """A frame with sums as numbers, days as days, and whole numbers that a missing value made decimal."""
    values = row("contracts", bin=ZERO, number="NU-9", amount=None, signed_on=None, starts_on=None, ends_on=None)
    frame = pandas.DataFrame([{**values, "amount": 0.1 + 0.2, "notice_days": 30.0}, {**values, "number": "NU-10"}])
    for name in ("signed_on", "starts_on"):
        frame[name] = pandas.Timestamp("2025-03-01")
    target = io.BytesIO()
    frame.to_excel(target, index=False)
    result = take_file("contracts", target.getvalue(), name="contracts.xlsx")
    assert result.created == 2
    found = {item["number"]: item for item in exported("contracts")}
    assert [found["NU-9"][name] for name in ("signed_on", "amount", "notice_days")] == ["2025-03-01", "0.30", "30"]
    assert [found["NU-10"][name] for name in ("amount", "notice_days")] == ["", ""]


# --- LibreOffice --------------------------------------------------------------------------------------------------


def by_libreoffice(content: bytes, suffix: str, written: str, folder: Path, reading: str = "") -> bytes:
    """The file opened and saved in another form, in an office of its own."""
    source = folder / f"source.{suffix}"
    source.write_bytes(content)
    command = [str(SOFFICE), "--headless", f"-env:UserInstallation=file://{folder}/office"]
    command += [f"--infilter={reading}"] if reading else []
    command += ["--convert-to", written, "--outdir", str(folder / "out"), str(source)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    [made] = (folder / "out").iterdir()
    return made.read_bytes()


@needs_libreoffice
@pytest.mark.parametrize("kind", KINDS)
def test_what_libreoffice_saves_says_the_same(signs: None, tmp_path: Path, kind: str) -> None:
    saved = by_libreoffice(spreadsheet(kind), "xlsx", "xlsx:Calc MS Excel 2007 XML", tmp_path)
    unchanged(kind, saved, f"{kind}.xlsx")


@needs_libreoffice
@pytest.mark.parametrize(
    ("delimiter", "charset"), [(44, 76), (59, 76), (9, 65535)], ids=["comma", "semicolon", "tab, UTF-16"]
)
def test_a_csv_of_libreoffice_says_the_same(signs: None, tmp_path: Path, delimiter: int, charset: int) -> None:
    """Delimiter, quotes, letters (76 is UTF-8, 65535 UTF-16); cells as they are shown."""
    written = f"csv:Text - txt - csv (StarCalc):{delimiter},34,{charset},1,,0,false,true"
    unchanged("contracts", by_libreoffice(spreadsheet("contracts"), "xlsx", written, tmp_path), "contracts.csv")


@needs_libreoffice
def test_a_csv_opened_by_libreoffice_and_saved_as_a_spreadsheet(signs: None, tmp_path: Path) -> None:
    """A zero that it dropped is refused with the reason, and no number changes silently."""
    content = queries.export_bytes(SYSTEM, "contracts", "csv")
    saved = by_libreoffice(content, "csv", "xlsx:Calc MS Excel 2007 XML", tmp_path, "CSV:44,34,76,1")
    with pytest.raises(ImportRefused) as refused:
        take_file("contracts", saved, name="contracts.xlsx")
    told = {(item.row, item.field): str(item.message) for item in refused.value.errors}
    assert all("a leading 0 may be lost" in told[number, "bin"] for number in (2, 3))
    assert len(exported("contracts")) == 2
