"""Records that an earlier release let share a number are joined: one stays, what belongs to the others passes to it."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts import queries as contract_queries
from registry.contracts import services as contracts
from registry.contracts.models import Contract
from registry.errors import DomainError
from registry.infra.access import Viewer
from registry.infra.db import db, transaction
from registry.journal import derived, keys
from registry.journal import queries as journal
from registry.patents import queries as patent_queries
from registry.patents import services as patents
from registry.patents.models import Patent
from tests.exchange.made import BIN, OTHER, row, take
from tests.factories import NOW
from tests.pages import PageClient


def contract_twice(monkeypatch: pytest.MonkeyPatch, staff: Viewer) -> tuple[Contract, Contract]:
    """Two contracts of one number: nothing compared numbers when the second came in."""
    take("residents", row("residents"))
    take("contracts", row("contracts", number="15-А"), row("contracts", number="16-А"))
    take("addenda", row("addenda", contract_number="15-А"))
    take("addenda", row("addenda", contract_number="16-А"), row("addenda", contract_number="16-А", number="2"))
    kept, twice = db.session.scalars(sa.select(Contract).order_by(Contract.id)).all()
    with monkeypatch.context() as patched, transaction():
        patched.setattr(contract_queries, "find_contract", lambda *_args: None)
        twice.twin = twice.id
        contracts.amend_contract(staff, twice, values={"number": "15–A"}, now=NOW)
    assert keys.sharing(twice) == [kept]
    return kept, twice


def test_a_contract_terminated_without_a_ground_is_joined(
    database: Flask, monkeypatch: pytest.MonkeyPatch, staff: Viewer
) -> None:
    kept, twice = contract_twice(monkeypatch, staff)
    with transaction():
        values = {"terminated_on": date(2026, 9, 1), "termination_ground": None}
        contracts.amend_contract(staff, twice, values=values, now=NOW)
        contracts.join_contract(staff, twice, kept, reason="бір шарт", now=NOW)
    assert (kept.terminated_on, kept.termination_ground) == (date(2026, 9, 1), None)


def joined(row: Contract | Patent, viewer: Viewer) -> list[object]:
    changes = [entry.changes for entry in journal.entries_about(row, viewer=viewer)]
    return [change["same_as"] for change in changes if "same_as" in change]


def test_a_contract_recorded_twice(database: Flask, monkeypatch: pytest.MonkeyPatch, staff: Viewer) -> None:
    kept, twice = contract_twice(monkeypatch, staff)
    with transaction():
        contracts.terminate_contract(staff, twice, terminated_on=date(2026, 9, 1), ground="by_agreement", now=NOW)
    with pytest.raises(DomainError) as refused, transaction():
        contracts.join_contract(staff, twice, kept, reason=" ", now=NOW)
    assert refused.value.field == "reason"
    with transaction():
        contracts.join_contract(staff, twice, kept, reason="бір шарт", now=NOW)
    assert twice.annulled_at is not None
    assert [item.number for item in contract_queries.addenda_of(kept)] == ["1", "2"]
    assert contract_queries.addenda_of(twice) == []
    assert (kept.annulled_at, kept.terminated_on, kept.twin) == (None, date(2026, 9, 1), 0)
    assert joined(twice, staff) == [[None, "15-А"]]
    assert keys.shared_numbers() == []
    assert list(derived.differences()) == []


def test_the_one_recorded_later_may_stay(database: Flask, monkeypatch: pytest.MonkeyPatch, staff: Viewer) -> None:
    kept, twice = contract_twice(monkeypatch, staff)
    with transaction():
        contracts.join_contract(staff, kept, twice, reason="бір шарт", now=NOW)
    assert (kept.annulled_at is None, twice.annulled_at, twice.twin) == (False, None, 0)
    result = take("contracts", row("contracts", number="15-a", amount="5.00"))
    assert (result.created, result.updated) == (0, 1)


def test_other_contracts_are_not_joined(database: Flask, staff: Viewer) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER))
    take("contracts", row("contracts"), row("contracts", number="NU-2", bin=OTHER))
    one, other = db.session.scalars(sa.select(Contract).order_by(Contract.id)).all()
    with pytest.raises(DomainError) as refused, transaction():
        contracts.join_contract(staff, one, other, reason="бір шарт", now=NOW)
    assert refused.value.field == "same_as"
    assert (one.annulled_at, other.annulled_at) == (None, None)


def test_a_patent_recorded_twice(database: Flask, monkeypatch: pytest.MonkeyPatch, staff: Viewer) -> None:
    take("residents", row("residents"), row("residents", bin=OTHER))
    take("patents", row("patents"), row("patents", title_no="900002", application_no="2024/9002.1"))
    take("patent-events", row("patent-events", title_no="900002"))
    kept, twice = db.session.scalars(sa.select(Patent).order_by(Patent.id)).all()
    with monkeypatch.context() as patched, transaction():
        patched.setattr(patent_queries, "of_number", lambda *_args: [])
        twice.twin = twice.id
        patents.amend_patent(staff, twice, values={"application_no": "2024/9001.1"}, now=NOW)
    assert keys.sharing(kept) == [twice]
    with transaction():
        patents.join_patent(staff, twice, kept, reason="бір патент", now=NOW)
    assert (twice.annulled_at is None, kept.annulled_at) == (False, None)
    held = patent_queries.record_of(kept).over_time
    assert [(item.event_on, item.holders, item.document_no) for item in held.transfers] == [
        (date(2026, 6, 1), OTHER, "77")
    ]
    assert [(item.bin, item.name) for item in kept.holder_rows] == [(OTHER, None)]
    assert joined(twice, staff) == [[None, "900001"]]
    assert keys.shared_numbers() == []
    assert list(derived.differences()) == []


def test_a_title_is_not_joined_to_its_application(database: Flask, staff: Viewer) -> None:
    take("patents", row("patents", holders=f"Басқа ЖШС ({BIN})"))
    take("patents", row("patents", kind="invention", title_no="", application_no="2024/9002.1", registered_on=""))
    title, application = db.session.scalars(sa.select(Patent).order_by(Patent.id)).all()
    with transaction():
        application.twin, application.application_no = application.id, "2024/9001.1"
    with pytest.raises(DomainError) as refused, transaction():
        patents.join_patent(staff, title, application, reason="бір патент", now=NOW)
    assert refused.value.field == "same_as"
    with transaction():
        patents.join_patent(staff, application, title, reason="бір патент", now=NOW)
    assert title.annulled_at is None


def test_the_pages_name_the_other_and_join(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch, staff: Viewer
) -> None:
    kept, twice = contract_twice(monkeypatch, staff)
    client.sign_in("admin")
    assert "№ 15–A" in client.get("/journal/verification").text
    page = client.get("contracts.show", contract_id=twice.id)
    assert "Another record has this number: № 15-А" in page.text
    page = client.get("contracts.same_as", contract_id=twice.id)
    client.submit(page, {"reason": "one contract"}, containing="same_as")
    done = client.get("contracts.show", contract_id=kept.id)
    assert "The records have been joined; this one stays." in done.text
    assert "№ 15-А" in done.text
    db.session.expire_all()
    assert (kept.annulled_at, twice.annulled_at is None) == (None, False)
    page = client.get("contracts.show", contract_id=twice.id)
    assert "The same as" in page.text
