"""What a request may hold: keys that are keys, and texts that can be kept.

An address with a number no key can be, or a sign no text may hold (:data:`registry.infra.text.UNPRINTABLE`), leads
nowhere: 404 in its path, 422 in its query. A form with such a sign comes back with the sign taken out and what was
wrong at its field. Names of fields that no form of ours has are left out, and signs nobody sees are taken out of an
address's query, so that no page shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from flask import abort, current_app, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.routing import BaseConverter, ValidationError

from registry.infra import forms
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number
from registry.infra.text import printable, unprintable, visible

LONGEST_NAME = 120
"""Characters of a field's name; a form's own are short, and ASCII."""


MOST_FIELDS = 10_000
"""Fields of a form: more than the most lines of a report take, and few enough to be read in seconds."""


class NumberConverter(BaseConverter):
    """A number in an address: of a record, a year, an indicator. What no key can be finds nothing."""

    regex = "[0-9]+"

    def to_python(self, value: str) -> int:
        number = whole_number(value)
        if number is None:
            raise ValidationError
        return number

    def to_url(self, value: object) -> str:
        return str(int(str(value)))


class Unreadable(UnprocessableEntity):
    """The request holds a text that cannot be kept; ``in_form`` where it is typed, and the form can be shown again."""

    def __init__(self, sign: str, *, in_form: bool) -> None:
        super().__init__(_("The text has a sign that cannot be stored: %(sign)s.", sign=sign))
        self.in_form = in_form


def read_headers() -> None:
    """Take an address in a header that cannot be parsed for one of another site's page: whatever asks it finds none.

    A browser sends no such address; the library that checks the token, and ours, would stumble over it.
    """
    for name in ("HTTP_REFERER", "HTTP_ORIGIN"):
        try:
            urlsplit(request.environ.get(name, ""))
        except ValueError:
            request.environ[name] = "null"


def read() -> None:
    """Look at the address, and take out of the form what cannot be kept; :func:`refuse` says so later."""
    if unprintable(request.path):
        abort(404)
    request.args = ImmutableMultiDict((name, visible(text)) for name, text in request.args.items(multi=True))
    if request.method != "POST":
        return
    view = current_app.view_functions.get(request.endpoint or "")
    if (largest := getattr(view, "largest_request", None)) is not None:
        request.max_content_length = largest()
    if request.mimetype == "application/x-www-form-urlencoded" and request.get_data().count(b"&") >= MOST_FIELDS:
        abort(413)
    given = list(request.form.items(multi=True))
    own = [(name, text) for name, text in given if _is_name(name)]
    signs = dict(_signs(own))
    if signs or len(own) < len(given):
        request.form = ImmutableMultiDict((name, printable(text)) for name, text in own)
    forms.note_unprintable(signs)


def refuse() -> None:
    """Let nothing be done on a request that holds what cannot be kept.

    :raises Unreadable: naming the sign; the form's page names the field besides.
    """
    in_address = dict(_signs(request.args.items(multi=True)))
    in_form = forms.noted_unprintable()
    if request.method == "POST":
        in_form = in_form | dict(_signs((name, file.filename or "") for name, file in request.files.items()))
    for sign in (*in_address.values(), *in_form.values()):
        raise Unreadable(sign, in_form=not in_address)


def _is_name(name: str) -> bool:
    return name.isascii() and name.isprintable() and len(name) <= LONGEST_NAME


def _signs(texts: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, text in texts:
        sign = unprintable(text) or unprintable(name)
        if sign is not None:
            yield name, sign
