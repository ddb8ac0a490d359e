"""The journal's pages: every act, newest first, and the check of the whole chain."""

from __future__ import annotations

from collections.abc import Iterator

from flask import Blueprint, Response, g, render_template
from werkzeug.wrappers import Response as BaseResponse

from registry.infra import list_page, sheets
from registry.infra.access import Permission, requires
from registry.infra.clock import utc_now
from registry.journal import keys, presentation, queries, services
from registry.journal.listing import JOURNAL, filters_of

blueprint = Blueprint("journal", __name__, url_prefix="/journal")


@blueprint.get("")
@requires(Permission.VIEW_JOURNAL)
def index() -> str:
    """Acts filtered by kind and by the time they were recorded."""
    return list_page.show(list_page.page_of(JOURNAL), "journal/index.html", head=queries.head())


_COLUMNS = ("sequence", "recorded_at", "account", "action", "subject", "subject_id", "effective_on", "ground",
            "basis_kind", "basis_no", "basis_date", "reason", "corrects", "annuls", "changes", "hash")  # fmt: skip


@blueprint.get("/entries.<any(csv, xlsx):ending>")
@requires(Permission.VIEW_JOURNAL)
def entries_file(ending: str) -> BaseResponse:
    """The acts the filters show as a file, the oldest first, with what changed in the reader's language."""
    wanted = list_page.asked(JOURNAL)
    if instead := list_page.said_instead(JOURNAL, wanted):
        return instead
    return Response(
        sheets.table_bytes("journal", _COLUMNS, _rows(filters_of(wanted)), ending),
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
