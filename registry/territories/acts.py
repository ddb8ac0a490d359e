"""What is done to territories: what the act is called, and what its page says."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.TERRITORY_AMENDED: lazy("Requisites of the territory amended"),
    Action.CONSOLIDATING_BODY_AMENDED: lazy("Requisites of the consolidating body amended"),
    Action.DICTIONARY_CODE_ADDED: lazy("Code added to a dictionary"),
    Action.DICTIONARY_CODE_CHANGED: lazy("Code of a dictionary changed"),
}

AMEND = Words(
    title=lazy("Requisites"),
    button=lazy("Save"),
    text=lazy(
        "Requisites stand on every paper of the territory; what is empty prints as a blank line. Papers already issued"
        " keep what they were printed with."
    ),
)

AMEND_BODY = Words(
    title=lazy("Consolidating body"),
    button=lazy("Save"),
    text=lazy(
        "The body that makes papers of all territories together: its requisites stand on every such paper; what is"
        " empty prints as a blank line. Papers already issued keep what they were printed with."
    ),
)
