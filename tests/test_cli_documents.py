"""Papers through the command: issued without a worker, kept, given back, verified (``exchange.md`` 1)."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import openpyxl
import pytest

from registry.printing import pdf
from tests.factories import bin_number
from tests.test_cli_registers import SAMPLE, rows_of

pytestmark = pytest.mark.thorough

FIRST, SECOND = bin_number(1), bin_number(2)


@pytest.fixture
def registry(sqlite_command, tmp_path):
    """A registry with two companies, the first of them in two territories."""
    sqlite_command("init")
    sqlite_command.environment["REGISTRY_PUBLIC_URL"] = "https://tizilim.example.kz"
    header, example = rows_of(SAMPLE / "residents.csv")[:2]
    rows = [header]
    for bin_, territory in ((FIRST, "NU"), (FIRST, "KURCHATOV"), (SECOND, "NU")):
        changed = {
            "territory": territory, "bin": bin_, "register_no": "", "registered_on": "2025-03-03",
            "decision_date": "2025-03-01",
        }  # fmt: skip
        rows.append([changed.get(name, value) for name, value in zip(header, example, strict=True)])
    with (tmp_path / "residents.csv").open("w", newline="") as file:
        csv.writer(file).writerows(rows)
    sqlite_command("import", "residents", tmp_path / "residents.csv")
    return sqlite_command


def issue(registry, target: Path, kind: str, *options: str, lang: str = "kk") -> tuple[str, str]:
    (line,) = registry("document", "issue", kind, *options, "--lang", lang, "-o", target).out
    number, sha256 = line.split()
    assert hashlib.sha256(target.read_bytes()).hexdigest() == sha256
    assert target.read_bytes().startswith(b"%PDF-")
    return number, sha256


def test_a_paper_is_issued_kept_given_back_and_verified(registry, tmp_path):
    number, sha256 = issue(registry, tmp_path / "a.pdf", "participants", "--territory", "NU", "--as-of", "2026-09-30")
    assert number.startswith("NU-PAR-")
    assert number.endswith("-kk")

    # Asked for again it is the same paper, another language of it has the same number.
    again = issue(registry, tmp_path / "b.pdf", "participants", "--territory", "NU", "--as-of", "2026-09-30")
    assert again == (number, sha256)
    russian, other = issue(
        registry, tmp_path / "c.pdf", "participants", "--territory", "NU", "--as-of", "2026-09-30", lang="ru"
    )
    assert (russian, other == sha256) == (number.removesuffix("kk") + "ru", False)

    registry("document", "get", number, "-o", tmp_path / "d.pdf")
    assert (tmp_path / "d.pdf").read_bytes() == (tmp_path / "a.pdf").read_bytes()
    assert number in registry("document", "verify", tmp_path / "a.pdf").out[0]

    changed = bytearray((tmp_path / "a.pdf").read_bytes())
    changed[-20] ^= 1
    (tmp_path / "a.pdf").write_bytes(changed)
    assert "a.pdf" in registry("document", "verify", tmp_path / "a.pdf", status=1).errors[0]
    registry("journal", "verify")


def test_exclusion_revokes_a_certificate(registry, tmp_path):
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "certificate", "--resident", f"БИН {SECOND[:6]} {SECOND[6:]}")
    registry("document", "verify", tmp_path / "a.pdf")
    (tmp_path / "changes.csv").write_text(
        "territory,bin,change,effective_on,ground,decision_no,decision_date\n"
        f"NU,{SECOND},excluded,2026-06-01,own_request,5,2026-05-30\n"
    )
    registry("import", "status-changes", tmp_path / "changes.csv")
    error = registry("document", "verify", tmp_path / "a.pdf", status=1).errors[0]
    assert number in error
    assert "1\xa0Jun\xa02026" in error
    registry(
        "document", "issue", "certificate", "--resident", SECOND, "--lang", "ru", "-o", tmp_path / "b.pdf", status=1
    )
    assert not (tmp_path / "b.pdf").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["poem"], "poem"),
        (["extract"], "company"),
        (["extract", "--resident", FIRST], "territor"),
        (["extract", "--resident", bin_number(9)], ""),
        (["participants", "--resident", FIRST], "company"),
        (["participants", "--territory", "MOON"], "MOON"),
        (["revenues", "--quarter", "1"], "year"),
        (["revenues", "--year", "2026", "--as-of", "2026-09-30"], ""),
        (["participants", "--actor", "nobody"], "nobody"),
    ],
)
def test_what_cannot_be_issued_leaves_nothing(registry, tmp_path, arguments, says):
    target = tmp_path / "a.pdf"
    result = registry("document", "issue", *arguments, "--lang", "en", "-o", target, status=1)
    assert result.out == []
    assert len(result.errors) == 1
    assert says in result.errors[0]
    assert not target.exists()
    assert not list((registry.data_dir / "documents").rglob("*.*"))


def test_a_place_that_cannot_be_written_takes_no_number(registry, tmp_path):
    arguments = ["document", "issue", "extract", "--resident", SECOND, "--lang", "en", "-o"]
    assert "/nowhere/a.pdf" in registry(*arguments, "/nowhere/a.pdf", status=1).errors[0]
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "extract", "--resident", SECOND, lang="en")
    assert number.rpartition("-")[0].endswith("000001")


def test_an_unknown_number_is_an_error(registry, tmp_path):
    assert "NU-PAR-1" in registry("document", "get", "NU-PAR-1", "-o", tmp_path / "a.pdf", status=1).errors[0]
    assert not (tmp_path / "a.pdf").exists()


def test_a_damaged_stored_file_is_not_given(registry, tmp_path):
    number, sha256 = issue(registry, tmp_path / "a.pdf", "extract", "--resident", SECOND)
    stored = registry.data_dir / "documents" / sha256[:2] / sha256
    stored.write_bytes(stored.read_bytes()[:-1])
    assert "damaged" in registry("document", "get", number, "-o", tmp_path / "b.pdf", status=1).errors[0]
    assert not (tmp_path / "b.pdf").exists()


@pytest.fixture
def people(registry):
    """An auditor and staff of the management company beside the system user."""
    for login in ("auditor", "staff"):
        registry("users", "add", login, "--role", login)
    return registry


def test_a_person_prepares_and_another_approves(people, tmp_path):
    asked = ["document", "issue", "participants", "--territory", "NU", "--as-of", "2026-09-30", "--lang", "kk"]
    draft = tmp_path / "draft.pdf"
    (said,) = people(*asked, "--actor", "auditor", "-o", draft).out
    assert "document approve 1" in said
    assert draft.read_bytes().startswith(b"%PDF-")
    assert "a.pdf" in people("document", "verify", draft, status=1).errors[0].replace("draft.pdf", "a.pdf")
    assert not list((people.data_dir / "documents").rglob("*.*"))
    assert people("document", "approve", "1", "--actor", "auditor", status=1).out == []
    number, sha256 = people("document", "approve", "1", "--actor", "staff").out[0].split()
    assert number.endswith("000001-kk")
    people("document", "get", number, "-o", tmp_path / "a.pdf")
    assert hashlib.sha256((tmp_path / "a.pdf").read_bytes()).hexdigest() == sha256
    assert people("document", "approve", "1", status=1).errors
    # What was issued is given back to whoever asks for it again, without another approval.
    assert people(*asked, "--actor", "auditor", "-o", tmp_path / "b.pdf").out == [f"{number} {sha256}"]
    people("journal", "verify")


def test_a_certificate_needs_one_person(people, tmp_path):
    (line,) = people(
        "document",
        "issue",
        "certificate",
        "--resident",
        SECOND,
        "--lang",
        "kk",
        "--actor",
        "staff",
        "-o",
        tmp_path / "a.pdf",
    ).out
    assert line.split()[0].endswith("000001-kk")


def test_a_paper_is_replaced_and_revoked(registry, tmp_path):
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "extract", "--resident", SECOND)
    act = number.removesuffix("-kk")
    (line,) = registry("document", "replace", number, "--reason", "Wrong address").out
    new = line.split()[0]
    assert new.removesuffix("02-kk") == number.removesuffix("01-kk")
    error = registry("document", "verify", tmp_path / "a.pdf", status=1).errors[0]
    assert new.removesuffix("-kk") in error
    assert "Wrong address" in error
    assert registry("document", "replace", act, "--reason", "Again", status=1).errors
    registry("document", "revoke", new, "--reason", "Issued by mistake")
    registry("document", "get", new, "-o", tmp_path / "b.pdf")
    assert "Issued by mistake" in registry("document", "verify", tmp_path / "b.pdf", status=1).errors[0]
    assert registry("document", "revoke", new, "--reason", "Once more", status=1).errors
    third, _sha256 = issue(registry, tmp_path / "c.pdf", "extract", "--resident", SECOND)
    assert third.endswith("000003-kk")
    registry("document", "verify", tmp_path / "c.pdf")


def test_a_paper_is_printed_again_to_the_same_bytes(registry, tmp_path):
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "extract", "--resident", SECOND)
    assert number in registry("document", "check", number).out[0]


def test_the_data_of_a_paper_is_given_as_a_file(registry, tmp_path):
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "participants", "--territory", "NU", "--as-of", "2026-09-30")
    for ending in ("xlsx", "json", "csv"):
        (line,) = registry("document", "data", number, "-o", tmp_path / f"a.{ending}").out
        assert line.startswith(number)
    inside = {file.name: file.content for file in pdf.attached((tmp_path / "a.pdf").read_bytes())}
    assert (tmp_path / "a.json").read_bytes() == inside["paper.json"]
    assert (tmp_path / "a.csv").read_bytes() == inside["residents.csv"]
    page = openpyxl.load_workbook(tmp_path / "a.xlsx").worksheets[1]
    assert {FIRST, SECOND} <= {cell.value for row in page.iter_rows() for cell in row}


def test_one_of_several_tables_is_named(registry, tmp_path):
    (tmp_path / "contracts.csv").write_text(
        f"territory,bin,kind,number,signed_on,starts_on\nNU,{SECOND},participation,1,2025-04-01,2025-04-01\n"
    )
    registry("import", "contracts", tmp_path / "contracts.csv")
    number, _sha256 = issue(registry, tmp_path / "a.pdf", "extract", "--resident", SECOND)
    table = tmp_path / "a.csv"
    said = registry("document", "data", number, "-o", table, status=1).errors[0]
    assert "--table" in said
    assert "residents" in said
    registry("document", "data", number, "--table", "nothing", "-o", table, status=1)
    registry("document", "data", number, "-o", tmp_path / "a.doc", status=1)
    assert not table.exists()
    registry("document", "data", number, "--table", "residents", "-o", table)
    assert SECOND in table.read_text()
