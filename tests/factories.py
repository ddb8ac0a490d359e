"""Ready-made records, put into the database through the services, so that no test stands on an unreachable state.

Each factory is a plain function with sensible defaults; what a test is about, it says by keyword.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask

from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import transaction
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change
from registry.territories.queries import by_code

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)
"""The moment at which factories act unless told another: 5 October 2026, 11:00 in Asia/Almaty."""


def bin_number(serial: int, *, year: int = 24, month: int = 1, kind: int = 4, unit: int = 0) -> str:
    """A fictional BIN that passes the check digit: the ``serial``-th (from 1) of those with serials from 99000 on.

    Written apart from the product's rule (``domain.md`` 3.1), so that one checks the other.
    """
    found = 0
    for number in range(99000, 100000):
        prefix = f"{year:02d}{month:02d}{kind}{unit}{number}"
        digits = [int(digit) for digit in prefix]
        remainder = sum(digit * weight for digit, weight in zip(digits, range(1, 12), strict=True)) % 11
        if remainder == 10:
            second = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
            remainder = sum(digit * weight for digit, weight in zip(digits, second, strict=True)) % 11
        if remainder == 10:
            continue
        found += 1
        if found == serial:
            return f"{prefix}{remainder}"
    raise ValueError(serial)


def resident_values(number: str, **values: Any) -> dict[str, Any]:
    """Fields of an entry that every rule accepts."""
    return {
        "bin": number,
        "name_kk": f"«Үлгі-{number[-4:]}» ЖШС",
        "name_ru": f"ТОО «Үлгі-{number[-4:]}»",
        "name_en": None,
        "legal_form": "llp",
        "participant_type": "innovation_company",
        "registered_on": date(2025, 1, 10),
        "decision_no": "1-Ш",
        "decision_date": date(2025, 1, 9),
        **values,
    }


def resident(
    number: str | None = None, *, territory: str = "NU", actor: Viewer = SYSTEM, now: datetime = NOW, **values: Any
) -> Resident:
    """An entry in a territory's register, from 10 January 2025 unless ``registered_on`` says otherwise."""
    with transaction():
        return residents.register_resident(
            actor, territory=by_code(territory), values=resident_values(number or bin_number(1), **values), now=now
        )


def status_change(
    entry: Resident, change: str, effective_on: date, *, now: datetime = NOW, ground: str | None = "own_request"
) -> StatusChange:
    """A suspension, resumption or exclusion of an entry."""
    with transaction():
        return residents.change_status(
            SYSTEM,
            entry,
            change=Change(change),
            effective_on=effective_on,
            now=now,
            ground=None if change == "resumed" else ground,
            decision_no="2-Ш",
            decision_date=effective_on,
        )


@contextmanager
def somebody_writing(app: Flask) -> Iterator[None]:
    """Another thread holds the writers' turn."""
    begun, done = threading.Event(), threading.Event()

    def write() -> None:
        with app.app_context(), transaction():
            begun.set()
            done.wait(60)

    thread = threading.Thread(target=write)
    thread.start()
    assert begun.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join()
