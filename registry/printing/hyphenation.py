"""Where words too long for their column are broken: never without a hyphen.

The hyphens are put into the texts before they are laid out, so that both layout engines break the same words at the
same places. Only a word that fits no line of its column is broken; columns are as wide as their longest word wherever
the sheet has room (:meth:`registry.printing.layout.Table.widths`).

Russian and English follow the dictionaries of Pyphen. No package has one for Kazakh, whose syllables follow from the
letters: each has one vowel and begins with one consonant at most, unless it begins the word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

import pyphen

from registry.printing import fonts

LEAST = 2
"""How many letters of the word stand on either side of a hyphen at least."""

_VOWELS = frozenset("аәеёиоөұүыіэюя")
_SIGNS = frozenset("ьъ")
_SYLLABLE = re.compile("c(?=v)|(?<=s)v")
"""Where a syllable begins, in a word of ``v`` for vowels, ``c`` for consonants and ``s`` for signs."""
_WORD = re.compile(r"\W*([^\W\d_]+)\W*")
"""Letters with quotes and stops around them: addresses and numbers of documents are no words, and get no hyphens."""
_KAZAKH = re.compile("[әғқңөұүіһ]", re.IGNORECASE)
"""Letters that Russian does not have: a word with one of them is Kazakh, whatever the language of the paper."""


@cache
def _dictionary(language: str) -> pyphen.Pyphen:
    return pyphen.Pyphen(lang=language, left=LEAST, right=LEAST)


def points(word: str, language: str) -> list[int]:
    """After how many letters of a word a hyphen may stand.

    A word without Russian letters follows the English rules. Any other follows the Kazakh rules in a paper in Kazakh or
    where it has a letter that only Kazakh has, and the Russian rules otherwise.
    """
    if not re.search("[а-я]", word, re.IGNORECASE):
        return list(_dictionary("en_US").positions(word))
    if language != "kk" and not _KAZAKH.search(word):
        return list(_dictionary("ru_RU").positions(word))
    return _syllables(word)


def _syllables(word: str) -> list[int]:
    kinds = ""
    for letter in word.lower():
        # «у» is a vowel after a consonant, and a consonant after a vowel.
        vowel = letter in _VOWELS or (letter == "у" and not kinds.endswith("v"))
        kinds += "v" if vowel else "s" if letter in _SIGNS else "c"
    begun = (match.start() for match in _SYLLABLE.finditer(kinds))
    return [place for place in begun if LEAST <= place <= len(word) - LEAST and "v" in kinds[:place]]


def fit(text: str, language: str, room: float, style: str, size: float) -> str:
    """The text with hyphens in those words that are wider than ``room`` points, set in ``style`` at ``size`` points.

    :raises KeyError: for a character that is no plain letter (:func:`registry.printing.fonts.plain_letters`).
    """
    if not any(fonts.width(style, part.rstrip(" "), size) > room for part in _parts(text)):
        return text
    lines = []
    for line in text.split("\n"):
        lines.append("".join(_broken(part, language, room, style, size) for part in fonts.parts(line)))
    return "\n".join(lines)


def _parts(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        yield from fonts.parts(line)


def _broken(part: str, language: str, room: float, style: str, size: float) -> str:
    """A part of a line that has no other place to break, with a hyphen wherever it reaches the end of a line."""
    word = _WORD.fullmatch(part)
    if word is None:
        return part
    found, begun = "", 0
    places = [word.start(1) + place for place in points(word[1], language)]
    while fonts.width(style, part[begun:].rstrip(" "), size) > room:
        fitting = [
            place for place in places if place > begun and fonts.width(style, part[begun:place] + "-", size) <= room
        ]
        if not fitting:
            break
        found, begun = found + part[begun : fitting[-1]] + "-", fitting[-1]
    return found + part[begun:]
