"""Registers of any size for the benchmarks, written as exchange files and taken in through the product's own import."""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from tests.factories import bin_number  # noqa: E402

TERRITORIES = ("YAFI", "NU", "KURCHATOV")
KINDS = ("residents", "status-changes", "contracts", "addenda", "patents", "report-lines")
QUARTERS = ((2025, 4), (2026, 1), (2026, 2), (2026, 3))
WORDS = ("Изотоп", "Материал", "Детектор", "Реактор", "Био", "Деректер", "Энерго", "Робот", "Орбита", "Спектр")


def companies(count: int) -> list[tuple[str, str, int]]:
    """(territory, BIN, number from 1) of so many fictional companies."""
    numbers = (
        bin_number(serial, year=year, month=month)
        for year in range(10, 26)
        for month in (1, 6)
        for serial in range(1, 181)
    )
    return [
        (TERRITORIES[place % 3], number, place) for place, number in zip(range(1, count + 1), numbers, strict=False)
    ]


def write_files(folder: Path, residents: int, *, lines: int = 36) -> None:
    """The six files: to 50 residents 100 contracts, 28 addenda and 25 patents; ``lines`` report lines a resident."""
    rng = random.Random(7)
    found = companies(residents)

    def write(kind: str, header: str, rows: Iterable[Sequence[object]]) -> None:
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.writer(file)
            out.writerow(header.split(","))
            out.writerows(rows)

    def name(place: int) -> str:
        return f"{rng.choice(WORDS)}-{place}"

    write(
        "residents",
        "territory,bin,name_kk,name_ru,legal_form,participant_type,registered_on,head,email,trl",
        (
            (
                code,
                number,
                f"«{(word := name(place))}» ЖШС",
                f"ТОО «{word}»",
                "llp",
                ("production", "research_org", "innovation_company")[place % 3],
                date(2024, 3, 11) + timedelta(days=place % 500),
                "Демо А.А.",
                f"{number}@example.com",
                1 + place % 9,
            )
            for code, number, place in found
        ),
    )
    write(
        "status-changes",
        "territory,bin,change,effective_on,ground,decision_no,decision_date",
        (
            (code, number, "suspended" if place % 2 else "excluded", "2026-05-04", "own_request", "5-Ш", "2026-05-01")
            for code, number, place in found
            if place % 25 == 0
        ),
    )
    write(
        "contracts",
        "territory,bin,kind,number,signed_on,starts_on,ends_on,amount,subject_ru,premises,area_m2",
        (
            (
                code,
                number,
                kind,
                f"{place}/{kind[0].upper()}",
                day := date(2025, 9, 1) + timedelta(place % 200),
                day,
                day + timedelta(days=300 + place % 700),
                "1000000.50",
                "Предмет",
                f"Корпус {place % 9}",
                "24.5",
            )
            for code, number, place in found
            for kind in ("participation", "lease")
        ),
    )
    write(
        "addenda",
        "territory,contract_number,number,signed_on,effective_on,ends_on,amount",
        (
            (code, f"{place}/L", serial, "2026-04-10", f"2026-04-{14 + serial}", "2029-12-31", f"{serial}000000.00")
            for code, _number, place in found
            if place % 25 < 14
            for serial in (1,)
        ),
    )
    write(
        "patents",
        "office,kind,title_no,application_no,filed_on,registered_on,ipc,name_ru,holders",
        (
            (
                "KZ",
                "invention" if place % 4 else "utility_model",
                900000 + place,
                f"2024/{place:04d}.1",
                "2024-01-15",
                date(2026, 1, 15) + timedelta(days=place % 200),
                "A61K 51/00",
                f"Способ {place}",
                number,
            )
            for _code, number, place in found
            if place % 2 == 0
        ),
    )
    quarter_lines = [
        ("tax", "101110"), ("tax", "101201"), ("tax", "103101"), ("investment", "venture"),
        ("staff", "research_specialists"), ("staff", "total_staff"),
        ("revenue", "rnd_works"), ("revenue", "sci_tech_services"), ("revenue", "other"),
    ]  # fmt: skip
    countries = ("", "DE", "FR", "CN", "US", "RU", "UZ", "KG", "TR", "GB", "IT", "ES", "JP", "KR", "IN", "PL", "CZ",
                 "AT", "CH", "SE", "NO", "FI", "DK", "NL", "BE", "PT", "GR", "HU", "RO", "BG", "RS", "HR", "SI", "SK",
                 "LT", "LV", "EE", "IE", "IS", "LU", "MT", "CY", "IL", "AE", "SA", "QA", "EG", "MA", "TN", "ZA", "NG",
                 "KE", "BR")  # fmt: skip
    each = max(9, lines // len(QUARTERS))
    rows = quarter_lines + [("revenue", "rnd_works")] * (each - 9)

    def line(code: str, number: str, period: tuple[int, int], place: int, item: tuple[str, str]) -> tuple[object, ...]:
        section, what = item
        staff = section == "staff"
        country = countries[place - 8] if section == "revenue" and place >= 9 else ""
        count = (5 if what == "research_specialists" else 40) if staff else ""
        amount = "" if staff else f"{rng.randrange(10**6)}.{place % 100:02d}"
        return code, number, *period, section, what, amount, count, country, f"Д-{place}"

    write(
        "report-lines",
        "territory,bin,year,quarter,section,code,amount,count,country,document_no",
        (
            line(code, number, period, place, item)
            for code, number, serial in found
            for period in QUARTERS
            if serial % 25 or period < (2026, 2)
            for place, item in enumerate(rows)
        ),
    )


def build(folder: Path, residents: int, *, database: str = "", lines: int = 36) -> dict[str, str]:
    """Prepare a registry in ``folder`` (kept when it is there already) and return the environment it runs with."""
    environ = {**os.environ, "REGISTRY_DATA_DIR": str(folder / "var"), "DATABASE_URL": database}
    done = folder / "done"
    if done.exists():
        return environ
    folder.mkdir(parents=True, exist_ok=True)
    write_files(folder, residents, lines=lines)

    files = [(kind, folder / f"{kind}.csv") for kind in KINDS[:-1]]
    files += [(KINDS[-1], path) for path in parts(folder / f"{KINDS[-1]}.csv")]
    for arguments in (("init",), *(("import", kind, str(path)) for kind, path in files)):
        used = run(arguments, environ)
        print(
            f"{folder.name:8} {' '.join(arguments[:2]):24} {used.processor:7.1f} s  {used.megabytes:6.0f} MB",
            flush=True,
        )
    done.touch()
    return environ


LARGEST_PART = 12 * 2**20
"""Bytes; an import takes files of up to 16 MB."""


def parts(path: Path) -> list[Path]:
    """A file, or several in its place with the lines of whole companies where it is larger than an import takes."""
    if path.stat().st_size <= LARGEST_PART:
        return [path]
    with path.open(encoding="utf-8", newline="") as source:
        header = source.readline()
        found: list[Path] = []
        company, written, out = "", LARGEST_PART, None
        for line in source:
            number = line.split(",", 2)[1]
            if number != company and written >= LARGEST_PART:
                if out is not None:
                    out.close()
                found.append(path.with_stem(f"{path.stem}-{len(found) + 1}"))
                out = found[-1].open("w", encoding="utf-8", newline="")
                written = out.write(header)
            company = number
            written += out.write(line) if out is not None else 0
        if out is not None:
            out.close()
    return found


class Used(NamedTuple):
    """What a command took: seconds of processor, and megabytes of memory at its peak."""

    processor: float
    megabytes: float


def run(arguments: Sequence[str], environ: dict[str, str]) -> Used:
    """Run a ``registry`` command and tell what it took.

    :raises SystemExit: when the command fails.
    """
    process = subprocess.Popen([sys.executable, "-m", "registry", *arguments], env=environ, cwd=ROOT)
    _process, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"registry {' '.join(arguments)} ended with {process.returncode}")
    return Used(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)
