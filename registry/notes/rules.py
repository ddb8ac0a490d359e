"""On which records notes are kept, and who may write them. No database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from registry.infra.access import Permission, Viewer

LONGEST = 4000
"""Characters of a note's text."""


@dataclass(frozen=True, kw_only=True)
class Notable:
    """A type of record that notes can be written on.

    ``get`` gives the record of an id as a viewer may see it, and raises NotFound for any other. ``entry`` is the entry
    of the register that a note of the viewer's on the record is kept with: for a company one of its own, for others the
    one the record belongs to among those they may open; None where there is none. ``territory_id`` is where the record
    stands, None where that is no one territory. ``companies`` tells whether companies see the record at all.
    """

    kind: str
    get: Callable[[int, Viewer], Any]
    entry: Callable[[Any, Viewer], Any | None] = lambda _record, _viewer: None
    territory_id: Callable[[Any], int | None] = lambda _record: None
    has_companies: bool = True


_notable: dict[str, Notable] = {}


def install(kinds: Sequence[Notable]) -> None:
    """Take over the types of records of every package."""
    _notable.clear()
    _notable.update({each.kind: each for each in kinds})


def notable(kind: str) -> Notable | None:
    """The type of record of a table; None where no notes are kept on it."""
    return _notable.get(kind)


def reads_all(viewer: Viewer) -> bool:
    """Whether a viewer reads the notes of the staff; an auditor reads what companies were shown."""
    return not viewer.is_company and viewer.may(Permission.KEEP_REGISTERS)


def may_write(viewer: Viewer, kind: str) -> bool:
    """Staff write on every record, a company's account on its own ones."""
    if viewer.is_company:
        known = notable(kind)
        return viewer.may(Permission.FILL_REPORTS) and known is not None and known.has_companies
    return viewer.may(Permission.KEEP_REGISTERS)


def may_change(viewer: Viewer, *, by_company: bool, company_bin: str | None) -> bool:
    """Staff correct and withdraw what staff wrote, a company's accounts what their own company wrote.

    A record may have several companies, a patent for instance: ``company_bin`` is the one whose entry the note is with.
    """
    needed = Permission.FILL_REPORTS if by_company else Permission.KEEP_REGISTERS
    is_own = company_bin == viewer.company_bin if by_company else not viewer.is_company
    return is_own and viewer.is_company == by_company and viewer.may(needed)
