"""Running the ``registry`` command inside the test process."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

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
    database_url: str
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    environment: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, status: int = 0, typed: str = "") -> Result:
        """Run the command with ``typed`` on its standard input; assert its exit status."""
        with self._settings():
            self.monkeypatch.setattr("sys.stdin", io.StringIO(typed))
            self.capsys.readouterr()
            found = cli.run([str(argument) for argument in arguments])
            printed = self.capsys.readouterr()
        result = Result(found, printed.out.splitlines(), printed.err.splitlines())
        assert found == status, result
        assert (status == 0) or result.errors, "an error says nothing"
        assert not any(line.startswith(("Traceback", "  File")) for line in result.errors), result
        return result

    @contextmanager
    def _settings(self) -> Iterator[None]:
        with self.monkeypatch.context() as patch:
            for name in ("PORT", "REGISTRY_PUBLIC_URL", "REGISTRY_JOBS_URL"):
                patch.delenv(name, raising=False)
            patch.setenv("REGISTRY_DATA_DIR", str(self.data_dir))
            patch.setenv("DATABASE_URL", self.database_url)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            yield

    def elsewhere(self, data_dir: Path, database_url: str = "") -> Command:
        """The same command with another data folder and database."""
        return Command(data_dir, database_url, self.monkeypatch, self.capsys)
