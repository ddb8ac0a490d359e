"""Lists, records by territory and reader, keys of files, fees due; the same answers on both databases."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy import event

from registry.errors import NotFound
from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.patents import queries, rules, services
from registry.patents.models import Patent
from registry.patents.rules import NotCounted
from registry.territories.queries import by_code
from tests.factories import NOW, bin_number
from tests.patents.conftest import amended, application_values, applied, company, exclude, patent_values, recorded
from tests.people import COMPANY_BIN

pytestmark = pytest.mark.thorough

DAY = date(2026, 10, 5)
ALMA, BARYS = bin_number(1), bin_number(2)


def numbers(rows):
    return [row.title_no or row.application_no for row in rows]


def listed(viewer=SYSTEM, **filters):
    statement = queries.list_statement(viewer, day=DAY, language="kk", **filters)
    return [patent.title_no or patent.application_no for patent, _status in db.session.execute(statement)]


@pytest.fixture
def register(database):
    company(COMPANY_BIN, name="Қайың")
    company(ALMA, territory="NU", name="Әлем")
    recorded()
    recorded(
        title_no="100",
        application_no=None,
        kind="utility_model",
        holders=f"{ALMA};Outside Holder Ltd",
        name_kk="Үлгі",
        name_ru="Модель",
        name_en="Model",
        registered_on="2025-06-01",
        published_on=None,
        ipc="C12N 15/00",
    )
    recorded(
        title_no="200",
        application_no=None,
        office="EA",
        holders=BARYS,
        name_kk="Әдіс",
        name_ru="Метод",
        filed_on="2003-01-01",
        registered_on="2005-06-01",
        published_on="2005-06-15",
        ipc=None,
    )
    applied(application_no="2025/0007.1", holders=f"{COMPANY_BIN}=50%;{ALMA}=50%", filed_on="2025-02-01")


def test_records_stand_in_the_order_of_their_keys(register):
    found = queries.records(SYSTEM)
    assert [(row.office, row.kind, row.number) for row in found] == [
        ("EA", "invention", "200"),
        ("KZ", "invention", "2025/0007.1"),
        ("KZ", "invention", "36123"),
        ("KZ", "utility_model", "100"),
    ]
    assert numbers(queries.records(SYSTEM, as_of=date(2025, 6, 1))) == ["200", "2025/0007.1", "100"]


def test_records_of_a_territory_and_of_a_company(register, resident_viewer):
    from registry.territories.queries import by_code

    assert numbers(queries.records(SYSTEM, territory_id=by_code("YAFI").id)) == ["2025/0007.1", "36123"]
    assert numbers(queries.records(SYSTEM, territory_id=by_code("NU").id)) == ["2025/0007.1", "100"]
    assert queries.records(SYSTEM, territory_id=by_code("KURCHATOV").id) == []
    assert numbers(queries.records(resident_viewer)) == ["2025/0007.1", "36123"]
    assert numbers(queries.records(resident_viewer, territory_id=by_code("NU").id)) == ["2025/0007.1"]


def test_a_former_resident_still_brings_its_patents_to_the_territory(app):
    from registry.territories.queries import by_code

    exclude(company(COMPANY_BIN, registered_on="2025-01-10"), "2025-03-01")
    recorded()
    assert numbers(queries.records(SYSTEM, territory_id=by_code("YAFI").id)) == ["36123"]
    assert numbers(queries.records(SYSTEM, territory_id=by_code("YAFI").id, as_of=date(2026, 2, 1))) == ["36123"]


def test_a_company_sees_the_patents_it_holds_or_held(app, resident_viewer):
    patent = recorded()
    amended(patent, holders=ALMA)
    bought = recorded(title_no="2", application_no="2", holders=ALMA)
    with pytest.raises(NotFound):
        queries.get_patent(bought.id, resident_viewer)
    amended(bought, holders=COMPANY_BIN)
    assert numbers(queries.records(resident_viewer)) == ["2", "36123"] == sorted(listed(resident_viewer))
    assert numbers(queries.records(resident_viewer, as_of=date(2026, 10, 4))) == ["36123"]
    assert numbers(queries.of_resident(resident_viewer, COMPANY_BIN)) == ["2"]
    for row in (patent, bought):
        assert queries.get_patent(row.id, resident_viewer) is row


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["36123", "100", "200", "2025/0007.1"]),
        ({"descending": False}, ["200", "100", "36123", "2025/0007.1"]),
        ({"sort": "name", "descending": False}, ["200", "36123", "2025/0007.1", "100"]),
        ({"sort": "filed_on"}, ["2025/0007.1", "36123", "100", "200"]),
        ({"search": "ИЗОТОП"}, ["36123", "2025/0007.1"]),
        ({"search": "әдіс"}, ["200"]),
        ({"search": "model"}, ["100"]),
        ({"search": "36123"}, ["36123"]),
        ({"search": "KZ 36123"}, ["36123"]),
        ({"search": "KZ36123B"}, ["36123"]),
        ({"search": "KZ 2025/7.1"}, ["2025/0007.1"]),
        ({"search": f"БИН {BARYS}"}, ["200"]),
        ({"search": "2025/0007"}, ["2025/0007.1"]),
        ({"search": "c12n"}, ["100"]),
        ({"search": "outside"}, ["100"]),
        ({"search": BARYS}, ["200"]),
        ({"search": "тоо әлем"}, ["100", "2025/0007.1"]),
        ({"search": "%"}, []),
        ({"kind": "utility_model"}, ["100"]),
        ({"office": "EA"}, ["200"]),
        ({"year": 2025}, ["100"]),
        ({"status": "filed"}, ["2025/0007.1"]),
        ({"status": "granted"}, ["100"]),
        ({"status": "in_force"}, ["36123"]),
        ({"status": "expired"}, ["200"]),
        ({"holder_bin": ALMA}, ["100", "2025/0007.1"]),
        ({"kind": "invention", "office": "KZ", "year": 2026, "status": "in_force", "search": "тәсіл"}, ["36123"]),
    ],
)
def test_the_list(register, filters, expected):
    assert listed(**filters) == expected


def test_the_list_of_a_territory_and_of_a_company(register, resident_viewer):
    from registry.territories.queries import by_code

    assert listed(territory_id=by_code("NU").id) == ["100", "2025/0007.1"]
    assert listed(resident_viewer) == ["36123", "2025/0007.1"]
    # The name of a co-holder it may not open finds nothing for a company; its number stands on the patent itself.
    assert listed(resident_viewer, search="әлем") == []
    assert listed(resident_viewer, search=ALMA) == ["2025/0007.1"]
    assert numbers(queries.of_resident(SYSTEM, ALMA)) == ["2025/0007.1", "100"]
    assert numbers(queries.of_resident(resident_viewer, ALMA)) == ["2025/0007.1"]


def test_the_status_in_sql_is_the_status_of_the_rules(database):
    number = 0
    for kind in ("invention", "utility_model", "industrial_design", "selection_achievement", "software"):
        for filed in ("1996-02-29", "2001-02-28", "2006-10-04", "2006-10-05", "2018-10-04", "2018-10-05", "2020-02-29"):
            for registered, published in ((None, None), ("2022-01-01", None), ("2022-01-01", "2022-01-15")):
                number += 1
                recorded(
                    title_no=str(number),
                    application_no=str(number),
                    kind=kind,
                    filed_on=filed,
                    registered_on=registered,
                    published_on=published,
                )
    for day in (
        "2021-12-31",
        "2022-01-01",
        "2022-01-15",
        "2021-02-28",
        "2021-03-01",
        "2026-10-04",
        "2026-10-05",
        "2026-10-06",
        "2028-02-28",
        "2028-02-29",
        "2028-03-01",
        "2040-02-29",
        "2040-03-01",
    ):
        on = date.fromisoformat(day)
        for patent, status in db.session.execute(queries.list_statement(SYSTEM, day=on, language="en")):
            assert status == rules.status_on(patent, on), (day, patent.kind, patent.filed_on)


def test_the_list_by_both_clocks(register):
    def listed_on(day, **asked):
        statement = queries.list_statement(SYSTEM, day=day, language="ru", **asked)
        return sorted(patent.id for patent, _status in db.session.execute(statement))

    everything = sorted(record.id for record in queries.records(SYSTEM))
    day = date(2025, 12, 31)
    then = sorted(record.id for record in queries.records(SYSTEM, as_of=day))
    assert 0 < len(then) < len(everything)
    assert listed_on(day, begun_only=True) == then
    assert listed_on(day) == everything
    before = NOW - timedelta(days=1)
    for filters in ({}, {"search": "Модель"}, {"search": "Әлем"}, {"territory_id": by_code("NU").id}):
        assert listed_on(DAY, known_at=before, **filters) == []
        assert listed_on(DAY, known_at=NOW, **filters) == listed_on(DAY, **filters) != []


@pytest.mark.parametrize(
    ("title_no", "application_no", "found"),
    [
        ("36123", "2024/0123.1", "36123"),
        ("36123", None, "36123"),
        ("36123", "2025/0007.1", "36123"),
        ("99999", "2025/0007.1", "2025/0007.1"),  # the file grants the application
        ("99999", "2024/0123.1", None),  # a second title upon one application
        ("99999", None, None),
        (None, "2025/0007.1", "2025/0007.1"),
        (None, "2024/0123.1", "36123"),  # the application has been granted
        (None, "2024/9999.1", None),
    ],
)
def test_which_patent_a_row_of_a_file_speaks_of(app, title_no, application_no, found):
    recorded()
    applied(application_no="2025/0007.1")
    patent = queries.find_patent("KZ", "invention", title_no, application_no)
    assert (patent and (patent.title_no or patent.application_no)) == found
    assert queries.find_patent("EA", "invention", title_no, application_no) is None


def test_fees_due_soon_stand_by_date(app, resident_viewer):
    recorded(filed_on="2024-10-20")  # 20 October
    recorded(title_no="2", application_no="2", filed_on="2023-10-05", holders=ALMA)  # today
    recorded(title_no="3", application_no="3", filed_on="2023-12-05")  # too far
    recorded(title_no="4", application_no="4", filed_on="2025-09-01", published_on="2026-09-01")  # first payment
    recorded(title_no="5", application_no="5", filed_on="2024-10-20", published_on=None)
    applied(application_no="6")
    due = queries.fees_due_within(SYSTEM, 60, day=DAY)
    assert due.count == 3
    assert [(fee.patent.title_no, fee.due_on.isoformat()) for fee in due.first] == [
        ("2", "2026-10-05"),
        ("36123", "2026-10-20"),
        ("4", "2026-11-01"),
    ]
    assert numbers(fee.patent for fee in queries.fees_due_within(resident_viewer, 60, day=DAY).first) == ["36123", "4"]
    assert queries.fees_due_within(SYSTEM, 60, day=DAY, territory_id=1).count == 0
    assert queries.fees_due_within(SYSTEM, 60, day=DAY, limit=1).first == due.first[:1]


def test_the_fees_in_sql_are_those_of_the_rules(database):
    number = 0
    for office, kind in (
        ("KZ", "invention"),
        ("KZ", "utility_model"),
        ("KZ", "industrial_design"),
        ("EA", "invention"),
        ("KZ", "software"),
    ):
        for filed in ("2006-11-15", "2016-02-29", "2018-12-20", "2022-01-10", "2025-10-31"):
            for published in (None, "2026-01-15", "2026-08-31", "2026-12-20", "2027-02-28"):
                number += 1
                recorded(
                    title_no=str(number),
                    application_no=str(number),
                    office=office,
                    kind=kind,
                    filed_on=filed,
                    registered_on="2026-01-10",
                    published_on=published,
                )
    for day in (
        "2026-01-15",
        "2026-02-28",
        "2026-10-20",
        "2026-11-14",
        "2026-12-01",
        "2026-12-31",
        "2027-01-10",
        "2027-02-27",
        "2027-04-28",
        "2028-01-05",
        "2028-02-29",
    ):
        on, until = date.fromisoformat(day), date.fromisoformat(day) + timedelta(days=60)
        wanted = [
            (due_on, record.id)
            for record in queries.records(SYSTEM, as_of=on)
            if (due_on := rules.next_fee_on(record, on)) is not None and due_on <= until
        ]
        rows = db.session.execute(queries.fees_statement(SYSTEM, 60, day=on))
        assert [(fee.due_on, fee.patent.id) for fee in map(queries.fee_due, rows)] == sorted(wanted), day


def test_why_a_patent_counts_or_not(app):
    exclude(company(COMPANY_BIN, registered_on="2026-01-10"), "2026-03-01")

    def why(**changes):
        with transaction():
            patent = services.record_patent(SYSTEM, values=patent_values(**changes), now=NOW)
        reason = queries.why_not_counted(
            queries.record_of(patent), year=2026, as_of=DAY, is_participant_on=queries.participation([COMPANY_BIN])
        )
        with transaction():
            services.annul_patent(SYSTEM, patent, reason="test", now=NOW)
        return reason

    assert why() is None
    assert why(registered_on="2026-02-28", published_on=None) is None
    assert why(registered_on="2026-03-01", published_on=None) is NotCounted.NO_PARTICIPANT
    assert why(registered_on="2026-01-09") is NotCounted.NO_PARTICIPANT
    assert why(holders="Outside") is NotCounted.NO_PARTICIPANT
    assert why(kind="utility_model") is NotCounted.KIND
    assert why(office="EA") is NotCounted.OFFICE
    assert why(**application_values()) is NotCounted.NOT_REGISTERED


def test_holders_that_stand_in_a_register(app, resident_viewer):
    old = company(COMPANY_BIN, registered_on="2025-01-10")
    exclude(old, "2025-06-01")
    new = company(COMPANY_BIN, registered_on="2026-01-10")
    alma = company(ALMA)

    def shown(entry):
        return tuple(getattr(entry, name) for name in queries.HolderEntry._fields)

    everybody = {COMPANY_BIN: shown(new), ALMA: shown(alma)}
    assert queries.registered_holders(SYSTEM, [COMPANY_BIN, ALMA, BARYS]) == everybody
    assert queries.registered_holders(resident_viewer, [COMPANY_BIN, ALMA]) == {COMPANY_BIN: shown(new)}


def test_reading_takes_few_statements_however_many_rows(app):
    def statements(work):
        seen = []

        def count(*args):
            seen.append(args[2])

        event.listen(db.engine, "before_cursor_execute", count)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", count)
        return len(seen)

    def read():
        db.session.expire_all()
        db.session.execute(queries.list_statement(SYSTEM, day=DAY, language="kk")).all()
        queries.records(SYSTEM, territory_id=1)

    recorded()
    few = statements(read)
    for number in range(2, 30):
        recorded(title_no=str(number), application_no=None)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Patent)) == 29
    db.session.commit()
    assert statements(read) <= few + 1
