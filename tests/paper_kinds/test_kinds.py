"""The annual report and the working lists: what they say, how it is laid out, and the same as a spreadsheet."""

from __future__ import annotations

import io
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import openpyxl
import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import services as account_services
from registry.contracts import services as agreements
from registry.errors import DomainError
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.i18n import LANGUAGES, format_date
from registry.journal.queries import head, history
from registry.paper_kinds import kinds
from registry.paper_kinds import snapshots as s
from registry.paper_kinds.annual_data import Annual
from registry.paper_kinds.comparison import Comparison
from registry.paper_kinds.corrections import Corrections
from registry.paper_kinds.data import data_of
from registry.paper_kinds.debtors import Debtors
from registry.paper_kinds.fees import Fees
from registry.paper_kinds.journal_extract import Journal
from registry.paper_kinds.kind import Asked
from registry.paper_kinds.kinds import KINDS
from registry.paper_kinds.patents import Patents
from registry.paper_kinds.premises import Premises
from registry.paper_kinds.rules import Period
from registry.papers import services
from registry.papers.rules import request_key
from registry.patents import queries as patents
from registry.patents import services as patent_services
from registry.patents.models import Patent
from registry.printing import formats, pagination, pdf, rendering
from registry.printing.layout import (
    Cell,
    CellKind,
    Chart,
    Column,
    Contents,
    Paper,
    Paragraph,
    Section,
    Table,
    row_of,
)
from registry.printing.spreadsheet import paper_xlsx
from registry.reports.rules import proposed_dates
from registry.residents import services as residents
from registry.residents.models import Resident
from registry.territories.queries import by_code
from tests import factories
from tests.contracts import made as contracts
from tests.factories import bin_number
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.printing import look
from tests.printing.reading import machine
from tests.reports import ready as reports

pytestmark = pytest.mark.thorough

YEAR = Period(date(2026, 12, 31), 2026)


def collected(kind: str, period: Period, **about: object) -> s.Snapshot:
    about = {"sampling": world.sampling_of(kind)} | about
    snapshot = kinds.collect(KINDS[kind], Asked(period, **about))  # type: ignore[arg-type]
    assert kinds.load(s.dump(snapshot)) == snapshot
    return snapshot


def annual() -> tuple[s.Snapshot, Annual]:
    snapshot = collected("annual", YEAR)
    assert isinstance(snapshot.body, Annual)
    return snapshot, snapshot.body


def text_of(content: bytes, how: str = "-layout") -> str:
    result = subprocess.run(["pdftotext", how, "-", "-"], input=content, capture_output=True, check=True)
    return result.stdout.decode()


def tables(paper: Paper) -> list[Table]:
    return [block for section in paper.sections for block in section.blocks if isinstance(block, Table)]


# --- which kinds there are ---


def test_every_kind_is_offered_once() -> None:
    groups = kinds.grouped(KINDS.values())
    assert [kind.code for _name, own in groups for kind in own] == list(KINDS)
    assert len({str(name) for name, _own in groups}) == len(groups) == 4


@pytest.mark.parametrize(
    ("kind", "asked", "expected"),
    [
        ("annual", {"year": 2025}, Period(world.TODAY, 2025)),
        ("fees", {"year": 2027}, Period(world.TODAY, 2027)),
        ("journal", {"year": 2026, "quarter": 1}, Period(date(2026, 3, 31), 2026, 1)),
        ("journal", {"since": date(2026, 10, 1)}, Period(world.TODAY, since=date(2026, 10, 1))),
        ("journal", {"since": world.TODAY}, Period(world.TODAY, since=world.TODAY)),
        ("comparison", {"as_of": world.DAY, "since": date(2026, 1, 1)}, Period(world.DAY, since=date(2026, 1, 1))),
    ],
)
def test_dates_asked_for(kind: str, asked: dict, expected: Period) -> None:
    assert KINDS[kind].period(**asked, today=world.TODAY) == expected


@pytest.mark.parametrize(
    ("kind", "asked", "field"),
    [
        ("annual", {"year": 2026, "quarter": 1}, "quarter"),
        ("participants", {"since": date(2026, 1, 1)}, "since"),
        ("comparison", {"since": date(2026, 1, 1), "year": 2026}, "since"),
        ("comparison", {"since": world.TODAY}, "since"),
        ("journal", {"since": date(2027, 1, 1)}, "since"),
    ],
)
def test_dates_that_do_not_fit(kind: str, asked: dict, field: str) -> None:
    with pytest.raises(DomainError) as refusal:
        KINDS[kind].period(**asked, today=world.TODAY)
    assert refusal.value.field == field


def test_the_first_day_tells_requests_apart() -> None:
    keys = {
        request_key(KINDS["comparison"], "KZ", None, Period(world.DAY, since=since))
        for since in (None, date(2026, 1, 1), date(2026, 2, 1))
    }
    assert len(keys) == 3


def test_papers_show_the_holders_of_their_day_and_count_those_of_registration(app: Flask) -> None:
    world.build()
    (record,) = [row for row in patents.records(SYSTEM) if row.kind == "invention"]
    with transaction():
        patent_services.record_transfer(
            SYSTEM,
            db.session.get_one(Patent, record.id),
            event_on=date(2026, 10, 1),
            holders="Outside Ltd",
            now=factories.NOW,
        )

    def holders(found: tuple[s.Patent, ...]) -> list[str | None]:
        inventions = [item for item in found if item.kind.en == "patent for an invention"]
        return [holder.bin or holder.name.ru for item in inventions for holder in item.holders]

    before, after = (collected("patents", Period(day)).body for day in (date(2026, 9, 30), date(2026, 10, 1)))
    assert isinstance(before, Patents)
    assert isinstance(after, Patents)
    _snapshot, body = annual()
    registered = [holder.label for holder in record.registered_holders_list]
    assert holders(before.patents) == registered
    assert holders(after.patents) == holders(body.patents) == ["Outside Ltd"]
    assert holders(body.indicators.patents) == registered


# --- annual report ---


def test_the_annual_report_adds_up(app: Flask) -> None:
    entries = world.build()
    factories.resident(bin_number(9), registered_on=date(2025, 3, 1), name_kk="«Ескі» ЖШС", name_ru="ТОО «Старый»")
    factories.status_change(entries[bin_number(1)], "excluded", date(2026, 8, 1))
    snapshot, body = annual()
    for movement in (body.by_type, body.by_size):
        sums = [sum(getattr(row, name) for row in movement) for name in ("opening", "entered", "excluded", "closing")]
        assert sums == [1, 4, 1, 4]
        assert all(row.opening + row.entered - row.excluded == row.closing for row in movement)
    assert len(body.entries) == 4
    assert [item.who.bin for item in body.excluded] == [bin_number(1)]
    assert sum(item.amount for account in body.taxes.accounts for item in account.sums if item.counts) == 2_345_678_90
    assert sum(item.amount for item in body.evidence) == 2_345_678_90
    assert next((row.code, row.quarters) for row in body.staff) == ("research_specialists", (None, None, 5, None))
    assert sum(patent.counted for patent in body.patents) == 1 == len(body.indicators.patents)
    assert [(row.in_force, row.concluded, row.terminated) for row in body.contracts] == [(1, 1, 0)]
    assert [row.area_m2 for row in body.premises] == [4550]
    expected, accepted = snapshot.coverage.expected, snapshot.coverage.accepted  # type: ignore[union-attr]
    assert sum(row.expected for row in body.discipline) == expected
    assert sum(row.accepted for row in body.discipline) == accepted == 1
    for row in body.discipline:
        assert row.accepted + row.waiting + row.owed + row.not_due == row.expected
        assert row.on_time + row.late + row.imported == row.accepted


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_annual_report_has_its_parts_in_order(app: Flask, language: str) -> None:
    world.build()
    snapshot, _body = annual()
    paper = kinds.compose(snapshot, language)
    assert not paper.landscape
    headings = [section.heading for section in paper.sections if section.heading and not section.annex]
    assert [heading.split(".")[0] for heading in headings] == [str(number) for number in range(1, 15)]
    assert len([section for section in paper.sections if section.annex]) == 2
    assert any(isinstance(block, Contents) for block in paper.sections[1].blocks)
    charts = [block for section in paper.sections for block in section.blocks if isinstance(block, Chart)]
    assert len(charts) == 6
    for chart in charts:
        words = chart.svg.split("<title>", 1)[1].split("</title>", 1)[0]
        assert chart.caption.split(".")[0] in words
        assert KINDS["annual"].writer(snapshot, language).say("col.actual") in words
        assert chart.svg.startswith("<svg")


def test_the_table_of_contents_names_the_pages(app: Flask) -> None:
    world.build()
    snapshot, _body = annual()
    paper = kinds.compose(snapshot, "ru")
    body = rendering.render(paper, data=data_of(snapshot))
    sheets = text_of(body.content).split("\f")
    for section in paper.sections:
        if not section.heading:
            continue
        [line] = [line for line in sheets[1].splitlines() if line.strip().startswith(section.bookmark[:40])][:1]
        page = int(line.split()[-1])
        assert section.heading[:30] in " ".join(sheets[page - 1].split()), section.heading


def test_a_year_past_shows_its_own_register(app: Flask) -> None:
    world.build()
    snapshot = collected("annual", Period(date(2026, 10, 5), 2025))
    assert isinstance(snapshot.body, Annual)
    assert snapshot.body.closed_on == date(2025, 12, 31)
    assert snapshot.body.entries == ()
    for language in LANGUAGES:
        assert tables(kinds.compose(snapshot, language))


# --- debtors ---

SENT = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)


def owed(day: date) -> list[tuple[int, int, bool]]:
    body = collected("debtors", Period(day)).body
    assert isinstance(body, Debtors)
    return [(item.year, item.quarter, item.returned) for item in body.debts]


def test_who_owes_what_on_a_day(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2026, 7, 10))
    due = proposed_dates(2026, 3).due_on
    assert owed(due) == []
    assert owed(date(2026, 12, 1)) == [(2026, 3, False)]
    report = reports.submitted(entry, now=datetime(2026, 12, 3, 6, 0, tzinfo=UTC))
    assert owed(date(2026, 12, 2)) == [(2026, 3, False)]
    assert owed(date(2026, 12, 3)) == []
    with transaction():
        reports.services.return_report(
            reports.people.viewer("staff"), report, reason="Қате", now=datetime(2026, 12, 8, 6, 0, tzinfo=UTC)
        )
    assert owed(date(2026, 12, 7)) == []
    assert owed(date(2026, 12, 8)) == [(2026, 3, True)]
    [debt] = collected("debtors", Period(date(2026, 12, 8))).body.debts  # type: ignore[union-attr]
    assert (debt.due_on, debt.days) == (due, (date(2026, 12, 8) - due).days)


def test_a_report_from_a_file_is_never_owed(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2026, 7, 10))
    reports.stored(entry, now=datetime(2027, 1, 20, 6, 0, tzinfo=UTC))
    assert owed(date(2026, 12, 31)) == []


def test_what_came_late_is_told(app: Flask) -> None:
    entry = factories.resident(COMPANY_BIN, registered_on=date(2026, 7, 10))
    reports.accepted(entry, now=datetime(2026, 12, 3, 6, 0, tzinfo=UTC))
    [row] = annual()[1].discipline[2:3] or annual()[1].discipline[:1]
    assert (row.quarter, row.accepted, row.late, row.on_time) == (3, 1, 1, 0)


# --- fees, premises, journal, comparison ---


def test_the_calendar_of_fees(app: Flask) -> None:
    world.build()
    for year, expected in ((2026, [date(2026, 4, 16)]), (2027, [date(2027, 3, 1)])):
        body = collected("fees", Period(world.TODAY, year)).body
        assert isinstance(body, Fees)
        inventions = [fee for fee in body.fees if fee.patent.kind.en == "patent for an invention"]
        assert [fee.due_on for fee in inventions] == expected
    assert [fee.year for fee in inventions] == [4]
    assert inventions[0].expires_on == date(2044, 3, 1)


def test_premises_let(app: Flask) -> None:
    entry = world.build()[COMPANY_BIN]
    contracts.contract(entry, "Ш-2", kind="participation", premises=None, area_m2=None)
    contracts.contract(entry, "Ш-3", starts_on=date(2027, 1, 1), ends_on=date(2027, 12, 31))
    body = collected("premises", Period(world.DAY)).body
    assert isinstance(body, Premises)
    assert [(row.premises, row.number, row.area_m2) for row in body.premises] == [("Б корпусы, 12", "Ш-1", 4550)]


def test_the_journal_is_a_chain_without_values(app: Flask) -> None:
    entry = world.build()[COMPANY_BIN]
    with transaction():
        residents.amend_resident(
            factories.SYSTEM, entry, values={"head": "Демо Құпия Қ.", "address_ru": "Секретная, 1"}, now=factories.NOW
        )
    snapshot = collected("journal", Period(date(2026, 12, 31), 2026))
    body = snapshot.body
    assert isinstance(body, Journal)
    sequences = [act.sequence for act in body.acts]
    assert sequences == sorted(sequences)
    assert body.acts[-1].hash == head().hash
    assert body.acts[-1].fields == ("address_ru", "head")
    dumped = s.dump(snapshot)
    for secret in ("Құпия", "Секретная", world.PERSON, "@"):
        assert secret not in dumped
    for language in LANGUAGES:
        paper = kinds.compose(snapshot, language)
        cells = [formats.text(cell, language) for table in tables(paper) for row in table.rows for cell in row.cells]
        assert body.acts[-1].hash in [cell.replace("\n", "") for cell in cells]
        assert not [cell for cell in cells if "resident_" in cell or "address_ru" in cell]
    empty = collected("journal", Period(date(2026, 3, 31), 2026, 1)).body
    assert isinstance(empty, Journal)
    assert empty.acts == ()


def test_a_journal_of_one_territory_holds_its_own_entries(app: Flask) -> None:
    entries = world.build()
    other = factories.resident(bin_number(30), territory="YAFI")
    body = collected("journal", Period(world.TODAY, 2026), territory=entries[COMPANY_BIN].territory).body
    assert isinstance(body, Journal)
    assert body.acts
    assert other.bin not in {act.who.bin for act in body.acts if act.who}


def test_a_journal_of_one_territory_is_what_its_page_shows(database: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Supplementary agreements, patents, papers and accounts of the territory too; at a moment, by it."""
    world.print_quickly(monkeypatch)
    entries = world.build()
    company, own = entries[COMPANY_BIN], by_code("NU")
    agreed = contracts.contract(company, "Ш-5")
    addendum = contracts.addendum(agreed)
    patent = db.session.scalars(sa.select(Patent).where(Patent.title_no == "900001", Patent.kind == "invention")).one()
    with transaction():
        patent_services.record_transfer(
            SYSTEM, patent, event_on=date(2026, 9, 1), holders=bin_number(1), now=factories.NOW
        )
        account_services.add_user(
            SYSTEM, login="nu", role="staff", name="N", password=None, language="kk", now=factories.NOW,
            territories=[own],
        )  # fmt: skip
    paper = world.issued("participants", territory=own)
    world.issued("participants")
    foreign = contracts.contract(factories.resident(bin_number(30), territory="YAFI"), "Ш-6")
    contracts.addendum(foreign)
    known_at = datetime(2027, 1, 10, tzinfo=UTC)
    with transaction():
        services.revoke(SYSTEM, paper.act, reason="Қате", now=known_at)
        agreements.correct_addendum(SYSTEM, addendum, values={"effective_on": date(2026, 7, 1)}, now=known_at)
    with transaction():
        patent_services.correct_transfer(
            SYSTEM, patent, date(2026, 9, 1), values={"document_no": "7"}, now=known_at + timedelta(days=1)
        )
    for kind, exceptions in (("journal", False), ("corrections", True)):
        for until in (None, known_at):
            found = collected(
                kind, Period(date(2027, 2, 1), since=date(2026, 1, 1), known_at=until), territory=own
            ).body
            shown, total = history(
                viewer=SYSTEM.limited_to(own.id), corrections_only=exceptions, until=until, limit=1000
            )
            assert isinstance(found, Journal)
            assert [act.sequence for act in found.acts] == [entry.sequence for entry in reversed(shown)]
            assert total == len(found.acts)
            about = {act.subject for act in found.acts}
            assert about >= ({"addendum", "document_act"} if exceptions else {"patent", "document", "user_account"})
            assert ("patent_event" in {act.subject for act in found.acts if act.corrects}) is (until is None)
            assert bin_number(30) not in {act.who.bin for act in found.acts if act.who}


def test_corrections_and_exceptions_are_told_apart_from_the_ordinary_course(app: Flask) -> None:
    """Corrected, annulled, replaced, explained; what was merely done is not listed, whatever its texts say."""
    entries = world.build()
    company, other = entries[COMPANY_BIN], entries[bin_number(2)]
    about = {"decision": history(corrections_only=True)[0][0].sequence}

    def note(name: str) -> None:
        about[name] = head().count

    reports.stored(company, world.LINES[:-1])
    note("corrected by a file")
    with transaction():
        residents.correct_bin(factories.SYSTEM, other, number=bin_number(7), reason="Қате", now=factories.NOW)
    note("BIN")
    wrong = factories.resident(bin_number(8), registered_on=date(2026, 2, 1))
    with transaction():
        residents.annul_resident(factories.SYSTEM, wrong, reason="Қате жазба", now=factories.NOW)
    note("annulled")
    plain = reports.draft(company, quarter=2)
    reports.fill(plain, explanation='Экспорт өсті, "version":[1,2]')
    reports.send(plain)
    reports.accept(plain)
    note("explained")
    again = reports.correction(plain, world.LINES)
    reports.send(again)
    reports.accept(again)
    note("corrected by the resident")
    paper = world.issued("extract")
    with transaction():
        services.revoke(factories.SYSTEM, paper.act, reason="Қате", now=factories.NOW)
    note("revoked")
    reports.accepted(company, quarter=1)
    snapshot = collected("corrections", YEAR)
    body = snapshot.body
    assert isinstance(body, Journal)
    assert [act.sequence for act in body.acts] == list(about.values())
    why = {act.sequence: act.why for act in body.acts}
    assert why[about["corrected by a file"]] == why[about["corrected by the resident"]] == ("version",)
    assert why[about["explained"]] == ("explained",)
    assert isinstance(body, Corrections)
    assert body.figures is not s.UNSET
    assert [(item.sequence, item.field, item.before, item.after, item.reason) for item in body.figures][:1] == [
        (about["corrected by a file"], "venture", 1_000_00, None, "")
    ]
    assert (about["corrected by the resident"], "venture", None, 1_000_00, "Қате") in [
        (item.sequence, item.field, item.before, item.after, item.reason) for item in body.figures
    ]
    gone = {item.field: item.before_on for item in body.figures if item.sequence == about["annulled"]}
    assert gone["registered_on"] == date(2026, 2, 1)
    shown, total = history(corrections_only=True)
    assert (total, [entry.sequence for entry in shown]) == (len(about), sorted(about.values(), reverse=True))
    text = text_of(rendering.render(kinds.compose(snapshot, "ru"), data=data_of(snapshot)).content, "-raw")
    words = " ".join(text.split())
    for said in ("принят с пояснением", "исправленная версия принятого отчета", "БИН исправлен", "Документ отозван"):
        assert said in words, said
    assert collected("corrections", Period(date(2026, 3, 31), 2026, 1)).body.acts == ()  # type: ignore[union-attr]


def test_every_act_and_subject_has_words() -> None:
    from registry.journal import subjects
    from registry.journal.presentation import FIELDS
    from registry.journal.rules import Action

    known = KINDS["journal"].writer.vocabulary
    wanted = [f"act.{action}" for action in Action] + [f"subject.{name}" for name in subjects.kinds()]
    assert [key for key in [*wanted, *(f"field.{name}" for name in FIELDS)] if key not in known] == []


def test_two_dates_compared(app: Flask) -> None:
    entries = world.build()
    gone, moved = entries[bin_number(1)], entries[bin_number(2)]
    factories.status_change(gone, "excluded", date(2026, 6, 1))
    factories.status_change(moved, "suspended", date(2026, 7, 1), ground="breach")
    late = factories.resident(bin_number(40), registered_on=date(2026, 8, 1))
    with transaction():
        residents.amend_resident(
            factories.SYSTEM,
            moved,
            values={"address_ru": "Новая, 2", "email": "new@example.com"},
            now=factories.NOW,
            effective_on=date(2026, 7, 2),
        )
    body = collected("comparison", Period(world.DAY, since=date(2026, 5, 1))).body
    assert isinstance(body, Comparison)
    assert (body.before, body.after) == (4, 4)
    assert [item.who.bin for item in body.added] == [late.bin]
    assert [item.who.bin for item in body.removed] == [gone.bin]
    assert {(item.who.bin, item.field) for item in body.changed} == {(moved.bin, "address_ru"), (moved.bin, "status")}
    paper = kinds.compose(collected("comparison", Period(world.DAY, since=date(2026, 5, 1))), "ru")
    cells = [[formats.text(cell, "ru") for cell in row.cells] for row in tables(paper)[-1].rows]
    assert any("Новая, 2" in row for row in cells)
    assert any(row[-2:] == ["действует", "приостановлен"] for row in cells)


def test_without_an_earlier_day_the_year_is_compared(app: Flask) -> None:
    world.build()
    body = collected("comparison", Period(world.DAY)).body
    assert isinstance(body, Comparison)
    assert (body.since, body.before, len(body.added)) == (date(2025, 12, 31), 0, 4)


# --- typography ---

COLUMNS = (Column("No", 11, "index"), Column("Name", 60), Column("BIN", 25, "code"))


@pytest.mark.parametrize("before", range(24, 46, 3))
def test_no_heading_stands_alone(before: int) -> None:
    """Wherever a page ends: a heading or title of a table has rows beneath it, a total has a row above it."""
    lines = (row_of(f"ROW{number}", "name", "1" * 12) for number in range(12))
    rows = (*lines, row_of("SUM", style="total", span=3))
    parts = (
        Section((*(Paragraph(f"paragraph {number}") for number in range(before)), Table(COLUMNS, rows, "TITLE1"))),
        Section((Table(COLUMNS, rows),), heading="HEADING1"),
        Section((Table(COLUMNS, rows, "TITLE2"),), heading="HEADING2"),
    )
    keys = (
        "approval",
        "approval.signature",
        "approval.date",
        "approval.position",
        "signature.sign",
        "signature.name",
        "seal",
        "executor",
        "place",
        "phone",
        "notes",
        "sources",
        "demo",
        "col.no",
    )
    paper = formats.in_print(
        Paper("x", "en", False, "T", "t", "p", "d", "", (), parts, (), words={key: key for key in keys}), "en"
    )
    for sheet in text_of(pdf.render(rendering.html_of(paper, pagination.split(paper)[0]))).split("\f"):
        for heading in ("TITLE1", "HEADING1", "HEADING2", "TITLE2"):
            if heading in sheet:
                assert "ROW1" in sheet.split(heading, 1)[1], heading
        if "SUM" in sheet:
            assert "ROW11" in sheet.split("SUM")[0]


HOSTILE = '<img src="file:///etc/passwd"> {{ 7*7 }} =1+1 &amp; عربي 🧪 \u202eсправа'


def hostile(entries: dict[str, Resident]) -> None:
    entry = entries[COMPANY_BIN]
    values = dict.fromkeys(("name_kk", "name_ru", "address_kk", "address_ru"), f"{HOSTILE} " + "ұ" * 180)
    with transaction():
        residents.amend_resident(
            factories.SYSTEM, entry, values=values, now=factories.NOW, effective_on=date(2026, 2, 1)
        )


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"fees"}))
def test_hostile_names_are_only_text(app: Flask, kind: str) -> None:
    entries = world.build()
    hostile(entries)
    period = Period(world.TODAY if KINDS[kind].of_the_journal else world.DAY, 2026)
    resident = entries[COMPANY_BIN] if KINDS[kind].of_one_resident else None
    snapshot = collected(kind, period, resident=resident, territory=entries[COMPANY_BIN].territory)
    paper = kinds.compose(snapshot, "ru")
    text = text_of(rendering.render(paper, data=data_of(snapshot)).content, "-raw")
    flat = "".join(text.split())
    assert '<imgsrc="file:///etc/passwd">{{7*7}}=1+1&amp;' in flat
    assert "root:" not in flat
    if kind != "indicators":
        assert any(COMPANY_BIN in line for line in text.splitlines())


# --- the same as a spreadsheet ---


@pytest.mark.parametrize(("kind", "language"), world.papers())
def test_the_spreadsheet_says_what_the_paper_says(app: Flask, kind: str, language: str) -> None:
    """Every cell of every table: numbers and days as real ones, all else as the text that is printed."""
    entries = world.build()
    period = Period(world.TODAY if KINDS[kind].of_the_journal else world.DAY, 2026)
    resident = entries[COMPANY_BIN] if KINDS[kind].of_one_resident else None
    paper = kinds.compose(
        collected(kind, period, resident=resident, territory=entries[COMPANY_BIN].territory), language
    )
    content = paper_xlsx(paper)
    assert content == paper_xlsx(paper)
    book = openpyxl.load_workbook(io.BytesIO(content))
    printed = tables(paper)
    assert len(book.sheetnames) == len(printed) + 1
    for table, page in zip(printed, book.worksheets[1:], strict=True):
        assert [cell.value for cell in page[2]] == [column.heading for column in table.columns]
        assert page.max_row == len(table.rows) + 2
        for row, cells in zip(table.rows, page.iter_rows(min_row=3), strict=True):
            assert all(cell.data_type in {"n", "s", "d"} for cell in cells)
            printed_in = dict(row.places)
            for position, (column, cell) in enumerate(zip(table.columns, cells, strict=True)):
                own = printed_in.get(position, Cell(""))
                assert same(cell.value, formats.text(own, language), own.kind, language), (own, cell.value)
                # What stands in a column of numbers has become one: only texts and dashes stay.
                assert not (column.style == "number" and str(cell.value)[:1].isdigit() and cell.data_type == "s")


def same(value: object, text: str, kind: CellKind, language: str) -> bool:
    """Whether a cell of the spreadsheet says what is printed, read from the print."""
    if isinstance(value, datetime):
        return kind is CellKind.DATE and format_date(value.date(), language) == text
    if isinstance(value, int | float):
        return kind not in (CellKind.TEXT, CellKind.BIN) and Decimal(str(value)) == Decimal(machine(text, language))
    return (value or "") == text


def test_the_spreadsheet_has_no_formulas(app: Flask) -> None:
    """Names a spreadsheet would reckon or follow stay texts; long digits stay whole."""
    entries = world.build()
    names = {"name_ru": '=HYPERLINK("http://x")', "name_kk": "+1", "name_en": "@SUM(1)"}
    with transaction():
        residents.amend_resident(
            factories.SYSTEM, entries[bin_number(1)], values=names, now=factories.NOW, effective_on=date(2026, 2, 1)
        )
    for language, name in (("ru", names["name_ru"]), ("kk", names["name_kk"]), ("en", names["name_en"])):
        paper = kinds.compose(collected("participants", Period(world.DAY)), language)
        page = openpyxl.load_workbook(io.BytesIO(paper_xlsx(paper))).worksheets[1]
        cells = [cell for row in page.iter_rows() for cell in row if cell.value is not None]
        assert not [cell for cell in cells if cell.data_type == "f" or cell.hyperlink]
        assert [cell.data_type for cell in cells if cell.value == name] == ["s"]
        assert [cell.data_type for cell in cells if cell.value == COMPANY_BIN] == ["s"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_patents_stand_in_the_order_of_their_numbers(language: str) -> None:
    """Digits by what they count, and the same in each language, in the register and in the annual report."""
    patent = dict(look.stored())["patents"].body.patents[0]
    numbers = ["10", "9", "100", "2"]
    found = tuple(replace(patent, title_no=number, name=s.Text(number, number, number)) for number in numbers)
    register = replace(dict(look.stored())["patents"], body=Patents(2026, found))
    annual = dict(look.stored())["annual"]
    annual = replace(annual, body=replace(annual.body, patents=found))
    for snapshot in (register, annual):
        paper = formats.in_print(kinds.compose(snapshot, language), language)
        table = next(
            block
            for part in paper.sections
            for block in part.blocks
            if isinstance(block, Table) and len(block.rows) > 4 and "(11)" in block.columns[1].heading
        )
        assert [row.cells[1].text.split("\n")[0] for row in table.rows[:4]] == ["2", "9", "10", "100"]
