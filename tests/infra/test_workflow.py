"""Tables of moves: what is possible, for whom, where it leads, and what it asks for."""

from __future__ import annotations

import enum

import pytest

from registry.errors import Conflict, DomainError, NotAllowed, NotFound
from registry.infra.access import Permission, Viewer
from registry.infra.workflow import Workflow, need_reason, reason_for, steps


class Stage(enum.StrEnum):
    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"


class Turn(enum.StrEnum):
    HOLD = "hold"
    CLOSE = "close"
    DROP = "drop"
    EXPIRE = "expire"


KEEP, REVIEW = Permission.KEEP_REGISTERS, Permission.REVIEW_REPORTS

TABLE = Workflow(
    [
        *steps(Stage.OPEN, Turn.HOLD, Stage.HELD, KEEP),
        *steps((Stage.OPEN, Stage.HELD), Turn.CLOSE, Stage.CLOSED, REVIEW, needs_reason=True),
        *steps(Stage.OPEN, Turn.DROP, None, KEEP, REVIEW),
        *steps(Stage.HELD, Turn.EXPIRE, Stage.OPEN),
    ],
    lambda status, move: f"{move} is not possible from {status}",
)


def viewer(*permissions: Permission, territories: frozenset[int] | None = None) -> Viewer:
    return Viewer(1, "somebody", "role", frozenset(permissions), territory_ids=territories)


def test_a_step_says_where_a_move_leads() -> None:
    assert TABLE.step("open", "hold").after == Stage.HELD
    assert TABLE.step("held", "close").after == Stage.CLOSED
    assert TABLE.step("open", "drop").after is None
    with pytest.raises(Conflict, match="hold is not possible from closed"):
        TABLE.step("closed", "hold")


def test_moves_are_those_the_viewer_may_make() -> None:
    assert TABLE.moves("open") == {"hold", "close", "drop"}
    assert TABLE.moves("open", viewer(KEEP)) == {"hold", "drop"}
    assert TABLE.moves("open", viewer(REVIEW)) == {"close", "drop"}
    assert TABLE.moves("held", viewer(KEEP, REVIEW)) == {"close"}, "what the program does itself is nobody's button"
    assert TABLE.moves("closed", viewer(KEEP, REVIEW)) == frozenset()
    assert TABLE.sources("close") == {"open", "held"}


def test_a_move_needs_one_of_its_permissions_and_the_territory() -> None:
    TABLE.need(viewer(REVIEW), 7, "drop")
    with pytest.raises(NotAllowed):
        TABLE.need(viewer(KEEP), 7, "close")
    with pytest.raises(NotFound):
        TABLE.need(viewer(KEEP, territories=frozenset({8})), 7, "hold")


def test_a_reason_is_asked_for_where_the_table_says_so() -> None:
    assert reason_for(TABLE.step("open", "close"), "  late ") == "late"
    assert reason_for(TABLE.step("open", "hold"), "  ") is None
    for nothing in (None, "", "   "):
        with pytest.raises(DomainError) as caught:
            reason_for(TABLE.step("open", "close"), nothing)
        assert caught.value.field == "reason"
        with pytest.raises(DomainError):
            need_reason(nothing)


def test_one_move_is_described_once_for_a_status() -> None:
    with pytest.raises(ValueError, match="twice"):
        Workflow([*steps(Stage.OPEN, Turn.HOLD, Stage.HELD)] * 2, lambda status, move: "")
