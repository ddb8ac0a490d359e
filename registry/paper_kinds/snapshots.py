"""What a paper says, frozen: plain values in all three languages at once, and their canonical JSON.

A snapshot is collected once and stored with the act of issue. The paper is printed in kk, ru and en from what is
stored, so names, addresses and figures of an issued paper never change. Money is in tiyn, areas and shares in
hundredths. A snapshot holds no e-mail address, no phone number of a person and no complete IIN.
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
"""The version of the classes below, stored in each snapshot."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the languages it exists in."""

    kk: str | None = None
    ru: str | None = None
    en: str | None = None

    def speak(self, language: str) -> str:
        """The text in ``language``, else in the first other language that it has; empty if it has none."""
        order = {
            "kk": (self.kk, self.ru, self.en),
            "ru": (self.ru, self.kk, self.en),
            "en": (self.en, self.ru, self.kk),
        }
        return next((text for text in order[language] if text), "")


NOTHING = Text()
"""No text in any language."""


@dataclass(frozen=True, slots=True)
class Company:
    """Requisites of a management company or of the consolidating body; what is not entered yet is empty."""

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
    """Where papers are made. Older snapshots lack this field; it is written only when it has a value."""


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory. ``kind`` is ``park`` or ``city``.

    ``word`` is what companies of the register are called there: ``resident`` or ``participant``.
    """

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
    """How many quarterly reports of companies are accepted, of how many expected (``exchange.md`` 3)."""

    accepted: int
    expected: int


@dataclass(frozen=True, slots=True)
class Who:
    """A company as lines of registers name it; ``territory`` is the prefix, and an IIN in ``bin`` is masked."""

    territory: str
    register_no: str
    bin: str
    name: Text


@dataclass(frozen=True, slots=True)
class Change:
    """A change of status (``suspended``, ``resumed`` or ``excluded``) with its ground and decision."""

    change: str
    effective_on: date
    ground: Text = NOTHING
    decision_no: str | None = None
    decision_date: date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry in the register of participants on the paper's day.

    The fields from ``krp`` on have values only in papers that need them (``full`` of
    :func:`registry.paper_kinds.entries.entry_of`).
    """

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
    """A field that a declaration adds to papers: its label, and its value as a number, a day or a text.

    ``type`` is that of the declaration (:class:`registry.infra.fields.Type`); money and areas are in hundredths.
    """

    label: Text
    type: str
    number: int | None = None
    day: date | None = None
    text: Text = NOTHING


@dataclass(frozen=True, slots=True)
class Addition:
    """A supplementary agreement; ``subject`` is the subject that it gives the contract, if it names one."""

    number: str
    signed_on: date
    effective_on: date
    subject: Text | UnsetType = UNSET
    """Older snapshots lack this field; it is written only when it has a value, so that old data keep their hash."""


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with its term and amount on the paper's day, after addenda, and its subject as it was concluded.

    With ``rent`` the amount is due for each period of use, so that it is not added to other amounts.
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
    """Older snapshots lack this field; it is written only when it has a value, so that old data keep their hash."""
    rent: bool | UnsetType = UNSET
    """Likewise. For a snapshot without this field, all amounts are added up."""

    @property
    def sum(self) -> int:
        """The amount that goes into a total, in tiyn: none for a rent."""
        return 0 if self.rent is True else self.amount or 0


@dataclass(frozen=True, slots=True)
class Holder:
    """A holder of a patent: a company by BIN and name, or an outsider by name; the share is in hundredths of 1%."""

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
    """Premises let by a contract in force; ``area_m2`` is in hundredths of a square metre."""

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

    ``expected`` reports are ``accepted``, ``waiting`` (sent and not yet decided on), ``owed`` (overdue, and not sent or
    returned) or ``not_due`` (not sent or returned, but not overdue). ``accepted`` reports came ``on_time``, ``late`` or
    were ``imported`` from a file, which has no day of sending. ``due_on`` is None where territories have different
    days.
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
    """Anything that states an evidence document."""

    @property
    def document_kind(self) -> str | None: ...

    @property
    def document_no(self) -> str | None: ...

    @property
    def document_date(self) -> date | None: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a paper says, except its number, its verification code and the head of the journal."""

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
    """The moment up to which records are used, where one was given. Like the fields below, it is unset otherwise."""
    copy: bool | UnsetType = UNSET
    """Whether it is a copy for information that nobody approves."""
    without: tuple[str, ...] | UnsetType = UNSET
    """The codes of the annexes that are left out."""

    @property
    def reporting_year(self) -> int:
        """The year of a paper of a period; for any other paper, the year of its day."""
        return self.as_of.year if self.year is None else self.year

    @property
    def entries(self) -> int:
        """How many lines of registers the paper prints."""
        return self.rows if any(_lists(self.body)) else 0

    @property
    def rows(self) -> int:
        """How many lines of registers the paper prints (at least 1), by which the progress of making it is measured."""
        own = getattr(self.body, "rows", None)
        return _lines(self.body) if own is None else int(own)


def _lists(body: Any) -> list[tuple[Any, ...]]:
    found = (getattr(body, field.name) for field in dataclasses.fields(body))
    return [value for value in found if isinstance(value, tuple)]


def _lines(body: Any) -> int:
    return sum(map(len, _lists(body))) or 1


_ENCODER = msgspec.json.Encoder(order="sorted")


def dump(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON: the same text for the same content, on every machine."""
    return _ENCODER.encode(snapshot).decode()


def held(value: Any) -> tuple[str, ...]:
    """The names of those fields of a snapshot's part that are written: all but unset ones."""
    return tuple(name for name in names(type(value)) if getattr(value, name) is not UNSET)


@cache
def names(kind: type[Any]) -> tuple[str, ...]:
    """The names of the fields of a dataclass; none for any other type."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


def data_hash(text: str) -> str:
    """SHA-256 of a dumped snapshot. With what was asked for, it tells whether the same paper was issued before."""
    return hashlib.sha256(text.encode()).hexdigest()


def read(text: str, bodies: Mapping[str, type[Any]]) -> Snapshot:
    """Read what :func:`dump` wrote; ``bodies`` are the types of the bodies by kind.

    :raises msgspec.ValidationError: when a value has the wrong type.
    :raises ValueError: when the text is not what :func:`dump` would write now, such as when it has fields that these
        classes do not know: a paper printed without them would say less than the issued one.
    """
    found = msgspec.json.decode(text, type=Snapshot)
    snapshot = dataclasses.replace(found, body=msgspec.convert(found.body, bodies[found.kind]))
    if dump(snapshot) != text:
        raise ValueError("the snapshot was written by another version of the program")
    return snapshot
