"""Forms of contracts and supplementary agreements. Field names are the columns of the exchange files."""

from __future__ import annotations

from registry.contracts.rules import LONGEST_NUMBER
from registry.infra.forms import (
    AreaField,
    ChoiceField,
    DateField,
    Form,
    MoneyField,
    StrippedString,
    StrippedText,
    length,
    required,
)
from registry.infra.i18n import lazy
from registry.journal.presentation import FIELDS


class ContractForm(Form):
    """What a contract says; shared by conclusion and amendment."""

    kind = ChoiceField(FIELDS["kind"], [required()])
    number = StrippedString(FIELDS["number"], [required(), length(LONGEST_NUMBER)])
    signed_on = DateField(FIELDS["signed_on"], [required()])
    starts_on = DateField(FIELDS["starts_on"], [required()])
    ends_on = DateField(FIELDS["ends_on"])
    amount = MoneyField(FIELDS["amount"])
    subject_kk = StrippedText(FIELDS["subject_kk"], [length(1000)])
    subject_ru = StrippedText(FIELDS["subject_ru"], [length(1000)])
    premises = StrippedString(FIELDS["premises"], [length(300)])
    area_m2 = AreaField(FIELDS["area_m2"])


class ConclusionForm(ContractForm):
    """A new contract, with the party where the page was not opened from a resident's record."""

    territory = ChoiceField(lazy("Territory"), [required()])
    bin = StrippedString(FIELDS["bin"], [required()])


class AmendmentForm(ContractForm):
    """A change of a contract's record, with the day it takes effect."""

    effective_on = DateField(lazy("The change takes effect on"), [required()])


class AddendumForm(Form):
    """A supplementary agreement; an empty term is unchanged by it."""

    number = StrippedString(FIELDS["number"], [required(), length(LONGEST_NUMBER)])
    signed_on = DateField(FIELDS["signed_on"], [required()])
    effective_on = DateField(FIELDS["effective_on"], [required()])
    ends_on = DateField(lazy("New end"))
    amount = MoneyField(lazy("New amount, tenge"))
    subject_kk = StrippedText(lazy("New subject in Kazakh"), [length(1000)])
    subject_ru = StrippedText(lazy("New subject in Russian"), [length(1000)])


class AddendumCorrectionForm(AddendumForm):
    """The right fields in place of those recorded in error."""

    reason = StrippedText(lazy("Reason for the correction"), [required(), length(1000)])


class TerminationForm(Form):
    """The end of a contract before its time, with the document it rests on."""

    terminated_on = DateField(FIELDS["terminated_on"], [required()])
    termination_ground = StrippedText(FIELDS["termination_ground"], [required(), length(1000)])
    document_no = StrippedString(lazy("Document number"), [length(80)])
    document_date = DateField(lazy("Document date"))


class TerminationCorrectionForm(Form):
    """The right date and ground in place of those recorded in error."""

    terminated_on = DateField(FIELDS["terminated_on"], [required()])
    termination_ground = StrippedText(FIELDS["termination_ground"], [required(), length(1000)])
    reason = StrippedText(lazy("Reason for the correction"), [required(), length(1000)])


class ReasonForm(Form):
    """An annulment: it only needs its reason."""

    reason = StrippedText(lazy("Reason"), [required(), length(1000)])
