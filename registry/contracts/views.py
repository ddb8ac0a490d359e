"""Pages of contracts and supplementary agreements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from typing import Any

from flask import Blueprint, abort, g, render_template, request, url_for

from registry.contracts import acts, forms, queries, rules, services
from registry.contracts.fields import CONTRACT
from registry.contracts.listing import CONTRACTS, STATUS_WORDS
from registry.contracts.models import Addendum, Contract
from registry.contracts.rules import Status
from registry.infra import act_page, fields, list_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import today, utc_now
from registry.infra.fields import Changed, Shown
from registry.infra.forms import Form, ReasonForm, SameAsForm, parse_typed_date
from registry.infra.i18n import current_language, format_date, name_in
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number
from registry.infra.paging import Page as ListPage
from registry.infra.paging import page_number
from registry.journal import keys, presentation, state
from registry.journal import queries as journal
from registry.journal.acts import Opened, Proposed, what_follows
from registry.journal.rules import Action
from registry.journal.services import Basis
from registry.reference import queries as reference
from registry.residents import queries as residents
from registry.residents.models import Resident
from registry.territories import queries as territories
from registry.territories.models import Territory

blueprint = Blueprint("contracts", __name__)

HISTORY_SHOWN = 20
"""Entries of the journal on one page of a contract's history."""


_STATUS_CHIPS = {
    Status.IN_FORCE: "good",
    Status.UPCOMING: "wait",
    Status.EXPIRED: "quiet",
    Status.TERMINATED: "bad",
}


@blueprint.app_template_global()
def contract_status(status: str) -> tuple[str, str]:
    """Kind of chip and word for a status."""
    return _STATUS_CHIPS[Status(status)], str(STATUS_WORDS[Status(status)])


@blueprint.get("/contracts")
@requires(Permission.VIEW_REGISTERS)
def index() -> str:
    """The list of contracts."""
    return list_page.show(list_page.page_of(CONTRACTS), "contracts/index.html")


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
    page = state.page(statement, page_number(request.args.get("page")))
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
    number = page_number(request.args.get("page"))
    entries, total = journal.history(
        subjects=[("contract", contract.id)], limit=HISTORY_SHOWN, offset=(number - 1) * HISTORY_SHOWN
    )
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
        sharing=keys.sharing(contract),
        signed=asked is None or bool(found),
        history=ListPage(entries, number, total, HISTORY_SHOWN),
    )


def _facts(contract: Contract | queries.ContractRecord, terms: rules.Terms) -> list[tuple[str, str | None]]:
    """What the card says of a contract, its terms as the addenda give them; a termination only where there is one."""
    values = {field.name: getattr(contract, field.name) for field in CONTRACT} | asdict(terms)
    shown = [
        field
        for field in fields.shown(CONTRACT, Shown.CARD)
        if field.changed is not Changed.LATER or values["terminated_on"]
    ]
    ends = valid_through(terms.ends_on)
    return presentation.facts("contract", shown, values, territory_id=contract.territory_id, ends_on=ends)


@blueprint.route("/contracts/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def new() -> Page:
    """Conclude a contract: with the resident named in the address, or by territory and BIN."""
    resident = _resident_asked_for()
    chosen = next((row.code for row in g.territories if row.id == g.territory_id), None)
    form = forms.ConclusionForm(data={"signed_on": today(), "starts_on": today(), "territory": chosen})
    places = [row.id for row in g.territories] if resident is None else [resident.territory_id]
    reference.offer_codes(form, territory_ids=places)
    if resident is None:
        form["territory"].choices = [(row.code, name_in(row)) for row in g.territories]
        form["territory"].blank = _("Where the company has its entry")
    else:
        del form["territory"], form["bin"]

    def conclude() -> Contract:
        territory, party = _party(form, resident)
        return services.conclude_contract(
            g.viewer, resident=party, territory=territory, values=_values(form), now=utc_now()
        )

    return act_page.run(
        form,
        acts.CONCLUDE,
        conclude,
        then=lambda contract: act_page.done(
            _("Contract %(number)s has been concluded.", number=contract.number),
            url_for(".show", contract_id=contract.id),
        ),
        back=url_for(".of_resident", resident_id=resident.id) if resident else url_for(".index"),
        lead=name_in(resident) if resident else None,
        crumbs=_crumbs(),
    )


def _resident_asked_for() -> Resident | None:
    number = whole_number(request.args.get("resident"))
    return None if number is None else residents.get_resident(number, g.viewer)


def _party(form: Form, resident: Resident | None) -> tuple[Territory, Resident]:
    if resident is not None:
        return resident.territory, resident
    code, bin_ = form["territory"].data, form["bin"].data
    territory = territories.by_code(code, g.viewer) if code else residents.territory_of(g.viewer, bin_)
    return territory, residents.entry_for_paper(territory, bin_, form["signed_on"].data)


def _values(form: Form) -> dict[str, Any]:
    return {name: value for name, value in form.values().items() if name in rules.FIELDS}


def _crumbs(contract: Contract | None = None) -> list[tuple[str, str]]:
    """The way from the list down to an act's page."""
    steps = [(_("Contracts"), url_for(".index"))]
    return steps if contract is None else [*steps, (_title(contract), _page_of(contract))]


def _title(contract: Contract) -> str:
    return _("Contract № %(number)s", number=contract.number)


def _page_of(contract: Contract) -> str:
    return url_for(".show", contract_id=contract.id)


def _run(form: Form, words: Words, contract: Contract, act: Callable[[], Any], message: str, **more: Any) -> Page:
    """The page of an act on a contract; back to the contract's page unless told another way."""
    to = more.pop("to", None) or _page_of(contract)
    options: dict[str, Any] = {"back": _page_of(contract), "lead": _title(contract), "crumbs": _crumbs(contract)} | more
    return act_page.run(
        form, words, act, then=lambda result: act_page.changed(result is not False, message, to), **options
    )


@blueprint.route("/contracts/<int:contract_id>/amend", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def amend(contract_id: int) -> Page:
    """Change a contract's fields from a day on."""
    contract = _live_contract(contract_id)
    form: Any = forms.AmendmentForm(obj=contract, data={"effective_on": max(today(), contract.signed_on)})
    begun = rules.begun_on(contract.signed_on, contract.starts_on)
    reference.offer_codes(form, territory_ids=[contract.territory_id], since=begun)

    def amend() -> bool:
        return services.amend_contract(
            g.viewer,
            contract,
            values=form.changed(contract, _values(form)),
            effective_on=form["effective_on"].data,
            now=utc_now(),
            mistake=form.mistake,
        )

    return _run(
        form,
        acts.AMEND,
        contract,
        amend,
        _("The contract has been amended. Earlier values stay in its history."),
        opened=Opened(contract),
        link=(acts.ADD_ADDENDUM.title, url_for(".add_addendum", contract_id=contract.id)),
    )


@blueprint.route("/contracts/<int:contract_id>/addenda/new", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def add_addendum(contract_id: int) -> Page:
    """Add a supplementary agreement with its own number and effective date."""
    contract = _live_contract(contract_id)
    day = max(today(), contract.signed_on)
    form = forms.AddendumForm(data={"signed_on": day, "effective_on": day})
    return act_page.run(
        form,
        acts.ADD_ADDENDUM,
        lambda: services.add_addendum(g.viewer, contract, values=form.values(), now=utc_now()),
        then=lambda addendum: act_page.done(
            _(
                "Supplementary agreement %(number)s is recorded; its terms hold from %(day)s.",
                number=addendum.number,
                day=format_date(addendum.effective_on),
            ),
            _page_of(contract),
        ),
        back=_page_of(contract),
        lead=_title(contract),
        crumbs=_crumbs(contract),
        template="contracts/addendum.html",
        terms=rules.terms_on(contract, queries.addenda_of(contract), today()),
    )


@blueprint.route("/contracts/<int:contract_id>/addenda/<int:addendum_id>/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_addendum(contract_id: int, addendum_id: int) -> Page:
    """Correct the fields of a supplementary agreement recorded in error."""
    contract = _live_contract(contract_id)
    addendum = _addendum(contract, addendum_id)
    form = forms.AddendumCorrectionForm(obj=addendum)
    return _run(
        form,
        acts.CORRECT_ADDENDUM,
        contract,
        lambda: services.correct_addendum(
            g.viewer, addendum, values=form.values(), reason=form["reason"].data, now=utc_now()
        ),
        _("The supplementary agreement has been corrected. The old values stay in the history."),
        opened=Opened(addendum),
    )


@blueprint.route("/contracts/<int:contract_id>/addenda/<int:addendum_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_addendum(contract_id: int, addendum_id: int) -> Page:
    """Annul a supplementary agreement recorded in error."""
    contract = _live_contract(contract_id)
    addendum = _addendum(contract, addendum_id)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL_ADDENDUM,
        contract,
        lambda: services.annul_addendum(g.viewer, addendum, reason=form["reason"].data, now=utc_now()),
        _("The supplementary agreement has been annulled."),
        lead=_(
            "Supplementary agreement № %(addendum)s to contract № %(number)s",
            addendum=addendum.number,
            number=contract.number,
        ),
    )


@blueprint.route("/contracts/<int:contract_id>/terminate", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def terminate(contract_id: int) -> Page:
    """Terminate a contract: a page of its own that says what will follow."""
    contract = _live_contract(contract_id)
    form = forms.TerminationForm(data={"terminated_on": max(today(), contract.signed_on)})

    def terminate() -> None:
        number, day = form["document_no"].data, form["document_date"].data
        services.terminate_contract(
            g.viewer,
            contract,
            terminated_on=form["terminated_on"].data,
            ground=form["termination_ground"].data,
            basis=Basis("termination", number, day) if number or day else Basis(),
            now=utc_now(),
        )

    return _run(
        form,
        acts.TERMINATE,
        contract,
        terminate,
        _(
            "The contract is terminated: it is not in force from %(day)s on.",
            day=format_date(form["terminated_on"].data),
        ),
        lead=_("Contract № %(number)s with %(name)s", number=contract.number, name=name_in(contract.resident)),
    )


@blueprint.route("/contracts/<int:contract_id>/termination/correct", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def correct_termination(contract_id: int) -> Page:
    """Correct date or ground of a termination recorded in error."""
    contract = _live_contract(contract_id)
    form = forms.TerminationCorrectionForm(obj=contract)
    return _run(
        form,
        acts.CORRECT_TERMINATION,
        contract,
        lambda: services.correct_termination(
            g.viewer,
            contract,
            terminated_on=form["terminated_on"].data,
            ground=form["termination_ground"].data,
            reason=form["reason"].data,
            now=utc_now(),
        ),
        _("The termination has been corrected. The old values stay in the history."),
        opened=Opened(contract),
    )


@blueprint.route("/contracts/<int:contract_id>/termination/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul_termination(contract_id: int) -> Page:
    """Annul a termination recorded in error."""
    contract = _live_contract(contract_id)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL_TERMINATION,
        contract,
        lambda: services.annul_termination(g.viewer, contract, reason=form["reason"].data, now=utc_now()),
        _("The termination has been annulled."),
    )


@blueprint.route("/contracts/<int:contract_id>/same-as", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def same_as(contract_id: int) -> Page:
    """Say that a contract was recorded twice, and which record stays."""
    contract = _live_contract(contract_id)
    others = {str(other.id): other for other in keys.sharing(contract)}
    form = SameAsForm(data={"same_as": next(iter(others), None)})
    form["same_as"].choices = [
        (key, f"{_title(other)}, {format_date(other.signed_on)}, {name_in(other.resident)}")
        for key, other in others.items()
    ]

    def join() -> Contract:
        kept = others[form["same_as"].data]
        services.join_contract(g.viewer, contract, kept, reason=form["reason"].data, now=utc_now())
        return kept

    return act_page.run(
        form,
        acts.JOIN,
        join,
        then=lambda kept: act_page.done(_("The records have been joined; this one stays."), _page_of(kept)),
        back=_page_of(contract),
        lead=_title(contract),
        text=None if others else _("No other record has this number."),
        crumbs=_crumbs(contract),
    )


@blueprint.route("/contracts/<int:contract_id>/annul", methods=["GET", "POST"])
@requires(Permission.KEEP_REGISTERS)
def annul(contract_id: int) -> Page:
    """Annul a contract recorded in error."""
    contract = _live_contract(contract_id)
    form = ReasonForm()
    return _run(
        form,
        acts.ANNUL,
        contract,
        lambda: services.annul_contract(g.viewer, contract, reason=form["reason"].data, now=utc_now()),
        _("The contract has been annulled."),
        to=url_for(".of_resident", resident_id=contract.resident_id),
        follows=lambda: what_follows(Proposed(Action.CONTRACT_ANNULLED, contract, contract.signed_on)),
    )


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
