"""Kazakh alphabetical order and search that ignores case and quotes, the same on every database; what no text holds."""

from __future__ import annotations

import re
import unicodedata

_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
"""The Kazakh alphabet (``design.md`` 11); the Russian one is contained in it in the same order."""

# Digits and Latin letters sort before Cyrillic, as in the official registers; keys are compared by code point.
_ORDER = {letter: chr(0x1000 + index) for index, letter in enumerate(_ALPHABET)}
_QUOTES = re.compile(r"[«»„“”‟\"'‘’‚‹›`]")
_SPACES = re.compile(r"\s+")

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Signs that no text may hold: databases, spreadsheets and papers cannot keep them. Tab and line breaks are none."""


def unprintable(text: str) -> str | None:
    """The first sign of a text that cannot be kept, as its number: ``U+0000``; None where all can."""
    found = UNPRINTABLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _QUOTES.sub("", unicodedata.normalize("NFC", text).casefold())).strip()


def sort_key(text: str) -> str:
    """A string whose order by code point is the Kazakh alphabetical order of ``text``, quotes ignored."""
    return "".join(_ORDER.get(character, character) for character in _plain(text))


def search_text(*parts: str | None) -> str:
    """What a search looks into: the parts case-folded, without quotes, separated by a bar."""
    return "|".join(_plain(part) for part in parts if part)


def search_pattern(query: str) -> str:
    """A LIKE pattern (escape character ``\\``) that finds ``query`` anywhere in a search text."""
    plain = _plain(query)
    for special in "\\%_":
        plain = plain.replace(special, "\\" + special)
    return f"%{plain}%"
