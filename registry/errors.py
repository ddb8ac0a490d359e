"""What can go wrong in the business, told apart from faults of the program.

Messages are lazy translations made with :func:`registry.infra.i18n.lazy`, so that the same error speaks the reader's
language on a page and English on a command's standard error.
"""

from __future__ import annotations

from collections.abc import Sequence


class DomainError(Exception):
    """A rule of the business refuses what was asked.

    ``field`` names the input at fault as the exchange files and forms name it, so that a page can point at the field
    and an import at the column.
    """

    def __init__(self, message: object, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class NotFound(DomainError):
    """The record does not exist, or is not the reader's to see: both look the same from outside."""


class NotAllowed(DomainError):
    """The actor's role does not permit the act."""


class Conflict(DomainError):
    """The act contradicts what the register already holds."""


class RowError(DomainError):
    """One row of a file is refused; ``row`` counts from the header, which is row 1."""

    def __init__(self, file: str, row: int, column: str | None, message: object) -> None:
        super().__init__(message, column)
        self.file = file
        self.row = row

    def __str__(self) -> str:
        place = f"{self.file}, row {self.row}"
        if self.field:
            place += f", column {self.field}"
        return f"{place}: {self.message}"


class ImportRefused(DomainError):
    """A file is refused as a whole: every error of every row is in ``errors`` and nothing was written.

    ``warnings`` are what would be worth a look if it were not.
    """

    def __init__(self, errors: Sequence[RowError], warnings: Sequence[RowError] = ()) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)
        self.warnings = tuple(warnings)


class Invalid(DomainError):
    """Several rules refuse the same input: ``problems`` lists (field, message) pairs, in the order of the fields."""

    def __init__(self, problems: Sequence[tuple[str | None, object]]) -> None:
        super().__init__(problems[0][1], problems[0][0])
        self.problems = tuple(problems)
