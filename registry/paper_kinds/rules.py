"""Rules of issued papers: kinds, periods, numbers, who may have what, and when a paper is revoked. No database."""

from __future__ import annotations

import enum
import re
import secrets
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.errors import DomainError
from registry.infra.i18n import lazy

ALL_TERRITORIES = "KZ"
"""Scope of a paper that covers every territory (``exchange.md`` 1)."""

FIRST_YEAR, LAST_YEAR = 2024, 2035
"""Years reports exist for (``exchange.md`` 2)."""

_CODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CODE_LENGTH = 28
"""Letters of a verification code: 140 random bits, so that a code cannot be guessed."""


class Kind(enum.StrEnum):
    """The kinds of papers (``exchange.md`` 1)."""

    PARTICIPANTS = "participants"
    CONTRACTS = "contracts"
    PATENTS = "patents"
    REVENUES = "revenues"
    TAXES = "taxes"
    INDICATORS = "indicators"
    EXTRACT = "extract"
    CERTIFICATE = "certificate"
    ANNUAL = "annual"
    DEBTORS = "debtors"
    FEES = "fees"
    PREMISES = "premises"
    JOURNAL = "journal"
    COMPARISON = "comparison"
    SAMPLE = "sample"
    CORRECTIONS = "corrections"


KIND_NAMES: dict[str, object] = {
    Kind.PARTICIPANTS: lazy("Register of participants"),
    Kind.CONTRACTS: lazy("Register of contracts"),
    Kind.PATENTS: lazy("Register of intellectual property"),
    Kind.REVENUES: lazy("Register of revenues"),
    Kind.TAXES: lazy("Register of tax receipts"),
    Kind.INDICATORS: lazy("Report on target indicators"),
    Kind.EXTRACT: lazy("Extract from the register"),
    Kind.CERTIFICATE: lazy("Certificate of entry in the register"),
    Kind.ANNUAL: lazy("Annual report of the management company"),
    Kind.DEBTORS: lazy("Debtors in reporting"),
    Kind.FEES: lazy("Calendar of patent maintenance fees"),
    Kind.PREMISES: lazy("Premises and their occupancy"),
    Kind.JOURNAL: lazy("Extract from the change log"),
    Kind.COMPARISON: lazy("Comparison of the register on two dates"),
    Kind.SAMPLE: lazy("Audit sample"),
    Kind.CORRECTIONS: lazy("Register of corrections and exceptions"),
}

EVIDENCE = "evidence"
"""An evidence pack: asked for and made in the background like a paper, but nothing that is issued under a number."""

REQUEST_NAMES = KIND_NAMES | {EVIDENCE: lazy("Evidence pack")}
"""What is asked for in the background, by kind."""

GROUPS: tuple[tuple[object, tuple[Kind, ...]], ...] = (
    (lazy("About one participant"), (Kind.EXTRACT, Kind.CERTIFICATE)),
    (
        lazy("Registers"),
        (Kind.PARTICIPANTS, Kind.CONTRACTS, Kind.PREMISES, Kind.PATENTS, Kind.REVENUES, Kind.TAXES),
    ),
    (lazy("Reports"), (Kind.INDICATORS, Kind.ANNUAL)),
    (
        lazy("Control and audit"),
        (Kind.DEBTORS, Kind.FEES, Kind.COMPARISON, Kind.CORRECTIONS, Kind.JOURNAL, Kind.SAMPLE),
    ),
)
"""The kinds as they are offered: what somebody looks for stands together."""

NUMBER_CODES = {
    Kind.PARTICIPANTS: "PAR", Kind.CONTRACTS: "CON", Kind.PATENTS: "PAT", Kind.REVENUES: "REV", Kind.TAXES: "TAX",
    Kind.INDICATORS: "IND", Kind.EXTRACT: "EXT", Kind.CERTIFICATE: "CER",
    Kind.ANNUAL: "ANN", Kind.DEBTORS: "DEB", Kind.FEES: "FEE", Kind.PREMISES: "PRM", Kind.JOURNAL: "JRN",
    Kind.COMPARISON: "CMP", Kind.CORRECTIONS: "COR", Kind.SAMPLE: "SMP",
}  # fmt: skip
"""What stands for the kind in a paper's number."""

OF_THE_JOURNAL = frozenset({Kind.JOURNAL, Kind.CORRECTIONS})
"""Papers that list entries of the change log by the day they were recorded."""

OF_A_PERIOD = OF_THE_JOURNAL | {
    Kind.REVENUES, Kind.TAXES, Kind.INDICATORS, Kind.ANNUAL, Kind.FEES, Kind.SAMPLE,
}  # fmt: skip
"""Papers about a year or a quarter; the others show one day."""

OF_A_WHOLE_YEAR = frozenset({Kind.ANNUAL})
"""Papers of a period that have no quarter."""

OF_TWO_DAYS = frozenset({Kind.COMPARISON}) | OF_THE_JOURNAL
"""Papers that may name an earlier day they begin at, or compare with."""

OF_ONE_RESIDENT = frozenset({Kind.EXTRACT, Kind.CERTIFICATE})
"""Papers about one entry; a resident may have those of its own company."""

WORKING_PAPERS = OF_THE_JOURNAL | {Kind.DEBTORS, Kind.FEES, Kind.PREMISES, Kind.COMPARISON, Kind.SAMPLE}
"""Lists made for daily work and audits: nobody approves them."""

NEEDS_APPROVAL = frozenset(Kind) - OF_ONE_RESIDENT - WORKING_PAPERS
"""Papers with the block «БЕКІТЕМІН / УТВЕРЖДАЮ»."""


class State(enum.StrEnum):
    """Whether an issued paper still holds."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"


class RequestStatus(enum.StrEnum):
    """Where the making of a requested paper stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PREPARED = "prepared"
    DONE = "done"
    FAILED = "failed"
    DECLINED = "declined"


@dataclass(frozen=True)
class Period:
    """What a paper's dates are: the day it shows, and for papers of a period its year and perhaps its quarter.

    ``since`` is the earlier day of a comparison or the first of a journal extract, where one was named.
    """

    as_of: date
    year: int | None = None
    quarter: int | None = None
    since: date | None = None

    @property
    def reporting_year(self) -> int:
        """The year of a paper of a period; of any other, the year of its day."""
        return self.as_of.year if self.year is None else self.year

    @property
    def first(self) -> date:
        """The first day of the period; of a day's paper, the day named, else the last day of the year before."""
        if self.since is not None:
            return self.since
        if self.year is None:
            return date(self.as_of.year - 1, 12, 31)
        return date(self.year, 3 * (self.quarter or 1) - 2, 1)

    @property
    def last(self) -> date:
        """The last day of the period, whether it has come or not; of a day's paper, its day."""
        return self.as_of if self.year is None else quarter_end(self.year, self.quarter or 4)


def grouped(kinds: Iterable[Kind]) -> list[tuple[object, list[Kind]]]:
    """These kinds under the headings they are offered by; a heading without any is left out."""
    wanted = set(kinds)
    found = [(name, [kind for kind in own if kind in wanted]) for name, own in GROUPS]
    return [(name, own) for name, own in found if own]


def quarter_end(year: int, quarter: int) -> date:
    """The last day of a quarter."""
    month = quarter * 3
    return date(year, month, monthrange(year, month)[1])


def check_year(year: int | None, quarter: int | None) -> None:
    """:raises DomainError: for a year reports do not exist for, a quarter there is not, or one without its year."""
    if quarter is not None and year is None:
        raise DomainError(lazy("A quarter needs its year."), "year")
    if quarter is not None and not 1 <= quarter <= 4:
        raise DomainError(lazy("A quarter is a number from 1 to 4."), "quarter")
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(
            lazy("The year must be from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR), "year"
        )


def period_of(
    kind: Kind,
    *,
    as_of: date | None,
    year: int | None,
    quarter: int | None,
    today: date,
    since: date | None = None,
) -> Period:
    """The dates of a paper from what was asked for: a day, or a year and perhaps a quarter; today without either.

    ``since`` names the earlier day of a comparison, or the first day of a journal extract.

    A day asked of a paper of a period means the quarters of that day's year ended by it. A year or quarter asked of a
    paper of a day means its last day, or today where that is still to come.

    :raises DomainError: for a day together with a year, a quarter without a year, or a year out of range.
    """
    if as_of is not None and (year is not None or quarter is not None):
        raise DomainError(lazy("Name either a day or a year with its quarter, not both."), "as_of")
    check_year(year, quarter)
    if quarter is not None and kind in OF_A_WHOLE_YEAR:
        raise DomainError(lazy("This paper covers a whole year: name no quarter."), "quarter")
    if since is not None:
        return _between(kind, since, as_of, year, today)
    if kind not in OF_A_PERIOD:
        if year is None:
            return Period(as_of or today)
        return Period(min(today, quarter_end(year, quarter or 4)))
    if year is None:
        day = as_of or today
        return Period(day, day.year)
    if quarter is not None:
        return Period(min(today, quarter_end(year, quarter)), year, quarter)
    # A past year is shown with what is known of it today: the figure of indicator 2 arrives in the following one.
    return Period(today, year)


def _between(kind: Kind, since: date, as_of: date | None, year: int | None, today: date) -> Period:
    if kind not in OF_TWO_DAYS:
        raise DomainError(lazy("This paper has no earlier day."), "since")
    if year is not None:
        raise DomainError(lazy("Name either two days or a year with its quarter, not both."), "since")
    day = as_of or today
    if since > day or (since == day and kind is Kind.COMPARISON):
        raise DomainError(lazy("The earlier day must be before the day of the paper."), "since")
    return Period(day, since=since)


def request_key(kind: Kind, scope: str, resident_id: int | None, period: Period, sampling: str | None = None) -> str:
    """What a paper was asked for, language apart: the same key and the same data give the paper already issued."""
    parts = (kind, scope, resident_id, period.as_of, period.year, period.quarter)
    if period.since is not None:
        parts += (period.since,)
    if sampling is not None:
        parts += (sampling,)
    return ":".join("-" if part is None else str(part) for part in parts)


def series(scope: str, kind: Kind, year: int) -> str:
    """The number series of a scope, kind and year of issue."""
    return f"document:{scope}:{NUMBER_CODES[kind]}:{year}"


def act_number(scope: str, kind: Kind, year: int, serial: int) -> str:
    """The number of an act, such as ``YAFI-PAR-2026-000001``; its papers add their language."""
    return f"{scope}-{NUMBER_CODES[kind]}-{year}-{serial:06d}"


def printed_number(number: str, language: str) -> str:
    """The number as printed: ``YAFI-PAR-2026-000001-kk``."""
    return f"{number}-{language}"


def needs_two_people(kind: Kind, user_id: int | None) -> bool:
    """Whether one person prepares and another approves; the built-in system user (None) does both in one step."""
    return kind in NEEDS_APPROVAL and user_id is not None


def new_code() -> str:
    """A fresh verification code."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _letter in range(CODE_LENGTH))


_NUMBER = re.compile(r"[A-Z]+-[A-Z]{3}-\d{4}-\d{6}(-[a-z]{2})?", re.IGNORECASE | re.ASCII)


def typed_number(text: str) -> str | None:
    """The number of a paper as typed, with or without its language; None for anything else, such as a code."""
    found = _NUMBER.fullmatch(text.strip().removeprefix("№").strip())
    if found is None:
        return None
    language = (found[1] or "").lower()
    return found[0][: len(found[0]) - len(language)].upper() + language


def clean_code(text: str) -> str:
    """A code as typed from paper: case, spaces and hyphens do not matter."""
    return "".join(text.split()).replace("-", "").upper()


@dataclass(frozen=True)
class Validity:
    """Whether a paper holds; ``reason`` (``excluded``, ``annulled``, ``revoked``, ``replaced``) says why it does not.

    ``since`` is the day from which it does not, ``note`` the reason somebody gave, ``replaced_by`` the number of the
    paper that took its place.
    """

    state: State = State.VALID
    reason: str | None = None
    since: date | None = None
    note: str = ""
    replaced_by: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.state is State.VALID


@dataclass(frozen=True)
class End:
    """What somebody did to end a paper: ``replaced_by`` is the number of the act in its place, None when revoked."""

    on: date
    reason: str
    replaced_by: str | None = None


def validity(
    kind: str, *, excluded_on: date | None, annulled_on: date | None, day: date, end: End | None = None
) -> Validity:
    """A paper ends by being revoked or replaced; a certificate also ends with its entry.

    Papers about an entry recorded in error never held.
    """
    if end is not None and end.on <= day:
        if end.replaced_by is None:
            return Validity(State.REVOKED, "revoked", end.on, end.reason)
        return Validity(State.REPLACED, "replaced", end.on, end.reason, end.replaced_by)
    if kind not in OF_ONE_RESIDENT:
        return Validity()
    if annulled_on is not None:
        return Validity(State.REVOKED, "annulled", annulled_on)
    if kind == Kind.CERTIFICATE and excluded_on is not None and excluded_on <= day:
        return Validity(State.REVOKED, "excluded", excluded_on)
    return Validity()
