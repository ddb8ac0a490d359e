"""What every command shares: settings, the actor, argument types, options, errors (``exchange.md`` 1).

Results go to standard output; errors and warnings to standard error in English, one per line, warnings as
``warning: …``; the exit status is 1 on any error, and then nothing was written. Each command imports what it needs when
it runs, so that a quick answer starts quickly and only rendering loads the PDF libraries.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from registry.config import Settings
from registry.errors import DomainError, ImportRefused, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import out_of_reason, parse_moment, within_reason
from registry.infra.text import unprintable

if TYPE_CHECKING:
    from flask import Flask


ALL_FOUND = "--errors FILE lists all"
"""Where to find what was counted only."""


class CommandError(Exception):
    """The command cannot do what was asked; the message is for standard error, one error a line."""


class Day(click.ParamType):
    """A date as exchange files write it."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                raise ValueError(value)
            day = date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-09-30", param, ctx)
        if not within_reason(day):
            self.fail(out_of_reason(day), param, ctx)
        return day


class Moment(click.ParamType):
    """The second clock's argument: a date, or a date-time with offset."""

    name = "YYYY-MM-DD[Thh:mm:ss+hh:mm]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            if len(value) == 10:
                Day().convert(value, param, ctx)
            return parse_moment(value)
        except (ValueError, OverflowError) as error:
            self.fail(f"{value!r} is not a moment: {error}", param, ctx)


class Bin(click.ParamType):
    """A company's number, however typed (``exchange.md`` 5, rule 1)."""

    name = "BIN"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from registry.infra.identifiers import canonical_bin

        return canonical_bin(value)


actor_option = click.option("--actor", metavar="LOGIN", help="Act as this account, with its rights.")
territory_option = click.option("--territory", metavar="T", help="Code of one territory; all of them without it.")
as_of_option = click.option("--as-of", type=Day(), help="Acts effective by this day, whenever recorded.")
known_at_option = click.option("--known-at", type=Moment(), help="Only what was recorded by this day's end or moment.")
output_option = click.option(
    "-o", "--output", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE"
)
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


def make_app() -> Flask:
    """The application without its pages, on the settings of the environment."""
    from registry.app import create_app

    settings = settings_of_environment()
    require_restored(settings)
    return create_app(settings, pages=False)


RESTORE_AGAIN = "a restore stopped before it was finished: run registry restore FILE again"
"""What to do where the mark of an unfinished restore stands."""


def require_restored(settings: Settings) -> None:
    """:raises CommandError: where a restore is under way, or stopped before it was finished."""
    if settings.unfinished_file.exists():
        raise CommandError(RESTORE_AGAIN)


def settings_of_environment() -> Settings:
    try:
        return Settings.from_environment()
    except ValueError as error:
        raise CommandError(str(error)) from None


@contextmanager
def opened(actor: str | None = None) -> Generator[Viewer]:
    """Open the registry and say on whose behalf: the account named by ``--actor``, else the built-in system user.

    What follows from the acts made is warned of: a command cannot ask.
    """
    from registry.infra.db import db
    from registry.infra.findings import few_of_acts, noticing

    app = make_app()
    with app.app_context():
        try:
            with noticing() as noticed:
                yield SYSTEM if actor is None else _viewer_of(actor)
            for line in few_of_acts(noticed):
                logging.warning("%s", line)
        finally:
            db.session.remove()
            db.engine.dispose()


def _viewer_of(login: str) -> Viewer:
    from registry.accounts.queries import viewer_by_login

    try:
        return viewer_by_login(login)
    except NotFound as error:
        raise CommandError(f"--actor {login}: {error}") from None


def territory_id(code: str | None, viewer: Viewer) -> int | None:
    """The id of the territory named by ``--territory``."""
    if code is None:
        return None
    from registry.territories.queries import by_code

    return by_code(code, viewer).id


def tell_rebuilt(rebuilt: Iterable[tuple[str, int]]) -> None:
    """Say what was derived anew from the journal."""
    for name, rows in rebuilt:
        click.echo(f"{name}: {rows} rows derived from the journal")


@contextmanager
def new_file(path: Path) -> Generator[IO[bytes]]:
    """A file that appears whole or not at all. Its place is tried before anything is done that cannot be undone."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        file = temporary.open("wb")
    except OSError as error:
        raise CommandError(f"{path} cannot be written: {error.strerror}") from None
    try:
        with file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def require_prepared(app: Flask) -> None:
    from registry.journal.queries import head

    with app.app_context():
        head()


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def registry() -> None:
    """Tizilim: the resident registry of a science-and-technology park or science city."""


class _OneLine(logging.Formatter):
    """A log record as the contract wants it on standard error."""

    def format(self, record: logging.LogRecord) -> str:
        text = " ".join(record.getMessage().split())
        return f"warning: {text}" if record.levelno < logging.ERROR else text


def _log_for_programs() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for talkative in ("fontTools", "weasyprint", "alembic", "PIL", "matplotlib"):
        logging.getLogger(talkative).setLevel(logging.ERROR)


def log_for_people() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True
    )
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # that a request waits for a thread is no news


def refusal_lines(error: ImportRefused, remedy: str) -> list[str]:
    """What was wrong with a file, then what would be worth a look; ``remedy`` says where all of it can be seen."""
    from registry.infra.findings import few

    warnings = (" ".join(line.split()) for line in few(error.warnings, remedy))
    return [*few(error.errors, remedy), *(f"warning: {line}" for line in warnings)]


def _errors_of(error: Exception) -> list[str] | None:
    """What to say about an expected error; None for a fault of the program."""
    if isinstance(error, ImportRefused):
        return refusal_lines(error, ALL_FOUND)
    if isinstance(error, DomainError | CommandError):
        return str(error).splitlines()
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        return error.format_message().splitlines()
    if isinstance(error, click.ClickException):
        return [" ".join(error.format_message().split())]
    if isinstance(error, click.Abort):
        return ["stopped"]
    if isinstance(error, OSError) and error.filename:
        return [f"{error.filename}: {error.strerror}"]
    from registry.infra.backup import BackupError
    from registry.infra.storage import StorageError

    if isinstance(error, BackupError | StorageError):
        return [str(error)]
    from sqlalchemy import exc

    if isinstance(error, exc.OperationalError | exc.ProgrammingError | exc.NoResultFound):
        reason = " ".join(str(getattr(error, "orig", error)).split())
        return [f"the database is out of reach or not prepared (run: registry init): {reason}"]
    if type(error) is exc.DatabaseError:
        return [f"the database is damaged: {' '.join(str(error.orig).split())}"]
    if isinstance(error, exc.ArgumentError):
        return [f"DATABASE_URL: {error}"]
    return None


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status. What it writes is its owner's alone, whatever the shell's mask."""
    _log_for_programs()
    arguments = sys.argv[1:] if arguments is None else arguments
    mask = os.umask(0o077)
    try:
        for number, argument in enumerate(arguments, start=1):
            if sign := unprintable(argument):
                raise CommandError(f"argument {number} has a sign that cannot be stored: {sign}")
        status = registry.main(list(arguments), prog_name="registry", standalone_mode=False)
    except Exception as error:
        messages = _errors_of(error)
        if messages is None:
            raise
        for message in messages:
            click.echo(message, err=True)
        return 1
    finally:
        os.umask(mask)
    return status if isinstance(status, int) else 0


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run())
