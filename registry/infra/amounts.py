"""Reading amounts as people type them: one table of rules, followed here and by ``static/js/amounts.js``.

A person types ``12 500 000,50 ₸``, ``KZT 12,500,000.50`` or ``120,5 м²``; what can be read in one way only is read, and
everything else is refused with the reason. The table is plain data in a notation both languages share, so that page and
server cannot disagree; ``tests/data/amounts.json`` holds the cases both are tried with.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from typing import Any

DIGITS = 15
"""Digits before the decimals, at most: what every place that keeps a number can hold in hundredths."""


class Unit(enum.StrEnum):
    """What is counted in a field, and so which unit may stand beside the number."""

    TENGE = "tenge"
    AREA = "area"
    PERCENT = "percent"
    WHOLE = "whole"


class Unreadable(enum.StrEnum):
    """Why an amount cannot be read."""

    SEVERAL = "several"
    AMBIGUOUS = "ambiguous"
    DECIMALS = "decimals"
    GROUPS = "groups"
    LARGE = "large"
    NEGATIVE = "negative"
    NOT_WHOLE = "not_whole"
    OTHER = "other"


_GROUPED = "[0-9]{1,3}(?: [0-9]{3})+"

RULES: dict[str, Any] = {
    # What is not seen is not read; what a program writes for a space or a minus is one.
    "invisible": "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]",
    "breaks": "[\t\n\u000b\f\r\u001c-\u001e\u0085\u2028\u2029]",
    "spaces": "[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]",
    "minus": "[\u2010-\u2015\u2212\ufe63\uff0d]",
    # Units, in small letters; before the number or after it.
    "units": {
        "tenge": ["(?:kzt|₸) ?", " ?(?:₸|kzt|тг\\.?|тңг\\.?|тенге|теңге|tenge)"],
        "area": ["", " ?(?:м²|м2|m²|m2|кв\\. ?м\\.?|ш\\. ?м\\.?|шаршы метр|sq\\.? ?m\\.?)"],
        "percent": ["", " ?%"],
        "whole": ["", ""],
    },
    # The first that fits says how the number is written, or why it cannot be read: (what it is, form, decimal sign).
    "forms": [
        ["large", "-?[0-9 .,]*", ""],
        ["number", "-?[0-9]+", ""],
        ["number", f"-?(?:[0-9]+|{_GROUPED}),[0-9]{{1,2}}", ","],
        ["number", f"-?(?:[0-9]+|{_GROUPED})\\.[0-9]{{1,2}}", "."],
        ["number", f"-?{_GROUPED}", ""],
        ["number", "-?[1-9][0-9]{0,2}(?:,[0-9]{3})+\\.[0-9]{1,2}", "."],
        ["number", "-?[1-9][0-9]{0,2}(?:\\.[0-9]{3})+,[0-9]{1,2}", ","],
        ["number", "-?[1-9][0-9]{0,2}(?:,[0-9]{3}){2,}", "."],
        ["number", "-?[1-9][0-9]{0,2}(?:\\.[0-9]{3}){2,}", ","],
        ["ambiguous", "-?[1-9][0-9]{0,2}[.,][0-9]{3}", ""],
        ["decimals", f"-?(?:[0-9]+|{_GROUPED})[.,][0-9]{{3,}}", ""],
        ["decimals", "-?[1-9][0-9]{0,2}(?:,[0-9]{3})+\\.[0-9]{3,}", ""],
        ["groups", "-?[0-9]+(?:[ .,][0-9]+)+", ""],
    ],
    "digits": DIGITS,
}
"""The table. A form called ``large`` fits only where more than ``digits`` digits stand before the decimals."""


def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source, re.ASCII)


_INVISIBLE, _BREAKS, _SPACES, _MINUS = (_compiled(RULES[name]) for name in ("invisible", "breaks", "spaces", "minus"))
_UNITS = {
    Unit(name): (_compiled(before), _compiled(f"(?:{after})$")) for name, (before, after) in RULES["units"].items()
}
_FORMS = [(kind, _compiled(form), decimal) for kind, form, decimal in RULES["forms"]]


@dataclass(slots=True)
class Refused(ValueError):
    """An amount that cannot be read; ``grouped`` and ``decimal`` are the two readings of an ambiguous one."""

    why: Unreadable
    grouped: str = ""
    decimal: str = ""


def read(text: str, unit: Unit, *, english: bool = False) -> int:
    """The hundredths of a number as a person typed it; nothing in a unit other than ``unit``.

    ``english`` readers write whole numbers as ``1,008``, and are told of readings in their own writing.

    :raises Refused: saying why it cannot be read.
    """
    plain = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip(" \t\n\u000b\f\r\u001c\u001d\u001e\u0085\u2028\u2029")
    if _BREAKS.search(plain):
        raise Refused(Unreadable.SEVERAL)
    plain = _MINUS.sub("-", plain).lower()
    before, after = _UNITS[unit]
    if found := before.match(plain):
        plain = plain[found.end() :]
    if found := after.search(plain):
        plain = plain[: found.start()]
    for kind, form, decimal in _FORMS:
        if not form.fullmatch(plain) or (kind == "large" and _digits(plain) <= DIGITS):
            continue
        if kind == "number":
            return _hundredths(plain, decimal, unit)
        if kind == "ambiguous":
            digits = re.sub("[.,]", "", plain)
            if unit is Unit.WHOLE and english and "," in plain:
                return _hundredths(digits, "", unit)
            group, sign = (",", ".") if english else (" ", ",")
            raise Refused(Unreadable.AMBIGUOUS, digits[:-3] + group + digits[-3:], re.sub("[.,]", sign, plain))
        raise Refused(Unreadable(kind))
    raise Refused(Unreadable.OTHER)


def _digits(plain: str) -> int:
    """How many digits stand before the decimals."""
    whole = re.sub("[.,][0-9]{1,2}$", "", plain)
    return len(re.sub("[^0-9]", "", whole))


def _hundredths(plain: str, decimal: str, unit: Unit) -> int:
    whole, _sign, fraction = plain.removeprefix("-").partition(decimal) if decimal else (plain.lstrip("-"), "", "")
    value = int(re.sub("[ .,]", "", whole)) * 100 + int(fraction.ljust(2, "0") or 0)
    if unit is Unit.WHOLE and value % 100:
        raise Refused(Unreadable.NOT_WHOLE)
    return -value if plain.startswith("-") else value
