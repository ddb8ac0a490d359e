"""Papers whose data a later act changed: their public page names the act, and staff see the list."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from registry.contracts import services as agreements
from registry.errors import DomainError
from registry.indicators import services as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.findings import noticing
from registry.papers import aftermath, services
from registry.papers.models import Document
from registry.residents import services as residents
from registry.residents.models import Resident, StatusChange
from registry.residents.rules import Change
from registry.territories.models import Territory
from registry.territories.queries import by_code
from tests import factories
from tests.contracts import made as contracts
from tests.exchange.made import take
from tests.factories import NOW, bin_number
from tests.pages import PageClient
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready as reports

pytestmark = pytest.mark.thorough

LATER = NOW + timedelta(days=1)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of one line each: their look is tested elsewhere."""
    world.print_quickly(monkeypatch)


def changed(paper: Document) -> list[str]:
    return [entry.action for entry in aftermath.later_acts(paper.act)]


def nu(kind: str) -> Document:
    return world.issued(kind, territory=by_code("NU", SYSTEM))


def test_a_later_act_is_named_on_the_papers_it_changed_and_on_no_other(database: Flask) -> None:
    entries = world.build()
    papers = {kind: nu(kind) for kind in ("participants", "contracts", "patents", "taxes")}
    papers["extract"] = world.issued("extract")
    assert {kind: changed(paper) for kind, paper in papers.items()} == {key: [] for key in papers}
    with transaction():
        residents.amend_resident(SYSTEM, entries[bin_number(1)], values={"email": "a@b.kz"}, now=LATER)
        residents.amend_resident(SYSTEM, entries[bin_number(1)], values={"name_en": "Issyk"}, now=LATER)
    # It takes effect after the papers' day.
    assert {kind: changed(paper) for kind, paper in papers.items()} == {key: [] for key in papers}
    with transaction():
        residents.amend_resident(
            SYSTEM, entries[bin_number(1)], values={"phone": "7"}, now=LATER, effective_on=world.DAY
        )
        residents.amend_resident(
            SYSTEM, entries[bin_number(1)], values={"name_en": "Y"}, now=LATER, effective_on=world.DAY
        )
    assert {kind: found for kind, paper in papers.items() if (found := changed(paper))} == {
        "participants": ["resident_amended"]
    }
    contracts.contract(entries[COMPANY_BIN], "Ш-9")
    assert changed(papers["contracts"]) == changed(papers["extract"]) == ["contract_concluded"]
    reports.stored(entries[bin_number(2)], world.LINES)
    assert changed(papers["taxes"]) == ["period_opened", "report_accepted"] or changed(papers["taxes"]) == [
        "report_accepted"
    ]
    assert changed(papers["patents"]) == []
    factories.resident(bin_number(5), territory="YAFI", registered_on=world.DAY)
    assert len(changed(papers["participants"])) == 1
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", listener := lambda *given: asked.append(given[2]))
    listed = aftermath.changed_papers(SYSTEM)
    event.remove(db.engine, "before_cursor_execute", listener)
    assert {paper.id: [act.action for act in acts] for paper, acts in listed} == {
        papers[kind].id: changed(papers[kind]) for kind in ("participants", "contracts", "extract", "taxes")
    }
    assert len([statement for statement in asked if "journal_entry" in statement]) == 1


def test_papers_that_print_a_company_s_name_are_changed_by_another_one(database: Flask) -> None:
    entries = world.build()
    kinds = ("participants", "contracts", "premises", "patents", "fees", "taxes", "revenues", "debtors")
    papers = {kind: nu(kind) for kind in kinds}
    names = {"name_kk": "«Басқа» ЖШС", "name_ru": "ТОО «Другое»"}
    with noticing() as noticed, transaction():
        residents.amend_resident(SYSTEM, entries[COMPANY_BIN], values=names, now=LATER, effective_on=world.DAY)
    (told,) = [str(finding) for finding in noticed]
    assert told.startswith(f"Papers already issued ({len(kinds)})")
    assert {kind: changed(paper) for kind, paper in papers.items()} == {kind: ["resident_amended"] for kind in kinds}


def test_an_addendum_dated_back_is_asked_about(client: PageClient, app: Flask) -> None:
    entries = world.build()
    agreed = contracts.contract(entries[COMPANY_BIN], "Ш-9")
    paper, other = nu("contracts"), world.issued("extract", resident=bin_number(1))
    client.sign_in("staff")
    page = client.get("contracts.add_addendum", contract_id=agreed.id)
    given = {"number": "1", "signed_on": "30.09.2026", "effective_on": "30.09.2026", "amount": "7"}
    asked = client.submit(page, given, containing="effective_on", expect=422)
    assert paper.act.number in asked.text and other.act.number not in asked.text
    assert changed(paper) == []
    client.submit(asked, {"confirmed": "1"}, containing="effective_on")
    assert changed(paper) == ["addendum_concluded"]


def test_a_file_reads_the_papers_once_for_all_of_its_rows(database: Flask) -> None:
    world.build()
    paper = nu("contracts")
    rows = [
        {"territory": "NU", "bin": COMPANY_BIN, "kind": "lease", "number": f"Ф-{number}", "signed_on": "2026-03-01",
         "starts_on": "2026-03-01", "ends_on": "2027-01-01"}
        for number in range(30)
    ]  # fmt: skip
    asked: list[str] = []
    event.listen(db.engine, "before_cursor_execute", listener := lambda *given: asked.append(given[2]))
    result = take("contracts", *rows, now=LATER)
    event.remove(db.engine, "before_cursor_execute", listener)
    assert len([warning for warning in result.warnings if paper.act.number in str(warning)]) == len(rows)
    assert len([statement for statement in asked if "document_act" in statement]) == 1


def test_the_public_page_says_so_and_staff_see_the_list(client: PageClient, app: Flask) -> None:
    entries = world.build()
    paper = nu("participants")
    said = "Later acts changed these data: see №"
    assert said not in client.get("documents.check_document", code=paper.code)
    with transaction():
        residents.amend_resident(
            SYSTEM, entries[COMPANY_BIN], values={"name_en": "Y"}, now=LATER, effective_on=world.DAY
        )
    (entry,) = aftermath.later_acts(paper.act)
    page = client.get("documents.check_document", code=paper.code)
    assert f"{said} {entry.sequence} of the journal" in page
    assert "was issued and is valid" in page
    client.sign_in("staff")
    assert paper.number in client.get("documents.changed")
    assert said in client.get("documents.show", document_id=paper.id)


def test_an_entry_recorded_in_error_takes_its_papers_with_it(client: PageClient, app: Flask) -> None:
    entry = factories.resident(bin_number(7), registered_on=world.DAY)
    revoked = world.issued("extract", resident=bin_number(7), as_of=world.TODAY)
    paper = world.issued("certificate", resident=bin_number(7), as_of=world.TODAY)
    with transaction():
        services.revoke(SYSTEM, revoked.act, reason="Ескі", now=LATER)
    with transaction():
        residents.annul_resident(SYSTEM, entry, reason="Қате тіркелген", now=LATER)
    page = client.get("documents.check_document", code=paper.code)
    assert "Қате тіркелген" in page and "is valid" not in page
    assert "Ескі" in client.get("documents.check_document", code=revoked.code)


def test_a_certificate_needs_the_number_of_a_decision(database: Flask) -> None:
    entry = factories.resident(bin_number(7), registered_on=world.DAY, decision_no=None)
    with pytest.raises(DomainError) as caught:
        world.issued("certificate", resident=bin_number(7), as_of=world.TODAY)
    assert "no number of the decision" in str(caught.value)
    with transaction():
        residents.amend_resident(SYSTEM, entry, values={"decision_no": "1-Ш"}, now=NOW)
    with noticing() as noticed:
        world.issued("certificate", resident=bin_number(7), as_of=world.TODAY)
    assert any("no contract on carrying out activities" in str(finding) for finding in noticed)
    contracts.contract(entry, "Қ-1", kind="participation")
    with noticing() as noticed:
        world.issued("certificate", resident=bin_number(7), as_of=world.TODAY, language="ru")
    assert noticed == []


def test_an_act_before_papers_were_issued_names_them(database: Flask) -> None:
    entries = world.build()
    papers = {kind: nu(kind) for kind in ("participants", "contracts", "patents")}
    other = world.issued("extract", resident=bin_number(1))
    details = {"change": Change.SUSPENDED, "ground": "breach", "decision_no": "5", "now": LATER}
    with noticing() as noticed, transaction():
        residents.change_status(SYSTEM, entries[COMPANY_BIN], effective_on=world.DAY, **details)
    (told,) = [str(finding) for finding in noticed]
    assert f"№ {papers['participants'].act.number}." in told
    assert told.startswith("Papers already issued (1)")
    assert other.act.number not in told
    with noticing() as noticed, transaction():
        day = world.DAY + timedelta(days=1)
        residents.change_status(SYSTEM, entries[bin_number(1)], effective_on=day, **details)
    assert noticed == []


def test_an_extract_shows_what_the_company_reports_under_another_entry(database: Flask) -> None:
    """A report accepted, and an exclusion, of one entry change the figures of the extract from the other."""
    first = factories.resident(bin_number(7), registered_on=date(2025, 12, 1))
    factories.status_change(first, "excluded", date(2026, 3, 15))
    second = factories.resident(bin_number(7), registered_on=date(2026, 4, 1))
    extract = world.issued("extract", resident=bin_number(7), as_of=world.TODAY)
    assert extract.act.resident_id == second.id
    reports.stored(first, quarter=1, now=LATER)
    assert changed(extract) == ["report_accepted"]
    change = db.session.scalars(sa.select(StatusChange).where(StatusChange.resident_id == first.id)).one()
    with noticing() as noticed, transaction():
        moved = {"effective_on": date(2026, 3, 31)}
        residents.correct_status_change(SYSTEM, change, values=moved, now=LATER, reason="misread")
    assert any(f"№ {extract.act.number}." in str(finding) for finding in noticed)
    assert changed(extract) == ["report_accepted", "status_corrected"]


Correct = Callable[[date, datetime], object]
"""Corrects the day of something on record."""


def addendum_of_june(entry: Resident) -> Correct:
    own = contracts.addendum(contracts.contract(entry, "Ш-9"), amount=2_000_000_00)
    return lambda day, now: agreements.correct_addendum(SYSTEM, own, values={"effective_on": day}, now=now)


def termination_of_june(entry: Resident) -> Correct:
    agreed, day = contracts.contract(entry, "Ш-9"), date(2026, 6, 1)
    with transaction():
        agreements.terminate_contract(SYSTEM, agreed, terminated_on=day, ground="by agreement", now=NOW)
    return lambda day, now: agreements.correct_termination(
        SYSTEM, agreed, terminated_on=day, ground="by agreement", now=now
    )


def entry_of_january(entry: Resident) -> Correct:
    return lambda day, now: residents.correct_registration(SYSTEM, entry, registered_on=day, reason="Қате", now=now)


@pytest.mark.parametrize(
    ("begin", "kind", "action"),
    [
        (addendum_of_june, "contracts", "addendum_corrected"),
        (termination_of_june, "contracts", "contract_amended"),
        (entry_of_january, "participants", "resident_amended"),
    ],
)
def test_a_correction_that_moves_a_day_past_the_paper_s_is_named(
    database: Flask, begin: Callable[[Resident], Correct], kind: str, action: str
) -> None:
    """What took effect by the paper's day does so no longer; a correction among later days changes nothing in it."""
    world.build()
    correct = begin(factories.resident(bin_number(6), registered_on=date(2026, 1, 10)))
    later = itertools.count(1)

    def moved_to(day: date) -> list[str]:
        with noticing() as noticed, transaction():
            correct(day, NOW + timedelta(days=next(later)))
        return [str(finding) for finding in noticed if "Papers already issued" in str(finding)]

    paper, extract = nu(kind), world.issued("extract", resident=bin_number(6), as_of=world.DAY)
    (told,) = moved_to(date(2026, 10, 2))
    assert paper.act.number in told and extract.act.number in told
    assert changed(paper) == changed(extract) == [action]
    assert [found.id for found, _acts in aftermath.changed_papers(SYSTEM)] == [extract.id, paper.id]
    between = nu(kind)
    assert moved_to(date(2026, 10, 3)) == []
    assert (changed(paper), changed(between)) == ([action], [])
    assert moved_to(date(2026, 6, 2)) != []
    assert (changed(paper), changed(between)) == ([action, action], [action])


def test_changed_targets_and_ranks_are_named_on_papers_that_show_them(database: Flask) -> None:
    world.build()
    own, other = by_code("NU", SYSTEM), by_code("YAFI", SYSTEM)
    papers = {
        "own": nu("indicators"),
        "all": world.issued("indicators"),
        "own year": nu("annual"),
        "all years": world.issued("annual"),
        "quarter": world.issued("indicators", territory=own, year=2026, quarter=3),
        "taxes": nu("taxes"),
        "another": world.issued("indicators", territory=other),
    }

    def found() -> set[str]:
        named = {key for key, paper in papers.items() if changed(paper)}
        assert {paper.id for paper, _acts in aftermath.changed_papers(SYSTEM)} == {papers[key].id for key in named}
        return named

    def target(territory: Territory | None, year: int, act_date: date = world.DAY) -> None:
        with transaction():
            indicators.set_target(
                SYSTEM, territory=territory, indicator=1, year=year, value=7_00, act_no="5", act_date=act_date,
                now=LATER,
            )  # fmt: skip

    assert found() == set()
    target(own, 2026, act_date=world.TODAY)
    target(own, 2031)
    target(other, 2027)
    assert found() == set(), "of a later day, of years they do not tell of"
    target(other, 2026)
    assert found() == {"all", "all years", "another"}
    target(own, 2027)
    assert found() == {"all", "all years", "another", "own year"}
    target(own, 2026)
    assert found() == {"all", "all years", "another", "own year", "own", "quarter"}
    assert changed(papers["own"]) == ["target_set"]
    target(None, 2026)
    assert (len(changed(papers["own"])), len(changed(papers["all"]))) == (1, 3)
    with transaction():
        indicators.set_external_value(
            SYSTEM, year=2026, value=30_00, source="GII", edition="2026", effective_on=world.DAY, now=LATER
        )
    assert [changed(papers[key])[-1] for key in ("own", "all", "own year")] == ["external_value_set"] * 3
    assert changed(papers["taxes"]) == []
