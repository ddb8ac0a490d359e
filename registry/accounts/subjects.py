"""What accounts and their invitations are called, and where they are kept."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts import two_people
from registry.accounts.models import Deputy, Invitation, Proposal, User
from registry.accounts.queries import in_care_of, visible
from registry.infra.db import db
from registry.infra.i18n import lazy
from registry.journal.subjects import About, Subject


def _about(user: User) -> About:
    return About(user.name or user.login, ("accounts.show", {"user_id": user.id}))


def _users(ids: Collection[int]) -> dict[int, About]:
    return {row.id: _about(row) for row in db.session.scalars(sa.select(User).where(User.id.in_(ids)))}


def _invitations(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.execute(
        sa.select(Invitation.id, User).join(User, Invitation.user_id == User.id).where(Invitation.id.in_(ids))
    )
    return {key: _about(user) for key, user in rows}


def _proposals(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Proposal).where(Proposal.id.in_(ids))).all()
    _held = two_people.accounts_named(rows)
    return {
        row.id: About(two_people.kind_of(row).title(row.values), ("accounts.proposal", {"proposal_id": row.id}))
        for row in rows
    }


def _deputies(ids: Collection[int]) -> dict[int, About]:
    rows = db.session.scalars(sa.select(Deputy).where(Deputy.id.in_(ids)).options(joinedload(Deputy.user)))
    return {row.id: _about(row.user) for row in rows}


SUBJECTS = (
    Subject(
        Deputy.__tablename__,
        lazy("Deputy"),
        _deputies,
        lambda viewer: sa.select(Deputy.id).join(User, Deputy.user_id == User.id).where(*visible(viewer)),
        opened=lambda viewer: sa.select(Deputy.id).join(User, Deputy.user_id == User.id).where(*in_care_of(viewer)),
    ),
    Subject(
        Proposal.__tablename__,
        lazy("Proposal"),
        _proposals,
        lambda viewer: sa.select(Proposal.id).where(
            Proposal.id.in_([row.id for row in two_people.proposals(viewer)])
            if not viewer.has_all_territories
            else sa.true()
        ),
    ),
    Subject(
        User.__tablename__,
        lazy("User"),
        _users,
        lambda viewer: sa.select(User.id).where(*visible(viewer)),
        opened=lambda viewer: sa.select(User.id).where(*in_care_of(viewer)),
    ),
    Subject(
        Invitation.__tablename__,
        lazy("Invitation"),
        _invitations,
        lambda viewer: sa.select(Invitation.id).join(User, Invitation.user_id == User.id).where(*visible(viewer)),
        opened=lambda viewer: (
            sa.select(Invitation.id).join(User, Invitation.user_id == User.id).where(*in_care_of(viewer))
        ),
    ),
)
