"""Identifiers every register uses: BIN and IIN, KATO, KBE, bank accounts (``domain.md`` 3). Plain Python.

Each ``…_problem`` function returns None for a good value, else a message saying what is wrong.
"""

from __future__ import annotations

import re

from stdnum.iso7064 import mod_11_10

from registry.infra.i18n import lazy
from registry.infra.identifiers import is_surrogate

_ROUND_ONE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_ROUND_TWO = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)


def check_digit(first_eleven: str) -> int | None:
    """The twelfth digit of a BIN or IIN, by two weight rounds; None when the prefix has no valid number at all."""
    digits = [int(character) for character in first_eleven]
    for weights in (_ROUND_ONE, _ROUND_TWO):
        remainder = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if remainder != 10:
            return remainder
    return None


def surrogate(serial: int) -> str:
    """The surrogate number with a serial: ``S``, ten digits and an ISO 7064 check digit."""
    digits = f"{serial:010d}"
    return f"S{digits}{mod_11_10.calc_check_digit(digits)}"


def surrogate_serial(number: str) -> int:
    """The serial of a surrogate number."""
    return int(number[1:11])


def is_iin(number: str) -> bool:
    """Whether a twelve-digit number is built as a person's IIN (5th digit 0-3: the day of birth) and not as a BIN."""
    return not is_surrogate(number) and number[4] in "0123"


def is_branch(number: str) -> bool:
    """Whether a BIN belongs to a branch or representative office (5th digit 4-6 and 6th digit 1 or 2)."""
    return not is_surrogate(number) and number[4] in "456" and number[5] in "12"


def number_name(number: str) -> object:
    """What a participant's number is called: a BIN, an IIN, or one that the registry gave for want of either."""
    if is_surrogate(number):
        return lazy("Number given by the registry")
    return lazy("IIN") if is_iin(number) else lazy("BIN")


def bin_problem(number: str) -> object | None:
    """Structure and check digit of a BIN or IIN (``domain.md`` 3.1); who may hold which is the register's rule."""
    if is_surrogate(number):
        right = re.fullmatch(r"S[0-9]{11}", number) and mod_11_10.is_valid(number[1:])
        return None if right else lazy("%(number)s fails the check digit", number=number)
    if not re.fullmatch(r"[0-9]{12}", number):
        return lazy("%(number)s is not twelve digits", number=number)
    if number[4] in "789":
        return lazy("%(number)s is neither a BIN nor an IIN: its 5th digit must be 0 to 6", number=number)
    if not "01" <= number[2:4] <= "12":
        return lazy("%(number)s has no month 01 to 12 in its 3rd and 4th digits", number=number)
    if is_iin(number):
        if not "01" <= number[4:6] <= "31":
            return lazy("%(number)s has no day 01 to 31 in its 5th and 6th digits", number=number)
        if number[6] not in "0123456":
            return lazy("%(number)s has no century 0 to 6 in its 7th digit", number=number)
    elif number[5] not in "0123":
        return lazy("%(number)s has no kind of unit 0 to 3 in its 6th digit", number=number)
    expected = check_digit(number[:11])
    if expected is None or str(expected) != number[11]:
        return lazy("%(number)s fails the check digit", number=number)
    return None


_SHORTENED = re.compile(r"[0-9][.,]?[0-9]*[eE][+-]?[0-9]+")
_AS_FRACTION = re.compile(r"([0-9]+)[.,]0+")


def lost_digits(text: str, digits: int) -> object | None:
    """What a spreadsheet did to a number of so many digits that it took for one to count with."""
    quoted = text if len(text) <= 60 else f"{text[:59]}…"
    if _SHORTENED.fullmatch(text):
        return lazy(
            "%(value)s: the spreadsheet shortened the number; format the column as text and enter all"
            " %(digits)s digits again",
            value=quoted,
            digits=digits,
        )
    fraction = _AS_FRACTION.fullmatch(text)
    plain = fraction[1] if fraction else text
    if plain.isdecimal() and plain.isascii() and digits - (3 if digits > 9 else 1) <= len(plain) < digits:
        return lazy(
            "%(value)s has %(count)s digits instead of %(digits)s: a leading 0 may be lost; format the column as"
            " text and enter %(whole)s, if that is the number",
            value=quoted,
            count=len(plain),
            digits=digits,
            whole=plain.zfill(digits),
        )
    if fraction:
        return lazy(
            "%(value)s was saved as a fraction; format the column as text and enter %(digits)s digits",
            value=quoted,
            digits=digits,
        )
    return None


def mask_iin(number: str) -> str:
    """An IIN as lists and papers show it: ``9001******07``; a BIN stays as it is."""
    return f"{number[:4]}******{number[10:]}" if is_iin(number) else number


def kato_problem(code: str) -> object | None:
    """A KATO code is nine digits (``domain.md`` 3.4)."""
    return None if re.fullmatch(r"[0-9]{9}", code) else lazy("%(code)s is not nine digits", code=code)


def kbe_problem(code: str) -> object | None:
    """A KBE is two digits: residency 1 or 2, sector 1 to 9 (``domain.md`` 3.5)."""
    if re.fullmatch(r"[12][1-9]", code):
        return None
    return lazy("%(code)s is not a beneficiary code such as 17", code=code)


def iban_problem(account: str) -> object | None:
    """A Kazakh IBAN: KZ, two check digits, bank code, 13 characters; remainder by 97 is 1 (``domain.md`` 3.5)."""
    if re.fullmatch(r"KZ[0-9]{5}[0-9A-Z]{13}", account):
        moved = account[4:] + account[:4]
        if int("".join(str(int(character, 36)) for character in moved)) % 97 == 1:
            return None
    return lazy("%(account)s is not a valid account number (IBAN)", account=account)


_SHORT_NAMES = {"YAFI": lazy("STP INP"), "NU": lazy("STP NU"), "KURCHATOV": lazy("Kurchatov")}


def short_name(code: str) -> str:
    """What a territory is called in a list, where its full name has no room; its code where none is agreed."""
    return str(_SHORT_NAMES.get(code, code))
