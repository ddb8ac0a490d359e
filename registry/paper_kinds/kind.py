"""What a kind of paper is: everything that tells one from the others, in one object.

Each kind has a file of its own with its request, the data it collects, how they are written, and its words; the list
of them is :mod:`registry.paper_kinds.kinds`.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from registry.errors import DomainError
from registry.infra.i18n import lazy
from registry.paper_kinds.naming import Collected
from registry.paper_kinds.rules import Period, check_year, quarter_end
from registry.paper_kinds.sampling import Sampling
from registry.paper_kinds.writer import Writer
from registry.residents.models import Resident
from registry.territories.models import Territory

ONE_PARTICIPANT = lazy("About one participant")
REGISTERS = lazy("Registers")
REPORTS = lazy("Reports")
CONTROL = lazy("Control and audit")
"""The headings kinds are offered under."""


class Asks(enum.Enum):
    """Which dates a paper is asked for by."""

    DAY = enum.auto()
    TWO_DAYS = enum.auto()
    """A day, and an earlier one to begin at or to compare with."""
    PERIOD = enum.auto()
    """A year, and perhaps a quarter."""
    YEAR = enum.auto()


class Whose(enum.Enum):
    """What a paper is about."""

    REGISTER = enum.auto()
    RESIDENT = enum.auto()
    """One entry; a resident may have the papers of its own company."""
    JOURNAL = enum.auto()
    """Entries of the change log, by the day they were recorded."""


@dataclass(frozen=True, slots=True)
class Annex:
    """An annex that a paper may be asked for without."""

    code: str
    name: object


@dataclass(frozen=True, slots=True)
class Asked:
    """What a paper is to say: of when, of which territory or entry, and how a sample is drawn.

    A ``copy`` is for information: nobody approves it, and it says so. ``without`` are the codes of annexes left out.
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

    ``number_code`` stands for it in numbers, ``group`` is the heading it is offered under. Papers that
    ``needs_approval`` are prepared by one person and approved by another, and carry the block «БЕКІТЕМІН / УТВЕРЖДАЮ»;
    the chief accountant signs papers ``of_money`` too. A paper that ``needs_participation`` is issued to participants
    only and ends with their participation; one that ``draws`` is asked for with a population, a size and a seed.
    One ``of_a_moment`` can be issued as its data were known at a moment of the past.
    ``annexes`` are those it may be asked for without.
    ``names_territories``: its notes say what the marks of territories stand for.

    ``collect`` reads the registers into a ``body``, which ``writer`` writes in a language. ``total`` is the sum of
    money, in tiyn, that the paper's first total row prints and its offline token states; a kind without it states none.
    """

    code: str
    number_code: str
    name: object
    group: object
    body: type[Any]
    collect: Callable[[Asked], Collected]
    writer: type[Writer]
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

    def left_out(self, codes: Iterable[str]) -> tuple[str, ...]:
        """These annexes in the kind's order.

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
    def of_one_resident(self) -> bool:
        return self.whose is Whose.RESIDENT

    @property
    def of_the_journal(self) -> bool:
        return self.whose is Whose.JOURNAL

    @property
    def of_a_period(self) -> bool:
        """Whether it is about a year or a quarter; the others show one day."""
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
        """The dates of a paper from what was asked for: a day, or a year and perhaps a quarter; today without either.

        ``since`` names the earlier day of a comparison, or the first day of a journal extract.

        A day asked of a paper of a period means the quarters of that day's year ended by it. A year or quarter asked of
        a paper of a day means its last day, or today where that is still to come.

        :raises DomainError: for a day together with a year, a quarter without a year, or a year out of range.
        """
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
        # A past year is shown with what is known of it today: the figure of indicator 2 arrives in the following one.
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
