"""Which records a field may be given by a piece of their name, and how it reads what was typed.

A package declares a :class:`Picker` beside its list; :mod:`registry.app` names them all. A form asks by
:class:`registry.infra.forms.PickField`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flask import current_app

from registry.infra.access import Viewer


class Choice(NamedTuple):
    """A record that a field offers: the ``number`` the field keeps, its name, and what tells it from others."""

    number: str
    title: str
    note: str = ""

    @property
    def label(self) -> str:
        """What stands in the field once the record is chosen; :func:`number_in` reads it again."""
        return f"{self.title}{_BETWEEN}{self.number}"


_BETWEEN = " · "


def number_in(label: str) -> str | None:
    """The number in a text that is a chosen record's label; None for any other text."""
    title, between, number = label.rpartition(_BETWEEN)
    return number if between and title and " " not in number else None


@dataclass(frozen=True, kw_only=True)
class Picker:
    """What a field may be given by a piece of a name: ``find`` the records of a viewer, the likeliest first.

    ``number`` reads a text that is a record's whole number and gives it in one form; None for any other text. Such a
    number is not looked for: the rules say what is wrong with it. ``names`` tells whether a text holds such a number
    among other words.
    """

    name: str
    find: Callable[[Viewer, str], Sequence[Choice]]
    number: Callable[[str], str | None]
    names: Callable[[str], bool]


def picker(name: str) -> Picker | None:
    """The picker of a name, as :mod:`registry.app` names them."""
    known: Mapping[str, Picker] = current_app.extensions["pickers"]
    return known.get(name)
