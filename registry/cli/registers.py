"""Commands about the registers: files in and out, indicators."""

from __future__ import annotations

import json
import logging
from datetime import date, datetime
from pathlib import Path

import click

from registry.cli.group import (
    ALL_FOUND,
    CommandError,
    actor_option,
    as_of_option,
    file_argument,
    known_at_option,
    opened,
    output_option,
    refusal_lines,
    registry,
    territory_id,
    territory_option,
)
from registry.errors import ImportRefused
from registry.infra.clock import today, utc_now
from registry.infra.numbers import LARGEST_ID


@registry.command("import")
@click.argument("kind")
@file_argument
@click.option("--dry-run", is_flag=True, help="Check everything and write nothing.")
@click.option(
    "--changes", is_flag=True, help="List every value of existing records that changes, or with --dry-run would."
)
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write all rows with errors or warnings, and the reasons, to this CSV or XLSX file.",
)
@actor_option
def import_(kind: str, file: Path, dry_run: bool, changes: bool, errors: Path | None, actor: str | None) -> None:
    """Take in a CSV or XLSX file: all its rows or none."""
    from registry.exchange.returned import ending_of, write_returned
    from registry.exchange.services import import_rows, read_file
    from registry.infra.db import transaction
    from registry.infra.findings import few

    if errors is not None:
        ending_of(errors)
        if errors.resolve() == file.resolve():
            raise CommandError(f"--errors {errors}: this is the file to be imported; name another one")
    with opened(actor) as viewer:
        try:
            read = read_file(viewer, kind, file)
            with transaction():
                result = import_rows(viewer, read, dry_run=dry_run, changes=changes, now=utc_now())
        except ImportRefused as refusal:
            if errors is not None:
                write_returned(errors, kind, file, errors=refusal.errors, warnings=refusal.warnings)
            raise
        if errors is not None:
            write_returned(errors, kind, file, warnings=result.warnings)
        for warning in few(result.warnings, ALL_FOUND):
            logging.warning("%s", warning)
    click.echo(str(result))
    if changes:
        for change in result.changes:
            click.echo(str(change))
        if result.changed > len(result.changes):
            click.echo(f"{result.changed - len(result.changes)} more values {'would change' if dry_run else 'changed'}")


@registry.command()
@actor_option
def imports(actor: str | None) -> None:
    """List the newest imports: number, time, kind, file, rows, and whether it was taken back."""
    from registry.exchange.taking_back import imports_of

    with opened(actor) as viewer:
        for item in imports_of(viewer, limit=100):
            state = "taken back" if item.taken_back_at else "stands"
            click.echo(f"{item.id}  {item.recorded_at:%Y-%m-%dT%H:%MZ}  {item.kind}  {item.name}  {item.rows}  {state}")


@registry.command("take-back")
@click.argument("number", type=click.IntRange(1, LARGEST_ID))
@click.option("--reason", required=True, help="Why; it stands beside every act that is annulled.")
@click.option("--dry-run", is_flag=True, help="Say what would be undone and what stands against it.")
@actor_option
def take_back(number: int, reason: str, dry_run: bool, actor: str | None) -> None:
    """Undo every act of an import, or none; `registry imports` gives the numbers."""
    from registry.exchange import taking_back
    from registry.infra.db import db, transaction

    with opened(actor) as viewer:
        with transaction():
            item = taking_back.get_import(number, viewer)
            findings = taking_back.obstacles(item, viewer)
            count = taking_back.take_back(viewer, item, reason=reason, now=utc_now())
            if dry_run:
                db.session.rollback()
        for finding in findings:
            logging.warning("%s", finding)
    click.echo(f"{number}: {count} acts {'would be undone' if dry_run else 'undone'}")


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
            viewer, year=year, territory_id=territory_id(territory, viewer), as_of=as_of, known_at=known_at
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
        target = row["target"] if row["base"] is None else f"base {row['base']}"
        cells = (row["number"], row["unit"], row["actual"], target, row["percent"], coverage)
        click.echo(line.format(*("-" if cell is None else cell for cell in cells)))


@registry.group()
def dictionary() -> None:
    """Dictionaries as dated data: files in and out."""


@dictionary.command("import")
@click.argument("name")
@file_argument
@click.option("--dry-run", is_flag=True, help="Check everything and write nothing.")
@actor_option
def import_dictionary(name: str, file: Path, dry_run: bool, actor: str | None) -> None:
    """Take in the rows of a dictionary from a CSV or XLSX file: all or none; none is deleted."""
    from registry.exchange.dictionaries import import_dictionary as take_in
    from registry.exchange.dictionaries import read_dictionary
    from registry.infra.db import transaction
    from registry.infra.findings import few

    # These files are short: what is counted is seen once the rest is corrected.
    remedy = "correct the first ones, then import again"
    with opened(actor) as viewer:
        try:
            read = read_dictionary(viewer, name, file.read_bytes(), file=file.name)
            with transaction():
                result = take_in(viewer, read, now=utc_now(), dry_run=dry_run)
        except ImportRefused as refusal:
            raise CommandError("\n".join(refusal_lines(refusal, remedy))) from None
        for warning in few(result.warnings, remedy):
            logging.warning("%s", warning)
    click.echo(str(result))
    if dry_run:
        for change in result.changes:
            click.echo(str(change))


@dictionary.command("export")
@click.argument("name")
@output_option
@actor_option
def export_dictionary(name: str, output: Path, actor: str | None) -> None:
    """Write every row of a dictionary as CSV."""
    from registry.exchange.dictionaries import export_dictionary as give_out
    from registry.exchange.files import write_file

    if output.suffix.lower() == ".xlsx":
        raise CommandError(f"{output}: dictionaries are written as CSV; name the file .csv")
    with opened(actor) as viewer:
        content = give_out(viewer, name)
        write_file(output, content)
    rows = content.count(b"\n") - 1
    click.echo(f"{name}: {rows} rows")


@registry.group()
def year() -> None:
    """Years of a territory: closed, they take no correction."""


_reason_option = click.option("--reason", required=True, metavar="R", help="Why; kept in the journal.")


def _turn_year(year: int, territory: str, reason: str, actor: str | None, *, close: bool) -> None:
    from registry.infra.db import transaction
    from registry.reports import services
    from registry.territories.queries import by_code

    with opened(actor) as viewer, transaction():
        turn = services.close_year if close else services.reopen_year
        turn(viewer, territory=by_code(territory, viewer), year=year, reason=reason, now=utc_now())
    click.echo(f"{territory}: the year {year} is {'closed' if close else 'open again'}")


@year.command("close")
@click.argument("year", type=int)
@click.option("--territory", required=True, metavar="T", help="Code of the territory.")
@_reason_option
@actor_option
def close_year(year: int, territory: str, reason: str, actor: str | None) -> None:
    """Close a year: no report of it is sent, accepted or corrected until it is reopened."""
    _turn_year(year, territory, reason, actor, close=True)


@year.command("reopen")
@click.argument("year", type=int)
@click.option("--territory", required=True, metavar="T", help="Code of the territory.")
@_reason_option
@actor_option
def reopen_year(year: int, territory: str, reason: str, actor: str | None) -> None:
    """Take reports and corrections of a closed year again."""
    _turn_year(year, territory, reason, actor, close=False)
