"""What stands around every page: navigation, the switches of language and territory."""

from __future__ import annotations

from typing import NamedTuple

from flask import Blueprint, current_app, g, redirect, request, session
from werkzeug.wrappers import Response as BaseResponse

from registry.accounts.rules import safe_path
from registry.infra import unsent
from registry.infra.access import Viewer, public
from registry.infra.i18n import lazy


class NavigationItem(NamedTuple):
    """A line of the left navigation; shown when its endpoint exists and is open to the viewer."""

    endpoint: str
    label: object
    icon: str
    own_label: object = None
    """What a resident reads instead, being limited to its own company."""


NAVIGATION = (
    (
        NavigationItem("home.index", lazy("Home"), "house"),
        NavigationItem("residents.index", lazy("Participants"), "people", lazy("My company")),
        NavigationItem("contracts.index", lazy("Contracts"), "contract"),
        NavigationItem("patents.index", lazy("Patents"), "patent"),
        NavigationItem("reports.index", lazy("Reports"), "report"),
        NavigationItem("indicators.index", lazy("Indicators"), "indicator"),
        NavigationItem("documents.index", lazy("Documents"), "document"),
    ),
    (
        NavigationItem("exchange.index", lazy("Import and export"), "import", lazy("Export")),
        NavigationItem("journal.index", lazy("Journal"), "journal"),
        NavigationItem("accounts.index", lazy("Users"), "user"),
        NavigationItem("territories.index", lazy("Settings"), "gear"),
    ),
)


def can_open(endpoint: str) -> bool:
    """Whether ``endpoint`` exists and the present viewer's role may open it: what buttons and links are shown by."""
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return False
    viewer: Viewer | None = g.get("viewer")
    permissions = getattr(view, "required_permissions", frozenset())
    return getattr(view, "is_public", False) or bool(viewer and viewer.permissions & permissions)


def shown_navigation() -> list[list[tuple[NavigationItem, object]]]:
    viewer: Viewer | None = g.get("viewer")
    if viewer is None:
        return []
    groups = []
    for group in NAVIGATION:
        shown = [
            (item, item.own_label if item.own_label and viewer.is_company else item.label)
            for item in group
            if can_open(item.endpoint)
        ]
        if shown:
            groups.append(shown)
    return groups


shell = Blueprint("shell", __name__)


@shell.route("/language/<any(kk, ru, en):code>", methods=["GET", "POST"])
@public
def switch_language(code: str) -> BaseResponse:
    """Speak another language from now on, on the same page."""
    session["language"] = code
    return _back()


@shell.route("/territory/<code>", methods=["GET", "POST"])
@public
def switch_territory(code: str) -> BaseResponse:
    """Show one territory's data from now on (``all`` for every one), on the same page."""
    if code in {row.code for row in g.territories}:
        session["territory"] = code
    else:
        session.pop("territory", None)
    return _back()


def _back() -> BaseResponse:
    """Go back to the page; a form on it is sent along by the switch and opens there as it was."""
    page = safe_path(request.args.get("next")) or "/"
    unsent.keep(page, announced=False)
    return redirect(page)
