"""How records hold files: who attaches and withdraws, whose files a record shows, what a file may stand behind.

Most records do it in one way (:class:`Holder`); a package whose records do it in another says so, and
:mod:`registry.app` lists it.
"""

from __future__ import annotations

from collections.abc import Sequence

from registry.infra.access import Permission, Viewer
from registry.infra.i18n import lazy

RECORDS = ("resident", "contract", "patent", "report")
"""The tables of the records with files of their own. An act of any register has files, whatever it is about."""

OF_COMPANIES = frozenset({*RECORDS, "status_change", "addendum", "patent_event", "document"})
"""The tables whose acts companies read in the histories of what is theirs."""


class Holder:
    """The records of a table: staff who keep registers attach to them, and whoever sees a record sees its files."""

    kind = ""

    def shown(self, viewer: Viewer, record_id: int) -> list[int]:
        """The records whose files a record shows, the record among them; none where the viewer may not open it.

        That it exists for the viewer has been looked at.
        """
        return [record_id]

    def refusal(self, viewer: Viewer, record_id: int) -> object | None:
        """Why a viewer attaches no file to a record that it may open; None where it does."""
        return None if viewer.may(Permission.KEEP_REGISTERS) else NOT_BY_ROLE

    def is_draft(self, record_id: int) -> bool:
        """Whether nothing of a record is on record yet, so that its files are not either."""
        return False

    def lines(self, record_id: int) -> list[tuple[int, str]]:
        """The lines of a record that a file can stand behind: their lasting numbers, and what they are called."""
        return []


NOT_BY_ROLE = lazy("Your role does not permit this.")

_holders: dict[str, Holder] = {}
_USUAL = Holder()


def install(holders: Sequence[Holder]) -> None:
    """Take over how the records of single tables hold files."""
    _holders.clear()
    _holders.update({holder.kind: holder for holder in holders})


def of(kind: str) -> Holder:
    """How the records of a table hold files."""
    return _holders.get(kind, _USUAL)
