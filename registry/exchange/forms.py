"""Forms of the exchange pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import ValidationError

from registry.exchange.dictionaries import DATES, DictionaryResult, flags_of
from registry.exchange.rules import LAYOUTS
from registry.infra.clock import parse_moment
from registry.infra.fields import Field, Type
from registry.infra.findings import Finding
from registry.infra.forms import ChoiceField, DateField, Form, StrippedString, form_of, parse_typed_date, required
from registry.infra.i18n import gettext, lazy
from registry.infra.sheets import CSV, READING, XLSX
from registry.journal.presentation import FIELDS
from registry.reference.services import DICTIONARIES, LONGEST_CODE, columns

KINDS = [(str(kind), layout.label) for kind, layout in LAYOUTS.items()]
FORMATS = [(XLSX, "XLSX"), (CSV, "CSV"), (READING, lazy("CSV list for reading, not for import"))]


class ImportForm(Form):
    """A file to take in, and what it holds."""

    kind = ChoiceField(lazy("What the file holds"), [required()], choices=KINDS, id="import-kind")
    file = FileField(lazy("File"), [FileRequired(lazy("Choose a file."))], id="import-file")


class _FileOrKept(FileRequired):
    """A file must be chosen where none waits."""

    def __call__(self, form: Any, field: Any) -> None:
        if not form.upload.data:
            super().__call__(form, field)


class DictionaryForm(Form):
    """A file with rows of one dictionary, or the one that was looked through and waits for its confirmation."""

    file = FileField(lazy("File"), [_FileOrKept(lazy("Choose a file."))])
    upload = HiddenField()
    name = HiddenField()

    preview: DictionaryResult | None = None
    """What the file would do, once it was looked through."""

    def confirms(self, findings: Iterable[Finding]) -> bool:
        """Consent is to the file that was looked through, not to one chosen since."""
        return self.file.data is None and super().confirms(findings)


class CodeForm(Form):
    """One row of a dictionary; what else it asks for are the columns of the dictionary's file."""

    territory = ChoiceField(lazy("Territory"), blank=lazy("All territories"))

    preview: DictionaryResult | None = None
    """What saving would do, once it was looked through."""


_NAMES = {"kk": lazy("Name in Kazakh"), "ru": lazy("Name in Russian"), "en": lazy("Name in English")}

_OWN_COLUMNS = {
    "territory": lazy("Territory"),
    "budget": lazy("Budget"),
    "evidence": lazy("Evidence"),
    "applies_to": lazy("Applies to, in the words of files"),
    "headcount": lazy("Number of employees"),
    "size": lazy("Size of the enterprise"),
    "work": lazy("A working day"),
    "baseline": lazy("Base value"),
    "baseline_year": lazy("Base year"),
    "target": lazy("Target"),
    "target_year": lazy("Year of the target"),
    "unit": lazy("Unit"),
}
"""What the columns are called that only one dictionary has."""


def code_form(name: str) -> type[CodeForm]:
    """The form of one row of a dictionary: a field for each column of its file."""
    return cast("type[CodeForm]", form_of([_asked(name, column) for column in columns(name)], base=CodeForm))


def _asked(name: str, column: str) -> Field:
    code_column = DICTIONARIES[name][0]
    if column == code_column:
        return Field(name=column, type=Type.CODE, label=FIELDS["code"], required=True, longest=LONGEST_CODE)
    if column in flags_of(name):
        return Field(name=column, type=Type.FLAG, label=_OWN_COLUMNS.get(column, FIELDS["counts"]))
    if column in DATES:
        return Field(name=column, type=Type.DATE, label=FIELDS[column])
    if column in _NAMES:
        return Field(name=column, type=Type.LINE, label=_NAMES[column], lang=column, required=column != "en")
    return Field(name=column, type=Type.LINE, label=_OWN_COLUMNS.get(column) or FIELDS[column])


class ExportForm(Form):
    """Which register to write to a file, and as of when. Field names are those of the address."""

    kind = ChoiceField(lazy("What to export"), [required()], choices=KINDS)
    format = ChoiceField(lazy("Format"), [required()], choices=FORMATS, blank=False)
    territory = ChoiceField(lazy("Territory"), blank=lazy("All territories"))
    as_of = DateField(lazy("As of"))
    known_at = StrippedString(lazy("As known on"))
    moment: datetime | None = None
    """What ``known_at`` means, once validated."""

    def validate_known_at(self, field: StrippedString) -> None:
        """Turn the text into a moment: the end of a day typed either way, or a date-time with offset."""
        if field.data:
            day = parse_typed_date(field.data)
            try:
                self.moment = parse_moment(day.isoformat() if day else field.data)
            except ValueError:
                raise ValidationError(gettext("Enter a date such as 31.12.2026.")) from None
