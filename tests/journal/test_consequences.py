"""What follows from acts on the register: named beforehand, asked about, forbidden, and done."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask

from registry.errors import Conflict
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.papers import queries as papers
from registry.papers.rules import State
from registry.residents import services
from registry.residents.queries import status_changes
from registry.residents.rules import excluded_on
from registry.territories.queries import by_code
from tests import factories
from tests.contracts import made
from tests.factories import NOW
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready

LATER = NOW + timedelta(days=1)


@pytest.mark.parametrize("kind", ["contract", "change", "report"])
def test_an_entry_on_which_others_rest_is_not_annulled_and_they_are_named(app: Flask, kind: str) -> None:
    entry = made.resident()
    named = {
        "contract": lambda: made.contract(entry, "Ш-7") and "Contracts rest on this entry (№ Ш-7)",
        "change": lambda: (
            factories.status_change(entry, "suspended", date(2026, 3, 1))
            and "Changes of status rest on this entry (1\u00a0Mar\u00a02026)"
        ),
        "report": lambda: ready.accepted(entry) and "Reports rest on this entry (Q3\u00a02026)",
    }[kind]()
    with pytest.raises(Conflict) as refused, transaction():
        services.annul_resident(SYSTEM, entry, reason="x", now=NOW)
    assert str(named) in str(refused.value)


def test_papers_about_an_entry_recorded_in_error_are_revoked_with_it(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    factories.resident(COMPANY_BIN)
    paper = world.issued("extract")
    number, entry_id = paper.act.number, paper.act.resident_id
    client.sign_in("staff")
    page = client.get("residents.annul", resident_id=entry_id)
    assert f"Papers about this entry are revoked with it: № {number}" in page
    refused = client.submit(page, {"reason": "Басқа компания"}, containing="reason", expect=422)
    assert "Read what follows from this act and confirm it." in refused
    assert papers.validity(papers.get_document(paper.id, SYSTEM), date(2026, 12, 31)).state is State.VALID
    client.submit(refused, {"confirmed": "1"}, containing="reason")
    held = papers.validity(papers.get_document(paper.id, SYSTEM), date(2100, 1, 1))
    assert (held.state, held.reason, held.note) == (State.REVOKED, "revoked", "Басқа компания")


def test_targets_of_a_time_that_papers_show_name_them_and_ask(
    client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    own = world.issued("indicators", territory=by_code("NU")).act.number
    national = world.issued("indicators").act.number
    client.sign_in("staff")
    page = client.get("indicators.plan", query={"territory": "NU"})
    typed = {"target_1_2026": "5", "target_6_2026": "3", "act_no": "1", "act_date": "01.02.2026"}
    asked = client.submit(page, typed, containing="act_no", expect=422)
    named = f"Papers already issued (2) show that time as it was known: № {national}, № {own}."
    assert asked.text.count(named) == 1
    done = client.submit(asked, {"confirmed": "1"}, containing="act_no", follow=True)
    assert "2 targets set." in done
    later = {"target_1_2030": "5", "act_no": "2", "act_date": "01.02.2026"}
    page = client.get("indicators.plan", query={"territory": "NU"})
    assert "1 target set." in client.submit(page, later, containing="act_no", follow=True)
    rank = {"value": "30", "source": "WIPO", "edition": "2026", "effective_on": "29.09.2026"}
    page = client.get("indicators.external", query={"year": "2026"})
    assert named in client.submit(page, rank, containing="edition", expect=422)


def test_an_exclusion_before_accepted_quarters_names_them_and_asks(client: PageClient) -> None:
    entry = made.resident()
    ready.accepted(entry)
    client.sign_in("staff")
    page = client.get("residents.change_status", resident_id=entry.id, change="excluded")
    typed = {
        "effective_on": "01.07.2026", "ground": "own_request", "decision_no": "5", "decision_date": "01.07.2026",
    }  # fmt: skip
    asked = client.submit(page, typed, containing="ground", expect=422)
    assert "Reports already accepted lie after this day: Q3 2026" in asked
    done = client.submit(asked, {"confirmed": "1"}, containing="ground", follow=True)
    assert "The resident is excluded" in done


def test_a_tick_confirms_what_stood_above_it_and_nothing_else(client: PageClient) -> None:
    entry = made.resident()
    ready.stored(entry, quarter=2)
    ready.accepted(entry)
    client.sign_in("staff")
    page = client.get("residents.change_status", resident_id=entry.id, change="excluded")
    typed = {
        "effective_on": "01.07.2026", "ground": "own_request", "decision_no": "5", "decision_date": "01.04.2026",
    }  # fmt: skip
    asked = client.submit(page, typed, containing="ground", expect=422)
    assert "Reports already accepted lie after this day: Q3 2026" in asked
    earlier = {"effective_on": "01.04.2026", "confirmed": "1"}
    asked = client.submit(asked, earlier, containing="ground", expect=422)
    assert "Reports already accepted lie after this day: Q2 2026, Q3 2026" in asked
    (tick,) = asked.all("input", id="confirmed")
    assert tick.get("checked") is None
    # A form that does not say what it showed confirms what follows now.
    values = asked.fields(asked.form("ground")) | {"confirmed": "1"}
    del values["told"]
    client.post("residents.change_status", values, resident_id=entry.id, change="excluded", follow=True)
    assert excluded_on(status_changes(entry)) == date(2026, 4, 1)
