"""The journal's pages: every act, newest first, and the check of the whole chain."""

from __future__ import annotations

from datetime import datetime, time

from flask import Blueprint, render_template, request

from registry.infra.access import Permission, requires
from registry.infra.clock import ALMATY, end_of_day
from registry.infra.forms import parse_typed_date
from registry.infra.paging import PAGE_SIZE, Page, page_number
from registry.journal import presentation, queries
from registry.journal.rules import Action

blueprint = Blueprint("journal", __name__, url_prefix="/journal")


@blueprint.get("")
@requires(Permission.VIEW_JOURNAL)
def index() -> str:
    """Acts filtered by kind and by the time they were recorded."""
    number = page_number(request.args.get("page"))
    wanted = request.args.get("action", "")
    since, until = (parse_typed_date(request.args.get(name)) for name in ("since", "until"))
    entries, total = queries.history(
        actions=[wanted] if wanted in set(Action) else None,
        since=datetime.combine(since, time.min, ALMATY) if since else None,
        until=end_of_day(until) if until else None,
        corrections_only=request.args.get("only") == "corrections",
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
    )
    return render_template(
        "journal/index.html",
        page=Page(entries, number, total),
        head=queries.head(),
        actions=sorted(
            ((str(action), presentation.action_label(action)) for action in Action), key=lambda pair: pair[1]
        ),
    )


@blueprint.get("/verification")
@requires(Permission.VIEW_JOURNAL)
def verification() -> str:
    """Check every entry of the journal now."""
    return render_template("journal/verification.html", result=queries.verify())
