"""Running the ``registry`` command inside the test process."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from unittest import mock

from registry import cli


@dataclass(frozen=True)
class Result:
    """What a command printed, line by line, and its exit status."""

    status: int
    out: list[str]
    errors: list[str]


@dataclass
class Command:
    """The command with the settings of one installation."""

    data_dir: Path
    database_url: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, status: int = 0, typed: str = "") -> Result:
        """Run the command with ``typed`` on its standard input; assert its exit status."""
        out, errors = io.StringIO(), io.StringIO()
        with (
            self._settings(),
            mock.patch("sys.stdin", io.StringIO(typed)),
            redirect_stdout(out),
            redirect_stderr(errors),
        ):
            found = cli.run([str(argument) for argument in arguments])
        result = Result(found, out.getvalue().splitlines(), errors.getvalue().splitlines())
        assert found == status, result
        assert (status == 0) or result.errors, "an error says nothing"
        assert not any(line.startswith(("Traceback", "  File")) for line in result.errors), result
        return result

    @contextmanager
    def _settings(self) -> Iterator[None]:
        with mock.patch.dict(os.environ):
            for name in ("PORT", "REGISTRY_PUBLIC_URL", "REGISTRY_JOBS_URL"):
                os.environ.pop(name, None)
            os.environ |= {"REGISTRY_DATA_DIR": str(self.data_dir), "DATABASE_URL": self.database_url}
            os.environ |= self.environment
            yield

    def elsewhere(self, data_dir: Path, database_url: str = "") -> Command:
        """The same command with another data folder and database."""
        return Command(data_dir, database_url)
