"""Pages of issued papers: the list, asking for a paper, its progress, the paper itself, and the public checks."""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as BaseResponse

from registry.accounts.queries import names as account_names
from registry.errors import DomainError, NotFound
from registry.indicators import queries as indicators
from registry.indicators.rules import Unit
from registry.infra import act_page, jobs, list_page, members, sheets
from registry.infra.access import Permission, public, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import end_of_day, today, utc_now
from registry.infra.db import db
from registry.infra.forms import Form, ReasonForm, parse_typed_date
from registry.infra.i18n import LANGUAGE_NAMES, current_language, format_date, name_in
from registry.infra.i18n import gettext as _
from registry.infra.identifiers import canonical_bin
from registry.infra.numbers import whole_number
from registry.infra.paging import page_number, page_of, paginate
from registry.paper_kinds import sampling
from registry.paper_kinds.kind import Asks, PaperKind
from registry.paper_kinds.kinds import KINDS, grouped
from registry.papers import acts, aftermath, forms, queries, rules, services, worker
from registry.papers.listing import PAPERS
from registry.papers.models import Document, DocumentRequest
from registry.papers.rules import EVIDENCE, RequestStatus
from registry.papers.stated import stated
from registry.printing import formats
from registry.printing.layout import Cell
from registry.residents import queries as residents
from registry.residents.models import Resident, ResidentState
from registry.signing import keys
from registry.territories import queries as territories
from registry.territories.models import Territory
from registry.verification import checking, evidence_pack, offline_page

blueprint = Blueprint("documents", __name__)

ROWS_SHOWN = 200
"""How many of the paper's own lines behind a total its page repeats."""


@blueprint.app_template_global()
def paper_kind(kind: str) -> str:
    """The name of a kind of paper, or of what else is asked for in the background."""
    return str(rules.name_of(kind))


@blueprint.app_template_global()
def who_approves(prepared: DocumentRequest) -> str:
    """Who may approve a prepared paper, or whom to add."""
    return str(services.who_approves(prepared, utc_now()))


@blueprint.app_template_global()
def why_another_approves(prepared: DocumentRequest, until: datetime) -> str:
    """Why the reader does not approve a paper although another account prepared it, and who does."""
    return str(services.why_another_approves(prepared, until, utc_now()))


@blueprint.app_template_global()
def requests_open_to_reader(requests: Sequence[DocumentRequest]) -> dict[int, services.Open]:
    """What the reader may do with each of these requests."""
    return services.open_to(g.viewer, requests, utc_now())


@blueprint.app_template_global()
def paper_subject(paper: Document) -> str:
    """What a paper is about: the territory it covers, or all of them."""
    return name_in(paper.act.territory) if paper.act.territory else _("All territories")


blueprint.add_app_template_filter(formats.grouped_code)


@blueprint.app_template_filter()
def cell_text(cell: Cell, language: str) -> str:
    """What a cell of a paper in a language prints."""
    return formats.text(cell, language)


# --- the list ---


@blueprint.get("/documents")
@requires(Permission.VIEW_DOCUMENTS)
def index() -> str:
    """The issued papers, and the reader's requests under way."""
    awaiting = queries.awaiting_approval(g.viewer)
    return list_page.show(
        list_page.page_of(PAPERS),
        "documents/index.html",
        requests=queries.open_requests(g.viewer, since=today()),
        awaiting=awaiting,
        people=account_names({row.requested_by for row in awaiting} | {g.viewer.user_id}),
    )


@blueprint.get("/documents/list.<any(csv, xlsx):ending>")
@requires(Permission.VIEW_DOCUMENTS)
def list_file(ending: str) -> BaseResponse:
    """The papers the filters show as a file, where addresses kept earlier lead."""
    query = urlencode(list(request.args.items(multi=True)))
    return redirect(f"{url_for('lists.file', name=PAPERS.name, ending=ending)}?{query}")


@blueprint.get("/residents/<int:resident_id>/documents")
@requires(Permission.VIEW_DOCUMENTS)
def of_resident(resident_id: int) -> str:
    """The papers about one entry: a tab of its record."""
    resident = residents.get_resident(resident_id, g.viewer)
    page = paginate(queries.list_statement(g.viewer, resident_id=resident.id), page_number(request.args.get("page")))
    return render_template(
        "documents/of_resident.html",
        resident=resident,
        page=page,
        validities=queries.validities(page.items, today()),
    )


# --- asking for a paper ---


@blueprint.route("/documents/new", methods=["GET", "POST"])
@requires(Permission.ISSUE_REGISTERS, Permission.ISSUE_OWN_PAPERS)
def issue_new() -> Page | str:
    """Ask for a paper: first its kind, then what it is about. The address may name all of it beforehand."""
    offered = rules.kinds_open_to(g.viewer)
    kind = next((item for item in offered if item.code == request.args.get("kind")), None)
    if kind is None:
        return render_template("documents/kinds.html", groups=grouped(offered))
    resident = _named_resident()
    form = _form(kind, resident)
    return act_page.run(
        form,
        acts.PREPARE if kind.needs_approval else acts.ISSUE,
        lambda: _ask(kind, form, resident),
        then=_make,
        back=url_for("residents.show", resident_id=resident.id) if resident else url_for(".index"),
        crumbs=[(_("Documents"), url_for(".index"))],
        template="documents/new.html",
        kind=kind,
        resident=resident,
    )


def _make(asked: list[int]) -> BaseResponse:
    """Have the requests carried out in the background, and show how far they are."""
    for item in asked:
        jobs.enqueue(worker.run_request, item)
    return redirect(url_for(".progress", request_id=asked[0]))


def _named_resident() -> Resident | None:
    """The entry whose page the reader came from, if the address names one."""
    number = whole_number(request.args.get("resident"))
    return None if number is None else residents.get_resident(number, g.viewer)


def _form(kind: PaperKind, resident: Resident | None) -> forms.PaperForm:
    """The form of a kind, with what the address says filled in."""
    args = request.args
    day = parse_typed_date(args.get("as_of")) or today()
    data: dict[str, Any] = {"language": [current_language()], "as_of": day, "territory": _named_territory()}
    data["known_at"] = parse_typed_date(args.get("known_at"))
    form: forms.PaperForm
    if kind.asks is Asks.TWO_DAYS:
        usual = date(day.year, 1, 1) if kind.of_the_journal else date(day.year - 1, 12, 31)
        since = parse_typed_date(args.get("from")) or usual
        form = forms.TwoDaysForm(data=data | {"since": since})
    elif kind.of_a_period and not args.get("as_of"):
        year = whole_number(args.get("year"))
        data["year"] = day.year if year is None else year
        data["quarter"] = whole_number(args.get("quarter"))
        if kind.draws:
            data |= {"size": 25, "seed": secrets.token_hex(4)}
        form = forms.of_a_period(kind)(data=data)
    elif not kind.of_one_resident:
        form = forms.DayForm(data=data)
    elif resident is not None or g.viewer.is_company:
        form = forms.EntryForm(data=data | {"entry": resident.id if resident else None})
        entries = [resident] if resident is not None else _own_entries()
        form.entry.choices = [(row.id, f"{row.register_no} · {name_in(row)}") for row in entries]
        if len(entries) == 1 and form.entry.data is None and not form.is_filled_in:
            form.entry.data = entries[0].id
    else:
        form = forms.CompanyForm(data=data)
    form.ask_of(kind)
    if "territory" in form:
        form["territory"].choices = [(row.code, name_in(row)) for row in g.territories]
        if not g.viewer.has_all_territories and not kind.of_one_resident:
            form["territory"].blank = False  # papers of all territories are not for this account
    return form


def _own_entries() -> list[ResidentState]:
    statement = residents.list_statement(g.viewer, day=today(), language=current_language())
    return [row.ResidentState for row in db.session.execute(statement)]


def _named_territory() -> str | None:
    """The territory the address names, else the one chosen in the header."""
    wanted = request.args.get("territory")
    codes = {row.code: row.id for row in g.territories}
    if wanted is not None:
        return wanted if wanted in codes else None
    return next((code for code, key in codes.items() if key == g.territory_id), None)


def _ask(kind: PaperKind, form: forms.PaperForm, resident: Resident | None) -> list[int]:
    """Put one request for each language on record; their ids."""
    about: dict[str, Any] = {}
    if isinstance(form, forms.YearForm):
        about = {"year": form.year.data, "territory": _territory(form.territory.data)}
        if isinstance(form, forms.PeriodForm):
            about["quarter"] = form.quarter.data
        if isinstance(form, forms.SampleForm):
            about["sampling"] = sampling.sampling(form.of.data, form.size.data, form.seed.data)
    elif isinstance(form, forms.EntryForm):
        about = {"as_of": form.as_of.data, "resident": residents.get_resident(form.entry.data, g.viewer)}
    elif isinstance(form, forms.CompanyForm):
        about = {
            "as_of": form.as_of.data,
            "resident": canonical_bin(form.resident.data),
            "territory": _territory(form.territory.data),
        }
    elif isinstance(form, forms.DayForm):
        about = {"as_of": form.as_of.data, "territory": _territory(form.territory.data)}
        if isinstance(form, forms.TwoDaysForm):
            about["since"] = form.since.data
    if "known_at" in form and form.known_at.data is not None:
        about["known_at"] = end_of_day(form.known_at.data)
    if "copy" in form:
        about["copy"] = form.copy.data
    if "without" in form:
        about["without"] = form.without.data or ()
    now = utc_now()
    return [
        services.request_document(g.viewer, kind.code, language=language, now=now, **about).id
        for language in form.language.data or ()
    ]


def _territory(code: str | None) -> Territory | None:
    return territories.by_code(code, g.viewer) if code else None


# --- evidence packs ---


@blueprint.route("/documents/evidence", methods=["GET", "POST"])
@requires(Permission.ISSUE_REGISTERS)
def packs() -> Page:
    """Ask for the evidence pack of a period, or take away one that was made."""
    form = forms.PackForm(data={"year": today().year, "territory": _named_territory()})
    form.territory.choices = [(row.code, name_in(row)) for row in g.territories]
    if not g.viewer.has_all_territories:
        form.territory.blank = False
    made = queries.packs(g.viewer)

    def ask() -> list[int]:
        territory = _territory(form.territory.data)
        asked = services.request_pack(
            g.viewer, year=form.year.data, quarter=form.quarter.data, territory=territory, now=utc_now()
        )
        return [asked.id]

    return act_page.run(
        form,
        acts.MAKE_PACK,
        ask,
        then=_make,
        back=url_for(".index"),
        crumbs=[(_("Documents"), url_for(".index"))],
        template="documents/packs.html",
        packs=made,
        names={row.id: evidence_pack.asked(row).file_name for row in made},
    )


@blueprint.get("/documents/evidence/<int:request_id>/file")
@requires(Permission.ISSUE_REGISTERS)
def pack_file(request_id: int) -> BaseResponse:
    """The ZIP of an evidence pack."""
    made, path = queries.get_pack(request_id, g.viewer)
    name = evidence_pack.asked(made).file_name
    return send_file(path, mimetype="application/zip", as_attachment=True, download_name=name)


def _soon(request_id: int) -> DocumentRequest:
    """The request; one just put in is given a second first, in which a short paper is made."""
    asked = queries.get_request(request_id, g.viewer)
    until = (asked.approved_at or asked.requested_at) + timedelta(seconds=1)
    while asked.status in (RequestStatus.QUEUED, RequestStatus.RUNNING) and utc_now() < until:
        db.session.rollback()
        time.sleep(0.1)
        asked = queries.get_request(request_id, g.viewer)
    return asked


@blueprint.get("/documents/requests/<int:request_id>")
@requires(Permission.ISSUE_REGISTERS, Permission.ISSUE_OWN_PAPERS)
def progress(request_id: int) -> BaseResponse | str:
    """How far a paper is, row by row; the page asks again by itself until it is done or waits for approval."""
    asked = _soon(request_id)
    together = queries.asked_together(asked)
    if asked.kind == EVIDENCE and asked.status == RequestStatus.DONE:
        return redirect(url_for(".packs"))
    if all(row.status == RequestStatus.DONE for row in together) and len(together) == 1:
        return redirect(url_for(".show", document_id=asked.document_id))
    under_way = any(row.status in (RequestStatus.QUEUED, RequestStatus.RUNNING) for row in together)
    response = make_response(
        render_template(
            "documents/progress.html",
            requests=together,
            kind=asked.kind,
            under_way=under_way,
            papers=queries.papers_made(together),
            people=account_names({row.requested_by for row in together} | {row.approved_by for row in together}),
        )
    )
    if under_way:
        response.headers["Refresh"] = "1"
    return response


@blueprint.route("/documents/requests/<int:request_id>/again", methods=["GET", "POST"])
@requires(*rules.WORKFLOW.permissions(rules.Move.TRY_AGAIN))
def again(request_id: int) -> Page:
    """Try a failed request once more."""
    failed = queries.get_request(request_id, g.viewer)
    return _run(acts.TRY_AGAIN, failed, lambda: services.retry_request(g.viewer, failed, now=utc_now()))


def _run(words: Words, asked: DocumentRequest, act: Callable[[], None]) -> Page:
    """The page of an act after which a request is carried out; its button stands beside the request too."""
    request_id = asked.id
    return act_page.run(
        Form(),
        words,
        act,
        then=lambda _none: _make([request_id]),
        back=url_for(".progress", request_id=request_id),
        lead=f"{paper_kind(asked.kind)}, {format_date(asked.as_of)}",
        crumbs=[(_("Documents"), url_for(".index"))],
    )


@blueprint.get("/documents/requests/<int:request_id>/draft")
@requires(Permission.ISSUE_REGISTERS)
def draft(request_id: int) -> BaseResponse:
    """The watermarked print of a prepared paper."""
    response = make_response(queries.get_draft(queries.get_request(request_id, g.viewer)))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="draft-{request_id}.pdf"'
    return response


@blueprint.route("/documents/requests/<int:request_id>/approve", methods=["GET", "POST"])
@requires(*rules.WORKFLOW.permissions(rules.Move.APPROVE))
def approve(request_id: int) -> Page:
    """Approve what another person prepared; the worker then gives it its number."""
    prepared = queries.get_request(request_id, g.viewer)
    return _run(acts.APPROVE, prepared, lambda: services.approve(g.viewer, prepared, now=utc_now()))


@blueprint.route("/documents/requests/<int:request_id>/decline", methods=["GET", "POST"])
@requires(Permission.ISSUE_REGISTERS)
def decline(request_id: int) -> Page:
    """Decide against a draft, or withdraw one's own."""
    prepared = queries.get_request(request_id, g.viewer)
    form = ReasonForm()
    own = prepared.requested_by == g.viewer.user_id
    return act_page.run(
        form,
        acts.WITHDRAW if own else acts.DECLINE,
        lambda: services.decline(g.viewer, prepared, reason=form["reason"].data, now=utc_now()),
        then=lambda _none: redirect(url_for(".index")),
        back=url_for(".progress", request_id=prepared.id),
        lead=f"{paper_kind(prepared.kind)}, {format_date(prepared.as_of)}",
        crumbs=[(_("Documents"), url_for(".index"))],
    )


# --- the paper ---


@blueprint.get("/documents/<int:document_id>")
@requires(Permission.VIEW_DOCUMENTS)
def show(document_id: int) -> str:
    """The record of an issued paper."""
    paper = queries.get_document(document_id, g.viewer)
    held = queries.validity(paper, today())
    resident = db.session.get(Resident, paper.act.resident_id) if paper.act.resident_id else None
    return render_template(
        "documents/show.html",
        paper=paper,
        checks=queries.checks(paper),
        held=held,
        why=checking.why_revoked(held),
        others=[row for row in queries.languages_of(paper.act) if row.id != paper.id],
        resident=resident,
        issued_by=account_names([paper.issued_by]).get(paper.issued_by or 0),
        address=url_for(".check_document", code=paper.code, _external=False),
        files=queries.data_names(paper),
        approved=(approved := queries.request_of(paper)),
        people=account_names({approved.requested_by, approved.approved_by}) if approved else {},
        ended=queries.end_of(paper.act),
        later=aftermath.later_acts(paper.act),
    )


@blueprint.get("/documents/<int:document_id>/file")
@requires(Permission.VIEW_DOCUMENTS)
def download(document_id: int) -> BaseResponse:
    """The stored bytes; ``?view=1`` opens them in the browser instead of saving them."""
    paper = queries.get_document(document_id, g.viewer)
    response = make_response(queries.get_bytes(paper))
    response.mimetype = "application/pdf"
    place = "inline" if request.args.get("view") else "attachment"
    response.headers["Content-Disposition"] = f'{place}; filename="{paper.number}.pdf"'
    response.set_etag(paper.sha256)
    return response.make_conditional(request)


@blueprint.get("/documents/<int:document_id>/tables.xlsx")
@requires(Permission.VIEW_DOCUMENTS)
def tables(document_id: int) -> BaseResponse:
    """The paper's tables as a spreadsheet."""
    paper = queries.get_document(document_id, g.viewer)
    return _saved(queries.spreadsheet_of(paper), sheets.CONTENT_TYPES[sheets.XLSX], f"{paper.number}.xlsx")


@blueprint.get("/documents/<int:document_id>/data/<name>")
@requires(Permission.VIEW_DOCUMENTS)
def data(document_id: int, name: str) -> BaseResponse:
    """A file of the data inside the paper, byte for byte."""
    paper = queries.get_document(document_id, g.viewer)
    file = queries.data_file(paper, name)
    return _saved(file.content, file.media_type, f"{paper.number}-{file.name}")


def _saved(content: bytes, media_type: str, name: str) -> BaseResponse:
    """A file the browser saves under ``name``."""
    response = make_response(content)
    response.mimetype = media_type.partition(";")[0]
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@blueprint.get("/documents/<int:document_id>/totals")
@requires(Permission.VIEW_DOCUMENTS)
def total(document_id: int) -> str:
    """The lines behind a total of a paper, by the code that stands beside it."""
    paper = queries.get_document(document_id, g.viewer)
    code = request.args.get("code", "").strip()
    traced = queries.total_of(paper, code) if code else None
    entries = queries.entries_by_bin(g.viewer, traced.bins) if traced else {}
    source, found = traced.source if traced else None, {}
    if source and g.viewer.may(Permission.VIEW_INDICATORS):
        number = page_number(request.args.get("page"))
        if source.indicator == indicators.PATENTS:
            found = {"patents": True, "page": page_of(queries.patents_behind(g.viewer, paper), number)}
        elif source.indicator != indicators.EXTERNAL:
            lines = queries.lines_behind(g.viewer, paper, source)
            unit = indicators.INDICATORS[source.indicator].unit if source.indicator else Unit.KZT
            found = {"page": page_of(lines, number), "sum": sum(map(indicators.figure, lines)), "unit": unit}
    return render_template(
        "documents/total.html", paper=paper, code=code, traced=traced, entries=entries, rows_shown=ROWS_SHOWN, **found
    )


@blueprint.route("/documents/<int:document_id>/revoke", methods=["GET", "POST"])
@requires(Permission.APPROVE_DOCUMENTS)
def revoke(document_id: int) -> Page:
    """Revoke a paper: a page of its own that asks for the reason and says what will follow."""
    paper = queries.get_document(document_id, g.viewer)
    form = forms.PublicReasonForm()
    return act_page.run(
        form,
        acts.REVOKE,
        lambda: services.revoke(g.viewer, paper.act, reason=form["reason"].data, now=utc_now()),
        then=lambda _none: redirect(_page_of(paper)),
        back=_page_of(paper),
        lead=f"№ {paper.act.number}",
        crumbs=_crumbs(paper),
    )


def _page_of(paper: Document) -> str:
    return url_for(".show", document_id=paper.id)


def _crumbs(paper: Document) -> list[tuple[str, str]]:
    return [(_("Documents"), url_for(".index")), (f"№ {paper.number}", _page_of(paper))]


@blueprint.route("/documents/<int:document_id>/replace", methods=["GET", "POST"])
@requires(Permission.APPROVE_DOCUMENTS)
def replace(document_id: int) -> Page:
    """Issue a paper anew in the place of this one: asks for the reason."""
    paper = queries.get_document(document_id, g.viewer)
    form = forms.PublicReasonForm()

    def ask() -> list[int]:
        asked = services.request_replacement(g.viewer, paper.act, reason=form["reason"].data, now=utc_now())
        return [row.id for row in asked]

    return act_page.run(
        form,
        acts.REPLACE_APPROVED if KINDS[paper.act.kind].needs_approval and not paper.act.copy else acts.REPLACE,
        ask,
        then=_make,
        back=_page_of(paper),
        lead=f"№ {paper.act.number}",
        crumbs=_crumbs(paper),
    )


# --- open to everybody ---


@blueprint.route("/v/<code>", methods=["GET", "POST"])
@public
def check_document(code: str) -> BaseResponse | tuple[str, int]:
    """What stands behind a paper's QR code: what to compare the paper with, and whether a file is that paper."""
    paper, wait = _look_up(code, count=request.method == "GET")
    if wait:
        return _too_many_guesses(wait)
    if paper is None:
        return render_template("documents/unknown.html", wait=None), 404
    return _verification(paper)


def _look_up(code: str, *, count: bool) -> tuple[Document | None, timedelta]:
    """The paper behind a code, and how long this address has to wait after too many unknown codes."""
    return services.look_up(code, request.remote_addr or "", now=utc_now(), count=count)


def _too_many_guesses(wait: timedelta) -> BaseResponse:
    seconds = math.ceil(wait.total_seconds())
    response = make_response(render_template("documents/unknown.html", wait=math.ceil(seconds / 60)), 429)
    response.headers["Retry-After"] = str(seconds)
    return response


@blueprint.get("/documents/changed")
@requires(Permission.ISSUE_REGISTERS)
def changed() -> str:
    """The papers in force whose data later acts changed: to be replaced, or to be left as what was known then."""
    return render_template("documents/changed.html", papers=aftermath.changed_papers(g.viewer))


@blueprint.route("/check", methods=["GET", "POST"])
@public
def check() -> BaseResponse | tuple[str, int]:
    """Check a paper by its code, its number or its file."""
    typed = request.args.get("code", "").strip()
    number = rules.typed_number(typed)
    problem = None
    if number:
        found = _own_record(number)
        if found is not None:
            return found
        papers, wait = _look_up_number(number)
        if wait:
            return _too_many_guesses(wait)
        if papers:
            return _by_number(number, papers), 200
        problem = _("There is no paper with this number. Compare it with the paper sign by sign.")
    elif typed:
        code = rules.clean_code(typed.partition("#")[0].rpartition("/v/")[2])
        paper, wait = _look_up(code, count=False)
        if wait:
            return _too_many_guesses(wait)
        if paper is not None:
            return redirect(url_for(".check_document", code=code))
        problem = _("There is no paper with this code. Compare it with the paper letter by letter.")
    form, verdict = _checked_file(None)
    return render_template("documents/check.html", form=form, verdict=verdict, problem=problem), form.status


def _own_record(number: str) -> BaseResponse | None:
    """The record of the paper with a number; where an act has papers in several languages, the list of them.

    None for somebody who may not see it: then it is checked as everybody's.
    """
    if g.viewer is None or not g.viewer.may(Permission.VIEW_DOCUMENTS):
        return None
    try:
        paper = queries.by_number(g.viewer, number)
    except NotFound:
        return None
    except DomainError:
        return redirect(url_for(".index", number=number))
    return redirect(url_for(".show", document_id=paper.id))


def _look_up_number(number: str) -> tuple[list[Document], timedelta]:
    """The papers of a number, and how long this address has to wait after too many unknown ones."""
    return services.look_up_number(number, request.remote_addr or "", now=utc_now())


def _by_number(number: str, papers: list[Document]) -> str:
    """What everybody may know by the number alone, which can be guessed: nothing of whom a paper is about."""
    held, shown = queries.validity(papers[0], today()), stated(papers[0].act)
    members.call_members(lambda: shown.word)
    return render_template(
        "documents/by_number.html",
        number=number,
        papers=papers,
        held=held,
        why=checking.why_revoked(held),
        stated=shown,
        language=current_language(),
        printed_in=[LANGUAGE_NAMES[paper.language] for paper in papers],
    )


def _verification(paper: Document) -> tuple[str, int]:
    held, shown = queries.validity(paper, today()), stated(paper.act)
    members.call_members(lambda: shown.word)
    form, verdict = _checked_file(paper)
    page = render_template(
        "documents/verify.html",
        paper=paper,
        held=held,
        later=aftermath.later_acts(paper.act),
        why=checking.why_revoked(held),
        stated=shown,
        form=form,
        verdict=verdict,
    )
    return page, form.status


def _checked_file(expected: Document | None) -> tuple[forms.CheckForm, checking.Verdict | None]:
    """The form with an uploaded file's verdict; a file that is another paper than ``expected`` is told apart."""
    form = forms.CheckForm()
    if not form.validate_on_submit():
        return form, None
    content = form.file.data.stream.read(forms.LARGEST_CHECKED + 1)
    if content.startswith(b"PK\x03\x04"):
        pack = _(
            "This is a ZIP file, not a paper. An evidence pack is checked by the page %(page)s, which is inside it: "
            "unzip the pack, open the page in a browser and choose the ZIP there.",
            page=offline_page.FILE_NAME,
        )
        form.add_error(DomainError(pack, "file"))
        return form, None
    if len(content) > forms.LARGEST_CHECKED:
        form.add_error(DomainError(_("The file is larger than 10 MB."), "file"))
        return form, None
    if not content.startswith(b"%PDF-"):
        form.add_error(
            DomainError(_("This is not a PDF file. Choose the PDF as it was downloaded or received."), "file")
        )
        return form, None
    verdict = checking.verify(content, today())
    if expected is not None and verdict.document is not None and verdict.document.id != expected.id:
        verdict = checking.Verdict(
            False, verdict.number, verdict.status, _("This file is another issued paper, not this one.")
        )
    return form, verdict


@blueprint.get("/keys")
@public
def public_keys() -> str:
    """The public keys this registry signs with, present and past."""
    found = keys.public_keys(current_app.config["SETTINGS"].keys_dir)
    return render_template("documents/keys.html", keys=found)


@blueprint.get("/keys/check.html", endpoint="offline_page")
@public
def offline_checker() -> BaseResponse:
    """The page that checks papers without a network, to be kept and opened from a disk."""
    found = keys.raw_public_keys(current_app.config["SETTINGS"].keys_dir)
    response = make_response(offline_page.page(found))
    response.mimetype = "text/html"
    response.headers["Content-Disposition"] = f'attachment; filename="{offline_page.FILE_NAME}"'
    return response
