"""The README names every package and every command, and the command is the contract's (``exchange.md`` 1)."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest

from registry.app import PACKAGES
from registry.cli import registry
from registry.config import ROOT

README = (ROOT / "README.md").read_text()


def commands(group: click.Group, prefix: str = "registry") -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        path = f"{prefix} {name}"
        if isinstance(command, click.Group):
            yield from commands(command, path)
        else:
            yield path, command


COMMANDS = dict(commands(registry))

CONTRACT = {
    "registry init": set(),
    "registry demo": {"--actor"},
    "registry serve": {"--host", "--port"},
    "registry worker": set(),
    "registry users add": {"--role", "--resident", "--password-stdin", "--actor"},
    "registry import": {"--dry-run", "--actor"},
    "registry export": {"--territory", "--as-of", "--known-at", "-o"},
    "registry indicators": {"--year", "--territory", "--as-of", "--known-at", "--json"},
    "registry document issue": {
        "--territory",
        "--as-of",
        "--year",
        "--quarter",
        "--resident",
        "--lang",
        "-o",
        "--actor",
    },
    "registry document get": {"-o"},
    "registry document verify": set(),
    "registry journal verify": set(),
    "registry backup": set(),
    "registry restore": set(),
}


def test_the_commands_are_the_contracts():
    assert set(COMMANDS) >= set(CONTRACT)


@pytest.mark.parametrize("name", CONTRACT)
def test_a_command_takes_the_contracts_options(name):
    options = {text for parameter in COMMANDS[name].params for text in parameter.opts}
    assert CONTRACT[name] <= options


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does(name):
    assert COMMANDS[name].help


@pytest.mark.parametrize("package", [*PACKAGES, "cli", "infra", "printing", "signing", "web"])
def test_the_readme_names_every_package(package):
    assert re.search(rf"\b{package}/", README)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_every_command(name):
    assert name in README


@pytest.mark.parametrize("target", re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
def test_the_readme_names_every_target_of_make(target):
    assert f"make {target}" in README
