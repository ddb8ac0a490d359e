"""How fast papers are made, against one plain WeasyPrint render of the same table and against Chromium.

    python tests/benchmarks/bench_papers.py [quick]

Prints each number of the papers' engine with its bound and whether it holds, all measured in this run:

* a register of 2 000 residents in 10 columns through the whole pipeline, from collecting to the stored file, as a
  ratio to WeasyPrint's plain render of the same table as PDF/A-3a and to Chromium's print of the same HTML; after one
  resident changed; asked for once more; printed again from what is stored;
* registers of 10 000 and 20 000 residents, each by a process of its own, with the memory it takes, and one whose rows
  need shaping and are therefore laid out by rendering processes, with the memory those take (200 rows at a time,
  however many there are);
* an extract from the click to the file, by a running ``registry serve``, and the memory of its web process.

``quick`` leaves the long registers out. It ends with status 1 when a bound does not hold.
"""

from __future__ import annotations

import csv
import http.cookiejar
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

ROWS, MANY, SHAPED = 2000, 20_000, 3000
PASSWORD = "a-long-password-for-the-benchmark"
EARLY, LATE = date(2025, 1, 6), date(2025, 7, 7)
"""The first half of the residents is entered on one day, the second on another."""

PLAIN = """
import sys, time
from pathlib import Path
from weasyprint import HTML
html = Path(sys.argv[1]).read_text(encoding="utf-8")
began = time.perf_counter()
HTML(string=html).write_pdf(sys.argv[2], pdf_variant="pdf/a-3a")
print(time.perf_counter() - began)
"""

failures: list[str] = []


def say(what: str, value: float, most: float, *, unit: str = "×", seconds: float | None = None) -> None:
    """One number with its bound."""
    holds = value <= most
    if not holds:
        failures.append(what)
    spent = f" ({seconds:.2f} s)" if seconds is not None else ""
    print(f"{'holds' if holds else 'FAILS'}  {value:8.3f} {unit:<3} at most {most:<7g} {what}{spent}", flush=True)


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# --- processes and their memory ---


def peak(pid: int | str = "self", field: str = "VmHWM") -> float:
    """The most memory a process held, in megabytes (0 when it is gone); ``VmRSS`` is what it holds now."""
    with suppress(OSError):
        found = re.search(rf"{field}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        if found:
            return int(found[1]) / 1024
    return 0


def below(pid: int) -> list[int]:
    """The processes a process started."""
    found: list[int] = []
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            found += map(int, path.read_text().split())
    return found


@contextmanager
def watched_workers():
    """The most memory any rendering process of this one takes."""
    most = [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.1):
            for pid in below(os.getpid()):
                with suppress(OSError):
                    if b"render_worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                        most[0] = max(most[0], peak(pid))

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def registry(folder: Path, *arguments: str, given: str | None = None) -> None:
    environ = {**os.environ, "REGISTRY_DATA_DIR": str(folder), "DATABASE_URL": ""}
    subprocess.run(
        [sys.executable, "-m", "registry", *arguments],
        cwd=ROOT,
        env=environ,
        check=True,
        input=given,
        text=True,
        stdout=subprocess.DEVNULL,
    )


def part(name: str, folder: Path) -> dict[str, float]:
    """A part of this file, run by a process of its own."""
    environ = {**os.environ, "REGISTRY_DATA_DIR": str(folder), "DATABASE_URL": ""}
    result = subprocess.run(
        [sys.executable, __file__, name, str(folder)], env=environ, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise SystemExit(result.stderr)
    return json.loads(result.stdout)


def fill(folder: Path, rows: int) -> None:
    """A registry with so many residents."""
    from registry.territories.rules import check_digit

    registry(folder, "init")
    prefixes = (f"24{month:02d}40{serial}" for month in range(1, 13) for serial in range(90_000, 100_000))
    numbers = (f"{prefix}{digit}" for prefix in prefixes if (digit := check_digit(prefix)) is not None)
    file = folder / "residents.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(
            [
                "territory",
                "bin",
                "name_kk",
                "name_ru",
                "legal_form",
                "participant_type",
                "registered_on",
                "decision_no",
                "decision_date",
                "oked",
                "address_kk",
                "address_ru",
            ]
        )
        for number in range(1, rows + 1):
            out.writerow(
                [
                    "NU",
                    next(numbers),
                    f"«Ғылыми-өндірістік {'бірлестік ' * (number % 3)}№ {number}» ЖШС",
                    f"ТОО «Пример {number}»",
                    "llp",
                    "production",
                    EARLY if number <= rows // 2 else LATE,
                    f"{number}-Ш",
                    "2025-01-06",
                    "72191",
                    f"Астана қаласы, Қабанбай батыр даңғылы, {number}-үй",
                    "город Астана",
                ]
            )
    registry(folder, "import", "residents", str(file))


# --- parts that run in a process of their own ---


def pipeline(folder: Path) -> dict[str, float]:
    """The whole way of a register: cold, after a change, asked for again, in another language, printed again."""
    import sqlalchemy as sa

    from registry.app import create_app
    from registry.config import Settings
    from registry.infra import jobs
    from registry.infra.access import SYSTEM
    from registry.infra.clock import today, utc_now
    from registry.infra.db import db, transaction
    from registry.paper_kinds import kinds
    from registry.papers import issuing, queries
    from registry.papers.requests import order
    from registry.residents.models import Resident
    from registry.residents.services import amend_resident
    from registry.territories.queries import by_code
    from registry.verification import checking

    def issue(language: str = "kk") -> None:
        wanted = order(SYSTEM, "participants", language=language, today=today(), territory=by_code("NU"))
        made.append(issuing.make(SYSTEM, wanted, now=utc_now()).number)

    def change() -> None:
        with transaction():
            found = db.session.scalars(sa.select(Resident).order_by(Resident.id).offset(ROWS // 2)).first()
            assert found is not None
            amend_resident(SYSTEM, found, values={"address_kk": f"Алматы қаласы, {len(made)}"}, now=utc_now())

    made: list[str] = []
    app = create_app(Settings.from_environment(), pages=False)
    with app.app_context():
        cold = timed(issue)
        jobs.warm_up(app)  # as a worker does
        changed = []
        for _time in range(3):
            change()
            changed.append(timed(issue))
        unchanged = min(timed(issue) for _time in range(3))
        assert len(set(made)) == 4, made
        other = timed(lambda: issue("ru"))
        paper = queries.by_number(SYSTEM, made[-2])

        def check() -> None:
            assert checking.compare(paper) is None

        again = timed(check)
        wanted = order(SYSTEM, "participants", language="kk", today=today(), territory=by_code("NU"))
        snapshot = kinds.collect(wanted.kind, wanted.asked)
    (folder / "paper.html").write_text(whole(snapshot), encoding="utf-8")
    return {"cold": cold, "changed": min(changed), "unchanged": unchanged, "other": other, "again": again}


def whole(snapshot) -> str:
    """The paper as one page of HTML."""
    from registry.paper_kinds import kinds
    from registry.printing import formats, pagination, rendering

    paper = formats.in_print(kinds.compose(snapshot, "kk"), "kk")
    parts = tuple(
        pagination.Part(section, section.blocks, ending=number == 0) for number, section in enumerate(paper.sections)
    )
    return rendering.html_of(paper, pagination.Chunk(parts, True, 0))


def long_register(folder: Path, day: date) -> dict[str, float]:
    """A register as of a day, cold, and the memory it takes."""
    from registry.app import create_app
    from registry.config import Settings
    from registry.infra.access import SYSTEM
    from registry.infra.clock import today, utc_now
    from registry.papers import issuing
    from registry.papers.requests import order
    from registry.territories.queries import by_code

    settings = Settings.from_environment()
    shutil.rmtree(settings.cache_dir, ignore_errors=True)
    with create_app(settings, pages=False).app_context():
        wanted = order(SYSTEM, "participants", language="kk", today=today(), territory=by_code("NU"), as_of=day)
        # Of the processor: runs that follow each other must not be compared by what else the machine was doing.
        before = time.process_time()
        seconds = timed(lambda: issuing.make(SYSTEM, wanted, now=utc_now()))
    return {"seconds": seconds, "work": time.process_time() - before, "joining": peak()}


def shaped(folder: Path) -> dict[str, float]:
    """A register whose names need shaping, laid out by rendering processes."""
    from registry.paper_kinds import kinds
    from registry.paper_kinds import snapshots as s
    from registry.paper_kinds.data import data_of
    from registry.paper_kinds.participants import Participants
    from registry.printing import rendering
    from tests.printing.registers import snapshot

    data = snapshot(SHAPED)
    entries = tuple(
        replace(entry, who=replace(entry.who, name=s.Text(f"🚀 {entry.who.name.kk}", entry.who.name.ru)))
        for entry in data.body.entries  # type: ignore[union-attr]
    )
    data = replace(data, body=Participants(entries))
    paper = kinds.compose(data, "kk")
    with watched_workers() as most:
        seconds = timed(lambda: rendering.render(paper, data=data_of(data), cache_dir=folder / "cache"))
    return {"seconds": seconds, "joining": peak(), "rendering": most[0]}


# --- a running server ---


class Browser:
    """Signs in, fills in forms and follows what pages tell it to, as a browser does."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )
        self.token = ""

    def get(self, path: str, form: dict[str, str] | None = None) -> tuple[str, bytes, float | None]:
        """The address in the end, what stands there, and after how many seconds the page wants to be renewed."""
        data = urllib.parse.urlencode({**form, "csrf_token": self.token}).encode() if form is not None else None
        request = urllib.request.Request(urllib.parse.urljoin(self.address, path), data, {"Referer": self.address})
        with self.opener.open(request, timeout=60) as response:
            content = response.read()
            found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', content)
            self.token = found[1].decode() if found else self.token
            renew = response.headers.get("Refresh")
            return response.url, content, float(renew) if renew else None

    def paper(self, kind: str, form: dict[str, str]) -> bytes:
        """Ask for a paper and wait for its file."""
        address, content, renew = self.get(f"/documents/new?kind={kind}", form)
        while renew is not None:
            time.sleep(renew)
            address, content, renew = self.get(address)
        link = re.search(rb'href="([^"]*/file[^"]*|[^"]*\.pdf)"', content)
        if link is None:
            raise SystemExit(f"no file at {address}: {re.sub(rb'<[^>]*>', b' ', content).decode()[:3000]}")
        return self.get(link[1].decode())[1]


def serving(folder: Path) -> None:
    registry(folder, "users", "add", "bench", "--role", "staff", "--password-stdin", given=PASSWORD)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    environ = {
        **os.environ,
        "REGISTRY_DATA_DIR": str(folder),
        "DATABASE_URL": "",
        "REGISTRY_PUBLIC_URL": address,
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "registry", "serve", "--port", str(port)],
        cwd=ROOT,
        env=environ,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        server.stdout.readline()
        browser = Browser(address)
        browser.get("/sign-in")
        browser.get("/sign-in", {"login": "bench", "password": PASSWORD})
        numbers = [row["bin"] for row in csv.DictReader((folder / "residents.csv").open(encoding="utf-8"))]
        today = date.today().isoformat()

        def extract(number: str) -> None:
            browser.get("/documents/new?kind=extract")
            began = time.perf_counter()
            content = browser.paper("extract", {"resident": number, "as_of": today, "language": "kk"})
            spent.append(time.perf_counter() - began)
            assert content.startswith(b"%PDF")

        spent: list[float] = []
        for number in numbers[:2]:  # the worker is warm after these, and the server has shown each page
            extract(number)
        for _time in range(20):
            browser.get("/documents")
        spent.clear()
        before = peak(server.pid, "VmRSS")
        for number in numbers[2:12]:
            extract(number)
        say("extract of one resident, from click to file, the middle of ten", sorted(spent)[5], 1.5, unit="s")
        for day in ("2026-01-15", "2026-02-16"):
            browser.get("/documents/new?kind=participants")
            browser.get("/documents/new?kind=participants", {"territory": "NU", "as_of": day, "language": "kk"})
            for _time in range(20):
                browser.get("/documents")
                time.sleep(0.2)
        after = peak(server.pid, "VmRSS")
        say(f"memory of the web process while papers are made, of {before:.0f} MB", after / before, 1.05)
    finally:
        server.terminate()
        server.wait()


# --- all of it ---


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "two"
        folder.mkdir()
        fill(folder, ROWS)
        found = part("pipeline", folder)
        result = subprocess.run(
            [sys.executable, "-c", PLAIN, folder / "paper.html", folder / "plain.pdf"],
            capture_output=True,
            text=True,
            check=True,
        )
        plain = float(result.stdout)
        print(f"{ROWS} residents, 10 columns; plain WeasyPrint as PDF/A-3a: {plain:.1f} s")
        about = f"register of {ROWS} residents"
        say(f"{about}, cold, to plain WeasyPrint", found["cold"] / plain, 0.40, seconds=found["cold"])
        browser = shutil.which("chromium")
        if browser:
            seconds = timed(
                lambda: subprocess.run(
                    [
                        browser,
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--no-pdf-header-footer",
                        f"--print-to-pdf={folder / 'chromium.pdf'}",
                        folder / "paper.html",
                    ],
                    capture_output=True,
                    check=True,
                )
            )
            say(f"{about}, cold, to Chromium", found["cold"] / seconds, 1.0, seconds=seconds)
        else:
            print("Chromium is not installed: nothing to compare with")
        say("the same after one resident changed", found["changed"] / plain, 0.08, seconds=found["changed"])
        say("the same unchanged, asked for again", found["unchanged"] / plain, 0.01, seconds=found["unchanged"])
        print(f"       {found['other']:.2f} s in another language, {found['again']:.2f} s printed again and compared")
        serving(folder)
        if "quick" not in sys.argv[1:]:
            folder = Path(name) / "twenty"
            folder.mkdir()
            fill(folder, MANY)
            half, full = part("half", folder), part("full", folder)
            say(
                f"{MANY} residents, cold, to half of them",
                full["work"] / half["work"],
                2.2,
                seconds=full["seconds"],
            )
            say(f"memory of the process that joins {MANY}", full["joining"], 1000, unit="MB")
            found = part("shaped", folder)
            about = f"{SHAPED} residents whose names need shaping"
            say(
                f"memory of a process that lays out {about}",
                found["rendering"],
                400,
                unit="MB",
                seconds=found["seconds"],
            )
            say("memory of the process that joins them", found["joining"], 1000, unit="MB")
    if failures:
        raise SystemExit("does not hold: " + "; ".join(failures))


PARTS: dict[str, Callable[[Path], dict[str, float]]] = {
    "pipeline": pipeline,
    "half": lambda folder: long_register(folder, date(2025, 6, 30)),
    "full": lambda folder: long_register(folder, date(2025, 12, 31)),
    "shaped": shaped,
}

if __name__ == "__main__":
    if len(sys.argv) > 2:
        print(json.dumps(PARTS[sys.argv[1]](Path(sys.argv[2]))))
    else:
        main()
