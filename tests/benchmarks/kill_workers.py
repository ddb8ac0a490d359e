"""Kill workers and their rendering processes at random moments, and check what is left.

    python tests/benchmarks/kill_workers.py [KILLS] [WORKERS]

Asks for papers all the while: extracts of one page, and registers that are laid out by processes of their own. In the
end every request is done or failed, numbers run without gaps, each paper's file is whole and is that of one request
only, nothing half-written is left, and the journal is whole. The database is a new SQLite file, or the one that
``DATABASE_URL`` names, which has to be empty.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import sqlalchemy as sa  # noqa: E402

from registry.app import create_app  # noqa: E402
from registry.cli import prepare  # noqa: E402
from registry.config import Settings  # noqa: E402
from registry.infra import jobs, storage  # noqa: E402
from registry.infra.access import SYSTEM  # noqa: E402
from registry.infra.clock import today, utc_now  # noqa: E402
from registry.infra.db import db, transaction  # noqa: E402
from registry.journal import queries as journal  # noqa: E402
from registry.papers import queries, services, worker  # noqa: E402
from registry.papers.models import Document, DocumentAct, DocumentRequest  # noqa: E402
from registry.residents.models import Resident  # noqa: E402
from registry.territories.queries import by_code  # noqa: E402
from tests.factories import bin_number  # noqa: E402

RESIDENTS = 450
AT_ONCE = 4
"""Requests under way at a time."""


def fill(folder: Path) -> None:
    """A register whose names need shaping, so that processes of their own lay it out."""
    file = folder / "residents.csv"
    with file.open("w", encoding="utf-8", newline="") as target:
        out = csv.writer(target)
        out.writerow(["territory", "bin", "name_kk", "name_ru", "legal_form", "participant_type", "registered_on"])
        for number in range(1, RESIDENTS + 1):
            code = bin_number(number)
            out.writerow(["NU", code, f"«Үлгі 🚀 {code}» ЖШС", f"ТОО «Улги {code}»", "llp", "production", "2024-03-11"])
    subprocess.run([sys.executable, "-m", "registry", "import", "residents", str(file)], cwd=ROOT, check=True)


def below(pid: int) -> list[int]:
    """The processes a process started, and those they started."""
    found: list[int] = []
    with suppress(OSError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            for kid in map(int, path.read_text().split()):
                found += [kid, *below(kid)]
    return found


def ask(number: int) -> None:
    """Another paper, of a day no paper was asked for before."""
    day = today() - timedelta(days=number % 500)
    with transaction():
        if number % 4:
            resident = db.session.scalars(sa.select(Resident).order_by(Resident.id).offset(number % RESIDENTS)).first()
            asked = services.request_document(
                SYSTEM,
                "extract",
                language=random.choice(["kk", "ru", "en"]),
                now=utc_now(),
                resident=resident,
                as_of=day,
            )
        else:
            asked = services.request_document(
                SYSTEM, "participants", language="kk", now=utc_now(), territory=by_code("NU"), as_of=day
            )
        asked_id = asked.id
    if number % 7:  # the others are lost between commit and queue
        jobs.enqueue(worker.run_request, asked_id)


def under_way() -> int:
    db.session.rollback()
    return (
        db.session.scalar(
            sa.select(sa.func.count())
            .select_from(DocumentRequest)
            .where(DocumentRequest.status.in_(["queued", "running"]))
        )
        or 0
    )


def check(settings: Settings) -> list[str]:
    """What is wrong."""
    found = []
    statuses = Counter(db.session.scalars(sa.select(DocumentRequest.status)))
    print(
        "requests:", dict(statuses), "attempts:", dict(Counter(db.session.scalars(sa.select(DocumentRequest.attempts))))
    )
    if set(statuses) - {"done", "failed"}:
        found.append("a request is neither done nor failed")
    for error in db.session.scalars(sa.select(DocumentRequest.error).where(DocumentRequest.status == "failed")):
        print("failed:", error or "(a fault)")
    serials: dict[tuple[str, str, int], list[int]] = {}
    for act in db.session.scalars(sa.select(DocumentAct)):
        serials.setdefault((act.scope, act.kind, act.year), []).append(act.serial)
    for series, numbers in serials.items():
        print(f"numbers of {series}: {len(numbers)}")
        if sorted(numbers) != list(range(1, len(numbers) + 1)):
            found.append(f"the numbers of {series} have gaps")
    papers = list(db.session.scalars(sa.select(Document)))
    for paper in papers:
        try:
            content = queries.get_bytes(paper)
        except storage.StorageError as error:
            found.append(str(error))
            continue
        if not content.rstrip().endswith(b"%%EOF") or len(content) != paper.size:
            found.append(f"{paper.number} is not whole")
    given = Counter(db.session.scalars(sa.select(DocumentRequest.document_id).where(DocumentRequest.status == "done")))
    if set(given) != {paper.id for paper in papers}:
        found.append("papers and done requests do not match")
    storage.remove_unfinished(settings.documents_dir, time.time())
    files = {path.name for path in settings.documents_dir.glob("*/*")}
    print(f"papers: {len(papers)}; files nobody refers to: {len(files - {paper.sha256 for paper in papers})}")
    if any(name.startswith(".") for name in files):
        found.append("a half-written file is left")
    problem = journal.verify().problem
    return [*found, f"the journal: {problem}"] if problem else found


def main() -> None:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 100
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as name:
        os.environ["REGISTRY_DATA_DIR"] = name
        settings = Settings.from_environment()
        app = create_app(settings, pages=False)
        prepare(app)
        fill(Path(name))
        keepers = [
            subprocess.Popen([sys.executable, "-m", "registry", "worker"], cwd=ROOT, stderr=subprocess.DEVNULL)
            for _number in range(workers)
        ]
        killed: Counter[str] = Counter()
        try:
            with app.app_context():
                asked = 0
                while sum(killed.values()) < kills:
                    while under_way() < AT_ONCE:
                        asked += 1
                        ask(asked)
                    time.sleep(random.choice([0.05, 0.3, 1, 3, 6]) * random.random())
                    victims = [pid for keeper in keepers for pid in below(keeper.pid)]
                    if victims:
                        pid = random.choice(victims)
                        with suppress(OSError):
                            what = Path(f"/proc/{pid}/cmdline").read_bytes()
                            os.kill(pid, signal.SIGKILL)
                            killed[
                                "render" if b"render_worker" in what else "worker" if b"worker" in what else "other"
                            ] += 1
                began = time.monotonic()
                while under_way() and time.monotonic() - began < 180:
                    time.sleep(0.5)
                print(f"killed: {dict(killed)}; asked for: {asked}; all ended {time.monotonic() - began:.0f} s later")
                problems = check(settings)
        finally:
            for keeper in keepers:
                keeper.terminate()
            for keeper in keepers:
                keeper.wait()
    print("\n".join(problems) or "nothing is lost, doubled or half-written")
    sys.exit(bool(problems))


if __name__ == "__main__":
    main()
