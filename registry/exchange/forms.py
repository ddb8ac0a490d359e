"""Forms of the exchange pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField
from wtforms.validators import ValidationError

from registry.exchange.dictionaries import DictionaryResult
from registry.exchange.rules import LAYOUTS
from registry.infra.clock import parse_moment
from registry.infra.forms import ChoiceField, DateField, Form, StrippedString, parse_typed_date, required
from registry.infra.i18n import gettext, lazy
from registry.infra.sheets import CSV, READING, XLSX

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
