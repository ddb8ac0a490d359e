"""What the gate looks at where there is too much for it: every case, in one language each; check-all in all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TypeVar

from registry.infra.i18n import LANGUAGES

COMPLETE = os.environ.get("TEST_LANGUAGES") == "all"
"""Whether tests look at every case in every language."""

Case = TypeVar("Case")


def in_turn(cases: Iterable[Case], turn: int = 0) -> list[tuple[Case, str]]:
    """Cases with the languages to look at them in; another ``turn`` gives a case another of the three languages."""
    return [
        (case, language)
        for number, case in enumerate(cases)
        for place, language in enumerate(LANGUAGES)
        if COMPLETE or (number + turn) % len(LANGUAGES) == place
    ]
