"""What is kept of a patent or application: its INID fields (``domain.md`` 3.8), in the order of the exchange file."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import replace

from registry.infra.fields import Changed, Field, Group, Type
from registry.infra.i18n import deferred, lazy

INID = {
    "title_no": "11", "kind": "13", "office": "19", "application_no": "21", "filed_on": "22", "effect_from": "24",
    "priority_no": "31", "priority_date": "32", "priority_country": "33", "published_on": "45", "ipc": "51",
    "name_kk": "54", "name_ru": "54", "name_en": "54", "authors": "72", "holders": "73", "representative": "74",
}  # fmt: skip
"""WIPO ST.9 codes shown in brackets beside the labels (``domain.md`` 3.8)."""


def with_codes(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields as forms ask for them: with the INID code beside the label."""
    return tuple(
        replace(field, asked=deferred(lambda field=field: f"{field.label} ({INID[field.name]})"))
        if field.name in INID
        else field
        for field in fields
    )


_WHAT = Group(lazy("What and where"))
_TITLE = Group(lazy("Title of protection"))
_APPLICATION = Group(lazy("Application"))
_NAME = Group(lazy("Name and classification"), note=lazy("The name is needed in Kazakh or in Russian."))
HOLDERS = Group(
    deferred(lambda: f"{lazy('Patent holders')} (73)"),
    note=lazy(
        "A company by its BIN, a person by IIN, anybody else by name. Shares are optional; when all are given they make"
        " up 100 per cent. Empty rows are passed over."
    ),
)
_PRIORITY = Group(lazy("Inventors and priority"))

PATENT = (
    Field(
        name="office",
        type=Type.CHOICE,
        label=lazy("Patent office"),
        hint=lazy("Office and kind cannot be changed later: together with the number they are the patent's key"),
        longest=2,
        required=True,
        changed=Changed.NEVER,
        group=_WHAT,
    ),
    Field(
        name="kind",
        type=Type.CHOICE,
        label=lazy("Kind"),
        dictionary="ip_kinds",
        longest=40,
        required=True,
        changed=Changed.NEVER,
        group=_WHAT,
    ),
    Field(
        name="title_no",
        type=Type.CODE,
        label=lazy("Number of title of protection"),
        hint=lazy("Leave empty for an application that has not been granted"),
        longest=60,
        changed=Changed.LATER,
        group=_TITLE,
    ),
    Field(
        name="application_no",
        type=Type.CODE,
        label=lazy("Application number"),
        longest=60,
        group=_APPLICATION,
    ),
    Field(name="filed_on", type=Type.DATE, label=lazy("Filing date"), required=True, group=_APPLICATION),
    Field(
        name="registered_on",
        type=Type.DATE,
        label=lazy("Date of registration"),
        changed=Changed.LATER,
        group=_TITLE,
    ),
    Field(
        name="published_on",
        type=Type.DATE,
        label=lazy("Publication date"),
        changed=Changed.LATER,
        group=_TITLE,
    ),
    Field(name="bulletin", type=Type.LINE, label=lazy("Bulletin number"), changed=Changed.LATER, group=_TITLE),
    Field(
        name="ipc",
        type=Type.CODE,
        label=lazy("International Patent Classification (IPC)"),
        hint=lazy("Symbols separated by ;, the main one first: A61K 51/00;G21G 4/08"),
        group=_NAME,
    ),
    Field(name="name_kk", type=Type.LINE, label=lazy("Name in Kazakh"), lang="kk", group=_NAME),
    Field(name="name_ru", type=Type.LINE, label=lazy("Name in Russian"), lang="ru", group=_NAME),
    Field(name="name_en", type=Type.LINE, label=lazy("Name in English"), lang="en", group=_NAME),
    Field(name="holders", type=Type.NUMBER, label=lazy("Patent holders"), required=True, group=HOLDERS),
    Field(name="authors", type=Type.TEXT, label=lazy("Inventors"), personal=True, group=_PRIORITY),
    Field(
        name="effect_from",
        type=Type.DATE,
        label=lazy("Date from which the right has effect"),
        changed=Changed.LATER,
        group=_TITLE,
    ),
    Field(name="priority_no", type=Type.LINE, label=lazy("Priority number"), group=_PRIORITY),
    Field(name="priority_date", type=Type.DATE, label=lazy("Priority date"), group=_PRIORITY),
    Field(
        name="priority_country",
        type=Type.CHOICE,
        label=lazy("Priority country"),
        longest=2,
        group=_PRIORITY,
    ),
    Field(name="representative", type=Type.LINE, label=lazy("Representative"), group=_PRIORITY),
)
"""A patent or application; what is set ``LATER`` the grant adds. New fields come at the end."""


class Event(enum.StrEnum):
    """What happens to a patent after its registration; ``transferred``: other holders from a day on."""

    TRANSFERRED = "transferred"


PATENT_EVENT = (
    Field(
        name="event",
        type=Type.CHOICE,
        label=lazy("Event"),
        words={Event.TRANSFERRED: lazy("transferred to other holders")},
        required=True,
        changed=Changed.NEVER,
    ),
    Field(
        name="event_on",
        type=Type.DATE,
        label=lazy("Date of the event"),
        asked=lazy("From this day on"),
        required=True,
        changed=Changed.NEVER,
    ),
    Field(name="holders", type=Type.NUMBER, label=lazy("Patent holders"), group=HOLDERS),
    Field(
        name="document_no",
        type=Type.LINE,
        label=lazy("Document number"),
        hint=lazy("Number of the document of the transfer, as the office registered it"),
        longest=120,
    ),
)
"""A dated event of a registered patent."""
