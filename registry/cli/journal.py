"""Commands about the journal."""

from __future__ import annotations

import click

from registry.cli.group import CommandError, actor_option, opened, registry, tell_rebuilt
from registry.infra.clock import utc_now


@registry.group()
def journal() -> None:
    """The record of every act."""


@journal.command("verify")
@click.option("--files", is_flag=True, help="Read every stored file besides the papers.")
def journal_verify(files: bool) -> None:
    """Check every entry of the journal, and that tables and papers say what it tells; name what is wrong first.

    Registers, accounts, reports, dictionaries, targets, papers with their files, and all that is derived are compared;
    the first difference of each kind is named.
    """
    from registry.infra.side_by_side import processes
    from registry.journal import services

    with opened():
        result = services.check_anew(utc_now(), processes(), files=files)
    if result.is_whole:
        click.echo(f"The journal is whole: {result.entries} entries, head {result.head}")
        return
    advice = ["derive it anew: registry journal rebuild"] if result.differences and not result.problem else []
    raise CommandError("\n".join([*result.found, *advice]))


@journal.command("rebuild")
@actor_option
def journal_rebuild(actor: str | None) -> None:
    """Derive anew what is derived from the journal, in all territories."""
    from registry.infra.access import Permission
    from registry.infra.db import transaction
    from registry.journal import derived

    with opened(actor) as viewer:
        viewer.require_in(None, Permission.KEEP_SETTINGS)
        with transaction():
            rebuilt = derived.rebuild()
    tell_rebuilt(rebuilt)
