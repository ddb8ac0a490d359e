"""Rules of what papers show: the dates they are about. No database."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime

from registry.errors import DomainError
from registry.infra.i18n import lazy

ALL_TERRITORIES = "KZ"
"""Scope of a paper that covers every territory (``exchange.md`` 1)."""

FIRST_YEAR, LAST_YEAR = 2024, 2035
"""Years reports exist for (``exchange.md`` 2)."""


@dataclass(frozen=True)
class Period:
    """What a paper's dates are: the day it shows, and for papers of a period its year and perhaps its quarter.

    ``since`` is the earlier day of a comparison or the first of a journal extract, where one was named. With
    ``known_at`` only what was recorded by that moment is used.
    """

    as_of: date
    year: int | None = None
    quarter: int | None = None
    since: date | None = None
    known_at: datetime | None = None

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
