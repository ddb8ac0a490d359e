"""What belongs to whom and when: terms of earlier relations, quarters of a company, and what does not count."""

from __future__ import annotations

from datetime import date

from flask import Flask

from tests.exchange.made import exported, row, take

WARNED = "the terms apply to relations begun before the signing; check that the parties agreed so"


def test_terms_may_apply_to_relations_begun_before_the_signing(database: Flask) -> None:
    take("residents", row("residents"))
    early = {"signed_on": "2026-01-15", "starts_on": "2026-01-01"}
    taken = take("contracts", row("contracts", **early))
    assert [(item.row, item.field, str(item.message)) for item in taken.warnings] == [(2, "starts_on", WARNED)]
    assert [len(exported("contracts", as_of=date(2026, 1, day))) for day in (1, 14)] == [1, 1]
    assert exported("contracts", as_of=date(2025, 12, 31)) == []
    taken = take("addenda", row("addenda", signed_on="2026-03-20", effective_on="2026-03-01"))
    assert [(item.row, item.field, str(item.message)) for item in taken.warnings] == [(2, "effective_on", WARNED)]
    assert [len(exported("addenda", as_of=date(2026, month, 28))) for month in (2, 3)] == [0, 1]
    again = take("contracts", row("contracts", **early))
    assert (again.unchanged, again.warnings) == (1, [])


def test_a_start_moved_before_the_signing_moves_the_contract_with_it(database: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts", signed_on="2026-01-15", starts_on="2026-01-15"))
    taken = take("contracts", row("contracts", signed_on="2026-01-15", starts_on="2026-01-01"))
    assert (taken.updated, [item.field for item in taken.warnings]) == (1, ["starts_on"])
    assert len(exported("contracts", as_of=date(2026, 1, 2))) == 1
