"""Holders, IPC symbols, dates, terms, fees and the counting rule of indicator 6, as tables of cases."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from registry.patents import rules
from registry.patents.rules import Holder, NotCounted, Status
from tests.factories import bin_number

ALMA, BARYS, CEMENT = bin_number(1), bin_number(2), bin_number(3)
PERSON = "990231300000"


def day(text):
    return date.fromisoformat(text) if text else None


@dataclass
class Dated:
    office: str
    kind: str
    filed_on: date
    registered_on: date | None = None
    published_on: date | None = None


def dated(office, kind, filed, registered=None, published=None):
    return Dated(office, kind, day(filed), day(registered), day(published))


# --- holders -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "holders", "printed"),
    [
        (ALMA, [Holder(ALMA, None)], ALMA),
        (f"{ALMA};{BARYS}", [Holder(ALMA, None), Holder(BARYS, None)], f"{ALMA};{BARYS}"),
        (f" {BARYS} ; {ALMA} ;", [Holder(BARYS, None), Holder(ALMA, None)], f"{BARYS};{ALMA}"),
        (f"{ALMA}=60%;Outside Ltd", [Holder(ALMA, None, 6000), Holder(None, "Outside Ltd")], f"{ALMA}=60%;Outside Ltd"),
        (
            f"{ALMA} = 60.50 %;Мұрат = 39.5%",
            [Holder(ALMA, None, 6050), Holder(None, "Мұрат", 3950)],
            f"{ALMA}=60.5%;Мұрат=39.5%",
        ),
        ("A, B and Co.=0.01%", [Holder(None, "A, B and Co.", 1)], "A, B and Co.=0.01%"),
        (f"{ALMA[:3]} {ALMA[3:6]}\u00a0{ALMA[6:]}", [Holder(ALMA, None)], ALMA),
        (f"БИН {ALMA}=60%", [Holder(ALMA, None, 6000)], f"{ALMA}=60%"),
        (f"\u200b{ALMA}", [Holder(ALMA, None)], ALMA),
        (f"ТОО «Робот Биотех-0» (БИН {ALMA});B", [Holder(ALMA, None), Holder(None, "B")], f"{ALMA};B"),
        ("ТОО «Биотех-0»", [Holder(None, "ТОО «Биотех-0»")], "ТОО «Биотех-0»"),
        ("", [], ""),
    ],
)  # fmt: skip
def test_holders_are_read_and_written_one_way(text, holders, printed):
    assert rules.parse_holders(text) == tuple(holders)
    assert rules.print_holders(holders) == printed
    assert rules.parse_holders(printed) == tuple(holders)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ALMA, None),
        (f"{ALMA}=60%;{BARYS}=40%", None),
        (f"{ALMA}=33.33%;{BARYS}=33.33%;{CEMENT}=33.34%", None),
        (f"{ALMA}=33.33%;{BARYS}=33.33%;{CEMENT}=33.33%", None),
        (f"{ALMA}=60%;{BARYS}", None),
        ("Outside Holder Ltd", None),
        (f"{PERSON};{ALMA}", None),
        ("", "required"),
        (" ; ", "required"),
        (ALMA[:11] + str((int(ALMA[11]) + 1) % 10), "check digit"),
        (ALMA[:11], "twelve digits"),
        (f"{ALMA}=0%", "more than 0%"),
        (f"{ALMA}=100.01%", "at most 100%"),
        (f"{ALMA}=-5%", "more than 0%"),
        (f"{ALMA}=60", "not a share"),
        (f"{ALMA}=33.333%", "not a share"),
        (f"{ALMA}=half", "not a share"),
        (f"{ALMA}=", "not a share"),
        ("=60%", "without a holder"),
        (f"{ALMA}=60%;{BARYS}=50%", "add up to 110%, more than"),
        (f"{ALMA}=70%;{BARYS}=40%;Outside", "more than 100%"),
        (f"{ALMA}=60%;{BARYS}=30%", "add up to 90% and not"),
        (f"{ALMA}=50%", "not to 100%"),
        (f"{ALMA};{BARYS};{ALMA}", "named twice"),
        ("Outside Ltd;outside ltd", "named twice"),
        (f"{ALMA}=50%;БИН {ALMA}=50%", "named twice"),
        (f"{ALMA}, {BARYS}", f"several BINs stand in one holder ({ALMA}, {BARYS})"),
        (f"{ALMA} {BARYS}", "several BINs"),
        (f"ТОО «А» ({ALMA}) и ТОО «Б» ({BARYS})=50%;Outside", "several BINs"),
        (f"ТОО «А» БИН {ALMA[:11]}{(int(ALMA[11]) + 1) % 10}", "check digit"),
        (f"БИН {ALMA[:11]}", "twelve digits"),
        (f"{ALMA[:4]} {ALMA[4:11]}", "twelve digits"),
        (f"{ALMA[:3]}.{ALMA[3:6]}.{ALMA[6:9]}.{ALMA[9:]}", None),
        (f"{ALMA[:3]}.{ALMA[3:6]}.{ALMA[6:9]}.{ALMA[9:11]}{(int(ALMA[11]) + 1) % 10}", "check digit"),
        (f"{ALMA[:4]}/{ALMA[4:8]}/{ALMA[8:]}, {BARYS}", "several BINs"),
        (f"{ALMA[:11]}O", f"{ALMA[:11]}O has letters among its digits"),
        (f"{ALMA} 60%", f"{ALMA}=60%"),
        ("ТОО «Завод», доля 60% (договор 15.03.2026/1234)", None),
    ],
)
def test_holders_refused(app, text, message):
    problem = rules.holders_problem(text)
    assert (problem is None) if message is None else message in str(problem)


def test_parts_that_say_more_than_the_number_they_are_read_as():
    text = f"БИН {ALMA}=60%;{BARYS};ТОО «В» ({CEMENT});Outside Ltd"
    assert rules.read_otherwise(text) == [(f"БИН {ALMA}", ALMA), (f"ТОО «В» ({CEMENT})", CEMENT)]
    assert rules.read_otherwise("A=x") == []
    assert rules.read_otherwise(None) == []


def test_a_name_on_record_keeps_the_meaning_it_had():
    grouped = f"{ALMA[:3]}.{ALMA[3:6]}.{ALMA[6:9]}.{ALMA[9:]}"
    assert rules.parse_holders(grouped) == (rules.Holder(None, grouped),)
    assert rules.typed_holders(grouped) == (rules.Holder(ALMA, None),)


@pytest.mark.parametrize(
    ("search", "number"),
    [
        ("KZ 900001", "900001"), ("KZ900001B", "900001"), ("EA 045123 B1", "45123"), ("KZ 2023/1.1", "2023/1.1"),
        ("2023/1,1", "2023/1.1"), ("A61", "A61"), ("A61K 51/00", "A61K 51/00"), ("036500", "036500"),
        ("2025/0007", "2025/0007"), ("KZ", "KZ"), ("тәсіл 2024", "тәсіл 2024"), (ALMA, ALMA), ("", ""),
    ],
)  # fmt: skip
def test_a_search_for_a_number_with_its_prefix_is_one_for_the_number(search, number):
    assert rules.searched(search) == number


# --- IPC ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("A61K 51/00", None),
        ("A61K51/00", None),
        ("A61K 51/00;G21G 4/08", None),
        ("A61K 51/00 (2006.01); G21G 4/08(2006.01)", None),
        ("H04L 1234/123456", None),
        ("C12N 15/00;", None),
        ("Y02E 10/50", "Y02E 10/50"),
        ("a61k 51/00", "a61k 51/00"),
        ("A61K 51/0", "A61K 51/0"),
        ("A61K 51", "A61K 51"),
        ("A61K 51/00, G21G 4/08", "A61K 51/00, G21G 4/08"),
        ("A61K 51/00;X", "X"),
        ("A61K 51/00 (2006)", "A61K 51/00 (2006)"),
        ("А61К 51/00", "А61К 51/00"),  # Cyrillic look-alikes
        ("A٦١K 51/00", "A٦١K 51/00"),
    ],
)
def test_ipc_symbols(app, text, wrong):
    problem = rules.ipc_problem(text)
    assert (problem is None) if wrong is None else str(problem).startswith(f"{wrong} is not")


# --- the record --------------------------------------------------------------------------------------------------

GOOD = {
    "office": "KZ", "kind": "invention", "title_no": "36123", "application_no": "2024/0123.1",
    "filed_on": date(2024, 3, 1), "registered_on": date(2026, 2, 1), "published_on": date(2026, 2, 15),
    "ipc": "A61K 51/00", "name_kk": "Тәсіл", "name_ru": "Способ", "holders": ALMA,
}  # fmt: skip


def is_valid(dictionary, code, on):
    return dictionary == "ip_kinds" and code in {"invention", "utility_model"}


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"name_kk": None}, []),
        ({"name_ru": None}, []),
        ({"title_no": None, "registered_on": None, "published_on": None}, []),
        ({"published_on": date(2025, 9, 1), "registered_on": None}, []),
        ({"application_no": None}, []),
        ({"office": "EA"}, []),
        ({"office": "WO"}, []),
        ({"priority_date": date(2023, 3, 1), "priority_country": "DE"}, []),
        ({"office": None}, ["office"]),
        ({"office": "XY"}, ["office"]),
        ({"office": "kz"}, ["office"]),
        ({"kind": None}, ["kind"]),
        ({"kind": "idea"}, ["kind"]),
        ({"title_no": None, "application_no": None}, ["application_no"]),
        ({"title_no": "1" * 61}, ["title_no"]),
        ({"filed_on": None}, ["filed_on"]),
        ({"registered_on": date(2024, 2, 29)}, ["registered_on"]),
        ({"published_on": date(2026, 1, 31)}, ["published_on"]),
        ({"published_on": date(2024, 2, 1), "registered_on": None}, ["published_on"]),
        ({"priority_date": date(2024, 3, 2)}, ["filed_on"]),
        ({"priority_country": "QQ"}, ["priority_country"]),
        ({"ipc": "X"}, ["ipc"]),
        ({"name_kk": None, "name_ru": None, "name_en": "Method"}, ["name_kk"]),
        ({"holders": None}, ["holders"]),
        ({"holders": "123456789012"}, ["holders"]),
        ({"office": None, "holders": None, "ipc": "X", "filed_on": None}, ["office", "filed_on", "ipc", "holders"]),
    ],
)
def test_what_the_register_refuses(changed, fields):
    assert [name for name, _message in rules.problems(GOOD | changed, date(2026, 10, 5), is_valid)] == fields


def test_an_amendment_keeps_an_old_kind():
    old = GOOD | {"kind": "certificate_of_authorship"}
    assert [name for name, _message in rules.problems(old, date(2026, 10, 5), is_valid)] == ["kind"]
    assert rules.problems(old, date(2026, 10, 5), is_valid, check_kind=False) == []


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({}, []),
        ({"title_no": "KZ 36123"}, ["title_no"]),
        ({"application_no": "123"}, ["application_no"]),
        ({"office": "EA", "title_no": "045123", "application_no": "EA 202490014"}, []),
        ({"office": "EA", "title_no": "45123", "application_no": "202490014"}, ["title_no"]),
        ({"office": "WO", "title_no": None, "registered_on": None, "application_no": "PCT/KZ2024/000012"}, []),
        ({"office": "WO", "application_no": "PCT/KZ2024/000012"}, ["registered_on"]),
        ({"registered_on": None, "published_on": None}, ["registered_on"]),
        ({"title_no": None}, ["title_no"]),
        ({"kind": "software", "title_no": "S-1", "application_no": None}, []),
    ],
)
def test_warnings(changed, fields):
    assert [name for name, _message in rules.warnings(GOOD | changed)] == fields


def test_normalising_writes_lists_one_way_and_empty_texts_as_none():
    assert rules.canonical_holders(f"{ALMA} 60%") == f"{ALMA} 60%"
    clean = rules.normalised({"holders": f" {ALMA} =60.0%; Outside ", "ipc": " A61K 51/00 ; G21G 4/08;", "authors": ""})
    assert clean == {"holders": f"{ALMA}=60%;Outside", "ipc": "A61K 51/00;G21G 4/08", "authors": None}
    assert rules.normalised({"holders": "A=x"}) == {"holders": "A=x"}


@pytest.mark.parametrize(
    ("holders", "personal"),
    [
        ([ALMA], {"authors"}),
        ([f"{ALMA};{PERSON}=50%"], {"authors", "holders"}),
        ([PERSON, ALMA], {"authors", "holders"}),
        ([ALMA, PERSON], {"authors", "holders"}),
        ([None], {"authors"}),
        (["A=x"], {"authors"}),
    ],
)
def test_personal_fields(holders, personal):
    assert rules.personal_fields(*holders) == personal


# --- terms and fees ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patent", "last"),
    [
        (dated("KZ", "invention", "2020-05-10", "2022-01-01"), "2040-05-10"),
        (dated("EA", "invention", "2020-05-10", "2022-01-01"), "2040-05-10"),
        (dated("KZ", "utility_model", "2020-05-10", "2021-01-01"), "2028-05-10"),
        (dated("KZ", "selection_achievement", "2020-05-10", "2021-01-01"), "2045-05-10"),
        (dated("KZ", "selection_achievement", "2024-02-29", "2025-01-01"), "2049-02-28"),
        (dated("KZ", "industrial_design", "2020-05-10", "2021-01-01"), None),
        (dated("US", "invention", "2020-05-10", "2021-01-01"), None),
        (dated("KZ", "invention", "2020-05-10"), None),
    ],
)
def test_expiry(patent, last):
    assert rules.expires_on(patent) == day(last)


def test_only_the_utility_model_has_years_to_be_asked_for():
    assert rules.extension_due(dated("KZ", "utility_model", "2020-05-10", "2021-01-01")) == date(2025, 5, 10)
    assert rules.extension_due(dated("KZ", "utility_model", "2020-05-10")) is None
    assert rules.extension_due(dated("KZ", "invention", "2020-05-10", "2021-01-01")) is None


INVENTION = dated("KZ", "invention", "2020-05-10", "2022-01-01", "2022-01-15")


@pytest.mark.parametrize(
    ("patent", "on", "status"),
    [
        (INVENTION, "2021-12-31", Status.FILED),
        (INVENTION, "2022-01-01", Status.GRANTED),
        (INVENTION, "2022-01-14", Status.GRANTED),
        (INVENTION, "2022-01-15", Status.IN_FORCE),
        (INVENTION, "2040-05-10", Status.IN_FORCE),
        (INVENTION, "2040-05-11", Status.EXPIRED),
        (dated("KZ", "invention", "2020-05-10"), "2030-01-01", Status.FILED),
        (dated("KZ", "invention", "2020-05-10", None, "2021-06-01"), "2030-01-01", Status.FILED),
        (dated("KZ", "invention", "2020-05-10", "2022-01-01"), "2030-01-01", Status.GRANTED),
        (dated("KZ", "invention", "2000-05-10", "2002-01-01"), "2030-01-01", Status.EXPIRED),
        (dated("KZ", "utility_model", "2020-05-10", "2021-01-01", "2021-02-01"), "2028-05-10", Status.IN_FORCE),
        (dated("KZ", "utility_model", "2020-05-10", "2021-01-01", "2021-02-01"), "2028-05-11", Status.EXPIRED),
        (dated("KZ", "industrial_design", "1990-05-10", "1991-01-01", "1991-02-01"), "2030-01-01", Status.IN_FORCE),
        (dated("KZ", "software", "2025-05-10", "2025-05-20"), "2025-05-20", Status.IN_FORCE),
    ],
)
def test_status_on_a_day(patent, on, status):
    assert rules.status_on(patent, day(on)) is status


def test_an_annulled_patent_is_annulled_on_every_day():
    assert rules.status_on(INVENTION, date(2025, 1, 1), annulled=True) is Status.ANNULLED


@pytest.mark.parametrize(
    ("patent", "on", "due"),
    [
        (INVENTION, "2022-01-15", "2022-03-15"),
        (INVENTION, "2022-03-15", "2022-03-15"),
        (INVENTION, "2022-03-16", "2022-05-10"),
        (INVENTION, "2026-05-10", "2026-05-10"),
        (INVENTION, "2026-05-11", "2027-05-10"),
        (INVENTION, "2039-05-11", None),
        (INVENTION, "2021-01-01", "2022-03-15"),
        (dated("KZ", "invention", "2020-02-01", "2022-01-01", "2022-01-15"), "2022-01-20", "2022-03-15"),
        (dated("KZ", "invention", "2020-05-10", "2022-12-20", "2022-12-31"), "2023-01-01", "2023-02-28"),
        (dated("KZ", "invention", "2020-02-29", "2022-01-01", "2022-01-15"), "2023-01-01", "2023-02-28"),
        (dated("EA", "invention", "2020-05-10", "2022-01-01", "2022-01-15"), "2022-01-15", "2022-05-10"),
        (dated("KZ", "industrial_design", "2020-05-10", "2021-01-01", "2021-01-15"), "2026-01-01", "2026-05-10"),
        (dated("KZ", "invention", "2020-05-10", "2022-01-01"), "2026-01-01", None),
        (dated("KZ", "invention", "2020-05-10"), "2026-01-01", None),
        (dated("KZ", "software", "2020-05-10", "2022-01-01", "2022-01-15"), "2026-01-01", None),
        (dated("US", "invention", "2020-05-10", "2022-01-01", "2022-01-15"), "2026-01-01", None),
    ],
)
def test_next_fee(patent, on, due):
    assert rules.next_fee_on(patent, day(on)) == day(due)


# --- indicator 6 -------------------------------------------------------------------------------------------------

PARTICIPATION = {
    ALMA: [(date(2024, 1, 10), None)],
    BARYS: [(date(2024, 1, 10), date(2026, 3, 1))],  # excluded on 1 March 2026
    CEMENT: [(date(2026, 6, 1), None)],
}


def is_participant_on(bin_, on):
    return any(start <= on and (end is None or end > on) for start, end in PARTICIPATION.get(bin_, ()))


@dataclass
class Counts:
    """Dictionaries by which inventions of Kazakhstan count, and from a day on utility models and EA too."""

    since: date = date.max
    proof: bool = False

    def kinds(self, on: date) -> set[str]:
        return {"invention", "utility_model"} if on >= self.since else {"invention"}

    def offices(self, on: date) -> set[str]:
        return {"KZ", "EA"} if on >= self.since else {"KZ"}

    def needs_proof(self, _on: date) -> bool:
        return self.proof


@pytest.mark.parametrize(
    ("case", "why"),
    [
        # office, kind, registered, holders, year, as of
        (("KZ", "invention", "2026-02-01", ALMA, 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-02-01", f"{ALMA};{BARYS}", 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-02-01", f"Outside Ltd=99%;{ALMA}=1%", 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-01-01", ALMA, 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-12-31", ALMA, 2026, "2026-12-31"), None),
        (("KZ", "invention", "2026-09-30", ALMA, 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-02-28", BARYS, 2026, "2026-09-30"), None),
        (("KZ", "invention", "2026-06-01", CEMENT, 2026, "2026-09-30"), None),
        (("KZ", "utility_model", "2026-02-01", ALMA, 2026, "2026-09-30"), NotCounted.KIND),
        (("KZ", "industrial_design", "2026-02-01", ALMA, 2026, "2026-09-30"), NotCounted.KIND),
        (("EA", "invention", "2026-02-01", ALMA, 2026, "2026-09-30"), NotCounted.OFFICE),
        (("WO", "invention", None, ALMA, 2026, "2026-09-30"), NotCounted.OFFICE),
        (("US", "invention", "2026-02-01", ALMA, 2026, "2026-09-30"), NotCounted.OFFICE),
        (("KZ", "invention", None, ALMA, 2026, "2026-09-30"), NotCounted.NOT_REGISTERED),
        (("KZ", "invention", "2025-12-31", ALMA, 2026, "2026-09-30"), NotCounted.OTHER_YEAR),
        (("KZ", "invention", "2027-01-01", ALMA, 2026, "2027-06-30"), NotCounted.OTHER_YEAR),
        (("KZ", "invention", "2026-10-01", ALMA, 2026, "2026-09-30"), NotCounted.NOT_YET),
        (("KZ", "invention", "2026-02-01", "Outside Ltd", 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
        (("KZ", "invention", "2026-02-01", PERSON, 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
        (("KZ", "invention", "2026-03-01", BARYS, 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
        (("KZ", "invention", "2026-05-01", BARYS, 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
        (("KZ", "invention", "2026-05-31", CEMENT, 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
        (("KZ", "invention", "2026-05-31", f"{BARYS};{CEMENT}", 2026, "2026-09-30"), NotCounted.NO_PARTICIPANT),
    ],
)
def test_indicator_6(case, why):
    office, kind, registered, holders, year, as_of = case
    question = {
        "office": office,
        "kind": kind,
        "registered_on": day(registered),
        "holders": rules.parse_holders(holders),
        "year": year,
        "as_of": day(as_of),
        "counting": Counts(),
        "is_participant_on": is_participant_on,
    }
    assert rules.why_not_counted(**question) is why


@pytest.mark.parametrize(("since", "why"), [("2026-02-01", None), ("2026-02-02", NotCounted.KIND)])
def test_the_dictionary_of_the_day_of_registration_decides(since, why):
    question = {
        "office": "KZ",
        "kind": "utility_model",
        "registered_on": date(2026, 2, 1),
        "year": 2026,
        "as_of": date(2026, 9, 30),
        "holders": rules.parse_holders(ALMA),
        "is_participant_on": is_participant_on,
        "counting": Counts(since=day(since)),
    }
    assert rules.why_not_counted(**question) is why


def test_a_holder_outside_the_territory_does_not_count_there():
    def only_barys(bin_, on):
        return bin_ == BARYS and is_participant_on(bin_, on)

    question = {
        "office": "KZ",
        "kind": "invention",
        "registered_on": date(2026, 2, 1),
        "year": 2026,
        "as_of": date(2026, 9, 30),
        "counting": Counts(),
        "is_participant_on": only_barys,
    }
    assert rules.why_not_counted(holders=rules.parse_holders(f"{ALMA};{BARYS}"), **question) is None
    assert rules.why_not_counted(holders=rules.parse_holders(ALMA), **question) is NotCounted.NO_PARTICIPANT


def test_a_first_payment_covers_the_anniversary_before_it():
    patent, days, on = dated("KZ", "invention", "2024-03-01", "2026-02-01", "2026-02-16"), [], date(2026, 1, 1)
    while len(days) < 3:
        on = rules.next_fee_on(patent, on)
        days.append(on)
        on += timedelta(days=1)
    assert days == [date(2026, 4, 16), date(2027, 3, 1), date(2028, 3, 1)]
