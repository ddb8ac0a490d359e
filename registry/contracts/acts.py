"""What is done to contracts and supplementary agreements: what the acts are called, and what their pages say."""

from __future__ import annotations

from registry.infra.act_page import Words
from registry.infra.i18n import lazy
from registry.journal.rules import Action

ACTS: dict[Action, object] = {
    Action.CONTRACT_CONCLUDED: lazy("Contract concluded"),
    Action.CONTRACT_AMENDED: lazy("Contract amended"),
    Action.CONTRACT_TERMINATED: lazy("Contract terminated"),
    Action.CONTRACT_TERMINATION_ANNULLED: lazy("Termination annulled"),
    Action.CONTRACT_ANNULLED: lazy("Contract annulled"),
    Action.ADDENDUM_CONCLUDED: lazy("Supplementary agreement concluded"),
    Action.ADDENDUM_CORRECTED: lazy("Supplementary agreement corrected"),
    Action.ADDENDUM_ANNULLED: lazy("Supplementary agreement annulled"),
}

CONCLUDE = Words(title=lazy("Conclude a contract"), button=lazy("Conclude the contract"))

AMEND = Words(
    title=lazy("Amend the record of the contract"),
    button=lazy("Save the amendment"),
    text=lazy("What the parties agreed anew is a supplementary agreement: add it instead."),
)

ADD_ADDENDUM = Words(
    title=lazy("Add a supplementary agreement"),
    button=lazy("Add the supplementary agreement"),
)

CORRECT_ADDENDUM = Words(
    title=lazy("Correct the supplementary agreement"),
    button=lazy("Save the correction"),
    text=lazy(
        "Correct only what was recorded in error. The correction holds from the day the agreement takes effect; the old"
        " values stay in the history."
    ),
)

ANNUL_ADDENDUM = Words(
    title=lazy("Annul the supplementary agreement"),
    text=lazy(
        "Annul only a supplementary agreement recorded in error. The terms of the contract are then as if it had never"
        " been; the journal keeps both acts."
    ),
    serious=True,
)

TERMINATE = Words(
    title=lazy("Terminate the contract"),
    text=lazy(
        "From the day you name the contract is no longer in force and leaves the register of contracts. Its"
        " supplementary agreements and its history stay, and registers as of earlier days still show it."
    ),
    more=lazy(
        "The participant's status does not change: suspend or exclude the participant separately if that is meant."
    ),
    serious=True,
)

CORRECT_TERMINATION = Words(
    title=lazy("Correct the termination"),
    button=lazy("Save the correction"),
    text=lazy(
        "Correct only what was recorded in error: the contract is then as if terminated on the day you name. The old"
        " values stay in the history."
    ),
)

ANNUL_TERMINATION = Words(
    title=lazy("Annul the termination"),
    text=lazy(
        "Annul only a termination recorded in error. The contract is then as if it had never been terminated; the"
        " journal keeps both acts."
    ),
    serious=True,
)

JOIN = Words(
    title=lazy("Recorded twice: keep the other one"),
    button=lazy("Keep the other contract"),
    text=lazy(
        "This record is annulled as the same contract. Its supplementary agreements pass to the one that stays where"
        " that has none of their number, and so does a termination; the journal names both records and your reason."
    ),
    serious=True,
)

ANNUL = Words(
    title=lazy("Annul the contract"),
    text=lazy(
        "Annul only a contract recorded in error. It disappears from every register, and the journal keeps the contract"
        " and your reason. A contract that ends before its time is terminated instead."
    ),
    serious=True,
)
