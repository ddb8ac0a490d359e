"""What is done to targets and values entered by hand: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.TARGET_SET: lazy("Target set"),
    Action.EXTERNAL_VALUE_SET: lazy("External value entered"),
}

SET_PLAN = Words(title=lazy("National targets"), button=lazy("Set targets"))
ENTER_EXTERNAL = Words(title=lazy("Enter indicator 2"), button=lazy("Save"))
