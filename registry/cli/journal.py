"""Commands about the journal."""

from __future__ import annotations

import click

from registry.cli.group import CommandError, opened, registry
from registry.infra.clock import utc_now


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
