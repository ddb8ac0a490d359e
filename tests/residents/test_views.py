"""The register's pages as each role meets them, in three languages."""

from datetime import date

import pytest

from registry.infra.access import SYSTEM
from registry.infra.db import db, transaction
from registry.residents import queries, services
from tests import factories, people
from tests.factories import NOW, bin_number

FORM = {
    "territory": "NU",
    "bin": "2601 4099 1076",
    "registered_on": "10.01.2026",
    "name_kk": "«Демо Энерготех» ЖШС",
    "name_ru": "ТОО «Демо Энерготех»",
    "legal_form": "llp",
    "participant_type": "production",
    "decision_no": "12-Ш",
    "decision_date": "09.01.2026",
}


@pytest.fixture
def entry(app):
    return factories.resident(people.COMPANY_BIN, territory="NU")


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize(
    "path", ["/residents", "/residents?date=31.12.2026", "/residents/{id}", "/residents/{id}/history"]
)
def test_pages_in_every_language(client, entry, language, path):
    client.sign_in("staff")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    page = client.get(path.format(id=entry.id))
    assert entry.register_no in page


def test_staff_register_a_resident(client):
    client.sign_in("staff")
    page = client.get("/residents/new")
    shown = client.submit(page, FORM, containing="bin", follow=True)
    entry = queries.records(SYSTEM)[0]
    assert entry.bin == "260140991076"
    assert entry.register_no in shown
    assert "«Демо Энерготех» ЖШС" in shown


def test_a_wrong_number_is_said_at_the_field_and_nothing_typed_is_lost(client):
    client.sign_in("staff")
    page = client.get("/residents/new")
    answer = client.submit(page, {**FORM, "bin": "260140991077", "oked": "1"}, containing="bin", expect=422)
    assert "260140991077 fails the check digit" in answer
    assert answer.fields(answer.form("bin"))["name_kk"] == FORM["name_kk"]
    assert queries.records(SYSTEM) == []


@pytest.mark.parametrize("number", ["БИН 260140991076", "\u202a2601 4099 1076\u202c", "260\u00a0140\u00a0991\u00a0076"])
def test_a_number_is_read_however_it_was_pasted(client, number):
    client.sign_in("staff")
    client.submit(client.get("/residents/new"), {**FORM, "bin": number}, containing="bin", follow=True)
    assert queries.records(SYSTEM)[0].bin == "260140991076"


def test_texts_are_kept_without_what_nobody_sees(client):
    client.sign_in("staff")
    typed = {
        **FORM,
        "name_kk": "\u200b«Инно\u00adвация» ЖШС\u00a0",
        "name_ru": "ТОО «И\u0306од»\u202e",
        "head": "Бiлiм",
    }
    shown = client.submit(client.get("/residents/new"), typed, containing="bin", follow=True)
    (entry,) = queries.records(SYSTEM)
    assert (entry.name_kk, entry.name_ru) == ("«Инновация» ЖШС", "ТОО «Йод»")
    assert "Chief executive: Бiлiм has Latin letters among Cyrillic ones" in shown


def test_a_text_with_lost_letters_is_refused_at_its_field(client):
    client.sign_in("staff")
    typed = {**FORM, "name_kk": "«\ufffdо\ufffdыр» ЖШС"}
    answer = client.submit(client.get("/residents/new"), typed, containing="bin", expect=422)
    assert "letters were lost" in answer
    assert answer.fields(answer.form("bin"))["name_kk"] == typed["name_kk"]
    assert queries.records(SYSTEM) == []


def test_staff_exclude_on_a_page_of_its_own(client, entry):
    client.sign_in("staff")
    page = client.get(f"/residents/{entry.id}/status/excluded")
    data = {"effective_on": "01.03.2026", "ground": "agreement", "decision_no": "3", "decision_date": "01.03.2026"}
    refused = client.submit(page, {**data, "ground": ""}, containing="ground", expect=422)
    assert "required" in refused
    shown = client.submit(page, data, containing="ground", follow=True)
    assert "excluded" in shown
    assert queries.records(SYSTEM)[0].excluded_on == date(2026, 3, 1)


def test_a_line_break_of_a_file_joins_no_words(client, entry):
    with transaction():
        services.amend_resident(SYSTEM, entry, values={"address_ru": "г. Курчатов\nул. Бейбіт атом, 10"}, now=NOW)
    client.sign_in("staff")
    page = client.get(f"/residents/{entry.id}/amend")
    fields = page.fields(page.form("phone"))
    assert fields["address_ru"] == "г. Курчатов ул. Бейбіт атом, 10"
    client.submit(page, {"phone": "+7 700 000 00 00"}, containing="phone", follow=True)
    db.session.expire_all()
    assert (entry.phone, entry.address_ru) == ("+7 700 000 00 00", "г. Курчатов\nул. Бейбіт атом, 10")


def test_amending_shows_the_old_value_as_of_the_old_day(client, entry):
    client.sign_in("staff")
    page = client.get(f"/residents/{entry.id}/amend")
    client.submit(page, {"name_kk": "«Жаңа атау» ЖШС", "effective_on": "01.05.2026"}, containing="name_kk", follow=True)
    assert "«Жаңа атау» ЖШС" in client.get(f"/residents/{entry.id}")
    assert "«Жаңа атау» ЖШС" not in client.get("/residents?date=30.04.2026")
    assert "«Жаңа атау» ЖШС" in client.get(f"/residents/{entry.id}/history")


def test_a_stranger_gets_404_and_a_resident_changes_nothing(client, entry):
    other = factories.resident(bin_number(2))
    client.sign_in("resident")
    assert entry.register_no in client.get(f"/residents/{entry.id}")
    for tail in ("", "/history"):
        client.get(f"/residents/{other.id}{tail}", expect=404)
    assert other.register_no not in client.get("/residents")
    client.get(f"/residents/{entry.id}/amend", expect=403)


def test_only_an_administrator_erases_personal_data(client, entry):
    client.sign_in("staff")
    client.get(f"/residents/{entry.id}/erase", expect=403)
    client.sign_out()
    client.sign_in("admin")
    page = client.get(f"/residents/{entry.id}/erase")
    assert "erased" in client.submit(page, {"reason": "on request"}, containing="reason", follow=True)


def test_a_wrong_date_in_the_address_is_explained(client, entry):
    client.sign_in("auditor")
    assert "“As of”: enter a date" in client.get("/residents?date=31.02.2026")
    assert "“As known by the end of”: enter a date" in client.get("/residents?known=yesterday")


def test_the_old_address_of_the_register_as_of_a_day_leads_to_its_list(client, entry):
    client.sign_in("auditor")
    answer = client.get_response("/residents/as-of?date=31.12.2026&known=31.12.2026&search=NU", expect=302)
    to = answer.headers["Location"]
    assert to == "/residents?date=31.12.2026&status=participants&known=31.12.2026&search=NU"
    assert entry.register_no in client.get(to)
    assert entry.register_no not in client.get("/residents?date=31.12.2020")


@pytest.mark.parametrize(
    ("number", "form", "word"),
    [(bin_number(1), "llp", "BIN"), ("S00000000010", "project_group", "Number given by the registry")],
)
def test_a_participants_number_is_called_what_it_is(client, number, form, word):
    entry = factories.resident(number, legal_form=form)
    client.sign_in("staff")
    assert f"{word}{number}" in client.get("residents.show", resident_id=entry.id)
