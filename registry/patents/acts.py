"""What is done to the patent register: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.PATENT_RECORDED: lazy("Intellectual property recorded"),
    Action.PATENT_GRANTED: lazy("Patent granted"),
    Action.PATENT_AMENDED: lazy("Patent amended"),
    Action.PATENT_ANNULLED: lazy("Patent record annulled"),
    Action.PATENT_EVENT_RECORDED: lazy("Event of a patent recorded"),
    Action.PATENT_EVENT_CORRECTED: lazy("Event of a patent corrected"),
    Action.PATENT_EVENT_ANNULLED: lazy("Event of a patent annulled"),
}

RECORD = Words(title=lazy("Record a patent"), button=lazy("Record"))

AMEND = Words(title=lazy("Amend the patent"), button=lazy("Save the amendment"))

GRANT = Words(
    title=lazy("Record the grant"),
    text=lazy(
        "From the date of registration on the application is a patent. An invention of Kazakhstan's office then counts"
        " for indicator 6 in that year, if a holder was a participant on that day."
    ),
)

ANNUL = Words(
    title=lazy("Annul the record"),
    text=lazy(
        "Annul only a patent recorded in error. It disappears from every register and from indicator 6, its numbers may"
        " be recorded anew, and the journal keeps the record and your reason."
    ),
    serious=True,
)

JOIN = Words(
    title=lazy("Recorded twice: keep the other one"),
    button=lazy("Keep the other record"),
    text=lazy(
        "This record is annulled as the same title of protection or application. Its transfers pass to the one that"
        " stays where nothing changed the holders on their day; the journal names both records and your reason."
    ),
    serious=True,
)

TRANSFER = Words(
    title=lazy("Record a transfer"),
    text=lazy(
        "From the day you name the patent belongs to the holders listed here: all of them, with their shares, not only"
        " those who joined. The holders of the day of registration stay on record, and indicator 6 counts them."
    ),
)

CORRECT_TRANSFER = Words(
    title=lazy("Correct the transfer"),
    button=lazy("Save the correction"),
    text=lazy(
        "The correction holds from the day of the transfer itself. If the day is wrong, annul the transfer and record"
        " it anew."
    ),
)

ANNUL_TRANSFER = Words(
    title=lazy("Annul the transfer"),
    text=lazy(
        "Annul only a transfer recorded in error. The holders are then as if it had never been recorded; the journal"
        " keeps both acts."
    ),
    serious=True,
)
