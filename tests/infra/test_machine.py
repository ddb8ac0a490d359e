"""How much memory there is for the program."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from registry.infra import machine

MACHINE = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


@pytest.mark.parametrize(
    ("limits", "expected"),
    [
        ({}, MACHINE),
        ({"": "max\n"}, MACHINE),
        ({"": "2147483648\n"}, 2 << 30),
        ({"system/tizilim": "1073741824\n"}, 1 << 30),
        ({"system": "1073741824\n", "system/tizilim": "max\n"}, 1 << 30),
        ({"others": "1073741824\n"}, MACHINE),
        ({"": "nonsense"}, MACHINE),
    ],
)
def test_a_limit_of_a_group_or_of_one_around_it_counts(tmp_path: Path, limits: dict[str, str], expected: int) -> None:
    own, groups = tmp_path / "own", tmp_path / "groups"
    own.write_text("4:memory:/old\n0::/system/tizilim\n")
    (groups / "system" / "tizilim").mkdir(parents=True)
    for name, limit in limits.items():
        (groups / name).mkdir(exist_ok=True)
        (groups / name / "memory.max").write_text(limit)
    assert machine.whole(own, groups) == expected


def test_where_there_are_no_groups_the_machine_counts(tmp_path: Path) -> None:
    assert machine.whole(tmp_path / "none", tmp_path) == MACHINE
