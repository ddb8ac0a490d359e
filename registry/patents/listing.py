"""The list of patents and applications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import g, url_for

from registry.infra import listing
from registry.infra.finder import Finder, Texts
from registry.infra.i18n import country_name, lazy, name_in
from registry.infra.i18n import gettext as _
from registry.infra.listing import Asked, Cell, Column, Filter, Listing
from registry.infra.numbers import whole_number
from registry.lists import cells
from registry.patents import queries
from registry.patents.fields import PATENT
from registry.patents.queries import HolderEntry
from registry.patents.rules import SEARCHED, Status
from registry.reference import queries as reference
from registry.reference.rules import OFFICES
from registry.residents.listing import names_of
from registry.territories.rules import mask_iin

STATUS_WORDS = {
    Status.FILED: lazy("application filed"),
    Status.GRANTED: lazy("granted, not yet published"),
    Status.IN_FORCE: lazy("in force"),
    Status.EXPIRED: lazy("term expired"),
    Status.ANNULLED: lazy("annulled"),
}

_CHIPS = {
    Status.FILED: ("wait", None),
    Status.GRANTED: ("info", None),
    Status.IN_FORCE: ("good", None),
    Status.EXPIRED: ("quiet", None),
    Status.ANNULLED: ("quiet", "cross"),
}
"""The usual state is quiet: only what is out of the ordinary is filled with colour."""

_OFFICES = {
    "EA": lazy("Eurasian Patent Organization"),
    "EP": lazy("European Patent Office"),
    "WO": lazy("international application (PCT)"),
}

Holders = Mapping[str, HolderEntry]
"""The entries behind the holders of the rows shown, by BIN."""


def office_name(code: str) -> str:
    """The name of a patent office's country or organisation, without the code."""
    return str(_OFFICES[code]) if code in _OFFICES else country_name(code)


def _number(row: Any, _holders: Holders) -> Cell:
    number = row[0].title_no or row[0].application_no
    return listing.text(number, url=url_for("patents.show", patent_id=row[0].id))


def _kind(row: Any, _holders: Holders) -> Cell:
    return cells.of_code("ip_kinds", row[0].kind)


def _office(row: Any, _holders: Holders) -> Cell:
    return listing.text(row[0].office, office_name(row[0].office))


def _holder_names(row: Any, holders: Holders) -> Cell:
    """Holders in a register by name, those of other territories without a link; others by number or as recorded."""
    names, links = [], []
    for holder in row[0].holder_rows:
        entry = holders.get(holder.bin or "")
        names.append(name_in(entry) if entry else mask_iin(holder.bin) if holder.bin else holder.name)
        if entry and g.viewer.sees_territory(entry.territory_id):
            links.append(url_for("residents.show", resident_id=entry.id))
    only = links[0] if len(names) == len(links) == 1 else None
    return listing.text("; ".join(names), url=only)


def _around(asked: Asked, rows: Sequence[Any]) -> Holders:
    return queries.holder_entries(asked.viewer, (row[0] for row in rows))


def _offices_and_years() -> tuple[Sequence[str], Sequence[int]]:
    """What of offices and years there is, read once for both filters."""
    if "patent_offices_and_years" not in g:
        g.patent_offices_and_years = queries.offices_and_years(g.viewer)
    return g.patent_offices_and_years


def _read_year(typed: str) -> int:
    year = whole_number(typed)
    if year is None or not 1900 <= year <= 2200:
        raise ValueError(typed)
    return year


def _read_office(typed: str) -> str:
    if typed not in OFFICES:
        raise ValueError(typed)
    return typed


def _columns() -> tuple[Column, ...]:
    own = {column.name: column for column in cells.columns_of(PATENT, sorts=queries.SORTABLE)}
    laid_out = ("title_no", "kind", "office", "holders", "filed_on", "registered_on", "name_kk", "name_ru", "name_en")
    return (
        Column(name="title_no", label=lazy("Number"), cell=_number, sorts=True),
        Column(
            name="name",
            label=lazy("Name"),
            cell=lambda row, _holders: listing.text(name_in(row[0])),
            sorts=True,
            is_wide=True,
        ),
        Column(name="kind", label=lazy("Kind"), cell=_kind),
        Column(name="office", label=lazy("Office"), full=lazy("Patent office"), cell=_office),
        Column(name="holders", label=lazy("Patent holders"), cell=_holder_names, is_wide=True),
        Column(
            name="filed_on",
            label=lazy("Filed"),
            cell=lambda row, _holders: listing.day(row[0].filed_on),
            sorts=True,
            usual=listing.seldom,
        ),
        Column(
            name="registered_on",
            label=lazy("Registered"),
            cell=lambda row, _holders: listing.day(row[0].registered_on),
            sorts=True,
        ),
        Column(
            name="expires_on",
            label=lazy("Expires"),
            cell=lambda row, _holders: listing.day(row[0].expires_on),
            usual=listing.seldom,
        ),
        *(column for name, column in own.items() if name not in laid_out),
        Column(name="status", label=lazy("Status"), cell=cells.of_status(_CHIPS, STATUS_WORDS)),
    )


PATENTS = Listing(
    name="patents",
    title=lambda: _("Patents"),
    endpoint="patents.index",
    columns=_columns(),
    filters=(
        Filter(name="type", label=lazy("Kind"), to="kind", choices=lambda: reference.offered_codes("ip_kinds")),
        Filter(
            name="status",
            label=lazy("Status"),
            choices=lambda: [
                (str(status), str(word)) for status, word in STATUS_WORDS.items() if status != Status.ANNULLED
            ],
        ),
        Filter(
            name="office",
            label=lazy("Patent office"),
            choices=lambda: [(code, f"{code} – {office_name(code)}") for code in _offices_and_years()[0]],
            read=_read_office,
            is_open=True,
            folded=True,
        ),
        Filter(
            name="year",
            label=lazy("Year of registration"),
            choices=lambda: [(year, str(year)) for year in _offices_and_years()[1]],
            read=_read_year,
            is_open=True,
            folded=True,
        ),
    ),
    search=lazy("Name, number, IPC or holder"),
    sort="-registered_on",
    has_clocks=True,
    find=cells.of_register(queries.list_statement),
    key=lambda row: row[0].id,
    around=_around,
    exchange="patents",
    nothing=lazy("Patents, other titles of protection and applications for them stand here."),
    unmatched=lazy("No patent matches these filters."),
)


_LABELS = {field.name: field.label for field in PATENT}


def _besides(asked: Asked, rows: Sequence[Any]) -> list[Texts]:
    entries = queries.registered_holders(
        asked.viewer, {holder.bin for row in rows for holder in row[0].holder_rows if holder.bin}
    )
    names = names_of(asked, [entry.id for entry in entries.values()])
    return [
        [
            *((_LABELS[name], getattr(row[0], name)) for name in SEARCHED if name != "holders"),
            *(
                (_LABELS["holders"], text)
                for holder in row[0].holder_rows
                if holder.bin in entries
                for _label, text in names.get(entries[holder.bin].id, ())
            ),
        ]
        for row in rows
    ]


FINDER = Finder(
    listing=PATENTS,
    icon="patent",
    title="name",
    facts=("title_no", "kind", "holders"),
    numbered=queries.ids_numbered,
    besides=_besides,
)
