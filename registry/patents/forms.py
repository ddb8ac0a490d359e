"""Forms of the patent register. Field names are the columns of the exchange files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from wtforms import FieldList, FormField
from wtforms.validators import Length

from registry.errors import DomainError, Invalid
from registry.infra.fields import Changed, Field
from registry.infra.forms import (
    MISTAKE_REASON,
    NATURE,
    REASON,
    WHEN,
    Amendment,
    Form,
    PercentField,
    PickField,
    form_of,
)
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.patents import rules
from registry.patents.fields import PATENT, PATENT_EVENT, with_codes
from registry.patents.rules import Holder

SPARE_ROWS = 3
"""Empty rows for holders beyond those a patent has; at least :data:`LEAST_ROWS` in all, and scripts add more."""

LEAST_ROWS = 5


_FIELDS = {field.name: field for field in PATENT}


class HolderForm(Form):
    """One holder: a number or a name, and a share in per cent."""

    holder = PickField(
        lazy("BIN, IIN or name of the holder"),
        [Length(max=_FIELDS["holders"].longest)],
        picker="company",
        takes_names=True,
    )
    share = PercentField(lazy("Share, %"))

    def read(self) -> Holder | None:
        """The holder typed in this row, None for an empty one."""
        label = self.holder.data
        if not label:
            return None
        return rules.holder_typed(label, self.share.data)

    def validate(self, extra_validators: Any = None) -> bool:
        good = super().validate(extra_validators)
        holder = self.read()
        problem = None
        if holder is None:
            if self.share.data is not None:
                problem = _("Name the holder of this share, or empty the row.")
        else:
            problem = rules.share_beside(self.holder.data, holder) or rules.holder_problem(holder)
            if problem is None and re.search("[;=]", self.holder.data):
                problem = _("A name cannot contain the signs ; and =")
        if problem:
            field = self._fields["holder"]
            field.errors = [*field.errors, str(problem)]
        return good and not problem


class PatentForm(Form):
    """Parent of the forms that ask for holders, each in a row of its own."""

    holders = FieldList(FormField(HolderForm), label=lazy("Patent holders"), min_entries=LEAST_ROWS)

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

    def holders_typed(self) -> str:
        """The same as they were typed."""
        return ";".join(row.form.holder.data for row in self.holders.entries if row.form.holder.data)

    def patent_values(self) -> dict[str, Any]:
        """The fields of the form as the services take them."""
        return {name: value for name, value in self.values().items() if name in rules.FIELDS} | {
            "holders": self.holders_text()
        }

    def add_error(self, error: DomainError) -> None:
        """As every form; what is wrong with the holders together stands at the first of them."""
        for name, message in error.problems if isinstance(error, Invalid) else [(error.field, error)]:
            if name == "holders":
                first = self.holders.entries[0].form.holder
                first.errors = [*first.errors, str(message)]
            else:
                super().add_error(DomainError(message, name))

    def typed(self, name: str) -> Any:
        return self.holders_text() if name == "holders" else super().typed(name)

    def take(self, name: str, value: Any) -> None:
        if name == "holders":
            self.fill_holders(rules.parse_holders(value))
        else:
            super().take(name, value)


class PatentAmendment(PatentForm, Amendment):
    """Parent of the forms that change a patent or correct what was recorded of it."""


def _asked(*groups: Iterable[Field], base: type[Form] = PatentForm) -> type[Form]:
    return form_of(*(with_codes(fields) for fields in groups), base=base)


_WHEN = replace(
    WHEN,
    hint=lazy(
        "From this day on the new values hold; registers as of earlier days keep the old ones. Another date of"
        " registration is a correction: it holds from the new date itself."
    ),
)
_KEY = (_FIELDS["kind"], _FIELDS["office"])
_GRANT = tuple(field for field in PATENT if field.changed is Changed.LATER)
_FIRST = ("application_no", "filed_on", "name_kk", "name_ru", "name_en", "ipc", "holders", "authors", "representative")
_DETAILS = sorted(
    (field for field in PATENT if field.changed is Changed.AMENDED),
    key=lambda field: _FIRST.index(field.name) if field.name in _FIRST else len(_FIRST),
)

RecordForm = _asked(_KEY, _GRANT, _DETAILS)
"""A new patent or application."""

_NATURE = (NATURE, _WHEN, MISTAKE_REASON)

AmendApplicationForm = _asked(_NATURE, _DETAILS, base=PatentAmendment)
"""A change of an application, with the day it takes effect."""

AmendPatentForm = _asked(_NATURE, _GRANT, _DETAILS, base=PatentAmendment)
"""A change of a registered patent."""

GrantForm = form_of(
    with_codes(
        replace(field, group=None, hint=None, required=field.name in {"title_no", "registered_on"}) for field in _GRANT
    )
)
"""What the grant of a patent adds to its application."""

_EVENT = {field.name: field for field in PATENT_EVENT}

TransferForm = _asked((_EVENT["event_on"], _EVENT["document_no"], _EVENT["holders"]))
"""A transfer to other holders."""

CorrectTransferForm = _asked((_EVENT["document_no"], _EVENT["holders"], REASON))
"""A correction of a transfer; its day stays."""

CorrectAmendmentForm = _asked((_EVENT["holders"], REASON))
"""The same of an amendment that stands for a transfer: it has no document."""
