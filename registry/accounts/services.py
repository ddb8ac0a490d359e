"""What happens to accounts: adding, inviting, passwords, roles, deactivation.

A session ends when its account's ``session_epoch`` grows. Every act stands in the journal, login, name
and BIN as personal values (a sole entrepreneur's BIN is an IIN).
"""

from __future__ import annotations

import functools
import secrets
import unicodedata
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from registry.accounts import queries, rules, two_people
from registry.accounts.models import Deputy, ForgottenPassword, Invitation, Membership, Proposal, User
from registry.accounts.permissions import Role
from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import local_date
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, lazy
from registry.infra.identifiers import canonical_bin
from registry.journal import acts
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.journal.services import differences
from registry.territories.models import Territory

FIELDS = ("login", "name", "role", "company_bin", "language", "territory_codes")
"""What the journal keeps of an account."""

PERSONAL = ("login", "name", "company_bin")

_hasher = PasswordHasher()


def add_user(
    actor: Viewer,
    *,
    login: str,
    role: str,
    password: str | None = None,
    company_bin: str | None = None,
    territories: Collection[Territory] = (),
    name: str = "",
    language: str = "kk",
    active: bool = True,
    now: datetime,
) -> User:
    """Add an account; without ``password`` nobody can sign in to it until an invitation is accepted.

    It does its role in ``territories`` only, or, where none is named, in all. One that is not ``active`` waits to be
    activated.

    :raises NotAllowed: when the actor may not make accounts of this role, or not alone.
    :raises NotFound: for a territory that does not exist for the actor.
    :raises Conflict: when the login is taken.
    :raises DomainError: for a login, password, role or BIN that breaks the rules.
    """
    login = rules.plain_login(login)
    company_bin = canonical_bin(company_bin or "") or None
    _refuse(rules.login_problem(login), "login")
    _check_role(actor, role, company_bin)
    _check_territories(actor, territories)
    if active and takes_two_people(actor, None, role, territories):
        raise NotAllowed(NOT_ALONE, "role")
    if language not in LANGUAGES:
        raise DomainError(lazy("Choose one of the values offered."), "language")
    if queries.by_login(login) is not None:
        raise Conflict(lazy("The login %(login)s is taken. Choose another.", login=login), "login")
    user = User(
        login=login,
        name=name.strip(),
        role=str(role),
        company_bin=company_bin,
        language=language,
        active=active,
        session_epoch=0,
        created_at=now,
        territories=_in_order(territories),
    )
    if password is not None:
        _refuse(rules.password_problem(password, login), "password")
        user.password_hash = _hash(password)
    acts.create(
        actor,
        Action.USER_ADDED,
        user,
        (*FIELDS, "credential") if active else (*FIELDS, "credential", "active"),
        now=now,
        effective_on=local_date(now),
        personal=PERSONAL,
    )
    return user


def invite(
    actor: Viewer,
    *,
    login: str,
    role: str,
    company_bin: str | None = None,
    territories: Collection[Territory] = (),
    name: str = "",
    language: str = "kk",
    now: datetime,
) -> tuple[User, str]:
    """Add an account and make its one-time link. Returns the account and the link's token, which is not kept.

    An administrator's account takes two people (:func:`propose_administrator`).
    """
    user = add_user(
        actor,
        login=login,
        role=role,
        company_bin=company_bin,
        territories=territories,
        name=name,
        language=language,
        now=now,
    )
    return user, renew_link(actor, user, now=now)


# --- administrators: one cannot make another one alone ---

ADMINISTRATOR = "administrator"
"""The proposal to make an account an administrator's."""

NOT_ALONE = lazy("Nobody makes an administrator alone: propose it, another administrator confirms it.")

WHOM_TO_ADD = lazy(
    "Nobody else may confirm this. Whoever runs the server adds another administrator there with the command"
    " registry users add LOGIN --role admin, who then confirms it."
)


def takes_two_people(actor: Viewer, user: User | None, role: str, territories: Collection[Territory]) -> bool:
    """Whether an account would get more of an administrator's rights than it has: the built-in user gives them alone.

    The command on the server acts for it; whoever reaches that has the whole registry in hand anyway.
    """
    if role != Role.ADMIN or actor.user_id is None:
        return False
    if user is None or user.role != Role.ADMIN or not user.active:
        return True
    return bool(user.territories) and not (territories and set(territories) <= set(user.territories))


def propose_invitation(
    actor: Viewer,
    *,
    login: str,
    territories: Collection[Territory] = (),
    name: str = "",
    language: str = "kk",
    now: datetime,
) -> Proposal:
    """Add an administrator's account that is opened when another administrator confirms it.

    :raises Conflict: as :func:`add_user`.
    """
    user = add_user(
        actor,
        login=login,
        role=Role.ADMIN,
        territories=territories,
        name=name,
        language=language,
        active=False,
        now=now,
    )
    return _propose(actor, user, _in_order(territories), now)


def propose_administrator(
    actor: Viewer, user: User, *, territories: Collection[Territory] | None = None, now: datetime
) -> Proposal:
    """Propose that an account becomes an active administrator's, in these territories (None: as it is).

    :raises NotFound: for an account or a territory that does not exist for the actor.
    :raises Conflict: while the same waits to be confirmed.
    """
    actor.require(Permission.MANAGE_USERS)
    require_care_of(actor, user)
    wanted = user.territories if territories is None else _in_order(territories)
    _check_territories(actor, wanted)
    return _propose(actor, user, wanted, now)


def _propose(actor: Viewer, user: User, territories: Collection[Territory], now: datetime) -> Proposal:
    if waiting_for(user) is not None:
        raise Conflict(lazy("This waits to be confirmed by another administrator already."))
    values = {"user_id": user.id, "territories": [territory.id for territory in territories]}
    return two_people.propose(actor, ADMINISTRATOR, values, now=now)


def waiting_for(user: User) -> Proposal | None:
    """The proposal about an account that waits to be confirmed."""
    waiting = sa.select(Proposal).where(Proposal.what == ADMINISTRATOR, Proposal.status == rules.ProposalStatus.WAITING)
    return next((row for row in db.session.scalars(waiting) if row.values["user_id"] == user.id), None)


def make_administrator(actor: Viewer, proposal: Proposal, now: datetime) -> None:
    """What is done when another administrator confirms the proposal."""
    values = proposal.values
    user = db.session.get_one(User, values["user_id"])
    territories = [db.session.get_one(Territory, key) for key in values["territories"]]
    changed = _change(actor, user, {"role": str(Role.ADMIN), "company_bin": None}, now, territories=territories)
    if not user.active:
        user.active = True
        _record(actor, Action.USER_REACTIVATED, user, now)
    if changed:
        user.session_epoch += 1


# --- deputies ---

DEPUTY = "deputy"
"""The proposal that somebody becomes an administrator's deputy."""


def deputy_takes_two_people(actor: Viewer, user: User, deputy: User) -> bool:
    """Whether a deputy would get more of an administrator's rights than the account has: as for making one."""
    return user.role == Role.ADMIN and takes_two_people(actor, deputy, Role.ADMIN, user.territories)


def name_deputy(actor: Viewer, user: User, deputy: User, *, from_on: date, to_on: date, now: datetime) -> Deputy:
    """Let ``deputy`` do the role of ``user`` on these days.

    :raises NotAllowed: for another's deputy without the right to manage users, and for one that takes two people.
    :raises NotFound: for an account that does not exist for the actor.
    :raises DomainError: naming the field, for days or people that do not fit.
    :raises Conflict: where one of the two has another deputy, or is deputy of another, on these days.
    """
    _check_deputy(actor, user, deputy, from_on, to_on, now)
    if deputy_takes_two_people(actor, user, deputy):
        raise NotAllowed(NOT_ALONE, "deputy")
    return _put_deputy(actor, user, deputy, from_on, to_on, now)


def propose_deputy(actor: Viewer, user: User, deputy: User, *, from_on: date, to_on: date, now: datetime) -> Proposal:
    """Propose a deputy of an administrator, whom another administrator confirms.

    :raises NotAllowed: as :func:`name_deputy`, and the rest as there.
    """
    _check_deputy(actor, user, deputy, from_on, to_on, now)
    days = {"from_on": from_on.isoformat(), "to_on": to_on.isoformat()}
    place = [territory.id for territory in user.territories]
    values = {"user_id": user.id, "deputy_id": deputy.id, "territories": place, **days}
    return two_people.propose(actor, DEPUTY, values, now=now)


def put_proposed_deputy(actor: Viewer, proposal: Proposal, now: datetime) -> None:
    """What is done when another administrator confirms the proposal."""
    values = proposal.values
    user, deputy = (db.session.get_one(User, values[name]) for name in ("user_id", "deputy_id"))
    if [territory.id for territory in user.territories] != values["territories"]:
        raise Conflict(lazy("The account has changed since this was proposed. Refuse it and propose it anew."))
    from_on, to_on = (date.fromisoformat(values[name]) for name in ("from_on", "to_on"))
    _refuse_deputy(user, deputy, max(from_on, local_date(now)), to_on, now)
    _put_deputy(actor, user, deputy, from_on, to_on, now)


def end_deputy(actor: Viewer, deputy: Deputy, *, now: datetime) -> None:
    """End a deputy's time now: either of the two, or whoever manages users.

    :raises NotAllowed: for anybody else.
    :raises Conflict: when it has ended.
    """
    if actor.user_id is not None and not queries.is_ones_own(deputy, actor):
        actor.require(Permission.MANAGE_USERS)
        require_care_of(actor, deputy.user)
    if deputy.ended_at is not None or deputy.to_on < local_date(now):
        raise Conflict(lazy("This deputy's time has ended already."))
    put_end(actor, deputy, now)


def put_end(actor: Viewer, deputy: Deputy, now: datetime) -> None:
    """What is done when a deputy's time ends before its last day."""

    def ended(entry: JournalEntry) -> None:
        deputy.ended_at = entry.recorded_at

    acts.act(
        actor,
        Action.DEPUTY_ENDED,
        deputy,
        {"ended": (None, True)},
        now=now,
        effective_on=local_date(now),
        then=ended,
    )


def _check_deputy(actor: Viewer, user: User, deputy: User, from_on: date, to_on: date, now: datetime) -> None:
    if actor.user_id != user.id:
        actor.require(Permission.MANAGE_USERS)
        require_care_of(actor, user)
        require_care_of(actor, deputy)
    elif deputy not in queries.possible_deputies(user):
        raise DomainError(lazy("Choose one of the values offered."), "deputy")
    _refuse_deputy(user, deputy, from_on, to_on, now)


def _refuse_deputy(user: User, deputy: User, from_on: date, to_on: date, now: datetime) -> None:
    if deputy.id == user.id:
        raise DomainError(lazy("Nobody is deputy of themselves."), "deputy")
    if not deputy.active or deputy.password_hash is None or not user.active:
        raise DomainError(lazy("Both accounts have to be in use."), "deputy")
    _refuse(rules.deputy_problem(queries.place_of(deputy), queries.place_of(user)), "deputy")
    problem = rules.deputy_days_problem(from_on, to_on, local_date(now))
    if problem is not None:
        raise DomainError(problem[1], problem[0])
    taken = sa.select(Deputy.id).where(
        sa.or_(Deputy.user_id == user.id, Deputy.deputy_id == deputy.id),
        Deputy.ended_at.is_(None),
        Deputy.from_on <= to_on,
        Deputy.to_on >= from_on,
    )
    if db.session.scalar(taken.limit(1)) is not None:
        raise Conflict(
            lazy("On some of these days one of the two has another deputy, or is deputy of another. End that first."),
            "from_on",
        )


def _put_deputy(actor: Viewer, user: User, deputy: User, from_on: date, to_on: date, now: datetime) -> Deputy:
    row = Deputy(
        user_id=user.id, deputy_id=deputy.id, from_on=from_on, to_on=to_on, named_by=actor.user_id, named_at=now
    )
    entry = acts.create(
        actor,
        Action.DEPUTY_NAMED,
        row,
        ("user_id", "deputy_id", "from_on", "to_on"),
        now=now,
        effective_on=from_on,
    )
    row.named_at = entry.recorded_at
    db.session.expire(deputy, ["standing_in"])
    return row


def renew_link(actor: Viewer, user: User, *, now: datetime, mailed: bool = False, token: str | None = None) -> str:
    """Make a new one-time link with which ``user`` sets a password; links given before stop working.

    Where the account, or another of its company, is in use, whoever makes it could act as the company: the journal says
    so, the owner is told, and for :data:`registry.accounts.rules.LINK_BINDS` the maker decides on none of its reports,
    unless it is ``mailed`` and nobody else sees it (:mod:`registry.accounts.mailing`). ``token`` is the link's own
    where the letter gives it one.

    :raises Conflict: when the account is deactivated.
    """
    require_care_of(actor, user)
    if not user.active:
        raise Conflict(lazy("The account is deactivated. Reactivate it first."))
    token = token or secrets.token_urlsafe(32)
    _open_link(user, token, now, rules.INVITATION_LIFE)
    used = {queries.IN_USE: (None, True)} if queries.is_in_use(user) else {}
    sent = {queries.MAILED: (None, True)} if mailed else {}
    _record(actor, Action.USER_INVITED, user, now, {"link": (None, queries.token_hash(token)), **used, **sent})
    return token


def make_forgotten_link(user: User, token: str, *, now: datetime) -> None:
    """Make the link that the owner of an account asked for: it works for an hour, and is mailed, so nobody sees it.

    Who asked is not known: it is an act of the built-in user, and binds nobody.

    :raises Conflict: when the account is closed, or was never opened.
    """
    if not user.active or user.password_hash is None:
        raise Conflict(lazy("The account is deactivated. Reactivate it first."))
    _open_link(user, token, now, rules.FORGOTTEN_LIFE)
    link = {"link": (None, queries.token_hash(token))}
    told = {queries.FORGOTTEN: (None, True), queries.MAILED: (None, True)}
    _record(SYSTEM, Action.USER_INVITED, user, now, {**link, queries.IN_USE: (None, True), **told})


def close_link(token: str, *, now: datetime) -> None:
    """Let a link work no more: one that could not be mailed is in nobody's hands."""
    db.session.execute(
        sa.update(Invitation)
        .where(
            Invitation.token_hash == queries.token_hash(token),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(expires_at=now)
    )


def accept_invitation(token: str, *, name: str, password: str, language: str | None = None, now: datetime) -> User:
    """Set name and password of the account the link was made for; the link works once.

    :raises NotFound: when the link does not work.
    :raises DomainError: for a password that breaks the rules.
    """
    invitation, user = queries.open_invitation(token, now)
    _refuse(rules.password_problem(password, user.login), "password")
    invitation.used_at = now
    _close_links(user, now)
    user.password_hash = _hash(password)
    user.session_epoch += 1
    actor = queries.viewer_for(user)
    _change(actor, user, {"name": name.strip(), "language": language or user.language}, now)
    _record(actor, Action.PASSWORD_SET, user, now)
    return user


def amend_profile(actor: Viewer, *, name: str, language: str, now: datetime) -> User:
    """Change the actor's own name and language."""
    user = own_account(actor)
    if not name.strip():
        raise DomainError(lazy("Fill in this field."), "name")
    if language not in LANGUAGES:
        raise DomainError(lazy("Choose one of the values offered."), "language")
    _change(actor, user, {"name": name.strip(), "language": language}, now)
    return user


def change_password(actor: Viewer, *, old_password: str, password: str, now: datetime) -> User:
    """Give the actor's own account a new password; its sessions everywhere end.

    :raises DomainError: when the old password is wrong or the new one breaks the rules.
    """
    user = own_account(actor)
    if not password_matches(user, old_password):
        raise DomainError(lazy("This is not your present password."), "old_password")
    _refuse(rules.password_problem(password, user.login), "password")
    user.password_hash = _hash(password)
    user.session_epoch += 1
    _close_links(user, now)
    _record(actor, Action.PASSWORD_SET, user, now)
    return user


def change_role(
    actor: Viewer,
    user: User,
    *,
    role: str,
    company_bin: str | None = None,
    territories: Collection[Territory] | None = None,
    now: datetime,
) -> None:
    """Give an account another role or other territories, or a resident's account another BIN; its sessions end.

    ``territories`` None leaves them as they are; an empty collection gives the account all of them.

    :raises NotFound: for an account or a territory that does not exist for the actor.
    :raises Conflict: when it is the last administrator's.
    """
    actor.require(Permission.MANAGE_USERS)
    require_care_of(actor, user)
    company_bin = canonical_bin(company_bin or "") or None
    _check_role(actor, role, company_bin)
    wanted = user.territories if territories is None else _in_order(territories)
    _check_territories(actor, wanted)
    if takes_two_people(actor, user, role, wanted):
        raise NotAllowed(NOT_ALONE, "role")
    if role != Role.ADMIN or wanted:
        _keep_an_administrator(user)
    values: dict[str, object] = {"role": str(role), "company_bin": company_bin}
    if _change(actor, user, values, now, territories=wanted):
        user.session_epoch += 1


def deactivate(actor: Viewer, user: User, *, now: datetime) -> None:
    """Close an account: its sessions and links end, nobody can sign in to it; it can be reactivated.

    :raises Conflict: when it is closed already, or the last administrator's.
    """
    actor.require(Permission.MANAGE_USERS)
    require_care_of(actor, user)
    if not user.active:
        raise Conflict(lazy("The account is deactivated already."))
    _keep_an_administrator(user)
    user.active = False
    user.session_epoch += 1
    _close_links(user, now)
    _record(actor, Action.USER_DEACTIVATED, user, now)


def reactivate(actor: Viewer, user: User, *, now: datetime) -> None:
    """Open a deactivated account again, with the password it had.

    :raises Conflict: when it is open.
    """
    actor.require(Permission.MANAGE_USERS)
    require_care_of(actor, user)
    if user.active:
        raise Conflict(lazy("The account is active already."))
    if takes_two_people(actor, user, user.role, user.territories):
        raise NotAllowed(NOT_ALONE, "role")
    user.active = True
    _record(actor, Action.USER_REACTIVATED, user, now)


_RESTORED = 1_000_000
"""By how much a session's counter jumps after a restore: further than it grew since the archive was made."""


def end_sessions(by: int = 1) -> None:
    """End every session of every account, by so much on its counter."""
    db.session.execute(sa.update(User).values(session_epoch=User.session_epoch + by))


def end_everything(*, now: datetime) -> None:
    """End every session and close every link: of accounts that come out of an archive nobody knows who holds them."""
    end_sessions(_RESTORED)
    db.session.execute(
        sa.update(Invitation).where(Invitation.used_at.is_(None), Invitation.expires_at > now).values(expires_at=now)
    )
    db.session.execute(sa.delete(ForgottenPassword))


def password_matches(user: User | None, password: str) -> bool:
    """Whether this is the account's password. An unknown, closed or invited account takes as long as a known one."""
    known = user.password_hash if user is not None and user.active else None
    try:
        _hasher.verify(known or _nobodys_hash(), _normal(password))
    except (VerificationError, InvalidHashError):
        return False
    return known is not None


def hash_anew(user: User, password: str, *, now: datetime) -> bool:
    """Hash a password that was right anew where our parameters have grown; whether it was."""
    if not needs_new_hash(user):
        return False
    user.password_hash = _hash(password)
    if queries.password_is_told(user):
        _record(queries.viewer_for(user), Action.PASSWORD_SET, user, now)
    return True


def needs_new_hash(user: User) -> bool:
    """Whether our parameters have grown since the password was hashed."""
    return bool(user.password_hash) and _hasher.check_needs_rehash(user.password_hash or "")


# --- inside ---


def _normal(password: str) -> str:
    """The same characters typed on another keyboard are the same password."""
    return unicodedata.normalize("NFC", password)


def _hash(password: str) -> str:
    return _hasher.hash(_normal(password))


@functools.cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_hex(16))


def _refuse(problem: object | None, field: str) -> None:
    if problem is not None:
        raise DomainError(problem, field)


def _check_role(actor: Viewer, role: str, company_bin: str | None) -> None:
    actor.require(Permission.INVITE_USERS)
    problem = rules.role_problem(role, company_bin)
    if problem is not None:
        raise DomainError(problem[1], problem[0])
    if role not in rules.invitable_roles(actor.role):
        raise NotAllowed(lazy("Your role does not permit giving this role to others."), "role")


def _check_territories(actor: Viewer, territories: Collection[Territory]) -> None:
    """Whoever is limited to some territories makes accounts of these only."""
    for territory in territories:
        actor.require_territory(territory.id)
    if not territories and not actor.has_all_territories:
        raise DomainError(lazy("Choose at least one of your territories."), "territory")


def _in_order(territories: Collection[Territory]) -> list[Territory]:
    return sorted(territories, key=lambda territory: territory.id)


def require_care_of(actor: Viewer, user: User) -> None:
    """:raises NotFound: for an account that does not exist for the actor.
    :raises NotAllowed: for one of a role the actor does not look after.
    """
    actor.require(Permission.INVITE_USERS)
    if not user.territories and not actor.has_all_territories:
        raise NotFound(lazy("There is no such user."))
    if not all(actor.sees_territory(territory.id) for territory in user.territories):
        raise NotFound(lazy("There is no such user."))
    if user.role not in rules.invitable_roles(actor.role):
        raise NotAllowed(lazy("Your role does not permit this."))


def own_account(actor: Viewer) -> User:
    user = db.session.get(User, actor.user_id) if actor.user_id is not None else None
    if user is None:
        raise NotAllowed(lazy("Your role does not permit this."))
    return user


def _keep_an_administrator(user: User) -> None:
    """Somebody must be able to sign in as administrator of all; an invitation not yet accepted does not count."""
    if user.role != Role.ADMIN or not user.active or user.password_hash is None or user.territories:
        return
    others = sa.select(sa.func.count()).where(
        User.role == Role.ADMIN.value,
        User.active.is_(True),
        User.password_hash.is_not(None),
        User.id != user.id,
        ~sa.exists().where(Membership.user_id == User.id).correlate(User),
    )
    if not db.session.scalar(others):
        raise Conflict(lazy("This is the last administrator. Make another account administrator first."), "role")


def _open_link(user: User, token: str, now: datetime, life: timedelta) -> None:
    """Put a link in the place of all those given before."""
    _close_links(user, now)
    db.session.add(
        Invitation(user_id=user.id, token_hash=queries.token_hash(token), created_at=now, expires_at=now + life)
    )


def _close_links(user: User, now: datetime) -> None:
    db.session.execute(
        sa.update(Invitation)
        .where(Invitation.user_id == user.id, Invitation.used_at.is_(None), Invitation.expires_at > now)
        .values(expires_at=now)
    )


def _change(
    actor: Viewer, user: User, values: dict[str, object], now: datetime, *, territories: list[Territory] | None = None
) -> bool:
    before = user.territory_codes
    changes = differences({name: getattr(user, name) for name in values}, values)
    for name in changes:
        setattr(user, name, values[name])
    if territories is not None:
        user.territories = territories
        changes |= differences({"territory_codes": before}, {"territory_codes": user.territory_codes})
    if not changes:
        return False
    personal = [name for name in changes if name in PERSONAL]
    acts.act(actor, Action.USER_CHANGED, user, changes, now=now, effective_on=local_date(now), personal=personal)
    return True


def _record(
    actor: Viewer, action: Action, user: User, now: datetime, changes: Mapping[str, tuple[Any, Any]] | None = None
) -> None:
    db.session.flush()
    changes = changes or {
        Action.PASSWORD_SET: {"credential": (None, user.credential)},
        Action.USER_DEACTIVATED: {"active": (True, False)},
        Action.USER_REACTIVATED: {"active": (False, True)},
    }.get(action, {})
    acts.act(actor, action, user, changes, now=now, effective_on=local_date(now))
