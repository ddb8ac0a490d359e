"""Pages of accounts: signing in and out, the invitation's link, the own profile, and looking after users."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from flask import Blueprint, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import refresh
from flask_login import UserMixin, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.wrappers import Response

from registry.accounts import acts, forgotten, mailing, queries, services, signing_in, two_people
from registry.accounts.forms import (
    ALL,
    AcceptInvitationForm,
    DeputyForm,
    ForgottenForm,
    InviteForm,
    PasswordForm,
    ProfileForm,
    RoleForm,
    SignInForm,
)
from registry.accounts.listing import USERS, role_choices
from registry.accounts.models import Deputy, Proposal, User
from registry.accounts.permissions import Role
from registry.accounts.rules import (
    FORGOTTEN_LIFE,
    INVITATION_LIFE,
    LINK_BINDS,
    PASSWORD_SHORTEST,
    ROLE_NAMES,
    SESSION_IDLE,
    SESSION_LONGEST,
    STATUS_NAMES,
    WHAT_NAMES,
    ProposalStatus,
    What,
    safe_path,
)
from registry.errors import Conflict, NotFound
from registry.infra import act_page, list_page, mail, unsent
from registry.infra.access import Permission, public, requires
from registry.infra.act_page import Page, Result, Words
from registry.infra.clock import utc_now, wall
from registry.infra.db import Busy, db, transaction
from registry.infra.forms import Form, ReasonForm
from registry.infra.i18n import current_language, format_date, format_moment, lazy, name_in, ngettext
from registry.infra.i18n import gettext as _
from registry.infra.numbers import whole_number
from registry.infra.paging import page_number, page_of
from registry.journal import queries as journal
from registry.journal.acts import Opened
from registry.notifications import queries as letters
from registry.notifications.models import Letter
from registry.territories import queries as territories
from registry.territories.models import Territory

blueprint = Blueprint("accounts", __name__)


@blueprint.app_template_filter("proposal_title")
def proposal_title(proposal: Proposal) -> str:
    """What a proposal would do, in a few words."""
    return two_people.kind_of(proposal).title(proposal.values)


@blueprint.app_template_filter("proposal_status")
def proposal_status(status: str) -> tuple[str, str]:
    """How a proposal's status looks, and what it is called."""
    look, name = STATUS_NAMES[ProposalStatus(status)]
    return look, str(name)


SECRET, BEGAN = "secret", "began"
"""What a session keeps of itself: its secret, by which it is ended, and when it began, in seconds since 1970."""


class SignedIn(UserMixin):
    """The account behind a session, as Flask-Login wants it: plain values, so that no page reads it twice."""

    def __init__(self, user: User, territories: Sequence[Territory] = (), unread: int = 0) -> None:
        self.unread = unread
        self.viewer = queries.viewer_for(user)
        self.territories = [row for row in territories if self.viewer.sees_territory(row.id)]
        self.name = user.name or user.login
        self.role_name = ROLE_NAMES[Role(self.viewer.role)]
        standing_in = [row.user for row in user.standing_in if row.user_id in self.viewer.stands_for]
        self.stands_for = [other.name or other.login for other in standing_in]
        self._identity = f"{user.id}:{user.session_epoch}"

    def get_id(self) -> str:
        return self._identity


def signed_in(identity: str) -> SignedIn | None:
    """The account a session names, unless the session was ended."""
    if _is_over():
        return None
    user_id, epoch = (whole_number(part) for part in identity.partition(":")[::2])
    found = queries.session_user(user_id, epoch) if user_id is not None and epoch is not None else None
    return SignedIn(*found) if found else None


def _is_over() -> bool:
    """Whether the session was signed out of, or has lived as long as any may.

    One begun before sessions knew when they began counts from now on. The machine's clock counts, as in the cookie.
    """
    now = int(wall().total_seconds())
    began = session.setdefault(BEGAN, now)
    if not now - SESSION_LONGEST.total_seconds() < began < now + SESSION_IDLE.total_seconds():
        return True
    return SECRET in session and signing_in.is_ended(session[SECRET])


def _open_session(user: User) -> None:
    """Begin a new session; of the one before stay the chosen language and the forms that wait to be sent."""
    kept = {name: session[name] for name in ("language", unsent.BROWSER) if session.get(name)}
    session.clear()
    session.update(kept)
    session.permanent = True
    session[SECRET], session[BEGAN] = secrets.token_urlsafe(32), int(wall().total_seconds())
    login_user(SignedIn(user))


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Page:
    target = safe_path(request.args.get("next")) or "/"
    if g.viewer is not None and request.method == "GET":
        return redirect(target)
    form = SignInForm()
    if form.validate_on_submit():
        login, password, address = form.login.data or "", form.password.data or "", request.remote_addr or ""
        user, now = queries.by_login(login), utc_now()
        cookie = request.cookies.get(_browser_cookie())
        counters = signing_in.counters_of(
            login,
            address,
            browser=signing_in.browser_of(current_app.secret_key, login, cookie),
            at_home=signing_in.is_at_home(user, address, now=now),
        )
        if wait := signing_in.begin(counters, now=now):
            form.form_errors.append(_wait_message(wait))
            return render_template("accounts/sign_in.html", form=form), form.status
        if services.password_matches(user, password) and user is not None:
            signing_in.succeeded(user, counters, address, now=now)
            _renew_hash(user, password)
            _open_session(user)
            _tell_of_links(user)
            response = redirect(target)
            _remember_browser(response, login)
            return response
        signing_in.note(user.id if user else None, What.FAILED, address, now=now)
        form.form_errors.append(_("Login or password is wrong. Check both; capital letters matter in a password."))
    return render_template("accounts/sign_in.html", form=form), form.status


@blueprint.route("/forgotten-password", methods=["GET", "POST"])
@public
def forgotten_password() -> Page:
    """Ask for a link to set a new password: the answer is the same whatever is typed."""
    form, asked = ForgottenForm(), "asked" in request.args and request.method == "GET"
    is_mailed = mail.is_set_up(current_app.config["SETTINGS"])
    if is_mailed and form.validate_on_submit():
        typed, address, now = form.login.data or "", request.remote_addr or "", utc_now()
        if wait := signing_in.begin(forgotten.counters_of(typed, address), now=now):
            form.form_errors.append(_wait_message(wait))
        else:
            try:
                with transaction():
                    found = forgotten.ask(typed, now=now)
            except Busy as error:
                form.add_error(error)
            else:
                signing_in.note(found[0] if found else None, What.FORGOT, address, now=now)
                return redirect(url_for(".forgotten_password", asked=1))
    page = render_template(
        "accounts/forgotten.html",
        form=form,
        asked=asked,
        is_mailed=is_mailed,
        minutes=int(FORGOTTEN_LIFE.total_seconds() // 60),
        days=LINK_BINDS.days,
    )
    return page, form.status


def _tell_of_links(user: User) -> None:
    """Tell the owner of an account who made links to it lately."""
    for link in queries.links_made(user.id, utc_now()):
        flash(
            _(
                "%(name)s made a new sign-in link for your account on %(day)s. If you did not ask for it, tell the"
                " administrator.",
                name=link.by,
                day=format_moment(link.at),
            ),
            "warning",
        )


def _renew_hash(user: User, password: str) -> None:
    """Keep a stronger hash if that can be done now; nobody waits for it, and the next sign-in tries again."""
    if services.needs_new_hash(user):
        with suppress(Busy, Conflict, SQLAlchemyError), transaction(at_once=True):
            services.hash_anew(user, password, now=utc_now())


def _browser_cookie() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _remember_browser(response: Response, login: str) -> None:
    """Let this browser be known as one in which the owner of the login signed in."""
    cookie = request.cookies.get(_browser_cookie())
    response.set_cookie(
        _browser_cookie(),
        signing_in.remember_browser(current_app.secret_key, login, cookie),
        max_age=timedelta(days=365),
        secure=current_app.config["SESSION_COOKIE_SECURE"],
        httponly=True,
        samesite="Lax",
    )


def _wait_message(wait: timedelta) -> str:
    minutes = math.ceil(wait.total_seconds() / 60)
    return ngettext(
        "Too many attempts failed. Try again in %(num)s minute.",
        "Too many attempts failed. Try again in %(num)s minutes.",
        num=minutes,
    )


@blueprint.post("/sign-out")
@requires(Permission.USE_PROGRAM)
def sign_out() -> Response:
    """End the session, for every copy of its cookie."""
    language = session.get("language")
    if SECRET in session:
        signing_in.end_session(session[SECRET], utc_now() + SESSION_LONGEST)
    signing_in.note(g.viewer.user_id, What.SIGNED_OUT, request.remote_addr or "", now=utc_now())
    logout_user()
    session.clear()
    session["language"] = language or g.viewer.language
    response = redirect(url_for("accounts.sign_in"))
    if request.is_secure:
        response.headers["Clear-Site-Data"] = '"cache"'  # the next person cannot go back to what this one saw
    return response


@blueprint.route("/invitations/<token>", methods=["GET", "POST"])
@public
def accept_invitation(token: str) -> Page:
    _invitation, user = queries.open_invitation(token, utc_now())
    form = AcceptInvitationForm(data={"name": user.name, "language": session.get("language") or user.language})

    def accepted(user: User) -> Response:
        session.pop("language", None)
        signing_in.note(user.id, What.SIGNED_IN, request.remote_addr or "", now=utc_now())
        _open_session(user)
        response = act_page.done(
            _("Welcome. Your password is set; from now on sign in with the login %(login)s.", login=user.login), "/"
        )
        _remember_browser(response, user.login)
        return response

    return act_page.run(
        form,
        acts.ACCEPT_INVITATION,
        lambda: services.accept_invitation(
            token, name=form.name.data, password=form.password.data, language=form.language.data, now=utc_now()
        ),
        then=accepted,
        back="/",
        template="accounts/invitation.html",
        login=user.login,
        shortest=PASSWORD_SHORTEST,
    )


@blueprint.route("/profile", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def profile() -> Page:
    user = services.own_account(g.viewer)
    form = ProfileForm(obj=user)

    def saved(user: User) -> Response:
        session["language"] = user.language
        refresh()
        return act_page.done(_("Your profile is saved."), url_for("accounts.profile"))

    return act_page.run(
        form,
        acts.PROFILE,
        lambda: services.amend_profile(g.viewer, name=form.name.data, language=form.language.data, now=utc_now()),
        then=saved,
        back=url_for("home.index"),
        opened=Opened(user),
        template="accounts/profile.html",
        user=user,
        links_made=queries.links_made(g.viewer.user_id, utc_now()),
        deputies=queries.deputies_about(user),
        sign_ins=signing_in.history(g.viewer.user_id),
        what_names=WHAT_NAMES,
    )


@blueprint.route("/profile/password", methods=["GET", "POST"])
@requires(Permission.USE_PROGRAM)
def change_password() -> Page:
    form = PasswordForm()

    def changed(user: User) -> Response:
        _open_session(user)
        return act_page.done(
            _("Your password is changed. You are signed out everywhere else."), url_for("accounts.profile")
        )

    return act_page.run(
        form,
        acts.CHANGE_PASSWORD,
        lambda: services.change_password(
            g.viewer, old_password=form.old_password.data, password=form.password.data, now=utc_now()
        ),
        then=changed,
        back=url_for("accounts.profile"),
        lead=_("You will be signed out everywhere else."),
        crumbs=[(_("My profile"), url_for("accounts.profile"))],
        template="accounts/password.html",
        shortest=PASSWORD_SHORTEST,
    )


@blueprint.get("/users")
@requires(Permission.INVITE_USERS)
def index() -> str:
    """The accounts that the reader looks after."""
    return list_page.show(list_page.page_of(USERS), "accounts/index.html")


@blueprint.route("/users/invite", methods=["GET", "POST"])
@requires(Permission.INVITE_USERS)
def invite() -> Page:
    offered = _territory_choices()
    chosen = [code for code in (ALL, _chosen_territory()) if code in dict(offered)][-1:] or [offered[0][0]]
    form = InviteForm(
        data={"company_bin": request.args.get("company_bin"), "language": current_language(), "territory": chosen}
    )
    form.territory.choices = offered
    form.role.choices = role_choices()
    form.role.blank = False if len(form.role.choices) == 1 else form.role.blank

    if not mail.is_set_up(current_app.config["SETTINGS"]):
        del form.mail

    def invite_it() -> Proposal | Letter | tuple[User, str]:
        chosen = _territories(form) or ()
        person: dict[str, Any] = {
            "login": form.login.data,
            "name": form.name.data or "",
            "language": form.language.data,
            "now": utc_now(),
        }
        if services.takes_two_people(g.viewer, None, form.role.data, chosen) and not form.company_bin.data:
            return services.propose_invitation(g.viewer, territories=chosen, **person)
        user = services.add_user(
            g.viewer, role=form.role.data, company_bin=form.company_bin.data, territories=chosen, **person
        )
        if form.mail and form.mail.data:
            return mailing.mail_link(g.viewer, user, now=person["now"])
        return user, services.renew_link(g.viewer, user, now=person["now"])

    def invited(made: Proposal | Letter | tuple[User, str]) -> Response:
        if isinstance(made, Proposal):
            return _proposed(made)
        return _on_its_way(made) if isinstance(made, Letter) else _show_link(*made)

    return act_page.run(
        form,
        acts.INVITE,
        invite_it,
        then=invited,
        back=url_for("accounts.index"),
        lead=_("You get a link to hand over. The person sets a password with it; it works once."),
        crumbs=[(_("Users"), url_for("accounts.index"))],
        template="accounts/invite.html",
    )


@blueprint.get("/users/<int:user_id>")
@requires(Permission.INVITE_USERS)
def show(user_id: int) -> str:
    user = queries.get_user(user_id, g.viewer)
    shown_once = session.pop("invitation", None)
    link = shown_once[1] if shown_once and shown_once[0] == user.id else None
    return render_template(
        "accounts/show.html",
        user=user,
        role_name=ROLE_NAMES[Role(user.role)],
        link=link,
        days=INVITATION_LIFE.days,
        pending=queries.pending_until(user, utc_now()),
        last_sign_in=signing_in.last_sign_ins([user])[user.id],
        sign_ins=signing_in.history(user.id),
        what_names=WHAT_NAMES,
        proposed=services.waiting_for(user),
        address=_address_on_record(user),
        deputies=queries.deputies_about(user),
        letter=letters.last_letter(user.id),
    )


@blueprint.route("/users/<int:user_id>/role", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def change_role(user_id: int) -> Page:
    user = queries.get_user(user_id, g.viewer)
    codes = [territory.code for territory in user.territories] or [ALL]
    form = RoleForm(data={"role": user.role, "company_bin": user.company_bin, "territory": codes})
    form.territory.choices = _territory_choices()
    form.role.choices = role_choices()

    def change_it() -> Proposal | None:
        chosen = _territories(form)
        wanted = user.territories if chosen is None else chosen
        if services.takes_two_people(g.viewer, user, form.role.data, wanted) and not form.company_bin.data:
            return services.propose_administrator(g.viewer, user, territories=chosen, now=utc_now())
        services.change_role(
            g.viewer,
            user,
            role=form.role.data,
            company_bin=form.company_bin.data,
            territories=chosen,
            now=utc_now(),
        )
        return None

    def changed(made: Proposal | None) -> Response:
        if made is not None:
            return _proposed(made)
        return act_page.done(
            _("The role is changed. The person signs in anew."), url_for("accounts.show", user_id=user_id)
        )

    return act_page.run(
        form,
        acts.CHANGE_ROLE,
        change_it,
        then=changed,
        back=url_for("accounts.show", user_id=user_id),
        lead=_("The person is signed out and signs in anew with the new role."),
        crumbs=[
            (_("Users"), url_for("accounts.index")),
            (user.name or user.login, url_for("accounts.show", user_id=user_id)),
        ],
        opened=Opened(user),
        template="accounts/role.html",
    )


def _run(
    words: Words,
    user: User,
    act: Callable[[], Result],
    then: Callable[[Result], Response],
    *,
    lead: str | None = None,
) -> Page:
    """The page of an act on an account that asks for nothing; its button stands on the account's page too."""
    page = url_for("accounts.show", user_id=user.id)
    return act_page.run(
        Form(),
        words,
        act,
        then=then,
        back=page,
        lead=lead or user.name or user.login,
        crumbs=[(_("Users"), url_for("accounts.index")), (user.name or user.login, page)],
    )


@blueprint.route("/users/<int:user_id>/link", methods=["GET", "POST"])
@requires(Permission.INVITE_USERS)
def renew_link(user_id: int) -> Page:
    """Make a new one-time link."""
    user = queries.get_user(user_id, g.viewer)
    return _run(
        acts.RENEW_LINK,
        user,
        lambda: services.renew_link(g.viewer, user, now=utc_now()),
        lambda token: _show_link(user, token),
    )


@blueprint.route("/users/<int:user_id>/mail-link", methods=["GET", "POST"])
@requires(Permission.INVITE_USERS)
def mail_link(user_id: int) -> Page:
    """Mail a new one-time link to the address on record: whoever mails it does not see it."""
    user = queries.get_user(user_id, g.viewer)
    if not mail.is_set_up(current_app.config["SETTINGS"]):
        raise NotFound(lazy("No mail server is set up."))
    on_record = mailing.address_of(user, g.viewer)
    return _run(
        acts.MAIL_LINK,
        user,
        lambda: mailing.mail_link(g.viewer, user, now=utc_now()),
        _on_its_way,
        lead=f"{user.name or user.login}, {on_record.address}" if on_record else None,
    )


@blueprint.route("/users/<int:user_id>/deactivate", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def deactivate(user_id: int) -> Page:
    """Close an account."""
    user = queries.get_user(user_id, g.viewer)
    return _run(
        acts.DEACTIVATE,
        user,
        lambda: services.deactivate(g.viewer, user, now=utc_now()),
        lambda _none: act_page.done(
            _("The account is deactivated and signed out everywhere."), url_for("accounts.show", user_id=user_id)
        ),
    )


@blueprint.route("/users/<int:user_id>/reactivate", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def reactivate(user_id: int) -> Page:
    """Open a deactivated account again."""
    user = queries.get_user(user_id, g.viewer)

    def reactivate_it() -> Proposal | None:
        if services.takes_two_people(g.viewer, user, user.role, user.territories):
            return services.propose_administrator(g.viewer, user, now=utc_now())
        services.reactivate(g.viewer, user, now=utc_now())
        return None

    def reactivated(made: Proposal | None) -> Response:
        if made is not None:
            return _proposed(made)
        return act_page.done(_("The account is active again."), url_for("accounts.show", user_id=user_id))

    return _run(acts.REACTIVATE, user, reactivate_it, reactivated)


# --- deputies ---


@blueprint.route("/profile/deputy", methods=["GET", "POST"])
@requires(Permission.HAVE_DEPUTY)
def name_own_deputy() -> Page:
    """Name one's own deputy."""
    user = services.own_account(g.viewer)
    back = url_for("accounts.profile")
    return _name_deputy(user, queries.possible_deputies(user), back, (_("My profile"), back))


@blueprint.route("/users/<int:user_id>/deputy", methods=["GET", "POST"])
@requires(Permission.MANAGE_USERS)
def name_deputy(user_id: int) -> Page:
    """Name somebody's deputy for him."""
    user = queries.get_user(user_id, g.viewer)
    offered = [other for other in queries.possible_deputies(user) if other in queries.users(g.viewer)]
    back = url_for("accounts.show", user_id=user_id)
    return _name_deputy(user, offered, back, (user.name or user.login, back))


def _name_deputy(user: User, offered: Sequence[User], back: str, crumb: tuple[str, str]) -> Page:
    form = DeputyForm()
    form.deputy.choices = [(other.id, f"{other.name or other.login} ({other.login})") for other in offered]

    def name_it() -> Proposal | Deputy:
        deputy = db.session.get_one(User, form.deputy.data)
        days = {"from_on": form.from_on.data, "to_on": form.to_on.data, "now": utc_now()}
        if services.deputy_takes_two_people(g.viewer, user, deputy):
            return services.propose_deputy(g.viewer, user, deputy, **days)
        return services.name_deputy(g.viewer, user, deputy, **days)

    def named(made: Proposal | Deputy) -> Response:
        if isinstance(made, Proposal):
            return _proposed(made)
        return act_page.done(_("The deputy is named."), back)

    return act_page.run(
        form,
        acts.NAME_DEPUTY,
        name_it,
        then=named,
        back=back,
        lead=_("Deputy of %(name)s", name=user.name or user.login),
        crumbs=[crumb],
        template="accounts/deputy.html",
        offered=offered,
    )


@blueprint.route("/deputies/<int:deputy_id>/end", methods=["GET", "POST"])
@requires(Permission.HAVE_DEPUTY)
def end_deputy(deputy_id: int) -> Page:
    """End a deputy's time before its last day."""
    found = queries.get_deputy(deputy_id, g.viewer)
    own = queries.is_ones_own(found, g.viewer)
    back = url_for("accounts.profile") if own else url_for("accounts.show", user_id=found.user_id)
    crumb = _("My profile") if own else (found.user.name or found.user.login)
    return act_page.run(
        Form(),
        acts.END_DEPUTY,
        lambda: services.end_deputy(g.viewer, found, now=utc_now()),
        then=lambda _none: act_page.done(_("The deputy's time is ended."), back),
        back=back,
        lead=_(
            "%(deputy)s stands in for %(name)s until %(day)s.",
            deputy=found.deputy.name or found.deputy.login,
            name=found.user.name or found.user.login,
            day=format_date(found.to_on),
        ),
        crumbs=[(crumb, back)],
    )


# --- what takes two people ---

DECIDING = (Permission.KEEP_TARGETS, Permission.MANAGE_USERS)
"""Whoever holds one of these may propose something; of each proposal its kind says whose it is."""


@blueprint.get("/proposals")
@requires(*DECIDING, Permission.VIEW_JOURNAL)
def proposals() -> str:
    """Everything that was proposed, what waits first."""
    found = sorted(two_people.proposals(g.viewer), key=lambda row: row.status != ProposalStatus.WAITING)
    page = page_of(found, page_number(request.args.get("page")))
    people = queries.names({row.proposed_by for row in page.items})
    accounts = two_people.accounts_named(page.items)
    return render_template("accounts/proposals.html", page=page, people=people, accounts=accounts)


@blueprint.get("/proposals/<int:proposal_id>")
@requires(*DECIDING, Permission.VIEW_JOURNAL)
def proposal(proposal_id: int) -> str:
    """What one person proposed, old → new, who may confirm it, and what became of it."""
    found = two_people.get_proposal(proposal_id, g.viewer)
    entries, _total = journal.history(subjects=[(Proposal.__tablename__, found.id)], limit=20)
    return render_template(
        "accounts/proposal.html",
        proposal=found,
        rows=two_people.kind_of(found).rows(found.values),
        moves=two_people.moves(found, g.viewer),
        who=two_people.who_decides(found, utc_now()),
        people=queries.names({found.proposed_by, found.decided_by}),
        entries=entries,
    )


@blueprint.route("/proposals/<int:proposal_id>/confirm", methods=["GET", "POST"])
@requires(*DECIDING)
def confirm_proposal(proposal_id: int) -> Page:
    """Confirm what another proposed, which is then done."""
    found = two_people.get_proposal(proposal_id, g.viewer)
    return _on_proposal(
        found,
        acts.CONFIRM,
        Form(),
        lambda _form: two_people.confirm(g.viewer, found, now=utc_now()),
        _("The proposal is confirmed and done."),
    )


@blueprint.route("/proposals/<int:proposal_id>/refuse", methods=["GET", "POST"])
@requires(*DECIDING)
def refuse_proposal(proposal_id: int) -> Page:
    """Refuse what another proposed, with the reason."""
    found = two_people.get_proposal(proposal_id, g.viewer)
    return _on_proposal(
        found,
        acts.REFUSE,
        ReasonForm(),
        lambda form: two_people.refuse(g.viewer, found, reason=form["reason"].data, now=utc_now()),
        _("The proposal is refused."),
    )


@blueprint.route("/proposals/<int:proposal_id>/withdraw", methods=["GET", "POST"])
@requires(*DECIDING)
def withdraw_proposal(proposal_id: int) -> Page:
    """Take one's own proposal back."""
    found = two_people.get_proposal(proposal_id, g.viewer)
    return _on_proposal(
        found,
        acts.WITHDRAW,
        Form(),
        lambda _form: two_people.withdraw(g.viewer, found, now=utc_now()),
        _("The proposal is withdrawn."),
    )


def _on_proposal(found: Proposal, words: Words, form: Form, act: Callable[[Form], None], said: str) -> Page:
    g.viewer.require(two_people.kind_of(found).permission)
    page = url_for("accounts.proposal", proposal_id=found.id)
    title = proposal_title(found)
    return act_page.run(
        form,
        words,
        lambda: act(form),
        then=lambda _none: act_page.done(said, page),
        back=page,
        lead=title,
        crumbs=[(_("Proposals"), url_for("accounts.proposals")), (title, page)],
    )


def _territory_choices() -> list[tuple[str, str]]:
    """The territories the actor may give to others, and all of them where it has all itself."""
    every = [(ALL, _("All territories"))] if g.viewer.has_all_territories else []
    return every + [(row.code, name_in(row)) for row in territories.territories_of(g.viewer)]


def _chosen_territory() -> str | None:
    """The territory of the header's switch."""
    return next((row.code for row in g.territories if row.id == g.territory_id), None)


def _territories(form: RoleForm) -> list[Territory] | None:
    """The territories the form names: none for all of them, None where it says nothing."""
    if not form.territory.data:
        return None
    return [territories.by_code(code, g.viewer) for code in form.territory.data if code != ALL]


def _address_on_record(user: User) -> str | None:
    """Where a link can be mailed to, where letters can be sent at all."""
    found = mailing.address_of(user, g.viewer) if mail.is_set_up(current_app.config["SETTINGS"]) else None
    return found.address if found else None


def _proposed(proposal: Proposal) -> Response:
    """Go on to a proposal just made."""
    said = _("Nobody gives an administrator's rights alone: this is proposed, and another administrator confirms it.")
    return act_page.done(said, url_for("accounts.proposal", proposal_id=proposal.id))


def _on_its_way(letter: Letter) -> Response:
    """Go on to the account, whose page tells what becomes of the letter with its link."""
    return act_page.done(
        _(
            "The link is on its way to %(address)s. Look here again in a minute: the page says when it is sent.",
            address=letter.address or "",
        ),
        url_for("accounts.show", user_id=letter.user_id),
    )


def _show_link(user: User, token: str) -> Response:
    """Show the link on the account's page, this once: only the token's hash is kept."""
    public_url = current_app.config["SETTINGS"].public_url
    session["invitation"] = [user.id, public_url + url_for("accounts.accept_invitation", token=token)]
    return redirect(url_for("accounts.show", user_id=user.id))
