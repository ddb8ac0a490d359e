"""Commands about the installation: prepare it, fill it with demo data, save and restore it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.group import (
    CommandError,
    actor_option,
    file_argument,
    make_app,
    opened,
    registry,
    require_prepared,
    settings_of_environment,
    tell_rebuilt,
)
from registry.config import Settings
from registry.infra.access import Viewer
from registry.infra.clock import local_date, utc_now

if TYPE_CHECKING:
    from flask import Flask


def prepare(app: Flask) -> list[tuple[str, int]]:
    """Bring the installation up to date: database, keys, journal, dictionaries, targets and the three territories.

    May be run again: what is there stays as it is. What follows from the journal and is missing, as in the database of
    an earlier release, is derived; returns what that was and how many rows each has.
    """
    import flask_migrate

    from registry.indicators.services import load_national_targets
    from registry.infra.db import db, transaction
    from registry.installation import archives
    from registry.journal import derived, seal
    from registry.journal import services as journal
    from registry.reference.services import load_dictionaries
    from registry.signing import keys
    from registry.territories.services import load_territories

    with app.app_context():
        before = archives.version()
        db.session.remove()
        flask_migrate.upgrade()
        keys.create(app.config["SETTINGS"].keys_dir)
        if before is not None and before <= seal.BEFORE:
            seal.lay_first()
        with transaction():
            journal.start()
            load_dictionaries()
            load_territories()
            load_national_targets()
            return derived.rebuild(missing_only=True)


@registry.command()
def init() -> None:
    """Create or upgrade the database, keys, dictionaries, targets and territories."""
    from registry.infra.db import db
    from registry.journal import guards, trigrams

    app = make_app()
    tell_rebuilt(prepare(app))
    _tighten(app.config["SETTINGS"])
    with app.app_context(), db.engine.connect() as connection:
        if guards.lacks_constraints(connection):
            click.echo(
                "warning: the extension btree_gist cannot be made here; triggers refuse overlapping rows instead",
                err=True,
            )
        if trigrams.are_missing(connection):
            click.echo(
                "warning: the extension pg_trgm cannot be made here; searches read every row of the registers", err=True
            )
    with app.app_context():
        from registry.indicators.queries import doubled_reports
        from registry.journal.keys import shared_numbers

        for doubled in doubled_reports():
            click.echo(str(doubled))
        for shared in shared_numbers():
            names = "; ".join(f"{about.title} (id {key})" for key, about in shared.records)
            click.echo(
                f"warning: {shared.kind}, one number recorded {len(shared.records)} times: {names}; join them on the"
                " page of the one recorded by mistake",
                err=True,
            )
    click.echo("The registry is ready.")


OWNED = (
    "registry.db*", "beside.db*", "queue.db*", "journal-*.json", "last-backup.json", "documents", "drafts", "keys",
    "cache", "unsent", "workers", "schedule", "backups", "backups.json",
)  # fmt: skip
"""What the program makes in its data folder."""


def owned(settings: Settings) -> Iterator[Path]:
    """Every file and folder of the data folder that the program made."""
    for pattern in OWNED:
        for path in sorted(settings.data_dir.glob(pattern)):
            yield path
            if path.is_dir():
                yield from (item for item in sorted(path.rglob("*")) if not item.is_symlink())


def _tighten(settings: Settings) -> None:
    """Let nobody but the owner read what the program made, also where the folder was made by others beforehand."""
    for path in owned(settings):
        # Another process may remove a file meanwhile.
        with suppress(FileNotFoundError):
            path.chmod(path.stat().st_mode & 0o700)


@registry.command()
@actor_option
@click.option("--if-empty", is_flag=True, help="Where residents exist, leave everything as it is without an error.")
def demo(actor: str | None, if_empty: bool) -> None:
    """Fill an empty registry with demo data marked as such, and issue a paper of each kind."""
    from registry.demo import filling
    from registry.errors import Conflict
    from registry.infra.db import transaction
    from registry.infra.findings import noticing

    now = utc_now()
    with opened(actor) as viewer:
        try:
            # What follows from invented acts is of no use to anybody.
            with transaction(), noticing():
                filling.fill(viewer, now=now)
        except Conflict:
            if not if_empty:
                raise
            click.echo("The registry already holds data; it stays as it is.")
        else:
            click.echo("The registry holds demo data now.")
            _issue_demo_papers(viewer, now)
        _print_demo_accounts()


def _issue_demo_papers(viewer: Viewer, now: datetime) -> None:
    """Issue the papers of the demo, each in a transaction of its own."""
    from registry.demo import filling
    from registry.papers.issuing import issue
    from registry.papers.models import Document
    from registry.territories.queries import by_code

    for paper in filling.documents_to_issue(local_date(now)):
        made = issue(
            viewer,
            paper.kind,
            language=paper.language,
            now=now,
            year=paper.year,
            quarter=paper.quarter,
            territory=by_code(paper.territory, viewer) if paper.territory else None,
            resident=paper.resident,
        )
        click.echo(f"Issued {made.number}" if isinstance(made, Document) else f"Prepared request {made.id}")


def _print_demo_accounts() -> None:
    """Print who can sign in, where the accounts are the demo's."""
    from registry.accounts.queries import by_login
    from registry.demo import filling
    from registry.territories.queries import all_territories

    if any(territory.is_demo for territory in all_territories()):
        click.echo("Sign in with:")
        for account in filling.ACCOUNTS:
            if by_login(account.login) is not None:
                click.echo(f"  {account.login:<10} {account.password}")


@registry.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--check", is_flag=True, help="Read the archive through instead, and say whether it can be restored.")
@click.option("--even-damaged", is_flag=True, help="Save what is damaged too, with a warning: as evidence.")
def backup(file: Path, check: bool, even_damaged: bool) -> None:
    """Save database, stored files and keys in one archive.

    A registry whose journal, tables or stored files are damaged is not saved: the last whole archive is worth more.
    """
    from registry.app import create_app
    from registry.infra import backup
    from registry.installation import archives

    settings = settings_of_environment()
    if check:
        if not file.is_file():
            raise CommandError(f"{file}: there is no such file")
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        found = archives.check(settings, file, partial(create_app, pages=False))
        click.echo(f"{file} is whole: {found.files} files, a {found.database} database")
        return
    require_prepared(make_app())
    with opened():
        damage = archives.damage(settings)
    if damage and not even_damaged:
        refused = "nothing was saved: the registry is damaged (to save it all the same: --even-damaged)"
        raise CommandError("\n".join([*damage, refused]))
    for place in damage:
        logging.warning("%s", place)
    count = backup.save(settings, file.absolute(), even_damaged=even_damaged)
    backup.note(settings, file.absolute(), utc_now())
    click.echo(f"{count} files saved to {file}")
    if settings.attachment_s3_url is not None:
        logging.warning(
            "attachments stand in a bucket (REGISTRY_ATTACHMENT_S3_URL) and are not in the archive: they need copies of"
            " their own, and a restored registry needs that bucket or such a copy"
        )


@registry.command()
@file_argument
def restore(file: Path) -> None:
    """Put an archive's content into an empty registry of the same database kind.

    All sessions and links of the accounts in it end: whoever was signed in when it was made signs in again. One that
    stopped halfway is begun again by the same command; until then every other one refuses to work.
    """
    from registry.app import create_app
    from registry.infra import backup
    from registry.infra.db import db
    from registry.installation import archives
    from registry.journal import seal
    from registry.journal import services as journal
    from registry.signing import keys

    settings, opening = settings_of_environment(), partial(create_app, pages=False)
    app = opening(settings)
    with app.app_context():
        # What a restore that stopped has put here may go.
        if not settings.unfinished_file.exists() and _holds_anything():
            raise CommandError("this registry is not empty: restore into an empty one")
        db.session.remove()
        db.engine.dispose()
    rebuilt: list[tuple[str, int]] = []
    count = backup.load(
        settings,
        file,
        archives.versions(),
        keys_problem=keys.problem,
        end_keys=keys.rotate_session,
        finish=lambda restored: rebuilt.extend(archives.finish(opening, restored)),
    )
    with app.app_context():
        seal.renew()
        backup.finished(settings)
        tell_rebuilt(rebuilt)
        for place in journal.check(utc_now()).found:
            logging.warning("%s", place)
        logging.warning("accounts are as they were when the archive was made: look who may still sign in")
    click.echo(f"{count} files restored from {file}")


def _holds_anything() -> bool:
    """Whether an act was ever recorded here; a database without tables holds nothing."""
    import sqlalchemy as sa

    from registry.infra.db import db
    from registry.journal.models import JournalEntry

    if not sa.inspect(db.engine).has_table(JournalEntry.__tablename__):
        return False
    return bool(db.session.scalar(sa.select(sa.exists().where(JournalEntry.sequence > 0))))
