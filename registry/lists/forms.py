"""Forms of lists."""

from __future__ import annotations

from wtforms import BooleanField

from registry.infra.forms import Form, StrippedString, length, required
from registry.infra.i18n import lazy


class ViewForm(Form):
    """A name for how a list is looked at now."""

    name = StrippedString(
        lazy("Name of the view"),
        [required(), length(60)],
        description=lazy("An earlier view of yours with this name is replaced."),
    )
    is_shared = BooleanField(lazy("Offer it to colleagues of the same role in my territories"))
