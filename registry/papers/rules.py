"""Rules of issued papers: numbers, codes, requests, and when a paper no longer holds. No database."""

from __future__ import annotations

import enum
import re
import secrets
from dataclasses import dataclass
from datetime import date

from registry.infra.access import Permission, Viewer
from registry.infra.i18n import lazy
from registry.infra.identifiers import canonical_number
from registry.infra.workflow import Workflow, steps
from registry.journal.rules import Action
from registry.paper_kinds.kind import PaperKind
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period

_CODE_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
CODE_LENGTH = 28
"""Letters of a verification code: 140 random bits, so that a code cannot be guessed."""

EVIDENCE = "evidence"
"""An evidence pack: asked for and made in the background like a paper, but nothing that is issued under a number."""


def name_of(kind: str) -> object:
    """What is asked for in the background, by its kind."""
    return lazy("Evidence pack") if kind == EVIDENCE else KINDS[kind].name


def kinds_open_to(viewer: Viewer) -> list[PaperKind]:
    """The kinds the viewer may ask for."""
    return [kind for kind in KINDS.values() if kind.of_one_resident or viewer.may(Permission.ISSUE_REGISTERS)]


class State(enum.StrEnum):
    """Whether an issued paper still holds."""

    VALID = "valid"
    REPLACED = "replaced"
    REVOKED = "revoked"


class RequestStatus(enum.StrEnum):
    """Where the making of a requested paper stands."""

    QUEUED = "queued"
    RUNNING = "running"
    PREPARED = "prepared"
    DONE = "done"
    FAILED = "failed"
    DECLINED = "declined"


class Move(enum.StrEnum):
    """What becomes of a request: what people do, and what the worker does."""

    TAKE_UP = "take_up"
    PREPARE = "prepare"
    FINISH = "finish"
    FAIL = "fail"
    LOSE = "lose"
    TRY_AGAIN = "try_again"
    APPROVE = "approve"
    DECLINE = "decline"
    WITHDRAW = "withdraw"


def _refusal(_status: str, move: str) -> object:
    """Why a move is not possible from a status."""
    if move == Move.TRY_AGAIN:
        return lazy("This request has not failed; wait for its paper.")
    if move in (Move.APPROVE, Move.DECLINE, Move.WITHDRAW):
        return lazy("This paper is not waiting for approval.")
    return lazy("This request is in other hands by now.")


_Q, _R, _P = RequestStatus.QUEUED, RequestStatus.RUNNING, RequestStatus.PREPARED

WORKFLOW = Workflow(
    [
        *steps(_Q, Move.TAKE_UP, _R),
        *steps(_R, Move.PREPARE, _P, act=Action.DOCUMENT_PREPARED),
        *steps(_R, Move.FINISH, RequestStatus.DONE),
        *steps(_R, Move.FAIL, RequestStatus.FAILED),
        # The process that made it died: another one begins anew.
        *steps(_R, Move.LOSE, _Q),
        *steps(RequestStatus.FAILED, Move.TRY_AGAIN, _Q, Permission.ISSUE_REGISTERS, Permission.ISSUE_OWN_PAPERS),
        *steps(_P, Move.APPROVE, _Q, Permission.APPROVE_DOCUMENTS, act=Action.DOCUMENT_APPROVED),
        *steps(
            _P,
            Move.DECLINE,
            RequestStatus.DECLINED,
            Permission.APPROVE_DOCUMENTS,
            needs_reason=True,
            act=Action.DOCUMENT_DECLINED,
        ),
        # Whoever prepared a paper may take it back; nobody approves their own.
        *steps(
            _P,
            Move.WITHDRAW,
            RequestStatus.DECLINED,
            Permission.ISSUE_REGISTERS,
            needs_reason=True,
            act=Action.DOCUMENT_DECLINED,
        ),
    ],
    _refusal,
)
"""The one table of moves of a request; steps without a permission are the worker's."""


def after(status: str, move: Move) -> str:
    """The status a move of the worker leads to.

    :raises Conflict: when it is not possible from this one.
    """
    return str(WORKFLOW.step(status, move).after)


def moves(status: str, viewer: Viewer, requested_by: int | None, makers: frozenset[int]) -> frozenset[str]:
    """What the viewer may do with a request of this status that ``requested_by`` made, which is the makers' work."""
    possible = WORKFLOW.moves(status, viewer)
    if requested_by == viewer.user_id:
        return possible - {Move.APPROVE, Move.DECLINE}
    return possible - ({Move.WITHDRAW, Move.APPROVE} if makers & viewer.persons else {Move.WITHDRAW})


def request_key(
    kind: PaperKind,
    scope: str,
    resident_id: int | None,
    period: Period,
    sampling: str | None = None,
    *,
    copy: bool = False,
    without: tuple[str, ...] = (),
) -> str:
    """What a paper was asked for, language apart: the same key and the same data give the paper already issued."""
    parts = (kind.code, scope, resident_id, period.as_of, period.year, period.quarter)
    if period.since is not None:
        parts += (period.since,)
    if sampling is not None:
        parts += (sampling,)
    if period.known_at is not None:
        parts += (f"@{period.known_at.timestamp():.6f}",)
    if copy:
        parts += ("copy",)
    if without:
        parts += (f"without {','.join(without)}",)
    return ":".join("-" if part is None else str(part) for part in parts)


def codes(text: str | None) -> tuple[str, ...]:
    """The codes of annexes left out, as a request and an act keep them: with commas between."""
    return tuple(text.split(",")) if text else ()


def series(scope: str, kind: PaperKind, year: int) -> str:
    """The number series of a scope, kind and year of issue."""
    return f"document:{scope}:{kind.number_code}:{year}"


def act_number(scope: str, kind: PaperKind, year: int, serial: int) -> str:
    """The number of an act, such as ``YAFI-PAR-2026-000001``; its papers add their language."""
    return f"{scope}-{kind.number_code}-{year}-{serial:0{SERIAL_DIGITS}d}"


def printed_number(number: str, language: str) -> str:
    """The number as printed: ``YAFI-PAR-2026-000001-kk``."""
    return f"{number}-{language}"


def needs_two_people(needs_approval: bool, user_id: int | None) -> bool:
    """Whether one person prepares and another approves; the built-in system user (None) does both in one step."""
    return needs_approval and user_id is not None


def new_code() -> str:
    """A fresh verification code."""
    return "".join(secrets.choice(_CODE_ALPHABET) for _letter in range(CODE_LENGTH))


def pieces_of(typed: str) -> list[str] | None:
    """The letters and digits of a paper's number as typed, in capitals, whatever stands between them.

    None where nothing was typed, and nothing of a text with a letter that no number has. No number is long: what is
    longer than any is cut, since databases refuse to compare with a text of any length.
    """
    if not typed.strip():
        return None
    pieces = re.findall(r"[^\W_]+", canonical_number(re.sub(r"\s+", "-", typed.strip()[:LONGEST_NUMBER])))
    return pieces if all(piece.isascii() for piece in pieces) else []


SERIAL_DIGITS = 6
"""How many digits the serial number of a paper has, leading zeros included."""

LONGEST_NUMBER = 100
"""Characters of what was typed as a paper's number that are looked at."""

_NUMBER = re.compile(r"[A-Z]+-[A-Z]{3}-\d{4}-\d{6}(-[a-z]{2})?", re.IGNORECASE | re.ASCII)


def typed_number(text: str) -> str | None:
    """The number of a paper as typed, with or without its language; None for anything else, such as a code."""
    found = _NUMBER.fullmatch(text.strip().removeprefix("№").strip())
    if found is None:
        return None
    language = (found[1] or "").lower()
    return found[0][: len(found[0]) - len(language)].upper() + language


def clean_code(text: str) -> str:
    """A code as typed from paper: case, spaces and hyphens do not matter."""
    return "".join(text.split()).replace("-", "").upper()


@dataclass(frozen=True)
class Validity:
    """Whether a paper holds; ``reason`` (``excluded``, ``annulled``, ``revoked``, ``replaced``) says why it does not.

    ``since`` is the day from which it does not, ``note`` the reason somebody gave, ``replaced_by`` the number of the
    paper that took its place.
    """

    state: State = State.VALID
    reason: str | None = None
    since: date | None = None
    note: str = ""
    replaced_by: str | None = None

    @property
    def is_valid(self) -> bool:
        return self.state is State.VALID


@dataclass(frozen=True)
class End:
    """What somebody did to end a paper: ``replaced_by`` is the number of the act in its place, None when revoked."""

    on: date
    reason: str
    replaced_by: str | None = None


def validity(
    kind: PaperKind, *, excluded_on: date | None, annulled_on: date | None, day: date, end: End | None = None
) -> Validity:
    """A paper ends by being revoked or replaced; a certificate also ends with its entry.

    Papers about an entry recorded in error never held.
    """
    if end is not None and end.on <= day:
        if end.replaced_by is None:
            return Validity(State.REVOKED, "revoked", end.on, end.reason)
        return Validity(State.REPLACED, "replaced", end.on, end.reason, end.replaced_by)
    if not kind.of_one_resident:
        return Validity()
    if annulled_on is not None:
        return Validity(State.REVOKED, "annulled", annulled_on)
    if kind.needs_participation and excluded_on is not None and excluded_on <= day:
        return Validity(State.REVOKED, "excluded", excluded_on)
    return Validity()
