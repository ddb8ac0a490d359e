"""A mistake in a register is corrected from the day the wrong value was to hold; a change holds from its own day on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from registry.contracts import queries as contracts
from registry.contracts import services as contract_services
from registry.contracts.models import Contract
from registry.errors import Conflict, DomainError, Invalid
from registry.exchange.queries import export_values
from registry.exchange.rules import Kind
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.journal import queries as journal
from registry.patents import queries as patents
from registry.patents import services as patent_services
from registry.patents.models import Patent
from registry.reports import queries as reports
from registry.residents import queries, services
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Status
from tests import factories
from tests.contracts import made
from tests.factories import NOW, bin_number
from tests.pages import PageClient
from tests.patents.conftest import recorded
from tests.people import COMPANY_BIN
from tests.reports import ready

BEGUN = date(2026, 1, 10)


@pytest.fixture
def entry(database: Flask) -> Resident:
    return factories.resident(COMPANY_BIN, registered_on=BEGUN, name_ru="ТОО «Акра»")


def name_on(entry: Resident, day: date) -> Any:
    [record] = queries.records(SYSTEM, as_of=day, ids=[entry.id])
    return record.name_ru


def test_a_mistake_is_corrected_in_old_registers_too(entry: Resident) -> None:
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "ТОО «Арка»"}, now=NOW, mistake="Қате терілген")
    assert name_on(entry, BEGUN) == entry.name_ru == "ТОО «Арка»"
    latest = journal.history(subjects=[("resident", entry.id)])[0][0]
    assert (latest.corrects, latest.reason) == (journal.creating_act(entry).sequence, "Қате терілген")
    assert journal.verify().problem is None


def test_a_change_leaves_old_registers_as_they_are(entry: Resident) -> None:
    day = date(2026, 3, 1)
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "ТОО «Жана»"}, effective_on=day, now=NOW)
        # The new name had a mistake of its own: it is corrected from the day of the change on, not before.
        services.amend_resident(SYSTEM, entry, values={"name_ru": "ТОО «Жаңа»"}, now=NOW, mistake="Қате")
    assert [name_on(entry, on) for on in (BEGUN, date(2026, 2, 28), day)] == ["ТОО «Акра»", "ТОО «Акра»", "ТОО «Жаңа»"]


def test_a_mistake_needs_its_reason(entry: Resident) -> None:
    with pytest.raises(DomainError) as refused, transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "Басқа"}, now=NOW, mistake=" ")
    assert refused.value.field == "reason"


def test_a_wrong_day_of_registration_is_corrected(entry: Resident) -> None:
    right = date(2026, 2, 1)
    with transaction():
        services.correct_registration(SYSTEM, entry, registered_on=right, reason="Шешім күні емес", now=NOW)
    assert entry.registered_on == right
    assert queries.records(SYSTEM, as_of=BEGUN, ids=[entry.id]) == []
    assert name_on(entry, right) == "ТОО «Акра»"
    assert journal.verify().problem is None
    for day, field in ((right, "registered_on"),):
        with pytest.raises(DomainError) as refused, transaction():
            services.correct_registration(SYSTEM, entry, registered_on=day, reason="?", now=NOW)
        assert refused.value.field == field
    factories.status_change(entry, "suspended", date(2026, 3, 1))
    with pytest.raises(DomainError), transaction():
        services.correct_registration(SYSTEM, entry, registered_on=date(2026, 4, 1), reason="?", now=NOW)
    with pytest.raises(DomainError), transaction():
        services.correct_registration(SYSTEM, entry, registered_on=BEGUN, reason=" ", now=NOW)


def test_two_entries_of_a_company_do_not_come_to_overlap(entry: Resident) -> None:
    factories.status_change(entry, "excluded", date(2026, 3, 1))
    again = factories.resident(COMPANY_BIN, registered_on=date(2026, 4, 1))
    with pytest.raises(Conflict), transaction():
        services.correct_registration(SYSTEM, again, registered_on=date(2026, 2, 1), reason="?", now=NOW)
    with transaction():
        services.correct_registration(SYSTEM, again, registered_on=date(2026, 3, 1), reason="?", now=NOW)


@pytest.fixture
def returned(entry: Resident) -> tuple[Resident, StatusChange, Resident]:
    """A company excluded on 15 March by mistake, back since June, with the third quarter accepted."""
    factories.status_change(entry, "suspended", date(2026, 2, 1))
    change = factories.status_change(entry, "excluded", date(2026, 3, 15))
    with transaction():
        services.correct_status_change(SYSTEM, change, values={"decision_date": None}, now=NOW)
    again = factories.resident(COMPANY_BIN, registered_on=date(2026, 6, 1))
    ready.stored(again, quarter=3)
    return entry, change, again


def corrected(change: StatusChange, day: date, reason: str = "Бұйрық күні қате") -> bool:
    with transaction():
        return services.correct_status_change(
            SYSTEM, change, values={"effective_on": day}, now=NOW + timedelta(days=1), reason=reason
        )


def test_a_wrong_day_of_exclusion_is_corrected_after_the_company_returned(
    returned: tuple[Resident, StatusChange, Resident],
) -> None:
    entry, change, _again = returned
    assert corrected(change, date(2026, 2, 15))
    assert not corrected(change, date(2026, 2, 15))
    assert change.effective_on == date(2026, 2, 15)
    [before] = queries.records(SYSTEM, as_of=date(2026, 2, 14), ids=[entry.id])
    [since] = queries.records(SYSTEM, as_of=date(2026, 2, 15), ids=[entry.id])
    [as_was_known] = queries.records(SYSTEM, as_of=date(2026, 3, 14), known_at=NOW, ids=[entry.id])
    assert (before.excluded_on, since.excluded_on, as_was_known.excluded_on) == (None, date(2026, 2, 15), None)
    assert [row.id for row in queries.participants(SYSTEM, date(2026, 3, 1))] == []
    assert [row.id for row in queries.participants(SYSTEM, date(2026, 3, 1), known_at=NOW)] == [entry.id]
    latest = journal.history(subjects=[("status_change", change.id)])[0][0]
    assert (latest.corrects, latest.effective_on, latest.reason) == (
        journal.creating_act(change).sequence,
        date(2026, 2, 15),
        "Бұйрық күні қате",
    )
    assert journal.verify().problem is None
    assert list(derived.differences()) == []
    # The day is the key of the exchange: it is found under the right one and no longer under the wrong one.
    exported = export_values(SYSTEM, Kind.STATUS_CHANGES)
    assert [row["effective_on"] for row in exported] == [date(2026, 2, 1), date(2026, 2, 15)]


@pytest.mark.parametrize(
    ("day", "reason", "field", "message"),
    [
        (date(2026, 2, 15), " ", "reason", "required"),
        (date(2026, 1, 20), "Қате", "effective_on", "after the change of status before"),
        (date(2026, 1, 9), "Қате", "effective_on", "before the entry"),
        (date(2026, 2, 1), "Қате", "effective_on", "already recorded"),
        (date(2026, 6, 2), "Қате", "effective_on", "newer entry had already begun"),
        (date(2026, 9, 1), "Қате", "effective_on", "already recorded"),
    ],
)
def test_a_corrected_day_keeps_its_place_among_the_changes(
    returned: tuple[Resident, StatusChange, Resident], day: date, reason: str, field: str, message: str
) -> None:
    _entry, change, again = returned
    factories.status_change(again, "suspended", date(2026, 9, 1))
    with pytest.raises(DomainError) as refused:
        corrected(change, day, reason)
    problems = refused.value.problems if isinstance(refused.value, Invalid) else [(refused.value.field, refused.value)]
    assert [name for name, _message in problems] == [field]
    assert message in str(problems[0][1])
    assert change.effective_on == date(2026, 3, 15)
    # The day on which the newer entry begins is the last one possible.
    assert corrected(change, date(2026, 6, 1))


def test_a_corrected_suspension_moves_by_itself(entry: Resident) -> None:
    item = factories.status_change(entry, "suspended", date(2026, 3, 1))
    factories.status_change(entry, "resumed", date(2026, 4, 1))
    with pytest.raises(DomainError):
        corrected(item, date(2026, 4, 2))
    assert corrected(item, date(2026, 3, 20))
    [record] = queries.records(SYSTEM, as_of=date(2026, 3, 10), ids=[entry.id])
    assert record.status_on(date(2026, 3, 10)) is Status.ACTIVE
    assert list(derived.differences()) == []


def test_a_mistake_in_a_contract_is_corrected_from_its_signing_on(entry: Resident) -> None:
    contract: Contract = made.contract(entry, area_m2=4550)
    with transaction():
        contract_services.amend_contract(SYSTEM, contract, values={"area_m2": 5540}, now=NOW, mistake="Қате")
    state = journal.state_of(contract, as_of=made.FIRST)
    assert state is not None
    assert (contract.area_m2, state.values["area_m2"]) == (5540, 5540)
    assert contracts.addenda_of(contract) == []


def patent_on(patent: Patent, day: date) -> Any:
    [record] = patents.records(SYSTEM, as_of=day, ids=[patent.id])
    return record.name_ru, record.holders, record.over_time.registered


def test_a_mistake_in_a_patent_is_corrected_in_old_registers_too(entry: Resident) -> None:
    patent = recorded()
    granted, sold = date(2026, 2, 1), date(2026, 5, 1)
    other = bin_number(9)
    with transaction():
        patent_services.amend_patent(
            SYSTEM, patent, values={"name_ru": "Способ прлучения", "holders": other}, now=NOW, mistake="Қате терілген"
        )
    assert patent_on(patent, granted) == ("Способ прлучения", other, other)
    with transaction():
        patent_services.record_transfer(SYSTEM, patent, event_on=sold, holders=bin_number(8), now=NOW)
    with transaction():
        values = {"name_ru": "Способ получения", "holders": COMPANY_BIN}
        patent_services.amend_patent(SYSTEM, patent, values=values, now=NOW, mistake="Қате терілген")
    # The last holders were mistaken, not those of the registration.
    assert patent_on(patent, granted) == ("Способ получения", other, other)
    assert patent_on(patent, sold) == ("Способ получения", COMPANY_BIN, other)
    told = [act.reason for act in journal.entries_about(patent) if act.corrects]
    assert told == ["Қате терілген"] * 3
    assert list(derived.differences()) == []
    with pytest.raises(DomainError) as refused, transaction():
        patent_services.amend_patent(SYSTEM, patent, values={"name_ru": "Басқа"}, now=NOW, mistake=" ")
    assert refused.value.field == "reason"


def test_the_page_of_a_patent_asks_it_too(app: Flask, client: PageClient) -> None:
    factories.resident(COMPANY_BIN, registered_on=BEGUN)
    patent = recorded()
    client.sign_in("staff")
    page = client.get("patents.amend", patent_id=patent.id)
    assert page.fields(page.form("nature"))["nature"] == "changed"
    page = client.submit(page, {"nature": "mistake", "name_ru": "Жаңа"}, containing="nature", expect=422)
    client.submit(page, {"reason": "Қате"}, containing="nature", follow=True)
    assert patent_on(patent, date(2026, 2, 1))[0] == "Жаңа"


def test_the_page_asks_which_of_the_two_it_is(app: Flask, client: PageClient) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=BEGUN, name_ru="ТОО «Акра»")
    client.sign_in("staff")
    page = client.get("residents.amend", resident_id=entry.id)
    assert page.fields(page.form("nature"))["nature"] == "changed"
    typed = {"nature": "mistake", "name_ru": "ТОО «Арка»"}
    page = client.submit(page, typed, containing="nature", expect=422)
    assert "#reason" in {e.get("href") for e in page.all("a")}
    client.submit(page, {"reason": "Қате"}, containing="nature", follow=True)
    db.session.expire_all()
    assert name_on(entry, BEGUN) == "ТОО «Арка»"
    # A form that does not say which means a change, as it did before.
    page = client.get("residents.amend", resident_id=entry.id)
    client.submit(page, {"nature": None, "name_ru": "ТОО «Кейін»"}, containing="name_ru", follow=True)
    db.session.expire_all()
    assert (name_on(entry, BEGUN), entry.name_ru) == ("ТОО «Арка»", "ТОО «Кейін»")


def test_the_page_asks_about_accepted_quarters_before_the_right_day(app: Flask, client: PageClient) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=BEGUN)
    ready.stored(entry, quarter=1)
    client.sign_in("staff")
    page = client.get("residents.correct_registration", resident_id=entry.id)
    page = client.submit(page, {"registered_on": "01.04.2026", "reason": "Қате"}, containing="reason", expect=422)
    assert "Reports already accepted lie before this day: Q1" in page.text.replace("\u00a0", " ")
    client.submit(page, {"confirmed": "1"}, containing="reason", follow=True)
    db.session.expire_all()
    assert entry.registered_on == date(2026, 4, 1)
    # Back to the first day: the quarter comes into participation again, which is asked about too.
    page = client.get("residents.correct_registration", resident_id=entry.id)
    page = client.submit(page, {"registered_on": "10.01.2026", "reason": "Қате"}, containing="reason", expect=422)
    assert "This act reaches quarters already accepted: Q1" in page.text.replace("\u00a0", " ")


def test_the_page_of_an_exclusion_corrects_its_day_and_names_what_moves(app: Flask, client: PageClient) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=BEGUN)
    change = factories.status_change(entry, "excluded", date(2026, 7, 15))
    for quarter in (1, 2, 3):
        ready.stored(entry, quarter=quarter)
    client.sign_in("staff")
    page = client.get("residents.show", resident_id=entry.id)
    address = f"/residents/{entry.id}/changes/{change.id}/correct"
    assert address in page.links().values()
    typed = {"effective_on": "15.02.2026", "decision_date": "14.02.2026", "reason": "Бұйрық күні қате"}
    page = client.submit(client.get(address), typed, containing="reason", expect=422)
    text = page.text.replace("\u00a0", " ")
    assert "Reports already accepted lie after this day: Q2 2026, Q3 2026. The company then took no part" in text
    assert "This act reaches quarters already accepted: Q1 2026." in text
    client.submit(page, {"confirmed": "1"}, containing="reason", follow=True)
    db.session.expire_all()
    assert (change.effective_on, change.decision_date) == (date(2026, 2, 15), date(2026, 2, 14))
    page = client.submit(client.get(address), typed | {"effective_on": "01.05.2026"}, containing="reason", expect=422)
    # The third quarter lies after either day, and nothing becomes of it.
    text = page.text.replace("\u00a0", " ")
    assert "This act reaches quarters already accepted: Q1 2026, Q2 2026." in text
    assert "Q3 2026" not in text


def found(search: str, day: date) -> dict[str, int]:
    """How many rows each list shows for a search."""
    lists = {
        "residents": queries.list_statement(SYSTEM, day=day, language="ru", search=search),
        "contracts": contracts.list_statement(SYSTEM, day=day, language="ru", search=search),
        "patents": patents.list_statement(SYSTEM, day=day, language="ru", search=search),
        "reports": reports.list_statement(SYSTEM, search=search),
    }
    return {name: len(db.session.execute(statement).all()) for name, statement in lists.items()}


def test_a_company_is_found_by_its_former_name_but_not_by_a_mistake(entry: Resident) -> None:
    """The name it had, whether it was another or is still used on papers; a mistyped one is the name of nobody."""
    made.contract(entry)
    recorded()
    ready.stored(entry, quarter=1)
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "ТОО «Арка»"}, now=NOW, mistake="Қате терілген")
    renamed = date(2026, 9, 1)
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"name_ru": "ТОО «Тас»"}, now=NOW, effective_on=renamed)
    once = dict.fromkeys(("residents", "contracts", "patents", "reports"), 1)
    assert found("тас", renamed) == found("арка", renamed) == once
    assert found("акра", renamed) == dict.fromkeys(once, 0)
    # On an earlier day nobody knew of the later name.
    assert found("тас", date(2026, 8, 31))["residents"] == 0
