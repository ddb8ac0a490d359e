"""What a register's fields are, said once: the parent of forms, exchange columns, journal words, lists and cards.

A package declares its fields in ``fields.py``. From the declaration come the form's fields and fieldsets
(:func:`registry.infra.forms.form_of`), what the rules refuse of each value by itself (:func:`problems`), the columns
of the exchange files, the words of the journal, the columns of a list, the facts of a card and of a paper. The table's
columns are written out in ``models.py`` all the same; a test compares the two.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from typing import Any, ClassVar, Self

from registry.infra.i18n import lazy

Problem = tuple[str | None, object]
"""A field's exchange name and what is wrong with it."""

LONGEST_TEXT = 4000
"""Longest text of a field without a limit of its own, in characters."""


class Type(enum.StrEnum):
    """What a field holds.

    ``LINE`` and ``TEXT`` are one line and several lines of text, ``CODE`` a number or code as somebody else wrote it,
    ``CHOICE`` one of the codes offered, ``NUMBER`` digits a spreadsheet would damage (BIN, holders). ``MONEY`` is in
    tiyn, ``AREA`` in hundredths, ``WHOLE`` a whole number, zero or more.
    """

    LINE = "line"
    TEXT = "text"
    CODE = "code"
    CHOICE = "choice"
    NUMBER = "number"
    DATE = "date"
    MONEY = "money"
    AREA = "area"
    WHOLE = "whole"
    FLAG = "flag"


class Changed(enum.Enum):
    """How a field of a record gets another value.

    ``NEVER``: it is part of the record's key. ``CORRECTED``: it belongs to the act that made the record, so another
    value corrects that act, from its own date on. ``AMENDED``: from the day the change names on. ``LATER``: by an act
    of its own, such as a termination.
    """

    NEVER = "never"
    CORRECTED = "corrected"
    AMENDED = "amended"
    LATER = "later"


class Shown(enum.Flag):
    """Where a field is shown. The journal shows every field.

    ``PAPER`` prints it among a record's further facts; what a paper lays out by itself does not need it.
    """

    NOWHERE = 0
    LIST = enum.auto()
    CARD = enum.auto()
    PAPER = enum.auto()


@dataclass(frozen=True, slots=True)
class Group:
    """A fieldset of a form: its legend, a note above its fields, and whether it is folded away at first."""

    legend: object
    note: object = None
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a record, or one question of a form.

    ``name`` is that of the column, the exchange file and the form. ``short`` is the label where the value carries its
    unit, ``asked`` the one in forms, ``heading`` that of its column in a list. ``dictionary`` names the codes of a
    choice, ``words`` those no dictionary keeps; ``choices`` is a dictionary a form offers for values that are no codes
    of it, ``offered`` how it shows each. ``lang`` is the language of a text, ``input_mode`` the keyboard a telephone
    should show. ``picks`` names the picker of a record's number (:mod:`registry.infra.picking`).
    """

    name: str
    type: Type
    label: object
    short: object = None
    asked: object = None
    heading: object = None
    hint: object = None
    group: Group | None = None
    required: bool = False
    changed: Changed = Changed.AMENDED
    personal: bool = False
    dictionary: str | None = None
    words: Mapping[str, object] | None = None
    choices: str | None = None
    offered: str = "{name}"
    longest: int = LONGEST_TEXT
    lang: str | None = None
    input_mode: str | None = None
    picks: str | None = None
    shown: Shown = Shown.NOWHERE

    @property
    def is_number(self) -> bool:
        return self.type in {Type.MONEY, Type.AREA, Type.WHOLE}

    @property
    def is_text(self) -> bool:
        return self.type in {Type.LINE, Type.TEXT, Type.CODE, Type.NUMBER}


def names(fields: Iterable[Field], *changed: Changed) -> tuple[str, ...]:
    """The names of the fields, of those changed in one of these ways where any is given."""
    return tuple(field.name for field in fields if not changed or field.changed in changed)


def required(fields: Iterable[Field]) -> tuple[str, ...]:
    """The names of the fields that must be filled in."""
    return tuple(field.name for field in fields if field.required)


def shown(fields: Iterable[Field], where: Shown) -> tuple[Field, ...]:
    """The fields that stand in a list, on a card or among the further facts of a paper."""
    return tuple(field for field in fields if where in field.shown)


def is_empty(value: object) -> bool:
    """Whether nothing, or nothing but spaces, stands in a field."""
    return value is None or (isinstance(value, str) and not value.strip())


def problems(
    fields: Collection[Field],
    values: Mapping[str, Any],
    on: date,
    is_valid: Callable[[str, str, date], bool],
    *,
    check_codes: Collection[str] | None = None,
) -> list[Problem]:
    """What is refused of each value by itself: missing, too long, too small, or a code that is none on the day.

    ``is_valid(dictionary, code, day)`` asks the dictionaries; ``check_codes`` names the codes looked up (None: all), so
    that an amendment does not stumble over an old code it keeps.
    """
    found: list[Problem] = []
    for field in fields:
        value = values.get(field.name)
        problem: object = None
        if is_empty(value):
            problem = lazy("this field is required") if field.required else None
        elif field.dictionary and (check_codes is None or field.name in check_codes):
            if not is_valid(field.dictionary, str(value), on):
                problem = not_a_code(str(value), field.dictionary)
        else:
            problem = _value_problem(field, value)
        if problem is not None:
            found.append((field.name, problem))
    return found


def not_a_code(code: str, dictionary: str) -> object:
    """The refusal of what is none of a dictionary's codes on the record's day."""
    return lazy(
        "%(code)s is not a valid code; choose one of the dictionary %(dictionary)s", code=code, dictionary=dictionary
    )


def _value_problem(field: Field, value: Any) -> object | None:
    if field.is_text and len(value) > field.longest:
        return lazy("the text is longer than %(longest)s characters; shorten it", longest=field.longest)
    if field.type is Type.MONEY and value < 0:
        return lazy("an amount cannot be negative")
    if field.type is Type.AREA and value <= 0:
        return lazy("an area must be greater than zero")
    if field.type is Type.WHOLE and value < 0:
        return lazy("enter 0 or more")
    return None


def in_order(fields: Iterable[Field], found: Iterable[Problem]) -> list[Problem]:
    """Problems in the order of the fields they name."""
    places = {field.name: place for place, field in enumerate(fields)}
    return sorted(found, key=lambda problem: places.get(problem[0] or "", len(places)))


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """Parent of a record read from the journal: it answers for every declared field by name.

    Fields that rules and pages speak of are attributes of the record's class; the others of those ``declared`` stand in
    ``further``.
    """

    declared: ClassVar[frozenset[str]]
    further: Mapping[str, Any] = dataclass_field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, values: Mapping[str, Any], **known: Any) -> Self:
        """The record with these values, each as an attribute where the class has one."""
        own = cls.__dataclass_fields__
        further = {name: value for name, value in values.items() if name not in own}
        return cls(further=further, **known, **{name: value for name, value in values.items() if name in own})

    def __getattr__(self, name: str) -> Any:
        if name not in type(self).declared:
            raise AttributeError(name)
        return self.further.get(name)
