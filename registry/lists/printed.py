"""The PDF of what a list shows."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from flask import g

from registry.errors import DomainError
from registry.infra import elsewhere, list_page
from registry.infra.clock import today
from registry.infra.i18n import current_language, format_date, format_integer, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.infra.listing import Asked, Column, Listing
from registry.printing import list_print
from registry.printing.list_print import Print, PrintColumn, Style
from registry.territories import queries

PDF = "pdf"
CONTENT_TYPE = "application/pdf"

PROGRAM = elsewhere.Elsewhere(list_print.__name__, seconds=list_print.SECONDS, at_once=2, patience=5)

WORDS = {
    "document_type": lazy("LIST"),
    "copy": lazy("INFORMATION COPY"),
    "draft.note": lazy("A printed list, without number and official force."),
    "page": lazy("page {page} of {pages}"),
    "demo": lazy("DEMO DATA"),
    "number_heading": lazy("No."),
}


def pdf_of(listing: Listing, wanted: Asked, about: list[tuple[str, str]]) -> bytes:
    """What a list shows as a PDF: its columns and rows in its order, with ``about``, which tells what was asked for.

    :raises DomainError: for more rows than are printed, and where printing them fails.
    """
    columns = listing.shown(wanted.columns)
    rows = []
    for row in list_page.every_row(listing, wanted):
        if len(rows) == list_print.MOST_ROWS:
            raise DomainError(
                _(
                    "A PDF can hold %(limit)s rows: narrow the list, or take the table for reading.",
                    limit=format_integer(list_print.MOST_ROWS),
                )
            )
        rows.append([cell.text for _column, cell in row.cells])
    territories = [row for row in queries.territories_of(g.viewer) if g.territory_id in {None, row.id}]
    only = territories[0] if len(territories) == 1 else None
    asked = Print(
        language=current_language(),
        title=str(listing.title()),
        place=name_in(only) if only else _("All territories"),
        dated=_("Made on %(day)s", day=format_date(today())),
        data_status=_("Number of rows: %(count)s", count=format_integer(len(rows))),
        about=about,
        columns=[PrintColumn(str(column.full or column.label), style) for column, style in _styles(columns, rows)],
        rows=rows,
        demo=any(row.is_demo for row in territories),
        words={key: str(word) for key, word in WORDS.items()},
    )
    try:
        with PROGRAM.done(msgspec.json.encode(asked)) as output:
            return output.read()
    except elsewhere.Busy:
        raise DomainError(_("Other lists are being printed; try again in a minute.")) from None
    except (elsewhere.TookTooLong, elsewhere.Failed):
        raise DomainError(
            _("The list could not be printed: narrow it or choose fewer columns, or take the table for reading.")
        ) from None


def _styles(columns: tuple[Column, ...], rows: list[list[str]]) -> Iterator[tuple[Column, Style]]:
    """How the cells of each column are set: numbers to the right, what has no spaces in one line."""
    for place, column in enumerate(columns):
        if column.is_number:
            yield column, "number"
        elif all(" " not in row[place] for row in rows):
            yield column, "code"
        else:
            yield column, "text"
