"""Forms for asking for papers and checking them. Field names follow ``exchange.md`` 1."""

from __future__ import annotations

from dataclasses import replace

from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import CheckboxInput

from registry.infra.forms import (
    REASON,
    ChoiceField,
    DateField,
    Form,
    PickField,
    StrippedString,
    WholeNumberField,
    form_of,
    length,
    required,
)
from registry.infra.i18n import LANGUAGE_NAMES, lazy
from registry.paper_kinds.kind import Asks, PaperKind
from registry.paper_kinds.rules import FIRST_YEAR, LAST_YEAR
from registry.paper_kinds.sampling import LONGEST_SEED, POPULATION_NAMES

LARGEST_CHECKED = 10 * 1024 * 1024
"""Bytes of a file that may be sent for checking."""


class PaperForm(Form):
    """What every kind of paper asks for: one paper is made for each language ticked."""

    language = SelectMultipleField(
        lazy("Languages"),
        [required(lazy("Choose at least one language."))],
        choices=[SelectChoice(code, name) for code, name in LANGUAGE_NAMES.items()],
        option_widget=CheckboxInput(),
    )
    known_at = DateField(lazy("As known on"))
    copy = BooleanField(lazy("A copy for information, which needs no approval"))
    without = SelectMultipleField(lazy("Annexes to leave out"), option_widget=CheckboxInput())

    def ask_of(self, kind: PaperKind) -> None:
        """Leave out the questions that a kind has no answer to."""
        if not kind.of_a_moment:
            del self.known_at
        if not kind.needs_approval:
            del self.copy
        if kind.annexes:
            self.without.choices = [SelectChoice(annex.code, str(annex.name)) for annex in kind.annexes]
        else:
            del self.without


class DayForm(PaperForm):
    """A register as of a day."""

    territory = ChoiceField(lazy("Territory"), blank=lazy("All territories"))
    as_of = DateField(lazy("As of"), [required()])


class TwoDaysForm(DayForm):
    """A comparison of two days, or an extract of the journal between them."""

    since = DateField(lazy("From"))


class YearForm(PaperForm):
    """A paper about a whole year."""

    territory = ChoiceField(lazy("Territory"), blank=lazy("All territories"))
    year = ChoiceField(
        lazy("Year"),
        [required()],
        coerce=int,
        blank=False,
        choices=[(year, str(year)) for year in range(FIRST_YEAR, LAST_YEAR + 1)],
    )


class PeriodForm(YearForm):
    """A paper about a year or a quarter."""

    quarter = ChoiceField(
        lazy("Quarter"),
        coerce=int,
        blank=lazy("Whole year"),
        choices=[(1, "I"), (2, "II"), (3, "III"), (4, "IV")],
    )


class PackForm(PeriodForm):
    """The evidence pack of a year or a quarter: it has no language of its own."""

    language = None
    known_at = None
    copy = None
    without = None


class SampleForm(PeriodForm):
    """An audit sample of participants or of report lines."""

    of = ChoiceField(
        lazy("Drawn from"),
        [required()],
        blank=False,
        choices=[(str(population), name) for population, name in POPULATION_NAMES.items()],
    )
    size = WholeNumberField(lazy("Size of the sample"), [required()])
    seed = StrippedString(lazy("Seed"), [required(), length(LONGEST_SEED)])


def of_a_period(kind: PaperKind) -> type[YearForm]:
    """The form of a paper about a year or a quarter."""
    if kind.draws:
        return SampleForm
    return YearForm if kind.asks is Asks.YEAR else PeriodForm


class EntryForm(PaperForm):
    """A paper about one company: chosen from the account's own entries, or named by BIN."""

    entry = ChoiceField(lazy("Entry in the register"), [required()], coerce=int)
    as_of = DateField(lazy("As of"), [required()])


class CompanyForm(PaperForm):
    """A paper about a company; the territory matters where it has entries in several."""

    resident = PickField(lazy("Participant"), [required()], picker="company")
    territory = ChoiceField(lazy("Territory"), blank=lazy("Where the company has its entry"))
    as_of = DateField(lazy("As of"), [required()])


PublicReasonForm = form_of((replace(REASON, hint=lazy("Everybody who checks the paper reads it: name no persons.")),))
"""The end of a paper, and why."""


class CheckForm(Form):
    """A file to compare with the issued papers."""

    file = FileField(lazy("PDF file"), [FileRequired(lazy("Choose a file."))])
