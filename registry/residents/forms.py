"""Forms of the participant register. Field names are the columns of the exchange files."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.validators import Length

from registry.infra.forms import ChoiceField, DateField, Form, StrippedString, StrippedText, required
from registry.infra.i18n import lazy
from registry.journal.presentation import FIELDS


class ResidentForm(Form):
    """What is known of a company; shared by entry and amendment."""

    name_kk = StrippedString(FIELDS["name_kk"], [required(), Length(max=500)])
    name_ru = StrippedString(FIELDS["name_ru"], [required(), Length(max=500)])
    name_en = StrippedString(FIELDS["name_en"], [Length(max=500)])
    legal_form = ChoiceField(FIELDS["legal_form"], [required()])
    participant_type = ChoiceField(FIELDS["participant_type"], [required()])
    decision_no = StrippedString(FIELDS["decision_no"], [Length(max=80)])
    decision_date = DateField(FIELDS["decision_date"])
    oked = StrippedString(FIELDS["oked"])
    krp = ChoiceField(FIELDS["krp"])
    kbe = StrippedString(FIELDS["kbe"])
    kato = StrippedString(FIELDS["kato"])
    address_kk = StrippedString(FIELDS["address_kk"], [Length(max=500)])
    address_ru = StrippedString(FIELDS["address_ru"], [Length(max=500)])
    head = StrippedString(FIELDS["head"], [Length(max=200)])
    email = StrippedString(FIELDS["email"], [Length(max=200)])
    phone = StrippedString(FIELDS["phone"], [Length(max=80)])
    priority_direction = ChoiceField(FIELDS["priority_direction"])
    trl = ChoiceField(FIELDS["trl"], coerce=int)
    accreditation_no = StrippedString(FIELDS["accreditation_no"], [Length(max=80)])
    accreditation_until = DateField(FIELDS["accreditation_until"])
    experimental_production = BooleanField(lazy("Experimental production plant: its staff is left out of indicator 3"))


class RegistrationForm(ResidentForm):
    """A new entry."""

    territory = ChoiceField(lazy("Territory"), [required()])
    bin = StrippedString(FIELDS["bin"], [required()])
    registered_on = DateField(FIELDS["registered_on"], [required()])
    register_no = StrippedString(FIELDS["register_no"], [Length(max=40)])


class AmendmentForm(ResidentForm):
    """A change of an entry, with the day it takes effect."""

    effective_on = DateField(lazy("The change takes effect on"), [required()])


class StatusForm(Form):
    """Suspension, resumption or exclusion with its decision document."""

    effective_on = DateField(lazy("Effective from"), [required()])
    ground = ChoiceField(FIELDS["ground"])
    decision_no = StrippedString(FIELDS["decision_no"], [required(), Length(max=80)])
    decision_date = DateField(FIELDS["decision_date"], [required()])


class ReasonForm(Form):
    """An act that only needs its reason: an annulment, an erasure."""

    reason = StrippedText(lazy("Reason"), [required(), Length(max=1000)])


class BinForm(ReasonForm):
    """The right number in place of one recorded in error."""

    bin = StrippedString(lazy("Correct BIN / IIN"), [required()])
