"""Commands about the journal."""

from __future__ import annotations

import click

from registry.cli.group import CommandError, actor_option, opened, registry, tell_rebuilt
from registry.infra.clock import utc_now


@registry.group()
def journal() -> None:
    """The record of every act."""


@journal.command("verify")
def journal_verify() -> None:
    """Check every entry of the journal and all that is derived from it; name what is wrong first."""
    from registry.infra.db import one_look
    from registry.journal import services

    with opened(), one_look():
        result = services.check(utc_now())
    if result.problem:
        raise CommandError(f"the journal is damaged: {result.problem}")
    if result.differences:
        found = [f"not what the journal tells: {difference}" for difference in result.differences]
        raise CommandError("\n".join([*found, "derive it anew: registry journal rebuild"]))
    click.echo(f"The journal is whole: {result.entries} entries, head {result.head}")


@journal.command("rebuild")
@actor_option
def journal_rebuild(actor: str | None) -> None:
    """Derive anew what is derived from the journal."""
    from registry.infra.access import Permission
    from registry.infra.db import transaction
    from registry.journal import derived

    with opened(actor) as viewer:
        viewer.require(Permission.KEEP_SETTINGS)
        with transaction():
            rebuilt = derived.rebuild()
    tell_rebuilt(rebuilt)
