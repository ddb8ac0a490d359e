"""Commands about issued papers and evidence packs."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from registry.cli.group import (
    Bin,
    CommandError,
    Day,
    actor_option,
    as_of_option,
    file_argument,
    known_at_option,
    new_file,
    opened,
    output_option,
    registry,
    territory_option,
)
from registry.infra.clock import today, utc_now
from registry.infra.numbers import LARGEST_ID

if TYPE_CHECKING:
    from registry.papers.models import Document, DocumentRequest


@registry.group()
def document() -> None:
    """Issued papers."""


@document.command("issue")
@click.argument("kind")
@territory_option
@as_of_option
@known_at_option
@click.option("--year", type=click.IntRange(2000, 2100), metavar="Y")
@click.option("--quarter", type=click.IntRange(1, 4), metavar="Q")
@click.option("--from", "since", type=Day(), help="The earlier day of a comparison, or the first of a journal extract.")
@click.option("--resident", type=Bin())
@click.option("--of", type=click.Choice(["residents", "lines"]), help="What an audit sample is drawn from.")
@click.option("--size", type=click.IntRange(1, LARGEST_ID), metavar="N", help="How many items an audit sample has.")
@click.option("--seed", metavar="S", help="The same seed and size give the same sample.")
@click.option("--copy", is_flag=True, help="A copy for information: it needs no approval, has none, and says so.")
@click.option(
    "--without",
    multiple=True,
    metavar="ANNEX",
    help="An annex to leave out, by its code (annual: register, evidence); repeatable.",
)
@click.option("--lang", required=True, type=click.Choice(["kk", "ru", "en"]))
@output_option
@actor_option
def document_issue(
    kind: str,
    territory: str | None,
    as_of: date | None,
    known_at: datetime | None,
    year: int | None,
    quarter: int | None,
    since: date | None,
    resident: str | None,
    of: str | None,
    size: int | None,
    seed: str | None,
    copy: bool,
    without: tuple[str, ...],
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
            viewer,
            kind,
            language=lang,
            now=utc_now(),
            as_of=as_of,
            year=year,
            quarter=quarter,
            since=since,
            territory=by_code(territory, viewer) if territory else None,
            resident=resident,
            known_at=known_at,
            copy=copy,
            without=without,
            sampling=None if of is size is seed is None else sampling(of or "residents", size, seed),
        )
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
@click.argument("request_id", type=click.IntRange(1, LARGEST_ID), metavar="REQUEST")
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
@click.option("--year", type=click.IntRange(2000, 2100), required=True, metavar="Y")
@click.option("--quarter", type=click.IntRange(1, 4), metavar="Q")
@territory_option
@output_option
@actor_option
def evidence_pack(year: int, quarter: int | None, territory: str | None, output: Path, actor: str | None) -> None:
    """Write the evidence pack of a period: papers, data, journal, keys and the page that checks them, as a ZIP."""
    from registry.territories.queries import by_code
    from registry.verification import evidence_pack

    with opened(actor) as viewer, new_file(output) as file:
        wanted = evidence_pack.wanted(viewer, year, quarter, by_code(territory, viewer) if territory else None)
        packed = evidence_pack.write(evidence_pack.collect(wanted), file)
    click.echo(f"{output.name}: {packed.papers} papers, {packed.files} files, journal entry {packed.sequence}")
