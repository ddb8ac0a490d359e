"""What is kept of a contract and of a supplementary agreement, in the order of the exchange files' columns."""

from __future__ import annotations

from registry.infra.fields import Changed, Field, Group, Shown, Type
from registry.infra.i18n import lazy

LONGEST_NUMBER = 80
"""Characters in the number of a contract or supplementary agreement."""

_CONTRACT = Group(lazy("Contract"))
_SUBJECT = Group(lazy("Subject and premises"))
_AGREEMENT = Group(lazy("Supplementary agreement"))
_CHANGES = Group(lazy("What it changes"), note=lazy("Leave empty what this agreement does not change."))

CONTRACT = (
    Field(
        name="kind",
        type=Type.CHOICE,
        label=lazy("Kind"),
        dictionary="contract_kinds",
        required=True,
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD,
    ),
    Field(
        name="number",
        type=Type.CODE,
        label=lazy("Number"),
        longest=LONGEST_NUMBER,
        required=True,
        changed=Changed.CORRECTED,
        group=_CONTRACT,
    ),
    Field(
        name="signed_on",
        type=Type.DATE,
        label=lazy("Date of signing"),
        heading=lazy("Signed"),
        required=True,
        changed=Changed.CORRECTED,
        group=_CONTRACT,
        shown=Shown.LIST,
    ),
    Field(
        name="starts_on",
        type=Type.DATE,
        label=lazy("Start"),
        required=True,
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD,
    ),
    Field(
        name="ends_on",
        type=Type.DATE,
        label=lazy("End"),
        heading=lazy("Last day"),
        hint=lazy("The last day of the contract, inclusive; leave empty if no end is agreed"),
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD,
    ),
    Field(
        name="amount",
        type=Type.MONEY,
        label=lazy("Amount, tenge"),
        short=lazy("Amount"),
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD,
    ),
    Field(
        name="subject_kk",
        type=Type.TEXT,
        label=lazy("Subject in Kazakh"),
        lang="kk",
        group=_SUBJECT,
        shown=Shown.CARD,
    ),
    Field(
        name="subject_ru",
        type=Type.TEXT,
        label=lazy("Subject in Russian"),
        lang="ru",
        group=_SUBJECT,
        shown=Shown.CARD,
    ),
    Field(name="premises", type=Type.LINE, label=lazy("Premises"), group=_SUBJECT, shown=Shown.CARD),
    Field(name="area_m2", type=Type.AREA, label=lazy("Area, m²"), group=_SUBJECT, shown=Shown.CARD),
    Field(
        name="terminated_on",
        type=Type.DATE,
        label=lazy("Terminated on"),
        hint=lazy("The first day on which the contract is no longer in force"),
        changed=Changed.LATER,
        shown=Shown.CARD,
    ),
    Field(
        name="termination_ground",
        type=Type.TEXT,
        label=lazy("Ground of termination"),
        changed=Changed.LATER,
        shown=Shown.CARD,
    ),
    Field(
        name="deposit",
        type=Type.MONEY,
        label=lazy("Deposit, tenge"),
        short=lazy("Deposit"),
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD | Shown.PAPER,
    ),
    Field(
        name="notice_days",
        type=Type.WHOLE,
        label=lazy("Notice of termination, days"),
        heading=lazy("Notice, days"),
        hint=lazy("How many days beforehand a party announces that it ends the contract"),
        group=_CONTRACT,
        shown=Shown.LIST | Shown.CARD | Shown.PAPER,
    ),
)
"""Terms of a contract as concluded, and its termination; new fields come at the end."""

ADDENDUM = (
    Field(
        name="number",
        type=Type.CODE,
        label=lazy("Number"),
        hint=lazy("Its own number within the contract"),
        longest=LONGEST_NUMBER,
        required=True,
        group=_AGREEMENT,
    ),
    Field(name="signed_on", type=Type.DATE, label=lazy("Date of signing"), required=True, group=_AGREEMENT),
    Field(
        name="effective_on",
        type=Type.DATE,
        label=lazy("Effective from"),
        hint=lazy("The first day its terms hold"),
        required=True,
        group=_AGREEMENT,
    ),
    Field(
        name="ends_on",
        type=Type.DATE,
        label=lazy("End"),
        asked=lazy("New end"),
        hint=lazy("The last day of the contract, inclusive"),
        group=_CHANGES,
    ),
    Field(
        name="amount",
        type=Type.MONEY,
        label=lazy("Amount, tenge"),
        asked=lazy("New amount, tenge"),
        group=_CHANGES,
    ),
    Field(
        name="subject_kk",
        type=Type.TEXT,
        label=lazy("Subject in Kazakh"),
        asked=lazy("New subject in Kazakh"),
        lang="kk",
        group=_CHANGES,
    ),
    Field(
        name="subject_ru",
        type=Type.TEXT,
        label=lazy("Subject in Russian"),
        asked=lazy("New subject in Russian"),
        lang="ru",
        group=_CHANGES,
    ),
)
"""What a supplementary agreement says; a term left empty is unchanged by it."""
