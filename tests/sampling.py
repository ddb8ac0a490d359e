"""What the gate looks at where there is too much for it: a seeded part, and ``make check-all`` everything.

A case or file marked ``thorough`` looks at many variants of one thing, or deeper at what quicker cases look at too, and
takes long in all. The gate runs one case in :data:`OF` of them, chosen by :data:`SEED`, which is the commit: every
commit tries others, and the same commit the same ones. Cases that share what takes long are drawn ``together``, by
their file. ``TEST_THOROUGH=all`` runs all.
"""

from __future__ import annotations

import os
import subprocess
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from registry.infra.i18n import LANGUAGES

COMPLETE = os.environ.get("TEST_LANGUAGES") == "all"
"""Whether tests look at every case in every language."""

THOROUGH = os.environ.get("TEST_THOROUGH") == "all"
"""Whether every case marked ``thorough`` runs."""

OF = 4
"""Of how many thorough cases the gate runs one."""


def _commit() -> str:
    """The commit checked out; a fixed word where the program did not come by git."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "tizilim"


SEED = os.environ.setdefault("TEST_SEED", _commit())
"""What chooses the samples of the gate; set in the environment so that every process of a run chooses alike."""

Case = TypeVar("Case")


def is_drawn(name: str) -> bool:
    """Whether a thorough case, named by its test, is one of those the gate runs."""
    return THOROUGH or zlib.crc32(f"{SEED} {name}".encode()) % OF == 0


def in_turn(cases: Iterable[Case], turn: int = 0) -> list[tuple[Case, str]]:
    """Cases with the languages to look at them in; another ``turn`` gives a case another of the three languages."""
    return [
        (case, language)
        for number, case in enumerate(cases)
        for place, language in enumerate(LANGUAGES)
        if COMPLETE or (number + turn) % len(LANGUAGES) == place
    ]
