"""Pages of reporting periods and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.errors import Conflict, DomainError, NotFound
from registry.infra import act_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.db import transaction
from registry.infra.forms import Form
from registry.infra.i18n import (
    country_name,
    current_language,
    format_hundredths,
    format_integer,
    format_long_date,
    format_quarter,
    lazy,
    name_in,
)
from registry.infra.i18n import gettext as _
from registry.infra.paging import page_number, paginate
from registry.infra.text import sort_key
from registry.journal import queries as journal
from registry.reference import queries as reference
from registry.reference.rules import COUNTRIES
from registry.reports import (
    acts,
    completeness,
    forms,
    queries,
    report_lines,
    reporting_periods,
    rules,
    services,
    work_lists,
)
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Dates, Line, LinesRefused, Section, Severity, Standing, Status
from registry.residents import queries as residents
from registry.territories import queries as territories

blueprint = Blueprint("reports", __name__)

blueprint.add_app_template_global(country_name)

HISTORY_SHOWN = 50
"""Entries of the journal on a report's page, the newest."""


# --- words and figures ------------------------------------------------------------------------------------------------


def status_choices() -> list[tuple[str, str]]:
    return [
        (Status.SUBMITTED, _("to review")),
        (Status.RETURNED, _("returned")),
        (Status.ACCEPTED, _("accepted")),
        (Status.DRAFT, _("draft")),
        (Standing.LATE, _("late")),
    ]


@blueprint.app_template_global()
def report_status(status: str) -> tuple[str, str, str | None]:
    """Kind of chip, word and icon for the status of a report or the standing of a quarter."""
    kinds: dict[str, tuple[str, str, str | None]] = {
        Standing.NOT_EXPECTED: ("quiet", _("not expected"), None),
        Standing.EXPECTED: ("wait", _("expected"), "hourglass"),
        Status.DRAFT: ("quiet", _("draft"), "pencil"),
        Status.SUBMITTED: ("wait", _("submitted"), None),
        Status.RETURNED: ("warn", _("returned"), "return"),
        Status.ACCEPTED: ("good", _("accepted"), None),
        Standing.LATE: ("bad", _("late"), "warning"),
    }
    return kinds[status]


@blueprint.app_template_global()
def report_code(section: str, code: str) -> str:
    """The name of a line's code; a tax code with its digits."""
    if section == Section.STAFF:
        names = {
            rules.RESEARCH: _("Research specialists"),
            rules.EXPERIMENTAL: _("Experimental-production staff"),
            rules.TOTAL: _("Staff in total"),
        }
        return names.get(code, code)
    name = reference.name(rules.DICTIONARIES[Section(section)], code)
    return f"{code} – {name}" if section == Section.TAX and name != code else name


@blueprint.app_template_global()
def report_section(section: str) -> str:
    return forms.section_name(section)


@blueprint.app_template_global()
def report_figure(section: str, figure: int | None) -> str:
    """A figure as people read it: tenge with two decimals, or people."""
    return format_integer(figure) if section == Section.STAFF else format_hundredths(figure)


@blueprint.app_template_global()
def figure_change(old: int | None, new: int | None) -> str | None:
    """By how many whole per cent a figure moved; None where there is nothing to compare with."""
    if not old or new is None:
        return None
    percent = (200 * (new - old) + abs(old)) // (2 * abs(old))
    return f"{percent:+d}".replace("-", "−")


@lru_cache
def _country_names(language: str) -> dict[str, str]:
    found = {code: country_name(code, language) for code in COUNTRIES}
    return dict(sorted(found.items(), key=lambda item: (sort_key(item[1]), item[0])))


def _choices(period: ReportingPeriod) -> dict[str, list[tuple[str, str]]]:
    """The codes each section offers: tax codes of the quarter's last day, the others of today."""
    ends = rules.last_day(period.year, period.quarter)
    found = {}
    for section, dictionary in rules.DICTIONARIES.items():
        choices = reference.choices(dictionary, ends if section is Section.TAX else today())
        found[str(section)] = [(code, f"{code} – {name}" if section is Section.TAX else name) for code, name in choices]
    return found


# --- lists ------------------------------------------------------------------------------------------------------------


@blueprint.get("/reports")
@requires(Permission.VIEW_REPORTS)
def index() -> str:
    """The newest version of each report, and for a resident what is due."""
    statement = queries.list_statement(g.viewer, today=today(), territory_id=g.territory_id, **list_filters())
    return render_template(
        "reports/index.html",
        page=paginate(statement, page_number(request.args.get("page"))),
        duties=work_lists.my_duty(g.viewer, today()),
        statuses=[item for item in status_choices() if g.viewer.company_bin or item[0] != Status.DRAFT],
        years=year_choices(),
    )


def year_choices() -> list[tuple[int, str]]:
    return [(year, str(year)) for year in range(rules.FIRST_YEAR, rules.LAST_YEAR + 1)]


def list_filters() -> dict[str, Any]:
    """The list's filters as they stand in the address."""
    args = request.args
    return {
        "search": args.get("search", ""),
        "status": args.get("status", ""),
        "year": _number(args.get("year")),
        "quarter": _number(args.get("quarter")),
    }


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 6 else None


def _year() -> int:
    """The year asked for, within those that can be reported on; the year of the last ended quarter by default."""
    year = _number(request.args.get("year")) or rules.last_ended(today())[0]
    return min(max(year, rules.FIRST_YEAR), rules.LAST_YEAR)


@blueprint.get("/reports/board")
@requires(Permission.VIEW_REPORTS)
def board() -> str:
    """Residents by quarters: who has reported and who has not."""
    year = _year()
    statement = completeness.board_statement(
        g.viewer, year=year, language=current_language(), territory_id=g.territory_id,
        search=request.args.get("search", ""),
    )  # fmt: skip
    page = paginate(statement, page_number(request.args.get("page")))
    quarters = [(year, quarter) for quarter in rules.QUARTERS]
    return render_template(
        "reports/board.html",
        page=page,
        year=year,
        quarters=quarters,
        cells=completeness.standings(g.viewer, [tuple(row) for row in page.items], quarters, today()),
        years=year_choices(),
    )


@blueprint.get("/residents/<int:resident_id>/reports")
@requires(Permission.VIEW_REPORTS)
def of_resident(resident_id: int) -> str:
    """The reports of one entry: its tab."""
    resident = residents.get_resident(resident_id, g.viewer)
    statement = queries.list_statement(g.viewer, today=today(), resident_id=resident.id)
    return render_template(
        "reports/of_resident.html",
        resident=resident,
        page=paginate(statement, page_number(request.args.get("page"))),
        duties=[duty for duty in work_lists.my_duty(g.viewer, today()) if duty.resident.id == resident.id],
    )


# --- periods ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Proposal:
    """The quarter a territory would open next, with the dates proposed."""

    territory: Any
    year: int
    quarter: int
    dates: Dates


@blueprint.get("/reports/periods")
@requires(Permission.OPEN_PERIODS)
def periods() -> str:
    """Every period opened, and what can be opened next."""
    opened = reporting_periods.periods(g.viewer, g.territory_id)
    found = []
    for territory in territories.territories_of(g.viewer):
        if g.territory_id in (None, territory.id):
            mine = {(row.year, row.quarter) for row in opened if row.territory_id == territory.id}
            proposal = _next_period(mine)
            if proposal:
                found.append(Proposal(territory, *proposal, rules.proposed_dates(*proposal)))
    return render_template("reports/periods.html", periods=opened, proposals=found)


def _next_period(opened: set[tuple[int, int]]) -> tuple[int, int] | None:
    """The quarter after the newest one opened, or the last ended one; None for a quarter that has not begun."""
    following = rules.following(*max(opened)) if opened else rules.last_ended(today())
    if rules.period_problems(*following) or rules.first_day(*following) > today():
        return None
    return following


@blueprint.route("/reports/periods/open", methods=["GET", "POST"])
@requires(Permission.OPEN_PERIODS)
def open_period() -> Page:
    """Open a quarter of a territory."""
    year, quarter = _number(request.args.get("year")), _number(request.args.get("quarter"))
    data: dict[str, Any] = {"territory": request.args.get("territory"), "year": year, "quarter": quarter}
    if year and quarter and not rules.period_problems(year, quarter):
        dates = rules.proposed_dates(year, quarter)
        data |= {"opens_on": dates.opens_on, "due_on": dates.due_on, "locks_on": dates.locks_on}
    form = forms.PeriodForm(data=data)
    form.territory.choices = [(row.code, name_in(row)) for row in g.territories]

    def open_it() -> ReportingPeriod:
        proposed = rules.proposed_dates(form.year.data, form.quarter.data)
        chosen = Dates(
            form.opens_on.data or proposed.opens_on,
            form.due_on.data or proposed.due_on,
            form.locks_on.data or proposed.locks_on,
        )
        return services.open_period(
            g.viewer, territory=territories.by_code(form.territory.data, g.viewer), year=form.year.data,
            quarter=form.quarter.data, dates=chosen, now=utc_now(),
        )  # fmt: skip

    return act_page.run(
        form,
        acts.OPEN_PERIOD,
        open_it,
        then=lambda period: act_page.done(
            _(
                "The period %(quarter)s is open. Residents report by %(day)s.",
                quarter=format_quarter(period.year, period.quarter),
                day=format_long_date(period.due_on),
            ),
            url_for(".periods"),
        ),
        back=url_for(".periods"),
        lead=_("Residents of the territory can then fill in their reports of the quarter."),
        crumbs=[(_("Reports"), url_for(".index"))],
        template="reports/open_period.html",
    )


# --- one report -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What a report is compared with, and the sums that differ."""

    title: str
    rows: list[rules.Comparison]


@blueprint.get("/reports/<int:report_id>")
@requires(Permission.VIEW_REPORTS)
def show(report_id: int) -> str:
    """A report: its lines, what changed, what the rules say, its versions and history."""
    report = queries.get_report(report_id, g.viewer)
    lines = report_lines.as_lines(report)
    versions = queries.versions(report, g.viewer)
    subjects = [("report", key) for key in queries.sent_for(report)]
    entries, _total = journal.history(subjects=subjects, limit=HISTORY_SHOWN)
    newest = versions[-1]
    found = []
    if report.status != Status.ACCEPTED:
        found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
        if g.viewer.company_bin is None:
            found = [finding for finding in found if finding.severity is Severity.WARNING]
    return render_template(
        "reports/show.html",
        report=report,
        sections=_sections(report, lines),
        totals=rules.section_totals(lines),
        versions=versions,
        newest=newest,
        superseded=report.status == Status.ACCEPTED
        and any(row.version > report.version and row.status == Status.ACCEPTED for row in versions),
        changes=_changes(report, lines, versions),
        findings=found,
        notes=_notes(found),
        entries=entries,
        may_fill=_may_fill(report) and newest.id == report.id,
        returned=_returned(report, versions),
        may_correct=_may_fill(report, Status.ACCEPTED) and newest.id == report.id,
        decision=forms.DecisionForm(data={"revision": report.revision}),
    )


@blueprint.get("/reports/<int:report_id>/lines/<section>/<code>")
@requires(Permission.VIEW_REPORTS)
def line_history(report_id: int, section: str, code: str) -> str:
    """Who sent, returned and accepted the figures under a code, when, and what changed."""
    report = queries.get_report(report_id, g.viewer)
    events = report_lines.line_history(report, section, code, g.viewer)
    shown = [line for line in report_lines.as_lines(report) if (line.section, line.code) == (section, code)]
    if not shown and not any(event.lines for event in events):
        raise NotFound(lazy("There is no such line."))
    return render_template(
        "reports/line_history.html", report=report, section_of_line=section, code=code, events=list(reversed(events))
    )


def _returned(report: Report, versions: Sequence[Report]) -> Report | None:
    """The version whose return says what to put right: this one, or the one this draft was opened from."""
    if report.status == Status.DRAFT:
        report = next((row for row in reversed(versions) if row.version < report.version), report)
    return report if report.status == Status.RETURNED else None


def _may_fill(report: Report, *statuses: Status) -> bool:
    own = g.viewer.may(Permission.FILL_REPORTS) and report.resident.annulled_at is None
    return own and report.status in (statuses or rules.EDITABLE)


def _sections(report: Report, lines: Sequence[Line]) -> list[tuple[str, bool, list[tuple[int, Line]]]]:
    """(section, marked as empty, numbered lines) of every section, in the order of the page."""
    none = report_lines.none_sections(report)
    return [
        (
            str(section),
            section in none,
            [(position, line) for position, line in enumerate(lines, start=1) if line.section == section],
        )
        for section in Section
    ]


def _notes(findings: Sequence[rules.Finding]) -> dict[int, list[rules.Finding]]:
    """What the rules say of each line."""
    notes: dict[int, list[rules.Finding]] = {}
    for finding in findings:
        if finding.position is not None:
            notes.setdefault(finding.position, []).append(finding)
    return notes


def _changes(report: Report, lines: Sequence[Line], versions: Sequence[Report]) -> list[Change]:
    """What differs from what was sent before, from the version this one corrects, and from the quarter before."""
    found = []
    sent = report_lines.submissions(report)
    if len(sent) > 1 and report.status not in rules.EDITABLE:
        found.append(Change(_("Against what was sent before"), rules.compare(sent[-2].lines, lines)))
    earlier = [row for row in versions if row.version < report.version and row.status == Status.ACCEPTED]
    if earlier:
        title = _("Against version %(number)s", number=earlier[-1].version)
        found.append(Change(title, rules.compare(report_lines.as_lines(earlier[-1]), lines)))
    before = report_lines.previous_lines(report.resident, report.period.year, report.period.quarter)
    if before is not None:
        quarter = format_quarter(*rules.preceding(report.period.year, report.period.quarter))
        found.append(
            Change(_("Against the quarter before: %(quarter)s", quarter=quarter), rules.compare(before, lines))
        )
    return found


@blueprint.post("/reports/start")
@requires(Permission.FILL_REPORTS)
def start() -> Response:
    """Begin the report of a quarter, or open the one already begun."""
    resident = residents.get_resident(_number(request.form.get("resident_id")) or 0, g.viewer)
    period = reporting_periods.get_period(_number(request.form.get("period_id")) or 0, g.viewer)
    known = queries.versions_of(resident.id, period.id)
    if known:
        return redirect(url_for(".show", report_id=known[-1][0]))
    with transaction():
        report = services.start_report(g.viewer, resident=resident, period=period, now=utc_now())
    return redirect(url_for(".edit", report_id=report.id))


@blueprint.route("/reports/<int:report_id>/edit", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def edit(report_id: int) -> Response | tuple[str, int]:
    """Fill in a report: one page, saved as a draft, checked before it is sent."""
    report = queries.version_to_fill(queries.get_report(report_id, g.viewer), g.viewer)
    if not _may_fill(report):
        flash(_("This report can no longer be changed."), "warning")
        return redirect(url_for(".show", report_id=report.id))
    stored = report_lines.as_lines(report)
    previous = report_lines.previous_lines(report.resident, report.period.year, report.period.quarter)
    before = rules.totals(previous or ())
    form = forms.ReportForm(obj=report, data=forms.report_data(stored))
    form.prepare(_choices(report.period), list(before))
    if form.is_submitted():
        added = next((section for section in forms.MONEY_SECTIONS if f"add_{section}" in request.form), None)
        if added:
            form.add_row(added)
        elif form.validate():
            done = _save(form, report, stored)
            if done is not None:
                return done
    elif "check" in request.args and form.restored is None:
        lines = form.lines(stored)
        form.show(report_lines.findings(report, lines, report_lines.none_sections(report), today()), lines)
    return _edit_page(form, report, before, previous is not None), form.status


def _save(form: forms.ReportForm, report: Report, stored: Sequence[Line]) -> Response | None:
    """Store what was typed; None where the page must be shown again."""
    lines = form.lines(stored)
    try:
        with transaction():
            report = services.save_draft(
                g.viewer, report, lines=lines, none=form.none(), explanation=form.explanation.data,
                revision=form.revision.data if form.revision.data is not None else -1, now=utc_now(),
            )  # fmt: skip
    except LinesRefused as error:
        form.show(error.findings, lines)
        return None
    except Conflict as error:
        form.add_error(error)
        # What was typed stays on the page; saving it once more is then a decision, not an accident.
        form.revision.data, form.revision.raw_data = report.revision, None
        return None
    if "check" not in request.form:
        flash(_("Draft saved. It has not been sent yet."), "success")
        return redirect(url_for(".edit", report_id=report.id))
    if _errors(report):
        flash(_("Draft saved. Correct what is marked before it can be sent."), "warning")
        return redirect(url_for(".edit", report_id=report.id, check=1))
    return redirect(url_for(".submit", report_id=report.id))


def _errors(report: Report) -> list[rules.Finding]:
    lines = report_lines.lines_of(report.id)
    found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
    return [finding for finding in found if finding.severity is Severity.ERROR]


def _edit_page(form: forms.ReportForm, report: Report, before: rules.Totals, has_previous: bool) -> str:
    totals: dict[str, int] = {}
    for section in forms.MONEY_SECTIONS:
        totals[section] = sum(row["amount"].data or 0 for row in form.rows(section))
    return render_template(
        "reports/edit.html",
        form=form,
        report=report,
        totals=totals,
        before=before,
        has_previous=has_previous,
        returned=_returned(report, queries.versions(report, g.viewer)),
        previous_quarter=rules.preceding(report.period.year, report.period.quarter),
        previous_texts={
            str(section): {
                code: report_figure(part, figure) for (part, code), figure in before.items() if part == section
            }
            for section in Section
        },
        countries=_country_names(current_language()),
        today=today(),
    )


@blueprint.route("/reports/<int:report_id>/submit", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def submit(report_id: int) -> Response | tuple[str, int]:
    """Show what will be sent and what the rules found; then send it."""
    report = queries.version_to_fill(queries.get_report(report_id, g.viewer), g.viewer)
    if not _may_fill(report):
        flash(_("This report can no longer be changed."), "warning")
        return redirect(url_for(".show", report_id=report.id))
    form = forms.DecisionForm(data={"revision": report.revision})
    if form.validate_on_submit():
        try:
            with transaction():
                report = services.submit(g.viewer, report, revision=_revision(form), now=utc_now())
        except LinesRefused:
            return redirect(url_for(".edit", report_id=report.id, check=1))
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_sent(report), "success")
            return redirect(url_for(".show", report_id=report.id))
    elif _errors(report):
        return redirect(url_for(".edit", report_id=report.id, check=1))
    lines = report_lines.lines_of(report.id)
    found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
    page = render_template(
        "reports/submit.html",
        form=form,
        report=report,
        sections=_sections(report, lines),
        totals=rules.section_totals(lines),
        findings=found,
        notes=_notes(found),
        changes=_changes(report, lines, queries.versions(report, g.viewer)),
    )
    return page, form.status


def _sent(report: Report) -> str:
    quarter, period = format_quarter(report.period.year, report.period.quarter), report.period
    if today() > period.locks_on:
        return _("Report for %(quarter)s sent. The company will answer.", quarter=quarter)
    return _(
        "Report for %(quarter)s sent. The company answers by %(day)s.",
        quarter=quarter,
        day=format_long_date(period.locks_on),
    )


def _revision(form: forms.DecisionForm) -> int:
    """The version the decision was made on; a page that does not say is an old one."""
    return form.revision.data if form.revision.data is not None else -1


@blueprint.post("/reports/<int:report_id>/accept")
@requires(Permission.REVIEW_REPORTS)
def accept(report_id: int) -> Response:
    """Accept a report; the next one that waits opens."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.DecisionForm()
    try:
        with transaction():
            services.accept(g.viewer, report, revision=_revision(form), now=utc_now())
    except Conflict as error:
        flash(str(error), "warning")
        return redirect(url_for(".show", report_id=report.id))
    name, quarter = name_in(report.resident), format_quarter(report.period.year, report.period.quarter)
    flash(
        _("Report of %(name)s for %(quarter)s accepted; its figures now count.", name=name, quarter=quarter), "success"
    )
    return _on_to_the_next(report)


@blueprint.route("/reports/<int:report_id>/return", methods=["GET", "POST"])
@requires(Permission.REVIEW_REPORTS)
def return_report(report_id: int) -> Page:
    """Return a report: a page of its own that asks for the reason and says what will follow."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.ReturnForm(data={"revision": report.revision})

    def returned(_none: None) -> Response:
        flash(
            _(
                "Report of %(name)s returned. The resident reads the reason and sends it again.",
                name=name_in(report.resident),
            ),
            "success",
        )
        return _on_to_the_next(report)

    return _run(
        form,
        acts.RETURN,
        report,
        lambda: services.return_report(
            g.viewer, report, reason=form.reason.data, revision=_revision(form), now=utc_now()
        ),
        returned,
        title=_("Return the report for %(quarter)s", quarter=_quarter_of(report)),
    )


def _quarter_of(report: Report) -> str:
    return format_quarter(report.period.year, report.period.quarter)


def _run(
    form: Form, words: Words, report: Report, act: Callable[[], Any], then: Callable[[Any], Response], *, title: str
) -> Page:
    """The page of an act on a report."""
    page = url_for(".show", report_id=report.id)
    return act_page.run(
        form,
        replace(words, title=title, button=words.button or words.title),
        act,
        then=then,
        back=page,
        lead=name_in(report.resident),
        crumbs=[
            (_("Reports"), url_for(".index")),
            (f"{name_in(report.resident)}, {_quarter_of(report)}", page),
        ],
    )


def _on_to_the_next(report: Report) -> Response:
    following = work_lists.next_to_review(g.viewer, report)
    if following is not None:
        return redirect(url_for(".show", report_id=following))
    flash(_("No more reports wait for a decision."), "info")
    return redirect(url_for(".index"))


@blueprint.route("/reports/<int:report_id>/correct", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def correct(report_id: int) -> Page:
    """Begin a correcting version of an accepted report."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.CorrectionForm()
    return _run(
        form,
        acts.CORRECT,
        report,
        lambda: services.start_correction(g.viewer, report, reason=form.reason.data, now=utc_now()),
        lambda version: redirect(url_for(".edit", report_id=version.id)),
        title=_("Correct the report for %(quarter)s", quarter=_quarter_of(report)),
    )


@blueprint.route("/reports/<int:report_id>/discard", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def discard(report_id: int) -> Response | str:
    """Throw away a draft that was never sent."""
    report = queries.get_report(report_id, g.viewer)
    if report.status != Status.DRAFT:
        raise NotFound(lazy("There is no such draft."))
    if request.method == "POST":
        with transaction():
            services.discard_draft(g.viewer, report)
        flash(_("The draft has been discarded."), "success")
        return redirect(url_for(".index"))
    return render_template("reports/discard.html", report=report)
