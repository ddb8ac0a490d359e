"""The home page: what needs whom (``design.md`` 3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import Blueprint, g, render_template

from registry.accounts import two_people
from registry.accounts.queries import names as account_names
from registry.contracts import queries as contracts
from registry.home import course, waiting
from registry.indicators import queries as indicators
from registry.indicators.presentation import SHORT_NAMES
from registry.infra import paging
from registry.infra.access import Permission, Viewer, requires
from registry.infra.clock import ALMATY, end_of_day, today, utc_now
from registry.infra.db import db
from registry.infra.i18n import gettext as _
from registry.installation import backups
from registry.journal import queries as journal
from registry.paper_kinds.rules import quarter_end
from registry.papers import queries as documents
from registry.patents import queries as patents
from registry.reports import accepted, reporting_periods, work_lists
from registry.reports import queries as reports
from registry.reports.models import Report
from registry.reports.rules import RESEARCH, Section, Status
from registry.residents import queries as residents
from registry.residents.models import Resident

blueprint = Blueprint("home", __name__)

ENDING_DAYS = 90
FEE_DAYS = 60
DECISIONS_SHOWN, CONTRACTS_SHOWN, PAPERS_SHOWN = 4, 4, 4
"""Rows of each kind on a resident's home page."""


@blueprint.get("/")
@requires(Permission.USE_PROGRAM)
def index() -> str:
    """A resident's duties, an auditor's tools, or what waits for the company's staff."""
    viewer: Viewer = g.viewer
    if viewer.is_company:
        return render_template("home/resident.html", **_resident(viewer))
    if viewer.may(Permission.REVIEW_REPORTS):
        return render_template("home/staff.html", **_staff(viewer), **_figures(viewer))
    return render_template("home/auditor.html", **_auditor(viewer), **_figures(viewer))


def _figures(viewer: Viewer) -> dict[str, Any]:
    """The six indicators of the year so far; ``pace`` is how much of the year its ended quarters are, in per cent."""
    day = today()
    found = indicators.year_so_far(viewer, year=day.year, territory_id=g.territory_id)
    covered = [row.value.coverage for row in found if row.value.coverage]
    return {
        "year": day.year,
        "figures": found,
        "pace": 25 * ((day.month - 1) // 3),
        "coverage": covered[0] if covered else None,
        "short_names": SHORT_NAMES,
    }


def _staff(viewer: Viewer) -> dict[str, Any]:
    """Counts that open the lists behind them; the alarm when the journal was found damaged."""
    day, territory_id = today(), g.territory_id
    periods = reporting_periods.periods(viewer, territory_id)
    late = work_lists.late(viewer, today=day, territory_id=territory_id, limit=waiting.SHOWN, periods=periods)
    to_review = work_lists.to_review(viewer, territory_id=territory_id)
    hanging = work_lists.hanging(viewer, territory_id=territory_id)
    submitted, returned = paging.counts([to_review, hanging])
    proposals = two_people.to_decide(viewer)
    ending = contracts.ending_within(
        viewer, days=ENDING_DAYS, today=day, territory_id=territory_id, limit=waiting.SHOWN
    )
    fees = patents.fees_due_within(viewer, FEE_DAYS, day=day, territory_id=territory_id, limit=waiting.SHOWN)
    counts = {
        "to_review": submitted,
        "late": late.count,
        "hanging": returned,
        "awaiting": documents.count_awaiting_approval(viewer),
        "proposed": len(proposals),
        "ending": ending.count,
        "fees": fees.count,
    }

    def some(statement: sa.Select[Report], number: int) -> Sequence[Report]:
        return db.session.scalars(statement.limit(waiting.SHOWN)).all() if number else ()

    queue = waiting.queue(
        waiting.to_review(some(to_review, counts["to_review"]), day),
        waiting.to_approve(documents.awaiting_approval(viewer, limit=waiting.SHOWN) if counts["awaiting"] else (), day),
        waiting.to_confirm(proposals, day),
        waiting.late(late.first, day),
        waiting.sent_back(some(hanging, counts["hanging"]), day),
        waiting.ending(ending, day),
        waiting.fees(fees, day),
    )
    return {
        "today": day,
        "counts": counts,
        "queue": queue,
        "in_queue": sum(counts.values()),
        "quarter_sent": work_lists.latest_quarter(viewer, periods, day),
        "checked": journal.last_check(),
        "clock_doubt": journal.clock_doubt(journal.head()),
        "backup_alarm": backups.alarm(utc_now()) if viewer.looks_after_the_installation else [],
        "ending_days": ENDING_DAYS,
        "fee_days": FEE_DAYS,
    }


def _resident(viewer: Viewer) -> dict[str, Any]:
    """What is due from the company and when, what came back, how it stands this year, its contracts and last papers."""
    day = today()
    papers = documents.list_statement(viewer)
    entries = db.session.scalars(
        sa.select(Resident).where(*residents.visible(viewer)).order_by(Resident.registered_on, Resident.id)
    ).all()
    duties = work_lists.my_duty(viewer, day)
    ending = contracts.ending_within(viewer, days=ENDING_DAYS, today=day)
    fees = patents.fees_due_within(viewer, FEE_DAYS, day=day)
    sent = reports.reports_of(
        db.session.execute(reports.list_statement(viewer, status=Status.SUBMITTED).limit(DECISIONS_SHOWN)).all()
    )
    return {
        "entries": entries,
        "duties": duties,
        "returned": [duty for duty in duties if duty.returned],
        "course": course.course(day, entries=entries, duties=duties, sent=sent, ending=ending, fees=fees),
        "in_working_days": course.in_working_days,
        "contracts": db.session.execute(
            contracts.list_statement(
                viewer, day=day, language=viewer.language, status="in_force", sort="ends_on", descending=False
            ).limit(CONTRACTS_SHOWN)
        ).all(),
        "figures": _own_figures(viewer, day.year),
        "year": day.year,
        "papers": db.session.scalars(papers.limit(PAPERS_SHOWN)).all(),
        "today": day,
    }


class OwnFigure(NamedTuple):
    """What a company's accepted reports of a year add up to in a section, and of the year before."""

    label: str
    now: int | None
    before: int | None
    is_money: bool


def _own_figures(viewer: Viewer, year: int) -> list[OwnFigure]:
    """Sums of the year for money, the latest quarter for people; None where nothing was accepted."""
    sums: dict[tuple[int, str], int] = {}
    people: dict[int, tuple[int, int]] = {}
    for line in accepted.accepted_lines(viewer, since_year=year - 1):
        if line.section == Section.STAFF:
            if line.code == RESEARCH and line.quarter >= people.get(line.year, (0, 0))[0]:
                people[line.year] = (line.quarter, line.count or 0)
        else:
            key = (line.year, line.section)
            sums[key] = sums.get(key, 0) + (line.amount or 0)
    money = ((Section.REVENUE, _("Revenue")), (Section.TAX, _("Taxes")), (Section.INVESTMENT, _("Investment")))
    found = [
        OwnFigure(label, sums.get((year, part)), sums.get((year - 1, part)), is_money=True) for part, label in money
    ]
    now, before = (people.get(each, (0, None))[1] for each in (year, year - 1))
    return [*found, OwnFigure(_("Research specialists"), now, before, is_money=False)]


@dataclass(frozen=True)
class Quarter:
    """A quarter with the corrections and exceptions recorded in it."""

    year: int
    quarter: int
    first: date
    last: date
    count: int


def _auditor(viewer: Viewer) -> dict[str, Any]:
    day, requests = today(), documents.latest_requests(viewer)
    latest, _total = journal.history(viewer=viewer, corrections_only=True, limit=5)
    return {
        "head": journal.head(),
        "checked": journal.last_check(),
        "clock_doubt": journal.clock_doubt(journal.head()),
        "requests": requests,
        "papers": documents.papers_made(requests),
        "people": account_names({viewer.user_id}),
        "corrections": latest,
        "quarters": [_exceptions(viewer, quarter_of(day)), _exceptions(viewer, quarter_of(day, before=1))],
    }


def quarter_of(day: date, *, before: int = 0) -> tuple[int, int]:
    """Year and number of the quarter of a day, or of one so many quarters before it."""
    quarters = 4 * day.year + (day.month - 1) // 3 - before
    return quarters // 4, quarters % 4 + 1


def _exceptions(viewer: Viewer, quarter: tuple[int, int]) -> Quarter:
    """By the day of recording, as the journal's page and its paper count them."""
    first, last = date(quarter[0], 3 * quarter[1] - 2, 1), quarter_end(*quarter)
    _entries, count = journal.history(
        viewer=viewer,
        corrections_only=True,
        since=datetime.combine(first, time.min, ALMATY),
        until=end_of_day(last),
        limit=0,
    )
    return Quarter(*quarter, first, min(last, today()), count)
