"""Signing in and out: who may try, what is noted, when a session ends. Nothing here waits for a writer.

An attempt is counted before its password is looked at and taken off when it was right, so that many at once cannot
slip through. Guesses are counted where they come from: a login from one address, an address, and a login from anywhere
it was never used. A browser in which the owner signed in before (:func:`browser_of`) and an address the owner signed in
from lately are not held up by what others guess elsewhere.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.exc import OperationalError

from registry.accounts import rules
from registry.accounts.models import EndedSession, SignIn, SignInFailure, User
from registry.accounts.rules import What
from registry.infra import beside, clock
from registry.infra.beside import NotNoted
from registry.infra.clock import utc_now
from registry.infra.i18n import lazy
from registry.infra.schedule import Periodic, When, by_age

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Counter:
    """Where guesses are counted, and how many are free there."""

    key: str
    free: int


def counters_of(login: str, address: str, *, browser: str | None = None, at_home: bool = False) -> list[Counter]:
    """Where an attempt counts: a browser known to the account by itself, any other by login and address.

    ``at_home`` says that the account was signed in to from this address lately.
    """
    login = rules.plain_login(login)
    if browser is not None:
        return [Counter(rules.failure_key("browser", f"{login}\n{browser}"), rules.FREE_FAILURES)]
    found = [
        Counter(rules.failure_key("login", f"{login}\n{address}"), rules.FREE_FAILURES),
        Counter(rules.failure_key("address", address), rules.FREE_FAILURES_OF_ADDRESS),
    ]
    if not at_home:
        found.append(Counter(rules.failure_key("login", login), rules.FREE_FAILURES_OF_LOGIN))
    return found


def begin(counters: Sequence[Counter], *, now: datetime) -> timedelta:
    """Count an attempt as failed until :func:`succeeded`, and say how long it has to wait.

    An attempt that has to wait is not counted and must be refused without looking at its password.
    """
    keys = sorted(counter.key for counter in counters)
    try:
        with beside.noting() as connection:
            if not clock.seems_ahead():
                connection.execute(sa.delete(_FAILURES).where(_outdated(now)))
            for key in keys:
                connection.execute(beside.upsert(_FAILURES, key=key, count=0, last_at=now).on_conflict_do_nothing())
            rows = connection.execute(
                sa.select(_FAILURES).where(_FAILURES.c.key.in_(keys)).order_by(_FAILURES.c.key).with_for_update()
            )
            known = {row.key: (row.count, row.last_at) for row in rows}
            wait = _wait(counters, known, now)
            if not wait:
                counted = sa.update(_FAILURES).where(_FAILURES.c.key.in_(keys))
                connection.execute(counted.values(count=_FAILURES.c.count + 1, last_at=now))
    except NotNoted:
        _log.error("failed sign-ins cannot be noted; this process counts them by itself", exc_info=True)
        return _memory.begin(counters, now)
    return wait


def wait_for(counter: Counter, *, now: datetime) -> timedelta:
    """How long whoever guesses has to wait; nothing is counted."""
    with beside.noted() as connection:
        row = connection.execute(sa.select(_FAILURES).where(_FAILURES.c.key == counter.key, ~_outdated(now))).first()
    return _wait([counter], {row.key: (row.count, row.last_at)} if row else {}, now)


def succeeded(user: User, counters: Sequence[Counter], address: str, *, now: datetime) -> None:
    """The password was right: forget the failures of whoever typed it, and note the sign-in."""
    own, *others = [counter.key for counter in counters]
    try:
        with beside.noting() as connection:
            connection.execute(sa.delete(_FAILURES).where(_FAILURES.c.key == own))
            # Of what others guessed from here or for this login, no more than this attempt added to it.
            less = sa.update(_FAILURES).where(_FAILURES.c.key.in_(others), _FAILURES.c.count > 0)
            connection.execute(less.values(count=_FAILURES.c.count - 1))
            connection.execute(sa.insert(_SIGN_INS).values(_note(user.id, What.SIGNED_IN, address, now)))
    except NotNoted:
        _log.error("the sign-in of account %s cannot be noted", user.id, exc_info=True)


def note(user_id: int | None, what: What, address: str, *, now: datetime) -> None:
    """Note a failed sign-in, or a sign-out."""
    try:
        with beside.noting() as connection:
            connection.execute(sa.insert(_SIGN_INS).values(_note(user_id, what, address, now)))
    except NotNoted:
        _log.error("what happened to account %s cannot be noted: %s", user_id, what, exc_info=True)


def count_guess(counter: Counter, *, now: datetime) -> None:
    """One more wrong guess that is no sign-in."""
    begin([Counter(counter.key, free=2**31)], now=now)


def last_sign_ins(users: Collection[User]) -> dict[int, datetime | None]:
    """When each account was signed in to last; None where never."""
    ids = [user.id for user in users]
    with beside.noted() as connection:
        rows = connection.execute(
            sa.select(_SIGN_INS.c.user_id, sa.func.max(_SIGN_INS.c.at))
            .where(_SIGN_INS.c.user_id.in_(ids), _SIGN_INS.c.what == What.SIGNED_IN)
            .group_by(_SIGN_INS.c.user_id)
        )
        noted: dict[int, datetime] = {row[0]: row[1] for row in rows}
    return {user.id: noted.get(user.id) or user.last_sign_in_at for user in users}


def history(user_id: int, limit: int = 20) -> list[SignIn]:
    """What was noted of an account's sign-ins, newest first."""
    with beside.noted() as connection:
        rows = connection.execute(
            sa.select(_SIGN_INS)
            .where(_SIGN_INS.c.user_id == user_id)
            .order_by(_SIGN_INS.c.at.desc(), _SIGN_INS.c.id.desc())
            .limit(limit)
        )
        return [SignIn(**row._mapping) for row in rows]


def is_at_home(user: User | None, address: str, *, now: datetime) -> bool:
    """Whether this account was signed in to from this address lately."""
    if user is None:
        return False
    known = sa.select(_SIGN_INS.c.id).where(
        _SIGN_INS.c.user_id == user.id,
        _SIGN_INS.c.what == What.SIGNED_IN,
        _SIGN_INS.c.address == address,
        _SIGN_INS.c.at > now - rules.ADDRESS_MEMORY,
        _SIGN_INS.c.at < now + clock.AHEAD,
    )
    try:
        with beside.noted() as connection:
            return connection.execute(known.limit(1)).first() is not None
    except OperationalError:
        return False


# --- sessions ---


def end_session(secret: str, until: datetime) -> None:
    """Let a session be over for whoever still has its cookie."""
    try:
        with beside.noting() as connection:
            ended = beside.upsert(_ENDED, key=_session_key(secret), until=until)
            connection.execute(ended.on_conflict_do_nothing())
    except NotNoted:
        _log.error("the end of a session cannot be noted: a copy of its cookie works until %s", until, exc_info=True)


def is_ended(secret: str) -> bool:
    """Whether a session was signed out of."""
    with beside.noted() as connection:
        return (
            connection.execute(sa.select(_ENDED.c.key).where(_ENDED.c.key == _session_key(secret))).first() is not None
        )


# --- browsers ---


def browser_of(secret_key: object, login: str, cookie: str | None) -> str | None:
    """The secret of a browser in which this login was signed in with before, as its cookie says; else None."""
    try:
        known: Mapping[str, str] = _signer(secret_key).loads(cookie or "")
        return known.get(_login_key(login))
    except (BadSignature, AttributeError):
        return None


def remember_browser(secret_key: object, login: str, cookie: str | None) -> str:
    """The cookie by which a browser shows that these people have signed in in it: the last few of them."""
    try:
        known: dict[str, str] = dict(_signer(secret_key).loads(cookie or ""))
    except (BadSignature, TypeError, ValueError):
        known = {}
    own = known.pop(_login_key(login), None) or secrets.token_urlsafe(16)
    kept = [*known.items()][-(rules.PEOPLE_OF_BROWSER - 1) :]
    return str(_signer(secret_key).dumps({**dict(kept), _login_key(login): own}))


@by_age
def forget_old() -> None:
    """Forget sign-ins, and sessions that would be over by themselves, after :data:`rules.SIGN_IN_MEMORY`.

    An ended session must not come back when a clock that ran ahead unnoticed is set right, so that its end stays on
    record much longer than its cookie can live.
    """
    before = utc_now() - rules.SIGN_IN_MEMORY
    with beside.noting() as connection:
        connection.execute(sa.delete(_SIGN_INS).where(_SIGN_INS.c.at < before))
        connection.execute(sa.delete(_ENDED).where(_ENDED.c.until < before))


PERIODIC = (
    Periodic(
        "sign_ins",
        lazy("Sign-ins noted long ago are forgotten"),
        lambda _settings: When(timedelta(minutes=5)),
        forget_old,
    ),
)
"""What is done to what is noted of them from time to time."""


# --- inside ---

_FAILURES, _SIGN_INS, _ENDED = (beside.table_of(model) for model in (SignInFailure, SignIn, EndedSession))


def _outdated(now: datetime) -> sa.ColumnElement[bool]:
    """Failures too old to count, and those of a clock that ran ahead."""
    return sa.or_(_FAILURES.c.last_at < now - rules.FAILURE_MEMORY, _FAILURES.c.last_at > now + rules.LONGEST_WAIT)


def _wait(counters: Sequence[Counter], known: Mapping[str, tuple[int, datetime]], now: datetime) -> timedelta:
    waits = []
    for counter in counters:
        count, last_at = known.get(counter.key, (0, now))
        pause = rules.waiting_time(count, counter.free)
        if pause:
            waits.append(last_at + pause - now)
    return max([*waits, timedelta()])


def _note(user_id: int | None, what: What, address: str, now: datetime) -> dict[str, object]:
    return {"user_id": user_id, "what": str(what), "address": address[:60], "at": now}


def _session_key(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _login_key(login: str) -> str:
    return rules.failure_key("known", rules.plain_login(login))[:16]


def _signer(secret_key: object) -> URLSafeSerializer:
    return URLSafeSerializer(str(secret_key), salt="known-browser")


class _Memory:
    """Failures that could not be noted, for as long as this process lives."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[int, datetime]] = {}

    def begin(self, counters: Sequence[Counter], now: datetime) -> timedelta:
        with self._lock:
            if not clock.seems_ahead():
                self._known = {
                    key: (count, at) for key, (count, at) in self._known.items() if at >= now - rules.FAILURE_MEMORY
                }
            wait = _wait(counters, self._known, now)
            if not wait:
                for counter in counters:
                    self._known[counter.key] = (self._known.get(counter.key, (0, now))[0] + 1, now)
            return wait


_memory = _Memory()
