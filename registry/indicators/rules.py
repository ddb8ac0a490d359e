"""The six target indicators: what each is, how it is counted, and how its values are written. No database."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from registry.infra.i18n import lazy
from registry.infra.numbers import canonical_hundredths, percent_half_up
from registry.reference.services import read_rows
from registry.reports.rules import Section

FIRST_YEAR, LAST_YEAR = 2025, 2035
"""Years of the Concept's targets (``domain.md`` 1.4)."""

BASE_YEAR = 2025
"""What stands for this year is the base the Concept starts from, and no target (``exchange.md`` 5, rule 7)."""

YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
WORST_RANK = 200
MAX_VALUE = 10**16
"""The largest target in hundredths of the unit: a hundred thousand billion tenge."""


class Unit(enum.StrEnum):
    """What an indicator is counted in (``exchange.md`` 3)."""

    KZT = "KZT"
    RANK = "rank"
    PERSONS = "persons"
    PATENTS = "patents"


@dataclass(frozen=True)
class Indicator:
    """One target indicator. Its official titles are data (:func:`titles`), its method is here.

    ``lower_is_better`` turns the percentage round: a rank falls when things improve.
    """

    number: int
    unit: Unit
    aggregation: object
    formula: object
    footnote: object | None = None
    section: Section | None = None
    has_coverage: bool = True
    lower_is_better: bool = False

    @property
    def name_kk(self) -> str:
        return titles()[self.number]["kk"]

    @property
    def name_ru(self) -> str:
        return titles()[self.number]["ru"]

    @property
    def name_en(self) -> str:
        return titles()[self.number]["en"]


INDICATORS: dict[int, Indicator] = {
    item.number: item
    for item in (
        Indicator(
            1,
            Unit.KZT,
            lazy("sum of the year"),
            lazy("Sum of the accepted tax lines of the year's quarters whose budget classification code counts."),
            section=Section.TAX,
        ),
        Indicator(
            2,
            Unit.RANK,
            lazy("latest edition of an outside source"),
            lazy(
                "Entered by hand with its source and edition. A lower rank is better: the percentage is target "
                "divided by actual."
            ),
            lazy("This is one sub-indicator of the Global Innovation Index, not the country's overall rank."),
            has_coverage=False,
            lower_is_better=True,
        ),
        Indicator(
            3,
            Unit.PERSONS,
            lazy("value at the end of the year"),
            lazy(
                "Sum of the research specialists in each participant's latest accepted quarter of the year that "
                "states them, over those who are participants on the last day of the year (or on the as-of date, if "
                "earlier) and are not experimental production plants on it."
            ),
            lazy(
                "The Concept's section 6 and its action plan name the plants left out differently. Entries marked "
                "as experimental production are left out."
            ),
            section=Section.STAFF,
        ),
        Indicator(
            4,
            Unit.KZT,
            lazy("sum of the year"),
            lazy("Sum of the accepted investment lines whose source counts as private."),
            section=Section.INVESTMENT,
        ),
        Indicator(
            5,
            Unit.KZT,
            lazy("sum of the year"),
            lazy("Sum of the accepted revenue lines whose category counts."),
            lazy(
                "The official title says “share”, but the Concept measures it in billions of tenge. It is counted "
                "as a volume."
            ),
            section=Section.REVENUE,
        ),
        Indicator(
            6,
            Unit.PATENTS,
            lazy("count of the year"),
            lazy(
                "Number of distinct patents for inventions of the Kazakhstan office registered in the year and by "
                "the as-of date, with at least one holder that was a participant on the day of registration. A "
                "patent of several holders counts once."
            ),
            lazy(
                "The Concept's section 6 speaks of patents registered for inventions, its action plan of inventions "
                "in science. Patents for inventions are counted; foreign grants and applications under the Patent "
                "Cooperation Treaty are not."
            ),
            has_coverage=False,
        ),
    )
}
"""The six indicators by number (``exchange.md`` 3); footnotes of ``domain.md`` 1.5."""


@lru_cache(maxsize=1)
def titles() -> dict[int, dict[str, str]]:
    """The official titles in kk, ru and en by number (``reference/indicators.csv``)."""
    return {int(row["number"]): row for row in read_rows("indicators")}


@dataclass(frozen=True)
class IndicatorValue:
    """An indicator of one year and scope. ``actual`` and ``target`` are hundredths of the unit (tiyn for money).

    ``actual`` is None only for indicator 2, ``target`` where nobody set one, ``percent`` where either is missing.
    ``base`` stands in the place of a target in the base year, and is None in the others.
    ``coverage`` is (accepted, expected) resident-quarters, None for 2 and 6. ``source`` and ``edition`` belong to a
    value entered by hand.
    """

    number: int
    unit: Unit
    actual: int | None
    target: int | None
    percent: str | None
    coverage: tuple[int, int] | None
    year: int
    territory_id: int | None = None
    source: str | None = None
    edition: str | None = None
    base: int | None = None

    @property
    def indicator(self) -> Indicator:
        return INDICATORS[self.number]

    def as_json(self) -> dict[str, Any]:
        """The indicator as ``registry indicators --json`` writes it, keys in the order of ``exchange.md`` 3."""
        coverage = None
        if self.coverage is not None:
            coverage = {"accepted": self.coverage[0], "expected": self.coverage[1]}
        return {
            "number": self.number,
            "unit": str(self.unit),
            "actual": canonical(self.unit, self.actual),
            "target": canonical(self.unit, self.target),
            "base": canonical(self.unit, self.base),
            "percent": self.percent,
            "coverage": coverage,
        }


def value_of(
    number: int,
    *,
    year: int,
    actual: int | None,
    target: int | None,
    coverage: tuple[int, int] | None = None,
    territory_id: int | None = None,
    source: str | None = None,
    edition: str | None = None,
) -> IndicatorValue:
    """Put a value together: percentage by the indicator's direction, coverage only where it means something.

    What was set as the target of the base year is the base.
    """
    item = INDICATORS[number]
    base, target = (target, None) if year == BASE_YEAR else (None, target)
    return IndicatorValue(
        number=number,
        unit=item.unit,
        actual=actual,
        target=target,
        percent=percent(number, actual, target),
        coverage=coverage if item.has_coverage else None,
        year=year,
        territory_id=territory_id,
        source=source,
        edition=edition,
        base=base,
    )


def percent(number: int, actual: int | None, target: int | None) -> str | None:
    """Achievement in per cent, one decimal, half up: actual/target, indicator 2 target/actual (``exchange.md`` 3)."""
    if actual is None or target is None:
        return None
    return percent_half_up(target, actual) if INDICATORS[number].lower_is_better else percent_half_up(actual, target)


def canonical(unit: Unit, value: int | None) -> str | None:
    """A value as files write it: tenge with two decimals, the rest whole; None stays None."""
    if value is None:
        return None
    return canonical_hundredths(value) if unit is Unit.KZT else str(value // 100)


def reference_day(year: int, as_of: date) -> date:
    """The day on which indicator 3 looks at the register: the year's last, or ``as_of`` if earlier."""
    return min(date(year, 12, 31), as_of)


def target_problem(number: int, value: int | None) -> object | None:
    """What is wrong with a target in hundredths of the unit; None also stands for a plan withdrawn."""
    if value is None:
        return None
    unit = INDICATORS[number].unit
    if unit is not Unit.KZT and value % 100:
        return lazy("this indicator is counted in whole numbers")
    if unit is Unit.RANK and not 100 <= value <= 100 * WORST_RANK:
        return rank_problem(value // 100)
    if value <= 0:
        return lazy("a target is greater than zero")
    if value > MAX_VALUE:
        return lazy("this number is too large")
    return None


def rank_problem(rank: int) -> object | None:
    """A rank is a whole number from 1 to 200."""
    if 1 <= rank <= WORST_RANK:
        return None
    return lazy("a rank is a whole number from 1 to %(worst)s", worst=WORST_RANK)


def year_problem(year: int) -> object | None:
    """Targets and hand-entered values are kept for the years of the Concept."""
    if year in YEARS:
        return None
    return lazy("indicators are kept for the years %(first)s to %(last)s", first=FIRST_YEAR, last=LAST_YEAR)


def has_data(value: IndicatorValue, as_of: date) -> bool:
    """Whether a chart may draw the actual: a year not begun, or without one accepted report, stays empty."""
    if value.actual is None or value.year > as_of.year:
        return False
    return value.coverage is None or value.coverage[0] > 0
