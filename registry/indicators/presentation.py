"""Indicators in the reader's language: their units, their values as people write them, and what a chart says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from registry.indicators import rules
from registry.indicators.rules import INDICATORS, IndicatorValue, Unit
from registry.infra.charts import actual_against_target
from registry.infra.i18n import (
    current_language,
    format_billions,
    format_hundredths,
    format_integer,
    format_money,
    lazy,
    name_in,
)
from registry.infra.i18n import gettext as _

_UNITS = {
    Unit.KZT: lazy("billion tenge"),
    Unit.RANK: lazy("rank"),
    Unit.PERSONS: lazy("persons"),
    Unit.PATENTS: lazy("patents"),
}
SHORT_NAMES = {
    1: lazy("Taxes"),
    2: lazy("GII, business R&D"),
    3: lazy("Researchers"),
    4: lazy("Private investment"),
    5: lazy("Science-intensive output"),
    6: lazy("Patents for inventions"),
}
"""What the indicators are called where their official titles have no room."""

_BILLION = 100_000_000_000
"""Tiyn in a billion tenge."""


def unit_label(unit: Unit) -> str:
    """What the values of a table or an axis are counted in; money in billions of tenge."""
    return str(_UNITS[unit])


def in_words(unit: Unit, value: int | None) -> str:
    """A value that stands alone: money rounded to billions with its currency, the rest whole; nothing for None."""
    if value is None:
        return ""
    return format_billions(value) if unit is Unit.KZT else format_integer(value // 100)


def in_table(unit: Unit, value: int | None) -> str:
    """A value under a head that names the unit (:func:`unit_label`); nothing for None."""
    if value is None:
        return ""
    return (
        format_hundredths((value + _BILLION // 200) // (_BILLION // 100)) if unit is Unit.KZT else in_words(unit, value)
    )


def course_in_words(unit: Unit, values: Sequence[int]) -> str:
    """What quarters add up to, one after the other, for whoever does not see it drawn."""
    return "; ".join(in_words(unit, value) for value in values)


def in_short(unit: Unit, value: int | None) -> str:
    """A value with its unit where there is no room for words: ``2,35 млрд ₸``."""
    figure = in_table(unit, value)
    return _("%(figure)s bn ₸", figure=figure) if figure and unit is Unit.KZT else figure


def exact(unit: Unit, value: int | None) -> str:
    """A value to the last tiyn."""
    return format_money(value) if unit is Unit.KZT else in_words(unit, value)


def chart(number: int, course: Mapping[int, Sequence[IndicatorValue]], as_of: date) -> bytes:
    """The chart of one indicator over the years, as SVG."""
    unit = INDICATORS[number].unit
    divisor = _BILLION if unit is Unit.KZT else 100
    values = [found[number - 1] for found in course.values()]

    def scaled(value: int | None) -> float | None:
        return None if value is None else value / divisor

    return actual_against_target(
        tuple(course),
        tuple(scaled(value.actual) if rules.has_data(value, as_of) else None for value in values),
        tuple(scaled(value.target) for value in values),
        base=tuple(scaled(value.base) for value in values),
        base_label=_("Base"),
        actual_label=_("Actual"),
        target_label=_("Target"),
        unit=unit_label(unit),
        language=current_language(),
    )


def chart_text(number: int, course: Mapping[int, Sequence[IndicatorValue]], as_of: date) -> str:
    """What the chart shows, for whoever does not see it."""
    item = INDICATORS[number]
    values = [found[number - 1] for found in course.values()]

    def listed(pairs: list[tuple[int, int | None]]) -> str:
        known = [f"{year} – {in_table(item.unit, value)}" for year, value in pairs if value is not None]
        return "; ".join(known) or _("no data")

    return _(
        "Chart by year, %(unit)s: %(title)s. Bars, actual: %(actual)s. Base: %(base)s. Line, target: %(target)s.",
        unit=unit_label(item.unit),
        title=name_in(item),
        actual=listed([(value.year, value.actual) for value in values if rules.has_data(value, as_of)]),
        base=listed([(value.year, value.base) for value in values]),
        target=listed([(value.year, value.target) for value in values]),
    )
