"""One form for each number, however it was typed (``exchange.md`` 5, rule 1).

Two spellings of one number have one canonical form; it is stored beside the number as typed, and keys compare it.
"""

from __future__ import annotations

import re
import unicodedata

from registry.infra.text import BIN_PREFIX, SURROGATE, clean, unmarked

BIN_DIGITS = 12
"""How many digits a BIN or IIN has."""

_SPACE = re.compile(r"\s+")
_AROUND = "№#\"'`’‘«»“”„()[].,;:_*"
"""Signs that stand before or after a BIN and say nothing of it."""
_BIN_SIGNS = re.compile(r"[0-9](?:[.\-/_'’]*[0-9])*")
_FRACTION = re.compile(r"([0-9]+)[.,]0+")
"""A whole number that a spreadsheet or a program wrote as a fraction: ``36500.0``."""
_BIN = re.compile(r"(?<![0-9])[0-9](?:[\s\-]?[0-9]){11}(?![0-9])")
_BIN_WITH_PREFIX = re.compile(
    r"(?:\b(?:БИН|БСН|BIN|ИИН|ЖСН|IIN)\b[\s:№./\-]*)*(?<![0-9])[0-9](?:[ \-]?[0-9]){11}(?![0-9])", re.IGNORECASE
)
_GROUPS = re.compile(
    r"(?<![0-9])(?<![0-9][.\-/_])[0-9]{2,6}(?P<sign> ?[.\-/_'’] ?)[0-9]{2,6}(?:(?P=sign)[0-9]{2,6})*"
    r"(?![0-9])(?![.\-/_][0-9])"
)
"""Groups of digits with one and the same sign between them."""

# А В Е К М Н О Р С Т У Х І, as the rule names them, and two that are the same in any font.
_LOOKALIKES = str.maketrans("АВЕКМНОРСТУХІЅЈ", "ABEKMHOPCTYXISJ")
_KIND_CODE = re.compile(r"(?P<number>.*[0-9])[-/.]?\(?[A-Z][0-9]?\)?")
_KIND_BEFORE = re.compile(r"^[A-Z](?:[0-9]?-)?(?=[0-9])")
"""A kind code before the number, as Kazakhstan's titles are cited; elsewhere a letter there is part of the number."""
_KIND_APART = re.compile(r"^(\W*(?:KZ)?\W*[A-Z][0-9])(?:\s+№?|№)\s*(?=[0-9])")
"""Where only the space, or a ``№``, tells the digit of such a kind code from those of the number."""


def _bare(text: str) -> str:
    """Without invisible signs and any spaces, all dashes as ``-``, wide signs and digits of other scripts as ASCII."""
    return _SPACE.sub("", _plain(text))


def _plain(text: str) -> str:
    """The same with spaces."""
    return "".join(map(_plain_sign, clean(text)))


def _plain_sign(sign: str) -> str:
    if sign.isascii():
        return sign
    if unicodedata.category(sign) == "Pd" or sign in "−˗⁃":
        return "-"
    return chr(ord(sign) - 0xFEE0) if "！" <= sign <= "～" else _ascii_digit(sign)


def _ascii_digit(sign: str) -> str:
    return str(unicodedata.decimal(sign)) if sign.isdecimal() else sign


def canonical_bin(text: str) -> str:
    """A BIN or IIN as twelve digits, or a surrogate number: without a prefix such as ``БИН`` and signs around it.

    Groups of its digits may have spaces, dashes, points or slashes between them. A text that is no such number comes
    back without spaces and invisible signs, so that a message can quote it; so does a number saved as a fraction, whose
    last digit would be the fraction's.
    """
    bare = _bare(text)
    number = BIN_PREFIX.sub("", bare.strip(_AROUND)).strip(_AROUND)
    if SURROGATE.fullmatch(number):
        return number.upper()
    if _FRACTION.fullmatch(number) or not _BIN_SIGNS.fullmatch(number):
        return bare
    return re.sub(r"[^0-9]", "", number)


def is_surrogate(number: str) -> bool:
    """Whether a number was given by the program to who has neither BIN nor IIN (``exchange.md`` 5, rule 17)."""
    return SURROGATE.fullmatch(number) is not None


def bins_in(text: str) -> list[str]:
    """The runs of twelve digits in a text, written together or in groups with a space or a dash between them."""
    spaced = _SPACE.sub(" ", clean(text))
    plain = "".join("-" if unicodedata.category(sign) == "Pd" else _ascii_digit(sign) for sign in spaced)
    return [re.sub(r"[^0-9]", "", found) for found in _BIN.findall(plain)]


def with_bins_together(text: str) -> str:
    """``text`` with each BIN that stands in it in groups (``230.240.991.202``) written together.

    A text that is a BIN in the end, in any spelling, is its twelve digits alone.
    """
    whole = canonical_bin(text)
    if re.fullmatch(r"[0-9]{12}", whole):
        return whole

    def together(found: re.Match[str]) -> str:
        digits = re.sub(r"[^0-9]", "", found[0])
        return digits if len(digits) == 12 else found[0]

    joined = _GROUPS.sub(together, _SPACE.sub(" ", _plain(text)))
    return joined if bins_in(joined) != bins_in(text) else text


def words_beside_bin(text: str) -> str:
    """What stands in a text beside its BIN, the prefix of the number and signs left out."""
    plain = _SPACE.sub(" ", _plain(with_bins_together(text)))
    return _BIN_WITH_PREFIX.sub(" ", plain).strip(" ,;:.-()[]№#_*")


_DIGITS_AND_LETTERS = re.compile(r"(?<!\w)(?=(?:[A-ZА-ЯІӀ]*[0-9]){8})[0-9OОIІӀLЗSBВБ]{12}(?!\w)", re.IGNORECASE)


def mistyped_bin(text: str) -> str | None:
    """The first run of twelve signs in a text that is a BIN but for letters in the place of digits they look like."""
    found = _DIGITS_AND_LETTERS.search(_plain(text))
    return found[0] if found and not found[0].isdigit() else None


def canonical_number(text: str) -> str:
    """The number of a contract, addendum or decision: case, ``№``, dashes, Latin and Cyrillic look-alikes alike."""
    bare = unmarked(_bare(text).replace("№", "").upper().translate(_LOOKALIKES))
    return bare or text


def canonical_title(text: str, office: str) -> str:
    """The number of a title of protection: without the office's prefix, the kind code and leading zeros."""
    if office == "KZ":
        text = _KIND_APART.sub(r"\1-", _plain(text).upper().translate(_LOOKALIKES))
    number = _without_office(text, office)
    if office == "KZ":
        number = _KIND_BEFORE.sub("", number)
    kind = _KIND_CODE.fullmatch(number)
    return _without_zeros(kind["number"] if kind else number)


def canonical_application(text: str, office: str) -> str:
    """The number of an application: without the office's prefix; ``2024/0600,1`` is ``2024/600.1``."""
    number = re.sub(r"(?<=[0-9]),(?=[0-9])", ".", _without_office(text, office))
    return re.sub(r"[0-9]+", lambda digits: _without_zeros(digits[0]), number)


def _without_office(text: str, office: str) -> str:
    number = canonical_number(text)
    number = number.removeprefix(office.upper()).lstrip("-.:/") or number
    fraction = _FRACTION.fullmatch(number)
    return fraction[1] if fraction else number


def _without_zeros(number: str) -> str:
    return re.sub(r"^0+(?=[0-9])", "", number)
