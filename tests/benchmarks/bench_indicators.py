"""How fast the indicators are over 300 residents and 11 000 report lines, against bare SQL.

    python tests/benchmarks/bench_indicators.py

Prints the time of the whole ``registry indicators`` command, of the query inside it, and of the least SQL that could
give the sums, with their ratio. The command must stay under 1.5 s.
"""

from __future__ import annotations

import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from tests.factories import bin_number  # noqa: E402

QUARTERS = [(2025, 3), (2025, 4), (2026, 1), (2026, 2), (2026, 3)]
LIMIT_SECONDS = 1.5

BARE = """
SELECT l.section, SUM(l.amount), SUM(l.count) FROM report r JOIN reporting_period p ON p.id = r.period_id
JOIN report_line l ON l.report_id = r.id
WHERE r.status = 'accepted' AND p.year = 2026 GROUP BY l.section
"""


def write_files(folder: Path) -> None:
    """A register of 300 companies with 5 quarters of reports and 150 patents."""
    rng = random.Random(1)
    numbers = [bin_number(serial) for serial in range(1, 301)]
    territory = {number: rng.choice(["YAFI", "NU", "KURCHATOV"]) for number in numbers}

    def write(kind: str, rows: list[dict[str, object]]) -> None:
        with (folder / f"{kind}.csv").open("w", encoding="utf-8", newline="") as file:
            out = csv.DictWriter(file, list(rows[0]))
            out.writeheader()
            out.writerows(rows)

    write(
        "residents",
        [
            {
                "territory": territory[number],
                "register_no": "",
                "bin": number,
                "name_kk": f"«Үлгі {number}» ЖШС",
                "name_ru": f"ТОО «Үлгі {number}»",
                "name_en": "",
                "legal_form": "llp",
                "participant_type": "research_org",
                "registered_on": date(2025, 1, 1) + timedelta(days=rng.randrange(180)),
                "email": f"{number}@example.com",
                "head": "Демо Ә. Қ.",
                "experimental_production": "0",
            }
            for number in numbers
        ],
    )
    lines: list[dict[str, object]] = []
    for number in numbers:
        for year, quarter in QUARTERS:
            for section, code, amount, count in (
                ("revenue", "rnd_works", rng.randrange(10**9), None),
                ("revenue", "other", rng.randrange(10**9), None),
                ("tax", "101110", rng.randrange(10**8), None),
                ("tax", "103101", rng.randrange(10**8), None),
                ("investment", "venture", rng.randrange(10**9), None),
                ("staff", "research_specialists", None, 5),
                ("staff", "total_staff", None, 40),
            ):
                lines.append(
                    {
                        "territory": territory[number],
                        "bin": number,
                        "year": year,
                        "quarter": quarter,
                        "section": section,
                        "code": code,
                        "amount": "" if amount is None else f"{amount // 100}.{amount % 100:02d}",
                        "count": "" if count is None else count,
                    }
                )
    while len(lines) < 11_000:
        lines.append({**lines[7 * (len(lines) % 1500)], "code": "sci_tech_services"})
    write("report-lines", lines)
    write(
        "patents",
        [
            {
                "office": "KZ",
                "kind": "invention",
                "title_no": 30_000 + serial,
                "filed_on": "2024-02-01",
                "registered_on": "2026-03-01",
                "name_ru": "Способ",
                "holders": rng.choice(numbers),
            }
            for serial in range(150)
        ],
    )


def fastest(act: Callable[[], object], times: int = 5) -> float:
    spent = []
    for _ in range(times):
        begun = time.perf_counter()
        act()
        spent.append(time.perf_counter() - begun)
    return min(spent)


def main() -> None:
    """Prepare the register, measure, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_files(folder)
        environ = os.environ | {"REGISTRY_DATA_DIR": str(folder / "var"), "DATABASE_URL": ""}

        def command(*arguments: str) -> None:
            subprocess.run(
                [sys.executable, "-m", "registry", *arguments],
                env=environ,
                check=True,
                stdout=subprocess.DEVNULL,
                cwd=ROOT,
            )

        command("init")
        for kind in ("residents", "patents", "report-lines"):
            command("import", kind, str(folder / f"{kind}.csv"))
        whole = fastest(lambda: command("indicators", "--year", "2026", "--as-of", "2026-09-30", "--json"))

        from registry.app import create_app
        from registry.config import Settings
        from registry.indicators import queries
        from registry.infra.access import SYSTEM
        from registry.infra.db import db

        app = create_app(Settings.from_environment(environ), pages=False)
        with app.app_context():
            day = date(2026, 9, 30)
            query = fastest(lambda: queries.indicators(SYSTEM, year=2026, as_of=day))
            years = fastest(lambda: queries.by_year(SYSTEM, as_of=day))
            bare = fastest(lambda: db.session.execute(sa.text(BARE)).all())
    print(f"whole command   {whole:8.3f} s (limit {LIMIT_SECONDS} s)")
    print(f"one year        {query:8.3f} s, {query / bare:6.1f} times bare SQL")
    print(f"eleven years    {years:8.3f} s, {years / bare:6.1f} times bare SQL")
    print(f"bare SQL        {bare:8.3f} s")
    if whole > LIMIT_SECONDS:
        raise SystemExit("too slow")


if __name__ == "__main__":
    main()
