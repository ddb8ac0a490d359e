"""Columns and rows of lists over registers: declared fields, state tables, territories."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from flask import g

from registry.infra.fields import Field, Type
from registry.infra.i18n import gettext, name_in
from registry.infra.listing import Asked, Cell, Column, Found, always, of_statement, seldom, status
from registry.journal import presentation, state
from registry.reference import queries as reference
from registry.territories.rules import short_name


def of_field(declared: Field, record: Any, raw: Any) -> Cell:
    """What a record has in a declared field: ``raw``, as its table keeps it."""
    shown = presentation.cell(declared, raw, getattr(record, "territory_id", None))
    if raw is not None and declared.type in {Type.MONEY, Type.AREA}:
        return Cell(Decimal(raw) / 100, shown)
    if raw is not None and declared.type in {Type.WHOLE, Type.DATE}:
        return Cell(raw, shown)
    return Cell(shown, shown)


def columns_of(
    fields: Iterable[Field],
    *,
    read: Callable[[Any, str], Any] = getattr,
    sorts: Collection[str] = (),
    usual: Collection[str] = (),
) -> tuple[Column, ...]:
    """Columns of declared fields of rows whose first part is the record; ``usual`` ones are shown unless others are
    chosen, ``read`` takes a field from a record.
    """

    def column(declared: Field) -> Column:
        return Column(
            name=declared.name,
            label=declared.heading or declared.label,
            cell=lambda row, _around: of_field(declared, row[0], read(row[0], declared.name)),
            sorts=declared.name in sorts,
            usual=always if declared.name in usual else seldom,
            is_number=declared.is_number,
        )

    return tuple(map(column, fields))


def of_code(dictionary: str, code: str | None, territory_id: int | None = None) -> Cell:
    """A code of a dictionary by its short name."""
    name = reference.name(dictionary, code, territory_id=territory_id)
    return Cell(name, reference.short_name(dictionary, code, territory_id=territory_id), name)


def place(territory: Any) -> Cell:
    """A territory by its short name; None stands for all of them."""
    if territory is None:
        return Cell(gettext("All territories"), gettext("All territories"))
    name = name_in(territory)
    return Cell(name, short_name(territory.code), name)


def of_several_territories() -> bool:
    """``usual`` of the column that tells a record's territory: not where one is chosen."""
    return g.territory_id is None and len(g.territories) > 1


def places() -> list[int]:
    """The keys of the territories that the reader has chosen, or may see."""
    return [row.id for row in g.territories if g.territory_id in {None, row.id}]


def of_states(statement: sa.Select[*tuple[Any, ...]]) -> Found:
    """Rows of a statement whose first column is a state table's row."""
    table = statement.column_descriptions[0]["entity"]
    key = table.__table__.c[next(iter(sa.inspect(table).primary_key)).name]

    # The order is found over keys alone for a page; a file reads wide rows by the hundred.
    return replace(
        of_statement(statement, key),
        page=lambda number: state.page(statement, number),
        first=lambda size: state.first_of(statement, size),
    )


def of_register(statement: Callable[..., sa.Select[*tuple[Any, ...]]]) -> Callable[[Asked], Found]:
    """The rows of a register as a list asks for them; ``statement`` takes the viewer and what is asked for."""

    def find(asked: Asked) -> Found:
        return of_states(
            statement(
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

    return find


def of_status(
    chips: Mapping[Any, tuple[str, str | None]], words: Mapping[Any, object]
) -> Callable[[Any, object], Cell]:
    """The cell of a row's status, which is its second part: a chip and picture for each, and its word."""

    def cell(row: Any, _around: object) -> Cell:
        chip, picture = chips[row[1]]
        return status(chip, str(words[row[1]]), picture)

    return cell
