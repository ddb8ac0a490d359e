"""The journal: every act on a register, append-only and hash-chained (``architecture.md`` 4)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.infra.db import ONLY_ON, Base, UtcDateTime
from registry.journal.rules import OPEN


class JournalEntry(Base):
    """One act. ``changes`` is canonical JSON ``{field: [old, new]}``, a personal field holds a commitment instead.

    ``parent_type``/``parent_id`` name the record the subject belongs to (the resident of a contract), for histories.
    ``corrects`` names the act whose own fields this entry corrects, ``annuls`` the act it declares recorded in error.
    The hash covers every column but itself.
    """

    __tablename__ = "journal_entry"
    __table_args__ = (
        sa.Index("ix_journal_entry_subject", "subject_type", "subject_id"),
        sa.Index("ix_journal_entry_parent", "parent_type", "parent_id"),
    )

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(40))
    subject_type: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int]
    parent_type: Mapped[str | None] = mapped_column(sa.String(40))
    parent_id: Mapped[int | None]
    effective_on: Mapped[date]
    ground: Mapped[str | None]
    basis_kind: Mapped[str | None]
    basis_no: Mapped[str | None]
    basis_date: Mapped[date | None]
    reason: Mapped[str | None]
    changes: Mapped[str] = mapped_column(sa.Text)
    corrects: Mapped[int | None]
    annuls: Mapped[int | None]
    algorithm: Mapped[int]
    prev_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


class JournalPersonal(Base):
    """Salt and value (JSON ``[old, new]``) behind a commitment; emptied when the person's data is erased."""

    __tablename__ = "journal_personal"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    salt: Mapped[str | None] = mapped_column(sa.String(64))
    value: Mapped[str | None] = mapped_column(sa.Text)


class JournalHead(Base):
    """Count and hash of the last entry, so that a missing tail is noticed. One row, ``id`` 1."""

    __tablename__ = "journal_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    count: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)


CodePoints = sa.String().with_variant(sa.String(collation="C"), "postgresql")
"""Text in the order of its code points on every database, whatever its collation."""

STILL_KNOWN = f"recorded_to = {OPEN}"
"""The condition of a partial index over what is known now; queries state it with the same literal."""


class PeriodColumns:
    """Columns of a state table beside its record's key and values (:mod:`registry.journal.state`).

    ``valid_*`` are days, ``recorded_*`` sequences of the journal; both intervals are half-open. An open end is
    ``rules.OPEN_DAY`` or ``rules.OPEN`` and never NULL, so that a reader compares and needs no second case. State
    tables follow from the journal: they bear no foreign keys, and what they hold keeps no record from being annulled.
    """

    valid_from: Mapped[date] = mapped_column(primary_key=True, sort_order=-5)
    valid_to: Mapped[date] = mapped_column(sort_order=-4)
    recorded_from: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False, sort_order=-3)
    recorded_to: Mapped[int] = mapped_column(sa.BigInteger, sort_order=-2)
    first: Mapped[bool] = mapped_column(sort_order=-1)


def key_column() -> Mapped[int]:
    """The column of a state table that names the record: the first of its key."""
    return mapped_column(primary_key=True, autoincrement=False, sort_order=-6)


def index_of_known(name: str, *columns: Any) -> sa.Index:
    """A partial index over what is known now.

    That of a list has the columns of its order and key first, then the clocks and what the list is narrowed by, so that
    pages and counts are found in it and not in the wide rows; ``recorded_to`` at its end tells SQLite that it can be.
    """
    return sa.Index(name, *columns, sqlite_where=sa.text(STILL_KNOWN), postgresql_where=sa.text(STILL_KNOWN))


def index_of_search(table: str, key: str) -> sa.Index:
    """A narrow index to look through for a part of a search text; SQLite would read all of each row instead.

    What is over by the day that is asked about is passed over. Only searches state the condition of its texts, so that
    SQLite, which guesses that few rows lie in a range of days, takes it for no list. PostgreSQL refuses texts longer
    than a third of a page in such an index; it has others (:mod:`registry.journal.trigrams`).
    """
    columns = ("valid_to", "valid_from", "first", key, "search", "recorded_to")
    index = sa.Index(f"ix_{table}_search", *columns, sqlite_where=sa.text(f"{STILL_KNOWN} AND search > ''"))
    return only_on("sqlite", index)


def only_on(dialect: str, index: sa.Index) -> sa.Index:
    """The index, laid on databases of one dialect only."""
    index.ddl_if(dialect=dialect)
    index.info[ONLY_ON] = dialect
    return index
