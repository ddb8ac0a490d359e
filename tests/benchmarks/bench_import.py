"""How fast files come in: 300 residents, 600 contracts, 150 patents and 10 800 report lines into an empty registry.

    python tests/benchmarks/bench_import.py

Prints the time of each ``registry import`` command and of all; together they must stay under 60 s.
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.factories import bin_number  # noqa: E402

LIMIT_SECONDS = 60
TERRITORIES = ("YAFI", "NU", "KURCHATOV")
KINDS = ("residents", "contracts", "patents", "report-lines")


def write_files(folder: Path) -> None:
    companies = [(TERRITORIES[serial % 3], bin_number(serial)) for serial in range(1, 301)]

    def write(kind: str, header: str, rows: Sequence[Sequence[object]]) -> None:
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(header.split(","))
            out.writerows(rows)

    write(
        "residents",
        "territory,bin,name_kk,name_ru,legal_form,participant_type,registered_on,head,email",
        [
            (
                code,
                number,
                f"«Үлгі {number}» ЖШС",
                f"ТОО «Улги {number}»",
                "llp",
                "production",
                "2024-03-11",
                "Демо А.А.",
                f"{number}@example.com",
            )
            for code, number in companies
        ],
    )
    write(
        "contracts",
        "territory,bin,kind,number,signed_on,starts_on,ends_on,amount",
        [
            (code, number, "lease", f"{number}/{serial}", "2025-02-03", "2025-02-03", "2027-02-02", "1000000.50")
            for code, number in companies
            for serial in (1, 2)
        ],
    )
    write(
        "patents",
        "office,kind,title_no,application_no,filed_on,registered_on,ipc,name_ru,holders",
        [
            (
                "KZ",
                "invention",
                900000 + serial,
                f"2024/{serial:04d}.1",
                "2024-01-15",
                "2026-02-02",
                "A61K 51/00",
                "Способ",
                number,
            )
            for serial, (_code, number) in enumerate(companies[:150])
        ],
    )
    codes = [("revenue", "rnd_works"), ("revenue", "sci_tech_services"), ("revenue", "other"), ("tax", "101110"),
             ("tax", "101201"), ("tax", "103101"), ("investment", "venture"), ("staff", "research_specialists"),
             ("staff", "total_staff")]  # fmt: skip
    write(
        "report-lines",
        "territory,bin,year,quarter,section,code,amount,count,document_no",
        [
            (
                code,
                number,
                2025,
                quarter,
                section,
                item,
                "" if section == "staff" else "1250000.25",
                9 if section == "staff" else "",
                "Д-1",
            )
            for code, number in companies
            for quarter in (1, 2, 3, 4)
            for section, item in codes
        ],
    )


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        environ = {**os.environ, "REGISTRY_DATA_DIR": str(folder / "var"), "DATABASE_URL": ""}

        def run(*arguments: str) -> float:
            begun = time.perf_counter()
            subprocess.run([sys.executable, "-m", "registry", *arguments], env=environ, cwd=ROOT, check=True)
            return time.perf_counter() - begun

        run("init")
        spent = {kind: run("import", kind, str(folder / f"{kind}.csv")) for kind in KINDS}
        for kind, seconds in spent.items():
            print(f"{kind:14} {seconds:6.2f} s")
        total = sum(spent.values())
        print(f"{'all':14} {total:6.2f} s of {LIMIT_SECONDS} s allowed")
        sys.exit(total > LIMIT_SECONDS)


if __name__ == "__main__":
    main()
