"""Pages of notifications: one's own, how one wants to be told, and the fate of every letter."""

from __future__ import annotations

from contextlib import suppress

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from registry.errors import Conflict
from registry.infra import act_page, list_page, mail
from registry.infra.access import Permission, requires
from registry.infra.act_page import Page, Words
from registry.infra.clock import utc_now
from registry.infra.db import Busy, transaction
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy
from registry.infra.paging import page_number, paginate
from registry.notifications import events, queries, services
from registry.notifications.forms import ChoicesForm
from registry.notifications.listing import LETTERS, around, kind_name, said
from registry.notifications.rules import FAILED, FATE_NAMES, GROUP_NAMES, OPEN, Fate, How

blueprint = Blueprint("notifications", __name__)

CHOICES = Words(
    title=lazy("How to be told"),
    button=lazy("Save"),
    text=lazy(
        "On the page of notifications everything stands, whatever you choose. Letters are written in the language of"
        " your profile. Invitations and links to set a password are always mailed at once."
    ),
)


@blueprint.app_template_filter("letter_fate")
def letter_fate(fate: str) -> tuple[str, str]:
    """How a letter's fate looks, and what it is called."""
    look, name = FATE_NAMES[Fate(fate)]
    return look, str(name)


@blueprint.app_template_filter("letter_said")
def letter_said(letter: object) -> str:
    """What a server said of a letter, or why it was not needed."""
    return said(letter)  # ty: ignore[invalid-argument-type]


@blueprint.get("/notifications")
@requires(Permission.USE_PROGRAM)
def index() -> str:
    """What the reader was told, the newest first."""
    page = paginate(queries.own_statement(g.viewer), page_number(request.args.get("page")))
    return render_template(
        "notifications/index.html",
        page=page,
        known=events.still_open(page.items, g.viewer),
        groups=GROUP_NAMES,
        is_mailed=mail.is_set_up(current_app.config["SETTINGS"]),
    )


@blueprint.get("/notifications/<int:notification_id>")
@requires(Permission.USE_PROGRAM)
def show(notification_id: int) -> Response:
    """Open what a notification is about, as it is now: where the links of letters lead."""
    found = queries.get_own(notification_id, g.viewer)
    page = events.page_of(found, g.viewer)
    if found.notification.read_at is None:
        # Whoever opens it does not wait for an import; it stays unread then.
        with suppress(Busy, Conflict, SQLAlchemyError), transaction(at_once=True):
            services.mark_read(g.viewer, found.notification, now=utc_now())
    if page is None:
        flash(found.text, "info")
        return redirect(url_for(".index"))
    endpoint, values = page
    return redirect(url_for(endpoint, **values))


@blueprint.post("/notifications/read")
@requires(Permission.USE_PROGRAM)
def read_all() -> Response:
    """Mark everything read."""
    with transaction():
        services.mark_all_read(g.viewer, now=utc_now())
    return act_page.done(_("Everything is marked as read."), url_for(".index"))


@blueprint.route("/notifications/choices", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def choices() -> Page:
    """How the reader wants to be told, by group of events."""
    groups, chosen = events.groups_of(g.viewer), queries.choices(g.viewer.user_id)
    form = ChoicesForm(data={group.value: chosen.get(group, How.AT_ONCE.value) for group in groups})
    form.keep_only(groups)
    return act_page.run(
        form,
        CHOICES,
        lambda: services.choose(g.viewer, form.wanted),
        then=lambda _none: act_page.done(_("Your choice is saved."), url_for(".index")),
        back=url_for(".index"),
        crumbs=[(_("Notifications"), url_for(".index"))],
        template="notifications/choices.html",
        groups=groups,
        is_mailed=mail.is_set_up(current_app.config["SETTINGS"]),
        digest_at=current_app.config["SETTINGS"].digest_at,
    )


@blueprint.get("/settings/letters")
@requires(Permission.KEEP_SETTINGS)
def letters() -> str:
    """Every letter, and what became of it."""
    g.viewer.require_in(None, Permission.KEEP_SETTINGS)
    is_mailed = mail.is_set_up(current_app.config["SETTINGS"])
    return list_page.show(list_page.page_of(LETTERS), "notifications/letters.html", is_mailed=is_mailed)


@blueprint.get("/settings/letters/<int:letter_id>")
@requires(Permission.KEEP_SETTINGS)
def letter(letter_id: int) -> str:
    """What became of a letter; of what it says nothing is shown, a link in it least of all."""
    found = queries.get_letter(letter_id, g.viewer)
    near = around([found])
    return render_template(
        "notifications/letter.html",
        letter=found,
        kind=kind_name(found, near.told),
        to=near.names.get(found.user_id),
        said=said(found),
        is_open=found.fate in OPEN,
        can_be_sent=found.fate in FAILED and found.kind not in events.links(),
    )


@blueprint.post("/settings/letters/<int:letter_id>/again")
@requires(Permission.KEEP_SETTINGS)
def send_again(letter_id: int) -> Response:
    """Have a letter that failed tried anew."""
    found = queries.get_letter(letter_id, g.viewer)
    with transaction():
        services.send_again(g.viewer, found, now=utc_now())
    return act_page.done(_("The letter is sent again."), url_for(".letter", letter_id=letter_id))
