"""Pages of reporting periods and reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.attachments import views as attachments
from registry.attachments.queries import File
from registry.errors import NotFound
from registry.infra import act_page, list_page, paging
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.forms import Form
from registry.infra.i18n import (
    country_name,
    current_language,
    format_date,
    format_hundredths,
    format_integer,
    format_quarter,
    lazy,
    name_in,
)
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number
from registry.infra.paging import page_number, paginate
from registry.infra.text import sort_key
from registry.journal import presentation
from registry.journal import queries as journal
from registry.journal.acts import what_follows
from registry.reference import queries as reference
from registry.reference.rules import COUNTRIES
from registry.reports import (
    acts,
    attached,
    completeness,
    forms,
    queries,
    report_lines,
    reporting_periods,
    rules,
    services,
    subjects,
    work_lists,
)
from registry.reports.listing import REPORTS, STATUS_CHIPS, year_choices
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Dates, Line, Section, Severity, Status
from registry.residents import queries as residents
from registry.territories import queries as territories

blueprint = Blueprint("reports", __name__)

blueprint.add_app_template_global(country_name)

HISTORY_SHOWN = 50
"""Entries of the journal on a report's page, the newest."""


# --- words and figures ------------------------------------------------------------------------------------------------


@blueprint.app_template_global()
def report_status(status: str) -> tuple[str, str, str | None]:
    """Kind of chip, word and icon for the status of a report or the standing of a quarter."""
    kind, word, picture = STATUS_CHIPS[status]
    return kind, str(word), picture


blueprint.add_app_template_global(subjects.code_name, "report_code")
blueprint.add_app_template_global(subjects.section_name, "report_section")


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
    """The codes each section offers: those of the quarter's last day."""
    ends = rules.last_day(period.year, period.quarter)
    found = {}
    for section, dictionary in rules.DICTIONARIES.items():
        choices = reference.choices(dictionary, ends, territory_id=period.territory_id)
        found[str(section)] = [(code, f"{code} – {name}" if section is Section.TAX else name) for code, name in choices]
    return found


# --- lists ------------------------------------------------------------------------------------------------------------


@blueprint.get("/reports")
@requires(Permission.VIEW_REPORTS)
def index() -> str:
    """The newest version of each report, or the late ones; and for a resident what is due."""
    return list_page.show(
        list_page.page_of(REPORTS), "reports/index.html", duties=work_lists.my_duty(g.viewer, today())
    )


def _page(statement: sa.Select) -> paging.Page[Report]:
    return paginate(statement, page_number(request.args.get("page")), load=queries.reports_of)


def _year() -> int:
    """The year asked for, within those that can be reported on; the year of the last ended quarter by default."""
    year = whole_number(request.args.get("year")) or rules.last_ended(today())[0]
    return min(max(year, rules.FIRST_YEAR), rules.LAST_YEAR)


@blueprint.get("/reports/board")
@requires(Permission.VIEW_REPORTS)
def board() -> str:
    """Residents by quarters: who has reported and who has not."""
    year = _year()
    statement = completeness.board_statement(
        g.viewer,
        year=year,
        language=current_language(),
        territory_id=g.territory_id,
        search=request.args.get("search", ""),
    )
    page = paginate(statement, page_number(request.args.get("page")))
    quarters = [(year, quarter) for quarter in rules.QUARTERS]
    opened = reporting_periods.periods(g.viewer, g.territory_id, year=year)
    return render_template(
        "reports/board.html",
        page=page,
        year=year,
        quarters=quarters,
        cells=completeness.standings(g.viewer, [tuple(row) for row in page.items], opened, quarters, today()),
        late=work_lists.count_late(g.viewer, opened, today=today(), search=request.args.get("search", "")),
        years=year_choices(),
    )


@blueprint.get("/residents/<int:resident_id>/reports")
@requires(Permission.VIEW_REPORTS)
def of_resident(resident_id: int) -> str:
    """The reports of the company of an entry, under whichever of its entries they were sent: the entry's tab."""
    resident = residents.get_resident(resident_id, g.viewer)
    statement = queries.list_statement(g.viewer, resident_id=resident.id)
    return render_template(
        "reports/of_resident.html",
        resident=resident,
        page=_page(statement),
        duties=[
            duty
            for duty in work_lists.my_duty(g.viewer, today())
            if (duty.resident.territory_id, duty.resident.bin) == (resident.territory_id, resident.bin)
        ],
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
                found.append(Proposal(territory, *proposal, reporting_periods.proposed_dates(*proposal, territory.id)))
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
    year, quarter = whole_number(request.args.get("year")), whole_number(request.args.get("quarter"))
    data: dict[str, Any] = {"territory": request.args.get("territory"), "year": year, "quarter": quarter}
    place = next((row for row in g.territories if row.code == data["territory"]), None)
    if place and year and quarter and not rules.period_problems(year, quarter):
        dates = reporting_periods.proposed_dates(year, quarter, place.id)
        data |= {"opens_on": dates.opens_on, "due_on": dates.due_on, "locks_on": dates.locks_on}
    form = forms.PeriodForm(data=data)
    form.territory.choices = [(row.code, name_in(row)) for row in g.territories]

    def open_it() -> ReportingPeriod:
        territory = territories.by_code(form.territory.data, g.viewer)
        proposed = reporting_periods.proposed_dates(form.year.data, form.quarter.data, territory.id)
        chosen = Dates(
            form.opens_on.data or proposed.opens_on,
            form.due_on.data or proposed.due_on,
            form.locks_on.data or proposed.locks_on,
        )
        return services.open_period(
            g.viewer,
            territory=territory,
            year=form.year.data,
            quarter=form.quarter.data,
            dates=chosen,
            now=utc_now(),
        )

    return act_page.run(
        form,
        acts.OPEN_PERIOD,
        open_it,
        then=lambda period: act_page.done(
            _(
                "The period %(quarter)s is open. Participants report by %(day)s.",
                quarter=format_quarter(period.year, period.quarter),
                day=format_date(period.due_on),
            ),
            url_for(".periods"),
        ),
        back=url_for(".periods"),
        lead=_("Participants of the territory can then fill in their reports of the quarter."),
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
    files = attachments.files_shown(Report.__tablename__, attached.versions_up_to(report, versions), entries)
    may_attach = attached.refusal(g.viewer, report) is None
    newest = versions[-1]
    found = []
    if report.status != Status.ACCEPTED:
        found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
        if g.viewer.company_bin is None:
            # What keeps a report from being sent is the resident's business; what counts without evidence is ours too.
            found = [
                finding
                for finding in found
                if finding.severity is Severity.WARNING or finding.message is rules.NEEDS_EVIDENCE
            ]
    return render_template(
        "reports/show.html",
        report=report,
        sections=_sections(report, lines),
        totals=rules.section_totals(lines, _is_tax(report)),
        no_taxes=rules.no_taxes(lines, _is_tax(report)),
        versions=versions,
        newest=newest,
        superseded=report.status == Status.ACCEPTED
        and any(row.version > report.version and row.status == Status.ACCEPTED for row in versions),
        changes=_changes(report, lines, versions),
        findings=found,
        notes=_notes(found),
        files=files,
        line_names=attached.line_names(report),
        line_files=_files_of_lines(report, files),
        may_attach=may_attach,
        attach_to={row.position: row.line_id for row in report.lines} if may_attach and g.viewer.is_company else {},
        entries=entries,
        moves=_moves(report) if newest.id == report.id else (),
        closed_year=reporting_periods.is_closed(report.period.territory_id, report.period.year),
        other_eyes=_other_eyes(report),
        following=_following(report),
        returned=_returned(report, versions),
        decision=forms.DecisionForm.on(report),
    )


def _files_of_lines(report: Report, files: Sequence[File]) -> dict[int, list[File]]:
    """The files that stand behind the lines of a report, by the lines' positions."""
    offered = [file for file in files if file.is_offered]
    return {
        row.position: [file for file in offered if file.key.line_id == row.line_id]
        for row in report.lines
        if any(file.key.line_id == row.line_id for file in offered)
    }


def _following(report: Report) -> Report | None:
    """The report to decide on next, for whoever decides, beside one that waits no longer."""
    if report.status == Status.SUBMITTED or not g.viewer.may(Permission.REVIEW_REPORTS):
        return None
    key = work_lists.next_to_review(g.viewer, report)
    return None if key is None else queries.get_report(key, g.viewer)


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


def _moves(report: Report) -> frozenset[str]:
    """What the reader may do with a version: less in a closed year or locked quarter, nothing of an annulled entry."""
    if report.resident.annulled_at is not None:
        return frozenset()
    possible = rules.WORKFLOW.moves(report.status, g.viewer)
    if reporting_periods.is_closed(report.period.territory_id, report.period.year):
        possible -= rules.OPEN_YEAR_ONLY
    if _other_eyes(report):
        possible -= rules.BY_OTHER_EYES
    return possible - rules.BOUND_BY_LOCK if locked(report.period, report) else possible


def _other_eyes(report: Report) -> object | None:
    """Why the reader, who could have sent a report as its company, does not decide on it, and who does."""
    if not rules.BY_OTHER_EYES & rules.WORKFLOW.moves(report.status, g.viewer):
        return None
    return services.whose_eyes(g.viewer, report, utc_now())


@blueprint.app_template_global()
def locked(period: ReportingPeriod, report: Report | None) -> object | None:
    """Why a resident saves and sends nothing more in a quarter today; None while it may."""
    if report is not None and queries.corrects_accepted(report):
        return None
    return rules.locked_problem(period.locks_on, today())


def _why_not(report: Report, move: rules.Move) -> object:
    """Why a move is not possible with a report: its year, its quarter or its status stand against it."""
    period = report.period
    if move in rules.OPEN_YEAR_ONLY and reporting_periods.is_closed(period.territory_id, period.year):
        return rules.closed_problem(period.year)
    if move in rules.BOUND_BY_LOCK and (problem := locked(period, report)):
        return problem
    return rules.WORKFLOW.refusal(report.status, move)


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
def start() -> Page:
    """Begin the report of a quarter, or open the one already begun."""
    resident = residents.get_resident(whole_number(request.form.get("resident_id")) or 0, g.viewer)
    period = reporting_periods.get_period(whole_number(request.form.get("period_id")) or 0, g.viewer)
    known = queries.report_of(resident, period)
    if known:
        return redirect(url_for(".show", report_id=known.id))
    return act_page.run(
        Form(),
        acts.START,
        lambda: services.start_report(g.viewer, resident=resident, period=period, now=utc_now()),
        then=lambda report: redirect(url_for(".edit", report_id=report.id)),
        back=url_for(".index"),
        lead=f"{name_in(resident)}, {format_quarter(period.year, period.quarter)}",
        crumbs=[(_("Reports"), url_for(".index"))],
    )


@blueprint.route("/reports/<int:report_id>/edit", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def edit(report_id: int) -> Page:
    """Fill in a report: one page, saved as a draft, checked before it is sent."""
    report = queries.version_to_fill(queries.get_report(report_id, g.viewer), g.viewer)
    if rules.Move.EDIT not in _moves(report) and not _is_sent_in_vain(report, rules.Move.EDIT):
        return _not_possible(report, rules.Move.EDIT)
    previous = report_lines.previous_lines(report.resident, report.period.year, report.period.quarter)
    before = rules.totals(previous or ())
    choices, is_tax = _choices(report.period), _is_tax(report)
    form = forms.ReportForm.on_lines(report, report_lines.as_lines(report), choices, list(before))
    added = next((section for section in forms.MONEY_SECTIONS if f"add_{section}" in request.form), None)
    if added:
        form.add_row(added)
    elif not form.is_submitted() and "check" in request.args and form.restored is None:
        lines = form.lines()
        form.show(report_lines.findings(report, lines, report_lines.none_sections(report), today()), lines)

    def save() -> Report:
        return services.save_draft(
            g.viewer,
            report,
            lines=form.lines(),
            none=form.none(),
            explanation=form.explanation.data,
            revision=form.opened_on,
            now=utc_now(),
            unread=form.unread(),
        )

    return act_page.run(
        form,
        acts.FILL_IN,
        save,
        sends=not added,
        then=lambda saved: _on_to_the_check(form, report, saved),
        back=url_for(".show", report_id=report.id),
        template="reports/edit.html",
        report=report,
        before=before,
        has_previous=previous is not None,
        returned=_returned(report, queries.versions(report, g.viewer)),
        previous_quarter=rules.preceding(report.period.year, report.period.quarter),
        previous_texts={
            str(section): {
                code: report_figure(part, figure) for (part, code), figure in before.items() if part == section
            }
            for section in Section
        },
        countries=_country_names(current_language()),
        document_kinds=[str(name) for name in presentation.DOCUMENT_KINDS.values()],
        totals=lambda: rules.section_totals(form.lines(), is_tax),
        no_taxes=lambda: rules.no_taxes(form.lines(), is_tax),
        taxes=[code for code in ("", *dict(choices[Section.TAX])) if is_tax(code)],
        is_overdue=report.period.due_on < today() and not queries.corrects_accepted(report),
    )


def _on_to_the_check(form: forms.ReportForm, opened: Report, report: Report) -> Response | None:
    """Where a saved draft leads: back to it, or to the page that sends it when the rules let it go.

    Where cells cannot be read the form stays, with what was typed marked.
    """
    if form.has_unreadable:
        flash(_("Draft saved. What is marked could not be read; it is kept as you typed it."), "warning")
        if report is not opened:
            return redirect(url_for(".edit", report_id=report.id))
        form.saved(report)
        return None
    if "attach" in request.form:
        flash(_("Draft saved. It has not been sent yet."), "success")
        return redirect(url_for("attachments.of_record", kind=Report.__tablename__, record_id=report.id))
    if "check" not in request.form:
        flash(_("Draft saved. It has not been sent yet."), "success")
        return redirect(url_for(".edit", report_id=report.id))
    if _errors(report):
        flash(_("Draft saved. Correct what is marked before it can be sent."), "warning")
        return redirect(url_for(".edit", report_id=report.id, check=1))
    return redirect(url_for(".submit", report_id=report.id))


def _is_sent_in_vain(report: Report, move: rules.Move) -> bool:
    """Whether a form was sent for a move that the status allows: what was typed comes back with what stands against."""
    return request.method == "POST" and move in rules.WORKFLOW.moves(report.status, g.viewer)


def _errors(report: Report) -> list[rules.Finding]:
    lines = report_lines.lines_of(report.id)
    found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
    return [finding for finding in found if finding.severity is Severity.ERROR]


@blueprint.route("/reports/<int:report_id>/submit", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def submit(report_id: int) -> Page:
    """Show what will be sent and what the rules found; then send it."""
    report = queries.version_to_fill(queries.get_report(report_id, g.viewer), g.viewer)
    if rules.Move.SUBMIT not in _moves(report) and not _is_sent_in_vain(report, rules.Move.SUBMIT):
        return _not_possible(report, rules.Move.SUBMIT)
    if _errors(report):
        return redirect(url_for(".edit", report_id=report.id, check=1))
    form = forms.SendForm.on(report)
    if all(item.oddity is not rules.Oddity.TENFOLD for item in report_lines.questions(report)):
        del form.explanation  # only what jumped is explained here; the draft has its own field
    else:
        form["explanation"].flags.required = True  # asked for by the act, so that the findings are shown with it

    return _run(
        form,
        acts.SUBMIT,
        report,
        lambda: services.submit(
            g.viewer,
            report,
            revision=form.opened_on,
            explanation=(form.explanation.data or "") if form.explanation else None,
            now=utc_now(),
        ),
        lambda sent: act_page.done(_sent(sent), url_for(".show", report_id=sent.id)),
        title=_("Check and send the report for %(quarter)s", quarter=_quarter_of(report)),
        back=url_for(".edit", report_id=report.id),
        template="reports/submit.html",
        follows=lambda: what_follows(services.sending(report)),
        **_shown(report),
    )


def _is_tax(report: Report) -> Callable[[str], bool]:
    """Whether a code of the tax section was a tax on the quarter's last day: one that counts for indicator 1.

    A line whose code is not chosen yet is taken for one.
    """
    period = report.period
    counts = report_lines.counts_on(rules.last_day(period.year, period.quarter), period.territory_id)
    return lambda code: not code or counts(Section.TAX, code)


def _shown(report: Report) -> dict[str, Any]:
    """What a page that decides about a report shows of it."""
    lines = report_lines.lines_of(report.id)
    found = report_lines.findings(report, lines, report_lines.none_sections(report), today())
    versions = queries.versions(report, g.viewer)
    files = attachments.files_shown(Report.__tablename__, attached.versions_up_to(report, versions))
    return {
        "report": report,
        "line_files": _files_of_lines(report, files),
        "sections": _sections(report, lines),
        "totals": rules.section_totals(lines, _is_tax(report)),
        "no_taxes": rules.no_taxes(lines, _is_tax(report)),
        "findings": found,
        "notes": _notes(found),
        "changes": _changes(report, lines, versions),
    }


def _sent(report: Report) -> str:
    quarter, period = format_quarter(report.period.year, report.period.quarter), report.period
    if today() > period.locks_on:
        return _("Report for %(quarter)s sent. The management company will answer.", quarter=quarter)
    return _(
        "Report for %(quarter)s sent. The management company answers by %(day)s.",
        quarter=quarter,
        day=format_date(period.locks_on),
    )


@blueprint.route("/reports/<int:report_id>/accept", methods=["GET", "POST"])
@requires(*rules.WORKFLOW.permissions(rules.Move.ACCEPT))
def accept(report_id: int) -> Page:
    """Accept a report; it stays in view and names the next one that waits."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.DecisionForm.on(report)
    if rules.Move.ACCEPT not in _moves(report) and not form.is_submitted():
        return _not_possible(report, rules.Move.ACCEPT)
    message = _(
        "Report of %(name)s for %(quarter)s accepted; its figures now count.",
        name=name_in(report.resident),
        quarter=_quarter_of(report),
    )
    return _decide(
        rules.Move.ACCEPT,
        form,
        acts.ACCEPT,
        report,
        lambda: services.accept(g.viewer, report, revision=form.opened_on, now=utc_now()),
        message,
        title=_("Accept the report for %(quarter)s", quarter=_quarter_of(report)),
    )


@blueprint.route("/reports/<int:report_id>/return", methods=["GET", "POST"])
@requires(*rules.WORKFLOW.permissions(rules.Move.RETURN))
def return_report(report_id: int) -> Page:
    """Return a report: a page of its own that asks for the reason and says what will follow."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.ReturnForm.on(report)
    if rules.Move.RETURN not in _moves(report) and not form.is_submitted():
        return _not_possible(report, rules.Move.RETURN)
    message = _(
        "Report of %(name)s sent back. The participant reads the reason and sends it again.",
        name=name_in(report.resident),
    )
    return _decide(
        rules.Move.RETURN,
        form,
        acts.RETURN,
        report,
        lambda: services.return_report(
            g.viewer, report, reason=form.reason.data, revision=form.opened_on, now=utc_now()
        ),
        message,
        title=_("Send back the report for %(quarter)s", quarter=_quarter_of(report)),
    )


@blueprint.route("/reports/<int:report_id>/take-back", methods=["GET", "POST"])
@requires(*rules.WORKFLOW.permissions(rules.Move.TAKE_BACK))
def take_back(report_id: int) -> Page:
    """Take back the return of a report while the resident has not begun to put it right."""
    report = queries.get_report(report_id, g.viewer)
    form = forms.DecisionForm.on(report)
    if rules.Move.TAKE_BACK not in _moves(report) and not form.is_submitted():
        return _not_possible(report, rules.Move.TAKE_BACK)
    return _decide(
        rules.Move.TAKE_BACK,
        form,
        acts.TAKE_BACK,
        report,
        lambda: services.take_back_return(g.viewer, report, revision=form.opened_on, now=utc_now()),
        _("The report of %(name)s waits for a decision again.", name=name_in(report.resident)),
        title=_("Undo the sending back of the report for %(quarter)s", quarter=_quarter_of(report)),
    )


def _not_possible(report: Report, move: rules.Move) -> Response:
    """Back to the report, saying why the move is not possible; who decides instead, its page says itself."""
    if move not in rules.BY_OTHER_EYES or not _other_eyes(report):
        said = str(_why_not(report, move))
        flash(said[:1].upper() + said[1:], "warning")
    return redirect(url_for(".show", report_id=report.id))


def _decide(
    move: rules.Move,
    form: forms.DecisionForm | forms.ReturnForm,
    words: Words,
    report: Report,
    act: Callable[[], None],
    message: str,
    *,
    title: str,
) -> Page:
    """The page of a decision, with the report below it. The report itself follows, which no second click decides on;
    it names the next one that waits.
    """
    return _run(
        form,
        words,
        report,
        act,
        lambda _none: act_page.done(message, url_for(".show", report_id=report.id)),
        title=title,
        template="reports/decide.html",
        possible=lambda: move in _moves(report),
        **_shown(report),
    )


def _quarter_of(report: Report) -> str:
    return format_quarter(report.period.year, report.period.quarter)


def _run(
    form: Form,
    words: Words,
    report: Report,
    act: Callable[[], Any],
    then: Callable[[Any], Response | None],
    /,
    *,
    title: str,
    back: str | None = None,
    **context: Any,
) -> Page:
    """The page of an act on a report."""
    page = url_for(".show", report_id=report.id)
    return act_page.run(
        form,
        replace(words, title=title, button=words.button or words.title),
        act,
        then=then,
        back=back or page,
        lead=name_in(report.resident),
        crumbs=[
            (_("Reports"), url_for(".index")),
            (f"{name_in(report.resident)}, {_quarter_of(report)}", page),
        ],
        **context,
    )


@blueprint.route("/reports/<int:report_id>/correct", methods=["GET", "POST"])
@requires(Permission.FILL_REPORTS)
def correct(report_id: int) -> Page:
    """Begin a correcting version of an accepted report."""
    report = queries.get_report(report_id, g.viewer)
    if rules.Move.CORRECT not in _moves(report) and not _is_sent_in_vain(report, rules.Move.CORRECT):
        return _not_possible(report, rules.Move.CORRECT)
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
@requires(*rules.WORKFLOW.permissions(rules.Move.DISCARD))
def discard(report_id: int) -> Page:
    """Throw away a draft that was never sent."""
    report = queries.get_report(report_id, g.viewer)
    if rules.Move.DISCARD not in rules.WORKFLOW.moves(report.status):
        raise NotFound(lazy("There is no such draft."))
    form = forms.DecisionForm.on(report)
    return _run(
        form,
        acts.DISCARD,
        report,
        lambda: services.discard_draft(g.viewer, report, revision=form.opened_on),
        lambda _none: act_page.done(_("The draft has been discarded."), url_for(".index")),
        title=_("Discard the draft for %(quarter)s", quarter=_quarter_of(report)),
        back=url_for(".edit", report_id=report.id),
        template="reports/discard.html",
        **(_shown(report) if form.is_submitted() else {}),
    )
