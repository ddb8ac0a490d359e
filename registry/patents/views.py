"""Pages of the patent register."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.infra import act_page, list_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.forms import Form, ReasonForm, SameAsForm
from registry.infra.i18n import country_name, format_date, format_percent, name_in
from registry.infra.i18n import gettext as _
from registry.infra.identifiers import canonical_bin
from registry.infra.numbers import shortest_hundredths
from registry.infra.paging import PAGE_SIZE, page_number, paginate
from registry.infra.paging import Page as ListPage
from registry.infra.text import sort_key
from registry.journal import keys, presentation
from registry.journal import queries as journal
from registry.journal.acts import Opened
from registry.patents import acts, forms, queries, rules, services
from registry.patents.fields import INID
from registry.patents.listing import PATENTS, STATUS_WORDS, office_name
from registry.patents.models import Patent, PatentEvent
from registry.patents.queries import PatentRecord
from registry.patents.rules import NotCounted, Status, Transfer
from registry.reference import queries as reference
from registry.reference.rules import COUNTRIES
from registry.residents import queries as residents
from registry.territories.rules import mask_iin

blueprint = Blueprint("patents", __name__)

FEE_DAYS = 60
"""Fees due within so many days are worth a reminder (``domain.md`` 3.8)."""


_STATUS_CHIPS = {
    Status.FILED: "wait",
    Status.GRANTED: "info",
    Status.IN_FORCE: "good",
    Status.EXPIRED: "quiet",
    Status.ANNULLED: "bad",
}


@blueprint.app_template_global()
def patent_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    return _STATUS_CHIPS[Status(status)], str(STATUS_WORDS[Status(status)])


@blueprint.app_template_filter()
def inid(field: str) -> str:
    """A field's label with its INID code in brackets."""
    code = INID.get(field)
    label = presentation.label(field, Patent.__tablename__)
    return f"{label} ({code})" if code else label


@blueprint.app_template_filter()
def patent_number(patent: Patent) -> str:
    """The number a patent goes by: of the title, else of the application."""
    return patent.title_no or patent.application_no or ""


@blueprint.app_template_filter()
def share(hundredths: int) -> str:
    """A holder's share as the language writes it, without needless zeros."""
    return format_percent(shortest_hundredths(hundredths))


blueprint.add_app_template_filter(mask_iin)
blueprint.add_app_template_filter(office_name)


def _office_choices() -> list[tuple[str, str]]:
    first = ["KZ", "EA", "WO", "EP"]
    others = sorted(COUNTRIES - set(first), key=lambda code: (sort_key(country_name(code)), code))
    return [(code, f"{code} – {office_name(code)}") for code in [*first, *others]]


@blueprint.get("/patents")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of patents and applications."""
    return list_page.show(list_page.page_of(PATENTS), "patents/index.html")


@blueprint.get("/patents/fees")
@requires(Permission.VIEW_REGISTERS)
def fees() -> str:
    """Maintenance payments that fall due soon."""
    statement = queries.fees_statement(g.viewer, FEE_DAYS, day=today(), territory_id=g.territory_id)
    page = paginate(statement, page_number(request.args.get("page")))
    page = replace(page, items=[queries.fee_due(row) for row in page.items])
    holders = queries.holder_entries(g.viewer, [fee.patent for fee in page.items])
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
        sharing=_sharing(patent),
        holders=queries.holder_entries(g.viewer, [patent], record.over_time.bins() if record else ()),
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
    reason = queries.why_not_counted(patent, year=year, as_of=day, is_participant_on=queries.participation(bins))
    registered = format_date(patent.registered_on)
    reasons = {
        None: _(
            "Counts for indicator 6 in %(year)s: an invention registered in Kazakhstan on %(day)s, and at least one"
            " holder was a participant on that day. It counts once, however many participants hold it.",
            year=year,
            day=registered,
        ),
        NotCounted.KIND: _("Does not count for indicator 6 in %(year)s: only patents for inventions count.", year=year),
        NotCounted.OFFICE: _(
            "Does not count for indicator 6 in %(year)s: patents of this office are not counted on that day.",
            year=year,
        ),
        NotCounted.NO_PROOF: _(
            "Does not count for indicator 6 in %(year)s: the bulletin that proves the grant is missing.", year=year
        ),
        NotCounted.NOT_REGISTERED: _(
            "Does not count for indicator 6 in %(year)s: an application counts only once a patent is registered.",
            year=year,
        ),
        NotCounted.NOT_YET: _(
            "Does not count for indicator 6 in %(year)s yet: the date of registration, %(day)s, is still to come.",
            year=year,
            day=registered,
        ),
        NotCounted.NO_PARTICIPANT: _(
            "Does not count for indicator 6 in %(year)s: none of the holders was a participant on the day of"
            " registration, %(day)s.",
            year=year,
            day=registered,
        ),
    }
    return reason is None, reasons[reason]


@blueprint.get("/patents/<int:patent_id>/history")
@requires(Permission.VIEW_REGISTERS)
def history(patent_id: int) -> str:
    """Every act on the patent."""
    patent = queries.get_patent(patent_id, g.viewer)
    number = page_number(request.args.get("page"))
    entries, total = journal.history(
        viewer=g.viewer, subjects=[("patent", patent.id)], limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    status = rules.status_on(patent, today(), annulled=patent.annulled_at is not None)
    return render_template("patents/history.html", patent=patent, status=status, page=ListPage(entries, number, total))


def _offer(form: Form) -> None:
    """Give the choices of a form what they offer."""
    reference.offer_codes(form)
    for name in ("office", "priority_country"):
        if name in form:
            form[name].choices = _office_choices()


def _page_of(patent: Patent) -> str:
    return url_for(".show", patent_id=patent.id)


def _run(
    form: Form,
    words: Words,
    patent: Patent,
    act: Callable[[], Any],
    then: Callable[[Any], Response],
    *,
    lead: str | None = None,
    **more: Any,
) -> Page:
    """The page of an act on a patent."""
    return act_page.run(
        form,
        words,
        act,
        then=then,
        back=_page_of(patent),
        crumbs=[(_("Patents"), url_for(".index")), (patent_number(patent), _page_of(patent))],
        lead=lead or name_in(patent),
        **more,
    )


@blueprint.route("/patents/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Page:
    """Record a patent, or an application not yet granted."""
    form: Any = forms.RecordForm(data={"office": "KZ", "kind": "invention"})
    _offer(form)
    if not form.is_filled_in and request.args.get("holder"):
        form.fill_holders([rules.holder_named(canonical_bin(request.args["holder"]))])

    def recorded(patent: Patent) -> Response:
        flash(_("Recorded under the number %(number)s.", number=patent_number(patent)), "success")
        _warn(patent)
        _warn_of_holders(form)
        return redirect(_page_of(patent))

    return act_page.run(
        form,
        acts.RECORD,
        lambda: services.record_patent(g.viewer, values=form.patent_values(), now=utc_now()),
        then=recorded,
        back=url_for(".index"),
        lead=_("A granted patent or another title of protection, or an application for one."),
        crumbs=[(_("Patents"), url_for(".index"))],
        template="patents/act.html",
    )


def _warn_of_holders(form: Any) -> None:
    for message in queries.holder_warnings(g.viewer, form.holders_typed()):
        flash(_("Worth a look: %(message)s.", message=str(message)), "warning")


def _warn(patent: Patent, fields: Collection[str] = rules.FIELDS) -> None:
    values = {name: getattr(patent, name) for name in rules.FIELDS}
    for field, message in rules.warnings(values):
        if field in fields:
            flash(_("Worth a look: %(message)s.", message=str(message)), "warning")


@blueprint.route("/patents/<int:patent_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(patent_id: int) -> Page:
    """Change a patent's fields from a day on."""
    patent = queries.get_patent(patent_id, g.viewer)
    day = max(today(), patent.registered_on or patent.filed_on)
    present = {name: getattr(patent, name) for name in rules.FIELDS if name != "holders"}
    kind = forms.AmendPatentForm if patent.registered_on else forms.AmendApplicationForm
    form: Any = kind(data={**present, "effective_on": day})
    _offer(form)
    if not form.is_filled_in:
        form.fill_holders(rules.parse_holders(queries.shown_holders(g.viewer, queries.holders_now(patent))))

    def amend() -> bool:
        # A change made today without a day of its own never loses to an act dated ahead.
        effective_on = None if form["effective_on"].data == day else form["effective_on"].data
        values = form.patent_values()
        holders = values.pop("holders")
        values = form.changed(patent, values)
        meant = queries.meant_holders(g.viewer, patent, holders or "")
        if effective_on is None or not rules.same_holders(meant, queries.holders_now(patent)):
            values["holders"] = holders
        return services.amend_patent(
            g.viewer,
            patent,
            values=values,
            effective_on=effective_on,
            now=utc_now(),
            mistake=form.mistake,
        )

    def amended(is_changed: bool) -> Response:
        message = _("The patent has been amended. Earlier values stay in its history.")
        response = act_page.changed(is_changed, message, _page_of(patent))
        if is_changed:
            _warn(patent)
            _warn_of_holders(form)
        return response

    return _run(form, acts.AMEND, patent, amend, amended, opened=Opened(patent, g.viewer), template="patents/act.html")


@blueprint.route("/patents/<int:patent_id>/grant", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def grant(patent_id: int) -> Page:
    """Turn an application into a registered patent."""
    patent = queries.get_patent(patent_id, g.viewer)
    form = forms.GrantForm(data={name: getattr(patent, name) for name in rules.GRANT_FIELDS})

    def granted(_none: None) -> Response:
        flash(_("The patent is registered under the number %(number)s.", number=patent_number(patent)), "success")
        _warn(patent, rules.GRANT_FIELDS)
        return redirect(_page_of(patent))

    return _run(
        form,
        acts.GRANT,
        patent,
        lambda: services.grant_patent(g.viewer, patent, values=form.values(), now=utc_now()),
        granted,
        opened=Opened(patent, g.viewer),
    )


@blueprint.route("/patents/<int:patent_id>/transfers/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def transfer(patent_id: int) -> Page:
    """Record that the patent belongs to other holders from a day on."""
    patent = queries.get_patent(patent_id, g.viewer)
    form: Any = forms.TransferForm(data={"event_on": today()})
    if not form.is_filled_in:
        form.fill_holders(rules.parse_holders(queries.shown_holders(g.viewer, queries.holders_now(patent))))

    def recorded(event: PatentEvent) -> Response:
        flash(_("The transfer is recorded from %(day)s.", day=format_date(event.event_on)), "success")
        _warn_if_idle(patent, event.event_on)
        _warn_of_holders(form)
        return redirect(_page_of(patent))

    return _run(
        form,
        acts.TRANSFER,
        patent,
        lambda: services.record_transfer(
            g.viewer,
            patent,
            event_on=form["event_on"].data,
            holders=form.holders_text() or "",
            document_no=form["document_no"].data,
            now=utc_now(),
        ),
        recorded,
        template="patents/act.html",
    )


def _warn_if_idle(patent: Patent, day: date) -> None:
    over_time = queries.record_of(patent).over_time
    found = over_time.transfer_of(day)
    if found and over_time.is_idle(found):
        flash(_("Worth a look: the patent belonged to these holders before that day too."), "warning")


@blueprint.route("/patents/<int:patent_id>/transfers/<day>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_transfer(patent_id: int, day: str) -> Page:
    """Correct holders or document of a transfer."""
    patent = queries.get_patent(patent_id, g.viewer)
    item = queries.transfer_of(patent, _day(day))
    kind = forms.CorrectTransferForm if item.event_id else forms.CorrectAmendmentForm
    form: Any = kind(data={"document_no": item.document_no})
    if not form.is_filled_in:
        form.fill_holders(rules.parse_holders(queries.shown_holders(g.viewer, item.holders)))

    def correct() -> bool:
        values = {name: form.typed(name) for name in ("holders", "document_no") if name in form}
        return services.correct_transfer(
            g.viewer, patent, item.event_on, values=values, reason=form["reason"].data, now=utc_now()
        )

    def corrected(is_changed: bool) -> Response:
        message = _("The transfer has been corrected. The earlier list stays in the history.")
        response = act_page.changed(is_changed, message, _page_of(patent))
        if is_changed:
            _warn_if_idle(patent, item.event_on)
            _warn_of_holders(form)
        return response

    return _run(
        form,
        acts.CORRECT_TRANSFER,
        patent,
        correct,
        corrected,
        lead=_transfer_in_words(patent, item),
        opened=Opened(queries.event_of(item) or patent, g.viewer),
        template="patents/act.html",
    )


@blueprint.route("/patents/<int:patent_id>/transfers/<day>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_transfer(patent_id: int, day: str) -> Page:
    """Annul a transfer recorded in error."""
    patent = queries.get_patent(patent_id, g.viewer)
    item = queries.transfer_of(patent, _day(day))
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL_TRANSFER,
        patent,
        lambda: services.annul_transfer(g.viewer, patent, item.event_on, reason=form["reason"].data, now=utc_now()),
        lambda _none: act_page.done(_("The transfer has been annulled."), _page_of(patent)),
        lead=_transfer_in_words(patent, item),
    )


def _transfer_in_words(patent: Patent, item: Transfer) -> str:
    return _("%(name)s, transferred on %(day)s", name=name_in(patent), day=format_date(item.event_on))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)


@blueprint.route("/patents/<int:patent_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(patent_id: int) -> Page:
    """Annul a patent recorded in error."""
    patent = queries.get_patent(patent_id, g.viewer)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL,
        patent,
        lambda: services.annul_patent(g.viewer, patent, reason=form["reason"].data, now=utc_now()),
        lambda _none: act_page.done(
            _("The record has been annulled; its numbers may be recorded anew."), url_for(".index")
        ),
    )


@blueprint.route("/patents/<int:patent_id>/same-as", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def same_as(patent_id: int) -> Page:
    """Say that a title or an application was recorded twice, and which record stays."""
    patent = queries.get_patent(patent_id, g.viewer)
    others = {str(other.id): other for other in _sharing(patent)}
    form = SameAsForm(data={"same_as": next(iter(others), None)})
    form["same_as"].choices = [(key, f"№ {patent_number(other)}, {name_in(other)}") for key, other in others.items()]

    def join() -> Patent:
        kept = others[form["same_as"].data]
        services.join_patent(g.viewer, patent, kept, reason=form["reason"].data, now=utc_now())
        return kept

    return _run(
        form,
        acts.JOIN,
        patent,
        join,
        lambda kept: act_page.done(_("The records have been joined; this one stays."), _page_of(kept)),
        text=None if others else _("No other record has this number."),
    )


def _sharing(patent: Patent) -> list[Patent]:
    """The other records of a number of this patent, as far as they exist for the viewer."""
    return [other for other in keys.sharing(patent) if queries.exists_for(g.viewer, other)]


@blueprint.get("/residents/<int:resident_id>/patents")
@requires(Permission.VIEW_REGISTERS)
def of_resident(resident_id: int) -> str:
    """The tab of a participant's record: what the company holds or has applied for."""
    resident = residents.get_resident(resident_id, g.viewer)
    day = today()
    held = queries.of_resident(g.viewer, resident.bin)
    rows = [(patent, rules.status_on(patent, day), rules.next_fee_on(patent, day)) for patent in held]
    return render_template(
        "patents/of_resident.html", resident=resident, rows=rows, holders=queries.holder_entries(g.viewer, held)
    )
