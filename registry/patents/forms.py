"""Forms of the patent register. Field names are the columns of the exchange files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from wtforms import FieldList, FormField
from wtforms.validators import Length

from registry.errors import DomainError, Invalid
from registry.infra.forms import AreaField, ChoiceField, DateField, Form, StrippedString, StrippedText, required
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.journal.presentation import FIELDS
from registry.patents import rules
from registry.patents.rules import Holder

SPARE_ROWS = 3
"""Empty rows for holders beyond those a patent has; at least :data:`LEAST_ROWS` in all, and scripts add more."""

LEAST_ROWS = 5


class HolderForm(Form):
    """One holder: a number or a name, and a share in per cent."""

    holder = StrippedString(lazy("BIN, IIN or name of the holder"), [Length(max=300)])
    share = AreaField(lazy("Share, %"))

    def read(self) -> Holder | None:
        """The holder typed in this row, None for an empty one."""
        label = self.holder.data
        if not label:
            return None
        digits = re.sub(r"\s+", "", label)
        return rules.holder_named(digits if digits.isdigit() else label, self.share.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        holder = self.read()
        problem = None
        if holder is None:
            if self.share.data is not None:
                problem = _("Name the holder of this share, or empty the row.")
        elif re.search("[;=]", holder.label):
            problem = _("A name cannot contain the signs ; and =")
        else:
            problem = rules.holder_problem(holder)
        if problem:
            field = self._fields["holder"]
            field.errors = [*field.errors, str(problem)]
        return good and not problem


class HoldersForm(Form):
    """A complete list of holders."""

    holders = FieldList(FormField(HolderForm), label=FIELDS["holders"], min_entries=LEAST_ROWS, max_entries=50)

    def fill_holders(self, holders: Iterable[Holder]) -> None:
        """Show these holders, with room for more; for a form nobody has filled in yet."""
        shown = [{"holder": holder.label, "share": holder.share} for holder in holders]
        while self.holders.entries:
            self.holders.pop_entry()
        for row in shown + [{}] * max(SPARE_ROWS, LEAST_ROWS - len(shown)):
            self.holders.append_entry(row)

    def holders_text(self) -> str | None:
        """The holders as the register writes them; None when no row is filled in."""
        holders = [row.form.read() for row in self.holders.entries]
        return rules.print_holders(holder for holder in holders if holder) or None

    def add_error(self, error: DomainError) -> None:
        """As every form; what is wrong with the holders together stands at the first of them."""
        for name, message in error.problems if isinstance(error, Invalid) else [(error.field, error)]:
            if name == "holders":
                first = self.holders.entries[0].form.holder
                first.errors = [*first.errors, str(message)]
            else:
                super().add_error(DomainError(message, name))


class DetailsForm(HoldersForm):
    """What is known of a patent or an application, whatever its stage."""

    application_no = StrippedString(FIELDS["application_no"], [Length(max=60)])
    filed_on = DateField(FIELDS["filed_on"], [required()])
    name_kk = StrippedString(FIELDS["name_kk"], [Length(max=1000)])
    name_ru = StrippedString(FIELDS["name_ru"], [Length(max=1000)])
    name_en = StrippedString(FIELDS["name_en"], [Length(max=1000)])
    ipc = StrippedString(FIELDS["ipc"], [Length(max=1000)])
    authors = StrippedText(FIELDS["authors"], [Length(max=2000)])
    representative = StrippedString(FIELDS["representative"], [Length(max=500)])
    priority_no = StrippedString(FIELDS["priority_no"], [Length(max=60)])
    priority_date = DateField(FIELDS["priority_date"])
    priority_country = ChoiceField(FIELDS["priority_country"])

    def patent_values(self) -> dict[str, Any]:
        """The fields of the form as the services take them."""
        return {name: value for name, value in self.values().items() if name in rules.FIELDS} | {
            "holders": self.holders_text()
        }


class _GrantFields(Form):
    title_no = StrippedString(FIELDS["title_no"], [Length(max=60)])
    registered_on = DateField(FIELDS["registered_on"])
    published_on = DateField(FIELDS["published_on"])
    bulletin = StrippedString(FIELDS["bulletin"], [Length(max=60)])
    effect_from = DateField(FIELDS["effect_from"])


class RecordForm(DetailsForm, _GrantFields):
    """A new patent or application."""

    office = ChoiceField(FIELDS["office"], [required()])
    kind = ChoiceField(FIELDS["kind"], [required()])


class AmendApplicationForm(DetailsForm):
    """A change of an application, with the day it takes effect."""

    effective_on = DateField(lazy("The change takes effect on"), [required()])


class AmendPatentForm(AmendApplicationForm, _GrantFields):
    """A change of a registered patent."""


class GrantForm(Form):
    """What the grant of a patent adds to its application."""

    title_no = StrippedString(FIELDS["title_no"], [required(), Length(max=60)])
    registered_on = DateField(FIELDS["registered_on"], [required()])
    published_on = DateField(FIELDS["published_on"])
    bulletin = StrippedString(FIELDS["bulletin"], [Length(max=60)])
    effect_from = DateField(FIELDS["effect_from"])


class ReasonForm(Form):
    """An annulment with its reason."""

    reason = StrippedText(lazy("Reason"), [required(), Length(max=1000)])


class TransferForm(HoldersForm):
    """A transfer to other holders."""

    event_on = DateField(lazy("From this day on"), [required()])
    document_no = StrippedString(FIELDS["document_no"], [Length(max=120)])


class CorrectTransferForm(HoldersForm):
    """A correction of a transfer, with its reason; the day stays."""

    document_no = StrippedString(FIELDS["document_no"], [Length(max=120)])
    reason = StrippedText(lazy("Reason"), [required(), Length(max=1000)])
