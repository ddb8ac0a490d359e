"""Processor time of pages over 50 and 5 000 residents, on SQLite and PostgreSQL, and the ratio of large to small.

    python tests/benchmarks/bench_pages.py [--keep FOLDER] [--large N] [--only sqlite|postgresql] [--lines]

The registers (10 000 contracts, 2 800 addenda, 2 500 patents, 180 000 report lines in the large one) come in through
``registry import``. Each page is asked for as a signed-in member of the staff. What counts is the least of several
times of the processor, of this process and of PostgreSQL's for it together, since other work on the machine only adds.
Where the server's processes cannot be seen (another machine) it is the time on the clock. ``--keep`` builds the
registers once and finds them again. The search of the header is compared with a page of a list. ``--lines`` also
builds a register of 1.2 million lines and compares home and indicators with those over 180 000. Exit status 1 where a
bound is broken.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import psycopg
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from registry.accounts.models import User
from registry.app import create_app
from registry.config import Settings
from registry.contracts.models import Contract
from registry.infra.clock import utc_now
from registry.infra.db import db, transaction
from registry.papers.models import Document
from registry.patents.models import Patent
from registry.reports.models import Report
from registry.residents.models import Resident
from tests.benchmarks import registers

POSTGRES_URL = os.environ.get("TEST_POSTGRES_URL") or "postgresql://postgres@127.0.0.1/postgres"
PASSWORD = "bench-pages-2026"
TIMES = 15


class Page(NamedTuple):
    """A page with the bound of its ratio; ``address`` may need the register's own numbers."""

    name: str
    bound: float
    address: Callable[[], str]


def last_page(model: type, per_page: int = 50) -> int:
    """The number of the last page of a list of a whole table."""
    count = db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 1
    return -(-count // per_page)


def middle(model: type) -> int:
    """The id of a record in the middle of its table."""
    ids = db.session.scalars(sa.select(model.id).order_by(model.id)).all()
    return ids[len(ids) // 2]


def number(model: type, column: str) -> str:
    row = db.session.get(model, middle(model))
    return str(getattr(row, column))


PAGES = (
    Page("residents, first page", 1.5, lambda: "/residents"),
    Page("residents, last page", 1.5, lambda: f"/residents?page={last_page(Resident)}"),
    Page("residents, filter", 1.5, lambda: "/residents?status=active"),
    Page("residents, search", 1.5, lambda: f"/residents?search={number(Resident, 'bin')}"),
    Page("contracts, first page", 1.5, lambda: "/contracts"),
    Page("contracts, last page", 1.5, lambda: f"/contracts?page={last_page(Contract)}"),
    Page("contracts, filter", 1.5, lambda: "/contracts?type=lease"),
    Page("contracts, search", 1.5, lambda: f"/contracts?search={number(Contract, 'number')}"),
    Page("patents, first page", 1.5, lambda: "/patents"),
    Page("patents, last page", 1.5, lambda: f"/patents?page={last_page(Patent)}"),
    Page("patents, filter", 1.5, lambda: "/patents?type=invention"),
    Page("patents, search", 1.5, lambda: f"/patents?search={number(Patent, 'title_no')}"),
    Page("reports, first page", 1.5, lambda: "/reports"),
    Page("reports, last page", 1.5, lambda: f"/reports?page={last_page(Report)}"),
    Page("reports, search", 1.5, lambda: f"/reports?search={number(Resident, 'bin')}"),
    Page("journal, first page", 1.5, lambda: "/journal"),
    Page("staff home", 2.0, lambda: "/"),
    Page("indicators of all years", 2.0, lambda: "/indicators"),
    Page("register as of a date", 2.0, lambda: "/residents?date=30.06.2026&status=participants"),
    Page("register as of a date, known at", 2.0, lambda: f"/residents?date=30.06.2026&known={utc_now().date()}"),
    Page("record of a resident", 1.5, lambda: f"/residents/{middle(Resident)}"),
    Page("its history", 1.5, lambda: f"/residents/{middle(Resident)}/history"),
    Page("record of a contract", 1.5, lambda: f"/contracts/{middle(Contract)}"),
    Page("record of a patent", 1.5, lambda: f"/patents/{middle(Patent)}"),
    Page("report", 1.5, lambda: f"/reports/{middle(Report)}"),
    Page("board", 1.5, lambda: "/reports/board?year=2026&quarter=3"),
)
SEARCHES = (
    (Page("search, a BIN", 1.5, lambda: f"/search?all=1&q={number(Resident, 'bin')}"), "residents, first page"),
    (Page("search, a piece of a name", 1.5, lambda: "/search?q=изотоп-7"), "residents, first page"),
    (Page("search, every tenth company", 1.5, lambda: "/search?q=изотоп"), "contracts, first page"),
)
"""The search of the header over the large register, each with the list whose page it is compared with."""
BY_LINES = ("staff home", "indicators of all years")
LINES_BOUND = 1.2


def staff_client(app: Flask) -> FlaskClient:
    """A client signed in as a member of the staff, whose account is added when it is not there."""
    from registry.accounts.services import add_user
    from registry.infra.access import SYSTEM

    with app.app_context():
        if db.session.scalar(sa.select(User).where(User.login == "bench")) is None:
            with transaction():
                add_user(SYSTEM, login="bench", role="staff", password=PASSWORD, company_bin=None, now=utc_now())
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    answer = client.post("/sign-in", data={"login": "bench", "password": PASSWORD})
    if answer.status_code != 302:
        raise SystemExit(f"signing in answered {answer.status_code}")
    return client


def clock(app: Flask) -> Callable[[], float]:
    """What tells the seconds of the processor spent on an application so far, its server's processes included."""
    with app.app_context():
        engine = db.engine
        if engine.dialect.name != "postgresql":
            return time.process_time
        seen = sa.text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        with engine.connect() as connection:
            files = [Path(f"/proc/{pid}/schedstat") for pid in connection.scalars(seen)]
    if not files or not all(file.exists() for file in files):
        return time.perf_counter
    return lambda: time.process_time() + sum(int(file.read_text().split()[0]) for file in files) / 1e9


def measure(environs: dict[str, dict[str, str]], wanted: tuple[Page, ...]) -> dict[str, dict[str, float]]:
    """Least processor time of each page over each register, in seconds, and of an extract made from click to file.

    The registers take turns, so that other work on the machine meets all of them alike.
    """
    clients: dict[str, FlaskClient] = {}
    addresses: dict[str, dict[str, str]] = {}
    clocks: dict[str, Callable[[], float]] = {}
    for name, environ in environs.items():
        app = create_app(Settings.from_environment(environ))
        with app.app_context():
            addresses[name] = {page.name: page.address() for page in wanted}
            db.session.remove()
        clients[name] = staff_client(app)
        clients[name].get("/")
        clocks[name] = clock(app)
    spent: dict[str, dict[str, float]] = {name: {} for name in environs}
    for page in wanted:
        for turn in range(TIMES + 1):
            for name, client in clients.items():
                begun = clocks[name]()
                answer = client.get(addresses[name][page.name])
                seconds = clocks[name]() - begun
                if answer.status_code != 200:
                    raise SystemExit(f"{addresses[name][page.name]} answered {answer.status_code}")
                if turn:
                    spent[name][page.name] = min(seconds, spent[name].get(page.name, seconds))
    if len(wanted) == len(PAGES):
        for name, client in clients.items():
            spent[name]["extract of a resident"] = extract(client.application)
    for client in clients.values():
        with client.application.app_context():
            db.engine.dispose()
    return spent


def extract(app: Flask) -> float:
    """An extract of one resident, from the request to the stored file, the third time one is made."""
    from registry.infra.access import SYSTEM
    from registry.papers import issuing
    from registry.territories.queries import all_territories

    with app.app_context():
        entries = db.session.scalars(sa.select(Resident).order_by(Resident.id).limit(40)).all()
        codes = {row.id: row for row in all_territories()}
        chosen = [(row.bin, codes[row.territory_id]) for row in entries[20:26]]
        times = []
        # The same paper would be given again: kept registers go on where the last run ended.
        made = db.session.scalar(sa.select(sa.func.count()).select_from(Document)) or 0
        day = date(2026, 9, 30) - timedelta(days=made)
        for serial, (company, territory) in enumerate(chosen):
            begun = time.perf_counter()
            issuing.issue(
                SYSTEM,
                "extract",
                language="ru",
                now=utc_now(),
                as_of=day - timedelta(days=serial),
                territory=territory,
                resident=company,
            )
            times.append(time.perf_counter() - begun)
        db.session.remove()
    return min(times[1:])


def database(kind: str, name: str, folder: Path) -> str:
    """The address of a database of its own for one register; empty for SQLite's file in the data folder."""
    if kind == "sqlite":
        return ""
    name = f"tizilim_bench_{name}"
    with psycopg.connect(POSTGRES_URL, autocommit=True) as server:
        if not (folder / "done").exists():
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            server.execute(f'CREATE DATABASE "{name}"'.encode())
    return str(sa.make_url(POSTGRES_URL).set(database=name).render_as_string(hide_password=False))


def main() -> None:
    """Build the registers, measure, print, and tell which bounds are broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--lines", action="store_true")
    options = parser.parse_args()
    kinds = [options.only] if options.only else ["sqlite", "postgresql"]
    if "postgresql" in kinds:
        try:
            psycopg.connect(POSTGRES_URL, connect_timeout=3).close()
        except psycopg.OperationalError:
            print("no PostgreSQL answers; SQLite only")
            kinds.remove("postgresql")
    broken = 0
    with tempfile.TemporaryDirectory() as temporary:
        for kind in kinds:
            folder = (options.keep or Path(temporary)) / kind
            sizes = (("small", 50), ("large", options.large))
            environs = {
                name: registers.build(folder / name, size, database=database(kind, f"{name}_{size}", folder / name))
                for name, size in sizes
            }
            spent = measure(environs, PAGES)
            found = measure({"large": environs["large"]}, tuple(page for page, _list in SEARCHES))
            spent["large"] |= found["large"]
            bounds = {page.name: page.bound for page in PAGES} | {"extract of a resident": 1.5}
            print(f"\n{kind:34} {'50':>9} {options.large:>9} {'ratio':>7} {'bound':>6}")
            for name, bound in bounds.items():
                small, large = spent["small"][name], spent["large"][name]
                mark = "" if large / small <= bound else "  TOO SLOW"
                broken += bool(mark)
                print(f"{name:34} {small * 1000:7.1f}ms {large * 1000:7.1f}ms {large / small:7.2f} {bound:6.1f}{mark}")
            for page, compared in SEARCHES:
                seconds = spent["large"][page.name]
                ratio = seconds / spent["large"][compared]
                mark = "" if ratio <= page.bound else "  TOO SLOW"
                broken += bool(mark)
                label = f"{page.name}, to {compared}"
                print(f"{label:50} {seconds * 1000:7.1f}ms {ratio:7.2f} {page.bound:6.1f}{mark}")
            if options.lines:
                environs["lines"] = registers.build(
                    folder / "lines",
                    options.large,
                    lines=240,
                    database=database(kind, f"lines_{options.large}", folder / "lines"),
                )
                del environs["small"]
                spent = measure(environs, tuple(page for page in PAGES if page.name in BY_LINES))
                for name in BY_LINES:
                    seconds, ratio = spent["lines"][name], spent["lines"][name] / spent["large"][name]
                    mark = "" if ratio <= LINES_BOUND else "  TOO SLOW"
                    broken += bool(mark)
                    label = f"{name}, 1.2 million lines"
                    print(f"{label:44} {seconds * 1000:7.1f}ms {ratio:7.2f} {LINES_BOUND:6.1f}{mark}")
    if broken:
        raise SystemExit(f"{broken} bounds are broken")


if __name__ == "__main__":
    main()
