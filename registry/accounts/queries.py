"""Reading accounts."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from registry.accounts import rules
from registry.accounts.models import Deputy, Invitation, Membership, User
from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.accounts.rules import invitable_roles, plain_login
from registry.errors import NotAllowed, NotFound
from registry.infra.access import SYSTEM, Permission, Viewer
from registry.infra.clock import AHEAD, local_date, today
from registry.infra.db import db, in_parts
from registry.infra.i18n import lazy
from registry.infra.text import holds, search_terms, search_text
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.journal.rules import Action
from registry.notifications import queries as notifications
from registry.territories.models import Territory


def password_is_told(user: User) -> bool:
    """Whether the journal holds the hash of the account's stored password hash: not of one set by an older version."""
    state = journal.state_of(user)
    return state is not None and "credential" in state.values


def viewer_for(user: User, day: date | None = None) -> Viewer:
    """The reader and actor behind an account, and on that day (today by default) behind those it is deputy of.

    A resident's account without a BIN, which nobody can make, would belong to no company: it sees nothing.
    """
    place, stands_for = place_of(user), frozenset[int]()
    for row in user.standing_in:
        other = place_of(row.user)
        # Roles may have changed since the deputy was named.
        if row.user.active and row.holds_on(day or today()) and rules.deputy_problem(place, other) is None:
            place, stands_for = rules.both_places(place, other), stands_for | {row.user_id}
    role = Role(place.role)
    return Viewer(
        user_id=user.id,
        login=user.login,
        role=role.value,
        permissions=ROLE_PERMISSIONS[role],
        company_bin=(user.company_bin or "") if role is Role.RESIDENT else None,
        language=user.language,
        territory_ids=place.territory_ids,
        stands_for=stands_for,
    )


def place_of(user: User) -> rules.Place:
    """An account's own role, and where it does it."""
    return rules.Place(user.role, frozenset(territory.id for territory in user.territories) or None)


def by_login(login: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.login == plain_login(login)))


def user_by_login(login: str, viewer: Viewer = SYSTEM) -> User:
    """:raises NotFound: when nobody has this login, or nobody the viewer may know of."""
    user = db.session.scalar(sa.select(User).where(User.login == plain_login(login), *visible(viewer)))
    if user is None:
        raise NotFound(lazy("There is no user with the login %(login)s.", login=login), "login")
    return user


def viewer_by_login(login: str) -> Viewer:
    """The actor a command was told to act for (``exchange.md`` 1, ``--actor``).

    :raises NotFound: when nobody has this login.
    :raises NotAllowed: when the account is deactivated.
    """
    user = user_by_login(login)
    if not user.active:
        raise NotAllowed(lazy("The account %(login)s is deactivated.", login=login))
    return viewer_for(user)


def by_ids(ids: Collection[int | None]) -> list[User]:
    """Accounts by their ids."""
    return list(db.session.scalars(sa.select(User).where(User.id.in_({key for key in ids if key is not None}))))


def session_user(user_id: int, epoch: int) -> tuple[User, list[Territory], int] | None:
    """The account a session belongs to, while the session has not been ended (``User.session_epoch``).

    With it come all territories, in the Concept's order, and how many notifications it has not read.
    """
    # Every page asks: the territories, whom the account stands in for, and the count come with it, in one statement.
    found = (
        sa.select(User, Territory, notifications.unread(user_id).label("unread"))
        .outerjoin(Territory, sa.true())
        .where(User.id == user_id, User.session_epoch == epoch, User.active.is_(True))
        .options(
            joinedload(User.territories),
            joinedload(User.standing_in).joinedload(Deputy.user).joinedload(User.territories),
        )
        .order_by(Territory.id)
    )
    rows = db.session.execute(found).unique().all()
    if not rows:
        return None
    return rows[0][0], [row[1] for row in rows if row[1] is not None], rows[0][2]


def names(ids: Collection[int | None]) -> dict[int, str]:
    """The name people know each account by, for histories; the login where no name was given."""
    wanted = {user_id for user_id in ids if user_id is not None}
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(User.id, User.name, User.login).where(User.id.in_(wanted)).order_by(User.id))
    return {user_id: name or login for user_id, name, login in rows}


def visible(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the accounts it may know of: those limited to territories it has itself."""
    if viewer.has_all_territories:
        return []
    own = sa.exists().where(Membership.user_id == User.id, *viewer.within(Membership.territory_id))
    foreign = sa.exists().where(Membership.user_id == User.id, ~sa.and_(*viewer.within(Membership.territory_id)))
    return [own.correlate(User), ~foreign.correlate(User)]


def users(viewer: Viewer, *, search: str | None = None, role: str | None = None) -> list[User]:
    """The accounts ``viewer`` may look after: see :func:`user_ids`."""
    return users_of(user_ids(viewer, search=search, role=role))


def user_ids(viewer: Viewer, *, search: str | None = None, role: str | None = None) -> list[int]:
    """The accounts ``viewer`` may look after (an administrator all, staff those of residents), active ones first.

    ``search`` looks into login, name and BIN, here and not in SQL, since no search text is kept of accounts.
    """
    viewer.require(Permission.INVITE_USERS)
    query = sa.select(User.id, User.login, User.name, User.company_bin).where(*in_care_of(viewer))
    if role:
        query = query.where(User.role == role)
    terms = search_terms(search or "")
    rows = db.session.execute(query.order_by(User.active.desc(), User.role, User.login))
    return [key for key, *texts in rows if not terms or holds(search_text(*texts), terms)]


def users_of(ids: Sequence[int]) -> list[User]:
    """The accounts with these ids, in their order."""
    found = {
        user.id: user for some in in_parts(ids) for user in db.session.scalars(sa.select(User).where(User.id.in_(some)))
    }
    return [found[key] for key in ids]


def get_user(user_id: int, viewer: Viewer) -> User:
    """:raises NotFound: when there is no such account, or it is not the viewer's to look after."""
    viewer.require(Permission.INVITE_USERS)
    user = db.session.scalar(sa.select(User).where(User.id == user_id, *in_care_of(viewer)))
    if user is None:
        raise NotFound(lazy("There is no such user."))
    return user


def in_care_of(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """Conditions that leave a viewer the accounts it looks after: those whose pages it may open."""
    return [User.role.in_(sorted(invitable_roles(viewer.role))), *visible(viewer)]


def open_invitation(token: str, now: datetime) -> tuple[Invitation, User]:
    """The invitation a link leads to, while it can be used.

    :raises NotFound: when the link is unknown, used, replaced by a newer one or too old.
    """
    row = db.session.execute(
        sa.select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(Invitation.token_hash == token_hash(token))
    ).first()
    if row is None or row[0].used_at is not None or not _is_open(row[0], now) or not row[1].active:
        raise NotFound(lazy("This link has been used or is too old. Ask the person who sent it for a new one."))
    return row[0], row[1]


def _is_open(invitation: Invitation, now: datetime) -> bool:
    """Whether a link is neither too old nor made under a clock that ran ahead: such a one would work for years."""
    return invitation.created_at < now + AHEAD and now < invitation.expires_at


def pending_until(user: User, now: datetime) -> datetime | None:
    """Until when the latest link given to ``user`` works; None when there is none to use."""
    return db.session.scalar(
        sa.select(sa.func.max(Invitation.expires_at)).where(
            Invitation.user_id == user.id, Invitation.used_at.is_(None), Invitation.expires_at > now
        )
    )


def token_hash(token: str) -> str:
    """What is kept of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


# --- links to accounts in use: whoever made one, or set the password, could have acted as the company ---

IN_USE = "for_account_in_use"
"""What the journal says of a link to an account in use."""
FORGOTTEN = "forgotten"
"""What it says of a link that was asked for because the password was forgotten."""
MAILED = "mailed"
"""What it says of a link mailed to an address on record, which its maker did not see."""


def _handed_over(now: datetime) -> sa.Select[JournalEntry]:
    """The acts that gave somebody a way into another's account lately: a link, or the password it was added with."""
    with_password = sa.and_(
        JournalEntry.action == Action.USER_ADDED,
        JournalEntry.changes.contains('"credential"'),
        ~JournalEntry.changes.contains('"credential":[null,""]'),
    )
    return sa.select(JournalEntry).where(
        sa.or_(JournalEntry.action == Action.USER_INVITED, with_password),
        JournalEntry.subject_type == User.__tablename__,
        JournalEntry.recorded_at > now - rules.LINK_BINDS,
    )


class LinkMade(NamedTuple):
    """A link somebody else made to an account in use."""

    at: datetime
    by: str


def is_in_use(user: User) -> bool:
    """Whether somebody signs in to this account, or to another of the same company."""
    if user.password_hash is not None:
        return True
    if not user.company_bin:
        return False
    others = sa.select(User.id).where(
        User.company_bin == user.company_bin, User.id != user.id, User.password_hash.is_not(None), User.active.is_(True)
    )
    return db.session.scalar(others.limit(1)) is not None


def links_made(user_id: int, now: datetime) -> list[LinkMade]:
    """The links others made to an account in use lately, newest first: for its owner."""
    found = _handed_over(now).where(
        JournalEntry.action == Action.USER_INVITED,
        JournalEntry.subject_id == user_id,
        JournalEntry.changes.contains(f'"{IN_USE}"'),
        ~JournalEntry.changes.contains(f'"{FORGOTTEN}"'),
    )
    rows = [row for row in db.session.scalars(found.order_by(JournalEntry.sequence.desc())) if row.actor_id != user_id]
    known = names([row.actor_id for row in rows])
    return [LinkMade(row.recorded_at, known.get(row.actor_id or 0, "system")) for row in rows]


class CompanyLink(NamedTuple):
    """A link that its makers saw, to an account of a company, until when that binds them, and whoever may be them."""

    makers: frozenset[int]
    until: datetime
    linked: Mapping[int, datetime]

    def binds(self, persons: Collection[int]) -> datetime | None:
        """Until when people decide on no report of the company because of this link."""
        if self.makers & set(persons):
            return self.until
        ends = [self.linked[key] for key in persons if key in self.linked]
        return min(self.until, max(ends)) if ends else None


def company_links(numbers: Mapping[str, int], now: datetime) -> list[CompanyLink]:
    """The links to accounts of a company that bind, newest first.

    ``numbers`` are those its entry has or had, each with the sequence of the act after which it was no more known to
    have it. An account is the company's that had one of them when the link was made or since: neither a number
    corrected nor an account given to another company afterwards frees whoever saw the link.
    """
    changed = aliased(JournalEntry)
    given_away = sa.select(changed.subject_id).where(
        changed.action == Action.USER_CHANGED,
        changed.subject_type == User.__tablename__,
        changed.recorded_at > now - rules.LINK_BINDS,
        changed.changes.contains('"company_bin"'),
    )
    present = sa.select(User.id).where(User.company_bin.in_(numbers))
    found = _seen(now, sa.or_(JournalEntry.subject_id.in_(present), JournalEntry.subject_id.in_(given_away)))
    return [
        CompanyLink(link.makers, link.until, linked(link.makers, now))
        for link in found
        if any(numbers.get(number, 0) > link.sequence for number in _numbers_since(link.owner, link.sequence))
    ]


def _numbers_since(user_id: int, sequence: int) -> set[str]:
    """The BINs an account has had since an entry of the journal."""
    user = db.session.get_one(User, user_id)
    found = {user.company_bin}
    for entry in journal.entries_about(user, after=sequence):
        found |= {*entry.changes.get("company_bin", ())}
    return {number for number in found if number}


def bound_until(persons: Collection[int], links: Collection[CompanyLink]) -> datetime | None:
    """Until when people decide on no report of a company, by the links to its accounts."""
    return max((until for link in links if (until := link.binds(persons)) is not None), default=None)


def linked(ours: Collection[int], now: datetime) -> dict[int, datetime]:
    """Until when other accounts are not taken for another person's than ``ours``: one person could use both by links.

    Whoever saw a link to an account could use it, and through it those to which it saw links in turn. Accounts of
    companies are left out: they decide on nobody's work.
    """
    own = set(ours)
    people = sa.select(User.id).where(User.company_bin.is_(None))
    links = _seen(now, sa.or_(JournalEntry.subject_id.in_(sorted(own)), JournalEntry.subject_id.in_(people)))
    up = [(link.owner, maker, link.until) for link in links for maker in link.makers]
    # Whoever could use one of ours, and whatever they could use besides.
    might_be = _reached(dict.fromkeys(own, datetime.max.replace(tzinfo=UTC)), up)
    found = _reached(might_be, [(maker, owner, until) for owner, maker, until in up])
    return {key: until for key, until in found.items() if key not in own}


def _reached(start: Mapping[int, datetime], steps: Sequence[tuple[int, int, datetime]]) -> dict[int, datetime]:
    """Accounts that can be reached from those of ``start``, each until the time its longest-lasting way ends."""
    found = dict(start)
    waiting = list(start)
    while waiting:
        here = waiting.pop()
        for origin, target, until in steps:
            if origin == here and (end := min(found[here], until)) > found.get(
                target, datetime.min.replace(tzinfo=UTC)
            ):
                found[target] = end
                waiting.append(target)
    return found


def linked_until(ours: Collection[int], theirs: Collection[int], now: datetime) -> datetime | None:
    """Until when two sides are not taken for two people, since one person could use the accounts of both by links."""
    found = linked(ours, now)
    return max((found[key] for key in theirs if key in found), default=None)


class _LinkSeen(NamedTuple):
    """A link that its makers saw, to the account ``owner``, until when that binds them, and the entry that tells."""

    makers: frozenset[int]
    owner: int
    until: datetime
    sequence: int


def _seen(now: datetime, condition: sa.ColumnElement[bool]) -> list[_LinkSeen]:
    """The links that bind whoever made them, newest first; those mailed nobody saw.

    A password somebody set for an account binds like a link: accounts added on the server without an actor bind nobody.
    """
    statement = _handed_over(now).with_only_columns(
        JournalEntry.actor_id, JournalEntry.subject_id, JournalEntry.recorded_at, JournalEntry.sequence
    )
    rows = db.session.execute(
        statement.where(
            JournalEntry.actor_id.is_not(None), condition, ~JournalEntry.changes.contains(f'"{MAILED}"')
        ).order_by(JournalEntry.sequence.desc())
    ).all()
    deputies = _deputies_of({row.actor_id for row in rows})
    return [
        _LinkSeen(
            _persons_on(row.actor_id, row.recorded_at, deputies),
            row.subject_id,
            row.recorded_at + rules.LINK_BINDS,
            row.sequence,
        )
        for row in rows
    ]


def company_accounts(numbers: Collection[str]) -> dict[str, list[int]]:
    """The accounts in use of companies, by BIN: those that can be signed in to."""
    found: dict[str, list[int]] = {}
    for some in in_parts(sorted(numbers)):
        rows = db.session.execute(
            sa.select(User.company_bin, User.id).where(
                User.company_bin.in_(some), User.active.is_(True), User.password_hash.is_not(None)
            )
        )
        for number, user_id in rows:
            found.setdefault(number or "", []).append(user_id)
    return found


def people_who_may(permission: Permission) -> list[tuple[User, Viewer]]:
    """The active accounts that can be signed in to and hold a permission today, staff first."""
    found = db.session.scalars(
        sa.select(User)
        .where(User.active.is_(True), User.password_hash.is_not(None), User.role != Role.RESIDENT)
        .options(selectinload(User.standing_in).selectinload(Deputy.user))
        .order_by(User.role.desc(), User.id)
    )
    people = [(user, viewer_for(user)) for user in found]
    return [(user, viewer) for user, viewer in people if viewer.may(permission)]


# --- deputies ---


def deputies_about(user: User) -> list[Deputy]:
    """The deputies of an account and those it is deputy of, that have not ended before today, in order of days."""
    return list(
        db.session.scalars(
            sa.select(Deputy)
            .where(
                sa.or_(Deputy.user_id == user.id, Deputy.deputy_id == user.id),
                Deputy.ended_at.is_(None),
                Deputy.to_on >= today(),
            )
            .options(joinedload(Deputy.user), joinedload(Deputy.deputy))
            .order_by(Deputy.from_on, Deputy.id)
        )
    )


def deputies_of(user: User, day: date) -> list[Deputy]:
    """Who stands in for an account on a day or later."""
    return list(
        db.session.scalars(
            sa.select(Deputy)
            .where(Deputy.user_id == user.id, Deputy.ended_at.is_(None), Deputy.to_on >= day)
            .options(joinedload(Deputy.deputy))
            .order_by(Deputy.from_on, Deputy.id)
        )
    )


def get_deputy(deputy_id: int, viewer: Viewer) -> Deputy:
    """:raises NotFound: when there is none, or whose it is does not exist for the viewer."""
    found = db.session.get(Deputy, deputy_id)
    if found is None or not is_ones_own(found, viewer):
        if found is None or not viewer.may(Permission.MANAGE_USERS):
            raise NotFound(lazy("There is no such deputy."))
        get_user(found.user_id, viewer)
    return found


def is_ones_own(deputy: Deputy, viewer: Viewer) -> bool:
    """Whether a viewer is one of the two."""
    return viewer.user_id in (deputy.user_id, deputy.deputy_id)


def possible_deputies(user: User) -> list[User]:
    """Who can stand in for somebody: those whose role and territories allow it, and who have a territory in common."""
    place = place_of(user)
    found = db.session.scalars(
        sa.select(User)
        .where(User.active.is_(True), User.password_hash.is_not(None), User.id != user.id)
        .order_by(User.name, User.id)
    )
    return [
        other
        for other in found
        if rules.deputy_problem(place_of(other), place) is None and _know_each_other(place_of(other), place)
    ]


def _know_each_other(one: rules.Place, other: rules.Place) -> bool:
    """Whether two accounts have a territory in common."""
    return one.territory_ids is None or other.territory_ids is None or bool(one.territory_ids & other.territory_ids)


def persons_on(user_id: int | None, moment: datetime) -> frozenset[int]:
    """Whose work it was that an account did at a moment: its own, and theirs whose deputy it was then."""
    return persons_at([(user_id, moment)])[0]


def persons_at(acts: Collection[tuple[int | None, datetime]]) -> list[frozenset[int]]:
    """The same for many accounts, each at its moment; the built-in user is nobody."""
    deputies = _deputies_of({user_id for user_id, _moment in acts if user_id is not None})
    return [frozenset() if user_id is None else _persons_on(user_id, moment, deputies) for user_id, moment in acts]


def _deputies_of(ids: Collection[int]) -> list[Deputy]:
    return list(db.session.scalars(sa.select(Deputy).where(Deputy.deputy_id.in_(ids)))) if ids else []


def _persons_on(user_id: int, moment: datetime, deputies: Collection[Deputy]) -> frozenset[int]:
    day = local_date(moment)
    return frozenset({user_id}) | {
        row.user_id
        for row in deputies
        if row.deputy_id == user_id
        and row.from_on <= day <= row.to_on
        and (row.ended_at is None or moment <= row.ended_at)
    }
