"""The sum a paper's token states is one that the paper prints in a total row."""

from __future__ import annotations

import pytest

from registry.infra.numbers import canonical_hundredths
from registry.paper_kinds import kinds
from registry.paper_kinds.snapshots import Snapshot
from registry.printing.layout import CellKind, Table
from tests.printing import look

STORED = dict(look.stored())


@pytest.mark.parametrize("name", STORED)
def test_a_stated_total_is_printed(name: str) -> None:
    snapshot: Snapshot = STORED[name]
    stated = kinds.total(snapshot)
    sections = kinds.compose(snapshot, "kk").sections
    first = next(
        (
            row
            for section in sections
            for block in section.blocks
            if isinstance(block, Table)
            for row in block.rows
            if row.style == "total"
        ),
        None,
    )
    assert (stated is not None) == (snapshot.kind in {"contracts", "revenues", "taxes"})
    if stated is not None:
        assert first is not None
        money = [int(cell.value) for cell in first.cells if cell.kind is CellKind.MONEY]  # type: ignore[arg-type]
        assert stated in map(canonical_hundredths, money)


def test_payments_that_do_not_count_are_in_no_total() -> None:
    """The register of taxes prints them in a column beside, never added to those that do."""
    assert kinds.total(STORED["taxes"]) == "2345678.90"
