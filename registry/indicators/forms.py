"""Forms of the indicators: a territory's plan, and the rank entered by hand."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms.validators import Length

from registry.indicators.rules import BASE_YEAR, INDICATORS, YEARS, Unit
from registry.indicators.services import target_field
from registry.infra.forms import (
    ChoiceField,
    DateField,
    Form,
    MoneyField,
    StrippedString,
    WholeNumberField,
    required,
)
from registry.infra.i18n import lazy
from registry.journal.presentation import FIELDS


class PlanForm(Form):
    """The approving act; the targets themselves are added by :func:`plan_form`."""

    act_no = StrippedString(FIELDS["act_no"], [required(), Length(max=80)])
    act_date = DateField(FIELDS["act_date"], [required()])


def plan_form(numbers: Iterable[int]) -> type[PlanForm]:
    """A form with one field for each of these indicators and each year of the Concept; money in tenge."""
    fields = {}
    for number in numbers:
        kind = MoneyField if INDICATORS[number].unit is Unit.KZT else WholeNumberField
        for year in YEARS:
            label = lazy("Indicator %(number)s, %(year)s", number=number, year=year)
            if year == BASE_YEAR:
                label = lazy("Indicator %(number)s, %(year)s (base)", number=number, year=year)
            fields[target_field(number, year)] = kind(label)
    return type("PlanOfTerritoryForm", (PlanForm,), fields)


class ExternalForm(Form):
    """Indicator 2 of a year, with where the figure comes from."""

    year = ChoiceField(
        FIELDS["year"], [required()], choices=[(year, str(year)) for year in YEARS], coerce=int, blank=False
    )
    value = WholeNumberField(lazy("Rank"), [required()])
    source = StrippedString(FIELDS["source"], [required(), Length(max=300)])
    edition = StrippedString(FIELDS["edition"], [required(), Length(max=120)])
    effective_on = DateField(lazy("Published on"))
