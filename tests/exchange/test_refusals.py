"""Every refusal of ``exchange.md`` 2 names its row and column, and nothing is written."""

from __future__ import annotations

import pytest
from flask import Flask

from registry.errors import ImportRefused
from registry.reports.rules import MOST_LINES
from tests.exchange import made
from tests.exchange.made import BIN, OTHER, exported, refused, row, take
from tests.factories import bin_number

pytestmark = pytest.mark.thorough

WRONG_DIGIT = BIN[:11] + str((int(BIN[11]) + 1) % 10)
BRANCH = "260341991148"
REPRESENTATIVE = bin_number(1, unit=2)
IIN = "000101399107"


def base() -> None:
    take("residents", row("residents"))


CASES: list[tuple[str, str, dict[str, object], str]] = [
    # what, kind, values of the row, column refused
    ("the check digit", "residents", {"bin": WRONG_DIGIT}, "bin"),
    ("eleven digits", "residents", {"bin": BIN[:11]}, "bin"),
    ("letters", "residents", {"bin": "ABCDEFGHIJKL"}, "bin"),
    ("month 13", "residents", {"bin": "241340990009"}, "bin"),
    ("a prefix without a valid digit", "residents", {"bin": "260140900380"}, "bin"),
    ("a branch", "residents", {"bin": BRANCH}, "bin"),
    ("a representative office", "residents", {"bin": REPRESENTATIVE}, "bin"),
    ("an IIN of a company", "residents", {"bin": IIN}, "bin"),
    ("an unknown territory", "residents", {"territory": "ALMATY"}, "territory"),
    ("a territory in lower case", "residents", {"territory": "nu"}, "territory"),
    ("no name in Kazakh", "residents", {"bin": OTHER, "name_kk": ""}, "name_kk"),
    ("no name in Russian", "residents", {"bin": OTHER, "name_ru": ""}, "name_ru"),
    ("no legal form", "residents", {"bin": OTHER, "legal_form": ""}, "legal_form"),
    ("no participant type", "residents", {"bin": OTHER, "participant_type": None}, "participant_type"),
    ("no date", "residents", {"bin": OTHER, "registered_on": ""}, "registered_on"),
    ("no bin", "residents", {"bin": ""}, "bin"),
    ("an unknown legal form", "residents", {"bin": OTHER, "legal_form": "llc"}, "legal_form"),
    ("an unknown type", "residents", {"bin": OTHER, "participant_type": "shop"}, "participant_type"),
    ("an unknown direction", "residents", {"bin": OTHER, "priority_direction": "8"}, "priority_direction"),
    ("an unknown size", "residents", {"bin": OTHER, "krp": "106"}, "krp"),
    ("oked of four digits", "residents", {"bin": OTHER, "oked": "7219"}, "oked"),
    ("oked of letters", "residents", {"bin": OTHER, "oked": "7219A"}, "oked"),
    ("trl 0", "residents", {"bin": OTHER, "trl": "0"}, "trl"),
    ("trl 10", "residents", {"bin": OTHER, "trl": "10"}, "trl"),
    ("trl not a number", "residents", {"bin": OTHER, "trl": "4-5"}, "trl"),
    ("entry before decision", "residents", {"bin": OTHER, "decision_date": "2025-02-04"}, "registered_on"),
    ("a date of two digits a year", "residents", {"bin": OTHER, "registered_on": "3.2.25"}, "registered_on"),
    ("a day that is not", "residents", {"bin": OTHER, "registered_on": "2025-02-29"}, "registered_on"),
    ("a short date", "residents", {"bin": OTHER, "registered_on": "2025-2-3"}, "registered_on"),
    ("a truth value", "residents", {"bin": OTHER, "experimental_production": "yes"}, "experimental_production"),
    ("an older entry active", "residents", {"registered_on": "2026-01-01"}, "registered_on"),
    ("an unknown change", "status-changes", {"change": "paused"}, "change"),
    ("no change", "status-changes", {"change": ""}, "change"),
    ("resumed without suspended", "status-changes", {"change": "resumed", "ground": ""}, "change"),
    ("a suspension without ground", "status-changes", {"ground": ""}, "ground"),
    ("an exclusion without ground", "status-changes", {"change": "excluded", "ground": None}, "ground"),
    ("a ground of exclusion only", "status-changes", {"ground": "liquidation"}, "ground"),
    ("an unknown ground", "status-changes", {"ground": "whim"}, "ground"),
    (
        "a change before the entry",
        "status-changes",
        {"effective_on": "2025-01-01", "decision_date": "2024-12-31"},
        "effective_on",
    ),
    ("a change before its decision", "status-changes", {"decision_date": "2026-04-02"}, "effective_on"),
    ("a change of a stranger", "status-changes", {"bin": OTHER}, "bin"),
    ("a contract of a stranger", "contracts", {"bin": OTHER}, "bin"),
    ("no party", "contracts", {"bin": ""}, "bin"),
    ("no kind", "contracts", {"kind": ""}, "kind"),
    ("an unknown kind", "contracts", {"kind": "gift"}, "kind"),
    ("no contract number", "contracts", {"number": ""}, "number"),
    ("no signing", "contracts", {"signed_on": ""}, "signed_on"),
    ("no start", "contracts", {"starts_on": ""}, "starts_on"),
    ("an end before the start", "contracts", {"ends_on": "2025-02-28"}, "ends_on"),
    ("a negative amount", "contracts", {"amount": "-0.01"}, "amount"),
    ("three decimals", "contracts", {"amount": "1.005"}, "amount"),
    ("a decimal comma", "contracts", {"amount": "1,5"}, "amount"),
    ("grouped digits", "contracts", {"amount": "1 000.00"}, "amount"),
    ("a negative area", "contracts", {"area_m2": "-1"}, "area_m2"),
    ("a termination before the signing", "contracts", {"terminated_on": "2025-02-28"}, "terminated_on"),
    ("an addendum to nothing", "addenda", {"contract_number": "NU-404"}, "contract_number"),
    (
        "an addendum before its contract",
        "addenda",
        {"signed_on": "2025-02-28", "effective_on": "2025-03-01"},
        "signed_on",
    ),
    ("an addendum ending the contract before", "addenda", {"ends_on": "2026-01-14"}, "ends_on"),
    ("an addendum without a date", "addenda", {"effective_on": ""}, "effective_on"),
    ("an addendum without a number", "addenda", {"number": ""}, "number"),
    ("a negative new amount", "addenda", {"amount": "-5"}, "amount"),
    ("no office", "patents", {"office": ""}, "office"),
    ("an unknown office", "patents", {"office": "KAZ"}, "office"),
    ("an unknown kind of patent", "patents", {"kind": "patent"}, "kind"),
    ("neither title nor application", "patents", {"title_no": "", "application_no": ""}, "application_no"),
    ("no filing", "patents", {"filed_on": ""}, "filed_on"),
    ("a registration before the filing", "patents", {"registered_on": "2024-05-05"}, "registered_on"),
    ("a publication before the registration", "patents", {"published_on": "2026-02-02"}, "published_on"),
    ("an IPC symbol in small letters", "patents", {"ipc": "a61k 51/00"}, "ipc"),
    ("a bad second IPC symbol", "patents", {"ipc": "A61K 51/00;G21G"}, "ipc"),
    ("no holder", "patents", {"holders": ""}, "holders"),
    ("a holder's failing number", "patents", {"holders": WRONG_DIGIT}, "holders"),
    ("shares over the whole", "patents", {"holders": f"{BIN}=60%;Somebody=50%"}, "holders"),
    ("a share without a sign", "patents", {"holders": f"{BIN}=60"}, "holders"),
    ("no name at all", "patents", {"name_kk": "", "name_ru": ""}, "name_kk"),
    ("the year before the first", "report-lines", {"year": "2023"}, "year"),
    ("the year after the last", "report-lines", {"year": "2036"}, "year"),
    ("quarter 0", "report-lines", {"quarter": "0"}, "quarter"),
    ("quarter 5", "report-lines", {"quarter": "5"}, "quarter"),
    ("a report of a stranger", "report-lines", {"bin": OTHER}, "bin"),
    ("an unknown section", "report-lines", {"section": "income"}, "section"),
    ("a code of another section", "report-lines", {"code": "101110"}, "code"),
    ("an unknown tax code", "report-lines", {"section": "tax", "code": "999999"}, "code"),
    (
        "an unknown staff code",
        "report-lines",
        {"section": "staff", "code": "people", "amount": "", "count": "1"},
        "code",
    ),
    ("no amount", "report-lines", {"amount": ""}, "amount"),
    ("no count", "report-lines", {"section": "staff", "code": "total_staff", "amount": ""}, "count"),
    ("a negative figure", "report-lines", {"amount": "-1.00"}, "amount"),
    (
        "a negative count",
        "report-lines",
        {"section": "staff", "code": "total_staff", "amount": "", "count": "-1"},
        "count",
    ),
    (
        "half a person",
        "report-lines",
        {"section": "staff", "code": "total_staff", "amount": "", "count": "1.5"},
        "count",
    ),
    ("an unknown country", "report-lines", {"country": "XX"}, "country"),
    ("a country of three letters", "report-lines", {"country": "KAZ"}, "country"),
    ("an event of a later version", "patent-events", {"event": "licensed"}, "event"),
    ("an unknown event", "patent-events", {"event": "sold"}, "event"),
    ("no event", "patent-events", {"event": ""}, "event"),
    ("an event of a stranger", "patent-events", {"title_no": "1"}, "title_no"),
    ("an event of another office", "patent-events", {"office": "EA"}, "title_no"),
    ("a transfer without a day", "patent-events", {"event_on": ""}, "event_on"),
    ("a transfer on the day of registration", "patent-events", {"event_on": "2026-02-03"}, "event_on"),
    ("a transfer to nobody", "patent-events", {"holders": ""}, "holders"),
    ("a transfer without the column", "patent-events", {"holders": None}, "holders"),
    ("a new holder's failing number", "patent-events", {"holders": WRONG_DIGIT}, "holders"),
    ("a transfer of less than the whole", "patent-events", {"holders": f"{BIN}=60%;Somebody=30%"}, "holders"),
    ("a transfer with the year of a fee", "patent-events", {"year": "3"}, "year"),
    ("a transfer with a licensee", "patent-events", {"licensee": "Somebody"}, "licensee"),
]


@pytest.mark.parametrize(("kind", "values", "column"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_a_bad_value_is_refused_at_its_column(app: Flask, kind: str, values: dict[str, object], column: str) -> None:
    base()
    if kind == "addenda":
        take("contracts", row("contracts"))
    if kind == "patent-events":
        take("patents", row("patents"))
    before = made.all_exports()
    found = refused(kind, row(kind, **values))
    assert column in [name for _row, name, _message in found]
    assert {number for number, _name, _message in found} == {2}
    assert all(message.strip() for _row, _name, message in found)
    assert made.all_exports() == before


def test_an_event_not_kept_yet_says_so(app: Flask) -> None:
    take("patents", row("patents"))
    found = refused("patent-events", row("patent-events", event="fee_paid", year="3", amount="10.00", holders=""))
    assert found == [(2, "event", "fee_paid cannot be recorded until a later version; only transferred can")]


def test_the_message_of_exchange_md(app: Flask) -> None:
    with pytest.raises(ImportRefused) as refusal:
        take(
            "residents",
            *(row("residents", bin=bin_number(number)) for number in range(1, 6)),
            row("residents", bin="260140991077"),
        )
    assert str(refusal.value) == "residents.csv, row 7, column bin: 260140991077 fails the check digit"


def test_all_errors_of_all_rows_are_reported(app: Flask) -> None:
    found = refused(
        "residents",
        row("residents", bin=WRONG_DIGIT, oked="1", trl="12"),
        row("residents", bin=OTHER),
        row("residents", bin=bin_number(3), registered_on="soon", legal_form="x", email="nobody"),
        row("residents", bin=bin_number(4), krp="1", name_ru=""),
    )
    assert [(number, column) for number, column, _message in found] == [
        (2, "bin"),
        (2, "oked"),
        (2, "trl"),
        (4, "legal_form"),
        (4, "registered_on"),
        (4, "email"),
        (5, "name_ru"),
        (5, "krp"),
    ]
    assert exported("residents") == []


def test_a_register_number_is_never_used_twice(app: Flask) -> None:
    base()
    (known,) = exported("residents")
    found = refused("residents", row("residents", bin=OTHER, register_no=known["register_no"]))
    assert [item[:2] for item in found] == [(2, "register_no")]


def test_an_iin_is_a_sole_entrepreneurs(app: Flask) -> None:
    assert take("residents", row("residents", bin=IIN, legal_form="sole_entrepreneur")).created == 1


def test_a_bin_by_round_two_and_a_foreign_one_pass(app: Flask) -> None:
    rows = [row("residents", bin=number) for number in ("251240991137", "260140990902", "260350991157")]
    assert take("residents", *rows).created == 3


def test_nothing_follows_an_exclusion(app: Flask) -> None:
    base()
    take("status-changes", row("status-changes", change="excluded"))
    later = row("status-changes", effective_on="2026-05-01", decision_date="2026-05-01")
    assert [item[:2] for item in refused("status-changes", later)] == [(2, "change")]


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        ("residents", "registered_on"),
        ("status-changes", "effective_on"),
        ("contracts", "number"),
        ("addenda", "number"),
        ("patents", "title_no"),
        ("report-lines", "code"),
    ],
)
def test_the_same_key_twice(app: Flask, kind: str, column: str) -> None:
    base()
    if kind == "addenda":
        take("contracts", row("contracts"))
    again = row(kind, amount="7.00") if kind in {"contracts", "report-lines"} else row(kind)
    assert (3, column) in [item[:2] for item in refused(kind, row(kind), again)]


def test_a_group_without_a_number_twice(database: Flask) -> None:
    """Each would be given a number of its own."""
    group = row("residents", bin="", legal_form="project_group")
    spelled = {**group, "name_kk": str(group["name_kk"]).lower()}
    found = refused("residents", group, spelled, {**group, "registered_on": "2025-02-04"})
    assert found == [(3, "bin", "the same key stands in row 2; keep one of them")]
    assert take("residents", group, {**group, "name_kk": "«Өзге» тобы"}).created == 2


def test_the_same_application_twice(app: Flask) -> None:
    application = row("patents", title_no="", registered_on="")
    assert (3, "application_no") in [item[:2] for item in refused("patents", application, application)]


def test_two_rows_of_one_patent(app: Flask) -> None:
    take("patents", row("patents"))
    found = refused("patents", row("patents", name_kk="Басқа"), row("patents", title_no="", registered_on=""))
    assert [item[:2] for item in found] == [(3, "application_no")]
    other = row("patents", title_no="", application_no="2024/9009.1", registered_on="")
    take("patents", other)
    assert take("patents", row("patents", title_no="900009", application_no="2024/9009.1")).updated == 1
    # Two keys that are each new to the file may still lead to one record.
    found = refused("patents", row("patents", title_no="900009", application_no=""), other)
    assert len(found) == 1


def test_more_specialists_than_staff(app: Flask) -> None:
    base()
    found = refused(
        "report-lines",
        row("report-lines"),
        row("report-lines", section="staff", code="total_staff", amount="", count="4"),
        row("report-lines", section="staff", code="research_specialists", amount="", count="5"),
    )
    assert [item[:2] for item in found] == [(4, "count")]


def test_an_open_report_is_in_the_way(app: Flask) -> None:
    from datetime import UTC, datetime

    from registry.infra.access import SYSTEM
    from registry.infra.db import transaction
    from registry.reports.services import open_period, start_report
    from registry.residents.queries import entries_of
    from registry.territories.queries import by_code
    from tests.factories import NOW

    base()
    with transaction():
        period = open_period(SYSTEM, territory=by_code("NU"), year=2026, quarter=1, now=NOW)
        (entry, _changes) = entries_of(by_code("NU").id, BIN)[0]
        start_report(SYSTEM, resident=entry, period=period, now=datetime(2026, 5, 4, tzinfo=UTC))
    assert [item[:2] for item in refused("report-lines", row("report-lines"))] == [(2, "quarter")]


def test_a_list_whose_time_is_over(app: Flask) -> None:
    from datetime import UTC, datetime

    later = datetime(2028, 1, 10, tzinfo=UTC)
    # No code at all is valid then: the last ones are taken, with a warning (``exchange.md`` 5, rule 6).
    result = take("residents", row("residents", registered_on="2028-01-03", priority_direction="3"), now=later)
    assert result.created == 1
    assert [item.field for item in result.warnings] == ["priority_direction"]


def test_only_who_may_import(app: Flask, auditor, resident_viewer, staff) -> None:
    from registry.errors import NotAllowed

    for actor in (auditor, resident_viewer):
        with pytest.raises(NotAllowed):
            take("residents", row("residents"), actor=actor)
    assert take("residents", row("residents"), actor=staff).created == 1


def test_a_report_of_more_lines_than_a_page_holds_names_the_first_row_too_many(database: Flask) -> None:
    base()
    lines = [row("report-lines", document_no=str(number)) for number in range(MOST_LINES + 1)]
    others = [row("report-lines", quarter="2", document_no=str(number)) for number in range(MOST_LINES)]
    (found,) = refused("report-lines", *lines, *others)
    assert found[:2] == (MOST_LINES + 2, "code")
    assert "at most 800 lines, this one has 801; put the lines of one code together" in found[2]
    assert str(take("report-lines", *lines[1:], *others)).startswith("report-lines: 1600 rows, 1600 created")


def test_a_code_that_is_none_names_its_dictionary(app: Flask) -> None:
    ((_row, column, message),) = refused("residents", row("residents", legal_form="ТОО"))
    assert (column, message) == ("legal_form", "ТОО is not a valid code; choose one of the dictionary legal_forms")
    take("residents", row("residents"))
    ((_row, column, message),) = refused("status-changes", row("status-changes", ground="х"))
    assert (column, message) == ("ground", "х is not a valid code; choose one of the dictionary status_grounds")
