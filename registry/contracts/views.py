"""Pages of contracts and supplementary agreements."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.contracts import forms, queries, rules, services
from registry.contracts.fields import CONTRACT
from registry.contracts.models import Addendum, Contract
from registry.contracts.rules import Status
from registry.errors import DomainError
from registry.infra import fields
from registry.infra.access import Permission, requires
from registry.infra.clock import today, utc_now
from registry.infra.db import transaction
from registry.infra.fields import Changed, Shown
from registry.infra.forms import Form, ReasonForm, parse_typed_date
from registry.infra.i18n import current_language, format_date, name_in, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.paging import page_number, paginate
from registry.journal import presentation
from registry.journal import queries as journal
from registry.journal.services import Basis
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.territories import queries as territories
from registry.territories.models import Territory
from registry.territories.rules import clean_number

blueprint = Blueprint("contracts", __name__)

HISTORY_SHOWN = 50
"""Entries of the journal on a contract's page, the newest."""


def status_choices() -> list[tuple[str, str]]:
    return [
        (Status.IN_FORCE, _("in force")),
        (Status.UPCOMING, _("not yet begun")),
        (Status.EXPIRED, _("expired")),
        (Status.TERMINATED, _("terminated")),
    ]


def ending_choices() -> list[tuple[int, str]]:
    return [(days, ngettext("within %(num)s day", "within %(num)s days", days)) for days in rules.ENDING_DAYS]


@blueprint.app_template_global()
def contract_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    kinds = {Status.IN_FORCE: "good", Status.UPCOMING: "wait", Status.EXPIRED: "quiet", Status.TERMINATED: "bad"}
    return kinds[Status(status)], dict(status_choices())[Status(status)]


def list_filters() -> dict[str, Any]:
    """The list's filters as they stand in the address."""
    args = request.args
    ends = args.get("ends", "")
    return {
        "search": args.get("search", ""),
        "kind": args.get("type", ""),
        "status": args.get("status", ""),
        "ends_within": int(ends) if ends in {str(days) for days in rules.ENDING_DAYS} else None,
    }


@blueprint.get("/contracts")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of contracts: search, filters, what ends soon, order, pages."""
    sort = request.args.get("sort", "-signed_on")
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
        "contracts/index.html",
        columns=fields.shown(CONTRACT, Shown.LIST),
        page=paginate(statement, page_number(request.args.get("page"))),
        sort=sort,
        statuses=status_choices(),
        kinds=reference.choices("contract_kinds"),
        endings=ending_choices(),
    )


@blueprint.get("/residents/<int:resident_id>/contracts")
@requires(Permission.VIEW_REGISTERS)
def of_resident(resident_id: int) -> str:
    """The contracts of one entry: a tab of the participant's record."""
    resident = residents.get_resident(resident_id, g.viewer)
    sort = request.args.get("sort", "-signed_on")
    statement = queries.list_statement(
        g.viewer,
        day=today(),
        language=current_language(),
        resident_id=resident.id,
        sort=sort.removeprefix("-"),
        descending=sort.startswith("-"),
    )
    page = paginate(statement, page_number(request.args.get("page")))
    return render_template(
        "contracts/of_resident.html",
        resident=resident,
        columns=fields.shown(CONTRACT, Shown.LIST),
        page=page,
        sort=sort,
    )


@blueprint.get("/contracts/<int:contract_id>")
@requires(Permission.VIEW_REGISTERS)
def show(contract_id: int) -> str:
    """A contract with its terms as of a day (today by default), its addenda and its history."""
    contract = queries.get_contract(contract_id, g.viewer)
    asked = parse_typed_date(request.args.get("date"))
    day = asked or today()
    addenda = queries.addenda_of(contract)
    found = queries.records(g.viewer, as_of=asked, ids=[contract.id]) if asked else []
    shown = found[0] if found else contract
    entries, _total = journal.history(subjects=[("contract", contract.id)], limit=HISTORY_SHOWN)
    status_today = rules.status_on(contract, addenda, today())
    days_left = rules.days_left(contract, addenda, today())
    return render_template(
        "contracts/show.html",
        contract=contract,
        shown=shown,
        facts=_facts(shown, rules.terms_on(shown, addenda, day)),
        status=rules.status_on(shown, addenda, day),
        status_today=status_today,
        last_day=rules.last_day(contract, addenda, today()),
        days_left=days_left,
        ends_soon=status_today is Status.IN_FORCE and days_left is not None and days_left <= max(rules.ENDING_DAYS),
        addenda=addenda,
        day=day,
        asked=asked,
        signed=asked is None or bool(found),
        entries=entries,
    )


def _facts(contract: Contract | queries.ContractRecord, terms: rules.Terms) -> list[tuple[str, str | None]]:
    """What the card says of a contract, its terms as the addenda give them; a termination only where there is one."""
    values = {field.name: getattr(contract, field.name) for field in CONTRACT} | asdict(terms)
    shown = [
        field
        for field in fields.shown(CONTRACT, Shown.CARD)
        if field.changed is not Changed.LATER or values["terminated_on"]
    ]
    return presentation.facts("contract", shown, values, ends_on=valid_through(terms.ends_on))


@blueprint.route("/contracts/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Response | str:
    """Conclude a contract: with the resident named in the address, or by territory and BIN."""
    resident = _resident_asked_for()
    chosen = next((row.code for row in g.territories if row.id == g.territory_id), None)
    form = forms.ConclusionForm(data={"signed_on": today(), "starts_on": today(), "territory": chosen})
    reference.offer_codes(form)
    if resident is None:
        form["territory"].choices = [(row.code, name_in(row)) for row in territories.all_territories()]
    else:
        del form["territory"], form["bin"]
    if form.validate_on_submit():
        try:
            with transaction():
                territory, party = _party(form, resident)
                contract = services.conclude_contract(
                    g.viewer, resident=party, territory=territory, values=_values(form), now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("Contract %(number)s has been concluded.", number=contract.number), "success")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/new.html", form=form, resident=resident)


def _resident_asked_for() -> Resident | None:
    number = request.args.get("resident", "")
    return residents.get_resident(int(number), g.viewer) if number.isdecimal() and len(number) < 10 else None


def _party(form: Form, resident: Resident | None) -> tuple[Territory, Resident]:
    if resident is not None:
        return resident.territory, resident
    territory = territories.by_code(form["territory"].data)
    return territory, residents.entry_for_paper(territory, clean_number(form["bin"].data), form["signed_on"].data)


def _values(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.values().items() if name in rules.FIELDS}


@blueprint.route("/contracts/<int:contract_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(contract_id: int) -> Response | str:
    """Change a contract's fields from a day on."""
    contract = _live_contract(contract_id)
    form = forms.AmendmentForm(obj=contract, data={"effective_on": max(today(), contract.signed_on)})
    reference.offer_codes(form)
    if form.validate_on_submit():
        # Only what was changed on the page: on an earlier day the other fields may have had other values.
        values = {name: value for name, value in _values(form).items() if value != getattr(contract, name)}
        try:
            with transaction():
                changed = services.amend_contract(
                    g.viewer, contract, values=values, effective_on=form["effective_on"].data, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(_("The contract has been amended. Earlier values stay in its history."), "success")
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/amend.html", form=form, contract=contract)


@blueprint.route("/contracts/<int:contract_id>/addenda/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def add_addendum(contract_id: int) -> Response | str:
    """Add a supplementary agreement with its own number and effective date."""
    contract = _live_contract(contract_id)
    addenda = queries.addenda_of(contract)
    day = max(today(), contract.signed_on)
    form = forms.AddendumForm(data={"signed_on": day, "effective_on": day})
    if form.validate_on_submit():
        try:
            with transaction():
                addendum = services.add_addendum(g.viewer, contract, values=form.values(), now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(
                _(
                    "Supplementary agreement %(number)s is recorded; its terms hold from %(day)s.",
                    number=addendum.number,
                    day=format_date(addendum.effective_on),
                ),
                "success",
            )
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template(
        "contracts/addendum.html",
        form=form,
        contract=contract,
        addendum=None,
        terms=rules.terms_on(contract, addenda, today()),
    )


@blueprint.route("/contracts/<int:contract_id>/addenda/<int:addendum_id>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_addendum(contract_id: int, addendum_id: int) -> Response | str:
    """Correct the fields of a supplementary agreement recorded in error."""
    contract = _live_contract(contract_id)
    addendum = _addendum(contract, addendum_id)
    form = forms.AddendumCorrectionForm(obj=addendum)
    if form.validate_on_submit():
        try:
            with transaction():
                changed = services.correct_addendum(
                    g.viewer, addendum, values=form.values(), reason=form["reason"].data, now=utc_now()
                )
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(
                    _("The supplementary agreement has been corrected. The old values stay in the history."), "success"
                )
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/addendum.html", form=form, contract=contract, addendum=addendum, terms=None)


@blueprint.route("/contracts/<int:contract_id>/addenda/<int:addendum_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_addendum(contract_id: int, addendum_id: int) -> Response | str:
    """Annul a supplementary agreement recorded in error."""
    contract = _live_contract(contract_id)
    addendum = _addendum(contract, addendum_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_addendum(g.viewer, addendum, reason=form["reason"].data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The supplementary agreement has been annulled."), "success")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/annul_addendum.html", form=form, contract=contract, addendum=addendum)


@blueprint.route("/contracts/<int:contract_id>/terminate", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def terminate(contract_id: int) -> Response | str:
    """Terminate a contract: a page of its own that says what will follow."""
    contract = _live_contract(contract_id)
    form = forms.TerminationForm(data={"terminated_on": max(today(), contract.signed_on)})
    if form.validate_on_submit():
        try:
            with transaction():
                services.terminate_contract(
                    g.viewer, contract, terminated_on=form["terminated_on"].data,
                    ground=form["termination_ground"].data,
                    basis=_basis(form), now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.add_error(error)
        else:
            day = format_date(form["terminated_on"].data)
            flash(_("The contract is terminated: it is not in force from %(day)s on.", day=day), "success")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/terminate.html", form=form, contract=contract)


def _basis(form: Form) -> Basis:
    number, day = form["document_no"].data, form["document_date"].data
    return Basis("termination", number, day) if number or day else Basis()


@blueprint.route("/contracts/<int:contract_id>/termination/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_termination(contract_id: int) -> Response | str:
    """Correct date or ground of a termination recorded in error."""
    contract = _live_contract(contract_id)
    form = forms.TerminationCorrectionForm(obj=contract)
    if form.validate_on_submit():
        try:
            with transaction():
                changed = services.correct_termination(
                    g.viewer, contract, terminated_on=form["terminated_on"].data,
                    ground=form["termination_ground"].data,
                    reason=form["reason"].data, now=utc_now(),
                )  # fmt: skip
        except DomainError as error:
            form.add_error(error)
        else:
            if changed:
                flash(_("The termination has been corrected. The old values stay in the history."), "success")
            else:
                flash(_("Nothing was changed."), "info")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/correct_termination.html", form=form, contract=contract)


@blueprint.route("/contracts/<int:contract_id>/termination/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_termination(contract_id: int) -> Response | str:
    """Annul a termination recorded in error."""
    contract = _live_contract(contract_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_termination(g.viewer, contract, reason=form["reason"].data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The termination has been annulled."), "success")
            return redirect(url_for(".show", contract_id=contract.id))
    return render_template("contracts/annul_termination.html", form=form, contract=contract)


@blueprint.route("/contracts/<int:contract_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(contract_id: int) -> Response | str:
    """Annul a contract recorded in error."""
    contract = _live_contract(contract_id)
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            with transaction():
                services.annul_contract(g.viewer, contract, reason=form["reason"].data, now=utc_now())
        except DomainError as error:
            form.add_error(error)
        else:
            flash(_("The contract has been annulled."), "success")
            return redirect(url_for(".of_resident", resident_id=contract.resident_id))
    return render_template("contracts/annul.html", form=form, contract=contract)


def _live_contract(contract_id: int) -> Contract:
    """A contract that can still be changed; the page of an annulled one offers no acts."""
    contract = queries.get_contract(contract_id, g.viewer)
    if contract.annulled_at is not None:
        abort(409)
    return contract


def _addendum(contract: Contract, addendum_id: int) -> Addendum:
    addendum = queries.get_addendum(addendum_id, g.viewer)
    if addendum.contract_id != contract.id or addendum.annulled_at is not None:
        abort(404)
    return addendum


@blueprint.app_template_global()
def valid_through(last_day: date | None) -> str:
    """The end of a contract in words that leave no doubt about its last day."""
    if last_day is None:
        return _("No end is agreed")
    return _("Valid through %(day)s, inclusive", day=format_date(last_day))
