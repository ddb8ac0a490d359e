"""What belongs to another territory does not exist: role × territory × endpoint × foreign object, pages, files, packs.

Everything of Kurchatov is marked. An account limited to NU gets 404 for every object of it, whatever the address and
the method, and reads no mark in any list, search, file, journal, pack or answer of a command.
"""

from __future__ import annotations

import contextvars
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from registry.accounts import queries as accounts
from registry.accounts import services as account_services
from registry.accounts.models import User
from registry.accounts.permissions import ROLE_PERMISSIONS, Role
from registry.app import SUBJECTS
from registry.attachments import services as attachments
from registry.attachments.rules import Key
from registry.cli import run
from registry.contracts.models import Addendum, Contract
from registry.errors import ImportRefused, NotAllowed, NotFound
from registry.exchange import queries as exports
from registry.exchange.models import FileImport
from registry.exchange.rules import LAYOUTS, Kind
from registry.indicators import queries as indicators
from registry.indicators import services as targets
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import today, utc_now
from registry.infra.db import db, transaction
from registry.journal import queries as journal
from registry.journal.models import JournalEntry
from registry.lists import services as saved_views
from registry.notes import services as notes
from registry.notifications import services as notifications
from registry.notifications.models import Notification
from registry.papers import issuing, requests
from registry.papers import queries as papers
from registry.papers.events import AWAITING
from registry.papers.models import Document, DocumentRequest
from registry.patents.models import Patent
from registry.reports import services as reports
from registry.reports import totals
from registry.reports.models import ReportingPeriod
from registry.residents.models import Resident, StatusChange
from registry.territories.queries import by_code
from registry.verification import evidence_pack
from tests import people
from tests.attachments import made as files
from tests.exchange.made import take_file
from tests.factories import NOW, bin_number
from tests.test_access import address, methods

OWN, FOREIGN = "NU", "KURCHATOV"
MARK = "ЧУЖОЙ-МАРКЕР"
NUMBER = "ЧУЖ-777"
SECRET_BIN = bin_number(7)
COMMON_BIN = bin_number(8)
"""A company of Kurchatov that holds a patent together with one of NU."""
COMMON_NAME = "ТОО «Совладелец»"
TITLE = "955555"
MARKS = (MARK, NUMBER, SECRET_BIN, COMMON_BIN, TITLE, FOREIGN.lower() + "-chef")

RESIDENTS = f"""territory,bin,name_kk,name_ru,legal_form,participant_type,registered_on,decision_no,decision_date
NU,{people.COMPANY_BIN},«Өзіміз» ЖШС,ТОО «Свой»,llp,innovation_company,2025-01-10,1,2025-01-09
KURCHATOV,{SECRET_BIN},«{MARK}» ЖШС,ТОО «{MARK}»,llp,innovation_company,2025-01-10,{NUMBER},2025-01-09
KURCHATOV,{COMMON_BIN},«Бірге иеленуші» ЖШС,{COMMON_NAME},llp,innovation_company,2025-01-10,{NUMBER},2025-01-09
"""
CHANGES = f"""territory,bin,change,effective_on,ground,decision_no,decision_date
KURCHATOV,{SECRET_BIN},suspended,2026-01-15,own_request,{NUMBER},2026-01-14
"""
CONTRACTS = f"""territory,bin,kind,number,signed_on,starts_on,ends_on,amount,subject_kk,subject_ru
NU,{people.COMPANY_BIN},participation,1/1,2025-02-01,2025-02-01,2027-02-01,1000.00,Шарт,Договор
KURCHATOV,{SECRET_BIN},participation,{NUMBER},2025-02-01,2025-02-01,2026-11-01,1000.00,{MARK},{MARK}
"""
ADDENDA = f"""territory,contract_number,number,signed_on,effective_on,ends_on,amount,subject_kk,subject_ru
NU,1/1,1,2025-03-01,2025-03-01,,2000.00,,
KURCHATOV,{NUMBER},{NUMBER},2025-03-01,2025-03-01,,2000.00,{MARK},
"""
PATENTS = f"""office,kind,title_no,application_no,filed_on,registered_on,published_on,name_kk,name_ru,holders,authors
KZ,invention,{TITLE},,2024-03-01,2026-02-01,2026-02-16,{MARK},{MARK},{SECRET_BIN},
KZ,invention,900001,,2024-03-01,2026-02-01,2026-02-16,Ортақ,Общий,{people.COMPANY_BIN}=60%;{COMMON_BIN}=40%,
KZ,invention,900002,,2024-03-01,2026-02-01,2026-02-16,Ешкімдікі,Ничей,Никто из реестра,
"""
LINES = f"""territory,bin,year,quarter,document_kind,document_no,amount,count,section,code
NU,{people.COMPANY_BIN},2026,1,,5,100.00,,tax,101201
NU,{people.COMPANY_BIN},2026,1,,,,3,staff,research_specialists
KURCHATOV,{SECRET_BIN},2026,1,{MARK},{NUMBER},77700.00,,tax,101201
KURCHATOV,{SECRET_BIN},2026,1,,,,777,staff,research_specialists
"""
FILES = {
    Kind.RESIDENTS: RESIDENTS, Kind.STATUS_CHANGES: CHANGES, Kind.CONTRACTS: CONTRACTS, Kind.ADDENDA: ADDENDA,
    Kind.PATENTS: PATENTS, Kind.REPORT_LINES: LINES,
}  # fmt: skip


def take_in(actor: Viewer, kind: Kind, text: str) -> Any:
    return take_file(kind, text.encode(), actor=actor)


def account(login: str, role: str, *codes: str) -> Viewer:
    with transaction():
        user = account_services.add_user(
            SYSTEM,
            login=login,
            role=role,
            name=login,
            password=people.PASSWORD,
            language="en",
            now=NOW,
            company_bin=people.COMPANY_BIN if role == Role.RESIDENT else None,
            territories=[by_code(code) for code in codes],
        )
    return accounts.viewer_for(user)


@dataclass
class World:
    """Both territories; accounts limited to NU by role; what is foreign to them by the name of its parameter."""

    viewers: dict[str, Viewer]
    foreign: dict[str, object]
    number: str


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    for kind, text in FILES.items():
        take_in(SYSTEM, kind, text)
    viewers = {role.value: account(f"nu-{role}", role.value, OWN) for role in Role}
    boss = account(FOREIGN.lower() + "-chef", "staff", FOREIGN)
    secret = db.session.scalars(sa.select(Resident).where(Resident.bin == SECRET_BIN)).one()
    kurchatov = by_code(FOREIGN)
    with transaction():
        period = reports.open_period(boss, territory=kurchatov, year=2026, quarter=3, now=NOW)
        targets.set_target(
            boss,
            territory=kurchatov,
            indicator=1,
            year=2026,
            value=77_700,
            act_no=NUMBER,
            act_date=date(2026, 1, 5),
            now=NOW,
        )
    sender = Viewer(None, "x", "resident", ROLE_PERMISSIONS[Role.RESIDENT], SECRET_BIN)
    with transaction():
        draft = reports.start_report(sender, resident=secret, period=period, now=NOW)
        draft.status = "submitted"
    issued = issuing.issue(SYSTEM, "extract", language="ru", now=NOW, resident=SECRET_BIN, as_of=date(2026, 9, 30))
    assert isinstance(issued, Document)
    prepared = issuing.issue(boss, "participants", language="ru", now=NOW, territory=kurchatov, as_of=date(2026, 9, 30))
    assert isinstance(prepared, DocumentRequest)

    def one(column: Any, *conditions: Any) -> int:
        return db.session.scalars(sa.select(column).where(*conditions)).one()

    chief = account(FOREIGN.lower() + "-chef-2", "admin", FOREIGN)
    with transaction():
        proposal = account_services.propose_administrator(chief, db.session.get_one(User, boss.user_id), now=NOW)
        deputy = account_services.name_deputy(
            SYSTEM,
            db.session.get_one(User, chief.user_id),
            db.session.get_one(User, boss.user_id),
            from_on=today() + timedelta(days=1),
            to_on=today() + timedelta(days=1),
            now=utc_now(),
        )

    with (
        attachments.received(io.BytesIO(files.PDF + MARK.encode() + b"\n%%EOF"), f"{MARK}.pdf") as file,
        transaction(),
    ):
        attachment = attachments.attach(boss, Key("resident", secret.id), file, now=NOW)

    with transaction():
        view = saved_views.save_view(
            boss, listing="residents", name=MARK, query=f"search={MARK}", is_shared=True, now=NOW
        )

    with transaction():
        about = {"kind": "participants", "as_of": "2026-09-30"}
        request = (DocumentRequest.__tablename__, prepared.id)
        notifications.tell(AWAITING, [boss.user_id or 0], about=request, occasion="more", values=about, now=NOW)
        letter = notifications.new_letter("new_link", boss.user_id or 0, address=f"{MARK}@example.kz", now=NOW).id
        notification = one(Notification.id, Notification.occasion == "more")
        note = notes.write(boss, secret, text=MARK, is_shown=True, now=NOW)
        notes.write(boss, secret, text=MARK, is_shown=False, now=NOW)

    foreign = {
        "resident_id": secret.id,
        "change_id": one(StatusChange.id),
        "contract_id": one(Contract.id, Contract.number == NUMBER),
        "addendum_id": one(Addendum.id, Addendum.number == NUMBER),
        "patent_id": one(Patent.id, Patent.title_no == TITLE),
        "report_id": draft.id,
        "document_id": issued.id,
        "request_id": prepared.id,
        "user_id": boss.user_id,
        "proposal_id": proposal.id,
        "deputy_id": deputy.id,
        "import_id": one(sa.func.min(FileImport.id)),
        "code": FOREIGN,
        "view_id": view.id,
        "attachment_id": attachment.id,
        "record_id": secret.id,
        "sequence": one(
            JournalEntry.sequence,
            JournalEntry.action == "contract_concluded",
            JournalEntry.subject_id == one(Contract.id, Contract.number == NUMBER),
        ),
        "notification_id": notification,
        "letter_id": letter,
        "note_id": note.id,
    }
    yield World(viewers, foreign, issued.number)


NO_OBJECTS = {
    "filename", "token", "ending", "kind", "name", "change", "number", "section", "day", "upload",
}  # fmt: skip
"""Parameters that name no object of a territory; an upload goes by the hash of what its asker sent."""


def client_of(app: Flask, viewer: Viewer) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = f"{viewer.user_id}:0"
        session["_fresh"] = True
    return client


def ask(client: FlaskClient, method: str, path: str, **options: Any) -> TestResponse:
    db.session.rollback()
    return contextvars.Context().run(client.open, path, method=method, **options)


def foreign_addresses(app: Flask, rule: Rule, foreign: dict[str, object]) -> list[str]:
    """The rule's addresses of foreign objects: every object foreign, and the last one under an own one (the first)."""
    known = [name for name in rule.arguments if name in foreign]
    variants = [foreign]
    if len(known) > 1:
        variants.append(foreign | {"contract_id": 1, "resident_id": 1})
    found = []
    for values in variants:
        text = rule.rule
        for name in rule.arguments:
            example = "resident" if {name, "record_id"} <= rule.arguments and name == "kind" else values.get(name)
            if example is None:
                example = re.search(rf"(?:any\(([^)]*)\):)?{name}>", text)
                choices = example.group(1) if example else None
                example = choices.split(",")[0].strip(" '") if choices else "1"
            text = re.sub(rf"<[^<>]*\b{name}>", str(example), text)
        found.append(text)
    return found


@pytest.mark.parametrize("role", list(Role))
def test_a_foreign_object_is_not_found(app: Flask, world: World, role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    client, problems, walked = client_of(app, world.viewers[role]), [], 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        assert set(rule.arguments) <= NO_OBJECTS | world.foreign.keys(), f"{rule}: what does it name?"
        if getattr(view, "is_public", False) or not rule.arguments & world.foreign.keys():
            continue
        if not ROLE_PERMISSIONS[role] & view.required_permissions:
            continue
        for path in foreign_addresses(app, rule, world.foreign):
            for method in methods(rule):
                walked += 1
                response = ask(
                    client, method, path, data={"reason": "x", "revision": "0"} if method == "POST" else None
                )
                if response.status_code != 404:
                    problems.append(f"{role} {method} {path} -> {response.status_code}")
                problems += marks_in(response.get_data(), f"{role} {method} {path}")
    assert problems == []
    assert walked > 10


def test_the_walk_would_find_the_objects(app: Flask, world: World) -> None:
    """The same addresses are open to who has all territories, so that 404 means what it should."""
    client, opened = client_of(app, people.viewer("admin")), 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        if "GET" in methods(rule) and rule.arguments & world.foreign.keys() and not getattr(view, "is_public", False):
            path = foreign_addresses(app, rule, world.foreign)[0]
            opened += ask(client, "GET", path).status_code in {200, 302}
    assert opened > 25


def marks_in(content: bytes, place: str) -> list[str]:
    """The marks of the other territory that something holds, a ZIP (and so XLSX) file by file."""
    if content[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            return [found for name in book.namelist() for found in marks_in(book.read(name), f"{place}: {name}")]
    text = content.decode(errors="replace")
    return [f"{place} holds {mark}" for mark in MARKS if mark in text]


QUERIES = (
    "",
    "?territory=KURCHATOV",
    "?search=%D0%A7%D0%A3%D0%96%D0%9E%D0%99",
    f"?search={SECRET_BIN[:9]}",
    f"?search={COMMON_BIN[:9]}",
    "?q=chef",
    "?year=2026",
    "?date=2026-09-30",
)
"""Filters that would find something of the other territory; none of them repeats a mark."""
FILE_QUERIES = tuple(
    f"?kind={kind}&format={ending}{more}"
    for kind in LAYOUTS
    for ending in ("csv", "xlsx")
    for more in ("", "&territory=KURCHATOV", "&as_of=2026-09-30")
)


@pytest.mark.parametrize("role", list(Role))
def test_no_list_search_or_file_holds_a_trace(app: Flask, world: World, role: Role) -> None:
    client, problems, read = client_of(app, world.viewers[role]), [], 0
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        public = getattr(view, "is_public", False)
        if "GET" not in methods(rule) or public or rule.arguments & world.foreign.keys():
            continue
        if not ROLE_PERMISSIONS[role] & view.required_permissions:
            continue
        path = re.sub(r"<int:number>", "6", rule.rule)
        path = re.sub(r"<any\(csv, xlsx\):ending>", "csv", path)
        path = address(app, rule) if "<" in path else path
        for query in (*QUERIES, *(FILE_QUERIES if rule.endpoint == "exchange.export" else ())):
            response = ask(client, "GET", path + query)
            read += response.status_code == 200
            problems += marks_in(response.get_data(), f"{role} {path}{query}")
    assert problems == []
    assert read > 20


def test_own_pages_show_own_things(app: Flask, world: World) -> None:
    client = client_of(app, world.viewers["staff"])
    for path, shown in (
        ("/residents", "Свой"),
        ("/contracts", "1/1"),
        ("/patents", "Общий"),
        ("/patents", "Ничей"),
        ("/journal", "Patent"),
        ("/users", "nu-resident"),
    ):
        assert shown in ask(client, "GET", path).get_data(as_text=True), path


def test_a_holder_of_another_territory_stands_by_name(app: Flask, world: World) -> None:
    staff = world.viewers["staff"]
    client = client_of(app, staff)
    patent = db.session.scalars(sa.select(Patent).where(Patent.title_no == "900001")).one()
    common = db.session.scalars(sa.select(Resident).where(Resident.bin == COMMON_BIN)).one()
    page = ask(client, "GET", f"/patents/{patent.id}").get_data(as_text=True)
    assert "Совладелец" in page
    assert f"/residents/{common.id}" not in page
    for path in (f"/patents/{patent.id}", f"/patents/{patent.id}/amend", f"/patents/{patent.id}/history"):
        assert marks_in(ask(client, "GET", path).get_data(), path) == []
    (row,) = [row for row in exports.export_values(staff, Kind.PATENTS) if row["title_no"] == "900001"]
    assert row["holders"] == f"{people.COMPANY_BIN}=60%;{COMMON_NAME}=40%"
    text = exports.export_bytes(staff, Kind.PATENTS, "csv").decode("utf-8-sig")
    assert str(take_in(staff, Kind.PATENTS, text)) == "patents: 2 rows, 0 created, 0 updated, 2 unchanged"
    again = take_in(staff, Kind.PATENTS, text.replace("Общий", "Общий 2"))
    assert again.updated == 1
    db.session.expire_all()
    assert patent.holders == f"{people.COMPANY_BIN}=60%;{COMMON_BIN}=40%"
    both = people.viewer("staff")
    assert COMMON_BIN in exports.export_bytes(both, Kind.PATENTS, "csv").decode()


def test_a_key_taken_by_something_invisible_is_already_registered(app: Flask, world: World) -> None:
    for numbers in (f"{TITLE},", f"{TITLE},2024/0001.1"):
        row = f"KZ,invention,{numbers},2024-03-01,2026-02-01,2026-02-16,Өзіміз,Свое,{people.COMPANY_BIN},\n"
        with pytest.raises(ImportRefused) as refused:
            take_in(world.viewers["staff"], Kind.PATENTS, PATENTS.splitlines()[0] + "\n" + row)
        assert [str(error) for error in refused.value.errors] == [
            "patents.csv, row 2, column title_no: already registered"
        ]


def test_files_of_another_territory_are_refused(app: Flask, world: World) -> None:
    for kind, text in FILES.items():
        if kind is Kind.PATENTS:
            continue
        with pytest.raises(ImportRefused) as refused:
            take_in(world.viewers["staff"], kind, text)
        assert all("KURCHATOV" in str(error) for error in refused.value.errors), kind


def test_the_journal_is_of_own_territories(app: Flask, world: World) -> None:
    viewer = world.viewers["auditor"]
    shown, total = journal.history(viewer=viewer, limit=1000)
    everything, whole = journal.history(limit=1000)
    assert 0 < total == len(shown) < whole == len(everything)
    assert [entry for entry in shown if any(mark in str(entry.changes) for mark in MARKS)] == []
    mine = {(entry.subject_type, entry.subject_id) for entry in shown}
    secret = db.session.scalars(sa.select(Resident.id).where(Resident.bin == SECRET_BIN)).one()
    assert ("resident", secret) not in mine
    assert {kind for kind, _key in mine} >= {"resident", "contract", "addendum", "patent", "report", "user_account"}


def test_every_kind_of_subject_is_answered_for(app: Flask, world: World) -> None:
    """An entry about a table nobody answers for would vanish from the journal of every limited account."""
    known = {subject.kind for subject in SUBJECTS}
    used = set(db.session.scalars(sa.select(JournalEntry.subject_type).distinct()))
    assert used <= known


def test_a_pack_of_one_territory_holds_no_trace_of_others(app: Flask, world: World) -> None:
    viewer = world.viewers["auditor"]
    wanted = evidence_pack.wanted(viewer, 2026, None, by_code(OWN, viewer))
    target = io.BytesIO()
    evidence_pack.write(evidence_pack.collect(wanted), target)
    assert marks_in(target.getvalue(), "pack") == []
    with zipfile.ZipFile(io.BytesIO(target.getvalue())) as book:
        assert COMMON_NAME in book.read("tizilim-NU-2026/data/patents.csv").decode()
    with pytest.raises(NotFound):
        evidence_pack.wanted(viewer, 2026, None, by_code(FOREIGN))
    with pytest.raises(NotAllowed):
        evidence_pack.wanted(viewer, 2026, None, None)


def test_papers_are_of_own_territories(app: Flask, world: World) -> None:
    staff = world.viewers["staff"]
    for number in (world.number, world.number.removesuffix("-ru")):
        with pytest.raises(NotFound):
            papers.by_number(staff, number)
        with pytest.raises(NotFound):
            papers.act_by_number(staff, number)
    day = date(2026, 9, 30)
    about: dict[str, Any] = {"language": "ru", "today": day, "as_of": day}
    with pytest.raises(NotFound):
        requests.order(staff, "participants", territory=by_code(FOREIGN), **about)
    with pytest.raises(NotAllowed):
        requests.order(staff, "participants", **about)
    with pytest.raises(NotFound):
        requests.order(staff, "extract", resident=SECRET_BIN, **about)
    assert requests.order(staff, "participants", territory=by_code(OWN), **about).scope == "NU"


def test_a_paper_of_a_territory_names_holders_elsewhere_without_bin(app: Flask, world: World) -> None:
    day = date(2026, 9, 30)
    made = issuing.issue(SYSTEM, "patents", language="ru", now=NOW, territory=by_code(OWN), as_of=day)
    assert isinstance(made, Document)
    assert COMMON_BIN not in made.act.snapshot
    assert "Совладелец" in made.act.snapshot
    assert "Бірге иеленуші" in made.act.snapshot


def test_a_request_is_checked_again_when_it_is_made(app: Flask, world: World) -> None:
    """Whoever lost a territory after asking for a paper of it gets none."""
    from registry.papers import services, worker

    boss = accounts.by_login(FOREIGN.lower() + "-chef")
    assert boss is not None
    with transaction():
        asked = services.request_document(
            accounts.viewer_for(boss), "premises", language="ru", now=worker.utc_now(), territory=by_code(FOREIGN)
        ).id
    with transaction():
        account_services.change_role(people.viewer("admin"), boss, role="staff", territories=[by_code(OWN)], now=NOW)
    worker.run_request(asked)
    db.session.expire_all()
    failed = db.session.get_one(DocumentRequest, asked)
    assert (failed.status, failed.document_id) == ("failed", None)


def test_the_concepts_indicators_are_public_and_a_territorys_are_not(app: Flask, world: World) -> None:
    whole = [value.as_json() for value in indicators.indicators(people.viewer("staff"), year=2026)]
    for viewer in world.viewers.values():
        assert [value.as_json() for value in indicators.indicators(viewer, year=2026)] == whole
        with pytest.raises((NotFound, NotAllowed)):
            indicators.indicators(viewer, year=2026, territory_id=by_code(FOREIGN).id)
    staff = world.viewers["staff"]
    assert indicators.by_territory(staff, year=2026).keys() == {None, by_code(OWN).id}
    lines = indicators.counted_lines(staff, number=1, year=2026)
    assert {line.territory_code for line in lines} == {OWN}
    details: dict[str, Any] = {"indicator": 1, "year": 2026, "value": 1, "act_no": "1", "act_date": date(2026, 1, 5)}
    with transaction():
        targets.set_target(staff, territory=by_code(OWN), now=NOW, **details)
    for territory, refusal in ((None, NotAllowed), (by_code(FOREIGN), NotFound)):
        with pytest.raises(refusal), transaction():
            targets.set_target(staff, territory=territory, now=NOW, **details)
    with pytest.raises(NotAllowed), transaction():
        targets.set_external_value(staff, year=2026, value=3100, source="GII", edition="2026", now=NOW)


def test_forms_name_no_foreign_object(app: Flask, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects named by a field instead of the address."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    period = db.session.scalars(
        sa.select(ReportingPeriod.id).where(ReportingPeriod.territory_id == by_code(FOREIGN).id)
    ).first()
    resident, staff = (client_of(app, world.viewers[role]) for role in ("resident", "staff"))
    own = db.session.scalars(sa.select(Resident.id).where(Resident.bin == people.COMPANY_BIN)).one()
    foreign = world.foreign["resident_id"]
    for data in ({"resident_id": foreign, "period_id": period}, {"resident_id": own, "period_id": period}):
        assert ask(resident, "POST", "/reports/start", data=data).status_code == 404
    assert ask(staff, "GET", f"/documents/new?kind=extract&resident={foreign}").status_code == 404
    assert ask(staff, "GET", f"/contracts/new?resident={foreign}").status_code == 404
    for path, data in (
        ("/residents/new", {"territory": FOREIGN, "bin": bin_number(9)}),
        ("/reports/periods/open", {"territory": FOREIGN, "year": "2026", "quarter": "2"}),
        ("/documents/new?kind=participants", {"territory": FOREIGN, "as_of": "2026-09-30", "language": "ru"}),
        ("/documents/evidence", {"territory": FOREIGN, "year": "2026"}),
        ("/users/invite", {"login": "x@example.kz", "role": "resident", "territory": FOREIGN}),
    ):
        before = db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry))
        response = ask(staff, "POST", path, data=data)
        assert response.status_code in {200, 403, 422}, path
        assert db.session.scalar(sa.select(sa.func.count()).select_from(JournalEntry)) == before


def test_commands_obey_the_actors_territories(
    app: Flask, world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = app.config["SETTINGS"]
    monkeypatch.setenv("REGISTRY_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    out = tmp_path / "out.csv"

    def command(*arguments: str, actor: str = "nu-staff") -> tuple[int, str, str]:
        db.session.rollback()
        capsys.readouterr()
        status = contextvars.Context().run(run, [*arguments, "--actor", actor])
        said = capsys.readouterr()
        return status, said.out, said.err

    for kind in LAYOUTS:
        assert command("export", kind, "-o", str(out))[0] == 0
        assert marks_in(out.read_bytes(), kind) == []
        status, _said, errors = command("export", kind, "--territory", FOREIGN, "-o", str(tmp_path / "no.csv"))
        assert (status, errors) == (1, f"There is no territory with the code {FOREIGN}.\n")
    for arguments in (
        ("indicators", "--year", "2026", "--territory", FOREIGN),
        ("evidence", "--year", "2026", "--territory", FOREIGN, "-o", str(out)),
        ("evidence", "--year", "2026", "-o", str(out)),
        ("document", "issue", "participants", "--lang", "ru", "-o", str(out)),
        ("document", "issue", "extract", "--resident", SECRET_BIN, "--lang", "ru", "-o", str(out)),
        ("document", "get", world.number, "-o", str(out)),
        ("document", "data", world.number, "-o", str(out)),
        ("document", "check", world.number),
        ("document", "revoke", world.number, "--reason", "x"),
        ("document", "replace", world.number, "--reason", "x"),
        ("document", "approve", str(world.foreign["request_id"])),
        ("users", "add", "z", "--role", "resident", "--resident", SECRET_BIN, "--territory", FOREIGN),
    ):
        status, said, errors = command(*arguments)
        assert (status, said) == (1, ""), arguments
        assert not any(mark in errors for mark in (MARK, COMMON_BIN, TITLE)), errors
    status, said, _errors = command("indicators", "--year", "2026")
    assert (status, said.count("\n")) == (0, 7)
    # What is derived is derived for all territories, and what comes out names their records.
    status, said, errors = command("journal", "rebuild", actor="nu-admin")
    assert (status, said) == (1, "")
    assert errors == "This concerns all territories and needs an account that is not limited to some.\n"


def test_kept_totals_are_of_own_territories(app: Flask, world: World) -> None:
    day = date(2026, 9, 30)
    for viewer, territories in ((people.viewer("staff"), {OWN, FOREIGN}), (world.viewers["staff"], {OWN})):
        found = totals.totals(viewer, [2026], as_of=day)
        ids = {by_code(code).id for code in territories}
        assert {total.territory_id for total in found.codes} == found.coverage(2026).keys() == ids
