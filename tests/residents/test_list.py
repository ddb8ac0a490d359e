"""The list of entries: search, filters, Kazakh order, and a bounded number of statements."""

from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.infra.paging import paginate
from registry.residents import queries
from tests import factories
from tests.factories import bin_number

DAY = date(2026, 10, 5)

NAMES = ["Ілгері", "«Ғылым»", "Ыстық", "Әлем", "Үміт", "Ұлт", "Университет", "Гамма", "Қазына", "Кристалл"]
IN_ORDER = ["Әлем", "Гамма", "«Ғылым»", "Кристалл", "Қазына", "Университет", "Ұлт", "Үміт", "Ыстық", "Ілгері"]


@contextmanager
def counted_statements():
    statements = []

    def note(_connection, _cursor, statement, *_rest):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note)


def names(**filters):
    statement = queries.list_statement(SYSTEM, day=DAY, language="kk", **filters)
    return [row.name_kk for row, _status in paginate(statement, 1).items]


@pytest.fixture
def register(database):
    for serial, name in enumerate(NAMES, start=1):
        factories.resident(
            bin_number(serial),
            name_kk=name,
            name_ru=f"ТОО «{name}»",
            name_en=f"{serial} LLP",
            participant_type="university" if serial > 8 else "production",
            registered_on=date(2025, serial, 1),
            decision_date=None,
        )
    return database


def test_names_stand_in_kazakh_alphabetical_order(register):
    assert names() == IN_ORDER
    assert names(descending=True) == IN_ORDER[::-1]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("ғылым", ["«Ғылым»"]),
        ("ҒЫЛЫМ", ["«Ғылым»"]),
        ('"ғылым"', ["«Ғылым»"]),
        ("тоо ғылым", ["«Ғылым»"]),
        ("7 llp", ["Университет"]),
        (bin_number(4)[2:], ["Әлем"]),
        (f"БИН {bin_number(4)}", ["Әлем"]),
        ("NU-2025-0001", ["Ілгері"]),
        ("%", []),
        ("_", []),
        ("жоқ", []),
    ],
)
def test_search_ignores_case_and_quotes(register, search, found):
    assert names(search=search) == found


def test_filters(register):
    entry = queries.records(SYSTEM)[0]
    row = queries.get_resident(entry.id, SYSTEM)
    factories.status_change(row, "suspended", date(2026, 3, 1))
    assert names(status="suspended") == [row.name_kk]
    assert len(names(status="active")) == 9
    assert names(participant_type="university") == ["Кристалл", "Қазына"]
    assert names(registered_from=date(2025, 10, 1)) == ["Кристалл"]
    assert names(territory_id=row.territory_id + 1) == []


def test_a_long_list_takes_few_statements(client):
    with transaction():
        from registry.residents import services
        from registry.territories.queries import by_code

        for serial in range(1, 121):
            services.register_resident(
                SYSTEM, territory=by_code("NU"), values=factories.resident_values(bin_number(serial)), now=factories.NOW
            )
    client.sign_in("staff")
    counts = {}
    for path in (
        "/residents",
        "/residents?page=2",
        "/residents?search=%D2%AF%D0%BB%D0%B3%D1%96&status=active",
        "/residents?search=zzz",
    ):
        with counted_statements() as statements:
            client.get(path)
        counts[path] = len([text for text in statements if not text.startswith(("BEGIN", "PRAGMA"))])
    assert max(counts.values()) <= 6, counts
