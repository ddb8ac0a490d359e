"""The ``registry`` command (``exchange.md`` 1): thin, it calls the same services as the pages."""

from registry.cli import accounts, installation, journal, papers, registers, server  # noqa: F401 - their commands
from registry.cli.group import main, registry, run
from registry.cli.installation import prepare

__all__ = ["main", "prepare", "registry", "run"]
