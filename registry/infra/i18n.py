"""Languages: lazy messages, and dates, numbers and money as each language writes them (``domain.md`` 6.2)."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from babel import Locale
from babel.support import NullTranslations, Translations
from flask import g
from flask_babel import force_locale, get_locale, get_translations
from flask_babel.speaklater import LazyString

from registry.infra import members
from registry.infra.clock import ALMATY


def deferred(make: Callable[[], str]) -> object:
    """A text put together anew each time it is shown, in the language then spoken."""
    return LazyString(make)


LANGUAGES = ("kk", "ru", "en")
LANGUAGE_NAMES = {"kk": "Қазақша", "ru": "Русский", "en": "English"}
LANGUAGE_SHORT = {"kk": "Қаз", "ru": "Рус", "en": "Eng"}
NBSP = "\u00a0"


def current_language() -> str:
    """The language messages are spoken in now; English outside a request or paper that chose another."""
    try:
        # Where Flask-Babel keeps what it found: each cell of a list asks, and asking it takes three times as long.
        return g._flask_babel.babel_locale.language
    except (AttributeError, RuntimeError):
        # Nothing was found yet, or there is no request.
        locale = get_locale()
    return locale.language if locale else "en"


@contextmanager
def speaking(language: str) -> Generator[None]:
    """Speak ``language`` inside the block: a paper's language is its own, not its reader's, and so are its words."""
    word = g.pop("members", None) if g else None
    try:
        with force_locale(language):
            yield
    finally:
        if word is not None:
            g.members = word


_catalogues: dict[str, Translations | NullTranslations] = {}


def _catalogue() -> Translations | NullTranslations:
    """The texts of the language spoken: a page asks hundreds of times, and Flask-Babel looks for them each time."""
    try:
        language = g._flask_babel.babel_locale.language
    except (AttributeError, RuntimeError):
        # Nothing was found yet, or there is no request.
        return get_translations()
    found = _catalogues.get(language)
    if found is None:
        found = _catalogues[language] = get_translations()
    return found


def translated(message: str) -> str:
    """A text in the language spoken, with the members called as the territory calls them; values are not put in yet."""
    return members.named(_catalogue().ugettext(message), current_language())


def translated_number(one: str, many: str, num: int) -> str:
    """The form of a text that goes with a number, as :func:`translated`."""
    return members.named(_catalogue().ungettext(one, many, num), current_language())


def gettext(message: str, /, **values: object) -> str:
    """A text in the language spoken, with values put in."""
    text = translated(message)
    return text % values if values else text


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The form of a text that goes with a number, which is put in as ``num``."""
    return translated_number(one, many, num) % ({"num": num} | values)


def lazy(message: str, /, **values: object) -> LazyString:
    """A text that is put together each time it is shown, in the language then spoken."""
    return LazyString(gettext, message, **values)


MONTHS = {
    "kk": [
        "қаңтар",
        "ақпан",
        "наурыз",
        "сәуір",
        "мамыр",
        "маусым",
        "шілде",
        "тамыз",
        "қыркүйек",
        "қазан",
        "қараша",
        "желтоқсан",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_ROMAN = ("", "I", "II", "III", "IV")


def format_date(day: date | None, language: str | None = None) -> str:
    """The short form for tables: ``05.03.2026``, in English ``5 Mar 2026``; nothing for None."""
    if day is None:
        return ""
    language = language or current_language()
    if language == "en":
        return f"{day.day}{NBSP}{MONTHS['en'][day.month - 1][:3]}{NBSP}{day.year}"
    return f"{day.day:02}.{day.month:02}.{day.year}"


def format_long_date(day: date, language: str | None = None) -> str:
    """The form for running text: ``2026 жылғы 5 наурыз``, ``5 марта 2026 г.``, ``5 March 2026``."""
    language = language or current_language()
    month = MONTHS[language][day.month - 1]
    if language == "kk":
        return f"{day.year}{NBSP}жылғы {day.day}{NBSP}{month}"
    if language == "ru":
        return f"{day.day}{NBSP}{month} {day.year}{NBSP}г."
    return f"{day.day}{NBSP}{month} {day.year}"


def format_month(day: date, language: str | None = None) -> str:
    """The name of a day's month by itself; with the year in January: "январь 2027"."""
    name = Locale(language or current_language()).months["stand-alone"]["wide"][day.month]
    return f"{name}{NBSP}{day.year}" if day.month == 1 else name


def format_moment(moment: datetime | None, language: str | None = None) -> str:
    """Date and time in Asia/Almaty, to the minute."""
    if moment is None:
        return ""
    local = moment.astimezone(ALMATY)
    return f"{format_date(local.date(), language)}, {local:%H:%M}"


def format_quarter(year: int, quarter: int, language: str | None = None) -> str:
    """``2027 жылғы I тоқсан``, ``I квартал 2027 года``, ``Q1 2027``."""
    language = language or current_language()
    if language == "kk":
        return f"{year}{NBSP}жылғы {_ROMAN[quarter]}{NBSP}тоқсан"
    if language == "ru":
        return f"{_ROMAN[quarter]}{NBSP}квартал {year}{NBSP}года"
    return f"Q{quarter}{NBSP}{year}"


def format_integer(number: int | None, language: str | None = None) -> str:
    """Digits in groups of three, kept together by no-break spaces (commas in English)."""
    if number is None:
        return ""
    text = f"{number:,}".replace("-", "−")
    return text if (language or current_language()) == "en" else text.replace(",", NBSP)


def format_hundredths(value: int | None, language: str | None = None, decimals: int = 2) -> str:
    """Whole hundredths as a number with ``decimals`` decimals: ``1 234 567,89``."""
    if value is None:
        return ""
    language = language or current_language()
    sign, absolute = ("−" if value < 0 else ""), abs(value)
    whole = format_integer(absolute // 100, language)
    if not decimals:
        return sign + whole
    return f"{sign}{whole}{'.' if language == 'en' else ','}{absolute % 100:02d}"


def format_money(tiyn: int | None, language: str | None = None) -> str:
    """An exact sum with its currency: ``1 234 567,50 ₸``, in English ``KZT 1,234,567.50``."""
    if tiyn is None:
        return ""
    language = language or current_language()
    number = format_hundredths(tiyn, language)
    return f"KZT{NBSP}{number}" if language == "en" else f"{number}{NBSP}₸"


def format_billions(tiyn: int | None, language: str | None = None) -> str:
    """A sum rounded half up to bn tenge with two decimals: ``2,35 млрд теңге``, ``KZT 2.35 billion``."""
    if tiyn is None:
        return ""
    language = language or current_language()
    number = format_hundredths((abs(tiyn) + 500_000_000) // 1_000_000_000 * (1 if tiyn >= 0 else -1), language)
    if language == "en":
        return f"KZT{NBSP}{number}{NBSP}billion"
    return f"{number}{NBSP}млрд{NBSP}{'теңге' if language == 'kk' else 'тенге'}"


def format_decimal(text: str | Decimal | None, language: str | None = None) -> str:
    """A plain decimal number as the language writes it (``102.7`` becomes ``102,7``)."""
    if text is None:
        return ""
    language = language or current_language()
    # The sign is told by the whole number: of -0.5, the part before the point alone has none.
    sign = "−" if Decimal(text) < 0 else ""
    whole, _point, fraction = str(text).removeprefix("-").partition(".")
    grouped = format_integer(int(whole), language)
    return sign + grouped + (("." if language == "en" else ",") + fraction if fraction else "")


def format_percent(text: str | Decimal | None, language: str | None = None) -> str:
    """``102,7 %``, in English ``102.7%``; nothing for None."""
    if text is None:
        return ""
    language = language or current_language()
    return format_decimal(text, language) + ("%" if language == "en" else f"{NBSP}%")


_NEAREST = {"kk": ("kk", "ru", "en"), "ru": ("ru", "kk", "en"), "en": ("en", "ru", "kk")}


def name_in(row: object, language: str | None = None, attribute: str = "name") -> str:
    """The ``name_kk``/``name_ru``/``name_en`` of ``row`` in the language, or the nearest one there is."""
    for candidate in _NEAREST[language or current_language()]:
        value = getattr(row, f"{attribute}_{candidate}", None)
        if value:
            return value
    return ""


def country_name(code: str, language: str | None = None) -> str:
    """The name of a country by its ISO 3166-1 alpha-2 code; the code itself where it is no country's."""
    return _country_names(language or current_language()).get(code, code)


@cache
def _country_names(language: str) -> Mapping[str, str]:
    """Names by code; Russian ones without ё, as the program writes."""
    names = Locale.parse(language).territories
    return {code: name.replace("ё", "е") for code, name in names.items()} if language == "ru" else names


def country_code(text: str) -> str | None:
    """The code of a country by its name in any of the languages, or the code typed; None for what is neither.

    Two Latin letters are taken as a code: whether a country has it is for the caller to ask.
    """
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if len(plain) == 2 and plain.isascii() and plain.isalpha():
        return plain.upper()
    return _country_codes().get(plain.casefold().replace("ё", "е"))


@cache
def _country_codes() -> dict[str, str]:
    """Codes by the names in all languages, in small letters and without ё."""
    return {
        name.casefold().replace("ё", "е"): code
        for language in LANGUAGES
        for code, name in _country_names(language).items()
        if len(code) == 2
    }
