"""What a paper says, frozen: plain values in all three languages at once, and their canonical JSON.

A snapshot is collected once, stored with the act of issue, and printed in kk, ru and en from the store, so names,
addresses and figures of an issued paper never move. Money is in tiyn, areas and shares in hundredths. It holds no
e-mail, no phone of a person, and no IIN in full.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, Protocol

import msgspec
from msgspec import UNSET, UnsetType

VERSION = 1
"""Version of the layout below, kept in each snapshot."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages it exists in."""

    kk: str | None = None
    ru: str | None = None
    en: str | None = None

    def speak(self, language: str) -> str:
        """The text in ``language``, or in the nearest one there is."""
        order = {
            "kk": (self.kk, self.ru, self.en),
            "ru": (self.ru, self.kk, self.en),
            "en": (self.en, self.ru, self.kk),
        }
        return next((text for text in order[language] if text), "")


NOTHING = Text()


@dataclass(frozen=True, slots=True)
class Company:
    """Requisites of a management company; what is not entered yet is empty and prints as a blank line."""

    name: Text = NOTHING
    bin: str | None = None
    address: Text = NOTHING
    head: str | None = None
    head_position: Text = NOTHING
    accountant: str | None = None
    phone: str | None = None
    rules: Text = NOTHING
    rules_no: str | None = None
    rules_date: date | None = None
    place: Text | UnsetType = UNSET
    """Where papers are made. Older snapshots lack it: written only where it holds something."""


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory's name; ``kind`` is park or city, ``word`` resident or participant."""

    prefix: str
    kind: str
    word: str
    name: Text


@dataclass(frozen=True, slots=True)
class Scope:
    """What a paper covers: one territory with its company, or all (``prefix`` KZ) with the consolidating body."""

    prefix: str
    territories: tuple[Territory, ...]
    company: Company = Company()

    @property
    def territory(self) -> Territory | None:
        """The one territory covered, or None when all are."""
        return self.territories[0] if len(self.territories) == 1 else None


@dataclass(frozen=True, slots=True)
class Coverage:
    """Resident-quarters: how many reports are accepted of how many expected."""

    accepted: int
    expected: int


@dataclass(frozen=True, slots=True)
class Who:
    """A company as a line of a register names it; a person's IIN is masked."""

    territory: str
    register_no: str
    bin: str
    name: Text


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status with its ground and decision."""

    change: str
    effective_on: date
    ground: Text = NOTHING
    decision_no: str | None = None
    decision_date: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the participant register on the paper's day."""

    who: Who
    legal_form: Text
    participant_type: Text
    registered_on: date
    decision_no: str | None
    decision_date: date | None
    status: str
    status_since: date | None
    oked: str | None
    address: Text
    krp: str | None = None
    kbe: str | None = None
    kato: str | None = None
    head: str | None = None
    priority_direction: Text = NOTHING
    trl: int | None = None
    accreditation_no: str | None = None
    accreditation_until: date | None = None
    experimental_production: bool = False
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Fact:
    """A declared field a paper prints although its layout does not know it: a number, a day or a text.

    ``type`` is that of the declaration (:class:`registry.infra.fields.Type`); money and areas are in hundredths.
    """

    label: Text
    type: str
    number: int | None = None
    day: date | None = None
    text: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Addition:
    """A supplementary agreement, by number and dates; ``subject`` is what it says the contract is about, if it does."""

    number: str
    signed_on: date
    effective_on: date
    subject: Text | UnsetType = UNSET
    """Older snapshots lack it: written only where it holds something, so that the same data have the same hash."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with the term and amount its addenda give it on the paper's day, and its subject as concluded.

    The amount of a contract of ``rent`` is due again and again, and is added to no other.
    """

    who: Who
    number: str
    kind: Text
    signed_on: date
    starts_on: date
    ends_on: date | None
    amount: int | None
    subject: Text
    premises: str | None
    area_m2: int | None
    terminated_on: date | None
    addenda: tuple[Addition, ...] = ()
    further: tuple[Fact, ...] | UnsetType = UNSET
    """Older snapshots lack it: written only where it holds something, so that the same data have the same hash."""
    rent: bool | UnsetType = UNSET
    """Likewise; in snapshots without it all amounts were added."""

    @property
    def sum(self) -> int:
        """The amount as a total takes it."""
        return 0 if self.rent is True else self.amount or 0


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder of a patent: a company of the register by BIN and name, or an outsider by name; share in hundredths."""

    bin: str | None
    name: Text
    share: int | None


@dataclass(frozen=True, slots=True)
class Patent:
    """An IP object by its INID fields (``domain.md`` 3.8); ``counted`` says whether indicator 6 counts it."""

    office: str
    kind: Text
    title_no: str | None
    application_no: str | None
    filed_on: date
    registered_on: date | None
    published_on: date | None
    bulletin: str | None
    ipc: str | None
    name: Text
    holders: tuple[Holder, ...]
    authors: str | None
    counted: bool


@dataclass(frozen=True, slots=True)
class Tenancy:
    """Premises let by a contract in force; ``area_m2`` in hundredths."""

    premises: str | None
    who: Who
    kind: Text
    number: str
    signed_on: date
    ends_on: date | None
    area_m2: int | None


@dataclass(frozen=True, slots=True)
class Discipline:
    """How the companies reported on one quarter.

    ``accepted`` splits into ``on_time``, ``late`` and ``imported`` (brought in by a file, without a day of sending).
    ``waiting`` are sent and not yet decided on, ``owed`` neither sent nor accepted after the due day, ``not_due`` not
    sent either, with the due day still to come.
    """

    quarter: int
    due_on: date | None
    expected: int
    accepted: int
    on_time: int
    late: int
    imported: int
    waiting: int
    owed: int
    not_due: int


@dataclass(frozen=True, slots=True)
class Debt:
    """A report owed: due on ``due_on`` and not sent by the paper's day, or returned and not sent again."""

    who: Who
    year: int
    quarter: int
    due_on: date
    days: int
    returned: bool


class Documented(Protocol):
    """What rests on an evidence document."""

    @property
    def document_kind(self) -> str | None: ...

    @property
    def document_no(self) -> str | None: ...

    @property
    def document_date(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything one paper says, apart from its number, its code and the journal's head."""

    version: int
    kind: str
    scope: Scope
    as_of: date
    year: int | None
    quarter: int | None
    demo: bool
    coverage: Coverage | None
    body: Any
    known_at: datetime | UnsetType = UNSET
    """The moment by which all it says was recorded, where one was named; unset like what follows otherwise."""
    copy: bool | UnsetType = UNSET
    """Whether it is a copy for information that nobody approves."""
    without: tuple[str, ...] | UnsetType = UNSET
    """The codes of annexes it was asked for without."""

    @property
    def reporting_year(self) -> int:
        """The year of a paper of a period; of any other, the year of its day."""
        return self.as_of.year if self.year is None else self.year

    @property
    def rows(self) -> int:
        """How many lines of registers the paper prints: what its making is measured by."""
        own = getattr(self.body, "rows", None)
        return _lines(self.body) if own is None else int(own)


def _lines(body: Any) -> int:
    found = (getattr(body, field.name) for field in dataclasses.fields(body))
    return sum(len(value) for value in found if isinstance(value, tuple)) or 1


_ENCODER = msgspec.json.Encoder(order="sorted")


def dump(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON: the same text for the same content, on every machine."""
    return _ENCODER.encode(snapshot).decode()


def held(value: Any) -> tuple[str, ...]:
    """The fields of a part of a snapshot that are written: all but those of later times that it lacks."""
    return tuple(name for name in names(type(value)) if getattr(value, name) is not UNSET)


@cache
def names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a part of a snapshot; none for any other type."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def data_hash(text: str) -> str:
    """SHA-256 of a dumped snapshot; with the request it tells whether a paper was issued before."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str, bodies: Mapping[str, type[Any]]) -> Snapshot:
    """Read back what :func:`dump` wrote; ``bodies`` are the types of the bodies by kind.

    :raises msgspec.ValidationError: when a value is of another type than it has to be.
    :raises ValueError: when the text holds more than the types do: a paper would be printed without it.
    """
    found = msgspec.json.decode(text, type=Snapshot)
    snapshot = dataclasses.replace(found, body=msgspec.convert(found.body, bodies[found.kind]))
    if dump(snapshot) != text:
        raise ValueError("the snapshot was written by another version of the program")
    return snapshot
