"""Texts as they are kept, the Kazakh alphabetical order, and search in any script, the same on every database.

What is typed or read from a file is kept as :func:`clean` leaves it. Order and search look past what a reader does not
see: quotes, case, and Latin letters typed in the place of Cyrillic ones that look the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from registry.infra.i18n import lazy
from registry.infra.unseen import BLANK, INVISIBLE

# --- what is kept -----------------------------------------------------------------------------------------------------

_LINE_BREAK = re.compile("\r\n|[\r\u0085\u2028\u2029]")
LOST = "\ufffd"
"""What programs put in the place of a letter they could not read: the letter is gone."""


def clean(text: str) -> str:
    """``text`` as it is kept: NFC, line breaks as LF, without invisible signs and the spaces around it."""
    return unicodedata.normalize("NFC", visible(_LINE_BREAK.sub("\n", text)).replace(BLANK, " ")).strip()


def visible(text: str) -> str:
    """A text without the signs nobody sees."""
    return INVISIBLE.sub("", text)


_MARKED = re.compile(r"(?s)=\"([^\"]*)\"|'+([^']*)")


def unmarked(text: str) -> str:
    """A text without what spreadsheets and people put around it lest it be taken for a number: ``="0123"``, ``'0123``.

    An apostrophe that another one closes is a quotation mark and stays.
    """
    while found := _MARKED.fullmatch(text):
        text = (found[1] if found[2] is None else found[2]).strip()
    return text


def lost_letters(text: str) -> object | None:
    """Why a text cannot be kept: a letter of it was lost before it came here."""
    if LOST in text:
        return lazy("letters were lost before the text came here (%(sign)s); type them again", sign=LOST)
    return None


# --- what is worth a look ---------------------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_LATIN = re.compile("[A-Za-zƏə]")

_LOOKALIKES = str.maketrans("AaBCcEeHhIiKkMOoPpTXxYyƏə", "АаВСсЕеНһІіКкМОоРрТХхУуӘә")
"""Latin letters and the Cyrillic ones they are taken for."""

_ONLY_LOOKALIKES = re.compile("[AaBCcEeHhIiKkMOoPpTXxYyƏə\u0400-\u052f]+")

_FROM_1251 = "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—™љ›њќћџ\u00a0ЎўЈ¤Ґ¦§Ё©Є«¬®Ї°±Ііґµ¶·ё№є»јЅѕї"
_SELDOM = "ЂЃ‚ѓ„†‡€‰Љ‹ЊЌЋЏђ•™љ›њќћџЎўЈ¤Ґ¦§Є¬®Ї°±ґµ¶·єјЅѕї"
_FROM_MAC = "".join(bytes(range(0x80, 0xC0)).decode(code) for code in ("mac_cyrillic", "mac_roman"))
_SELDOM_MAC = "".join(sign for sign in _FROM_MAC if not "А" <= sign <= "Я")
_MISREAD = re.compile(
    # UTF-8 read as Windows-1251: a pair for each letter, and signs that no Kazakh or Russian word has.
    rf"(?=\S*[РСТУ][{_SELDOM}])(?:[РСТУ][{_FROM_1251}]){{2,}}"
    # UTF-8 read as a code page of the Mac, where a dash or a quote stands before each letter.
    rf"|(?=\S*[–—“”][{re.escape(_SELDOM_MAC)}])(?:[–—“”][{re.escape(_FROM_MAC)}]){{2,}}"
    # UTF-8 read as ISO 8859-5, and anything else that left control signs: capitals in turn with а, б, в, г.
    r"|[\u0080-\u009f]|(?:[абвг][ЁЂЃЄЅІЇЈЉЊЋЌЎЏА-П]){3,}"
    # UTF-8 read as Windows-1252; Windows-1251 read as it; anything read as a code page of DOS or KOI8-R.
    r"|(?:[ÐÑÒÓÃÂ][\u0080-\u00bf‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œžŸŽ]){2,}|[À-ÿ]{4,}|[\u2500-\u259f]"
)
_ASKED = re.compile(r"\?(?=[^\W\d_])|\?{2,}|(?<=[^\W\d_])\?(?=[»“”\"’])")
"""A sign for a letter within a word, or at its end before a closing quote."""
_ADDRESS = re.compile(r"://|www\.|=")


def doubts(text: str) -> Iterator[object]:
    """What looks wrong in a text and is kept all the same: letters lost on the way, Latin letters among Cyrillic."""
    parts = text.split()
    for part, after in zip(parts, [*parts[1:], ""], strict=True):
        # A question ends with it, and what comes then begins with a capital.
        ends_lost = part.endswith("?") and part[-2:-1].isalpha() and after[:1].islower()
        if _MISREAD.search(part) or ((_ASKED.search(part) or ends_lost) and not _ADDRESS.search(part)):
            yield lazy("letters look lost in %(word)s; compare it with the original", word=_shown(part))
            break
    for word in _WORD.findall(text):
        if _is_mixed(word) and _ONLY_LOOKALIKES.fullmatch(word):
            yield lazy("%(word)s has Latin letters among Cyrillic ones; type them anew", word=_shown(word))
            break


def _shown(word: str) -> str:
    return word if len(word) <= 40 else word[:39] + "…"


def _is_mixed(word: str) -> bool:
    return bool(_LATIN.search(word) and _CYRILLIC.search(word))


def _unmixed(text: str) -> str:
    """``text`` with Cyrillic letters for the Latin ones that look the same, in words that are otherwise Cyrillic."""
    if not _is_mixed(text):
        return text
    return _WORD.sub(lambda found: found[0].translate(_LOOKALIKES) if _is_mixed(found[0]) else found[0], text)


_SMALL_LOOKALIKES = str.maketrans("abcehikmoptxyə", "авсенікмортхуә")
"""Latin letters of any case by the Cyrillic ones their capitals look like."""


def as_seen(text: str) -> str:
    """What two names have in common that a reader takes for one: letters and digits by their shape, whatever the case.

    For comparisons at hand; nothing of it is stored.
    """
    plain = _unmixed(clean(text)).casefold().translate(_SMALL_LOOKALIKES)
    return "".join(sign for sign in plain if sign.isalnum())


# --- order ------------------------------------------------------------------------------------------------------------

_ALPHABET = "аәбвгғдеёжзийкқлмнңоөпрстуұүфхһцчшщъыіьэюя"
"""The Kazakh alphabet (``design.md`` 11); the Russian one is contained in it in the same order."""

# Digits and Latin letters sort before Cyrillic, as in the official registers; keys are compared by code point.
_ORDER = {letter: chr(0x1000 + index) for index, letter in enumerate(_ALPHABET)}
_QUOTES = re.compile(r"[«»„“”‟\"'‘’‚‹›`]")
_SPACES = re.compile(r"\s+")

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""Signs that no text may hold: databases, spreadsheets and papers cannot keep them. Tab and line breaks are none."""

_PARTING = re.compile("[\x0b\x0c\x1c-\x1f]")
"""Those of them that end a line or part one value from the next."""


def printable(text: str) -> str:
    """``text`` without them. What stood on two sides of a break stays on two lines: two numbers are not made one."""
    return UNPRINTABLE.sub("", _PARTING.sub("\n", text))


def unprintable(text: str) -> str | None:
    """The first sign of a text that cannot be kept, as its number: ``U+0000``; None where all can."""
    found = UNPRINTABLE.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def _plain(text: str) -> str:
    return _SPACES.sub(" ", _QUOTES.sub("", _unmixed(clean(text)).casefold())).strip()


def sort_key(text: str) -> str:
    """A string whose order by code point is the Kazakh alphabetical order of ``text``, quotes ignored."""
    return "".join(_ORDER.get(character, character) for character in _plain(text))


BIN_PREFIX = re.compile(r"^(?:БИН|БСН|BIN|ИИН|ЖСН|IIN)(?:/(?:БИН|БСН|BIN|ИИН|ЖСН|IIN))?[\s:№.\-]*", re.IGNORECASE)
"""What people write before a BIN."""

SURROGATE = re.compile(r"[Ss][0-9]{11}")
"""A number given to a participant who has neither BIN nor IIN."""

# --- search -----------------------------------------------------------------------------------------------------------

_SOUNDS = str.maketrans(
    dict(zip("абвгдезиклмнопрстуфхыэ", "abvgdeziklmnoprstufhie", strict=True))
    | dict(zip("әғқңөұүһі", "agknouuhi", strict=True))
    | {"щ": "ш", "ю": "iu", "я": "ia", "ъ": "", "ь": ""}
)
"""Kazakh and Russian letters by their sound, a letter that only one of the two has as the other's nearest one. What
Latin writes in two letters stays Cyrillic: ж, ц, ч, ш."""

_DIGRAPHS = {
    "shch": "ш", "sch": "ш", "sh": "ш", "zh": "ж", "kh": "h", "gh": "g", "ch": "ч", "ts": "ц", "tz": "ц", "ck": "k",
    "x": "ks", "q": "k", "w": "v", "c": "k", "j": "i", "y": "i", "ə": "a",
}  # fmt: skip
_LATIN_SOUNDS = re.compile("|".join(_DIGRAPHS))
_REPEATED = re.compile(r"([^\W\d_])\1+")
_BETWEEN = re.compile(r"[\W_]+")
_OTHER_READINGS = (("j", "zh"), ("c", "ts"), ("c", "s"), ("x", "h"), ("ye", "e"), ("yo", "e"))
"""Latin letters that stand for more than one sound; a search tries each."""

_SHORT = 3
"""Digits up to which a number beside other words is a whole one, leading zeros aside: ``NU 2026 8``."""


def _tokens(text: str) -> list[str]:
    """The words and numbers of a text by their sound: without case, marks, quotes and doubled letters."""
    bare = unicodedata.normalize("NFKD", _plain(text))
    for mark in filter(unicodedata.combining, set(bare)):
        bare = bare.replace(mark, "")
    sounds = _LATIN_SOUNDS.sub(lambda found: _DIGRAPHS[found[0]], bare).translate(_SOUNDS)
    return _BETWEEN.sub(" ", _REPEATED.sub(r"\1", sounds)).split()


_LONGEST_NUMBER = 120
"""Characters up to which a whole text may be one number."""


def search_text(*parts: str | None) -> str:
    """What a search looks into: the words of the parts by their sound, each part between bars.

    A number is there as it is and without its leading zeros; one of several parts also as one word and part by part:
    ``NU-2026-0008-O`` as ``nu 2026 0008 8 o nu20260008o .nu.2026.8.o.``.
    """
    found = [words for part in parts if part and (words := _searched(part))]
    return f" {' | '.join(found)} " if found else ""


@lru_cache(maxsize=1 << 15)
def _searched(part: str) -> str:
    """The words of one part. Kept: subjects and names come again with every period and every check of a record."""
    plain = _plain(part)
    tokens = _tokens(plain)
    words = [form for token in tokens for form in (token, _without_zeros(token))]
    if len(plain) <= _LONGEST_NUMBER:
        chunks = [(plain, tokens)]
    else:
        chunks = [(chunk, _tokens(chunk)) for chunk in plain.split()]
    words += [form for chunk, own in chunks if _is_divided(chunk, own) for form in _undivided(own)]
    return " ".join(dict.fromkeys(words))


def _is_divided(text: str, tokens: list[str]) -> bool:
    """Whether a text with these words is a number of several parts, or holds one."""
    return len(tokens) > 1 and any(sign.isdecimal() for sign in text)


def _undivided(tokens: list[str]) -> list[str]:
    return ["".join(tokens), *([f".{'.'.join(map(_without_zeros, tokens))}."] if len(tokens) > 1 else [])]


def _without_zeros(token: str) -> str:
    return token.lstrip("0") or token if token.isdecimal() else token


Term = tuple[tuple[str, ...], ...]
"""One word of a search: alternatives, each of them parts of which all must stand in the search text."""


_MOST_WORDS, _LONGEST_SEARCH = 30, 1000
"""How many words, and how many characters, of a search are looked for: no database takes a condition of any length."""


def search_terms(query: str) -> list[Term]:
    """The words of a search, in any script and order; what :func:`left_out` tells of is not looked for.

    What is written together is one number (``2024/500.1``); numbers that follow each other may be pieces of one, and a
    few digits, or a letter by itself, beside other words are a whole word of it (``nu 2026 8``). The name of a BIN
    before its digits asks for nothing. Empty for a search that asks for nothing; of one without a letter or digit
    nothing is found.
    """
    asked = clean(query)
    if not asked:
        return []
    number = BIN_PREFIX.sub("", asked)
    together = _SPACES.sub("", number)
    if SURROGATE.fullmatch(together):
        asked = together
    elif number[:1].isdecimal():
        asked = number
    found: list[Term] = []
    words = _asked_words(asked)[:_MOST_WORDS]
    for is_number, group in groupby(words, key=lambda word: word.isdecimal()):
        pieces = list(group)
        if is_number:
            whole = "".join(pieces)
            alternatives: list[tuple[str, ...]] = [(whole,)] if len(whole) > _SHORT or len(words) == 1 else []
            alternatives += [tuple(_piece(number, form) for number in pieces) for form in (str, _without_zeros)]
            found.append(tuple(dict.fromkeys(alternatives)))
            continue
        for word in pieces:
            readings = _readings(word)
            if len(readings[0]) == 1 < len(words):
                readings = [f" {readings[0]} "]
            found.append(tuple((reading,) for reading in readings))
    return found or [()]


def left_out(query: str) -> object | None:
    """What a reader is told of a search too long to be looked for as a whole."""
    asked = clean(query)
    if len(asked) <= _LONGEST_SEARCH and len(_asked_words(asked)) <= _MOST_WORDS:
        return None
    return lazy(
        "Only the first %(words)s words and %(signs)s characters were searched for; leave out the rest.",
        words=_MOST_WORDS,
        signs=_LONGEST_SEARCH,
    )


def _asked_words(text: str) -> list[str]:
    return [word for chunk in _plain(text[:_LONGEST_SEARCH]).split() for word in _words(chunk)]


def _words(chunk: str) -> list[str]:
    """What is written between spaces: one number, or words."""
    tokens = _tokens(chunk)
    if _is_divided(chunk, tokens):
        return [chunk]
    # Raw words, whose letters may have other readings, and numbers as they are found.
    return tokens if "".join(tokens).isdecimal() else [raw for raw in _BETWEEN.sub(" ", chunk).split() if _tokens(raw)]


def _piece(number: str, form: Callable[[str], str]) -> str:
    """A piece of a number: a few digits are all of it, leading zeros stand at its beginning."""
    if form(number) != number or (len(number) <= _SHORT and not number.startswith("0")):
        return f" {form(number)} "
    return f" {number}" if number.startswith("0") else number


def _readings(word: str) -> list[str]:
    others = [word.replace(*pair) for pair in _OTHER_READINGS if pair[0] in word]
    found: dict[str, None] = {}
    for reading in [word, *others]:
        tokens = _tokens(reading)
        together, *parts = _undivided(tokens)
        found[together] = None
        # Part by part it is found besides only where zeros were left out within it: every text so divided holds both.
        if any(token.isdecimal() for token in tokens[1:]):
            found |= dict.fromkeys(parts)
    return list(found)


def matches(column: Any, terms: list[Term]) -> sa.ColumnElement[bool]:
    """The condition that a search text holds all the words."""
    return sa.and_(sa.true(), *(matches_term(column, term) for term in terms))


def matches_term(column: Any, term: Term) -> sa.ColumnElement[bool]:
    """The condition that a search text holds one word, in one of its readings. Words have no signs special to LIKE."""
    return sa.and_(_HasText(column), holds_term(column, term))


def holds_term(text: Any, term: Term) -> sa.ColumnElement[bool]:
    """The same of any text as :func:`search_text` writes it, which is in no index."""
    alternatives = (sa.and_(*(text.like(f"%{part}%") for part in parts)) for parts in term)
    return sa.or_(sa.false(), *alternatives)


def asks_for_number(term: Term) -> bool:
    """Whether a word of a search may stand in a number of digits alone."""
    return any(all(part.strip().isdecimal() for part in parts) for parts in term)


class _Asked(FunctionElement[Any]):
    """A condition each database is asked in its own words; as a Boolean, SQLite would see it compared with 1."""

    type = sa.types.NULLTYPE


class _HasText(_Asked):
    """The condition of the index of search texts, to the letter (:func:`registry.journal.models.index_of_search`)."""

    inherit_cache = True


@compiles(_HasText)
def _has_text(element: _HasText, compiler: Any, **options: Any) -> str:
    (column,) = element.clauses
    return f"{compiler.process(column, **options)} > ''"


@compiles(_HasText, "postgresql")
def _nothing_asked_words(_element: _HasText, _compiler: Any, **_options: Any) -> str:
    return "TRUE"


def is_found(text: str, query: str) -> bool:
    """The same of a search text at hand."""
    return holds(text, search_terms(query))


def holds(text: str, terms: Iterable[Term]) -> bool:
    """Whether a search text at hand holds all the words."""
    return all(any(all(part in text for part in parts) for parts in term) for term in terms)


_SHORT_WORD = 3


def tells_of(text: str, values: Iterable[str]) -> bool:
    """Whether a search text at hand holds one of these values, which are to be erased, however they are spelled.

    Words of up to three letters are meant as whole words: ``Ли`` is a piece of half of all texts.
    """

    def whole(part: str) -> str:
        return f" {part} " if part.isalpha() and len(part) <= _SHORT_WORD else part

    asked = ([tuple(tuple(map(whole, parts)) for parts in term) for term in search_terms(value)] for value in values)
    return any(holds(text, terms) for terms in asked if terms)
