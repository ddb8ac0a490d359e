"""Periods and reports ready-made, through the services."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from registry.infra.access import SYSTEM
from registry.infra.clock import local_date
from registry.infra.db import transaction
from registry.reports import reporting_periods, services
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Line
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import people

NOW = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""20 November 2026, 11:00 in Asia/Almaty: the third quarter is open and not yet due."""

LINES = (
    Line(
        "revenue",
        "rnd_works",
        amount=150_000_00,
        document_kind="contract",
        document_no="7",
        document_date=date(2026, 7, 1),
    ),
    Line("tax", "101201", amount=20_000_50, document_kind="statement", document_no="12"),
    Line("staff", "research_specialists", count=5),
    Line("staff", "total_staff", count=8),
    Line("investment", "private_foreign", amount=1_000_00, document_no="3"),
)
"""A report without errors or warnings."""

NONE: frozenset[str] = frozenset()


def period(year: int = 2026, quarter: int = 3, *, territory: str = "NU", now: datetime = NOW) -> ReportingPeriod:
    """An open period; opened before or now, with its usual calendar but for the lock, which still lies ahead."""
    found = reporting_periods.find_period(by_code(territory).id, year, quarter)
    if found is not None:
        return found
    dates = reporting_periods.proposed_dates(year, quarter, by_code(territory).id)
    dates = replace(dates, locks_on=max(dates.locks_on, local_date(now)))
    with transaction():
        return services.open_period(
            SYSTEM, territory=by_code(territory), year=year, quarter=quarter, dates=dates, now=now
        )


def draft(
    entry: Resident,
    lines: Sequence[Line] = LINES,
    *,
    year: int = 2026,
    quarter: int = 3,
    now: datetime = NOW,
    none: frozenset[str] = NONE,
) -> Report:
    """A draft with lines, as the resident saved it."""
    quarter_row = period(year, quarter, territory=entry.territory.code)
    with transaction():
        report = services.start_report(people.viewer("resident"), resident=entry, period=quarter_row, now=now)
    return fill(report, lines, now=now, none=none)


def fill(
    report: Report,
    lines: Sequence[Line] = LINES,
    *,
    now: datetime = NOW,
    none: frozenset[str] = NONE,
    explanation: str | None = None,
) -> Report:
    """Save what the resident typed; of a returned report the version opened for it."""
    with transaction():
        return services.save_draft(
            people.viewer("resident"),
            report,
            lines=lines,
            none=none,
            explanation=explanation,
            revision=report.revision,
            now=now,
        )


def submitted(
    entry: Resident, lines: Sequence[Line] = LINES, *, year: int = 2026, quarter: int = 3, now: datetime = NOW
) -> Report:
    """A report that waits for the company's decision."""
    report = draft(entry, lines, year=year, quarter=quarter, now=now)
    send(report, now=now)
    return report


def send(report: Report, *, now: datetime = NOW) -> Report:
    with transaction():
        return services.submit(people.viewer("resident"), report, revision=report.revision, now=now)


def returned(
    entry: Resident,
    reason: str = "Салық бойынша үзінді жоқ",
    *,
    year: int = 2026,
    quarter: int = 3,
    now: datetime = NOW,
) -> Report:
    """A report that came back to the resident."""
    report = submitted(entry, year=year, quarter=quarter, now=now)
    with transaction():
        services.return_report(people.viewer("staff"), report, reason=reason, now=now)
    return report


def accepted(
    entry: Resident, lines: Sequence[Line] = LINES, *, year: int = 2026, quarter: int = 3, now: datetime = NOW
) -> Report:
    """A report whose figures count."""
    report = submitted(entry, lines, year=year, quarter=quarter, now=now)
    accept(report, now=now)
    return report


def accept(report: Report, *, now: datetime = NOW) -> None:
    with transaction():
        services.accept(people.viewer("staff"), report, now=now)


def correction(report: Report, lines: Sequence[Line], *, now: datetime = NOW) -> Report:
    """A correcting version with these lines, still a draft."""
    with transaction():
        version = services.start_correction(people.viewer("resident"), report, reason="Қате", now=now)
    fill(version, lines, now=now)
    return version


def stored(
    entry: Resident, lines: Sequence[Line] = LINES, *, year: int = 2026, quarter: int = 3, now: datetime = NOW
) -> Report | None:
    """A report stored as accepted by an import."""
    with transaction():
        return services.store_accepted(SYSTEM, resident=entry, year=year, quarter=quarter, lines=lines, now=now)
