"""The ``registry`` command (``exchange.md`` 1): thin, it calls the same services as the pages.

Results go to standard output; errors and warnings to standard error in English, one per line, warnings as
``warning: …``; the exit status is 1 on any error, and then nothing was written. Each command imports what it needs when
it runs, so that a quick answer starts quickly and only rendering loads the PDF libraries.
"""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from registry.config import Settings
from registry.errors import DomainError, ImportRefused, NotFound
from registry.infra.access import SYSTEM, Viewer
from registry.infra.clock import local_date, parse_moment, today, utc_now

if TYPE_CHECKING:
    from flask import Flask

    from registry.papers.models import Document, DocumentRequest

WEB_THREADS = 8
STOPPING_SECONDS = 60
"""How long a stopping server waits for the paper its worker is printing."""
SHORT_LIFE = 3
"""A worker that ends sooner, in seconds, is started again so much later."""


class CommandError(Exception):
    """The command cannot do what was asked; the message is for standard error, one error a line."""


# --- what every command shares ---------------------------------------------------------------------------------------


class Day(click.ParamType):
    """A date as exchange files write it."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
                raise ValueError(value)
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date: write it as 2026-09-30", param, ctx)


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

    return create_app(_settings(), pages=False)


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except ValueError as error:
        raise CommandError(f"the environment's settings are not valid: {error}") from None


@contextmanager
def opened(actor: str | None = None) -> Generator[Viewer]:
    """Open the registry and say on whose behalf: the account named by ``--actor``, else the built-in system user."""
    app = make_app()
    with app.app_context():
        if actor is None:
            yield SYSTEM
            return
        from registry.accounts.queries import viewer_by_login

        try:
            viewer = viewer_by_login(actor)
        except NotFound as error:
            raise CommandError(f"--actor {actor}: {error}") from None
        yield viewer


def territory_id(code: str | None) -> int | None:
    """The id of the territory named by ``--territory``."""
    if code is None:
        return None
    from registry.territories.queries import by_code

    return by_code(code).id


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


def prepare(app: Flask) -> None:
    """Bring the installation up to date: database, keys, journal, dictionaries, targets and the three territories.

    May be run again: what is there stays as it is.
    """
    import flask_migrate

    from registry.indicators.services import load_national_targets
    from registry.infra.db import transaction
    from registry.journal import services as journal
    from registry.reference.services import load_dictionaries
    from registry.signing import keys
    from registry.territories.services import load_territories

    with app.app_context():
        flask_migrate.upgrade()
        keys.create(app.config["SETTINGS"].keys_dir)
        with transaction():
            journal.start()
            load_dictionaries()
            load_territories()
            load_national_targets()


# --- the commands ----------------------------------------------------------------------------------------------------


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def registry() -> None:
    """Tizilim: the resident registry of a science-and-technology park or science city."""


@registry.command()
def init() -> None:
    """Create or upgrade the database, keys, dictionaries, targets and territories."""
    app = make_app()
    prepare(app)
    click.echo("The registry is ready.")


@registry.command()
@actor_option
@click.option("--if-empty", is_flag=True, help="Where residents exist, leave everything as it is without an error.")
def demo(actor: str | None, if_empty: bool) -> None:
    """Fill an empty registry with demo data marked as such, and issue a paper of each kind."""
    from registry.demo import filling
    from registry.errors import Conflict
    from registry.infra.db import transaction

    now = utc_now()
    with opened(actor) as viewer:
        try:
            with transaction():
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
            viewer, paper.kind, language=paper.language, now=now, year=paper.year, quarter=paper.quarter,
            territory=by_code(paper.territory) if paper.territory else None, resident=paper.resident,
        )  # fmt: skip
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
@click.option("--host", default="127.0.0.1", show_default=True, metavar="H")
@click.option("--port", type=click.IntRange(1, 65535), metavar="P", help="The default is $PORT, else 8000.")
def serve(host: str, port: int | None) -> None:
    """Run the web server and the background worker on one machine."""
    import waitress

    from registry.app import create_app

    if port is not None:
        os.environ["PORT"] = str(port)
    settings = _settings()
    app = create_app(settings)
    _require_prepared(app)
    _log_for_people()
    try:
        server = waitress.create_server(app, host=host, port=settings.port, threads=WEB_THREADS, ident=None)
    except OSError as error:
        raise CommandError(f"cannot listen on {host}, port {settings.port}: {error.strerror}") from None
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    worker = _Worker()
    try:
        click.echo(f"Tizilim runs at {settings.public_url} (stop it with Ctrl+C)")
        server.run()
    except SystemExit:
        pass
    finally:
        server.close()
        worker.stop()


@registry.command()
@click.option("--until-input-ends", is_flag=True, hidden=True, help="Stop when standard input closes.")
def worker(until_input_ends: bool) -> None:
    """Run a background worker alone."""
    app = make_app()
    _require_prepared(app)
    _log_for_people()
    if not until_input_ends:
        _keep_working()
        return
    import registry.papers.worker  # noqa: F401 — its jobs and sweeps
    from registry.infra import jobs

    threading.Thread(target=_stop_when_input_ends, daemon=True).start()
    jobs.run_worker(app)


@registry.group()
def users() -> None:
    """Accounts of people who sign in."""


@users.command("add")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(["admin", "staff", "resident", "auditor"]))
@click.option("--resident", metavar="BIN", help="The company a resident's account belongs to: all its entries.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@actor_option
def users_add(login: str, role: str, resident: str | None, password_stdin: bool, actor: str | None) -> None:
    """Add a user. Without --password-stdin a one-time link to set the password is printed."""
    from registry.accounts import services
    from registry.infra.db import transaction
    from registry.territories.rules import bin_problem

    if resident is not None and (problem := bin_problem(resident)):
        raise DomainError(problem, "resident")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with opened(actor) as viewer, transaction():
        details: dict[str, Any] = {"login": login, "role": role, "company_bin": resident, "now": utc_now()}
        if password is not None:
            user = services.add_user(viewer, password=password, **details)
            answer = f"{user.login}: added, role {user.role}"
        else:
            user, token = services.invite(viewer, **details)
            answer = f"{_settings().public_url}/invitations/{token}"
    click.echo(answer)


@registry.command("import")
@click.argument("kind")
@file_argument
@click.option("--dry-run", is_flag=True, help="Check everything and write nothing.")
@actor_option
def import_(kind: str, file: Path, dry_run: bool, actor: str | None) -> None:
    """Take in a CSV or XLSX file: all its rows or none."""
    from registry.exchange.services import import_file
    from registry.infra.db import transaction

    with opened(actor) as viewer, transaction():
        result = import_file(viewer, kind, file, dry_run=dry_run, now=utc_now())
    for warning in result.warnings:
        logging.warning("%s", warning)
    click.echo(str(result))


@registry.command()
@click.argument("kind")
@territory_option
@as_of_option
@known_at_option
@output_option
@actor_option
def export(
    kind: str, territory: str | None, as_of: date | None, known_at: datetime | None, output: Path, actor: str | None
) -> None:
    """Write a CSV or XLSX file, by the file's ending."""
    from registry.exchange.queries import export_file

    with opened(actor) as viewer:
        count = export_file(viewer, kind, output, territory=territory, as_of=as_of, known_at=known_at)
    click.echo(f"{kind}: {count} rows")


@registry.command()
@click.option("--year", required=True, type=click.IntRange(2000, 2100), metavar="Y")
@territory_option
@as_of_option
@known_at_option
@click.option("--json", "as_json", is_flag=True)
@actor_option
def indicators(
    year: int,
    territory: str | None,
    as_of: date | None,
    known_at: datetime | None,
    as_json: bool,
    actor: str | None,
) -> None:
    """Targets, actuals and coverage of the six indicators."""
    from registry.indicators import queries

    as_of = as_of or today()
    with opened(actor) as viewer:
        values = queries.indicators(
            viewer, year=year, territory_id=territory_id(territory), as_of=as_of, known_at=known_at
        )
    rows = [value.as_json() for value in values]
    if as_json:
        answer = {"year": year, "territory": territory, "as_of": as_of.isoformat(), "indicators": rows}
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    line = "{:>6} {:<8} {:>22} {:>22} {:>9} {:>10}"
    click.echo(line.format("number", "unit", "actual", "target", "percent", "coverage"))
    for row in rows:
        coverage = row["coverage"] and f"{row['coverage']['accepted']}/{row['coverage']['expected']}"
        cells = (row["number"], row["unit"], row["actual"], row["target"], row["percent"], coverage)
        click.echo(line.format(*("-" if cell is None else cell for cell in cells)))


@registry.group()
def document() -> None:
    """Issued papers."""


@document.command("issue")
@click.argument("kind")
@territory_option
@as_of_option
@click.option("--year", type=click.IntRange(2000, 2100), metavar="Y")
@click.option("--quarter", type=click.IntRange(1, 4), metavar="Q")
@click.option("--from", "since", type=Day(), help="The earlier day of a comparison, or the first of a journal extract.")
@click.option("--resident", metavar="BIN")
@click.option("--of", type=click.Choice(["residents", "lines"]), help="What an audit sample is drawn from.")
@click.option("--size", type=int, metavar="N", help="How many items an audit sample has.")
@click.option("--seed", metavar="S", help="The same seed and size give the same sample.")
@click.option("--lang", required=True, type=click.Choice(["kk", "ru", "en"]))
@output_option
@actor_option
def document_issue(
    kind: str,
    territory: str | None,
    as_of: date | None,
    year: int | None,
    quarter: int | None,
    since: date | None,
    resident: str | None,
    of: str | None,
    size: int | None,
    seed: str | None,
    lang: str,
    output: Path,
    actor: str | None,
) -> None:
    """Issue, store and write a PDF; print its number and SHA-256.

    A paper that needs approval is only prepared when a person (--actor) asks: FILE is its draft, and the request's id
    is printed for `document approve`.
    """
    from registry.paper_kinds.sampling import sampling
    from registry.papers.issuing import issue
    from registry.papers.models import Document
    from registry.papers.queries import get_bytes, get_draft
    from registry.territories.queries import by_code

    with opened(actor) as viewer, new_file(output) as file:
        made = issue(
            viewer, kind, language=lang, now=utc_now(), as_of=as_of, year=year, quarter=quarter, since=since,
            territory=by_code(territory) if territory else None, resident=resident,
            sampling=None if of is size is seed is None else sampling(of or "residents", size, seed),
        )  # fmt: skip
        file.write(get_bytes(made) if isinstance(made, Document) else get_draft(made))
        answer = _about_paper(made)
    click.echo(answer)


def _about_paper(made: Document | DocumentRequest) -> str:
    """A paper's number and SHA-256; of one that waits for approval, its request."""
    from registry.papers.models import Document

    if isinstance(made, Document):
        return f"{made.number} {made.sha256}"
    return f"Prepared as request {made.id}. Somebody else approves it: registry document approve {made.id}"


@document.command("approve")
@click.argument("request_id", type=int, metavar="REQUEST")
@actor_option
def document_approve(request_id: int, actor: str | None) -> None:
    """Approve a prepared paper and issue it; print its number and SHA-256."""
    from registry.papers.queries import get_request
    from registry.papers.worker import approve_and_issue

    with opened(actor) as viewer:
        answer = _about_paper(approve_and_issue(viewer, get_request(request_id, viewer), now=utc_now()))
    click.echo(answer)


reason_option = click.option("--reason", required=True, metavar="TEXT", help="Everybody who checks the paper reads it.")


@document.command("revoke")
@click.argument("number")
@reason_option
@actor_option
def document_revoke(number: str, reason: str, actor: str | None) -> None:
    """Declare an issued paper void, in all its languages."""
    from registry.infra.db import transaction
    from registry.papers.queries import act_by_number
    from registry.papers.services import revoke

    with opened(actor) as viewer:
        with transaction():
            act = act_by_number(viewer, number)
            revoke(viewer, act, reason=reason, now=utc_now())
        answer = f"{act.number} revoked"
    click.echo(answer)


@document.command("replace")
@click.argument("number")
@reason_option
@actor_option
def document_replace(number: str, reason: str, actor: str | None) -> None:
    """Issue a paper anew from present data, in each of its languages, in the place of the old one."""
    from registry.papers.issuing import replace
    from registry.papers.queries import act_by_number

    with opened(actor) as viewer:
        made = replace(viewer, act_by_number(viewer, number), reason=reason, now=utc_now())
        answers = [_about_paper(item) for item in made]
    click.echo("\n".join(answers))


@document.command("check")
@click.argument("number")
@actor_option
def document_check(number: str, actor: str | None) -> None:
    """Print an issued paper again from its snapshot and compare it with the stored file, byte by byte."""
    from registry.papers.queries import by_number
    from registry.verification.checking import compare

    with opened(actor) as viewer:
        paper = by_number(viewer, number)
        number, difference = paper.number, compare(paper)
    if difference is not None:
        raise CommandError(f"{number}: {difference}")
    click.echo(f"{number}: printed again, the same bytes")


@document.command("get")
@click.argument("number")
@output_option
@actor_option
def document_get(number: str, output: Path, actor: str | None) -> None:
    """Write the stored bytes of an issued document."""
    from registry.papers.queries import by_number, get_bytes

    with opened(actor) as viewer, new_file(output) as file:
        paper = by_number(viewer, number)
        file.write(get_bytes(paper))
        answer = f"{paper.number} {paper.sha256}"
    click.echo(answer)


@document.command("data")
@click.argument("number")
@click.option("--table", metavar="NAME", help="Which of several CSV files inside the paper.")
@output_option
@actor_option
def document_data(number: str, table: str | None, output: Path, actor: str | None) -> None:
    """Write an issued document's data: FILE.xlsx its tables, FILE.json or FILE.csv what is inside the PDF."""
    from registry.papers.queries import by_number, data_of, spreadsheet_of

    ending = output.suffix.lower()
    if ending not in {".xlsx", ".json", ".csv"}:
        raise CommandError(f"{output.name} must end in .xlsx, .json or .csv")
    with opened(actor) as viewer, new_file(output) as file:
        paper = by_number(viewer, number)
        if ending == ".xlsx":
            name, content = f"{paper.number}.xlsx", spreadsheet_of(paper)
        else:
            inside = {item.name: item.content for item in data_of(paper) if item.name.endswith(ending)}
            wanted = [item for item in inside if table is None or item == f"{table.removesuffix(ending)}{ending}"]
            if len(wanted) != 1:
                names = ", ".join(item.removesuffix(ending) for item in inside)
                raise CommandError(f"{paper.number}: name one table with --table: {names}")
            name, content = wanted[0], inside[wanted[0]]
        file.write(content)
        answer = f"{paper.number} {name}"
    click.echo(answer)


@document.command("verify")
@file_argument
def document_verify(file: Path) -> None:
    """Is this file one that was issued, unchanged, still valid?"""
    from registry.verification.checking import verify

    with opened():
        verdict = verify(file.read_bytes(), today())
        reason = str(verdict.reason)
    if not verdict.valid:
        raise CommandError(f"{file.name}: {verdict.number + ': ' if verdict.number else ''}{reason}")
    click.echo(f"{verdict.number}: {reason}")


@registry.command("evidence")
@click.option("--year", type=int, required=True, metavar="Y")
@click.option("--quarter", type=int, metavar="Q")
@territory_option
@output_option
@actor_option
def evidence_pack(year: int, quarter: int | None, territory: str | None, output: Path, actor: str | None) -> None:
    """Write the evidence pack of a period: papers, data, journal, keys and the page that checks them, as a ZIP."""
    from registry.territories.queries import by_code
    from registry.verification import evidence_pack

    with opened(actor) as viewer, new_file(output) as file:
        wanted = evidence_pack.wanted(viewer, year, quarter, by_code(territory) if territory else None)
        packed = evidence_pack.write(evidence_pack.collect(wanted), file)
    click.echo(f"{output.name}: {packed.papers} papers, {packed.files} files, journal entry {packed.sequence}")


@registry.group()
def journal() -> None:
    """The record of every act."""


@journal.command("verify")
def journal_verify() -> None:
    """Check every entry of the journal; name the first bad one."""
    from registry.infra.db import one_look
    from registry.journal import services

    with opened(), one_look():
        result = services.check(utc_now())
    if result.problem:
        raise CommandError(f"the journal is damaged: {result.problem}")
    click.echo(f"The journal is whole: {result.entries} entries, head {result.head}")


@registry.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Save database, stored files and keys in one archive."""
    from registry.infra import backup

    settings = _settings()
    _require_prepared(make_app())
    count = backup.save(settings, file.absolute())
    click.echo(f"{count} files saved to {file}")


@registry.command()
@file_argument
def restore(file: Path) -> None:
    """Put an archive's content into an empty registry of the same database kind."""
    import flask_migrate

    from registry.infra import backup
    from registry.infra.db import db

    app = make_app()
    with app.app_context():
        if _holds_anything():
            raise CommandError("this registry is not empty: restore into an empty one")
        db.session.remove()
        db.engine.dispose()
        count = backup.load(app.config["SETTINGS"], file)
        flask_migrate.upgrade()
    click.echo(f"{count} files restored from {file}")


# --- the server's parts ----------------------------------------------------------------------------------------------


def _keep_working() -> None:
    """Keep a worker at work until SIGTERM or SIGINT."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _stop)
    worker = _Worker()
    try:
        while True:
            signal.pause()
    except SystemExit:
        pass
    finally:
        worker.stop()


class _Worker:
    """The background worker as a process of its own, started again when it ends by itself.

    It ends by itself when it has grown too large or a job has not heard that its time is up, and others may kill it.

    It holds the other end of a pipe and stops when that closes, so no worker outlives a server that was killed.
    """

    def __init__(self) -> None:
        self._stopping = threading.Event()
        self._process = self._start()
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Let the worker finish the paper it prints, then end it."""
        self._stopping.set()
        self._process.terminate()
        try:
            self._process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "registry", "worker", "--until-input-ends"],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl+C reaches the server, which tells the worker
        )

    def _watch(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process.wait()
            if self._stopping.is_set():
                return
            if self._process.returncode:
                logging.getLogger("registry").error("the worker ended with status %s", self._process.returncode)
            self._stopping.wait(0.2 if time.monotonic() - began > SHORT_LIFE else SHORT_LIFE)
            if not self._stopping.is_set():
                self._process = self._start()


def _stop(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _stop_when_input_ends() -> None:
    # Past sys.stdin, whose lock a thread still waiting would hold when the interpreter ends.
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _holds_anything() -> bool:
    """Whether an act was ever recorded here; a database without tables holds nothing."""
    import sqlalchemy as sa

    from registry.infra.db import db
    from registry.journal.models import JournalEntry

    if not sa.inspect(db.engine).has_table(JournalEntry.__tablename__):
        return False
    return bool(db.session.scalar(sa.select(sa.exists().where(JournalEntry.sequence > 0))))


def _require_prepared(app: Flask) -> None:
    from registry.journal.queries import head

    with app.app_context():
        head()


# --- errors ----------------------------------------------------------------------------------------------------------


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


def _log_for_people() -> None:
    logging.basicConfig(
        level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s", stream=sys.stderr, force=True
    )


def _errors_of(error: Exception) -> list[str] | None:
    """What to say about an expected error; None for a fault of the program."""
    if isinstance(error, ImportRefused):
        return [str(row) for row in error.errors]
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
    if isinstance(error, exc.ArgumentError):
        return [f"DATABASE_URL: {error}"]
    return None


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    _log_for_programs()
    try:
        status = registry.main(arguments, prog_name="registry", standalone_mode=False)
    except Exception as error:
        messages = _errors_of(error)
        if messages is None:
            raise
        for message in messages:
            click.echo(message, err=True)
        return 1
    return status if isinstance(status, int) else 0


def main() -> None:
    """Entry point of the installed command."""
    sys.exit(run())


__all__ = ["main", "prepare", "run"]
