"""Ready-made records, put into the database through the services, so that no test stands on an unreachable state.

Each factory is a plain function with sensible defaults; what a test is about, it says by keyword.
"""

from __future__ import annotations

from datetime import UTC, datetime

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
