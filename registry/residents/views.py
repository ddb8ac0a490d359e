"""Pages of the participant register."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.infra import act_page, list_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.findings import Finding
from registry.infra.forms import Form, ReasonForm, parse_typed_date
from registry.infra.i18n import format_date, name_in
from registry.infra.i18n import gettext as _
from registry.infra.identifiers import canonical_bin
from registry.infra.paging import PAGE_SIZE, page_number
from registry.infra.paging import Page as ListPage
from registry.journal import timeline
from registry.journal.acts import Opened, Proposed, what_follows
from registry.journal.rules import Action
from registry.reference import queries as reference
from registry.residents import acts, forms, queries, rules, services
from registry.residents.fields import FOLD
from registry.residents.listing import RESIDENTS, STATUS_WORDS
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change, Status
from registry.territories import queries as territories
from registry.territories.rules import number_name, short_name

blueprint = Blueprint("residents", __name__, url_prefix="/residents")
blueprint.add_app_template_filter(number_name)
blueprint.add_app_template_filter(lambda territory: short_name(territory.code), "territory_short")


@blueprint.app_template_global()
def resident_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    kinds = {Status.ACTIVE: "good", Status.SUSPENDED: "warn", Status.EXCLUDED: "bad", Status.UPCOMING: "wait"}
    return kinds[Status(status)], str(STATUS_WORDS[Status(status)])


@blueprint.app_template_global()
def resident_header(resident: Resident) -> dict[str, Any]:
    """What the header shared by all tabs of a record needs."""
    changes = _changes_of(resident)
    status = rules.status_on(resident.registered_on, changes, today())
    since = max((item.effective_on for item in changes if item.effective_on <= today()), default=None)
    return {"status": status, "since": since, "possible": rules.possible_changes(status)}


def _changes_of(resident: Resident) -> list[StatusChange]:
    """The changes of its status, read once a page: header and card show them."""
    known: dict[int, list[StatusChange]] = g.setdefault("status_changes", {})
    if resident.id not in known:
        known[resident.id] = queries.status_changes(resident)
    return known[resident.id]


@blueprint.get("")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of entries; a company's only entry is shown."""
    shown = list_page.page_of(RESIDENTS)
    if g.viewer.is_company and shown.page.total == 1 and not request.args:
        return show(shown.rows[0].key)  # a list of one row is no list
    return list_page.show(shown, "residents/index.html")


@blueprint.get("/as-of")
@requires(Permission.VIEW_REGISTERS)
def as_of() -> Response:
    """The participants on any day, where addresses kept earlier lead: the list has both clocks among its filters."""
    asked: dict[str, Any] = {
        name: request.args[name] for name in ("known", "search", "territory", "page") if name in request.args
    }
    day = request.args.get("date") or today().strftime("%d.%m.%Y")
    return redirect(url_for(".index", date=day, status=queries.PARTICIPANTS, **asked))


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
        changes=_changes_of(resident),
        siblings=queries.other_entries(resident),
    )


@blueprint.get("/<int:resident_id>/history")
@requires(Permission.VIEW_REGISTERS)
def history(resident_id: int) -> str:
    """The course of the company across registers, by the day each act took effect; ``only`` leaves one kind."""
    resident = queries.get_resident(resident_id, g.viewer)
    number, chapters = page_number(request.args.get("page")), timeline.chapters(resident)
    chapter = request.args.get("only", "")
    if chapter not in {each.name for each in chapters}:
        chapter = ""
    entries, total = timeline.course(
        g.viewer, resident, chapter=chapter, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    return render_template(
        "residents/history.html",
        resident=resident,
        page=ListPage(entries, number, total),
        chapters=chapters,
        chosen=chapter,
    )


def _values(form: Form) -> dict[str, Any]:
    values = {name: value for name, value in form.values().items() if name in rules.FIELDS}
    if values.get("bin"):
        values["bin"] = canonical_bin(values["bin"])
    if values.get("oked"):
        values["oked"] = values["oked"].replace(".", "")
    return values


def _page_of(resident: Resident) -> str:
    return url_for(".show", resident_id=resident.id)


def _crumbs(resident: Resident | None = None) -> list[tuple[str, str]]:
    """The way from the list down to an act's page."""
    steps = [(_("Participants"), url_for(".index"))]
    return steps if resident is None else [*steps, (name_in(resident), _page_of(resident))]


def _run(form: Form, words: Words, resident: Resident, act: Callable[[], Any], message: str, **more: Any) -> Page:
    """The page of an act on an entry; on to the entry's page unless told another way."""
    to = more.pop("to", None) or _page_of(resident)
    return act_page.run(
        form,
        words,
        act,
        then=lambda result: act_page.changed(result is not False, message, to),
        back=_page_of(resident),
        lead=name_in(resident),
        crumbs=_crumbs(resident),
        **more,
    )


@blueprint.route("/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Page:
    """Enter a company in a territory's register."""
    form = forms.RegistrationForm(data={"registered_on": today(), "territory": _chosen_territory()})
    form["territory"].choices = [(row.code, name_in(row)) for row in g.territories]
    reference.offer_codes(form, territory_ids=[row.id for row in g.territories])

    def entered(resident: Resident) -> Response:
        flash(_("Entered in the register under the number %(number)s.", number=resident.register_no), "success")
        _warn(resident)
        return redirect(_page_of(resident))

    return act_page.run(
        form,
        acts.REGISTER,
        lambda: services.register_resident(
            g.viewer,
            territory=territories.by_code(form["territory"].data, g.viewer),
            values=_values(form),
            now=utc_now(),
        ),
        then=entered,
        back=url_for(".index"),
        crumbs=_crumbs(),
        fold=FOLD,
    )


def _chosen_territory() -> str | None:
    return next((row.code for row in g.territories if row.id == g.territory_id), None)


def _warn(resident: Resident) -> None:
    for _field, message in rules.warnings({"accreditation_until": resident.accreditation_until}, today()):
        flash(str(message), "warning")


@blueprint.route("/<int:resident_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(resident_id: int) -> Page:
    """Change an entry's fields from a day on."""
    resident = queries.get_resident(resident_id, g.viewer)
    form: Any = forms.AmendmentForm(obj=resident, data={"effective_on": max(today(), resident.registered_on)})
    reference.offer_codes(form, territory_ids=[resident.territory_id], since=resident.registered_on)

    def amend() -> bool:
        return services.amend_resident(
            g.viewer,
            resident,
            values=form.changed(resident, _values(form)),
            effective_on=form["effective_on"].data,
            now=utc_now(),
            mistake=form.mistake,
        )

    def amended(is_changed: bool) -> Response:
        message = _("The entry has been amended. Earlier values stay in its history.")
        response = act_page.changed(is_changed, message, _page_of(resident))
        if is_changed:
            _warn(resident)
        return response

    return act_page.run(
        form,
        acts.AMEND,
        amend,
        then=amended,
        back=_page_of(resident),
        lead=name_in(resident),
        crumbs=_crumbs(resident),
        opened=Opened(resident),
        fold=FOLD,
    )


@blueprint.route("/<int:resident_id>/status/<any(suspended, resumed, excluded):change>", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def change_status(resident_id: int, change: str) -> Page:
    """Suspend, resume or exclude: a page of its own that says what will follow."""
    resident = queries.get_resident(resident_id, g.viewer)
    kind = Change(change)
    form = forms.StatusForm(data={"effective_on": today()})
    if kind in rules.NEEDS_GROUND:
        form["ground"].choices = reference.offered_codes(
            "status_grounds",
            territory_ids=[resident.territory_id],
            since=resident.registered_on,
            attribute=change,
        )
        form["ground"].flags.required = True
    else:
        del form["ground"]
    return _run(
        form,
        acts.CHANGES[kind],
        resident,
        lambda: services.change_status(g.viewer, resident, change=kind, now=utc_now(), **form.values()),
        _done(kind, form["effective_on"].data),
        follows=lambda: what_follows(
            Proposed(
                acts.STATUS_ACTIONS[kind], StatusChange(resident_id=resident.id), form["effective_on"].data or today()
            )
        ),
    )


def _done(change: Change, day: date | None) -> str:
    texts = {
        Change.SUSPENDED: _("The status is suspended from %(day)s.", day=format_date(day)),
        Change.RESUMED: _("The status is resumed from %(day)s.", day=format_date(day)),
        Change.EXCLUDED: _(
            "The participant is excluded from %(day)s; its certificate is revoked.", day=format_date(day)
        ),
    }
    return texts[change]


def _change_of(resident: Resident, change_id: int) -> StatusChange:
    """A change of status of the entry that was not annulled; any other is not found."""
    return next((row for row in queries.status_changes(resident) if row.id == change_id), None) or abort(404)


@blueprint.route("/<int:resident_id>/changes/<int:change_id>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_change(resident_id: int, change_id: int) -> Page:
    """Correct the day, ground or decision of a change of status recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    item = _change_of(resident, change_id)
    form = forms.StatusCorrectionForm(obj=item)
    if item.change in rules.NEEDS_GROUND:
        form["ground"].choices = reference.offered_codes(
            "status_grounds",
            territory_ids=[resident.territory_id],
            since=resident.registered_on,
            attribute=item.change,
        )
        form["ground"].flags.required = True
    else:
        del form["ground"]
    return _run(
        form,
        acts.CORRECT_CHANGE,
        resident,
        lambda: services.correct_status_change(
            g.viewer, item, values=form.values(), reason=form["reason"].data, now=utc_now()
        ),
        _("The change of status has been corrected. The old values stay in the history."),
        opened=Opened(item),
        follows=lambda: _follows_from_day(item, form["effective_on"].data),
    )


def _follows_from_day(item: StatusChange, day: date | None) -> list[Finding]:
    if day is None or day == item.effective_on:
        return []
    return what_follows(Proposed(Action.STATUS_CORRECTED, item, day, {"effective_on": (item.effective_on, day)}))


@blueprint.route("/<int:resident_id>/changes/<int:change_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_change(resident_id: int, change_id: int) -> Page:
    """Annul a change of status recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    item = _change_of(resident, change_id)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL_CHANGE,
        resident,
        lambda: services.annul_status_change(g.viewer, item, reason=form["reason"].data, now=utc_now()),
        _("The change of status has been annulled."),
        follows=lambda: what_follows(Proposed(Action.STATUS_ANNULLED, item, item.effective_on)),
    )


@blueprint.route("/<int:resident_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(resident_id: int) -> Page:
    """Annul an entry recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL,
        resident,
        lambda: services.annul_resident(g.viewer, resident, reason=form["reason"].data, now=utc_now()),
        _("The entry has been annulled; its number will not be given again."),
        to=url_for(".index"),
        follows=lambda: what_follows(Proposed(Action.RESIDENT_ANNULLED, resident, resident.registered_on)),
    )


@blueprint.route("/<int:resident_id>/bin", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_bin(resident_id: int) -> Page:
    """Correct a BIN recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.BinForm()
    return _run(
        form,
        acts.CORRECT_BIN,
        resident,
        lambda: services.correct_bin(
            g.viewer, resident, number=canonical_bin(form["bin"].data), reason=form["reason"].data, now=utc_now()
        ),
        _("The number has been corrected. Move the company's accounts to it under Users."),
        text=_(
            "The number recorded is %(number)s. The right one replaces it from the day of the entry on; the journal"
            " keeps the wrong one and your reason.",
            number=resident.bin,
        ),
    )


@blueprint.route("/<int:resident_id>/registered", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_registration(resident_id: int) -> Page:
    """Correct a day of registration recorded in error."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = forms.RegisteredForm(data={"registered_on": resident.registered_on})
    return _run(
        form,
        acts.CORRECT_REGISTRATION,
        resident,
        lambda: services.correct_registration(
            g.viewer,
            resident,
            registered_on=form["registered_on"].data,
            reason=form["reason"].data,
            now=utc_now(),
        ),
        _("The day of the entry has been corrected."),
        opened=Opened(resident),
        follows=lambda: _follows_from_registration(resident, form["registered_on"].data),
    )


def _follows_from_registration(resident: Resident, day: date | None) -> list[Finding]:
    if day is None or day == resident.registered_on:
        return []
    return what_follows(
        Proposed(Action.RESIDENT_AMENDED, resident, day, {"registered_on": (resident.registered_on, day)})
    )


@blueprint.route("/<int:resident_id>/erase", methods=["GET", "POST"])
@requires(Permission.ERASE_PERSONAL_DATA)
def erase(resident_id: int) -> Page:
    """Erase the personal contact data of an entry, past and present."""
    resident = queries.get_resident(resident_id, g.viewer)
    form = ReasonForm()
    return _run(
        form,
        acts.ERASE,
        resident,
        lambda: services.erase_contacts(g.viewer, resident, reason=form["reason"].data, now=utc_now()),
        _("The personal contact data has been erased; the journal still verifies."),
    )
