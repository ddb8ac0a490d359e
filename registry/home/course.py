"""A company's line of time: what is due from it, what it waits for, and what ends, by day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import url_for

from registry.contracts.queries import EndingContracts
from registry.infra.i18n import format_date, format_quarter, ngettext
from registry.infra.i18n import gettext as _
from registry.patents.queries import FeesDue
from registry.reference import workdays
from registry.reports import reporting_periods
from registry.reports.models import Report
from registry.reports.rules import Status
from registry.reports.views import locked
from registry.reports.work_lists import Duty
from registry.residents.models import Resident

SOON = 120
"""Days within which the end of an accreditation is told."""

WIDTH, LEFT, RIGHT = 1142, 12, 1130
"""Of the drawing: its width, and where its line begins and ends."""


@dataclass(frozen=True, slots=True)
class Event:
    """A day of the line: what happens on it, when that is from today, and what the company does about it.

    ``is_own`` events wait for the company itself. ``x`` is the place on the line, ``number`` the one beside it.
    """

    day: date
    text: str
    when: str
    is_own: bool = False
    url: str | None = None
    act: str | None = None
    x: float = 0
    number: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """The first day of a month on the line."""

    day: date
    x: float


@dataclass(frozen=True, slots=True)
class Course:
    """The line of time as it is drawn: its days in order, its months, and where today is."""

    events: Sequence[Event]
    months: Sequence[Month]
    today_x: float


def in_working_days(day: date, today: date, territory_id: int) -> str:
    """How far off a day is, in working days of a territory; how long ago in plain days."""
    if day < today:
        return ngettext("%(num)s day ago", "%(num)s days ago", (today - day).days)
    left = workdays.days_left(today, day, territory_id=territory_id)
    return ngettext("%(num)s working day", "%(num)s working days", left) if left else _("today")


def _in_days(day: date, today: date) -> str:
    days = (day - today).days
    if days < 0:
        return ngettext("%(num)s day ago", "%(num)s days ago", -days)
    return ngettext("%(num)s day", "%(num)s days", days) if days else _("today")


def course(
    today: date,
    *,
    entries: Sequence[Resident],
    duties: Sequence[Duty],
    sent: Sequence[Report],
    ending: EndingContracts,
    fees: FeesDue,
) -> Course:
    """The line of time of a company's entries."""
    events = sorted(
        [
            *_duties(duties, today),
            *_decisions(sent, today),
            *_ends(entries, ending, fees, today),
            *_next_quarter(entries, duties, today),
        ],
        key=lambda event: event.day,
    )
    first = min([today, *(event.day for event in events)]).replace(day=1)
    last = max([today + timedelta(days=90), *(event.day for event in events)])
    span = (last - first).days or 1

    def place(day: date) -> float:
        return round(LEFT + (RIGHT - LEFT) * (day - first).days / span, 1)

    placed, before = [], -100.0
    for number, event in enumerate(events, 1):
        # Marks of near days stand side by side instead of one upon the other.
        before = min(max(place(event.day), before + 20), RIGHT - 20 * (len(events) - number))
        placed.append(replace(event, x=before, number=number))
    return Course(placed, [Month(day, place(day)) for day in _months(first, last)], place(today))


def _months(first: date, last: date) -> Iterator[date]:
    """The first days of the months of a span; of a long one every third."""
    step = 1 if (last - first).days <= 300 else 3
    day = first
    while day <= last - timedelta(days=8):
        yield day
        month = day.month - 1 + step
        day = date(day.year + month // 12, month % 12 + 1, 1)


def _duties(duties: Sequence[Duty], today: date) -> Iterator[Event]:
    for duty in duties:
        quarter = format_quarter(duty.period.year, duty.period.quarter)
        text = (
            _("Put right the report for %(quarter)s", quarter=quarter)
            if duty.returned
            else _("Send the report for %(quarter)s", quarter=quarter)
        )
        when = in_working_days(duty.period.due_on, today, duty.period.territory_id)
        url = act = None
        if duty.report and locked(duty.period, duty.report):
            url, act = url_for("reports.show", report_id=duty.report.id), _("Open")
        elif duty.report:
            url, act = url_for("reports.edit", report_id=duty.report.id), _("Go on")
        yield Event(duty.period.due_on, text, when, is_own=True, url=url, act=act)


def _decisions(sent: Sequence[Report], today: date) -> Iterator[Event]:
    for report in sent:
        if report.status == Status.SUBMITTED:
            quarter = format_quarter(report.period.year, report.period.quarter)
            yield Event(
                report.period.locks_on,
                _("The management company decides on the report for %(quarter)s", quarter=quarter),
                in_working_days(report.period.locks_on, today, report.period.territory_id),
                url=url_for("reports.show", report_id=report.id),
                act=_("Open"),
            )


def _ends(entries: Sequence[Resident], ending: EndingContracts, fees: FeesDue, today: date) -> Iterator[Event]:
    for entry in entries:
        until = entry.accreditation_until
        if until is not None and today <= until <= today + timedelta(days=SOON):
            yield Event(until, _("The accreditation ends"), _in_days(until, today), is_own=True)
    for contract in ending.first:
        if contract.term_ends_on is not None:
            yield Event(
                contract.term_ends_on,
                _("Contract № %(number)s ends", number=contract.number),
                _in_days(contract.term_ends_on, today),
                is_own=True,
                url=url_for("contracts.show", contract_id=contract.contract_id),
                act=_("Open"),
            )
    for fee in fees.first:
        yield Event(
            fee.due_on,
            _("Fee of patent № %(number)s", number=fee.patent.title_no),
            _in_days(fee.due_on, today),
            is_own=True,
            url=url_for("patents.show", patent_id=fee.patent.id),
            act=_("Open"),
        )


def _next_quarter(entries: Sequence[Resident], duties: Sequence[Duty], today: date) -> Iterator[Event]:
    """When the report on the present quarter will be due, as far as the calendar tells."""
    if not entries:
        return
    year, quarter = today.year, (today.month - 1) // 3 + 1
    if any((duty.period.year, duty.period.quarter) == (year, quarter) for duty in duties):
        return
    dates = reporting_periods.proposed_dates(year, quarter, entries[-1].territory_id)
    yield Event(
        dates.due_on,
        _("Send the report for %(quarter)s", quarter=format_quarter(year, quarter)),
        _("opens on %(day)s", day=format_date(dates.opens_on)),
    )
