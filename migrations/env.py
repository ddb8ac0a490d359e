"""Run migrations on the application's own engine, then lay the triggers and the indexes of searches again."""

from __future__ import annotations

from alembic import context
from flask import current_app

from registry.infra.db import Base, Hundredths, UtcDateTime, stands_here
from registry.journal import guards, trigrams


def render_item(kind: str, item: object, _context: object) -> str | bool:
    """Write our column types as the plain types under them, so that an old migration needs no code of today."""
    if kind == "type" and isinstance(item, Hundredths):
        return "sa.BigInteger()"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    return False


engine = current_app.extensions["migrate"].db.engine

with engine.connect() as connection:
    if connection.dialect.name == "sqlite":
        # A batch migration rebuilds tables: foreign keys rest meanwhile. The pragma works outside a transaction only.
        connection.connection.cursor().execute("PRAGMA foreign_keys = OFF")
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        render_item=render_item,
        include_object=stands_here,
        transaction_per_migration=False,
    )
    with context.begin_transaction():
        context.run_migrations()
        guards.install(connection)
        trigrams.install(connection)
    connection.commit()
    if connection.dialect.name == "sqlite":
        connection.connection.cursor().execute("PRAGMA foreign_keys = ON")
