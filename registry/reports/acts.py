"""What is done to reporting periods and reports: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.PERIOD_OPENED: lazy("Reporting period opened"),
    Action.REPORT_SUBMITTED: lazy("Report submitted"),
    Action.REPORT_RETURNED: lazy("Report sent back"),
    Action.REPORT_RETURN_TAKEN_BACK: lazy("Sending back of a report undone"),
    Action.REPORT_ACCEPTED: lazy("Report accepted"),
    Action.YEAR_CLOSED: lazy("Year closed"),
    Action.YEAR_REOPENED: lazy("Year reopened"),
}

OPEN_PERIOD = Words(title=lazy("Open a period"), button=lazy("Open the period"))

RETURN = Words(
    title=lazy("Send the report back"),
    text=lazy(
        "The participant reads your words, corrects the figures and sends the report again. Until then it does not"
        " count."
    ),
    serious=True,
)

TAKE_BACK = Words(
    title=lazy("Undo the sending back"),
    text=lazy(
        "The report waits for a decision again, as it was sent. The participant no longer has to put anything right."
    ),
)

CORRECT = Words(
    title=lazy("Begin the correction"),
    button=lazy("Begin the correction"),
    text=lazy(
        "A new version begins with the accepted figures. The accepted version counts until the management company"
        " accepts the new one, and stays on record after that."
    ),
)

FILL_IN = Words(title=lazy("Fill in"))

SUBMIT = Words(
    title=lazy("Send"),
    text=lazy("This is what will be sent. Until the management company has decided, you cannot change it."),
)

ACCEPT = Words(
    title=lazy("Accept the report"),
    button=lazy("Accept"),
    text=lazy("Its figures then count and can be changed by a correction only."),
)

DISCARD = Words(
    title=lazy("Discard the draft"),
    text=lazy(
        "What you have typed is lost. Nothing was sent to the management company, and a report already accepted"
        " stays as it is."
    ),
    serious=True,
)

START = Words(title=lazy("Begin the report"))
