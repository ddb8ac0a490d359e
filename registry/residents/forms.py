"""Forms of the participant register. Field names are the columns of the exchange files."""

from __future__ import annotations

from dataclasses import replace

from registry.infra.fields import Changed, Field, Type
from registry.infra.forms import CORRECTION_REASON, MISTAKE_REASON, NATURE, REASON, WHEN, Amendment, form_of
from registry.infra.i18n import lazy
from registry.residents.fields import DECISION, RESIDENT, STATUS_CHANGE, TERRITORY

_FIELDS = {field.name: field for field in RESIDENT}
_CHANGE = {field.name: field for field in STATUS_CHANGE}

ENTRY = (TERRITORY, replace(_FIELDS["bin"], required=False), _FIELDS["registered_on"], _FIELDS["register_no"])
"""What a new entry is: where, who and from when."""

DETAILS = tuple(field for field in RESIDENT if field.changed is not Changed.NEVER and field.name != "register_no")
"""What is known of a company; shared by entry and amendment."""

_WHEN = replace(
    WHEN,
    hint=lazy(
        "From this day on the new values hold; registers as of earlier days keep the old ones. Number and date of the"
        " decision are corrected from the day of the entry."
    ),
)

RegistrationForm = form_of(ENTRY, DETAILS)
AmendmentForm = form_of((NATURE, _WHEN, MISTAKE_REASON), DETAILS, base=Amendment)

StatusForm = form_of(
    (_CHANGE["effective_on"], _CHANGE["ground"]),
    (replace(field, required=True, group=None) for field in DECISION),
)
"""Suspension, resumption or exclusion with its decision document."""

StatusCorrectionForm = form_of(
    (
        replace(_CHANGE["effective_on"], label=lazy("Right day of the change")),
        _CHANGE["ground"],
    ),
    (replace(field, group=None) for field in DECISION),
    (CORRECTION_REASON,),
)
"""The right day, ground and decision of a change of status in place of those recorded in error."""

RegisteredForm = form_of(
    (Field(name="registered_on", type=Type.DATE, label=lazy("Right day of the entry"), required=True), REASON)
)
"""The right day of an entry in place of one recorded in error."""

BinForm = form_of((Field(name="bin", type=Type.NUMBER, label=lazy("Correct BIN / IIN"), required=True), REASON))
"""The right number in place of one recorded in error."""
