"""What notes put on the pages of records: a panel beside the card, a tab of a company, a chapter of its course."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.infra.access import Viewer
from registry.infra.i18n import lazy
from registry.infra.record import Panel, Part, Tab
from registry.journal.timeline import Chapter, belonging
from registry.notes import queries, rules
from registry.notes.models import Note
from registry.notes.rules import Notable
from registry.residents.models import Resident
from registry.residents.queries import get_resident


def _is_of_use(viewer: Viewer, record: Any) -> bool:
    """A panel that is empty is shown to those who may write in it."""
    return rules.may_write(viewer, record.__tablename__) or not viewer.is_company


def _newest(viewer: Viewer, record: Any) -> Mapping[str, Any]:
    return {"notes": queries.some(queries.on_record(viewer, record))}


def panel_of(kind: str) -> Panel:
    """The panel of the notes on records of a table."""
    return Panel(
        of=kind,
        template="notes/_panel.html",
        place=10,
        rows=queries.on_record,
        read=_newest,
        shown_to=_is_of_use,
    )


PARTS: tuple[Part, ...] = (
    Tab(
        of=Resident.__tablename__,
        endpoint="notes.of_resident",
        argument="resident_id",
        label=lazy("Notes"),
        place=60,
        rows=queries.of_entry,
    ),
    *map(panel_of, ("resident", "contract", "patent", "report", "document")),
)

NOTABLE = (Notable(kind=Resident.__tablename__, get=get_resident, entry=lambda resident, _viewer: resident),)

CHAPTERS = (
    Chapter(
        of=Resident.__tablename__,
        name="notes",
        label=lazy("Notes"),
        acts=lambda _viewer, resident: (belonging(resident, Note.__tablename__),),
    ),
)
