"""The ``registry`` command (``exchange.md`` 1): thin, it calls the same services as the pages."""

from __future__ import annotations

from flask import Flask

from registry.infra.clock import utc_now


def prepare(app: Flask) -> None:
    """Bring the installation up to date: database, keys, journal, dictionaries, targets and the three territories.

    May be run again: what is there stays as it is.
    """
    import flask_migrate

    from registry.indicators.services import load_national_targets
    from registry.infra import keys
    from registry.infra.db import transaction
    from registry.journal import services as journal
    from registry.reference.services import load_dictionaries
    from registry.territories.services import load_territories

    with app.app_context():
        flask_migrate.upgrade()
        keys.create(app.config["SETTINGS"].keys_dir)
        with transaction():
            journal.start(utc_now())
            load_dictionaries()
            load_territories()
            load_national_targets()


def main() -> None:
    """Run the command."""
