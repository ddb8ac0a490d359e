"""The list of the participant register."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import g, url_for

from registry.infra import listing
from registry.infra.access import Viewer
from registry.infra.clock import today
from registry.infra.finder import Finder, Texts
from registry.infra.i18n import current_language, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.infra.identifiers import BIN_DIGITS, bins_in, canonical_bin, is_surrogate, with_bins_together
from registry.infra.listing import Asked, Cell, Column, Filter, Listing
from registry.infra.picking import Choice, Picker
from registry.lists import cells
from registry.reference import queries as reference
from registry.residents import queries
from registry.residents.fields import RESIDENT
from registry.residents.rules import Status
from registry.territories.rules import short_name

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
        Column(name="status", label=lazy("Status"), cell=cells.of_status(_CHIPS, STATUS_WORDS)),
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
    find=cells.of_register(queries.list_statement),
    key=lambda row: row[0].id,
    exchange="residents",
    nothing=lazy(
        "The register is empty. Participants appear here once they are entered by decision of the management company."
    ),
    unmatched=lazy("No entry matches these filters."),
)


_LABELS = {field.name: field.label for field in RESIDENT}
_FORMERLY = lazy("Formerly")


def names_of(asked: Asked, ids: Sequence[int]) -> dict[int, Texts]:
    """What entries are called in other languages, and what they were called before."""
    found = {}
    for key, periods in queries.called(asked.viewer, ids, asked.day).items():
        names = [
            (_FORMERLY if period.is_over else _LABELS[name], getattr(period, name))
            for period in periods
            for name in period._fields[1:]
        ]
        found[key] = names
    return found


def _besides(asked: Asked, rows: Sequence[Any]) -> list[Texts]:
    names = names_of(asked, [row[0].id for row in rows])
    return [names.get(row[0].id, ()) for row in rows]


FINDER = Finder(
    listing=RESIDENTS,
    icon="people",
    title="name",
    facts=("register_no", "bin", "territory"),
    numbered=queries.ids_numbered,
    besides=_besides,
)


def _companies(viewer: Viewer, words: str) -> list[Choice]:
    rows = queries.companies(viewer, words, day=today(), language=current_language(), most=PICKED)
    return [
        Choice(
            row[0].bin or "",
            name_in(row[0]),
            f"{short_name(row[0].territory.code)}, {STATUS_WORDS[Status(row[1])]}",
        )
        for row in rows
    ]


def _whole_bin(text: str) -> str | None:
    number = canonical_bin(text)
    return number if is_surrogate(number) or (number.isdecimal() and len(number) == BIN_DIGITS) else None


PICKED = 8
"""How many companies a field offers at once."""

COMPANY = Picker(
    name="company",
    find=_companies,
    number=_whole_bin,
    names=lambda text: bool(bins_in(with_bins_together(text))),
)
"""A company of the register, kept by its BIN."""
