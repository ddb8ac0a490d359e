"""Declared fields and tables say the same: names, what may be empty, types and lengths."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from registry.app import DECLARED
from registry.infra.db import Base, Hundredths
from registry.infra.fields import Field, Type

TECHNICAL = {
    "id", "annulled_at", "search", "sort_kk", "sort_ru", "sort_en", "is_demo",
    "number_key", "title_key", "application_key", "twin",
}  # fmt: skip
"""Columns that hold no field: keys of rows, marks, and what searches, orders and keys go by."""

CHECKED = {"bin", "oked", "kbe", "kato"}
"""Codes whose form the rules check; longer ones are refused by it."""

GIVEN = {"register_no"}
"""Values the program gives where nobody does."""

COLUMN_TYPES: dict[Type, type] = {
    Type.DATE: sa.Date,
    Type.MONEY: Hundredths,
    Type.AREA: Hundredths,
    Type.WHOLE: sa.Integer,
    Type.FLAG: sa.Boolean,
}


def declared() -> dict[type[Base], tuple[Field, ...]]:
    tables = {mapper.class_.__tablename__: mapper.class_ for mapper in Base.registry.mappers}
    return {tables[name]: fields for name, fields in DECLARED.items()}


@pytest.mark.parametrize("model", declared(), ids=lambda model: model.__name__)
def test_fields_are_the_columns_of_their_table(model: type[Base]) -> None:
    fields = declared()[model]
    columns = {
        column.key: column
        for column in sa.inspect(model).columns
        if column.key not in TECHNICAL and not column.foreign_keys
    }
    assert {field.name for field in fields} == set(columns)
    must_be_filled = {name for name, column in columns.items() if not column.nullable and column.default is None}
    assert {field.name for field in fields if field.required} == must_be_filled - GIVEN
    for field in fields:
        kind = columns[field.name].type
        assert isinstance(kind, COLUMN_TYPES.get(field.type, sa.String)), field.name
        if field.name not in CHECKED and field.is_text and isinstance(kind, sa.String) and kind.length is not None:
            assert field.longest == kind.length, field.name
