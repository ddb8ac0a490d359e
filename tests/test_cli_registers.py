"""Files in and out and the indicators, through the command, on the contract's sample (``exchange.md`` 4)."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from registry.config import ROOT

pytestmark = pytest.mark.thorough

SAMPLE = ROOT / "tests" / "data" / "sample"
KINDS = ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def records_of(path: Path, columns: list[str]) -> list[list[str]]:
    """The values of these columns, rows in order. The sample leaves register numbers to the registry."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return sorted([row[column] for column in columns if column != "register_no"] for row in rows)


def import_all(command, folder: Path) -> None:
    for kind in KINDS:
        count = len(rows_of(folder / f"{kind}.csv")) - 1
        printed = command("import", kind, folder / f"{kind}.csv").out
        assert printed == [f"{kind}: {count} rows, {count} created, 0 updated, 0 unchanged"]


def export_all(command, folder: Path) -> dict[str, bytes]:
    folder.mkdir()
    for kind in KINDS:
        command("export", kind, "-o", folder / f"{kind}.csv")
    return {kind: (folder / f"{kind}.csv").read_bytes() for kind in KINDS}


def test_the_round_trip_gives_the_same_bytes_and_the_expected_figures(sqlite_command, tmp_path):
    command = sqlite_command
    command("init")
    import_all(command, SAMPLE)
    first = export_all(command, tmp_path / "first")
    for kind in KINDS:
        columns = rows_of(SAMPLE / f"{kind}.csv")[0]
        given, written = (records_of(folder / f"{kind}.csv", columns) for folder in (SAMPLE, tmp_path / "first"))
        assert written == given

    expected = json.loads((SAMPLE / "expected.json").read_text())
    for scope, figures in expected.items():
        year, _slash, territory = scope.partition("/")
        if not (year.isdigit() and territory):
            continue
        options = [] if territory == "-" else ["--territory", territory]
        printed = command("indicators", "--year", year, *options, "--as-of", "2026-09-30", "--json").out
        answer = json.loads(printed[0])
        found = {str(row["number"]): row for row in answer["indicators"]}
        assert {number: found[number]["actual"] for number in figures if number.isdigit()} == {
            number: value for number, value in figures.items() if number.isdigit()
        }, scope
        assert found["1"]["coverage"] == dict(zip(("accepted", "expected"), figures["coverage"], strict=True))
        assert (answer["year"], answer["territory"], answer["as_of"]) == (
            int(year),
            None if territory == "-" else territory,
            "2026-09-30",
        )

    for kind in KINDS:
        printed = command("import", kind, tmp_path / "first" / f"{kind}.csv").out
        assert printed[0].endswith(f"0 created, 0 updated, {len(rows_of(SAMPLE / f'{kind}.csv')) - 1} unchanged")

    other = command.elsewhere(tmp_path / "other")
    other("init")
    import_all(other, tmp_path / "first")
    assert export_all(other, tmp_path / "second") == first
    command("journal", "verify")


def test_a_dry_run_writes_nothing(sqlite_command, tmp_path):
    sqlite_command("init")
    printed = sqlite_command("import", "residents", SAMPLE / "residents.csv", "--dry-run").out
    assert printed == ["residents: 60 rows, 60 created, 0 updated, 0 unchanged"]
    sqlite_command("export", "residents", "-o", tmp_path / "out.csv")
    assert len(rows_of(tmp_path / "out.csv")) == 1


@pytest.mark.parametrize("option", [[], ["--dry-run"]])
def test_every_error_of_every_row_is_one_line_and_nothing_is_written(sqlite_command, tmp_path, option):
    sqlite_command("init")
    rows = rows_of(SAMPLE / "residents.csv")
    column = {name: number for number, name in enumerate(rows[0])}
    rows[2][column["bin"]] = "260140991077"
    rows[5][column["oked"]] = "12"
    rows[5][column["trl"]] = "11"
    with (tmp_path / "residents.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    result = sqlite_command("import", "residents", tmp_path / "residents.csv", *option, status=1)
    assert result.out == []
    assert [line.split(": ")[0] for line in result.errors if not line.startswith("warning: ")] == [
        "residents.csv, row 3, column bin",
        "residents.csv, row 6, column oked",
        "residents.csv, row 6, column trl",
    ]
    assert result.errors[0] == "residents.csv, row 3, column bin: 260140991077 fails the check digit"
    sqlite_command("export", "residents", "-o", tmp_path / "out.csv")
    assert len(rows_of(tmp_path / "out.csv")) == 1


def test_a_command_obeys_its_actor(sqlite_command, tmp_path):
    sqlite_command("init")
    for login, role in (("clerk", "staff"), ("reader", "auditor")):
        sqlite_command("users", "add", login, "--role", role)
    residents = SAMPLE / "residents.csv"
    company = rows_of(residents)[1][2]
    sqlite_command("users", "add", "member", "--role", "resident", "--resident", company)
    for login in ("reader", "member"):
        assert "role" in sqlite_command("import", "residents", residents, "--actor", login, status=1).errors[0]
    sqlite_command("import", "residents", residents, "--actor", "clerk")
    sqlite_command("export", "residents", "-o", tmp_path / "own.csv", "--actor", "member")
    assert {row[2] for row in rows_of(tmp_path / "own.csv")[1:]} == {company}
    sqlite_command("export", "residents", "-o", tmp_path / "all.csv", "--actor", "reader")
    assert len(rows_of(tmp_path / "all.csv")) == 61


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["import", "people", SAMPLE / "residents.csv"], "people"),
        (["export", "people", "-o", "out.csv"], "people"),
        (["export", "residents", "-o", "out.txt"], "out.txt"),
        (["export", "residents", "--territory", "MOON", "-o", "out.csv"], "MOON"),
        (["indicators", "--year", "2026", "--territory", "MOON"], "MOON"),
        (["export", "residents", "-o", "/nowhere/out.csv"], "cannot be written"),
    ],
)
def test_what_is_not_there_is_an_error(sqlite_command, arguments, says):
    sqlite_command("init")
    result = sqlite_command(*arguments, status=1)
    assert result.out == []
    assert len(result.errors) == 1
    assert says in result.errors[0]


def test_indicators_for_people(sqlite_command):
    sqlite_command("init")
    lines = sqlite_command("indicators", "--year", "2026").out
    assert [line.split() for line in lines[:2]] == [
        ["number", "unit", "actual", "target", "percent", "coverage"],
        ["1", "KZT", "0.00", "2350000000.00", "0.0", "0/0"],
    ]
    assert len(lines) == 7


def test_what_a_dictionary_would_change_is_printed_and_closed_years_stay(sqlite_command, tmp_path):
    command = sqlite_command
    command("init")
    import_all(command, SAMPLE)
    command("dictionary", "export", "tax_codes", "-o", tmp_path / "codes.csv")
    codes = (tmp_path / "codes.csv").read_text(encoding="utf-8")
    line = next(line for line in codes.splitlines() if line.startswith("101110,"))
    changed = tmp_path / "changed.csv"
    changed.write_text(codes.splitlines()[0] + "\n" + line.replace(",1,", ",0,", 1) + "\n", encoding="utf-8")
    before = command("indicators", "--year", "2026", "--json").out
    tried = command("dictionary", "import", "tax_codes", changed, "--dry-run")
    assert tried.out[-1] == "row 2, 101110, counts_for_indicator_1: 1 → 0"
    moved = [line for line in tried.errors if "Accepted figures move: indicator 1 of 2026" in line]
    assert moved
    assert len(set(moved)) == len(moved)
    command("year", "close", "2026", "--territory", "NU", "--reason", "x")
    refused = command("dictionary", "import", "tax_codes", changed, status=1)
    assert "until it is reopened" in "\n".join(refused.errors)
    assert command("indicators", "--year", "2026", "--json").out == before
    # Of one kind twenty are printed, with no word of an option that this command has not.
    header = codes.splitlines()[0]
    bad = "".join(line.replace("101110", f"1011{number}x", 1) + "\n" for number in range(30))
    changed.write_text(f"{header}\n{bad}", encoding="utf-8")
    refused = command("dictionary", "import", "tax_codes", changed, status=1)
    assert len(refused.errors) == 21
    assert refused.errors[20].endswith("correct the first ones, then import again")
