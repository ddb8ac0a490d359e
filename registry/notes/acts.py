"""What is done to notes: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.NOTE_SHOWN: lazy("Note shown to the company"),
    Action.NOTE_CORRECTED: lazy("Note corrected"),
    Action.NOTE_WITHDRAWN: lazy("Note withdrawn"),
}

WRITE = Words(title=lazy("Write a note"), button=lazy("Save the note"))

ANSWER = Words(
    title=lazy("Write to the management company"),
    button=lazy("Send"),
    text=lazy("The staff of the management company read it on the page of this record."),
)

CORRECT = Words(
    title=lazy("Correct the note"),
    button=lazy("Save the note"),
    text=lazy("The new text takes the place of the old one, which stays among the earlier versions."),
)

WITHDRAW = Words(
    title=lazy("Withdraw the note"),
    text=lazy("A withdrawn note no longer stands on the record's page. Its text, your name and your reason are kept."),
)
