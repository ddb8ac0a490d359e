"""What is done to the participant register: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action
from registry.residents.rules import Change

ACTS: dict[Action, object] = {
    Action.RESIDENT_REGISTERED: lazy("Entered in the register"),
    Action.RESIDENT_AMENDED: lazy("Entry amended"),
    Action.RESIDENT_BIN_CORRECTED: lazy("BIN corrected"),
    Action.RESIDENT_ANNULLED: lazy("Entry annulled"),
    Action.STATUS_SUSPENDED: lazy("Status suspended"),
    Action.STATUS_RESUMED: lazy("Status resumed"),
    Action.STATUS_EXCLUDED: lazy("Excluded from the register"),
    Action.STATUS_CORRECTED: lazy("Change of status corrected"),
    Action.STATUS_ANNULLED: lazy("Change of status annulled"),
}

STATUS_ACTIONS = {
    Change.SUSPENDED: Action.STATUS_SUSPENDED,
    Change.RESUMED: Action.STATUS_RESUMED,
    Change.EXCLUDED: Action.STATUS_EXCLUDED,
}

REGISTER = Words(title=lazy("Enter a participant in the register"), button=lazy("Enter in the register"))

AMEND = Words(title=lazy("Amend the entry"), button=lazy("Save the amendment"))

CHANGES = {
    Change.SUSPENDED: Words(
        title=lazy("Suspend the status"),
        text=lazy(
            "The company stays a participant: it goes on reporting, and its contracts and certificate stay in force."
            " The register shows the suspension."
        ),
        serious=True,
    ),
    Change.RESUMED: Words(
        title=lazy("Resume the status"),
        text=lazy("The status becomes active again from the day you name."),
    ),
    Change.EXCLUDED: Words(
        title=lazy("Exclude from the register"),
        text=lazy(
            "From the day you name the company is no participant, and its certificate is revoked. Contracts are not"
            " ended by it: terminate them separately. A company that returns gets a new entry with a new number."
        ),
        serious=True,
    ),
}

CORRECT_REGISTRATION = Words(
    title=lazy("Correct the day of the entry"),
    text=lazy(
        "The right day takes the place of the wrong one in all registers; the journal keeps the wrong one and your"
        " reason. The register number stays."
    ),
)

CORRECT_CHANGE = Words(
    title=lazy("Correct the change of status"),
    text=lazy(
        "The right day, ground and decision take the place of the wrong ones in all registers; the journal keeps the"
        " wrong ones and your reason. The day must keep the order of the entry's changes of status, and an exclusion"
        " may not come after the company's newer entry."
    ),
)

ANNUL_CHANGE = Words(
    title=lazy("Annul the change of status"),
    text=lazy(
        "Annul only a change recorded in error. The status is then reckoned as if it had never been made; the journal"
        " keeps both acts."
    ),
    serious=True,
)

ANNUL = Words(
    title=lazy("Annul the entry"),
    text=lazy(
        "Annul only an entry recorded in error. It disappears from every register, the number is not given again, and"
        " the journal keeps the entry and your reason. A company that leaves is excluded instead."
    ),
    serious=True,
)

CORRECT_BIN = Words(title=lazy("Correct the BIN"), serious=True)

ERASE = Words(
    title=lazy("Erase personal data"),
    text=lazy(
        "The names of the chief executive, e-mail and telephone of this entry are erased from the register and from"
        " every entry of the journal, for good. The journal still verifies."
    ),
    serious=True,
)
