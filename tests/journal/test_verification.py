"""``registry journal verify`` names the place of every kind of damage, on both databases (``architecture.md`` 4)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.journal import guards, queries, services
from registry.journal.models import JournalEntry, JournalHead, JournalPersonal
from registry.journal.rules import HASHED_COLUMNS, Action
from registry.journal.services import Basis
from registry.territories.models import Territory
from registry.territories.queries import by_code

NOW = datetime(2026, 10, 5, 6, 0, tzinfo=UTC)


def territory() -> Territory:
    return by_code("NU")


def write_acts() -> int:
    """Append acts that between them fill every column; return how many entries the journal has then."""
    with transaction():
        park = territory()
        for number in range(1, 4):
            entry = services.record(
                SYSTEM,
                Action.TERRITORY_AMENDED,
                park,
                {"company_bin": (None, f"bin {number}"), "company_head": (None, "Демо А.А.")},
                now=NOW + timedelta(minutes=number),
                effective_on=date(2026, 10, number),
                parent=park,
                basis=Basis("order", "12-ө", date(2026, 9, 30)),
                ground="other",
                reason="тексеру",
                personal=["company_head"],
            )
        services.record(
            SYSTEM,
            Action.TERRITORY_AMENDED,
            park,
            {"company_bin": ("bin 3", "bin 4")},
            now=NOW + timedelta(hours=1),
            effective_on=date(2026, 10, 3),
            corrects=entry.sequence,
        )
        services.record(
            SYSTEM,
            Action.TERRITORY_AMENDED,
            park,
            {"annulled": (False, True)},
            now=NOW + timedelta(hours=2),
            effective_on=date(2026, 10, 3),
            annuls=entry.sequence,
        )
    return queries.head().count


@contextmanager
def unprotected() -> Iterator[None]:
    """Without the triggers, as somebody with the database's password could have it; undone afterwards."""
    session = db.session()
    session.rollback()
    for refusal in guards.REFUSALS:
        if db.engine.dialect.name == "sqlite":
            session.execute(sa.text(f"DROP TRIGGER {refusal.name}"))
        elif not refusal.constraint:
            session.execute(sa.text(f"DROP TRIGGER {refusal.name} ON {refusal.table}"))
    try:
        yield
    finally:
        session.rollback()


def damaged(value: object) -> object:
    """Another value of the same kind."""
    if isinstance(value, datetime):
        return value + timedelta(microseconds=1)
    if isinstance(value, date):
        return value - timedelta(days=1)
    if isinstance(value, int):
        return value + 1000
    assert isinstance(value, str)
    return value[:-1] + ("0" if value[-1] != "0" else "1")


SOMETHING = {date: date(2020, 1, 1), datetime: NOW, int: 7, str: "x"}


@pytest.mark.parametrize("column", [*HASHED_COLUMNS, "hash"])
def test_damage_to_any_column_of_any_entry_is_named(database, column):
    count = write_acts()
    assert queries.verify().problem is None
    attribute = getattr(JournalEntry, column)
    originals = {row[0]: row[1] for row in db.session.execute(sa.select(JournalEntry.sequence, attribute))}
    nullable = JournalEntry.__table__.c[column].nullable
    tried = 0
    for sequence in range(1, count + 1):
        original = originals[sequence]
        replacements = [SOMETHING[attribute.type.python_type] if original is None else damaged(original)]
        if nullable and original is not None:
            replacements.append(None)
        for replacement in replacements:
            with unprotected():
                db.session.execute(
                    sa.update(JournalEntry)
                    .where(JournalEntry.sequence == sequence)
                    .values({column: replacement})
                    .execution_options(synchronize_session=False)
                )
                problem = queries.verify().problem
                assert problem and problem.startswith(f"entry {sequence}"), (sequence, replacement, problem)
                tried += 1
    assert tried >= count
    assert queries.verify().problem is None


@pytest.mark.parametrize("column", [*HASHED_COLUMNS, "hash"])
def test_values_of_a_wrong_kind_are_named_too(app, column):
    """SQLite takes any text and any bytes in most columns; the check must not stumble over them."""
    write_acts()
    for value in ("'x'", "x'fffe'", "''"):
        with unprotected():
            try:
                db.session.execute(sa.text(f"UPDATE journal_entry SET {column} = {value} WHERE sequence = 3"))
            except sa.exc.IntegrityError:
                assert column == "sequence"
                continue
            problem = queries.verify().problem
            assert problem and problem.startswith("entry 3"), (value, problem)


@pytest.mark.parametrize("place", ["first", "middle", "last"])
def test_a_deleted_entry_is_named(database, place):
    count = write_acts()
    sequence = {"first": 1, "middle": 3, "last": count}[place]
    with unprotected():
        db.session.execute(sa.text("DELETE FROM journal_entry WHERE sequence = :n"), {"n": sequence})
        assert f"entry {sequence}" in (queries.verify().problem or "")


def test_a_missing_tail_is_noticed(database):
    count = write_acts()
    with unprotected():
        db.session.execute(sa.text("DELETE FROM journal_personal WHERE sequence > 2"))
        db.session.execute(sa.text("DELETE FROM journal_entry WHERE sequence > 2"))
        assert queries.verify().problem == f"entry {count}: the head names it as the last one, but entry 2 is"


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE journal_head SET count = count - 1", "the head"),
        ("UPDATE journal_head SET hash = prev_hash FROM journal_entry WHERE sequence = count", "the head"),
        ("DELETE FROM journal_head", "head"),
        ("UPDATE journal_personal SET salt = 'x' WHERE sequence = 2", "entry 2"),
        ("UPDATE journal_personal SET value = '[null,\"Демо Б.Б.\"]' WHERE sequence = 2", "entry 2"),
        ("UPDATE journal_personal SET field = 'company_phone' WHERE sequence = 2", "entry 2"),
        ("UPDATE journal_personal SET sequence = 400 WHERE sequence = 2", "entry 2"),
        ("DELETE FROM journal_personal WHERE sequence = 3", "entry 3"),
        ("INSERT INTO journal_personal VALUES (1, 'company_phone', 's', '[null,1]')", "entry 1"),
        ("UPDATE journal_personal SET salt = NULL, value = NULL WHERE sequence = 3", "entry 3"),
        ("UPDATE journal_personal SET value = NULL WHERE sequence = 3", "entry 3"),
    ],
)
def test_damage_beside_the_entries_is_named(database, statement, place):
    write_acts()
    with unprotected():
        assert db.session.execute(sa.text(statement)).rowcount
        problem = queries.verify().problem
        assert problem is not None
        assert place in problem or (place == "entry 2" and "entry 400" in problem)


def test_emptying_a_personal_value_without_an_act_is_reported(database):
    """The database itself permits emptying, since erasure needs it; the check asks for the act."""
    write_acts()
    db.session.execute(sa.text("UPDATE journal_personal SET salt = NULL, value = NULL WHERE sequence = 1"))
    db.session.commit()
    expected = "entry 1: the personal value of company_head is gone without an act of erasure"
    assert queries.verify().problem == expected


def test_one_persons_data_can_be_erased_and_the_chain_still_holds(database):
    write_acts()
    with transaction():
        erased = services.erase_personal(
            SYSTEM, territory(), ["company_head"], reason="request of 1 October 2026", now=NOW, on=date(2026, 10, 5)
        )
    assert erased == 3
    assert queries.verify().problem is None
    left = db.session.execute(sa.select(JournalPersonal.salt, JournalPersonal.value)).all()
    assert len(left) == 3
    assert all(row == (None, None) for row in left)
    entries, _total = queries.history(subjects=[("territory", territory().id)])
    oldest = entries[-1]
    assert oldest.erased == {"company_head"}
    assert oldest.changes["company_head"] == [None, None]
    assert oldest.changes["company_bin"] == [None, "bin 1"]
    assert entries[0].action is Action.PERSONAL_DATA_ERASED


def test_erasing_again_finds_nothing_and_records_nothing(app):
    count = write_acts()
    for expected in (3, 0):
        with transaction():
            found = services.erase_personal(
                SYSTEM, territory(), ["company_head"], reason="request", now=NOW, on=date(2026, 10, 5)
            )
        assert found == expected
    assert queries.head().count == count + 1


def test_a_whole_journal_verifies_and_says_where_it_ends(database):
    count = write_acts()
    result = queries.verify()
    head = db.session.execute(sa.select(JournalHead)).scalar_one()
    assert (result.entries, result.head, result.problem) == (count, head.hash, None)
