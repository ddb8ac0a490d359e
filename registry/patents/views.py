"""Pages of the patent register."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.errors import DomainError
from registry.infra.access import Permission, requires
from registry.infra.clock import today, utc_now
from registry.infra.db import transaction
from registry.infra.i18n import country_name, current_language, format_date, format_percent
from registry.infra.i18n import gettext as _
from registry.infra.numbers import shortest_hundredths
from registry.infra.paging import PAGE_SIZE, Page, page_number, page_of, paginate
from registry.infra.text import sort_key
from registry.journal import presentation
from registry.journal import queries as journal
from registry.patents import forms, queries, rules, services
from registry.patents.models import Patent
from registry.patents.queries import PatentRecord
from registry.patents.rules import NotCounted, Status
from registry.reference import queries as reference
from registry.reference.rules import COUNTRIES
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.territories.rules import clean_number, mask_iin

blueprint = Blueprint("patents", __name__)

FEE_DAYS = 60
"""Fees due within so many days are worth a reminder (``domain.md`` 3.8)."""


def status_choices() -> list[tuple[str, str]]:
    return [
        (Status.FILED, _("application filed")),
        (Status.GRANTED, _("granted, not yet published")),
        (Status.IN_FORCE, _("in force")),
        (Status.EXPIRED, _("term expired")),
    ]


@blueprint.app_template_global()
def patent_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    kinds = {
        Status.FILED: "wait", Status.GRANTED: "info", Status.IN_FORCE: "good", Status.EXPIRED: "quiet",
        Status.ANNULLED: "bad",
    }  # fmt: skip
    words = {**dict(status_choices()), Status.ANNULLED: _("annulled")}
    return kinds[Status(status)], words[Status(status)]


@blueprint.app_template_filter()
def office_name(code: str) -> str:
    """The name of a patent office's country or organisation, without the code."""
    names = {
        "EA": _("Eurasian Patent Organization"), "EP": _("European Patent Office"),
        "WO": _("international application (PCT)"),
    }  # fmt: skip
    return names.get(code) or country_name(code)


@blueprint.app_template_filter()
def inid(field: str) -> str:
    """A field's label with its INID code in brackets."""
    code = rules.INID.get(field)
    return f"{presentation.label(field)} ({code})" if code else presentation.label(field)


@blueprint.app_template_filter()
def patent_number(patent: Patent) -> str:
    """The number a patent goes by: of the title, else of the application."""
    return patent.title_no or patent.application_no or ""


@blueprint.app_template_filter()
def share(hundredths: int) -> str:
    """A holder's share as the language writes it, without needless zeros."""
    return format_percent(shortest_hundredths(hundredths))


blueprint.add_app_template_filter(mask_iin)


def _office_choices() -> list[tuple[str, str]]:
    first = ["KZ", "EA", "WO", "EP"]
    others = sorted(COUNTRIES - set(first), key=lambda code: (sort_key(country_name(code)), code))
    return [(code, f"{code} – {office_name(code)}") for code in [*first, *others]]


def _holder_entries(patents: Iterable[Patent], bins: Iterable[str] = ()) -> dict[str, Resident]:
    """The entries behind the holders of today of these patents, and behind further numbers."""
    bins = {row.bin for patent in patents for row in patent.holder_rows if row.bin} | set(bins)
    return queries.registered_holders(g.viewer, bins) if bins else {}


@blueprint.get("/patents")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of patents and applications: search, filters, pages."""
    sort = request.args.get("sort", "-registered_on")
    statement = queries.list_statement(
        g.viewer,
        day=today(),
        language=current_language(),
        territory_id=g.territory_id,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        **list_filters(),
    )
    page = paginate(statement, page_number(request.args.get("page")))
    offices, years = queries.offices_and_years(g.viewer)
    return render_template(
        "patents/index.html",
        page=page,
        sort=sort,
        holders=_holder_entries(patent for patent, _status in page.items),
        statuses=status_choices(),
        kinds=reference.choices("ip_kinds"),
        offices=[(code, f"{code} – {office_name(code)}") for code in offices],
        years=[(str(year), str(year)) for year in years],
    )


def list_filters() -> dict[str, Any]:
    """The list's filters as they stand in the address."""
    args = request.args
    year = args.get("year", "")
    return {
        "search": args.get("search", ""),
        "status": args.get("status", ""),
        "kind": args.get("type", ""),
        "office": args.get("office", ""),
        "year": int(year) if year.isdecimal() and 1900 <= int(year[:5]) <= 2200 else None,
    }


@blueprint.get("/patents/fees")
@requires(Permission.VIEW_REGISTERS)
def fees() -> str:
    """Maintenance payments that fall due soon."""
    due = queries.fees_due_within(g.viewer, FEE_DAYS, day=today(), territory_id=g.territory_id)
    page = page_of(due, page_number(request.args.get("page")))
    holders = _holder_entries(fee.patent for fee in page.items)
    return render_template("patents/fees.html", page=page, days=FEE_DAYS, holders=holders)


@blueprint.get("/patents/<int:patent_id>")
@requires(Permission.VIEW_REGISTERS)
def show(patent_id: int) -> str:
    """The card of a patent: INID fields, term, next fee, and whether it counts for indicator 6."""
    patent = queries.get_patent(patent_id, g.viewer)
    day = today()
    record = None if patent.annulled_at else queries.record_of(patent)
    return render_template(
        "patents/show.html",
        patent=patent,
        record=record,
        holders=_holder_entries([patent], record.over_time.bins() if record else ()),
        status=rules.status_on(patent, day, annulled=patent.annulled_at is not None),
        expires_on=rules.expires_on(patent),
        extension_due=rules.extension_due(patent),
        next_fee=None if patent.annulled_at else rules.next_fee_on(patent, day),
        counting=_counting(record, day) if record else None,
    )


blueprint.add_app_template_filter(rules.parse_holders)


def _counting(patent: PatentRecord, day: date) -> tuple[bool, str]:
    """Whether the patent counts for indicator 6 of the year of its registration (else of this year), and why."""
    year = patent.registered_on.year if patent.registered_on else day.year
    bins = [holder.bin for holder in patent.registered_holders_list if holder.bin]
    reason = queries.why_not_counted(
        patent, year=year, as_of=day, is_participant_on=queries.participation(bins)
    )  # fmt: skip
    registered = format_date(patent.registered_on)
    reasons = {
        None: _(
            "Counts for indicator 6 in %(year)s: an invention registered in Kazakhstan on %(day)s, and at least one"
            " holder was a participant on that day. It counts once, however many participants hold it.",
            year=year, day=registered,
        ),
        NotCounted.KIND: _(
            "Does not count for indicator 6 in %(year)s: only patents for inventions count.", year=year
        ),
        NotCounted.OFFICE: _(
            "Does not count for indicator 6 in %(year)s: only patents granted by the office of Kazakhstan count.",
            year=year,
        ),
        NotCounted.NOT_REGISTERED: _(
            "Does not count for indicator 6 in %(year)s: an application counts only once a patent is registered.",
            year=year,
        ),
        NotCounted.NOT_YET: _(
            "Does not count for indicator 6 in %(year)s yet: the date of registration, %(day)s, is still to come.",
            year=year, day=registered,
        ),
        NotCounted.NO_PARTICIPANT: _(
            "Does not count for indicator 6 in %(year)s: none of the holders was a participant on the day of"
            " registration, %(day)s.",
            year=year, day=registered,
        ),
    }  # fmt: skip
    return reason is None, reasons[reason]


@blueprint.get("/patents/<int:patent_id>/history")
@requires(Permission.VIEW_REGISTERS)
def history(patent_id: int) -> str:
    """Every act on the patent."""
    patent = queries.get_patent(patent_id, g.viewer)
    number = page_number(request.args.get("page"))
    entries, total = journal.history(subjects=[("patent", patent.id)], limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    status = rules.status_on(patent, today(), annulled=patent.annulled_at is not None)
    return render_template("patents/history.html", patent=patent, status=status, page=Page(entries, number, total))


def _offer_countries(form: forms.DetailsForm) -> None:
    form.priority_country.choices = _office_choices()


@blueprint.route("/patents/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Response | str:
    """Record a patent, or an application not yet granted."""
    form = forms.RecordForm(data={"office": "KZ", "kind": "invention"})
    form.office.choices = _office_choices()
    form.kind.choices = reference.choices("ip_kinds")
    _offer_countries(form)
    if not form.is_submitted() and request.args.get("holder"):
        form.fill_holders([rules.holder_named(clean_number(request.args["holder"]))])
    if form.validate_on_submit():
        try:
            with transaction():
                patent = services.record_patent(g.viewer, values=form.patent_values(), now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("Recorded under the number %(number)s.", number=patent_number(patent)), "success")
            _warn(patent)
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/new.html", form=form)


def _warn(patent: Patent, fields: Collection[str] = rules.FIELDS) -> None:
    values = {name: getattr(patent, name) for name in rules.FIELDS}
    for field, message in rules.warnings(values):
        if field in fields:
            flash(_("Worth a look: %(message)s.", message=str(message)), "warning")


@blueprint.route("/patents/<int:patent_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(patent_id: int) -> Response | str:
    """Change a patent's fields from a day on."""
    patent = queries.get_patent(patent_id, g.viewer)
    day = max(today(), patent.registered_on or patent.filed_on)
    present = {name: getattr(patent, name) for name in rules.FIELDS if name != "holders"}
    kind = forms.AmendPatentForm if patent.registered_on else forms.AmendApplicationForm
    form = kind(data={**present, "effective_on": day})
    _offer_countries(form)
    if not form.is_submitted():
        form.fill_holders(rules.parse_holders(queries.holders_now(patent)))
    if form.validate_on_submit():
        # A change made today without a day of its own never loses to an act dated ahead.
        effective_on = None if form.effective_on.data == day else form.effective_on.data
        try:
            with transaction():
                changed = services.amend_patent(
                    g.viewer, patent, values=form.patent_values(), effective_on=effective_on, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(_("The patent has been amended. Earlier values stay in its history."), "success")
                _warn(patent)
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/amend.html", form=form, patent=patent)


@blueprint.route("/patents/<int:patent_id>/grant", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def grant(patent_id: int) -> Response | str:
    """Turn an application into a registered patent."""
    patent = queries.get_patent(patent_id, g.viewer)
    form = forms.GrantForm(data={name: getattr(patent, name) for name in rules.GRANT_FIELDS})
    if form.validate_on_submit():
        try:
            with transaction():
                services.grant_patent(g.viewer, patent, values=form.values(), now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The patent is registered under the number %(number)s.", number=patent_number(patent)), "success")
            _warn(patent, rules.GRANT_FIELDS)
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/grant.html", form=form, patent=patent)


@blueprint.route("/patents/<int:patent_id>/transfers/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def transfer(patent_id: int) -> Response | str:
    """Record that the patent belongs to other holders from a day on."""
    patent = queries.get_patent(patent_id, g.viewer)
    form = forms.TransferForm(data={"event_on": today()})
    if not form.is_submitted():
        form.fill_holders(rules.parse_holders(queries.holders_now(patent)))
    if form.validate_on_submit():
        try:
            with transaction():
                services.record_transfer(
                    g.viewer, patent, event_on=form.event_on.data, holders=form.holders_text() or "",
                    document_no=form.document_no.data, now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The transfer is recorded from %(day)s.", day=format_date(form.event_on.data)), "success")
            _warn_if_idle(patent, form.event_on.data)
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/transfer.html", form=form, patent=patent)


def _warn_if_idle(patent: Patent, day: date) -> None:
    over_time = queries.record_of(patent).over_time
    transfer = over_time.transfer_of(day)
    if transfer and over_time.is_idle(transfer):
        flash(_("Worth a look: the patent belonged to these holders before that day too."), "warning")


@blueprint.route("/patents/<int:patent_id>/transfers/<day>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_transfer(patent_id: int, day: str) -> Response | str:
    """Correct holders or document of a transfer."""
    patent = queries.get_patent(patent_id, g.viewer)
    item = queries.transfer_of(patent, _day(day))
    form = forms.CorrectTransferForm(data={"document_no": item.document_no})
    if not form.is_submitted():
        form.fill_holders(rules.parse_holders(item.holders))
    if form.validate_on_submit():
        values = {"holders": form.holders_text(), "document_no": form.document_no.data}
        try:
            with transaction():
                changed = services.correct_transfer(
                    g.viewer, patent, item.event_on, values=values, reason=form.reason.data, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(_("The transfer has been corrected. The earlier list stays in the history."), "success")
                _warn_if_idle(patent, item.event_on)
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/correct_transfer.html", form=form, patent=patent, item=item)


@blueprint.route("/patents/<int:patent_id>/transfers/<day>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_transfer(patent_id: int, day: str) -> Response | str:
    """Annul a transfer recorded in error."""
    patent = queries.get_patent(patent_id, g.viewer)
    item = queries.transfer_of(patent, _day(day))
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_transfer(g.viewer, patent, item.event_on, reason=form.reason.data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The transfer has been annulled."), "success")
            return redirect(url_for(".show", patent_id=patent.id))
    return render_template("patents/annul_transfer.html", form=form, patent=patent, item=item)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


@blueprint.route("/patents/<int:patent_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(patent_id: int) -> Response | str:
    """Annul a patent recorded in error."""
    patent = queries.get_patent(patent_id, g.viewer)
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_patent(g.viewer, patent, reason=form.reason.data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The record has been annulled; its numbers may be recorded anew."), "success")
            return redirect(url_for(".index"))
    return render_template("patents/annul.html", form=form, patent=patent)


@blueprint.get("/residents/<int:resident_id>/patents")
@requires(Permission.VIEW_REGISTERS)
def of_resident(resident_id: int) -> str:
    """The tab of a participant's record: what the company holds or has applied for."""
    resident = residents.get_resident(resident_id, g.viewer)
    day = today()
    held = queries.of_resident(g.viewer, resident.bin)
    rows = [(patent, rules.status_on(patent, day), rules.next_fee_on(patent, day)) for patent in held]
    return render_template("patents/of_resident.html", resident=resident, rows=rows, holders=_holder_entries(held))
