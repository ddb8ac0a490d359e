"""Indexes by which PostgreSQL finds a part of a search text without reading every row (SQLite reads a narrow index).

They need the extension ``pg_trgm``, so they are no part of the models: where it cannot be made, a search reads rows.
They are laid whenever migrations were run, as the refusals are.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from registry.infra.db import BESIDE_MODELS
from registry.journal.models import STILL_KNOWN

SEARCHED = ("resident_state", "contract_state", "patent_state")


def name_of(table: str) -> str:
    """What the index of a table's search texts is called."""
    return f"ix_{table}{BESIDE_MODELS}"


def install(connection: sa.Connection) -> None:
    """Lay the indexes on PostgreSQL, of the tables that are there (a migration half-way has fewer).

    They are kept up by each act itself: left for later, what was added would be read through by each search.
    """
    if connection.dialect.name != "postgresql":
        return
    inspector = sa.inspect(connection)
    tables = set(inspector.get_table_names())
    there = [
        table
        for table in SEARCHED
        if table in tables and "search" in {column["name"] for column in inspector.get_columns(table)}
    ]
    try:
        with connection.begin_nested():
            connection.exec_driver_sql("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            for table in there:
                connection.exec_driver_sql(
                    f"CREATE INDEX IF NOT EXISTS {name_of(table)} ON {table} USING gin (search gin_trgm_ops)"
                    f" WITH (fastupdate = off) WHERE {STILL_KNOWN}"
                )
    except DBAPIError:
        # Whoever set up the database did not allow the extension; init says so.
        return


def are_missing(connection: sa.Connection) -> bool:
    """Whether searches read every row: on PostgreSQL without ``pg_trgm``."""
    if connection.dialect.name != "postgresql":
        return False
    there = sa.text("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
    return not {name_of(table) for table in SEARCHED} <= set(connection.scalars(there))
