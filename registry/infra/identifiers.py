"""One form for each number, however it was typed (``exchange.md`` 5, rule 1).

Two spellings of one number have one canonical form; it is stored beside the number as typed, and keys compare it.
"""

from __future__ import annotations

import re
import unicodedata

from registry.infra.text import clean, unmarked

_SPACE = re.compile(r"\s+")
_BIN_PREFIX = re.compile(r"^(?:БИН|БСН|BIN|ИИН|ЖСН|IIN)(?:/(?:БИН|БСН|BIN|ИИН|ЖСН|IIN))?[:№.\-]*", re.IGNORECASE)
_SURROGATE = re.compile(r"[Ss][0-9]{11}")
_BIN_SIGNS = re.compile(r"[0-9](?:[\s.\-]*[0-9])*")
_BIN = re.compile(r"(?<![0-9])[0-9](?:[\s\-]?[0-9]){11}(?![0-9])")

# А В Е К М Н О Р С Т У Х І, as the rule names them, and two that are the same in any font.
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХІЅЈ", "ABEKMHOPCTYXISJ")
_KIND_CODE = re.compile(r"(?P<number>.*[0-9])-?\(?[A-Z][0-9]?\)?")
_KIND_BEFORE = re.compile(r"^[A-Z]-?(?=[0-9])")
"""A kind code before the number, as Kazakhstan's titles are cited; elsewhere a letter there is part of the number."""


def _bare(text: str) -> str:
    """Without invisible signs and any spaces, all dashes as ``-``."""
    plain = _SPACE.sub("", clean(text))
    return "".join("-" if unicodedata.category(sign) == "Pd" or sign in "−˗⁃" else sign for sign in plain)


def _ascii_digits(text: str) -> str:
    return "".join(str(unicodedata.decimal(sign)) if sign.isdecimal() else sign for sign in text)


def canonical_bin(text: str) -> str:
    """A BIN or IIN as twelve digits, or a surrogate number: without spaces, dashes, and a prefix such as ``БИН``.

    A text that is no such number comes back without spaces and invisible signs, so that a message can quote it.
    """
    bare = _ascii_digits(_bare(text))
    number = _BIN_PREFIX.sub("", bare)
    if _SURROGATE.fullmatch(number):
        return number.upper()
    return re.sub(r"[^0-9]", "", number) if _BIN_SIGNS.fullmatch(number) else bare


def is_surrogate(number: str) -> bool:
    """Whether a number was given by the program to who has neither BIN nor IIN (``exchange.md`` 5, rule 17)."""
    return _SURROGATE.fullmatch(number) is not None


def bins_in(text: str) -> list[str]:
    """The runs of twelve digits in a text, written together or in groups."""
    spaced = _SPACE.sub(" ", _ascii_digits(clean(text)))
    plain = "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in spaced)
    return [re.sub(r"[^0-9]", "", found) for found in _BIN.findall(plain)]


def canonical_number(text: str) -> str:
    """The number of a contract, addendum or decision: case, ``№``, dashes, Latin and Cyrillic look-alikes alike."""
    bare = unmarked(_bare(text).replace("№", "").upper().translate(_LOOKALIKES))
    return bare or text


def canonical_title(text: str, office: str) -> str:
    """The number of a title of protection: without the office's prefix, the kind code and leading zeros."""
    number = _without_office(text, office)
    if office == "KZ":
        number = _KIND_BEFORE.sub("", number)
    kind = _KIND_CODE.fullmatch(number)
    return _without_zeros(kind["number"] if kind else number)


def canonical_application(text: str, office: str) -> str:
    """The number of an application: without the office's prefix; ``2024/0600.1`` is ``2024/600.1``."""
    return re.sub(r"[0-9]+", lambda digits: _without_zeros(digits[0]), _without_office(text, office))


def _without_office(text: str, office: str) -> str:
    number = canonical_number(text)
    return number.removeprefix(office.upper()).lstrip("-.:") or number


def _without_zeros(number: str) -> str:
    return re.sub(r"^0+(?=[0-9])", "", number)
