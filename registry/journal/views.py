"""The journal's pages: every act, newest first, and the check of the whole chain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

from flask import Blueprint, Response, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.infra import sheets
from registry.infra.access import Permission, requires
from registry.infra.clock import ALMATY, end_of_day, utc_now
from registry.infra.forms import parse_typed_date, unread_days
from registry.infra.paging import PAGE_SIZE, Page, page_number
from registry.journal import keys, presentation, queries, services
from registry.journal.rules import Action

blueprint = Blueprint("journal", __name__, url_prefix="/journal")


@blueprint.get("")
@requires(Permission.VIEW_JOURNAL)
def index() -> str:
    """Acts filtered by kind and by the time they were recorded."""
    number = page_number(request.args.get("page"))
    since, until = _days()
    filters = _filters()
    entries, total = queries.history(**filters, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return render_template(
        "journal/index.html",
        page=Page(entries, number, total),
        paper={
            "kind": "corrections" if filters["corrections_only"] else "journal",
            "from": since.isoformat() if since else None,
            "as_of": until.isoformat() if until else None,
        },
        head=queries.head(),
        actions=sorted(
            ((str(action), presentation.action_label(action)) for action in Action), key=lambda pair: pair[1]
        ),
    )


_DAYS = ("since", "until")


def _days() -> tuple[date | None, date | None]:
    """The first and the last day of recording asked for."""
    since, until = (parse_typed_date(request.args.get(name)) for name in _DAYS)
    return since, until


def _filters() -> queries.Filters:
    """What the address asks for, as :func:`queries.history` takes it."""
    wanted = request.args.get("action", "")
    since, until = _days()
    return {
        "viewer": g.viewer,
        "actions": [wanted] if wanted in set(Action) else None,
        "since": datetime.combine(since, time.min, ALMATY) if since else None,
        "until": end_of_day(until) if until else None,
        "corrections_only": request.args.get("only") == "corrections",
    }


_COLUMNS = ("sequence", "recorded_at", "account", "action", "subject", "subject_id", "effective_on", "ground",
            "basis_kind", "basis_no", "basis_date", "reason", "corrects", "annuls", "changes", "hash")  # fmt: skip


@blueprint.get("/entries.<any(csv, xlsx):ending>")
@requires(Permission.VIEW_JOURNAL)
def entries_file(ending: str) -> BaseResponse:
    """The acts the filters show as a file, the oldest first, with what changed in the reader's language."""
    if unread_days(request.args, _DAYS):
        asked: dict[str, Any] = {name: request.args.get(name) for name in ("action", *_DAYS, "only")}
        return redirect(url_for(".index", **asked))
    return Response(
        sheets.table_bytes("journal", _COLUMNS, _rows(_filters()), ending),
        mimetype=sheets.CONTENT_TYPES[ending].partition(";")[0],
        headers={"Content-Disposition": f'attachment; filename="journal.{ending}"'},
    )


def _rows(filters: queries.Filters) -> Iterator[list[sheets.Value]]:
    """One row for each act; people by the numbers of their accounts, as the paper names them."""
    for entry in queries.all_entries(**filters):
        yield [
            entry.sequence,
            entry.recorded_at,
            entry.actor_id,
            str(entry.action),
            entry.subject_type,
            entry.subject_id,
            entry.effective_on,
            entry.ground,
            entry.basis_kind,
            entry.basis_no,
            entry.basis_date,
            entry.reason,
            entry.corrects,
            entry.annuls,
            presentation.changes_in_words(entry),
            entry.hash,
        ]


@blueprint.get("/verification")
@requires(Permission.VIEW_JOURNAL)
def verification() -> str:
    """Check every entry of the journal now."""
    shared = keys.shared_numbers() if g.viewer.has_all_territories else []
    return render_template("journal/verification.html", result=services.check(utc_now()), shared=shared)
