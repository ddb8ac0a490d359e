"""What a kind of paper is: one object holds everything in which it differs from other kinds.

Each kind has a module of its own with its words, the data it collects and how they are written; the list of kinds is in
:mod:`registry.paper_kinds.kinds`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.errors import DomainError
from registry.infra import members
from registry.infra.i18n import current_language, deferred, lazy
from registry.paper_kinds import words
from registry.paper_kinds.naming import Collected
from registry.paper_kinds.rules import Period, check_day, check_year, quarter_end
from registry.paper_kinds.sampling import Sampling
from registry.paper_kinds.writer import Writer
from registry.residents.models import Resident
from registry.territories.models import Territory

ONE_PARTICIPANT = lazy("About one participant")
REGISTERS = lazy("Registers")
REPORTS = lazy("Reports")
CONTROL = lazy("Control and audit")
"""The headings under which kinds of papers are offered."""


class Asks(enum.Enum):
    """Which dates have to be given to ask for a paper."""

    DAY = enum.auto()
    """The day whose data are shown."""
    TWO_DAYS = enum.auto()
    """A day, and an earlier day to begin at or to compare with."""
    PERIOD = enum.auto()
    """A year, or one quarter of it."""
    YEAR = enum.auto()
    """A whole year."""


class Whose(enum.Enum):
    """What a paper is about."""

    REGISTER = enum.auto()
    """The registers of one territory or of all."""
    RESIDENT = enum.auto()
    """One entry in the register; a resident may get such papers about its own company."""
    JOURNAL = enum.auto()
    """Entries of the change log, chosen by the day they were recorded."""


class Reads(enum.Enum):
    """Data that a paper shows of its day, by which the later acts are found that change them (``papers/aftermath.py``).

    Companies are named with everything that is about companies, so that this is not said apart.
    """

    ENTRIES = enum.auto()
    """Entries in the register with their status."""
    DETAILS = enum.auto()
    """Of these also the fields of :data:`registry.paper_kinds.entries.DETAILS`."""
    PARTICIPATION = enum.auto()
    """The days on which companies took part: they decide which reports are expected and which figures count."""
    CONTRACTS = enum.auto()
    """Contracts and their supplementary agreements."""
    PREMISES = enum.auto()
    """The contracts that name premises or an area."""
    PATENTS = enum.auto()
    """Patents with their holders."""
    COUNTED_PATENTS = enum.auto()
    """Which of the patents indicator 6 counts, for which their holders must have taken part."""
    REPORTS = enum.auto()
    """The lines of accepted reports."""
    REPORTING = enum.auto()
    """Who had sent a report by when, and who owes one."""
    INDICATORS = enum.auto()
    """Target indicators: the plan, the rank entered by hand, and who counts as an experimental plant."""


REPORTED_CODES = ("tax_codes", "revenue_categories", "investment_sources")
"""The dictionaries whose codes report lines state."""

ALL_COUNTING = (*REPORTED_CODES, "ip_kinds", "counted_offices", "counting_rules")
"""The dictionaries that decide what indicators count."""


def _own_year(year: int) -> tuple[int, ...]:
    return (year,)


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex that may be left out when a paper is asked for; ``name`` is a translatable text."""

    code: str
    name: object


@dataclass(frozen=True, slots=True)
class Asked:
    """What a paper was asked for: which dates, which territory (None: all) or entry, and how a sample is drawn.

    A ``copy`` is for information: nobody approves it, and it says so. ``without`` are the codes of the annexes that are
    left out.
    """

    period: Period
    territory: Territory | None = None
    resident: Resident | None = None
    sampling: Sampling | None = None
    copy: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperKind:
    """A kind of paper.

    ``code`` names the kind in addresses and commands, ``number_code`` in the numbers of papers; its ``name`` is the
    title among the words of its writer. ``group`` is the heading it is offered under, ``asks`` the dates it needs, and
    ``whose`` what it is about. ``sources`` are the keys of the sources that it names. ``reads`` are the data it shows,
    and ``dictionaries`` those whose names it prints or by which it counts: later acts on any of these change it.
    ``years`` are those it tells of, by the year it is about.

    - ``needs_approval``: one person prepares the paper and another approves it; it has the block «БЕКІТЕМІН /
      УТВЕРЖДАЮ».
    - ``needs_participation``: it is issued about participants only, and is valid only while they are participants.
    - ``of_money``: the chief accountant signs it too.
    - ``draws``: it is an audit sample, asked for with a population, a size and a seed.
    - ``of_a_moment``: it can be issued as its data were known at a moment in the past.
    - ``names_territories``: its notes explain the marks of territories.
    - ``annexes``: those that may be left out.
    - ``states_rows``: it prints how many entries it lists.

    ``collect`` reads the registers into an object of type ``body``, which ``writer`` writes in a language. ``total``
    gives the sum of money, in tiyn, that the first total row prints and the offline token states; a kind without it
    states none.
    """

    code: str
    number_code: str
    group: object
    body: type[Any]
    collect: Callable[[Asked], Collected]
    writer: type[Writer]
    reads: frozenset[Reads]
    dictionaries: tuple[str, ...]
    years: Callable[[int], Collection[int]] = _own_year
    total: Callable[[Any], int | None] | None = None
    sources: tuple[str, ...] = ()
    asks: Asks = Asks.DAY
    whose: Whose = Whose.REGISTER
    needs_approval: bool = False
    needs_participation: bool = False
    of_money: bool = False
    draws: bool = False
    of_a_moment: bool = False
    names_territories: bool = True
    annexes: tuple[Annex, ...] = ()
    states_rows: bool = True

    def left_out(self, codes: Iterable[str]) -> tuple[str, ...]:
        """The codes of these annexes in the order of the kind.

        :raises DomainError: for an annex the kind does not have.
        """
        wanted, known = set(codes), [annex.code for annex in self.annexes]
        if unknown := sorted(wanted - set(known)):
            if not known:
                raise DomainError(lazy("This paper has no annexes that can be left out."), "without")
            raise DomainError(
                lazy("There is no annex %(code)s; there are %(codes)s.", code=unknown[0], codes=", ".join(known)),
                "without",
            )
        return tuple(code for code in known if code in wanted)

    @property
    def name(self) -> object:
        """What the kind is called wherever it is named: the title its papers print, in the language then spoken."""
        return deferred(self._title)

    def _title(self) -> str:
        language = current_language()
        return members.named(words.say(self.writer.vocabulary, f"title.{self.code}", language), language)

    @property
    def has_title_of_all(self) -> bool:
        """Whether a paper of all territories has a title of its own."""
        return f"title.{self.code}.all" in self.writer.vocabulary

    def title(self, language: str, *, of_all: bool, word: str = "") -> str:
        """The title that a paper prints: one of all territories, or of one that calls its members by ``word``."""
        key = f"title.{self.code}.all" if of_all and self.has_title_of_all else f"title.{self.code}"
        return members.called(words.say(self.writer.vocabulary, key, language), language, word)

    @property
    def of_one_resident(self) -> bool:
        return self.whose is Whose.RESIDENT

    @property
    def of_the_journal(self) -> bool:
        return self.whose is Whose.JOURNAL

    @property
    def of_a_period(self) -> bool:
        """Whether it is about a span of time; other papers show one day."""
        return self.asks in (Asks.PERIOD, Asks.YEAR) or self.of_the_journal

    def period(
        self,
        *,
        today: date,
        as_of: date | None = None,
        year: int | None = None,
        quarter: int | None = None,
        since: date | None = None,
    ) -> Period:
        """The dates of a paper that was asked for by a day, or by a year and possibly a quarter; today without either.

        ``since`` is the earlier day of a comparison, or the first day of a journal extract.

        For a paper of a period, a day means the quarters of that day's year that had ended by the day. For a paper of a
        day, a year or quarter means its last day, or today where that is still to come.

        :raises DomainError: for a day together with a year, a quarter without a year, a day, year or quarter out of
            range, a quarter of a paper that covers a whole year, and an earlier day that the paper does not have, that
            comes with a year or that is not earlier.
        """
        check_day(as_of, "as_of")
        check_day(since, "since")
        if as_of is not None and (year is not None or quarter is not None):
            raise DomainError(lazy("Name either a day or a year with its quarter, not both."), "as_of")
        check_year(year, quarter)
        if quarter is not None and self.asks is Asks.YEAR:
            raise DomainError(lazy("This paper covers a whole year: name no quarter."), "quarter")
        if since is not None:
            return self._between(since, as_of, year, today)
        if not self.of_a_period:
            if year is None:
                return Period(as_of or today)
            return Period(min(today, quarter_end(year, quarter or 4)))
        if year is None:
            day = as_of or today
            return Period(day, day.year)
        if quarter is not None:
            return Period(min(today, quarter_end(year, quarter)), year, quarter)
        # A past year is shown as it is known today: indicator 2 of a year becomes known only in the following year.
        return Period(today, year)

    def _between(self, since: date, as_of: date | None, year: int | None, today: date) -> Period:
        if self.asks is not Asks.TWO_DAYS:
            raise DomainError(lazy("This paper has no earlier day."), "since")
        if year is not None:
            raise DomainError(lazy("Name either two days or a year with its quarter, not both."), "since")
        day = as_of or today
        if since > day or (since == day and not self.of_the_journal):
            raise DomainError(lazy("The earlier day must be before the day of the paper."), "since")
        return Period(day, since=since)
