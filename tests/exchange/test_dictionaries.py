"""Dictionaries as dated data: files in and out, both clocks, and what their switches decide (``exchange.md`` 5, 6)."""

from __future__ import annotations

import csv
import io
import threading
from datetime import date, timedelta

import pytest
from flask import Flask

from registry.app import DECLARED
from registry.errors import Conflict, ImportRefused, NotAllowed
from registry.exchange import code_uses, dictionaries
from registry.exchange.dictionaries import DictionaryResult
from registry.indicators import queries as indicators
from registry.infra.access import SYSTEM, Viewer
from registry.infra.db import db, transaction
from registry.infra.findings import Weight
from registry.journal.derived import differences
from registry.journal.presentation import dictionaries_of
from registry.journal.queries import verify
from registry.reference import queries as reference
from registry.reference.models import DictionaryEntry
from registry.reference.services import ALWAYS, DATA, DICTIONARIES
from registry.reference.workdays import MOVED
from registry.reports import services as reports
from registry.territories.queries import by_code
from tests import people
from tests.exchange.made import OTHER, exported, refused, row, take
from tests.factories import NOW
from tests.pages import PageClient

LATER = NOW + timedelta(days=1)
ONCE = NOW + timedelta(hours=1)
"""Before anything was changed in the dictionaries."""


def put(name: str, text: str, *, actor: Viewer = SYSTEM, **options: object) -> DictionaryResult:
    read = dictionaries.read_dictionary(actor, name, text.encode(), file="d.csv")
    with transaction():
        return dictionaries.import_dictionary(actor, read, **{"now": LATER, **options})


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(dictionaries.export_dictionary(SYSTEM, name).decode())))


def rule(code: str, applies: int, since: str, territory: str = "") -> DictionaryResult:
    text = f"code,applies,kk,ru,territory,valid_from\n{code},{applies},к,р,{territory},{since}\n"
    return put("counting_rules", text)


def actual(number: int, **options: object) -> str | None:
    found = indicators.indicators(SYSTEM, year=2026, as_of=date(2026, 9, 30), **options)
    return found[number - 1].as_json()["actual"]


def tax(amount: str = "5.00", code: str = "104101", **more: object) -> dict[str, object]:
    return row("report-lines", section="tax", code=code, amount=amount, **more)


@pytest.mark.parametrize("name", sorted(DICTIONARIES))
def test_a_dictionary_goes_out_and_in_again_unchanged(app: Flask, name: str) -> None:
    before = dictionaries.export_dictionary(SYSTEM, name)
    header = before.decode().splitlines()[0].split(",")
    shipped = (DATA / f"{name}.csv").read_text(encoding="utf-8").splitlines()[0].split(",")
    assert header[: len(shipped)] == shipped
    assert set(header) >= {"territory", "valid_from", "valid_to", "act_no", "act_date"}
    result = put(name, before.decode())
    assert (result.unchanged, result.created, result.updated) == (result.rows, 0, 0)
    assert dictionaries.export_dictionary(SYSTEM, name) == before


def test_a_new_tax_code_is_an_error_that_names_the_remedy_until_it_is_added(database: Flask) -> None:
    take("residents", row("residents"))
    ((number, column, message),) = refused("report-lines", tax(code="101190"))
    assert (number, column) == (2, "code")
    assert "add it to the dictionary tax_codes" in message
    put("tax_codes", "bcc,budget,counts_for_indicator_1,kk,ru,valid_from\n101190,local,1,к,р,2026-01-01\n")
    take("report-lines", tax(code="101190"))
    assert actual(1) == "5.00"
    assert [item[1] for item in refused("report-lines", tax(code="101190", year="2025", quarter="4"))] == ["code"]
    assert verify().problem is None


def test_a_code_counts_by_the_last_day_of_the_quarter_and_by_what_was_known(database: Flask) -> None:
    take("residents", row("residents"))
    for quarter in ("1", "2"):
        take("report-lines", tax(quarter=quarter))
    text = "bcc,budget,counts_for_indicator_1,kk,ru,valid_from,valid_to\n104101,local,{0},к,р,{1},{2}\n"
    result = put("tax_codes", text.format(1, "", "2026-05-31") + "104101,local,0,к,р,2026-06-01,\n")
    assert (result.created, result.warnings) == (1, [])
    assert actual(1) == "5.00"
    assert actual(1, known_at=ONCE) == "10.00"
    assert [(item["valid_from"], item["valid_to"]) for item in rows("tax_codes") if item["bcc"] == "104101"] == [
        ("", "2026-05-31"),
        ("2026-06-01", ""),
    ]
    assert verify().problem is None


def test_a_territorys_own_row_holds_there_alone(database: Flask) -> None:
    for territory in ("NU", "YAFI"):
        take("residents", row("residents", territory=territory))
        take("report-lines", tax(territory=territory))
    put("tax_codes", "bcc,budget,counts_for_indicator_1,kk,ru,territory\n104101,local,0,к,р,NU\n")
    assert actual(1) == "5.00"
    assert len(indicators.counted_lines(SYSTEM, number=1, year=2026, as_of=date(2026, 9, 30))) == 1


def test_two_rows_for_one_day_are_told_and_the_later_holds(database: Flask) -> None:
    take("residents", row("residents"))
    take("report-lines", tax())
    new = "bcc,budget,counts_for_indicator_1,kk,ru,valid_from\n104101,local,0,к,р,2026-01-01\n"
    assert len(put("tax_codes", new).warnings) == 1
    assert actual(1) == "0.00"


def test_figures_outside_participation_count_where_the_dated_rule_says_so(database: Flask) -> None:
    take("residents", row("residents"))
    staff = row("report-lines", section="staff", code="research_specialists", amount="", count="7", document_no="")
    for quarter in ("1", "2", "3"):
        take("report-lines", tax(quarter=quarter), staff | {"quarter": quarter})
    told = take("status-changes", row("status-changes", change="excluded", effective_on="2026-04-01"))
    (warning,) = told.warnings
    assert "Q2\u00a02026, Q3\u00a02026" in str(warning.message)
    assert "count in no indicator" in str(warning.message)
    assert actual(1) == "5.00"
    rule("quarters_outside_participation", 1, "2026-09-01")
    assert actual(1) == "10.00"
    assert actual(1, known_at=ONCE) == "5.00"
    counted = indicators.counted_lines(SYSTEM, number=1, year=2026, as_of=date(2026, 9, 30))
    assert [line.quarter for line in counted] == [1, 3]
    assert differences() == []
    rule("quarters_outside_participation", 0, "2026-09-01", "NU")
    assert (actual(1), differences()) == ("5.00", [])
    assert verify().problem is None


def test_whose_turn_comes_writes_by_the_dictionaries_as_they_are_then(database: Flask) -> None:
    take("residents", row("residents"))
    take("status-changes", row("status-changes", change="excluded", effective_on="2026-04-01"))

    def change() -> None:
        with database.app_context():
            rule("quarters_outside_participation", 1, "2026-09-01")
            db.session.remove()

    # What this one read before its turn is no longer so when the turn comes.
    assert not reference.applies(reference.OUTSIDE_COUNTS, date(2026, 9, 30))
    somebody = threading.Thread(target=change)
    somebody.start()
    somebody.join(20)
    take("report-lines", tax(quarter="3"))
    assert (actual(1), differences()) == ("5.00", [])
    assert verify().problem is None


def test_what_was_taken_back_of_a_dictionary_is_forgotten(database: Flask) -> None:
    def holds() -> bool:
        return reference.is_valid("trl", "99", date(2026, 9, 30))

    read = dictionaries.read_dictionary(SYSTEM, "trl", "code,kk,ru\n99,к,р\n".encode(), file="d.csv")
    with pytest.raises(RuntimeError), transaction():
        dictionaries.import_dictionary(SYSTEM, read, now=LATER)
        assert holds()
        raise RuntimeError
    assert not holds()


def test_offices_and_proof_of_patents_are_dated_settings(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents"), row("patents", office="EA", title_no="045123", application_no="202490014"))
    assert actual(6) == "1"
    put("counted_offices", "code,counts_for_indicator_6,kk,ru,valid_from\nEA,1,к,р,2026-01-01\n")
    assert (actual(6), differences()) == ("2", [])
    assert actual(6, known_at=ONCE) == "1"
    rule("proof_of_grant_required", 1, "2026-02-01")
    assert (actual(6), differences()) == ("0", [])
    take("patents", row("patents", bulletin="5"))
    assert (actual(6), differences()) == ("1", [])
    assert len(indicators.counted_patents(SYSTEM, year=2026, as_of=date(2026, 9, 30))) == 1


def test_where_a_list_holds_no_code_its_nearest_are_taken_with_a_warning(database: Flask) -> None:
    early = row("residents", registered_on="2024-05-02", priority_direction="1")
    (warning,) = take("residents", early).warnings
    assert (warning.row, warning.field) == (2, "priority_direction")
    assert "its nearest codes are taken" in str(warning.message)
    put("priority_directions", "code,kk,ru,valid_from,valid_to\n9,к,р,2024-01-01,2024-12-31\n")
    elsewhere = early | {"territory": "YAFI"}
    assert [item[1] for item in refused("residents", elsewhere)] == ["priority_direction"]
    assert take("residents", elsewhere | {"priority_direction": "9"}).warnings == []


TAX = "bcc,budget,counts_for_indicator_1,kk,ru,valid_from,valid_to\n{0},local,{1},к,р,{2},{3}\n"
"""A row of the tax codes: code, whether it counts, first and last day."""


def test_accepted_figures_that_move_are_named(database: Flask) -> None:
    take("residents", row("residents"))
    take("report-lines", tax())
    assert put("tax_codes", TAX.format("101119", 1, "", "")).moved == []
    result = put("tax_codes", TAX.format("104101", 0, "", ""), dry_run=True)
    (moved,) = result.moved
    assert moved.weight is Weight.ASKS
    assert "indicator 1 of 2026, NU: 5" in str(moved).replace("KZT", "").replace("\u00a0", "")
    assert [str(change) for change in result.changes if "counts" in change.field] == [
        "row 2, 104101, counts_for_indicator_1: 1 → 0"
    ]
    assert (actual(1), differences()) == ("5.00", [])
    assert len(put("tax_codes", TAX.format("104101", 0, "", "")).moved) == 1
    assert (actual(1), differences()) == ("0.00", [])


def test_patents_and_quarters_outside_participation_that_move_are_named(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents"))
    take("report-lines", tax(quarter="2"))
    take("status-changes", row("status-changes", change="excluded", effective_on="2026-03-31"))
    kinds = "code,counts_for_indicator_6,kk,ru\ninvention,0,к,р\n"
    for name, text in (
        ("ip_kinds", kinds),
        ("counting_rules", "code,applies,kk,ru,valid_from\nquarters_outside_participation,1,к,р,2026-01-01\n"),
    ):
        before = [actual(number) for number in (1, 6)]
        assert len(put(name, text, dry_run=True).moved) == 1
        assert ([actual(number) for number in (1, 6)], differences()) == (before, [])
        assert len(put(name, text).moved) == 1
        assert differences() == []
    assert [actual(number) for number in (1, 6)] == ["5.00", "0"]
    assert verify().problem is None


def test_figures_of_a_closed_year_do_not_move(database: Flask) -> None:
    take("residents", row("residents"))
    take("patents", row("patents"))
    take("report-lines", tax())
    with transaction():
        reports.close_year(SYSTEM, territory=by_code("NU"), year=2026, reason="бекітілді", now=NOW)
    office = "code,counts_for_indicator_6,kk,ru\nKZ,0,к,р\n"
    for name, text, number in (("tax_codes", TAX.format("104101", 0, "", ""), 1), ("counted_offices", office, 6)):
        before = actual(number)
        for dry_run in (True, False):
            with pytest.raises(Conflict, match=f"indicator {number} of 2026, NU.*until it is reopened") as caught:
                put(name, text, dry_run=dry_run)
            assert caught.value.field == "year"
        assert (actual(number), differences()) == (before, [])
    put("tax_codes", TAX.format("104101", 0, "2026-04-01", ""))
    with transaction():
        reports.reopen_year(SYSTEM, territory=by_code("NU"), year=2026, reason="түзету", now=NOW)
    put("tax_codes", TAX.format("104101", 0, "", ""))
    assert (actual(1), differences()) == ("0.00", [])


FORM = "code,kk,ru,valid_from,valid_to\n{0},к,р,{1},{2}\n"


@pytest.mark.parametrize(
    ("name", "text", "field", "said"),
    [
        ("tax_codes", TAX.format("104101", 1, "", "2026-03-30"), "valid_to", "lines of reports: 1 (the earliest: NU"),
        ("legal_forms", FORM.format("llp", "", "2025-02-02"), "valid_to", "entries in the register: 1"),
        ("contract_kinds", FORM.format("lease", "", "2025-02-28"), "valid_to", "contracts: 1 (the earliest: NU NU-1"),
        ("ip_kinds", FORM.format("invention", "", "2026-02-02"), "valid_to", "intellectual property: 1"),
        ("status_grounds", FORM.format("breach", "", "2026-03-31"), "valid_to", "changes of status: 1"),
        ("status_grounds", "code,applies_to,kk,ru\nbreach,excluded,к,р\n", "applies_to", "changes of status: 1"),
    ],
)
def test_a_code_is_not_closed_before_records_that_use_it(
    database: Flask, name: str, text: str, field: str, said: str
) -> None:
    take("residents", row("residents"))
    take("contracts", row("contracts"))
    take("patents", row("patents"))
    take("status-changes", row("status-changes"))
    take("report-lines", tax())
    before = dictionaries.export_dictionary(SYSTEM, name)
    with pytest.raises(ImportRefused) as caught:
        put(name, text)
    ((number, column, message),) = [(error.row, error.field, str(error.message)) for error in caught.value.errors]
    assert (number, column, said in message) == (2, field, True), message
    assert dictionaries.export_dictionary(SYSTEM, name) == before


def test_a_code_is_closed_after_the_last_record_or_with_the_row_that_follows(database: Flask) -> None:
    for territory in ("NU", "YAFI"):
        take("residents", row("residents", territory=territory))
    assert put("legal_forms", FORM.format("llp", "", "2025-02-03")).updated == 1
    assert refused("residents", row("residents", bin=OTHER, registered_on="2025-02-04"))[0][1] == "legal_form"
    # Elsewhere the code does not hold by a row of NU, and a later row has to begin before the records.
    with pytest.raises(ImportRefused, match="YAFI"):
        own = "code,kk,ru,territory,valid_from,valid_to\nllp,к,р,,,2024-12-31\nllp,к,р,NU,2025-01-01,\n"
        put("legal_forms", own)
    late = FORM.format("llp", "", "2024-12-31") + "llp,к,р,2025-02-04,\n"
    with pytest.raises(ImportRefused, match="entries in the register: 2"):
        put("legal_forms", late)
    assert put("legal_forms", late.replace("2025-02-04", "2025-01-01")).created == 1


def test_a_list_that_comes_after_its_first_records_asks_and_is_taken(database: Flask) -> None:
    take("residents", row("residents", registered_on="2024-05-02", priority_direction="1"))
    result = put("priority_directions", "code,kk,ru,valid_from,valid_to\n9,к,р,2024-01-01,2024-12-31\n")
    (told,) = result.moved
    assert (told.weight, "entries in the register: 1" in str(told)) == (Weight.ASKS, True)


def test_every_field_with_a_dictionary_is_asked_for_its_codes(app: Flask) -> None:
    coded = {table: dictionaries_of(table) for table in DECLARED}
    kinds = {kind.model.__tablename__ for kind in code_uses.KINDS}
    assert {table for table, fields in coded.items() if fields} == kinds


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("bcc,kk,ru,counts_for_indicator_1\n10111,к,р,1\n", "bcc"),
        ("bcc,kk,ru,counts_for_indicator_1\n,к,р,1\n", "bcc"),
        ("bcc,kk,ru,counts_for_indicator_1\n101119,,р,1\n", "kk"),
        ("bcc,kk,ru,counts_for_indicator_1\n101119,к,р,2\n", "counts_for_indicator_1"),
        ("bcc,kk,ru,counts_for_indicator_1,valid_from,valid_to\n101119,к,р,1,2026-01-02,2026-01-01\n", "valid_to"),
        ("bcc,kk,ru,counts_for_indicator_1,territory\n101119,к,р,1,XX\n", "territory"),
        ("bcc,kk,ru,counts_for_indicator_1,valid_from\n101119,к,р,1,1 January\n", "valid_from"),
        ("bcc,kk,ru,counts_for_indicator_1\n101119,к,р,1\n101119,к,р,1\n", "bcc"),
        ("bcc,colour\n101119,red\n", "colour"),
        ("kk,ru\nк,р\n", "bcc"),
    ],
)
def test_what_a_dictionary_is_refused_for(app: Flask, text: str, column: str) -> None:
    before = rows("tax_codes")
    with pytest.raises(ImportRefused) as caught:
        put("tax_codes", text)
    assert [error.field for error in caught.value.errors] == [column]
    assert rows("tax_codes") == before


@pytest.mark.parametrize(
    ("name", "text", "column", "said"),
    [
        (
            "counted_offices",
            "code,counts_for_indicator_6,kk,ru\nЕА,1,к,р\n",
            "code",
            "the code EA is on record already",
        ),
        ("counted_offices", "code,counts_for_indicator_6,kk,ru\nEAP,1,к,р\n", "code", "not a code of a patent office"),
        ("counting_rules", "code,applies,kk,ru\nproof_of_grant_reqired,1,к,р\n", "code", "is not one of"),
        ("legal_forms", "code,kk,ru\nLLP,к,р\n", "code", "the code llp is on record already"),
        ("legal_forms", "code,kk,ru\n',к,р\n", "code", "required"),
        ("legal_forms", 'code,kk,ru\n"a\nb",к,р\n', "code", "a b is not a valid code"),
        (
            "tax_codes",
            'bcc,kk,ru,counts_for_indicator_1,valid_from\n"=""10111""",к,р,1,2026-01-01\n',
            "bcc",
            "six digits",
        ),
        ("moved_days", "code,work,kk,ru\n2026-5-8,1,к,р\n", "code", "2026-5-8 is not a date; write it as 2026-12-31"),
        ("moved_days", "code,work,kk,ru\n2026-05-08,yes,к,р\n", "work", "enter 1 (a working day) or 0 (a day off)"),
    ],
)
def test_a_code_that_nobody_would_find_is_refused(app: Flask, name: str, text: str, column: str, said: str) -> None:
    before = rows(name)
    with pytest.raises(ImportRefused) as caught:
        put(name, text)
    ((field, message),) = [(error.field, str(error.message)) for error in caught.value.errors]
    assert (field, said in message) == (column, True), message
    assert rows(name) == before


def test_codes_are_read_without_a_spreadsheets_marks(database: Flask) -> None:
    text = 'code,work,kk,ru\n"=""2026-05-08""",1,к,р\n\'2026-05-11,0,к,р\n'
    assert put("moved_days", text).created == 2
    assert {(item["code"], item["work"]) for item in rows("moved_days")} >= {("2026-05-08", "1"), ("2026-05-11", "0")}
    assert put("counted_offices", "code,counts_for_indicator_6,kk,ru\nEP,1,к,р\n").created == 1
    assert put("counted_offices", "code,counts_for_indicator_6,kk,ru,valid_from\nEP,0,к,р,2026-01-01\n").created == 1


def test_a_code_that_stands_is_closed_whatever_it_is(app: Flask) -> None:
    entry = DictionaryEntry(dictionary="counted_offices", code="ЕА", position=9, valid_from=ALWAYS, counts=True,
                            attributes="", name_kk="к", name_ru="р", name_en="e")  # fmt: skip
    with transaction() as session:
        session.add(entry)
    text = "code,counts_for_indicator_6,kk,ru,valid_to\nЕА,0,к,р,2026-01-01\n"
    assert put("counted_offices", text).updated == 1


def test_a_dry_run_changes_nothing(app: Flask) -> None:
    before = rows("counting_rules")
    text = "code,applies,kk,ru,valid_from\nproof_of_grant_required,1,к,р,2026-01-01\n"
    assert put("counting_rules", text, dry_run=True).created == 1
    assert rows("counting_rules") == before


def test_only_whoever_keeps_settings_everywhere_changes_a_dictionary(app: Flask) -> None:
    text = "code,applies,kk,ru\nproof_of_grant_required,1,к,р\n"
    limited = SYSTEM.limited_to(1)
    for actor in (people.viewer("staff"), people.viewer("auditor"), people.viewer("resident"), limited):
        with pytest.raises(NotAllowed):
            put("counting_rules", text, actor=actor)


def test_an_admin_changes_a_dictionary_on_the_web(app: Flask, client: PageClient) -> None:
    client.sign_in("admin")
    page = client.get("exchange.dictionary", name="tax_codes")
    text = "bcc,kk,ru,counts_for_indicator_1\n101119,к,р,{0}\n"
    wrong = {"file": (io.BytesIO(text.format(7).encode()), "d.csv")}
    page = client.submit(page, wrong, containing="file", expect=422)
    assert "enter 1 (counts) or 0 (does not count)" in page.text
    client.submit(page, {"file": (io.BytesIO(text.format(1).encode()), "d.csv")}, containing="file")
    assert "101119" in client.get("territories.dictionary", name="tax_codes").text
    assert "101119" in client.get_response("exchange.dictionary_file", name="tax_codes").text
    assert [item["counts_for_indicator_1"] for item in rows("tax_codes") if item["bcc"] == "101119"] == ["1"]


def test_what_a_file_changes_is_asked_about_on_the_web(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"))
    take("report-lines", tax())
    client.sign_in("admin")
    page = client.get("exchange.dictionary", name="tax_codes")
    (form,) = page.all("form", id="main-form")
    assert form.get("enctype") == "multipart/form-data"
    changed, other = (TAX.format("104101", counts, "", "").encode() for counts in (0, 1))
    asked = client.submit(page, {"file": (io.BytesIO(changed), "d.csv")}, containing="file", expect=422)
    assert "indicator 1 of 2026, NU" in asked.text
    assert "104101, counts_for_indicator_1" in asked.text
    assert "The file d.csv is kept" in asked.text
    assert actual(1) == "5.00"
    # Consent is to the file that was looked through.
    instead = {"file": (io.BytesIO(other), "e.csv"), "confirmed": "1"}
    page = client.submit(asked, instead, containing="file", expect=422)
    assert "The file e.csv is kept" in page.text
    client.submit(asked, {"confirmed": "1"}, containing="file")
    reference.forget()
    assert actual(1) == "0.00"
    lost = {"upload": "0" * 64, "confirmed": "1"}
    assert "Choose a file." in client.submit(asked, lost, containing="file", expect=422).text


@pytest.mark.parametrize("name", sorted(DICTIONARIES))
def test_every_row_of_a_dictionary_is_shown_in_its_form_and_saved_unchanged(
    app: Flask, client: PageClient, name: str
) -> None:
    client.sign_in("admin")
    if name == MOVED:  # which ships with no row
        put(MOVED, "code,work,kk,ru\n2026-05-08,1,к,р\n")
    before = dictionaries.export_dictionary(SYSTEM, name)
    row = rows(name)[0]
    code = row[DICTIONARIES[name][0]]
    page = client.get("exchange.dictionary_code", name=name, code=code, valid_from=row["valid_from"])
    client.submit(page, {}, containing="act_no")
    assert "Nothing was changed." in client.get("territories.dictionary", name=name).text
    reference.forget()
    assert dictionaries.export_dictionary(SYSTEM, name) == before


def test_an_admin_enters_changes_and_closes_a_code_on_its_page(app: Flask, client: PageClient) -> None:
    take("residents", row("residents"))
    take("report-lines", tax())
    client.sign_in("admin")
    (address,) = {link for link in client.get("territories.dictionary", name="tax_codes").links().values()
                  if link.endswith("/tax_codes/code")}  # fmt: skip
    new = {"bcc": "101190", "budget": "local", "counts_for_indicator_1": "y", "kk": "к", "ru": "р",
           "territory": "NU", "valid_from": "01.01.2026", "act_no": "5", "act_date": "30.12.2025"}  # fmt: skip
    page = client.submit(client.get(address), new | {"bcc": "10119"}, containing="bcc", expect=422)
    assert "a budget classification code has six digits" in page.text
    client.submit(page, new, containing="bcc")
    reference.forget()
    (made,) = [item for item in rows("tax_codes") if item["bcc"] == "101190"]
    assert (made["territory"], made["valid_from"], made["act_no"], made["act_date"]) == (
        "NU", "2026-01-01", "5", "2025-12-30",
    )  # fmt: skip
    opened = client.get("exchange.dictionary_code", name="tax_codes", code="104101")
    page = client.submit(opened, {"valid_to": "30.03.2026"}, containing="bcc", expect=422)
    assert "lines of reports: 1" in page.text
    page = client.submit(opened, {"counts_for_indicator_1": []}, containing="bcc", expect=422)
    assert "indicator 1 of 2026, NU" in page.text
    assert "104101, counts_for_indicator_1" in page.text
    client.submit(page, {"confirmed": "1"}, containing="bcc")
    reference.forget()
    assert actual(1) == "0.00"
    client.get("exchange.dictionary_code", name="tax_codes", code="999999", expect=404)


def test_what_others_changed_of_a_code_meanwhile_stays(app: Flask, client: PageClient) -> None:
    client.sign_in("admin")
    mine, other = (client.get("exchange.dictionary_code", name="tax_codes", code="104101") for _tab in (1, 2))
    client.submit(other, {"ru": "Земельный налог", "budget": "republican"}, containing="act_no")
    client.submit(mine, {"kk": "Жер салығы"}, containing="act_no")
    reference.forget()
    (row,) = [item for item in rows("tax_codes") if item["bcc"] == "104101"]
    assert (row["kk"], row["ru"], row["budget"]) == ("Жер салығы", "Земельный налог", "republican")
    page = client.submit(mine, {"ru": "Другое"}, containing="act_no", expect=422)
    assert "Somebody changed this record while the form was open." in page.text


def test_a_short_row_of_a_dictionary_clears_nothing(app: Flask) -> None:
    assert put("trl", "code,kk,ru,valid_to,act_no\n99,к,р,2026-12-31\n98,к,р\n").created == 2
    assert put("trl", "code,kk,ru,valid_to,act_no\n98,к,р\n").unchanged == 1
    with pytest.raises(ImportRefused) as refusal:
        put("trl", "code,kk,ru,valid_to,act_no\n99,к,р\n")
    assert [(item.row, item.field) for item in refusal.value.errors] == [(2, "valid_to")]


def test_codes_and_marks_of_a_dictionary_however_a_spreadsheet_wrote_them(app: Flask) -> None:
    result = put("tax_codes", "bcc;budget;counts_for_indicator_1;kk;ru;valid_from\n199020.0;local;1.0;к;р;01.02.2026\n"
                 "199 021;local;0;к;р;2026-02-01\n")  # fmt: skip
    assert (result.created, result.warnings) == (2, [])
    counts = {item["bcc"]: item["counts_for_indicator_1"] for item in rows("tax_codes")}
    assert (counts["199020"], counts["199021"]) == ("1", "0")
    put("moved_days", "code,work,kk,ru\n26.10.2026,1.0,к,р\n")
    assert [(item["code"], item["work"]) for item in rows("moved_days")] == [("2026-10-26", "1")]
    with pytest.raises(ImportRefused, match="is not a date"):
        put("moved_days", "code,work,kk,ru\n26.10.26,1,к,р\n")
    take("residents", row("residents", krp="105.0", priority_direction="1.0", kbe="17.0", kato="101 800 000.0"))
    found = exported("residents")[0]
    assert [found[name] for name in ("krp", "priority_direction", "kbe", "kato")] == ["105", "1", "17", "101800000"]
    take("report-lines", tax(code="104 101.0"))
    assert exported("report-lines")[0]["code"] == "104101"


def test_texts_of_a_dictionary_are_looked_at_like_others(app: Flask) -> None:
    text = "code,kk,ru\n98,Қaзақстан,Наи?менование\n99,Қазақстан,Название\n"
    found = put("trl", text).warnings
    assert [(item.row, item.field) for item in found] == [(2, "kk"), (2, "ru")]
    assert "Latin letters among Cyrillic" in str(found[0])
    assert "letters look lost in Наи?менование" in str(found[1])
    with pytest.raises(ImportRefused) as refusal:
        put("trl", text + "97,,\n")
    assert [item.row for item in refusal.value.warnings] == [2, 2]
