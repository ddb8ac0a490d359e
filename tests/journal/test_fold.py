"""How acts fold into a state: both clocks, corrections, annulments (``exchange.md`` 3). No database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry.journal.rules import HASHED_COLUMNS, as_recorded, canonical, commitment, entry_hash, fold


@dataclass
class Entry:
    sequence: int
    effective_on: date
    corrects: int | None = None
    annuls: int | None = None


def day(number: int) -> date:
    return date(2026, 1, number)


def act(sequence: int, effective: int, values: dict[str, Any], *, subject: int = 1, **refers: int) -> tuple[Any, ...]:
    return Entry(sequence, day(effective), **refers), "act", subject, None, values


CREATED = act(1, 5, {"name": "A", "trl": 3})
AMENDED = act(2, 9, {"trl": 4})
FIRST, SECOND = {"name": "A", "trl": 3}, {"name": "A", "trl": 4}
CASES = [
    ("created", [CREATED], 5, FIRST),
    ("not yet effective", [CREATED], 4, None),
    ("every act, whatever its date", [CREATED, act(2, 25, {"trl": 9})], None, {"name": "A", "trl": 9}),
    ("amended later", [CREATED, AMENDED], 8, FIRST),
    ("amended by then", [CREATED, AMENDED], 9, SECOND),
    ("recorded late, effective early", [CREATED, AMENDED, act(3, 7, {"trl": 5})], 9, SECOND),
    ("of one day, the later recorded wins", [CREATED, AMENDED, act(3, 9, {"trl": 5})], 9, {"name": "A", "trl": 5}),
    ("cleared", [CREATED, act(2, 9, {"trl": None})], 9, {"name": "A", "trl": None}),
    (
        "a correction replaces fields of its act",
        [CREATED, act(2, 5, {"name": "B"}, corrects=1)],
        5,
        {"name": "B", "trl": 3},
    ),
    ("a correction moves its act's date", [CREATED, AMENDED, act(3, 12, {}, corrects=2)], 9, FIRST),
    ("the moved act takes effect on its new date", [CREATED, AMENDED, act(3, 12, {}, corrects=2)], 12, SECOND),
    ("the creating act moved earlier", [CREATED, act(2, 2, {}, corrects=1)], 2, FIRST),
    ("the creating act moved later", [CREATED, act(2, 8, {}, corrects=1)], 5, None),
    (
        "a correction of an old act leaves a later one in force",
        [CREATED, AMENDED, act(3, 5, {"trl": 1}, corrects=1)],
        9,
        SECOND,
    ),
    (
        "two corrections of one act",
        [CREATED, act(2, 5, {"name": "B"}, corrects=1), act(3, 5, {"trl": 1}, corrects=1)],
        5,
        {"name": "B", "trl": 1},
    ),
    ("annulled", [CREATED, act(2, 5, {"annulled": True}, annuls=1)], 9, None),
    ("an amendment annulled", [CREATED, AMENDED, act(3, 9, {}, annuls=2)], 9, FIRST),
    ("annulling twice changes nothing", [CREATED, AMENDED, act(3, 9, {}, annuls=2), act(4, 9, {}, annuls=2)], 9, FIRST),
    (
        "a correction of an annulled act is void",
        [CREATED, AMENDED, act(3, 9, {}, annuls=2), act(4, 9, {"trl": 6}, corrects=2)],
        9,
        FIRST,
    ),
    ("an amendment dated before the creating act waits for it", [CREATED, act(2, 3, {"trl": 4})], 4, None),
    ("and applies after it", [CREATED, act(2, 3, {"trl": 4})], 5, SECOND),
    ("nothing at all", [], None, None),
]


@pytest.mark.parametrize(("case", "entries", "as_of", "expected"), CASES, ids=[case[0] for case in CASES])
def test_fold(case, entries, as_of, expected):
    states = fold(entries, None if as_of is None else day(as_of))
    assert (states[1].values if 1 in states else None) == expected


def test_the_second_clock_drops_entries_and_with_them_their_corrections():
    entries = [CREATED, act(2, 9, {"trl": 4}), act(3, 9, {"trl": 5}, corrects=2), act(4, 5, {}, annuls=1)]
    known = [fold(entries[:length]).get(1) for length in range(len(entries) + 1)]
    assert [state and state.values["trl"] for state in known] == [None, 3, 4, 5, None]


def test_subjects_do_not_mix():
    states = fold([CREATED, act(2, 6, {"name": "C"}, subject=2), act(3, 7, {"name": "D"}, subject=2)])
    assert {key: state.values["name"] for key, state in states.items()} == {1: "A", 2: "D"}


def test_acts_are_told_in_the_order_they_apply():
    state = fold([CREATED, act(2, 9, {"trl": 4}), act(3, 7, {"trl": 5})])[1]
    assert [(item.sequence, item.effective_on) for item in state.acts] == [(1, day(5)), (3, day(7)), (2, day(9))]


def test_as_recorded_the_last_act_holds_whatever_its_day():
    entries = [CREATED, act(2, 20, {"trl": 4}), act(3, 7, {"trl": 5}), act(4, 20, {"name": "B"}, corrects=2)]
    assert as_recorded(entries) == {1: {"name": "B", "trl": 5}}
    assert as_recorded([*entries, act(5, 7, {}, annuls=3)]) == {1: {"name": "B", "trl": 4}}
    assert as_recorded([*entries, act(5, 5, {}, annuls=1)]) == {}


def test_hash_depends_on_every_column():
    row: dict[str, object] = dict.fromkeys(HASHED_COLUMNS)
    hashes = {entry_hash(row)} | {entry_hash(row | {name: "x"}) for name in HASHED_COLUMNS}
    assert len(hashes) == len(HASHED_COLUMNS) + 1


def test_canonical_json_is_one_text_for_one_value():
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert canonical({"ә": [None, date(2026, 1, 2)], "a": moment}) == (
        '{"a":"2026-01-02T03:04:05.000000+00:00","ә":[null,"2026-01-02"]}'
    )
    with pytest.raises(TypeError):
        canonical({1.5, 2})


def test_a_commitment_hides_the_value_behind_its_salt():
    assert commitment("salt", '[null,"x"]') != commitment("tlas", '[null,"x"]')
    assert len(commitment("salt", "x")) == 64
