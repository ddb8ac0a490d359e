"""The ``registry`` command (``exchange.md`` 1): thin, it calls the same services as the pages."""

from registry.cli import (  # noqa: F401 - their commands
    accounts,
    doctor,
    installation,
    journal,
    keys,
    papers,
    registers,
    server,
)
from registry.cli.group import main, registry, run
from registry.cli.installation import prepare

__all__ = ["main", "prepare", "registry", "run"]
