"""Rules of accounts: logins, passwords, roles, and how failed sign-ins are slowed. Plain Python, no database."""

from __future__ import annotations

import enum
import hashlib
import re
import unicodedata
from datetime import date, timedelta
from typing import NamedTuple

from registry.accounts.permissions import INVITABLE, ROLE_PERMISSIONS, Role
from registry.infra.i18n import lazy
from registry.infra.workflow import Workflow, steps
from registry.journal.rules import Action
from registry.territories.rules import bin_problem

ROLE_NAMES = {
    Role.ADMIN: lazy("administrator"),
    Role.STAFF: lazy("staff of the management company"),
    Role.RESIDENT: lazy("resident"),
    Role.AUDITOR: lazy("auditor"),
}

INVITATION_LIFE = timedelta(days=7)
"""How long an invitation's link works."""

FORGOTTEN_LIFE = timedelta(hours=1)
"""How long a link works that somebody asked for who forgot the password."""

FORGOTTEN_PAUSE = timedelta(minutes=5)
FORGOTTEN_A_DAY = 5
DAY = timedelta(days=1)
"""How soon, and how many times a day, another such link is mailed for one account."""

FREE_ASKED = 3
"""How often one login may be asked for from one address before the next has to wait."""

LINK_BINDS = timedelta(days=30)
"""How long whoever made a link to an account in use decides nothing on that company's reports."""

PASSWORD_SHORTEST = 10
PASSWORD_LONGEST = 200

FREE_FAILURES = 5
"""Failed sign-ins with one login from one address, or in one browser, before the next has to wait."""

FREE_FAILURES_OF_LOGIN = 100
"""The same for one login from all addresses it was never used from, in browsers it was never used in."""

FREE_FAILURES_OF_ADDRESS = 20
"""The same for one network address, behind which a whole office may sit."""

LONGEST_WAIT = timedelta(minutes=15)
FAILURE_MEMORY = timedelta(hours=1)
"""Failures are forgotten when none has followed for so long."""

ADDRESS_MEMORY = timedelta(days=90)
"""How long an address is known as one from which an account was signed in to."""

SIGN_IN_MEMORY = timedelta(days=400)
"""How long sign-ins, failures and sign-outs stay on record."""

PEOPLE_OF_BROWSER = 8
"""How many people a browser is known to."""

SESSION_IDLE = timedelta(hours=12)
"""How long a session lives without a request."""

SESSION_LONGEST = timedelta(hours=24)
"""When a session ends whatever is done in it."""


class What(enum.StrEnum):
    """What is noted of signing in."""

    SIGNED_IN = "signed_in"
    FAILED = "failed"
    SIGNED_OUT = "signed_out"
    FORGOT = "forgot"


WHAT_NAMES = {
    What.SIGNED_IN: lazy("signed in"),
    What.FAILED: lazy("wrong password"),
    What.SIGNED_OUT: lazy("signed out"),
    What.FORGOT: lazy("asked for a link, the password being forgotten"),
}


class ProposalStatus(enum.StrEnum):
    """Where an act that needs two people stands."""

    WAITING = "waiting"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATUS_NAMES = {
    ProposalStatus.WAITING: ("wait", lazy("waiting for a second person")),
    ProposalStatus.CONFIRMED: ("good", lazy("confirmed")),
    ProposalStatus.REFUSED: ("bad", lazy("refused")),
    ProposalStatus.WITHDRAWN: ("quiet", lazy("withdrawn")),
}
"""How a proposal's status looks, and what it is called."""


class ProposalMove(enum.StrEnum):
    """What becomes of a proposal."""

    CONFIRM = "confirm"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


def _decided(_status: str, _move: str) -> object:
    return lazy("This proposal has been decided on already.")


PROPOSALS = Workflow(
    [
        *steps(ProposalStatus.WAITING, ProposalMove.CONFIRM, ProposalStatus.CONFIRMED, act=Action.PROPOSAL_CONFIRMED),
        *steps(
            ProposalStatus.WAITING,
            ProposalMove.REFUSE,
            ProposalStatus.REFUSED,
            needs_reason=True,
            act=Action.PROPOSAL_REFUSED,
        ),
        *steps(ProposalStatus.WAITING, ProposalMove.WITHDRAW, ProposalStatus.WITHDRAWN, act=Action.PROPOSAL_WITHDRAWN),
    ],
    _decided,
)
"""The one table of moves of a proposal; whose permission it takes is said by its kind."""

DEPUTY_LONGEST = timedelta(days=366)
"""For how long a deputy is named at most; after that he is named anew."""


class Place(NamedTuple):
    """A role and where it is done; no territories (None) means all of them."""

    role: str
    territory_ids: frozenset[int] | None


_SIGN = r"[^@\s,;:<>()\[\]\"\\]"
"""What may stand in an address: none of the signs that part one from another or from a name beside it."""
_ADDRESS = re.compile(rf"{_SIGN}+@{_SIGN}+\.(?:(?!\.){_SIGN})+")


def is_address(login: str) -> bool:
    """Whether a login is an e-mail address."""
    return _ADDRESS.fullmatch(login) is not None


def deputy_problem(own: Place, other: Place) -> object | None:
    """Why somebody who does ``own`` cannot stand in for somebody who does ``other``.

    A deputy has both roles in both places, so that of two different roles neither may be carried to another place.
    """
    if Role.RESIDENT in (own.role, other.role):
        return lazy("A company's account has no deputy: invite another person of the company.")
    if own.role != other.role and Role.AUDITOR in (own.role, other.role):
        return lazy("Auditors stand in for auditors only, and nobody else stands in for them.")
    if own.role != other.role and own.territory_ids != other.territory_ids:
        return lazy("Somebody of another role stands in only where both work in the same territories.")
    return None


def both_places(own: Place, other: Place) -> Place:
    """What a deputy does: his own role and the other's, where either is done."""
    role = Role.ADMIN if Role.ADMIN in (own.role, other.role) else own.role
    if own.territory_ids is None or other.territory_ids is None:
        return Place(role, None)
    return Place(role, own.territory_ids | other.territory_ids)


def has_grown(before: Place, after: Place) -> bool:
    """Whether an account gets a right, or a place to do its work in, that it did not have."""
    if not ROLE_PERMISSIONS[Role(after.role)] <= ROLE_PERMISSIONS[Role(before.role)]:
        return True
    if before.territory_ids is None:
        return False
    return after.territory_ids is None or not after.territory_ids <= before.territory_ids


def deputy_days_problem(from_on: date, to_on: date, today: date) -> tuple[str, object] | None:
    """What is wrong with the days of a deputy, and in which field."""
    if from_on < today:
        return "from_on", lazy("A deputy is named for days to come, from today on.")
    if to_on < from_on:
        return "to_on", lazy("The last day cannot be earlier than the first.")
    if to_on - from_on > DEPUTY_LONGEST:
        return "to_on", lazy("A deputy is named for a year at most.")
    return None


_SAFE = 2
"""zxcvbn's score from which on a password takes a million guesses or more."""

_LOOKED_AT = 72
"""Characters zxcvbn reads."""

_EXPECTED = (
    "tizilim", "registry", "тізілім", "реестр", "резидент", "қатысушы", "участник", "пароль", "құпиясөз", "привет",
    "админ", "администратор", "әкімші", "қазақстан", "казахстан", "kazakhstan", "qazaqstan", "алматы", "астана",
    "parol", "privet", "qupiyasoz",
)  # fmt: skip
"""Words that whoever guesses here tries first and that zxcvbn does not know."""

_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
"""The Latin key under each key of the Russian keyboard."""

_LOGIN = re.compile(r"[^\s/]{2,120}")

Problem = tuple[str, object]
"""A field's name and what is wrong with it."""


def plain_login(login: str) -> str:
    """The login as it is kept: without spaces around, in lower case."""
    return unicodedata.normalize("NFC", login).strip().lower()


def login_problem(login: str) -> object | None:
    if not _LOGIN.fullmatch(login):
        return lazy("A login has 2 to 120 characters and no spaces, for example an e-mail address.")
    return None


def password_problem(password: str, login: str) -> object | None:
    """What is wrong with a new password, or None."""
    if len(password) < PASSWORD_SHORTEST:
        return lazy("A password has at least %(number)s characters.", number=PASSWORD_SHORTEST)
    if len(password) > PASSWORD_LONGEST:
        return lazy("A password has at most %(number)s characters.", number=PASSWORD_LONGEST)
    if password.casefold() == login.casefold():
        return lazy("The password must not be the same as the login.")
    if len(set(password)) < 4:
        return lazy("Choose a password of more different characters.")
    if is_easily_guessed(password, login):
        return lazy(
            "This password is among the first that are guessed. Choose several words that do not belong together."
        )
    return None


def is_easily_guessed(password: str, login: str) -> bool:
    """Whether a password is common, or made of common words, names, years, keys beside each other, or the login.

    zxcvbn knows Latin words; Cyrillic ones are looked at as the Latin keys they were typed with as well.
    """
    from zxcvbn import zxcvbn  # its word lists take a moment to load

    own = [login, login.partition("@")[0], *re.split(r"[\W_]+", login), *_EXPECTED]
    plain = unicodedata.normalize("NFC", password).lower()
    typed = {password, plain.translate(_KEYS)}
    return any(zxcvbn(text[:_LOOKED_AT], user_inputs=own)["score"] < _SAFE for text in typed)


def role_problem(role: str, company_bin: str | None) -> Problem | None:
    """A resident's account, and only it, belongs to a company."""
    if role not in set(Role):
        return "role", lazy("Choose one of the roles offered.")
    if role == Role.RESIDENT and not company_bin:
        return "company_bin", lazy("Enter the company's BIN: a resident's account sees the entries of its BIN only.")
    if role != Role.RESIDENT and company_bin:
        return "company_bin", lazy("Only a resident's account has a BIN. Leave it empty or choose the resident role.")
    problem = bin_problem(company_bin) if company_bin else None
    return None if problem is None else ("company_bin", problem)


def invitable_roles(role: str) -> frozenset[Role]:
    """The roles somebody of ``role`` may give to others; the built-in system user may give every one."""
    if role == "system":
        return frozenset(Role)
    return INVITABLE.get(Role(role), frozenset())


def failure_key(kind: str, value: str) -> str:
    """What a failure is remembered under: a hash, so that neither logins tried nor addresses are kept."""
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()


def waiting_time(failures: int, free: int = FREE_FAILURES) -> timedelta:
    """How long to wait after so many failures: nothing at first, then 2 seconds, doubled each time up to 15 minutes."""
    if failures < free:
        return timedelta()
    return min(LONGEST_WAIT, timedelta(seconds=2 ** min(failures - free + 1, 20)))


def safe_path(target: str | None) -> str | None:
    """``target`` if it is a path on this site, else None: nobody is sent elsewhere by a crafted link."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")):
        return None
    if any(character < " " or character == "\x7f" for character in target):
        return None
    return target
