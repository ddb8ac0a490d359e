"""What a territory calls its members: a park has residents, a science city participants (``domain.md`` 0.1).

The program's texts say *participant* all the way through; a page or paper of a territory that says *resident* shows
that word instead, in the case and number of the text. Names and other values put into a text stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flask import g

RESIDENT = "resident"

_STEMS = {"kk": "атысушы", "ru": "частник", "en": "articipant"}
_WORDS = {
    "kk": re.compile(r"\b([Ққ])атысушы(\w*)"),
    "ru": re.compile(r"\b([Уу])частник(\w*)"),
    "en": re.compile(r"\b([Pp])articipant(s?)\b"),
}
_NAMES = {"участник", "қатысушы", "participant"}
"""The word itself, as the settings offer it beside *resident*."""

_PLURAL = {"": "", "дың": "дің", "ға": "ге", "ды": "ді", "да": "де", "дан": "ден", "мен": "мен", "ы": "і",
           "ының": "інің", "ына": "іне", "ын": "ін"}  # fmt: skip
KAZAKH = {
    "": "", "ның": "тің", "ға": "ке", "ны": "ті", "да": "те", "дан": "тен", "мен": "пен", "сы": "і", "сының": "інің",
    "сына": "іне", "сын": "ін", "мын": "пін",
} | {f"лар{back}": f"тер{front}" for back, front in _PLURAL.items()}  # fmt: skip
"""Endings after қатысушы, and the same after резидент."""

_RUSSIAN = {"и": "ы"}
_BEFORE_A_VOWEL = re.compile(r"\b([Оо])б (?=[Уу]частник)")


def call_members(word: Callable[[], str]) -> None:
    """Say what the members are called in the texts of this request; asked once, and only where a text names them."""
    g.members = word


def named(text: str, language: str) -> str:
    """A text of the program with the word of the territory that the request is about, before values are put in."""
    if _STEMS[language] not in text or text in _NAMES:
        return text
    word = g.get("members") if g else None
    if callable(word):
        g.members = ""  # whoever finds the word out may put together texts that name members
        word = g.members = word()
    return called(text, language, word)


def called(text: str, language: str, word: str | None) -> str:
    """A text of the program with this word for the members, before values are put in."""
    return as_residents(text, language) if word == RESIDENT and _STEMS[language] in text else text


def as_residents(text: str, language: str) -> str:
    """The text with *resident* instead of *participant*; a form that is not known stays."""

    def other(found: re.Match[str]) -> str:
        first, ending = found.groups()
        if language == "en":
            return f"{'R' if first == 'P' else 'r'}esident{ending}"
        ending = KAZAKH.get(ending) if language == "kk" else _RUSSIAN.get(ending, ending)
        return found[0] if ending is None else f"{'Р' if first in 'ҚУ' else 'р'}езидент{ending}"

    if language == "ru":
        text = _BEFORE_A_VOWEL.sub(r"\1 ", text)
    return _WORDS[language].sub(other, text)
