"""The form by which files are attached."""

from __future__ import annotations

from flask_wtf.file import FileRequired, MultipleFileField
from wtforms import BooleanField

from registry.infra.forms import ChoiceField, Form
from registry.infra.i18n import lazy


class AttachForm(Form):
    """Files for a record, as many as are chosen at once; ``line`` is the line of a report that they stand behind."""

    files = MultipleFileField(lazy("Files"), [FileRequired(lazy("Choose a file."))])
    line = ChoiceField(lazy("What the files belong to"), coerce=int, blank=lazy("the report as a whole"))
    staff_only = BooleanField(lazy("For staff only: participants do not see these files"))
