"""The list of reports: the newest version of each, or the late ones, of which there is none."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

from flask import g, request, url_for

from registry.infra import listing
from registry.infra.db import db
from registry.infra.finder import Finder, Texts
from registry.infra.i18n import format_quarter, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing, only
from registry.infra.paging import first_of, paginate
from registry.lists import cells
from registry.reports import queries, rules, work_lists
from registry.reports.models import Report
from registry.reports.rules import Standing, Status
from registry.reports.work_lists import LateReport
from registry.residents.listing import names_of
from registry.territories.rules import short_name

STATUS_CHIPS: dict[str, tuple[str, object, str | None]] = {
    Standing.NOT_EXPECTED: ("quiet", lazy("not expected"), None),
    Standing.EXPECTED: ("wait", lazy("expected"), "hourglass"),
    Status.DRAFT: ("quiet", lazy("draft"), "pencil"),
    Status.SUBMITTED: ("wait", lazy("submitted"), None),
    Status.RETURNED: ("warn", lazy("sent back"), "return"),
    Status.ACCEPTED: ("good", lazy("accepted"), None),
    Standing.LATE: ("bad", lazy("late"), "warning"),
}
"""Kind of chip, word and icon for the status of a report or the standing of a quarter."""

Row = Report | LateReport


def _statuses() -> list[tuple[str, object]]:
    drafts = [(str(Status.DRAFT), _("draft"))] if g.viewer.is_company else []  # a company's own until it is sent
    return [
        (str(Status.SUBMITTED), _("to review")),
        (str(Status.RETURNED), _("sent back")),
        (str(Status.ACCEPTED), _("accepted")),
        *drafts,
        (str(Standing.LATE), _("late")),
    ]


def year_choices() -> list[tuple[int, str]]:
    """The years that can be reported on."""
    return [(year, str(year)) for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1)]


def _find(asked: Asked) -> Found:
    filters = dict(asked.filters)
    if filters.get("status") != Standing.LATE:
        statement = queries.list_statement(asked.viewer, territory_id=asked.territory_id, **filters)
        key = statement.selected_columns.report_id
        found = listing.of_statement(statement, key, load=queries.reports_of)
        # A file of the lines has those of every version of the reports shown.
        return replace(found, keys=lambda ids: queries.version_ids(only(statement, key, ids)))
    del filters["status"]
    statement = work_lists.late_statement(asked.viewer, today=asked.day, territory_id=asked.territory_id, **filters)

    def every(ids: Collection[int] | None) -> Iterator[LateReport]:
        late = work_lists.late_reports(db.session.execute(statement).all())
        return (row for row in late if ids is None or row.key in ids)

    return Found(
        page=lambda number: paginate(statement, number, load=work_lists.late_reports),
        first=lambda size: first_of(statement, size, load=work_lists.late_reports),
        every=every,
        keys=lambda _ids: set(),  # there is no report yet
    )


def _quarter(row: Row, _asked: Asked) -> Cell:
    if isinstance(row, LateReport):
        name, quarter = name_in(row), (row.year, row.quarter)
        address = url_for("reports.of_resident", resident_id=row.resident_id)
    else:
        name, quarter = name_in(row.resident), (row.period.year, row.period.quarter)
        address = url_for("reports.show", report_id=row.id)
    return listing.text(format_quarter(*quarter), url=address, said=None if g.viewer.is_company else name)


def _name(row: Row, _asked: Asked) -> Cell:
    return listing.text(name_in(row if isinstance(row, LateReport) else row.resident))


def _bin(row: Row, _asked: Asked) -> Cell:
    return listing.text(row.bin if isinstance(row, LateReport) else row.resident.bin)


def _territory(row: Row, _asked: Asked) -> Cell:
    if isinstance(row, LateReport):
        return listing.text(short_name(row.territory_code))
    return cells.place(row.period.territory)


def _due(row: Row, _asked: Asked) -> Cell:
    return listing.day(row.due_on if isinstance(row, LateReport) else row.period.due_on)


def _overdue(row: Row, asked: Asked) -> Cell:
    return listing.whole((asked.day - row.due_on).days if isinstance(row, LateReport) else None)


def _version(row: Row, _asked: Asked) -> Cell:
    return listing.whole(None if isinstance(row, LateReport) else row.version)


def _submitted(row: Row, _asked: Asked) -> Cell:
    return listing.day_of(None if isinstance(row, LateReport) else row.submitted_at)


def _decided(row: Row, _asked: Asked) -> Cell:
    return listing.day_of(None if isinstance(row, LateReport) else row.decided_at)


def _status(row: Row, _asked: Asked) -> Cell:
    chip, word, picture = STATUS_CHIPS[Standing.LATE if isinstance(row, LateReport) else row.status]
    return listing.status(chip, str(word), picture)


def _of_several_companies() -> bool:
    return not g.viewer.is_company


def _of_late() -> bool:
    return request.args.get("status") == Standing.LATE


def _of_sent() -> bool:
    return not _of_late()


REPORTS = Listing(
    name="reports",
    title=lambda: _("Reports"),
    endpoint="reports.index",
    columns=(
        Column(name="quarter", label=lazy("Quarter"), cell=_quarter),
        Column(name="name", label=lazy("Name"), cell=_name, usual=_of_several_companies, is_wide=True),
        Column(name="bin", label=lazy("BIN / IIN"), cell=_bin, usual=_of_several_companies),
        Column(name="territory", label=lazy("Territory"), cell=_territory, usual=cells.of_several_territories),
        Column(name="version", label=lazy("Version"), cell=_version, usual=_of_sent, is_number=True),
        Column(name="due_on", label=lazy("Due"), cell=_due),
        Column(name="overdue", label=lazy("Days overdue"), cell=_overdue, usual=_of_late, is_number=True),
        Column(name="submitted_at", label=lazy("Submitted"), cell=_submitted, usual=_of_sent),
        Column(name="decided_at", label=lazy("Decided"), cell=_decided, usual=_of_sent),
        Column(name="status", label=lazy("Status"), cell=_status),
    ),
    filters=(
        Filter(name="status", label=lazy("Status"), choices=_statuses),
        Filter(name="year", label=lazy("Year"), choices=year_choices, read=int),
        Filter(
            name="quarter",
            label=lazy("Quarter"),
            choices=lambda: [(quarter, str(quarter)) for quarter in rules.QUARTERS],
            read=int,
        ),
    ),
    search=lazy("Name, BIN or register number"),
    sort="",
    find=_find,
    key=lambda row: row.key if isinstance(row, LateReport) else row.id,
    exchange="report-lines",
    nothing=lazy("There are no reports yet. Participants fill them in once a period is open."),
    unmatched=lazy("No report matches these filters."),
)


def _besides(asked: Asked, rows: Sequence[Any]) -> list[Texts]:
    names = names_of(asked, [report.resident_id for report in rows])
    return [names.get(report.resident_id, ()) for report in rows]


FINDER = Finder(listing=REPORTS, icon="report", title="quarter", facts=("name", "bin", "due_on"), besides=_besides)
