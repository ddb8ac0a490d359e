"""The list of contracts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import url_for

from registry.contracts import queries, rules
from registry.contracts.fields import CONTRACT
from registry.contracts.rules import Status
from registry.infra import fields, listing
from registry.infra.fields import Shown
from registry.infra.finder import Finder, Texts
from registry.infra.i18n import gettext as _
from registry.infra.i18n import lazy, name_in, ngettext
from registry.infra.listing import Asked, Cell, Column, Filter, Listing
from registry.lists import cells
from registry.reference import queries as reference
from registry.residents.listing import names_of

STATUS_WORDS = {
    Status.IN_FORCE: lazy("in force"),
    Status.UPCOMING: lazy("not yet begun"),
    Status.EXPIRED: lazy("expired"),
    Status.TERMINATED: lazy("terminated"),
}

_CHIPS = {
    Status.IN_FORCE: ("good", None),
    Status.UPCOMING: ("wait", None),
    Status.EXPIRED: ("quiet", None),
    Status.TERMINATED: ("quiet", "cross"),
}
"""The usual state is quiet: only what is out of the ordinary is filled with colour."""


def _number(row: Any, asked: Asked) -> Cell:
    # Read on as of a day, a contract opens as of it.
    day = asked.as_of.strftime("%d.%m.%Y") if asked.as_of else None
    return listing.text(row[0].number, url=url_for("contracts.show", contract_id=row[0].id, date=day))


def _party(row: Any, _asked: Asked) -> Cell:
    address = url_for("contracts.of_resident", resident_id=row[0].resident_id)
    return listing.text(name_in(row[0].resident), url=address)


def _last_day(row: Any, _asked: Asked) -> Cell:
    ends_on = row[0].on_the_day("ends_on")
    if ends_on is None:
        return listing.text(_("no end"))
    return listing.day(ends_on, chip="warn", picture="clock", said=_("ends soon")) if row[2] else listing.day(ends_on)


def _endings() -> list[tuple[int, str]]:
    return [(days, ngettext("within %(num)s day", "within %(num)s days", days)) for days in rules.ENDING_DAYS]


def _columns() -> dict[str, Column]:
    """Columns of the declared fields by name."""
    columns = cells.columns_of(
        CONTRACT,
        read=lambda record, name: record.on_the_day(name),
        sorts=fields.names(fields.shown(CONTRACT, Shown.LIST)),
        usual=("signed_on", "starts_on", "amount"),
    )
    return {column.name: column for column in columns}


def _laid_out() -> tuple[Column, ...]:
    own = _columns()
    number, kind, ends_on = (own.pop(name) for name in ("number", "kind", "ends_on"))
    return (
        Column(name="number", label=number.label, cell=_number, sorts=True),
        Column(name="resident", label=lazy("Participant"), cell=_party, sorts=True, is_wide=True),
        Column(
            name="kind",
            label=kind.label,
            cell=lambda row, _asked: cells.of_code("contract_kinds", row[0].kind, row[0].territory_id),
            sorts=True,
        ),
        Column(
            name="territory",
            label=lazy("Territory"),
            cell=lambda row, _asked: cells.place(row[0].resident.territory),
            usual=listing.seldom,
        ),
        own.pop("signed_on"),
        own.pop("starts_on"),
        Column(name="ends_on", label=ends_on.label, cell=_last_day, sorts=True),
        *own.values(),
        Column(name="status", label=lazy("Status"), cell=cells.of_status(_CHIPS, STATUS_WORDS)),
    )


CONTRACTS = Listing(
    name="contracts",
    title=lambda: _("Contracts"),
    endpoint="contracts.index",
    columns=_laid_out(),
    filters=(
        Filter(
            name="type",
            label=lazy("Kind"),
            to="kind",
            choices=lambda: reference.offered_codes("contract_kinds", territory_ids=cells.places()),
        ),
        Filter(
            name="status",
            label=lazy("Status"),
            choices=lambda: [(str(status), str(word)) for status, word in STATUS_WORDS.items()],
        ),
        Filter(
            name="ends",
            label=lazy("Ends"),
            to="ends_within",
            choices=_endings,
            read=int,
            blank=lazy("Ends: any time"),
        ),
    ),
    search=lazy("Number, subject, name or BIN"),
    sort="-signed_on",
    has_clocks=True,
    find=cells.of_register(queries.list_statement),
    key=lambda row: row[0].id,
    exchange="contracts",
    nothing=lazy("There are no contracts yet. Contracts of the management company with participants appear here."),
    unmatched=lazy("No contract matches these filters."),
)


_LABELS = {field.name: field.label for field in CONTRACT}


def _in_own_language_first(language: str) -> list[str]:
    return sorted(rules.SEARCHED, key=lambda name: not name.endswith(f"_{language}"))


def _besides(asked: Asked, rows: Sequence[Any]) -> list[Texts]:
    names = names_of(asked, [row[0].resident_id for row in rows])
    return [
        [
            *((_LABELS[name], getattr(row[0], name)) for name in _in_own_language_first(asked.language)),
            *names.get(row[0].resident_id, ()),
        ]
        for row in rows
    ]


FINDER = Finder(
    listing=CONTRACTS,
    icon="contract",
    title="number",
    facts=("resident", "kind", "signed_on"),
    numbered=queries.ids_numbered,
    besides=_besides,
)
