"""What is done to attachments: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.ATTACHMENT_ADDED: lazy("File attached"),
    Action.ATTACHMENT_WITHDRAWN: lazy("File withdrawn"),
}

ATTACH = Words(title=lazy("Files"), button=lazy("Attach"))

WITHDRAW = Words(
    title=lazy("Withdraw the file"),
    text=lazy(
        "The file is marked as withdrawn, with your reason, and participants are no longer offered it. It stays stored"
        " as evidence, and its SHA-256 in the journal."
    ),
    serious=True,
)

REMOVE = Words(
    title=lazy("Remove the file"),
    text=lazy("The draft was not sent yet: nothing of the file is kept."),
    serious=True,
)

ERASE = Words(
    title=lazy("Erase the file"),
    text=lazy(
        "Content and name of the file are erased for good, on the demand of the person they tell of. That it was there,"
        " its size and its SHA-256 stay in the journal, which still verifies. Backups made before still hold it."
    ),
    serious=True,
)
