"""What is done to papers: what the acts are called, and what their pages say."""

from __future__ import annotations

from dataclasses import replace

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.DOCUMENT_PREPARED: lazy("Document prepared"),
    Action.DOCUMENT_APPROVED: lazy("Document approved"),
    Action.DOCUMENT_DECLINED: lazy("Document not approved"),
    Action.DOCUMENT_ISSUED: lazy("Document issued"),
    Action.DOCUMENT_REPLACED: lazy("Document replaced"),
    Action.DOCUMENT_REVOKED: lazy("Document revoked"),
}

_DRAFT_ENDS = lazy(
    "The draft gets no number and is not kept. The journal keeps your reason; the paper can be prepared anew."
)
DECLINE = Words(title=lazy("Do not approve the draft"), text=_DRAFT_ENDS, serious=True)
WITHDRAW = Words(title=lazy("Withdraw the draft"), text=_DRAFT_ENDS, serious=True)

ISSUE = Words(title=lazy("Issue"))
PREPARE = Words(title=lazy("Prepare"))
MAKE_PACK = Words(title=lazy("Evidence packs"), button=lazy("Make the pack"))
TRY_AGAIN = Words(title=lazy("Try again"))
APPROVE = Words(title=lazy("Approve"), text=lazy("The paper gets its number and is issued as the draft shows it."))

REVOKE = Words(
    title=lazy("Revoke the paper"),
    text=lazy(
        "From today on the paper is void in all its languages, and this cannot be undone. Its file and number are kept."
    ),
    serious=True,
)

REPLACE = Words(
    title=lazy("Replace the paper"),
    text=lazy(
        "The same paper is issued anew from present data, in each of its languages, under a new number. This one then"
        " points to it."
    ),
    serious=True,
)
REPLACE_APPROVED = replace(
    REPLACE, more=lazy("Another person approves the new paper; until then this one stays valid.")
)
