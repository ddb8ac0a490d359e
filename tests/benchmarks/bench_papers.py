"""How fast long papers are made, against one plain WeasyPrint render of the same table and against Chromium.

    python tests/benchmarks/bench_papers.py [ROWS]

Prints, for a register of 2 000 residents: the whole way from snapshot to stamped file, cold, after one resident
changed, each as a ratio to the plain render made in the same run, and the peak memory of the joining
and of the rendering processes. With a number of rows, only that register, cold.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from registry.documents import composing, rendering, sections  # noqa: E402
from registry.documents import snapshots as s  # noqa: E402
from tests.documents.registers import snapshot  # noqa: E402

LIMITS = {"cold": 0.40, "cold / Chromium": 1.0, "one resident changed": 0.08}

IDENTITY = rendering.Identity(
    "NU-PAR-2026-000001-kk", "A" * 28, "https://example.kz/v/" + "A" * 28, date(2026, 10, 5), 7, "ab" * 32
)

PLAIN = """
import sys, time
from pathlib import Path
from weasyprint import HTML
html = Path(sys.argv[1]).read_text(encoding="utf-8")
began = time.perf_counter()
HTML(string=html).write_pdf(sys.argv[2], pdf_variant="pdf/a-3a")
print(time.perf_counter() - began)
"""


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def make(data: s.Snapshot, cache: Path) -> bytes:
    """From a snapshot to the file handed out."""
    paper = composing.compose(data, "kk")
    return rendering.stamp(rendering.render(paper, snapshot=data, cache_dir=cache), paper, IDENTITY)


def whole(data: s.Snapshot) -> str:
    """The paper as one page of HTML."""
    paper = composing.compose(data, "kk")
    parts = tuple(
        sections.Part(section, section.blocks, ending=number == 0) for number, section in enumerate(paper.sections)
    )
    return rendering.html_of(paper, sections.Piece(parts, True, 0))


def memory(who: int) -> str:
    return f"{resource.getrusage(who).ru_maxrss / 1024:.0f} MB"


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    data = snapshot(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cache = folder / "cache"
        cold = timed(lambda: (folder / "paper.pdf").write_bytes(make(data, cache)))
        print(f"{rows} residents, cold: {cold:.1f} s, {(folder / 'paper.pdf').stat().st_size >> 10} KB")
        print(f"peak memory: joining {memory(resource.RUSAGE_SELF)}, rendering {memory(resource.RUSAGE_CHILDREN)}")
        if len(sys.argv) > 1:
            return
        entries = data.body.entries  # type: ignore[union-attr]
        changed = (*entries[:999], replace(entries[999], oked="99999"), *entries[1000:])
        other = replace(data, body=s.Participants(changed))
        times = {"one resident changed": timed(lambda: make(other, cache))}
        page = folder / "paper.html"
        page.write_text(whole(data), encoding="utf-8")
        result = subprocess.run(
            [sys.executable, "-c", PLAIN, page, folder / "plain.pdf"], capture_output=True, text=True, check=True
        )
        plain = float(result.stdout)
        print(f"plain WeasyPrint, PDF/A-3a: {plain:.1f} s")
        ratios = {"cold": cold / plain} | {name: seconds / plain for name, seconds in times.items()}
        browser = shutil.which("chromium")
        if browser:
            seconds = timed(lambda: subprocess.run(
                [browser, "--headless", "--no-sandbox", "--disable-gpu",
                 f"--print-to-pdf={folder / 'chromium.pdf'}", page],
                capture_output=True, check=True,
            ))  # fmt: skip
            print(f"Chromium, print to PDF: {seconds:.1f} s")
            ratios["cold / Chromium"] = cold / seconds
        for what, ratio in ratios.items():
            seconds = times.get(what, cold)
            print(f"{what}: {seconds:.2f} s, ratio {ratio:.3f}, at most {LIMITS[what]:.2f}")


if __name__ == "__main__":
    main()
