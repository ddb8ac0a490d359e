"""What is done to contracts, on both databases; after each act table and journal agree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from flask import Flask

from registry.contracts import queries, rules, services
from registry.contracts.models import Addendum, Contract
from registry.errors import Conflict, DomainError, Invalid, NotAllowed
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.rules import Action
from registry.residents.rules import Change
from registry.residents.services import annul_resident, change_status
from tests.contracts import made
from tests.factories import NOW, bin_number

TODAY = date(2026, 10, 5)
KNOWN = datetime(2035, 1, 1, tzinfo=UTC)
"""After everything recorded at NOW (or at the clock's own time, if later) and before LATER."""

LATER = datetime(2035, 11, 2, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def tables_and_journal_agree(database: Flask) -> Iterator[None]:
    yield
    db.session.rollback()
    for model, fields in ((Contract, rules.FIELDS), (Addendum, rules.ADDENDUM_FIELDS)):
        live = db.session.query(model).filter(model.annulled_at.is_(None)).all()
        states = journal.states(model)
        assert {row.id for row in live} == set(states)
        for row in live:
            for name in fields:
                assert getattr(row, name) == states[row.id].values.get(name), name
    assert journal.verify().problem is None


def refused(act: Callable[[], object], kind: type[DomainError] = DomainError) -> str | None:
    with pytest.raises(kind) as caught, transaction():
        act()
    return caught.value.field


def last_entry(row: Contract | Addendum) -> journal.HistoryEntry:
    return journal.history(subjects=[(row.__tablename__, row.id)], limit=1)[0][0]


def as_of(day: date) -> dict[str, queries.ContractRecord]:
    return {record.number: record for record in queries.records(SYSTEM, as_of=day)}


def amend(contract: Contract, now: datetime = NOW, **values: Any) -> bool:
    with transaction():
        return services.amend_contract(SYSTEM, contract, values=values, now=now)


def test_concluding_is_effective_from_the_day_of_signing() -> None:
    contract = made.contract(made.resident())
    entry = last_entry(contract)
    assert (entry.action, entry.effective_on) == (Action.CONTRACT_CONCLUDED, made.FIRST)
    assert (entry.basis_no, entry.basis_date) == ("Ш-1", made.FIRST)
    assert as_of(date(2026, 1, 14)) == {}
    assert as_of(made.FIRST)["Ш-1"].amount == 100_000_000


@pytest.mark.parametrize("change", ["suspended", "excluded"])
def test_a_suspended_or_excluded_resident_may_have_contracts_and_addenda(change: str) -> None:
    resident = made.resident()
    older = made.contract(resident, "Ш-0", ends_on=None)
    ground = {"suspended": "non_reporting", "excluded": "own_request"}[change]
    with transaction():
        change_status(SYSTEM, resident, change=Change(change), effective_on=date(2026, 3, 1), ground=ground, now=NOW)
    contract = made.contract(resident, signed_on=date(2026, 4, 1), starts_on=date(2026, 4, 1))
    made.addendum(contract, ends_on=date(2027, 12, 31))
    assert older.terminated_on is None
    assert as_of(TODAY)["Ш-0"].in_force_on(TODAY)
    assert as_of(TODAY)["Ш-1"].last_end_on(TODAY) == date(2027, 12, 31)


def test_what_the_rules_refuse_names_every_column() -> None:
    resident = made.resident()
    with pytest.raises(Invalid) as caught:
        made.contract(resident, kind="rent", ends_on=date(2026, 1, 1), amount=-1)
    assert [name for name, _message in caught.value.problems] == ["kind", "ends_on", "amount"]
    db.session.rollback()
    assert queries.records(SYSTEM) == []


def test_a_number_is_unique_among_the_live_contracts_of_a_territory() -> None:
    resident = made.resident()
    elsewhere = made.resident(territory="YAFI")
    contract = made.contract(resident)
    made.contract(elsewhere)
    with pytest.raises(Conflict) as caught:
        made.contract(resident)
    assert caught.value.field == "number"
    with transaction():
        services.annul_contract(SYSTEM, contract, reason="екі рет енгізілген", now=NOW)
    again = made.contract(resident)
    assert again.id != contract.id


def test_the_party_must_belong_to_the_territory() -> None:
    resident = made.resident()
    other = made.resident(bin_number(1), territory="YAFI")
    contract = made.contract(resident)
    assert refused(lambda: services.amend_contract(SYSTEM, contract, values={}, resident=other, now=NOW)) == "bin"
    values = {"kind": "other", "number": "Ш-2", "signed_on": made.FIRST, "starts_on": made.FIRST}
    assert (
        refused(
            lambda: services.conclude_contract(
                SYSTEM, resident=other, territory=resident.territory, values=values, now=NOW
            )
        )
        == "bin"
    )


def test_an_amendment_takes_effect_the_day_it_is_made() -> None:
    contract = made.contract(made.resident())
    assert amend(contract, amount=5, premises=None)
    entry = last_entry(contract)
    assert (entry.action, entry.effective_on) == (Action.CONTRACT_AMENDED, TODAY)
    assert entry.changes == {"amount": [100_000_000, 5], "premises": ["Б корпусы, 12", None]}
    assert as_of(date(2026, 10, 4))["Ш-1"].premises == "Б корпусы, 12"
    assert (as_of(TODAY)["Ш-1"].amount, as_of(TODAY)["Ш-1"].premises) == (5, None)


def test_an_identical_amendment_leaves_no_entry() -> None:
    contract = made.contract(made.resident())
    before = journal.head().count
    values = {name: getattr(contract, name) for name in rules.FIELDS}
    assert amend(contract, **values) is False
    assert journal.head().count == before


def test_an_amendment_may_name_another_day() -> None:
    contract = made.contract(made.resident())
    with transaction():
        services.amend_contract(SYSTEM, contract, values={"amount": 7}, effective_on=date(2026, 3, 1), now=NOW)
    assert as_of(date(2026, 2, 28))["Ш-1"].amount == 100_000_000
    assert as_of(date(2026, 3, 1))["Ш-1"].amount == 7
    for day in (date(2026, 10, 6), date(2026, 1, 14)):
        column = refused(
            lambda day=day: services.amend_contract(SYSTEM, contract, values={}, effective_on=day, now=NOW)
        )
        assert column == "effective_on"


def test_an_earlier_amendment_does_not_undo_a_later_one() -> None:
    contract = made.contract(made.resident())
    amend(contract, amount=5)
    with transaction():
        services.amend_contract(SYSTEM, contract, values={"amount": 7}, effective_on=date(2026, 3, 1), now=LATER)
    assert contract.amount == 5
    assert as_of(date(2026, 10, 4))["Ш-1"].amount == 7


def test_number_and_day_of_signing_are_corrected_from_the_day_of_signing() -> None:
    contract = made.contract(made.resident())
    assert amend(contract, number="Ш-9", signed_on=date(2026, 1, 12))
    entry = last_entry(contract)
    assert entry.effective_on == date(2026, 1, 12)
    assert entry.corrects is not None
    assert list(as_of(date(2026, 1, 12))) == ["Ш-9"]
    assert [row.number for row in queries.records(SYSTEM, known_at=datetime(2026, 10, 1, tzinfo=UTC))] == []


def test_dates_of_a_contract_stay_in_order_with_its_addenda() -> None:
    contract = made.contract(made.resident())
    made.addendum(contract, effective_on=date(2026, 6, 1), ends_on=date(2026, 6, 30))
    for values, column in (
        ({"starts_on": date(2026, 7, 1)}, "starts_on"),
        ({"signed_on": date(2026, 6, 2), "starts_on": date(2026, 6, 2)}, "signed_on"),
        ({"ends_on": date(2026, 1, 1)}, "ends_on"),
        ({"kind": None}, "kind"),
    ):
        assert (
            refused(lambda values=values: services.amend_contract(SYSTEM, contract, values=values, now=NOW)) == column
        )


def test_another_party_from_the_day_it_is_recorded() -> None:
    contract = made.contract(made.resident())
    other = made.resident(bin_number(1), name_ru="ТОО «Балхаш»")
    with transaction():
        assert services.amend_contract(SYSTEM, contract, values={}, resident=other, now=NOW)
    assert contract.resident.id == other.id
    assert as_of(TODAY)["Ш-1"].bin == bin_number(1)
    assert as_of(date(2026, 10, 4))["Ш-1"].bin == made.COMPANY_BIN


def test_terminating_and_the_two_clocks() -> None:
    contract = made.contract(made.resident())
    with transaction():
        services.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 9, 1), ground=" келісім ", now=LATER)
    entry = last_entry(contract)
    assert (entry.action, entry.effective_on) == (Action.CONTRACT_TERMINATED, date(2026, 9, 1))
    assert (entry.ground, contract.termination_ground) == ("келісім", "келісім")
    assert as_of(date(2026, 8, 31))["Ш-1"].in_force_on(date(2026, 8, 31))
    assert not as_of(date(2026, 9, 1))["Ш-1"].in_force_on(date(2026, 9, 1))
    (record,) = queries.records(SYSTEM, as_of=date(2026, 9, 1), known_at=KNOWN)
    assert record.in_force_on(date(2026, 9, 1))
    assert refused(
        lambda: services.terminate_contract(SYSTEM, contract, terminated_on=TODAY, ground="x", now=LATER), Conflict
    ) == ("terminated_on")


def test_a_person_must_name_the_ground_and_a_day_after_signing() -> None:
    contract = made.contract(made.resident())
    with pytest.raises(Invalid) as caught, transaction():
        services.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 1, 1), ground=" ", now=NOW)
    assert [name for name, _message in caught.value.problems] == ["terminated_on", "termination_ground"]


def test_a_termination_is_corrected_from_its_new_day() -> None:
    contract = made.contract(made.resident())
    with transaction():
        services.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 9, 1), ground="келісім", now=NOW)
    with transaction():
        assert services.correct_termination(
            SYSTEM, contract, terminated_on=date(2026, 8, 1), ground="сот шешімі", now=NOW, reason="қате"
        )
        assert not services.correct_termination(
            SYSTEM, contract, terminated_on=date(2026, 8, 1), ground="сот шешімі", now=NOW
        )
    assert (contract.terminated_on, contract.termination_ground) == (date(2026, 8, 1), "сот шешімі")
    assert as_of(date(2026, 7, 31))["Ш-1"].terminated_on is None
    assert as_of(date(2026, 8, 1))["Ш-1"].terminated_on == date(2026, 8, 1)


def test_an_annulled_termination_was_never_there_and_another_may_follow() -> None:
    contract = made.contract(made.resident())
    with transaction():
        services.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 9, 1), ground="келісім", now=NOW)
    assert refused(lambda: services.annul_termination(SYSTEM, contract, reason=" ", now=LATER)) == "reason"
    with transaction():
        services.annul_termination(SYSTEM, contract, reason="басқа шарт", now=LATER)
    assert (contract.terminated_on, contract.termination_ground) == (None, None)
    entry = last_entry(contract)
    assert (entry.action, entry.effective_on) == (Action.CONTRACT_TERMINATION_ANNULLED, date(2026, 9, 1))
    assert as_of(TODAY)["Ш-1"].in_force_on(TODAY)
    assert queries.records(SYSTEM, as_of=TODAY, known_at=KNOWN)[0].terminated_on == date(2026, 9, 1)
    refused(lambda: services.annul_termination(SYSTEM, contract, reason="тағы", now=LATER), Conflict)
    with transaction():
        services.terminate_contract(SYSTEM, contract, terminated_on=date(2026, 10, 1), ground="сот", now=LATER)
    assert as_of(date(2026, 9, 15))["Ш-1"].in_force_on(date(2026, 9, 15))
    assert as_of(TODAY)["Ш-1"].termination_ground == "сот"


def test_a_file_brings_corrects_and_clears_a_termination() -> None:
    contract = made.contract(made.resident(), terminated_on=date(2026, 5, 1))
    assert (contract.terminated_on, contract.termination_ground) == (date(2026, 5, 1), None)
    assert as_of(date(2026, 4, 30))["Ш-1"].terminated_on is None
    assert amend(contract, terminated_on=date(2026, 6, 1), termination_ground="келісім", amount=3)
    assert as_of(date(2026, 5, 31))["Ш-1"].terminated_on is None
    assert as_of(date(2026, 6, 1))["Ш-1"].termination_ground == "келісім"
    assert (
        refused(
            lambda: services.amend_contract(
                SYSTEM, contract, now=NOW, values={"terminated_on": None, "termination_ground": "келісім"}
            )
        )
        == "terminated_on"
    )
    assert amend(contract, terminated_on=None)
    assert (contract.terminated_on, contract.termination_ground, contract.amount) == (None, None, 3)
    assert amend(contract, terminated_on=date(2026, 7, 1), termination_ground=None)
    assert contract.terminated_on == date(2026, 7, 1)


def test_an_addendum_changes_only_what_it_states_from_its_day() -> None:
    contract = made.contract(made.resident())
    addendum = made.addendum(contract, ends_on=date(2027, 6, 30), subject_ru="Цех")
    entry = last_entry(addendum)
    assert (entry.action, entry.effective_on) == (Action.ADDENDUM_CONCLUDED, date(2026, 6, 1))
    record = as_of(date(2026, 5, 31))["Ш-1"]
    assert record.addenda == ()
    record = as_of(TODAY)["Ш-1"]
    assert record.ends_on == date(2026, 12, 31)
    assert record.terms_on(TODAY) == rules.Terms(date(2027, 6, 30), 100_000_000, "Зертхана", "Цех")
    histories, count = journal.history(subjects=queries.history_subjects(contract.resident_id))
    assert count == 2
    assert [item.subject_type for item in histories] == ["addendum", "contract"]


def test_what_an_addendum_is_refused_for() -> None:
    contract = made.contract(made.resident())
    made.addendum(contract)
    with pytest.raises(Conflict) as caught:
        made.addendum(contract)
    assert caught.value.field == "number"
    with pytest.raises(Invalid) as invalid:
        made.addendum(contract, "2", date(2026, 1, 10))
    assert invalid.value.field == "signed_on"


def test_an_addendum_is_corrected_from_its_new_day() -> None:
    contract = made.contract(made.resident())
    addendum = made.addendum(contract, amount=5)
    other = made.addendum(contract, "2", date(2026, 7, 1))
    with transaction():
        assert services.correct_addendum(
            SYSTEM, addendum, values={"effective_on": date(2026, 8, 1), "amount": None, "number": "1/1"}, now=LATER
        )
        assert not services.correct_addendum(SYSTEM, addendum, values={"amount": None}, now=LATER)
    entry = last_entry(addendum)
    assert (entry.action, entry.effective_on) == (Action.ADDENDUM_CORRECTED, date(2026, 8, 1))
    assert [item.number for item in as_of(date(2026, 7, 31))["Ш-1"].addenda] == ["2"]
    assert [item.number for item in as_of(date(2026, 8, 1))["Ш-1"].addenda] == ["2", "1/1"]
    (known,) = queries.records(SYSTEM, known_at=KNOWN)
    assert known.terms_on(date(2026, 6, 1)).amount == 5
    assert refused(lambda: services.correct_addendum(SYSTEM, other, values={"number": "1/1"}, now=LATER)) == "number"
    assert refused(
        lambda: services.correct_addendum(SYSTEM, other, values={"ends_on": date(2026, 1, 1)}, now=LATER)
    ) == ("ends_on")


def test_annulling_goes_from_the_addendum_to_the_contract_to_the_entry() -> None:
    resident = made.resident()
    contract = made.contract(resident)
    addendum = made.addendum(contract, amount=5)
    assert refused(lambda: services.annul_addendum(SYSTEM, addendum, reason="", now=NOW)) == "reason"
    refused(lambda: services.annul_contract(SYSTEM, contract, reason="қате", now=NOW), Conflict)
    with transaction():
        services.annul_addendum(SYSTEM, addendum, reason="қате", now=LATER)
    assert as_of(TODAY)["Ш-1"].terms_on(TODAY).amount == 100_000_000
    assert queries.records(SYSTEM, as_of=TODAY, known_at=KNOWN)[0].terms_on(TODAY).amount == 5
    refused(lambda: services.annul_addendum(SYSTEM, addendum, reason="қате", now=LATER), Conflict)
    refused(lambda: services.correct_addendum(SYSTEM, addendum, values={"amount": 1}, now=LATER), Conflict)
    refused(lambda: annul_resident(SYSTEM, resident, reason="қате", now=LATER), Conflict)
    with transaction():
        services.annul_contract(SYSTEM, contract, reason="қате", now=LATER)
    assert queries.records(SYSTEM) == []
    assert len(queries.records(SYSTEM, known_at=KNOWN)) == 1
    refused(lambda: services.amend_contract(SYSTEM, contract, values={"amount": 1}, now=LATER), Conflict)
    refused(lambda: services.add_addendum(SYSTEM, contract, values={}, now=LATER), Conflict)
    with transaction():
        annul_resident(SYSTEM, resident, reason="қате", now=LATER)
    with pytest.raises(Conflict):
        made.contract(resident, "Ш-2")


def test_only_those_who_keep_the_registers_change_them(auditor: Viewer, resident_viewer: Viewer) -> None:
    resident = made.resident()
    contract = made.contract(resident)
    addendum = made.addendum(contract)
    day = date(2026, 9, 1)
    for actor in (auditor, resident_viewer):
        for act in (
            lambda a=actor: services.conclude_contract(
                a, resident=resident, territory=resident.territory, values={}, now=NOW
            ),
            lambda a=actor: services.amend_contract(a, contract, values={"amount": 1}, now=NOW),
            lambda a=actor: services.add_addendum(a, contract, values={}, now=NOW),
            lambda a=actor: services.correct_addendum(a, addendum, values={"amount": 1}, now=NOW),
            lambda a=actor: services.annul_addendum(a, addendum, reason="x", now=NOW),
            lambda a=actor: services.terminate_contract(a, contract, terminated_on=day, ground="x", now=NOW),
            lambda a=actor: services.correct_termination(a, contract, terminated_on=day, ground="x", now=NOW),
            lambda a=actor: services.annul_termination(a, contract, reason="x", now=NOW),
            lambda a=actor: services.annul_contract(a, contract, reason="x", now=NOW),
        ):
            refused(act, NotAllowed)
