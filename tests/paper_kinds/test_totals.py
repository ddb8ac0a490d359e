"""The sum and the number of entries that a paper's token and public page state are those the paper prints."""

from __future__ import annotations

from dataclasses import replace

import pytest

from registry.infra.numbers import canonical_hundredths
from registry.paper_kinds import kinds
from registry.paper_kinds.participants import Participants
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


@pytest.mark.parametrize("name", STORED)
def test_a_stated_number_of_entries_is_printed(name: str) -> None:
    """What a paper does not count in print is not offered for comparison."""
    snapshot: Snapshot = STORED[name]
    stated = kinds.rows(snapshot)
    paper = kinds.compose(snapshot, "ru")
    totals = [
        row.cells[0].text for section in paper.sections for block in section.blocks if isinstance(block, Table)
        for row in block.rows if row.style == "total"
    ]  # fmt: skip
    assert (stated is None) == (
        snapshot.kind in {"extract", "certificate", "revenues", "taxes", "indicators", "annual"}
    )
    if stated is not None:
        assert f"Количество записей – {stated}" == paper.data_status or f"Итого: {stated}" in totals


def test_an_empty_register_states_that_it_lists_none() -> None:
    empty = replace(STORED["participants"], body=Participants(()))
    assert kinds.rows(empty) == 0
    assert kinds.compose(empty, "ru").data_status == "Количество записей – 0"


def test_payments_that_do_not_count_are_in_no_total() -> None:
    """The register of taxes prints them in a column beside, never added to those that do."""
    assert kinds.total(STORED["taxes"]) == "2345678.90"
