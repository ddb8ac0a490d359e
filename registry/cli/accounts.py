"""Commands about accounts."""

from __future__ import annotations

import sys
from datetime import date
from typing import Any

import click

from registry.cli.group import Bin, Day, actor_option, opened, registry, settings_of_environment
from registry.errors import DomainError
from registry.infra.clock import utc_now


@registry.group()
def users() -> None:
    """Accounts of people who sign in."""


@users.command("add")
@click.argument("login")
@click.option("--role", required=True, type=click.Choice(["admin", "staff", "resident", "auditor"]))
@click.option(
    "--resident",
    type=Bin(),
    help="BIN, IIN or surrogate number of the company a resident's account belongs to: all its entries.",
)
@click.option(
    "--territory",
    "territories",
    metavar="T",
    multiple=True,
    help="Limit the account to this territory; may be repeated.",
)
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@actor_option
def users_add(
    login: str, role: str, resident: str | None, territories: tuple[str, ...], password_stdin: bool, actor: str | None
) -> None:
    """Add a user. Without --password-stdin a one-time link to set the password is printed."""
    from registry.accounts import services
    from registry.infra.db import transaction
    from registry.territories.queries import by_code
    from registry.territories.rules import bin_problem

    if resident is not None and (problem := bin_problem(resident)):
        raise DomainError(problem, "resident")
    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
    with opened(actor) as viewer, transaction():
        details: dict[str, Any] = {
            "login": login,
            "role": role,
            "company_bin": resident,
            "now": utc_now(),
            "territories": {by_code(code, viewer) for code in territories},
        }
        if password is not None:
            user = services.add_user(viewer, password=password, **details)
            answer = f"{user.login}: added, role {user.role}"
        else:
            user, token = services.invite(viewer, **details)
            answer = f"{settings_of_environment().public_url}/invitations/{token}"
    click.echo(answer)


@users.command("link")
@click.argument("login")
@click.option("--mail", "mailed", is_flag=True, help="Mail it to the address on record instead of printing it.")
@actor_option
def users_link(login: str, mailed: bool, actor: str | None) -> None:
    """Make a new one-time link to set a password; links given before stop working."""
    from registry.accounts import mailing, queries, services
    from registry.infra import mail
    from registry.infra.db import db, transaction
    from registry.notifications import outbox
    from registry.notifications.models import Letter
    from registry.notifications.rules import Fate

    settings = settings_of_environment()
    if mailed and not mail.is_set_up(settings):
        raise DomainError("no mail server is set up: REGISTRY_MAIL_URL, REGISTRY_MAIL_FROM", "mail")
    with opened(actor) as viewer:
        with transaction():
            user = queries.user_by_login(login, viewer)
            if mailed:
                letter_id = mailing.mail_link(viewer, user, now=utc_now()).id
            else:
                answer = f"{settings.public_url}/invitations/{services.renew_link(viewer, user, now=utc_now())}"
        if mailed:
            # Nobody waits for a worker here, which may not run; a server that is away is tried again by one.
            outbox.send(letter_id)
            letter = db.session.get_one(Letter, letter_id)
            if letter.fate != Fate.SENT:
                raise DomainError(letter.said or "the letter is not sent yet", "mail")
            answer = f"{login}: link mailed to {letter.address}"
    click.echo(answer)


@users.command("deputy")
@click.argument("login")
@click.argument("deputy")
@click.option("--from", "from_on", required=True, type=Day(), help="The first day.")
@click.option("--to", "to_on", required=True, type=Day(), help="The last day.")
@actor_option
def users_deputy(login: str, deputy: str, from_on: date, to_on: date, actor: str | None) -> None:
    """Let the account DEPUTY do the role of the account LOGIN on these days."""
    from registry.accounts import queries, services
    from registry.infra.db import transaction

    with opened(actor) as viewer, transaction():
        named = services.name_deputy(
            viewer,
            queries.user_by_login(login, viewer),
            queries.user_by_login(deputy, viewer),
            from_on=from_on,
            to_on=to_on,
            now=utc_now(),
        )
        answer = f"{named.deputy.login}: stands in for {named.user.login} from {from_on} to {to_on}"
    click.echo(answer)
