"""The texts that are kept, and the comparison with them.

With ``TEST_GOLDEN=update`` in the environment the texts are written instead of compared; ``TEST_GOLDEN=all`` compares
every language where the gate takes one.
"""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

KEPT = Path(__file__).parent / "state"
MODE = os.environ.get("TEST_GOLDEN", "")
UPDATES = MODE == "update"
COMPLETE = MODE in ("all", "update")

LINES_SHOWN = 80
"""Lines of a difference that a failure shows of one file."""

_SETTLED = (
    (re.compile(r"\b(?=[0-9]*[a-f])[0-9a-f]{12,64}\b…?"), "‹hash›"),
    (re.compile(r"\b(?=[A-Z2-7]*[A-Z])[A-Z2-7]{28}\b"), "‹code›"),
)


def settled(text: str) -> str:
    """The text without what differs from one registry to the next: hashes and the codes of papers."""
    for pattern, name in _SETTLED:
        text = pattern.sub(name, text)
    return text


def compare(texts: Mapping[str, str]) -> None:
    """Compare texts with what is kept under their names, or keep them."""
    problems = []
    for name, text in texts.items():
        path = KEPT / name
        if UPDATES:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="")
        elif not path.exists():
            problems.append(f"{name} is not kept yet")
        else:
            kept = path.read_bytes().decode()
            if text != kept:
                problems.append(f"{name} is not what it was (- kept, + now):\n{_difference(kept, text)}")
    if problems:
        problems.append("If this is meant, keep it with: python -m tests.golden.update")
        pytest.fail("\n\n".join(problems), pytrace=False)


def _difference(kept: str, now: str) -> str:
    before = kept.splitlines()
    lines = [_placed(line, before) for line in difflib.unified_diff(before, now.splitlines(), lineterm="", n=0)][2:]
    more = len(lines) - LINES_SHOWN
    return "\n".join(lines[:LINES_SHOWN]) + (f"\n… and {more} more lines" if more > 0 else "")


def _placed(line: str, kept: Sequence[str]) -> str:
    """The head of a change with that of the page or part it is in; any other line as it is."""
    found = re.match(r"@@ -(\d+)", line)
    if found is None:
        return line
    return next((f"@@ {head}" for head in reversed(kept[: int(found[1])]) if head.startswith(("== ", "--- "))), line)


def drop_others(names: Iterable[str]) -> None:
    """What is kept under a name nothing is compared with: a fault, or removed when the texts are written."""
    others = {str(path.relative_to(KEPT)) for path in KEPT.rglob("*") if path.is_file()} - set(names)
    if UPDATES:
        for name in others:
            (KEPT / name).unlink()
    assert UPDATES or not others, f"nothing is compared with {sorted(others)}"


def relative(lines: Sequence[str], to: Sequence[str]) -> Iterator[str]:
    """Lines as places in other lines, ``= 3-17``, where they stand there too; what stands nowhere as it is, ``+ …``."""
    places: dict[str, list[int]] = {}
    for number, line in enumerate(to, start=1):
        places.setdefault(line, []).append(number)
    first = last = 0
    for line in lines:
        found = places.get(line, ())
        if first and last + 1 in found:
            last += 1
            continue
        if first:
            yield _run(first, last)
        first = last = found[0] if found else 0
        if not found:
            yield f"+ {line}"
    if first:
        yield _run(first, last)


def _run(first: int, last: int) -> str:
    return f"= {first}" if first == last else f"= {first}-{last}"
