"""The list of the participant register."""

from __future__ import annotations

from typing import Any

from flask import g, url_for

from registry.infra import listing
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in
from registry.infra.listing import Asked, Cell, Column, Filter, Found, Listing
from registry.lists import cells
from registry.reference import queries as reference
from registry.residents import queries
from registry.residents.fields import RESIDENT
from registry.residents.rules import Status

STATUS_WORDS = {
    Status.ACTIVE: lazy("active"),
    Status.SUSPENDED: lazy("suspended"),
    Status.EXCLUDED: lazy("excluded"),
    Status.UPCOMING: lazy("not yet begun"),
}

_CHIPS = {
    Status.ACTIVE: ("good", None),
    Status.SUSPENDED: ("warn", "pause"),
    Status.EXCLUDED: ("quiet", "cross"),
    Status.UPCOMING: ("wait", None),
}
"""The usual state is quiet: only what is out of the ordinary is filled with colour."""


def _statuses() -> list[tuple[str, str]]:
    """The words of each status, and of all that take part together."""
    words = [(str(status), str(word)) for status, word in STATUS_WORDS.items()]
    return [(queries.PARTICIPANTS, _("participants (active and suspended)")), *words]


def _name(row: Any, asked: Asked) -> Cell:
    resident = row[0]
    # Read on as of a day, an entry opens as of it.
    day = asked.as_of.strftime("%d.%m.%Y") if asked.as_of else None
    return listing.text(name_in(resident), url=url_for("residents.show", resident_id=resident.id, date=day))


def _status(row: Any, _asked: Asked) -> Cell:
    chip, picture = _CHIPS[Status(row[1])]
    return listing.status(chip, str(STATUS_WORDS[Status(row[1])]), picture)


def _find(asked: Asked) -> Found:
    return cells.of_states(
        queries.list_statement(
            asked.viewer,
            day=asked.day,
            language=asked.language,
            known_at=asked.known_at,
            begun_only=asked.as_of is not None,
            territory_id=asked.territory_id,
            sort=asked.sort,
            descending=asked.descending,
            **asked.filters,
        )
    )


_SHOWN = ("bin", "register_no")
_LAID_OUT = {"name_kk", "name_ru", "name_en", "participant_type", "registered_on", *_SHOWN}
"""Fields that have a column of their own below."""


def _fields(*names: str) -> tuple[Column, ...]:
    """Columns of declared fields: those of these names, all others where none is named."""
    chosen = [item for item in RESIDENT if (item.name in names if names else item.name not in _LAID_OUT)]
    return cells.columns_of(chosen, sorts=queries.SORTABLE, usual=(*_SHOWN, "registered_on"))


RESIDENTS = Listing(
    name="residents",
    title=lambda: _("My company") if g.viewer.is_company else _("Participants"),
    endpoint="residents.index",
    columns=(
        Column(name="name", label=lazy("Name"), cell=_name, sorts=True, is_wide=True),
        *_fields("bin"),
        *_fields("register_no"),
        Column(
            name="participant_type",
            label=lazy("Type"),
            full=lazy("Type of participant"),
            cell=lambda row, _asked: cells.of_code("participant_types", row[0].participant_type, row[0].territory_id),
        ),
        Column(
            name="territory",
            label=lazy("Territory"),
            cell=lambda row, _asked: cells.place(row[0].territory),
            usual=cells.of_several_territories,
        ),
        *_fields("registered_on"),
        *_fields(),
        Column(name="status", label=lazy("Status"), cell=_status),
    ),
    filters=(
        Filter(name="status", label=lazy("Status"), choices=_statuses),
        Filter(
            name="type",
            label=lazy("Type of participant"),
            to="participant_type",
            choices=lambda: reference.offered_codes("participant_types", territory_ids=cells.places()),
        ),
        Filter(name="from", label=lazy("Registered from"), to="registered_from", is_day=True, folded=True),
        Filter(name="to", label=lazy("Registered to"), to="registered_to", is_day=True, folded=True),
    ),
    search=lazy("Name, BIN or register number"),
    sort="name",
    has_clocks=True,
    find=_find,
    key=lambda row: row[0].id,
    exchange="residents",
    nothing=lazy(
        "The register is empty. Participants appear here once they are entered by decision of the management company."
    ),
    unmatched=lazy("No entry matches these filters."),
)
