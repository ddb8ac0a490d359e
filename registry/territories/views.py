"""Settings: the territories, their management companies, and the dictionaries in force."""

from __future__ import annotations

from flask import Blueprint, abort, g, render_template, request, url_for

from registry.infra import act_page
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page
from registry.infra.clock import today, utc_now
from registry.infra.forms import parse_typed_date
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.journal import queries as journal
from registry.journal.acts import Opened
from registry.reference import queries as reference
from registry.territories import acts, forms, queries, services

blueprint = Blueprint("territories", __name__, url_prefix="/settings")

DICTIONARY_TITLES = {
    "tax_codes": lazy("Budget classification codes (BCC)"),
    "revenue_categories": lazy("Categories of revenue"),
    "investment_sources": lazy("Sources of investment"),
    "ip_kinds": lazy("Kinds of intellectual property"),
    "counted_offices": lazy("Patent offices counted for indicator 6"),
    "counting_rules": lazy("Rules of counting"),
    "expected_results": lazy("Expected results of the Concept"),
    "contract_kinds": lazy("Kinds of contracts"),
    "participant_types": lazy("Types of participants"),
    "legal_forms": lazy("Legal forms"),
    "status_grounds": lazy("Grounds of suspension and exclusion"),
    "priority_directions": lazy("Priority directions"),
    "krp": lazy("Enterprise size (KRP)"),
    "trl": lazy("Technology readiness levels (TRL)"),
    "moved_days": lazy("Days off and working days moved by the Government"),
}


@blueprint.get("")
@requires(Permission.KEEP_SETTINGS, Permission.VIEW_JOURNAL)
def index() -> str:
    """The territories with their requisites, and the dictionaries."""
    return render_template(
        "territories/index.html",
        territories=queries.territories_of(g.viewer),
        body=queries.consolidating_body(g.viewer) if g.viewer.has_all_territories else None,
        titles=DICTIONARY_TITLES,
    )


@blueprint.route("/territories/<code>", methods=["GET", "POST"])
@requires(Permission.KEEP_SETTINGS)
def amend(code: str) -> Page:
    """Enter or change the requisites of a territory's management company."""
    territory = queries.by_code(code, g.viewer)
    form = forms.TerritoryForm(obj=territory)
    entries, _total = journal.history(subjects=[("territory", territory.id)], limit=20)
    return act_page.run(
        form,
        acts.AMEND,
        lambda: services.amend_territory(g.viewer, territory, form.values(), now=utc_now()),
        then=lambda changed: act_page.changed(changed, _("The requisites have been saved."), url_for(".index")),
        back=url_for(".index"),
        lead=name_in(territory),
        crumbs=[(_("Settings"), url_for(".index"))],
        opened=Opened(territory),
        template="territories/amend.html",
        entries=entries,
    )


@blueprint.route("/consolidating-body", methods=["GET", "POST"])
@requires(Permission.KEEP_SETTINGS)
def amend_body() -> Page:
    """Enter or change the requisites of whoever makes papers of all territories."""
    body = queries.consolidating_body(g.viewer)
    form = forms.BodyForm(obj=body)
    entries, _total = journal.history(subjects=[(body.__tablename__, body.id)], limit=20)
    return act_page.run(
        form,
        acts.AMEND_BODY,
        lambda: services.amend_body(g.viewer, body, form.values(), now=utc_now()),
        then=lambda changed: act_page.changed(changed, _("The requisites have been saved."), url_for(".index")),
        back=url_for(".index"),
        crumbs=[(_("Settings"), url_for(".index"))],
        opened=Opened(body),
        template="territories/body.html",
        entries=entries,
    )


@blueprint.get("/dictionaries/<name>")
@requires(Permission.KEEP_SETTINGS, Permission.VIEW_JOURNAL)
def dictionary(name: str) -> str:
    """The codes of one dictionary valid on a day: those of all territories, and each territory's own."""
    if name not in DICTIONARY_TITLES:
        abort(404)
    day = parse_typed_date(request.args.get("date")) or today()
    places = {row.id: row for row in queries.territories_of(g.viewer)}
    found = [row for place in (None, *places) for row in reference.entries(name, day, territory_id=place)]
    return render_template(
        "territories/dictionary.html",
        name=name,
        dictionary_title=DICTIONARY_TITLES[name],
        entries=list(dict.fromkeys(found)),
        places=places,
        day=day,
    )
