"""Snapshots: canonical, complete on the way back, and free of what papers must not hold."""

from __future__ import annotations

import json

import msgspec
import pytest
from flask import Flask

from registry.paper_kinds import composing, kinds, snapshots
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.rules import Period
from registry.printing.layout import Table
from registry.residents.models import Resident
from tests.papers import world
from tests.people import COMPANY_BIN


def collected(kind: str, entries: dict[str, Resident]) -> snapshots.Snapshot:
    period = Period(world.DAY, world.DAY.year if KINDS[kind].of_a_period else None)
    resident = entries[COMPANY_BIN] if KINDS[kind].of_one_resident else None
    asked = Asked(period, entries[COMPANY_BIN].territory, resident, world.sampling_of(kind))
    return kinds.collect(KINDS[kind], asked)


def test_every_kind_survives_the_way_through_json(app: Flask) -> None:
    entries = world.build()
    for kind in KINDS:
        snapshot = collected(kind, entries)
        text = snapshots.dump(snapshot)
        assert kinds.load(text) == snapshot, kind
        assert snapshots.dump(kinds.load(text)) == text, kind
        assert snapshots.data_hash(text) == snapshots.data_hash(snapshots.dump(collected(kind, entries))), kind


def test_a_snapshot_that_says_more_is_refused(app: Flask) -> None:
    """A later version of the program wrote it: a paper printed from it here would lack something."""
    text = snapshots.dump(collected("certificate", world.build()))
    values = json.loads(text)
    values["body"]["zone"] = "1"
    with pytest.raises(ValueError, match="another version"):
        kinds.load(json.dumps(values, ensure_ascii=False, sort_keys=True, separators=(",", ":")))
    with pytest.raises(msgspec.ValidationError):
        kinds.load(text.replace('"version":1', '"version":"1"'))


def test_no_contacts_and_no_whole_iin(app: Flask) -> None:
    entries = world.build()
    for kind in KINDS:
        text = snapshots.dump(collected(kind, entries))
        assert world.PERSON not in text
        assert not {"email", "phone_of_head"} & set(json.loads(text)["body"])
        assert "@" not in text


def test_participants_stand_in_the_order_of_the_names_printed(app: Flask) -> None:
    snapshot = collected("participants", world.build())

    def names(language: str) -> list[object]:
        [table] = [
            block
            for section in kinds.compose(snapshot, language).sections
            for block in section.blocks
            if isinstance(block, Table)
        ]
        return [row.cells[3].value for row in table.rows if not row.style]

    assert names("kk") == ["«Әліппе» ЖШС", "Демо А.А.", "«Ыстық көл» ЖШС", "«Іргетас» ЖШС"]
    assert names("ru") == ["Демо А.А.", "ТОО «Алфавит»", "ТОО «Иссык»", "ТОО «Іргетас»"]


@pytest.mark.parametrize("kind", list(KINDS))
def test_tables_are_whole_in_every_language(app: Flask, kind: str) -> None:
    snapshot = collected(kind, world.build())
    for language in ("kk", "ru", "en"):
        paper = kinds.compose(snapshot, language)
        tables = [block for section in paper.sections for block in section.blocks if isinstance(block, Table)]
        for table in tables:
            for row in table.rows:
                assert len(row.cells) + row.span - 1 == len(table.columns), (kind, row)
            assert sum(table.widths(paper.text_width)) == pytest.approx(paper.text_width)
            assert min(table.widths(paper.text_width)) > 8
        assert paper.landscape or all(len(table.columns) <= composing.WIDE for table in tables)
