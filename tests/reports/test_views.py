"""The pages of reports as residents, staff and strangers meet them."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal.services import Basis
from registry.reports import report_lines, rules, services
from registry.reports.models import Report, ReportingPeriod
from registry.reports.rules import Line, Status
from registry.residents.models import Resident
from registry.territories import dictionaries
from registry.web.reading import MOST_FIELDS
from tests import factories, people
from tests.pages import Page, PageClient, element_text
from tests.reports import ready
from tests.reports.ready import LINES, NOW
from tests.web.test_every_form import COMPLETE


@pytest.fixture(autouse=True)
def _november(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages act on 20 November 2026, five days before the third quarter is due."""
    monkeypatch.setattr("registry.reports.views.today", lambda: date(2026, 11, 20))
    monkeypatch.setattr("registry.reports.views.utc_now", lambda: NOW)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    def turn(day: date) -> None:
        monkeypatch.setattr("registry.reports.views.today", lambda: day)
        monkeypatch.setattr("registry.infra.list_page.today", lambda: day)
        moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        monkeypatch.setattr("registry.reports.views.utc_now", lambda: moment)

    return turn


def ours(**values: Any) -> Resident:
    return factories.resident(people.COMPANY_BIN, **values)


def only_report() -> Any:
    """The newest report, None when there is none."""
    db.session.expire_all()
    return db.session.scalars(sa.select(Report).order_by(Report.id.desc())).first()


@contextmanager
def counting() -> Generator[list[str]]:
    """Collect the SQL statements sent inside the block."""
    statements: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


FILLED = {
    "revenue-0-code": "rnd_works",
    "revenue-0-amount": "1 234 567,89",
    "revenue-0-country": "de",
    "revenue-0-document_kind": "contract",
    "revenue-0-document_no": "7",
    "revenue-0-document_date": "01.07.2026",
    "tax-1-code": "101201",
    "tax-1-amount": "20\u00a0000.5",
    "tax-1-document_no": "12",
    "research_specialists": "5",
    "total_staff": "1 008",
    "none_investment": "y",
    "explanation": "Жаңа келісімшарт",
}
TYPED = [
    Line(
        "revenue",
        "rnd_works",
        amount=1_234_567_89,
        country="DE",
        document_kind="contract",
        document_no="7",
        document_date=date(2026, 7, 1),
    ),
    Line("tax", "101201", amount=20_000_50, document_no="12"),
    Line("staff", "research_specialists", count=5),
    Line("staff", "total_staff", count=1008),
]


def start(client: PageClient) -> Page:
    """The fill page of the report that is due, reached from the list as the resident does."""
    client.sign_in("resident")
    page = client.get("reports.index")
    return client.submit(page, action="/reports/start", follow=True)


# --- the whole way in three languages ---


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_a_report_goes_from_the_resident_to_the_company_and_back(app: Flask, client: PageClient, language: str) -> None:
    ours()
    ready.period()
    client.get_response("shell.switch_language", code=language, expect=302)
    client.language = language
    page = start(client)
    page = client.submit(page, FILLED | {"check": "1"}, containing="total_staff", follow=True)
    assert page.response.request.path.endswith("/submit")
    page = client.submit(page, containing="revision", follow=True)
    report = only_report()
    assert (report.status, report_lines.lines_of(report.id)) == (Status.SUBMITTED, TYPED)
    assert (report.explanation, report.none_investment, report.none_tax) == ("Жаңа келісімшарт", True, False)

    staff = PageClient(app)
    staff.get_response("shell.switch_language", code=language, expect=302)
    staff.language = language
    staff.sign_in("staff")
    page = staff.get("reports.show", report_id=report.id)
    page = staff.get("reports.return_report", report_id=report.id)
    page = staff.submit(page, {"reason": "Экспорт бойынша құжат керек"}, containing="reason", follow=True)

    page = client.get("reports.index")
    assert "Экспорт бойынша құжат керек" in page
    page = client.get("reports.edit", report_id=report.id)
    assert "Экспорт бойынша құжат керек" in page
    page = client.submit(page, {"revenue-0-amount": "1 300 000", "check": "1"}, containing="total_staff", follow=True)
    client.submit(page, containing="revision", follow=True)

    assert "a later version has taken its place" in client.get("reports.show", report_id=report.id) or language != "en"
    report = only_report()
    page = staff.get("reports.show", report_id=report.id)
    page = staff.submit(page, action="/accept", follow=True)
    report = only_report()
    assert (report.status, report.lines[0].amount) == (Status.ACCEPTED, 1_300_000_00)
    for name in ("reports.index", "reports.board"):
        staff.get(name)
        client.get(name)
    staff.get("reports.periods")
    staff.get("reports.open_period", query={"territory": "NU", "year": 2026, "quarter": 2})
    client.get("reports.show", report_id=report.id)
    page = client.get("reports.correct", report_id=report.id)
    page = client.submit(page, {"reason": "Қате"}, containing="reason", follow=True)
    client.get("reports.discard", report_id=only_report().id)


# --- filling in ---


def test_the_form_takes_offsets_refunds_and_who_the_specialists_are(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    made_of = {"tax-1-paid": "100", "tax-1-offset_in": "0", "tax-1-offset_out": "0,5", "tax-1-refunded": "200"}
    more = {"women": "2", "engineers": "0"}
    filled = FILLED | made_of | more | {"tax-1-amount": ""}
    client.submit(page, filled | {"save": "1"}, containing="total_staff", follow=True)
    lines = report_lines.lines_of(only_report().id)
    (paid,) = [line for line in lines if line.section == "tax"]
    assert (paid.amount, paid.parts) == (-100_50, (100_00, 0, 50, 200_00))
    assert {line.code: line.count for line in lines if line.section == "staff"} == {
        "research_specialists": 5, "total_staff": 1008, "women": 2, "engineers": 0,
    }  # fmt: skip
    page = client.get("reports.edit", report_id=only_report().id)
    shown = page.fields(page.form("total_staff"))
    assert (shown["tax-0-amount"], shown["tax-0-refunded"], shown["women"]) == ("-100,50", "200,00", "2")
    wrong = {"tax-0-amount": "100", "women": "6", "check": "1"}
    client.submit(page, wrong, containing="total_staff")
    page = client.get("reports.edit", report_id=only_report().id, query={"check": 1}, expect=422)
    assert "which is -100.50" in page.text and "cannot be more than all of them (5)" in page.text


def test_the_form_and_the_check_page_tell_the_same_total_of_taxes(app: Flask, client: PageClient) -> None:
    """Payments that are no tax stand apart, and a tax told by its four parts alone is added."""
    ours()
    ready.period()
    page = start(client)
    parts = {"tax-1-amount": "", "tax-1-paid": "300", "tax-1-offset_in": "0", "tax-1-offset_out": "0",
             "tax-1-refunded": "100"}  # fmt: skip
    other = {"tax-0-code": "902101", "tax-0-amount": "50", "tax-0-document_no": "13"}
    typed = {name: value for name, value in FILLED.items() if not name.endswith("country")} | parts | other
    # A row is added: what was typed is shown, not saved yet.
    adding = client.submit(page, typed | {"add_tax": "1"}, containing="total_staff", expect=200)
    saved = client.submit(page, typed | {"save": "1"}, containing="total_staff", follow=True)
    for shown in (adding, saved):
        (section,) = [item for item in shown.all("fieldset") if item.get("data-section") == "tax"]
        told = [element_text(item) for item in section.iter("output")]
        assert told == ["200.00", "50.00"]
        taxes = json.loads(section.get("data-taxes") or "")
        assert "101201" in taxes and "" in taxes and "902101" not in taxes
    check = client.get("reports.submit", report_id=only_report().id)
    (table,) = [item for item in check.all("section") if item.get("aria-labelledby") == "section-tax"]
    foot = [element_text(item) for item in table.iter("tfoot")]
    assert "200.00" in foot[0] and "50.00" in foot[0]


def test_a_form_that_says_nothing_of_the_specialists_leaves_them(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    client.submit(page, FILLED | {"women": "2", "save": "1"}, containing="total_staff", follow=True)
    page = client.get("reports.edit", report_id=only_report().id)
    fields = page.fields(page.form("total_staff"))
    old = {name: value for name, value in fields.items() if name not in rules.OF_RESEARCH}
    client.post("reports.edit", old | {"save": "1"}, report_id=only_report().id, expect=302)
    assert Line("staff", "women", count=2) in report_lines.lines_of(only_report().id)


def test_counted_revenue_is_not_sent_without_evidence(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    bare = FILLED | {"revenue-0-document_no": "", "revenue-0-document_kind": "", "revenue-0-document_date": ""}
    client.submit(page, bare | {"check": "1"}, containing="total_staff")
    page = client.get("reports.edit", report_id=only_report().id, query={"check": 1}, expect=422)
    assert "this revenue counts for indicator 5; name the title of protection or the document" in page.text
    assert only_report().status == Status.DRAFT
    page = client.submit(page, {"revenue-0-ip_title_no": "38001", "check": "1"}, containing="total_staff", follow=True)
    assert page.response.request.path.endswith("/submit")


def test_the_message_after_sending_says_when_the_company_answers(app: Flask, client: PageClient) -> None:
    report = ready.draft(ours())
    client.sign_in("resident")
    page = client.get("reports.submit", report_id=report.id)
    page = client.submit(page, containing="revision", follow=True)
    told = page.text.replace("\u00a0", " ")
    assert "Report for Q3 2026 sent. The management company answers by 9 Dec 2026." in told


def test_the_three_dates_stand_on_top(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    facts = [element_text(e).replace("\u00a0", " ") for tag in ("dt", "dd") for e in page.all(tag)]
    assert facts == [
        "Opens",
        "Residents report by",
        "Quarter locks; the management company decides by",
        "1 October 2026",
        "25 November 2026",
        "9 December 2026",
    ]


def test_values_are_never_lost(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    wrong = FILLED | {"revenue-0-amount": "12 млн", "revenue-0-document_date": "31.02.2026", "total_staff": "көп"}
    page = client.submit(page, wrong | {"save": "1"}, containing="total_staff", expect=422)
    fields = page.fields(page.form("total_staff"))
    for name in ("revenue-0-amount", "revenue-0-document_date", "total_staff", "tax-1-amount", "explanation"):
        assert str(fields[name]).replace("\u00a0", " ") in {wrong[name], "20 000,50"}
    targets = {e.get("href") for e in page.all("a") if (e.get("href") or "").startswith("#")}
    assert {"#revenue-0-amount", "#revenue-0-document_date", "#total_staff"} <= targets
    assert "Revenue, row 1, Amount, tenge" in page
    # One unreadable cell costs nothing else: the draft is kept, and the cells are there again as they were typed.
    assert "Draft saved. What is marked could not be read" in page
    assert report_lines.lines_of(only_report().id) == [
        replace(TYPED[0], amount=None, document_date=None),
        *TYPED[1:3],
    ]
    page = client.get("reports.edit", report_id=only_report().id, expect=422)
    fields = page.fields(page.form("total_staff"))
    for name in ("revenue-0-amount", "revenue-0-document_date", "total_staff"):
        assert fields[name] == wrong[name]
    assert fields["explanation"] == FILLED["explanation"]
    assert {e.get("href") for e in page.all("a")} >= {"#revenue-0-amount", "#revenue-0-document_date", "#total_staff"}
    shown = client.get("reports.show", report_id=only_report().id)
    assert "“12 млн” cannot be read here" in shown
    response = client.get_response("reports.submit", report_id=only_report().id, expect=302)
    assert response.headers["Location"].endswith("/edit?check=1")
    page = client.get("reports.edit", report_id=only_report().id, query={"check": "1"}, expect=422)
    corrected = {"revenue-0-amount": "12 000 000", "revenue-0-document_date": "28.02.2026", "total_staff": "1 008"}
    client.submit(page, corrected | {"save": "1"}, containing="total_staff", follow=True)
    assert report_lines.lines_of(only_report().id) == [
        replace(TYPED[0], amount=12_000_000_00, document_date=date(2026, 2, 28)),
        *TYPED[1:],
    ]
    client.get("reports.edit", report_id=only_report().id)


@pytest.mark.parametrize(
    ("typed", "unread"),
    [
        ({"revenue-0-amount": "6 100 000\r\n520 000"}, [[1, "amount", "6 100 000\r\n520 000"]]),
        ({"tax-1-code": "999999"}, [[2, "code", "999999"]]),
        ({"revenue-0-country": "Атлантида"}, [[1, "country", "Атлантида"]]),
        ({"revenue-0-document_no": "7" * 81}, [[1, "document_no", "7" * 81]]),
        ({"research_specialists": "٥"}, [[None, "research_specialists", "٥"]]),
        ({"explanation": "х" * 4001}, [[None, "explanation", "х" * 4001]]),
        # A row whose code is offered and whose amount alone cannot be read is a line too.
        ({"investment-0-amount": "?"}, [[5, "amount", "?"]]),
    ],
)
def test_no_cell_costs_the_draft(app: Flask, client: PageClient, typed: dict[str, str], unread: list[Any]) -> None:
    ours()
    ready.period()
    page = start(client)
    page = client.submit(page, FILLED | typed | {"save": "1"}, containing="total_staff", expect=422)
    report = only_report()
    assert json.loads(report.unread) == unread
    kept = {(line.section, line.code) for line in report_lines.lines_of(report.id)}
    assert ("staff", "total_staff") in kept
    [(name, text)] = typed.items()
    shown = text.replace("\r\n", " ⏎ ")
    for shows in (page, client.get("reports.edit", report_id=report.id, expect=422)):
        fields = shows.fields(shows.form("total_staff"))
        # A code that is not offered has no place in a list of choices: the message names it.
        assert shown in (fields[name],) or name == "tax-1-code"


def test_a_country_is_named_in_any_language(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    for typed in ("de", "Германия", "германия", "Germany", "DE "):
        page = client.submit(
            page, FILLED | {"revenue-0-country": typed, "save": "1"}, containing="total_staff", follow=True
        )
        assert report_lines.lines_of(only_report().id)[0].country == "DE"


def test_a_row_is_added_without_javascript_and_nothing_is_lost(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    before = len(page.all("tr", data_row=""))
    page = client.submit(page, FILLED | {"add_tax": "1"}, containing="total_staff", expect=200)
    assert len(page.all("tr", data_row="")) == before + 1
    assert page.fields(page.form("total_staff"))["revenue-0-amount"] == "1\u00a0234\u00a0567,89"
    assert report_lines.lines_of(only_report().id) == []
    page = client.submit(
        page, {"tax-2-code": "103101", "tax-2-amount": "3", "save": "1"}, containing="total_staff", follow=True
    )
    assert "Draft saved" in page
    saved = report_lines.lines_of(only_report().id)
    assert [line.code for line in saved if line.section == "tax"] == ["101201", "103101"]


def test_a_report_of_the_most_lines_is_shown_and_sent_back_and_one_more_is_refused_at_its_row(
    app: Flask, client: PageClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = rules.MOST_LINES
    if not COMPLETE:
        # Pages of 800 lines take the gate a minute to read: the same with fewer.
        monkeypatch.setattr(rules, "MOST_LINES", 40)
    most = [
        Line(
            "tax", "101201", amount=9_00, paid=10_00, offset_in=0, offset_out=0, refunded=1_00, document_no=str(number)
        )
        for number in range(rules.MOST_LINES)
    ]
    report_id = ready.draft(ours(), most).id
    client.sign_in("resident")
    page = client.get("reports.edit", report_id=report_id)
    fields = page.fields(page.form("total_staff"))
    of_a_line = sum(name.startswith("tax-0-") for name in fields)
    assert len(fields) + of_a_line * (allowed - rules.MOST_LINES) < MOST_FIELDS
    page = client.submit(page, {"tax-0-document_no": "first", "save": "1"}, containing="total_staff", follow=True)
    changed = [replace(most[0], document_no="first"), *most[1:]]
    assert report_lines.lines_of(report_id) == changed
    added = {"code": "101201", "amount": "7,00", "document_no": "7"}
    typed = {f"tax-{rules.MOST_LINES}-{name}": value for name, value in added.items()}
    page = client.submit(page, typed | {"save": "1"}, containing="total_staff", expect=422)
    places = [
        (link.get("href"), element_text(link))
        for link in page.all("a")
        if f"at most {rules.MOST_LINES}" in element_text(link)
    ]
    assert [href for href, _text in places] == [f"#tax-{rules.MOST_LINES}-code"]
    assert f"this one has {rules.MOST_LINES + 1}; put the lines of one code together" in places[0][1]
    # Nothing was kept, and what was typed stands in the page, to be put together and sent again.
    assert typed.items() <= page.fields(page.form("total_staff")).items()
    assert report_lines.lines_of(report_id) == changed
    client.submit(page, {"tax-1-code": "", **_blank("tax-1"), "save": "1"}, containing="total_staff", follow=True)
    kept = report_lines.lines_of(report_id)
    assert len(kept) == rules.MOST_LINES
    assert (kept[1].document_no, kept[-1].document_no) == ("2", "7")


def _blank(row: str) -> dict[str, str]:
    """What empties a row of taxes."""
    names = ("amount", "paid", "offset_in", "offset_out", "refunded", "document_no")
    return {f"{row}-{name}": "" for name in names}


def test_a_check_shows_errors_at_the_cells_and_keeps_the_draft(app: Flask, client: PageClient) -> None:
    ours()
    ready.period()
    page = start(client)
    typed = FILLED | {
        "revenue-0-country": "XX",
        "tax-1-amount": "",
        "none_investment": None,
        "research_specialists": "2000",
    }
    page = client.submit(page, typed | {"check": "1"}, containing="total_staff", follow=False)
    page = client.get(page.response.headers["Location"], expect=422)
    targets = {e.get("href") for e in page.all("a") if (e.get("href") or "").startswith("#")}
    assert {"#revenue-0-country", "#tax-0-amount", "#none_investment", "#research_specialists"} <= targets
    assert only_report().status == Status.DRAFT
    assert report_lines.lines_of(only_report().id)[0].country == "XX"
    # The confirmation page cannot be reached around it.
    response = client.get_response("reports.submit", report_id=only_report().id, expect=302)
    assert response.headers["Location"].endswith("/edit?check=1")


def test_warnings_are_shown_before_sending_and_do_not_block(app: Flask, client: PageClient) -> None:
    entry = ours()
    ready.stored(entry, [replace(LINES[0], amount=1_00)], quarter=2)
    report = ready.draft(entry, [LINES[0], replace(LINES[1], document_no=None, document_kind=None), *LINES[2:]])
    client.sign_in("resident")
    page = client.get("reports.submit", report_id=report.id)
    assert "there is no evidence document for this line" in page
    assert "differs by more than 50 percent" in page
    # A tenfold difference is asked about: without a yes nothing is sent.
    page = client.submit(page, containing="revision", expect=422)
    assert "Revenue, R&D works: 1.00 in the quarter before and 150,000.00 now" in page
    assert only_report().status == Status.DRAFT
    # So is an explanation: the yes stays where the explanation is missing.
    page = client.submit(page, {"confirmed": "1"}, containing="revision", expect=422)
    assert "Explanation: Say here why the figure differs tenfold from the quarter before, then send again." in page
    assert only_report().status == Status.DRAFT
    client.submit(page, {"explanation": "Бірінші жеткізілім"}, containing="revision", follow=True)
    sent = only_report()
    assert (sent.status, sent.explanation) == (Status.SUBMITTED, "Бірінші жеткізілім")


def test_a_code_reported_before_and_blank_now_is_asked_about(app: Flask, client: PageClient) -> None:
    entry = ours()
    ready.stored(entry, [*LINES, Line("tax", "103101", amount=5_00, document_no="1")], quarter=2)
    report = ready.draft(entry, [*LINES[:2], *LINES[3:]])
    client.sign_in("resident")
    page = client.get("reports.submit", report_id=report.id)
    assert "Taxes, 103101" in page
    page = client.submit(page, containing="revision", expect=422)
    assert "and blank now. Was there none (then enter 0), or was it forgotten?" in page
    assert "Staff, Research specialists: 5 in the quarter before" in page
    assert "explanation" not in page.fields(page.form("revision"))
    client.submit(page, {"confirmed": "1"}, containing="revision", follow=True)
    assert only_report().status == Status.SUBMITTED
    # Nothing odd is asked about where nothing differs.
    other = ready.draft(ours(territory="YAFI"))
    page = client.get("reports.submit", report_id=other.id)
    client.submit(page, containing="revision", follow=True)
    assert only_report().status == Status.SUBMITTED


def test_a_returned_report_is_not_offered_unchanged(app: Flask, client: PageClient) -> None:
    report = ready.returned(ours())
    client.sign_in("resident")
    page = client.get("reports.show", report_id=report.id)
    assert f"/reports/{report.id}/submit" not in page.links().values()
    page = client.get("reports.edit", report_id=report.id)
    page = client.submit(page, {"check": "1"}, containing="total_staff", follow=True)
    page = client.submit(page, containing="revision", expect=422)
    assert "Nothing has changed since this report was sent back" in page
    page = client.get("reports.edit", report_id=only_report().id)
    page = client.submit(page, {"explanation": "Бәрі дұрыс", "check": "1"}, containing="total_staff", follow=True)
    client.submit(page, containing="revision", follow=True)
    assert only_report().status == Status.SUBMITTED


def test_the_quarter_before_stands_beside_the_field(app: Flask, client: PageClient) -> None:
    entry = ours()
    ready.stored(entry, LINES, quarter=2)
    ready.period()
    page = start(client)
    fields = page.fields(page.form("total_staff"))
    assert (fields["revenue-0-code"], fields["revenue-0-amount"]) == ("rnd_works", "")
    assert "Quarter before: 150,000.00" in page
    assert "Quarter before: 8" in page
    # Codes offered from the quarter before and left without a figure are no lines.
    client.submit(page, {"save": "1"}, containing="total_staff", follow=True)
    assert report_lines.lines_of(only_report().id) == []


def test_a_code_closed_since_the_quarter_before_is_not_offered(app: Flask, client: PageClient) -> None:
    ready.stored(ours(), LINES, quarter=2)
    ready.period()
    row = {"bcc": "101201", "budget": "local", "counts_for_indicator_1": "1", "kk": "к", "ru": "р"}
    with transaction():
        dictionaries.keep_code(
            SYSTEM,
            "tax_codes",
            ("101201", None, dictionaries.ALWAYS),
            row,
            valid_to=date(2026, 6, 30),
            act_no=None,
            act_date=None,
            now=NOW,
        )
    page = start(client)
    fields = page.fields(page.form("total_staff"))
    assert (fields["revenue-0-code"], fields["tax-0-code"]) == ("rnd_works", "")
    client.submit(page, {"save": "1"}, containing="total_staff", follow=True)
    assert report_lines.lines_of(only_report().id) == []


def test_a_correction_after_the_due_day_is_not_called_overdue(
    app: Flask, client: PageClient, later: Callable[[date], None]
) -> None:
    entry = ours()
    correction = ready.correction(ready.accepted(entry), LINES[:4])
    first = ready.draft(ours(territory="YAFI"))
    later(date(2026, 12, 1))
    client.sign_in("resident")
    assert "This report was due on" not in client.get("reports.edit", report_id=correction.id)
    assert "This report was due on" in client.get("reports.edit", report_id=first.id)


def test_two_open_pages_do_not_overwrite_each_other(app: Flask, client: PageClient) -> None:
    report = ready.draft(ours())
    client.sign_in("resident")
    page = client.get("reports.edit", report_id=report.id)
    ready.fill(report, [*LINES[:4], replace(LINES[4], amount=7)])
    page = client.submit(page, {"revenue-0-amount": "5", "save": "1"}, containing="total_staff", expect=422)
    assert "Somebody has changed this report" in page
    assert page.fields(page.form("total_staff"))["revenue-0-amount"] == "5,00"
    assert report_lines.lines_of(report.id)[4].amount == 7
    client.submit(page, {"save": "1"}, containing="total_staff", follow=True)
    assert report_lines.lines_of(report.id)[0].amount == 500


def test_a_page_opened_before_shows_what_stands_beside_what_was_typed(app: Flask, client: PageClient) -> None:
    report = ready.draft(ours())
    client.sign_in("resident")
    first = client.get("reports.edit", report_id=report.id)
    second = client.get("reports.edit", report_id=report.id)
    client.submit(
        second, {"total_staff": "12", "explanation": "Екі", "save": "1"}, containing="total_staff", follow=True
    )
    answer = client.submit(
        first, {"total_staff": "9", "explanation": "Бір", "save": "1"}, containing="total_staff", expect=422
    )
    texts = [" ".join(element_text(cell) for cell in row) for row in answer.all("tr")]
    assert "Section Code Stored now You typed Difference ± %" in texts
    assert "Staff Staff in total 12 9 −3 −25" in texts
    assert "Explanation stored now: Екі" in answer
    assert answer.fields(answer.form("total_staff"))["explanation"] == "Бір"
    # To send it once more is a decision.
    client.submit(answer, {"save": "1"}, containing="total_staff", follow=True)
    assert only_report().explanation == "Бір"


@pytest.mark.parametrize("sent", [{"total_staff": "9"}, {"revision": ""}, {"revision": "x"}, {}])
def test_a_draft_is_not_overwritten_by_a_form_that_names_no_revision(
    app: Flask, client: PageClient, sent: dict[str, str]
) -> None:
    report = ready.draft(ours())
    client.sign_in("resident")
    client.get("reports.edit", report_id=report.id)
    page = client.post("reports.edit", sent | {"save": "1"}, report_id=report.id, expect=422)
    assert "Somebody has changed this report" in page
    assert report_lines.lines_of(report.id) == list(LINES)
    # Sent once more from the page that shows both, it is a decision.
    client.submit(page, {"total_staff": "9", "save": "1"}, containing="total_staff")
    assert [line.count for line in report_lines.lines_of(report.id)] == [9]


@pytest.mark.parametrize(
    ("login", "act", "stands"),
    [
        ("resident", "submit", Status.DRAFT),
        ("staff", "accept", Status.SUBMITTED),
        ("staff", "return_report", Status.SUBMITTED),
        ("staff", "take_back", Status.RETURNED),
    ],
)
def test_no_decision_is_made_by_a_form_that_names_no_revision(
    app: Flask, client: PageClient, login: str, act: str, stands: Status
) -> None:
    made = {Status.DRAFT: ready.draft, Status.SUBMITTED: ready.submitted, Status.RETURNED: ready.returned}
    report = made[stands](ours())
    client.sign_in(login)
    page = client.get(f"reports.{act}", report_id=report.id)
    said = {"reason": "Үзінді жоқ", "confirmed": "1"}
    page = client.post(f"reports.{act}", said, report_id=report.id, expect=422)
    assert only_report().status == stands
    client.submit(page, said, containing="revision")
    assert only_report().status != stands


def test_what_the_form_does_not_show_survives_it(app: Flask, client: PageClient) -> None:
    lines = (
        *LINES[:1],
        replace(LINES[1], country="KZ", ip_title_no="38001"),
        replace(LINES[2], document_no="ШК-1"),
        replace(LINES[2], count=2, document_no="ШК-2"),
        *LINES[3:],
    )
    accepted = ready.stored(ours(), lines[::-1])
    assert accepted is not None
    client.sign_in("resident")
    page = client.get("reports.correct", report_id=accepted.id)
    page = client.submit(page, {"reason": "Қате"}, containing="reason", follow=True)
    client.submit(page, {"total_staff": "9", "save": "1"}, containing="total_staff", follow=True)
    saved = report_lines.lines_of(only_report().id)
    assert set(saved) == {*lines[:4], replace(LINES[3], count=9), LINES[4]}


def test_a_draft_is_discarded_on_a_page_of_its_own(app: Flask, client: PageClient) -> None:
    report_id = ready.draft(ours()).id
    client.sign_in("resident")
    page = client.get("reports.discard", report_id=report_id)
    # A page that does not say which draft it showed, and one opened before another tab saved, throw nothing away.
    assert "Somebody has changed this report" in client.post("reports.discard", report_id=report_id, expect=422)
    edited = client.get("reports.edit", report_id=report_id)
    client.submit(edited, {"total_staff": "77", "save": "1"}, containing="total_staff", follow=True)
    page = client.submit(page, containing="revision", expect=422)
    assert "Somebody has changed this report" in page
    assert "77" in page
    client.submit(page, containing="revision", follow=True)
    assert only_report() is None
    client.get("reports.discard", report_id=report_id, expect=404)


# --- reviewing ---


def decisions(page: Page) -> list[str]:
    """Where the page could send a decision."""
    actions = [form.get("action") or "" for form in page.all("form")]
    return [action for action in actions if action.endswith(("/accept", "/return", "/take-back"))]


def test_a_decision_leads_to_its_report_which_names_the_next_one(app: Flask, client: PageClient) -> None:
    first = ready.submitted(ours())
    second = ready.submitted(ours(territory="YAFI"))
    first_id, second_id = first.id, second.id
    client.sign_in("staff")
    page = client.get("reports.show", report_id=first_id)
    assert decisions(page) == [f"/reports/{first_id}/accept"]
    answer = client.submit(page, action="/accept", follow=True)
    # Where the button stood is nothing that a second click could accept.
    assert decisions(answer) == []
    assert f"/reports/{second_id}" in answer.links().values()
    again = client.submit(page, action="/accept", expect=422)
    assert "already been accepted" in again
    assert [button for button in again.all("button") if element_text(button) == "Accept"] == []
    answer = client.get_response("reports.accept", report_id=first_id, expect=302)
    assert "already been accepted" in client.get(answer.headers["Location"])
    assert db.session.get(Report, second_id).status == Status.SUBMITTED
    page = client.get("reports.show", report_id=second_id)
    page = client.submit(page, action="/accept", follow=True)
    assert "Next to decide on" not in page


def test_a_return_is_taken_back_on_a_page_of_its_own(app: Flask, client: PageClient) -> None:
    report_id = ready.returned(ours()).id
    client.sign_in("staff")
    page = client.get("reports.show", report_id=report_id)
    assert f"/reports/{report_id}/take-back" in page.links().values()
    page = client.get("reports.take_back", report_id=report_id)
    page = client.submit(page, containing="revision", follow=True)
    assert "waits for a decision again" in page
    assert only_report().status == Status.SUBMITTED
    answer = client.get_response("reports.take_back", report_id=report_id, expect=302)
    assert "Only the sending back of a report can be undone" in client.get(answer.headers["Location"])


def test_a_return_needs_a_reason(app: Flask, client: PageClient) -> None:
    report_id = ready.submitted(ours()).id
    client.sign_in("staff")
    page = client.get("reports.return_report", report_id=report_id)
    page = client.submit(page, {"reason": "  "}, containing="reason", expect=422)
    assert only_report().status == Status.SUBMITTED
    client.submit(page, {"reason": "Үзінді жоқ"}, containing="reason", follow=True)
    assert (only_report().status, only_report().decision_note) == (Status.RETURNED, "Үзінді жоқ")


def test_a_report_shows_what_changed(app: Flask, client: PageClient) -> None:
    entry = ours()
    ready.stored(entry, [replace(LINES[0], amount=100_000_00), *LINES[1:]], quarter=2)
    first = ready.returned(entry)
    first = ready.send(ready.fill(first, [replace(LINES[0], amount=300_000_00), *LINES[1:]]))
    client.sign_in("staff")
    page = client.get("reports.show", report_id=first.id)
    texts = [" ".join(element_text(cell) for cell in row) for row in page.all("tr")]
    assert "Revenue R&D works 150,000.00 300,000.00 +150,000.00 +100" in texts
    assert "Revenue R&D works 100,000.00 300,000.00 +200,000.00 +200" in texts
    ready.accept(first)
    second = ready.correction(first, [LINES[0], *LINES[1:]])
    ready.send(second)
    page = client.get("reports.show", report_id=second.id)
    texts = [" ".join(element_text(cell) for cell in row) for row in page.all("tr")]
    assert "Revenue R&D works 300,000.00 150,000.00 −150,000.00 −50" in texts
    assert "Against version 2" in page
    ready.accept(second)
    assert "superseded by a later one" in client.get("reports.show", report_id=first.id)


# --- who may see what ---


def test_every_entry_of_a_company_shows_the_companys_reports(app: Flask, client: PageClient) -> None:
    """A report belongs to the company: its tab and its page are found from the entry that came later too."""
    first = ours(registered_on=date(2025, 12, 1))
    factories.status_change(first, "excluded", date(2026, 7, 15))
    second = ours(registered_on=date(2026, 8, 1))
    ready.stored(first, quarter=1)
    period = ready.period()
    with transaction():
        draft = services.start_report(people.viewer("resident"), resident=second, period=period, now=NOW)
    client.sign_in("resident")
    for entry in (first, second):
        page = client.get("reports.of_resident", resident_id=entry.id)
        assert f"/reports/{draft.id}" in page.links().values()
        assert "Q1 2026" in page
        assert "has not reported yet" not in page
        # What was begun under one entry is opened, whichever entry is asked for.
        started = client.post("reports.start", {"resident_id": entry.id, "period_id": period.id})
        assert started.response.headers["Location"] == f"/reports/{draft.id}"
    client.sign_out()
    client.sign_in("staff")
    for entry in (first, second):
        assert "Q1 2026" in client.get("reports.of_resident", resident_id=entry.id)


def test_a_strangers_report_does_not_exist(app: Flask, client: PageClient) -> None:
    other = ready.stored(factories.resident(factories.bin_number(3)))
    assert other is not None
    report_id, resident_id, period_id = other.id, other.resident_id, other.period_id
    client.sign_in("resident")
    client.get("reports.show", report_id=report_id, expect=404)
    client.get("reports.edit", report_id=report_id, expect=404)
    client.get("reports.correct", report_id=report_id, expect=404)
    client.get("reports.of_resident", resident_id=resident_id, expect=404)
    client.get("reports.index")
    client.post("reports.start", {"resident_id": resident_id, "period_id": period_id}, expect=404)
    client.post("reports.accept", report_id=report_id, expect=403)
    assert "There are no" not in client.get("reports.index")
    assert other.resident.name_ru not in client.get("reports.board")


def test_a_draft_is_the_residents_own_until_it_is_sent(app: Flask, client: PageClient) -> None:
    report_id = ready.draft(ours()).id
    client.sign_in("staff")
    client.get("reports.show", report_id=report_id, expect=404)
    page = client.get("reports.board", query={"year": 2026})
    assert "draft" in page


def test_an_auditor_reads_and_decides_nothing(app: Flask, client: PageClient) -> None:
    report_id = ready.submitted(ours()).id
    client.sign_in("auditor")
    page = client.get("reports.show", report_id=report_id)
    assert not [form for form in page.all("form") if (form.get("action") or "").endswith("/accept")]
    client.get("reports.return_report", report_id=report_id, expect=403)
    client.get("reports.periods", expect=403)


# --- periods, lists, board ---


def test_staff_open_the_next_quarter(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    page = client.get("reports.periods")
    link = next(href for text, href in page.links().items() if text.startswith("Open ") and "period" not in text)
    page = client.get(link)
    fields = page.fields(page.form("due_on"))
    assert (fields["opens_on"], fields["due_on"], fields["locks_on"]) == ("01.10.2026", "25.11.2026", "09.12.2026")
    page = client.submit(page, containing="due_on", follow=True)
    assert "is open. Residents report by" in page
    period = db.session.scalars(sa.select(ReportingPeriod)).one()
    assert (period.year, period.quarter, period.due_on) == (2026, 3, date(2026, 11, 25))
    page = client.get("reports.open_period")
    page = client.submit(
        page, {"territory": period.territory.code, "year": "2026", "quarter": "3"}, containing="due_on", expect=422
    )
    assert "this quarter has already been opened" in page


def test_a_quarter_that_would_be_locked_at_once_is_asked_about(app: Flask, client: PageClient) -> None:
    ours()
    client.sign_in("staff")
    asked = "The quarter would be locked from the first day"
    page = client.get("reports.open_period", query={"territory": "NU", "year": 2025, "quarter": 4})
    page = client.submit(page, containing="due_on", expect=422)
    assert asked in page
    assert db.session.scalars(sa.select(ReportingPeriod)).all() == []
    page = client.submit(page, {"locks_on": "30.11.2026"}, containing="due_on", follow=True)
    assert asked not in page
    page = client.get("reports.open_period", query={"territory": "NU", "year": 2025, "quarter": 3})
    page = client.submit(page, containing="due_on", expect=422)
    page = client.submit(page, {"confirmed": "1"}, containing="due_on", follow=True)
    periods = db.session.scalars(sa.select(ReportingPeriod).order_by(ReportingPeriod.quarter)).all()
    assert [(period.quarter, period.locks_on > date(2026, 10, 5)) for period in periods] == [(3, False), (4, True)]


def test_the_list_is_filtered_by_its_address(app: Flask, client: PageClient) -> None:
    entry = ours()
    ready.stored(entry, quarter=2)
    ready.returned(entry)
    client.sign_in("staff")

    def shown(**query: Any) -> int:
        page = client.get("reports.index", query=query)
        return len([href for href in page.links().values() if href.startswith("/reports/") and href[9:].isdigit()])

    assert shown() == 2
    assert shown(year=2026, quarter=2) == 1
    assert shown(status="returned") == 1
    assert shown(status="submitted") == 0
    assert shown(status="late") == 0
    assert shown(search=people.COMPANY_BIN) == 2
    assert shown(search="мұндай атау жоқ") == 0
    assert shown(year="abc", quarter="9") == 2
    assert "“Year”: choose one of the values offered." in client.get("reports.index", query={"year": "abc"})


def test_the_board_tells_who_is_late(app: Flask, client: PageClient, later: Callable[[date], None]) -> None:
    entry = ours()
    ready.stored(entry, quarter=2)
    ready.period()
    ready.returned(ours(territory="YAFI"))
    client.sign_in("staff")
    page = client.get("reports.board", query={"year": 2026})
    assert {"expected", "sent back", "accepted"} <= {
        element_text(e) for e in page.all("span") if "chip" in (e.get("class") or "")
    }
    later(date(2026, 11, 26))
    page = client.get("reports.board", query={"year": 2026})
    words = [element_text(e) for e in page.all("span") if "chip" in (e.get("class") or "")]
    # Returned in time is not late, and neither is what was never opened.
    assert [words.count(word) for word in ("accepted", "sent back", "late")] == [1, 1, 1]
    assert "1 late report of the year" in page
    target = next(href for text, href in page.links().items() if "late report of the year" in text)
    rows = client.get(target).all("tr")
    assert [" ".join(element_text(cell) for cell in row).strip() for row in rows][1:] == [
        f"Q3 2026, {entry.name_ru} {entry.name_ru} {people.COMPANY_BIN} STP NU 25 Nov 2026 1 late"
    ]


@pytest.mark.parametrize("endpoint", ["reports.index", "reports.board"])
def test_the_statements_of_a_list_do_not_grow_with_its_rows(app: Flask, client: PageClient, endpoint: str) -> None:
    ready.stored(ours())
    client.sign_in("staff")
    client.get(endpoint)
    with counting() as few:
        client.get(endpoint)
    for serial in range(2, 14):
        ready.stored(factories.resident(factories.bin_number(serial)))
    with counting() as many:
        client.get(endpoint)
    assert len(many) == len(few) <= 6


def test_a_report_page_does_not_grow_with_its_lines(app: Flask, client: PageClient) -> None:
    few_lines = ready.stored(ours())
    many_lines = ready.stored(
        ours(territory="YAFI"),
        [Line("tax", "101201", amount=1, document_no=str(number)) for number in range(60)],
    )
    assert few_lines is not None
    assert many_lines is not None
    ids = few_lines.id, many_lines.id
    client.sign_in("staff")
    client.get("reports.show", report_id=ids[0])
    counts = []
    for report_id in ids:
        with counting() as statements:
            client.get("reports.show", report_id=report_id)
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_a_line_tells_its_whole_history(app: Flask, client: PageClient) -> None:
    """Who sent, returned and accepted a figure, when, and what changed: one click from the line."""
    entry = ours()
    first = ready.submitted(entry)
    with transaction():
        services.return_report(people.viewer("staff"), first, reason="Үзінді жоқ", now=NOW)
    line = next(item for item in LINES if item.section == "tax")
    higher = tuple(replace(item, amount=(item.amount or 0) + 100) if item is line else item for item in LINES)
    first = ready.send(ready.fill(first, higher))
    ready.accept(first)
    with transaction():
        services.store_accepted(
            SYSTEM, resident=entry, year=2026, quarter=3, lines=LINES, now=NOW, basis=Basis("import", "q3.csv")
        )
    client.sign_in("auditor")
    page = client.get("reports.show", report_id=first.id)
    address = next(href for href in page.links().values() if href.endswith(f"/lines/tax/{line.code}"))
    history = client.get(address)
    rows = [[element_text(cell) for cell in row.iter() if cell.tag in {"td", "th"}] for row in history.all("tr")][1:]
    assert [row[1] for row in rows] == [
        "Report accepted",
        "Report accepted",
        "Report submitted",
        "Report sent back",
        "Report submitted",
    ]
    assert [row[3] for row in rows] == ["3", "2", "2", "1", "1"]
    assert ["changed" in row[4] for row in rows] == [True, False, True, False, False]
    figures = [row[4].replace(" changed", "").replace("\u00a0", "").replace(",", "") for row in rows]
    low, high = (f"{amount / 100:.2f}" for amount in (line.amount or 0, (line.amount or 0) + 100))
    assert figures == [low, high, high, low, low]
    assert "imported from a file № q3.csv" in rows[0][6]
    assert rows[3][6] == "Үзінді жоқ"
    client.get(f"/reports/{first.id}/lines/tax/999999", expect=404)
    client.get(f"/reports/{first.id}/lines/nothing/1", expect=404)
    client.sign_out()
    client.sign_in("resident")
    client.get(address)
    stranger = ready.stored(factories.resident(factories.bin_number(5)))
    assert stranger is not None
    client.get(f"/reports/{stranger.id}/lines/tax/{line.code}", expect=404)
