"""What a history says of an act: the fields in the order of the forms, and only what reads differently."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from flask import Flask

from registry.contracts import services
from registry.contracts.fields import CONTRACT
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.infra.i18n import LANGUAGES, speaking
from registry.journal import presentation
from registry.journal import queries as journal
from registry.paper_kinds.kinds import KINDS
from registry.papers.models import Document, DocumentAct, DocumentRequest
from tests import factories, people
from tests.contracts import made
from tests.factories import NOW
from tests.reports import ready
from tests.reports.ready import LINES

OTHER = "210140992015"


def test_fields_stand_in_the_order_of_the_forms(app: Flask) -> None:
    contract = made.contract(made.resident())
    [entry], _total = journal.history(subjects=[("contract", contract.id)])
    names = [name for name, _old, _new in presentation.visible_changes(entry)]
    order = [field.name for field in CONTRACT]
    assert len(names) > 4
    assert [name for name in names if name in order] == sorted(
        (name for name in names if name in order), key=order.index
    )
    assert names != sorted(names)


def test_what_reads_the_same_is_left_out(app: Flask) -> None:
    """As many lines as before, with other figures: the count is no change."""
    first = ready.accepted(factories.resident("250240991048"))
    second = ready.correction(first, [replace(LINES[0], amount=7), *LINES[1:]])
    ready.send(second)
    [entry], _total = journal.history(subjects=[("report", second.id)])
    assert entry.changes["lines"] == [len(LINES), len(LINES)]
    shown = [name for name, _old, _new in presentation.visible_changes(entry)]
    assert "lines" not in shown
    assert {"status", "version", "data_hash"} <= set(shown)
    assert "Lines of the report" not in presentation.changes_in_words(entry)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_code_of_a_paper_is_shown(app: Flask, language: str) -> None:
    with speaking(language):
        for table in (DocumentAct, Document, DocumentRequest):
            for code, kind in KINDS.items():
                assert presentation.value("kind", code, table.__tablename__) == str(kind.name)
            assert presentation.value("language", "kk", table.__tablename__) == "Қазақша"


def test_a_contract_that_passes_to_another_company_tells_both(app: Flask) -> None:
    first, second = made.resident(), made.resident(OTHER, name_kk="«Мұрагер» ЖШС")
    contract = made.contract(first)
    with transaction():
        services.amend_contract(SYSTEM, contract, values={}, resident=second, now=NOW, effective_on=date(2026, 5, 1))
    [entry, concluded], _total = journal.history(subjects=[("contract", contract.id)])
    with speaking("kk"):
        assert presentation.visible_changes(entry) == [("resident_id", "«Арқа» ЖШС", "«Мұрагер» ЖШС")]
        assert "«Арқа» ЖШС → «Мұрагер» ЖШС" in presentation.changes_in_words(entry)
    assert "resident_id" not in {name for name, _old, _new in presentation.visible_changes(concluded)}
    # The company that has the contract now is not told of others.
    with speaking("en"):
        seen = presentation.visible_changes(entry, replace(people.viewer("resident"), company_bin=OTHER))
    assert [old for _name, old, _new in seen] == ["another participant"]
