"""The list of issued papers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from registry.infra import listing
from registry.infra.finder import Finder
from registry.infra.i18n import LANGUAGE_NAMES, lazy
from registry.infra.i18n import gettext as _
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing
from registry.infra.numbers import whole_number
from registry.lists import cells
from registry.paper_kinds.kinds import KINDS
from registry.papers import queries, rules
from registry.papers.models import Document
from registry.papers.rules import State, Validity

Validities = Mapping[int, Validity]
"""Whether each of the papers shown holds, by its id."""

_STATES = {
    State.VALID: ("good", lazy("valid")),
    State.REPLACED: ("warn", lazy("replaced")),
    State.REVOKED: ("bad", lazy("revoked")),
}


def _number(paper: Document, _held: Validities) -> Cell:
    return listing.text(paper.number, url=url_for("documents.show", document_id=paper.id))


def _kind(paper: Document, _held: Validities) -> Cell:
    name = str(rules.name_of(paper.act.kind))
    return listing.text(f"{name}, {_('a copy for information')}" if paper.act.copy else name)


def _quarter(paper: Document, _held: Validities) -> Cell:
    year, quarter = paper.act.report_year, paper.act.report_quarter
    return listing.text("" if year is None else f"{year}" if quarter is None else f"{year}-{quarter}")


def _status(paper: Document, held: Validities) -> Cell:
    chip, word = _STATES[held[paper.id].state]
    return listing.status(chip, str(word))


def _find(asked: Asked) -> Found:
    statement = queries.list_statement(asked.viewer, territory_id=asked.territory_id, **asked.filters)
    return listing.of_statement(statement, Document.id)


def _around(asked: Asked, papers: Sequence[Any]) -> Validities:
    return queries.validities(papers, asked.day)


def _read_kind(typed: str) -> str:
    if typed not in KINDS:
        raise ValueError(typed)
    return typed


def _read_year(typed: str) -> int:
    year = whole_number(typed, 9999)
    if year is None:
        raise ValueError(typed)
    return year


PAPERS = Listing(
    name="documents",
    title=lambda: _("Documents"),
    endpoint="documents.index",
    columns=(
        Column(name="number", label=lazy("Number"), cell=_number),
        Column(name="kind", label=lazy("Kind"), cell=_kind, is_wide=True),
        Column(
            name="territory",
            label=lazy("Territory"),
            cell=lambda paper, _held: cells.place(paper.act.territory),
            usual=cells.of_several_territories,
        ),
        Column(name="as_of", label=lazy("As of"), cell=lambda paper, _held: listing.day(paper.act.as_of)),
        Column(name="quarter", label=lazy("Year and quarter"), cell=_quarter, usual=listing.seldom),
        Column(name="issued_on", label=lazy("Issued"), cell=lambda paper, _held: listing.day(paper.act.issued_on)),
        Column(
            name="language",
            label=lazy("Language"),
            cell=lambda paper, _held: listing.text(LANGUAGE_NAMES[paper.language]),
        ),
        Column(
            name="pages",
            label=lazy("Pages"),
            cell=lambda paper, _held: listing.whole(paper.pages),
            usual=listing.seldom,
            is_number=True,
        ),
        Column(
            name="sha256",
            label="SHA-256",
            cell=lambda paper, _held: listing.text(paper.sha256),
            usual=listing.seldom,
        ),
        Column(
            name="until",
            label=lazy("Not valid since"),
            cell=lambda paper, held: listing.day(held[paper.id].since),
            usual=listing.seldom,
        ),
        Column(
            name="file",
            label=lazy("File"),
            cell=lambda paper, _held: Cell(None, "PDF", url=url_for("documents.download", document_id=paper.id)),
        ),
        Column(name="status", label=lazy("Status"), cell=_status),
    ),
    filters=(
        Filter(
            name="kind",
            label=lazy("Kind"),
            choices=lambda: [(kind.code, str(kind.name)) for kind in rules.kinds_open_to(g.viewer)],
            read=_read_kind,
            is_open=True,
        ),
        Filter(
            name="year",
            label=lazy("Year of issue"),
            choices=lambda: [(year, str(year)) for year in queries.years(g.viewer)],
            read=_read_year,
            is_open=True,
        ),
        Filter(name="language", label=lazy("Language"), choices=lambda: list(LANGUAGE_NAMES.items())),
    ),
    search=lazy("Number"),
    search_name="number",
    sort="",
    find=_find,
    key=lambda paper: paper.id,
    around=_around,
    nothing=lazy("No paper has been issued yet. Issued papers stay here for ever, with their numbers and checksums."),
    unmatched=lazy("No paper matches these filters."),
)


FINDER = Finder(
    listing=PAPERS,
    icon="document",
    title="number",
    facts=("kind", "as_of", "territory"),
    numbered=queries.ids_numbered,
)
