"""The pages of contracts as each role meets them, in three languages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from registry.contracts import queries
from registry.contracts.models import Contract
from registry.infra.access import SYSTEM
from registry.infra.clock import today
from registry.infra.db import db
from registry.infra.i18n import LANGUAGES, format_date
from tests import people
from tests.contracts import made
from tests.factories import bin_number
from tests.pages import PageClient

FORM = {
    "kind": "lease", "number": "А-7/26", "signed_on": "15.01.2026", "starts_on": "01.02.2026", "ends_on": "31.12.2026",
    "amount": "1 234 567,89", "subject_kk": "Зертхана", "subject_ru": "Лаборатория", "area_m2": "45,5",
}  # fmt: skip
CHANGING = (
    "amend", "terminate", "annul", "addenda/new", "addenda/{addendum}/correct", "addenda/{addendum}/annul",
    "termination/correct", "termination/annul",
)  # fmt: skip


def only() -> queries.ContractRecord:
    (record,) = queries.records(SYSTEM)
    return record


@pytest.fixture
def contract(app: Flask) -> Contract:
    """A contract of the resident account's company that ends in 20 days, with one addendum in effect."""
    agreed = made.contract(made.resident(), ends_on=today() + timedelta(days=20))
    made.addendum(agreed, "1/2026", amount=5_000_000)
    return agreed


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_in_every_language(client: PageClient, contract: Contract, language: str) -> None:
    client.sign_in("staff")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    (addendum,) = queries.addenda_of(contract)
    assert "Ш-1" in client.get("contracts.index")
    assert "Ш-1" in client.get("contracts.of_resident", resident_id=contract.resident_id)
    page = client.get("contracts.show", contract_id=contract.id)
    assert format_date(contract.ends_on, language).replace("\u00a0", " ") in page.text
    assert "1/2026" in page
    client.get("contracts.new")
    client.get("contracts.new", query={"resident": contract.resident_id})
    for path in CHANGING:
        client.get(f"/contracts/{contract.id}/" + path.format(addendum=addendum.id))


def test_staff_conclude_a_contract_by_bin(client: PageClient, app: Flask) -> None:
    resident = made.resident()
    client.sign_in("staff")
    assert "There are no contracts yet" in client.get("contracts.index")
    page = client.get("contracts.new")
    typed = f"{resident.bin[:6]} {resident.bin[6:]}"
    shown = client.submit(page, {**FORM, "territory": "NU", "bin": typed}, containing="number", follow=True)
    assert "Contract А-7/26 has been concluded." in shown
    assert "Valid through 31 Dec 2026, inclusive" in shown
    record = only()
    assert (record.resident_id, record.amount, record.area_m2) == (resident.id, 123_456_789, 4550)
    assert (record.signed_on, record.starts_on, record.ends_on) == (
        date(2026, 1, 15),
        date(2026, 2, 1),
        date(2026, 12, 31),
    )


def test_a_number_in_another_spelling_is_taken(client: PageClient, app: Flask) -> None:
    resident = made.resident()
    made.contract(resident, "А-7/26")
    client.sign_in("staff")
    typed = {**FORM, "territory": "NU", "bin": f"БИН {resident.bin}", "number": "№ a–7 /26"}
    answer = client.submit(client.get("contracts.new"), typed, containing="number", expect=422)
    assert "the territory already has a contract А-7/26" in answer
    assert answer.fields(answer.form("number"))["number"] == "№ a–7 /26"
    page = client.get("contracts.amend", contract_id=only().id)
    client.submit(page, {"number": "а-7/26"}, containing="number", follow=True)
    assert only().number == "а-7/26", "its own number may be spelled another way"


def test_staff_conclude_a_contract_from_the_resident_s_page(client: PageClient, app: Flask) -> None:
    resident = made.resident()
    client.sign_in("staff")
    tab = client.get("contracts.of_resident", resident_id=resident.id)
    page = client.get(tab.links()["Conclude a contract"])
    assert "bin" not in page.fields(page.form("number"))
    client.submit(page, {**FORM, "ends_on": ""}, containing="number")
    assert (only().resident_id, only().ends_on) == (resident.id, None)
    client.get("contracts.new", query={"resident": 10_000}, expect=404)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"bin": bin_number(5)}, "has no entry in the register of NU"),
        ({"ends_on": "31.01.2026"}, "the contract cannot end before it starts"),
        ({"area_m2": "0"}, "an area must be greater than zero"),
        ({"amount": "12,345"}, "at most two decimals"),
        ({"number": ""}, "Fill in this field."),
        ({"kind": ""}, "Fill in this field."),
        ({"number": "Ш-1"}, "the territory already has a contract Ш-1"),
    ],
)
def test_a_refusal_is_said_at_the_field_and_nothing_typed_is_lost(
    client: PageClient, contract: Contract, changed: dict[str, str], message: str
) -> None:
    client.sign_in("staff")
    page = client.get("contracts.new")
    data = {**FORM, "territory": "NU", "bin": contract.resident.bin, **changed}
    answer = client.submit(page, data, containing="number", expect=422)
    (name,) = changed
    errors = [e for e in answer.all("div") if e.get("id") == f"{name}-error"]
    assert message in "".join(errors[0].itertext())
    assert answer.fields(answer.form("number"))["subject_kk"] == "Зертхана"
    assert len(queries.records(SYSTEM)) == 1


def test_a_start_before_the_signing_is_taken_and_told(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    data = {**FORM, "territory": "NU", "bin": contract.resident.bin, "starts_on": "14.01.2026"}
    client.submit(client.get("contracts.new"), data, containing="number")
    assert "the terms apply to relations begun before the signing" in client.get("contracts.index").text
    assert len(queries.records(SYSTEM)) == 2


def test_the_list_filters_and_says_what_ends_soon(client: PageClient, contract: Contract) -> None:
    other = made.resident(bin_number(1), name_ru="ТОО «Балхаш»", name_kk="«Балқаш» ЖШС", name_en="Balkhash LLP")
    made.contract(other, "B-1", ends_on=None, kind="rnd")
    client.sign_in("staff")
    for query, shown in (
        ({}, {"Ш-1", "B-1"}),
        ({"ends": "30"}, {"Ш-1"}),
        ({"ends": "x"}, {"Ш-1", "B-1"}),
        ({"search": "балқаш"}, {"B-1"}),
        ({"type": "rnd"}, {"B-1"}),
        ({"status": "in_force"}, {"Ш-1", "B-1"}),
        ({"status": "expired"}, set()),
        ({"territory": "YAFI"}, set()),
        ({"sort": "resident"}, {"Ш-1", "B-1"}),
        ({"sort": "nonsense", "page": "7"}, {"Ш-1", "B-1"}),
    ):
        page = client.get("contracts.index", query=query)
        assert {number for number in ("Ш-1", "B-1") if number in page.links()} == shown, query
    assert "ends soon" in client.get("contracts.index")
    assert "No contract matches" in client.get("contracts.index", query={"status": "expired"})


def test_terms_as_of_a_day(client: PageClient, contract: Contract) -> None:
    client.sign_in("auditor")
    now = client.get("contracts.show", contract_id=contract.id)
    assert "KZT 50,000.00" in now
    assert "20 days left" in now
    before = client.get("contracts.show", contract_id=contract.id, query={"date": "31.05.2026"})
    assert "Terms as of 31 May 2026" in before
    assert "Amount KZT 1,000,000.00" in before
    assert "not yet in effect" in before
    unsigned = client.get("contracts.show", contract_id=contract.id, query={"date": "01.01.2026"})
    assert "had not yet been signed" in unsigned


def test_staff_amend_the_record(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    page = client.get("contracts.amend", contract_id=contract.id)
    shown = client.submit(page, {"premises": "А корпусы", "number": "Ш-2"}, containing="number", follow=True)
    assert "has been amended" in shown
    assert (only().premises, only().number) == ("А корпусы", "Ш-2")
    page = client.get("contracts.amend", contract_id=contract.id)
    assert "Nothing was changed" in client.submit(page, containing="number", follow=True)
    page = client.get("contracts.amend", contract_id=contract.id)
    refused = client.submit(page, {"effective_on": "01.01.2026", "premises": "x"}, containing="number", expect=422)
    assert "cannot take effect before the contract is signed" in refused


def test_what_others_saved_meanwhile_is_not_overwritten(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    mine = client.get("contracts.amend", contract_id=contract.id)
    theirs = client.get("contracts.amend", contract_id=contract.id)
    client.submit(theirs, {"premises": "А корпусы", "amount": "5", "area_m2": "7"}, containing="number")
    typed = {"premises": "В корпусы", "area_m2": "7", "subject_ru": "Цех"}

    asked = client.submit(mine, typed, containing="number", expect=422)
    assert "Keep what stands in the record now: А корпусы" in asked
    assert "Write what stands in this form: В корпусы" in asked
    assert [name for name in asked.fields() if name.startswith("keep-")] == []
    assert len(asked.all("input", type="radio", name="keep-premises")) == 2
    again = client.submit(asked, containing="number", expect=422)
    assert "Keep what stands in the record now: А корпусы" in again
    assert only().premises == "А корпусы"

    client.submit(again, {"keep-premises": "mine"}, containing="number")
    stored = only()
    assert (stored.premises, stored.amount, stored.area_m2, stored.subject_ru) == ("В корпусы", 500, 700, "Цех")


def test_a_change_of_others_may_be_kept(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    mine = client.get("contracts.amend", contract_id=contract.id)
    theirs = client.get("contracts.amend", contract_id=contract.id)
    client.submit(theirs, {"starts_on": "01.02.2026"}, containing="number")
    asked = client.submit(mine, {"starts_on": "01.03.2026", "premises": "2"}, containing="number", expect=422)
    assert "1 Feb 2026" not in asked and "01.02.2026" in asked
    client.submit(asked, {"keep-starts_on": "theirs"}, containing="number")
    assert (only().starts_on, only().premises) == (date(2026, 2, 1), "2")


def test_an_amendment_of_an_earlier_day_leaves_the_other_fields_of_that_day(
    client: PageClient, contract: Contract
) -> None:
    client.sign_in("staff")
    page = client.get("contracts.amend", contract_id=contract.id)
    client.submit(page, {"amount": "7"}, containing="number")
    page = client.get("contracts.amend", contract_id=contract.id)
    client.submit(page, {"premises": "А корпусы", "effective_on": "01.03.2026"}, containing="number")
    (march,) = queries.records(SYSTEM, as_of=date(2026, 3, 1))
    assert (march.premises, march.amount) == ("А корпусы", 100_000_000)
    assert only().amount == 700


def test_staff_add_correct_and_annul_a_supplementary_agreement(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    page = client.get("contracts.add_addendum", contract_id=contract.id)
    data = {"number": "2", "signed_on": "01.07.2026", "effective_on": "01.08.2026", "ends_on": "31.12.2027"}
    shown = client.submit(page, data, containing="effective_on", follow=True)
    assert "its terms hold from 1 Aug 2026" in shown
    assert "Valid through 31 Dec 2027, inclusive" in shown
    second = queries.find_addendum(contract.id, "2")
    assert second is not None
    page = client.get("contracts.correct_addendum", contract_id=contract.id, addendum_id=second.id)
    refused = client.submit(page, {"ends_on": "31.12.2028"}, containing="reason", expect=422)
    assert "Fill in this field." in refused
    client.submit(page, {"ends_on": "31.12.2028", "reason": "қате терілген"}, containing="reason")
    assert only().last_end_on(today()) == date(2028, 12, 31)
    page = client.get("contracts.annul_addendum", contract_id=contract.id, addendum_id=second.id)
    shown = client.submit(page, {"reason": "басқа шарттікі"}, containing="reason", follow=True)
    assert [item.number for item in only().addenda] == ["1/2026"]
    assert "басқа шарттікі" in shown
    client.get("contracts.correct_addendum", contract_id=contract.id, addendum_id=second.id, expect=404)


def test_staff_terminate_correct_and_annul_the_termination(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    page = client.get("contracts.terminate", contract_id=contract.id)
    assert "no longer in force" in page
    refused = client.submit(page, {"termination_ground": " "}, containing="termination_ground", expect=422)
    assert "Fill in this field." in refused
    data = {"terminated_on": "01.09.2026", "termination_ground": "Тараптардың келісімі", "document_no": "5",
            "document_date": "30.08.2026"}  # fmt: skip
    shown = client.submit(page, data, containing="termination_ground", follow=True)
    assert "not in force from 1 Sep 2026 on" in shown
    assert "№ 5 30 Aug 2026" in shown
    again = client.submit(page, data, containing="termination_ground", expect=422)
    assert "already terminated" in again
    page = client.get("contracts.correct_termination", contract_id=contract.id)
    client.submit(page, {"terminated_on": "02.09.2026", "reason": "күні қате"}, containing="reason")
    assert only().terminated_on == date(2026, 9, 2)
    page = client.get("contracts.annul_termination", contract_id=contract.id)
    client.submit(page, {"reason": "басқа шарт"}, containing="reason")
    assert only().terminated_on is None


def test_a_contract_with_supplementary_agreements_is_not_annulled(client: PageClient, contract: Contract) -> None:
    client.sign_in("staff")
    page = client.get("contracts.annul", contract_id=contract.id)
    assert "Supplementary agreements rest on this contract (№ 1/2026). Annul them first" in page
    refused = client.submit(page, {"reason": "қате"}, containing="reason", expect=422)
    assert "Annul them first" in refused
    assert len(queries.records(SYSTEM)) == 1


def test_an_annulled_contract_keeps_its_history_and_offers_no_acts(client: PageClient, app: Flask) -> None:
    contract = made.contract(made.resident())
    client.sign_in("staff")
    page = client.get("contracts.annul", contract_id=contract.id)
    shown = client.submit(page, {"reason": "екі рет енгізілген"}, containing="reason", follow=True)
    assert "The contract has been annulled." in shown
    assert queries.records(SYSTEM) == []
    page = client.get("contracts.show", contract_id=contract.id)
    assert "екі рет енгізілген" in page
    assert "Amend the record" not in page.links()
    client.get("contracts.amend", contract_id=contract.id, expect=409)


def test_a_company_reads_its_own_contracts_and_changes_none(client: PageClient, contract: Contract) -> None:
    other = made.resident(bin_number(1))
    foreign = made.contract(other, "бөтен")
    (addendum,) = queries.addenda_of(contract)
    client.sign_in("resident")
    assert contract.resident.bin == people.COMPANY_BIN
    index = client.get("contracts.index")
    assert "Ш-1" in index
    assert "бөтен" not in index
    own = client.get("contracts.show", contract_id=contract.id)
    assert "Add a supplementary agreement" not in own.links()
    client.get("contracts.of_resident", resident_id=contract.resident_id)
    client.get("contracts.of_resident", resident_id=other.id, expect=404)
    client.get("contracts.show", contract_id=foreign.id, expect=404)
    for path in CHANGING:
        client.get(f"/contracts/{contract.id}/" + path.format(addendum=addendum.id), expect=403)
    client.get("contracts.new", expect=403)


def test_an_auditor_reads_everything_and_changes_nothing(client: PageClient, contract: Contract) -> None:
    client.sign_in("auditor")
    page = client.get("contracts.show", contract_id=contract.id)
    assert "Amend the record" not in page.links()
    client.get("contracts.terminate", contract_id=contract.id, expect=403)
    client.post(f"/contracts/{contract.id}/annul", {"reason": "x"}, expect=403)


def test_an_addendum_is_reached_through_its_own_contract_only(client: PageClient, contract: Contract) -> None:
    other = made.contract(contract.resident, "Ш-9")
    (addendum,) = queries.addenda_of(contract)
    client.sign_in("staff")
    client.get("contracts.annul_addendum", contract_id=other.id, addendum_id=addendum.id, expect=404)


def test_no_page_costs_more_for_more_rows(client: PageClient, contract: Contract) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    def cost(endpoint: str, **values: Any) -> int:
        client.get(endpoint, **values)
        seen.clear()
        client.get(endpoint, **values)
        return len(seen)

    client.sign_in("staff")
    event.listen(db.engine, "before_cursor_execute", note)
    pages: tuple[tuple[str, dict[str, Any]], ...] = (
        ("contracts.index", {}),
        ("contracts.index", {"ends": "90", "search": "Ш", "status": "in_force"}),
        ("contracts.of_resident", {"resident_id": contract.resident_id}),
        ("contracts.show", {"contract_id": contract.id}),
        ("contracts.show", {"contract_id": contract.id, "date": "2026-08-01"}),
    )
    before = [cost(endpoint, **values) for endpoint, values in pages]
    for number in range(2, 9):
        another = made.resident(bin_number(number))
        more = made.contract(another, f"Ш-{number}", ends_on=today() + timedelta(days=9))
        made.addendum(more, amount=number)
        made.contract(contract.resident, f"Ш-{number}/2")
        made.addendum(contract, str(number), amount=number)
    after = [cost(endpoint, **values) for endpoint, values in pages]
    event.remove(db.engine, "before_cursor_execute", note)
    assert after == before
    assert after[0] <= 6
    assert after[1] <= 6


def test_a_participant_without_a_contract_of_participation_is_noticed(client: PageClient, contract: Contract) -> None:
    entry = contract.resident
    client.sign_in("staff")
    said = "There is no contract on carrying out activities in force"
    assert said in client.get("residents.show", resident_id=entry.id).text
    made.contract(entry, "Қ-1", kind="participation")
    assert said not in client.get("residents.show", resident_id=entry.id).text


def test_a_number_longer_than_any_word_does_not_widen_the_list(client: PageClient) -> None:
    made.contract(made.resident(), "Ш" * 80)
    client.sign_in("staff")
    (number,) = client.get("/contracts").all("th", scope="row")
    assert number.get("title") == "Ш" * 80  # cut where there is no room for it
