"""Files of what a list shows, and saved views."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Blueprint, abort, flash, g, redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from registry.errors import DomainError
from registry.infra import act_page, list_page, sheets
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.db import transaction
from registry.infra.i18n import current_language, format_date, format_integer, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.infra.listing import Asked, Listing
from registry.lists import forms, printed, queries, services

blueprint = Blueprint("lists", __name__, url_prefix="/lists")

SAVE = Words(
    title=lazy("Save this view"),
    button=lazy("Save the view"),
    text=lazy(
        "A view keeps filters, columns and order, never rows: whoever opens it sees what is there then and what is"
        " theirs to see."
    ),
)


def _listing(name: str) -> Listing:
    return list_page.listing_named(name) or abort(404)


def _address(listing: Listing, query: str = "") -> str:
    address = url_for(listing.endpoint)
    return f"{address}?{query}" if query else address


@blueprint.get("/<name>.<any(xlsx, csv, pdf):ending>")
@requires(Permission.EXPORT_FILES)
def file(name: str, ending: str) -> Response:
    """What the list shows, or its marked rows, as a file for reading; only a table on the page can be printed."""
    listing = _listing(name)
    wanted = list_page.asked(listing)
    if instead := list_page.said_instead(listing, wanted):
        return instead
    if ending == printed.PDF:
        if not listing.is_table:
            abort(404)
        try:
            content = printed.pdf_of(listing, wanted, _asked_for(wanted))
        except DomainError as refusal:
            flash(str(refusal), "error")
            return redirect(_address(listing, urlencode(list_page.said_of(listing, request.args))))
    else:
        content = _table(listing, wanted, ending)
    return send_file(
        io.BytesIO(content),
        mimetype=printed.CONTENT_TYPE if ending == printed.PDF else sheets.CONTENT_TYPES[ending],
        as_attachment=True,
        download_name=f"{name}-{wanted.day.isoformat()}-list.{ending}",
        max_age=0,
    )


def _asked_for(wanted: Asked) -> list[tuple[str, str]]:
    """What of a list is asked for, in words."""
    return [(answer.label, answer.said) for answer in wanted.answers if answer.applies]


def _table(listing: Listing, wanted: Asked, ending: str) -> bytes:
    """What a list shows as a CSV file or a spreadsheet; this one tells on a sheet of its own what was asked for."""
    columns = listing.shown(wanted.columns)
    count = 0

    def rows() -> Iterator[list[sheets.Value]]:
        nonlocal count
        for row in list_page.every_row(listing, wanted):
            count += 1
            yield [cell.value for _column, cell in row.cells]

    def about() -> list[tuple[str, str]]:
        territory = next((row for row in g.territories if row.id == g.territory_id), None)
        return [
            (_("List"), str(listing.title())),
            (_("Territory"), name_in(territory) if territory else _("All territories")),
            *_asked_for(wanted),
            (_("Rows"), format_integer(count)),
            (_("Made on"), format_date(today())),
        ]

    labels = [str(column.full or column.label) for column in columns]
    if ending == sheets.CSV:
        return sheets.reading_bytes(labels, rows(), decimal_comma=current_language() != "en")
    return sheets.reading_book(
        str(listing.title()),
        list(zip(labels, (column.is_wide for column in columns), strict=True)),
        rows(),
        about_title=_("About this list"),
        about=about,
    )


@blueprint.route("/<name>/save", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def save(name: str) -> Page:
    """Keep the filters, columns and order of the list's address under a name."""
    listing = _listing(name)
    query = urlencode(list_page.said_of(listing, request.args))
    applied = [answer for answer in list_page.asked(listing).answers if answer.applies]
    form = forms.ViewForm()
    if g.viewer.is_company:
        form.is_shared.label.text = _("Offer it to the other accounts of my company")
    return act_page.run(
        form,
        SAVE,
        lambda: services.save_view(
            g.viewer,
            listing=listing.name,
            name=form.name.data or "",
            query=query,
            is_shared=bool(form.is_shared.data),
            now=utc_now(),
        ),
        then=lambda view: act_page.done(_("The view is saved: %(name)s.", name=view.name), _address(listing, query)),
        back=_address(listing, query),
        lead="; ".join(f"{answer.label}: {answer.said}" for answer in applied),
        crumbs=[(listing.title(), _address(listing))],
    )


@blueprint.post("/views/<int:view_id>/remove")
@requires(Permission.USE_PROGRAM)
def remove(view_id: int) -> Response:
    """Remove an own view; the list stays as it is looked at, so that it can be saved again."""
    view = queries.get_own(view_id, g.viewer)
    back = _address(_listing(view.listing), view.query)
    with transaction():
        services.remove_view(g.viewer, view)
    return act_page.done(_("The view is removed."), back)
