"""Fingerprints of what papers look like, kept with the version of the look they were taken from.

    python -m tests.printing.look

writes them to ``look.json``, for a new ``LOOK`` only: the same number never stands for two looks.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf

from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import kinds, snapshots
from registry.paper_kinds.data import data_of
from registry.paper_kinds.participants import Participants
from registry.printing import embedded_data, formats, pagination, rendering
from registry.printing.layout import Paper
from tests.printing import registers
from tests.printing.reading import Reading

KEPT = Path(__file__).with_name("look.json")
STORED = Path(__file__).with_name("snapshots")
"""Snapshots as issued papers hold them, one of each kind."""

IDENTITY = rendering.Identity(
    "KZ-PAR-2026-000001-kk", "A" * 28, "http://localhost:8000/v/" + "A" * 28, date(2026, 10, 5), 7, "ab" * 32, "1" * 600
)
DRAWN = ("certificate.en", "indicators.kk", "taxes.ru", "participants-long.kk")
"""What is drawn too: an upright sheet and one on its side, notes, annexes, totals, all stamps, and pages set directly
with cells that need shaping among the others."""

ODD = "شركة 漢字 e\u0301"


def stored() -> Iterator[tuple[str, snapshots.Snapshot]]:
    for path in sorted(STORED.glob("*.json")):
        yield path.stem, kinds.load(path.read_text(encoding="utf-8").removesuffix("\n"))


def papers() -> Iterator[tuple[str, snapshots.Snapshot, Paper]]:
    """Every kind in every language, and a register long enough to be set directly."""
    for name, snapshot in stored():
        for language in LANGUAGES:
            yield f"{name}.{language}", snapshot, kinds.compose(snapshot, language)
    long = registers.snapshot(130)
    entries = tuple(
        replace(entry, who=replace(entry.who, name=snapshots.Text(ODD))) if number % 9 == 0 else entry
        for number, entry in enumerate(long.body.entries)
    )
    long = replace(long, body=Participants(entries))
    yield "participants-long.kk", long, kinds.compose(long, "kk")


def fingerprints() -> dict[str, Any]:
    """What is written, by paper, and of some papers how it is drawn and what is read from it."""
    written, drawn = {}, {}
    for name, snapshot, paper in papers():
        written[name] = _hash(_pages(paper), json.dumps(embedded_data.printed(paper), ensure_ascii=False))
        if name in DRAWN:
            content = rendering.stamp(rendering.render(paper, data=data_of(snapshot)), paper, IDENTITY)
            drawn[name] = {"exact": _exact(content), "read": _read(content)}
    return {"look": rendering.LOOK, "programs": rendering.versions(), "written": written, "drawn": drawn}


def _hash(*parts: str | bytes) -> str:
    return hashlib.sha256(b"\0".join(part.encode() if isinstance(part, str) else part for part in parts)).hexdigest()


def _pages(paper: Paper) -> str:
    """What a paper is laid out from, to the letter; no fonts are needed to make it."""
    sheet = formats.in_print(paper, paper.language)
    return "\n".join(rendering.html_of(sheet, chunk) for chunk in pagination.split(sheet))


def _exact(content: bytes) -> str:
    """Every stroke of every page, and the structure: the same with the same fonts and programs only."""
    found: list[str | bytes] = []
    with pikepdf.open(io.BytesIO(content)) as document:
        for page in document.pages:
            page.contents_coalesce()
            found += [str(page.mediabox), page.Contents.read_bytes()]
        found += [str(tag) for tag in _tags(document.Root.StructTreeRoot.K[0])]
    return _hash(*found)


def _tags(element: Any) -> Iterator[str]:
    yield str(element.S)
    kids = element.get("/K", ())
    for kid in kids if isinstance(kids, pikepdf.Array) else ():
        if isinstance(kid, pikepdf.Dictionary) and "/S" in kid:
            yield from _tags(kid)


def _read(content: bytes) -> str:
    """What is read aloud, without the spaces at which lines end, and how it is tagged: the same with any fonts."""
    read = Reading(content)
    texts = [*read.prose, *(cell for table in read.tables for row in table for cell in row)]
    with pikepdf.open(io.BytesIO(content)) as document:
        tags = Counter(_tags(document.Root.StructTreeRoot.K[0]))
    return _hash("".join("".join(texts).split()), json.dumps(tags, sort_keys=True))


def main() -> None:
    """Keep the fingerprints of a new look."""
    found = fingerprints()
    if KEPT.exists():
        kept = json.loads(KEPT.read_text(encoding="utf-8"))
        looks = [{key: value for key, value in one.items() if key != "programs"} for one in (kept, found)]
        if kept["look"] == found["look"] and kept["programs"] == found["programs"] and looks[0] != looks[1]:
            sys.exit(f"papers look different: raise LOOK in registry/printing/rendering.py above {kept['look']} first")
    KEPT.write_text(json.dumps(found, indent=1, sort_keys=True, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
