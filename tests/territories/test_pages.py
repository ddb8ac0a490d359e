"""Settings: requisites and dictionaries."""

import pytest

from registry.errors import DomainError, NotAllowed
from registry.infra.access import SYSTEM
from registry.infra.db import transaction
from registry.journal import queries as journal
from registry.reference.services import DICTIONARIES
from registry.territories import checked, queries, services
from registry.territories.queries import all_territories, by_code
from registry.territories.views import DICTIONARY_TITLES
from tests import people
from tests.factories import NOW, bin_number


def test_the_three_territories_of_the_concept_have_their_words(app):
    assert [(row.code, row.kind, row.participant_word) for row in all_territories()] == [
        ("YAFI", "park", "resident"),
        ("NU", "park", "resident"),
        ("KURCHATOV", "city", "participant"),
    ]


def test_requisites_are_kept_with_their_history(database):
    territory = by_code("NU")
    with transaction():
        services.amend_territory(
            SYSTEM, territory, {"company_name_kk": "Демо компания", "company_head": "Демо А.А."}, now=NOW
        )
    assert territory.company_name_kk == "Демо компания"
    entries, total = journal.history(subjects=[("territory", territory.id)])
    assert total == 1
    assert entries[0].changes["company_head"] == [None, "Демо А.А."]
    with transaction():
        assert services.amend_territory(SYSTEM, territory, {"company_head": "Демо А.А."}, now=NOW) is False


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("company_bin", "260140991077"),
        ("company_iban", "KZ00"),
        ("company_kbe", "99"),
        ("kato", "12"),
        ("code", "XX"),
    ],
)
def test_wrong_requisites_are_refused_by_name(app, field, value):
    with pytest.raises(DomainError) as refusal, transaction():
        services.amend_territory(SYSTEM, by_code("NU"), {field: value}, now=NOW)
    assert refusal.value.field == field


def test_only_an_administrator_changes_requisites(app):
    with pytest.raises(NotAllowed), transaction():
        services.amend_territory(people.viewer("staff"), by_code("NU"), {"kato": "710000000"}, now=NOW)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_settings_pages(client, language):
    client.sign_in("admin")
    client.get(f"/language/{language}?next=/", expect=302)
    client.language = language
    client.get("/settings")
    assert "101110" in client.get("/settings/dictionaries/tax_codes")
    client.get("/settings/dictionaries/secrets", expect=404)
    page = client.get("/settings/territories/NU")
    wrong = client.submit(page, {"company_bin": "260140991077"}, containing="company_bin", expect=422)
    assert "260140991077" in wrong
    client.submit(page, {"company_bin": "260140991076"}, containing="company_bin", follow=True)
    assert by_code("NU").company_bin == "260140991076"


def test_staff_read_settings_but_do_not_change_them(client):
    client.sign_in("staff")
    client.get("/settings")
    client.get("/settings/territories/NU", expect=403)


def test_every_dictionary_goes_by_a_name(client):
    """Its page, and the page that takes in a file of it, show no code of the program in the place of a name."""
    client.sign_in("admin")
    for name in DICTIONARIES:
        for endpoint in ("territories.dictionary", "exchange.dictionary", "exchange.dictionary_code"):
            page = client.get(endpoint, name=name)
            assert str(DICTIONARY_TITLES[name]) in page
            assert "_" not in name or name not in page.text, (endpoint, name)


def test_who_consolidates_is_kept_by_admins_of_all_territories(database):
    body = queries.consolidating_body()
    assert body.company_name_kk is None, "the Concept names nobody"
    values = {"company_name_ru": "АО «Демо-свод»", "company_bin": bin_number(60), "company_place_ru": "город Астана"}
    with transaction():
        assert services.amend_body(SYSTEM, body, values, now=NOW)
    with transaction():
        assert services.amend_body(SYSTEM, body, values, now=NOW) is False
    entries, total = journal.history(subjects=[("consolidating_body", 1)])
    assert total == 1
    assert entries[0].changes["company_name_ru"] == [None, "АО «Демо-свод»"]
    for viewer, refusal in (
        (people.viewer("staff"), NotAllowed),
        (SYSTEM.limited_to(by_code("NU").id), NotAllowed),
    ):
        with pytest.raises(refusal), transaction():
            services.amend_body(viewer, body, {"company_name_kk": "Басқа"}, now=NOW)
    for wrong in ({"company_bin": "260140991077"}, {"kato": "710000000"}):
        with pytest.raises(DomainError) as refused, transaction():
            services.amend_body(SYSTEM, body, wrong, now=NOW)
        assert refused.value.field in wrong
    assert list(checked.CHECKED[1].differences()) == []


def test_the_settings_page_leads_to_the_body(client, app):
    client.sign_in("admin")
    page = client.get("territories.amend_body")
    client.submit(page, {"company_name_ru": "АО «Демо-свод»"}, follow=True)
    assert queries.consolidating_body().company_name_ru == "АО «Демо-свод»"
    assert "АО «Демо-свод»" in client.get_response("territories.index").text
