"""Forms of contracts and supplementary agreements. Field names are the columns of the exchange files."""

from __future__ import annotations

from dataclasses import replace

from registry.contracts.fields import ADDENDUM, CONTRACT
from registry.infra.fields import Changed, Field, Group, Type
from registry.infra.forms import CORRECTION_REASON, MISTAKE_REASON, NATURE, WHEN, Amendment, form_of
from registry.infra.i18n import lazy

_PARTY = Group(lazy("Participant"))
_DOCUMENT = Group(lazy("Document on the termination"))

PARTY = (
    Field(
        name="bin",
        type=Type.NUMBER,
        label=lazy("Participant"),
        hint=lazy("A piece of the name in any script, a former name, or the BIN or IIN"),
        required=True,
        picks="company",
        group=_PARTY,
    ),
    Field(name="territory", type=Type.CHOICE, label=lazy("Territory"), group=_PARTY),
)
"""The other party, where the page was not opened from a participant's record."""

TERMS = tuple(field for field in CONTRACT if field.changed is not Changed.LATER)

TERMINATION = tuple(replace(field, required=True) for field in CONTRACT if field.changed is Changed.LATER)

_WHEN = replace(
    WHEN,
    hint=lazy(
        "From this day on the new values hold; registers as of earlier days keep the old ones. Number and date of"
        " signing are corrected from the day of signing."
    ),
)

ConclusionForm = form_of(PARTY, TERMS)
AmendmentForm = form_of((NATURE, _WHEN, MISTAKE_REASON), TERMS, base=Amendment)
AddendumForm = form_of(ADDENDUM)
AddendumCorrectionForm = form_of(ADDENDUM, (CORRECTION_REASON,))
TerminationForm = form_of(
    TERMINATION,
    (
        Field(name="document_no", type=Type.LINE, label=lazy("Document number"), longest=80, group=_DOCUMENT),
        Field(name="document_date", type=Type.DATE, label=lazy("Document date"), group=_DOCUMENT),
    ),
)
TerminationCorrectionForm = form_of(TERMINATION, (CORRECTION_REASON,))
