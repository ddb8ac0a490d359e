"""Files of reports and their lines: the company's own while it fills in a draft, staff's once the report was sent.

A line keeps its lasting number from version to version, and the files behind it stay with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from registry.attachments.holders import NOT_BY_ROLE, Holder
from registry.errors import NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.reports import queries, report_lines, reporting_periods, rules, subjects
from registry.reports.models import Report
from registry.reports.rules import WORKFLOW, Line, Move, Status


def line_name(line: Line) -> str:
    """What a line is called among others of its report."""
    return f"{subjects.section_name(line.section)}: {subjects.code_name(line.section, line.code)}"


def line_names(report: Report) -> dict[int, str]:
    """The lines of a report that has been read with them, by their lasting numbers; equal names are numbered."""
    lines = report_lines.as_lines(report)
    return _numbered((row.line_id, line_name(line)) for row, line in zip(report.lines, lines, strict=True))


def _numbered(pairs: Iterable[tuple[int, str]]) -> dict[int, str]:
    found: dict[int, str] = {}
    counts: dict[str, int] = {}
    for number, name in pairs:
        counts[name] = counts.get(name, 0) + 1
        found[number] = name if counts[name] == 1 else f"{name} ({counts[name]})"
    return found


def versions_up_to(report: Report, versions: Sequence[Report]) -> list[int]:
    """The versions whose files a version shows: itself and those it goes on from."""
    return [row.id for row in versions if row.version <= report.version]


def refusal(viewer: Viewer, report: Report) -> object | None:
    """Why a viewer attaches no file to a version; None where it does."""
    if not viewer.is_company:
        return None if viewer.may(Permission.KEEP_REGISTERS) else NOT_BY_ROLE
    if not viewer.may(Permission.FILL_REPORTS):
        return NOT_BY_ROLE
    if Move.EDIT not in WORKFLOW.moves(report.status, viewer):
        return lazy("The report was sent: its files stand as they were sent.")
    period = report.period
    if reporting_periods.is_closed(period.territory_id, period.year):
        return rules.closed_problem(period.year)
    if not queries.corrects_accepted(report):
        locked = rules.locked_problem(period.locks_on, today())
        if locked is not None:
            return locked
    if report.status == Status.RETURNED:
        return lazy("Save the report first: a new version of it begins, and files are attached to that one.")
    return None


class ReportFiles(Holder):
    """How reports hold files."""

    kind = Report.__tablename__

    def shown(self, viewer: Viewer, record_id: int) -> list[int]:
        """Itself and the versions before; none of a draft that is not the viewer's."""
        try:
            report = queries.get_report(record_id, viewer)
        except NotFound:
            return []
        return [
            key
            for key, version, _status in queries.versions_of(report.resident_id, report.period_id)
            if version <= report.version
        ]

    def refusal(self, viewer: Viewer, record_id: int) -> object | None:
        """See :func:`refusal`."""
        return refusal(viewer, db.session.get_one(Report, record_id))

    def is_draft(self, record_id: int) -> bool:
        """A draft is the company's own until it is sent."""
        return db.session.get_one(Report, record_id).status == Status.DRAFT

    def lines(self, record_id: int) -> list[tuple[int, str]]:
        """The lines of a version as they were saved."""
        return list(_numbered((number, line_name(line)) for number, line in report_lines.kept_lines(record_id)).items())
