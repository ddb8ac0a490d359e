"""The home page: what needs whom (``design.md`` 3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, g, render_template

from registry.accounts import two_people
from registry.accounts.queries import names as account_names
from registry.contracts import queries as contracts
from registry.indicators import queries as indicators
from registry.infra.access import Permission, Viewer, requires
from registry.infra.clock import ALMATY, end_of_day, today, utc_now
from registry.infra.db import db
from registry.installation import backups
from registry.journal import queries as journal
from registry.paper_kinds.rules import quarter_end
from registry.papers import queries as documents
from registry.papers.models import Document, DocumentAct
from registry.patents import queries as patents
from registry.reports import work_lists
from registry.residents import queries as residents
from registry.residents.models import Resident

blueprint = Blueprint("home", __name__)

ENDING_DAYS = 90
FEE_DAYS = 60
LATE_SHOWN = 10


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
    year = today().year
    return {"year": year, "values": indicators.indicators(viewer, year=year, territory_id=g.territory_id)}


def _staff(viewer: Viewer) -> dict[str, Any]:
    """Counts that open the lists behind them; the alarm when the journal was found damaged."""
    day, territory_id = today(), g.territory_id
    late = work_lists.late(viewer, today=day, territory_id=territory_id, limit=LATE_SHOWN)
    return {
        "to_review": work_lists.count(work_lists.to_review(viewer, territory_id=territory_id)),
        "hanging": work_lists.count(work_lists.hanging(viewer, territory_id=territory_id)),
        "late": late,
        "proposed": len(two_people.to_decide(viewer)),
        "awaiting": documents.count_awaiting_approval(viewer),
        "checked": journal.last_check(),
        "clock_doubt": journal.clock_doubt(journal.head()),
        "backup_alarm": backups.alarm(utc_now()) if viewer.looks_after_the_installation else [],
        "ending": contracts.ending_within(viewer, days=ENDING_DAYS, today=day, territory_id=territory_id),
        "fees": patents.fees_due_within(viewer, FEE_DAYS, day=day, territory_id=territory_id),
        "ending_days": ENDING_DAYS,
        "fee_days": FEE_DAYS,
    }


def _resident(viewer: Viewer) -> dict[str, Any]:
    day = today()
    papers = (
        sa.select(Document)
        .join(DocumentAct, Document.act_id == DocumentAct.id)
        .where(*documents.visible(viewer))
        .order_by(Document.issued_at.desc(), Document.id.desc())
        .limit(5)
    )
    entries = sa.select(Resident).where(*residents.visible(viewer))
    return {
        "entries": db.session.scalars(entries.order_by(Resident.registered_on, Resident.id)).all(),
        "duties": work_lists.my_duty(viewer, day),
        "ending": contracts.ending_within(viewer, days=ENDING_DAYS, today=day),
        "fees": patents.fees_due_within(viewer, FEE_DAYS, day=day),
        "papers": db.session.scalars(papers).all(),
        "today": day,
        "ending_days": ENDING_DAYS,
        "fee_days": FEE_DAYS,
    }


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
