"""Archives of the installation: made of a whole registry only, and read through as a restore would."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import flask_migrate
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from registry.accounts import services as accounts
from registry.config import ROOT, Settings
from registry.infra import backup
from registry.infra.clock import utc_now
from registry.infra.db import db, one_look, transaction
from registry.journal import derived, seal, stored
from registry.journal import services as journal
from registry.notifications import services as notifications
from registry.papers.checked import StoredFiles
from registry.signing import keys

Opening = Callable[[Settings], Flask]
"""How the registry in an archive that lies unpacked is opened: an application without pages."""


def damage(settings: Settings) -> list[str]:
    """Why the registry must not take the place of an archive of a whole one: what is damaged, in words."""
    with one_look():
        found = [*_another_version(), *journal.check(utc_now()).found]
    if problem := keys.problem(settings.keys_dir):
        found.append(f"keys: {problem}")
    return found


def check(settings: Settings, archive: Path, opening: Opening) -> backup.Contents:
    """Read an archive through and compare the registry in it with its own journal (:func:`backup.check`).

    :raises BackupError: saying what is wrong.
    """
    return backup.check(
        settings,
        archive,
        versions(),
        keys_problem=keys.problem,
        finish=partial(finish, opening),
        compare=partial(_found_in, opening),
    )


def finish(opening: Opening, settings: Settings) -> list[tuple[str, int]]:
    """Bring the database of an archive up to date and end what was open in it; what was derived anew."""
    with opening(settings).app_context():
        try:
            try:
                flask_migrate.upgrade()
            except SystemExit:
                # Flask-Migrate ends the process where Alembic refuses.
                raise backup.BackupError("its migrations cannot be run") from None
            damage = stored.damage()
            if not damage.rest_can_be_read:
                raise backup.BackupError("; ".join(damage.said))
            db.session.rollback()
            with transaction():
                rebuilt = derived.rebuild(missing_only=True)
                accounts.end_everything(now=utc_now())
                notifications.drop_unsent(now=utc_now())
        finally:
            db.session.remove()
            db.engine.dispose()
    return rebuilt


def version() -> str | None:
    """The version that the database says it is at; None where nothing was prepared."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


def versions() -> list[str]:
    """The versions of the database that this program knows, from the first to the newest."""
    return [script.revision for script in ScriptDirectory(str(ROOT / "migrations")).walk_revisions()][::-1]


# --- inside ---


def _found_in(opening: Opening, settings: Settings) -> tuple[str, ...]:
    """What the check of the journal finds in an archive that lies unpacked."""
    app = opening(settings)
    # No archive carries drafts.
    app.extensions["checked_files"] = (StoredFiles(),)
    with app.app_context():
        try:
            # Nor the sealed head, which a restore lays.
            seal.renew()
            return tuple(journal.check(utc_now(), files=True).found)
        finally:
            db.session.remove()
            db.engine.dispose()


def _another_version() -> Iterator[str]:
    """Where the database does not say that it is at the newest version: such an archive could not be restored."""
    at, newest = version(), versions()[-1]
    if at != newest:
        yield f"the database is at {at or 'no version'} instead of {newest}: run registry init"
