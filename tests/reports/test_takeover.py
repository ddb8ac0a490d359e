"""A database of the release before versions were frozen: lines in the journal, returned reports changed in place."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask

from registry.errors import DomainError
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import derived
from registry.journal import queries as journal
from registry.journal.rules import GENESIS, canonical, entry_hash
from registry.reference.services import load_dictionaries
from registry.reports import accepted, report_lines, services, totals
from registry.reports.models import Report
from registry.reports.rules import Line, line_values
from tests import factories, people
from tests.reports.ready import LINES
from tests.test_migrations import bare  # noqa: F401

DAY = datetime(2026, 4, 10, 6, 0, tzinfo=UTC)
HIGHER = (replace(LINES[0], amount=LINES[0].amount + 1_00), *LINES[1:])
MORE = (*HIGHER, Line("revenue", "rnd_works", amount=5_00, document_no="8"))


class Old:
    """Writes rows and acts the way that release did."""

    def __init__(self, connection: sa.Connection) -> None:
        self.connection = connection
        self.metadata = sa.MetaData()
        self.count, self.hash = 0, GENESIS
        self.insert("journal_head", id=1, count=0, hash=GENESIS, recorded_at=datetime(1970, 1, 1, tzinfo=UTC))

    def table(self, name: str) -> sa.Table:
        return sa.Table(name, self.metadata, autoload_with=self.connection)

    def insert(self, table: str, **values: Any) -> None:
        columns = {column.name: sa.column(column.name, _kind(column)) for column in self.table(table).columns}
        self.connection.execute(sa.insert(sa.table(table, *(columns[name] for name in values))).values(**values))

    def act(
        self,
        action: str,
        kind: str,
        key: int,
        changes: Mapping[str, Sequence[Any]],
        on: date,
        parent: int | None = None,
    ) -> datetime:
        moment = DAY + timedelta(minutes=self.count)
        values: dict[str, Any] = {
            "sequence": self.count + 1,
            "recorded_at": moment,
            "actor_id": None,
            "action": action,
            "subject_type": kind,
            "subject_id": key,
            "parent_type": "resident" if parent else None,
            "parent_id": parent or None,
            "effective_on": on,
            "ground": None,
            "basis_kind": None,
            "basis_no": None,
            "basis_date": None,
            "reason": None,
            "changes": canonical(changes),
            "corrects": None,
            "annuls": None,
            "algorithm": 1,
            "prev_hash": self.hash,
        }
        values["hash"] = entry_hash(values)
        self.insert("journal_entry", **values)
        self.count, self.hash = values["sequence"], values["hash"]
        self.connection.execute(
            sa.text("UPDATE journal_head SET count = :count, hash = :hash"), {"count": self.count, "hash": self.hash}
        )
        return moment

    def report(
        self, key: int, version: int, status: str, lines: Sequence[Line], period: int = 1, **values: Any
    ) -> None:
        flags = {"none_revenue": False, "none_tax": False, "none_investment": False}
        fixed = {"resident_id": 1, "source": "page", "revision": 3, "updated_at": DAY}
        self.insert("report", id=key, period_id=period, version=version, status="draft", **fixed | flags | values)
        for position, line in enumerate(lines, start=1):
            columns = {name: getattr(line, name) for name in line_values(line)}
            self.insert("report_line", report_id=key, position=position, **columns)
        self.connection.execute(
            sa.text("UPDATE report SET status = :status WHERE id = :id"), {"status": status, "id": key}
        )

    def sent(self, key: int, lines: Sequence[Line], before: Sequence[Line] | None, **values: Any) -> datetime:
        flags = {name: [None, False] for name in ("none_revenue", "none_tax", "none_investment")}
        changes: dict[str, Sequence[Any]] = {"status": ["draft", "submitted"], **flags}
        changes |= {name: [None, value] for name, value in values.items()}
        changes["lines"] = [None if before is None else told(before), told(lines)]
        return self.act("report_submitted", "report", key, changes, date(2026, 3, 31), parent=1)


def _kind(column: sa.Column[Any]) -> Any:
    return sa.DateTime(timezone=True) if isinstance(column.type, sa.DateTime) else column.type


def told(lines: Sequence[Line]) -> list[dict[str, object]]:
    return [line_values(line) for line in lines]


@pytest.fixture
def taken_over(bare: Flask) -> Flask:  # noqa: F811
    """Three reports: one corrected after acceptance, one returned and changed since, one returned and left alone."""
    flask_migrate.upgrade(revision="0004")
    db.session.remove()
    with db.engine.begin() as connection:
        old = Old(connection)
        old.insert(
            "territory",
            id=1,
            code="NU",
            prefix="NU",
            kind="park",
            participant_word="resident",
            kato="710000000",
            name_kk="НУ",
            name_ru="НУ",
            name_en="NU",
            **_not_null(old.table("territory")),
        )
        entry = {"territory_id": 1, "register_no": "NU-2025-1", "bin": people.COMPANY_BIN, "name_kk": "Ұлы дала",
                 "name_ru": "Улы дала", "legal_form": "llp", "participant_type": "startup",
                 "registered_on": date(2025, 3, 1), "experimental_production": False}  # fmt: skip
        old.insert("resident", id=1, sort_kk="", sort_ru="", sort_en="", search="", is_demo=False, **entry)
        old.act(
            "resident_registered",
            "resident",
            1,
            {name: [None, value] for name, value in entry.items()},
            date(2025, 3, 1),
        )
        for key, (year, quarter) in enumerate(((2025, 3), (2025, 4), (2026, 1)), start=1):
            old.insert(
                "reporting_period",
                id=key,
                territory_id=1,
                year=year,
                quarter=quarter,
                opens_on=date(2026, 4, 1),
                due_on=date(2026, 5, 25),
                locks_on=date(2026, 6, 8),
            )
        first = old.sent(1, LINES, None)
        accepted_at = old.act(
            "report_accepted",
            "report",
            1,
            {"status": [None, "accepted"], "version": [None, 1], "lines": [None, told(LINES)]},
            date(2025, 9, 30),
            1,
        )
        old.report(1, 1, "accepted", LINES, submitted_at=first, decided_at=accepted_at)
        again = old.act(
            "report_accepted",
            "report",
            2,
            {"status": ["accepted", "accepted"], "version": [1, 2], "lines": [told(LINES), told(MORE)]},
            date(2025, 9, 30),
            1,
        )
        old.report(2, 2, "accepted", MORE, submitted_at=again, decided_at=again, correction_reason="Қате")
        old.sent(3, LINES, None, explanation="Бірінші")
        second = old.sent(3, HIGHER, LINES, explanation="Екінші")
        back = old.act("report_returned", "report", 3, {"status": ["submitted", "returned"]}, date(2025, 12, 31), 1)
        old.report(
            3,
            1,
            "returned",
            MORE,
            period=2,
            submitted_at=second,
            decided_at=back,
            decision_note="?",
            explanation="Үшінші",
            none_investment=True,
        )
        third = old.sent(4, LINES, None)
        back = old.act("report_returned", "report", 4, {"status": ["submitted", "returned"]}, date(2026, 3, 31), 1)
        old.report(4, 1, "returned", LINES, period=3, submitted_at=third, decided_at=back, decision_note="?")
        # A company that left in February and came back in March reported the quarter under both entries.
        for key, day in ((2, date(2025, 3, 1)), (3, date(2026, 3, 1))):
            again_entry = entry | {"bin": factories.bin_number(2), "register_no": f"NU-{key}", "registered_on": day}
            old.insert("resident", id=key, sort_kk="", sort_ru="", sort_en="", search="", is_demo=False, **again_entry)
            old.act(
                "resident_registered",
                "resident",
                key,
                {name: [None, value] for name, value in again_entry.items()},
                day,
            )
        left = {"resident_id": 2, "change": "excluded", "effective_on": date(2026, 2, 1), "ground": "own_request"}
        old.insert("status_change", id=1, **left)
        old.act(
            "status_excluded",
            "status_change",
            1,
            {name: [None, value] for name, value in left.items()},
            date(2026, 2, 1),
            2,
        )
        for key, resident in ((5, 2), (6, 3)):
            changes = {"status": [None, "accepted"], "version": [None, 1], "lines": [None, told(LINES)]}
            moment = old.act("report_accepted", "report", key, changes, date(2026, 3, 31), resident)
            old.report(key, 1, "accepted", LINES, period=3, resident_id=resident, decided_at=moment, source="import")
        if connection.dialect.name == "postgresql":
            connection.execute(sa.text("SELECT setval(pg_get_serial_sequence('report', 'id'), 6)"))
    flask_migrate.upgrade()
    with transaction():
        load_dictionaries()
        derived.rebuild(missing_only=True)
    return bare


def _not_null(table: sa.Table) -> dict[str, Any]:
    """Columns of the territory that may not be empty and do not matter here."""
    given = {"id", "code", "prefix", "kind", "participant_word", "kato", "name_kk", "name_ru", "name_en"}
    filling = {sa.Boolean: False, sa.Integer: 0, sa.String: ""}
    return {
        column.name: next(value for kind, value in filling.items() if isinstance(column.type, kind))
        for column in table.columns
        if not column.nullable and column.name not in given
    }


def test_the_journal_of_an_older_database_still_verifies(taken_over: Flask) -> None:
    assert journal.verify().problem is None
    entries, total = journal.history(subjects=[("report", 2)])
    assert [json.loads(canonical(entry.changes["lines"][1])) for entry in entries] == [told(MORE)]
    assert total == 1


def test_what_was_accepted_stays_and_its_lines_keep_their_identity(taken_over: Flask) -> None:
    first, second = report_lines.kept_lines(1), report_lines.kept_lines(2)
    assert [[line for _number, line in kept] for kept in (first, second)] == [list(LINES), list(MORE)]
    assert [number for number, _line in second[:5]] == [number for number, _line in first]
    found = accepted.accepted_lines(SYSTEM, year=2025)
    assert (found[0].version, found[0].section, found[0].amount) == (2, "revenue", HIGHER[0].amount)
    assert len(found) == len(MORE)


def test_changes_made_after_a_return_become_the_next_version(taken_over: Flask) -> None:
    rows = db.session.scalars(sa.select(Report).where(Report.period_id == 2).order_by(Report.version)).all()
    assert [(row.version, row.status, row.explanation, row.none_investment) for row in rows] == [
        (1, "returned", "Екінші", False),
        (2, "draft", "Үшінші", True),
    ]
    sent, draft = (report_lines.kept_lines(row.id) for row in rows)
    assert ([line for _number, line in sent], [line for _number, line in draft]) == (list(HIGHER), list(MORE))
    assert [number for number, _line in draft[:5]] == [number for number, _line in sent]
    assert [list(item.lines) for item in report_lines.submissions(rows[1])] == [list(LINES), list(HIGHER)]
    numbers = [number for key in (1, 2, 3, 4, rows[1].id) for number, _line in report_lines.kept_lines(key)]
    fresh = Line("tax", "101201", amount=1)
    with transaction():
        services.save_draft(
            people.viewer("resident"), rows[1], lines=[fresh], none=(), explanation=None, revision=3, now=DAY
        )
    assert report_lines.kept_lines(rows[1].id)[0][0] in {number for number, line in sent if line.code == "101201"}
    with transaction():
        services.save_draft(
            people.viewer("resident"),
            rows[1],
            lines=[*LINES, Line("tax", "103101", amount=2)],
            none=(),
            explanation=None,
            revision=4,
            now=DAY,
        )
    assert report_lines.kept_lines(rows[1].id)[-1][0] > max(numbers)


def test_a_report_doubled_by_a_re_entry_counts_once_and_is_listed(taken_over: Flask) -> None:
    found = accepted.accepted_lines(SYSTEM, year=2026)
    assert {line.report_id for line in found} == {6}
    assert [str(item) for item in indicators.doubled_reports()] == [
        f"NU {factories.bin_number(2)}, quarter 1 of 2026: report 6 counts, report 5 is superseded;"
        " indicator 1 -20000.50, indicator 4 -1000.00, indicator 5 -150000.00"
    ]
    values = indicators.indicators(SYSTEM, year=2026, as_of=date(2026, 3, 31))
    assert [value.as_json()["actual"] for value in values[:5:2]] == ["20000.50", "5", "150000.00"]
    assert values[0].coverage == (1, 2)
    assert list(totals.KEPT.differences()) == []


def test_a_returned_report_left_alone_stays_one_version(taken_over: Flask) -> None:
    assert [
        row.status
        for row in db.session.scalars(sa.select(Report).where(Report.period_id == 3, Report.resident_id == 1))
    ] == ["returned"]
    with pytest.raises(DomainError), transaction():
        services.discard_draft(people.viewer("resident"), db.session.get_one(Report, 4))
