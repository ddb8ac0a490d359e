"""Commands about the keys of the installation."""

from __future__ import annotations

import click

from registry.cli.group import actor_option, opened, registry, settings_of_environment
from registry.infra.access import Permission


@registry.group()
def keys() -> None:
    """The session secret and the signing key."""


@keys.command("rotate")
@click.argument("which", type=click.Choice(["session", "signing"]))
@actor_option
def keys_rotate(which: str, actor: str | None) -> None:
    """Put a new key in the place of the old one.

    SESSION: everybody is signed out. SIGNING: papers are signed with the new key from now on; the old public key stays
    published, so that papers signed with it stay valid.
    """
    from registry.accounts import services as accounts
    from registry.infra.db import transaction
    from registry.signing import keys

    folder = settings_of_environment().keys_dir
    with opened(actor) as viewer:
        viewer.require_in(None, Permission.KEEP_SETTINGS)
        if which == "signing":
            click.echo(f"Papers are signed with {keys.rotate_signing(folder)} from now on.")
            return
        with transaction():
            accounts.end_sessions()
        keys.rotate_session(folder)
    click.echo("All sessions have ended. Restart registry serve: it still holds the old secret.")
