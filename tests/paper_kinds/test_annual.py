"""The annual report: its first page, what fell short and why, what is known of a territory, and its annexes."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from flask import Flask

from registry.errors import DomainError
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.infra.i18n import LANGUAGES
from registry.paper_kinds import kinds, snapshots
from registry.paper_kinds.annual import KIND
from registry.paper_kinds.annual_data import Annual
from registry.paper_kinds.data import data_of
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.rules import Period
from registry.papers import queries
from registry.papers.requests import order, order_of
from registry.papers.services import replacements, request_document
from registry.printing import formats
from registry.printing.layout import Facts, Paper, Paragraph, Section, Table
from registry.territories.queries import by_code
from registry.territories.services import amend_territory
from tests import factories, people
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready as reports

pytestmark = pytest.mark.thorough


def collected(*without: str, territory: str | None = "NU") -> snapshots.Snapshot:
    where = by_code(territory) if territory else None
    return kinds.collect(KIND, Asked(Period(world.TODAY, 2026), where, without=without))


def composed(language: str = "ru", *without: str, territory: str | None = "NU") -> Paper:
    return formats.in_print(kinds.compose(collected(*without, territory=territory), language), language)


def section(paper: Paper, number: int) -> Section:
    return next(part for part in paper.sections if part.heading.startswith(f"{number}."))


def words(part: Section) -> str:
    found = []
    for block in part.blocks:
        if isinstance(block, Paragraph):
            found.append(block.text)
        elif isinstance(block, Facts):
            found += [f"{label}: {cell.text}" for label, cell in block.rows]
        elif isinstance(block, Table):
            found += [block.caption, *(cell.text for row in block.rows for cell in row.cells)]
    return "\n".join(found).replace("\xa0", " ")


def test_the_first_page_says_what_was_reached(app: Flask) -> None:
    world.build()
    summary = section(composed(territory=None), 1)
    (table,) = (block for block in summary.blocks if isinstance(block, Table))
    assert [row.cells[0].text for row in table.rows] == ["1", "2", "3", "4", "5", "6"]
    assert len(table.columns) == 7, "plan, actual, percentage and coverage stand beside each other"
    said = words(summary)
    assert "План не выполнен по индикаторам (процент исполнения): 1 (0,1 %)" in said
    assert "6 (10,0 %)" in said
    assert "Фактическое значение неизвестно по индикатору 2." in said
    assert "ожидается – 12, принято – 1" in said
    assert "Отчетный год не завершен" in said


def test_plans_that_are_met_are_told_apart_from_those_that_are_not() -> None:
    snapshot = kinds.load((snapshots_of("annual")).strip())
    figures = {1: "100.0", 3: "99.9", 4: "250.0"}
    changed = tuple(
        replace(item, percent=figures.get(item.number), actual=item.actual or 100)
        for item in snapshot.body.indicators.indicators
    )
    body = replace(snapshot.body, indicators=replace(snapshot.body.indicators, indicators=changed))
    paper = formats.in_print(kinds.compose(replace(snapshot, body=body), "en"), "en")
    said = words(section(paper, 1))
    assert "The plan is met for indicators 1 (100.0%), 4 (250.0%)." in said
    assert "The plan is not met for indicator 3 (99.9%)" in said
    below = next(block for block in section(paper, 4).blocks if isinstance(block, Table))
    assert [row.cells[0].text for row in below.rows] == ["3"]


def snapshots_of(kind: str) -> str:
    from tests.printing.look import STORED

    return (STORED / f"{kind}.json").read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
def test_causes_are_those_given_in_accepted_reports_and_no_others(app: Flask, language: str) -> None:
    entries = world.build()
    silent = {"kk": "түсіндірме берілмеген", "ru": "пояснений о причинах отклонений не дано", "en": "No explanation"}
    assert silent[language] in words(section(composed(language), 4)) or not _missed()
    report = reports.draft(entries[COMPANY_BIN], world.LINES, year=2026, quarter=2)
    reports.fill(report, world.LINES, explanation="Жабдық кеш жеткізілді")
    reports.send(report)
    assert "Жабдық" not in words(section(composed(language), 4)), "not accepted yet"
    reports.accept(report)
    told = words(section(composed(language), 4))
    assert "Жабдық кеш жеткізілді" in told
    assert COMPANY_BIN in told
    assert silent[language] not in told
    assert "Жабдық" in data_of(collected()).snapshot


def _missed() -> bool:
    return any(item.percent and float(item.percent) < 100 for item in collected().body.indicators.indicators)


def test_a_passport_leaves_out_what_is_not_known(app: Flask) -> None:
    world.build()
    before = words(section(composed(), 2))
    for absent in ("–", "не ведется", "Руководитель", "Акт о присвоении"):
        assert absent not in before
    assert "Код КАТО" in before
    with transaction():
        values = {"company_head": "Демо Б.Б.", "company_head_position_ru": "Председатель", "status_act_no": "17"}
        amend_territory(SYSTEM, by_code("NU"), values, now=factories.NOW)
    after = words(section(composed(), 2))
    assert "Руководитель: Демо Б.Б., Председатель" in after
    assert "Акт о присвоении статуса: № 17" in after
    assert "Количество резидентов на эту дату: 4" in after
    assert "Площадь, переданная по договорам, м²: 45,50" in after


def test_annexes_are_left_out_by_choice(app: Flask) -> None:
    world.build()
    assert [part.heading for part in composed().sections if part.annex] == [
        "Реестр резидентов",
        "Документы, подтверждающие данные о налоговых поступлениях",
    ]
    without = collected("evidence")
    assert without.without == ("evidence",)
    assert kinds.load(snapshots.dump(without)) == without
    assert [part.annex for part in kinds.compose(without, "ru").sections if part.annex] == ["Приложение 1"]
    assert isinstance(without.body, Annual)
    assert without.body.evidence == ()
    assert "evidence" not in data_of(without).tables
    assert not [part for part in composed("ru", "register", "evidence").sections if part.annex]
    assert json.loads(snapshots.dump(collected())).get("without") is None


def test_the_documents_behind_taxes_take_one_row_a_company(app: Flask) -> None:
    entries = world.build()
    reports.accepted(entries[COMPANY_BIN], world.LINES, year=2026, quarter=2)
    annex = next(part for part in composed().sections if part.annex == "Приложение 2")
    (table,) = annex.blocks
    assert isinstance(table, Table)
    assert len(table.rows) == 2, "the company and the total"
    assert table.rows[0].cells[2].text.split("\n")[0].startswith("II квартал: ")


def test_an_order_keeps_its_annexes_through_approval_and_replacement(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.print_quickly(monkeypatch)
    world.build()
    staff = people.viewer("staff")
    about = {"territory": by_code("NU"), "year": 2026, "without": ["evidence"]}
    with transaction():
        asked = request_document(staff, "annual", language="ru", now=factories.NOW, **about)
    assert order_of(asked).without == ("evidence",)
    paper = world.issued("annual", language="ru", **about)
    whole = world.issued("annual", language="ru", territory=by_code("NU"), year=2026)
    assert paper.act.id != whole.act.id, "another choice is another paper"
    assert (paper.act.without, whole.act.without) == ("evidence", None)
    assert kinds.load(paper.act.snapshot).without == ("evidence",)
    [again] = replacements(SYSTEM, paper.act, "Қате", factories.NOW)
    assert again.without == ("evidence",)
    assert queries.find_act(again.key, paper.act.data_hash, besides=None) == paper.act


def test_an_annex_there_is_not_is_refused_by_name(app: Flask) -> None:
    with pytest.raises(DomainError) as refusal:
        order(SYSTEM, "annual", language="kk", today=world.TODAY, year=2026, without=["patents"])
    assert refusal.value.field == "without"
    assert "register, evidence" in str(refusal.value)
    with pytest.raises(DomainError) as refusal:
        order(SYSTEM, "participants", language="kk", today=world.TODAY, without=["register"])
    assert refusal.value.field == "without"
