"""Every column of every table, every row taken away or put in, and every stored file: ``registry journal verify`` finds
what was changed past the program and names the place, on both databases.

What is not found is listed below with its reason, and nothing else. A sample drawn with a seed is tried in the gate,
all columns of two rows each with ``TEST_DAMAGE=all``.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from registry.accounts import services as accounts
from registry.accounts import two_people
from registry.accounts.models import User
from registry.accounts.queries import viewer_for
from registry.app import CHECKED
from registry.attachments import services as attachments
from registry.attachments.rules import Key
from registry.indicators import services as indicators
from registry.infra import storage
from registry.infra.access import SYSTEM
from registry.infra.db import Base, db, transaction
from registry.journal import guards, schema, seal, services
from registry.notes import services as notes
from registry.papers import issuing
from registry.papers import services as papers
from registry.papers.models import Document, DocumentAct
from registry.patents import services as patents
from registry.patents.models import Patent
from registry.reference import queries as reference
from registry.reports import services as reports
from registry.residents import services as residents
from registry.signing import keys
from registry.territories import dictionaries
from registry.territories.queries import by_code
from registry.territories.services import amend_territory
from tests import factories
from tests.attachments import made as files
from tests.contracts import made
from tests.factories import NOW, bin_number
from tests.papers import world
from tests.people import COMPANY_BIN
from tests.reports import ready
from tests.sampling import SEED

pytestmark = pytest.mark.thorough

ALL = os.environ.get("TEST_DAMAGE") == "all"
SAMPLE = 30
LATER = NOW + timedelta(days=1)

NOT_VERIFIED = {
    "file_import": "which entries came by which file: it changes nothing that counts, and the entries are in the chain",
    "column_mapping": "a convenience for the next file",
    "letter": "a mail and what became of it: nothing in a register follows from it",
    "notification": "what somebody was told: nothing in a register follows from it",
    "mail_choice": "how somebody wants to be told",
    "forgotten_password": "somebody asked for a link: the link itself is an act",
    "saved_view": "how somebody looks at a list: nothing in a register follows from it",
    "user_account.session_epoch": "a counter that only ends sessions",
    "user_account.last_sign_in_at": "signing in is no act",
    "invitation.id": "nothing names a link by it",
    "invitation.used_at": "using a link is seen by the password set with it",
    "dictionary_entry.id": "nothing names a code by it",
    "document_event.id": "nothing names an end by it",
    "document.checks": "counts the visits of a public page",
    "document_request.requested_at": "when work was asked for, not what was made of it",
    "document_request.status": "where work under way stands; prepared and declined are compared",
    "document_request.rows_done": "progress of work under way",
    "document_request.rows_total": "progress of work under way",
    "document_request.started_at": "progress of work under way",
    "document_request.finished_at": "progress of work under way",
    "document_request.worker": "progress of work under way",
    "document_request.attempts": "progress of work under way",
    "document_request.error": "why work failed; the reason of a decline is compared",
    "document_request.document_id": "which paper came of it; the paper itself is compared",
    "document_request.draft": "a print that waits for approval, looked at with all files",
    "document_request.snapshot": "compared while it waits for approval",
    "number_series.last": "ahead of what was given it makes a gap and no more; papers are compared exactly",
    "number_series.scope": "a series that nothing was given from",
    "report.revision": "counts saves, for two windows of one draft",
    "report.updated_at": "when the work was last saved",
    "report.unread": "cells of a draft that could not be read: no figure",
    "patent.twin": "lets numbers that were entered twice stand; the numbers' keys are compared",
    "contract.twin": "lets numbers that were entered twice stand; the numbers' keys are compared",
    "addendum.twin": "lets numbers that were entered twice stand; the numbers' keys are compared",
    "territory.id": "references to it are the database's to check; nothing refers to an empty territory",
    "journal_entry": "the chain: tests/journal/test_verification.py",
    "journal_personal": "the chain: tests/journal/test_verification.py",
    "journal_head.count": "the chain: tests/journal/test_verification.py",
    "journal_head.hash": "the chain: tests/journal/test_verification.py",
}
"""Table or column to the reason why a change of it goes unnoticed (of some rows, where others are compared)."""

PLACES = {
    "document_act": "papers",
    "document": "papers",
    "document_request": "request",
    "report_line": "versions of reports",
    "kept_share": "totals",
    "kept_step": "totals",
    "kept_lines": "totals",
    "listed_report": "listed reports",
    "patent_count": "patents of indicator 6",
}
"""How a difference calls a table that it does not call by its name."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Papers of one line each: their look is tested elsewhere."""
    world.print_quickly(monkeypatch)


@pytest.fixture
def lived_in(database: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """A registry with rows in every table, all of them made by acts."""
    monkeypatch.setitem(database.extensions, "checked", CHECKED)
    # The triggers are taken away to get past the program; that this is named: tests/journal/test_schema.py.
    monkeypatch.setattr(schema, "differences", lambda _connection: [])
    with transaction() as session:
        session.execute(sa.delete(User))
    fill()
    result = services.check(LATER, files=True)
    assert result.is_whole, result.found
    return database


def fill() -> None:
    with transaction():
        park = by_code("NU")
        boss, _link = accounts.invite(SYSTEM, login="boss", role="admin", name="Демо А.", now=NOW)
        clerk = accounts.add_user(
            SYSTEM, login="clerk", role="staff", password="a long enough password 7", territories=[park], now=NOW
        )
        accounts.add_user(SYSTEM, login="own", role="resident", company_bin=COMPANY_BIN, now=NOW)
        accounts.deactivate(SYSTEM, accounts.add_user(SYSTEM, login="gone", role="auditor", now=NOW), now=NOW)
        amend_territory(SYSTEM, park, {"company_bin": bin_number(7), "company_head": "Демо Б.Б."}, now=NOW)
        approver, preparer = viewer_for(boss), viewer_for(clerk)
        other = viewer_for(accounts.add_user(SYSTEM, login="other", role="staff", now=NOW))
    entries = world.build()
    first, second = entries[COMPANY_BIN], entries[bin_number(2)]
    factories.status_change(second, "suspended", date(2026, 3, 1))
    factories.status_change(second, "excluded", date(2026, 5, 1))
    wrong = factories.resident(bin_number(5), registered_on=date(2026, 2, 2))
    with transaction():
        residents.annul_resident(SYSTEM, wrong, reason="қате", now=NOW)
        residents.amend_resident(SYSTEM, first, values={"head": "Демо В.В.", "email": "demo@example.kz"}, now=NOW)
        residents.erase_contacts(SYSTEM, entries[bin_number(1)], reason="сұрау", now=NOW)
    agreement = made.contract(first, number="Ш-2")
    made.addendum(agreement, ends_on=date(2029, 1, 1), amount=5_000_00, subject_kk="мән")
    owned = db.session.scalars(sa.select(Patent).order_by(Patent.id)).first()
    assert owned is not None
    with transaction():
        patents.record_transfer(
            SYSTEM, owned, event_on=date(2026, 6, 1), holders=bin_number(1), document_no="77", now=NOW
        )
    sent = ready.submitted(first, quarter=2)
    with transaction():
        reports.return_report(SYSTEM, sent, reason="Салық бойынша үзінді жоқ", now=ready.NOW)
    kept = ready.accepted(first, quarter=1)
    ready.correction(kept, ready.LINES[:-1])
    files.attached(approver, Key("contract", agreement.id, of_entry=1), files.PNG, "шешім.png", staff_only=True)
    files.attached(approver, Key("report", kept.id), files.XLSX, "кесте.xlsx")
    pages = [
        files.attached(approver, Key("contract", agreement.id), files.CSV + name.encode(), name)
        for name in ("кері.csv", "жоқ.csv")
    ]
    with transaction():
        attachments.withdraw(approver, pages[0], reason="басқа шарт", now=ready.NOW)
        attachments.erase(approver, pages[1], reason="сұрау", now=ready.NOW)
    with transaction():
        for territory in (None, park):
            indicators.set_target(
                SYSTEM, territory=territory, indicator=1, year=2026, value=7_00, act_no="5", act_date=date(2026, 1, 5),
                now=NOW,
            )  # fmt: skip
        proposed = [
            indicators.propose_targets(
                approver, values={(6, year): 9_00}, act_no="5", act_date=date(2026, 1, 5), now=NOW
            )
            for year in (2028, 2029)
        ]
        days = {"from_on": date(2026, 10, 6), "to_on": date(2026, 10, 9)}
        away, deputy = (
            accounts.add_user(SYSTEM, login=login, role="staff", password="a long enough password 7", now=NOW)
            for login in ("away", "deputy")
        )
        accounts.end_deputy(SYSTEM, accounts.name_deputy(SYSTEM, away, deputy, **days, now=NOW), now=NOW)
        accounts.name_deputy(viewer_for(away), away, deputy, **days, now=NOW)
        two_people.refuse(other, proposed[0], reason="акт жоқ", now=NOW)
        indicators.set_external_value(SYSTEM, year=2025, value=31_00, source="WIPO", edition="GII 2025", now=NOW)
        reports.close_year(SYSTEM, territory=by_code("YAFI"), year=2025, reason="бекітілді", now=ready.NOW)
        row = {"code": "zz", "kk": "жаңа", "ru": "новая", "en": "new"}
        for act_no in ("1", "2"):
            dictionaries.keep_code(
                SYSTEM, "legal_forms", ("zz", None, date(2026, 1, 1)), row, valid_to=None, act_no=act_no,
                act_date=date(2026, 1, 5), now=NOW if act_no == "1" else ready.NOW,
            )  # fmt: skip
    with transaction():
        told = notes.write(approver, first, text="Үй-жай дайын", is_shown=True, now=ready.NOW)
        notes.correct(approver, told, text="Үй-жай дайын емес", now=ready.NOW)
        notes.withdraw(approver, told, reason="қате", now=ready.NOW)
        notes.write(approver, agreement, text="Ұзарту керек", is_shown=True, now=ready.NOW)
    now = ready.NOW
    world.issued("participants", now=now)
    world.issued("participants", language="ru", now=now)
    certificate = world.issued("certificate", now=now)
    replaced = world.issued("contracts", now=now)
    with transaction():
        papers.revoke(SYSTEM, certificate.act, reason="қате", now=now)
    made.contract(first, number="Ш-3")
    issuing.replace(SYSTEM, replaced.act, reason="толықтыру", now=now)
    asked: list[Any] = [
        issuing.issue(preparer, kind, language="kk", now=now, as_of=world.DAY, territory=by_code("NU"))
        for kind in ("patents", "revenues", "taxes")
    ]
    with transaction():
        papers.approve(approver, asked[0], now=now)
        papers.decline(approver, asked[1], reason="керек емес", now=now)


@contextmanager
def past_the_program() -> Iterator[None]:
    """Without triggers and references, as somebody with the database's password could have it; undone afterwards."""
    session = db.session()
    session.rollback()
    if db.engine.dialect.name == "sqlite":
        session.execute(sa.text("PRAGMA defer_foreign_keys = ON"))
        for refusal in guards.REFUSALS:
            session.execute(sa.text(f"DROP TRIGGER {refusal.name}"))
    else:
        session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    try:
        yield
    finally:
        session.rollback()
        session.expire_all()
        reference.forget()


def found() -> list[str]:
    """What the check says of the running transaction, of the database's own checks apart."""
    db.session.expire_all()
    reference.forget()
    return services.check(LATER).found


OTHERS: dict[type, Any] = {date: date(2020, 1, 1), datetime: NOW, int: 7, str: "x", bool: True}


def damaged(value: object, kind: type) -> object:
    """Another value of the same kind."""
    if value is None:
        return OTHERS[kind]
    if isinstance(value, bool):
        return not value
    if isinstance(value, datetime):
        # Earlier would be the time of a clock that ran behind the journal (``checked.moment``).
        return value + timedelta(seconds=1)
    if isinstance(value, date):
        return value - timedelta(days=1) if value > date.min else date(2020, 1, 1)
    if isinstance(value, int):
        return value + 1 if value < 2**62 else value - 1
    assert isinstance(value, str)
    return value[:-1] + ("0" if not value.endswith("0") else "1")


def kind_of(column: sa.Column[Any]) -> type:
    """The type of a column's values."""
    return getattr(column.type, "impl", column.type).python_type


def tables() -> list[sa.Table]:
    """All of the registers' own; what is noted beside them is no record (:mod:`registry.infra.beside`)."""
    return [
        table
        for table in Base.metadata.sorted_tables
        if table.name not in NOT_VERIFIED and not table.info.get("beside")
    ]


def key_of(table: sa.Table, row: Any) -> list[sa.ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key.columns]


def refused(statement: sa.Executable) -> bool:
    """Whether the database itself refuses a change that its own rules for rows forbid."""
    try:
        with db.session.begin_nested():
            assert db.session.execute(statement).rowcount  # ty: ignore[unresolved-attribute]
    except (sa.exc.IntegrityError, sa.exc.DataError):
        return True
    return False


def rows_of(table: sa.Table, drawn: random.Random) -> list[Any]:
    rows = list(db.session.execute(sa.select(table)).mappings())
    return drawn.sample(rows, min(2, len(rows)))


def changes(drawn: random.Random) -> list[tuple[sa.Table, sa.Column[Any], Any, Any]]:
    """Table, column, row and the value that takes the place of the row's."""
    cases = []
    for table in tables():
        rows = rows_of(table, drawn)
        assert rows, f"{table.name} is empty: nothing of it is tried"
        for row in rows:
            for column in table.columns:
                if f"{table.name}.{column.name}" in NOT_VERIFIED:
                    continue
                kind = kind_of(column)
                cases.append((table, column, row, damaged(row[column.name], kind)))
                if column.nullable and row[column.name] is not None:
                    cases.append((table, column, row, None))
    return cases if ALL else drawn.sample(cases, SAMPLE)


def names_the_place(said: list[str], table: sa.Table) -> bool:
    return any(PLACES.get(table.name, table.name) in text for text in said)


def test_every_column(lived_in: Flask) -> None:
    drawn = random.Random(SEED)
    unnoticed, misnamed = [], []
    for table, column, row, value in changes(drawn):
        if _unseen(table, row):
            continue
        with past_the_program():
            if refused(sa.update(table).where(*key_of(table, row)).values({column.name: value})):
                continue
            said = found()
        case = (f"{table.name}.{column.name}", dict(row), value)
        if not said:
            unnoticed.append(case)
        elif not names_the_place(said, table):
            misnamed.append((case, said))
    assert not unnoticed, "\n".join(map(str, unnoticed))
    assert not misnamed, "\n".join(map(str, misnamed))


def _unseen(table: sa.Table, row: Any) -> bool:
    """Rows that nobody vouches for: a draft that was never sent, and work that was only asked for."""
    if table.name == "report":
        return row["status"] == "draft"
    if table.name == "report_line":
        status = sa.text("SELECT status FROM report WHERE id = :id")
        return db.session.scalar(status, {"id": row["report_id"]}) == "draft"
    return False


def test_every_row(lived_in: Flask) -> None:
    """A row is taken away, or put in once more under another key."""
    drawn = random.Random(SEED)
    chosen = tables() if ALL else drawn.sample(tables(), 8)
    unnoticed = []
    for table in chosen:
        for row in rows_of(table, drawn):
            if _unseen(table, row) or (table.name == "number_series" and not row["scope"].startswith("document:")):
                continue
            with past_the_program():
                db.session.execute(sa.delete(table).where(*key_of(table, row)))
                if not found():
                    unnoticed.append(("deleted", table.name, dict(row)))
            last = list(table.primary_key.columns)[-1]
            again = dict(row) | {last.name: damaged(row[last.name], kind_of(last))}
            for column in table.columns:
                if column.unique and column.name not in again.keys() - set(row):
                    again[column.name] = damaged(again[column.name], kind_of(column))
            with past_the_program():
                if not refused(sa.insert(table).values(again)) and not found():
                    unnoticed.append(("inserted", table.name, again))
    assert unnoticed == []


def test_damaged_swapped_and_missing_files(lived_in: Flask) -> None:
    folder: Path = lived_in.config["SETTINGS"].documents_dir
    one, other = db.session.scalars(sa.select(Document).order_by(Document.id)).all()[:2]
    paths = [storage.path_of(folder, paper.sha256) for paper in (one, other)]
    first, second = (path.read_bytes() for path in paths)
    for content in (first[:-1] + b"?", second, b"", None):
        if content is None:
            paths[0].unlink()
        else:
            paths[0].write_bytes(content)
        said = services.check(LATER).found
        assert len(said) == 1
        assert f"stored papers: paper {one.number}: the stored file {one.sha256} is " in said[0]
        paths[0].write_bytes(first)
    # A folder in the file's place, and a file in its folder's.
    paths[0].unlink()
    paths[0].mkdir()
    no_key = lived_in.config["SETTINGS"].keys_dir / "public" / "aa.pem"
    no_key.mkdir()
    unread = f"stored papers: paper {one.number}: the stored file {one.sha256} cannot be read: Is a directory"
    assert services.check(LATER, files=True).found == [f"not what the journal tells: {unread}"]
    paths[0].rmdir()
    no_key.rmdir()
    paths[0].write_bytes(first)
    # The other paper's file, and the row that names it.
    with past_the_program():
        db.session.execute(sa.update(Document.__table__).where(Document.id == other.id).values(sha256="0" * 64))
        db.session.execute(
            sa.update(Document.__table__).where(Document.id == one.id).values(sha256=other.sha256, size=len(second))
        )
        said = found()
        assert any(f"stored papers: paper {one.number}: number is" in text for text in said)
    assert services.check(LATER, files=True).is_whole


def test_all_stored_files(lived_in: Flask) -> None:
    folder: Path = lived_in.config["SETTINGS"].documents_dir
    storage.store(folder, b"left by an issue that failed")
    assert services.check(LATER, files=True).is_whole
    stray = storage.path_of(folder, storage.store(folder, b"another"))
    stray.write_bytes(b"anothEr")
    assert services.check(LATER).is_whole
    assert services.check(LATER, files=True).found == [
        f"not what the journal tells: stored files: {stray}: it is damaged"
    ]
    stray.rename(folder / "notes.txt")
    assert "notes.txt: it does not belong there" in services.check(LATER, files=True).found[0]
    (folder / "notes.txt").unlink()
    for draft in sorted(lived_in.config["SETTINGS"].drafts_dir.glob("*/*")):
        draft.write_bytes(b"x")
    assert "the draft of request" in services.check(LATER, files=True).found[0]


def cut(last: int) -> None:
    """Take away all entries after one and all rows about papers issued since, and set the head to what is left."""
    gone = f"SELECT subject_id FROM journal_entry WHERE sequence > {last} AND action = 'document_issued'"
    for statement in (
        f"DELETE FROM document_request WHERE document_id IN ({gone}) OR chain_sequence > {last}",
        f"DELETE FROM document WHERE id IN ({gone})",
        "DELETE FROM document_event",
        "DELETE FROM document_act WHERE id NOT IN (SELECT act_id FROM document)",
        f"DELETE FROM journal_personal WHERE sequence > {last}",
        f"DELETE FROM journal_entry WHERE sequence > {last}",
        f"UPDATE journal_head SET count = {last}, hash = (SELECT hash FROM journal_entry WHERE sequence = {last}),"
        f" recorded_at = (SELECT recorded_at FROM journal_entry WHERE sequence = {last})",
    ):
        db.session.execute(sa.text(statement))


def test_a_journal_cut_at_its_end_is_noticed(lived_in: Flask) -> None:
    sealed = seal.read()
    assert sealed is not None
    last = sealed.sequence - 1
    with past_the_program():
        cut(last)
        said = found()
        assert any(
            f"sealed head: the head sealed in the data folder names entry {last + 1}, which the journal no longer has"
            in text
            for text in said
        )
    # Without the sealed head the papers tell, which name the head of their moment, and in the end their files.
    seal.path().unlink()
    newest = db.session.scalar(sa.select(sa.func.max(DocumentAct.chain_sequence)))
    with past_the_program():
        db.session.execute(sa.text(f"DELETE FROM journal_entry WHERE sequence >= {newest}"))
        db.session.execute(sa.text(f"DELETE FROM journal_personal WHERE sequence >= {newest}"))
        db.session.execute(
            sa.text(
                f"UPDATE journal_head SET count = {newest - 1}, "
                f"hash = (SELECT hash FROM journal_entry WHERE sequence = {newest - 1})"
            )
        )
        said = found()
        assert any("chain positions of papers: paper " in text and "it was cut at its end" in text for text in said)
    with past_the_program():
        cut(newest - 1)
        db.session.expire_all()
        said = services.check(LATER, files=True).found
        assert any("which no row names, names entry" in text for text in said)


def test_a_cut_journal_that_grows_on_does_not_cover_the_cut(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    factories.resident()
    factories.resident(bin_number(2))
    sealed = seal.read()
    assert sealed is not None
    assert sealed.sequence == 2
    with past_the_program():
        db.session.execute(sa.text("DELETE FROM journal_personal WHERE sequence = 2"))
        db.session.execute(sa.text("DELETE FROM journal_entry WHERE sequence = 2"))
        db.session.execute(sa.text("DELETE FROM resident WHERE id = 2"))
        db.session.execute(sa.text("DELETE FROM resident_state WHERE resident_id = 2"))
        db.session.execute(
            sa.text("UPDATE journal_head SET count = 1, hash = (SELECT hash FROM journal_entry WHERE sequence = 1)")
        )
        db.session.commit()
    guards.install(db.session.connection())
    db.session.commit()
    for number in (3, 4, 5):
        factories.resident(bin_number(number))
    assert seal.read() == sealed
    assert "names entry 2" in caplog.text
    assert "the head sealed in the data folder names entry 2 with the hash" in services.check(LATER).unlike[0]


def test_the_sealed_head_bears_the_registrys_signature(app: Flask) -> None:
    factories.resident()
    assert services.check(LATER).is_whole
    text = seal.path().read_text()
    for wrong, problem in (
        (text.replace('"sequence": 1', '"sequence": 2'), "bears no signature of this registry"),
        ("{}", "cannot be read"),
    ):
        seal.path().write_text(wrong)
        assert problem in services.check(LATER).unlike[0]
    factories.resident(bin_number(2))
    seal.path().write_text(text)
    assert services.check(LATER).is_whole
    factories.resident(bin_number(3))
    sealed = seal.read()
    assert sealed is not None
    assert sealed.sequence == 3
    assert seal.path().stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("left", [None, "", "\0" * 200])
def test_a_sealed_head_that_is_gone_is_told_of_and_not_laid_by_the_next_act(
    database: Flask, left: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever cuts the journal takes it away too."""
    factories.resident()
    if left is None:
        seal.path().unlink()
    else:
        seal.path().write_text(left)
    (said,) = services.check(LATER).unlike
    assert "nobody can tell whether the journal was cut at its end" in said
    assert caplog.text == ""
    factories.resident(bin_number(2))
    assert services.check(LATER).unlike == (said,)
    assert str(seal.path()) in caplog.text
    seal.renew()
    assert services.check(LATER).is_whole


def test_a_damaged_signing_key_stops_no_act(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    """It is committed by then; the head of the act before stays sealed."""
    factories.resident()
    key = app.config["SETTINGS"].keys_dir / keys.SIGNING_KEY
    content = key.read_bytes()
    try:
        key.write_bytes(content[:40])
        factories.resident(bin_number(2))
    finally:
        key.write_bytes(content)
    assert "the journal's head cannot be sealed" in caplog.text
    sealed = seal.read()
    assert sealed is not None
    assert sealed.sequence == 1


def test_a_moment_of_a_clock_that_ran_behind_is_no_difference(app: Flask) -> None:
    """Rows may bear the clock's time where the entry bears the journal's, which never runs backwards."""
    factories.resident()
    with transaction():
        accounts.add_user(SYSTEM, login="early", role="auditor", now=NOW - timedelta(days=400))
    assert services.check(datetime(2026, 12, 1, tzinfo=UTC)).is_whole
