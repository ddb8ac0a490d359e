"""Pages of the participant register."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.errors import DomainError
from registry.infra.access import Permission, requires
from registry.infra.clock import parse_moment, today, utc_now
from registry.infra.db import transaction
from registry.infra.forms import parse_typed_date
from registry.infra.i18n import current_language, format_date, name_in
from registry.infra.i18n import gettext as _
from registry.infra.paging import PAGE_SIZE, Page, page_number, paginate
from registry.journal import queries as journal
from registry.reference import queries as reference
from registry.residents import forms, queries, rules, services
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change, Status
from registry.territories import queries as territories
from registry.territories.rules import clean_number

blueprint = Blueprint("residents", __name__, url_prefix="/residents")


def status_choices() -> list[tuple[str, str]]:
    return [
        (Status.ACTIVE, _("active")),
        (Status.SUSPENDED, _("suspended")),
        (Status.EXCLUDED, _("excluded")),
        (Status.UPCOMING, _("not yet begun")),
    ]


@blueprint.app_template_global()
def resident_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    kinds = {Status.ACTIVE: "good", Status.SUSPENDED: "warn", Status.EXCLUDED: "bad", Status.UPCOMING: "wait"}
    return kinds[Status(status)], dict(status_choices())[Status(status)]


@blueprint.app_template_global()
def resident_header(resident: Resident) -> dict[str, Any]:
    """What the header shared by all tabs of a record needs."""
    changes = queries.status_changes(resident)
    status = rules.status_on(resident.registered_on, changes, today())
    since = max((item.effective_on for item in changes if item.effective_on <= today()), default=None)
    return {"status": status, "since": since, "possible": rules.possible_changes(status)}


@blueprint.get("")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of entries: search, filters, Kazakh alphabetical order, pages."""
    sort = request.args.get("sort", "name")
    statement = queries.list_statement(
        g.viewer,
        day=today(),
        language=current_language(),
        territory_id=g.territory_id,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
        **list_filters(),
    )
    return render_template(
        "residents/index.html",
        page=paginate(statement, page_number(request.args.get("page"))),
        sort=sort,
        statuses=status_choices(),
        types=reference.choices("participant_types"),
    )


def list_filters() -> dict[str, Any]:
    """The list's filters as they stand in the address."""
    args = request.args
    return {
        "search": args.get("search", ""),
        "status": args.get("status", ""),
        "participant_type": args.get("type", ""),
        "registered_from": parse_typed_date(args.get("from")),
        "registered_to": parse_typed_date(args.get("to")),
    }


@blueprint.get("/as-of")
@requires(Permission.VIEW_REGISTERS)
def as_of() -> str:
    """The participants on any day, as known now or at an earlier moment."""
    day = parse_typed_date(request.args.get("date")) or today()
    known_at = None
    problem = None
    if request.args.get("date") and parse_typed_date(request.args.get("date")) is None:
        problem = _("Enter a date such as 31.12.2026.")
    known = request.args.get("known", "").strip()
    if known:
        typed = parse_typed_date(known)
        try:
            known_at = parse_moment(typed.isoformat() if typed else known)
        except ValueError:
            problem = _("Enter the day of knowledge as a date such as 31.12.2026.")
    statement = queries.list_statement(
        g.viewer,
        day=day,
        language=current_language(),
        known_at=known_at,
        participants_only=True,
        territory_id=g.territory_id,
        search=request.args.get("search", ""),
    )
    return render_template(
        "residents/as_of.html",
        page=paginate(statement, page_number(request.args.get("page"))),
        day=day,
        known=known,
        problem=problem,
    )


@blueprint.get("/<int:resident_id>")
@requires(Permission.VIEW_REGISTERS)
def show(resident_id: int) -> str:
    """The card of an entry, as it is now or as of a day."""
    resident = queries.get_resident(resident_id, g.viewer)
    day = parse_typed_date(request.args.get("date"))
    record = None
    if day:
        found = queries.records(g.viewer, as_of=day, ids=[resident.id])
        record = found[0] if found else None
    return render_template(
        "residents/show.html",
        resident=resident,
        shown=record or resident,
        day=day,
        existed=day is None or record is not None,
        changes=queries.status_changes(resident),
        siblings=[row for row, _c in queries.entries_of(resident.territory_id, resident.bin) if row.id != resident.id],
    )


@blueprint.get("/<int:resident_id>/history")
@requires(Permission.VIEW_REGISTERS)
def history(resident_id: int) -> str:
    """Every act on the entry and on what belongs to it."""
    resident = queries.get_resident(resident_id, g.viewer)
    number = page_number(request.args.get("page"))
    entries, total = journal.history(
        subjects=[("resident", resident.id)], limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template("residents/history.html", resident=resident, page=Page(entries, number, total))


def _offer_codes(form: forms.ResidentForm, keep: Resident | None = None) -> None:
    for name, dictionary in rules.CODES.items():
        choices = reference.choices(dictionary)
        code = getattr(keep, name) if keep else None
        if code and code not in dict(choices):
            choices.append((code, reference.name(dictionary, code)))
        form[name].choices = choices
    form.krp.choices = [(code, f"{code} ({label})") for code, label in form.krp.choices]
    form.trl.choices = [(int(code), f"{code} – {label}") for code, label in reference.choices("trl")]


def _values(form: forms.ResidentForm) -> dict[str, Any]:
    values = {name: value for name, value in form.values().items() if name in rules.FIELDS}
    if values.get("bin"):
        values["bin"] = clean_number(values["bin"])
    if values.get("oked"):
        values["oked"] = values["oked"].replace(".", "")
    return values


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Response | str:
    """Enter a company in a territory's register."""
    form = forms.RegistrationForm(data={"registered_on": today(), "territory": _chosen_territory()})
    form.territory.choices = [(row.code, name_in(row)) for row in g.territories]
    _offer_codes(form)
    if form.validate_on_submit():
        try:
            with transaction():
                resident = services.register_resident(
                    g.viewer,
                    territory=territories.by_code(form.territory.data, g.viewer),
                    values=_values(form),
                    now=utc_now(),
                )
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("Entered in the register under the number %(number)s.", number=resident.register_no), "success")
            _warn(resident)
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/new.html", form=form)


def _chosen_territory() -> str | None:
    return next((row.code for row in g.territories if row.id == g.territory_id), None)


def _warn(resident: Resident) -> None:
    for _field, message in rules.warnings({"accreditation_until": resident.accreditation_until}, today()):
        flash(str(message), "warning")


@blueprint.route("/<int:resident_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(resident_id: int) -> Response | str:
    """Change an entry's fields from a day on."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.AmendmentForm(obj=resident, data={"effective_on": max(today(), resident.registered_on)})
    _offer_codes(form, resident)
    if form.validate_on_submit():
        # Only what was changed on the page: values of today must not be written back to an earlier day.
        typed = {name: value for name, value in _values(form).items() if value != getattr(resident, name)}
        try:
            with transaction():
                changed = services.amend_resident(
                    g.viewer, resident, values=typed, effective_on=form.effective_on.data, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(_("The entry has been amended. Earlier values stay in its history."), "success")
                _warn(resident)
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/amend.html", form=form, resident=resident)


@blueprint.route("/<int:resident_id>/status/<any(suspended, resumed, excluded):change>", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def change_status(resident_id: int, change: str) -> Response | str:
    """Suspend, resume or exclude: a page of its own that says what will follow."""
    resident = queries.get_resident(resident_id, g.viewer)
    kind = Change(change)
    form = forms.StatusForm(data={"effective_on": today()})
    form.ground.choices = [
        (row.code, name_in(row)) for row in reference.entries("status_grounds") if change in row.attributes.split(";")
    ]
    form.ground.flags.required = kind in rules.NEEDS_GROUND  # ty: ignore[missing-attribute]
    if form.validate_on_submit():
        try:
            with transaction():
                services.change_status(
                    g.viewer, resident, change=kind, effective_on=form.effective_on.data, ground=form.ground.data,
                    decision_no=form.decision_no.data, decision_date=form.decision_date.data, now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_done(kind, form.effective_on.data), "success")
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/change_status.html", form=form, resident=resident, change=kind)


def _done(change: Change, day: date) -> str:
    texts = {
        Change.SUSPENDED: _("The status is suspended from %(day)s.", day=format_date(day)),
        Change.RESUMED: _("The status is resumed from %(day)s.", day=format_date(day)),
        Change.EXCLUDED: _(
            "The participant is excluded from %(day)s; its certificate is revoked.", day=format_date(day)
        ),
    }
    return texts[change]


@blueprint.route("/<int:resident_id>/changes/<int:change_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_change(resident_id: int, change_id: int) -> Response | str:
    """Annul a change of status recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    item: StatusChange | None = next((row for row in queries.status_changes(resident) if row.id == change_id), None)
    if item is None:
        abort(404)
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_status_change(g.viewer, item, reason=form.reason.data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The change of status has been annulled."), "success")
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/annul_change.html", form=form, resident=resident, item=item)


@blueprint.route("/<int:resident_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(resident_id: int) -> Response | str:
    """Annul an entry recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_resident(g.viewer, resident, reason=form.reason.data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The entry has been annulled; its number will not be given again."), "success")
            return redirect(url_for(".index"))
    return render_template("residents/annul.html", form=form, resident=resident)


@blueprint.route("/<int:resident_id>/bin", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_bin(resident_id: int) -> Response | str:
    """Correct a BIN recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.BinForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.correct_bin(
                    g.viewer, resident, number=clean_number(form.bin.data), reason=form.reason.data, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The number has been corrected. Move the company's accounts to it under Users."), "success")
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/correct_bin.html", form=form, resident=resident)


@blueprint.route("/<int:resident_id>/erase", methods=["GET", "POST"])
@requires(Permission.ERASE_PERSONAL_DATA)
def erase(resident_id: int) -> Response | str:
    """Erase the personal contact data of an entry, past and present."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.erase_contacts(g.viewer, resident, reason=form.reason.data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The personal contact data has been erased; the journal still verifies."), "success")
            return redirect(url_for(".show", resident_id=resident.id))
    return render_template("residents/erase.html", form=form, resident=resident)
