"""Forms that speak the reader's language, lose nothing that was typed, and know our money, areas and dates.

A form of a register's fields is made from their declaration (:mod:`registry.infra.fields`)::

    AmendmentForm = form_of((WHEN,), CONTRACT)

    form = AmendmentForm(obj=contract)
    reference.queries.offer_codes(form)

Field names are the column names of the exchange files, so that :meth:`Form.add_error` finds the field.
CSRF is checked for the whole site by ``CSRFProtect``; the ``form_start`` macro puts the token into the form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, ClassVar

from flask import g, request
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, FieldList, FormField, RadioField, StringField
from wtforms.fields.choices import Choice, SelectChoice, SelectFieldBase
from wtforms.validators import InputRequired, Length, StopValidation
from wtforms.widgets import PasswordInput, Select, TextArea, TextInput

from registry.errors import DomainError, ImportRefused, Invalid
from registry.infra import amounts, picking, unsent
from registry.infra.amounts import Unit, Unreadable
from registry.infra.clock import within_reason
from registry.infra.fields import Field as Declared
from registry.infra.fields import Group, Type
from registry.infra.findings import Finding
from registry.infra.i18n import country_code, current_language, gettext, lazy, ngettext
from registry.infra.numbers import canonical_hundredths, shortest_hundredths
from registry.infra.text import clean, doubts, lost_letters, unmarked

NBSP = "\u00a0"

_BREAKS = re.compile("[ \t]*[\n\r\t\u000b\f\u0085\u2028\u2029]+[ \t]*")

_MESSAGES = {
    "This field is required.": lazy("Fill in this field."),
    "Not a valid choice.": lazy("Choose one of the values offered."),
    "Invalid Choice: could not coerce.": lazy("Choose one of the values offered."),
    "Not a valid integer value.": lazy("Enter a whole number, such as 12."),
    "Not a valid decimal value.": lazy("Enter a number, such as 12,5."),
    "Invalid email address.": lazy("Enter an e-mail address such as name@example.kz."),
    "Invalid input.": lazy("The value is not in the right form."),
    "Number must be at least %(min)s.": lazy("Enter a number not less than %(min)s."),
    "Number must be at most %(max)s.": lazy("Enter a number not greater than %(max)s."),
    "Number must be between %(min)s and %(max)s.": lazy("Enter a number from %(min)s to %(max)s."),
    "Field must be between %(min)d and %(max)d characters long.": lazy("Enter from %(min)d to %(max)d characters."),
}
"""WTForms' own messages in our words."""


def note_unprintable(signs: Mapping[str, str]) -> None:
    """Note which fields of the form sent (by name) had a sign that cannot be kept, for when it is shown again."""
    g.unprintable = dict(signs)


def noted_unprintable() -> dict[str, str]:
    """What :func:`note_unprintable` noted of this request."""
    return g.get("unprintable", {})


class _Messages:
    """What WTForms asks for its messages; they come from our catalogues."""

    def gettext(self, text: str) -> str:
        return str(_MESSAGES.get(text, text))

    def ngettext(self, singular: str, plural: str, number: int) -> str:
        if "at least" in singular:
            return ngettext("Enter at least %(num)s character.", "Enter at least %(num)s characters.", num=number)
        if "longer than" in singular:
            return ngettext("Enter at most %(num)s character.", "Enter at most %(num)s characters.", num=number)
        if "exactly" in singular:
            return ngettext("Enter exactly %(num)s character.", "Enter exactly %(num)s characters.", num=number)
        return singular if number == 1 else plural


@dataclass(frozen=True, slots=True)
class Section:
    """Fields of a form that stand together: in a fieldset where there is a ``group``."""

    group: Group | None
    fields: list[Field]

    @property
    def folded(self) -> bool:
        return self.group is not None and self.group.folded


@dataclass(frozen=True, slots=True)
class Difference:
    """A field changed both here and by somebody else since the form was opened: both values in words."""

    name: str
    label: str
    theirs: str
    mine: str


class Form(FlaskForm):
    """Parent of every form.

    :mod:`registry.infra.act_page` notes on it at which version of the record it was opened, which fields others changed
    meanwhile (``differences``, as of the version ``seen``), and what would follow from the act (``findings``).
    """

    restored: unsent.Typed | None = None
    """What was typed before and could not be sent, where the page opens with it."""

    opened_at: str | None = None
    seen: str | None = None
    differences: tuple[Difference, ...] = ()
    findings: tuple[Finding, ...] = ()

    findings_lead: ClassVar[object] = lazy("What follows from this act:")
    confirm_label: ClassVar[object] = lazy("I have read what follows and want it done")
    """The words above the findings, and at the tick that confirms them."""

    declared: ClassVar[tuple[Declared, ...]] = ()
    """The declarations the fields were made from, if they were."""

    class Meta(FlaskForm.Meta):
        csrf = False  # CSRFProtect guards every request that changes something, with or without a form

        def get_translations(self, form: Any) -> Any:
            return _Messages()

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            """What was sent; a page that is only opened has what was typed before and could not be sent."""
            given = super().wrap_formdata(form, formdata)
            if given is not None or formdata is None or form.is_submitted() or not request:
                return given
            form.restored = unsent.restored()
            return form.restored and form.restored.values

    def process(self, *values: Any, **options: Any) -> None:
        super().process(*values, **options)
        if self.restored is not None:
            signs = noted_unprintable()
            for field in _leaves(self._fields.values()):
                if field.name in signs:
                    message = gettext(
                        "A sign that cannot be stored was taken out: %(sign)s. Look at the text and send it again.",
                        sign=signs[field.name],
                    )
                    _refuse(field, message)

    @property
    def told(self) -> str:
        """Which findings stand above the tick, for the hidden field of that name."""
        return " ".join(finding.digest for finding in self.findings if finding.asks)

    def confirms(self, findings: Iterable[Finding]) -> bool:
        """Whether all of these that ask were shown and ticked: consent covers what a person could read, nothing else.

        What does not say which it showed (a script, a page older than the field) means whatever follows.
        """
        told = request.form.get("told")
        asking = {finding.digest for finding in findings if finding.asks}
        return bool(request.form.get("confirmed")) and (told is None or asking <= set(told.split()))

    @property
    def is_filled_in(self) -> bool:
        """Whether the form holds what a person typed, sent now or put back."""
        return self.is_submitted() or self.restored is not None

    def add_error(self, error: DomainError) -> None:
        """Show a refusal of the business rules at the field it names, or above the form when it names none."""
        if isinstance(error, ImportRefused):
            for row in error.errors:
                self.form_errors.append(str(row))
            return
        problems = error.problems if isinstance(error, Invalid) else [(error.field, error)]
        for name, message in problems:
            field = self._fields.get(name or "")
            if field is None or isinstance(field, FieldList | FormField):
                self.form_errors.append(str(message))
            else:
                field.errors = [*field.errors, str(message)]

    def summary(self) -> list[tuple[str | None, str | None, str]]:
        """Every error as (id of the field, its label, message), those of the whole form first; a row by its number."""
        found: list[tuple[str | None, str | None, str]] = [(None, None, str(text)) for text in self.form_errors]
        for field in _leaves(self._fields.values()):
            label = field.label.text
            if row := _ROW.search(field.id):
                label = gettext("%(column)s, row %(number)s", column=label, number=int(row[1]) + 1)
            found += [(field.id, label, str(text)) for text in field.errors]
        return found

    @property
    def status(self) -> int:
        """The HTTP status of a page with this form: 422 when there is something to correct."""
        return 422 if self.summary() else 200

    def sections(self) -> list[Section]:
        """The fields by the groups of their declarations; a group stands where its first field does."""
        groups = {field.name: field.group for field in self.declared if field.name in self._fields}
        found: list[Section] = []
        for name in dict.fromkeys([*groups, *self._fields]):
            field, group = self._fields[name], groups.get(name)
            section = next((known for known in found if group is not None and known.group is group), None)
            if section is None:
                section = Section(group, [])
                found.append(section)
            section.fields.append(field)
        return found

    def typed(self, name: str) -> Any:
        """What a field holds now, as the record keeps it."""
        return self._fields[name].data

    def take(self, name: str, value: Any) -> None:
        """Put the record's own value into a field, in place of what was typed."""
        field = self._fields[name]
        field.process_data(value)
        field.raw_data = None

    def difference(self, name: str, theirs: Any) -> Difference:
        """Both values of a field in words."""
        field = self._fields[name]
        return Difference(name, field.label.text, _in_words(field, theirs), _in_words(field, self.typed(name)))

    def doubts(self) -> Iterator[tuple[str, object]]:
        """What looks wrong in the texts typed and is kept all the same: the field's label and what it is."""
        for field in _leaves(self._fields.values()):
            if isinstance(field, _TextLike) and isinstance(field.data, str) and field.data != field.object_data:
                yield from ((field.label.text, doubt) for doubt in doubts(field.data))

    def values(self) -> dict[str, Any]:
        """The data of every field by name."""
        return {name: field.data for name, field in self._fields.items()}


_ROW = re.compile(r"-([0-9]+)-")
"""Where the name of a field in a repeated row says which row it is, counted from 0."""


def _leaves(fields: Iterable[Field]) -> Iterator[Field]:
    for field in fields:
        if isinstance(field, FormField):
            yield from _leaves(field.form._fields.values())
        elif isinstance(field, FieldList):
            yield from _leaves(field.entries)
        else:
            yield field


def _refuse(field: Any, message: str) -> None:
    field.errors = [*field.errors, message]


def _in_words(field: Field, value: Any) -> str:
    """A value as the field shows it."""
    if value is None or value == "":
        return "—"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(field, ChoiceField):
        return field.label_of(value)
    return field.write(value) if isinstance(field, _TypedField) else str(value)


class _Required:
    """Something must be entered; zero and False count as something."""

    field_flags = {"required": True}

    def __init__(self, message: object = None) -> None:
        self.message = message

    def __call__(self, _form: Any, field: Field) -> None:
        if field.errors:
            raise StopValidation
        if field.data is None or field.data == "" or field.data == []:
            raise StopValidation(str(self.message or gettext("Fill in this field.")))


def required(message: object = None) -> _Required:
    """Validator: the field must be filled in."""
    return _Required(message)


def length(longest: int, shortest: int = -1) -> Length:
    """Validator: at most ``longest`` characters, at least ``shortest``."""
    return Length(min=shortest, max=longest)


class _TextLike(StringField):
    data: Any

    def __init__(self, label: object = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, _optional(validators), **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            self.data = unmarked(clean(valuelist[0])) or None
            if self.data and (lost := lost_letters(self.data)):
                raise ValueError(str(lost))


def _optional(validators: Any) -> list[Any]:
    """An empty field that is not required passes: Length and the like would fail on None."""
    validators = list(validators or [])
    if not any(isinstance(validator, _Required | InputRequired) for validator in validators):
        validators.insert(0, _StopIfEmpty())
    return validators


class _StopIfEmpty:
    field_flags = {"optional": True}

    def __call__(self, _form: Any, field: Field) -> None:
        if field.data is None or field.data == "":
            raise StopValidation


class StrippedString(_TextLike):
    """One line of text as it is kept (:func:`registry.infra.text.clean`); nothing typed is None.

    A browser shows a line break in such a field as nothing at all, so that words would run together: it is a space. A
    text that came with breaks from a file stays as it is where nobody changed it.
    """

    def _value(self) -> str:
        return _BREAKS.sub(" ", super()._value())

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata(valuelist)
        if isinstance(self.data, str):
            self.data = _BREAKS.sub(" ", self.data)
            kept = self.object_data
            if isinstance(kept, str) and self.data in {
                _BREAKS.sub(" ", kept),
                _BREAKS.sub(" ", kept.replace("\n", "")),
            }:
                self.data = kept


class PickField(StrippedString):
    """A record chosen by typing a piece of its name or its number; what the form keeps is the number.

    ``picker`` names who finds it (:class:`registry.infra.picking.Picker`). With scripts the field offers what fits
    while something is typed. Without, what was typed is looked up when the form is sent: one record that fits is taken,
    several are ``offered`` to be chosen from under the field, as values of the field's own name. A whole number is
    taken as it is; the rules say what is wrong with it.

    One that ``takes_names`` may hold the name of somebody outside the register: what fits no record stays as it is, and
    so does what fits some, once the person has said so.
    """

    NOBODY = "="
    """The value of the choice that means none of the records offered."""

    def __init__(
        self, label: object = None, validators: Any = None, *, picker: str, takes_names: bool = False, **options: Any
    ) -> None:
        options.setdefault("render_kw", {"autocomplete": "off"})
        super().__init__(label, validators, **options)
        self.picker = picker
        self.takes_names = takes_names
        self.offered: Sequence[picking.Choice] = ()
        self.chosen: str | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        """What was typed, and what was chosen below it: the last value, where that is not "look it up again"."""
        super().process_formdata(valuelist)
        self.chosen = next((clean(text) for text in valuelist[:0:-1] if clean(text)), None)
        if self.chosen not in {None, self.NOBODY}:
            self.data = self.chosen
        if self.data:
            self.data = picking.number_in(self.data) or self.data

    def pre_validate(self, form: Any) -> None:
        if not self.data or (self.takes_names and self.chosen == self.NOBODY):
            return
        picker = picking.picker(self.picker)
        if picker is None:
            raise LookupError(self.picker)
        if self.takes_names and picker.names(self.data):
            return  # what stands beside the number is read by the rules
        number = picker.number(self.data)
        if number is not None:
            self.data = number
            return
        found = picker.find(g.viewer, self.data)
        if len(found) == 1 and not self.takes_names:
            self.data = found[0].number
            self.raw_data = [found[0].label]
        elif found:
            self.offered = found
            raise StopValidation(
                gettext("This is, or resembles, the name of a participant. Choose who is meant.")
                if self.takes_names
                else gettext("Several fit what you typed. Choose one of them.")
            )
        elif not self.takes_names:
            raise StopValidation(
                gettext("Nothing in the register fits. Type another piece of the name, or the whole BIN or IIN.")
            )

    def _value(self) -> str:
        # What was chosen comes back as what was typed, where nothing is offered any more.
        typed = [text for text in self.raw_data or () if text and text != self.NOBODY]
        if typed:
            return _BREAKS.sub(" ", typed[0] if self.offered else typed[-1])
        return super()._value()


class StrippedText(_TextLike):
    """Several lines of text as they are kept; nothing typed is None."""

    widget = TextArea()


class PasswordField(StringField):
    """A password: never echoed, never stripped."""

    widget = PasswordInput(hide_value=True)


class ChoiceField(SelectFieldBase):
    """One of ``choices`` ((value, label) pairs; the view may set them), or None for the empty first line.

    ``blank`` is the label of the empty line; False leaves it out. A value the record has already is kept and accepted
    even where it is no longer offered.
    """

    widget = Select()
    choices: Sequence[tuple[Any, Any]]

    def __init__(
        self,
        label: object = None,
        validators: Any = None,
        *,
        choices: Iterable[tuple[Any, Any]] = (),
        blank: object = None,
        coerce: Callable[[Any], Any] = str,
        **options: Any,
    ) -> None:
        super().__init__(label, validators, **options)
        self.choices: list[tuple[Any, Any]] = list(choices)
        self.blank = lazy("— choose —") if blank is None else blank
        self.coerce = coerce

    def _pairs(self) -> list[tuple[Any, str]]:
        pairs = [(self.coerce(value), str(label)) for value, label in self.choices]
        kept = self._read(self.object_data)
        if kept is not None and kept not in dict(pairs):
            pairs.append((kept, str(kept)))
        return pairs

    def _read(self, value: Any) -> Any:
        return None if value is None or value == "" else self.coerce(value)

    def iter_choices(self) -> Iterator[Choice]:
        if self.blank is not False:
            yield Choice("", str(self.blank), self.data is None, {})
        for value, label in self._pairs():
            yield Choice(value, label, value == self.data, {})

    def process_data(self, value: Any) -> None:
        self.data = self._read(value)

    def process_formdata(self, valuelist: list[str]) -> None:
        if valuelist:
            try:
                self.data = self._read(valuelist[0])
            except (ValueError, TypeError):
                raise ValueError(gettext("Choose one of the values offered.")) from None

    def pre_validate(self, form: Any) -> None:
        if self.data is not None and self.data not in dict(self._pairs()):
            raise StopValidation(gettext("Choose one of the values offered."))

    @property
    def chosen_label(self) -> str:
        """The label of the value chosen; nothing when none is."""
        return self.label_of(self.data)

    def label_of(self, value: Any) -> str:
        """The label of one of the choices."""
        return dict(self._pairs()).get(value, "")


class _TypedField(StringField):
    """A field whose typed text is read as something else; what cannot be read stays in the field as typed."""

    data: Any
    widget = TextInput()

    def __init__(self, label: object = None, validators: Any = None, **options: Any) -> None:
        super().__init__(label, validators, **options)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        text = clean(valuelist[0]) if valuelist else ""
        if text:
            self.data = self.read(text)

    def _value(self) -> str:
        if self.data is None:
            # A browser would join what stands on two lines.
            return _BREAKS.sub(" ⏎ ", clean(self.raw_data[0])) if self.raw_data else ""
        return self.write(self.data)

    def read(self, text: str) -> Any:
        """:raises ValueError: with a message for the reader, when ``text`` cannot be read."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        raise NotImplementedError


_EXAMPLES: dict[Unit, object] = {
    Unit.TENGE: lazy("Enter a sum in tenge with at most two decimals, such as 1,234,567.89."),
    Unit.AREA: lazy("Enter an area in square metres with at most two decimals, such as 120.5."),
    Unit.PERCENT: lazy("Enter a share in per cent with at most two decimals, such as 12.5."),
    Unit.WHOLE: lazy("Enter a whole number, such as 12."),
}

SEVERAL_CELLS = lazy("These are several cells or lines. This field takes one number: copy one cell.")

_UNREADABLE: dict[Unreadable, object] = {
    Unreadable.SEVERAL: SEVERAL_CELLS,
    Unreadable.AMBIGUOUS: lazy(
        "This can be read as %(grouped)s or as %(decimal)s. Leave out the separator, or give at most two decimals."
    ),
    Unreadable.DECIMALS: lazy("There are more than two decimals. Round the number to two, such as 1,234.57."),
    Unreadable.GROUPS: lazy(
        "The digits are grouped unevenly. Group them by three, such as 12,345,678, or write them without separators."
    ),
    Unreadable.LARGE: lazy(
        "There are more than 15 digits before the decimals. Check whether several numbers ran together."
    ),
    Unreadable.NEGATIVE: lazy("Enter zero or more."),
}


def amount_messages() -> dict[str, Any]:
    """What a field says of an amount it cannot read, by unit and reason, for the page's script."""
    places = {"grouped": "{grouped}", "decimal": "{decimal}"}
    return {"several": str(SEVERAL_CELLS)} | {
        str(unit): {str(why): _unreadable(why, unit, **places) for why in Unreadable} for unit in Unit
    }


def _unreadable(why: Unreadable, unit: Unit, **places: str) -> str:
    example = _EXAMPLES[Unit.WHOLE if why is Unreadable.NOT_WHOLE else unit]
    text = str(_UNREADABLE.get(why, example))
    return text % places if why is Unreadable.AMBIGUOUS else text


class _NumberField(_TypedField):
    """A number as people type it, by the table of :mod:`registry.infra.amounts`."""

    unit: Unit

    def __init__(self, label: object = None, validators: Any = None, *, negative: bool = False, **options: Any) -> None:
        self.negative = negative
        shown = {
            "inputmode": "numeric" if self.unit is Unit.WHOLE else "decimal",
            "autocomplete": "off",
            "data-amount": str(self.unit),
        }
        options.setdefault("render_kw", shown | ({"data-negative": ""} if negative else {}))
        super().__init__(label, validators, **options)

    def read(self, text: str) -> int:
        try:
            value = amounts.read(text, self.unit, english=current_language() == "en")
        except amounts.Refused as refused:
            places = {"grouped": refused.grouped, "decimal": refused.decimal}
            raise ValueError(_unreadable(refused.why, self.unit, **places)) from None
        if value < 0 and not self.negative:
            raise ValueError(_unreadable(Unreadable.NEGATIVE, self.unit))
        return value


class MoneyField(_NumberField):
    """Tenge, kept as whole tiyn; ``1 234 567,89`` with any kind of space, shown back the same way.

    ``negative=True`` also takes sums below zero.
    """

    unit = Unit.TENGE

    def write(self, value: int) -> str:
        return typed_number(canonical_hundredths(value))


class AreaField(_NumberField):
    """An area in m², kept as whole hundredths."""

    unit = Unit.AREA

    def write(self, value: int) -> str:
        return typed_number(shortest_hundredths(value))


class PercentField(AreaField):
    """A share in per cent, kept as whole hundredths."""

    unit = Unit.PERCENT


def typed_number(canonical: str) -> str:
    """A canonical number as a person types it in any of the languages: no-break spaces and a comma."""
    sign, digits = ("-", canonical[1:]) if canonical.startswith("-") else ("", canonical)
    whole, _point, fraction = digits.partition(".")
    return sign + f"{int(whole):,}".replace(",", NBSP) + ("," + fraction if fraction else "")


class WholeNumberField(_NumberField):
    """A whole number, zero or more, with any spaces between the groups."""

    unit = Unit.WHOLE

    def read(self, text: str) -> int:
        return super().read(text) // 100

    def write(self, value: int) -> str:
        return typed_number(str(value))


class CountryField(_TypedField):
    """A country, kept as its ISO 3166-1 code of two letters; its name in any of the languages is read too."""

    def read(self, text: str) -> str:
        code = country_code(text)
        if code is None:
            raise ValueError(gettext("Choose a country from the list, or type its name or its code, such as DE."))
        return code

    def write(self, value: str) -> str:
        return value


class DateField(_TypedField):
    """A day: ``31.12.2026`` typed, ``2026-12-31`` from a picker or a program. Shown back as ``31.12.2026``."""

    def __init__(self, label: object = None, validators: Any = None, **options: Any) -> None:
        options.setdefault("render_kw", {"inputmode": "numeric", "autocomplete": "off", "data-date": ""})
        super().__init__(label, validators, **options)

    def read(self, text: str) -> date:
        day = parse_typed_date(text)
        if day is None:
            raise ValueError(gettext("Enter a date such as 31.12.2026."))
        return day

    def write(self, value: date) -> str:
        return f"{value:%d.%m.%Y}"


def parse_typed_date(text: str | None) -> date | None:
    """Read ``31.12.2026``, ``31/12/2026`` or ``2026-12-31``; None for anything else, or a year out of reason."""
    plain = (text or "").strip().replace("/", ".")
    for pattern in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            day = datetime.strptime(plain, pattern).date()
        except ValueError:
            continue
        return day if within_reason(day) else None
    return None


def unread_days(asked: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Those of the named filters whose text is no date: a page marks them, and no file is made for them."""
    return [name for name in names if (asked.get(name) or "").strip() and parse_typed_date(asked[name]) is None]


def form_of(*declarations: Iterable[Declared], base: type[Form] = Form) -> type[Form]:
    """A form that asks for these fields, in this order; a field that ``base`` has is asked in its way."""
    fields = tuple(field for part in declarations for field in part)
    made: dict[str, Any] = {field.name: _form_field(field) for field in fields if not hasattr(base, field.name)}
    return type("DeclaredForm", (base,), made | {"declared": (*base.declared, *fields)})


_KINDS: dict[Type, type[Field]] = {
    Type.LINE: StrippedString,
    Type.TEXT: StrippedText,
    Type.CODE: StrippedString,
    Type.CHOICE: ChoiceField,
    Type.NUMBER: StrippedString,
    Type.DATE: DateField,
    Type.MONEY: MoneyField,
    Type.AREA: AreaField,
    Type.WHOLE: WholeNumberField,
    Type.FLAG: BooleanField,
}


def _form_field(field: Declared) -> Any:
    """The form's field for a declaration, not yet bound to a form."""
    validators: list[Any] = [required()] if field.required else []
    options: dict[str, Any] = {"description": field.hint or ""}
    kind = PickField if field.picks else ChoiceField if field.dictionary or field.choices else _KINDS[field.type]
    if field.is_text:
        validators.append(length(field.longest))
    attributes = {"lang": field.lang, "inputmode": field.input_mode}
    if field.type in {Type.CODE, Type.NUMBER}:
        attributes["autocomplete"] = "off"
    if field.picks:
        options["picker"] = field.picks
    elif field.type is Type.NUMBER:
        attributes["inputmode"] = "numeric"
    shown = {name: value for name, value in attributes.items() if value}
    if shown:
        options["render_kw"] = shown
    if kind is ChoiceField and field.type is Type.WHOLE:
        options["coerce"] = int
    return kind(field.asked or field.label, validators, **options)


WHEN = Declared(
    name="effective_on",
    type=Type.DATE,
    label=lazy("The change takes effect on"),
    required=True,
    group=Group(lazy("When")),
)
"""From which day on a change holds; a register adds its own hint."""

NATURE = Declared(name="nature", type=Type.LINE, label=lazy("What is this?"), group=WHEN.group)
"""Whether something changed or a mistake is corrected; :class:`Amendment` asks it."""

MISTAKE_REASON = Declared(
    name="reason", type=Type.TEXT, label=lazy("How the mistake came about"), longest=1000, group=WHEN.group
)


_CHANGED = lazy("Something changed, on the day named below; registers of earlier days stay as they are")
_MISTAKE = lazy("A mistake is corrected: the right values hold from the day on which the wrong ones were to hold")


class Amendment(Form):
    """A change of a record: something became different on a day, or what stands there was never right.

    A form that does not say which means a change.
    """

    nature = RadioField(
        lazy("What is this?"),
        [required()],
        choices=[
            SelectChoice("changed", _CHANGED),  # ty: ignore[invalid-argument-type]
            SelectChoice("mistake", _MISTAKE),  # ty: ignore[invalid-argument-type]
        ],
        default="changed",
    )
    reason = StrippedText(
        lazy("How the mistake came about"),
        [length(1000)],
        description=lazy("Only where a mistake is corrected; the journal keeps the wrong values and your words."),
    )

    @property
    def mistake(self) -> str | None:
        """Why a mistake is corrected, "" where that is not said; None for a change."""
        return (self.reason.data or "") if self.nature.data == "mistake" else None

    @staticmethod
    def changed(record: object, values: Mapping[str, Any]) -> dict[str, Any]:
        """Of the values typed those that were changed: others may have been different on the day of the change."""
        return {name: value for name, value in values.items() if value != getattr(record, name)}


REASON = Declared(name="reason", type=Type.TEXT, label=lazy("Reason"), required=True, longest=1000)

CORRECTION_REASON = Declared(
    name="reason", type=Type.TEXT, label=lazy("Reason for the correction"), required=True, longest=1000
)

ReasonForm = form_of((REASON,))
"""An act that only needs its reason: an annulment, an erasure."""

SameAsForm = form_of(
    (Declared(name="same_as", type=Type.CHOICE, label=lazy("The record that stays"), required=True), REASON)
)
"""Joining a record with the one it was recorded as before; the view offers the records."""
