"""Forms of notes."""

from __future__ import annotations

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from registry.infra.forms import Form, StrippedText, length, required
from registry.infra.i18n import lazy
from registry.notes import rules

STAFF, COMPANY = "staff", "company"


class TextForm(Form):
    """The text of a note alone: an answer of a company, a correction."""

    text = StrippedText(lazy("Text of the note"), [required(), length(rules.LONGEST)])


class NoteForm(TextForm):
    """A note of the staff, and who reads it."""

    audience = RadioField(
        lazy("Who reads it?"),
        [required()],
        choices=[
            SelectChoice(STAFF, lazy("The staff only")),  # ty: ignore[invalid-argument-type]
            SelectChoice(COMPANY, lazy("The company too: it stands on its page for good")),  # ty: ignore[invalid-argument-type]
        ],
        default=STAFF,
    )
