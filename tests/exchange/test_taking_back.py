"""A wrong import is taken back as one act: everything it did is undone, or nothing."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.contracts.models import Contract
from registry.contracts.services import amend_contract
from registry.errors import Conflict, DomainError, NotFound
from registry.exchange import taking_back
from registry.exchange.models import FileImport
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.journal import queries as journal
from registry.reports import accepted, completeness, totals, work_lists
from registry.reports import queries as report_queries
from registry.reports import services as reports
from registry.reports.models import Report, ReportingPeriod
from registry.residents.models import Resident
from registry.residents.services import amend_resident, annul_resident
from tests.exchange.made import BIN, OTHER, all_exports, csv_file, refused, row, take
from tests.exchange.test_views import send
from tests.factories import NOW
from tests.pages import PageClient
from tests.people import COMPANY_BIN, viewer
from tests.reports import ready

pytestmark = pytest.mark.thorough


def newest() -> FileImport:
    return taking_back.imports_of(SYSTEM)[0]


def undo(item: FileImport | None = None, actor: Viewer = SYSTEM, now: datetime = NOW) -> int:
    with transaction():
        return taking_back.take_back(actor, item or newest(), reason="Не тот файл", now=now)


def everything() -> None:
    take("residents", row("residents", email="a@example.kz", trl="4"), row("residents", bin=OTHER))
    take("contracts", row("contracts"))
    take("addenda", row("addenda"))
    take("patents", row("patents"))
    take("report-lines", row("report-lines"))


NEW_ROWS = [
    ("residents", {"bin": "240340012304"}),
    ("status-changes", {}),
    ("contracts", {"number": "NU-2"}),
    ("contracts", {"number": "NU-2", "terminated_on": "2026-02-01", "termination_ground": "breach"}),
    ("addenda", {"number": "2", "effective_on": "2026-02-15"}),
    ("patents", {"title_no": "900002", "application_no": "2024/9002.1"}),
    ("patent-events", {}),
]
CHANGED_ROWS = [
    ("residents", {"email": "", "trl": "6", "decision_no": "7-Ш"}),
    ("contracts", {"amount": "9.00", "ends_on": "", "number": "NU-1", "signed_on": "2025-02-28"}),
    ("contracts", {"terminated_on": "2026-02-01", "termination_ground": "breach"}),
    ("contracts", {"bin": OTHER}),
    ("addenda", {"ends_on": "2028-12-31", "amount": "5.00"}),
    ("patents", {"name_kk": "Басқа", "ipc": ""}),
    ("patents", {"holders": OTHER}),
    ("report-lines", {"amount": "7.00"}),
]


@pytest.mark.parametrize(("kind", "values"), NEW_ROWS)
def test_what_was_created_is_annulled(database: Flask, kind: str, values: dict[str, object]) -> None:
    everything()
    before = all_exports()
    assert take(kind, row(kind, **values)).created == 1
    assert all_exports() != before
    assert undo() >= 1
    assert all_exports() == before
    assert derived.differences() == []
    assert journal.verify().problem is None
    # The same file can be imported again.
    assert take(kind, row(kind, **values)).created == 1


@pytest.mark.parametrize(("kind", "values"), CHANGED_ROWS)
def test_what_was_changed_is_put_back(database: Flask, kind: str, values: dict[str, object]) -> None:
    everything()
    before = all_exports()
    assert take(kind, row(kind, **values)).updated == 1
    assert all_exports() != before
    undo()
    after = all_exports()
    if values.get("holders"):
        # A transfer of today, annulled, leaves no event.
        assert b"transferred" not in after["patent-events"]
    assert after == before
    assert list(derived.differences()) == []


def covered(**known: datetime) -> tuple[int, ...]:
    return tuple(totals.coverage(SYSTEM, year=2026, quarter=1, as_of=date(2026, 9, 30), **known))


def test_a_first_report_taken_back_counts_as_never_sent(database: Flask) -> None:
    everything()
    asks = [finding for finding in taking_back.obstacles(newest(), SYSTEM) if finding.asks]
    assert len(asks) == 1
    assert covered() == (1, 2)
    undo(now=NOW + timedelta(days=1))
    assert all_exports()["report-lines"].count(b"\n") == 1
    period = db.session.scalars(sa.select(ReportingPeriod)).one()
    entry = db.session.scalars(sa.select(Resident).where(Resident.bin == BIN)).one()
    listed = report_queries.list_statement(SYSTEM)

    def board() -> str:
        cells = completeness.standings(SYSTEM, [(entry, None)], [period], [(2026, 1)], date(2026, 10, 5))
        return str(cells[entry.id, 2026, 1].standing)

    assert covered() == (0, 2)
    assert covered(known_at=NOW + timedelta(hours=1)) == (1, 2)
    assert covered(known_at=NOW + timedelta(days=2)) == (0, 2)
    assert (
        accepted.accepted_reports(SYSTEM) == accepted.accepted_reports(SYSTEM, known_at=NOW + timedelta(days=2)) == []
    )
    assert (db.session.execute(listed).all(), board()) == ([], "late")
    assert work_lists.late(SYSTEM, today=date(2026, 10, 5)).count == 2
    assert list(derived.differences()) == []
    assert take("report-lines", row("report-lines"), now=NOW + timedelta(days=2)).updated == 1
    assert covered() == (1, 2)
    assert (len(db.session.execute(listed).all()), board()) == (1, "accepted")
    # Once more: what was accepted before it had been taken back itself.
    undo(now=NOW + timedelta(days=3))
    assert covered() == (0, 2)
    assert list(derived.differences()) == []


def test_an_entry_whose_reports_were_all_taken_back_is_annulled(database: Flask) -> None:
    take("residents", row("residents"))
    entries = newest()
    take("report-lines", row("report-lines"))
    entry = db.session.scalars(sa.select(Resident)).one()
    with pytest.raises(Conflict, match="Reports rest on this entry"), transaction():
        annul_resident(SYSTEM, entry, reason="Қате", now=NOW)
    undo()
    undo(entries)
    assert entry.annulled_at is not None
    assert covered() == (0, 0)
    # The right entry reports the quarter itself.
    take("residents", row("residents", registered_on="2025-03-01"))
    assert take("report-lines", row("report-lines")).created == 1
    assert covered() == (1, 1)
    assert list(derived.differences()) == []


def test_the_page_of_a_report_taken_back_says_so(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"))
    take("report-lines", row("report-lines"))
    undo()
    client.sign_in("staff")
    last = db.session.scalar(sa.select(sa.func.max(Report.id)))
    assert "nothing of it counts as reported" in client.get("reports.show", report_id=last).text


def test_the_company_begins_a_report_that_was_taken_back_anew(database: Flask) -> None:
    take("residents", row("residents", bin=COMPANY_BIN))
    take("report-lines", row("report-lines", bin=COMPANY_BIN))
    undo()
    period = db.session.scalars(sa.select(ReportingPeriod)).one()
    entry = db.session.scalars(sa.select(Resident)).one()
    company, day = viewer("resident"), datetime.combine(period.due_on, NOW.timetz())
    duties = work_lists.my_duty(company, period.due_on)
    assert [(duty.report, str(duty.standing)) for duty in duties] == [(None, "expected")]
    with transaction():
        begun = reports.start_report(company, resident=entry, period=period, now=day)
    assert (begun.version, report_queries.corrects_accepted(begun)) == (3, False)


def test_a_report_that_came_instead_of_a_correction_returned_goes_back_to_what_was_accepted(database: Flask) -> None:
    take("residents", row("residents", bin=COMPANY_BIN))
    take("report-lines", row("report-lines", bin=COMPANY_BIN))
    before = all_exports()
    own = db.session.scalars(sa.select(Report)).one()
    correction = ready.correction(own, ready.LINES)
    ready.send(correction)
    with transaction():
        reports.return_report(viewer("staff"), correction, reason="Неге?", now=ready.NOW)
    take("report-lines", row("report-lines", bin=COMPANY_BIN, amount="7.00"))
    undo()
    assert all_exports() == before


def test_many_rows_in_order_of_their_dates(app: Flask) -> None:
    take("residents", row("residents"))
    before = all_exports()
    take(
        "status-changes",
        row("status-changes", change="resumed", effective_on="2026-05-01", ground=""),
        row("status-changes"),
        row("status-changes", change="excluded", effective_on="2026-06-01", ground="liquidation"),
    )
    assert undo() == 3
    assert all_exports() == before


def test_what_was_changed_since_stands_against_it(app: Flask) -> None:
    everything()
    take("residents", row("residents", email="b@example.kz"), row("residents", bin=OTHER, trl="3"))
    item = newest()
    resident = db.session.scalars(sa.select(Resident).where(Resident.bin == BIN)).one()
    with transaction():
        amend_resident(SYSTEM, resident, values={"phone": "+7 700"}, now=NOW)
    assert taking_back.obstacles(item, SYSTEM) == []
    with transaction():
        amend_resident(SYSTEM, resident, values={"email": "c@example.kz"}, now=NOW)
    before = all_exports()
    (finding,) = taking_back.obstacles(item, SYSTEM)
    assert finding.forbids
    with pytest.raises(Conflict, match="was changed after the import"):
        undo(item)
    assert all_exports() == before
    assert item.taken_back_at is None


def test_what_rests_on_it_stands_against_it(app: Flask) -> None:
    take("residents", row("residents"))
    item = newest()
    take("contracts", row("contracts"))
    with pytest.raises(Conflict):
        undo(item)
    undo()
    undo(item)
    assert refused("contracts", row("contracts"))[0][1] == "bin"


def test_a_created_record_changed_since_is_kept(app: Flask) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts"))
    contract = db.session.scalars(sa.select(Contract)).one()
    with transaction():
        amend_contract(SYSTEM, contract, values={"premises": "A-1"}, now=NOW)
    with pytest.raises(Conflict):
        undo()


def test_a_grant_stays(app: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents", title_no="", registered_on="", holders=BIN))
    take("patents", row("patents"))
    before = all_exports()
    with pytest.raises(DomainError):
        undo()
    assert all_exports() == before


def test_once_and_with_a_reason(app: Flask) -> None:
    take("residents", row("residents"))
    item = newest()
    with pytest.raises(DomainError), transaction():
        taking_back.take_back(SYSTEM, item, reason=" ", now=NOW)
    assert undo(item) == 1
    assert (item.taken_back_by, item.taken_back_reason) == (None, "Не тот файл")
    with pytest.raises(Conflict, match="already"):
        undo(item)


def test_an_import_that_changes_nothing_leaves_no_trace(app: Flask) -> None:
    take("residents", row("residents"))
    take("residents", row("residents"))
    take("residents", row("residents", bin=OTHER), dry_run=True)
    assert [(item.rows, item.created) for item in taking_back.imports_of(SYSTEM)] == [(1, 1)]


def test_who_sees_an_import(app: Flask) -> None:
    take("residents", row("residents"))
    item = newest()
    limited = viewer("staff").limited_to(db.session.scalars(sa.select(Resident)).one().territory_id)
    assert taking_back.imports_of(limited) == []
    with pytest.raises(NotFound):
        taking_back.get_import(item.id, limited)


def test_by_command(sqlite_command, tmp_path) -> None:
    sqlite_command("init")
    path = tmp_path / "residents.csv"
    path.write_bytes(csv_file([row("residents"), row("residents", bin=OTHER)]))
    sqlite_command("import", "residents", path)
    sqlite_command("import", "residents", path, "--errors", path, status=1)
    (line,) = sqlite_command("imports").out
    assert line.startswith("1  ")
    assert line.endswith("  residents  residents.csv  2  stands")
    asked = ("take-back", 1, "--reason", "Не тот файл")
    assert sqlite_command(*asked, "--dry-run").out == ["1: 2 acts would be undone"]
    assert sqlite_command("imports").out == [line]
    assert sqlite_command(*asked).out == ["1: 2 acts undone"]
    assert sqlite_command("imports").out[0].endswith("taken back")
    assert len(sqlite_command(*asked, status=1).errors) == 1
    sqlite_command("take-back", 7, "--reason", "x", status=1)


def test_from_the_page(app: Flask, client: PageClient) -> None:
    client.sign_in("staff")
    page = send(client, "residents", csv_file([row("residents", email="a@example.kz")]), "үлгі.csv")
    client.submit(page, containing="upload", follow=True, expect=200)
    page = client.get("exchange.index")
    assert "үлгі.csv" in page.text
    (address,) = [link for link in page.links().values() if "/take-back" in link]
    page = client.get(address)
    assert "a@example.kz" in page.text
    page = client.submit(page, {"reason": ""}, containing="reason", expect=422)
    page = client.submit(page, {"reason": "Не тот файл"}, containing="reason", follow=True, expect=200)
    assert "1 act was undone" in page.text
    assert all_exports()["residents"].count(b"\n") == 1
    client.get(address, expect=409)
    client.get("/exchange/imports/999/take-back", expect=404)
    client.sign_out()
    client.sign_in("auditor")
    client.get(address, expect=403)


@pytest.mark.parametrize(
    ("kind", "created", "changed"),
    [
        ("residents", {"bin": "240340012304", "email": "a@example.kz"}, {"email": "b@example.kz", "decision_no": "8"}),
        ("contracts", {"number": "TB-1"}, {"amount": "5.00"}),
        ("addenda", {"number": "2", "effective_on": "2026-02-15"}, {"amount": "5.00"}),
        ("patents", {"title_no": "900002", "application_no": "2024/9002.1"}, {"name_ru": "Другое"}),
        ("status-changes", {}, {"ground": "own_request"}),
        ("report-lines", {"quarter": "2"}, {"amount": "5.00"}),
    ],
)
def test_what_was_taken_back_since_does_not_stand_against_it(
    database: Flask, kind: str, created: dict[str, object], changed: dict[str, object]
) -> None:
    everything()
    before = all_exports()
    take(kind, row(kind, **created))
    first = newest()
    between = all_exports()
    take(kind, row(kind, **created | changed))
    with pytest.raises(Conflict, match="was changed after the import"):
        undo(first)
    undo()
    assert all_exports() == between
    undo(first)
    assert all_exports() == before
    assert list(derived.differences()) == []


def test_what_was_corrected_by_hand_between_still_stands_against_it(app: Flask) -> None:
    everything()
    take("report-lines", row("report-lines", quarter="2"))
    first = newest()
    take("report-lines", row("report-lines", quarter="2", amount="5.00"))
    take("report-lines", row("report-lines", quarter="2", amount="6.00"))
    undo()
    with pytest.raises(Conflict, match="was changed after the import"):
        undo(first)
