"""Exact numbers in and out: hundredths are whole integers everywhere between the input and the paper."""

from __future__ import annotations

import re

_CANONICAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")


def parse_hundredths(text: str) -> int:
    """Read an exchange-file number (decimal point, at most two decimals) as whole hundredths.

    :raises ValueError: for anything else, more than two decimals included.
    """
    if not _CANONICAL.fullmatch(text):
        raise ValueError(text)
    return _to_hundredths(text)


def _to_hundredths(text: str) -> int:
    whole, _point, fraction = text.removeprefix("-").partition(".")
    value = int(whole) * 100 + int(fraction.ljust(2, "0") or 0)
    return -value if text.startswith("-") else value


LARGEST_ID = 2**31 - 1
"""The largest number a key can be: PostgreSQL's ``integer``."""


def whole_number(text: str | None, most: int = LARGEST_ID) -> int | None:
    """A number from 0 to ``most`` as an address or a hidden field writes it; None for anything else, however long."""
    if text is None or not (text.isascii() and text.isdecimal()) or len(text.lstrip("0")) > len(str(most)):
        return None
    number = int(text.lstrip("0") or 0)
    return number if number <= most else None


def canonical_hundredths(value: int | None) -> str:
    """Hundredths as exchange files write money: a point and always two decimals; nothing for None."""
    if value is None:
        return ""
    return f"{'-' if value < 0 else ''}{abs(value) // 100}.{abs(value) % 100:02d}"


def shortest_hundredths(value: int | None) -> str:
    """Hundredths without trailing zeros, as exchange files write areas and shares."""
    text = canonical_hundredths(value)
    return text.rstrip("0").rstrip(".") if text else ""


def percent_half_up(part: int, whole: int) -> str | None:
    """``part / whole`` in per cent with one decimal, rounded half up, exactly; None when ``whole`` is 0."""
    if whole == 0:
        return None
    tenths = (2000 * part + whole) // (2 * whole)
    return f"{'-' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}"
