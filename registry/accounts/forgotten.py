"""A forgotten password: whoever asks is told the same whatever was typed, and a letter goes to the address on record.

The page only leaves a row behind, for known and unknown logins alike; the worker looks whose it is. A link is mailed
to the address on record and to no other, and only where nobody put that address there lately (decisions 31 and 34).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import current_app

from registry.accounts import mailing, rules
from registry.accounts.models import ForgottenPassword, User
from registry.accounts.signing_in import Counter
from registry.infra import jobs, mail
from registry.infra.clock import utc_now
from registry.infra.db import after_commit, db, transaction
from registry.notifications.models import Letter


def counters_of(typed: str, address: str) -> list[Counter]:
    """Where asking counts: what was typed from an address, and the address, as wrong passwords do."""
    login = rules.plain_login(typed)
    return [
        Counter(rules.failure_key("forgotten", f"{login}\n{address}"), rules.FREE_ASKED),
        Counter(rules.failure_key("forgotten", address), rules.FREE_FAILURES_OF_ADDRESS),
    ]


def ask(typed: str, *, now: datetime) -> list[int]:
    """Leave word that somebody forgot a password; the accounts meant, which nobody outside is told."""
    found = mailing.accounts_of(typed)
    row = ForgottenPassword(accounts=",".join(map(str, found)), asked_at=now)
    db.session.add(row)
    db.session.flush()
    row_id = row.id
    after_commit(lambda: jobs.enqueue(answer, row_id))
    return found


@jobs.job
def answer(row_id: int) -> None:
    """Make a link and its letter for each account that was meant and may have one; the row goes."""
    now = utc_now()
    with transaction() as session:
        row = session.get(ForgottenPassword, row_id)
        if row is None:
            return
        for part in row.accounts.split(","):
            user = session.get(User, int(part)) if part else None
            if user is not None and _may_have_one(user, now):
                mailing.mail_forgotten(user, now=now)
        session.delete(row)


@jobs.sweep
def find_unanswered() -> None:
    """Answer what was asked and got lost on its way to the worker."""
    waiting = db.session.scalars(sa.select(ForgottenPassword.id).order_by(ForgottenPassword.id).limit(20)).all()
    if waiting and jobs.nothing_waits():
        for row_id in waiting:
            jobs.enqueue(answer, row_id)


def _may_have_one(user: User, now: datetime) -> bool:
    """Whether another letter may go: nobody's mailbox is filled by what others type."""
    if not mail.is_set_up(current_app.config["SETTINGS"]):
        return False
    made = db.session.scalars(
        sa.select(Letter.made_at).where(
            Letter.user_id == user.id,
            Letter.kind == mailing.FORGOTTEN,
            Letter.made_at > now - rules.DAY,
            Letter.made_at <= now,
        )
    ).all()
    return len(made) < rules.FORGOTTEN_A_DAY and all(at <= now - rules.FORGOTTEN_PAUSE for at in made)
