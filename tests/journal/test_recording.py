"""Recording acts, reading states back, and writers who work at the same time, on both databases."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import sqlalchemy as sa

from registry.config import ROOT
from registry.errors import DomainError
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import queries, services
from registry.journal.models import JournalEntry, JournalPersonal
from registry.journal.rules import GENESIS, Action
from registry.territories.models import Territory
from registry.territories.queries import by_code
from registry.territories.services import amend_territory

pytestmark = pytest.mark.thorough

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def amend(
    phone: str, *, effective_on: date = date(2026, 10, 5), now: datetime = NOW, **details: object
) -> JournalEntry:
    with transaction():
        return services.record(
            SYSTEM,
            Action.TERRITORY_AMENDED,
            by_code("NU"),
            {"company_phone": (None, phone)},
            now=now,
            effective_on=effective_on,
            **details,
        )


def test_entries_are_chained(database):
    amend("1")
    amend("2")
    first, second = db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.sequence)).all()
    assert (first.sequence, first.prev_hash) == (1, GENESIS)
    assert (second.sequence, second.prev_hash) == (2, first.hash)
    head = queries.head()
    assert (head.count, head.hash, head.recorded_at) == (2, second.hash, second.recorded_at)


def told(phone: str, **details: Any) -> services.Told:
    changes = {"company_phone": (None, phone)}
    return services.Told(Action.TERRITORY_AMENDED, by_code("NU"), changes, date(2026, 10, 5), **details)


def test_entries_recorded_together_are_those_recorded_one_by_one(database):
    amend("1")
    with transaction():
        assert services.record_all(SYSTEM, [], now=NOW) == []
        earlier = NOW - timedelta(hours=3)
        found = services.record_all(SYSTEM, [told("2"), told("3", reason="wrong", corrects=1)], now=earlier)
    amend("4")
    assert [entry.sequence for entry in found] == [2, 3]
    entries = db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.sequence)).all()
    for number, (before, entry) in enumerate(pairwise(entries), start=2):
        assert (entry.sequence, entry.prev_hash, entry.recorded_at) == (number, before.hash, NOW)
        assert json.loads(entry.changes) == {"company_phone": [None, str(number)]}
    assert (entries[2].reason, entries[2].corrects, entries[1].corrects) == ("wrong", 1, None)
    head = queries.head()
    assert (head.count, head.hash, head.recorded_at) == (4, entries[-1].hash, NOW)
    check_whole(4)


def test_of_entries_recorded_together_one_that_fails_leaves_none(database):
    with pytest.raises(DomainError, match="sign that cannot be stored"), transaction():
        services.record_all(SYSTEM, [told("1"), told("2\u0000")], now=NOW)
    assert queries.head().count == 0
    amend("1")
    check_whole(1)


def test_personal_values_recorded_together_are_kept_as_commitments(database):
    with transaction():
        services.record_all(SYSTEM, [told("1", personal={"company_phone"}), told("2"), told("3")], now=NOW)
    entries = db.session.scalars(sa.select(JournalEntry).order_by(JournalEntry.sequence)).all()
    assert list(json.loads(entries[0].changes)["company_phone"]) == ["commitment"]
    (kept,) = db.session.scalars(sa.select(JournalPersonal))
    assert (kept.sequence, kept.field, kept.value) == (1, "company_phone", '[null,"1"]')
    check_whole(3)


def test_an_act_is_recorded_inside_a_transaction_only(app):
    with pytest.raises(RuntimeError):
        services.record(
            SYSTEM,
            Action.TERRITORY_AMENDED,
            by_code("NU"),
            {"company_phone": (None, "1")},
            now=NOW,
            effective_on=date(2026, 10, 5),
        )


def test_a_failed_act_leaves_no_entry(database):
    with pytest.raises(ZeroDivisionError), transaction():
        services.record(
            SYSTEM, Action.TERRITORY_AMENDED, by_code("NU"), {"kbe": (None, "17")}, now=NOW, effective_on=NOW.date()
        )
        raise ZeroDivisionError
    assert queries.head().count == 0
    amend("1")
    assert queries.verify().problem is None


def test_recorded_time_never_runs_backwards(database):
    amend("1", now=NOW)
    amend("2", now=NOW - timedelta(hours=3))
    moments = db.session.scalars(sa.select(JournalEntry.recorded_at).order_by(JournalEntry.sequence)).all()
    assert moments == [NOW, NOW]


def test_states_by_both_clocks(database):
    park = by_code("NU").id
    first = amend("1", effective_on=date(2026, 1, 10), now=NOW).sequence
    amend("2", effective_on=date(2026, 3, 1), now=NOW + timedelta(days=1))
    amend("one", effective_on=date(2026, 1, 12), now=NOW + timedelta(days=2), corrects=first)

    def phone(as_of: date | None = None, known_at: datetime | None = None) -> str | None:
        state = queries.states(Territory, as_of=as_of, known_at=known_at).get(park)
        return state.values["company_phone"] if state else None

    assert phone() == "2"
    assert phone(date(2026, 1, 11)) is None
    assert phone(date(2026, 1, 11), NOW) == "1"
    assert phone(date(2026, 2, 1)) == "one"
    assert phone(date(2026, 2, 1), NOW + timedelta(days=1)) == "1"
    assert phone(date(2026, 3, 1), NOW) == "1"
    assert phone(date(2026, 3, 1), NOW - timedelta(microseconds=1)) is None


def test_the_record_is_what_its_acts_add_up_to(database):
    """Set a column aside from the journal, replay, and the journal's value is back."""
    with transaction():
        amend_territory(SYSTEM, by_code("NU"), {"company_phone": "+7 700 000 00 01"}, now=NOW)
    with transaction():
        park = by_code("NU")
        park.company_phone = "forgotten"
        services.replay(park)
        assert park.company_phone == "+7 700 000 00 01"


def test_history_is_newest_first_and_counts_all(database):
    for number in range(5):
        amend(str(number), parent=by_code("KURCHATOV"))
    entries, total = queries.history(subjects=[("territory", by_code("NU").id)], limit=2)
    assert total == 5
    assert [entry.changes["company_phone"][1] for entry in entries] == ["4", "3"]
    _entries, of_parent = queries.history(subjects=[("territory", by_code("KURCHATOV").id)])
    assert of_parent == 5
    assert queries.history(actions=[Action.USER_ADDED])[1] == 0


WRITERS, ACTS = 4, 12


def check_whole(expected: int) -> None:
    db.session.rollback()
    result = queries.verify()
    assert result.problem is None
    assert result.entries == expected
    sequences = db.session.scalars(sa.select(JournalEntry.sequence).order_by(JournalEntry.sequence)).all()
    assert list(sequences) == list(range(1, expected + 1))


def test_threads_writing_at_once_do_not_fork_the_chain(database):
    failures: list[BaseException] = []
    together = threading.Barrier(WRITERS)

    def write(name: int) -> None:
        try:
            with database.app_context():
                together.wait()
                for number in range(ACTS):
                    amend(f"{name}.{number}", now=datetime.now(UTC))
        except BaseException as error:  # told to the main thread
            failures.append(error)

    threads = [threading.Thread(target=write, args=(name,)) for name in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    check_whole(WRITERS * ACTS)


WRITER = """
import sys
from datetime import UTC, datetime
from registry.app import create_app
from tests.journal.test_recording import ACTS, amend
app = create_app(pages=False)
with app.app_context():
    sys.stdin.readline()
    for number in range(ACTS):
        amend(f"{number}", now=datetime.now(UTC))
"""


def test_processes_writing_at_once_do_not_fork_the_chain(database):
    settings = database.config["SETTINGS"]
    environment = os.environ | {
        "DATABASE_URL": settings.database_url,
        "REGISTRY_DATA_DIR": str(settings.data_dir),
        "PYTHONPATH": str(ROOT),
    }
    processes = [
        subprocess.Popen([sys.executable, "-c", WRITER], stdin=subprocess.PIPE, env=environment, cwd=ROOT)
        for _number in range(2)
    ]
    for process in processes:
        process.communicate(b"\n", timeout=60)
    assert [process.returncode for process in processes] == [0, 0]
    check_whole(2 * ACTS)
