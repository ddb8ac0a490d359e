"""Companies are reminded of reports: some working days before one is due, and once it is late.

How many days the settings say (``REGISTRY_REMIND_DAYS``). Each company is told once for each of them; a period that is
opened later than that is told of by the nearest one.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from flask import current_app

from registry.accounts import queries as accounts
from registry.config import Settings
from registry.infra.access import SYSTEM
from registry.infra.clock import local_date, seems_ahead, utc_now
from registry.infra.db import transaction
from registry.infra.i18n import deferred, lazy, ngettext
from registry.infra.schedule import DAY, Periodic, When
from registry.notifications import services as notifications
from registry.reference.workdays import workdays
from registry.reports import events, reporting_periods, rules, work_lists
from registry.reports.models import ReportingPeriod

AT = time(7)
"""When it is looked who is to be reminded: before the letters of the day are put together."""

LATE_FOR = timedelta(days=14)
"""For how long after its due day a report that was not sent is told of as late: nobody is told of years ago."""


def occasion(period: ReportingPeriod, day: date, remind_days: Collection[int]) -> str | None:
    """What of a period is told of on a day: the reminder reached last; None where there is none.

    A period whose due day was moved is told of anew.
    """
    if day > period.due_on:
        return f"{period.due_on} late" if day - period.due_on <= LATE_FOR else None
    if day < period.opens_on:
        return None
    left = rules.working_days_left(
        day, period.due_on, *workdays(*range(day.year, period.due_on.year + 1), territory_id=period.territory_id)
    )
    reached = [days for days in remind_days if left <= days]
    return f"{period.due_on} {min(reached)}" if reached else None


def remind(now: datetime | None = None) -> object:
    """Tell the accounts of each company that owes a report of it, where it is time to."""
    now = now or utc_now()
    if seems_ahead():
        return lazy("Nobody was reminded: the clock seems to run ahead.")
    day, settings, count = local_date(now), current_app.config["SETTINGS"], 0
    with transaction():
        for period in reporting_periods.periods(SYSTEM):
            when = occasion(period, day, settings.remind_days)
            if when is None:
                continue
            owing = accounts.company_accounts(work_lists.owing(period))
            count += notifications.tell(
                events.LATE if day > period.due_on else events.DUE,
                [user_id for own in owing.values() for user_id in own],
                about=(events.PERIOD, period.id),
                occasion=when,
                values=events.values_of(period),
                now=now,
            )
    return deferred(lambda: ngettext("%(num)s person was reminded.", "%(num)s people were reminded.", count))


def _when(_settings: Settings) -> When:
    return When(DAY, AT)


PERIODIC = (Periodic("reminders", lazy("Companies are reminded of reports that are due or late"), _when, remind),)
"""What is done about reports from time to time."""
