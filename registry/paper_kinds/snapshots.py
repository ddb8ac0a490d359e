"""What a paper says, frozen: plain values in all three languages at once, and their canonical JSON.

A snapshot is collected once, stored with the act of issue, and printed in kk, ru and en from the store, so names,
addresses and figures of an issued paper never move. Money is in tiyn, areas and shares in hundredths. It holds no
e-mail, no phone of a person, and no IIN in full.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any

from registry.journal.rules import encode
from registry.paper_kinds.rules import Kind

VERSION = 1
"""Version of the layout below, kept in each snapshot."""

LATER = {"later": True}
"""Marks a part that older snapshots lack: written only where it holds something, so that the same data have the same
hash as before."""


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


@dataclass(frozen=True, slots=True)
class Territory:
    """A territory's name; ``kind`` is park or city, ``word`` resident or participant."""

    prefix: str
    kind: str
    word: str
    name: Text


@dataclass(frozen=True, slots=True)
class Scope:
    """What a paper covers: one territory with its company, or all of them (``prefix`` KZ, no company)."""

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
    """A supplementary agreement, by number and dates."""

    number: str
    signed_on: date
    effective_on: date


@dataclass(frozen=True, slots=True)
class Contract:
    """A contract with the terms its addenda give it on the paper's day."""

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
    further: tuple[Fact, ...] = field(default=(), metadata=LATER)


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
class Code:
    """A code lines are booked under; ``budget`` of a tax: republican, local or none."""

    code: str
    name: Text
    budget: str = ""


@dataclass(frozen=True, slots=True)
class Sum:
    """What one company reported under one code: all of it, and the part from abroad.

    ``counts`` says whether the indicator counts it; an act may change that within a year, then there are two sums.
    """

    code: str
    counts: bool
    amount: int
    exported: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A company with its sums by code."""

    who: Who
    sums: tuple[Sum, ...]


@dataclass(frozen=True, slots=True)
class Indicator:
    """One indicator's line. ``actual`` and ``target`` in hundredths of the unit, ``percent`` has one decimal."""

    number: int
    unit: str
    title: Text
    actual: int | None
    target: int | None
    percent: str | None
    coverage: Coverage | None


@dataclass(frozen=True, slots=True)
class Part:
    """A territory's share in the indicators of a paper that covers all."""

    territory: Territory
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True)
class CountedLine:
    """An accepted line that an indicator counts; ``value`` in tiyn, or persons for indicator 3."""

    indicator: int
    who: Who
    quarter: int
    code: str
    name: Text
    value: int
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class Line:
    """An accepted report line with its evidence document; ``amount`` in tiyn, ``counts`` as in :class:`Sum`."""

    who: Who
    quarter: int
    code: str
    counts: bool
    amount: int
    country: str | None
    ip_title_no: str | None
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class Figures:
    """What a company's accepted report of one quarter adds up to; money counted for indicators 1, 4 and 5."""

    year: int
    quarter: int
    revenue: int
    revenue_counted: int
    taxes_counted: int
    research_specialists: int | None
    investment_counted: int


@dataclass(frozen=True, slots=True)
class Participants:
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Contracts:
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True)
class Patents:
    """The register, and the year whose inventions are marked as counted."""

    year: int
    patents: tuple[Patent, ...]


@dataclass(frozen=True, slots=True)
class Accounts:
    """Revenues, taxes or investment of a period by company and code; a register lists the lines behind them too."""

    codes: tuple[Code, ...]
    accounts: tuple[Account, ...]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Indicators:
    indicators: tuple[Indicator, ...]
    parts: tuple[Part, ...]
    lines: tuple[CountedLine, ...]
    patents: tuple[Patent, ...]
    external_source: str | None = None
    external_edition: str | None = None


@dataclass(frozen=True, slots=True)
class Extract:
    entry: Entry
    contracts: tuple[Contract, ...]
    patents: tuple[Patent, ...]
    figures: tuple[Figures, ...]


@dataclass(frozen=True, slots=True)
class Certificate:
    entry: Entry


@dataclass(frozen=True, slots=True)
class Passport:
    """What is known of a territory itself; its company is in the scope of a paper about that territory alone."""

    territory: Territory
    kato: str
    status_act_no: str | None
    status_act_date: date | None
    company: Text
    rules: Text
    rules_no: str | None
    rules_date: date | None


@dataclass(frozen=True, slots=True)
class Course:
    """An indicator's actual values and targets by year, in hundredths of the unit: what its chart shows."""

    number: int
    unit: str
    years: tuple[int, ...]
    actual: tuple[int | None, ...]
    target: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Movement:
    """How many entries of one group there were at the opening, entered, were excluded, and are at the closing.

    ``code`` is a type of participant with its ``name``, or a size: small, medium, large or unknown.
    """

    code: str
    name: Text
    opening: int
    entered: int
    excluded: int
    closing: int


@dataclass(frozen=True, slots=True)
class Departure:
    """An entry excluded within the year."""

    who: Who
    change: Change


@dataclass(frozen=True, slots=True)
class Headcount:
    """Persons of one category by quarter, as all accepted reports together state them; None where none does."""

    code: str
    quarters: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A document on which accepted tax lines of a company rest: how many lines, and their sum."""

    who: Who
    quarter: int
    document_kind: str | None
    document_no: str | None
    document_date: date | None
    lines: int
    amount: int


@dataclass(frozen=True, slots=True)
class Project:
    """A participant's priority direction with its technology readiness at entry and on the closing day."""

    who: Who
    direction: Text
    trl_at_entry: int | None
    trl: int | None


@dataclass(frozen=True, slots=True)
class ContractGroup:
    """Contracts of one kind: in force on the closing day, concluded and terminated within the year."""

    kind: Text
    in_force: int
    concluded: int
    terminated: int
    area: int
    amount: int


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


@dataclass(frozen=True, slots=True)
class Annual:
    """The year of a territory; ``opened_on`` is the day before the year, ``closed_on`` its last day or the paper's."""

    opened_on: date
    closed_on: date
    passports: tuple[Passport, ...]
    indicators: Indicators
    courses: tuple[Course, ...]
    by_type: tuple[Movement, ...]
    by_size: tuple[Movement, ...]
    entered: tuple[Entry, ...]
    excluded: tuple[Departure, ...]
    taxes: Accounts
    revenues: Accounts
    patents: tuple[Patent, ...]
    staff: tuple[Headcount, ...]
    investment: Accounts
    projects: tuple[Project, ...]
    contracts: tuple[ContractGroup, ...]
    premises: tuple[Tenancy, ...]
    discipline: tuple[Discipline, ...]
    debts: tuple[Debt, ...]
    entries: tuple[Entry, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Debtors:
    debts: tuple[Debt, ...]


@dataclass(frozen=True, slots=True)
class Fee:
    """A maintenance payment of a patent: for which year of protection, and until when the title lasts at most."""

    due_on: date
    year: int
    expires_on: date | None
    patent: Patent


@dataclass(frozen=True, slots=True)
class Fees:
    """The payments due from ``first`` to ``last``."""

    first: date
    last: date
    fees: tuple[Fee, ...]


@dataclass(frozen=True, slots=True)
class Premises:
    premises: tuple[Tenancy, ...]


@dataclass(frozen=True, slots=True)
class Act:
    """An entry of the change log; ``time`` is Asia/Almaty, ``fields`` name what it changed, never the values.

    ``number`` is the number of the contract, patent or paper it is about; ``actor`` the account's number, None for the
    program itself. ``why`` says why an accepted report is an exception: ``version`` (it corrects an accepted one),
    ``explained`` (it was accepted with an explanation).
    """

    sequence: int
    recorded_on: date
    time: str
    action: str
    subject: str
    subject_id: int
    number: str
    who: Who | None
    effective_on: date
    basis: str
    basis_no: str
    basis_date: date | None
    reason: str
    corrects: int | None
    annuls: int | None
    actor: int | None
    fields: tuple[str, ...]
    hash: str
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Journal:
    """The entries recorded from ``first`` to ``last``, or the corrections and exceptions among them.

    ``before`` is the hash the first of them follows.
    """

    first: date
    last: date
    before: str
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of an entry that differs between the two days; dates, statuses and flags stand as codes in ``kk``."""

    who: Who
    field: str
    before: Text
    after: Text


@dataclass(frozen=True, slots=True)
class Comparison:
    """The participants on two days: who was added, who left, and what changed in the entries that are in both."""

    since: date
    before: int
    after: int
    added: tuple[Entry, ...]
    removed: tuple[Entry, ...]
    changed: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of an accepted report of any section: ``amount`` in tiyn, or ``count`` of persons."""

    who: Who
    quarter: int
    section: str
    code: str
    name: Text
    amount: int | None
    count: int | None
    document_kind: str | None
    document_no: str | None
    document_date: date | None


@dataclass(frozen=True, slots=True)
class DrawnEntry:
    """An entry of the register that was drawn: by which rank, under which key (``sampling.py``)."""

    rank: str
    key: str
    entry: Entry


@dataclass(frozen=True, slots=True)
class DrawnLine:
    """A report line that was drawn: by which rank, under which key (``sampling.py``)."""

    rank: str
    key: str
    line: Figure


@dataclass(frozen=True, slots=True)
class Sample:
    """An audit sample of ``residents`` or ``lines``; ``population`` is how many there were to draw from.

    ``population_hash`` is the fingerprint of their keys.
    """

    of: str
    size: int
    seed: str
    population: int
    population_hash: str
    entries: tuple[DrawnEntry, ...]
    lines: tuple[DrawnLine, ...]


Body = (
    Participants
    | Contracts
    | Patents
    | Accounts
    | Indicators
    | Extract
    | Certificate
    | Annual
    | Debtors
    | Fees
    | Premises
    | Journal
    | Comparison
    | Sample
)

BODIES: dict[Kind, type[Any]] = {
    Kind.PARTICIPANTS: Participants, Kind.CONTRACTS: Contracts, Kind.PATENTS: Patents, Kind.REVENUES: Accounts,
    Kind.TAXES: Accounts, Kind.INDICATORS: Indicators, Kind.EXTRACT: Extract, Kind.CERTIFICATE: Certificate,
    Kind.ANNUAL: Annual, Kind.DEBTORS: Debtors, Kind.FEES: Fees, Kind.PREMISES: Premises,
    Kind.JOURNAL: Journal, Kind.COMPARISON: Comparison, Kind.CORRECTIONS: Journal, Kind.SAMPLE: Sample,
}  # fmt: skip


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
    body: Body

    @property
    def reporting_year(self) -> int:
        """The year of a paper of a period; of any other, the year of its day."""
        return self.as_of.year if self.year is None else self.year

    @property
    def rows(self) -> int:
        """How many lines of registers the paper prints: what its making is measured by."""
        return _lines(self.body)


def _lines(body: Body) -> int:
    found = (getattr(body, field.name) for field in dataclasses.fields(body))
    return sum(len(value) for value in found if isinstance(value, tuple)) or 1


def dump(snapshot: Snapshot) -> str:
    """The snapshot as canonical JSON: the same text for the same content, on every machine."""
    return json.dumps(snapshot, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain)


def _plain(value: Any) -> object:
    """A part of a snapshot as JSON knows it; parts are met one by one, for copying all of them takes far longer."""
    kind = type(value)
    fields = names(kind)
    if not fields:
        return encode(value)
    left_out = {name for name in _later(kind) if not getattr(value, name)}
    return {name: getattr(value, name) for name in fields if name not in left_out}


@cache
def names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a part of a snapshot; none for any other type."""
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


@cache
def _later(kind: type[Any]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind) if field.metadata.get("later"))


def data_hash(text: str) -> str:
    """SHA-256 of a dumped snapshot; with the request it tells whether a paper was issued before."""
    return hashlib.sha256(text.encode()).hexdigest()


def load(text: str) -> Snapshot:
    """Read back what :func:`dump` wrote."""
    values = json.loads(text)
    body = _builder(BODIES[Kind(values["kind"])])(values.pop("body"))
    hints = typing.get_type_hints(Snapshot)
    read: dict[str, Any] = {
        name: None if value is None else _builder(hints[name])(value) for name, value in values.items()
    }
    return Snapshot(**read, body=body)


@cache
def _builder(kind: Any) -> Callable[[Any], Any]:
    """What makes a value of a type from JSON: found out once for each type, since registers are long."""
    if typing.get_origin(kind) in {types.UnionType, typing.Union}:
        return _builder(next(option for option in typing.get_args(kind) if option is not types.NoneType))
    if typing.get_origin(kind) is tuple:
        item = _builder(typing.get_args(kind)[0])
        return lambda value: tuple([item(element) for element in value])
    if dataclasses.is_dataclass(kind):
        fields = {name: _builder(hint) for name, hint in typing.get_type_hints(kind).items()}
        return lambda value: kind(**{
            name: None if inner is None else fields[name](inner) for name, inner in value.items()
        })  # fmt: skip
    return date.fromisoformat if kind is date else _as_it_is


def _as_it_is(value: Any) -> Any:
    return value
