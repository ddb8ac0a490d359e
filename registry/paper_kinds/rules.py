"""Rules about the dates of papers. No database."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from registry.errors import DomainError
from registry.infra import clock
from registry.infra.i18n import lazy

ALL_TERRITORIES = "KZ"
"""Scope of a paper that covers every territory (``exchange.md`` 1)."""

FIRST_YEAR, LAST_YEAR = 2024, 2035
"""The first and the last year for which there are reports (``exchange.md`` 2)."""


@dataclass(frozen=True)
class Period:
    """The dates of a paper: the day it shows, and for papers of a period also the year and possibly the quarter.

    ``since`` is the earlier day of a comparison or the first day of a journal extract, where one was given. With
    ``known_at`` the paper uses only what was recorded by that moment.
    """

    as_of: date
    year: int | None = None
    quarter: int | None = None
    since: date | None = None
    known_at: datetime | None = None

    @property
    def reporting_year(self) -> int:
        """The year of a paper of a period; for any other paper, the year of its day."""
        return self.as_of.year if self.year is None else self.year

    @property
    def first(self) -> date:
        """``since`` where it is given, else the first day of the year or quarter.

        For a paper of a day, which has neither, it is the last day of the year before.
        """
        if self.since is not None:
            return self.since
        if self.year is None:
            return date(self.as_of.year - 1, 12, 31)
        return date(self.year, 3 * (self.quarter or 1) - 2, 1)

    @property
    def last(self) -> date:
        """The last day of the year or quarter, even if it is in the future; for a paper of a day, that day."""
        return self.as_of if self.year is None else quarter_end(self.year, self.quarter or 4)

    @property
    def until(self) -> date:
        """The last day the paper tells of: :attr:`last`, or the paper's day where that is earlier."""
        return min(self.as_of, self.last)


def quarter_end(year: int, quarter: int) -> date:
    """The last day of a quarter (1 to 4)."""
    month = quarter * 3
    return date(year, month, monthrange(year, month)[1])


def check_day(day: date | None, field: str) -> None:
    """Check the day that was given in a field, if any was.

    :raises DomainError: for a day out of reason, near which the calendar ends.
    """
    if day is not None and not clock.within_reason(day):
        first, last = clock.FIRST_YEAR, clock.LAST_YEAR
        raise DomainError(lazy("The year must be from %(first)s to %(last)s.", first=first, last=last), field)


def check_year(year: int | None, quarter: int | None) -> None:
    """Check a year and a quarter, either of which may be missing.

    :raises DomainError: for a year without reports, a quarter outside 1 to 4, or a quarter without a year.
    """
    if quarter is not None and year is None:
        raise DomainError(lazy("A quarter needs its year."), "year")
    if quarter is not None and not 1 <= quarter <= 4:
        raise DomainError(lazy("A quarter is a number from 1 to 4."), "quarter")
    if year is not None and not FIRST_YEAR <= year <= LAST_YEAR:
        raise DomainError(
            lazy("The year must be from %(first)s to %(last)s.", first=FIRST_YEAR, last=LAST_YEAR), "year"
        )
