"""What is kept of an entry in the register and of a change of its status, in the order of the exchange files."""

from __future__ import annotations

from registry.infra.fields import Changed, Field, Group, Type
from registry.infra.i18n import lazy

_ENTRY = Group(lazy("Entry in the register"))
_COMPANY = Group(lazy("Company"))
_DECISION = Group(lazy("Decision on the entry"))
_ACTIVITY = Group(lazy("Activity and address"), folded=True)
_CONTACTS = Group(lazy("Contacts"), folded=True)
_SCIENCE = Group(lazy("Science and technology"), folded=True)

FOLD = lazy("Further details: activity, address, contacts, technology")
"""What the folded fieldsets hold."""

TERRITORY = Field(name="territory", type=Type.CHOICE, label=lazy("Territory"), required=True, group=_ENTRY)
"""Asked of a new entry; the register keeps the territory's key."""

DECISION = (
    Field(
        name="decision_no",
        type=Type.LINE,
        label=lazy("Decision number"),
        changed=Changed.CORRECTED,
        group=_DECISION,
    ),
    Field(
        name="decision_date",
        type=Type.DATE,
        label=lazy("Date of the decision"),
        changed=Changed.CORRECTED,
        group=_DECISION,
    ),
)

RESIDENT = (
    Field(
        name="register_no",
        type=Type.CODE,
        label=lazy("Register number"),
        hint=lazy("Leave empty: the next number is given"),
        longest=40,
        changed=Changed.CORRECTED,
        group=_ENTRY,
    ),
    Field(
        name="bin",
        type=Type.NUMBER,
        label=lazy("BIN / IIN"),
        hint=lazy(
            "Twelve digits; a person is registered by IIN. Leave empty for a project group or a foreign company without"
            " BIN: a number is given"
        ),
        required=True,
        changed=Changed.NEVER,
        group=_ENTRY,
    ),
    Field(
        name="name_kk",
        type=Type.LINE,
        label=lazy("Name in Kazakh"),
        required=True,
        lang="kk",
        group=_COMPANY,
    ),
    Field(
        name="name_ru",
        type=Type.LINE,
        label=lazy("Name in Russian"),
        required=True,
        lang="ru",
        group=_COMPANY,
    ),
    Field(name="name_en", type=Type.LINE, label=lazy("Name in English"), lang="en", group=_COMPANY),
    Field(
        name="legal_form",
        type=Type.CHOICE,
        label=lazy("Legal form"),
        dictionary="legal_forms",
        required=True,
        group=_COMPANY,
    ),
    Field(
        name="participant_type",
        type=Type.CHOICE,
        label=lazy("Type of participant"),
        dictionary="participant_types",
        required=True,
        group=_COMPANY,
    ),
    Field(
        name="registered_on",
        type=Type.DATE,
        label=lazy("Date of registration"),
        heading=lazy("Registered"),
        required=True,
        changed=Changed.NEVER,
        group=_ENTRY,
    ),
    *DECISION,
    Field(
        name="oked",
        type=Type.CODE,
        label=lazy("Economic activity code (OKED)"),
        hint=lazy("Five digits, with or without dots, such as 72.19.1"),
        group=_ACTIVITY,
    ),
    Field(
        name="krp",
        type=Type.CHOICE,
        label=lazy("Enterprise size (KRP)"),
        dictionary="krp",
        offered="{code} ({name})",
        group=_ACTIVITY,
    ),
    Field(
        name="kbe",
        type=Type.CODE,
        label=lazy("Beneficiary code (KBE)"),
        hint=lazy("Two digits, such as 17"),
        group=_ACTIVITY,
    ),
    Field(name="kato", type=Type.CODE, label=lazy("KATO code"), hint=lazy("Nine digits"), group=_ACTIVITY),
    Field(name="address_kk", type=Type.LINE, label=lazy("Address in Kazakh"), lang="kk", group=_ACTIVITY),
    Field(name="address_ru", type=Type.LINE, label=lazy("Address in Russian"), lang="ru", group=_ACTIVITY),
    Field(name="head", type=Type.LINE, label=lazy("Chief executive"), personal=True, group=_CONTACTS),
    Field(
        name="email",
        type=Type.CODE,
        label=lazy("E-mail"),
        personal=True,
        input_mode="email",
        group=_CONTACTS,
    ),
    Field(
        name="phone",
        type=Type.LINE,
        label=lazy("Telephone"),
        personal=True,
        input_mode="tel",
        group=_CONTACTS,
    ),
    Field(
        name="priority_direction",
        type=Type.CHOICE,
        label=lazy("Priority direction"),
        dictionary="priority_directions",
        group=_SCIENCE,
    ),
    Field(
        name="trl",
        type=Type.WHOLE,
        label=lazy("Technology readiness level (TRL)"),
        choices="trl",
        offered="{code} – {name}",
        group=_SCIENCE,
    ),
    Field(
        name="accreditation_no",
        type=Type.LINE,
        label=lazy("Accreditation certificate number"),
        group=_SCIENCE,
    ),
    Field(
        name="accreditation_until",
        type=Type.DATE,
        label=lazy("Accreditation valid until"),
        group=_SCIENCE,
    ),
    Field(
        name="experimental_production",
        type=Type.FLAG,
        label=lazy("Experimental production plant"),
        asked=lazy("Experimental production plant: its staff is left out of indicator 3"),
        group=_SCIENCE,
    ),
)
"""An entry of the register; new fields come at the end."""

STATUS_CHANGE = (
    Field(
        name="change",
        type=Type.CHOICE,
        label=lazy("Change of status"),
        words={"suspended": lazy("suspended"), "resumed": lazy("resumed"), "excluded": lazy("excluded")},
        required=True,
    ),
    Field(
        name="effective_on",
        type=Type.DATE,
        label=lazy("Effective from"),
        required=True,
        changed=Changed.NEVER,
    ),
    Field(name="ground", type=Type.CHOICE, label=lazy("Ground"), dictionary="status_grounds"),
    Field(name="decision_no", type=Type.LINE, label=lazy("Decision number")),
    Field(name="decision_date", type=Type.DATE, label=lazy("Date of the decision")),
)
"""A dated change of an entry's status."""
